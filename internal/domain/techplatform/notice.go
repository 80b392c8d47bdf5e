package techplatform

import (
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/region"
)

// Side is on which side of the market a notice stands.
type Side string

// The sides.
const (
	Wanted  Side = "need"  // 技术需求: of an enterprise
	Offered Side = "offer" // 技术成果: of an enterprise, a university, an institute
)

// Sides are both.
func Sides() []Side { return []Side{Wanted, Offered} }

// Key is the text key of the side's name.
func (s Side) Key() string { return "technotice.side." + string(s) }

// prefix begins the numbers of notices.
func (s Side) prefix() string {
	if s == Wanted {
		return "JX"
	}
	return "JC"
}

// other is where what fits a notice is found.
func (s Side) other() Side {
	if s == Wanted {
		return Offered
	}
	return Wanted
}

// The states of a notice.
const (
	Submitted flow.State = "submitted" // 待初审
	Checked   flow.State = "checked"   // 初审通过，待复核
	Shown     flow.State = "published" // 公布中
	Returned  flow.State = "returned"  // 已退回，待修改
	Expired   flow.State = "expired"   // 已到期
	Recalled  flow.State = "withdrawn" // 已撤回
)

// The rights over notices. What is published everybody sees; SeeNotice is for
// what is not.
const (
	SeeNotice     authz.Permission = "techplatform.notice.see"
	SubmitNotice  authz.Permission = "techplatform.notice.submit"
	ReviseNotice  authz.Permission = "techplatform.notice.revise"
	CheckNotice   authz.Permission = "techplatform.notice.check"
	PublishNotice authz.Permission = "techplatform.notice.publish"
	ReturnNotice  authz.Permission = "techplatform.notice.return"
	ExpireNotice  authz.Permission = "techplatform.notice.expire"
	RecallNotice  authz.Permission = "techplatform.notice.withdraw"
)

// NoticeLifecycle is the one process of a notice: whatever its party changes is
// reviewed anew by two people, the county's and the city's.
func NoticeLifecycle() flow.Lifecycle { return noticeLife }

var noticeLife = flow.Lifecycle{
	Name:   "technotice",
	States: []flow.State{Submitted, Checked, Shown, Returned, Expired, Recalled},
	Start:  Submitted,
	Ends:   []flow.State{Expired, Recalled},
	Steps: []flow.Step{
		{Do: SubmitNotice, To: Submitted, Who: "applicant"},
		{Do: CheckNotice, From: []flow.State{Submitted}, To: Checked, Who: "county", Guard: "own", Limit: "check"},
		{Do: PublishNotice, From: []flow.State{Checked}, To: Shown, Who: "city", Guard: "another", Limit: "review"},
		{Do: ExpireNotice, From: []flow.State{Shown}, To: Expired, Who: "system", Limit: "term"},
		{Do: ReturnNotice, From: []flow.State{Submitted, Checked, Shown}, To: Returned, Who: "official"},
		{Do: ReviseNotice, From: []flow.State{Submitted, Checked, Shown, Returned, Expired}, To: Submitted, Who: "applicant"},
		{Do: RecallNotice, From: []flow.State{Submitted, Checked, Shown, Returned}, To: Recalled, Who: "applicant"},
	},
}

// NoticeProfile is what a notice says.
type NoticeProfile struct {
	Title    string // 4 to 60 characters
	Text     string // 20 to 2,000
	Industry string // GB/T 4754-2017 with its letter: C17
	Amount   int64  // fen: what may be spent on a need, what an offer costs; 0 to be agreed
	Contact  string // who to ask and how: shown to those who were introduced alone
}

// Notice is a technology need or offer (技术供需信息).
type Notice struct {
	ID     string
	Number string // JX-2009-00001 of a need, JC-2009-00001 of an offer
	Side   Side
	NoticeProfile
	Party       authz.Party // the enterprise or institution it is of
	Name        string      // the party's, then
	Region      region.Code // the party's, then
	State       flow.State
	SubmittedBy string    // the person, to keep it from reviewing its own
	CheckedBy   string    // the first reviewer, "" before
	Since       time.Time // from when on the present step is counted
	PublishedOn string    // ISO date, "" while it is not published
	Until       string    // ISO date, the last day it is shown; "" for no end
	Version     int
	UpdatedAt   time.Time
}

// Public reports that everybody sees the notice on the day.
func (n *Notice) Public(day string) bool {
	return n.State == Shown && (n.Until == "" || day <= n.Until)
}

// view is where the notice lies and whose it is.
func (n *Notice) view() authz.Target { return authz.At(n.Region).Of(n.Party.Kind, n.Party.ID) }

// side is the party alone: what only it can say, no office can say for it.
func sideOf(p authz.Party) authz.Target { return authz.Target{}.Of(p.Kind, p.ID) }

// on is what a step of the notice is checked against: its own place checks, the
// city publishes and takes off, so that no place reviews alone.
func (n *Notice) on(do authz.Permission) authz.Target {
	city := authz.At(n.Region)
	if at := n.Region.At(region.City); at != "" {
		city = authz.At(at)
	}
	switch do {
	case SeeNotice:
		return n.view()
	case CheckNotice, ExpireNotice:
		return authz.At(n.Region)
	case PublishNotice:
		return city
	case ReturnNotice:
		if n.State == Checked || n.State == Shown {
			return city
		}
		return authz.At(n.Region)
	default:
		return sideOf(n.Party)
	}
}

// reviewable refuses a reviewer who wrote the notice or has reviewed it already.
func (n *Notice) reviewable(do authz.Permission, by string) error {
	switch {
	case by == n.SubmittedBy:
		return fault.New(fault.Conflict, "technotice.conflict.own")
	case do == PublishNotice && by == n.CheckedBy:
		return fault.New(fault.Conflict, "technotice.conflict.another")
	}
	return nil
}

// check tidies a notice and tells every broken field; industry tells the code of
// an industry as it is written.
func (in *NoticeProfile) check(industry func(string) (string, bool)) fault.Fields {
	var f fault.Fields
	tidy(&in.Title, &in.Text, &in.Industry, &in.Contact)
	f.Length("title", in.Title, 4, 60)
	f.Length("text", in.Text, 20, 2000)
	f.Length("contact", in.Contact, 4, 60)
	f.Money("amount", in.Amount, 0, mostFen)
	if in.Industry == "" {
		f.Add("industry", "field.required")
	} else if code, ok := industry(in.Industry); ok {
		in.Industry = code
	} else {
		f.Add("industry", "field.choice")
	}
	return f
}
