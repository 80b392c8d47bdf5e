package account

import (
	"context"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/region"
)

// Me is the actor's own account; SignIn for whoever is no person.
func (s *Service) Me(ctx context.Context, by authz.Actor) (Person, error) {
	if !by.Personal() {
		return Person{}, signIn()
	}
	a, err := byID(ctx, s.db, by.ID)
	return a.Person, err
}

// proven is the actor's own account after they have typed their password again.
// A wrong one is Invalid; tries are counted per person.
func (s *Service) proven(ctx context.Context, by authz.Actor, do authz.Permission, password string) (account, error) {
	a, err := byID(ctx, s.db, by.ID)
	if err != nil {
		return account{}, signIn()
	}
	if err := gate.Check(&gate.Change{By: by, Do: do, On: a.target()}); err != nil {
		return account{}, err
	}
	mine := bucket{"own " + a.ID, perLogin}
	count, err := s.attempt(ctx, mine)
	if err != nil {
		return account{}, err
	}
	if count.blocked > 0 {
		return account{}, slow(count)
	}
	right, _, err := s.hash.check(ctx, password, a.Password)
	if err != nil {
		return account{}, err
	}
	if !right {
		return account{}, wrong("password_old", "account.password.wrong", "account.password.wrong_wait", count, perLogin)
	}
	return a, s.outside(ctx, func(ctx context.Context, tx *db.Tx) error { return succeed(ctx, tx, mine) })
}

// ChangePassword replaces the actor's own password, and ends every session of
// theirs but the token's. Broken fields are password_old and password.
func (s *Service) ChangePassword(ctx context.Context, by authz.Actor, token, old, fresh string) error {
	var fields fault.Fields
	a, err := byID(ctx, s.db, by.ID)
	if err != nil {
		return signIn()
	}
	if old == "" {
		fields.Add("password_old", "field.required")
	}
	checkPassword(&fields, fresh, a.Phone, a.Email)
	if old != "" && old == fresh {
		fields.Add("password", "account.password.same")
	}
	if err := fields.Err(); err != nil {
		return err
	}
	if a, err = s.proven(ctx, by, ChangePassword, old); err != nil {
		return err
	}
	hash, err := s.hash.make(ctx, fresh)
	if err != nil {
		return err
	}
	change := &gate.Change{By: by, Do: ChangePassword, On: a.target(), Record: record(a.ID)}
	return s.gate.Write(ctx, change, func(ctx context.Context, tx *db.Tx) error {
		return s.setPassword(ctx, tx, a, hash, s.keys.digest("session", token))
	})
}

// Profile is what a person changes about themselves without their password.
type Profile struct {
	Name      string
	Region    region.Code
	Situation string // optional, counted only in aggregate
}

// EditProfile changes the actor's own profile; Stale when it was changed since
// the version was read.
func (s *Service) EditProfile(ctx context.Context, by authz.Actor, version int64, in Profile) error {
	a, err := byID(ctx, s.db, by.ID)
	if err != nil {
		return signIn()
	}
	change := &gate.Change{By: by, Do: EditProfile, On: a.target(), Record: record(a.ID)}
	var fields fault.Fields
	a.Name = checkName(&fields, in.Name)
	a.Region = s.place(&fields, in.Region)
	checkSituation(&fields, in.Situation)
	a.Situation = in.Situation
	if err := fields.Err(); err != nil {
		return err
	}
	a.Version = version
	return s.gate.Write(ctx, change, func(ctx context.Context, tx *db.Tx) error { return updatePerson(ctx, tx, a) })
}

// NewLogin is a change of what a person signs in with.
type NewLogin struct {
	Password string // the present one
	Phone    string // empty: none
	Email    string // empty: none; a new one counts once its code is confirmed
}

// ChangeLogin changes the actor's phone number and address. One of the two must
// stay. A new address gets a code (see ConfirmEmail) and until then the old one
// stays in force; a new number is no longer marked as checked.
func (s *Service) ChangeLogin(ctx context.Context, by authz.Actor, in NewLogin) error {
	var fields fault.Fields
	var phone, email string
	var ok bool
	if in.Phone != "" {
		if phone, ok = phoneOf(in.Phone); !ok {
			fields.Add("phone", "account.phone.wrong", "value", in.Phone)
		}
	}
	if in.Email != "" {
		if email, ok = emailOf(in.Email); !ok {
			fields.Add("email", "account.email.wrong", "value", in.Email)
		}
	}
	if in.Password == "" {
		fields.Add("password_old", "field.required")
	}
	if err := fields.Err(); err != nil {
		return err
	}
	a, err := s.proven(ctx, by, ChangeLogin, in.Password)
	if err != nil {
		return err
	}
	if phone == "" && (email == "" || email != a.Email) {
		return fault.Fields{{Name: "phone", Key: "account.login.one"}}.Err()
	}
	if phone != a.Phone {
		a.Phone, a.PhoneSeenAt = phone, 0
	}
	asked := email != "" && email != a.Email
	if a.EmailPending = ""; asked {
		a.EmailPending = email
	} else {
		a.Email = email
	}
	change := &gate.Change{By: by, Do: ChangeLogin, On: a.target(), Record: record(a.ID)}
	err = s.gate.Write(ctx, change, func(ctx context.Context, tx *db.Tx) error {
		if err := updatePerson(ctx, tx, a); err != nil {
			return err
		}
		return s.mailEmailCode(ctx, tx, a)
	})
	if db.Unique(err) {
		return fault.Fields{{Name: "phone", Key: "account.phone.taken"}}.Err()
	}
	return err
}

// ConfirmEmail proves the actor's new address with the code mailed to it.
func (s *Service) ConfirmEmail(ctx context.Context, by authz.Actor, code string) error {
	a, err := byID(ctx, s.db, by.ID)
	if err != nil {
		return signIn()
	}
	if a.EmailPending == "" {
		return conflict("account.email.none")
	}
	mine := bucket{"email " + a.ID, perLogin}
	count, err := s.attempt(ctx, mine)
	if err != nil {
		return err
	}
	if count.blocked > 0 {
		return slow(count)
	}
	a.Email, a.EmailPending = a.EmailPending, ""
	change := &gate.Change{By: by, Do: ConfirmEmail, On: a.target(), Record: record(a.ID)}
	err = s.gate.Write(ctx, change, func(ctx context.Context, tx *db.Tx) error {
		if err := s.useCode(ctx, tx, a.ID, codeEmail, code); err != nil {
			return err
		}
		if err := succeed(ctx, tx, mine); err != nil {
			return err
		}
		return updatePerson(ctx, tx, a)
	})
	switch {
	case db.Unique(err):
		return conflict("account.email.taken")
	case fault.Is(err, fault.NotFound):
		return wrong("otp", "account.code.wrong", "account.code.wrong_wait", count, perLogin)
	}
	return err
}

// OwnGrants are the actor's own grants in force or to come.
func (s *Service) OwnGrants(ctx context.Context, by authz.Actor) ([]GrantRow, error) {
	var list []GrantRow
	err := s.db.Select(ctx, &list, grantSelect+`WHERE g.person = ? AND `+unended+` ORDER BY g.given_at, g.id`,
		by.ID, db.Millis(s.db.Now()))
	return list, err
}

// Held is everything the package keeps about a person (导出个人资料). Times are
// Unix milliseconds.
type Held struct {
	Person   Person
	Grants   []GrantRow
	Sessions []Session
}

// Export is the actor's own data, for them to take away; the reading is noted
// in the audit trail.
func (s *Service) Export(ctx context.Context, by authz.Actor) (Held, error) {
	a, err := byID(ctx, s.db, by.ID)
	if err != nil {
		return Held{}, signIn()
	}
	change := &gate.Change{By: by, Do: Export, On: a.target(), Record: record(a.ID)}
	if err := s.gate.Disclose(ctx, change, "own account"); err != nil {
		return Held{}, err
	}
	h := Held{Person: a.Person}
	if err := s.db.Select(ctx, &h.Grants, grantSelect+`WHERE g.person = ? ORDER BY g.given_at, g.id`, a.ID); err != nil {
		return Held{}, err
	}
	err = s.db.Select(ctx, &h.Sessions, `SELECT id, agent, network, created_at, seen_at, ends_at FROM account_session
		WHERE person = ? ORDER BY created_at, id`, a.ID)
	return h, err
}

// CloseAccount closes the actor's own account for good: logins, name and
// everything personal are erased, grants and sessions end, the audit trail
// stays. Conflict for the last administrator of a kind.
func (s *Service) CloseAccount(ctx context.Context, by authz.Actor, password string) error {
	a, err := s.proven(ctx, by, Close, password)
	if err != nil {
		return err
	}
	next, err := PersonLife().Next(a.Status, Close)
	if err != nil {
		return err
	}
	change := &gate.Change{By: by, Do: Close, On: a.target(), Record: record(a.ID)}
	return s.gate.Write(ctx, change, func(ctx context.Context, tx *db.Tx) error {
		if err := s.keepAdmins(ctx, tx, a.ID); err != nil {
			return err
		}
		if err := erase(ctx, tx, a, next); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `UPDATE account_grant SET ended_at = ?, ended_by = ? WHERE person = ? AND ended_at = 0`,
			db.Millis(tx.Now), by.ID, a.ID)
		return err
	})
}

func erase(ctx context.Context, tx *db.Tx, a account, status flow.State) error {
	gone := account{Person: Person{ID: a.ID, Region: a.Region, Status: status, Version: a.Version}}
	if err := updatePerson(ctx, tx, gone); err != nil {
		return err
	}
	if err := signOutEverywhere(ctx, tx, a.ID, ""); err != nil {
		return err
	}
	for _, query := range []string{
		`DELETE FROM account_code WHERE person = ?`,
		`UPDATE account_session SET agent = '', network = '' WHERE person = ?`,
		`UPDATE account_invitation SET login = '', name = '' WHERE person = ?`,
	} {
		if _, err := tx.Exec(ctx, query, a.ID); err != nil {
			return err
		}
	}
	return nil
}
