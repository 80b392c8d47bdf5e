package account

import (
	"context"
	"errors"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/gate"
)

// Attempt is one try to sign in.
type Attempt struct {
	Login    string // phone or e-mail, as typed
	Password string
	Keep     bool // stay signed in on this computer
	Client
}

// Ticket is what a right password earns: a session token for the cookie, and
// what comes next.
type Ticket struct {
	Token  string
	Stage  Stage
	Device string    // for the device cookie
	Ends   time.Time // when the session ends at the latest
	Keep   bool      // the cookie may outlive the browser
	Person string
}

// SignIn checks a login and password. A wrong pair is Invalid and says how many
// tries are left; after too many it is TooMany. A right one begins a session,
// which is whole only when the ticket's Stage is Done. A disabled account is
// Denied, but only to whoever knows its password.
func (s *Service) SignIn(ctx context.Context, in Attempt) (Ticket, error) {
	if err := askedBoth(in); err != nil {
		return Ticket{}, err
	}
	login, _ := loginOf(in.Login)
	a, err := byLogin(ctx, s.db, login)
	if err != nil {
		return Ticket{}, err
	}
	known, err := s.knows(ctx, a, in.Device)
	if err != nil {
		return Ticket{}, err
	}
	own, others := s.signInBuckets(login, in.Client, known)
	count, err := s.attempt(ctx, append([]bucket{own}, others...)...)
	if err != nil {
		return Ticket{}, err
	}
	if count.blocked > 0 {
		return Ticket{}, slow(count)
	}
	right, old, err := s.hash.check(ctx, in.Password, a.Password)
	if err != nil { // too busy to look: not the person's mistake
		undo := func(ctx context.Context, tx *db.Tx) error { return giveBack(ctx, tx, append(others, own)...) }
		return Ticket{}, errors.Join(err, s.outside(context.WithoutCancel(ctx), undo))
	}
	if !right {
		return Ticket{}, s.refused(ctx, a, "password", wrong("login", "account.sign_in.wrong", "account.sign_in.wrong_wait", count, perLogin))
	}
	if a.Status != Active {
		return Ticket{}, s.refused(ctx, a, "disabled", fault.New(fault.Denied, "account.sign_in.disabled"))
	}
	var fresh string
	if old {
		if fresh, err = s.hash.make(ctx, in.Password); err != nil {
			return Ticket{}, err
		}
	}
	return s.begin(ctx, a, in, fresh, own, others)
}

func askedBoth(in Attempt) error {
	var fields fault.Fields
	if in.Login == "" {
		fields.Add("login", "field.required")
	}
	if in.Password == "" {
		fields.Add("password", "field.required")
	}
	return fields.Err()
}

// signInBuckets count an attempt where its owner cannot be hurt by others: a
// browser that has signed in before has a count of its own.
func (s *Service) signInBuckets(login string, c Client, known bool) (own bucket, others []bucket) {
	id := s.keys.digest("login", login)
	network := networkOf(c.Network)
	if known {
		return bucket{"device " + id + " " + s.keys.digest("device", c.Device), perLogin}, []bucket{{"network " + network, perNetwork}}
	}
	return bucket{"login " + id + " " + network, perLogin},
		[]bucket{{"account " + id, perAccount}, {"network " + network, perNetwork}}
}

// knows reports whether the person has signed in with this browser before. It
// asks the database for unknown people too, so that the answer takes as long.
func (s *Service) knows(ctx context.Context, a account, device string) (bool, error) {
	var n int64
	err := s.db.Get(ctx, &n, `SELECT COUNT(*) FROM account_device WHERE device = ? AND person = ?`,
		s.keys.digest("device", device), a.ID)
	return n > 0 && device != "", err
}

// refused puts a failed sign-in into the trail and returns why. Only that an
// account exists is written, never what was typed.
func (s *Service) refused(ctx context.Context, a account, why string, err error) error {
	change := &gate.Change{
		By: authz.Anyone("sign-in", Refuse), Do: Refuse, On: authz.At(a.Region), Record: record(a.ID),
		Detail: map[string]any{"why": why},
	}
	if failed := s.gate.Write(ctx, change, func(context.Context, *db.Tx) error { return nil }); failed != nil {
		return failed
	}
	return err
}

// begin makes the session, whole or waiting for its second step.
func (s *Service) begin(ctx context.Context, a account, in Attempt, fresh string, mine bucket, others []bucket) (Ticket, error) {
	official, err := s.official(ctx, s.db, a.ID)
	if err != nil {
		return Ticket{}, err
	}
	t := Ticket{Token: newToken(), Stage: s.stage(a, official), Device: s.keys.device(in.Device), Keep: in.Keep && !official, Person: a.ID}
	change := &gate.Change{
		By: own(a, Begin), Do: Begin, On: a.target(), Record: record(a.ID),
		Detail: map[string]any{"stage": string(t.Stage)},
	}
	err = s.gate.Write(ctx, change, func(ctx context.Context, tx *db.Tx) error {
		if err := succeed(ctx, tx, mine, others...); err != nil {
			return err
		}
		if fresh != "" {
			if _, err := tx.Exec(ctx, `UPDATE account_person SET password = ? WHERE id = ? AND password = ?`, fresh, a.ID, a.Password); err != nil {
				return err
			}
		}
		idle, most := lasting(official, in.Keep)
		if t.Stage != Done {
			idle, most = halfMost, halfMost
		}
		t.Ends = tx.Now.Add(most)
		if t.Stage == Done {
			if err := s.remember(ctx, tx, a.ID, t.Device); err != nil {
				return err
			}
		}
		_, err := tx.Exec(ctx, `INSERT INTO account_session (id, token, person, stage, official, kept, agent, network,
			created_at, seen_at, idle, ends_at, ended_at) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,0)`,
			db.NewID(), s.keys.digest("session", t.Token), a.ID, t.Stage, db.Bool(official), db.Bool(t.Keep), browser(in.Agent),
			in.Network, db.Millis(tx.Now), db.Millis(tx.Now), idle.Milliseconds(), db.Millis(t.Ends))
		return err
	})
	if err != nil {
		return Ticket{}, err
	}
	return t, nil
}

// stage is what a right password leads to.
func (s *Service) stage(a account, official bool) Stage {
	switch {
	case a.FactorAt > 0:
		return NeedCode
	case official && !s.exempt(a):
		return NeedEnrol
	default:
		return Done
	}
}

func (s *Service) exempt(a account) bool { return s.cfg.ExemptDemo && a.Demo == 1 }

// official reports whether the person holds an official role now.
func (s *Service) official(ctx context.Context, r db.Reader, person string) (bool, error) {
	now := db.Millis(s.db.Now())
	var n int64
	err := r.Get(ctx, &n, `SELECT COUNT(*) FROM account_grant g JOIN account_role r ON r.id = g.role
		WHERE g.person = ? AND r.official = 1 AND `+current, person, now, now)
	return n > 0, err
}

// remember marks the browser as one the person has signed in with.
func (s *Service) remember(ctx context.Context, tx *db.Tx, person, device string) error {
	_, err := tx.Exec(ctx, `INSERT INTO account_device (device, person, seen_at) VALUES (?,?,?)
		ON CONFLICT (device, person) DO UPDATE SET seen_at = excluded.seen_at`,
		s.keys.digest("device", device), person, db.Millis(tx.Now))
	return err
}
