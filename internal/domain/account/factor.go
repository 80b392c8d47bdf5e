package account

import (
	"bytes"
	"context"
	"image/png"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/gate"
)

// recoveryCodes is how many single-use codes stand in for a lost phone.
const recoveryCodes = 10

// Enrolment is what an authenticator app needs (绑定动态口令).
type Enrolment struct {
	Secret string // to type in, when the picture cannot be read
	URL    string // otpauth://…
	PNG    []byte // the same as a QR code, 240 × 240
}

// StartFactor begins enrolling a second factor. Until it is confirmed it has no
// effect, and asking again gives the same one. Conflict when one is in force.
func (s *Service) StartFactor(ctx context.Context, by authz.Actor) (Enrolment, error) {
	a, err := byID(ctx, s.db, by.ID)
	if err != nil {
		return Enrolment{}, err
	}
	if a.FactorAt > 0 {
		return Enrolment{}, conflict("account.factor.already")
	}
	if a.FactorNext != "" && by.May(EnrolFactor, a.target()) {
		return s.enrolment(a)
	}
	key, err := totp.Generate(totp.GenerateOpts{Issuer: s.cfg.Site, AccountName: a.Name})
	if err != nil {
		return Enrolment{}, err
	}
	a.FactorNext = s.keys.close(a.ID, key.Secret())
	change := &gate.Change{By: by, Do: EnrolFactor, On: a.target(), Record: record(a.ID), Detail: map[string]any{"step": "start"}}
	if err := s.gate.Write(ctx, change, func(ctx context.Context, tx *db.Tx) error {
		return updatePerson(ctx, tx, a)
	}); err != nil {
		return Enrolment{}, err
	}
	return s.enrolment(a)
}

func (s *Service) enrolment(a account) (Enrolment, error) {
	secret, err := s.keys.open(a.ID, a.FactorNext)
	if err != nil {
		return Enrolment{}, err
	}
	raw, err := base32Secret(secret)
	if err != nil {
		return Enrolment{}, err
	}
	key, err := totp.Generate(totp.GenerateOpts{Issuer: s.cfg.Site, AccountName: a.Name, Secret: raw})
	if err != nil {
		return Enrolment{}, err
	}
	picture, err := key.Image(240, 240)
	if err != nil {
		return Enrolment{}, err
	}
	var buf bytes.Buffer
	if err := png.Encode(&buf, picture); err != nil {
		return Enrolment{}, err
	}
	return Enrolment{Secret: secret, URL: key.URL(), PNG: buf.Bytes()}, nil
}

// ConfirmFactor puts the enrolled factor in force, once its first code is
// right, and returns the recovery codes, which are never shown again. A half
// session of the token becomes whole; the person's other sessions end.
func (s *Service) ConfirmFactor(ctx context.Context, by authz.Actor, token, code string) (recovery []string, err error) {
	a, err := byID(ctx, s.db, by.ID)
	if err != nil {
		return nil, err
	}
	if a.FactorAt > 0 || a.FactorNext == "" {
		return nil, conflict("account.factor.not_started")
	}
	own, err := s.factorTry(ctx, a)
	if err != nil {
		return nil, err
	}
	step, ok, err := s.step(a, a.FactorNext, code)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, fault.Fields{{Name: "otp", Key: "account.factor.wrong_first"}}.Err()
	}
	rows, err := s.open(ctx, token)
	if err != nil {
		return nil, err
	}
	a.Factor, a.FactorNext, a.FactorStep = a.FactorNext, "", step
	for range recoveryCodes {
		recovery = append(recovery, newCode())
	}
	change := &gate.Change{By: by, Do: EnrolFactor, On: a.target(), Record: record(a.ID), Detail: map[string]any{"step": "confirm"}}
	return recovery, s.gate.Write(ctx, change, func(ctx context.Context, tx *db.Tx) error {
		a.FactorAt = db.Millis(tx.Now)
		if err := updatePerson(ctx, tx, a); err != nil {
			return err
		}
		if err := s.putRecovery(ctx, tx, a.ID, recovery); err != nil {
			return err
		}
		if err := succeed(ctx, tx, own); err != nil {
			return err
		}
		if len(rows) > 0 && rows[0].Person == a.ID && rows[0].Stage == NeedEnrol {
			if _, err := promote(ctx, tx, rows[0]); err != nil {
				return err
			}
		}
		return signOutEverywhere(ctx, tx, a.ID, s.keys.digest("session", token))
	})
}

func (s *Service) putRecovery(ctx context.Context, tx *db.Tx, person string, codes []string) error {
	if _, err := tx.Exec(ctx, `DELETE FROM account_code WHERE person = ? AND kind = ?`, person, codeRecovery); err != nil {
		return err
	}
	for _, c := range codes {
		if err := s.putCode(ctx, tx, person, codeRecovery, c, 100*365*24*time.Hour); err != nil {
			return err
		}
	}
	return nil
}

// SecondStep finishes a sign-in with a code from the authenticator app, or with
// a recovery code, which is then used up. A wrong code is Invalid and says how
// many tries are left; a session that is not waiting for one is SignIn.
func (s *Service) SecondStep(ctx context.Context, token, code string, c Client) (Ticket, error) {
	rows, err := s.open(ctx, token)
	if err != nil {
		return Ticket{}, err
	}
	if len(rows) == 0 || rows[0].Stage != NeedCode {
		return Ticket{}, signIn()
	}
	a, err := byID(ctx, s.db, rows[0].Person)
	if err != nil {
		return Ticket{}, err
	}
	count, err := s.attempt(ctx, factorBucket(a))
	if err != nil {
		return Ticket{}, err
	}
	if count.blocked > 0 {
		return Ticket{}, slow(count)
	}
	step, right, err := s.step(a, a.Factor, code)
	if err != nil {
		return Ticket{}, err
	}
	t := Ticket{Token: token, Stage: Done, Device: s.keys.device(c.Device), Keep: rows[0].Kept == 1, Person: a.ID}
	with := "app"
	if !right {
		with = "recovery"
	}
	change := &gate.Change{By: own(a, Begin), Do: Begin, On: a.target(), Record: record(a.ID), Detail: map[string]any{"with": with}}
	err = s.gate.Write(ctx, change, func(ctx context.Context, tx *db.Tx) error {
		if right {
			err = usedStep(ctx, tx, a.ID, step)
		} else {
			err = s.useCode(ctx, tx, a.ID, codeRecovery, code)
		}
		if err != nil {
			return err
		}
		if err := succeed(ctx, tx, factorBucket(a)); err != nil {
			return err
		}
		if err := s.remember(ctx, tx, a.ID, t.Device); err != nil {
			return err
		}
		t.Ends, err = promote(ctx, tx, rows[0])
		return err
	})
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Stale) {
		return Ticket{}, s.refused(ctx, a, "second step", wrong("otp", "account.factor.wrong", "account.factor.wrong_wait", count, perFactor))
	}
	return t, err
}

func factorBucket(a account) bucket { return bucket{"factor " + a.ID, perFactor} }

// factorTry counts a try of a signed-in person and refuses too many.
func (s *Service) factorTry(ctx context.Context, a account) (bucket, error) {
	count, err := s.attempt(ctx, factorBucket(a))
	if err == nil && count.blocked > 0 {
		err = slow(count)
	}
	return factorBucket(a), err
}

// usedStep makes sure that a code works once: its time step must lie after the
// last one used.
func usedStep(ctx context.Context, tx *db.Tx, person string, step int64) error {
	return tx.ExecOne(ctx, `UPDATE account_person SET factor_step = ? WHERE id = ? AND factor_step < ?`, step, person, step)
}

// step finds which 30-second step a code belongs to, one before or after now at
// the most, and later than the last one used.
func (s *Service) step(a account, sealed, code string) (step int64, ok bool, err error) {
	digits := typedCode(code)
	if sealed == "" || len(digits) != 6 || strings.Trim(digits, "0123456789") != "" {
		return 0, false, nil
	}
	secret, err := s.keys.open(a.ID, sealed)
	if err != nil {
		return 0, false, err
	}
	now := s.db.Now().Unix() / 30
	for at := now - 1; at <= now+1; at++ {
		want, err := totp.GenerateCodeCustom(secret, time.Unix(at*30, 0), totp.ValidateOpts{Period: 30, Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err != nil {
			return 0, false, err
		}
		if same(want, digits) && at > a.FactorStep {
			return at, true, nil
		}
	}
	return 0, false, nil
}

// RecoveryLeft is how many recovery codes the person has not used.
func (s *Service) RecoveryLeft(ctx context.Context, by authz.Actor) (int, error) {
	var n int
	err := s.db.Get(ctx, &n, `SELECT COUNT(*) FROM account_code WHERE person = ? AND kind = ? AND used_at = 0`, by.ID, codeRecovery)
	return n, err
}

// DropFactor gives the second factor up. Conflict for officials: they need one.
func (s *Service) DropFactor(ctx context.Context, by authz.Actor, password string) error {
	a, err := s.proven(ctx, by, DropFactor, password)
	if err != nil {
		return err
	}
	official, err := s.official(ctx, s.db, a.ID)
	if err != nil {
		return err
	}
	if official && !s.exempt(a) {
		return conflict("account.factor.needed")
	}
	return s.clearFactor(ctx, by, DropFactor, a)
}

// ResetFactor takes a lost second factor off somebody else's account, so that
// they enrol a new one at their next sign-in.
func (s *Service) ResetFactor(ctx context.Context, by authz.Actor, person string) error {
	a, err := s.managed(ctx, by, ResetFactor, person)
	if err != nil {
		return err
	}
	return s.clearFactor(ctx, by, ResetFactor, a)
}

func (s *Service) clearFactor(ctx context.Context, by authz.Actor, do authz.Permission, a account) error {
	if a.FactorAt == 0 {
		return conflict("account.factor.none")
	}
	a.Factor, a.FactorNext, a.FactorAt, a.FactorStep = "", "", 0, 0
	change := &gate.Change{By: by, Do: do, On: a.target(), Record: record(a.ID)}
	return s.gate.Write(ctx, change, func(ctx context.Context, tx *db.Tx) error {
		if err := updatePerson(ctx, tx, a); err != nil {
			return err
		}
		if err := s.putRecovery(ctx, tx, a.ID, nil); err != nil {
			return err
		}
		if do == ResetFactor {
			if err := signOutEverywhere(ctx, tx, a.ID, ""); err != nil {
				return err
			}
		}
		if err := s.tell(ctx, tx, a.ID, "account.told.factor_off"); err != nil {
			return err
		}
		return s.mail(ctx, tx, a.Email, "account.mail.factor_off", "name", a.Name)
	})
}
