package replica_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/replica"
	"qiban.dev/qiban/internal/testkit"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func silent() *slog.Logger { return slog.New(slog.DiscardHandler) }

func open(t testing.TB, folder string) *db.DB {
	t.Helper()
	d, err := db.Open(t.Context(), folder, db.Options{Log: silent()})
	must(t, err)
	t.Cleanup(func() { _ = d.Close() })
	return d
}

// Writers write while the database is copied; what was acknowledged before a
// sync is there when the copy as it lies is brought back elsewhere, as after the
// machine was lost. Shortening the log in between takes nothing away.
func TestWhatWasCopiedComesBack(t *testing.T) {
	folder, place := testkit.Migrated(t), t.TempDir()
	d := open(t, folder)
	write := func(from, to int) {
		t.Helper()
		var all sync.WaitGroup
		for w := range 4 {
			all.Go(func() {
				for i := from + w; i < to; i += 4 {
					if err := d.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
						_, err := tx.Exec(ctx, `INSERT INTO notify_wish (person, mail) VALUES (?, 1)`, fmt.Sprintf("%05d %s", i, strings.Repeat("x", 500)))
						return err
					}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
	}
	write(0, 100) // before there was a copy
	r, err := replica.Start(t.Context(), folder, "file://"+place, silent())
	must(t, err)
	t.Cleanup(func() { _ = d.Close(); must(t, r.Close(context.Background())) })
	write(100, 3000) // more than SQLite's log holds before it wants to be shortened
	must(t, r.Sync(t.Context()))
	lost := t.TempDir() // the copy as it lies: nobody has closed anything
	must(t, os.CopyFS(filepath.Join(lost, "copy"), os.DirFS(place)))
	write(3000, 3100)

	back := t.TempDir()
	must(t, replica.Restore(t.Context(), "file://"+filepath.Join(lost, "copy"), filepath.Join(back, "qiban.db")))
	e := open(t, back)
	var people []string
	must(t, e.Select(t.Context(), &people, `SELECT substr(person, 1, 5) FROM notify_wish ORDER BY person`))
	if len(people) < 3000 {
		t.Fatalf("%d of 3000 rows came back", len(people))
	}
	for i := range 3000 {
		if people[i] != fmt.Sprintf("%05d", i) {
			t.Fatalf("row %d is %s", i, people[i])
		}
	}
	drift, err := db.Drift(t.Context(), e)
	if err != nil || len(drift) > 0 {
		t.Errorf("the schema differs: %v %v", drift, err)
	}
}

func TestAPlaceThatCannotBeIsNamed(t *testing.T) {
	folder := testkit.Migrated(t)
	for place, says := range map[string]string{
		"/tmp/x": "file:///folder or s3://", "gs://bucket/x": "file:///folder or s3://", "s3://key:word@bucket/x": "must hold no credentials",
	} {
		if _, err := replica.Start(t.Context(), folder, place, silent()); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", place, err)
		}
	}
	if err := replica.Restore(t.Context(), "file://"+t.TempDir(), filepath.Join(t.TempDir(), "x")); err == nil {
		t.Error("a copy came out of an empty folder")
	}
}
