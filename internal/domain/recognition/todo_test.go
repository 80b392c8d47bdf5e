package recognition_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/recognition"
	"qiban.dev/qiban/internal/ledger"
)

// duties fails unless exactly these wait for somebody.
func (w *world) duties(by authz.Actor, want map[recognition.Duty]int) {
	w.t.Helper()
	list, err := w.Todo(w.t.Context(), by)
	ok(w.t, err)
	got := map[recognition.Duty]int{}
	for _, d := range list {
		got[d.Duty] = d.N
	}
	if !maps.Equal(got, want) {
		w.t.Errorf("on %s %s has to do %v, want %v", w.clock.Format(time.DateOnly), by.ID, got, want)
	}
}

// told are who was told of an overdue report so far, in order.
func (w *world) told() []string {
	w.t.Helper()
	var all []string
	ok(w.t, w.db.Select(w.t.Context(), &all, `SELECT person FROM notify_message WHERE key = 'recognition.told.late' ORDER BY id`))
	return all
}

// What waits is counted for whoever is to do it: the county checks, the city
// assigns and decides, a reviewer scores, a holder reports, and nobody else is
// shown any of it.
func TestWhatWaitsIsShownToWhoeverIsToDoIt(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		c := w.call(0)
		w.applied(c, "p1") // in Sheyang
		scored := w.scored(c, "p3", 90, 80, 88)
		w.pool = []recognition.Person{{ID: "expert1", Name: "专家"}}
		second := w.checked(c, "p2")
		w.duties(official(sheyang), map[recognition.Duty]int{recognition.ToCheck: 1})
		w.duties(official(jianhu), map[recognition.Duty]int{})
		w.duties(official(city), map[recognition.Duty]int{recognition.ToCheck: 1, recognition.ToArrange: 2})
		w.duties(operator("p1"), map[recognition.Duty]int{})
		w.duties(reviewer("expert1"), map[recognition.Duty]int{})
		w.duties(authz.Actor{}, map[recognition.Duty]int{})

		_, err := w.Assign(ctx, official(city), second.ID, second.Version, []string{"expert1"})
		ok(t, err)
		w.duties(reviewer("expert1"), map[recognition.Duty]int{recognition.ToScore: 1})
		scored, err = w.Publicise(ctx, official(city), scored.ID, scored.Version)
		ok(t, err)
		w.duties(official(city), map[recognition.Duty]int{recognition.ToCheck: 1, recognition.ToArrange: 1}) // one of three reviewers is not enough
		w.clock = time.Date(2008, 6, 10, 23, 0, 0, 0, ledger.Shanghai)                                       // the last day
		w.duties(official(city), map[recognition.Duty]int{recognition.ToCheck: 1, recognition.ToArrange: 1})
		w.days(1)
		w.duties(official(city), map[recognition.Duty]int{recognition.ToCheck: 1, recognition.ToArrange: 1, recognition.ToDecide: 1})
		over, _, err := w.Applications(ctx, official(city).Scope(recognition.See), w.PublicityOver(), db.Page{})
		if ok(t, err); len(over) != 1 || over[0].ID != scored.ID {
			t.Errorf("publicity has ended for %v", over)
		}
		_, id, err := w.Decide(ctx, official(city), scored.ID, scored.Version, "盐中小企〔2008〕20号")
		ok(t, err)
		w.duties(operator("p3"), map[recognition.Duty]int{}) // the year is not over

		w.clock = time.Date(2009, 1, 4, 9, 0, 0, 0, ledger.Shanghai)
		w.duties(operator("p3"), map[recognition.Duty]int{recognition.ToReport: 1})
		w.duties(operator("p1"), map[recognition.Duty]int{})
		w.duties(official(jianhu), map[recognition.Duty]int{recognition.ToReport: 1}) // p3 lies there
		d, err := w.Award(ctx, operator("p3"), id)
		ok(t, err)
		_, err = w.Report(ctx, operator("p3"), id, d.Version, recognition.Yearly{Year: 2008, Words: "今年新入园企业二十户。"})
		ok(t, err)
		w.duties(operator("p3"), map[recognition.Duty]int{})

		w.clock = time.Date(2011, 3, 1, 9, 0, 0, 0, ledger.Shanghai) // the term ends on 11 June
		w.duties(official(city), map[recognition.Duty]int{recognition.ToCheck: 1, recognition.ToArrange: 1, recognition.ToReport: 1})
		w.days(20)
		w.duties(official(city), map[recognition.Duty]int{recognition.ToCheck: 1, recognition.ToArrange: 1, recognition.ToReport: 1, recognition.ToRecheck: 1})
		w.duties(official(jianhu), map[recognition.Duty]int{recognition.ToReport: 1})
	})
}

// A report that does not come is told of once for each year, to whoever sends it.
func TestAnOverdueReportIsToldOfOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, robot := t.Context(), authz.System("late", recognition.Watch)
		a := w.scored(w.call(0), "p1", 90, 80, 88)
		a, err := w.Publicise(ctx, official(city), a.ID, a.Version)
		ok(t, err)
		w.days(30)
		_, id, err := w.Decide(ctx, official(city), a.ID, a.Version, "盐中小企〔2008〕20号")
		ok(t, err)
		late := func(year int, month time.Month, day, want int) {
			t.Helper()
			w.clock = time.Date(year, month, day, 9, 0, 0, 0, ledger.Shanghai)
			n, err := w.TellLate(ctx, robot)
			if ok(t, err); n != want {
				t.Errorf("on %s it tells of %d, want %d", w.clock.Format(time.DateOnly), n, want)
			}
		}
		late(2008, 12, 1, 0) // the park did not hold it through 2007
		late(2009, 3, 31, 0)
		late(2009, 4, 1, 1)
		late(2009, 4, 2, 0)
		if got := w.told(); !slices.Equal(got, []string{"report op-p1"}) {
			t.Errorf("told are %q", got)
		}
		d, err := w.Award(ctx, operator("p1"), id)
		ok(t, err)
		_, err = w.Report(ctx, operator("p1"), id, d.Version, recognition.Yearly{Year: 2008, Words: "今年新入园企业二十户。"})
		ok(t, err)
		late(2009, 5, 1, 0)
		late(2010, 4, 1, 1) // another year
		if n, err := w.TellLate(ctx, authz.System("nobody")); err != nil || n != 0 {
			t.Errorf("without the right it tells of %d (%v)", n, err)
		}
	})
}
