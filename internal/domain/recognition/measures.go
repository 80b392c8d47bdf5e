package recognition

import (
	"context"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/ledger"
)

// streamAward is which titles there are: a level of one award, 1 from the day it
// holds and 0 from the day it no longer does.
const streamAward = "recognition.award"

// Measures are the awards that hold at a date, by title, grade and kind of subject.
func Measures() []ledger.Measure {
	return []ledger.Measure{{
		ID: "recognition.awards", Of: streamAward, Kind: ledger.Level, Sum: ledger.Facts, Unit: "unit.award",
		Dims: []string{"title", "grade", "subject"},
	}}
}

// count tells the ledger all there is to say of an award: that it holds from its
// first day, under another grade since it was downgraded, and no longer from its
// last.
func (s *Service) count(ctx context.Context, tx *db.Tx, w *Award) error {
	var facts []ledger.Fact
	fact := func(day, grade string, n int64) {
		facts = append(facts, ledger.Fact{
			Stream: streamAward, OccurredOn: ledger.Date(day), Region: w.Region,
			Subject: ledger.Subject{Kind: KindAward, ID: w.ID}, Institution: institutionOf(w),
			Dims: [ledger.Dims]string{w.Title, grade, w.Kind}, Quantity: n,
		})
	}
	spans := w.Spans()
	for _, s := range spans {
		fact(s.From, s.Grade, 1)
	}
	if len(spans) > 0 && w.To != "" {
		fact(w.To, w.Grade, 0)
	}
	return s.ledger.Restate(ctx, tx, ledger.Record{Kind: KindAward, ID: w.ID}, facts...)
}

func institutionOf(w *Award) string {
	if w.Party.Kind == "institution" {
		return w.Party.ID
	}
	return ""
}
