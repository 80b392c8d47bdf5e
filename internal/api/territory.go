package api

import (
	"context"
	"slices"

	"qiban.dev/qiban/internal/domain/territory"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/region"
)

// places are the operations of the tree (区划).
type places struct {
	tree *territory.Service
	home region.Code
}

func (s places) operations() []operation {
	const write = "place:write"
	return []operation{
		reads("findPlaces", "/places", words{"查地方", "Find places by name or code"}, s.find).public(),
		reads("getPlace", "/places/{code}", words{"一个地方", "One place"}, s.place).public(),
		reads("listPlacesBelow", "/places/{code}/places", words{"下级地方", "The places below"}, s.below).public(),
		reads("listPlaceHistory", "/places/{code}/history", words{"沿革", "Its history"}, s.history).public(),
		reads("listKeyTowns", "/places/{code}/key-towns", words{"重点镇", "Key towns"}, s.keyTowns).public(),
		changes("setKeyTown", "PUT /places/{code}/key-town", words{"确定重点镇", "Make a town a key town"}, s.setKeyTown, s.showPlace).needs(write),
		changes("previewReorganisation", "POST /places/changes/preview", words{"预览区划调整", "See what a change of the tree would do"}, s.preview, s.previewed).needs(write).
			note("什么也不改。", "Nothing is changed."),
		changes("reorganisePlaces", "POST /places/changes", words{"区划调整", "Change the tree"}, s.reorganise, s.reorganised).needs(write).
			note("这一天之前的数字仍按原来的区划计。", "Figures of days before stay with the old places."),
	}
}

// Place is a code with its name on a day.
type Place struct {
	Code        string `json:"code" doc:"代码|Code"`
	Name        string `json:"name" doc:"名称|Name"`
	NameEn      string `json:"name_en" doc:"英文名称，镇街没有|English name; towns have none"`
	Short       string `json:"short" doc:"简称|Short name"`
	Level       string `json:"level" enum:"province,city,county,town" doc:"级别|Level"`
	Parent      string `json:"parent" doc:"上级的代码|Code of the place above"`
	Kind        string `json:"kind" enum:"admin,zone" doc:"行政区划或开发区|Administrative place or zone"`
	From        string `json:"from" doc:"从哪一天起，一直如此时为空|Since this day; empty for always"`
	To          string `json:"to" doc:"哪一天起不再是，现在仍是时为空|No longer from this day; empty while it is"`
	Approximate bool   `json:"approximate" doc:"推定的|Only projected back to the day"`
	KeyTown     bool   `json:"key_town" doc:"是重点镇|It is a key town"`
}

func placeOf(tree *territory.Tree, on string) func(territory.Place) Place {
	return func(p territory.Place) Place {
		key, _ := tree.KeyTown(p.Code, on)
		return Place{
			Code: string(p.Code), Name: p.Name, NameEn: p.NameEn, Short: p.Short, Level: levelName(p.Level), Parent: string(p.Parent),
			Kind: string(p.Kind), From: p.From, To: p.To, Approximate: p.Approximate(on), KeyTown: key,
		}
	}
}

func levelName(l region.Level) string {
	return map[region.Level]string{region.Province: "province", region.City: "city", region.County: "county", region.Town: "town"}[l]
}

// onDay is a day to ask about.
type onDay struct {
	On string `query:"on" doc:"哪一天，不填是今天|The day; today when left out"`
}

func (d onDay) day(c *Call) (string, error) {
	switch {
	case d.On == "":
		return flow.DayOf(c.api.Clock()), nil
	case !flow.IsDay(d.On):
		return "", fault.Fields{{Name: "on", Key: "field.date", Args: []any{"value", clip(d.On)}}}.Err()
	}
	return d.On, nil
}

// at is the tree and the day asked about.
func (s places) at(ctx context.Context, c *Call, d onDay) (*territory.Tree, string, error) {
	on, err := d.day(c)
	if err != nil {
		return nil, "", err
	}
	tree, err := s.tree.Tree(ctx)
	return tree, on, err
}

type placeSearch struct {
	onDay
	Text   string `query:"text" maxLength:"40" doc:"名称或代码的一部分|Part of a name or code"`
	Within string `query:"within" doc:"在哪个地方之内，不填是本系统服务的地方|Within this place; the installation's when left out"`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"20" doc:"最多几个|At most this many"`
}

func (s places) find(ctx context.Context, c *Call, in *placeSearch) (page[Place], error) {
	tree, on, err := s.at(ctx, c, in.onDay)
	if err != nil {
		return page[Place]{}, err
	}
	limit := in.Limit
	if limit == 0 {
		limit = 20
	}
	within := region.Code(orElse(in.Within, string(s.home)))
	return pageOf(tree.Search(within, in.Text, on, limit), "", placeOf(tree, on)), nil
}

type placeAsked struct {
	onDay
	Code string `path:"code" doc:"地区代码|Code of the place"`
}

func (s places) place(ctx context.Context, c *Call, in *placeAsked) (Place, error) {
	tree, on, err := s.at(ctx, c, in.onDay)
	if err != nil {
		return Place{}, err
	}
	p, ok := tree.Place(region.Code(in.Code), on)
	if !ok {
		return Place{}, fault.Missing()
	}
	return placeOf(tree, on)(p), nil
}

func (s places) showPlace(ctx context.Context, c *Call, _ string) (Place, error) {
	return s.place(ctx, c, &placeAsked{Code: c.Path("code")})
}

func (s places) below(ctx context.Context, c *Call, in *placeAsked) (page[Place], error) {
	tree, on, err := s.at(ctx, c, in.onDay)
	if err != nil {
		return page[Place]{}, err
	}
	return pageOf(tree.Children(region.Code(in.Code), on), "", placeOf(tree, on)), nil
}

func (s places) keyTowns(ctx context.Context, c *Call, in *placeAsked) (page[Place], error) {
	tree, on, err := s.at(ctx, c, in.onDay)
	if err != nil {
		return page[Place]{}, err
	}
	return pageOf(tree.KeyTowns(region.Code(in.Code), on), "", placeOf(tree, on)), nil
}

// Turn is one line of the history: on a day, one place became another.
type Turn struct {
	From string `json:"from" doc:"原来的代码|The code before"`
	To   string `json:"to" doc:"后来的代码|The code after"`
	On   string `json:"on" doc:"哪一天|The day"`
	Kind string `json:"kind" enum:"rename,upgrade,merge,split,move" doc:"怎么调整|How the tree changed"`
	Main bool   `json:"main" doc:"记录随它走|Records go with it"`
	Note string `json:"note" doc:"说明或文号|Note, or the approval's number"`
}

func turnOf(t territory.Turn) Turn {
	return Turn{From: string(t.From), To: string(t.To), On: t.On, Kind: string(t.Kind), Main: t.Main, Note: t.Note}
}

type placeNamed struct {
	Code string `path:"code" doc:"地区代码|Code of the place"`
}

func (s places) history(ctx context.Context, _ *Call, in *placeNamed) (page[Turn], error) {
	tree, err := s.tree.Tree(ctx)
	if err != nil {
		return page[Turn]{}, err
	}
	if !tree.Known(region.Code(in.Code)) {
		return page[Turn]{}, fault.Missing()
	}
	return pageOf(tree.History(region.Code(in.Code)), "", turnOf), nil
}

type keyTownNew struct {
	placeNamed
	Body struct {
		From string `json:"from" doc:"从哪一天起|Since this day"`
		To   string `json:"to,omitempty" doc:"到哪一天为止，不含|Until this day, which no longer counts"`
	}
}

func (s places) setKeyTown(ctx context.Context, c *Call, in *keyTownNew) error {
	return s.tree.MarkKeyTown(ctx, c.By, region.Code(in.Code), in.Body.From, in.Body.To)
}

type placeChange struct {
	Body struct {
		Kind   string            `json:"kind" enum:"rename,upgrade,merge,split,move" doc:"更名、改设、合并、析出、划归|How the tree changes"`
		On     string            `json:"on" doc:"生效的日子，不晚于今天|The day it takes effect, today at the latest"`
		From   []string          `json:"from" doc:"调整哪些地方|The places that change"`
		To     []PlaceNew        `json:"to" doc:"调整成哪些地方|The places there will be"`
		Towns  map[string]string `json:"towns,omitempty" doc:"下级的新代码，代码不能照推时要写|New codes of places below, where they do not simply follow"`
		Source string            `json:"source" doc:"批复文号|The approval's number"`
	}
}

// PlaceNew is a place as it will be.
type PlaceNew struct {
	Code   string `json:"code" doc:"代码|Code"`
	Name   string `json:"name,omitempty" doc:"名称，不写就不变|Name; left out, it stays"`
	NameEn string `json:"name_en,omitempty" doc:"英文名称|English name"`
	Short  string `json:"short,omitempty" doc:"简称|Short name"`
	Kind   string `json:"kind,omitempty" enum:"admin,zone" doc:"行政区划或开发区|Administrative place or zone"`
}

func (in *placeChange) change() territory.Change {
	b := in.Body
	c := territory.Change{
		Kind: territory.ChangeKind(b.Kind), On: b.On, From: named[region.Code](b.From), Source: line(b.Source),
		Towns: map[region.Code]region.Code{},
	}
	for _, to := range b.To {
		c.To = append(c.To, territory.NewPlace{
			Code: region.Code(to.Code), Name: line(to.Name), NameEn: line(to.NameEn), Short: line(to.Short), Kind: territory.Kind(to.Kind),
		})
	}
	for from, to := range b.Towns {
		c.Towns[region.Code(from)] = region.Code(to)
	}
	return c
}

// reorganising reports whether the actor may make the change at all: who may not
// learns nothing from a preview either.
func reorganising(c *Call, change territory.Change) error {
	if len(change.From) > 0 && !c.By.Somewhere(territory.Reorganise) {
		return fault.Closed()
	}
	return nil
}

func (s places) preview(ctx context.Context, c *Call, in *placeChange) error {
	change := in.change()
	if err := reorganising(c, change); err != nil {
		return err
	}
	turns, err := s.tree.Preview(ctx, change)
	c.turns = turns
	return err
}

func (s places) previewed(_ context.Context, c *Call, _ string) (page[Turn], error) {
	return pageOf(c.turns, "", turnOf), nil
}

func (s places) reorganise(ctx context.Context, c *Call, in *placeChange) error {
	return s.tree.Reorganise(ctx, c.By, in.change())
}

// reorganised is the history of the places that changed.
func (s places) reorganised(ctx context.Context, c *Call, _ string) (page[Turn], error) {
	var asked struct{ From []string }
	if err := c.again(&asked); err != nil {
		return page[Turn]{}, err
	}
	tree, err := s.tree.Tree(ctx)
	if err != nil {
		return page[Turn]{}, err
	}
	var turns []territory.Turn
	for _, code := range asked.From {
		for _, t := range tree.History(region.Code(code)) {
			if !slices.Contains(turns, t) {
				turns = append(turns, t)
			}
		}
	}
	return pageOf(turns, "", turnOf), nil
}
