package yearbook

import (
	"fmt"
	"math"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"qiban.dev/qiban/internal/domain/indicator"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/text"
)

// clause is the smallest thing that can be said. Its words are the text key
// yearbook.<section>.<name>; the figures it names in braces must have data.
type clause struct {
	name string
	// positive drops the clause when the figure is 0 or less: nobody writes
	// that none of them were larger.
	positive string
	// sign chooses among the keys .up, .down and .same by a figure's sign.
	sign string
}

// outline is the chapter: its sections, their sentences, their clauses.
var outline = []struct {
	id        string
	sentences [][]clause
}{
	{"carriers", [][]clause{
		{{name: "parks"}, {name: "factory"}, {name: "entered"}},
		{{name: "plans", positive: "P4"}},
		{{name: "key_parks"}, {name: "key_factory"}, {name: "key_entered"}},
		{{name: "model", positive: "P8"}},
	}},
	{"finance", [][]clause{
		{{name: "policy"}, {name: "large", positive: "G2"}},
		{{name: "mutual"}, {name: "mutual_amount"}},
		{{name: "amount"}, {name: "growth", sign: "G6"}, {name: "helped", positive: "G7"}},
	}},
	{"training", [][]clause{
		{{name: "bases"}, {name: "coaches"}},
		{{name: "courses"}, {name: "enterprises"}, {name: "people"}},
		{{name: "applied"}, {name: "installed"}, {name: "place", positive: "T8"}},
	}},
	{"technology", [][]clause{
		{{name: "platforms"}, {name: "provincial", positive: "S2"}, {name: "national", positive: "S3"}},
		{{name: "comprehensive"}, {name: "professional"}, {name: "served"}},
		{{name: "products", positive: "S8"}},
	}},
	{"information", [][]clause{
		{{name: "open"}, {name: "items"}, {name: "views"}},
		{{name: "linked", positive: "I4"}},
	}},
	{"engagement", [][]clause{
		{{name: "needs"}, {name: "closed"}},
		{{name: "deliveries"}, {name: "enterprises", positive: "E4"}},
		{{name: "on_time"}, {name: "solved"}},
	}},
	{"measures", [][]clause{
		{{name: "centres"}, {name: "demonstration"}, {name: "more"}, {name: "target"}, {name: "tasks"}},
		{{name: "others"}, {name: "contact"}},
		{{name: "grade_a"}, {name: "multi_storey"}, {name: "facilities"}, {name: "entering"}},
		{{name: "capital"}, {name: "mutual"}, {name: "coverage"}},
		{{name: "bases"}, {name: "base_platforms"}},
		{{name: "themes"}, {name: "forms"}},
		{{name: "experts"}, {name: "groups"}, {name: "examined"}, {name: "models"}},
		{{name: "managers"}, {name: "online"}},
		{{name: "mechanisms"}},
	}},
}

func write(c *Chapter) []Section {
	var sections []Section
	for _, part := range outline {
		s := Section{ID: part.id, Title: c.Lang.T("yearbook.section." + part.id)}
		for _, e := range c.Figures {
			if e.Section == part.id {
				s.Figures++
				if e.Exact == nil {
					s.Missing++
				}
			}
		}
		var paragraph []Span
		for _, sentence := range part.sentences {
			paragraph = append(paragraph, c.sentence(part.id, sentence, len(paragraph) == 0)...)
		}
		if len(paragraph) > 0 {
			s.Paragraphs = append(s.Paragraphs, paragraph)
		}
		sections = append(sections, s)
	}
	return sections
}

// sentence joins the clauses that stand; nil when none does. The first of a
// section says the year and the place.
func (c *Chapter) sentence(section string, clauses []clause, first bool) []Span {
	var spans []Span
	for _, cl := range clauses {
		said := c.clause(section, cl)
		if said == nil {
			continue
		}
		if spans != nil {
			spans = append(spans, Span{Text: c.Lang.T("yearbook.join")})
		} else if first {
			begin := c.Lang.T("yearbook.begin", "year", c.Year, "where", text.Key(c.where()))
			if doubled(begin, said[0].Text) {
				begin += c.Lang.T("yearbook.of")
			}
			spans = append(spans, Span{Text: begin})
		}
		spans = append(spans, said...)
	}
	if spans == nil {
		return nil
	}
	if c.Lang == text.En {
		capitalise(&spans[0])
	}
	return append(spans, Span{Text: c.Lang.T("yearbook.end")})
}

// slot is a figure in the words of a clause: {G5}, or {G1#} for its number alone
// where the words themselves say what is counted.
var slot = regexp.MustCompile(`\{([A-Z]\d+)(#?)\}`)

// clause is one clause as spans, nil when a figure it names has no data.
func (c *Chapter) clause(section string, cl clause) []Span {
	key := "yearbook." + section + "." + cl.name
	if cl.sign != "" {
		f := c.Figure(cl.sign)
		if f == nil || f.Value == nil {
			return nil
		}
		key += direction(*f.Value)
	}
	if cl.positive != "" {
		if f := c.Figure(cl.positive); f == nil || f.Value == nil || *f.Value <= 0 {
			return nil
		}
	}
	words := c.Lang.T(key)
	var spans []Span
	for {
		at := slot.FindStringSubmatchIndex(words)
		if at == nil {
			break
		}
		f := c.Figure(words[at[2]:at[3]])
		if f == nil || f.Value == nil {
			return nil
		}
		lead := words[:at[0]]
		if c.Lang == text.Zh && f.Style.Qualifier == ledger.Reaching && *f.Value > 0 {
			lead += string(ledger.Reaching)
		}
		if lead != "" {
			spans = append(spans, Span{Text: lead})
		}
		said := f.unsigned(c.Lang)
		if at[4] < at[5] {
			said = f.bare(c.Lang)
		}
		spans = append(spans, Span{Text: said, Figure: f.ID})
		words = words[at[1]:]
	}
	if words != "" {
		spans = append(spans, Span{Text: words})
	}
	return spans
}

func direction(v float64) string {
	switch {
	case v > 0:
		return ".up"
	case v < 0:
		return ".down"
	default:
		return ".same"
	}
}

// unsigned is the phrase of a change without its sign: the words 增长 and 下降
// already say it.
func (e *Entry) unsigned(lang text.Lang) string {
	if e.Nature != indicator.Growth || e.Exact == nil || *e.Exact >= 0 {
		return e.Phrase
	}
	f := e.Figure
	value, exact := math.Abs(*f.Value), math.Abs(*f.Exact)
	f.Value, f.Exact = &value, &exact
	return f.Phrase(lang)
}

// bare is the phrase without its unit.
func (e *Entry) bare(lang text.Lang) string {
	f := e.Figure
	f.Unit = ""
	return f.Phrase(lang)
}

// phrase is the figure as the chapter writes it.
func phrase(f ledger.Figure, d indicator.Definition, lang text.Lang) string {
	if f.Value == nil {
		return ""
	}
	if d.Nature == indicator.Rank {
		return lang.T("yearbook.rank", "n", int(*f.Value))
	}
	return f.Phrase(lang)
}

// where is the text key of 全市, 全县 …
func (c *Chapter) where() string {
	switch {
	case c.Region.Level() == region.Province:
		return "yearbook.where.province"
	case c.Region.Level() == region.Town:
		return "yearbook.where.town"
	case c.Region.Level() == region.City, strings.HasSuffix(c.chinese, "市"):
		return "yearbook.where.city"
	case strings.HasSuffix(c.chinese, "县"):
		return "yearbook.where.county"
	default:
		return "yearbook.where.district"
	}
}

// doubled reports that a sentence would say a character twice where it goes on
// (全县县（市、区）网站).
func doubled(begin, next string) bool {
	last, _ := utf8.DecodeLastRuneInString(begin)
	first, _ := utf8.DecodeRuneInString(next)
	return last == first
}

func capitalise(s *Span) {
	r, n := utf8.DecodeRuneInString(s.Text)
	s.Text = string(unicode.ToUpper(r)) + s.Text[n:]
}

func endOf(year int) string { return fmt.Sprintf("%04d-12-31", year) }

// Link is where the records behind a figure are shown.
func Link(f ledger.Figure) string {
	return fmt.Sprintf("/figures/%s?region=%s&year=%d", f.ID, f.Region, f.Year)
}
