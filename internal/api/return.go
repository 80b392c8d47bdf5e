package api

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/indicator"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/text"
)

// returnOperations are those of returns (统计报表), targets and sealing.
func (f figures) returnOperations() []operation {
	const look, write = "figure:read", "figure:write"
	return []operation{
		reads("listReturns", "/returns", words{"一年的上报情况", "The returns of a year"}, f.overview).needs(look).
			note("你能看到的每个单位一行，没有开始填的也在内。", "One row for each office you may see, also where nothing is begun."),
		creates("openReturn", "/returns", words{"开始填一张报表", "Begin a return"}, f.open, f.sheet).needs(write).
			note("这个单位这一年已经有报表时，给出已有的那张。", "When the office has one for the year already, that one is answered."),
		reads("findReturn", "/places/{code}/returns/{year}", words{"一个单位一年的报表", "The return of an office and year"}, f.find).needs(look),
		gets("getReturn", "/returns/{id}", words{"一张报表", "One return"}, f.sheet).needs(look),
		reads("listReturnEvents", "/returns/{id}/events", words{"报表的经过", "What happened to a return"}, f.events).needs(look),
		changes("fillReturn", "PUT /returns/{id}", words{"填报", "Fill in a return"}, f.fill, f.sheet).needs(write).matched().
			note("整张替换：没写的指标就是没填，不是 0。数值用口径里的单位：钱用元，不用分。",
				"Replaces the whole: an indicator left out is empty, which is not 0. Values are in the indicator's unit: money is in yuan here, not in fen."),
		changes("submitReturn", "POST /returns/{id}/submit", words{"上报", "Submit a return"}, f.step(indicator.Submit), f.sheet).needs(write).matched(),
		changes("acceptReturn", "POST /returns/{id}/accept", words{"审定", "Accept a return"}, f.step(indicator.Accept), f.sheet).needs(write).matched().
			note("填报的人不能自己审定。", "Whoever filled it in does not accept it."),
		changes("sendReturnBack", "POST /returns/{id}/return", words{"退回报表", "Send a return back"}, f.because(indicator.Return), f.sheet).needs(write).matched(),
		changes("reopenReturn", "POST /returns/{id}/reopen", words{"更正审定过的报表", "Reopen an accepted return"}, f.because(indicator.Reopen), f.sheet).needs(write).matched(),
		reads("listTargets", "/targets", words{"年度目标", "Targets of a place and year"}, f.targets).needs(look),
		changes("setTarget", "PUT /targets/{id}", words{"设定目标", "Set a target"}, f.setTarget, f.target).needs(write).
			note("id 是目标的指标编号。", "The id is that of the target's indicator."),
		reads("getSealedYear", "/sealed-years", words{"定案的数字", "The settled figures of a year"}, f.sealedYear).public(),
		changes("sealYear", "POST /sealed-years", words{"定案", "Settle a year"}, f.seal, f.sealed).needs(write).
			note("定案以后，这一年的报表和目标不能再改。再次定案另记一次。", "From then on the year's returns and targets cannot change. Settling again is a further issue."),
	}
}

// OfficeReturn is one office in the overview of a year.
type OfficeReturn struct {
	Region string  `json:"region" doc:"单位的地区代码|Code of the office's place"`
	Return *string `json:"return" doc:"报表编号，没有开始填时为 null|Id of the return; null when nothing is begun"`
	Status string  `json:"status" enum:"none,draft,submitted,returned,accepted" doc:"状态|State"`
	Filled int     `json:"filled" doc:"填了几项|Figures filled in"`
	Asked  int     `json:"asked" doc:"要填几项|Figures asked for"`
}

func (f figures) overview(ctx context.Context, c *Call, in *inYear) (page[OfficeReturn], error) {
	year, err := f.year(ctx, f.home, in.Year)
	if err != nil {
		return page[OfficeReturn]{}, err
	}
	if !c.By.Somewhere(indicator.View) {
		return page[OfficeReturn]{}, fault.Closed()
	}
	all, err := f.indicators.Overview(ctx, c.By, year)
	return pageOf(all, "", func(o indicator.OfficeReturn) OfficeReturn {
		out := OfficeReturn{Region: string(o.Region), Status: orElse(string(o.State()), "none"), Filled: o.Filled, Asked: o.Asked}
		if o.Sheet != nil {
			out.Return = &o.Sheet.ID
		}
		return out
	}), err
}

// Return is an office's return for a year.
type Return struct {
	ID        string             `json:"id" doc:"编号|Its id"`
	Region    string             `json:"region" doc:"单位的地区代码|Code of the office's place"`
	Year      int                `json:"year" doc:"年份|The year"`
	Status    string             `json:"status" enum:"draft,submitted,returned,accepted" doc:"状态|State"`
	Reason    string             `json:"reason" doc:"退回或更正的原因|Why it was sent back or reopened"`
	Values    map[string]float64 `json:"values" doc:"各指标的数，用口径里的单位；没填的不在内|Values by indicator, in its unit; what is empty is left out"`
	Asked     []string           `json:"asked" doc:"这张报表要填的指标|The indicators it asks for"`
	Books     []string           `json:"books" doc:"由记录算出、自己记账的单位也可以填的指标|Indicators that are computed, and that an office with books of its own may fill in all the same"`
	FilledBy  string             `json:"filled_by" doc:"填报人的编号|Id of the person who filled it in"`
	DecidedBy string             `json:"decided_by" doc:"审定或退回的人的编号，没有时为空|Id of the person who decided; empty until then"`
	UpdatedAt string             `json:"updated_at" format:"date-time" doc:"修改时间|When it was changed last"`
	Version   int                `json:"version" doc:"版本，即 ETag|Version, the same as the ETag"`
}

func (f figures) returnOf(ctx context.Context, c *Call, s *indicator.Sheet) (Return, error) {
	defs, err := f.indicators.Defined(ctx, s.Year)
	if err != nil {
		return Return{}, err
	}
	out := Return{
		ID: s.ID, Region: string(s.Region), Year: s.Year, Status: string(s.State), Reason: s.Reason, Values: s.Values, Asked: []string{}, Books: []string{},
		FilledBy: s.FilledBy, DecidedBy: s.DecidedBy, UpdatedAt: instant(s.ChangedAt()), Version: s.Version,
	}
	for _, d := range indicator.Reported(defs, s.Region) {
		if d.Asked() {
			out.Asked = append(out.Asked, d.ID)
		} else {
			out.Books = append(out.Books, d.ID)
		}
	}
	c.Versioned(s.Version)
	return out, nil
}

func (f figures) sheet(ctx context.Context, c *Call, id string) (Return, error) {
	s, err := f.indicators.Sheet(ctx, c.By, id)
	if err != nil {
		return Return{}, err
	}
	return f.returnOf(ctx, c, s)
}

// PlaceYear is a place and year that something is done about.
type PlaceYear struct {
	Region string `json:"region" maxLength:"20" doc:"地区代码|Code of the place"`
	Year   int    `json:"year" minimum:"1978" maximum:"2100" doc:"年份|The year"`
}

// mine is the office, when the key's person sees its figures.
func (f figures) mine(ctx context.Context, c *Call, code string) (region.Code, error) {
	if code == "" {
		return "", fault.Fields{{Name: "region", Key: "field.required"}}.Err()
	}
	place, err := f.office(ctx, code)
	if err == nil {
		err = within(c, indicator.View, place)
	}
	return place, err
}

type returnNew struct{ Body PlaceYear }

func (f figures) open(ctx context.Context, c *Call, in *returnNew) (string, error) {
	office, err := f.mine(ctx, c, in.Body.Region)
	if err != nil {
		return "", err
	}
	s, err := f.indicators.Open(ctx, c.By, office, in.Body.Year)
	if err != nil {
		return "", err
	}
	return s.ID, nil
}

type returnAsked struct {
	Code string `path:"code" doc:"单位的地区代码|Code of the office's place"`
	Year int    `path:"year" doc:"年份|The year"`
}

func (f figures) find(ctx context.Context, c *Call, in *returnAsked) (Return, error) {
	office, err := f.mine(ctx, c, in.Code)
	if err != nil {
		return Return{}, err
	}
	s, err := f.indicators.Find(ctx, c.By, office, in.Year)
	if err != nil {
		return Return{}, err
	}
	return f.returnOf(ctx, c, s)
}

// ReturnEvent is one step in the history of a return.
type ReturnEvent struct {
	At     string `json:"at" format:"date-time" doc:"时间|When"`
	By     string `json:"by" doc:"谁，人员编号|Who: id of the person"`
	Did    string `json:"did" doc:"做了什么：fill、submit、accept、return、reopen|What: fill, submit, accept, return or reopen"`
	Reason string `json:"reason" doc:"原因|Why"`
}

func (f figures) events(ctx context.Context, c *Call, in *byID) (page[ReturnEvent], error) {
	s, err := f.indicators.Sheet(ctx, c.By, in.ID)
	if err != nil {
		return page[ReturnEvent]{}, err
	}
	list, err := f.indicators.Events(ctx, c.By, s)
	return pageOf(list, "", func(e indicator.Event) ReturnEvent {
		return ReturnEvent{At: instant(e.At), By: e.By, Did: e.Do.Verb(), Reason: e.Reason}
	}), err
}

// mostValues is how many values a return may bring: more than there are indicators.
const mostValues = 500

type returnFill struct {
	byID
	Body struct {
		Values map[string]float64 `json:"values" doc:"各指标的数|Values by indicator"`
	}
}

func (f figures) fill(ctx context.Context, c *Call, in *returnFill) error {
	if len(in.Body.Values) > mostValues {
		return fault.Fields{{Name: "values", Key: "api.field.many", Args: []any{"max", mostValues}}}.Err()
	}
	err := f.indicators.FillIn(ctx, c.By, in.ID, c.Version, in.Body.Values)
	if broken, ok := errors.AsType[*fault.Error](err); ok && len(broken.Fields) > 0 {
		return f.inBody(ctx, c, in.ID, broken)
	}
	return err
}

// inBody says where each broken value stands, and names the whole that a part
// exceeds in the reader's language.
func (f figures) inBody(ctx context.Context, c *Call, id string, broken *fault.Error) error {
	s, err := f.indicators.Sheet(ctx, c.By, id)
	if err != nil {
		return err
	}
	defs, err := f.indicators.Defined(ctx, s.Year)
	if err != nil {
		return err
	}
	label := func(id string) string {
		at := func(want string) int {
			return slices.IndexFunc(defs, func(d indicator.Definition) bool { return d.ID == want })
		}
		if i := at(id); i >= 0 {
			if whole := at(defs[i].Of); whole >= 0 {
				return defs[whole].Label(c.Lang == text.En)
			}
		}
		return ""
	}
	fields := slices.Clone(broken.Fields)
	slices.SortFunc(fields, func(a, b fault.Field) int { return strings.Compare(a.Name, b.Name) })
	for i, b := range fields {
		if b.Key == "indicator.part_exceeds" {
			fields[i].Args = []any{"whole", label(b.Name)}
		}
		fields[i].Name = "/values/" + escaped(b.Name)
	}
	return fault.Fields(fields).Err()
}

func (f figures) step(do authz.Permission) func(context.Context, *Call, *byID) error {
	return func(ctx context.Context, c *Call, in *byID) error {
		return f.indicators.Advance(ctx, c.By, in.ID, c.Version, do, "")
	}
}

// longestReason is how many characters a reason may have.
const longestReason = 2000

// because is a step that says why.
func (f figures) because(do authz.Permission) func(context.Context, *Call, *reasoned) error {
	return func(ctx context.Context, c *Call, in *reasoned) error {
		if n := utf8.RuneCountInString(in.Body.Reason); n > longestReason {
			return fault.Fields{{Name: "reason", Key: "field.too_long", Args: []any{"max", longestReason, "n", n}}}.Err()
		}
		return f.indicators.Advance(ctx, c.By, in.ID, c.Version, do, strings.TrimSpace(in.Body.Reason))
	}
}

// Goal is a target that is set.
type Goal struct {
	Indicator string  `json:"indicator" doc:"目标的指标编号|Id of the target's indicator"`
	Region    string  `json:"region" doc:"地区代码|Code of the place"`
	Year      int     `json:"year" doc:"年份|The year"`
	Value     float64 `json:"value" doc:"目标数，用口径里的单位|The target, in the indicator's unit"`
	Document  string  `json:"document" doc:"依据的文件|The document that says so"`
}

func (f figures) targets(ctx context.Context, c *Call, in *ofYear) (page[Goal], error) {
	place, year, err := f.at(ctx, *in)
	if err == nil {
		err = within(c, indicator.View, place)
	}
	if err != nil {
		return page[Goal]{}, err
	}
	goals, err := f.indicators.Goals(ctx, place, year)
	p := page[Goal]{Items: []Goal{}}
	for _, id := range slices.Sorted(maps.Keys(goals)) {
		g := goals[id]
		p.Items = append(p.Items, Goal{Indicator: g.Indicator, Region: string(place), Year: year, Value: g.Value, Document: g.Document})
	}
	return p, err
}

// TargetBody is a target that is to be set.
type TargetBody struct {
	PlaceYear
	Value    float64 `json:"value" doc:"目标数，用口径里的单位|The target, in the indicator's unit"`
	Document string  `json:"document" maxLength:"200" doc:"依据的文件|The document that says so"`
}

type targetSet struct {
	byID
	Body TargetBody
}

func (f figures) setTarget(ctx context.Context, c *Call, in *targetSet) error {
	place, err := f.mine(ctx, c, in.Body.Region)
	if err != nil {
		return err
	}
	return f.indicators.SetTarget(ctx, c.By, place, in.Body.Year, in.ID, in.Body.Value, line(in.Body.Document))
}

// target answers the target as it is now.
func (f figures) target(ctx context.Context, c *Call, id string) (Goal, error) {
	var asked TargetBody
	if err := c.again(&asked); err != nil {
		return Goal{}, err
	}
	place := region.Code(asked.Region)
	if err := within(c, indicator.View, place); err != nil {
		return Goal{}, err
	}
	goals, err := f.indicators.Goals(ctx, place, asked.Year)
	if err != nil {
		return Goal{}, err
	}
	g, ok := goals[id]
	if !ok {
		return Goal{}, fault.Missing()
	}
	return Goal{Indicator: g.Indicator, Region: asked.Region, Year: asked.Year, Value: g.Value, Document: g.Document}, nil
}

// SealedYear is a year of a place as it was settled.
type SealedYear struct {
	Region  string    `json:"region" doc:"地区代码|Code of the place"`
	Year    int       `json:"year" doc:"年份|The year"`
	Sealed  bool      `json:"sealed" doc:"已经定案|It is settled"`
	Figures []Settled `json:"figures" doc:"定案的数字，没有定案时为空|The settled figures; empty while the year is open"`
}

func (f figures) sealedYear(ctx context.Context, _ *Call, in *ofYear) (SealedYear, error) {
	place, year, err := f.at(ctx, *in)
	if err != nil {
		return SealedYear{}, err
	}
	return f.settled(ctx, place, year)
}

func (f figures) settled(ctx context.Context, place region.Code, year int) (SealedYear, error) {
	all, err := f.indicators.SettledFigures(ctx, place, year)
	out := SealedYear{Region: string(place), Year: year, Sealed: len(all) > 0, Figures: []Settled{}}
	for _, id := range slices.Sorted(maps.Keys(all)) {
		out.Figures = append(out.Figures, settledOf(id, all[id]))
	}
	return out, err
}

func (f figures) seal(ctx context.Context, c *Call, in *returnNew) error {
	place, err := f.mine(ctx, c, in.Body.Region)
	if err != nil {
		return err
	}
	_, err = f.indicators.SealYear(ctx, c.By, place, in.Body.Year, "")
	return err
}

// sealed answers the year as it is settled now.
func (f figures) sealed(ctx context.Context, c *Call, _ string) (SealedYear, error) {
	var asked PlaceYear
	if err := c.again(&asked); err != nil {
		return SealedYear{}, err
	}
	return f.settled(ctx, region.Code(asked.Region), asked.Year)
}
