package db

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"qiban.dev/qiban/migrations"
)

// Migrate brings the schema up to this program's version. Several processes
// may call it at once; one does the work. It returns how many files it applied.
func (d *DB) Migrate(ctx context.Context) (int, error) {
	provider, err := d.provider()
	if err != nil {
		return 0, err
	}
	done, err := provider.Up(ctx)
	if err != nil {
		return 0, fmt.Errorf("migrate: %w", err)
	}
	return len(done), nil
}

// Pending reports whether the schema is older than this program.
func (d *DB) Pending(ctx context.Context) (bool, error) {
	provider, err := d.provider()
	if err != nil {
		return false, err
	}
	return provider.HasPending(ctx)
}

func (d *DB) provider() (*goose.Provider, error) {
	quiet := goose.WithLogger(goose.NopLogger())
	if d.dialect == SQLite {
		return goose.NewProvider(goose.DialectSQLite3, d.write.DB, liteFS{migrations.Files}, quiet)
	}
	one, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectPostgres, d.write.DB, migrations.Files, quiet, goose.WithSessionLocker(one))
}

// liteFS reads migrations as SQLite wants them: its text is always compared by
// bytes, which is what COLLATE "C" asks of PostgreSQL, and bytes are BLOB.
type liteFS struct{ fs.FS }

func (l liteFS) Open(name string) (fs.File, error) {
	file, err := l.FS.Open(name)
	if err != nil || !strings.HasSuffix(name, ".sql") {
		return file, err
	}
	raw, err := io.ReadAll(file)
	if err != nil {
		return nil, err
	}
	sql := strings.NewReplacer(` COLLATE "C"`, "", " BYTEA", " BLOB").Replace(string(raw))
	return &liteFile{File: file, Reader: strings.NewReader(sql)}, nil
}

type liteFile struct {
	fs.File
	*strings.Reader
}

func (f *liteFile) Read(p []byte) (int, error) { return f.Reader.Read(p) }

// ReadDir keeps the listing of the folder itself.
func (l liteFS) ReadDir(name string) ([]fs.DirEntry, error) { return fs.ReadDir(l.FS, name) }
