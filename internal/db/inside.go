package db

import (
	"context"
	"errors"
	"time"
)

// Inside is the database as the transaction sees it: what reads through it sees
// what was written so far, and what writes through it becomes part of the
// transaction, or is undone by itself when it fails. It ends with the transaction.
func (tx *Tx) Inside() *DB {
	opts := tx.db.opts
	opts.Clock = func() time.Time { return tx.Now }
	return &DB{dialect: tx.db.dialect, opts: opts, within: tx}
}

// part runs a write inside the transaction: when it fails nothing of it stays.
func (tx *Tx) part(ctx context.Context, fn func(ctx context.Context, tx *Tx) error) error {
	if _, err := tx.Exec(ctx, "SAVEPOINT part"); err != nil {
		return err
	}
	err := fn(ctx, tx)
	if err != nil && tx.dead == nil {
		if _, undo := tx.Exec(ctx, "ROLLBACK TO SAVEPOINT part"); undo != nil {
			return errors.Join(err, undo)
		}
	}
	if _, release := tx.Exec(ctx, "RELEASE SAVEPOINT part"); err == nil {
		err = release
	}
	return err
}
