package guarantee_test

import (
	"fmt"
	"testing"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/guarantee"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/testkit"
)

// limit is how much of a kind of limit the guarantor may take on, 0 without one.
func (w *world) limit(id institution.ID, kind guarantee.LimitKind) int64 {
	w.t.Helper()
	b, err := w.GetGuarantor(w.t.Context(), staff(city), id)
	w.must(err)
	for _, l := range b.Limits {
		if l.Kind == kind {
			return l.Most
		}
	}
	return 0
}

// Two of three are two thirds, so are four of six and six of nine; one vote less
// is not. The share is a number of the rule, in hundredths of a per cent.
func TestTwoOfThreeVotesAreTwoThirds(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		for _, v := range []struct {
			yes, no int
			passed  bool
		}{{2, 1, true}, {4, 2, true}, {6, 3, true}, {20, 10, true}, {3, 2, false}, {5, 3, false}, {19, 10, false}, {1, 2, false}} {
			c := w.brought(w.mill, 10*wan, guarantee.Examined)
			c, err := w.Review(t.Context(), people(w.policy, "李建"), c.ID, c.Version, votes(v.yes, v.no))
			w.must(err)
			if passed := c.State == guarantee.Reviewed; passed != v.passed {
				t.Errorf("%d for, %d against: passed %v", v.yes, v.no, passed)
			}
		}
	})
}

// A guarantor states its capital, type and level with a document; its limits stay
// what they were until the office of the place has confirmed them.
func TestWhatAGuarantorStatesOfItselfCountsOnceTheOfficeConfirmsIt(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		ctx, we, office := t.Context(), people(w.policy, "李建"), staff(sheyang)
		before := w.limit(w.policy, guarantee.LeverageLimit)
		more := guarantee.Finance{From: "2008-03-01", Registered: 1_000_000 * wan, NetAssets: 1_000_000 * wan, Source: "2007年度审计报告"}
		unnamed := more
		unnamed.Source = ""
		if _, err := w.SetFinance(ctx, we, w.policy, 1, unnamed); !fault.Is(err, fault.Invalid) {
			t.Errorf("without a document: %v", err)
		}
		g, err := w.SetFinance(ctx, we, w.policy, 1, more)
		w.must(err)
		p := profileOf(g)
		p.Type, p.From, p.Source = guarantee.Mutual, "2008-03-03", "章程"
		g, err = w.Keep(ctx, we, w.policy, g.Version, p)
		w.must(err)
		if g.Type != guarantee.Policy || w.limit(w.policy, guarantee.LeverageLimit) != before || w.figure("institutions", city, ledger.Cond{Dim: "type", In: []string{"mutual"}}) != 1 {
			t.Fatalf("counted before it was confirmed: %s, limit %d", g.Type, w.limit(w.policy, guarantee.LeverageLimit))
		}
		b, err := w.GetGuarantor(ctx, we, w.policy)
		w.must(err)
		if len(b.Filings) != 2 {
			t.Fatalf("%d filings wait, want 2", len(b.Filings))
		}
		capital, kind := b.Filings[0], b.Filings[1]
		if capital.Finance == nil || capital.Finance.Registered != more.Registered || kind.Profile == nil || kind.Source() != "章程" {
			t.Errorf("the filings: %+v", b.Filings)
		}
		if _, err := w.Confirm(ctx, we, w.policy, capital.ID); !fault.Is(err, fault.Denied) {
			t.Errorf("the guarantor confirms itself: %v", err)
		}
		if _, err := w.Confirm(ctx, staff(jianhu), w.policy, capital.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("the next county: %v", err)
		}
		waiting, err := w.Waiting(ctx, office.Scope(guarantee.Confirm))
		if err != nil || len(waiting) != 1 || waiting[0].ID != w.policy || waiting[0].N != 2 {
			t.Errorf("the office's list: %+v, %v", waiting, err)
		}
		_, err = w.Confirm(ctx, office, w.policy, capital.ID)
		w.must(err)
		if got := w.limit(w.policy, guarantee.LeverageLimit); got != 10_000_000*wan {
			t.Errorf("confirmed, the limit is %d", got)
		}
		if _, err := w.Confirm(ctx, office, w.policy, capital.ID); !fault.Is(err, fault.Conflict) {
			t.Errorf("confirmed twice: %v", err)
		}
		if _, err := w.Decline(ctx, office, w.policy, kind.ID, ""); !fault.Is(err, fault.Invalid) {
			t.Errorf("declined without a reason: %v", err)
		}
		_, err = w.Decline(ctx, office, w.policy, kind.ID, "章程没有改")
		w.must(err)
		if b, err = w.GetGuarantor(ctx, we, w.policy); err != nil || b.Type != guarantee.Policy || len(b.Filings) != 0 {
			t.Errorf("declined, it is %s with %d waiting, %v", b.Type, len(b.Filings), err)
		}
	})
}

// What the office itself enters with a document counts at once, and only it
// opens books.
func TestTheOfficesOwnEntryCountsAtOnce(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		ctx := t.Context()
		_, err := w.SetFinance(ctx, staff(sheyang), w.policy, 1, guarantee.Finance{From: "2008-03-01", Registered: 7000 * wan, NetAssets: 7000 * wan, Source: "增资验资报告"})
		w.must(err)
		if got := w.limit(w.policy, guarantee.LeverageLimit); got != 70_000*wan {
			t.Errorf("the limit is %d", got)
		}
		if _, err := w.SetFinance(ctx, staff(sheyang), w.policy, 2, guarantee.Finance{From: "2008-03-01", Source: "验资报告"}); !fault.Is(err, fault.Invalid) {
			t.Errorf("no capital at all: %v", err)
		}
		own := w.institution("射阳县新担保公司", institution.Guarantor, institution.CountyWide, sheyang)
		_, err = w.Open(ctx, people(own, "李建"), own, guarantee.Profile{Type: guarantee.Mutual, Level: institution.CountyWide, Since: "2008-01-01"},
			guarantee.Finance{Registered: wan, NetAssets: wan, Source: "验资报告"})
		if !fault.Is(err, fault.Denied) {
			t.Errorf("it opens its own books: %v", err)
		}
	})
}

func profileOf(g guarantee.Guarantor) guarantee.Profile {
	return guarantee.Profile{
		Type: g.Type, Level: g.Level, Since: g.Since, Park: g.Park, ParkName: g.ParkName, Multiple: g.Multiple, MemberCap: g.MemberCap,
	}
}

// A change of type or level has a day: years before it keep their figures. It is
// not before a contract, and business does not begin after one.
func TestATypeThatChangesLeavesFinishedYearsAsTheyWere(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		ctx, office := t.Context(), staff(sheyang)
		_, err := w.Conclude(ctx, staff(city), []guarantee.Contract{w.book(1, w.policy, string(w.mill), "2007-05-10", 100*wan)})
		w.must(err)
		w.clock = at("2009-06-01", 9)
		mutual := func(day ledger.Date) int64 {
			t.Helper()
			v, err := w.ledger.Value(ctx, w.db, ledger.Query{
				Measure: "guarantee.institutions", Region: city, To: day, Where: []ledger.Cond{{Dim: "type", In: []string{"mutual"}}},
			})
			w.must(err)
			return v
		}
		g, err := w.GetGuarantor(ctx, office, w.policy)
		w.must(err)
		p := profileOf(g.Guarantor)
		p.Type, p.Source = guarantee.Mutual, "改制批复"
		for _, day := range []string{"", "2007-05-10", "2009-06-02"} {
			p.From = day
			if _, err := w.Keep(ctx, office, w.policy, g.Version, p); !fault.Is(err, fault.Invalid) {
				t.Errorf("from %q: %v", day, err)
			}
		}
		late := profileOf(g.Guarantor)
		late.Since = "2007-05-11"
		if _, err := w.Keep(ctx, office, w.policy, g.Version, late); !fault.Is(err, fault.Invalid) {
			t.Errorf("it began after its first contract: %v", err)
		}
		p.From = "2009-01-01"
		changed, err := w.Keep(ctx, office, w.policy, g.Version, p)
		w.must(err)
		if changed.Type != guarantee.Mutual || mutual("2008-12-31") != 1 || mutual("2009-01-01") != 2 {
			t.Errorf("now %s; mutual ones: %d in 2008, %d in 2009", changed.Type, mutual("2008-12-31"), mutual("2009-01-01"))
		}
		if b, err := w.GetGuarantor(ctx, office, w.policy); err != nil || len(b.Standings) != 2 || b.Standings[0].Source != "改制批复" {
			t.Errorf("its history: %+v, %v", b.Standings, err)
		}
	})
}

// Nobody leaves a pool, and no guarantor closes, before what it has done there.
func TestLeavingAndClosingAreNotBeforeTheLastContract(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		ctx, chair := t.Context(), people(w.pool, "会长")
		w.clock = at("2009-12-01", 9)
		m, err := w.Join(ctx, chair, w.pool, guarantee.Joining{Number: code(1), On: "2006-01-10", Paid: 30 * wan})
		w.must(err)
		k := w.book(1, w.pool, string(w.mill), "2008-05-10", 40*wan)
		k.Released = "2008-11-10"
		_, err = w.Conclude(ctx, staff(city), []guarantee.Contract{k})
		w.must(err)
		if _, err := w.Leave(ctx, chair, w.pool, m.ID, "2007-01-01", "转行"); fmt.Sprint(fields(err)) != "[on guarantee.field.before]" {
			t.Errorf("left before its contract: %v", err)
		}
		g, err := w.GetGuarantor(ctx, staff(city), w.pool)
		w.must(err)
		if _, err := w.Close(ctx, staff(city), w.pool, g.Version, "2008-06-01", "停业"); fmt.Sprint(fields(err)) != "[day guarantee.field.before]" {
			t.Errorf("closed before its contract was over: %v", err)
		}
		_, err = w.Leave(ctx, chair, w.pool, m.ID, "2008-11-10", "转行")
		w.must(err)
		g.Guarantor, err = w.Close(ctx, staff(city), w.pool, g.Version, "2008-11-10", "停业")
		w.must(err)
		k = w.book(2, w.pool, string(w.mill), "2008-12-01", 40*wan)
		if _, err := w.Conclude(ctx, staff(city), []guarantee.Contract{k}); !fault.Is(err, fault.Invalid) {
			t.Errorf("a contract of a guarantor that was closed: %v", err)
		}
	})
}

func fields(err error) []string {
	var all []string
	for _, f := range fault.FieldsOf(err) {
		all = append(all, f.Name+" "+f.Key)
	}
	return all
}

// The capital was cut between approval and contract: the limit is looked at again
// when the contract is signed.
func TestTheContractIsCheckedAgainstTheLimitsOfItsDay(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		ctx, we := t.Context(), people(w.policy, "李建")
		c := w.brought(w.mill, 500*wan, guarantee.Approved)
		_, err := w.SetFinance(ctx, staff(city), w.policy, 1, guarantee.Finance{From: "2008-03-03", Registered: 4000 * wan, NetAssets: 4000 * wan, Source: "减资公告"})
		w.must(err)
		if _, err := w.Sign(ctx, we, c.ID, c.Version, guarantee.Signing{On: "2008-03-03", Amount: 500 * wan, Fee: 150}); fmt.Sprint(over(err)) != "[single]" {
			t.Errorf("five of forty million for one client: %v", err)
		}
		d, err := w.Get(ctx, we, c.ID)
		w.must(err)
		if d.State != guarantee.Approved || d.Balance.Committed != 500*wan || d.Balance.Outstanding != 0 {
			t.Errorf("what was refused left it %s: %+v", d.State, d.Balance)
		}
		_, err = w.Sign(ctx, we, c.ID, c.Version, guarantee.Signing{On: "2008-03-03", Amount: 400 * wan, Fee: 150})
		w.must(err)
		list, _, err := w.List(ctx, we.Scope(guarantee.See), guarantee.Filter{}, db.Page{})
		if err != nil || len(list) != 1 || list[0].Outstanding != 400*wan {
			t.Errorf("signed for four: %+v, %v", list, err)
		}
	})
}
