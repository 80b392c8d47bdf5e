package recognition

import (
	"context"
	"slices"
	"strings"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/notify"
)

// Candidate is somebody who could review an application, and why not.
type Candidate struct {
	Person
	Tied   string // text key of what excludes them, empty when nothing does
	Reason string // what they said when they declared a tie
}

// Candidates are those who may review for the office that decides (评审专家), with
// those whom a conflict of interest excludes.
func (s *Service) Candidates(ctx context.Context, by authz.Actor, id string) ([]Candidate, error) {
	a, err := s.applications().Allow(ctx, s.db, by, id, Assign)
	if err != nil {
		return nil, err
	}
	return s.candidates(ctx, s.db, &a)
}

func (s *Service) candidates(ctx context.Context, r db.Reader, a *Application) ([]Candidate, error) {
	if s.hooks.Reviewers == nil {
		return nil, nil
	}
	people, err := s.hooks.Reviewers(ctx, r, authz.At(a.Office))
	if err != nil {
		return nil, err
	}
	declared, err := ties(ctx, r, `party_kind = ? AND party_id = ? AND ended_on = ''`, a.Party.Kind, a.Party.ID)
	if err != nil {
		return nil, err
	}
	all := make([]Candidate, len(people))
	for i, p := range people {
		all[i].Person = p
		if j := slices.IndexFunc(declared, func(t Tie) bool { return t.Person == p.ID }); j >= 0 && a.Party.ID != "" {
			all[i].Tied, all[i].Reason = "recognition.tied.declared", declared[j].Reason
			if declared[j].Office != "" {
				all[i].Tied = "recognition.tied.noted"
			}
			continue
		}
		switch own, err := s.actsFor(ctx, r, p.ID); {
		case err != nil:
			return nil, err
		case p.ID == a.By:
			all[i].Tied = "recognition.tied.filled"
		case a.Party.ID != "" && slices.Contains(own, a.Party):
			all[i].Tied = "recognition.tied.own"
		}
	}
	return all, nil
}

func (s *Service) actsFor(ctx context.Context, r db.Reader, person string) ([]authz.Party, error) {
	if s.hooks.Ties == nil {
		return nil, nil
	}
	return s.hooks.Ties(ctx, r, person)
}

// Assign gives the application to reviewers (指派评审专家), in addition to those
// who have it. Somebody with a conflict of interest, or who holds no right to
// review, is Invalid under reviewers.
func (s *Service) Assign(ctx context.Context, by authz.Actor, id string, version int, people []string) (Application, error) {
	people = slices.Compact(slices.Sorted(slices.Values(people)))
	var f fault.Fields
	switch {
	case len(people) == 0:
		f.Add("reviewers", "field.required")
	case len(people) > 30:
		f.Add("reviewers", "field.range", "min", 1, "max", 30)
	}
	if err := f.Err(); err != nil {
		return Application{}, err
	}
	return s.step(ctx, by, id, version, flow.Move{Do: Assign, Detail: map[string]any{"reviewers": people}},
		func(ctx context.Context, tx *db.Tx, a *Application) error {
			all, err := s.candidates(ctx, tx, a)
			if err != nil {
				return err
			}
			had, err := reviews(ctx, tx, a.ID)
			if err != nil {
				return err
			}
			for _, person := range people {
				i := slices.IndexFunc(all, func(c Candidate) bool { return c.ID == person })
				switch {
				case i < 0:
					return fault.Fields{{Name: "reviewers", Key: "field.choice"}}.Err()
				case all[i].Tied != "":
					return fault.Fields{{Name: "reviewers", Key: "recognition.field.tied", Args: []any{"name", all[i].Name}}}.Err()
				case slices.ContainsFunc(had, func(r Scoring) bool { return r.Person == person }):
					continue // has it already
				}
				r := Scoring{ID: db.NewID(), Application: a.ID, Person: person, Name: all[i].Name, State: Assigned, AssignedAt: tx.Now}
				if err := insertReview(ctx, tx, &r); err != nil {
					return err
				}
				if s.hooks.Notify != nil {
					if err := s.hooks.Notify.Tell(ctx, tx, []string{person}, notify.Message{
						Key: "recognition.told.assigned", Args: []any{"name", a.Name}, Link: "/bench/reviews/" + a.ID,
					}); err != nil {
						return err
					}
				}
			}
			return nil
		})
}

// reviewing takes a step of a reviewer with an application assigned to them.
func (s *Service) reviewing(ctx context.Context, by authz.Actor, id string, m flow.Move,
	fn func(ctx context.Context, tx *db.Tx, a *Application, mine *Scoring) error,
) (Application, error) {
	p := s.applications()
	own := authz.Own(authz.Party{Kind: authz.Person, ID: by.ID})
	p.Load = func(ctx context.Context, r db.Reader, _ authz.Scope, id string) (Application, error) {
		if !by.Personal() {
			return Application{}, fault.Missing()
		}
		return oneApplication(ctx, r, own, id)
	}
	was, err := p.Reach(ctx, s.db, by, id, m.Do)
	if err != nil {
		return was, err
	}
	// Reviewers work side by side: what one does is no surprise to another. The
	// lock makes the last one notice that all are done.
	return p.Take(ctx, s.gate, by, id, was.Version, m, func(ctx context.Context, tx *db.Tx, a *Application) error {
		if err := tx.Lock(ctx, "recognition_application", id); err != nil {
			return err
		}
		all, err := reviews(ctx, tx, id)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(all, func(r Scoring) bool { return r.Person == by.ID })
		if i < 0 {
			return fault.Missing()
		}
		if all[i].State != Assigned {
			return fault.New(fault.Conflict, "recognition.conflict.scored")
		}
		if err := fn(ctx, tx, a, &all[i]); err != nil {
			return err
		}
		if err := updateReview(ctx, tx, &all[i]); err != nil {
			return err
		}
		return s.settle(ctx, tx, a, all)
	})
}

// settle works out the average once nobody is at it any more.
func (s *Service) settle(ctx context.Context, tx *db.Tx, a *Application, all []Scoring) error {
	c, err := oneCall(ctx, tx, a.Call)
	if err != nil || !reviewed(&c.Terms, all) {
		return err
	}
	a.Score, a.Spread = average(all)
	a.State = Scored
	return s.tell(ctx, tx, Publicise, authz.At(a.Office), a, "recognition.told.scored")
}

// Opinion is what a reviewer says of an application.
type Opinion struct {
	Points  map[string]float64 // by rubric line, before weighing
	Remarks map[string]string
	Words   string
}

// Review hands in a reviewer's scores (评审打分). Every line needs points between 0
// and its full: Invalid tells each that is not. Scores are final.
func (s *Service) Review(ctx context.Context, by authz.Actor, id string, in Opinion) (Application, error) {
	in.Words = strings.TrimSpace(in.Words)
	return retry(func() (Application, error) {
		return s.reviewing(ctx, by, id, flow.Move{Do: Review}, func(ctx context.Context, tx *db.Tx, a *Application, mine *Scoring) error {
			if err := s.noTie(ctx, tx, by.ID, a); err != nil { // declared since it was assigned
				return err
			}
			d, err := s.callOf(ctx, tx, a.Call)
			if err != nil {
				return err
			}
			f := checkPoints(d.Criteria, in.Points)
			f.Length("words", in.Words, 2, 1000)
			for line, remark := range in.Remarks {
				f.Length("remark_"+strings.ReplaceAll(line, ".", "_"), remark, 0, 500)
			}
			if err := f.Err(); err != nil {
				return err
			}
			points := map[string]float64{}
			for _, it := range Judged(d.Criteria) {
				points[it.ID] = in.Points[it.ID]
			}
			mine.Points, mine.Remarks, mine.Words = points, in.Remarks, in.Words
			mine.Total = hundredths(mark(d.Criteria, a, points).Total)
			mine.State, mine.DoneAt = Done, tx.Now
			return nil
		})
	})
}

// Recuse steps back from an application because of a tie to the applicant
// (申请回避). The tie is kept: they are not asked again, and the office is told to
// ask somebody else.
func (s *Service) Recuse(ctx context.Context, by authz.Actor, id, reason string) (Application, error) {
	if err := fault.NoReason(&reason); err != nil {
		return Application{}, err
	}
	return retry(func() (Application, error) {
		return s.reviewing(ctx, by, id, flow.Move{Do: Recuse, Note: reason}, func(ctx context.Context, tx *db.Tx, a *Application, mine *Scoring) error {
			if err := s.stepBack(ctx, tx, a, mine, Tie{Reason: reason, By: by.Name}); err != nil {
				return err
			}
			return s.tell(ctx, tx, Assign, authz.At(a.Office), a, "recognition.told.stepped")
		})
	})
}

// retry takes a reviewer's step again when a colleague's came in between: they do
// not touch each other's.
func retry(step func() (Application, error)) (a Application, err error) {
	for range 20 {
		if a, err = step(); !fault.Is(err, fault.Stale) {
			return a, err
		}
	}
	return a, err
}

// ToReview are the applications assigned to the actor, those still to be scored
// first, with the day by which they should be in.
func (s *Service) ToReview(ctx context.Context, by authz.Actor) ([]Application, []Scoring, error) {
	var rows []reviewRow
	if !by.Personal() {
		return nil, nil, nil
	}
	if err := s.db.Select(ctx, &rows, `SELECT `+reviewColumns+` FROM recognition_review WHERE person = ? AND state <> 'recused'
		ORDER BY state, id DESC LIMIT 200`, by.ID); err != nil {
		return nil, nil, err
	}
	limits, err := s.flow.Limits(ctx)
	if err != nil {
		return nil, nil, err
	}
	calendar, err := s.flow.Calendar(ctx)
	if err != nil {
		return nil, nil, err
	}
	var own []Scoring
	for _, r := range rows {
		m, err := r.scoring()
		if err != nil {
			return nil, nil, err
		}
		if limit, ok := limits.Find(life.Name, Review.Verb(), flow.DayOf(m.AssignedAt)); ok {
			m.Due = calendar.Due(m.AssignedAt, limit).On
		}
		own = append(own, m)
	}
	all, _, err := s.Applications(ctx, authz.Own(authz.Party{Kind: authz.Person, ID: by.ID}), Filter{}, db.Page{Limit: 200})
	return all, own, err
}
