package testkit_test

import (
	"context"
	"sync/atomic"
	"testing"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/testkit"
)

func TestAMigratedDatabaseHasNothingPendingAndIsOnesOwn(t *testing.T) {
	for range 2 {
		testkit.EachMigrated(t, func(t *testing.T, source string) {
			d, err := db.Open(t.Context(), source, db.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = d.Close() }()
			pending, err := d.Pending(t.Context())
			if err != nil || pending {
				t.Errorf("migrations are pending: %v, %v", pending, err)
			}
			if err := d.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
				_, err := tx.Exec(ctx, "CREATE TABLE mine (id TEXT)") // fails the second time if shared
				return err
			}); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestPreparationHappensOnceForManyTests(t *testing.T) {
	var prepared atomic.Int32
	prepare := func(ctx context.Context, source string) error {
		prepared.Add(1)
		d, err := db.Open(ctx, source, db.Options{})
		if err != nil {
			return err
		}
		return d.Close()
	}
	name := t.Name() + t.TempDir() // new in every run, also on a server that outlives it
	for range 3 {
		testkit.EachPrepared(t, name, prepare, func(*testing.T, string) {})
	}
	if got := prepared.Load(); got != 2 {
		t.Errorf("prepared %d times for three tests on two databases, want twice", got)
	}
}
