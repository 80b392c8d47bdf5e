package workbench_test

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/engagement"
	"qiban.dev/qiban/internal/domain/indicator"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/domain/territory"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/testkit"
	"qiban.dev/qiban/internal/text"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/assets"
	"qiban.dev/qiban/internal/workbench"
)

const (
	yancheng region.Code = "320900"
	sheyang  region.Code = "320924"
	jianhu   region.Code = "320925"
	hede     region.Code = "320924100"
)

// desk is the dashboard of a city and the officials before it.
type desk struct {
	t          *testing.T
	db         *db.DB
	indicators *indicator.Service
	ledger     *ledger.Ledger
	handler    http.Handler
	actors     map[string]authz.Actor
	statements atomic.Int64
}

type tree struct{ *territory.Service }

func (p tree) Below(ctx context.Context, of region.Code, on ledger.Date) ([]region.Code, error) {
	children, err := p.Children(ctx, of, string(on))
	codes := make([]region.Code, len(children))
	for i, c := range children {
		codes[i] = c.Code
	}
	return codes, err
}

func (p tree) HasKeyTowns(ctx context.Context, on ledger.Date) (bool, error) {
	t, err := p.Tree(ctx)
	return err == nil && t.HasKeyTowns(string(on)), err
}

func (p tree) Names(ctx context.Context, on ledger.Date, lang text.Lang, codes ...region.Code) (map[region.Code]indicator.PlaceName, error) {
	t, err := p.Tree(ctx)
	names := map[region.Code]indicator.PlaceName{}
	for _, c := range codes {
		if at, ok := t.Place(c, string(on)); ok {
			names[c] = indicator.PlaceName{Full: at.Name, Short: at.Short}
			if lang == text.En {
				names[c] = indicator.PlaceName{Full: at.NameEn, Short: at.NameEn}
			}
		}
	}
	return names, err
}

// Who knows people by the cookie "who".
func (d *desk) Who(r *http.Request) (web.Who, error) {
	c, err := r.Cookie("who")
	if err != nil {
		return web.Who{}, nil //nolint:nilerr // nobody is signed in
	}
	return web.Who{Actor: d.actors[c.Value]}, nil
}

func official(name string, at region.Code, may ...authz.Permission) authz.Actor {
	return authz.Actor{Kind: authz.Human, ID: name, Name: name, Grants: []authz.Grant{{Role: authz.Role{Name: "official", Permissions: may}, Region: at}}}
}

func newDesk(t *testing.T, now time.Time) *desk {
	t.Helper()
	clock := func() time.Time { return now }
	database, err := db.Open(t.Context(), testkit.Migrated(t), db.Options{Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = database.Close() })
	g := gate.New(database, "test")
	d := &desk{t: t, db: database, actors: map[string]authz.Actor{
		"xu":   official("徐明", yancheng, indicator.Permissions()...),
		"wang": official("王海燕", sheyang, indicator.View),
		"boss": {Kind: authz.Human, ID: "boss", Name: "企业主"},
	}}
	measures := testkit.Measures(t, append(engagement.Measures(), institution.Measures()...)...)
	if d.ledger, err = ledger.New(database, "test", measures); err != nil {
		t.Fatal(err)
	}
	places := tree{territory.New(database, g)}
	d.indicators = indicator.New(database, g, d.ledger, places)
	d.write(func(ctx context.Context, tx *db.Tx) error {
		if err := territory.Seed(ctx, tx); err != nil {
			return err
		}
		return d.indicators.Seed(ctx, tx)
	})
	kit, err := web.New(web.Config{
		Assets: assets.From(fstest.MapFS{}), Sessions: d, Cookie: "who", Clock: clock,
		Menu: func(*http.Request, web.Who, text.Lang) web.Menu { return web.Menu{} },
		Log:  slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	kit.Routes(mux)
	(&workbench.Board{Kit: kit, Indicators: d.indicators, Places: places}).Routes(mux)
	counted := kit.Wrap(mux)
	d.handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		counted.ServeHTTP(w, r.WithContext(db.CountQueries(r.Context(), &d.statements)))
	})
	return d
}

func (d *desk) as(who string) *testkit.Site { return testkit.Visit(d.t, d.handler, "who", who) }

func (d *desk) write(fn func(context.Context, *db.Tx) error) {
	d.t.Helper()
	if err := d.db.Write(d.t.Context(), fn); err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) reported(office region.Code, year int, values map[string]float64) {
	d.t.Helper()
	ctx, clerk := d.t.Context(), official("clerk", office, indicator.Permissions()...)
	sheet, err := d.indicators.Open(ctx, clerk, office, year)
	if err == nil {
		err = d.indicators.FillIn(ctx, clerk, sheet.ID, 1, values)
	}
	if err == nil {
		err = d.indicators.Advance(ctx, clerk, sheet.ID, 2, indicator.Submit, "")
	}
	if err == nil {
		err = d.indicators.Advance(ctx, d.actors["xu"], sheet.ID, 3, indicator.Accept, "")
	}
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) target(year int, id string, value float64) {
	d.t.Helper()
	if err := d.indicators.SetTarget(d.t.Context(), d.actors["xu"], yancheng, year, id, value, "盐政发〔2008〕12号"); err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) delivered(at region.Code, enterprise, theme string, days ...ledger.Date) {
	d.t.Helper()
	d.write(func(ctx context.Context, tx *db.Tx) error {
		for _, day := range days {
			f := ledger.Fact{
				Stream: "engagement.delivery", OccurredOn: day, Region: at, Enterprise: enterprise,
				Record: ledger.Record{Kind: "delivery", ID: db.NewID()},
			}
			f.Dims[0] = theme
			if _, err := d.ledger.Post(ctx, tx, f); err != nil {
				return err
			}
		}
		return nil
	})
}

func newYear() time.Time { return time.Date(2009, 1, 6, 2, 0, 0, 0, time.UTC) }

func TestTheCitySeesItsYearAtAGlance(t *testing.T) {
	d := newDesk(t, newYear())
	d.reported(sheyang, 2008, map[string]float64{"G5": 435_000_000, "P3": 906, "T7": 300})
	d.reported(jianhu, 2008, map[string]float64{"G5": 492_000_000, "P3": 100, "T7": 57})
	d.reported(yancheng, 2008, map[string]float64{"G5": 190_000_000})
	d.reported(sheyang, 2007, map[string]float64{"G5": 300_000_000})
	d.target(2008, "M9", 1000)
	d.target(2008, "M21", 500)
	d.delivered(hede, "e1", "financing", "2008-03-02", "2008-05-02", "2007-05-02")
	d.delivered(jianhu, "e2", "capability", "2008-05-03")

	page := d.as("xu").Get("/bench/board").Is(http.StatusOK)
	page.Has("h1", "2008年度看板")
	page.Has("main p", "10 个单位中 3 个的报表已审定")
	page.Has("a.stat[href='/figures/P3?region=320900&year=2008']", "已达到 100.6%")
	page.Has("a.stat[href='/figures/T7?region=320900&year=2008'] .maybe", "未达到 71.4%")
	page.One("a.stat[href='/figures/T7?region=320900&year=2008'] .pace--behind")
	if len(page.All("a.stat[href='/figures/P3?region=320900&year=2008'] .pace--behind")) != 0 {
		t.Error("a target that is reached is drawn as missed")
	}
	page.Has("#by-office h2", "11.17亿元")
	page.Has(".map a[href='/figures/G5?region=320925&year=2008'] text", "4.92")
	rows := page.All("#by-office .chart .table--dense tbody tr")
	if first := testkit.Text(rows[len(rows)-9]); !strings.HasPrefix(first, "1 建湖县 4.92") {
		t.Errorf("the first of the ranking is %q", first)
	}
	page.Has("#by-office tfoot tr", "盐城市本级 1.90")
	page.Has("#by-office tfoot tr", "盐城市合计 11.17")
	page.Has("#by-office tbody tr", "射阳县 4.35 +45%")
	page.Has("[data-chart=line] tbody tr", "5月 3 1")
	page.Has("[data-chart=bar] tbody tr", "融资担保 2")
	page.Has(".board__months tbody tr", "2008年 0 0 1 0 2")
	page.Has(".chart__foot a[href='/figures/E3?region=320900&year=2008#rec']", "查看 3 次")
	page.Lacks("main", "⟦")

	byGrowth := d.as("xu").Get("/bench/board?figure=G5&sort=growth").Is(http.StatusOK)
	byGrowth.Has("#by-office h3", "按增幅排名")
	other := d.as("xu").Get("/bench/board?figure=P3").Is(http.StatusOK)
	other.Has("#by-office h2", "新入园中小企业")
	english := testkit.Visit(t, d.handler, "who", "xu", "lang", "en").Get("/bench/board").Is(http.StatusOK)
	english.Has("h1", "Dashboard 2008")
	english.Lacks("main", "⟦")
}

func TestACountySeesItselfWithoutTheMap(t *testing.T) {
	d := newDesk(t, newYear())
	d.reported(sheyang, 2008, map[string]float64{"G5": 435_000_000})
	d.delivered(hede, "e1", "financing", "2008-03-02")
	page := d.as("wang").Get("/bench/board?year=2008").Is(http.StatusOK)
	page.Has("a.stat", "4.35 亿元")
	if len(page.All(".map")) != 0 {
		t.Error("a county is shown the city's map")
	}
	page.Has("#by-office tbody tr", "合德镇")
	page.Lacks("main .pick__menu", "盐城市") // out of reach
	d.as("wang").Get("/bench/board?region=320900").Is(http.StatusNotFound)
	d.as("wang").Get("/bench/board?region=320925").Is(http.StatusNotFound)
	d.as("boss").Get("/bench/board").Is(http.StatusForbidden)
	if page := testkit.Visit(t, d.handler).Get("/bench/board").Is(http.StatusSeeOther); !strings.HasPrefix(page.Location, "/sign-in") {
		t.Errorf("a visitor is led to %s", page.Location)
	}
}

func TestATargetIsBehindWhenTheYearRunsAhead(t *testing.T) {
	d := newDesk(t, time.Date(2009, 7, 2, 4, 0, 0, 0, time.UTC)) // half of the year is over
	d.target(2009, "M9", 1000)
	d.target(2009, "M20", 1000)
	d.reported(sheyang, 2009, map[string]float64{"P3": 400, "T5": 600})
	page := d.as("xu").Get("/bench/board?region=320900&year=2009").Is(http.StatusOK)
	page.Has("a.stat[href='/figures/P3?region=320900&year=2009'] .maybe", "完成 40%，落后于进度")
	page.Has("a.stat[href='/figures/T5?region=320900&year=2009'] .yes", "完成 60%，跟得上进度")
}

func TestAnEmptyYearSaysWhatToDo(t *testing.T) {
	d := newDesk(t, newYear())
	page := d.as("xu").Get("/bench/board?year=2005").Is(http.StatusOK)
	page.Has(".empty h2", "这一年还没有数据")
	page.One(".empty a[href='/bench/returns?year=2005']")
}

func TestTheDashboardAsksTheDatabaseOnlySoOften(t *testing.T) {
	d := newDesk(t, newYear())
	d.reported(sheyang, 2008, map[string]float64{"G5": 435_000_000, "P3": 906})
	d.target(2008, "M9", 1000)
	for range 30 {
		d.delivered(hede, "e1", "financing", "2008-03-02")
	}
	d.statements.Store(0)
	d.as("xu").Get("/bench/board").Is(http.StatusOK)
	if n := d.statements.Load(); n > 40 {
		t.Errorf("the dashboard took %d statements, want at most 40", n)
	}
}
