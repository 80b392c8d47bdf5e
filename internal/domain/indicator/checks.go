package indicator

import (
	"math"

	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
)

// Rule names what a finding is about.
type Rule string

// What Checks looks for.
const (
	PartExceeds Rule = "part_exceeds" // 其中大于总数
	FarGrowth   Rule = "far_growth"   // 增减超过三倍
	NotReported Rule = "not_reported" // 有单位没有上报
	MayDouble   Rule = "may_double"   // 去重数由上报和计算合成，可能重复
	NearlyExact Rule = "nearly_exact" // “近”后面是确切数
	NoActual    Rule = "no_actual"    // 有目标没有实绩
)

// Finding is something about a figure that a person should look at before it is
// printed (待核对).
type Finding struct {
	Figure string // its id
	Rule   Rule
	Other  string        // the whole of a part, the target of an actual: an id
	Places []region.Code // the offices that did not report
	Change float64       // of a growth, in per cent
}

// farGrowth is the change, in per cent, beyond which a figure is looked at.
const farGrowth = 300

// Checks are the findings about the figures of a place and year, in the figures'
// order; defs are their definitions.
func Checks(figures []ledger.Figure, defs []Definition) []Finding {
	known := byID(defs)
	value := map[string]*float64{}
	for _, f := range figures {
		value[f.ID] = f.Exact
	}
	var found []Finding
	for _, f := range figures {
		found = append(found, check(f, known[f.ID], value)...)
	}
	return found
}

func check(f ledger.Figure, d Definition, value map[string]*float64) []Finding {
	var found []Finding
	add := func(n Finding) {
		n.Figure = f.ID
		found = append(found, n)
	}
	if f.Target {
		if f.Exact != nil && f.TargetOf != "" && value[f.TargetOf] == nil {
			add(Finding{Rule: NoActual, Other: f.TargetOf})
		}
		return found
	}
	if f.Exact == nil {
		return nil
	}
	if whole := value[f.Of]; f.Of != "" && whole != nil && *f.Exact > *whole {
		add(Finding{Rule: PartExceeds, Other: f.Of})
	}
	if f.Growth != nil && math.Abs(*f.Growth) > farGrowth {
		add(Finding{Rule: FarGrowth, Change: *f.Growth})
	}
	if missing := silent(f, d); len(missing) > 0 {
		add(Finding{Rule: NotReported, Places: missing})
	}
	if f.Duplicate {
		add(Finding{Rule: MayDouble})
	}
	if d.Style.Qualifier == ledger.Nearly && f.Value != nil && *f.Value == *f.Exact {
		add(Finding{Rule: NearlyExact})
	}
	return found
}

// silent are the offices that should have reported the figure and did not, while
// others did. The place itself often has nothing of its own, so its row may stay
// empty.
func silent(f ledger.Figure, d Definition) []region.Code {
	if d.Measure != "" || len(d.Ratio) > 0 || d.Offices == OwnOffice {
		return nil
	}
	var missing []region.Code
	for _, p := range f.Parts {
		if p.Value == nil && !p.Own {
			missing = append(missing, p.Region)
		}
	}
	return missing
}
