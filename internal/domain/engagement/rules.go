package engagement

import (
	"strings"
	"unicode/utf8"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
)

// The states of a need.
const (
	Posted     flow.State = "posted"      // 待受理
	Referred   flow.State = "referred"    // 已转办，待签收
	Taken      flow.State = "accepted"    // 已受理，待推荐机构
	Offered    flow.State = "offered"     // 待机构答复
	InProgress flow.State = "in_progress" // 办理中
	Waiting    flow.State = "waiting"     // 等企业补材料
	Delivered  flow.State = "delivered"   // 待企业确认
	Rateable   flow.State = "confirmed"   // 待企业评价
	Closed     flow.State = "closed"      // 已办结
	Withdrawn  flow.State = "withdrawn"   // 企业已撤回
	Refused    flow.State = "refused"     // 不予受理
)

// The rights over needs.
const (
	See        authz.Permission = "engagement.need.see"
	Post       authz.Permission = "engagement.need.post"
	Edit       authz.Permission = "engagement.need.edit"
	Accept     authz.Permission = "engagement.need.accept"
	Refuse     authz.Permission = "engagement.need.refuse"
	Assign     authz.Permission = "engagement.need.assign"
	Ask        authz.Permission = "engagement.need.ask"
	Supply     authz.Permission = "engagement.need.supply"
	Refer      authz.Permission = "engagement.need.refer"
	Extend     authz.Permission = "engagement.need.extend"
	MakeOffer  authz.Permission = "engagement.need.offer"
	Recall     authz.Permission = "engagement.offer.recall"
	AcceptWork authz.Permission = "engagement.offer.accept"
	Decline    authz.Permission = "engagement.offer.decline"
	Deliver    authz.Permission = "engagement.delivery.record"
	Correct    authz.Permission = "engagement.delivery.correct"
	TakeBack   authz.Permission = "engagement.delivery.withdraw"
	Finish     authz.Permission = "engagement.need.finish"
	ConfirmOne authz.Permission = "engagement.delivery.confirm"
	Confirm    authz.Permission = "engagement.need.confirm"
	Dispute    authz.Permission = "engagement.need.dispute"
	Rate       authz.Permission = "engagement.need.rate"
	Withdraw   authz.Permission = "engagement.need.withdraw"
	Reopen     authz.Permission = "engagement.need.reopen"
	Lapse      authz.Permission = "engagement.need.lapse"
	Escalate   authz.Permission = "engagement.need.escalate"
	Remind     authz.Permission = "engagement.need.remind"
	Retime     authz.Permission = "engagement.need.retime"

	SeeContact   authz.Permission = "engagement.contact.see"
	Supervise    authz.Permission = "engagement.need.supervise" // to be told of what is overdue below
	PickCallback authz.Permission = "engagement.callback.pick"
	MakeCallback authz.Permission = "engagement.callback.record"
)

// Permissions are all rights of this domain, each once.
func Permissions() []authz.Permission {
	return append(Lifecycle().Permissions(), See, Retime, SeeContact, Supervise, PickCallback, MakeCallback)
}

// Lifecycle is the one process of a need.
func Lifecycle() flow.Lifecycle { return lifecycle }

// lifecycle is put together once: a list asks it for every line.
var lifecycle = process()

func process() flow.Lifecycle {
	handled := []flow.State{Posted, Referred, Taken, Offered, InProgress}
	early := []flow.State{Posted, Referred, Taken}
	done := []flow.State{InProgress, Delivered, Rateable, Closed}
	return flow.Lifecycle{
		Name:   "need",
		States: []flow.State{Posted, Referred, Taken, Offered, InProgress, Waiting, Delivered, Rateable, Closed, Withdrawn, Refused},
		Start:  Posted,
		Ends:   []flow.State{Closed, Withdrawn, Refused},
		Steps: []flow.Step{
			{Do: Post, To: Posted, Who: "enterprise"},
			{Do: Accept, From: []flow.State{Posted, Referred}, To: Taken, Who: "centre", Limit: "accept"},
			{Do: MakeOffer, From: []flow.State{Taken}, To: Offered, Who: "centre", Limit: "finish"},
			{Do: AcceptWork, From: []flow.State{Offered}, To: InProgress, Who: "institution", Limit: "answer"},
			{Do: Decline, From: []flow.State{Offered}, To: Taken, Who: "institution", Limit: "answer"},
			{Do: Recall, From: []flow.State{Offered}, To: Taken, Who: "centre"},
			{Do: Finish, From: []flow.State{InProgress}, To: Delivered, Or: []flow.State{Rateable}, Who: "institution", Guard: "delivery", Limit: "finish"},
			{Do: Deliver, From: []flow.State{InProgress, Delivered}, To: flow.Stay, Who: "institution"},
			{Do: Correct, From: done, To: flow.Stay, Who: "institution"},
			{Do: TakeBack, From: done, To: flow.Stay, Or: []flow.State{InProgress}, Who: "institution"},
			{Do: Confirm, From: []flow.State{Delivered}, To: Rateable, Who: "enterprise", Limit: "confirm"},
			{Do: ConfirmOne, From: []flow.State{InProgress, Delivered, Rateable, Closed}, To: flow.Stay, Or: []flow.State{Rateable}, Who: "enterprise"},
			{Do: Dispute, From: []flow.State{Delivered}, To: InProgress, Who: "enterprise"},
			{Do: Rate, From: []flow.State{Rateable}, To: Closed, Who: "enterprise", Limit: "confirm"},
			{Do: Rate, From: []flow.State{Closed}, To: flow.Stay, Who: "enterprise", Guard: "unrated"},
			{Do: Ask, From: []flow.State{Posted, Referred, Taken, InProgress}, To: Waiting, Who: "centre"},
			{Do: Supply, From: []flow.State{Waiting}, To: Posted, Or: []flow.State{Referred, Taken, InProgress}, Who: "enterprise"},
			{Do: Edit, From: append([]flow.State{Waiting}, early...), To: flow.Stay, Who: "enterprise"},
			{Do: Refer, From: early, To: Referred, Who: "centre"},
			{Do: Refuse, From: append([]flow.State{Waiting}, early...), To: Refused, Who: "centre", Guard: "unserved"},
			{Do: Assign, From: append([]flow.State{Waiting}, handled...), To: flow.Stay, Who: "centre"},
			{Do: Extend, From: []flow.State{Taken, InProgress}, To: flow.Stay, Who: "centre"},
			{Do: Withdraw, From: append([]flow.State{Waiting}, handled...), To: Withdrawn, Who: "enterprise", Guard: "unserved"},
			{Do: Reopen, From: []flow.State{Closed, Withdrawn, Refused}, To: Taken, Who: "centre"},
			{Do: Remind, From: append([]flow.State{Delivered, Rateable}, handled...), To: flow.Stay, Who: "system"},
			{Do: Escalate, From: handled, To: flow.Stay, Who: "system"},
			{Do: Lapse, From: []flow.State{Delivered, Rateable}, To: Closed, Who: "system"},
		},
	}
}

// on is what the right to a step is checked against.
func on(n *Need, do authz.Permission) authz.Target {
	switch do {
	case Confirm, ConfirmOne, Dispute, Rate:
		return n.asker()
	case Edit, Supply, Withdraw, Reopen:
		return n.either()
	case AcceptWork, Decline:
		return n.asked()
	case Deliver, Correct, TakeBack, Finish, Ask:
		return n.hands()
	case Remind, Escalate, Lapse, Retime, PickCallback, See:
		return n.view()
	default:
		return n.desk()
	}
}

// stepLimit is the limit that runs in a state since it was entered; empty for none.
func stepLimit(s flow.State) string {
	switch s {
	case Posted:
		return "accept"
	case Referred:
		return "sign"
	case Offered:
		return "answer"
	case Delivered, Rateable:
		return "confirm"
	default:
		return ""
	}
}

// wholeRuns reports whether the clock from posting to delivery still matters.
func wholeRuns(s flow.State) bool {
	return s == Posted || s == Referred || s == Taken || s == Offered || s == InProgress
}

// limitType is the matter in the table of limits: need.financing, which falls
// back to need.
func (n *Need) limitType() string { return "need." + string(n.Theme) }

func (c *Content) check(today string) fault.Fields {
	var f fault.Fields
	c.Title, c.Text = strings.TrimSpace(c.Title), strings.TrimSpace(c.Text)
	if !c.Theme.Valid() {
		f.Add("theme", "field.choice")
	}
	f.Length("title", c.Title, 4, 60)
	f.Length("text", c.Text, 10, 500)
	if c.Amount < 0 || c.Amount > 1_000_000_000_000 {
		f.Add("amount", "need.field.amount")
	}
	if c.Months < 0 || c.Months > 360 {
		f.Add("months", "field.range", "min", 0, "max", 360)
	}
	for _, k := range c.Collateral {
		fault.Choice(&f, "collateral", k, Collaterals())
	}
	if c.WantedBy != "" && !flow.IsDay(c.WantedBy) {
		f.Add("wanted_by", "field.date", "value", c.WantedBy)
	} else if c.WantedBy != "" && c.WantedBy < today {
		f.Add("wanted_by", "field.past", "value", c.WantedBy)
	}
	return f
}

func (c *Contact) check(f *fault.Fields) {
	c.Name, c.Phone = strings.TrimSpace(c.Name), strings.TrimSpace(c.Phone)
	f.Length("contact_name", c.Name, 2, 30)
	f.Length("contact_post", c.Post, 0, 30)
	digits := 0
	for _, r := range c.Phone {
		if r >= '0' && r <= '9' {
			digits++
		}
	}
	switch {
	case c.Phone == "":
		f.Add("contact_phone", "field.required")
	case digits < 7 || utf8.RuneCountInString(c.Phone) > 24:
		f.Add("contact_phone", "need.field.phone", "value", c.Phone)
	}
}

// check tells what is wrong with a piece of work for a need posted on a day.
func (s *Work) check(posted, today string) error {
	var f fault.Fields
	s.Text = strings.TrimSpace(s.Text)
	switch {
	case !flow.IsDay(s.On):
		f.Add("on", "field.date", "value", s.On)
	case s.On > today:
		f.Add("on", "need.field.future", "value", s.On)
	case s.On < posted:
		f.Add("on", "need.field.before", "value", s.On, "posted", posted)
	}
	if !s.Theme.Valid() {
		f.Add("theme", "field.choice")
	}
	if !s.Form.Valid() {
		f.Add("form", "field.choice")
	}
	f.Length("text", s.Text, 4, 500)
	if s.Quantity == 0 {
		s.Quantity = 1
	}
	if s.Quantity < 1 || s.Quantity > 1_000_000 {
		f.Add("quantity", "field.range", "min", 1, "max", 1_000_000)
	}
	if s.Amount < 0 || s.Amount > 1_000_000_000_000 {
		f.Add("amount", "need.field.amount")
	}
	fault.Choice(&f, "reach", s.Reach, []string{"", "social", "personal"})
	fault.Choice(&f, "crowd", s.Crowd, []string{"", "together", "apart"})
	fault.Choice(&f, "rhythm", s.Rhythm, []string{"", "regular", "lasting"})
	f.Length("topic", s.Topic, 0, 30)
	return f.Err()
}

func (r *Rating) check() error {
	var f fault.Fields
	r.Words = strings.TrimSpace(r.Words)
	fault.Choice(&f, "solved", r.Solved, []Solved{Yes, Partly, No})
	if r.Score < 1 || r.Score > 5 {
		f.Add("score", "field.range", "min", 1, "max", 5)
	}
	f.Length("words", r.Words, 0, 300)
	return f.Err()
}

// tierKey keeps the tier of a fact a plain word.
func tierKey(t institution.Tier) string {
	if t == institution.NoTier {
		return "none"
	}
	return string(t)
}
