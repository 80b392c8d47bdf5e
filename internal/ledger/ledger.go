// Package ledger is the counting ledger (计数台账): every published figure is a
// query over dated facts, and every figure opens into the records behind it.
//
// Facts are append-only; a correction is a reversing fact. Roll-ups and bitmaps
// are kept beside the facts for speed; a reading adds the tail that is not yet
// rolled up, so that a total is exact at any moment.
package ledger

import (
	"time"

	"qiban.dev/qiban/internal/region"
)

// Date is a calendar day in Asia/Shanghai, written 2008-12-31.
type Date string

// Shanghai is the time zone that dates are counted in.
var Shanghai = time.FixedZone("Asia/Shanghai", 8*60*60) // no daylight saving since 1991

// DateOf is the day of an instant.
func DateOf(t time.Time) Date { return Date(t.In(Shanghai).Format(time.DateOnly)) }

// Kind is how facts become a number.
type Kind string

const (
	Flow     Kind = "flow"     // 流量: what happened in the period, summed
	Distinct Kind = "distinct" // 去重: different subjects that it happened to
	Level    Kind = "level"    // 时点: the newest value of each subject at a date
	Mean     Kind = "mean"     // 月均: the flow divided by the months of the period
)

// Sum is what of each fact is added up.
type Sum string

const (
	Facts    Sum = "facts"    // one for each fact (for a level: each subject whose quantity is above 0)
	Quantity Sum = "quantity" // person-times, square metres, items
	Amount   Sum = "amount"   // money, in fen
)

// Dims is how many dimensions a fact can carry.
const Dims = 4

// Measure is a way to count a stream of facts. Domains declare theirs and app
// hands the list to New.
type Measure struct {
	ID   string   // engagement.delivery.enterprises
	Of   string   // the stream of facts it counts: engagement.delivery
	Kind Kind     //
	Sum  Sum      // Flow, Level and Mean; Distinct ignores it
	Who  string   // Distinct: whose ids are counted — enterprise, institution, person or subject
	Unit string   // unit of the result: a key under "unit."
	Dims []string // names of the stream's dimensions by position: theme, form …; the same for all measures of a stream
}

// Subject is what a fact is about: for a level, the thing that has the value.
type Subject struct{ Kind, ID string }

// Fact is one dated thing that counts. Post fills in ID, RecordedAt and Site.
type Fact struct {
	ID          int64
	Stream      string // engagement.delivery
	OccurredOn  Date
	RecordedAt  time.Time
	Region      region.Code // the town at that date; a county or city code when it is nobody else's: 本级
	Subject     Subject
	Enterprise  string // ids of the parties, empty when there is none
	Institution string
	Person      string
	Dims        [Dims]string
	Quantity    int64
	Amount      int64  // fen
	Record      Record // the record it came from, which the figure opens into
	Reported    bool   // true for a statistical return, false for what was computed from records
	Site        string
	Reverses    int64 // the fact this one takes back, 0 for none
}

// Record names the record a fact came from.
type Record struct{ Kind, ID string }

// Tree chooses how places that were re-coded are counted.
type Tree string

const (
	AsOf  Tree = "as-of" // by the code that was valid on the fact's date
	Today Tree = "today" // by the code of today
)

// Query asks a measure for numbers. From and To are included; a Level looks at
// To alone.
type Query struct {
	Measure  string
	Region   region.Code // the subtree; required
	Tree     Tree        // AsOf when empty
	From, To Date        // To is required; without From it counts from the beginning (累计)
	Source   Origin      // Computed or Reported facts alone; both when empty
	Where    []Cond
	// By are the groups: at most one of "city", "county" and "town", then "month",
	// "year" or the stream's dimensions. A fact that lies above the level asked for
	// stands under its own code: the region's own row (本级). A Level by month or
	// year is its value at the end of each, which needs From.
	By []string
}

// Cond narrows a query. Dim is a dimension of the stream, or "city", "county" or
// "town" as in Query.By (the 50 key towns), tested against In; or "quantity" or
// "amount" of a level's newest value, tested against the bounds (AtLeast
// included; Over excluded). Unset bounds are nil.
type Cond struct {
	Dim     string
	In      []string
	AtLeast *int64
	Over    *int64
}

// Cell is one number of an answer: the values of the groups asked for, in the
// order of Query.By, and the number itself. For Amount it is fen; for a Mean it
// is rounded half up.
type Cell struct {
	Keys  []string
	Value int64
	// Facts is how many facts stand behind a Flow, Level or Mean, taken back ones
	// deducted; 0 for a Distinct, see Behind.
	Facts int64
	// Origin is Computed, Reported, or Mixed; NoOrigin when nothing was counted. A
	// Distinct that is Mixed may count a subject twice.
	Origin Origin
}

// Line is one record behind a number.
type Line struct {
	Fact   int64
	Record Record
	On     Date
	Region region.Code
	Dims   [Dims]string
	// Enterprise and Institution are ids; Quantity and Amount what the record adds.
	Enterprise, Institution string
	Quantity, Amount        int64
	// Adds is what the line adds to the figure: the lines of a Flow or Level add
	// up to it, those of a Mean to it times the months. 1 for a Distinct, where
	// several lines may share a subject.
	Adds     int64
	Reported bool
}
