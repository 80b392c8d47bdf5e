package recognition

import (
	"context"
	"io"
	"slices"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/criteria"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/gate"
)

// Detail is an application with everything its reader may see.
type Detail struct {
	Application
	In         CallDetail
	Conditions criteria.Answer
	// Scored is the rubric with what is known already: lines that reviewers judge
	// are open.
	Scored  criteria.Scored
	Reviews []Scoring // without points and words of those the reader may not see yet
	// Short are the groups and lines that the scores do not bring to their minimum,
	// for those who see the scores, once all are in.
	Short      []Shortfall
	Objections []Objection
	Files      []files.File
	History    []flow.Event
	Award      string // id of the award, empty while there is none
	steps      func(authz.Permission) bool
}

// May reports whether the reader can take the step now.
func (d *Detail) May(do authz.Permission) bool {
	return slices.ContainsFunc(life.Open(d.State, d.steps), func(s flow.Step) bool { return s.Do == do })
}

// Detail is an application for somebody who sees it: NotFound for others. A
// reviewer finds those assigned to them. Scores of others are blind to a reviewer
// until their own are in, and to the office until all are.
func (s *Service) Detail(ctx context.Context, by authz.Actor, id string) (Detail, error) {
	var d Detail
	var err error
	var assigned bool
	d.Application, err = oneApplication(ctx, s.db, by.Scope(See), id)
	if fault.Is(err, fault.NotFound) && by.Personal() && by.Somewhere(Review) {
		d.Application, err = oneApplication(ctx, s.db, authz.Own(authz.Party{Kind: authz.Person, ID: by.ID}), id)
		assigned = true
	}
	if err != nil {
		return d, err
	}
	if d.In, err = s.Call(ctx, d.Call); err != nil {
		return d, err
	}
	d.Conditions = d.In.Criteria.Evaluate(d.Inputs.values())
	d.Scored = mark(d.In.Criteria, &d.Application, nil)
	all, err := reviews(ctx, s.db, id)
	if err != nil {
		return d, err
	}
	d.Reviews = visible(by, &d.Application, all, assigned)
	if d.State != Reviewing {
		d.Short = Short(&d.In, &d.Application, d.Reviews)
	}
	if d.Objections, err = objections(ctx, s.db, id); err != nil {
		return d, err
	}
	if !by.May(Answer, on(&d.Application, Answer)) {
		d.Objections = heard(d.Objections)
	}
	record := gate.Record{Kind: KindApplication, ID: id}
	if d.Files, err = files.Of(ctx, s.db, record); err != nil {
		return d, err
	}
	if d.History, err = flow.History(ctx, s.db, record); err != nil {
		return d, err
	}
	d.steps = func(do authz.Permission) bool {
		switch {
		case do == Publicise && d.State == Checked && d.In.TitleOf.Reviewers > 0: // not without its reviews
			return false
		case do == Check && filled(d.History, by.ID):
			return false
		case do == Review || do == Recuse:
			return slices.ContainsFunc(all, func(r Scoring) bool { return r.Person == by.ID && r.State == Assigned }) &&
				by.May(do, on(&d.Application, do))
		}
		return by.May(do, on(&d.Application, do))
	}
	if d.State == Recognised {
		err = s.db.Get(ctx, &d.Award, `SELECT id FROM recognition_award WHERE application_id = ?`, id)
		if fault.Is(err, fault.NotFound) {
			err = nil
		}
	}
	return d, err
}

// heard are the objections as those see them who do not answer them: once they are
// answered, without who made them.
func heard(all []Objection) []Objection {
	var seen []Objection
	for _, o := range all {
		if !o.Open() {
			o.By, o.ByName = "", ""
			seen = append(seen, o)
		}
	}
	return seen
}

// visible hides from a reader the scores that would lead a reviewer: applicants
// see none of them, reviewers those of others once their own are in, the office
// all of them once nobody is at it.
func visible(by authz.Actor, a *Application, all []Scoring, assigned bool) []Scoring {
	own := slices.IndexFunc(all, func(r Scoring) bool { return r.Person == by.ID })
	scored := a.State != Reviewing
	office := by.May(Assign, on(a, Assign))
	var seen []Scoring
	for i, r := range all {
		switch {
		case i == own:
		case assigned && (own < 0 || all[own].State != Done):
			continue
		case assigned:
			r.Name = "" // colleagues stay unnamed
		case !office:
			continue
		case !scored:
			r.Points, r.Remarks, r.Words, r.Total = nil, nil, "", 0
		}
		seen = append(seen, r)
	}
	return seen
}

// OpenFile opens a document of an application for those who see it; Close the
// reader. The applicant reads freely, everybody else leaves a trace.
func (s *Service) OpenFile(ctx context.Context, by authz.Actor, id, file string) (files.File, io.ReadSeekCloser, error) {
	d, err := s.Detail(ctx, by, id)
	if err != nil {
		return files.File{}, nil, err
	}
	i := slices.IndexFunc(d.Files, func(f files.File) bool { return f.ID == file })
	if i < 0 {
		return files.File{}, nil, fault.Missing()
	}
	a := &d.Application
	if a.Party.ID != "" && by.May(See, authz.Target{}.Of(a.Party.Kind, a.Party.ID)) {
		return s.hooks.Files.Reveal(ctx, d.Files[i], nil)
	}
	c := &gate.Change{By: by, Do: See, On: a.Target(), Record: gate.Record{Kind: KindApplication, ID: id}}
	if !by.May(See, c.On) { // a reviewer
		c.Do, c.On = Review, on(a, Review)
	}
	return s.hooks.Files.Reveal(ctx, d.Files[i], c)
}

// Public is what everybody may read of applications that are made public (公示).
type Public struct {
	ID       string
	Call     string // id
	Subject  string // name
	Region   string
	On, To   string
	CallName string
	Score    int // hundredths
}

// Publicity are the applications made public whose days are not over, the newest
// first, at most 200.
func (s *Service) Publicity(ctx context.Context) ([]Public, error) {
	var rows []struct {
		ID      string `db:"id"`
		Call    string `db:"call_id"`
		Subject string `db:"subject_name"`
		Region  string `db:"region"`
		On      string `db:"public_on"`
		To      string `db:"public_to"`
		Name    string `db:"name"`
		Score   int    `db:"score"`
	}
	err := s.db.Select(ctx, &rows, `SELECT a.id, a.call_id, a.subject_name, a.region, a.public_on, a.public_to, c.name, a.score
		FROM recognition_application a JOIN recognition_call c ON c.id = a.call_id
		WHERE a.state = ? AND a.public_to >= ? ORDER BY a.public_on DESC, a.id DESC LIMIT 200`, string(Publicised), s.today())
	all := make([]Public, len(rows))
	for i, r := range rows {
		all[i] = Public{ID: r.ID, Call: r.Call, Subject: r.Subject, Region: r.Region, On: r.On, To: r.To, CallName: r.Name, Score: r.Score}
	}
	return all, err
}

// Proposal is one application that is made public, for the page where one objects.
func (s *Service) Proposal(ctx context.Context, id string) (Public, error) {
	a, err := s.public(ctx, id)
	if err != nil {
		return Public{}, err
	}
	c, err := oneCall(ctx, s.db, a.Call)
	return Public{ID: a.ID, Call: a.Call, Subject: a.Name, Region: string(a.Region), On: a.Public, To: a.PublicTo, CallName: c.Name, Score: a.Score}, err
}

// AwardDetail is an award with its reports and history.
type AwardDetail struct {
	Award
	TitleOf Title
	Reports []Yearly
	History []flow.Event
	steps   func(authz.Permission) bool
}

// May reports whether the reader can take the step now.
func (d *AwardDetail) May(do authz.Permission) bool {
	return slices.ContainsFunc(awardLife.Open(d.State, d.steps), func(s flow.Step) bool { return s.Do == do })
}

// Award is one award for those who see it.
func (s *Service) Award(ctx context.Context, by authz.Actor, id string) (AwardDetail, error) {
	var d AwardDetail
	var err error
	if d.Award, err = oneAward(ctx, s.db, by.Scope(See), id); err != nil {
		return d, err
	}
	if d.TitleOf, err = oneTitle(ctx, s.db, d.Title); err != nil {
		return d, err
	}
	if d.Reports, err = reports(ctx, s.db, id); err != nil {
		return d, err
	}
	d.steps = func(do authz.Permission) bool { return by.May(do, awardOn(&d.Award, do)) }
	d.History, err = flow.History(ctx, s.db, gate.Record{Kind: KindAward, ID: id})
	return d, err
}

// Titles are all titles; they are public.
func (s *Service) Titles(ctx context.Context) ([]Title, error) { return titles(ctx, s.db) }

// TitleDetail is a title with the versions of its criteria, the newest first.
type TitleDetail struct {
	Title
	Versions []*criteria.Set
	Drafts   map[int]bool // those that are not in force
}

// Title is one title.
func (s *Service) Title(ctx context.Context, id string) (TitleDetail, error) {
	var d TitleDetail
	var err error
	if d.Title, err = oneTitle(ctx, s.db, id); err != nil {
		return d, err
	}
	if d.Versions, err = criteria.Versions(ctx, s.db, d.Criteria); err != nil {
		return d, err
	}
	d.Drafts, err = criteria.Drafts(ctx, s.db, d.Criteria)
	return d, err
}
