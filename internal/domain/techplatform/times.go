package techplatform

import (
	"context"
	"slices"
	"time"

	"qiban.dev/qiban/internal/flow"
)

// Times are the calendar and the limits that steps are measured by.
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

// Timed is a record that may wait for somebody's step: an order, a notice, a new
// product, an introduction.
type Timed interface{ waits() wait }

// wait is where in its process a record stands, and since when.
type wait struct {
	life  flow.Lifecycle
	state flow.State
	since time.Time
}

// step is what is waited for; false when nobody is. What the program does by
// itself nobody is late with.
func (w wait) step() (flow.Step, bool) {
	i := slices.IndexFunc(w.life.Steps, func(s flow.Step) bool {
		return s.Limit != "" && s.Who != "system" && slices.Contains(s.From, w.state)
	})
	if i < 0 {
		return flow.Step{}, false
	}
	return w.life.Steps[i], true
}

// waits counts an order from when it came into its state; what is booked for a
// later day is delivered from that day on.
func (o *Order) waits() wait {
	w := wait{lifecycle, o.State, o.Since}
	if booked, err := time.ParseInLocation(time.DateOnly, o.Slot.Day, flow.Shanghai()); err == nil && o.State == Accepted && booked.After(w.since) {
		w.since = booked
	}
	return w
}

func (n *Notice) waits() wait { return wait{noticeLife, n.State, n.Since} }

func (p *Product) waits() wait { return wait{productLife, p.State, p.Since} }

// Deadline is by when the next step of a record is to be taken: the platform
// accepts and delivers, the enterprise confirms, an office reviews. False when
// nothing is due.
func (t Times) Deadline(x Timed) (flow.Deadline, bool) { return t.due(x.waits()) }

func (t Times) due(w wait) (flow.Deadline, bool) {
	step, ok := w.step()
	if !ok || t.calendar == nil {
		return flow.Deadline{}, false
	}
	limit, ok := t.limits.Find(w.life.Name, step.Limit, flow.DayOf(w.since))
	if !ok {
		return flow.Deadline{}, false
	}
	return t.calendar.Due(w.since, limit), true
}

// Lamp is how the deadline of a record stands now; false when nothing is due.
func (t Times) Lamp(x Timed, now time.Time) (flow.Lamp, flow.Deadline, bool) {
	d, ok := t.Deadline(x)
	if !ok {
		return flow.Lamp{}, d, false
	}
	return t.calendar.Lamp(d, now), d, true
}
