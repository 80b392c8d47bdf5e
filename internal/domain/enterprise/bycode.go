package enterprise

import (
	"context"
	"slices"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/flow"
)

// ByCode finds the entries in use that the scope reaches by their numbers, as
// Normalise writes them: by number, the verified entry before others. A number
// that no entry has is left out.
func ByCode(ctx context.Context, r db.Reader, scope authz.Scope, codes ...string) (map[string]ID, error) {
	found := make(map[string]ID, len(codes))
	where, args := reach(scope)
	for part := range slices.Chunk(codes, 500) {
		values := make([]any, len(part))
		for i, code := range part {
			values[i] = code
		}
		var rows []struct {
			Value  string     `db:"value"`
			ID     ID         `db:"id"`
			Status flow.State `db:"status"`
		}
		if err := r.Select(ctx, &rows, `SELECT i.value, e.id, e.status FROM enterprise_identifier i JOIN enterprise e ON e.id = i.enterprise_id
			WHERE i.value IN (`+db.Marks(len(part))+`) AND e.alias_of = '' AND e.status IN ('verified', 'unverified') AND `+where+`
			ORDER BY e.id`, append(values, args...)...); err != nil {
			return nil, err
		}
		for _, row := range rows {
			if _, have := found[row.Value]; !have || row.Status == Verified {
				found[row.Value] = row.ID
			}
		}
	}
	return found, nil
}
