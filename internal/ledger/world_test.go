package ledger_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
)

// The places of the tests: Yancheng (盐城市), its county Sheyang (射阳县) and
// Jianhu (建湖县) with towns, and Nantong (南通市) as the neighbour.
const (
	jiangsu  region.Code = "320000"
	yancheng region.Code = "320900"
	sheyang  region.Code = "320924"
	jianhu   region.Code = "320925"
	hede     region.Code = "320924100" // 合德镇
	huangjin region.Code = "320924102"
	jinhu    region.Code = "320925001" // 近湖街道
	shanggan region.Code = "320925108" // 上冈镇
	nantong  region.Code = "320600"
	rugao    region.Code = "320682"
	rucheng  region.Code = "320682001"
)

func measures() []ledger.Measure {
	deliveryDims := []string{"theme", "form"}
	return []ledger.Measure{
		{ID: "deliveries", Of: "delivery", Kind: ledger.Flow, Sum: ledger.Facts, Unit: "次", Dims: deliveryDims},
		{ID: "people", Of: "delivery", Kind: ledger.Flow, Sum: ledger.Quantity, Unit: "人次", Dims: deliveryDims},
		{ID: "money", Of: "delivery", Kind: ledger.Flow, Sum: ledger.Amount, Unit: "元", Dims: deliveryDims},
		{ID: "monthly", Of: "delivery", Kind: ledger.Mean, Sum: ledger.Quantity, Unit: "人次", Dims: deliveryDims},
		{ID: "enterprises", Of: "delivery", Kind: ledger.Distinct, Who: "enterprise", Unit: "户", Dims: deliveryDims},
		{ID: "institutions", Of: "delivery", Kind: ledger.Distinct, Who: "institution", Unit: "家", Dims: deliveryDims},
		{ID: "funds", Of: "fund", Kind: ledger.Level, Sum: ledger.Facts, Unit: "家", Dims: []string{"type"}},
		{ID: "fund.capital", Of: "fund", Kind: ledger.Level, Sum: ledger.Amount, Unit: "元", Dims: []string{"type"}},
	}
}

// world is one ledger over a database of its own.
type world struct {
	t   *testing.T
	ctx context.Context
	db  *db.DB
	*ledger.Ledger
	other *ledger.Ledger // of another process, in the model test
}

func newWorld(t *testing.T, source string) *world {
	t.Helper()
	clock := func() time.Time { return time.Date(2009, 1, 5, 3, 0, 0, 0, time.UTC) }
	d, err := db.Open(t.Context(), source, db.Options{Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := d.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	l, err := ledger.New(d, "yancheng", measures())
	if err != nil {
		t.Fatal(err)
	}
	return &world{t: t, ctx: t.Context(), db: d, Ledger: l}
}

func (w *world) write(fn func(ctx context.Context, tx *db.Tx) error) {
	w.t.Helper()
	if err := w.db.Write(w.ctx, fn); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) post(facts ...ledger.Fact) (ids []int64) {
	w.t.Helper()
	w.write(func(ctx context.Context, tx *db.Tx) (err error) {
		ids, err = w.Post(ctx, tx, facts...)
		return err
	})
	return ids
}

func (w *world) reverse(record string, on ledger.Date) (n int) {
	w.t.Helper()
	w.write(func(ctx context.Context, tx *db.Tx) (err error) {
		n, err = w.Reverse(ctx, tx, ledger.Record{Kind: "delivery", ID: record}, on)
		return err
	})
	return n
}

func (w *world) roll() {
	w.t.Helper()
	if _, err := w.RollAll(w.ctx); err != nil {
		w.t.Fatal(err)
	}
}

// wants checks that a query gives the value now, and still after rolling.
func (w *world) wants(q ledger.Query, want int64) {
	w.t.Helper()
	if got := w.value(q); got != want {
		w.t.Errorf("%s in %s: %d, want %d", q.Measure, q.Region, got, want)
	}
}

func (w *world) value(q ledger.Query) int64 {
	w.t.Helper()
	got, err := w.Value(w.ctx, w.db, q)
	if err != nil {
		w.t.Fatal(err)
	}
	return got
}

// table is a reading as lines "keys value", for comparing whole answers.
func (w *world) table(q ledger.Query) []string {
	w.t.Helper()
	cells, err := w.Read(w.ctx, w.db, q)
	if err != nil {
		w.t.Fatal(err)
	}
	return lines(cells)
}

func lines(cells []ledger.Cell) []string {
	all := []string{}
	for _, c := range cells {
		all = append(all, fmt.Sprintln(c.Keys, c.Value, c.Facts, c.Origin))
	}
	return all
}

// sound checks cells and bitmaps against the facts.
func (w *world) sound() {
	w.t.Helper()
	report, err := w.Verify(w.ctx)
	if err != nil {
		w.t.Fatal(err)
	}
	if !report.OK() {
		w.t.Errorf("%d kept numbers disagree with the facts: %+v", report.Different, report.Differences)
	}
}

// delivered is a delivery to an enterprise, recorded under its number.
func delivered(record string, on ledger.Date, at region.Code, enterprise, theme string) ledger.Fact {
	return ledger.Fact{
		Stream: "delivery", OccurredOn: on, Region: at, Enterprise: enterprise, Institution: "centre",
		Subject: ledger.Subject{Kind: "delivery", ID: record}, Dims: [ledger.Dims]string{theme},
		Quantity: 10, Amount: 5_00, Record: ledger.Record{Kind: "delivery", ID: record},
	}
}

func year(measure string, in region.Code, by ...string) ledger.Query {
	return ledger.Query{Measure: measure, Region: in, From: "2008-01-01", To: "2008-12-31", By: by}
}
