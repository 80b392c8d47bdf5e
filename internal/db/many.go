package db

import (
	"context"
	"slices"
	"strings"
)

// valuesAtOnce bounds the values of one statement of InsertAll: larger ones
// take longer to understand than they save.
const valuesAtOnce = 1000

// InsertAll inserts many rows. into is the statement up to VALUES, such as
// "INSERT INTO t (a, b)"; args are the rows' values one after the other, so
// many for each row as there are columns. After an error the change must end:
// on SQLite some of the rows may stand, because a statement that can be taken
// back alone costs a copy of every page it touches.
func (tx *Tx) InsertAll(ctx context.Context, into string, columns int, args []any) error {
	if tx.db.dialect == SQLite {
		into = strings.Replace(into, "INSERT INTO", "INSERT OR FAIL INTO", 1)
	}
	row := "(" + strings.TrimSuffix(strings.Repeat("?,", columns), ",") + ")"
	most := max(1, valuesAtOnce/columns) * columns
	full := into + " VALUES " + strings.TrimSuffix(strings.Repeat(row+",", most/columns), ",")
	for len(args) > 0 {
		n, query := most, full
		if len(args) < most {
			n = len(args)
			query = into + " VALUES " + strings.TrimSuffix(strings.Repeat(row+",", n/columns), ",")
		}
		if _, err := tx.Exec(ctx, query, args[:n]...); err != nil {
			return err
		}
		args = args[n:]
	}
	return nil
}

// idsAtOnce is how many ids stand in one IN list.
const idsAtOnce = 300

// InAll reads the rows that belong to many records, a few hundred of them at a time,
// of each in the query's order. The query's last mark is their list, IN (?); those
// before it take args.
func InAll[R any, K ~string](ctx context.Context, r Reader, ids []K, query string, args ...any) ([]R, error) {
	last := strings.LastIndex(query, "(?)")
	var all []R
	for part := range slices.Chunk(ids, idsAtOnce) {
		values := slices.Clip(args)
		for _, id := range part {
			values = append(values, string(id))
		}
		var rows []R
		if err := r.Select(ctx, &rows, query[:last+1]+Marks(len(part))+query[last+2:], values...); err != nil {
			return nil, err
		}
		all = append(all, rows...)
	}
	return all, nil
}

// Grouped are rows by what each belongs to, in their order.
func Grouped[R any, K comparable, T any](rows []R, of func(*R) (K, T)) map[K][]T {
	all := make(map[K][]T, len(rows))
	for i := range rows {
		k, v := of(&rows[i])
		all[k] = append(all[k], v)
	}
	return all
}

// Marks are n placeholders for an IN list: ?,?,?
func Marks(n int) string { return strings.TrimSuffix(strings.Repeat("?,", n), ",") }
