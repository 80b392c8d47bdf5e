package flow

import "time"

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
// It holds at most max cells, the last ones when there are more.
func (c *Calendar) Strip(start, due, today string, max int) []StripDay {
	var cells []StripDay
	end := due
	if today > end {
		end = today
	}
	for day := AddDays(start, 1); day <= end; day = AddDays(day, 1) {
		t := parseDay(day)
		if t.IsZero() {
			return nil
		}
		special, named := c.days[day]
		worked := c.worked(t)
		if !worked && !named && day != today {
			continue
		}
		cells = append(cells, StripDay{
			On: day, Weekday: t.Weekday(), Rest: !worked, Shifted: named && special.Kind == Work,
			Name: special.Name, NameEn: special.NameEn,
			Past: day < today, Today: day == today, Due: day == due,
		})
	}
	if max > 0 && len(cells) > max {
		cells = cells[len(cells)-max:]
	}
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
	for day := AddDays(start, 1); day <= due; day = AddDays(day, 1) {
		if !IsDay(day) {
			return nil, nil
		}
		special, ok := c.days[day]
		switch {
		case !ok:
		case special.Kind == Work:
			worked = append(worked, day)
		case len(holidays) > 0 && holidays[len(holidays)-1].Name == special.Name:
			holidays[len(holidays)-1].Days++
		default:
			holidays = append(holidays, Holiday{Name: special.Name, NameEn: special.NameEn, Days: 1})
		}
	}
	return holidays, worked
}

// Key is the text key of the mark on a day: 休 or 班.
func (k Kind) Key() string { return "flow.day." + string(k) }
