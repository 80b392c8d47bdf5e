package account

import (
	"context"
	"time"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
)

// The kinds of code a person types in. A link would leave its secret in logs
// and histories; a typed code does not.
const (
	codeReset    = "reset"    // sets a new password
	codeEmail    = "email"    // proves an address
	codeRecovery = "recovery" // stands in for the second factor
)

const (
	codeMailed = 30 * time.Minute // how long a mailed code lives
	codeHanded = 24 * time.Hour   // how long a code handed over by staff lives
	codeTries  = 50               // wrong codes after which an account's codes die
)

func (s *Service) codeDigest(person, kind, code string) string {
	return s.keys.digest("code", kind, person, typedCode(code))
}

// replaceCode makes one code the only live one of its kind.
func (s *Service) replaceCode(ctx context.Context, tx *db.Tx, person, kind, code string, long time.Duration) error {
	if _, err := tx.Exec(ctx, `DELETE FROM account_code WHERE person = ? AND kind = ?`, person, kind); err != nil {
		return err
	}
	return s.putCode(ctx, tx, person, kind, code, long)
}

func (s *Service) putCode(ctx context.Context, tx *db.Tx, person, kind, code string, long time.Duration) error {
	_, err := tx.Exec(ctx, `INSERT INTO account_code (id, person, kind, code, tries, ends_at, used_at) VALUES (?,?,?,?,0,?,0)`,
		db.NewID(), person, kind, s.codeDigest(person, kind, code), db.Millis(tx.Now.Add(long)))
	return err
}

// liveCode reports whether the code could be used now, without using it.
func (s *Service) liveCode(ctx context.Context, r db.Reader, person, kind, code string) (bool, error) {
	var n int64
	err := r.Get(ctx, &n, `SELECT COUNT(*) FROM account_code
		WHERE person = ? AND kind = ? AND code = ? AND used_at = 0 AND ends_at > ? AND tries < ?`,
		person, kind, s.codeDigest(person, kind, code), db.Millis(s.db.Now()), codeTries)
	return n > 0, err
}

// useCode uses a code up; NotFound when it is not live.
func (s *Service) useCode(ctx context.Context, tx *db.Tx, person, kind, code string) error {
	n, err := tx.Exec(ctx, `UPDATE account_code SET used_at = ?
		WHERE person = ? AND kind = ? AND code = ? AND used_at = 0 AND ends_at > ? AND tries < ?`,
		db.Millis(tx.Now), person, kind, s.codeDigest(person, kind, code), db.Millis(tx.Now), codeTries)
	if err == nil && n == 0 {
		return fault.Missing()
	}
	return err
}

// wrongCode counts a wrong code against all live ones of its kind. It asks the
// database the same for people who do not exist.
func (s *Service) wrongCode(ctx context.Context, person, kind string) error {
	return s.outside(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE account_code SET tries = tries + 1 WHERE person = ? AND kind = ? AND used_at = 0`, person, kind)
		return err
	})
}
