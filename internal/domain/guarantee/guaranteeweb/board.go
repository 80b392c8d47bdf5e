package guaranteeweb

import (
	"net/http"
	"net/url"
	"strconv"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/guarantee"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

const boardPath = "/bench/guarantees/board"

// where is the place and year that a board shows.
type where struct {
	t     places
	place region.Code
	year  int
	tops  []region.Code // what the reader reaches
}

// href is an address below the board for the same place and year.
func (v where) href(below string) string { return v.at(below, v.place, v.year) }

func (v where) at(below string, place region.Code, year int) string {
	q := url.Values{"region": {string(place)}, "year": {itoa(year)}}
	return boardPath + below + "?" + q.Encode()
}

// cases is the list of cases in the place: they carry its code of today.
func (v where) cases(more string) string {
	return "/bench/guarantees?place=" + string(v.t.Heir(v.place, v.t.Day)) + more
}

// where reads the place, the reader's own without one, and the year: this one, or
// the last of which the place has contracts. Of a year that is asked for it is the
// place as it stood then.
func (s *Pages) where(r *http.Request) (where, error) {
	by := web.Actor(r)
	v := where{}
	err := web.Staff(by, guarantee.See)
	if err != nil {
		return v, err
	}
	if v.t, err = s.places(r); err != nil {
		return v, err
	}
	if v.place = region.Code(r.FormValue("region")); v.place == "" {
		v.place = by.Regions(guarantee.See)[0]
	}
	v.tops = by.Regions(guarantee.See)
	if _, known := v.t.Last(v.place); !known {
		return v, fault.Missing()
	}
	if v.year, err = strconv.Atoi(r.FormValue("year")); err == nil && v.year >= firstYear && v.year <= s.Kit.Clock().Year()+1 {
		then := v.t.AsOf(v.place, min(v.t.Day, itoa(v.year)+"-12-31"))
		if len(then) == 1 && by.May(guarantee.See, authz.At(then[0])) {
			v.place = then[0]
		}
		return v, nil
	}
	v.year, err = s.Guarantees.LastYear(r.Context(), v.place)
	return v, err
}

// boardView is the board of a place and year.
type boardView struct {
	where
	*guarantee.Board
}

// board is a place's guarantees at a glance (担保看板).
func (s *Pages) board(w http.ResponseWriter, r *http.Request) error {
	at, err := s.where(r)
	if err != nil {
		return err
	}
	v := boardView{where: at}
	if v.Board, err = s.Guarantees.Board(r.Context(), web.Actor(r), at.place, at.year); err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, boardPage(web.Page(r), v))
}

// behindView are the contracts behind one number.
type behindView struct {
	where
	web.Filters
	number guarantee.Number
	lines  []guarantee.BehindLine
	sum    ledger.Behind
	next   string
	until  string            // the last day counted
	names  map[string]string // of guarantors
}

// behind lists what a number of the board is made of.
func (s *Pages) behind(w http.ResponseWriter, r *http.Request) error {
	at, err := s.where(r)
	if err != nil {
		return err
	}
	v := behindView{where: at, number: guarantee.Number(r.PathValue("number"))}
	v.until = s.Guarantees.SpanOf(at.year).To
	v.Filters = web.Filters{Path: boardPath + "/" + string(v.number), Query: r.URL.Query()}
	v.lines, v.next, v.sum, err = s.Guarantees.Behind(r.Context(), web.Actor(r), at.place, at.year, v.number, web.PageOf(v.Query))
	if err != nil {
		return err
	}
	var ids []string
	for _, l := range v.lines {
		ids = append(ids, l.Institution)
	}
	if v.names, err = s.Guarantees.Names(r.Context(), ids...); err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, behindPage(web.Page(r), v))
}

// years are those a board can be switched to.
func (v where) years(p web.P, below string) ui.Filter {
	f := ui.Filter{Label: p.T("guarantees.year", "year", v.year)}
	now, _ := strconv.Atoi(v.t.Day[:4])
	for y := now; y >= firstYear; y-- {
		if y != v.year {
			f.Options = append(f.Options, ui.Link{Label: p.T("guarantees.year", "year", y), Href: v.at(below, v.place, y)})
		}
	}
	return f
}

// around are the places a board can be switched to: those above, and those below.
func (v where) around(p web.P, below string) ui.Filter {
	f := ui.Filter{Label: v.t.Name(p, v.place)}
	add := func(c region.Code) {
		f.Options = append(f.Options, ui.Link{Label: v.t.Name(p, c), Href: v.at(below, c, v.year)})
	}
	for _, c := range v.place.Path() {
		for _, top := range v.tops {
			if top.Contains(c) && c != v.place {
				add(c)
			}
		}
	}
	if v.place.Level() < region.County {
		for _, c := range v.t.Children(v.place, min(v.t.Day, itoa(v.year)+"-12-31")) {
			add(c.Code)
		}
	}
	return f
}
