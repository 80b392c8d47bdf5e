package park

import (
	"slices"
	"strings"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/region"
)

// The rights over plans.
const (
	SeePlan      authz.Permission = "park.plan.see"
	SubmitPlan   authz.Permission = "park.plan.submit"
	Opine        authz.Permission = "park.plan.opine"
	ReturnPlan   authz.Permission = "park.plan.return"
	RevisePlan   authz.Permission = "park.plan.revise"
	ApprovePlan  authz.Permission = "park.plan.approve"
	WithdrawPlan authz.Permission = "park.plan.withdraw"
)

// The states of a plan.
const (
	InReview  flow.State = "submitted" // 评审中
	Revising  flow.State = "revising"  // 修改中
	Approved  flow.State = "approved"  // 评审通过
	Withdrawn flow.State = "withdrawn" // 已撤回
)

// PlanLife is the process of a plan (规划评审).
func PlanLife() flow.Lifecycle {
	return flow.Lifecycle{
		Name:   "park.plan",
		States: []flow.State{InReview, Revising, Approved, Withdrawn},
		Start:  InReview,
		Ends:   []flow.State{Approved, Withdrawn},
		Steps: []flow.Step{
			{Do: SubmitPlan, To: InReview, Who: "centre"},
			{Do: ApprovePlan, From: []flow.State{InReview}, To: Approved, Who: "official", Guard: "agreed"},
			{Do: ReturnPlan, From: []flow.State{InReview}, To: Revising, Who: "official"},
			{Do: Opine, From: []flow.State{InReview}, To: flow.Stay, Who: "expert"},
			{Do: RevisePlan, From: []flow.State{Revising}, To: InReview, Who: "centre"},
			{Do: WithdrawPlan, From: []flow.State{InReview, Revising}, To: Withdrawn, Who: "centre"},
		},
	}
}

// Target is what the rights over the plan are checked against: the town answers
// for it, the city judges it.
func (p *Plan) Target(do authz.Permission) authz.Target {
	switch do {
	case Opine, ReturnPlan, ApprovePlan:
		return authz.At(p.Region.At(region.City))
	default:
		return authz.At(p.Region)
	}
}

// agreed reports whether the experts who saw the plan as it is now are for it:
// there are some, more than half agree, and somebody other than who approves
// (by) noted one of those. Nobody passes a plan on opinions of their own hand
// alone.
func (p *Plan) agreed(by string) bool {
	all, for_, others := 0, 0, 0
	for _, o := range p.Opinions {
		if o.Round != p.Round {
			continue
		}
		all++
		if o.Verdict == Agree {
			for_++
			if o.by != by {
				others++
			}
		}
	}
	return others > 0 && 2*for_ > all
}

// The rights over wishes.
const (
	SeeWish  authz.Permission = "park.wish.see"
	Seek     authz.Permission = "park.wish.seek"
	Apply    authz.Permission = "park.wish.apply"
	Accept   authz.Permission = "park.wish.accept"
	Refuse   authz.Permission = "park.wish.refuse"
	MoveIn   authz.Permission = "park.wish.movein"
	Withdraw authz.Permission = "park.wish.withdraw"
)

// The states of a wish.
const (
	Seeking  flow.State = "seeking"   // 正在找
	Applied  flow.State = "applied"   // 待园区答复
	Accepted flow.State = "accepted"  // 同意入园，待入园
	MovedIn  flow.State = "moved_in"  // 已入园
	GivenUp  flow.State = "withdrawn" // 已撤回
)

// WishLife is the process of a wish, from seeking to moving in (找厂房、入园).
func WishLife() flow.Lifecycle {
	return flow.Lifecycle{
		Name:   "park.wish",
		States: []flow.State{Seeking, Applied, Accepted, MovedIn, GivenUp},
		Start:  Seeking,
		Ends:   []flow.State{MovedIn, GivenUp},
		Steps: []flow.Step{
			{Do: Seek, To: Seeking, Who: "enterprise"},
			{Do: Apply, From: []flow.State{Seeking}, To: Applied, Who: "enterprise", Guard: "room"},
			{Do: Accept, From: []flow.State{Applied}, To: Accepted, Who: "centre", Guard: "room"},
			{Do: MoveIn, From: []flow.State{Accepted}, To: MovedIn, Who: "centre", Guard: "room"},
			{Do: Refuse, From: []flow.State{Applied, Accepted}, To: Seeking, Who: "centre"},
			{Do: Withdraw, From: []flow.State{Seeking, Applied, Accepted}, To: GivenUp, Who: "enterprise"},
		},
	}
}

// mostArea bounds a floor area or a piece of land, in square metres: a hundred
// square kilometres.
const mostArea = 100_000_000

// oldest is the first day on which anything here was planned or built: a sanity
// limit against a slip of the pen, not a rule. A park may take in buildings that
// are older than itself.
const oldest = "1949-10-01"

func (w Works) check(f *fault.Fields, today string) {
	f.OptionalDay("planned_on", w.Planned)
	f.OptionalDay("begun_on", w.Begun)
	f.OptionalDay("done_on", w.Done)
	last := ""
	for _, d := range []struct{ name, day string }{{"planned_on", w.Planned}, {"begun_on", w.Begun}, {"done_on", w.Done}} {
		if d.day == "" || f.Has(d.name) {
			continue
		}
		if d.day < last {
			f.Add(d.name, "park.field.order")
		} else if d.day < oldest {
			f.Add(d.name, "park.field.oldest", "value", d.day)
		} else if d.day > today && d.name != "planned_on" {
			f.Add(d.name, "park.field.future", "value", d.day)
		}
		last = max(last, d.day)
	}
}

// check tells every broken field of a profile; today bounds what has happened.
func (p *Profile) check(today string) error {
	var f fault.Fields
	p.Name, p.Developer, p.Operator = strings.TrimSpace(p.Name), strings.TrimSpace(p.Developer), strings.TrimSpace(p.Operator)
	f.Length("name", p.Name, 2, 60)
	if p.Region.Level() != region.Town {
		f.Add("region", "park.field.town")
	}
	f.Length("developer", p.Developer, 0, 60)
	f.Length("operator", p.Operator, 0, 60)
	f.Range("land", p.Land, 0, mostArea)
	p.Works.check(&f, today)
	for n, x := range p.Facilities {
		if !slices.Contains(Facilities(), x) || slices.Contains(p.Facilities[:n], x) {
			f.Add("facilities", "field.choice")
			break
		}
	}
	f.Length("about", p.About, 0, 1000)
	f.Length("address", p.Address, 0, 120)
	return f.Err()
}

// check tells every broken field of a building.
func (h *House) check(today string) error {
	var f fault.Fields
	h.Name = strings.TrimSpace(h.Name)
	f.Length("name", h.Name, 1, 40)
	fault.Choice(&f, "kind", h.Kind, Kinds())
	f.Range("area", h.Area, 1, mostArea)
	switch h.Kind {
	case SingleStorey:
		f.Range("floors", int64(h.Floors), 1, 1)
	case MultiStorey:
		f.Range("floors", int64(h.Floors), 2, 100)
	default:
		f.Range("floors", int64(h.Floors), 1, 100)
	}
	h.Works.check(&f, today)
	return f.Err()
}

// floor is the area of one floor, in square metres: the land that it stands on.
func (h *House) floor() int64 { return h.Area / int64(max(h.Floors, 1)) }

// stands checks that a building can stand in its park: one floor of it is not
// larger than the land, where that is on file, and it was finished before the park
// ended.
func (h *House) stands(p *Park) error {
	var f fault.Fields
	if p.Land > 0 && h.floor() > p.Land {
		f.Add("area", "park.field.footprint", "floor", h.floor(), "land", p.Land)
	}
	if p.Ended != "" && h.Done >= p.Ended {
		f.Add("done_on", "park.field.ended", "day", p.Ended)
	}
	return f.Err()
}

func (t *Term) check() error {
	var f fault.Fields
	t.Document = strings.TrimSpace(t.Document)
	fault.Choice(&f, "grade", t.Grade, Grades())
	f.Day("from", t.From)
	f.OptionalDay("to", t.To)
	if t.To != "" && !f.Has("to") && t.To <= t.From {
		f.Add("to", "park.field.order")
	}
	f.Length("document", t.Document, 2, 120)
	return f.Err()
}

func (p *Plan) check() error {
	var f fault.Fields
	p.Title, p.Text = strings.TrimSpace(p.Title), strings.TrimSpace(p.Text)
	if p.Region.Level() != region.Town {
		f.Add("region", "park.field.town")
	}
	f.Range("year", int64(p.Year), 1990, 2100)
	f.Length("title", p.Title, 4, 80)
	f.Range("land", p.Land, 1, mostArea)
	f.Range("floor_area", p.FloorArea, 1, mostArea)
	f.Range("parks", int64(p.Parks), 1, 50)
	f.Length("text", p.Text, 0, 2000)
	return f.Err()
}

func (o *Opinion) check() error {
	var f fault.Fields
	o.Expert, o.Post, o.Words = strings.TrimSpace(o.Expert), strings.TrimSpace(o.Post), strings.TrimSpace(o.Words)
	f.Length("expert", o.Expert, 2, 30)
	f.Length("post", o.Post, 0, 60)
	fault.Choice(&f, "verdict", o.Verdict, Verdicts())
	least := 0
	if o.Verdict != Agree { // whoever is not for it says why
		least = 2
	}
	f.Length("words", o.Words, least, 1000)
	return f.Err()
}

func (w *Want) check(f *fault.Fields, today string) {
	w.Text = strings.TrimSpace(w.Text)
	fault.Choice(f, "kind", w.Kind, Kinds())
	f.Range("area", w.Area, 1, mostArea)
	f.OptionalDay("by", w.By)
	if w.By != "" && !f.Has("by") && w.By < today {
		f.Add("by", "field.past", "value", w.By)
	}
	f.Length("text", w.Text, 0, 500)
}

// happened checks the day of something that has happened.
func happened(f *fault.Fields, name, day, today string) {
	f.Day(name, day)
	if !f.Has(name) && day > today {
		f.Add(name, "park.field.future", "value", day)
	}
}

// peak is the most that the spaces take up together on any day of a span; to
// empty is for ever. It can only rise on a day on which one of them begins.
func peak(all []Space, from, to string) int64 {
	days := []string{from}
	for _, s := range all {
		if s.From > from && (to == "" || s.From < to) {
			days = append(days, s.From)
		}
	}
	var most int64
	for _, day := range days {
		var n int64
		for _, s := range all {
			if s.On(day) {
				n += s.Area
			}
		}
		most = max(most, n)
	}
	return most
}

// grows reports whether what a tenant has in a building can become so much on a
// day, and which spaces that replaces.
func (y *Tenancy) grows(building string, area int64, on string) (own []string, err error) {
	if y.Left != "" {
		return nil, fault.New(fault.Conflict, "park.conflict.left")
	}
	elsewhere := false
	for _, sp := range y.Spaces {
		if sp.Building != building {
			elsewhere = elsewhere || sp.On(on)
			continue
		}
		if max(sp.From, sp.To) > on {
			return nil, fault.Fields{{Name: "on", Key: "park.field.before", Args: []any{"value", on}}}.Err()
		}
		if sp.To == "" {
			own = append(own, sp.ID)
		}
	}
	switch {
	case on < y.Entered:
		return nil, fault.Fields{{Name: "on", Key: "park.field.before", Args: []any{"value", on}}}.Err()
	case area == 0 && (len(own) == 0 || !elsewhere):
		return nil, fault.Fields{{Name: "area", Key: "park.field.nothing_left"}}.Err()
	}
	return own, nil
}
