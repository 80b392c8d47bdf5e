package engagement

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"strings"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
)

// errSkip leaves a need alone without stopping a task.
var errSkip = errors.New("not this one")

// CallbackWithin is how long after its closing a need may be chosen for a call.
const CallbackWithin = 30 * 24 * time.Hour

// Chosen reports whether a need is among the share, in per cent, that is called
// back. It depends on the id alone: nobody's liking, and the same on every run.
func Chosen(id ID, percent int) bool {
	sum := sha256.Sum256([]byte("callback " + string(id)))
	return binary.BigEndian.Uint64(sum[:8])%100 < uint64(max(percent, 0))
}

// PickCallbacks chooses among the needs closed in the last 30 days which to call
// back (抽取回访), for the office that handled them. It returns how many are new;
// a job calls it.
func (s *Service) PickCallbacks(ctx context.Context, by authz.Actor, percent int) (int, error) {
	since := db.Millis(s.db.Now().Add(-CallbackWithin))
	where, args := by.Scope(PickCallback).SQL(columns())
	var ids []ID
	if err := s.db.Select(ctx, &ids, `SELECT n.id FROM need n WHERE `+where+` AND n.closed_at >= ? AND n.state = ?
		AND NOT EXISTS (SELECT 1 FROM need_callback c WHERE c.need_id = n.id) ORDER BY n.closed_at, n.id`,
		append(args, since, string(Closed))...); err != nil {
		return 0, err
	}
	picked := 0
	for _, id := range ids {
		if !Chosen(id, percent) {
			continue
		}
		n, err := one(ctx, s.db, by.Scope(PickCallback), id)
		if err != nil {
			return picked, err
		}
		c := gate.Change{By: by, Do: PickCallback, On: n.view(), Record: gate.Record{Kind: "callback", ID: string(id)}}
		err = s.gate.Write(ctx, &c, func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO need_callback (need_id, region, office, picked_at, heard, note, called_by, called_at, version)
				VALUES (?,?,?,?,'','','',0,1)`, string(id), string(n.Region), string(n.Office), db.Millis(tx.Now))
			if err != nil || s.hooks.Notify == nil {
				return err
			}
			return s.hooks.Notify.TellHolders(ctx, tx, MakeCallback, n.desk(), n.message("need.told.callback"))
		})
		if db.Unique(err) { // another process picked it just now
			continue
		}
		if err != nil {
			return picked, err
		}
		picked++
	}
	return picked, nil
}

const callbackColumns = `c.need_id, n.number, n.title, c.region, c.office, c.picked_at, c.heard, c.note, c.called_by, c.called_at, c.version`

type callbackRow struct {
	Need     ID          `db:"need_id"`
	Number   string      `db:"number"`
	Title    string      `db:"title"`
	Region   region.Code `db:"region"`
	Office   region.Code `db:"office"`
	PickedAt int64       `db:"picked_at"`
	Heard    Heard       `db:"heard"`
	Note     string      `db:"note"`
	By       string      `db:"called_by"`
	At       int64       `db:"called_at"`
	Version  int         `db:"version"`
}

func (r *callbackRow) callback() Callback {
	return Callback{
		Need: r.Need, Number: r.Number, Title: r.Title, Region: r.Region, Office: r.Office, PickedAt: db.Time(r.PickedAt),
		Heard: r.Heard, Note: r.Note, By: r.By, At: db.Time(r.At), Version: r.Version,
	}
}

// Callbacks are the call-backs within a scope, the oldest first: those still to
// be made, or all. The scope is by region: the one who is called back does not
// see that it will be.
func (s *Service) Callbacks(ctx context.Context, scope authz.Scope, open bool, page db.Page) ([]Callback, string, error) {
	where, args := scope.SQL(authz.Columns{Region: "c.region"})
	if open {
		where += ` AND c.heard IN ('', 'not_reached')`
	}
	rows, next, err := db.Paged(ctx, s.db, page, db.Order{Columns: []string{"c.picked_at", "c.need_id"}, Number: true},
		`SELECT `+callbackColumns+` FROM need_callback c JOIN need n ON n.id = c.need_id WHERE `+where, args,
		func(x *callbackRow) []string { return []string{decimal(x.PickedAt), string(x.Need)} })
	if err != nil {
		return nil, "", err
	}
	return db.As(rows, (*callbackRow).callback), next, nil
}

// RecordCallback notes what a call learned (登记回访). One that reached nobody can
// be made again.
func (s *Service) RecordCallback(ctx context.Context, by authz.Actor, id ID, version int, heard Heard, note string) error {
	var f fault.Fields
	note = strings.TrimSpace(note)
	fault.Choice(&f, "heard", heard, []Heard{Agreed, Contradicted, NotReached})
	f.Length("note", note, 0, 300)
	if heard == Contradicted && note == "" {
		f.Add("note", "need.field.what")
	}
	if err := f.Err(); err != nil {
		return err
	}
	n, err := one(ctx, s.db, by.Scope(See), id)
	if err != nil {
		return err
	}
	c := gate.Change{
		By: by, Do: MakeCallback, On: n.desk(), Record: gate.Record{Kind: "callback", ID: string(id)},
		Detail: map[string]any{"heard": heard},
	}
	return s.gate.Write(ctx, &c, func(ctx context.Context, tx *db.Tx) error {
		var got callbackRow
		if err := tx.Get(ctx, &got, `SELECT `+callbackColumns+` FROM need_callback c JOIN need n ON n.id = c.need_id
			WHERE c.need_id = ?`, string(id)); err != nil {
			return err
		}
		if got.Heard == Agreed || got.Heard == Contradicted {
			return fault.New(fault.Conflict, "need.conflict.called")
		}
		if err := tx.ExecOne(ctx, `UPDATE need_callback SET heard = ?, note = ?, called_by = ?, called_at = ?, version = version + 1
			WHERE need_id = ? AND version = ?`, string(heard), note, by.ID, db.Millis(tx.Now), string(id), version); err != nil {
			return err
		}
		if _, err := s.ledger.Reverse(ctx, tx, callbackOf(id), ""); err != nil {
			return err
		}
		_, err := s.ledger.Post(ctx, tx, ledger.Fact{
			Stream: streamCallback, OccurredOn: ledger.Date(flow.DayOf(tx.Now)), Region: n.Region,
			Subject: ledger.Subject{Kind: Kind, ID: string(id)}, Enterprise: n.Enterprise, Institution: string(n.Institution),
			Dims: [ledger.Dims]string{string(n.Theme), string(heard), string(n.Outcome)}, Quantity: 1, Record: callbackOf(id),
		})
		return err
	})
}
