package recognitionweb

import (
	"net/http"
	"slices"

	"qiban.dev/qiban/internal/domain/recognition"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// reviewsView is a reviewer's desk: what waits for them, what they did, and the
// ties they declared.
type reviewsView struct {
	publicView
	web.Acts
	list    []recognition.Application
	waiting []recognition.Scoring
	done    []recognition.Scoring
	ties    []recognition.Tie
}

func (s *Pages) reviewsOf(r *http.Request, do string) (reviewsView, error) {
	by, v := web.Actor(r), reviewsView{}
	err := reviewer(by)
	if err != nil {
		return v, err
	}
	f, err := s.Kit.Form(r, "recognition.tie")
	if err != nil {
		return v, err
	}
	v.Acts = web.Acts{Form: f, Do: do, Path: "/bench/reviews"}
	if v.shown, err = s.shown(r); err != nil {
		return v, err
	}
	ctx := r.Context()
	if v.Titles, err = s.Recognition.Titles(ctx); err != nil {
		return v, err
	}
	all, own, err := s.Recognition.ToReview(ctx, by)
	if err != nil {
		return v, err
	}
	v.list = all
	for _, o := range own {
		switch {
		case v.of(o) == nil: // it was taken back
		case o.State == recognition.Done:
			v.done = append(v.done, o)
		default:
			v.waiting = append(v.waiting, o)
		}
	}
	slices.SortStableFunc(v.done, func(a, b recognition.Scoring) int { return b.DoneAt.Compare(a.DoneAt) })
	v.ties, err = s.Recognition.OwnTies(ctx, by)
	return v, err
}

func (s *Pages) reviews(w http.ResponseWriter, r *http.Request) error {
	v, err := s.reviewsOf(r, "")
	if err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, reviewsPage(web.Page(r), v))
}

// of is the application of a review.
func (v reviewsView) of(own recognition.Scoring) *recognition.Application {
	i := slices.IndexFunc(v.list, func(a recognition.Application) bool { return a.ID == own.Application })
	if i < 0 {
		return nil
	}
	return &v.list[i]
}

func (v reviewsView) waitingRows(p web.P) []ui.Row {
	var rows []ui.Row
	for _, own := range v.waiting {
		a := v.of(own)
		rows = append(rows, ui.Row{Cells: []ui.Cell{
			{Text: a.Name, Href: "/bench/reviews/" + a.ID},
			{Text: v.titleName(p, a.Title)},
			{Text: v.places.Full(p, a.Region)},
			{Text: p.Short(own.AssignedAt), Faint: true},
			v.dueCell(p, own.Due),
		}})
	}
	return rows
}

// dueCell is until when a review should be in, marked when that is past.
func (v reviewsView) dueCell(p web.P, day string) ui.Cell {
	switch {
	case day == "":
		return ui.Cell{Text: "—"}
	case day < v.places.Day:
		return ui.Cell{Body: ui.Tag(ui.Reed, p.T("recognition.page.overdue", "date", p.DateOf(day)))}
	default:
		return ui.Cell{Text: p.DateOf(day)}
	}
}

func (v reviewsView) doneRows(p web.P) []ui.Row {
	var rows []ui.Row
	for _, own := range v.done {
		a := v.of(own)
		rows = append(rows, ui.Row{Cells: []ui.Cell{
			{Text: a.Name, Href: "/bench/reviews/" + a.ID},
			{Text: v.titleName(p, a.Title)},
			{Text: orDash(points(own.Total))},
			{Text: p.Short(own.DoneAt), Faint: true},
			{Text: stateWord(p, a.State)},
		}})
	}
	return rows
}

// declare notes a tie of the reader.
func (s *Pages) declare(w http.ResponseWriter, r *http.Request) error {
	v, err := s.reviewsOf(r, "ties")
	if err != nil {
		return err
	}
	err = s.Recognition.Declare(r.Context(), web.Actor(r), v.Form.Text("party"), v.Form.Long("reason"))
	if v.Form.Broken(err) {
		return s.Kit.Page(w, r, http.StatusUnprocessableEntity, reviewsPage(web.Page(r), v))
	}
	if err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "recognition.tie.declared")
	return web.SeeOther(w, r, "/bench/reviews")
}

// endOwnTie notes that a tie of the reader is past.
func (s *Pages) endOwnTie(w http.ResponseWriter, r *http.Request) error {
	return s.tieEnded(w, r, reviewer(web.Actor(r)), "/bench/reviews")
}

// endTie notes that a tie the office noted is past.
func (s *Pages) endTie(w http.ResponseWriter, r *http.Request) error {
	return s.tieEnded(w, r, web.Staff(web.Actor(r), recognition.EndTie), "/bench/recognition/ties")
}

func (s *Pages) tieEnded(w http.ResponseWriter, r *http.Request, denied error, back string) error {
	if denied != nil {
		return denied
	}
	if err := s.Recognition.EndTie(r.Context(), web.Actor(r), r.PathValue("id")); err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "recognition.tie.ended")
	return web.SeeOther(w, r, back)
}

// tiesView is the ties of an office's reviewers.
type tiesView struct {
	shown
	Form *web.Form
	List []recognition.ReviewerTies
}

func (s *Pages) ties(w http.ResponseWriter, r *http.Request) error {
	by, v := web.Actor(r), tiesView{}
	err := web.Staff(by, recognition.Assign)
	if err != nil {
		return err
	}
	if v.Form, err = s.Kit.Form(r, "recognition.tie"); err != nil {
		return err
	}
	if v.shown, err = s.shown(r); err != nil {
		return err
	}
	if v.List, err = s.Recognition.Ties(r.Context(), by); err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, tiesPage(web.Page(r), v))
}
