package ledger

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/jmoiron/sqlx"

	"qiban.dev/qiban/internal/db"
)

// Read answers a query at this moment, the facts of r's own change included.
// With By it returns the groups that hold something, ordered by their keys;
// without, exactly one cell. A query that makes no sense is an Invalid fault.
func (l *Ledger) Read(ctx context.Context, r db.Reader, q Query) ([]Cell, error) {
	all, err := l.ReadMany(ctx, r, []Query{q})
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// Value is the answer to a query that groups by nothing.
func (l *Ledger) Value(ctx context.Context, r db.Reader, q Query) (int64, error) {
	q.By = nil
	cells, err := l.Read(ctx, r, q)
	if err != nil {
		return 0, err
	}
	return cells[0].Value, nil
}

// ReadMany answers many queries at one moment, in their order, with about as
// many SQL statements as Read needs for one. Within a change on PostgreSQL the
// moment is each statement's own: a page reads through the database itself.
func (l *Ledger) ReadMany(ctx context.Context, r db.Reader, queries []Query) ([][]Cell, error) {
	plans := make([]*plan, len(queries))
	for i, q := range queries {
		p, err := l.plan(q)
		if err != nil {
			return nil, err
		}
		plans[i] = p
	}
	var cells [][]Cell
	err := l.atOnce(ctx, r, func(ctx context.Context, r db.Reader) (err error) {
		cells, err = l.answer(ctx, r, plans)
		return err
	})
	return cells, err
}

// atOnce gives fn a reader whose queries all see one moment, so that cells and
// tail agree: a snapshot when r is the database itself.
func (l *Ledger) atOnce(ctx context.Context, r db.Reader, fn func(context.Context, db.Reader) error) error {
	if d, ok := r.(*db.DB); ok {
		return d.Snapshot(ctx, fn)
	}
	return fn(ctx, r)
}

func (l *Ledger) answer(ctx context.Context, r db.Reader, plans []*plan) ([][]Cell, error) {
	know, err := l.learn(ctx, r, plans)
	if err != nil {
		return nil, err
	}
	var sums, bits, numbers []*arm
	remembered := map[*answer][]sheet{}
	answers := make([]*answer, len(plans))
	for i, p := range plans {
		answers[i] = &answer{p: p, groups: map[string]*group{}}
		switch p.m.Kind {
		case Distinct:
			b, n := p.distinctArms(answers[i], know)
			if sheets := know.sheets(p, len(b)); sheets != nil {
				b, remembered[answers[i]] = nil, sheets
			}
			bits, numbers = append(bits, b...), append(numbers, n...)
		case Level:
			sums = append(sums, p.levelArms(answers[i], know)...)
		default:
			sums = append(sums, p.flowArms(answers[i], know)...)
		}
	}
	if err := runArms(ctx, r, sums, 3, takeSum); err != nil {
		return nil, err
	}
	// the tail before the bitmaps: within a change on PostgreSQL, where statements
	// see different moments, what is rolled between them is found twice, not never
	if err := runArms(ctx, r, numbers, 2, takeNumber); err != nil {
		return nil, err
	}
	if err := runArms(ctx, r, bits, 4, know.takeBits); err != nil {
		return nil, err
	}
	for a, sheets := range remembered {
		if err := l.fromCache(ctx, r, a, know, sheets); err != nil {
			return nil, err
		}
	}
	cells := make([][]Cell, len(plans))
	for i, a := range answers {
		cells[i] = a.cells(know)
	}
	return cells, nil
}

// knowledge is what all queries of one reading need to know first.
type knowledge struct {
	roots map[uint32]uint32   // merged subjects, and whom they count as
	gone  *roaring.Bitmap     // the keys of roots
	kept  map[string][]string // by stream that was ever rolled, what can be trusted
	dirty map[place]bool      // where they cannot: the tail takes something back
	// The counties of the dirty places, whose bitmaps hold theirs.
	dirtyCounties map[place]bool
	// versions of the months of distinct counts; nil in a change, which remembers nothing.
	versions map[streamMonth]int64
}

func (l *Ledger) learn(ctx context.Context, r db.Reader, plans []*plan) (*knowledge, error) {
	know := &knowledge{roots: map[uint32]uint32{}, gone: roaring.New()}
	distinct := slices.ContainsFunc(plans, func(p *plan) bool { return p.m.Kind == Distinct })
	level := slices.ContainsFunc(plans, func(p *plan) bool { return p.m.Kind == Level })
	if distinct || level {
		if err := know.loadAliases(ctx, r); err != nil {
			return nil, err
		}
	}
	var err error
	if know.kept, err = loadKept(ctx, r, true); err != nil {
		return nil, err
	}
	if distinct {
		if err := know.loadDirty(ctx, r); err != nil {
			return nil, err
		}
		if tx, ok := r.(*db.Tx); ok && !tx.Writing() {
			if know.versions, err = loadVersions(ctx, r, streamsOf(plans, Distinct)); err != nil {
				return nil, err
			}
		}
	}
	if slices.ContainsFunc(plans, func(p *plan) bool { return p.today != nil }) {
		return know, findPlaces(ctx, r, plans)
	}
	return know, nil
}

// keeps reports whether something of a stream can be trusted, but for the tail;
// of a stream that was never rolled, everything is in the tail.
func (k *knowledge) keeps(stream, what string) bool {
	kept, rolled := k.kept[stream]
	return !rolled || slices.Contains(kept, what)
}

func (k *knowledge) loadAliases(ctx context.Context, r db.Reader) error {
	all, _, err := loadAliases(ctx, r)
	for _, a := range all {
		k.roots[uint32(a.N)] = uint32(a.Root)
		k.gone.Add(uint32(a.N))
	}
	return err
}

func (k *knowledge) loadDirty(ctx context.Context, r db.Reader) error {
	k.dirty, k.dirtyCounties = map[place]bool{}, map[place]bool{}
	return r.Each(ctx, func(rows *sqlx.Rows) error {
		var p place
		err := rows.Scan(&p.stream, &p.region, &p.month)
		k.dirty[p] = true
		p.region = countyOf(p.region)
		k.dirtyCounties[p] = true
		return err
	}, "SELECT DISTINCT f.stream, f.region, substr(f.occurred_on, 1, 7) FROM "+fromTail+" WHERE f.id = t.fact AND f.reverses <> 0")
}

// arm is one SELECT of a union: its rows go to one answer.
type arm struct {
	to   *answer
	end  Date  // of a Level
	skip grain // of a bitmap: which dirty places to leave out
	sql  string
	args []any
}

// grain is how coarse a kept bitmap is: townGrain or countyGrain.
type grain = string

// One statement holds at most so many arms and arguments; both databases allow
// far more, but planning a statement has its price.
const (
	armsMost = 60
	argsMost = 8000
)

// runArms runs the arms in few statements and hands each row to take: its key
// columns and then its values. Arms select their keys as k1, k2 …, padded here
// to the same number, and values many values.
func runArms(ctx context.Context, r db.Reader, arms []*arm, values int, take func(a *arm, keys []string, scan []any) error) error {
	for len(arms) > 0 {
		n, args := 0, 0
		for n < len(arms) && n < armsMost && (n == 0 || args+len(arms[n].args) <= argsMost) {
			args += len(arms[n].args)
			n++
		}
		if err := runUnion(ctx, r, arms[:n], values, take); err != nil {
			return err
		}
		arms = arms[n:]
	}
	return nil
}

func runUnion(ctx context.Context, r db.Reader, arms []*arm, values int, take func(a *arm, keys []string, scan []any) error) error {
	width := 0
	for _, a := range arms {
		width = max(width, len(a.to.p.cols))
	}
	var union []string
	var args []any
	for i, a := range arms {
		pad := strings.Repeat("'', ", width-len(a.to.p.cols))
		union = append(union, strings.Replace(a.sql, "SELECT ", "SELECT "+strconv.Itoa(i)+" AS arm, "+pad, 1))
		args = append(args, a.args...)
	}
	return r.Each(ctx, func(rows *sqlx.Rows) error {
		got, err := rows.SliceScan()
		if err != nil {
			return err
		}
		at, ok := got[0].(int64)
		if !ok || len(got) != 1+width+values {
			return fmt.Errorf("ledger: a row of %d columns from arm %v", len(got), got[0])
		}
		a := arms[at]
		keys := make([]string, len(a.to.p.cols))
		for i := range keys {
			keys[i] = textOf(got[1+width-len(keys)+i])
		}
		return take(a, keys, got[1+width:])
	}, strings.Join(union, " UNION ALL "), args...)
}

// textOf reads a text column: a string or bytes, as the driver likes.
func textOf(v any) string {
	if b, ok := v.([]byte); ok {
		return string(b)
	}
	s, _ := v.(string) // NULL is no value of any key column
	return s
}

func numberOf(v any) int64 {
	n, _ := v.(int64) // SUM over no rows is NULL
	return n
}

// answer gathers the groups of one query.
type answer struct {
	p      *plan
	groups map[string]*group
}

type group struct {
	keys               []string
	value              int64
	computed, reported int64             // facts of either origin
	bits               *roaring.Bitmap   // numbers found one by one
	parts              []*roaring.Bitmap // kept bitmaps, which are not ours to change
}

func (a *answer) group(keys []string) *group {
	name := strings.Join(keys, "\x00")
	g := a.groups[name]
	if g == nil {
		g = &group{keys: keys}
		a.groups[name] = g
	}
	return g
}

// takeSum reads value, facts, reported facts.
func takeSum(a *arm, cols []string, got []any) error {
	keys, ok := a.to.p.fold(cols, a.end)
	if !ok {
		return nil
	}
	g := a.to.group(keys)
	g.value += numberOf(got[0])
	g.computed += numberOf(got[1]) - numberOf(got[2])
	g.reported += numberOf(got[2])
	return nil
}

// flowArms add up cells for whole months, the tail of those months, and facts
// for the days that do not fill a month.
func (p *plan) flowArms(a *answer, know *knowledge) []*arm {
	first, last, part := split(p.From, p.To)
	if !know.keeps(p.stream.name, keptCells) {
		first, last, part = "", "", []days{{p.From, p.To}}
	}
	var arms []*arm
	if first != "" {
		for _, s := range []shape{cellShape, tailShape} {
			var w where
			w.add("f.stream = ?", p.stream.name)
			if s == tailShape {
				w.add("t.stream = ? AND f.id = t.fact", p.stream.name)
			} else {
				w.add("f.grain = ?", p.cellGrain())
			}
			s.monthsIn(&w, first, last)
			p.filter(&w, s)
			arms = append(arms, p.sumArm(a, s, &w))
		}
	}
	for _, d := range part {
		var w where
		w.add("f.stream = ? AND f.occurred_on >= ? AND f.occurred_on <= ?", p.stream.name, string(d.from), string(d.to))
		p.filter(&w, factShape)
		arms = append(arms, p.sumArm(a, factShape, &w))
	}
	return arms
}

// cellGrain is the coarsest cell that answers.
func (p *plan) cellGrain() grain {
	if p.grain() == countyGrain && p.firstDimDoes() {
		return firstGrain
	}
	return p.grain()
}

func (p *plan) sumArm(a *answer, s shape, w *where) *arm {
	return &arm{to: a, args: w.args, sql: "SELECT " + p.selected(s) +
		bigSum(s.sum(p.m.Sum)) + ", " + bigSum(s.n) + ", " + bigSum("("+s.n+") * f.reported") +
		" FROM " + s.table + " WHERE " + w.String() + p.groupBy(s)}
}

// bigSum is a sum that stays a BIGINT on PostgreSQL, where it would become numeric.
func bigSum(expr string) string { return "CAST(COALESCE(SUM(" + expr + "), 0) AS BIGINT)" }

// selected are the key columns, each with a comma after it.
func (p *plan) selected(s shape) string {
	var b strings.Builder
	for _, col := range p.cols {
		b.WriteString(s.expr(col) + ", ")
	}
	return b.String()
}

func (p *plan) groupBy(s shape) string {
	if len(p.cols) == 0 {
		return ""
	}
	return " GROUP BY " + strings.TrimSuffix(p.selected(s), ", ")
}

// cells finishes the answer: groups that hold something, in order.
func (a *answer) cells(know *knowledge) []Cell {
	cells := make([]Cell, 0, len(a.groups))
	for _, g := range a.groups {
		c := Cell{Keys: g.keys, Value: g.value, Facts: g.computed + g.reported, Origin: originOf(g.computed != 0, g.reported != 0)}
		if a.p.m.Kind == Distinct {
			c.Value, c.Facts = know.distinct(g.union()), 0
		}
		if a.p.m.Kind == Mean {
			c.Value = mean(g.value, a.p.monthsOf(g.keys))
		}
		if len(a.p.By) > 0 && c.Value == 0 && c.Facts == 0 && (g.value == 0 || a.p.m.Kind == Distinct) {
			continue
		}
		cells = append(cells, c)
	}
	if len(a.p.By) == 0 && len(cells) == 0 {
		return []Cell{{Keys: []string{}}}
	}
	slices.SortFunc(cells, func(x, y Cell) int { return slices.CompareFunc(x.Keys, y.Keys, cmp.Compare[string]) })
	return cells
}

func originOf(computed, reported bool) Origin {
	switch {
	case computed && reported:
		return Mixed
	case computed:
		return Computed
	case reported:
		return Reported
	default:
		return NoOrigin
	}
}

// monthsOf is how many months of the period fall under the keys of a Mean; a
// month that the period covers in part counts as one.
func (p *plan) monthsOf(keys []string) int64 {
	from, to := p.From.Month(), p.To.Month()
	for i, key := range p.By {
		switch key {
		case "month":
			return 1
		case "year":
			from, to = max(from, keys[i]+"-01"), min(to, keys[i]+"-12")
		}
	}
	year := func(m string) int64 { n, _ := strconv.ParseInt(m[:4], 10, 64); return n }
	month := func(m string) int64 { n, _ := strconv.ParseInt(m[5:7], 10, 64); return n }
	return max(1, (year(to)-year(from))*12+month(to)-month(from)+1)
}

// mean divides and rounds half up, towards the greater number.
func mean(sum, n int64) int64 {
	q, r := sum/n, sum%n
	if r < 0 {
		q, r = q-1, r+n
	}
	if 2*r >= n {
		q++
	}
	return q
}
