package yearbookweb

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/indicator"
	"qiban.dev/qiban/internal/domain/yearbook"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/text"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// Pages are the pages of the yearbook.
type Pages struct {
	Kit        *web.Kit
	Yearbook   *yearbook.Service
	Indicators *indicator.Service
	Places     Places
	// People are the names of persons by id; an id that nobody bears is left out.
	People func(ctx context.Context, ids ...string) (map[string]string, error)
	Home   region.Code // the place this site serves
}

// Places answers what the pages ask of the tree.
type Places interface {
	// Below are the places right below one on a day, by code.
	Below(ctx context.Context, of region.Code, on ledger.Date) ([]region.Code, error)
	// Names are the places' names on a day; a code that never named one is left out.
	Names(ctx context.Context, on ledger.Date, lang text.Lang, codes ...region.Code) (map[region.Code]indicator.PlaceName, error)
}

// Routes are the pages of the yearbook.
func (s *Pages) Routes(mux web.Mux) {
	mux.Handle("GET /yearbook", s.Kit.Handle(s.read))
	mux.Handle("GET /yearbook/download", s.Kit.Handle(s.download))
	mux.Handle("GET /bench/yearbook", s.Kit.Handle(s.desk))
	mux.Handle("POST /bench/yearbook/freeze", s.Kit.Handle(s.freeze))
}

// spot is the chapter a page is about and what it may be switched to.
type spot struct {
	Place  region.Code
	Year   int
	Years  []int
	Nearby []region.Code
	Names  map[region.Code]indicator.PlaceName
}

// where reads ?region= and ?year=; without them it is home and the newest year.
func (s *Pages) where(r *http.Request) (spot, error) {
	ctx := r.Context()
	w := spot{Place: s.Home}
	if c := region.Code(r.FormValue("region")); c != "" {
		w.Place = c
	}
	if !w.Place.Valid() || w.Place.Level() == region.Town {
		return w, fault.Missing()
	}
	years, newest, err := s.Indicators.Years(ctx, w.Place)
	if err != nil {
		return w, err
	}
	w.Year, w.Years = newest, years
	if n, err := strconv.Atoi(r.FormValue("year")); err == nil {
		w.Year = n
	}
	day := min(ledger.Date(strconv.Itoa(w.Year)+"-12-31"), ledger.DateOf(s.Kit.Clock()))
	for _, c := range w.Place.Path() {
		if s.Home.Contains(c) {
			w.Nearby = append(w.Nearby, c)
		}
	}
	below, err := s.Places.Below(ctx, w.Place, day)
	if err != nil {
		return w, err
	}
	if w.Place.Level() < region.County {
		w.Nearby = append(w.Nearby, below...)
	}
	w.Names, err = s.Places.Names(ctx, day, web.Lang(r), slices.Concat(w.Nearby, below, []region.Code{w.Place})...)
	if err == nil && w.Names[w.Place].Full == "" {
		return w, fault.Missing()
	}
	return w, err
}

// switches are the chips for place and year, on the page with the address.
func (w spot) switches(p ui.P, page string) []ui.Filter {
	place := ui.Filter{Label: w.Names[w.Place].Full}
	for _, c := range w.Nearby {
		if c != w.Place && w.Names[c].Full != "" {
			place.Options = append(place.Options, ui.Link{Label: w.Names[c].Full, Href: address(page, c, w.Year)})
		}
	}
	year := ui.Filter{Label: p.T("book.year", "year", w.Year)}
	for _, y := range w.Years {
		if y != w.Year {
			year.Options = append(year.Options, ui.Link{Label: p.T("book.year", "year", y), Href: address(page, w.Place, y)})
		}
	}
	return slices.DeleteFunc([]ui.Filter{place, year}, func(f ui.Filter) bool { return len(f.Options) == 0 })
}

func address(page string, place region.Code, year int) string {
	return fmt.Sprintf("%s?region=%s&year=%d", page, place, year)
}

// readView is a chapter as everybody reads it.
type readView struct {
	spot
	chapter  *yearbook.Chapter
	editions []yearbook.Frozen
	edit     bool // the reader prepares the draft
}

// read shows the newest edition, or the one asked for; the draft until there is one.
func (s *Pages) read(w http.ResponseWriter, r *http.Request) error {
	at, err := s.where(r)
	if err != nil {
		return err
	}
	v := readView{spot: at, edit: web.Actor(r).May(yearbook.Edit, authz.At(at.Place))}
	if v.chapter, err = s.chapter(r, at); err != nil {
		return err
	}
	if v.editions, err = s.Yearbook.Editions(r.Context(), at.Place, at.Year); err != nil {
		return err
	}
	p := web.Page(r)
	p.Title = v.chapter.Title()
	return s.Kit.Page(w, r, http.StatusOK, readPage(p, v))
}

func (s *Pages) chapter(r *http.Request, at spot) (*yearbook.Chapter, error) {
	edition := 0
	if raw := r.FormValue("edition"); raw != "" {
		n, err := strconv.Atoi(raw)
		if err != nil || n < 1 {
			return nil, fault.Missing()
		}
		edition = n
	}
	return s.Yearbook.Published(r.Context(), at.Place, at.Year, edition, web.Lang(r))
}

// download gives the chapter as a file: md, json or html.
func (s *Pages) download(w http.ResponseWriter, r *http.Request) error {
	at, err := s.where(r)
	if err != nil {
		return err
	}
	format := yearbook.Format(r.FormValue("format"))
	kind, ok := map[yearbook.Format]string{
		yearbook.Markdown: "text/markdown; charset=utf-8", yearbook.JSON: "application/json", yearbook.HTML: "text/html; charset=utf-8",
	}[format]
	if !ok {
		return fault.Missing()
	}
	c, err := s.chapter(r, at)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", fmt.Sprintf("yearbook-%s-%d.%s", at.Place, at.Year, format)))
	return c.Write(w, format)
}

func downloadHref(at spot, edition int, format yearbook.Format) string {
	href := address("/yearbook/download", at.Place, at.Year) + "&format=" + string(format)
	if edition > 0 {
		href += "&edition=" + strconv.Itoa(edition)
	}
	return href
}
