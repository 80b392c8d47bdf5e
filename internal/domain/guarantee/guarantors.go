package guarantee

import (
	"cmp"
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
	// From is the first day of another type or level than before, and Source the
	// document that says so. Neither is needed where nothing changes that limits
	// are counted by.
	From, Source string
}

func (p *Profile) check() fault.Fields {
	var f fault.Fields
	p.ParkName, p.Source = strings.TrimSpace(p.ParkName), strings.TrimSpace(p.Source)
	fault.Choice(&f, "type", p.Type, Types())
	fault.Choice(&f, "level", p.Level, Levels())
	f.Day("since", p.Since)
	f.OptionalDay("from", p.From)
	f.Length("park_name", p.ParkName, 0, 60)
	fold(&f, "multiple", p.Multiple, 20)
	fold(&f, "member_cap", p.MemberCap, 100)
	if p.Type != Mutual && (p.Park != "" || p.ParkName != "" || p.Multiple != 0 || p.MemberCap != 0) {
		f.Add("type", "guarantee.field.pool")
	}
	return f
}

// profile is what is set down of the guarantor.
func (g *Guarantor) profile() Profile {
	return Profile{
		Type: g.Type, Level: g.Level, Since: g.Since, Park: g.Park, ParkName: g.ParkName, Multiple: g.Multiple, MemberCap: g.MemberCap,
	}
}

func (p *Profile) apply(g *Guarantor) {
	g.Type, g.Level, g.Since, g.Park, g.ParkName = p.Type, p.Level, p.Since, p.Park, p.ParkName
	g.Multiple, g.MemberCap = p.Multiple, p.MemberCap
}

// Open begins the books of a guarantor (建立担保机构台账): an institution of that
// kind as far as the actor may find it, else NotFound. It is the office's to do,
// not the guarantor's own. Conflict when it has books.
func (s *Service) Open(ctx context.Context, by authz.Actor, id institution.ID, p Profile, first Finance) (Guarantor, error) {
	first.From = p.Since
	f := p.check()
	if !f.Has("since") && p.Since > s.today() {
		f.Add("since", "guarantee.field.future", "day", s.today())
	}
	for _, bad := range first.check(s.today()) {
		if bad.Name != "from" { // it is since, and told there
			f = append(f, bad)
		}
	}
	if id == "" {
		f.Add("institution", "field.required")
	}
	if err := f.Err(); err != nil {
		return Guarantor{}, err
	}
	g, err := s.candidate(ctx, by, id)
	if err != nil {
		return Guarantor{}, err
	}
	p.apply(&g)
	g.Finance = first
	c := gate.Change{By: by, Do: Confirm, On: g.over(), Record: gate.Record{Kind: GuarantorKind, ID: string(id)}, Detail: map[string]any{"type": g.Type}}
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
	if err := putStanding(ctx, tx, g.ID, Standing{g.Since, g.Type, g.Level, first.Source}); err != nil {
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

// Keep changes what is set down of a guarantor. What its limits are counted by,
// type, level, first day, multiples, is the office's to change: from anybody else
// it is a filing that waits for Confirm.
func (s *Service) Keep(ctx context.Context, by authz.Actor, id institution.ID, version int, p Profile) (Guarantor, error) {
	if err := p.check().Err(); err != nil {
		return Guarantor{}, err
	}
	return s.state(ctx, by, id, version, Filing{Profile: &p})
}

// change changes a guarantor's books and tells the ledger what they now say.
func (s *Service) change(ctx context.Context, by authz.Actor, do authz.Permission, id institution.ID, version int, detail map[string]any,
	fn func(ctx context.Context, tx *db.Tx, g *Guarantor) error,
) (Guarantor, error) {
	c := gate.Change{By: by, Do: do, Detail: detail}
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
func (m *Finance) check(today string) fault.Fields {
	var f fault.Fields
	m.Source = strings.TrimSpace(m.Source)
	f.Day("from", m.From)
	if !f.Has("from") && m.From > today {
		f.Add("from", "guarantee.field.future", "day", today)
	}
	money(&f, "registered", m.Registered)
	for name, fen := range map[string]int64{
		"invested": m.Invested, "unearned": m.Unearned, "compensation": m.Compensation, "general": m.General,
	} {
		if fen < 0 || fen > mostAmount {
			f.Add(name, "guarantee.field.amount0")
		}
	}
	if m.NetAssets < -mostAmount || m.NetAssets > mostAmount {
		f.Add("net_assets", "guarantee.field.amount0")
	}
	f.Length("source", m.Source, 2, 80)
	return f
}

// SetFinance sets down what the books say from a day on (资本和准备金), by a
// document that is named; a line of the same day is replaced. Later lines stay.
// Entered by the office it counts at once; from anybody else it is a filing that
// waits for Confirm.
func (s *Service) SetFinance(ctx context.Context, by authz.Actor, id institution.ID, version int, m Finance) (Guarantor, error) {
	if err := m.check(s.today()).Err(); err != nil {
		return Guarantor{}, err
	}
	return s.state(ctx, by, id, version, Filing{Finance: &m})
}

// mostOutlets bounds the outlets of one guarantor.
const mostOutlets = 300

// SetOutlets replaces the towns where the guarantor can be reached (网点), within its
// home. A town that is left out closes today; new ones open on their day. Before the
// year under way only the office changes what was: those years may be settled (定案).
// Broken fields are named by the outlet's place in the list: outlets.2.town.
func (s *Service) SetOutlets(ctx context.Context, by authz.Actor, id institution.ID, version int, towns []Outlet) (Guarantor, error) {
	tree, err := s.hooks.Tree(ctx)
	if err != nil {
		return Guarantor{}, err
	}
	var f fault.Fields
	if len(towns) > mostOutlets {
		f.Add("outlets", "field.range", "min", 0, "max", mostOutlets)
	}
	for n, o := range towns[:min(len(towns), mostOutlets)] {
		at := func(name string) string { return fault.InItem("outlets", n, name) }
		p, known := tree.Last(o.Town)
		if !known || p.Level != region.Town || slices.ContainsFunc(towns[:n], func(b Outlet) bool { return b.Town == o.Town }) {
			f.Add(at("town"), "field.choice")
		}
		between(&f, at("from"), o.From, "1949-10-01", s.today())
		span(&f, at("to"), o.From, o.To)
	}
	own, err := s.guarantors().Allow(ctx, s.db, by, string(id), Keep)
	if err != nil {
		return Guarantor{}, cmp.Or(f.Err(), err)
	}
	kept, err := outlets(ctx, s.db, id)
	if err != nil {
		return Guarantor{}, err
	}
	own.settled(&f, kept, towns[:min(len(towns), mostOutlets)], s.firstOpen(by, &own))
	if err := f.Err(); err != nil {
		return Guarantor{}, err
	}
	return s.change(ctx, by, Keep, id, version, map[string]any{"towns": len(towns)}, func(ctx context.Context, tx *db.Tx, _ *Guarantor) error {
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

// firstOpen is the first day from which the actor may change where a guarantor can be
// reached: its own people from the first of this year, which is never settled yet,
// the office any.
func (s *Service) firstOpen(by authz.Actor, g *Guarantor) string {
	if by.May(Confirm, g.over()) {
		return ""
	}
	return s.today()[:4] + "-01-01"
}

// before is the outlet as it was before a day: none when it opened later, open when
// it closed later.
func (o Outlet) before(day string) Outlet {
	switch {
	case o.From >= day:
		return Outlet{}
	case o.To >= day:
		o.To = ""
	}
	return o
}

// settled notes new outlets away from the guarantor's home, and what differs of how it
// could be reached before the first day that may change.
func (g *Guarantor) settled(f *fault.Fields, kept, towns []Outlet, first string) {
	for n, o := range towns {
		town, from, to := fault.InItem("outlets", n, "town"), fault.InItem("outlets", n, "from"), fault.InItem("outlets", n, "to")
		var was Outlet
		if i := slices.IndexFunc(kept, func(k Outlet) bool { return k.Town == o.Town }); i >= 0 {
			was = kept[i]
		} else if !g.Home().Contains(o.Town) && !f.Has(town) {
			f.Add(town, "guarantee.field.outside")
		}
		if f.Has(from) || f.Has(to) {
			continue
		}
		switch then, now := was.before(first), o.before(first); {
		case then.From != now.From:
			f.Add(from, "guarantee.field.settled", "day", first)
		case then.To != now.To:
			f.Add(to, "guarantee.field.settled", "day", first)
		}
	}
}

// SetBanks replaces the banks the guarantor works with (合作银行). Broken fields are
// named by the bank's place in the list: banks.2.line.
func (s *Service) SetBanks(ctx context.Context, by authz.Actor, id institution.ID, version int, banks []Partner) (Guarantor, error) {
	var f fault.Fields
	if len(banks) > 50 {
		f.Add("banks", "field.range", "min", 0, "max", 50)
	}
	for n, b := range banks[:min(len(banks), 50)] {
		at := func(name string) string { return fault.InItem("banks", n, name) }
		i, err := institution.On(ctx, s.db, b.Bank, ledgerDay(s.today()))
		if err != nil && !fault.Is(err, fault.NotFound) {
			return Guarantor{}, err
		}
		twice := slices.ContainsFunc(banks[:n], func(o Partner) bool { return o.Bank == b.Bank })
		if err != nil || twice || !slices.Contains(i.Kinds, institution.Bank) {
			f.Add(at("bank"), "field.choice")
		}
		if b.Line < 0 || b.Line > mostAmount {
			f.Add(at("line"), "guarantee.field.amount0")
		}
		f.Day(at("from"), b.From)
		span(&f, at("to"), b.From, b.To)
	}
	if err := f.Err(); err != nil {
		return Guarantor{}, err
	}
	return s.change(ctx, by, Keep, id, version, map[string]any{"banks": len(banks)}, func(ctx context.Context, tx *db.Tx, _ *Guarantor) error {
		return putBanks(ctx, tx, id, banks)
	})
}

// Close ends a guarantor's business from the day on, not before the last of what
// stands in its books, nor, but for the office, before the year under way; Conflict
// while guarantees or claims are open.
func (s *Service) Close(ctx context.Context, by authz.Actor, id institution.ID, version int, day, reason string) (Guarantor, error) {
	var f fault.Fields
	f.Reason("reason", &reason)
	between(&f, "day", day, "1949-10-01", s.today())
	own, err := s.guarantors().Allow(ctx, s.db, by, string(id), Keep)
	if err != nil {
		return Guarantor{}, err
	}
	if first := s.firstOpen(by, &own); day < first && !f.Has("day") {
		f.Add("day", "guarantee.field.settled", "day", first)
	}
	if err := f.Err(); err != nil {
		return Guarantor{}, err
	}
	tree, err := s.hooks.Tree(ctx)
	if err != nil {
		return Guarantor{}, err
	}
	return s.change(ctx, by, Keep, id, version, map[string]any{"ended": day, "reason": reason}, func(ctx context.Context, tx *db.Tx, g *Guarantor) error {
		var open int64
		if err := tx.Get(ctx, &open, `SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM guarantee_posting
			WHERE guarantor_id = ? AND account IN (?, ?, ?)`, id, Committed, Outstanding, Claims); err != nil {
			return err
		}
		if open != 0 {
			return fault.New(fault.Conflict, "guarantee.conflict.open", "amount", yuan(open))
		}
		last, err := lastDay(ctx, tx, id, "")
		if err != nil {
			return err
		}
		if err := notBefore("day", day, max(last, g.Since)); err != nil {
			return err
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
