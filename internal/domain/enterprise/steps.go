package enterprise

import (
	"context"
	"slices"
	"strings"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/region"
)

// Verify notes that staff have seen the licence (核实): the numbers are the
// enterprise's own from now on, and the registrant's claim is accepted. Claims
// to the same number by others become disputed. Conflict when another verified
// entry has a number.
func (s *Service) Verify(ctx context.Context, by authz.Actor, id ID, version int) error {
	return s.step(ctx, by, id, version, Verify, "", func(ctx context.Context, tx *db.Tx, e Enterprise) error {
		if err := setCodeState(ctx, tx, id, "claimed", "verified"); err != nil {
			return err
		}
		return s.acceptRegistrant(ctx, tx, by, e)
	})
}

// Reject gives an entry back to be corrected, with the reason (退回).
func (s *Service) Reject(ctx context.Context, by authz.Actor, id ID, version int, reason string) error {
	return s.step(ctx, by, id, version, Reject, reason, nil)
}

// Close notes that an enterprise no longer exists (注销); its history stays.
func (s *Service) Close(ctx context.Context, by authz.Actor, id ID, version int, reason string) error {
	return s.step(ctx, by, id, version, Close, reason, releaseCodes(id))
}

// Reopen takes a closed entry back into use; its licence is to be checked again.
func (s *Service) Reopen(ctx context.Context, by authz.Actor, id ID, version int, reason string) error {
	return s.step(ctx, by, id, version, Reopen, reason, nil)
}

// releaseCodes frees the numbers of a closed enterprise for a correct entry.
func releaseCodes(id ID) func(context.Context, *db.Tx, Enterprise) error {
	return func(ctx context.Context, tx *db.Tx, _ Enterprise) error {
		return setCodeState(ctx, tx, id, "verified", "claimed")
	}
}

// step takes an entry one state on; also runs after the update.
func (s *Service) step(ctx context.Context, by authz.Actor, id ID, version int, do authz.Permission, reason string,
	also func(context.Context, *db.Tx, Enterprise) error,
) error {
	old, err := s.Get(ctx, by, id)
	if err != nil {
		return err
	}
	c := gate.Change{By: by, Do: do, On: old.Target(), Record: gate.Record{Kind: Kind, ID: string(id)}}
	if err := gate.Check(&c); err != nil {
		return err
	}
	if slices.Contains([]authz.Permission{Reject, Close, Reopen}, do) {
		if err := checkReason(reason); err != nil {
			return err
		}
		c.Detail = map[string]any{"reason": reason}
	}
	return s.gate.Write(ctx, &c, func(ctx context.Context, tx *db.Tx) error {
		e, err := Load(ctx, tx, authz.Unbounded("the change was allowed"), id)
		if err != nil {
			return err
		}
		next := e
		if next.Status, err = stepOf(e, do); err != nil {
			return err
		}
		next.Reason, next.Version = strings.TrimSpace(reason), version
		if err := update(ctx, tx, next); err != nil {
			return err
		}
		if also != nil {
			if err := also(ctx, tx, next); err != nil {
				return err
			}
		}
		return s.recount(ctx, tx, e, next)
	})
}

// stepOf is the state after a step, in words when it cannot be taken. Nothing
// can be done with an alias but to separate it.
func stepOf(e Enterprise, do authz.Permission) (flow.State, error) {
	if e.AliasOf != "" {
		return "", fault.New(fault.Conflict, "enterprise.merge.is_alias")
	}
	return Lifecycle().Next(e.Status, do)
}

// Move carries entries and open claims along when the code of their town
// changes: it is the register's part in a change of the tree (territory.Move).
func Move(ctx context.Context, tx *db.Tx, from, to region.Code) error {
	if _, err := tx.Exec(ctx, `UPDATE enterprise_claim SET region = ? WHERE region = ?`, to, from); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE enterprise SET region = ? WHERE region = ?`, to, from)
	return err
}
