package api

import (
	"context"
	"maps"
	"slices"

	"qiban.dev/qiban/internal/domain/indicator"
)

// Board is the figures of a place and year at a glance (看板).
type Board struct {
	Region    string       `json:"region" doc:"地区代码|Code of the place"`
	Year      int          `json:"year" doc:"年份|The year"`
	Offices   int          `json:"offices" doc:"要上报的单位数|Offices that send returns"`
	Accepted  int          `json:"accepted" doc:"报表已审定的单位数|Offices whose return is accepted"`
	Headlines []Headline   `json:"headlines" doc:"要看的数字，有目标的在前|The figures that lead, those with a target first"`
	ByOffice  *BoardOffice `json:"by_office,omitempty" doc:"一个数字分各单位；没有能分的时不写|One figure by office; missing when none can be shown so"`
	ByMonth   BoardMonths  `json:"by_month" doc:"一个数字分月，和上年比|One figure by month, beside the year before"`
	ByTheme   []BoardGroup `json:"by_theme" doc:"服务按主题，多的在前|Deliveries by theme, the most first"`
}

// Headline is a figure beside its target.
type Headline struct {
	Figure Figure  `json:"figure"`
	Target *Figure `json:"target,omitempty" doc:"年度目标，没有时不写|Its target; missing for none"`
}

// BoardOffice is a figure by office.
type BoardOffice struct {
	Figure Figure       `json:"figure"`
	Parts  []OfficePart `json:"parts" doc:"各单位|The offices"`
}

// OfficePart is one office's part of a figure.
type OfficePart struct {
	FigurePart
	Before *float64 `json:"before" doc:"上年的数，没有时为空|The year before; null for none"`
}

// BoardMonths is a figure by month.
type BoardMonths struct {
	Indicator string       `json:"indicator" doc:"指标编号|Id of the indicator"`
	Months    []BoardGroup `json:"months" doc:"01 到 12，只有有数的月|01 to 12, the months that have something"`
	Before    []BoardGroup `json:"before" doc:"上年|The year before"`
}

// BoardGroup is one group of what was counted.
type BoardGroup struct {
	Key   string  `json:"key" doc:"月或主题|The month or theme"`
	Value float64 `json:"value" doc:"数值，用口径里的单位|Its value, in the indicator's unit"`
}

type boardAsked struct {
	ofYear
	Figure string `query:"figure" maxLength:"20" doc:"按单位看哪个指标，不填由系统挑|The indicator to see by office; chosen when left out"`
}

func (f figures) board(ctx context.Context, c *Call, in *boardAsked) (Board, error) {
	place, year, err := f.at(ctx, in.ofYear)
	if err != nil {
		return Board{}, err
	}
	b, err := f.indicators.Board(ctx, c.By, place, year, in.Figure)
	if err != nil {
		return Board{}, err
	}
	out := Board{
		Region: string(place), Year: year, Offices: b.Offices, Accepted: b.Accepted, Headlines: []Headline{}, ByTheme: []BoardGroup{},
		ByMonth: BoardMonths{Indicator: b.Flow, Months: monthsOf(b.Months[0]), Before: monthsOf(b.Months[1])},
	}
	targets := indicator.TargetsOf(b.Figures)
	for _, id := range b.Headlines() {
		h := Headline{Figure: figureOf(*b.Figure(id), b.Def(id), c.Lang)}
		if t := targets[id]; t != nil {
			target := figureOf(*t, b.Def(t.ID), c.Lang)
			h.Target = &target
		}
		out.Headlines = append(out.Headlines, h)
	}
	for _, t := range b.Themes {
		out.ByTheme = append(out.ByTheme, BoardGroup{t.Keys[0], t.Value})
	}
	if b.Main != "" {
		out.ByOffice = f.byOffice(c, b)
	}
	return out, nil
}

func (f figures) byOffice(c *Call, b *indicator.Board) *BoardOffice {
	main := b.Figure(b.Main)
	out := &BoardOffice{Figure: figureOf(*main, b.Def(b.Main), c.Lang), Parts: []OfficePart{}}
	for _, p := range main.Parts {
		part := OfficePart{FigurePart: partOf(p)}
		if b.Before != nil {
			for _, was := range b.Before.Parts {
				if was.Region == p.Region {
					part.Before = was.Value
				}
			}
		}
		out.Parts = append(out.Parts, part)
	}
	return out
}

func monthsOf(months map[string]float64) []BoardGroup {
	list := []BoardGroup{}
	for _, m := range slices.Sorted(maps.Keys(months)) {
		list = append(list, BoardGroup{m, months[m]})
	}
	return list
}
