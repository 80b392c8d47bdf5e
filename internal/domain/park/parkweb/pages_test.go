package parkweb_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/domain/park"
	"qiban.dev/qiban/internal/domain/park/parkweb"
	"qiban.dev/qiban/internal/domain/territory"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/testkit"
	"qiban.dev/qiban/internal/text"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/assets"
)

const (
	city = region.Code("320900")
	hede = region.Code("320924100")
)

// desk is the pages of parks, read by an official of the city.
type desk struct {
	t            *testing.T
	parks        *park.Service
	institutions *institution.Service
	handler      http.Handler
	by           authz.Actor
}

func (d *desk) Who(*http.Request) (web.Who, error) { return web.Who{Actor: d.by}, nil }

func newDesk(t *testing.T) *desk {
	t.Helper()
	clock := func() time.Time { return time.Date(2009, 1, 6, 2, 0, 0, 0, time.UTC) }
	base, err := db.Open(t.Context(), testkit.Migrated(t), db.Options{Clock: clock})
	must(t, err)
	t.Cleanup(func() { _ = base.Close() })
	must(t, base.Write(t.Context(), territory.Seed))
	g := gate.New(base, "test")
	l, err := ledger.New(base, "test", append(park.Measures(), institution.Measures()...))
	must(t, err)
	store, err := files.OpenStore(t.Context(), filepath.Join(t.TempDir(), "files"))
	must(t, err)
	papers := files.New(base, g, store, files.Limits{File: 1 << 20, PerRecord: 5, Owner: 8 << 20, Site: 64 << 20})
	places := territory.New(base, g)
	d := &desk{
		t: t, parks: park.New(base, g, l, places, park.Hooks{Files: papers}), institutions: institution.New(base, g, l, institution.Hooks{}),
		by: authz.Actor{Kind: authz.Human, ID: "wang", Name: "王海燕", Grants: []authz.Grant{
			{Role: authz.Role{Permissions: append(park.Permissions(), institution.Permissions()...)}, Region: city},
		}},
	}
	kit, err := web.New(web.Config{
		Assets: assets.From(fstest.MapFS{}), Sessions: d, Uploads: testkit.Uploads(papers), Cookie: "who", Clock: clock,
		Menu: func(*http.Request, web.Who, text.Lang) web.Menu { return web.Menu{} },
		Log:  slog.New(slog.DiscardHandler),
	})
	must(t, err)
	mux := http.NewServeMux()
	kit.Routes(mux)
	(&parkweb.Pages{Kit: kit, Parks: d.parks, Institutions: d.institutions, Places: places, Home: city}).Routes(mux)
	d.handler = kit.Wrap(mux)
	return d
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (d *desk) institution(name string) institution.Institution {
	d.t.Helper()
	i, err := d.institutions.Register(d.t.Context(), d.by, institution.Profile{
		Name: name, Region: hede, Kinds: []institution.Kind{institution.ServiceCentre}, Level: institution.CountyWide,
	}, "")
	must(d.t, err)
	return i
}

func (d *desk) park(run institution.ID) park.Park {
	d.t.Helper()
	p, err := d.parks.Register(d.t.Context(), d.by, park.Profile{
		Name: "合德中小企业园", Region: hede, OperatorID: run, Works: park.Works{Begun: "2008-01-01"},
	}, "")
	must(d.t, err)
	return p
}

// do opens a page, or sends a form.
func (d *desk) do(path string, form url.Values) (int, string) {
	d.t.Helper()
	r := httptest.NewRequestWithContext(d.t.Context(), http.MethodGet, path, nil)
	if form != nil {
		r = httptest.NewRequestWithContext(d.t.Context(), http.MethodPost, path, strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	w := httptest.NewRecorder()
	d.handler.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func (d *desk) runBy(id park.ID) string {
	d.t.Helper()
	got, err := d.parks.Get(d.t.Context(), d.by.Scope(park.See), id)
	must(d.t, err)
	return got.RunBy
}

// An office saves what a park is without touching who runs it, though that is off
// the register by now; and names another, of the many there are, by its name.
func TestWhoRunsAParkIsNamed(t *testing.T) {
	d := newDesk(t)
	runner, other := d.institution("合德园区管理公司"), d.institution("射阳开发区园区运营公司")
	for n := range 210 {
		d.institution(fmt.Sprintf("甲%03d服务公司", n))
	}
	p := d.park(runner.ID)
	_, err := d.institutions.End(t.Context(), d.by, runner.ID, runner.Version, "2009-01-01", "注销")
	must(t, err)
	path := "/bench/parks/" + string(p.ID) + "/edit"
	if code, body := d.do(path, nil); code != 200 || !strings.Contains(body, `value="合德园区管理公司"`) {
		t.Errorf("the form does not say who runs it: %d", code)
	}
	save := func(name string, want int, says string) {
		t.Helper()
		now, err := d.parks.Get(t.Context(), d.by.Scope(park.See), p.ID)
		must(t, err)
		code, body := d.do(path, url.Values{
			"version": {fmt.Sprint(now.Version)}, "name": {p.Name}, "region": {string(hede)}, "begun_on": {"2008-01-01"}, "operator_id": {name},
		})
		if code != want || !strings.Contains(body, says) {
			t.Errorf("with %q it answers %d, want %d and %q", name, code, want, says)
		}
		if want == 422 && !strings.Contains(body, `value="`+name+`"`) {
			t.Errorf("what was typed is lost: %q", name)
		}
	}
	save("合德园区管理公司", 303, "")
	if got := d.runBy(p.ID); got != runner.Name {
		t.Errorf("saved as it was, it is run by %q", got)
	}
	save("无此公司", 422, "机构名录里没有“无此公司”")
	save("服务公司", 422, "甲000服务公司、甲001服务公司")
	if got := d.runBy(p.ID); got != runner.Name {
		t.Errorf("by what was refused, it is run by %q", got)
	}
	save("射阳开发区", 303, "")
	if got := d.runBy(p.ID); got != other.Name {
		t.Errorf("it is run by %q", got)
	}
	save("", 303, "")
	if got := d.runBy(p.ID); got != "" {
		t.Errorf("emptied, it is run by %q", got)
	}
}

// A building that was entered by mistake goes from its page.
func TestABuildingIsRemoved(t *testing.T) {
	d := newDesk(t)
	p, q := d.park(""), d.park2()
	h, err := d.parks.AddBuilding(t.Context(), d.by, p.ID, park.House{Name: "1号", Kind: park.Office, Floors: 1, Area: 10}, "")
	must(t, err)
	path := "/bench/parks/" + string(p.ID) + "/buildings"
	if code, body := d.do(path+"?house="+h.ID, nil); code != 200 || !strings.Contains(body, `action="`+path+`/remove"`) {
		t.Errorf("the page of the building offers no removal: %d", code)
	}
	form := url.Values{"house": {h.ID}, "version": {"1"}}
	if code, _ := d.do("/bench/parks/"+string(q.ID)+"/buildings/remove", form); code != 404 {
		t.Errorf("under another park it answers %d", code)
	}
	if code, _ := d.do(path+"/remove", form); code != 303 {
		t.Errorf("the removal answers %d", code)
	}
	if code, _ := d.do(path+"?house="+h.ID, nil); code != 404 {
		t.Errorf("it is still there: %d", code)
	}
}

func (d *desk) park2() park.Park {
	d.t.Helper()
	p, err := d.parks.Register(d.t.Context(), d.by, park.Profile{Name: "临海中小企业园", Region: "320924101"}, "")
	must(d.t, err)
	return p
}
