package indicator_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/indicator"
	"qiban.dev/qiban/internal/domain/territory"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/testkit"
)

const (
	yancheng region.Code = "320900"
	sheyang  region.Code = "320924"
	jianhu   region.Code = "320925"
	dafeng   region.Code = "320982" // 大丰市 until 2015
	hede     region.Code = "320924100"
)

// world is the indicators of a city with its ledger and its tree.
type world struct {
	*indicator.Service
	t      *testing.T
	db     *db.DB
	gate   *gate.Gate
	ledger *ledger.Ledger
}

// places answers for the tree what indicator asks of it.
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
	tree, err := p.Tree(ctx)
	return err == nil && tree.HasKeyTowns(string(on)), err
}

// measures are those of this domain and the ones that the shipped definitions
// are computed by.
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

func newWorld(t *testing.T, source string, tune ...func(*db.Options)) *world {
	t.Helper()
	clock := time.Date(2009, 1, 6, 2, 0, 0, 0, time.UTC)
	o := db.Options{Clock: func() time.Time {
		clock = clock.Add(time.Second)
		return clock
	}}
	for _, fn := range tune {
		fn(&o)
	}
	d, err := db.Open(t.Context(), source, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	w := &world{t: t, db: d, gate: gate.New(d, "test")}
	if w.ledger, err = ledger.New(d, "test", measures(t)); err != nil {
		t.Fatal(err)
	}
	w.Service = indicator.New(d, w.gate, w.ledger, places{territory.New(d, w.gate)})
	w.write(func(ctx context.Context, tx *db.Tx) error {
		if err := territory.Seed(ctx, tx); err != nil {
			return err
		}
		return w.Seed(ctx, tx)
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

// official holds every right of this domain over a place, or those named.
func official(id string, at region.Code, may ...authz.Permission) authz.Actor {
	if len(may) == 0 {
		may = indicator.Permissions()
	}
	return authz.Actor{Kind: authz.Human, ID: id, Name: id, Grants: []authz.Grant{{Role: authz.Role{Name: "official", Permissions: may}, Region: at}}}
}

// filled is an office's return with values, still open.
func (w *world) filled(office region.Code, year int, values map[string]float64) *indicator.Sheet {
	w.t.Helper()
	clerk := official("clerk-"+string(office), office)
	sheet, err := w.Open(w.t.Context(), clerk, office, year)
	if err == nil {
		err = w.FillIn(w.t.Context(), clerk, sheet.ID, sheet.Version, values)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return w.sheet(sheet.ID)
}

func (w *world) sheet(id string) *indicator.Sheet {
	w.t.Helper()
	sheet, err := w.Sheet(w.t.Context(), official("reader", "320000"), id)
	if err != nil {
		w.t.Fatal(err)
	}
	return sheet
}

// accepted is an office's return that the city has accepted.
func (w *world) accepted(office region.Code, year int, values map[string]float64) *indicator.Sheet {
	w.t.Helper()
	sheet := w.filled(office, year, values)
	w.advance(official("clerk-"+string(office), office), sheet, indicator.Submit, "")
	sheet = w.sheet(sheet.ID)
	w.advance(official("xu", yancheng), sheet, indicator.Accept, "")
	return w.sheet(sheet.ID)
}

func (w *world) advance(by authz.Actor, sheet *indicator.Sheet, do authz.Permission, reason string) {
	w.t.Helper()
	if err := w.Advance(w.t.Context(), by, sheet.ID, sheet.Version, do, reason); err != nil {
		w.t.Fatal(err)
	}
}

// delivered posts confirmed deliveries to an enterprise, one on each day.
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

func (w *world) figure(place region.Code, year int, id string) ledger.Figure {
	w.t.Helper()
	f, _, err := w.Figure(w.t.Context(), place, year, id)
	if err != nil {
		w.t.Fatal(err)
	}
	return f
}

func (w *world) is(f ledger.Figure, want float64, origin ledger.Origin) {
	w.t.Helper()
	if f.Exact == nil || *f.Exact != want || f.Origin != origin {
		w.t.Errorf("%s of %s in %d is %v (%s), want %v (%s)", f.ID, f.Region, f.Year, value(f.Exact), f.Origin, want, origin)
	}
}

func value(v *float64) any {
	if v == nil {
		return "no data"
	}
	return *v
}

func part(f ledger.Figure, at region.Code) *ledger.Part {
	i := slices.IndexFunc(f.Parts, func(p ledger.Part) bool { return p.Region == at })
	if i < 0 {
		return nil
	}
	return &f.Parts[i]
}

func wants(t *testing.T, err error, kind fault.Kind) {
	t.Helper()
	if !fault.Is(err, kind) {
		t.Errorf("got %v, want %v", err, kind)
	}
}
