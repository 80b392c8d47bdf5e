package region_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"qiban.dev/qiban/internal/region"
)

func TestLevelsOfCodes(t *testing.T) {
	for code, want := range map[region.Code]region.Level{
		"320000":       region.Province, // 江苏省
		"320900":       region.City,     // 盐城市
		"320924":       region.County,   // 射阳县
		"320904":       region.County,   // 大丰区
		"320924100":    region.Town,     // 合德镇
		"":             region.None,
		"32":           region.None,
		"3209":         region.None,
		"32092":        region.None,
		"3209241":      region.None,
		"320924000":    region.None, // a county written as a town
		"320900100":    region.None, // a town of no county
		"320000100":    region.None,
		"320024":       region.None, // a county of no city
		"000000":       region.None,
		"002400":       region.None,
		"320924100000": region.None, // villages are not places here
		"32092a":       region.None,
		"３２０９２４":       region.None, // full-width digits
		" 320924":      region.None,
		"32092४":       region.None,
	} {
		if got := code.Level(); got != want || code.Valid() != (want != region.None) {
			t.Errorf("%q is of level %d, want %d", code, got, want)
		}
	}
}

func TestAncestorsOfCodes(t *testing.T) {
	for _, c := range []struct {
		code                         region.Code
		province, city, county, town region.Code
		parent                       region.Code
		path                         string
	}{
		{"320924100", "320000", "320900", "320924", "320924100", "320924", "320000 320900 320924 320924100"},
		{"320924", "320000", "320900", "320924", "", "320900", "320000 320900 320924"},
		{"320900", "320000", "320900", "", "", "320000", "320000 320900"},
		{"320000", "320000", "", "", "", "", "320000"},
		{"", "", "", "", "", "", ""},
		{"3209", "", "", "", "", "", ""},
	} {
		for level, want := range map[region.Level]region.Code{
			region.Province: c.province, region.City: c.city, region.County: c.county, region.Town: c.town,
			region.None: "", region.Town + 1: "", -1: "",
		} {
			if got := c.code.At(level); got != want {
				t.Errorf("%q at level %d is %q, want %q", c.code, level, got, want)
			}
		}
		if got := c.code.Parent(); got != c.parent {
			t.Errorf("the parent of %q is %q, want %q", c.code, got, c.parent)
		}
		var path []string
		for _, step := range c.code.Path() {
			path = append(path, string(step))
		}
		if got := strings.Join(path, " "); got != c.path {
			t.Errorf("the path of %q is %s, want %s", c.code, got, c.path)
		}
	}
}

func TestASubtreeHoldsWhatLiesInIt(t *testing.T) {
	for _, c := range []struct {
		top, code region.Code
		want      bool
	}{
		{"320000", "320000", true},
		{"320000", "320924100", true},
		{"320000", "330000", false},
		{"320900", "320924", true},
		{"320900", "321000", false},
		{"320900", "320000", false},
		{"320924", "320924100", true},
		{"320924", "320924", true},
		{"320924", "320925", false},
		{"320924", "320923999", false},
		{"320924100", "320924100", true},
		{"320924100", "320924101", false},
		{"320924100", "320924", false},
		{"329900", "329901", true}, // the last digit is a nine
		{"329900", "330000", false},
		{"990000", "990000", true},
		{"320929", "320929999", true},
		{"", "320924", false},
		{"320900", "", false},
		{"3209", "320924", false},
		{"", "", false},
	} {
		if got := c.top.Contains(c.code); got != c.want {
			t.Errorf("%q contains %q: %t, want %t", c.top, c.code, got, c.want)
		}
		if got := c.top.Span().Holds(c.code); got != c.want {
			t.Errorf("the span of %q holds %q: %t, want %t", c.top, c.code, got, c.want)
		}
	}
	if (region.Span{}).Holds("320924") || (region.Span{}).Holds("") {
		t.Error("the zero span holds something")
	}
}

func codes() *rapid.Generator[region.Code] {
	return rapid.Map(rapid.StringMatching(`[1-9][0-9]((0[1-9]|9[0-9])((0[1-9]|9[0-9])([0-9][0-9][1-9])?)?)?`), func(s string) region.Code {
		return region.Code(s + strings.Repeat("0", max(0, 6-len(s))))
	})
}

func TestContainingIsBeingAnAncestorAndLyingInTheSpan(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := codes().Draw(t, "a"), codes().Draw(t, "b")
		if rapid.Bool().Draw(t, "kin") {
			a = b.At(region.Level(rapid.IntRange(1, int(b.Level())).Draw(t, "level")))
		}
		if !a.Valid() || !b.Valid() {
			t.Fatalf("%q or %q is malformed", a, b)
		}
		contains := slices.Contains(b.Path(), a)
		if a.Contains(b) != contains || a.Span().Holds(b) != contains || (b.At(a.Level()) == a) != contains {
			t.Fatalf("%q over %q: an ancestor %t, contains %t, holds %t, at its level %q",
				a, b, contains, a.Contains(b), a.Span().Holds(b), b.At(a.Level()))
		}
	})
}

// Titles are given by the city, wherever that is above what is judged and part of
// the installation.
func TestWhoGivesTitles(t *testing.T) {
	for _, c := range []struct{ at, top, want region.Code }{
		{"320924100", "320000", "320900"},
		{"320924", "320900", "320900"},
		{"320900", "320900", "320900"},
		{"320924100", "320924", "320924"},
		{"320924", "", "320900"},
		{"320000", "320000", "320000"},
		{"320924", "330100", "320900"},
	} {
		if got := c.at.Judge(c.top); got != c.want {
			t.Errorf("what lies at %s is judged by %s in an installation of %s, want %s", c.at, got, c.top, c.want)
		}
	}
}
