package testkit_test

import (
	"context"
	"os"
	"path/filepath"
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

// What the records of a prepared database name is copied with it, and each test
// may spoil its own.
func TestAPreparedDatabaseBringsItsUploads(t *testing.T) {
	prepare := func(ctx context.Context, source string) error {
		folder := filepath.Join(testkit.Store(source).Uploads(), "ab")
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(folder, "paper"), []byte("a paper\x00"), 0o600)
	}
	name := t.Name() + t.TempDir()
	for range 2 {
		testkit.EachPrepared(t, name, prepare, func(t *testing.T, source string) {
			paper := filepath.Join(testkit.Store(source).Uploads(), "ab", "paper")
			if raw, err := os.ReadFile(paper); err != nil || string(raw) != "a paper\x00" {
				t.Errorf("the upload is %q, %v", raw, err)
			}
			if err := os.Remove(paper); err != nil {
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
