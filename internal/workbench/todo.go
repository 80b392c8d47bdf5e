package workbench

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/engagement"
	"qiban.dev/qiban/internal/domain/engagement/engagementweb"
	"qiban.dev/qiban/internal/domain/territory"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// Todo is the to-do list of an office (待办): what is due soonest first, taken on
// or given out several at once. All fields are needed.
type Todo struct {
	Kit       *web.Kit
	Needs     *engagement.Service
	Territory *territory.Service
	Flow      *flow.Service
	// Colleagues are those who may accept needs at an office.
	Colleagues func(ctx context.Context, office region.Code) ([]engagementweb.Colleague, error)
	// Others is what waits for the reader besides needs, in the order it is shown.
	Others func(ctx context.Context, by authz.Actor) ([]Waiting, error)
}

// Waiting is work of one kind that waits for a reader: how often, and where it
// is listed. Key is a text with {n}.
type Waiting struct {
	Key  string
	N    int
	Href string
	Lamp *flow.Lamp // how the first of them stands; nil when none has a limit
	Due  string     // its day, ISO
}

// Home is where the workbench begins.
const Home = "/bench"

// Routes are the addresses of the list.
func (s *Todo) Routes(mux web.Mux) {
	mux.Handle("GET "+Home, s.Kit.Handle(s.list))
	mux.Handle("POST "+Home+"/accept", s.Kit.Handle(s.accept))
	mux.Handle("POST "+Home+"/assign", s.Kit.Handle(s.assign))
}

// todoView is the page of the list.
type todoView struct {
	p        web.P
	at       *url.URL
	tree     *territory.Tree
	calendar *flow.Calendar
	filter   engagement.Filter
	office   region.Code // the reader's own, when the list can be kept to it
	places   []territory.Place
	todo     engagement.Todo
	pager    ui.Pager
	others   []Waiting
	can      func(authz.Permission) bool
}

// list shows what is to be done.
func (s *Todo) list(w http.ResponseWriter, r *http.Request) error {
	ctx, by, q := r.Context(), web.Actor(r), r.URL.Query()
	if err := staffOnly(by); err != nil {
		return err
	}
	h := &todoView{p: web.Page(r), at: r.URL, filter: engagementweb.FilterOf(q), office: officeOf(by)}
	h.filter.Tab = tabOf(q.Get("tab"))
	if h.office != "" && q.Get("office") != "all" {
		h.filter.Office = h.office
	}
	h.can = by.Somewhere
	var err error
	if h.tree, err = s.Territory.Tree(ctx); err != nil {
		return err
	}
	if h.calendar, err = s.Flow.Calendar(ctx); err != nil {
		return err
	}
	h.places = engagementweb.Places(h.p, h.tree, by)
	trail := engagementweb.TrailOf(r.URL)
	if h.todo, err = s.Needs.Todo(ctx, by, h.filter, engagement.Page{After: trail.After()}); err != nil {
		return err
	}
	if h.others, err = s.Others(ctx, by); err != nil {
		return err
	}
	h.pager = trail.Pager(h.p, len(h.todo.Needs), h.todo.Total, h.todo.Next)
	h.p.Title = h.p.T("ask.todo.count", "n", h.todo.Tabs[engagement.Everything])
	return s.Kit.Page(w, r, http.StatusOK, todoPage(h))
}

// staffOnly keeps the workbench to those who see needs of a place.
func staffOnly(by authz.Actor) error {
	switch {
	case !by.SignedIn():
		return fault.New(fault.SignIn, "fault.sign_in")
	case len(by.Regions(engagement.See)) == 0:
		return fault.Closed()
	}
	return nil
}

// officeOf is the office whose work the reader does: the list is kept to it,
// so that a city is not shown what its counties have to do. A town handles
// nothing by itself and looks at all that lies in it.
func officeOf(by authz.Actor) region.Code {
	places := by.Regions(engagement.See)
	if len(places) != 1 || places[0].Level() == region.Town {
		return ""
	}
	return places[0]
}

func tabOf(name string) engagement.Tab {
	for _, t := range engagement.Tabs() {
		if string(t) == name {
			return t
		}
	}
	return engagement.Everything
}

// chosen is a need picked in the list, as it was when the list was drawn.
type chosen struct {
	id      engagement.ID
	version int
}

// picked reads the chosen rows: id and version in one value.
func picked(f *web.Form) []chosen {
	var all []chosen
	for _, v := range f.Many("id") {
		id, version, _ := strings.Cut(v, ".")
		if n, err := strconv.Atoi(version); err == nil && len(all) < 200 {
			all = append(all, chosen{engagement.ID(id), n})
		}
	}
	return all
}

// value is how a need is sent back by the list.
func value(n *engagement.Need) string { return string(n.ID) + "." + strconv.Itoa(n.Version) }

// accept takes on all that were chosen and can be.
func (s *Todo) accept(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, "ask.todo")
	if err != nil {
		return err
	}
	by := web.Actor(r)
	if err := staffOnly(by); err != nil {
		return err
	}
	return s.each(w, r, f, "ask.todo.accepted", "ask.todo.accepted_some", func(c chosen) error {
		_, err := s.Needs.Accept(r.Context(), by, c.id, c.version)
		return err
	})
}

// assign gives all that were chosen to one member of staff; it asks to whom
// when that was not said.
func (s *Todo) assign(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, "ask.assign")
	if err != nil {
		return err
	}
	by := web.Actor(r)
	if err := staffOnly(by); err != nil {
		return err
	}
	if len(picked(f)) == 0 {
		return s.back(w, r, f, ui.Warn, "ask.todo.nothing")
	}
	h := &assignView{p: web.Page(r), f: f, needs: picked(f)}
	if h.people, err = s.colleagues(r.Context(), by); err != nil {
		return err
	}
	to, status := "", http.StatusOK
	for _, c := range h.people {
		if c.ID == f.Text("person") {
			to = c.Name
		}
	}
	if to == "" {
		if f.Raw("asked") != "" {
			f.Wrong("person", "field.choice")
			status = http.StatusUnprocessableEntity
		}
		return s.Kit.Page(w, r, status, assignPage(h))
	}
	return s.each(w, r, f, "ask.todo.assigned", "ask.todo.assigned_some", func(c chosen) error {
		_, err := s.Needs.Assign(r.Context(), by, c.id, c.version, f.Text("person"), to)
		return err
	})
}

// colleagues are those of the reader's offices.
func (s *Todo) colleagues(ctx context.Context, by authz.Actor) ([]engagementweb.Colleague, error) {
	var all []engagementweb.Colleague
	seen := map[string]bool{}
	for _, place := range by.Regions(engagement.Assign) {
		some, err := s.Colleagues(ctx, place)
		if err != nil {
			return nil, err
		}
		for _, c := range some {
			if !seen[c.ID] {
				all, seen[c.ID] = append(all, c), true
			}
		}
	}
	return all, nil
}

// each does one thing with every chosen need and says how many it worked for.
// What somebody else has changed, or cannot be done now, is left as it is.
func (s *Todo) each(w http.ResponseWriter, r *http.Request, f *web.Form, all, some string, do func(chosen) error) error {
	done, left := 0, 0
	for _, c := range picked(f) {
		switch err := do(c); {
		case err == nil:
			done++
		case fault.Is(err, fault.Internal) || fault.Is(err, fault.Unavailable):
			return err
		default:
			left++
		}
	}
	switch {
	case done+left == 0:
		return s.back(w, r, f, ui.Warn, "ask.todo.nothing")
	case left > 0:
		return s.back(w, r, f, ui.Warn, some, "n", done, "left", left)
	default:
		return s.back(w, r, f, ui.OK, all, "n", done)
	}
}

// back returns to the list as it was.
func (s *Todo) back(w http.ResponseWriter, r *http.Request, f *web.Form, kind ui.NoticeKind, key string, args ...any) error {
	s.Kit.Flash(w, r, kind, key, args...)
	to := web.Local(f.Raw("back"))
	if to == "/" {
		to = Home
	}
	return web.SeeOther(w, r, to)
}

// assignView is the page that asks to whom needs are given.
type assignView struct {
	p      web.P
	f      *web.Form
	needs  []chosen
	people []engagementweb.Colleague
}
