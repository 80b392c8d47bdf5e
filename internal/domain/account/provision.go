package account

import (
	"context"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/region"
)

// NewPerson is an account made by staff, on the command line, or by the
// demonstration.
type NewPerson struct {
	Phone    string // one of the two
	Email    string // taken as proven
	Name     string
	Region   region.Code // empty: the top of the tree
	Password string      // empty: none, until a code sets one (IssueNew)
	Demo     bool        // an account of the demonstration
	Grants   []Grant     // Person is filled in
}

// Provision makes an account with its grants in one change. by holds Create
// over the region, and Give over each grant's place. Invalid when the login is
// taken.
func (s *Service) Provision(ctx context.Context, by authz.Actor, in NewPerson) (id string, err error) {
	a, err := s.checkProvision(in)
	if err != nil {
		return "", err
	}
	roles := make([]Role, len(in.Grants))
	for i, g := range in.Grants {
		if roles[i], err = s.checkGrant(ctx, g); err != nil {
			return "", err
		}
	}
	change := &gate.Change{By: by, Do: Create, On: authz.At(a.Region)}
	if err := gate.Check(change); err != nil {
		return "", err
	}
	if in.Password != "" {
		if a.Password, err = s.hash.make(ctx, in.Password); err != nil {
			return "", err
		}
	}
	a.ID = db.NewID()
	change.Record = record(a.ID)
	err = s.gate.Write(ctx, change, func(ctx context.Context, tx *db.Tx) error {
		a.PasswordAt, a.PhoneSeenAt = db.Millis(tx.Now), db.Millis(tx.Now)
		if err := insertPerson(ctx, tx, a); err != nil {
			return err
		}
		for i, g := range in.Grants {
			g.Person = a.ID
			also := &gate.Change{By: by, Do: Give, On: over(g.Region, g.Party), Record: record(a.ID)}
			if err := s.gate.Also(ctx, tx, also, func(ctx context.Context) error {
				grant, err := s.give(ctx, tx, by.ID, g, roles[i])
				also.Detail = grantDetail(grant, g)
				return err
			}); err != nil {
				return err
			}
		}
		return nil
	})
	if db.Unique(err) {
		return "", fault.Fields{{Name: "phone", Key: "account.phone.taken"}}.Err()
	}
	return a.ID, err
}

func (s *Service) checkProvision(in NewPerson) (account, error) {
	var fields fault.Fields
	a := account{Demo: db.Bool(in.Demo)}
	var ok bool
	if in.Phone != "" {
		if a.Phone, ok = phoneOf(in.Phone); !ok {
			fields.Add("phone", "account.phone.wrong", "value", in.Phone)
		}
	}
	if in.Email != "" {
		if a.Email, ok = emailOf(in.Email); !ok {
			fields.Add("email", "account.email.wrong", "value", in.Email)
		}
	}
	if in.Phone == "" && in.Email == "" {
		fields.Add("phone", "account.login.one")
	}
	a.Name = checkName(&fields, in.Name)
	a.Region = s.place(&fields, in.Region)
	if in.Password != "" && !in.Demo {
		checkPassword(&fields, in.Password, a.Phone, a.Email)
	}
	return a, fields.Err()
}

// Find is the id of the account with a phone number or address, for the command
// line and imports; NotFound when there is none. by holds Create over it.
func (s *Service) Find(ctx context.Context, by authz.Actor, typed string) (string, error) {
	login, _ := loginOf(typed)
	a, err := byLogin(ctx, s.db, login)
	if err != nil {
		return "", err
	}
	if a.ID == "" || !by.May(Create, a.target()) {
		return "", fault.Missing()
	}
	return a.ID, nil
}
