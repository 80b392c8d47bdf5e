package engagement_test

import (
	"slices"
	"testing"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/engagement"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/testkit"
)

func (w *world) count(n int, err error) int {
	w.t.Helper()
	w.must(err)
	return n
}

func TestWhatIsOverdueIsEscalatedOnce(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		robot := engagement.Robot()
		w.at(engagement.Posted) // to be accepted by 29 December, supervised one working day later
		w.at(engagement.Waiting)
		w.clock = at("2008-12-29", 17)
		if n := w.count(w.EscalateAll(t.Context(), robot)); n != 0 {
			t.Errorf("%d escalated before the office closed", n)
		}
		w.clock = at("2008-12-30", 9)
		*w.told, *w.news = nil, nil
		if n := w.count(w.EscalateAll(t.Context(), robot)); n != 1 {
			t.Errorf("%d escalated, want the one that was not accepted", n)
		}
		if !slices.Contains(*w.told, told{"supervise@320900", "need.told.overdue"}) || !slices.Equal(*w.news, []string{engagement.NewsOverdue}) {
			t.Errorf("told %v, news %v", *w.told, *w.news)
		}
		if n := w.count(w.EscalateAll(t.Context(), robot)); n != 0 {
			t.Errorf("%d escalated again", n)
		}
		if _, err := w.EscalateAll(t.Context(), authz.Actor{}); err != nil {
			t.Errorf("nobody reaches nothing: %v", err)
		}
	})
}

func TestWhoIsNextIsRemindedOnce(t *testing.T) {
	w := open(t, t.TempDir())
	n := w.at(engagement.Offered) // three working days to answer: 30 December; reminded with one left
	*w.told = nil
	if got := w.count(w.RemindAll(t.Context(), engagement.Robot())); got != 0 {
		t.Errorf("%d reminded at once", got)
	}
	w.clock = at("2008-12-29", 9)
	if got := w.count(w.RemindAll(t.Context(), engagement.Robot())); got != 1 {
		t.Errorf("%d reminded", got)
	}
	if got := w.count(w.RemindAll(t.Context(), engagement.Robot())); got != 0 {
		t.Errorf("%d reminded again", got)
	}
	if !slices.Equal(*w.told, []told{{"accept@institution", "need.told.answer_due"}}) {
		t.Errorf("told %v about %s", *w.told, n.Number)
	}
}

func TestWhatNobodyConfirmsIsClosedAndCountedApart(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		n := w.at(engagement.Delivered)
		rateable := w.at(engagement.Rateable)
		w.clock = at("2009-02-02", 9)
		if got := w.count(w.LapseAll(t.Context(), engagement.Robot())); got != 2 {
			t.Fatalf("%d closed", got)
		}
		if got := []int64{w.figure("deliveries", city), w.figure("unconfirmed", city), w.figure("closed", city), w.figure("rated", city)}; !slices.Equal(got, []int64{1, 1, 2, 0}) {
			t.Errorf("deliveries, unconfirmed, closed, rated: %v", got)
		}
		d, err := w.Get(t.Context(), owner(w.mill), rateable.ID)
		w.must(err)
		if d.Outcome != engagement.Confirmed || d.State != engagement.Closed {
			t.Errorf("the confirmed one: %s %s", d.State, d.Outcome)
		}
		// Late is better than never: it can still be confirmed, and rated.
		d, err = w.Get(t.Context(), owner(w.mill), n.ID)
		w.must(err)
		late, err := w.ConfirmDelivery(t.Context(), owner(w.mill), n.ID, d.Version, d.Deliveries[0].ID)
		w.must(err)
		late, err = w.Rate(t.Context(), owner(w.mill), n.ID, late.Version, engagement.Rating{Solved: engagement.No, Score: 2})
		w.must(err)
		if got := []int64{w.figure("deliveries", city), w.figure("unconfirmed", city), w.figure("closed", city), w.figure("rated", city), w.figure("on_time", city)}; !slices.Equal(got, []int64{2, 0, 2, 1, 0}) || late.Outcome != engagement.Confirmed {
			t.Errorf("after all: %v %s", got, late.Outcome)
		}
		if _, err := w.Rate(t.Context(), owner(w.mill), n.ID, late.Version, engagement.Rating{Solved: engagement.Yes, Score: 5}); !fault.Is(err, fault.Conflict) {
			t.Errorf("a second rating: %v", err)
		}
	})
}

func TestCallbacksAreChosenByNobody(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		var want []engagement.ID
		for range 8 {
			n := w.at(engagement.Closed)
			if engagement.Chosen(n.ID, 50) {
				want = append(want, n.ID)
			}
		}
		w.at(engagement.Withdrawn)
		if got := w.count(w.PickCallbacks(t.Context(), engagement.Robot(), 50)); got != len(want) {
			t.Fatalf("%d picked, want %d", got, len(want))
		}
		if got := w.count(w.PickCallbacks(t.Context(), engagement.Robot(), 50)); got != 0 {
			t.Errorf("%d picked again", got)
		}
		if got := w.count(w.PickCallbacks(t.Context(), engagement.Robot(), 100)); got != 8-len(want) {
			t.Errorf("%d more with a full share", got)
		}
		list, _, err := w.Callbacks(t.Context(), staff(sheyang).Scope(engagement.MakeCallback), true, db.Page{})
		w.must(err)
		if len(list) != 8 {
			t.Fatalf("%d to call", len(list))
		}
		c := list[0]
		for who, by := range map[string]authz.Actor{"who asked": owner(w.mill), "the institution": people(w.guarantor)} {
			if err := w.RecordCallback(t.Context(), by, c.Need, c.Version, engagement.Agreed, ""); !fault.Is(err, fault.Denied) {
				t.Errorf("%s: %v", who, err)
			}
			if list, _, err := w.Callbacks(t.Context(), by.Scope(engagement.MakeCallback), true, db.Page{}); err != nil || len(list) != 0 {
				t.Errorf("%s sees %d call-backs, %v", who, len(list), err)
			}
		}
		w.must(w.RecordCallback(t.Context(), staff(sheyang), c.Need, c.Version, engagement.NotReached, ""))
		w.must(w.RecordCallback(t.Context(), staff(sheyang), c.Need, c.Version+1, engagement.Contradicted, "没有来过"))
		if err := w.RecordCallback(t.Context(), staff(sheyang), c.Need, c.Version+2, engagement.Agreed, ""); !fault.Is(err, fault.Conflict) {
			t.Errorf("a result that is known already: %v", err)
		}
		if got := w.figure("callbacks", city); got != 1 {
			t.Errorf("%d calls counted", got)
		}
	})
}

func TestChosenIsAboutTheShare(t *testing.T) {
	chosen := 0
	for range 2000 {
		if engagement.Chosen(engagement.ID(db.NewID()), 10) {
			chosen++
		}
	}
	if chosen < 140 || chosen > 260 || engagement.Chosen("x", 0) || !engagement.Chosen("x", 100) {
		t.Errorf("%d of 2000 for ten per cent", chosen)
	}
}

func TestAnnouncedHolidaysMoveWhatIsDue(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		n := w.at(engagement.Taken) // by 9 January 2009
		w.at(engagement.Waiting)
		w.at(engagement.Closed)
		clerk := authz.Actor{Kind: authz.Human, ID: "security", Grants: role([]authz.Permission{flow.SetCalendar}, authz.Grant{Region: city})}
		w.must(w.flow.SetYear(t.Context(), clerk, 2009, "演练", []flow.Day{
			{On: "2009-01-01", Kind: flow.Rest}, {On: "2009-01-02", Kind: flow.Rest}, {On: "2009-01-07", Kind: flow.Rest},
		}))
		if got := w.count(w.RetimeAll(t.Context(), engagement.Robot())); got != 1 {
			t.Errorf("%d moved", got)
		}
		d, err := w.Get(t.Context(), staff(sheyang), n.ID)
		w.must(err)
		// 4 January is a plain Sunday now, and 7 January a holiday.
		if got := flow.DayOf(d.Due); got != "2009-01-13" || d.Version != n.Version {
			t.Errorf("due %s, version %d", got, d.Version)
		}
		if got := w.count(w.RetimeAll(t.Context(), engagement.Robot())); got != 0 {
			t.Errorf("%d moved again", got)
		}
	})
}
