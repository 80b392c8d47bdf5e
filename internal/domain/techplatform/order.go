package techplatform

import (
	"fmt"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/region"
)

// The states of an order.
const (
	Placed    flow.State = "placed"    // 待平台受理
	Accepted  flow.State = "accepted"  // 已受理，办理中
	Delivered flow.State = "delivered" // 已交付，待企业确认
	Confirmed flow.State = "confirmed" // 已确认，待评价: it counts
	Rated     flow.State = "rated"     // 已评价
	Refused   flow.State = "refused"   // 未受理
	Withdrawn flow.State = "withdrawn" // 企业已撤回
)

// The rights over orders.
const (
	SeeOrder authz.Permission = "techplatform.order.see"
	Place    authz.Permission = "techplatform.order.place"
	Accept   authz.Permission = "techplatform.order.accept"
	Refuse   authz.Permission = "techplatform.order.refuse"
	Rebook   authz.Permission = "techplatform.order.rebook"
	Withdraw authz.Permission = "techplatform.order.withdraw"
	Deliver  authz.Permission = "techplatform.order.deliver"
	Confirm  authz.Permission = "techplatform.order.confirm"
	Dispute  authz.Permission = "techplatform.order.dispute"
	Rate     authz.Permission = "techplatform.order.rate"
	TakeBack authz.Permission = "techplatform.order.take_back"
)

// Lifecycle is the one process of an order.
func Lifecycle() flow.Lifecycle { return lifecycle }

var lifecycle = flow.Lifecycle{
	Name:   "techorder",
	States: []flow.State{Placed, Accepted, Delivered, Confirmed, Rated, Refused, Withdrawn},
	Start:  Placed,
	Ends:   []flow.State{Rated, Refused, Withdrawn},
	Steps: []flow.Step{
		{Do: Place, To: Placed, Who: "enterprise"},
		{Do: Accept, From: []flow.State{Placed}, To: Accepted, Who: "institution", Limit: "accept"},
		{Do: Deliver, From: []flow.State{Accepted}, To: Delivered, Who: "institution", Guard: "report", Limit: "finish"},
		{Do: Confirm, From: []flow.State{Delivered}, To: Confirmed, Who: "enterprise", Limit: "confirm"},
		{Do: Rate, From: []flow.State{Confirmed}, To: Rated, Who: "enterprise"},
		{Do: Rebook, From: []flow.State{Placed, Accepted}, To: flow.Stay, Who: "enterprise", Guard: "booking"},
		{Do: Dispute, From: []flow.State{Delivered}, To: Accepted, Who: "enterprise"},
		{Do: TakeBack, From: []flow.State{Delivered, Confirmed, Rated}, To: Accepted, Who: "institution"},
		{Do: Refuse, From: []flow.State{Placed}, To: Refused, Who: "institution"},
		{Do: Withdraw, From: []flow.State{Placed, Accepted}, To: Withdrawn, Who: "enterprise"},
	},
}

// OrderID names an order.
type OrderID string

// Slot is a span of one day, in minutes since midnight in China.
type Slot struct {
	Day      string // ISO
	From, To int
}

// Clock writes minutes since midnight as 09:30.
func Clock(minutes int) string { return fmt.Sprintf("%02d:%02d", minutes/60, minutes%60) }

// begins is the moment the slot begins.
func (s Slot) begins() time.Time {
	day, err := time.ParseInLocation(time.DateOnly, s.Day, flow.Shanghai())
	if err != nil {
		return time.Time{} // it was checked before
	}
	return day.Add(time.Duration(s.From) * time.Minute)
}

// Booking is an instrument held for a span, for an order or by its platform
// (maintenance).
type Booking struct {
	ID         string
	Instrument string
	Order      OrderID // empty when the platform itself holds it
	Slot
	Note string
}

// Wish is what an enterprise orders.
type Wish struct {
	Service    string // id
	Title      string // 2 to 60 characters
	Text       string // 4 to 1,000 characters
	WantedBy   string // ISO date, may be empty
	Instrument string // id; empty for a service without one
	Slot       Slot
}

// Order is one order as it stands (服务订单).
type Order struct {
	ID     OrderID
	Number string
	Wish
	Platform    ID
	Institution institution.ID
	Kind        ServiceKind // of the service, then
	ServiceName string      // then
	Enterprise  string      // id
	Requester   string      // name of the enterprise, then
	Region      region.Code // the enterprise's town
	State       flow.State
	Delivery
	Rating
	PlacedAt    time.Time
	Since       time.Time // from when on the present step is counted
	ConfirmedAt time.Time
	Version     int
	UpdatedAt   time.Time
}

// Delivery is what the platform did (交付).
type Delivery struct {
	On     string // ISO date
	Report string // in words, at most 1,000 characters
	Fee    int64  // in fen, what the enterprise paid
	Free   bool   // within the platform's free share: Fee is 0
}

// Rating is what the enterprise says of it (评价).
type Rating struct {
	Score  int // 1 to 5, 0 while not rated
	OnTime bool
	Words  string // at most 300 characters
}

// view is where the order lies and whose it is.
func (o *Order) view() authz.Target {
	return authz.At(o.Region).Of(authz.Enterprise, o.Enterprise).Of(authz.Institution, string(o.Institution))
}

// asker is the enterprise, and nobody by region: what only it can say, no office
// can say for it.
func (o *Order) asker() authz.Target { return authz.Target{}.Of(authz.Enterprise, o.Enterprise) }

// maker is the institution that runs the platform, and nobody by region.
func (o *Order) maker() authz.Target {
	return authz.Target{}.Of(authz.Institution, string(o.Institution))
}

// on is what a step of the order is checked against.
func (o *Order) on(do authz.Permission) authz.Target {
	switch do {
	case Accept, Refuse, Deliver, TakeBack:
		return o.maker()
	case Rebook:
		return o.maker().Of(authz.Enterprise, o.Enterprise)
	case SeeOrder:
		return o.view()
	default:
		return o.asker()
	}
}

// Work is one piece of service that was done (服务记录).
type Work struct {
	ID          string
	Platform    ID
	Institution institution.ID
	Service     string // id, empty when it belongs to none
	Order       OrderID
	Kind        ServiceKind
	On          string // ISO date
	Title       string
	Enterprises []string // ids, at least one
	Fee         int64    // in fen, of all together
	Free        bool
	Region      region.Code // of the platform, then
	State       flow.State  // it counts in WorkCounted alone
	Returned    string      // why an office sent it back, empty when none did
	Withdrawn   string      // why it was withdrawn, empty when it was not
	EnteredBy   string      // the person, to keep it from confirming its own; empty of an order
	Version     int
}

// Target is what the rights over the work are checked against.
func (w *Work) Target() authz.Target {
	return authz.At(w.Region).Of(authz.Institution, string(w.Institution))
}
