// Package gate is the only way to change a record (办事之门). Write ties the
// transaction, the authorization and the audit entry together, so that no
// record changes without a name, a right and a trace. It owns the audit trail.
package gate

import (
	"context"
	"encoding/json"
	"errors"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
)

// Record names a record by its kind and id.
type Record struct{ Kind, ID string }

// Change is one act on one record: who does what to which. The write closure
// may fill in Record.ID and Detail, which are only known inside.
type Change struct {
	By     authz.Actor
	Do     authz.Permission
	On     authz.Target // of the record as loaded, or as it will be made
	Record Record
	// Once is the idempotency key of the request, empty when it has none. The
	// same actor's second write with the key changes nothing: it is Repeated.
	Once string
	// Detail is kept in the audit entry: what was decided and why. Never
	// personal data, never secrets.
	Detail map[string]any
}

// Gate guards one database.
type Gate struct {
	db   *db.DB
	site string
}

// New makes the gate of a database; site is the code of this installation.
func New(d *db.DB, site string) *Gate { return &Gate{db: d, site: site} }

// Repeated is what Write returns when Once was used before: the write it
// belonged to is done, and Record is what it made.
type Repeated struct{ Record Record }

func (r *Repeated) Error() string { return "already done: " + r.Record.Kind + " " + r.Record.ID }

// Again returns the id of the record that an earlier request with the same key
// made, when err says so.
func Again(err error) (id string, ok bool) {
	if r, ok := errors.AsType[*Repeated](err); ok {
		return r.Record.ID, true
	}
	return "", false
}

// Check reports whether the actor may make the change, without making it:
// SignIn for nobody, Denied for somebody without the right.
func Check(c *Change) error {
	if c.By.May(c.Do, c.On) {
		return nil
	}
	if c.By.Kind == authz.Nobody {
		return fault.New(fault.SignIn, "fault.sign_in")
	}
	return fault.New(fault.Denied, "fault.denied")
}

// Write makes the change if the actor may, in one transaction with its audit
// entry. The right is checked before the writer is opened.
func (g *Gate) Write(ctx context.Context, c *Change, fn func(ctx context.Context, tx *db.Tx) error) error {
	if err := Check(c); err != nil {
		return err
	}
	for {
		err := g.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
			if err := g.before(ctx, tx, c); err != nil {
				return err
			}
			if err := fn(ctx, tx); err != nil {
				return err
			}
			return g.after(ctx, tx, c)
		})
		// Two of one request raced to the end: the loser reads what the winner made.
		if !errors.Is(err, errRaced) {
			return err
		}
	}
}

// Also adds a second change to a transaction that is already under way: a
// record that changes because another did. The right is checked all the same.
func (g *Gate) Also(ctx context.Context, tx *db.Tx, c *Change, fn func(ctx context.Context) error) error {
	if err := Check(c); err != nil {
		return err
	}
	if err := fn(ctx); err != nil {
		return err
	}
	return g.append(ctx, tx, c)
}

// Disclose notes in the audit trail that personal data of a record was read,
// after checking that the actor may. what names the data, not its content.
func (g *Gate) Disclose(ctx context.Context, c *Change, what string) error {
	c.Detail = map[string]any{"read": what}
	return g.Write(ctx, c, func(context.Context, *db.Tx) error { return nil })
}

var errRaced = errors.New("gate: the same request came twice at once")

func (g *Gate) before(ctx context.Context, tx *db.Tx, c *Change) error {
	if c.Once == "" {
		return nil
	}
	var r Record
	err := tx.Get(ctx, &r, `SELECT record_kind AS kind, record_id AS id FROM gate_once WHERE actor = ? AND once = ?`,
		c.By.ID, c.Once)
	switch {
	case err == nil:
		return &Repeated{Record: r}
	case fault.Is(err, fault.NotFound):
		return nil
	default:
		return err
	}
}

func (g *Gate) after(ctx context.Context, tx *db.Tx, c *Change) error {
	if c.Once != "" {
		_, err := tx.Exec(ctx, `INSERT INTO gate_once (actor, once, action, record_kind, record_id, at) VALUES (?,?,?,?,?,?)`,
			c.By.ID, c.Once, c.Do, c.Record.Kind, c.Record.ID, db.Millis(tx.Now))
		if db.Unique(err) {
			return errRaced
		}
		if err != nil {
			return err
		}
	}
	return g.append(ctx, tx, c)
}

// Forget drops idempotency keys older than the instant; a job calls it.
func (g *Gate) Forget(ctx context.Context, before int64) error {
	return g.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM gate_once WHERE at < ?`, before)
		return err
	})
}

func detail(m map[string]any) (string, error) {
	if len(m) == 0 {
		return "{}", nil
	}
	raw, err := json.Marshal(m) // keys come out sorted: the same detail is the same text
	return string(raw), err
}
