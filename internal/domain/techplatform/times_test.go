package techplatform_test

import (
	"slices"
	"testing"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/techplatform"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/testkit"
)

// An order that nobody takes up is told of once when its limit is over, to
// whoever is to act; the next step has a limit of its own, which for an
// instrument runs from the booked day on.
func TestAnOrderThatWaitsTooLongIsToldOfOnce(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		ctx, robot := t.Context(), authz.System("late", techplatform.Watch)
		due := func(id techplatform.OrderID) string {
			t.Helper()
			times, err := w.Times(ctx)
			w.must(err)
			d, err := w.Order(ctx, staff(city), id)
			w.must(err)
			deadline, ok := times.Deadline(&d.Order)
			if !ok {
				return ""
			}
			return deadline.On
		}
		late := func(want int, words ...string) {
			t.Helper()
			*w.told, *w.offices = nil, nil
			n, err := w.TellLate(ctx, robot)
			if w.must(err); n != want || !slices.Equal(*w.told, words) {
				t.Errorf("%s: told of %d, %q, want %d, %q", flow.DayOf(w.clock), n, *w.told, want, words)
			}
		}
		o := w.place(w.wish()) // on Tuesday, 6 January 2009
		if got := due(o.ID); got != "2009-01-08" {
			t.Errorf("it is to be accepted by %s", got)
		}
		w.clock = at("2009-01-08", 12)
		late(0)
		w.clock = at("2009-01-09", 9)
		late(1, "institution accept techorder.told.late")
		if want := []string{"320924 supervise techorder.told.above"}; !slices.Equal(*w.offices, want) {
			t.Errorf("offices were told %q, want %q", *w.offices, want)
		}
		late(0)
		if n := w.audits(techplatform.OrderKind, string(o.ID)); n != 2 {
			t.Errorf("%d entries, want the order and that it was told of", n)
		}
		o, err := w.Accept(ctx, people(w.college), o.ID, o.Version)
		w.must(err)
		if got := due(o.ID); got != "2009-01-23" {
			t.Errorf("it is to be delivered by %s", got)
		}
		booked := w.place(w.booked("2009-01-20", 9, 10))
		booked, err = w.Accept(ctx, people(w.college), booked.ID, booked.Version)
		w.must(err)
		w.clock = at("2009-01-20", 12)
		booked, err = w.Rebook(ctx, owner(w.mill), booked.ID, booked.Version, techplatform.Slot{Day: "2009-01-21", From: 540, To: 600})
		w.must(err)
		if got := due(booked.ID); got <= "2009-02-04" {
			t.Errorf("ten working days after 21 January is %s, with New Year between", got)
		}
		w.clock = at("2009-01-24", 9)
		late(1, "institution deliver techorder.told.late")
		o, err = w.Deliver(ctx, people(w.college), o.ID, o.Version, delivery(), files.Papers{}, "")
		w.must(err)
		if got := due(o.ID); got <= "2009-02-06" {
			t.Errorf("it is to be confirmed by %s", got)
		}
		o, err = w.Confirm(ctx, owner(w.mill), o.ID, o.Version)
		w.must(err)
		w.clock = at("2010-01-04", 9)
		if got := due(o.ID); got != "" {
			t.Errorf("a confirmed order is due on %s", got)
		}
		late(1, "institution deliver techorder.told.late")
		list, _, err := w.Orders(ctx, staff(city).Scope(techplatform.SeeOrder), techplatform.OrderFilter{Text: o.Number}, db.Page{})
		if w.must(err); len(list) != 1 || list[0].Since.IsZero() {
			t.Errorf("the list has %+v", list)
		}
	})
}

// A review that an office lets wait is told of once to those who are to take it,
// and once to the level above where the limit says so; the desk says how the
// first of what waits stands.
func TestAReviewThatWaitsTooLongIsToldOfOnce(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		ctx, robot := t.Context(), authz.System("late", techplatform.Watch)
		late := func(want int, words ...string) {
			t.Helper()
			*w.offices = nil
			n, err := w.TellLate(ctx, robot)
			if w.must(err); n != want || !slices.Equal(*w.offices, words) {
				t.Errorf("%s: told of %d, %q, want %d, %q", flow.DayOf(w.clock), n, *w.offices, want, words)
			}
		}
		n := w.submit(breaks(), techplatform.Wanted) // on Tuesday, 6 January 2009: three working days
		p := w.apply(spindle())                      // five
		if d, err := w.ProductDesk(ctx, staff(sheyang)); err != nil || d.N != 1 || !d.Timed || d.Due.On != "2009-01-13" || d.Lamp.Tone != flow.InTime {
			t.Errorf("at the county's desk: %+v (%v)", d, err)
		}
		for _, by := range []authz.Actor{staff(city), staff(jianhu), owner(w.mill), {}} {
			if d, err := w.ProductDesk(ctx, by); err != nil || d.N != 0 {
				t.Errorf("at the desk of %s: %+v (%v)", by.ID, d, err)
			}
		}
		w.clock = at("2009-01-09", 12)
		late(0)
		w.clock = at("2009-01-09", 20)
		late(1, string(hede)+" check technotice.told.late")
		w.clock = at("2009-01-12", 9)
		late(1, "320900 supervise technotice.told.above")
		late(0)
		w.clock = at("2009-01-14", 9)
		late(1, string(hede)+" check techproduct.told.late", "320900 supervise techproduct.told.above")
		late(0)
		if d, err := w.ProductDesk(ctx, staff(sheyang)); err != nil || d.Lamp.Tone != flow.Over {
			t.Errorf("overdue at the county's desk: %+v (%v)", d, err)
		}
		n, err := w.CheckNotice(ctx, staff(sheyang), n.ID, n.Version)
		w.must(err)
		_, err = w.CheckProduct(ctx, staff(sheyang), p.ID, p.Version)
		w.must(err)
		if list, _, total, err := w.ProductsWaiting(ctx, staff(city), techplatform.ProductFilter{}, db.Page{}); err != nil || total != 1 || list[0].ID != p.ID {
			t.Errorf("%d wait for the city (%v)", total, err)
		}
		w.clock = at("2009-01-20", 9)
		late(1, "320900 publish technotice.told.late")
		w.clock = at("2009-02-02", 9)
		late(1, "320900 forward techproduct.told.late")
		_, err = w.PublishNotice(ctx, staff(city), n.ID, n.Version)
		w.must(err)
		w.clock = at("2010-01-04", 9)
		late(0)
		if _, err := gate.Verify(ctx, w.db); err != nil {
			t.Error(err)
		}
	})
}
