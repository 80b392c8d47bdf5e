package testkit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
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
	once, _ := folders().LoadOrStore(name, sync.OnceValues(func() (contents, error) {
		return readPrepared(prepare)
	}))
	files, err := once.(func() (contents, error))()
	if err != nil {
		t.Fatalf("preparing %s on SQLite: %v", name, err)
	}
	dir := t.TempDir()
	writeFolder(t, dir, files)
	return dir
}

// contents are the files of a folder by their path in it.
type contents = map[string][]byte

func writeFolder(t testing.TB, dir string, files contents) {
	t.Helper()
	for file, raw := range files {
		// A child begun meanwhile would hold the file open for a moment, and a
		// program that somebody may write to cannot be run.
		syscall.ForkLock.RLock()
		to := filepath.Join(dir, file)
		err := errors.Join(os.MkdirAll(filepath.Dir(to), 0o700), os.WriteFile(to, raw, 0o600))
		syscall.ForkLock.RUnlock()
		if err != nil {
			t.Fatal(err)
		}
	}
}

func readPrepared(prepare func(context.Context, string) error) (contents, error) {
	dir, err := os.MkdirTemp("", "qiban-prepared-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if err := prepare(context.Background(), dir); err != nil {
		return nil, err
	}
	return readFolder(dir)
}

// readFolder is empty for a folder that does not exist.
func readFolder(dir string) (contents, error) {
	files := contents{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, e fs.DirEntry, err error) error {
		if path == "." && errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || e.IsDir() {
			return err
		}
		files[path], err = os.ReadFile(filepath.Join(dir, path))
		return err
	})
	return files, err
}

// preparedPostgres copies a template that the first process to need it makes,
// while the others wait: the database, and the uploads that its records name.
func preparedPostgres(t testing.TB, name string, prepare func(context.Context, string) error) string {
	t.Helper()
	server := testServer(t)
	template, err := templateName(name)
	var uploads contents
	if err == nil {
		uploads, err = makeTemplate(context.Background(), server, template, prepare)
	}
	if err != nil {
		t.Fatalf("preparing %s on PostgreSQL: %v", name, err)
	}
	source := freshDatabase(t, server, template)
	writeFolder(t, uploadsOf(source), uploads)
	return source
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

// makeTemplate makes the template unless it is there, and gives its uploads.
// They lie in a table of the maintenance database that has the template's name:
// every process of a test run reaches that, and it goes with the server.
func makeTemplate(ctx context.Context, server, template string, prepare func(context.Context, string) error) (contents, error) {
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close(ctx) }() // and with it the lock
	var there bool
	const ready = "SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1 AND datistemplate)"
	if err := conn.QueryRow(ctx, ready, template).Scan(&there); err != nil {
		return nil, err
	}
	if there {
		return templateUploads(ctx, conn, template)
	}
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock(hashtext($1))", template); err != nil {
		return nil, err
	}
	if err := conn.QueryRow(ctx, ready, template).Scan(&there); err != nil {
		return nil, err
	}
	if there {
		return templateUploads(ctx, conn, template)
	}
	// What a killed process left half-made is not marked as a template.
	for _, statement := range []string{
		"DROP DATABASE IF EXISTS " + template + " WITH (FORCE)", createDatabase(template, ""),
		"DROP TABLE IF EXISTS " + template, "CREATE TABLE " + template + " (path TEXT PRIMARY KEY, content BYTEA NOT NULL)",
	} {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return nil, err
		}
	}
	source := withDatabase(server, template)
	defer func() { _ = os.RemoveAll(uploadsOf(source)) }()
	if err := prepare(ctx, source); err != nil {
		return nil, err
	}
	uploads, err := readFolder(uploadsOf(source))
	for path, raw := range uploads {
		if err == nil {
			_, err = conn.Exec(ctx, "INSERT INTO "+template+" VALUES ($1, $2)", path, raw)
		}
	}
	if err == nil {
		_, err = conn.Exec(ctx, "ALTER DATABASE "+template+" IS_TEMPLATE true ALLOW_CONNECTIONS false")
	}
	return uploads, err
}

func templateUploads(ctx context.Context, conn *pgx.Conn, template string) (contents, error) {
	rows, err := conn.Query(ctx, "SELECT path, content FROM "+template)
	if err != nil {
		return nil, err
	}
	uploads, path, raw := contents{}, "", []byte(nil)
	_, err = pgx.ForEachRow(rows, []any{&path, &raw}, func() error {
		uploads[path] = bytes.Clone(raw)
		return nil
	})
	return uploads, err
}
