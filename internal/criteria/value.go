package criteria

import (
	"strconv"
	"strings"

	"qiban.dev/qiban/internal/text"
)

// Value is one input: a number, a yes/no, or texts. The zero Value is not known.
type Value struct {
	kind  byte
	num   float64
	yes   bool
	texts []string
}

// Num is a number, in the unit that the rules name.
func Num(v float64) Value { return Value{kind: 'n', num: v} }

// Int is a whole number.
func Int[T ~int | ~int64](v T) Value { return Num(float64(v)) }

// Ratio is part of whole in percent, rounded once, so that a figure that meets a
// threshold exactly compares equal to it; not known when whole is 0.
func Ratio(part, whole int64) Value {
	if whole == 0 {
		return Value{}
	}
	return Num(float64(part*100) / float64(whole))
}

// Wan is an amount in fen as 万元, not rounded.
func Wan(fen int64) Value { return Num(float64(fen) / 1_000_000) }

// Yes is a yes or no.
func Yes(v bool) Value { return Value{kind: 'y', yes: v} }

// Texts are codes or names; none at all is known to be none.
func Texts(v ...string) Value { return Value{kind: 't', texts: v} }

// Known reports whether there is a value.
func (v Value) Known() bool { return v.kind != 0 }

// Number is the value as a number; false for anything else.
func (v Value) Number() (float64, bool) { return v.num, v.kind == 'n' }

// Inputs are the values by name; a missing name is not known.
type Inputs map[string]Value

// rounded is a number for reading: at most two decimals.
func rounded(n float64) string {
	s := strconv.FormatFloat(n, 'f', 2, 64)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

// withUnit writes a number with its unit: 300 人, 20%.
func withUnit(n string, unit Words, lang text.Lang) string {
	u := unit.In(lang)
	if u == "" || u == "%" {
		return n + u
	}
	return n + " " + u
}

func (v Value) show(unit Words, lang text.Lang) string {
	switch v.kind {
	case 'n':
		return withUnit(rounded(v.num), unit, lang)
	case 'y':
		if v.yes {
			return lang.T("criteria.yes")
		}
		return lang.T("criteria.no")
	case 't':
		return strings.Join(v.texts, lang.T("criteria.list"))
	default:
		return ""
	}
}
