package xfer

import (
	"errors"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/width"

	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/text"
)

// Has reports whether the file has the column: an empty cell of it means empty,
// a column that is not there means leave what is.
func (r *Row) Has(key string) bool { return r.header.at[r.table.column(key)] >= 0 }

// Cells are the row's cells in the order of the table, as they stand; "" for
// columns that the file does not have.
func (r *Row) Cells() []string {
	cells := make([]string, len(r.header.at))
	for j, i := range r.header.at {
		if i >= 0 && i < len(r.raw) {
			cells[j] = r.raw[i]
		}
	}
	return cells
}

// Break notes that a cell breaks a rule, once for each rule.
func (r *Row) Break(key, why string, args ...any) { r.Bad.Add(key, why, args...) }

// Sound reports whether none of the columns is broken.
func (r *Row) Sound(columns ...string) bool { return !slices.ContainsFunc(columns, r.Bad.Has) }

// BreakAll notes the broken fields of an Invalid fault, each at the column of
// its name with a word before it, unless that is broken already.
func (r *Row) BreakAll(before string, err error) {
	for _, f := range fault.FieldsOf(err) {
		if !r.Bad.Has(before + f.Name) {
			r.Break(before+f.Name, f.Key, f.Args...)
		}
	}
}

// BreakFault notes what a fault says as a sentence, such as a Conflict, at a column.
func (r *Row) BreakFault(key string, err error) {
	if e, ok := errors.AsType[*fault.Error](err); ok {
		r.Break(key, e.Key, e.Args...)
	}
}

var (
	scientific = regexp.MustCompile(`^[+-]?\d(\.\d+)?[eE]\+?\d{1,3}$`)
	excelError = regexp.MustCompile(`^#(N/A|REF!|VALUE!|NAME\?|DIV/0!|NUM!|NULL!|SPILL!|CALC!)$`)
	dated      = regexp.MustCompile(`^(\d{4})(?:[-/.年](\d{1,2})[-/.月](\d{1,2})日?|(\d{2})(\d{2}))$`)
	serial     = regexp.MustCompile(`^\d{1,6}(\.\d+)?$`)
)

// cell is the trimmed text of a cell, with its column; "" when there is none.
func (r *Row) cell(key string) (string, int) {
	j := r.table.column(key)
	i := r.header.at[j]
	if i < 0 || i >= len(r.raw) {
		return r.want("", j), j
	}
	s := strings.TrimFunc(r.raw[i], func(c rune) bool { return unicode.IsSpace(c) || c == '\ufeff' || c == '\u200b' })
	switch {
	case excelError.MatchString(s):
		r.Break(key, "xfer.cell.error", "value", s)
		return "", j
	case strings.ContainsRune(s, '\ufffd'):
		r.Break(key, "xfer.cell.unreadable")
		return "", j
	}
	return r.want(s, j), j
}

func (r *Row) want(s string, j int) string {
	if c := r.table.Columns[j]; s == "" && c.Required && !r.Bad.Has(c.Key) {
		r.Break(c.Key, "field.required")
	}
	return s
}

// Text is the text of a cell.
func (r *Row) Text(key string) string {
	s, _ := r.cell(key)
	return s
}

// Code is a number of a licence or the like. One that the spreadsheet turned
// into a rounded number is broken: its digits are gone.
func (r *Row) Code(key string) string {
	s, _ := r.cell(key)
	if scientific.MatchString(s) {
		r.Break(key, "xfer.cell.scientific", "value", s)
		return ""
	}
	return s
}

// plain takes thousands separators and full-width digits from a number.
func plain(s string) string {
	s = width.Narrow.String(s)
	return strings.Map(func(c rune) rune {
		if c == ',' || c == '¥' || c == '￥' || unicode.IsSpace(c) {
			return -1
		}
		return c
	}, s)
}

// Int is a whole number, nil for an empty cell.
func (r *Row) Int(key string) *int64 {
	s, _ := r.cell(key)
	if s == "" {
		return nil
	}
	digits := strings.TrimSuffix(plain(s), ".0")
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		f, wrong := strconv.ParseFloat(digits, 64)
		if wrong != nil || f != math.Trunc(f) || math.Abs(f) > 1<<53 {
			r.Break(key, "xfer.cell.number", "value", short(s))
			return nil
		}
		n = int64(f)
	}
	return &n
}

// Decimal is a number that need not be whole, nil for an empty cell.
func (r *Row) Decimal(key string) *float64 {
	s, _ := r.cell(key)
	if s == "" {
		return nil
	}
	f, err := strconv.ParseFloat(plain(s), 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
		r.Break(key, "xfer.cell.decimal", "value", short(s))
		return nil
	}
	return &f
}

// Fen is an amount of money, nil for an empty cell.
func (r *Row) Fen(key string) *int64 {
	s, j := r.cell(key)
	if s == "" {
		return nil
	}
	fen, ok := toFen(plain(s), r.header.scale[j])
	if !ok {
		r.Break(key, "xfer.cell.money", "value", short(s))
		return nil
	}
	return &fen
}

// Amount is an amount of money, 0 for an empty cell.
func (r *Row) Amount(key string) int64 {
	if fen := r.Fen(key); fen != nil {
		return *fen
	}
	return 0
}

// Amounts are the amounts of money of a cell that has several, in its order: they
// stand between semicolons, 、 or lines; commas belong to a number.
func (r *Row) Amounts(key string) []int64 {
	s, j := r.cell(key)
	var all []int64
	for _, part := range parts(s, ";；、\r\n") {
		fen, ok := toFen(plain(part), r.header.scale[j])
		if !ok {
			r.Break(key, "xfer.cell.money", "value", short(part))
			return nil
		}
		all = append(all, fen)
	}
	return all
}

// Listed are the words of a cell that has several, as people write them: between
// commas, semicolons or lines.
func Listed(cell string) []string { return parts(cell, ";；、,，\r\n") }

func parts(s, between string) []string {
	var all []string
	for _, part := range strings.FieldsFunc(s, func(c rune) bool { return strings.ContainsRune(between, c) }) {
		if part = strings.TrimSpace(part); part != "" {
			all = append(all, part)
		}
	}
	return all
}

// toFen reads yuan, times a scale, as fen. Spreadsheets keep amounts as binary
// fractions, so what differs from whole fen by less than a ten-thousandth is taken.
func toFen(s string, scale int64) (int64, bool) {
	whole, part, _ := strings.Cut(s, ".")
	if len(part) <= 2 && !strings.ContainsAny(s, "eE") {
		n, err := strconv.ParseInt(whole+(part + "00")[:2], 10, 64)
		if err != nil || whole == "" || whole == "-" || math.Abs(float64(n)) > float64(math.MaxInt64/scale) {
			return 0, false
		}
		return n * scale, true
	}
	f, err := strconv.ParseFloat(s, 64)
	f *= 100 * float64(scale)
	fen := math.Round(f)
	if err != nil || math.Abs(f) > 1<<53 || math.Abs(f-fen) > 1e-4 {
		return 0, false
	}
	return int64(fen), true
}

// Day is a date as ISO text, "" for an empty cell. Dates are taken as Chinese
// offices write them, and as the day numbers that spreadsheets keep.
func (r *Row) Day(key string) string {
	s, _ := r.cell(key)
	if s == "" {
		return ""
	}
	day, ok := toDay(strings.ReplaceAll(width.Narrow.String(s), " ", ""), r.header.epoch())
	if !ok {
		r.Break(key, "field.date", "value", short(s))
		return ""
	}
	return day
}

func (h *Header) epoch() time.Time {
	if h.from1904 {
		return time.Date(1904, time.January, 1, 0, 0, 0, 0, time.UTC)
	}
	return time.Date(1899, time.December, 30, 0, 0, 0, 0, time.UTC) // the 29 February 1900 that never was, included
}

func toDay(s string, epoch time.Time) (string, bool) {
	s = strings.TrimSuffix(strings.TrimSuffix(s, "00:00:00"), "T")
	if m := dated.FindStringSubmatch(s); m != nil {
		year, _ := strconv.Atoi(m[1])
		month, _ := strconv.Atoi(m[2] + m[4])
		day, _ := strconv.Atoi(m[3] + m[5])
		t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
		return t.Format(time.DateOnly), t.Year() == year && int(t.Month()) == month && t.Day() == day
	}
	if !serial.MatchString(s) {
		return "", false
	}
	n, err := strconv.ParseFloat(s, 64)
	if err != nil || n < 366 || n > 100_000 { // a bare year or a stray digit is no day
		return "", false
	}
	if n >= 1900 && n <= 2100 && !strings.Contains(s, ".") {
		return "", false // 2009 is a year that lost its day, hardly a day of 1905
	}
	return epoch.AddDate(0, 0, int(n)).Format(time.DateOnly), true
}

// Pick is the value of a choice, "" for an empty cell.
func (r *Row) Pick(key string) string {
	s, j := r.cell(key)
	if s == "" {
		return ""
	}
	return r.option(key, s, j)
}

// Picks are the values of a cell with several choices, in its order, nil for an
// empty cell. They stand between semicolons or 、, which may also be in the name
// of one (协会、商会).
func (r *Row) Picks(key string) []string {
	s, j := r.cell(key)
	var values []string
	for _, part := range strings.FieldsFunc(s, func(c rune) bool { return c == ';' || c == '；' }) {
		for words := strings.Split(part, "、"); len(words) > 0; {
			n := len(words)
			for n > 1 && r.named(strings.Join(words[:n], "、"), j) == "" {
				n--
			}
			if v := r.option(key, strings.Join(words[:n], "、"), j); v != "" {
				values = append(values, v)
			}
			words = words[n:]
		}
	}
	return values
}

// option is the choice that a text names; the cell is broken when there is none.
func (r *Row) option(key, s string, j int) string {
	v := r.named(s, j)
	if v == "" {
		r.Break(key, "xfer.cell.choice", "value", short(s), "choices", labels(r.table.Columns[j].Options))
	}
	return v
}

// named is the choice that a text names, by its value or in either language.
func (r *Row) named(s string, j int) string {
	wanted := fold(s)
	for _, o := range r.table.Columns[j].Options {
		if wanted == fold(o.Value) || wanted == fold(text.Zh.T(o.Label)) || wanted == fold(text.En.T(o.Label)) {
			return o.Value
		}
	}
	return ""
}

func labels(options []Option) text.Keys {
	keys := make(text.Keys, len(options))
	for i, o := range options {
		keys[i] = text.Key(o.Label)
	}
	return keys
}

// Yes is a yes or no; given is false for an empty cell.
func (r *Row) Yes(key string) (yes, given bool) {
	s, _ := r.cell(key)
	switch f := fold(s); {
	case f == "":
		return false, false
	case slices.Contains([]string{"是", "有", "yes", "y", "true", "1", "√"}, f):
		return true, true
	case slices.Contains([]string{"否", "无", "no", "n", "false", "0", "×"}, f):
		return false, true
	}
	r.Break(key, "xfer.cell.yesno", "value", short(s))
	return false, false
}

// Place is a region code, given as one or by a name that only one place has;
// "" for an empty cell.
func (r *Row) Place(key string) region.Code {
	s, _ := r.cell(key)
	if s == "" {
		return ""
	}
	code := region.Code(plain(s))
	if code.Valid() {
		return code
	}
	if r.places != nil {
		if found := r.places(s); found != "" {
			return found
		}
	}
	r.Break(key, "xfer.cell.place", "value", short(s))
	return ""
}

// short is a value as a message repeats it.
func short(s string) string {
	if rs := []rune(s); len(rs) > 40 {
		return string(rs[:40]) + "…"
	}
	return s
}
