// Package enterpriseweb is the pages of the enterprise register (中小企业名录):
// the size self-test for anyone, an enterprise's own entry, and the county
// office's desk where licences are checked and claims decided.
package enterpriseweb

import (
	"context"
	"net/http"

	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/territory"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/web"
)

// Pages are the pages of enterprises. Every field is needed but Names.
type Pages struct {
	Kit         *web.Kit
	Enterprises *enterprise.Service
	Places      *territory.Service
	Home        region.Code // the top of this installation's tree
	// Names are the display names of people by id; nil shows none.
	Names func(ctx context.Context, ids ...string) (map[string]string, error)
}

// Routes reads as the contents page of the package.
func (s *Pages) Routes(mux web.Mux) {
	handle := func(pattern string, h web.Handler) { mux.Handle(pattern, s.Kit.Handle(h)) }

	handle("GET /size", s.size)

	handle("GET /my/enterprise", s.own)
	handle("POST /my/enterprise", s.saveOwn)
	handle("GET /my/enterprise/years", s.years)
	handle("POST /my/enterprise/years", s.saveYear)
	handle("GET /my/claims", s.myClaims)
	mux.Handle("POST /my/claims/{id}", s.Kit.HandleUpload(s.addEvidence))
	handle("GET /my/claims/{id}/files/{file}", s.claimFile)

	handle("GET /bench/enterprises", s.list)
	handle("GET /bench/enterprises/new", s.enter)
	handle("POST /bench/enterprises/new", s.saveEntry)
	handle("GET "+SimilarPath, s.similar)
	handle("GET /bench/enterprises/{id}", s.show)
	handle("POST /bench/enterprises/{id}/contact", s.contact)
	handle("POST /bench/enterprises/{id}/merge", s.merge)
	handle("POST /bench/enterprises/{id}/distinguish", s.distinguish)
	handle("POST /bench/enterprises/{id}/{do}", s.step)
	handle("GET /bench/claims", s.claims)
	handle("GET /bench/claims/{id}", s.claim)
	handle("POST /bench/claims/{id}", s.decide)
	handle("GET /bench/claims/{id}/files/{file}", s.claimFile)
}

// tree is the tree of places.
func (s *Pages) tree(r *http.Request) (*territory.Tree, error) { return s.Places.Tree(r.Context()) }
