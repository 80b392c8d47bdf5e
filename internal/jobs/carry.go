package jobs

import (
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"time"

	"github.com/riverqueue/river"

	"qiban.dev/qiban/internal/db"
)

// Pending is a job that has not come to its end, as it is carried from one
// database to another (待办任务).
type Pending struct {
	ID          int64           `json:"id"`
	Kind        string          `json:"kind"`
	Queue       string          `json:"queue"`
	Priority    int             `json:"priority"` // 1 to 4, 1 first
	Attempt     int             `json:"attempt"`  // how often it was begun
	MaxAttempts int             `json:"max_attempts"`
	Due         int64           `json:"due"`         // Unix milliseconds
	Args        json.RawMessage `json:"args" db:"-"` // keys in order, no spaces
}

// EachPending calls fn with every job that is not at its end, in the order they
// were asked for. One that runs just now is among them: its work may be half
// done, and a kind bears being run again. What the clock asks for (On) is not:
// it is asked for again.
func (j *Jobs) EachPending(ctx context.Context, r db.Reader, fn func(Pending) error) error {
	query := `SELECT id, kind, queue, priority, attempt, max_attempts AS maxattempts,
		CAST(unixepoch(scheduled_at, 'subsec') * 1000 AS INTEGER) AS due, json(args) AS args FROM river_job`
	if r.Dialect() == db.Postgres {
		query = `SELECT id, kind, queue, priority, attempt, max_attempts AS maxattempts,
			CAST(EXTRACT(EPOCH FROM scheduled_at) * 1000 AS BIGINT) AS due, args::text AS args FROM river_job`
	}
	var found []struct {
		Pending
		Args string
	}
	const batch = 500
	for after := int64(0); ; after = found[len(found)-1].ID {
		found = found[:0]
		err := r.Select(ctx, &found, query+` WHERE state IN ('available', 'pending', 'retryable', 'running', 'scheduled') AND id > ?
			ORDER BY id LIMIT ?`, after, batch)
		if err != nil || len(found) == 0 {
			return err
		}
		for _, job := range found {
			if j.kinds[job.Kind].Periodic() {
				continue
			}
			if job.Pending.Args, err = canonical(job.Args); err != nil {
				return err
			}
			if err := fn(job.Pending); err != nil {
				return err
			}
		}
	}
}

// canonical writes JSON one way whichever database kept it.
func canonical(raw string) (json.RawMessage, error) {
	var value any
	read := json.NewDecoder(strings.NewReader(raw))
	read.UseNumber()
	if err := read.Decode(&value); err != nil {
		return nil, err
	}
	return json.Marshal(value)
}

// LastNumber is the highest number that a job or the record of a run has had.
func LastNumber(ctx context.Context, r db.Reader) (int64, error) {
	var last int64
	err := r.Get(ctx, &last, `SELECT COALESCE(max(n), 0) FROM (SELECT max(id) AS n FROM river_job UNION ALL SELECT max(job) FROM job_run) AS numbers`)
	return last, err
}

// Carry puts jobs into the queue of a database that has none yet, with the
// numbers they had, until next answers nil, and returns how many. last is the
// LastNumber of where they come from: new jobs get higher ones.
func Carry(ctx context.Context, d *db.DB, tx *db.Tx, last int64, next func() (*Pending, error)) (n int64, err error) {
	// A queue without kinds takes jobs of every kind.
	j := &Jobs{db: d}
	_, insert, err := j.connect(&river.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return 0, err
	}
	if err := countFrom(ctx, tx, last); err != nil {
		return 0, err
	}
	for ; ; n++ {
		p, err := next()
		if err != nil || p == nil {
			return n, err
		}
		how := &river.InsertOpts{Queue: p.Queue, Priority: p.Priority, MaxAttempts: p.MaxAttempts}
		if due := time.UnixMilli(p.Due); due.After(time.Now()) {
			how.ScheduledAt = due
		}
		id, err := insert(ctx, tx, payload{kind: p.Kind, raw: p.Args}, how)
		if err != nil {
			return n, err
		}
		// One that was cut short in its last attempt has that attempt again.
		if err := tx.ExecOne(ctx, `UPDATE river_job SET id = ?, attempt = ? WHERE id = ?`, p.ID, min(p.Attempt, p.MaxAttempts-1), id); err != nil {
			return n, err
		}
	}
}

// countFrom makes the next job's number come after last.
func countFrom(ctx context.Context, tx *db.Tx, last int64) error {
	if tx.Dialect() == db.Postgres {
		var number int64
		return tx.Get(ctx, &number, `SELECT setval(pg_get_serial_sequence('river_job', 'id'), ?, false)`, last+1)
	}
	if _, err := tx.Exec(ctx, `DELETE FROM sqlite_sequence WHERE name = 'river_job'`); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO sqlite_sequence (name, seq) VALUES ('river_job', ?)`, last)
	return err
}
