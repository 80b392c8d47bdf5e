package indicator_test

import (
	"slices"
	"testing"

	"qiban.dev/qiban/internal/domain/indicator"
	"qiban.dev/qiban/internal/ledger"
)

func TestChecksFindWhatAPersonShouldLookAt(t *testing.T) {
	defs, err := indicator.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	v := func(n float64) *float64 { return &n }
	sound := func() []ledger.Figure {
		return []ledger.Figure{
			{ID: "P1", Value: v(113), Exact: v(113), Origin: ledger.Computed, Growth: v(12)},
			{
				ID: "T3", Value: v(113), Exact: v(113), Origin: ledger.Reported, Growth: v(12),
				Parts: []ledger.Part{{Region: sheyang, Value: v(100)}, {Region: yancheng, Own: true, Value: v(13)}},
			},
			{ID: "P5", Of: "P1", Value: v(48), Exact: v(48)},
			{ID: "T7", Value: v(360), Exact: v(357)},
			{ID: "G7", Value: v(2980), Exact: v(2983)},
			{ID: "I4", Value: v(9), Exact: v(9), Parts: []ledger.Part{{Region: sheyang, Value: v(9)}, {Region: yancheng, Own: true}}},
			{ID: "P3", Value: v(1006), Exact: v(1006)},
			{ID: "M9", Target: true, TargetOf: "P3", Value: v(1000), Exact: v(1000)},
			{ID: "T4"},
		}
	}
	if found := indicator.Checks(sound(), defs); len(found) != 0 {
		t.Fatalf("nothing is wrong, and yet: %+v", found)
	}
	for _, c := range []struct {
		figure       string
		rule         indicator.Rule
		spoil        func(f *ledger.Figure)
		figureSpoilt string
	}{
		{"P5", indicator.PartExceeds, func(f *ledger.Figure) { f.Exact = v(114) }, "P5"},
		{"P1", indicator.FarGrowth, func(f *ledger.Figure) { f.Growth = v(301) }, "P1"},
		{"T3", indicator.NotReported, func(f *ledger.Figure) { f.Parts[0].Value = nil }, "T3"},
		{"G7", indicator.MayDouble, func(f *ledger.Figure) { f.Duplicate = true }, "G7"},
		{"T7", indicator.NearlyExact, func(f *ledger.Figure) { f.Value = v(357) }, "T7"},
		{"M9", indicator.NoActual, func(f *ledger.Figure) { f.Exact = nil }, "P3"},
	} {
		figures := sound()
		c.spoil(&figures[slices.IndexFunc(figures, func(f ledger.Figure) bool { return f.ID == c.figureSpoilt })])
		found := indicator.Checks(figures, defs)
		if len(found) != 1 || found[0].Figure != c.figure || found[0].Rule != c.rule {
			t.Errorf("%s spoilt: found %+v, want %s of %s", c.figureSpoilt, found, c.rule, c.figure)
		}
	}
}
