package guarantee

import (
	"context"
	"strings"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
)

// Accept takes an application up (受理).
func (s *Service) Accept(ctx context.Context, by authz.Actor, id ID, version int) (Case, error) {
	return s.take(ctx, by, id, version, flow.Move{Do: Accept}, func(ctx context.Context, tx *db.Tx, c *Case, _ *Guarantor) error {
		return s.tell(ctx, tx, Agree, c.client(), c.message("guarantee.told.accepted"))
	})
}

// Refuse ends an application with a reason (不予担保).
func (s *Service) Refuse(ctx context.Context, by authz.Actor, id ID, version int, reason string) (Case, error) {
	if err := fault.NoReason(&reason); err != nil {
		return Case{}, err
	}
	return s.take(ctx, by, id, version, flow.Move{Do: Refuse, Note: reason}, func(ctx context.Context, tx *db.Tx, c *Case, _ *Guarantor) error {
		return s.tell(ctx, tx, Agree, c.client(), c.message("guarantee.told.refused", "reason", reason))
	})
}

// Examine sets down what the due diligence found (尽职调查). By of the finding is
// the actor.
func (s *Service) Examine(ctx context.Context, by authz.Actor, id ID, version int, in Finding) (Case, error) {
	was, err := s.process().Allow(ctx, s.db, by, string(id), Examine)
	if err != nil {
		return Case{}, err
	}
	var f fault.Fields
	in.Opinion, in.By = strings.TrimSpace(in.Opinion), by.Name
	between(&f, "on", in.On, was.Applied, s.today())
	atMost(&f, "amount", in.Amount, was.Amount, "guarantee.field.above_wish")
	f.Length("opinion", in.Opinion, 10, 1000)
	if err := f.Err(); err != nil {
		return Case{}, err
	}
	return s.take(ctx, by, id, version, flow.Move{Do: Examine, Note: in.Opinion}, func(_ context.Context, _ *db.Tx, c *Case, _ *Guarantor) error {
		c.Found = in
		return nil
	})
}

// Review sets down a review meeting (评审会); its votes decide whether the case
// goes on. Passed of the input does not matter.
func (s *Service) Review(ctx context.Context, by authz.Actor, id ID, version int, m Meeting) (Case, error) {
	was, err := s.process().Allow(ctx, s.db, by, string(id), Review)
	if err != nil {
		return Case{}, err
	}
	rule, err := s.rule(ctx, s.db, s.today())
	if err != nil {
		return Case{}, err
	}
	if err := m.check(rule, max(was.Applied, was.Found.On), s.today()); err != nil {
		return Case{}, err
	}
	m.Passed = m.passes(rule)
	move := flow.Move{Do: Review, To: Reviewed, Detail: map[string]any{"votes": len(m.Votes), "passed": m.Passed}}
	if !m.Passed {
		move.To = Refused
	}
	return s.take(ctx, by, id, version, move, func(ctx context.Context, tx *db.Tx, c *Case, _ *Guarantor) error {
		if err := putMeeting(ctx, tx, id, &m); err != nil {
			return err
		}
		if m.Passed {
			return nil
		}
		return s.tell(ctx, tx, Agree, c.client(), c.message("guarantee.told.voted"))
	})
}

// Approval is what somebody approves.
type Approving struct {
	Amount int64 // fen, at most what the due diligence bears
	Months int
	Words  string
}

// Approve approves a case (批准). Above the amount that the rule sets two
// different persons have to: the first leaves it where it is, the second
// approves what the first did. The last one uses up capacity: the limits of the
// day are checked under a lock on the guarantor, every one that would be broken
// is told, about the amount.
func (s *Service) Approve(ctx context.Context, by authz.Actor, id ID, version int, in Approving) (Case, error) {
	was, err := s.process().Allow(ctx, s.db, by, string(id), Approve)
	if err != nil {
		return Case{}, err
	}
	rule, err := s.rule(ctx, s.db, s.today())
	if err != nil {
		return Case{}, err
	}
	first := was.Granted.Amount == 0
	if !first { // the second approves what the first did
		in.Amount, in.Months = was.Granted.Amount, was.Granted.Months
	}
	var f fault.Fields
	in.Words = strings.TrimSpace(in.Words)
	most := was.Amount
	if was.Found.Amount > 0 {
		most = was.Found.Amount
	}
	atMost(&f, "amount", in.Amount, most, "guarantee.field.above_found")
	f.Range("months", int64(in.Months), 1, 120)
	f.Length("words", in.Words, 0, 200)
	if err := f.Err(); err != nil {
		return Case{}, err
	}
	last := in.Amount <= rule.TwoAbove || !first
	move := flow.Move{Do: Approve, To: Approved, Note: in.Words, Detail: map[string]any{"amount": in.Amount}}
	if !last {
		move.To = Reviewed
	}
	return s.take(ctx, by, id, version, move, func(ctx context.Context, tx *db.Tx, c *Case, g *Guarantor) error {
		if err := putApproval(ctx, tx, id, by, in.Words); err != nil {
			return err
		}
		c.Granted = Grant{dayOf(tx.Now), in.Amount, in.Months}
		if !last {
			return nil
		}
		return s.commit(ctx, tx, by, c, g, rule)
	})
}

// commit uses up capacity for what was approved, if there is enough.
func (s *Service) commit(ctx context.Context, tx *db.Tx, by authz.Actor, c *Case, g *Guarantor, rule *Rule) error {
	today := dayOf(tx.Now)
	if g.Ended != "" && g.Ended <= today {
		return fault.New(fault.Conflict, "guarantee.field.ended")
	}
	if err := post(ctx, tx, by, Approve, g.ID, string(c.ID), entry{Committed, today, c.Granted.Amount}); err != nil {
		return err
	}
	if err := rule.bears(ctx, tx, g, c, today); err != nil {
		return err
	}
	return s.tell(ctx, tx, Agree, c.client(), c.message("guarantee.told.approved", "amount", yuan(c.Granted.Amount)))
}

// bears is Invalid, about the amount, when what stands in the guarantor's books
// goes beyond a limit that concerns the case.
func (r *Rule) bears(ctx context.Context, tx *db.Tx, g *Guarantor, c *Case, today string) error {
	now, err := standingOf(ctx, tx, g, today)
	if err != nil {
		return err
	}
	return r.broken(now, c.Enterprise)
}

// Signing is a contract about to be concluded.
type Signing struct {
	Number   string // the guarantor's own; the case's when empty
	On       string // ISO date
	Amount   int64  // fen, at most what was approved
	Fee      int64  // a year, in hundredths of a per cent
	Bank     institution.ID
	Security []Security
	Backers  []Backer // found by their numbers
}

// Sign concludes the contract (签订合同): it counts from its day on. Capital and
// rule may have changed since the approval: the limits of today are checked once
// more.
func (s *Service) Sign(ctx context.Context, by authz.Actor, id ID, version int, in Signing) (Case, error) {
	was, err := s.process().Allow(ctx, s.db, by, string(id), Sign)
	if err != nil {
		return Case{}, err
	}
	if in.Number = strings.TrimSpace(in.Number); in.Bank == "" {
		in.Bank = was.Bank
	}
	if err := s.signable(ctx, &was, &in); err != nil {
		return Case{}, err
	}
	rule, err := s.rule(ctx, s.db, s.today())
	if err != nil {
		return Case{}, err
	}
	move := flow.Move{Do: Sign, Detail: map[string]any{"amount": in.Amount, "on": in.On}}
	return s.take(ctx, by, id, version, move, func(ctx context.Context, tx *db.Tx, c *Case, g *Guarantor) error {
		c.Bank = in.Bank
		if len(in.Security) > 0 {
			c.Security = in.Security
		}
		e, err := enterprise.Load(ctx, tx, authz.Unbounded("the case's own"), enterprise.ID(c.Enterprise))
		if err != nil {
			return err
		}
		c.Size = string(e.Size)
		c.Deal = Deal{Number: in.Number, On: in.On, Until: flow.AddMonths(in.On, c.Granted.Months), Amount: in.Amount, Fee: in.Fee}
		if c.Deal.Number == "" {
			c.Deal.Number = c.Number
		}
		if err := post(ctx, tx, by, Sign, c.Guarantor, string(c.ID),
			entry{Committed, c.Deal.On, -c.Granted.Amount}, entry{Outstanding, c.Deal.On, c.Deal.Amount}); err != nil {
			return err
		}
		if err := enterBackers(ctx, tx, c, g, in.Amount, in.Backers); err != nil {
			return err
		}
		if err := rule.bears(ctx, tx, g, c, dayOf(tx.Now)); err != nil {
			return err
		}
		if _, err := s.ledger.Post(ctx, tx, c.contractFacts(g)...); err != nil {
			return err
		}
		return s.tell(ctx, tx, Lend, c.bank(), c.message("guarantee.told.signed", "amount", yuan(c.Deal.Amount)))
	})
}

// Cancel undoes a contract (撤销合同) that was concluded or entered by mistake:
// every posting is posted back and every figure is as if it had not been.
// Conflict once a claim was paid.
func (s *Service) Cancel(ctx context.Context, by authz.Actor, id ID, version int, reason string) (Case, error) {
	if err := fault.NoReason(&reason); err != nil {
		return Case{}, err
	}
	return s.take(ctx, by, id, version, flow.Move{Do: Cancel, Note: reason}, func(ctx context.Context, tx *db.Tx, c *Case, _ *Guarantor) error {
		if err := unpost(ctx, tx, by, Cancel, c); err != nil {
			return err
		}
		if _, err := s.ledger.Reverse(ctx, tx, c.record(), ""); err != nil {
			return err
		}
		if err := s.unfund(ctx, tx, c); err != nil {
			return err
		}
		return s.tell(ctx, tx, Agree, c.client(), c.message("guarantee.told.cancelled", "reason", reason))
	})
}

// signable tells everything that is wrong with a contract about to be concluded, and
// finds who stands behind it.
func (s *Service) signable(ctx context.Context, was *Case, in *Signing) error {
	var f fault.Fields
	f.Length("number", in.Number, 0, 40)
	between(&f, "on", in.On, max(was.Applied, was.Granted.On), s.today())
	rate(&f, "fee", in.Fee, 20)
	secured(&f, in.Security)
	if was.State == Approved {
		atMost(&f, "amount", in.Amount, was.Granted.Amount, "guarantee.field.above_grant")
		g, err := oneGuarantor(ctx, s.db, authz.Unbounded("the case's own"), was.Guarantor, s.today())
		if err == nil {
			err = back(ctx, s.db, &f, was, &g, in.Amount, in.Backers)
		}
		if err != nil {
			return err
		}
	}
	if in.Bank == "" {
		f.Add("bank", "field.required")
	} else if err := s.checkParties(ctx, &f, was.Guarantor, in.Bank, enterprise.Enterprise{}); err != nil {
		return err
	}
	return f.Err()
}
