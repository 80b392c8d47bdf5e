package db_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/testkit"
)

func TestWritesThatBlockEachOtherAreTriedAgain(t *testing.T) {
	ctx, d := context.Background(), notes(t, testkit.Postgres(t))
	must(t, d.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := note(ctx, tx, "a", 0); err != nil {
			return err
		}
		return note(ctx, tx, "b", 0)
	}))
	var tries atomic.Int64
	var both, wait sync.WaitGroup
	both.Add(2)
	for _, order := range [][]string{{"a", "b"}, {"b", "a"}} {
		wait.Go(func() {
			first := true
			if err := d.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
				tries.Add(1)
				for _, id := range order {
					if err := tx.ExecOne(ctx, `UPDATE note SET n = n + 1 WHERE id = ?`, id); err != nil {
						return err
					}
					if first { // each holds its first row before either asks for the second
						first = false
						both.Done()
						both.Wait()
					}
				}
				return nil
			}); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if n := count(t, d, `SELECT sum(n) FROM note`); n != 4 || tries.Load() < 3 {
		t.Errorf("a sum of %d after %d tries", n, tries.Load())
	}
}

func TestASerializationFailureIsTriedAgain(t *testing.T) {
	ctx, d := context.Background(), notes(t, testkit.Postgres(t))
	must(t, d.Write(ctx, func(ctx context.Context, tx *db.Tx) error { return note(ctx, tx, "sum", 0) }))
	var tries atomic.Int64
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			if err := d.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
				tries.Add(1)
				if _, err := tx.Exec(ctx, `SET TRANSACTION ISOLATION LEVEL SERIALIZABLE`); err != nil {
					return err
				}
				var n int
				if err := tx.Get(ctx, &n, `SELECT n FROM note WHERE id = 'sum'`); err != nil {
					return err
				}
				return tx.ExecOne(ctx, `UPDATE note SET n = ? WHERE id = 'sum'`, n+1)
			}); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if n := count(t, d, `SELECT n FROM note`); n != 8 {
		t.Errorf("%d of 8 counted in %d tries", n, tries.Load())
	}
}

func TestAClosureThatSwallowsAFailureIsNotAcknowledged(t *testing.T) {
	d := notes(t, testkit.Postgres(t))
	err := d.Write(context.Background(), func(ctx context.Context, tx *db.Tx) error {
		_ = note(ctx, tx, "a", 1)
		_ = note(ctx, tx, "a", 1) // PostgreSQL now refuses everything
		return nil
	})
	if n := count(t, d, `SELECT count(*) FROM note`); err == nil || n != 0 {
		t.Errorf("answered %v and left %d notes", err, n)
	}
}

// writers write in four goroutines until stop and return what was acknowledged.
func writers(t *testing.T, d *db.DB, stop <-chan struct{}) (wait func() []string) {
	t.Helper()
	var mu sync.Mutex
	var acknowledged []string
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				id := db.NewID()
				err := d.Write(context.Background(), func(ctx context.Context, tx *db.Tx) error {
					if err := note(ctx, tx, id, 1); err != nil {
						return err
					}
					return note(ctx, tx, "twin "+id, 1)
				})
				if err == nil {
					mu.Lock()
					acknowledged = append(acknowledged, id)
					mu.Unlock()
				} else if !fault.Is(err, fault.Unavailable) {
					t.Errorf("answered %v", err) // the commit's fate may be unknown, but it is said so
				}
			}
		})
	}
	return func() []string {
		all.Wait()
		return acknowledged
	}
}

// keptByTwos checks that every acknowledged note is there, and each with its twin.
func keptByTwos(t *testing.T, d *db.DB, acknowledged []string) {
	t.Helper()
	var ids []string
	must(t, d.Select(context.Background(), &ids, `SELECT id FROM note`))
	kept := map[string]bool{}
	for _, id := range ids {
		kept[id] = true
	}
	for _, id := range acknowledged {
		if !kept[id] || !kept["twin "+id] {
			t.Fatalf("%s was acknowledged and is gone", id)
		}
	}
	if n := count(t, d, `SELECT count(*) FROM note one WHERE id NOT LIKE 'twin %' AND NOT EXISTS (SELECT 1 FROM note WHERE note.id = 'twin ' || one.id)`); n != 0 || len(ids)%2 != 0 {
		t.Errorf("%d notes lack their twin", n)
	}
	t.Logf("%d acknowledged, %d kept", len(acknowledged), len(ids)/2)
}

func TestWritersOutliveConnectionsThatAreCut(t *testing.T) {
	source := testkit.Postgres(t)
	d, admin := notes(t, source), open(t, source, func(o *db.Options) { o.Readers = 1 })
	stop := make(chan struct{})
	wait := writers(t, d, stop)
	var cut int64
	for range 20 {
		time.Sleep(15 * time.Millisecond)
		var n int64
		if err := admin.Get(context.Background(), &n, `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
			WHERE datname = current_database() AND pid <> pg_backend_pid()`); err != nil {
			t.Fatal(err)
		}
		cut += n
	}
	close(stop)
	acknowledged := wait()
	if cut == 0 || len(acknowledged) == 0 {
		t.Fatalf("%d connections cut, %d writes", cut, len(acknowledged))
	}
	// A reader on a connection that was cut while idle is told to try again.
	for try := 0; ; try++ {
		err := d.Get(context.Background(), new(int), `SELECT 1`)
		if err == nil {
			break
		}
		if !fault.Is(err, fault.Unavailable) || try > 50 {
			t.Fatalf("a reader got %v", err)
		}
	}
	keptByTwos(t, d, acknowledged)
}

func TestWritersOutliveACrashOfTheServer(t *testing.T) {
	server, source := testkit.DurablePostgres(t)
	d := notes(t, source)
	stop := make(chan struct{})
	wait := writers(t, d, stop)
	for range 3 {
		time.Sleep(100 * time.Millisecond)
		must(t, server.Crash())
		must(t, server.Restart(context.Background()))
	}
	must(t, d.Write(context.Background(), func(ctx context.Context, tx *db.Tx) error { return note(ctx, tx, "last", 1) }))
	close(stop)
	acknowledged := wait()
	must(t, d.Write(context.Background(), func(ctx context.Context, tx *db.Tx) error { return note(ctx, tx, "twin last", 1) }))
	keptByTwos(t, d, append(acknowledged, "last"))
}

func TestALockHoldsALimitAgainstEveryoneElse(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		ctx, d := context.Background(), notes(t, source)
		must(t, d.Write(ctx, func(ctx context.Context, tx *db.Tx) error { return note(ctx, tx, "class", 5) })) // five seats
		var seated atomic.Int64
		var wait sync.WaitGroup
		for i := range 12 {
			wait.Go(func() {
				if err := d.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
					if err := tx.Lock(ctx, "note", "class"); err != nil {
						return err
					}
					var taken int
					if err := tx.Get(ctx, &taken, `SELECT count(*) FROM note WHERE id LIKE 'seat %'`); err != nil {
						return err
					}
					if taken >= 5 {
						return fault.New(fault.Conflict, "fault.conflict")
					}
					return note(ctx, tx, fmt.Sprintf("seat %d", i), 1)
				}); err == nil {
					seated.Add(1)
				} else if !fault.Is(err, fault.Conflict) {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		if n := count(t, d, `SELECT count(*) FROM note WHERE id LIKE 'seat %'`); n != 5 || seated.Load() != 5 {
			t.Errorf("%d seats taken, %d acknowledged", n, seated.Load())
		}
		if d.Dialect() == db.Postgres {
			err := d.Write(ctx, func(ctx context.Context, tx *db.Tx) error { return tx.Lock(ctx, "note", "no class") })
			if !fault.Is(err, fault.NotFound) {
				t.Errorf("a row that is not there: %v", err)
			}
		}
	})
}
