package recognitionweb

import (
	"net/http"
	"slices"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/recognition"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// applicationView is one application with what its reader can do.
type applicationView struct {
	shown
	recognition.Detail
	web.Acts
	Staff      bool
	Candidates []recognition.Candidate
	choose     ui.Files
}

func (s *Pages) applicationOf(r *http.Request, f *web.Form, do string) (applicationView, error) {
	v, by := applicationView{}, web.Actor(r)
	err := web.SignedIn(by)
	if err != nil {
		return v, err
	}
	if v.shown, err = s.shown(r); err != nil {
		return v, err
	}
	if v.Detail, err = s.Recognition.Detail(r.Context(), by, r.PathValue("id")); err != nil {
		return v, err
	}
	v.Acts = web.Acts{Form: f, Do: do, Path: applicationHref(v.ID), Version: v.Application.Version}
	v.Staff = desk(by)
	v.choose = s.Kit.Files(f, files.Field)
	if v.May(recognition.Assign) {
		v.Candidates, err = s.Recognition.Candidates(r.Context(), by, v.ID)
	}
	return v, err
}

func (s *Pages) application(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, stepArea)
	if err != nil {
		return err
	}
	v, err := s.applicationOf(r, f, "")
	if err != nil {
		return err
	}
	return s.applicationPage(w, r, http.StatusOK, v)
}

// stepArea names the fields of the small forms.
const stepArea = "recognition.step"

func (s *Pages) applicationPage(w http.ResponseWriter, r *http.Request, status int, v applicationView) error {
	if v.May(recognition.Apply) && v.Do != "fill" && v.Do != "submit" {
		for _, ask := range recognition.Asked(v.In.Criteria) {
			if in, ok := v.Inputs[ask.ID]; ok {
				v.Form.Start(recognition.Field(ask.ID), number(in.Value))
			}
		}
		v.Form.Start("words", v.Words)
	}
	p := v.Form.Titled(web.Page(r), v.Name)
	if v.Staff {
		return s.Kit.Page(w, r, status, web.Bench(p, applicationPage(p, v)))
	}
	return s.Kit.Page(w, r, status, web.Portal(p, applicationPage(p, v)))
}

// step takes one step with an application.
func (s *Pages) step(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, stepArea)
	if err != nil {
		return err
	}
	do := r.PathValue("do")
	err = s.act(r, f, do)
	if f.Refused(err) {
		v, lost := s.applicationOf(r, f, do)
		if lost != nil {
			return lost
		}
		return s.applicationPage(w, r, f.Status(), v)
	}
	if err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "recognition.did."+do)
	return web.SeeOther(w, r, applicationHref(r.PathValue("id")))
}

func (s *Pages) act(r *http.Request, f *web.Form, do string) error {
	ctx, by, id, version := r.Context(), web.Actor(r), r.PathValue("id"), int(f.Int("version"))
	if err := web.SignedIn(by); err != nil {
		return err
	}
	var err error
	switch do {
	case "fill", "submit":
		err = s.fill(r, f, do == "submit")
	case "withdraw":
		_, err = s.Recognition.Withdraw(ctx, by, id, version)
	case "return":
		_, err = s.Recognition.Return(ctx, by, id, version, f.Long("reason"))
	case "check":
		_, err = s.Recognition.Check(ctx, by, id, version, f.Long("note"))
	case "refuse":
		_, err = s.Recognition.Refuse(ctx, by, id, version, f.Long("reason"))
	case "assign":
		_, err = s.Recognition.Assign(ctx, by, id, version, f.Many("reviewers"))
	case "exclude":
		_, err = s.Recognition.Exclude(ctx, by, id, version, f.Text("person"), f.Long("reason"), f.Text("why") == "away")
	case "publicise":
		_, err = s.Recognition.Publicise(ctx, by, id, version)
	case "answer":
		_, err = s.Recognition.Answer(ctx, by, id, version, f.Text("objection"), f.Long("answer"), f.Text("upheld") == "yes")
	case "decide":
		_, _, err = s.Recognition.Decide(ctx, by, id, version, f.Text("document"))
	default:
		err = fault.Missing()
	}
	return err
}

// fill keeps what was entered, and hands it in when asked.
func (s *Pages) fill(r *http.Request, f *web.Form, submit bool) error {
	ctx, by, id := r.Context(), web.Actor(r), r.PathValue("id")
	d, err := s.Recognition.Detail(ctx, by, id)
	if err != nil {
		return err
	}
	in := recognition.Entry{Inputs: recognition.Inputs{}, Words: f.Long("words")}
	for _, ask := range recognition.Asked(d.In.Criteria) {
		name := recognition.Field(ask.ID)
		if f.Text(name) != "" {
			in.Inputs[ask.ID] = recognition.Input{Value: float64(f.Decimal(name, 2)) / 100}
		}
	}
	if err := f.Err(); err != nil {
		return err
	}
	version := int(f.Int("version"))
	a, err := s.Recognition.Fill(ctx, by, id, version, in)
	if err != nil || !submit {
		return err
	}
	_, err = s.Recognition.Submit(ctx, by, id, a.Version, f.Once())
	return err
}

// prove brings evidence for one line, or takes it off.
func (s *Pages) prove(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, stepArea)
	if err != nil {
		return err
	}
	if err := web.SignedIn(web.Actor(r)); err != nil {
		return err
	}
	p := files.Papers{Remove: f.Many("remove")}
	if p.Add, err = s.Kit.Receive(r, f, files.Field); err != nil {
		return err
	}
	id := r.PathValue("id")
	if err = f.Err(); err == nil {
		_, err = s.Recognition.Prove(r.Context(), web.Actor(r), id, int(f.Int("version")), f.Text("line"), p)
	}
	if f.Refused(err) {
		v, lost := s.applicationOf(r, f, "prove")
		if lost != nil {
			return lost
		}
		return s.applicationPage(w, r, f.Status(), v)
	}
	if err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "recognition.did.prove")
	return web.SeeOther(w, r, applicationHref(id))
}

// file gives a document away to whoever sees the application.
func (s *Pages) file(w http.ResponseWriter, r *http.Request) error {
	if err := web.SignedIn(web.Actor(r)); err != nil {
		return err
	}
	f, data, err := s.Recognition.OpenFile(r.Context(), web.Actor(r), r.PathValue("id"), r.PathValue("file"))
	if err != nil {
		return err
	}
	return s.Kit.Download(w, r, web.Download{Name: f.Name, Type: f.Type, Data: data})
}

// inputField is the field of one value the application asks for.
func (v applicationView) inputField(p web.P, ask recognition.Ask) ui.Field {
	f := v.Form.Field(recognition.Field(ask.ID))
	hint := ""
	in := v.Inputs[ask.ID]
	if in.Known != nil {
		in.Value, in.From = *in.Known, in.KnownBy
	}
	if in.From != "" {
		hint = p.T("recognition.page.known", "from", source(in.From), "value", valueWord(p, ask, in, true))
	}
	f = f.Says(ask.Name.In(p.Lang), hint)
	if ask.Optional {
		f = f.Opt()
	}
	if ask.Flag {
		return f.From(ui.Option{Value: "1", Label: p.T("recognition.page.yes")}, ui.Option{Value: "0", Label: p.T("recognition.page.no")})
	}
	return f.In(ask.Unit.In(p.Lang)).Wide(14)
}

// provable are the lines that evidence can be brought for.
func (v applicationView) provable(p web.P) []ui.Option {
	all := []ui.Option{{Value: "", Label: p.T("recognition.page.choose")}}
	for _, needed := range []bool{true, false} { // those that must be proved first
		for _, ask := range recognition.Provable(v.In.Criteria) {
			if ask.Evidence != needed {
				continue
			}
			label := ask.Name.In(p.Lang)
			if needed {
				label = p.T("recognition.page.needs", "name", label)
			}
			all = append(all, ui.Option{Value: ask.ID, Label: label})
		}
	}
	return all
}

func (v applicationView) removable() []ui.Option {
	var all []ui.Option
	for _, f := range v.Files {
		all = append(all, ui.Option{Value: f.ID, Label: f.Name})
	}
	return all
}

// people are the reviewers to choose from; those with a tie are shown and cannot
// be chosen.
func (v applicationView) people(p web.P) []ui.Option {
	var all []ui.Option
	for _, c := range v.Candidates {
		o := ui.Option{Value: c.ID, Label: c.Name}
		if slices.ContainsFunc(v.Reviews, func(r recognition.Scoring) bool { return r.Person == c.ID }) {
			continue
		}
		if c.Tied != "" {
			o.Disabled, o.Hint = true, p.T(c.Tied)
			if c.Reason != "" {
				o.Hint += p.T("recognition.page.because", "reason", c.Reason)
			}
		}
		all = append(all, o)
	}
	return all
}

// excludable are the reviewers that the office can have step back, those who have
// the application among them.
func (v applicationView) excludable(p web.P) []ui.Option {
	all := []ui.Option{{Value: "", Label: p.T("recognition.page.choose")}}
	for _, r := range v.Reviews {
		if r.State != recognition.Stepped {
			all = append(all, ui.Option{Value: r.Person, Label: r.Name})
		}
	}
	for _, c := range v.Candidates {
		if c.Tied == "" && !slices.ContainsFunc(v.Reviews, func(r recognition.Scoring) bool { return r.Person == c.ID }) {
			all = append(all, ui.Option{Value: c.ID, Label: c.Name})
		}
	}
	return all
}

// problems are the form's, led by the names of the values they are about.
func (v applicationView) problems(p web.P) []ui.Problem {
	all := v.Form.Problems()
	for i, b := range all {
		for _, ask := range recognition.Provable(v.In.Criteria) {
			if recognition.Field(ask.ID) == b.Field {
				all[i].Text = p.T("web.errsum.line", "label", ask.Name.In(p.Lang), "words", b.Text)
			}
		}
	}
	return all
}

// canAct reports whether any of the steps is open to the reader.
func (v applicationView) canAct(steps ...authz.Permission) bool {
	return slices.ContainsFunc(steps, v.May)
}
