package xfer

import (
	"context"
	"slices"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/gate"
)

// Land is the Apply of an Importer, in its two halves: what each row is about,
// and the writing of it.
type Land struct {
	DB   *db.DB
	Gate *gate.Gate
	// Sort finds what is on file about the rows and sets the Outcome of each, or
	// adds to its Bad. It writes nothing. It also takes rows that are broken, so that
	// everything wrong with a row is told at once: cells that could not be read count
	// as empty, and what hangs on a broken column is for rows whose columns are Sound.
	Sort func(ctx context.Context, r db.Reader, rows []*Row) error
	// Write lands rows that are New or Changed, each with its entry in the batch.
	Write func(ctx context.Context, tx *db.Tx, b *gate.Batch, rows []*Row) error
}

// Look sorts rows that are broken, for what else is wrong with them. Of a column
// that is broken already, and of the row as a whole, nothing more is told: it may
// only be so because a cell is broken.
func (l Land) Look(ctx context.Context, rows []*Row) error {
	was := make([]fault.Fields, len(rows))
	for n, row := range rows {
		was[n] = slices.Clip(row.Bad)
	}
	return l.DB.Snapshot(ctx, func(ctx context.Context, r db.Reader) error {
		for n, row := range rows { // a snapshot may be taken again
			row.Bad = was[n]
		}
		if err := l.Sort(ctx, r, rows); err != nil {
			return err
		}
		for n, row := range rows {
			found := row.Bad[len(was[n]):]
			row.Bad = was[n]
			for _, f := range found {
				if f.Name != "" && !was[n].Has(f.Name) {
					row.Bad = append(row.Bad, f)
				}
			}
		}
		return nil
	})
}

// Apply sorts the rows and, unless dry, lands them in the same transaction.
func (l Land) Apply(ctx context.Context, rows []*Row, dry bool) error {
	if dry {
		return l.DB.Snapshot(ctx, func(ctx context.Context, r db.Reader) error { return l.Sort(ctx, r, rows) })
	}
	return l.Gate.Batch(ctx, func(ctx context.Context, tx *db.Tx, b *gate.Batch) error {
		for _, r := range rows { // what an earlier try found may have changed
			r.Bad, r.Outcome = nil, ""
		}
		if err := l.Sort(ctx, tx, rows); err != nil {
			return err
		}
		var good []*Row
		for _, r := range rows {
			if len(r.Bad) == 0 && r.Outcome != Unchanged {
				good = append(good, r)
			}
		}
		if len(good) == 0 {
			return nil
		}
		return l.Write(ctx, tx, b, good)
	})
}

// Read notes in the audit trail of each record that its personal data went out
// with an export, and checks the right to that. Call it before they are written.
func Read(ctx context.Context, g *gate.Gate, by authz.Actor, do authz.Permission, what string, on map[gate.Record]authz.Target) error {
	if len(on) == 0 {
		return nil
	}
	return g.Batch(ctx, func(_ context.Context, _ *db.Tx, b *gate.Batch) error {
		for record, target := range on {
			c := &gate.Change{By: by, Do: do, On: target, Record: record, Detail: map[string]any{"read": what}}
			if err := b.Add(c); err != nil {
				return err
			}
		}
		return nil
	})
}

// Once tells rows of one Apply that are about the same record, which they may
// name in different ways: by its record's id, the line of the first.
type Once map[string]int

// Taken notes the record that a row is about. The second row about it is broken; of
// a row that is broken anyhow nothing is noted.
func (o Once) Taken(r *Row, record string) bool {
	if len(r.Bad) > 0 {
		return false
	}
	if line, twice := o[record]; twice {
		r.Break("", "xfer.row.twice", "row", line)
		return true
	}
	o[record] = r.Line
	return false
}
