package app

import (
	"encoding/csv"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qiban.dev/qiban/internal/testkit"
	"qiban.dev/qiban/internal/xfer"
)

// wrong is a row of a kind in which every cell can be read and every one is wrong.
type wrong struct {
	cells map[string]string // by column: each breaks a rule, or names what there is not
	// right are the other columns: what they say is taken as it is, or can only be
	// judged beside what the row names and there is not.
	right map[string]string
}

var long = strings.Repeat("长", 2100)

// wrongRows has a row of every kind that comes in. Who brings them acts for 射阳县,
// and nothing is on file but the places and what the program ships with.
var wrongRows = map[string]wrong{
	"enterprise": {cells: map[string]string{
		"name": long, "short_name": long, "credit_code": "1", "organisation_code": "2", "registration_number": "3", "region": "320923100",
		"address": long, "legal_form": "饭店", "industry": "Z99", "established": "2999-01-01", "contact_phone": "123", "contact_mail": "x",
		"contact_person": long, "status": "饭店", "since": "2999-01-01",
	}, right: map[string]string{"industry_edition": "", "status_reason": ""}},
	"enterprise-year": {cells: map[string]string{
		"credit_code": testkit.CreditCode("320924100", 77), "year": "1900", "employees": "-1", "revenue": "-1", "assets": "-1", "source": "饭店",
	}, right: map[string]string{"organisation_code": "", "registration_number": ""}},
	"institution": {cells: map[string]string{
		"name": long, "code": long, "region": "320923", "kinds": "饭店", "level": "国家级", "founded": "1800-01-01", "since": "1800-01-01",
		"capital": "-1", "about": long, "address": long, "website": "x", "published": "也许", "ended": "昨天", "tier": "饭店",
		"tier_from": "1800-01-01", "tier_to": "1700-01-01", "tier_document": long, "demonstration_from": "2999-01-01",
		"demonstration_to": "2998-01-01", "demonstration_document": long, "contact_name": long, "contact_post": long, "contact_phone": "1",
		"contact_email": long,
	}},
	"return": {cells: map[string]string{"region": "320923", "indicator": "甲", "value": "-1"}, right: map[string]string{"year": "2008"}},
	"target": {cells: map[string]string{"region": "330100", "indicator": "甲", "value": "-1", "document": long}, right: map[string]string{"year": "2008"}},
	"park": {cells: map[string]string{
		"name": long, "region": "320923100", "developer": long, "operator": long, "land": "-1", "planned_on": "1800-01-01", "begun_on": "2999-01-01",
		"done_on": "2999-01-01", "facilities": "饭店", "about": long, "address": long, "published": "也许", "grade_from": "2999-01-01",
		"grade_to": "2998-01-01", "grade_document": "", "model_from": "2999-01-01", "model_to": "2998-01-01", "model_document": "",
	}},
	"park_building": {cells: map[string]string{
		"park": "没有的园", "name": long, "kind": "饭店", "floors": "-1", "area": "-1", "planned_on": "1800-01-01", "begun_on": "2999-01-01",
		"done_on": "2999-01-01",
	}, right: map[string]string{"region": "320924100"}},
	"park_tenancy": {cells: map[string]string{
		"park": "没有的园", "code": testkit.CreditCode("320924100", 77), "area": "-1", "entered": "2999-01-01", "left": "2998-01-01", "way": "饭店",
	}, right: map[string]string{"region": "320924100", "building": "1号厂房"}},
	"park-plan": {cells: map[string]string{
		"region": "320923100", "year": "1900", "title": "短", "land": "-1", "floor_area": "-1", "parks": "-1", "text": long,
		"approved_on": "2999-01-01",
	}, right: map[string]string{"document": "射政复〔2008〕1号"}},
	"recognition_award": {cells: map[string]string{
		"title": "没有的称号", "office": "320923", "grade": long, "was": long, "regraded": "2007-01-01", "from": "2999-01-01", "to": "2998-01-01",
		"document": "短", "state": "饭店",
	}, right: map[string]string{"name": "没有的园", "region": "320923100"}},
	"industry-base": {cells: map[string]string{
		"base": long, "region": "320923", "industry": long, "since": "2999-01-01", "ended": "2998-01-01", "about": long,
	}},
	"technology-platform": {cells: map[string]string{
		"name": long, "region": "320923", "kind": "饭店", "institution": "没有的机构", "base": "没有的基地", "functions": "饭店", "industry": long,
		"founded": "2999-01-01", "address": long, "about": long, "level": "饭店", "level_from": "昨天", "level_to": "昨天",
		"level_document": "短", "published": "也许", "ended": "昨天",
	}},
	"platform-founder": {cells: map[string]string{
		"platform": "没有的平台", "name": long, "kind": "饭店", "what": "饭店", "amount": "-1", "note": long,
	}},
	"base-platform": {cells: map[string]string{"base": "没有的基地", "platform": "没有的平台", "functions": "饭店", "since": "昨天"}},
	"platform-service": {cells: map[string]string{
		"platform": "没有的平台", "name": long, "kind": "饭店", "description": long, "price": "-1", "unit": long, "free_share": "101", "ended": "也许",
	}},
	"instrument": {cells: map[string]string{
		"platform": "没有的平台", "name": long, "model": long, "about": long, "price": "-1", "opens": "25:00", "closes": "x", "weekends": "也许",
		"ended": "也许",
	}},
	"technology-service": {cells: map[string]string{
		"platform": "没有的平台", "kind": "饭店", "on": "2999-01-01", "title": long, "enterprises": testkit.CreditCode("320924100", 77), "fee": "-1", "state": "饭店",
	}},
	"patent": {cells: map[string]string{
		"number": "1", "title": long, "code": testkit.CreditCode("320924100", 77), "granted": "2008-02-01",
		"ended": "2008-01-01", "on_offer": "也许", "about": long,
	}, right: map[string]string{"applied": "2008-03-01"}},
	"technology-notice": {cells: map[string]string{
		"side": "饭店", "title": long, "text": long, "industry": "Z99", "amount": "-1", "code": testkit.CreditCode("320924100", 77), "contact": long,
	}, right: map[string]string{"institution": ""}},
	"new-product": {cells: map[string]string{
		"name": long, "industry": "Z99", "about": long, "patents": "1", "code": testkit.CreditCode("320924100", 77), "applied_on": "昨天",
		"grade": "没有的等级", "certificate": long, "on": "2999-01-01",
	}},
	"guarantor": {cells: map[string]string{
		"guarantor": "没有的机构", "type": "饭店", "level": "国家级", "since": "2999-01-01", "registered": "-1", "net_assets": "x", "source": "短",
		"from": "昨天", "park_name": long, "multiple": "x", "member_cap": "x", "ended": "昨天",
	}},
	"guarantor-standing": {cells: map[string]string{
		"guarantor": "没有的机构", "from": "2999-01-01", "type": "饭店", "level": "国家级", "source": "短",
	}},
	"guarantor-capital": {cells: map[string]string{
		"guarantor": "没有的机构", "from": "2999-01-01", "registered": "-1", "invested": "-1", "unearned": "-1", "compensation": "-1", "general": "-1",
		"source": "短",
	}, right: map[string]string{"net_assets": "-1"}},
	"guarantor-statement": {cells: map[string]string{
		"guarantor": "没有的机构", "on": "2999-01-01", "total": "-1", "receivable": "-1", "first": "-1", "second": "-1", "third": "-1", "source": "短",
	}},
	"guarantor-outlet": {cells: map[string]string{"guarantor": "没有的机构", "town": "320924", "from": "2999-01-01", "to": "2998-01-01"}},
	"guarantor-bank": {cells: map[string]string{
		"guarantor": "没有的机构", "bank": "没有的银行", "line": "-1", "from": "昨天", "to": "昨天",
	}},
	"pool-member": {cells: map[string]string{
		"pool": "没有的机构", "code": testkit.CreditCode("320924100", 77), "joined": "2999-01-01", "paid": "-1", "left": "2998-01-01",
	}, right: map[string]string{"reason": ""}},
	"guarantee": {cells: map[string]string{
		"guarantor": "没有的机构", "number": long, "code": "1", "bank": "没有的银行", "signed": "2999-01-01", "until": "昨天", "amount": "-1",
		"purpose": long, "security": "饭店", "backers": "1", "backed": "x", "lent": "昨天", "loan": "x", "repaid_on": "昨天", "repaid": "x",
		"claimed_on": "昨天", "claimed": "x", "recovered_on": "昨天", "recovered": "x", "released": "昨天", "fee": "-1",
	}},
}

// Whoever corrects a row that comes back corrects it once: every cell that is wrong is
// told, each once, and nothing else, whether it cannot be read or cannot be so.
func TestEverythingWrongWithARowIsToldAtOnce(t *testing.T) {
	testkit.EachMigrated(t, func(t *testing.T, source string) {
		a := started(t, source, Options{})
		for _, k := range a.transfers() {
			if k.Import == nil {
				continue
			}
			t.Run(k.Table.Name, func(t *testing.T) {
				unread, wrong := map[string]string{}, wrongRows[k.Table.Name]
				for _, c := range k.Table.Columns {
					if c.Type == xfer.Note {
						continue
					}
					unread[c.Key] = "#N/A"
					_, broken := wrong.cells[c.Key]
					if _, right := wrong.right[c.Key]; broken == right {
						t.Errorf("the row of this test says nothing of the column %s", c.Key)
					}
				}
				before := written(t, a)
				told(t, a, k, unread, nil)
				told(t, a, k, wrong.cells, wrong.right)
				if after := written(t, a); after != before {
					t.Errorf("%d entries and facts after %d", after, before)
				}
			})
		}
	})
}

// told imports one row, and checks that just its wrong cells are told, each once.
func told(t *testing.T, a *App, k xfer.Kind, wrong, right map[string]string) {
	t.Helper()
	var head, cells, want, got []string
	for _, c := range k.Table.Columns {
		cell, broken := wrong[c.Key]
		if broken {
			want = append(want, c.Key)
		} else if cell = right[c.Key]; cell == "" {
			continue
		}
		head, cells = append(head, c.Key), append(cells, cell)
	}
	var file strings.Builder
	check(t, csv.NewWriter(&file).WriteAll([][]string{head, cells}))
	names, err := a.placeNames(t.Context())
	check(t, err)
	r, err := xfer.Open(strings.NewReader(file.String()), int64(file.Len()), k.Table, xfer.Most(), names)
	check(t, err)
	imp, err := k.Import(t.Context(), operator("320924"))
	check(t, err)
	_, err = xfer.Run(t.Context(), r, imp, xfer.Plan{Each: func(row *xfer.Row) error {
		for _, f := range row.Bad {
			got = append(got, f.Name)
		}
		return nil
	}})
	check(t, err)
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what is told (-want +got):\n%s", diff)
	}
}

// written counts the entries of the audit trail and the facts of the ledger.
func written(t *testing.T, a *App) (n int64) {
	t.Helper()
	check(t, a.DB.Get(t.Context(), &n, `SELECT (SELECT COUNT(*) FROM audit_entry) + (SELECT COUNT(*) FROM ledger_fact)`))
	return n
}
