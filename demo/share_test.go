package demo

import (
	"math/rand/v2"
	"testing"
)

// However a total is spread, nothing is lost and no office gets more than fits.
func TestShareAddsUp(t *testing.T) {
	rng := rand.New(rand.NewPCG(2008, 12))
	for range 2000 {
		weights := make([]int64, 10)
		ceilings := make([]int64, 10)
		var room int64
		for i := range weights {
			weights[i] = rng.Int64N(20) + 1
			ceilings[i] = rng.Int64N(500)
			room += ceilings[i]
		}
		free := rng.Int64N(1e12)
		if got := sum(share(free, weights, nil)); got != free {
			t.Fatalf("%d spread over %v adds up to %d", free, weights, got)
		}
		bound := rng.Int64N(room + 1)
		parts := share(bound, weights, ceilings)
		if got := sum(parts); got != bound {
			t.Fatalf("%d spread over %v within %v adds up to %d", bound, weights, ceilings, got)
		}
		for i := range parts {
			if parts[i] > ceilings[i] {
				t.Fatalf("part %d is %d, over its ceiling %d", i, parts[i], ceilings[i])
			}
		}
	}
}

func sum(parts []int64) (n int64) {
	for _, p := range parts {
		n += p
	}
	return n
}
