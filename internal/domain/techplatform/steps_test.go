package techplatform_test

import (
	"testing"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/techplatform"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/testkit"
	"qiban.dev/qiban/internal/text"
)

type order = techplatform.Order

// attempt is one step of an order: from where, by whom, with which trace.
type attempt struct {
	name     string
	in, to   flow.State
	conflict flow.State // a state in which it cannot be done
	by       func(w *world) authz.Actor
	denied   func(w *world) authz.Actor // somebody who sees the order but may not do this
	do       func(w *world, by authz.Actor, o order, version int) (order, error)
	facts    int
}

func mill(w *world) authz.Actor   { return owner(w.mill) }
func lab(w *world) authz.Actor    { return people(w.college) }
func county(*world) authz.Actor   { return staff(sheyang) }
func onlooker(*world) authz.Actor { return looker(sheyang) }

func attempts() []attempt {
	return []attempt{
		{"accept", techplatform.Placed, techplatform.Accepted, techplatform.Accepted, lab, county, func(w *world, by authz.Actor, o order, v int) (order, error) {
			return w.Accept(w.t.Context(), by, o.ID, v)
		}, 0},
		{"refuse", techplatform.Placed, techplatform.Refused, techplatform.Accepted, lab, mill, func(w *world, by authz.Actor, o order, v int) (order, error) {
			return w.Refuse(w.t.Context(), by, o.ID, v, "设备在检修")
		}, 0},
		{"withdraw", techplatform.Accepted, techplatform.Withdrawn, techplatform.Delivered, mill, lab, func(w *world, by authz.Actor, o order, v int) (order, error) {
			return w.Withdraw(w.t.Context(), by, o.ID, v, "不需要了")
		}, 0},
		{"deliver", techplatform.Accepted, techplatform.Delivered, techplatform.Placed, lab, mill, func(w *world, by authz.Actor, o order, v int) (order, error) {
			return w.Deliver(w.t.Context(), by, o.ID, v, delivery(), files.Papers{}, "")
		}, 0},
		{"confirm", techplatform.Delivered, techplatform.Confirmed, techplatform.Accepted, mill, county, func(w *world, by authz.Actor, o order, v int) (order, error) {
			return w.Confirm(w.t.Context(), by, o.ID, v)
		}, 2}, // the service, the enterprise served
		{"dispute", techplatform.Delivered, techplatform.Accepted, techplatform.Confirmed, mill, lab, func(w *world, by authz.Actor, o order, v int) (order, error) {
			return w.Dispute(w.t.Context(), by, o.ID, v, "还缺一份数据")
		}, 0},
		{"rate", techplatform.Confirmed, techplatform.Rated, techplatform.Delivered, mill, lab, func(w *world, by authz.Actor, o order, v int) (order, error) {
			return w.Rate(w.t.Context(), by, o.ID, v, techplatform.Rating{Score: 4, OnTime: true, Words: "很快"})
		}, 0},
		{"take back what was not confirmed", techplatform.Delivered, techplatform.Accepted, techplatform.Placed, lab, onlooker, func(w *world, by authz.Actor, o order, v int) (order, error) {
			return w.TakeBack(w.t.Context(), by, o.ID, v, "报告有误")
		}, 0},
		{"take back what counts", techplatform.Rated, techplatform.Accepted, techplatform.Refused, lab, mill, func(w *world, by authz.Actor, o order, v int) (order, error) {
			return w.TakeBack(w.t.Context(), by, o.ID, v, "报告有误")
		}, 2},
	}
}

// Each step by the one whose it is, by others, out of turn and out of date.
func TestSteps(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		for _, a := range attempts() {
			t.Run(a.name, func(t *testing.T) {
				w.t = t
				o := w.in(a.in)
				audits, facts := w.audits(techplatform.OrderKind, string(o.ID)), w.facts()
				refused := func(who string, by authz.Actor, o order, version int, want fault.Kind) {
					t.Helper()
					if _, err := a.do(w, by, o, version); !fault.Is(err, want) {
						t.Errorf("%s: got %v, want %v", who, err, want)
					}
				}
				refused("the next county", staff(jianhu), o, o.Version, fault.NotFound)
				refused("another enterprise", owner(w.forge), o, o.Version, fault.NotFound)
				refused("nobody", authz.Actor{}, o, o.Version, fault.NotFound)
				refused("one who only sees it", a.denied(w), o, o.Version, fault.Denied)
				refused("one who read an older version", a.by(w), o, o.Version-1, fault.Stale)
				if got := w.audits(techplatform.OrderKind, string(o.ID)); got != audits || w.facts() != facts {
					t.Fatalf("refused steps left %d audit entries and %d facts", got-audits, w.facts()-facts)
				}
				other := w.in(a.conflict)
				refused("out of turn", a.by(w), other, other.Version, fault.Conflict)
				facts = w.facts()
				next, err := a.do(w, a.by(w), o, o.Version)
				w.must(err)
				if next.State != a.to || next.Version != o.Version+1 {
					t.Errorf("now %s version %d, want %s after %d", next.State, next.Version, a.to, o.Version)
				}
				if got := w.audits(techplatform.OrderKind, string(o.ID)) - audits; got != 1 {
					t.Errorf("%d audit entries, want 1", got)
				}
				if got := w.facts() - facts; got != a.facts {
					t.Errorf("%d facts, want %d", got, a.facts)
				}
				d, err := w.Order(t.Context(), a.by(w), o.ID)
				w.must(err)
				if last := d.Events[len(d.Events)-1]; last.To != a.to || d.State != a.to {
					t.Errorf("the history ends with %+v", last)
				}
			})
		}
	})
}

func TestEveryWordIsInTheCatalogue(t *testing.T) {
	done := map[authz.Permission]bool{}
	for _, p := range techplatform.Permissions() {
		if done[p] {
			t.Errorf("%s stands twice", p)
		}
		done[p] = true
		if !text.Has(p.Key()) {
			t.Errorf("the catalogue lacks %s", p.Key())
		}
	}
	for _, m := range techplatform.Measures() {
		if !text.Has(m.Unit) {
			t.Errorf("the catalogue lacks %s", m.Unit)
		}
	}
}

// What is asked of a platform: of one that is shown, of what it offers, by those
// who may speak for the enterprise, and once however often the form is sent.
func TestOrdering(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		ctx, mine := t.Context(), owner(w.mill)
		refused := func(what string, want fault.Kind, by authz.Actor, platform techplatform.ID, wish techplatform.Wish) {
			t.Helper()
			if _, err := w.Place(ctx, by, platform, w.mill, wish, ""); !fault.Is(err, want) {
				t.Errorf("%s: %v, want %v", what, err, want)
			}
		}
		refused("another enterprise's owner", fault.NotFound, owner(w.forge), w.lab.ID, w.wish())
		refused("another county's office", fault.NotFound, staff(jianhu), w.lab.ID, w.wish())
		refused("its own office", fault.Denied, staff(sheyang), w.lab.ID, w.wish())
		refused("no such platform", fault.NotFound, mine, "nowhere", w.wish())
		strange := w.wish()
		strange.Service = "none"
		refused("a service it does not have", fault.Invalid, mine, w.lab.ID, strange)
		empty := techplatform.Wish{WantedBy: "2009-01-05"}
		_, err := w.Place(ctx, mine, w.lab.ID, w.mill, empty, "")
		if n := len(fault.FieldsOf(err)); n != 4 {
			t.Errorf("an empty order breaks %d rules, want 4: %v", n, err)
		}

		first, err := w.Place(ctx, mine, w.lab.ID, w.mill, w.wish(), "form-1")
		w.must(err)
		again, err := w.Place(ctx, mine, w.lab.ID, w.mill, w.wish(), "form-1")
		w.must(err)
		if first.ID != again.ID || first.Number != "JS-2009-00001" {
			t.Errorf("sent twice: %s and %s, number %s", first.ID, again.ID, first.Number)
		}
		p, err := w.Publish(ctx, staff(city), w.lab.ID, w.lab.Version, false)
		w.must(err)
		refused("a platform that is not shown", fault.NotFound, mine, p.ID, w.wish())
	})
}
