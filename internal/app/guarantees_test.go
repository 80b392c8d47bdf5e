package app_test

import (
	"context"
	"math"
	"testing"

	"qiban.dev/qiban/demo"
	"qiban.dev/qiban/internal/app"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/guarantee"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/testkit"
)

// One contract of the year undone, whose client had no other, and the year's
// amount, its growth and the enterprises helped change by just that: in the city
// and in the county, and no other figure does.
func TestAContractUndoneChangesItsFiguresAndNoOthers(t *testing.T) {
	testkit.EachDemo(t, func(t *testing.T, source string) {
		a, ctx := open(t, source), t.Context()
		official := clerk("official", demo.City, guarantee.See, guarantee.Cancel)
		c := onlyContract(ctx, t, a)
		county := c.Region.At(region.County)
		places := map[region.Code]map[string]float64{demo.City: figures(ctx, t, a), county: figuresIn(ctx, t, a, county, 2008)}
		last := figuresIn(ctx, t, a, demo.City, 2007)
		_, err := a.Guarantee.Cancel(ctx, official, c.ID, c.Version, "同一份合同登记了两次")
		must(t, err)
		for place, was := range places {
			before := figuresIn(ctx, t, a, place, 2007)["G5"]
			is := figuresIn(ctx, t, a, place, 2008)
			was["G5"] -= float64(c.Deal.Amount) / 100
			was["G6"] = (was["G5"] - before) / before * 100
			was["G7"]--
			for id := range was {
				if math.Abs(is[id]-was[id]) > 1e-6 {
					t.Errorf("%s, %s: is %v, want %v", place, id, is[id], was[id])
				}
			}
		}
		for id, is := range figuresIn(ctx, t, a, demo.City, 2007) {
			if is != last[id] {
				t.Errorf("2007, %s: is %v, was %v", id, is, last[id])
			}
		}
	})
}

// onlyContract is one of 2008 that no pool signed, and the only one of its client.
func onlyContract(ctx context.Context, t *testing.T, a *app.App) guarantee.Case {
	t.Helper()
	look := clerk("official", demo.City, guarantee.See)
	var id guarantee.ID
	must(t, a.DB.Get(ctx, &id, `SELECT MIN(c.id) FROM guarantee_case c JOIN guarantor g ON g.id = c.guarantor_id
		WHERE g.type = 'policy' AND c.state = 'released' AND c.deal_on >= '2008-01-01' AND c.deal_on < '2009-01-01'
		AND (SELECT COUNT(*) FROM guarantee_case o WHERE o.enterprise_id = c.enterprise_id) = 1`))
	d, err := a.Guarantee.Get(ctx, look, id)
	must(t, err)
	return d.Case
}

func figuresIn(ctx context.Context, t *testing.T, a *app.App, place region.Code, year int) map[string]float64 {
	t.Helper()
	all, err := a.Indicator.Figures(ctx, place, year)
	must(t, err)
	values := map[string]float64{}
	for _, f := range all {
		if f.Exact != nil {
			values[f.ID] = *f.Exact
		}
	}
	return values
}

// What the demonstration's guarantors stood for kept within the limits of 2001
// on every single day of 2007 to 2009: no client above a tenth of the registered
// capital, and no more than ten times of it in all; no pool above what its bank
// agreed to, no member above its cap.
func TestTheDemonstrationKeepsWithinEveryLimit(t *testing.T) {
	testkit.EachDemo(t, func(t *testing.T, source string) {
		a := open(t, source)
		w := standings(t.Context(), t, a.DB)
		var lines []struct {
			Guarantor string `db:"guarantor_id"`
			Client    string `db:"enterprise_id"`
			On        string `db:"posted_on"`
			Amount    int64  `db:"amount"`
		}
		// Of a day what is signed comes before what is repaid: the strictest reading.
		must(t, a.DB.Select(t.Context(), &lines, `SELECT p.guarantor_id, c.enterprise_id, p.posted_on, p.amount FROM guarantee_posting p
			JOIN guarantee_case c ON c.id = p.of_id WHERE p.account = 'outstanding' AND p.posted_on < '2010-01-04' ORDER BY p.posted_on, p.amount DESC`))
		if len(lines) < 5000 {
			t.Fatalf("only %d postings", len(lines))
		}
		sum, of := map[string]int64{}, map[[2]string]int64{}
		for _, l := range lines {
			sum[l.Guarantor] += l.Amount
			of[[2]string{l.Guarantor, l.Client}] += l.Amount
			all, one := w.most(l.Guarantor, l.Client, l.On)
			if sum[l.Guarantor] > all {
				t.Errorf("%s: %s stood for %d, may for %d", l.On, l.Guarantor, sum[l.Guarantor], all)
			}
			if own := of[[2]string{l.Guarantor, l.Client}]; own > one {
				t.Errorf("%s: %s stood for %d of one client, may for %d", l.On, l.Guarantor, own, one)
			}
		}
	})
}

// books are what the limits of every guarantor are counted from.
type books struct {
	guarantors map[string]bookOf
	shares     map[[2]string]int64
}

type bookOf struct {
	ID        string         `db:"id"`
	Type      guarantee.Type `db:"type"`
	Multiple  int64          `db:"multiple"`
	MemberCap int64          `db:"member_cap"`
	capital   []capital
	paid      int64
}

type capital struct {
	ID         string `db:"guarantor_id"`
	From       string `db:"valid_from"`
	Registered int64  `db:"registered"`
}

func standings(ctx context.Context, t *testing.T, d *db.DB) *books {
	t.Helper()
	w := &books{guarantors: map[string]bookOf{}, shares: map[[2]string]int64{}}
	var list []bookOf
	must(t, d.Select(ctx, &list, `SELECT id, type, multiple, member_cap FROM guarantor`))
	for _, g := range list {
		w.guarantors[g.ID] = g
	}
	var money []capital
	must(t, d.Select(ctx, &money, `SELECT guarantor_id, valid_from, registered FROM guarantor_finance ORDER BY valid_from`))
	for _, m := range money {
		g := w.guarantors[m.ID]
		g.capital = append(g.capital, m)
		w.guarantors[m.ID] = g
	}
	var paid []struct {
		Guarantor string `db:"guarantor_id"`
		Client    string `db:"enterprise_id"`
		Amount    int64  `db:"amount"`
	}
	must(t, d.Select(ctx, &paid, `SELECT m.guarantor_id, m.enterprise_id, p.amount FROM guarantor_member m
		JOIN guarantee_posting p ON p.of_id = m.id AND p.account = 'shares'`))
	for _, p := range paid {
		g := w.guarantors[p.Guarantor]
		g.paid += p.Amount
		w.guarantors[p.Guarantor] = g
		w.shares[[2]string{p.Guarantor, p.Client}] += p.Amount
	}
	return w
}

// most is what a guarantor may stand for in all, and for one client, on a day.
func (w *books) most(guarantor, client, day string) (all, one int64) {
	g := w.guarantors[guarantor]
	if g.Type == guarantee.Mutual {
		return g.paid * g.Multiple / 100, w.shares[[2]string{guarantor, client}] * g.MemberCap / 100
	}
	registered := int64(0)
	for _, c := range g.capital {
		if c.From <= day {
			registered = c.Registered
		}
	}
	return registered * 10, registered / 10
}
