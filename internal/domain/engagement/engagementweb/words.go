package engagementweb

import (
	"strconv"
	"strings"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/criteria"
	"qiban.dev/qiban/internal/domain/engagement"
	"qiban.dev/qiban/internal/domain/territory"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

func signIn() error { return fault.New(fault.SignIn, "fault.sign_in") }

// StateWord is a state's name.
func StateWord(p web.P, s flow.State) string { return p.T(engagement.Lifecycle().StateKey(s)) }

// StateTone is the quiet colour of a state.
func StateTone(s flow.State) ui.Tone {
	switch s {
	case engagement.Closed:
		return ui.Moss
	case engagement.Waiting:
		return ui.Reed
	case engagement.Refused:
		return ui.Crane
	case engagement.Withdrawn:
		return ui.Plain
	default:
		return ui.Sea
	}
}

// Lamp is how a need of a list stands at the page's moment.
func Lamp(p web.P, c *flow.Calendar, n *engagement.Need) ui.Lamp {
	switch {
	case engagement.Lifecycle().Ended(n.State):
		return ui.Lamp{State: ui.Finished, Words: StateWord(p, n.State)}
	case n.State == engagement.Waiting || n.Due.IsZero():
		return ui.Lamp{State: ui.Stopped, Words: StateWord(p, n.State)}
	default:
		return dueLamp(p, c, n.Due)
	}
}

func dueLamp(p web.P, c *flow.Calendar, due time.Time) ui.Lamp {
	d := flow.Deadline{At: due, On: flow.DayOf(due)}
	return ui.LampFrom(p, c.Lamp(d, p.Now), d.On)
}

// wan is an amount in 万元 with its unit; "" for none.
func wan(p web.P, fen int64) string {
	if fen == 0 {
		return ""
	}
	return p.T("ask.wan", "n", ui.Wan(fen))
}

// amountAndTerm is 300 万元，6 个月.
func amountAndTerm(p web.P, c *engagement.Content) string {
	var parts []string
	if c.Amount > 0 {
		parts = append(parts, wan(p, c.Amount))
	}
	if c.Months > 0 {
		parts = append(parts, p.T("ask.months", "n", c.Months))
	}
	return strings.Join(parts, p.T("ask.comma"))
}

func collaterals(p web.P, all []engagement.Collateral) string {
	words := make([]string, len(all))
	for i, c := range all {
		words[i] = p.T(c.Key())
	}
	return strings.Join(words, p.T("ask.list"))
}

// office is the name of who handles a need: 射阳县服务中心.
func office(p web.P, tree *territory.Tree, code region.Code) string {
	return p.T("ask.office", "place", PlaceName(p, tree, code))
}

// PlaceName is what a place is called on the day of the page, in its language
// where a name is on file.
func PlaceName(p web.P, tree *territory.Tree, code region.Code) string {
	if place, ok := tree.Place(code, flow.DayOf(p.Now)); ok && p.English() && place.NameEn != "" {
		return place.NameEn
	}
	return tree.Name(code, flow.DayOf(p.Now))
}

// reasons are those of a proposal, the failed ones too.
func reasons(p web.P, all []engagement.Reason) []ui.Reason {
	out := make([]ui.Reason, len(all))
	for i, r := range all {
		out[i].Text = r.In(p.Lang)
		switch r.Verdict {
		case criteria.Met:
			out[i].Answer = ui.Yes
		case criteria.Unmet:
			out[i].Answer = ui.No
		default: // unknown, or for a person to judge
			out[i].Answer = ui.Maybe
		}
	}
	return out
}

// limitWords is 限 3 个工作日, "" where there is no limit.
func limitWords(p web.P, limits flow.Limits, n *engagement.Need, step string) string {
	l, ok := limits.Find("need."+string(n.Theme), step, flow.DayOf(p.Now))
	if !ok {
		return ""
	}
	return p.T("ask.limit", "n", l.Amount, "unit", p.T(l.Unit.Key()))
}

// dueParts is the sentence that says by when, cut at its date, which is drawn
// stronger.
func dueParts(p web.P, step string) (before, after string) {
	before, after, _ = strings.Cut(p.T("ask.due."+step, "date", "\x00"), "\x00")
	return before, after
}

// spent says how much of a limit is used and which days were skipped:
// 共 10 个工作日，已用 7 个；元旦 3 天不算，1月4日 周日上班要算。
func spent(p web.P, d *engagement.Detail) string {
	due := d.Deadline
	words := p.T("ask.spent.total", "n", due.Total, "unit", p.T(due.Limit.Unit.Key()))
	if due.Limit.Unit == flow.Workdays && (d.Lamp.Tone == flow.InTime || d.Lamp.Tone == flow.Soon) {
		words += p.T("ask.spent.used", "n", max(0, due.Total-d.Lamp.N))
	}
	var special []string
	for _, h := range d.Skipped {
		name := h.Name
		if p.English() {
			name = h.NameEn
		}
		special = append(special, p.T("ask.spent.skipped", "name", name, "n", h.Days))
	}
	for _, day := range d.Shifted {
		special = append(special, p.T("ask.spent.worked", "date", p.ShortLong(ui.Day(day))))
	}
	if len(special) > 0 {
		words += p.T("ask.spent.then") + strings.Join(special, p.T("ask.comma"))
	}
	return words + p.T("ask.stop")
}

// unknownYear is the year whose holidays are not on file, of those a deadline
// touches from today on; "" when all are known.
func unknownYear(c *flow.Calendar, from, to string) string {
	for y := year(from); y <= year(to); y++ {
		if !c.Known(y) {
			return strconv.Itoa(y)
		}
	}
	return ""
}

func year(day string) int {
	y, _ := strconv.Atoi(day[:min(4, len(day))])
	return y
}

// NoCalendar warns when the holidays of the coming weeks are not on file, so
// that no official trusts a deadline that may move.
func NoCalendar(p web.P, c *flow.Calendar) *ui.Notice {
	today := flow.DayOf(p.Now)
	y := unknownYear(c, today, flow.AddDays(today, 30))
	if y == "" {
		return nil
	}
	return &ui.Notice{Kind: ui.Warn, Text: p.T(flow.Unknown, "year", y)}
}

// who is the name of an event's actor as the reader may know it.
func who(p web.P, e *engagement.Event) string {
	if e.Kind == authz.Job {
		return p.T("flow.who.system")
	}
	return e.ByName
}

// namedOffice is the office a code in an event's note stands for.
func namedOffice(p web.P, tree *territory.Tree, code string) string {
	if c := region.Code(code); c.Valid() {
		return office(p, tree, c)
	}
	return code
}
