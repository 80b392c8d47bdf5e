package park_test

import (
	"testing"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/park"
	"qiban.dev/qiban/internal/domain/territory"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/testkit"
)

// Each act on a park, by somebody who may and by those who may not.
func TestActsOnAPark(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		ctx := t.Context()
		other := park.Profile{Name: "合德纺织园", Region: hede, Land: 90_000, Works: park.Works{Begun: "2008-01-10"}}
		acts := map[string]func(by authz.Actor, id park.ID, v int) error{
			"edit":    func(by authz.Actor, id park.ID, v int) error { _, err := w.Edit(ctx, by, id, v, other); return err },
			"publish": func(by authz.Actor, id park.ID, v int) error { _, err := w.Publish(ctx, by, id, v, true); return err },
			"end": func(by authz.Actor, id park.ID, v int) error {
				_, err := w.End(ctx, by, id, v, "2008-10-01", "规划调整")
				return err
			},
			"grade": func(by authz.Actor, id park.ID, v int) error {
				_, err := w.SetGrade(ctx, by, id, v, park.Term{Grade: park.GradeA, From: "2008-10-01", Document: "盐企发〔2008〕1号"})
				return err
			},
			"end of the grade": func(by authz.Actor, id park.ID, v int) error {
				_, err := w.EndGrade(ctx, by, id, v, park.GradeA, "2008-10-01", "未达标准")
				return err
			},
		}
		for name, act := range acts {
			w.t = t
			p := w.park("合德中小企业园"+name, hede, park.Works{Begun: "2007-06-01"})
			facts, trail := w.facts(), w.audits(park.Record, string(p.ID))
			for _, c := range []struct {
				who  string
				by   authz.Actor
				id   park.ID
				v    int
				want fault.Kind
			}{
				{"somebody of the next county", official(jianhu), p.ID, p.Version, fault.NotFound},
				{"nobody", authz.Actor{}, p.ID, p.Version, fault.NotFound},
				{"an unknown park", official(sheyang), "no such id", p.Version, fault.NotFound},
				{"somebody who may only look", looker(sheyang), p.ID, p.Version, fault.Denied},
				{"somebody who is late", official(city), p.ID, p.Version + 1, fault.Stale},
			} {
				t.Run(name+" by "+c.who, func(t *testing.T) {
					w.t = t
					w.is(act(c.by, c.id, c.v), c.want)
				})
			}
			w.t = t
			if name == "grade" { // no county raises its own
				w.is(act(official(sheyang), p.ID, p.Version), fault.Denied)
			}
			if w.facts() != facts || w.audits(park.Record, string(p.ID)) != trail {
				t.Errorf("%s: what was refused left something behind", name)
			}
			w.is(act(official(city), p.ID, p.Version), 0)
			if w.audits(park.Record, string(p.ID)) != trail+1 {
				t.Errorf("%s left no trace", name)
			}
		}
	})
}

func TestAParkIsRegisteredOnce(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		in := park.Profile{Name: "合德中小企业园", Region: hede}
		_, err := w.Register(t.Context(), looker(sheyang), in, "")
		w.is(err, fault.Denied)
		p, err := w.Register(t.Context(), official(sheyang), in, "form-1")
		w.must(err)
		if p.Planned != "2008-11-03" {
			t.Errorf("without any day it is planned from %q on", p.Planned)
		}
		again, err := w.Register(t.Context(), official(sheyang), in, "form-1")
		w.must(err)
		if again.ID != p.ID {
			t.Error("the same form made a second park")
		}
		_, err = w.Register(t.Context(), official(sheyang), in, "form-2")
		w.is(err, fault.Conflict)
		in.Region = linhai
		_, err = w.Register(t.Context(), official(sheyang), in, "")
		w.is(err, 0) // another town may have one of the name
		in.Region = "320924999"
		_, err = w.Register(t.Context(), official(city), in, "")
		w.broken(err, "region", "field.choice")
	})
}

// For every place in the tree, the list shows what the scope reaches.
func TestTheListIsWhatTheScopeReaches(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		var all []park.Park
		for _, town := range []region.Code{hede, linhai, plain, "320925101"} {
			all = append(all, w.park("园区"+string(town), town, park.Works{Begun: "2007-01-01"}))
		}
		for _, at := range []region.Code{"320000", city, sheyang, jianhu, hede, plain, "320926", ""} {
			scope := looker(at).Scope(park.See)
			found, _, err := w.List(t.Context(), scope, park.Filter{}, db.Page{Limit: 100})
			w.must(err)
			n, err := w.Count(t.Context(), scope, park.Filter{})
			w.must(err)
			want := 0
			for _, p := range all {
				if scope.Reaches(p.Target()) {
					want++
				}
			}
			if len(found) != want || n != want {
				t.Errorf("%s sees %d parks and counts %d, want %d", at, len(found), n, want)
			}
		}
	})
}

func TestWhoRunsAParkAndNobodyElseSeesItUnpublished(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		runner := w.institution("合德园区管理公司")
		p, err := w.Register(t.Context(), official(city), park.Profile{Name: "合德中小企业园", Region: hede, OperatorID: runner}, "")
		w.must(err)
		_, err = w.Register(t.Context(), official(city), park.Profile{Name: "新园区", Region: hede, OperatorID: "nobody"}, "")
		w.broken(err, "operator_id", "field.choice")
		_, err = w.Get(t.Context(), operator(runner).Scope(park.See), p.ID)
		w.is(err, 0)
		_, err = w.Get(t.Context(), operator("another").Scope(park.See), p.ID)
		w.is(err, fault.NotFound)
		_, err = w.Published(t.Context(), p.ID)
		w.is(err, fault.NotFound)
		_, err = w.Publish(t.Context(), official(city), p.ID, 1, true)
		w.must(err)
		_, err = w.Published(t.Context(), p.ID)
		w.is(err, 0)
	})
}

// What a building is can change only as far as its tenants allow.
func TestABuildingHoldsItsTenants(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		p := w.park("合德中小企业园", hede, park.Works{Begun: "2007-03-01"})
		h := w.house(p, "1号厂房", park.SingleStorey, 5000, "2008-02-01")
		_, err := w.enter(p, h, w.firm(hede), 3000, "2008-03-01")
		w.must(err)
		edit := func(by authz.Actor, v int, change func(*park.House)) (park.House, error) {
			in := h
			change(&in)
			return w.EditBuilding(t.Context(), by, h.ID, v, in)
		}
		_, err = edit(official(city), 1, func(h *park.House) { h.Area = 2999 })
		w.is(err, fault.Conflict)
		_, err = edit(official(city), 1, func(h *park.House) { h.Done = "2008-03-02" })
		w.is(err, fault.Conflict)
		_, err = edit(official(city), 1, func(h *park.House) { h.Done = "" })
		w.is(err, fault.Conflict)
		_, err = edit(official(jianhu), 1, func(*park.House) {})
		w.is(err, fault.NotFound)
		_, err = edit(looker(sheyang), 1, func(*park.House) {})
		w.is(err, fault.Denied)
		_, err = edit(official(city), 7, func(*park.House) {})
		w.is(err, fault.Stale)
		got, err := edit(official(city), 1, func(h *park.House) { h.Area, h.Done = 3000, "2008-03-01" })
		w.must(err)
		if got.Version != 2 || w.value("park.factory", "2008-03-01", "2008-03-31") != 3000 || w.value("park.factory", "2008-01-01", "2008-02-29") != 0 {
			t.Errorf("the area as measured again is not what is counted: %+v", got)
		}
		_, err = w.AddBuilding(t.Context(), official(city), p.ID, park.House{Name: "1号厂房", Kind: park.Office, Floors: 3, Area: 10}, "")
		w.is(err, fault.Conflict)
	})
}

// A hall has to stand on the park's own land: a digit too many is asked about.
func TestABuildingStandsOnItsParksLand(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		p := w.park("合德中小企业园", hede, park.Works{Begun: "2007-03-01"}) // 200,000 square metres
		add := func(name string, floors int, area int64) (park.House, error) {
			kind := park.SingleStorey
			if floors > 1 {
				kind = park.MultiStorey
			}
			return w.AddBuilding(t.Context(), official(city), p.ID, park.House{Name: name, Kind: kind, Floors: floors, Area: area, Works: park.Works{Begun: "2008-03-01"}}, "")
		}
		_, err := add("1号厂房", 1, 99_999_999)
		w.broken(err, "area", "park.field.footprint")
		_, err = add("1号厂房", 1, 200_000)
		w.must(err)
		h, err := add("2号厂房", 5, 600_000)
		w.must(err)
		h.Floors = 2
		_, err = w.EditBuilding(t.Context(), official(city), h.ID, h.Version, h)
		w.broken(err, "area", "park.field.footprint")
	})
}

func TestPhotosAreNothingButPictures(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		p := w.park("合德中小企业园", hede, park.Works{Begun: "2007-03-01"})
		by := official(sheyang)
		hold := func(name, content string) string {
			held, err := w.files.Hold(t.Context(), by, incoming(name, content))
			w.must(err)
			return held.Token
		}
		p2, err := w.SetPhotos(t.Context(), by, p.ID, p.Version, files.Papers{Add: []string{hold("厂房.png", "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR")}})
		w.must(err)
		_, err = w.SetPhotos(t.Context(), by, p.ID, p2.Version, files.Papers{Add: []string{hold("合同.pdf", "%PDF-1.4\n%âãÏÓ\n")}})
		w.broken(err, files.Field, "park.field.picture")
		d, err := w.Get(t.Context(), by.Scope(park.See), p.ID)
		w.must(err)
		if len(d.Photos) != 1 {
			t.Fatalf("%d photos", len(d.Photos))
		}
		_, _, err = w.OpenPhoto(t.Context(), authz.Actor{}, p.ID, d.Photos[0].ID)
		w.is(err, fault.NotFound) // the park is not public yet
		_, err = w.Publish(t.Context(), by, p.ID, p2.Version, true)
		w.must(err)
		_, in, err := w.OpenPhoto(t.Context(), authz.Actor{}, p.ID, d.Photos[0].ID)
		w.must(err)
		w.must(in.Close())
	})
}

// The figures of a world that can be counted by hand.
func TestWhatIsCounted(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		ctx := t.Context()
		key := ledger.Cond{Dim: "key", In: []string{"yes"}}
		building := ledger.Cond{Dim: "stage", In: []string{"building"}}
		a := w.park("合德中小企业园", hede, park.Works{Planned: "2006-01-01", Begun: "2007-06-01"})
		b := w.park("海边中小企业园", plain, park.Works{Begun: "2008-02-01"})
		w.park("老园区", hede, park.Works{Begun: "2005-02-01", Done: "2007-01-01"})
		w.house(a, "1号", park.MultiStorey, 12_000, "2008-05-01")
		w.house(a, "2号", park.SingleStorey, 4_000, "2008-06-01")
		w.house(a, "3号", park.SingleStorey, 7_000, "") // not finished
		w.house(b, "1号", park.MultiStorey, 9_000, "2007-12-31")
		w.house(b, "宿舍", park.Dormitory, 2_000, "2008-07-01")
		_, err := w.SetGrade(ctx, official(city), a.ID, 1, park.Term{Grade: park.GradeA, From: "2008-07-01", To: "2011-07-01", Document: "盐企发〔2008〕1号"})
		w.must(err)
		_, err = w.SetGrade(ctx, official(city), a.ID, 2, park.Term{Grade: park.ModelPark, From: "2008-09-01", Document: "盐企发〔2008〕2号"})
		w.must(err)
		for _, c := range []struct {
			what      string
			got, want int64
		}{
			{"parks at the end of 2006", w.level("park.parks", "2006-12-31"), 2},
			{"under construction then", w.level("park.parks", "2006-12-31", building), 1},
			{"under construction at the end of 2007", w.level("park.parks", "2007-12-31", building), 1},
			{"of those in key towns, of which there were none then", w.level("park.parks", "2007-12-31", building, key), 0},
			{"under construction at the end of 2008", w.level("park.parks", "2008-12-31", building), 2},
			{"of those in key towns", w.level("park.parks", "2008-12-31", building, key), 1},
			{"of grade A", w.level("park.parks", "2008-12-31", ledger.Cond{Dim: "grade", In: []string{"a"}}), 1},
			{"of grade A before", w.level("park.parks", "2008-06-30", ledger.Cond{Dim: "grade", In: []string{"a"}}), 0},
			{"of grade A when the term is over", w.level("park.parks", "2011-07-01", ledger.Cond{Dim: "grade", In: []string{"a"}}), 0},
			{"model parks", w.level("park.parks", "2008-12-31", ledger.Cond{Dim: "model", In: []string{"yes"}}), 1},
			{"new factories of 2008", w.value("park.factory", "2008-01-01", "2008-12-31"), 16_000},
			{"of those multi-storey", w.value("park.multi", "2008-01-01", "2008-12-31"), 12_000},
			{"of those in key towns", w.value("park.factory", "2008-01-01", "2008-12-31", key), 16_000},
			{"new factories of 2007", w.value("park.factory", "2007-01-01", "2007-12-31"), 9_000},
			{"new shared facilities of 2008", w.value("park.shared", "2008-01-01", "2008-12-31"), 2_000},
			{"what is built", w.level("park.built", "2008-12-31"), 27_000},
		} {
			if c.got != c.want {
				t.Errorf("%s: %d, want %d", c.what, c.got, c.want)
			}
		}
		_, err = w.EndGrade(ctx, official(city), a.ID, 3, park.GradeA, "2008-08-01", "抽查未达标准")
		w.must(err)
		if n := w.level("park.parks", "2008-12-31", ledger.Cond{Dim: "grade", In: []string{"a"}}); n != 0 {
			t.Errorf("%d of grade A after it was withdrawn", n)
		}
		if n := w.level("park.parks", "2008-12-31", ledger.Cond{Dim: "model", In: []string{"yes"}}); n != 1 {
			t.Errorf("%d model parks after the grade was withdrawn", n)
		}
	})
}

// A county becomes a district: its parks go along, its figures stay.
func TestParksMoveWithTheirTown(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		p := w.park("合德中小企业园", hede, park.Works{Begun: "2007-06-01"})
		h := w.house(p, "1号", park.MultiStorey, 12_000, "2008-05-01")
		by := person("official", authz.Grant{Role: authz.Role{Permissions: []authz.Permission{territory.Reorganise}}, Region: city})
		w.must(w.territory.Reorganise(t.Context(), by, territory.Change{
			Kind: territory.Upgrade, On: "2008-10-01", From: []region.Code{sheyang},
			To: []territory.NewPlace{{Code: "320905", Name: "射阳区", Short: "射阳"}}, Source: "民函〔2008〕1号",
		}))
		d, err := w.Get(t.Context(), official("320905").Scope(park.See), p.ID)
		w.must(err)
		facts := w.facts()
		h.Name = "1号厂房"
		if _, err = w.EditBuilding(t.Context(), official("320905"), h.ID, 1, h); err != nil {
			t.Fatal(err)
		}
		if w.facts() != facts {
			t.Error("a new name of a building moved its figures to the new code")
		}
		if !region.Code("320905").Contains(d.Region) {
			t.Errorf("the park lies in %s", d.Region)
		}
	})
}
