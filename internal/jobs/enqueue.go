package jobs

import (
	"context"
	"encoding/json"
	"time"

	"github.com/riverqueue/river"

	"qiban.dev/qiban/internal/db"
)

// How says how one job is enqueued.
type How func(*how)

type how struct {
	unique bool
	at     time.Time
}

// Unique enqueues nothing when a job of the kind with the same arguments
// already waits. One that has begun does not count: it may have read the
// records before this change.
func Unique() How { return func(h *how) { h.unique = true } }

// At keeps the job until the instant, by the machine's clock.
func At(t time.Time) How { return func(h *how) { h.at = t } }

// Enqueue asks for a job of the named kind when the transaction commits, and
// never if it does not. args become JSON; nil is no arguments. An unknown name
// is an error.
func (j *Jobs) Enqueue(ctx context.Context, tx *db.Tx, name string, args any, options ...How) error {
	var h how
	for _, set := range options {
		set(&h)
	}
	raw, err := encode(args)
	if err != nil {
		return err
	}
	if h.unique {
		waits, err := waiting(ctx, tx, name, raw)
		if err != nil || waits {
			return err
		}
	}
	_, err = j.insert(ctx, tx, payload{kind: name, raw: raw}, &river.InsertOpts{
		Queue: j.kinds[name].Queue, MaxAttempts: j.kinds[name].MaxAttempts, ScheduledAt: h.at,
	})
	return err
}

// EnqueueNow is Enqueue in a transaction of its own.
func (j *Jobs) EnqueueNow(ctx context.Context, name string, args any, options ...How) error {
	return j.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		return j.Enqueue(ctx, tx, name, args, options...)
	})
}

func encode(args any) (json.RawMessage, error) {
	if args == nil {
		return json.RawMessage("{}"), nil
	}
	return json.Marshal(args)
}

// waiting reports whether such a job waits. On PostgreSQL it also holds the
// waiting job until the transaction ends, so that no worker begins it before
// this change can be seen, and makes a second asker wait for the first.
func waiting(ctx context.Context, tx *db.Tx, name string, raw json.RawMessage) (bool, error) {
	query := `SELECT id FROM river_job WHERE kind = ? AND state IN ('available', 'pending', 'retryable', 'scheduled')
		AND json(args) = json(?) LIMIT 1`
	if tx.Dialect() == db.Postgres {
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended(?, 0))`, name+string(raw)); err != nil {
			return false, err
		}
		query = `SELECT id FROM river_job WHERE kind = ? AND state IN ('available', 'pending', 'retryable', 'scheduled')
			AND args = ?::jsonb LIMIT 1 FOR UPDATE SKIP LOCKED`
	}
	var ids []int64
	err := tx.Select(ctx, &ids, query, name, string(raw))
	return len(ids) > 0, err
}

// payload carries any kind's arguments through River, which wants a type each.
type payload struct {
	kind string
	raw  json.RawMessage
}

func (p payload) Kind() string { return p.kind }

// MarshalJSON is the arguments themselves.
func (p payload) MarshalJSON() ([]byte, error) { return p.raw, nil }

// UnmarshalJSON keeps the arguments as they are.
func (p *payload) UnmarshalJSON(raw []byte) error {
	p.raw = append(json.RawMessage(nil), raw...)
	return nil
}
