package workbench

import (
	"net/http"
	"net/url"
	"strings"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/engagement"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/indicator"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// Search finds enterprises, needs, institutions and figures by name or number,
// as far as the reader reaches (工作台搜索).
type Search struct {
	Kit          *web.Kit
	Needs        *engagement.Service
	Enterprises  *enterprise.Service
	Institutions *institution.Service
	Indicators   *indicator.Service
}

// Routes is where the search box of the bar leads.
func (s *Search) Routes(mux web.Mux) {
	mux.Handle("GET "+Home+"/search", s.Kit.Handle(s.find))
}

// How many of each kind are shown, and how long a question may be.
const (
	foundEach    = 10
	longestQuery = 60
)

// found are the results of one kind.
type found struct {
	title string // text key
	more  string // where the whole list is
	items []ui.Item
}

func (s *Search) find(w http.ResponseWriter, r *http.Request) error {
	by := web.Actor(r)
	if err := staffOnly(by); err != nil {
		return err
	}
	query := strings.Join(strings.Fields(r.URL.Query().Get("q")), " ")
	if words := []rune(query); len(words) > longestQuery {
		query = string(words[:longestQuery])
	}
	p := web.Page(r)
	var all []found
	if query != "" {
		for _, look := range []func(*http.Request, web.P, string) (found, error){s.needs, s.enterprises, s.institutions, s.figures} {
			f, err := look(r, p, query)
			if err != nil {
				return err
			}
			if len(f.items) > 0 {
				all = append(all, f)
			}
		}
	}
	p.Title = p.T("board.search")
	return s.Kit.Page(w, r, http.StatusOK, searchPage(p, query, all))
}

func (s *Search) needs(r *http.Request, p web.P, query string) (found, error) {
	list, _, err := s.Needs.List(r.Context(), web.Actor(r).Scope(engagement.See),
		engagement.Filter{Text: query, Ended: true}, db.Page{Limit: foundEach})
	f := found{title: "menu.needs", more: Home + "/needs?q=" + url.QueryEscape(query)}
	for _, n := range list {
		f.items = append(f.items, ui.Item{
			Label: n.Title, Href: Home + "/needs/" + string(n.ID), Right: n.Number,
			Under: n.Requester + " · " + p.T(engagement.Lifecycle().StateKey(n.State)),
		})
	}
	return f, err
}

func (s *Search) enterprises(r *http.Request, p web.P, query string) (found, error) {
	by := web.Actor(r)
	f := found{title: "menu.enterprises", more: Home + "/enterprises?q=" + url.QueryEscape(query)}
	if len(by.Regions(enterprise.View)) == 0 {
		return f, nil
	}
	list, _, err := s.Enterprises.List(r.Context(), by, enterprise.Filter{Text: query}, db.Page{Limit: foundEach})
	for _, e := range list {
		f.items = append(f.items, ui.Item{Label: e.Profile.Name, Href: Home + "/enterprises/" + string(e.ID), Right: e.CreditCode()})
	}
	return f, err
}

func (s *Search) institutions(r *http.Request, p web.P, query string) (found, error) {
	list, _, err := s.Institutions.List(r.Context(), web.Actor(r).Scope(institution.See),
		institution.Filter{Text: query}, db.Page{Limit: foundEach})
	f := found{title: "menu.providers", more: Home + "/institutions?q=" + url.QueryEscape(query)}
	for _, i := range list {
		f.items = append(f.items, ui.Item{Label: i.Name, Href: Home + "/institutions/" + string(i.ID), Right: p.T(i.Kind().Key())})
	}
	return f, err
}

// figures are the indicators whose name or number is asked for, at the top of
// where the reader works.
func (s *Search) figures(r *http.Request, p web.P, query string) (found, error) {
	f := found{title: "menu.board", more: "/data"}
	tops := web.Actor(r).Regions(indicator.View)
	if len(tops) == 0 {
		return f, nil
	}
	_, year, err := s.Indicators.Years(r.Context(), tops[0])
	if err != nil {
		return f, err
	}
	defs, err := s.Indicators.Defined(r.Context(), year)
	words := strings.ToLower(query)
	for _, d := range defs {
		name := d.Label(p.English())
		if len(f.items) < foundEach && (strings.EqualFold(d.ID, query) || strings.Contains(strings.ToLower(name), words)) {
			f.items = append(f.items, ui.Item{Label: name, Href: indicator.Link(d.ID, tops[0], year), Right: d.ID})
		}
	}
	return f, err
}
