package recognitionweb

import (
	"net/http"
	"strconv"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/recognition"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// listView is a list of applications within the reader's reach.
type listView struct {
	publicView
	web.Filters
	List []recognition.Application
	Next string
	May  bool // announce calls
	Ties bool // of reviewers
	Edit bool // titles
}

// list is the office's list of applications.
func (s *Pages) list(w http.ResponseWriter, r *http.Request) error {
	by := web.Actor(r)
	if err := web.Staff(by, recognition.See); err != nil {
		return err
	}
	v := listView{
		Filters: web.Filters{Path: "/bench/recognition", Query: r.URL.Query()},
		May:     may(by, recognition.Announce), Edit: may(by, recognition.EditTitle), Ties: may(by, recognition.Assign),
	}
	var err error
	if v.shown, err = s.shown(r); err != nil {
		return err
	}
	if v.Titles, err = s.Recognition.Titles(r.Context()); err != nil {
		return err
	}
	f := recognition.Filter{Title: v.Query.Get("title"), Text: v.Query.Get("q"), Call: v.Query.Get("call")}
	switch step := v.Query.Get("step"); recognition.Duty(step) {
	case "":
	case recognition.ToArrange:
		f.Arrange = true
	case recognition.ToDecide:
		over := s.Recognition.PublicityOver()
		f.States, f.Over = over.States, over.Over
	default:
		f.States = []flow.State{flow.State(step)}
	}
	scope := by.Scope(recognition.See).Office()
	if v.List, v.Next, err = s.Recognition.Applications(r.Context(), scope, f, web.PageOf(v.Query)); err != nil {
		return err
	}
	if v.Total, err = s.Recognition.Count(r.Context(), scope, f); err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, listPage(web.Page(r), v))
}

func (v listView) chips(p web.P) []ui.Filter {
	return []ui.Filter{
		v.Chip(p, "step", p.T("recognition.page.step"), append(
			web.Options(p, recognition.Lifecycle().States, recognition.Lifecycle().StateKey),
			web.Options(p, []flow.State{flow.State(recognition.ToArrange), flow.State(recognition.ToDecide)}, recognition.Lifecycle().StateKey)...)),
		v.Chip(p, "title", p.T("recognition.page.title"), v.titleOptions(p)),
	}
}

func (v listView) rows(p web.P) []ui.Row {
	var rows []ui.Row
	for _, a := range v.List {
		rows = append(rows, ui.Row{Cells: []ui.Cell{
			{Text: a.Name, Href: applicationHref(a.ID)},
			{Text: v.titleName(p, a.Title)},
			{Text: v.places.Full(p, a.Region)},
			{Body: ui.Tag(stateTone(a.State), stateWord(p, a.State))},
			{Text: orDash(points(a.Score))},
			{Text: p.Short(a.UpdatedAt), Faint: true},
		}})
	}
	return rows
}

func orDash(s string) string {
	if s == "" {
		return "—"
	}
	return s
}

// mineView is what somebody's own organisations applied for and hold.
type mineView struct {
	publicView
	List       []recognition.Application
	unreported map[string]int // the year whose report is awaited, by award
}

// mine is the reader's own applications and awards.
func (s *Pages) mine(w http.ResponseWriter, r *http.Request) error {
	by := web.Actor(r)
	if err := web.SignedIn(by); err != nil {
		return err
	}
	v := mineView{}
	var err error
	ctx := r.Context()
	if v.shown, err = s.shown(r); err != nil {
		return err
	}
	if v.Titles, err = s.Recognition.Titles(ctx); err != nil {
		return err
	}
	if v.List, _, err = s.Recognition.Applications(ctx, by.Scope(recognition.See), recognition.Filter{}, web.ListPage{Limit: 100}); err != nil {
		return err
	}
	if v.Awards, _, err = s.Recognition.Awards(ctx, by.Scope(recognition.See), recognition.AwardFilter{}, web.ListPage{Limit: 100}); err != nil {
		return err
	}
	due := s.Recognition.ReportDue()
	late, _, err := s.Recognition.Awards(ctx, by.Scope(recognition.Report), due, web.ListPage{Limit: 100})
	if err != nil {
		return err
	}
	v.unreported = map[string]int{}
	for _, a := range late {
		v.unreported[a.ID] = due.Unreported
	}
	if v.Calls, _, err = s.Recognition.Calls(ctx, recognition.CallFilter{On: v.places.Day}, web.ListPage{Limit: mostOnFront}); err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, minePage(web.Page(r), v))
}

func (v mineView) rows(p web.P) []ui.Row {
	return listView{publicView: v.publicView, List: v.List}.rows(p)
}

func (v mineView) awardRows(p web.P) []ui.Row {
	var rows []ui.Row
	for _, a := range v.Awards {
		tone, words := awardTone(a.State), p.T(recognition.AwardLifecycle().StateKey(a.State))
		switch year := v.unreported[a.ID]; {
		case year == 0:
		case v.places.Day[len("2006-"):] > a.ReportBy:
			tone, words = ui.Reed, p.T("recognition.page.missing", "year", year)
		default:
			tone, words = ui.Sea, p.T("recognition.page.awaited", "year", year, "day", monthDay(p, a.ReportBy))
		}
		rows = append(rows, ui.Row{Cells: []ui.Cell{
			{Text: v.titleName(p, a.Title), Href: awardHref(a.ID)},
			{Text: a.Name},
			{Text: p.DateOf(a.From)},
			{Text: until(p, a.To)},
			{Body: ui.Tag(tone, words)},
		}})
	}
	return rows
}

// calls are all calls, for the office.
func (s *Pages) calls(w http.ResponseWriter, r *http.Request) error {
	by := web.Actor(r)
	if err := web.Staff(by, recognition.See); err != nil {
		return err
	}
	v := listView{Filters: web.Filters{Path: "/bench/recognition/calls", Query: r.URL.Query()}, May: may(by, recognition.Announce)}
	var err error
	if v.shown, err = s.shown(r); err != nil {
		return err
	}
	if v.Titles, err = s.Recognition.Titles(r.Context()); err != nil {
		return err
	}
	if v.Calls, v.Next, err = s.Recognition.Calls(r.Context(), recognition.CallFilter{}, web.PageOf(v.Query)); err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, callsPage(web.Page(r), v))
}

func (v listView) callRows(p web.P) []ui.Row {
	var rows []ui.Row
	for _, c := range v.Calls {
		rows = append(rows, ui.Row{Cells: []ui.Cell{
			{Text: c.Name, Href: "/bench/recognition/calls/" + c.ID},
			{Text: v.titleName(p, c.Title)},
			{Text: v.places.Full(p, c.Office)},
			{Text: p.DateOf(c.Opens)},
			{Text: p.DateOf(c.Closes)},
			{Text: p.T(recognition.CallLifecycle().StateKey(c.State))},
		}})
	}
	return rows
}

// newCallView is the form of a call.
type newCallView struct {
	publicView
	Form    *web.Form
	offices []ui.Option
}

func (s *Pages) newCallOf(r *http.Request) (newCallView, error) {
	by, v := web.Actor(r), newCallView{}
	err := web.Staff(by, recognition.Announce)
	if err != nil {
		return v, err
	}
	if v.Form, err = s.Kit.Form(r, "recognition.call.form"); err != nil {
		return v, err
	}
	if v.shown, err = s.shown(r); err != nil {
		return v, err
	}
	for _, top := range by.Regions(recognition.Announce) {
		v.offices = append(v.offices, ui.Option{Value: string(top), Label: v.places.Full(web.Page(r), top)})
	}
	v.Titles, err = s.Recognition.Titles(r.Context())
	return v, err
}

func (s *Pages) newCall(w http.ResponseWriter, r *http.Request) error {
	v, err := s.newCallOf(r)
	if err != nil {
		return err
	}
	v.Form.Start("year", strconv.Itoa(s.Kit.Clock().Year())).Start("opens", v.places.Day).Start("office", v.offices[0].Value)
	return s.Kit.Page(w, r, http.StatusOK, newCallPage(web.Page(r), v))
}

func (s *Pages) announce(w http.ResponseWriter, r *http.Request) error {
	v, err := s.newCallOf(r)
	if err != nil {
		return err
	}
	f := v.Form
	c, err := s.Recognition.Announce(r.Context(), web.Actor(r), recognition.Call{
		Title: f.Text("title"), Office: region.Code(f.Text("office")), Name: f.Text("name"), Document: f.Text("document"), Text: f.Long("text"),
		Year: int(f.Int("year")), Opens: web.FormDay(f, "opens"), Closes: web.FormDay(f, "closes"), Quota: int(f.Int("quota")),
	}, f.Once())
	if f.Broken(err) {
		return s.Kit.Page(w, r, http.StatusUnprocessableEntity, newCallPage(web.Page(r), v))
	}
	if err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "recognition.announced")
	return web.SeeOther(w, r, "/bench/recognition/calls/"+c.ID)
}

// rankingView is a call at the desk: its applications by score.
type rankingView struct {
	shown
	recognition.CallDetail
	web.Acts
	Ranked []recognition.Application // nil for those who may not see scores
	List   []recognition.Application // that have none yet
	May    bool
}

func (s *Pages) rankingOf(r *http.Request) (rankingView, error) {
	by, v := web.Actor(r), rankingView{}
	err := web.Staff(by, recognition.See)
	if err != nil {
		return v, err
	}
	f, err := s.Kit.Form(r, stepArea)
	if err != nil {
		return v, err
	}
	if v.shown, err = s.shown(r); err != nil {
		return v, err
	}
	ctx, id := r.Context(), r.PathValue("id")
	if v.CallDetail, err = s.Recognition.Call(ctx, id); err != nil {
		return v, err
	}
	v.Acts = web.Acts{Form: f, Path: "/bench/recognition/calls/" + id, Version: v.Call.Version}
	v.May = by.May(recognition.Close, v.Target()) && v.State == recognition.CallOpen
	if by.May(recognition.Publicise, v.Target()) {
		if v.Ranked, err = s.Recognition.Rankings(ctx, by, id); err != nil {
			return v, err
		}
	}
	all, _, err := s.Recognition.Applications(ctx, by.Scope(recognition.See).Office(), recognition.Filter{Call: id}, web.ListPage{Limit: 200})
	for _, a := range all {
		if a.Score == 0 || v.Ranked == nil {
			v.List = append(v.List, a)
		}
	}
	return v, err
}

func (s *Pages) ranking(w http.ResponseWriter, r *http.Request) error {
	v, err := s.rankingOf(r)
	if err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, rankingPage(web.Page(r), v))
}

func (s *Pages) closeCall(w http.ResponseWriter, r *http.Request) error {
	return s.callStep(w, r, recognition.Close, "recognition.closed", func(by authz.Actor, v *rankingView) error {
		_, err := s.Recognition.Close(r.Context(), by, v.ID, int(v.Form.Int("version")))
		return err
	})
}

// prolong has a call take applications for longer (延长申报).
func (s *Pages) prolong(w http.ResponseWriter, r *http.Request) error {
	return s.callStep(w, r, recognition.Prolong, "recognition.prolonged", func(by authz.Actor, v *rankingView) error {
		_, err := s.Recognition.Prolong(r.Context(), by, v.ID, int(v.Form.Int("version")), web.FormDay(v.Form, "closes"))
		return err
	})
}

// callStep takes one step with a call; what is refused is said on its page, with
// what was typed.
func (s *Pages) callStep(w http.ResponseWriter, r *http.Request, do authz.Permission, done string, take func(by authz.Actor, v *rankingView) error) error {
	by := web.Actor(r)
	if err := web.Staff(by, do); err != nil {
		return err
	}
	v, err := s.rankingOf(r)
	if err != nil {
		return err
	}
	err = take(by, &v)
	if v.Form.Refused(err) {
		v.Do = do.Verb()
		return s.Kit.Page(w, r, v.Form.Status(), rankingPage(web.Page(r), v))
	}
	if err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, done)
	return web.SeeOther(w, r, "/bench/recognition/calls/"+v.ID)
}

func (v rankingView) rankedRows(p web.P) []ui.Row {
	var rows []ui.Row
	rank := 0
	for i, a := range v.Ranked {
		if i == 0 || a.Score < v.Ranked[i-1].Score { // equal averages share a rank (并列)
			rank = i + 1
		}
		rows = append(rows, ui.Row{Cells: []ui.Cell{
			{Text: itoa(rank)},
			{Text: a.Name, Href: applicationHref(a.ID)},
			{Text: v.places.Full(p, a.Region)},
			{Text: points(a.Score)},
			{Text: orDash(points(a.Spread))},
			{Body: ui.Tag(stateTone(a.State), stateWord(p, a.State))},
		}})
	}
	return rows
}

func (v rankingView) rows(p web.P) []ui.Row {
	var rows []ui.Row
	for _, a := range v.List {
		rows = append(rows, ui.Row{Cells: []ui.Cell{
			{Text: a.Name, Href: applicationHref(a.ID)},
			{Text: v.places.Full(p, a.Region)},
			{Body: ui.Tag(stateTone(a.State), stateWord(p, a.State))},
			{Text: p.Short(a.UpdatedAt), Faint: true},
		}})
	}
	return rows
}
