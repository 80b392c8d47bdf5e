package jobs

import (
	"context"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"qiban.dev/qiban/internal/db"
)

// Records of runs that went well are kept for a month, of what repeats within
// the minute for a day, the others for half a year; the newest of each kind
// stays, since it says when the kind last ran.
const (
	keepOften  = 24 * time.Hour
	keepDone   = 30 * 24 * time.Hour
	keepOthers = 183 * 24 * time.Hour
)

// unfinished are the states of a job that has not come to its end.
func unfinished() []rivertype.JobState {
	return []rivertype.JobState{
		rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable,
		rivertype.JobStateRunning, rivertype.JobStateScheduled,
	}
}

// periodic is River's list of the repeating kinds. Each is asked for when its
// time has come by the run records, whichever process leads and however often
// it was restarted.
func (j *Jobs) periodic() []*river.PeriodicJob {
	var list []*river.PeriodicJob
	for _, k := range j.Kinds() {
		if !k.Periodic() {
			continue
		}
		list = append(list, river.NewPeriodicJob(k.On, func() (river.JobArgs, *river.InsertOpts) {
			if !j.comesDue(k) {
				return nil, nil
			}
			// Unlike Unique this also counts a run under way: it is simply early.
			return payload{kind: k.Name, raw: []byte("{}")}, &river.InsertOpts{
				Queue: k.Queue, MaxAttempts: k.MaxAttempts,
				UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: unfinished()},
			}
		}, &river.PeriodicJobOpts{RunOnStart: true}))
	}
	return list
}

func (j *Jobs) comesDue(k Kind) bool {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	began, err := last(ctx, j.db, k.Name)
	if err != nil {
		j.log.Error("a periodic job could not be asked for", "kind", k.Name, "error", err)
		return false
	}
	return k.On.due(began, time.Now())
}

// keep rescues cut jobs every ten seconds and forgets old records every hour.
func (j *Jobs) keep(ctx context.Context, kept chan<- struct{}) {
	defer close(kept)
	rescue, forget := time.NewTicker(10*time.Second), time.NewTicker(time.Hour)
	defer rescue.Stop()
	defer forget.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return
		case <-rescue.C:
			err = j.rescue(ctx, false)
		case <-forget.C:
			err = j.forget(ctx, time.Now())
		}
		if err != nil && ctx.Err() == nil {
			j.log.Error("the job queue could not be kept in order", "error", err)
		}
	}
}

// rescue lets jobs begin again whose worker is gone: those that have run for
// twice their time limit, or, with all, every one that claims to run. A job
// without attempts left is River's to discard.
func (j *Jobs) rescue(ctx context.Context, all bool) error {
	since := `unixepoch(attempted_at, 'subsec') * 1000 <= ?`
	if j.db.Dialect() == db.Postgres {
		since = `EXTRACT(EPOCH FROM attempted_at) * 1000 <= ?`
	}
	now := time.Now()
	return j.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		for _, k := range j.Kinds() {
			edge := now.Add(-2 * k.Timeout)
			if all {
				edge = now
			}
			n, err := tx.Exec(ctx, `UPDATE river_job SET state = 'available' WHERE state = 'running' AND kind = ?
				AND attempt < max_attempts AND `+since, k.Name, db.Millis(edge))
			if err != nil {
				return err
			}
			if n > 0 {
				j.log.Warn("jobs were cut short and begin again", "kind", k.Name, "jobs", n)
			}
		}
		_, err := tx.Exec(ctx, `UPDATE job_run SET outcome = ?, ended = ? WHERE outcome = ? AND NOT EXISTS
			(SELECT 1 FROM river_job WHERE river_job.id = job_run.job AND river_job.state = 'running')`, Lost, db.Millis(now), Running)
		return err
	})
}

// forget deletes the records that have been kept long enough.
func (j *Jobs) forget(ctx context.Context, now time.Time) error {
	old, args := `started < ? OR (started < ? AND outcome = ?)`, []any{db.Millis(now.Add(-keepOthers)), db.Millis(now.Add(-keepDone)), Done}
	for _, k := range j.Kinds() {
		if k.Periodic() && k.On.often() {
			old += ` OR (started < ? AND outcome = ? AND kind = ?)`
			args = append(args, db.Millis(now.Add(-keepOften)), Done, k.Name)
		}
	}
	return j.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM job_run WHERE (`+old+`)
			AND started < (SELECT max(newest.started) FROM job_run newest WHERE newest.kind = job_run.kind)`, args...)
		return err
	})
}
