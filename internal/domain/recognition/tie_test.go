package recognition_test

import (
	"slices"
	"testing"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/recognition"
	"qiban.dev/qiban/internal/fault"
)

// frank is a reviewer who may say of their own ties.
func frank(id string) authz.Actor {
	by := reviewer(id)
	by.Grants = append(by.Grants, authz.Grant{
		Role:  authz.Role{Permissions: []authz.Permission{recognition.Declare, recognition.EndTie}},
		Party: authz.Party{Kind: authz.Person, ID: id},
	})
	return by
}

// tied fails unless exactly these of the pool cannot be asked for the application.
func (w *world) tied(a recognition.Application, want ...string) {
	w.t.Helper()
	all, err := w.Candidates(w.t.Context(), official(city), a.ID)
	ok(w.t, err)
	var got []string
	for _, c := range all {
		if c.Tied != "" {
			got = append(got, c.ID)
		}
	}
	if !slices.Equal(got, want) {
		w.t.Errorf("tied to %s are %q, want %q", a.Name, got, want)
	}
}

// A reviewer declares a tie by the name of the organisation, is not asked while
// it holds, and says when it is past. Nobody else touches it.
func TestAReviewerDeclaresATieAndEndsIt(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		a := w.checked(w.call(0), "p1")
		w.pool = []recognition.Person{{ID: "e1", Name: "甲"}, {ID: "e2", Name: "乙"}}
		wants(t, "of nobody and without a reason", w.Declare(ctx, frank("e1"), "", " "), fault.Invalid, "party", "reason")
		wants(t, "of somebody who is not there", w.Declare(ctx, frank("e1"), "没有的园区", "曾任顾问"), fault.Invalid, "party")
		wants(t, "without the right", w.Declare(ctx, reviewer("e1"), "第p1中小企业园", "曾任顾问"), fault.Denied)
		ok(t, w.Declare(ctx, frank("e1"), "第p1中小企业园", "曾任顾问"))
		w.tied(a, "e1")
		own, err := w.OwnTies(ctx, frank("e1"))
		if ok(t, err); len(own) != 1 || own[0].Name != "第p1中小企业园" || own[0].Reason != "曾任顾问" || own[0].By != "e1" || !own[0].Holds() {
			t.Fatalf("their own ties are %+v", own)
		}
		seen, err := w.Ties(ctx, official(city))
		if ok(t, err); len(seen) != 1 || seen[0].Name != "甲" || seen[0].Ties[0] != own[0] {
			t.Errorf("the office sees %+v", seen)
		}
		if seen, err = w.Ties(ctx, frank("e2")); err != nil || len(seen) != 0 {
			t.Errorf("a colleague sees %+v (%v)", seen, err)
		}
		for _, by := range []authz.Actor{frank("e2"), official(city), {}} {
			wants(t, "ended by "+by.ID, w.EndTie(ctx, by, own[0].ID), fault.NotFound)
		}
		w.days(3)
		ok(t, w.EndTie(ctx, frank("e1"), own[0].ID))
		w.tied(a)
		wants(t, "twice", w.EndTie(ctx, frank("e1"), own[0].ID), fault.Stale)
		if own, err = w.OwnTies(ctx, frank("e1")); err != nil || own[0].EndedOn != "2008-06-05" {
			t.Errorf("then it is %+v (%v)", own, err)
		}
		ok(t, w.Declare(ctx, frank("e1"), "op-p1", "又任顾问"))
		w.tied(a, "e1")
	})
}

// The office knows of ties as well: whoever has one is not asked, or the
// application is taken from them with what they scored.
func TestTheOfficeHasAReviewerStepBack(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		c := w.call(0)
		a := w.checked(c, "p1")
		w.pool = []recognition.Person{{ID: "e1", Name: "甲"}, {ID: "e2", Name: "乙"}, {ID: "e3", Name: "丙"}, {ID: "e4", Name: "丁"}, {ID: "e5", Name: "戊"}}
		_, err := w.Exclude(ctx, official(city), a.ID, a.Version, "", " ", false)
		wants(t, "nobody, for no reason", err, fault.Invalid, "person", "reason")
		_, err = w.Exclude(ctx, official(city), a.ID, a.Version, "nobody", "亲属在园区任职", false)
		wants(t, "somebody who does not review", err, fault.Invalid, "person")
		_, err = w.Exclude(ctx, official(sheyang), a.ID, a.Version, "e1", "亲属在园区任职", false)
		wants(t, "by a county, for the city", err, fault.Denied)
		a, err = w.Exclude(ctx, official(city), a.ID, a.Version, "e1", "亲属在园区任职", false)
		ok(t, err)
		w.tied(a, "e1")
		_, err = w.Exclude(ctx, official(city), a.ID, a.Version, "e1", "亲属在园区任职", false)
		wants(t, "again", err, fault.Invalid, "person")
		a, err = w.Assign(ctx, official(city), a.ID, a.Version, []string{"e2", "e3", "e4"})
		ok(t, err)
		w.duties(official(city), map[recognition.Duty]int{})
		a, err = w.Review(ctx, reviewer("e2"), a.ID, recognition.Opinion{Points: points(100), Words: "非常好"})
		ok(t, err)
		a, err = w.Exclude(ctx, official(city), a.ID, a.Version, "e2", "与园区有业务往来", false)
		if ok(t, err); a.State != recognition.Reviewing {
			t.Errorf("it is %s", a.State)
		}
		_, err = w.Detail(ctx, reviewer("e2"), a.ID)
		wants(t, "who was taken off reads on", err, fault.NotFound)
		w.duties(official(city), map[recognition.Duty]int{recognition.ToArrange: 1}) // one of three is missing
		short, _, err := w.Applications(ctx, official(city).Scope(recognition.See), recognition.Filter{Arrange: true}, db.Page{})
		if ok(t, err); len(short) != 1 || short[0].ID != a.ID {
			t.Errorf("to be arranged are %v", short)
		}
		_, err = w.Recuse(ctx, reviewer("e3"), a.ID, "曾在园区任职")
		ok(t, err)
		w.pool = append(w.pool, recognition.Person{ID: "e6", Name: "己"})
		d, err := w.Detail(ctx, official(city), a.ID)
		ok(t, err)
		a, err = w.Assign(ctx, official(city), a.ID, d.Version, []string{"e5", "e6"})
		ok(t, err)
		w.duties(official(city), map[recognition.Duty]int{})
		for _, e := range []string{"e4", "e5", "e6"} {
			a, err = w.Review(ctx, reviewer(e), a.ID, recognition.Opinion{Points: points(80), Words: "较好"})
			ok(t, err)
		}
		if a.State != recognition.Scored || a.Score != 8075 { // 80 by hand and 85 % occupied: the hundred points are gone
			t.Errorf("it is %s with %d", a.State, a.Score)
		}
		var told []string
		ok(t, w.db.Select(ctx, &told, `SELECT person FROM notify_message WHERE key = 'recognition.told.stepped'`))
		if !slices.Equal(told, []string{"assign 320900"}) {
			t.Errorf("told of who stepped back are %q", told)
		}
		own, err := w.OwnTies(ctx, frank("e2"))
		if ok(t, err); len(own) != 1 || own[0].Office != city || own[0].By != "周明" {
			t.Fatalf("what the office noted is %+v", own)
		}
		ok(t, w.Declare(ctx, frank("e2"), "第p1中小企业园", "业务往来"))
		wants(t, "ended by the reviewer, though the office noted it", w.EndTie(ctx, frank("e2"), own[0].ID), fault.NotFound)
		wants(t, "ended by a county", w.EndTie(ctx, official(sheyang), own[0].ID), fault.NotFound)
		ok(t, w.EndTie(ctx, official(city), own[0].ID))
	})
}

// Who declares a tie after the application was assigned cannot score it any more;
// who does not get to it is replaced, and keeps no tie.
func TestAnAssignmentIsTakenBack(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		a := w.checked(w.call(0), "p1")
		w.pool = []recognition.Person{{ID: "e1", Name: "甲"}, {ID: "e2", Name: "乙"}, {ID: "e3", Name: "丙"}, {ID: "e4", Name: "丁"}, {ID: "e5", Name: "戊"}}
		a, err := w.Assign(ctx, official(city), a.ID, a.Version, []string{"e1", "e2", "e3"})
		ok(t, err)
		ok(t, w.Declare(ctx, frank("e1"), "第p1中小企业园", "上月起任顾问"))
		_, err = w.Review(ctx, frank("e1"), a.ID, recognition.Opinion{Points: points(100), Words: "非常好"})
		wants(t, "scored by somebody with a tie", err, fault.Conflict)
		a, err = w.Recuse(ctx, frank("e1"), a.ID, "上月起任顾问")
		ok(t, err)
		a, err = w.Exclude(ctx, official(city), a.ID, a.Version, "e2", "出差两个月，不能评审", true)
		ok(t, err)
		w.tied(a, "e1")
		a, err = w.Assign(ctx, official(city), a.ID, a.Version, []string{"e4", "e5"})
		ok(t, err)
		for _, e := range []string{"e3", "e4", "e5"} {
			a, err = w.Review(ctx, reviewer(e), a.ID, recognition.Opinion{Points: points(80), Words: "较好"})
			ok(t, err)
		}
		if a.State != recognition.Scored {
			t.Errorf("with three scores it is %s", a.State)
		}
	})
}
