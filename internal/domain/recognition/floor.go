package recognition

import (
	"qiban.dev/qiban/internal/criteria"
	"qiban.dev/qiban/internal/fault"
)

// Shortfall is a group or line of the rubric whose average does not reach its own
// minimum (单项最低分).
type Shortfall struct {
	Item  *criteria.Item
	Score int // the reviewers' average, weighed, in hundredths
}

// Short are the groups and lines that the scores handed in do not bring to their
// own minimum, on average; none while nobody has scored.
func Short(d *CallDetail, a *Application, all []Scoring) []Shortfall {
	if d.Criteria.Score == nil {
		return nil
	}
	var order []*criteria.Item
	sums := map[*criteria.Item]int{}
	var add func(items []criteria.ItemScore)
	add = func(items []criteria.ItemScore) {
		for _, is := range items {
			if _, seen := sums[is.Item]; !seen {
				order = append(order, is.Item)
			}
			sums[is.Item] += hundredths(is.Score)
			add(is.Items)
		}
	}
	n := 0
	for _, r := range all {
		if r.State == Done && r.Points != nil {
			n++
			add(mark(d.Criteria, a, r.Points).Items)
		}
	}
	var short []Shortfall
	for _, it := range order {
		if mean := (sums[it] + n/2) / n; mean < hundredths(it.Floor) {
			short = append(short, Shortfall{it, mean})
		}
	}
	return short
}

// bar is the Conflict that a shortfall is, the first of several by name; nil for none.
func bar(short []Shortfall) error {
	if len(short) == 0 {
		return nil
	}
	f := short[0]
	return fault.New(fault.Conflict, "recognition.conflict.floor",
		"name", f.Item.Name, "score", float64(f.Score)/100, "floor", f.Item.Floor)
}

// Floored are the groups and lines of a set's rubric that have a minimum of their own.
func Floored(s *criteria.Set) []*criteria.Item {
	var all []*criteria.Item
	var walk func(items []criteria.Item)
	walk = func(items []criteria.Item) {
		for i := range items {
			if items[i].Floor > 0 {
				all = append(all, &items[i])
			}
			walk(items[i].Items)
		}
	}
	if s.Score != nil {
		walk(s.Score.Items)
	}
	return all
}
