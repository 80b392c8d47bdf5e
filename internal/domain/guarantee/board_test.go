package guarantee_test

import (
	"slices"
	"testing"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/guarantee"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/domain/territory"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/testkit"
)

// Every number of the board is what the contracts behind it add up to, and opens
// into those alone.
func TestEveryNumberOfTheBoardOpensIntoItsContracts(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		ctx := t.Context()
		lent := w.brought(w.inn, 500*wan, guarantee.Lent) // of at most 600
		claimed := w.at(guarantee.Claimed)
		_, err := w.Recover(ctx, people(w.policy, "李建"), claimed.ID, claimed.Version, guarantee.Movement{On: "2008-03-03", Amount: 40 * wan})
		w.must(err)
		w.at(guarantee.Released)
		g, err := w.SetOutlets(ctx, staff(city), w.policy, 1, []guarantee.Outlet{{Town: hede, From: "2006-01-01"}})
		w.must(err)
		_, err = w.SetFinance(ctx, staff(city), w.policy, g.Version, guarantee.Finance{
			From: "2008-03-01", Registered: 6000 * wan, NetAssets: 6000 * wan, Unearned: 20 * wan, Compensation: 30 * wan, General: 40 * wan, Source: "月报",
		})
		w.must(err)
		w.must(w.CountTowns(ctx, authz.System("guarantee.towns", guarantee.Count), city))
		for _, place := range []region.Code{sheyang, city} {
			b, err := w.Board(ctx, staff(place), place, 2008)
			w.must(err)
			want := map[guarantee.Number]int64{
				guarantee.AmountNumber: 700 * wan, guarantee.UnsizedNumber: 700 * wan, guarantee.OutstandingNumber: 500 * wan, guarantee.ClaimsNumber: 100 * wan,
				guarantee.RecoveredNumber: 40 * wan, guarantee.RepaidNumber: 100 * wan, guarantee.HelpedNumber: 2,
				guarantee.OpenNumber: 60 * wan, guarantee.ReservesNumber: 90 * wan, guarantee.CoveredNumber: 1,
			}
			for _, n := range guarantee.BoardNumbers() {
				if b.Values[n] != want[n] {
					t.Errorf("%s: %s is %d, want %d", place, n, b.Values[n], want[n])
				}
				lines, _, sum, err := w.Behind(ctx, staff(place), place, 2008, n, db.Page{Limit: 200})
				w.must(err)
				if sum.Value != b.Values[n] || int64(len(lines)) != sum.Lines {
					t.Errorf("%s: behind %s stand %d in %d lines, the board says %d", place, n, sum.Value, len(lines), b.Values[n])
				}
				adds := int64(0)
				for _, l := range lines {
					adds += l.Adds
					switch n {
					case guarantee.ReservesNumber:
						if l.Institution == "" {
							t.Errorf("%s: reserves of no guarantor: %+v", place, l)
						}
					case guarantee.CoveredNumber:
						if served := l.Region == hede; served != (len(l.Served) == 2) || served != (l.Adds == 1) {
							t.Errorf("%s: %s adds %d, served by %v", place, l.Region, l.Adds, l.Served)
						}
					default:
						if l.Case.Number == "" {
							t.Errorf("%s: a line behind %s opens into nothing", place, n)
						}
					}
				}
				if n != guarantee.HelpedNumber && adds != sum.Value {
					t.Errorf("%s: the lines behind %s add up to %d, not %d", place, n, adds, sum.Value)
				}
			}
			for rate, want := range map[guarantee.Rate][2]int64{
				guarantee.ClaimRate: {100 * wan, 200 * wan}, guarantee.RecoveryRate: {40 * wan, 100 * wan}, guarantee.LossRate: {0, 200 * wan},
			} {
				if part, of := b.Rate(rate); part != want[0] || of != want[1] {
					t.Errorf("%s: the %s rate is %d of %d", place, rate, part, of)
				}
			}
			if b.Open() != 60*wan || b.Contracts != 3 || b.Months[0][2] != 700*wan || b.ByType[guarantee.Policy] != 700*wan || b.Before != 0 {
				t.Errorf("%s: %+v", place, b)
			}
			if len(b.Alarms) != 1 || b.Alarms[0].Kind != guarantee.SingleLimit || b.Alarms[0].Client != "射阳县临海食品有限公司" || b.Alarms[0].Over() {
				t.Errorf("%s: alarms %+v", place, b.Alarms)
			}
		}
		for _, n := range []guarantee.Number{guarantee.AmountNumber, "nothing"} {
			if _, _, _, err := w.Behind(ctx, looker(jianhu), sheyang, 2008, n, db.Page{}); !fault.Is(err, fault.NotFound) {
				t.Errorf("another county looks behind %s: %v", n, err)
			}
		}
		if _, err := w.Board(ctx, people(w.policy, "李建"), sheyang, 2008); !fault.Is(err, fault.NotFound) {
			t.Errorf("a guarantor opens the board of its county: %v", err)
		}
		if lent.State != guarantee.Lent {
			t.Errorf("the case is %s", lent.State)
		}
	})
}

// The portal shows the guarantors whose institutions are published, and nothing
// of what is in their books; others are not there.
func TestGuarantorsOnThePortal(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		ctx := t.Context()
		list, _, err := w.Public(ctx, guarantee.GuarantorFilter{}, db.Page{})
		if err != nil || len(list) != 0 {
			t.Errorf("shown before they are published: %d, %v", len(list), err)
		}
		if _, err := w.Published(ctx, w.policy); !fault.Is(err, fault.NotFound) {
			t.Errorf("opened before it is published: %v", err)
		}
		for _, id := range []institution.ID{w.policy, w.pool} {
			d, err := w.institutions.Get(ctx, staff(city).Scope(institution.See), id)
			w.must(err)
			_, err = w.institutions.Publish(ctx, staff(city), id, d.Version, true)
			w.must(err)
		}
		w.brought(w.mill, 100*wan, guarantee.Lent)
		list, _, err = w.Public(ctx, guarantee.GuarantorFilter{Type: guarantee.Policy}, db.Page{})
		w.must(err)
		if len(list) != 1 || list[0].Outstanding != 0 || list[0].Finance.Registered != 6000*wan {
			t.Errorf("the portal shows %+v", list)
		}
		first, next, err := w.Public(ctx, guarantee.GuarantorFilter{}, db.Page{Limit: 1})
		w.must(err)
		second, _, err := w.Public(ctx, guarantee.GuarantorFilter{}, db.Page{Limit: 1, After: next})
		w.must(err)
		if len(first) != 1 || len(second) != 1 || first[0].ID != w.policy || second[0].ID != w.pool {
			t.Errorf("pools stand before who is there for everybody: %+v, %+v", first, second)
		}
		n, err := w.CountPublic(ctx, guarantee.GuarantorFilter{})
		if err != nil || n != 2 {
			t.Errorf("counted %d, %v", n, err)
		}
		b, err := w.Published(ctx, w.policy)
		w.must(err)
		_, err = w.SetOutlets(ctx, staff(city), w.policy, b.Version, []guarantee.Outlet{{Town: hede, From: "2006-01-01"}, {Town: linhai, From: "2006-01-01", To: "2008-01-01"}})
		w.must(err)
		if b, err = w.Published(ctx, w.policy); err != nil {
			t.Fatal(err)
		}
		covered, all := b.Towns(w.tree, "2008-03-03")
		if len(covered) != 1 || covered[0] != hede || len(all) < 2 {
			t.Errorf("covers %v of %d", covered, len(all))
		}
		serving, err := w.Serving(ctx, linhai)
		if err != nil || len(serving) != 2 {
			t.Errorf("serving 临海镇: %d, %v", len(serving), err)
		}
		if serving, err = w.Serving(ctx, jianhu); err != nil || len(serving) != 0 {
			t.Errorf("serving another county: %d, %v", len(serving), err)
		}
	})
}

// A county that became a district (大丰市、大丰区) keeps the figures of its years under
// the old code, with its records behind them; of the new code's years nothing is left
// of the old one.
func TestTheBoardOfACountyThatWasRecoded(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		ctx := t.Context()
		const district = region.Code("320905")
		w.at(guarantee.Released)
		g, err := w.SetOutlets(ctx, staff(city), w.policy, 1, []guarantee.Outlet{{Town: linhai, From: "2006-01-01"}})
		w.must(err)
		_, err = w.SetFinance(ctx, staff(city), w.policy, g.Version, guarantee.Finance{
			From: "2008-03-01", Registered: 6000 * wan, NetAssets: 6000 * wan, General: 40 * wan, Source: "月报",
		})
		w.must(err)
		count := authz.System("guarantee.towns", guarantee.Count)
		w.must(w.CountTowns(ctx, count, city))

		w.clock = at("2010-02-01", 9)
		by := authz.Actor{Kind: authz.Human, ID: "official", Grants: role([]authz.Permission{territory.Reorganise}, authz.Grant{Region: city})}
		places := territory.New(w.db, gate.New(w.db, "yc"), guarantee.Move, institution.Move, enterprise.Move)
		w.must(places.Reorganise(ctx, by, territory.Change{
			Kind: territory.Upgrade, On: "2010-01-01", From: []region.Code{sheyang},
			To: []territory.NewPlace{{Code: district, Name: "射阳区", Short: "射阳"}}, Source: "民函〔2010〕1号",
		}))
		w.tree, err = territory.LoadTree(ctx, w.db)
		w.must(err)
		w.must(w.CountTowns(ctx, count, city))

		b, err := w.Board(ctx, staff(city), sheyang, 2008)
		w.must(err)
		if b.Values[guarantee.ReservesNumber] != 40*wan || b.Values[guarantee.AmountNumber] != 100*wan || b.Values[guarantee.CoveredNumber] != 2 {
			t.Errorf("the county in 2008: %v", b.Values)
		}
		lines, _, sum, err := w.Behind(ctx, staff(city), sheyang, 2008, guarantee.ReservesNumber, db.Page{})
		if err != nil || len(lines) != 2 || sum.Value != 40*wan {
			t.Errorf("behind its reserves: %+v, %v", lines, err)
		}
		lines, _, _, err = w.Behind(ctx, staff(city), city, 2008, guarantee.CoveredNumber, db.Page{Limit: 200})
		w.must(err)
		for _, l := range lines {
			if covered := l.Region == hede || l.Region == linhai; covered != (len(l.Served) > 0) {
				t.Errorf("%s adds %d, served by %v", l.Region, l.Adds, l.Served)
			}
		}
		for place, want := range map[region.Code]int{sheyang: 2008, district: 2010, city: 2008} {
			if year, err := w.LastYear(ctx, place); err != nil || year != want {
				t.Errorf("%s opens in %d, want %d (%v)", place, year, want, err)
			}
		}
		if b, err = w.Board(ctx, staff(city), city, 2010); err != nil || slices.ContainsFunc(b.Parts, func(s guarantee.Share) bool { return s.Region == sheyang }) {
			t.Errorf("the county is still a part in 2010: %+v, %v", b, err)
		}
		if b, err = w.Board(ctx, staff(city), sheyang, 2010); err != nil || b.Values[guarantee.ReservesNumber] != 0 {
			t.Errorf("reserves of a county that is no more: %v, %v", b, err)
		}
	})
}
