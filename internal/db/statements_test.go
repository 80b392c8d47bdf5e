package db_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/jmoiron/sqlx"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/testkit"
)

func TestAQueryAskedWithinItsOwnRowsHasRowsOfItsOwn(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		ctx, d := context.Background(), numbered(t, source, 5)
		const query = `SELECT n FROM numbered WHERE n >= ? ORDER BY n`
		var read []string
		must(t, d.Snapshot(ctx, func(ctx context.Context, r db.Reader) error {
			return r.Each(ctx, func(rows *sqlx.Rows) error {
				var outer int
				if err := rows.Scan(&outer); err != nil || d.Dialect() == db.Postgres {
					read = append(read, fmt.Sprint(outer, outer))
					return err // PostgreSQL reads one answer of a connection at a time
				}
				var inner []int
				if err := r.Select(ctx, &inner, query, outer); err != nil {
					return err
				}
				read = append(read, fmt.Sprint(outer, inner[0]))
				if len(inner) != 6-outer {
					t.Errorf("from %d on there are %v", outer, inner)
				}
				return nil
			}, query, 1)
		}))
		if fmt.Sprint(read) != "[1 1 2 2 3 3 4 4 5 5]" {
			t.Errorf("read %v", read)
		}
	})
}

func TestStatementsOutliveAChangedTableAndACrowdOfOthers(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		ctx, d := context.Background(), numbered(t, source, 3)
		sum := func() (n int) {
			t.Helper()
			must(t, d.Get(ctx, &n, `SELECT SUM(n) FROM numbered`))
			return n
		}
		if sum() != 6 {
			t.Errorf("the sum is %d", sum())
		}
		must(t, d.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
			if _, err := tx.Exec(ctx, `ALTER TABLE numbered ADD COLUMN word TEXT NOT NULL DEFAULT 'x'`); err != nil {
				return err
			}
			for i := range 300 { // more than a connection keeps
				if _, err := tx.Exec(ctx, fmt.Sprintf(`UPDATE numbered SET n = n + 1 WHERE n > %d`, i)); err != nil {
					return err
				}
			}
			return nil
		}))
		first := sum()
		for i := range 300 {
			var n int
			must(t, d.Get(ctx, &n, fmt.Sprintf(`SELECT COUNT(*) + %d FROM numbered`, i)))
			if n != i+3 {
				t.Fatalf("query %d answers %d", i, n)
			}
		}
		if sum() != first {
			t.Errorf("the sum was %d and is %d", first, sum())
		}
	})
}

// numbered is a database with a table of the numbers 1 to n.
func numbered(t testing.TB, source string, n int) *db.DB {
	t.Helper()
	ctx := context.Background()
	d, err := db.Open(ctx, source, db.Options{})
	must(t, err)
	t.Cleanup(func() { _ = d.Close() })
	must(t, d.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `CREATE TABLE numbered (n BIGINT NOT NULL)`); err != nil {
			return err
		}
		for i := range n {
			if _, err := tx.Exec(ctx, `INSERT INTO numbered (n) VALUES (?)`, i+1); err != nil {
				return err
			}
		}
		return nil
	}))
	return d
}

func BenchmarkReadOne(b *testing.B) {
	ctx, d := context.Background(), numbered(b, b.TempDir(), 1000)
	for b.Loop() {
		var n int
		if err := d.Get(ctx, &n, `SELECT a.n FROM numbered a LEFT JOIN numbered b ON b.rowid = a.rowid AND b.n < 2000 WHERE a.rowid = ?`, 7); err != nil {
			b.Fatal(err)
		}
	}
}
