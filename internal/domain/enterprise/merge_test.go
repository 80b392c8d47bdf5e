package enterprise_test

import (
	"fmt"
	"testing"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/fault"
)

// viewer may look in the county, and nothing else.
func viewer() authz.Actor {
	a := staff(sheyang)
	a.Grants[0].Role.Permissions = []authz.Permission{enterprise.View}
	return a
}

func TestDuplicatesAreFoundByNumberAndByName(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		old := w.registers(staff(sheyang), "射阳鹤乡纺织厂", hede, "14013261-1", false)
		near := w.registers(staff(sheyang), "江苏鹤乡纺织有限责任公司", linhai, "192203821", false)
		w.registers(staff(sheyang), "丹顶鹤食品有限公司", hede, crane, false)
		w.registers(staff(funing), "鹤乡纺织有限公司", donggou, another, false)
		w.registers(staff(funing), "某某公司", donggou, mill, false)
		id := w.registers(staff(sheyang), "射阳县鹤乡纺织有限公司", hede, mill, false)
		found, elsewhere, err := w.Duplicates(ctx, staff(sheyang), id)
		w.ok(err)
		if len(found) != 2 || elsewhere != 1 {
			t.Fatalf("found %+v, elsewhere %d", found, elsewhere)
		}
		if !found[0].SameCode || found[0].Enterprise.ID != old || found[1].Enterprise.ID != near || found[1].SameCode || found[1].Score < 0.6 {
			t.Errorf("%+v", found)
		}
		_, _, err = w.Duplicates(ctx, viewer(), id)
		w.want(fault.Denied, err)
	})
}

func TestTwoEntriesOfOneEnterpriseBecomeOneAndTwoAgain(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, by := t.Context(), staff(sheyang)
		to := w.registers(w.person("gu"), "鹤乡纺织有限公司", hede, mill, true)
		w.ok(w.Verify(ctx, by, to, 1))
		from := w.registers(w.person("lu"), "鹤乡纺织厂", linhai, "14013261-1", true)
		w.ok(w.Verify(ctx, by, from, 1))
		year := func(id enterprise.ID, y int, x int64) {
			w.ok(w.SetYear(ctx, by, id, enterprise.Year{
				Year: y, Source: enterprise.SelfReported,
				Figures: enterprise.Figures{Employees: new(x), Revenue: yuan(3000), Assets: yuan(4000)},
			}))
		}
		year(to, 2007, 300)
		year(from, 2007, 10)
		year(from, 2008, 299)
		before := w.entries()
		w.ok(w.Merge(ctx, by, from, 2, to, "同一家企业换了执照"))
		if w.entries() != before+2 {
			t.Errorf("%d audit entries, want one for each side", w.entries()-before)
		}
		e := w.get(to)
		years, err := w.Years(ctx, by, to)
		w.ok(err)
		if len(e.Identifiers) != 2 || e.SizeYear != 2008 || e.Size != enterprise.Small || len(years) != 2 || *years[1].Figures.Employees != 300 {
			t.Errorf("%+v, years %+v", e, years)
		}
		if got := w.holds(); got != "gu:鹤乡纺织有限公司 lu:鹤乡纺织有限公司" {
			t.Errorf("who acts for what: %s", got)
		}
		now, err := enterprise.Resolve(ctx, w.db, from)
		if err != nil || now != to {
			t.Errorf("%s is %s now, %v", from, now, err)
		}
		if n, _ := w.Count(ctx, by, enterprise.Filter{}); n != 1 {
			t.Errorf("the list shows %d", n)
		}
		w.want(fault.Conflict, w.Edit(ctx, by, from, 3, enterprise.Amendment{Profile: w.get(from).Profile}))
		w.want(fault.Conflict, w.Merge(ctx, by, from, 3, to, "再合并一次"))

		w.ok(w.Separate(ctx, by, from, 3, "核对后是两家"))
		e = w.get(to)
		if len(e.Identifiers) != 1 || e.SizeYear != 2007 || e.Size != enterprise.Medium {
			t.Errorf("after undoing: %+v", e)
		}
		if a := w.get(from); a.AliasOf != "" || a.Status != enterprise.Verified || !a.Identifiers[0].Verified {
			t.Errorf("the alias: %+v", a)
		}
		if got := w.holds(); got != "gu:鹤乡纺织有限公司 lu:鹤乡纺织厂" {
			t.Errorf("who acts for what: %s", got)
		}
		if want := []string{fmt.Sprint(from, ">", to), fmt.Sprint(from, "<", to)}; fmt.Sprint(w.merges) != fmt.Sprint(want) {
			t.Errorf("the ledger heard %v", w.merges)
		}
		w.want(fault.Conflict, w.Separate(ctx, by, from, 4, "没有合并过"))
	})
}

func TestAMergeThatWouldLoseTheTruthIsRefused(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, by := t.Context(), staff(sheyang)
		a := w.verified("鹤乡纺织有限公司", hede, mill)
		b := w.verified("丹顶鹤食品有限公司", hede, crane)
		c := w.registers(by, "鹤乡纺织厂", hede, mill, false)
		far := w.verified("阜宁风机有限公司", donggou, another)
		w.want(fault.Conflict, w.Merge(ctx, by, a, 2, b, "两家不同的企业"))
		w.want(fault.Conflict, w.Merge(ctx, by, a, 2, c, "反过来才对"))
		w.want(fault.Conflict, w.Merge(ctx, by, c, 1, c, "自己和自己"))
		w.want(fault.NotFound, w.Merge(ctx, by, c, 1, far, "别的县的企业"))
		w.want(fault.Denied, w.Merge(ctx, viewer(), c, 1, a, "没有这个权"))
		w.want(fault.Invalid, w.Merge(ctx, by, c, 1, a, ""))
		w.want(fault.Stale, w.Merge(ctx, by, c, 5, a, "同一家企业"))
		w.ok(w.Merge(ctx, by, c, 1, a, "同一家企业"))
	})
}

func TestAnUncheckedRegistrantGainsNothingByAMerge(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, by := t.Context(), staff(sheyang)
		a := w.verified("鹤乡纺织有限公司", hede, mill)
		c := w.registers(w.person("squatter"), "鹤乡纺织厂", hede, mill, true)
		w.ok(w.Merge(ctx, by, c, 1, a, "同一家企业"))
		if w.holds() != "" {
			t.Errorf("who acts for what: %s", w.holds())
		}
		w.ok(w.Separate(ctx, by, c, 2, "先看认领再说"))
		if w.holds() != "squatter:鹤乡纺织厂" {
			t.Errorf("who acts for what: %s", w.holds())
		}
	})
}

func TestMergesAreUndoneInTheirOrder(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, by := t.Context(), staff(sheyang)
		a := w.registers(by, "鹤乡纺织一厂", hede, mill, false)
		b := w.registers(by, "鹤乡纺织二厂", hede, mill, false)
		c := w.registers(by, "鹤乡纺织三厂", hede, mill, false)
		w.ok(w.Merge(ctx, by, a, 1, b, "同一家企业"))
		w.ok(w.Merge(ctx, by, b, 1, c, "同一家企业"))
		if now, _ := enterprise.Resolve(ctx, w.db, a); now != c {
			t.Errorf("%s, want %s", now, c)
		}
		w.want(fault.Conflict, w.Separate(ctx, by, a, 2, "先撤销前一次"))
		w.ok(w.Separate(ctx, by, b, 2, "后来的先撤销"))
		w.ok(w.Separate(ctx, by, a, 2, "再撤销前一次"))
	})
}
