package db

import (
	"context"
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

// Marks are n placeholders for an IN list: ?,?,?
func Marks(n int) string { return strings.TrimSuffix(strings.Repeat("?,", n), ",") }
