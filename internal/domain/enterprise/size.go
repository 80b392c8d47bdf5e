package enterprise

import (
	"slices"
	"strings"
)

// Class is a size class (规模类型). The zero Class has not been asked for.
type Class string

const (
	Large      Class = "large"       // 大型
	Medium     Class = "medium"      // 中型
	Small      Class = "small"       // 小型
	Micro      Class = "micro"       // 微型, since 2011
	NotCovered Class = "not_covered" // 不在划型范围: the rule names no bounds for the industry
	Unknown    Class = "unknown"     // 尚不能划型: a figure, the industry or the rule is missing
)

// rank orders the four sizes, the smallest first; -1 for the others.
func (c Class) rank() int { return slices.Index([]Class{Micro, Small, Medium, Large}, c) }

// SME reports whether the class is that of a small or medium enterprise (中小微企业).
func (c Class) SME() bool { return c == Micro || c == Small || c == Medium }

// Industry is a code of GB/T 4754 with the edition it was given in: "2002" or
// "2017". A letter, a division (17), a group (171), a class (1711), each also
// with its letter before it (C17).
type Industry struct {
	Edition string
	Code    string
}

// Figures are what a year's size is judged by; nil is not known. Revenue and
// Assets are in fen.
type Figures struct {
	Employees *int64
	Revenue   *int64
	Assets    *int64
}

func (f Figures) of(m Metric) *int64 {
	switch m {
	case Employees:
		return f.Employees
	case Revenue:
		return f.Revenue
	default:
		return f.Assets
	}
}

// Sizing is a size class and the whole reason for it.
type Sizing struct {
	Class Class
	// AtMost bounds an Unknown class when only figures are missing: whatever
	// they are, the enterprise is no larger. "" when nothing can be said.
	AtMost Class
	Date   string
	Use    Use

	Set     string // id of the rule set, "" when none is in force
	Source  Words  // the law
	Row     string // id of the row, "" when the industry has none
	RowName Words
	Article Words

	Metrics []Measured
	Missing []Metric
	Reasons []Reason // why the class is NotCovered or Unknown
	Review  bool     // a bound or the industry's row awaits review of its source
	Note    Words    // what the review is about, if the rule says
}

// Reason is a text key with its arguments.
type Reason struct {
	Key  string
	Args []any
}

// Measured is one figure against its bounds, in persons or fen.
type Measured struct {
	Metric     Metric
	Definition Words // how the rule defines the figure
	Value      *int64
	Bounds     []Bound // ascending
	Tier       Class   // of this figure alone; "" when the value is missing
	Decides    bool    // the class is what it is because of this figure
	Over       int64   // how far above the floor of its tier; 0 in the lowest tier
	Short      int64   // how far below the next tier's floor; 0 in the highest
}

// Bound is where a tier begins: From and more.
type Bound struct {
	Class Class
	From  int64
}

// Classify answers the size class on a date for a use, and explains it. It
// never fails: what cannot be known is in the answer.
//
// A tier is reached only when every figure of the row reaches its bound;
// otherwise the enterprise falls to the tier of its lowest figure.
func (r Rules) Classify(use Use, date string, ind Industry, f Figures) Sizing {
	s := Sizing{Class: Unknown, Date: date, Use: use}
	set, ok := r.InForce(use, date)
	if !ok {
		s.because("enterprise.size.why_no_rule", "date", date)
		return s
	}
	s.Set, s.Source = set.ID, set.Source
	m, why := r.lookup(set, ind)
	if why != nil {
		s.Reasons = append(s.Reasons, *why)
		return s
	}
	s.Review, s.Note = doubtful(m.Grade), m.Note
	switch m.Row {
	case string(NotCovered):
		s.Class = NotCovered
		s.because("enterprise.size.why_not_covered", "code", ind.Code)
		return s
	case string(Unknown):
		s.because("enterprise.size.why_review", "code", ind.Code)
		return s
	}
	i := slices.IndexFunc(set.Rows, func(row Row) bool { return row.ID == m.Row })
	row := set.Rows[i]
	s.Row, s.RowName, s.Article = row.ID, row.Name, row.Article
	s.Review = s.Review || doubtful(row.Grade)
	for _, b := range row.Bounds {
		s.Metrics = append(s.Metrics, measure(set, row, b, f.of(b.Metric)))
	}
	s.decide()
	return s
}

func (s *Sizing) because(key string, args ...any) {
	s.Reasons = append(s.Reasons, Reason{key, args})
}

// decide takes the lowest tier. A missing figure leaves the class open unless
// the known ones are already in the lowest tier of all.
func (s *Sizing) decide() {
	lowest := Class("")
	for _, m := range s.Metrics {
		if m.Value == nil {
			s.Missing = append(s.Missing, m.Metric)
		} else if lowest == "" || m.Tier.rank() < lowest.rank() {
			lowest = m.Tier
		}
	}
	bottom := s.Metrics[0].bottom()
	if len(s.Missing) > 0 && lowest != bottom {
		s.AtMost = lowest
		s.because("enterprise.size.why_missing")
		return
	}
	s.Class = lowest
	for i := range s.Metrics {
		s.Metrics[i].Decides = s.Metrics[i].Value != nil && s.Metrics[i].Tier == lowest
	}
}

// bottom is the tier below every bound.
func (m Measured) bottom() Class {
	if m.Bounds[0].Class == Small {
		return Micro
	}
	return Small
}

func measure(set RuleSet, row Row, b Bounds, value *int64) Measured {
	m := Measured{Metric: b.Metric, Value: value, Definition: set.Definitions[b.Metric]}
	if own, ok := row.Definitions[b.Metric]; ok {
		m.Definition = own
	}
	unit := int64(1)
	if b.Metric != Employees {
		unit = fenPerWan
	}
	if b.Small > 0 {
		m.Bounds = append(m.Bounds, Bound{Small, b.Small * unit})
	}
	m.Bounds = append(m.Bounds, Bound{Medium, b.Medium * unit}, Bound{Large, b.Large * unit})
	if value == nil {
		return m
	}
	m.Tier = m.bottom()
	for _, bound := range m.Bounds {
		if *value < bound.From {
			m.Short = bound.From - *value
			break
		}
		m.Tier, m.Over = bound.Class, *value-bound.From
	}
	return m
}

// lookup finds the row of an industry in a set, or why there is none.
func (r Rules) lookup(set RuleSet, ind Industry) (IndustryOf, *Reason) {
	code := strings.ToUpper(strings.TrimSpace(ind.Code))
	if code == "" {
		return IndustryOf{}, &Reason{"enterprise.size.why_no_industry", nil}
	}
	letters, known := r.Editions[ind.Edition]
	if !known {
		return IndustryOf{}, &Reason{"enterprise.size.why_edition", []any{"edition", ind.Edition}}
	}
	wanted, ok := divisions(letters, code)
	if !ok {
		return IndustryOf{}, &Reason{"enterprise.size.why_no_such_industry", []any{"code", ind.Code}}
	}
	var found []IndustryOf
	gaps := false
	for _, c := range wanted {
		m := match(set.Industries[ind.Edition], c)
		found = append(found, m...)
		gaps = gaps || len(m) == 0
	}
	if len(found) == 0 {
		return IndustryOf{}, &Reason{"enterprise.size.why_unmapped", []any{"code", ind.Code, "edition", ind.Edition}}
	}
	if gaps || slices.ContainsFunc(found, func(m IndustryOf) bool { return m.Row != found[0].Row }) {
		return IndustryOf{}, &Reason{"enterprise.size.why_ambiguous", []any{"code", ind.Code}}
	}
	return found[0], nil
}

// divisions are the digit codes a typed code stands for: itself, or all
// divisions of a letter. ok is false when the edition has no such code.
func divisions(letters map[string]string, code string) (codes []string, ok bool) {
	letter, rest := code[:1], code[1:]
	if letter >= "0" && letter <= "9" {
		letter, rest = "", code
	}
	for l, list := range letters {
		if letter != "" && l != letter {
			continue
		}
		all, _ := expand(list)
		if letter != "" && rest == "" {
			return all, true
		}
		if len(rest) >= 2 && len(rest) <= 4 && digits(rest) && slices.Contains(all, rest[:2]) {
			return []string{rest}, true
		}
	}
	return nil, false
}

// match is the entry with the longest prefix of the code; failing that, all
// entries below the code.
func match(entries []IndustryOf, code string) []IndustryOf {
	var best IndustryOf
	var below []IndustryOf
	length := 0
	for _, m := range entries {
		prefixes, _ := expand(m.Codes)
		for _, p := range prefixes {
			switch {
			case strings.HasPrefix(code, p) && len(p) > length:
				best, length = m, len(p)
			case strings.HasPrefix(p, code):
				below = append(below, m)
			}
		}
	}
	if length > 0 {
		return []IndustryOf{best}
	}
	return below
}

// Canonical writes an industry code with its letter, C1711 for 1711, so that
// everything below a code begins with it. ok is false when the edition has no
// such code.
func (r Rules) Canonical(ind Industry) (out Industry, ok bool) {
	code := strings.ToUpper(strings.TrimSpace(ind.Code))
	if code == "" {
		return ind, false
	}
	for letter, list := range r.Editions[ind.Edition] {
		one := map[string]string{letter: list}
		if _, ok := divisions(one, code); ok {
			return Industry{ind.Edition, letter + strings.TrimPrefix(code, letter)}, true
		}
	}
	return ind, false
}
