package db_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/testkit"
)

// together runs n writes so that on SQLite they queue up behind a slow one and
// share commits.
func together(d *db.DB, n int, write func(i int, ctx context.Context, tx *db.Tx) error) []error {
	ctx, errs := context.Background(), make([]error, n)
	var asking atomic.Int64
	var wait sync.WaitGroup
	wait.Go(func() {
		_ = d.Write(ctx, func(context.Context, *db.Tx) error {
			for asking.Load() < int64(n) {
				runtime.Gosched()
			}
			time.Sleep(20 * time.Millisecond)
			return nil
		})
	})
	for i := range n {
		wait.Go(func() {
			asking.Add(1)
			errs[i] = d.Write(ctx, func(ctx context.Context, tx *db.Tx) error { return write(i, ctx, tx) })
		})
	}
	wait.Wait()
	return errs
}

func TestAFailingWriteTakesBackOnlyItsOwn(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		d := notes(t, source)
		refused := errors.New("refused")
		errs := together(d, 60, func(i int, ctx context.Context, tx *db.Tx) error {
			if err := note(ctx, tx, fmt.Sprint(i), i); err != nil {
				return err
			}
			switch i % 4 {
			case 1:
				return refused
			case 2:
				panic("a defect")
			case 3: // breaks a rule of the database
				return note(ctx, tx, fmt.Sprint(i), i)
			}
			return nil
		})
		for i, err := range errs {
			switch {
			case i%4 == 0 && err != nil, i%4 == 1 && !errors.Is(err, refused), i%4 == 2 && err == nil, i%4 == 3 && !db.Unique(err):
				t.Errorf("write %d: %v", i, err)
			}
			if got := count(t, d, `SELECT count(*) FROM note WHERE id = ?`, fmt.Sprint(i)); (got == 1) != (err == nil) {
				t.Errorf("write %d answered %v and left %d rows", i, err, got)
			}
		}
	})
}

// The first write of a batch has no savepoint that would notice.
func TestAFirstWriteThatEndsTheSharedTransactionFailsEveryoneInIt(t *testing.T) {
	d := notes(t, t.TempDir())
	var asking atomic.Int64
	var wait sync.WaitGroup
	errs := make([]error, 9)
	wait.Go(func() {
		errs[0] = d.Write(context.Background(), func(ctx context.Context, tx *db.Tx) error {
			for asking.Load() < int64(len(errs)-1) {
				runtime.Gosched()
			}
			time.Sleep(5 * time.Millisecond) // the others have queued up
			_, err := tx.Exec(ctx, `ROLLBACK`)
			return err
		})
	})
	for i := 1; i < len(errs); i++ {
		wait.Go(func() {
			asking.Add(1)
			errs[i] = d.Write(context.Background(), func(ctx context.Context, tx *db.Tx) error { return note(ctx, tx, fmt.Sprint(i), i) })
		})
	}
	wait.Wait()
	for i, err := range errs[1:] {
		if got := count(t, d, `SELECT count(*) FROM note WHERE id = ?`, fmt.Sprint(i+1)); (got == 1) != (err == nil) {
			t.Errorf("write %d answered %v and left %d rows", i+1, err, got)
		}
	}
	if errs[0] == nil {
		t.Error("a transaction that is gone is said to be kept")
	}
}

func TestAWriteThatLosesTheSharedTransactionFailsEveryoneInIt(t *testing.T) {
	d := notes(t, t.TempDir())
	errs := together(d, 60, func(i int, ctx context.Context, tx *db.Tx) error {
		if err := note(ctx, tx, fmt.Sprint(i), i); err != nil {
			return err
		}
		if i%20 == 10 {
			if _, err := tx.Exec(ctx, `ROLLBACK`); err != nil {
				return err
			}
		}
		return nil
	})
	failed := 0
	for i, err := range errs {
		if got := count(t, d, `SELECT count(*) FROM note WHERE id = ?`, fmt.Sprint(i)); (got == 1) != (err == nil) {
			t.Errorf("write %d answered %v and left %d rows", i, err, got)
		}
		if err != nil {
			failed++
			if i%20 != 10 && !fault.Is(err, fault.Unavailable) {
				t.Errorf("write %d, which did nothing wrong: %v", i, err)
			}
		}
	}
	if failed < 4 {
		t.Errorf("only %d writes failed: the batch was not shared", failed)
	}
}

func TestAnInterruptedStatementCannotCommitHalfAWrite(t *testing.T) {
	// The closure uses a context of its own that ends in the middle, ignores
	// the failure and goes on.
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		d := notes(t, source)
		errs := together(d, 8, func(i int, ctx context.Context, tx *db.Tx) error {
			if err := note(ctx, tx, fmt.Sprintf("%d first", i), i); err != nil {
				return err
			}
			if i == 3 {
				short, cancel := context.WithTimeout(ctx, 30*time.Millisecond)
				defer cancel()
				_, _ = tx.Exec(short, `INSERT INTO note (id, n) WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 100000000)
					SELECT 'endless ' || n, n FROM c`)
			}
			return note(ctx, tx, fmt.Sprintf("%d last", i), i)
		})
		for i, err := range errs {
			want := int64(0)
			if err == nil {
				want = 2
			}
			if got := count(t, d, `SELECT count(*) FROM note WHERE n = ? AND id LIKE ?`, i, fmt.Sprint(i)+" %"); got != want {
				t.Errorf("write %d answered %v and left %d rows", i, err, got)
			}
		}
		if errs[3] == nil {
			t.Error("the interrupted write was acknowledged")
		}
		must(t, d.Write(context.Background(), func(ctx context.Context, tx *db.Tx) error { return note(ctx, tx, "after", 1) }))
	})
}

func TestAWriteNobodyWaitsForAnyMoreNeverBegins(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		d := notes(t, source)
		ctx, giveUp := context.WithCancel(context.Background())
		giveUp()
		err := d.Write(ctx, func(ctx context.Context, tx *db.Tx) error { return note(ctx, tx, "cancelled", 1) })
		if !errors.Is(err, context.Canceled) {
			t.Errorf("answered %v", err)
		}
		if n := count(t, d, `SELECT count(*) FROM note`); n != 0 {
			t.Error("a cancelled write was made")
		}
	})
}

func TestACallerWhoLeavesTheQueueIsNotServed(t *testing.T) {
	d := notes(t, t.TempDir())
	ctx, giveUp := context.WithCancel(context.Background())
	busy, free := make(chan struct{}), make(chan struct{})
	go func() {
		_ = d.Write(context.Background(), func(context.Context, *db.Tx) error {
			close(busy)
			<-free
			return nil
		})
	}()
	<-busy
	answer := make(chan error)
	go func() {
		answer <- d.Write(ctx, func(ctx context.Context, tx *db.Tx) error { return note(ctx, tx, "left", 1) })
	}()
	time.Sleep(10 * time.Millisecond)
	giveUp()
	if err := <-answer; !errors.Is(err, context.Canceled) {
		t.Errorf("answered %v", err)
	}
	close(free)
	must(t, d.Write(context.Background(), func(ctx context.Context, tx *db.Tx) error { return note(ctx, tx, "stayed", 1) }))
	if n := count(t, d, `SELECT count(*) FROM note`); n != 1 {
		t.Errorf("%d notes", n)
	}
}

func TestAWriteThatHasBegunOutlivesItsCaller(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		d := notes(t, source)
		ctx, giveUp := context.WithCancel(context.Background())
		err := d.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
			giveUp()
			return note(ctx, tx, "begun", 1)
		})
		if n := count(t, d, `SELECT count(*) FROM note`); err != nil || n != 1 {
			t.Errorf("%v, %d notes", err, n)
		}
	})
}

func TestAWriteInsideAWriteIsRefused(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		d := notes(t, source)
		soon(t, "a nested write", func() {
			err := d.Write(context.Background(), func(ctx context.Context, tx *db.Tx) error {
				return d.Write(ctx, func(ctx context.Context, tx *db.Tx) error { return nil })
			})
			if err == nil {
				t.Error("it was taken")
			}
		})
	})
}

func TestATestThatGivesUpInsideAWriteDoesNotStopTheWriter(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		d := notes(t, source)
		soon(t, "a write beside one that ends its goroutine", func() {
			done := make(chan struct{})
			go func() { // on PostgreSQL the closure runs here, and this goroutine ends
				defer close(done)
				if err := d.Write(context.Background(), func(ctx context.Context, tx *db.Tx) error {
					_ = note(ctx, tx, "quit", 1)
					runtime.Goexit()
					return nil
				}); err == nil {
					t.Error("it was acknowledged")
				}
			}()
			<-done
			must(t, d.Write(context.Background(), func(ctx context.Context, tx *db.Tx) error { return note(ctx, tx, "next", 1) }))
		})
		if n := count(t, d, `SELECT count(*) FROM note`); n != 1 {
			t.Errorf("%d notes", n)
		}
	})
}

func TestAClosedDatabaseAnswersEveryWriter(t *testing.T) {
	for range 20 {
		d := notes(t, t.TempDir())
		var saved atomic.Int64
		soon(t, "writing while the database closes", func() {
			var wait sync.WaitGroup
			for i := range 50 {
				wait.Go(func() {
					err := d.Write(context.Background(), func(ctx context.Context, tx *db.Tx) error { return note(ctx, tx, fmt.Sprint(i), i) })
					if err == nil {
						saved.Add(1)
					} else if !fault.Is(err, fault.Unavailable) {
						t.Errorf("answered %v", err)
					}
				})
			}
			must(t, d.Close())
			wait.Wait()
			for range 50 { // long after
				if err := d.Write(context.Background(), func(context.Context, *db.Tx) error { return nil }); !fault.Is(err, fault.Unavailable) {
					t.Errorf("a closed database answered %v", err)
				}
			}
		})
		if t.Failed() {
			return
		}
	}
}

func TestWhatWasAcknowledgedIsThereAfterClosing(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "数据 #1?&%41")
	d := notes(t, folder)
	must(t, d.Write(context.Background(), func(ctx context.Context, tx *db.Tx) error { return note(ctx, tx, "kept", 1) }))
	must(t, d.Close())
	if n := count(t, open(t, folder), `SELECT count(*) FROM note`); n != 1 {
		t.Errorf("%d notes after opening %s again", n, folder)
	}
}
