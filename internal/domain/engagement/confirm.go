package engagement

import (
	"context"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
)

// Confirm says that all that was recorded was indeed delivered (确认). Only the
// one who asked can say so; from now on the deliveries count.
func (s *Service) Confirm(ctx context.Context, by authz.Actor, id ID, version int) (Need, error) {
	m := move{do: Confirm}
	return s.step(ctx, by, id, version, m, func(ctx context.Context, tx *db.Tx, n *Need) error {
		all, err := deliveries(ctx, tx, id)
		if err != nil {
			return err
		}
		if len(standing(all)) == 0 {
			return fault.New(fault.Conflict, "need.conflict.undelivered")
		}
		for _, d := range standing(all) {
			if err := s.confirm(ctx, tx, n, &d); err != nil {
				return err
			}
		}
		n.Outcome = Confirmed
		return s.tellInstitution(ctx, tx, n, "need.told.confirmed")
	})
}

// ConfirmDelivery says so of one delivery. When it was the last one to be
// confirmed of a need that is delivered, the need waits for the rating next. A
// delivery that nobody confirmed in time can still be confirmed: late is better.
func (s *Service) ConfirmDelivery(ctx context.Context, by authz.Actor, id ID, version int, delivery string) (Need, error) {
	now, err := s.reach(ctx, by, id, ConfirmOne)
	if err != nil {
		return Need{}, err
	}
	all, err := deliveries(ctx, s.db, id)
	if err != nil {
		return Need{}, err
	}
	for i := range all {
		if all[i].ID == delivery && all[i].State != DeliveryWithdrawn {
			all[i].State = DeliveryConfirmed
		}
	}
	last := confirmedAll(all)
	m := move{do: ConfirmOne, detail: map[string]any{"delivery": delivery}}
	if last && now.State == Delivered {
		m.to = Rateable
	}
	return s.stepFrom(ctx, by, now, version, m, func(ctx context.Context, tx *db.Tx, n *Need) error {
		d, err := oneDelivery(ctx, tx, id, delivery)
		if err != nil {
			return err
		}
		if d.State == DeliveryWithdrawn || d.State == DeliveryConfirmed {
			return fault.New(fault.Conflict, "need.conflict."+string(d.State))
		}
		if err := s.confirm(ctx, tx, n, &d); err != nil {
			return err
		}
		if !last || (n.State != Rateable && n.State != Closed) {
			return nil
		}
		n.Outcome = Confirmed
		if n.State != Closed {
			return nil
		}
		if _, err := s.ledger.Reverse(ctx, tx, closing(id), ""); err != nil {
			return err
		}
		_, err = s.ledger.Post(ctx, tx, closedFact(n))
		return err
	})
}

// confirm makes one delivery count; one that already does stays as it is.
func (s *Service) confirm(ctx context.Context, tx *db.Tx, n *Need, d *Delivery) error {
	if d.State == DeliveryConfirmed {
		return nil
	}
	d.State, d.ConfirmedAt = DeliveryConfirmed, tx.Now
	if err := updateDelivery(ctx, tx, d); err != nil {
		return err
	}
	return s.count(ctx, tx, n, d)
}

// Dispute says that it was not delivered, or not as recorded (还没办好); the
// institution works on, and the clock with it.
func (s *Service) Dispute(ctx context.Context, by authz.Actor, id ID, version int, reason string) (Need, error) {
	if err := fault.NoReason(&reason); err != nil {
		return Need{}, err
	}
	m := move{do: Dispute, note: reason}
	return s.step(ctx, by, id, version, m, func(ctx context.Context, tx *db.Tx, n *Need) error {
		n.again(tx)
		if err := s.tellInstitution(ctx, tx, n, "need.told.disputed", "reason", reason); err != nil {
			return err
		}
		return s.tellDesk(ctx, tx, n, "need.told.disputed", "reason", reason)
	})
}

// Rate says what it was worth (评价) and closes the need. A need that closed
// without a rating can be rated later, once.
func (s *Service) Rate(ctx context.Context, by authz.Actor, id ID, version int, r Rating) (Need, error) {
	if err := r.check(); err != nil {
		return Need{}, err
	}
	m := move{do: Rate, detail: map[string]any{"score": r.Score, "solved": r.Solved, "on_time": r.OnTime}}
	return s.step(ctx, by, id, version, m, func(ctx context.Context, tx *db.Tx, n *Need) error {
		if n.Rated {
			return fault.New(fault.Conflict, "need.conflict.rated")
		}
		r.By, r.At = by.ID, tx.Now
		if err := insertRating(ctx, tx, id, &r); err != nil {
			return err
		}
		all, err := deliveries(ctx, tx, id)
		if err != nil {
			return err
		}
		for _, d := range all {
			if d.State != DeliveryConfirmed {
				continue
			}
			if _, err := s.ledger.Post(ctx, tx, ratingFacts(n, &d, &r)...); err != nil {
				return err
			}
		}
		n.Rated = true
		if n.ClosedAt.IsZero() {
			if err := s.close(ctx, tx, n); err != nil {
				return err
			}
		}
		if err := s.tellInstitution(ctx, tx, n, "need.told.rated", "score", r.Score); err != nil {
			return err
		}
		return s.news(ctx, tx, NewsRated, n)
	})
}

// close counts the need as closed, and what nobody confirmed apart.
func (s *Service) close(ctx context.Context, tx *db.Tx, n *Need) error {
	all, err := deliveries(ctx, tx, n.ID)
	if err != nil {
		return err
	}
	n.Outcome = Unconfirmed
	if confirmedAll(all) {
		n.Outcome = Confirmed
	}
	for _, d := range all {
		if d.State != Recorded {
			continue
		}
		if err := s.unsure(ctx, tx, n, &d); err != nil {
			return err
		}
	}
	n.ClosedAt = tx.Now
	if _, err := s.ledger.Post(ctx, tx, closedFact(n)); err != nil {
		return err
	}
	return s.news(ctx, tx, NewsClosed, n)
}
