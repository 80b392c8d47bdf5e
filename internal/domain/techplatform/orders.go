package techplatform

import (
	"context"
	"slices"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/gate"
)

// process is how orders are kept and go on.
var process = flow.Process[Order]{
	Kept: gate.Kept[Order]{
		Kind: OrderKind, See: SeeOrder, Load: oneOrder, Save: updateOrder, Target: (*Order).view, On: (*Order).on,
		Version: func(o *Order) int { return o.Version },
	},
	Life: lifecycle, State: func(o *Order) *flow.State { return &o.State },
}

// take takes one step of an order.
func (s *Service) take(ctx context.Context, by authz.Actor, id OrderID, version int, m flow.Move,
	fn func(ctx context.Context, tx *db.Tx, o *Order) error,
) (Order, error) {
	o, err := process.Take(ctx, s.gate, by, string(id), version, m, func(ctx context.Context, tx *db.Tx, o *Order) error {
		if m.Do != Rebook {
			o.Since = tx.Now
		}
		return fn(ctx, tx, o)
	})
	if _, again := gate.Again(err); again {
		return oneOrder(ctx, s.db, by.Scope(SeeOrder), string(id))
	}
	return o, err
}

// message is a word about the order.
func (o *Order) message(key string, args ...any) Message {
	return Message{
		Key: key, Record: gate.Record{Kind: OrderKind, ID: string(o.ID)}, Args: append([]any{"number", o.Number, "title", o.Title}, args...),
	}
}

// Place orders a service of a published platform for an enterprise (下单), with a
// booking when the wish names an instrument. An enterprise that the actor does
// not order for is NotFound; a service that is not on offer, a time in the past
// or outside the instrument's hours is Invalid, a time that is taken a Conflict.
// once is the request's idempotency key.
func (s *Service) Place(ctx context.Context, by authz.Actor, platform ID, firm enterprise.ID, w Wish, once string) (Order, error) {
	if w.Instrument == "" {
		w.Slot = Slot{}
	}
	broken := fault.FieldsOf(w.check(s.today()))
	e, err := enterprise.Load(ctx, s.db, by.Scope(Place), firm)
	if err == nil && (e.AliasOf != "" || e.Status == enterprise.Closed) {
		err = fault.Missing()
	}
	if err != nil {
		return Order{}, err
	}
	worked, err := s.worked(ctx)
	if err != nil {
		return Order{}, err
	}
	o := Order{
		ID: OrderID(db.NewID()), Wish: w, Platform: platform, Enterprise: string(e.ID), Requester: e.Profile.Name, Region: e.Profile.Region,
		State: Placed, Version: 1,
	}
	c := gate.Change{By: by, Do: Place, On: o.asker(), Once: once, Record: gate.Record{Kind: OrderKind, ID: string(o.ID)}}
	err = s.gate.Write(ctx, &c, func(ctx context.Context, tx *db.Tx) error {
		if err := s.serve(ctx, tx, &o, broken, worked); err != nil {
			return err
		}
		if o.Number, err = nextNumber(ctx, tx, orderNumber); err != nil {
			return err
		}
		o.PlacedAt, o.Since, o.UpdatedAt = tx.Now, tx.Now, tx.Now
		if err := insertOrder(ctx, tx, &o); err != nil {
			return err
		}
		c.Detail = map[string]any{"platform": platform, "number": o.Number}
		if err := flow.Note(ctx, tx, c.Record, flow.Began(by, Place, Placed, "")); err != nil {
			return err
		}
		return s.tell(ctx, tx, &o, Accept, "tech.told.placed", "enterprise", o.Requester)
	})
	if id, again := gate.Again(err); again {
		return oneOrder(ctx, s.db, by.Scope(SeeOrder), id)
	}
	return o, err
}

// serve finds what an order is for, a service on offer of a platform that does not
// close meanwhile, and holds the instrument it wants. What is wrong is told together
// with what is broken already.
func (s *Service) serve(ctx context.Context, tx *db.Tx, o *Order, broken fault.Fields, worked func(string) bool) error {
	err := tx.Lock(ctx, "techplatform", string(o.Platform))
	var p Platform
	if err == nil {
		p, err = s.offered(ctx, tx, o.Platform)
	}
	if err != nil {
		if len(broken) > 0 {
			return broken.Err()
		}
		return err
	}
	f := slices.Clip(broken)
	service, err := offering(ctx, tx, o.Platform, o.Service)
	switch {
	case fault.Is(err, fault.NotFound), err == nil && service.Ended:
		if !f.Has("service") {
			f.Add("service", "field.choice")
		}
	case err != nil:
		return err
	}
	o.Institution, o.Kind, o.ServiceName = p.Institution, service.Kind, service.Name
	err = s.book(ctx, tx, o, worked)
	if f = append(f, fault.FieldsOf(err)...); len(f) > 0 {
		return f.Err()
	}
	return err
}

// offered is a platform that takes orders: on the portal and not closed.
func (s *Service) offered(ctx context.Context, r db.Reader, id ID) (Platform, error) {
	p, err := one(ctx, r, authz.Unbounded("published platforms are public"), id, s.today())
	if err == nil && (!p.Published || p.Ended != "" && p.Ended <= s.today()) {
		return Platform{}, fault.Missing()
	}
	return p, err
}

// book holds the instrument that the order wants, if it wants one.
func (s *Service) book(ctx context.Context, tx *db.Tx, o *Order, worked func(string) bool) error {
	if o.Instrument == "" {
		return nil
	}
	return s.hold(ctx, tx, o.Platform, &Booking{Instrument: o.Instrument, Order: o.ID, Slot: o.Slot}, worked)
}

// Accept takes the order on (受理).
func (s *Service) Accept(ctx context.Context, by authz.Actor, id OrderID, version int) (Order, error) {
	return s.take(ctx, by, id, version, flow.Move{Do: Accept}, func(ctx context.Context, tx *db.Tx, o *Order) error {
		return s.tell(ctx, tx, o, Place, "tech.told.accepted")
	})
}

// Refuse does not take it (不予受理), and gives back what it booked.
func (s *Service) Refuse(ctx context.Context, by authz.Actor, id OrderID, version int, reason string) (Order, error) {
	return s.drop(ctx, by, id, version, Refuse, reason, "tech.told.refused")
}

// Withdraw is the enterprise's word that it no longer wants it (撤回), before it is
// delivered. What it booked is given back.
func (s *Service) Withdraw(ctx context.Context, by authz.Actor, id OrderID, version int, reason string) (Order, error) {
	return s.drop(ctx, by, id, version, Withdraw, reason, "tech.told.withdrawn")
}

func (s *Service) drop(ctx context.Context, by authz.Actor, id OrderID, version int, do authz.Permission, reason, key string) (Order, error) {
	if err := fault.NoReason(&reason); err != nil {
		return Order{}, err
	}
	m := flow.Move{Do: do, Note: reason, Detail: map[string]any{"reason": reason}}
	return s.take(ctx, by, id, version, m, func(ctx context.Context, tx *db.Tx, o *Order) error {
		if err := giveBack(ctx, tx, o.ID); err != nil {
			return err
		}
		if do == Refuse {
			return s.tell(ctx, tx, o, Place, key, "reason", reason)
		}
		return s.tell(ctx, tx, o, Accept, key, "reason", reason)
	})
}

// Rebook changes the time of an order that has an instrument (改期); either side
// may. Invalid and Conflict are as for Place; an order without an instrument is
// a Conflict.
func (s *Service) Rebook(ctx context.Context, by authz.Actor, id OrderID, version int, slot Slot) (Order, error) {
	worked, err := s.worked(ctx)
	if err != nil {
		return Order{}, err
	}
	m := flow.Move{Do: Rebook, Note: slot.Day + " " + Clock(slot.From) + "–" + Clock(slot.To)}
	return s.take(ctx, by, id, version, m, func(ctx context.Context, tx *db.Tx, o *Order) error {
		if o.Instrument == "" {
			return fault.New(fault.Conflict, "tech.conflict.no_instrument")
		}
		o.Slot = slot
		if err := s.book(ctx, tx, o, worked); err != nil {
			return err
		}
		args := []any{"day", slot.Day, "from", Clock(slot.From), "to", Clock(slot.To)}
		if by.May(Place, o.asker()) {
			return s.tell(ctx, tx, o, Accept, "tech.told.rebooked", args...)
		}
		return s.tell(ctx, tx, o, Place, "tech.told.rebooked", args...)
	})
}

// Deliver says what was done, with its report (交付). Papers are brought and taken
// off with it; a problem with them is Invalid under files.Field, and so is no report
// at all of what an instrument was booked for. Not before the order came in, nor
// before the day that was booked.
func (s *Service) Deliver(ctx context.Context, by authz.Actor, id OrderID, version int, d Delivery, papers files.Papers, once string) (Order, error) {
	m := flow.Move{Do: Deliver, Once: once, Detail: map[string]any{"on": d.On, "files": len(papers.Add)}}
	return s.take(ctx, by, id, version, m, func(ctx context.Context, tx *db.Tx, o *Order) error {
		d := d
		if err := d.check(flow.DayOf(o.PlacedAt), o.Slot.Day, flow.DayOf(tx.Now)); err != nil {
			return err
		}
		o.Delivery = d
		c := gate.Change{By: by, Do: Deliver, On: o.on(Deliver)}
		if err := s.hooks.Files.Apply(ctx, tx, &c, o.papers(), papers); err != nil {
			return err
		}
		if o.Instrument != "" {
			on, err := files.Of(ctx, tx, o.papers().Record)
			if err != nil {
				return err
			}
			if len(on) == 0 {
				return fault.Fields{{Name: files.Field, Key: "tech.field.report_file"}}.Err()
			}
		}
		return s.tell(ctx, tx, o, Place, "tech.told.delivered")
	})
}

// Confirm is the enterprise's word that it got what was delivered (确认): from now
// on it counts.
func (s *Service) Confirm(ctx context.Context, by authz.Actor, id OrderID, version int) (Order, error) {
	return s.take(ctx, by, id, version, flow.Move{Do: Confirm}, func(ctx context.Context, tx *db.Tx, o *Order) error {
		o.ConfirmedAt = tx.Now
		w := Work{
			ID: db.NewID(), Platform: o.Platform, Institution: o.Institution, Service: o.Service, Order: o.ID, Kind: o.Kind,
			On: o.On, Title: o.Title, Enterprises: []string{o.Enterprise}, Fee: o.Fee, Free: o.Free, State: WorkCounted, Version: 1,
		}
		if err := s.enter(ctx, tx, &w, []served{{o.Enterprise, o.Region}}); err != nil {
			return err
		}
		return s.tell(ctx, tx, o, Accept, "tech.told.confirmed")
	})
}

// Dispute says that it was not delivered, or not as reported; the platform works on.
func (s *Service) Dispute(ctx context.Context, by authz.Actor, id OrderID, version int, reason string) (Order, error) {
	if err := fault.NoReason(&reason); err != nil {
		return Order{}, err
	}
	m := flow.Move{Do: Dispute, Note: reason, Detail: map[string]any{"reason": reason}}
	return s.take(ctx, by, id, version, m, func(ctx context.Context, tx *db.Tx, o *Order) error {
		return s.tell(ctx, tx, o, Accept, "tech.told.disputed", "reason", reason)
	})
}

// Rate says what it was worth (评价).
func (s *Service) Rate(ctx context.Context, by authz.Actor, id OrderID, version int, r Rating) (Order, error) {
	if err := r.check(); err != nil {
		return Order{}, err
	}
	m := flow.Move{Do: Rate, Detail: map[string]any{"score": r.Score, "on_time": r.OnTime}}
	return s.take(ctx, by, id, version, m, func(ctx context.Context, tx *db.Tx, o *Order) error {
		o.Rating = r
		return s.tell(ctx, tx, o, Accept, "tech.told.rated", "score", r.Score)
	})
}

// TakeBack is the platform's word that what it delivered was not so (撤销交付):
// whatever it counted is taken back, and the order is in work again.
func (s *Service) TakeBack(ctx context.Context, by authz.Actor, id OrderID, version int, reason string) (Order, error) {
	if err := fault.NoReason(&reason); err != nil {
		return Order{}, err
	}
	m := flow.Move{Do: TakeBack, Note: reason, Detail: map[string]any{"reason": reason}}
	return s.take(ctx, by, id, version, m, func(ctx context.Context, tx *db.Tx, o *Order) error {
		var ids []string
		if err := tx.Select(ctx, &ids, `SELECT id FROM techplatform_work WHERE order_id = ? AND withdrawn = ''`, string(o.ID)); err != nil {
			return err
		}
		for _, work := range ids {
			w, err := oneWork(ctx, tx, authz.Unbounded("the order's own"), work)
			if err == nil {
				err = s.uncount(ctx, tx, &w, reason)
			}
			if err == nil {
				err = updateWork(ctx, tx, &w)
			}
			if err != nil {
				return err
			}
		}
		o.Delivery, o.Rating, o.ConfirmedAt = Delivery{}, Rating{}, time.Time{}
		return s.tell(ctx, tx, o, Place, "tech.told.taken_back", "reason", reason)
	})
}
