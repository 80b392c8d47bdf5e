package demo

import (
	"context"
	"fmt"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/account"
	"qiban.dev/qiban/internal/domain/engagement"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/region"
)

// asked is how many needs of each theme the year had, and how they are put and
// served. All made up.
var asked = []struct {
	theme institution.Theme
	n     int64
	forms []institution.Form
	words []string
}{
	{
		institution.Financing, 412,
		[]institution.Form{institution.ExpertTeam, institution.Event},
		[]string{"流动资金贷款担保", "厂房抵押贷款担保", "出口订单周转资金", "设备更新贷款"},
	},
	{
		institution.Capability, 365,
		[]institution.Form{institution.Training},
		[]string{"会计人员订单培训", "车间主任管理培训", "视训365开通辅导", "外贸跟单员培训"},
	},
	{
		institution.Development, 238,
		[]institution.Form{institution.Media, institution.Training},
		[]string{"出口退税政策咨询", "中小企业专项资金申报", "用地政策解读", "社会保险缓缴咨询"},
	},
	{
		institution.Markets, 171,
		[]institution.Form{institution.Event, institution.Media},
		[]string{"开拓外销渠道", "建企业网站", "参加展销活动", "寻找配套客户"},
	},
	{
		institution.Startup, 154,
		[]institution.Form{institution.Training, institution.ExpertTeam},
		[]string{"返乡人员开办加工点", "小本创业项目推介", "创业选址辅导", "办照手续辅导"},
	},
	{
		institution.Transformation, 96,
		[]institution.Form{institution.ExpertTeam},
		[]string{"设备改造请专家看方案", "产品质量问题会诊", "节能改造诊断", "专利申报辅导"},
	},
}

// story is one need of 2008 from posting to rating.
type story struct {
	posting  engagement.Posting
	asker    authz.Actor
	staff    authz.Actor
	provider *provider
	work     []engagement.Work
	rating   engagement.Rating
	days     [6]int // working days before: accept, offer, answer, deliver, confirm, rate
	need     engagement.Need
}

// needs plays the year's needs through the use cases, in the order of time.
func (l *loader) needs(ctx context.Context) error {
	var s schedule
	for _, a := range asked {
		for i, n := range share(a.n, weights[""][:9], nil) {
			for range n {
				st, day, err := l.story(ctx, offices[i], a.theme, a.forms[l.rng.IntN(len(a.forms))], a.words[l.rng.IntN(len(a.words))])
				if err != nil {
					return err
				}
				day = l.calendar.Add(day, 0)
				s.plan(on(day, 9, 0), func(ctx context.Context) error { return l.post(ctx, &s, st, day) })
			}
		}
	}
	return s.run(ctx, l.at)
}

// story makes up one need; only a founder is made at once, since accounts take
// their time.
func (l *loader) story(ctx context.Context, office region.Code, theme institution.Theme, form institution.Form, words string) (*story, string, error) {
	firms := l.firms[office]
	f := firms[l.rng.IntN(len(firms)*3/4)] // some come more than once, some never
	st := &story{asker: f.by, staff: l.staff[office], provider: l.providers[office][theme]}
	day := fmt.Sprintf("2008-%02d-%02d", 1+l.rng.IntN(11), 1+l.rng.IntN(28))
	st.posting = engagement.Posting{
		Content: engagement.Content{Theme: theme, Title: words, Text: words + "，希望服务中心帮忙联系合适的机构。（演示数据）"},
		Contact: engagement.Contact{Name: f.owner, Post: "负责人", Phone: f.phone}, Enterprise: string(f.id),
	}
	work := engagement.Work{Theme: theme, Form: form, Quantity: 1, Text: "已为企业办理：" + words}
	switch theme {
	case institution.Financing:
		st.posting.Amount = int64(20+10*l.rng.IntN(28)) * 1_000_000
		st.posting.Title = fmt.Sprintf("%s %d 万元", words, st.posting.Amount/1_000_000)
		st.posting.Months, st.posting.Collateral = 12, []engagement.Collateral{engagement.Property}
		work.Amount = st.posting.Amount
	case institution.Capability:
		work.Quantity = int64(8 + l.rng.IntN(40))
	case institution.Startup:
		if l.rng.IntN(3) == 0 {
			if err := l.founder(ctx, st, f.town); err != nil {
				return nil, "", err
			}
		}
	default: // nothing more is known of the others
	}
	st.work = append(st.work, work)
	if l.rng.IntN(6) == 0 {
		work.Text += "（回访补充服务）"
		work.Amount = 0
		st.work = append(st.work, work)
	}
	for i, most := range [6]int{2, 2, 3, 4, 3, 2} {
		st.days[i] = l.rng.IntN(most)
	}
	late := l.rng.IntN(28) == 0
	if late {
		st.days[3] += 9
	}
	solved := engagement.Yes
	if k := l.rng.IntN(20); k == 0 {
		solved = engagement.No
	} else if k < 3 {
		solved = engagement.Partly
	}
	score := map[engagement.Solved]int{engagement.Yes: 5 - l.rng.IntN(2), engagement.Partly: 3, engagement.No: 2}[solved]
	st.rating = engagement.Rating{OnTime: !late, Solved: solved, Score: score}
	return st, day, nil
}

// founder lets a person without an enterprise ask instead of the firm.
func (l *loader) founder(ctx context.Context, st *story, town region.Code) error {
	l.at(on("2008-01-02", 9, 0))
	l.founders.next++
	name, phone := person(l.rng), l.founders.number()
	id, err := l.Account.Provision(ctx, maker(), account.NewPerson{Phone: phone, Name: name, Region: town, Demo: true})
	if err != nil {
		return err
	}
	st.asker = l.actor(id, name, account.Self, "", authz.Party{Kind: authz.Person, ID: id})
	st.posting.Enterprise, st.posting.Person, st.posting.Region = "", id, town
	st.posting.Contact = engagement.Contact{Name: name, Phone: phone}
	return nil
}

// post begins a story; every step plans the next.
func (l *loader) post(ctx context.Context, s *schedule, st *story, day string) error {
	var err error
	if st.need, err = l.Engagement.Post(ctx, st.asker, st.posting); err != nil {
		return fmt.Errorf("%s: %w", st.posting.Title, err)
	}
	type step struct {
		wait, hour int
		do         func(context.Context) error
	}
	n := &st.need
	keep := func(got engagement.Need, err error) error {
		*n = got
		return err
	}
	steps := []step{
		{st.days[0], 11, func(ctx context.Context) error { return keep(l.Engagement.Accept(ctx, st.staff, n.ID, n.Version)) }},
		{st.days[1], 14, func(ctx context.Context) error {
			return keep(l.Engagement.Offer(ctx, st.staff, n.ID, n.Version, st.provider.id, ""))
		}},
		{st.days[2], 15, func(ctx context.Context) error {
			return keep(l.Engagement.AcceptOffer(ctx, st.provider.by, n.ID, n.Version))
		}},
	}
	for i := range st.work {
		wait := st.days[3] / (i + 1)
		steps = append(steps, step{wait, 16, func(ctx context.Context) error { return l.deliver(ctx, st, i) }})
	}
	steps = append(steps,
		step{0, 17, func(ctx context.Context) error {
			return keep(l.Engagement.Finish(ctx, st.provider.by, n.ID, n.Version))
		}},
		step{1 + st.days[4], 9, func(ctx context.Context) error { return keep(l.Engagement.Confirm(ctx, st.asker, n.ID, n.Version)) }},
		step{st.days[5], 18, func(ctx context.Context) error {
			return keep(l.Engagement.Rate(ctx, st.asker, n.ID, n.Version, st.rating))
		}},
	)
	at := on(day, 9, 0)
	for _, next := range steps {
		day = l.calendar.Add(day, next.wait)
		t := on(day, next.hour, 0)
		if !t.After(at) {
			t = at.Add(10 * time.Minute)
		}
		at = t
		s.plan(at, func(ctx context.Context) error {
			if err := next.do(ctx); err != nil {
				return fmt.Errorf("%s (%s): %w", n.Number, n.State, err)
			}
			return nil
		})
	}
	return nil
}

func (l *loader) deliver(ctx context.Context, st *story, i int) error {
	w := st.work[i]
	w.On = flow.DayOf(l.now())
	got, _, err := l.Engagement.Deliver(ctx, st.provider.by, st.need.ID, st.need.Version, w)
	st.need = got
	return err
}
