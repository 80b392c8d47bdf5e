package indicatorweb

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/indicator"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// sheetView is one office's return with everything the page shows.
type sheetView struct {
	spot
	sheet  *indicator.Sheet // nil when nobody has begun it
	asked  []indicator.Definition
	before map[string]float64 // the values of the year before
	events []indicator.Event
	people map[string]string
	actor  authz.Actor
	form   *web.Form
	// theirs are the values that somebody else kept while this form was filled in.
	theirs map[string]float64
	broken authz.Permission // the step whose reason is missing
}

func (v *sheetView) state() flow.State {
	if v.sheet == nil {
		return ""
	}
	return v.sheet.State
}

// may reports whether the reader can take the step now.
func (v *sheetView) may(do authz.Permission) bool {
	open := indicator.Lifecycle.Open(v.state(), func(p authz.Permission) bool { return v.actor.May(p, authz.At(v.Place)) })
	return slices.ContainsFunc(open, func(s flow.Step) bool { return s.Do == do })
}

// own reports that the reader filled the return in, and so cannot accept it.
func (v *sheetView) own() bool { return v.sheet != nil && v.sheet.FilledBy == v.actor.ID }

func (s *Pages) sheet(w http.ResponseWriter, r *http.Request) error {
	v, err := s.sheetOf(r)
	if err != nil {
		return err
	}
	return s.showSheet(w, r, http.StatusOK, v)
}

// sheetOf reads the return the address names; NotFound outside the reader's reach.
func (s *Pages) sheetOf(r *http.Request) (*sheetView, error) {
	place, year, err := officeOf(r)
	if err != nil {
		return nil, err
	}
	v := &sheetView{spot: spot{Place: place}, actor: web.Actor(r)}
	if err := allowed(v.actor, indicator.View); err != nil {
		return nil, err
	}
	if !v.actor.May(indicator.View, authz.At(place)) {
		return nil, fault.Missing()
	}
	ctx := r.Context()
	defs, err := s.Indicators.Defined(ctx, year)
	if err != nil {
		return nil, err
	}
	v.asked = indicator.Reported(defs, place)
	if v.sheet, err = s.Indicators.Find(ctx, v.actor, place, year); err != nil && !fault.Is(err, fault.NotFound) {
		return nil, err
	}
	last, err := s.Indicators.Find(ctx, v.actor, place, year-1)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return nil, err
	}
	if last != nil {
		v.before = last.Values
	}
	if err := s.at(r, &v.spot, year); err != nil {
		return nil, err
	}
	if v.form, err = s.Kit.Form(r, "figures.sheet"); err != nil {
		return nil, err
	}
	return v, s.past(r, v)
}

// past reads what happened to the return and who did it.
func (s *Pages) past(r *http.Request, v *sheetView) (err error) {
	if v.sheet == nil {
		return nil
	}
	if v.events, err = s.Indicators.Events(r.Context(), v.actor, v.sheet); err != nil {
		return err
	}
	var ids []string
	for _, e := range v.events {
		ids = append(ids, e.By)
	}
	v.people, err = s.People(r.Context(), ids...)
	return err
}

func (s *Pages) showSheet(w http.ResponseWriter, r *http.Request, status int, v *sheetView) error {
	p := web.Page(r)
	if v.sheet != nil {
		for _, d := range v.asked {
			if value, ok := v.sheet.Values[d.ID]; ok {
				v.form.Start(d.ID, typed(d, value))
			}
		}
		v.form.Start("version", strconv.Itoa(v.sheet.Version))
	}
	title := p.T("figures.sheet.title", "office", v.office(p, v.Place), "year", v.Year)
	return s.Kit.Page(w, r, status, sheetPage(v.form.Titled(p, title), v))
}

// fill keeps the values of a return; its second address also submits it.
func (s *Pages) fill(w http.ResponseWriter, r *http.Request) error {
	v, err := s.sheetOf(r)
	if err != nil {
		return err
	}
	submit := strings.HasSuffix(r.URL.Path, "/submit")
	values := v.read()
	if !v.form.Broken(inWords(web.Page(r), v, indicator.CheckValues(v.asked, v.Place, values))) {
		err = s.keep(r, v, values, submit)
		v.form.Broken(inWords(web.Page(r), v, refused(err)))
	}
	switch {
	case v.form.Err() != nil:
		return s.showSheet(w, r, http.StatusUnprocessableEntity, v)
	case fault.Is(err, fault.Stale):
		return s.showBoth(w, r, v)
	case err != nil:
		return err
	}
	key := "figures.saved"
	if submit {
		key = "figures.submitted"
	}
	s.Kit.Flash(w, r, ui.OK, key)
	return web.SeeOther(w, r, sheetHref(v.Place, v.Year))
}

// keep fills the return in, begun when need be, and submits it if asked.
func (s *Pages) keep(r *http.Request, v *sheetView, values map[string]float64, submit bool) error {
	ctx := r.Context()
	sheet, err := s.Indicators.Open(ctx, v.actor, v.Place, v.Year)
	if err != nil {
		return err
	}
	v.sheet = sheet
	version := max(int(v.form.Int("version")), 1)
	if err := s.Indicators.FillIn(ctx, v.actor, sheet.ID, version, values); err != nil || !submit {
		return err
	}
	return s.Indicators.Advance(ctx, v.actor, sheet.ID, version+1, indicator.Submit, "")
}

// refused makes a conflict something the form can say, with all that was typed.
func refused(err error) error {
	var f *fault.Error
	if errors.As(err, &f) && f.Kind == fault.Conflict {
		return fault.New(fault.Invalid, f.Key, f.Args...)
	}
	return err
}

// showBoth shows what was typed beside what somebody else kept meanwhile; sent
// again, the typed values replace theirs.
func (s *Pages) showBoth(w http.ResponseWriter, r *http.Request, v *sheetView) error {
	sheet, err := s.Indicators.Find(r.Context(), v.actor, v.Place, v.Year)
	if err != nil {
		return err
	}
	v.sheet, v.theirs = sheet, sheet.Values
	if err := s.past(r, v); err != nil {
		return err
	}
	return s.showSheet(w, r, http.StatusPreconditionFailed, v)
}

// decide takes the return one step: accept, send back or correct.
func (s *Pages) decide(do authz.Permission) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		v, err := s.sheetOf(r)
		if err != nil {
			return err
		}
		if v.sheet == nil {
			return fault.Missing()
		}
		version := int(v.form.Int("version"))
		err = s.Indicators.Advance(r.Context(), v.actor, v.sheet.ID, version, do, v.form.Long("reason"))
		if v.form.Broken(err) {
			v.broken = do
			return s.showSheet(w, r, http.StatusUnprocessableEntity, v)
		}
		if err != nil {
			return err
		}
		s.Kit.Flash(w, r, ui.OK, "figures.did."+do.Verb(), "office", v.office(web.Page(r), v.Place))
		return web.SeeOther(w, r, sheetHref(v.Place, v.Year))
	}
}

// read is what was typed, by indicator, in its unit; an empty field is left out.
func (v *sheetView) read() map[string]float64 {
	values := map[string]float64{}
	for _, d := range v.asked {
		if v.form.Text(d.ID) == "" {
			continue
		}
		switch d.Unit {
		case "元":
			values[d.ID] = float64(v.form.Wan(d.ID)) / 100
		case "%":
			values[d.ID] = float64(v.form.Decimal(d.ID, 2)) / 100
		default:
			values[d.ID] = float64(v.form.Int(d.ID))
		}
		if strings.TrimSpace(v.form.Field(d.ID).Error) != "" {
			delete(values, d.ID) // it could not be read
		}
	}
	return values
}

// typed is a value as the form takes it back; money is typed in 万元.
func typed(d indicator.Definition, value float64) string {
	if d.Unit == "元" {
		return ui.Wan(int64(value*100 + 0.5))
	}
	return strconv.FormatFloat(value, 'f', -1, 64)
}

// inWords names the whole that a part exceeds in the reader's language.
func inWords(p ui.P, v *sheetView, err error) error {
	var f *fault.Error
	if !errors.As(err, &f) || len(f.Fields) == 0 {
		return err
	}
	fields := slices.Clone(f.Fields)
	for i, b := range fields {
		if b.Key == "indicator.part_exceeds" {
			fields[i].Args = []any{"whole", v.label(p, v.def(b.Name).Of)}
		}
	}
	slices.SortStableFunc(fields, func(a, b fault.Field) int { return v.index(a.Name) - v.index(b.Name) })
	return fault.Fields(fields).Err()
}

func (v *sheetView) index(id string) int {
	return slices.IndexFunc(v.asked, func(d indicator.Definition) bool { return d.ID == id })
}

func (v *sheetView) def(id string) indicator.Definition {
	if i := v.index(id); i >= 0 {
		return v.asked[i]
	}
	return indicator.Definition{}
}

func (v *sheetView) label(p ui.P, id string) string { return v.def(id).Label(p.English()) }

// problems are the form's, led by the figures' names.
func (v *sheetView) problems(p ui.P) []ui.Problem {
	all := v.form.Problems()
	for i, b := range all {
		if label := v.label(p, b.Field); label != "" {
			all[i].Text = p.T("web.errsum.line", "label", label, "words", b.Text)
		}
	}
	return all
}

// sections are the sections that the return asks about, in order.
func (v *sheetView) sections() []string {
	var ids []string
	for _, d := range v.asked {
		if !slices.Contains(ids, d.Section) {
			ids = append(ids, d.Section)
		}
	}
	return ids
}

// filled is how many of the figures asked for are there.
func (v *sheetView) filled() (n, all int) {
	for _, d := range v.asked {
		if !d.Asked() {
			continue
		}
		all++
		if v.sheet != nil {
			if _, ok := v.sheet.Values[d.ID]; ok {
				n++
			}
		}
	}
	return n, all
}

// words is how much of the return is filled in.
func (v *sheetView) words(p ui.P) string {
	n, all := v.filled()
	return p.T("figures.filled.long", "n", n, "all", all)
}

// booked are the figures of a section that are computed, but may be reported by
// an office with books of its own.
func (v *sheetView) booked(section string) []indicator.Definition {
	return slices.DeleteFunc(slices.Clone(v.asked), func(d indicator.Definition) bool { return d.Section != section || d.Asked() })
}

// given reports whether one of the figures has a value, or is broken: then the
// part of the form that holds them is open.
func (v *sheetView) given(defs []indicator.Definition) bool {
	return slices.ContainsFunc(defs, func(d indicator.Definition) bool { return v.form.Text(d.ID) != "" || v.form.Field(d.ID).Error != "" })
}

// field is the input of an indicator, with last year's value and, after a
// collision, the value that is kept now.
func (v *sheetView) field(p ui.P, d indicator.Definition) ui.Field {
	unit := indicator.UnitName(d.Unit, p.Lang)
	if d.Unit == "元" {
		unit = p.T("figures.scale.wan", "unit", unit)
	}
	label := d.Label(p.English())
	if d.Of != "" {
		label = p.T("figures.part", "name", label)
	}
	var hints []string
	if note := d.Explanation(p.English()); note != "" {
		hints = append(hints, note)
	}
	if was, ok := v.before[d.ID]; ok {
		hints = append(hints, p.T("figures.sheet.before", "value", typed(d, was), "unit", unit))
	}
	if v.theirs != nil {
		if now, ok := v.theirs[d.ID]; ok && typed(d, now) != v.form.Text(d.ID) {
			hints = append(hints, p.T("figures.sheet.theirs", "value", typed(d, now), "unit", unit))
		} else if !ok && v.form.Text(d.ID) != "" {
			hints = append(hints, p.T("figures.sheet.theirs.none"))
		}
	}
	return v.form.Field(d.ID).Says(label, strings.Join(hints, p.T("figures.sheet.join"))).In(unit).Wide(14)
}

func (v *sheetView) table(p ui.P, section string) ui.Table {
	t := ui.Table{Caption: p.T("figures.section." + section), Hidden: true, Dense: true, Stack: true, Head: []ui.Col{
		{Label: p.T("figures.name")},
		{Label: p.T("figures.year.short", "year", v.Year), Num: true},
		{Label: p.T("figures.year.short", "year", v.Year-1), Num: true},
		{Label: p.T("figures.change"), Num: true},
	}}
	at := func(values map[string]float64, d indicator.Definition) (*float64, ui.Cell) {
		value, ok := values[d.ID]
		if !ok {
			return nil, ui.Cell{Text: "—", Faint: true}
		}
		return &value, ui.Cell{Text: d.Exact(value, p.Lang)}
	}
	var have map[string]float64
	if v.sheet != nil {
		have = v.sheet.Values
	}
	for _, d := range v.asked {
		_, kept := have[d.ID]
		if d.Section != section || !kept && !d.Asked() {
			continue
		}
		label := d.Label(p.English())
		if d.Of != "" {
			label = p.T("figures.part", "name", label)
		}
		now, cell := at(have, d)
		was, last := at(v.before, d)
		change := ui.Cell{Text: "—", Faint: true}
		if now != nil && was != nil && *was > 0 {
			g := (*now - *was) / *was * 100
			change = ui.Cell{Text: indicator.Change(&g)}
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: label, Href: indicator.Link(d.ID, v.Place, v.Year)}, cell, last, change}})
	}
	return t
}

func (v *sheetView) timeline(p ui.P) []ui.Event {
	var all []ui.Event
	for _, e := range v.events {
		all = append(all, ui.Event{
			Title: p.T(e.Do.Key()), Meta: p.T("figures.event.meta", "when", p.Moment(e.At), "who", v.people[e.By]),
			Text: e.Reason, State: ui.Done,
		})
	}
	return all
}
