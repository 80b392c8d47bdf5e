package park

import (
	"context"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/gate"
)

// Awarded gives the park a grade for a term, as SetGrade does, in the transaction
// of the decision that gave it the title. The actor needs the right to it all the
// same.
func (s *Service) Awarded(ctx context.Context, tx *db.Tx, by authz.Actor, id ID, t Term) error {
	if err := t.check(); err != nil {
		return err
	}
	return s.also(ctx, tx, by, id, map[string]any{"grade": t.Grade, "from": t.From, "to": t.To, "document": t.Document},
		func(ctx context.Context, tx *db.Tx) error { return addTerm(ctx, tx, id, t) })
}

// AwardEnded ends the grade on the day, as EndGrade does.
func (s *Service) AwardEnded(ctx context.Context, tx *db.Tx, by authz.Actor, id ID, g Grade, day string) error {
	return s.also(ctx, tx, by, id, map[string]any{"grade": g, "ended": day},
		func(ctx context.Context, tx *db.Tx) error { return endTerm(ctx, tx, id, g, day) })
}

// also changes the terms of a park in a transaction that is under way.
func (s *Service) also(ctx context.Context, tx *db.Tx, by authz.Actor, id ID, detail map[string]any,
	fn func(ctx context.Context, tx *db.Tx) error,
) error {
	p, err := one(ctx, tx, authz.Unbounded("it was found when the title was decided on"), id, s.today())
	if err != nil {
		return err
	}
	t, err := s.tree(ctx)
	if err != nil {
		return err
	}
	c := &gate.Change{By: by, Do: SetGrade, On: p.Target(), Record: gate.Record{Kind: Record, ID: string(id)}, Detail: detail}
	return s.gate.Also(ctx, tx, c, func(ctx context.Context) error {
		if err := fn(ctx, tx); err != nil {
			return err
		}
		has, err := terms(ctx, tx, id)
		if err != nil {
			return err
		}
		after := standing{park: &p, terms: has}
		return s.restate(ctx, tx, c.Record, after.facts(t))
	})
}
