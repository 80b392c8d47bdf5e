package criteria

import (
	"encoding/json"
	"strings"

	"qiban.dev/qiban/internal/text"
)

// Words is a text of the data, in both languages. In JSON it is ["中文",
// "English"], or one text for both.
type Words struct{ Zh, En string }

// In is the text in the reader's language; Chinese when there is no English.
func (w Words) In(lang text.Lang) string {
	if lang == text.En && w.En != "" {
		return w.En
	}
	return w.Zh
}

// UnmarshalJSON reads a pair or a single text.
func (w *Words) UnmarshalJSON(raw []byte) error {
	var one string
	if json.Unmarshal(raw, &one) == nil {
		*w = Words{one, one}
		return nil
	}
	var pair [2]string
	if err := json.Unmarshal(raw, &pair); err != nil {
		return err
	}
	*w = Words{pair[0], pair[1]}
	return nil
}

// MarshalJSON writes the pair.
func (w Words) MarshalJSON() ([]byte, error) { return json.Marshal([2]string{w.Zh, w.En}) }

// fill puts values into the {…} of a text.
func fill(s string, pairs ...string) string {
	for i := 0; i+1 < len(pairs); i += 2 {
		s = strings.ReplaceAll(s, "{"+pairs[i]+"}", pairs[i+1])
	}
	return s
}

// Source is where a rule comes from (依据), with how surely it is known: A full
// text read, B quoted by another, C one weak source, M from memory and to be
// confirmed by the operator, P the project's own default.
type Source struct {
	Law     string `json:"law,omitempty"`
	Number  string `json:"number,omitempty"`  // 文号
	Article string `json:"article,omitempty"` // 第几条
	Grade   string `json:"grade,omitempty"`
}

// Set is one version of a body of rules. It has a Rule, Tiers or a Scorecard, or
// several of them.
type Set struct {
	ID      string     `json:"id"`      // recognition.platform.jiangsu
	Version int        `json:"version"` // 1, 2 … shipped; from 1001 on by the operator
	Name    Words      `json:"name"`
	From    string     `json:"from,omitempty"` // ISO, the first day; empty: always
	To      string     `json:"to,omitempty"`   // ISO, the first day it no longer holds; empty: open
	Source  Source     `json:"source"`
	Rule    *Rule      `json:"rule,omitempty"`
	Tiers   *Tiers     `json:"tiers,omitempty"`
	Score   *Scorecard `json:"score,omitempty"`
}

// Op is how a condition compares.
type Op string

const (
	AtLeast Op = ">="      // 不低于
	More    Op = ">"       // 超过
	AtMost  Op = "<="      // 不超过
	Less    Op = "<"       // 低于
	Between Op = "between" // 在两数之间, both included
	In      Op = "in"      // the text, or one of a list of texts, is among those named
	Prefix  Op = "prefix"  // the text begins with one of those named (行业代码)
	Flag    Op = "flag"    // a yes/no that must be yes
	Judge   Op = "judge"   // a person decides; a yes/no of this name is that decision
)

// Kind is which numbers a value can be (数值类型).
type Kind string

const (
	Count  Kind = "count"  // 个数: whole, not below 0
	Amount Kind = "amount" // 数量: not below 0
	Share  Kind = "share"  // 占比: 0 to 100
	Growth Kind = "growth" // 增长: may be below 0
)

// Rule is one condition, or several combined. Exactly one of Op, All, Any and Of
// is given.
type Rule struct {
	ID     string  `json:"id,omitempty"`
	Name   Words   `json:"name,omitzero"`    // 资产总额
	Source *Source `json:"source,omitempty"` // when it differs from the set's

	Op    Op       `json:"op,omitempty"`
	Input string   `json:"input,omitempty"` // the value compared; default ID
	Need  *float64 `json:"need,omitempty"`  // the threshold
	Upper *float64 `json:"upper,omitempty"` // the upper end, for between
	Than  string   `json:"than,omitempty"`  // another input as the threshold
	Among []string `json:"among,omitempty"` // for in and prefix
	Unit  Words    `json:"unit,omitzero"`   // 人, 万元, %
	Kind  Kind     `json:"kind,omitempty"`  // which numbers the value can be, where the unit does not say
	Most  *float64 `json:"most,omitempty"`  // the most the value can be, where it is less than its kind allows
	Met   *Words   `json:"met,omitempty"`   // own sentences, with {name} {got} {need} {gap}
	Unmet *Words   `json:"unmet,omitempty"`
	Ask   *Words   `json:"ask,omitempty"` // for unknown and judge

	All []Rule `json:"all,omitempty"`
	Any []Rule `json:"any,omitempty"`
	Of  []Rule `json:"of,omitempty"`
	Min int    `json:"min,omitempty"` // how many of Of
}

func (r *Rule) input() string {
	if r.Input != "" {
		return r.Input
	}
	return r.ID
}

// parts are the rules that are combined, and how: all, any or of.
func (r *Rule) parts() (rules []Rule, how string) {
	switch {
	case r.All != nil:
		return r.All, "all"
	case r.Any != nil:
		return r.Any, "any"
	default:
		return r.Of, "of"
	}
}
