package db_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
	"pgregory.net/rapid"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/testkit"
)

func TestASnapshotSeesOneMoment(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		ctx, d := context.Background(), notes(t, source)
		must(t, d.Write(ctx, func(ctx context.Context, tx *db.Tx) error { return note(ctx, tx, "first", 1) }))
		must(t, d.Snapshot(ctx, func(ctx context.Context, r db.Reader) error {
			for i := range 3 {
				var n int
				if err := r.Get(ctx, &n, `SELECT count(*) FROM note`); err != nil {
					return err
				}
				if n != 1 {
					t.Errorf("after %d more notes the snapshot sees %d", i, n)
				}
				must(t, d.Write(context.Background(), func(ctx context.Context, tx *db.Tx) error {
					return note(ctx, tx, fmt.Sprint(i), 1)
				}))
			}
			return nil
		}))
		if n := count(t, d, `SELECT count(*) FROM note`); n != 4 {
			t.Errorf("%d notes", n)
		}
	})
}

func TestReadersCannotWrite(t *testing.T) {
	ctx, d := context.Background(), notes(t, t.TempDir())
	err := d.Each(ctx, func(*sqlx.Rows) error { return nil }, `INSERT INTO note (id, n) VALUES ('x', 1) RETURNING id`)
	if err == nil || count(t, d, `SELECT count(*) FROM note`) != 0 {
		t.Errorf("a reader wrote: %v", err)
	}
}

func TestAReadOnlyDatabaseSaysSoAndStillReads(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		ctx := context.Background()
		must(t, notes(t, source).Write(ctx, func(ctx context.Context, tx *db.Tx) error { return note(ctx, tx, "kept", 1) }))
		d := open(t, source, func(o *db.Options) { o.ReadOnly = true })
		err := d.Write(ctx, func(context.Context, *db.Tx) error {
			t.Error("the write began")
			return nil
		})
		if !fault.Is(err, fault.Unavailable) || count(t, d, `SELECT count(*) FROM note`) != 1 {
			t.Errorf("answered %v", err)
		}
	})
}

func TestEachFailureHasItsKind(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		ctx, d := context.Background(), notes(t, source)
		write := func(query string, args ...any) error {
			return d.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
				return tx.ExecOne(ctx, query, args...)
			})
		}
		must(t, write(`INSERT INTO note (id, n, said) VALUES ('a', 1, '你好')`))
		for _, c := range []struct {
			name  string
			err   error
			check func(error) bool
		}{
			{"the same id again", write(`INSERT INTO note (id, n) VALUES ('a', 1)`), db.Unique},
			{"the same words again", write(`INSERT INTO note (id, n, said) VALUES ('b', 1, '你好')`), db.Unique},
			{"nothing where something must be", write(`INSERT INTO note (id, n) VALUES ('c', NULL)`), func(err error) bool {
				return !db.Unique(err) && fault.Is(err, fault.Internal)
			}},
			{"an update that finds no row", write(`UPDATE note SET n = 2 WHERE id = 'b'`), func(err error) bool { return fault.Is(err, fault.Stale) }},
			{"a record that is not there", d.Get(ctx, new(string), `SELECT id FROM note WHERE id = 'b'`), func(err error) bool { return fault.Is(err, fault.NotFound) }},
			{"no failure", nil, func(err error) bool { return !db.Unique(err) }},
		} {
			if !c.check(c.err) {
				t.Errorf("%s: %v", c.name, c.err)
			}
		}
		if n := count(t, d, `SELECT count(*) FROM note`); n != 1 {
			t.Errorf("%d notes", n)
		}
	})
}

func TestQueriesAreCounted(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		d := notes(t, source)
		var n atomic.Int64
		ctx := db.CountQueries(context.Background(), &n)
		must(t, d.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
			var ids []string
			if err := tx.Select(ctx, &ids, `SELECT id FROM note`); err != nil {
				return err
			}
			return note(ctx, tx, "a", 1)
		}))
		must(t, d.Each(ctx, func(*sqlx.Rows) error { return nil }, `SELECT id FROM note`))
		must(t, d.Get(ctx, new(int), `SELECT count(*) FROM note`))
		if n.Load() != 4 {
			t.Errorf("%d queries, want 4", n.Load())
		}
	})
}

func TestPagesAndTimesComeBackAsTheyWere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		// U+0000 is in no key: a cursor with it was not made here.
		keys := rapid.SliceOfN(rapid.StringMatching(`[^\x00]*`), 1, 4).Draw(t, "keys")
		got, err := db.Page{After: db.Cursor(keys...)}.Keys(len(keys))
		if err != nil || fmt.Sprintf("%q", got) != fmt.Sprintf("%q", keys) {
			t.Fatalf("%q came back as %q, %v", keys, got, err)
		}
		if _, err := (db.Page{After: db.Cursor(keys...)}).Keys(len(keys) + 1); !fault.Is(err, fault.Invalid) {
			t.Fatalf("a cursor of another list: %v", err)
		}
		if _, err := (db.Page{After: rapid.String().Filter(func(s string) bool { return s != "" }).Draw(t, "junk")}).Keys(7); !fault.Is(err, fault.Invalid) {
			t.Fatalf("junk: %v", err)
		}
		ms := rapid.Int64Range(-1<<45, 1<<45).Draw(t, "ms")
		if back := db.Time(ms); ms != 0 && db.Millis(back) != ms || ms == 0 && !back.IsZero() {
			t.Fatalf("%d came back as %v", ms, back)
		}
	})
	if keys, err := (db.Page{}).Keys(3); keys != nil || err != nil {
		t.Errorf("the first page: %v, %v", keys, err)
	}
	if _, err := (db.Page{After: db.Cursor("a\x00b")}).Keys(1); !fault.Is(err, fault.Invalid) {
		t.Errorf("a cursor that no PostgreSQL text can hold: %v", err)
	}
	for limit, want := range map[int]int{-1: 20, 0: 20, 1: 1, 200: 200, 201: 200} {
		if got := (db.Page{Limit: limit}).Size(); got != want {
			t.Errorf("a page of %d has %d", limit, got)
		}
	}
}

func TestTheClockOfAChangeIsTheDatabases(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		day := time.Date(2009, 2, 20, 9, 30, 0, 123456789, time.FixedZone("", 8*3600))
		d := open(t, source, func(o *db.Options) { o.Clock = func() time.Time { return day } })
		must(t, d.Write(context.Background(), func(_ context.Context, tx *db.Tx) error {
			if !tx.Now.Equal(day.Truncate(time.Millisecond)) || tx.Now.Location() != time.UTC || tx.Now.Nanosecond()%1e6 != 0 {
				t.Errorf("now is %v", tx.Now)
			}
			return nil
		}))
	})
}

func TestIDsSortByWhenTheyWereMade(t *testing.T) {
	last := ""
	for range 10000 {
		id := db.NewID()
		if len(id) != 36 || id <= last {
			t.Fatalf("%q comes after %q", id, last)
		}
		last = id
	}
}
