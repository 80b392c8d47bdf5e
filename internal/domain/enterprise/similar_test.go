package enterprise_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/testkit"
)

// similar are the pairs that somebody may look through, the later name first.
func (w *world) similar(by authz.Actor) []string { w.t.Helper(); return w.alike(by, false) }

// alike are the same pairs, or with apart those that were told apart.
func (w *world) alike(by authz.Actor, apart bool) (pairs []string) {
	w.t.Helper()
	after := db.Page{Limit: 2}
	for {
		list, next, err := w.Similar(w.t.Context(), by, apart, after)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, p := range list {
			pairs = append(pairs, p.Later.Profile.Name+" = "+p.Earlier.Profile.Name)
		}
		if next == "" {
			slices.Sort(pairs)
			return pairs
		}
		after.After = next
	}
}

func (w *world) look(want int) {
	w.t.Helper()
	if n, err := w.FindSimilar(w.t.Context(), func(county region.Code) string { return map[region.Code]string{sheyang: "射阳"}[county] }); err != nil || n != want {
		w.t.Errorf("%d pairs found, want %d: %v", n, want, err)
	}
}

// A county's list brings in enterprises that are on the register by an old
// number and a slightly other name; they are found and shown to who may merge.
func TestEntriesOfSimilarNamesAreFoundAfterAnImport(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		desk := staff(sheyang)
		enter := func(name string, at region.Code, code string) enterprise.ID {
			return w.registers(desk, name, at, code, false)
		}
		old := enter("射阳鹤乡纺织公司", hede, "3209242000123")
		enter("射阳县鹤乡纺织有限责任公司", linhai, mill)
		enter("射阳沿海食品厂", hede, crane)
		enter("射阳县沿海食品厂", linhai, another) // both have a code of their own: two enterprises
		w.look(1)
		want := "射阳县鹤乡纺织有限责任公司 = 射阳鹤乡纺织公司"
		if got := w.similar(desk); len(got) != 1 || got[0] != want {
			t.Errorf("found %v", got)
		}
		if got := w.similar(staff(funing)); len(got) != 0 {
			t.Errorf("another county sees %v", got)
		}
		w.look(1) // the last minutes are looked at again, and nothing is there twice
		if got := w.similar(desk); len(got) != 1 {
			t.Errorf("the second time: %v", got)
		}
		w.ok(w.Edit(t.Context(), desk, old, w.get(old).Version, enterprise.Amendment{Profile: profile("射阳白鹭织造公司", hede)}))
		w.look(0)
		if got := w.similar(desk); len(got) != 0 {
			t.Errorf("renamed meanwhile: %v", got)
		}
	})
}

// Somebody looks at a pair and finds two enterprises: nobody is asked again, not
// after the next look at the register either, until it is taken back.
func TestTwoEnterprisesOfSimilarNamesAreToldApart(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		desk := staff(sheyang)
		a := w.registers(desk, "射阳鹤乡纺织公司", hede, "3209242000123", false)
		b := w.registers(desk, "射阳县鹤乡纺织有限责任公司", linhai, mill, false)
		w.look(1)
		w.want(fault.NotFound, w.Distinguish(t.Context(), staff(funing), a, b, true))
		w.want(fault.Conflict, w.Distinguish(t.Context(), desk, a, a, true))
		for range 2 {
			w.ok(w.Distinguish(t.Context(), desk, a, b, true))
		}
		w.look(1)
		if got, told := w.similar(desk), w.alike(desk, true); len(got) != 0 || len(told) != 1 {
			t.Errorf("still offered: %v; told apart: %v", got, told)
		}
		w.ok(w.Distinguish(t.Context(), desk, b, a, false))
		if got := w.similar(desk); len(got) != 1 {
			t.Errorf("taken back: %v", got)
		}
	})
}

// A name that many bear tells nothing: it would make pairs without end.
func TestANameThatManyBearMakesNoPairs(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		desk := staff(sheyang)
		for i := range 12 {
			w.registers(desk, "便民小吃店", hede, fmt.Sprintf("%013d", 3209240000000+i), false)
		}
		for i := range 3 {
			w.registers(desk, "水乡小吃店", linhai, fmt.Sprintf("%013d", 3209241000000+i), false)
		}
		w.look(3)
		if got := w.similar(desk); len(got) != 3 {
			t.Errorf("found %v", got)
		}
	})
}

func TestSimilarNamesAreLookedUpInTheirIndex(t *testing.T) {
	w := newWorld(t, testkit.Migrated(t))
	var plan []struct {
		Detail string `db:"detail"`
		ID     int    `db:"id"`
		Parent int    `db:"parent"`
		Unused int    `db:"notused"`
	}
	if err := w.db.Select(t.Context(), &plan, `EXPLAIN QUERY PLAN SELECT id FROM enterprise e WHERE e.name_key IN (?, ?) AND e.region >= ? AND e.region < ?
		AND e.alias_of = '' AND e.status <> 'closed' LIMIT 11`, "x", "y", "320924", "320925"); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(fmt.Sprint(plan), "enterprise_name_key (name_key=? AND region>? AND region<?)") {
		t.Errorf("the plan is %v", plan)
	}
}
