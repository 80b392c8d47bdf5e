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
// many for each row as there are columns.
func (tx *Tx) InsertAll(ctx context.Context, into string, columns int, args []any) error {
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
