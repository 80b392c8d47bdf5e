package web_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"qiban.dev/qiban/internal/web"
)

// typed is a form as it arrives.
func typed(t *testing.T, values url.Values) *web.Form {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	f, err := (&web.Kit{}).Form(r, "desk")
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestAmountsAreReadAsPeopleWriteThem(t *testing.T) {
	for in, want := range map[string]int64{
		"300": 300_000_000, " 1,200 ": 1_200_000_000, "１．５": 1_500_000, "300万": 300_000_000, "300 万元": 300_000_000,
		"1.2亿": 12_000_000_000, "0.000001": 1, "-3": -3_000_000, "": 0, "12.50": 12_500_000,
	} {
		f := typed(t, url.Values{"a": {in}})
		if got := f.Wan("a"); got != want || f.Err() != nil {
			t.Errorf("%q: %d fen, want %d (%v)", in, got, want, f.Err())
		}
	}
	for _, in := range []string{"三百万", "abc", "1.2.3", "0.0000001", "99999999999999999999", "+-1", "1e5", ".", "1.-5"} {
		f := typed(t, url.Values{"a": {in}})
		if got := f.Wan("a"); got != 0 || f.Err() == nil {
			t.Errorf("%q was read as %d", in, got)
		}
		if f.Field("a").Value != in {
			t.Errorf("%q was lost", in)
		}
	}
}

func TestAmountsInCharactersGetAnOffer(t *testing.T) {
	for in, want := range map[string]string{"三百万": "300", "一千二百五十万元": "1250", "两亿": "20,000", "十万": "10", "三万": "3"} {
		f := typed(t, url.Values{"a": {in}})
		f.Wan("a")
		if words := f.Field("a").Error; !strings.Contains(words, "请填 "+want) {
			t.Errorf("%q: %s", in, words)
		}
	}
}

func TestDatesAreReadInSeveralWritings(t *testing.T) {
	for _, in := range []string{"2009-02-20", "2009/2/20", "2009.2.20", "2009年2月20日", "2009年02月20", "20090220", " ２００９-２-２０ ", "2009 年 2 月 20 日"} {
		f := typed(t, url.Values{"d": {in}})
		if got := f.Date("d"); got != "2009-02-20" {
			t.Errorf("%q: %q", in, got)
		}
	}
	for _, in := range []string{"2009-02-30", "明天", "20-02-2009", "2009-13-01", "2009-2"} {
		f := typed(t, url.Values{"d": {in}})
		if got := f.Date("d"); got != "" || !strings.Contains(f.Field("d").Error, in) {
			t.Errorf("%q: %q, %q", in, got, f.Field("d").Error)
		}
	}
}

func TestTextIsCleanedAndNothingElse(t *testing.T) {
	f := typed(t, url.Values{"a": {"  鹤乡\u200b纺织\t有限 公司\x00 "}, "b": {"一\r\n\r\n二  三\n"}, "c": {"e\u0301"}, "d": {"x", " ", "y"}})
	if f.Text("a") != "鹤乡纺织 有限 公司" || f.Long("b") != "一\n\n二  三" || f.Text("c") != "é" {
		t.Errorf("%q %q %q", f.Text("a"), f.Long("b"), f.Text("c"))
	}
	if got := f.Many("d"); len(got) != 2 || got[1] != "y" {
		t.Errorf("%q", got)
	}
	if f.Tick("none") || !f.Tick("c") {
		t.Error("ticks are read wrongly")
	}
}

func TestWholeNumbers(t *testing.T) {
	f := typed(t, url.Values{"a": {"1,200"}, "b": {"12.5"}, "c": {"１８６"}, "d": {"12.5"}})
	if f.Int("a") != 1200 || f.Int("c") != 186 || f.Decimal("d", 2) != 1250 || f.Err() != nil {
		t.Errorf("%v", f.Err())
	}
	if f.Int("b") != 0 || !strings.Contains(f.Field("b").Error, "12.5") {
		t.Error("a fraction passed for a whole number")
	}
}

// A number with too many digits is a number: it is told as one that is too large.
func TestTooManyDigitsAreTooLarge(t *testing.T) {
	f := typed(t, url.Values{"a": {"99999999999999"}, "b": {"99999999999999999999"}, "c": {"99999999999999999999"}, "d": {"12a"}})
	f.Wan("a")
	f.Int("b")
	f.Decimal("c", 2)
	f.Int("d")
	for _, name := range []string{"a", "b", "c"} {
		if words := f.Field(name).Error; !strings.Contains(words, "太大") {
			t.Errorf("%s: %s", name, words)
		}
	}
	if words := f.Field("d").Error; strings.Contains(words, "太大") {
		t.Errorf("letters: %s", words)
	}
}
