package territory

import (
	"context"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/region"
)

// LoadTree reads the tree as the reader sees it. Use cases outside a
// transaction take Service.Tree, which keeps it.
func LoadTree(ctx context.Context, r db.Reader) (*Tree, error) {
	var places []Place
	if err := r.Select(ctx, &places, `SELECT code, name, name_en, short_name, level, parent, kind,
		valid_from, valid_to, known_from, grade, note FROM territory_region ORDER BY code, valid_from`); err != nil {
		return nil, err
	}
	var turns []Turn
	if err := r.Select(ctx, &turns, `SELECT from_code, to_code, on_date, kind, main, grade, note
		FROM territory_lineage ORDER BY on_date, from_code, to_code`); err != nil {
		return nil, err
	}
	var keys []keyTown
	if err := r.Select(ctx, &keys, `SELECT town, valid_from, valid_to, synthetic FROM territory_key_town`); err != nil {
		return nil, err
	}
	return newTree(places, turns, keys), nil
}

// touch raises the tree's version. It comes first in a change, and so also
// makes concurrent changes of the tree wait for each other.
func touch(ctx context.Context, tx *db.Tx) error {
	return tx.ExecOne(ctx, `UPDATE territory_version SET version = version + 1 WHERE name = 'tree'`)
}

func insertPlace(ctx context.Context, tx *db.Tx, p Place) error {
	_, err := tx.Exec(ctx, `INSERT INTO territory_region (code, name, name_en, short_name, level, parent, kind,
		valid_from, valid_to, known_from, grade, note) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)`,
		p.Code, p.Name, p.NameEn, p.Short, int(p.Code.Level()), p.Code.Parent(), p.Kind,
		p.From, p.To, p.KnownFrom, p.Grade, p.Note)
	return err
}

// endPlace ends the span of the code that is valid on the day.
func endPlace(ctx context.Context, tx *db.Tx, code region.Code, on string) error {
	return tx.ExecOne(ctx, `UPDATE territory_region SET valid_to = ?
		WHERE code = ? AND valid_from < ? AND valid_to = ''`, on, code, on)
}

func insertTurn(ctx context.Context, tx *db.Tx, t Turn) error {
	_, err := tx.Exec(ctx, `INSERT INTO territory_lineage (from_code, to_code, on_date, kind, main, grade, note)
		VALUES (?,?,?,?,?,?,?)`, t.From, t.To, t.On, t.Kind, db.Bool(t.Main), t.Grade, t.Note)
	return err
}

func insertKeyTown(ctx context.Context, tx *db.Tx, k keyTown) error {
	_, err := tx.Exec(ctx, `INSERT INTO territory_key_town (town, valid_from, valid_to, synthetic) VALUES (?,?,?,?)`,
		k.Town, k.From, k.To, db.Bool(k.Synthetic))
	return err
}
