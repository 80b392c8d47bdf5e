package guarantee

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
)

// Number is one number of the board that opens into what is behind it.
type Number string

// The numbers of the board.
const (
	AmountNumber      Number = "amount"      // 当年担保金额
	MutualNumber      Number = "mutual"      // 其中互助担保
	SmallNumber       Number = "small"       // 其中小微企业
	OutstandingNumber Number = "outstanding" // 在保余额
	ClaimsNumber      Number = "claims"      // 当年代偿
	RecoveredNumber   Number = "recovered"   // 当年追回
	UnsizedNumber     Number = "unsized"     // 其中规模未划型的企业
	RepaidNumber      Number = "repaid"      // 当年还款
	UnlentNumber      Number = "unlent"      // 当年未放款解除
	LossesNumber      Number = "losses"      // 当年核销
	HelpedNumber      Number = "helped"      // 获得担保的企业
	DaysNumber        Number = "days"        // 从申请到放款的天数
	OpenNumber        Number = "open"        // 代偿余额
	ReservesNumber    Number = "reserves"    // 准备金
	CoveredNumber     Number = "covered"     // 覆盖的乡镇
)

// BoardNumbers are all of them.
func BoardNumbers() []Number {
	return []Number{
		AmountNumber, MutualNumber, SmallNumber, UnsizedNumber, OutstandingNumber, ClaimsNumber, RecoveredNumber, RepaidNumber, UnlentNumber, LossesNumber, HelpedNumber, DaysNumber,
		OpenNumber, ReservesNumber, CoveredNumber,
	}
}

// Key is the text key of the number's name.
func (n Number) Key() string { return "guarantee.number." + string(n) }

// query is what the ledger is asked for a number of a place and year, up to a day.
// Of what is open it is all that moved; reserves are no figure of the ledger.
func (n Number) query(place region.Code, from, to string) ledger.Query {
	q := ledger.Query{Region: place, From: ledger.Date(from), To: ledger.Date(to)}
	moved := func(what ...string) {
		q.Measure, q.Where = "guarantee.moved", []ledger.Cond{{Dim: "moved", In: what}}
	}
	switch n {
	case MutualNumber:
		q.Measure, q.Where = "guarantee.amount", []ledger.Cond{{Dim: "type", In: []string{string(Mutual)}}}
	case SmallNumber:
		q.Measure, q.Where = "guarantee.amount", []ledger.Cond{{Dim: "size", In: []string{string(enterprise.Small), string(enterprise.Micro)}}}
	case UnsizedNumber:
		q.Measure, q.Where = "guarantee.amount", []ledger.Cond{{Dim: "size", In: []string{sizeKey("")}}}
	case OutstandingNumber:
		q.Measure, q.From = "guarantee.outstanding", ""
	case ClaimsNumber:
		moved(movedClaim)
	case RecoveredNumber:
		moved(movedRecovered)
	case RepaidNumber:
		moved(movedRepaid)
	case UnlentNumber:
		moved(movedUnlent)
	case LossesNumber:
		moved(movedLost)
	case OpenNumber:
		moved(append([]string{movedClaim}, closes...)...)
		q.From = ""
	case CoveredNumber:
		q.Measure, q.From = "guarantee.covered", ""
	case HelpedNumber:
		q.Measure = "guarantee.enterprises"
	case DaysNumber:
		q.Measure = "guarantee.days"
	case AmountNumber:
		q.Measure = "guarantee.amount"
	case ReservesNumber:
	}
	return q
}

// Span is a year up to a day: the whole of it once it is over.
type Span struct{ From, To string }

// SpanOf is the year as far as it has come today.
func (s *Service) SpanOf(year int) Span {
	y := strconv.Itoa(year)
	return Span{y + "-01-01", min(y+"-12-31", s.today())}
}

// before is the same span of the year before.
func (p Span) before() Span {
	y, _ := strconv.Atoi(p.From[:4])
	year := strconv.Itoa(y - 1)
	to := year + p.To[4:]
	if to[5:] == "02-29" {
		to = year + "-02-28"
	}
	return Span{year + "-01-01", to}
}

// Share is a part of the board: a county or town.
type Share struct {
	Covered
	Amount, Before, Outstanding int64 // fen
	Contracts                   int64
}

// Board is a place's guarantees in a year (担保看板). Amounts are fen.
type Board struct {
	Place region.Code
	Year  int
	Span
	Values    map[Number]int64
	Before    int64 // the amount of the same span of the year before
	Contracts int64
	Loans     int64 // what the days were counted of
	ByType    map[Type]int64
	Months    [2][12]int64 // the amount by month: this year, the year before
	Parts     []Share
	// Claimed, Got and Lost are all there was up to the day: claims paid,
	// recovered, written off.
	Claimed, Got, Lost int64
	Alarms             []Alarm
}

// Open is what was claimed and neither recovered nor given up (代偿余额).
func (b *Board) Open() int64 { return b.Claimed - b.Got - b.Lost }

// Rate names a ratio of the board.
type Rate string

// The ratios of a year, as 财政部 and the banking regulator count them.
const (
	ClaimRate    Rate = "claim"    // 担保代偿率 = 本年代偿 ÷ 本年解除的担保额; grade B
	RecoveryRate Rate = "recovery" // 代偿回收率 = 本年追回 ÷ (年初代偿余额 + 本年代偿); grade B
	LossRate     Rate = "loss"     // 担保损失率 = 本年核销 ÷ 本年解除的担保额; from memory, grade M
)

// Rates are all of them.
func Rates() []Rate { return []Rate{ClaimRate, RecoveryRate, LossRate} }

// Rate is a ratio of the year as part and whole, both in fen; the whole is 0 when
// there is none. Released (解除的担保额) is what the year took off the outstanding:
// repaid, never lent, or paid as a claim.
func (b *Board) Rate(r Rate) (part, of int64) {
	claims, recovered, lost := b.Values[ClaimsNumber], b.Values[RecoveredNumber], b.Values[LossesNumber]
	released := b.Values[RepaidNumber] + b.Values[UnlentNumber] + claims
	switch r {
	case ClaimRate:
		return claims, released
	case LossRate:
		return lost, released
	case RecoveryRate:
		opening := b.Open() - claims + recovered + lost
		return recovered, opening + claims
	}
	return 0, 0
}

// Board composes the board of a place that the actor may see, else NotFound.
func (s *Service) Board(ctx context.Context, by authz.Actor, place region.Code, year int) (*Board, error) {
	if !place.Valid() || !by.May(See, authz.At(place)) {
		return nil, fault.Missing()
	}
	b := &Board{Place: place, Year: year, Span: s.SpanOf(year), Values: map[Number]int64{}, ByType: map[Type]int64{}}
	if err := s.counted(ctx, b); err != nil {
		return nil, err
	}
	held, err := s.held(ctx, place, b.To)
	if err != nil {
		return nil, err
	}
	if b.Values[ReservesNumber], _, err = s.reserves(ctx, held, b.To); err != nil {
		return nil, err
	}
	b.Alarms, err = s.Alarms(ctx, held)
	return b, err
}

// counted asks the ledger for everything at once.
func (s *Service) counted(ctx context.Context, b *Board) error {
	part, was := below(b.Place), b.before()
	by := func(n Number, p Span, groups ...string) ledger.Query {
		q := n.query(b.Place, p.From, p.To)
		q.By = groups
		return q
	}
	loans, contracts, moved := by(DaysNumber, b.Span), by(AmountNumber, b.Span, part), ledger.Query{
		Measure: "guarantee.moved", Region: b.Place, To: ledger.Date(b.To), By: []string{"moved"},
	}
	loans.Measure, contracts.Measure = "guarantee.loans", "guarantee.contracts"
	queries := []ledger.Query{
		by(AmountNumber, b.Span, part, "month"), by(AmountNumber, Span{was.From, was.From[:4] + "-12-31"}, "month"), by(AmountNumber, was, part),
		by(AmountNumber, b.Span, "type"), by(OutstandingNumber, b.Span, part), contracts, loans, moved,
		{Measure: "guarantee.towns", Region: b.Place, To: ledger.Date(b.To), By: []string{part}},
		{Measure: "guarantee.covered", Region: b.Place, To: ledger.Date(b.To), By: []string{part}},
	}
	fixed, flat := len(queries), slices.DeleteFunc(BoardNumbers(), func(n Number) bool { return n == OpenNumber || n == ReservesNumber })
	for _, n := range flat {
		queries = append(queries, by(n, b.Span))
	}
	cells, err := s.ledger.ReadMany(ctx, s.db, queries)
	if err != nil {
		return err
	}
	b.fill(cells)
	for i, n := range flat {
		for _, c := range cells[fixed+i] {
			b.Values[n] += c.Value
		}
	}
	b.Values[OpenNumber] = b.Open()
	return nil
}

// fill takes the ledger's answers, in the order they were asked in.
func (b *Board) fill(cells [][]ledger.Cell) {
	for _, c := range coveredOf(cells[8], cells[9]) {
		b.Parts = append(b.Parts, Share{Covered: c})
	}
	for _, c := range cells[0] {
		b.part(c.Keys[0]).Amount += c.Value
		b.Months[0][monthOf(c.Keys[1])] += c.Value
	}
	for _, c := range cells[1] {
		b.Months[1][monthOf(c.Keys[0])] += c.Value
	}
	for _, c := range cells[2] {
		b.part(c.Keys[0]).Before += c.Value
		b.Before += c.Value
	}
	for _, c := range cells[3] {
		b.ByType[Type(c.Keys[0])] += c.Value
	}
	for _, c := range cells[4] {
		b.part(c.Keys[0]).Outstanding += c.Value
	}
	for _, c := range cells[5] {
		b.part(c.Keys[0]).Contracts += c.Value
		b.Contracts += c.Value
	}
	for _, c := range cells[6] {
		b.Loans += c.Value
	}
	for _, c := range cells[7] {
		switch c.Keys[0] {
		case movedClaim:
			b.Claimed = c.Value
		case movedRecovered:
			b.Got = c.Value
		case movedLost:
			b.Lost = c.Value
		}
	}
	// A place that has ended has no towns: it stays as long as it has figures.
	b.Parts = slices.DeleteFunc(b.Parts, func(s Share) bool { return s == Share{Covered: Covered{Region: s.Region}} })
	slices.SortFunc(b.Parts, func(x, y Share) int { return cmp.Compare(x.Region, y.Region) })
}

// part is a part of the board, new when it had no towns.
func (b *Board) part(code string) *Share {
	for i := range b.Parts {
		if b.Parts[i].Region == region.Code(code) {
			return &b.Parts[i]
		}
	}
	b.Parts = append(b.Parts, Share{Covered: Covered{Region: region.Code(code)}})
	return &b.Parts[len(b.Parts)-1]
}

// monthOf is the month of 2008-03, from 0.
func monthOf(key string) int {
	n, _ := strconv.Atoi(key[len(key)-2:])
	return min(max(n-1, 0), 11)
}

// LastYear is this year, or the last before it of which the place, as it is, has
// contracts: this year for one that has none.
func (s *Service) LastYear(ctx context.Context, place region.Code) (int, error) {
	day := s.today()
	if place.Valid() {
		q := ledger.Query{Measure: "guarantee.contracts", Region: place, To: ledger.Date(day)}
		last, _, _, err := s.ledger.Records(ctx, s.db, authz.Within(place), q, db.Page{Limit: 1})
		if err != nil {
			return 0, err
		}
		if len(last) > 0 {
			day = string(last[0].On)
		}
	}
	return strconv.Atoi(day[:4])
}

// Names are the names of guarantors by id, for figures the reader may see.
func (s *Service) Names(ctx context.Context, ids ...string) (map[string]string, error) {
	return institution.Names(ctx, s.db, ids...)
}
