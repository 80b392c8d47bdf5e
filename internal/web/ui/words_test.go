package ui_test

import (
	"testing"

	"qiban.dev/qiban/internal/text"
	"qiban.dev/qiban/internal/web/ui"
)

func TestDatesAreSaidAsPeopleSayThem(t *testing.T) {
	zh, en := page(text.Zh), page(text.En)
	at := zh.Now.AddDate(0, 0, -12) // 25 December 2008, 10:42
	for _, c := range []struct{ name, got, want string }{
		{"full", zh.DateLong(zh.Now), "2009年1月6日 周二"},
		{"full, English", en.DateLong(en.Now), "Tue 6 January 2009"},
		{"within the year", zh.ShortLong(ui.Day("2009-01-09")), "1月9日 周五"},
		{"another year keeps it", zh.Short(at), "2008年12月25日"},
		{"today", zh.Moment(zh.Now), "今天 10:42"},
		{"a moment", en.Moment(ui.Day("2009-01-04")), "Sun 4 January 00:00"},
		{"no date", zh.Date(ui.Day("soon")), ""},
	} {
		if c.got != c.want {
			t.Errorf("%s: %q, want %q", c.name, c.got, c.want)
		}
	}
}

func TestTimeLeftIsSaidInWorkingDays(t *testing.T) {
	zh, en := page(text.Zh), page(text.En)
	for _, c := range []struct {
		l      ui.Lamp
		zh, en string
	}{
		{ui.Lamp{Left: 3}, "还剩 3 个工作日", "3 working days left"},
		{ui.Lamp{Left: 1}, "还剩 1 个工作日", "1 working day left"},
		{ui.Lamp{}, "今天到期", "Due today"},
		{ui.Lamp{Left: -2}, "已过 2 个工作日", "2 working days over"},
		{ui.Lamp{State: ui.Stopped, Words: "x"}, "x", "x"},
	} {
		if c.l.Text(zh) != c.zh || c.l.Text(en) != c.en {
			t.Errorf("%+v: %q and %q", c.l, c.l.Text(zh), c.l.Text(en))
		}
	}
}

func TestNumbers(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 4130000000: "4,130,000,000", -1234567: "-1,234,567"} {
		if got := ui.Commas(n); got != want {
			t.Errorf("%d: %s", n, got)
		}
	}
	for fen, want := range map[int64]string{300_000_000: "300", 1_500_000: "1.5", 0: "0", 50: "0.00005", -500_000: "-0.5"} {
		if got := ui.Wan(fen); got != want {
			t.Errorf("%d fen: %s 万元, want %s", fen, got, want)
		}
	}
	for fen, want := range map[int64]string{24_000_000: "240,000", 50: "0.5", 0: "0", -123_456_789: "-1,234,567.89"} {
		if got := ui.Yuan(fen); got != want {
			t.Errorf("%d fen: %s 元, want %s", fen, got, want)
		}
	}
}

func TestPagesStateTheTotalAndStayShort(t *testing.T) {
	for page := 1; page <= 72; page++ {
		g := ui.Pages(page, 20, 1436, "件", func(int) string { return "#" })
		current := 0
		for _, l := range g.Pages {
			if l.Current {
				current = l.N
			}
		}
		if current != page || len(g.Pages) > 7 || g.Total != 1436 || g.To-g.From > 19 {
			t.Fatalf("page %d: %+v", page, g)
		}
	}
	if g := ui.Pages(9, 20, 0, "件", func(int) string { return "#" }); g.From != 0 || g.Next != "" || g.Prev != "" {
		t.Errorf("an empty list has pages: %+v", g)
	}
}
