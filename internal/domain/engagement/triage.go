package engagement

import (
	"context"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/region"
)

// Accept takes the need on (受理, or 签收 after it was referred). Who accepts a
// need that is nobody's handles it.
func (s *Service) Accept(ctx context.Context, by authz.Actor, id ID, version int) (Need, error) {
	m := move{do: Accept}
	return s.step(ctx, by, id, version, m, func(ctx context.Context, tx *db.Tx, n *Need) error {
		if n.Assignee == "" && by.Personal() {
			n.Assignee, n.AssigneeName = by.ID, by.Name
		}
		return s.tellAsker(ctx, tx, n, "need.told.accepted")
	})
}

// Refuse says that this is not for the service system (不予受理), or that the
// enterprise never brought what it was asked for, and why.
func (s *Service) Refuse(ctx context.Context, by authz.Actor, id ID, version int, reason string) (Need, error) {
	if err := fault.NoReason(&reason); err != nil {
		return Need{}, err
	}
	m := move{do: Refuse, note: reason}
	return s.step(ctx, by, id, version, m, func(ctx context.Context, tx *db.Tx, n *Need) error {
		done, err := deliveries(ctx, tx, id)
		if err != nil {
			return err
		}
		if len(standing(done)) > 0 {
			return fault.New(fault.Conflict, "need.conflict.served")
		}
		n.ClosedAt, n.Back = tx.Now, ""
		n.pause(tx.Now)
		if err := s.tellInstitution(ctx, tx, n, "need.told.withdrawn", "reason", reason); err != nil {
			return err
		}
		return s.tellAsker(ctx, tx, n, "need.told.refused", "reason", reason)
	})
}

// Assign gives the need to a member of staff who may handle it (分派); an empty
// person makes it nobody's again.
func (s *Service) Assign(ctx context.Context, by authz.Actor, id ID, version int, person, name string) (Need, error) {
	m := move{do: Assign, note: name, detail: map[string]any{"person": person}}
	return s.step(ctx, by, id, version, m, func(ctx context.Context, tx *db.Tx, n *Need) error {
		if person != "" && person != by.ID && s.hooks.Holds != nil {
			able, err := s.hooks.Holds(ctx, tx, person, Accept, n.desk())
			if err != nil {
				return err
			}
			if !able {
				return fault.Fields{{Name: "person", Key: "need.field.person"}}.Err()
			}
		}
		n.Assignee, n.AssigneeName = person, name
		if person == "" || person == by.ID {
			return nil
		}
		return s.tellDesk(ctx, tx, n, "need.told.assigned")
	})
}

// Ask asks the enterprise for more (等企业补材料); the clock stands still until it
// answers.
func (s *Service) Ask(ctx context.Context, by authz.Actor, id ID, version int, words string) (Need, error) {
	if err := fault.NoReason(&words); err != nil {
		return Need{}, err
	}
	now, err := s.reach(ctx, by, id, Ask)
	if err != nil {
		return Need{}, err
	}
	m := move{do: Ask, note: words}
	return s.step(ctx, by, id, version, m, func(ctx context.Context, tx *db.Tx, n *Need) error {
		// Not a new limit: that of the state it will return to, standing still.
		n.Back, n.Step = now.State, now.Step
		n.pause(tx.Now)
		return s.tellAsker(ctx, tx, n, "need.told.asked", "words", words)
	})
}

// Refer hands the need to the office above or below (转办): to must be on the
// way between the need's town and the province.
func (s *Service) Refer(ctx context.Context, by authz.Actor, id ID, version int, to region.Code, reason string) (Need, error) {
	if err := fault.NoReason(&reason); err != nil {
		return Need{}, err
	}
	m := move{do: Refer, note: reason, detail: map[string]any{"office": to}}
	return s.step(ctx, by, id, version, m, func(ctx context.Context, tx *db.Tx, n *Need) error {
		if to == n.Office || !to.Contains(n.Region) {
			return fault.Fields{{Name: "office", Key: "need.field.office"}}.Err()
		}
		n.Office, n.Assignee, n.AssigneeName = to, "", ""
		if err := s.tellDesk(ctx, tx, n, "need.told.referred", "reason", reason); err != nil {
			return err
		}
		return s.tellAsker(ctx, tx, n, "need.told.moved", "reason", reason)
	})
}

// Extend gives the whole matter the one extension its limit has (延长办理时限).
func (s *Service) Extend(ctx context.Context, by authz.Actor, id ID, version int, reason string) (Need, error) {
	if err := fault.NoReason(&reason); err != nil {
		return Need{}, err
	}
	t, err := s.times(ctx)
	if err != nil {
		return Need{}, err
	}
	m := move{do: Extend, note: reason}
	return s.step(ctx, by, id, version, m, func(ctx context.Context, tx *db.Tx, n *Need) error {
		limit, ok := t.limit(n, "finish", n.Whole)
		if !ok {
			return fault.New(fault.Conflict, "flow.clock.no_extension")
		}
		if n.Whole, err = n.Whole.Extend(t.calendar, limit, tx.Now); err != nil {
			return err
		}
		n.Told = Told{}
		return s.tellAsker(ctx, tx, n, "need.told.extended", "reason", reason)
	})
}
