package jobs

import (
	"testing"
	"time"
)

func TestSchedulesKeepToTheClockOfBeijing(t *testing.T) {
	at := func(s string) time.Time {
		when, err := time.ParseInLocation("2006-01-02 15:04:05", s, zone())
		if err != nil {
			t.Fatal(err)
		}
		return when.UTC()
	}
	for _, c := range []struct {
		name       string
		s          Schedule
		from, next string
	}{
		{"every five minutes", Every(5 * time.Minute), "2009-02-20 10:07:13", "2009-02-20 10:10:00"},
		{"exactly on the minute comes the next", Every(5 * time.Minute), "2009-02-20 10:10:00", "2009-02-20 10:15:00"},
		{"a daily interval turns at midnight", Every(24 * time.Hour), "2009-02-20 10:00:00", "2009-02-21 00:00:00"},
		{"later today", Daily(3, 30), "2009-02-20 01:00:00", "2009-02-20 03:30:00"},
		{"tomorrow", Daily(3, 30), "2009-02-20 03:30:00", "2009-02-21 03:30:00"},
		{"over the year", Daily(3, 30), "2008-12-31 23:00:00", "2009-01-01 03:30:00"},
		{"this month", Monthly(10, 8, 0), "2009-02-09 23:00:00", "2009-02-10 08:00:00"},
		{"next month", Monthly(10, 8, 0), "2009-02-10 08:00:00", "2009-03-10 08:00:00"},
		{"from a long month to a short one", Monthly(28, 8, 0), "2009-01-31 00:00:00", "2009-02-28 08:00:00"},
		{"over the year by months", Monthly(1, 0, 0), "2008-12-05 00:00:00", "2009-01-01 00:00:00"},
	} {
		if got := c.s.Next(at(c.from)); !got.Equal(at(c.next)) {
			t.Errorf("%s: after %s comes %s, want %s", c.name, c.from, got.In(zone()), c.next)
		}
	}
	for _, c := range []struct {
		name      string
		s         Schedule
		last, now string
		due       bool
	}{
		{"ran this night", Daily(3, 30), "2009-02-20 03:30:05", "2009-02-20 09:00:00", false},
		{"down during the night", Daily(3, 30), "2009-02-19 03:30:05", "2009-02-20 09:00:00", true},
		{"a new office waits for the night", Daily(3, 30), "", "2009-02-20 09:00:00", false},
		{"a new office's first night", Daily(3, 30), "", "2009-02-20 03:30:00", true},
		{"an interval begins at once", Every(time.Hour), "", "2009-02-20 09:10:00", true},
		{"just ran", Every(time.Hour), "2009-02-20 09:00:01", "2009-02-20 09:10:00", false},
	} {
		var last time.Time
		if c.last != "" {
			last = at(c.last)
		}
		if got := c.s.due(last, at(c.now)); got != c.due {
			t.Errorf("%s: due %t, want %t", c.name, got, c.due)
		}
	}
}
