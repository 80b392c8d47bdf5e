package indicatorweb

import (
	"net/http"
	"strconv"

	"qiban.dev/qiban/internal/domain/indicator"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// dataView is all figures of a place and year.
type dataView struct {
	spot
	sections []dataSection
	known    int // figures with data
	all      int
}

type dataSection struct {
	id    string
	table ui.Table
}

// data is every figure of a place and year, section by section (数据). It is public.
func (s *Pages) data(w http.ResponseWriter, r *http.Request) error {
	at, err := s.where(r)
	if err != nil {
		return err
	}
	figures, err := s.Indicators.Figures(r.Context(), at.Place, at.Year)
	if err != nil {
		return err
	}
	defs, err := s.Indicators.Defined(r.Context(), at.Year)
	if err != nil {
		return err
	}
	p := web.Page(r)
	p.Title = p.T("figures.data.title", "place", at.name(at.Place), "year", at.Year)
	return s.Kit.Page(w, r, http.StatusOK, dataPage(p, listed(p, at, figures, defs)))
}

func listed(p ui.P, at spot, figures []ledger.Figure, defs []indicator.Definition) dataView {
	v := dataView{spot: at, all: len(figures)}
	targets := indicator.TargetsOf(figures)
	for i, f := range figures {
		d := defs[i]
		if n := len(v.sections); n == 0 || v.sections[n-1].id != d.Section {
			v.sections = append(v.sections, dataSection{d.Section, ui.Table{
				Caption: p.T("figures.section." + d.Section), Hidden: true, Dense: true, Stack: true,
				Head: []ui.Col{
					{Label: p.T("figures.name")},
					{Label: p.T("figures.value"), Num: true},
					{Label: p.T("figures.change"), Num: true},
					{Label: p.T("figures.origin")},
				},
			}})
		}
		t := &v.sections[len(v.sections)-1].table
		if f.Value != nil {
			v.known++
		}
		t.Rows = append(t.Rows, dataRow(p, f, d, targets[f.ID]))
	}
	return v
}

func dataRow(p ui.P, f ledger.Figure, d indicator.Definition, target *ledger.Figure) ui.Row {
	label := d.Label(p.English())
	if d.Of != "" {
		label = p.T("figures.part", "name", label)
	}
	value := ui.Cell{Text: d.Phrase(f, p.Lang), Href: indicator.Link(f.ID, f.Region, f.Year)}
	if f.Value == nil {
		value = ui.Cell{Text: "—", Faint: true}
	} else if target != nil {
		value.Body = valueAndTarget(value, p.T("figures.target", "value", target.Phrase(p.Lang)))
	}
	src, by := source(p, f.Origin, f.Region)
	change := ui.Cell{Text: indicator.Moved(&f, p.Lang), Faint: f.Growth == nil && f.Points == nil}
	if f.Target {
		change.Text = ""
	}
	return ui.Row{Cells: []ui.Cell{{Text: label, Href: indicator.Link(f.ID, f.Region, f.Year)}, value, change, {Body: ui.Origin(p, src, by)}}}
}

func dataHref(place region.Code, year int) string {
	return "/data?region=" + string(place) + "&year=" + strconv.Itoa(year)
}
