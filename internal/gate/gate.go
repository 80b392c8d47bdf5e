// Package gate is the only way to change a record (办事之门). Write ties the
// transaction, the authorization and the audit entry together, so that no
// record changes without a name, a right and a trace. It owns the audit trail.
package gate

import (
	"context"
	"encoding/json"
	"errors"
	"maps"

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
	// Without one, that of By.Request counts, for each act on each record.
	Once string
	// Detail is kept in the audit entry: what was decided and why. Never
	// personal data, never secrets.
	Detail map[string]any
}

// Gate guards one database.
type Gate struct {
	db     *db.DB
	site   string
	inside bool // of a transaction that is under way, see Together
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
	once := onceOf(c)
	if g.inside {
		once = ""
	}
	for {
		err := g.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
			if err := g.before(ctx, tx, c, once); err != nil {
				return err
			}
			if err := fn(ctx, tx); err != nil {
				return err
			}
			return g.after(ctx, tx, c, once)
		})
		// Two of one request raced to the end: the loser reads what the winner made.
		if errors.Is(err, errRaced) {
			continue
		}
		// It may have met the winner's work on the way, and taken it for another's.
		if err != nil && once != "" && !fault.Is(err, fault.Unavailable) {
			if won := g.made(ctx, g.db, c, once); won != nil {
				return won
			}
		}
		return err
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
// after checking that the actor may. what names the data, not its content. A
// request that is repeated reads again, and that is noted again.
func (g *Gate) Disclose(ctx context.Context, c *Change, what string) error {
	c.By.Request = authz.Request{}
	c.Detail = map[string]any{"read": what}
	return g.Write(ctx, c, func(context.Context, *db.Tx) error { return nil })
}

var errRaced = errors.New("gate: the same request came twice at once")

// onceOf is the idempotency key of a change as it is kept: the change's own, or
// that of the actor's request together with the act, so that a request may need
// several changes. The record is no part of it: the same request sent twice at
// once makes up a new id each time.
func onceOf(c *Change) string {
	if c.Once != "" || c.By.Request.Once == "" {
		return c.Once
	}
	return c.By.Request.Once + " " + string(c.Do)
}

// Done finds out whether the actor's request was carried out before: the record
// it changed first. ok is false for a request that is new or has no key. Conflict
// when its key stood for something else then.
func (g *Gate) Done(ctx context.Context, by authz.Actor) (r Record, ok bool, err error) {
	if by.Request.Once == "" {
		return Record{}, false, nil
	}
	var row struct {
		Record
		Print string `db:"print"`
	}
	err = g.db.Get(ctx, &row, `SELECT record_kind AS kind, record_id AS id, print FROM gate_once
		WHERE actor = ? AND request = ? ORDER BY at, once LIMIT 1`, by.ID, by.Request.Once)
	switch {
	case fault.Is(err, fault.NotFound):
		return Record{}, false, nil
	case err == nil && row.Print != by.Request.Print:
		return Record{}, false, fault.New(fault.Conflict, "fault.once_reused")
	}
	return row.Record, err == nil, err
}

func (g *Gate) before(ctx context.Context, tx *db.Tx, c *Change, once string) error {
	if once == "" {
		return nil
	}
	return g.made(ctx, tx, c, once)
}

// made is Repeated when the request was answered before, nil when it was not.
func (g *Gate) made(ctx context.Context, tx db.Reader, c *Change, once string) error {
	var row struct {
		Record
		Print string `db:"print"`
	}
	err := tx.Get(ctx, &row, `SELECT record_kind AS kind, record_id AS id, print FROM gate_once WHERE actor = ? AND once = ?`,
		c.By.ID, once)
	switch {
	case err == nil && row.Print != c.By.Request.Print:
		return fault.New(fault.Conflict, "fault.once_reused")
	case err == nil:
		return &Repeated{Record: row.Record}
	case fault.Is(err, fault.NotFound):
		return nil
	default:
		return err
	}
}

func (g *Gate) after(ctx context.Context, tx *db.Tx, c *Change, once string) error {
	if once != "" {
		_, err := tx.Exec(ctx, `INSERT INTO gate_once (actor, once, action, record_kind, record_id, at, request, print) VALUES (?,?,?,?,?,?,?,?)`,
			c.By.ID, once, c.Do, c.Record.Kind, c.Record.ID, db.Millis(tx.Now), c.By.Request.Once, c.By.Request.Print)
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

// detail is what an entry keeps of a change: what it says itself, and the key
// that a program acted with.
func detail(c *Change) (string, error) {
	m := c.Detail
	if c.By.Key != "" {
		if m = maps.Clone(m); m == nil {
			m = map[string]any{}
		}
		m["key"] = c.By.Key
	}
	if len(m) == 0 {
		return "{}", nil
	}
	raw, err := json.Marshal(m) // keys come out sorted: the same detail is the same text
	return string(raw), err
}
