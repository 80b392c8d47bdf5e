package guarantee

import (
	"cmp"
	"context"
	"slices"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/xfer"
)

// StandingTable is what guarantors have been, type and level, as a spreadsheet
// (担保机构沿革): one line for each guarantor and day on which something changed, the
// first for the day it began. With it a guarantor that comes in by tables keeps the
// figures of its finished years.
func StandingTable() *xfer.Table {
	return &xfer.Table{Name: "guarantor-standing", Title: "guarantee.table.standing", Columns: []xfer.Column{
		{Key: "guarantor", Label: "guarantee.column.guarantor", Required: true, Example: "射阳县中小企业信用担保中心"},
		{Key: "from", Label: "guarantee.column.since_day", Type: xfer.Date, Required: true, Example: "2007-01-01"},
		{Key: "type", Label: "guarantee.column.type", Type: xfer.Choice, Required: true, Options: xfer.OptionsOf(Types())},
		{Key: "level", Label: "guarantee.column.level", Type: xfer.Choice, Required: true, Options: xfer.OptionsOf(Levels())},
		{Key: "source", Label: "guarantee.column.source", Example: "盐改办〔2006〕31号", Hint: "guarantee.column.standing_hint"},
	}}
}

// standingLine is what a row of StandingTable says.
type standingLine struct {
	name string
	Standing
}

// standingImporter lands the newest line of a guarantor first, whatever their order in
// the file: what it is today is then never a type of the past.
type standingImporter struct{ xfer.Steps[standingLine] }

// Compare orders rows by guarantor and day, the newest first.
func (standingImporter) Compare(a, b *xfer.Row) int {
	x, y := a.Value.(standingLine), b.Value.(standingLine)
	return cmp.Or(cmp.Compare(x.name, y.name), cmp.Compare(y.From, x.From))
}

// ImportStandings lands rows of StandingTable as an actor (导入担保机构沿革), as Restand
// does.
func (s *Service) ImportStandings(_ context.Context, by authz.Actor) (xfer.Importer, error) {
	i, err := steps(s, by, Confirm, func(r *xfer.Row) standingLine {
		l := standingLine{r.Text("guarantor"), Standing{
			From: r.Day("from"), Type: Type(r.Pick("type")), Level: institution.Level(r.Pick("level")), Source: r.Text("source"),
		}}
		r.Keys = []string{l.name + "\x00" + l.From}
		return l
	}, (*Service).takeStanding)
	if err != nil {
		return nil, err
	}
	return standingImporter{i.(xfer.Steps[standingLine])}, nil
}

func (s *Service) takeStanding(ctx context.Context, by authz.Actor, r *xfer.Row, l standingLine) error {
	g, err := s.named(ctx, by, Confirm, r, l.name)
	if err != nil {
		return err
	}
	r.Outcome = xfer.New
	if g.ID != "" {
		lines, err := standings(ctx, s.db, g.ID)
		if err != nil {
			return err
		}
		if i := slices.IndexFunc(lines, func(k Standing) bool { return k.From == l.From }); i >= 0 {
			was := lines[i]
			if l.Source == "" && was.Type == l.Type && was.Level == l.Level { // it says nothing else
				l.Source = was.Source
			}
			if r.Outcome = xfer.Changed; was == l.Standing {
				r.Outcome = xfer.Unchanged
				return nil
			}
		}
	}
	if r.Bad.Has("guarantor") {
		return l.check(s.today()).Err()
	}
	_, err = s.Restand(ctx, by, g.ID, g.Version, l.Standing)
	return err
}

// ExportStandings writes what the guarantors within the actor's reach have been, the
// oldest line of each first (导出担保机构沿革).
func (s *Service) ExportStandings(ctx context.Context, by authz.Actor, at region.Code, put func(cells []string) error) error {
	return eachBook(ctx, s, by, at, standingsOf, func(g *Guarantor, all []Standing) error {
		for _, k := range slices.Backward(all) {
			if err := put([]string{g.Name, k.From, string(k.Type), string(k.Level), k.Source}); err != nil {
				return err
			}
		}
		return nil
	})
}
