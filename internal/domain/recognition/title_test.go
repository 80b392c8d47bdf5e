package recognition_test

import (
	"slices"
	"testing"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/criteria"
	"qiban.dev/qiban/internal/domain/recognition"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/ledger"
)

// An operator edits the standard: a draft is checked and replaced, a version in
// use never changes, and an older call keeps its own.
func TestAStandardIsEditedWithoutAProgrammer(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		c := w.call(0)
		set, published, err := w.Criteria(ctx, "park.a", 1)
		ok(t, err)
		if !published {
			t.Fatal("what is shipped is in use")
		}
		next := *set
		next.Version, next.From = 0, "2009-01-01"
		card := *set.Score
		card.Items = slices.Clone(card.Items)
		card.Items[0].Weight = 35
		next.Score = &card
		_, err = w.DraftCriteria(ctx, official(city), city, "park.a", next, "")
		wants(t, "weights that do not add up", err, fault.Invalid, "score.items")
		card.Items[0].Weight = 40
		card.Pass = 85
		_, err = w.DraftCriteria(ctx, official(sheyang), city, "park.a", next, "")
		wants(t, "a county edits the city's standard", err, fault.Denied)
		v, err := w.DraftCriteria(ctx, official(city), city, "park.a", next, "")
		ok(t, err)
		next.Version = v
		read, _, err := w.Criteria(ctx, "park.a", v)
		ok(t, err)
		was, err := read.Stamp()
		ok(t, err)
		card.Pass = 84
		_, err = w.DraftCriteria(ctx, official(city), city, "park.a", next, was)
		ok(t, err)
		card.Pass = 85
		_, err = w.DraftCriteria(ctx, official(city), city, "park.a", next, was)
		wants(t, "a draft that somebody else changed", err, fault.Stale)
		_, err = w.DraftCriteria(ctx, official(city), city, "park.a", next, "")
		ok(t, err)
		ok(t, w.PublishCriteria(ctx, official(city), city, "park.a", v))
		_, err = w.DraftCriteria(ctx, official(city), city, "park.a", next, "")
		wants(t, "a version in use", err, fault.Conflict)
		wants(t, "a version in use is taken away", w.DropCriteria(ctx, official(city), city, "park.a", v), fault.Conflict)
		next.Version = 0
		spare, err := w.DraftCriteria(ctx, official(city), city, "park.a", next, "")
		ok(t, err)
		wants(t, "a county takes the city's draft away", w.DropCriteria(ctx, official(sheyang), city, "park.a", spare), fault.Denied)
		ok(t, w.DropCriteria(ctx, official(city), city, "park.a", spare))
		_, _, err = w.Criteria(ctx, "park.a", spare)
		wants(t, "a draft that was taken away", err, fault.NotFound)
		d, err := w.Call(ctx, c.ID)
		if err != nil || d.Criteria.Score.Pass != 75 {
			t.Errorf("the call goes by a pass mark of %v (%v)", d.Criteria.Score.Pass, err)
		}
		w.clock = time.Date(2009, 3, 2, 9, 0, 0, 0, ledger.Shanghai)
		later, err := w.Announce(ctx, official(city), recognition.Call{
			Title: "park.a", Office: city, Name: "2009年A级园申报", Year: 2009, Opens: "2009-03-01", Closes: "2009-03-31",
		}, "")
		if err != nil || later.CriteriaVersion != v {
			t.Errorf("the next call goes by version %d (%v), want %d", later.CriteriaVersion, err, v)
		}
		_, err = w.Announce(ctx, official(city), recognition.Call{Title: "none", Office: city, Name: "没有的称号", Year: 2009, Opens: "2009-03-01", Closes: "2009-02-01"}, "")
		wants(t, "ends before it begins", err, fault.Invalid, "closes")
		for _, year := range []int{1999, 2011} {
			_, err = w.Announce(ctx, official(city), recognition.Call{
				Title: "park.a", Office: city, Name: "不是这时候的申报", Year: year, Opens: "2009-03-01", Closes: "2009-03-31",
			}, "")
			wants(t, "a year far from its days", err, fault.Invalid, "year")
		}
		_, err = w.SetTitle(ctx, official(city), city, recognition.Title{ID: "Bad Id", Name: criteria.Words{Zh: "园"}, Subject: "moon", Terms: recognition.Terms{Months: -1}})
		wants(t, "a title that is wrong everywhere", err, fault.Invalid, "id", "name", "subject", "months")
		title, err := w.SetTitle(ctx, official(city), city, recognition.Title{ID: "park.b", Name: criteria.Words{Zh: "市定B级中小企业园"}, Subject: "park", Terms: recognition.Terms{Grade: "B", Months: 24}})
		ok(t, err)
		_, err = w.SetTitle(ctx, official(city), city, recognition.Title{ID: "park.b", Name: criteria.Words{Zh: "再来一个"}, Subject: "park"})
		wants(t, "an id that is taken", err, fault.Invalid, "id")
		title.Months = 36
		_, err = w.SetTitle(ctx, official(city), city, title)
		ok(t, err)
		_, err = w.SetTitle(ctx, official(city), city, title)
		wants(t, "an old page", err, fault.Stale)
	})
}

// A title that is downgraded counts under its new grade from then on.
func TestADowngradeCountsFromItsDay(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		title, err := w.Title(ctx, "park.a")
		ok(t, err)
		title.Below = "B"
		_, err = w.SetTitle(ctx, official(city), city, title.Title)
		ok(t, err)
		a := w.scored(w.call(0), "p1", 90, 90, 90)
		a, err = w.Publicise(ctx, official(city), a.ID, a.Version)
		ok(t, err)
		w.days(20)
		_, award, err := w.Decide(ctx, official(city), a.ID, a.Version, "盐中小企〔2008〕20号")
		ok(t, err)
		w.days(365)
		g, err := w.Recheck(ctx, official(city), award, 1)
		ok(t, err)
		g, err = w.Downgrade(ctx, official(city), award, g.Version, "盐中小企〔2009〕20号")
		ok(t, err)
		if g.Grade != "B" || w.grades["p1"] != "B" {
			t.Errorf("its grade is %s, its own record says %s", g.Grade, w.grades["p1"])
		}
		for day, want := range map[string]string{"2008-12-31": "A", "2009-12-31": "B"} {
			cells, err := w.ledger.Read(ctx, w.db, ledger.Query{Measure: "recognition.awards", Region: city, To: ledger.Date(day), By: []string{"grade"}})
			if err != nil || len(cells) != 1 || cells[0].Keys[0] != want || cells[0].Value != 1 {
				t.Errorf("on %s: %+v (%v), want one of grade %s", day, cells, err, want)
			}
		}
		w.clock = time.Date(2012, 1, 2, 9, 0, 0, 0, ledger.Shanghai)
		for range 2 { // a job comes again
			_, err := w.ExpireAll(ctx, recognition.Robot())
			ok(t, err)
		}
		d, err := w.Award(ctx, official(city), award)
		if err != nil || d.State != recognition.Expired {
			t.Errorf("after its term it is %s (%v)", d.State, err)
		}
	})
}

// An office sets until when reports come and when a re-check is due; what was
// awarded before keeps what held then, until its next term.
func TestTheDaysOfReportAndRecheckAreSetWithTheTitle(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, robot := t.Context(), authz.System("late", recognition.Watch)
		title, err := w.Title(ctx, "park.a")
		ok(t, err)
		if title.ReportBy != "03-31" || title.Recheck != 90 {
			t.Errorf("shipped are %s and %d days", title.ReportBy, title.Recheck)
		}
		awarded := func(park string) string {
			t.Helper()
			a := w.scored(w.call(0), park, 90, 80, 88)
			a, err := w.Publicise(ctx, official(city), a.ID, a.Version)
			ok(t, err)
			w.days(20)
			_, id, err := w.Decide(ctx, official(city), a.ID, a.Version, "盐中小企〔2008〕20号")
			ok(t, err)
			w.days(-20)
			return id
		}
		before := awarded("p1") // until 2011-06-22
		for _, wrong := range []string{"2-30", "13-01", "3月31日", "03-31x"} {
			bad := title.Title
			bad.ReportBy, bad.Recheck = wrong, 400
			_, err = w.SetTitle(ctx, official(city), city, bad)
			wants(t, wrong, err, fault.Invalid, "report_by", "recheck")
		}
		title.ReportBy, title.Recheck = "02-29", 30
		next, err := w.SetTitle(ctx, official(city), city, title.Title)
		ok(t, err)
		after := awarded("p2")
		next.ReportBy = "" // reports are not asked for any more
		_, err = w.SetTitle(ctx, official(city), city, next)
		ok(t, err)
		silent := awarded("p3")
		for id, want := range map[string][2]string{
			before: {"03-31", "2011-03-24"}, after: {"02-29", "2011-05-23"}, silent: {"", "2011-05-23"},
		} {
			d, err := w.Award(ctx, official(city), id)
			if ok(t, err); d.ReportBy != want[0] || d.RecheckFrom != want[1] || d.To != "2011-06-22" {
				t.Errorf("an award until %s asks for reports by %q and is re-checked from %s, want %v", d.To, d.ReportBy, d.RecheckFrom, want)
			}
		}
		late := func(day string, want int) {
			t.Helper()
			w.on(day)
			n, err := w.TellLate(ctx, robot)
			if ok(t, err); n != want {
				t.Errorf("on %s it tells of %d, want %d", day, n, want)
			}
		}
		late("2009-02-28", 0)
		late("2009-03-01", 1)
		late("2009-03-31", 0)
		late("2009-04-01", 1)
		late("2009-12-31", 0)
		due := func(day string, want int) {
			t.Helper()
			w.on(day)
			n, err := w.CountAwards(ctx, official(city).Scope(recognition.See), w.RecheckDue())
			if ok(t, err); n != want {
				t.Errorf("on %s %d are due for a re-check, want %d", day, n, want)
			}
		}
		due("2011-03-23", 0)
		due("2011-03-24", 1)
		due("2011-05-23", 3)
		d, err := w.Award(ctx, official(city), before)
		ok(t, err)
		g, err := w.Recheck(ctx, official(city), before, d.Version)
		ok(t, err)
		g, err = w.Extend(ctx, official(city), before, g.Version, "盐中小企〔2011〕3号")
		if ok(t, err); g.ReportBy != "" || g.RecheckFrom != "2014-05-23" {
			t.Errorf("its next term asks for reports by %q and is re-checked from %s", g.ReportBy, g.RecheckFrom)
		}
	})
}
