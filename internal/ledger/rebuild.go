package ledger

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/jmoiron/sqlx"

	"qiban.dev/qiban/internal/db"
)

// rebuilders count months side by side while others write.
const rebuilders = 3

// Rebuild computes all cells and bitmaps from the facts again, one stream and
// month at a time, while everybody goes on posting, reading and rolling; every
// figure stays exact throughout. It also begins to keep what is newly counted
// of an old stream. progress, when given, hears how many of how many
// stream-months are done.
func (l *Ledger) Rebuild(ctx context.Context, progress func(done, total int64)) error {
	if err := l.begin(ctx); err != nil {
		return err
	}
	todo, err := allMonths(ctx, l.db)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	work := make(chan streamMonth)
	var workers sync.WaitGroup
	var done atomic.Int64
	var telling sync.Mutex
	for range rebuilders {
		workers.Go(func() {
			for sm := range work {
				if err := l.rebuildMonth(ctx, sm); err != nil {
					stop(err)
					return
				}
				if progress != nil {
					telling.Lock()
					progress(done.Add(1), int64(len(todo)))
					telling.Unlock()
				}
			}
		})
	}
	for _, sm := range todo {
		select {
		case work <- sm:
			continue
		case <-ctx.Done():
		}
		break
	}
	close(work)
	workers.Wait()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return l.finish(ctx)
}

// allMonths are the months of streams in which there is a fact or something kept.
func allMonths(ctx context.Context, r db.Reader) ([]streamMonth, error) {
	all := map[streamMonth]bool{}
	for _, from := range []struct{ table, column, which string }{
		{"ledger_fact", "occurred_on", ""},
		{"ledger_cell", "month", " AND grain = 'town'"},
		{"ledger_bitmap", "month", " AND grain = 'town' AND who = 'enterprise'"},
		{"ledger_bitmap", "month", " AND grain = 'town' AND who = 'institution'"},
		{"ledger_bitmap", "month", " AND grain = 'town' AND who = 'person'"},
		{"ledger_bitmap", "month", " AND grain = 'town' AND who = 'subject'"},
	} {
		// from one to the next by the index, not past each of ten million
		stream, month := "", ""
		for {
			if err := r.Get(ctx, &stream, "SELECT COALESCE(MIN(stream), '') FROM "+from.table+" WHERE stream > ?", stream); err != nil {
				return nil, err
			}
			if stream == "" {
				break
			}
			for month = ""; ; {
				after := month
				if from.column == "occurred_on" && month != "" {
					after = string(monthEnd(month))
				}
				if err := r.Get(ctx, &month, "SELECT COALESCE(MIN("+from.column+"), '') FROM "+from.table+" WHERE stream = ?"+
					from.which+" AND "+from.column+" > ?", stream, after); err != nil {
					return nil, err
				}
				if month == "" {
					break
				}
				month = month[:7]
				all[streamMonth{stream, month}] = true
			}
		}
	}
	return slices.SortedFunc(maps.Keys(all), streamMonth.compare), nil
}

// begin announces what is wanted and not yet kept, so that rollers feed it from
// now on, and forgets what nothing counts any more.
func (l *Ledger) begin(ctx context.Context) error {
	return l.locked(ctx, func(ctx context.Context, tx *db.Tx) error {
		kept, err := loadKept(ctx, tx, false)
		if err != nil {
			return err
		}
		if err := l.forget(ctx, tx, kept); err != nil {
			return err
		}
		for name, s := range l.streams {
			for _, what := range s.kept() {
				if _, err := tx.Exec(ctx, "INSERT INTO ledger_kept (stream, who, ready) VALUES (?, ?, 0) ON CONFLICT (stream, who) DO NOTHING",
					name, what); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

func (l *Ledger) forget(ctx context.Context, tx *db.Tx, kept map[string][]string) error {
	for stream, whats := range kept {
		for _, what := range whats {
			if s := l.streams[stream]; what == wasRolled || s != nil && slices.Contains(s.kept(), what) {
				continue
			}
			if _, err := tx.Exec(ctx, "DELETE FROM ledger_kept WHERE stream = ? AND who = ?", stream, what); err != nil {
				return err
			}
		}
	}
	return nil
}

func (l *Ledger) finish(ctx context.Context) error {
	return l.locked(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, "UPDATE ledger_kept SET ready = 1 WHERE ready = 0")
		return err
	})
}

// errOvertaken says that a month was rolled while it was being counted.
var errOvertaken = errors.New("ledger: rolled meanwhile")

// patience is how often a month is counted beside the writer before it is
// counted within.
const patience = 3

// rebuildMonth counts a month beside everybody's writes, and mends what is kept
// if nothing of the month was rolled meanwhile; else it counts again.
func (l *Ledger) rebuildMonth(ctx context.Context, sm streamMonth) error {
	for range patience {
		var version int64
		var a *amends
		err := l.db.Snapshot(ctx, func(ctx context.Context, r db.Reader) (err error) {
			if version, err = versionOf(ctx, r, sm); err != nil {
				return err
			}
			a, err = sm.amends(ctx, r)
			return err
		})
		if err != nil {
			return err
		}
		err = l.locked(ctx, func(ctx context.Context, tx *db.Tx) error {
			now, err := versionOf(ctx, tx, sm)
			if err != nil {
				return err
			}
			if now != version {
				return errOvertaken
			}
			return a.write(ctx, tx, sm)
		})
		if !errors.Is(err, errOvertaken) {
			return err
		}
	}
	return l.locked(ctx, func(ctx context.Context, tx *db.Tx) error {
		a, err := sm.amends(ctx, tx)
		if err != nil {
			return err
		}
		return a.write(ctx, tx, sm)
	})
}

// amends is what must change for what is kept of a month to be right.
type amends struct {
	cells  cellSums // to be added
	bits   map[bitKey]*roaring.Bitmap
	gone   []bitKey
	places map[string]bool
}

// amends counts the month, and compares what is kept with it.
func (sm streamMonth) amends(ctx context.Context, r db.Reader) (*amends, error) {
	kept, err := loadKept(ctx, r, false)
	if err != nil {
		return nil, err
	}
	t, err := sm.count(ctx, r, bitmapsOf(kept[sm.Stream]), false)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(kept[sm.Stream], keptCells) {
		clear(t.cells)
	}
	cells, err := sm.cells(ctx, r)
	if err != nil {
		return nil, err
	}
	for key, has := range cells {
		should := t.cells[key]
		t.cells[key] = cellSum{should.n - has.n, should.quantity - has.quantity, should.amount - has.amount}
	}
	maps.DeleteFunc(t.cells, func(_ cellKey, s cellSum) bool { return s == cellSum{} })
	bits, err := sm.bitmaps(ctx, r)
	if err != nil {
		return nil, err
	}
	a := &amends{cells: t.cells, bits: t.bits, places: t.places}
	for key, has := range bits {
		switch should := t.bits[key]; {
		case should == nil:
			a.gone = append(a.gone, key)
		case has != nil && has.Equals(should):
			delete(t.bits, key)
		}
	}
	return a, nil
}

// cells are the month's, as they are kept.
func (sm streamMonth) cells(ctx context.Context, r db.Reader) (cellSums, error) {
	all := cellSums{}
	err := r.Each(ctx, func(rows *sqlx.Rows) error {
		var k cellKey
		var s cellSum
		err := rows.Scan(&k.stream, &k.grain, &k.month, &k.region, &k.d1, &k.d2, &k.d3, &k.d4, &k.reported, &s.n, &s.quantity, &s.amount)
		all[k] = s
		return err
	}, "SELECT stream, grain, month, region, d1, d2, d3, d4, reported, n, quantity, amount FROM ledger_cell"+
		" WHERE stream = ? AND grain IN ('town', 'county', 'first') AND month = ?", sm.Stream, sm.Month)
	return all, err
}

// bitmaps are the month's, as they are kept; nil for one that cannot be read.
func (sm streamMonth) bitmaps(ctx context.Context, r db.Reader) (map[bitKey]*roaring.Bitmap, error) {
	all := map[bitKey]*roaring.Bitmap{}
	var rows []bitRow
	err := r.Select(ctx, &rows, "SELECT "+bitColumns+", bits FROM ledger_bitmap WHERE stream = ?"+
		" AND who IN ('enterprise', 'institution', 'person', 'subject') AND grain IN ('town', 'county') AND month = ?", sm.Stream, sm.Month)
	for _, row := range rows {
		b := roaring.New()
		if b.UnmarshalBinary(row.Bits) != nil {
			b = nil
		}
		all[row.key()] = b
	}
	return all, err
}

// write makes the amends.
func (a *amends) write(ctx context.Context, tx *db.Tx, sm streamMonth) error {
	if err := a.cells.save(ctx, tx); err != nil {
		return err
	}
	if err := addPlaces(ctx, tx, a.places); err != nil {
		return err
	}
	for _, key := range a.gone {
		if _, err := tx.Exec(ctx, "DELETE FROM ledger_bitmap WHERE ("+bitColumns+") = "+tuple(7), key.args()...); err != nil {
			return err
		}
	}
	if err := saveBitmaps(ctx, tx, slices.SortedFunc(maps.Keys(a.bits), bitKey.compare), a.bits); err != nil {
		return err
	}
	if len(a.cells)+len(a.bits)+len(a.gone) == 0 {
		return nil
	}
	return changed(ctx, tx, map[streamMonth]bool{sm: true})
}
