package park

import (
	"testing"

	"pgregory.net/rapid"

	"qiban.dev/qiban/internal/fault"
)

func TestTheProcessesAreWhole(t *testing.T) {
	for _, l := range []interface{ Check() error }{PlanLife(), WishLife()} {
		if err := l.Check(); err != nil {
			t.Error(err)
		}
	}
}

func TestStages(t *testing.T) {
	w := Works{Planned: "2006-01-01", Begun: "2007-03-01", Done: "2008-06-30"}
	for day, want := range map[string]Stage{
		"2005-12-31": Planned, "2007-02-28": Planned, "2007-03-01": Building, "2008-06-29": Building, "2008-06-30": Done, "2020-01-01": Done,
	} {
		if got := w.Stage(day); got != want {
			t.Errorf("on %s it is %s, want %s", day, got, want)
		}
	}
	if got := (Works{Done: "2008-06-30"}).Stage("2008-07-01"); got != Done {
		t.Errorf("without the day of its beginning it is %s", got)
	}
}

// Whatever the spaces are, nobody finds a day on which they take more than peak says.
func TestPeakIsTheMostOfAnyDay(t *testing.T) {
	day := func(n int) string { return "2008-01-" + string(rune('0'+n/10)) + string(rune('0'+n%10)) }
	rapid.Check(t, func(t *rapid.T) {
		var all []Space
		for range rapid.IntRange(0, 8).Draw(t, "spaces") {
			from := rapid.IntRange(1, 20).Draw(t, "from")
			s := Space{Area: int64(rapid.IntRange(1, 50).Draw(t, "area")), From: day(from)}
			if to := rapid.IntRange(0, 10).Draw(t, "days"); to > 0 {
				s.To = day(from + to - 1) // of no day at all, too: taken back
			}
			all = append(all, s)
		}
		first := rapid.IntRange(1, 25).Draw(t, "first")
		var most int64
		for n := first; n <= 31; n++ {
			var sum int64
			for _, s := range all {
				if s.On(day(n)) {
					sum += s.Area
				}
			}
			most = max(most, sum)
		}
		if got := peak(all, day(first), ""); got != most {
			t.Fatalf("peak says %d, the most of any day is %d", got, most)
		}
	})
}

// All that is wrong is told at once.
func TestWhatIsWrongIsToldAtOnce(t *testing.T) {
	const today = "2008-11-03"
	for _, c := range []struct {
		name string
		err  error
		want map[string]string
	}{
		{
			"a park", (&Profile{Name: "园", Region: "320924", Land: -1, Works: Works{Begun: "2009-01-01"}, Facilities: []Facility{"moon"}}).check(today),
			map[string]string{"name": "field.too_short", "region": "park.field.town", "land": "field.range", "begun_on": "park.field.future", "facilities": "field.choice"},
		},
		{
			"days that run backwards", (&Profile{Name: "合德中小企业园", Region: "320924100", Works: Works{Begun: "2008-02-01", Done: "2008-01-01"}}).check(today),
			map[string]string{"done_on": "park.field.order"},
		},
		{
			"a building", (&House{Kind: "tower", Floors: 0, Area: -5}).check(today),
			map[string]string{"name": "field.required", "kind": "field.choice", "floors": "field.range", "area": "field.range"},
		},
		{
			"a single-storey factory of three floors", (&House{Name: "1", Kind: SingleStorey, Floors: 3, Area: 1}).check(today),
			map[string]string{"floors": "field.range"},
		},
		{
			"a multi-storey factory of one floor", (&House{Name: "1", Kind: MultiStorey, Floors: 1, Area: 1}).check(today),
			map[string]string{"floors": "field.range"},
		},
		{
			"an opinion", (&Opinion{Expert: "陈", Verdict: Dissent}).check(),
			map[string]string{"expert": "field.too_short", "words": "field.required"},
		},
		{
			"a plan", (&Plan{Region: "320924", Year: 1, Title: "规划"}).check(),
			map[string]string{"region": "park.field.town", "year": "field.range", "title": "field.too_short", "land": "field.range", "floor_area": "field.range", "parks": "field.range"},
		},
		{
			"a grade", (&Term{Grade: "Z", From: "2008-02-30"}).check(),
			map[string]string{"grade": "field.choice", "from": "field.date", "document": "field.required"},
		},
	} {
		got := map[string]string{}
		for _, f := range fault.FieldsOf(c.err) {
			got[f.Name] = f.Key
		}
		for name, key := range c.want {
			if got[name] != key {
				t.Errorf("%s: %s is broken by %q, want %q", c.name, name, got[name], key)
			}
		}
		if len(got) != len(c.want) {
			t.Errorf("%s: broken are %v", c.name, got)
		}
	}
}

func TestMoreThanHalfOfTheExpertsOfTheRoundAgree(t *testing.T) {
	o := func(round int, v Verdict) Opinion { return Opinion{Round: round, Verdict: v, by: "desk"} }
	own := func(v Verdict) Opinion { return Opinion{Round: 2, Verdict: v, by: "approver"} }
	for _, c := range []struct {
		all  []Opinion
		want bool
	}{
		{nil, false},
		{[]Opinion{o(1, Agree)}, false}, // of what has been revised since
		{[]Opinion{o(1, Dissent), o(2, Agree)}, true},
		{[]Opinion{o(2, Agree), o(2, Amend)}, false},
		{[]Opinion{o(2, Agree), o(2, Amend), o(2, Agree)}, true},
		{[]Opinion{own(Agree)}, false}, // of the approver's own hand alone
		{[]Opinion{own(Agree), own(Agree), o(2, Dissent)}, false},
		{[]Opinion{own(Agree), o(2, Agree)}, true},
	} {
		p := Plan{Round: 2, Opinions: c.all}
		if got := p.agreed("approver"); got != c.want {
			t.Errorf("%v: %v", c.all, got)
		}
	}
}
