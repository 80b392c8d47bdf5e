package yearbook_test

import (
	"context"
	"testing"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/indicator"
	"qiban.dev/qiban/internal/domain/territory"
	"qiban.dev/qiban/internal/domain/yearbook"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/testkit"
	"qiban.dev/qiban/internal/text"
)

const (
	yancheng region.Code = "320900"
	sheyang  region.Code = "320924"
	hede     region.Code = "320924100"
)

// world is the yearbook of a city with the returns it is written from.
type world struct {
	*yearbook.Service
	t          *testing.T
	db         *db.DB
	indicators *indicator.Service
	ledger     *ledger.Ledger
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

func (p places) name(ctx context.Context, of region.Code, on ledger.Date, _ text.Lang) (chinese, name string, err error) {
	tree, err := p.Tree(ctx)
	if err != nil {
		return "", "", err
	}
	if !tree.Known(of) {
		return "", "", fault.Missing()
	}
	name = tree.Name(of, string(on))
	return name, name, nil
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

func newWorld(t *testing.T, source string) *world {
	t.Helper()
	d, err := db.Open(t.Context(), source, db.Options{Clock: func() time.Time { return time.Date(2009, 1, 6, 2, 0, 0, 0, time.UTC) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	g := gate.New(d, "test")
	w := &world{t: t, db: d}
	if w.ledger, err = ledger.New(d, "test", measures(t)); err != nil {
		t.Fatal(err)
	}
	tree := places{territory.New(d, g)}
	w.indicators = indicator.New(d, g, w.ledger, tree)
	w.Service = yearbook.New(d, g, w.indicators, tree.name)
	w.write(func(ctx context.Context, tx *db.Tx) error {
		if err := territory.Seed(ctx, tx); err != nil {
			return err
		}
		return w.indicators.Seed(ctx, tx)
	})
	return w
}

func each(t *testing.T, fn func(t *testing.T, w *world)) {
	t.Helper()
	testkit.EachMigrated(t, func(t *testing.T, source string) { fn(t, newWorld(t, source)) })
}

func (w *world) write(fn func(context.Context, *db.Tx) error) {
	w.t.Helper()
	if err := w.db.Write(w.t.Context(), fn); err != nil {
		w.t.Fatal(err)
	}
}

func official(name string, at region.Code, may ...authz.Permission) authz.Actor {
	return authz.Actor{Kind: authz.Human, ID: name, Name: name, Grants: []authz.Grant{{Role: authz.Role{Name: "official", Permissions: may}, Region: at}}}
}

// editor prepares and freezes the city's yearbook.
func editor() authz.Actor { return official("肖刚", yancheng, yearbook.Edit, yearbook.Freeze) }

// reported are values of an office's accepted return.
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

func (w *world) delivered(at region.Code, enterprise string, days ...ledger.Date) {
	w.t.Helper()
	w.write(func(ctx context.Context, tx *db.Tx) error {
		for _, day := range days {
			f := ledger.Fact{
				Stream: "engagement.delivery", OccurredOn: day, Region: at, Enterprise: enterprise,
				Record: ledger.Record{Kind: "delivery", ID: db.NewID()},
			}
			if _, err := w.ledger.Post(ctx, tx, f); err != nil {
				return err
			}
		}
		return nil
	})
}
