package backup_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"qiban.dev/qiban/internal/backup"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/jobs"
	"qiban.dev/qiban/internal/testkit"
)

func silent() *slog.Logger { return slog.New(slog.DiscardHandler) }

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func open(t testing.TB, source string) *db.DB {
	t.Helper()
	d, err := db.Open(t.Context(), source, db.Options{Log: silent()})
	must(t, err)
	t.Cleanup(func() { _ = d.Close() })
	return d
}

// current is a database with this program's schema and the queue's tables.
func current(t testing.TB, source string) *db.DB {
	t.Helper()
	d := open(t, source)
	_, err := d.Migrate(t.Context())
	must(t, err)
	must(t, jobs.Migrate(t.Context(), d))
	return d
}

type letter struct {
	To string `json:"to"`
	At int64  `json:"at"`
}

func queue(t testing.TB, d *db.DB, got func(string)) *jobs.Jobs {
	t.Helper()
	j, err := jobs.New(d, silent(),
		jobs.KindOf("test.letter", func(_ context.Context, l letter) error {
			got(fmt.Sprintf("%s %d", l.To, l.At))
			return nil
		}),
		jobs.KindOf("test.clock", func(context.Context, struct{}) error { got("clock"); return nil }, jobs.On(jobs.Daily(3, 0))))
	must(t, err)
	return j
}

// odd is text that is easily spoilt on its way.
const odd = "盐城\"市\\ 射阳县\n\t<a href='x'>&\u2028 \x01 \x7f 🀄 e\u0301"

// fill writes rows with everything a column may hold.
func fill(t testing.TB, d *db.DB) {
	t.Helper()
	must(t, d.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		for _, row := range []struct {
			statement string
			args      []any
		}{
			{
				`INSERT INTO account_person (id, phone, email, email_pending, name, region, status, password, password_at, factor, factor_next,
					factor_at, factor_step, situation, consent, consent_at, phone_seen_at, demo, created_at, version)
				VALUES (?,?,NULL,'',?,'320924','active','',0,'','',0,0,'','',0,0,0,0,1)`, []any{"person-1", "13900000001", odd},
			},
			{`INSERT INTO notify_wish (person, mail) VALUES (?,?)`, []any{"z", int64(math.MinInt64)}},
			{`INSERT INTO notify_wish (person, mail) VALUES (?,?)`, []any{"Ä", int64(math.MaxInt64)}},
			{`INSERT INTO notify_wish (person, mail) VALUES (?,?)`, []any{"市", int64(0)}},
			{`INSERT INTO notify_wish (person, mail) VALUES (?,?)`, []any{"", int64(-1)}},
			{
				`INSERT INTO ledger_bitmap (stream, who, grain, month, region, d1, reported, bits) VALUES ('a','b','c','d','e','f',0,?)`,
				[]any{[]byte{0, 1, 255, 128, '"', '\n'}},
			},
			{`INSERT INTO ledger_bitmap (stream, who, grain, month, region, d1, reported, bits) VALUES ('a','b','c','d','e','g',0,?)`, []any{[]byte{}}},
			{`INSERT INTO ledger_subject (n, kind, id) VALUES (41, 'enterprise', 'gone')`, nil},
			{`INSERT INTO ledger_subject (kind, id) VALUES ('enterprise', 'x')`, nil},
		} {
			if tx.Dialect() == db.Postgres && strings.Contains(row.statement, "(n, kind") {
				if _, err := tx.Exec(ctx, `SELECT setval(pg_get_serial_sequence('ledger_subject', 'n'), 41)`); err != nil {
					return err
				}
			}
			if _, err := tx.Exec(ctx, row.statement, row.args...); err != nil {
				return fmt.Errorf("%s: %w", row.statement, err)
			}
		}
		return nil
	}))
}

func archive(t testing.TB, d *db.DB) ([]byte, backup.Manifest) {
	t.Helper()
	var out bytes.Buffer
	m, err := backup.Write(t.Context(), d, queue(t, d, nil), &out, backup.What{Program: "test", Site: "320900", Log: silent()})
	must(t, err)
	return out.Bytes(), m
}

func empty(t testing.TB, dialect db.Dialect) *db.DB {
	t.Helper()
	if dialect == db.Postgres {
		return open(t, testkit.Postgres(t))
	}
	return open(t, t.TempDir())
}

// An archive of either database is restored into the other, and what that one
// writes has the same hashes; so has what comes back.
func TestRecordsGoEitherWayAndComeBackTheSame(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		d := current(t, source)
		fill(t, d)
		first, m := archive(t, d)
		other := db.Postgres
		if d.Dialect() == db.Postgres {
			other = db.SQLite
		}
		for _, dialect := range []db.Dialect{other, d.Dialect()} {
			next := empty(t, dialect)
			_, err := backup.Load(t.Context(), next, bytes.NewReader(first), nil)
			must(t, err)
			var again backup.Manifest
			first, again = archive(t, next)
			again.Total = m.Total // the engine is part of it
			if diff := cmp.Diff(m, again); diff != "" {
				t.Fatalf("on %s it is something else:\n%s", dialect, diff)
			}
			var name string
			must(t, next.Get(t.Context(), &name, `SELECT name FROM account_person`))
			if name != odd {
				t.Errorf("the name is %q now", name)
			}
		}
	})
}

// Numbers that were given are not given again after a restore.
func TestNumbersGoOnAfterARestore(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		from := current(t, t.TempDir())
		fill(t, from)
		made, _ := archive(t, from)
		to := open(t, source)
		_, err := backup.Load(t.Context(), to, bytes.NewReader(made), nil)
		must(t, err)
		must(t, to.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO ledger_subject (kind, id) VALUES ('enterprise', 'new')`)
			return err
		}))
		var n int64
		must(t, to.Get(t.Context(), &n, `SELECT n FROM ledger_subject WHERE id = 'new'`))
		if n != 43 {
			t.Errorf("the new subject has number %d", n)
		}
	})
}

// What waited in the queue is done once after a restore, with its argument and
// its attempts; what was done is not done again.
func TestWaitingJobsAreNeitherLostNorDoneTwice(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		ctx := t.Context()
		from := current(t, t.TempDir())
		var before []string
		old := queue(t, from, func(s string) { before = append(before, s) })
		must(t, old.EnqueueNow(ctx, "test.letter", letter{"done", 1}))
		must(t, old.Settle(ctx))
		for i := range 1200 {
			must(t, old.EnqueueNow(ctx, "test.letter", letter{"waits", int64(i)}))
		}
		must(t, old.EnqueueNow(ctx, "test.letter", letter{"later", 9_007_199_254_740_993}, jobs.At(time.Now().Add(time.Hour))))
		must(t, old.EnqueueNow(ctx, "test.clock", nil))
		must(t, from.Write(ctx, func(ctx context.Context, tx *db.Tx) error { // one is under way in its third attempt
			_, err := tx.Exec(ctx, `UPDATE river_job SET state = 'running', attempt = 3 WHERE id = 2`)
			return err
		}))
		made, m := archive(t, from)
		if m.Jobs.Rows != 1201 {
			t.Fatalf("%d jobs are in the archive", m.Jobs.Rows)
		}
		to := open(t, source)
		_, err := backup.Load(ctx, to, bytes.NewReader(made), nil)
		must(t, err)
		var attempt int
		must(t, to.Get(ctx, &attempt, `SELECT attempt FROM river_job WHERE id = 2`))
		if attempt != 3 {
			t.Errorf("the third attempt is the %d. now", attempt)
		}
		done := make(chan string, 5000)
		now := queue(t, to, func(s string) { done <- s })
		must(t, now.Settle(ctx))
		must(t, now.EnqueueNow(ctx, "test.letter", letter{"new", 0}))
		must(t, now.Settle(ctx))
		close(done)
		seen := map[string]int{}
		for s := range done {
			seen[s]++
		}
		if len(seen) != 1201 || seen["new 0"] != 1 || seen["waits 0"] != 1 || seen["waits 1199"] != 1 || seen["done 1"] != 0 {
			t.Errorf("%d different jobs were done", len(seen))
		}
		for s, n := range seen {
			if n != 1 {
				t.Errorf("%s was done %d times", s, n)
			}
		}
		var runs int
		must(t, to.Get(ctx, &runs, `SELECT count(*) FROM job_run WHERE job IN (SELECT max(job) FROM job_run)`))
		if runs != 1 {
			t.Errorf("the new job shares its number with %d runs", runs)
		}
		var args string
		must(t, to.Get(ctx, &args, map[db.Dialect]string{
			db.SQLite: `SELECT json(args) FROM river_job WHERE state = 'scheduled'`, db.Postgres: `SELECT args::text FROM river_job WHERE state = 'scheduled'`,
		}[to.Dialect()]))
		if !strings.Contains(args, "9007199254740993") {
			t.Errorf("the job for later is %s", args)
		}
	})
}

// An archive of an older program is restored at its schema, and then brought up.
func TestAnOlderSchemaIsRestoredAndThenMigrated(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		ctx := t.Context()
		known, err := db.Known()
		must(t, err)
		from := open(t, t.TempDir())
		must(t, from.MigrateTo(ctx, known[:len(known)-1]))
		must(t, jobs.Migrate(ctx, from))
		made, _ := archive(t, from)
		to := open(t, source)
		c, err := backup.Load(ctx, to, bytes.NewReader(made), nil)
		must(t, err)
		if pending, err := to.Pending(ctx); !pending || err != nil || len(c.Versions) != len(known)-1 {
			t.Errorf("after the restore: pending %t, %v", pending, err)
		}
		n, err := to.Migrate(ctx)
		must(t, err)
		if n != 1 {
			t.Errorf("%d migrations were missing", n)
		}
	})
}

func TestOnlyAnEmptyDatabaseIsFilled(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		from := current(t, t.TempDir())
		fill(t, from)
		made, _ := archive(t, from)
		to := current(t, source)
		fill(t, to)
		if _, err := backup.Load(t.Context(), to, bytes.NewReader(made), nil); !errors.Is(err, backup.ErrNotEmpty) {
			t.Errorf("it says %v", err)
		}
		foreign := empty(t, to.Dialect())
		must(t, foreign.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `CREATE TABLE theirs (id TEXT PRIMARY KEY)`)
			return err
		}))
		if _, err := backup.Load(t.Context(), foreign, bytes.NewReader(made), nil); !errors.Is(err, backup.ErrNotEmpty) {
			t.Errorf("beside somebody else's table it says %v", err)
		}
	})
}

// A failure on the way leaves nothing to be seen, and the same target can be
// used again.
func TestAFailedRestoreLeavesNothingBehind(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		from := current(t, t.TempDir())
		fill(t, from)
		made, _ := archive(t, from)
		to := open(t, source)
		all := unpack(t, made)
		_, err := backup.Load(t.Context(), to, bytes.NewReader(pack(t, all[:len(all)-1])), nil)
		if !errors.Is(err, backup.ErrDamaged) {
			t.Fatalf("it says %v", err)
		}
		var people int
		must(t, to.Get(t.Context(), &people, `SELECT count(*) FROM account_person`))
		if people != 0 {
			t.Errorf("%d people are there", people)
		}
		_, err = backup.Load(t.Context(), to, bytes.NewReader(made), nil)
		must(t, err)
	})
}

// A table that was made by hand is left out: nothing could restore it.
func TestTablesOfOthersAreLeftOut(t *testing.T) {
	d := current(t, t.TempDir())
	must(t, d.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `CREATE TABLE mine (id TEXT PRIMARY KEY)`)
		return err
	}))
	made, _ := archive(t, d)
	c, err := backup.Check(t.Context(), bytes.NewReader(made))
	must(t, err)
	for _, table := range c.Tables {
		if table.Name == "mine" {
			t.Error("it is in the archive")
		}
	}
	_, err = backup.Load(t.Context(), empty(t, db.SQLite), bytes.NewReader(made), nil)
	must(t, err)
}

// store are uploads in memory.
type store map[string]string

func (s store) Each(_ context.Context, _ db.Reader, fn func(string, int64) error) error {
	for _, name := range sorted(s) {
		if err := fn(name, int64(len(s[name]))); err != nil {
			return err
		}
	}
	return nil
}

func (s store) Open(_ context.Context, name string) (io.ReadCloser, error) {
	return io.NopCloser(strings.NewReader(s[name])), nil
}

func (s store) Put(_ context.Context, name string, _ int64, content io.Reader) error {
	raw, err := io.ReadAll(content)
	s[name] = string(raw)
	return err
}

func TestUploadsAndTheSecretGoAlong(t *testing.T) {
	d := current(t, t.TempDir())
	kept := store{
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad": "abc",
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855": "",
	}
	what := backup.What{Files: kept, Secret: []byte("5ec7e7"), Log: silent()}
	var out bytes.Buffer
	m, err := backup.Write(t.Context(), d, queue(t, d, nil), &out, what)
	must(t, err)
	if m.Files.Rows != 2 || m.Files.Bytes != 3 {
		t.Errorf("%+v", m.Files)
	}
	back := store{}
	c, err := backup.Load(t.Context(), empty(t, db.SQLite), bytes.NewReader(out.Bytes()), back)
	must(t, err)
	if diff := cmp.Diff(kept, back); diff != "" || string(c.Key) != "5ec7e7" {
		t.Errorf("the secret is %q; uploads:\n%s", c.Key, diff)
	}
	// An upload that is not what its name says stops the backup: it would be
	// found too late.
	kept["ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"] = "abd"
	if _, err := backup.Write(t.Context(), d, queue(t, d, nil), io.Discard, what); err == nil {
		t.Error("a spoilt upload was written")
	}
}
