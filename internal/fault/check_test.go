package fault_test

import (
	"strings"
	"testing"

	"qiban.dev/qiban/internal/fault"
)

func TestTheUsualChecksSayWhatIsWrongOnceForEachField(t *testing.T) {
	for _, c := range []struct {
		what  string
		check func(*fault.Fields)
		want  string // the key, empty when it is well
	}{
		{"a name of two characters", func(f *fault.Fields) { f.Length("x", "王海", 2, 4) }, ""},
		{"no name", func(f *fault.Fields) { f.Length("x", "", 2, 4) }, "field.required"},
		{"no remark", func(f *fault.Fields) { f.Length("x", "", 0, 4) }, ""},
		{"a short name", func(f *fault.Fields) { f.Length("x", "王", 2, 4) }, "field.too_short"},
		{"a long name", func(f *fault.Fields) { f.Length("x", "王王王王王", 2, 4) }, "field.too_long"},
		{"the least", func(f *fault.Fields) { f.Range("x", 1, 1, 9) }, ""},
		{"the most", func(f *fault.Fields) { f.Range("x", 9, 1, 9) }, ""},
		{"less", func(f *fault.Fields) { f.Range("x", 0, 1, 9) }, "field.range"},
		{"more", func(f *fault.Fields) { f.Range("x", 10, 1, 9) }, "field.range"},
		{"a fee of three yuan", func(f *fault.Fields) { f.Money("x", 300, 300, 500) }, ""},
		{"a fee above the most", func(f *fault.Fields) { f.Money("x", 501, 300, 500) }, "field.money"},
		{"one of them", func(f *fault.Fields) { fault.Choice(f, "x", "b", []string{"a", "b"}) }, ""},
		{"none of them", func(f *fault.Fields) { fault.Choice(f, "x", "c", []string{"a", "b"}) }, "field.choice"},
		{"broken before", func(f *fault.Fields) { f.Add("x", "field.required"); fault.Choice(f, "x", "c", []string{"a"}) }, "field.required"},
		{"a leap day", func(f *fault.Fields) { f.Day("x", "2008-02-29") }, ""},
		{"a year that was mistyped", func(f *fault.Fields) { f.OptionalDay("x", "0001-01-01") }, "field.date.early"},
		{"no such day", func(f *fault.Fields) { f.Day("x", "2007-02-29") }, "field.date"},
		{"no day", func(f *fault.Fields) { f.Day("x", "") }, "field.required"},
		{"no day wanted", func(f *fault.Fields) { f.OptionalDay("x", "") }, ""},
		{"another way to write it", func(f *fault.Fields) { f.OptionalDay("x", "2008/2/1") }, "field.date"},
	} {
		var f fault.Fields
		c.check(&f)
		switch {
		case c.want == "" && len(f) > 0:
			t.Errorf("%s is refused: %v", c.what, f.Err())
		case c.want != "" && (len(f) != 1 || f[0].Key != c.want || f[0].Name != "x"):
			t.Errorf("%s: %v, want %s", c.what, f.Err(), c.want)
		}
	}
}

func TestAReasonIsGivenAndTrimmed(t *testing.T) {
	reason, blank, long := "  材料不全 ", " \n ", strings.Repeat("长", 201)
	var f fault.Fields
	f.Reason("ok", &reason)
	f.Reason("blank", &blank)
	f.Reason("long", &long)
	if reason != "材料不全" || len(f) != 2 || f[0].Key != "field.required" || f[1].Key != "field.too_long" {
		t.Errorf("%q: %v", reason, f.Err())
	}
}

func TestAmountsAreToldInYuan(t *testing.T) {
	var f fault.Fields
	f.Money("fee", -1, 50, 1_000_000)
	if got := f[0].Args; len(f) != 1 || got[1] != "0.50" || got[3] != int64(10_000) {
		t.Errorf("told %v", got)
	}
}
