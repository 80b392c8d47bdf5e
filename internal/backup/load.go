package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/jobs"
)

// ErrNotEmpty is the answer to loading where there are records already.
var ErrNotEmpty = errors.New("there are records already; an archive is restored into an empty folder or database only")

// Load fills an empty database from an archive. Nothing of the archive can be
// seen before every hash in it was found right: a failure leaves the tables
// empty. The schema is the archive's afterwards, however old; migrate it.
//
// files takes the uploads and may be nil when the archive has none. Uploads are
// put before the records that name them can be seen; after a failure they are
// without a name.
func Load(ctx context.Context, d *db.DB, in io.ReadSeeker, files Files) (Contents, error) {
	l := &loader{d: d, files: files}
	var c Contents
	header, err := Peek(ctx, in)
	if err != nil {
		return c, err
	}
	if err := l.prepare(ctx, header); err != nil {
		return c, err
	}
	if _, err := in.Seek(0, io.SeekStart); err != nil {
		return c, err
	}
	err = d.Load(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := l.clear(ctx, tx); err != nil {
			return err
		}
		c, err = read(ctx, in, taker{
			table: func(t db.Table, next func() ([]any, error)) error { return l.table(ctx, tx, t, next) },
			jobs: func(next func() (*jobs.Pending, error)) error {
				_, err := jobs.Carry(ctx, d, tx, header.LastJob, ending(next))
				return err
			},
			file: func(name string, size int64, content io.Reader) error { return l.file(ctx, name, size, content) },
		})
		return err
	})
	return c, err
}

type loader struct {
	d     *db.DB
	files Files
	own   []db.Table // as the database has them
}

// prepare gives an empty database the archive's schema.
func (l *loader) prepare(ctx context.Context, h Header) error {
	known, err := db.Known()
	if err != nil {
		return err
	}
	for _, v := range h.Versions {
		if !slices.Contains(known, v) {
			return fmt.Errorf("the archive's schema has migration %d, which this program does not know: restore it with qiban %s or newer", v, h.Program)
		}
	}
	there, err := db.Versions(ctx, l.d)
	if err != nil {
		return err
	}
	for _, v := range there { // what an earlier attempt may have left is part of it
		if !slices.Contains(h.Versions, v) {
			return ErrNotEmpty
		}
	}
	if err := Empty(ctx, l.d); err != nil {
		return err
	}
	if err := l.d.MigrateTo(ctx, h.Versions); err != nil {
		return err
	}
	if err := jobs.Migrate(ctx, l.d); err != nil {
		return err
	}
	l.own, err = db.Tables(ctx, l.d)
	return err
}

// Empty answers ErrNotEmpty for a database in which anything was ever done, or
// that holds tables of somebody else.
func Empty(ctx context.Context, d *db.DB) error {
	versions, err := db.Versions(ctx, d)
	if err != nil {
		return err
	}
	tables, err := db.Tables(ctx, d)
	if err != nil {
		return err
	}
	if len(versions) == 0 && len(tables) > 0 {
		return ErrNotEmpty
	}
	for _, t := range tables {
		if t.Name != "audit_entry" && t.Name != "account_person" {
			continue // migrations put a few rows into others; nothing happens without these
		}
		var n int64
		if err := d.Get(ctx, &n, `SELECT count(*) FROM (SELECT 1 FROM `+t.Name+` LIMIT 1) AS any_row`); err != nil {
			return err
		}
		if n > 0 {
			return ErrNotEmpty
		}
	}
	return nil
}

// clear takes out what the migrations put in: the archive has it too.
func (l *loader) clear(ctx context.Context, tx *db.Tx) error {
	for _, t := range slices.Backward(l.own) {
		if err := tx.Clear(ctx, t); err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, `DELETE FROM river_job`)
	return err
}

// table copies rows into the database's own table, which must have the same
// columns.
func (l *loader) table(ctx context.Context, tx *db.Tx, t db.Table, next func() ([]any, error)) error {
	i := slices.IndexFunc(l.own, func(own db.Table) bool { return own.Name == t.Name })
	if i < 0 {
		return errors.New("no migration of this program makes this table")
	}
	own := l.own[i]
	if len(own.Columns) != len(t.Columns) {
		return fmt.Errorf("the archive has %d columns, the schema %d", len(t.Columns), len(own.Columns))
	}
	for n, c := range t.Columns {
		k := slices.IndexFunc(own.Columns, func(o db.Column) bool { return o.Name == c.Name && o.Type == c.Type })
		if k < 0 {
			return fmt.Errorf("the schema has no column %s of type %s", c.Name, c.Type)
		}
		t.Columns[n].Identity = own.Columns[k].Identity
	}
	_, err := tx.Copy(ctx, t, func() ([]any, error) {
		row, err := next()
		if errors.Is(err, io.EOF) {
			return nil, nil
		}
		return row, err
	})
	return err
}

func (l *loader) file(ctx context.Context, name string, size int64, content io.Reader) error {
	if l.files == nil {
		return errors.New("there is no place for uploads")
	}
	return l.files.Put(ctx, name, size, content)
}

// ending says nil at the end, as Carry wants it.
func ending(next func() (*jobs.Pending, error)) func() (*jobs.Pending, error) {
	return func() (*jobs.Pending, error) {
		p, err := next()
		if errors.Is(err, io.EOF) {
			return nil, nil
		}
		return p, err
	}
}
