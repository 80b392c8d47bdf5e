package flow

import (
	"time"

	"qiban.dev/qiban/internal/region"
)

// Tone is the one thing a lamp shows (时限灯).
type Tone string

const (
	InTime Tone = "ok"   // 在期
	Soon   Tone = "soon" // three working days or fewer, or the last day in hours
	Over   Tone = "over" // 逾期
	Stop   Tone = "stop" // 停表
)

// soonDays is from when a limit is shown as close.
const soonDays = 3

// Lamp says how a deadline stands: a tone, and a sentence by key and arguments.
// N is what is left, or what it is over by (never negative): working days, or
// hours for limits in hours.
type Lamp struct {
	Tone Tone
	N    int
	Key  string
	Args []any
}

// Lamp is how the deadline stands at now. Days are counted in working days also
// for limits in calendar days, since that is what an official can use.
func (c *Calendar) Lamp(d Deadline, now time.Time) Lamp {
	if d.Paused {
		return Lamp{Tone: Stop, Key: "flow.lamp.stop"}
	}
	if d.Limit.Unit == Hours {
		return hourLamp(d, now)
	}
	n := c.Left(DayOf(now), d.On)
	switch {
	case now.After(d.At) && n >= 0:
		return Lamp{Tone: Over, Key: "flow.lamp.over_now"}
	case n < 0:
		return Lamp{Tone: Over, N: -n, Key: "flow.lamp.over", Args: []any{"n", -n}}
	case DayOf(now) == d.On:
		return Lamp{Tone: Soon, Key: "flow.lamp.today"}
	case n <= soonDays:
		return Lamp{Tone: Soon, N: n, Key: "flow.lamp.left", Args: []any{"n", n}}
	default:
		return Lamp{Tone: InTime, N: n, Key: "flow.lamp.left", Args: []any{"n", n}}
	}
}

func hourLamp(d Deadline, now time.Time) Lamp {
	left := d.At.Sub(now)
	if left < 0 {
		n := int((-left + time.Hour - 1) / time.Hour)
		return Lamp{Tone: Over, N: n, Key: "flow.lamp.over_hours", Args: []any{"n", n}}
	}
	n := int((left + time.Hour - 1) / time.Hour)
	tone := InTime
	if n <= 24 {
		tone = Soon
	}
	return Lamp{Tone: tone, N: n, Key: "flow.lamp.left_hours", Args: []any{"n", n}}
}

// Remind reports whether the limit asks for a reminder by now (临期提醒).
func (c *Calendar) Remind(d Deadline, now time.Time) bool {
	if d.Limit.Remind == 0 || d.Paused || now.After(d.At) {
		return false
	}
	if d.Limit.Unit == Hours {
		return d.At.Sub(now) <= time.Duration(d.Limit.Remind)*time.Hour
	}
	return c.Left(DayOf(now), d.On) <= d.Limit.Remind
}

// Supervise is the level that must be told now that the deadline is overdue
// (督办), region.None while nobody must.
func (c *Calendar) Supervise(d Deadline, now time.Time) region.Level {
	if d.Paused || !now.After(d.At) {
		return region.None
	}
	if c.Between(d.On, DayOf(now)) < d.Limit.SuperviseAfter {
		return region.None
	}
	return d.Limit.Supervise
}
