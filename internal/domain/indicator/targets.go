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
	d := byID(defs)[id]
	if err := checkTarget(d, value, document); err != nil {
		return err
	}
	quantity := d.quantity(value)
	c := &gate.Change{
		By: by, Do: Target, On: authz.At(place), Record: gate.Record{Kind: targetKind},
		Detail: map[string]any{"indicator": id, "year": year, "quantity": quantity, "document": document},
	}
	return s.gate.Write(ctx, c, func(ctx context.Context, tx *db.Tx) error {
		if err := s.refuseSealed(ctx, tx, place, year); err != nil {
			return err
		}
		var err error
		c.Record.ID, err = s.putTarget(ctx, tx, place, year, id, quantity, document)
		return err
	})
}

// checkTarget tells everything wrong with a target; d is zero when there is no
// such indicator in force.
func checkTarget(d Definition, value float64, document string) error {
	var bad fault.Fields
	if !d.Target {
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
	return bad.Err()
}

// putTarget writes a target and counts it in place of the value it had.
func (s *Service) putTarget(ctx context.Context, tx *db.Tx, place region.Code, year int, id string, quantity int64, document string) (key string, err error) {
	if _, err := tx.Exec(ctx, `INSERT INTO indicator_target (id, region, year, indicator, quantity, document, version)
		VALUES (?,?,?,?,?,?,1) ON CONFLICT (region, year, indicator) DO UPDATE
		SET quantity = excluded.quantity, document = excluded.document, version = indicator_target.version + 1`,
		db.NewID(), place, year, id, quantity, document); err != nil {
		return "", err
	}
	if err := tx.Get(ctx, &key, `SELECT id FROM indicator_target WHERE region = ? AND year = ? AND indicator = ?`,
		place, year, id); err != nil {
		return "", err
	}
	record := ledger.Record{Kind: targetKind, ID: key}
	if _, err := s.ledger.Reverse(ctx, tx, record, ""); err != nil {
		return "", err
	}
	f := ledger.Fact{
		Stream: targetStream, OccurredOn: lastDay(year), Region: place, Quantity: quantity,
		Subject: ledger.Subject{Kind: targetKind, ID: key}, Record: record,
	}
	f.Dims[0] = id
	_, err = s.ledger.Post(ctx, tx, f)
	return key, err
}

// targetKind is the kind of record a target is.
const targetKind = "indicator_target"
