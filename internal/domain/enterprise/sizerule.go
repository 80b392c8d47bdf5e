package enterprise

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/text"
)

// Words are data for people, in Chinese and in English: names and sources of
// rules, which an operator may change and which therefore stand in no catalogue.
type Words [2]string

// In is the words in the reader's language.
func (w Words) In(l text.Lang) string {
	if l == text.En {
		return w[1]
	}
	return w[0]
}

// Use says what a size class is wanted for; the rules differ in their dates.
type Use string

const (
	ForPolicy     Use = "policy"     // 政策享受、合同: the ministries' rule
	ForStatistics Use = "statistics" // 统计: the statistics bureau's
)

// Metric is a figure a size rule compares.
type Metric string

const (
	Employees Metric = "employees" // 从业人员, persons
	Revenue   Metric = "revenue"   // 营业收入 or 销售额, fen in Go and 万元 in rule data
	Assets    Metric = "assets"    // 资产总额, likewise
)

// fenPerWan converts 万元 of the rule texts to fen.
const fenPerWan = 1_000_000

// RuleSet is one size rule (划型标准) with the span of dates it is in force. It
// is data: an operator may replace a set of the program or add one.
type RuleSet struct {
	ID   string `json:"id"`
	Like string `json:"like,omitempty"` // take rows and industries of this set
	Uses []Use  `json:"uses"`
	// From is the first day in force, Until the first day no longer, "" for open.
	From  string `json:"from"`
	Until string `json:"until,omitempty"`
	// Grades tell how well the source was read: A primary text, B quoted,
	// C one weak source, M from memory. C and M need a person's review.
	FromGrade   string                  `json:"from_grade,omitempty"`
	Source      Words                   `json:"source"`
	Definitions map[Metric]Words        `json:"definitions,omitempty"`
	Rows        []Row                   `json:"rows,omitempty"`
	Industries  map[string][]IndustryOf `json:"industries,omitempty"` // by edition of GB/T 4754
}

// Row is one line of a size rule: the bounds of an industry (行业).
type Row struct {
	ID          string           `json:"row"`
	Name        Words            `json:"name"`
	Article     Words            `json:"article"`
	Grade       string           `json:"grade"`
	Definitions map[Metric]Words `json:"definitions,omitempty"`
	Bounds      []Bounds         `json:"bounds"`
}

// Bounds are the lower bounds of one metric, in persons or 万元. A rule without
// a micro tier (2003) leaves Small out.
type Bounds struct {
	Metric Metric `json:"metric"`
	Large  int64  `json:"large"`
	Medium int64  `json:"medium"`
	Small  int64  `json:"small,omitempty"`
}

// IndustryOf sends industry codes to a row. Codes are prefixes and ranges,
// "54-58,591"; Row may also be "not_covered" or "unknown".
type IndustryOf struct {
	Codes string `json:"codes"`
	Row   string `json:"row"`
	Grade string `json:"grade"`
	Note  Words  `json:"note,omitzero"`
}

// Rules are all size rules known, and the letters of the industry editions.
type Rules struct {
	Editions map[string]map[string]string `json:"editions"`
	Sets     []RuleSet                    `json:"sets"`
}

//go:embed sizerules.json
var standardRules []byte

// StandardRules are the rules the program comes with: 2003, 2011 and 2017.
func StandardRules() (Rules, error) {
	var r Rules
	if err := json.Unmarshal(standardRules, &r); err != nil {
		return r, fmt.Errorf("sizerules.json: %w", err)
	}
	for _, set := range r.Sets {
		if err := r.Check(set); err != nil {
			return r, fmt.Errorf("sizerules.json: %s: %w", set.ID, err)
		}
	}
	return r, nil
}

// With is r with one set replaced by id, or added.
func (r Rules) With(set RuleSet) Rules {
	out := Rules{Editions: r.Editions, Sets: slices.Clone(r.Sets)}
	for i := range out.Sets {
		if out.Sets[i].ID == set.ID {
			out.Sets[i] = set
			return out
		}
	}
	out.Sets = append(out.Sets, set)
	return out
}

// Set is the set by id with its rows filled in, and whether there is one.
func (r Rules) Set(id string) (RuleSet, bool) {
	i := slices.IndexFunc(r.Sets, func(s RuleSet) bool { return s.ID == id })
	if i < 0 {
		return RuleSet{}, false
	}
	return r.filled(r.Sets[i]), true
}

// filled takes over rows and industries from the set that s is like.
func (r Rules) filled(s RuleSet) RuleSet {
	for _, o := range r.Sets {
		if s.Like != "" && o.ID == s.Like {
			s.Rows, s.Industries = o.Rows, o.Industries
		}
	}
	return s
}

// InForce is the set that holds on a date for a use: of several, the latest to
// begin. ok is false before the first rule.
func (r Rules) InForce(use Use, date string) (set RuleSet, ok bool) {
	for _, s := range r.Sets {
		if !slices.Contains(s.Uses, use) || date < s.From || s.Until != "" && date >= s.Until {
			continue
		}
		if !ok || s.From > set.From {
			set, ok = s, true
		}
	}
	return r.filled(set), ok
}

// Doubt is a part of a rule whose source needs a person's review.
type Doubt struct {
	Set   string
	Part  string // "from", "row <id>" or "industry <edition> <codes>"
	Grade string
}

// Doubts lists every part of the rules graded C or M.
func (r Rules) Doubts() []Doubt {
	var out []Doubt
	add := func(set, part, grade string) {
		if doubtful(grade) {
			out = append(out, Doubt{set, part, grade})
		}
	}
	for _, s := range r.Sets {
		add(s.ID, "from", s.FromGrade)
		for _, row := range s.Rows {
			add(s.ID, "row "+row.ID, row.Grade)
		}
		for _, edition := range sortedKeys(s.Industries) {
			for _, m := range s.Industries[edition] {
				add(s.ID, "industry "+edition+" "+m.Codes, m.Grade)
			}
		}
	}
	return out
}

func doubtful(grade string) bool { return grade == "C" || grade == "M" }

// Check tells everything that is wrong with a set before it replaces another:
// an Invalid fault, or nil.
func (r Rules) Check(s RuleSet) error {
	var bad fault.Fields
	if s.ID == "" {
		bad.Add("id", "field.required")
	}
	if !isDate(s.From) {
		bad.Add("from", "field.date", "value", s.From)
	}
	if s.Until != "" && (!isDate(s.Until) || s.Until <= s.From) {
		bad.Add("until", "field.date", "value", s.Until)
	}
	if len(s.Uses) == 0 {
		bad.Add("uses", "field.required")
	}
	for _, u := range s.Uses {
		if u != ForPolicy && u != ForStatistics {
			bad.Add("uses", "field.choice")
		}
	}
	if s.Source[0] == "" {
		bad.Add("source", "field.required")
	}
	if s.Like != "" {
		if like, ok := r.Set(s.Like); !ok || like.Like != "" || s.Like == s.ID {
			bad.Add("like", "field.choice")
		}
	} else {
		checkRows(s, &bad)
		r.checkIndustries(s, &bad)
	}
	return bad.Err()
}

func checkRows(s RuleSet, bad *fault.Fields) {
	if len(s.Rows) == 0 {
		bad.Add("rows", "field.required")
	}
	for _, row := range s.Rows {
		if row.ID == "" || row.Name[0] == "" || len(row.Bounds) == 0 {
			bad.Add("rows", "enterprise.size.bad_row", "row", row.ID)
		}
		for _, b := range row.Bounds {
			known := b.Metric == Employees || b.Metric == Revenue || b.Metric == Assets
			if !known || b.Small < 0 || b.Medium <= b.Small || b.Large <= b.Medium {
				bad.Add("rows", "enterprise.size.bad_bounds", "row", row.ID)
			}
		}
	}
}

func (r Rules) checkIndustries(s RuleSet, bad *fault.Fields) {
	for _, edition := range sortedKeys(s.Industries) {
		seen := map[string]bool{}
		for _, m := range s.Industries[edition] {
			special := m.Row == string(NotCovered) || m.Row == string(Unknown)
			if !special && !slices.ContainsFunc(s.Rows, func(row Row) bool { return row.ID == m.Row }) {
				bad.Add("industries", "enterprise.size.bad_row", "row", m.Row)
			}
			codes, ok := expand(m.Codes)
			if _, known := r.Editions[edition]; !known || !ok {
				bad.Add("industries", "enterprise.size.bad_codes", "codes", m.Codes)
			}
			for _, c := range codes {
				if seen[c] {
					bad.Add("industries", "enterprise.size.code_twice", "code", c)
				}
				seen[c] = true
			}
		}
	}
}

// expand writes out "54-58,591" as single prefixes; ok is false when it cannot.
func expand(list string) (codes []string, ok bool) {
	for part := range strings.SplitSeq(list, ",") {
		from, to, isRange := strings.Cut(part, "-")
		if !isRange {
			to = from
		}
		if len(from) < 2 || len(from) > 4 || len(from) != len(to) || !digits(from) || !digits(to) || from > to {
			return nil, false
		}
		if !isRange {
			codes = append(codes, from)
			continue
		}
		a, errA := strconv.Atoi(from)
		b, errB := strconv.Atoi(to)
		if errA != nil || errB != nil {
			return nil, false
		}
		for n := a; n <= b; n++ {
			code := strconv.Itoa(n)
			codes = append(codes, strings.Repeat("0", len(from)-len(code))+code)
		}
	}
	return codes, true
}

func digits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

func isDate(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
