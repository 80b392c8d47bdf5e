package recognition

import (
	"context"
	"slices"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/criteria"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/region"
)

// The kinds of record, in the audit trail.
const (
	KindTitle       = "recognition_title"
	KindCall        = "recognition_call"
	KindApplication = "recognition_application"
	KindAward       = "recognition_award"
	kindTie         = "recognition_conflict"
)

// The rights of this domain.
const (
	EditTitle authz.Permission = "recognition.title.edit" // titles, their criteria and rubrics 维护认定标准

	Announce authz.Permission = "recognition.call.announce" // publish a call 发布通知
	Prolong  authz.Permission = "recognition.call.prolong"  // applications are taken for longer 延长申报
	Close    authz.Permission = "recognition.call.close"    // end a call 结束

	See       authz.Permission = "recognition.application.see"
	Apply     authz.Permission = "recognition.application.apply"     // begin and fill in 申报
	Submit    authz.Permission = "recognition.application.submit"    // 提交
	Withdraw  authz.Permission = "recognition.application.withdraw"  // 撤回
	Return    authz.Permission = "recognition.application.return"    // give back to be completed 退回补正
	Check     authz.Permission = "recognition.application.check"     // first check 初审通过
	Refuse    authz.Permission = "recognition.application.refuse"    // 不予认定
	Assign    authz.Permission = "recognition.application.assign"    // reviewers 指派评审专家
	Review    authz.Permission = "recognition.application.review"    // score 评审打分
	Recuse    authz.Permission = "recognition.application.recuse"    // a reviewer steps back 申请回避
	Exclude   authz.Permission = "recognition.application.exclude"   // the office has a reviewer step back 令其回避
	Publicise authz.Permission = "recognition.application.publicise" // 公示
	Object    authz.Permission = "recognition.application.object"    // 提出异议
	Answer    authz.Permission = "recognition.application.answer"    // an objection 答复异议
	Decide    authz.Permission = "recognition.application.decide"    // 认定
	Declare   authz.Permission = "recognition.conflict.declare"      // a tie of one's own 申报利益关系
	EndTie    authz.Permission = "recognition.conflict.end"          // it is past 终止

	Report    authz.Permission = "recognition.award.report"    // the yearly report 年度报告
	Recheck   authz.Permission = "recognition.award.recheck"   // begin a re-check 复核
	Extend    authz.Permission = "recognition.award.extend"    // 延续
	Downgrade authz.Permission = "recognition.award.downgrade" // 降级
	Revoke    authz.Permission = "recognition.award.revoke"    // 撤销
	Expire    authz.Permission = "recognition.award.expire"    // the program: its term is over 到期
)

// Title is what can be awarded (称号).
type Title struct {
	ID       string
	Name     criteria.Words
	Subject  string // the kind of subject: institution, park …
	Below    string // grade after a downgrade; empty when there is none below
	Criteria string // id of the criteria.Set with its conditions and rubric
	Terms
	// ReportBy is the month and day, 03-31, by which the report of the year before
	// is due; empty when none is asked for. Recheck is how many days before the end
	// of its term an award is due to be looked at again. An award keeps both as they
	// were when its term began.
	ReportBy string
	Recheck  int
	Version  int
}

// Terms are what a title is given by. A call keeps those that its title had when it
// was announced.
type Terms struct {
	// Grade is what the award says of the subject, such as A or 5; it is handed on
	// to the subject's own record.
	Grade     string
	Months    int // how long an award holds; 0: without end
	Publicity int // working days that a proposal is public
	Reviewers int // at least so many scores; 0: no review, the office checks alone
}

// Call is one invitation to apply for a title (通知).
type Call struct {
	ID              string
	Title           string
	Office          region.Code // who calls and decides
	Name            string
	Document        string // 文号
	Text            string // what to bring, whom to ask
	Year            int
	CriteriaVersion int
	Opens, Closes   string // ISO dates, both included
	Quota           int    // at most so many awards; 0: no limit
	Terms                  // as its title had them when it was announced
	State           flow.State
	Version         int
}

// The states of a call.
const (
	CallOpen   flow.State = "open"   // published: applications come in between its dates
	CallClosed flow.State = "closed" // all decided
)

// Takes reports whether applications are handed in on the day.
func (c *Call) Takes(day string) bool {
	return c.State == CallOpen && c.Opens <= day && day <= c.Closes
}

// Target is what the rights over the call are checked against.
func (c *Call) Target() authz.Target { return authz.At(c.Office) }

// Subject is what an application is about.
type Subject struct {
	Kind, ID string
	Name     string
	Region   region.Code
	Since    string // ISO date: it is no older; only where it was found among its own records
	// Party is who applies for it and holds the award; empty when only an office does.
	Party authz.Party
}

// Known is one thing that the program knows of a subject.
type Known struct {
	Value criteria.Value
	From  string // where it was taken from: register, ledger (text key recognition.from.…)
}

// MostSubjects is how many subjects one chooses from at once: of more, those
// whose name holds what one looks for.
const MostSubjects = 200

// Subjects is one kind of subject: how it is found, what is known of it, and
// what becomes of it. internal/app provides them.
type Subjects struct {
	Kind string
	// Mine are the subjects that the actor may apply for and whose name holds the
	// text, at most MostSubjects.
	Mine func(ctx context.Context, by authz.Actor, text string) ([]Subject, error)
	// Find is the subject with the id; NotFound when there is none.
	Find func(ctx context.Context, r db.Reader, id string) (Subject, error)
	// Named is the subject of the name in a place; NotFound when there is none. Nil
	// when awards of the kind cannot be imported.
	Named func(ctx context.Context, r db.Reader, name string, at region.Code) (Subject, error)
	// Knows are the inputs of criteria that the register and the ledger answer as
	// of a day, by the input's name.
	Knows func(ctx context.Context, r db.Reader, s Subject, day string) (map[string]Known, error)
	// Held tells the subject's own record that an award of it is new or has changed,
	// in the same transaction, with all awards it has or had, the oldest first. May
	// be nil.
	Held func(ctx context.Context, tx *db.Tx, by authz.Actor, a *Award, all []Award) error
}

// Input is the value of one criterion in an application.
type Input struct {
	Value float64 `json:"value"` // 1 and 0 for yes and no
	Flag  bool    `json:"flag,omitempty"`
	From  string  `json:"from,omitempty"` // register or ledger; empty: the applicant's own
	// Known is what the register or the ledger (KnownBy) says where the applicant
	// entered something else; nil where they say nothing.
	Known   *float64 `json:"known,omitempty"`
	KnownBy string   `json:"known_by,omitempty"`
}

func (i Input) value() criteria.Value {
	if i.Flag {
		return criteria.Yes(i.Value != 0)
	}
	return criteria.Num(i.Value)
}

// Inputs are the values of an application by the name of the criterion.
type Inputs map[string]Input

func (in Inputs) values() criteria.Inputs {
	out := criteria.Inputs{}
	for id, v := range in {
		out[id] = v.value()
	}
	return out
}

// Application is one application of a subject in a call (申报).
type Application struct {
	ID    string
	Call  string
	Title string
	Subject
	Office region.Code // that decides
	Inputs Inputs
	// Evidence are the ids of files by the criterion or rubric line they prove.
	Evidence map[string][]string
	Words    string // the applicant's own account, at most 2,000 characters
	State    flow.State
	// Score is the average of the reviewers and Spread the greatest less the least,
	// in hundredths; 0 until all have scored.
	Score, Spread int
	Public        string // made public on
	PublicTo      string // the last day of publicity
	Reason        string // why it was given back or refused
	By            string // who filled it in
	SubmittedAt   time.Time
	UpdatedAt     time.Time
	Version       int
}

// The states of an application.
const (
	Draft      flow.State = "draft"
	Submitted  flow.State = "submitted"
	Checked    flow.State = "checked"
	Reviewing  flow.State = "reviewing"
	Scored     flow.State = "scored"
	Publicised flow.State = "public"
	Recognised flow.State = "recognised"
	Refused    flow.State = "refused"
	Withdrawn  flow.State = "withdrawn"
)

// Target is what the rights over the application are checked against, but for
// those that the deciding office keeps to itself.
func (a *Application) Target() authz.Target {
	return authz.At(a.Region).Of(a.Party.Kind, a.Party.ID)
}

// ReviewState is how far one reviewer is.
type ReviewState string

// The states of a review.
const (
	Assigned ReviewState = "assigned"
	Done     ReviewState = "done"
	Stepped  ReviewState = "recused" // the reviewer has a conflict
)

// Scoring is one reviewer's review of an application.
type Scoring struct {
	ID          string
	Application string
	Person      string
	Name        string
	State       ReviewState
	Points      map[string]float64 // by rubric line, before weighing
	Remarks     map[string]string  // by rubric line
	Words       string             // the opinion as a whole
	Total       int                // hundredths
	AssignedAt  time.Time
	Due         string // the day by which it should be in, of ToReview alone; empty when no limit is set
	DoneAt      time.Time
}

// Objection is what somebody has against a proposal (异议).
type Objection struct {
	ID         string
	By, ByName string
	Words      string
	At         time.Time
	Answer     string
	Upheld     bool
	AnsweredAt time.Time // zero while open
}

// Open reports that nobody has answered it yet.
func (o *Objection) Open() bool { return o.AnsweredAt.IsZero() }

// Award is a title that a subject holds (认定结果).
type Award struct {
	ID          string
	Application string
	Title       string
	Subject
	Office region.Code
	Grade  string
	// Was is the grade it had until it was downgraded on the day Regraded.
	Was, Regraded string
	From, To      string // To is the first day it no longer holds; empty: open
	// ReportBy is as in Title; RecheckFrom is the day from which it is due to be
	// looked at again, empty for an award without end.
	ReportBy, RecheckFrom string
	Document              string
	State                 flow.State
	Version               int
}

// The states of an award.
const (
	Valid      flow.State = "valid"
	Rechecking flow.State = "rechecking"
	Revoked    flow.State = "revoked"
	Expired    flow.State = "expired"
)

// Target is what the rights over the award are checked against, but for those
// that the deciding office keeps to itself.
func (a *Award) Target() authz.Target {
	return authz.At(a.Region).Of(a.Party.Kind, a.Party.ID)
}

// Span is a time in which an award gives a grade: To is the first day it no
// longer does, empty while open.
type Span struct{ Grade, From, To string }

// Spans are the times of the award, one after the other: two when it was
// downgraded, none when it was taken away on its first day.
func (a *Award) Spans() []Span {
	all := []Span{{a.Grade, a.From, a.To}}
	if a.Regraded != "" {
		all = []Span{{a.Was, a.From, a.Regraded}, {a.Grade, a.Regraded, a.To}}
	}
	return slices.DeleteFunc(all, func(s Span) bool { return s.To != "" && s.To <= s.From })
}

// meets reports whether two awards of a title would hold on the same day.
func (a *Award) meets(b *Award) bool {
	return (a.To == "" || b.From < a.To) && (b.To == "" || a.From < b.To)
}

// On reports whether the award holds on the day.
func (a *Award) On(day string) bool {
	return a.State != Revoked && a.From <= day && (a.To == "" || day < a.To)
}

// Yearly is a holder's report for a year (年度报告).
type Yearly struct {
	Year   int
	Words  string
	Inputs Inputs
	By     string
	At     time.Time
}
