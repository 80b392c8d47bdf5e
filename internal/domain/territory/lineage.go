package territory

import (
	"slices"

	"qiban.dev/qiban/internal/region"
)

// AsOf are the codes that stood on the day for what the code stands for at any
// other time: the code itself when it was valid, what it came from on an earlier
// day, what it became on a later one. Usually one; several after a merger or a
// split; none for an unknown code, or before all that is on file.
func (t *Tree) AsOf(code region.Code, day string) []region.Code {
	found := t.follow(code, day, map[region.Code]bool{})
	slices.Sort(found)
	return slices.Compact(found)
}

func (t *Tree) follow(code region.Code, day string, seen map[region.Code]bool) []region.Code {
	if seen[code] || !t.Known(code) {
		return nil
	}
	seen[code] = true
	if _, ok := t.Place(code, day); ok {
		return []region.Code{code}
	}
	var found []region.Code
	if day < t.spans[code][0].From {
		for _, turn := range t.back[code] {
			if day < turn.On {
				found = append(found, t.follow(turn.From, day, seen)...)
			}
		}
		return found
	}
	for _, turn := range t.forward[code] {
		if turn.On <= day {
			found = append(found, t.follow(turn.To, day, seen)...)
		}
	}
	return found
}

// Heir is the one code that carries the records of the code on a later day: the
// code itself while it is valid, else its main successor (现行代码). It is the
// code itself when nothing is known of what came after.
func (t *Tree) Heir(code region.Code, day string) region.Code {
	for seen := map[region.Code]bool{}; !seen[code]; {
		seen[code] = true
		if _, ok := t.Place(code, day); ok {
			return code
		}
		i := slices.IndexFunc(t.forward[code], func(turn Turn) bool { return turn.Main && turn.On <= day })
		if i < 0 {
			return code
		}
		code = t.forward[code][i].To
	}
	return code
}

// History are the turns that led to the code and away from it, the oldest first.
func (t *Tree) History(code region.Code) []Turn {
	turns := append(slices.Clone(t.back[code]), t.forward[code]...)
	slices.SortStableFunc(turns, func(a, b Turn) int {
		switch {
		case a.On < b.On:
			return -1
		case a.On > b.On:
			return 1
		default:
			return 0
		}
	})
	return turns
}
