package ledger

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"

	"qiban.dev/qiban/internal/db"
)

// Report is what Verify found.
type Report struct {
	Facts, Tail    int64 // facts in all, and those not rolled yet
	Cells, Bitmaps int64 // compared with the facts
	// Differences are the cells and bitmaps that disagree with the facts, the
	// first hundred of them; Different is how many there are.
	Differences []Difference
	Different   int64
}

// OK reports that cells and bitmaps agree with the facts.
func (r *Report) OK() bool { return r.Different == 0 }

// Difference is one kept number that disagrees with a recount.
type Difference struct {
	Stream, Month, Region string
	What                  string // the dimensions of the cell, or whose bitmap it is
	Kept, Counted         string
}

// differencesMost bounds the differences listed.
const differencesMost = 100

func (r *Report) add(d Difference) {
	if r.Different++; r.Different <= differencesMost {
		r.Differences = append(r.Differences, d)
	}
}

// Verify counts every cell and bitmap again from the facts, all at one moment,
// and lists where they disagree. It changes nothing; Rebuild puts it right.
func (l *Ledger) Verify(ctx context.Context) (*Report, error) {
	report := &Report{}
	err := l.db.Snapshot(ctx, func(ctx context.Context, r db.Reader) error {
		if err := r.Get(ctx, &report.Facts, "SELECT COUNT(*) FROM ledger_fact"); err != nil {
			return err
		}
		if err := r.Get(ctx, &report.Tail, "SELECT COUNT(*) FROM ledger_tail"); err != nil {
			return err
		}
		kept, err := loadKept(ctx, r, true)
		if err != nil {
			return err
		}
		know := &knowledge{}
		if err := know.loadDirty(ctx, r); err != nil {
			return err
		}
		todo, err := allMonths(ctx, r)
		if err != nil {
			return err
		}
		for _, sm := range todo {
			t, err := sm.count(ctx, r, bitmapsOf(kept[sm.Stream]), true)
			if err != nil {
				return err
			}
			if slices.Contains(kept[sm.Stream], keptCells) {
				if err := report.cells(ctx, r, sm, t); err != nil {
					return err
				}
			}
			if err := report.bitmaps(ctx, r, sm, bitmapsOf(kept[sm.Stream]), t, know); err != nil {
				return err
			}
		}
		return nil
	})
	return report, err
}

// cells compares the cells of a stream and month with the sums of its facts
// that are not in the tail.
func (r *Report) cells(ctx context.Context, from db.Reader, sm streamMonth, t *tally) error {
	kept, err := sm.cells(ctx, from)
	if err != nil {
		return err
	}
	r.Cells += int64(len(kept))
	for key, sum := range kept {
		if t.cells[key] != sum {
			r.add(key.difference(sum, t.cells[key]))
		}
	}
	for key, sum := range t.cells {
		if _, ok := kept[key]; !ok {
			r.add(key.difference(cellSum{}, sum))
		}
	}
	return nil
}

func (k cellKey) difference(kept, counted cellSum) Difference {
	show := func(s cellSum) string {
		return fmt.Sprintf("%d facts, quantity %d, amount %d", s.n, s.quantity, s.amount)
	}
	what := strings.TrimSpace("by " + k.grain + " " + strings.Join([]string{k.d1, k.d2, k.d3, k.d4}, " "))
	if k.reported == 1 {
		what += " (reported)"
	}
	return Difference{k.stream, k.month, k.region, what, show(kept), show(counted)}
}

// bitmaps compares the trusted bitmaps of a stream and month. A bitmap must hold
// everything that is rolled; of the tail it may hold what stands.
func (r *Report) bitmaps(ctx context.Context, from db.Reader, sm streamMonth, whose []string, t *tally, know *knowledge) error {
	kept, err := sm.bitmaps(ctx, from)
	if err != nil {
		return err
	}
	maps.DeleteFunc(kept, func(key bitKey, b *roaring.Bitmap) bool {
		if b == nil {
			r.add(key.difference(nil, t.all[key]))
		}
		return b == nil || !slices.Contains(whose, key.who)
	})
	r.Bitmaps += int64(len(kept))
	r.compare(kept, t.bits, t.all, know)
	return nil
}

func (r *Report) compare(kept, least, most map[bitKey]*roaring.Bitmap, know *knowledge) {
	keys := map[bitKey]bool{}
	for key := range kept {
		keys[key] = true
	}
	for key := range least {
		keys[key] = true
	}
	order := make([]bitKey, 0, len(keys))
	for key := range keys {
		order = append(order, key)
	}
	sort.Slice(order, func(i, j int) bool { return fmt.Sprint(order[i]) < fmt.Sprint(order[j]) })
	for _, key := range order {
		if know.untrusted(place{key.stream, key.region, key.month}, key.grain) {
			continue
		}
		has := orEmpty(kept[key])
		if roaring.AndNot(orEmpty(least[key]), has).IsEmpty() && roaring.AndNot(has, orEmpty(most[key])).IsEmpty() {
			continue
		}
		r.add(key.difference(has, orEmpty(most[key])))
	}
}

func orEmpty(b *roaring.Bitmap) *roaring.Bitmap {
	if b == nil {
		return roaring.New()
	}
	return b
}

func (k bitKey) difference(kept, counted *roaring.Bitmap) Difference {
	show := func(b *roaring.Bitmap) string {
		if b == nil {
			return "unreadable"
		}
		return fmt.Sprintf("%d subjects", b.GetCardinality())
	}
	what := strings.TrimSpace("different " + k.who + " by " + k.grain + " " + k.d1)
	return Difference{k.stream, k.month, k.region, what, show(kept), show(counted)}
}
