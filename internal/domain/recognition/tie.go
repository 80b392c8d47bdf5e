package recognition

import (
	"context"
	"slices"
	"strings"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
)

// Tie is a tie of a reviewer to somebody who may apply (利益关系). While it holds,
// they are not asked to review what the party applies for.
type Tie struct {
	ID      string
	Person  string
	Party   authz.Party
	Name    string // the party's
	Reason  string
	Office  region.Code // that noted it; empty when the reviewer declared it
	By      string      // the name of who noted it
	At      time.Time
	EndedOn string // the day from which it is past; empty while it holds
}

// Holds reports that the tie is not past.
func (t *Tie) Holds() bool { return t.EndedOn == "" }

// Target is what the right to end the tie is checked against: whoever noted it
// ends it.
func (t *Tie) Target() authz.Target {
	if t.Office != "" {
		return authz.At(t.Office)
	}
	return authz.Target{}.Of(authz.Person, t.Person)
}

// Declare notes a tie of the actor to somebody who may apply (申报利益关系). The
// party is found by its full name or its credit code: Invalid under party when
// there is none.
func (s *Service) Declare(ctx context.Context, by authz.Actor, party, reason string) error {
	var f fault.Fields
	f.Reason("reason", &reason)
	party = strings.TrimSpace(party)
	f.Length("party", party, 2, 120)
	if err := f.Err(); err != nil {
		return err
	}
	own := authz.Target{}.Of(authz.Person, by.ID)
	if err := gate.Check(&gate.Change{By: by, Do: Declare, On: own}); err != nil {
		return err
	}
	found, name, err := s.hooks.Party(ctx, s.db, party)
	if fault.Is(err, fault.NotFound) {
		return fault.Fields{{Name: "party", Key: "recognition.field.party", Args: []any{"value", party}}}.Err()
	}
	if err != nil {
		return err
	}
	c := gate.Change{By: by, Do: Declare, On: own, Record: gate.Record{Kind: kindTie, ID: by.ID}, Detail: map[string]any{"party": found.ID}}
	return s.gate.Write(ctx, &c, func(ctx context.Context, tx *db.Tx) error {
		return putTie(ctx, tx, &Tie{Person: by.ID, Party: found, Name: name, Reason: reason, By: by.Name})
	})
}

// Exclude has a reviewer step back from an application (令其回避): because of a tie
// that the office knows of, or, away, because they cannot review in time. They are
// not asked for it, or it is taken from them with what they scored. A tie to an
// organisation is kept for the next time.
func (s *Service) Exclude(ctx context.Context, by authz.Actor, id string, version int, person, reason string, away bool) (Application, error) {
	var f fault.Fields
	f.Reason("reason", &reason)
	if person == "" {
		f.Add("person", "field.required")
	}
	if err := f.Err(); err != nil {
		return Application{}, err
	}
	return s.step(ctx, by, id, version, flow.Move{Do: Exclude, Note: reason, Detail: map[string]any{"reviewer": person}},
		func(ctx context.Context, tx *db.Tx, a *Application) error {
			people, err := s.candidates(ctx, tx, a)
			if err != nil {
				return err
			}
			all, err := reviews(ctx, tx, a.ID)
			if err != nil {
				return err
			}
			i := slices.IndexFunc(people, func(c Candidate) bool { return c.ID == person })
			j := slices.IndexFunc(all, func(r Scoring) bool { return r.Person == person })
			mine := Scoring{ID: db.NewID(), Application: a.ID, Person: person, AssignedAt: tx.Now}
			switch {
			case j >= 0 && all[j].State == Stepped:
				return fault.Fields{{Name: "person", Key: "recognition.field.stepped", Args: []any{"name", all[j].Name}}}.Err()
			case j >= 0: // it is taken from them
			case i < 0:
				return fault.Fields{{Name: "person", Key: "field.choice"}}.Err()
			default:
				mine.Name = people[i].Name
				if err := insertReview(ctx, tx, &mine); err != nil {
					return err
				}
				j, all = len(all), append(all, mine)
			}
			if away {
				all[j].stepBack(tx.Now, reason)
			} else if err := s.stepBack(ctx, tx, a, &all[j], Tie{Reason: reason, Office: a.Office, By: by.Name}); err != nil {
				return err
			}
			if err := updateReview(ctx, tx, &all[j]); err != nil {
				return err
			}
			return s.settle(ctx, tx, a, all)
		})
}

// stepBack takes an application from a reviewer for good, with what they scored,
// and keeps their tie to whoever applied.
func (s *Service) stepBack(ctx context.Context, tx *db.Tx, a *Application, mine *Scoring, t Tie) error {
	mine.stepBack(tx.Now, t.Reason)
	if a.Party.ID == "" {
		return nil
	}
	t.Person, t.Party, t.Name = mine.Person, a.Party, a.Name
	return putTie(ctx, tx, &t)
}

func (r *Scoring) stepBack(at time.Time, reason string) {
	r.State, r.Words, r.DoneAt = Stepped, reason, at
	r.Points, r.Remarks, r.Total = nil, nil, 0
}

// noTie is Conflict when a tie of the person to whoever applied is on file, or they
// act for them.
func (s *Service) noTie(ctx context.Context, tx *db.Tx, person string, a *Application) error {
	if a.Party.ID == "" {
		return nil
	}
	held, err := ties(ctx, tx, `person = ? AND party_kind = ? AND party_id = ? AND ended_on = ''`, person, a.Party.Kind, a.Party.ID)
	if err != nil {
		return err
	}
	own, err := s.actsFor(ctx, tx, person)
	if err == nil && (len(held) > 0 || slices.Contains(own, a.Party)) {
		return fault.New(fault.Conflict, "recognition.conflict.tied")
	}
	return err
}

// OwnTies are the actor's own ties, those that hold first.
func (s *Service) OwnTies(ctx context.Context, by authz.Actor) ([]Tie, error) {
	if !by.Personal() {
		return nil, nil
	}
	return ties(ctx, s.db, `person = ?`, by.ID)
}

// ReviewerTies are the ties of one of the reviewers of the actor's offices.
type ReviewerTies struct {
	Person
	Ties []Tie // those that hold first
}

// Ties are the reviewers of the actor's offices who have ties, with these.
func (s *Service) Ties(ctx context.Context, by authz.Actor) ([]ReviewerTies, error) {
	people := map[string]string{}
	for _, office := range by.Regions(Assign) {
		all, err := s.hooks.Reviewers(ctx, s.db, authz.At(office))
		if err != nil {
			return nil, err
		}
		for _, p := range all {
			people[p.ID] = p.Name
		}
	}
	if len(people) == 0 {
		return nil, nil
	}
	var ids []any
	for id := range people {
		ids = append(ids, id)
	}
	found, err := ties(ctx, s.db, `person IN (`+db.Marks(len(ids))+`)`, ids...)
	if err != nil {
		return nil, err
	}
	var all []ReviewerTies
	for _, t := range found {
		i := slices.IndexFunc(all, func(r ReviewerTies) bool { return r.ID == t.Person })
		if i < 0 {
			i, all = len(all), append(all, ReviewerTies{Person: Person{t.Person, people[t.Person]}})
		}
		all[i].Ties = append(all[i].Ties, t)
	}
	return all, nil
}

// EndTie notes that a tie is past (利益关系终止). Whoever noted it ends it, the
// reviewer or the office: NotFound for others, Stale when it is past already.
func (s *Service) EndTie(ctx context.Context, by authz.Actor, id string) error {
	found, err := ties(ctx, s.db, `id = ?`, id)
	if err != nil {
		return err
	}
	if len(found) == 0 || !by.May(EndTie, found[0].Target()) {
		return fault.Missing()
	}
	c := gate.Change{By: by, Do: EndTie, On: found[0].Target(), Record: gate.Record{Kind: kindTie, ID: id}}
	return s.gate.Write(ctx, &c, func(ctx context.Context, tx *db.Tx) error {
		return tx.ExecOne(ctx, `UPDATE recognition_conflict SET ended_on = ? WHERE id = ? AND ended_on = ''`, string(ledger.DateOf(tx.Now)), id)
	})
}
