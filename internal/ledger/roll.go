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
	err = l.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		n = 0
		if err := tx.Lock(ctx, "ledger_lock", "roll"); err != nil {
			return err
		}
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

// add adds facts that are in no cell or bitmap yet. The caller holds the lock.
func (l *Ledger) add(ctx context.Context, tx *db.Tx, rows []factRow) error {
	kept, err := l.keepNew(ctx, tx)
	if err != nil {
		return err
	}
	if err := addCells(ctx, tx, rows); err != nil {
		return err
	}
	return addBitmaps(ctx, tx, rows, kept)
}

// keepNew begins the bitmaps of streams that have none rolled yet, and returns
// for each stream whose bitmaps are kept. A count that is new to an old stream
// waits for Rebuild, and is computed from facts until then.
func (l *Ledger) keepNew(ctx context.Context, tx *db.Tx) (map[string][]string, error) {
	kept, err := loadKept(ctx, tx, false)
	if err != nil {
		return nil, err
	}
	for name, s := range l.streams {
		for _, who := range s.who {
			if slices.Contains(kept[name], who) {
				continue
			}
			added, err := tx.Exec(ctx, `INSERT INTO ledger_kept (stream, who, ready) SELECT CAST(? AS TEXT), CAST(? AS TEXT), 1
				WHERE NOT EXISTS (SELECT 1 FROM ledger_cell WHERE stream = ?)`, name, who, name)
			if err != nil {
				return nil, err
			}
			if added > 0 {
				kept[name] = append(kept[name], who)
			}
		}
	}
	return kept, nil
}

// loadKept is, for each stream, whose bitmaps are kept; ready ones alone when asked.
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
func addCells(ctx context.Context, tx *db.Tx, rows []factRow) error {
	all := cellSums{}
	for _, r := range rows {
		all.add(cellKey{r.Stream, townGrain, r.On.Month(), string(r.Region), r.D1, r.D2, r.D3, r.D4, r.Reported},
			cellSum{r.sign(), r.Quantity, r.Amount})
	}
	return all.save(ctx, tx)
}

// save adds the sums to the stored cells and notes their places.
func (all cellSums) save(ctx context.Context, tx *db.Tx) error {
	order := make([]cellKey, 0, len(all))
	places := map[string]bool{}
	for key := range all {
		order = append(order, key)
		if key.grain == townGrain {
			places[key.region] = true
		}
	}
	slices.SortFunc(order, cellKey.compare) // neighbours in the table are written together
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
	return addPlaces(ctx, tx, places)
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
