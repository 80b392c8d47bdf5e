package recognitionweb

import (
	"net/http"
	"slices"
	"strings"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/recognition"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// publicView is what everybody sees of recognition.
type publicView struct {
	shown
	Calls     []recognition.Call
	Publicity []recognition.Public
	Awards    []recognition.Award
	Total     int
	Titles    []recognition.Title
	// Kind and ID are what the reader looks for a title for; empty for anything.
	Kind, ID string
}

// mostOnFront is how many calls and awards the front page shows.
const mostOnFront = 10

func (s *Pages) public(w http.ResponseWriter, r *http.Request) error {
	v := publicView{}
	var err error
	ctx := r.Context()
	if v.shown, err = s.shown(r); err != nil {
		return err
	}
	if kind := r.FormValue("kind"); slices.Contains(s.Recognition.Kinds(), kind) {
		v.Kind, v.ID = kind, r.FormValue("subject")
	}
	if v.Calls, _, err = s.Recognition.Calls(ctx, recognition.CallFilter{Open: true, Subject: v.Kind}, web.ListPage{Limit: mostOnFront}); err != nil {
		return err
	}
	if v.Publicity, err = s.Recognition.Publicity(ctx); err != nil {
		return err
	}
	f, scope := recognition.AwardFilter{On: v.places.Day}, authz.Unbounded("what holds is public")
	if v.Awards, _, err = s.Recognition.Awards(ctx, scope, f, web.ListPage{Limit: mostOnFront}); err != nil {
		return err
	}
	if v.Total, err = s.Recognition.CountAwards(ctx, scope, f); err != nil {
		return err
	}
	if v.Titles, err = s.Recognition.Titles(ctx); err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, publicPage(web.Page(r), v))
}

// awardsView is the list of what holds.
type awardsView struct {
	publicView
	web.Filters
	Next string
}

func (s *Pages) awards(w http.ResponseWriter, r *http.Request) error {
	v := awardsView{Filters: web.Filters{Path: "/recognition/awards", Query: r.URL.Query()}}
	var err error
	if v.shown, err = s.shown(r); err != nil {
		return err
	}
	if v.Titles, err = s.Recognition.Titles(r.Context()); err != nil {
		return err
	}
	f := recognition.AwardFilter{On: v.places.Day, Award: v.Query.Get("award"), Title: v.Query.Get("title"), Text: v.Query.Get("q")}
	scope := authz.Unbounded("what holds is public")
	if v.Awards, v.Next, err = s.Recognition.Awards(r.Context(), scope, f, web.PageOf(v.Query)); err != nil {
		return err
	}
	if v.Total, err = s.Recognition.CountAwards(r.Context(), scope, f); err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, awardsPage(web.Page(r), v))
}

func (v publicView) titleName(p web.P, id string) string {
	for _, t := range v.Titles {
		if t.ID == id {
			return t.Name.In(p.Lang)
		}
	}
	return id
}

func (v publicView) titleOptions(p web.P) []ui.Option {
	var all []ui.Option
	for _, t := range v.Titles {
		all = append(all, ui.Option{Value: t.ID, Label: t.Name.In(p.Lang)})
	}
	return all
}

func (v publicView) awardRows(p web.P) []ui.Row {
	var rows []ui.Row
	for _, a := range v.Awards {
		href := ""
		if v.by.May(recognition.See, a.Target()) {
			href = awardHref(a.ID)
		}
		rows = append(rows, ui.Row{Cells: []ui.Cell{
			{Text: a.Name, Href: href},
			{Text: v.titleName(p, a.Title)},
			{Text: v.places.Full(p, a.Region)},
			{Text: p.DateOf(a.From)},
			{Text: until(p, a.To)},
			{Text: a.Document, Faint: true},
		}})
	}
	return rows
}

func until(p web.P, to string) string {
	if to == "" {
		return p.T("recognition.page.forever")
	}
	return p.DateOf(to)
}

// callView is one call for those who might apply.
type callView struct {
	shown
	recognition.CallDetail
	Form  *web.Form
	Mine  []recognition.Subject
	Named string // what their names hold; "" for all
	Takes bool
}

// Many reports more subjects than one list shows: their names can be looked for.
func (v *callView) Many() bool { return v.Named != "" || len(v.Mine) >= recognition.MostSubjects }

func (s *Pages) callOf(r *http.Request) (callView, error) {
	v := callView{}
	var err error
	if v.Form, err = s.Kit.Form(r, "recognition.begin"); err != nil {
		return v, err
	}
	if v.shown, err = s.shown(r); err != nil {
		return v, err
	}
	if v.CallDetail, err = s.Recognition.Call(r.Context(), r.PathValue("id")); err != nil {
		return v, err
	}
	v.Takes = v.Call.Takes(v.places.Day)
	v.Form.Start("subject", r.FormValue("subject"))
	if by := web.Actor(r); by.SignedIn() && v.Takes && by.Somewhere(recognition.Apply) {
		v.Named = strings.TrimSpace(r.FormValue("q"))
		v.Mine, err = s.Recognition.Mine(r.Context(), by, &v.Call, v.Named)
	}
	return v, err
}

func (s *Pages) call(w http.ResponseWriter, r *http.Request) error {
	v, err := s.callOf(r)
	if err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, callPage(web.Page(r), v))
}

// begin starts an application.
func (s *Pages) begin(w http.ResponseWriter, r *http.Request) error {
	v, err := s.callOf(r)
	if err != nil {
		return err
	}
	if err := web.SignedIn(web.Actor(r)); err != nil {
		return err
	}
	a, err := s.Recognition.Begin(r.Context(), web.Actor(r), v.ID, v.Form.Text("subject"), v.Form.Once())
	if v.Form.Refused(err) {
		return s.Kit.Page(w, r, v.Form.Status(), callPage(web.Page(r), v))
	}
	if err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "recognition.begun")
	return web.SeeOther(w, r, applicationHref(a.ID))
}

// proposalView is one application that is made public.
type proposalView struct {
	shown
	recognition.Public
	Form *web.Form
}

func (s *Pages) proposalOf(r *http.Request) (proposalView, error) {
	v := proposalView{}
	var err error
	if v.Form, err = s.Kit.Form(r, "recognition.object"); err != nil {
		return v, err
	}
	if v.shown, err = s.shown(r); err != nil {
		return v, err
	}
	v.Public, err = s.Recognition.Proposal(r.Context(), r.PathValue("id"))
	return v, err
}

func (s *Pages) proposal(w http.ResponseWriter, r *http.Request) error {
	v, err := s.proposalOf(r)
	if err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, proposalPage(web.Page(r), v))
}

func (s *Pages) object(w http.ResponseWriter, r *http.Request) error {
	v, err := s.proposalOf(r)
	if err != nil {
		return err
	}
	_, err = s.Recognition.Object(r.Context(), web.Actor(r), v.ID, v.Form.Long("words"), v.Form.Once())
	if v.Form.Broken(err) {
		return s.Kit.Page(w, r, http.StatusUnprocessableEntity, proposalPage(web.Page(r), v))
	}
	if err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "recognition.objected")
	return web.SeeOther(w, r, "/recognition")
}
