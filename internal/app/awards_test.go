package app_test

import (
	"context"
	"slices"
	"testing"

	"qiban.dev/qiban/demo"
	"qiban.dev/qiban/internal/app"
	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/domain/park"
	"qiban.dev/qiban/internal/domain/recognition"
	"qiban.dev/qiban/internal/domain/techplatform"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/testkit"
)

// What parks, institutions and platforms are counted as is what their titles say,
// on every day: also where a grade was noted by hand or taken away, and where an
// office tries what cannot be.
func TestGradesAndTitlesNeverDriftApart(t *testing.T) {
	testkit.EachDemo(t, func(t *testing.T, source string) {
		a, ctx := open(t, source), t.Context()
		by := clerk("official", demo.City, park.See, park.SetGrade, institution.See, institution.SetDemonstration,
			techplatform.See, techplatform.SetLevel, recognition.See, recognition.Revoke)
		all := authz.Unbounded("the test looks at everything")
		today := flow.DayOf(a.DB.Now())
		agree := func(when string) {
			t.Helper()
			for _, day := range []string{"2007-06-30", "2008-12-31", today} {
				agreeOn(ctx, t, a, when, day)
			}
		}
		agree("as loaded")

		parks, _, err := a.Park.List(ctx, all, park.Filter{}, db.Page{Limit: 200})
		must(t, err)
		graded := parks[slices.IndexFunc(parks, func(p park.Park) bool { return p.Grade == park.GradeA })]
		plain := parks[slices.IndexFunc(parks, func(p park.Park) bool { return p.Grade == park.NoGrade && !p.Model && p.Since() < "2008" })]

		_, err = a.Park.EndGrade(ctx, by, graded.ID, graded.Version, park.GradeA, "2008-06-01", "抽查未达标准")
		refused(t, "a grade ended before it was given", err, fault.Conflict)
		graded, err = a.Park.EndGrade(ctx, by, graded.ID, graded.Version, park.GradeA, today, "抽查未达标准")
		must(t, err)
		held, _, err := a.Recognition.Awards(ctx, all, recognition.AwardFilter{Title: "park.a", Subject: "park", ID: string(graded.ID)}, db.Page{})
		must(t, err)
		if len(held) != 1 || held[0].State != recognition.Revoked || graded.Grade != park.NoGrade {
			t.Errorf("the award of a park that lost its grade: %+v", held)
		}
		agree("a grade taken away by hand")

		for what, from := range map[string]string{"before there was the park": "1990-01-01", "in the future": flow.AddDays(today, 1)} {
			_, err = a.Park.SetGrade(ctx, by, plain.ID, plain.Version, park.Term{Grade: park.GradeA, From: from, Document: "某号文件"})
			refused(t, what, err, fault.Invalid)
		}
		plain, err = a.Park.SetGrade(ctx, by, plain.ID, plain.Version, park.Term{Grade: park.GradeA, From: "2008-12-01", Document: "某号文件"})
		must(t, err)
		_, err = a.Park.SetGrade(ctx, by, plain.ID, plain.Version, park.Term{Grade: park.GradeA, From: "2008-12-01", Document: "某号文件"})
		refused(t, "the same twice", err, fault.Invalid)
		agree("a grade noted by hand")
		held, _, err = a.Recognition.Awards(ctx, all, recognition.AwardFilter{Title: "park.a", Subject: "park", ID: string(plain.ID)}, db.Page{})
		must(t, err)
		_, err = a.Recognition.Revoke(ctx, by, held[0].ID, held[0].Version, "不再符合条件")
		must(t, err)
		agree("and revoked as an award")

		shown, _, err := a.Institution.List(ctx, all, institution.Filter{Demonstration: true}, db.Page{Limit: 1})
		must(t, err)
		_, err = a.Institution.Withdraw(ctx, by, shown[0].ID, shown[0].Version, today, "年检不合格")
		must(t, err)
		agree("an institution is no model any more")

		labs, _, err := a.Technology.List(ctx, all, techplatform.Filter{Level: techplatform.Nation}, db.Page{})
		must(t, err)
		lab := labs[0]
		lab, err = a.Technology.SetLevel(ctx, by, lab.ID, lab.Version, techplatform.Term{Level: techplatform.City, From: "2005-01-01", Document: "某号文件"})
		must(t, err)
		if lab.Level != techplatform.Nation {
			t.Errorf("an older title of the city takes the nation's away: %s", lab.Level)
		}
		agree("an older level noted")
		lab, err = a.Technology.SetLevel(ctx, by, lab.ID, lab.Version, techplatform.Term{From: today, Document: "撤销文件"})
		must(t, err)
		if lab.Level != techplatform.NoLevel {
			t.Errorf("all levels were taken away: %s", lab.Level)
		}
		agree("all levels taken away")
		_, err = a.Technology.SetLevel(ctx, by, lab.ID, lab.Version, techplatform.Term{From: today, Document: "撤销文件"})
		refused(t, "taken away once more", err, fault.Conflict)
	})
}

func refused(t *testing.T, what string, err error, kind fault.Kind) {
	t.Helper()
	if !fault.Is(err, kind) {
		t.Errorf("%s: %v, want %v", what, err, kind)
	}
}

// agreeOn compares what the registers count on a day with the titles that hold.
func agreeOn(ctx context.Context, t *testing.T, a *app.App, when, day string) {
	t.Helper()
	count := func(measure, dim, value string) int64 {
		n, err := a.Ledger.Value(ctx, a.DB, ledger.Query{
			Measure: measure, Region: demo.City, Tree: ledger.Today, To: ledger.Date(day), Where: []ledger.Cond{{Dim: dim, In: []string{value}}},
		})
		must(t, err)
		return n
	}
	titles := func(title string) int64 { return count("recognition.awards", "title", title) }
	for what, n := range map[string][2]int64{
		"parks of grade A":           {count("park.parks", "grade", "a"), titles("park.a")},
		"model parks":                {count("park.parks", "model", "yes"), titles("park.model")},
		"demonstration institutions": {count("institution.all", "demonstration", "yes"), titles("institution.demonstration")},
		"platforms of the nation":    {count("techplatform.platforms", "level", "nation"), titles("techplatform.nation")},
	} {
		if n[0] != n[1] {
			t.Errorf("%s: on %s %d %s are counted, and %d titles hold", when, day, n[0], what, n[1])
		}
	}
}

// A city that has more institutions than one list shows finds the one it applies
// for by its name.
func TestOneOfManyInstitutionsIsFoundByItsName(t *testing.T) {
	testkit.EachDemo(t, func(t *testing.T, source string) {
		a, ctx := open(t, source), t.Context()
		by := clerk("official", demo.City, recognition.Apply, institution.See)
		calls, _, err := a.Recognition.Calls(ctx, recognition.CallFilter{}, db.Page{Limit: 200})
		must(t, err)
		i := slices.IndexFunc(calls, func(c recognition.Call) bool { return c.Title == "institution.demonstration" })
		if i < 0 {
			t.Fatal("the demonstration calls for no institutions")
		}
		all, err := a.Recognition.Mine(ctx, by, &calls[i], "")
		must(t, err)
		if len(all) != recognition.MostSubjects {
			t.Fatalf("of a thousand institutions %d are listed", len(all))
		}
		shown := map[string]bool{}
		for _, s := range all {
			shown[s.ID] = true
		}
		var hidden institution.Institution
		for after := ""; hidden.ID == ""; {
			list, next, err := a.Institution.List(ctx, authz.Unbounded("the test looks at everything"), institution.Filter{}, db.Page{Limit: 200, After: after})
			must(t, err)
			if n := slices.IndexFunc(list, func(i institution.Institution) bool { return !shown[string(i.ID)] }); n >= 0 {
				hidden = list[n]
			} else if after = next; after == "" {
				t.Fatal("every institution is in the first list")
			}
		}
		found, err := a.Recognition.Mine(ctx, by, &calls[i], hidden.Name)
		must(t, err)
		if !slices.ContainsFunc(found, func(s recognition.Subject) bool { return s.ID == string(hidden.ID) }) {
			t.Errorf("%s is not found by its name among %d", hidden.Name, len(found))
		}
	})
}
