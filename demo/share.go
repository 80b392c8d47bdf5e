package demo

import (
	"cmp"
	"slices"
)

// share splits a whole number over parties in proportion to their weights, so
// that the parts add up to it exactly (largest remainders, ties to the earlier).
// No part exceeds its ceiling; ceilings nil means none. The ceilings must leave
// room for the total.
func share(total int64, weights []int64, ceilings []int64) []int64 {
	parts := make([]int64, len(weights))
	left := total
	for left > 0 {
		var sum int64
		for i, w := range weights {
			if ceilings == nil || parts[i] < ceilings[i] {
				sum += w
			}
		}
		if sum == 0 {
			break
		}
		type rest struct {
			i    int
			part int64
		}
		var rests []rest
		given := int64(0)
		for i, w := range weights {
			if ceilings != nil && parts[i] >= ceilings[i] {
				continue
			}
			whole := mulDiv(left, w, sum)
			room := whole
			if ceilings != nil {
				room = min(whole, ceilings[i]-parts[i])
			}
			parts[i] += room
			given += room
			if room == whole {
				rests = append(rests, rest{i, left % sum * w % sum})
			}
		}
		left -= given
		if given > 0 && left >= int64(len(weights)) {
			continue
		}
		slices.SortStableFunc(rests, func(a, b rest) int { return cmp.Compare(b.part, a.part) })
		for _, r := range rests {
			if left > 0 && (ceilings == nil || parts[r.i] < ceilings[r.i]) && weights[r.i] > 0 {
				parts[r.i]++
				left--
			}
		}
	}
	return parts
}

// mulDiv is a*b/c without overflow for the sizes met here.
func mulDiv(a, b, c int64) int64 { return a/c*b + a%c*b/c }
