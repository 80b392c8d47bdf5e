package territory

import (
	"cmp"
	"slices"
	"strings"

	"qiban.dev/qiban/internal/region"
)

// Tree is the whole tree with its history. It is immutable and safe for
// concurrent use; days are ISO text.
type Tree struct {
	spans    map[region.Code][]Place       // by day
	children map[region.Code][]region.Code // codes of all times, sorted
	forward  map[region.Code][]Turn
	back     map[region.Code][]Turn
	keys     []keyTown
}

type keyTown struct {
	Town      region.Code `db:"town"`
	From      string      `db:"valid_from"`
	To        string      `db:"valid_to"`
	Synthetic bool        `db:"synthetic"`
}

func newTree(places []Place, turns []Turn, keys []keyTown) *Tree {
	t := &Tree{
		spans: map[region.Code][]Place{}, children: map[region.Code][]region.Code{},
		forward: map[region.Code][]Turn{}, back: map[region.Code][]Turn{}, keys: keys,
	}
	for _, p := range places {
		if len(t.spans[p.Code]) == 0 {
			t.children[p.Parent] = append(t.children[p.Parent], p.Code)
		}
		t.spans[p.Code] = append(t.spans[p.Code], p)
	}
	for _, spans := range t.spans {
		slices.SortFunc(spans, func(a, b Place) int { return strings.Compare(a.From, b.From) })
	}
	for _, codes := range t.children {
		slices.Sort(codes)
	}
	for _, turn := range turns {
		if turn.From != turn.To {
			t.forward[turn.From] = append(t.forward[turn.From], turn)
			t.back[turn.To] = append(t.back[turn.To], turn)
		}
	}
	return t
}

// Place is the place of the code on the day; false when there was none.
func (t *Tree) Place(code region.Code, day string) (Place, bool) {
	for _, p := range t.spans[code] {
		if p.On(day) {
			return p, true
		}
	}
	return Place{}, false
}

// Known reports whether the code ever named a place.
func (t *Tree) Known(code region.Code) bool { return len(t.spans[code]) > 0 }

// Last is the place of the code when it was last valid; false for a code that
// never named one.
func (t *Tree) Last(code region.Code) (Place, bool) {
	spans := t.spans[code]
	if len(spans) == 0 {
		return Place{}, false
	}
	return spans[len(spans)-1], true
}

// Name is what the code was called on the day; outside its days the nearest
// name it had, and for an unknown code the code itself.
func (t *Tree) Name(code region.Code, day string) string {
	spans := t.spans[code]
	if len(spans) == 0 {
		return string(code)
	}
	name := spans[0].Name
	for _, p := range spans {
		if p.From <= day {
			name = p.Name
		}
	}
	return name
}

// Children are the places directly below the code on the day, by code. The
// empty code stands above the provinces.
func (t *Tree) Children(code region.Code, day string) []Place {
	var places []Place
	for _, c := range t.children[code] {
		if p, ok := t.Place(c, day); ok {
			places = append(places, p)
		}
	}
	return places
}

// Under are all places of the level below the code (or the code itself) on the
// day, by code.
func (t *Tree) Under(code region.Code, level region.Level, day string) []Place {
	if code.Level() == level {
		if p, ok := t.Place(code, day); ok {
			return []Place{p}
		}
		return nil
	}
	var places []Place
	for _, child := range t.Children(code, day) {
		places = append(places, t.Under(child.Code, level, day)...)
	}
	return places
}

// Path is the place on the day with all above it, the province first; empty
// when there was no such place.
func (t *Tree) Path(code region.Code, day string) []Place {
	var path []Place
	for _, c := range code.Path() {
		p, ok := t.Place(c, day)
		if !ok {
			return nil
		}
		path = append(path, p)
	}
	return path
}

// PathName is the path as people read it: 江苏省 / 盐城市 / 射阳县. Codes outside
// their days show the nearest names.
func (t *Tree) PathName(code region.Code, day string) string {
	var names []string
	for _, c := range code.Path() {
		names = append(names, t.Name(c, day))
	}
	return strings.Join(names, " / ")
}

// Node is a place with those below it, for pickers.
type Node struct {
	Place
	Children []Node
}

// Node is the subtree of the code on the day, down to the level; false when
// there was no such place.
func (t *Tree) Node(code region.Code, down region.Level, day string) (Node, bool) {
	p, ok := t.Place(code, day)
	if !ok {
		return Node{}, false
	}
	n := Node{Place: p}
	if p.Level < down {
		for _, child := range t.Children(code, day) {
			if c, ok := t.Node(child.Code, down, day); ok {
				n.Children = append(n.Children, c)
			}
		}
	}
	return n, true
}

// Search are the places below the code on the day whose name or code begins
// with the text, else contains it; the higher levels first, at most limit.
func (t *Tree) Search(within region.Code, query, day string, limit int) []Place {
	query = strings.ToLower(strings.TrimSpace(query))
	if query == "" {
		return nil
	}
	rank := func(p Place) int {
		at := strings.Index(strings.ToLower(p.Name+" "+p.NameEn), query)
		switch {
		case at == 0 || strings.HasPrefix(string(p.Code), query):
			return 0
		case at > 0:
			return 1
		default:
			return -1
		}
	}
	var found []Place
	for code := range t.spans {
		if p, ok := t.Place(code, day); ok && within.Contains(code) && rank(p) >= 0 {
			found = append(found, p)
		}
	}
	slices.SortFunc(found, func(a, b Place) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.Level, b.Level), strings.Compare(string(a.Code), string(b.Code)))
	})
	return found[:min(limit, len(found))]
}

// KeyTowns are the key towns (重点镇) below the code on the day, by code.
func (t *Tree) KeyTowns(within region.Code, day string) []Place {
	var places []Place
	for _, k := range t.keys {
		if !k.on(day) || !within.Contains(k.Town) {
			continue
		}
		if p, ok := t.Place(k.Town, day); ok {
			places = append(places, p)
		}
	}
	slices.SortFunc(places, func(a, b Place) int { return strings.Compare(string(a.Code), string(b.Code)) })
	return places
}

// HasKeyTowns reports whether there was a list of key towns on the day.
func (t *Tree) HasKeyTowns(day string) bool {
	return slices.ContainsFunc(t.keys, func(k keyTown) bool { return k.on(day) })
}

// KeyTown reports whether the town is a key town on the day, and whether that
// is only so for demonstration.
func (t *Tree) KeyTown(town region.Code, day string) (key, synthetic bool) {
	for _, k := range t.keys {
		if k.Town == town && k.on(day) {
			return true, k.Synthetic
		}
	}
	return false, false
}

func (k keyTown) on(day string) bool { return k.From <= day && (k.To == "" || day < k.To) }

// KeyDays are the days, in order, on which the town, or what it came from, began
// or ceased to be a key town; today is the day by whose codes they are compared.
func (t *Tree) KeyDays(town region.Code, today string) []string {
	var days []string
	heir := t.Heir(town, today)
	for _, k := range t.keys {
		if k.Town != town && t.Heir(k.Town, today) != heir {
			continue
		}
		days = append(days, k.From)
		if k.To != "" {
			days = append(days, k.To)
		}
	}
	slices.Sort(days)
	return slices.Compact(days)
}

// NameIn is what the code was called on the day, in English where it has such a
// name and that is asked for.
func (t *Tree) NameIn(code region.Code, day string, english bool) string {
	if english {
		if place, ok := t.Place(code, day); ok && place.NameEn != "" {
			return place.NameEn
		}
	}
	return t.Name(code, day)
}

// FullIn is the county and the town of a code as people write them: 射阳县合德镇.
func (t *Tree) FullIn(code region.Code, day string, english bool) string {
	switch {
	case code.Level() < region.Town:
		return t.NameIn(code, day, english)
	case english:
		return t.Name(code, day) + ", " + t.NameIn(code.At(region.County), day, english)
	default:
		return t.NameIn(code.At(region.County), day, english) + t.Name(code, day)
	}
}
