package techplatformweb

import (
	"net/http"
	"strconv"
	"strings"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/techplatform"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

const worksHome = "/bench/works"

// worksView is the services of the platforms of the reader's place: those that wait
// for an office's word, or all.
type worksView struct {
	web.Filters
	places  places
	Form    *web.Form
	Do      string // the step with something to correct
	List    []techplatform.Work
	Whom    map[string]techplatform.Whom
	Total   int
	Next    string
	Waiting bool
	May     func(do authz.Permission, w *techplatform.Work) bool
}

func (v worksView) acts() web.Acts { return web.Acts{Form: v.Form, Do: v.Do, Path: worksHome} }

// send is the address of a step, with the filters that are set.
func (v worksView) send(do string) string { return worksHome + "/" + do + "?" + v.Query.Encode() }

// confirmable are the ids of the page that the reader may confirm.
func (v worksView) confirmable() []string {
	var ids []string
	for i := range v.List {
		if w := &v.List[i]; v.May(techplatform.ConfirmWork, w) {
			ids = append(ids, w.ID)
		}
	}
	return ids
}

// returnable are the pieces of the page that the reader may return.
func (v worksView) returnable(p web.P) []ui.Option {
	var list []ui.Option
	for i := range v.List {
		if w := &v.List[i]; v.May(techplatform.ReturnWork, w) {
			o := workOption(p, w)
			o.Label += " · " + v.Whom[w.ID].Platform
			list = append(list, o)
		}
	}
	return list
}

// workOption names a piece of work in a choice, by its id and the version it was
// read at; picked reads it.
func workOption(p web.P, w *techplatform.Work) ui.Option {
	return ui.Option{Value: w.ID + "." + strconv.Itoa(w.Version), Label: p.DateOf(w.On) + " " + w.Title}
}

func picked(value string) (id string, version int) {
	id, read, _ := strings.Cut(value, ".")
	version, err := strconv.Atoi(read)
	if err != nil { // none that was offered
		return id, 0
	}
	return id, version
}

func workFee(p web.P, w *techplatform.Work) string {
	if w.Fee > 0 {
		return p.T("tech.page.yuan.n", "n", ui.Yuan(w.Fee))
	}
	return p.T("tech.page.free")
}

func workTone(s flow.State) ui.Tone {
	switch s {
	case techplatform.WorkCounted:
		return ui.Moss
	case techplatform.WorkReturned:
		return ui.Reed
	case techplatform.WorkWithdrawn:
		return ui.Plain
	default:
		return ui.Sea
	}
}

// deskWorks are the services that the platforms of the reader's place entered.
func (s *Pages) deskWorks(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, area)
	if err != nil {
		return err
	}
	return s.workDesk(w, r, http.StatusOK, f, "")
}

func (s *Pages) workDesk(w http.ResponseWriter, r *http.Request, status int, f *web.Form, do string) error {
	ctx, by, q := r.Context(), web.Actor(r), r.URL.Query()
	if err := web.Staff(by, techplatform.See); err != nil {
		return err
	}
	v := worksView{Filters: web.Filters{Path: worksHome, Query: q}, Form: f, Do: do, Waiting: q.Get("show") == ""}
	v.May = func(do authz.Permission, w *techplatform.Work) bool {
		own := do == techplatform.ConfirmWork && w.EnteredBy == by.ID
		return w.State == techplatform.WorkWaiting && !own && by.May(do, authz.At(w.Region))
	}
	filter := techplatform.WorkFilter{Region: region.Code(q.Get("place")), Platform: techplatform.ID(q.Get("platform")), State: techplatform.WorkWaiting}
	if !v.Waiting {
		filter.State, filter.Withdrawn = flow.State(q.Get("state")), true
	}
	var err error
	if v.places, err = s.places(r); err != nil {
		return err
	}
	scope := by.Scope(techplatform.See)
	if v.List, v.Next, err = s.Platforms.Works(ctx, scope, filter, web.PageOf(q)); err != nil {
		return err
	}
	if v.Total, err = s.Platforms.CountWorks(ctx, scope, filter); err != nil {
		return err
	}
	if v.Whom, err = s.Platforms.Whom(ctx, v.List); err != nil {
		return err
	}
	return s.Kit.Page(w, r, status, deskWorksPage(web.Page(r), v))
}

// actWorks confirms the chosen or all of a page, or returns one.
func (s *Pages) actWorks(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, area)
	if err != nil {
		return err
	}
	ctx, by, do, n := r.Context(), web.Actor(r), r.PathValue("do"), 0
	said := "tech.page.works.confirmed"
	switch do {
	case "confirm":
		ids := f.Many("id")
		if f.Tick("all") {
			ids = f.Many("page")
		}
		n, err = s.Platforms.ConfirmWorks(ctx, by, ids)
	case "return":
		id, version := picked(f.Text("work"))
		_, err = s.Platforms.ReturnWork(ctx, by, id, version, f.Long("reason"))
		said = "tech.page.works.returned"
	default:
		err = fault.Missing()
	}
	if f.Refused(err) {
		return s.workDesk(w, r, f.Status(), f, do)
	}
	if err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, said, "n", n)
	return web.SeeOther(w, r, worksHome+"?"+r.URL.RawQuery)
}
