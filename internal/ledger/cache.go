package ledger

import (
	"container/list"
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/RoaringBitmap/roaring/v2"

	"qiban.dev/qiban/internal/db"
)

// cacheBytes bounds the bitmaps that a process remembers.
const cacheBytes = 48 << 20

// sheet names the bitmaps of a stream's month that are remembered together: of
// all counties, or of the towns of one.
type sheet struct {
	stream, who, month string
	county             string // empty for the counties themselves
	split              bool   // by the first dimension and the origin; else united
}

// entry is one remembered bitmap. Nobody changes it.
type entry struct {
	region, d1         string
	computed, reported bool // where it comes from; both of a united one
	bits               *roaring.Bitmap
}

// cache remembers decoded bitmaps. What it holds of a month is right as long as
// the month's version is the one it was read at, which a reading sees in its own
// snapshot: so all processes and all moments agree.
type cache struct {
	mu    sync.Mutex
	held  map[sheet]*list.Element
	order *list.List // of *remembered, the one used last in front
	size  uint64
}

type remembered struct {
	sheet   sheet
	version int64
	entries []entry
	size    uint64
}

func newCache() *cache { return &cache{held: map[sheet]*list.Element{}, order: list.New()} }

func (c *cache) get(s sheet, version int64) ([]entry, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	at, ok := c.held[s]
	if !ok || at.Value.(*remembered).version != version {
		return nil, false
	}
	c.order.MoveToFront(at)
	return at.Value.(*remembered).entries, true
}

func (c *cache) put(s sheet, version int64, entries []entry) {
	r := &remembered{sheet: s, version: version, entries: entries, size: 200}
	for _, e := range entries {
		r.size += 100 + e.bits.GetSizeInBytes()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if at, ok := c.held[s]; ok {
		if at.Value.(*remembered).version > version {
			return // a reading of an earlier moment came late
		}
		c.drop(at)
	}
	c.held[s] = c.order.PushFront(r)
	for c.size += r.size; c.size > cacheBytes; {
		c.drop(c.order.Back())
	}
}

func (c *cache) drop(at *list.Element) {
	r := c.order.Remove(at).(*remembered)
	delete(c.held, r.sheet)
	c.size -= r.size
}

// sheets are those that hold the plan's bitmaps, of one month each; nil when
// there are none, or the cache does not hold them: those of a change under way,
// of the towns of more than one county, or from the beginning of time.
func (k *knowledge) sheets(p *plan, arms int) []sheet {
	first, last, _ := split(p.From, p.To)
	if arms == 0 || k.versions == nil || p.From == "" {
		return nil
	}
	s := sheet{stream: p.stream.name, who: p.m.Who, split: p.Source != NoOrigin || slices.Contains(p.cols, "d1") ||
		slices.ContainsFunc(p.Where, func(c Cond) bool { return p.dim(c.Dim) == 1 })}
	if p.grain() == townGrain {
		if p.Region[4:6] == "00" || len(p.elsewhere) > 0 {
			return nil
		}
		s.county = countyOf(string(p.Region))
	}
	list := months(first, last, 12*seriesMost)
	if list == nil {
		return nil
	}
	all := make([]sheet, len(list))
	for i, m := range list {
		all[i] = s
		all[i].month = m
	}
	return all
}

// fromCache adds the kept bitmaps of whole months to the answer.
func (l *Ledger) fromCache(ctx context.Context, r db.Reader, a *answer, know *knowledge, sheets []sheet) error {
	var missing []sheet
	found := make(map[string][]entry, len(sheets))
	for _, s := range sheets {
		entries, ok := l.cache.get(s, know.versions[streamMonth{s.stream, s.month}])
		if !ok {
			missing = append(missing, s)
			continue
		}
		found[s.month] = entries
	}
	for part := range slices.Chunk(missing, 24) {
		if err := l.fill(ctx, r, know, part, found); err != nil {
			return err
		}
	}
	f := filter{p: a.p, know: know}
	for _, s := range sheets {
		for _, e := range found[s.month] {
			f.take(a, s.month, e)
		}
	}
	return nil
}

// fill reads the sheets, which differ in their months alone, and remembers them.
func (l *Ledger) fill(ctx context.Context, r db.Reader, know *knowledge, sheets []sheet, found map[string][]entry) error {
	first := sheets[0]
	args := []any{first.stream, first.who, countyGrain}
	where := ""
	if first.county != "" {
		args[2] = townGrain
		where = " AND region >= ? AND region < ?"
	}
	for _, s := range sheets {
		args = append(args, s.month)
	}
	if first.county != "" {
		args = append(args, first.county, first.county+":")
	}
	var rows []bitRow
	if err := r.Select(ctx, &rows, "SELECT "+bitColumns+", bits FROM ledger_bitmap WHERE stream = ? AND who = ? AND grain = ? AND month IN "+
		tuple(len(sheets))+where+" ORDER BY month, region", args...); err != nil {
		return err
	}
	fresh := map[string][]entry{}
	for _, row := range rows {
		e := entry{region: row.Region, d1: row.D1, computed: row.Reported == 0, reported: row.Reported == 1, bits: roaring.New()}
		if err := e.bits.UnmarshalBinary(row.Bits); err != nil {
			return err
		}
		if e.bits.IsEmpty() {
			continue
		}
		have := fresh[row.Month]
		if last := len(have) - 1; !first.split && last >= 0 && have[last].region == e.region {
			have[last].bits.Or(e.bits)
			have[last].computed, have[last].reported = have[last].computed || e.computed, have[last].reported || e.reported
			continue
		}
		fresh[row.Month] = append(have, e)
	}
	for _, s := range sheets {
		entries := fresh[s.month]
		for _, e := range entries {
			e.bits.RunOptimize()
		}
		l.cache.put(s, know.versions[streamMonth{s.stream, s.month}], entries)
		found[s.month] = entries
	}
	return nil
}

// filter finds which remembered bitmaps a plan counts, and under which keys.
type filter struct {
	p    *plan
	know *knowledge
	cols []string
}

func (f *filter) take(a *answer, month string, e entry) {
	p := f.p
	if f.know.untrusted(place{p.stream.name, e.region, month}, p.grain()) || !f.wants(e) {
		return
	}
	f.cols = f.cols[:0]
	for _, col := range p.cols {
		f.cols = append(f.cols, columnOf(col, month, e))
	}
	keys, ok := p.fold(f.cols, "")
	if !ok {
		return
	}
	g := a.group(keys)
	if e.computed {
		g.computed++
	}
	if e.reported {
		g.reported++
	}
	g.parts = append(g.parts, e.bits)
}

// wants is plan.filter for a remembered bitmap.
func (f *filter) wants(e entry) bool {
	p, span := f.p, f.p.Region.Span()
	if (e.region < span.From || e.region >= span.To) && !slices.Contains(p.elsewhere, e.region) {
		return false
	}
	if p.Source == Computed && !e.computed || p.Source == Reported && !e.reported {
		return false
	}
	for _, c := range p.Where {
		switch {
		case p.dim(c.Dim) > 0:
			if !slices.Contains(c.In, e.d1) {
				return false
			}
		case isPlace(c.Dim) && p.today == nil:
			if !slices.Contains(c.In, columnOf(c.Dim, "", e)) {
				return false
			}
		}
	}
	return true
}

// columnOf is what shape.expr says in SQL.
func columnOf(col, month string, e entry) string {
	switch col {
	case "city":
		if e.region[2:4] == "00" {
			return e.region
		}
		return e.region[:4] + "00"
	case "county":
		return countyOf(e.region)
	case "town":
		return e.region
	case "month":
		return month
	case "year":
		return month[:4]
	default:
		return e.d1
	}
}

// streamsOf are the streams of the plans of a kind.
func streamsOf(plans []*plan, k Kind) []string {
	var names []string
	for _, p := range plans {
		if p.m.Kind == k {
			names = append(names, p.stream.name)
		}
	}
	slices.SortFunc(names, strings.Compare)
	return slices.Compact(names)
}
