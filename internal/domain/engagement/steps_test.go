package engagement_test

import (
	"testing"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/engagement"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/testkit"
	"qiban.dev/qiban/internal/text"
)

// attempt is one step of the lifecycle: from where, by whom, with which trace.
type attempt struct {
	name     string
	in, to   flow.State
	conflict flow.State // a state in which it cannot be done
	by       func(w *world) authz.Actor
	denied   func(w *world) authz.Actor // somebody who sees the need but may not do this
	do       func(w *world, by authz.Actor, n engagement.Need, version int) (engagement.Need, error)
	facts    int
}

func mill(w *world) authz.Actor      { return owner(w.mill) }
func county(*world) authz.Actor      { return staff(sheyang) }
func guarantor(w *world) authz.Actor { return people(w.guarantor) }
func lookers(*world) authz.Actor     { return looker(sheyang) }
func countyLooks(*world) authz.Actor { return staff(sheyang) }
func millLooks(w *world) authz.Actor { return owner(w.mill) }

func attempts() []attempt {
	type need = engagement.Need
	return []attempt{
		{"edit", engagement.Posted, engagement.Posted, engagement.Offered, mill, lookers, func(w *world, by authz.Actor, n need, v int) (need, error) {
			return w.Edit(w.t.Context(), by, n.ID, v, loan(), nil)
		}, 0},
		{"accept", engagement.Posted, engagement.Taken, engagement.Offered, county, millLooks, func(w *world, by authz.Actor, n need, v int) (need, error) {
			return w.Accept(w.t.Context(), by, n.ID, v)
		}, 0},
		{"refuse", engagement.Posted, engagement.Refused, engagement.Offered, county, millLooks, func(w *world, by authz.Actor, n need, v int) (need, error) {
			return w.Refuse(w.t.Context(), by, n.ID, v, "不属于服务范围")
		}, 0},
		{"refer", engagement.Taken, engagement.Referred, engagement.Offered, county, millLooks, func(w *world, by authz.Actor, n need, v int) (need, error) {
			return w.Refer(w.t.Context(), by, n.ID, v, city, "要市里协调")
		}, 0},
		{"assign", engagement.Taken, engagement.Taken, engagement.Delivered, county, millLooks, func(w *world, by authz.Actor, n need, v int) (need, error) {
			return w.Assign(w.t.Context(), by, n.ID, v, "zhao", "赵敏")
		}, 0},
		{"ask", engagement.Taken, engagement.Waiting, engagement.Offered, county, millLooks, func(w *world, by authz.Actor, n need, v int) (need, error) {
			return w.Ask(w.t.Context(), by, n.ID, v, "请补报表")
		}, 0},
		{"supply", engagement.Waiting, engagement.Taken, engagement.Taken, mill, lookers, func(w *world, by authz.Actor, n need, v int) (need, error) {
			return w.Supply(w.t.Context(), by, n.ID, v, "已上传")
		}, 0},
		{"extend", engagement.Taken, engagement.Taken, engagement.Offered, county, millLooks, func(w *world, by authz.Actor, n need, v int) (need, error) {
			return w.Extend(w.t.Context(), by, n.ID, v, "要再走访一次")
		}, 0},
		{"offer", engagement.Taken, engagement.Offered, engagement.Posted, county, millLooks, func(w *world, by authz.Actor, n need, v int) (need, error) {
			return w.Offer(w.t.Context(), by, n.ID, v, w.guarantor, "")
		}, 0},
		{"recall", engagement.Offered, engagement.Taken, engagement.Taken, county, guarantor, func(w *world, by authz.Actor, n need, v int) (need, error) {
			return w.Recall(w.t.Context(), by, n.ID, v, "换一家")
		}, 0},
		{"accept the offer", engagement.Offered, engagement.InProgress, engagement.InProgress, guarantor, countyLooks, func(w *world, by authz.Actor, n need, v int) (need, error) {
			return w.AcceptOffer(w.t.Context(), by, n.ID, v)
		}, 1},
		{"decline the offer", engagement.Offered, engagement.Taken, engagement.InProgress, guarantor, countyLooks, func(w *world, by authz.Actor, n need, v int) (need, error) {
			return w.DeclineOffer(w.t.Context(), by, n.ID, v, "目前不做棉纺织行业")
		}, 1},
		{"deliver", engagement.InProgress, engagement.InProgress, engagement.Rateable, guarantor, millLooks, func(w *world, by authz.Actor, n need, v int) (need, error) {
			next, _, err := w.Deliver(w.t.Context(), by, n.ID, v, work("2008-12-25"))
			return next, err
		}, 0},
		{"correct a delivery that counts", engagement.Rateable, engagement.Rateable, "", guarantor, millLooks, func(w *world, by authz.Actor, n need, v int) (need, error) {
			return w.Correct(w.t.Context(), by, n.ID, v, w.delivery(n.ID), work("2008-12-25"), "金额写错了")
		}, 1},
		{"withdraw a delivery that counts", engagement.Rateable, engagement.InProgress, "", guarantor, millLooks, func(w *world, by authz.Actor, n need, v int) (need, error) {
			return w.TakeBack(w.t.Context(), by, n.ID, v, w.delivery(n.ID), "记错了企业")
		}, 1},
		{"confirm", engagement.Delivered, engagement.Rateable, engagement.InProgress, mill, countyLooks, func(w *world, by authz.Actor, n need, v int) (need, error) {
			return w.Confirm(w.t.Context(), by, n.ID, v)
		}, 1},
		{"confirm one delivery", engagement.Delivered, engagement.Rateable, "", mill, countyLooks, func(w *world, by authz.Actor, n need, v int) (need, error) {
			return w.ConfirmDelivery(w.t.Context(), by, n.ID, v, w.delivery(n.ID))
		}, 1},
		{"dispute", engagement.Delivered, engagement.InProgress, engagement.Rateable, mill, guarantor, func(w *world, by authz.Actor, n need, v int) (need, error) {
			return w.Dispute(w.t.Context(), by, n.ID, v, "银行还没有放款")
		}, 0},
		{"rate", engagement.Rateable, engagement.Closed, engagement.Delivered, mill, guarantor, func(w *world, by authz.Actor, n need, v int) (need, error) {
			return w.Rate(w.t.Context(), by, n.ID, v, engagement.Rating{OnTime: true, Solved: engagement.Yes, Score: 5})
		}, 4}, // rated, on time, solved, closed
		{"withdraw", engagement.Offered, engagement.Withdrawn, engagement.Delivered, mill, guarantor, func(w *world, by authz.Actor, n need, v int) (need, error) {
			return w.Withdraw(w.t.Context(), by, n.ID, v, "已经自己解决")
		}, 0},
		{"reopen", engagement.Closed, engagement.Taken, engagement.Taken, mill, guarantor, func(w *world, by authz.Actor, n need, v int) (need, error) {
			return w.Reopen(w.t.Context(), by, n.ID, v, "问题又来了")
		}, 1},
		{"finish", engagement.InProgress, engagement.Delivered, engagement.Rateable, guarantor, millLooks, func(w *world, by authz.Actor, n need, v int) (need, error) {
			// Something has to be delivered first; the version moves on with it.
			if by.May(engagement.Deliver, authz.Target{}.Of(authz.Institution, string(w.guarantor))) && v == n.Version && n.State == engagement.InProgress {
				next, _, err := w.Deliver(w.t.Context(), by, n.ID, v, work("2008-12-25"))
				w.must(err)
				v = next.Version
			}
			return w.Finish(w.t.Context(), by, n.ID, v)
		}, 0},
	}
}

// Each step by the one whose it is, by others, out of turn and out of date.
func TestSteps(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		for _, a := range attempts() {
			t.Run(a.name, func(t *testing.T) {
				w.t = t
				n := w.at(a.in)
				audits, facts := w.audits(n.ID), w.facts()
				refused := func(who string, by authz.Actor, n engagement.Need, version int, want fault.Kind) {
					t.Helper()
					if _, err := a.do(w, by, n, version); !fault.Is(err, want) {
						t.Errorf("%s: got %v, want %v", who, err, want)
					}
				}
				refused("the next county", staff(jianhu), n, n.Version, fault.NotFound)
				refused("another enterprise", owner("somebody-else"), n, n.Version, fault.NotFound)
				refused("nobody", authz.Actor{}, n, n.Version, fault.NotFound)
				refused("one who only sees it", a.denied(w), n, n.Version, fault.Denied)
				refused("one who read an older version", a.by(w), n, n.Version-1, fault.Stale)
				if got := w.audits(n.ID); got != audits || w.facts() != facts {
					t.Fatalf("refused steps left %d audit entries and %d facts", got-audits, w.facts()-facts)
				}
				if a.conflict != "" {
					other := w.at(a.conflict)
					refused("out of turn", a.by(w), other, other.Version, fault.Conflict)
				}
				audits, facts = w.audits(n.ID), w.facts()
				next, err := a.do(w, a.by(w), n, n.Version)
				if err != nil {
					t.Fatal(err)
				}
				if next.State != a.to || next.Version <= n.Version {
					t.Errorf("now %s version %d, want %s after %d", next.State, next.Version, a.to, n.Version)
				}
				if got := w.audits(n.ID) - audits; got != next.Version-n.Version {
					t.Errorf("%d audit entries, want %d", got, next.Version-n.Version)
				}
				if got := w.facts() - facts; got != a.facts {
					t.Errorf("%d facts, want %d", got, a.facts)
				}
			})
		}
	})
}

func TestTheLifecycleIsWhole(t *testing.T) {
	if err := engagement.Lifecycle().Check(); err != nil {
		t.Error(err)
	}
	done := map[authz.Permission]bool{}
	for _, p := range engagement.Permissions() {
		if done[p] {
			t.Errorf("%s stands twice", p)
		}
		done[p] = true
		if !text.Has(p.Key()) {
			t.Errorf("the catalogue lacks %s", p.Key())
		}
	}
	for _, m := range engagement.Measures() {
		if !text.Has(m.Unit) {
			t.Errorf("the catalogue lacks %s", m.Unit)
		}
	}
}

func TestAnInstitutionThatDeclinedCannotAnswerForTheNext(t *testing.T) {
	w := open(t, t.TempDir())
	n := w.at(engagement.Offered)
	n, err := w.DeclineOffer(t.Context(), people(w.guarantor), n.ID, n.Version, "目前不做棉纺织行业")
	w.must(err)
	n, err = w.Offer(t.Context(), staff(sheyang), n.ID, n.Version, w.mutual, "")
	w.must(err)
	if _, err := w.AcceptOffer(t.Context(), people(w.guarantor), n.ID, n.Version); !fault.Is(err, fault.Denied) {
		t.Errorf("the one that declined still sees the need but may not take it: %v", err)
	}
	n, err = w.AcceptOffer(t.Context(), people(w.mutual), n.ID, n.Version)
	w.must(err)
	seen, err := w.Get(t.Context(), people(w.guarantor), n.ID)
	w.must(err)
	if len(seen.Offers) != 1 || seen.Offers[0].Institution != w.guarantor || seen.Offers[0].Answer != engagement.Declined {
		t.Errorf("it sees its own offer and no other: %+v", seen.Offers)
	}
}

func TestAnOfficeBelowLooksOnWhenTheNeedWasReferredUp(t *testing.T) {
	w := open(t, t.TempDir())
	n := w.at(engagement.Referred)
	if _, err := w.Accept(t.Context(), staff(sheyang), n.ID, n.Version); !fault.Is(err, fault.Denied) {
		t.Errorf("the county: %v", err)
	}
	n, err := w.Accept(t.Context(), staff(city), n.ID, n.Version)
	w.must(err)
	if _, err := w.Refer(t.Context(), staff(city), n.ID, n.Version, jianhu, "转给建湖"); !fault.Is(err, fault.Invalid) {
		t.Errorf("a county the need does not lie in: %v", err)
	}
	n, err = w.Refer(t.Context(), staff(city), n.ID, n.Version, sheyang, "由县里办")
	w.must(err)
	_, err = w.Accept(t.Context(), staff(sheyang), n.ID, n.Version)
	w.must(err)
}

func TestSomebodyElsesEditComesWithStale(t *testing.T) {
	w := open(t, t.TempDir())
	n := w.post()
	theirs := loan()
	theirs.Title = "流动资金贷款担保 200 万元"
	_, err := w.Edit(t.Context(), staff(sheyang), n.ID, n.Version, theirs, nil)
	w.must(err)
	now, err := w.Edit(t.Context(), owner(w.mill), n.ID, n.Version, loan(), nil)
	if !fault.Is(err, fault.Stale) || now.Title != theirs.Title {
		t.Errorf("got %q, %v", now.Title, err)
	}
}
