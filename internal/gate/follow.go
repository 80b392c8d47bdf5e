package gate

import (
	"context"

	"qiban.dev/qiban/internal/db"
)

// Place is how far somebody has followed the audit trail: the last entry of each
// lane. A lane that is missing was not followed yet.
type Place map[int64]int64

// End is where the trail ends now.
func End(ctx context.Context, r db.Reader) (Place, error) {
	var heads []struct{ Lane, Seq int64 }
	err := r.Select(ctx, &heads, `SELECT lane, seq FROM audit_head`)
	end := make(Place, len(heads))
	for _, h := range heads {
		end[h.Lane] = h.Seq
	}
	return end, err
}

// Changed are the records of some kinds that entries between two places of the
// trail speak of, each once: changed, or only read. What is committed after to
// was reached does not get lost: a lane's entries are in the order of their
// commits.
func Changed(ctx context.Context, r db.Reader, from, to Place, kinds ...string) ([]Record, error) {
	var all []Record
	seen := map[Record]bool{}
	for lane, last := range to {
		if last <= from[lane] || len(kinds) == 0 {
			continue
		}
		args := []any{lane, from[lane], last}
		for _, k := range kinds {
			args = append(args, k)
		}
		var found []struct {
			Kind string `db:"record_kind"`
			ID   string `db:"record_id"`
		}
		if err := r.Select(ctx, &found, `SELECT DISTINCT record_kind, record_id FROM audit_entry
			WHERE lane = ? AND seq > ? AND seq <= ? AND record_kind IN (`+db.Marks(len(kinds))+`)`, args...); err != nil {
			return nil, err
		}
		for _, f := range found {
			record := Record{Kind: f.Kind, ID: f.ID}
			if !seen[record] {
				seen[record] = true
				all = append(all, record)
			}
		}
	}
	return all, nil
}
