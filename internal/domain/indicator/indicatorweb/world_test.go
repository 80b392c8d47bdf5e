package indicatorweb_test

import (
	"context"
	"log/slog"
	"net/http"
	"testing"
	"testing/fstest"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/indicator"
	"qiban.dev/qiban/internal/domain/indicator/indicatorweb"
	"qiban.dev/qiban/internal/domain/territory"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/testkit"
	"qiban.dev/qiban/internal/text"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/assets"
)

const (
	yancheng region.Code = "320900"
	sheyang  region.Code = "320924"
	jianhu   region.Code = "320925"
	hede     region.Code = "320924100"
)

// world is a site with the pages of figures and the people who read them.
type world struct {
	*indicator.Service
	t       *testing.T
	db      *db.DB
	ledger  *ledger.Ledger
	handler http.Handler
	actors  map[string]authz.Actor
}

type places struct{ *territory.Service }

func (p places) Below(ctx context.Context, of region.Code, on ledger.Date) ([]region.Code, error) {
	children, err := p.Children(ctx, of, string(on))
	codes := make([]region.Code, len(children))
	for i, c := range children {
		codes[i] = c.Code
	}
	return codes, err
}

func (p places) HasKeyTowns(ctx context.Context, on ledger.Date) (bool, error) {
	t, err := p.Tree(ctx)
	return err == nil && t.HasKeyTowns(string(on)), err
}

func (p places) Names(ctx context.Context, on ledger.Date, lang text.Lang, codes ...region.Code) (map[region.Code]indicator.PlaceName, error) {
	tree, err := p.Tree(ctx)
	if err != nil {
		return nil, err
	}
	names := map[region.Code]indicator.PlaceName{}
	for _, c := range codes {
		at, ok := tree.Place(c, string(on))
		if !ok {
			continue
		}
		names[c] = indicator.PlaceName{Full: at.Name, Short: at.Short}
		if lang == text.En && at.NameEn != "" {
			names[c] = indicator.PlaceName{Full: at.NameEn, Short: at.NameEn}
		}
	}
	return names, nil
}

// Who knows people by the cookie "who".
func (w *world) Who(r *http.Request) (web.Who, error) {
	c, err := r.Cookie("who")
	if err != nil {
		return web.Who{}, nil //nolint:nilerr // nobody is signed in
	}
	return web.Who{Actor: w.actors[c.Value]}, nil
}

func measures(t *testing.T) []ledger.Measure {
	t.Helper()
	flow := func(id, of string) ledger.Measure {
		return ledger.Measure{ID: id, Of: of, Kind: ledger.Flow, Sum: ledger.Facts, Unit: "unit.figure", Dims: []string{"theme", "form"}}
	}
	distinct := flow("engagement.enterprises", "engagement.delivery")
	distinct.Kind, distinct.Sum, distinct.Who = ledger.Distinct, "", authz.Enterprise
	return testkit.Measures(t, flow("engagement.needs", "engagement.need"), flow("engagement.closed", "engagement.closed"),
		flow("engagement.deliveries", "engagement.delivery"), distinct, flow("engagement.rated", "engagement.rated"),
		flow("engagement.on_time", "engagement.on_time"), flow("engagement.solved", "engagement.solved"))
}

func newWorld(t *testing.T) *world {
	t.Helper()
	clock := func() time.Time { return time.Date(2009, 1, 6, 2, 0, 0, 0, time.UTC) }
	d, err := db.Open(t.Context(), testkit.Migrated(t), db.Options{Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	g := gate.New(d, "test")
	w := &world{t: t, db: d, actors: map[string]authz.Actor{
		"xu":   official("徐明", yancheng),
		"sun":  official("孙伟", yancheng),
		"wang": official("王海燕", sheyang, indicator.View, indicator.Fill, indicator.Submit),
		"zhao": official("赵云", sheyang, indicator.View, indicator.Fill, indicator.Submit),
		"chen": official("陈静", jianhu, indicator.View, indicator.Fill, indicator.Submit),
		"boss": {Kind: authz.Human, ID: "boss", Name: "企业主"},
	}}
	if w.ledger, err = ledger.New(d, "test", measures(t)); err != nil {
		t.Fatal(err)
	}
	tree := places{territory.New(d, g)}
	w.Service = indicator.New(d, g, w.ledger, tree)
	w.write(func(ctx context.Context, tx *db.Tx) error {
		if err := territory.Seed(ctx, tx); err != nil {
			return err
		}
		return w.Seed(ctx, tx)
	})
	kit, err := web.New(web.Config{
		Assets: assets.From(fstest.MapFS{}), Sessions: w, Cookie: "who", Clock: clock,
		Menu: func(*http.Request, web.Who, text.Lang) web.Menu { return web.Menu{} },
		Log:  slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	kit.Routes(mux)
	(&indicatorweb.Pages{Kit: kit, Indicators: w.Service, Places: tree, Home: yancheng, People: w.people}).Routes(mux)
	w.handler = kit.Wrap(mux)
	return w
}

// people: here everybody's id is their name.
func (w *world) people(_ context.Context, ids ...string) (map[string]string, error) {
	names := map[string]string{}
	for _, id := range ids {
		names[id] = id
	}
	return names, nil
}

func official(name string, at region.Code, may ...authz.Permission) authz.Actor {
	if len(may) == 0 {
		may = indicator.Permissions()
	}
	return authz.Actor{Kind: authz.Human, ID: name, Name: name, Grants: []authz.Grant{{Role: authz.Role{Name: "official", Permissions: may}, Region: at}}}
}

func (w *world) as(who string) *testkit.Site { return testkit.Visit(w.t, w.handler, "who", who) }
func (w *world) visitor() *testkit.Site      { return testkit.Visit(w.t, w.handler) }

func (w *world) write(fn func(context.Context, *db.Tx) error) {
	w.t.Helper()
	if err := w.db.Write(w.t.Context(), fn); err != nil {
		w.t.Fatal(err)
	}
}

// accepted is an office's return that the city accepted.
func (w *world) accepted(office region.Code, year int, values map[string]float64) {
	w.t.Helper()
	clerk := official("填报员", office)
	sheet, err := w.Open(w.t.Context(), clerk, office, year)
	if err == nil {
		err = w.FillIn(w.t.Context(), clerk, sheet.ID, sheet.Version, values)
	}
	if err == nil {
		err = w.Advance(w.t.Context(), clerk, sheet.ID, sheet.Version+1, indicator.Submit, "")
	}
	if err == nil {
		err = w.Advance(w.t.Context(), w.actors["xu"], sheet.ID, sheet.Version+2, indicator.Accept, "")
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) delivered(at region.Code, enterprise, theme string, days ...ledger.Date) {
	w.t.Helper()
	w.write(func(ctx context.Context, tx *db.Tx) error {
		for _, day := range days {
			f := ledger.Fact{
				Stream: "engagement.delivery", OccurredOn: day, Region: at, Enterprise: enterprise,
				Record: ledger.Record{Kind: "delivery", ID: db.NewID()},
			}
			f.Dims[0] = theme
			if _, err := w.ledger.Post(ctx, tx, f); err != nil {
				return err
			}
		}
		return nil
	})
}
