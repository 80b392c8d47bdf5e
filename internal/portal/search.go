package portal

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/domain/park"
	"qiban.dev/qiban/internal/domain/recognition"
	"qiban.dev/qiban/internal/domain/techplatform"
	"qiban.dev/qiban/internal/domain/territory"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/search"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// searchView is what a search found, the pages of the site first.
type searchView struct {
	web.Filters
	Result search.Found
	Words  string
	Broken string    // what is wrong with the question
	Pages  []ui.Item // of the site
	tree   *territory.Tree
	home   region.Code
	day    string
}

// search finds public records by words (搜索): institutions, parks, technology
// platforms and what else has a page that everybody may read, and the pages of
// the site and places.
func (s *Pages) search(w http.ResponseWriter, r *http.Request) error {
	p, ctx := web.Page(r), r.Context()
	v := searchView{Filters: web.Filters{Path: "/search", Query: r.URL.Query()}, home: s.Home, day: s.Kit.Today()}
	v.Words = strings.Join(strings.Fields(v.Query.Get("q")), " ")
	if v.Words == "" {
		return s.Kit.Page(w, r, http.StatusOK, searchPage(p, v))
	}
	var err error
	if v.tree, err = s.Places.Tree(ctx); err != nil {
		return err
	}
	within := region.Code(v.Query.Get("place"))
	if within != "" && (!s.Home.Contains(within) || !v.tree.Known(within)) {
		v.Broken = p.T("portal.search.nowhere", "place", string(within))
		return s.Kit.Page(w, r, http.StatusUnprocessableEntity, searchPage(p, v))
	}
	v.Result, err = s.Search.Find(ctx, search.Query{Text: v.Words, Kind: v.Query.Get("kind"), Within: v.tree.Heir(within, v.day)},
		db.Page{Limit: 20, After: v.Query.Get("after")})
	status := http.StatusOK
	switch broken := fault.FieldsOf(err); {
	case len(broken) > 0:
		v.Broken, status = p.T(broken[0].Key, broken[0].Args...), http.StatusUnprocessableEntity
	case err != nil:
		return err
	}
	if v.Broken == "" && v.Query.Get("kind") == "" && v.Query.Get("after") == "" {
		v.Pages = append(matching(p, v.Words), v.places(p)...)
	}
	return s.Kit.Page(w, r, status, searchPage(p, v))
}

// Searching finds documents; search.Service does.
type Searching interface {
	Find(ctx context.Context, q search.Query, page db.Page) (search.Found, error)
}

// places are the landings of places with such a name.
func (v searchView) places(p web.P) []ui.Item {
	var all []ui.Item
	for _, place := range v.tree.Search(v.home, v.Words, v.day, 20) {
		if place.Level <= region.County && place.Level >= v.home.Level() {
			all = append(all, ui.Item{Label: nameOf(p, place), Href: "/places/" + string(place.Code), Under: p.T("portal.search.place")})
		}
	}
	return all
}

// chips narrow what was found by kind, each with its number, and by county.
func (v searchView) chips(p web.P) []ui.Filter {
	kinds := make([]ui.Option, len(v.Result.Kinds))
	for i, k := range v.Result.Kinds {
		kinds[i] = ui.Option{Value: k.Kind, Label: p.T("portal.search.kind", "kind", p.T("search.kind."+k.Kind), "n", k.N)}
	}
	var counties []ui.Option
	for _, c := range v.tree.Under(v.home, region.County, v.day) {
		counties = append(counties, ui.Option{Value: string(c.Code), Label: nameOf(p, c)})
	}
	return []ui.Filter{v.Chip(p, "kind", p.T("portal.search.kinds"), kinds), v.Chip(p, "place", p.T("portal.search.where"), counties)}
}

// href is the page of a document, "" for a kind without one.
func href(h search.Hit) string {
	switch h.Kind {
	case institution.Record:
		return "/institutions/" + h.Record
	case park.Record:
		return "/parks/" + h.Record
	case techplatform.PlatformKind:
		return "/platforms/" + h.Record
	case techplatform.InstrumentKind:
		return "/platforms/" + h.Root + "/instruments/" + h.Record
	case techplatform.BaseKind:
		return "/industry-bases/" + h.Record
	case techplatform.PatentRecord:
		return "/patents/" + h.Record
	case techplatform.NoticeKind:
		return "/technology/" + h.Record
	case techplatform.ProductKind:
		return "/products/" + h.Record
	case recognition.KindAward:
		return "/recognition/awards?award=" + h.Record
	case recognition.KindCall:
		return "/recognition/calls/" + h.Record
	case recognition.KindApplication:
		return "/recognition/public/" + h.Record
	}
	return ""
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
