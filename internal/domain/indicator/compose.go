package indicator

import (
	"maps"
	"math"
	"slices"

	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
)

// figures composes every figure of the book.
func (b *book) figures() []ledger.Figure {
	kept := b.keptBooks()
	all := make([]ledger.Figure, len(b.defs))
	at := map[string]int{}
	for i, d := range b.defs {
		all[i] = b.figure(d, kept)
		at[d.ID] = i
	}
	for i, d := range b.defs {
		if d.GrowthOf != "" {
			b.grow(&all[i], all[at[d.GrowthOf]])
		}
	}
	for i, d := range b.defs {
		f := &all[i]
		if f.Exact != nil {
			value, qualifier := d.Style.Publish(*f.Exact)
			f.Value = &value
			f.Style.Qualifier = qualifier
		}
		if d.RankedBy != "" {
			f.Rank = all[at[d.RankedBy]].Rank
		}
	}
	return all
}

// keptBooks reports whether the place has any computed record in the year: if
// it has, a computed 0 means that none were counted; if not, there is no data.
func (b *book) keptBooks() [2]bool {
	var kept [2]bool
	for back := range kept {
		kept[back] = len(b.computed[back]) > 0
		for _, n := range b.whole[back] {
			kept[back] = kept[back] || n.facts > 0
		}
	}
	return kept
}

func (b *book) figure(d Definition, kept [2]bool) ledger.Figure {
	f := ledger.Figure{
		ID: d.ID, Region: b.place, Year: b.year, Target: d.Target, Unit: d.Unit, Style: d.Style,
		Of: d.Of, TargetOf: d.TargetOf,
	}
	if d.OfKeyTowns() { // there were none to count in
		kept[0], kept[1] = kept[0] && b.keyTowns[0], kept[1] && b.keyTowns[1]
	}
	var before ledger.Figure
	b.fill(&f, d, 0, kept[0])
	b.fill(&before, d, 1, kept[1])
	f.Previous = before.Exact
	switch d.Nature {
	case Growth, Rank:
	case Ratio:
		f.Points = ledger.Points(f.Previous, f.Exact)
	default:
		f.Growth = ledger.Growth(f.Previous, f.Exact)
	}
	return f
}

// fill sets the value, its origin, its parts and how many records it has.
func (b *book) fill(f *ledger.Figure, d Definition, back int, kept bool) {
	switch {
	case d.Nature == Growth:
		return
	case d.Target:
		if t, ok := b.targets[back][d.ID]; ok {
			f.Exact, f.Origin, f.Count = &t.value, ledger.Set, 1
		}
		return
	case len(d.Ratio) == 2:
		b.share(f, d, back)
		return
	case d.Groups != "":
		if n := b.whole[back][d.ID]; kept {
			f.Exact, f.Origin, f.Count = &n.value, ledger.Computed, int(n.facts)
		}
		return
	}
	b.compose(f, d, back, kept)
	if d.Nature == Rank && f.Exact != nil {
		f.Rank = &ledger.Rank{Place: int(*f.Exact), Of: len(b.peers)}
	}
}

func (b *book) share(f *ledger.Figure, d Definition, back int) {
	pair := b.parts[back][d.ID]
	if pair[1].value > 0 {
		v := pair[0].value / pair[1].value * 100
		f.Exact, f.Origin, f.Count = &v, ledger.Computed, int(pair[1].facts)
	}
}

// compose puts the figure together office by office: for each, its return when
// there is one, otherwise what was computed.
func (b *book) compose(f *ledger.Figure, d Definition, back int, kept bool) {
	reported, computed := b.reported[back][d.ID], b.computed[back][d.ID]
	if r, ok := reported[b.place]; ok && b.place.Level() == region.County {
		f.Exact, f.Origin, f.Count = &r.value, ledger.Reported, 1
		return
	}
	var sum count
	var byOrigin [2]int // computed, reported
	parts := b.rows(reported, computed)
	for _, p := range parts {
		part := ledger.Part{Region: p.region, Own: p.region == b.place}
		if p.origins[0]+p.origins[1] > 0 {
			v := p.n.value
			part.Value, part.Origin = &v, origin(p.origins)
			sum.value += p.n.value
			sum.facts += p.n.facts
			byOrigin[0] += p.origins[0]
			byOrigin[1] += p.origins[1]
		} else if kept && d.Measure != "" {
			part.Value, part.Origin = new(float64), ledger.Computed
		}
		f.Parts = append(f.Parts, part)
	}
	switch {
	case byOrigin[0]+byOrigin[1] == 0 && kept && d.Measure != "":
		f.Exact, f.Origin = new(float64), ledger.Computed
		return
	case byOrigin[0]+byOrigin[1] == 0:
		f.Parts = nil
		return
	}
	f.Origin, f.Count = origin(byOrigin), int(sum.facts)
	if d.Counts() {
		if byOrigin[1] == 0 {
			whole := b.whole[back][d.ID]
			f.Overlap = sum.value > whole.value
			f.Count = int(whole.facts)
			sum = whole
		}
		f.Duplicate = byOrigin[1] > 0 && byOrigin[0]+byOrigin[1] > 1
	}
	v := round(sum.value)
	f.Exact = &v
}

// row is one line of a breakdown.
type row struct {
	region  region.Code
	n       count
	origins [2]int // how many offices were computed, how many reported
}

// rows are the offices right below the place and the place's own row, in order
// of code, the own row last. Offices deeper down (the counties of a city, seen
// from the province) are added up into theirs.
func (b *book) rows(reported, computed map[region.Code]count) []row {
	level := b.place.Level() + 1
	lines := map[region.Code]*row{b.place: {region: b.place}}
	for _, o := range b.offices {
		lines[o] = &row{region: o}
	}
	add := func(office region.Code, n count, which int) {
		top := office.At(level)
		if top == "" {
			top = b.place
		}
		if lines[top] == nil {
			lines[top] = &row{region: top}
		}
		l := lines[top]
		l.n.value += n.value
		l.n.facts += n.facts
		l.origins[which]++
	}
	for office, n := range reported {
		add(office, n, 1)
	}
	for office, n := range computed {
		if _, ok := reported[office]; !ok {
			add(office, n, 0)
		}
	}
	own := lines[b.place]
	delete(lines, b.place)
	rows := make([]row, 0, len(lines)+1)
	for _, code := range slices.Sorted(maps.Keys(lines)) {
		rows = append(rows, *lines[code])
	}
	return append(rows, *own)
}

func origin(n [2]int) ledger.Origin {
	switch {
	case n[0] > 0 && n[1] > 0:
		return ledger.Mixed
	case n[1] > 0:
		return ledger.Reported
	default:
		return ledger.Computed
	}
}

// grow is a growth figure: it follows from another, and is as computed or
// reported as that one is.
func (b *book) grow(f *ledger.Figure, of ledger.Figure) {
	if of.Exact == nil || of.Previous == nil || *of.Previous <= 0 {
		return
	}
	v := (*of.Exact - *of.Previous) / *of.Previous * 100
	f.Exact, f.Origin, f.Count = &v, of.Origin, of.Count
}

// round takes off what adding binary fractions put on: values have at most two
// decimals.
func round(v float64) float64 { return math.Round(v*100) / 100 }
