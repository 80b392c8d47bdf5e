package ledger

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/jmoiron/sqlx"

	"qiban.dev/qiban/internal/db"
)

// streamMonth is a month of a stream: what is kept changes by it.
type streamMonth struct{ Stream, Month string }

func (sm streamMonth) compare(o streamMonth) int {
	return cmp.Or(strings.Compare(sm.Stream, o.Stream), strings.Compare(sm.Month, o.Month))
}

// args are the stream and the month's first and last day.
func (sm streamMonth) args() []any {
	return []any{sm.Stream, string(monthStart(sm.Month)), string(monthEnd(sm.Month))}
}

// changed raises the versions of the months, in the transaction that changes
// what is kept of them. The caller holds the lock.
func changed(ctx context.Context, tx *db.Tx, touched map[streamMonth]bool) error {
	for part := range parts(slices.SortedFunc(maps.Keys(touched), streamMonth.compare)) {
		args := make([]any, 0, 3*len(part))
		for _, sm := range part {
			args = append(args, sm.Stream, sm.Month, 1)
		}
		if _, err := tx.Exec(ctx, "INSERT INTO ledger_version (stream, month, version) VALUES "+tuples(len(part), 3)+
			" ON CONFLICT (stream, month) DO UPDATE SET version = ledger_version.version + 1", args...); err != nil {
			return err
		}
	}
	return nil
}

// loadVersions are the versions of all months of the streams; one that is not
// listed has the version 0.
func loadVersions(ctx context.Context, r db.Reader, streams []string) (map[streamMonth]int64, error) {
	args := make([]any, len(streams))
	for i, s := range streams {
		args[i] = s
	}
	versions := map[streamMonth]int64{}
	err := r.Each(ctx, func(rows *sqlx.Rows) error {
		var sm streamMonth
		var v int64
		err := rows.Scan(&sm.Stream, &sm.Month, &v)
		versions[sm] = v
		return err
	}, "SELECT stream, month, version FROM ledger_version WHERE stream IN "+tuple(len(args)), args...)
	return versions, err
}

func versionOf(ctx context.Context, r db.Reader, sm streamMonth) (v int64, err error) {
	err = r.Get(ctx, &v, "SELECT COALESCE(MAX(version), 0) FROM ledger_version WHERE stream = ? AND month = ?", sm.Stream, sm.Month)
	return v, err
}
