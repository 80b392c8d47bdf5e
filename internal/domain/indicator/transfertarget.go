package indicator

import (
	"context"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/xfer"
)

// TargetTable is targets as a spreadsheet (年度目标).
func TargetTable() *xfer.Table {
	return &xfer.Table{Name: "target", Title: "indicator.table.target", Columns: append(figured("indicator.column.place"),
		xfer.Column{Key: "value", Label: "indicator.column.target", Type: xfer.Decimal, Required: true, Example: "100"},
		xfer.Column{Key: "document", Label: "indicator.column.document", Required: true, Example: "盐政发〔2008〕16号"},
	)}
}

// ImportTargets lands rows of TargetTable as an actor (导入年度目标).
func (s *Service) ImportTargets(_ context.Context, by authz.Actor) (xfer.Importer, error) {
	if !by.Somewhere(Target) {
		return nil, fault.Closed()
	}
	i := &targetImporter{s.importer(by)}
	i.Land = xfer.Land{DB: s.db, Gate: s.gate, Sort: i.sort, Write: i.write}
	return i, nil
}

type targetImporter struct{ importer }

func (i *targetImporter) Prepare(r *xfer.Row) {
	l := prepare(r)
	l.document = r.Text("document")
}

func (i *targetImporter) sort(ctx context.Context, r db.Reader, rows []*xfer.Row) error {
	once := xfer.Once{}
	for _, row := range rows {
		l := row.Value.(*line)
		defs, err := i.known(ctx, r, l.year)
		if err != nil {
			return err
		}
		if err := i.may(ctx, row, l, Target); err != nil {
			return err
		}
		known := l.find(row, defs)
		l.check(row, known)
		if len(row.Bad) > 0 {
			if err := i.sealed(ctx, r, row, l); err != nil {
				return err
			}
			continue
		}
		if once.Taken(row, string(l.place)+l.def.ID+string(lastDay(l.year))) {
			continue
		}
		l.quantity = l.def.quantity(*l.value)
		if err := i.compare(ctx, r, row, l); err != nil {
			return err
		}
	}
	return nil
}

// check tells what is wrong with a target, also of an indicator that is not known.
func (l *line) check(row *xfer.Row, known bool) {
	def, value := l.def, 0.0
	if !known {
		def.Target = true // whether it is one cannot be said
	}
	if l.value != nil {
		value = *l.value
	}
	row.BreakAll("", checkTarget(def, value, l.document))
}

func (i *targetImporter) compare(ctx context.Context, r db.Reader, row *xfer.Row, l *line) error {
	var old struct {
		Quantity int64  `db:"quantity"`
		Document string `db:"document"`
	}
	err := r.Get(ctx, &old, `SELECT quantity, document FROM indicator_target WHERE region = ? AND year = ? AND indicator = ?`,
		l.place, l.year, l.def.ID)
	switch {
	case fault.Is(err, fault.NotFound):
		row.Outcome = xfer.New
	case err != nil:
		return err
	case old.Quantity == l.quantity && old.Document == l.document:
		row.Outcome = xfer.Unchanged
		return nil
	default:
		row.Outcome = xfer.Changed
	}
	return i.sealed(ctx, r, row, l)
}

func (i *targetImporter) write(ctx context.Context, tx *db.Tx, b *gate.Batch, rows []*xfer.Row) error {
	for _, row := range rows {
		l := row.Value.(*line)
		c := &gate.Change{
			By: i.by, Do: Target, On: authz.At(l.place), Record: gate.Record{Kind: targetKind},
			Detail: map[string]any{"indicator": l.def.ID, "year": l.year, "quantity": l.quantity, "document": l.document, "import": true},
		}
		if err := b.Add(c); err != nil {
			return err
		}
		var err error
		if c.Record.ID, err = i.s.putTarget(ctx, tx, l.place, l.year, l.def.ID, l.quantity, l.document); err != nil {
			return err
		}
	}
	return nil
}

// ExportTargets writes the targets within the actor's reach, by place, year and
// the order of the indicators (导出年度目标).
func (s *Service) ExportTargets(ctx context.Context, by authz.Actor, f xfer.Filter, put func(cells []string) error) error {
	return s.export(ctx, by.Scope(View), `SELECT t.region, t.year, t.indicator, t.quantity, t.document AS more FROM indicator_target t`, f, put)
}
