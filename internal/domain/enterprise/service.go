package enterprise

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
)

// Hooks are what the register asks of the rest of the program, in its own
// transaction; an error undoes the change. Nil hooks are left out. Each may be
// asked for what is already so, and then does nothing.
type Hooks struct {
	// Post writes facts to the ledger.
	Post func(ctx context.Context, tx *db.Tx, facts ...ledger.Fact) error
	// Granted lets a person act for an enterprise, Revoked ends it.
	Granted func(ctx context.Context, tx *db.Tx, person string, e ID) error
	Revoked func(ctx context.Context, tx *db.Tx, person string, e ID) error
	// Told gives a person news of a claim.
	Told func(ctx context.Context, tx *db.Tx, n News) error
	// Merged lets from's facts and records count as to's; Separated takes it back.
	Merged    func(ctx context.Context, tx *db.Tx, from, to ID) error
	Separated func(ctx context.Context, tx *db.Tx, from, to ID) error
	// RulesChanged arranges that Reclassify runs over the whole register.
	RulesChanged func(ctx context.Context, tx *db.Tx) error
	// Place refuses a town that does not exist today, with an Invalid fault.
	Place func(ctx context.Context, r db.Reader, town region.Code) error
	// Files keeps what is shown with a claim: licence scans, letters; nil takes none.
	Files *files.Service
}

// News is a sentence for a person's inbox.
type News struct {
	Person string
	Key    string
	Args   []any
	Claim  string
}

// Service is the register's use cases. It is safe for concurrent use.
type Service struct {
	db       *db.DB
	gate     *gate.Gate
	standard Rules
	hooks    Hooks
}

// New makes the service; it fails only when the program's own size rules are broken.
func New(d *db.DB, g *gate.Gate, hooks Hooks) (*Service, error) {
	standard, err := StandardRules()
	return &Service{db: d, gate: g, standard: standard, hooks: hooks}, err
}

// Registration is the form of a new entry.
type Registration struct {
	Profile  Profile
	Codes    []string // licence numbers as typed; at least one
	Contact  Contact
	Own      bool     // the registrant acts for this enterprise: false for staff
	Evidence string   // what the registrant says to show it
	Papers   []string // tokens of the registrant's pending uploads: the licence
	// On is the day it came on the register, for entries taken over from older
	// lists; "" is today, the only choice for those who may not verify.
	On   string
	Once string // idempotency key
}

// Register makes a new, unverified entry (登记). With Own the registrant may act
// for it at once, and files the claim that its county will check. The answer is
// the same whether or not the number is already known: entries of one number
// coexist until staff decide. Conflict only when the registrant has already
// registered or claimed the number.
func (s *Service) Register(ctx context.Context, by authz.Actor, in Registration) (ID, error) {
	c := gate.Change{By: by, Do: Register, On: authz.At(in.Profile.Region), Record: gate.Record{Kind: Kind}, Once: in.Once}
	if in.Own { // everybody may enter their own; for others it takes the office of the place
		c.On = c.On.Of(authz.Person, by.ID)
	}
	if err := gate.Check(&c); err != nil {
		return "", err
	}
	rules, err := s.Rules(ctx)
	if err != nil {
		return "", err
	}
	if in.On == "" || !by.May(Verify, c.On) {
		in.On = dayOf(s.db.Now())
	}
	codes, err := s.checkRegistration(ctx, &in, rules)
	if err != nil {
		return "", err
	}
	var id ID
	err = s.gate.Write(ctx, &c, func(ctx context.Context, tx *db.Tx) error {
		id = ID(db.NewID())
		c.Record.ID = string(id)
		e := Enterprise{ID: id, Profile: in.Profile, Status: Lifecycle().Start, Size: Unknown, CreatedBy: by.ID, Version: 1}
		if err := insert(ctx, tx, e); err != nil {
			return err
		}
		if err := putCodes(ctx, tx, id, codes, "claimed"); err != nil {
			return err
		}
		if in.Contact != (Contact{}) {
			if err := putContact(ctx, tx, id, in.Contact); err != nil {
				return err
			}
		}
		if in.Own && by.Personal() {
			if err := s.fileWithRegistration(ctx, tx, &c, e, codes, in); err != nil {
				return err
			}
		}
		return s.post(ctx, tx, e, ledger.Date(in.On), 1)
	})
	if again, ok := gate.Again(err); ok {
		return ID(again), nil
	}
	return id, err
}

// checkRegistration tidies the form and tells everything wrong with it at once.
func (s *Service) checkRegistration(ctx context.Context, in *Registration, rules Rules) ([]Identifier, error) {
	in.Profile = tidy(in.Profile, rules)
	var bad fault.Fields
	checkProfile(in.Profile, rules, dayOf(s.db.Now()), &bad)
	codes := parseCodes(in.Codes, &bad)
	if len(codes) == 0 && !bad.Has(codeField) {
		bad.Add(codeField, "field.required")
	}
	checkContact(in.Contact, &bad)
	if !isDate(in.On) || in.On > dayOf(s.db.Now()) {
		bad.Add("on", "field.date", "value", in.On)
	}
	bad.Length("evidence", in.Evidence, 0, longestEvidence)
	return codes, s.withPlace(ctx, in.Profile.Region, bad)
}

// withPlace adds what the territory says of the town.
func (s *Service) withPlace(ctx context.Context, town region.Code, bad fault.Fields) error {
	if s.hooks.Place != nil && !bad.Has("region") {
		if err := s.hooks.Place(ctx, s.db, town); err != nil {
			more := fault.FieldsOf(err)
			if more == nil {
				return err
			}
			bad = append(bad, more...)
		}
	}
	return bad.Err()
}

// tidy takes stray spaces away and writes the industry with its letter.
func tidy(p Profile, r Rules) Profile {
	for _, s := range []*string{&p.Name, &p.ShortName, &p.Address, &p.Established} {
		*s = strings.TrimSpace(*s)
	}
	if ind, ok := r.Canonical(p.Industry); ok {
		p.Industry = ind
	}
	return p
}

// Amendment is the edit form. Nil parts stay as they are.
type Amendment struct {
	Profile Profile
	Codes   []string // nil: unchanged
	Contact *Contact
}

// Both is the cause of a Stale fault: the record as it is now, beside what the
// editor wanted. Find it with errors.As.
type Both struct{ Theirs, Yours Enterprise }

func (b *Both) Error() string {
	return fmt.Sprintf("enterprise %s is at version %d", b.Theirs.ID, b.Theirs.Version)
}

// Edit changes what an enterprise says of itself. A rejected entry goes back to
// be checked. What the licence of a verified entry says is changed only by
// those who may verify. Stale carries Both.
func (s *Service) Edit(ctx context.Context, by authz.Actor, id ID, version int, in Amendment) error {
	old, err := s.Get(ctx, by, id)
	if err != nil {
		return err
	}
	rules, err := s.Rules(ctx)
	if err != nil {
		return err
	}
	in.Profile = tidy(in.Profile, rules)
	c := gate.Change{By: by, Do: Edit, On: old.Target(), Record: gate.Record{Kind: Kind, ID: string(id)}}
	if err := gate.Check(&c); err != nil {
		return err
	}
	codes, err := s.checkAmendment(ctx, by, old, in, rules)
	if err != nil {
		return err
	}
	there := gate.Change{By: by, Do: Edit, On: authz.At(in.Profile.Region).Of(authz.Enterprise, string(id))}
	if err := gate.Check(&there); err != nil {
		return err
	}
	return s.gate.Write(ctx, &c, func(ctx context.Context, tx *db.Tx) error {
		e, err := Load(ctx, tx, authz.Unbounded("the change was allowed"), id)
		if err != nil {
			return err
		}
		yours := e
		yours.Profile = in.Profile
		if e.Version != version {
			return fault.Because(&Both{Theirs: e, Yours: yours}, fault.Stale, "fault.stale")
		}
		if yours.Status, err = stepOf(e, Edit); err != nil {
			return err
		}
		if yours.Status != e.Status {
			yours.Reason = ""
		}
		c.Detail = changed(e.Profile, in.Profile, codes != nil)
		if err := resize(ctx, tx, &yours, rules); err != nil {
			return err
		}
		return s.save(ctx, tx, e, yours, codes, in.Contact)
	})
}

func (s *Service) checkAmendment(ctx context.Context, by authz.Actor, old Enterprise, in Amendment, rules Rules) ([]Identifier, error) {
	var bad fault.Fields
	checkProfile(in.Profile, rules, dayOf(s.db.Now()), &bad)
	var codes []Identifier
	if in.Codes != nil {
		if codes = parseCodes(in.Codes, &bad); len(codes) == 0 && !bad.Has(codeField) {
			bad.Add(codeField, "field.required")
		}
	}
	if in.Contact != nil {
		checkContact(*in.Contact, &bad)
	}
	if err := s.withPlace(ctx, in.Profile.Region, bad); err != nil {
		return nil, err
	}
	return codes, locked(by, old, in.Profile, codes)
}

// save writes an edited entry, its numbers and contact, and counts it anew
// when what is counted has changed.
func (s *Service) save(ctx context.Context, tx *db.Tx, old, e Enterprise, codes []Identifier, contact *Contact) error {
	if err := update(ctx, tx, e); err != nil {
		return err
	}
	if codes != nil && !sameCodes(old.own(), codes) {
		state := "claimed"
		if e.Status == Verified {
			state = "verified"
		}
		if err := putCodes(ctx, tx, e.ID, codes, state); err != nil {
			return err
		}
		if err := recontest(ctx, tx, e.ID, codes); err != nil {
			return err
		}
	}
	if contact != nil {
		if err := putContact(ctx, tx, e.ID, *contact); err != nil {
			return err
		}
	}
	return s.recount(ctx, tx, old, e)
}

// changed names the parts of a profile that an edit changes, for the audit.
func changed(old, now Profile, codes bool) map[string]any {
	parts := map[string]bool{
		"name": old.Name != now.Name, "short_name": old.ShortName != now.ShortName, "region": old.Region != now.Region,
		"address": old.Address != now.Address, "legal_form": old.LegalForm != now.LegalForm,
		"industry": old.Industry != now.Industry, "established": old.Established != now.Established, "codes": codes,
	}
	maps.DeleteFunc(parts, func(_ string, different bool) bool { return !different })
	detail := map[string]any{"changed": sortedKeys(parts)}
	if parts["region"] {
		detail["from"], detail["to"] = old.Region, now.Region
	}
	if parts["name"] {
		detail["name_before"] = old.Name
	}
	return detail
}
