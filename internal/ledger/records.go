package ledger

import (
	"context"
	"slices"
	"strconv"

	"github.com/RoaringBitmap/roaring/v2"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/region"
)

// Records are the facts behind a figure that lie in the scope, newest first:
// those that count, without what was taken back on its own day. By is ignored;
// see Query.Narrow. total is the number of lines on all pages; the Adds of all
// lines in an unbounded scope add up to Value. Of a Level there is one line for
// each subject; of a Distinct there may be several, and Behind tells how many
// subjects they are.
func (l *Ledger) Records(ctx context.Context, r db.Reader, s authz.Scope, q Query, page db.Page) (lines []Line, next string, total int64, err error) {
	after, err := page.Keys(2)
	if err != nil {
		return nil, "", 0, err
	}
	err = l.listing(ctx, r, s, q, func(ctx context.Context, r db.Reader, from listing) error {
		if err := r.Get(ctx, &total, "SELECT COUNT(*) FROM "+from.tables+" WHERE "+from.w.String(), from.w.args...); err != nil {
			return err
		}
		lines, next, err = from.page(ctx, r, after, page.Size())
		return err
	})
	return lines, next, total, err
}

// Behind is how much stands behind a figure within a scope.
type Behind struct {
	Lines    int64 // facts, as Records lists them
	Subjects int64 // different subjects of a Distinct, merged ones as one; 0 for the other kinds
	Value    int64 // what the lines add up to; the subjects of a Distinct
}

// Behind counts what Records lists.
func (l *Ledger) Behind(ctx context.Context, r db.Reader, s authz.Scope, q Query) (Behind, error) {
	var b Behind
	err := l.listing(ctx, r, s, q, func(ctx context.Context, r db.Reader, from listing) error {
		var sum struct{ Lines, Value int64 }
		if err := r.Get(ctx, &sum, "SELECT COUNT(*) AS lines, "+bigSum(from.adds)+" AS value FROM "+
			from.tables+" WHERE "+from.w.String(), from.w.args...); err != nil {
			return err
		}
		b = Behind{Lines: sum.Lines, Value: sum.Value}
		if from.p.m.Kind != Distinct {
			return nil
		}
		var numbers []uint32
		if err := r.Select(ctx, &numbers, "SELECT DISTINCT f."+from.p.m.Who+" FROM "+
			from.tables+" WHERE "+from.w.String(), from.w.args...); err != nil {
			return err
		}
		b.Subjects = from.know.distinct(roaring.BitmapOf(numbers...))
		b.Value = b.Subjects
		return nil
	})
	return b, err
}

// Beside is what the record of each line, which Records listed for another query
// of the same place and time, adds to this one: 0 where it does not count.
func (l *Ledger) Beside(ctx context.Context, r db.Reader, s authz.Scope, q Query, lines []Line) ([]int64, error) {
	if len(lines) == 0 {
		return nil, nil
	}
	ids := make([]any, len(lines))
	for i, line := range lines {
		ids[i] = line.Record.ID
	}
	adds := map[Record]int64{}
	err := l.listing(ctx, r, s, q, func(ctx context.Context, r db.Reader, from listing) error {
		from.w.add("f.record_id IN ("+db.Marks(len(ids))+")", ids...)
		var rows []struct {
			Kind  string `db:"record_kind"`
			ID    string `db:"record_id"`
			Value int64
		}
		err := r.Select(ctx, &rows, "SELECT f.record_kind, f.record_id, "+bigSum(from.adds)+" AS value FROM "+
			from.tables+" WHERE "+from.w.String()+" GROUP BY f.record_kind, f.record_id", from.w.args...)
		for _, row := range rows {
			adds[Record{row.Kind, row.ID}] = row.Value
		}
		return err
	})
	each := make([]int64, len(lines))
	for i, line := range lines {
		each[i] = adds[line.Record]
	}
	return each, err
}

// listing is the part of a statement that finds the facts behind a figure.
type listing struct {
	p      *plan
	know   *knowledge
	tables string
	w      where
	adds   string
}

func (l *Ledger) listing(ctx context.Context, r db.Reader, s authz.Scope, q Query, fn func(context.Context, db.Reader, listing) error) error {
	q.By = nil
	p, err := l.plan(q)
	if err != nil {
		return err
	}
	return l.atOnce(ctx, r, func(ctx context.Context, r db.Reader) error {
		know, err := l.learn(ctx, r, []*plan{p})
		if err != nil {
			return err
		}
		return fn(ctx, r, p.listing(know, s))
	})
}

func (p *plan) listing(know *knowledge, s authz.Scope) listing {
	from := listing{p: p, know: know, tables: "ledger_fact f", adds: factShape.sum(p.m.Sum)}
	w := &from.w
	if p.m.Kind == Level {
		from.tables, w.args = p.newest(p.To, !know.gone.IsEmpty())
		w.add(p.counts())
		p.bounds(w)
	} else {
		w.add("f.stream = ? AND f.occurred_on <= ?", p.stream.name, string(p.To))
		if p.From != "" {
			w.add("f.occurred_on >= ?", string(p.From))
		}
	}
	switch p.m.Kind {
	case Distinct:
		w.add("f." + p.m.Who + " <> 0 AND " + countsOnce)
		from.adds = "1"
	case Flow, Mean:
		w.add(stands)
	case Level:
	}
	p.filter(w, factShape)
	if p.today != nil {
		p.byLineage(w)
	}
	from.tables += " LEFT JOIN ledger_subject e ON e.n = f.enterprise LEFT JOIN ledger_subject i ON i.n = f.institution" +
		" LEFT JOIN ledger_subject h ON h.n = f.person"
	sql, args := s.SQL(authz.Columns{Region: "f.region", Party: map[string]string{
		authz.Enterprise: "e.id", authz.Institution: "i.id", authz.Person: "h.id",
	}})
	w.add(sql, args...)
	return from
}

// stands is the condition on f that neither it nor its reversal is one of a
// pair on one day, which add nothing together.
const stands = "NOT EXISTS (SELECT 1 FROM ledger_fact r WHERE r.reverses = f.id AND r.reverses <> 0 AND r.occurred_on = f.occurred_on)" +
	" AND NOT EXISTS (SELECT 1 FROM ledger_fact o WHERE o.id = f.reverses AND o.occurred_on = f.occurred_on)"

type lineRow struct {
	ID          int64
	On          Date `db:"occurred_on"`
	Region      region.Code
	D1          string
	D2          string
	D3          string
	D4          string
	RecordKind  string `db:"record_kind"`
	RecordID    string `db:"record_id"`
	Enterprise  string
	Institution string
	Quantity    int64
	Amount      int64
	Adds        int64
	Reported    int64
}

func (from listing) page(ctx context.Context, r db.Reader, after []string, size int) ([]Line, string, error) {
	w := from.w
	if after != nil {
		id, err := strconv.ParseInt(after[1], 10, 64)
		if err != nil || !Date(after[0]).Valid() {
			return nil, "", fault.Fields{{Name: "after", Key: "field.cursor"}}.Err()
		}
		w.add("(f.occurred_on < ? OR (f.occurred_on = ? AND f.id < ?))", after[0], after[0], id)
	}
	var rows []lineRow
	err := r.Select(ctx, &rows, "SELECT f.id, f.occurred_on, f.region, f.d1, f.d2, f.d3, f.d4, f.record_kind, f.record_id,"+
		" COALESCE(e.id, '') AS enterprise, COALESCE(i.id, '') AS institution, f.quantity, f.amount, "+
		from.adds+" AS adds, f.reported FROM "+from.tables+" WHERE "+w.String()+
		" ORDER BY f.occurred_on DESC, f.id DESC LIMIT ?", append(slices.Clip(w.args), size+1)...)
	if err != nil {
		return nil, "", err
	}
	next := ""
	if len(rows) > size {
		rows = rows[:size]
		last := rows[size-1]
		next = db.Cursor(string(last.On), strconv.FormatInt(last.ID, 10))
	}
	lines := make([]Line, len(rows))
	for i, row := range rows {
		lines[i] = Line{
			Fact: row.ID, Record: Record{row.RecordKind, row.RecordID}, On: row.On, Region: row.Region,
			Dims: [Dims]string{row.D1, row.D2, row.D3, row.D4}, Enterprise: row.Enterprise, Institution: row.Institution,
			Quantity: row.Quantity, Amount: row.Amount, Adds: row.Adds, Reported: row.Reported == 1,
		}
	}
	return lines, next, nil
}

// Narrow is the query for one cell of its answer: the same measure, grouped by
// nothing, where only what stands under the keys counts.
func (q Query) Narrow(keys []string) Query {
	by := q.By
	q.By = nil
	q.Where = slices.Clip(q.Where)
	for i, key := range keys {
		switch by[i] {
		case "month":
			q.From, q.To = max(q.From, monthStart(key)), min(q.To, monthEnd(key))
		case "year":
			q.From, q.To = max(q.From, Date(key+"-01-01")), min(q.To, Date(key+"-12-31"))
		default:
			q.Where = append(q.Where, Cond{Dim: by[i], In: []string{key}})
		}
	}
	return q
}
