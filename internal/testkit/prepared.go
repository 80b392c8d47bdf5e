package testkit

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/migrations"
)

// EachMigrated is EachDatabase with the program's schema already in place, as
// db.Migrate makes it. Migrating happens once; each test gets a copy.
func EachMigrated(t *testing.T, fn func(t *testing.T, source string)) {
	t.Helper()
	EachPrepared(t, "migrated", migrate, fn)
}

// Migrated is one database with the schema in place: SQLite in a folder of the
// test. It is for tests that do not touch what the two databases do differently.
func Migrated(t testing.TB) (folder string) {
	t.Helper()
	return preparedFolder(t, "migrated", migrate)
}

// EachPrepared is EachDatabase on copies of a database that prepare filled
// once. name tells preparations apart: under one name, prepare must always do
// the same. It closes what it opens.
func EachPrepared(t *testing.T, name string, prepare func(ctx context.Context, source string) error,
	fn func(t *testing.T, source string),
) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { fn(t, preparedFolder(t, name, prepare)) })
	t.Run("postgres", func(t *testing.T) { fn(t, preparedPostgres(t, name, prepare)) })
}

func migrate(ctx context.Context, source string) error {
	d, err := db.Open(ctx, source, db.Options{})
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	_, err = d.Migrate(ctx)
	return err
}

// folders keeps the prepared SQLite files of this process, by name, in memory:
// a test process has no moment at which it could delete a common folder.
var folders = sync.OnceValue(func() *sync.Map { return new(sync.Map) })

func preparedFolder(t testing.TB, name string, prepare func(context.Context, string) error) string {
	t.Helper()
	once, _ := folders().LoadOrStore(name, sync.OnceValues(func() (map[string][]byte, error) {
		return readPrepared(prepare)
	}))
	files, err := once.(func() (map[string][]byte, error))()
	if err != nil {
		t.Fatalf("preparing %s on SQLite: %v", name, err)
	}
	dir := t.TempDir()
	for file, raw := range files {
		// A child begun meanwhile would hold the file open for a moment, and a
		// program that somebody may write to cannot be run.
		syscall.ForkLock.RLock()
		err := os.WriteFile(filepath.Join(dir, file), raw, 0o600)
		syscall.ForkLock.RUnlock()
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func readPrepared(prepare func(context.Context, string) error) (map[string][]byte, error) {
	dir, err := os.MkdirTemp("", "qiban-prepared-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if err := prepare(context.Background(), dir); err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		if files[e.Name()], err = os.ReadFile(filepath.Join(dir, e.Name())); err != nil {
			return nil, err
		}
	}
	return files, err
}

// preparedPostgres copies a template that the first process to need it makes,
// while the others wait.
func preparedPostgres(t testing.TB, name string, prepare func(context.Context, string) error) string {
	t.Helper()
	server := testServer(t)
	template, err := templateName(name)
	if err == nil {
		err = makeTemplate(context.Background(), server, template, prepare)
	}
	if err != nil {
		t.Fatalf("preparing %s on PostgreSQL: %v", name, err)
	}
	return freshDatabase(t, server, template)
}

// templateName depends on the schema too, so that a server that outlives a
// test run never hands out an older one.
func templateName(name string) (string, error) {
	sum := sha256.New()
	_, _ = fmt.Fprintln(sum, name) // a hash never fails
	err := fs.WalkDir(migrations.Files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		raw, err := migrations.Files.ReadFile(path)
		_, _ = fmt.Fprintf(sum, "%s %d %s", path, len(raw), raw)
		return err
	})
	return "t_" + hex.EncodeToString(sum.Sum(nil)[:8]), err
}

func makeTemplate(ctx context.Context, server, template string, prepare func(context.Context, string) error) error {
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }() // and with it the lock
	var there bool
	const ready = "SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1 AND datistemplate)"
	if err := conn.QueryRow(ctx, ready, template).Scan(&there); err != nil || there {
		return err
	}
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock(hashtext($1))", template); err != nil {
		return err
	}
	if err := conn.QueryRow(ctx, ready, template).Scan(&there); err != nil || there {
		return err
	}
	// What a killed process left half-made is not marked as a template.
	for _, statement := range []string{"DROP DATABASE IF EXISTS " + template + " WITH (FORCE)", createDatabase(template, "")} {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return err
		}
	}
	if err := prepare(ctx, withDatabase(server, template)); err != nil {
		return err
	}
	_, err = conn.Exec(ctx, "ALTER DATABASE "+template+" IS_TEMPLATE true ALLOW_CONNECTIONS false")
	return err
}
