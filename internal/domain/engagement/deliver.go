package engagement

import (
	"context"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/ledger"
)

// Deliver records what the institution in charge did (登记服务). It does not count
// until the one who asked confirms it. The delivery's id is returned too.
func (s *Service) Deliver(ctx context.Context, by authz.Actor, id ID, version int, w Work, papers ...files.Papers) (Need, string, error) {
	now, err := s.reach(ctx, by, id, Deliver)
	if err != nil {
		return Need{}, "", err
	}
	if err := w.check(flow.DayOf(now.PostedAt), flow.DayOf(s.db.Now())); err != nil {
		return now, "", err
	}
	d := Delivery{ID: db.NewID(), Need: id, Work: w, State: Recorded, By: by.ID, ByName: by.Name}
	m := move{do: Deliver, note: w.Text, detail: map[string]any{"delivery": d.ID, "day": w.On, "theme": w.Theme, "form": w.Form}}
	n, err := s.stepFrom(ctx, by, now, version, m, func(ctx context.Context, tx *db.Tx, n *Need) error {
		d.Institution, d.At = n.Institution, tx.Now
		if err := s.place(ctx, tx, n, &d); err != nil {
			return err
		}
		if err := insertDelivery(ctx, tx, &d); err != nil {
			return err
		}
		if err := s.hooks.Files.Apply(ctx, tx, change(by, n, Deliver), d.papers(), papers...); err != nil {
			return err
		}
		return s.tellAsker(ctx, tx, n, "need.told.delivered", "institution", d.Name)
	})
	if err != nil {
		return n, "", err
	}
	return n, d.ID, nil
}

// place fills in where and how large the enterprise is, and what the institution
// was on the day: by this the delivery is counted for good.
func (s *Service) place(ctx context.Context, tx *db.Tx, n *Need, d *Delivery) error {
	i, err := institution.On(ctx, tx, d.Institution, ledger.Date(d.On))
	if err != nil {
		return err
	}
	d.Name, d.Tier = i.Name, i.Tier
	d.Region, d.Size = n.Region, n.Size
	if n.Enterprise == "" {
		return nil
	}
	e, err := enterprise.Load(ctx, tx, authz.Unbounded("counted, not shown"), enterprise.ID(n.Enterprise))
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err == nil {
		d.Region, d.Size = e.Profile.Region, string(e.Size)
	}
	return err
}

// Correct changes a delivery (更正). What it counted for is taken back; it counts
// again when the one who asked confirms it as it is now.
func (s *Service) Correct(ctx context.Context, by authz.Actor, id ID, version int, delivery string, w Work, reason string, papers ...files.Papers) (Need, error) {
	now, err := s.reach(ctx, by, id, Correct)
	if err != nil {
		return Need{}, err
	}
	if err := w.check(flow.DayOf(now.PostedAt), flow.DayOf(s.db.Now())); err != nil {
		return now, err
	}
	if err := fault.NoReason(&reason); err != nil {
		return now, err
	}
	m := move{do: Correct, note: reason, detail: map[string]any{"delivery": delivery}}
	return s.step(ctx, by, id, version, m, func(ctx context.Context, tx *db.Tx, n *Need) error {
		d, err := oneDelivery(ctx, tx, id, delivery)
		if err != nil {
			return err
		}
		if d.State == DeliveryWithdrawn {
			return fault.New(fault.Conflict, "need.conflict.withdrawn")
		}
		if err := s.uncount(ctx, tx, &d); err != nil {
			return err
		}
		if err := s.hooks.Files.Apply(ctx, tx, change(by, n, Correct), d.papers(), papers...); err != nil {
			return err
		}
		d.Work, d.Reason, d.State, d.ConfirmedAt = w, reason, Recorded, time.Time{}
		if err := s.place(ctx, tx, n, &d); err != nil {
			return err
		}
		if n.State == Closed {
			if err := s.unsure(ctx, tx, n, &d); err != nil {
				return err
			}
		} else if err := updateDelivery(ctx, tx, &d); err != nil {
			return err
		}
		return s.tellAsker(ctx, tx, n, "need.told.corrected", "institution", d.Name, "reason", reason)
	})
}

// unsure counts a delivery among those that nobody confirmed.
func (s *Service) unsure(ctx context.Context, tx *db.Tx, n *Need, d *Delivery) error {
	d.State = DeliveryUnsure
	if err := updateDelivery(ctx, tx, d); err != nil {
		return err
	}
	_, err := s.ledger.Post(ctx, tx, deliveryFact(n, d, streamUnconfirmed))
	return err
}

// TakeBack withdraws a delivery that was recorded by mistake (撤销), and all that
// it counted for. When it was the last one the need is being worked on again.
func (s *Service) TakeBack(ctx context.Context, by authz.Actor, id ID, version int, delivery, reason string) (Need, error) {
	if err := fault.NoReason(&reason); err != nil {
		return Need{}, err
	}
	now, err := s.reach(ctx, by, id, TakeBack)
	if err != nil {
		return Need{}, err
	}
	all, err := deliveries(ctx, s.db, id)
	if err != nil {
		return Need{}, err
	}
	m := move{do: TakeBack, note: reason, detail: map[string]any{"delivery": delivery}}
	if left := standing(all); len(left) == 1 && left[0].ID == delivery && (now.State == Delivered || now.State == Rateable) {
		m.to = InProgress
	}
	return s.step(ctx, by, id, version, m, func(ctx context.Context, tx *db.Tx, n *Need) error {
		d, err := oneDelivery(ctx, tx, id, delivery)
		if err != nil {
			return err
		}
		if d.State == DeliveryWithdrawn {
			return fault.New(fault.Conflict, "need.conflict.withdrawn")
		}
		if err := s.uncount(ctx, tx, &d); err != nil {
			return err
		}
		if m.to == InProgress {
			n.again(tx)
		}
		d.State, d.Reason = DeliveryWithdrawn, reason
		if err := updateDelivery(ctx, tx, &d); err != nil {
			return err
		}
		return s.tellAsker(ctx, tx, n, "need.told.taken_back", "institution", d.Name, "reason", reason)
	})
}

// again lets the whole limit run on: the need is not finished after all.
func (n *Need) again(tx *db.Tx) {
	n.Finished, n.OnTime, n.Outcome = time.Time{}, false, NoOutcome
	n.Whole = running(n.Whole, tx.Now)
}

// Finish says that all was delivered (办结); the one who asked is asked to
// confirm. Conflict when nothing was recorded.
func (s *Service) Finish(ctx context.Context, by authz.Actor, id ID, version int) (Need, error) {
	if _, err := s.reach(ctx, by, id, Finish); err != nil {
		return Need{}, err
	}
	t, err := s.times(ctx)
	if err != nil {
		return Need{}, err
	}
	all, err := deliveries(ctx, s.db, id)
	if err != nil {
		return Need{}, err
	}
	m := move{do: Finish}
	if confirmedAll(all) {
		m.to = Rateable // it said so piece by piece: nothing is left to confirm
	}
	return s.step(ctx, by, id, version, m, func(ctx context.Context, tx *db.Tx, n *Need) error {
		if len(standing(all)) == 0 {
			return fault.New(fault.Conflict, "need.conflict.undelivered")
		}
		if m.to == Rateable {
			n.Outcome = Confirmed
		}
		n.Finished, n.OnTime = tx.Now, true
		if d, ok := t.whole(n, tx.Now); ok {
			n.OnTime = !tx.Now.After(d.At)
		}
		n.Whole = stopped(n.Whole, tx.Now)
		return s.tellAsker(ctx, tx, n, "need.told.finished")
	})
}

// confirmedAll reports whether there is something delivered and all of it is
// confirmed.
func confirmedAll(all []Delivery) bool {
	left := standing(all)
	for _, d := range left {
		if d.State != DeliveryConfirmed {
			return false
		}
	}
	return len(left) > 0
}
