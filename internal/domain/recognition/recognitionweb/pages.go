// Package recognitionweb is the pages of recognition (认定): calls, publicity and
// awards for everybody, the application for its applicant and its office, the
// reviewer's desk, and the titles with their criteria.
package recognitionweb

import (
	"net/http"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/recognition"
	"qiban.dev/qiban/internal/domain/territory"
	"qiban.dev/qiban/internal/domain/territory/territoryweb"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/web"
)

// Pages are the pages of recognition. Every field is needed.
type Pages struct {
	Kit         *web.Kit
	Recognition *recognition.Service
	Places      *territory.Service
	Home        region.Code // the top of this installation's tree
}

// Routes reads as the contents page of the package.
func (s *Pages) Routes(mux web.Mux) {
	handle := func(pattern string, h web.Handler) { mux.Handle(pattern, s.Kit.Handle(h)) }

	handle("GET /recognition", s.public)
	handle("GET /recognition/awards", s.awards)
	handle("GET /recognition/calls/{id}", s.call)
	handle("POST /recognition/calls/{id}/apply", s.begin)
	handle("GET /recognition/public/{id}", s.proposal)
	handle("POST /recognition/public/{id}/object", s.object)
	handle("GET /recognition/applications/{id}", s.application)
	handle("GET /recognition/applications/{id}/files/{file}", s.file)
	mux.Handle("POST /recognition/applications/{id}/prove", s.Kit.HandleUpload(s.prove))
	handle("POST /recognition/applications/{id}/{do}", s.step)
	handle("GET /recognition/awards/{id}", s.award)
	handle("POST /recognition/awards/{id}/{do}", s.awardStep)

	handle("GET /my/recognition", s.mine)

	handle("GET /bench/recognition", s.list)
	handle("GET /bench/recognition/calls", s.calls)
	handle("GET /bench/recognition/calls/new", s.newCall)
	handle("POST /bench/recognition/calls/new", s.announce)
	handle("GET /bench/recognition/calls/{id}", s.ranking)
	handle("POST /bench/recognition/calls/{id}/prolong", s.prolong)
	handle("POST /bench/recognition/calls/{id}/close", s.closeCall)
	handle("GET /bench/recognition/awards", s.held)
	handle("GET /bench/recognition/titles", s.titles)
	handle("GET /bench/recognition/titles/new", s.newTitle)
	handle("POST /bench/recognition/titles/new", s.saveTitle)
	handle("GET /bench/recognition/titles/{id}", s.title)
	handle("POST /bench/recognition/titles/{id}", s.saveTitle)
	handle("GET /bench/recognition/titles/{id}/criteria", s.criteria)
	handle("POST /bench/recognition/titles/{id}/criteria", s.saveCriteria)
	handle("POST /bench/recognition/titles/{id}/publish", s.publishCriteria)
	handle("POST /bench/recognition/titles/{id}/drop", s.dropCriteria)
	handle("GET /bench/recognition/ties", s.ties)
	handle("POST /bench/recognition/ties/{id}/end", s.endTie)
	handle("GET /bench/reviews", s.reviews)
	handle("POST /bench/reviews/ties", s.declare)
	handle("POST /bench/reviews/ties/{id}/end", s.endOwnTie)
	handle("GET /bench/reviews/{id}", s.review)
	handle("POST /bench/reviews/{id}/score", s.score)
	handle("POST /bench/reviews/{id}/recuse", s.recuse)
}

// shown is what every view of this package needs to name places.
type shown struct {
	places territoryweb.Places
	by     authz.Actor
}

func (s *Pages) shown(r *http.Request) (shown, error) {
	t, err := territoryweb.On(r.Context(), s.Places, s.Kit.Today(), s.Home)
	return shown{t, web.Actor(r)}, err
}

// desk reports whether the reader works for an office.
func desk(by authz.Actor) bool { return len(by.Regions(recognition.See)) > 0 }

// may reports whether the reader holds the right anywhere as an office.
func may(by authz.Actor, do authz.Permission) bool { return len(by.Regions(do)) > 0 }

// DutyHref is where the records of a duty are listed at the desk.
func DutyHref(d recognition.Duty) string {
	switch d {
	case recognition.ToScore:
		return "/bench/reviews"
	case recognition.ToReport, recognition.ToRecheck:
		return "/bench/recognition/awards?due=" + string(d)
	case recognition.ToCheck:
		return "/bench/recognition?step=" + string(recognition.Submitted)
	default:
		return "/bench/recognition?step=" + string(d)
	}
}

func applicationHref(id string) string { return "/recognition/applications/" + id }
func awardHref(id string) string       { return "/recognition/awards/" + id }
func callHref(id string) string        { return "/recognition/calls/" + id }
func titleHref(id string) string       { return "/bench/recognition/titles/" + id }
