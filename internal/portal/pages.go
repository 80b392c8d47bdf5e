// Package portal is the public pages that are composed of several domains
// (门户): the home page, the six service themes, search, a county's landing, an
// enterprise's way onto the register, everybody's own space, and what the office
// says about the site itself.
package portal

import (
	"context"
	"net/http"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/account"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/guarantee"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/domain/park"
	"qiban.dev/qiban/internal/domain/territory"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/notify"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/text"
	"qiban.dev/qiban/internal/web"
)

// Pages are the portal. The fields up to Home are needed.
type Pages struct {
	Kit          *web.Kit
	DB           *db.DB
	Accounts     *account.Service
	Enterprises  *enterprise.Service
	Institutions *institution.Service
	Parks        *park.Service
	Guarantees   *guarantee.Service
	Places       *territory.Service
	Flow         *flow.Service
	Notify       *notify.Notify
	Search       Searching
	Home         region.Code // the top of this installation's tree

	// Figures are the published numbers of a place, for the newest year that has
	// any; nil or an empty list shows none.
	Figures func(ctx context.Context, place region.Code, lang text.Lang) (Numbers, error)
	// Definitions explain every indicator, in the yearbook's order; nil shows none.
	Definitions func(ctx context.Context, lang text.Lang) ([]Definition, error)
	// Centre is how a county's service centre is reached; nil, or an empty phone,
	// shows the hotline of the whole site.
	Centre func(code region.Code) Centre
	// Admit sets the cookies of somebody who has just registered; nil sends them
	// to sign in.
	Admit func(w http.ResponseWriter, r *http.Request, t account.Ticket)
	// EnterpriseStaff and InstitutionStaff name the roles that colleagues are
	// invited to; "" offers no invitations.
	EnterpriseStaff, InstitutionStaff string
}

// Numbers are the figures of a place and year.
type Numbers struct {
	Year int
	AsOf ledger.Date // the day the numbers stand at
	List []Number
}

// Number is a figure with its name and how it is written.
type Number struct {
	Figure ledger.Figure
	Label  string
	Phrase string // as published: 41.3亿元, 近4000家
	Note   string // one more line: 比上年增长 59%
}

// Definition says what an indicator counts.
type Definition struct {
	ID, Section, Name, Note, Unit string
	Measured                      bool // computed from records, not only reported
}

// Centre is how a service centre is reached.
type Centre struct{ Phone, Hours string }

// Routes reads as the contents page of the portal.
func (s *Pages) Routes(mux web.Mux) {
	handle := func(pattern string, h web.Handler) { mux.Handle(pattern, s.Kit.Handle(h)) }

	handle("GET /{$}", s.home)
	handle("GET /services", s.services)
	handle("GET /services/{theme}", s.theme)
	handle("GET /places/{code}", s.place)
	handle("GET /search", s.search)

	handle("GET /enterprises/new", s.register)
	mux.Handle("POST /enterprises/new", s.Kit.HandleUpload(s.saveRegistration))
	handle("POST /enterprises/new/account", s.saveAccount)
	handle("GET /enterprises/new/done", s.registered)

	handle("GET /my", s.my)
	handle("GET /my/messages", s.messages)
	handle("POST /my/messages", s.markRead)
	handle("POST /my/messages/wish", s.wish)
	handle("GET /my/people", s.people)
	handle("POST /my/people", s.invite)
	handle("POST /my/people/{id}/withdraw", s.withdraw)

	handle("GET /help", s.help)
	handle("GET /accessibility", s.accessibility)
	handle("GET /privacy", s.privacy)
	handle("GET /definitions", s.definitions)
}

// numbers are the figures of a place, none where nothing is injected.
func (s *Pages) numbers(r *http.Request, place region.Code) (Numbers, error) {
	if s.Figures == nil {
		return Numbers{}, nil
	}
	return s.Figures(r.Context(), place, web.Lang(r))
}

// centre is how a place's centre is reached, "" where it is not on file.
func (s *Pages) centre(code region.Code) Centre {
	if s.Centre == nil {
		return Centre{}
	}
	return s.Centre(code)
}
