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
