package techplatformweb

import (
	"net/http"
	"net/url"

	"github.com/a-h/templ"

	"qiban.dev/qiban/internal/domain/techplatform"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// baseView is one specialty base with the platforms that serve it.
type baseView struct {
	techplatform.Base
	Links     []techplatform.Link
	places    places
	Form      *web.Form
	Do        string
	May       bool
	Platforms []ui.Option // to link
}

// titlesFor is where a title is applied for, for one platform or base.
func titlesFor(kind, id string) templ.SafeURL {
	return templ.URL("/recognition?" + url.Values{"kind": {kind}, "subject": {id}}.Encode())
}

func baseHref(id techplatform.BaseID) string { return "/industry-bases/" + string(id) }

func (v baseView) acts() web.Acts {
	return web.Acts{Form: v.Form, Do: v.Do, Path: baseHref(v.ID), Version: v.Version}
}

func (s *Pages) baseView(r *http.Request, f *web.Form) (baseView, error) {
	ctx, by := r.Context(), web.Actor(r)
	v := baseView{Form: f}
	var err error
	if v.places, err = s.places(r); err != nil {
		return v, err
	}
	if v.Base, v.Links, err = s.Platforms.Base(ctx, techplatform.BaseID(r.PathValue("id"))); err != nil {
		return v, err
	}
	if v.May = by.May(techplatform.SetBase, v.Target()); !v.May {
		return v, nil
	}
	list, _, err := s.Platforms.Public(ctx, techplatform.Filter{}, web.ListPage{Limit: 200})
	for _, p := range list {
		v.Platforms = append(v.Platforms, ui.Option{Value: string(p.ID), Label: p.Name})
	}
	return v, err
}

func (s *Pages) base(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, area)
	if err != nil {
		return err
	}
	v, err := s.baseView(r, f)
	if err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, basePage(web.Page(r), v))
}

func baseOf(f *web.Form) techplatform.Base {
	return techplatform.Base{
		Name: f.Text("name"), Region: region.Code(f.Text("region")), Industry: f.Text("industry"), Since: web.FormDay(f, "since"),
		Ended: web.FormDay(f, "ended"), About: f.Long("about"),
	}
}

func (s *Pages) actBase(w http.ResponseWriter, r *http.Request) error {
	by := web.Actor(r)
	if err := web.SignedIn(by); err != nil {
		return err
	}
	f, err := s.Kit.Form(r, area)
	if err != nil {
		return err
	}
	id, version, do := techplatform.BaseID(r.PathValue("id")), int(f.Int("version")), r.PathValue("do")
	switch do {
	case "edit":
		_, err = s.Platforms.EditBase(r.Context(), by, id, version, baseOf(f))
	case "link":
		l := techplatform.Link{Platform: techplatform.ID(f.Text("platform")), Since: web.FormDay(f, "since")}
		for _, v := range f.Many("functions") {
			l.Functions = append(l.Functions, techplatform.Function(v))
		}
		_, err = s.Platforms.LinkPlatform(r.Context(), by, id, version, l)
	default:
		err = fault.Missing()
	}
	if f.Refused(err) {
		v, err := s.baseView(r, f)
		if err != nil {
			return err
		}
		v.Do = do
		return s.Kit.Page(w, r, f.Status(), basePage(web.Page(r), v))
	}
	if err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "tech.page.saved")
	return web.SeeOther(w, r, baseHref(id))
}

func (s *Pages) enterBase(w http.ResponseWriter, r *http.Request) error {
	v, err := s.newBase(r)
	if err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, enterBasePage(web.Page(r), v))
}

// newBase is the form of a new base.
func (s *Pages) newBase(r *http.Request) (baseView, error) {
	var v baseView
	by := web.Actor(r)
	err := web.Staff(by, techplatform.SetBase)
	if err != nil {
		return v, err
	}
	if v.Form, err = s.Kit.Form(r, area); err != nil {
		return v, err
	}
	v.places, err = s.places(r)
	v.places.Top = web.Top(by, techplatform.SetBase, s.Home)
	return v, err
}

func (s *Pages) saveBase(w http.ResponseWriter, r *http.Request) error {
	v, err := s.newBase(r)
	if err != nil {
		return err
	}
	b, err := s.Platforms.AddBase(r.Context(), web.Actor(r), baseOf(v.Form), v.Form.Once())
	if v.Form.Refused(err) {
		return s.Kit.Page(w, r, v.Form.Status(), enterBasePage(web.Page(r), v))
	}
	if err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "tech.page.saved")
	return web.SeeOther(w, r, baseHref(b.ID))
}
