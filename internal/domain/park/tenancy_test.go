package park_test

import (
	"context"
	"sync"
	"testing"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/park"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/testkit"
)

// An enterprise enters, grows, graduates; every figure follows.
func TestATenantsTimeInAPark(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		ctx, by := t.Context(), official(sheyang)
		p := w.park("合德中小企业园", hede, park.Works{Begun: "2007-03-01"})
		one := w.house(p, "1号", park.SingleStorey, 5_000, "2007-09-01")
		two := w.house(p, "2号", park.MultiStorey, 8_000, "2008-02-01")
		mill := w.firm(hede)
		y, err := w.enter(p, one, mill, 2_000, "2007-10-01")
		w.must(err)
		_, err = w.enter(p, two, mill, 10, "2008-03-01")
		w.is(err, fault.Conflict) // it is there already
		_, err = w.Grow(ctx, by, y.ID, 1, one.ID, 3_000, "2008-03-01")
		w.must(err)
		y, err = w.Grow(ctx, by, y.ID, 2, two.ID, 4_000, "2008-05-01")
		w.must(err)
		if y.Area != 7_000 || len(y.Spaces) != 3 {
			t.Errorf("it has %d in %v", y.Area, y.Spaces)
		}
		_, err = w.Grow(ctx, by, y.ID, 3, two.ID, 8_001, "2008-05-02")
		w.broken(err, "area", "park.field.room")
		_, err = w.Grow(ctx, by, y.ID, 3, two.ID, 5_000, "2008-04-30")
		w.broken(err, "on", "park.field.before")
		_, err = w.Grow(ctx, by, y.ID, 3, one.ID, 0, "2008-06-01")
		w.must(err)
		_, err = w.Grow(ctx, by, y.ID, 4, two.ID, 0, "2008-06-02")
		w.broken(err, "area", "park.field.nothing_left")
		_, err = w.Leave(ctx, by, y.ID, 4, "2008-05-15", park.Graduated, "")
		w.broken(err, "on", "park.field.before")
		_, err = w.Leave(ctx, by, y.ID, 4, "2008-10-01", park.Graduated, "自建厂房")
		w.must(err)
		_, err = w.Leave(ctx, by, y.ID, 5, "2008-10-02", park.Moved, "")
		w.is(err, fault.Conflict)
		for day, want := range map[string]int64{"2007-09-30": 0, "2007-10-01": 2_000, "2008-03-01": 3_000, "2008-05-01": 7_000, "2008-06-01": 4_000, "2008-10-01": 0} {
			if got := w.level("park.occupied", day); got != want {
				t.Errorf("on %s %d square metres are occupied, want %d", day, got, want)
			}
		}
		if n := w.value("park.entries", "2007-01-01", "2007-12-31"); n != 1 {
			t.Errorf("%d entered in 2007", n)
		}
		if n := w.level("park.tenants", "2008-09-30") - w.level("park.tenants", "2008-10-01"); n != 1 {
			t.Errorf("%d fewer tenants after it left", n)
		}
		if n := w.value("park.exits", "2008-01-01", "2008-12-31", ledger.Cond{Dim: "way", In: []string{"graduated"}}); n != 1 {
			t.Errorf("%d graduated", n)
		}
		if _, err = w.enter(p, two, mill, 100, "2008-10-05"); err != nil { // and it may come back
			t.Error(err)
		}
	})
}

// What was entered by mistake never was: it takes its own figures along and no others.
func TestAMistakeIsTakenBack(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		ctx, by := t.Context(), official(sheyang)
		p := w.park("合德中小企业园", hede, park.Works{Begun: "2007-03-01"})
		h := w.house(p, "1号", park.SingleStorey, 5_000, "2007-09-01")
		_, err := w.enter(p, h, w.firm(hede), 3_000, "2008-01-05")
		w.must(err)
		y, err := w.enter(p, h, w.firm(hede), 2_000, "2008-02-05")
		w.must(err)
		_, err = w.enter(p, h, w.firm(hede), 1, "2008-03-05")
		w.broken(err, "area", "park.field.room")
		_, err = w.Undo(ctx, looker(sheyang), y.ID, 1, "录错企业")
		w.is(err, fault.Denied)
		_, err = w.Undo(ctx, by, y.ID, 1, "")
		w.broken(err, "reason", "field.required")
		_, err = w.Undo(ctx, by, y.ID, 1, "录错企业")
		w.must(err)
		_, err = w.Undo(ctx, by, y.ID, 2, "录错企业")
		w.is(err, fault.Conflict)
		if n := w.value("park.entries", "2008-01-01", "2008-12-31"); n != 1 {
			t.Errorf("%d entered, want the other one", n)
		}
		if n := w.level("park.occupied", "2008-11-03"); n != 3_000 {
			t.Errorf("%d occupied, want the other one's", n)
		}
		if n := w.value("park.factory", "2007-01-01", "2007-12-31"); n != 5_000 {
			t.Errorf("the building became %d", n)
		}
		found, _, err := w.Tenants(ctx, by.Scope(park.See), park.TenantFilter{Park: p.ID}, db.Page{})
		w.must(err)
		if len(found) != 1 || found[0].Area != 3_000 || found[0].Name == "" {
			t.Errorf("the list shows %+v", found)
		}
		_, err = w.enter(p, h, w.firm(hede), 2_000, "2008-03-05")
		w.is(err, 0)
	})
}

// Who cannot enter, and where nobody can.
func TestWhatIsRefusedToATenant(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		ctx := t.Context()
		p := w.park("合德中小企业园", hede, park.Works{Begun: "2007-03-01"})
		other := w.park("临海中小企业园", linhai, park.Works{Begun: "2007-03-01"})
		done := w.house(p, "1号", park.SingleStorey, 5_000, "2008-02-01")
		rising := w.house(p, "2号", park.SingleStorey, 5_000, "")
		elsewhere := w.house(other, "1号", park.SingleStorey, 5_000, "2008-02-01")
		mine, foreign := w.firm(hede), w.firm("320925101")
		facts := w.facts()
		in := func(change func(*park.Arrival)) park.Arrival {
			a := park.Arrival{Enterprise: mine, Building: done.ID, Area: 100, On: "2008-03-01"}
			change(&a)
			return a
		}
		for _, c := range []struct {
			who        string
			a          park.Arrival
			field, key string
		}{
			{"into a building that is not finished", in(func(a *park.Arrival) { a.Building = rising.ID }), "building", "park.field.unfinished"},
			{"before the building was finished", in(func(a *park.Arrival) { a.On = "2008-01-31" }), "building", "park.field.unfinished"},
			{"into a building of another park", in(func(a *park.Arrival) { a.Building = elsewhere.ID }), "building", "field.choice"},
			{"into no building", in(func(a *park.Arrival) { a.Building = "none" }), "building", "field.choice"},
			{"with more than there is", in(func(a *park.Arrival) { a.Area = 5_001 }), "area", "park.field.room"},
			{"with less than nothing", in(func(a *park.Arrival) { a.Area = -1 }), "area", "field.range"},
			{"with an absurd area", in(func(a *park.Arrival) { a.Area = 1 << 60 }), "area", "field.range"},
			{"tomorrow", in(func(a *park.Arrival) { a.On = "2008-11-04" }), "on", "park.field.future"},
			{"as another county's enterprise", in(func(a *park.Arrival) { a.Enterprise = foreign }), "enterprise", "park.field.enterprise"},
			{"as nobody", in(func(a *park.Arrival) { a.Enterprise = "none" }), "enterprise", "park.field.enterprise"},
		} {
			t.Run(c.who, func(t *testing.T) {
				w.t = t
				_, err := w.Enter(ctx, official(sheyang), p.ID, c.a, "")
				w.broken(err, c.field, c.key)
			})
		}
		w.t = t
		_, err := w.Enter(ctx, official(jianhu), p.ID, in(func(*park.Arrival) {}), "")
		w.is(err, fault.NotFound)
		_, err = w.Enter(ctx, person("half", looker(sheyang).Grants[0], authz.Grant{
			Role: authz.Role{Permissions: []authz.Permission{"enterprise.view"}}, Region: sheyang,
		}), p.ID, in(func(*park.Arrival) {}), "")
		w.is(err, fault.Denied)
		if w.facts() != facts {
			t.Error("what was refused was counted")
		}
	})
}

// Many race for the last room of a building: it is never let beyond its area, and
// all of it is let.
func TestARaceForTheLastRoom(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		p := w.park("合德中小企业园", hede, park.Works{Begun: "2007-03-01"})
		h := w.house(p, "1号", park.MultiStorey, 10_000, "2008-02-01")
		const racers, each = 40, 900
		firms := make([]string, racers)
		for i := range firms {
			firms[i] = string(w.firm(hede))
		}
		var in, full int
		var mu sync.Mutex
		var wg sync.WaitGroup
		for _, f := range firms {
			wg.Go(func() {
				_, err := w.Enter(t.Context(), official(sheyang), p.ID, park.Arrival{Enterprise: enterprise.ID(f), Building: h.ID, Area: each, On: "2008-03-01"}, "")
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					in++
				case fault.FieldsOf(err).Has("area"):
					full++
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if in != 10_000/each || in+full != racers {
			t.Errorf("%d got in and %d did not, want %d in", in, full, 10_000/each)
		}
		if n := w.level("park.occupied", "2008-11-03"); n != int64(in*each) {
			t.Errorf("%d square metres are counted as occupied", n)
		}
	})
}

// One enterprise enters twice at the same moment: once.
func TestARaceOfOneEnterpriseWithItself(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		p := w.park("合德中小企业园", hede, park.Works{Begun: "2007-03-01"})
		h := [2]park.House{w.house(p, "1号", park.SingleStorey, 5_000, "2008-02-01"), w.house(p, "2号", park.SingleStorey, 5_000, "2008-02-01")}
		mill := w.firm(hede)
		errs := make([]error, 8)
		var wg sync.WaitGroup
		for i := range errs {
			wg.Go(func() {
				_, errs[i] = w.Enter(t.Context(), official(sheyang), p.ID, park.Arrival{Enterprise: mill, Building: h[i%2].ID, Area: 100, On: "2008-03-01"}, "")
			})
		}
		wg.Wait()
		in := 0
		for _, err := range errs {
			if err == nil {
				in++
			} else if !fault.Is(err, fault.Conflict) {
				t.Error(err)
			}
		}
		if in != 1 {
			t.Errorf("it got in %d times", in)
		}
	})
}

// Two entries of one enterprise become one, and two again: their tenancies follow.
func TestTenanciesFollowAMerger(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		p := w.park("合德中小企业园", hede, park.Works{Begun: "2007-03-01"})
		h := w.house(p, "1号", park.SingleStorey, 5_000, "2008-02-01")
		from, to := w.firm(hede), w.firm(hede)
		y, err := w.enter(p, h, from, 100, "2008-03-01")
		w.must(err)
		w.must(w.db.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			if _, err := tx.Exec(ctx, `UPDATE enterprise SET alias_of = ? WHERE id = ?`, to, from); err != nil {
				return err
			}
			return park.Rejoin(ctx, tx, from, to)
		}))
		got, _, err := w.Tenant(t.Context(), official(city).Scope(park.See), y.ID)
		w.must(err)
		if got.Enterprise != to {
			t.Error("the tenancy stayed with the entry that is no more")
		}
		w.must(w.db.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			if _, err := tx.Exec(ctx, `UPDATE enterprise SET alias_of = '' WHERE id = ?`, from); err != nil {
				return err
			}
			return park.Rejoin(ctx, tx, from, to)
		}))
		if got, _, _ = w.Tenant(t.Context(), official(city).Scope(park.See), y.ID); got.Enterprise != from {
			t.Error("the tenancy did not come back")
		}
	})
}

func TestAParkWithTenantsDoesNotEnd(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		p := w.park("合德中小企业园", hede, park.Works{Begun: "2007-03-01"})
		h := w.house(p, "1号", park.SingleStorey, 5_000, "2008-02-01")
		y, err := w.enter(p, h, w.firm(hede), 100, "2008-03-01")
		w.must(err)
		_, err = w.End(t.Context(), official(city), p.ID, 1, "2008-11-01", "规划调整")
		w.is(err, fault.Conflict)
		_, err = w.Leave(t.Context(), official(city), y.ID, 1, "2008-10-01", park.Shut, "")
		w.must(err)
		_, err = w.End(t.Context(), official(city), p.ID, 1, "2008-11-01", "规划调整")
		w.must(err)
		_, err = w.enter(p, h, w.firm(hede), 100, "2008-11-02")
		w.is(err, fault.Conflict)
		if n := w.level("park.parks", "2008-12-31"); n != 0 {
			t.Errorf("%d parks are counted", n)
		}
	})
}
