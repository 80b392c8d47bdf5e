package ledger

import (
	"slices"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"
)

// dirtyMost is how many untrusted places a query computes from facts one by
// one; with more it computes the whole period from facts.
const dirtyMost = 100

// Kept reports whether the query is answered from roll-ups alone, but for the
// tail and the days that do not fill a month. Otherwise it is computed from
// facts: exact all the same, and slower.
func (l *Ledger) Kept(q Query) (bool, error) {
	p, err := l.plan(q)
	if err != nil {
		return false, err
	}
	return p.m.Kind == Flow || p.m.Kind == Mean || p.m.Kind == Distinct && p.firstDimDoes(), nil
}

// firstDimDoes reports whether the query asks for no dimension but the first,
// the only one that bitmaps know.
func (p *plan) firstDimDoes() bool {
	for i := 2; i <= len(p.stream.dims); i++ {
		if slices.Contains(p.cols, dimColumn(i)) {
			return false
		}
	}
	return !slices.ContainsFunc(p.Where, func(c Cond) bool { return p.dim(c.Dim) > 1 })
}

// grain is the coarsest bitmap that answers.
func (p *plan) grain() grain {
	fine := func(c Cond) bool { return c.Dim == "town" }
	if len(p.Region) == 9 || slices.Contains(p.cols, "town") || slices.ContainsFunc(p.Where, fine) {
		return townGrain
	}
	return countyGrain
}

// distinctArms are the arms over bitmaps, and those over facts: for the days
// that do not fill a month, the tail, the dirty places, or all of it. What
// several arms find is counted once.
func (p *plan) distinctArms(a *answer, know *knowledge) (bits, numbers []*arm) {
	first, last, part := split(p.From, p.To)
	dirty := know.dirtyIn(p, first, last)
	if first == "" || !p.firstDimDoes() || !know.keeps(p.stream.name, p.m.Who) || len(dirty) > dirtyMost {
		return nil, []*arm{p.numberArm(a, factShape, p.between(days{p.From, p.To}))}
	}
	bits = append(bits, p.bitArm(a, first, last))
	var tail where
	tail.add("t.stream = ? AND f.id = t.fact", p.stream.name)
	tailShape.monthsIn(&tail, first, last)
	numbers = append(numbers, p.numberArm(a, tailShape, &tail))
	for _, d := range part {
		numbers = append(numbers, p.numberArm(a, factShape, p.between(d)))
	}
	for _, d := range dirty {
		w := p.between(days{monthStart(d.month), monthEnd(d.month)})
		if p.grain() == countyGrain {
			county := countyOf(d.region)
			w.add("f.region >= ? AND f.region < ?", county, county+":")
		} else {
			w.add("f.region = ?", d.region)
		}
		numbers = append(numbers, p.numberArm(a, factShape, w))
	}
	return bits, numbers
}

func (p *plan) between(d days) *where {
	var w where
	w.add("f.occurred_on >= ? AND f.occurred_on <= ?", string(d.from), string(d.to))
	return &w
}

// dirtyIn are the dirty places of the plan's stream within its months; for
// county bitmaps one for each county.
func (k *knowledge) dirtyIn(p *plan, first, last string) []place {
	seen := map[place]bool{}
	var all []place
	for d := range k.dirty {
		if d.stream != p.stream.name || d.month < first || d.month > last {
			continue
		}
		if p.grain() == countyGrain {
			d.region = countyOf(d.region)
		}
		if !seen[d] {
			seen[d] = true
			all = append(all, d)
		}
	}
	slices.SortFunc(all, func(a, b place) int {
		return strings.Compare(a.month+a.region, b.month+b.region)
	})
	return all
}

// untrusted reports whether a bitmap of the grain may hold what the tail takes back.
func (k *knowledge) untrusted(at place, g grain) bool {
	if g == countyGrain {
		return k.dirtyCounties[at]
	}
	return k.dirty[at]
}

// numberArm finds the numbers of whom to count among facts.
func (p *plan) numberArm(a *answer, s shape, w *where) *arm {
	w.add("f.stream = ?", p.stream.name)
	p.filter(w, s)
	w.add("f." + p.m.Who + " <> 0 AND " + countsOnce)
	return &arm{to: a, args: w.args, sql: "SELECT " + p.selected(s) + "f.reported, f." + p.m.Who +
		" FROM " + s.table + " WHERE " + w.String() + " GROUP BY " + p.selected(s) + "f.reported, f." + p.m.Who}
}

// takeNumber reads reported, number.
func takeNumber(a *arm, cols []string, got []any) error {
	keys, ok := a.to.p.fold(cols, "")
	if !ok {
		return nil
	}
	g := a.to.group(keys)
	g.count(numberOf(got[0]))
	g.bitmap().Add(uint32(numberOf(got[1])))
	return nil
}

func (g *group) bitmap() *roaring.Bitmap {
	if g.bits == nil {
		g.bits = roaring.New()
	}
	return g.bits
}

// count notes that something of this origin was found.
func (g *group) count(reported int64) {
	g.reported += reported
	g.computed += 1 - reported
}

// bitArm reads the kept bitmaps of the whole months.
func (p *plan) bitArm(a *answer, first, last string) *arm {
	var w where
	w.add("f.stream = ? AND f.who = ? AND f.grain = ?", p.stream.name, p.m.Who, p.grain())
	bitShape.monthsIn(&w, first, last)
	p.filter(&w, bitShape)
	return &arm{to: a, skip: p.grain(), args: w.args, sql: "SELECT " + p.selected(bitShape) +
		"f.reported, f.region, f.month, f.bits FROM " + bitShape.table + " WHERE " + w.String()}
}

// takeBits reads reported, region, month, bits; a dirty place is left to facts.
func (k *knowledge) takeBits(a *arm, cols []string, got []any) error {
	keys, ok := a.to.p.fold(cols, "")
	at := place{a.to.p.stream.name, textOf(got[1]), textOf(got[2])}
	if !ok || k.untrusted(at, a.skip) {
		return nil
	}
	raw, _ := got[3].([]byte)
	b := roaring.New()
	if _, err := b.FromBuffer(raw); err != nil {
		return err
	}
	if b.IsEmpty() {
		return nil
	}
	g := a.to.group(keys)
	g.count(numberOf(got[0]))
	g.parts = append(g.parts, b)
	return nil
}

// union is every number of the group; nil when there is none.
func (g *group) union() *roaring.Bitmap {
	if len(g.parts) == 0 {
		return g.bits
	}
	all := g.parts
	if g.bits != nil {
		all = append(all, g.bits)
	}
	if len(all) == 1 {
		return all[0]
	}
	return roaring.FastOr(all...)
}

// distinct is how many different subjects the bitmap holds, merged ones as one.
func (k *knowledge) distinct(b *roaring.Bitmap) int64 {
	if b == nil {
		return 0
	}
	n := int64(b.GetCardinality())
	merged := roaring.And(b, k.gone)
	if merged.IsEmpty() {
		return n
	}
	roots := roaring.New()
	for it := merged.Iterator(); it.HasNext(); {
		roots.Add(k.roots[it.Next()])
	}
	return n - int64(merged.GetCardinality()) + int64(roaring.AndNot(roots, b).GetCardinality())
}
