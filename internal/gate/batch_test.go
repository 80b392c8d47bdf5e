package gate_test

import (
	"context"
	"fmt"
	"testing"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/testkit"
)

// accepts makes so many needs accepted in one batch, each with its entry.
func (h *hall) accepts(prefix string, n int, spoil func(i int, c *gate.Change)) error {
	return h.Batch(context.Background(), func(ctx context.Context, tx *db.Tx, b *gate.Batch) error {
		for i := range n {
			c := h.change(fmt.Sprintf("%s%04d", prefix, i))
			if spoil != nil {
				spoil(i, c)
			}
			if err := b.Add(c); err != nil {
				return err
			}
			if err := insert(c.Record.ID)(ctx, tx); err != nil {
				return err
			}
		}
		return nil
	})
}

func TestABatchLeavesAnEntryForEachOfItsChanges(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		h := newHall(t, source)
		must(t, h.Write(context.Background(), h.change("before"), insert("before")))
		must(t, h.accepts("a", 700, nil)) // more than one statement takes
		must(t, h.Write(context.Background(), h.change("after"), insert("after")))
		must(t, h.accepts("none", 0, nil))
		if got, needs := h.verify(), h.count(`SELECT COUNT(*) FROM demo_need`); got != 702 || needs != 702 {
			t.Errorf("%d entries for %d needs, want 702 of each", got, needs)
		}
		trail, err := gate.Trail(context.Background(), h.db, gate.Record{Kind: "need", ID: "a0699"})
		must(t, err)
		if len(trail) != 1 || trail[0].ActorID != "wang" || trail[0].Action != string(accept) || trail[0].Region != "320924" {
			t.Errorf("the last of the batch has the trail %+v", trail)
		}
	})
}

func TestABatchWithOneChangeThatMayNotBeIsNotMadeAtAll(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		h := newHall(t, source)
		err := h.accepts("b", 20, func(i int, c *gate.Change) {
			if i == 13 {
				c.On = authz.At("320923")
			}
		})
		if !fault.Is(err, fault.Denied) {
			t.Errorf("got %v, want denied", err)
		}
		if got, needs := h.verify(), h.count(`SELECT COUNT(*) FROM demo_need`); got != 0 || needs != 0 {
			t.Errorf("%d entries and %d needs are left", got, needs)
		}
	})
}
