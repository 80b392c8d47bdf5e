package recognitionweb

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/criteria"
	"qiban.dev/qiban/internal/domain/recognition"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// titlesView is what can be awarded, at the desk.
type titlesView struct {
	publicView
	Edit bool
}

func (s *Pages) titles(w http.ResponseWriter, r *http.Request) error {
	by := web.Actor(r)
	if err := web.Staff(by, recognition.See); err != nil {
		return err
	}
	v := titlesView{Edit: may(by, recognition.EditTitle)}
	var err error
	if v.Titles, err = s.Recognition.Titles(r.Context()); err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, titlesPage(web.Page(r), v))
}

func (v titlesView) rows(p web.P) []ui.Row {
	var rows []ui.Row
	for _, t := range v.Titles {
		rows = append(rows, ui.Row{Cells: []ui.Cell{
			{Text: t.Name.In(p.Lang), Href: titleHref(t.ID)},
			{Text: subjectWord(p, t.Subject)},
			{Text: term(p, t.Months)},
			{Text: itoa(t.Reviewers)},
			{Text: itoa(t.Publicity)},
		}})
	}
	return rows
}

func term(p web.P, months int) string {
	if months == 0 {
		return p.T("recognition.page.forever")
	}
	return p.T("recognition.page.months", "n", months)
}

// titleView is one title with its versions.
type titleView struct {
	Title     recognition.TitleDetail
	InForce   int // the version in force today; 0 for none
	Form      *web.Form
	Edit, New bool
	kinds     []string
}

func (s *Pages) titleOf(r *http.Request, f *web.Form) (titleView, error) {
	by := web.Actor(r)
	v := titleView{Form: f, Edit: may(by, recognition.EditTitle), kinds: s.Recognition.Kinds()}
	if err := web.Staff(by, recognition.See); err != nil {
		return v, err
	}
	id := r.PathValue("id")
	if id == "" {
		v.New = true
		return v, web.Staff(by, recognition.EditTitle)
	}
	var err error
	if v.Title, err = s.Recognition.Title(r.Context(), id); err != nil {
		return v, err
	}
	set, err := s.Recognition.InForce(r.Context(), v.Title.Title, s.Kit.Today())
	if fault.Is(err, fault.NotFound) {
		return v, nil
	}
	if err == nil {
		v.InForce = set.Version
	}
	return v, err
}

const titleArea = "recognition.title.form"

func (s *Pages) newTitle(w http.ResponseWriter, r *http.Request) error { return s.showTitle(w, r) }

func (s *Pages) title(w http.ResponseWriter, r *http.Request) error { return s.showTitle(w, r) }

func (s *Pages) showTitle(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, titleArea)
	if err != nil {
		return err
	}
	v, err := s.titleOf(r, f)
	if err != nil {
		return err
	}
	t := v.Title.Title
	f.Start("id", t.ID).Start("name", t.Name.Zh).Start("name_en", t.Name.En).Start("subject", t.Subject).Start("grade", t.Grade).
		Start("below", t.Below).Start("months", itoa(t.Months)).Start("publicity", itoa(t.Publicity)).Start("reviewers", itoa(t.Reviewers)).
		Start("report_by", t.ReportBy).Start("recheck", itoa(t.Recheck)).Start("version", itoa(t.Version))
	return s.Kit.Page(w, r, http.StatusOK, titlePage(web.Page(r), v))
}

func (s *Pages) saveTitle(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, titleArea)
	if err != nil {
		return err
	}
	v, err := s.titleOf(r, f)
	if err != nil {
		return err
	}
	t := recognition.Title{
		ID: f.Text("id"), Name: criteria.Words{Zh: f.Text("name"), En: f.Text("name_en")}, Subject: f.Text("subject"), Below: f.Text("below"),
		Terms: recognition.Terms{
			Grade: f.Text("grade"), Months: int(web.FormNumber(f, "months", f.Int)), Publicity: int(web.FormNumber(f, "publicity", f.Int)),
			Reviewers: int(web.FormNumber(f, "reviewers", f.Int)),
		},
		ReportBy: readMonthDay(f.Text("report_by")), Recheck: int(web.FormNumber(f, "recheck", f.Int)),
	}
	if !v.New {
		t.ID, t.Subject, t.Version = v.Title.ID, v.Title.Subject, int(f.Int("version"))
	}
	t, err = s.Recognition.SetTitle(r.Context(), web.Actor(r), s.Home, t)
	if f.Refused(err) {
		f.Renew(v.Title.Version)
		return s.Kit.Page(w, r, f.Status(), titlePage(web.Page(r), v))
	}
	if err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "recognition.title.saved")
	return web.SeeOther(w, r, titleHref(t.ID))
}

var monthDayForm = regexp.MustCompile(`^(\d{1,2})[-/.月](\d{1,2})日?$`)

// readMonthDay is a day of every year as people type it, 3月31日 or 3-31; what
// cannot be read stays as it is, for the domain to refuse.
func readMonthDay(s string) string {
	if m := monthDayForm.FindStringSubmatch(strings.ReplaceAll(s, " ", "")); m != nil {
		return twoDigits(m[1]) + "-" + twoDigits(m[2])
	}
	return s
}

func twoDigits(s string) string { return strings.Repeat("0", 2-len(s)) + s }

// monthDay writes a day of every year.
func monthDay(p web.P, day string) string {
	t, err := time.Parse("01-02", day)
	switch {
	case err != nil:
		return day
	case p.English():
		return t.Format("2 January")
	default:
		return t.Format("1月2日")
	}
}

// reportWords says until when a yearly report is due.
func reportWords(p web.P, by string) string {
	if by == "" {
		return p.T("recognition.page.report.none")
	}
	return p.T("recognition.page.report.by", "day", monthDay(p, by))
}

func (v titleView) kindOptions(p web.P) []ui.Option {
	all := make([]ui.Option, len(v.kinds))
	for i, k := range v.kinds {
		all[i] = ui.Option{Value: k, Label: subjectWord(p, k)}
	}
	return all
}

// onDraft takes a step on a draft of a title's criteria: putting it in force, or
// taking it away.
func (s *Pages) onDraft(w http.ResponseWriter, r *http.Request, done string,
	take func(ctx context.Context, by authz.Actor, top region.Code, title string, version int) error,
) error {
	f, err := s.Kit.Form(r, titleArea)
	if err != nil {
		return err
	}
	by, id := web.Actor(r), r.PathValue("id")
	if err := web.Staff(by, recognition.EditTitle); err != nil {
		return err
	}
	if err := take(r.Context(), by, s.Home, id, int(f.Int("draft"))); err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, done)
	return web.SeeOther(w, r, titleHref(id))
}

func (s *Pages) publishCriteria(w http.ResponseWriter, r *http.Request) error {
	return s.onDraft(w, r, "recognition.criteria.published", s.Recognition.PublishCriteria)
}

func (s *Pages) dropCriteria(w http.ResponseWriter, r *http.Request) error {
	return s.onDraft(w, r, "recognition.criteria.dropped", s.Recognition.DropCriteria)
}
