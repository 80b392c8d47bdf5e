package recognition

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/ledger"
)

// Publicise makes public that the application is to be recognised (公示), for the
// working days of its title. Conflict while reviewers are at it, when the score
// does not pass the rubric or falls short of the minimum of a group or line, and
// beyond the quota of the call.
func (s *Service) Publicise(ctx context.Context, by authz.Actor, id string, version int) (Application, error) {
	calendar, err := s.flow.Calendar(ctx)
	if err != nil {
		return Application{}, err
	}
	return s.step(ctx, by, id, version, flow.Move{Do: Publicise}, func(ctx context.Context, tx *db.Tx, a *Application) error {
		// The call's row stands for its quota: two proposals do not both take the last place.
		if err := tx.Lock(ctx, "recognition_call", a.Call); err != nil {
			return err
		}
		d, err := s.callOf(ctx, tx, a.Call)
		if err != nil {
			return err
		}
		all, err := reviews(ctx, tx, a.ID)
		if err != nil {
			return err
		}
		switch {
		case d.TitleOf.Reviewers > 0 && !reviewed(&d.Terms, all):
			return fault.New(fault.Conflict, "recognition.conflict.unreviewed", "n", d.TitleOf.Reviewers)
		case d.TitleOf.Reviewers > 0 && d.Criteria.Score != nil && float64(a.Score) < d.Criteria.Score.Pass*100:
			return fault.New(fault.Conflict, "recognition.conflict.score", "pass", int(d.Criteria.Score.Pass))
		}
		if err := bar(Short(&d, a, all)); err != nil {
			return err
		}
		if d.Quota > 0 {
			var taken int
			if err := tx.Get(ctx, &taken, `SELECT COUNT(*) FROM recognition_application WHERE call_id = ? AND state IN (?,?) AND id <> ?`,
				a.Call, string(Publicised), string(Recognised), a.ID); err != nil {
				return err
			}
			if taken >= d.Quota {
				return fault.New(fault.Conflict, "recognition.conflict.quota", "n", d.Quota)
			}
		}
		a.Public = string(ledger.DateOf(tx.Now))
		a.PublicTo = calendar.Add(a.Public, d.TitleOf.Publicity)
		return s.tellApplicant(ctx, tx, a, "recognition.told.public", "to", a.PublicTo)
	})
}

// Object notes what somebody signed in has against a proposal (提出异议). Conflict
// when it is not public any more. The objection's id is returned.
func (s *Service) Object(ctx context.Context, by authz.Actor, id, words, once string) (string, error) {
	words = strings.TrimSpace(words)
	var f fault.Fields
	f.Length("words", words, 10, 1000)
	if err := f.Err(); err != nil {
		return "", err
	}
	a, err := s.public(ctx, id)
	if err != nil {
		return "", err
	}
	o := Objection{ID: db.NewID(), By: by.ID, ByName: by.Name, Words: words}
	c := gate.Change{
		By: by, Do: Object, On: authz.Target{}.Of(authz.Person, by.ID), Once: once,
		Record: gate.Record{Kind: KindApplication, ID: id}, Detail: map[string]any{"objection": o.ID},
	}
	if !by.Personal() {
		c.By = authz.Actor{}
	}
	err = s.gate.Write(ctx, &c, func(ctx context.Context, tx *db.Tx) error {
		if err := tx.Lock(ctx, "recognition_application", id); err != nil {
			return err
		}
		now, err := oneApplication(ctx, tx, authz.Unbounded("it is public"), id)
		if err != nil {
			return err
		}
		if now.State != Publicised || string(ledger.DateOf(tx.Now)) > now.PublicTo {
			return fault.New(fault.Conflict, "recognition.conflict.not_public")
		}
		if s.tied(ctx, tx, by, &now) {
			return fault.New(fault.Conflict, "recognition.conflict.objector")
		}
		all, err := objections(ctx, tx, id)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(all, func(was Objection) bool { return was.By == by.ID && was.Open() }) {
			return fault.New(fault.Conflict, "recognition.conflict.objected")
		}
		if err := insertObjection(ctx, tx, id, &o); err != nil {
			return err
		}
		if err := flow.Note(ctx, tx, c.Record, flow.Event{Do: Object, From: now.State, To: now.State, Kind: by.Kind, By: by.ID, ByName: ""}); err != nil {
			return err
		}
		return s.tell(ctx, tx, Answer, authz.At(a.Office), &a, "recognition.told.objection")
	})
	if _, again := gate.Again(err); again {
		return "", nil
	}
	return o.ID, err
}

// public is an application that is made public, else NotFound.
func (s *Service) public(ctx context.Context, id string) (Application, error) {
	a, err := oneApplication(ctx, s.db, authz.Unbounded("proposals are public"), id)
	if err == nil && a.State != Publicised {
		return Application{}, fault.Missing()
	}
	return a, err
}

// Answer answers an objection (答复异议): upheld or not, with the reason.
func (s *Service) Answer(ctx context.Context, by authz.Actor, id string, version int, objection, words string, upheld bool) (Application, error) {
	words = strings.TrimSpace(words)
	var f fault.Fields
	f.Length("answer", words, 2, 1000)
	if err := f.Err(); err != nil {
		return Application{}, err
	}
	return s.step(ctx, by, id, version, flow.Move{Do: Answer, Note: words, Detail: map[string]any{"objection": objection, "upheld": upheld}},
		func(ctx context.Context, tx *db.Tx, a *Application) error {
			return answerObjection(ctx, tx, a.ID, objection, words, upheld)
		})
}

// Bars is what stands in the way of giving the title on a day, a Conflict: publicity
// that runs, an objection that is open or was upheld. Nil for nothing.
func (a *Application) Bars(all []Objection, day string) *fault.Error {
	if day <= a.PublicTo {
		return fault.New(fault.Conflict, "recognition.conflict.publicity", "to", a.PublicTo)
	}
	for i := range all {
		if all[i].Open() {
			return fault.New(fault.Conflict, "recognition.conflict.objection")
		}
		if all[i].Upheld {
			return fault.New(fault.Conflict, "recognition.conflict.upheld")
		}
	}
	return nil
}

// Decide awards the title (认定). Conflict while it is public, while an objection
// is open, when one was upheld, or when the score falls short of a minimum. The award's id is returned.
func (s *Service) Decide(ctx context.Context, by authz.Actor, id string, version int, document string) (Application, string, error) {
	document = strings.TrimSpace(document)
	var f fault.Fields
	f.Length("document", document, 2, 120)
	if err := f.Err(); err != nil {
		return Application{}, "", err
	}
	award := ""
	a, err := s.step(ctx, by, id, version, flow.Move{Do: Decide, Note: document}, func(ctx context.Context, tx *db.Tx, a *Application) error {
		if err := tx.Lock(ctx, "recognition_application", id); err != nil { // nobody objects meanwhile
			return err
		}
		today := string(ledger.DateOf(tx.Now))
		all, err := objections(ctx, tx, a.ID)
		if err != nil {
			return err
		}
		if bars := a.Bars(all, today); bars != nil {
			return bars
		}
		d, err := s.callOf(ctx, tx, a.Call)
		if err != nil {
			return err
		}
		scores, err := reviews(ctx, tx, a.ID)
		if err != nil {
			return err
		}
		if err := bar(Short(&d, a, scores)); err != nil {
			return err
		}
		t := &d.TitleOf
		w := Award{
			ID: db.NewID(), Application: a.ID, Title: a.Title, Subject: a.Subject, Office: a.Office, Grade: t.Grade,
			From: today, To: after(today, t.Months), Document: document, State: Valid, Version: 1,
		}
		t.bind(&w)
		award = w.ID
		if err := s.grant(ctx, tx, by, &w); err != nil {
			return err
		}
		if err := s.handOn(ctx, tx, by, &w); err != nil {
			return err
		}
		return s.tellApplicant(ctx, tx, a, "recognition.told.recognised", "document", document)
	})
	return a, award, err
}

// after is the day so many months later; empty for no end.
func after(day string, months int) string {
	if months == 0 {
		return ""
	}
	return flow.AddMonths(day, months)
}

// grant puts an award on file, ends the one of the same title that the subject
// holds, and counts it.
func (s *Service) grant(ctx context.Context, tx *db.Tx, by authz.Actor, w *Award) error {
	before, _, err := awards(ctx, tx, authz.Unbounded("a subject holds a title once"),
		AwardFilter{Title: w.Title, Subject: w.Kind, ID: w.Subject.ID, States: []flow.State{Valid, Rechecking}}, db.Page{Limit: 20})
	if err != nil {
		return err
	}
	for i := range before {
		old := &before[i]
		if !old.meets(w) {
			continue
		}
		old.State = Expired
		if old.To == "" || old.To > w.From {
			old.To = w.From
		}
		if err := updateAward(ctx, tx, old); err != nil {
			return err
		}
		if err := flow.Note(ctx, tx, gate.Record{Kind: KindAward, ID: old.ID}, flow.Event{
			Do: Expire, From: Valid, To: Expired, Kind: by.Kind, By: by.ID, ByName: by.Name, Note: w.Document,
		}); err != nil {
			return err
		}
		if err := s.count(ctx, tx, old); err != nil {
			return err
		}
	}
	if err := insertAward(ctx, tx, w); err != nil {
		return err
	}
	if err := flow.Note(ctx, tx, gate.Record{Kind: KindAward, ID: w.ID}, flow.Began(by, Decide, w.State, w.Document)); err != nil {
		return err
	}
	return s.count(ctx, tx, w)
}

// handOn tells the subject's own record what it has and had, with the award as it
// is about to be kept.
func (s *Service) handOn(ctx context.Context, tx *db.Tx, by authz.Actor, w *Award) error {
	k, ok := s.subjects(w.Kind)
	if !ok || k.Held == nil {
		return nil
	}
	all, err := awardsOf(ctx, tx, w.Kind, w.Subject.ID)
	if err != nil {
		return err
	}
	for i := range all {
		if all[i].ID == w.ID {
			all[i] = *w
		}
	}
	return k.Held(ctx, tx, by, w, all)
}

// awardStep takes one step of an award.
func (s *Service) awardStep(ctx context.Context, by authz.Actor, id string, version int, m flow.Move,
	fn func(ctx context.Context, tx *db.Tx, w *Award) error,
) (Award, error) {
	return s.awarded().Take(ctx, s.gate, by, id, version, m, fn)
}

// Report is the holder's report for a year (年度报告); sent again it replaces the
// one before.
func (s *Service) Report(ctx context.Context, by authz.Actor, id string, version int, y Yearly) (Award, error) {
	y.Words = strings.TrimSpace(y.Words)
	var f fault.Fields
	f.Length("words", y.Words, 10, 4000)
	f.Range("year", int64(y.Year), 1978, int64(s.db.Now().In(ledger.Shanghai).Year()))
	if err := f.Err(); err != nil {
		return Award{}, err
	}
	return s.awardStep(ctx, by, id, version, flow.Move{Do: Report, Detail: map[string]any{"year": y.Year}}, func(ctx context.Context, tx *db.Tx, w *Award) error {
		if first := w.From[:4]; strconv.Itoa(y.Year) < first {
			return fault.Fields{{Name: "year", Key: "recognition.field.before_term", Args: []any{"from", w.From}}}.Err()
		}
		y.By = by.ID
		return insertReport(ctx, tx, w.ID, &y)
	})
}

// Recheck begins a re-check (复核).
func (s *Service) Recheck(ctx context.Context, by authz.Actor, id string, version int) (Award, error) {
	return s.awardStep(ctx, by, id, version, flow.Move{Do: Recheck}, nil)
}

// Extend ends a re-check well: the award holds for another term (延续). One that
// began before its time, for a doubt, leaves the term as it is.
func (s *Service) Extend(ctx context.Context, by authz.Actor, id string, version int, document string) (Award, error) {
	return s.again(ctx, by, id, version, Extend, document, func(t *Title, w *Award, today string) error {
		if w.RecheckFrom != "" && today < w.RecheckFrom {
			return nil
		}
		from := w.To
		if from == "" || from < today {
			from = today
		}
		w.To = after(from, t.Months)
		t.bind(w)
		return nil
	})
}

// Downgrade ends a re-check with the grade below (降级). Conflict when there is none.
func (s *Service) Downgrade(ctx context.Context, by authz.Actor, id string, version int, document string) (Award, error) {
	return s.again(ctx, by, id, version, Downgrade, document, func(t *Title, w *Award, today string) error {
		if t.Below == "" || w.Grade == t.Below {
			return fault.New(fault.Conflict, "recognition.conflict.below")
		}
		w.Was, w.Regraded, w.Grade = w.Grade, today, t.Below
		return nil
	})
}

// again ends a re-check under a document.
func (s *Service) again(ctx context.Context, by authz.Actor, id string, version int, do authz.Permission, document string,
	fn func(t *Title, w *Award, today string) error,
) (Award, error) {
	document = strings.TrimSpace(document)
	var f fault.Fields
	f.Length("document", document, 2, 120)
	if err := f.Err(); err != nil {
		return Award{}, err
	}
	return s.awardStep(ctx, by, id, version, flow.Move{Do: do, Note: document}, func(ctx context.Context, tx *db.Tx, w *Award) error {
		t, err := oneTitle(ctx, tx, w.Title)
		if err != nil {
			return err
		}
		if err := fn(&t, w, string(ledger.DateOf(tx.Now))); err != nil {
			return err
		}
		w.Document = document
		if err := s.count(ctx, tx, w); err != nil {
			return err
		}
		return s.handOn(ctx, tx, by, w)
	})
}

// Revoke takes the title away (撤销), from today on.
func (s *Service) Revoke(ctx context.Context, by authz.Actor, id string, version int, reason string) (Award, error) {
	if err := fault.NoReason(&reason); err != nil {
		return Award{}, err
	}
	return s.awardStep(ctx, by, id, version, flow.Move{Do: Revoke, Note: reason}, func(ctx context.Context, tx *db.Tx, w *Award) error {
		today := string(ledger.DateOf(tx.Now))
		w.To = today
		if err := s.count(ctx, tx, w); err != nil {
			return err
		}
		return s.handOn(ctx, tx, by, w)
	})
}

// Robot is the actor of the program's own task: awards whose term is over.
func Robot() authz.Actor { return authz.System("recognition", Expire) }

// ExpireAll ends the awards whose term is over (到期), at most 200 at a time, and
// returns how many.
func (s *Service) ExpireAll(ctx context.Context, by authz.Actor) (int, error) {
	over, _, err := awards(ctx, s.db, authz.Unbounded("the program looks after every award"),
		AwardFilter{Before: s.today(), States: []flow.State{Valid, Rechecking}}, db.Page{Limit: 200})
	if err != nil {
		return 0, err
	}
	for i := range over {
		_, err := s.awardStep(ctx, by, over[i].ID, over[i].Version, flow.Move{Do: Expire}, nil)
		if err != nil && !fault.Is(err, fault.Stale) && !fault.Is(err, fault.Conflict) {
			return i, err
		}
	}
	return len(over), nil
}

// Rankings are the applications of a call by their average, the best first: those
// that were scored.
func (s *Service) Rankings(ctx context.Context, by authz.Actor, call string) ([]Application, error) {
	c, err := oneCall(ctx, s.db, call)
	if err != nil {
		return nil, err
	}
	if err := gate.Check(&gate.Change{By: by, Do: Publicise, On: c.Target()}); err != nil {
		return nil, err
	}
	all, _, err := s.Applications(ctx, by.Scope(See), Filter{
		Call: call, Ranked: true, States: []flow.State{Scored, Publicised, Recognised, Refused},
	}, db.Page{Limit: 200})
	return slices.DeleteFunc(all, func(a Application) bool { return a.Score == 0 }), err
}
