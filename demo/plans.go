package demo

import (
	"context"
	"fmt"

	"qiban.dev/qiban/internal/domain/park"
	"qiban.dev/qiban/internal/domain/territory"
	"qiban.dev/qiban/internal/files"
)

// plans brings the plans of the fifty key towns through the review of 2008: sent
// in by the counties, looked at by experts, some revised, all approved.
func (l *loader) plans(ctx context.Context) error {
	towns := l.tree.KeyTowns(City, "2008-06-30")
	plans := make([]park.Plan, len(towns))
	for _, step := range []struct {
		day string
		do  func(ctx context.Context, i int, t territory.Place) error
	}{
		{"2008-03-10", func(ctx context.Context, i int, t territory.Place) (err error) {
			plans[i], err = l.Park.SubmitPlan(ctx, l.staff[t.Code.Parent()], l.draft(t, i), files.Papers{}, "")
			return err
		}},
		{"2008-04-15", func(ctx context.Context, i int, _ territory.Place) error { return l.opine(ctx, &plans[i], i%4 != 0) }},
		{"2008-04-22", func(ctx context.Context, i int, _ territory.Place) (err error) {
			if i%4 == 0 {
				plans[i], err = l.Park.ReturnPlan(ctx, l.official, plans[i].ID, plans[i].Version, "按专家意见提高多层厂房比例后再报")
			}
			return err
		}},
		{"2008-05-20", func(ctx context.Context, i int, t territory.Place) (err error) {
			if i%4 == 0 {
				plans[i], err = l.Park.RevisePlan(ctx, l.staff[t.Code.Parent()], plans[i].ID, plans[i].Version, l.draft(t, i), "多层厂房比例提高到七成", files.Papers{})
			}
			return err
		}},
		{"2008-06-05", func(ctx context.Context, i int, _ territory.Place) error {
			if i%4 != 0 {
				return nil
			}
			return l.opine(ctx, &plans[i], true)
		}},
		{fmt.Sprintf("2008-%02d-25", 6), func(ctx context.Context, i int, _ territory.Place) (err error) {
			plans[i], err = l.Park.ApprovePlan(ctx, l.official, plans[i].ID, plans[i].Version, "重点镇建设规划评审会议纪要（演示）")
			return err
		}},
	} {
		l.at(on(step.day, 10, 0))
		type nth struct {
			i int
			t territory.Place
		}
		all := make([]nth, len(towns))
		for i, t := range towns {
			all[i] = nth{i, t}
		}
		if err := parallel(ctx, all, func(ctx context.Context, n *nth) error { return step.do(ctx, n.i, n.t) }); err != nil {
			return err
		}
	}
	return nil
}

func (l *loader) draft(t territory.Place, i int) park.Plan {
	return park.Plan{
		Region: t.Code, Year: 2008, Title: t.Name + "工业集中区、中小企业园建设规划", Land: int64(400+10*(i%30)) * 1000,
		FloorArea: int64(200+10*(i%20)) * 1000, Parks: 1 + i%2, Text: "演示数据。以多层标准厂房为主，配套办公、仓储和宿舍",
	}
}

// opine notes what three experts said of a plan.
func (l *loader) opine(ctx context.Context, p *park.Plan, agreed bool) error {
	for n, expert := range []string{"顾庆丰", "唐文娟", "夏正东"} {
		o := park.Opinion{Expert: expert, Post: "规划评审专家（演示）", Verdict: park.Agree}
		if !agreed && n != 1 {
			o.Verdict, o.Words = park.Amend, "多层厂房比例偏低，容积率不足"
		}
		var err error
		if *p, err = l.Park.GiveOpinion(ctx, l.staff[City], p.ID, p.Version, o); err != nil {
			return err
		}
	}
	return nil
}
