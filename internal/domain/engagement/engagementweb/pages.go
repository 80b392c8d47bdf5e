// Package engagementweb is the pages of needs (需求): posting one in steps, the
// view of the one who asked, of the institution and of the office, the offers,
// the call-backs, and every step of the lifecycle.
//
// One need has three views with one address each: /my/needs/{id} for the one who
// asked, /my/offers/{id} for the institution, /bench/needs/{id} for the office;
// /needs/{id} leads to the reader's own. Steps lie below the view and end in the
// verb of their permission: /bench/needs/{id}/refuse. Buttons come from the
// lifecycle alone.
package engagementweb

import (
	"context"
	"net/http"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/engagement"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/domain/territory"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/web"
)

// Colleague is a member of staff a need can be given to (经办人).
type Colleague struct{ ID, Name string }

// Pages are the pages. All fields are needed.
type Pages struct {
	Kit          *web.Kit
	Needs        *engagement.Service
	Enterprises  *enterprise.Service
	Institutions *institution.Service
	Territory    *territory.Service
	Flow         *flow.Service
	// Colleagues are those who may accept needs at an office.
	Colleagues func(ctx context.Context, office region.Code) ([]Colleague, error)
}

// Routes are the addresses of the package.
func (s *Pages) Routes(mux web.Mux) {
	on := func(pattern string, h web.Handler) { mux.Handle(pattern, s.Kit.Handle(h)) }
	takes := func(pattern string, h web.Handler) { mux.Handle(pattern, s.Kit.HandleUpload(h)) }

	on("GET /needs/new", s.newNeed)
	takes("POST /needs/new", s.nextStep)
	on("POST /needs/draft", s.saveDraft)
	takes("POST /needs/post", s.post)
	on("GET /needs/{id}", s.lead)
	on("GET /needs/{id}/files/{file}", s.file)

	on("GET /my/needs", s.mine)
	on("GET /my/needs/{id}", s.detail(asking))

	on("GET /my/offers", s.inbox)
	on("GET /my/offers/{id}", s.detail(serving))
	on("POST /my/offers/{id}/contact/see", s.seeContact(serving))

	on("GET /bench/needs", s.list)
	on("GET /bench/needs/new", s.intake)
	takes("POST /bench/needs/new", s.intakeFind)
	takes("POST /bench/needs/post", s.intakePost)
	on("GET /bench/needs/{id}", s.detail(bench))
	on("POST /bench/needs/{id}/contact/see", s.seeContact(bench))

	on("GET /bench/callbacks", s.callbacks)
	on("GET /bench/callbacks/{id}/record", s.callback)
	on("POST /bench/callbacks/{id}/record", s.recordCallback)

	for _, v := range []view{asking, serving, bench} {
		for _, a := range acts() {
			on("GET "+string(v)+"{id}/"+a.path(), s.ask(v, a))
			if a.papers() {
				takes("POST "+string(v)+"{id}/"+a.path(), s.act(v, a))
			} else {
				on("POST "+string(v)+"{id}/"+a.path(), s.act(v, a))
			}
		}
	}
}

// view is the side from which a need is looked at: the address it lies under.
type view string

const (
	asking  view = "/my/needs/"    // the one who asked
	serving view = "/my/offers/"   // the institution
	bench   view = "/bench/needs/" // the office
)

func (v view) of(id engagement.ID) string { return string(v) + string(id) }

// home is the list the view belongs to.
func (v view) home() string { return string(v[:len(v)-1]) }

// idOf is the need the address names.
func idOf(r *http.Request) engagement.ID { return engagement.ID(r.PathValue("id")) }

// lead sends the reader of a need to their own view of it: notifications do not
// know who reads them.
func (s *Pages) lead(w http.ResponseWriter, r *http.Request) error {
	by := web.Actor(r)
	if !by.SignedIn() {
		return signIn()
	}
	n, err := s.Needs.Get(r.Context(), by, idOf(r))
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, viewOf(by, &n.Need).of(n.ID))
}

// viewOf is the reader's side of a need they may see.
func viewOf(by authz.Actor, n *engagement.Need) view {
	switch {
	case by.May(engagement.See, authz.Target{}.Of(authz.Enterprise, n.Enterprise).Of(authz.Person, n.Person)):
		return asking
	case by.May(engagement.See, authz.At(n.Region)):
		return bench
	default:
		return serving
	}
}

// allowed keeps a view to those whose it is: others get no page there.
func allowed(v view, by authz.Actor, n *engagement.Need) bool {
	switch v {
	case asking:
		return viewOf(by, n) == asking
	case bench:
		return by.May(engagement.See, authz.At(n.Region))
	default:
		return viewOf(by, n) == serving
	}
}
