package demo

import (
	"context"
	"fmt"
	"slices"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/engagement"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/region"
)

// waiting is one need that is open on the day of loading, and how far it has come.
type waiting struct {
	firm  int // of the county's firms
	theme institution.Theme
	title string
	text  string
	wan   int64 // money asked for, in ten thousand yuan
	ago   int   // working days since it was posted
	until flow.State
}

// sheyangToday is what the county's staff find on their list: something overdue,
// something due today, and one of every state.
var sheyangToday = []waiting{
	{0, institution.Financing, "流动资金贷款担保 300 万元", "春节前采购棉花 180 吨，备足一季度外贸订单的原料，货款回笼后归还。", 300, 4, engagement.Taken},
	{3, institution.Markets, "开拓外销渠道，寻找新客户", "老客户订单减少，希望参加展销活动，结识新的采购商。", 0, 6, engagement.Posted},
	{5, institution.Transformation, "棉纺设备更新，想请专家看方案", "计划更换 12 台细纱机，想请专家看看方案是否合理。", 0, 2, engagement.Posted},
	{7, institution.Capability, "会计人员订单培训 40 人", "年底前想组织会计人员培训新准则，约 40 人，最好在县城。", 0, 0, engagement.Posted},
	{9, institution.Financing, "厂房抵押贷款担保 120 万元", "扩建二期厂房，已付首期工程款，差 120 万元。", 120, 7, engagement.Offered},
	{11, institution.Development, "出口退税政策咨询", "今年新增出口业务，退税备案和单证要求不清楚，请帮忙解释。", 0, 5, engagement.InProgress},
	{13, institution.Startup, "返乡人员开办服装加工点", "打算租 200 平方米厂房办加工点，想了解手续和补助。", 0, 3, engagement.Waiting},
	{0, institution.Capability, "外贸跟单员培训 6 人", "新招 6 名跟单员，需要外贸单证和沟通培训。", 0, 8, engagement.Delivered},
}

// open makes what is open today: a county's list in full, and a little in every
// other county.
func (l *loader) open(ctx context.Context) error {
	for _, w := range sheyangToday {
		if err := l.wait(ctx, sheyang, w); err != nil {
			return fmt.Errorf("%s: %w", w.title, err)
		}
	}
	for i, office := range offices[:9] {
		if office == sheyang {
			continue
		}
		for k, until := range []flow.State{engagement.Posted, engagement.InProgress} {
			a := asked[(i+k)%len(asked)]
			w := waiting{2*i + k, a.theme, a.words[i%len(a.words)], a.words[i%len(a.words)] + "，希望服务中心帮忙。（演示数据）", 0, 1 + k, until}
			if err := l.wait(ctx, office, w); err != nil {
				return fmt.Errorf("%s, %s: %w", office, w.title, err)
			}
		}
	}
	return nil
}

// wait takes one need as far as it has come, at the times it would have.
func (l *loader) wait(ctx context.Context, office region.Code, w waiting) error {
	today := flow.DayOf(l.Now)
	staff := l.staff[office]
	if heir := l.tree.Heir(office, today); heir != office {
		staff = l.actor(staff.ID, staff.Name, roleStaff, heir, staff.Grants[0].Party)
	}
	f := l.firms[office][w.firm]
	p := l.providers[office][w.theme]
	day, hour := l.calendar.Add(today, -w.ago), 9
	step := func(days int) {
		hour++
		if days > 0 {
			day, hour = l.calendar.Add(day, days), 9
		}
		t := on(day, hour, 30)
		if !t.Before(l.Now) {
			t = l.Now.Add(time.Duration(hour-24) * time.Minute)
		}
		l.at(t)
	}
	step(0)
	n, err := l.Today.Post(ctx, f.by, engagement.Posting{
		Content: engagement.Content{
			Theme: w.theme, Title: w.title, Text: w.text, Amount: w.wan * 1_000_000,
			WantedBy: flow.DayOf(l.Now.AddDate(0, 2, 0)),
		},
		Contact: engagement.Contact{Name: f.owner, Post: "总经理", Phone: f.phone}, Enterprise: string(f.id),
	})
	for _, s := range l.stages(ctx, w, staff, p, &n, &day) {
		if err != nil {
			return err
		}
		if slices.Contains(s.before, w.until) {
			step(s.days)
			n, err = s.do()
		}
	}
	return err
}

// stage is one step of a need on its way: the states that lie behind it, the
// working days until it is taken, and how.
type stage struct {
	before []flow.State
	days   int
	do     func() (engagement.Need, error)
}

// stages are the steps a need can take until the day of loading; n and day are
// the need and the day when each is taken.
func (l *loader) stages(ctx context.Context, w waiting, staff authz.Actor, p *provider, n *engagement.Need, day *string) []stage {
	taken := []flow.State{engagement.Taken, engagement.Offered, engagement.InProgress, engagement.Waiting, engagement.Delivered}
	offered := []flow.State{engagement.Offered, engagement.InProgress, engagement.Delivered}
	begun, done := offered[1:], offered[2:]
	return []stage{
		{taken, 1, func() (engagement.Need, error) { return l.Today.Accept(ctx, staff, n.ID, n.Version) }},
		{taken, 0, func() (engagement.Need, error) {
			return l.Today.Assign(ctx, staff, n.ID, n.Version, staff.ID, staff.Name)
		}},
		{[]flow.State{engagement.Waiting}, 0, func() (engagement.Need, error) {
			return l.Today.Ask(ctx, staff, n.ID, n.Version, "请补充厂房租赁意向书和人员情况。")
		}},
		{offered, 0, func() (engagement.Need, error) { return l.Today.Offer(ctx, staff, n.ID, n.Version, p.id, "") }},
		{begun, 1, func() (engagement.Need, error) { return l.Today.AcceptOffer(ctx, p.by, n.ID, n.Version) }},
		{done, 2, func() (engagement.Need, error) {
			got, _, err := l.Today.Deliver(ctx, p.by, n.ID, n.Version, engagement.Work{
				On: *day, Theme: w.theme, Form: institution.Training, Quantity: 6, Text: "集中培训两天，学员全部结业。",
			})
			return got, err
		}},
		{done, 0, func() (engagement.Need, error) { return l.Today.Finish(ctx, p.by, n.ID, n.Version) }},
	}
}
