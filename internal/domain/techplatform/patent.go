package techplatform

import (
	"strings"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/region"
)

// The rights over patents. That an enterprise holds one is public; what it
// earned with it is not.
const (
	SeePatent  authz.Permission = "techplatform.patent.see"  // 查看专利实施情况
	KeepPatent authz.Permission = "techplatform.patent.keep" // 登记专利和实施情况
)

// PatentKind is one of the three kinds of patent (专利法第二条).
type PatentKind string

// The kinds. The number of an application tells which it is.
const (
	Invention PatentKind = "invention" // 发明
	Utility   PatentKind = "utility"   // 实用新型
	Design    PatentKind = "design"    // 外观设计
)

// PatentKinds are the three.
func PatentKinds() []PatentKind { return []PatentKind{Invention, Utility, Design} }

// Key is the text key of the kind's name.
func (k PatentKind) Key() string { return "patent.kind." + string(k) }

// PatentStatus is where a patent stands on a day.
type PatentStatus string

// The statuses, which follow from the days of a patent.
const (
	Pending PatentStatus = "pending" // 申请中
	InForce PatentStatus = "valid"   // 有效
	Lapsed  PatentStatus = "lapsed"  // 已失效
)

// PatentStatuses are the three.
func PatentStatuses() []PatentStatus { return []PatentStatus{InForce, Pending, Lapsed} }

// Key is the text key of the status' name.
func (s PatentStatus) Key() string { return "patent.status." + string(s) }

// Way is how a patent is used (实施方式).
type Way string

// The ways.
const (
	OwnUse  Way = "own"     // 自行实施: the holder makes something with it
	Licence Way = "licence" // 许可他人实施
)

// Ways are the two.
func Ways() []Way { return []Way{OwnUse, Licence} }

// Key is the text key of the way's name.
func (w Way) Key() string { return "patent.way." + string(w) }

// PatentProfile is what is set down of a patent. Days are ISO dates; Granted and
// Ended are empty while it is not granted and has not been given up.
type PatentProfile struct {
	Number  string // of the application, as the office writes it: 200820123456.7
	Title   string
	Applied string
	Granted string
	Ended   string // first day no longer in force: given up, refused, declared void
	OnOffer bool   // others may have a licence
	About   string
}

// Patent is one of an enterprise on the register.
type Patent struct {
	ID string
	PatentProfile
	Kind       PatentKind
	Enterprise string
	Holder     string // the enterprise's name
	Region     region.Code
	Ends       string // ISO date, the first day no longer: Ended, at the latest the end of its term
	Version    int
	UpdatedAt  time.Time
}

// Mark is the patent's number as it is written: with ZL (专利) once it is granted.
func (p *Patent) Mark() string {
	if p.Granted == "" {
		return p.Number
	}
	return "ZL " + p.Number
}

// written are the ways in which people write the number: with the dot and without,
// with ZL and without.
func (p *Patent) written() string {
	bare := strings.Replace(p.Number, ".", "", 1)
	return strings.Join([]string{p.Number, bare, "ZL" + p.Number, "ZL" + bare}, " ")
}

// Use is what was earned with a patent in a year.
type Use struct {
	ID      string
	Patent  string
	Year    int
	Way     Way
	What    string // the product, or who has the licence
	Revenue int64  // fen: of the product's sales, or of the licence
}

// Target is what the rights over a patent are checked against.
func (p *Patent) Target() authz.Target { return authz.At(p.Region).Of(authz.Enterprise, p.Enterprise) }

// Status is where it stands on a day.
func (p *Patent) Status(day string) PatentStatus {
	switch {
	case p.Ends <= day:
		return Lapsed
	case p.Granted != "" && p.Granted <= day:
		return InForce
	}
	return Pending
}

// ParsePatent reads the number of an application as people write it, with or
// without ZL or CN before it, and gives its kind and the office's own form. The
// form is that of ZC 0006-2003 (专利申请号标准, in force since 2003-10-01): year, a
// digit for the kind, seven of a serial number, a dot, a check digit. Before
// that, and still on older patents, the year had two digits and the serial
// number five.
func ParsePatent(written string) (number string, kind PatentKind, ok bool) {
	s := strings.ToUpper(strings.NewReplacer(" ", "", "．", ".", "。", ".").Replace(written))
	s = strings.TrimPrefix(strings.TrimPrefix(s, "ZL"), "CN")
	body, check, _ := strings.Cut(s, ".")
	if check == "" && len(body) > 1 { // the dot is often left out
		body, check = body[:len(body)-1], body[len(body)-1:]
	}
	if len(check) != 1 || (len(body) != 12 && len(body) != 8) || strings.Trim(body, "0123456789") != "" {
		return "", "", false
	}
	at := 4
	if len(body) == 8 {
		at = 2
	}
	switch body[at] {
	case '1', '8': // 8 and 9 came by way of the PCT
		kind = Invention
	case '2', '9':
		kind = Utility
	case '3':
		kind = Design
	default:
		return "", "", false
	}
	return body + "." + check, kind, patentCheck(body) == check[0]
}

// PatentNumber is the number of an application with its check digit, from the
// digits before it.
func PatentNumber(body string) string { return body + "." + string(patentCheck(body)) }

// patentCheck is the check digit: the digits weighted 2 to 9 and again from 2,
// modulo 11, X for ten.
func patentCheck(body string) byte {
	sum := 0
	for i := range len(body) {
		sum += int(body[i]-'0') * (i%8 + 2)
	}
	return "0123456789X"[sum%11]
}

// designLonger is since when the term of a design is fifteen years (2020年修正的
// 专利法第四十二条); before it was ten.
const designLonger = "2021-06-01"

// expires is the first day after the term of a patent, counted from the
// application (专利法第四十二条): twenty years of an invention, ten of a utility
// model, ten or fifteen of a design.
func expires(kind PatentKind, applied string) string {
	years := 10
	if kind == Invention {
		years = 20
	}
	if kind == Design && applied >= designLonger {
		years = 15
	}
	t, err := time.Parse(time.DateOnly, applied)
	if err != nil {
		return applied
	}
	return t.AddDate(years, 0, 0).Format(time.DateOnly)
}

// earliestPatent is when the first applications were taken.
const earliestPatent = "1985-04-01"

// check tidies a profile and tells every broken field.
func (p *PatentProfile) check(today string) (PatentKind, fault.Fields) {
	var f fault.Fields
	number, kind, ok := ParsePatent(p.Number)
	if !ok {
		f.Add("number", "patent.field.number")
	}
	p.Number = number
	tidy(&p.Title, &p.About)
	f.Length("title", p.Title, 2, 100)
	f.Length("about", p.About, 0, 1000)
	f.Day("applied", p.Applied)
	f.OptionalDay("granted", p.Granted)
	f.OptionalDay("ended", p.Ended)
	switch {
	case f.Has("applied"):
	case p.Applied < earliestPatent:
		f.Add("applied", "patent.field.before", "day", earliestPatent)
	case p.Applied > today:
		f.Add("applied", "tech.field.future", "value", p.Applied)
	case ok && !yearFits(number, p.Applied):
		f.Add("applied", "patent.field.year", "number", number)
	}
	for name, day := range map[string]string{"granted": p.Granted, "ended": p.Ended} {
		if day == "" || f.Has(name) || f.Has("applied") {
			continue
		}
		if day < p.Applied {
			f.Add(name, "patent.field.before", "day", p.Applied)
		} else if day > today {
			f.Add(name, "tech.field.future", "value", day)
		}
	}
	if p.Granted != "" && p.Ended != "" && !f.Has("ended") && p.Ended < p.Granted {
		f.Add("ended", "patent.field.before", "day", p.Granted)
	}
	if p.OnOffer && p.Ended != "" {
		f.Add("on_offer", "patent.field.over")
	}
	return kind, f
}

// yearFits reports that a number is of the year of the application.
func yearFits(number, applied string) bool {
	if len(number) == len("200820123456.7") {
		return number[:4] == applied[:4]
	}
	return number[:2] == applied[2:4]
}

// check tells every broken field of a use: of a year since the application that
// has begun.
func (u *Use) check(p *Patent, today string) error {
	var f fault.Fields
	tidy(&u.What)
	f.Range("year", int64(u.Year), int64(flow.YearOf(p.Applied)), int64(flow.YearOf(today)))
	fault.Choice(&f, "way", u.Way, Ways())
	f.Length("what", u.What, 2, 60)
	f.Money("revenue", u.Revenue, 1, mostFen)
	return f.Err()
}
