package workbench

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/text"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// limitLine is the limit of one step of one matter, through time.
type limitLine struct {
	typ, step string
	now       flow.Limit // the zero Limit when none is in force yet
	next      flow.Limit // the one announced; the zero Limit for none
	past      []flow.Limit
}

// inForce reports whether the limit holds on the day.
func inForce(l flow.Limit, day string) bool { return l.From <= day && (l.To == "" || day < l.To) }

// limitLines puts the limits together by matter and step, each matter's steps in
// the order in which a need meets them.
func limitLines(limits flow.Limits, today string) []limitLine {
	var lines []limitLine
	for _, l := range limits {
		at := slices.IndexFunc(lines, func(x limitLine) bool { return x.typ == l.Type && x.step == l.Step })
		if at < 0 {
			lines = append(lines, limitLine{typ: l.Type, step: l.Step})
			at = len(lines) - 1
		}
		switch line := &lines[at]; {
		case inForce(l, today):
			line.now = l
		case l.From > today:
			line.next = l // the newest comes first, so the nearest stays
		default:
			line.past = append(line.past, l)
		}
	}
	order := []string{"sign", "accept", "answer", "finish", "confirm"}
	slices.SortStableFunc(lines, func(a, b limitLine) int {
		if a.typ != b.typ {
			return strings.Compare(a.typ, b.typ)
		}
		return slices.Index(order, a.step) - slices.Index(order, b.step)
	})
	return lines
}

// matterName is what a limit is for: 全部需求; 需求：融资担保.
func matterName(p ui.P, typ string) string {
	root, rest, finer := strings.Cut(typ, ".")
	name := root
	if key := "settings.matter." + root; text.Has(key) {
		name = p.T(key)
	}
	if finer {
		return p.T("settings.matter.finer", "matter", name, "kind", p.T("theme."+rest))
	}
	return name
}

// stepName is the step a limit ends.
func stepName(p ui.P, step string) string {
	if key := (flow.Step{Limit: step}).LimitKey(); text.Has(key) {
		return p.T(key)
	}
	return step
}

// amountWords is a time: 2 个工作日; 1 working day.
func amountWords(p ui.P, n int, u flow.Unit) string {
	return p.T("settings.amount."+string(u), "n", n)
}

func (s *Settings) limits(w http.ResponseWriter, r *http.Request) error {
	if _, err := s.siteWide(r, flow.SetLimit); err != nil {
		return err
	}
	limits, err := s.Flow.Limits(r.Context())
	if err != nil {
		return err
	}
	p := web.Page(r)
	p.Title = p.T("settings.limits.title")
	return s.Kit.Page(w, r, http.StatusOK, limitsPage(p, limitLines(limits, s.Kit.Today())))
}

// limitTable lists the limits of one matter.
func limitTable(p ui.P, lines []limitLine) ui.Table {
	t := ui.Table{Dense: true, Stack: true, Hidden: true, Caption: matterName(p, lines[0].typ), Head: []ui.Col{
		{Label: p.T("settings.limits.step")},
		{Label: p.T("settings.limits.time")},
		{Label: p.T("settings.limits.extension")},
		{Label: p.T("settings.limits.remind")},
		{Label: p.T("settings.limits.supervise")},
		{Label: p.T("settings.limits.since")},
		{Label: p.T("settings.source")},
	}}
	for _, l := range lines {
		t.Rows = append(t.Rows, ui.Row{Cells: append([]ui.Cell{{Text: stepName(p, l.step), Href: limitHref(l.typ, l.step)}},
			limitCells(p, l.now)...)})
		if l.next.Step != "" {
			t.Rows = append(t.Rows, ui.Row{Cells: append([]ui.Cell{{Text: p.T("settings.limits.next"), Faint: true}}, limitCells(p, l.next)...)})
		}
	}
	return t
}

// limitCells are the columns of a limit after its step.
func limitCells(p ui.P, l flow.Limit) []ui.Cell {
	if l.Step == "" {
		return ui.Words("—", "—", "—", "—", "—", "—")
	}
	dash := func(given bool, words string) ui.Cell {
		if !given {
			return ui.Cell{Text: "—", Faint: true}
		}
		return ui.Cell{Text: words}
	}
	level := ""
	if l.Supervise != region.None {
		level = p.T("settings.limits.told", "n", l.SuperviseAfter, "level", p.T("settings.level."+strconv.Itoa(int(l.Supervise))))
	}
	return []ui.Cell{
		{Text: amountWords(p, l.Amount, l.Unit)},
		dash(l.Extension > 0, amountWords(p, l.Extension, l.Unit)),
		dash(l.Remind > 0, p.T("settings.limits.left", "amount", amountWords(p, l.Remind, l.Unit))),
		dash(level != "", level),
		{Text: spanWords(p, l.From, l.To)},
		{Body: sourced(p, shippedSource(p, l.Source), l.Grade)},
	}
}

func limitHref(typ, step string) string {
	return SettingsHome + "/limits/change?" + url.Values{"type": {typ}, "step": {step}}.Encode()
}

// limitChange is the page on which a limit is changed.
type limitChange struct {
	line  limitLine
	all   []flow.Limit // of the matter and step, the newest first
	story []ui.Event
}

func (s *Settings) limitForm(w http.ResponseWriter, r *http.Request) error {
	if _, err := s.siteWide(r, flow.SetLimit); err != nil {
		return err
	}
	f, err := s.Kit.Form(r, "settings.form.limit")
	if err != nil {
		return err
	}
	c, err := s.limitOf(r, r.FormValue("type"), r.FormValue("step"))
	if err != nil {
		return err
	}
	l := c.line.now
	if l.Step == "" {
		l = c.line.next
	}
	f.Start("type", l.Type).Start("amount", strconv.Itoa(l.Amount)).Start("unit", string(l.Unit)).
		Start("extension", strconv.Itoa(l.Extension)).Start("remind", strconv.Itoa(l.Remind)).
		Start("supervise_after", strconv.Itoa(l.SuperviseAfter)).Start("supervise_level", strconv.Itoa(int(l.Supervise)))
	return s.Kit.Page(w, r, http.StatusOK, limitPage(web.Page(r), f, c))
}

// limitOf finds the limit of a step; a finer matter that has none of its own
// shows the coarser one's.
func (s *Settings) limitOf(r *http.Request, typ, step string) (limitChange, error) {
	var c limitChange
	limits, err := s.Flow.Limits(r.Context())
	if err != nil {
		return c, err
	}
	lines := limitLines(limits, s.Kit.Today())
	at := slices.IndexFunc(lines, func(l limitLine) bool { return l.typ == typ && l.step == step })
	if at < 0 {
		return c, fault.Missing()
	}
	c.line = lines[at]
	for _, l := range limits {
		if l.Type == typ && l.Step == step {
			c.all = append(c.all, l)
		}
	}
	p := web.Page(r)
	c.story, err = s.story(r.Context(), p, gate.Record{Kind: "limit", ID: typ + "/" + step}, func(detail map[string]any) string {
		n, _ := detail["amount"].(float64)
		unit, _ := detail["unit"].(string)
		from, _ := detail["from"].(string)
		return p.T("settings.limits.did", "from", p.Date(ui.Day(from)), "amount", amountWords(p, int(n), flow.Unit(unit)))
	})
	return c, err
}

// matters are the matters a limit may be for: all needs, or one theme's.
func matters(p ui.P, typ string) []ui.Option {
	root, _, _ := strings.Cut(typ, ".")
	options := []ui.Option{{Value: root, Label: matterName(p, root)}}
	if root == "need" {
		for _, t := range institution.Themes() {
			finer := root + "." + string(t)
			options = append(options, ui.Option{Value: finer, Label: matterName(p, finer)})
		}
	}
	return options
}

// limitSave puts a limit in force from a day on.
func (s *Settings) limitSave(w http.ResponseWriter, r *http.Request) error {
	by, err := s.siteWide(r, flow.SetLimit)
	if err != nil {
		return err
	}
	f, err := s.Kit.Form(r, "settings.form.limit")
	if err != nil {
		return err
	}
	p := web.Page(r)
	c, err := s.limitOf(r, f.Text("was"), f.Text("step"))
	if err != nil {
		return err
	}
	l := readLimit(f, s.Kit.Today())
	if !slices.ContainsFunc(matters(p, c.line.typ), func(o ui.Option) bool { return o.Value == l.Type }) {
		f.Wrong("type", "field.choice")
	}
	if err = f.Err(); err == nil {
		err = onDay(s.Flow.Change(r.Context(), by, l))
	}
	if f.Broken(err) {
		return s.Kit.Page(w, r, http.StatusUnprocessableEntity, limitPage(p, f, c))
	}
	if err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "settings.limits.saved")
	return web.SeeOther(w, r, SettingsHome+"/limits")
}

// readLimit reads the form, and notes what this page asks beyond the domain.
func readLimit(f *web.Form, today string) flow.Limit {
	l := flow.Limit{
		Type: f.Text("type"), Step: f.Text("step"), Amount: int(f.Int("amount")), Unit: flow.Unit(f.Text("unit")),
		Extension: int(f.Int("extension")), Remind: int(f.Int("remind")), SuperviseAfter: int(f.Int("supervise_after")),
		Supervise: region.Level(f.Int("supervise_level")), From: f.Date("valid_from"), Source: f.Text("source"), Grade: f.Text("grade"),
	}
	if l.Amount <= 0 {
		f.Wrong("amount", "flow.limits.amount")
	}
	if l.Unit != flow.Workdays && l.Unit != flow.Days && l.Unit != flow.Hours {
		f.Wrong("unit", "field.choice")
	}
	for _, extra := range []struct {
		name string
		n    int
	}{{"extension", l.Extension}, {"remind", l.Remind}, {"supervise_after", l.SuperviseAfter}} {
		if extra.n < 0 {
			f.Wrong(extra.name, "settings.limits.negative")
		}
	}
	if l.Remind > 0 && l.Remind >= l.Amount {
		f.Wrong("remind", "settings.limits.early", "n", l.Amount)
	}
	if l.Supervise != region.None && (l.Supervise < region.Province || l.Supervise > region.County) {
		f.Wrong("supervise_level", "field.choice")
	}
	switch {
	case l.From == "":
		f.Wrong("valid_from", "field.required")
	case l.From < today:
		f.Wrong("valid_from", "settings.limits.past")
	}
	if l.Source == "" {
		f.Wrong("source", "field.required")
	}
	if l.Grade != "A" && l.Grade != "B" && l.Grade != "P" {
		f.Wrong("grade", "field.choice")
	}
	return l
}

// shippedSource is the source of a limit; that of the program's own choice is
// said in the reader's language.
func shippedSource(p ui.P, source string) string {
	if own := "settings.source.own"; source == text.Zh.T(own) {
		return p.T(own)
	}
	return source
}

// onDay tells at the day that it must be later: another day puts it right.
func onDay(err error) error {
	if e, ok := errors.AsType[*fault.Error](err); ok && e.Kind == fault.Conflict && e.Key == "flow.limits.from" {
		return fault.Fields{{Name: "valid_from", Key: e.Key, Args: e.Args}}.Err()
	}
	return err
}
