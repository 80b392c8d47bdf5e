package guarantee

import (
	"context"
	"slices"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/domain/territory"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
)

const isPublic = "guarantors whose institutions are published are public"

// Public is a page of the guarantors that the portal shows: those in business
// whose institutions are published. What their books add up to is left out.
func (s *Service) Public(ctx context.Context, f GuarantorFilter, page db.Page) ([]GuarantorLine, string, error) {
	f.published, f.Ended = true, false
	list, next, err := s.guarantorPage(ctx, authz.Unbounded(isPublic), f, page)
	if err != nil {
		return nil, "", err
	}
	rule, err := s.anyRule(ctx)
	if err != nil {
		return nil, "", err
	}
	for i := range list {
		list[i].Below = rule.below(list[i].Finance.Registered)
	}
	return list, next, nil
}

// CountPublic is how many of them the filter finds.
func (s *Service) CountPublic(ctx context.Context, f GuarantorFilter) (int, error) {
	f.published, f.Ended = true, false
	return s.CountGuarantors(ctx, authz.Unbounded(isPublic), f)
}

// CountGuarantors is how many guarantors the filter finds within the scope.
func (s *Service) CountGuarantors(ctx context.Context, scope authz.Scope, f GuarantorFilter) (int, error) {
	where, args := f.sql(scope, s.today())
	var n int
	err := s.db.Get(ctx, &n, `SELECT COUNT(*) FROM guarantor g JOIN institution i ON i.id = g.id WHERE `+where, args...)
	return n, err
}

// Published is a guarantor as anybody sees it: its history of capital, outlets
// and banks, and whether it is below the minimum of the rule in force; NotFound
// when its institution is not published.
func (s *Service) Published(ctx context.Context, id institution.ID) (Books, error) {
	i, err := institution.On(ctx, s.db, id, ledgerDay(s.today()))
	if err != nil {
		return Books{}, err
	}
	if !i.Published {
		return Books{}, fault.Missing()
	}
	g, err := oneGuarantor(ctx, s.db, authz.Unbounded(isPublic), id, s.today())
	if err != nil {
		return Books{}, err
	}
	b := Books{Guarantor: g}
	if b.Finances, err = finances(ctx, s.db, id); err != nil {
		return Books{}, err
	}
	if b.Outlets, err = outlets(ctx, s.db, id); err != nil {
		return Books{}, err
	}
	if b.Banks, err = banks(ctx, s.db, id); err != nil {
		return Books{}, err
	}
	b.Rule, err = s.anyRule(ctx)
	b.Below = b.Rule.below(b.Finance.Registered)
	return b, err
}

// anyRule is the rule in force today, or one that limits nothing.
func (s *Service) anyRule(ctx context.Context) (Rule, error) {
	rule, err := s.rule(ctx, s.db, s.today())
	if fault.Is(err, fault.Conflict) {
		return Rule{}, nil
	}
	if err != nil {
		return Rule{}, err
	}
	return *rule, nil
}

// Serving are the guarantors in business that an enterprise at the place can
// turn to, by name: those whose level reaches it, and the pools of its county.
func (s *Service) Serving(ctx context.Context, at region.Code) ([]Guarantor, error) {
	var rows []guarantorRow
	span := at.At(region.City).Span()
	if err := s.db.Select(ctx, &rows, `SELECT `+guarantorColumns+fromGuarantor+` WHERE i.published = 1 AND (g.ended = '' OR g.ended > ?)
		AND i.region >= ? AND i.region < ? ORDER BY i.name, g.id`, s.today(), s.today(), span.From, span.To); err != nil {
		return nil, err
	}
	var list []Guarantor
	for i := range rows {
		if g := rows[i].guarantor(); g.serves(at) {
			list = append(list, g)
		}
	}
	return list, nil
}

// Home is the place a guarantor is there for.
func (g *Guarantor) Home() region.Code { return g.Level.Home(g.Region) }

// Present reports whether the guarantor can be reached at the outlet on the day.
func (o Outlet) Present(day string) bool { return o.From <= day && (o.To == "" || day < o.To) }

// Towns are the towns of a guarantor's home on the day, and those of them where
// it can be reached: an outlet is there, or it sits there.
func (b *Books) Towns(tree *territory.Tree, day string) (covered, all []region.Code) {
	for _, p := range tree.Under(b.Home(), region.Town, day) {
		if !p.Township() {
			continue
		}
		all = append(all, p.Code)
		there := slices.ContainsFunc(b.Outlets, func(o Outlet) bool { return o.Town == p.Code && o.Present(day) })
		if there || b.Region == p.Code {
			covered = append(covered, p.Code)
		}
	}
	return covered, all
}

// Covered is a place with its towns and those the network covers (覆盖面).
type Covered struct {
	Region         region.Code
	Towns, Covered int64
}

// Coverage is how much of each part of a place the network covered on the day:
// of its counties, or of the towns of a county.
func (s *Service) Coverage(ctx context.Context, place region.Code, day string) ([]Covered, error) {
	by := []string{below(place)}
	cells, err := s.ledger.ReadMany(ctx, s.db, []ledger.Query{
		{Measure: "guarantee.towns", Region: place, To: ledger.Date(day), By: by},
		{Measure: "guarantee.covered", Region: place, To: ledger.Date(day), By: by},
	})
	if err != nil {
		return nil, err
	}
	return coveredOf(cells[0], cells[1]), nil
}

// below is what the parts of a place are called in the ledger.
func below(place region.Code) string {
	switch place.Level() {
	case region.City:
		return "county"
	case region.County, region.Town:
		return "town"
	default:
		return "city"
	}
}

func coveredOf(towns, covered []ledger.Cell) []Covered {
	var list []Covered
	for _, c := range towns {
		if c.Value == 0 { // it has ended
			continue
		}
		list = append(list, Covered{Region: region.Code(c.Keys[0]), Towns: c.Value})
	}
	for _, c := range covered {
		if i := slices.IndexFunc(list, func(x Covered) bool { return x.Region == region.Code(c.Keys[0]) }); i >= 0 {
			list[i].Covered = c.Value
		}
	}
	return list
}
