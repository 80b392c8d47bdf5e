package account

import (
	"context"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/gate"
)

// AskReset mails a code to an account's proven address (忘记密码). by is
// authz.Anyone("recover", account.Recover). The answer is the same whether or
// not there is such an account; TooMany depends on the network alone.
func (s *Service) AskReset(ctx context.Context, by authz.Actor, typed string, c Client) error {
	login, ok := loginOf(typed)
	if !ok {
		return fault.Fields{{Name: "login", Key: "account.login.wrong"}}.Err()
	}
	network := networkOf(c.Network)
	count, err := s.attempt(ctx, bucket{"ask " + network, perRegister})
	if err != nil {
		return err
	}
	if count.blocked > 0 {
		return slow(count)
	}
	mails, err := s.attempt(ctx, bucket{"mail " + s.keys.digest("login", login), perMail})
	if err != nil {
		return err
	}
	a, err := byLogin(ctx, s.db, login)
	if err != nil {
		return err
	}
	code := newCode()
	change := &gate.Change{By: by, Do: Recover, On: authz.At(a.Region), Record: record(a.ID), Detail: map[string]any{"step": "ask"}}
	return s.gate.Write(ctx, change, func(ctx context.Context, tx *db.Tx) error {
		if a.ID == "" || a.Status != Active || a.Email == "" || mails.blocked > 0 || s.cfg.Mail == nil {
			return nil
		}
		if err := s.replaceCode(ctx, tx, a.ID, codeReset, code, codeMailed); err != nil {
			return err
		}
		return s.mail(ctx, tx, a.Email, "account.mail.reset", "name", a.Name, "code", code, "minutes", int(codeMailed.Minutes()), "link", "/reset")
	})
}

// NewPassword is a forgotten password being replaced.
type NewPassword struct {
	Login    string // the phone or e-mail the code was asked for with
	Code     string
	Password string
	Client
}

// Reset sets a new password with a code that was mailed or handed over. It ends
// every session of the person. A wrong code is Invalid, with the same answer
// for an account that does not exist; the second factor stays in force.
func (s *Service) Reset(ctx context.Context, by authz.Actor, in NewPassword) error {
	login, _ := loginOf(in.Login)
	var fields fault.Fields
	checkPassword(&fields, in.Password, login)
	if typedCode(in.Code) == "" {
		fields.Add("otp", "field.required")
	}
	if err := fields.Err(); err != nil {
		return err
	}
	mine := bucket{"reset " + s.keys.digest("login", login) + " " + networkOf(in.Network), perLogin}
	others := []bucket{{"network " + networkOf(in.Network), perNetwork}}
	count, err := s.attempt(ctx, mine, others[0])
	if err != nil {
		return err
	}
	if count.blocked > 0 {
		return slow(count)
	}
	a, err := byLogin(ctx, s.db, login)
	if err != nil {
		return err
	}
	live, err := s.liveCode(ctx, s.db, a.ID, codeReset, in.Code)
	if err != nil {
		return err
	}
	if !live || a.Status != Active {
		if err := s.wrongCode(ctx, a.ID, codeReset); err != nil {
			return err
		}
		return wrong("otp", "account.code.wrong", "account.code.wrong_wait", count, perLogin)
	}
	checkPassword(&fields, in.Password, a.Phone, a.Email)
	if err := fields.Err(); err != nil {
		return err
	}
	hash, err := s.hash.make(ctx, in.Password)
	if err != nil {
		return err
	}
	change := &gate.Change{By: by, Do: Recover, On: a.target(), Record: record(a.ID), Detail: map[string]any{"step": "set"}}
	return s.gate.Write(ctx, change, func(ctx context.Context, tx *db.Tx) error {
		if err := s.useCode(ctx, tx, a.ID, codeReset, in.Code); err != nil {
			return err
		}
		if err := succeed(ctx, tx, mine, others...); err != nil {
			return err
		}
		return s.setPassword(ctx, tx, a, hash, "")
	})
}

// setPassword changes a password, signs the person out everywhere but in the
// session of the spared token digest, and tells them.
func (s *Service) setPassword(ctx context.Context, tx *db.Tx, a account, hash, spared string) error {
	a.Password, a.PasswordAt = hash, db.Millis(tx.Now)
	if err := updatePerson(ctx, tx, a); err != nil {
		return err
	}
	if err := signOutEverywhere(ctx, tx, a.ID, spared); err != nil {
		return err
	}
	if err := s.tell(ctx, tx, a.ID, "account.told.password"); err != nil {
		return err
	}
	return s.mail(ctx, tx, a.Email, "account.mail.password", "name", a.Name)
}

// IssueCode gives staff a code to hand to somebody who forgot their password and
// has no proven address; it lives a day. Refused for administrators: theirs are
// issued on the command line only.
func (s *Service) IssueCode(ctx context.Context, by authz.Actor, person string) (code string, err error) {
	a, err := s.managed(ctx, by, IssueCode, person)
	if err != nil {
		return "", err
	}
	if a.Status != Active {
		_, err := PersonLife().Next(a.Status, Disable)
		return "", err
	}
	code = newCode()
	change := &gate.Change{By: by, Do: IssueCode, On: a.target(), Record: record(a.ID)}
	return code, s.gate.Write(ctx, change, func(ctx context.Context, tx *db.Tx) error {
		if err := s.replaceCode(ctx, tx, a.ID, codeReset, code, codeHanded); err != nil {
			return err
		}
		if err := s.tell(ctx, tx, a.ID, "account.told.code_issued"); err != nil {
			return err
		}
		return s.mail(ctx, tx, a.Email, "account.mail.code_issued", "name", a.Name)
	})
}
