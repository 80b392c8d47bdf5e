package ledger

import "time"

// Valid reports whether the date is written as a day of the calendar.
func (d Date) Valid() bool {
	_, err := time.Parse(time.DateOnly, string(d))
	return err == nil
}

// Month is the month of a valid date: 2008-12.
func (d Date) Month() string { return string(d[:7]) }

// Year is the year of a valid date: 2008.
func (d Date) Year() string { return string(d[:4]) }

// monthEnd is the last day of a month written 2008-02.
func monthEnd(month string) Date {
	t, err := time.Parse("2006-01", month)
	if err != nil {
		return Date(month + "-31") // sorts after every day of it all the same
	}
	return Date(t.AddDate(0, 1, -1).Format(time.DateOnly))
}

func monthStart(month string) Date { return Date(month + "-01") }

// months lists the months from one to another, both included; nil when there
// are more than most.
func months(from, to string, most int) []string {
	t, err := time.Parse("2006-01", from)
	if err != nil {
		return nil
	}
	var all []string
	for m := from; m <= to; m = t.Format("2006-01") {
		if len(all) == most {
			return nil
		}
		all = append(all, m)
		t = t.AddDate(0, 1, 0)
	}
	return all
}

// days is a run of days, both ends included.
type days struct{ from, to Date }

// split parts a period into whole months, which cells answer, and the days at
// its ends that do not fill a month. No whole month leaves first empty and the
// period in part.
func split(from, to Date) (first, last string, part []days) {
	if from == "" {
		from = "0001-01-01"
	}
	first, last = from.Month(), to.Month()
	if from != monthStart(first) {
		part = append(part, days{from, min(monthEnd(first), to)})
		first = nextMonth(first)
	}
	if to != monthEnd(last) {
		if first <= last {
			part = append(part, days{monthStart(last), to})
		}
		last = prevMonth(last)
	}
	if first > last {
		first, last = "", ""
	}
	return first, last, part
}

func nextMonth(m string) string { return shiftMonth(m, 1) }
func prevMonth(m string) string { return shiftMonth(m, -1) }

func shiftMonth(m string, by int) string {
	t, err := time.Parse("2006-01", m)
	if err != nil {
		return m
	}
	return t.AddDate(0, by, 0).Format("2006-01")
}
