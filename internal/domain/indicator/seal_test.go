package indicator_test

import (
	"context"
	"testing"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/indicator"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
)

// posted reports a value as an accepted return does, for an indicator that no
// return asks for any more.
func (w *world) posted(office region.Code, id string, quantity int64) func(context.Context, *db.Tx) error {
	return func(ctx context.Context, tx *db.Tx) error {
		f := ledger.Fact{
			Stream: "indicator.reported", OccurredOn: "2008-12-31", Region: office, Reported: true,
			Quantity: quantity, Record: ledger.Record{Kind: indicator.SheetKind, ID: db.NewID()},
		}
		f.Dims[0] = id
		_, err := w.ledger.Post(ctx, tx, f)
		return err
	}
}

func definition(t *testing.T, id string) indicator.Definition {
	t.Helper()
	defs, err := indicator.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range defs {
		if d.ID == id {
			return d
		}
	}
	t.Fatalf("no definition of %s", id)
	return indicator.Definition{}
}

func TestASettledYearKeepsItsValuesWhileRecordsGoOn(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		city := official("xu", yancheng)
		sheet := w.accepted(sheyang, 2008, map[string]float64{"P3": 100})
		w.delivered(hede, "e1", "finance", "2008-03-02")
		_, err := w.SealYear(t.Context(), official("wang", sheyang), yancheng, 2008, "")
		wants(t, err, fault.Denied)
		_, err = w.SealYear(t.Context(), city, yancheng, 2009, "")
		wants(t, err, fault.Conflict)
		if n, err := w.SealYear(t.Context(), city, yancheng, 2008, ""); err != nil || n == 0 {
			t.Fatalf("%d figures settled: %v", n, err)
		}
		w.delivered(hede, "e2", "finance", "2008-12-30")
		settled, err := w.SettledFigures(t.Context(), yancheng, 2008)
		if err != nil || *settled["E3"].Value != 1 || settled["E3"].Issue != 1 {
			t.Errorf("settled is %+v (%v), want the value of that day", settled["E3"], err)
		}
		w.is(w.figure(yancheng, 2008, "E3"), 2, ledger.Computed)
		wants(t, w.Advance(t.Context(), city, sheet.ID, sheet.Version, indicator.Reopen, "改"), fault.Conflict)
		wants(t, w.SetTarget(t.Context(), city, yancheng, 2008, "M9", 1000, "文件"), fault.Conflict)
	})
}

func TestATargetIsSetWithItsDocumentAndReplaced(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		city := official("xu", yancheng)
		wants(t, w.SetTarget(t.Context(), city, yancheng, 2009, "P3", -1, ""), fault.Invalid)
		wants(t, w.SetTarget(t.Context(), official("wang", sheyang), yancheng, 2009, "M9", 1, "文件"), fault.Denied)
		for _, v := range []float64{900, 1000} {
			if err := w.SetTarget(t.Context(), city, yancheng, 2009, "M9", v, "盐政发〔2009〕1号"); err != nil {
				t.Fatal(err)
			}
		}
		f := w.figure(yancheng, 2009, "M9")
		w.is(f, 1000, ledger.Set)
		if !f.Target || f.TargetOf != "P3" {
			t.Errorf("the target is %+v", f)
		}
		goals, err := w.Goals(t.Context(), yancheng, 2009)
		if err != nil || goals["M9"].Value != 1000 || goals["M9"].Document != "盐政发〔2009〕1号" {
			t.Errorf("the goals are %+v (%v)", goals, err)
		}
	})
}
