package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/jmoiron/sqlx"
)

// Load runs fn in one transaction for as long as it takes and returns once it
// is durable. It is for filling a database that nobody else uses yet: it holds
// up every other write, and ends with ctx.
func (d *DB) Load(ctx context.Context, fn func(ctx context.Context, tx *Tx) error) error {
	conn, err := d.write.Connx(ctx)
	if err != nil {
		return known(err)
	}
	defer func() { _ = conn.Close() }()
	raw, err := conn.BeginTxx(ctx, nil)
	if err != nil {
		return known(err)
	}
	defer func() { _ = raw.Rollback() }() // after a commit this does nothing
	tx := &Tx{Now: d.Now(), db: d, q: raw, raw: raw.Tx}
	if d.dialect == Postgres {
		err = conn.Raw(func(own any) error {
			tx.pgx = own.(*stdlib.Conn).Conn()
			return nil
		})
		if err != nil {
			return err
		}
	}
	if err := guarded(ctx, tx, fn); err != nil {
		return err
	}
	return known(raw.Commit())
}

// Copy adds rows to a table until next answers nil, and returns how many. A row
// has a value for each of the table's columns: int64, string, []byte or nil.
// Afterwards PostgreSQL numbers new rows from after the highest.
func (tx *Tx) Copy(ctx context.Context, t Table, next func() ([]any, error)) (int64, error) {
	copied := tx.insertEach
	if tx.pgx != nil {
		copied = tx.copyFrom
	}
	n, err := copied(ctx, t, next)
	if err != nil || tx.pgx == nil {
		return n, err
	}
	for _, c := range t.Columns {
		if !c.Identity {
			continue
		}
		const after = `SELECT setval(pg_get_serial_sequence(?, ?), COALESCE(max(%s), 0) + 1, false) FROM %s`
		var number int64
		if err := tx.Get(ctx, &number, fmt.Sprintf(after, quoted(c.Name), quoted(t.Name)), quoted(t.Name), c.Name); err != nil {
			return n, err
		}
	}
	return n, nil
}

func (tx *Tx) copyFrom(ctx context.Context, t Table, next func() ([]any, error)) (int64, error) {
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = c.Name
	}
	return tx.pgx.CopyFrom(ctx, pgx.Identifier{t.Name}, names, pgx.CopyFromFunc(next))
}

func (tx *Tx) insertEach(ctx context.Context, t Table, next func() ([]any, error)) (n int64, err error) {
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = quoted(c.Name)
	}
	statement := "INSERT INTO " + quoted(t.Name) + " (" + strings.Join(names, ", ") + ") VALUES (?" + strings.Repeat(", ?", len(names)-1) + ")" //nolint:gosec // quoted names of the schema
	insert, err := tx.raw.PrepareContext(ctx, statement)
	if err != nil {
		return 0, err
	}
	defer func() { _ = insert.Close() }()
	for ; ; n++ {
		row, err := next()
		if err != nil || row == nil {
			return n, err
		}
		if _, err := insert.ExecContext(ctx, row...); err != nil {
			return n, fmt.Errorf("row %d: %w", n+1, known(err))
		}
	}
}

// Clear empties a table: what migrations put into it makes way for a copy.
func (tx *Tx) Clear(ctx context.Context, t Table) error {
	_, err := tx.Exec(ctx, "DELETE FROM "+quoted(t.Name))
	return err
}

// Scan reads a row of Table.Rows into values, one for each column: int64, string,
// []byte or nil.
func (t Table) Scan(rows *sqlx.Rows, values []any) error {
	into := make([]any, len(t.Columns))
	for i, c := range t.Columns {
		switch c.Type {
		case Integer:
			into[i] = new(sql.NullInt64)
		case Text:
			into[i] = new(sql.NullString)
		case Bytes:
			into[i] = new(any) // an empty one is not NULL
		}
	}
	if err := rows.Scan(into...); err != nil {
		return fmt.Errorf("table %s: %w", t.Name, err)
	}
	for i := range into {
		var err error
		switch v := into[i].(type) {
		case driver.Valuer:
			values[i], err = v.Value()
		case *any:
			values[i] = *v
		}
		if err != nil {
			return err
		}
	}
	return nil
}
