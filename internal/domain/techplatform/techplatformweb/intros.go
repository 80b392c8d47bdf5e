package techplatformweb

import (
	"net/http"
	"slices"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/techplatform"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

func introHref(id string) string { return "/introductions/" + id }

// introView is one introduction as its reader sees it.
type introView struct {
	techplatform.IntroDetail
	Form   *web.Form
	Do     string
	Office bool
	times  techplatform.Times
}

func (v introView) acts() web.Acts {
	return web.Acts{Form: v.Form, Do: v.Do, Path: introHref(v.ID), Version: v.Version}
}

func (v introView) may(do authz.Permission) bool {
	return slices.ContainsFunc(v.Open, func(s flow.Step) bool { return s.Do == do })
}

func (s *Pages) introView(r *http.Request, f *web.Form) (introView, error) {
	by := web.Actor(r)
	v := introView{Form: f, Office: len(by.Regions(techplatform.SeeIntro)) > 0}
	err := web.SignedIn(by)
	if err == nil {
		v.IntroDetail, err = s.Platforms.Intro(r.Context(), by, r.PathValue("id"))
	}
	if err == nil {
		v.times, err = s.Platforms.Times(r.Context())
	}
	return v, err
}

func (s *Pages) intro(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, noticeArea)
	if err != nil {
		return err
	}
	v, err := s.introView(r, f)
	if err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, introPage(web.Page(r), v))
}

// actIntro says what came of an introduction.
func (s *Pages) actIntro(w http.ResponseWriter, r *http.Request) error {
	by := web.Actor(r)
	if err := web.SignedIn(by); err != nil {
		return err
	}
	f, err := s.Kit.Form(r, noticeArea)
	if err != nil {
		return err
	}
	ctx, id, version, do := r.Context(), r.PathValue("id"), int(f.Int("version")), r.PathValue("do")
	switch do {
	case "agree":
		_, err = s.Platforms.AgreeIntro(ctx, by, id, version, web.FormDay(f, "on"), web.FormNumber(f, "amount", f.Yuan))
	case "confirm":
		_, err = s.Platforms.ConfirmIntro(ctx, by, id, version)
	case "prove":
		_, err = s.Platforms.ProveIntro(ctx, by, id, version, f.Text("proof"))
	case "end":
		_, err = s.Platforms.PartIntro(ctx, by, id, version, f.Long("reason"))
	case "undo":
		_, err = s.Platforms.UndoIntro(ctx, by, id, version, f.Long("reason"))
	default:
		err = fault.Missing()
	}
	if f.Refused(err) {
		v, err := s.introView(r, f)
		if err != nil {
			return err
		}
		v.Do = do
		return s.Kit.Page(w, r, f.Status(), introPage(web.Page(r), v))
	}
	if err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "techintro.page.done."+do)
	return web.SeeOther(w, r, introHref(id))
}
