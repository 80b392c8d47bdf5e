package jobs_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/jobs"
	"qiban.dev/qiban/internal/testkit"
)

func silent() *slog.Logger { return slog.New(slog.DiscardHandler) }

// open is a migrated database with the queue's tables.
func open(t testing.TB, source string) *db.DB {
	t.Helper()
	ctx := context.Background()
	d, err := db.Open(ctx, source, db.Options{Log: silent()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	if _, err := d.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	if err := jobs.Migrate(ctx, d); err != nil {
		t.Fatal(err)
	}
	return d
}

func queue(t testing.TB, d *db.DB, kinds ...jobs.Kind) *jobs.Jobs {
	t.Helper()
	j, err := jobs.New(d, silent(), kinds...)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

type letter struct {
	To string `json:"to"`
}

// basket collects what jobs were given.
type basket struct {
	sync.Mutex
	got []string
}

func (b *basket) put(s string) {
	b.Lock()
	defer b.Unlock()
	b.got = append(b.got, s)
}

func (b *basket) String() string {
	b.Lock()
	defer b.Unlock()
	return strings.Join(b.got, " ")
}

func settle(t *testing.T, j *jobs.Jobs) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := j.Settle(ctx); err != nil {
		t.Fatal(err)
	}
}

func TestAJobRunsOnlyIfItsTransactionCommits(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		ctx, d, b := context.Background(), open(t, source), &basket{}
		j := queue(t, d, jobs.KindOf("test.post", func(_ context.Context, l letter) error {
			b.put(l.To)
			return nil
		}))
		refused := errors.New("refused")
		err := d.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
			if err := j.Enqueue(ctx, tx, "test.post", letter{"never"}); err != nil {
				return err
			}
			return refused
		})
		if !errors.Is(err, refused) {
			t.Fatal(err)
		}
		if err := j.EnqueueNow(ctx, "test.post", letter{"盐都"}); err != nil {
			t.Fatal(err)
		}
		settle(t, j)
		if got := b.String(); got != "盐都" {
			t.Fatalf("ran for %q", got)
		}
	})
}

func TestJobsOfOneBatchAreJoinedToTheirOwnWrites(t *testing.T) {
	ctx, d := context.Background(), open(t, t.TempDir())
	var ran atomic.Int64
	j := queue(t, d, jobs.KindOf("test.post", func(context.Context, letter) error {
		ran.Add(1)
		return nil
	}))
	var wait sync.WaitGroup
	for i := range 200 { // many share one commit; every third fails after asking
		wait.Go(func() {
			_ = d.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
				if err := j.Enqueue(ctx, tx, "test.post", letter{"a"}); err != nil {
					t.Error(err)
				}
				if i%3 == 0 {
					return errors.New("no")
				}
				return nil
			})
		})
	}
	wait.Wait()
	settle(t, j)
	if ran.Load() != 133 {
		t.Fatalf("%d jobs ran, want 133", ran.Load())
	}
}

func TestUniqueCountsWaitingJobsWithTheSameArguments(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		ctx, d, b := context.Background(), open(t, source), &basket{}
		var j *jobs.Jobs
		j = queue(t, d, jobs.KindOf("test.roll", func(ctx context.Context, l letter) error {
			b.put(l.To)
			if l.To == "again" && strings.Count(b.String(), "again") == 1 {
				// Asked for while it runs: the run may have missed the reason.
				return j.EnqueueNow(ctx, "test.roll", l, jobs.Unique())
			}
			return nil
		}))
		var wait sync.WaitGroup
		for range 10 {
			wait.Go(func() {
				if err := j.EnqueueNow(ctx, "test.roll", letter{"<x> & 盐"}, jobs.Unique()); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		if err := j.EnqueueNow(ctx, "test.roll", letter{"again"}, jobs.Unique()); err != nil {
			t.Fatal(err)
		}
		settle(t, j)
		if got := b.String(); strings.Count(got, "<x> & 盐") != 1 || strings.Count(got, "again") != 2 {
			t.Fatalf("ran for %q", got)
		}
	})
}

func TestAFailingJobIsTriedAgainAndEveryRunIsOnRecord(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		ctx, d := context.Background(), open(t, source)
		var tries, panics atomic.Int64
		at := func(int) time.Duration { return 0 }
		j := queue(t, d,
			jobs.KindOf("test.flaky", func(ctx context.Context, _ struct{}) error {
				jobs.Count(ctx, "mails", 2)
				jobs.Count(ctx, "mails", 1)
				if tries.Add(1) < 3 {
					return errors.New("the other side is busy")
				}
				return nil
			}, jobs.Retry(at)),
			jobs.KindOf("test.panic", func(context.Context, struct{}) error {
				panics.Add(1)
				panic("a defect")
			}, jobs.Retry(at), jobs.Attempts(2)),
			jobs.KindOf("test.hopeless", func(context.Context, struct{}) error {
				return jobs.GiveUp(errors.New("no such mailbox"))
			}),
			jobs.KindOf("test.typed", func(context.Context, letter) error { return nil }))
		for _, name := range []string{"test.flaky", "test.panic", "test.hopeless"} {
			if err := j.EnqueueNow(ctx, name, nil); err != nil {
				t.Fatal(err)
			}
		}
		if err := j.EnqueueNow(ctx, "test.typed", map[string]any{"to": 5}); err != nil {
			t.Fatal(err)
		}
		settle(t, j)

		for kind, want := range map[string]string{
			"test.flaky":    "done failed failed",
			"test.panic":    "gave_up failed",
			"test.hopeless": "gave_up",
			"test.typed":    "gave_up",
		} {
			runs, _, err := jobs.Runs(ctx, d, jobs.Filter{Kind: kind}, db.Page{})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, r := range runs {
				got = append(got, string(r.Outcome))
				if r.Ended < r.Started || (r.Error == "") != (r.Outcome == jobs.Done) {
					t.Errorf("%s: record %+v", kind, r)
				}
				if kind == "test.flaky" && r.Counts != `{"mails":3}` {
					t.Errorf("%s counted %s", kind, r.Counts)
				}
			}
			if s := strings.Join(got, " "); s != want {
				t.Errorf("%s: %s, want %s", kind, s, want)
			}
		}
		lost, next, err := jobs.Runs(ctx, d, jobs.Filter{Outcome: jobs.GaveUp}, db.Page{Limit: 2})
		if err != nil || len(lost) != 2 || next == "" {
			t.Fatalf("%d given up, next %q, %v", len(lost), next, err)
		}
		rest, next, err := jobs.Runs(ctx, d, jobs.Filter{Outcome: jobs.GaveUp}, db.Page{Limit: 2, After: next})
		if err != nil || len(rest) != 1 || next != "" || rest[0].ID >= lost[1].ID {
			t.Fatalf("%d more, next %q, %v", len(rest), next, err)
		}
		backlog, err := jobs.Backlogs(ctx, d)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range backlog {
			if b.Waiting != 0 || b.Running != 0 || (b.Kind == "test.panic") != (b.GivenUp == 1) {
				t.Errorf("backlog %+v", b)
			}
		}
	})
}

func TestStartWorksPeriodicAndLaterJobsUntilStop(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		ctx, d := context.Background(), open(t, source)
		beat, later := make(chan struct{}, 9), make(chan struct{}, 9)
		j := queue(t, d,
			jobs.KindOf("test.beat", func(context.Context, struct{}) error {
				beat <- struct{}{}
				return nil
			}, jobs.On(jobs.Every(time.Second))),
			jobs.KindOf("test.later", func(context.Context, struct{}) error {
				later <- struct{}{}
				return nil
			}))
		if err := j.EnqueueNow(ctx, "test.later", nil, jobs.At(time.Now().Add(50*time.Millisecond))); err != nil {
			t.Fatal(err)
		}
		started, end := context.WithCancel(ctx)
		if err := j.Start(started); err != nil {
			t.Fatal(err)
		}
		end() // the end of the starter's context is not the end of the queue
		if err := j.Start(ctx); err == nil {
			t.Error("started twice")
		}
		for _, c := range []chan struct{}{beat, beat, later} {
			select {
			case <-c:
			case <-time.After(time.Minute):
				t.Fatal("a job did not run")
			}
		}
		if err := j.Stop(ctx); err != nil {
			t.Fatal(err)
		}
		if err := j.EnqueueNow(ctx, "test.later", nil); err != nil {
			t.Fatal(err)
		}
		if err := j.Start(ctx); err != nil { // and again after a stop
			t.Fatal(err)
		}
		select {
		case <-later:
		case <-time.After(time.Minute):
			t.Fatal("no job ran after the second start")
		}
		if err := j.Stop(ctx); err != nil {
			t.Fatal(err)
		}
	})
}

func TestWritersAreNotHeldUpByTheQueue(t *testing.T) {
	// A write that asks for jobs while the queue polls the one connection: any
	// wait of one for the other would never end.
	ctx, d := context.Background(), open(t, t.TempDir())
	var ran atomic.Int64
	j := queue(t, d, jobs.KindOf("test.post", func(ctx context.Context, _ letter) error {
		ran.Add(1)
		return d.Write(ctx, func(context.Context, *db.Tx) error { return nil })
	}))
	if err := j.Start(ctx); err != nil {
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for range 25 {
				if err := j.EnqueueNow(ctx, "test.post", letter{"a"}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
	for deadline := time.Now().Add(time.Minute); ran.Load() < 200; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("only %d of 200 jobs ran", ran.Load())
		}
	}
	if err := j.Stop(ctx); err != nil {
		t.Fatal(err)
	}
}

func TestTheListOfKindsIsChecked(t *testing.T) {
	d := open(t, t.TempDir())
	run := func(context.Context, struct{}) error { return nil }
	if _, err := jobs.New(d, nil, jobs.KindOf("a.b", run), jobs.KindOf("a.b", run)); err == nil {
		t.Error("two kinds of one name were taken")
	}
	if _, err := jobs.New(d, nil, jobs.Kind{Name: "a.b"}); err == nil {
		t.Error("a kind without a function was taken")
	}
	j := queue(t, d, jobs.KindOf("a.b", run))
	if err := j.EnqueueNow(context.Background(), "a.c", nil); err == nil {
		t.Error("a job of an unknown kind was taken")
	}
}

func TestMigrateMayBeCalledByManyAtOnce(t *testing.T) {
	ctx := context.Background()
	d, err := db.Open(ctx, testkit.Postgres(t), db.Options{Log: silent()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			if err := jobs.Migrate(ctx, d); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
}

// What runs every two seconds leaves a day of records, other work a month, what
// went wrong half a year; and the newest of each kind stays.
func TestRecordsOfRunsAreKeptAsLongAsTheySaySomething(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		ctx, d := context.Background(), open(t, source)
		run := func(context.Context, struct{}) error { return nil }
		j := queue(t, d, jobs.KindOf("a.often", run, jobs.On(jobs.Every(2*time.Second))), jobs.KindOf("a.daily", run, jobs.On(jobs.Daily(3, 0))))
		now := time.Now()
		for _, kind := range []string{"a.often", "a.daily"} {
			for _, outcome := range []jobs.Outcome{jobs.Done, jobs.Failed} {
				for _, days := range []int{0, 2, 40, 200} {
					if err := d.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
						_, err := tx.Exec(ctx, `INSERT INTO job_run (id, job, kind, attempt, started, ended, outcome, counts, error) VALUES (?,1,?,1,?,0,?,'{}','')`,
							db.NewID(), kind, db.Millis(now.AddDate(0, 0, -days)), outcome)
						return err
					}); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
		if err := j.Forget(ctx, now); err != nil {
			t.Fatal(err)
		}
		for kind, want := range map[string]int{"a.often": 4, "a.daily": 5} { // of today, and failures of half a year; of daily work a month
			var n int
			if err := d.Get(ctx, &n, `SELECT COUNT(*) FROM job_run WHERE kind = ?`, kind); err != nil || n != want {
				t.Errorf("%d records of %s are left, want %d: %v", n, kind, want, err)
			}
		}
	})
}
