package indicator

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
)

// OfficeReturn is one office in the overview of a year: its return, nil when
// nobody has begun it, and how many of the figures it is asked for are filled in.
type OfficeReturn struct {
	Region        region.Code
	Sheet         *Sheet
	Filled, Asked int // of the figures it asks for; those kept in books of its own are neither
}

// State is the return's state, empty when nobody has begun it.
func (o OfficeReturn) State() flow.State {
	if o.Sheet == nil {
		return ""
	}
	return o.Sheet.State
}

// Overview is every office that the actor may view with its return for a year
// (上报情况): the counties of each place, then the place itself.
func (s *Service) Overview(ctx context.Context, by authz.Actor, year int) ([]OfficeReturn, error) {
	if err := checkYear(year); err != nil {
		return nil, err
	}
	var offices []region.Code
	on := min(lastDay(year), ledger.DateOf(s.db.Now()))
	for _, top := range by.Regions(View) {
		more, err := s.officesOf(ctx, top, on)
		if err != nil {
			return nil, err
		}
		for _, o := range more {
			if !slices.Contains(offices, o) {
				offices = append(offices, o)
			}
		}
	}
	defs, err := s.Definitions(ctx, s.db, year)
	if err != nil {
		return nil, err
	}
	scope := by.Scope(View)
	sheets, err := s.Sheets(ctx, s.db, scope, year)
	if err != nil {
		return nil, err
	}
	filled, err := s.filled(ctx, scope, year)
	if err != nil {
		return nil, err
	}
	all := make([]OfficeReturn, len(offices))
	for i, o := range offices {
		all[i] = OfficeReturn{Region: o}
		var has map[string]bool
		if k := slices.IndexFunc(sheets, func(sh Sheet) bool { return sh.Region == o }); k >= 0 {
			all[i].Sheet, has = &sheets[k], filled[sheets[k].ID]
		}
		for _, d := range Reported(defs, o) {
			if d.Asked() {
				all[i].Asked++
				all[i].Filled += int(db.Bool(has[d.ID]))
			}
		}
	}
	return all, nil
}

// filled is which figures the returns of a year give, by return.
func (s *Service) filled(ctx context.Context, scope authz.Scope, year int) (map[string]map[string]bool, error) {
	where, args := scope.SQL(authz.Columns{Region: "t.region"})
	var rows []struct {
		ID        string `db:"id"`
		Indicator string `db:"indicator"`
	}
	err := s.db.Select(ctx, &rows, `SELECT t.id, v.indicator FROM indicator_return t JOIN indicator_value v ON v.return_id = t.id
		WHERE `+where+` AND t.year = ?`, append(args, year)...)
	has := map[string]map[string]bool{}
	for _, row := range rows {
		if has[row.ID] == nil {
			has[row.ID] = map[string]bool{}
		}
		has[row.ID][row.Indicator] = true
	}
	return has, err
}

// officesOf are the offices that send returns within a place: of a county, it;
// of a city, its counties and it; of a province, those of its cities and it.
func (s *Service) officesOf(ctx context.Context, top region.Code, on ledger.Date) ([]region.Code, error) {
	if top.Level() >= region.County || top == "" {
		return []region.Code{top.At(region.County)}, nil
	}
	below, err := s.place.Below(ctx, top, on)
	if err != nil {
		return nil, err
	}
	if top.Level() == region.City {
		return append(below, top), nil
	}
	var all []region.Code
	for _, city := range below {
		more, err := s.officesOf(ctx, city, on)
		if err != nil {
			return nil, err
		}
		all = append(all, more...)
	}
	return append(all, top), nil
}

// Find is an office's return for a year, NotFound when it is not begun or lies
// outside the actor's reach. Open begins one.
func (s *Service) Find(ctx context.Context, by authz.Actor, office region.Code, year int) (*Sheet, error) {
	var id string
	if err := s.db.Get(ctx, &id, `SELECT id FROM indicator_return WHERE region = ? AND year = ?`, office, year); err != nil {
		return nil, err
	}
	return s.Sheet(ctx, by, id)
}

// Event is one step in the history of a return.
type Event struct {
	At     time.Time
	By     string // person id
	Do     authz.Permission
	Reason string
}

// Events are what happened to a return, oldest first, from the audit trail.
// Savings of one person in a row are told once, as the last of them.
func (s *Service) Events(ctx context.Context, by authz.Actor, sheet *Sheet) ([]Event, error) {
	if !by.Scope(View).Reaches(sheet.target()) {
		return nil, nil
	}
	trail, err := gate.Trail(ctx, s.db, gate.Record{Kind: SheetKind, ID: sheet.ID})
	if err != nil {
		return nil, err
	}
	var events []Event
	for _, t := range trail {
		var detail struct{ Reason string }
		if err := json.Unmarshal([]byte(t.Detail), &detail); err != nil {
			return nil, err
		}
		e := Event{At: db.Time(t.At), By: t.ActorID, Do: authz.Permission(t.Action), Reason: detail.Reason}
		if n := len(events); n > 0 && e.Do == Fill && events[n-1].Do == Fill && events[n-1].By == e.By {
			events[n-1] = e
			continue
		}
		events = append(events, e)
	}
	return events, nil
}

// Goal is a target as it was set, with the document that says so.
type Goal struct {
	Indicator string
	Value     float64 // in the indicator's unit
	Document  string
}

// Goals are the targets set for a place and year, by indicator. They are public.
func (s *Service) Goals(ctx context.Context, place region.Code, year int) (map[string]Goal, error) {
	defs, err := s.Definitions(ctx, s.db, year)
	if err != nil {
		return nil, err
	}
	known := byID(defs)
	var rows []struct {
		Indicator string `db:"indicator"`
		Quantity  int64  `db:"quantity"`
		Document  string `db:"document"`
	}
	err = s.db.Select(ctx, &rows, `SELECT indicator, quantity, document FROM indicator_target WHERE region = ? AND year = ?`, place, year)
	goals := make(map[string]Goal, len(rows))
	for _, row := range rows {
		goals[row.Indicator] = Goal{Indicator: row.Indicator, Value: float64(row.Quantity) / known[row.Indicator].Factor(), Document: row.Document}
	}
	return goals, err
}

// SettledFigures is Sealed for pages: the settled figures of a place and year.
func (s *Service) SettledFigures(ctx context.Context, place region.Code, year int) (map[string]Settled, error) {
	return s.Sealed(ctx, s.db, place, year)
}
