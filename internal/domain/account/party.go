package account

import (
	"context"
	"slices"
	"strings"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/region"
)

// GrantParty gives a person a role over an organisation inside another domain's
// transaction: an enterprise's claim was accepted. The calling domain has
// decided and answers for it; the trail names by. A grant that is already there
// is left as it is and its id returned. Invalid when the role is not over that
// kind of party; Conflict when the person's account is not in use.
func (s *Service) GrantParty(ctx context.Context, tx *db.Tx, by authz.Actor, person, role string, party authz.Party) (id string, err error) {
	r, err := s.partyRole(ctx, tx, role, party)
	if err != nil {
		return "", err
	}
	in := Grant{Person: person, Role: role, Party: party}
	err = tx.Get(ctx, &id, `SELECT g.id FROM account_grant g WHERE g.person = ? AND g.role = ? AND g.party_kind = ?
		AND g.party_id = ? AND g.to_at = 0 AND g.ended_at = 0`, person, role, party.Kind, party.ID)
	if !fault.Is(err, fault.NotFound) {
		return id, err
	}
	change := vouched(by, party, person)
	err = s.gate.Also(ctx, tx, change, func(ctx context.Context) error {
		var err error
		id, err = s.give(ctx, tx, by.ID, in, r)
		change.Detail = grantDetail(id, in)
		return err
	})
	return id, err
}

// RevokeParty ends a person's grants over an organisation inside another
// domain's transaction: all of them when role is empty. None is no error.
func (s *Service) RevokeParty(ctx context.Context, tx *db.Tx, by authz.Actor, person, role string, party authz.Party) error {
	var list []GrantRow
	if err := tx.Select(ctx, &list, grantSelect+`WHERE g.person = ? AND g.party_kind = ? AND g.party_id = ?
		AND g.ended_at = 0 AND (g.role = ? OR ? = '') ORDER BY g.id`, person, party.Kind, party.ID, role, role); err != nil {
		return err
	}
	for _, g := range list {
		change := vouched(by, party, person)
		change.Detail = map[string]any{"grant": g.ID, "role": g.Role, "party": party.ID, "ended": true}
		if err := s.gate.Also(ctx, tx, change, func(ctx context.Context) error { return s.end(ctx, tx, by.ID, g) }); err != nil {
			return err
		}
	}
	return nil
}

// Parties are the organisations a person acts for today.
func (s *Service) Parties(ctx context.Context, r db.Reader, person string) ([]authz.Party, error) {
	now := db.Millis(s.db.Now())
	var rows []struct {
		Kind string `db:"party_kind"`
		ID   string `db:"party_id"`
	}
	err := r.Select(ctx, &rows, `SELECT DISTINCT g.party_kind, g.party_id FROM account_grant g
		WHERE g.person = ? AND g.party_kind <> '' AND `+current+` ORDER BY g.party_kind, g.party_id`, person, now, now)
	all := make([]authz.Party, len(rows))
	for i, row := range rows {
		all[i] = authz.Party{Kind: row.Kind, ID: row.ID}
	}
	return all, err
}

func (s *Service) partyRole(ctx context.Context, r db.Reader, name string, party authz.Party) (Role, error) {
	role, ok, err := s.role(ctx, r, name)
	if err != nil {
		return Role{}, err
	}
	if !ok || role.Over != party.Kind || party.ID == "" {
		return Role{}, fault.Fields{{Name: "role", Key: "field.choice"}}.Err()
	}
	return role, nil
}

// vouched is a change of a grant that another domain has decided: the actor may
// make it because that domain's gate has let them through.
func vouched(by authz.Actor, party authz.Party, person string) *gate.Change {
	by.Grants = append(slices.Clip(by.Grants), authz.Grant{Role: authz.Role{Name: "vouched", Permissions: []authz.Permission{Vouch}}, Party: party})
	return &gate.Change{By: by, Do: Vouch, On: authz.Target{}.Of(party.Kind, party.ID), Record: record(person)}
}

// Holders are the people who hold a permission over a target now, those nearest
// to it first: of its parties, then of its town, county, city, province. It is
// what messages to "whoever can accept this" are addressed with.
func (s *Service) Holders(ctx context.Context, r db.Reader, p authz.Permission, t authz.Target) ([]PersonRef, error) {
	all, err := s.allRoles(ctx, r)
	if err != nil {
		return nil, err
	}
	var names, persons []string
	for _, role := range all {
		if role.Name != Self && slices.Contains(role.Permissions, p) {
			names = append(names, role.Name)
		}
	}
	slices.Sort(names)
	for _, party := range t.Parties {
		if party.Kind == authz.Person && slices.Contains(s.self(all).Permissions, p) {
			persons = append(persons, party.ID)
		}
	}
	list, err := s.granted(ctx, r, names, t)
	if err != nil || len(persons) == 0 {
		return list, err
	}
	marks, args := in(persons)
	var selves []PersonRef
	if err := r.Select(ctx, &selves, `SELECT id, name, COALESCE(email, '') AS email FROM account_person WHERE status = 'active' AND id IN `+marks+` ORDER BY id`, args...); err != nil {
		return nil, err
	}
	return append(selves, slices.DeleteFunc(list, func(p PersonRef) bool {
		return slices.ContainsFunc(selves, func(s PersonRef) bool { return s.ID == p.ID })
	})...), nil
}

// granted are the active holders of any of the roles over the target.
func (s *Service) granted(ctx context.Context, r db.Reader, roles []string, t authz.Target) ([]PersonRef, error) {
	var args []any
	now := db.Millis(s.db.Now())
	if len(roles) == 0 {
		return nil, nil
	}
	marks, list := in(roles)
	args = append(append(args, list...), now, now, Active)
	over := []string{"1 = 0"}
	if path := t.Region.Path(); len(path) > 0 {
		marks, list := in(path)
		over = append(over, "g.region IN "+marks)
		args = append(args, list...)
	}
	for _, p := range t.Parties {
		over = append(over, "(g.party_kind = ? AND g.party_id = ?)")
		args = append(args, p.Kind, p.ID)
	}
	var rows []PersonRef
	if err := r.Select(ctx, &rows, `SELECT p.id, p.name, COALESCE(p.email, '') AS email, g.region AS place FROM account_grant g JOIN account_person p ON p.id = g.person
		WHERE g.role IN `+marks+` AND `+current+` AND p.status = ? AND (`+strings.Join(over, " OR ")+`) ORDER BY g.given_at, p.id`, args...); err != nil {
		return nil, err
	}
	near := func(c region.Code) int {
		if c == "" {
			return -9 // a party's own people
		}
		return -int(c.Level())
	}
	slices.SortStableFunc(rows, func(a, b PersonRef) int { return near(a.Place) - near(b.Place) })
	var people []PersonRef
	for _, row := range rows {
		if !slices.ContainsFunc(people, func(p PersonRef) bool { return p.ID == row.ID }) {
			people = append(people, row)
		}
	}
	return people, nil
}

// Names are the display names of people, for pages that show who did what. A
// closed account is there with an empty name; an unknown id is left out.
func (s *Service) Names(ctx context.Context, r db.Reader, ids []string) (map[string]string, error) {
	names := make(map[string]string, len(ids))
	for part := range slices.Chunk(ids, 500) {
		marks, args := in(part)
		var rows []PersonRef
		if err := r.Select(ctx, &rows, `SELECT id, name FROM account_person WHERE id IN `+marks, args...); err != nil {
			return nil, err
		}
		for _, row := range rows {
			names[row.ID] = row.Name
		}
	}
	return names, nil
}

// Addressees are the active people with the ids and their proven addresses, for
// the program's own messages; others are left out.
func (s *Service) Addressees(ctx context.Context, r db.Reader, ids []string) ([]PersonRef, error) {
	var people []PersonRef
	for part := range slices.Chunk(ids, 500) {
		marks, args := in(part)
		var rows []PersonRef
		if err := r.Select(ctx, &rows, `SELECT id, name, COALESCE(email, '') AS email FROM account_person
			WHERE id IN `+marks+` AND status = ? ORDER BY id`, append(args, Active)...); err != nil {
			return nil, err
		}
		people = append(people, rows...)
	}
	return people, nil
}

// MoveRegion carries people, grants and invitations from one region code to its
// successor, inside the transaction that re-codes the place. It returns how
// many records moved.
func MoveRegion(ctx context.Context, tx *db.Tx, from, to region.Code) (int64, error) {
	var moved int64
	for _, query := range []string{
		`UPDATE account_person SET region = ?, version = version + 1 WHERE region = ?`,
		`UPDATE account_grant SET region = ? WHERE region = ?`,
		`UPDATE account_invitation SET region = ? WHERE region = ?`,
	} {
		n, err := tx.Exec(ctx, query, to, from)
		if err != nil {
			return moved, err
		}
		moved += n
	}
	return moved, nil
}

// NamesOf is Names outside a transaction.
func (s *Service) NamesOf(ctx context.Context, ids []string) (map[string]string, error) {
	return s.Names(ctx, s.db, ids)
}
