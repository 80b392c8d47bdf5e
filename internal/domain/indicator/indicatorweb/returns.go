package indicatorweb

import (
	"maps"
	"net/http"
	"strconv"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/indicator"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// returnsView is the returns of a year (上报与核对).
type returnsView struct {
	spot
	offices []indicator.OfficeReturn
	people  map[string]string
	seals   []sealing
	actor   authz.Actor
	form    *web.Form // of settling
}

// sealing is a place whose year the reader may settle.
type sealing struct {
	place   region.Code
	settled bool
	open    int // offices whose return is not accepted
}

// allowed is nil when the actor may do it somewhere; SignIn for nobody.
func allowed(by authz.Actor, do authz.Permission) error {
	switch {
	case by.Somewhere(do):
		return nil
	case by.Kind == authz.Nobody:
		return fault.New(fault.SignIn, "fault.sign_in")
	default:
		return fault.Closed()
	}
}

func (s *Pages) returns(w http.ResponseWriter, r *http.Request) error {
	by := web.Actor(r)
	if err := allowed(by, indicator.View); err != nil {
		return err
	}
	at := spot{Place: s.Home}
	year, err := s.yearOf(r, &at)
	if err != nil {
		return err
	}
	v := returnsView{spot: at, actor: by}
	if v.form, err = s.Kit.Form(r, "figures.seal"); err != nil {
		return err
	}
	if v.offices, err = s.Indicators.Overview(r.Context(), by, year); err != nil {
		return err
	}
	if err = s.at(r, &v.spot, year); err == nil {
		err = s.dress(r, &v)
	}
	if err != nil {
		return err
	}
	p := web.Page(r)
	p.Title = p.T("figures.returns.title", "year", year)
	return s.Kit.Page(w, r, http.StatusOK, returnsPage(p, v))
}

// dress finds the names of offices and persons, and what may be settled.
func (s *Pages) dress(r *http.Request, v *returnsView) error {
	ctx := r.Context()
	var codes []region.Code
	var ids []string
	for _, o := range v.offices {
		codes = append(codes, o.Region)
		if o.Sheet != nil {
			ids = append(ids, o.Sheet.FilledBy)
		}
	}
	codes = append(codes, v.actor.Regions(indicator.Seal)...)
	names, err := s.Places.Names(ctx, v.Day, web.Lang(r), codes...)
	maps.Copy(v.Names, names)
	if err == nil {
		v.people, err = s.People(ctx, ids...)
	}
	if err != nil || !v.over() {
		return err
	}
	for _, place := range v.actor.Regions(indicator.Seal) {
		settled, err := s.Indicators.SettledFigures(ctx, place, v.Year)
		if err != nil {
			return err
		}
		one := sealing{place: place, settled: len(settled) > 0}
		for _, o := range v.offices {
			if place.Contains(o.Region) && o.State() != indicator.Accepted {
				one.open++
			}
		}
		v.seals = append(v.seals, one)
	}
	return nil
}

// over reports that the year has ended: it can be settled.
func (v returnsView) over() bool {
	return v.Day == ledger.Date(strconv.Itoa(v.Year)+"-12-31")
}

// count is how many returns are in a state; empty for not begun.
func (v returnsView) count(state flow.State) int {
	n := 0
	for _, o := range v.offices {
		if o.State() == state {
			n++
		}
	}
	return n
}

func (v returnsView) table(p ui.P) ui.Table {
	t := ui.Table{Caption: p.Title, Hidden: true, Dense: true, Stack: true, Head: []ui.Col{
		{Label: p.T("figures.office")},
		{Label: p.T("figures.state")},
		{Label: p.T("figures.filled"), Num: true},
		{Label: p.T("figures.filled_by")},
		{Label: p.T("figures.changed")},
	}}
	for _, o := range v.offices {
		row := ui.Row{Cells: []ui.Cell{
			{Text: v.office(p, o.Region), Href: sheetHref(o.Region, v.Year)},
			{Body: stateTag(p, o.State())},
			{Text: p.T("figures.filled.of", "n", o.Filled, "all", o.Asked)},
			{},
			{},
		}}
		if o.Sheet != nil {
			row.Cells[3].Text, row.Cells[4].Text = v.people[o.Sheet.FilledBy], p.Moment(o.Sheet.ChangedAt())
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func (v returnsView) years(p ui.P) []ui.Filter {
	chips := v.switches(p, func(_ region.Code, year int) string { return "/bench/returns?year=" + strconv.Itoa(year) })
	if len(chips) == 0 {
		return nil
	}
	return chips[len(chips)-1:]
}

// seal settles a year of a place (定案).
func (s *Pages) seal(w http.ResponseWriter, r *http.Request) error {
	place, year, err := officeOf(r)
	if err != nil {
		return err
	}
	f, err := s.Kit.Form(r, "figures.seal")
	if err != nil {
		return err
	}
	n, err := s.Indicators.SealYear(r.Context(), web.Actor(r), place, year, f.Once())
	if err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "figures.sealed", "n", n, "year", year)
	return web.SeeOther(w, r, "/bench/returns?year="+strconv.Itoa(year))
}

// officeOf reads the place and year of the address.
func officeOf(r *http.Request) (region.Code, int, error) {
	place := region.Code(r.PathValue("region"))
	year, err := strconv.Atoi(r.PathValue("year"))
	if err != nil || !place.Valid() || place.Level() == region.Town {
		return "", 0, fault.Missing()
	}
	return place, year, nil
}

func sheetHref(office region.Code, year int) string {
	return "/bench/returns/" + string(office) + "/" + strconv.Itoa(year)
}

func stateTone(state flow.State) ui.Tone {
	switch state {
	case indicator.Submitted:
		return ui.Sea
	case indicator.Returned:
		return ui.Reed
	case indicator.Accepted:
		return ui.Moss
	default:
		return ui.Plain
	}
}

func stateWord(p ui.P, state flow.State) string {
	if state == "" {
		return p.T("figures.state.none")
	}
	return p.T(indicator.Lifecycle.StateKey(state))
}
