package guarantee_test

import (
	"fmt"
	"testing"

	"qiban.dev/qiban/internal/domain/guarantee"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/testkit"
)

// A pool of a million pays a claim of a million: nothing is left, and whoever
// leaves gets nothing. What comes back is shared by what each paid in, and never
// is more paid out than there is.
func TestWhoLeavesAPoolGetsItsPartOfWhatIsLeft(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		ctx, chair := t.Context(), people(w.pool, "会长")
		w.clock = at("2009-12-01", 9)
		paid := []int64{32, 25, 25, 18}
		var all []guarantee.Member
		for i, n := range paid {
			id := w.mill
			if i > 0 {
				id = w.enterprise(fmt.Sprintf("射阳县会员%d有限公司", i), hede)
			}
			number := map[bool]string{true: code(1), false: code(w.n)}[i == 0]
			m, err := w.Join(ctx, chair, w.pool, guarantee.Joining{Number: number, On: "2006-01-10", Paid: n * wan})
			w.must(err)
			if m.Enterprise != string(id) {
				t.Fatalf("%s joined", m.Name)
			}
			all = append(all, m)
		}
		k := w.book(1, w.pool, string(w.mill), "2008-05-10", 100*wan)
		k.Claimed = guarantee.Movement{On: "2009-01-10", Amount: 100 * wan}
		cases, err := w.Conclude(ctx, staff(city), []guarantee.Contract{k})
		w.must(err)
		fund := func() (int64, []guarantee.Member) {
			t.Helper()
			b, err := w.GetGuarantor(ctx, chair, w.pool)
			w.must(err)
			return b.Sums.Fund(), b.Members
		}
		if left, _ := fund(); left != 0 || w.limit(w.pool, guarantee.PoolLimit) != 0 {
			t.Errorf("%d are left, and bear %d", left, w.limit(w.pool, guarantee.PoolLimit))
		}
		m, err := w.Leave(ctx, chair, w.pool, all[3].ID, "2009-12-01", "转行")
		if err != nil || m.Settlement.Payout != 0 {
			t.Errorf("from an empty fund: %+v, %v", m.Settlement, err)
		}
		c := cases[0]
		_, err = w.Recover(ctx, chair, c.ID, c.Version, guarantee.Movement{On: "2009-12-01", Amount: 40 * wan})
		w.must(err)
		if _, err := w.Earn(ctx, chair, w.pool, guarantee.Movement{On: "2009-12-01", Amount: -41 * wan, Words: "办公费用"}); !fault.Is(err, fault.Invalid) {
			t.Errorf("spent more than there is: %v", err)
		}
		_, err = w.Earn(ctx, chair, w.pool, guarantee.Movement{On: "2009-12-01", Amount: 1 * wan, Words: "存款利息"})
		w.must(err)
		left, list := fund() // 41 for shares of 82
		if left != 41*wan {
			t.Errorf("%d are left, want 41", left/wan)
		}
		for _, m := range list {
			if m.Left == "" && m.Settlement.Payout != m.Paid/2 {
				t.Errorf("%s would get %d of its %d", m.Name, m.Settlement.Payout, m.Paid)
			}
		}
		m, err = w.Leave(ctx, chair, w.pool, all[1].ID, "2009-12-01", "转行")
		w.must(err)
		want := guarantee.Settlement{Paid: 25 * wan, Shares: 82 * wan, Fund: 41 * wan, Payout: 125 * wan / 10}
		left, list = fund()
		if m.Settlement != want || left != 285*wan/10 {
			t.Errorf("got %+v, %d left", m.Settlement, left)
		}
		for _, m := range list { // the calculation is kept
			if m.ID == all[1].ID && m.Settlement != want {
				t.Errorf("kept: %+v", m.Settlement)
			}
		}
		if _, err := w.Earn(ctx, people(w.policy, "李建"), w.policy, guarantee.Movement{On: "2009-12-01", Amount: wan, Words: "利息"}); !fault.Is(err, fault.Conflict) {
			t.Errorf("a guarantor that is no pool: %v", err)
		}
	})
}
