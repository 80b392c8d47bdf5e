package engagement

import (
	"context"
	"time"

	"qiban.dev/qiban/internal/flow"
)

// times is the calendar and the limits that a need is measured by.
type times struct {
	calendar *flow.Calendar
	limits   flow.Limits
}

func (s *Service) times(ctx context.Context) (times, error) {
	c, err := s.flow.Calendar(ctx)
	if err != nil {
		return times{}, err
	}
	l, err := s.flow.Limits(ctx)
	return times{c, l}, err
}

// limit is the limit of a step as it was in force when the clock started.
func (t times) limit(n *Need, step string, k flow.Clock) (flow.Limit, bool) {
	if step == "" || !k.Running() {
		return flow.Limit{}, false
	}
	return t.limits.Find(n.limitType(), step, flow.DayOf(time.UnixMilli(k.Start)))
}

// whole is the deadline from posting to delivery, false when there is none.
func (t times) whole(n *Need, now time.Time) (flow.Deadline, bool) {
	limit, ok := t.limit(n, "finish", n.Whole)
	if !ok {
		return flow.Deadline{}, false
	}
	return t.calendar.Deadline(n.Whole, limit, now), true
}

// deadline is what is due next: the limit of the present state or the whole,
// whichever ends sooner. While the need waits for the enterprise it is the one
// that stands still.
func (t times) deadline(n *Need, now time.Time) (flow.Deadline, bool) {
	state := n.State
	if state == Waiting {
		state = n.Back
	}
	var due flow.Deadline
	found := false
	if limit, ok := t.limit(n, stepLimit(state), n.Step); ok {
		due, found = t.calendar.Deadline(n.Step, limit, now), true
	}
	if d, ok := t.whole(n, now); ok && wholeRuns(state) && (!found || d.At.Before(due.At)) {
		due, found = d, true
	}
	return due, found
}

// set works out by when the next step is due.
func (t times) set(n *Need, now time.Time) {
	n.Due, n.DueStep = time.Time{}, ""
	if d, ok := t.deadline(n, now); ok && !d.Paused {
		n.Due, n.DueStep = d.At, d.Limit.Step
	}
}

// pause stops both clocks: the enterprise has to bring something.
func (n *Need) pause(now time.Time) {
	n.Whole, n.Step = stopped(n.Whole, now), stopped(n.Step, now)
}

// resume lets both clocks run on.
func (n *Need) resume(now time.Time) {
	n.Whole, n.Step = running(n.Whole, now), running(n.Step, now)
}

// stopped is the clock standing still; one that already does stays as it is.
func stopped(k flow.Clock, now time.Time) flow.Clock {
	if k.Paused() || !k.Running() {
		return k
	}
	k, _ = k.Pause(now)
	return k
}

func running(k flow.Clock, now time.Time) flow.Clock {
	if !k.Paused() {
		return k
	}
	k, _ = k.Resume(now)
	return k
}

// measure fills in how long each step of a history took (用时), and how long it
// should have taken at most.
func (t times) measure(n *Need, events []Event) {
	var since time.Time // when the present state began
	for i := range events {
		e := &events[i]
		if e.From == e.To {
			continue
		}
		if !since.IsZero() && e.From != Waiting {
			began := flow.DayOf(since)
			e.Took = max(0, t.calendar.Between(began, flow.DayOf(e.At)))
			if l, ok := t.limits.Find(n.limitType(), stepLimit(e.From), began); ok && l.Unit == flow.Workdays {
				e.Limit = l.Amount
			}
		}
		since = e.At
	}
}
