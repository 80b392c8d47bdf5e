package guarantee

import (
	"context"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/gate"
)

// Application is what begins a case.
type Application struct {
	Guarantor  institution.ID
	Enterprise string         // who asks; of a bank's proposal found by Number instead
	Number     string         // of a bank's proposal: the enterprise's credit or organisation code
	Bank       institution.ID // empty while none is chosen
	Wish
	Once string // the request's idempotency key
}

// Apply asks a guarantor for a guarantee (申请担保): the enterprise itself, or the
// office of its place for it. A guarantor that does not serve the place is
// Invalid, one that is not there too.
func (s *Service) Apply(ctx context.Context, by authz.Actor, in Application) (Case, error) {
	f := in.check()
	e, err := s.client(ctx, by.Scope(Apply), in.Enterprise)
	if err != nil {
		return Case{}, err
	}
	return s.apply(ctx, by, Apply, Applied, in, f, e)
}

// Propose files a case for one of a bank's customers (银行推荐), which it knows by
// its number; the enterprise has to agree before anything else happens.
func (s *Service) Propose(ctx context.Context, by authz.Actor, in Application) (Case, error) {
	f := in.check()
	found, err := enterprise.ByNumber(ctx, s.db, authz.Unbounded("a bank names its customer by number"), in.Number)
	if err != nil {
		return Case{}, err
	}
	e, ok := found[enterprise.Normalise(in.Number)]
	if !ok {
		f.Add("number", "guarantee.field.number")
	}
	if in.Bank == "" {
		f.Add("bank", "field.required")
	}
	return s.apply(ctx, by, Propose, Proposed, in, f, e)
}

func (s *Service) apply(ctx context.Context, by authz.Actor, do authz.Permission, state flow.State, in Application, f fault.Fields, e enterprise.Enterprise) (Case, error) {
	if err := s.checkParties(ctx, &f, in.Guarantor, in.Bank, e); err != nil {
		return Case{}, err
	}
	if err := f.Err(); err != nil {
		return Case{}, err
	}
	c := Case{
		ID: ID(db.NewID()), Region: e.Profile.Region, Guarantor: in.Guarantor, Bank: in.Bank, Enterprise: string(e.ID),
		Client: e.Profile.Name, Size: string(e.Size), Wish: in.Wish, State: state, Version: 1,
	}
	change := gate.Change{
		By: by, Do: do, On: on(&c, do), Once: in.Once, Record: gate.Record{Kind: Kind, ID: string(c.ID)},
		Detail: map[string]any{"amount": c.Amount, "guarantor": c.Guarantor},
	}
	blank := c
	err := s.gate.Write(ctx, &change, func(ctx context.Context, tx *db.Tx) error {
		c = blank
		return s.enter(ctx, tx, by, do, &c)
	})
	if id, again := gate.Again(err); again {
		return s.process().Reach(ctx, s.db, by, id, do)
	}
	return c, err
}

// enter writes a new case, numbers it and tells whose turn it is.
func (s *Service) enter(ctx context.Context, tx *db.Tx, by authz.Actor, do authz.Permission, c *Case) error {
	c.Applied = dayOf(tx.Now)
	number, err := numbered(ctx, tx, "DB", c.Region, c.Applied[:4], 1)
	if err != nil {
		return err
	}
	c.Number = number(0)
	if err := insertCases(ctx, tx, c); err != nil {
		return err
	}
	if err := flow.Note(ctx, tx, gate.Record{Kind: Kind, ID: string(c.ID)}, flow.Began(by, do, c.State, "")); err != nil {
		return err
	}
	if c.State == Proposed {
		return s.tell(ctx, tx, Agree, c.client(), c.message("guarantee.told.proposed"))
	}
	return s.tell(ctx, tx, Accept, c.guarantor(), c.message("guarantee.told.applied"))
}

func (c *Case) message(key string, args ...any) Message {
	return Message{Key: key, Args: append([]any{"number", c.Number, "client", c.Client}, args...), Record: gate.Record{Kind: Kind, ID: string(c.ID)}}
}

// client is the enterprise that asks, as it stands today.
func (s *Service) client(ctx context.Context, scope authz.Scope, id string) (enterprise.Enterprise, error) {
	now, err := enterprise.Resolve(ctx, s.db, enterprise.ID(id))
	if err != nil {
		return enterprise.Enterprise{}, err
	}
	return enterprise.Load(ctx, s.db, scope, now)
}

// checkParties notes a guarantor or bank that cannot be asked, and an enterprise
// that is off the register.
func (s *Service) checkParties(ctx context.Context, f *fault.Fields, guarantor, bank institution.ID, e enterprise.Enterprise) error {
	today := s.today()
	g, err := oneGuarantor(ctx, s.db, authz.Unbounded("guarantors are public"), guarantor, today)
	switch {
	case fault.Is(err, fault.NotFound):
		f.Add("guarantor", "field.choice")
	case err != nil:
		return err
	case g.Ended != "" && g.Ended <= today:
		f.Add("guarantor", "guarantee.field.ended")
	case e.ID != "" && !g.serves(e.Profile.Region):
		f.Add("guarantor", "guarantee.field.elsewhere")
	}
	if e.Status == enterprise.Closed {
		f.Add("enterprise", "guarantee.field.closed")
	}
	if bank == "" {
		return nil
	}
	b, err := institution.On(ctx, s.db, bank, ledgerDay(today))
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	if err != nil || b.Kind() != institution.Bank {
		f.Add("bank", "field.choice")
	}
	return nil
}

// Agree is the enterprise's word that a bank's proposal is its own wish.
func (s *Service) Agree(ctx context.Context, by authz.Actor, id ID, version int) (Case, error) {
	return s.take(ctx, by, id, version, flow.Move{Do: Agree}, func(ctx context.Context, tx *db.Tx, c *Case, _ *Guarantor) error {
		return s.tell(ctx, tx, Accept, c.guarantor(), c.message("guarantee.told.applied"))
	})
}

// Withdraw takes an application back; what was approved is free again.
func (s *Service) Withdraw(ctx context.Context, by authz.Actor, id ID, version int, reason string) (Case, error) {
	if err := fault.NoReason(&reason); err != nil {
		return Case{}, err
	}
	return s.take(ctx, by, id, version, flow.Move{Do: Withdraw, Note: reason}, func(ctx context.Context, tx *db.Tx, c *Case, _ *Guarantor) error {
		if err := s.uncommit(ctx, tx, by, Withdraw, c); err != nil {
			return err
		}
		return s.tell(ctx, tx, Accept, c.guarantor(), c.message("guarantee.told.withdrawn"))
	})
}

// uncommit frees what was approved and not signed.
func (s *Service) uncommit(ctx context.Context, tx *db.Tx, by authz.Actor, do authz.Permission, c *Case) error {
	b, err := balance(ctx, tx, c.ID)
	if err != nil || b.Committed == 0 {
		return err
	}
	return post(ctx, tx, by, do, c.Guarantor, string(c.ID), entry{Committed, dayOf(tx.Now), -b.Committed})
}

// take takes a step with a case: fn finds it in its new state, with its
// guarantor, as what it was when the contract was signed. The guarantor is locked:
// what is counted of its books stays true until the end.
func (s *Service) take(ctx context.Context, by authz.Actor, id ID, version int, m flow.Move,
	fn func(ctx context.Context, tx *db.Tx, c *Case, g *Guarantor) error,
) (Case, error) {
	return s.process().Take(ctx, s.gate, by, string(id), version, m, func(ctx context.Context, tx *db.Tx, c *Case) error {
		if err := tx.Lock(ctx, "guarantor", string(c.Guarantor)); err != nil {
			return err
		}
		g, err := oneGuarantor(ctx, tx, authz.Unbounded("the case's own"), c.Guarantor, dayOf(tx.Now))
		if err != nil {
			return err
		}
		if c.Deal.On == "" {
			return fn(ctx, tx, c, &g)
		}
		past, err := standings(ctx, tx, g.ID)
		if err != nil {
			return err
		}
		return fn(ctx, tx, c, g.on(past, c.Deal.On))
	})
}
