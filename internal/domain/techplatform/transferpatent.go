package techplatform

import (
	"context"
	"slices"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/text"
	"qiban.dev/qiban/internal/xfer"
)

// PatentTable is the patents of enterprises as a spreadsheet (专利). One is known by
// the number of its application; what it earned is not in the table.
func PatentTable() *xfer.Table {
	return &xfer.Table{Name: PatentRecord, Title: "patent.table", Columns: []xfer.Column{
		{Key: "number", Label: "patent.form.number", Type: xfer.Code, Required: true, Example: "200820123456.7"},
		{Key: "title", Label: "patent.form.title", Required: true, Example: "一种细纱机断头检测装置"},
		{Key: "code", Label: "tech.column.code", Type: xfer.Code, Required: true, Hint: "tech.column.code_hint"},
		{Key: "holder", Label: "patent.page.holder", Type: xfer.Note},
		{Key: "kind", Label: "patent.page.kind", Type: xfer.Note},
		{Key: "applied", Label: "patent.form.applied", Type: xfer.Date, Required: true, Example: "2008-03-05"},
		{Key: "granted", Label: "patent.form.granted", Type: xfer.Date},
		{Key: "ended", Label: "patent.form.ended", Type: xfer.Date},
		{Key: "on_offer", Label: "patent.form.on_offer", Type: xfer.YesNo},
		{Key: "about", Label: "patent.form.about"},
	}}
}

type patentSheet struct{ sheet }

// patentLine is what a row says, and once it is sorted the patent it makes.
type patentLine struct {
	said PatentProfile
	code string
	next Patent
	old  bool
}

// ImportPatents lands rows of PatentTable as an actor (导入专利).
func (s *Service) ImportPatents(_ context.Context, by authz.Actor) (xfer.Importer, error) {
	base, err := s.sheet(by, KeepPatent)
	if err != nil {
		return nil, err
	}
	i := &patentSheet{base}
	i.Sort, i.Write = i.sort, i.write
	return i, nil
}

func (i *patentSheet) Prepare(r *xfer.Row) {
	l := &patentLine{code: enterprise.Normalise(r.Code("code")), said: PatentProfile{
		Number: r.Code("number"), Title: r.Text("title"), Applied: r.Day("applied"), Granted: r.Day("granted"), Ended: r.Day("ended"), About: r.Text("about"),
	}}
	l.said.OnOffer, _ = r.Yes("on_offer")
	if number, _, ok := ParsePatent(l.said.Number); ok {
		l.said.Number = number
	}
	r.Value, r.Keys = l, []string{l.said.Number}
}

func (i *patentSheet) sort(ctx context.Context, r db.Reader, rows []*xfer.Row) error {
	firms, err := i.firms(ctx, r, rows, func(row *xfer.Row) string { return row.Value.(*patentLine).code })
	if err != nil {
		return err
	}
	onFile := map[string]Patent{}
	for part := range slices.Chunk(rows, 500) {
		numbers := make([]any, len(part))
		for n, row := range part {
			numbers[n] = row.Value.(*patentLine).said.Number
		}
		var old []patentRow
		if err := r.Select(ctx, &old, `SELECT `+patentColumns+fromPatent+`p.number IN (`+db.Marks(len(numbers))+`)`, numbers...); err != nil {
			return err
		}
		for n := range old {
			onFile[old[n].Number] = old[n].patent()
		}
	}
	for _, row := range rows {
		l := row.Value.(*patentLine)
		e := firms[l.code]
		was, old := onFile[l.said.Number]
		l.old, l.next = old, was
		if old && e.ID != "" && was.Enterprise != string(e.ID) {
			row.Break("number", "patent.field.known")
		}
		if !old {
			l.next = Patent{Enterprise: string(e.ID), Region: e.Profile.Region, Version: 1}
		}
		i.compare(row, l, was)
	}
	return nil
}

// compare finds what a row changes; columns that a file lacks leave what is there.
func (i *patentSheet) compare(row *xfer.Row, l *patentLine, was Patent) {
	p := &l.next.PatentProfile
	p.Number = l.said.Number
	for key, set := range map[string]func(){
		"title": func() { p.Title = l.said.Title }, "applied": func() { p.Applied = l.said.Applied }, "granted": func() { p.Granted = l.said.Granted },
		"ended": func() { p.Ended = l.said.Ended }, "on_offer": func() { p.OnOffer = l.said.OnOffer }, "about": func() { p.About = l.said.About },
	} {
		if row.Has(key) {
			set()
		}
	}
	kind, f := p.check(i.s.today())
	l.next.Kind = kind
	row.BreakAll("", f.Err())
	row.Outcome = xfer.New
	if l.old {
		row.Outcome = xfer.Changed
		if *p == was.PatentProfile {
			row.Outcome = xfer.Unchanged
		}
	}
}

func (i *patentSheet) write(ctx context.Context, tx *db.Tx, b *gate.Batch, rows []*xfer.Row) error {
	for _, row := range rows {
		l := row.Value.(*patentLine)
		p, save := &l.next, updatePatent
		if !l.old {
			p.ID, save = db.NewID(), insertPatent
		}
		if err := b.Add(&gate.Change{
			By: i.by, Do: KeepPatent, On: p.Target(), Record: gate.Record{Kind: PatentRecord, ID: p.ID}, Detail: map[string]any{"number": p.Number, "import": true},
		}); err != nil {
			return err
		}
		p.setEnd()
		if err := save(ctx, tx, p); err != nil {
			return err
		}
		if err := i.s.countPatent(ctx, tx, p); err != nil {
			return err
		}
	}
	return nil
}

// ExportPatents writes the patents within the actor's reach, the newest first
// (导出专利).
func (s *Service) ExportPatents(ctx context.Context, by authz.Actor, f PatentFilter, lang text.Lang, put func(cells []string) error) error {
	return db.Pages(func(page db.Page) ([]Patent, string, error) {
		list, next, _, err := s.PatentsIn(ctx, by.Scope(SeePatent), f, page)
		return list, next, err
	}, func(list []Patent) error {
		codes, err := codesBy(ctx, s.db, list, func(p *Patent) string { return p.Enterprise })
		for n := range list {
			p := &list[n]
			if err == nil {
				err = put([]string{
					p.Number, p.Title, codes[p.Enterprise], p.Holder, string(p.Kind), p.Applied, p.Granted, p.Ended, xfer.Bool(p.OnOffer, lang), p.About,
				})
			}
		}
		return err
	})
}
