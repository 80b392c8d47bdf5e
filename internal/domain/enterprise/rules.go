package enterprise

import (
	"net/mail"
	"slices"
	"strings"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/region"
)

// Lifecycle is the process of an entry in the register (登记与核实).
func Lifecycle() flow.Lifecycle {
	return flow.Lifecycle{
		Name:   "enterprise",
		States: []flow.State{Unverified, Verified, Rejected, Closed},
		Start:  Unverified,
		Ends:   []flow.State{Verified, Closed},
		Steps: []flow.Step{
			{Do: Register, To: Unverified, Who: "enterprise"},
			{Do: Verify, From: []flow.State{Unverified}, To: Verified, Who: "official", Guard: "one_verified"},
			{Do: Reject, From: []flow.State{Unverified}, To: Rejected, Who: "official"},
			{Do: Edit, From: []flow.State{Rejected}, To: Unverified, Who: "enterprise"},
			{Do: Edit, From: []flow.State{Unverified, Verified}, To: flow.Stay, Who: "enterprise"},
			{Do: Close, From: []flow.State{Unverified, Verified, Rejected}, To: Closed, Who: "official"},
			{Do: Reopen, From: []flow.State{Closed}, To: Unverified, Who: "official"},
		},
	}
}

// ClaimLifecycle is the process of a claim (认领).
func ClaimLifecycle() flow.Lifecycle {
	return flow.Lifecycle{
		Name:   "enterprise.claim",
		States: []flow.State{ClaimPending, ClaimDisputed, ClaimAccepted, ClaimRejected},
		Start:  ClaimPending,
		Ends:   []flow.State{ClaimAccepted, ClaimRejected},
		Steps: []flow.Step{
			{Do: Claim, To: ClaimPending, Who: "enterprise"},
			{Do: DecideClaim, From: []flow.State{ClaimPending, ClaimDisputed}, To: ClaimAccepted, Or: []flow.State{ClaimRejected}, Who: "official"},
			{Do: DisputeClaim, From: []flow.State{ClaimPending, ClaimAccepted}, To: ClaimDisputed, Who: "official"},
		},
	}
}

// How long texts may be, in characters.
const (
	longestName     = 100
	longestShort    = 30
	longestAddress  = 200
	longestEvidence = 2000
	shortestReason  = 4
	longestReason   = 500
)

// checkProfile notes what is wrong with a profile; today is the day in China.
func checkProfile(p Profile, r Rules, today string, bad *fault.Fields) {
	bad.Length("name", p.Name, 2, longestName)
	bad.Length("short_name", p.ShortName, 0, longestShort)
	bad.Length("address", p.Address, 0, longestAddress)
	switch {
	case p.Region == "":
		bad.Add("region", "field.required")
	case p.Region.Level() != region.Town:
		bad.Add("region", "enterprise.register.town")
	}
	if p.LegalForm != NoForm && !slices.Contains(LegalForms(), p.LegalForm) {
		bad.Add("legal_form", "field.choice")
	}
	if p.Industry.Code != "" {
		if _, ok := r.Canonical(p.Industry); !ok {
			bad.Add("industry", "enterprise.size.why_no_such_industry", "code", p.Industry.Code)
		}
	}
	switch {
	case p.Established == "":
	case !isDate(p.Established):
		bad.Add("established", "field.date", "value", p.Established)
	case p.Established > today:
		bad.Add("established", "enterprise.register.future", "value", p.Established)
	}
}

func checkContact(c Contact, bad *fault.Fields) {
	bad.Length("contact_person", c.Person, 0, 50)
	phone := strings.Map(func(r rune) rune {
		if strings.ContainsRune(" -()（）+", r) {
			return -1
		}
		return r
	}, c.Phone)
	if c.Phone != "" && (!digits(phone) || len(phone) < 7 || len(phone) > 15) {
		bad.Add("contact_phone", "enterprise.register.phone", "value", c.Phone)
	}
	if c.Mail != "" {
		if a, err := mail.ParseAddress(c.Mail); err != nil || a.Address != c.Mail {
			bad.Add("contact_mail", "enterprise.register.mail", "value", c.Mail)
		}
	}
}

// checkReason is for decisions that somebody will not like.
func checkReason(reason string) error {
	var bad fault.Fields
	bad.Length("reason", strings.TrimSpace(reason), shortestReason, longestReason)
	return bad.Err()
}

const (
	mostEmployees = 10_000_000
	mostFen       = 1_000_000_000_000_000 // 10 万亿元
)

// checkYear tells what is wrong with the figures of a year; the running year
// may be given as far as it is known.
func checkYear(y Year, today string) error {
	var bad fault.Fields
	f, s := y.Figures, y.Source
	if y.Year < 1949 || yearEnd(y.Year)[:4] > today[:4] {
		bad.Add("year", "field.range", "min", 1949, "max", today[:4])
	}
	amount := func(name string, v *int64, most int64) {
		if v != nil && (*v < 0 || *v > most) {
			bad.Add(name, "field.range", "min", 0, "max", most)
		}
	}
	amount("employees", f.Employees, mostEmployees)
	amount("revenue", f.Revenue, mostFen)
	amount("assets", f.Assets, mostFen)
	if f.Employees == nil && f.Revenue == nil && f.Assets == nil {
		bad.Add("employees", "enterprise.year.nothing")
	}
	if s != SelfReported && s != AnnualReturn && s != Imported {
		bad.Add("source", "field.choice")
	}
	return bad.Err()
}

// locked tells which parts of a verified entry the editor may not change: what
// the licence says is changed by those who check licences.
func locked(by authz.Actor, old Enterprise, p Profile, codes []Identifier) error {
	if old.Status != Verified || by.May(Verify, old.Target()) {
		return nil
	}
	var bad fault.Fields
	if p.Name != old.Profile.Name {
		bad.Add("name", "enterprise.edit.locked")
	}
	if p.Region.At(region.County) != old.Profile.Region.At(region.County) {
		bad.Add("region", "enterprise.edit.locked_county")
	}
	if codes != nil && !sameCodes(old.own(), codes) {
		bad.Add(codeField, "enterprise.edit.locked")
	}
	return bad.Err()
}

// own are the identifiers that did not come with a merge.
func (e Enterprise) own() []Identifier {
	var ids []Identifier
	for _, h := range e.Identifiers {
		if h.Via == "" {
			ids = append(ids, h.Identifier)
		}
	}
	return ids
}

func sameCodes(a, b []Identifier) bool {
	if len(a) != len(b) {
		return false
	}
	for _, x := range a {
		if !slices.ContainsFunc(b, func(y Identifier) bool { return x.Kind == y.Kind && x.Value == y.Value }) {
			return false
		}
	}
	return true
}

// parseCodes reads the licence numbers of a form; every fault is at "code".
func parseCodes(typed []string, bad *fault.Fields) []Identifier {
	var ids []Identifier
	for _, s := range typed {
		if strings.TrimSpace(s) == "" {
			continue
		}
		id, err := Parse(s)
		if err != nil {
			*bad = append(*bad, fault.FieldsOf(err)...)
			continue
		}
		if !slices.ContainsFunc(ids, func(o Identifier) bool { return o.Kind == id.Kind && o.Value == id.Value }) {
			ids = append(ids, id)
		}
	}
	return ids
}

// yearEnd is the day a year's size is judged on.
func yearEnd(year int) string {
	return time.Date(year, time.December, 31, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
}
