package techplatform

import (
	"slices"
	"testing"
	"time"

	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
)

func TestTheOrderProcessIsWhole(t *testing.T) {
	for _, life := range []flow.Lifecycle{Lifecycle(), WorkLifecycle()} {
		if err := life.Check(); err != nil {
			t.Error(err)
		}
	}
}

func moment(day string, hour, minute int) time.Time {
	d, err := time.ParseInLocation(time.DateOnly, day, flow.Shanghai())
	if err != nil {
		panic(err)
	}
	return d.Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute)
}

func weekday(day string) bool { return (&flow.Calendar{}).Workday(day) }

func broken(err error) string {
	for _, f := range fault.FieldsOf(err) {
		return f.Name + " " + f.Key
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

// An instrument is booked by the half hour, within its hours, on its days, and
// never in the past.
func TestWhatCanBeBooked(t *testing.T) {
	now := moment("2009-01-06", 10, 10) // a Tuesday
	lab := Instrument{Opens: 8*60 + 30, Closes: 17*60 + 30}
	for _, c := range []struct {
		name string
		slot Slot
		want string
	}{
		{"later today", Slot{"2009-01-06", 630, 660}, ""},
		{"the half hour that has begun", Slot{"2009-01-06", 600, 660}, "day tech.field.past"},
		{"yesterday", Slot{"2009-01-05", 600, 660}, "day tech.field.past"},
		{"a Saturday", Slot{"2009-01-10", 600, 660}, "day tech.field.rest"},
		{"before it opens", Slot{"2009-01-07", 480, 540}, "from tech.field.hours"},
		{"after it closes", Slot{"2009-01-07", 1020, 1080}, "from tech.field.hours"},
		{"to the minute it closes", Slot{"2009-01-07", 1020, 1050}, ""},
		{"no time at all", Slot{"2009-01-07", 600, 600}, "to tech.field.closes"},
		{"a quarter past", Slot{"2009-01-07", 615, 660}, "from tech.field.half_hour"},
		{"negative", Slot{"2009-01-07", -30, 660}, "from tech.field.half_hour"},
		{"no day", Slot{"", 600, 660}, "day field.required"},
		{"not a day", Slot{"2009-02-30", 600, 660}, "day field.date"},
		{"far ahead", Slot{"2009-04-07", 600, 660}, "day tech.field.far"},
		{"the last day", Slot{"2009-04-06", 600, 660}, ""},
	} {
		if got := broken(lab.bookable(c.slot, now, weekday)); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	lab.Weekends = true
	if got := broken(lab.bookable(Slot{"2009-01-10", 600, 660}, now, weekday)); got != "" {
		t.Errorf("an instrument open on weekends: %q", got)
	}
}

func TestWhatIsFree(t *testing.T) {
	lab := Instrument{Opens: 480, Closes: 1020}
	day := "2009-01-07"
	taken := []Slot{{day, 840, 900}, {day, 480, 540}, {"2009-01-08", 480, 1020}, {day, 540, 600}}
	for _, c := range []struct {
		name string
		now  time.Time
		day  string
		want []Slot
	}{
		{"the day before", moment("2009-01-06", 9, 0), day, []Slot{{day, 600, 840}, {day, 900, 1020}}},
		{"at noon of the day", moment(day, 12, 1), day, []Slot{{day, 750, 840}, {day, 900, 1020}}},
		{"in the evening", moment(day, 20, 0), day, nil},
		{"the day after", moment("2009-01-08", 8, 0), day, nil},
		{"a day wholly taken", moment("2009-01-06", 9, 0), "2009-01-08", nil},
		{"a Sunday", moment("2009-01-06", 9, 0), "2009-01-11", nil},
	} {
		got := lab.Free(c.day, taken, c.now, weekday(c.day))
		if len(got) != len(c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
			continue
		}
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("%s: %v, want %v", c.name, got, c.want)
			}
		}
	}
}

func TestEveryBrokenFieldIsTold(t *testing.T) {
	p := Profile{Kind: InBase, Functions: []Function{Testing, Testing}, Founded: "2008-13-01"}
	names := map[string]bool{}
	for _, f := range fault.FieldsOf(p.check("2009-01-06")) {
		names[f.Name] = true
	}
	for _, want := range []string{"name", "institution", "base", "functions", "industry", "region", "founded"} {
		if !names[want] {
			t.Errorf("nothing is said of %s", want)
		}
	}
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"a negative price":                {(&Offering{Kind: Professional, Name: "检测", Unit: "次", Price: -1}).check(), "price field.money"},
		"an absurd price":                 {(&Offering{Kind: Professional, Name: "检测", Unit: "次", Price: mostFen + 1}).check(), "price field.money"},
		"more than all of it free":        {(&Offering{Kind: Professional, Name: "检测", Unit: "次", FreeShare: 101}).check(), "free_share field.range"},
		"closed before it opens":          {(&Instrument{Name: "拉力机", Opens: 600, Closes: 540}).check(), "closes tech.field.closes"},
		"a contribution below nothing":    {checkFounders([]Founder{{Kind: University, Name: "盐城工学院", What: Technology, Amount: -1}}), "founders.0.amount field.money"},
		"a level that ends as it begins":  {(&Term{Level: City, From: "2008-01-01", To: "2008-01-01", Document: "文件"}).check(), "to tech.field.order"},
		"six stars":                       {(&Rating{Score: 6}).check(), "score field.range"},
		"work of tomorrow":                {worked("2009-01-07", 0, "a"), "on tech.field.future"},
		"work before there was a place":   {worked("2005-01-07", 0, "a"), "on tech.field.founded"},
		"work for nobody":                 {worked("2009-01-05", 0), "enterprises field.required"},
		"free, and paid for":              {worked("2009-01-05", 1, "a"), "fee tech.field.free"},
		"a report before the booking":     {(&Delivery{On: "2009-01-05", Report: "合格"}).check("2009-01-02", "2009-01-06", "2009-01-06"), "on tech.field.early"},
		"a report of tomorrow":            {(&Delivery{On: "2009-01-07", Report: "合格"}).check("2009-01-02", "", "2009-01-06"), "on tech.field.future"},
		"a base that ended before it was": {(&Base{Name: "基地", Region: "320924", Industry: "纺织", Since: "2008-01-01", Ended: "2007-01-01"}).check("2009-01-06"), "ended tech.field.order"},
	} {
		if got := broken(c.err); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// worked checks a free piece of work of a platform of 2006, on the 6th of January 2009.
func worked(on string, fee int64, firms ...string) error {
	w := Work{Kind: Professional, Title: "检测", On: on, Enterprises: firms, Free: true, Fee: fee}
	return w.check(since{"2006-01-01", "tech.field.founded"}, "2009-01-06")
}

// A platform counts from its founding day to its closing, at the level of each day.
func TestAPlatformStandsAtItsLevelFromDayToDay(t *testing.T) {
	p := Platform{ID: "p", Profile: Profile{Kind: Common, Region: "320903", Founded: "2006-04-01"}, Ended: "2010-01-01"}
	got := p.standing([]Term{
		{Level: City, From: "2006-04-01", To: "2007-09-01"},
		{Level: Province, From: "2007-09-01", To: "2009-09-01"},
		{Level: Province, From: "2009-09-01", To: "2009-12-01"},
	})
	want := []struct {
		day, level string
		n          int64
	}{{"2006-04-01", "city", 1}, {"2007-09-01", "province", 1}, {"2009-12-01", "", 1}, {"2010-01-01", "", 0}}
	if len(got) != len(want) {
		t.Fatalf("%d facts, want %d: %v", len(got), len(want), got)
	}
	for i, f := range got {
		if string(f.OccurredOn) != want[i].day || f.Dims[1] != want[i].level || f.Quantity != want[i].n {
			t.Errorf("fact %d: %s %q %d, want %v", i, f.OccurredOn, f.Dims[1], f.Quantity, want[i])
		}
	}
}

// Titles of several levels may hold at once: the highest is what counts, and what
// is below it comes back when that ends.
func TestTheHighestOfSeveralLevelsCounts(t *testing.T) {
	got := highest([]Term{
		{Level: City, From: "2004-05-01", Document: "市"},
		{Level: Nation, From: "2008-09-10", To: "2011-09-10", Document: "国"},
		{Level: Province, From: "2006-09-01", To: "2009-09-01", Document: "省"},
		{Level: City, From: "2002-01-01", To: "2003-01-01", Document: "旧"},
	})
	want := []Term{
		{Level: City, From: "2002-01-01", To: "2003-01-01", Document: "旧"},
		{Level: City, From: "2004-05-01", To: "2006-09-01", Document: "市"},
		{Level: Province, From: "2006-09-01", To: "2008-09-10", Document: "省"},
		{Level: Nation, From: "2008-09-10", To: "2011-09-10", Document: "国"},
		{Level: City, From: "2011-09-10", Document: "市"},
	}
	if !slices.Equal(got, want) {
		t.Errorf("%+v\nwant %+v", got, want)
	}
	if none := highest(nil); len(none) != 0 {
		t.Errorf("of none: %+v", none)
	}
}
