package flow

import (
	"slices"
	"time"
)

// StripDay is one cell of the day strip (工作日条).
type StripDay struct {
	On      string       // ISO
	Weekday time.Weekday //
	Rest    bool         // 休: not worked
	Shifted bool         // 班: a weekend day that is worked
	Name    string       // the holiday it belongs to, empty on plain days
	NameEn  string       //
	Past    bool         // before today
	Today   bool         //
	Due     bool         // the last day of the limit
}

// Strip is the days of a period for the page: from the day after start to the
// due day, or to today when that is later. Plain weekends are left out, since
// nobody needs to be told of them; holidays and exchanged days are kept.
// It holds at most so many cells, the last ones when there are more.
func (c *Calendar) Strip(start, due, today string, most int) []StripDay {
	if !IsDay(start) || !IsDay(due) || !IsDay(today) {
		return nil
	}
	var cells []StripDay
	first, now := number(start)+1, number(today)
	last := number(due)
	for n := max(last, now); n >= first && (most <= 0 || len(cells) < most); n-- {
		day := dayAt(n)
		special, named := c.Special(day)
		worked := c.worked(n)
		if !worked && !named && n != now {
			continue
		}
		at, _ := weekday(n)
		cells = append(cells, StripDay{
			On: day, Weekday: time.Weekday((at + 1) % 7), Rest: !worked, Shifted: named && special.Kind == Work,
			Name: special.Name, NameEn: special.NameEn,
			Past: n < now, Today: n == now, Due: n == last,
		})
	}
	slices.Reverse(cells)
	return cells
}

// Holiday is a run of rest days under one name that a limit skipped.
type Holiday struct {
	Name, NameEn string
	Days         int
}

// Skipped names what is special between start (not counted) and due (counted):
// the holidays that did not count, and the weekend days that did. It answers
// “元旦 3 天不算，1月4日 周日上班要算”.
func (c *Calendar) Skipped(start, due string) (holidays []Holiday, worked []string) {
	for _, d := range c.days {
		switch {
		case d.On <= start || d.On > due:
		case d.Kind == Work:
			worked = append(worked, d.On)
		case len(holidays) > 0 && holidays[len(holidays)-1].Name == d.Name:
			holidays[len(holidays)-1].Days++
		default:
			holidays = append(holidays, Holiday{Name: d.Name, NameEn: d.NameEn, Days: 1})
		}
	}
	return holidays, worked
}

// Key is the text key of the mark on a day: 休 or 班.
func (k Kind) Key() string { return "flow.day." + string(k) }
