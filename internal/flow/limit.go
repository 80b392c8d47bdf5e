package flow

import (
	"strings"
	"time"

	"qiban.dev/qiban/internal/region"
)

// Unit is what a limit is counted in.
type Unit string

const (
	Workdays Unit = "workday" // 工作日
	Days     Unit = "day"     // 日: calendar days
	Hours    Unit = "hour"    // 小时: run on, day and night
)

// Key is the text key of the unit as it follows a number.
func (u Unit) Key() string { return "flow.unit." + string(u) }

// Unknown is the text key of the warning, with the year, that Deadline.Known is
// false or Calendar.Known is.
const Unknown = "flow.calendar.unknown"

// Limit is how long a step of a matter may take (办理时限), as data: the operator
// changes it, and every figure says which version it was measured against.
type Limit struct {
	Type           string       `db:"type"`            // the matter: a lifecycle's name, or finer: need.financing
	Step           string       `db:"step"`            // sign 签收, accept 受理, answer 答复, finish 办结, confirm 确认 …
	Amount         int          `db:"amount"`          // in Unit
	Unit           Unit         `db:"unit"`            //
	Extension      int          `db:"extension"`       // what one extension adds, in Unit; 0: cannot be extended
	Remind         int          `db:"remind"`          // remind when so many units are left; 0: no reminder
	SuperviseAfter int          `db:"supervise_after"` // told when overdue by so many working days
	Supervise      region.Level `db:"-"`               // which level is told; None: nobody
	From           string       `db:"valid_from"`      // first day, ISO
	To             string       `db:"valid_to"`        // first day it no longer holds; empty: open
	Source         string       `db:"source"`          // law and article, or 本项目默认值
	Grade          string       `db:"grade"`           // A full text … C weak, M from memory, P the project's own default
}

// Limits is every limit on file, of every period. It is immutable.
type Limits []Limit

// Find is the limit of a step of a matter on a day. A finer type falls back to
// the coarser one: need.financing to need. False means there is no limit.
func (l Limits) Find(typ, step, day string) (Limit, bool) {
	for {
		for _, limit := range l {
			if limit.Type == typ && limit.Step == step && limit.holds(day) {
				return limit, true
			}
		}
		dot := strings.LastIndexByte(typ, '.')
		if dot < 0 {
			return Limit{}, false
		}
		typ = typ[:dot]
	}
}

func (l Limit) holds(day string) bool { return l.From <= day && (l.To == "" || day < l.To) }

// Deadline is when a step must be done.
type Deadline struct {
	At     time.Time // the instant: the office's closing time, or the hour
	On     string    // the day, ISO
	Limit  Limit
	Start  string // the day the clock started, ISO
	Total  int    // the amount with an extension, in the limit's unit
	Paused bool   // the clock stands still: At and On are where it would be if it ran on from now
	Known  bool   // false: some year's holidays are not on file, so the day may move
}

// Due is the deadline of a limit that starts at the instant and is never
// stopped or extended.
func (c *Calendar) Due(start time.Time, limit Limit) Deadline {
	return c.Deadline(NewClock(start), limit, start)
}

// Deadline is when a clock runs out. now matters only while the clock is
// stopped: the time it stands still has not yet ended.
func (c *Calendar) Deadline(k Clock, limit Limit, now time.Time) Deadline {
	start := k.started()
	d := Deadline{Limit: limit, Start: DayOf(start), Total: limit.Amount + k.Extended, Paused: k.Paused()}
	if limit.Unit == Hours {
		d.At = start.Add(time.Duration(d.Total) * time.Hour)
		for _, p := range k.Pauses {
			d.At = d.At.Add(p.end(now).Sub(p.start()))
		}
		d.On = DayOf(d.At)
	} else {
		d.On = c.lastDay(k, d, now)
		d.At = c.closing(d.On)
	}
	d.Known = c.KnownSpan(d.Start, d.On)
	return d
}

// lastDay adds up the days of the limit and of every stop of the clock.
func (c *Calendar) lastDay(k Clock, d Deadline, now time.Time) string {
	stopped := 0
	for _, p := range k.Pauses {
		from, to := DayOf(p.start()), DayOf(p.end(now))
		if d.Limit.Unit == Workdays {
			stopped += c.Between(from, to)
		} else {
			stopped += calendarDays(from, to)
		}
	}
	if d.Limit.Unit == Workdays {
		return c.Add(d.Start, d.Total+stopped)
	}
	return c.Add(AddDays(d.Start, d.Total+stopped), 0)
}

func calendarDays(from, to string) int { return number(to) - number(from) }
