package enterprise

import (
	"context"
	"maps"
	"slices"
	"strconv"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/xfer"
)

// YearTable is the yearly figures of enterprises as a spreadsheet (企业年度数据).
func YearTable() *xfer.Table {
	var sources []xfer.Option
	for _, s := range []YearSource{SelfReported, AnnualReturn, Imported} {
		sources = append(sources, xfer.Option{Value: string(s), Label: "enterprise.source." + string(s)})
	}
	return &xfer.Table{Name: Kind + "-year", Title: "enterprise.table.year", Columns: slices.Concat(numbered(), []xfer.Column{
		{Key: "name", Label: "enterprise.column.name", Type: xfer.Note},
		{Key: "year", Label: "enterprise.column.year", Type: xfer.Number, Required: true, Example: "2008"},
		{Key: "employees", Label: "enterprise.column.employees", Type: xfer.Number, Example: "240", Hint: "enterprise.column.figures_hint"},
		{Key: "revenue", Label: "enterprise.column.revenue", Type: xfer.Money, Example: "41300000"},
		{Key: "assets", Label: "enterprise.column.assets", Type: xfer.Money, Example: "25600000"},
		{Key: "source", Label: "enterprise.column.source", Type: xfer.Choice, Options: sources, Hint: "enterprise.column.source_hint"},
	})}
}

// ImportYears lands rows of YearTable as an actor (导入企业年度数据): the figures of
// one year of an enterprise on the register, which a row knows by its numbers.
// The size classes follow.
func (s *Service) ImportYears(ctx context.Context, by authz.Actor) (xfer.Importer, error) {
	if !by.Somewhere(Edit) {
		return nil, fault.Closed()
	}
	rules, err := s.Rules(ctx)
	i := &yearImporter{s: s, by: by, rules: rules, today: dayOf(s.db.Now())}
	i.Land = xfer.Land{DB: s.db, Gate: s.gate, Sort: i.sort, Write: i.write}
	return i, err
}

type yearImporter struct {
	xfer.Land
	s     *Service
	by    authz.Actor
	rules Rules
	today string
}

// yearLine is what a row says, and once it is sorted what it is about.
type yearLine struct {
	codes []Identifier
	said  Year // Source is "" when the row does not say
	of    *entry
	next  Year // with the version that was read, 0 for a new year
}

func (i *yearImporter) Prepare(r *xfer.Row) {
	l := &yearLine{codes: numbers(r), said: Year{
		Source:  YearSource(r.Pick("source")),
		Figures: Figures{Employees: r.Int("employees"), Revenue: r.Fen("revenue"), Assets: r.Fen("assets")},
	}}
	if year := r.Int("year"); year != nil {
		l.said.Year = int(*year)
	}
	for _, c := range l.codes {
		r.Keys = append(r.Keys, string(c.Kind)+c.Value+"/"+strconv.Itoa(l.said.Year))
	}
	r.Value = l
}

func (i *yearImporter) sort(ctx context.Context, r db.Reader, rows []*xfer.Row) error {
	known, err := known(ctx, r, rows, func(row *xfer.Row) []Identifier { return row.Value.(*yearLine).codes })
	if err != nil {
		return err
	}
	var ids []any
	scope := i.by.Scope(View)
	for _, row := range rows {
		l := row.Value.(*yearLine)
		if l.of, _ = holder(row, scope, l.codes, known); l.of != nil {
			ids = append(ids, l.of.ID)
		}
	}
	years := map[ID][]Year{}
	for part := range slices.Chunk(ids, 1000) {
		some, err := yearsOf(ctx, r, part)
		if err != nil {
			return err
		}
		maps.Copy(years, some)
	}
	once := xfer.Once{}
	for _, row := range rows {
		l := row.Value.(*yearLine)
		switch {
		case l.of == nil:
			if row.Sound("", creditColumn, orgColumn, regColumn) {
				row.Break(creditColumn, "enterprise.import.unknown")
			}
			i.figures(row, l.said)
		case !once.Taken(row, string(l.of.ID)+strconv.Itoa(l.said.Year)):
			i.compare(row, l, years[l.of.ID])
		}
	}
	return nil
}

// compare finds out what a row changes, and whether it may.
func (i *yearImporter) compare(r *xfer.Row, l *yearLine, years []Year) {
	switch {
	case !i.by.May(Edit, l.of.Target()):
		r.Break("", "xfer.row.foreign", "value", string(l.of.Profile.Region))
	case l.of.Status == Closed:
		r.Break("", "enterprise.import.closed")
	}
	old := Year{Year: l.said.Year, Source: Imported}
	if n := slices.IndexFunc(years, func(y Year) bool { return y.Year == l.said.Year }); n >= 0 {
		old = years[n]
	}
	l.next = old
	for key, take := range map[string]func(){
		"employees": func() { l.next.Figures.Employees = l.said.Figures.Employees },
		"revenue":   func() { l.next.Figures.Revenue = l.said.Figures.Revenue },
		"assets":    func() { l.next.Figures.Assets = l.said.Figures.Assets },
	} {
		if r.Has(key) {
			take()
		}
	}
	if l.said.Source != "" {
		l.next.Source = l.said.Source
	}
	i.figures(r, l.next)
	switch {
	case old.Version == 0:
		r.Outcome = xfer.New
	case l.next.Source == old.Source && l.next.Figures.same(old.Figures):
		r.Outcome = xfer.Unchanged
	default:
		r.Outcome = xfer.Changed
	}
}

// figures tells what is wrong with the figures of a year, whosever they are.
func (i *yearImporter) figures(r *xfer.Row, y Year) {
	if y.Source == "" {
		y.Source = Imported
	}
	zero := new(int64)
	for key, figure := range map[string]**int64{"employees": &y.Figures.Employees, "revenue": &y.Figures.Revenue, "assets": &y.Figures.Assets} {
		if !r.Sound(key) {
			*figure = zero // there is one, though it cannot be read
		}
	}
	r.BreakAll("", checkYear(y, i.today))
}

// same reports whether all figures are the same; one that is not known differs
// from 0.
func (f Figures) same(o Figures) bool {
	equal := func(a, b *int64) bool { return a == b || a != nil && b != nil && *a == *b }
	return equal(f.Employees, o.Employees) && equal(f.Revenue, o.Revenue) && equal(f.Assets, o.Assets)
}

func (i *yearImporter) write(ctx context.Context, tx *db.Tx, b *gate.Batch, rows []*xfer.Row) error {
	var touched []ID
	for _, r := range rows {
		l := r.Value.(*yearLine)
		if err := b.Add(&gate.Change{
			By: i.by, Do: Edit, On: l.of.Target(), Record: gate.Record{Kind: Kind, ID: string(l.of.ID)},
			Detail: map[string]any{"year": l.next.Year, "source": l.next.Source, "import": true},
		}); err != nil {
			return err
		}
		if err := putYear(ctx, tx, l.of.ID, l.next, i.by.ID); err != nil {
			return err
		}
		touched = append(touched, l.of.ID)
	}
	slices.Sort(touched)
	for _, id := range slices.Compact(touched) {
		if err := i.s.refresh(ctx, tx, id, i.rules); err != nil {
			return err
		}
	}
	return nil
}

// ExportYears writes the yearly figures of the enterprises that the filter finds
// within the actor's reach, by place, name and year (导出企业年度数据); year 0 is
// every year.
func (s *Service) ExportYears(ctx context.Context, by authz.Actor, f Filter, year int, put func(cells []string) error) error {
	return s.eachPage(ctx, by, f, func(list []Enterprise) error {
		ids := make([]any, len(list))
		for i, e := range list {
			ids[i] = e.ID
		}
		years, err := yearsOf(ctx, s.db, ids)
		if err != nil {
			return err
		}
		for _, e := range list {
			for _, y := range slices.Backward(years[e.ID]) {
				if year != 0 && y.Year != year {
					continue
				}
				if err := put(slices.Concat(e.numberCells(), []string{
					e.Profile.Name, strconv.Itoa(y.Year), xfer.Whole(y.Figures.Employees), xfer.Yuan(y.Figures.Revenue),
					xfer.Yuan(y.Figures.Assets), string(y.Source),
				})); err != nil {
					return err
				}
			}
		}
		return nil
	})
}
