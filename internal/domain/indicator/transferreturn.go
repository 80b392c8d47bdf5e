package indicator

import (
	"cmp"
	"context"
	"maps"
	"math"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/xfer"
)

// ReturnTable is the values of returns as a spreadsheet (上报数据).
func ReturnTable() *xfer.Table {
	var states []xfer.Option
	for _, s := range Lifecycle.States {
		states = append(states, xfer.Option{Value: string(s), Label: "indicator.state." + string(s)})
	}
	return &xfer.Table{Name: "return", Title: "indicator.table.return", Columns: append(figured("indicator.column.office"),
		xfer.Column{Key: "value", Label: "indicator.column.value", Type: xfer.Decimal, Example: "120", Hint: "indicator.column.value_hint"},
		xfer.Column{Key: "state", Label: "indicator.column.state", Type: xfer.Note, Options: states},
	)}
}

// ImportReturns lands rows of ReturnTable as an actor (导入上报数据): they fill in
// the returns of offices, which stay open. Sending and accepting a return are
// steps that people take.
func (s *Service) ImportReturns(_ context.Context, by authz.Actor) (xfer.Importer, error) {
	if !by.Somewhere(Fill) {
		return nil, fault.Closed()
	}
	i := &returnImporter{s.importer(by)}
	i.Land = xfer.Land{DB: s.db, Gate: s.gate, Sort: i.sort, Write: i.write}
	return i, nil
}

type returnImporter struct{ importer }

// group is the rows of one return.
type group struct {
	place  region.Code
	year   int
	rows   []*xfer.Row
	sheet  *Sheet // nil while there is none
	asked  map[string]Definition
	values map[string]float64 // as they will be
}

func (i *returnImporter) Prepare(r *xfer.Row) { prepare(r) }

// Compare has the rows of a return land together: a part is checked against its
// whole.
func (i *returnImporter) Compare(a, b *xfer.Row) int {
	x, y := a.Value.(*line), b.Value.(*line)
	return cmp.Or(cmp.Compare(x.place, y.place), cmp.Compare(x.year, y.year))
}

func (i *returnImporter) sort(ctx context.Context, r db.Reader, rows []*xfer.Row) error {
	var g *group
	for n, row := range rows {
		l := row.Value.(*line)
		if g == nil || i.Compare(rows[n-1], row) != 0 {
			g = &group{place: l.place, year: l.year}
		}
		l.group = g
		g.rows = append(g.rows, row)
		if n+1 == len(rows) || i.Compare(row, rows[n+1]) != 0 {
			if err := i.sortGroup(ctx, r, g); err != nil {
				return err
			}
		}
	}
	return nil
}

func (i *returnImporter) sortGroup(ctx context.Context, r db.Reader, g *group) error {
	defs, err := i.known(ctx, r, g.year)
	if err != nil {
		return err
	}
	g.asked = byID(Reported(defs, g.place))
	if err := i.load(ctx, r, g); err != nil {
		return err
	}
	once := xfer.Once{}
	for _, row := range g.rows {
		l := row.Value.(*line)
		if err := i.may(ctx, row, l, Fill); err != nil {
			return err
		}
		if l.find(row, defs) && row.Sound("region") && !g.asks(l.def.ID) {
			row.Break("indicator", "indicator.not_reported")
		}
		if len(row.Bad) > 0 {
			l.alone(row)
			if err := i.sealed(ctx, r, row, l); err != nil {
				return err
			}
			continue
		}
		if once.Taken(row, l.def.ID) {
			continue
		}
		if row.Outcome = g.outcome(l); row.Outcome == xfer.Unchanged {
			continue
		}
		if _, err := Lifecycle.Next(g.state(), Fill); err != nil {
			row.Break("", "indicator.import.state")
		}
		if err := i.sealed(ctx, r, row, l); err != nil {
			return err
		}
	}
	g.settle()
	return nil
}

// asks reports whether the return asks for an indicator.
func (g *group) asks(id string) bool {
	_, asked := g.asked[id]
	return asked
}

// alone tells what is wrong with the value of a broken row, whatever the others of
// its return are: those that are right are settled together.
func (l *line) alone(row *xfer.Row) {
	if l.value == nil {
		return
	}
	def, value := l.def, *l.value
	if def.ID == "" { // how fine it may be cannot be said
		value = math.Trunc(value)
	}
	def.Nature, def.Target = "", false
	for _, b := range fault.FieldsOf(checkValues(map[string]Definition{def.ID: def}, map[string]float64{def.ID: value})) {
		row.Break("value", b.Key, b.Args...)
	}
}

// load reads the return that is on file.
func (i *returnImporter) load(ctx context.Context, r db.Reader, g *group) error {
	var id string
	err := r.Get(ctx, &id, `SELECT id FROM indicator_return WHERE region = ? AND year = ?`, g.place, g.year)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	g.sheet, err = i.s.sheet(ctx, r, authz.Unbounded("each row asks for the right to fill it in"), id)
	return err
}

func (g *group) state() flow.State {
	if g.sheet == nil {
		return Draft
	}
	return g.sheet.State
}

// outcome compares a row with what is on file. An empty cell takes a value away.
func (g *group) outcome(l *line) xfer.Outcome {
	old, had := 0.0, false
	if g.sheet != nil {
		old, had = g.sheet.Values[l.def.ID]
	}
	switch {
	case l.value == nil && !had, l.value != nil && had && l.def.quantity(*l.value) == l.def.quantity(old):
		return xfer.Unchanged
	case had:
		return xfer.Changed
	default:
		return xfer.New
	}
}

// settle checks the values as they will be, and breaks the rows to blame until
// those of the others are right together.
func (g *group) settle() {
	for {
		g.values = map[string]float64{}
		if g.sheet != nil {
			maps.Copy(g.values, g.sheet.Values)
		}
		var good []*xfer.Row
		for _, row := range g.rows {
			l := row.Value.(*line)
			if len(row.Bad) > 0 || row.Outcome == xfer.Unchanged {
				continue
			}
			good = append(good, row)
			if l.value == nil {
				delete(g.values, l.def.ID)
			} else {
				g.values[l.def.ID] = *l.value
			}
		}
		if bad := fault.FieldsOf(checkValues(g.asked, g.values)); len(good) == 0 || len(bad) == 0 {
			return
		} else if !g.blame(good, bad) {
			for _, row := range good { // what is on file already breaks a rule
				row.Break("value", bad[0].Key, bad[0].Args...)
			}
		}
	}
}

// blame breaks the rows of the values that break a rule, or of their wholes.
func (g *group) blame(good []*xfer.Row, bad fault.Fields) (found bool) {
	for _, b := range bad {
		for _, of := range []string{b.Name, g.asked[b.Name].Of} {
			hit := false
			for _, row := range good {
				if row.Value.(*line).def.ID == of && of != "" {
					row.Break("value", b.Key, b.Args...)
					hit, found = true, true
				}
			}
			if hit {
				break
			}
		}
	}
	return found
}

func (i *returnImporter) write(ctx context.Context, tx *db.Tx, b *gate.Batch, rows []*xfer.Row) error {
	var done *group
	for _, row := range rows {
		g := row.Value.(*line).group
		if g == done {
			continue
		}
		done = g
		if err := i.fill(ctx, tx, b, g); err != nil {
			return err
		}
	}
	return nil
}

// fill writes the values of one return, begun when there is none yet.
func (i *returnImporter) fill(ctx context.Context, tx *db.Tx, b *gate.Batch, g *group) error {
	sheet := g.sheet
	if sheet == nil {
		sheet = &Sheet{ID: db.NewID(), Region: g.place, Year: g.year, State: Draft, Version: 1}
	}
	if err := b.Add(&gate.Change{
		By: i.by, Do: Fill, On: sheet.target(), Record: gate.Record{Kind: SheetKind, ID: sheet.ID},
		Detail: map[string]any{"office": g.place, "year": g.year, "import": true},
	}); err != nil {
		return err
	}
	if g.sheet == nil {
		if n, err := begin(ctx, tx, sheet.ID, g.place, g.year, i.by); err != nil {
			return err
		} else if n == 0 { // a colleague began it a moment ago
			return fault.New(fault.Stale, "fault.stale")
		}
	}
	next, err := Lifecycle.Next(sheet.State, Fill)
	if err != nil {
		return err
	}
	if err := move(ctx, tx, i.by, sheet, sheet.Version, Fill, next, sheet.Reason); err != nil {
		return err
	}
	return putValues(ctx, tx, sheet.ID, g.values, g.asked)
}

// ExportReturns writes the values of the returns within the actor's reach, by
// office, year and the order of the indicators, each with the state of its
// return (导出上报数据).
func (s *Service) ExportReturns(ctx context.Context, by authz.Actor, f xfer.Filter, put func(cells []string) error) error {
	return s.export(ctx, by.Scope(View), `SELECT t.region, t.year, v.indicator, v.quantity, t.state AS more
		FROM indicator_return t JOIN indicator_value v ON v.return_id = t.id`, f, put)
}
