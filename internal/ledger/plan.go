package ledger

import (
	"slices"
	"strings"

	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/region"
)

// plan is a query that has been understood: what to add up, where, by which
// columns.
type plan struct {
	Query
	m      Measure
	stream *stream
	cols   []string // what SQL groups by, as names for shape.expr
	at     []int    // for each of By its place in cols; -1 when fold makes it
	today  func(region.Code, Date) region.Code
	// Tree Today: the first day looked at, what every known code meant since, and
	// the codes outside the region's own subtree that today lie in it.
	since     Date
	codes     []stay
	elsewhere []string
}

// plan checks the query. Whatever is wrong with it is an Invalid fault that
// names the fields of Query.
func (l *Ledger) plan(q Query) (*plan, error) {
	var bad fault.Fields
	m, ok := l.measures[q.Measure]
	if !ok {
		bad.Add("measure", "ledger.query.measure")
		return nil, bad.Err()
	}
	p := &plan{Query: q, m: m, stream: l.streams[m.Of]}
	if !q.Region.Valid() {
		bad.Add("region", "ledger.query.region")
	}
	if !q.To.Valid() || (q.From != "" && (!q.From.Valid() || q.From > q.To)) {
		bad.Add("period", "ledger.query.period")
	}
	if q.Source != NoOrigin && q.Source != Computed && q.Source != Reported {
		bad.Add("source", "ledger.query.source")
	}
	if q.Tree != "" && q.Tree != AsOf && q.Tree != Today {
		bad.Add("tree", "ledger.query.tree")
	}
	if q.Tree == Today {
		p.today = l.today
	}
	for _, c := range q.Where {
		if !p.allows(c) {
			bad.Add("where", "ledger.query.where", "dim", c.Dim)
		}
	}
	if !p.groups() {
		bad.Add("by", "ledger.query.by")
	}
	if err := bad.Err(); err != nil {
		return nil, err
	}
	if m.Kind == Level && p.byPeriod() && len(p.ends()) == 0 {
		bad.Add("period", "ledger.query.series")
	}
	return p, bad.Err()
}

func (p *plan) allows(c Cond) bool {
	if c.Dim == "quantity" || c.Dim == "amount" {
		return p.m.Kind == Level && c.In == nil && (c.AtLeast != nil || c.Over != nil)
	}
	return (isPlace(c.Dim) || p.dim(c.Dim) > 0) && len(c.In) > 0 && c.AtLeast == nil && c.Over == nil
}

func isPlace(key string) bool  { return key == "city" || key == "county" || key == "town" }
func isPeriod(key string) bool { return key == "month" || key == "year" }

// dim is the place of the dimension among its stream's, counted from 1; 0 for none.
func (p *plan) dim(name string) int { return slices.Index(p.stream.dims, name) + 1 }

// groups works out the columns for By; false when By is not understood.
func (p *plan) groups() bool {
	places := 0
	if p.today != nil {
		p.cols = []string{"town", "month"}
	}
	for i, key := range p.By {
		at := -1
		switch {
		case slices.Contains(p.By[:i], key):
			return false
		case isPlace(key):
			if places++; places > 1 {
				return false
			}
			if p.today == nil {
				at = p.column(key)
			}
		case isPeriod(key):
			if p.m.Kind != Level {
				at = p.column(key)
			}
		case p.dim(key) > 0:
			at = p.column(dimColumn(p.dim(key)))
		default:
			return false
		}
		p.at = append(p.at, at)
	}
	return true
}

func dimColumn(n int) string { return "d" + string(rune('0'+n)) }

// column is the place of the name in cols, added when it is not there.
func (p *plan) column(name string) int {
	if at := slices.Index(p.cols, name); at >= 0 {
		return at
	}
	p.cols = append(p.cols, name)
	return len(p.cols) - 1
}

func (p *plan) byPeriod() bool { return slices.ContainsFunc(p.By, isPeriod) }

// seriesMost bounds the points of a Level by month or year.
const seriesMost = 240

// ends are the days a Level is looked at: To, or the end of each month or year.
func (p *plan) ends() []Date {
	if p.m.Kind != Level || !p.byPeriod() {
		return []Date{p.To}
	}
	if p.From == "" {
		return nil
	}
	var all []Date
	for _, m := range months(p.From.Month(), p.To.Month(), 12*seriesMost) {
		end := min(monthEnd(m), p.To)
		if slices.Contains(p.By, "month") || end == p.To || strings.HasSuffix(m, "-12") {
			all = append(all, end)
		}
	}
	if len(all) > seriesMost {
		return nil
	}
	return all
}

// fold turns the columns of one row into the keys of By. end is the day of a
// Level. It says false for a row outside the region of a Today query.
func (p *plan) fold(cols []string, end Date) ([]string, bool) {
	var code region.Code
	if p.today != nil {
		code = p.today(region.Code(cols[0]), monthEnd(cols[1]))
		if !p.Region.Contains(code) || !p.holds(code) {
			return nil, false
		}
	}
	keys := make([]string, len(p.By))
	for i, key := range p.By {
		switch {
		case p.at[i] >= 0:
			keys[i] = cols[p.at[i]]
		case isPlace(key):
			keys[i] = placeKey(key, code)
		case key == "month":
			keys[i] = end.Month()
		default:
			keys[i] = end.Year()
		}
	}
	return keys, true
}

// holds checks a code of today against the conditions on places.
func (p *plan) holds(code region.Code) bool {
	for _, c := range p.Where {
		if isPlace(c.Dim) && !slices.Contains(c.In, placeKey(c.Dim, code)) {
			return false
		}
	}
	return true
}

// placeKey is the city, county or town that a code stands under; a code above
// that level stands under itself.
func placeKey(key string, c region.Code) string {
	level := map[string]region.Level{"city": region.City, "county": region.County, "town": region.Town}[key]
	if up := c.At(level); up != "" {
		return string(up)
	}
	return string(c)
}

// shape is where rows come from: the names of their columns in SQL.
type shape struct {
	table          string
	region, month  string
	d1             string
	n, qty, amount string
}

var (
	cellShape = shape{"ledger_cell f", "f.region", "f.month", "f.d1", "f.n", "f.quantity", "f.amount"}
	bitShape  = shape{"ledger_bitmap f", "f.region", "f.month", "f.d1", "", "", ""}
	factShape = shape{
		"ledger_fact f", "f.region", "substr(f.occurred_on, 1, 7)", "f.d1",
		"CASE WHEN f.reverses = 0 THEN 1 ELSE -1 END", "f.quantity", "f.amount",
	}
	tailShape = shape{
		fromTail, factShape.region, factShape.month, factShape.d1,
		factShape.n, factShape.qty, factShape.amount,
	}
)

// fromTail are the facts of the tail, where f.id = t.fact. SQLite takes the
// tables of a CROSS JOIN in their order; left to choose, it may read every fact
// of a stream to look it up in a tail of three.
const fromTail = "ledger_tail t CROSS JOIN ledger_fact f"

// expr is a column of plan.cols in SQL. Every code above a county has six
// digits, so that cutting a code to its county leaves it whole.
func (s shape) expr(col string) string {
	switch col {
	case "city":
		return "CASE WHEN substr(" + s.region + ", 3, 2) = '00' THEN " + s.region + " ELSE substr(" + s.region + ", 1, 4) || '00' END"
	case "county":
		return "substr(" + s.region + ", 1, 6)"
	case "town":
		return s.region
	case "month":
		return s.month
	case "year":
		return "substr(" + s.month + ", 1, 4)"
	case "d1":
		return s.d1
	default:
		return "f." + col
	}
}

// sum is what a fact or cell adds to the measure.
func (s shape) sum(what Sum) string {
	switch what {
	case Quantity:
		return s.qty
	case Amount:
		return s.amount
	default:
		return s.n
	}
}

// where is a condition that grows, with its arguments.
type where struct {
	sql  []string
	args []any
}

func (w *where) add(sql string, args ...any) {
	w.sql = append(w.sql, sql)
	w.args = append(w.args, args...)
}

func (w *where) in(expr string, values []string) {
	args := make([]any, len(values))
	for i, v := range values {
		args[i] = v
	}
	w.add(expr+" IN "+tuple(len(values)), args...)
}

func (w *where) String() string { return strings.Join(w.sql, " AND ") }

// filter adds the query's place, source, and conditions on places and dimensions.
func (p *plan) filter(w *where, s shape) {
	span := p.Region.Span()
	if len(p.elsewhere) > 0 {
		args := []any{span.From, span.To}
		for _, code := range p.elsewhere {
			args = append(args, code)
		}
		w.add("(("+s.region+" >= ? AND "+s.region+" < ?) OR "+s.region+" IN "+tuple(len(p.elsewhere))+")", args...)
	} else {
		w.add(s.region+" >= ? AND "+s.region+" < ?", span.From, span.To)
	}
	if p.Source != NoOrigin {
		w.add("f.reported = ?", reportedAs(p.Source))
	}
	for _, c := range p.Where {
		switch {
		case p.dim(c.Dim) > 0:
			w.in(s.expr(dimColumn(p.dim(c.Dim))), c.In)
		case isPlace(c.Dim) && p.today == nil:
			w.in(s.expr(c.Dim), c.In)
		}
	}
}

func reportedAs(o Origin) int64 {
	if o == Reported {
		return 1
	}
	return 0
}

// bounds adds the conditions on a level's newest value.
func (p *plan) bounds(w *where) {
	for _, c := range p.Where {
		if c.Dim != "quantity" && c.Dim != "amount" {
			continue
		}
		if c.AtLeast != nil {
			w.add("f."+c.Dim+" >= ?", *c.AtLeast)
		}
		if c.Over != nil {
			w.add("f."+c.Dim+" > ?", *c.Over)
		}
	}
}

// listMost is how many months are written out one by one, which lets an index
// seek to each.
const listMost = 36

// monthsIn adds that the month lies in the span of whole months.
func (s shape) monthsIn(w *where, first, last string) {
	if list := months(first, last, listMost); list != nil {
		w.in(s.month, list)
		return
	}
	w.add(s.month+" >= ? AND "+s.month+" <= ?", first, last)
}
