package ledger_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/testkit"
)

func TestASecondDeliveryIsAnotherDeliveryButNotAnotherEnterprise(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := newWorld(t, source)
		w.post(delivered("d1", "2008-03-05", hede, "huafeng", "finance"))
		w.wants(year("deliveries", yancheng), 1)
		w.wants(year("enterprises", yancheng), 1)

		w.post(delivered("d2", "2008-07-01", hede, "huafeng", "market"))
		for _, when := range []string{"in the tail", "rolled"} {
			t.Log(when)
			w.wants(year("deliveries", yancheng), 2)
			w.wants(year("people", yancheng), 20)
			w.wants(year("money", yancheng), 10_00)
			w.wants(year("enterprises", yancheng), 1)
			w.wants(year("deliveries", nantong), 0)
			w.roll()
		}
		w.sound()
	})
}

func TestPartsMayExceedTheWholeAndTheCityHasARowOfItsOwn(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := newWorld(t, source)
		w.post(
			delivered("d1", "2008-03-05", hede, "huafeng", "finance"),
			delivered("d2", "2008-04-05", jinhu, "huafeng", "finance"), // also served in Jianhu
			delivered("d3", "2008-05-05", yancheng, "huafeng", "market"),
			delivered("d4", "2008-05-06", yancheng, "jinfeng", "market"), // by the city's own centre
		)
		want := []string{
			"[320900] 2 0 computed\n", // 本级
			"[320924] 1 0 computed\n",
			"[320925] 1 0 computed\n",
		}
		for range 2 {
			w.wants(year("enterprises", yancheng), 2)
			if diff := cmp.Diff(want, w.table(year("enterprises", yancheng, "county"))); diff != "" {
				t.Errorf("by county (-want +got):\n%s", diff)
			}
			w.roll()
		}
	})
}

func TestALateFactMovesTheCurrentValueOfItsOwnMonth(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := newWorld(t, source)
		w.post(delivered("d1", "2008-03-05", hede, "huafeng", "finance"))
		w.roll()
		w.post(delivered("d2", "2008-03-31", hede, "jinfeng", "finance")) // told in January 2009
		for range 2 {
			want := []string{"[2008-03] 2 2 computed\n"}
			if diff := cmp.Diff(want, w.table(year("deliveries", sheyang, "month"))); diff != "" {
				t.Errorf("by month (-want +got):\n%s", diff)
			}
			w.wants(year("enterprises", sheyang), 2)
			w.roll()
		}
		w.sound()
	})
}

func TestWhatIsTakenBackNeverCounted(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := newWorld(t, source)
		w.post(delivered("d1", "2008-03-05", hede, "huafeng", "finance"))
		w.post(delivered("d2", "2008-03-06", hede, "jinfeng", "finance"))
		w.roll()
		if n := w.reverse("d1", ""); n != 1 {
			t.Fatalf("took back %d facts, want 1", n)
		}
		if n := w.reverse("d1", ""); n != 0 {
			t.Fatalf("took back %d facts again, want none", n)
		}
		for range 2 {
			w.wants(year("deliveries", yancheng), 1)
			w.wants(year("people", yancheng), 10)
			w.wants(year("enterprises", yancheng), 1)
			w.wants(year("enterprises", hede), 1)
			list, _, total, err := w.Records(w.ctx, w.db, authz.Unbounded("test"), year("enterprises", yancheng), db.Page{})
			if err != nil || total != 1 || len(list) != 1 || list[0].Record.ID != "d2" {
				t.Errorf("behind it stand %v (%d), %v; want d2", list, total, err)
			}
			w.roll()
		}
		w.sound()
	})
}

func TestALevelIsTheNewestValueOfEachFundOnTheDay(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := newWorld(t, source)
		fund := func(id string, on ledger.Date, kind string, yuan int64) ledger.Fact {
			return ledger.Fact{
				Stream: "fund", OccurredOn: on, Region: sheyang, Subject: ledger.Subject{Kind: "fund", ID: id}, Quantity: 1,
				Amount: yuan * 100, Dims: [ledger.Dims]string{kind}, Record: ledger.Record{Kind: "fund", ID: id},
			}
		}
		w.post(
			fund("a", "2007-05-01", "policy", 30_000_000),
			fund("a", "2008-06-01", "policy", 50_000_000),
			fund("b", "2008-02-01", "mutual", 1_000_000),
			fund("c", "2008-03-01", "policy", 120_000_000),
		)
		closed := fund("c", "2008-11-01", "policy", 0)
		closed.Quantity = 0
		w.post(closed)

		fifty, hundred := int64(50_000_000_00), int64(100_000_000_00)
		big := year("funds", yancheng)
		big.Where = []ledger.Cond{{Dim: "type", In: []string{"policy"}}, {Dim: "amount", AtLeast: &fifty}}
		w.wants(big, 1) // a; c has closed
		big.To = "2008-10-31"
		w.wants(big, 2)
		big.Where[1] = ledger.Cond{Dim: "amount", Over: &hundred}
		w.wants(big, 1)
		w.wants(year("fund.capital", yancheng), 51_000_000_00)

		series := year("funds", yancheng, "year")
		series.From = "2006-01-01"
		if diff := cmp.Diff([]string{"[2007] 1 1 computed\n", "[2008] 2 2 computed\n"}, w.table(series)); diff != "" {
			t.Errorf("by year (-want +got):\n%s", diff)
		}
	})
}
