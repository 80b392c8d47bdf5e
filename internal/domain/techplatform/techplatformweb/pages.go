// Package techplatformweb is the pages of the technology platforms: the public
// list with services, instruments and their free hours, the order form, orders
// on either side, the specialty bases, patents, technology
// needs and offers with their reviews, new products, services that wait for an office's
// word, and what a platform's people and the offices keep.
package techplatformweb

import (
	"net/http"
	"strings"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/domain/techplatform"
	"qiban.dev/qiban/internal/domain/territory"
	"qiban.dev/qiban/internal/domain/territory/territoryweb"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/text"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// Pages are the pages of technology platforms. Every field is needed.
type Pages struct {
	Kit          *web.Kit
	Platforms    *techplatform.Service
	Enterprises  *enterprise.Service
	Institutions *institution.Service
	Places       *territory.Service
	Home         region.Code // the top of this installation's tree
	// Industries are the choices of an industry, by its code, with the present one
	// among them; IndustryName is one in words.
	Industries   func(p web.P, now string) []ui.Option
	IndustryName func(l text.Lang, code string) string
}

// Routes reads as the contents page of the package.
func (s *Pages) Routes(mux web.Mux) {
	handle := func(pattern string, h web.Handler) { mux.Handle(pattern, s.Kit.Handle(h)) }
	takes := func(pattern string, h web.Handler) { mux.Handle(pattern, s.Kit.HandleUpload(h)) }

	handle("GET /platforms", s.list)
	handle("GET /platforms/{id}", s.show)
	handle("GET /platforms/{id}/instruments/{instrument}", s.free)
	handle("GET /platforms/{id}/order", s.order)
	handle("POST /platforms/{id}/order", s.place)
	handle("GET /industry-bases", s.bases)
	handle("GET /industry-bases/{id}", s.base)

	handle("GET /patents", s.patents)
	handle("GET /bench/patents", s.deskPatents)
	handle("GET /patents/new", s.enterPatent)
	handle("POST /patents/new", s.savePatent)
	handle("GET /patents/{id}", s.patent)
	handle("POST /patents/{id}/{do}", s.actPatent)

	handle("GET /technology", s.notices)
	handle("GET /technology/new", s.enterNotice)
	handle("POST /technology/new", s.saveNotice)
	handle("GET /technology/{id}", s.notice)
	handle("POST /technology/{id}/{do}", s.actNotice)
	handle("GET /my/technology", s.ownNotices)
	handle("GET /bench/technology", s.deskNotices)
	handle("GET /introductions/{id}", s.intro)
	handle("POST /introductions/{id}/{do}", s.actIntro)

	handle("GET /products", s.products)
	handle("GET /products/new", s.enterProduct)
	takes("POST /products/new", s.saveProduct)
	handle("GET /products/{id}", s.product)
	takes("POST /products/{id}/{do}", s.actProduct)
	handle("GET /products/{id}/files/{file}", s.productFile)
	handle("GET /my/products", s.ownProducts)
	handle("GET /bench/products", s.deskProducts)
	handle("POST /bench/products/grades", s.saveGrade)

	handle("GET /orders", s.orders)
	handle("GET /orders/{id}", s.showOrder)
	takes("POST /orders/{id}/{do}", s.step)
	handle("GET /orders/{id}/files/{file}", s.file)

	handle("GET /bench/platforms", s.desk)
	handle("GET /bench/platforms/new", s.enter)
	handle("POST /bench/platforms/new", s.saveEntry)
	handle("GET /bench/works", s.deskWorks)
	handle("POST /bench/works/{do}", s.actWorks)
	handle("GET /platforms/{id}/manage", s.manage)
	handle("POST /platforms/{id}/manage/{do}", s.act)
	handle("GET /bench/industry-bases/new", s.enterBase)
	handle("POST /bench/industry-bases/new", s.saveBase)
	handle("POST /industry-bases/{id}/{do}", s.actBase)
}

// The area of all forms: one field has one name wherever it stands.
const area = "tech.form"

// places is the tree of places on the day, to name them by.
type places = territoryweb.Places

func (s *Pages) places(r *http.Request) (places, error) {
	return territoryweb.On(r.Context(), s.Places, s.Kit.Today(), s.Home)
}

// filterOf reads a filter of platforms from the address.
func filterOf(r *http.Request) techplatform.Filter {
	q := r.URL.Query()
	return techplatform.Filter{
		Region: region.Code(q.Get("place")), Kind: techplatform.Kind(q.Get("kind")), Level: techplatform.Level(q.Get("level")),
		Function: techplatform.Function(q.Get("function")), Text: strings.TrimSpace(q.Get("q")),
	}
}

// listView is a page of platforms, on the portal or at the desk.
type listView struct {
	web.Filters
	places places
	List   []techplatform.Platform
	Total  int
	Next   string
	May    func(authz.Permission) bool
}

func (v listView) chips(p web.P) []ui.Filter {
	return []ui.Filter{
		v.Chip(p, "level", p.T("tech.form.level"), web.Options(p, techplatform.Levels(), techplatform.Level.Key)),
		v.Chip(p, "kind", p.T("tech.form.kind"), web.Options(p, techplatform.Kinds(), techplatform.Kind.Key)),
		v.Chip(p, "function", p.T("tech.form.functions"), web.Options(p, techplatform.Functions(), techplatform.Function.Key)),
		v.Chip(p, "place", p.T("tech.form.region"), v.places.Counties(p)),
	}
}

// list is the public list of platforms (技术平台).
func (s *Pages) list(w http.ResponseWriter, r *http.Request) error {
	t, err := s.places(r)
	if err != nil {
		return err
	}
	v := listView{Filters: web.Filters{Path: "/platforms", Query: r.URL.Query()}, places: t, May: web.Actor(r).Somewhere}
	f := filterOf(r)
	if v.List, v.Next, err = s.Platforms.Public(r.Context(), f, web.PageOf(v.Query)); err != nil {
		return err
	}
	if v.Total, err = s.Platforms.CountPublic(r.Context(), f); err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, listPage(web.Page(r), v))
}

// desk is the same within the reader's reach, those that are not shown too.
func (s *Pages) desk(w http.ResponseWriter, r *http.Request) error {
	by := web.Actor(r)
	if err := web.Staff(by, techplatform.See); err != nil {
		return err
	}
	t, err := s.places(r)
	if err != nil {
		return err
	}
	v := listView{Filters: web.Filters{Path: "/bench/platforms", Query: r.URL.Query()}, places: t, May: by.Somewhere}
	f, scope := filterOf(r), by.Scope(techplatform.See)
	f.Ended = v.Query.Get("ended") != ""
	if v.List, v.Next, err = s.Platforms.List(r.Context(), scope, f, web.PageOf(v.Query)); err != nil {
		return err
	}
	if v.Total, err = s.Platforms.Count(r.Context(), scope, f); err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, deskPage(web.Page(r), v))
}

// showView is one platform as anybody sees it.
type showView struct {
	techplatform.Detail
	places places
	Manage bool // the reader keeps it
}

func (s *Pages) show(w http.ResponseWriter, r *http.Request) error {
	t, err := s.places(r)
	if err != nil {
		return err
	}
	d, err := s.Platforms.Published(r.Context(), techplatform.ID(r.PathValue("id")))
	if err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, showPage(web.Page(r), showView{d, t, web.Actor(r).May(techplatform.See, d.Target())}))
}

// freeView is an instrument with its coming days.
type freeView struct {
	techplatform.Platform
	Instrument techplatform.Instrument
	Days       []techplatform.Day
	From       string
	Earlier    string // the day of the page before, "" for none
	Later      string
}

// shownDays is how many days a page of free hours shows.
const shownDays = 14

// free is when an instrument can be booked (空闲时段).
func (s *Pages) free(w http.ResponseWriter, r *http.Request) error {
	id := techplatform.ID(r.PathValue("id"))
	d, err := s.Platforms.Published(r.Context(), id)
	if err != nil {
		return err
	}
	v := freeView{Platform: d.Platform, From: r.URL.Query().Get("from")}
	if !flow.IsDay(v.From) || v.From < s.Kit.Today() {
		v.From = s.Kit.Today()
	}
	if v.Instrument, v.Days, err = s.Platforms.FreeInstrument(r.Context(), id, r.PathValue("instrument"), v.From, shownDays); err != nil {
		return err
	}
	v.Later = flow.AddDays(v.From, shownDays)
	if v.From > s.Kit.Today() {
		v.Earlier = max(flow.AddDays(v.From, -shownDays), s.Kit.Today())
	}
	return s.Kit.Page(w, r, http.StatusOK, freePage(web.Page(r), v))
}

// basesView are the specialty bases.
type basesView struct {
	places places
	List   []techplatform.Base
	May    bool
}

func (s *Pages) bases(w http.ResponseWriter, r *http.Request) error {
	t, err := s.places(r)
	if err != nil {
		return err
	}
	list, err := s.Platforms.Bases(r.Context(), s.Home)
	if err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, basesPage(web.Page(r), basesView{t, list, web.Actor(r).Somewhere(techplatform.SetBase)}))
}
