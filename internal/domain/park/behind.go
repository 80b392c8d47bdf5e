package park

import (
	"context"
	"slices"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/ledger"
)

// Behind is a record that a figure opens into, with what it is called.
type Behind struct {
	Name string
	Park ID // the park it belongs to; of a plan its own id
}

// Open names the records of this domain's facts, as far as the actor may see
// them; others are left out.
func (s *Service) Open(ctx context.Context, by authz.Actor, records ...ledger.Record) (map[ledger.Record]Behind, error) {
	found := map[ledger.Record]Behind{}
	for _, k := range []struct {
		kind, id, name, from string
		may                  authz.Permission
		columns              authz.Columns
	}{
		{Record, `p.id`, `p.name`, `park p`, See, columns()},
		{BuildingRecord, `b.id`, `p.name || ' ' || b.name`, `park_building b JOIN park p ON p.id = b.park_id`, See, columns()},
		{
			TenancyRecord, `y.id`, `p.name || ' ' || COALESCE(e.name, '')`,
			`park_tenancy y JOIN park p ON p.id = y.park_id LEFT JOIN enterprise e ON e.id = y.enterprise_id`, See, columns(),
		},
		{PlanRecord, `p.id`, `p.title`, `park_plan p`, SeePlan, authz.Columns{Region: "p.region"}},
	} {
		var ids []any
		for _, r := range records {
			if r.Kind == k.kind {
				ids = append(ids, r.ID)
			}
		}
		for part := range slices.Chunk(ids, 500) {
			where, args := by.Scope(k.may).SQL(k.columns)
			var rows []struct {
				ID   string `db:"id"`
				Park ID     `db:"park"`
				Name string `db:"name"`
			}
			if err := s.db.Select(ctx, &rows, `SELECT `+k.id+` AS id, p.id AS park, `+k.name+` AS name FROM `+k.from+
				` WHERE `+k.id+` IN (`+db.Marks(len(part))+`) AND `+where, append(slices.Clone(part), args...)...); err != nil {
				return nil, err
			}
			for _, row := range rows {
				found[ledger.Record{Kind: k.kind, ID: row.ID}] = Behind{Name: row.Name, Park: row.Park}
			}
		}
	}
	return found, nil
}
