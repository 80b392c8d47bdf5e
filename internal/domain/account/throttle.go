package account

import (
	"context"
	"time"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
)

// bucket is one count of failures, slowed by its patience.
type bucket struct {
	name string
	patience
}

// counted is how an attempt stands against a bucket.
type counted struct {
	failures int64
	blocked  time.Duration // how long to wait; 0 when the attempt may go on
}

// outside writes what is not a record: counters of attempts, when a session was
// last seen, what is swept away. Everything else goes through the gate.
func (s *Service) outside(ctx context.Context, fn func(context.Context, *db.Tx) error) error {
	return s.db.Write(ctx, fn) //nolint:forbidigo // counters and last-seen times belong to sessions
}

// attempt counts a failure in every bucket before the work is done, so that
// guesses made at the same moment are counted too; success gives it back. When
// any bucket says wait, nothing is counted and the longest wait is returned.
// The first bucket's count comes back for the message.
func (s *Service) attempt(ctx context.Context, buckets ...bucket) (counted, error) {
	var first counted
	err := s.outside(ctx, func(ctx context.Context, tx *db.Tx) error {
		first = counted{}
		counts := make([]int64, len(buckets))
		for i, b := range buckets {
			n, wait, err := b.load(ctx, tx)
			if err != nil {
				return err
			}
			counts[i] = n + 1
			first.blocked = max(first.blocked, wait)
		}
		first.failures = counts[0]
		if first.blocked > 0 {
			return nil
		}
		for i, b := range buckets {
			if err := b.save(ctx, tx, counts[i]); err != nil {
				return err
			}
		}
		return nil
	})
	return first, err
}

// load reads a bucket and holds it on PostgreSQL.
func (b bucket) load(ctx context.Context, tx *db.Tx) (failures int64, wait time.Duration, err error) {
	if _, err := tx.Exec(ctx, `INSERT INTO account_attempt (bucket, failures, last_at, until_at) VALUES (?, 0, 0, 0)
		ON CONFLICT (bucket) DO NOTHING`, b.name); err != nil {
		return 0, 0, err
	}
	query := `SELECT failures, last_at, until_at FROM account_attempt WHERE bucket = ?`
	if tx.Dialect() == db.Postgres {
		query += ` FOR UPDATE`
	}
	var row struct {
		Failures int64 `db:"failures"`
		LastAt   int64 `db:"last_at"`
		UntilAt  int64 `db:"until_at"`
	}
	if err := tx.Get(ctx, &row, query, b.name); err != nil {
		return 0, 0, err
	}
	if until := db.Time(row.UntilAt); until.After(tx.Now) {
		return row.Failures, until.Sub(tx.Now), nil
	}
	if tx.Now.Sub(db.Time(row.LastAt)) > b.forget {
		return 0, 0, nil
	}
	return row.Failures, 0, nil
}

func (b bucket) save(ctx context.Context, tx *db.Tx, failures int64) error {
	var until int64
	if pause := b.pause(failures); pause > 0 {
		until = db.Millis(tx.Now.Add(pause))
	}
	_, err := tx.Exec(ctx, `UPDATE account_attempt SET failures = ?, last_at = ?, until_at = ? WHERE bucket = ?`,
		failures, db.Millis(tx.Now), until, b.name)
	return err
}

// succeed clears the attempt's own bucket and gives the others their count back.
func succeed(ctx context.Context, tx *db.Tx, own bucket, others ...bucket) error {
	if _, err := tx.Exec(ctx, `DELETE FROM account_attempt WHERE bucket = ?`, own.name); err != nil {
		return err
	}
	return giveBack(ctx, tx, others...)
}

// giveBack takes one attempt off the counts.
func giveBack(ctx context.Context, tx *db.Tx, buckets ...bucket) error {
	for _, b := range buckets {
		// A wait that this attempt's own counting began ends with it.
		if _, err := tx.Exec(ctx, `UPDATE account_attempt SET failures = failures - 1,
			until_at = CASE WHEN failures % ? = 0 THEN 0 ELSE until_at END
			WHERE bucket = ? AND failures > 0`, b.free, b.name); err != nil {
			return err
		}
	}
	return nil
}

// slow is the refusal of an attempt that came too soon.
func slow(c counted) error {
	return fault.New(fault.TooMany, "account.slow", "minutes", minutes(c.blocked))
}

// wrong is a field's refusal that says how many more tries there are. Both keys
// take minutes; the first also takes left.
func wrong(field, left, none string, c counted, p patience) error {
	n, key := p.left(c.failures), left
	wait := p.pause(c.failures + p.left(c.failures))
	if n == 0 {
		key = none
	}
	return fault.Fields{{Name: field, Key: key, Args: []any{"left", n, "minutes", minutes(wait)}}}.Err()
}
