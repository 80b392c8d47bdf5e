package techplatform_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/techplatform"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/testkit"
)

// Of many who want an instrument at overlapping times at the same moment, those
// who get it never overlap, and every one of the others is told so.
func TestAnInstrumentIsNeverBookedTwice(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		mine := owner(w.mill)
		var wait sync.WaitGroup
		var mu sync.Mutex
		got, taken := 0, 0
		for n := range 40 { // 09–11, 10–12, 11–13, 12–14, ten each
			wait.Go(func() {
				from := 9 + n%4
				_, err := w.Place(t.Context(), mine, w.lab.ID, w.mill, w.booked("2009-01-07", from, from+2), fmt.Sprint(n))
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					got++
				case fault.Is(err, fault.Conflict):
					taken++
				default:
					t.Errorf("the %d. booking: %v", n, err)
				}
			})
		}
		wait.Wait()
		all, err := w.Bookings(t.Context(), people(w.college), w.lab.ID, "2009-01-01")
		w.must(err)
		if len(all) != got || got+taken != 40 || got < 1 || got > 2 {
			t.Errorf("%d booked, %d refused, %d in the calendar", got, taken, len(all))
		}
		for i, a := range all {
			for _, b := range all[i+1:] {
				if a.From < b.To && b.From < a.To {
					t.Errorf("%s %v and %s %v overlap", a.Order, a.Slot, b.Order, b.Slot)
				}
			}
		}
		n, err := w.CountOrders(t.Context(), mine.Scope(techplatform.SeeOrder), techplatform.OrderFilter{})
		w.must(err)
		if n != got {
			t.Errorf("%d orders for %d bookings: a refused one left something", n, got)
		}
	})
}

// An hour that is given back, or moved from, can be booked again.
func TestBookedHoursComeAndGo(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		ctx, mine, lab := t.Context(), owner(w.mill), people(w.college)
		free := func(want string) {
			t.Helper()
			_, days, err := w.FreeInstrument(ctx, w.lab.ID, w.machine, "2009-01-07", 1)
			w.must(err)
			got := ""
			for _, s := range days[0].Free {
				got += techplatform.Clock(s.From) + "–" + techplatform.Clock(s.To) + " "
			}
			if got != want {
				t.Errorf("free: %q, want %q", got, want)
			}
		}
		free("08:30–17:30 ")
		o := w.place(w.booked("2009-01-07", 10, 12))
		free("08:30–10:00 12:00–17:30 ")
		o, err := w.Rebook(ctx, mine, o.ID, o.Version, techplatform.Slot{Day: "2009-01-07", From: 11 * 60, To: 13 * 60})
		w.must(err) // it overlaps only itself
		free("08:30–11:00 13:00–17:30 ")
		p, err := w.Block(ctx, lab, w.lab.ID, w.lab.Version, techplatform.Booking{
			Instrument: w.machine, Slot: techplatform.Slot{Day: "2009-01-07", From: 840, To: 1050}, Note: "年检",
		})
		w.must(err)
		free("08:30–11:00 13:00–14:00 ")
		if _, err = w.Rebook(ctx, lab, o.ID, o.Version, techplatform.Slot{Day: "2009-01-07", From: 780, To: 870}); !fault.Is(err, fault.Conflict) {
			t.Errorf("into the platform's own time: %v", err)
		}
		for what, slot := range map[string]techplatform.Slot{
			"in the past":   {Day: "2009-01-05", From: 600, To: 660},
			"on a Saturday": {Day: "2009-01-10", From: 600, To: 660},
			"at night":      {Day: "2009-01-08", From: 0, To: 60},
		} {
			if _, err = w.Rebook(ctx, mine, o.ID, o.Version, slot); !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v, want Invalid", what, err)
			}
		}
		all, err := w.Bookings(ctx, lab, w.lab.ID, "2009-01-01")
		w.must(err)
		if len(all) != 2 || all[0].Order != o.ID {
			t.Fatalf("the calendar has %+v", all)
		}
		if _, err = w.Unblock(ctx, lab, p.ID, p.Version, all[0].ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("an order's booking is not the platform's to give back: %v", err)
		}
		_, err = w.Unblock(ctx, lab, p.ID, p.Version, all[1].ID)
		w.must(err)
		_, err = w.Withdraw(ctx, mine, o.ID, o.Version, "不做了")
		w.must(err)
		free("08:30–17:30 ")
		if _, err := w.Rebook(ctx, mine, w.in(techplatform.Placed).ID, 1, techplatform.Slot{Day: "2009-01-08", From: 600, To: 660}); !fault.Is(err, fault.Conflict) {
			t.Errorf("an order without an instrument: %v", err)
		}
	})
}

// A report is dated neither before the hour it was booked for nor in the future.
func TestAReportComesAfterItsBooking(t *testing.T) {
	w := open(t, t.TempDir())
	ctx, lab := t.Context(), people(w.college)
	o := w.place(w.booked("2009-01-08", 10, 12))
	o, err := w.Accept(ctx, lab, o.ID, o.Version)
	w.must(err)
	early := delivery()
	if _, err := w.Deliver(ctx, lab, o.ID, o.Version, early, noPapers, ""); !fault.Is(err, fault.Invalid) {
		t.Errorf("two days before: %v", err)
	}
	w.clock = at("2009-01-08", 14)
	early.On = "2009-01-08"
	if _, err := w.Deliver(ctx, lab, o.ID, o.Version, early, noPapers, ""); !fault.FieldsOf(err).Has(files.Field) {
		t.Errorf("delivered without a report: %v", err)
	}
	_, err = w.Deliver(ctx, lab, o.ID, o.Version, early, files.Papers{Add: []string{w.hold(lab, "检测报告.pdf")}}, "")
	w.must(err)
	list, _, err := w.Orders(ctx, lab.Scope(techplatform.SeeOrder), techplatform.OrderFilter{State: techplatform.Delivered}, db.Page{})
	w.must(err)
	if len(list) != 1 || list[0].Fee != 50_000 {
		t.Errorf("delivered: %+v", list)
	}
}

// A platform finishes what it has taken on before it closes, and an instrument before
// it goes out of use; what is wrong with a closed hour is told at once.
func TestNothingClosesUnderOpenOrders(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		ctx, lab, office := t.Context(), people(w.college), staff(city)
		o := w.place(w.booked("2009-01-08", 10, 12))
		o, err := w.Accept(ctx, lab, o.ID, o.Version)
		w.must(err)
		p, err := w.Get(ctx, office.Scope(techplatform.See), w.lab.ID)
		w.must(err)
		if _, err := w.End(ctx, office, p.ID, p.Version, "2009-02-01", "停办"); !fault.Is(err, fault.Conflict) {
			t.Errorf("closed under an open order: %v", err)
		}
		machine := p.Instruments[slices.IndexFunc(p.Instruments, func(i techplatform.Instrument) bool { return i.ID == w.machine })]
		machine.Ended = true
		if _, err := w.SetInstrument(ctx, lab, p.ID, p.Version, machine); !fault.Is(err, fault.Conflict) {
			t.Errorf("out of use under an open order: %v", err)
		}
		_, err = w.Block(ctx, lab, p.ID, p.Version, techplatform.Booking{Instrument: w.machine, Slot: techplatform.Slot{Day: "2009-01-05", From: 600, To: 660}})
		if f := fault.FieldsOf(err); !f.Has("day") || !f.Has("note") {
			t.Errorf("a past hour for no reason: %v", err)
		}
		w.clock = at("2009-01-08", 14)
		d := delivery()
		d.On = "2009-01-08"
		o, err = w.Deliver(ctx, lab, o.ID, o.Version, d, files.Papers{Add: []string{w.hold(lab, "检测报告.pdf")}}, "")
		w.must(err)
		_, err = w.Confirm(ctx, owner(w.mill), o.ID, o.Version)
		w.must(err)
		done, err := w.SetInstrument(ctx, lab, p.ID, p.Version, machine)
		w.must(err)
		_, err = w.End(ctx, office, p.ID, done.Version, "2009-01-08", "停办")
		if !fault.FieldsOf(err).Has("day") {
			t.Errorf("closed before its last service: %v", err)
		}
		_, err = w.End(ctx, office, p.ID, done.Version, "2009-01-09", "停办")
		w.must(err)
	})
}
