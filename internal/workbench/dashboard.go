package workbench

import (
	"net/http"
	"slices"
	"strconv"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/indicator"
	"qiban.dev/qiban/internal/domain/indicator/indicatorweb"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// Board is the dashboard (看板): the figures of a place at a glance, each of
// which opens into what is behind it.
type Board struct {
	Kit        *web.Kit
	Indicators *indicator.Service
	Places     indicatorweb.Places
}

// Routes is the dashboard.
func (s *Board) Routes(mux web.Mux) {
	mux.Handle("GET /bench/board", s.Kit.Handle(s.show))
}

// board is everything the dashboard shows.
type board struct {
	place    region.Code
	year     int
	years    []int
	day      ledger.Date
	names    map[region.Code]indicator.PlaceName
	around   []region.Code // what the place may be switched to
	offices  int           // that send returns
	accepted int           // whose return is accepted
	figures  []ledger.Figure
	defs     []indicator.Definition
	main     string // the indicator shown by office
	before   *ledger.Figure
	sort     string
	flow     string // the computed indicator shown by month
	months   [2]map[string]float64
	themes   []indicator.Slice
}

// headlines are the figures of every board, after those that have a target.
func headlines() []string { return []string{"G5", "G7", "T5", "E3", "E4", "E5"} }

// most is how many headline figures a board has.
const most = 12

func (s *Board) show(w http.ResponseWriter, r *http.Request) error {
	b := &board{sort: r.FormValue("sort"), main: r.FormValue("figure")}
	for _, step := range []func(*http.Request, *board) error{s.where, s.name, s.count, s.compare} {
		if err := step(r, b); err != nil {
			return err
		}
	}
	p := web.Page(r)
	p.Title = p.T("board.title", "year", b.year)
	return s.Kit.Page(w, r, http.StatusOK, boardPage(p, b))
}

// where reads the place, within the reader's reach, and the year.
func (s *Board) where(r *http.Request, b *board) error {
	by := web.Actor(r)
	if !by.SignedIn() {
		return fault.New(fault.SignIn, "fault.sign_in")
	}
	tops := by.Regions(indicator.View)
	if len(tops) == 0 {
		return fault.New(fault.Denied, "fault.denied")
	}
	b.place = tops[0]
	if c := region.Code(r.FormValue("region")); c != "" {
		b.place = c
	}
	if !b.place.Valid() || !by.May(indicator.View, authz.At(b.place)) {
		return fault.Missing()
	}
	years, newest, err := s.Indicators.Years(r.Context(), b.place)
	if err != nil {
		return err
	}
	b.year, b.years = newest, years
	if n, err := strconv.Atoi(r.FormValue("year")); err == nil {
		b.year = n
	}
	b.day = min(ledger.Date(strconv.Itoa(b.year)+"-12-31"), ledger.DateOf(s.Kit.Clock()))
	return s.near(r, b, tops)
}

// near finds what the place may be switched to: the places above it as far as
// the reader reaches, and those right below it.
func (s *Board) near(r *http.Request, b *board, tops []region.Code) error {
	for _, c := range append(slices.Clone(tops), b.place.Path()...) {
		reached := slices.ContainsFunc(tops, func(top region.Code) bool { return top.Contains(c) })
		if reached && !slices.Contains(b.around, c) {
			b.around = append(b.around, c)
		}
	}
	if b.place.Level() >= region.Town {
		return nil
	}
	below, err := s.Places.Below(r.Context(), b.place, b.day)
	b.around = append(b.around, below...)
	return err
}

func (s *Board) name(r *http.Request, b *board) (err error) {
	b.names, err = s.Places.Names(r.Context(), b.day, web.Lang(r), b.around...)
	if err == nil && b.names[b.place].Full == "" {
		return fault.Missing()
	}
	return err
}

// count reads the figures and which offices have reported.
func (s *Board) count(r *http.Request, b *board) error {
	ctx := r.Context()
	var err error
	if b.figures, err = s.Indicators.Figures(ctx, b.place, b.year); err != nil {
		return err
	}
	if b.defs, err = s.Indicators.Defined(ctx, b.year); err != nil {
		return err
	}
	offices, err := s.Indicators.Overview(ctx, web.Actor(r), b.year)
	for _, o := range offices {
		if b.place.Contains(o.Region) {
			b.offices++
			if o.State() == indicator.Accepted {
				b.accepted++
			}
		}
	}
	return err
}

// compare reads the main figure's year before, the flow by month and the
// deliveries by theme.
func (s *Board) compare(r *http.Request, b *board) error {
	ctx := r.Context()
	b.choose()
	if b.main != "" {
		history, err := s.Indicators.History(ctx, b.place, b.year, b.main, 2)
		if err != nil {
			return err
		}
		if len(history) == 2 {
			b.before = &history[0]
		}
	}
	for back := range 2 {
		slices, err := s.Indicators.Breakdown(ctx, b.place, b.year-back, b.flow, "month")
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		b.months[back] = map[string]float64{}
		for _, m := range slices {
			b.months[back][m.Keys[0][5:]] = m.Value
		}
	}
	themes, err := s.Indicators.Breakdown(ctx, b.place, b.year, "E3", "theme")
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	slices.SortStableFunc(themes, func(x, y indicator.Slice) int { return int(y.Value - x.Value) })
	b.themes = themes
	return err
}

// choose settles which figure is shown by office — the one asked for, else the
// guarantees, else the deliveries — and which is shown by month.
func (b *board) choose() {
	if f := b.figure(b.main); f == nil || !b.spread(*f) {
		b.main = ""
	}
	for _, id := range []string{"G5", "E3"} {
		if f := b.figure(id); b.main == "" && f != nil && b.spread(*f) {
			b.main = id
		}
	}
	for _, f := range b.figures {
		if b.main == "" && b.spread(f) {
			b.main = f.ID
		}
	}
	b.flow = "E3"
	if d := b.def(b.main); d.Nature == indicator.FlowOf && d.Measure != "" {
		b.flow = b.main
	}
}

// spread reports that a figure can be shown by office.
func (b *board) spread(f ledger.Figure) bool {
	return f.Exact != nil && len(f.Parts) > 1 && !f.Target && b.def(f.ID).Adds()
}

func (b *board) figure(id string) *ledger.Figure {
	i := slices.IndexFunc(b.figures, func(f ledger.Figure) bool { return f.ID == id })
	if i < 0 {
		return nil
	}
	return &b.figures[i]
}

func (b *board) def(id string) indicator.Definition {
	i := slices.IndexFunc(b.defs, func(d indicator.Definition) bool { return d.ID == id })
	if i < 0 {
		return indicator.Definition{}
	}
	return b.defs[i]
}

func (b *board) name(c region.Code) string { return b.names[c].Full }

// href is the board with other choices.
func (b *board) href(place region.Code, year int, figure, sort string) string {
	at := "/bench/board?region=" + string(place) + "&year=" + strconv.Itoa(year)
	if figure != "" {
		at += "&figure=" + figure
	}
	if sort != "" {
		at += "&sort=" + sort
	}
	return at
}

// filters are the chips for place and year.
func (b *board) filters(p ui.P) []ui.Filter {
	place, year := ui.Filter{Label: b.name(b.place)}, ui.Filter{Label: p.T("board.year", "year", b.year)}
	for _, c := range b.around {
		if c != b.place && b.name(c) != "" {
			place.Options = append(place.Options, ui.Link{Label: b.name(c), Href: b.href(c, b.year, b.main, "")})
		}
	}
	for _, y := range b.years {
		if y != b.year {
			year.Options = append(year.Options, ui.Link{Label: p.T("board.year", "year", y), Href: b.href(b.place, y, b.main, "")})
		}
	}
	return slices.DeleteFunc([]ui.Filter{place, year}, func(f ui.Filter) bool { return len(f.Options) == 0 })
}

// stats are the headline figures: first those with a target.
func (b *board) stats(p ui.P) []ui.Stat {
	targets := indicatorweb.Targets(b.figures)
	var ids []string
	for _, f := range b.figures {
		if targets[f.ID] != nil {
			ids = append(ids, f.ID)
		}
	}
	for _, id := range headlines() {
		if f := b.figure(id); f != nil && f.Exact != nil && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	var stats []ui.Stat
	for _, id := range ids[:min(len(ids), most)] {
		stats = append(stats, indicatorweb.Stat(p, *b.figure(id), b.def(id), targets[id]))
	}
	return stats
}
