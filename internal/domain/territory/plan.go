package territory

import (
	"slices"

	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/region"
)

// Change is one reorganisation of the tree (区划调整), as it was approved.
type Change struct {
	Kind ChangeKind
	On   string        // the day it takes effect, not after today
	From []region.Code // the places that change
	// To are the places there will be. A code that stands in From too goes on:
	// the county that others merge into, or that a part is split from.
	To []NewPlace
	// Towns gives the new codes of places below a county that do not simply keep
	// their last digits under the new one: needed where two merged counties use
	// the same, and for each town a split takes along.
	Towns  map[region.Code]region.Code
	Source string // the approval's number, 批复文号
}

// NewPlace is a place as it will be. An empty Name keeps the old one.
type NewPlace struct {
	Code                region.Code
	Name, NameEn, Short string
	Kind                Kind // empty: as before
}

// plan is what a change does to the tables.
type plan struct {
	end   []region.Code // spans that end
	begin []Place       // spans that begin
	turns []Turn
}

// planner checks a change against the tree and draws up the plan.
type planner struct {
	tree   *Tree
	change Change
	fields fault.Fields
	plan   plan
}

// draw is the plan of a change, or an Invalid fault with all that is wrong.
func draw(tree *Tree, c Change, today string) (plan, error) {
	p := &planner{tree: tree, change: c}
	p.checkShape(today)
	if len(p.fields) == 0 {
		p.checkPlaces()
	}
	if len(p.fields) == 0 {
		p.heads()
		p.below()
		p.checkFresh()
	}
	return p.plan, p.fields.Err()
}

// checkShape checks what can be seen without the tree.
func (p *planner) checkShape(today string) {
	c := p.change
	switch {
	case !flow.IsDay(c.On):
		p.fields.Add("on", "field.date", "value", c.On)
	case c.On > today:
		p.fields.Add("on", "territory.on.future", "value", c.On)
	}
	if c.Source == "" {
		p.fields.Add("source", "field.required")
	}
	one, many := len(c.From) == 1, len(c.From) > 1
	ok := map[ChangeKind]bool{
		Rename: one && len(c.To) == 1, Upgrade: one && len(c.To) == 1, Moved: one && len(c.To) == 1,
		Merge: many && len(c.To) == 1, Split: one && len(c.To) > 1,
	}
	if !ok[c.Kind] {
		p.fields.Add("kind", "territory.shape."+string(orElse(c.Kind, ok)))
		return
	}
	same := c.From[0] == c.To[0].Code
	if (c.Kind == Rename && !same) || ((c.Kind == Upgrade || c.Kind == Moved) && same) {
		p.fields.Add("to", "territory.shape."+string(c.Kind))
	}
	if (c.Kind == Moved) != (c.From[0].Parent() != c.To[0].Code.Parent()) && c.Kind != Merge && c.Kind != Split {
		p.fields.Add("to", "territory.shape."+string(c.Kind))
	}
}

// orElse is the kind, or unknown when there is no such kind.
func orElse(k ChangeKind, known map[ChangeKind]bool) ChangeKind {
	if _, ok := known[k]; ok {
		return k
	}
	return "unknown"
}

// checkPlaces checks the codes against the tree.
func (p *planner) checkPlaces() {
	c := p.change
	level := c.From[0].Level()
	for _, code := range c.From {
		was, ok := p.tree.Place(code, c.On)
		switch {
		case !ok || was.To != "":
			p.fields.Add("from", "territory.from.absent", "code", string(code), "on", c.On)
		case was.From >= c.On:
			p.fields.Add("on", "territory.on.early", "value", was.From)
		case code.Level() != level || level == region.Province:
			p.fields.Add("from", "territory.level")
		}
	}
	for _, to := range c.To {
		goesOn := slices.Contains(c.From, to.Code)
		switch _, above := p.tree.Place(to.Code.Parent(), c.On); {
		case to.Code.Level() != level:
			p.fields.Add("to", "territory.level")
		case !above:
			p.fields.Add("to", "territory.to.parent", "code", string(to.Code))
		case !goesOn && to.Name == "" && len(c.From) > 1:
			p.fields.Add("name", "field.required")
		}
	}
}

// heads plans the places named in the change.
func (p *planner) heads() {
	c := p.change
	for _, to := range c.To {
		was, _ := p.tree.Place(c.From[0], c.On)
		goesOn := slices.Contains(c.From, to.Code)
		if goesOn {
			was, _ = p.tree.Place(to.Code, c.On)
		}
		if goesOn && (to.Name == "" || to.Name == was.Name) {
			continue
		}
		if goesOn {
			p.plan.end = append(p.plan.end, to.Code)
		}
		p.plan.begin = append(p.plan.begin, to.place(was, c.On, c.Source))
	}
	for _, from := range c.From {
		stays := slices.ContainsFunc(c.To, func(n NewPlace) bool { return n.Code == from })
		if !stays {
			p.plan.end = append(p.plan.end, from)
		}
		for i, to := range c.To {
			if to.Code != from || c.Kind == Rename {
				p.turn(from, to.Code, i == 0 && !stays)
			}
		}
	}
}

func (n NewPlace) place(was Place, on, source string) Place {
	next := Place{
		Code: n.Code, Name: n.Name, NameEn: n.NameEn, Short: n.Short, Kind: n.Kind, From: on,
		Level: was.Level, Parent: n.Code.Parent(), Grade: "A", Note: source,
	}
	if next.Name == "" {
		next.Name, next.NameEn, next.Short = was.Name, was.NameEn, was.Short
	}
	if next.Short == "" {
		next.Short = shortTown(next.Name)
	}
	if next.Kind == "" {
		next.Kind = was.Kind
	}
	return next
}

func (p *planner) turn(from, to region.Code, main bool) {
	p.plan.turns = append(p.plan.turns, Turn{
		From: from, To: to, On: p.change.On, Kind: p.change.Kind,
		Main: main, Grade: "A", Note: p.change.Source,
	})
}

// below plans the places below those that change: all of them follow a place
// that ends; from one that goes on, only those named in Towns leave.
func (p *planner) below() {
	c := p.change
	left := map[region.Code]bool{}
	for code := range c.Towns {
		left[code] = true
	}
	for _, from := range c.From {
		ends := slices.Contains(p.plan.end, from) && !slices.ContainsFunc(c.To, func(n NewPlace) bool { return n.Code == from })
		for _, child := range p.descend(from) {
			target, named := c.Towns[child.Code]
			delete(left, child.Code)
			switch {
			case named:
			case !ends:
				continue
			case c.Kind == Split:
				p.fields.Add("towns", "territory.towns.missing", "name", child.Name)
				continue
			default:
				target = rebase(child.Code, from, c.To[0].Code)
			}
			if !slices.ContainsFunc(c.To, func(n NewPlace) bool { return n.Code.Contains(target) }) || target.Level() != child.Level {
				p.fields.Add("towns", "territory.towns.place", "name", child.Name)
				continue
			}
			next := child
			next.Code, next.From, next.To, next.Note = target, c.On, "", c.Source
			p.plan.end = append(p.plan.end, child.Code)
			p.plan.begin = append(p.plan.begin, next)
			p.turn(child.Code, target, true)
		}
	}
	for code := range left {
		p.fields.Add("towns", "territory.from.absent", "code", string(code), "on", c.On)
	}
}

// descend are all places below the code on the day of the change.
func (p *planner) descend(code region.Code) []Place {
	var all []Place
	for _, child := range p.tree.Children(code, p.change.On) {
		all = append(all, child)
		all = append(all, p.descend(child.Code)...)
	}
	return all
}

// rebase is the code with the digits of one ancestor replaced by another's.
func rebase(code, from, to region.Code) region.Code {
	digits := map[region.Level]int{region.City: 4, region.County: 6, region.Town: 9}[from.Level()]
	return to[:digits] + code[digits:]
}

// checkFresh refuses codes that are given twice, or that named a place before:
// a code is never used again for another place.
func (p *planner) checkFresh() {
	given := map[region.Code]bool{}
	for _, place := range p.plan.begin {
		goesOn := slices.Contains(p.change.From, place.Code)
		if given[place.Code] || (p.tree.Known(place.Code) && !goesOn) {
			p.fields.Add("to", "territory.to.used", "code", string(place.Code), "name", p.tree.Name(place.Code, p.change.On))
		}
		given[place.Code] = true
	}
}
