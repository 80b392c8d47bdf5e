package enterprise

import (
	"context"
	"slices"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
)

// ByNumber are the entries in use that bear the numbers (信用代码、组织机构代码、注册号),
// as far as the scope reaches, by the number as Normalise writes it. Of several
// that say they bear one, the entry whose number was verified is meant; while
// none was, the number finds nobody. It is for tables that name enterprises by
// their numbers; identifiers are not filled in.
func ByNumber(ctx context.Context, r db.Reader, scope authz.Scope, numbers ...string) (map[string]Enterprise, error) {
	found := make(map[string]Enterprise, len(numbers))
	sure := map[string]bool{} // whose bearer was verified
	where, args := reach(scope)
	for part := range slices.Chunk(numbers, 500) {
		var rows []struct {
			Value string `db:"value"`
			State string `db:"state"`
			record
		}
		values := make([]any, 0, len(part)+len(args))
		for _, n := range part {
			values = append(values, Normalise(n))
		}
		if err := r.Select(ctx, &rows, `SELECT i.value, i.state, `+columns+` FROM enterprise_identifier i JOIN enterprise e ON e.id = i.enterprise_id
			WHERE i.value IN (`+db.Marks(len(part))+`) AND i.state IN ('claimed', 'verified') AND e.alias_of = '' AND `+where,
			append(values, args...)...); err != nil {
			return nil, err
		}
		claims := map[string]int{}
		for i := range rows {
			row := &rows[i]
			claims[row.Value]++
			if verified := row.State == "verified"; verified || !sure[row.Value] {
				found[row.Value], sure[row.Value] = row.enterprise(), verified
			}
		}
		for number, n := range claims {
			if n > 1 && !sure[number] {
				delete(found, number)
			}
		}
	}
	return found, nil
}

// Codes are the numbers that lists of other domains name entries by: the credit
// code, else the best other number; entries without any are left out.
func Codes(ctx context.Context, r db.Reader, ids ...string) (map[string]string, error) {
	codes := make(map[string]string, len(ids))
	for part := range slices.Chunk(ids, 500) {
		list := make([]Enterprise, len(part))
		for i, id := range part {
			list[i].ID = ID(id)
		}
		if err := withIdentifiers(ctx, r, list); err != nil {
			return nil, err
		}
		for _, e := range list {
			if code := e.CreditCode(); code != "" {
				codes[string(e.ID)] = code
			}
		}
	}
	return codes, nil
}
