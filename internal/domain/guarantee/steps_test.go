package guarantee_test

import (
	"testing"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/guarantee"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/testkit"
)

// attempt is one step of the lifecycle: from where, by whom, with which trace.
type attempt struct {
	name     string
	in, to   flow.State
	conflict flow.State // a state in which it cannot be done
	by       func(w *world) authz.Actor
	denied   func(w *world) authz.Actor // somebody who sees the case but may not do this
	do       func(w *world, by authz.Actor, c guarantee.Case, version int) (guarantee.Case, error)
	facts    int
}

func mill(w *world) authz.Actor      { return owner(w.mill) }
func guarantor(w *world) authz.Actor { return people(w.policy, "李建") }
func bank(w *world) authz.Actor      { return people(w.bank, "吴行长") }
func lookers(*world) authz.Actor     { return looker(sheyang) }

func attempts() []attempt {
	type kase = guarantee.Case
	g := func(do func(w *world, by authz.Actor, c kase, v int) (kase, error)) func(w *world, by authz.Actor, c kase, v int) (kase, error) {
		return do
	}
	moved := func(fen int64) guarantee.Movement { return guarantee.Movement{On: "2008-03-03", Amount: fen} }
	return []attempt{
		{"agree", guarantee.Proposed, guarantee.Applied, guarantee.Applied, mill, bank, g(func(w *world, by authz.Actor, c kase, v int) (kase, error) {
			return w.Agree(w.t.Context(), by, c.ID, v)
		}), 0},
		{"accept", guarantee.Applied, guarantee.Accepted, guarantee.Accepted, guarantor, mill, g(func(w *world, by authz.Actor, c kase, v int) (kase, error) {
			return w.Accept(w.t.Context(), by, c.ID, v)
		}), 0},
		{"refuse", guarantee.Accepted, guarantee.Refused, guarantee.Approved, guarantor, bank, g(func(w *world, by authz.Actor, c kase, v int) (kase, error) {
			return w.Refuse(w.t.Context(), by, c.ID, v, "反担保不足")
		}), 0},
		{"withdraw what was approved", guarantee.Approved, guarantee.Withdrawn, guarantee.Signed, mill, guarantor, g(func(w *world, by authz.Actor, c kase, v int) (kase, error) {
			return w.Withdraw(w.t.Context(), by, c.ID, v, "已经自己解决")
		}), 0},
		{"examine", guarantee.Accepted, guarantee.Examined, guarantee.Applied, guarantor, mill, g(func(w *world, by authz.Actor, c kase, v int) (kase, error) {
			return w.Examine(w.t.Context(), by, c.ID, v, guarantee.Finding{On: "2008-03-03", Amount: 80 * wan, Opinion: "订单真实，设备足值，可以担保八十万"})
		}), 0},
		{"review and pass", guarantee.Examined, guarantee.Reviewed, guarantee.Accepted, guarantor, mill, g(func(w *world, by authz.Actor, c kase, v int) (kase, error) {
			return w.Review(w.t.Context(), by, c.ID, v, votes(3, 1))
		}), 0},
		{"review and fail", guarantee.Examined, guarantee.Refused, guarantee.Accepted, guarantor, mill, g(func(w *world, by authz.Actor, c kase, v int) (kase, error) {
			return w.Review(w.t.Context(), by, c.ID, v, votes(2, 2))
		}), 0},
		{"approve", guarantee.Reviewed, guarantee.Approved, guarantee.Examined, guarantor, mill, g(func(w *world, by authz.Actor, c kase, v int) (kase, error) {
			return w.Approve(w.t.Context(), by, c.ID, v, guarantee.Approving{Amount: 90 * wan, Months: 6})
		}), 0},
		{"sign", guarantee.Approved, guarantee.Signed, guarantee.Reviewed, guarantor, mill, g(func(w *world, by authz.Actor, c kase, v int) (kase, error) {
			return w.Sign(w.t.Context(), by, c.ID, v, guarantee.Signing{On: "2008-03-03", Amount: 90 * wan, Fee: 150})
		}), 2}, // a contract, and what it leaves outstanding
		{"lend", guarantee.Signed, guarantee.Lent, guarantee.Approved, bank, guarantor, g(func(w *world, by authz.Actor, c kase, v int) (kase, error) {
			return w.Lend(w.t.Context(), by, c.ID, v, guarantee.Loan{On: "2008-03-03", Amount: 100 * wan})
		}), 1},
		{"lend less", guarantee.Signed, guarantee.Lent, guarantee.Lent, bank, guarantor, g(func(w *world, by authz.Actor, c kase, v int) (kase, error) {
			return w.Lend(w.t.Context(), by, c.ID, v, guarantee.Loan{On: "2008-03-03", Amount: 70 * wan})
		}), 3}, // the money, and what is no longer guaranteed
		{"repay", guarantee.Lent, guarantee.Lent, guarantee.Signed, bank, mill, g(func(w *world, by authz.Actor, c kase, v int) (kase, error) {
			return w.Repay(w.t.Context(), by, c.ID, v, moved(40*wan))
		}), 2},
		{"extend", guarantee.Lent, guarantee.Lent, guarantee.Signed, guarantor, bank, g(func(w *world, by authz.Actor, c kase, v int) (kase, error) {
			return w.Extend(w.t.Context(), by, c.ID, v, "2008-12-03", "外贸货款推迟到账")
		}), 0},
		{"pay a claim", guarantee.Lent, guarantee.Claimed, guarantee.Signed, guarantor, bank, g(func(w *world, by authz.Actor, c kase, v int) (kase, error) {
			return w.PayClaim(w.t.Context(), by, c.ID, v, moved(100*wan))
		}), 2},
		{"recover a part", guarantee.Claimed, guarantee.Claimed, guarantee.Lent, guarantor, bank, g(func(w *world, by authz.Actor, c kase, v int) (kase, error) {
			return w.Recover(w.t.Context(), by, c.ID, v, moved(30*wan))
		}), 1},
		{"recover all", guarantee.Claimed, guarantee.Recovered, guarantee.Lent, guarantor, bank, g(func(w *world, by authz.Actor, c kase, v int) (kase, error) {
			return w.Recover(w.t.Context(), by, c.ID, v, moved(100*wan))
		}), 1},
		{"write off", guarantee.Claimed, guarantee.WrittenOff, guarantee.Lent, guarantor, bank, g(func(w *world, by authz.Actor, c kase, v int) (kase, error) {
			return w.WriteOff(w.t.Context(), by, c.ID, v, "2008-03-03", "企业已破产清算")
		}), 1},
		{"undo the contract", guarantee.Lent, guarantee.Cancelled, guarantee.Claimed, guarantor, bank, g(func(w *world, by authz.Actor, c kase, v int) (kase, error) {
			return w.Cancel(w.t.Context(), by, c.ID, v, "重复登记")
		}), 3}, // contract, outstanding and money are taken back
	}
}

// Each step by the one whose it is, by others, out of turn and out of date.
func TestSteps(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		for _, a := range attempts() {
			t.Run(a.name, func(t *testing.T) {
				w.t = t
				c := w.at(a.in)
				audits, facts := w.audits(c.ID), w.facts()
				refused := func(who string, by authz.Actor, c guarantee.Case, version int, want fault.Kind) {
					t.Helper()
					if _, err := a.do(w, by, c, version); !fault.Is(err, want) {
						t.Errorf("%s: got %v, want %v", who, err, want)
					}
				}
				refused("the next county", staff(jianhu), c, c.Version, fault.NotFound)
				refused("another enterprise", owner(w.inn), c, c.Version, fault.NotFound)
				refused("another guarantor", people(w.pool, "会长"), c, c.Version, fault.NotFound)
				refused("nobody", authz.Actor{}, c, c.Version, fault.NotFound)
				refused("one who only sees it", lookers(w), c, c.Version, fault.Denied)
				refused("the other side", a.denied(w), c, c.Version, fault.Denied)
				refused("one who read an older version", a.by(w), c, c.Version-1, fault.Stale)
				if got := w.audits(c.ID); got != audits || w.facts() != facts {
					t.Fatalf("refused steps left %d audit entries and %d facts", got-audits, w.facts()-facts)
				}
				other := w.at(a.conflict)
				refused("out of turn", a.by(w), other, other.Version, fault.Conflict)
				w.clear(other)
				facts = w.facts()
				next, err := a.do(w, a.by(w), c, c.Version)
				if err != nil {
					t.Fatal(err)
				}
				if next.State != a.to || next.Version != c.Version+1 {
					t.Errorf("now %s version %d, want %s after %d", next.State, next.Version, a.to, c.Version)
				}
				if got := w.audits(c.ID) - audits; got != 1 {
					t.Errorf("%d audit entries, want 1", got)
				}
				if got := w.facts() - facts; got != a.facts {
					t.Errorf("%d facts, want %d", got, a.facts)
				}
				if next.State != guarantee.Cancelled && next.State != guarantee.Released { // room for the next
					w.clear(next)
				}
			})
		}
	})
}

// clear ends a case whatever its state, so that it takes up no capacity.
func (w *world) clear(c guarantee.Case) {
	w.t.Helper()
	ctx, we := w.t.Context(), people(w.policy, "李建")
	d, err := w.Get(ctx, staff(city), c.ID)
	w.must(err)
	switch {
	case d.Balance.Committed > 0:
		_, err = w.Withdraw(ctx, owner(w.mill), c.ID, c.Version, "清场")
	case c.State == guarantee.Signed || c.State == guarantee.Lent:
		_, err = w.Cancel(ctx, we, c.ID, c.Version, "清场")
	}
	w.must(err)
}

// Whose name is no name is said, of several people who vote.
func TestAVoterWithoutANameIsNamed(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		c, m := w.at(guarantee.Examined), votes(3, 0)
		m.Votes[1].Name = "李"
		_, err := w.Review(t.Context(), people(w.policy, "李建"), c.ID, c.Version, m)
		if f := fault.FieldsOf(err); len(f) != 1 || f[0].Key != "guarantee.field.voter" || f[0].Args[1] != "李" {
			t.Errorf("a name of one character: %v", err)
		}
	})
}
