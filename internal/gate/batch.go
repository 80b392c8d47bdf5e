package gate

import (
	"context"

	"qiban.dev/qiban/internal/db"
)

// Batch gathers many changes of one transaction: each is checked and gets an
// entry of its own, written together at the end.
type Batch struct{ changes []*Change }

// Add notes a change that the closure makes, after checking the right to it.
func (b *Batch) Add(c *Change) error {
	if err := Check(c); err != nil {
		return err
	}
	b.changes = append(b.changes, c)
	return nil
}

// Batch makes many changes in one transaction, such as the rows of an import:
// fn adds each to the batch before it writes it. One that the actor may not
// make undoes them all, so ask Check first. Without any change nothing is
// written. Keep a batch to what may hold up other writers: a few thousand.
// No change of a batch has Once.
func (g *Gate) Batch(ctx context.Context, fn func(ctx context.Context, tx *db.Tx, b *Batch) error) error {
	return g.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		var b Batch
		if err := fn(ctx, tx, &b); err != nil {
			return err
		}
		return g.appendAll(ctx, tx, b.changes)
	})
}

// appendAll writes the entries of a batch, one after the other in the lane of
// the first.
func (g *Gate) appendAll(ctx context.Context, tx *db.Tx, changes []*Change) error {
	if len(changes) == 0 {
		return nil
	}
	lane := g.lane(changes[0])
	last, err := g.head(ctx, tx, lane)
	if err != nil {
		return err
	}
	var rows []any
	for _, c := range changes {
		e, err := g.entry(tx, c, lane)
		if err != nil {
			return err
		}
		e.Seq = last.Seq + 1
		e.Hash = e.chain(last.Hash)
		rows = append(rows, e.values()...)
		last = e
	}
	if err := tx.InsertAll(ctx, intoEntry, len(rows)/len(changes), rows); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE audit_head SET seq = ?, hash = ? WHERE lane = ?`, last.Seq, last.Hash, lane)
	return err
}
