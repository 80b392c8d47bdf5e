package institution

import (
	"context"
	"strings"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/search"
)

// Searched are the published institutions as search finds them: by their names,
// kinds and places, and by what they offer.
func (s *Service) Searched() search.Source {
	return search.Source{
		Name:  Record,
		Heard: map[string]func(context.Context, db.Reader, []string) ([]string, error){Record: nil},
		Read:  s.documents,
	}
}

func (s *Service) documents(ctx context.Context, r db.Reader, p search.Pick) ([]search.Document, error) {
	day := s.today()
	where, args := p.Where("i.id")
	var rows []row
	if err := r.Select(ctx, &rows, `SELECT `+institutionColumns+fromInstitution+`
		WHERE i.published = 1 AND (i.ended = '' OR i.ended > ?) AND `+where, append([]any{day, day, day, day, day}, args...)...); err != nil || len(rows) == 0 {
		return nil, err
	}
	ids := search.Pick{}
	for _, row := range rows {
		ids.IDs = append(ids.IDs, row.ID)
	}
	offered, themes := map[ID][]string{}, map[ID][]string{}
	where, args = ids.Where("institution_id")
	var offers []offeringRow
	if err := r.Select(ctx, &offers, `SELECT `+offeringColumns+` FROM institution_service WHERE ended = 0 AND `+where+`, id`, args...); err != nil {
		return nil, err
	}
	for i := range offers {
		o := offers[i].offering()
		offered[o.Institution] = append(offered[o.Institution], o.Name+"："+o.Description)
		themes[o.Institution] = append(themes[o.Institution], o.Theme.Key())
	}
	all := make([]search.Document, len(rows))
	for n := range rows {
		i := rows[n].institution()
		var keys []string
		for _, k := range i.Kinds {
			keys = append(keys, k.Key())
		}
		if i.Tier != NoTier {
			keys = append(keys, i.Tier.Key())
		}
		all[n] = search.Document{
			Kind: Record, Record: string(i.ID), Root: string(i.ID), Region: i.Region, Title: i.Name,
			Tags: search.Words(append(keys, themes[i.ID]...)...), Body: strings.Join(append([]string{i.About}, append(offered[i.ID], i.Address)...), "\n"),
		}
	}
	return all, nil
}
