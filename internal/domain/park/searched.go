package park

import (
	"context"
	"strings"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/search"
)

// Searched are the published parks as search finds them: by their names, places
// and grades, and by their buildings and facilities.
func (s *Service) Searched() search.Source {
	return search.Source{
		Name: Record,
		Heard: map[string]func(context.Context, db.Reader, []string) ([]string, error){
			Record: nil,
			BuildingRecord: func(ctx context.Context, r db.Reader, ids []string) (parks []string, err error) {
				where, args := search.Pick{IDs: ids}.Where("id")
				return parks, r.Select(ctx, &parks, `SELECT park_id FROM park_building WHERE `+where, args...)
			},
		},
		Read: s.documents,
	}
}

func (s *Service) documents(ctx context.Context, r db.Reader, p search.Pick) ([]search.Document, error) {
	day := s.today()
	where, args := p.Where("p.id")
	var rows []parkRow
	if err := r.Select(ctx, &rows, `SELECT `+parkColumns+fromPark+`
		WHERE p.published = 1 AND (p.ended_on = '' OR p.ended_on > ?) AND `+where, append([]any{day, day, day, day, day}, args...)...); err != nil || len(rows) == 0 {
		return nil, err
	}
	ids := search.Pick{}
	for _, row := range rows {
		ids.IDs = append(ids.IDs, row.ID)
	}
	where, args = ids.Where("park_id")
	var houses []struct {
		Park string `db:"park_id"`
		Name string `db:"name"`
		Kind Kind   `db:"kind"`
	}
	if err := r.Select(ctx, &houses, `SELECT park_id, name, kind FROM park_building WHERE `+where+`, name`, args...); err != nil {
		return nil, err
	}
	built, kinds := map[string][]string{}, map[string][]string{}
	for _, h := range houses {
		built[h.Park] = append(built[h.Park], h.Name)
		kinds[h.Park] = append(kinds[h.Park], h.Kind.Key())
	}
	all := make([]search.Document, len(rows))
	for n := range rows {
		k := rows[n].park()
		keys := append([]string{"search.kind.park"}, kinds[string(k.ID)]...)
		if k.Grade != "" {
			keys = append(keys, k.Grade.Key())
		}
		if k.Model {
			keys = append(keys, ModelPark.Key())
		}
		for _, f := range k.Facilities {
			keys = append(keys, f.Key())
		}
		body := append([]string{k.About, k.Developer, k.Operator, k.Address}, built[string(k.ID)]...)
		all[n] = search.Document{
			Kind: Record, Record: string(k.ID), Root: string(k.ID), Region: k.Region, Title: k.Name,
			Tags: search.Words(keys...), Body: strings.Join(body, "\n"),
		}
	}
	return all, nil
}
