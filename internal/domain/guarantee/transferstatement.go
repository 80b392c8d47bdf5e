package guarantee

import (
	"context"
	"slices"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/xfer"
)

// StatementTable is the assets of guarantors by class as a spreadsheet
// (担保机构资产分级): one line for each guarantor and day.
func StatementTable() *xfer.Table {
	return &xfer.Table{Name: "guarantor-statement", Title: "guarantee.table.statement", Columns: []xfer.Column{
		{Key: "guarantor", Label: "guarantee.column.guarantor", Required: true, Example: "射阳县中小企业信用担保中心"},
		{Key: "on", Label: "guarantee.column.statement_on", Type: xfer.Date, Required: true, Example: "2024-12-31"},
		{Key: "total", Label: "guarantee.column.total", Type: xfer.Money, Required: true, Example: "100000000"},
		{Key: "receivable", Label: "guarantee.column.receivable", Type: xfer.Money},
		{Key: "first", Label: "guarantee.column.first", Type: xfer.Money, Example: "50000000"},
		{Key: "second", Label: "guarantee.column.second", Type: xfer.Money},
		{Key: "third", Label: "guarantee.column.third", Type: xfer.Money},
		{Key: "source", Label: "guarantee.column.source", Required: true, Example: "2024年度审计报告"},
	}}
}

// statementLine is what a row of StatementTable says.
type statementLine struct {
	name string
	says Statement
}

// ImportStatements lands rows of StatementTable as an actor (导入担保机构资产分级): the
// office's word counts, a guarantor's own waits for the office.
func (s *Service) ImportStatements(_ context.Context, by authz.Actor) (xfer.Importer, error) {
	return steps(s, by, Keep, func(r *xfer.Row) statementLine {
		l := statementLine{r.Text("guarantor"), Statement{
			On: r.Day("on"), Total: r.Amount("total"), Receivable: r.Amount("receivable"),
			First: r.Amount("first"), Second: r.Amount("second"), Third: r.Amount("third"), Source: r.Text("source"),
		}}
		r.Keys = []string{l.name + "\x00" + l.says.On}
		return l
	}, (*Service).takeStatement)
}

func (s *Service) takeStatement(ctx context.Context, by authz.Actor, r *xfer.Row, l statementLine) error {
	g, err := s.named(ctx, by, Keep, r, l.name)
	if err != nil {
		return err
	}
	known, err := statements(ctx, s.db, g.ID)
	if err != nil {
		return err
	}
	waiting, err := filings(ctx, s.db, g.ID)
	if err != nil {
		return err
	}
	for _, f := range waiting {
		if f.Statement != nil {
			known = append([]Statement{*f.Statement}, known...)
		}
	}
	r.Outcome = xfer.New
	if i := slices.IndexFunc(known, func(a Statement) bool { return a.On == l.says.On }); i >= 0 {
		was := known[i]
		r.Keep(map[string]func(){
			"receivable": func() { l.says.Receivable = was.Receivable }, "first": func() { l.says.First = was.First },
			"second": func() { l.says.Second = was.Second }, "third": func() { l.says.Third = was.Third },
		})
		if r.Outcome = xfer.Changed; was == l.says {
			r.Outcome = xfer.Unchanged
			return nil
		}
	}
	_, err = s.SetStatement(ctx, by, g.ID, g.Version, l.says)
	return err
}

// ExportStatements writes all statements of guarantors within the actor's reach, by
// name, the oldest of each first (导出担保机构资产分级).
func (s *Service) ExportStatements(ctx context.Context, by authz.Actor, at region.Code, put func(cells []string) error) error {
	where, args := GuarantorFilter{Region: at, Ended: true}.sql(by.Scope(See), s.today())
	type row struct {
		ID   string `db:"id"`
		Name string `db:"name"`
		statementRow
	}
	return db.Pages(func(page db.Page) ([]row, string, error) {
		return db.Paged(ctx, s.db, page, db.Order{Columns: []string{"i.name", "g.id", "a.as_of"}},
			`SELECT g.id, i.name, `+statementColumns+` FROM guarantor_statement a JOIN guarantor g ON g.id = a.guarantor_id
				JOIN institution i ON i.id = g.id WHERE `+where, args,
			func(x *row) []string { return []string{x.Name, x.ID, x.On} })
	}, func(list []row) error {
		for _, a := range list {
			if err := put([]string{
				a.Name, a.On, xfer.Amount(a.Total), xfer.Amount(a.Receivable), xfer.Amount(a.First), xfer.Amount(a.Second), xfer.Amount(a.Third), a.Source,
			}); err != nil {
				return err
			}
		}
		return nil
	})
}
