package park_test

import (
	"slices"
	"testing"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/park"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/testkit"
)

func (w *world) published(name string, town region.Code) park.Park {
	w.t.Helper()
	p := w.park(name, town, park.Works{Begun: "2007-03-01"})
	p, err := w.Publish(w.t.Context(), official(city), p.ID, p.Version, true)
	w.must(err)
	return p
}

func (w *world) seek(e enterprise.ID, area int64) park.Wish {
	w.t.Helper()
	wish, err := w.Seek(w.t.Context(), owner(e), e, sheyang, park.Want{Kind: park.MultiStorey, Area: area, Text: "层高5米"}, "")
	w.must(err)
	return wish
}

// An enterprise seeks, finds, applies and moves in.
func TestAnEnterpriseFindsSpaceAndMovesIn(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		ctx := t.Context()
		p := w.published("合德中小企业园", hede)
		tight := w.house(p, "1号", park.MultiStorey, 2_000, "2008-02-01")
		wide := w.house(p, "2号", park.MultiStorey, 9_000, "2008-02-01")
		w.house(p, "3号", park.MultiStorey, 900, "2008-02-01")
		w.house(p, "4号", park.SingleStorey, 9_000, "2008-02-01")
		w.house(p, "5号", park.MultiStorey, 9_000, "")
		w.house(w.park("未公开的园", hede, park.Works{Begun: "2007-03-01"}), "1号", park.MultiStorey, 5_000, "2008-02-01")
		w.house(w.published("建湖中小企业园", "320925101"), "1号", park.MultiStorey, 5_000, "2008-02-01")
		mill := w.firm(hede)
		by, desk := owner(mill), official(sheyang)
		wish := w.seek(mill, 1_500)
		d, err := w.Wish(ctx, by.Scope(park.SeeWish), wish.ID)
		w.must(err)
		var fits []string
		for _, v := range d.Fits {
			fits = append(fits, v.ID)
		}
		if !slices.Equal(fits, []string{tight.ID, wide.ID}) {
			t.Errorf("what fits is %v, want the tight one before the wide one", d.Fits)
		}
		got, err := w.Apply(ctx, by, wish.ID, 1, tight.ID)
		w.must(err)
		got, err = w.Refuse(ctx, desk, wish.ID, got.Version, "已有意向企业")
		w.must(err)
		if got.State != park.Seeking || got.Building != "" || got.Region != sheyang {
			t.Errorf("after the refusal it is %+v", got)
		}
		got, err = w.Apply(ctx, by, wish.ID, got.Version, wide.ID)
		w.must(err)
		_, err = w.MoveIn(ctx, desk, wish.ID, got.Version, "2008-11-03")
		w.is(err, fault.Conflict) // not accepted yet
		got, err = w.Accept(ctx, desk, wish.ID, got.Version, "请备齐环评材料")
		w.must(err)
		_, err = w.MoveIn(ctx, desk, wish.ID, got.Version, "2008-11-04")
		w.broken(err, "on", "park.field.future")
		got, err = w.MoveIn(ctx, desk, wish.ID, got.Version, "2008-11-03")
		w.must(err)
		y, in, err := w.Tenant(ctx, desk.Scope(park.See), got.Tenancy)
		w.must(err)
		if y.Enterprise != mill || in.ID != p.ID || y.Area != 1_500 || y.Spaces[0].Building != wide.ID {
			t.Errorf("it is a tenant as %+v", y)
		}
		if n := w.value("park.entries", "2008-11-01", "2008-11-30"); n != 1 {
			t.Errorf("%d entries are counted", n)
		}
		_, err = w.Withdraw(ctx, by, wish.ID, got.Version)
		w.is(err, fault.Conflict)
		if want := []string{
			"accept park.told.applied", "apply park.told.refused", "accept park.told.applied", "apply park.told.accepted", "apply park.told.moved_in",
		}; !slices.Equal(w.told, want) {
			t.Errorf("told were %v", w.told)
		}
		if w.audits(park.WishRecord, wish.ID) != 6 || w.audits(park.TenancyRecord, y.ID) != 1 {
			t.Error("the trail does not have each step once")
		}
	})
}

func TestStepsOfAWish(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		ctx := t.Context()
		p := w.published("合德中小企业园", hede)
		h := w.house(p, "1号", park.MultiStorey, 90_000, "2008-02-01")
		hidden := w.house(w.park("未公开的园", hede, park.Works{Begun: "2007-03-01"}), "1号", park.MultiStorey, 5_000, "2008-02-01")
		steps := []struct {
			name string
			own  bool // the enterprise's step, else the office's
			from func(e enterprise.ID, wish park.Wish) park.Wish
			do   func(by authz.Actor, id string, v int) error
		}{
			{"apply", true, nil, func(by authz.Actor, id string, v int) error { _, err := w.Apply(ctx, by, id, v, h.ID); return err }},
			{"withdraw", true, nil, func(by authz.Actor, id string, v int) error { _, err := w.Withdraw(ctx, by, id, v); return err }},
			{"accept", false, w.applied(h.ID), func(by authz.Actor, id string, v int) error { _, err := w.Accept(ctx, by, id, v, ""); return err }},
			{"refuse", false, w.applied(h.ID), func(by authz.Actor, id string, v int) error {
				_, err := w.Refuse(ctx, by, id, v, "不符合园区产业定位")
				return err
			}},
		}
		for _, step := range steps {
			e := w.firm(hede)
			wish := w.seek(e, 100)
			if step.from != nil {
				wish = step.from(e, wish)
			}
			by, other := official(sheyang), owner(e)
			if step.own {
				by, other = owner(e), looker(sheyang)
			}
			w.is(step.do(official(jianhu), wish.ID, wish.Version), fault.NotFound)
			w.is(step.do(owner(w.firm(hede)), wish.ID, wish.Version), fault.NotFound)
			w.is(step.do(other, wish.ID, wish.Version), fault.Denied)
			w.is(step.do(by, wish.ID, wish.Version+1), fault.Stale)
			w.is(step.do(by, wish.ID, wish.Version), 0)
			w.is(step.do(by, wish.ID, wish.Version+1), fault.Conflict)
		}
		e := w.firm(hede)
		wish := w.seek(e, 100_000)
		_, err := w.Apply(ctx, owner(e), wish.ID, 1, h.ID)
		w.broken(err, "area", "park.field.room")
		_, err = w.Apply(ctx, owner(e), wish.ID, 1, hidden.ID)
		w.broken(err, "building", "field.choice")
		_, err = w.Seek(ctx, owner(e), w.firm(hede), sheyang, park.Want{Kind: park.Office, Area: 10}, "")
		w.broken(err, "enterprise", "park.field.enterprise")
		_, err = w.Seek(ctx, owner(e), e, hede, park.Want{Kind: "moon", Area: -1, By: "2008-01-01"}, "")
		if f := fault.FieldsOf(err); len(f) != 4 {
			t.Errorf("broken are %v, want four fields", f)
		}
	})
}

// applied brings a wish to where the park answers.
func (w *world) applied(building string) func(enterprise.ID, park.Wish) park.Wish {
	return func(e enterprise.ID, wish park.Wish) park.Wish {
		w.t.Helper()
		wish, err := w.Apply(w.t.Context(), owner(e), wish.ID, wish.Version, building)
		w.must(err)
		return wish
	}
}

// Who runs the park answers for it; before anybody applies there it sees nothing.
func TestTheParkAnswersForItself(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		ctx := t.Context()
		runner := w.institution("合德园区管理公司")
		p, err := w.Register(ctx, official(city), park.Profile{Name: "合德中小企业园", Region: hede, OperatorID: runner, Works: park.Works{Begun: "2007-01-01"}}, "")
		w.must(err)
		_, err = w.Publish(ctx, official(city), p.ID, 1, true)
		w.must(err)
		h := w.house(p, "1号", park.MultiStorey, 9_000, "2008-02-01")
		e := w.firm(hede)
		wish := w.seek(e, 100)
		count := func(by authz.Actor) int {
			all, _, err := w.Wishes(ctx, by.Scope(park.SeeWish), park.WishFilter{Open: true}, db.Page{})
			w.must(err)
			n, err := w.CountWishes(ctx, by.Scope(park.SeeWish), park.WishFilter{Open: true})
			w.must(err)
			if n != len(all) {
				t.Errorf("%d wishes are listed, %d told", len(all), n)
			}
			return n
		}
		if count(operator(runner)) != 0 || count(official(sheyang)) != 1 || count(official(jianhu)) != 0 || count(owner(e)) != 1 {
			t.Error("who sees a search is not as it should be")
		}
		wish, err = w.Apply(ctx, owner(e), wish.ID, 1, h.ID)
		w.must(err)
		if count(operator(runner)) != 1 || count(operator("another")) != 0 || count(looker(hede)) != 1 || count(looker(linhai)) != 0 {
			t.Error("who sees an application is not as it should be")
		}
		_, err = w.Accept(ctx, operator(runner), wish.ID, wish.Version, "")
		w.is(err, 0)
	})
}

func TestVacanciesArePagedByWhatFitsBest(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		p := w.published("合德中小企业园", hede)
		for i := range 7 {
			w.house(p, string(rune('A'+i))+"座", park.Office, int64(9-i%3)*100, "2008-02-01")
		}
		var seen []int64
		ids := map[string]bool{}
		for after, n := "", 0; n == 0 || after != ""; n++ {
			page, next, err := w.Vacancies(t.Context(), park.Asked{Region: sheyang, Area: 750}, db.Page{Limit: 2, After: after})
			w.must(err)
			for _, v := range page {
				seen, ids[v.ID] = append(seen, v.Free), true
			}
			after = next
		}
		n, err := w.CountVacancies(t.Context(), park.Asked{Region: sheyang, Area: 750})
		w.must(err)
		if !slices.Equal(seen, []int64{800, 800, 900, 900, 900}) || len(ids) != n {
			t.Errorf("the pages show %v", seen)
		}
	})
}
