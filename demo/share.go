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
	room := func(i int) int64 {
		if ceilings == nil {
			return total
		}
		return ceilings[i] - parts[i]
	}
	for left := total; left > 0; {
		var open []int // who can take more
		var sum int64
		for i, w := range weights {
			if w > 0 && room(i) > 0 {
				open, sum = append(open, i), sum+w
			}
		}
		if sum == 0 {
			break
		}
		given := int64(0)
		for _, i := range open {
			part := min(mulDiv(left, weights[i], sum), room(i))
			parts[i] += part
			given += part
		}
		if given == 0 { // fewer are left than there are parties: one each, the largest remainders first
			slices.SortStableFunc(open, func(a, b int) int {
				return cmp.Compare(left%sum*weights[b]%sum, left%sum*weights[a]%sum)
			})
			for _, i := range open[:min(int(left), len(open))] {
				parts[i]++
				given++
			}
		}
		left -= given
	}
	return parts
}

// mulDiv is a*b/c without overflow for the sizes met here.
func mulDiv(a, b, c int64) int64 { return a/c*b + a%c*b/c }
