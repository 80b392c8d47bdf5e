package jobs

import "time"

// beijing is where days begin (北京时间). It has had no summer time since 1991, so
// a fixed offset needs no time zone data.
const beijing = 8 * time.Hour

func zone() *time.Location { return time.FixedZone("Asia/Shanghai", int(beijing/time.Second)) }

// Schedule is when a job repeats. Make one with Every, Daily or Monthly.
type Schedule struct {
	every         time.Duration
	day           int // of the month; 0 every day
	sinceDaybreak time.Duration
}

// Every repeats at the multiples of d since the start of the epoch in Beijing
// time, so that a restart does not move them. d is at least a second.
func Every(d time.Duration) Schedule { return Schedule{every: max(d, time.Second)} }

// often reports whether the job repeats within the minute.
func (s Schedule) often() bool { return s.every > 0 && s.every < time.Minute }

// Daily repeats at a time of the day in Beijing.
func Daily(hour, minute int) Schedule { return Monthly(0, hour, minute) }

// Monthly repeats on a day of the month, 1 to 28, at a time in Beijing.
func Monthly(day, hour, minute int) Schedule {
	return Schedule{day: min(day, 28), sinceDaybreak: time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute}
}

// Next is the first time after t that the job is due.
func (s Schedule) Next(t time.Time) time.Time {
	if s.every > 0 {
		return t.Add(beijing).Truncate(s.every).Add(s.every).Add(-beijing)
	}
	y, m, d := t.In(zone()).Date()
	if s.day > 0 {
		d = s.day
	}
	for {
		due := time.Date(y, m, d, 0, 0, 0, 0, zone()).Add(s.sinceDaybreak)
		switch {
		case due.After(t):
			return due
		case s.day > 0:
			m++
		default:
			d++
		}
	}
}

// due reports whether the job should run at now, when it last began at last
// (zero: never). A run missed while the program was down is made up once; what
// has never run waits for its hour, unless it repeats all day anyway.
func (s Schedule) due(last, now time.Time) bool {
	if last.IsZero() {
		return s.every > 0 || !s.Next(now.Add(-time.Minute)).After(now.Add(slack))
	}
	return !s.Next(last).After(now.Add(slack))
}

// slack is how much before its time a timer may fire.
const slack = time.Second
