package guarantee

import (
	"context"
	"slices"
	"strings"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/region"
)

// Profile is what is set down of a guarantor besides its money.
type Profile struct {
	Type                Type
	Level               institution.Level
	Since               string // ISO date
	Park, ParkName      string
	Multiple, MemberCap int64 // of a pool, in hundredths
}

func (p *Profile) check() error {
	var f fault.Fields
	p.ParkName = strings.TrimSpace(p.ParkName)
	fault.Choice(&f, "type", p.Type, Types())
	fault.Choice(&f, "level", p.Level, Levels())
	f.Day("since", p.Since)
	f.Length("park_name", p.ParkName, 0, 60)
	f.Range("multiple", p.Multiple, 0, 20*100)
	f.Range("member_cap", p.MemberCap, 0, 100*100)
	if p.Type != Mutual && (p.Park != "" || p.ParkName != "" || p.Multiple != 0 || p.MemberCap != 0) {
		f.Add("type", "guarantee.field.pool")
	}
	return f.Err()
}

func (p *Profile) apply(g *Guarantor) {
	g.Type, g.Level, g.Since, g.Park, g.ParkName = p.Type, p.Level, p.Since, p.Park, p.ParkName
	g.Multiple, g.MemberCap = p.Multiple, p.MemberCap
}

// Open begins the books of a guarantor (建立担保机构台账): an institution of that
// kind as far as the actor may find it, else NotFound. Conflict when it has books.
func (s *Service) Open(ctx context.Context, by authz.Actor, id institution.ID, p Profile, first Finance) (Guarantor, error) {
	first.From = p.Since
	if err := p.check(); err != nil {
		return Guarantor{}, err
	}
	if err := first.check(s.today()); err != nil {
		return Guarantor{}, err
	}
	g, err := s.candidate(ctx, by, id)
	if err != nil {
		return Guarantor{}, err
	}
	p.apply(&g)
	g.Finance = first
	c := gate.Change{By: by, Do: Keep, On: g.Target(), Record: gate.Record{Kind: GuarantorKind, ID: string(id)}, Detail: map[string]any{"type": g.Type}}
	err = s.gate.Write(ctx, &c, func(ctx context.Context, tx *db.Tx) error { return s.begin(ctx, tx, &g, first) })
	if db.Unique(err) {
		err = fault.Because(err, fault.Conflict, "guarantee.conflict.books")
	}
	return g, err
}

// begin writes new books.
func (s *Service) begin(ctx context.Context, tx *db.Tx, g *Guarantor, first Finance) error {
	if err := insertGuarantor(ctx, tx, g); err != nil {
		return err
	}
	if err := putFinance(ctx, tx, g.ID, first); err != nil {
		return err
	}
	return s.count(ctx, tx, g)
}

// candidate is an institution that may have a guarantor's books.
func (s *Service) candidate(ctx context.Context, by authz.Actor, id institution.ID) (Guarantor, error) {
	i, err := institution.On(ctx, s.db, id, ledgerDay(s.today()))
	if err != nil {
		return Guarantor{}, err
	}
	if !by.Scope(See).Reaches(i.Target()) && !by.Scope(Keep).Reaches(i.Target()) {
		return Guarantor{}, fault.Missing()
	}
	if !slices.Contains(i.Kinds, institution.Guarantor) {
		return Guarantor{}, fault.New(fault.Conflict, "guarantee.conflict.kind")
	}
	return Guarantor{ID: i.ID, Name: i.Name, Region: i.Region, Version: 1}, nil
}

// Keep changes what is set down of a guarantor.
func (s *Service) Keep(ctx context.Context, by authz.Actor, id institution.ID, version int, p Profile) (Guarantor, error) {
	if err := p.check(); err != nil {
		return Guarantor{}, err
	}
	return s.change(ctx, by, id, version, map[string]any{"type": p.Type}, func(_ context.Context, _ *db.Tx, g *Guarantor) error {
		p.apply(g)
		return nil
	})
}

// change changes a guarantor's books and tells the ledger what they now say.
func (s *Service) change(ctx context.Context, by authz.Actor, id institution.ID, version int, detail map[string]any,
	fn func(ctx context.Context, tx *db.Tx, g *Guarantor) error,
) (Guarantor, error) {
	c := gate.Change{By: by, Do: Keep, Detail: detail}
	return s.guarantors().Change(ctx, s.gate, &c, string(id), version, nil, func(ctx context.Context, tx *db.Tx, g *Guarantor) error {
		if err := tx.Lock(ctx, "guarantor", string(id)); err != nil {
			return err
		}
		if err := fn(ctx, tx, g); err != nil {
			return err
		}
		return s.count(ctx, tx, g)
	})
}

// check tells every broken field of a line of the books.
func (m *Finance) check(today string) error {
	var f fault.Fields
	m.Source = strings.TrimSpace(m.Source)
	f.Day("from", m.From)
	if !f.Has("from") && m.From > today {
		f.Add("from", "guarantee.field.future", "day", today)
	}
	for name, fen := range map[string]int64{
		"registered": m.Registered, "invested": m.Invested, "unearned": m.Unearned, "compensation": m.Compensation, "general": m.General,
	} {
		if fen < 0 || fen > mostAmount {
			f.Add(name, "guarantee.field.amount")
		}
	}
	if m.NetAssets < -mostAmount || m.NetAssets > mostAmount {
		f.Add("net_assets", "guarantee.field.amount")
	}
	f.Length("source", m.Source, 0, 80)
	return f.Err()
}

// SetFinance sets down what the books say from a day on (资本和准备金); a line of
// the same day is replaced. Later lines stay.
func (s *Service) SetFinance(ctx context.Context, by authz.Actor, id institution.ID, version int, m Finance) (Guarantor, error) {
	if err := m.check(s.today()); err != nil {
		return Guarantor{}, err
	}
	detail := map[string]any{"from": m.From, "registered": m.Registered, "net_assets": m.NetAssets}
	return s.change(ctx, by, id, version, detail, func(ctx context.Context, tx *db.Tx, g *Guarantor) error {
		if m.From < g.Since {
			return fault.Fields{{Name: "from", Key: "guarantee.field.before", Args: []any{"day", g.Since}}}.Err()
		}
		return putFinance(ctx, tx, id, m)
	})
}

// mostOutlets bounds the outlets of one guarantor.
const mostOutlets = 300

// SetOutlets replaces the towns where the guarantor can be reached (网点). A town
// that is left out closes today; new ones open on their day.
func (s *Service) SetOutlets(ctx context.Context, by authz.Actor, id institution.ID, version int, towns []Outlet) (Guarantor, error) {
	var f fault.Fields
	if len(towns) > mostOutlets {
		f.Add("towns", "field.range", "min", 0, "max", mostOutlets)
	}
	tree, err := s.hooks.Tree(ctx)
	if err != nil {
		return Guarantor{}, err
	}
	for n, o := range towns[:min(len(towns), mostOutlets)] {
		p, known := tree.Last(o.Town)
		if (!known || p.Level != region.Town || slices.ContainsFunc(towns[:n], func(b Outlet) bool { return b.Town == o.Town })) && !f.Has("towns") {
			f.Add("towns", "field.choice")
		}
		if !f.Has("from") {
			between(&f, "from", o.From, "1949-10-01", s.today())
		}
		f.OptionalDay("to", o.To)
	}
	if err := f.Err(); err != nil {
		return Guarantor{}, err
	}
	return s.change(ctx, by, id, version, map[string]any{"towns": len(towns)}, func(ctx context.Context, tx *db.Tx, _ *Guarantor) error {
		was, err := outlets(ctx, tx, id)
		if err != nil {
			return err
		}
		for _, o := range was { // what was once open stays on file
			if !slices.ContainsFunc(towns, func(n Outlet) bool { return n.Town == o.Town }) {
				if o.To == "" {
					o.To = dayOf(tx.Now)
				}
				towns = append(slices.Clip(towns), o)
			}
		}
		if err := putOutlets(ctx, tx, id, towns); err != nil {
			return err
		}
		touched := map[region.Code]bool{}
		for _, o := range towns {
			touched[o.Town] = true
		}
		return s.cover(ctx, tx, tree, touched)
	})
}

// SetBanks replaces the banks the guarantor works with (合作银行).
func (s *Service) SetBanks(ctx context.Context, by authz.Actor, id institution.ID, version int, banks []Partner) (Guarantor, error) {
	var f fault.Fields
	if len(banks) > 50 {
		f.Add("banks", "field.range", "min", 0, "max", 50)
	}
	for n, b := range banks[:min(len(banks), 50)] {
		i, err := institution.On(ctx, s.db, b.Bank, ledgerDay(s.today()))
		if err != nil && !fault.Is(err, fault.NotFound) {
			return Guarantor{}, err
		}
		twice := slices.ContainsFunc(banks[:n], func(o Partner) bool { return o.Bank == b.Bank })
		if (err != nil || twice || !slices.Contains(i.Kinds, institution.Bank)) && !f.Has("banks") {
			f.Add("banks", "field.choice")
		}
		if b.Line < 0 || b.Line > mostAmount {
			f.Add("line", "guarantee.field.amount")
		}
		f.Day("from", b.From)
		f.OptionalDay("to", b.To)
	}
	if err := f.Err(); err != nil {
		return Guarantor{}, err
	}
	return s.change(ctx, by, id, version, map[string]any{"banks": len(banks)}, func(ctx context.Context, tx *db.Tx, _ *Guarantor) error {
		return putBanks(ctx, tx, id, banks)
	})
}

// Close ends a guarantor's business from the day on; Conflict while guarantees
// or claims are open.
func (s *Service) Close(ctx context.Context, by authz.Actor, id institution.ID, version int, day, reason string) (Guarantor, error) {
	var f fault.Fields
	f.Reason("reason", &reason)
	between(&f, "day", day, "1949-10-01", s.today())
	if err := f.Err(); err != nil {
		return Guarantor{}, err
	}
	tree, err := s.hooks.Tree(ctx)
	if err != nil {
		return Guarantor{}, err
	}
	return s.change(ctx, by, id, version, map[string]any{"ended": day, "reason": reason}, func(ctx context.Context, tx *db.Tx, g *Guarantor) error {
		var open int64
		if err := tx.Get(ctx, &open, `SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM guarantee_posting
			WHERE guarantor_id = ? AND account IN (?, ?, ?)`, id, Committed, Outstanding, Claims); err != nil {
			return err
		}
		if open != 0 {
			return fault.New(fault.Conflict, "guarantee.conflict.open", "amount", yuan(open))
		}
		g.Ended = day
		if err := updateEnded(ctx, tx, g); err != nil {
			return err
		}
		towns, err := townsOf(ctx, tx, id)
		if err != nil {
			return err
		}
		return s.cover(ctx, tx, tree, towns)
	})
}
