package indicator

import (
	"context"
	"math"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
)

// SetTarget sets what a place should reach in a year, in the indicator's unit,
// and names the document that says so. An earlier value is taken back.
func (s *Service) SetTarget(ctx context.Context, by authz.Actor, place region.Code, year int, id string, value float64, document string) error {
	defs, err := s.Definitions(ctx, s.db, year)
	if err != nil {
		return err
	}
	d, ok := byID(defs)[id]
	var bad fault.Fields
	if !ok || !d.Target {
		bad.Add("indicator", "indicator.not_target")
	}
	if math.IsNaN(value) || value < 0 || value*d.Factor() > mostValue {
		bad.Add("value", "indicator.negative")
	}
	if document == "" {
		bad.Add("document", "field.required")
	} else if len([]rune(document)) > 200 {
		bad.Add("document", "field.too_long", "max", 200, "n", len([]rune(document)))
	}
	if err := bad.Err(); err != nil {
		return err
	}
	quantity := int64(math.Round(value * d.Factor()))
	c := &gate.Change{
		By: by, Do: Target, On: authz.At(place), Record: gate.Record{Kind: "indicator_target"},
		Detail: map[string]any{"indicator": id, "year": year, "quantity": quantity, "document": document},
	}
	return s.gate.Write(ctx, c, func(ctx context.Context, tx *db.Tx) error {
		if err := s.refuseSealed(ctx, tx, place, year); err != nil {
			return err
		}
		key := db.NewID()
		if _, err := tx.Exec(ctx, `INSERT INTO indicator_target (id, region, year, indicator, quantity, document, version)
			VALUES (?,?,?,?,?,?,1) ON CONFLICT (region, year, indicator) DO UPDATE
			SET quantity = excluded.quantity, document = excluded.document, version = indicator_target.version + 1`,
			key, place, year, id, quantity, document); err != nil {
			return err
		}
		if err := tx.Get(ctx, &key, `SELECT id FROM indicator_target WHERE region = ? AND year = ? AND indicator = ?`,
			place, year, id); err != nil {
			return err
		}
		c.Record.ID = key
		record := ledger.Record{Kind: "indicator_target", ID: key}
		if _, err := s.ledger.Reverse(ctx, tx, record, ""); err != nil {
			return err
		}
		f := ledger.Fact{
			Stream: targetStream, OccurredOn: lastDay(year), Region: place, Quantity: quantity,
			Subject: ledger.Subject{Kind: "indicator_target", ID: key}, Record: record,
		}
		f.Dims[0] = id
		_, err := s.ledger.Post(ctx, tx, f)
		return err
	})
}
