package ledger

import (
	"context"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"

	"qiban.dev/qiban/internal/db"
)

// Rebuild computes all cells and bitmaps from the facts again, one stream and
// month at a time, while everybody goes on posting, reading and rolling; every
// figure stays exact throughout. It also begins to keep the bitmaps of counts
// that are new to an old stream. progress, when given, hears how many of how
// many stream-months are done.
func (l *Ledger) Rebuild(ctx context.Context, progress func(done, total int64)) error {
	if err := l.begin(ctx); err != nil {
		return err
	}
	var todo []streamMonth
	if err := l.db.Select(ctx, &todo, "SELECT stream, substr(occurred_on, 1, 7) AS month FROM ledger_fact GROUP BY 1, 2"+
		" UNION SELECT stream, month FROM ledger_cell UNION SELECT stream, month FROM ledger_bitmap ORDER BY 1, 2"); err != nil {
		return err
	}
	for i, sm := range todo {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := l.rebuildMonth(ctx, sm); err != nil {
			return err
		}
		if progress != nil {
			progress(int64(i+1), int64(len(todo)))
		}
	}
	return l.finish(ctx)
}

type streamMonth struct{ Stream, Month string }

// begin announces the bitmaps that are wanted and not yet kept, so that rollers
// feed them from now on, and forgets those that nothing counts any more.
func (l *Ledger) begin(ctx context.Context) error {
	return l.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := tx.Lock(ctx, "ledger_lock", "roll"); err != nil {
			return err
		}
		kept, err := loadKept(ctx, tx, false)
		if err != nil {
			return err
		}
		if err := l.forget(ctx, tx, kept); err != nil {
			return err
		}
		for name, s := range l.streams {
			for _, who := range s.who {
				if _, err := tx.Exec(ctx, "INSERT INTO ledger_kept (stream, who, ready) VALUES (?, ?, 0) ON CONFLICT (stream, who) DO NOTHING",
					name, who); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

func (l *Ledger) forget(ctx context.Context, tx *db.Tx, kept map[string][]string) error {
	for stream, whose := range kept {
		for _, who := range whose {
			if s := l.streams[stream]; s != nil && slices.Contains(s.who, who) {
				continue
			}
			if _, err := tx.Exec(ctx, "DELETE FROM ledger_kept WHERE stream = ? AND who = ?", stream, who); err != nil {
				return err
			}
		}
	}
	return nil
}

func (l *Ledger) finish(ctx context.Context) error {
	return l.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := tx.Lock(ctx, "ledger_lock", "roll"); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "UPDATE ledger_kept SET ready = 1 WHERE ready = 0")
		return err
	})
}

// rolledSums adds up, in the columns of a cell, the facts that are not in the
// tail. It is one statement, so a fact posted meanwhile is either in its tail
// or not there at all.
const rolledSums = "SELECT f.stream, 'town', substr(f.occurred_on, 1, 7), f.region, f.d1, f.d2, f.d3, f.d4, f.reported," +
	" CAST(SUM(CASE WHEN f.reverses = 0 THEN 1 ELSE -1 END) AS BIGINT), CAST(SUM(f.quantity) AS BIGINT)," +
	" CAST(SUM(f.amount) AS BIGINT) FROM ledger_fact f" +
	" WHERE f.stream = ? AND f.occurred_on >= ? AND f.occurred_on <= ?" +
	" AND NOT EXISTS (SELECT 1 FROM ledger_tail t WHERE t.fact = f.id)" +
	" GROUP BY f.stream, substr(f.occurred_on, 1, 7), f.region, f.d1, f.d2, f.d3, f.d4, f.reported"

func (sm streamMonth) args() []any {
	return []any{sm.Stream, string(monthStart(sm.Month)), string(monthEnd(sm.Month))}
}

func (l *Ledger) rebuildMonth(ctx context.Context, sm streamMonth) error {
	return l.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := tx.Lock(ctx, "ledger_lock", "roll"); err != nil {
			return err
		}
		for _, table := range []string{"ledger_cell", "ledger_bitmap"} {
			if _, err := tx.Exec(ctx, "DELETE FROM "+table+" WHERE stream = ? AND month = ?", sm.Stream, sm.Month); err != nil {
				return err
			}
		}
		cells, err := countCells(ctx, tx, sm)
		if err != nil {
			return err
		}
		if err := cells.save(ctx, tx); err != nil {
			return err
		}
		kept, err := loadKept(ctx, tx, false)
		if err != nil {
			return err
		}
		bits, err := count(ctx, tx, sm, kept[sm.Stream])
		if err != nil {
			return err
		}
		keys := make([]bitKey, 0, len(bits))
		for key := range bits {
			keys = append(keys, key)
		}
		return saveBitmaps(ctx, tx, keys, bits)
	})
}

// countCells computes the cells of a stream and month, but for the tail.
func countCells(ctx context.Context, r db.Reader, sm streamMonth) (cellSums, error) {
	towns, err := loadCells(ctx, r, rolledSums, sm.args()...)
	if err != nil {
		return nil, err
	}
	all := cellSums{}
	for key, sum := range towns {
		all.add(key, sum)
	}
	return all, nil
}

// count computes the bitmaps of a stream and month from the facts that stand,
// those in the tail included.
func count(ctx context.Context, r db.Reader, sm streamMonth, kept []string) (map[bitKey]*roaring.Bitmap, error) {
	bits := map[bitKey]*roaring.Bitmap{}
	if len(kept) == 0 {
		return bits, nil
	}
	rows, err := countable(ctx, r, "f.stream = ? AND f.occurred_on >= ? AND f.occurred_on <= ?", sm.args()...)
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		for _, who := range kept {
			if n := row.number(who); n != 0 {
				for _, key := range row.keysOf(who) {
					setBit(bits, key, n)
				}
			}
		}
	}
	return bits, nil
}
