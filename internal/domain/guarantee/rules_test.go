package guarantee_test

import (
	"testing"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/guarantee"
	"qiban.dev/qiban/internal/text"
)

func TestTheLifecyclesAreWhole(t *testing.T) {
	if err := guarantee.Lifecycle().Check(); err != nil {
		t.Error(err)
	}
	if err := guarantee.NeedLifecycle().Check(); err != nil {
		t.Error(err)
	}
	done := map[authz.Permission]bool{}
	for _, p := range guarantee.Permissions() {
		if done[p] {
			t.Errorf("%s stands twice", p)
		}
		done[p] = true
		if !text.Has(p.Key()) {
			t.Errorf("the catalogue lacks %s", p.Key())
		}
	}
	for _, m := range guarantee.Measures() {
		if !text.Has(m.Unit) {
			t.Errorf("the catalogue lacks %s", m.Unit)
		}
	}
}

// 财金〔2001〕77号 until 2010-03-08, 令2010年第3号 until 2017-10-01, 国令683 since.
func TestTheRuleIsTheOneInForceOnTheDay(t *testing.T) {
	rules, err := guarantee.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	for i := range rules {
		rules[i].Published = true
	}
	for day, want := range map[string]string{
		"2001-03-25": "", "2001-03-26": "2001", "2008-12-31": "2001", "2010-03-07": "2001", "2010-03-08": "2010",
		"2017-09-30": "2010", "2017-10-01": "2017", "2018-04-01": "2017", "2018-04-02": "2018", "2025-02-28": "2018", "2025-03-01": "2025",
	} {
		if r, _ := guarantee.InForce(rules, day); r.ID != want {
			t.Errorf("on %s the rule is %q, want %q", day, r.ID, want)
		}
	}
	for _, r := range rules[2:] { // 第四十六条 exempts rural mutual bodies only: which pools are is the operator's to say
		if len(r.Exempt) > 0 && !r.Unconfirmed("exempt") {
			t.Errorf("%s exempts pools for certain", r.ID)
		}
	}
	own := rules[3]
	own.ID, own.From, own.To, own.Shipped = "ours", "2024-01-01", "", false
	if r, _ := guarantee.InForce(append(rules, own), "2024-01-01"); r.ID != "ours" {
		t.Errorf("the operator's version does not go before the one shipped: %s", r.ID)
	}
	own.Published = false
	if r, _ := guarantee.InForce(append(rules, own), "2024-01-01"); r.ID != "2018" {
		t.Errorf("a draft is in force: %s", r.ID)
	}
	if !rules[3].Unconfirmed("weights") || rules[3].Unconfirmed("leverage") || !rules[0].Unconfirmed("exempt") {
		t.Error("numbers from memory are not told from those that were read")
	}
}
