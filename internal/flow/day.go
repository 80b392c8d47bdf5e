package flow

import (
	"sync"
	"time"
	_ "time/tzdata" // a server without zone files still knows Asia/Shanghai
)

// isoDay is how a day is written.
const isoDay = "2006-01-02"

// Shanghai is China standard time (北京时间), in which every day of the program
// begins and ends.
func Shanghai() *time.Location { return shanghai() }

var shanghai = sync.OnceValue(func() *time.Location {
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		panic(err) // the zone data is compiled in, so this is a broken build
	}
	return zone
})

// DayOf is the day on which an instant falls in China, as ISO text.
func DayOf(at time.Time) string { return at.In(Shanghai()).Format(isoDay) }

// IsDay reports whether the text is a day that exists, written as 2009-01-04.
func IsDay(day string) bool {
	_, err := time.Parse(isoDay, day)
	return err == nil
}

// parseDay reads an ISO day as midnight UTC, the form in which days are counted;
// a malformed day is the zero time.
func parseDay(day string) time.Time {
	t, err := time.Parse(isoDay, day)
	if err != nil {
		return time.Time{}
	}
	return t
}

// AddDays is the day n calendar days later (earlier when n is negative).
// A malformed day comes back as it is.
func AddDays(day string, n int) string {
	t := parseDay(day)
	if t.IsZero() {
		return day
	}
	return t.AddDate(0, 0, n).Format(isoDay)
}

// AddMonths is the day so many calendar months later, the month's last where it
// has no such day. A malformed day comes back as it is.
func AddMonths(day string, months int) string {
	t := parseDay(day)
	if t.IsZero() {
		return day
	}
	later := t.AddDate(0, months, 0)
	if later.Day() != t.Day() {
		later = later.AddDate(0, 0, -later.Day())
	}
	return later.Format(isoDay)
}

// number counts the days since 1 January 1970; a malformed day is long before.
func number(day string) int { return int(parseDay(day).Unix() / secondsOfDay) }

// dayAt is the day with the number.
func dayAt(number int) string { return time.Unix(int64(number)*secondsOfDay, 0).UTC().Format(isoDay) }

const secondsOfDay = 24 * 60 * 60

// monday is how far the day with number 0, a Thursday, is from its week's Monday.
const monday = 3

// weekday is which day of the week it is, 0 for Monday, and which week since
// long ago.
func weekday(number int) (day, week int) {
	day = ((number+monday)%7 + 7) % 7
	return day, (number + monday - day) / 7
}

// plainCount counts the days from Monday to Friday up to and including the day,
// since that first week.
func plainCount(number int) int {
	day, week := weekday(number)
	return 5*week + min(day+1, 5)
}
