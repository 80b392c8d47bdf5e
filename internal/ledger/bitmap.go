package ledger

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"

	"qiban.dev/qiban/internal/db"
)

// Grains of cells and bitmaps: the code as the fact carries it; its county with
// all towns, so that a city's year reads a few hundred rows, not thousands; and,
// of cells alone, the county with no dimension but the first.
const (
	townGrain   = "town"
	countyGrain = "county"
	firstGrain  = "first"
)

// bitKey names one kept bitmap.
type bitKey struct {
	stream, who, grain, month, region, d1 string
	reported                              int64
}

func (k bitKey) compare(o bitKey) int {
	return cmp.Or(strings.Compare(k.stream, o.stream), strings.Compare(k.who, o.who), strings.Compare(k.grain, o.grain),
		strings.Compare(k.month, o.month), strings.Compare(k.region, o.region), strings.Compare(k.d1, o.d1),
		cmp.Compare(k.reported, o.reported))
}

// countyOf is the county of a code, and the code itself above the counties.
func countyOf(code string) string { return code[:min(len(code), 6)] }

// keysOf are the kept bitmaps that the row's subject belongs in: the town's and
// the county's.
func (r *factRow) keysOf(who string) [2]bitKey {
	town := bitKey{r.Stream, who, townGrain, r.On.Month(), string(r.Region), r.D1, r.Reported}
	return [2]bitKey{town, town.county()}
}

// county is the bitmap of the county that a town's belongs in.
func (k bitKey) county() bitKey {
	k.grain, k.region = countyGrain, countyOf(k.region)
	return k
}

// addBitmaps sets the bits of the standing facts among the rows, and counts
// afresh the cells of those that take a fact back. A fact whose reversal is
// still in the tail may leave its bit behind: until that reversal is rolled,
// readers do not trust the cell.
func addBitmaps(ctx context.Context, tx *db.Tx, rows []factRow, kept map[string][]string) error {
	add := map[bitKey]*roaring.Bitmap{}
	dirty := map[place]bool{}
	for _, r := range rows {
		whose := bitmapsOf(kept[r.Stream])
		if len(whose) == 0 {
			continue
		}
		if r.Reverses != 0 {
			dirty[place{r.Stream, string(r.Region), r.On.Month()}] = true
			continue
		}
		for _, who := range whose {
			if n := r.number(who); n != 0 {
				for _, key := range r.keysOf(who) {
					setBit(add, key, n)
				}
			}
		}
	}
	if err := unite(ctx, tx, add); err != nil {
		return err
	}
	for p := range dirty {
		if err := recount(ctx, tx, p, bitmapsOf(kept[p.stream])); err != nil {
			return err
		}
	}
	return nil
}

func setBit(in map[bitKey]*roaring.Bitmap, key bitKey, n int64) {
	b := in[key]
	if b == nil {
		b = roaring.New()
		in[key] = b
	}
	b.Add(uint32(n)) // numbers count subjects, and there are not 4,294,967,295 of them
}

// unite adds the bits to the stored bitmaps.
func unite(ctx context.Context, tx *db.Tx, add map[bitKey]*roaring.Bitmap) error {
	keys := slices.SortedFunc(maps.Keys(add), bitKey.compare) // neighbours in the table are written together
	for part := range parts(keys) {
		stored, err := loadBitmaps(ctx, tx, part)
		if err != nil {
			return err
		}
		var grown []bitKey
		for _, key := range part {
			if old := stored[key]; old != nil {
				before := old.GetCardinality()
				old.Or(add[key])
				if old.GetCardinality() == before {
					continue
				}
				add[key] = old
			}
			grown = append(grown, key)
		}
		if err := saveBitmaps(ctx, tx, grown, add); err != nil {
			return err
		}
	}
	return nil
}

const bitColumns = "stream, who, grain, month, region, d1, reported"

func (k bitKey) args() []any {
	return []any{k.stream, k.who, k.grain, k.month, k.region, k.d1, k.reported}
}

type bitRow struct {
	Stream, Who, Grain, Month, Region, D1 string
	Reported                              int64
	Bits                                  []byte
}

func (r bitRow) key() bitKey {
	return bitKey{r.Stream, r.Who, r.Grain, r.Month, r.Region, r.D1, r.Reported}
}

func loadBitmaps(ctx context.Context, r db.Reader, keys []bitKey) (map[bitKey]*roaring.Bitmap, error) {
	var args []any
	for _, key := range keys {
		args = append(args, key.args()...)
	}
	// PostgreSQL takes a bare place in VALUES for text
	wanted := strings.TrimSuffix(strings.Repeat("(?, ?, ?, ?, ?, ?, CAST(? AS BIGINT)), ", len(keys)), ", ")
	var rows []bitRow
	if err := r.Select(ctx, &rows, "SELECT "+bitColumns+", bits FROM ledger_bitmap WHERE ("+bitColumns+") IN (VALUES "+wanted+")", args...); err != nil {
		return nil, err
	}
	found := make(map[bitKey]*roaring.Bitmap, len(rows))
	for _, row := range rows {
		b := roaring.New()
		if err := b.UnmarshalBinary(row.Bits); err != nil {
			return nil, err
		}
		found[row.key()] = b
	}
	return found, nil
}

func saveBitmaps(ctx context.Context, tx *db.Tx, keys []bitKey, bits map[bitKey]*roaring.Bitmap) error {
	for part := range parts(keys) {
		args := make([]any, 0, 8*len(part))
		for _, key := range part {
			bits[key].RunOptimize()
			raw, err := bits[key].ToBytes()
			if err != nil {
				return err
			}
			args = append(append(args, key.args()...), raw)
		}
		if _, err := tx.Exec(ctx, "INSERT INTO ledger_bitmap ("+bitColumns+", bits) VALUES "+tuples(len(part), 8)+
			" ON CONFLICT ("+bitColumns+") DO UPDATE SET bits = excluded.bits", args...); err != nil {
			return err
		}
	}
	return nil
}

// place is one town (or own row) of one stream in one month.
type place struct{ stream, region, month string }

// recount computes the bitmaps of one town and month from the facts, and the
// county's from those of its towns.
func recount(ctx context.Context, tx *db.Tx, p place, kept []string) error {
	rows, err := countable(ctx, tx, "f.stream = ? AND f.region = ? AND f.occurred_on >= ? AND f.occurred_on <= ?",
		p.stream, p.region, string(monthStart(p.month)), string(monthEnd(p.month)))
	if err != nil {
		return err
	}
	fresh := map[bitKey]*roaring.Bitmap{}
	for _, r := range rows {
		for _, who := range kept {
			if n := r.number(who); n != 0 {
				setBit(fresh, r.keysOf(who)[0], n)
			}
		}
	}
	if err := replace(ctx, tx, fresh, kept, townGrain, p); err != nil {
		return err
	}
	county := p
	county.region = countyOf(p.region)
	fresh, err = countyFromTowns(ctx, tx, county, kept)
	if err != nil {
		return err
	}
	return replace(ctx, tx, fresh, kept, countyGrain, county)
}

// whose adds the kept bitmaps' owners to the arguments: with them the index is
// of use.
func whose(kept []string, args ...any) []any {
	for _, who := range kept {
		args = append(args, who)
	}
	return args
}

// countyFromTowns unites the town bitmaps of a county in a month.
func countyFromTowns(ctx context.Context, tx *db.Tx, p place, kept []string) (map[bitKey]*roaring.Bitmap, error) {
	var towns []bitRow
	if err := tx.Select(ctx, &towns, "SELECT "+bitColumns+", bits FROM ledger_bitmap WHERE stream = ? AND grain = 'town'"+
		" AND month = ? AND region >= ? AND region < ? AND who IN "+tuple(len(kept)),
		whose(kept, p.stream, p.month, p.region, p.region+":")...); err != nil {
		return nil, err
	}
	fresh := map[bitKey]*roaring.Bitmap{}
	for _, row := range towns {
		b := roaring.New()
		if err := b.UnmarshalBinary(row.Bits); err != nil {
			return nil, err
		}
		key := row.key().county()
		if old := fresh[key]; old != nil {
			old.Or(b)
		} else {
			fresh[key] = b
		}
	}
	return fresh, nil
}

func replace(ctx context.Context, tx *db.Tx, fresh map[bitKey]*roaring.Bitmap, kept []string, g grain, p place) error {
	if _, err := tx.Exec(ctx, "DELETE FROM ledger_bitmap WHERE stream = ? AND month = ? AND region = ? AND grain = ? AND who IN "+
		tuple(len(kept)), whose(kept, p.stream, p.month, p.region, g)...); err != nil {
		return err
	}
	return saveBitmaps(ctx, tx, slices.SortedFunc(maps.Keys(fresh), bitKey.compare), fresh)
}

// countsOnce is the condition on f for a distinct count: it takes nothing back
// and was not itself taken back on its own day.
const countsOnce = "f.reverses = 0 AND NOT EXISTS (SELECT 1 FROM ledger_fact r" +
	" WHERE r.reverses = f.id AND r.reverses <> 0 AND r.occurred_on = f.occurred_on)"

func countable(ctx context.Context, r db.Reader, where string, args ...any) ([]factRow, error) {
	var rows []factRow
	err := r.Select(ctx, &rows, "SELECT f.id, "+prefixed("f.", factColumns)+" FROM ledger_fact f WHERE "+where+" AND "+countsOnce, args...)
	return rows, err
}

func prefixed(prefix, columns string) string {
	return prefix + strings.ReplaceAll(columns, ", ", ", "+prefix)
}
