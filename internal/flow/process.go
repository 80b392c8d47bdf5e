package flow

import (
	"context"
	"maps"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/gate"
)

// Process is a kind of record that goes through a lifecycle (流程): how it is
// kept, and where its state stands in it. Its history is kept here, once for
// every domain.
type Process[T any] struct {
	gate.Kept[T]
	Life  Lifecycle
	State func(*T) *State
}

// Move is one step somebody wants to take.
type Move struct {
	Do     authz.Permission
	To     State          // the outcome decided on, empty for the plain one
	Note   string         // shown in the record's history to all who see the record
	Detail map[string]any // kept in the audit trail besides the states
	Once   string         // idempotency key of the request, empty when it has none
}

// Take takes one step with a record that was read at the version: NotFound beyond
// what the actor may see, Denied without the right, Conflict in a state that does
// not allow it, Stale when somebody changed it first; the last two with the
// record as it is now. fn, which may be nil, finds the record in its new state
// inside the transaction and may change it further.
func (p *Process[T]) Take(ctx context.Context, g *gate.Gate, by authz.Actor, id string, version int, m Move,
	fn func(ctx context.Context, tx *db.Tx, t *T) error,
) (T, error) {
	var from, to State
	c := gate.Change{By: by, Do: m.Do, Once: m.Once}
	check := func(t *T) (err error) {
		from = *p.State(t)
		to, err = p.Life.Outcome(from, m.Do, m.To)
		return err
	}
	return p.Change(ctx, g, &c, id, version, check, func(ctx context.Context, tx *db.Tx, t *T) error {
		*p.State(t) = to
		if fn != nil {
			if err := fn(ctx, tx, t); err != nil {
				return err
			}
		}
		c.Detail = map[string]any{"from": from, "to": *p.State(t)}
		maps.Copy(c.Detail, m.Detail)
		return Note(ctx, tx, c.Record, Event{Do: m.Do, From: from, To: *p.State(t), Kind: by.Kind, By: by.ID, ByName: by.Name, Note: m.Note})
	})
}
