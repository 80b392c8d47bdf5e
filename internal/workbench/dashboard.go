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
	*indicator.Board
	place  region.Code
	year   int
	years  []int
	day    ledger.Date
	names  map[region.Code]indicator.PlaceName
	around []region.Code // what the place may be switched to
	sort   string
}

func (s *Board) show(w http.ResponseWriter, r *http.Request) error {
	b := &board{sort: r.FormValue("sort")}
	for _, step := range []func(*http.Request, *board) error{s.where, s.name, s.count} {
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
		return fault.Closed()
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

// count composes the figures.
func (s *Board) count(r *http.Request, b *board) (err error) {
	b.Board, err = s.Indicators.Board(r.Context(), web.Actor(r), b.place, b.year, r.FormValue("figure"))
	return err
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
			place.Options = append(place.Options, ui.Link{Label: b.name(c), Href: b.href(c, b.year, b.Main, "")})
		}
	}
	for _, y := range b.years {
		if y != b.year {
			year.Options = append(year.Options, ui.Link{Label: p.T("board.year", "year", y), Href: b.href(b.place, y, b.Main, "")})
		}
	}
	return slices.DeleteFunc([]ui.Filter{place, year}, func(f ui.Filter) bool { return len(f.Options) == 0 })
}

// stats are the headline figures: first those with a target.
func (b *board) stats(p ui.P) []ui.Stat {
	targets := indicator.TargetsOf(b.Figures)
	var stats []ui.Stat
	for _, id := range b.Headlines() {
		stats = append(stats, indicatorweb.Stat(p, *b.Figure(id), b.Def(id), targets[id]))
	}
	return stats
}
