package recognitionweb

import (
	"net/http"
	"strconv"

	"qiban.dev/qiban/internal/domain/recognition"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
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
	if f.Refused(err) {
		v, lost := s.awardOf(r, f, do)
		if lost != nil {
			return lost
		}
		return s.awardPage(w, r, f.Status(), v)
	}
	if err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "recognition.did."+do)
	return web.SeeOther(w, r, awardHref(id))
}

// held is the office's list of what was awarded, and of what is to be done with it.
func (s *Pages) held(w http.ResponseWriter, r *http.Request) error {
	by := web.Actor(r)
	if err := web.Staff(by, recognition.See); err != nil {
		return err
	}
	v := awardsView{Filters: web.Filters{Path: "/bench/recognition/awards", Query: r.URL.Query()}}
	var err error
	if v.shown, err = s.shown(r); err != nil {
		return err
	}
	if v.Titles, err = s.Recognition.Titles(r.Context()); err != nil {
		return err
	}
	f := s.Recognition.Due(recognition.Duty(v.Query.Get("due")))
	f.Title, f.Text = v.Query.Get("title"), v.Query.Get("q")
	if state := v.Query.Get("state"); state != "" {
		f.States = []flow.State{flow.State(state)}
	}
	scope := by.Scope(recognition.See).Office()
	if v.Awards, v.Next, err = s.Recognition.Awards(r.Context(), scope, f, web.PageOf(v.Query)); err != nil {
		return err
	}
	if v.Total, err = s.Recognition.CountAwards(r.Context(), scope, f); err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, heldPage(web.Page(r), v))
}

func (v awardsView) deskChips(p web.P) []ui.Filter {
	due := []ui.Option{
		{Value: string(recognition.ToReport), Label: p.T("recognition.due.report")}, {Value: string(recognition.ToRecheck), Label: p.T("recognition.due.recheck")},
	}
	return []ui.Filter{
		v.Chip(p, "state", p.T("recognition.page.state"), web.Options(p, recognition.AwardLifecycle().States, recognition.AwardLifecycle().StateKey)),
		v.Chip(p, "title", p.T("recognition.page.title"), v.titleOptions(p)),
		v.Chip(p, "due", p.T("recognition.due"), due),
	}
}

func (v awardsView) heldRows(p web.P) []ui.Row {
	var rows []ui.Row
	for _, a := range v.Awards {
		rows = append(rows, ui.Row{Cells: []ui.Cell{
			{Text: a.Name, Href: awardHref(a.ID)},
			{Text: v.titleName(p, a.Title)},
			{Text: v.places.Full(p, a.Region)},
			{Text: p.DateOf(a.From)},
			{Text: until(p, a.To)},
			{Body: ui.Tag(awardTone(a.State), p.T(recognition.AwardLifecycle().StateKey(a.State)))},
		}})
	}
	return rows
}
