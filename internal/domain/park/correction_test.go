package park_test

import (
	"testing"

	"qiban.dev/qiban/internal/domain/park"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/testkit"
)

// A park was entered in the wrong town: once that is put right, all that was
// counted of it is counted where it lies, and what enterprises ask of it is there.
func TestAParkIsPutIntoTheRightTown(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		ctx := t.Context()
		const there = region.Code("320925101") // 近湖镇, a key town since 2008
		p := w.published("合德中小企业园", plain)
		h := w.house(p, "1号", park.MultiStorey, 12_000, "2008-05-01")
		w.house(p, "宿舍", park.Dormitory, 2_000, "2008-05-01")
		_, err := w.enter(p, h, w.firm(plain), 500, "2008-06-01")
		w.must(err)
		gone, err := w.enter(p, h, w.firm(plain), 300, "2008-06-01")
		w.must(err)
		_, err = w.Leave(ctx, official(city), gone.ID, 1, "2008-09-01", park.Moved, "")
		w.must(err)
		wish := w.seek(w.firm(plain), 800)
		wish, err = w.Apply(ctx, owner(wish.Enterprise), wish.ID, 1, h.ID)
		w.must(err)

		count := func(measure string, at region.Code, where ...ledger.Cond) int64 {
			n, err := w.ledger.Value(ctx, w.db, ledger.Query{Measure: measure, Region: at, From: "2008-01-01", To: "2008-12-31", Where: where})
			if err != nil { // a level is read on a day
				n, err = w.ledger.Value(ctx, w.db, ledger.Query{Measure: measure, Region: at, To: "2008-12-31", Where: where})
			}
			w.must(err)
			return n
		}
		counted := map[string]int64{
			"park.parks": 1, "park.factory": 12_000, "park.multi": 12_000, "park.shared": 2_000, "park.built": 14_000,
			"park.occupied": 500, "park.tenants": 1, "park.entries": 2, "park.entrants": 2, "park.exits": 1,
		}
		stands := func(at, not region.Code) {
			t.Helper()
			for measure, want := range counted {
				if n := count(measure, at); n != want {
					t.Errorf("%s counts %d in %s, want %d", measure, n, at, want)
				}
				if n := count(measure, not); n != 0 {
					t.Errorf("%s still counts %d in %s", measure, n, not)
				}
			}
		}
		stands(sheyang, jianhu)
		in := p.Profile
		in.Region = there
		p, err = w.Edit(ctx, official(city), p.ID, p.Version, in)
		w.must(err)
		stands(jianhu, sheyang)
		key := ledger.Cond{Dim: "key", In: []string{"yes"}}
		if n := count("park.factory", jianhu, key); n != 12_000 {
			t.Errorf("%d square metres are counted in key towns", n)
		}
		_, err = w.Accept(ctx, official(jianhu), wish.ID, wish.Version, "")
		w.is(err, 0) // the office there answers
		in.Region = hede
		_, err = w.Edit(ctx, official(city), p.ID, p.Version, in)
		w.must(err)
		stands(sheyang, jianhu) // and back again
	})
}

// Nobody pushes a park to where they have no say, and who runs it hands it on to
// nobody.
func TestNobodyPushesAParkAway(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		ctx := t.Context()
		runner := w.institution("合德园区管理公司")
		p, err := w.Register(ctx, official(city), park.Profile{Name: "合德中小企业园", Region: hede, OperatorID: runner}, "")
		w.must(err)
		other := w.institution("射阳开发区管理公司")
		facts := w.facts()
		in := p.Profile
		in.Region = "320925101"
		_, err = w.Edit(ctx, official(sheyang), p.ID, p.Version, in)
		w.broken(err, "region", "field.choice") // as one that is not there
		_, err = w.Edit(ctx, operator(runner), p.ID, p.Version, in)
		w.broken(err, "region", "field.choice")
		in.Region, in.OperatorID = hede, other
		_, err = w.Edit(ctx, operator(runner), p.ID, p.Version, in)
		w.is(err, fault.Denied)
		if w.facts() != facts {
			t.Error("what was refused was counted")
		}
		in.OperatorID, in.About = runner, "多层厂房为主"
		p, err = w.Edit(ctx, operator(runner), p.ID, p.Version, in)
		w.must(err)
		in.Region = linhai
		_, err = w.Edit(ctx, official(sheyang), p.ID, p.Version, in)
		w.is(err, 0)
	})
}

// A park keeps the ground under its buildings, and has none that are older than
// anybody builds or came after its end.
func TestAParkAndItsBuildingsAgree(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		ctx, top := t.Context(), official(city)
		p := w.park("合德中小企业园", hede, park.Works{Begun: "2008-06-01"})
		add := func(done string) (park.House, error) {
			return w.AddBuilding(ctx, top, p.ID, park.House{Name: "办公楼" + done, Kind: park.Office, Floors: 2, Area: 2_000, Works: park.Works{Done: done}}, "")
		}
		_, err := add("1901-11-02")
		w.broken(err, "done_on", "park.field.oldest")
		h, err := add("2008-05-01") // it took the building in
		w.must(err)
		in := p.Profile
		in.Land = 999
		_, err = w.Edit(ctx, top, p.ID, p.Version, in)
		w.broken(err, "land", "park.field.land")
		in.Land = 0 // not on file
		p, err = w.Edit(ctx, top, p.ID, p.Version, in)
		w.must(err)

		_, err = w.End(ctx, top, p.ID, p.Version, "2008-05-01", "撤并园区")
		w.is(err, fault.Conflict) // it was finished that day
		if n := w.level("park.built", "2008-10-31"); n != 2_000 {
			t.Errorf("%d square metres are built while it is one", n)
		}
		p, err = w.End(ctx, top, p.ID, p.Version, "2008-11-01", "撤并园区")
		w.must(err)
		if n := w.level("park.built", "2008-11-01"); n != 0 {
			t.Errorf("%d square metres of parks are built once it is none", n)
		}
		if n := w.level("park.built", "2008-10-31"); n != 2_000 {
			t.Errorf("%d square metres are said to have been built while it was one", n)
		}
		_, err = add("2008-10-01")
		w.is(err, fault.Conflict)
		h.Done = "2008-11-01"
		_, err = w.EditBuilding(ctx, top, h.ID, h.Version, h)
		w.broken(err, "done_on", "park.field.ended")
	})
}

// A building becomes something else: what its tenants have is counted as that.
func TestWhatIsOccupiedFollowsTheKindOfTheBuilding(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		p := w.park("合德中小企业园", hede, park.Works{Begun: "2007-06-01"})
		h := w.house(p, "1号", park.MultiStorey, 12_000, "2008-05-01")
		_, err := w.enter(p, h, w.firm(hede), 500, "2008-06-01")
		w.must(err)
		h.Kind = park.Office
		_, err = w.EditBuilding(t.Context(), official(city), h.ID, h.Version, h)
		w.must(err)
		for kind, want := range map[park.Kind]int64{park.Office: 500, park.MultiStorey: 0} {
			of := ledger.Cond{Dim: "kind", In: []string{string(kind)}}
			if n := w.level("park.occupied", "2008-12-31", of); n != want {
				t.Errorf("%d square metres of %s are occupied, want %d", n, kind, want)
			}
		}
	})
}

// A building that was entered by mistake goes, and leaves a trace; one that
// somebody uses stays.
func TestABuildingEnteredByMistakeIsRemoved(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		ctx := t.Context()
		p := w.published("合德中小企业园", hede)
		h := w.house(p, "1号", park.MultiStorey, 12_000, "2008-05-01")
		used := w.house(p, "2号", park.MultiStorey, 6_000, "2008-05-01")
		wanted := w.house(p, "3号", park.MultiStorey, 6_000, "2008-05-01")
		y, err := w.enter(p, used, w.firm(hede), 500, "2008-06-01")
		w.must(err)
		_, err = w.Undo(ctx, official(city), y.ID, 1, "登记错误")
		w.must(err)
		wish := w.seek(w.firm(hede), 800)
		_, err = w.Apply(ctx, owner(wish.Enterprise), wish.ID, 1, wanted.ID)
		w.must(err)
		remove := w.RemoveBuilding
		w.is(remove(ctx, official(jianhu), h.ID, 1), fault.NotFound)
		w.is(remove(ctx, looker(city), h.ID, 1), fault.Denied)
		w.is(remove(ctx, official(city), "none", 1), fault.NotFound)
		w.is(remove(ctx, official(city), h.ID, 2), fault.Stale)
		w.is(remove(ctx, official(city), used.ID, 1), fault.Conflict)
		w.is(remove(ctx, official(city), wanted.ID, 1), fault.Conflict)
		if n := w.value("park.factory", "2008-01-01", "2008-12-31"); n != 24_000 {
			t.Errorf("%d square metres are new", n)
		}
		trail, of := w.audits(park.BuildingRecord, h.ID), w.audits(park.Record, string(p.ID))
		w.must(remove(ctx, official(sheyang), h.ID, 1))
		if n := w.value("park.factory", "2008-01-01", "2008-12-31"); n != 12_000 {
			t.Errorf("%d square metres are new without it", n)
		}
		if w.audits(park.BuildingRecord, h.ID) != trail+1 || w.audits(park.Record, string(p.ID)) != of+1 {
			t.Error("it went without a trace")
		}
		w.is(remove(ctx, official(sheyang), h.ID, 1), fault.NotFound)
		w.house(p, "1号", park.SingleStorey, 100, "") // its name is free
	})
}

// Who does not stand in the register neither seeks space nor moves in.
func TestAClosedEnterpriseDoesNotMoveIn(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		ctx := t.Context()
		h := w.house(w.published("合德中小企业园", hede), "1号", park.MultiStorey, 12_000, "2008-05-01")
		mill, bad := w.firm(hede), w.firm(hede)
		wish := w.seek(mill, 500)
		wish, err := w.Apply(ctx, owner(mill), wish.ID, wish.Version, h.ID)
		w.must(err)
		wish, err = w.Accept(ctx, official(sheyang), wish.ID, wish.Version, "")
		w.must(err)
		e, err := w.enterprises.Get(ctx, official(city), mill)
		w.must(err)
		w.must(w.enterprises.Close(ctx, official(city), mill, e.Version, "已注销登记"))
		_, err = w.MoveIn(ctx, official(sheyang), wish.ID, wish.Version, "2008-11-01")
		w.is(err, fault.Conflict)
		if n := w.value("park.entries", "2008-01-01", "2008-12-31"); n != 0 {
			t.Errorf("%d entries are counted", n)
		}
		if e, err = w.enterprises.Get(ctx, official(city), bad); err == nil {
			err = w.enterprises.Reject(ctx, official(city), bad, e.Version, "执照号码不符")
		}
		w.must(err)
		_, err = w.Seek(ctx, official(city), bad, sheyang, park.Want{Kind: park.MultiStorey, Area: 500}, "")
		w.broken(err, "enterprise", "park.field.enterprise")
	})
}
