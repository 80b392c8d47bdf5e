package yearbook

import (
	"context"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/indicator"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/text"
)

// The verbs of this domain.
const (
	Edit   authz.Permission = "yearbook.draft.edit"     // see and prepare the draft 编写
	Freeze authz.Permission = "yearbook.edition.freeze" // freeze an edition 定稿
)

// Permissions are the verbs of this domain, for the catalogue of rights.
func Permissions() []authz.Permission { return []authz.Permission{Edit, Freeze} }

// Chapter is a year of one place (年鉴章节).
type Chapter struct {
	Region   region.Code
	Place    string // 盐城市; Yancheng City
	chinese  string // the place's name in Chinese, which says what kind of place it is
	Year     int
	AsOf     ledger.Date // the last day counted
	Edition  int         // 0 for a draft
	Lang     text.Lang
	Sections []Section
	Figures  []Entry // every defined figure, also those without data
}

// Section is one heading of the chapter with what could be said under it.
type Section struct {
	ID         string
	Title      string
	Paragraphs [][]Span
	Figures    int // of this section
	Missing    int // of these, without data
}

// Span is a run of prose: plain words, or one figure's phrase.
type Span struct {
	Text   string
	Figure string // the figure's id; empty for plain words
}

// Entry is a figure with its name, its phrase and its place in the chapter.
type Entry struct {
	ledger.Figure
	Name    string
	Section string
	Nature  indicator.Nature
	Phrase  string // empty without data
	Link    string // where the records behind it are shown
}

// Service is the use cases.
type Service struct {
	db         *db.DB
	gate       *gate.Gate
	indicators *indicator.Service
	name       Names
}

// Names gives a place's name on a date, in Chinese and as it is read in the
// language; NotFound when there was no such place.
type Names func(ctx context.Context, place region.Code, on ledger.Date, lang text.Lang) (chinese, name string, err error)

// New makes the service.
func New(d *db.DB, g *gate.Gate, indicators *indicator.Service, name Names) *Service {
	return &Service{db: d, gate: g, indicators: indicators, name: name}
}

// Draft writes the chapter from what is counted now.
func (s *Service) Draft(ctx context.Context, place region.Code, year int, lang text.Lang) (*Chapter, error) {
	if !place.Valid() {
		return nil, fault.Missing()
	}
	figures, err := s.indicators.Figures(ctx, place, year)
	if err != nil {
		return nil, err
	}
	defs, err := s.indicators.Definitions(ctx, s.db, year)
	if err != nil {
		return nil, err
	}
	c := &Chapter{Region: place, Year: year, Lang: lang}
	c.AsOf = min(ledger.Date(endOf(year)), ledger.DateOf(s.db.Now()))
	if c.chinese, c.Place, err = s.name(ctx, place, c.AsOf, lang); err != nil {
		return nil, err
	}
	for i, f := range figures {
		c.Figures = append(c.Figures, Entry{
			Figure: f, Name: defs[i].Label(lang == text.En), Section: defs[i].Section, Nature: defs[i].Nature,
			Phrase: phrase(f, defs[i], lang), Link: Link(f),
		})
	}
	c.Sections = write(c)
	return c, nil
}

// Figure is the chapter's figure with the id, nil when there is none.
func (c *Chapter) Figure(id string) *Entry {
	for i := range c.Figures {
		if c.Figures[i].ID == id {
			return &c.Figures[i]
		}
	}
	return nil
}
