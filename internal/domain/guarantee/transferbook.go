package guarantee

import (
	"context"
	"slices"
	"strconv"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/xfer"
)

// BookTable is the guarantors as a spreadsheet (担保机构): what each is today, with
// the capital it began with. What its books say from later days on is in
// CapitalTable. A guarantor is known by its institution's full name.
func BookTable() *xfer.Table {
	return &xfer.Table{Name: GuarantorKind, Title: "guarantee.table.guarantor", Columns: []xfer.Column{
		{Key: "guarantor", Label: "guarantee.column.guarantor", Required: true, Example: "射阳县中小企业信用担保中心", Hint: "guarantee.column.guarantor_hint"},
		{Key: "type", Label: "guarantee.column.type", Type: xfer.Choice, Required: true, Options: xfer.OptionsOf(Types())},
		{Key: "level", Label: "guarantee.column.level", Type: xfer.Choice, Required: true, Options: xfer.OptionsOf(Levels())},
		{Key: "since", Label: "guarantee.column.since", Type: xfer.Date, Required: true, Example: "2004-03-18"},
		{Key: "registered", Label: "guarantee.column.registered", Type: xfer.Money, Example: "60000000", Hint: "guarantee.column.first_hint"},
		{Key: "net_assets", Label: "guarantee.column.net_assets", Type: xfer.Money, Hint: "guarantee.column.first_hint"},
		{Key: "source", Label: "guarantee.column.source", Example: "射信会验〔2004〕18号", Hint: "guarantee.column.source_hint"},
		{Key: "from", Label: "guarantee.column.from", Type: xfer.Date, Hint: "guarantee.column.from_hint"},
		{Key: "park_name", Label: "guarantee.column.park_name", Hint: "guarantee.column.pool_hint"},
		{Key: "multiple", Label: "guarantee.column.multiple", Type: xfer.Decimal, Hint: "guarantee.column.pool_hint"},
		{Key: "member_cap", Label: "guarantee.column.member_cap", Type: xfer.Decimal, Hint: "guarantee.column.pool_hint"},
		{Key: "ended", Label: "guarantee.column.ended", Type: xfer.Date, Hint: "guarantee.column.ended_hint"},
	}}
}

// CapitalTable is what the books of guarantors say from a day on, as a spreadsheet
// (担保机构资本): one line for each guarantor and day.
func CapitalTable() *xfer.Table {
	return &xfer.Table{Name: "guarantor-capital", Title: "guarantee.table.capital", Columns: []xfer.Column{
		{Key: "guarantor", Label: "guarantee.column.guarantor", Required: true, Example: "射阳县中小企业信用担保中心"},
		{Key: "from", Label: "guarantee.column.since_day", Type: xfer.Date, Required: true, Example: "2008-01-01"},
		{Key: "registered", Label: "guarantee.column.registered", Type: xfer.Money, Required: true, Example: "80000000"},
		{Key: "net_assets", Label: "guarantee.column.net_assets", Type: xfer.Money, Example: "83500000"},
		{Key: "invested", Label: "guarantee.column.invested", Type: xfer.Money},
		{Key: "unearned", Label: "guarantee.column.unearned", Type: xfer.Money},
		{Key: "compensation", Label: "guarantee.column.compensation", Type: xfer.Money},
		{Key: "general", Label: "guarantee.column.general", Type: xfer.Money},
		{Key: "source", Label: "guarantee.column.source", Required: true, Example: "2007年度审计报告"},
	}}
}

// within is the same use cases as part of a transaction that is under way.
func (s *Service) within(in *gate.Gate) *Service {
	own := *s
	own.gate, own.db = in, in.DB()
	return &own
}

// steps is an importer whose rows are taken by use cases of a transaction.
func steps[L any](s *Service, by authz.Actor, do authz.Permission, read func(*xfer.Row) L,
	take func(s *Service, ctx context.Context, by authz.Actor, r *xfer.Row, l L) error,
) (xfer.Importer, error) {
	return xfer.ByUseCases(s.gate, by, do, read, func(ctx context.Context, in *gate.Gate, r *xfer.Row, l L) error {
		return take(s.within(in), ctx, by, r, l)
	})
}

// named is the guarantor that a row names, zero when the actor may not do the act
// to its books, or there is none such: both look the same.
func (s *Service) named(ctx context.Context, by authz.Actor, do authz.Permission, r *xfer.Row, name string) (Guarantor, error) {
	all, err := s.called(ctx, s.db, by.Scope(do), name)
	if err == nil && all[name].ID == "" {
		unknown(r, name)
	}
	return all[name], err
}

func unknown(r *xfer.Row, name string) {
	if !r.Bad.Has("guarantor") {
		r.Break("guarantor", "guarantee.import.guarantor", "name", name)
	}
}

// bookLine is what a row of BookTable says.
type bookLine struct {
	name    string
	profile Profile
	first   Finance
	ended   string
}

// ImportBooks lands rows of BookTable as an actor (导入担保机构): new ones as Open
// begins them; what has changed as Keep and Close do.
func (s *Service) ImportBooks(_ context.Context, by authz.Actor) (xfer.Importer, error) {
	return steps(s, by, Confirm, func(r *xfer.Row) bookLine {
		l := bookLine{name: r.Text("guarantor"), ended: r.Day("ended"), profile: Profile{
			Type: Type(r.Pick("type")), Level: institution.Level(r.Pick("level")), Since: r.Day("since"), ParkName: r.Text("park_name"),
			Multiple: hundredths(r, "multiple"), MemberCap: hundredths(r, "member_cap"), From: r.Day("from"), Source: r.Text("source"),
		}}
		l.first = Finance{Registered: r.Amount("registered"), NetAssets: r.Amount("net_assets"), Source: l.profile.Source}
		r.Keys = []string{l.name}
		return l
	}, (*Service).takeBook)
}

func (s *Service) takeBook(ctx context.Context, by authz.Actor, r *xfer.Row, l bookLine) error {
	known, err := s.called(ctx, s.db, by.Scope(Confirm), l.name)
	if err != nil {
		return err
	}
	g, old := known[l.name]
	if !old {
		r.Outcome = xfer.New
		all, err := institution.Named(ctx, s.db, by.Scope(Confirm), ledgerDay(s.today()), l.name)
		if err != nil {
			return err
		}
		if all[l.name].ID == "" {
			unknown(r, l.name)
		}
		if g, err = s.Open(ctx, by, all[l.name].ID, l.profile, l.first); err != nil {
			return xfer.Columns(err, "institution", "guarantor")
		}
	} else if g, err = s.amend(ctx, by, r, l, g); err != nil {
		return err
	}
	switch {
	case l.ended == g.Ended, l.ended == "" && !r.Has("ended"):
		return nil
	case g.Ended != "":
		r.Break("ended", "guarantee.import.ended")
		return nil
	case old:
		r.Outcome = xfer.Changed
	}
	_, err = s.Close(ctx, by, g.ID, g.Version, l.ended, l.profile.Source)
	return xfer.Columns(err, "day", "ended", "reason", "source")
}

// amend is what a row changes of books that are on file.
func (s *Service) amend(ctx context.Context, by authz.Actor, r *xfer.Row, l bookLine, was Guarantor) (Guarantor, error) {
	lines, err := finances(ctx, s.db, was.ID)
	if err != nil {
		return was, err
	}
	r.Outcome = xfer.Unchanged
	if first := begun(lines); r.Has("registered") && l.first.Registered != first.Registered || r.Has("net_assets") && l.first.NetAssets != first.NetAssets {
		r.Break("registered", "guarantee.import.capital")
	}
	p := l.profile
	r.Keep(map[string]func(){
		"park_name": func() { p.ParkName = was.ParkName }, "multiple": func() { p.Multiple = was.Multiple },
		"member_cap": func() { p.MemberCap = was.MemberCap },
	})
	if p.ParkName == was.ParkName {
		p.Park = was.Park
	}
	if !p.counts(&was) && p.ParkName == was.ParkName && !p.moves(&was) {
		return was, nil
	}
	r.Outcome = xfer.Changed
	return s.Keep(ctx, by, was.ID, was.Version, p)
}

// begun is the oldest of lines with the newest first.
func begun(lines []Finance) Finance {
	if len(lines) == 0 {
		return Finance{}
	}
	return lines[len(lines)-1]
}

// hundredths is a multiple of a row, 0 for none.
func hundredths(r *xfer.Row, key string) int64 {
	if n := r.Decimal(key); n != nil {
		return int64(*n*100 + 0.5)
	}
	return 0
}

// times is a multiple as a cell, empty for none.
func times(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatFloat(float64(n)/100, 'f', -1, 64)
}

// ExportBooks writes the guarantors within the actor's reach by name, those that
// ended too (导出担保机构).
func (s *Service) ExportBooks(ctx context.Context, by authz.Actor, at region.Code, put func(cells []string) error) error {
	return eachBook(ctx, s, by, at, financesOf, func(g *Guarantor, lines []Finance) error {
		first := begun(lines)
		return put([]string{
			g.Name, string(g.Type), string(g.Level), g.Since, xfer.Amount(first.Registered), xfer.Amount(first.NetAssets), first.Source, "",
			g.ParkName, times(g.Multiple), times(g.MemberCap), g.Ended,
		})
	})
}

// eachBook goes through the guarantors within the actor's reach, with what is read of
// each: once for a page of them.
func eachBook[T any](ctx context.Context, s *Service, by authz.Actor, at region.Code,
	read func(ctx context.Context, r db.Reader, ids ...institution.ID) (map[institution.ID][]T, error), do func(g *Guarantor, all []T) error,
) error {
	return db.Pages(func(page db.Page) ([]GuarantorLine, string, error) {
		return s.guarantorPage(ctx, by.Scope(See), GuarantorFilter{Region: at, Ended: true}, page)
	}, func(list []GuarantorLine) error {
		ids := make([]institution.ID, len(list))
		for i := range list {
			ids[i] = list[i].ID
		}
		all, err := read(ctx, s.db, ids...)
		for i := range list {
			if err == nil {
				err = do(&list[i].Guarantor, all[list[i].ID])
			}
		}
		return err
	})
}

// capitalLine is what a row of CapitalTable says.
type capitalLine struct {
	name string
	says Finance
}

// ImportCapital lands rows of CapitalTable as an actor (导入担保机构资本): the office's
// word counts, a guarantor's own waits for the office. Of a column that the table
// does not have, the amount stays what it was by the line before.
func (s *Service) ImportCapital(_ context.Context, by authz.Actor) (xfer.Importer, error) {
	return steps(s, by, Keep, func(r *xfer.Row) capitalLine {
		l := capitalLine{r.Text("guarantor"), Finance{
			From: r.Day("from"), Registered: r.Amount("registered"), NetAssets: r.Amount("net_assets"), Invested: r.Amount("invested"),
			Unearned: r.Amount("unearned"), Compensation: r.Amount("compensation"), General: r.Amount("general"), Source: r.Text("source"),
		}}
		r.Keys = []string{l.name + "\x00" + l.says.From}
		return l
	}, (*Service).takeCapital)
}

func (s *Service) takeCapital(ctx context.Context, by authz.Actor, r *xfer.Row, l capitalLine) error {
	g, err := s.named(ctx, by, Keep, r, l.name)
	if err != nil {
		return err
	}
	lines, err := finances(ctx, s.db, g.ID)
	if err != nil {
		return err
	}
	waiting, err := filings(ctx, s.db, g.ID)
	if err != nil {
		return err
	}
	for _, f := range waiting {
		if f.Finance != nil && f.Finance.From == l.says.From { // of another day it counts for nothing yet
			lines = append([]Finance{*f.Finance}, lines...)
		}
	}
	was := financeOn(lines, l.says.From)
	r.Keep(map[string]func(){
		"net_assets": func() { l.says.NetAssets = was.NetAssets }, "invested": func() { l.says.Invested = was.Invested },
		"unearned": func() { l.says.Unearned = was.Unearned }, "compensation": func() { l.says.Compensation = was.Compensation },
		"general": func() { l.says.General = was.General },
	})
	switch {
	case was == l.says:
		r.Outcome = xfer.Unchanged
		return nil
	case was.From == l.says.From:
		r.Outcome = xfer.Changed
	default:
		r.Outcome = xfer.New
	}
	_, err = s.SetFinance(ctx, by, g.ID, g.Version, l.says)
	return err
}

// ExportCapital writes all lines of the books of guarantors within the actor's
// reach, the oldest of each first (导出担保机构资本).
func (s *Service) ExportCapital(ctx context.Context, by authz.Actor, at region.Code, put func(cells []string) error) error {
	return eachBook(ctx, s, by, at, financesOf, func(g *Guarantor, lines []Finance) error {
		for _, m := range slices.Backward(lines) {
			if err := put([]string{
				g.Name, m.From, xfer.Amount(m.Registered), xfer.Amount(m.NetAssets), xfer.Amount(m.Invested), xfer.Amount(m.Unearned),
				xfer.Amount(m.Compensation), xfer.Amount(m.General), m.Source,
			}); err != nil {
				return err
			}
		}
		return nil
	})
}
