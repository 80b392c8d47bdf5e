package recognitionweb

import (
	"net/http"
	"strconv"

	"qiban.dev/qiban/internal/domain/recognition"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// awardView is one award with what its reader can do.
type awardView struct {
	shown
	recognition.AwardDetail
	web.Acts
	Staff bool
}

func (s *Pages) awardOf(r *http.Request, f *web.Form, do string) (awardView, error) {
	v, by := awardView{}, web.Actor(r)
	err := web.SignedIn(by)
	if err != nil {
		return v, err
	}
	if v.shown, err = s.shown(r); err != nil {
		return v, err
	}
	v.AwardDetail, err = s.Recognition.Award(r.Context(), by, r.PathValue("id"))
	v.Acts = web.Acts{Form: f, Do: do, Path: awardHref(v.ID), Version: v.Award.Version}
	v.Staff = desk(by)
	return v, err
}

func (s *Pages) award(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, stepArea)
	if err != nil {
		return err
	}
	v, err := s.awardOf(r, f, "")
	if err != nil {
		return err
	}
	return s.awardPage(w, r, http.StatusOK, v)
}

func (s *Pages) awardPage(w http.ResponseWriter, r *http.Request, status int, v awardView) error {
	v.Form.Start("year", strconv.Itoa(s.Kit.Clock().Year()-1))
	p := v.Form.Titled(web.Page(r), v.Name)
	if v.Staff {
		return s.Kit.Page(w, r, status, web.Bench(p, awardPage(p, v)))
	}
	return s.Kit.Page(w, r, status, web.Portal(p, awardPage(p, v)))
}

// awardStep takes one step with an award.
func (s *Pages) awardStep(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, stepArea)
	if err != nil {
		return err
	}
	if err := web.SignedIn(web.Actor(r)); err != nil {
		return err
	}
	ctx, by, id, version, do := r.Context(), web.Actor(r), r.PathValue("id"), int(f.Int("version")), r.PathValue("do")
	switch do {
	case "report":
		_, err = s.Recognition.Report(ctx, by, id, version, recognition.Yearly{Year: int(f.Int("year")), Words: f.Long("words")})
	case "recheck":
		_, err = s.Recognition.Recheck(ctx, by, id, version)
	case "extend":
		_, err = s.Recognition.Extend(ctx, by, id, version, f.Text("document"))
	case "downgrade":
		_, err = s.Recognition.Downgrade(ctx, by, id, version, f.Text("document"))
	case "revoke":
		_, err = s.Recognition.Revoke(ctx, by, id, version, f.Long("reason"))
	default:
		return fault.Missing()
	}
	err = refused(err)
	if f.Broken(err) || fault.Is(err, fault.Stale) {
		v, lost := s.awardOf(r, f, do)
		if lost != nil {
			return lost
		}
		status := http.StatusUnprocessableEntity
		if fault.Is(err, fault.Stale) {
			f.Wrong("", "fault.stale")
			status = http.StatusPreconditionFailed
		}
		return s.awardPage(w, r, status, v)
	}
	if err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "recognition.did."+do)
	return web.SeeOther(w, r, awardHref(id))
}
