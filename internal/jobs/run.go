package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/riverqueue/river"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
)

// See is the right to see what the program does in the background (查看后台任务).
const See authz.Permission = "settings.jobs.see"

// Outcome is how a run ended.
type Outcome string

const (
	Running Outcome = "running" // not ended 进行中
	Done    Outcome = "done"    // 完成
	Failed  Outcome = "failed"  // will be tried again while attempts remain 失败
	GaveUp  Outcome = "gave_up" // failed for good: no attempt remains or none would help 放弃
	Lost    Outcome = "lost"    // the program ended in the middle; the job begins again 中断
)

// Key is the text key of the outcome's name.
func (o Outcome) Key() string { return "jobs.outcome." + string(o) }

// Run is the record of one attempt at one job (运行记录).
type Run struct {
	ID      string
	Job     int64 // several runs of one job are its attempts
	Kind    string
	Attempt int
	Started int64 // Unix milliseconds by the machine's clock
	Ended   int64 // 0 while it runs
	Outcome Outcome
	Counts  string // JSON: what Count added up
	Error   string // for administrators
}

const (
	runColumns = `id, job, kind, attempt, started, ended, outcome, counts, error`
	errorLong  = 2000 // bytes of an error that a record keeps
)

// tally is what a run has counted so far.
type tally struct {
	sync.Mutex
	n map[string]int64
}

type tallyKey struct{}

// Count adds to what the record of the current run says was done: "mails", 3.
// Outside a run it does nothing.
func Count(ctx context.Context, what string, n int64) {
	if t, ok := ctx.Value(tallyKey{}).(*tally); ok {
		t.Lock()
		defer t.Unlock()
		t.n[what] += n
	}
}

func (t *tally) json() string {
	t.Lock()
	defer t.Unlock()
	raw, err := json.Marshal(t.n)
	if err != nil {
		panic(err) // strings and integers always marshal
	}
	return string(raw)
}

// worker runs the jobs of one kind for River.
type worker struct {
	river.WorkerDefaults[payload]
	jobs *Jobs
	kind Kind
}

func (w *worker) Timeout(*river.Job[payload]) time.Duration { return w.kind.Timeout }

func (w *worker) NextRetry(job *river.Job[payload]) time.Time {
	if w.kind.Retry == nil {
		return time.Time{} // River's own: the fourth power of the attempt, in seconds
	}
	return time.Now().Add(w.kind.Retry(job.Attempt))
}

// Work runs the job between the two halves of its record. When the first half
// cannot be written the job is not begun.
func (w *worker) Work(ctx context.Context, job *river.Job[payload]) error {
	run := Run{ID: db.NewID(), Job: job.ID, Kind: w.kind.Name, Attempt: job.Attempt, Started: db.Millis(time.Now()), Outcome: Running}
	if err := w.jobs.begin(ctx, run); err != nil {
		return err
	}
	t := &tally{n: map[string]int64{}}
	err := calm(func() error { return w.kind.Run(context.WithValue(ctx, tallyKey{}, t), job.Args.raw) })
	run.Ended, run.Counts, run.Outcome = db.Millis(time.Now()), t.json(), Done
	if err != nil {
		run.Outcome, run.Error = Failed, shortened(err.Error())
		var hopeless *river.JobCancelError
		if errors.As(err, &hopeless) || job.Attempt >= job.MaxAttempts {
			run.Outcome = GaveUp
			w.jobs.log.Error("a job was given up", "kind", run.Kind, "job", run.Job, "attempt", run.Attempt, "error", err)
		} else {
			w.jobs.log.Warn("a job failed", "kind", run.Kind, "job", run.Job, "attempt", run.Attempt, "error", err)
		}
	}
	if failed := w.jobs.end(context.WithoutCancel(ctx), run); failed != nil {
		w.jobs.log.Error("the record of a job run was not completed", "kind", run.Kind, "job", run.Job, "error", failed)
	}
	return err
}

// calm turns a panic into an error, so that it is recorded like one.
func calm(fn func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic in a job: %v\n%s", p, debug.Stack())
		}
	}()
	return fn()
}

func shortened(s string) string {
	if len(s) > errorLong {
		s = s[:errorLong]
	}
	return strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "")
}

// begin records the run, and that earlier runs of the job were cut short.
func (j *Jobs) begin(ctx context.Context, r Run) error {
	return j.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `UPDATE job_run SET outcome = ?, ended = ? WHERE job = ? AND outcome = ?`,
			Lost, r.Started, r.Job, Running); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO job_run (`+runColumns+`) VALUES (?,?,?,?,?,?,?,?,?)`,
			r.ID, r.Job, r.Kind, r.Attempt, r.Started, 0, r.Outcome, "{}", "")
		return err
	})
}

func (j *Jobs) end(ctx context.Context, r Run) error {
	return j.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE job_run SET ended = ?, outcome = ?, counts = ?, error = ? WHERE id = ?`,
			r.Ended, r.Outcome, r.Counts, r.Error, r.ID)
		return err
	})
}

// Filter narrows a list of runs; the zero value takes all.
type Filter struct {
	Kind    string
	Outcome Outcome
}

// Runs is a page of the runs, newest first, with the cursor of the next page.
func Runs(ctx context.Context, r db.Reader, f Filter, page db.Page) ([]Run, string, error) {
	where, args := `1 = 1`, []any{}
	add := func(condition string, value any) {
		where += ` AND ` + condition
		args = append(args, value)
	}
	if f.Kind != "" {
		add(`kind = ?`, f.Kind)
	}
	if f.Outcome != "" {
		add(`outcome = ?`, f.Outcome)
	}
	return db.Paged(ctx, r, page, db.Order{Columns: []string{"id"}, Down: true},
		`SELECT `+runColumns+` FROM job_run WHERE `+where, args,
		func(x *Run) []string { return []string{x.ID} })
}

// Backlog is how many jobs of a kind wait and run now, and how many were given
// up in the last seven days.
type Backlog struct {
	Kind                      string
	Waiting, Running, GivenUp int64
}

// Backlogs counts the jobs of every kind that has any.
func Backlogs(ctx context.Context, r db.Reader) ([]Backlog, error) {
	var all []Backlog
	err := r.Select(ctx, &all, `SELECT kind,
		sum(CASE WHEN state IN ('available', 'pending', 'retryable', 'scheduled') THEN 1 ELSE 0 END) AS waiting,
		sum(CASE WHEN state = 'running' THEN 1 ELSE 0 END) AS running,
		sum(CASE WHEN state = 'discarded' THEN 1 ELSE 0 END) AS givenup
		FROM river_job GROUP BY kind ORDER BY kind`)
	return all, err
}

// last is when the kind last began, zero if never.
func last(ctx context.Context, r db.Reader, kind string) (time.Time, error) {
	var ms int64
	err := r.Get(ctx, &ms, `SELECT started FROM job_run WHERE kind = ? ORDER BY started DESC LIMIT 1`, kind)
	if fault.Is(err, fault.NotFound) {
		return time.Time{}, nil
	}
	return db.Time(ms), err
}

// Late counts the jobs that should have begun before the instant and have not.
func Late(ctx context.Context, r db.Reader, before time.Time) (int64, error) {
	due := `CAST(unixepoch(scheduled_at, 'subsec') * 1000 AS INTEGER)`
	if r.Dialect() == db.Postgres {
		due = `CAST(EXTRACT(EPOCH FROM scheduled_at) * 1000 AS BIGINT)`
	}
	var n int64
	err := r.Get(ctx, &n, `SELECT count(*) FROM river_job WHERE state IN ('available', 'retryable', 'scheduled') AND `+due+` < ?`, db.Millis(before))
	return n, err
}
