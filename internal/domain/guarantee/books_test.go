package guarantee_test

import (
	"fmt"
	"testing"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/guarantee"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/testkit"
)

// book is a contract of a year ago or so, lent at once.
func (w *world) book(n int, g institution.ID, client string, day string, fen int64) guarantee.Contract {
	return guarantee.Contract{
		Guarantor: g, Bank: w.bank, Enterprise: client, Purpose: "流动资金",
		Deal: guarantee.Deal{Number: fmt.Sprintf("射担-%03d", n), On: day, Until: "2009-06-30", Amount: fen, Fee: 150},
		Loan: guarantee.Loan{On: day, Amount: fen},
	}
}

// said is every figure of guarantees that a year publishes.
func (w *world) said(year string) map[string]int64 {
	w.t.Helper()
	figures := map[string]int64{}
	for _, m := range guarantee.Measures() {
		q := ledger.Query{Measure: m.ID, Region: city, From: ledger.Date(year + "-01-01"), To: ledger.Date(year + "-12-31")}
		v, err := w.ledger.Value(w.t.Context(), w.db, q)
		w.must(err)
		figures[m.ID] = v
	}
	return figures
}

// The chapter's figures follow from contracts: the amount of the year (G5), of
// it that of mutual pools (G4), the growth (G6), enterprises once each (G7).
// One contract undone changes these accordingly, and nothing else.
func TestUndoingOneContractChangesItsFiguresAndNothingElse(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		ctx := t.Context()
		w.clock = at("2008-12-20", 9)
		mill, inn := string(w.mill), string(w.inn)
		_, err := w.Conclude(ctx, staff(city), []guarantee.Contract{
			w.book(1, w.policy, mill, "2007-05-10", 300*wan),
			w.book(2, w.policy, mill, "2008-05-10", 200*wan),
			w.book(3, w.policy, inn, "2008-06-10", 150*wan),
		})
		w.must(err)
		other, err := w.Conclude(ctx, staff(city), []guarantee.Contract{w.book(4, w.pool, mill, "2008-07-10", 40*wan)})
		w.must(err)
		before := w.said("2008")
		mutual := ledger.Cond{Dim: "type", In: []string{"mutual"}}
		if before["guarantee.amount"] != 390*wan || w.figure("amount", city, mutual) != 40*wan ||
			before["guarantee.enterprises"] != 2 || w.said("2007")["guarantee.amount"] != 300*wan {
			t.Fatalf("figures of 2008: %v, mutual %d", before, w.figure("amount", city, mutual))
		}
		found, _, err := w.List(ctx, staff(city).Scope(guarantee.See), guarantee.Filter{Text: "射担-003"}, db.Page{})
		w.must(err)
		c := found[0].Case
		_, err = w.Cancel(ctx, people(w.policy, "李建"), c.ID, c.Version, "合同重复登记")
		w.must(err)
		want := before
		want["guarantee.loans"] = 2
		want["guarantee.contracts"], want["guarantee.amount"], want["guarantee.enterprises"] = 2+0, 240*wan, 1
		want["guarantee.outstanding"] -= 150 * wan
		if after := w.said("2008"); fmt.Sprint(after) != fmt.Sprint(want) {
			t.Errorf("after the contract was undone\n got %v\nwant %v", after, want)
		}
		if got := w.said("2007")["guarantee.amount"]; got != 300*wan {
			t.Errorf("the year before changed to %d", got)
		}
		d, err := w.Get(ctx, staff(city), c.ID)
		w.must(err)
		if d.Balance != (guarantee.Balance{}) || len(d.Postings) != 2 || d.Postings[1].Reverses != d.Postings[0].ID {
			t.Errorf("its books: %+v, %+v", d.Balance, d.Postings)
		}
		if len(other) != 1 || other[0].Number != "DB-320924-2008-0003" {
			t.Errorf("numbers of the county and year: %s", other[0].Number)
		}
	})
}

// Every balance is the sum of postings, and the ledger says the same.
func TestBalancesFollowFromPostings(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		ctx, we, bank := t.Context(), people(w.policy, "李建"), people(w.bank, "吴行长")
		c := w.at(guarantee.Signed)
		step := func(next guarantee.Case, err error) {
			t.Helper()
			w.must(err)
			c = next
		}
		step(w.Lend(ctx, bank, c.ID, c.Version, guarantee.Loan{On: "2008-03-03", Amount: 90 * wan}))
		w.clock = at("2008-09-10", 9)
		if _, err := w.Repay(ctx, bank, c.ID, c.Version, guarantee.Movement{On: "2008-09-01", Amount: 91 * wan}); !fault.Is(err, fault.Invalid) {
			t.Errorf("more than is outstanding: %v", err)
		}
		step(w.Repay(ctx, bank, c.ID, c.Version, guarantee.Movement{On: "2008-09-01", Amount: 30 * wan}))
		if _, err := w.Release(ctx, we, c.ID, c.Version); !fault.Is(err, fault.Conflict) {
			t.Errorf("released with 60 outstanding: %v", err)
		}
		for _, fen := range []int64{-1, 0, 61 * wan, 1 << 60} {
			if _, err := w.PayClaim(ctx, we, c.ID, c.Version, guarantee.Movement{On: "2008-09-08", Amount: fen}); !fault.Is(err, fault.Invalid) {
				t.Errorf("a claim of %d: %v", fen, err)
			}
		}
		step(w.PayClaim(ctx, we, c.ID, c.Version, guarantee.Movement{On: "2008-09-08", Amount: 50 * wan}))
		if _, err := w.WriteOff(ctx, we, c.ID, c.Version, "2008-09-09", "还有在保余额"); !fault.Is(err, fault.Conflict) {
			t.Errorf("written off with 10 outstanding: %v", err)
		}
		step(w.PayClaim(ctx, we, c.ID, c.Version, guarantee.Movement{On: "2008-09-09", Amount: 10 * wan}))
		step(w.Recover(ctx, we, c.ID, c.Version, guarantee.Movement{On: "2008-09-10", Amount: 20 * wan}))
		d, err := w.Get(ctx, staff(city), c.ID)
		w.must(err)
		want := guarantee.Balance{Claims: 40 * wan, Repaid: 30 * wan, Paid: 60 * wan, Recovered: 20 * wan}
		if d.Balance != want {
			t.Errorf("got %+v, want %+v", d.Balance, want)
		}
		if got := w.figure("outstanding", city); got != 0 {
			t.Errorf("the ledger has %d outstanding", got)
		}
		for moved, want := range map[string]int64{"repaid": 30 * wan, "unlent": 10 * wan, "claim": 60 * wan, "recovered": 20 * wan} {
			if got := w.figure("moved", city, ledger.Cond{Dim: "moved", In: []string{moved}}); got != want {
				t.Errorf("%s: %d, want %d", moved, got, want)
			}
		}
		step(w.WriteOff(ctx, we, c.ID, c.Version, "2008-09-10", "企业已破产清算"))
		b, err := w.GetGuarantor(ctx, we, w.policy)
		w.must(err)
		if b.Sums.Outstanding != 0 || b.Sums.Claims != 0 || b.Sums.Losses != 40*wan {
			t.Errorf("the guarantor's books: %+v", b.Sums)
		}
	})
}

func TestAPoolRestsOnItsMembers(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		ctx, chair := t.Context(), people(w.pool, "会长")
		if _, err := w.approve(w.pool, w.mill, 10*wan); fmt.Sprint(over(err)) != "[pool stranger]" && fmt.Sprint(over(err)) != "[pool member stranger]" {
			t.Errorf("not a member: %v", err)
		}
		mill, err := w.Join(ctx, chair, w.pool, guarantee.Joining{Number: code(1), On: "2008-03-03", Paid: 5 * wan})
		w.must(err)
		inn, err := w.Join(ctx, chair, w.pool, guarantee.Joining{Number: code(2), On: "2008-03-03", Paid: 10 * wan})
		w.must(err)
		for _, bad := range []guarantee.Joining{{Number: "no such", On: "2008-03-03", Paid: wan}, {Number: code(1), On: "2008-03-04", Paid: wan}, {Number: code(1), On: "2008-03-03", Paid: -wan}} {
			if _, err := w.Join(ctx, chair, w.pool, bad); !fault.Is(err, fault.Invalid) {
				t.Errorf("%+v: %v", bad, err)
			}
		}
		// A member's cap is ten times its share, the pool's line five times all shares.
		if _, err := w.approve(w.pool, w.mill, 51*wan); fmt.Sprint(over(err)) != "[member]" {
			t.Errorf("above ten times its own share: %v", err)
		}
		c, err := w.approve(w.pool, w.mill, 45*wan)
		w.must(err)
		if _, err := w.approve(w.pool, w.inn, 31*wan); fmt.Sprint(over(err)) != "[pool]" {
			t.Errorf("above five times all shares: %v", err)
		}
		if _, err := w.Leave(ctx, chair, w.pool, mill.ID, "2008-03-03", "转行"); !fault.Is(err, fault.Conflict) {
			t.Errorf("left with an open guarantee: %v", err)
		}
		if _, err := w.Leave(ctx, chair, w.pool, inn.ID, "2008-03-03", "转行"); !fault.Is(err, fault.Conflict) {
			t.Errorf("left what the others' shares do not bear: %v", err)
		}
		if _, err := w.Leave(ctx, people(w.policy, "李建"), w.pool, inn.ID, "2008-03-03", "转行"); !fault.Is(err, fault.NotFound) {
			t.Errorf("another guarantor's people: %v", err)
		}
		_, err = w.Withdraw(ctx, owner(w.mill), c.ID, c.Version, "不需要了")
		w.must(err)
		var asked []struct {
			ID      guarantee.ID
			Version int
		}
		w.must(w.db.Select(ctx, &asked, `SELECT id, version FROM guarantee_case WHERE enterprise_id = ? AND state = ?`, string(w.mill), string(guarantee.Reviewed)))
		for _, a := range asked { // those that were above a limit
			_, err = w.Refuse(ctx, chair, a.ID, a.Version, "超过限额")
			w.must(err)
		}
		left, err := w.Leave(ctx, chair, w.pool, mill.ID, "2008-03-03", "转行")
		w.must(err)
		b, err := w.GetGuarantor(ctx, chair, w.pool)
		w.must(err)
		if left.Paid != 0 || b.Sums.Shares != 10*wan || len(b.Members) != 2 {
			t.Errorf("after it left: %+v, shares %d", left, b.Sums.Shares)
		}
	})
}

// Coverage: towns with a guarantor or its outlet, of all towns, by date.
func TestTheNetworkCoversTowns(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		ctx := t.Context()
		system := authz.System("guarantee.towns", guarantee.Count)
		w.must(w.CountTowns(ctx, system, city))
		day := func(measure, on string) int64 {
			t.Helper()
			v, err := w.ledger.Value(ctx, w.db, ledger.Query{Measure: measure, Region: sheyang, To: ledger.Date(on)})
			w.must(err)
			return v
		}
		towns := int64(0)
		for _, p := range w.tree.Under(sheyang, region.Town, "2008-03-03") {
			if p.Township() {
				towns++
			}
		}
		if got := day("guarantee.towns", "2008-03-03"); got != towns || towns < 10 {
			t.Fatalf("%d towns, want %d", got, towns)
		}
		if got := day("guarantee.covered", "2008-03-03"); got != 1 { // the pool sits in 合德
			t.Errorf("%d covered", got)
		}
		g, err := w.GetGuarantor(ctx, staff(city), w.policy)
		w.must(err)
		g.Guarantor, err = w.SetOutlets(ctx, staff(sheyang), w.policy, g.Version, []guarantee.Outlet{{Town: linhai, From: "2006-01-01"}, {Town: hede, From: "2007-01-01"}})
		w.must(err)
		if a, b, c := day("guarantee.covered", "2005-12-31"), day("guarantee.covered", "2006-06-30"), day("guarantee.covered", "2008-03-03"); a != 1 || b != 2 || c != 2 {
			t.Errorf("covered in 2005, 2006, 2008: %d %d %d", a, b, c)
		}
		_, err = w.SetOutlets(ctx, people(w.policy, "李建"), w.policy, g.Version, []guarantee.Outlet{{Town: hede, From: "2007-01-01"}})
		w.must(err)
		w.clock = at("2008-06-03", 9)
		if before, after := day("guarantee.covered", "2008-03-02"), day("guarantee.covered", "2008-03-03"); before != 2 || after != 1 {
			t.Errorf("the outlet closed on 2008-03-03: %d before, %d after", before, after)
		}
		facts := w.facts()
		w.must(w.CountTowns(ctx, system, city))
		if w.facts() != facts {
			t.Errorf("counted again, %d facts were added", w.facts()-facts)
		}
	})
}

// A guarantor says where it can be reached this year, in the towns it is there for;
// the years before are the office's, and nobody's towns are in another county.
func TestAGuarantorAloneMovesNoSettledYear(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		ctx := t.Context()
		own, office, elsewhere := people(w.policy, "李建"), staff(sheyang), w.tree.Under(jianhu, region.Town, "2008-03-03")[0].Code
		_, err := w.SetOutlets(ctx, office, w.policy, 1, []guarantee.Outlet{{Town: hede, From: "2006-01-01"}})
		w.must(err)
		facts := w.facts()
		for name, c := range map[string]struct {
			by    authz.Actor
			towns []guarantee.Outlet
			want  string
		}{
			"a town of another county":                {own, []guarantee.Outlet{{Town: elsewhere, From: "2008-02-01"}}, "outlets.0.town guarantee.field.outside"},
			"a town of another county, by the office": {office, []guarantee.Outlet{{Town: elsewhere, From: "2006-01-01"}}, "outlets.0.town guarantee.field.outside"},
			"a new town in a year gone by":            {own, []guarantee.Outlet{{Town: hede, From: "2006-01-01"}, {Town: linhai, From: "2007-12-31"}}, "outlets.1.from guarantee.field.settled"},
			"an old one earlier":                      {own, []guarantee.Outlet{{Town: hede, From: "2005-01-01"}}, "outlets.0.from guarantee.field.settled"},
			"an old one only now":                     {own, []guarantee.Outlet{{Town: hede, From: "2008-02-01"}}, "outlets.0.from guarantee.field.settled"},
			"an old one closed in a year gone by":     {own, []guarantee.Outlet{{Town: hede, From: "2006-01-01", To: "2007-06-30"}}, "outlets.0.to guarantee.field.settled"},
		} {
			_, err := w.SetOutlets(ctx, c.by, w.policy, 2, c.towns)
			broken := fault.FieldsOf(err)
			if len(broken) != 1 || broken[0].Name+" "+broken[0].Key != c.want {
				t.Errorf("%s: %v, want %s", name, err, c.want)
			}
		}
		if _, err := w.Close(ctx, own, w.policy, 2, "2007-12-31", "停业"); fault.FieldsOf(err)[0].Key != "guarantee.field.settled" {
			t.Errorf("closed in a year gone by: %v", err)
		}
		if w.facts() != facts {
			t.Errorf("what was refused left %d facts", w.facts()-facts)
		}
		g, err := w.SetOutlets(ctx, own, w.policy, 2, []guarantee.Outlet{{Town: hede, From: "2006-01-01"}, {Town: linhai, From: "2008-01-01"}})
		w.must(err)
		g, err = w.SetOutlets(ctx, own, w.policy, g.Version, []guarantee.Outlet{{Town: hede, From: "2006-01-01", To: "2008-01-01"}})
		w.must(err)
		_, err = w.SetOutlets(ctx, office, w.policy, g.Version, []guarantee.Outlet{{Town: hede, From: "2006-01-01", To: "2007-06-30"}})
		w.must(err)
	})
}

// Capital is a level: who had how much on a day.
func TestCapitalIsCountedByDate(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		ctx := t.Context()
		least := 10_000 * wan
		big := func(on string) int64 {
			t.Helper()
			v, err := w.ledger.Value(ctx, w.db, ledger.Query{
				Measure: "guarantee.institutions", Region: city, To: ledger.Date(on),
				Where: []ledger.Cond{{Dim: "type", In: []string{"policy"}}, {Dim: "amount", Over: &least}},
			})
			w.must(err)
			return v
		}
		g, err := w.SetFinance(ctx, staff(city), w.policy, 1, guarantee.Finance{From: "2008-02-01", Registered: least + 1, NetAssets: least, Source: "增资"})
		w.must(err)
		if big("2008-01-31") != 0 || big("2008-02-01") != 1 {
			t.Errorf("above 100 million: %d before, %d after", big("2008-01-31"), big("2008-02-01"))
		}
		g, err = w.SetFinance(ctx, staff(city), w.policy, g.Version, guarantee.Finance{From: "2008-02-01", Registered: least, NetAssets: least, Source: "更正"})
		w.must(err)
		if big("2008-02-01") != 0 {
			t.Error("exactly 100 million is not above it")
		}
		for _, bad := range []guarantee.Finance{
			{From: "2008-03-04", Registered: least, Source: "更正"},
			{From: "2003-01-01", Registered: least, Source: "更正"},
			{From: "2008-02-01", Registered: -1, Source: "更正"},
			{From: "2008-02-01", Registered: least},
			{},
		} {
			if _, err := w.SetFinance(ctx, staff(city), w.policy, g.Version, bad); !fault.Is(err, fault.Invalid) {
				t.Errorf("%+v: %v", bad, err)
			}
		}
		line := guarantee.Finance{From: "2008-02-01", Registered: least, Source: "更正"}
		if _, err := w.SetFinance(ctx, looker(city), w.policy, g.Version, line); !fault.Is(err, fault.Denied) {
			t.Errorf("one who only looks: %v", err)
		}
		if _, err := w.SetFinance(ctx, staff(jianhu), w.policy, g.Version, line); !fault.Is(err, fault.NotFound) {
			t.Errorf("the next county: %v", err)
		}
		trail, err := gate.Trail(ctx, w.db, gate.Record{Kind: guarantee.GuarantorKind, ID: string(w.policy)})
		w.must(err)
		if len(trail) != 3 {
			t.Errorf("%d entries of its books, want 3", len(trail))
		}
	})
}
