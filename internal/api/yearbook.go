package api

import (
	"context"
	"strconv"
	"strings"

	"qiban.dev/qiban/internal/domain/indicator"
	"qiban.dev/qiban/internal/domain/yearbook"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/text"
)

// chapters are the operations of the yearbook (年鉴).
type chapters struct {
	spots
	book *yearbook.Service
}

func (b chapters) operations() []operation {
	const write = "yearbook:write"
	return []operation{
		reads("readYearbook", "/yearbook", words{"读年鉴", "Read a chapter"}, b.read).public().
			note("给出最新的定稿；还没有定稿时给出初稿，edition 是 0。", "The newest edition; the draft, with edition 0, until one is frozen."),
		reads("getDraft", "/yearbook/draft", words{"年鉴初稿", "The draft, with what to check"}, b.draft).needs(write),
		reads("listEditions", "/yearbook/editions", words{"历次定稿", "Editions of a chapter"}, b.editions).public(),
		reads("getEdition", "/yearbook/editions/{id}", words{"一次定稿", "One edition"}, b.edition).public().
			note("定稿不会再变。", "An edition never changes."),
		creates("freezeYearbook", "/yearbook/editions", words{"定稿", "Freeze the draft as an edition"}, b.freeze, b.frozen).needs(write),
	}
}

// Chapter is a year of one place.
type Chapter struct {
	Region   string           `json:"region" doc:"地区代码|Code of the place"`
	Place    string           `json:"place" doc:"地区名称|Name of the place"`
	Year     int              `json:"year" doc:"年份|The year"`
	AsOf     string           `json:"as_of" format:"date" doc:"统计到哪一天|The last day counted"`
	Edition  int              `json:"edition" doc:"第几次定稿，初稿是 0|Which edition; 0 for a draft"`
	Language string           `json:"language" enum:"zh,en" doc:"语言|Language"`
	Title    string           `json:"title" doc:"标题|Title"`
	Sections []ChapterSection `json:"sections" doc:"各节|Sections"`
	Figures  []Figure         `json:"figures" doc:"全部数字，没有数的也在内|Every figure, also those without data"`
}

// ChapterSection is one heading with what stands under it.
type ChapterSection struct {
	ID         string          `json:"id" doc:"哪一节|Which section"`
	Title      string          `json:"title" doc:"标题|Title"`
	Paragraphs [][]ChapterSpan `json:"paragraphs" doc:"各段，每段由文字和数字组成|Paragraphs, each of words and figures"`
}

// ChapterSpan is a run of prose.
type ChapterSpan struct {
	Text   string  `json:"text" doc:"文字|The words"`
	Figure *string `json:"figure" doc:"是哪个指标的数，普通文字为 null|The indicator whose number it is; null for plain words"`
}

func chapterOf(c *yearbook.Chapter) Chapter {
	out := Chapter{
		Region: string(c.Region), Place: c.Place, Year: c.Year, AsOf: string(c.AsOf), Edition: c.Edition, Language: "zh",
		Title: c.Title(), Sections: []ChapterSection{}, Figures: []Figure{},
	}
	if c.Lang == text.En {
		out.Language = "en"
	}
	for _, s := range c.Sections {
		section := ChapterSection{ID: s.ID, Title: s.Title, Paragraphs: [][]ChapterSpan{}}
		for _, p := range s.Paragraphs {
			spans := make([]ChapterSpan, len(p))
			for i, span := range p {
				spans[i] = ChapterSpan{Text: span.Text, Figure: known(span.Figure)}
			}
			section.Paragraphs = append(section.Paragraphs, spans)
		}
		out.Sections = append(out.Sections, section)
	}
	for _, e := range c.Figures {
		f := figureOf(e.Figure, indicator.Definition{}, c.Lang)
		f.Name, f.Phrase = e.Name, e.Phrase // as they were frozen
		out.Figures = append(out.Figures, f)
	}
	return out
}

// inWords is the language a chapter is asked for in.
type inWords struct {
	Lang string `query:"lang" enum:"zh,en" doc:"语言，不填看 Accept-Language|Language; by Accept-Language when left out"`
}

func (in inWords) of(c *Call) text.Lang {
	if in.Lang == "" {
		return c.Lang
	}
	return text.Parse(in.Lang)
}

type chapterAsked struct {
	ofYear
	inWords
}

// of is the place and year of a chapter: no town has one.
func (b chapters) of(ctx context.Context, in ofYear) (region.Code, int, error) {
	place, err := b.office(ctx, in.Region)
	if err != nil {
		return "", 0, err
	}
	year, err := b.year(ctx, place, in.Year)
	return place, year, err
}

type chapterRead struct {
	chapterAsked
	Edition int `query:"edition" minimum:"1" maximum:"100000" doc:"第几次定稿，不填是最新的|Which edition; the newest when left out"`
}

func (b chapters) read(ctx context.Context, c *Call, in *chapterRead) (Chapter, error) {
	place, year, err := b.of(ctx, in.ofYear)
	if err != nil {
		return Chapter{}, err
	}
	got, err := b.book.Published(ctx, place, year, in.Edition, in.of(c))
	if err != nil {
		return Chapter{}, err
	}
	return chapterOf(got), nil
}

// DraftChapter is the chapter as it would be frozen now.
type DraftChapter struct {
	Chapter
	Findings []Finding `json:"findings" doc:"定稿前要核对的|What to look at before it is frozen"`
}

// Finding is something about a figure that a person should look at.
type Finding struct {
	Figure string   `json:"figure" doc:"指标编号|Id of the indicator"`
	Rule   string   `json:"rule" enum:"part_exceeds,far_growth,not_reported,may_double,nearly_exact,no_actual" doc:"什么问题：其中大于总数、增减过大、有单位没报、可能重复、“近”后面是确切数、有目标没有实绩|What about it"`
	Other  *string  `json:"other" doc:"与哪个指标比|The indicator it is compared with"`
	Places []string `json:"places" doc:"没有上报的单位|Offices that did not report"`
	Change *float64 `json:"change" doc:"增减过大时，百分之几|Of a far growth, in per cent"`
}

func findingOf(f indicator.Finding) Finding {
	out := Finding{Figure: f.Figure, Rule: string(f.Rule), Other: known(f.Other), Places: []string{}}
	for _, p := range f.Places {
		out.Places = append(out.Places, string(p))
	}
	if f.Rule == indicator.FarGrowth {
		out.Change = &f.Change
	}
	return out
}

// prepared is the place when the key's person prepares its chapter.
func (b chapters) prepared(c *Call, place region.Code) error {
	if !c.By.Somewhere(yearbook.Edit) {
		return fault.Closed()
	}
	return within(c, yearbook.Edit, place)
}

func (b chapters) draft(ctx context.Context, c *Call, in *chapterAsked) (DraftChapter, error) {
	place, year, err := b.of(ctx, in.ofYear)
	if err == nil {
		err = b.prepared(c, place)
	}
	if err != nil {
		return DraftChapter{}, err
	}
	got, err := b.book.Draft(ctx, place, year, in.of(c))
	if err != nil {
		return DraftChapter{}, err
	}
	out := DraftChapter{Chapter: chapterOf(got), Findings: []Finding{}}
	found, err := b.book.Findings(ctx, got)
	for _, f := range found {
		out.Findings = append(out.Findings, findingOf(f))
	}
	return out, err
}

// Edition names a frozen chapter.
type Edition struct {
	ID       string `json:"id" doc:"编号|Its id"`
	Region   string `json:"region" doc:"地区代码|Code of the place"`
	Year     int    `json:"year" doc:"年份|The year"`
	Edition  int    `json:"edition" doc:"第几次定稿|Which edition"`
	FrozenBy string `json:"frozen_by" doc:"谁定稿，人员编号|Id of the person who froze it"`
	FrozenAt string `json:"frozen_at" format:"date-time" doc:"定稿时间|When it was frozen"`
}

func (b chapters) editions(ctx context.Context, _ *Call, in *ofYear) (page[Edition], error) {
	place, year, err := b.of(ctx, *in)
	if err != nil {
		return page[Edition]{}, err
	}
	list, err := b.book.Editions(ctx, place, year)
	return pageOf(list, "", func(f yearbook.Frozen) Edition {
		return Edition{
			ID: yearbook.EditionID(place, year, f.Edition), Region: string(place), Year: year, Edition: f.Edition,
			FrozenBy: f.FrozenBy, FrozenAt: instant(f.At()),
		}
	}), err
}

type editionAsked struct {
	byID
	inWords
}

func (b chapters) edition(ctx context.Context, c *Call, in *editionAsked) (Chapter, error) {
	return b.one(ctx, in.ID, in.of(c))
}

// frozen is the edition that was made, in the asker's language.
func (b chapters) frozen(ctx context.Context, c *Call, id string) (Chapter, error) {
	return b.one(ctx, id, c.Lang)
}

// one is an edition by the id that yearbook.EditionID gives; NotFound for what is none.
func (b chapters) one(ctx context.Context, id string, lang text.Lang) (Chapter, error) {
	parts := strings.Split(id, "-")
	if len(parts) != 3 {
		return Chapter{}, fault.Missing()
	}
	year, err := strconv.Atoi(parts[1])
	edition, err2 := strconv.Atoi(parts[2])
	if err != nil || err2 != nil || edition < 1 {
		return Chapter{}, fault.Missing()
	}
	got, err := b.book.Edition(ctx, region.Code(parts[0]), year, edition, lang)
	if err != nil {
		return Chapter{}, err
	}
	return chapterOf(got), nil
}

type chapterFreeze struct{ Body PlaceYear }

func (b chapters) freeze(ctx context.Context, c *Call, in *chapterFreeze) (string, error) {
	if in.Body.Region == "" {
		return "", fault.Fields{{Name: "region", Key: "field.required"}}.Err()
	}
	place, err := b.office(ctx, in.Body.Region)
	if err == nil {
		err = b.prepared(c, place)
	}
	if err != nil {
		return "", err
	}
	edition, err := b.book.Freeze(ctx, c.By, place, in.Body.Year, "")
	return yearbook.EditionID(place, in.Body.Year, edition), err
}
