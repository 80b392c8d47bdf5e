package ledger

import (
	"context"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
)

// Merge makes one subject of a kind count as another from now on, in every
// period: facts, numbers and bitmaps stay as they are, and readings see the two
// as one. Merging what is already merged, or in a circle, is fault.Conflict.
// What is sealed keeps its value.
func (l *Ledger) Merge(ctx context.Context, tx *db.Tx, kind, from, to string) error {
	// one merge at a time: two could close a circle that neither sees
	if err := tx.Lock(ctx, "ledger_lock", "merge"); err != nil {
		return err
	}
	numbers, err := intern(ctx, tx, []Subject{{kind, from}, {kind, to}})
	if err != nil {
		return err
	}
	n, heir := numbers[Subject{kind, from}], numbers[Subject{kind, to}]
	_, heirs, err := loadAliases(ctx, tx)
	if err != nil {
		return err
	}
	if _, merged := heirs[n]; merged || n == 0 || heir == 0 || rootOf(heirs, heir) == n {
		return fault.New(fault.Conflict, "ledger.merged")
	}
	if _, err := tx.Exec(ctx, "INSERT INTO ledger_alias (n, heir, root) VALUES (?, ?, ?)", n, heir, rootOf(heirs, heir)); err != nil {
		return err
	}
	return reroot(ctx, tx)
}

// Unmerge makes a merged subject count as itself again. One that is not merged
// into to is fault.Conflict.
func (l *Ledger) Unmerge(ctx context.Context, tx *db.Tx, kind, from, to string) error {
	if err := tx.Lock(ctx, "ledger_lock", "merge"); err != nil {
		return err
	}
	numbers, err := numbersOf(ctx, tx, []Subject{{kind, from}, {kind, to}})
	if err != nil {
		return err
	}
	n := numbers[Subject{kind, from}]
	gone, err := tx.Exec(ctx, "DELETE FROM ledger_alias WHERE n = ? AND heir = ?", n, numbers[Subject{kind, to}])
	if err == nil && gone == 0 {
		return fault.New(fault.Conflict, "ledger.not_merged")
	}
	if err != nil {
		return err
	}
	return reroot(ctx, tx)
}

// alias is a merged subject, whom it was merged into, and whom that makes it
// count as.
type alias struct{ N, Heir, Root int64 }

func loadAliases(ctx context.Context, r db.Reader) (all []alias, heirs map[int64]int64, err error) {
	if err := r.Select(ctx, &all, "SELECT n, heir, root FROM ledger_alias"); err != nil {
		return nil, nil, err
	}
	heirs = make(map[int64]int64, len(all))
	for _, a := range all {
		heirs[a.N] = a.Heir
	}
	return all, heirs, nil
}

func rootOf(heirs map[int64]int64, n int64) int64 {
	for {
		heir, ok := heirs[n]
		if !ok {
			return n
		}
		n = heir
	}
}

// reroot follows every chain to its end again and writes those that changed.
func reroot(ctx context.Context, tx *db.Tx) error {
	all, heirs, err := loadAliases(ctx, tx)
	if err != nil {
		return err
	}
	for _, a := range all {
		root := rootOf(heirs, a.N)
		if root == a.Root {
			continue
		}
		if _, err := tx.Exec(ctx, "UPDATE ledger_alias SET root = ? WHERE n = ?", root, a.N); err != nil {
			return err
		}
	}
	return nil
}
