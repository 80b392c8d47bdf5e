package account

import (
	"context"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/gate"
)

// Sweep removes what is no longer needed: forgotten attempts, expired codes,
// browsers not seen for a year, whom old invitations were sent to, and sessions
// over for half a year, the shortest time the law wants them kept. A job calls
// it daily.
func (s *Service) Sweep(ctx context.Context) error {
	now := s.db.Now()
	for _, w := range []struct {
		query string
		keep  time.Duration
	}{
		{`DELETE FROM account_attempt WHERE last_at < ?`, 48 * time.Hour},
		{`DELETE FROM account_code WHERE ends_at < ?`, 48 * time.Hour},
		{`DELETE FROM account_device WHERE seen_at < ?`, deviceMost},
		{`DELETE FROM account_session WHERE ends_at < ?`, 183 * 24 * time.Hour},
		{`DELETE FROM account_key WHERE ends_at < ?`, keysKept},
	} {
		if err := s.outside(ctx, func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, w.query, db.Millis(now.Add(-w.keep)))
			return err
		}); err != nil {
			return err
		}
	}
	return s.forgetInvited(ctx)
}

// forgetInvited erases whom invitations were sent to, a month after their end.
func (s *Service) forgetInvited(ctx context.Context) error {
	const old = `login <> '' AND ends_at < ?`
	before := db.Millis(s.db.Now().Add(-30 * 24 * time.Hour))
	var n int64
	if err := s.db.Get(ctx, &n, `SELECT COUNT(*) FROM account_invitation WHERE `+old, before); err != nil || n == 0 {
		return err
	}
	change := &gate.Change{
		By: authz.System("sweep", Withdraw), Do: Withdraw, Record: gate.Record{Kind: "invitation"},
		Detail: map[string]any{"erased": n},
	}
	return s.gate.Write(ctx, change, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE account_invitation SET login = '', name = '' WHERE `+old, before)
		return err
	})
}
