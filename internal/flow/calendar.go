package flow

import (
	"strconv"
	"time"
)

// Kind says how a day differs from the plain week.
type Kind string

const (
	Rest Kind = "rest" // 休: a holiday, or a weekend joined to one
	Work Kind = "work" // 班: a weekend day worked in exchange (调休上班)
)

// Day is a day that differs from Monday-to-Friday, with the holiday it belongs to.
type Day struct {
	On     string `db:"day"` // ISO
	Kind   Kind   `db:"kind"`
	Name   string `db:"name"`    // 元旦, 春节 …
	NameEn string `db:"name_en"` // New Year's Day …
}

// Calendar says which days are worked (工作日历). It is immutable and safe for
// concurrent use. The zero Calendar knows Monday to Friday and no holiday.
type Calendar struct {
	days  map[string]Day
	years map[int]bool
	close time.Duration
}

// officeClose is when offices close unless the operator says otherwise.
const officeClose = 18 * time.Hour

// NewCalendar makes a calendar of the days that differ from the plain week and
// the years for which they are complete.
func NewCalendar(days []Day, years []int) *Calendar {
	c := &Calendar{days: make(map[string]Day, len(days)), years: make(map[int]bool, len(years)), close: officeClose}
	for _, d := range days {
		c.days[d.On] = d
	}
	for _, y := range years {
		c.years[y] = true
	}
	return c
}

// Closing is the same calendar for an office that closes at the time of day,
// counted from midnight (18:00 unless told otherwise).
func (c *Calendar) Closing(at time.Duration) *Calendar {
	other := *c
	other.close = at
	return &other
}

// Known reports whether the holidays of the year are on file. Without them the
// calendar answers Monday to Friday, and pages must warn officials of it.
func (c *Calendar) Known(year int) bool { return c.years[year] }

// KnownSpan reports whether every year touched by the days from and to is known.
func (c *Calendar) KnownSpan(from, to string) bool {
	for y := yearOf(from); y <= yearOf(to); y++ {
		if !c.years[y] {
			return false
		}
	}
	return true
}

func yearOf(day string) int {
	if len(day) < 4 {
		return 0
	}
	y, err := strconv.Atoi(day[:4])
	if err != nil {
		return 0
	}
	return y
}

// Special is the entry of a day that differs from the plain week.
func (c *Calendar) Special(day string) (Day, bool) {
	d, ok := c.days[day]
	return d, ok
}

// Workday reports whether the day is worked.
func (c *Calendar) Workday(day string) bool { return c.worked(parseDay(day)) }

func (c *Calendar) worked(t time.Time) bool {
	if d, ok := c.days[t.Format(isoDay)]; ok {
		return d.Kind == Work
	}
	return t.Weekday() != time.Saturday && t.Weekday() != time.Sunday
}

// Add is the n-th working day after the day, which itself is not counted:
// Add("2008-12-25", 10) is 2009-01-09. Negative n goes back in the same way;
// with n 0 it is the day itself when worked, else the next worked one.
func (c *Calendar) Add(day string, n int) string {
	t := parseDay(day)
	if t.IsZero() {
		return day
	}
	step := 1
	if n < 0 {
		step, n = -1, -n
	}
	if n == 0 {
		for !c.worked(t) {
			t = t.AddDate(0, 0, 1)
		}
	}
	for n > 0 {
		t = t.AddDate(0, 0, step)
		if c.worked(t) {
			n--
		}
	}
	return t.Format(isoDay)
}

// Between counts the working days after from, up to and including to; negative
// when to lies before from. It undoes Add: Between(d, Add(d, n)) is n for n ≥ 1.
func (c *Calendar) Between(from, to string) int {
	a, b := parseDay(from), parseDay(to)
	sign := 1
	if b.Before(a) {
		a, b, sign = b, a, -1
	}
	n := 0
	for a.Before(b) {
		a = a.AddDate(0, 0, 1)
		if c.worked(a) {
			n++
		}
	}
	return sign * n
}

// Left is the number of working days that remain after today until the due day:
// 0 on the due day itself, negative when it has passed (还剩、已过).
func (c *Calendar) Left(today, due string) int { return c.Between(today, due) }

// closing is the instant at which the office closes on the day.
func (c *Calendar) closing(day string) time.Time {
	shut := c.close
	if shut == 0 {
		shut = officeClose
	}
	t := parseDay(day)
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, Shanghai()).Add(shut)
}
