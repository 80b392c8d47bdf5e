package ledger

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"qiban.dev/qiban/internal/db"
)

// rollMost bounds one roll: on SQLite everybody's writes wait for it.
const rollMost = 1000

// RollAll rolls until the tail is short again, and returns how many facts.
func (l *Ledger) RollAll(ctx context.Context) (all int, err error) {
	for {
		n, err := l.Roll(ctx)
		all += n
		if err != nil || n < rollMost {
			return all, err
		}
	}
}

// Roll moves facts from the tail into cells and bitmaps, at most 1,000 in one
// transaction, and returns how many; call it again until it returns 0. Any
// number of processes may roll at once; they take turns.
func (l *Ledger) Roll(ctx context.Context) (n int, err error) {
	err = l.locked(ctx, func(ctx context.Context, tx *db.Tx) error {
		n = 0
		var rows []factRow
		if err := tx.Select(ctx, &rows, "SELECT f.id, "+prefixed("f.", factColumns)+
			" FROM "+fromTail+" WHERE f.id = t.fact ORDER BY t.fact LIMIT ?", rollMost); err != nil || len(rows) == 0 {
			return err
		}
		n = len(rows)
		if err := l.add(ctx, tx, rows); err != nil {
			return err
		}
		return clearTail(ctx, tx, rows)
	})
	return n, err
}

// locked writes what is kept while nobody else does.
func (l *Ledger) locked(ctx context.Context, fn func(context.Context, *db.Tx) error) error {
	return l.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := tx.Lock(ctx, "ledger_lock", "roll"); err != nil {
			return err
		}
		return fn(ctx, tx)
	})
}

// add adds facts that are in no cell or bitmap yet. The caller holds the lock.
func (l *Ledger) add(ctx context.Context, tx *db.Tx, rows []factRow) error {
	kept, err := l.keepNew(ctx, tx, rows)
	if err != nil {
		return err
	}
	touched, places := map[streamMonth]bool{}, map[string]bool{}
	for _, r := range rows {
		touched[streamMonth{r.Stream, r.On.Month()}] = true
		places[string(r.Region)] = true
	}
	for _, step := range []func() error{
		func() error { return changed(ctx, tx, touched) },
		func() error { return addPlaces(ctx, tx, places) },
		func() error { return addCells(ctx, tx, rows, kept) },
		func() error { return addBitmaps(ctx, tx, rows, kept) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// What ledger_kept names besides whose bitmaps are kept: the cells, and that
// the stream was ever rolled.
const (
	keptCells = "cells"
	wasRolled = ""
)

// kept is what the measures want kept of the stream.
func (s *stream) kept() []string {
	all := append([]string{wasRolled}, s.who...)
	if s.sums {
		all = append(all, keptCells)
	}
	return all
}

// bitmapsOf are those whose bitmaps are kept.
func bitmapsOf(kept []string) []string {
	var whose []string
	for _, what := range kept {
		if what != keptCells && what != wasRolled {
			whose = append(whose, what)
		}
	}
	return whose
}

// keepNew begins to keep what is wanted of streams that were never rolled, and
// returns what is kept of each stream. What is newly counted of an old stream
// waits for Rebuild, and is computed from facts until then.
func (l *Ledger) keepNew(ctx context.Context, tx *db.Tx, rows []factRow) (map[string][]string, error) {
	kept, err := loadKept(ctx, tx, false)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		s := l.streams[r.Stream]
		if kept[r.Stream] != nil || s == nil { // a stream that another version of the program counted
			continue
		}
		for _, what := range s.kept() {
			if _, err := tx.Exec(ctx, "INSERT INTO ledger_kept (stream, who, ready) VALUES (?, ?, 1)", s.name, what); err != nil {
				return nil, err
			}
		}
		kept[r.Stream] = s.kept()
	}
	return kept, nil
}

// loadKept is what is kept of each stream that was ever rolled; what is ready
// alone when asked.
func loadKept(ctx context.Context, r db.Reader, ready bool) (map[string][]string, error) {
	var rows []struct {
		Stream, Who string
		Ready       int64
	}
	if err := r.Select(ctx, &rows, "SELECT stream, who, ready FROM ledger_kept"); err != nil {
		return nil, err
	}
	kept := map[string][]string{}
	for _, row := range rows {
		if row.Ready == 1 || !ready {
			kept[row.Stream] = append(kept[row.Stream], row.Who)
		}
	}
	return kept, nil
}

type cellKey struct {
	stream, grain, month, region, d1, d2, d3, d4 string
	reported                                     int64
}

func (k cellKey) compare(o cellKey) int {
	return cmp.Or(strings.Compare(k.stream, o.stream), strings.Compare(k.grain, o.grain), strings.Compare(k.month, o.month),
		strings.Compare(k.region, o.region), strings.Compare(k.d1, o.d1), strings.Compare(k.d2, o.d2),
		strings.Compare(k.d3, o.d3), strings.Compare(k.d4, o.d4), cmp.Compare(k.reported, o.reported))
}

type cellSum struct{ n, quantity, amount int64 }

type cellSums map[cellKey]cellSum

// add adds a town's sum to its cell and to the coarser ones that hold it.
func (all cellSums) add(town cellKey, s cellSum) {
	county := town
	county.grain, county.region = countyGrain, countyOf(town.region)
	first := county
	first.grain, first.d2, first.d3, first.d4 = firstGrain, "", "", ""
	for _, key := range [3]cellKey{town, county, first} {
		old := all[key]
		all[key] = cellSum{old.n + s.n, old.quantity + s.quantity, old.amount + s.amount}
	}
}

// addCells adds the rows to their cells; a reversing one counts as minus one.
func addCells(ctx context.Context, tx *db.Tx, rows []factRow, kept map[string][]string) error {
	all := cellSums{}
	for _, r := range rows {
		if !slices.Contains(kept[r.Stream], keptCells) {
			continue
		}
		all.add(cellKey{r.Stream, townGrain, r.On.Month(), string(r.Region), r.D1, r.D2, r.D3, r.D4, r.Reported},
			cellSum{r.sign(), r.Quantity, r.Amount})
	}
	return all.save(ctx, tx)
}

// save adds the sums to the stored cells.
func (all cellSums) save(ctx context.Context, tx *db.Tx) error {
	order := slices.SortedFunc(maps.Keys(all), cellKey.compare) // neighbours in the table are written together
	for part := range parts(order) {
		args := make([]any, 0, 12*len(part))
		for _, k := range part {
			s := all[k]
			args = append(args, k.stream, k.grain, k.month, k.region, k.d1, k.d2, k.d3, k.d4, k.reported, s.n, s.quantity, s.amount)
		}
		if _, err := tx.Exec(ctx, `INSERT INTO ledger_cell (stream, grain, month, region, d1, d2, d3, d4, reported, n, quantity, amount) VALUES `+
			tuples(len(part), 12)+` ON CONFLICT (stream, grain, month, region, d1, d2, d3, d4, reported) DO UPDATE SET
			n = ledger_cell.n + excluded.n, quantity = ledger_cell.quantity + excluded.quantity,
			amount = ledger_cell.amount + excluded.amount`, args...); err != nil {
			return err
		}
	}
	return nil
}

func (r *factRow) sign() int64 {
	if r.Reverses != 0 {
		return -1
	}
	return 1
}

func addPlaces(ctx context.Context, tx *db.Tx, places map[string]bool) error {
	for part := range parts(slices.Sorted(maps.Keys(places))) {
		args := make([]any, len(part))
		for i, place := range part {
			args[i] = place
		}
		if _, err := tx.Exec(ctx, "INSERT INTO ledger_place (region) VALUES "+tuples(len(part), 1)+" ON CONFLICT (region) DO NOTHING", args...); err != nil {
			return err
		}
	}
	return nil
}

func clearTail(ctx context.Context, tx *db.Tx, rows []factRow) error {
	for part := range parts(rows) {
		args := make([]any, len(part))
		for i, r := range part {
			args[i] = r.ID
		}
		if _, err := tx.Exec(ctx, "DELETE FROM ledger_tail WHERE fact IN "+tuple(len(args)), args...); err != nil {
			return err
		}
	}
	return nil
}
