package flow

import (
	"context"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/gate"
)

// Event is one line of a record's history (办理经过).
type Event struct {
	At       time.Time // when it was noted
	Do       authz.Permission
	From, To State      // From is empty for the beginning
	Kind     authz.Kind // of the actor
	By       string
	ByName   string
	Note     string // what was said about it
}

// Note adds a line to the history of a record, in the transaction of the step
// itself. Process.Take does so by itself; the step that begins a record asks.
func Note(ctx context.Context, tx *db.Tx, of gate.Record, e Event) error {
	_, err := tx.Exec(ctx, `INSERT INTO flow_event (id, record_kind, record_id, at, action, from_state, to_state,
		actor_kind, actor_id, actor_name, note) VALUES (?,?,?,?,?,?,?,?,?,?,?)`,
		db.NewID(), of.Kind, of.ID, db.Millis(tx.Now), string(e.Do), string(e.From), string(e.To),
		string(e.Kind), e.By, e.ByName, e.Note)
	return err
}

// Began is the line of a step that begins a record.
func Began(by authz.Actor, do authz.Permission, to State, note string) Event {
	return Event{Do: do, To: to, Kind: by.Kind, By: by.ID, ByName: by.Name, Note: note}
}

// History is all lines of a record, the oldest first. Whoever asks has found the
// record within their scope.
func History(ctx context.Context, r db.Reader, of gate.Record) ([]Event, error) {
	var rows []struct {
		At   int64            `db:"at"`
		Do   authz.Permission `db:"action"`
		From State            `db:"from_state"`
		To   State            `db:"to_state"`
		Kind authz.Kind       `db:"actor_kind"`
		By   string           `db:"actor_id"`
		Name string           `db:"actor_name"`
		Note string           `db:"note"`
	}
	if err := r.Select(ctx, &rows, `SELECT at, action, from_state, to_state, actor_kind, actor_id, actor_name, note
		FROM flow_event WHERE record_kind = ? AND record_id = ? ORDER BY at, id`, of.Kind, of.ID); err != nil {
		return nil, err
	}
	all := make([]Event, len(rows))
	for i, e := range rows {
		all[i] = Event{At: db.Time(e.At), Do: e.Do, From: e.From, To: e.To, Kind: e.Kind, By: e.By, ByName: e.Name, Note: e.Note}
	}
	return all, nil
}
