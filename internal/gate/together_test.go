package gate_test

import (
	"context"
	"testing"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/testkit"
)

// What several use cases do together lands together, each with its trace; one that
// fails leaves nothing, also on a database that gives up a transaction at the
// first failed statement.
func TestUseCasesLandTogetherAndOneThatFailsLeavesNothing(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		ctx, h := context.Background(), newHall(t, source)
		accept := func(in *gate.Gate, id string, also func(*gate.Change)) error {
			c := h.change(id)
			if also != nil {
				also(c)
			}
			return in.Write(ctx, c, insert(id))
		}
		story := func(keep bool) error {
			return h.Together(ctx, keep, func(ctx context.Context, _ *db.Tx, in *gate.Gate) error {
				must(t, accept(in, "a", nil))
				if err := accept(in, "a", nil); !db.Unique(err) {
					t.Errorf("the same again: %v", err)
				}
				if err := accept(in, "b", func(c *gate.Change) { c.On = authz.At("320923") }); !fault.Is(err, fault.Denied) {
					t.Errorf("another county's: %v", err)
				}
				must(t, accept(in, "c", nil))
				var n int
				must(t, in.DB().Get(ctx, &n, `SELECT COUNT(*) FROM demo_need`))
				if n != 2 {
					t.Errorf("inside there are %d, want what was written so far", n)
				}
				return nil
			})
		}
		must(t, story(false))
		if got, needs := h.verify(), h.count(`SELECT COUNT(*) FROM demo_need`); got != 0 || needs != 0 {
			t.Errorf("only tried, and %d entries and %d needs are left", got, needs)
		}
		must(t, story(true))
		if got, needs := h.verify(), h.count(`SELECT COUNT(*) FROM demo_need`); got != 2 || needs != 2 {
			t.Errorf("%d entries and %d needs, want 2 of each", got, needs)
		}
		must(t, h.Write(ctx, h.change("after"), insert("after")))
		h.verify()
	})
}

// One request that makes the same change to many records makes each of them: its key
// does not make the second look done.
func TestInsideEveryChangeOfOneRequestIsMade(t *testing.T) {
	h := newHall(t, t.TempDir())
	h.clerk.Request = authz.Request{Once: "key-1", Print: "x"}
	must(t, h.Together(context.Background(), true, func(ctx context.Context, _ *db.Tx, in *gate.Gate) error {
		must(t, in.Write(ctx, h.change("a"), insert("a")))
		return in.Write(ctx, h.change("b"), insert("b"))
	}))
	if needs := h.count(`SELECT COUNT(*) FROM demo_need`); needs != 2 {
		t.Errorf("%d needs, want 2", needs)
	}
}
