package db

import (
	"context"
	"sync"
)

// Cached is a value built from tables that seldom change, kept in this process
// and rebuilt when its version row does, so that several processes agree. Its
// owner raises the version in the transaction that changes the tables. The zero
// Cached is empty and ready.
type Cached[T any] struct {
	mu      sync.Mutex
	have    bool
	version int64
	value   T
}

// Get is the value, as of now. version is a query for one number; load reads
// the tables at the same moment as the number. One query when nothing changed.
func (c *Cached[T]) Get(ctx context.Context, d *DB, version string, load func(context.Context, Reader) (T, error)) (T, error) {
	var now int64
	if err := d.Get(ctx, &now, version); err != nil {
		var none T
		return none, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.have && c.version == now {
		return c.value, nil
	}
	err := d.Snapshot(ctx, func(ctx context.Context, r Reader) error {
		if err := r.Get(ctx, &now, version); err != nil {
			return err
		}
		fresh, err := load(ctx, r)
		if err != nil {
			return err
		}
		c.have, c.version, c.value = true, now, fresh
		return nil
	})
	return c.value, err
}
