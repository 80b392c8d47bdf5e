package indicator

import (
	"context"
	"slices"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
)

// Board is the figures of a place and year at a glance (看板): how far the
// returns are, one figure by office, one by month beside the year before, the
// deliveries by theme.
type Board struct {
	Place    region.Code
	Year     int
	Offices  int // that send returns
	Accepted int // whose return is accepted
	Figures  []ledger.Figure
	Defs     []Definition
	Main     string         // the indicator shown by office, "" when none can be
	Before   *ledger.Figure // the same a year before
	Flow     string         // the computed indicator shown by month
	// Months are 01 to 12 as far as there is something, of the year and of the one
	// before, in the indicator's unit.
	Months [2]map[string]float64
	Themes []Slice // the most first
}

// headlines are the figures of every board, after those that have a target.
func headlines() []string { return []string{"G5", "G7", "T5", "E3", "E4", "E5"} }

// mostHeadlines is how many figures a board leads with.
const mostHeadlines = 12

// Board composes the dashboard of a place, for those who view its figures; for
// others it is NotFound. main is the indicator to show by office; one that cannot
// be is passed over for the guarantees, the deliveries, or any other.
func (s *Service) Board(ctx context.Context, by authz.Actor, place region.Code, year int, main string) (*Board, error) {
	if !place.Valid() || !by.May(View, authz.At(place)) {
		return nil, fault.Missing()
	}
	b := &Board{Place: place, Year: year, Main: main}
	for _, step := range []func(context.Context, authz.Actor, *Board) error{s.gather, s.compare} {
		if err := step(ctx, by, b); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// gather reads the figures and which offices have reported.
func (s *Service) gather(ctx context.Context, by authz.Actor, b *Board) (err error) {
	if b.Figures, err = s.Figures(ctx, b.Place, b.Year); err != nil {
		return err
	}
	if b.Defs, err = s.Defined(ctx, b.Year); err != nil {
		return err
	}
	offices, err := s.Overview(ctx, by, b.Year)
	for _, o := range offices {
		if b.Place.Contains(o.Region) {
			b.Offices++
			if o.State() == Accepted {
				b.Accepted++
			}
		}
	}
	return err
}

// compare reads the main figure's year before, the flow by month and the
// deliveries by theme.
func (s *Service) compare(ctx context.Context, _ authz.Actor, b *Board) error {
	b.choose()
	if b.Main != "" {
		history, err := s.History(ctx, b.Place, b.Year, b.Main, 2)
		if err != nil {
			return err
		}
		if len(history) == 2 {
			b.Before = &history[0]
		}
	}
	for back := range 2 {
		slices, err := s.Breakdown(ctx, b.Place, b.Year-back, b.Flow, "month")
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		b.Months[back] = map[string]float64{}
		for _, m := range slices {
			b.Months[back][m.Keys[0][5:]] = m.Value
		}
	}
	themes, err := s.Breakdown(ctx, b.Place, b.Year, "E3", "theme")
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	slices.SortStableFunc(themes, func(x, y Slice) int { return int(y.Value - x.Value) })
	b.Themes = themes
	return err
}

// choose settles which figure is shown by office — the one asked for, else the
// guarantees, else the deliveries — and which is shown by month.
func (b *Board) choose() {
	if f := b.Figure(b.Main); f == nil || !b.Spread(*f) {
		b.Main = ""
	}
	for _, id := range []string{"G5", "E3"} {
		if f := b.Figure(id); b.Main == "" && f != nil && b.Spread(*f) {
			b.Main = id
		}
	}
	for _, f := range b.Figures {
		if b.Main == "" && b.Spread(f) {
			b.Main = f.ID
		}
	}
	b.Flow = "E3"
	// What offices reported for a whole year has no months.
	if f, d := b.Figure(b.Main), b.Def(b.Main); d.Nature == FlowOf && d.Measure != "" && f != nil && f.Origin != ledger.Reported {
		b.Flow = b.Main
	}
}

// Spread reports that a figure can be shown by office.
func (b *Board) Spread(f ledger.Figure) bool {
	return f.Exact != nil && len(f.Parts) > 1 && !f.Target && b.Def(f.ID).Adds()
}

// Figure is one of the board's figures, nil for an unknown id.
func (b *Board) Figure(id string) *ledger.Figure {
	i := slices.IndexFunc(b.Figures, func(f ledger.Figure) bool { return f.ID == id })
	if i < 0 {
		return nil
	}
	return &b.Figures[i]
}

// Def is the definition of a figure, empty for an unknown id.
func (b *Board) Def(id string) Definition {
	i := slices.IndexFunc(b.Defs, func(d Definition) bool { return d.ID == id })
	if i < 0 {
		return Definition{}
	}
	return b.Defs[i]
}

// Headlines are the figures that lead: those with a target, then those of every
// board that have a value; at most 12.
func (b *Board) Headlines() []string {
	targets := TargetsOf(b.Figures)
	var ids []string
	for _, f := range b.Figures {
		if targets[f.ID] != nil {
			ids = append(ids, f.ID)
		}
	}
	for _, id := range headlines() {
		if f := b.Figure(id); f != nil && f.Exact != nil && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids[:min(len(ids), mostHeadlines)]
}

// TargetsOf finds, for each actual among figures, the target set for it.
func TargetsOf(figures []ledger.Figure) map[string]*ledger.Figure {
	of := map[string]*ledger.Figure{}
	for i, f := range figures {
		if f.Target && f.TargetOf != "" && f.Exact != nil {
			of[f.TargetOf] = &figures[i]
		}
	}
	return of
}
