package guarantee

import (
	"context"
	"strings"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/ledger"
)

// Lend is the bank's word that the loan was paid out (确认放款). What it lends
// less than the contract is not guaranteed any longer (未放款解除). From asking to money is
// counted in days.
func (s *Service) Lend(ctx context.Context, by authz.Actor, id ID, version int, in Loan) (Case, error) {
	was, err := s.process().Allow(ctx, s.db, by, string(id), Lend)
	if err != nil {
		return Case{}, err
	}
	var f fault.Fields
	in.Number = strings.TrimSpace(in.Number)
	f.Length("number", in.Number, 0, 40)
	between(&f, "on", in.On, was.Deal.On, s.today())
	if was.State == Signed {
		atMost(&f, "amount", in.Amount, was.Deal.Amount, "guarantee.field.above_deal")
	}
	if err := f.Err(); err != nil {
		return Case{}, err
	}
	move := flow.Move{Do: Lend, Detail: map[string]any{"amount": in.Amount, "on": in.On}}
	return s.take(ctx, by, id, version, move, func(ctx context.Context, tx *db.Tx, c *Case, g *Guarantor) error {
		c.Loan = in
		asked, err := s.asked(ctx, tx, c)
		if err != nil {
			return err
		}
		f := c.fact(streamMoney, in.On, g)
		f.Quantity, f.Amount = daysBetween(asked, in.On), in.Amount
		facts := []ledger.Fact{f}
		if unused := c.Deal.Amount - in.Amount; unused > 0 {
			if err := post(ctx, tx, by, Lend, g.ID, string(c.ID), entry{Outstanding, in.On, -unused}); err != nil {
				return err
			}
			facts = append(facts, c.outstandingFact(in.On, -unused, g), c.movedFact(in.On, movedUnlent, unused, g))
		}
		if _, err := s.ledger.Post(ctx, tx, facts...); err != nil {
			return err
		}
		if err := s.fund(ctx, tx, by, c); err != nil {
			return err
		}
		if err := s.tell(ctx, tx, Accept, c.guarantor(), c.message("guarantee.told.lent", "amount", yuan(in.Amount))); err != nil {
			return err
		}
		return s.tell(ctx, tx, Agree, c.client(), c.message("guarantee.told.lent", "amount", yuan(in.Amount)))
	})
}

// asked is the day on which the enterprise first asked for the money.
func (s *Service) asked(ctx context.Context, r db.Reader, c *Case) (string, error) {
	if c.Need == "" {
		return c.Applied, nil
	}
	n, err := oneNeed(ctx, r, authz.Unbounded("the case came from it"), c.Need)
	return min(dayOf(n.PostedAt), c.Applied), err
}

// Movement is money that moved on a day.
type Movement struct {
	On     string // ISO date
	Amount int64  // fen
	Words  string
}

// move takes a step in which money moves: the case as it was, what bounds the
// amount, and the key of the sentence when it is above that.
func (s *Service) move(ctx context.Context, by authz.Actor, id ID, version int, do authz.Permission, in *Movement,
	most func(Balance) int64, above string, then func(ctx context.Context, tx *db.Tx, c *Case, g *Guarantor, b Balance) error,
) (Case, error) {
	was, err := s.process().Allow(ctx, s.db, by, string(id), do)
	if err != nil {
		return Case{}, err
	}
	var f fault.Fields
	in.Words = strings.TrimSpace(in.Words)
	f.Length("words", in.Words, 0, 200)
	from := was.Deal.On
	if was.Loan.On != "" {
		from = was.Loan.On
	}
	between(&f, "on", in.On, from, s.today())
	money(&f, "amount", in.Amount)
	if err := f.Err(); err != nil {
		return Case{}, err
	}
	m := flow.Move{Do: do, Note: in.Words, Detail: map[string]any{"amount": in.Amount, "on": in.On}}
	return s.take(ctx, by, id, version, m, func(ctx context.Context, tx *db.Tx, c *Case, g *Guarantor) error {
		b, err := balance(ctx, tx, c.ID)
		if err != nil {
			return err
		}
		var f fault.Fields
		if atMost(&f, "amount", in.Amount, most(b), above); len(f) > 0 {
			return f.Err()
		}
		return then(ctx, tx, c, g, b)
	})
}

func outstanding(b Balance) int64 { return b.Outstanding }
func claimed(b Balance) int64     { return b.Claims }

// Repay sets down that the enterprise paid the bank back (登记还款).
func (s *Service) Repay(ctx context.Context, by authz.Actor, id ID, version int, in Movement) (Case, error) {
	return s.move(ctx, by, id, version, Repay, &in, outstanding, "guarantee.field.above_outstanding",
		func(ctx context.Context, tx *db.Tx, c *Case, g *Guarantor, _ Balance) error {
			if err := post(ctx, tx, by, Repay, g.ID, string(c.ID), entry{Outstanding, in.On, -in.Amount}); err != nil {
				return err
			}
			_, err := s.ledger.Post(ctx, tx, c.outstandingFact(in.On, -in.Amount, g), c.movedFact(in.On, movedRepaid, in.Amount, g))
			return err
		})
}

// Release sets the guarantor free (解除担保); Conflict while something is
// outstanding.
func (s *Service) Release(ctx context.Context, by authz.Actor, id ID, version int) (Case, error) {
	return s.take(ctx, by, id, version, flow.Move{Do: Release}, func(ctx context.Context, tx *db.Tx, c *Case, _ *Guarantor) error {
		b, err := balance(ctx, tx, c.ID)
		if err != nil {
			return err
		}
		if b.Outstanding != 0 {
			return fault.New(fault.Conflict, "guarantee.conflict.outstanding", "amount", yuan(b.Outstanding))
		}
		return s.tell(ctx, tx, Agree, c.client(), c.message("guarantee.told.released"))
	})
}

// Extend lets the loan run longer (展期), until a later day, as far as the rule in
// force allows in all.
func (s *Service) Extend(ctx context.Context, by authz.Actor, id ID, version int, until, reason string) (Case, error) {
	was, err := s.process().Allow(ctx, s.db, by, string(id), Extend)
	if err != nil {
		return Case{}, err
	}
	var f fault.Fields
	f.Reason("reason", &reason)
	f.Day("until", until)
	if was.State == Lent && !f.Has("until") {
		rule, err := s.rule(ctx, s.db, s.today())
		if err != nil {
			return Case{}, err
		}
		was.Deal.extendable(&f, until, rule.extends(was.Deal.On, flow.AddMonths(was.Deal.On, was.Granted.Months)))
	}
	if err := f.Err(); err != nil {
		return Case{}, err
	}
	move := flow.Move{Do: Extend, Note: reason, Detail: map[string]any{"until": until}}
	return s.take(ctx, by, id, version, move, func(ctx context.Context, tx *db.Tx, c *Case, _ *Guarantor) error {
		c.Deal.Until = until
		c.Deal.Extended++
		return s.tell(ctx, tx, Lend, c.bank(), c.message("guarantee.told.extended", "until", until))
	})
}

// extendable notes a day that the loan already runs to, and one after the last to
// which it may be extended, "" for none.
func (d *Deal) extendable(f *fault.Fields, until, last string) {
	switch {
	case until <= d.Until:
		f.Add("until", "guarantee.field.before", "day", flow.AddDays(d.Until, 1))
	case last != "" && last <= d.Until:
		f.Add("until", "guarantee.field.extended_out", "day", d.Until)
	case last != "" && until > last:
		f.Add("until", "guarantee.field.extended", "day", last)
	case until > flow.AddMonths(d.Until, 120):
		f.Add("until", "guarantee.field.future", "day", flow.AddMonths(d.Until, 120))
	}
}

// PayClaim sets down what the guarantor paid the bank in the enterprise's place
// (代偿), at most what is outstanding. It has a claim on the enterprise since.
func (s *Service) PayClaim(ctx context.Context, by authz.Actor, id ID, version int, in Movement) (Case, error) {
	return s.move(ctx, by, id, version, PayClaim, &in, outstanding, "guarantee.field.above_claim",
		func(ctx context.Context, tx *db.Tx, c *Case, g *Guarantor, _ Balance) error {
			if err := post(ctx, tx, by, PayClaim, g.ID, string(c.ID), entry{Outstanding, in.On, -in.Amount}, entry{Claims, in.On, in.Amount}); err != nil {
				return err
			}
			if _, err := s.ledger.Post(ctx, tx, c.outstandingFact(in.On, -in.Amount, g), c.movedFact(in.On, movedClaim, in.Amount, g)); err != nil {
				return err
			}
			return s.tell(ctx, tx, Agree, c.client(), c.message("guarantee.told.claimed", "amount", yuan(in.Amount)))
		})
}

// Recover sets down what was got back of a claim (追偿). With the last of it,
// and nothing outstanding, the case is over.
func (s *Service) Recover(ctx context.Context, by authz.Actor, id ID, version int, in Movement) (Case, error) {
	return s.move(ctx, by, id, version, Recover, &in, claimed, "guarantee.field.above_claims",
		func(ctx context.Context, tx *db.Tx, c *Case, g *Guarantor, b Balance) error {
			if err := post(ctx, tx, by, Recover, g.ID, string(c.ID), entry{Claims, in.On, -in.Amount}); err != nil {
				return err
			}
			if b.Claims == in.Amount && b.Outstanding == 0 {
				c.State = Recovered
			}
			_, err := s.ledger.Post(ctx, tx, c.movedFact(in.On, movedRecovered, in.Amount, g))
			return err
		})
}

// WriteOff gives up what is left of a claim (核销), with a reason; Conflict while
// something is outstanding or nothing is left.
func (s *Service) WriteOff(ctx context.Context, by authz.Actor, id ID, version int, day, reason string) (Case, error) {
	was, err := s.process().Allow(ctx, s.db, by, string(id), WriteOff)
	if err != nil {
		return Case{}, err
	}
	var f fault.Fields
	f.Reason("reason", &reason)
	between(&f, "on", day, was.Deal.On, s.today())
	if err := f.Err(); err != nil {
		return Case{}, err
	}
	move := flow.Move{Do: WriteOff, Note: reason, Detail: map[string]any{"on": day}}
	return s.take(ctx, by, id, version, move, func(ctx context.Context, tx *db.Tx, c *Case, g *Guarantor) error {
		b, err := balance(ctx, tx, c.ID)
		if err != nil {
			return err
		}
		if b.Outstanding != 0 || b.Claims == 0 {
			return fault.New(fault.Conflict, "guarantee.conflict.outstanding", "amount", yuan(b.Outstanding))
		}
		if err := post(ctx, tx, by, WriteOff, g.ID, string(c.ID), entry{Claims, day, -b.Claims}, entry{Losses, day, b.Claims}); err != nil {
			return err
		}
		_, err = s.ledger.Post(ctx, tx, c.movedFact(day, movedLost, b.Claims, g))
		return err
	})
}
