package indicator

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/region"
)

//go:embed definitions.json
var shipped []byte

// Shipped is the definitions that come with the program, in the yearbook's order.
func Shipped() ([]Definition, error) {
	var defs []Definition
	if err := json.Unmarshal(shipped, &defs); err != nil {
		return nil, fmt.Errorf("definitions.json: %w", err)
	}
	return defs, nil
}

// Seed puts the shipped definitions into a database that has none. What an
// operator changed stays.
func (s *Service) Seed(ctx context.Context, tx *db.Tx) error {
	defs, err := Shipped()
	if err != nil {
		return err
	}
	for i, d := range defs {
		body, err := json.Marshal(d)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO indicator_definition (id, version, from_year, position, body)
			VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`, d.ID, d.Version, d.From, i, string(body)); err != nil {
			return err
		}
	}
	return nil
}

// Definitions are the indicators in force for a year, in the yearbook's order:
// of each, the newest version whose first year has come.
func (s *Service) Definitions(ctx context.Context, r db.Reader, year int) ([]Definition, error) {
	var all []Definition
	var err error
	if tx, ok := r.(*db.Tx); ok && tx.Writing() {
		all, err = loadDefinitions(ctx, r)
	} else {
		all, err = s.defs.Get(ctx)
	}
	var defs []Definition
	for _, d := range all {
		switch n := len(defs); {
		case d.From > year:
		case n > 0 && defs[n-1].ID == d.ID:
			defs[n-1] = d
		default:
			defs = append(defs, d)
		}
	}
	return defs, err
}

// loadDefinitions reads every version of every definition, those of one together.
func loadDefinitions(ctx context.Context, r db.Reader) ([]Definition, error) {
	var rows []struct {
		ID   string `db:"id"`
		From int    `db:"from_year"`
		Body string `db:"body"`
	}
	err := r.Select(ctx, &rows, `SELECT id, from_year, body FROM indicator_definition ORDER BY position, id, version`)
	if err != nil {
		return nil, err
	}
	defs := make([]Definition, len(rows))
	for i, row := range rows {
		if err := json.Unmarshal([]byte(row.Body), &defs[i]); err != nil {
			return nil, fmt.Errorf("definition %s: %w", row.ID, err)
		}
		defs[i].From = row.From
	}
	return defs, nil
}

// Redefine adds a version of a definition that is in force from a year on.
// Earlier years keep theirs. top is the region the actor answers for.
func (s *Service) Redefine(ctx context.Context, by authz.Actor, top region.Code, d Definition) error {
	var bad fault.Fields
	if d.ID == "" || d.Name[0] == "" || d.Name[1] == "" {
		bad.Add("name", "field.required")
	}
	if d.From < firstYear || d.From > lastYear {
		bad.Add("from", "field.range", "min", firstYear, "max", lastYear)
	}
	if err := bad.Err(); err != nil {
		return err
	}
	c := &gate.Change{By: by, Do: Define, On: authz.At(top), Record: gate.Record{Kind: "indicator", ID: d.ID}}
	return s.gate.Write(ctx, c, func(ctx context.Context, tx *db.Tx) error {
		var last struct{ Version, Position int64 }
		err := tx.Get(ctx, &last, `SELECT COALESCE(MAX(version), 0) AS version,
			COALESCE(MAX(position), (SELECT COALESCE(MAX(position), 0) + 1 FROM indicator_definition)) AS position
			FROM indicator_definition WHERE id = ?`, d.ID)
		if err != nil {
			return err
		}
		d.Version = int(last.Version) + 1
		c.Detail = map[string]any{"version": d.Version, "from": d.From}
		body, err := json.Marshal(d)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO indicator_definition (id, version, from_year, position, body) VALUES (?, ?, ?, ?, ?)`,
			d.ID, d.Version, d.From, last.Position, string(body))
		return err
	})
}

// byID indexes definitions.
func byID(defs []Definition) map[string]Definition {
	m := make(map[string]Definition, len(defs))
	for _, d := range defs {
		m[d.ID] = d
	}
	return m
}

// Asked reports whether a return is not complete without the figure: one that is
// computed needs no answer, but from an office with books of its own.
func (d Definition) Asked() bool { return d.Measure == "" }

// Reported are the definitions an office's return has room for: not the targets,
// not what follows from other figures, not what other offices answer for, and of
// what the ledger computes only what offices may keep books of their own about.
func Reported(defs []Definition, office region.Code) []Definition {
	own := office.Level() == region.City || office.Level() == region.Province
	return slices.DeleteFunc(slices.Clone(defs), func(d Definition) bool {
		switch {
		case d.Target, d.Nature == Growth, d.Measure != "" && !d.Books, len(d.Ratio) > 0:
			return true
		case d.Offices == OwnOffice:
			return !own
		case d.Offices == Counties:
			return own
		}
		return false
	})
}
