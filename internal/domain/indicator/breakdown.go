package indicator

import (
	"context"
	"strconv"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
)

// Slice is one group of what was counted from records (分组).
type Slice struct {
	Keys    []string // of the groups asked for, in their order
	Value   float64  // in the indicator's unit
	Records int64    // 0 for a distinct count
}

// Breakdown counts the records behind an indicator of a place and year in
// groups: by "month", by a dimension of its records (theme, form …), or both.
// Returns have no groups, so it is nil for what no record computes.
func (s *Service) Breakdown(ctx context.Context, place region.Code, year int, id string, by ...string) ([]Slice, error) {
	if err := checkYear(year); err != nil {
		return nil, err
	}
	if !place.Valid() {
		return nil, fault.Missing()
	}
	d, err := s.Definition(ctx, s.db, year, id)
	if err != nil || d.Measure == "" {
		return nil, err
	}
	cells, err := s.ledger.Read(ctx, s.db, ledger.Query{
		Measure: d.Measure, Region: place, From: d.since(year), To: lastDay(year), Where: d.Where, By: by,
	})
	if err != nil {
		return nil, err
	}
	slices := make([]Slice, len(cells))
	for i, c := range cells {
		slices[i] = Slice{Keys: c.Keys, Value: float64(c.Value) / d.Factor(), Records: c.Facts}
	}
	return slices, nil
}

// Definition is the indicator in force for a year; NotFound for an unknown id.
func (s *Service) Definition(ctx context.Context, r db.Reader, year int, id string) (Definition, error) {
	defs, err := s.Definitions(ctx, r, year)
	if err != nil {
		return Definition{}, err
	}
	d, ok := byID(defs)[id]
	if !ok {
		return d, fault.Missing()
	}
	return d, nil
}

// Defined are the definitions in force for a year, for pages; see Definitions.
func (s *Service) Defined(ctx context.Context, year int) ([]Definition, error) {
	return s.Definitions(ctx, s.db, year)
}

// Years are the years that a place has accepted returns or targets for, newest
// first, led by the present year: what a page lets its reader choose from.
// Newest is the one to begin with: the newest that is not still to come.
func (s *Service) Years(ctx context.Context, place region.Code) (years []int, newest int, err error) {
	span := place.Span()
	err = s.db.Select(ctx, &years, `SELECT year FROM indicator_return WHERE region >= ? AND region < ? AND state = ?
		UNION SELECT year FROM indicator_target WHERE region >= ? AND region < ? ORDER BY year DESC`,
		span.From, span.To, Accepted, span.From, span.To)
	if err != nil {
		return nil, 0, err
	}
	now, err := strconv.Atoi(ledger.DateOf(s.db.Now()).Year())
	if err != nil {
		return nil, 0, err
	}
	newest = now
	var known bool
	for _, y := range years {
		if y <= now {
			newest, known = y, true
			break
		}
	}
	if !known || newest != now {
		years = insertYear(years, now)
	}
	return years, newest, nil
}

// insertYear puts a year in its place among years that fall.
func insertYear(years []int, year int) []int {
	for i, y := range years {
		if y == year {
			return years
		}
		if y < year {
			return append(years[:i:i], append([]int{year}, years[i:]...)...)
		}
	}
	return append(years, year)
}
