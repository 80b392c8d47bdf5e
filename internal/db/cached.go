package db

import (
	"context"
	"sync/atomic"
)

// Cached is a value built from tables that seldom change, kept in this process
// and rebuilt when its version does, so that several processes agree within
// FreshFor. Its owner raises the version in the transaction that changes the
// tables. It is safe for concurrent use.
type Cached[T any] struct {
	db      *DB
	load    func(context.Context, Reader) (T, error)
	query   string // for the version
	version *Fresh[struct{}, int64]
	last    atomic.Pointer[built[T]]
}

type built[T any] struct {
	version int64
	value   T
}

// NewCached is a value whose version is one number, found by a query of one
// table. load reads the value's tables at the same moment as the version.
func NewCached[T any](d *DB, table, version string, load func(context.Context, Reader) (T, error)) *Cached[T] {
	return &Cached[T]{db: d, load: load, query: version, version: NewFresh[struct{}, int64](d, table)}
}

// Get is the value, shared by all: nobody may change it. Nothing is locked while
// it is read: whoever waited might hold the connection that the reading needs.
func (c *Cached[T]) Get(ctx context.Context) (T, error) {
	var none T
	version, err := c.version.Get(ctx, struct{}{}, func(ctx context.Context) (n int64, err error) {
		return n, c.db.Get(ctx, &n, c.query)
	})
	if err != nil {
		return none, err
	}
	if b := c.last.Load(); b != nil && b.version == version {
		return b.value, nil
	}
	b := &built[T]{}
	if err := c.db.Snapshot(ctx, func(ctx context.Context, r Reader) error {
		if err := r.Get(ctx, &b.version, c.query); err != nil {
			return err
		}
		b.value, err = c.load(ctx, r)
		return err
	}); err != nil {
		return none, err
	}
	c.last.Store(b)
	return b.value, nil
}
