package indicatorweb

import (
	"net/http"
	"strconv"
	"strings"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/indicator"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// targetsView is the targets of a place and year (年度目标).
type targetsView struct {
	spot
	defs  []indicator.Definition // of targets alone
	goals map[string]indicator.Goal
	form  *web.Form
	may   bool
}

func (s *Pages) targets(w http.ResponseWriter, r *http.Request) error {
	v, err := s.targetsOf(r)
	if err != nil {
		return err
	}
	v.form.Start("indicator", r.FormValue("indicator"))
	return s.showTargets(w, r, http.StatusOK, v)
}

// targetsOf reads the targets of the place that is asked for; without one, of
// the first place the reader sees figures of.
func (s *Pages) targetsOf(r *http.Request) (*targetsView, error) {
	by := web.Actor(r)
	if err := allowed(by, indicator.View); err != nil {
		return nil, err
	}
	form, err := s.Kit.Form(r, "figures.goal.form")
	if err != nil {
		return nil, err
	}
	at := spot{Place: region.Code(r.FormValue("region"))}
	if tops := by.Regions(indicator.View); at.Place == "" && len(tops) > 0 {
		at.Place = tops[0]
	}
	if !by.May(indicator.View, authz.At(at.Place)) {
		return nil, fault.Missing()
	}
	year, err := s.yearOf(r, &at)
	if err != nil {
		return nil, err
	}
	if err := s.at(r, &at, year); err != nil {
		return nil, err
	}
	v := &targetsView{spot: at, form: form, may: by.May(indicator.Target, authz.At(at.Place))}
	all, err := s.Indicators.Defined(r.Context(), year)
	for _, d := range all {
		if d.Target {
			v.defs = append(v.defs, d)
		}
	}
	if err == nil {
		v.goals, err = s.Indicators.Goals(r.Context(), at.Place, year)
	}
	return v, err
}

func (s *Pages) showTargets(w http.ResponseWriter, r *http.Request, status int, v *targetsView) error {
	p := web.Page(r)
	title := p.T("figures.goals.title", "place", v.name(v.Place), "year", v.Year)
	return s.Kit.Page(w, r, status, targetsPage(v.form.Titled(p, title), v))
}

// setTarget sets one target with the document that says so.
func (s *Pages) setTarget(w http.ResponseWriter, r *http.Request) error {
	v, err := s.targetsOf(r)
	if err != nil {
		return err
	}
	id, value, document := v.form.Text("indicator"), amount(v.form, "value"), v.form.Text("document")
	if v.form.Text("value") == "" {
		v.form.Wrong("value", "field.required")
	}
	if v.form.Err() == nil {
		err = s.Indicators.SetTarget(r.Context(), web.Actor(r), v.Place, v.Year, id, value, document)
	}
	if v.form.Broken(err) {
		return s.showTargets(w, r, http.StatusUnprocessableEntity, v)
	}
	if err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "figures.goal.set")
	return web.SeeOther(w, r, targetsHref(v.Place, v.Year))
}

// amount reads a number as people write it: 1000, 200万, 1.5亿.
func amount(f *web.Form, name string) float64 {
	if raw := f.Text(name); strings.HasSuffix(raw, "万") || strings.HasSuffix(raw, "亿") {
		return float64(f.Wan(name)) / 100
	}
	return float64(f.Decimal(name, 2)) / 100
}

func targetsHref(place region.Code, year int) string {
	return "/bench/targets?region=" + string(place) + "&year=" + strconv.Itoa(year)
}

func (v *targetsView) table(p ui.P) ui.Table {
	t := ui.Table{Caption: p.Title, Hidden: true, Dense: true, Stack: true, Head: []ui.Col{
		{Label: p.T("figures.name")}, {Label: p.T("figures.goal"), Num: true}, {Label: p.T("figures.goal.form.document")},
	}}
	for _, d := range v.defs {
		row := ui.Row{Cells: []ui.Cell{
			{Text: d.Label(p.English()), Href: indicator.Link(d.ID, v.Place, v.Year)},
			{Text: "—", Faint: true},
			{},
		}}
		if goal, ok := v.goals[d.ID]; ok {
			row.Cells[1] = ui.Cell{Text: d.Exact(goal.Value, p.Lang)}
			row.Cells[2].Text = goal.Document
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func (v *targetsView) options(p ui.P) []ui.Option {
	all := []ui.Option{{Label: p.T("figures.goal.choose")}}
	for _, d := range v.defs {
		unit := indicator.UnitName(d.Unit, p.Lang)
		all = append(all, ui.Option{Value: d.ID, Label: p.T("figures.goal.option", "name", d.Label(p.English()), "unit", unit)})
	}
	return all
}

// field is an input with its label and, where it has one, its hint.
func (v *targetsView) field(p ui.P, name string) ui.Field {
	f := v.form.Field(name)
	return f.Says(p.T("figures.goal.form."+name), f.Hint)
}
