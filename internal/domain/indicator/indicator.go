package indicator

import (
	"context"
	"math"
	"slices"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
)

// The verbs of this domain.
const (
	View   authz.Permission = "indicator.figure.view"   // see figures and returns of a place 查看
	Fill   authz.Permission = "indicator.return.fill"   // write an office's return 填报
	Submit authz.Permission = "indicator.return.submit" // send it to the office above 上报
	Accept authz.Permission = "indicator.return.accept" // accept a return 审定
	Return authz.Permission = "indicator.return.return" // send it back with a reason 退回
	Reopen authz.Permission = "indicator.return.reopen" // correct an accepted return 更正
	Target authz.Permission = "indicator.target.set"    // set a target 设定目标
	Seal   authz.Permission = "indicator.period.seal"   // close a year 定案
	Define authz.Permission = "indicator.definition.set"
)

// The states of a return.
const (
	Draft     flow.State = "draft"
	Submitted flow.State = "submitted"
	Returned  flow.State = "returned"
	Accepted  flow.State = "accepted"
)

// Nature is what sort of number an indicator is.
type Nature string

const (
	Stock      Nature = "stock"        // 时点数
	FlowOf     Nature = "flow"         // 流量
	Distinct   Nature = "distinct"     // 去重
	Cumulative Nature = "cumulative"   // 累计: since the beginning
	Mean       Nature = "monthly mean" // 月均
	Growth     Nature = "growth"       // 增长率
	Ratio      Nature = "ratio"        // 比率
	Rank       Nature = "rank"         // 位次
)

// Offices says which offices answer for an indicator.
type Offices string

const (
	AllOffices Offices = ""         // each county and the city itself
	OwnOffice  Offices = "own"      // the place itself alone
	Counties   Offices = "counties" // the counties, not the city itself
)

// Definition is one indicator (指标口径).
type Definition struct {
	ID      string // P2, G5 …
	Section string // carriers, finance, training, technology, information, measures, engagement
	Name    [2]string
	Note    [2]string // what it counts, where the name does not say
	Unit    string    // 户, 个, 平方米, 元, 人次, % …
	Nature  Nature
	Target  bool   // a target: its value is set, never counted
	Of      string // the figure it is a part of (其中)
	// TargetOf is the actual that a target is for.
	TargetOf string `json:"target_of"`
	// RankedBy is the indicator that carries this one's place among peers.
	RankedBy string `json:"ranked_by"`
	GrowthOf string `json:"growth_of"`
	Style    ledger.Style
	Offices  Offices
	// Measure is the ledger measure that computes it, empty when it is only reported.
	Measure string
	// Books allows an office that keeps books of its own to report the figure all
	// the same: then its return counts, and the figure says so (自有台账).
	Books bool
	Where []ledger.Cond
	// Different says of a cumulative count that its measure counts different
	// subjects, as that of a Distinct does.
	Different bool
	// Groups counts the values of a dimension that occur at all, instead of facts.
	Groups string
	// Ratio is two measures: part and whole, in per cent.
	Ratio   []string
	Version int
	// From is the first year the version is in force, 0 for always.
	From int
}

// Key is the text of the definition's name in the reader's language: 0 for
// Chinese, 1 for English.
func pick(pair [2]string, english bool) string {
	if english {
		return pair[1]
	}
	return pair[0]
}

// Label is the indicator's name.
func (d Definition) Label(english bool) string { return pick(d.Name, english) }

// Explanation says what it counts, where the name does not.
func (d Definition) Explanation(english bool) string { return pick(d.Note, english) }

// Factor is how many of the smallest unit make one of Unit: money is kept in
// fen and per cents in hundredths.
func (d Definition) Factor() float64 {
	if d.Unit == "元" || d.Unit == "%" {
		return 100
	}
	return 1
}

// quantity is a value in the smallest unit, as it is kept.
func (d Definition) quantity(v float64) int64 { return int64(math.Round(v * d.Factor())) }

// Counts reports whether it counts different subjects, so that the values of
// places or years do not add up.
func (d Definition) Counts() bool { return d.Nature == Distinct || d.Different }

// since is the first day that counts for a year: "" for what is counted since
// the beginning.
func (d Definition) since(year int) ledger.Date {
	if d.Nature == Cumulative {
		return ""
	}
	return day(year, 1, 1)
}

// Adds reports whether the values of offices add up to the whole.
func (d Definition) Adds() bool {
	return d.Nature != Ratio && d.Nature != Growth && d.Nature != Rank
}

// OfKeyTowns reports whether the ledger counts it in key towns (重点镇) alone: of a
// year without a list of them there is no such figure (无此统计), not one of 0.
func (d *Definition) OfKeyTowns() bool {
	return slices.ContainsFunc(d.Where, func(c ledger.Cond) bool { return c.Dim == "key" })
}

// Place is what indicator needs to know of the tree: the offices below a place
// on a date, and whether there was a list of key towns then. domain/territory
// answers it.
type Place interface {
	Below(ctx context.Context, of region.Code, on ledger.Date) ([]region.Code, error)
	HasKeyTowns(ctx context.Context, on ledger.Date) (bool, error)
}

// Service is the use cases.
type Service struct {
	db     *db.DB
	gate   *gate.Gate
	ledger *ledger.Ledger
	place  Place
	defs   *db.Cached[[]Definition]
}

// New makes the service.
func New(d *db.DB, g *gate.Gate, l *ledger.Ledger, place Place) *Service {
	return &Service{
		db: d, gate: g, ledger: l, place: place,
		// Versions are only ever added: as many are the same.
		defs: db.NewCached(d, "indicator_definition", `SELECT COUNT(*) FROM indicator_definition`, loadDefinitions),
	}
}
