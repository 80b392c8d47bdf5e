package api

import (
	"context"

	"qiban.dev/qiban/internal/domain/guarantee"
	"qiban.dev/qiban/internal/region"
)

// boardOperations are those of a place's guarantees at a glance (担保看板).
func (s guarantees) boardOperations() []operation {
	return []operation{
		reads("getGuaranteeBoard", "/guarantee-board", words{"担保看板", "The board of guarantees"}, s.board).needs(seeGuarantees).
			note("金额都是分，年内的数算到今天。比上年的增长用 before 算。", "Amounts are fen; of a year under way, up to today. Growth is over before."),
		lists("listGuaranteeBoardRecords", "/guarantee-board/{number}", words{"看板上一个数的来历", "What a number of the board is made of"}, s.behindBoard).needs(seeGuarantees),
	}
}

type guaranteesAsked struct {
	Region string `query:"region" required:"true" doc:"地区代码|Code of the place"`
	Year   int    `query:"year" minimum:"1978" maximum:"2100" doc:"年份，不填是有合同的最近一年|The year; the newest with contracts when left out"`
}

func (s guarantees) boardYear(ctx context.Context, in guaranteesAsked) (int, error) {
	if in.Year != 0 {
		return in.Year, nil
	}
	return s.desk.LastYear(ctx, region.Code(in.Region))
}

// GuaranteeBoard is a place's guarantees in a year. Amounts are fen.
type GuaranteeBoard struct {
	Region    string                   `json:"region" doc:"地区代码|Code of the place"`
	Year      int                      `json:"year" doc:"年份|Year"`
	From      string                   `json:"from" doc:"从哪天起|First day"`
	To        string                   `json:"to" doc:"到哪天止|Last day"`
	Values    map[string]int64         `json:"values" doc:"各个数：amount、mutual、small、unsized 规模未划型的企业、outstanding、claims、recovered、repaid、unlent 未放款解除、losses、helped、days、open 代偿余额、reserves 准备金、covered 覆盖的乡镇|The numbers"`
	Before    int64                    `json:"before" doc:"上年同期的担保金额|The amount of the same span of the year before"`
	Contracts int64                    `json:"contracts" doc:"几份合同|Contracts"`
	Open      int64                    `json:"open_claims" doc:"代偿余额|Claims neither recovered nor written off"`
	Claimed   int64                    `json:"claimed" doc:"累计代偿|Claims paid in all"`
	Recovered int64                    `json:"recovered" doc:"累计追回|Recovered in all"`
	Reserves  int64                    `json:"reserves" doc:"准备金|Reserves"`
	Rates     map[string]GuaranteeRate `json:"rates" doc:"比率：claim 代偿率，recovery 代偿回收率，loss 损失率|Ratios: claim, recovery, loss"`
	Months    []int64                  `json:"months" doc:"各月担保金额|The amount by month"`
	Parts     []GuaranteePart          `json:"parts" doc:"各下级地区|The places below"`
	Alarms    []GuaranteeWarning       `json:"alarms" doc:"接近或超过的限额|Limits that are near or exceeded"`
}

// GuaranteeRate is a ratio of the year as part and whole, in fen; the whole is 0
// when there is none.
type GuaranteeRate struct {
	Part int64 `json:"part" doc:"分子，分|The part, in fen"`
	Of   int64 `json:"of" doc:"分母，分；没有时为 0|The whole, in fen; 0 for none"`
}

// GuaranteePart is a county or town of the board.
type GuaranteePart struct {
	Region      string `json:"region" doc:"地区代码|Code of the place"`
	Towns       int64  `json:"towns" doc:"乡镇数，覆盖率的分母|Towns: what coverage is a share of"`
	Covered     int64  `json:"covered" doc:"有网点的乡镇|Towns with an outlet"`
	Amount      int64  `json:"amount" doc:"当年担保金额|Amount of the year"`
	Before      int64  `json:"before" doc:"上年同期|The same span of the year before"`
	Outstanding int64  `json:"outstanding" doc:"在保余额|Outstanding"`
	Contracts   int64  `json:"contracts" doc:"几份合同|Contracts"`
}

// GuaranteeWarning is a limit of a guarantor that is near or exceeded.
type GuaranteeWarning struct {
	Guarantor string `json:"guarantor" doc:"担保机构的编号|Id of the guarantor"`
	Name      string `json:"name" doc:"担保机构|Its name"`
	Client    string `json:"client" doc:"客户或关联组，整体的为空|Client or group; empty for the whole book"`
	GuaranteeLimit
}

func (s guarantees) board(ctx context.Context, c *Call, in *guaranteesAsked) (GuaranteeBoard, error) {
	year, err := s.boardYear(ctx, *in)
	if err != nil {
		return GuaranteeBoard{}, err
	}
	b, err := s.desk.Board(ctx, c.By, region.Code(in.Region), year)
	if err != nil {
		return GuaranteeBoard{}, err
	}
	out := GuaranteeBoard{
		Region: string(b.Place), Year: b.Year, From: b.From, To: b.To, Values: make(map[string]int64, len(b.Values)), Rates: map[string]GuaranteeRate{}, Before: b.Before,
		Contracts: b.Contracts, Open: b.Open(), Claimed: b.Claimed, Recovered: b.Got, Reserves: b.Values[guarantee.ReservesNumber], Months: b.Months[0][:],
		Parts: make([]GuaranteePart, len(b.Parts)), Alarms: make([]GuaranteeWarning, len(b.Alarms)),
	}
	for n, v := range b.Values {
		out.Values[string(n)] = v
	}
	for _, r := range guarantee.Rates() {
		part, of := b.Rate(r)
		out.Rates[string(r)] = GuaranteeRate{part, of}
	}
	for i, p := range b.Parts {
		out.Parts[i] = GuaranteePart{string(p.Region), p.Towns, p.Covered.Covered, p.Amount, p.Before, p.Outstanding, p.Contracts}
	}
	for i, a := range b.Alarms {
		out.Alarms[i] = GuaranteeWarning{string(a.Guarantor), a.Name, a.Client, limitOf(a.Limit)}
	}
	return out, nil
}

type boardNumber struct {
	paging
	guaranteesAsked
	Number string `path:"number" enum:"amount,mutual,small,unsized,outstanding,claims,recovered,repaid,unlent,losses,helped,days,open,reserves,covered" doc:"哪个数|Which number"`
}

// GuaranteeBoardRecord is a record behind a number of the board: a contract's
// fact, a guarantor with its reserves, a town.
type GuaranteeBoardRecord struct {
	On        string `json:"on" doc:"日期|Day"`
	Adds      int64  `json:"adds" doc:"给这个数加上多少，金额是分|What it adds to the number; amounts in fen"`
	Guarantee string `json:"guarantee,omitempty" doc:"哪一笔担保，看不到的为空|The guarantee, where it may be seen"`
	Client    string `json:"client,omitempty" doc:"企业|The enterprise"`
	Contract  string `json:"contract,omitempty" doc:"合同号|Number of the contract"`
	Region    string `json:"region" doc:"地区代码；covered 是乡镇|Code of the place; of covered the town"`
	Guarantor string `json:"guarantor,omitempty" doc:"担保机构的编号|Id of the guarantor"`
	// Served is told of towns.
	Served []string `json:"served,omitempty" doc:"设在这个乡镇或有网点的担保机构|The guarantors that can be reached in the town"`
}

func (s guarantees) behindBoard(ctx context.Context, c *Call, in *boardNumber) (page[GuaranteeBoardRecord], error) {
	year, err := s.boardYear(ctx, in.guaranteesAsked)
	if err != nil {
		return page[GuaranteeBoardRecord]{}, err
	}
	lines, next, sum, err := s.desk.Behind(ctx, c.By, region.Code(in.Region), year, guarantee.Number(in.Number), in.page())
	if err != nil {
		return page[GuaranteeBoardRecord]{}, err
	}
	p := pageOf(lines, next, func(l guarantee.BehindLine) GuaranteeBoardRecord {
		return GuaranteeBoardRecord{string(l.On), l.Adds, string(l.Case.ID), l.Case.Client, l.Case.Deal.Number, string(l.Region), l.Institution, l.Served}
	})
	p.Total, err = in.count(func() (int, error) { return int(sum.Lines), nil })
	return p, err
}
