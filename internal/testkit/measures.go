package testkit

import (
	"slices"
	"testing"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/indicator"
	"qiban.dev/qiban/internal/ledger"
)

// Measures are a test's own measures and stand-ins for all others that the
// shipped indicators are computed by, so that a world of indicators needs no
// domain and a domain's new figures no change of other tests.
func Measures(t testing.TB, own ...ledger.Measure) []ledger.Measure {
	t.Helper()
	defs, err := indicator.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	all := append(indicator.Measures(), own...)
	known := func(id string) bool {
		return slices.ContainsFunc(all, func(m ledger.Measure) bool { return m.ID == id })
	}
	dims := map[string][]string{} // by measure, what definitions ask of it
	for _, d := range defs {
		for _, c := range d.Where {
			if c.AtLeast == nil && c.Over == nil && !slices.Contains([]string{"city", "county", "town"}, c.Dim) && !slices.Contains(dims[d.Measure], c.Dim) {
				dims[d.Measure] = append(dims[d.Measure], c.Dim)
			}
		}
		if d.Groups != "" && !slices.Contains(dims[d.Measure], d.Groups) {
			dims[d.Measure] = append(dims[d.Measure], d.Groups)
		}
	}
	add := func(id string, kind ledger.Kind) {
		if id == "" || known(id) {
			return
		}
		m := ledger.Measure{ID: id, Of: id, Kind: kind, Sum: ledger.Facts, Unit: "unit.figure", Dims: dims[id]}
		if kind == ledger.Distinct {
			m.Sum, m.Who = "", authz.Enterprise
			records := m
			records.ID, records.Kind, records.Sum, records.Who = id+".records", ledger.Flow, ledger.Facts, ""
			all = append(all, records)
		}
		all = append(all, m)
	}
	for _, d := range defs {
		kind := map[indicator.Nature]ledger.Kind{indicator.Stock: ledger.Level, indicator.Mean: ledger.Mean}[d.Nature]
		switch {
		case d.Counts():
			kind = ledger.Distinct
		case kind == "" || d.Groups != "":
			kind = ledger.Flow
		}
		add(d.Measure, kind)
		for _, part := range d.Ratio {
			add(part, ledger.Flow)
		}
	}
	return all
}
