// Package parkweb is the pages of the parks (中小企业园): the public list with its
// vacant space, an enterprise's search for space, and the office's desk with
// buildings, tenants, plans and the board of key towns.
package parkweb

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/domain/park"
	"qiban.dev/qiban/internal/domain/territory"
	"qiban.dev/qiban/internal/domain/territory/territoryweb"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// Pages are the pages of parks. Every field is needed.
type Pages struct {
	Kit          *web.Kit
	Parks        *park.Service
	Institutions *institution.Service
	Places       *territory.Service
	Home         region.Code // the top of this installation's tree
}

// Routes reads as the contents page of the package.
func (s *Pages) Routes(mux web.Mux) {
	handle := func(pattern string, h web.Handler) { mux.Handle(pattern, s.Kit.Handle(h)) }
	takes := func(pattern string, h web.Handler) { mux.Handle(pattern, s.Kit.HandleUpload(h)) }

	handle("GET /parks", s.directory)
	handle("GET /parks/space", s.vacancies)
	handle("GET /parks/{id}", s.public)
	handle("GET /parks/{id}/photos/{file}", s.photo)

	handle("GET /space/new", s.seek)
	handle("POST /space/new", s.saveWish)
	handle("GET /my/space", s.own)
	handle("GET /space/{id}", s.wish)
	handle("POST /space/{id}/{do}", s.wishStep)

	handle("GET /bench/parks", s.list)
	handle("GET /bench/parks/new", s.enter)
	handle("POST /bench/parks/new", s.saveEntry)
	handle("GET /bench/parks/{id}", s.show)
	handle("GET /bench/parks/{id}/edit", s.edit)
	handle("POST /bench/parks/{id}/edit", s.saveEdit)
	handle("GET /bench/parks/{id}/buildings", s.building)
	handle("POST /bench/parks/{id}/buildings", s.saveBuilding)
	handle("POST /bench/parks/{id}/buildings/remove", s.removeBuilding)
	takes("POST /bench/parks/{id}/photos", s.savePhotos)
	handle("POST /bench/parks/{id}/{do}", s.step)
	handle("GET /bench/tenants/{id}", s.tenant)
	handle("POST /bench/tenants/{id}/{do}", s.tenantStep)
	handle("GET /bench/space", s.wishes)
	handle("GET /bench/parkplans", s.board)
	handle("GET /bench/parkplans/new", s.draft)
	takes("POST /bench/parkplans/new", s.submit)
	handle("GET /bench/parkplans/{id}", s.plan)
	handle("GET /bench/parkplans/{id}/files/{file}", s.planFile)
	handle("POST /bench/parkplans/{id}/{do}", s.planStep)
}

// places is the tree of places on the day, to name them by.
type places = territoryweb.Places

func (s *Pages) places(r *http.Request) (places, error) {
	return territoryweb.On(r.Context(), s.Places, s.Kit.Today(), s.Home)
}

// FilterOf reads a filter from the address.
func FilterOf(q url.Values) park.Filter {
	return park.Filter{
		Region: region.Code(q.Get("place")), Stage: park.Stage(q.Get("stage")), Grade: park.Grade(q.Get("grade")),
		Text: strings.TrimSpace(q.Get("q")), Vacant: q.Get("vacant") != "", Ended: q.Get("ended") != "",
	}
}

// chips are the filters that every list of parks has.
func chips(p web.P, v web.Filters, t places) []ui.Filter {
	return []ui.Filter{
		v.Chip(p, "place", p.T("parks.filter.place"), t.Counties(p)),
		v.Chip(p, "stage", p.T("parks.filter.stage"), web.Options(p, park.Stages(), park.Stage.Key)),
		v.Chip(p, "grade", p.T("parks.filter.grade"), web.Options(p, park.Grades(), park.Grade.Key)),
		v.Chip(p, "vacant", p.T("parks.filter.vacant"), []ui.Option{{Value: "1", Label: p.T("parks.vacant.some")}}),
	}
}

// area writes square metres.
func area(p web.P, n int64) string { return p.T("parks.area", "n", ui.Commas(n)) }

func stageTone(s park.Stage) ui.Tone {
	return map[park.Stage]ui.Tone{park.Building: ui.Sea, park.Done: ui.Moss}[s]
}

func planTone(s flow.State) ui.Tone {
	return map[flow.State]ui.Tone{park.InReview: ui.Sea, park.Revising: ui.Reed, park.Approved: ui.Moss}[s]
}

func wishTone(s flow.State) ui.Tone {
	return map[flow.State]ui.Tone{park.Seeking: ui.Sea, park.Applied: ui.Reed, park.Accepted: ui.Sea, park.MovedIn: ui.Moss}[s]
}

// history tells what happened to a record, the oldest first.
func history(p web.P, events []flow.Event) []ui.Event {
	var all []ui.Event
	for _, e := range events {
		all = append(all, ui.Event{Title: p.T(e.Do.Key()), Meta: e.ByName + " · " + p.Moment(e.At), Text: e.Note, State: ui.Done})
	}
	return all
}

// opens reports whether a step is among those the reader may take.
func opens(steps []flow.Step, do authz.Permission) bool {
	return slices.ContainsFunc(steps, func(s flow.Step) bool { return s.Do == do })
}

func itoa(n int) string { return strconv.Itoa(n) }
