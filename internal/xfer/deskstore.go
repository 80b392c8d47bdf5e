package xfer

import (
	"bytes"
	"context"
	"encoding/json"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/text"
)

const runColumns = `id, kind, name, bytes, person, person_name, by_key, region, lang, state, created_at, ended_at, done,
	added, changed, unchanged, rejected, preview, version`

type runRow struct {
	ID         string `db:"id"`
	Kind       string `db:"kind"`
	Name       string `db:"name"`
	Bytes      int64  `db:"bytes"`
	Person     string `db:"person"`
	PersonName string `db:"person_name"`
	ByKey      string `db:"by_key"`
	Region     string `db:"region"`
	Lang       string `db:"lang"`
	State      string `db:"state"`
	CreatedAt  int64  `db:"created_at"`
	EndedAt    int64  `db:"ended_at"`
	Done       int64  `db:"done"`
	Added      int64  `db:"added"`
	Changed    int64  `db:"changed"`
	Unchanged  int64  `db:"unchanged"`
	Rejected   int64  `db:"rejected"`
	Preview    string `db:"preview"`
	Version    int    `db:"version"`
}

func (r runRow) upload() (Upload, error) {
	u := Upload{
		ID: r.ID, Kind: r.Kind, Name: r.Name, Bytes: r.Bytes, Person: r.Person, PersonName: r.PersonName, Key: r.ByKey,
		Region: region.Code(r.Region), Lang: text.Lang(r.Lang), State: State(r.State),
		Created: db.Time(r.CreatedAt), Ended: db.Time(r.EndedAt), Done: r.Done, Version: r.Version,
		Report: Report{r.Added + r.Changed + r.Unchanged + r.Rejected, r.Added, r.Changed, r.Unchanged, r.Rejected},
	}
	return u, json.Unmarshal([]byte(r.Preview), &u.Preview)
}

func insertRun(ctx context.Context, tx *db.Tx, u Upload) error {
	return tx.InsertAll(ctx, `INSERT INTO xfer_run (`+runColumns+`)`, 19, []any{
		u.ID, u.Kind, u.Name, u.Bytes, u.Person, u.PersonName, u.Key, u.Region, u.Lang, u.State, db.Millis(tx.Now), 0, 0,
		0, 0, 0, 0, "{}", u.Version,
	})
}

// updateRun writes what changes; Stale when the version has moved.
func updateRun(ctx context.Context, tx *db.Tx, u Upload) error {
	preview, err := json.Marshal(u.Preview)
	if err != nil {
		return err
	}
	ended := int64(0)
	if !u.Ended.IsZero() {
		ended = db.Millis(u.Ended)
	}
	return tx.ExecOne(ctx, `UPDATE xfer_run SET state = ?, ended_at = ?, done = ?, added = ?, changed = ?, unchanged = ?, rejected = ?,
		by_key = ?, preview = ?, version = version + 1 WHERE id = ? AND version = ?`,
		u.State, ended, u.Done, u.Report.New, u.Report.Changed, u.Report.Unchanged, u.Report.Rejected, u.Key, string(preview), u.ID, u.Version)
}

// progress is a count for whoever waits, like a job's record of its run: no
// change of a record, and not in the audit trail.
func (d *Desk) progress(ctx context.Context, id string, rows int64) error {
	return d.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE xfer_run SET done = ?, state = ? WHERE id = ? AND state IN (?, ?)`, rows, Running, id, Waiting, Running)
		return err
	})
}

func loadRun(ctx context.Context, r db.Reader, id string) (Upload, error) {
	var row runRow
	if err := r.Get(ctx, &row, `SELECT `+runColumns+` FROM xfer_run WHERE id = ?`, id); err != nil {
		return Upload{}, err
	}
	return row.upload()
}

func listRuns(ctx context.Context, r db.Reader, scope authz.Scope, page db.Page) ([]Upload, string, error) {
	where, args := scope.SQL(authz.Columns{Region: "region"})
	rows, next, err := db.Paged(ctx, r, page, db.Order{Columns: []string{"id"}, Down: true},
		`SELECT `+runColumns+` FROM xfer_run WHERE `+where, args,
		func(x *runRow) []string { return []string{x.ID} })
	if err != nil {
		return nil, "", err
	}
	list := make([]Upload, len(rows))
	for i, row := range rows {
		if list[i], err = row.upload(); err != nil {
			return nil, "", err
		}
	}
	return list, next, nil
}

// partSize is how much of a file stands in one row.
const partSize = 512 << 10

// putParts keeps a file, in place of what was there.
func putParts(ctx context.Context, tx *db.Tx, run, side string, body []byte) error {
	if _, err := tx.Exec(ctx, `DELETE FROM xfer_part WHERE run = ? AND side = ?`, run, side); err != nil {
		return err
	}
	for n := 0; len(body) > 0; n++ {
		part := body[:min(partSize, len(body))]
		body = body[len(part):]
		if _, err := tx.Exec(ctx, `INSERT INTO xfer_part (run, side, n, body) VALUES (?,?,?,?)`, run, side, n, part); err != nil {
			return err
		}
	}
	return nil
}

func getParts(ctx context.Context, r db.Reader, run, side string) ([]byte, error) {
	var parts [][]byte
	err := r.Select(ctx, &parts, `SELECT body FROM xfer_part WHERE run = ? AND side = ? ORDER BY n`, run, side)
	return bytes.Join(parts, nil), err
}

// Sweep takes away the files of imports that came before an instant (Unix
// milliseconds), with what their previews show; a job calls it.
func (d *Desk) Sweep(ctx context.Context, before int64) error {
	return d.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `DELETE FROM xfer_part WHERE run IN (SELECT id FROM xfer_run WHERE created_at < ?)`, before); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `UPDATE xfer_run SET preview = '{}', state = CASE WHEN state = ? THEN ? ELSE state END
			WHERE created_at < ? AND preview <> '{}'`, Checked, Discarded, before)
		return err
	})
}
