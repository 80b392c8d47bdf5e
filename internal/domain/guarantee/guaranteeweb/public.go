package guaranteeweb

import (
	"net/http"
	"net/url"
	"strings"

	"qiban.dev/qiban/internal/domain/guarantee"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// listView is a page of guarantors, on the portal or at the desk.
type listView struct {
	web.Filters
	t       places
	list    []guarantee.GuarantorLine
	total   int
	next    string
	cover   []guarantee.Covered
	keeps   bool // the reader keeps guarantors' books
	waiting []guarantee.Waiter
}

func filterOf(q url.Values) guarantee.GuarantorFilter {
	return guarantee.GuarantorFilter{
		Region: region.Code(q.Get("place")), Type: guarantee.Type(q.Get("type")), Level: institution.Level(q.Get("level")),
		Text: strings.TrimSpace(q.Get("q")), Ended: q.Get("ended") != "",
	}
}

func (v listView) chips(p web.P) []ui.Filter {
	return []ui.Filter{
		v.Chip(p, "type", p.T("guarantees.form.type"), web.Options(p, guarantee.Types(), guarantee.Type.Key)),
		v.Chip(p, "level", p.T("guarantees.form.level"), web.Options(p, guarantee.Levels(), institution.Level.Key)),
		v.Chip(p, "place", p.T("guarantees.place"), v.t.Counties(p)),
	}
}

// covered adds up how much of the whole place the network covers.
func (v listView) covered() (covered, towns int64) { return coveredSum(v.cover) }

func coveredSum(list []guarantee.Covered) (covered, towns int64) {
	for _, c := range list {
		covered, towns = covered+c.Covered, towns+c.Towns
	}
	return covered, towns
}

// directory is the public list of guarantors (担保机构名录).
func (s *Pages) directory(w http.ResponseWriter, r *http.Request) error {
	t, err := s.places(r)
	if err != nil {
		return err
	}
	v := listView{Filters: web.Filters{Path: "/guarantors", Query: r.URL.Query()}, t: t}
	f := filterOf(v.Query)
	if v.list, v.next, err = s.Guarantees.Public(r.Context(), f, web.PageOf(v.Query)); err != nil {
		return err
	}
	if v.total, err = s.Guarantees.CountPublic(r.Context(), f); err != nil {
		return err
	}
	if v.cover, err = s.Guarantees.Coverage(r.Context(), s.Home, t.Day); err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, directoryPage(web.Page(r), v))
}

// publicView is one guarantor as anybody sees it.
type publicView struct {
	guarantee.Books
	t      places
	manage bool // the reader keeps it
}

func (s *Pages) public(w http.ResponseWriter, r *http.Request) error {
	t, err := s.places(r)
	if err != nil {
		return err
	}
	b, err := s.Guarantees.Published(r.Context(), institution.ID(r.PathValue("id")))
	if err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, publicPage(web.Page(r), publicView{b, t, web.Actor(r).May(guarantee.See, b.Target())}))
}
