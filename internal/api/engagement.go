package api

import (
	"context"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/engagement"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/region"
)

// needs are the operations on needs, from posting to the call-back (需求).
type needs struct {
	desk *engagement.Service
	// colleagues are those who may handle needs at an office, by id.
	colleagues func(ctx context.Context, office region.Code) (map[string]string, error)
}

const seeNeeds, handleNeeds = "need:read", "need:write"

func (n needs) operations() []operation {
	return append([]operation{
		lists("listNeeds", "/needs", words{"需求", "List needs"}, n.list).needs(seeNeeds).
			note("一个单位看到的需求，新的在前；不为单位办事的，看到的是自己的。", "Needs as an office sees them, newest first; who works for no office sees its own."),
		creates("postNeed", "/needs", words{"提出需求", "Post a need"}, n.post, n.show).needs(handleNeeds).
			note("电话和上门来的，由工作人员代为登记。", "What comes in by telephone or at the counter is entered by staff."),
		reads("listTodo", "/needs/todo", words{"待办", "What is to be done"}, n.todo).needs(seeNeeds),
		lists("listMyNeeds", "/needs/mine", words{"我的需求", "Needs of those you ask for"}, n.mine).needs(seeNeeds),
		lists("listOffers", "/needs/offers", words{"收到的需求", "Offers made to your institutions"}, n.inbox).needs(seeNeeds),
		lists("listCallbacks", "/needs/callbacks", words{"回访", "Call-backs"}, n.callbacks).needs(handleNeeds),
		gets("getNeed", "/needs/{id}", words{"一件需求", "One need"}, n.show).needs(seeNeeds),
		reads("getNeedContact", "/needs/{id}/contact", words{"联系人", "The person to speak to"}, n.contact).needs("contact:read").
			note("是个人信息，每次查看都记入审计。", "Personal data: every reading stands in the audit trail."),
		opens("openNeedFile", "/needs/{id}/files/{file}", words{"下载附件", "Take a document away"}, n.openFile).needs(seeNeeds).
			note("不是你自己的，每次打开都记入审计。", "Opening one that is not your own stands in the audit trail."),
	}, n.steps()...)
}

// Need is one need (需求).
type Need struct {
	ID           string   `json:"id" doc:"编号|Its id"`
	Number       string   `json:"number" doc:"受理号|The number people know it by"`
	Theme        string   `json:"theme" doc:"服务主题|Theme of service"`
	Title        string   `json:"title" doc:"标题|Title"`
	Text         string   `json:"text" doc:"要解决什么|What is to be solved"`
	Amount       int64    `json:"amount" doc:"金额，分；0 是没有或不知道|Amount in fen; 0 for none or not known"`
	Months       int      `json:"months" doc:"期限，月；0 是没有|Term in months; 0 for none"`
	Collateral   []string `json:"collateral" doc:"能提供的反担保|What can be given as security"`
	WantedBy     string   `json:"wanted_by" doc:"希望哪天前办好，可以为空|The day it is wanted by; may be empty"`
	Region       string   `json:"region" doc:"所在镇街的代码|Code of the town of the one who asks"`
	Office       string   `json:"office" doc:"经办单位的代码|Code of the office that handles it"`
	Enterprise   string   `json:"enterprise" doc:"企业编号；创业者为空|Id of the enterprise; empty for a founder"`
	Requester    string   `json:"requester" doc:"谁提的|Who asks"`
	Size         string   `json:"size" doc:"提出时的规模类型|Size class when it was posted"`
	Channel      string   `json:"channel" enum:"web,call,visit" doc:"受理渠道|How it came in"`
	State        string   `json:"state" doc:"状态|State"`
	Institution  string   `json:"institution" doc:"承办或正在询问的机构|Id of the institution in charge, or asked just now"`
	InCharge     bool     `json:"in_charge" doc:"机构是否已接受|Whether the institution has accepted"`
	Assignee     string   `json:"assignee" doc:"经办人的编号|Id of the member of staff"`
	AssigneeName string   `json:"assignee_name" doc:"经办人|The member of staff"`
	Due          string   `json:"due" doc:"这一步的时限，没有时为空|When the present step is due; empty when nothing is"`
	DueStep      string   `json:"due_step" doc:"时限属于哪一步|The step the limit belongs to"`
	PostedAt     string   `json:"posted_at" format:"date-time" doc:"提出时间|When it was posted"`
	FinishedAt   string   `json:"finished_at" doc:"办好的时间，可以为空|When the work was done; may be empty"`
	OnTime       bool     `json:"on_time" doc:"是否按时办好|Whether it was done within the limit"`
	ClosedAt     string   `json:"closed_at" doc:"办结时间，可以为空|When it was closed; may be empty"`
	Outcome      string   `json:"outcome" enum:",confirmed,unconfirmed" doc:"办结结果|How it ended"`
	Rated        bool     `json:"rated" doc:"是否已评价|Whether it was rated"`
	UpdatedAt    string   `json:"updated_at" format:"date-time" doc:"修改时间|When it was changed last"`
	Version      int      `json:"version" doc:"版本，即 ETag|Version, the same as the ETag"`
}

func needOf(n engagement.Need) Need {
	return Need{
		ID: string(n.ID), Number: n.Number, Theme: string(n.Theme), Title: n.Title, Text: n.Text, Amount: n.Amount, Months: n.Months,
		Collateral: plain(n.Collateral), WantedBy: n.WantedBy, Region: string(n.Region), Office: string(n.Office),
		Enterprise: n.Enterprise, Requester: n.Requester, Size: n.Size, Channel: string(n.Channel), State: string(n.State),
		Institution: string(n.Institution), InCharge: n.InCharge, Assignee: n.Assignee, AssigneeName: n.AssigneeName,
		Due: instant(n.Due), DueStep: n.DueStep, PostedAt: instant(n.PostedAt), FinishedAt: instant(n.Finished), OnTime: n.OnTime,
		ClosedAt: instant(n.ClosedAt), Outcome: string(n.Outcome), Rated: n.Rated, UpdatedAt: instant(n.UpdatedAt), Version: n.Version,
	}
}

type needFilter struct {
	Text        string `query:"text" maxLength:"100" doc:"标题、受理号或提出人的一部分|Part of the title, the number or who asks"`
	Region      string `query:"region" doc:"地区代码，含下级|Code of a place, with everything below it"`
	Office      string `query:"office" doc:"经办单位的代码，不含下级|Code of exactly this office"`
	Theme       string `query:"theme" doc:"服务主题|Theme of service"`
	State       string `query:"state" doc:"状态|State"`
	Institution string `query:"institution" doc:"承办机构的编号|Id of the institution"`
}

func (f needFilter) filter() engagement.Filter {
	return engagement.Filter{
		Text: f.Text, Region: region.Code(f.Region), Office: region.Code(f.Office), Theme: institution.Theme(f.Theme),
		State: flow.State(f.State), Institution: institution.ID(f.Institution),
	}
}

type needList struct {
	paging
	needFilter
	Open bool `query:"open" doc:"只要没有办完的|Only those that are not over"`
}

func (n needs) list(ctx context.Context, c *Call, in *needList) (page[Need], error) {
	scope, f := c.By.Scope(engagement.See).Office(), in.filter()
	f.Ended = !in.Open
	list, next, err := n.desk.List(ctx, scope, f, in.page())
	if err != nil {
		return page[Need]{}, err
	}
	p := pageOf(list, next, needOf)
	p.Total, err = in.count(func() (int, error) { return n.desk.Count(ctx, scope, f) })
	return p, err
}

// leafing is how a list is leafed through that cannot be counted.
type leafing struct {
	Limit int    `query:"limit" minimum:"1" maximum:"200" default:"20" doc:"每页最多几条|At most this many records"`
	After string `query:"after" maxLength:"2000" doc:"上一页的 next|The next of the page before"`
}

func (l leafing) page() engagement.Page { return engagement.Page{Limit: l.Limit, After: l.After} }

func (n needs) mine(ctx context.Context, c *Call, in *leafing) (page[Need], error) {
	list, next, err := n.desk.Mine(ctx, c.By, in.page())
	return pageOf(list, next, needOf), err
}

// Todo is a page of what is to be done, soonest due first (待办).
type Todo struct {
	Items []Due          `json:"items" doc:"这一页|This page"`
	Next  string         `json:"next,omitempty" doc:"下一页的 after，最后一页没有|The after of the next page; missing on the last"`
	Total int            `json:"total" doc:"这一类共几件|How many there are under this tab"`
	Tabs  map[string]int `json:"tabs" doc:"每一类几件|How many there are under each"`
}

// Due is a need with how its limit stands.
type Due struct {
	Need Need `json:"need"`
	Lamp Lamp `json:"lamp"`
}

// Lamp says how a limit stands (时限灯).
type Lamp struct {
	Tone string `json:"tone" doc:"ok、soon、today、late 等；没有时限时为空|Tone; empty when nothing is due"`
	N    int    `json:"n" doc:"还剩或已超多少|How much is left, or it is over by"`
	Text string `json:"text" doc:"一句话|In words"`
}

func (c *Call) lamp(l flow.Lamp) Lamp {
	out := Lamp{Tone: string(l.Tone), N: l.N}
	if l.Key != "" {
		out.Text = c.Lang.T(l.Key, l.Args...)
	}
	return out
}

type needTodo struct {
	leafing
	needFilter
	Tab string `query:"tab" doc:"哪一类，不填是全部；有哪些见 tabs|Which tab; all when left out. tabs names them"`
}

func (n needs) todo(ctx context.Context, c *Call, in *needTodo) (Todo, error) {
	f := in.filter()
	f.Tab = engagement.Tab(in.Tab)
	got, err := n.desk.Todo(ctx, c.By, f, in.page())
	if err != nil {
		return Todo{}, err
	}
	out := Todo{Items: make([]Due, len(got.Needs)), Next: got.Next, Total: got.Total, Tabs: map[string]int{}}
	for i, need := range got.Needs {
		out.Items[i] = Due{needOf(need), c.lamp(got.Lamps[i])}
	}
	for tab, count := range got.Tabs {
		out.Tabs[orElse(string(tab), "all")] = count
	}
	c.follow(got.Next)
	return out, nil
}

// Received is an offer with the need it is about (收到的需求).
type Received struct {
	Offer     Offer  `json:"offer"`
	Need      string `json:"need" doc:"需求的编号|Id of the need"`
	Number    string `json:"number" doc:"受理号|Number of the need"`
	Title     string `json:"title" doc:"标题|Title"`
	Requester string `json:"requester" doc:"谁提的|Who asks"`
	Theme     string `json:"theme" doc:"服务主题|Theme of service"`
	Amount    int64  `json:"amount" doc:"金额，分|Amount in fen"`
	State     string `json:"state" doc:"需求的状态|State of the need"`
}

type offerList struct {
	leafing
	Answered bool `query:"answered" doc:"要答复过的；不填是还没答复的|Those that were answered; else those without an answer"`
}

func (n needs) inbox(ctx context.Context, c *Call, in *offerList) (page[Received], error) {
	list, next, err := n.desk.Inbox(ctx, c.By, !in.Answered, in.page())
	return pageOf(list, next, func(r engagement.Received) Received {
		return Received{
			Offer: c.offer(r.Offer), Need: string(r.Need), Number: r.Number, Title: r.Title, Requester: r.Requester,
			Theme: string(r.Theme), Amount: r.Amount, State: string(r.State),
		}
	}), err
}

func (n needs) contact(ctx context.Context, c *Call, in *byID) (NeedContact, error) {
	got, err := n.desk.Contact(ctx, c.By, engagement.ID(in.ID))
	return NeedContact(got), err
}

// NeedContact is whom to speak to about a need.
type NeedContact struct {
	Name  string `json:"name" doc:"联系人|Name"`
	Post  string `json:"post" doc:"职务|Post"`
	Phone string `json:"phone" doc:"电话|Telephone"`
}

// Callback is a closed need chosen for a call (回访).
type Callback struct {
	Need     string `json:"need" doc:"需求的编号|Id of the need"`
	Number   string `json:"number" doc:"受理号|Number of the need"`
	Title    string `json:"title" doc:"标题|Title"`
	Region   string `json:"region" doc:"所在镇街的代码|Code of the town"`
	Office   string `json:"office" doc:"经办单位的代码|Code of the office"`
	PickedAt string `json:"picked_at" format:"date-time" doc:"抽中的时间|When it was chosen"`
	Heard    string `json:"heard" enum:",agreed,contradicted,not_reached" doc:"回访结果|What was learned"`
	Note     string `json:"note" doc:"说明|Note"`
	At       string `json:"at" doc:"回访时间，可以为空|When the call was made; may be empty"`
	Version  int    `json:"version" doc:"版本，登记时写在 If-Match 里|Version: what If-Match is when it is recorded"`
}

type callbackList struct {
	leafing
	All bool `query:"all" doc:"也要已经回访过的|Those that were made too"`
}

func (n needs) callbacks(ctx context.Context, c *Call, in *callbackList) (page[Callback], error) {
	list, next, err := n.desk.Callbacks(ctx, c.By.Scope(engagement.MakeCallback), !in.All, in.page())
	return pageOf(list, next, func(b engagement.Callback) Callback {
		return Callback{
			Need: string(b.Need), Number: b.Number, Title: b.Title, Region: string(b.Region), Office: string(b.Office),
			PickedAt: instant(b.PickedAt), Heard: string(b.Heard), Note: b.Note, At: instant(b.At), Version: b.Version,
		}
	}), err
}

// plain are strings of a domain's type as strings, never nil.
func plain[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = string(s)
	}
	return out
}

// verbs are rights as their short names.
func verbs(steps []flow.Step) []string {
	out := make([]string, len(steps))
	for i, s := range steps {
		out[i] = authz.Permission(s.Do).Verb()
	}
	return out
}
