package gate

import (
	"context"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
)

// Kept is how one kind of record is kept: how it is found within a scope, whose
// it is, and how it is written back. With it every domain changes a record in
// the same order: who may not know of it hears NotFound, who may not change it
// Denied, then what is wrong with the change, then Stale.
type Kept[T any] struct {
	Kind string           // of the record, in the audit trail
	See  authz.Permission // the right to find it in a list that is not public
	// Load is the record if the scope reaches it, else NotFound.
	Load func(ctx context.Context, r db.Reader, s authz.Scope, id string) (T, error)
	// Target is what the rights over it are checked against.
	Target func(*T) authz.Target
	// On is what one act is checked against, where acts differ: a county checks, the
	// city decides. Target when nil.
	On func(t *T, do authz.Permission) authz.Target
	// Version is the version it was read at.
	Version func(*T) int
	// Save writes it where id and version match and raises the version, else Stale;
	// nil when every change does so itself.
	Save func(ctx context.Context, tx *db.Tx, t *T) error
}

// Reach loads the record for an act: as far as the actor may find it, or may do
// the act to it, else NotFound.
func (k *Kept[T]) Reach(ctx context.Context, r db.Reader, by authz.Actor, id string, do authz.Permission) (T, error) {
	t, err := k.Load(ctx, r, by.Scope(k.See), id)
	if fault.Is(err, fault.NotFound) && do != k.See {
		return k.Load(ctx, r, by.Scope(do), id)
	}
	return t, err
}

// Allow is Reach for an act that is looked at before it is made, such as what its
// form says: Denied, too, for who finds the record and may not do the act to it.
func (k *Kept[T]) Allow(ctx context.Context, r db.Reader, by authz.Actor, id string, do authz.Permission) (T, error) {
	t, err := k.Reach(ctx, r, by, id, do)
	if err == nil {
		err = Check(&Change{By: by, Do: do, On: k.on(&t, do)})
	}
	return t, err
}

// Change changes the record that was read at the version. c needs By, Do and
// what is to be noted of it; the rest is filled in. check, which may be nil, says
// what is wrong with the change in the state the record is in (Conflict,
// Invalid); fn changes it inside the transaction.
//
// A change that is refused for the state the record is in, and Stale, come with
// the record as it is now. A request that was carried out before is Repeated.
func (k *Kept[T]) Change(ctx context.Context, g *Gate, c *Change, id string, version int,
	check func(*T) error, fn func(ctx context.Context, tx *db.Tx, t *T) error,
) (T, error) {
	was, err := k.Reach(ctx, g.db, c.By, id, c.Do)
	if err != nil {
		return was, err
	}
	c.On, c.Record = k.on(&was, c.Do), Record{Kind: k.Kind, ID: id}
	var now T
	err = g.Write(ctx, c, func(ctx context.Context, tx *db.Tx) error {
		now = was
		if check != nil {
			if err := check(&now); err != nil {
				return err
			}
		}
		if version != k.Version(&now) {
			return fault.New(fault.Stale, "fault.stale")
		}
		if err := fn(ctx, tx, &now); err != nil {
			return err
		}
		if k.Save == nil {
			return nil
		}
		return k.Save(ctx, tx, &now)
	})
	switch {
	case err == nil:
		return now, nil
	case fault.Is(err, fault.Denied), fault.Is(err, fault.SignIn):
		var none T
		return none, err
	case fault.Is(err, fault.Stale):
		if again, lost := k.Reach(ctx, g.db, c.By, id, c.Do); lost == nil {
			return again, err
		}
	}
	return was, err
}

func (k *Kept[T]) on(t *T, do authz.Permission) authz.Target {
	if k.On != nil {
		return k.On(t, do)
	}
	return k.Target(t)
}
