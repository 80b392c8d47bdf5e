package techplatform

import (
	"context"
	"slices"
	"strings"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/xfer"
)

// ProductTable is new products as a spreadsheet (新产品). Those that the province
// confirmed come in by it, without papers; all go out. One is known by its
// enterprise and name.
func ProductTable() *xfer.Table {
	return &xfer.Table{Name: "new-product", Title: "techproduct.table", Columns: []xfer.Column{
		{Key: "number", Label: "techproduct.page.number", Type: xfer.Note},
		{Key: "name", Label: "techproduct.form.name", Required: true, Example: "断头自停细纱机"},
		{Key: "industry", Label: "techproduct.form.industry", Type: xfer.Code, Required: true, Example: "C17"},
		{Key: "about", Label: "techproduct.form.about", Required: true},
		{Key: "patents", Label: "techproduct.form.patents", Type: xfer.Code, Example: "200820123456.7"},
		{Key: "code", Label: "tech.column.code", Type: xfer.Code, Required: true, Hint: "tech.column.code_hint"},
		{Key: "enterprise", Label: "techproduct.form.enterprise", Type: xfer.Note},
		{Key: "state", Label: "techproduct.page.state", Type: xfer.Note},
		{Key: "applied_on", Label: "techproduct.column.applied_on", Type: xfer.Date},
		{Key: "grade", Label: "techproduct.form.grade", Hint: "techproduct.column.grade_hint", Example: "国内领先"},
		{Key: "certificate", Label: "techproduct.form.certificate"},
		{Key: "on", Label: "techproduct.form.on", Type: xfer.Date},
	}}
}

type productSheet struct{ sheet }

// productLine is what a row says, and once it is sorted the product it makes.
type productLine struct {
	Product
	code, grade string
}

// ImportProducts lands rows of ProductTable as an actor (导入通过鉴定的新产品): each
// counts from the day of the province's answer. What is on file changes by its
// page alone.
func (s *Service) ImportProducts(_ context.Context, by authz.Actor) (xfer.Importer, error) {
	base, err := s.sheet(by, ConfirmProduct)
	if err != nil {
		return nil, err
	}
	i := &productSheet{base}
	i.Sort, i.Write = i.sort, i.write
	return i, nil
}

func (i *productSheet) Prepare(r *xfer.Row) {
	l := &productLine{code: enterprise.Normalise(r.Code("code")), grade: r.Text("grade")}
	l.ProductProfile = ProductProfile{Name: r.Text("name"), Industry: r.Code("industry"), About: r.Text("about"), Patents: strings.FieldsFunc(r.Code("patents"), between)}
	l.AppliedOn, l.Finding = r.Day("applied_on"), Finding{Certificate: r.Text("certificate"), On: r.Day("on")}
	r.BreakAll("", l.ProductProfile.check(i.s.industry).Err())
	r.Value, r.Keys = l, []string{l.code + "\x00" + l.Name}
}

// between are the marks between the numbers in one cell.
func between(c rune) bool { return strings.ContainsRune(" ;；,，、\n\r", c) }

func (i *productSheet) sort(ctx context.Context, r db.Reader, rows []*xfer.Row) error {
	firms, err := i.firms(ctx, r, rows, func(row *xfer.Row) string { return row.Value.(*productLine).code })
	if err != nil {
		return err
	}
	all, err := i.s.Grades(ctx)
	if err != nil {
		return err
	}
	for _, row := range rows {
		l := row.Value.(*productLine)
		e := firms[l.code]
		l.Enterprise, l.Applicant, l.Region = string(e.ID), e.Profile.Name, e.Profile.Region
		l.GradeName, l.Grade = Grade{}, ""
		for _, g := range all {
			if l.grade == g.Name || l.grade == g.English {
				l.GradeName, l.Grade = g, g.ID
			}
		}
		if e.ID == "" || len(row.Bad) > 0 {
			l.confirmed(row, i.s.today())
		}
		if e.ID == "" || !row.Sound("name") {
			continue
		}
		if err := i.find(ctx, r, row, l); err != nil {
			return err
		}
	}
	return nil
}

// find compares a row with what the enterprise has on file under the name.
func (i *productSheet) find(ctx context.Context, r db.Reader, row *xfer.Row, l *productLine) error {
	var old []productRow
	if err := r.Select(ctx, &old, `SELECT `+productColumns+fromProduct+`p.enterprise_id = ? AND p.name = ? ORDER BY p.id`, l.Enterprise, l.Name); err != nil {
		return err
	}
	for n := range old {
		was := old[n].product()
		if slices.Equal(was.Patents, l.Patents) && was.Industry == l.Industry && was.About == l.About && was.Finding == l.Finding {
			row.Outcome = xfer.Unchanged
			return nil
		}
	}
	row.Outcome = xfer.New
	if len(old) > 0 {
		row.Break("name", "techproduct.import.known", "number", old[len(old)-1].Number)
		return nil
	}
	l.confirmed(row, i.s.today())
	err := l.ownPatents(ctx, r)
	row.BreakAll("", err)
	if fault.Is(err, fault.Invalid) {
		err = nil
	}
	return err
}

// confirmed tells what is wrong with the answer of the province.
func (l *productLine) confirmed(row *xfer.Row, today string) {
	if l.AppliedOn == "" {
		l.AppliedOn = l.On
	}
	row.BreakAll("", l.Finding.check(l.AppliedOn, today, l.Grade != ""))
}

func (i *productSheet) write(ctx context.Context, tx *db.Tx, b *gate.Batch, rows []*xfer.Row) error {
	for _, row := range rows {
		p := &row.Value.(*productLine).Product
		p.ID, p.State, p.Version, p.Since, p.UpdatedAt = db.NewID(), ProductConfirmed, 1, tx.Now, tx.Now
		var err error
		if p.Number, err = nextNumber(ctx, tx, productNumber); err != nil {
			return err
		}
		record := gate.Record{Kind: ProductKind, ID: p.ID}
		if err := b.Add(&gate.Change{
			By: i.by, Do: ConfirmProduct, On: p.on(ConfirmProduct), Record: record, Detail: map[string]any{"number": p.Number, "certificate": p.Certificate, "import": true},
		}); err != nil {
			return err
		}
		if err := insertProduct(ctx, tx, p); err != nil {
			return err
		}
		if err := flow.Note(ctx, tx, record, flow.Began(i.by, ConfirmProduct, ProductConfirmed, p.Certificate)); err != nil {
			return err
		}
		if err := i.s.countProduct(ctx, tx, p); err != nil {
			return err
		}
	}
	return nil
}

// ExportProducts writes the new products within the actor's reach, the newest first
// (导出新产品).
func (s *Service) ExportProducts(ctx context.Context, by authz.Actor, f ProductFilter, put func(cells []string) error) error {
	return db.Pages(func(page db.Page) ([]Product, string, error) {
		list, next, _, err := s.Products(ctx, by.Scope(SeeProduct), f, page)
		return list, next, err
	}, func(list []Product) error {
		codes, err := codesBy(ctx, s.db, list, func(p *Product) string { return p.Enterprise })
		for n := range list {
			p := &list[n]
			if err == nil {
				err = put([]string{
					p.Number, p.Name, p.Industry, p.About, strings.Join(p.Patents, "；"), codes[p.Enterprise], p.Applicant, string(p.State), p.AppliedOn,
					p.GradeName.Name, p.Certificate, p.On,
				})
			}
		}
		return err
	})
}
