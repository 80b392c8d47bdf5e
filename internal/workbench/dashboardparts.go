package workbench

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"qiban.dev/qiban/internal/domain/indicator"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/web/ui"
)

// mapped is the place whose counties the schematic shows.
const mapped region.Code = "320900"

// officeRow is one office's part of the main figure.
type officeRow struct {
	part   ledger.Part
	growth *float64
}

// rows are the parts of the main figure with their growth, the largest (or the
// fastest) first, without the place's own row.
func (b *board) rows() (rows []officeRow, own *officeRow) {
	before := map[region.Code]*float64{}
	if b.Before != nil {
		for _, part := range b.Before.Parts {
			before[part.Region] = part.Value
		}
	}
	for _, part := range b.Figure(b.Main).Parts {
		row := officeRow{part, ledger.Growth(before[part.Region], part.Value)}
		if part.Own {
			own = &row
		} else {
			rows = append(rows, row)
		}
	}
	by := func(r officeRow) float64 {
		v := r.part.Value
		if b.sort == "growth" {
			v = r.growth
		}
		if v == nil {
			return math.Inf(-1)
		}
		return *v
	}
	slices.SortStableFunc(rows, func(x, y officeRow) int { return cmp.Compare(by(y), by(x)) })
	return rows, own
}

// column is how the main figure's parts are written.
func (b *board) column(p ui.P) indicator.Column {
	return b.Def(b.Main).Column(p.Lang, b.Figure(b.Main).Exact)
}

// ranking is the main figure by office, with the place's own row and the whole.
func (b *board) ranking(p ui.P) ui.Table {
	c := b.column(p)
	t := ui.Table{Caption: p.T("board.ranking"), Hidden: true, Dense: true, Head: []ui.Col{
		{Label: p.T("board.office")},
		{Label: c.Unit, Num: true, Href: b.href(b.place, b.year, b.Main, "")},
		{Label: p.T("board.growth"), Num: true, Href: b.href(b.place, b.year, b.Main, "growth")},
	}}
	t.Head[1].Sort = "desc"
	if b.sort == "growth" {
		t.Head[1].Sort, t.Head[2].Sort = "", "desc"
	}
	rows, own := b.rows()
	for i, r := range rows {
		link := ui.Link{Label: b.name(r.part.Region), Href: indicator.Link(b.Main, r.part.Region, b.year)}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Body: placed(i+1, r.part.Value != nil, link)},
			{Text: c.Text(r.part.Value), Faint: r.part.Value == nil},
			{Text: indicator.Change(r.growth), Faint: r.growth == nil},
		}})
	}
	if own != nil && (own.part.Value == nil || *own.part.Value != 0 || b.Def(b.Main).Offices == indicator.AllOffices) {
		t.Foot = append(t.Foot, ui.Row{Cells: ui.Words(p.T("board.own", "place", b.name(b.place)), c.Text(own.part.Value), indicator.Change(own.growth))})
	}
	f := b.Figure(b.Main)
	t.Foot = append(t.Foot, ui.Row{Cells: ui.Words(p.T("board.whole", "place", b.name(b.place)), c.Text(f.Exact), indicator.Moved(f, p.Lang))})
	return t
}

// hasMap reports whether the schematic fits the place.
func (b *board) hasMap() bool { return b.place == mapped }

// counties is the schematic with each county's value, shaded in five steps.
func (b *board) counties(p ui.P) ui.CountyMap {
	c := b.column(p)
	rows, _ := b.rows()
	m := ui.CountyMap{Label: p.T("board.map", "place", b.name(b.place))}
	least, greatest := math.Inf(1), math.Inf(-1)
	for _, r := range rows {
		if r.part.Value != nil {
			least, greatest = min(least, *r.part.Value), max(greatest, *r.part.Value)
		}
	}
	for _, r := range rows {
		a := ui.Area{
			Code: r.part.Region, Name: bare(b.names[r.part.Region].Short), Value: c.Text(r.part.Value), Class: 1,
			Href: indicator.Link(b.Main, r.part.Region, b.year),
		}
		if r.part.Value != nil {
			a.Class = ui.Grade(*r.part.Value, least, greatest)
		}
		a.Say = a.Name + " " + a.Value + " " + c.Unit
		m.Areas = append(m.Areas, a)
	}
	if greatest > least {
		for i := range 5 {
			from := least + (greatest-least)*float64(i)/5
			m.Key = append(m.Key, p.T("board.from", "value", c.Text(&from)))
		}
	}
	return m
}

// bare leaves out what sort of place an English name says it is: the schematic
// has no room for it.
func bare(name string) string {
	for _, sort := range []string{" County", " District", " City"} {
		name = strings.TrimSuffix(name, sort)
	}
	return name
}

// byOffice is the schematic's own table, in the order of codes.
func (b *board) byOffice(p ui.P) ui.Table {
	c := b.column(p)
	t := ui.Table{Head: []ui.Col{{Label: p.T("board.office")}, {Label: c.Unit, Num: true}}}
	for _, part := range b.Figure(b.Main).Parts {
		name := b.name(part.Region)
		if part.Own {
			name = p.T("board.own", "place", name)
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: name}, {Text: c.Text(part.Value), Value: c.Bare(part.Value)}}})
	}
	return t
}

// monthKeys are 01 to 12.
func monthKeys() []string {
	keys := make([]string, 12)
	for i := range keys {
		keys[i] = fmt.Sprintf("%02d", i+1)
	}
	return keys
}

// monthName is 3月, Mar.
func monthName(p ui.P, n int) string {
	if p.English() {
		return time.Month(n).String()[:3]
	}
	return p.T("board.month.n", "n", n)
}

// hasMonths reports whether anything of the flow was counted in either year.
func (b *board) hasMonths() bool { return len(b.Months[0])+len(b.Months[1]) > 0 }

// yearsShown is 1 when nothing was counted in the year before: it would look
// like a year of zeros.
func (b *board) yearsShown() int {
	if len(b.Months[1]) == 0 {
		return 1
	}
	return 2
}

// reached is how many months of the year have begun.
func (b *board) reached() int {
	n, err := strconv.Atoi(b.day.Month()[5:])
	if err != nil {
		return 12
	}
	return n
}

// curve adds the flow up month by month, this year against the one before.
func (b *board) curve(p ui.P) ui.Chart {
	d := b.Def(b.Flow)
	var sums [2][]float64
	for back := range 2 {
		total := 0.0
		for _, m := range monthKeys() {
			total += b.Months[back][m]
			sums[back] = append(sums[back], total)
		}
	}
	c := d.Column(p.Lang, &sums[0][11], &sums[1][11])
	t := ui.Table{Head: []ui.Col{{Label: p.T("board.month")}}}
	for back := range b.yearsShown() {
		t.Head = append(t.Head, ui.Col{Label: p.T("board.year.short", "year", b.year-back), Num: true})
	}
	for i := range 12 {
		row := ui.Row{Cells: []ui.Cell{{Text: monthName(p, i+1)}}}
		for back := range b.yearsShown() {
			cell := ui.Cell{Text: c.Text(&sums[back][i]), Value: c.Bare(&sums[back][i])} //nolint:gosec // two years of twelve months
			if back == 0 && i >= b.reached() {
				cell = ui.Cell{Text: "—", Faint: true}
			}
			row.Cells = append(row.Cells, cell)
		}
		t.Rows = append(t.Rows, row)
	}
	return ui.Chart{
		Title: p.T("board.curve", "name", d.Label(p.English()), "unit", c.Unit), Kind: ui.Curve, Table: t,
		Foot: p.T("board.counted", "day", p.Date(ui.Day(string(b.day)))),
	}
}

// monthly is the flow month by month with the growth of each.
func (b *board) monthly(p ui.P) ui.Table {
	d := b.Def(b.Flow)
	var most float64
	for back := range 2 {
		for _, v := range b.Months[back] {
			most = max(most, v)
		}
	}
	c := d.Column(p.Lang, &most)
	t := ui.Table{Caption: p.T("board.monthly", "name", d.Label(p.English()), "unit", c.Unit), Dense: true, Head: []ui.Col{{Label: p.T("board.year.head")}}}
	var totals [2]float64
	rows := [3]ui.Row{
		{Cells: []ui.Cell{{Text: p.T("board.year.short", "year", b.year)}}},
		{Cells: []ui.Cell{{Text: p.T("board.year.short", "year", b.year-1)}}},
		{Cells: []ui.Cell{{Text: p.T("board.growth")}}},
	}
	for i, m := range monthKeys() {
		t.Head = append(t.Head, ui.Col{Label: monthName(p, i+1), Num: true})
		values := [2]float64{b.Months[0][m], b.Months[1][m]}
		growth := ledger.Growth(&values[1], &values[0])
		rows[0].Cells = append(rows[0].Cells, ui.Cell{Text: c.Text(&values[0])})
		if i >= b.reached() {
			growth = nil
			rows[0].Cells[i+1] = ui.Cell{Text: "—", Faint: true}
		}
		rows[1].Cells = append(rows[1].Cells, ui.Cell{Text: c.Text(&values[1])})
		rows[2].Cells = append(rows[2].Cells, ui.Cell{Text: indicator.Change(growth), Faint: growth == nil})
		totals[0], totals[1] = totals[0]+values[0], totals[1]+values[1]
	}
	t.Head = append(t.Head, ui.Col{Label: p.T("board.total"), Num: true})
	growth := ledger.Growth(&totals[1], &totals[0])
	for i, text := range []string{c.Text(&totals[0]), c.Text(&totals[1]), indicator.Change(growth)} {
		rows[i].Cells = append(rows[i].Cells, ui.Cell{Text: text})
	}
	t.Rows = rows[:]
	if b.yearsShown() == 1 {
		t.Rows = rows[:1]
	}
	return t
}

// byTheme is the deliveries by service theme, the most frequent first.
func (b *board) byTheme(p ui.P) ui.Chart {
	t := ui.Table{Head: []ui.Col{{Label: p.T("board.theme")}, {Label: indicator.UnitName("次", p.Lang), Num: true}}}
	total := 0.0
	for _, s := range b.Themes {
		name := p.T("board.theme.none")
		if s.Keys[0] != "" {
			name = p.T("theme." + s.Keys[0])
		}
		total += s.Value
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: name}, {Text: indicator.Commas(s.Value, 0, p.Lang), Value: strconv.FormatFloat(s.Value, 'f', 0, 64)}}})
	}
	return ui.Chart{
		Title: p.T("board.themes", "unit", indicator.UnitName("次", p.Lang)), Kind: ui.Bar, Table: t,
		Foot: p.T("board.themes.foot", "n", int(total)),
		Link: ui.Link{Label: p.T("board.themes.link", "n", int(total)), Href: indicator.Link("E3", b.place, b.year) + "#rec"},
	}
}

// mains are the figures that can be shown by office, to choose from.
func (b *board) mains(p ui.P) ui.Filter {
	chip := ui.Filter{Label: p.T("board.choose")}
	for _, f := range b.Figures {
		if b.Spread(f) && f.ID != b.Main {
			chip.Options = append(chip.Options, ui.Link{Label: b.Def(f.ID).Label(p.English()), Href: b.href(b.place, b.year, f.ID, "") + "#by-office"})
		}
	}
	return chip
}

// standing says up to when it is counted and which offices have reported.
func (b *board) standing(p ui.P) string {
	key := "board.standing"
	if b.Offices > 0 && b.Accepted == b.Offices {
		key = "board.standing.all"
	}
	return p.T(key, "place", b.name(b.place), "day", p.Date(ui.Day(string(b.day))), "n", b.Accepted, "all", b.Offices)
}
