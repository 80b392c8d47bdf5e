package db_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/testkit"
)

// remembered asks for the number of a note and counts how often it asked the
// database.
type remembered struct {
	t     *testing.T
	db    *db.DB
	fresh *db.Fresh[string, int]
	loads atomic.Int64
}

func remember(t *testing.T, d *db.DB, tables ...string) *remembered {
	return &remembered{t: t, db: d, fresh: db.NewFresh[string, int](d, tables...)}
}

func (r *remembered) number(id string) int {
	r.t.Helper()
	n, err := r.fresh.Get(context.Background(), id, func(ctx context.Context) (n int, err error) {
		r.loads.Add(1)
		return n, r.db.Get(ctx, &n, `SELECT n FROM note WHERE id = ?`, id)
	})
	must(r.t, err)
	return n
}

func set(t *testing.T, d *db.DB, id string, n int) {
	t.Helper()
	must(t, d.Write(context.Background(), func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO note (id, n) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET n = excluded.n`, id, n)
		return err
	}))
}

func TestWhatIsAskedAgainAndAgainIsReadOnce(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		d := notes(t, source)
		set(t, d, "a", 1)
		r := remember(t, d, "note")
		for range 1000 {
			if n := r.number("a"); n != 1 {
				t.Fatalf("it is 1, not %d", n)
			}
		}
		if n := r.loads.Load(); n > 100 { // a slow machine may take longer than one moment
			t.Errorf("a thousand questions asked the database %d times", n)
		}
	})
}

func TestAnOwnWriteIsSeenAtOnce(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		d := notes(t, source)
		one, all := remember(t, d, "note"), remember(t, d, db.Anything)
		for i := range 50 {
			set(t, d, "a", i)
			if n, m := one.number("a"), all.number("a"); n != i || m != i {
				t.Fatalf("after writing %d it is %d, and %d", i, n, m)
			}
		}
		refused := errors.New("no")
		if err := d.Write(context.Background(), func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE note SET n = 99`)
			return errors.Join(err, refused)
		}); !errors.Is(err, refused) {
			t.Fatal(err)
		}
		if n := one.number("a"); n != 49 {
			t.Errorf("a write that was taken back left %d", n)
		}
	})
}

func TestAnotherProcesssWriteIsSeenWithinAMoment(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		other := notes(t, source)
		set(t, other, "a", 1)
		var now atomic.Int64
		d := open(t, source, func(o *db.Options) { o.Clock = func() time.Time { return time.UnixMilli(now.Load()) } })
		r := remember(t, d, "note")
		r.number("a")
		set(t, other, "a", 2)
		now.Add(db.FreshFor.Milliseconds())
		if n := r.number("a"); n != 2 {
			t.Errorf("after %v it is still %d", db.FreshFor, n)
		}
	})
}

func TestWhatFailedOrIsTooMuchIsNotKept(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		ctx, d := context.Background(), notes(t, source)
		r := remember(t, d, "note")
		if _, err := r.fresh.Get(ctx, "a", func(context.Context) (int, error) { return 7, errors.New("no") }); err == nil {
			t.Error("the failure was not told")
		}
		set(t, d, "a", 1)
		if n := r.number("a"); n != 1 {
			t.Errorf("what failed was kept: %d", n)
		}
		loads := map[string]int{}
		room := db.NewFresh[string, string](d, "note").Bounded(160, func(s string) int { return len(s) })
		for range 100 {
			for _, word := range []string{"short", "longer than a sixteenth"} {
				got, err := room.Get(ctx, word, func(context.Context) (string, error) { loads[word]++; return word, nil })
				if err != nil || got != word {
					t.Fatal(got, err)
				}
			}
		}
		if loads["short"] > 50 || loads["longer than a sixteenth"] != 100 {
			t.Errorf("what takes more than a sixteenth of the room is not kept, the rest is: %v", loads)
		}
	})
}

func TestWhoeverCountsQueriesBeginsWithNothingKept(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		d := notes(t, source)
		set(t, d, "a", 1)
		fresh := db.NewFresh[string, int](d, "note")
		cached := db.NewCached(d, "note", `SELECT count(*) FROM note`, func(ctx context.Context, r db.Reader) (n int, err error) {
			return n, r.Get(ctx, &n, `SELECT n FROM note WHERE id = 'a'`)
		})
		for page := range 3 {
			var n atomic.Int64
			ctx := db.CountQueries(context.Background(), &n)
			for range 5 {
				_, err := fresh.Get(ctx, "a", func(ctx context.Context) (v int, err error) {
					return v, d.Get(ctx, &v, `SELECT n FROM note WHERE id = 'a'`)
				})
				must(t, err)
				got, err := cached.Get(ctx)
				if err != nil || got != 1 {
					t.Fatal(got, err)
				}
			}
			want := int64(2) // the number, and the version of what is kept
			if page == 0 {
				want = 4 // which has to be read first, at the moment of its version
			}
			if n.Load() != want {
				t.Errorf("page %d made %d queries, want %d", page, n.Load(), want)
			}
		}
	})
}
