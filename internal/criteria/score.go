package criteria

import "math"

// Scorecard is a weighted score (评分表). The weights of its items add up to 100,
// bonus items apart; the total is 0 to 100 plus at most BonusCap.
type Scorecard struct {
	Items    []Item  `json:"items"`
	BonusCap float64 `json:"bonus_cap,omitempty"`
	Pass     float64 `json:"pass,omitempty"`   // the total that passes; 0: no mark to pass
	Source   *Source `json:"source,omitempty"` // when it differs from the set's
}

// Item is one line of a scorecard, or a group of lines. A line takes its points
// from Bands by its input, or from a person: then the input is the points.
type Item struct {
	ID       string   `json:"id"`
	Name     Words    `json:"name"`
	Guide    Words    `json:"guide,omitzero"`     // how to score it (评分说明)
	Weight   float64  `json:"weight,omitempty"`   // its share of 100; of a group: the sum of its lines
	Full     float64  `json:"full,omitempty"`     // the most points of a line, before weighing; default 100
	Bands    []Band   `json:"bands,omitempty"`    // the highest first
	Unit     Words    `json:"unit,omitzero"`      // of the input
	Kind     Kind     `json:"kind,omitempty"`     // which numbers the input can be, as in Rule
	Most     *float64 `json:"most,omitempty"`     // the most it can be, as in Rule
	Evidence bool     `json:"evidence,omitempty"` // counts only with evidence (佐证材料)
	Bonus    bool     `json:"bonus,omitempty"`    // 加分项: Weight is its most
	Floor    float64  `json:"floor,omitempty"`    // what the item must reach by itself, weighed
	Items    []Item   `json:"items,omitempty"`
}

// Band gives points from a value on. A value on a boundary takes the higher band.
type Band struct {
	From   *float64 `json:"from,omitempty"` // none: everything below
	Points float64  `json:"points"`
}

// Scored is a scorecard filled in.
type Scored struct {
	Total    float64 // to hundredths, bonus included
	Bonus    float64 // what bonus items gave, after the cap
	Verdict  Verdict // Met: passes; Unmet: cannot pass any more; Unknown: lines are still open
	Open     int     // lines without a value, or without evidence that is required
	Possible float64 // the total if every open line got full points
	Items    []ItemScore
}

// ItemScore is a line or group scored, with its reason.
type ItemScore struct {
	Item     *Item
	Got      Value
	Points   float64 // before weighing; 0 for groups
	Score    float64 // weighed
	Open     bool    // no value yet
	Unproved bool    // a value, but the evidence is missing: it counts 0
	Short    bool    // below the item's own floor
	Items    []ItemScore
}

// Evaluate scores the inputs. evidence names the items with evidence on file.
func (s *Scorecard) Evaluate(in Inputs, evidence map[string]bool) Scored {
	var out Scored
	possible, floors, could := 0.0, true, true
	bonus, bonusMost := 0.0, 0.0
	for i := range s.Items {
		is, open := s.Items[i].score(in, evidence)
		out.Items = append(out.Items, is)
		out.Open += open.lines
		if s.Items[i].Bonus {
			bonus, bonusMost = bonus+is.Score, bonusMost+is.Score+open.most
			continue
		}
		out.Total += is.Score
		possible += is.Score + open.most
		floors = floors && !open.short
		could = could && !open.lost
	}
	out.Bonus = hundredths(min(bonus, s.BonusCap))
	out.Total = hundredths(out.Total + out.Bonus)
	out.Possible = hundredths(possible + min(bonusMost, s.BonusCap))
	switch {
	case out.Possible < s.Pass || !could:
		out.Verdict = Unmet
	case out.Total >= s.Pass && floors:
		out.Verdict = Met
	default:
		out.Verdict = Unknown
	}
	return out
}

// rest is what is still open in an item.
type rest struct {
	lines int
	most  float64 // what the open lines could still give
	short bool    // some floor is not reached now
	lost  bool    // some floor cannot be reached any more
}

func (it *Item) score(in Inputs, evidence map[string]bool) (ItemScore, rest) {
	is := ItemScore{Item: it}
	var open rest
	if len(it.Items) > 0 {
		for i := range it.Items {
			part, more := it.Items[i].score(in, evidence)
			is.Items = append(is.Items, part)
			is.Score += part.Score
			open.lines += more.lines
			open.most += more.most
			open.short = open.short || more.short
			open.lost = open.lost || more.lost
		}
		is.Open = open.lines == countLines(it)
	} else {
		is.Got = in[it.ID]
		points, ok := it.points(is.Got)
		is.Open = !ok
		is.Unproved = ok && it.Evidence && !evidence[it.ID]
		switch {
		case is.Open || is.Unproved:
			open.lines, open.most = 1, it.Weight
		default:
			is.Points = points
			is.Score = it.Weight * points / it.full()
		}
		if is.Unproved { // with evidence it would give what it is worth, no more
			open.most = it.Weight * points / it.full()
		}
	}
	is.Score = hundredths(is.Score)
	is.Short = is.Score < it.Floor
	open.short = open.short || is.Short
	open.lost = open.lost || hundredths(is.Score+open.most) < it.Floor
	return is, open
}

// points are a line's points for a value, 0 to its full; false when the value is
// not known. A person's points outside that range are cut to it.
func (it *Item) points(v Value) (float64, bool) {
	if v.kind == 'y' && len(it.Bands) == 0 {
		if v.yes {
			return it.full(), true
		}
		return 0, true
	}
	n, ok := v.Number()
	if !ok {
		return 0, false
	}
	if len(it.Bands) == 0 {
		return max(0, min(n, it.full())), true
	}
	for _, b := range it.Bands {
		if b.From == nil || n >= *b.From {
			return b.Points, true
		}
	}
	return 0, true
}

func (it *Item) full() float64 {
	if it.Full == 0 {
		return 100
	}
	return it.Full
}

func countLines(it *Item) int {
	if len(it.Items) == 0 {
		return 1
	}
	n := 0
	for i := range it.Items {
		n += countLines(&it.Items[i])
	}
	return n
}

func hundredths(n float64) float64 { return math.Round(n*100) / 100 }
