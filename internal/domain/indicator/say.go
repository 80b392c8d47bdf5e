package indicator

import (
	"cmp"
	"fmt"
	"math"
	"strconv"
	"strings"

	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/text"
)

// PlaceName is how pages write a place: 射阳县, and 射阳 where room is short.
type PlaceName struct{ Full, Short string }

// Link is where a figure opens into what is behind it.
func Link(id string, place region.Code, year int) string {
	return fmt.Sprintf("/figures/%s?region=%s&year=%d", id, place, year)
}

// UnitName is a unit as it heads a column: 户; enterprises.
func UnitName(unit string, lang text.Lang) string {
	if word := ledger.UnitWord(lang, unit, 2); word != "" {
		return word
	}
	return lang.T("figures.unit.count")
}

// Column is how values of one figure are written under one another: one scale,
// one number of decimals, the unit in the head.
type Column struct {
	Scale  float64
	Places int
	Unit   string // 亿元; 100 million yuan
	lang   text.Lang
}

// Column fits the values, nil ones left out.
func (d Definition) Column(lang text.Lang, values ...*float64) Column {
	c := Column{Scale: 1, Unit: UnitName(d.Unit, lang), lang: lang}
	if d.Unit == "%" {
		c.Places = 1
	}
	most := 0.0
	for _, v := range values {
		if v != nil {
			most = max(most, math.Abs(*v))
		}
	}
	scale := float64(d.Style.Scale)
	if scale > 1 && most >= scale {
		c.Scale, c.Places = scale, 2
		key := "figures.scale.wan"
		if d.Style.Scale == 100_000_000 {
			key = "figures.scale.yi"
		}
		c.Unit = lang.T(key, "unit", c.Unit)
	}
	return c
}

// Text is a value as the column writes it, a dash for no data.
func (c Column) Text(v *float64) string {
	if v == nil {
		return "—"
	}
	return Commas(*v/c.Scale, c.Places, c.lang)
}

// Bare is the value for a drawing, empty for no data.
func (c Column) Bare(v *float64) string {
	if v == nil {
		return ""
	}
	return strconv.FormatFloat(*v/c.Scale, 'f', c.Places, 64)
}

// Commas writes a number with so many decimals. Its thousands stand apart: in
// English always, in Chinese from 10,000 on, as the yearbook writes 1006.
func Commas(v float64, places int, lang text.Lang) string {
	s := strconv.FormatFloat(v, 'f', places, 64)
	whole, part, _ := strings.Cut(s, ".")
	sign := ""
	if strings.HasPrefix(whole, "-") {
		sign, whole = "-", whole[1:]
	}
	if len(whole) > 4 || lang == text.En {
		for i := len(whole) - 3; i > 0; i -= 3 {
			whole = whole[:i] + "," + whole[i:]
		}
	}
	if part != "" {
		whole += "." + part
	}
	return sign + whole
}

// Exact is the value in the indicator's own unit, to the last digit:
// 4,130,000,000 元.
func (d Definition) Exact(v float64, lang text.Lang) string {
	places := 0
	for places < 2 && math.Abs(v*math.Pow10(places)-math.Round(v*math.Pow10(places))) > 1e-6 {
		places++
	}
	if d.Unit == "%" {
		return Commas(v, 1, lang) + "%"
	}
	return strings.TrimSpace(Commas(v, places, lang) + " " + ledger.UnitWord(lang, d.Unit, v))
}

// Change writes a growth with its sign: +59%.
func Change(growth *float64) string {
	if growth == nil {
		return "—"
	}
	s := strconv.FormatFloat(math.Round(*growth*10)/10, 'f', -1, 64) + "%"
	if *growth > 0 {
		return "+" + s
	}
	return s
}

// Moved writes how a figure moved on the year before, with its sign: +59%, of a
// rate +9.6 个百分点. — when there is nothing to compare.
func Moved(f *ledger.Figure, lang text.Lang) string {
	if f.Points == nil {
		return Change(f.Growth)
	}
	s := lang.T("figures.points", "n", strconv.FormatFloat(*f.Points, 'f', -1, 64))
	if *f.Points > 0 {
		return "+" + s
	}
	return s
}

// Growing is the same in words: 比上年增长 59%. Empty when there is nothing to
// compare.
func Growing(f *ledger.Figure, lang text.Lang) string {
	by := cmp.Or(f.Growth, f.Points)
	if by == nil {
		return ""
	}
	n := strings.TrimLeft(Moved(f, lang), "+-")
	switch {
	case *by > 0 && f.Points != nil:
		return lang.T("figures.growth.higher", "n", n)
	case *by > 0:
		return lang.T("figures.growth.up", "n", n)
	case *by < 0:
		return lang.T("figures.growth.down", "n", n)
	default:
		return lang.T("figures.growth.same")
	}
}

// Split parts a published phrase into the number and what stands after it:
// 2980 and 多户.
func Split(phrase string) (number, unit string) {
	began := false
	for i, r := range phrase {
		digit := r >= '0' && r <= '9' || (r == '.' || r == ',') && began
		if began && !digit {
			return phrase[:i], strings.TrimSpace(phrase[i:])
		}
		began = began || digit
	}
	return phrase, ""
}

// Phrase is a figure as it is published, a place among peers as such; empty
// without data.
func (d Definition) Phrase(f ledger.Figure, lang text.Lang) string {
	switch {
	case f.Value == nil:
		return ""
	case d.Nature == Rank:
		return lang.T("figures.rank", "n", int(*f.Value))
	default:
		return f.Phrase(lang)
	}
}
