package ledger_test

import (
	"context"
	"testing"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/testkit"
)

// What stands for a record is told anew: only what differs moves.
func TestRestate(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := newWorld(t, source)
		of := ledger.Record{Kind: "fund", ID: "one"}
		fund := func(at region.Code, day ledger.Date, amount int64) ledger.Fact {
			return ledger.Fact{Stream: "fund", OccurredOn: day, Region: at, Subject: ledger.Subject(of), Quantity: 1, Amount: amount}
		}
		restate := func(facts ...ledger.Fact) (n int) {
			t.Helper()
			before := written(w)
			w.write(func(ctx context.Context, tx *db.Tx) error { return w.Restate(ctx, tx, of, facts...) })
			return written(w) - before
		}
		is := func(day ledger.Date, want int64) {
			t.Helper()
			got, err := w.Value(w.ctx, w.db, ledger.Query{Measure: "fund.capital", Region: yancheng, To: day})
			if err != nil || got != want {
				t.Errorf("on %s the capital is %d (%v), want %d", day, got, err, want)
			}
		}
		if n := restate(fund(hede, "2007-01-01", 10), fund(hede, "2008-01-01", 20)); n != 2 {
			t.Errorf("the first telling wrote %d facts, want 2", n)
		}
		if n := restate(fund(huangjin, "2007-01-01", 10), fund(huangjin, "2008-01-01", 20)); n != 0 {
			t.Errorf("the same from another place wrote %d facts, want none", n)
		}
		if n := restate(fund(hede, "2007-01-01", 10), fund(hede, "2008-03-01", 20), fund(hede, "2009-01-01", 30)); n != 3 {
			t.Errorf("one taken back and two new ones wrote %d facts, want 3", n)
		}
		is("2008-02-01", 10)
		is("2008-12-31", 20)
		is("2009-01-02", 30)
		if n := restate(); n != 3 {
			t.Errorf("telling nothing wrote %d facts, want the 3 that stood taken back", n)
		}
		is("2009-01-02", 0)
	})
}

func written(w *world) int {
	w.t.Helper()
	var n int
	if err := w.db.Get(w.ctx, &n, `SELECT COUNT(*) FROM ledger_fact`); err != nil {
		w.t.Fatal(err)
	}
	return n
}
