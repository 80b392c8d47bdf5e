package guarantee_test

import (
	"fmt"
	"sync"
	"testing"

	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/guarantee"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/testkit"
)

// over reports the limits that an approval was refused for.
func over(err error) []string {
	var keys []string
	for _, f := range fault.FieldsOf(err) {
		if f.Name == "amount" {
			keys = append(keys, f.Key[len("guarantee.over."):])
		}
	}
	return keys
}

// approve takes a case of the guarantor's to its approval and returns what the
// last one answered.
func (w *world) approve(g institution.ID, client enterprise.ID, fen int64) (guarantee.Case, error) {
	w.t.Helper()
	c := w.reviewed(g, client, fen)
	c, err := w.Approve(w.t.Context(), people(g, "李建"), c.ID, c.Version, guarantee.Approving{Amount: fen, Months: 6})
	if err == nil && c.State == guarantee.Reviewed {
		return w.Approve(w.t.Context(), people(g, "孙主任"), c.ID, c.Version, guarantee.Approving{})
	}
	return c, err
}

func (w *world) reviewed(g institution.ID, client enterprise.ID, fen int64) guarantee.Case {
	w.t.Helper()
	ctx, we := w.t.Context(), people(g, "李建")
	c, err := w.Apply(ctx, owner(client), guarantee.Application{Guarantor: g, Enterprise: string(client), Bank: w.bank, Wish: wish(fen)})
	w.must(err)
	c, err = w.Accept(ctx, we, c.ID, c.Version)
	w.must(err)
	day := w.clock.Format("2006-01-02")
	c, err = w.Examine(ctx, we, c.ID, c.Version, guarantee.Finding{On: day, Amount: fen, Opinion: "订单真实，设备足值，可以担保"})
	w.must(err)
	m := votes(3, 0)
	m.On = day
	c, err = w.Review(ctx, we, c.ID, c.Version, m)
	w.must(err)
	return c
}

// 2008: one client up to 10 % of the paid-in capital (6 of 60 million), ten
// times in all. Related groups were not bounded before 2010.
func TestOneClientIsBoundedByTheRuleOfTheDay(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		_, err := w.approve(w.policy, w.mill, 600*wan)
		w.must(err)
		c, err := w.approve(w.policy, w.mill, 1*wan)
		if got := over(err); fmt.Sprint(got) != "[single]" {
			t.Fatalf("one more for the mill: %v %v", got, err)
		}
		if c.State != guarantee.Reviewed || w.audits(c.ID) != 4 {
			t.Errorf("what was refused left it %s with %d entries", c.State, w.audits(c.ID))
		}
		if _, err := w.approve(w.policy, w.inn, 600*wan); err != nil {
			t.Errorf("another client is bounded by the first: %v", err)
		}
		w.must(w.Relate(t.Context(), staff(sheyang), string(w.mill), "鹤乡集团"))
		w.must(w.Relate(t.Context(), staff(sheyang), string(w.inn), "鹤乡集团"))
		d, err := w.Get(t.Context(), staff(sheyang), c.ID)
		w.must(err)
		for _, l := range d.Limits {
			if l.Kind == guarantee.GroupLimit {
				t.Error("2008 knew no limit for related enterprises")
			}
		}
	})
}

// 2010: an enterprise 10 %, its related group 15 % of the net assets.
func TestARelatedGroupCountsAsOneSince2010(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		w.clock = at("2011-03-03", 9)
		w.must(w.Relate(t.Context(), staff(sheyang), string(w.mill), "鹤乡集团"))
		w.must(w.Relate(t.Context(), staff(sheyang), string(w.inn), "鹤乡集团"))
		_, err := w.approve(w.policy, w.mill, 600*wan)
		w.must(err)
		_, err = w.approve(w.policy, w.inn, 301*wan)
		if got := over(err); fmt.Sprint(got) != "[group]" {
			t.Errorf("16 %% for the group: %v %v", got, err)
		}
		_, err = w.approve(w.policy, w.inn, 300*wan)
		w.must(err)
	})
}

// 2017: ten times the net assets, fifteen for whoever serves small firms, which
// count 75 %; the weights are from memory, and the page says so.
func TestLeverageOfToday(t *testing.T) {
	w := open(t, t.TempDir())
	w.clock = at("2020-03-03", 9)
	small := w.guarantor("射阳县小微担保公司", guarantee.Commercial, institution.CountyWide, sheyang, 10*wan)
	big := w.sized(nil)
	limit := func() (used, most int64, grade string) {
		t.Helper()
		b, err := w.GetGuarantor(t.Context(), staff(city), small)
		w.must(err)
		for _, l := range b.Limits {
			if l.Kind == guarantee.LeverageLimit {
				return l.Used, l.Most, l.Grade
			}
		}
		t.Fatal("no leverage limit")
		return 0, 0, ""
	}
	// One client of unknown size: ten times, weighed in full.
	_, err := w.approve(small, big, 1*wan)
	w.must(err)
	if used, most, grade := limit(); used != 1*wan || most != 100*wan || grade != "M" {
		t.Errorf("used %d of %d, grade %s", used, most, grade)
	}
	// Small firms: five of six clients and most of the money.
	for range 5 {
		_, err := w.approve(small, w.sized([]int64{30, 2_000_000 * 100, 0}), 1*wan)
		w.must(err)
	}
	if used, most, _ := limit(); used != 1*wan+5*75*wan/100 || most != 150*wan {
		t.Errorf("used %d of %d, want fifteen times and small firms at 75 %%", used, most)
	}
	b, err := w.GetGuarantor(t.Context(), staff(city), small)
	w.must(err)
	if !b.Below || !b.Rule.Unconfirmed("weights") {
		t.Errorf("100,000 yuan are below today's minimum of 20 million: %v", b.Below)
	}
	// A pool is no company: that it is below the minimum is told, and bars nothing.
	b, err = w.GetGuarantor(t.Context(), staff(city), w.pool)
	w.must(err)
	if !b.Below || !b.Rule.Unconfirmed("exempt") {
		t.Errorf("a pool of 2 million is below today's minimum of 20 million: %v", b.Below)
	}
}

// 2025: four fifths of what a policy guarantor gives are for small firms, half of that
// in small amounts: told, never a bar.
func TestPolicyGuarantorsAreRemindedOfTheirPurpose(t *testing.T) {
	w := open(t, t.TempDir())
	w.clock = at("2026-03-03", 9)
	centre := w.guarantor("射阳县政策担保中心", guarantee.Policy, institution.CountyWide, sheyang, 100_000*wan)
	purpose := func() map[guarantee.LimitKind]guarantee.Limit {
		t.Helper()
		b, err := w.GetGuarantor(t.Context(), staff(city), centre)
		w.must(err)
		found := map[guarantee.LimitKind]guarantee.Limit{}
		for _, l := range b.Limits {
			found[l.Kind] = l
		}
		return found
	}
	for _, c := range []struct {
		figures []int64
		amount  int64
	}{{[]int64{30, 2_000_000 * 100, 0}, 600 * wan}, {nil, 200 * wan}} {
		_, err := w.approve(centre, w.sized(c.figures), c.amount)
		w.must(err)
	}
	all := purpose()
	if l := all[guarantee.SupportLimit]; l.Used != 200*wan || l.Most != 160*wan || !l.Over() || l.Bars() {
		t.Errorf("beside its purpose: %+v", l)
	}
	if l := all[guarantee.SupportSmallLimit]; l.Used != 600*wan || l.Most != 300*wan || !l.Over() {
		t.Errorf("in large amounts: %+v", l)
	}
	for range 2 {
		_, err := w.approve(centre, w.sized([]int64{30, 2_000_000 * 100, 0}), 500*wan)
		w.must(err)
	}
	all = purpose()
	if s, l := all[guarantee.SupportLimit], all[guarantee.SupportSmallLimit]; s.Over() || l.Over() || l.Used != 600*wan {
		t.Errorf("with more of what it is for: %+v, %+v", s, l)
	}
}

// A loan is extended by its first term at most when that is up to a year, by half of
// it when it is up to five, and so on: in all, however often.
func TestALoanIsExtendedAsFarAsTheRuleAllows(t *testing.T) {
	w := open(t, t.TempDir())
	c := w.at(guarantee.Lent) // six months from 2008-03-03
	by := people(w.policy, "李建")
	if c.Deal.Until != "2008-09-03" {
		t.Fatalf("it runs until %s", c.Deal.Until)
	}
	for _, try := range []struct {
		until string
		right bool
	}{{"2008-09-03", false}, {"2009-03-07", false}, {"2008-12-03", true}, {"2009-03-07", false}, {"2009-03-06", true}, {"2009-03-07", false}} {
		next, err := w.Extend(t.Context(), by, c.ID, c.Version, try.until, "外贸货款推迟到账")
		if try.right != (err == nil) || !try.right && !fault.FieldsOf(err).Has("until") {
			t.Errorf("until %s: %v", try.until, err)
		}
		if err == nil {
			c = next
		}
	}
}

// sized is an enterprise with figures of the year before, or without.
func (w *world) sized(figures []int64) enterprise.ID {
	w.t.Helper()
	id := w.enterprise(fmt.Sprintf("射阳县客户%d有限公司", w.n), hede)
	if figures == nil {
		return id
	}
	e, err := w.enterprises.Get(w.t.Context(), staff(city), id)
	w.must(err)
	p := e.Profile
	p.Industry = enterprise.Industry{Edition: "2017", Code: "1711"}
	w.must(w.enterprises.Edit(w.t.Context(), staff(city), id, e.Version, enterprise.Amendment{Profile: p}))
	w.must(w.enterprises.SetYear(w.t.Context(), staff(city), id, enterprise.Year{
		Year: 2019, Source: enterprise.AnnualReturn, Figures: enterprise.Figures{Employees: &figures[0], Revenue: &figures[1], Assets: &figures[2]},
	}))
	return id
}

// Two hundred approvals race for the room of seven: each is given or refused,
// and what is given never exceeds what there is.
func TestTheLastCapacityIsNeverGivenTwice(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		narrow := w.guarantor("射阳县小额担保公司", guarantee.Policy, institution.CountyWide, sheyang, 20*wan) // 2 a client, 200 in all
		const racers, room = 200, 7
		var filled []guarantee.Contract
		for n := range 100 - room { // 93 clients have 2 each; 14 are left
			filled = append(filled, w.book(n, narrow, string(w.sized(nil)), "2008-02-01", 2*wan))
		}
		_, err := w.Conclude(t.Context(), staff(city), filled)
		w.must(err)
		cases := make([]guarantee.Case, racers)
		for n := range cases {
			cases[n] = w.reviewed(narrow, w.sized(nil), 2*wan)
		}
		given := make([]bool, racers)
		var wg sync.WaitGroup
		for n := range cases {
			wg.Go(func() {
				_, err := w.Approve(t.Context(), people(narrow, "李建"), cases[n].ID, cases[n].Version, guarantee.Approving{Amount: 2 * wan, Months: 6})
				given[n] = err == nil
				if err != nil && fmt.Sprint(over(err)) != "[leverage]" {
					t.Errorf("racer %d: %v", n, err)
				}
			})
		}
		wg.Wait()
		n := 0
		for _, g := range given {
			if g {
				n++
			}
		}
		b, err := w.GetGuarantor(t.Context(), staff(city), narrow)
		w.must(err)
		if n != room || b.Sums.Committed+b.Sums.Outstanding != 200*wan {
			t.Errorf("%d of %d were given, want %d; %d of %d used", n, racers, room, b.Sums.Committed+b.Sums.Outstanding, 200*wan)
		}
	})
}

func TestTwoDifferentPersonsApproveAboveTheSetAmount(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		ctx := t.Context()
		c := w.reviewed(w.policy, w.mill, 300*wan)
		c, err := w.Approve(ctx, people(w.policy, "李建"), c.ID, c.Version, guarantee.Approving{Amount: 250 * wan, Months: 6})
		w.must(err)
		if c.State != guarantee.Reviewed {
			t.Fatalf("one person approved 2.5 million alone: %s", c.State)
		}
		if _, err := w.Approve(ctx, people(w.policy, "李建"), c.ID, c.Version, guarantee.Approving{}); !fault.Is(err, fault.Conflict) {
			t.Errorf("the same person again: %v", err)
		}
		b, err := w.GetGuarantor(ctx, staff(city), w.policy)
		w.must(err)
		if b.Sums.Committed != 0 {
			t.Errorf("capacity was used up by one person: %d", b.Sums.Committed)
		}
		c, err = w.Approve(ctx, people(w.policy, "孙主任"), c.ID, c.Version, guarantee.Approving{Amount: 1, Months: 1})
		w.must(err)
		if c.State != guarantee.Approved || c.Granted.Amount != 250*wan {
			t.Errorf("the second approves what the first did: %s %d", c.State, c.Granted.Amount)
		}
	})
}
