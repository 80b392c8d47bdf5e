package indicator

import "qiban.dev/qiban/internal/ledger"

// The streams of facts this domain writes.
const (
	reportedStream = "indicator.reported"
	targetStream   = "indicator.target"
)

// Measures are how accepted returns and targets are counted: both carry the
// indicator's id as their dimension and the value, in its smallest unit, as
// quantity.
func Measures() []ledger.Measure {
	return []ledger.Measure{
		{ID: reportedStream, Of: reportedStream, Kind: ledger.Flow, Sum: ledger.Quantity, Unit: "unit.figure", Dims: []string{"indicator"}},
		{ID: targetStream, Of: targetStream, Kind: ledger.Flow, Sum: ledger.Quantity, Unit: "unit.figure", Dims: []string{"indicator"}},
	}
}
