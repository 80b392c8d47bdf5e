package indicator

import (
	"context"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
)

// Sheet is an office's return for a year (年报表). The office is a county, or the
// city itself for its own row. Values are in each indicator's unit; an
// indicator that is missing was left empty, which is not 0.
type Sheet struct {
	ID        string      `db:"id"`
	Region    region.Code `db:"region"`
	Year      int         `db:"year"`
	State     flow.State  `db:"state"`
	Version   int         `db:"version"`
	FilledBy  string      `db:"filled_by"`  // person id
	DecidedBy string      `db:"decided_by"` // person id, empty until decided
	Reason    string      `db:"reason"`     // why it was sent back or reopened
	Created   int64       `db:"created"`
	Changed   int64       `db:"changed"`
	Values    map[string]float64
}

const sheetColumns = `id, region, year, state, version, filled_by, decided_by, reason, created, changed`

// SheetKind is the kind of record a return is.
const SheetKind = "indicator_return"

func (s *Sheet) target() authz.Target { return authz.At(s.Region) }

// ChangedAt is when the return was last changed.
func (s *Sheet) ChangedAt() time.Time { return db.Time(s.Changed) }

// Sheets are the returns of a year within the scope, by office.
func (s *Service) Sheets(ctx context.Context, r db.Reader, scope authz.Scope, year int) ([]Sheet, error) {
	where, args := scope.SQL(authz.Columns{Region: "region"})
	var sheets []Sheet
	err := r.Select(ctx, &sheets, `SELECT `+sheetColumns+` FROM indicator_return WHERE `+where+` AND year = ?
		ORDER BY region`, append(args, year)...)
	return sheets, err
}

// Sheet is one return with its values, NotFound outside the actor's reach.
func (s *Service) Sheet(ctx context.Context, by authz.Actor, id string) (*Sheet, error) {
	return s.sheet(ctx, s.db, by.Scope(View), id)
}

func (s *Service) sheet(ctx context.Context, r db.Reader, scope authz.Scope, id string) (*Sheet, error) {
	where, args := scope.SQL(authz.Columns{Region: "region"})
	var sheet Sheet
	err := r.Get(ctx, &sheet, `SELECT `+sheetColumns+` FROM indicator_return WHERE id = ? AND `+where,
		append([]any{id}, args...)...)
	if err != nil {
		return nil, err
	}
	return &sheet, s.values(ctx, r, &sheet)
}

func (s *Service) values(ctx context.Context, r db.Reader, sheet *Sheet) error {
	defs, err := s.Definitions(ctx, r, sheet.Year)
	if err != nil {
		return err
	}
	factor := byID(defs)
	var rows []struct {
		Indicator string `db:"indicator"`
		Quantity  int64  `db:"quantity"`
	}
	err = r.Select(ctx, &rows, `SELECT indicator, quantity FROM indicator_value WHERE return_id = ?`, sheet.ID)
	sheet.Values = make(map[string]float64, len(rows))
	for _, row := range rows {
		sheet.Values[row.Indicator] = float64(row.Quantity) / factor[row.Indicator].Factor()
	}
	return err
}

// Open is the office's return for a year, begun empty when there is none yet.
func (s *Service) Open(ctx context.Context, by authz.Actor, office region.Code, year int) (*Sheet, error) {
	if err := checkYear(year); err != nil {
		return nil, err
	}
	var id string
	err := s.db.Get(ctx, &id, `SELECT id FROM indicator_return WHERE region = ? AND year = ?`, office, year)
	if err == nil {
		return s.Sheet(ctx, by, id)
	}
	if !fault.Is(err, fault.NotFound) {
		return nil, err
	}
	id = db.NewID()
	c := &gate.Change{By: by, Do: Fill, On: authz.At(office), Record: gate.Record{Kind: SheetKind, ID: id}}
	err = s.gate.Write(ctx, c, func(ctx context.Context, tx *db.Tx) error {
		n, err := begin(ctx, tx, id, office, year, by)
		if err == nil && n == 0 { // a colleague began it a moment ago
			return tx.Get(ctx, &id, `SELECT id FROM indicator_return WHERE region = ? AND year = ?`, office, year)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return s.Sheet(ctx, by, id)
}

// begin puts an empty return on file; n is 0 when there is one already.
func begin(ctx context.Context, tx *db.Tx, id string, office region.Code, year int, by authz.Actor) (n int64, err error) {
	return tx.Exec(ctx, `INSERT INTO indicator_return (`+sheetColumns+`)
		VALUES (?,?,?,?,1,?,'','',?,?) ON CONFLICT DO NOTHING`,
		id, office, year, Draft, by.ID, db.Millis(tx.Now), db.Millis(tx.Now))
}

// FillIn replaces the values of a return that is still open. All broken values
// are answered at once, by indicator id.
func (s *Service) FillIn(ctx context.Context, by authz.Actor, id string, version int, values map[string]float64) error {
	sheet, err := s.Sheet(ctx, by, id)
	if err != nil {
		return err
	}
	defs, err := s.Definitions(ctx, s.db, sheet.Year)
	if err != nil {
		return err
	}
	asked := byID(Reported(defs, sheet.Region))
	if err := checkValues(asked, values); err != nil {
		return err
	}
	return s.step(ctx, by, sheet, version, Fill, "", func(ctx context.Context, tx *db.Tx) error {
		return putValues(ctx, tx, sheet.ID, values, asked)
	})
}

// putValues writes the values of a return in place of those it had.
func putValues(ctx context.Context, tx *db.Tx, id string, values map[string]float64, asked map[string]Definition) error {
	if _, err := tx.Exec(ctx, `DELETE FROM indicator_value WHERE return_id = ?`, id); err != nil {
		return err
	}
	for indicator, v := range values {
		if _, err := tx.Exec(ctx, `INSERT INTO indicator_value (return_id, indicator, quantity) VALUES (?,?,?)`,
			id, indicator, asked[indicator].quantity(v)); err != nil {
			return err
		}
	}
	return nil
}

// Advance takes a return one step: Submit, Accept, Return or Reopen. Return and
// Reopen need a reason. Accepting counts its values; reopening takes them back.
func (s *Service) Advance(ctx context.Context, by authz.Actor, id string, version int, do authz.Permission, reason string) error {
	sheet, err := s.Sheet(ctx, by, id)
	if err != nil {
		return err
	}
	if (do == Return || do == Reopen) && reason == "" {
		return fault.Fields{{Name: "reason", Key: "field.required"}}.Err()
	}
	if do == Submit && len(sheet.Values) == 0 {
		return fault.New(fault.Conflict, "indicator.empty_return")
	}
	return s.step(ctx, by, sheet, version, do, reason, func(ctx context.Context, tx *db.Tx) error {
		switch do {
		case Accept:
			return s.countSheet(ctx, tx, sheet)
		case Reopen:
			_, err := s.ledger.Reverse(ctx, tx, ledger.Record{Kind: SheetKind, ID: sheet.ID}, "")
			return err
		}
		return nil
	})
}

// step moves the return along its lifecycle and runs fn in the same transaction.
func (s *Service) step(ctx context.Context, by authz.Actor, sheet *Sheet, version int, do authz.Permission,
	reason string, fn func(context.Context, *db.Tx) error,
) error {
	c := &gate.Change{
		By: by, Do: do, On: sheet.target(), Record: gate.Record{Kind: SheetKind, ID: sheet.ID},
		Detail: map[string]any{"office": sheet.Region, "year": sheet.Year},
	}
	if reason != "" {
		c.Detail["reason"] = reason
	}
	if err := gate.Check(c); err != nil {
		return err
	}
	next, err := Lifecycle.Next(sheet.State, do)
	if err != nil {
		return err
	}
	if do == Accept && sheet.FilledBy == by.ID {
		return fault.New(fault.Conflict, "indicator.four_eyes")
	}
	return s.gate.Write(ctx, c, func(ctx context.Context, tx *db.Tx) error {
		if err := s.refuseSealed(ctx, tx, sheet.Region, sheet.Year); err != nil {
			return err
		}
		if err := move(ctx, tx, by, sheet, version, do, next, reason); err != nil {
			return err
		}
		return fn(ctx, tx)
	})
}

// move writes the state that a step leads to.
func move(ctx context.Context, tx *db.Tx, by authz.Actor, sheet *Sheet, version int, do authz.Permission, next flow.State, reason string) error {
	decided := sheet.DecidedBy
	if do == Accept || do == Return {
		decided = by.ID
	}
	filled := sheet.FilledBy
	if do == Fill || do == Submit {
		filled = by.ID
	}
	return tx.ExecOne(ctx, `UPDATE indicator_return SET state = ?, version = version + 1, filled_by = ?,
		decided_by = ?, reason = ?, changed = ? WHERE id = ? AND version = ?`,
		next, filled, decided, reason, db.Millis(tx.Now), sheet.ID, version)
}

// countSheet posts every value of an accepted return as a fact of its year.
func (s *Service) countSheet(ctx context.Context, tx *db.Tx, sheet *Sheet) error {
	defs, err := s.Definitions(ctx, tx, sheet.Year)
	if err != nil {
		return err
	}
	known := byID(defs)
	facts := make([]ledger.Fact, 0, len(sheet.Values))
	for _, d := range defs { // in order, so that a replay posts the same facts
		v, ok := sheet.Values[d.ID]
		if !ok {
			continue
		}
		f := ledger.Fact{
			Stream: reportedStream, OccurredOn: lastDay(sheet.Year), Region: sheet.Region, Reported: true,
			Subject:  ledger.Subject{Kind: SheetKind, ID: sheet.ID},
			Quantity: known[d.ID].quantity(v),
			Record:   ledger.Record{Kind: SheetKind, ID: sheet.ID},
		}
		f.Dims[0] = d.ID
		facts = append(facts, f)
	}
	_, err = s.ledger.Post(ctx, tx, facts...)
	return err
}

func lastDay(year int) ledger.Date { return day(year, 12, 31) }

func day(year, month, d int) ledger.Date {
	return ledger.Date(time.Date(year, time.Month(month), d, 0, 0, 0, 0, time.UTC).Format(time.DateOnly))
}
