package db

import (
	"context"
	"slices"
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

// Get is the value, as of now; within a Reading, as of when it was first asked
// for. version is a query for one number; load reads the tables at the same
// moment as the number. One query when nothing changed.
func (c *Cached[T]) Get(ctx context.Context, d *DB, version string, load func(context.Context, Reader) (T, error)) (T, error) {
	reading, _ := ctx.Value(readingKey{}).(*reading)
	if reading.has(c) {
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.value, nil
	}
	var now int64
	if err := d.Get(ctx, &now, version); err != nil {
		var none T
		return none, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.have && c.version == now {
		reading.note(c)
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
	if err == nil {
		reading.note(c)
	}
	return c.value, err
}

// Reading is a context in which every Cached is compared with its version row
// once: a page that asks for the tree ten times does so with one query. It is
// for requests that change nothing, since their own change would go unseen.
func Reading(ctx context.Context) context.Context {
	return context.WithValue(ctx, readingKey{}, &reading{})
}

type readingKey struct{}

// reading is which caches were compared; a nil one notes nothing.
type reading struct {
	mu   sync.Mutex
	seen []any
}

func (r *reading) has(cached any) bool {
	if r == nil {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Contains(r.seen, cached)
}

func (r *reading) note(cached any) {
	if r != nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.seen = append(r.seen, cached)
	}
}
