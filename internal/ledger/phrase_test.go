package ledger_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/text"
)

func TestFiguresAreWrittenAsAYearbookWritesThem(t *testing.T) {
	wan, yi := int64(10_000), int64(100_000_000)
	for _, c := range []struct {
		exact  float64
		unit   string
		style  ledger.Style
		zh, en string
	}{
		{113, "个", ledger.Style{Qualifier: ledger.Reaching}, "113个", "113"},
		{3_140_000, "平方米", ledger.Style{Scale: wan, Places: 2}, "314万平方米", "3.14 million square metres"},
		{4_130_000_000, "元", ledger.Style{Scale: yi, Places: 2}, "41.3亿元", "4.13 billion yuan"},
		{734_000_000, "元", ledger.Style{Qualifier: ledger.Reaching, Scale: yi, Places: 2}, "7.34亿元", "734 million yuan"},
		{2_983, "户", ledger.Style{Qualifier: ledger.MoreThan, Digits: 3}, "2980多户", "more than 2,980 enterprises"},
		{3_987, "家", ledger.Style{Qualifier: ledger.Nearly, Digits: 1}, "近4000家", "nearly 4,000 enterprises"},
		{357, "户", ledger.Style{Qualifier: ledger.Nearly, Digits: 3}, "近357户", "nearly 357 enterprises"},
		{150_000, "人次", ledger.Style{Qualifier: ledger.Reaching, Scale: wan, Places: 2}, "15万人次", "150,000 person-times"},
		{10, "个", ledger.Style{Qualifier: ledger.AndAbove}, "10个以上", "at least 10"},
		{1_000, "户", ledger.Style{Qualifier: ledger.AndAbove}, "1000户以上", "at least 1,000 enterprises"},
		{2_000_000, "平方米", ledger.Style{Qualifier: ledger.AndAbove, Scale: wan, Places: 2}, "200万平方米以上", "at least 2 million square metres"},
		{70, "%", ledger.Style{Qualifier: ledger.AndAbove, Places: 1}, "70%以上", "at least 70%"},
		{59.02, "%", ledger.Style{Places: 1}, "59%", "59%"},
		{59.4, "%", ledger.Style{Qualifier: ledger.MoreThan, Digits: 2}, "59%多", "more than 59%"},
		{153_456, "人次", ledger.Style{Qualifier: ledger.MoreThan, Scale: wan, Digits: 2}, "15万多人次", "more than 150,000 person-times"},
		{2, "个", ledger.Style{Qualifier: ledger.AndOther}, "2个", "2"},
		{1, "户", ledger.Style{}, "1户", "1 enterprise"},
		{1, "unit.firm", ledger.Style{}, "1户", "1 enterprise"},

		// a county is small, and a word that would be false is left out
		{23, "户", ledger.Style{Qualifier: ledger.MoreThan, Digits: 3}, "23户", "23 enterprises"},
		{2_980, "户", ledger.Style{Qualifier: ledger.MoreThan, Digits: 3}, "2980户", "2,980 enterprises"},
		{0, "户", ledger.Style{Qualifier: ledger.MoreThan, Digits: 3}, "0户", "0 enterprises"},
		{0, "个", ledger.Style{Qualifier: ledger.AndAbove}, "0个", "0"},
		{3_200, "平方米", ledger.Style{Scale: wan, Places: 2}, "3200平方米", "3,200 square metres"},
		{-2_983, "元", ledger.Style{Qualifier: ledger.MoreThan, Digits: 3}, "-2983元", "-2,983 yuan"},
		{-32_500, "元", ledger.Style{Scale: wan, Places: 1}, "-3.3万元", "-33,000 yuan"},
		{9_007_199_254_740_991, "元", ledger.Style{Qualifier: ledger.MoreThan, Scale: yi, Digits: 3}, "90000000亿多元", "more than 9,000,000 billion yuan"},
		{0.004, "%", ledger.Style{Places: 1}, "0%", "0%"},
		{58.3, "%", ledger.Style{Qualifier: ledger.AndAbove, Places: 1}, "58.3%以上", "at least 58.3%"},
	} {
		f := ledger.Figure{Exact: new(c.exact), Unit: c.unit, Style: c.style}
		if got := f.Phrase(text.Zh); got != c.zh {
			t.Errorf("%v as %+v: %s, want %s", c.exact, c.style, got, c.zh)
		}
		if got := f.Phrase(text.En); got != c.en {
			t.Errorf("%v as %+v: %s, want %s", c.exact, c.style, got, c.en)
		}
	}
	if got := (ledger.Figure{Unit: "户"}).Phrase(text.Zh); got != "—" {
		t.Errorf("without data: %s, want a dash", got)
	}
}

// TestNoPublishedWordIsFalse checks the promise of each word for numbers of
// every size.
func TestNoPublishedWordIsFalse(t *testing.T) {
	r := rand.New(rand.NewPCG(2008, 1))
	words := []ledger.Qualifier{ledger.MoreThan, ledger.Nearly, ledger.Reaching, ledger.AndAbove, ledger.AndOther, ledger.Exactly}
	for range 20_000 {
		exact := math.Round(math.Pow(10, r.Float64()*11)*100) / 100
		if r.IntN(3) == 0 {
			exact = math.Round(exact)
		}
		s := ledger.Style{
			Qualifier: words[r.IntN(len(words))], Digits: r.IntN(5),
			Scale: []int64{0, 1, 10_000, 100_000_000}[r.IntN(4)], Places: r.IntN(3),
		}
		value, q := s.Publish(exact)
		slip := 1e-9 * exact
		var ok bool
		switch q {
		case ledger.MoreThan:
			ok = exact > value
		case ledger.Nearly:
			ok = exact <= value+slip
		case ledger.Reaching, ledger.AndAbove, ledger.AndOther:
			ok = exact >= value-slip
		default:
			again, _ := s.Publish(value)
			ok = s.Qualifier != ledger.Exactly || math.Abs(again-value) <= slip
		}
		if !ok {
			t.Fatalf("%v as %+v is published as %s%v", exact, s, q, value)
		}
	}
}

func TestGrowthIsToOneDecimalAndOnlyOnSomething(t *testing.T) {
	for _, c := range []struct {
		prev, cur *float64
		want      string
		zh, en    string
	}{
		{new(25.97), new(41.3), "59", "增长59%", "up 59%"},
		{new(1000.0), new(968.0), "-3.2", "下降3.2%", "down 3.2%"},
		{new(8.0), new(8.0), "0", "持平", "unchanged"},
		{new(1000.0), new(1000.5), "0.1", "增长0.1%", "up 0.1%"}, // half goes up
		{new(10_000.0), new(10_001.0), "0", "持平", "unchanged"},
		{new(10.0), new(-5.0), "-150", "下降150%", "down 150%"},
		{new(0.0), new(5.0), "none", "", ""},
		{new(-3.0), new(5.0), "none", "", ""},
		{nil, new(5.0), "none", "", ""},
		{new(5.0), nil, "none", "", ""},
	} {
		f := ledger.Figure{Growth: ledger.Growth(c.prev, c.cur)}
		got := "none"
		if f.Growth != nil {
			got = fmt.Sprint(*f.Growth)
		}
		if got != c.want || f.GrowthPhrase(text.Zh) != c.zh || f.GrowthPhrase(text.En) != c.en {
			t.Errorf("%s %s %s, want %s %s %s", got, f.GrowthPhrase(text.Zh), f.GrowthPhrase(text.En), c.want, c.zh, c.en)
		}
	}
}

// A county's share of what the city counts in 亿 is written in 万.
func TestWhatFallsShortOfYiIsWrittenInWan(t *testing.T) {
	style := ledger.Style{Scale: 100_000_000, Places: 2}
	for exact, want := range map[float64]string{
		734_000_000: "7.34亿元", 77_310_000: "7731万元", 12_345_678: "1234.57万元", 9_999: "9999元", -77_310_000: "-7731万元",
	} {
		value, q := style.Publish(exact)
		f := ledger.Figure{Value: &value, Exact: &exact, Unit: "元", Style: ledger.Style{Qualifier: q, Scale: style.Scale, Places: 2}}
		if got := f.Phrase(text.Zh); got != want {
			t.Errorf("%.0f is written %s, want %s", exact, got, want)
		}
	}
}

// A rate that rose from 58.2 to 67.8 per cent rose by 9.6 points, not by 16.5 per cent.
func TestARateMovesInPercentagePoints(t *testing.T) {
	for _, c := range []struct {
		prev, cur *float64
		zh, en    string
	}{
		{new(58.2), new(67.8), "提高9.6个百分点", "up 9.6 percentage points"},
		{new(92.6), new(91.74), "下降0.9个百分点", "down 0.9 percentage points"},
		{new(0.0), new(12.5), "提高12.5个百分点", "up 12.5 percentage points"},
		{new(50.0), new(50.04), "持平", "unchanged"},
		{nil, new(50.0), "", ""},
		{new(50.0), nil, "", ""},
	} {
		f := ledger.Figure{Points: ledger.Points(c.prev, c.cur)}
		if zh, en := f.GrowthPhrase(text.Zh), f.GrowthPhrase(text.En); zh != c.zh || en != c.en {
			t.Errorf("%s, %s; want %s, %s", zh, en, c.zh, c.en)
		}
	}
}
