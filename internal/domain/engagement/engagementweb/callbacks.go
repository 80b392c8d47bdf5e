package engagementweb

import (
	"net/http"
	"strconv"

	"qiban.dev/qiban/internal/domain/engagement"
	"qiban.dev/qiban/internal/domain/territory"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// callbacksView is the list of the closed needs to call back (回访).
type callbacksView struct {
	p    web.P
	tree *territory.Tree
	all  bool // also those that were made
	rows []engagement.Callback
	next string
}

// callbacks lists the calls to be made, or all.
func (s *Pages) callbacks(w http.ResponseWriter, r *http.Request) error {
	ctx, by, q := r.Context(), web.Actor(r), r.URL.Query()
	if !by.SignedIn() {
		return signIn()
	}
	if !by.Somewhere(engagement.MakeCallback) {
		return fault.Closed()
	}
	h := &callbacksView{p: web.Page(r).Titled(web.Lang(r).T("ask.callback.title")), all: q.Get("tab") == "all"}
	var err error
	if h.tree, err = s.Territory.Tree(ctx); err != nil {
		return err
	}
	page := engagement.Page{After: q.Get("after")}
	if h.rows, h.next, err = s.Needs.Callbacks(ctx, by.Scope(engagement.MakeCallback), !h.all, page); err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, callbacksPage(h))
}

// callView is the page on which one call is noted.
type callView struct {
	p    web.P
	f    *web.Form
	d    engagement.Detail
	call engagement.Callback
	tree *territory.Tree
}

// callback shows the page to note one call on.
func (s *Pages) callback(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, "ask.callback")
	if err != nil {
		return err
	}
	return s.callPage(w, r, f, http.StatusOK)
}

// recordCallback notes what a call learned.
func (s *Pages) recordCallback(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, "ask.callback")
	if err != nil {
		return err
	}
	by := web.Actor(r)
	if !by.SignedIn() {
		return signIn()
	}
	err = s.Needs.RecordCallback(r.Context(), by, idOf(r), int(f.Int("version")), engagement.Heard(f.Text("heard")), f.Long("note"))
	if f.Broken(err) {
		return s.callPage(w, r, f, http.StatusUnprocessableEntity)
	}
	if err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "ask.callback.done")
	return web.SeeOther(w, r, "/bench/callbacks")
}

func (s *Pages) callPage(w http.ResponseWriter, r *http.Request, f *web.Form, status int) error {
	ctx, by := r.Context(), web.Actor(r)
	if !by.SignedIn() {
		return signIn()
	}
	h := &callView{p: web.Page(r), f: f}
	var err error
	if h.d, err = s.Needs.Get(ctx, by, idOf(r)); err != nil {
		return err
	}
	if h.tree, err = s.Territory.Tree(ctx); err != nil {
		return err
	}
	if h.call, err = s.oneCallback(r); err != nil {
		return err
	}
	return s.Kit.Page(w, r, status, callbackPage(h))
}

// oneCallback finds a call among those within reach of the reader.
func (s *Pages) oneCallback(r *http.Request) (engagement.Callback, error) {
	page := engagement.Page{Limit: 200}
	for {
		found, next, err := s.Needs.Callbacks(r.Context(), web.Actor(r).Scope(engagement.MakeCallback), true, page)
		if err != nil {
			return engagement.Callback{}, err
		}
		for i := range found {
			if found[i].Need == idOf(r) {
				return found[i], nil
			}
		}
		if next == "" {
			return engagement.Callback{}, fault.Missing()
		}
		page.After = next
	}
}

func (h *callView) version() string {
	if sent := h.f.Raw("version"); sent != "" {
		return sent
	}
	return strconv.Itoa(h.call.Version)
}
