package ledger

import "qiban.dev/qiban/internal/region"

// Origin says where a figure comes from. Nobody stores it: it follows from the
// facts that were counted.
type Origin string

const (
	NoOrigin Origin = ""
	Computed Origin = "computed" // ● 系统计算: counted from records
	Reported Origin = "reported" // ◇ 上报: statistical returns
	Mixed    Origin = "mixed"    // some offices computed, some reported
	Set      Origin = "set"      // 设定: a target
)

// Qualifier is the word a published number carries.
type Qualifier string

const (
	Exactly  Qualifier = ""
	MoreThan Qualifier = "多"  // strictly more, by less than one unit of the last given place
	Nearly   Qualifier = "近"  // at most, and more than one such unit below is not true
	Reaching Qualifier = "达"  // at least
	AndAbove Qualifier = "以上" // at least
	AndOther Qualifier = "等"  // at least the ones named
)

// Style is how a figure is written in the yearbook (编辑口径). It belongs to the
// figure's definition; Write refuses a phrase that the value makes false and
// falls back to the exact number.
type Style struct {
	Qualifier Qualifier
	// Digits keeps this many significant digits: 2983 with 3 is 2980多. 0 keeps all.
	Digits int
	// Scale divides before writing: 10_000 (万) or 100_000_000 (亿); 0 or 1 for none.
	Scale int64
	// Places keeps at most this many decimals after scaling; trailing zeros go.
	Places int
}

// Figure is a number with everything a reader needs to trust it (指标值). Value
// and Exact are in the figure's unit (yuan, square metres, per cent …), nil when
// there is no data; 0 means that none were counted.
type Figure struct {
	ID        string      // as in the yearbook's list: P2, G5 …
	Region    region.Code //
	Year      int
	Target    bool     // a target, not an actual
	Value     *float64 // as published: rounded by Style
	Exact     *float64
	Unit      string // 户, 个, 平方米, 元, 人次, % … as in the definition
	Style     Style
	Origin    Origin
	Previous  *float64 // Exact of the year before
	Growth    *float64 // per cent on the year before, one decimal; nil without a positive previous value, and of a rate
	Points    *float64 // of a rate: how many percentage points (百分点) above the year before, one decimal; negative below
	Rank      *Rank
	Of        string // the figure this one is a part of (其中)
	TargetOf  string // the actual that this target is for
	Parts     []Part // by office, the region's own row (本级) included
	Count     int    // records behind the number
	Overlap   bool   // parts exceed the whole, because one subject counts in several
	Duplicate bool   // distinct counts that offices made by themselves were added up: one subject may count twice
}

// Rank is a place among peers (位次).
type Rank struct{ Place, Of int }

// Part is one office's share of a figure.
type Part struct {
	Region region.Code
	Own    bool // the region's own row: 市本级
	Value  *float64
	Origin Origin
}
