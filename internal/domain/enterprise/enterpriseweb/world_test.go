package enterpriseweb_test

import (
	"context"
	"log/slog"
	"net/http"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/enterprise/enterpriseweb"
	"qiban.dev/qiban/internal/domain/territory"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/testkit"
	"qiban.dev/qiban/internal/text"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/assets"
	"qiban.dev/qiban/internal/web/ui"
)

const (
	yancheng region.Code = "320900"
	sheyang  region.Code = "320924"
	jianhu   region.Code = "320925"
	hede     region.Code = "320924100" // 射阳县合德镇

	mill    = "91320900140132611G"
	crane   = "91440300708461136T"
	another = "91330100799655058B"
)

// world is a site with the register's pages and the people around it.
type world struct {
	*enterprise.Service
	t       *testing.T
	db      *db.DB
	handler http.Handler
	actors  map[string]authz.Actor
}

// Who knows people by the cookie "who".
func (w *world) Who(r *http.Request) (web.Who, error) {
	c, err := r.Cookie("who")
	if err != nil {
		return web.Who{}, nil //nolint:nilerr // nobody is signed in
	}
	return web.Who{Actor: w.actors[c.Value]}, nil
}

func newWorld(t *testing.T) *world {
	t.Helper()
	now := time.Date(2009, 1, 6, 2, 0, 0, 0, time.UTC)
	clock := func() time.Time { now = now.Add(time.Millisecond); return now }
	d, err := db.Open(t.Context(), testkit.Migrated(t), db.Options{Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	if err := d.Write(t.Context(), territory.Seed); err != nil {
		t.Fatal(err)
	}
	g := gate.New(d, "test")
	w := &world{t: t, db: d, actors: map[string]authz.Actor{
		"wang": official("王海燕", sheyang), "chen": official("陈静", jianhu),
		"gu": person("gu", "顾鹤"), "zhou": person("zhou", "周素兰"),
	}}
	store, err := files.OpenStore(t.Context(), filepath.Join(t.TempDir(), "files"))
	if err != nil {
		t.Fatal(err)
	}
	papers := files.New(d, g, store, files.Limits{File: 1 << 20, PerRecord: 5, Owner: 8 << 20, Site: 64 << 20})
	w.Service, err = enterprise.New(d, g, enterprise.Hooks{Files: papers, Granted: w.granted, Revoked: w.revoked})
	if err != nil {
		t.Fatal(err)
	}
	kit, err := web.New(web.Config{
		Assets: assets.From(fstest.MapFS{}), Sessions: w, Uploads: testkit.Uploads(papers), Cookie: "who", Clock: clock,
		Menu: func(*http.Request, web.Who, text.Lang) web.Menu { return web.Menu{Site: ui.Site{Sub: "盐城"}} },
		Log:  slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	kit.Routes(mux)
	(&enterpriseweb.Pages{Kit: kit, Enterprises: w.Service, Places: territory.New(d, g), Home: yancheng, Names: w.names}).Routes(mux)
	w.handler = kit.Wrap(mux)
	return w
}

func (w *world) names(_ context.Context, ids ...string) (map[string]string, error) {
	names := map[string]string{}
	for _, id := range ids {
		names[id] = w.actors[id].Name
	}
	return names, nil
}

// granted lets a person act for an enterprise, as accounts do.
func (w *world) granted(_ context.Context, _ *db.Tx, who string, e enterprise.ID) error {
	a := w.actors[who]
	a.Grants = append(a.Grants, authz.Grant{
		Role:  authz.Role{Name: "owner", Permissions: []authz.Permission{enterprise.View, enterprise.Edit, enterprise.ViewContact}},
		Party: authz.Party{Kind: authz.Enterprise, ID: string(e)},
	})
	w.actors[who] = a
	return nil
}

func (w *world) revoked(_ context.Context, _ *db.Tx, who string, e enterprise.ID) error {
	a := w.actors[who]
	var keep []authz.Grant
	for _, g := range a.Grants {
		if g.Party.ID != string(e) {
			keep = append(keep, g)
		}
	}
	a.Grants = keep
	w.actors[who] = a
	return nil
}

func person(id, name string) authz.Actor {
	return authz.Actor{Kind: authz.Human, ID: id, Name: name, Grants: []authz.Grant{{
		Role:  authz.Role{Name: "self", Permissions: []authz.Permission{enterprise.Register, enterprise.Claim}},
		Party: authz.Party{Kind: authz.Person, ID: id},
	}}}
}

func official(name string, at region.Code) authz.Actor {
	return authz.Actor{Kind: authz.Human, ID: name, Name: name, Grants: []authz.Grant{{
		Role: authz.Role{Name: "staff", Permissions: enterprise.Permissions()}, Region: at,
	}}}
}

// as is somebody at their browser; "" is a visitor.
func (w *world) as(who string) *testkit.Site {
	if who == "" {
		return testkit.Visit(w.t, w.handler)
	}
	return testkit.Visit(w.t, w.handler, "who", who)
}

// registers enters an enterprise by its owner, in 合德镇 unless another town is named.
func (w *world) registers(who, name, code string, town ...region.Code) enterprise.ID {
	w.t.Helper()
	at := hede
	if len(town) > 0 {
		at = town[0]
	}
	id, err := w.Register(w.t.Context(), w.actors[who], enterprise.Registration{
		Profile: enterprise.Profile{Name: name, Region: at, LegalForm: enterprise.Company, Industry: enterprise.Industry{Edition: "2017", Code: "C17"}},
		Codes:   []string{code}, Own: true, Evidence: "我是法定代表人", Contact: enterprise.Contact{Person: "顾鹤", Phone: "0515-82300000"},
	})
	if err != nil {
		w.t.Fatalf("%s registers %s: %v", who, name, err)
	}
	return id
}

func (w *world) get(id enterprise.ID) enterprise.Enterprise {
	w.t.Helper()
	e, err := enterprise.Load(w.t.Context(), w.db, authz.Unbounded("test"), id)
	if err != nil {
		w.t.Fatal(err)
	}
	return e
}

// reads is how often personal data was read, by the audit trail.
func (w *world) reads() int {
	w.t.Helper()
	var n int
	if err := w.db.Get(w.t.Context(), &n, `SELECT COUNT(*) FROM audit_entry WHERE action = ?`, string(enterprise.ViewContact)); err != nil {
		w.t.Fatal(err)
	}
	return n
}
