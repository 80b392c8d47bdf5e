package fault

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Length checks that a text has between least and most characters. With least 0
// it may be empty.
func (f *Fields) Length(name, value string, least, most int) {
	switch n := utf8.RuneCountInString(value); {
	case n == 0 && least > 0:
		f.Add(name, "field.required")
	case n < least:
		f.Add(name, "field.too_short", "min", least, "n", n)
	case n > most:
		f.Add(name, "field.too_long", "max", most, "n", n)
	}
}

// Reason trims a reason that has to be given, 2 to 200 characters, and checks it.
func (f *Fields) Reason(name string, value *string) {
	*value = strings.TrimSpace(*value)
	f.Length(name, *value, 2, 200)
}

// NoReason is Invalid when the reason of a step that asks for nothing else is not
// one, under the name reason; else nil. It trims the reason.
func NoReason(reason *string) error {
	var f Fields
	f.Reason("reason", reason)
	return f.Err()
}

// Range checks that a number is between least and most, both included.
func (f *Fields) Range(name string, value, least, most int64) {
	if value < least || value > most {
		f.Add(name, "field.range", "min", least, "max", most)
	}
}

// Money checks that an amount is between least and most, both included, all in fen;
// the reader is told in yuan (元).
func (f *Fields) Money(name string, fen, least, most int64) {
	if fen < least || fen > most {
		f.Add(name, "field.money", "min", yuan(least), "max", yuan(most))
	}
}

// yuan is an amount of fen in yuan, as a parameter of a sentence.
func yuan(fen int64) any {
	if fen%100 == 0 {
		return fen / 100
	}
	return strconv.FormatFloat(float64(fen)/100, 'f', 2, 64)
}

// Choice checks that a value is one of those offered. A field that is already
// broken is not told twice.
func Choice[T comparable](f *Fields, name string, value T, all []T) {
	if !slices.Contains(all, value) && !f.Has(name) {
		f.Add(name, "field.choice")
	}
}

// Day checks that a date was given and is one, as in 2008-12-31.
func (f *Fields) Day(name, value string) {
	if value == "" {
		f.Add(name, "field.required")
		return
	}
	f.OptionalDay(name, value)
}

// earliest is the first day that a date may name: what anybody alive, or any
// organisation, has to say lies after it, and an earlier year was mistyped.
const earliest = "1900-01-01"

// OptionalDay checks that what is there is a date, from 1900 on.
func (f *Fields) OptionalDay(name, value string) {
	if value == "" {
		return
	}
	if _, err := time.Parse(time.DateOnly, value); err != nil {
		f.Add(name, "field.date", "value", value)
	} else if value < earliest {
		f.Add(name, "field.date.early", "value", value)
	}
}
