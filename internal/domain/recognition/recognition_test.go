package recognition_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/recognition"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
)

// The story of the issue: a grade-A park, three reviewers, publicity, an
// objection, the decision, a term, a report, a re-check.
func TestAParkBecomesGradeA(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		c := w.call(1)
		a, err := w.Begin(ctx, operator("p1"), c.ID, "p1", "form-1")
		ok(t, err)
		if again, err := w.Begin(ctx, operator("p1"), c.ID, "p1", "form-1"); err != nil || again.ID != a.ID {
			t.Errorf("sent twice it is %s (%v), not %s", again.ID, err, a.ID)
		}
		if in := a.Inputs["factory_area"]; in.Value != 42000 || in.From != "register" {
			t.Errorf("the register's floor area is filled in as %+v", in)
		}
		if in := a.Inputs["operating"]; !in.Flag || a.Inputs["multi_share"].Value != 66.67 {
			t.Errorf("what the register knows is filled in as %+v", a.Inputs)
		}
		_, err = w.Submit(ctx, operator("p1"), a.ID, a.Version, "")
		wants(t, "handed in half empty", err, fault.Invalid, "in_guaranteed", "in_occupied", "in_facility", "in_jobs")
		a, err = w.Withdraw(ctx, operator("p1"), a.ID, a.Version)
		ok(t, err)

		a = w.scored(c, "p1", 90, 80, 88)
		if a.State != recognition.Scored || a.Spread != 850 {
			t.Fatalf("after three reviews it is %s with %d, %d apart", a.State, a.Score, a.Spread)
		}
		// n points by hand are 0.85 n, and 85 % occupied adds 12.75
		if a.Score != 8585 {
			t.Errorf("the average is %d, want 8585", a.Score)
		}
		ranked, err := w.Rankings(ctx, official(city), c.ID)
		if err != nil || len(ranked) != 1 || ranked[0].ID != a.ID {
			t.Errorf("the ranking is %v (%v)", ranked, err)
		}
		a, err = w.Publicise(ctx, official(city), a.ID, a.Version)
		ok(t, err)
		if a.Public != "2008-06-02" || a.PublicTo != "2008-06-10" { // five working days over the Dragon Boat holiday
			t.Errorf("it is public %s to %s", a.Public, a.PublicTo)
		}
		_, _, err = w.Decide(ctx, official(city), a.ID, a.Version, "盐中小企〔2008〕20号")
		wants(t, "decided while it is public", err, fault.Conflict)
		objection, err := w.Object(ctx, anyone("li"), a.ID, "园区的多层厂房没有达到百分之五十。", "")
		ok(t, err)
		_, err = w.Object(ctx, anyone("li"), a.ID, "再说一遍：园区的多层厂房没有达到百分之五十。", "")
		wants(t, "again before the answer", err, fault.Conflict)
		own := operator("p1")
		own.Grants = append(own.Grants, anyone(own.ID).Grants...)
		_, err = w.Object(ctx, own, a.ID, "对我们自己的申报提出的异议。", "")
		wants(t, "of the applicant", err, fault.Conflict)
		if d, err := w.Detail(ctx, operator("p1"), a.ID); err != nil || len(d.Objections) != 0 {
			t.Errorf("the applicant reads %v before the answer (%v)", d.Objections, err)
		}
		_, err = w.Withdraw(ctx, official(city), a.ID, a.Version)
		wants(t, "withdrawn by the office", err, fault.Denied)
		w.days(10)
		if _, err = w.Object(ctx, anyone("li"), a.ID, "公示结束以后才提出的异议。", ""); !fault.Is(err, fault.Conflict) {
			t.Errorf("an objection that comes too late: %v", err)
		}
		_, _, err = w.Decide(ctx, official(city), a.ID, a.Version, "盐中小企〔2008〕20号")
		wants(t, "decided with an open objection", err, fault.Conflict)
		a, err = w.Answer(ctx, official(city), a.ID, a.Version, objection, "已核实，占比为60%", false)
		ok(t, err)
		if d, err := w.Detail(ctx, operator("p1"), a.ID); err != nil || len(d.Objections) != 1 || d.Objections[0].ByName != "" || d.Objections[0].By != "" {
			t.Errorf("the applicant reads %+v after it (%v)", d.Objections, err)
		}
		a, award, err := w.Decide(ctx, official(city), a.ID, a.Version, "盐中小企〔2008〕20号")
		ok(t, err)
		if a.State != recognition.Recognised || w.grades["p1"] != "A" {
			t.Errorf("it is %s, the park's own record says %q", a.State, w.grades["p1"])
		}
		count := func(day string, want int64) {
			t.Helper()
			n, err := w.ledger.Value(ctx, w.db, ledger.Query{Measure: "recognition.awards", Region: city, To: ledger.Date(day)})
			if err != nil || n != want {
				t.Errorf("on %s there are %d awards (%v), want %d", day, n, err, want)
			}
		}
		count("2008-06-11", 0)
		count("2008-06-12", 1)
		count("2011-06-11", 1)
		count("2011-06-12", 0)
		d, err := w.Award(ctx, operator("p1"), award)
		ok(t, err)
		if d.To != "2011-06-12" || !d.May(recognition.Report) || d.May(recognition.Revoke) {
			t.Errorf("the holder sees %+v", d.Award)
		}
		_, err = w.Report(ctx, operator("p1"), award, d.Version, recognition.Yearly{Year: 2009, Words: "今年新入园企业二十户。"})
		wants(t, "a report of a year to come", err, fault.Invalid, "year")
		g, err := w.Report(ctx, operator("p1"), award, d.Version, recognition.Yearly{Year: 2008, Words: "今年新入园企业二十户。"})
		ok(t, err)
		w.clock = time.Date(2011, 5, 4, 9, 0, 0, 0, ledger.Shanghai)
		g, err = w.Recheck(ctx, official(city), award, g.Version)
		ok(t, err)
		_, err = w.Downgrade(ctx, official(city), award, g.Version, "盐中小企〔2011〕3号")
		wants(t, "no grade below A", err, fault.Conflict)
		g, err = w.Extend(ctx, official(city), award, g.Version, "盐中小企〔2011〕3号")
		ok(t, err)
		count("2011-06-12", 1)
		count("2014-06-12", 0)
		_, err = w.Revoke(ctx, official(sheyang), award, g.Version, "不再符合条件")
		wants(t, "a county takes back what the city gave", err, fault.Denied)
		_, err = w.Revoke(ctx, official(city), award, g.Version, "不再符合条件")
		ok(t, err)
		count("2011-05-03", 1)
		count("2011-05-04", 0)
		if w.grades["p1"] != "" {
			t.Errorf("the park's own record still says %q", w.grades["p1"])
		}
		if _, err := w.Close(ctx, official(city), c.ID, c.Version); err != nil {
			t.Errorf("all are decided: %v", err)
		}
	})
}

// Each act, by somebody who may not, in a state that does not allow it, or on an
// old page.
func TestWhoMayDoWhat(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		c := w.call(0)
		a := w.applied(c, "p1")
		_, err := w.Check(ctx, official(jianhu), a.ID, a.Version, "")
		wants(t, "another county", err, fault.NotFound)
		_, err = w.Check(ctx, operator("p1"), a.ID, a.Version, "")
		wants(t, "the applicant checks itself", err, fault.Denied)
		_, err = w.Check(ctx, official(sheyang), a.ID, a.Version+1, "")
		wants(t, "an old page", err, fault.Stale)
		_, err = w.Publicise(ctx, official(city), a.ID, a.Version)
		wants(t, "made public before the first check", err, fault.Conflict)
		_, err = w.Withdraw(ctx, operator("p2"), a.ID, a.Version)
		wants(t, "another park's people", err, fault.NotFound)
		_, err = w.Begin(ctx, operator("p2"), c.ID, "p1", "")
		wants(t, "for another park", err, fault.Invalid, "subject")
		_, err = w.Begin(ctx, operator("p1"), c.ID, "p1", "")
		wants(t, "a second time", err, fault.Conflict)
		_, err = w.Return(ctx, official(sheyang), a.ID, a.Version, " ")
		wants(t, "without a reason", err, fault.Invalid, "reason")
		a, err = w.Return(ctx, official(sheyang), a.ID, a.Version, "缺少排污证明")
		ok(t, err)
		if a.State != recognition.Draft || a.Reason != "缺少排污证明" {
			t.Errorf("it is %s because of %q", a.State, a.Reason)
		}
		w.clock = time.Date(2008, 7, 1, 9, 0, 0, 0, ledger.Shanghai)
		a, err = w.Submit(ctx, operator("p1"), a.ID, a.Version, "")
		ok(t, err) // it came in time, and was given back after the last day
		_, err = w.Begin(ctx, operator("p2"), c.ID, "p2", "")
		wants(t, "one that did not", err, fault.Conflict)
		a, err = w.Return(ctx, official(sheyang), a.ID, a.Version, "还缺一份")
		ok(t, err)
		w.clock = time.Date(2008, 6, 3, 9, 0, 0, 0, ledger.Shanghai)
		in := complete()
		in.Inputs["operating"], in.Inputs["multi_share"], in.Inputs["tenants"] = recognition.Input{Value: 7}, recognition.Input{Value: 9000}, recognition.Input{Value: -3}
		_, err = w.Fill(ctx, operator("p1"), a.ID, a.Version, in)
		wants(t, "values that cannot be", err, fault.Invalid, "in_operating", "in_multi_share", "in_tenants")
		in = complete()
		in.Inputs["multi_share"] = recognition.Input{Value: 20}
		a, err = w.Fill(ctx, operator("p1"), a.ID, a.Version, in)
		ok(t, err)
		if own := a.Inputs["multi_share"]; own.Value != 20 || own.From != "" || own.Known == nil || *own.Known != 66.67 || own.KnownBy != "register" {
			t.Errorf("what the register says is not kept beside what the applicant says: %+v", own)
		}
		in.Inputs["multi_share"] = recognition.Input{Value: 66.67}
		if back, err := w.Fill(ctx, operator("p1"), a.ID, a.Version, in); err != nil || back.Inputs["multi_share"].From != "register" || back.Inputs["multi_share"].Known != nil {
			t.Errorf("what agrees with the register again: %+v (%v)", back.Inputs["multi_share"], err)
		} else {
			a = back
		}
		in.Inputs["multi_share"] = recognition.Input{Value: 20}
		a, err = w.Fill(ctx, operator("p1"), a.ID, a.Version, in)
		ok(t, err)
		a, err = w.Submit(ctx, operator("p1"), a.ID, a.Version, "")
		ok(t, err)
		_, err = w.Check(ctx, official(sheyang), a.ID, a.Version, "")
		wants(t, "a condition is not met", err, fault.Conflict)
		county := official(sheyang)
		county.Grants = append(county.Grants, operator("p1").Grants...)
		a, err = w.Return(ctx, official(sheyang), a.ID, a.Version, "多层厂房占比填错")
		ok(t, err)
		a, err = w.Fill(ctx, operator("p1"), a.ID, a.Version, complete())
		ok(t, err)
		a, err = w.Submit(ctx, operator("p1"), a.ID, a.Version, "")
		ok(t, err)
		_, err = w.Check(ctx, county, a.ID, a.Version, "")
		wants(t, "somebody who also works for the park", err, fault.Conflict)
		filled := official(sheyang)
		filled.ID = operator("p1").ID
		_, err = w.Check(ctx, filled, a.ID, a.Version, "")
		wants(t, "whoever filled it in", err, fault.Conflict)
		a, err = w.Check(ctx, official(sheyang), a.ID, a.Version, "")
		ok(t, err)
		_, err = w.Assign(ctx, official(sheyang), a.ID, a.Version, []string{"x"})
		wants(t, "the county assigns for the city", err, fault.Denied)
		trail, err := gate.Trail(ctx, w.db, gate.Record{Kind: recognition.KindApplication, ID: a.ID})
		if err != nil || len(trail) < 9 {
			t.Errorf("%d entries in the audit trail (%v)", len(trail), err)
		}
		_, err = w.Close(ctx, official(city), c.ID, c.Version)
		wants(t, "an application is undecided", err, fault.Conflict)
	})
}

// Two proposals race for the only place that a call has.
func TestTheQuotaHoldsWhenTwoAreProposedAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		c := w.call(1)
		one, two := w.scored(c, "p1", 90, 90, 90), w.scored(c, "p2", 92, 92, 92)
		low := w.scored(c, "p3", 40, 50, 60)
		_, err := w.Publicise(ctx, official(city), low.ID, low.Version)
		wants(t, "a score that does not pass", err, fault.Conflict)
		var all sync.WaitGroup
		errs := make([]error, 2)
		for i, a := range []recognition.Application{one, two} {
			all.Go(func() { _, errs[i] = w.Publicise(ctx, official(city), a.ID, a.Version) })
		}
		all.Wait()
		if (errs[0] == nil) == (errs[1] == nil) {
			t.Fatalf("of two for one place: %v, %v", errs[0], errs[1])
		}
		for _, err := range errs {
			if err != nil {
				wants(t, "the second", err, fault.Conflict)
			}
		}
		public, err := w.Publicity(ctx)
		if err != nil || len(public) != 1 {
			t.Errorf("%d are public (%v)", len(public), err)
		}
	})
}

// For every place, the list and the single record agree on who reaches what.
func TestTheListAgreesWithTheScope(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		c := w.call(0)
		all := []recognition.Application{w.applied(c, "p1"), w.applied(c, "p2"), w.applied(c, "p3")}
		actors := []authz.Actor{{}, operator("p1"), operator("p2"), reviewer("e1")}
		for _, at := range []region.Code{"320000", city, sheyang, jianhu, hede, longg, "320903", "320100"} {
			actors = append(actors, official(at))
		}
		for _, by := range actors {
			list, _, err := w.Applications(ctx, by.Scope(recognition.See), recognition.Filter{}, db.Page{})
			ok(t, err)
			for _, a := range all {
				in := slices.ContainsFunc(list, func(l recognition.Application) bool { return l.ID == a.ID })
				_, err := w.Detail(ctx, by, a.ID)
				if in != by.Scope(recognition.See).Reaches(a.Target()) || in != (err == nil) {
					t.Errorf("%s and %s: in the list %v, by itself %v", by.ID, a.Name, in, err)
				}
			}
			n, err := w.Count(ctx, by.Scope(recognition.See), recognition.Filter{})
			if err != nil || n != len(list) {
				t.Errorf("%s counts %d of %d (%v)", by.ID, n, len(list), err)
			}
		}
	})
}

func TestTheProcessesAreWhole(t *testing.T) {
	for _, l := range []flow.Lifecycle{recognition.Lifecycle(), recognition.CallLifecycle(), recognition.AwardLifecycle()} {
		if err := l.Check(); err != nil {
			t.Errorf("%s: %v", l.Name, err)
		}
	}
}

// The office changes a title while a call runs, and takes applications for longer.
func TestACallKeepsTheTermsItWasAnnouncedWith(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		c := w.call(0)
		title, err := w.Title(ctx, c.Title)
		ok(t, err)
		was := title.Terms
		title.Terms = recognition.Terms{Grade: "B", Months: 1, Publicity: 0, Reviewers: was.Reviewers + 2}
		_, err = w.SetTitle(ctx, official(city), city, title.Title)
		ok(t, err)
		d, err := w.Call(ctx, c.ID)
		ok(t, err)
		if d.Terms != was || d.TitleOf.Terms != was {
			t.Errorf("the call goes by %+v, it was announced with %+v", d.TitleOf.Terms, was)
		}
		for _, day := range []string{c.Closes, "2008-02-30", flow.AddDays(c.Closes, 400)} {
			_, err = w.Prolong(ctx, official(city), c.ID, c.Version, day)
			wants(t, "until "+day, err, fault.Invalid, "closes")
		}
		_, err = w.Prolong(ctx, official(sheyang), c.ID, c.Version, flow.AddDays(c.Closes, 20))
		wants(t, "the county", err, fault.Denied)
		c, err = w.Prolong(ctx, official(city), c.ID, c.Version, flow.AddDays(c.Closes, 20))
		ok(t, err)
		w.clock = time.Date(2008, 7, 10, 9, 0, 0, 0, ledger.Shanghai)
		_, err = w.Begin(ctx, operator("p1"), c.ID, "p1", "")
		ok(t, err)
	})
}
