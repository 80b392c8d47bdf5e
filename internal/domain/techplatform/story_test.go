package techplatform_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/techplatform"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/testkit"
)

var noPapers files.Papers

// An instrument is booked, the report delivered and rated; each side hears of
// what the other did, and the figures count it until it is taken back.
func TestAnOrderFromBookingToRating(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		ctx, mine, lab := t.Context(), owner(w.mill), people(w.college)
		o := w.place(w.booked("2009-01-06", 10, 12))
		step := func(next techplatform.Order, err error) {
			t.Helper()
			w.must(err)
			o = next
		}
		step(w.Accept(ctx, lab, o.ID, o.Version))
		w.clock = at("2009-01-06", 15)
		step(w.Deliver(ctx, lab, o.ID, o.Version, delivery(), files.Papers{Add: []string{w.hold(lab, "检测报告.pdf")}}, "form"))
		d, err := w.Order(ctx, mine, o.ID)
		w.must(err)
		if len(d.Files) != 1 || d.Files[0].Name != "检测报告.pdf" || d.InstrumentName != "烟气分析仪" || d.PlatformName != w.lab.Name {
			t.Fatalf("the enterprise sees %+v", d)
		}
		report := d.Files[0].ID
		for who, by := range map[string]authz.Actor{"the enterprise": mine, "the platform": lab, "the county": staff(sheyang)} {
			_, in, err := w.OpenFile(ctx, by, o.ID, report)
			w.must(err)
			raw, err := io.ReadAll(in)
			w.must(errors.Join(err, in.Close()))
			if !strings.Contains(string(raw), "检测报告") {
				t.Errorf("%s reads %q", who, raw)
			}
		}
		if _, _, err := w.OpenFile(ctx, owner(w.forge), o.ID, report); !fault.Is(err, fault.NotFound) {
			t.Errorf("another enterprise: %v", err)
		}
		if n := w.figure("services", city, "2009-12-31"); n != 0 {
			t.Errorf("%d services count before anybody confirmed", n)
		}
		step(w.Confirm(ctx, mine, o.ID, o.Version))
		step(w.Rate(ctx, mine, o.ID, o.Version, techplatform.Rating{Score: 5, OnTime: true, Words: "当天就拿到报告"}))

		counts := func(services, here, there, firms int64) {
			t.Helper()
			got := []int64{
				w.figure("services", city, "2009-12-31", is("service", "professional"), is("level", "nation"), is("fee", "paid")),
				w.figure("services", yandu, "2009-12-31"), w.figure("services", sheyang, "2009-12-31"), w.figure("enterprises", sheyang, "2009-12-31"),
			}
			if !slices.Equal(got, []int64{services, here, there, firms}) {
				t.Errorf("services in all, where the platform is, where the enterprise is, enterprises: %v", got)
			}
		}
		counts(1, 1, 0, 1)
		p, err := w.Published(ctx, w.lab.ID)
		w.must(err)
		if p.Standing != (techplatform.Standing{Works: 1, Year: 1, Firms: 1, Rated: 1, Score: 5, OnTime: 1}) {
			t.Errorf("the platform's page says %+v", p.Standing)
		}
		step(w.TakeBack(ctx, lab, o.ID, o.Version, "仪器没有校准"))
		counts(0, 0, 0, 0)
		if o.Score != 0 || !o.ConfirmedAt.IsZero() || o.State != techplatform.Accepted {
			t.Errorf("an order in work again: %+v", o)
		}
		want := []string{
			"institution accept tech.told.placed", "enterprise place tech.told.accepted", "enterprise place tech.told.delivered",
			"institution accept tech.told.confirmed", "institution accept tech.told.rated", "enterprise place tech.told.taken_back",
		}
		if !slices.Equal(*w.told, want) {
			t.Errorf("told: %q", *w.told)
		}
	})
}

// A platform enters by itself what it did this year: nobody else says so, and the
// figures of earlier years were given out. Its county's office enters those.
func TestAPlatformAloneDoesNotChangeEarlierYears(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		ctx, lab, year := t.Context(), people(w.college), w.db.Now().Year()
		work := func(year int) techplatform.Work {
			return techplatform.Work{
				Kind: techplatform.Professional, On: fmt.Sprintf("%d-01-02", year), Title: "棉纱检测", Enterprises: []string{string(w.mill)},
			}
		}
		_, err := w.RecordWork(ctx, lab, w.lab.ID, work(year-1), "")
		if f := fault.FieldsOf(err); !f.Has("on") || len(f) != 1 {
			t.Errorf("last year by the platform: %v", err)
		}
		if err := w.EnterWorks(ctx, lab, w.lab.ID, []techplatform.Work{work(year - 1)}); !fault.Is(err, fault.Invalid) {
			t.Errorf("several of last year by the platform: %v", err)
		}
		end := ledger.Date(fmt.Sprintf("%d-12-31", year-1))
		if n := w.figure("services", city, end); n != 0 {
			t.Errorf("last year counts %d", n)
		}
		_, err = w.RecordWork(ctx, lab, w.lab.ID, work(year), "")
		w.must(err)
		_, err = w.RecordWork(ctx, staff(city), w.lab.ID, work(year-1), "")
		w.must(err)
		w.must(w.EnterWorks(ctx, staff(city), w.lab.ID, []techplatform.Work{work(year - 1)}))
		if n := w.figure("services", city, end); n != 2 {
			t.Errorf("last year counts %d of the office's, want 2", n)
		}
	})
}

// Work for several enterprises counts once as a service and once for each of
// them; an enterprise that comes again is not another one, nor is one that was
// merged into it. What is withdrawn takes all of it along and nothing else.
func TestWorkForSeveralEnterprises(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		ctx, lab := t.Context(), people(w.college)
		twin := w.enterprise("射阳县鹤乡纺织厂", hede, 3)
		do := func(on string, kind techplatform.ServiceKind, firms ...enterprise.ID) techplatform.Work {
			t.Helper()
			in := techplatform.Work{Kind: kind, On: on, Title: "纺织企业工艺会诊"}
			for _, f := range firms {
				in.Enterprises = append(in.Enterprises, string(f))
			}
			got, err := w.RecordWork(ctx, staff(city), w.lab.ID, in, "")
			w.must(err)
			return got
		}
		do("2007-05-01", techplatform.Comprehensive, w.mill, w.forge) // before it was of national level
		last := do("2008-05-01", techplatform.Comprehensive, w.mill, twin, w.mill)
		do("2008-06-01", techplatform.Professional, w.forge)
		counts := func(what string, comprehensive, professional, firms, sheyangs int64) {
			t.Helper()
			got := []int64{
				w.figure("services", city, "2008-12-31", is("service", "comprehensive")), w.figure("services", city, "2008-12-31", is("service", "professional")),
				w.figure("enterprises", city, "2008-12-31"), w.figure("enterprises", sheyang, "2008-12-31"),
			}
			if want := []int64{comprehensive, professional, firms, sheyangs}; !slices.Equal(got, want) {
				t.Errorf("%s: %v, want %v", what, got, want)
			}
		}
		counts("all", 2, 1, 3, 2)
		if n := w.figure("services", city, "2007-12-31"); n != 1 {
			t.Errorf("by the end of 2007 %d services, want 1", n)
		}
		if n := w.figure("services", city, "2007-12-31", is("level", "nation")); n != 0 {
			t.Errorf("%d services at the national level before the term began", n)
		}
		w.must(w.enterprises.Merge(ctx, staff(city), twin, 1, w.mill, "重复登记"))
		counts("after the merger", 2, 1, 2, 1)
		_, err := w.WithdrawWork(ctx, lab, last.ID, last.Version, "重复登记")
		w.must(err)
		counts("withdrawn", 1, 1, 2, 1)
		if _, err := w.WithdrawWork(ctx, lab, last.ID, last.Version+1, "重复登记"); !fault.Is(err, fault.Conflict) {
			t.Errorf("twice: %v", err)
		}
		stranger := techplatform.Work{Kind: techplatform.Professional, On: "2008-05-01", Title: "检测", Enterprises: []string{"nobody", string(w.forge)}}
		if _, err := w.RecordWork(ctx, lab, w.lab.ID, stranger, ""); !fault.Is(err, fault.Invalid) {
			t.Errorf("for somebody who is not on the register: %v", err)
		}
		if _, err := w.RecordWork(ctx, people("other"), w.lab.ID, stranger, ""); !fault.Is(err, fault.NotFound) {
			t.Errorf("by another institution: %v", err)
		}
		ordered := w.in(techplatform.Confirmed)
		works, _, err := w.Works(ctx, lab.Scope(techplatform.See), techplatform.WorkFilter{Kind: techplatform.Professional}, db.Page{})
		w.must(err)
		if len(works) != 2 || works[0].Order != ordered.ID {
			t.Fatalf("works: %+v", works)
		}
		if _, err := w.WithdrawWork(ctx, lab, works[0].ID, works[0].Version, "不算"); !fault.Is(err, fault.Conflict) {
			t.Errorf("what came from an order is taken back there: %v", err)
		}
	})
}

// Platforms and bases of a counted world: 8 platforms, 5 of the province or
// above, 1 of the nation, and one of a base beside them.
func TestFiguresOfPlatformsAndBases(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		ctx, office := t.Context(), staff(city)
		b, err := w.AddBase(ctx, office, techplatform.Base{Name: "射阳纺织特色产业基地", Region: sheyang, Industry: "纺织", Since: "2007-03-01"}, "")
		w.must(err)
		for n := range 7 {
			p, err := w.Register(ctx, office, profile("平台"+string(rune('一'+n)), w.college), nil, "")
			w.must(err)
			level := techplatform.City
			if n < 4 {
				level = techplatform.Province
			}
			_, err = w.SetLevel(ctx, office, p.ID, p.Version, techplatform.Term{Level: level, From: "2007-01-01", Document: "认定文件"})
			w.must(err)
		}
		in := profile("射阳纺织基地检测平台", w.college)
		in.Kind, in.Base, in.Founded = techplatform.InBase, string(b.ID), "2008-03-01"
		based, err := w.Register(ctx, office, in, nil, "")
		w.must(err)
		counts := func(what, day string, want ...int64) {
			t.Helper()
			on := "common"
			got := []int64{
				w.levelOn("platforms", day, is("kind", on)), w.levelOn("platforms", day, is("kind", on), is("level", "province", "nation")),
				w.levelOn("platforms", day, is("kind", on), is("level", "nation")), w.levelOn("platforms", day, is("kind", "base")), w.levelOn("bases", day),
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s: %v, want %v", what, got, want)
			}
		}
		counts("at the end of 2008", "2008-12-31", 8, 5, 1, 1, 1)
		counts("before the base's platform", "2008-02-28", 8, 5, 1, 0, 1)
		counts("before anything was recognised", "2006-12-31", 8, 0, 0, 0, 0)

		_, links, err := w.Base(ctx, b.ID)
		w.must(err)
		if len(links) != 1 || links[0].Platform != based.ID || !slices.Equal(links[0].Functions, in.Functions) {
			t.Errorf("the base is served by %+v", links)
		}
		b, err = w.LinkPlatform(ctx, office, b.ID, b.Version, techplatform.Link{Platform: w.lab.ID, Functions: []techplatform.Function{techplatform.Matching}, Since: "2008-06-01"})
		w.must(err)
		if b.Platforms != 2 {
			t.Errorf("%d platforms serve the base, want 2", b.Platforms)
		}
		b, err = w.EditBase(ctx, office, b.ID, b.Version, techplatform.Base{Name: b.Name, Industry: "纺织", Since: "2007-03-01", Ended: "2008-12-01"})
		w.must(err)
		_, err = w.End(ctx, office, based.ID, based.Version, "2008-12-01", "并入别的平台")
		w.must(err)
		_, err = w.SetLevel(ctx, office, w.lab.ID, w.lab.Version, techplatform.Term{From: "2008-11-01", Document: "撤销文件"})
		w.must(err)
		counts("after what ended", "2008-12-31", 8, 4, 0, 0, 0)
		counts("and before it did", "2008-10-31", 8, 5, 1, 1, 1)
	})
}

// levelOn is a level of the city on a day.
func (w *world) levelOn(measure, day string, where ...ledger.Cond) int64 {
	w.t.Helper()
	return w.figure(measure, city, ledger.Date(day), where...)
}

// For every place in the tree, every party and nobody: the lists, the pages and
// the scopes say the same.
func TestReach(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		o := w.in(techplatform.Confirmed)
		target := authz.At(hede).Of(authz.Enterprise, string(w.mill)).Of(authz.Institution, string(w.college))
		actors := []authz.Actor{{}, owner(w.mill), owner(w.forge), people(w.college), people("other")}
		for _, code := range []region.Code{"320000", city, sheyang, jianhu, yandu, hede, "320600"} {
			actors = append(actors, staff(code))
		}
		for _, by := range actors {
			want := by.Scope(techplatform.SeeOrder).Reaches(target)
			list, _, err := w.Orders(t.Context(), by.Scope(techplatform.SeeOrder), techplatform.OrderFilter{}, db.Page{})
			w.must(err)
			_, err = w.Order(t.Context(), by, o.ID)
			if (len(list) == 1) != want || (err == nil) != want {
				t.Errorf("%s %v: lists %d orders, page %v, scope %t", by.ID, by.Grants, len(list), err, want)
			}
			want = by.Scope(techplatform.See).Reaches(w.lab.Target())
			platforms, _, err := w.List(t.Context(), by.Scope(techplatform.See), techplatform.Filter{}, db.Page{})
			w.must(err)
			_, err = w.Get(t.Context(), by.Scope(techplatform.See), w.lab.ID)
			if (len(platforms) == 1) != want || (err == nil) != want {
				t.Errorf("%s %v: lists %d platforms, page %v, scope %t", by.ID, by.Grants, len(platforms), err, want)
			}
			works, _, err := w.Works(t.Context(), by.Scope(techplatform.See), techplatform.WorkFilter{}, db.Page{})
			w.must(err)
			if (len(works) == 1) != want {
				t.Errorf("%s %v: lists %d works, scope %t", by.ID, by.Grants, len(works), want)
			}
		}
	})
}

// Each act on a platform by those who may and those who may not; a county does
// not raise the level of its own.
func TestActsOnAPlatform(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		ctx := t.Context()
		type act struct {
			do    func(by authz.Actor, version int) (techplatform.Platform, error)
			may   authz.Actor
			mayNo authz.Actor
		}
		office, own := staff(yandu), people(w.college)
		acts := map[string]act{
			"edit": {func(by authz.Actor, v int) (techplatform.Platform, error) {
				return w.Edit(ctx, by, w.lab.ID, v, profile("科行公司技术平台（新）", w.college))
			}, own, looker(yandu)},
			"give it to another": {func(by authz.Actor, v int) (techplatform.Platform, error) {
				in := profile("科行公司技术平台", w.college)
				in.Kind, in.Base = techplatform.InBase, "base"
				return w.Edit(ctx, by, w.lab.ID, v, in)
			}, authz.Actor{}, authz.Actor{Kind: authz.Human, ID: "staff", Grants: role([]authz.Permission{techplatform.See, techplatform.Edit}, authz.Grant{Region: yandu})}},
			"founders": {func(by authz.Actor, v int) (techplatform.Platform, error) {
				return w.SetFounders(ctx, by, w.lab.ID, v, nil)
			}, own, looker(yandu)},
			"publish": {func(by authz.Actor, v int) (techplatform.Platform, error) {
				return w.Publish(ctx, by, w.lab.ID, v, true)
			}, office, looker(yandu)},
			"level": {func(by authz.Actor, v int) (techplatform.Platform, error) {
				return w.SetLevel(ctx, by, w.lab.ID, v, techplatform.Term{Level: techplatform.Province, From: "2009-01-01", Document: "文件"})
			}, staff(city), office},
			"service": {func(by authz.Actor, v int) (techplatform.Platform, error) {
				return w.SetOffering(ctx, by, w.lab.ID, v, techplatform.Offering{Kind: techplatform.Professional, Name: "噪声检测", Unit: "次"})
			}, own, looker(yandu)},
			"instrument": {func(by authz.Actor, v int) (techplatform.Platform, error) {
				return w.SetInstrument(ctx, by, w.lab.ID, v, techplatform.Instrument{Name: "噪声计", Opens: 540, Closes: 600})
			}, own, looker(yandu)},
			"end": {func(by authz.Actor, v int) (techplatform.Platform, error) {
				return w.End(ctx, by, w.lab.ID, v, "2009-02-01", "停办")
			}, office, looker(yandu)},
		}
		for _, name := range []string{"edit", "give it to another", "founders", "publish", "level", "service", "instrument", "end"} {
			a, version := acts[name], w.current().Version
			audits := w.audits(techplatform.PlatformKind, string(w.lab.ID))
			for who, c := range map[string]struct {
				by   authz.Actor
				v    int
				want fault.Kind
			}{
				"the next county": {staff(jianhu), version, fault.NotFound}, "nobody": {authz.Actor{}, version, fault.NotFound},
				"one who may not": {a.mayNo, version, fault.Denied},
			} {
				if _, err := a.do(c.by, c.v); !fault.Is(err, c.want) {
					t.Errorf("%s, %s: %v, want %v", name, who, err, c.want)
				}
			}
			if a.may.Kind == authz.Nobody {
				continue
			}
			if _, err := a.do(a.may, version-1); !fault.Is(err, fault.Stale) {
				t.Errorf("%s, an older version: %v", name, err)
			}
			if n := w.audits(techplatform.PlatformKind, string(w.lab.ID)); n != audits {
				t.Errorf("%s: refused acts left %d entries", name, n-audits)
			}
			if _, err := a.do(a.may, version); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if n := w.audits(techplatform.PlatformKind, string(w.lab.ID)); n != audits+1 {
				t.Errorf("%s left %d entries, want 1", name, n-audits)
			}
		}
		if _, err := w.Publish(ctx, office, w.lab.ID, w.current().Version, true); !fault.Is(err, fault.Conflict) {
			t.Errorf("showing what is closed: %v", err)
		}
		if _, err := w.Register(ctx, office, profile("无主平台", "nobody"), nil, ""); !fault.Is(err, fault.Invalid) {
			t.Errorf("run by nobody: %v", err)
		}
		if _, err := w.Register(ctx, staff(jianhu), profile("别县平台", w.college), nil, ""); !fault.Is(err, fault.Denied) {
			t.Errorf("in another county: %v", err)
		}
	})
}

func (w *world) current() techplatform.Platform {
	w.t.Helper()
	d, err := w.Get(w.t.Context(), staff(city).Scope(techplatform.See), w.lab.ID)
	w.must(err)
	return d.Platform
}

// What moves to another place is found there from then on.
func TestMoved(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		o := w.in(techplatform.Placed)
		w.must(w.db.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			if err := techplatform.Move(ctx, tx, hede, "320925199"); err != nil {
				return err
			}
			return techplatform.Move(ctx, tx, yandu, "320902")
		}))
		if _, err := w.Order(t.Context(), staff(jianhu), o.ID); err != nil {
			t.Errorf("the order at its new place: %v", err)
		}
		if w.current().Region != "320902" {
			t.Errorf("the platform is in %s", w.current().Region)
		}
	})
}
