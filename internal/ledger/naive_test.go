package ledger_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
)

// naive is every fact of the database in memory: what the figures are checked
// against, counted one by one without an index, a sum or a bitmap.
type naive struct {
	facts   []naiveFact
	gone    map[int64]ledger.Date // fact → the day it is taken back on
	roots   map[int64]int64
	lineage func(region.Code, ledger.Date) region.Code
}

type naiveFact struct {
	ID                                       int64
	Stream                                   string
	On                                       ledger.Date `db:"occurred_on"`
	Region                                   region.Code
	Subject, Enterprise, Institution, Person int64
	D1, D2, D3, D4                           string
	Quantity, Amount, Reported, Reverses     int64
}

func loadNaive(ctx context.Context, r db.Reader, lineage func(region.Code, ledger.Date) region.Code) (*naive, error) {
	n := &naive{gone: map[int64]ledger.Date{}, roots: map[int64]int64{}, lineage: lineage}
	if err := r.Select(ctx, &n.facts, "SELECT id, stream, occurred_on, region, subject, enterprise, institution, person,"+
		" d1, d2, d3, d4, quantity, amount, reported, reverses FROM ledger_fact ORDER BY id"); err != nil {
		return nil, err
	}
	for _, f := range n.facts {
		if f.Reverses != 0 {
			n.gone[f.Reverses] = f.On
		}
	}
	var heirs []struct{ N, Heir int64 }
	if err := r.Select(ctx, &heirs, "SELECT n, heir FROM ledger_alias"); err != nil {
		return nil, err
	}
	for _, h := range heirs {
		n.roots[h.N] = h.Heir
	}
	return n, nil
}

func (n *naive) root(s int64) int64 {
	for n.roots[s] != 0 {
		s = n.roots[s]
	}
	return s
}

// code is the place a fact counts in under the query's tree.
func (n *naive) code(q ledger.Query, f naiveFact) region.Code {
	if q.Tree == ledger.Today {
		return n.lineage(f.Region, f.On)
	}
	return f.Region
}

func (n *naive) key(q ledger.Query, m ledger.Measure, f naiveFact, end ledger.Date, by string) string {
	on := f.On
	if m.Kind == ledger.Level {
		on = end
	}
	code := n.code(q, f)
	up := map[string]region.Level{"city": region.City, "county": region.County, "town": region.Town}
	switch by {
	case "month":
		return string(on[:7])
	case "year":
		return string(on[:4])
	case "city", "county", "town":
		for l := up[by]; l > region.None; l-- {
			if at := code.At(l); at != "" {
				return string(at)
			}
		}
	}
	return [...]string{f.D1, f.D2, f.D3, f.D4}[slices.Index(m.Dims, by)]
}

// wanted reports whether the fact passes the query's place, source and conditions.
func (n *naive) wanted(q ledger.Query, m ledger.Measure, f naiveFact) bool {
	if !q.Region.Contains(n.code(q, f)) || !source(q, f) {
		return false
	}
	for _, c := range q.Where {
		v := map[string]int64{"quantity": f.Quantity, "amount": f.Amount}
		switch {
		case c.Dim == "quantity" || c.Dim == "amount":
			if c.AtLeast != nil && v[c.Dim] < *c.AtLeast || c.Over != nil && v[c.Dim] <= *c.Over {
				return false
			}
		case !slices.Contains(c.In, n.key(q, m, f, "", c.Dim)):
			return false
		}
	}
	return true
}

func source(q ledger.Query, f naiveFact) bool {
	return q.Source == "" || (q.Source == ledger.Reported) == (f.Reported == 1)
}

type naiveGroup struct {
	keys        []string
	value, n    int64
	who         map[int64]bool
	comp, repor int64
}

// lines answers a query as table does.
func (n *naive) lines(q ledger.Query, m ledger.Measure) []string {
	groups := map[string]*naiveGroup{}
	add := func(f naiveFact, end ledger.Date, value, sign int64) {
		keys := make([]string, len(q.By))
		for i, by := range q.By {
			keys[i] = n.key(q, m, f, end, by)
		}
		name := strings.Join(keys, "|")
		g := groups[name]
		if g == nil {
			g = &naiveGroup{keys: keys, who: map[int64]bool{}}
			groups[name] = g
		}
		g.value += value
		g.n += sign
		g.who[n.root(n.who(m, f))] = true
		if f.Reported == 1 {
			g.repor += sign
		} else {
			g.comp += sign
		}
	}
	if m.Kind == ledger.Level {
		n.levels(q, m, add)
	} else {
		n.flows(q, m, add)
	}
	return n.finish(q, m, groups)
}

func (n *naive) who(m ledger.Measure, f naiveFact) int64 {
	return map[string]int64{"enterprise": f.Enterprise, "institution": f.Institution, "person": f.Person, "subject": f.Subject}[m.Who]
}

func (n *naive) flows(q ledger.Query, m ledger.Measure, add func(naiveFact, ledger.Date, int64, int64)) {
	for _, f := range n.facts {
		if f.Stream != m.Of || f.On < q.From || f.On > q.To || !n.wanted(q, m, f) {
			continue
		}
		if m.Kind == ledger.Distinct {
			if f.Reverses == 0 && n.gone[f.ID] != f.On && n.who(m, f) != 0 {
				add(f, "", 0, 1)
			}
			continue
		}
		sign := int64(1)
		if f.Reverses != 0 {
			sign = -1
		}
		add(f, "", map[ledger.Sum]int64{ledger.Facts: sign, ledger.Quantity: f.Quantity, ledger.Amount: f.Amount}[m.Sum], sign)
	}
}

func (n *naive) levels(q ledger.Query, m ledger.Measure, add func(naiveFact, ledger.Date, int64, int64)) {
	for _, end := range naiveEnds(q) {
		newest := map[int64]naiveFact{}
		for _, f := range n.facts {
			gone, isGone := n.gone[f.ID]
			if f.Stream != m.Of || f.On > end || f.Reverses != 0 || isGone && gone <= end || !source(q, f) {
				continue
			}
			s := n.root(f.Subject)
			old, ok := newest[s]
			if !ok || f.On > old.On || f.On == old.On && f.ID > old.ID {
				newest[s] = f
			}
		}
		for _, f := range newest {
			value := map[ledger.Sum]int64{ledger.Facts: 0, ledger.Quantity: f.Quantity, ledger.Amount: f.Amount}[m.Sum]
			if m.Sum == ledger.Facts && f.Quantity > 0 {
				value = 1
			}
			if value != 0 && n.wanted(q, m, f) {
				add(f, end, value, 1)
			}
		}
	}
}

func naiveEnds(q ledger.Query) []ledger.Date {
	if !slices.Contains(q.By, "month") && !slices.Contains(q.By, "year") {
		return []ledger.Date{q.To}
	}
	var ends []ledger.Date
	from, _ := time.Parse(time.DateOnly, string(q.From))
	for day := from; ledger.Date(day.Format(time.DateOnly)) <= q.To; day = day.AddDate(0, 0, 1) {
		next := day.AddDate(0, 0, 1)
		on := ledger.Date(day.Format(time.DateOnly))
		monthEnds := next.Day() == 1 && slices.Contains(q.By, "month")
		yearEnds := next.YearDay() == 1
		if on == q.To || monthEnds || yearEnds {
			ends = append(ends, on)
		}
	}
	return ends
}

func (n *naive) finish(q ledger.Query, m ledger.Measure, groups map[string]*naiveGroup) []string {
	cells := []ledger.Cell{}
	for _, g := range groups {
		c := ledger.Cell{Keys: g.keys, Value: g.value, Facts: g.n}
		switch {
		case g.comp != 0 && g.repor != 0:
			c.Origin = ledger.Mixed
		case g.comp != 0:
			c.Origin = ledger.Computed
		case g.repor != 0:
			c.Origin = ledger.Reported
		}
		if m.Kind == ledger.Distinct {
			c.Value, c.Facts = int64(len(g.who)), 0
		}
		if len(q.By) > 0 && c.Value == 0 && c.Facts == 0 {
			continue
		}
		if m.Kind == ledger.Mean {
			c.Value = naiveMean(q, g)
		}
		cells = append(cells, c)
	}
	if len(q.By) == 0 && len(cells) == 0 {
		cells = append(cells, ledger.Cell{Keys: []string{}})
	}
	slices.SortFunc(cells, func(a, b ledger.Cell) int { return slices.CompareFunc(a.Keys, b.Keys, cmp.Compare[string]) })
	return lines(cells)
}

// naiveMean divides by the calendar months touched under the group's keys.
func naiveMean(q ledger.Query, g *naiveGroup) int64 {
	touched := map[string]bool{}
	day, _ := time.Parse(time.DateOnly, string(q.From))
	for ; ledger.Date(day.Format(time.DateOnly)) <= q.To; day = day.AddDate(0, 0, 1) {
		within := true
		for i, by := range q.By {
			if by == "month" && day.Format("2006-01") != g.keys[i] || by == "year" && day.Format("2006") != g.keys[i] {
				within = false
			}
		}
		if within {
			touched[day.Format("2006-01")] = true
		}
	}
	months := int64(len(touched))
	for v := int64(-1 << 20); ; v++ { // the smallest v with sum/months < v + 1/2
		if 2*g.value < (2*v+1)*months {
			return v
		}
	}
}

func describe(q ledger.Query) string { return fmt.Sprintf("%+v", q) }
