package guarantee_test

import (
	"fmt"
	"testing"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/guarantee"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/testkit"
)

// ratios are what a guarantor's asset ratios are on a day, as kind, hundredths of a
// per cent, and a mark where they are broken.
func (w *world) ratios(day string) []string {
	w.t.Helper()
	r, err := w.RatiosOn(w.t.Context(), staff(city), w.policy, day)
	w.must(err)
	var all []string
	for _, l := range r.Limits {
		s := fmt.Sprintf("%s %d", l.Kind, l.Used*10_000/l.Of)
		if l.Over() {
			s += " broken"
		}
		if l.Bars() || l.Near != l.Over() {
			w.t.Errorf("%s bars or warns otherwise: %+v", l.Kind, l)
		}
		all = append(all, s)
	}
	return all
}

// 2018: net assets with reserves at least 60 % of total assets; classes Ⅰ and Ⅱ at
// least 70 %, Ⅰ at least 20 %, Ⅲ at most 30 % of total assets less claims. They are
// counted from the statement of the day with the books of its day, and warn only.
func TestAssetRatiosAreCountedOnADayAndOnlyWarn(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		w.clock = at("2020-03-03", 9)
		ctx, office := t.Context(), staff(sheyang)
		g, err := w.SetFinance(ctx, office, w.policy, 1, guarantee.Finance{
			From: "2018-12-31", Registered: 6000 * wan, NetAssets: 5500 * wan, Unearned: 200 * wan, Compensation: 300 * wan, General: 900 * wan, Source: "2018年度审计报告",
		})
		w.must(err)
		sound := guarantee.Statement{On: "2018-12-31", Total: 10_000 * wan, Receivable: 1000 * wan, First: 1800 * wan, Second: 4500 * wan, Third: 2700 * wan, Source: "2018年度审计报告"}
		if got := w.ratios("2020-03-03"); got != nil {
			t.Errorf("without a statement: %v", got)
		}
		g, err = w.SetStatement(ctx, office, w.policy, g.Version, sound)
		w.must(err)
		if got := fmt.Sprint(w.ratios("2020-03-03")); got != "[asset_backing 6000 asset_upper 7000 asset_first 2000 asset_third 3000]" {
			t.Errorf("at the bounds: %s", got)
		}
		alarms, err := w.Alarms(ctx, office.Scope(guarantee.See))
		if err != nil || len(alarms) != 0 {
			t.Errorf("at the bounds the board warns of %+v, %v", alarms, err)
		}

		worse := sound
		worse.On, worse.First, worse.Third, worse.Source = "2019-12-31", 1800*wan-1, 2700*wan+1, "2019年度审计报告"
		g, err = w.SetStatement(ctx, office, w.policy, g.Version, worse)
		w.must(err)
		g, err = w.SetFinance(ctx, office, w.policy, g.Version, guarantee.Finance{From: "2020-01-01", Registered: 6000 * wan, NetAssets: 1 * wan, Source: "减资公告"})
		w.must(err)
		if got := fmt.Sprint(w.ratios("2020-03-03")); got != "[asset_backing 6000 asset_upper 6999 broken asset_first 1999 broken asset_third 3000 broken]" {
			t.Errorf("one fen over: %s", got)
		}
		if got := fmt.Sprint(w.ratios("2019-12-30")); got != "[asset_backing 6000 asset_upper 7000 asset_first 2000 asset_third 3000]" {
			t.Errorf("the day before: %s", got)
		}
		if got := w.ratios("2017-12-31"); got != nil {
			t.Errorf("before there were ratios: %v", got)
		}
		alarms, err = w.Alarms(ctx, office.Scope(guarantee.See))
		w.must(err)
		if len(alarms) != 3 || alarms[0].Guarantor != w.policy || alarms[0].Client != "" || !alarms[0].Over() {
			t.Errorf("the board warns of %+v", alarms)
		}
		list, _, err := w.Guarantors(ctx, office.Scope(guarantee.See), guarantee.GuarantorFilter{Type: guarantee.Policy}, db.Page{})
		if err != nil || len(list) != 1 || len(list[0].Alarms) != 3 {
			t.Errorf("the list warns of %+v, %v", list, err)
		}
		b, err := w.GetGuarantor(ctx, office, w.policy)
		w.must(err)
		if len(b.Ratios) != 4 || len(b.Statements) != 2 || b.Statements[0] != worse || b.Ratios[1].Grade != "M" || b.Ratios[0].Grade != "C" {
			t.Errorf("its page: %+v, %+v", b.Ratios, b.Statements)
		}
		_, err = w.SetFinance(ctx, office, w.policy, g.Version, guarantee.Finance{From: "2020-01-02", Registered: 6000 * wan, NetAssets: 6000 * wan, Source: "更正"})
		w.must(err)
		if _, err := w.approve(w.policy, w.mill, 10*wan); err != nil {
			t.Errorf("a ratio that is broken bars a contract: %v", err)
		}
	})
}

// In 2008 there were no such ratios, and pools were never bound by them.
func TestWhereNoRatiosAreSetNoneAreShown(t *testing.T) {
	w := open(t, t.TempDir())
	ctx := t.Context()
	s := guarantee.Statement{On: "2007-12-31", Total: 100 * wan, Source: "2007年度审计报告"}
	_, err := w.SetStatement(ctx, staff(city), w.policy, 1, s)
	w.must(err)
	_, err = w.SetStatement(ctx, staff(city), w.pool, 1, s)
	w.must(err)
	for day, id := range map[string]institution.ID{"2008-03-03": w.policy, "2012-03-03": w.policy, "2018-04-01": w.policy, "2018-04-02": w.pool, "2026-03-03": w.pool} {
		w.clock = at(day, 9)
		b, err := w.GetGuarantor(ctx, staff(city), id)
		if err != nil || len(b.Ratios) != 0 || b.Rule.HasRatios(b.Type) {
			t.Errorf("%s on %s: %+v, %v", b.Type, day, b.Ratios, err)
		}
	}
}

// Everything wrong with a statement is told at once; who may not keep the books does
// not set it down.
func TestEverythingWrongWithAStatementIsToldAtOnce(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		ctx := t.Context()
		for said, in := range map[string]guarantee.Statement{
			"[on field.required total field.required source field.required]": {},
			"[on guarantee.field.before total guarantee.field.amount receivable guarantee.field.amount0 third guarantee.field.amount0 source field.too_short]": {
				On: "2004-03-17", Total: -1, Receivable: -1, Third: 2_000_000 * wan, Source: "报",
			},
			"[on guarantee.field.future receivable guarantee.field.above_total]": {On: "2008-03-04", Total: 100 * wan, Receivable: 101 * wan, Source: "季度报表"},
			"[first guarantee.field.above_assets]": {
				On: "2008-03-03", Total: 100 * wan, Receivable: 10 * wan, First: 50 * wan, Second: 40 * wan, Third: 1, Source: "季度报表",
			},
		} {
			if _, err := w.SetStatement(ctx, staff(sheyang), w.policy, 1, in); fmt.Sprint(fields(err)) != said {
				t.Errorf("of %+v is said %v, want %s", in, fields(err), said)
			}
		}
		right := guarantee.Statement{On: "2007-12-31", Total: 100 * wan, Receivable: 10 * wan, First: 50 * wan, Second: 40 * wan, Source: "2007年度审计报告"}
		if _, err := w.SetStatement(ctx, looker(city), w.policy, 1, right); !fault.Is(err, fault.Denied) {
			t.Errorf("who only looks: %v", err)
		}
		if _, err := w.SetStatement(ctx, staff(jianhu), w.policy, 1, right); !fault.Is(err, fault.NotFound) {
			t.Errorf("the next county: %v", err)
		}
		if _, err := w.SetStatement(ctx, staff(sheyang), w.policy, 7, right); !fault.Is(err, fault.Stale) {
			t.Errorf("of another version: %v", err)
		}
		_, err := w.SetStatement(ctx, staff(sheyang), w.policy, 1, right)
		w.must(err)
	})
}

// A guarantor states its assets; they count once the office has confirmed them.
func TestAGuarantorsOwnStatementWaitsForTheOffice(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		w.clock = at("2020-03-03", 9)
		ctx, we, office := t.Context(), people(w.policy, "李建"), staff(sheyang)
		s := guarantee.Statement{On: "2019-12-31", Total: 10_000 * wan, First: 2000 * wan, Second: 5000 * wan, Third: 3000 * wan, Source: "2019年度审计报告"}
		_, err := w.SetStatement(ctx, we, w.policy, 1, s)
		w.must(err)
		b, err := w.GetGuarantor(ctx, we, w.policy)
		w.must(err)
		if len(b.Statements) != 0 || len(b.Ratios) != 0 || len(b.Filings) != 1 || *b.Filings[0].Statement != s || b.Filings[0].Source() != s.Source {
			t.Fatalf("it counts already: %+v, %+v", b.Statements, b.Filings)
		}
		_, err = w.Confirm(ctx, office, w.policy, b.Filings[0].ID)
		w.must(err)
		if got := fmt.Sprint(w.ratios("2020-03-03")); got != "[asset_backing 6000 asset_upper 7000 asset_first 2000 asset_third 3000]" {
			t.Errorf("confirmed: %s", got)
		}
	})
}
