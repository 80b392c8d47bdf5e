package ui

import (
	"strconv"
	"strings"
	"time"
)

// Shanghai is the zone every date is said in (北京时间). China has kept one
// offset without summer time since 1991.
func Shanghai() *time.Location { return shanghai }

var shanghai = time.FixedZone("Asia/Shanghai", 8*60*60)

// Day reads an ISO date, the way dates are kept; the zero time when it is not one.
func Day(iso string) time.Time {
	t, err := time.ParseInLocation(time.DateOnly, iso, Shanghai())
	if err != nil {
		return time.Time{}
	}
	return t
}

// DateOf writes an ISO date in words; what is none stays as it is.
func (p P) DateOf(iso string) string {
	if day := Day(iso); !day.IsZero() {
		return p.Date(day)
	}
	return iso
}

// Date is a full date: 2009年1月6日; 6 January 2009. "" for the zero time.
func (p P) Date(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	t = t.In(Shanghai())
	if p.English() {
		return t.Format("2 January 2006")
	}
	return t.Format("2006年1月2日")
}

// Weekday is the day of the week: 周二; Tue.
func (p P) Weekday(t time.Time) string {
	t = t.In(Shanghai())
	if p.English() {
		return t.Format("Mon")
	}
	return "周" + dayRune(t)
}

func dayRune(t time.Time) string {
	return [...]string{"日", "一", "二", "三", "四", "五", "六"}[t.Weekday()]
}

// DateLong is a full date with its weekday: 2009年1月6日 周二; Tue 6 January 2009.
func (p P) DateLong(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	if p.English() {
		return p.Weekday(t) + " " + p.Date(t)
	}
	return p.Date(t) + " " + p.Weekday(t)
}

// Short leaves out the year when it is the present one: 1月6日; 6 January.
func (p P) Short(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	t = t.In(Shanghai())
	if t.Year() != p.Now.In(Shanghai()).Year() {
		return p.Date(t)
	}
	if p.English() {
		return t.Format("2 January")
	}
	return t.Format("1月2日")
}

// ShortLong is Short with the weekday: 1月9日 周五; Fri 9 January.
func (p P) ShortLong(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	if p.English() {
		return p.Weekday(t) + " " + p.Short(t)
	}
	return p.Short(t) + " " + p.Weekday(t)
}

// Clock is the time of day on 24 hours: 16:20.
func (p P) Clock(t time.Time) string { return t.In(Shanghai()).Format("15:04") }

// Moment is a day and a time: 今天 16:20, 12月25日 周四 16:20.
func (p P) Moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	if p.sameDay(t, p.Now) {
		return p.T("web.today") + " " + p.Clock(t)
	}
	return p.ShortLong(t) + " " + p.Clock(t)
}

func (p P) sameDay(a, b time.Time) bool {
	return a.In(Shanghai()).Format(time.DateOnly) == b.In(Shanghai()).Format(time.DateOnly)
}

// Commas writes an exact number in thousands: 4,130,000,000.
func Commas(n int64) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

// Wan writes fen as 万元 without needless zeros, as a form takes it back: 300, 0.5.
func Wan(fen int64) string { return whole(fen, 1_000_000, plain) }

// Yuan writes fen as 元 to be read: 240,000, 0.5.
func Yuan(fen int64) string { return whole(fen, 100, Commas) }

func plain(n int64) string { return strconv.FormatInt(n, 10) }

// whole writes n in units of so many, without needless zeros, its whole part by write.
func whole(n, unit int64, write func(int64) string) string {
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	part := strconv.FormatInt(unit+n%unit, 10)[1:] // with the zeros before it
	return sign + strings.TrimRight(strings.TrimRight(write(n/unit)+"."+part, "0"), ".")
}

// Lamp is the time left for something (时限).
type Lamp struct {
	Left  int       // working days; 0 is today, below zero is overdue
	Due   time.Time // the day itself; zero when unknown
	State LampState
	Words string // instead of the usual: what a stopped lamp waits for, hours left
}

// LampState says whether the clock runs.
type LampState int

const (
	Running  LampState = iota // 在期、临期或逾期
	Stopped                   // 停表: waiting for somebody else
	Finished                  // 已办结
)

// Text says the time left: 还剩 3 个工作日, 今天到期, 已过 2 个工作日.
func (l Lamp) Text(p P) string {
	switch {
	case l.Words != "":
		return l.Words
	case l.State == Stopped:
		return p.T("web.lamp.stopped")
	case l.State == Finished:
		return p.T("web.lamp.finished")
	case l.Left < 0:
		return p.T("web.lamp.over", "n", -l.Left)
	case l.Left == 0:
		return p.T("web.lamp.today")
	default:
		return p.T("web.lamp.left", "n", l.Left)
	}
}

// soon is from how many working days on a limit is shown as close.
const soon = 3

// class carries the shape: ring, half, triangle or bars.
func (l Lamp) class() string {
	switch {
	case l.State == Stopped:
		return "lamp lamp--stop"
	case l.State == Finished:
		return "lamp lamp--done"
	case l.Left < 0:
		return "lamp lamp--over"
	case l.Left <= soon:
		return "lamp lamp--soon"
	default:
		return "lamp"
	}
}
