package recognitionweb

import (
	"net/http"
	"slices"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/criteria"
	"qiban.dev/qiban/internal/domain/recognition"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// reviewer lets those through who may review somewhere.
func reviewer(by authz.Actor) error { return web.Staff(by, recognition.Review) }

// reviewView is one application as its reviewer sees it.
type reviewView struct {
	shown
	recognition.Detail
	web.Acts
	Own *recognition.Scoring
}

func (s *Pages) reviewOf(r *http.Request, f *web.Form, do string) (reviewView, error) {
	by, v := web.Actor(r), reviewView{}
	err := reviewer(by)
	if err != nil {
		return v, err
	}
	if v.shown, err = s.shown(r); err != nil {
		return v, err
	}
	if v.Detail, err = s.Recognition.Detail(r.Context(), by, r.PathValue("id")); err != nil {
		return v, err
	}
	i := slices.IndexFunc(v.Reviews, func(x recognition.Scoring) bool { return x.Person == by.ID })
	if i < 0 {
		return v, fault.Missing()
	}
	v.Own = &v.Reviews[i]
	v.Acts = web.Acts{Form: f, Do: do, Path: "/bench/reviews/" + v.ID, Version: v.Application.Version}
	return v, nil
}

func (s *Pages) review(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, "recognition.score")
	if err != nil {
		return err
	}
	v, err := s.reviewOf(r, f, "")
	if err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, reviewPage(f.Titled(web.Page(r), v.Name), v))
}

// score hands in a reviewer's points.
func (s *Pages) score(w http.ResponseWriter, r *http.Request) error {
	return s.reviewed(w, r, "score", func(f *web.Form, v reviewView) error {
		in := recognition.Opinion{Points: map[string]float64{}, Remarks: map[string]string{}, Words: f.Long("words")}
		for _, it := range recognition.Judged(v.In.Criteria) {
			if name := recognition.Field(it.ID); f.Text(name) != "" {
				in.Points[it.ID] = float64(f.Decimal(name, 2)) / 100
			}
			if remark := f.Long("remark_" + it.ID); remark != "" {
				in.Remarks[it.ID] = remark
			}
		}
		if err := f.Err(); err != nil {
			return err
		}
		_, err := s.Recognition.Review(r.Context(), web.Actor(r), v.ID, in)
		return err
	})
}

// recuse steps back from an application.
func (s *Pages) recuse(w http.ResponseWriter, r *http.Request) error {
	return s.reviewed(w, r, "recuse", func(f *web.Form, v reviewView) error {
		_, err := s.Recognition.Recuse(r.Context(), web.Actor(r), v.ID, f.Long("reason"))
		return err
	})
}

// reviewed takes a reviewer's step and leads back to their desk.
func (s *Pages) reviewed(w http.ResponseWriter, r *http.Request, do string, step func(*web.Form, reviewView) error) error {
	f, err := s.Kit.Form(r, "recognition.score")
	if err != nil {
		return err
	}
	v, err := s.reviewOf(r, f, do)
	if err != nil {
		return err
	}
	err = step(f, v)
	if f.Refused(err) {
		return s.Kit.Page(w, r, f.Status(), reviewPage(f.Titled(web.Page(r), v.Name), v))
	}
	if err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "recognition.did."+do)
	return web.SeeOther(w, r, "/bench/reviews")
}

// pointsField is the field of one line, with how to score it.
func (v reviewView) pointsField(p web.P, it *criteria.Item) ui.Field {
	f := v.Form.Field(recognition.Field(it.ID))
	if v.Do != "score" {
		f.Value, f.Error = "", ""
	}
	return f.Says(lineWords(p, it), it.Guide.In(p.Lang)).
		In(p.T("recognition.page.points", "full", number(recognition.Full(it)))).Wide(14)
}

// problems are the form's, led by the names of their lines.
func (v reviewView) problems(p web.P) []ui.Problem {
	all := v.Form.Problems()
	for i, b := range all {
		for _, it := range recognition.Judged(v.In.Criteria) {
			if recognition.Field(it.ID) == b.Field {
				all[i].Text = p.T("web.errsum.line", "label", it.Name.In(p.Lang), "words", b.Text)
			}
		}
	}
	return all
}
