package portal

import (
	"net/http"
	"slices"
	"strings"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// searchView is what a search found, the pages of the site first.
type searchView struct {
	Query        string
	Pages        []ui.Item
	Institutions []institution.Institution
	Total        int
}

// search finds what the site offers, places, and institutions by their names and
// the names of their services (搜索).
func (s *Pages) search(w http.ResponseWriter, r *http.Request) error {
	p := web.Page(r)
	v := searchView{Query: strings.Join(strings.Fields(r.URL.Query().Get("q")), " ")}
	if v.Query == "" {
		return s.Kit.Page(w, r, http.StatusOK, searchPage(p, v))
	}
	ctx := r.Context()
	tree, err := s.Places.Tree(ctx)
	if err != nil {
		return err
	}
	v.Pages = matching(p, v.Query)
	for _, place := range tree.Search(s.Home, v.Query, s.today(), 20) {
		if place.Level <= region.County && place.Level >= s.Home.Level() {
			v.Pages = append(v.Pages, ui.Item{Label: nameOf(p, place), Href: "/places/" + string(place.Code), Under: p.T("portal.search.place")})
		}
	}
	filter := institution.Filter{Text: v.Query}
	if v.Institutions, _, err = s.Institutions.Public(ctx, filter, db.Page{Limit: 20}); err != nil {
		return err
	}
	if v.Total, err = s.Institutions.CountPublic(ctx, filter); err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, searchPage(p, v))
}

// matching are the pages of the site whose words contain what was asked, or of
// which it says a part.
func matching(p web.P, query string) []ui.Item {
	var all []ui.Item
	for _, t := range institution.Themes() {
		all = append(all, ui.Item{Label: p.T(t.Key()), Href: "/services/" + string(t), Under: p.T(about(t))})
	}
	all = append(all,
		ui.Item{Label: p.T("portal.do.size"), Href: "/size", Under: p.T("portal.search.size")},
		ui.Item{Label: p.T("portal.do.need"), Href: "/needs/new", Under: p.T("portal.search.need")},
		ui.Item{Label: p.T("portal.do.register"), Href: "/enterprises/new", Under: p.T("portal.search.register")},
		ui.Item{Label: p.T("portal.help"), Href: "/help"}, ui.Item{Label: p.T("portal.privacy"), Href: "/privacy"},
		ui.Item{Label: p.T("portal.accessibility"), Href: "/accessibility"}, ui.Item{Label: p.T("portal.definitions"), Href: "/definitions"})
	words := strings.ToLower(query)
	return slices.DeleteFunc(all, func(it ui.Item) bool {
		return !strings.Contains(strings.ToLower(it.Label+" "+it.Under), words)
	})
}
