package engagementweb_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/engagement"
	"qiban.dev/qiban/internal/domain/engagement/engagementweb"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/domain/territory"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/testkit"
	"qiban.dev/qiban/internal/text"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/assets"
	"qiban.dev/qiban/internal/web/ui"
	"qiban.dev/qiban/internal/workbench"
)

const (
	city    = region.Code("320900")
	sheyang = region.Code("320924")
	jianhu  = region.Code("320925")
	hede    = region.Code("320924100") // 合德镇
)

// world is a county with an enterprise and two institutions before Christmas
// 2008, and the pages over it.
type world struct {
	t            *testing.T
	db           *db.DB
	needs        *engagement.Service
	files        *files.Service
	clock        time.Time
	handler      http.Handler
	people       map[string]authz.Actor // by the session cookie
	drafts       map[string]web.Draft
	queries      atomic.Int64
	mill         enterprise.ID
	guarantor    institution.ID
	mutual       institution.ID
	enterprises  *enterprise.Service
	institutions *institution.Service
}

func at(day string, hour int) time.Time {
	return ui.Day(day).Add(time.Duration(hour) * time.Hour)
}

func open(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, clock: at("2008-12-25", 9), drafts: map[string]web.Draft{}}
	d, err := db.Open(t.Context(), testkit.Migrated(t), db.Options{Clock: func() time.Time { return w.clock }})
	w.must(err)
	t.Cleanup(func() { _ = d.Close() })
	w.db = d
	w.must(d.Write(t.Context(), flow.Seed))
	w.must(d.Write(t.Context(), territory.Seed))
	g := gate.New(d, "yc")
	l, err := ledger.New(d, "yc", append(engagement.Measures(), institution.Measures()...))
	w.must(err)
	f := flow.New(d, g, city)
	places := territory.New(d, g)
	w.enterprises, err = enterprise.New(d, g, enterprise.Hooks{})
	w.must(err)
	w.institutions = institution.New(d, g, l, institution.Hooks{})
	store, err := files.OpenStore(t.Context(), filepath.Join(t.TempDir(), "files"))
	w.must(err)
	w.files = files.New(d, g, store, files.Limits{File: 1 << 20, PerRecord: 5, Owner: 8 << 20, Site: 64 << 20})
	w.needs = engagement.New(d, g, l, f, engagement.Hooks{Files: w.files})
	w.mill = w.enterprise("射阳县鹤乡纺织有限公司", hede, 1)
	w.guarantor = w.institution("射阳县中小企业信用担保中心", 500)
	w.mutual = w.institution("合德镇纺织企业互助担保会", 200)
	w.people = map[string]authz.Actor{
		"chen":   party("chen", "陈国华", authz.Enterprise, string(w.mill)),
		"zhou":   party("zhou", "周素兰", authz.Person, "zhou"),
		"wang":   staff("wang", "王海燕", sheyang),
		"li":     staff("li", "李建", sheyang),
		"jianhu": staff("jianhu", "建湖经办", jianhu),
		"city":   staff("city", "市经办", city),
		"guar":   party("guar", "担保经办", authz.Institution, string(w.guarantor)),
		"mutual": party("mutual", "互助会", authz.Institution, string(w.mutual)),
		"looker": {Kind: authz.Human, ID: "looker", Name: "看的人", Grants: grant(authz.Grant{Region: sheyang}, engagement.See)},
	}
	w.serve(places, f)
	return w
}

func (w *world) serve(places *territory.Service, f *flow.Service) {
	w.t.Helper()
	kit, err := web.New(web.Config{
		Assets: assets.From(fstest.MapFS{}), Sessions: w, Drafts: w, Uploads: testkit.Uploads(w.files), Cookie: "session",
		Menu:  func(*http.Request, web.Who, text.Lang) web.Menu { return web.Menu{} },
		Log:   slog.New(slog.DiscardHandler),
		Clock: func() time.Time { return w.clock },
	})
	w.must(err)
	colleagues := func(_ context.Context, office region.Code) ([]engagementweb.Colleague, error) {
		var all []engagementweb.Colleague
		for _, who := range []string{"wang", "li", "jianhu", "city"} {
			if a := w.people[who]; a.May(engagement.Accept, authz.At(office)) {
				all = append(all, engagementweb.Colleague{ID: a.ID, Name: a.Name})
			}
		}
		return all, nil
	}
	mux := http.NewServeMux()
	kit.Routes(mux)
	(&engagementweb.Pages{
		Kit: kit, Needs: w.needs, Enterprises: w.enterprises, Institutions: w.institutions,
		Territory: places, Flow: f, Colleagues: colleagues,
	}).Routes(mux)
	nothing := func(context.Context, authz.Actor) ([]workbench.Waiting, error) { return nil, nil }
	(&workbench.Todo{Kit: kit, Needs: w.needs, Territory: places, Flow: f, Colleagues: colleagues, Others: nothing}).Routes(mux)
	w.handler = kit.Wrap(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		mux.ServeHTTP(rw, r.WithContext(db.CountQueries(r.Context(), &w.queries)))
	}))
}

// Who resolves the cookie of somebody signed in.
func (w *world) Who(r *http.Request) (web.Who, error) {
	c, err := r.Cookie("session")
	if err != nil {
		return web.Who{}, nil
	}
	return web.Who{Actor: w.people[c.Value], Own: "我的空间", OwnHref: "/my"}, nil
}

func (w *world) Put(_ context.Context, token string, d web.Draft) error {
	w.drafts[token] = d
	return nil
}

func (w *world) Get(_ context.Context, token string) (web.Draft, error) {
	d, ok := w.drafts[token]
	if !ok {
		return d, fault.Missing()
	}
	return d, nil
}

// as is the browser of somebody; nobody for "".
func (w *world) as(who string) *testkit.Site {
	w.t.Helper()
	if who == "" {
		return testkit.Visit(w.t, w.handler)
	}
	return testkit.Visit(w.t, w.handler, "session", who)
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func grant(g authz.Grant, may ...authz.Permission) []authz.Grant {
	g.Role = authz.Role{Name: "test", Permissions: may}
	return []authz.Grant{g}
}

func party(id, name, kind, of string) authz.Actor {
	may := append(engagement.Permissions(), enterprise.View)
	return authz.Actor{Kind: authz.Human, ID: id, Name: name, Grants: grant(authz.Grant{Party: authz.Party{Kind: kind, ID: of}}, may...)}
}

func staff(id, name string, place region.Code) authz.Actor {
	may := append(engagement.Permissions(), institution.Permissions()...)
	may = append(may, enterprise.Permissions()...)
	return authz.Actor{Kind: authz.Human, ID: id, Name: name, Grants: grant(authz.Grant{Region: place}, may...)}
}

// code is the n-th valid 组织机构代码.
func code(n int) string {
	body, sum := fmt.Sprintf("%08d", 73000000+n), 0
	for i, weight := range []int{3, 7, 9, 10, 5, 8, 4, 2} {
		sum += int(body[i]-'0') * weight
	}
	return body + "-" + string("0123456789X"[(11-sum%11)%11])
}

func (w *world) enterprise(name string, town region.Code, n int) enterprise.ID {
	w.t.Helper()
	id, err := w.enterprises.Register(w.t.Context(), staff("s", "s", city), enterprise.Registration{
		Profile: enterprise.Profile{Name: name, Region: town}, Codes: []string{code(n)},
	})
	w.must(err)
	return id
}

// institution registers a guarantor that lends up to so many 万元 a case.
func (w *world) institution(name string, most int64) institution.ID {
	w.t.Helper()
	by := staff("s", "s", city)
	i, err := w.institutions.Register(w.t.Context(), by, institution.Profile{
		Name: name, Region: hede, Kinds: []institution.Kind{institution.Guarantor}, Level: institution.CountyWide,
	}, "")
	w.must(err)
	_, err = w.institutions.SetOffering(w.t.Context(), by, i.ID, 1, institution.Offering{
		Theme: institution.Financing, Form: institution.ExpertTeam, Name: "流动资金贷款担保", MaxAmount: most * 1_000_000, Fee: institution.Low,
	})
	w.must(err)
	return i.ID
}

// post is a need of the mill, posted through the service.
func (w *world) post() engagement.Need {
	w.t.Helper()
	n, err := w.needs.Post(w.t.Context(), w.people["chen"], engagement.Posting{
		Enterprise: string(w.mill),
		Content: engagement.Content{
			Theme: institution.Financing, Title: "流动资金贷款担保 300 万元", Text: "春节前采购棉花 180 吨，备足一季度外贸订单的原料。",
			Amount: 300_000_000, Months: 6, Collateral: []engagement.Collateral{engagement.Property}, WantedBy: flow.AddDays(flow.DayOf(w.clock), 57),
		},
		Contact: engagement.Contact{Name: "陈国华", Post: "总经理", Phone: "138 0000 0000"},
	})
	w.must(err)
	return n
}

// now is the need as it stands.
func (w *world) now(id engagement.ID) engagement.Detail {
	w.t.Helper()
	d, err := w.needs.Get(w.t.Context(), w.people["city"], id)
	w.must(err)
	return d
}

// reads are how often the contact of a need was looked at, as the audit trail says.
func (w *world) reads(id engagement.ID) int {
	w.t.Helper()
	trail, err := gate.Trail(w.t.Context(), w.db, gate.Record{Kind: engagement.Kind, ID: string(id)})
	w.must(err)
	n := 0
	for _, e := range trail {
		if e.Action == string(engagement.SeeContact) {
			n++
		}
	}
	return n
}

// counted runs fn and fails when it asked the database more often than most.
func (w *world) counted(most int64, what string, fn func()) {
	w.t.Helper()
	w.queries.Store(0)
	fn()
	if n := w.queries.Load(); n > most {
		w.t.Errorf("%s asks the database %d times, at most %d are allowed", what, n, most)
	}
}
