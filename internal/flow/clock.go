package flow

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"qiban.dev/qiban/internal/fault"
)

// Clock is the running time of one limit of one record: when it started, when it
// stood still (等企业补材料 停表), and whether it was extended. It is kept by the
// record's owner as one text column. The zero Clock has not started.
type Clock struct {
	Start    int64   `json:"start"` // unix milliseconds UTC
	Pauses   []Pause `json:"pauses,omitempty"`
	Extended int     `json:"extended,omitempty"` // in the limit's unit
}

// Pause is a time in which the clock stood still; To is 0 while it still does.
type Pause struct {
	From int64 `json:"from"`
	To   int64 `json:"to,omitempty"`
}

// NewClock starts a clock.
func NewClock(at time.Time) Clock { return Clock{Start: at.UnixMilli()} }

// Running reports whether the clock was started.
func (k Clock) Running() bool { return k.Start != 0 }

// Paused reports whether the clock stands still.
func (k Clock) Paused() bool {
	return len(k.Pauses) > 0 && k.Pauses[len(k.Pauses)-1].To == 0
}

// Pause is the clock, stopped at the instant; Conflict when it is not running
// or already stopped.
func (k Clock) Pause(at time.Time) (Clock, error) {
	if !k.Running() || k.Paused() {
		return k, fault.New(fault.Conflict, "flow.clock.paused")
	}
	k.Pauses = append(append([]Pause(nil), k.Pauses...), Pause{From: at.UnixMilli()})
	return k, nil
}

// Resume is the clock, running again from the instant; Conflict when it was not
// stopped.
func (k Clock) Resume(at time.Time) (Clock, error) {
	if !k.Paused() {
		return k, fault.New(fault.Conflict, "flow.clock.running")
	}
	k.Pauses = append([]Pause(nil), k.Pauses...)
	last := &k.Pauses[len(k.Pauses)-1]
	last.To = max(at.UnixMilli(), last.From)
	return k, nil
}

// Extend is the clock with the limit's extension granted (延长一次). It is a
// Conflict when the limit has none, when it was granted before, or when the
// deadline has already passed.
func (k Clock) Extend(c *Calendar, limit Limit, now time.Time) (Clock, error) {
	switch {
	case limit.Extension == 0:
		return k, fault.New(fault.Conflict, "flow.clock.no_extension")
	case k.Extended > 0:
		return k, fault.New(fault.Conflict, "flow.clock.extended")
	case now.After(c.Deadline(k, limit, now).At):
		return k, fault.New(fault.Conflict, "flow.clock.over")
	}
	k.Extended = limit.Extension
	return k, nil
}

// Text is the clock as the column that keeps it; empty when it has not started.
func (k Clock) Text() string {
	if !k.Running() {
		return ""
	}
	raw, err := json.Marshal(k)
	if err != nil {
		panic(err) // three integers always marshal
	}
	return string(raw)
}

// ParseClock reads a clock from its column; empty text is a clock not started.
func ParseClock(column string) (Clock, error) {
	var k Clock
	if column == "" {
		return k, nil
	}
	// Most clocks were only started, and lists read many.
	if inner, ok := strings.CutPrefix(column, `{"start":`); ok {
		if at, err := strconv.ParseInt(strings.TrimSuffix(inner, "}"), 10, 64); err == nil {
			return Clock{Start: at}, nil
		}
	}
	if err := json.Unmarshal([]byte(column), &k); err != nil {
		return k, fmt.Errorf("a clock that cannot be read: %w", err)
	}
	return k, nil
}

func (k Clock) started() time.Time { return time.UnixMilli(k.Start) }
func (p Pause) start() time.Time   { return time.UnixMilli(p.From) }

func (p Pause) end(now time.Time) time.Time {
	if p.To == 0 {
		return now
	}
	return time.UnixMilli(p.To)
}
