package flow_test

import (
	"errors"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"

	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/text"
)

// shipped is the calendar of the shipped file.
func shipped(t *testing.T) *flow.Calendar {
	t.Helper()
	raw, err := os.ReadFile("calendar.csv")
	if err != nil {
		t.Fatal(err)
	}
	days, err := flow.ParseDays(raw)
	if err != nil {
		t.Fatal(err)
	}
	var years []int
	for y := 2004; y <= 2026; y++ {
		years = append(years, y)
	}
	return flow.NewCalendar(days, years)
}

func at(t *testing.T, s string) time.Time {
	t.Helper()
	v, err := time.ParseInLocation("2006-01-02 15:04", s, flow.Shanghai())
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestTheHolidaysOf2008And2009AreThoseThatWereAnnounced(t *testing.T) {
	c := shipped(t)
	for _, span := range []struct{ from, to, name string }{
		{"2008-01-01", "2008-01-01", "元旦"},
		{"2008-02-06", "2008-02-12", "春节"},
		{"2008-09-29", "2008-10-05", "国庆节"},
		{"2009-01-01", "2009-01-03", "元旦"},
		{"2009-01-25", "2009-01-31", "春节"},
	} {
		for day := span.from; day <= span.to; day = flow.AddDays(day, 1) {
			if got, ok := c.Special(day); !ok || c.Workday(day) || got.Name != span.name {
				t.Errorf("%s should be %s and free, is %+v", day, span.name, got)
			}
		}
	}
	for _, day := range []string{"2008-02-02", "2008-02-03", "2008-05-04", "2008-09-27", "2008-09-28", "2009-01-04"} {
		if !c.Workday(day) {
			t.Errorf("%s was worked in exchange", day)
		}
	}
	if c.Workday("2008-10-11") || !c.Workday("2008-10-06") {
		t.Error("a plain Saturday is free, a plain Monday is worked")
	}
}

func TestAYearWithoutHolidaysOnFileIsMondayToFridayAndSaysSo(t *testing.T) {
	c := shipped(t)
	if c.Known(2027) || !c.Known(2008) || c.KnownSpan("2026-12-30", "2027-01-02") {
		t.Error("2027 is not on file")
	}
	if !c.Workday("2027-01-01") {
		t.Error("2027-01-01 is a Friday, and nothing else is known of it")
	}
	if d := c.Due(at(t, "2026-12-28 09:00"), flow.Limit{Amount: 5, Unit: flow.Workdays}); d.Known {
		t.Error("a deadline that reaches into 2027 must warn")
	}
}

func TestTenWorkingDaysOverNewYear2009(t *testing.T) {
	c := shipped(t)
	if got := c.Add("2008-12-25", 10); got != "2009-01-09" {
		t.Errorf("ten working days after 2008-12-25: %s", got)
	}
	if got := c.Left("2009-01-06", "2009-01-09"); got != 3 {
		t.Errorf("on the 6th three working days are left, got %d", got)
	}
	holidays, worked := c.Skipped("2008-12-25", "2009-01-09")
	if len(holidays) != 1 || holidays[0].Name != "元旦" || holidays[0].Days != 3 || !slices.Equal(worked, []string{"2009-01-04"}) {
		t.Errorf("skipped: %v, worked: %v", holidays, worked)
	}
	strip := c.Strip("2008-12-25", "2009-01-09", "2009-01-06", 0)
	line := ""
	for _, d := range strip {
		switch {
		case d.Due:
			line += "D"
		case d.Today:
			line += "T"
		case d.Rest:
			line += "r"
		case d.Shifted:
			line += "w"
		case d.Past:
			line += "p"
		default:
			line += "."
		}
	}
	if line != "pppprrrwpT..D" {
		t.Errorf("the day strip is %s", line)
	}
	if last := c.Strip("2008-12-25", "2009-01-09", "2009-01-06", 5); len(last) != 5 || !last[4].Due {
		t.Errorf("a short strip keeps the end: %+v", last)
	}
}

func TestCountingAgreesWithGoingDayByDay(t *testing.T) {
	c := shipped(t)
	worked := func(day string) bool {
		if d, ok := c.Special(day); ok {
			return d.Kind == flow.Work
		}
		on, err := time.Parse(time.DateOnly, day)
		if err != nil {
			t.Fatal(err)
		}
		return on.Weekday() != time.Saturday && on.Weekday() != time.Sunday
	}
	rng := rand.New(rand.NewPCG(3, 2008))
	for range 300 {
		day, n := flow.AddDays("1960-01-01", rng.IntN(30_000)), rng.IntN(400)-200
		walked, left, step := day, max(n, -n), 1
		if n < 0 {
			step = -1
		}
		for left > 0 || n == 0 && !worked(walked) {
			walked = flow.AddDays(walked, step)
			if n != 0 && worked(walked) {
				left--
			}
		}
		if got := c.Add(day, n); got != walked {
			t.Fatalf("%s + %d is %s, day by day %s", day, n, got, walked)
		}
		if c.Workday(day) != worked(day) {
			t.Fatalf("whether %s is worked", day)
		}
	}
}

func TestAddAndBetweenUndoEachOther(t *testing.T) {
	c := shipped(t)
	rng := rand.New(rand.NewPCG(1, 2008))
	for range 2000 {
		day := flow.AddDays("2004-01-01", rng.IntN(8000))
		n := 1 + rng.IntN(60)
		later := c.Add(day, n)
		if !c.Workday(later) || c.Between(day, later) != n || c.Between(later, day) != -n {
			t.Fatalf("%s + %d = %s, between %d and %d", day, n, later, c.Between(day, later), c.Between(later, day))
		}
		if c.Workday(day) && c.Add(later, -n) != day {
			t.Fatalf("%s back by %d is %s, not %s", later, n, c.Add(later, -n), day)
		}
	}
}

func TestADeadlineEndsWhenTheOfficeCloses(t *testing.T) {
	c := shipped(t)
	d := c.Due(at(t, "2008-12-25 16:20"), flow.Limit{Amount: 10, Unit: flow.Workdays})
	if !d.At.Equal(at(t, "2009-01-09 18:00")) || d.On != "2009-01-09" || !d.Known {
		t.Errorf("%+v", d)
	}
	if early := c.Closing(17*time.Hour+30*time.Minute).Due(at(t, "2008-12-25 16:20"), d.Limit); !early.At.Equal(at(t, "2009-01-09 17:30")) {
		t.Errorf("an office that closes at half past five: %s", early.At)
	}
	// A period of calendar days that would end on a rest day ends on the next working day.
	if d := c.Due(at(t, "2008-09-20 10:00"), flow.Limit{Amount: 10, Unit: flow.Days}); d.On != "2008-10-06" {
		t.Errorf("ten days from 2008-09-20 end in the holiday, so on 2008-10-06, not %s", d.On)
	}
	if d := c.Due(at(t, "2008-10-01 23:30"), flow.Limit{Amount: 2, Unit: flow.Hours}); !d.At.Equal(at(t, "2008-10-02 01:30")) || d.On != "2008-10-02" {
		t.Errorf("hours run on through night and holiday: %+v", d)
	}
}

func TestTheClockStandsStillWhilePapersAreMissing(t *testing.T) {
	c := shipped(t)
	limit := flow.Limit{Amount: 10, Unit: flow.Workdays, Extension: 5}
	k := flow.NewClock(at(t, "2008-12-25 16:20"))
	k, err := k.Pause(at(t, "2008-12-30 09:00"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.Pause(at(t, "2008-12-30 10:00")); !fault.Is(err, fault.Conflict) {
		t.Errorf("a stopped clock cannot be stopped: %v", err)
	}
	d := c.Deadline(k, limit, at(t, "2009-01-12 09:00"))
	if !d.Paused || c.Lamp(d, at(t, "2009-01-12 09:00")).Tone != flow.Stop {
		t.Error("a stopped clock is never overdue")
	}
	// The papers come on 1月6日: the 31st, the 4th, the 5th and the 6th did not count.
	k, err = k.Resume(at(t, "2009-01-06 11:00"))
	if err != nil {
		t.Fatal(err)
	}
	if d := c.Deadline(k, limit, at(t, "2009-01-06 11:00")); d.On != "2009-01-15" {
		t.Errorf("four working days later than 2009-01-09 is 2009-01-15, not %s", d.On)
	}
	k, err = k.Extend(c, limit, at(t, "2009-01-15 17:00"))
	if err != nil {
		t.Fatal(err)
	}
	if d := c.Deadline(k, limit, at(t, "2009-01-15 17:00")); d.On != "2009-01-22" || d.Total != 15 {
		t.Errorf("extended by five: %+v", d)
	}
	if _, err := k.Extend(c, limit, at(t, "2009-01-15 17:00")); !fault.Is(err, fault.Conflict) {
		t.Errorf("only once: %v", err)
	}
	late := flow.NewClock(at(t, "2008-12-25 16:20"))
	if _, err := late.Extend(c, limit, at(t, "2009-01-09 18:01")); !fault.Is(err, fault.Conflict) {
		t.Errorf("not after it has passed: %v", err)
	}
	back, err := flow.ParseClock(k.Text())
	if err != nil || c.Deadline(back, limit, at(t, "2009-01-15 17:00")).On != "2009-01-22" {
		t.Errorf("a clock survives its column: %+v %v", back, err)
	}
}

func TestTheLampSaysWhatIsLeft(t *testing.T) {
	c := shipped(t)
	limit := flow.Limit{Amount: 10, Unit: flow.Workdays, Remind: 3, Supervise: region.City, SuperviseAfter: 2}
	d := c.Due(at(t, "2008-12-25 16:20"), limit)
	for _, tc := range []struct {
		now  string
		tone flow.Tone
		zh   string
		told region.Level
		soon bool
	}{
		{"2008-12-26 09:00", flow.InTime, "还剩 9 个工作日", region.None, false},
		{"2009-01-06 09:00", flow.Soon, "还剩 3 个工作日", region.None, true},
		{"2009-01-09 17:59", flow.Soon, "今天到期", region.None, true},
		{"2009-01-09 18:01", flow.Over, "已过时限", region.None, false},
		{"2009-01-10 10:00", flow.Over, "已过时限", region.None, false},
		{"2009-01-12 10:00", flow.Over, "已过 1 个工作日", region.None, false},
		{"2009-01-13 10:00", flow.Over, "已过 2 个工作日", region.City, false},
	} {
		lamp := c.Lamp(d, at(t, tc.now))
		if lamp.Tone != tc.tone || text.Zh.T(lamp.Key, lamp.Args...) != tc.zh {
			t.Errorf("%s: %s %s", tc.now, lamp.Tone, text.Zh.T(lamp.Key, lamp.Args...))
		}
		if got := c.Supervise(d, at(t, tc.now)); got != tc.told {
			t.Errorf("%s: level %d is told", tc.now, got)
		}
		if got := c.Remind(d, at(t, tc.now)); got != tc.soon {
			t.Errorf("%s: reminder %v", tc.now, got)
		}
	}
}

func TestAFileOfHolidaysNamesEveryRowThatIsWrong(t *testing.T) {
	good, err := flow.ParseDays([]byte("\ufeff日期,类型,名称\n2027-01-01,休,元旦\n2027-01-03,班,元旦\n"))
	if err != nil || len(good) != 2 || good[1].Kind != flow.Work {
		t.Errorf("%v %v", good, err)
	}
	good, err = flow.ParseDays([]byte(`{"holidays":{"2027-01-01":"New Year's Day,元旦,1"},"workdays":{"2027-01-03":"New Year's Day,元旦,1"}}`))
	if err != nil || len(good) != 2 || good[0].Name != "元旦" || good[0].NameEn != "New Year's Day" {
		t.Errorf("%v %v", good, err)
	}
	_, err = flow.ParseDays([]byte("2027-13-01,休,元旦\n2027-01-04,班,元旦\n2027-01-05,假,x\n2027-01-01,休,a\n2027-01-01,休,a\n"))
	var f *fault.Error
	if !fault.Is(err, fault.Invalid) {
		t.Fatal(err)
	}
	if !errors.As(err, &f) {
		t.Fatal(err)
	}
	var keys []string
	for _, field := range f.Fields {
		keys = append(keys, field.Key)
		if !text.Has(field.Key) {
			t.Errorf("no words for %s", field.Key)
		}
	}
	want := []string{"flow.calendar.day", "flow.calendar.plain", "flow.calendar.kind", "flow.calendar.twice"}
	if !slices.Equal(keys, want) {
		t.Errorf("%v", keys)
	}
	for _, junk := range []string{"", "{", "\xff\xfe"} {
		if _, err := flow.ParseDays([]byte(junk)); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", junk, err)
		}
	}
}

func TestMonthsLaterIsNeverInTheMonthAfter(t *testing.T) {
	for _, tc := range []struct {
		day  string
		n    int
		want string
	}{
		{"2008-08-31", 6, "2009-02-28"},
		{"2007-08-31", 6, "2008-02-29"},
		{"2008-02-29", 12, "2009-02-28"},
		{"2008-06-12", 36, "2011-06-12"},
		{"2008-12-31", 2, "2009-02-28"},
		{"soon", 2, "soon"},
	} {
		if got := flow.AddMonths(tc.day, tc.n); got != tc.want {
			t.Errorf("%d months after %s: %s, want %s", tc.n, tc.day, got, tc.want)
		}
	}
}
