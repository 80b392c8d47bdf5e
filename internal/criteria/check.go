package criteria

import (
	"fmt"
	"math"
	"slices"

	"qiban.dev/qiban/internal/fault"
)

// Check finds what is wrong with a set before it is kept: every complaint is a
// field of one Invalid fault, named by the path to it in the set's JSON, with dots
// (rule.all.0.need, score.items.1.weight).
func (s *Set) Check() error {
	var f fault.Fields
	if s.ID == "" {
		f.Add("id", "field.required")
	}
	if s.Name.Zh == "" {
		f.Add("name", "field.required")
	}
	f.OptionalDay("from", s.From)
	f.OptionalDay("to", s.To)
	if !f.Has("from") && !f.Has("to") && s.To != "" && s.To <= s.From {
		f.Add("to", "criteria.check.span", "from", s.From)
	}
	s.Source.check("source", &f)
	if s.Rule == nil && s.Tiers == nil && s.Score == nil {
		f.Add("rule", "criteria.check.empty")
	}
	if s.Rule != nil {
		s.Rule.check("rule", &f)
	}
	if s.Tiers != nil {
		s.Tiers.check(&f)
	}
	if s.Score != nil {
		s.Score.check(&f)
	}
	return f.Err()
}

func (s *Source) check(at string, f *fault.Fields) {
	if s.Law == "" || !slices.Contains([]string{"A", "B", "C", "M", "P"}, s.Grade) {
		f.Add(at, "criteria.check.source")
	}
}

// finite reports that the numbers are numbers, none of them endless.
func finite(all ...float64) bool {
	return !slices.ContainsFunc(all, func(n float64) bool { return math.IsNaN(n) || math.IsInf(n, 0) })
}

// checkValue checks what is said of the numbers that a value can be.
func checkValue(kind Kind, most *float64, at string, f *fault.Fields) {
	if kind != "" && !slices.Contains([]Kind{Count, Amount, Share, Growth}, kind) {
		f.Add(at+".kind", "field.choice")
	}
	if most != nil && (!finite(*most) || *most <= 0) {
		f.Add(at+".most", "criteria.check.most")
	}
}

// brokenThreshold is the part of a comparison that is missing or makes no sense, ""
// when it is whole.
func (r *Rule) brokenThreshold() string {
	switch r.Op {
	case AtLeast, More, AtMost, Less:
		if (r.Need != nil) == (r.Than != "") {
			return "need"
		}
	case Between:
		if r.Need == nil || r.Upper == nil || *r.Need > *r.Upper {
			return "need"
		}
	case In, Prefix:
		if len(r.Among) == 0 {
			return "among"
		}
	case Flag, Judge:
	default:
		return "op"
	}
	if r.Need != nil && !finite(*r.Need) || r.Upper != nil && !finite(*r.Upper) {
		return "need"
	}
	return ""
}

func (r *Rule) check(at string, f *fault.Fields) {
	forms := 0
	for _, has := range []bool{r.Op != "", r.All != nil, r.Any != nil, r.Of != nil} {
		if has {
			forms++
		}
	}
	if forms != 1 {
		f.Add(at, "criteria.check.form")
		return
	}
	if r.Op == "" {
		parts, name := r.parts()
		if len(parts) == 0 || (r.Of != nil && (r.Min < 1 || r.Min > len(parts))) {
			f.Add(at+"."+name, "criteria.check.parts")
		}
		for i := range parts {
			parts[i].check(fmt.Sprintf("%s.%s.%d", at, name, i), f)
		}
		return
	}
	if r.Name.Zh == "" {
		f.Add(at+".name", "field.required")
	}
	if r.input() == "" {
		f.Add(at+".id", "field.required")
	}
	broken := r.brokenThreshold()
	if broken != "" {
		f.Add(at+"."+broken, "criteria.check.threshold")
	}
	if r.Source != nil {
		r.Source.check(at+".source", f)
	}
	checkValue(r.Kind, r.Most, at, f)
}

func (t *Tiers) check(f *fault.Fields) {
	if len(t.Order) < 2 || len(t.Metrics) == 0 {
		f.Add("tiers", "criteria.check.parts")
		return
	}
	for i, m := range t.Metrics {
		if m.Input == "" || m.Name.Zh == "" || len(m.Floors) != len(t.Order)-1 || !slices.IsSorted(m.Floors) || !finite(m.Floors...) {
			f.Add(fmt.Sprintf("tiers.%d", i+1), "criteria.check.floors")
		}
	}
}

func (s *Scorecard) check(f *fault.Fields) {
	sum, seen := 0.0, map[string]bool{}
	for i := range s.Items {
		s.Items[i].check(fmt.Sprintf("score.items.%d", i), seen, f)
		if !s.Items[i].Bonus {
			sum += s.Items[i].Weight
		}
	}
	if hundredths(sum) != 100 {
		f.Add("score.items", "criteria.check.weights", "sum", rounded(sum))
	}
	if !(s.Pass >= 0 && s.Pass <= 100) {
		f.Add("score.pass", "field.range", "min", 0, "max", 100)
	}
	if !(s.BonusCap >= 0 && s.BonusCap <= 100) {
		f.Add("score.bonus_cap", "field.range", "min", 0, "max", 100)
	}
	if s.Source != nil {
		s.Source.check("score.source", f)
	}
}

func (it *Item) check(at string, seen map[string]bool, f *fault.Fields) {
	if it.Name.Zh == "" {
		f.Add(at+".name", "field.required")
	}
	switch {
	case it.ID == "":
		f.Add(at+".id", "field.required")
	case seen[it.ID]:
		f.Add(at+".id", "criteria.check.named")
	}
	seen[it.ID] = true
	if !finite(it.Weight, it.Full) || it.Weight <= 0 || it.Full < 0 {
		f.Add(at+".weight", "criteria.check.weight")
	}
	if !(it.Floor >= 0 && it.Floor <= it.Weight) {
		f.Add(at+".floor", "criteria.check.floor", "weight", rounded(it.Weight))
	}
	checkValue(it.Kind, it.Most, at, f)
	for i, b := range it.Bands {
		last := i > 0 && (it.Bands[i-1].From == nil || (b.From != nil && *b.From >= *it.Bands[i-1].From))
		numbers := finite(b.Points) && (b.From == nil || finite(*b.From))
		if last || !numbers || b.Points < 0 || b.Points > it.full() {
			f.Add(at+".bands", "criteria.check.bands")
			break
		}
	}
	if len(it.Items) == 0 {
		return
	}
	sum := 0.0
	for i := range it.Items {
		it.Items[i].check(fmt.Sprintf("%s.items.%d", at, i), seen, f)
		sum += it.Items[i].Weight
	}
	if hundredths(sum) != hundredths(it.Weight) {
		f.Add(at+".items", "criteria.check.group", "sum", rounded(sum), "weight", rounded(it.Weight))
	}
}
