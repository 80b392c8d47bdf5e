package recognition_test

import (
	"context"
	"testing"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/recognition"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/ledger"
)

// A park's own record takes down what was decided elsewhere; it is among the
// titles and counted from then on, and what is taken away is so in both.
func TestATitleThatWasGivenElsewhereIsOnFile(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		act := func(fn func(ctx context.Context, tx *db.Tx, c gate.Change) ([]recognition.Award, error)) (all []recognition.Award, err error) {
			err = w.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
				all, err = fn(ctx, tx, gate.Change{By: official(city), Do: recognition.Decide, On: authz.At(city)})
				return err
			})
			return all, err
		}
		record := func(from, to string) ([]recognition.Award, error) {
			return act(func(ctx context.Context, tx *db.Tx, c gate.Change) ([]recognition.Award, error) {
				return w.Record(ctx, tx, c, recognition.Award{
					Title: "park.a", Subject: w.parks["p1"], Office: city, From: from, To: to, Document: "盐中小企〔2005〕2号",
				})
			})
		}
		end := func(day string) ([]recognition.Award, error) {
			return act(func(ctx context.Context, tx *db.Tx, c gate.Change) ([]recognition.Award, error) {
				return w.TakeBack(ctx, tx, c, recognition.Award{Title: "park.a", Subject: w.parks["p1"]}, day, "抽查未达标准")
			})
		}
		count := func(day string, want int64) {
			t.Helper()
			n, err := w.ledger.Value(ctx, w.db, ledger.Query{Measure: "recognition.awards", Region: city, To: ledger.Date(day)})
			if err != nil || n != want {
				t.Errorf("on %s there are %d titles (%v), want %d", day, n, err, want)
			}
		}

		for what, day := range map[string][2]string{
			"a future day": {"2008-06-03", ""}, "before there was the park": {"2000-01-01", ""}, "backwards": {"2005-01-01", "2004-01-01"}, "no day": {"", ""},
		} {
			if _, err := record(day[0], day[1]); !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v", what, err)
			}
		}
		all, err := record("2005-03-01", "")
		ok(t, err)
		if len(all) != 1 || all[0].Grade != "A" || all[0].Application != "" || all[0].State != recognition.Valid {
			t.Fatalf("on file: %+v", all)
		}
		if _, err := record("2005-03-01", ""); !fault.Is(err, fault.Invalid) {
			t.Errorf("the same twice: %v", err)
		}
		all, err = record("2002-01-01", "2003-01-01") // an older one, found in a drawer
		ok(t, err)
		if len(all) != 2 || all[0].State != recognition.Expired || all[1].To != "" {
			t.Fatalf("with the older: %+v", all)
		}
		all, err = record("2008-03-01", "2011-03-01") // given anew
		ok(t, err)
		if len(all) != 3 || all[1].To != "2008-03-01" || all[1].State != recognition.Expired {
			t.Fatalf("renewed: %+v", all)
		}
		count("2002-06-01", 1)
		count("2004-06-01", 0)
		count("2008-06-01", 1)

		if _, err := end("2008-06-03"); !fault.Is(err, fault.Invalid) {
			t.Errorf("taken away tomorrow: %v", err)
		}
		if _, err := end("2004-06-01"); !fault.Is(err, fault.Conflict) {
			t.Errorf("taken away when it held none: %v", err)
		}
		all, err = end("2008-05-01")
		ok(t, err)
		if all[2].State != recognition.Revoked || all[2].To != "2008-05-01" {
			t.Errorf("taken away: %+v", all[2])
		}
		count("2008-06-01", 0)
		count("2008-04-30", 1)
	})
}
