package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/jmoiron/sqlx"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"qiban.dev/qiban/internal/fault"
)

// retryLong bounds how long a write waits for a failover or a deadlock to pass.
const retryLong = 30 * time.Second

func openPostgres(ctx context.Context, source string, opts Options) (*DB, error) {
	cfg, err := pgxpool.ParseConfig(source)
	if err != nil {
		return nil, err
	}
	if !strings.Contains(source, "pool_max_conns") {
		cfg.MaxConns = int32(2 * opts.Readers)
	}
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, err
	}
	std := stdlib.OpenDBFromPool(pool)
	std.SetMaxIdleConns(0) // pgxpool keeps the idle ones
	both := sqlx.NewDb(std, "pgx")
	if err := both.PingContext(ctx); err != nil {
		_ = both.Close()
		pool.Close()
		return nil, fmt.Errorf("open PostgreSQL: %w", err)
	}
	return &DB{dialect: Postgres, opts: opts, read: both, write: both, pool: pool, stop: make(chan struct{})}, nil
}

func (d *DB) writePostgres(ctx context.Context, fn func(context.Context, *Tx) error) error {
	began := time.Now()
	for try := 0; ; try++ {
		committing, err := d.tryPostgres(ctx, fn)
		if err == nil || committing || !passing(err) || time.Since(began) > retryLong {
			return known(err)
		}
		pause := min(time.Second, 5*time.Millisecond<<min(try, 8))
		select {
		case <-time.After(pause/2 + rand.N(pause)): //nolint:gosec // spreads retries, guards nothing
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// tryPostgres runs fn once. committing means the failure came from the commit
// itself, whose outcome is unknown: a retry could do the work twice.
func (d *DB) tryPostgres(ctx context.Context, fn func(context.Context, *Tx) error) (committing bool, err error) {
	own, cancel := context.WithTimeout(context.WithoutCancel(ctx), closureLong)
	defer cancel()
	own = context.WithValue(own, inWrite{}, true)
	conn, err := d.write.Connx(ctx)
	if err != nil {
		return false, err
	}
	defer func() { _ = conn.Close() }()
	raw, err := conn.BeginTxx(own, nil)
	if err != nil {
		return false, err
	}
	defer func() { _ = raw.Rollback() }() // after a commit this does nothing
	tx := &Tx{Now: d.Now(), db: d, q: raw, raw: raw.Tx}
	if err := conn.Raw(func(own any) error {
		tx.pgx = own.(*stdlib.Conn).Conn()
		return nil
	}); err != nil {
		return false, err
	}
	err = guarded(own, tx, fn)
	if err == nil {
		err = tx.dead
	}
	if err != nil {
		ended := errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
		if tx.pgx.IsClosed() && !ended { // a context that ends closes the connection too
			err = &severed{err}
		}
		return false, err
	}
	from := time.Now()
	err = raw.Commit()
	tx.seen() // also when the outcome is unknown
	d.counters.writes.Add(1)
	d.counters.committed(from, err)
	var pg *pgconn.PgError
	return err != nil && !errors.As(err, &pg), err
}

// severed is the failure of a write whose connection broke before its commit
// was sent: nothing of it was kept.
type severed struct{ error }

func (s *severed) Unwrap() error { return s.error }

// passing reports failures that a retry outlives: serialization, deadlock, a
// read-only standby before promotion, a server going down, a lost connection.
func passing(err error) bool {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch pg.Code {
		case "25006", "40001", "40P01", "57P01", "57P02", "57P03":
			return true
		}
		return strings.HasPrefix(pg.Code, "08")
	}
	var connect *pgconn.ConnectError
	var cut *severed
	return errors.As(err, &connect) || errors.As(err, &cut) || pgconn.SafeToRetry(err)
}

// Unique reports that err is the breach of a unique constraint.
func Unique(err error) bool {
	if lite, ok := errors.AsType[*sqlite.Error](err); ok {
		return lite.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || lite.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY
	}
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "23505"
}

// unreachable reports that the server did not answer, or no longer does.
func unreachable(err error) bool {
	var connect *pgconn.ConnectError
	var network net.Error
	var cut *severed
	if errors.As(err, &connect) || errors.As(err, &network) || errors.As(err, &cut) {
		return true
	}
	for _, known := range []error{
		sql.ErrConnDone, driver.ErrBadConn, pgconn.ErrConnClosed, context.DeadlineExceeded,
		io.EOF, io.ErrUnexpectedEOF, net.ErrClosed,
	} {
		if errors.Is(err, known) {
			return true
		}
	}
	return false
}

// known gives a database failure the kind the caller can act on, and leaves
// faults, constraint breaches and defects as they are.
func known(err error) error {
	if err == nil || errors.Is(err, context.Canceled) || fault.Of(err) != fault.Internal {
		return err
	}
	if lite, ok := errors.AsType[*sqlite.Error](err); ok {
		if kind, ok := sqliteKind(lite); ok {
			return fault.Because(err, kind, "fault.unavailable")
		}
		return err
	}
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		if passing(err) || strings.HasPrefix(pg.Code, "53") {
			return fault.Because(err, fault.Unavailable, "fault.unavailable")
		}
		return err
	}
	if unreachable(err) {
		return fault.Because(err, fault.Unavailable, "fault.unavailable")
	}
	return err
}
