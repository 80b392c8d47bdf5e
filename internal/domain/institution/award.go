package institution

import (
	"context"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/gate"
)

// Awarded makes the institution a demonstration institution for a term, as
// Recognise does, in the transaction of the decision that gave it the title. The
// actor needs the right to it all the same.
func (s *Service) Awarded(ctx context.Context, tx *db.Tx, by authz.Actor, id ID, t Term) error {
	t.Tier = NoTier
	if err := t.check(); err != nil {
		return err
	}
	return s.also(ctx, tx, by, id, map[string]any{"from": t.From, "to": t.To, "document": t.Document},
		func(ctx context.Context, tx *db.Tx, _ *Institution) error { return addTerm(ctx, tx, id, true, t) })
}

// AwardEnded ends that on the day, as Withdraw does.
func (s *Service) AwardEnded(ctx context.Context, tx *db.Tx, by authz.Actor, id ID, day string) error {
	return s.also(ctx, tx, by, id, map[string]any{"ended": day},
		func(ctx context.Context, tx *db.Tx, _ *Institution) error { return endDemonstration(ctx, tx, id, day) })
}

// also changes the recognition of an institution in a transaction that is under
// way.
func (s *Service) also(ctx context.Context, tx *db.Tx, by authz.Actor, id ID, detail map[string]any,
	fn func(ctx context.Context, tx *db.Tx, i *Institution) error,
) error {
	i, err := one(ctx, tx, authz.Unbounded("it was found when the title was decided on"), id, s.today())
	if err != nil {
		return err
	}
	c := &gate.Change{
		By: by, Do: SetDemonstration, On: i.Target(), Detail: detail, Record: gate.Record{Kind: Record, ID: string(id)},
	}
	return s.gate.Also(ctx, tx, c, func(ctx context.Context) error { return s.alter(ctx, tx, &i, "", fn) })
}
