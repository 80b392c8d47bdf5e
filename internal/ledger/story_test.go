package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/testkit"
)

func TestAnOfficialOpensOnlyTheRecordsWithinReach(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := newWorld(t, source)
		w.post(
			delivered("d1", "2008-03-05", hede, "huafeng", "finance"),
			delivered("d2", "2008-03-06", jinhu, "jinfeng", "finance"),
			delivered("d3", "2008-03-06", yancheng, "huafeng", "finance"),
		)
		for _, c := range []struct {
			who   string
			scope authz.Scope
			want  []string
		}{
			{"the city", authz.Within(yancheng), []string{"d3", "d2", "d1"}},
			{"Sheyang county", authz.Within(sheyang), []string{"d1"}},
			{"the enterprise Huafeng", authz.Own(authz.Party{Kind: authz.Enterprise, ID: "huafeng"}), []string{"d3", "d1"}},
			{"nobody", authz.Scope{}, nil},
		} {
			list, _, total, err := w.Records(w.ctx, w.db, c.scope, year("deliveries", yancheng), db.Page{})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, line := range list {
				got = append(got, line.Record.ID)
			}
			if diff := cmp.Diff(c.want, got); diff != "" || total != int64(len(c.want)) {
				t.Errorf("%s sees (-want +got), %d in all:\n%s", c.who, total, diff)
			}
		}
	})
}

func TestACellOpensIntoWhatStandsUnderItsKeys(t *testing.T) {
	w := newWorld(t, t.TempDir())
	w.post(
		delivered("d1", "2008-03-05", hede, "huafeng", "finance"),
		delivered("d2", "2008-04-06", yancheng, "jinfeng", "finance"),
		delivered("d3", "2008-04-07", jinhu, "jinfeng", "market"),
	)
	q := year("deliveries", yancheng, "county", "month", "theme")
	cells, err := w.Read(w.ctx, w.db, q)
	if err != nil || len(cells) != 3 {
		t.Fatalf("%v %v, want three cells", cells, err)
	}
	own := q.Narrow(cells[0].Keys) // the city's own row, not the city with its counties
	list, _, _, err := w.Records(w.ctx, w.db, authz.Unbounded("test"), own, db.Page{})
	if err != nil || len(list) != 1 || list[0].Record.ID != "d2" {
		t.Errorf("behind %v stand %v, %v; want d2", cells[0].Keys, list, err)
	}
}

func TestMergedEnterprisesCountAsOneUntilTheyAreParted(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := newWorld(t, source)
		w.post(
			delivered("d1", "2008-03-05", hede, "huafeng", "finance"),
			delivered("d2", "2008-03-06", hede, "huafeng-old", "finance"),
			delivered("d3", "2008-03-07", hede, "huafeng-older", "finance"),
		)
		w.roll()
		w.wants(year("enterprises", yancheng), 3)
		merge := func(from, to string) error {
			return w.db.Write(w.ctx, func(ctx context.Context, tx *db.Tx) error {
				return w.Merge(ctx, tx, authz.Enterprise, from, to)
			})
		}
		if err := errors.Join(merge("huafeng-older", "huafeng-old"), merge("huafeng-old", "huafeng")); err != nil {
			t.Fatal(err)
		}
		w.wants(year("enterprises", yancheng), 1)
		if err := merge("huafeng", "huafeng-older"); !fault.Is(err, fault.Conflict) {
			t.Errorf("merging in a circle: %v, want a conflict", err)
		}
		w.write(func(ctx context.Context, tx *db.Tx) error {
			return w.Unmerge(ctx, tx, authz.Enterprise, "huafeng-old", "huafeng")
		})
		w.wants(year("enterprises", yancheng), 2)
		w.sound()
	})
}

func TestAFactTakenBackByTwoAtOnceIsTakenBackOnce(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := newWorld(t, source)
		id := w.post(delivered("d1", "2008-03-05", hede, "huafeng", "finance"))[0]
		var all sync.WaitGroup
		errs := make([]error, 4)
		for i := range errs {
			all.Go(func() {
				errs[i] = w.db.Write(w.ctx, func(ctx context.Context, tx *db.Tx) error { return w.ReverseFact(ctx, tx, id) })
			})
		}
		all.Wait()
		done := 0
		for _, err := range errs {
			switch {
			case err == nil:
				done++
			case !fault.Is(err, fault.Conflict) && !fault.Is(err, fault.Stale):
				t.Error(err)
			}
		}
		if done != 1 {
			t.Errorf("taken back %d times, want once: %v", done, errs)
		}
		w.wants(year("deliveries", yancheng), 0)
	})
}

func TestANewCountOfAnOldStreamIsExactBeforeAndAfterRebuild(t *testing.T) {
	w := newWorld(t, t.TempDir())
	w.post(
		delivered("d1", "2008-03-05", hede, "huafeng", "finance"),
		delivered("d2", "2008-03-06", hede, "huafeng", "finance"),
	)
	w.roll()
	more := append(measures(), ledger.Measure{
		ID: "subjects", Of: "delivery", Kind: ledger.Distinct, Who: "subject", Unit: "次", Dims: []string{"theme", "form"},
	})
	l, err := ledger.New(w.db, "yancheng", more)
	if err != nil {
		t.Fatal(err)
	}
	w.Ledger = l
	w.wants(year("subjects", yancheng), 2)
	w.post(delivered("d3", "2008-03-06", hede, "huafeng", "finance"))
	w.roll()
	w.wants(year("subjects", yancheng), 3)
	var heard []string
	if err := w.Rebuild(w.ctx, func(done, total int64) { heard = append(heard, fmt.Sprint(done, "/", total)) }); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"1/1"}, heard); diff != "" {
		t.Errorf("progress (-want +got):\n%s", diff)
	}
	w.post(delivered("d4", "2008-05-06", hede, "huafeng", "finance"))
	w.roll()
	w.wants(year("subjects", yancheng), 4)
	w.sound()
}

func TestVerifyTellsADamagedCellAndRebuildMendsIt(t *testing.T) {
	w := newWorld(t, t.TempDir())
	w.post(delivered("d1", "2008-03-05", hede, "huafeng", "finance"))
	w.roll()
	w.write(func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, "UPDATE ledger_cell SET n = 7 WHERE grain = 'town'")
		if err == nil {
			_, err = tx.Exec(ctx, "DELETE FROM ledger_bitmap WHERE grain = 'county' AND who = 'enterprise'")
		}
		return err
	})
	report, err := w.Verify(w.ctx)
	if err != nil || report.Different != 2 {
		t.Fatalf("%+v %v, want the cell and the bitmap told", report, err)
	}
	if err := w.Rebuild(w.ctx, nil); err != nil {
		t.Fatal(err)
	}
	w.sound()
}

func TestASealedValueStaysWhileLateFactsMoveTheCurrentOne(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := newWorld(t, source)
		w.post(delivered("d1", "2008-03-05", hede, "huafeng", "finance"))
		seal := func(value *float64) {
			t.Helper()
			w.write(func(ctx context.Context, tx *db.Tx) error {
				_, err := w.Seal(ctx, tx, ledger.Seal{Period: "2008", Region: sheyang, Figure: "E1", Value: value, Definition: 3})
				return err
			})
		}
		seal(new(1.0))
		w.post(delivered("d2", "2008-12-31", hede, "jinfeng", "finance"))
		w.wants(year("deliveries", sheyang), 2)
		sealed, err := w.Sealed(w.ctx, w.db, "2008", yancheng)
		if err != nil || len(sealed) != 1 || *sealed[0].Value != 1 || sealed[0].Position != 1 || sealed[0].Issue != 1 {
			t.Fatalf("sealed %+v %v, want 1 as of fact 1", sealed, err)
		}
		seal(new(2.0))
		seal(nil) // withdrawn: no data
		sealed, err = w.Sealed(w.ctx, w.db, "2008", yancheng)
		if err != nil || len(sealed) != 1 || sealed[0].Value != nil || sealed[0].Issue != 3 {
			t.Fatalf("issued again %+v %v, want the third issue without data", sealed, err)
		}
		all, err := w.Issues(w.ctx, w.db, "2008", sheyang, "E1")
		if err != nil || len(all) != 3 || *all[1].Value != 2 {
			t.Errorf("issues %+v %v, want all three", all, err)
		}
	})
}

func TestQuestionsThatMakeNoSenseAreRefusedByField(t *testing.T) {
	w := newWorld(t, t.TempDir())
	bound := int64(1)
	for name, change := range map[string]func(*ledger.Query){
		"measure": func(q *ledger.Query) { q.Measure = "nonsense" },
		"region":  func(q *ledger.Query) { q.Region = "" },
		"period":  func(q *ledger.Query) { q.To = "2008-02-30" },
		"source":  func(q *ledger.Query) { q.Source = ledger.Mixed },
		"tree":    func(q *ledger.Query) { q.Tree = "tomorrow" },
		"where":   func(q *ledger.Query) { q.Where = []ledger.Cond{{Dim: "amount", AtLeast: &bound}} }, // no level
		"by":      func(q *ledger.Query) { q.By = []string{"county", "town"} },
	} {
		q := year("deliveries", yancheng)
		change(&q)
		_, err := w.Read(w.ctx, w.db, q)
		var e *fault.Error
		if !errors.As(err, &e) || e.Kind != fault.Invalid || !fault.Fields(e.Fields).Has(name) {
			t.Errorf("a bad %s: %v", name, err)
		}
	}
}

func TestTheLedgerRefusesMeasuresThatContradict(t *testing.T) {
	good := ledger.Measure{ID: "a", Of: "s", Kind: ledger.Flow, Sum: ledger.Facts, Unit: "户", Dims: []string{"theme"}}
	with := func(change func(*ledger.Measure)) []ledger.Measure {
		other := good
		other.ID = "b"
		change(&other)
		return []ledger.Measure{good, other}
	}
	for name, list := range map[string][]ledger.Measure{
		"the same id":      with(func(m *ledger.Measure) { m.ID = "a" }),
		"other dimensions": with(func(m *ledger.Measure) { m.Dims = []string{"form"} }),
		"five dimensions":  with(func(m *ledger.Measure) { m.Of, m.Dims = "t", []string{"1", "2", "3", "4", "5"} }),
		"a reserved word":  with(func(m *ledger.Measure) { m.Of, m.Dims = "t", []string{"county"} }),
		"nobody to count":  with(func(m *ledger.Measure) { m.Kind = ledger.Distinct }),
	} {
		if _, err := ledger.New(nil, "test", list); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
	if _, err := ledger.New(nil, "test", with(func(*ledger.Measure) {})); err != nil {
		t.Error(err)
	}
}

func TestWhatAProcessRemembersIsWhatTheOthersRolled(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := newWorld(t, source)
		other, err := ledger.New(w.db, "yancheng", measures())
		if err != nil {
			t.Fatal(err)
		}
		agree := func(want int64) {
			t.Helper()
			for _, l := range []*ledger.Ledger{w.Ledger, other, w.Ledger, other} {
				got, err := l.Value(w.ctx, w.db, year("enterprises", yancheng))
				if err != nil || got != want {
					t.Errorf("%d %v, want %d", got, err, want)
				}
			}
		}
		w.post(delivered("d1", "2008-03-05", hede, "huafeng", "finance"))
		w.roll()
		agree(1)
		w.post(delivered("d2", "2008-03-06", hede, "jinfeng", "finance"))
		if _, err := other.Roll(w.ctx); err != nil {
			t.Fatal(err)
		}
		agree(2)
		undone := errors.New("undone")
		if err := w.db.Write(w.ctx, func(ctx context.Context, tx *db.Tx) error {
			// an import that is undone: what it rolled was read, and must not be remembered
			facts := make([]ledger.Fact, 300)
			for i := range facts {
				facts[i] = delivered(fmt.Sprint("u", i), "2008-03-07", hede, fmt.Sprint("undone", i), "finance")
			}
			if _, err := w.Post(ctx, tx, facts...); err != nil {
				return err
			}
			if got, err := w.Value(ctx, tx, year("enterprises", yancheng)); err != nil || got != 302 {
				t.Errorf("in the change itself: %d %v, want 302", got, err)
			}
			return undone
		}); !errors.Is(err, undone) {
			t.Fatal(err)
		}
		agree(2)
		w.post(delivered("d3", "2008-03-08", hede, "rongda", "finance"))
		w.roll()
		agree(3)
		w.reverse("d1", "")
		agree(2)
		w.roll()
		agree(2)
		w.sound()
	})
}
