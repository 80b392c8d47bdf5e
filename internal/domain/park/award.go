package park

import (
	"context"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/gate"
)

// Awarded puts all terms that the park has and had by its titles in place of
// those it knows, in the transaction of the decision that changed one. The actor
// needs the right to set a grade all the same.
func (s *Service) Awarded(ctx context.Context, tx *db.Tx, by authz.Actor, id ID, all []Term) error {
	p, err := one(ctx, tx, authz.Unbounded("it was found when the title was decided on"), id, s.today())
	if err != nil {
		return err
	}
	t, err := s.tree(ctx)
	if err != nil {
		return err
	}
	c := &gate.Change{
		By: by, Do: SetGrade, On: p.Target(), Record: gate.Record{Kind: Record, ID: string(id)}, Detail: map[string]any{"terms": len(all)},
	}
	return s.gate.Also(ctx, tx, c, func(ctx context.Context) error {
		if err := putTerms(ctx, tx, id, all); err != nil {
			return err
		}
		after := standing{park: &p, terms: all}
		return s.restate(ctx, tx, c.Record, after.facts(t))
	})
}

// SetGrade notes a grade, or that it is a model park, that was given elsewhere
// (登记已有的 A 级、示范园认定): it is put on file among the titles. What held of that
// on its first day ends there.
func (s *Service) SetGrade(ctx context.Context, by authz.Actor, id ID, version int, t Term) (Park, error) {
	if err := t.check(); err != nil {
		return Park{}, err
	}
	c := &gate.Change{By: by, Do: SetGrade, Detail: map[string]any{"grade": t.Grade, "from": t.From, "to": t.To, "document": t.Document}}
	return s.change(ctx, c, id, version, func(ctx context.Context, tx *db.Tx, p *Park) error { return s.award(ctx, tx, *c, p, t) })
}

// award puts a term on file among the titles, and all that follows from them here.
func (s *Service) award(ctx context.Context, tx *db.Tx, c gate.Change, p *Park, t Term) error {
	if s.hooks.Award == nil {
		return addTerm(ctx, tx, p.ID, t)
	}
	all, err := s.hooks.Award(ctx, tx, c, p, t)
	if err != nil {
		return err
	}
	return putTerms(ctx, tx, p.ID, all)
}

// EndGrade notes that the grade, or that it is a model park, was taken away on the
// day (登记已撤销的认定), as SetGrade does. Conflict when it did not have it then.
func (s *Service) EndGrade(ctx context.Context, by authz.Actor, id ID, version int, g Grade, day, reason string) (Park, error) {
	var f fault.Fields
	fault.Choice(&f, "grade", g, Grades())
	happened(&f, "day", day, s.today())
	f.Reason("reason", &reason)
	if err := f.Err(); err != nil {
		return Park{}, err
	}
	c := &gate.Change{By: by, Do: SetGrade, Detail: map[string]any{"grade": g, "ended": day, "reason": reason}}
	return s.change(ctx, c, id, version, func(ctx context.Context, tx *db.Tx, p *Park) error {
		if s.hooks.Revoke == nil {
			return endTerm(ctx, tx, id, g, day)
		}
		all, err := s.hooks.Revoke(ctx, tx, *c, p, g, day, reason)
		if err != nil {
			return err
		}
		return putTerms(ctx, tx, id, all)
	})
}
