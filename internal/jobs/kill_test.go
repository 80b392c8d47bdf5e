package jobs_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"testing"
	"time"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/jobs"
	"qiban.dev/qiban/internal/testkit"
)

const childEnv = "QIBAN_JOBS_CHILD"

func TestMain(m *testing.M) {
	if source := os.Getenv(childEnv); source != "" {
		fmt.Fprintln(os.Stderr, child(source))
		os.Exit(1) // a child ends by being killed
	}
	os.Exit(m.Run())
}

type task struct {
	N string `json:"n"`
}

// marker leaves a mark for every run of a task. It is slow enough to be killed
// in the middle.
func marker(d *db.DB) jobs.Kind {
	return jobs.KindOf("test.mark", func(ctx context.Context, what task) error {
		time.Sleep(3 * time.Millisecond)
		return d.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO mark (n) VALUES (?)`, what.N)
			return err
		})
	}, jobs.Timeout(time.Second), jobs.Attempts(100))
}

// child asks for tasks and does them until it is killed. Every second write
// fails after asking.
func child(source string) error {
	ctx := context.Background()
	d, err := db.Open(ctx, source, db.Options{Log: silent()})
	if err != nil {
		return err
	}
	j, err := jobs.New(d, silent(), marker(d))
	if err != nil {
		return err
	}
	if err := j.Start(ctx); err != nil {
		return err
	}
	fmt.Println("ready")
	for i := 0; ; i++ {
		err := d.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
			n := db.NewID()
			if i%2 == 1 {
				n = "never " + n
			}
			if _, err := tx.Exec(ctx, `INSERT INTO asked (n) VALUES (?)`, n); err != nil {
				return err
			}
			if err := j.Enqueue(ctx, tx, "test.mark", task{n}); err != nil {
				return err
			}
			if i%2 == 1 {
				return errRefused
			}
			return nil
		})
		if err != nil && !errors.Is(err, errRefused) {
			return err
		}
		time.Sleep(time.Millisecond)
	}
}

var errRefused = errors.New("refused")

func TestAKilledWorkerLosesNoJob(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		ctx, d := context.Background(), open(t, source)
		err := d.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `CREATE TABLE asked (n TEXT NOT NULL)`)
			if err == nil {
				_, err = tx.Exec(ctx, `CREATE TABLE mark (n TEXT NOT NULL)`)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		random := rand.New(rand.NewPCG(7, 7))
		const rounds = 8
		for range rounds {
			killOnce(t, source, 50*time.Millisecond+time.Duration(random.Int64N(int64(300*time.Millisecond))))
		}

		j := queue(t, d, marker(d))
		if err := j.Start(ctx); err != nil {
			t.Fatal(err)
		}
		left := int64(1)
		for deadline := time.Now().Add(2 * time.Minute); left > 0; time.Sleep(50 * time.Millisecond) {
			if err := d.Get(ctx, &left, `SELECT count(*) FROM river_job WHERE state IN ('available', 'running', 'retryable', 'scheduled')`); err != nil {
				t.Fatal(err)
			}
			if time.Now().After(deadline) {
				t.Fatalf("%d jobs were not done", left)
			}
		}
		if err := j.Stop(ctx); err != nil {
			t.Fatal(err)
		}

		var asked, lost, ghosts, marks, often int64
		for query, into := range map[string]*int64{
			`SELECT count(*) FROM asked`:                                          &asked,
			`SELECT count(*) FROM mark`:                                           &marks,
			`SELECT count(*) FROM asked WHERE n NOT IN (SELECT n FROM mark)`:      &lost,
			`SELECT count(*) FROM mark WHERE n NOT IN (SELECT n FROM asked)`:      &ghosts,
			`SELECT count(*) FROM job_run WHERE outcome IN ('failed', 'gave_up')`: &often,
		} {
			if err := d.Get(ctx, into, query); err != nil {
				t.Fatal(err)
			}
		}
		var runs, open int64
		if err := errors.Join(d.Get(ctx, &runs, `SELECT count(*) FROM job_run`),
			d.Get(ctx, &open, `SELECT count(*) FROM job_run WHERE outcome = 'running'`)); err != nil {
			t.Fatal(err)
		}
		t.Logf("%d tasks asked for, %d runs, %d marks", asked, runs, marks)
		// A kill can repeat only what was under way: four workers, and what they
		// had done but not yet reported.
		if asked == 0 || lost != 0 || ghosts != 0 || often != 0 || open != 0 || marks < asked || marks > runs {
			t.Errorf("asked %d, never done %d, never asked for %d, failed %d, open records %d, marks %d, runs %d",
				asked, lost, ghosts, often, open, marks, runs)
		}
	})
}

// killOnce runs a child and kills it a while after it began to work.
func killOnce(t *testing.T, source string, after time.Duration) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+source)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || line != "ready\n" {
		t.Fatalf("the child said %q, %v", line, err)
	}
	time.Sleep(after)
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
}
