package engagement

import (
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/region"
)

// ID names a need.
type ID string

// Kind is the kind of a need in the audit trail.
const Kind = "need"

// Channel is how a need came in (受理渠道).
type Channel string

// The channels. Call and Visit are entered by staff on somebody's behalf.
const (
	Web   Channel = "web"   // 网上
	Call  Channel = "call"  // 电话
	Visit Channel = "visit" // 上门
)

// Channels are all of them.
func Channels() []Channel { return []Channel{Web, Call, Visit} }

// Key is the text key of the channel's name.
func (c Channel) Key() string { return "need.channel." + string(c) }

// Collateral is what can be given as security (反担保).
type Collateral string

// The kinds of collateral.
const (
	Property  Collateral = "property"  // 厂房或土地抵押
	Equipment Collateral = "equipment" // 机器设备抵押
	Surety    Collateral = "surety"    // 其他企业保证
	NoneYet   Collateral = "none_yet"  // 暂时没有，想先咨询
)

// Collaterals are all of them, in the order of the form.
func Collaterals() []Collateral { return []Collateral{Property, Equipment, Surety, NoneYet} }

// Key is the text key of the collateral's name.
func (c Collateral) Key() string { return "need.collateral." + string(c) }

// Outcome is how a closed need ended.
type Outcome string

// The outcomes.
const (
	NoOutcome   Outcome = ""
	Confirmed   Outcome = "confirmed"   // 企业已确认
	Unconfirmed Outcome = "unconfirmed" // 企业逾期未确认
)

// Key is the text key of the outcome's name.
func (o Outcome) Key() string {
	if o == NoOutcome {
		return "need.outcome.none"
	}
	return "need.outcome." + string(o)
}

// Content is what is asked for.
type Content struct {
	Theme      institution.Theme
	Title      string // 4 to 60 characters
	Text       string // 10 to 500 characters
	Amount     int64  // in fen, 0 when it is not about money or not known
	Months     int    // 期限, 0 when it does not apply; at most 360
	Collateral []Collateral
	WantedBy   string // ISO date, may be empty
}

// Need is one need as it stands (需求).
type Need struct {
	ID     ID
	Number string
	Content
	Region     region.Code // the town of the one who asks
	Office     region.Code // who handles it: a town, county, city or province
	Enterprise string      // id; empty for a founder
	Person     string      // account of the founder; empty for an enterprise, or when there is none
	Requester  string      // name of the enterprise or founder when it was posted
	Size       string      // size class of the enterprise when it was posted
	Channel    Channel

	State        flow.State
	Back         flow.State     // where it returns to from waiting
	Institution  institution.ID // in charge, or asked just now
	InCharge     bool           // the institution has accepted
	Assignee     string         // the member of staff, empty while nobody's
	AssigneeName string

	Whole    flow.Clock // from posting to delivery
	Step     flow.Clock // since the present state began
	Due      time.Time  // zero while the clock stands still or nothing is due
	DueStep  string     // which limit Due belongs to: accept, answer, finish …
	PostedAt time.Time
	Finished time.Time // when the last delivery was made and the office said done
	OnTime   bool      // Finished within the limit
	ClosedAt time.Time
	Outcome  Outcome
	Rated    bool
	Told     Told

	Version   int
	UpdatedAt time.Time
}

// Told is who was told of the present step's limit.
type Told struct {
	Reminded   bool
	Supervised region.Level // the level told that it is overdue; None: nobody
}

// view is where the need lies and whose it is. A scope finds it besides by the
// institutions it was offered to.
func (n *Need) view() authz.Target {
	t := n.asker()
	t.Region = n.Region
	return t
}

// asker is the one whose need it is, and nobody by region: what only the asker
// can say — that it was served, that it is content — no office can say for it.
func (n *Need) asker() authz.Target {
	return authz.Target{}.Of(authz.Enterprise, n.Enterprise).Of(authz.Person, n.Person)
}

// desk is the office that handles it. An office below it may look on, but not
// act, until it is referred down.
func (n *Need) desk() authz.Target { return authz.At(n.Office) }

// hands are the office and the institution in charge.
func (n *Need) hands() authz.Target {
	if n.InCharge {
		return n.desk().Of(authz.Institution, string(n.Institution))
	}
	return n.desk()
}

// asked is the institution the open offer is for.
func (n *Need) asked() authz.Target {
	return authz.Target{}.Of(authz.Institution, string(n.Institution))
}

// either is the asker, or the office on its behalf.
func (n *Need) either() authz.Target {
	t := n.asker()
	t.Region = n.Office
	return t
}

// Contact is whom to speak to about a need: personal data.
type Contact struct{ Name, Post, Phone string }

// Answer is what an institution said to an offer.
type Answer string

// The answers. Recalled offers were taken back by the office.
const (
	NoAnswer Answer = ""
	Accepted Answer = "accepted" // 接受
	Declined Answer = "declined" // 婉拒
	Recalled Answer = "recalled" // 撤回推荐
)

// Key is the text key of the answer's name.
func (a Answer) Key() string {
	if a == NoAnswer {
		return "need.answer.open"
	}
	return "need.answer." + string(a)
}

// Offer is a need put before an institution (推荐).
type Offer struct {
	ID          string
	Need        ID
	Institution institution.ID
	Name        string   // of the institution, then
	Reasons     []Reason // as they were known then
	Note        string
	By, ByName  string
	At, Due     time.Time
	Answer      Answer
	Words       string // why it was declined or recalled
	AnsweredAt  time.Time
	OnTime      bool // answered by Due
}

// DeliveryState is whether a delivery counts.
type DeliveryState string

// The states of a delivery.
const (
	Recorded          DeliveryState = "recorded"    // 待企业确认
	DeliveryConfirmed DeliveryState = "confirmed"   // 企业已确认: it counts
	DeliveryUnsure    DeliveryState = "unconfirmed" // 企业逾期未确认: counted apart
	DeliveryWithdrawn DeliveryState = "withdrawn"   // 已撤销
)

// Key is the text key of the state's name.
func (s DeliveryState) Key() string { return "need.delivery." + string(s) }

// Manner is how a service was organised; empty where it is not said.
type Manner struct {
	Reach  string // social 社会化, personal 个性化
	Crowd  string // together 集中, apart 分散
	Rhythm string // regular 定期, lasting 长效
	Topic  string // campaign beside the themes: 保增长促发展
}

// Work is what an institution did (服务内容).
type Work struct {
	On       string // ISO date
	Theme    institution.Theme
	Form     institution.Form
	Amount   int64 // in fen: a loan brought about, a contract won; 0 when it is not about money
	Quantity int64 // people served, at least 1
	Text     string
	Manner
}

// Delivery is one service given for a need (服务交付).
type Delivery struct {
	ID          string
	Need        ID
	Institution institution.ID
	Name        string // of the institution, then
	Work
	Region      region.Code      // the asker's town on the day
	Tier        institution.Tier // of the institution on the day
	Size        string           // of the enterprise on the day
	State       DeliveryState
	By, ByName  string
	At          time.Time
	ConfirmedAt time.Time
	Reason      string // why it was last changed or withdrawn
}

// Solved is how far the problem was solved.
type Solved string

// The answers.
const (
	Yes    Solved = "yes"    // 解决了
	Partly Solved = "partly" // 解决了一部分
	No     Solved = "no"     // 没有解决
)

// Key is the text key of the answer.
func (s Solved) Key() string { return "need.solved." + string(s) }

// Rating is what the one who asked says of the service (评价).
type Rating struct {
	OnTime bool
	Solved Solved
	Score  int    // 1 to 5
	Words  string // at most 300 characters
	By     string
	At     time.Time
}

// Heard is what a call-back learned.
type Heard string

// The results of a call-back.
const (
	NotYet       Heard = ""             // 待回访
	Agreed       Heard = "agreed"       // 与记录一致
	Contradicted Heard = "contradicted" // 与记录不符
	NotReached   Heard = "not_reached"  // 未联系上
)

// Key is the text key of the result.
func (h Heard) Key() string {
	if h == NotYet {
		return "need.heard.not_yet"
	}
	return "need.heard." + string(h)
}

// Callback is a closed need chosen for a call (回访).
type Callback struct {
	Need     ID
	Number   string
	Title    string
	Region   region.Code
	Office   region.Code
	PickedAt time.Time
	Heard    Heard
	Note     string
	By       string
	At       time.Time
	Version  int
}

// Event is one line of a need's history (办理经过).
type Event struct {
	Seq      int
	At       time.Time
	Do       authz.Permission
	From, To flow.State
	Kind     authz.Kind // of the actor
	By       string
	ByName   string
	Note     string
	Took     int // working days since the state it left began; 0 on the same day
	Limit    int // working days it should have taken, 0 when no limit ran
}
