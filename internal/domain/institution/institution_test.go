package institution_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/testkit"
	"qiban.dev/qiban/internal/text"
)

const (
	city    = region.Code("320900")
	sheyang = region.Code("320924")
	jianhu  = region.Code("320925")
	hede    = region.Code("320924100") // 合德镇
)

type world struct {
	*institution.Service
	t      *testing.T
	db     *db.DB
	ledger *ledger.Ledger
	files  *files.Service
	clock  time.Time
}

// level is how many the city has of a stock on a day.
func (w *world) level(measure, day string) int {
	w.t.Helper()
	n, err := w.ledger.Value(w.t.Context(), w.db, ledger.Query{Measure: measure, Region: city, From: ledger.Date(day), To: ledger.Date(day)})
	ok(w.t, err)
	return int(n)
}

func (w *world) facts() int {
	w.t.Helper()
	var n int
	ok(w.t, w.db.Get(w.t.Context(), &n, `SELECT COUNT(*) FROM ledger_fact`))
	return n
}

func open(t *testing.T, source string) *world {
	t.Helper()
	w := &world{t: t, clock: time.Date(2008, 6, 2, 9, 0, 0, 0, ledger.Shanghai)}
	d, err := db.Open(t.Context(), source, db.Options{Clock: func() time.Time { return w.clock }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	if _, err := d.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.db = d
	w.ledger, err = ledger.New(d, "yc", institution.Measures())
	ok(t, err)
	store, err := files.OpenStore(t.Context(), filepath.Join(t.TempDir(), "files"))
	ok(t, err)
	g := gate.New(d, "yc")
	w.files = files.New(d, g, store, files.Limits{File: 1 << 20, PerRecord: 3, Owner: 1 << 20, Site: 64 << 20})
	w.Service = institution.New(d, g, w.ledger, institution.Hooks{Files: w.files})
	return w
}

func official(at region.Code) authz.Actor {
	return authz.Actor{Kind: authz.Human, ID: "official-" + string(at), Name: "王海燕", Grants: []authz.Grant{
		{Role: authz.Role{Permissions: institution.Permissions()}, Region: at},
	}}
}

func owner(id institution.ID) authz.Actor {
	return authz.Actor{Kind: authz.Human, ID: "owner", Grants: []authz.Grant{
		{
			Role: authz.Role{Permissions: []authz.Permission{
				institution.See, institution.Edit, institution.SetOffering, institution.ReportTask, institution.SetContacts, institution.SeeContacts,
			}},
			Party: authz.Party{Kind: authz.Institution, ID: string(id)},
		},
	}}
}

func profile(name string, kinds ...institution.Kind) institution.Profile {
	return institution.Profile{Name: name, Region: hede, Kinds: kinds, Level: institution.CountyWide}
}

func (w *world) register(t *testing.T, p institution.Profile) institution.Institution {
	t.Helper()
	i, err := w.Register(t.Context(), official(city), p, "")
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func (w *world) audits(t *testing.T, id institution.ID) int {
	t.Helper()
	trail, err := gate.Trail(t.Context(), w.db, gate.Record{Kind: "institution", ID: string(id)})
	if err != nil {
		t.Fatal(err)
	}
	return len(trail)
}

// Each act on an institution, by somebody who may and by those who may not.
func TestActs(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		type act func(by authz.Actor, id institution.ID, version int) error
		term := institution.Term{Tier: institution.Close, From: "2008-06-02"}
		acts := map[string]act{
			"edit": func(by authz.Actor, id institution.ID, v int) error {
				_, err := w.Edit(t.Context(), by, id, v, profile("射阳县纺织技术服务站", institution.TechnologyPlatform))
				return err
			},
			"publish": func(by authz.Actor, id institution.ID, v int) error {
				_, err := w.Publish(t.Context(), by, id, v, true)
				return err
			},
			"tier": func(by authz.Actor, id institution.ID, v int) error {
				_, err := w.SetTier(t.Context(), by, id, v, term)
				return err
			},
			"recognise": func(by authz.Actor, id institution.ID, v int) error {
				_, err := w.Recognise(t.Context(), by, id, v, institution.Term{From: "2008-06-02", To: "2011-06-02"})
				return err
			},
			"service": func(by authz.Actor, id institution.ID, v int) error {
				_, err := w.SetOffering(t.Context(), by, id, v, institution.Offering{
					Theme: institution.Transformation, Form: institution.ExpertTeam, Name: "工艺会诊", Fee: institution.Free,
				})
				return err
			},
			"task": func(by authz.Actor, id institution.ID, v int) error {
				_, err := w.AssignTask(t.Context(), by, id, v, institution.Task{Year: 2008, Title: "棉纺织企业工艺会诊 10 家"})
				return err
			},
			"end": func(by authz.Actor, id institution.ID, v int) error {
				_, err := w.End(t.Context(), by, id, v, "2008-12-31", "合并")
				return err
			},
		}
		looker := authz.Actor{Kind: authz.Human, ID: "looker", Grants: []authz.Grant{
			{Role: authz.Role{Permissions: []authz.Permission{institution.See}}, Region: city},
		}}
		for name, do := range acts {
			t.Run(name, func(t *testing.T) {
				i := w.register(t, profile("射阳县纺织技术服务站", institution.TechnologyPlatform))
				facts := w.facts()
				for who, c := range map[string]struct {
					by   authz.Actor
					v    int
					want fault.Kind
				}{
					"the next county":                     {official(jianhu), 1, fault.NotFound},
					"one who only looks":                  {looker, 1, fault.Denied},
					"an official who read an old version": {official(sheyang), 7, fault.Stale},
				} {
					if err := do(c.by, i.ID, c.v); !fault.Is(err, c.want) {
						t.Errorf("%s: got %v, want %v", who, err, c.want)
					}
				}
				if n := w.audits(t, i.ID); n != 1 || w.facts() != facts {
					t.Fatalf("refused acts left %d audit entries and %d facts", n-1, w.facts()-facts)
				}
				if err := do(official(sheyang), i.ID, 1); err != nil {
					t.Fatal(err)
				}
				if n := w.audits(t, i.ID); n != 2 {
					t.Errorf("%d audit entries, want 2", n)
				}
			})
		}
	})
}

func TestTheNumberOfInstitutionsFollowsTheirTerms(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		by := official(city)
		p := profile("盐城市中小企业服务中心", institution.ServiceCentre)
		p.Level, p.Since = institution.Municipal, "2005-01-01"
		centre := w.register(t, p)
		law := w.register(t, profile("射阳海盐律师事务所", institution.LawFirm))

		if _, err := w.SetTier(t.Context(), by, law.ID, 1, institution.Term{Tier: institution.Core, From: "2008-06-02"}); !fault.Is(err, fault.Conflict) {
			t.Errorf("a law firm in the core tier: %v", err)
		}
		_, err := w.SetTier(t.Context(), by, centre.ID, 1, institution.Term{Tier: institution.Core, From: "2006-01-01"})
		ok(t, err)
		_, err = w.Recognise(t.Context(), by, law.ID, 1, institution.Term{From: "2008-07-01", To: "2009-07-01"})
		ok(t, err)
		_, err = w.SetTier(t.Context(), by, law.ID, 2, institution.Term{Tier: institution.Contact, From: "2008-08-01"})
		ok(t, err)

		for _, c := range []struct {
			stream, day string
			want        int
		}{
			{"institution.all", "2004-12-31", 0},
			{"institution.all", "2005-01-01", 1},
			{"institution.all", "2008-06-02", 2},
			{"institution.centre", "2008-12-31", 1},
			{"institution.core", "2005-12-31", 0},
			{"institution.core", "2008-12-31", 1},
			{"institution.demonstration", "2008-06-30", 0},
			{"institution.demonstration", "2008-12-31", 1},
			{"institution.demonstration", "2009-07-01", 0},
			{"institution.other", "2008-06-30", 1},
			{"institution.other", "2008-12-31", 0},
			{"institution.other", "2009-07-01", 1},
			{"institution.contact", "2008-07-31", 0},
			{"institution.contact", "2008-12-31", 1},
		} {
			if got := w.level(c.stream, c.day); got != c.want {
				t.Errorf("%s on %s: %d, want %d", c.stream, c.day, got, c.want)
			}
		}

		// The recognition is withdrawn early: the day moves, the past stays.
		_, err = w.Withdraw(t.Context(), by, law.ID, 3, "2008-10-01", "不再达标")
		ok(t, err)
		if got := []int{
			w.level("institution.demonstration", "2008-09-30"), w.level("institution.demonstration", "2008-10-01"),
			w.level("institution.other", "2008-12-31"),
		}; !slices.Equal(got, []int{1, 0, 1}) {
			t.Errorf("after the withdrawal: %v", got)
		}

		// Closing the law firm takes it off every count.
		_, err = w.End(t.Context(), by, law.ID, 4, "2008-12-01", "停业")
		ok(t, err)
		for _, stream := range []string{"institution.other", "institution.contact"} {
			if got := w.level(stream, "2010-01-01"); got != 0 {
				t.Errorf("%s after its end: %d", stream, got)
			}
		}
	})
}

func TestListsReachAsFarAsTheActor(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		a := w.register(t, profile("甲担保中心", institution.Guarantor, institution.Intermediary))
		p := profile("乙银行", institution.Bank)
		p.Region = "320925100"
		b := w.register(t, p)
		for _, c := range []struct {
			who    string
			by     authz.Actor
			filter institution.Filter
			want   []institution.ID
		}{
			{"the city", official(city), institution.Filter{}, []institution.ID{b.ID, a.ID}},
			{"a county", official(sheyang), institution.Filter{}, []institution.ID{a.ID}},
			{"the institution", owner(b.ID), institution.Filter{}, []institution.ID{b.ID}},
			{"nobody", authz.Actor{}, institution.Filter{}, nil},
			{"by its second kind", official(city), institution.Filter{Kind: institution.Intermediary}, []institution.ID{a.ID}},
			{"by a part of the name", official(city), institution.Filter{Text: "银"}, []institution.ID{b.ID}},
			{"a per cent sign is only itself", official(city), institution.Filter{Text: "%"}, nil},
			{"only those published", official(city), institution.Filter{Published: true}, nil},
		} {
			got, _, err := w.List(t.Context(), c.by.Scope(institution.See), c.filter, db.Page{})
			ok(t, err)
			var ids []institution.ID
			for _, i := range got {
				ids = append(ids, i.ID)
			}
			if !slices.Equal(ids, c.want) {
				t.Errorf("%s sees %v, want %v", c.who, ids, c.want)
			}
			_, err = w.Get(t.Context(), c.by.Scope(institution.See), a.ID)
			if sees := slices.Contains(c.want, a.ID); c.filter == (institution.Filter{}) && sees != (err == nil) {
				t.Errorf("%s: the list and the page disagree: %v", c.who, err)
			}
		}
		first, next, err := w.List(t.Context(), official(city).Scope(institution.See), institution.Filter{}, db.Page{Limit: 1})
		ok(t, err)
		second, end, err := w.List(t.Context(), official(city).Scope(institution.See), institution.Filter{}, db.Page{Limit: 1, After: next})
		ok(t, err)
		if first[0].ID != b.ID || len(second) != 1 || second[0].ID != a.ID || end != "" {
			t.Errorf("two pages: %v %v %q", first, second, end)
		}
	})
}

func TestPeopleAreReadWithATrace(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		i := w.register(t, profile("甲担保中心", institution.Guarantor))
		_, err := w.SetContacts(t.Context(), owner(i.ID), i.ID, 1, []institution.Person{{Name: "周敏", Phone: "138 0000 0001"}})
		ok(t, err)
		n := w.audits(t, i.ID)
		for _, by := range []authz.Actor{owner(i.ID), official(sheyang)} {
			people, err := w.Contacts(t.Context(), by, i.ID)
			if err != nil || len(people) != 1 {
				t.Fatalf("%s reads %v, %v", by.ID, people, err)
			}
		}
		if got := w.audits(t, i.ID) - n; got != 1 {
			t.Errorf("%d traces; its own people need none, an official leaves one", got)
		}
		if _, err := w.Contacts(t.Context(), official(jianhu), i.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("the next county: %v", err)
		}
	})
}

func TestBrokenFieldsAreToldAllAtOnce(t *testing.T) {
	w := open(t, t.TempDir())
	_, err := w.Register(t.Context(), official(city), institution.Profile{Name: "甲", Website: "yc.gov.cn", Founded: "昨天"}, "")
	for _, want := range []string{"name field.too_short", "region", "kinds", "level", "founded", "website"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not tell of %s", err, want)
		}
	}
}

func TestSomebodyElsesEditIsShownBesideOnesOwn(t *testing.T) {
	w := open(t, t.TempDir())
	i := w.register(t, profile("甲担保中心", institution.Guarantor))
	_, err := w.Edit(t.Context(), official(sheyang), i.ID, 1, profile("甲担保有限公司", institution.Guarantor))
	ok(t, err)
	now, err := w.Edit(t.Context(), owner(i.ID), i.ID, 1, profile("甲信用担保中心", institution.Guarantor))
	if !fault.Is(err, fault.Stale) || now.Name != "甲担保有限公司" || now.Version != 2 {
		t.Errorf("got %v and %+v", err, now)
	}
}

// Nobody pushes an institution to where they have no say; its own people say where
// it sits.
func TestNobodyPushesAnInstitutionAway(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		i := w.register(t, profile("合德担保公司", institution.ServiceCentre))
		in := i.Profile
		in.Region, in.Name = "320925101", ""
		_, err := w.Edit(t.Context(), official(sheyang), i.ID, i.Version, in)
		if f := fault.FieldsOf(err); len(f) != 2 || !f.Has("name") || !f.Has("region") {
			t.Errorf("it is pushed away: %v", err)
		}
		in.Name = i.Name
		i, err = w.Edit(t.Context(), owner(i.ID), i.ID, i.Version, in)
		ok(t, err)
		_, err = w.Edit(t.Context(), official(jianhu), i.ID, i.Version, in)
		ok(t, err)
	})
}

// An institution is meant by its full name, or by a part that may be of several.
func TestAnInstitutionIsCalledByItsName(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		for _, name := range []string{"合德担保公司", "合德担保公司射阳分公司", "临海园区公司"} {
			w.register(t, profile(name, institution.ServiceCentre))
		}
		gone := w.register(t, profile("射阳旧园区公司", institution.ServiceCentre))
		_, err := w.End(t.Context(), official(city), gone.ID, gone.Version, "2008-06-01", "注销")
		ok(t, err)
		for name, want := range map[string]int{"合德担保公司": 1, "担保": 2, "临海": 1, "射阳旧园区公司": 0, "无此机构": 0} {
			all, err := w.Called(t.Context(), official(sheyang).Scope(institution.See), name)
			ok(t, err)
			if len(all) != want {
				t.Errorf("%s means %v", name, all)
			}
		}
		if all, _ := w.Called(t.Context(), official(jianhu).Scope(institution.See), "合德担保公司"); len(all) != 0 {
			t.Error("somebody who may not see it finds it")
		}
	})
}

func TestACodeIsRegisteredOnce(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		p := profile("甲担保中心", institution.Guarantor)
		p.Code = "73654321-9"
		first, err := w.Register(t.Context(), official(city), p, "key-1")
		ok(t, err)
		again, err := w.Register(t.Context(), official(city), p, "key-1")
		if err != nil || again.ID != first.ID {
			t.Errorf("the same request again: %v %v", again.ID, err)
		}
		if _, err := w.Register(t.Context(), official(city), p, "key-2"); !fault.Is(err, fault.Conflict) {
			t.Errorf("another with the code: %v", err)
		}
	})
}

func TestEveryWordIsInTheCatalogue(t *testing.T) {
	var keys []string
	for _, p := range institution.Permissions() {
		keys = append(keys, p.Key())
	}
	for _, v := range institution.Themes() {
		keys = append(keys, v.Key(), v.Key()+".about")
	}
	for _, v := range institution.Forms() {
		keys = append(keys, v.Key())
	}
	for _, v := range institution.Kinds() {
		keys = append(keys, v.Key())
	}
	for _, v := range append(institution.Tiers(), institution.NoTier) {
		keys = append(keys, v.Key())
	}
	for _, m := range institution.Measures() {
		keys = append(keys, m.Unit)
	}
	for _, k := range keys {
		if !text.Has(k) {
			t.Errorf("the catalogue lacks %s", k)
		}
	}
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
