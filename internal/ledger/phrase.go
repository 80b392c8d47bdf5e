package ledger

import (
	"math"
	"strconv"
	"strings"

	"qiban.dev/qiban/internal/text"
)

// Key is the text key of the origin's name; empty for none.
func (o Origin) Key() string {
	if o == NoOrigin {
		return ""
	}
	return "ledger.origin." + string(o)
}

// Phrase writes the figure as it is published, with its unit and the qualifier
// that is true of it: 314万平方米, 2980多户, 近4000家, 10个以上; 3.14 million
// square metres, more than 2,980 enterprises. 达 is the verb of the sentence and
// 等 follows names, so both stay out of the phrase. A figure whose exact value
// is unknown carries no qualifier; one without data is a dash.
func (f Figure) Phrase(lang text.Lang) string {
	var value float64
	q := Exactly
	switch {
	case f.Exact != nil:
		value, q = f.Style.Publish(*f.Exact)
	case f.Value != nil:
		value = *f.Value
	default:
		return "—"
	}
	number, scale := f.Style.number(lang, value)
	unit := UnitWord(lang, f.Unit, value)
	if lang == text.En && unit != "" && unit != "%" {
		unit = " " + unit
	}
	key := map[Qualifier]string{MoreThan: "ledger.phrase.more", Nearly: "ledger.phrase.nearly", AndAbove: "ledger.phrase.above"}[q]
	switch {
	case key == "":
		return number + scale + unit
	case q == MoreThan && unit == "%":
		return lang.T("ledger.phrase.more_percent", "number", number)
	default:
		return lang.T(key, "number", number+scale, "unit", unit)
	}
}

// number writes a published value: in Chinese with 万 or 亿 as the style asks,
// in English with thousands separated and millions and billions in words where
// that loses nothing.
func (s Style) number(lang text.Lang, value float64) (number, scale string) {
	if lang == text.En {
		return english(value)
	}
	by := s.scaleOf(value)
	switch by {
	case 1e4:
		scale = "万"
	case 1e8:
		scale = "亿"
	default:
		by = 1
	}
	return decimal(value / by), scale
}

// decimal writes a number with the digits it has, at most ten decimals, never
// in powers of ten.
func decimal(value float64) string {
	s := strconv.FormatFloat(value, 'f', 10, 64)
	s = strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
	if s == "-0" || s == "" {
		return "0"
	}
	return s
}

func english(value float64) (number, scale string) {
	switch size := math.Abs(value); {
	case size >= 1e9 && math.Mod(value, 1e6) == 0:
		return grouped(decimal(value / 1e9)), " billion"
	case size >= 1e6 && math.Mod(value, 1e3) == 0:
		return grouped(decimal(value / 1e6)), " million"
	}
	return grouped(decimal(value)), ""
}

// grouped separates the thousands of a decimal number.
func grouped(s string) string {
	whole, fraction, hasFraction := strings.Cut(s, ".")
	sign := ""
	if strings.HasPrefix(whole, "-") {
		sign, whole = "-", whole[1:]
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if hasFraction {
		whole += "." + fraction
	}
	return sign + whole
}

// UnitWord is a unit as it stands behind a number: the Chinese word as it is,
// and in English the noun, singular for 1. A unit may also be named by its text
// key. 个, 名 and the like have no noun in English: the figure's name says what
// is counted, and the word is empty.
func UnitWord(lang text.Lang, unit string, value float64) string {
	key := unitKey(unit)
	switch {
	case strings.HasPrefix(unit, "unit."):
		key = unit
	case lang != text.En || unit == "%":
		return unit
	}
	if key == "" {
		return ""
	}
	return lang.T(key, "n", decimal(value))
}

// unitKey is the text key of a Chinese unit that has a noun in English.
func unitKey(unit string) string {
	switch unit {
	case "户", "家":
		return "unit.firm"
	case "人":
		return "unit.people"
	case "人次":
		return "unit.attendance"
	case "期":
		return "unit.class"
	case "篇":
		return "unit.article"
	case "元":
		return "unit.yuan"
	case "平方米":
		return "unit.square_metre"
	case "种":
		return "unit.sort"
	case "次":
		return "unit.occasion"
	case "年":
		return "unit.year"
	case "月", "个月":
		return "unit.month"
	default:
		return ""
	}
}

// GrowthPhrase says how the figure moved on the year before: 增长59%, 下降3.2%,
// 持平; of a rate 提高9.6个百分点. Empty when there is nothing to compare.
func (f Figure) GrowthPhrase(lang text.Lang) string {
	switch {
	case f.Points != nil && *f.Points > 0:
		return lang.T("ledger.points.up", "n", decimal(*f.Points))
	case f.Points != nil && *f.Points < 0:
		return lang.T("ledger.points.down", "n", decimal(-*f.Points))
	case f.Points != nil:
		return lang.T("ledger.growth.same")
	case f.Growth == nil:
		return ""
	case *f.Growth > 0:
		return lang.T("ledger.growth.up", "n", decimal(*f.Growth))
	case *f.Growth < 0:
		return lang.T("ledger.growth.down", "n", decimal(-*f.Growth))
	default:
		return lang.T("ledger.growth.same")
	}
}
