package enterprise

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/text"
)

func rules(t *testing.T) Rules {
	t.Helper()
	r, err := StandardRules()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// fig reads figures as the rule texts write them: persons and 万元; -1 is not known.
func fig(x, y, z int64) Figures {
	opt := func(n, unit int64) *int64 {
		if n < 0 {
			return nil
		}
		n *= unit
		return &n
	}
	return Figures{Employees: opt(x, 1), Revenue: opt(y, fenPerWan), Assets: opt(z, fenPerWan)}
}

func TestSizeByTheRuleOf2011(t *testing.T) {
	r := rules(t)
	for _, c := range []struct {
		what, code string
		x, y, z    int64
		want       Class
	}{
		{"industry at both bounds", "17", 1000, 40000, -1, Large},
		{"one worker fewer", "17", 999, 40000, -1, Medium},
		{"sales one wan short of medium", "C17", 300, 1999, -1, Small},
		{"sales one wan short of small", "1711", 20, 299, -1, Micro},
		{"a farm", "01", -1, 500, -1, Medium},
		{"a farm below", "A", -1, 499, -1, Small},
		{"a developer short of assets", "7010", -1, 200000, 9999, Medium},
		{"a developer", "K7010", -1, 200000, 10000, Large},
		{"a lessor", "71", 10, -1, 100, Small},
		{"a lessor short of assets", "71", 10, -1, 99, Micro},
		{"other industry", "80", 300, -1, -1, Large},
		{"other industry medium", "80", 100, -1, -1, Medium},
		{"builder", "47", -1, 6000, 4999, Small},
		{"wholesaler", "51", 20, 5000, -1, Medium},
		{"shop", "52", 9, 100, -1, Micro},
		{"loader of cargo", "591", 300, 3000, -1, Medium},
		{"cold store", "593", 100, 1000, -1, Medium},
		{"post", "60", 1000, 30000, -1, Large},
		{"hotel", "61", 100, 2000, -1, Medium},
		{"restaurant", "62", 99, 2000, -1, Small},
		{"network", "63", 2000, 100000, -1, Large},
		{"software", "65", 10, 50, -1, Small},
		{"property manager", "702", 300, 1000, -1, Medium},
		{"railway", "53", 9999, 99999, -1, NotCovered},
		{"school", "83", 100, -1, -1, NotCovered},
		{"bank", "J66", 100, -1, -1, NotCovered},
		{"lessor of estates", "704", 100, 1000, 1000, Unknown},
		{"loading or storing, not said which", "59", 100, 1000, -1, Unknown},
		{"real estate, not said which", "70", 100, 1000, 1000, Unknown},
		{"no such division", "98", 100, 1000, 1000, Unknown},
		{"letter that contradicts", "A17", 100, 1000, 1000, Unknown},
		{"no industry", "", 100, 1000, 1000, Unknown},
		{"sales unknown, workers few", "17", 19, -1, -1, Micro},
		{"sales unknown, workers many", "17", 500, -1, -1, Unknown},
	} {
		for use, date := range map[Use]string{ForPolicy: "2011-06-18", ForStatistics: "2018-12-31"} {
			got := r.Classify(use, date, Industry{"2017", c.code}, fig(c.x, c.y, c.z))
			if got.Class != c.want {
				t.Errorf("%s (%s %s): %s, want %s", c.what, use, date, got.Class, c.want)
			}
		}
	}
}

func TestSizeByTheRuleOf2003(t *testing.T) {
	r := rules(t)
	for _, c := range []struct {
		what, code string
		x, y, z    int64
		want       Class
	}{
		{"industry short of assets", "17", 2000, 30000, 39999, Medium},
		{"industry at every bound", "C", 2000, 30000, 40000, Large},
		{"industry short of medium assets", "17", 300, 3000, 3999, Small},
		{"a spinning mill of Sheyang", "17", 186, 2460, 4310, Small},
		{"there was no micro tier", "17", 1, 1, 1, Small},
		{"builder", "47", 600, 3000, 4000, Medium},
		{"wholesaler", "63", 200, 30000, -1, Large},
		{"shop", "65", 99, 1000, -1, Small},
		{"haulier", "52", 500, 3000, -1, Medium},
		{"post", "59", 1000, 29999, -1, Medium},
		{"hotel", "66", 800, 15000, -1, Large},
		{"restaurant", "I", 399, 15000, -1, Small},
		{"farm: the rule of 2003 does not say", "01", 3000, 15000, -1, Unknown},
		{"storage: likewise", "58", 500, 15000, -1, Unknown},
	} {
		got := r.Classify(ForPolicy, "2008-12-31", Industry{"2002", c.code}, fig(c.x, c.y, c.z))
		if got.Class != c.want || got.Set != "2003" {
			t.Errorf("%s: %s by %s, want %s", c.what, got.Class, got.Set, c.want)
		}
	}
}

func TestTheRuleIsTheOneInForceOnTheDate(t *testing.T) {
	r := rules(t)
	for _, c := range []struct {
		use       Use
		date, set string
	}{
		{ForPolicy, "2003-02-18", ""},
		{ForPolicy, "2003-02-19", "2003"},
		{ForPolicy, "2011-06-17", "2003"},
		{ForPolicy, "2011-06-18", "2011"},
		{ForPolicy, "2026-01-01", "2011"},
		{ForStatistics, "2008-12-31", "2003"},
		{ForStatistics, "2016-12-31", "2011-statistics"},
		{ForStatistics, "2017-12-31", "2017"},
	} {
		s := r.Classify(c.use, c.date, Industry{"2017", "17"}, fig(1, 1, 1))
		if s.Set != c.set || (c.set == "") != (s.Class == Unknown) {
			t.Errorf("%s on %s: %q (%s), want %q", c.use, c.date, s.Set, s.Class, c.set)
		}
	}
}

func TestAnOwnerSeesWhyTheClassIsWhatItIs(t *testing.T) {
	s := rules(t).Classify(ForPolicy, "2008-12-31", Industry{"2002", "17"}, fig(186, 2460, 4310))
	if s.Class != Small || s.RowName.In(text.Zh) != "工业" || !strings.Contains(s.Source.In(text.Zh), "143号") || s.Article.In(text.Zh) != "第四条" {
		t.Fatalf("%+v", s)
	}
	want := []string{
		"employees 186 small decides short 114 over 0",
		"revenue 2460000000 small decides short 540000000 over 0",
		"assets 4310000000 medium short 35690000000 over 310000000",
	}
	for i, m := range s.Metrics {
		decides := ""
		if m.Decides {
			decides = " decides"
		}
		if got := fmt.Sprintf("%s %d %s%s short %d over %d", m.Metric, *m.Value, m.Tier, decides, m.Short, m.Over); got != want[i] {
			t.Errorf("got  %s\nwant %s", got, want[i])
		}
	}
	if def := s.Metrics[1].Definition.In(text.Zh); def != "年产品销售收入" {
		t.Errorf("revenue is defined as %s", def)
	}
}

func TestMissingFiguresLeaveTheClassOpenButBounded(t *testing.T) {
	s := rules(t).Classify(ForPolicy, "2020-06-30", Industry{"2017", "17"}, fig(500, -1, -1))
	if s.Class != Unknown || s.AtMost != Medium || !slices.Equal(s.Missing, []Metric{Revenue}) || s.Reasons[0].Key != "enterprise.size.why_missing" {
		t.Errorf("%+v", s)
	}
}

func TestDoubtfulSourcesAreFlagged(t *testing.T) {
	r := rules(t)
	for _, c := range []struct {
		date    string
		ind     Industry
		review  bool
		because string
	}{
		{"2020-01-01", Industry{"2017", "17"}, false, ""},
		{"2020-01-01", Industry{"2017", "80"}, true, ""}, // 中型 bound of 其他未列明行业
		{"2020-01-01", Industry{"2017", "704"}, true, "enterprise.size.why_review"},
		{"2008-12-31", Industry{"2002", "17"}, true, ""}, // codes of 2002 are mapped from memory
	} {
		s := r.Classify(ForPolicy, c.date, c.ind, fig(1, 1, 1))
		if s.Review != c.review || c.because != "" && s.Reasons[0].Key != c.because {
			t.Errorf("%s %v: review %v, reasons %v", c.date, c.ind, s.Review, s.Reasons)
		}
	}
	if !slices.Contains(r.Doubts(), Doubt{"2011", "industry 2017 704", "M"}) {
		t.Errorf("704 is not among the doubts: %v", r.Doubts())
	}
}

// The law says it two ways: every bound reached, or fall one tier; micro when
// any figure is below. Both must agree with the lowest tier, for any figures.
func TestTheClassNeverRisesWhenAFigureFalls(t *testing.T) {
	r := rules(t)
	rapid.Check(t, func(t *rapid.T) {
		code := rapid.SampledFrom([]string{"01", "17", "47", "51", "592", "60", "65", "701", "702", "71", "80"}).Draw(t, "code")
		edge := rapid.SampledFrom([]int64{0, 5, 10, 20, 50, 100, 300, 1000, 2000, 5000, 10000, 40000, 80000, 200000})
		x, y, z := edge.Draw(t, "x"), edge.Draw(t, "y"), edge.Draw(t, "z")
		class := func(x, y, z int64) int {
			return r.Classify(ForPolicy, "2020-01-01", Industry{"2017", code}, fig(x, y, z)).Class.rank()
		}
		full := class(x, y, z)
		for _, less := range []int{class(x/2, y, z), class(x, y/2, z), class(x, y, z/2)} {
			if less < 0 || less > full {
				t.Fatalf("%s %d/%d/%d: %d, with less %d", code, x, y, z, full, less)
			}
		}
	})
}

func TestAnOperatorReplacesARule(t *testing.T) {
	r := rules(t)
	set, _ := r.Set("2011")
	set.Industries = map[string][]IndustryOf{"2017": {{Codes: "704", Row: "other", Grade: "A"}}}
	if err := r.Check(set); err != nil {
		t.Fatal(err)
	}
	s := r.With(set).Classify(ForPolicy, "2020-01-01", Industry{"2017", "704"}, fig(99, -1, -1))
	if s.Class != Small {
		t.Errorf("704 by the operator's rule: %s", s.Class)
	}
	set.From, set.Uses = "tomorrow", nil
	set.Rows = []Row{{ID: "x", Name: Words{"甲"}, Bounds: []Bounds{{Metric: Employees, Large: 10, Medium: 20}}}}
	set.Industries = map[string][]IndustryOf{"2017": {{Codes: "17,17,9x", Row: "y"}, {Codes: "18,18", Row: "x"}}}
	err := r.Check(set)
	if !fault.Is(err, fault.Invalid) {
		t.Fatal(err)
	}
	for _, part := range []string{"from", "uses", "bad_bounds", "bad_row", "bad_codes", "code_twice"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%v does not tell of %s", err, part)
		}
	}
}
