package xfer

import (
	"context"
	"errors"
	"slices"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/gate"
)

// Steps is an Importer whose rows land by the use cases that the pages use: what a
// page would answer is what is told of the row. It suits tables of thousands of
// rows; see Land for those of millions. L is what a row says.
type Steps[L any] struct {
	Gate *gate.Gate
	// Read reads a row and sets its Keys; what is wrong with it by itself goes to
	// Bad. It asks no database.
	Read func(r *Row) L
	// Take finds what is on file about a row, sets its Outcome and, unless that is
	// Unchanged, calls use cases through the gate that it is given. A fault that it
	// answers is the row's: an Invalid one stands at the columns of its fields. It is
	// also called for rows that are broken, so that everything is told at once;
	// nothing that it does for them is kept, nor in a dry run.
	Take func(ctx context.Context, in *gate.Gate, r *Row, l L) error
}

// ByUseCases is Steps for those who have the right somewhere, else Denied.
func ByUseCases[L any](g *gate.Gate, by authz.Actor, do authz.Permission, read func(*Row) L,
	take func(ctx context.Context, in *gate.Gate, r *Row, l L) error,
) (Importer, error) {
	if !by.Somewhere(do) {
		return nil, fault.Closed()
	}
	return Steps[L]{Gate: g, Read: read, Take: take}, nil
}

// Into puts what a row says into a list, in place of the item that it is about, and
// sets the row's outcome. keep takes over what the row leaves out.
func Into[T comparable](r *Row, all []T, next T, about func(T) bool, keep func(next *T, was T)) (list []T, n int) {
	if n = slices.IndexFunc(all, about); n < 0 {
		r.Outcome = New
		return append(all, next), len(all)
	}
	keep(&next, all[n])
	r.Outcome = Changed
	if next == all[n] {
		r.Outcome = Unchanged
	}
	all[n] = next
	return all, n
}

// Keep takes over what is on file for columns that the row's file does not have.
func (r *Row) Keep(columns map[string]func()) {
	for key, take := range columns {
		if !r.Has(key) {
			take()
		}
	}
}

// Columns gives broken fields of a use case the names of their columns: pairs of a
// field and its column.
func Columns(err error, pairs ...string) error {
	return fault.Renamed(err, func(name string) string {
		for i := 0; i+1 < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1]
			}
		}
		return name
	})
}

// Prepare reads the row.
func (s Steps[L]) Prepare(r *Row) { r.Value = s.Read(r) }

// Apply takes the rows, in transactions as short as those of Run.
func (s Steps[L]) Apply(ctx context.Context, rows []*Row, dry bool) error {
	return s.takeAll(ctx, rows, !dry)
}

// Look takes rows that are broken, for what else is wrong with them.
func (s Steps[L]) Look(ctx context.Context, rows []*Row) error { return s.takeAll(ctx, rows, false) }

func (s Steps[L]) takeAll(ctx context.Context, rows []*Row, keep bool) error {
	before := make([]fault.Fields, len(rows))
	for n, r := range rows {
		before[n] = r.Bad
	}
	for done := 0; done < len(rows); {
		var n int
		if err := s.Gate.Together(ctx, keep, func(ctx context.Context, _ *db.Tx, in *gate.Gate) error {
			began := time.Now()
			for n = done; n < len(rows) && (n == done || time.Since(began) < chunkTime); n++ {
				rows[n].Bad, rows[n].Outcome = slices.Clip(before[n]), ""
				if err := s.take(ctx, in, rows[n]); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return err
		}
		done = n
	}
	return nil
}

// errRow undoes what was done for a row that is broken.
var errRow = errors.New("xfer: the row is broken")

// take takes one row, or leaves nothing of it.
func (s Steps[L]) take(ctx context.Context, in *gate.Gate, r *Row) error {
	err := in.DB().Write(ctx, func(ctx context.Context, _ *db.Tx) error {
		err := s.Take(ctx, in, r, r.Value.(L))
		if err == nil && len(r.Bad) > 0 {
			err = errRow
		}
		return err
	})
	switch {
	case err == nil, errors.Is(err, errRow):
		return nil
	case fault.Is(err, fault.Invalid):
		r.BreakAll("", err)
	case fault.Is(err, fault.Denied):
		r.follow("xfer.row.right")
	case fault.Is(err, fault.NotFound), fault.Is(err, fault.Conflict), fault.Is(err, fault.Stale):
		e, _ := errors.AsType[*fault.Error](err)
		r.follow(e.Key, e.Args...)
	default:
		return err
	}
	return nil
}

// follow notes what a use case says of the row as a whole, unless it may only be
// so because a cell is broken.
func (r *Row) follow(key string, args ...any) {
	if len(r.Bad) == 0 {
		r.Break("", key, args...)
	}
}
