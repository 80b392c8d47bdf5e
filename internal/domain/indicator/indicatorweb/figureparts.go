package indicatorweb

import (
	"slices"
	"strings"

	"qiban.dev/qiban/internal/domain/indicator"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/text"
	"qiban.dev/qiban/internal/web/ui"
)

// returnsTable lists the returns a figure was reported in, with their sum.
func (v figureView) returnsTable(p ui.P) ui.Table {
	t := ui.Table{Caption: p.T("figures.returns.caption"), Hidden: true, Dense: true, Head: []ui.Col{
		{Label: p.T("figures.record")},
		{Label: v.column.Unit, Num: true},
		{Label: p.T("figures.filled_by"), Wide: true},
		{Label: p.T("figures.changed")},
		{Label: p.T("figures.state")},
	}}
	var sum float64
	for _, f := range ownLast(v.behind.Returns, v.Place) {
		value := ui.Cell{Text: v.column.Text(&f.Value), Faint: !f.Counts}
		if f.Counts {
			sum += f.Value
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: p.T("figures.return.of", "office", v.office(p, f.Region)), Href: sheetHref(f.Region, f.Year)},
			value,
			{Text: v.people[f.FilledBy]},
			{Text: p.Short(f.ChangedAt())},
			{Body: stateTag(p, f.State)},
		}})
	}
	t.Foot = []ui.Row{{Cells: ui.Words(p.T("figures.sum"), v.column.Text(&sum), "", "", "")}}
	return t
}

// ownLast puts the place's own return after those of its offices.
func ownLast(filed []indicator.Filed, place region.Code) []indicator.Filed {
	sorted := slices.Clone(filed)
	slices.SortStableFunc(sorted, func(a, b indicator.Filed) int {
		switch {
		case a.Region == place && b.Region != place:
			return 1
		case b.Region == place && a.Region != place:
			return -1
		}
		return 0
	})
	return sorted
}

// linesTable lists the records a figure was computed from.
func (v figureView) linesTable(p ui.P) ui.Table {
	t := ui.Table{Caption: p.T("figures.records.caption"), Hidden: true, Dense: true, Stack: true, Head: []ui.Col{
		{Label: p.T("figures.record")}, {Label: p.T("figures.on")}, {Label: p.T("figures.place")},
	}}
	if v.behind.Of == nil {
		t.Head = append(t.Head, ui.Col{Label: p.T("figures.adds"), Num: true})
	} else {
		t.Head = append(t.Head, ui.Col{Label: p.T("figures.part.of", "unit", v.partUnit(p)), Num: true},
			ui.Col{Label: p.T("figures.whole.of", "unit", v.partUnit(p)), Num: true})
	}
	for i, l := range v.behind.Lines {
		var adds []ui.Cell
		switch {
		case v.behind.Of != nil:
			adds = ui.Words(indicator.Commas(float64(v.behind.Part[i]), 0, p.Lang), indicator.Commas(float64(l.Adds), 0, p.Lang))
		case v.d.Factor() > 1:
			adds = ui.Words(indicator.Commas(float64(l.Adds)/v.d.Factor(), 2, p.Lang))
		default:
			adds = ui.Words(indicator.Commas(float64(l.Adds), 0, p.Lang))
		}
		name := v.Names[l.Region].Full
		if l.Region.Level() == region.Town {
			name = strings.TrimSpace(v.Names[l.Region.At(region.County)].Short + " " + name)
		}
		link := v.recordLink(p, l)
		t.Rows = append(t.Rows, ui.Row{Cells: append([]ui.Cell{{Text: link.Label, Href: link.Href}, {Text: p.Date(ui.Day(string(l.On)))}, {Text: name}}, adds...)})
	}
	return t
}

// partUnit is what the part and the whole of a ratio are counted in.
func (v figureView) partUnit(p ui.P) string { return p.T(v.behind.Unit, "n", v.behind.Of[1]) }

// recordLink names a record and where it opens: as its domain says, else by kind.
func (v figureView) recordLink(p ui.P, l ledger.Line) ui.Link {
	if link, ok := v.records[l.Record]; ok {
		return link
	}
	key := "figures.record." + l.Record.Kind
	if !text.Has(key) {
		key = "figures.record.other"
	}
	link := ui.Link{Label: p.T(key)}
	switch l.Record.Kind {
	case "institution":
		link.Href = "/institutions/" + l.Record.ID
	case "need", "closing", "callback":
		link.Href = "/bench/needs/" + l.Record.ID
	case indicator.SheetKind:
		link.Href = sheetHref(l.Region, v.Year)
	}
	return link
}

// partsTable is the figure by office, for everybody.
func (v figureView) partsTable(p ui.P) ui.Table {
	t := ui.Table{Caption: p.T("figures.parts"), Hidden: true, Dense: true, Head: []ui.Col{
		{Label: p.T("figures.office")}, {Label: v.column.Unit, Num: true}, {Label: p.T("figures.share"), Num: true}, {Label: p.T("figures.origin")},
	}}
	for _, part := range v.f.Parts {
		name := ui.Cell{Text: v.name(part.Region), Href: v.hrefAt(part.Region, v.Year)}
		if part.Own {
			name = ui.Cell{Text: p.T("figures.own", "place", v.name(part.Region))}
		}
		of := ui.Cell{Text: "—", Faint: true}
		if part.Value != nil && v.f.Exact != nil && *v.f.Exact > 0 && !v.f.Overlap {
			of = ui.Cell{Text: share(*part.Value, *v.f.Exact)}
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			name,
			{Text: v.column.Text(part.Value), Faint: part.Value == nil},
			of,
			{Body: ui.Origin(p, ui.Source(part.Origin), "")},
		}})
	}
	t.Foot = []ui.Row{{Cells: ui.Words(p.T("figures.whole", "place", v.name(v.Place)), v.column.Text(v.f.Exact), "", "")}}
	return t
}

// years is the chart of the last years, the present one heavy.
func (v figureView) years(p ui.P) ui.Chart {
	var values []*float64
	for _, f := range v.history {
		values = append(values, f.Exact)
	}
	c := v.d.Column(p.Lang, values...)
	t := ui.Table{Head: []ui.Col{{Label: p.T("figures.year.head")}, {Label: c.Unit, Num: true}}}
	first := slices.IndexFunc(v.history, func(f ledger.Figure) bool { return f.Exact != nil })
	for _, f := range v.history[max(first, 0):] {
		t.Rows = append(t.Rows, ui.Row{Selected: f.Year == v.Year, Cells: []ui.Cell{
			{Text: p.T("figures.year.short", "year", f.Year)},
			{Text: c.Text(f.Exact), Value: c.Bare(f.Exact), Href: v.hrefAt(v.Place, f.Year)},
		}})
	}
	return ui.Chart{Title: p.T("figures.history", "unit", c.Unit), Kind: ui.Bar, Table: t}
}

// hasHistory reports whether another year than this one has data.
func (v figureView) hasHistory() bool {
	n := 0
	for _, f := range v.history {
		if f.Exact != nil {
			n++
		}
	}
	return n > 1
}

// agreement says whether what is behind the figure adds up to it.
func (v figureView) agreement(p ui.P) ui.Notice {
	b := v.behind
	n := int(b.Records) + v.counting()
	said := func(value float64) string { return v.column.Text(&value) + " " + v.column.Unit }
	switch {
	case b.Of != nil && n > 0:
		key, kind := "figures.agree.ratio", ui.OK
		if !b.Agrees() {
			key, kind = "figures.agree.ratio.part", ui.Info
		}
		return ui.Notice{Kind: kind, Text: p.T(key, "part", indicator.Commas(float64(b.Of[0]), 0, p.Lang),
			"whole", indicator.Commas(float64(b.Of[1]), 0, p.Lang), "unit", v.partUnit(p))}
	case b.Follows != "" || b.Sum == nil || v.f.Exact == nil:
		return ui.Notice{}
	case n == 0 && *v.f.Exact == 0: // counted none, and there is none to show
		return ui.Notice{}
	case !b.Whole:
		return ui.Notice{Text: p.T("figures.agree.part", "n", n, "sum", said(*b.Sum))}
	case v.d.Groups != "":
		return ui.Notice{Kind: ui.OK, Text: p.T("figures.agree.groups", "n", n, "sum", said(*b.Sum))}
	case b.Agrees() && v.d.Counts() && v.f.Origin == ledger.Computed:
		return ui.Notice{Kind: ui.OK, Text: p.T("figures.agree.distinct", "n", n, "sum", said(*b.Sum))}
	case b.Agrees() && b.Records > 0:
		return ui.Notice{Kind: ui.OK, Text: p.T("figures.agree.records", "n", n, "sum", said(*b.Sum))}
	case b.Agrees():
		return ui.Notice{Kind: ui.OK, Text: p.T("figures.agree.yes", "n", n, "sum", said(*b.Sum))}
	case v.f.Origin == ledger.Mixed && v.f.Duplicate:
		return ui.Notice{Kind: ui.Warn, Text: p.T("figures.agree.double")}
	default:
		return ui.Notice{Kind: ui.Bad, Text: p.T("figures.agree.no", "n", n, "sum", said(*b.Sum), "figure", said(*v.f.Exact))}
	}
}

// counting is how many returns are in the figure.
func (v figureView) counting() int {
	n := 0
	for _, f := range v.behind.Returns {
		if f.Counts {
			n++
		}
	}
	return n
}

// settledNotice compares the settled value with the present one; empty when the
// year is open.
func (v figureView) settledNotice(p ui.P) ui.Notice {
	if v.settled == nil || v.settled.Value == nil {
		return ui.Notice{}
	}
	was := v.d.Exact(*v.settled.Value, p.Lang)
	on := p.Date(v.settled.At)
	if v.f.Exact == nil || *v.f.Exact == *v.settled.Value {
		return ui.Notice{Kind: ui.OK, Text: p.T("figures.settled.same", "on", on, "value", was)}
	}
	diff := *v.f.Exact - *v.settled.Value
	moved := v.d.Exact(diff, p.Lang)
	if diff > 0 {
		moved = "+" + moved
	}
	return ui.Notice{Kind: ui.Warn, Text: p.T("figures.settled.moved", "on", on, "value", was,
		"now", v.d.Exact(*v.f.Exact, p.Lang), "diff", moved)}
}

// defFacts are the particulars of the definition.
func (v figureView) defFacts(p ui.P) []ui.Fact {
	unit := indicator.UnitName(v.d.Unit, p.Lang)
	if v.column.Scale > 1 {
		unit = p.T("figures.unit.shown", "unit", unit, "shown", v.column.Unit)
	}
	version := p.T("figures.version.always", "n", v.d.Version)
	if v.d.From > 0 {
		version = p.T("figures.version.from", "n", v.d.Version, "year", v.d.From)
	}
	facts := []ui.Fact{
		{Label: p.T("figures.id"), Body: code(v.f.ID)},
		{Label: p.T("figures.nature"), Value: p.T("figures.nature." + natureKey(v.d.Nature))},
		{Label: p.T("figures.unit"), Value: unit},
		{Label: p.T("figures.version"), Value: version},
	}
	if v.d.Of != "" {
		facts = append(facts, ui.Fact{Label: p.T("figures.of"), Body: link(ui.Link{
			Label: v.def(v.d.Of).Label(p.English()), Href: indicator.Link(v.d.Of, v.Place, v.Year),
		})})
	}
	if v.d.TargetOf != "" {
		facts = append(facts, ui.Fact{Label: p.T("figures.target.of"), Body: link(ui.Link{
			Label: v.def(v.d.TargetOf).Label(p.English()), Href: indicator.Link(v.d.TargetOf, v.Place, v.Year),
		})})
	}
	return facts
}

func natureKey(n indicator.Nature) string {
	if n == indicator.Mean {
		return "mean"
	}
	return string(n)
}
