package accountweb

import (
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// current and fresh tell the browser's password keeper which password is meant.
func current(f ui.Field) ui.Field { f.Autocomplete = "current-password"; return f }
func fresh(f ui.Field) ui.Field   { f.Autocomplete = "new-password"; return f }

// oneTime is a code that is typed once: phones offer what just arrived.
func oneTime(f ui.Field) ui.Field {
	f.Autocomplete = "one-time-code"
	return f.Wide(14).With(templ.Attributes{"autocapitalize": "characters", "spellcheck": "false"})
}

// grouped writes a key in fours, to be typed.
func grouped(secret string) string {
	var b strings.Builder
	for i, r := range secret {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// moment is an instant in words, empty for none.
func moment(p web.P, ms int64) string {
	if ms == 0 {
		return ""
	}
	return p.Moment(time.UnixMilli(ms))
}

func day(p web.P, ms int64) string {
	if ms == 0 {
		return ""
	}
	return p.Date(time.UnixMilli(ms))
}

// endOf is the last instant of an ISO date in Shanghai, in Unix milliseconds; 0
// for no date.
func endOf(iso string) int64 {
	d := ui.Day(iso)
	if iso == "" || d.IsZero() {
		return 0
	}
	return d.Add(24*time.Hour - time.Millisecond).UnixMilli()
}

func number(n int64) string { return strconv.FormatInt(n, 10) }

// facts are what the account's page says of its owner.
func (m mine) facts(p web.P) []ui.Fact {
	factor := ui.Fact{Label: p.T("account.fact.factor"), Value: p.T("account.fact.factor.off"), Change: "/me/factor"}
	if m.person.FactorAt > 0 {
		factor.Value = p.T("account.fact.factor.on", "n", m.recovery)
	}
	facts := []ui.Fact{
		{Label: p.T("account.form.name"), Value: m.person.Name, Change: "/me/profile"},
		{Label: p.T("account.form.phone"), Value: m.person.Phone, Change: "/me/login"},
		{Label: p.T("account.form.email"), Value: m.person.Email, Change: "/me/login"},
		{Label: p.T("account.form.region"), Value: m.place, Change: "/me/profile"},
	}
	if m.person.Situation != "" {
		facts = append(facts, ui.Fact{Label: p.T("account.form.situation"), Value: p.T("account.situation." + m.person.Situation), Change: "/me/profile"})
	}
	return append(facts,
		ui.Fact{Label: p.T("account.form.password"), Value: p.T("account.fact.password", "date", day(p, m.person.PasswordAt)), Change: "/me/password"},
		factor)
}

func (m mine) sessionTable(p web.P) ui.Table {
	t := ui.Table{Caption: p.T("account.me.sessions"), Hidden: true, Stack: true, Head: []ui.Col{
		{Label: p.T("account.col.device")},
		{Label: p.T("account.col.network")},
		{Label: p.T("account.col.began")},
		{Label: p.T("account.col.seen")},
		{Label: p.T("account.col.act")},
	}}
	for _, s := range m.sessions {
		device := s.Agent
		if device == "" {
			device = p.T("account.me.unknown_device")
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: device},
			{Text: s.Network},
			{Text: moment(p, s.CreatedAt)},
			{Text: moment(p, s.SeenAt)},
			{Body: endButton(p, s)},
		}})
	}
	return t
}

func (m mine) roles(p web.P) []ui.Fact {
	var facts []ui.Fact
	for _, g := range m.grants {
		facts = append(facts, ui.Fact{Label: g.Role, Value: g.Over + g.until(p)})
	}
	return facts
}

// until says when a grant that has an end ends.
func (g grantLine) until(p web.P) string {
	if g.ToAt == 0 {
		return ""
	}
	return p.T("account.grant.until", "date", day(p, g.ToAt))
}
