package indicator_test

import (
	"testing"

	"qiban.dev/qiban/internal/domain/indicator"
	"qiban.dev/qiban/internal/ledger"
)

// What is cumulative counts from the first record on: a year adds to the years
// before it, and an enterprise that comes again is not counted again.
func TestCumulativeFiguresCountSinceTheBeginning(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for id, d := range map[string]indicator.Definition{
			"X1": {Unit: "项", Measure: "engagement.deliveries", Where: []ledger.Cond{{Dim: "theme", In: []string{"markets"}}}},
			"X2": {Unit: "家", Measure: "engagement.enterprises", Different: true},
		} {
			d.ID, d.Name, d.Nature, d.From = id, [2]string{"累计" + id, "Since the beginning " + id}, indicator.Cumulative, 2000
			if err := w.Redefine(t.Context(), official("xu", yancheng), yancheng, d); err != nil {
				t.Fatal(err)
			}
		}
		w.delivered(hede, "mill", "markets", "2006-05-04", "2007-03-02")
		w.delivered(hede, "mill", "markets", "2008-02-01")
		w.delivered("320925101", "mill", "markets", "2008-02-02") // the same enterprise, served in another county
		w.delivered("320925101", "forge", "financing", "2008-12-31")
		w.delivered("320925101", "forge", "markets", "2009-01-01") // after the year

		services := w.figure(yancheng, 2008, "X1")
		w.is(services, 4, ledger.Computed)
		if services.Previous == nil || *services.Previous != 2 {
			t.Errorf("up to 2007 there were %v, want 2", value(services.Previous))
		}
		w.is(w.figure(sheyang, 2008, "X1"), 3, ledger.Computed)

		served := w.figure(yancheng, 2008, "X2")
		w.is(served, 2, ledger.Computed)
		if !served.Overlap {
			t.Error("the mill counts in two counties: the parts do not add up, and the figure says so")
		}
		w.is(w.figure(jianhu, 2008, "X2"), 2, ledger.Computed)

		b, err := w.Behind(t.Context(), official("xu", yancheng), yancheng, 2008, "X1", "")
		if err != nil || !b.Agrees() || b.Records != 4 {
			t.Errorf("behind the figure are %d records adding up to %v (%v), want all 4 since 2006", b.Records, value(b.Sum), err)
		}
		b, err = w.Behind(t.Context(), official("xu", yancheng), yancheng, 2008, "X2", "")
		if err != nil || !b.Agrees() || b.Records != 5 {
			t.Errorf("behind the enterprises are %d records (%v of %v, %v)", b.Records, value(b.Sum), value(b.Figure.Exact), err)
		}
		months, err := w.Breakdown(t.Context(), yancheng, 2008, "X1", "year")
		if err != nil || len(months) != 3 || months[2].Value != 2 {
			t.Errorf("by year: %+v (%v)", months, err)
		}
	})
}
