package ledger

import "math"

// Publish rounds an exact value, in the figure's unit, as the style writes it,
// and returns it with the qualifier that is true of it. A qualifier that would
// be false, or would say nothing (of zero, of a negative number), is dropped and
// the number given exactly.
//
// 多, 达, 以上 and 等 round down, 近 rounds up, and without a word it is half up:
// to Digits significant digits, and to Places decimals of the scaled number. A
// value that does not reach 亿 is scaled to 万, and one that does not reach its
// scale at all is not scaled: Places then counts its own decimals.
func (s Style) Publish(exact float64) (value float64, q Qualifier) {
	if exact == 0 || math.IsNaN(exact) || math.IsInf(exact, 0) {
		return exact, Exactly
	}
	place := s.place(exact)
	if s.Digits > 0 {
		place = max(place, lastOf(exact, s.Digits))
	}
	switch s.Qualifier {
	case MoreThan:
		if value = place.round(exact, math.Floor); value > 0 && value < exact && exact < value+place.size() {
			return value, MoreThan
		}
	case Nearly:
		if value = place.round(exact, math.Ceil); value >= exact && exact > value-place.size() {
			return value, Nearly
		}
	case Reaching, AndAbove, AndOther:
		if value = place.round(exact, math.Floor); value > 0 && value <= exact {
			return value, s.Qualifier
		}
	default:
		return place.round(exact, half), Exactly
	}
	return s.place(exact).round(exact, half), Exactly
}

// scaleOf is what the style divides the value by: Scale, 万 for what falls short
// of 亿, or 1 for values that reach neither.
func (s Style) scaleOf(value float64) float64 {
	for _, scale := range [2]float64{float64(s.Scale), 10_000} {
		if scale > 1 && scale <= float64(s.Scale) && math.Abs(value) >= scale {
			return scale
		}
	}
	return 1
}

// place is the decimal place that the style's scale and places keep.
func (s Style) place(exact float64) place10 {
	return place10(int(math.Round(math.Log10(s.scaleOf(exact)))) - s.Places)
}

// lastOf is the decimal place of the last of n significant digits of a value.
func lastOf(value float64, n int) place10 {
	return place10(int(math.Floor(math.Log10(math.Abs(value))+1e-12)) + 1 - n)
}

// place10 is a decimal place: 2 for hundreds, 0 for ones, -1 for tenths.
type place10 int

func (p place10) size() float64 { return math.Pow10(int(p)) }

// round brings the value to the place by how. A value that binary fractions put
// a hair beside the place counts as on it.
func (p place10) round(value float64, how func(float64) float64) float64 {
	steps := value / p.size()
	if p < 0 {
		steps = value * math.Pow10(int(-p)) // a power of ten is exact, a tenth is not
	}
	if whole := math.Round(steps); math.Abs(steps-whole) <= 1e-9*math.Max(1, math.Abs(whole)) {
		steps = whole
	}
	steps = how(steps) + 0 // never minus zero
	if p < 0 {
		return steps / math.Pow10(int(-p))
	}
	return steps * p.size()
}

// half rounds half up, and a negative number like its positive: 四舍五入.
func half(steps float64) float64 { return math.Round(steps) }

// Growth is by how much per cent a value has grown on the previous one, to one
// decimal, half up; negative when it fell. nil when one of them is missing, or
// the previous one is not above zero and growth on it means nothing.
func Growth(prev, cur *float64) *float64 {
	if prev == nil || cur == nil || *prev <= 0 {
		return nil
	}
	grown := place10(-1).round((*cur-*prev)*100 / *prev, half)
	return &grown
}

// Points is by how many percentage points (百分点) a rate stands above the
// previous one, to one decimal, half up; nil when one of them is missing.
func Points(prev, cur *float64) *float64 {
	if prev == nil || cur == nil {
		return nil
	}
	points := place10(-1).round(*cur-*prev, half)
	return &points
}
