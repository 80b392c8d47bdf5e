package workbench

import (
	"net/http"
	"slices"
	"strings"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/territory"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// regionView is one place of the tree with those below it.
type regionView struct {
	tree     *territory.Tree
	place    territory.Place
	day      string // the tree is shown as of
	tops     []region.Code
	children []territory.Place
	turns    []territory.Turn
	// What the reader may do with the place itself, today.
	changes, names bool
}

func regionHref(code region.Code) string { return SettingsHome + "/regions?at=" + string(code) }

// placeWords is what a place is called in the reader's language.
func placeWords(p ui.P, at territory.Place) string {
	if p.English() && at.NameEn != "" {
		return at.NameEn
	}
	return at.Name
}

// reachOf are the tops of the trees that the reader may change.
func reachOf(by authz.Actor) []region.Code {
	var tops []region.Code
	for _, c := range slices.Concat(by.Regions(territory.Reorganise), by.Regions(territory.SetKeyTown)) {
		if !slices.Contains(tops, c) {
			tops = append(tops, c)
		}
	}
	return tops
}

// regionOf reads the place of a code on a day, within the reader's reach.
func (s *Settings) regionOf(r *http.Request, code region.Code, day string) (regionView, error) {
	v := regionView{day: day}
	by, err := settingsActor(r)
	if err != nil {
		return v, err
	}
	if v.tops = reachOf(by); len(v.tops) == 0 {
		return v, fault.Closed()
	}
	if v.tree, err = s.Territory.Tree(r.Context()); err != nil {
		return v, err
	}
	if code == "" {
		code = v.tree.Heir(v.tops[0], day)
	}
	within := slices.ContainsFunc(v.tops, func(top region.Code) bool { return top.Contains(code) })
	var ok bool
	if v.place, ok = v.tree.Place(code, day); !ok || !within {
		return v, fault.Missing()
	}
	v.children = v.tree.Children(code, day)
	v.turns = turnsOf(v.tree, code, v.children)
	above := authz.At(code.Parent())
	if day == s.Kit.Today() && v.place.To == "" {
		v.changes = code.Level() > region.Province && by.May(territory.Reorganise, above)
		v.names = code.Level() == region.Town && by.May(territory.SetKeyTown, above)
	}
	return v, nil
}

// turnsOf is the lineage of a place and of those right below it, the newest first.
func turnsOf(tree *territory.Tree, code region.Code, children []territory.Place) []territory.Turn {
	var turns []territory.Turn
	for _, c := range append([]territory.Place{{Code: code}}, children...) {
		for _, t := range tree.History(c.Code) {
			if !slices.Contains(turns, t) {
				turns = append(turns, t)
			}
		}
	}
	all := slices.Clone(turns) // those below that only followed their county need no line of their own
	turns = slices.DeleteFunc(turns, func(t territory.Turn) bool {
		return slices.ContainsFunc(all, func(above territory.Turn) bool {
			return above.On == t.On && above.From != t.From && above.From.Contains(t.From) && above.To.Contains(t.To)
		})
	})
	slices.SortStableFunc(turns, func(a, b territory.Turn) int { return strings.Compare(b.On, a.On) })
	return turns
}

func (s *Settings) regions(w http.ResponseWriter, r *http.Request) error {
	day := s.Kit.Today()
	if asked := r.FormValue("day"); flow.IsDay(asked) {
		day = asked
	}
	v, err := s.regionOf(r, region.Code(r.FormValue("at")), day)
	if err != nil {
		return err
	}
	p := web.Page(r)
	p.Title = placeWords(p, v.place)
	return s.Kit.Page(w, r, http.StatusOK, regionsPage(p, v, s.Kit.Today()))
}

// childTable lists the places right below.
func (v regionView) childTable(p ui.P) ui.Table {
	t := ui.Table{Dense: true, Stack: true, Caption: p.T("settings.regions.below", "n", len(v.children)), Head: []ui.Col{
		{Label: p.T("settings.regions.name")},
		{Label: p.T("settings.regions.code")},
		{Label: p.T("settings.regions.span")},
		{Label: p.T("settings.regions.marks")},
	}}
	for _, c := range v.children {
		href := regionHref(c.Code)
		if v.day != flow.DayOf(p.Now) {
			href += "&day=" + v.day
		}
		key, synthetic := v.tree.KeyTown(c.Code, v.day)
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: placeWords(p, c), Href: href},
			{Text: string(c.Code), Code: true},
			{Text: spanWords(p, c.From, c.To)},
			{},
		}})
		if key || c.Kind == territory.Zone || c.Approximate(v.day) {
			t.Rows[len(t.Rows)-1].Cells[3].Body = regionMarks(p, c, v.day, key, synthetic)
		}
	}
	return t
}

// turnTable is the lineage.
func (v regionView) turnTable(p ui.P) ui.Table {
	t := ui.Table{Dense: true, Stack: true, Caption: p.T("settings.regions.lineage"), Head: []ui.Col{
		{Label: p.T("settings.regions.day")},
		{Label: p.T("settings.regions.kind")},
		{Label: p.T("settings.regions.was")},
		{Label: p.T("settings.regions.is")},
		{Label: p.T("settings.source")},
	}}
	for _, turn := range v.turns {
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: p.Date(ui.Day(turn.On))},
			{Text: p.T(turn.Kind.Key())},
			{Text: v.named(p, turn.From, flow.AddDays(turn.On, -1))},
			{Text: v.named(p, turn.To, turn.On)},
			{Body: sourced(p, turn.Note, turn.Grade)},
		}})
	}
	return t
}

// named is a place with its code: 大丰市 320982.
func (v regionView) named(p ui.P, code region.Code, day string) string {
	name := v.tree.Name(code, day)
	if at, ok := v.tree.Place(code, day); ok {
		name = placeWords(p, at)
	}
	return name + " " + string(code)
}
