package techplatformweb

import (
	"net/http"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/techplatform"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// patentArea is the area of the forms of patents.
const patentArea = "patent.form"

func patentHref(id string) string { return "/patents/" + id }

// patentsView is the public list of patents.
type patentsView struct {
	web.Filters
	places places
	List   []techplatform.Patent
	Total  int
	Next   string
	May    bool // the reader enters patents
}

func (v patentsView) chips(p web.P) []ui.Filter {
	return []ui.Filter{
		v.Chip(p, "kind", p.T("patent.page.kind"), web.Options(p, techplatform.PatentKinds(), techplatform.PatentKind.Key)),
		v.Chip(p, "status", p.T("patent.page.status"), web.Options(p, techplatform.PatentStatuses(), techplatform.PatentStatus.Key)),
		v.Chip(p, "offer", p.T("patent.page.offer"), []ui.Option{{Value: "yes", Label: p.T("patent.page.offer.yes")}}),
		v.Chip(p, "place", p.T("tech.form.region"), v.places.Counties(p)),
	}
}

// patents is the search of patents (专利).
func (s *Pages) patents(w http.ResponseWriter, r *http.Request) error {
	t, err := s.places(r)
	if err != nil {
		return err
	}
	v := patentsView{Filters: web.Filters{Path: "/patents", Query: r.URL.Query()}, places: t, May: web.Actor(r).Somewhere(techplatform.KeepPatent)}
	f := patentFilterOf(r)
	if v.List, v.Next, v.Total, err = s.Platforms.Patents(r.Context(), f, web.PageOf(v.Query)); err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, patentsPage(web.Page(r), v))
}

func patentFilterOf(r *http.Request) techplatform.PatentFilter {
	q := r.URL.Query()
	return techplatform.PatentFilter{
		Region: region.Code(q.Get("place")), Kind: techplatform.PatentKind(q.Get("kind")),
		Status: techplatform.PatentStatus(q.Get("status")), Offer: q.Get("offer") != "", Text: filterOf(r).Text,
	}
}

// deskPatents are those of the reader's place, with the days an office watches.
func (s *Pages) deskPatents(w http.ResponseWriter, r *http.Request) error {
	by := web.Actor(r)
	if err := web.Staff(by, techplatform.SeePatent); err != nil {
		return err
	}
	t, err := s.places(r)
	if err != nil {
		return err
	}
	v := patentsView{Filters: web.Filters{Path: "/bench/patents", Query: r.URL.Query()}, places: t, May: by.Somewhere(techplatform.KeepPatent)}
	if v.List, v.Next, v.Total, err = s.Platforms.PatentsIn(r.Context(), by.Scope(techplatform.SeePatent), patentFilterOf(r), web.PageOf(v.Query)); err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, deskPatentsPage(web.Page(r), v))
}

// patentView is one patent, or the form of a new one.
type patentView struct {
	techplatform.Patent
	Uses   []techplatform.Use
	places places
	today  string
	Form   *web.Form
	Do     string
	May    bool        // keep it
	See    bool        // what it earned
	Firms  []ui.Option // of a new one: the reader's own enterprises
}

func (v patentView) acts() web.Acts {
	return web.Acts{Form: v.Form, Do: v.Do, Path: patentHref(v.ID), Version: v.Version}
}

func (s *Pages) patentView(r *http.Request, f *web.Form) (patentView, error) {
	by, v := web.Actor(r), patentView{Form: f, today: s.Kit.Today()}
	var err error
	if v.places, err = s.places(r); err != nil {
		return v, err
	}
	v.Patent, v.Uses, err = s.Platforms.Patent(r.Context(), by, r.PathValue("id"))
	v.May, v.See = by.May(techplatform.KeepPatent, v.Target()), by.May(techplatform.SeePatent, v.Target())
	return v, err
}

func (s *Pages) patent(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, patentArea)
	if err != nil {
		return err
	}
	v, err := s.patentView(r, f)
	if err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, patentPage(web.Page(r), v))
}

func patentOf(f *web.Form) techplatform.PatentProfile {
	return techplatform.PatentProfile{
		Number: f.Text("number"), Title: f.Text("title"), Applied: web.FormDay(f, "applied"), Granted: web.FormDay(f, "granted"),
		Ended: web.FormDay(f, "ended"), OnOffer: f.Tick("on_offer"), About: f.Long("about"),
	}
}

// actPatent changes a patent: what is set down of it, or what it earned.
func (s *Pages) actPatent(w http.ResponseWriter, r *http.Request) error {
	by := web.Actor(r)
	if err := web.SignedIn(by); err != nil {
		return err
	}
	f, err := s.Kit.Form(r, patentArea)
	if err != nil {
		return err
	}
	id, version, do := r.PathValue("id"), int(f.Int("version")), r.PathValue("do")
	switch do {
	case "edit":
		_, err = s.Platforms.EditPatent(r.Context(), by, id, version, patentOf(f))
	case "use":
		_, err = s.Platforms.RecordUse(r.Context(), by, id, version, techplatform.Use{
			Year: int(web.FormNumber(f, "year", f.Int)), Way: techplatform.Way(f.Text("way")), What: f.Text("what"),
			Revenue: web.FormNumber(f, "revenue", f.Yuan),
		})
	case "drop":
		_, err = s.Platforms.DropUse(r.Context(), by, id, version, f.Text("use"))
	default:
		err = fault.Missing()
	}
	if f.Refused(err) {
		v, err := s.patentView(r, f)
		if err != nil {
			return err
		}
		v.Do = do
		return s.Kit.Page(w, r, f.Status(), patentPage(web.Page(r), v))
	}
	if err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "tech.page.saved")
	return web.SeeOther(w, r, patentHref(id))
}

// newPatent is the form of a new patent: for one's own enterprise, or for one
// that an office names by its code.
func (s *Pages) newPatent(r *http.Request) (patentView, error) {
	by, v := web.Actor(r), patentView{}
	if err := web.SignedIn(by); err != nil {
		return v, err
	}
	if !by.Somewhere(techplatform.KeepPatent) {
		return v, fault.Closed()
	}
	var err error
	if v.Form, err = s.Kit.Form(r, patentArea); err != nil {
		return v, err
	}
	v.Firms, err = s.ownFirms(r, by, techplatform.KeepPatent)
	return v, err
}

// ownFirms are the enterprises that the reader speaks for.
func (s *Pages) ownFirms(r *http.Request, by authz.Actor, may authz.Permission) ([]ui.Option, error) {
	var firms []ui.Option
	for _, id := range by.Parties(authz.Enterprise, may) {
		e, err := s.Enterprises.Get(r.Context(), by, enterprise.ID(id))
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		firms = append(firms, ui.Option{Value: id, Label: e.Profile.Name})
	}
	return firms, nil
}

func (s *Pages) enterPatent(w http.ResponseWriter, r *http.Request) error {
	v, err := s.newPatent(r)
	if err != nil {
		return err
	}
	if len(v.Firms) > 0 {
		v.Form.Start("enterprise", v.Firms[0].Value)
	}
	return s.Kit.Page(w, r, http.StatusOK, enterPatentPage(web.Page(r), v))
}

func (s *Pages) savePatent(w http.ResponseWriter, r *http.Request) error {
	v, err := s.newPatent(r)
	if err != nil {
		return err
	}
	f := v.Form
	got, err := s.Platforms.EnterPatent(r.Context(), web.Actor(r), enterprise.ID(f.Text("enterprise")), f.Text("code"), patentOf(f), f.Once())
	if f.Refused(err) {
		return s.Kit.Page(w, r, f.Status(), enterPatentPage(web.Page(r), v))
	}
	if err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "tech.page.saved")
	return web.SeeOther(w, r, patentHref(got.ID))
}
