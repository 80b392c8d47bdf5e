package guarantee

import (
	"context"
	"slices"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/region"
)

// Joining is an enterprise that joins a pool.
type Joining struct {
	Number string // its credit or organisation code
	On     string // ISO date
	Paid   int64  // fen paid in
}

// Join lets an enterprise join a pool with what it pays in (入会), or a member
// pay in more. It is found by its number, as far as it lies in the pool's county.
func (s *Service) Join(ctx context.Context, by authz.Actor, pool institution.ID, in Joining) (Member, error) {
	g, err := s.guarantors().Allow(ctx, s.db, by, string(pool), Join)
	if err != nil {
		return Member{}, err
	}
	var f fault.Fields
	between(&f, "on", in.On, g.Since, s.today())
	money(&f, "paid", in.Paid)
	found, err := enterprise.ByNumber(ctx, s.db, authz.Within(countyOf(g.Region)), in.Number)
	if err != nil {
		return Member{}, err
	}
	e, ok := found[enterprise.Normalise(in.Number)]
	if !ok {
		f.Add("number", "guarantee.field.number")
	}
	if err := f.Err(); err != nil {
		return Member{}, err
	}
	m := Member{ID: db.NewID(), Pool: pool, Enterprise: string(e.ID), Name: e.Profile.Name, Joined: in.On, Paid: in.Paid}
	c := gate.Change{By: by, Do: Join, On: g.Target(), Record: gate.Record{Kind: MemberKind}, Detail: map[string]any{"pool": pool, "paid": in.Paid}}
	err = s.gate.Write(ctx, &c, func(ctx context.Context, tx *db.Tx) error {
		if g.Type != Mutual {
			return fault.New(fault.Conflict, "guarantee.conflict.pool")
		}
		if err := tx.Lock(ctx, "guarantor", string(pool)); err != nil {
			return err
		}
		now, err := members(ctx, tx, pool, true)
		if err != nil {
			return err
		}
		c.Record.ID = m.ID
		for _, old := range now {
			if old.Enterprise == m.Enterprise { // pays in more
				c.Record.ID = old.ID
				m, err = payIn(ctx, tx, by, old, in.On, in.Paid)
				return err
			}
		}
		if err := insertMembers(ctx, tx, &m); err != nil {
			return err
		}
		return post(ctx, tx, by, Join, pool, m.ID, entry{Shares, in.On, in.Paid})
	})
	return m, err
}

// PayIn lets a member of a pool pay in more (增缴股金), not before the day it joined;
// NotFound for whoever is no member of the pool now.
func (s *Service) PayIn(ctx context.Context, by authz.Actor, pool institution.ID, member, day string, paid int64) (Member, error) {
	g, err := s.guarantors().Allow(ctx, s.db, by, string(pool), Join)
	if err != nil {
		return Member{}, err
	}
	var f fault.Fields
	between(&f, "on", day, g.Since, s.today())
	money(&f, "paid", paid)
	if err := f.Err(); err != nil {
		return Member{}, err
	}
	var m Member
	c := gate.Change{By: by, Do: Join, On: g.Target(), Record: gate.Record{Kind: MemberKind, ID: member}, Detail: map[string]any{"pool": pool, "paid": paid}}
	err = s.gate.Write(ctx, &c, func(ctx context.Context, tx *db.Tx) error {
		if err := tx.Lock(ctx, "guarantor", string(pool)); err != nil {
			return err
		}
		now, err := members(ctx, tx, pool, true)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(now, func(m Member) bool { return m.ID == member })
		if i < 0 {
			return fault.Missing()
		}
		m, err = payIn(ctx, tx, by, now[i], day, paid)
		return err
	})
	return m, err
}

// payIn posts what a member pays in more.
func payIn(ctx context.Context, tx *db.Tx, by authz.Actor, m Member, day string, paid int64) (Member, error) {
	if err := notBefore("on", day, m.Joined); err != nil {
		return m, err
	}
	m.Paid += paid
	return m, post(ctx, tx, by, Join, m.Pool, m.ID, entry{Shares, day, paid})
}

// leaving finds the member with what it is paid when it leaves a pool that has
// agreed on a multiple, in hundredths; see Leave for what forbids it.
func leaving(all []Member, member string, sums Sums, multiple int64) (Member, error) {
	i := slices.IndexFunc(all, func(m Member) bool { return m.ID == member })
	if i < 0 {
		return Member{}, fault.Missing()
	}
	m := all[i]
	m.Settlement = sums.settlement(m.Paid)
	rest := max(0, min(sums.Shares-m.Paid, sums.Fund()-m.Settlement.Payout))
	booked := sums.Committed + sums.Outstanding
	switch {
	case m.Open != 0:
		return m, fault.New(fault.Conflict, "guarantee.conflict.member", "amount", yuan(m.Open))
	case m.Backs != 0:
		return m, fault.New(fault.Conflict, "guarantee.conflict.backs", "amount", yuan(m.Backs))
	case multiple > 0 && booked > rest*multiple/100:
		return m, fault.New(fault.Conflict, "guarantee.conflict.rest", "most", yuan(rest*multiple/100), "amount", yuan(booked))
	}
	return m, nil
}

// Leave lets a member leave a pool (退会), not before the last it has done there:
// its part of the fund is paid out, see Settlement. Conflict while it asks for a
// guarantee or something is guaranteed for it, a claim on it stands, it counter-guarantees an open contract of
// another, or what is left of the others' shares
// would not bear what the pool has outstanding.
func (s *Service) Leave(ctx context.Context, by authz.Actor, pool institution.ID, member, day, reason string) (Member, error) {
	g, err := s.guarantors().Allow(ctx, s.db, by, string(pool), Leave)
	if err != nil {
		return Member{}, err
	}
	var f fault.Fields
	f.Reason("reason", &reason)
	between(&f, "on", day, g.Since, s.today())
	if err := f.Err(); err != nil {
		return Member{}, err
	}
	var m Member
	c := gate.Change{By: by, Do: Leave, On: g.Target(), Record: gate.Record{Kind: MemberKind, ID: member}, Detail: map[string]any{"pool": pool, "reason": reason}}
	err = s.gate.Write(ctx, &c, func(ctx context.Context, tx *db.Tx) error {
		if err := tx.Lock(ctx, "guarantor", string(pool)); err != nil {
			return err
		}
		all, err := members(ctx, tx, pool, true)
		if err != nil {
			return err
		}
		sums, err := sumsOf(ctx, tx, pool)
		if err != nil {
			return err
		}
		if m, err = leaving(all, member, sums, g.Multiple); err != nil {
			return err
		}
		if err := asking(ctx, tx, pool, m.Enterprise); err != nil {
			return err
		}
		out := m.Settlement.Payout
		last, err := lastDay(ctx, tx, pool, m.Enterprise)
		if err != nil {
			return err
		}
		if err := notBefore("on", day, max(last, m.Joined)); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE guarantor_member SET left_on = ? WHERE id = ?`, day, member); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO guarantor_settlement (member_id, guarantor_id, paid, shares, fund, payout) VALUES (?,?,?,?,?,?)`,
			member, string(pool), m.Paid, sums.Shares, sums.Fund(), out); err != nil {
			return err
		}
		lines := []entry{{Shares, day, -m.Paid}}
		if borne := m.Paid - out; borne != 0 { // what it bears of losses stays in the fund
			lines = append(lines, entry{Income, day, borne})
		}
		err = post(ctx, tx, by, Leave, pool, member, lines...)
		m.Left, m.Paid = day, 0
		return err
	})
	return m, err
}

// asking is Conflict while the member has an application to the pool under way.
func asking(ctx context.Context, r db.Reader, pool institution.ID, client string) error {
	var numbers []string
	err := r.Select(ctx, &numbers, `SELECT number FROM guarantee_case WHERE guarantor_id = ? AND enterprise_id = ? AND state IN (?, ?, ?, ?, ?, ?)
		ORDER BY number LIMIT 1`, string(pool), client, string(Proposed), string(Applied), string(Accepted), string(Examined), string(Reviewed), string(Approved))
	if err != nil || len(numbers) == 0 {
		return err
	}
	return fault.New(fault.Conflict, "guarantee.conflict.applied", "number", numbers[0])
}

// countyOf is the county a place lies in; above counties the place itself.
func countyOf(at region.Code) region.Code {
	if county := at.At(region.County); county != "" {
		return county
	}
	return at
}

func insertMembers(ctx context.Context, tx *db.Tx, all ...*Member) error {
	var rows []any
	for _, m := range all {
		rows = append(rows, m.ID, string(m.Pool), m.Enterprise, m.Enterprise, m.Joined, m.Left)
	}
	return tx.InsertAll(ctx, `INSERT INTO guarantor_member (id, guarantor_id, enterprise_id, joined_as, joined, left_on)`, 6, rows)
}

// members are those of a pool, by name: with what each has paid in, and what is
// open for it: approved, outstanding, and claims on it.
func members(ctx context.Context, r db.Reader, pool institution.ID, now bool) ([]Member, error) {
	return membersIn(ctx, r, now, pool)
}

// membersIn are the members of pools, those who left too unless now.
func membersIn(ctx context.Context, r db.Reader, now bool, pools ...institution.ID) ([]Member, error) {
	where := ""
	if now {
		where = ` AND m.left_on = ''`
	}
	return db.InAll[Member](ctx, r, pools, `SELECT m.id, m.guarantor_id AS pool, m.enterprise_id AS enterprise, e.name, m.joined, m.left_on AS "left",
			COALESCE((SELECT CAST(SUM(p.amount) AS BIGINT) FROM guarantee_posting p WHERE p.of_id = m.id AND p.account = ?), 0) AS paid,
			COALESCE((SELECT CAST(SUM(p.amount) AS BIGINT) FROM guarantee_case c JOIN guarantee_posting p ON p.of_id = c.id
				WHERE c.enterprise_id = m.enterprise_id AND c.guarantor_id = m.guarantor_id AND p.account IN (?, ?, ?)), 0) AS open,
			COALESCE((SELECT CAST(SUM(b.amount) AS BIGINT) FROM guarantee_backer b JOIN guarantee_case c ON c.id = b.case_id
				WHERE b.enterprise_id = m.enterprise_id AND c.guarantor_id = m.guarantor_id AND c.state IN (?, ?, ?)), 0) AS backs
		FROM guarantor_member m JOIN enterprise e ON e.id = m.enterprise_id WHERE m.guarantor_id IN (?)`+where+` ORDER BY e.name, m.id`,
		Shares, Committed, Outstanding, Claims, string(Signed), string(Lent), string(Claimed))
}

// Group is the enterprises that belong together with a client (关联企业).
type Group struct {
	Name   string   // "" when it is in none
	Others []string // the names of the others, at most 50
}

func groupOf(ctx context.Context, r db.Reader, client string) (Group, error) {
	var rows []struct{ Grp, ID, Name string }
	err := r.Select(ctx, &rows, `SELECT x.grp, e.id, e.name FROM guarantee_group own JOIN guarantee_group x ON x.grp = own.grp
		JOIN enterprise e ON e.id = x.enterprise_id WHERE own.enterprise_id = ? ORDER BY e.name LIMIT 51`, client)
	var g Group
	for _, row := range rows {
		g.Name = row.Grp
		if row.ID != client {
			g.Others = append(g.Others, row.Name)
		}
	}
	return g, err
}

// Relate says that enterprises belong together, under a name (关联企业); an empty
// name takes one out of its group. Limits of related groups count them as one.
func (s *Service) Relate(ctx context.Context, by authz.Actor, id string, group string) error {
	e, err := s.client(ctx, by.Scope(Relate), id)
	if err != nil {
		return err
	}
	var f fault.Fields
	if f.Length("group", group, 0, 60); len(f) > 0 {
		return f.Err()
	}
	c := gate.Change{By: by, Do: Relate, On: e.Target(), Record: gate.Record{Kind: enterprise.Kind, ID: string(e.ID)}, Detail: map[string]any{"group": group}}
	return s.gate.Write(ctx, &c, func(ctx context.Context, tx *db.Tx) error {
		if group == "" {
			_, err := tx.Exec(ctx, `DELETE FROM guarantee_group WHERE enterprise_id = ?`, string(e.ID))
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO guarantee_group (enterprise_id, grp) VALUES (?, ?)
			ON CONFLICT (enterprise_id) DO UPDATE SET grp = excluded.grp`, string(e.ID), group)
		return err
	})
}

// serves reports whether a guarantor is there for enterprises at the place: below
// the place of its level; a pool for its members, anywhere in its county.
func (g *Guarantor) serves(at region.Code) bool {
	if g.Type == Mutual {
		return countyOf(g.Region).Contains(at)
	}
	return g.Level.Home(g.Region).Contains(at)
}
