package ledger

import (
	"context"
	"database/sql"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/jmoiron/sqlx"

	"qiban.dev/qiban/internal/db"
)

// tally is what the facts of a stream's month add up to, counted in one pass.
type tally struct {
	cells  cellSums                   // without the tail
	bits   map[bitKey]*roaring.Bitmap // without the tail
	all    map[bitKey]*roaring.Bitmap // with it, when asked for
	places map[string]bool
}

// count adds up a stream's month at one moment: in r all queries must see the
// same. It needs memory for the month's facts. whose are the bitmaps wanted.
func (sm streamMonth) count(ctx context.Context, r db.Reader, whose []string, withTail bool) (*tally, error) {
	tail := map[int64]bool{}
	if err := r.Each(ctx, func(rows *sqlx.Rows) error {
		var id int64
		err := rows.Scan(&id)
		tail[id] = true
		return err
	}, "SELECT fact FROM ledger_tail WHERE stream = ?", sm.Stream); err != nil {
		return nil, err
	}
	c := counting{sm: sm, whose: whose, tail: tail, towns: map[string]*townCount{}, taken: map[int64]Date{}}
	if err := c.read(ctx, r); err != nil {
		return nil, err
	}
	t := &tally{cells: cellSums{}, places: map[string]bool{}, bits: c.bitmaps(func(f *seen) bool { return !f.tail })}
	for _, town := range c.order {
		if k := town.key; town.rolled {
			t.places[k.region] = true
			t.cells.add(k, town.sum)
		}
	}
	if withTail {
		t.all = c.bitmaps(func(*seen) bool { return true })
	}
	return t, nil
}

// townCount is what was counted under one key of a town.
type townCount struct {
	key    cellKey
	sum    cellSum
	spot   int
	rolled bool // some of it is not in the tail
}

// spot is where a bitmap of a town lies in the month.
type spot struct {
	region, d1 string
	reported   int64
}

// seen is a fact that may count for bitmaps.
type seen struct {
	id      int64
	day     byte
	spot    int
	numbers [Dims]uint32 // of each of whose
	tail    bool
}

// counting is a pass over the facts of a month.
type counting struct {
	sm    streamMonth
	whose []string
	tail  map[int64]bool
	towns map[string]*townCount
	order []*townCount
	spots map[spot]int
	facts []seen
	taken map[int64]Date // facts that others take back, and on which day

	scratch []byte
}

// apart stands between the parts of a key that SQL puts together: one text of
// each row is read, not six.
const apart = "\x1f"

func (c *counting) read(ctx context.Context, r db.Reader) error {
	c.spots = map[spot]int{}
	var numbers strings.Builder
	for _, who := range c.whose {
		numbers.WriteString(", " + who)
	}
	var f struct{ id, reported, quantity, amount, reverses int64 }
	var on, key sql.RawBytes
	var who [Dims]int64
	to := []any{&f.id, &on, &key, &f.reported, &f.quantity, &f.amount, &f.reverses}
	for w := range c.whose {
		to = append(to, &who[w])
	}
	return r.Each(ctx, func(rows *sqlx.Rows) error {
		if err := rows.Scan(to...); err != nil {
			return err
		}
		town := c.town(key, f.reported)
		tail := c.tail[f.id]
		if !tail {
			town.rolled = true
			sign := int64(1)
			if f.reverses != 0 {
				sign = -1
			}
			town.sum = cellSum{town.sum.n + sign, town.sum.quantity + f.quantity, town.sum.amount + f.amount}
		}
		if f.reverses != 0 {
			c.taken[f.reverses] = Date(on)
		} else if len(c.whose) > 0 {
			s := seen{id: f.id, day: day(on), spot: town.spot, tail: tail}
			for w := range c.whose {
				s.numbers[w] = uint32(who[w])
			}
			c.facts = append(c.facts, s)
		}
		return nil
	}, "SELECT id, occurred_on, region || '"+apart+"' || d1 || '"+apart+"' || d2 || '"+apart+"' || d3 || '"+apart+"' || d4,"+
		" reported, quantity, amount, reverses"+numbers.String()+
		" FROM ledger_fact WHERE stream = ? AND occurred_on >= ? AND occurred_on <= ?", c.sm.args()...)
}

// day is the day of the month of a date, which here all have the same.
func day(on []byte) byte { return on[8]<<4 | on[9]&0xf }

func (c *counting) town(key []byte, reported int64) *townCount {
	c.scratch = append(append(c.scratch[:0], key...), apart[0], '0'+byte(reported))
	key = c.scratch
	if t := c.towns[string(key)]; t != nil {
		return t
	}
	p := strings.Split(string(key), apart)
	t := &townCount{key: cellKey{c.sm.Stream, townGrain, c.sm.Month, p[0], p[1], p[2], p[3], p[4], reported}}
	at := spot{t.key.region, t.key.d1, reported}
	spot, ok := c.spots[at]
	if !ok {
		spot = len(c.spots)
		c.spots[at] = spot
	}
	t.spot = spot
	c.towns[string(key)] = t
	c.order = append(c.order, t)
	return t
}

// bitmaps are those of the facts that stand and are wanted: of towns, and of
// counties with all their towns.
func (c *counting) bitmaps(wanted func(*seen) bool) map[bitKey]*roaring.Bitmap {
	numbers := make([][Dims][]uint32, len(c.spots))
	for i := range c.facts {
		f := &c.facts[i]
		on, taken := c.taken[f.id]
		if !wanted(f) || taken && day([]byte(on)) == f.day {
			continue
		}
		for w := range c.whose {
			if n := f.numbers[w]; n != 0 {
				numbers[f.spot][w] = append(numbers[f.spot][w], n)
			}
		}
	}
	bits := map[bitKey]*roaring.Bitmap{}
	for at, i := range c.spots {
		for w, who := range c.whose {
			if len(numbers[i][w]) == 0 {
				continue
			}
			town := bitKey{c.sm.Stream, who, townGrain, c.sm.Month, at.region, at.d1, at.reported}
			bits[town] = roaring.BitmapOf(numbers[i][w]...)
			county := town.county()
			if old := bits[county]; old != nil {
				old.Or(bits[town])
			} else {
				bits[county] = bits[town].Clone()
			}
		}
	}
	return bits
}
