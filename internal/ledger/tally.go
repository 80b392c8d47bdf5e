package ledger

import (
	"context"

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
	c := counting{sm: sm, towns: map[townKey]*cellSum{}, spots: map[spot]int{}, taken: map[int64]Date{}}
	if err := c.read(ctx, r, whose, tail); err != nil {
		return nil, err
	}
	t := &tally{cells: cellSums{}, places: map[string]bool{}, bits: c.bitmaps(whose, func(f *seen) bool { return !f.tail })}
	for k, sum := range c.towns {
		t.places[k.region] = true
		t.cells.add(cellKey{sm.Stream, townGrain, sm.Month, k.region, k.d1, k.d2, k.d3, k.d4, k.reported}, *sum)
	}
	if withTail {
		t.all = c.bitmaps(whose, func(*seen) bool { return true })
	}
	return t, nil
}

type townKey struct {
	region, d1, d2, d3, d4 string
	reported               int64
}

// spot is where a bitmap of a town lies in the month.
type spot struct {
	region, d1 string
	reported   int64
}

// seen is a fact that may count for bitmaps.
type seen struct {
	id      int64
	on      Date
	spot    int
	numbers [Dims]uint32 // of each of whose
	tail    bool
}

// counting is a pass over the facts of a month.
type counting struct {
	sm    streamMonth
	towns map[townKey]*cellSum
	spots map[spot]int
	facts []seen
	taken map[int64]Date // facts that others take back, and on which day
}

func (c *counting) read(ctx context.Context, r db.Reader, whose []string, tail map[int64]bool) error {
	return r.Each(ctx, func(rows *sqlx.Rows) error {
		var f factRow
		if err := rows.Scan(&f.ID, &f.On, &f.Region, &f.D1, &f.D2, &f.D3, &f.D4, &f.Reported, &f.Quantity, &f.Amount, &f.Reverses,
			&f.Subject, &f.Enterprise, &f.Institution, &f.Person); err != nil {
			return err
		}
		if !tail[f.ID] {
			key := townKey{string(f.Region), f.D1, f.D2, f.D3, f.D4, f.Reported}
			sum := c.towns[key]
			if sum == nil {
				sum = &cellSum{}
				c.towns[key] = sum
			}
			sum.n, sum.quantity, sum.amount = sum.n+f.sign(), sum.quantity+f.Quantity, sum.amount+f.Amount
		}
		if f.Reverses != 0 {
			c.taken[f.Reverses] = f.On
		} else if len(whose) > 0 {
			c.note(&f, whose, tail[f.ID])
		}
		return nil
	}, "SELECT id, occurred_on, region, d1, d2, d3, d4, reported, quantity, amount, reverses, subject, enterprise, institution, person"+
		" FROM ledger_fact WHERE stream = ? AND occurred_on >= ? AND occurred_on <= ?", c.sm.args()...)
}

func (c *counting) note(f *factRow, whose []string, tail bool) {
	at := spot{string(f.Region), f.D1, f.Reported}
	i, ok := c.spots[at]
	if !ok {
		i = len(c.spots)
		c.spots[at] = i
	}
	s := seen{id: f.ID, on: f.On, spot: i, tail: tail}
	for w, who := range whose {
		s.numbers[w] = uint32(f.number(who))
	}
	c.facts = append(c.facts, s)
}

// bitmaps are those of the facts that stand and are wanted: of towns, and of
// counties with all their towns.
func (c *counting) bitmaps(whose []string, wanted func(*seen) bool) map[bitKey]*roaring.Bitmap {
	numbers := make([][Dims][]uint32, len(c.spots))
	for i := range c.facts {
		f := &c.facts[i]
		if !wanted(f) || c.taken[f.id] == f.on {
			continue
		}
		for w := range whose {
			if n := f.numbers[w]; n != 0 {
				numbers[f.spot][w] = append(numbers[f.spot][w], n)
			}
		}
	}
	bits := map[bitKey]*roaring.Bitmap{}
	for at, i := range c.spots {
		for w, who := range whose {
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
