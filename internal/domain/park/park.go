package park

import (
	"slices"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/region"
)

// ID names a park.
type ID string

// The kinds of the records kept here, as in the audit trail.
const (
	Record         = "park"
	BuildingRecord = "park_building"
	TenancyRecord  = "park_tenancy"
	PlanRecord     = "park_plan"
	WishRecord     = "park_wish"
)

// The rights over parks, their buildings and tenants. See is the right to find a
// park in a list that is not public.
const (
	See         authz.Permission = "park.see"
	Register    authz.Permission = "park.register"
	Edit        authz.Permission = "park.edit" // also its photos
	Publish     authz.Permission = "park.publish"
	End         authz.Permission = "park.end"
	SetBuilding authz.Permission = "park.building.set"
	SetGrade    authz.Permission = "park.grade.set" // also model parks
	Enter       authz.Permission = "park.tenancy.enter"
	Grow        authz.Permission = "park.tenancy.grow"
	Leave       authz.Permission = "park.tenancy.leave"
	Undo        authz.Permission = "park.tenancy.undo"
)

// Permissions are all rights of this domain, each once.
func Permissions() []authz.Permission {
	all := []authz.Permission{See, Register, Edit, Publish, End, SetBuilding, SetGrade, Enter, Grow, Leave, Undo, SeePlan, SeeWish}
	return slices.Concat(all, PlanLife().Permissions(), WishLife().Permissions())
}

// Works are the days of something that is built: planned, begun, done. Each may
// be empty; none comes before the one to its left.
type Works struct{ Planned, Begun, Done string }

// Stage is how far something that is built has come on a day.
type Stage string

// The stages. Of a park Done means that it operates, of a building that it is
// completed.
const (
	Planned  Stage = "planned"
	Building Stage = "building"
	Done     Stage = "done"
)

// Stages are the three in order.
func Stages() []Stage { return []Stage{Planned, Building, Done} }

// Key is the text key of a park's stage.
func (s Stage) Key() string { return "park.stage." + string(s) }

// HouseKey is the text key of a building's stage.
func (s Stage) HouseKey() string { return "park.house." + string(s) }

// Stage is how far it had come on the day.
func (w Works) Stage(day string) Stage {
	switch {
	case w.Done != "" && w.Done <= day:
		return Done
	case w.Begun != "" && w.Begun <= day:
		return Building
	default:
		return Planned
	}
}

// Facility is something a park has for all its tenants (配套设施).
type Facility string

// The facilities.
const (
	Water      Facility = "water"
	Power      Facility = "power"
	Gas        Facility = "gas"
	Steam      Facility = "steam"
	Sewage     Facility = "sewage"
	Road       Facility = "road"
	Broadband  Facility = "broadband"
	Canteen    Facility = "canteen"
	Testing    Facility = "testing"
	ServiceBay Facility = "service" // 综合服务窗口
)

// Facilities are all of them, in the order of a form.
func Facilities() []Facility {
	return []Facility{Water, Power, Gas, Steam, Sewage, Road, Broadband, Canteen, Testing, ServiceBay}
}

// Key is the text key of the facility's name.
func (f Facility) Key() string { return "park.facility." + string(f) }

// Profile is what a park is.
type Profile struct {
	Name       string
	Region     region.Code // the town it lies in, current code
	Developer  string      // who builds it
	Operator   string      // who runs it, when that is not an institution of the register
	OperatorID institution.ID
	Land       int64 // square metres; 0 when not known
	Works
	Facilities []Facility
	About      string
	Address    string
}

// Park is a park as of a day.
type Park struct {
	ID ID
	Profile
	Ended     string // ISO date: no park any more since; empty while it is one
	Grade     Grade  // of the day; NoGrade for none
	Model     bool   // a model park on the day
	Published bool
	Version   int
	UpdatedAt time.Time
	Room      // of the day; filled in by lists and Get
}

// Since is the first day that is known of the park; empty when none is.
func (p *Park) Since() string {
	never := "9999"
	if since := min(or(p.Planned, never), or(p.Begun, never), or(p.Done, never)); since != never {
		return since
	}
	return ""
}

// Target is what the rights over the park are checked against.
func (p *Park) Target() authz.Target {
	return authz.At(p.Region).Of(authz.Institution, string(p.OperatorID))
}

// On is what an act is checked against in an installation with the top: a grade is
// given by the city, see region.Code.Judge.
func (p *Park) On(do authz.Permission, top region.Code) authz.Target {
	if do == SetGrade {
		return authz.At(p.Region.Judge(top))
	}
	return p.Target()
}

// Room is what space there is on a day, in square metres of completed buildings.
type Room struct {
	Factory  int64 // standard factory
	Shared   int64 // shared facilities
	Occupied int64 // of all of it
	Tenants  int
}

// Vacant is what nobody has.
func (r Room) Vacant() int64 { return r.Factory + r.Shared - r.Occupied }

// Grade is what a park was found to be for a term.
type Grade string

// The grades. Model is kept like one: a park may be of grade A and a model.
const (
	NoGrade   Grade = ""
	GradeA    Grade = "a"
	ModelPark Grade = "model"
)

// Grades are those that can be given.
func Grades() []Grade { return []Grade{GradeA, ModelPark} }

// Key is the text key of the grade's name.
func (g Grade) Key() string { return "park.grade." + string(g) }

// Term is a grade for a span of days under a document. To is the first day it no
// longer holds, empty while open.
type Term struct {
	ID       string
	Grade    Grade
	From, To string
	Document string
}

// On reports whether the term holds on the day.
func (t Term) On(day string) bool { return t.From <= day && (t.To == "" || day < t.To) }

// Kind is what a building is for.
type Kind string

// The kinds of building.
const (
	SingleStorey Kind = "factory_single" // 单层标准厂房
	MultiStorey  Kind = "factory_multi"  // 多层标准厂房
	Office       Kind = "office"
	Warehouse    Kind = "warehouse"
	Dormitory    Kind = "dormitory"
)

// Kinds are all of them, in the order of a form.
func Kinds() []Kind { return []Kind{SingleStorey, MultiStorey, Office, Warehouse, Dormitory} }

// Factory reports a standard factory; the others are shared facilities.
func (k Kind) Factory() bool { return k == SingleStorey || k == MultiStorey }

// Key is the text key of the kind's name.
func (k Kind) Key() string { return "park.kind." + string(k) }

// House is what a building of a park is (楼栋).
type House struct {
	ID     string
	Park   ID
	Name   string // within the park: 3号厂房
	Kind   Kind
	Floors int
	Area   int64 // floor area in square metres
	Works
	Version  int
	Occupied int64 // on the day it was read
}

// Vacant is what is free of a completed building on the day it was read.
func (h *House) Vacant(day string) int64 {
	if h.Stage(day) != Done {
		return 0
	}
	return h.Area - h.Occupied
}

// Way is how a tenant left.
type Way string

// The ways of leaving.
const (
	Graduated Way = "graduated" // 毕业: it has outgrown the park
	Moved     Way = "moved"     // 搬离
	Shut      Way = "shut"      // 停业
)

// Ways are all of them.
func Ways() []Way { return []Way{Graduated, Moved, Shut} }

// Key is the text key of the way.
func (w Way) Key() string { return "park.way." + string(w) }

// Tenancy is an enterprise's time in a park (入园).
type Tenancy struct {
	ID         string
	Park       ID
	Enterprise enterprise.ID
	Entered    string // ISO date
	Left       string // ISO date: not there any more since; empty while it is
	Way        Way
	Note       string
	Undone     bool // entered by mistake: it was never there
	Version    int
	Name       string // of the enterprise; filled in where it is read
	Area       int64  // what it had on the day it was read
	Spaces     []Space
}

// Space is what a tenant has in a building, From <= day < To.
type Space struct {
	ID       string
	Building string
	House    string // the building's name; filled in where it is read
	Area     int64
	From, To string
}

// On reports whether the tenant has the space on the day.
func (s Space) On(day string) bool { return s.From <= day && (s.To == "" || day < s.To) }

// Plan is what a town plans (工业集中区、中小企业园建设规划).
type Plan struct {
	ID        string
	Region    region.Code // the town
	Year      int         // in which it was drawn up; one a year
	Title     string
	Land      int64 // square metres
	FloorArea int64 // square metres
	Parks     int
	Text      string
	State     flow.State
	Round     int    // how often it came in
	By        string // account of who sent it in last
	Submitted string // ISO date of the last sending
	Approved  string // ISO date, empty until then
	Document  string // under which it was approved
	Version   int
	Opinions  []Opinion
}

// Verdict is what an expert advises.
type Verdict string

// The verdicts.
const (
	Agree   Verdict = "agree"   // 同意
	Amend   Verdict = "amend"   // 修改后再审
	Dissent Verdict = "dissent" // 不同意
)

// Verdicts are all of them.
func Verdicts() []Verdict { return []Verdict{Agree, Amend, Dissent} }

// Key is the text key of the verdict.
func (v Verdict) Key() string { return "park.verdict." + string(v) }

// Opinion is an expert's on a plan as it came in the round.
type Opinion struct {
	ID      string
	Round   int
	Expert  string
	Post    string
	Verdict Verdict
	Words   string
	At      time.Time

	by string // account of who noted it
}

// Wish is an enterprise's search for space (找厂房).
type Wish struct {
	ID         string
	Enterprise enterprise.ID
	Name       string      // of the enterprise; filled in where it is read
	County     region.Code // where it seeks
	Region     region.Code // whose office has it in hand: the county, or the town of the park applied to
	Want
	State    flow.State
	Building string // applied for; empty while seeking
	Park     ID     // that it stands in
	Tenancy  string // what came of it
	PostedAt time.Time
	Version  int

	operator institution.ID // of the park
}

// Want is what an enterprise seeks.
type Want struct {
	Kind Kind
	Area int64  // square metres
	By   string // ISO date, may be empty
	Text string
}
