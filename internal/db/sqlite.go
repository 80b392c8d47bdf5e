package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/jmoiron/sqlx"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"qiban.dev/qiban/internal/fault"
)

// A batch ends at this many writes, or after this long: whoever came first
// should not wait for a crowd, but writes that share a commit share the pages
// they change, and under load that is a third more of them.
const (
	batchMost = 128
	batchLong = 25 * time.Millisecond
	// A closure that takes longer than this is broken; it holds up everyone.
	closureLong = 60 * time.Second
)

// Every connection: WAL, a real fsync at each commit, foreign keys, patience
// with other processes, and the page cache in KiB. Readers sort in memory. The
// writer must not: a statement journal in memory is walked from its beginning
// after each statement of a long write, which made imports quadratic; past
// 64 KiB it is a file in the folder for temporary files instead.
const pragmas = "_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)" +
	"&_pragma=busy_timeout(15000)"

func openSQLite(ctx context.Context, folder string, opts Options) (*DB, error) {
	file := (&url.URL{Scheme: "file", Opaque: url.PathEscape(filepath.Join(folder, "qiban.db"))}).String()
	// What is written again and again is copied into the database file once for
	// as much of the log as the cache holds, not after each commit.
	write := openPool(file + "?_txlock=immediate&_pragma=cache_size(-" + strconv.Itoa(opts.Cache<<10) + ")" +
		"&_pragma=wal_autocheckpoint(" + strconv.Itoa(opts.Cache<<20/pageSize) + ")&" + pragmas)
	write.SetMaxOpenConns(1)
	read := openPool(file + "?_pragma=query_only(1)&_pragma=temp_store(MEMORY)&_pragma=cache_size(-8192)&" + pragmas)
	read.SetMaxOpenConns(opts.Readers)
	read.SetMaxIdleConns(opts.Readers)
	if err := errors.Join(write.PingContext(ctx), read.PingContext(ctx)); err != nil {
		return nil, fmt.Errorf("open %s: %w", folder, errors.Join(err, write.Close(), read.Close()))
	}
	d := &DB{
		dialect: SQLite, opts: opts, read: read, write: write,
		queue: make(chan *request, 1024), stop: make(chan struct{}), idle: make(chan struct{}),
	}
	d.stopped.Add(1)
	go d.commitInGroups()
	return d, nil
}

// pageSize is SQLite's, in bytes.
const pageSize = 4096

// request is one caller's write waiting for its batch.
type request struct {
	ctx   context.Context
	fn    func(ctx context.Context, tx *Tx) error
	err   error
	tx    *Tx         // what it did
	taken atomic.Bool // by the writer, or by a caller that gave up
	done  chan struct{}
}

func (d *DB) writeSQLite(ctx context.Context, fn func(context.Context, *Tx) error) error {
	req := &request{ctx: ctx, fn: fn, done: make(chan struct{})}
	select {
	case d.queue <- req:
	case <-ctx.Done():
		return ctx.Err()
	case <-d.stop:
		return closed()
	}
	select {
	case <-req.done:
	case <-ctx.Done():
		if req.taken.CompareAndSwap(false, true) {
			return ctx.Err() // it had not begun, and never will
		}
		<-req.done
	case <-d.idle: // the writer went home just before the request came
		if req.taken.CompareAndSwap(false, true) {
			return closed()
		}
		<-req.done
	}
	return req.err
}

// commitInGroups is the one writer: it takes what is waiting, runs it in one
// transaction, and answers when the commit is durable.
func (d *DB) commitInGroups() {
	defer d.stopped.Done()
	defer close(d.idle)
	for {
		select {
		case first := <-d.queue:
			d.batch(first)
		case <-d.stop:
			for {
				select {
				case req := <-d.queue:
					d.batch(req)
				default:
					return
				}
			}
		}
	}
}

func (d *DB) batch(first *request) {
	ctx, cancel := context.WithTimeout(context.Background(), closureLong)
	defer cancel()
	var members []*request
	raw, err := d.write.BeginTxx(ctx, nil)
	if err != nil {
		if first.taken.CompareAndSwap(false, true) {
			first.answer(known(err))
		}
		return
	}
	began := time.Now()
	for req := first; req != nil; req = d.next(len(members), began) {
		if !req.taken.CompareAndSwap(false, true) {
			continue
		}
		members = append(members, req)
		var broken bool
		switch {
		case len(members) == 1:
			req.err, broken = d.begin(raw, req)
		case len(members) == 2 && ended(ctx, raw):
			req.err, broken = errEnded, true
		default:
			req.err, broken = d.member(ctx, raw, req)
		}
		if len(members) == 1 && req.err != nil && !broken {
			break // nobody else is in it yet
		}
		if broken {
			err = req.err
			break
		}
	}
	if len(members) == 1 && members[0].err != nil && err == nil {
		_ = raw.Rollback() // the transaction may already be gone
		d.counters.writes.Add(1)
		close(members[0].done)
		return
	}
	if err == nil {
		from := time.Now()
		err = known(raw.Commit())
		d.counters.committed(from, err)
	}
	d.counters.writes.Add(int64(len(members)))
	if err != nil {
		_ = raw.Rollback() // the transaction may already be gone
		d.opts.Log.Error("a batch of writes failed", "writes", len(members), "error", err)
	}
	for _, req := range members {
		if req.err == nil {
			req.err = shared(err)
		}
		if req.err == nil {
			req.tx.seen()
		}
		close(req.done)
	}
}

// shared is what the others hear when their common transaction was lost: they
// did nothing wrong and may try again.
func shared(err error) error {
	if err == nil || fault.Of(err) != fault.Internal {
		return err
	}
	return fault.Because(err, fault.Unavailable, "fault.unavailable")
}

// next is another waiting write, nil when the batch should end.
func (d *DB) next(members int, began time.Time) *request {
	if members >= batchMost || time.Since(began) > batchLong {
		return nil
	}
	select {
	case req := <-d.queue:
		return req
	default:
		return nil
	}
}

// begin runs the first write of a transaction as it is: when it fails all is
// taken back. A savepoint would cost a copy of every page it changes.
func (d *DB) begin(raw *sqlx.Tx, req *request) (err error, broken bool) {
	own, cancel := req.own()
	defer cancel()
	req.tx = &Tx{Now: d.Now(), db: d, q: raw, raw: raw.Tx}
	if err = apart(own, req.tx, req.fn); err == nil {
		err = req.tx.dead // what the closure did not want to know
	}
	return err, err != nil && lost(err)
}

var errEnded = fault.New(fault.Unavailable, "fault.unavailable")

// ended reports whether the first write ended the shared transaction without a
// word: a savepoint after it would be a transaction of its own. Within one, BEGIN
// is refused.
func ended(ctx context.Context, raw *sqlx.Tx) bool {
	if _, err := raw.ExecContext(ctx, "BEGIN"); err != nil {
		return false
	}
	_, _ = raw.ExecContext(ctx, "ROLLBACK") // nothing is in it
	return true
}

// own is the context that a write runs in.
func (req *request) own() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithValue(context.WithoutCancel(req.ctx), inWrite{}, true), closureLong)
}

// member runs one of the further writes as a savepoint. broken means that the shared
// transaction is lost and every member with it.
func (d *DB) member(ctx context.Context, raw *sqlx.Tx, req *request) (err error, broken bool) {
	own, cancel := req.own()
	defer cancel()
	if _, err := raw.ExecContext(ctx, "SAVEPOINT one"); err != nil {
		return known(err), true
	}
	tx := &Tx{Now: d.Now(), db: d, q: raw, raw: raw.Tx}
	req.tx = tx
	err = apart(own, tx, req.fn)
	if err == nil {
		err = tx.dead // what the closure did not want to know
	}
	if err == nil {
		_, err = raw.ExecContext(ctx, "RELEASE one")
		return known(err), err != nil
	}
	if lost(err) {
		return err, true
	}
	if _, undo := raw.ExecContext(ctx, "ROLLBACK TO one"); undo != nil {
		return errors.Join(err, undo), true
	}
	_, undo := raw.ExecContext(ctx, "RELEASE one")
	return err, undo != nil
}

func (req *request) answer(err error) {
	req.err = err
	close(req.done)
}

// apart runs a write in a goroutine of its own, so that one that ends its
// goroutine, as a test does when it gives up, leaves the writer running.
func apart(ctx context.Context, tx *Tx, fn func(context.Context, *Tx) error) error {
	err, done := errors.New("db: a write ended its goroutine"), make(chan struct{})
	go func() {
		defer close(done)
		err = guarded(ctx, tx, fn)
	}()
	<-done
	return err
}

// guarded turns a panic in a write into an error: the writer serves everyone.
func guarded(ctx context.Context, tx *Tx, fn func(context.Context, *Tx) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic in a write: %v\n%s", p, debug.Stack())
		}
	}()
	return fn(ctx, tx)
}

// lost reports that SQLite has rolled back, or can no longer keep, the whole
// transaction: a full disk, an I/O error, no memory, an interrupt.
func lost(err error) bool {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return errors.Is(err, sql.ErrTxDone)
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_INTERRUPT,
		sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_READONLY:
		return true
	}
	return false
}

// sqliteKind translates what SQLite reports into what the caller can do.
func sqliteKind(e *sqlite.Error) (fault.Kind, bool) {
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_BUSY,
		sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_CANTOPEN:
		return fault.Unavailable, true
	}
	return 0, false
}
