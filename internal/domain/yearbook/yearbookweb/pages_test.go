package yearbookweb_test

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/indicator"
	"qiban.dev/qiban/internal/domain/territory"
	"qiban.dev/qiban/internal/domain/yearbook"
	"qiban.dev/qiban/internal/domain/yearbook/yearbookweb"
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
)

// world is a site with the yearbook and the people who read and prepare it.
type world struct {
	t          *testing.T
	indicators *indicator.Service
	handler    http.Handler
	actors     map[string]authz.Actor
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
	names := map[region.Code]indicator.PlaceName{}
	for _, c := range codes {
		if at, ok := tree.Place(c, string(on)); ok {
			names[c] = indicator.PlaceName{Full: at.Name, Short: at.Short}
			if lang == text.En {
				names[c] = indicator.PlaceName{Full: at.NameEn, Short: at.NameEn}
			}
		}
	}
	return names, err
}

func (p places) name(ctx context.Context, of region.Code, on ledger.Date, _ text.Lang) (chinese, name string, err error) {
	tree, err := p.Tree(ctx)
	if err != nil {
		return "", "", err
	}
	name = tree.Name(of, string(on))
	return name, name, nil
}

// Who knows people by the cookie "who".
func (w *world) Who(r *http.Request) (web.Who, error) {
	c, err := r.Cookie("who")
	if err != nil {
		return web.Who{}, nil //nolint:nilerr // nobody is signed in
	}
	return web.Who{Actor: w.actors[c.Value]}, nil
}

func official(name string, at region.Code, may ...authz.Permission) authz.Actor {
	return authz.Actor{Kind: authz.Human, ID: name, Name: name, Grants: []authz.Grant{{Role: authz.Role{Name: "official", Permissions: may}, Region: at}}}
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
	w := &world{t: t, actors: map[string]authz.Actor{
		"xiao": official("肖刚", yancheng, yearbook.Edit, yearbook.Freeze),
		"wang": official("王海燕", sheyang, yearbook.Edit),
		"boss": {Kind: authz.Human, ID: "boss", Name: "企业主"},
	}}
	l, err := ledger.New(d, "test", testkit.Measures(t))
	if err != nil {
		t.Fatal(err)
	}
	tree := places{territory.New(d, g)}
	w.indicators = indicator.New(d, g, l, tree)
	if err := d.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		if err := territory.Seed(ctx, tx); err != nil {
			return err
		}
		return w.indicators.Seed(ctx, tx)
	}); err != nil {
		t.Fatal(err)
	}
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
	pages := &yearbookweb.Pages{
		Kit: kit, Yearbook: yearbook.New(d, g, w.indicators, tree.name), Indicators: w.indicators, Places: tree,
		Home: yancheng, People: func(_ context.Context, ids ...string) (map[string]string, error) {
			names := map[string]string{}
			for _, id := range ids {
				names[id] = id
			}
			return names, nil
		},
	}
	pages.Routes(mux)
	w.handler = kit.Wrap(mux)
	return w
}

func (w *world) reported(office region.Code, year int, values map[string]float64) {
	w.t.Helper()
	ctx, clerk, city := w.t.Context(), official("clerk", office, indicator.Permissions()...), official("xu", yancheng, indicator.Permissions()...)
	sheet, err := w.indicators.Open(ctx, clerk, office, year)
	if err == nil {
		err = w.indicators.FillIn(ctx, clerk, sheet.ID, 1, values)
	}
	if err == nil {
		err = w.indicators.Advance(ctx, clerk, sheet.ID, 2, indicator.Submit, "")
	}
	if err == nil {
		err = w.indicators.Advance(ctx, city, sheet.ID, 3, indicator.Accept, "")
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) as(who string) *testkit.Site { return testkit.Visit(w.t, w.handler, "who", who) }

func TestTheEditorReadsTheDraftAgainstItsFiguresAndFreezesIt(t *testing.T) {
	w := newWorld(t)
	w.reported(sheyang, 2008, map[string]float64{"P2": 3_140_000, "P6": 1_590_000, "T7": 357, "P3": 1006})
	w.reported(sheyang, 2007, map[string]float64{"P2": 2_360_000})
	visitor := testkit.Visit(t, w.handler)

	page := visitor.Get("/yearbook?region=320900&year=2008").Is(http.StatusOK)
	page.Has(".notice", "还没有定稿")
	page.Has(".paper__standing", "草稿")
	page.Has(".paper a.fig--rep[href='/figures/P2?region=320900&year=2008']", "314万平方米")
	page.Lacks("main", "编写")
	page.Lacks(".paper", "⟦")

	editor := w.as("xiao")
	page = editor.Get("/bench/yearbook?region=320900&year=2008&figure=P2").Is(http.StatusOK)
	page.Has(".paper a.fig[aria-current=true]", "314万平方米")
	page.Has("#insp h2", "314万平方米")
	page.Has("#insp .facts", "3,140,000 平方米")
	page.Has("#insp .facts", "236.00 万平方米，+33.1%")
	page.Has("#insp .facts", "159万平方米")
	page.Has(".paper a.fig--warn", "近357户")
	page.Has("#insp .list__a[href$='figure=T7#insp']", "建议写“357 户”")
	page.Has(".book__toc a[href='#training']", "待核")
	page.Has(".book__toc a[href='#finance']", "缺 8/8")

	page = page.Send("/freeze").Follow().Is(http.StatusOK)
	page.Has(".flash", "第 1 版")
	page.Has("#insp .list__a[href$='edition=1']", "肖刚")
	w.reported("320925", 2008, map[string]float64{"P3": 100})
	page = visitor.Get("/yearbook?region=320900&year=2008")
	page.Has(".paper", "1006户")
	page.Has(".paper__standing", "第1版定稿")
	page.Lacks("main", "还没有定稿")
	editor.Get("/bench/yearbook?region=320900&year=2008").Has(".paper", "1106户")
	visitor.Get("/yearbook?region=320900&year=2008&edition=2").Is(http.StatusNotFound)
}

func TestTheDraftIsPreparedByThoseWhoMay(t *testing.T) {
	w := newWorld(t)
	w.reported(sheyang, 2008, map[string]float64{"P3": 1006})
	if page := testkit.Visit(t, w.handler).Get("/bench/yearbook").Is(http.StatusSeeOther); !strings.HasPrefix(page.Location, "/sign-in") {
		t.Errorf("a visitor is led to %s", page.Location)
	}
	w.as("boss").Get("/bench/yearbook").Is(http.StatusForbidden)
	w.as("wang").Get("/bench/yearbook?region=320900").Is(http.StatusNotFound)
	page := w.as("wang").Get("/bench/yearbook?year=2008").Is(http.StatusOK)
	page.Has(".paper h1", "射阳县")
	if len(page.All("form[action$=/freeze]")) != 0 {
		t.Error("somebody who may not freeze is offered to")
	}
	w.as("wang").Post("/bench/yearbook/freeze", map[string][]string{"region": {"320924"}, "year": {"2008"}}).Is(http.StatusForbidden)
	w.as("wang").Post("/bench/yearbook/freeze", map[string][]string{"region": {"320900"}, "year": {"2008"}}).Is(http.StatusNotFound)
}

func TestTheChapterIsTakenHomeInThreeForms(t *testing.T) {
	w := newWorld(t)
	w.reported(sheyang, 2008, map[string]float64{"P3": 1006})
	site := testkit.Visit(t, w.handler, "lang", "en")
	for format, words := range map[string]string{"md": "1,006 enterprises", "json": `"region": "320900"`, "html": "data-figure=\"P3\""} {
		if page := site.Get("/yearbook/download?region=320900&year=2008&format=" + format).Is(http.StatusOK); !strings.Contains(page.Body, words) {
			t.Errorf("as %s it lacks %s: %s", format, words, page.Body)
		}
	}
	site.Get("/yearbook/download?region=320900&year=2008&format=exe").Is(http.StatusNotFound)
	page := site.Get("/yearbook?region=320900&year=2008").Is(http.StatusOK)
	page.Has(".paper h2", "Parks and premises.")
	page.Lacks("main", "⟦")
	site.Get("/yearbook?region=320900&year=1990").Is(http.StatusOK).Has(".paper", "There is nothing on record")
}
