package techplatform_test

import (
	"slices"
	"testing"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/techplatform"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/flow"
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
			*w.told = nil
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
		late(1, "institution accept tech.told.late")
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
		late(1, "institution deliver tech.told.late")
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
		late(1, "institution deliver tech.told.late")
		list, _, err := w.Orders(ctx, staff(city).Scope(techplatform.SeeOrder), techplatform.OrderFilter{Text: o.Number}, db.Page{})
		if w.must(err); len(list) != 1 || list[0].Since.IsZero() {
			t.Errorf("the list has %+v", list)
		}
	})
}
