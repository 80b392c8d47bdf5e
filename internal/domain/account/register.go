package account

import (
	"context"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/region"
)

// NewAccount is what a visitor fills in to register (登记账号).
type NewAccount struct {
	Phone     string
	Name      string
	Password  string
	Email     string      // optional; counts only once its code is confirmed
	Region    region.Code // where they live or work; optional
	Situation string      // optional, see Situations
	Consent   string      // the version of the privacy notice agreed to
	Client
}

// RegisterPerson opens an account for a visitor. by is
// authz.Anyone("register", account.Register). The answer is the same when the
// phone number already has an account: then nothing changes and its owner is
// told. Whoever registered signs in next.
func (s *Service) RegisterPerson(ctx context.Context, by authz.Actor, in NewAccount) error {
	a, err := s.checkNew(in)
	if err != nil {
		return err
	}
	count, err := s.attempt(ctx, bucket{"register " + networkOf(in.Network), perRegister})
	if err != nil {
		return err
	}
	if count.blocked > 0 {
		return slow(count)
	}
	if a.Password, err = s.hash.make(ctx, in.Password); err != nil {
		return err
	}
	a.ID = db.NewID()
	change := &gate.Change{By: by, Do: Register, On: authz.At(a.Region), Record: record(a.ID), Detail: map[string]any{"consent": in.Consent}}
	err = s.gate.Write(ctx, change, func(ctx context.Context, tx *db.Tx) error {
		a.PasswordAt, a.ConsentAt = db.Millis(tx.Now), db.Millis(tx.Now)
		if err := insertPerson(ctx, tx, a); err != nil {
			return err
		}
		return s.mailEmailCode(ctx, tx, a)
	})
	if db.Unique(err) {
		return s.registeredAgain(ctx, by, a.Phone)
	}
	return err
}

func (s *Service) checkNew(in NewAccount) (account, error) {
	var fields fault.Fields
	a := account{Person: Person{Region: in.Region, Situation: in.Situation, Consent: in.Consent}}
	var ok bool
	if in.Phone == "" {
		fields.Add("phone", "field.required")
	} else if a.Phone, ok = phoneOf(in.Phone); !ok {
		fields.Add("phone", "account.phone.wrong", "value", in.Phone)
	}
	a.Name = checkName(&fields, in.Name)
	if in.Email != "" {
		if a.EmailPending, ok = emailOf(in.Email); !ok {
			fields.Add("email", "account.email.wrong", "value", in.Email)
		}
	}
	checkPassword(&fields, in.Password, a.Phone, a.EmailPending)
	a.Region = s.place(&fields, in.Region)
	checkSituation(&fields, in.Situation)
	if in.Consent == "" || in.Consent != s.cfg.Notice {
		fields.Add("consent", "account.consent.needed")
	}
	return a, fields.Err()
}

// place is the region given, or the top of the installation's tree.
func (s *Service) place(fields *fault.Fields, c region.Code) region.Code {
	if c == "" {
		return s.cfg.Home
	}
	if !s.cfg.Home.Contains(c) {
		fields.Add("region", "field.choice")
	}
	return c
}

func (s *Service) mailEmailCode(ctx context.Context, tx *db.Tx, a account) error {
	if a.EmailPending == "" || s.cfg.Mail == nil {
		return nil
	}
	code := newCode()
	if err := s.replaceCode(ctx, tx, a.ID, codeEmail, code, codeHanded); err != nil {
		return err
	}
	return s.mail(ctx, tx, a.EmailPending, "account.mail.confirm", "name", a.Name, "code", code, "link", "/me/email")
}

// registeredAgain tells the owner of a phone number that somebody registered it
// once more.
func (s *Service) registeredAgain(ctx context.Context, by authz.Actor, phone string) error {
	a, err := byLogin(ctx, s.db, phone)
	if err != nil {
		return err
	}
	change := &gate.Change{By: by, Do: Register, On: authz.At(a.Region), Record: record(a.ID), Detail: map[string]any{"again": true}}
	return s.gate.Write(ctx, change, func(ctx context.Context, tx *db.Tx) error {
		if err := s.tell(ctx, tx, a.ID, "account.told.again"); err != nil {
			return err
		}
		return s.mail(ctx, tx, a.Email, "account.mail.again", "name", a.Name)
	})
}
