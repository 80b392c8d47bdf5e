package indicatorweb

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/indicator"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/text"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// Pages are the pages of figures. Records may be nil.
type Pages struct {
	Kit        *web.Kit
	Indicators *indicator.Service
	Places     Places
	// People are the names of persons by id; an id that nobody bears is left out.
	People func(ctx context.Context, ids ...string) (map[string]string, error)
	// Records names the records behind figures and where they open, for an actor
	// who may see them; one that is left out is named by its kind.
	Records func(ctx context.Context, by authz.Actor, lang text.Lang, records []ledger.Record) (map[ledger.Record]ui.Link, error)
	Home    region.Code // the place this site serves
}

// Places answers what the pages ask of the tree.
type Places interface {
	// Below are the places right below one on a day, by code.
	Below(ctx context.Context, of region.Code, on ledger.Date) ([]region.Code, error)
	// Names are the places' names on a day; a code that never named one is left out.
	Names(ctx context.Context, on ledger.Date, lang text.Lang, codes ...region.Code) (map[region.Code]indicator.PlaceName, error)
}

// Routes are the pages of figures, returns and targets.
func (s *Pages) Routes(mux web.Mux) {
	mux.Handle("GET /data", s.Kit.Handle(s.data))
	mux.Handle("GET /figures/{id}", s.Kit.Handle(s.figure))
	mux.Handle("GET /bench/returns", s.Kit.Handle(s.returns))
	mux.Handle("GET /bench/returns/{region}/{year}", s.Kit.Handle(s.sheet))
	mux.Handle("POST /bench/returns/{region}/{year}/fill", s.Kit.Handle(s.fill))
	mux.Handle("POST /bench/returns/{region}/{year}/submit", s.Kit.Handle(s.fill))
	mux.Handle("POST /bench/returns/{region}/{year}/accept", s.Kit.Handle(s.decide(indicator.Accept)))
	mux.Handle("POST /bench/returns/{region}/{year}/return", s.Kit.Handle(s.decide(indicator.Return)))
	mux.Handle("POST /bench/returns/{region}/{year}/reopen", s.Kit.Handle(s.decide(indicator.Reopen)))
	mux.Handle("POST /bench/returns/{region}/{year}/seal", s.Kit.Handle(s.seal))
	mux.Handle("GET /bench/targets", s.Kit.Handle(s.targets))
	mux.Handle("POST /bench/targets", s.Kit.Handle(s.setTarget))
}

// spot is the place and year a page is about, with what it may be switched to.
type spot struct {
	Place  region.Code
	Year   int
	Years  []int
	Day    ledger.Date // the last day of the year that is over, for names
	Names  map[region.Code]indicator.PlaceName
	Nearby []region.Code // above and below, for the switch
}

// exports narrows a table to take away to the place, what lies in it, and the year.
func (w spot) exports() url.Values {
	return url.Values{"region": {string(w.Place)}, "year": {strconv.Itoa(w.Year)}}
}

func (w spot) name(c region.Code) string { return w.Names[c].Full }

// office is the name of an office: 射阳县, and 市本级 for the place's own row.
func (w spot) office(p ui.P, c region.Code) string {
	if c.Level() <= region.City {
		return p.T("figures.own", "place", w.Names[c].Full)
	}
	return w.Names[c].Full
}

// where reads ?region= and ?year=; without them it is home and the newest year.
func (s *Pages) where(r *http.Request) (spot, error) {
	w := spot{Place: s.Home}
	if c := region.Code(r.FormValue("region")); c != "" {
		w.Place = c
	}
	year, err := s.yearOf(r, &w)
	if err != nil {
		return w, err
	}
	return w, s.at(r, &w, year)
}

// at fills in the names around the place in a year.
func (s *Pages) at(r *http.Request, w *spot, year int) error {
	if !w.Place.Valid() {
		return fault.Missing()
	}
	w.Year = year
	w.Day = min(ledger.Date(strconv.Itoa(year)+"-12-31"), ledger.DateOf(s.Kit.Clock()))
	below, err := s.Places.Below(r.Context(), w.Place, w.Day)
	if err != nil {
		return err
	}
	for _, c := range w.Place.Path() {
		if s.Home.Contains(c) {
			w.Nearby = append(w.Nearby, c)
		}
	}
	if w.Place.Level() < region.County {
		w.Nearby = append(w.Nearby, below...)
	}
	codes := append(slices.Concat(w.Nearby, below), w.Place.Path()...)
	w.Names, err = s.Places.Names(r.Context(), w.Day, web.Lang(r), codes...)
	if err == nil && w.Names[w.Place].Full == "" {
		return fault.Missing()
	}
	return err
}

func (s *Pages) yearOf(r *http.Request, w *spot) (int, error) {
	years, newest, err := s.Indicators.Years(r.Context(), w.Place)
	if err != nil {
		return 0, err
	}
	year := newest
	if n, err := strconv.Atoi(r.FormValue("year")); err == nil {
		year = n
	}
	if !slices.Contains(years, year) {
		years = append(years, year)
		slices.Sort(years)
		slices.Reverse(years)
	}
	w.Years = years
	return year, nil
}

// switches are the chips for place and year; href gives the address of a choice.
func (w spot) switches(p ui.P, href func(place region.Code, year int) string) []ui.Filter {
	place := ui.Filter{Label: w.name(w.Place)}
	for _, c := range w.Nearby {
		if c != w.Place && w.name(c) != "" {
			place.Options = append(place.Options, ui.Link{Label: w.name(c), Href: href(c, w.Year)})
		}
	}
	year := ui.Filter{Label: p.T("figures.year", "year", w.Year)}
	for _, y := range w.Years {
		if y != w.Year {
			year.Options = append(year.Options, ui.Link{Label: p.T("figures.year", "year", y), Href: href(w.Place, y)})
		}
	}
	return slices.DeleteFunc([]ui.Filter{place, year}, func(f ui.Filter) bool { return len(f.Options) == 0 })
}

// source draws where a figure comes from, and who reported it.
func source(p ui.P, o ledger.Origin, place region.Code) (ui.Source, string) {
	if o == ledger.Reported && place.Level() == region.City {
		return ui.Reported, p.T("figures.by.county")
	}
	return ui.Source(o), ""
}

// official reports whether the reader works with figures: the workbench frames
// the page then.
func official(r *http.Request) bool { return web.Actor(r).Somewhere(indicator.View) }
