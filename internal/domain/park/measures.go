package park

import (
	"context"
	"slices"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/territory"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
)

// The streams of facts this domain writes.
const (
	streamStage    = "park.parks"    // a level of each park: 1 while it is one; how far it is, its grade
	streamFactory  = "park.factory"  // standard factory completed
	streamMulti    = "park.multi"    // the multi-storey part of it
	streamShared   = "park.shared"   // shared facilities completed
	streamBuilt    = "park.built"    // a level of each building: its area once completed
	streamOccupied = "park.occupied" // a level of each space: its area while a tenant has it
	streamEntry    = "park.entries"  // enterprises that moved in
	streamExit     = "park.exits"    // enterprises that left
	streamTenants  = "park.tenants"  // a level of each tenancy: 1 while it lasts
	streamPlans    = "park.plans"    // plans approved
)

// Measures are the numbers of parks at a date by stage, grade and whether they
// are model parks (在建园区、A级园区、示范园); the floor area completed in a period
// (新建标准厂房、多层标准厂房、公用设施); the area that there is and that is occupied;
// tenants at a date, entries and exits; plans approved. Area is square metres.
// The dimension key says whether the town was a key town (重点镇) on the day.
func Measures() []ledger.Measure {
	area, parks, firms := "unit.square_metre", "unit.park", "unit.firm"
	return []ledger.Measure{
		{ID: streamStage, Of: streamStage, Kind: ledger.Level, Sum: ledger.Facts, Unit: parks, Dims: []string{"stage", "key", "grade", "model"}},
		{ID: streamFactory, Of: streamFactory, Kind: ledger.Flow, Sum: ledger.Quantity, Unit: area, Dims: []string{"kind", "key"}},
		{ID: streamMulti, Of: streamMulti, Kind: ledger.Flow, Sum: ledger.Quantity, Unit: area, Dims: []string{"kind", "key"}},
		{ID: streamShared, Of: streamShared, Kind: ledger.Flow, Sum: ledger.Quantity, Unit: area, Dims: []string{"kind", "key"}},
		{ID: streamBuilt, Of: streamBuilt, Kind: ledger.Level, Sum: ledger.Quantity, Unit: area, Dims: []string{"kind"}},
		{ID: streamOccupied, Of: streamOccupied, Kind: ledger.Level, Sum: ledger.Quantity, Unit: area, Dims: []string{"kind"}},
		{ID: streamEntry, Of: streamEntry, Kind: ledger.Flow, Sum: ledger.Facts, Unit: firms, Dims: []string{"key"}},
		{ID: "park.entrants", Of: streamEntry, Kind: ledger.Distinct, Who: authz.Enterprise, Unit: firms, Dims: []string{"key"}},
		{ID: streamExit, Of: streamExit, Kind: ledger.Flow, Sum: ledger.Facts, Unit: firms, Dims: []string{"way", "key"}},
		{ID: streamTenants, Of: streamTenants, Kind: ledger.Level, Sum: ledger.Facts, Unit: firms},
		{ID: streamPlans, Of: streamPlans, Kind: ledger.Flow, Sum: ledger.Facts, Unit: "unit.plan", Dims: []string{"key"}},
	}
}

// tree is the places as facts need them.
type tree struct {
	*territory.Tree
	today string
}

func (s *Service) tree(ctx context.Context) (tree, error) {
	t, err := s.territory.Tree(ctx)
	return tree{t, s.today()}, err
}

// on is the code a town bore on a day, and whether it was a key town then.
func (t tree) on(town region.Code, day string) (at region.Code, key string) {
	at = town
	if then := t.AsOf(town, day); len(then) == 1 {
		at = then[0]
	}
	if is, _ := t.KeyTown(at, day); is {
		return at, "yes"
	}
	return at, "no"
}

// standing is all that the stock counts about a park.
type standing struct {
	park  *Park
	terms []Term
}

// facts are what the ledger has to say of the park: one at each day on which
// something about it changes.
func (s *standing) facts(t tree) []ledger.Fact {
	p := s.park
	days := append(t.KeyDays(p.Region, t.today), p.Planned, p.Begun, p.Done, p.Ended)
	for _, term := range s.terms {
		days = append(days, term.From, term.To)
	}
	slices.Sort(days)
	since := or(p.Since(), "9999")
	var facts []ledger.Fact
	var last ledger.Fact
	for _, day := range slices.Compact(days) {
		if day == "" || day < since {
			continue
		}
		f := ledger.Fact{
			Stream: streamStage, Quantity: 1,
			Subject: ledger.Subject{Kind: Record, ID: string(p.ID)}, Record: ledger.Record{Kind: Record, ID: string(p.ID)},
		}
		var key string
		f.Region, key = t.on(p.Region, day)
		grade, model := NoGrade, "no"
		for _, term := range s.terms {
			switch {
			case !term.On(day):
			case term.Grade == ModelPark:
				model = "yes"
			default:
				grade = term.Grade
			}
		}
		f.Dims = [ledger.Dims]string{string(p.Stage(day)), key, or(string(grade), "none"), model}
		if p.Ended != "" && day >= p.Ended {
			f.Quantity, f.Dims = 0, [ledger.Dims]string{}
		}
		if f != last { // a code that changes changes what is said, too
			last = f
			f.OccurredOn = ledger.Date(day)
			facts = append(facts, f)
		}
	}
	return facts
}

// or is the value, or another when it is empty.
func or(value, other string) string {
	if value == "" {
		return other
	}
	return value
}

// facts are what the ledger has to say of a building of the park. What is built
// there is no park's any more once the park has ended.
func (h *House) facts(t tree, p *Park) []ledger.Fact {
	if h.Done == "" {
		return nil
	}
	at, key := t.on(p.Region, h.Done)
	fact := func(stream string, dims ...string) ledger.Fact {
		f := ledger.Fact{
			Stream: stream, OccurredOn: ledger.Date(h.Done), Region: at, Quantity: h.Area,
			Subject: ledger.Subject{Kind: BuildingRecord, ID: h.ID}, Record: ledger.Record{Kind: BuildingRecord, ID: h.ID},
		}
		copy(f.Dims[:], dims)
		return f
	}
	facts := []ledger.Fact{fact(streamBuilt, string(h.Kind))}
	if p.Ended > h.Done {
		end := fact(streamBuilt)
		end.OccurredOn, end.Quantity = ledger.Date(p.Ended), 0
		end.Region, _ = t.on(p.Region, p.Ended)
		facts = append(facts, end)
	}
	if !h.Kind.Factory() {
		return append(facts, fact(streamShared, string(h.Kind), key))
	}
	facts = append(facts, fact(streamFactory, string(h.Kind), key))
	if h.Kind == MultiStorey {
		facts = append(facts, fact(streamMulti, string(h.Kind), key))
	}
	return facts
}

// facts are what the ledger has to say of a tenancy in a park in the town; kinds
// are those of the buildings.
func (y *Tenancy) facts(t tree, town region.Code, kinds map[string]Kind) []ledger.Fact {
	if y.Undone {
		return nil
	}
	record := ledger.Record{Kind: TenancyRecord, ID: y.ID}
	fact := func(stream, day string, subject ledger.Subject, quantity int64) ledger.Fact {
		at, _ := t.on(town, day)
		return ledger.Fact{
			Stream: stream, OccurredOn: ledger.Date(day), Region: at, Subject: subject, Quantity: quantity,
			Enterprise: string(y.Enterprise), Record: record,
		}
	}
	self := ledger.Subject{Kind: TenancyRecord, ID: y.ID}
	entry := fact(streamEntry, y.Entered, self, 1)
	_, entry.Dims[0] = t.on(town, y.Entered)
	facts := []ledger.Fact{entry, fact(streamTenants, y.Entered, self, 1)}
	if y.Left != "" {
		exit := fact(streamExit, y.Left, self, 1)
		exit.Dims[0] = string(y.Way)
		_, exit.Dims[1] = t.on(town, y.Left)
		facts = append(facts, exit, fact(streamTenants, y.Left, self, 0))
	}
	for _, s := range y.Spaces {
		subject := ledger.Subject{Kind: "park_space", ID: s.ID}
		has := fact(streamOccupied, s.From, subject, s.Area)
		has.Dims[0] = string(kinds[s.Building])
		facts = append(facts, has)
		if s.To != "" {
			facts = append(facts, fact(streamOccupied, s.To, subject, 0))
		}
	}
	return facts
}

// facts are what the ledger has to say of a plan.
func (p *Plan) facts(t tree) []ledger.Fact {
	if p.Approved == "" {
		return nil
	}
	at, key := t.on(p.Region, p.Approved)
	return []ledger.Fact{{
		Stream: streamPlans, OccurredOn: ledger.Date(p.Approved), Region: at, Quantity: 1,
		Subject: ledger.Subject{Kind: "town", ID: string(at)}, Dims: [ledger.Dims]string{key},
		Record: ledger.Record{Kind: PlanRecord, ID: p.ID},
	}}
}
