package guarantee

import (
	"context"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
)

// CountTowns tells the ledger which towns there are below a place and which of
// them the network covers, and ends those that are no more. A job calls it every
// night, and whoever has loaded a whole network at once.
func (s *Service) CountTowns(ctx context.Context, by authz.Actor, within region.Code) error {
	tree, err := s.hooks.Tree(ctx)
	if err != nil {
		return err
	}
	c := gate.Change{By: by, Do: Count, On: authz.At(within), Record: gate.Record{Kind: TownKind, ID: string(within)}}
	return s.gate.Write(ctx, &c, func(ctx context.Context, tx *db.Tx) error {
		today := dayOf(tx.Now)
		towns := map[region.Code]bool{}
		for _, p := range tree.Under(within, region.Town, today) {
			towns[p.Code] = true
		}
		c.Detail = map[string]any{"towns": len(towns)}
		if err := s.cover(ctx, tx, tree, towns); err != nil {
			return err
		}
		return s.endTowns(ctx, tx, within, today, func(code region.Code) string {
			if p, ok := tree.Last(code); ok {
				return p.To
			}
			return ""
		})
	})
}

// endTowns counts towns out that have ended since they were last counted.
func (s *Service) endTowns(ctx context.Context, tx *db.Tx, within region.Code, today string, ended func(region.Code) string) error {
	cells, err := s.ledger.Read(ctx, tx, ledger.Query{Measure: "guarantee.towns", Region: within, To: ledger.Date(today), By: []string{"town"}})
	if err != nil {
		return err
	}
	var facts []ledger.Fact
	for _, cell := range cells {
		code := region.Code(cell.Keys[0])
		end := ended(code)
		if end == "" || end > today {
			continue
		}
		for _, stream := range []string{streamTown, streamCovered} {
			facts = append(facts, ledger.Fact{
				Stream: stream, OccurredOn: ledger.Date(end), Region: code, Subject: ledger.Subject{Kind: TownKind, ID: string(code)},
				Record: ledger.Record{Kind: TownKind, ID: string(code)},
			})
		}
	}
	_, err = s.ledger.Post(ctx, tx, facts...)
	return err
}
