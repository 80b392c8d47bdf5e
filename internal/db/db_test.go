package db_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"qiban.dev/qiban/internal/db"
)

// open is an empty database with a table of notes; several handles may be open
// on one source.
func open(t testing.TB, source string, change ...func(*db.Options)) *db.DB {
	t.Helper()
	opts := db.Options{Log: slog.New(slog.DiscardHandler)}
	for _, c := range change {
		c(&opts)
	}
	d, err := db.Open(context.Background(), source, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

func notes(t testing.TB, source string) *db.DB {
	t.Helper()
	d := open(t, source)
	must(t, d.Write(context.Background(), func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `CREATE TABLE note (id TEXT NOT NULL PRIMARY KEY, n BIGINT NOT NULL, said TEXT UNIQUE)`)
		return err
	}))
	return d
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func note(ctx context.Context, tx *db.Tx, id string, n int) error {
	_, err := tx.Exec(ctx, `INSERT INTO note (id, n) VALUES (?, ?)`, id, n)
	return err
}

// count runs a query for one number.
func count(t testing.TB, d *db.DB, query string, args ...any) int64 {
	t.Helper()
	var n int64
	must(t, d.Get(context.Background(), &n, query, args...))
	return n
}

// soon fails the test when fn does not return: whoever waits must be answered.
func soon(t *testing.T, what string, fn func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		fn()
	}()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Fatalf("%s hangs", what)
	}
}
