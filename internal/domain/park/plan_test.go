package park_test

import (
	"testing"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/park"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/testkit"
)

func draft(town region.Code) park.Plan {
	return park.Plan{Region: town, Year: 2008, Title: "工业集中区和中小企业园建设规划", Land: 600_000, FloorArea: 300_000, Parks: 1, Text: "多层厂房为主"}
}

func (w *world) submit(town region.Code) park.Plan {
	w.t.Helper()
	p, err := w.SubmitPlan(w.t.Context(), official(sheyang), draft(town), files.Papers{}, "")
	w.must(err)
	return p
}

func agree(name string) park.Opinion {
	return park.Opinion{Expert: name, Post: "规划设计院", Verdict: park.Agree}
}

// A plan goes in, is looked at, comes back, is revised, passes.
func TestAPlanFromSubmissionToApproval(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		ctx, county, top := t.Context(), official(sheyang), official(city)
		chief := person("chief", top.Grants...)
		p := w.submit(hede)
		_, err := w.SubmitPlan(ctx, county, draft(hede), files.Papers{}, "")
		w.is(err, fault.Conflict) // one a year
		_, err = w.GiveOpinion(ctx, county, p.ID, 1, agree("陈国华"))
		w.is(err, fault.Denied) // the county does not judge its own
		_, err = w.ApprovePlan(ctx, top, p.ID, 1, "盐企发〔2008〕30号")
		w.is(err, fault.Conflict) // nobody has looked at it
		p, err = w.GiveOpinion(ctx, top, p.ID, 1, park.Opinion{Expert: "陈国华", Verdict: park.Amend, Words: "容积率偏低"})
		w.must(err)
		_, err = w.GiveOpinion(ctx, top, p.ID, 2, agree("陈国华"))
		w.broken(err, "expert", "park.field.twice")
		_, err = w.ApprovePlan(ctx, top, p.ID, 2, "盐企发〔2008〕30号")
		w.is(err, fault.Conflict) // half is not more than half
		p, err = w.ReturnPlan(ctx, top, p.ID, 2, "按专家意见提高容积率")
		w.must(err)
		in := draft(hede)
		in.FloorArea = 400_000
		p, err = w.RevisePlan(ctx, county, p.ID, p.Version, in, "容积率提高到0.67", files.Papers{})
		w.must(err)
		if p.Round != 2 || p.State != park.InReview || p.FloorArea != 400_000 {
			t.Errorf("it came in again as %+v", p)
		}
		_, err = w.ApprovePlan(ctx, top, p.ID, p.Version, "盐企发〔2008〕30号")
		w.is(err, fault.Conflict) // the opinion was on what it was before
		for _, name := range []string{"陈国华", "李建"} {
			p, err = w.GiveOpinion(ctx, top, p.ID, p.Version, agree(name))
			w.must(err)
		}
		_, err = w.ApprovePlan(ctx, top, p.ID, p.Version, "盐企发〔2008〕30号")
		w.is(err, fault.Conflict) // who noted all the opinions does not pass it, too
		p, err = w.ApprovePlan(ctx, chief, p.ID, p.Version, "盐企发〔2008〕30号")
		w.must(err)
		if p.State != park.Approved || p.Approved != "2008-11-03" {
			t.Errorf("it passed as %+v", p)
		}
		if n := w.value("park.plans", "2008-01-01", "2008-12-31", ledger.Cond{Dim: "key", In: []string{"yes"}}); n != 1 {
			t.Errorf("%d plans of key towns are counted", n)
		}
		d, err := w.Plan(ctx, looker(sheyang).Scope(park.SeePlan), p.ID)
		w.must(err)
		if len(d.Events) != 7 || d.Events[0].Do != park.SubmitPlan || d.Events[6].Do != park.ApprovePlan || len(d.Opinions) != 3 {
			t.Errorf("its history is %v, its opinions %v", d.Events, d.Opinions)
		}
		if n := w.audits(park.PlanRecord, p.ID); n != 7 {
			t.Errorf("%d audit entries, want one for each step", n)
		}
	})
}

// Every step by those who may not, too late, and where it cannot be taken.
func TestStepsOfAPlan(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		ctx := t.Context()
		steps := map[string]func(by authz.Actor, id string, v int) error{
			"opine": func(by authz.Actor, id string, v int) error {
				_, err := w.GiveOpinion(ctx, by, id, v, agree("周素兰"))
				return err
			},
			"return": func(by authz.Actor, id string, v int) error {
				_, err := w.ReturnPlan(ctx, by, id, v, "补充材料")
				return err
			},
			"withdraw": func(by authz.Actor, id string, v int) error {
				_, err := w.WithdrawPlan(ctx, by, id, v, "重新编制")
				return err
			},
			"approve": func(by authz.Actor, id string, v int) error {
				_, err := w.ApprovePlan(ctx, by, id, v, "盐企发1号")
				return err
			},
		}
		for name, step := range steps {
			p, err := w.SubmitPlan(ctx, official(sheyang), draft(hede), files.Papers{}, "")
			w.must(err)
			p, err = w.GiveOpinion(ctx, person("desk", official(city).Grants...), p.ID, 1, agree("陈国华"))
			w.must(err)
			w.is(step(official(jianhu), p.ID, 2), fault.NotFound)
			w.is(step(official(city), "none", 2), fault.NotFound)
			w.is(step(looker(city), p.ID, 2), fault.Denied)
			w.is(step(official(city), p.ID, 1), fault.Stale)
			w.is(step(official(city), p.ID, 2), 0)
			_, err = w.RevisePlan(ctx, official(sheyang), p.ID, 3, draft(hede), "改过了", files.Papers{})
			if name == "return" {
				w.is(err, 0)
			} else {
				w.is(err, fault.Conflict)
			}
			// Make room for the next: what has passed stays.
			now, err := w.Plan(ctx, official(city).Scope(park.SeePlan), p.ID)
			w.must(err)
			if now.State == park.InReview {
				_, err = w.WithdrawPlan(ctx, official(sheyang), p.ID, now.Version, "重新编制")
				w.must(err)
			}
			if now.State == park.Approved {
				w.is(step(official(city), p.ID, now.Version), fault.Conflict)
				w.must(w.db.Write(ctx, freeSlot(p.ID)))
			}
		}
	})
}

// Nobody judges what they sent in themselves.
func TestNobodyJudgesTheirOwnPlan(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		p, err := w.SubmitPlan(t.Context(), official(city), draft(hede), files.Papers{}, "")
		w.must(err)
		_, err = w.GiveOpinion(t.Context(), official(city), p.ID, 1, agree("陈国华"))
		w.is(err, fault.Conflict)
		_, err = w.ApprovePlan(t.Context(), official(city), p.ID, 1, "盐企发1号")
		w.is(err, fault.Conflict)
		if len(park.MayPlan(official(city), &p)) != 2 { // return and withdraw
			t.Errorf("they are offered %v", park.MayPlan(official(city), &p))
		}
	})
}

// Two send in the town's plan at the same moment: one plan.
func TestARaceToSubmit(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		errs := make(chan error)
		for range 6 {
			go func() {
				_, err := w.SubmitPlan(t.Context(), official(sheyang), draft(hede), files.Papers{}, "")
				errs <- err
			}()
		}
		in := 0
		for range 6 {
			if err := <-errs; err == nil {
				in++
			} else if !fault.Is(err, fault.Conflict) {
				t.Error(err)
			}
		}
		if in != 1 {
			t.Errorf("%d plans came in", in)
		}
	})
}

func TestTheBoardOfKeyTowns(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		ctx := t.Context()
		p := w.park("合德中小企业园", hede, park.Works{Begun: "2007-03-01"})
		h := w.house(p, "1号", park.MultiStorey, 8_000, "2008-02-01")
		_, err := w.enter(p, h, w.firm(hede), 500, "2008-03-01")
		w.must(err)
		w.park("不是重点镇的园", plain, park.Works{Begun: "2007-03-01"})
		w.submit(linhai)
		board, err := w.KeyTowns(ctx, city, 2008)
		w.must(err)
		if len(board) != 50 {
			t.Fatalf("%d key towns", len(board))
		}
		for _, k := range board {
			want := park.KeyTown{Town: k.Town, Name: k.Name}
			switch k.Town {
			case hede:
				want.Parks, want.Factory, want.Entered = 1, 8_000, 1
			case linhai:
				want.Plan, want.State = k.Plan, park.InReview
			}
			if k != want {
				t.Errorf("%s stands as %+v, want %+v", k.Name, k, want)
			}
		}
		if county, err := w.KeyTowns(ctx, sheyang, 2008); err != nil || len(county) != 6 {
			t.Errorf("射阳 has %d key towns (%v)", len(county), err)
		}
		if before, err := w.KeyTowns(ctx, city, 2006); err != nil || len(before) != 0 {
			t.Errorf("there were %d key towns before there were any (%v)", len(before), err)
		}
	})
}

func TestADocumentOfAPlanIsSeenWithATrace(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		by := official(sheyang)
		held, err := w.files.Hold(t.Context(), by, incoming("规划.pdf", "%PDF-1.4\n规划"))
		w.must(err)
		p, err := w.SubmitPlan(t.Context(), by, draft(hede), files.Papers{Add: []string{held.Token}}, "")
		w.must(err)
		d, err := w.Plan(t.Context(), by.Scope(park.SeePlan), p.ID)
		w.must(err)
		before := w.audits(park.PlanRecord, p.ID)
		_, in, err := w.OpenPlanFile(t.Context(), looker(city), p.ID, d.Files[0].ID)
		w.must(err)
		w.must(in.Close())
		if w.audits(park.PlanRecord, p.ID) != before+1 {
			t.Error("it was read without a trace")
		}
		_, _, err = w.OpenPlanFile(t.Context(), looker(jianhu), p.ID, d.Files[0].ID)
		w.is(err, fault.NotFound)
	})
}
