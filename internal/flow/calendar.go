package flow

import (
	"slices"
	"sort"
	"strconv"
	"strings"
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
// Counting working days costs the same for a week and for twenty years.
type Calendar struct {
	days  []Day  // in order
	turns []turn // those that change what the plain week counts, in order
	years map[int]bool
	close time.Duration
}

// turn is a day from which on more or fewer days were worked in all than the
// plain week has: Ahead is the difference, with the day itself.
type turn struct{ day, ahead int }

// officeClose is when offices close unless the operator says otherwise.
const officeClose = 18 * time.Hour

// NewCalendar makes a calendar of the days that differ from the plain week, each
// named once, and the years for which they are complete.
func NewCalendar(days []Day, years []int) *Calendar {
	c := &Calendar{days: slices.Clone(days), years: make(map[int]bool, len(years)), close: officeClose}
	slices.SortFunc(c.days, func(a, b Day) int { return strings.Compare(a.On, b.On) })
	ahead := 0
	for _, d := range c.days {
		n := number(d.On)
		switch plain := plainCount(n) > plainCount(n-1); {
		case plain && d.Kind == Rest:
			ahead--
		case !plain && d.Kind == Work:
			ahead++
		default:
			continue // a free Sunday is nothing new
		}
		c.turns = append(c.turns, turn{n, ahead})
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
	for y := YearOf(from); y <= YearOf(to); y++ {
		if !c.years[y] {
			return false
		}
	}
	return true
}

// YearOf is the year of an ISO date, 0 of what is none.
func YearOf(day string) int {
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
	i, ok := slices.BinarySearchFunc(c.days, day, func(d Day, on string) int { return strings.Compare(d.On, on) })
	if !ok {
		return Day{}, false
	}
	return c.days[i], true
}

// Workday reports whether the day is worked.
func (c *Calendar) Workday(day string) bool { return c.worked(number(day)) }

func (c *Calendar) worked(day int) bool { return c.count(day) > c.count(day-1) }

// Add is the n-th working day after the day, which itself is not counted:
// Add("2008-12-25", 10) is 2009-01-09. Negative n goes back in the same way;
// with n 0 it is the day itself when worked, else the next worked one.
func (c *Calendar) Add(day string, n int) string {
	if !IsDay(day) {
		return day
	}
	from := number(day)
	if n > 0 {
		return dayAt(c.nth(c.count(from) + n))
	}
	return dayAt(c.nth(c.count(from-1) + n + 1))
}

// Between counts the working days after from, up to and including to; negative
// when to lies before from. It undoes Add: Between(d, Add(d, n)) is n for n ≥ 1.
func (c *Calendar) Between(from, to string) int { return c.count(number(to)) - c.count(number(from)) }

// count numbers the working days: those up to and including the day, of all that
// there were since one of long ago. Only differences mean something.
func (c *Calendar) count(day int) int {
	n := plainCount(day)
	if i := sort.Search(len(c.turns), func(i int) bool { return c.turns[i].day > day }); i > 0 {
		n += c.turns[i-1].ahead
	}
	return n
}

// nth is the working day with the number: the first day that count gives it.
func (c *Calendar) nth(n int) int {
	span := 2*len(c.turns) + 14 // further the holidays cannot move a day
	first := n*7/5 - span
	return first + sort.Search(2*span, func(i int) bool { return c.count(first+i) >= n })
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
