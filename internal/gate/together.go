package gate

import (
	"context"
	"errors"

	"qiban.dev/qiban/internal/db"
)

// errTried undoes what was only tried.
var errTried = errors.New("gate: tried and not kept")

// Together makes what fn does through the gate that it is given in one
// transaction: use cases that each open a write of their own are made part of it,
// one after the other, and see what those before them did. One that fails leaves
// nothing and does not keep the others from it. Unless keep all is undone in the
// end: so it is found out what would be answered. fn may run more than once.
// No change inside has Once.
func (g *Gate) Together(ctx context.Context, keep bool, fn func(ctx context.Context, tx *db.Tx, in *Gate) error) error {
	err := g.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		err := fn(ctx, tx, &Gate{db: tx.Inside(), site: g.site, inside: true})
		if err == nil && !keep {
			err = errTried
		}
		return err
	})
	if errors.Is(err, errTried) {
		return nil
	}
	return err
}

// DB is the database that the gate guards: of a gate inside a transaction, that
// as the transaction sees it.
func (g *Gate) DB() *db.DB { return g.db }
