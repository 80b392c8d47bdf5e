package web

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// The readers below give a value its meaning. An empty field reads as the zero
// value and is not wrong: whether it is needed is the domain's to say. What
// cannot be read is noted, with what was typed, and reads as zero.

// Text is one line: trimmed, composed (NFC), without control characters.
func (f *Form) Text(name string) string {
	return strings.Join(strings.Fields(clean(f.values.Get(name))), " ")
}

// Long is a text of several lines, trimmed and composed; lines end with \n.
func (f *Form) Long(name string) string {
	s := strings.ReplaceAll(f.values.Get(name), "\r\n", "\n")
	return strings.TrimSpace(clean(s))
}

func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && (unicode.IsControl(r) || r == '\u200b' || r == '\ufeff') {
			return -1
		}
		return r
	}, norm.NFC.String(s))
}

// Many are the chosen values of a checkbox list, without empty ones.
func (f *Form) Many(name string) []string {
	var all []string
	for _, v := range f.values[name] {
		if v = strings.TrimSpace(v); v != "" {
			all = append(all, v)
		}
	}
	return all
}

// Tick reports whether a single checkbox was ticked.
func (f *Form) Tick(name string) bool { return f.values.Get(name) != "" }

// Int is a whole number; 1,200 and １２００ are read too.
func (f *Form) Int(name string) int64 {
	s := digits(f.values.Get(name))
	if s == "" {
		return 0
	}
	n, err := strconv.ParseInt(s, 10, 64)
	switch {
	case errors.Is(err, strconv.ErrRange):
		f.Wrong(name, "web.field.large")
		return 0
	case err != nil:
		f.Wrong(name, "web.field.integer", "value", f.Text(name))
		return 0
	}
	return n
}

// Decimal is a number with up to places digits after the point, as a whole
// number of its smallest part: Decimal("share", 2) reads 12.5 as 1250.
func (f *Form) Decimal(name string, places int) int64 {
	s := digits(f.values.Get(name))
	if s == "" {
		return 0
	}
	n, err := decimal(s, places)
	if err != nil {
		f.unread(name, err)
	}
	return n
}

// unread notes a number that cannot be read, or is too large for any field.
func (f *Form) unread(name string, err error) {
	if errors.Is(err, strconv.ErrRange) {
		f.Wrong(name, "web.field.large")
		return
	}
	f.Wrong(name, "field.number", "value", f.Text(name))
}

// Yuan is an amount in yuan, as fen (分).
func (f *Form) Yuan(name string) int64 { return f.Decimal(name, 2) }

// Wan is an amount in 万元, as fen; 300, 1.5, 300万 and 1.2亿 are read. For an
// amount written in characters the message offers the number.
func (f *Form) Wan(name string) int64 {
	s := strings.TrimSuffix(digits(f.values.Get(name)), "元")
	if s == "" {
		return 0
	}
	places := 6
	if t, ok := strings.CutSuffix(s, "亿"); ok {
		s, places = t, 10
	} else {
		s = strings.TrimSuffix(s, "万")
	}
	n, err := decimal(s, places)
	if err == nil {
		return n
	}
	if yuan := spoken(f.Text(name)); yuan > 0 && yuan%10000 == 0 {
		f.Wrong(name, "web.field.wan", "value", f.Text(name), "guess", int(yuan/10000))
	} else {
		f.unread(name, err)
	}
	return 0
}

// digits makes full-width figures plain and takes out what groups them.
func digits(s string) string {
	return strings.NewReplacer(",", "", " ", "", "，", "", "\u00a0", "").Replace(norm.NFKC.String(strings.TrimSpace(s)))
}

// decimal reads s as a whole number of its 10^-places parts.
func decimal(s string, places int) (int64, error) {
	whole, part, _ := strings.Cut(s, ".")
	sign := int64(1)
	if t, ok := strings.CutPrefix(whole, "-"); ok {
		sign, whole = -1, t
	}
	part = strings.TrimRight(part, "0")
	if len(part) > places || strings.ContainsAny(part, "+-") || strings.HasPrefix(whole, "+") || whole == "" {
		return 0, strconv.ErrSyntax
	}
	n, err := strconv.ParseInt(whole+part+strings.Repeat("0", places-len(part)), 10, 64)
	if err != nil {
		return 0, err
	}
	return sign * n, nil
}

// spoken reads a number written in characters, 三百万; 0 when it is not one.
func spoken(s string) int64 {
	figure := map[rune]int64{'零': 0, '〇': 0, '一': 1, '二': 2, '两': 2, '三': 3, '四': 4, '五': 5, '六': 6, '七': 7, '八': 8, '九': 9}
	unit := map[rune]int64{'十': 10, '百': 100, '千': 1000}
	var total, section, digit int64
	for _, r := range strings.TrimSuffix(s, "元") {
		switch {
		case r == '万' || r == '亿':
			scale := int64(10_000)
			if r == '亿' {
				scale = 100_000_000
			}
			total = (total + section + digit) * scale
			section, digit = 0, 0
		case unit[r] > 0:
			section += max(digit, 1) * unit[r]
			digit = 0
		default:
			d, ok := figure[r]
			if !ok {
				return 0
			}
			digit = d
		}
		if total > 1e15 {
			return 0
		}
	}
	return total + section + digit
}

var dated = regexp.MustCompile(`^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$|^(\d{4})(\d{2})(\d{2})$`)

// Date is a day as ISO text, "" for an empty field: 2009-02-20, 2009/2/20,
// 2009.2.20, 2009年2月20日 and 20090220 are read.
func (f *Form) Date(name string) string {
	s := digits(f.values.Get(name))
	if s == "" {
		return ""
	}
	if m := dated.FindStringSubmatch(s); m != nil {
		iso := pad(m[1]+m[4], 4) + "-" + pad(m[2]+m[5], 2) + "-" + pad(m[3]+m[6], 2)
		if _, err := time.Parse(time.DateOnly, iso); err == nil {
			return iso
		}
	}
	f.Wrong(name, "field.date", "value", f.Text(name))
	return ""
}

func pad(s string, n int) string { return strings.Repeat("0", max(0, n-len(s))) + s }
