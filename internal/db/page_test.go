package db_test

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/testkit"
)

// A reader who goes through a list page by page meets every row once, in order,
// however many share a value.
func TestAListIsReadPageByPage(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		d, ctx := notes(t, source), context.Background()
		type line struct {
			ID string
			N  int64
		}
		dice := rand.New(rand.NewPCG(7, 11))
		var all []line
		must(t, d.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
			for i := range 57 {
				all = append(all, line{fmt.Sprintf("%02d", i), dice.Int64N(5) - 2})
				if err := note(ctx, tx, all[i].ID, int(all[i].N)); err != nil {
					return err
				}
			}
			return nil
		}))
		for _, order := range []struct {
			db.Order
			key  func(*line) []string
			less func(a, b line) int
		}{
			{
				db.Order{Columns: []string{"id"}},
				func(l *line) []string { return []string{l.ID} },
				func(a, b line) int { return cmp.Compare(a.ID, b.ID) },
			},
			{
				db.Order{Columns: []string{"n", "id"}, Number: true},
				func(l *line) []string { return []string{strconv.FormatInt(l.N, 10), l.ID} },
				func(a, b line) int { return cmp.Or(cmp.Compare(a.N, b.N), cmp.Compare(a.ID, b.ID)) },
			},
			{
				db.Order{Columns: []string{"n", "id"}, Down: true, Number: true},
				func(l *line) []string { return []string{strconv.FormatInt(l.N, 10), l.ID} },
				func(a, b line) int { return -cmp.Or(cmp.Compare(a.N, b.N), cmp.Compare(a.ID, b.ID)) },
			},
		} {
			var met []line
			page := db.Page{Limit: 1 + dice.IntN(20)}
			for {
				rows, next, err := db.Paged(ctx, d, page, order.Order, `SELECT id, n FROM note WHERE n < ?`, []any{2}, order.key)
				must(t, err)
				met = append(met, rows...)
				if next == "" {
					break
				}
				page.After = next
			}
			want := slices.DeleteFunc(slices.SortedFunc(slices.Values(all), order.less), func(l line) bool { return l.N >= 2 })
			if !slices.Equal(met, want) {
				t.Errorf("in pages of %d by %v (down: %v): %v, want %v", page.Limit, order.Columns, order.Down, met, want)
			}
		}
		_, _, err := db.Paged(ctx, d, db.Page{After: db.Cursor("soon", "07")}, db.Order{Columns: []string{"n", "id"}, Number: true},
			`SELECT id, n FROM note WHERE n < ?`, []any{2}, func(*line) []string { return nil })
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("a cursor of a list sorted by a text: %v", err)
		}
	})
}
