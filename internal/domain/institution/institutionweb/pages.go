// Package institutionweb is the pages of the service institutions (服务机构): the
// public directory, an institution's own entry, and the office's desk with
// tiers, recognitions and tasks.
package institutionweb

import (
	"net/http"

	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/domain/territory"
	"qiban.dev/qiban/internal/domain/territory/territoryweb"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/web"
)

// Pages are the pages of institutions. Every field is needed.
type Pages struct {
	Kit          *web.Kit
	Institutions *institution.Service
	Places       *territory.Service
	Home         region.Code // the top of this installation's tree
}

// Routes reads as the contents page of the package.
func (s *Pages) Routes(mux web.Mux) {
	handle := func(pattern string, h web.Handler) { mux.Handle(pattern, s.Kit.Handle(h)) }
	takes := func(pattern string, h web.Handler) { mux.Handle(pattern, s.Kit.HandleUpload(h)) }

	handle("GET /institutions", s.directory)
	handle("GET /institutions/{id}", s.public)
	handle("GET /institutions/{id}/files/{file}", s.file)

	handle("GET /my/institution", s.own)
	handle("GET /my/institution/profile", s.ownProfile)
	handle("POST /my/institution/profile", s.saveOwnProfile)
	handle("GET /my/institution/services", s.ownService)
	handle("POST /my/institution/services", s.saveOwnService)
	handle("POST /my/institution/tasks", s.reportTask)
	takes("POST /my/institution/files", s.saveOwnPapers)

	handle("GET /bench/institutions", s.list)
	handle("GET /bench/institutions/new", s.enter)
	handle("POST /bench/institutions/new", s.saveEntry)
	handle("GET /bench/institutions/{id}", s.show)
	handle("GET /bench/institutions/{id}/edit", s.edit)
	handle("POST /bench/institutions/{id}/edit", s.saveEdit)
	handle("GET /bench/institutions/{id}/services", s.service)
	handle("POST /bench/institutions/{id}/services", s.saveService)
	takes("POST /bench/institutions/{id}/files", s.savePapers)
	handle("GET /bench/institutions/{id}/contacts", s.contacts)
	handle("POST /bench/institutions/{id}/contacts", s.showContacts)
	handle("POST /bench/institutions/{id}/contacts/set", s.setContacts)
	handle("POST /bench/institutions/{id}/{do}", s.step)
}

// places is the tree, with the reader's language and day, as views take it.
func (s *Pages) places(r *http.Request) (places, error) {
	return territoryweb.On(r.Context(), s.Places, s.Kit.Today(), s.Home)
}
