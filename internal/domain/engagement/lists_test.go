package engagement_test

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/criteria"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/engagement"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/testkit"
	"qiban.dev/qiban/internal/text"
)

// For every place in the tree, every party and nobody: the lists, the page and
// the scope say the same.
func TestReach(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		n := w.at(engagement.InProgress)
		other := w.enterprise("建湖县液压件厂", "320925100", 2)
		_, err := w.Post(t.Context(), owner(other), engagement.Posting{Enterprise: string(other), Content: loan(), Contact: chen()})
		w.must(err)
		target := authz.At(hede).Of(authz.Enterprise, string(w.mill)).Of(authz.Institution, string(w.guarantor))
		actors := []authz.Actor{
			{}, owner(w.mill), owner(other), people(w.guarantor), people(w.mutual), founder("zhou"),
		}
		for _, code := range []region.Code{"320000", city, sheyang, jianhu, hede, linhai, "320900100", "320600"} {
			actors = append(actors, staff(code))
		}
		for _, by := range actors {
			want := by.Scope(engagement.See).Reaches(target)
			list, _, err := w.List(t.Context(), by.Scope(engagement.See), engagement.Filter{}, db.Page{})
			w.must(err)
			listed := slices.ContainsFunc(list, func(x engagement.Need) bool { return x.ID == n.ID })
			todo, err := w.Todo(t.Context(), by, engagement.Filter{}, db.Page{})
			w.must(err)
			toDo := slices.ContainsFunc(todo.Needs, func(x engagement.Need) bool { return x.ID == n.ID })
			_, err = w.Get(t.Context(), by, n.ID)
			if listed != want || toDo != want || (err == nil) != want || todo.Total != len(list) {
				t.Errorf("%s %v: listed %t, to do %t, page %v, scope %t", by.ID, by.Grants, listed, toDo, err, want)
			}
		}
	})
}

func TestTheTodoListCountsItsTabs(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		w.at(engagement.Posted)   // nobody's; to be accepted by 29 December
		w.at(engagement.Taken)    // 王海燕; by 9 January
		w.at(engagement.Waiting)  // the enterprise's
		w.at(engagement.Offered)  // by 30 December
		w.at(engagement.Rateable) // the enterprise's
		w.at(engagement.Closed)
		w.at(engagement.Referred) // the city's; to be signed for by 26 December
		w.clock = at("2008-12-29", 10)
		var queries atomic.Int64
		todo, err := w.Todo(db.CountQueries(t.Context(), &queries), staff(sheyang), engagement.Filter{}, db.Page{Limit: 4})
		w.must(err)
		want := map[engagement.Tab]int{
			engagement.Everything: 6, engagement.Overdue: 1, engagement.DueToday: 1,
			engagement.Nobodys: 2, engagement.MyOwn: 4, engagement.WaitsForOne: 2,
		}
		for tab, n := range want {
			if todo.Tabs[tab] != n {
				t.Errorf("tab %q has %d, want %d", tab, todo.Tabs[tab], n)
			}
			got, err := w.Todo(t.Context(), staff(sheyang), engagement.Filter{Tab: tab}, db.Page{})
			w.must(err)
			if len(got.Needs) != n || got.Total != n {
				t.Errorf("tab %q lists %d of %d", tab, len(got.Needs), got.Total)
			}
		}
		if queries.Load() > 6 { // the calendar and the limits ask for their versions, and are read once
			t.Errorf("%d queries", queries.Load())
		}
		rest, err := w.Todo(t.Context(), staff(sheyang), engagement.Filter{}, db.Page{Limit: 4, After: todo.Next})
		w.must(err)
		var states []string
		for _, n := range append(todo.Needs, rest.Needs...) {
			states = append(states, string(n.State))
		}
		if wanted := []string{"referred", "posted", "offered", "accepted", "confirmed", "waiting"}; !slices.Equal(states, wanted) || rest.Next != "" {
			t.Errorf("soonest due first: %v, want %v", states, wanted)
		}
		county, err := w.Todo(t.Context(), staff(sheyang), engagement.Filter{Office: sheyang}, db.Page{})
		w.must(err)
		if county.Total != 5 {
			t.Errorf("%d on the county's own desk", county.Total)
		}
	})
}

func TestAnInstitutionsInboxAndAnEnterprisesOwnList(t *testing.T) {
	w := open(t, t.TempDir())
	first, second := w.at(engagement.Offered), w.at(engagement.Offered)
	third := w.at(engagement.InProgress)
	got, next, err := w.Inbox(t.Context(), people(w.guarantor), true, db.Page{Limit: 1})
	w.must(err)
	more, end, err := w.Inbox(t.Context(), people(w.guarantor), true, db.Page{Limit: 1, After: next})
	w.must(err)
	if len(got) != 1 || len(more) != 1 || got[0].Need != first.ID || more[0].Need != second.ID || end != "" {
		t.Errorf("%v then %v %q", got, more, end)
	}
	done, _, err := w.Inbox(t.Context(), people(w.guarantor), false, db.Page{})
	w.must(err)
	if len(done) != 1 || done[0].Need != third.ID {
		t.Errorf("answered: %v", done)
	}
	if none, _, err := w.Inbox(t.Context(), people(w.mutual), true, db.Page{}); err != nil || len(none) != 0 {
		t.Errorf("another institution's: %v %v", none, err)
	}
	mine, _, err := w.Mine(t.Context(), owner(w.mill), db.Page{})
	w.must(err)
	if len(mine) != 3 || mine[0].ID != third.ID {
		t.Errorf("the mill's own: %v", mine)
	}
	if officials, _, err := w.Mine(t.Context(), staff(city), db.Page{}); err != nil || len(officials) != 0 {
		t.Errorf("an official has none of its own: %v %v", officials, err)
	}
}

func TestProposalsSayWhy(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		ctx := context.WithoutCancel(t.Context())
		w.at(engagement.Closed) // the county's guarantor once did the same, and answered in time
		big := w.institution("盐城市中小企业担保有限公司", institution.Guarantor, institution.Municipal, "320902001", 1000)
		law := w.institution("射阳海盐律师事务所", institution.LawFirm, institution.CountyWide, hede, 0)
		l, err := w.institutions.Get(ctx, staff(city).Scope(institution.See), law)
		w.must(err)
		_, err = w.institutions.SetOffering(ctx, staff(city), law, l.Version, institution.Offering{
			Theme: institution.Development, Form: institution.ExpertTeam, Name: "合同审查", Fee: institution.Free,
		})
		w.must(err)
		n := w.at(engagement.Taken)
		var queries atomic.Int64
		all, err := w.Propose(db.CountQueries(ctx, &queries), staff(sheyang), n.ID)
		w.must(err)
		if queries.Load() > 5 { // the need, three to compare, its offers
			t.Errorf("%d queries", queries.Load())
		}
		var order []institution.ID
		for _, p := range all {
			order = append(order, p.Institution.ID)
			if len(p.Reasons) != 6 {
				t.Errorf("%s: %d reasons", p.Institution.Name, len(p.Reasons))
			}
		}
		if want := []institution.ID{w.guarantor, big, law, w.mutual}; !slices.Equal(order[:2], want[:2]) || len(order) != 4 {
			t.Fatalf("best first: %v", names(all))
		}
		var said []string
		for _, r := range all[0].Reasons {
			said = append(said, r.In(text.Zh))
			if r.Verdict != criteria.Met {
				t.Errorf("%s is %s", r.Criterion, r.Verdict)
			}
		}
		if want := []string{
			"主题相符：流动资金贷款担保", "就在本乡镇", "单笔上限 500 万元，够 300 万元", "每月不限笔数，手上在办 0 笔",
			"近一年 1 笔按时答复 1 笔", "近一年办过 1 笔内容相近的",
		}; !slices.Equal(said, want) || all[0].Score != 6 {
			t.Errorf("%q", said)
		}
		if r := reason(t, all, w.mutual, "amount"); r.Verdict != criteria.Unmet || r.In(text.Zh) != "单笔上限 200 万元，低于 300 万元" {
			t.Errorf("the small one: %+v", r)
		}
		if r := reason(t, all, big, "place"); r.Verdict != criteria.ToJudge {
			t.Errorf("the city's: %+v", r)
		}
		if r := reason(t, all, law, "theme"); r.Verdict != criteria.Unmet {
			t.Errorf("the law firm: %+v", r)
		}
		for _, p := range all {
			for _, r := range p.Reasons {
				if !text.Has(r.Key) {
					t.Errorf("the catalogue lacks %s", r.Key)
				}
			}
		}
		// The offer keeps the reasons as they were.
		n, err = w.Offer(ctx, staff(sheyang), n.ID, n.Version, big, "")
		w.must(err)
		d, err := w.Get(ctx, staff(sheyang), n.ID)
		w.must(err)
		if len(d.Offers) != 1 || len(d.Offers[0].Reasons) != 6 || d.Offers[0].Reasons[1].Verdict != criteria.ToJudge {
			t.Errorf("%+v", d.Offers)
		}
	})
}

func names(all []engagement.Proposal) []string {
	var names []string
	for _, p := range all {
		names = append(names, p.Institution.Name)
	}
	return names
}

func reason(t *testing.T, all []engagement.Proposal, of institution.ID, criterion string) engagement.Reason {
	t.Helper()
	for _, p := range all {
		for _, r := range p.Reasons {
			if p.Institution.ID == of && r.Criterion == criterion {
				return r
			}
		}
	}
	t.Fatalf("no %s for %s", criterion, of)
	return engagement.Reason{}
}
