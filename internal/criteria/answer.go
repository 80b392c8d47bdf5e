package criteria

import (
	"math"
	"slices"
	"strings"

	"qiban.dev/qiban/internal/text"
)

// Verdict is the answer to a condition.
type Verdict string

const (
	Met     Verdict = "met"     // 符合
	Unmet   Verdict = "unmet"   // 不符合
	Unknown Verdict = "unknown" // 还缺材料
	ToJudge Verdict = "judge"   // 由人来定
)

// Key is the text key of the verdict.
func (v Verdict) Key() string { return "criteria.verdict." + string(v) }

// Answer is a condition answered, with everything needed to see why.
type Answer struct {
	Rule    *Rule
	Verdict Verdict
	Got     Value    // the value compared
	Need    Value    // the threshold, when it is one number
	Source  Source   // of the condition, or of its set
	Parts   []Answer // of a combination
}

// Evaluate answers the set's conditions; Met when it has none.
func (s *Set) Evaluate(in Inputs) Answer {
	if s.Rule == nil {
		return Answer{Rule: &Rule{Name: s.Name}, Verdict: Met, Source: s.Source}
	}
	return s.Rule.answer(in, s.Source)
}

func (r *Rule) answer(in Inputs, source Source) Answer {
	if r.Source != nil {
		source = *r.Source
	}
	a := Answer{Rule: r, Source: source}
	if r.Op == "" {
		parts, _ := r.parts()
		for i := range parts {
			a.Parts = append(a.Parts, parts[i].answer(in, source))
		}
		a.Verdict = r.combine(a.Parts)
		return a
	}
	a.Got = in[r.input()]
	if r.Need != nil {
		a.Need = Num(*r.Need)
	}
	if r.Than != "" {
		a.Need = in[r.Than]
	}
	a.Verdict = r.compare(a.Got, a.Need)
	return a
}

// combine counts verdicts: a part that is open keeps the whole open only as long
// as it could still decide it. What a person must judge comes after what is
// missing, since the missing can simply be asked for.
func (r *Rule) combine(parts []Answer) Verdict {
	n := map[Verdict]int{}
	for _, p := range parts {
		n[p.Verdict]++
	}
	need := len(parts)
	switch {
	case r.Any != nil:
		need = 1
	case r.Of != nil:
		need = r.Min
	}
	switch {
	case n[Met] >= need:
		return Met
	case n[Met]+n[Unknown]+n[ToJudge] < need:
		return Unmet
	case n[Met]+n[ToJudge] >= need:
		return ToJudge
	default:
		return Unknown
	}
}

func (r *Rule) compare(got, need Value) Verdict {
	switch r.Op {
	case Judge:
		if got.kind != 'y' {
			return ToJudge
		}
		return met(got.yes)
	case Flag:
		if got.kind != 'y' {
			return Unknown
		}
		return met(got.yes)
	case In, Prefix:
		if got.kind != 't' {
			return Unknown
		}
		return met(slices.ContainsFunc(got.texts, r.among))
	default: // the comparisons of numbers follow
	}
	if got.kind != 'n' || need.kind != 'n' {
		return Unknown
	}
	switch r.Op {
	case AtLeast:
		return met(got.num >= need.num)
	case More:
		return met(got.num > need.num)
	case AtMost:
		return met(got.num <= need.num)
	case Less:
		return met(got.num < need.num)
	default: // Between: Check has seen to it that Upper is there
		return met(got.num >= need.num && got.num <= *r.Upper)
	}
}

func (r *Rule) among(s string) bool {
	return slices.ContainsFunc(r.Among, func(a string) bool {
		return s == a || (r.Op == Prefix && strings.HasPrefix(s, a))
	})
}

func met(yes bool) Verdict {
	if yes {
		return Met
	}
	return Unmet
}

// Gap is how far a number is from its threshold, never negative; false when
// there is nothing to subtract.
func (a Answer) Gap() (float64, bool) {
	if a.Got.kind != 'n' || a.Need.kind != 'n' {
		return 0, false
	}
	gap := math.Abs(a.Got.num - a.Need.num)
	if a.Rule.Op == Between && a.Rule.Upper != nil && a.Got.num > *a.Rule.Upper {
		gap = a.Got.num - *a.Rule.Upper
	}
	return math.Round(gap*1e6) / 1e6, true
}

// Leaves are the answers of the single conditions, in order: the lines of a list
// of reasons.
func (a Answer) Leaves() []Answer {
	if len(a.Parts) == 0 {
		return []Answer{a}
	}
	var all []Answer
	for _, p := range a.Parts {
		all = append(all, p.Leaves()...)
	}
	return all
}

// Count is how many single conditions are met, of how many (相符 6 / 8 项).
func (a Answer) Count() (met, of int) {
	leaves := a.Leaves()
	for _, l := range leaves {
		if l.Verdict == Met {
			met++
		}
	}
	return met, len(leaves)
}

// Missing are the names of the inputs that were not known and could matter.
func (a Answer) Missing() []string {
	var names []string
	for _, l := range a.Leaves() {
		if l.Verdict != Unknown {
			continue
		}
		for _, name := range []string{l.Rule.input(), l.Rule.Than} {
			known := name == l.Rule.input() && l.Got.Known() || name == l.Rule.Than && l.Need.Known()
			if name != "" && !known && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// Line is the answer as one sentence: 从业人员 186 人，低于 300 人，差 114 人.
func (a Answer) Line(lang text.Lang) string {
	r := a.Rule
	gap := ""
	if g, ok := a.Gap(); ok {
		gap = withUnit(rounded(g), r.Unit, lang)
		if r.Unit.Zh == "%" {
			gap = lang.T("criteria.points", "n", rounded(g))
		}
	}
	pairs := []string{"name", r.Name.In(lang), "got", a.Got.show(r.Unit, lang), "need", a.need(lang), "gap", gap}
	if own := r.own(a.Verdict); own != nil {
		return fill(own.In(lang), pairs...)
	}
	args := make([]any, len(pairs))
	for i, p := range pairs {
		args[i] = p
	}
	return lang.T(r.lineKey(a), args...)
}

func (r *Rule) own(v Verdict) *Words {
	switch v {
	case Met:
		return r.Met
	case Unmet:
		return r.Unmet
	default:
		return r.Ask
	}
}

func (r *Rule) lineKey(a Answer) string {
	switch {
	case a.Verdict == Unknown && r.Op != "":
		return "criteria.line.unknown"
	case a.Verdict == ToJudge && r.Op != "":
		return "criteria.line.judge"
	}
	kind := map[Op]string{
		AtLeast: "least", More: "more", AtMost: "most", Less: "less", Between: "between",
		In: "in", Prefix: "in", Flag: "plain", Judge: "plain", "": "group",
	}[r.Op]
	return "criteria.line." + kind + "." + string(a.Verdict)
}

func (a Answer) need(lang text.Lang) string {
	switch {
	case a.Rule.Op == Between && a.Rule.Upper != nil:
		return withUnit(rounded(a.Need.num)+lang.T("criteria.to")+rounded(*a.Rule.Upper), a.Rule.Unit, lang)
	case len(a.Rule.Among) > 0:
		return strings.Join(a.Rule.Among, lang.T("criteria.list"))
	default:
		return a.Need.show(a.Rule.Unit, lang)
	}
}
