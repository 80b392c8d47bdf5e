package institution

import (
	"context"
	"strings"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/gate"
)

// Awarded puts all terms for which the institution is and was a demonstration
// institution in place of those it knows, in the transaction of the decision that
// changed one. The actor needs the right to it all the same.
func (s *Service) Awarded(ctx context.Context, tx *db.Tx, by authz.Actor, id ID, all []Term) error {
	i, err := one(ctx, tx, authz.Unbounded("it was found when the title was decided on"), id, s.today())
	if err != nil {
		return err
	}
	c := &gate.Change{
		By: by, Do: SetDemonstration, On: i.Target(), Detail: map[string]any{"terms": len(all)}, Record: gate.Record{Kind: Record, ID: string(id)},
	}
	return s.gate.Also(ctx, tx, c, func(ctx context.Context) error {
		return s.alter(ctx, tx, &i, "", func(ctx context.Context, tx *db.Tx, _ *Institution) error { return putDemonstration(ctx, tx, id, all) })
	})
}

// Recognise notes that it was made a demonstration institution for a term
// elsewhere (登记已有的示范认定): it is put on file among the titles.
func (s *Service) Recognise(ctx context.Context, by authz.Actor, id ID, version int, t Term) (Institution, error) {
	t.Tier = NoTier
	if err := t.check(); err != nil {
		return Institution{}, err
	}
	c := &gate.Change{By: by, Do: SetDemonstration, Detail: map[string]any{"from": t.From, "to": t.To, "document": t.Document}}
	return s.write(ctx, c, id, version, "", func(ctx context.Context, tx *db.Tx, i *Institution) error { return s.award(ctx, tx, *c, i, t) })
}

// award puts a term on file among the titles, and all that follows from them here.
func (s *Service) award(ctx context.Context, tx *db.Tx, c gate.Change, i *Institution, t Term) error {
	if s.hooks.Award == nil {
		return addTerm(ctx, tx, i.ID, true, t)
	}
	all, err := s.hooks.Award(ctx, tx, c, i, t)
	if err != nil {
		return err
	}
	return putDemonstration(ctx, tx, i.ID, all)
}

// Withdraw notes that this was taken away on the day (登记已撤销的示范认定), as
// Recognise does. Conflict when it was none then.
func (s *Service) Withdraw(ctx context.Context, by authz.Actor, id ID, version int, day, reason string) (Institution, error) {
	var f fault.Fields
	f.Day("day", day)
	f.Length("reason", strings.TrimSpace(reason), 0, 200)
	if err := f.Err(); err != nil {
		return Institution{}, err
	}
	c := &gate.Change{By: by, Do: SetDemonstration, Detail: map[string]any{"ended": day, "reason": reason}}
	return s.write(ctx, c, id, version, "", func(ctx context.Context, tx *db.Tx, i *Institution) error {
		if s.hooks.Revoke == nil {
			return endDemonstration(ctx, tx, id, day)
		}
		all, err := s.hooks.Revoke(ctx, tx, *c, i, day, reason)
		if err != nil {
			return err
		}
		return putDemonstration(ctx, tx, id, all)
	})
}
