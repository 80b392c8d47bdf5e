package api

import (
	"context"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/indicator"
	"qiban.dev/qiban/internal/domain/territory"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/text"
)

// spots finds the place and year that figures are asked of, as the pages do.
type spots struct {
	indicators *indicator.Service
	tree       *territory.Service
	home       region.Code
}

// place is the place, home when none is named; NotFound where there never was one.
func (s spots) place(ctx context.Context, code string) (region.Code, error) {
	place := region.Code(orElse(code, string(s.home)))
	tree, err := s.tree.Tree(ctx)
	if err == nil && (!place.Valid() || !tree.Known(place)) {
		err = fault.Missing()
	}
	return place, err
}

// office is a place that keeps its own returns and chapter: no town does.
func (s spots) office(ctx context.Context, code string) (region.Code, error) {
	place, err := s.place(ctx, code)
	if err == nil && place.Level() == region.Town {
		err = fault.Missing()
	}
	return place, err
}

// year is the year, the newest with figures when none is named.
func (s spots) year(ctx context.Context, place region.Code, year int) (int, error) {
	if year != 0 {
		return year, nil
	}
	_, newest, err := s.indicators.Years(ctx, place)
	return newest, err
}

// inYear is the year alone.
type inYear struct {
	Year int `query:"year" minimum:"1978" maximum:"2100" doc:"年份，不填是有数的最近一年|The year; the newest with figures when left out"`
}

// ofYear is the place and year that is asked about.
type ofYear struct {
	inYear
	Region string `query:"region" maxLength:"20" doc:"地区代码，不填是本系统服务的地方|Code of the place; the installation's when left out"`
}

func (s spots) at(ctx context.Context, in ofYear) (region.Code, int, error) {
	place, err := s.place(ctx, in.Region)
	if err != nil {
		return "", 0, err
	}
	year, err := s.year(ctx, place, in.Year)
	return place, year, err
}

// within is NotFound where the key's person has no such right: the page does
// not say either that there is something.
func within(c *Call, do authz.Permission, place region.Code) error {
	if !c.By.May(do, authz.At(place)) {
		return fault.Missing()
	}
	return nil
}

// figures are the operations of figures, returns and targets (指标).
type figures struct{ spots }

func (f figures) operations() []operation {
	const look = "figure:read"
	return append([]operation{
		reads("listIndicators", "/indicators", words{"指标口径", "Definitions of the indicators"}, f.definitions).public(),
		reads("listFigureYears", "/figure-years", words{"有哪些年份", "Years that have figures"}, f.years).public(),
		reads("listFigures", "/figures", words{"一年的全部数字", "All figures of a place and year"}, f.list).public().
			note("没有数的指标也列出，value 是 null。数值用口径里的单位：钱用元，不用分。",
				"Indicators without data are listed too, value is null. Values are in the indicator's unit: money is in yuan here, not in fen."),
		reads("getFigure", "/figures/{id}", words{"一个数字", "One figure, by office and over the years"}, f.show).public(),
		reads("getFigureGroups", "/figures/{id}/groups", words{"按月、按主题分组", "A figure by month or theme"}, f.groups).needs(look).
			note("只有由记录算出的数字才有分组。", "Only figures that are computed from records have groups."),
		reads("getFigureRecords", "/figures/{id}/records", words{"数字背后的报表和记录", "The returns and records behind a figure"}, f.behind).needs(look).
			note("只给你能看到的那部分；complete 说明是不是全部。", "As far as you may see them; complete says whether that is all."),
		reads("getBoard", "/board", words{"看板", "The dashboard of a place and year"}, f.board).needs(look),
	}, f.returnOperations()...)
}

// Indicator is what an indicator counts.
type Indicator struct {
	ID       string  `json:"id" doc:"编号，如 P2、G5|Its id, such as P2 or G5"`
	Section  string  `json:"section" doc:"年鉴的哪一节|Section of the yearbook"`
	Name     string  `json:"name" doc:"名称|Name"`
	Note     string  `json:"note" doc:"口径说明|What it counts, where the name does not say"`
	Unit     string  `json:"unit" doc:"单位|Unit"`
	Nature   string  `json:"nature" doc:"时点数、流量、去重……|stock, flow, distinct and so on"`
	Target   bool    `json:"target" doc:"是目标|It is a target"`
	TargetOf *string `json:"target_of" doc:"是哪个指标的目标|The indicator it is a target for"`
	Of       *string `json:"of" doc:"是哪个指标的“其中”|The indicator it is a part of"`
	Computed bool    `json:"computed" doc:"由记录算出|Computed from records"`
	Books    bool    `json:"books" doc:"自己记账的单位可以改为上报|An office with books of its own may report it instead"`
	From     int     `json:"from" doc:"从哪一年起，一直如此时为 0|First year of this version; 0 for always"`
	Version  int     `json:"version" doc:"口径的版本|Version of the definition"`
}

func indicatorOf(lang text.Lang) func(indicator.Definition) Indicator {
	return func(d indicator.Definition) Indicator {
		english := lang == text.En
		return Indicator{
			ID: d.ID, Section: d.Section, Name: d.Label(english), Note: d.Explanation(english), Unit: d.Unit, Nature: string(d.Nature),
			Target: d.Target, TargetOf: known(d.TargetOf), Of: known(d.Of),
			Computed: d.Measure != "" || len(d.Ratio) > 0, Books: d.Books, From: d.From, Version: d.Version,
		}
	}
}

// known is a text that may be missing.
func known(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func (f figures) definitions(ctx context.Context, c *Call, in *inYear) (page[Indicator], error) {
	year, err := f.year(ctx, f.home, in.Year)
	if err != nil {
		return page[Indicator]{}, err
	}
	defs, err := f.indicators.Defined(ctx, year)
	return pageOf(defs, "", indicatorOf(c.Lang)), err
}

// FigureYears are the years that a place has figures for.
type FigureYears struct {
	Years  []int `json:"years" doc:"有审定的报表或目标的年份，以及今年，新的在前|Years with accepted returns or targets, and the present one; newest first"`
	Newest int   `json:"newest" doc:"不写年份时用哪一年|The year that is meant when none is named"`
}

type ofPlace struct {
	Region string `query:"region" maxLength:"20" doc:"地区代码，不填是本系统服务的地方|Code of the place; the installation's when left out"`
}

func (f figures) years(ctx context.Context, _ *Call, in *ofPlace) (FigureYears, error) {
	place, err := f.place(ctx, in.Region)
	if err != nil {
		return FigureYears{}, err
	}
	years, newest, err := f.indicators.Years(ctx, place)
	return FigureYears{Years: years, Newest: newest}, err
}

// Figure is a number of a place and year.
type Figure struct {
	ID       string   `json:"id" doc:"指标编号|Id of the indicator"`
	Name     string   `json:"name" doc:"指标名称|Name of the indicator"`
	Region   string   `json:"region" doc:"地区代码|Code of the place"`
	Year     int      `json:"year" doc:"年份|The year"`
	Value    *float64 `json:"value" doc:"公布的数，没有数时为 null|As published; null without data"`
	Exact    *float64 `json:"exact" doc:"确切的数|The exact number"`
	Unit     string   `json:"unit" doc:"单位|Unit"`
	Phrase   string   `json:"phrase" doc:"写进文字的样子：2980多户；没有数时为空|As it is written in prose; empty without data"`
	Target   bool     `json:"target" doc:"是目标|It is a target"`
	Origin   string   `json:"origin" doc:"来源：computed 系统计算，reported 上报，mixed 两者都有，set 设定；没有数时为空|Where it comes from: computed, reported, mixed or set; empty without data"`
	Previous *float64 `json:"previous" doc:"上年的确切数|The exact number of the year before"`
	Growth   *float64 `json:"growth" doc:"比上年增减，百分之几；比率为 null|Change on the year before in per cent; null of a rate"`
	Points   *float64 `json:"points" doc:"比率比上年高几个百分点，低则为负；其他为 null|Of a rate: percentage points above the year before, negative below; null of the others"`
	Rank     *Rank    `json:"rank,omitempty" doc:"位次，没有时不写|Place among peers; missing without one"`
	Of       *string  `json:"of" doc:"是哪个指标的“其中”|The indicator it is a part of"`
	TargetOf *string  `json:"target_of" doc:"是哪个指标的目标|The indicator it is a target for"`
	Records  int      `json:"records" doc:"背后有几条记录|How many records are behind it"`
}

// Rank is a place among peers.
type Rank struct {
	Place int `json:"place" doc:"第几位|The place"`
	Of    int `json:"of" doc:"共几个|Among how many"`
}

func figureOf(f ledger.Figure, d indicator.Definition, lang text.Lang) Figure {
	out := Figure{
		ID: f.ID, Name: d.Label(lang == text.En), Region: string(f.Region), Year: f.Year, Value: f.Value, Exact: f.Exact, Unit: f.Unit,
		Phrase: d.Phrase(f, lang), Target: f.Target, Origin: string(f.Origin), Previous: f.Previous, Growth: f.Growth, Points: f.Points,
		Of: known(f.Of), TargetOf: known(f.TargetOf), Records: f.Count,
	}
	if f.Rank != nil {
		rank := Rank(*f.Rank)
		out.Rank = &rank
	}
	return out
}

func (f figures) list(ctx context.Context, c *Call, in *ofYear) (page[Figure], error) {
	place, year, err := f.at(ctx, *in)
	if err != nil {
		return page[Figure]{}, err
	}
	all, err := f.indicators.Figures(ctx, place, year)
	if err != nil {
		return page[Figure]{}, err
	}
	defs, err := f.indicators.Defined(ctx, year)
	if err != nil {
		return page[Figure]{}, err
	}
	p := page[Figure]{Items: make([]Figure, len(all))}
	for i, one := range all {
		p.Items[i] = figureOf(one, defs[i], c.Lang)
	}
	return p, nil
}

// OneFigure is a figure with what everybody may know of it.
type OneFigure struct {
	Figure
	Indicator Indicator      `json:"indicator" doc:"口径|What it counts"`
	Parts     []FigurePart   `json:"parts" doc:"各单位的数|By office"`
	Overlap   bool           `json:"overlap" doc:"同一家可在几个单位计数，各部分之和大于总数|One subject counts in several offices, so the parts exceed the whole"`
	Duplicate bool           `json:"duplicate" doc:"由各单位自报的去重数相加，可能重复|Distinct counts of offices were added up: one subject may count twice"`
	History   []FigureOfYear `json:"history" doc:"历年，最近一年在最后|Over the years, the latest last"`
	Goal      *Goal          `json:"goal,omitempty" doc:"为它设定的目标，没有时不写|The target set for it; missing without one"`
	Settled   *Settled       `json:"settled,omitempty" doc:"定案的数，没有定案时不写|As it was settled; missing while the year is open"`
}

// FigurePart is one office's part.
type FigurePart struct {
	Region string   `json:"region" doc:"单位的地区代码|Code of the office's place"`
	Own    bool     `json:"own" doc:"是本级自己的|The place's own row"`
	Value  *float64 `json:"value" doc:"数|Its value"`
	Origin string   `json:"origin" doc:"来源，没有数时为空|Where it comes from; empty without data"`
}

func partOf(p ledger.Part) FigurePart {
	return FigurePart{Region: string(p.Region), Own: p.Own, Value: p.Value, Origin: string(p.Origin)}
}

// FigureOfYear is the figure in one year.
type FigureOfYear struct {
	Year   int      `json:"year" doc:"年份|The year"`
	Value  *float64 `json:"value" doc:"公布的数|As published"`
	Exact  *float64 `json:"exact" doc:"确切的数|The exact number"`
	Growth *float64 `json:"growth" doc:"比上年增减，百分之几；比率为 null|Change on the year before in per cent; null of a rate"`
	Points *float64 `json:"points" doc:"比率比上年高几个百分点|Of a rate: percentage points above the year before"`
}

// Settled is a figure as it was settled (定案).
type Settled struct {
	ID    string   `json:"id" doc:"指标编号|Id of the indicator"`
	Value *float64 `json:"value" doc:"定案的确切数|The exact number that was settled"`
	Issue int      `json:"issue" doc:"第几次定案|Which time it was settled"`
	At    string   `json:"at" format:"date-time" doc:"定案时间|When"`
}

func settledOf(id string, s indicator.Settled) Settled {
	return Settled{ID: id, Value: s.Value, Issue: s.Issue, At: instant(s.At)}
}

type figureAsked struct {
	byID
	ofYear
}

type figureShown struct {
	figureAsked
	History int `query:"history" minimum:"1" maximum:"20" default:"5" doc:"历年给几年|How many years of history"`
}

func (f figures) show(ctx context.Context, c *Call, in *figureShown) (OneFigure, error) {
	place, year, err := f.at(ctx, in.ofYear)
	if err != nil {
		return OneFigure{}, err
	}
	got, d, err := f.indicators.Figure(ctx, place, year, in.ID)
	if err != nil {
		return OneFigure{}, err
	}
	out := OneFigure{
		Figure: figureOf(got, d, c.Lang), Indicator: indicatorOf(c.Lang)(d), Parts: []FigurePart{},
		History: []FigureOfYear{}, Overlap: got.Overlap, Duplicate: got.Duplicate,
	}
	for _, p := range got.Parts {
		out.Parts = append(out.Parts, partOf(p))
	}
	if in.History == 0 {
		in.History = 5
	}
	history, err := f.indicators.History(ctx, place, year, in.ID, in.History)
	if err != nil {
		return OneFigure{}, err
	}
	for _, h := range history {
		out.History = append(out.History, FigureOfYear{Year: h.Year, Value: h.Value, Exact: h.Exact, Growth: h.Growth, Points: h.Points})
	}
	settled, err := f.indicators.SettledFigures(ctx, place, year)
	if err != nil {
		return OneFigure{}, err
	}
	if s, ok := settled[in.ID]; ok {
		one := settledOf(in.ID, s)
		out.Settled = &one
	}
	out.Goal, err = f.goalOf(ctx, place, year, d)
	return out, err
}

// goalOf is the target for an indicator, or the indicator itself when it is one.
func (f figures) goalOf(ctx context.Context, place region.Code, year int, d indicator.Definition) (*Goal, error) {
	goals, err := f.indicators.Goals(ctx, place, year)
	if err != nil || len(goals) == 0 {
		return nil, err
	}
	defs, err := f.indicators.Defined(ctx, year)
	for _, t := range defs {
		if g, ok := goals[t.ID]; ok && (t.ID == d.ID || t.TargetOf == d.ID) {
			return &Goal{Indicator: g.Indicator, Region: string(place), Year: year, Value: g.Value, Document: g.Document}, err
		}
	}
	return nil, err
}

// FigureGroup is one group of what was counted.
type FigureGroup struct {
	Keys    []string `json:"keys" doc:"分组的值，按 by 的次序；月份写成 2025-03|Values of the groups in the order of by; a month is 2025-03"`
	Value   float64  `json:"value" doc:"数|Its value"`
	Records int64    `json:"records" doc:"几条记录，去重数为 0|How many records; 0 for a distinct count"`
}

// mostGroups is how many groupings may be combined.
const mostGroups = 2

type figureGroups struct {
	figureAsked
	By []string `query:"by" doc:"按什么分组：month、theme……，最多两个，不填是 month|What to group by: month, theme and so on, at most two; month when left out"`
}

func (f figures) groups(ctx context.Context, c *Call, in *figureGroups) (page[FigureGroup], error) {
	place, year, err := f.at(ctx, in.ofYear)
	if err == nil {
		err = within(c, indicator.View, place)
	}
	if err == nil && len(in.By) > mostGroups {
		err = fault.Fields{{Name: "by", Key: "api.field.many", Args: []any{"max", mostGroups}}}.Err()
	}
	if err != nil {
		return page[FigureGroup]{}, err
	}
	if len(in.By) == 0 {
		in.By = []string{"month"}
	}
	list, err := f.indicators.Breakdown(ctx, place, year, in.ID, in.By...)
	return pageOf(list, "", func(s indicator.Slice) FigureGroup { return FigureGroup(s) }), err
}

// FigureRecords is what a figure is made of, as far as the reader may see it.
type FigureRecords struct {
	Figure   string         `json:"figure" doc:"指标编号；增长率给的是它所依据的指标|Id of the indicator; for a growth, the one it follows from"`
	Returns  []FiledValue   `json:"returns" doc:"上报它的报表|The returns it was reported in"`
	Items    []FigureRecord `json:"items" doc:"这一页的记录，新的在前|Records of this page, newest first"`
	Next     string         `json:"next,omitempty" doc:"下一页的 after，最后一页没有|The after of the next page; missing on the last"`
	Total    int64          `json:"total" doc:"共几条记录|All records"`
	Sum      *float64       `json:"sum" doc:"报表和记录合计；比率是其中除以全部；不是这样得来的数字为 null|What returns and records add up to; of a rate its part over its whole; null for other figures"`
	Ratio    *RatioBehind   `json:"ratio,omitempty" doc:"比率的其中与全部|The part and the whole of a rate"`
	Complete bool           `json:"complete" doc:"你能看到它的全部|You see all of it"`
	Agrees   bool           `json:"agrees" doc:"合计与数字一致|The sum is the figure"`
}

// RatioBehind is what a rate divides.
type RatioBehind struct {
	Part  int64  `json:"part" doc:"其中|The part"`
	Whole int64  `json:"whole" doc:"全部|The whole"`
	Unit  string `json:"unit" doc:"两者的单位|The unit of both"`
}

// FiledValue is one office's value in its return.
type FiledValue struct {
	Return string  `json:"return" doc:"报表编号|Id of the return"`
	Region string  `json:"region" doc:"单位的地区代码|Code of the office's place"`
	Status string  `json:"status" enum:"draft,submitted,returned,accepted" doc:"状态|State"`
	Value  float64 `json:"value" doc:"数|Its value"`
	Counts bool    `json:"counts" doc:"计入这个数字|It is in the figure"`
}

// FigureRecord is one record that was counted.
type FigureRecord struct {
	Kind   string  `json:"kind" doc:"哪一种记录|Kind of record"`
	ID     string  `json:"id" doc:"记录编号|Id of the record"`
	On     string  `json:"on" doc:"日期|The day"`
	Region string  `json:"region" doc:"地区代码|Code of the place"`
	Adds   float64 `json:"adds" doc:"给数字加了多少；比率：给全部加了多少，按 unit|What it adds to the figure; of a rate: to the whole, in its unit"`
	Part   *int64  `json:"part,omitempty" doc:"比率：给其中加了多少|Of a rate: what it adds to the part"`
}

type figureRecords struct {
	figureAsked
	After string `query:"after" maxLength:"2000" doc:"上一页的 next|The next of the page before"`
}

func (f figures) behind(ctx context.Context, c *Call, in *figureRecords) (FigureRecords, error) {
	place, year, err := f.at(ctx, in.ofYear)
	if err != nil {
		return FigureRecords{}, err
	}
	b, err := f.indicators.Behind(ctx, c.By, place, year, in.ID, in.After)
	if err != nil {
		return FigureRecords{}, err
	}
	out := FigureRecords{
		Figure: orElse(b.Follows, in.ID), Returns: []FiledValue{}, Items: []FigureRecord{}, Next: b.Next,
		Total: b.Records, Sum: b.Sum, Complete: b.Whole, Agrees: b.Agrees(),
	}
	d, err := f.definition(ctx, year, out.Figure)
	if err != nil {
		return FigureRecords{}, err
	}
	for _, r := range b.Returns {
		out.Returns = append(out.Returns, FiledValue{Return: r.ID, Region: string(r.Region), Status: string(r.State), Value: r.Value, Counts: r.Counts})
	}
	factor := d.Factor()
	if b.Of != nil {
		factor = 1
		out.Ratio = &RatioBehind{Part: b.Of[0], Whole: b.Of[1], Unit: c.Lang.T(b.Unit, "n", b.Of[1])}
	}
	for i, l := range b.Lines {
		item := FigureRecord{Kind: l.Record.Kind, ID: l.Record.ID, On: string(l.On), Region: string(l.Region), Adds: float64(l.Adds) / factor}
		if b.Of != nil {
			item.Part = &b.Part[i]
		}
		out.Items = append(out.Items, item)
	}
	c.follow(b.Next)
	return out, nil
}

// definition is one of those in force; NotFound for an unknown id.
func (f figures) definition(ctx context.Context, year int, id string) (indicator.Definition, error) {
	defs, err := f.indicators.Defined(ctx, year)
	for _, d := range defs {
		if d.ID == id {
			return d, err
		}
	}
	if err == nil {
		err = fault.Missing()
	}
	return indicator.Definition{}, err
}
