package institutionweb

import (
	"net/http"

	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/web"
)

// directoryView is a page of the public directory.
type directoryView struct {
	web.Filters
	places places
	List   []institution.Institution
	Total  int
	Next   string
}

// directory is the public list of service institutions (服务机构).
func (s *Pages) directory(w http.ResponseWriter, r *http.Request) error {
	t, err := s.places(r)
	if err != nil {
		return err
	}
	v := directoryView{Filters: web.Filters{Path: "/institutions", Query: r.URL.Query()}, places: t}
	f := FilterOf(v.Query)
	if v.List, v.Next, err = s.Institutions.Public(r.Context(), f, web.PageOf(v.Query)); err != nil {
		return err
	}
	if v.Total, err = s.Institutions.CountPublic(r.Context(), f); err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, directoryPage(web.Page(r), v))
}

// public is one institution as anyone sees it: never its people.
func (s *Pages) public(w http.ResponseWriter, r *http.Request) error {
	t, err := s.places(r)
	if err != nil {
		return err
	}
	d, err := s.Institutions.Published(r.Context(), institution.ID(r.PathValue("id")))
	if err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, publicPage(web.Page(r), d, t))
}
