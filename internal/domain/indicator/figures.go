package indicator

import (
	"context"
	"slices"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
)

// Figures are all figures of a place and year, in the yearbook's order, every
// definition listed even without data. They are public: sums of a county or
// more, never a record. The records behind them need a right; see Behind.
func (s *Service) Figures(ctx context.Context, place region.Code, year int) ([]ledger.Figure, error) {
	var figures []ledger.Figure
	err := s.open(ctx, place, []int{year}, "", func(_ context.Context, _ db.Reader, books []*book) error {
		figures = books[0].figures()
		return nil
	})
	return figures, err
}

// History is one figure over several years, the latest last; a year in which
// the indicator is not defined is left out. years beyond 20 are Invalid.
func (s *Service) History(ctx context.Context, place region.Code, latest int, id string, years int) ([]ledger.Figure, error) {
	if years < 1 || years > mostYears {
		return nil, fault.Fields{{Name: "years", Key: "field.range", Args: []any{"min", 1, "max", mostYears}}}.Err()
	}
	var span []int
	for y := max(latest-years+1, firstYear); y <= latest; y++ {
		span = append(span, y)
	}
	var history []ledger.Figure
	err := s.open(ctx, place, span, id, func(_ context.Context, _ db.Reader, books []*book) error {
		for _, b := range books {
			for _, f := range b.figures() {
				if f.ID == id {
					history = append(history, f)
				}
			}
		}
		return nil
	})
	return history, err
}

// mostYears bounds a history.
const mostYears = 20

// open fills a book for each year from one snapshot and hands them to fn. With
// an id, the books hold that indicator and what it follows from alone.
func (s *Service) open(ctx context.Context, place region.Code, years []int, id string,
	fn func(context.Context, db.Reader, []*book) error,
) error {
	if !place.Valid() {
		return fault.Missing()
	}
	// What the books need to know is read before the snapshot: whoever holds one
	// connection and waits for another may wait for somebody who does the same.
	var books []*book
	var asks []ask
	for _, year := range years {
		b, err := s.blank(ctx, place, year, id)
		if err != nil {
			return err
		}
		books = append(books, b)
		asks = append(asks, b.asks()...)
	}
	queries := make([]ledger.Query, len(asks))
	for i, a := range asks {
		queries[i] = a.query
	}
	return s.db.Snapshot(ctx, func(ctx context.Context, r db.Reader) error {
		answers, err := s.ledger.ReadMany(ctx, r, queries)
		if err != nil {
			return err
		}
		for i, a := range asks {
			a.take(answers[i])
		}
		return fn(ctx, r, books)
	})
}

// blank is a book before anything is counted.
func (s *Service) blank(ctx context.Context, place region.Code, year int, id string) (*book, error) {
	if err := checkYear(year); err != nil {
		return nil, err
	}
	defs, err := s.Definitions(ctx, s.db, year)
	if err != nil {
		return nil, err
	}
	b := &book{place: place, year: year, defs: defs, today: ledger.DateOf(s.db.Now()), flowOf: flows(s.ledger.Measures())}
	if id != "" {
		b.defs = needed(defs, id)
	}
	on := min(lastDay(year), b.today)
	if b.offices, err = s.place.Below(ctx, place, on); err != nil {
		return nil, err
	}
	for back := range b.keyTowns {
		if b.keyTowns[back], err = s.place.HasKeyTowns(ctx, min(lastDay(year-back), b.today)); err != nil {
			return nil, err
		}
	}
	ranked := slices.ContainsFunc(b.defs, func(d Definition) bool { return d.Nature == Rank })
	if above := place.Parent(); ranked && above != "" {
		b.peers, err = s.place.Below(ctx, above, on)
	}
	return b, err
}

// needed is the definition of the id with those its figure follows from.
func needed(defs []Definition, id string) []Definition {
	d := byID(defs)[id]
	return slices.DeleteFunc(slices.Clone(defs), func(o Definition) bool {
		return o.ID != id && (o.ID != d.GrowthOf || d.GrowthOf == "") && (o.ID != d.RankedBy || d.RankedBy == "")
	})
}

// Figure is one of Figures, with its definition; NotFound for an unknown id.
func (s *Service) Figure(ctx context.Context, place region.Code, year int, id string) (ledger.Figure, Definition, error) {
	all, err := s.Figures(ctx, place, year)
	if err != nil {
		return ledger.Figure{}, Definition{}, err
	}
	defs, err := s.Definitions(ctx, s.db, year)
	if err != nil {
		return ledger.Figure{}, Definition{}, err
	}
	d, ok := byID(defs)[id]
	i := slices.IndexFunc(all, func(f ledger.Figure) bool { return f.ID == id })
	if !ok || i < 0 {
		return ledger.Figure{}, Definition{}, fault.Missing()
	}
	return all[i], d, nil
}

// ask is one question to the ledger and where its answer goes.
type ask struct {
	query ledger.Query
	take  func([]ledger.Cell)
}

// count is a number and how many facts it was counted from.
type count struct {
	value float64 // in the indicator's unit
	facts int64
}

// book collects what the ledger answers for one place and year, this year at
// index 0 and the year before at 1, and composes the figures.
type book struct {
	place   region.Code
	year    int
	today   ledger.Date
	defs    []Definition
	offices []region.Code // below the place, in order of code
	peers   []region.Code // the place and its siblings
	// keyTowns says whether there was a list of key towns at the end of the year,
	// and of the year before.
	keyTowns [2]bool
	// flowOf names, for each distinct measure, a flow that counts the same stream.
	flowOf map[string]string

	reported [2]map[string]map[region.Code]count // indicator → office
	targets  [2]map[string]count
	computed [2]map[string]map[region.Code]count // indicator → office
	whole    [2]map[string]count                 // indicator → counted over the whole place: distinct, groups
	parts    [2]map[string][2]count              // indicator → part and whole of a ratio
}

// office is the level that returns and breakdowns of the place are kept at.
func (b *book) office() string {
	if b.place.Level() <= region.City {
		return "county"
	}
	return "town"
}

func (b *book) asks() []ask {
	known := byID(b.defs)
	var asks []ask
	for back := range 2 {
		to := lastDay(b.year - back)
		b.reported[back] = map[string]map[region.Code]count{}
		b.targets[back] = map[string]count{}
		b.computed[back] = map[string]map[region.Code]count{}
		b.whole[back] = map[string]count{}
		b.parts[back] = map[string][2]count{}
		query := func(d Definition, measure string, by ...string) ledger.Query {
			return ledger.Query{Measure: measure, Region: b.place, From: d.since(b.year - back), To: to, By: by}
		}
		asks = append(asks, ask{query(Definition{}, reportedStream, "county", "indicator"), func(cells []ledger.Cell) {
			for _, c := range cells {
				put(b.reported[back], c.Keys[1], region.Code(c.Keys[0]), count{float64(c.Value) / known[c.Keys[1]].Factor(), c.Facts})
			}
		}}, ask{query(Definition{}, targetStream, b.office(), "indicator"), func(cells []ledger.Cell) {
			for _, c := range cells {
				if region.Code(c.Keys[0]) == b.place && c.Facts > 0 {
					b.targets[back][c.Keys[1]] = count{float64(c.Value) / known[c.Keys[1]].Factor(), 1}
				}
			}
		}})
		for _, d := range b.defs {
			asks = append(asks, b.counted(d, back, query)...)
		}
	}
	return asks
}

// counted asks what the ledger computes for one definition.
func (b *book) counted(d Definition, back int, query func(Definition, string, ...string) ledger.Query) []ask {
	switch {
	case len(d.Ratio) == 2:
		return []ask{
			{query(d, d.Ratio[0]), func(c []ledger.Cell) { b.ratio(d.ID, back, 0, c) }},
			{query(d, d.Ratio[1]), func(c []ledger.Cell) { b.ratio(d.ID, back, 1, c) }},
		}
	case d.Measure == "":
		return nil
	case d.Groups != "":
		q := query(d, d.Measure, d.Groups)
		q.Where = d.Where
		return []ask{{q, func(cells []ledger.Cell) {
			var n count
			for _, c := range cells {
				if c.Value > 0 && c.Keys[0] != "" {
					n.value++
				}
				n.facts += c.Facts
			}
			b.whole[back][d.ID] = n
		}}}
	}
	each, all := query(d, d.Measure, b.office()), query(d, d.Measure)
	each.Where, all.Where = d.Where, d.Where
	asks := []ask{{each, func(cells []ledger.Cell) {
		for _, c := range cells {
			put(b.computed[back], d.ID, region.Code(c.Keys[0]), count{float64(c.Value) / d.Factor(), c.Facts})
		}
	}}}
	if d.Counts() {
		// A distinct count does not say how many records it saw; the flow of the
		// same stream does.
		records := all
		records.Measure = b.flowOf[d.Measure]
		asks = append(asks, ask{all, func(cells []ledger.Cell) {
			n := b.whole[back][d.ID]
			n.value = total(cells, d).value
			b.whole[back][d.ID] = n
		}}, ask{records, func(cells []ledger.Cell) {
			n := b.whole[back][d.ID]
			n.facts = total(cells, d).facts
			b.whole[back][d.ID] = n
		}})
	}
	return asks
}

// flows finds, for each measure, one that adds up the facts of its stream.
func flows(measures []ledger.Measure) map[string]string {
	counts := map[string]string{}
	for _, m := range measures {
		if m.Kind == ledger.Flow {
			counts[m.Of] = m.ID
		}
	}
	of := map[string]string{}
	for _, m := range measures {
		of[m.ID] = counts[m.Of]
	}
	return of
}

func total(cells []ledger.Cell, d Definition) count {
	var n count
	for _, c := range cells {
		n.value += float64(c.Value) / d.Factor()
		n.facts += c.Facts
	}
	return n
}

func (b *book) ratio(id string, back, which int, cells []ledger.Cell) {
	pair := b.parts[back][id]
	for _, c := range cells {
		pair[which].value += float64(c.Value)
		pair[which].facts += c.Facts
	}
	b.parts[back][id] = pair
}

func put(m map[string]map[region.Code]count, id string, office region.Code, c count) {
	if c.facts == 0 && c.value == 0 {
		return // what was counted here was taken back
	}
	if m[id] == nil {
		m[id] = map[region.Code]count{}
	}
	m[id][office] = c
}
