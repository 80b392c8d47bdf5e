// Package db opens the database and is the only door to it (数据库): an embedded
// SQLite file by default, PostgreSQL when one machine is outgrown. SQL is
// written by hand with ? placeholders and must run on both.
//
// Readers and the writer are separate. Reading never waits for writing. On
// SQLite the writes of concurrent callers share one durable commit; on
// PostgreSQL each has a transaction of its own.
package db

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jmoiron/sqlx"

	"qiban.dev/qiban/internal/fault"
)

// Dialect tells the two databases apart where SQL must differ.
type Dialect string

const (
	SQLite   Dialect = "sqlite"
	Postgres Dialect = "postgres"
)

// Options tune an open database; the zero value is right for production.
type Options struct {
	Log      *slog.Logger     // default slog.Default
	Clock    func() time.Time // the clock behind Tx.Now; default the system's
	ReadOnly bool             // refuse every write as Unavailable
	Readers  int              // reading connections; default 8
	// Cache is the SQLite writer's page cache in MiB; default 8. What writes all
	// over a large database, such as an import, writes each page once with a
	// larger one, and again and again without.
	Cache int
}

// DB is an open database. It is safe for concurrent use.
type DB struct {
	dialect  Dialect
	opts     Options
	read     *sqlx.DB
	write    *sqlx.DB
	pool     *pgxpool.Pool // PostgreSQL only
	queue    chan *request // SQLite only
	stop     chan struct{}
	idle     chan struct{} // SQLite only: closed when the writer has ended
	stopped  sync.WaitGroup
	once     sync.Once
	counters counters
	rebound  sync.Map // query with ? → query as the dialect wants it
	changed  sync.Map // table → how many commits may have changed it, *atomic.Int64
	writes   sync.Map // query → the counts of the tables that it may change
	within   *Tx      // the transaction whose inside this is, nil for the database itself
}

// Open opens the database at source: a folder for SQLite (made when missing,
// the file is qiban.db in it) or a postgres:// URL. It does not migrate.
func Open(ctx context.Context, source string, opts Options) (*DB, error) {
	if opts.Log == nil {
		opts.Log = slog.Default()
	}
	if opts.Clock == nil {
		opts.Clock = time.Now
	}
	if opts.Readers == 0 {
		opts.Readers = 8
	}
	if opts.Cache == 0 {
		opts.Cache = 8
	}
	if postgresURL(source) {
		return openPostgres(ctx, source, opts)
	}
	if err := os.MkdirAll(source, 0o700); err != nil {
		return nil, err
	}
	return openSQLite(ctx, source, opts)
}

// Close waits for the writes under way and closes the database.
func (d *DB) Close() error {
	var err error
	d.once.Do(func() {
		close(d.stop)
		d.stopped.Wait()
		if d.write != d.read {
			err = d.write.Close()
		}
		err = errors.Join(err, d.read.Close())
		if d.pool != nil {
			d.pool.Close()
		}
	})
	return err
}

// Dialect is which database this is.
func (d *DB) Dialect() Dialect { return d.dialect }

// Now is the time by the database's clock, for reading; a change uses Tx.Now.
func (d *DB) Now() time.Time { return d.opts.Clock().UTC().Truncate(time.Millisecond) }

// Writer is the pool that changes go through. It exists for the job queue,
// which shares the one SQLite writer; everything else uses Write.
func (d *DB) Writer() *sql.DB { return d.write.DB }

// Pool is the PostgreSQL pool, nil on SQLite. It exists for the job queue.
func (d *DB) Pool() *pgxpool.Pool { return d.pool }

// Reader reads records: the database itself, where each query sees its own
// moment, or a Tx, where all see the same.
type Reader interface {
	// Get scans the one row of a query into dst, a pointer to a struct or a
	// single value. No row is fault.NotFound.
	Get(ctx context.Context, dst any, query string, args ...any) error
	// Select scans all rows into dst, a pointer to a slice.
	Select(ctx context.Context, dst any, query string, args ...any) error
	// Each calls fn with each row; it stops at fn's first error and returns it.
	Each(ctx context.Context, fn func(rows *sqlx.Rows) error, query string, args ...any) error
	Dialect() Dialect
}

func (d *DB) Get(ctx context.Context, dst any, query string, args ...any) error {
	if d.within != nil {
		return d.within.Get(ctx, dst, query, args...)
	}
	return get(ctx, d.read, dst, d.rebind(query), args)
}

func (d *DB) Select(ctx context.Context, dst any, query string, args ...any) error {
	if d.within != nil {
		return d.within.Select(ctx, dst, query, args...)
	}
	count(ctx)
	return known(d.read.SelectContext(ctx, dst, d.rebind(query), args...))
}

func (d *DB) Each(ctx context.Context, fn func(*sqlx.Rows) error, query string, args ...any) error {
	if d.within != nil {
		return d.within.Each(ctx, fn, query, args...)
	}
	return each(ctx, d.read, fn, d.rebind(query), args)
}

// Snapshot calls fn with a reader all of whose queries see the same moment.
func (d *DB) Snapshot(ctx context.Context, fn func(ctx context.Context, r Reader) error) error {
	if d.within != nil {
		return fn(ctx, d.within)
	}
	raw, err := d.read.BeginTxx(ctx, &sql.TxOptions{ReadOnly: true, Isolation: d.snapshotLevel()})
	if err != nil {
		return known(err)
	}
	defer func() { _ = raw.Rollback() }() // nothing was written
	return fn(ctx, &Tx{Now: d.Now(), db: d, q: raw})
}

func (d *DB) snapshotLevel() sql.IsolationLevel {
	if d.dialect == Postgres {
		return sql.LevelRepeatableRead
	}
	return sql.LevelDefault
}

// Write runs fn in one transaction and returns once it is durable. fn may run
// more than once (a serialization failure on PostgreSQL), so it must keep no
// state of an earlier run, and it must not start another Write. Its context
// does not end with the caller's: others' writes may share the commit.
//
// Only gate, jobs, ledger roll-ups and sessions call Write; records change
// through gate.Write.
func (d *DB) Write(ctx context.Context, fn func(ctx context.Context, tx *Tx) error) error {
	if d.within != nil {
		return d.within.part(ctx, fn)
	}
	if d.opts.ReadOnly {
		return fault.New(fault.Unavailable, "fault.read_only")
	}
	if ctx.Value(inWrite{}) != nil {
		return errors.New("db: a write inside a write would wait for itself")
	}
	select {
	case <-d.stop:
		return closed()
	default:
	}
	if d.dialect == Postgres {
		return d.writePostgres(ctx, fn)
	}
	return d.writeSQLite(ctx, fn)
}

// closed is the answer to whoever writes to a database that is closing.
func closed() error { return fault.New(fault.Unavailable, "fault.unavailable") }

// inWrite marks the context of a write closure, to refuse nesting.
type inWrite struct{}

// reboundMost bounds the queries kept rewritten: longer ones are put together
// from what was asked, in too many ways to keep them all.
const reboundMost = 2000

func (d *DB) rebind(query string) string {
	if d.dialect == SQLite {
		return query
	}
	if q, ok := d.rebound.Load(query); ok {
		return q.(string)
	}
	q := sqlx.Rebind(sqlx.DOLLAR, query)
	if len(query) <= reboundMost {
		d.rebound.Store(query, q)
	}
	return q
}

type querier interface {
	GetContext(ctx context.Context, dst any, query string, args ...any) error
	SelectContext(ctx context.Context, dst any, query string, args ...any) error
	QueryxContext(ctx context.Context, query string, args ...any) (*sqlx.Rows, error)
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

func get(ctx context.Context, q querier, dst any, query string, args []any) error {
	count(ctx)
	err := q.GetContext(ctx, dst, query, args...)
	if errors.Is(err, sql.ErrNoRows) {
		return fault.Missing()
	}
	return known(err)
}

func each(ctx context.Context, q querier, fn func(*sqlx.Rows) error, query string, args []any) error {
	count(ctx)
	rows, err := q.QueryxContext(ctx, query, args...)
	if err != nil {
		return known(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := fn(rows); err != nil {
			return err
		}
	}
	return known(rows.Err())
}
