package yearbook

import (
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"strings"
	"time"

	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/text"
)

// Format is a way to write a chapter to a file.
type Format string

const (
	Markdown Format = "md"
	HTML     Format = "html"
	JSON     Format = "json"
)

// Write writes the chapter in the format.
func (c *Chapter) Write(w io.Writer, f Format) error {
	switch f {
	case JSON:
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		return enc.Encode(c.export())
	case HTML:
		return page.Execute(w, c)
	case Markdown:
		return c.markdown(w)
	}
	return fmt.Errorf("unknown format %q: md, html or json", f)
}

type exported struct {
	Region   string            `json:"region"`
	Place    string            `json:"place"`
	Year     int               `json:"year"`
	AsOf     ledger.Date       `json:"as_of"`
	Edition  *int              `json:"edition"`
	Sections []exportedSection `json:"sections"`
	Figures  []exportedFigure  `json:"figures"`
}

type exportedSection struct {
	ID         string   `json:"id"`
	Title      string   `json:"title"`
	Paragraphs []string `json:"paragraphs"`
}

type exportedFigure struct {
	ID        string           `json:"id"`
	Name      string           `json:"name"`
	Section   string           `json:"section"`
	Value     *float64         `json:"value"`
	Exact     *float64         `json:"exact"`
	Unit      string           `json:"unit"`
	Qualifier ledger.Qualifier `json:"qualifier"`
	Phrase    *string          `json:"phrase"`
	Kind      string           `json:"kind"`
	Origin    *ledger.Origin   `json:"origin"`
	Previous  *float64         `json:"previous"`
	Growth    *float64         `json:"growth"`
	Points    *float64         `json:"points"`
	Rank      *exportedRank    `json:"rank"`
	Of        *string          `json:"of"`
	TargetOf  *string          `json:"target_of"`
	Records   exportedRecords  `json:"records"`
}

type exportedRank struct {
	Place int `json:"place"`
	Of    int `json:"of"`
}

type exportedRecords struct {
	Count int    `json:"count"`
	Link  string `json:"link"`
}

func (c *Chapter) export() exported {
	out := exported{
		Region: string(c.Region), Place: c.Place, Year: c.Year, AsOf: c.AsOf,
		Sections: []exportedSection{}, Figures: []exportedFigure{},
	}
	if c.Edition > 0 {
		out.Edition = &c.Edition
	}
	for _, s := range c.Sections {
		es := exportedSection{ID: s.ID, Title: s.Title, Paragraphs: []string{}}
		for _, p := range s.Paragraphs {
			es.Paragraphs = append(es.Paragraphs, plain(p))
		}
		out.Sections = append(out.Sections, es)
	}
	for _, e := range c.Figures {
		f := exportedFigure{
			ID: e.ID, Name: e.Name, Section: e.Section, Value: e.Value, Exact: e.Exact, Unit: e.Unit,
			Qualifier: e.Style.Qualifier, Phrase: orNull(e.Phrase), Kind: "actual", Origin: orNull(e.Origin),
			Previous: e.Previous, Growth: e.Growth, Points: e.Points, Of: orNull(e.Of), TargetOf: orNull(e.TargetOf),
			Records: exportedRecords{Count: e.Count, Link: e.Link},
		}
		if e.Target {
			f.Kind = "target"
		}
		if e.Rank != nil {
			f.Rank = &exportedRank{Place: e.Rank.Place, Of: e.Rank.Of}
		}
		out.Figures = append(out.Figures, f)
	}
	return out
}

func orNull[T ~string](s T) *T {
	if s == "" {
		return nil
	}
	return &s
}

func plain(p []Span) string {
	var b strings.Builder
	for _, s := range p {
		b.WriteString(s.Text)
	}
	return b.String()
}

func (c *Chapter) markdown(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n%s\n", c.Title(), c.Standing())
	for _, s := range c.Sections {
		if len(s.Paragraphs) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n## %s\n", s.Title)
		for _, p := range s.Paragraphs {
			fmt.Fprintf(&b, "\n%s\n", plain(p))
		}
	}
	if c.Empty() {
		fmt.Fprintf(&b, "\n%s\n", c.Lang.T("yearbook.empty"))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// Empty reports that nothing could be said.
func (c *Chapter) Empty() bool {
	for _, s := range c.Sections {
		if len(s.Paragraphs) > 0 {
			return false
		}
	}
	return true
}

// Title is the chapter's heading.
func (c *Chapter) Title() string {
	return c.Lang.T("yearbook.title", "place", c.Place, "year", c.Year)
}

// Standing says whether this is a draft or an edition, and up to which day.
func (c *Chapter) Standing() string {
	if c.Edition == 0 {
		return c.Lang.T("yearbook.standing.draft", "date", c.day())
	}
	return c.Lang.T("yearbook.standing.edition", "date", c.day(), "n", c.Edition)
}

// day is the last day counted, as people write it.
func (c *Chapter) day() string {
	t, err := time.Parse(time.DateOnly, string(c.AsOf))
	switch {
	case err != nil:
		return string(c.AsOf)
	case c.Lang == text.En:
		return t.Format("2 January 2006")
	default:
		return t.Format("2006年1月2日")
	}
}

// Words is a text of the catalogue in the chapter's language, for the page below.
func (c *Chapter) Words(key string) string { return c.Lang.T(key) }

// page is the chapter as one file that prints on its own.
var page = template.Must(template.New("chapter").Parse(`<!doctype html>
<html lang="{{.Lang}}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{.Title}}</title>
<style>
body{max-width:42rem;margin:2rem auto;padding:0 1rem;color:#10262D;font:18px/2 "Songti SC",SimSun,"Noto Serif CJK SC",serif;text-align:justify}
h1{text-align:center;font-size:1.75rem;line-height:1.4}h2{font-size:1.25rem;margin:2rem 0 .5rem}
.standing{text-align:center;color:#5A6C71;font-size:.9rem}.fig{white-space:nowrap;border-bottom:2px solid #0B5568}.fig--reported{border-bottom-style:dashed}
@media print{body{max-width:none;margin:0;font-size:11pt;line-height:1.9}.fig{border:0}}
@page{size:A4;margin:22mm 20mm 20mm}
</style></head><body>
<h1>{{.Title}}</h1><p class="standing">{{.Standing}}</p>
{{range .Sections}}{{if .Paragraphs}}<h2>{{.Title}}</h2>
{{range .Paragraphs}}<p>{{range .}}{{if .Figure}}<span class="fig{{if $.IsReported .Figure}} fig--reported{{end}}" data-figure="{{.Figure}}">{{.Text}}</span>{{else}}{{.Text}}{{end}}{{end}}</p>
{{end}}{{end}}{{end}}{{if .Empty}}<p>{{.Words "yearbook.empty"}}</p>{{end}}
</body></html>
`))

// IsReported reports whether a figure comes from returns.
func (c *Chapter) IsReported(id string) bool {
	f := c.Figure(id)
	return f != nil && (f.Origin == ledger.Reported || f.Origin == ledger.Mixed)
}
