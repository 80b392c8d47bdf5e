package techplatform

import (
	"context"
	"errors"
	"slices"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/gate"
)

// Watch is the program's right to look after orders that nobody looks at.
const Watch authz.Permission = "techplatform.order.watch"

// Times are the calendar and the limits that orders are measured by.
type Times struct {
	calendar *flow.Calendar
	limits   flow.Limits
}

// Times are those in force now.
func (s *Service) Times(ctx context.Context) (Times, error) {
	c, err := s.flow.Calendar(ctx)
	if err != nil {
		return Times{}, err
	}
	l, err := s.flow.Limits(ctx)
	return Times{c, l}, err
}

// waits is the step that an order in a state waits for, with the name of its
// limit; false when nobody is waited for.
func waits(state flow.State) (flow.Step, bool) {
	i := slices.IndexFunc(lifecycle.Steps, func(s flow.Step) bool { return s.Limit != "" && slices.Contains(s.From, state) })
	if i < 0 {
		return flow.Step{}, false
	}
	return lifecycle.Steps[i], true
}

// Deadline is by when the next step of an order is to be taken: the platform
// accepts, delivers, the enterprise confirms. What is booked for a later day is
// delivered from that day on. False when nothing is due.
func (t Times) Deadline(o *Order) (flow.Deadline, bool) {
	step, ok := waits(o.State)
	if !ok || t.calendar == nil {
		return flow.Deadline{}, false
	}
	since := o.Since
	if booked, err := time.ParseInLocation(time.DateOnly, o.Slot.Day, flow.Shanghai()); err == nil && o.State == Accepted && booked.After(since) {
		since = booked
	}
	limit, ok := t.limits.Find(lifecycle.Name, step.Limit, flow.DayOf(since))
	if !ok {
		return flow.Deadline{}, false
	}
	return t.calendar.Due(since, limit), true
}

// Lamp is how the deadline of an order stands now; false when nothing is due.
func (t Times) Lamp(o *Order, now time.Time) (flow.Lamp, flow.Deadline, bool) {
	d, ok := t.Deadline(o)
	if !ok {
		return flow.Lamp{}, d, false
	}
	return t.calendar.Lamp(d, now), d, true
}

// mostLate is how many orders one run tells of.
const mostLate = 500

// TellLate writes to whoever lets an order wait beyond its limit, once for each
// step (逾期提醒), and returns to how many orders; a job calls it.
func (s *Service) TellLate(ctx context.Context, by authz.Actor) (int, error) {
	t, err := s.Times(ctx)
	if err != nil {
		return 0, err
	}
	where, args := by.Scope(Watch).SQL(orderScope())
	var rows []orderRow
	if err := s.db.Select(ctx, &rows, `SELECT `+orderColumns+` FROM techplatform_order o WHERE `+where+` AND o.state IN (?, ?, ?)
		AND o.late_told <> o.since ORDER BY o.since, o.id LIMIT ?`,
		append(args, string(Placed), string(Accepted), string(Delivered), mostLate)...); err != nil {
		return 0, err
	}
	told := 0
	for i := range rows {
		o := rows[i].order()
		d, ok := t.Deadline(&o)
		if !ok || !s.db.Now().After(d.At) {
			continue
		}
		err := s.tellLate(ctx, by, &o, d)
		if fault.Is(err, fault.Stale) || errors.Is(err, errMoved) { // somebody has just taken the step
			continue
		}
		if err != nil {
			return told, err
		}
		told++
	}
	return told, nil
}

// errMoved says that an order has moved on since it was read.
var errMoved = errors.New("the order has moved on")

func (s *Service) tellLate(ctx context.Context, by authz.Actor, o *Order, d flow.Deadline) error {
	step, _ := waits(o.State)
	c := gate.Change{
		By: by, Do: Watch, On: authz.At(o.Region), Record: gate.Record{Kind: OrderKind, ID: string(o.ID)}, Detail: map[string]any{"due": d.On},
	}
	return s.gate.Write(ctx, &c, func(ctx context.Context, tx *db.Tx) error {
		n, err := tx.Exec(ctx, `UPDATE techplatform_order SET late_told = since WHERE id = ? AND version = ?`, string(o.ID), o.Version)
		if err != nil {
			return err
		}
		if n == 0 {
			return errMoved
		}
		return s.tell(ctx, tx, o, step.Do, o.on(step.Do), "tech.told.late", "due", d.On)
	})
}
