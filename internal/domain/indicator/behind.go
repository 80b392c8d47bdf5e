package indicator

import (
	"context"
	"maps"
	"math"
	"slices"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
)

// Behind is what a figure is made of, as far as the reader may see it (数字背后的
// 记录): the returns it was reported in, the records it was computed from.
type Behind struct {
	Figure  ledger.Figure
	Returns []Filed
	Lines   []ledger.Line // one page of the records, newest first
	Next    string        // cursor of the next page, empty at the end
	Records int64         // on all pages
	// Sum is what the returns and records within reach come to, in the indicator's
	// unit: their sum, of a ratio its part over its whole; nil when the figure does
	// not come from them alone.
	Sum *float64
	// Of is the part and the whole of a ratio (其中 ÷ 全部) as the records count
	// them, Unit the key of their unit. Lines are then those of the whole, and Part
	// what each of them adds to the part.
	Of   *[2]int64
	Unit string
	Part []int64
	// Follows is the indicator whose records these are, when the figure is worked
	// out from another: a growth.
	Follows string
	// Whole reports that the reader reaches the whole place, so that Sum can be
	// compared with the figure.
	Whole bool
}

// Agrees reports that what is behind the figure adds up to it.
func (b *Behind) Agrees() bool {
	return b.Whole && b.Sum != nil && b.Figure.Exact != nil && math.Abs(*b.Sum-*b.Figure.Exact) < 0.005
}

// Filed is one office's value of the figure in its return.
type Filed struct {
	Sheet
	Value float64 // in the indicator's unit
	// Counts reports that the return is accepted and the value is in the figure.
	Counts bool
}

// Behind opens a figure into its returns and records, within the part of the
// place that the actor may view. Without the right over any of it, it is Denied,
// or SignIn for nobody. after is the cursor of the page before, empty at first.
func (s *Service) Behind(ctx context.Context, by authz.Actor, place region.Code, year int, id, after string) (*Behind, error) {
	d, err := s.Definition(ctx, s.db, year, id)
	if err != nil {
		return nil, err
	}
	if err := mayOpen(by, place); err != nil {
		return nil, err
	}
	if d.GrowthOf != "" {
		b, err := s.Behind(ctx, by, place, year, d.GrowthOf, after)
		if err == nil {
			b.Follows, b.Sum = d.GrowthOf, nil
		}
		return b, err
	}
	b := &Behind{Whole: by.May(View, authz.At(place))}
	return b, s.open(ctx, place, []int{year}, id, func(ctx context.Context, r db.Reader, books []*book) error {
		book := books[0]
		for _, f := range book.figures() {
			if f.ID == id {
				b.Figure = f
			}
		}
		if d.Target {
			return nil
		}
		var sum float64
		if err := s.returnsBehind(ctx, r, by.Scope(View), book, d, b); err != nil {
			return err
		}
		for _, f := range b.Returns {
			if f.Counts {
				sum += f.Value
			}
		}
		counted, err := s.recordsBehind(ctx, r, by.Scope(View), book, d, after, b)
		if err != nil {
			return err
		}
		sum = round(sum + counted)
		if b.comesTo(d) {
			b.Sum = &sum
		}
		return nil
	})
}

// comesTo reports whether what is behind the figure gives it: a place among peers
// does not come from one place's records, nor a ratio from none.
func (b *Behind) comesTo(d Definition) bool {
	if d.Nature == Ratio {
		return b.Of != nil && b.Of[1] > 0
	}
	return d.Nature != Rank
}

// mayOpen reports whether the actor views any part of the place.
func mayOpen(by authz.Actor, place region.Code) error {
	for _, top := range by.Regions(View) {
		if top.Contains(place) || place.Contains(top) {
			return nil
		}
	}
	if by.May(View, authz.At(place)) {
		return nil
	}
	if by.Kind == authz.Nobody {
		return fault.New(fault.SignIn, "fault.sign_in")
	}
	return fault.Closed()
}

// returnsBehind lists every return that has a value for the indicator; a county
// has one, a city those of all its offices.
func (s *Service) returnsBehind(ctx context.Context, r db.Reader, scope authz.Scope, book *book, d Definition, b *Behind) error {
	where, args := scope.SQL(authz.Columns{Region: "t.region"})
	span := book.place.Span()
	var rows []struct {
		Sheet
		Quantity int64 `db:"quantity"`
	}
	err := r.Select(ctx, &rows, `SELECT t.id, t.region, t.year, t.state, t.version, t.filled_by, t.decided_by, t.reason,
		t.created, t.changed, v.quantity FROM indicator_return t JOIN indicator_value v ON v.return_id = t.id
		WHERE `+where+` AND t.year = ? AND v.indicator = ? AND t.region >= ? AND t.region < ? ORDER BY t.region`,
		append(args, book.year, d.ID, span.From, span.To)...)
	for _, row := range rows {
		b.Returns = append(b.Returns, Filed{Sheet: row.Sheet, Value: float64(row.Quantity) / d.Factor(), Counts: row.State == Accepted})
	}
	return err
}

// recordsBehind reads a page of the records that were computed, and what all of
// them within the scope add up to. Where an office's return counts, its records
// do not.
func (s *Service) recordsBehind(ctx context.Context, r db.Reader, scope authz.Scope, book *book, d Definition, after string, b *Behind) (float64, error) {
	q := ledger.Query{Measure: d.Measure, Region: book.place, From: d.since(book.year), To: lastDay(book.year), Where: d.Where}
	if len(d.Ratio) == 2 {
		q.Measure = d.Ratio[1]
	}
	reported, computed := book.reported[0][d.ID], book.computed[0][d.ID]
	_, own := reported[book.place]
	if q.Measure == "" || own && book.place.Level() == region.County {
		return 0, nil
	}
	if len(reported) > 0 {
		maps.DeleteFunc(computed, func(office region.Code, _ count) bool { _, ok := reported[office]; return ok })
		if len(computed) == 0 {
			return 0, nil
		}
		var offices []string
		for _, office := range slices.Sorted(maps.Keys(computed)) {
			offices = append(offices, string(office))
		}
		q.Where = append(slices.Clone(q.Where), ledger.Cond{Dim: book.office(), In: offices})
	}
	var err error
	if b.Lines, b.Next, b.Records, err = s.ledger.Records(ctx, r, scope, q, db.Page{After: after}); err != nil {
		return 0, err
	}
	all, err := s.ledger.Behind(ctx, r, scope, q)
	if err != nil {
		return 0, err
	}
	switch {
	case len(d.Ratio) == 2:
		if whole, ok := s.ledger.Measure(q.Measure); ok {
			b.Unit = whole.Unit
		}
		q.Measure = d.Ratio[0]
		part, err := s.ledger.Behind(ctx, r, scope, q)
		if err != nil {
			return 0, err
		}
		b.Of = &[2]int64{part.Value, all.Value}
		b.Part, err = s.ledger.Beside(ctx, r, scope, q, b.Lines)
		return float64(part.Value) / float64(max(all.Value, 1)) * 100, err
	case d.Groups != "":
		return book.whole[0][d.ID].value, nil
	}
	return float64(all.Value) / d.Factor(), nil
}
