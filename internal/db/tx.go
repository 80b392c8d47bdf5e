package db

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jmoiron/sqlx"

	"qiban.dev/qiban/internal/fault"
)

// Tx is one change under way. Now is the only time a change may use: UTC, to
// the millisecond.
type Tx struct {
	Now time.Time
	db  *DB
	q   querier
	raw *sql.Tx
	pgx *pgx.Conn // PostgreSQL: the connection the transaction is on
	// dead is the failure that may have ended the transaction. SQLite would run
	// what comes after it outside of any, so nothing does.
	dead error
	// touched are the tables that its statements may have changed.
	touched map[*atomic.Int64]bool
}

// try runs a statement unless the transaction is dead.
func (tx *Tx) try(statement func() error) error {
	if tx.dead != nil {
		return tx.dead
	}
	err := statement()
	if err != nil && (lost(err) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)) {
		tx.dead = err
	}
	return err
}

func (tx *Tx) Get(ctx context.Context, dst any, query string, args ...any) error {
	tx.touch(query)
	return tx.try(func() error { return get(ctx, tx.q, dst, tx.db.rebind(query), args) })
}

func (tx *Tx) Select(ctx context.Context, dst any, query string, args ...any) error {
	tx.touch(query)
	return tx.try(func() error {
		count(ctx)
		return known(tx.q.SelectContext(ctx, dst, tx.db.rebind(query), args...))
	})
}

func (tx *Tx) Each(ctx context.Context, fn func(*sqlx.Rows) error, query string, args ...any) error {
	tx.touch(query)
	return tx.try(func() error { return each(ctx, tx.q, fn, tx.db.rebind(query), args) })
}

// Exec runs a statement and returns how many rows it changed.
func (tx *Tx) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	tx.touch(query)
	var res sql.Result
	err := tx.try(func() (err error) {
		count(ctx)
		res, err = tx.q.ExecContext(ctx, tx.db.rebind(query), args...)
		return known(err)
	})
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// ExecOne runs a statement that must change exactly one row: an update of a
// record where its id and version match. Anything else is fault.Stale.
func (tx *Tx) ExecOne(ctx context.Context, query string, args ...any) error {
	n, err := tx.Exec(ctx, query, args...)
	if err == nil && n != 1 {
		return fault.New(fault.Stale, "fault.stale")
	}
	return err
}

// Lock holds the row until the transaction ends, so that a limit checked
// against it stays true. On SQLite writes are one at a time and it does nothing.
// No such row is fault.NotFound.
func (tx *Tx) Lock(ctx context.Context, table, id string) error {
	if tx.db.dialect == SQLite {
		return nil
	}
	var got string
	return tx.Get(ctx, &got, "SELECT id FROM "+table+" WHERE id = ? FOR UPDATE", id)
}

// Writing reports whether this is a change rather than a snapshot: what it reads
// may be undone.
func (tx *Tx) Writing() bool { return tx.raw != nil }

func (tx *Tx) Dialect() Dialect { return tx.db.dialect }

// Raw is the transaction itself, for the job queue to join on SQLite.
func (tx *Tx) Raw() *sql.Tx { return tx.raw }

// Conn is the connection the transaction is on, for the job queue to join on
// PostgreSQL; nil on SQLite.
func (tx *Tx) Conn() *pgx.Conn { return tx.pgx }

// NewID is a new record id: a time-ordered UUID (version 7), so that ids are
// unique across sites and sort by when they were made.
func NewID() string {
	id, err := uuid.NewV7()
	if err != nil {
		panic(err) // the machine has no randomness: nothing is safe to do
	}
	return id.String()
}

// Bool is how a truth value is stored: 1 or 0.
func Bool(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// Millis is how an instant is stored: milliseconds of Unix time.
func Millis(t time.Time) int64 { return t.UnixMilli() }

// Time reads an instant that Millis stored; zero for 0.
func Time(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// counting is the count of a context's statements, with what is kept for it.
type counting struct {
	n    *atomic.Int64
	mu   sync.Mutex
	kept map[any]any // Fresh → a Fresh of the context's own
}

type countingKey struct{}

// CountQueries returns a context whose statements are counted in n, so that a
// test can say how many a page may use.
func CountQueries(ctx context.Context, n *atomic.Int64) context.Context {
	return context.WithValue(ctx, countingKey{}, &counting{n: n, kept: map[any]any{}})
}

// countingOf is nil for a context that CountQueries did not make.
func countingOf(ctx context.Context) *counting {
	c, _ := ctx.Value(countingKey{}).(*counting)
	return c
}

// own is what the context keeps in place of what all share.
func (c *counting) own(shared any, make func() any) any {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.kept[shared]; !ok {
		c.kept[shared] = make()
	}
	return c.kept[shared]
}

func count(ctx context.Context) {
	if c := countingOf(ctx); c != nil {
		c.n.Add(1)
	}
}

// Found is the answer to a change by id that found no row: NotFound.
func Found(n int64, err error) error {
	if err == nil && n == 0 {
		return fault.Missing()
	}
	return err
}

// Part is the pattern of LIKE … ESCAPE '\' that finds the text anywhere.
func Part(text string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(text) + "%"
}
