package guarantee

import (
	"context"
	"slices"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
)

// closes are the movements that take a claim off what is open.
var closes = []string{movedRecovered, movedLost}

// movedDim is where the facts of streamMoved keep the movement.
const movedDim = 3

// BehindLine is a record behind a number of the board: of most a fact, of the
// reserves a guarantor with its latest statement, of coverage a town, which adds 1
// when it is covered. Adds is what it adds to the number.
type BehindLine struct {
	ledger.Line
	Case   Case     // zero when it is of something else, or out of reach
	Served []string // the guarantors that can be reached in a town, by name
}

// Behind are the records behind a number of the board, newest first, how many they
// are, and what they add up to: the number itself. Of coverage all towns are told,
// the denominator. NotFound for a place that the actor does not see, or a number
// there is not.
func (s *Service) Behind(ctx context.Context, by authz.Actor, place region.Code, year int, n Number, page db.Page) ([]BehindLine, string, ledger.Behind, error) {
	if !place.Valid() || !by.May(See, authz.At(place)) || !slices.Contains(BoardNumbers(), n) {
		return nil, "", ledger.Behind{}, fault.Missing()
	}
	span := s.SpanOf(year)
	if n == ReservesNumber {
		held, err := s.held(ctx, place, span.To)
		if err != nil {
			return nil, "", ledger.Behind{}, err
		}
		return s.behindReserves(ctx, held, span.To, page)
	}
	if n == CoveredNumber {
		return s.behindCovered(ctx, by.Scope(See), n.query(place, "", span.To), page)
	}
	q := n.query(place, span.From, span.To)
	lines, next, sum, err := s.facts(ctx, by.Scope(See), q, page)
	if err != nil || n != OpenNumber {
		return lines, next, sum, err
	}
	for i := range lines {
		if slices.Contains(closes, lines[i].Dims[movedDim]) {
			lines[i].Adds = -lines[i].Adds
		}
	}
	q.Where[0].In = closes
	less, err := s.ledger.Behind(ctx, s.db, by.Scope(See), q)
	sum.Value -= 2 * less.Value
	return lines, next, sum, err
}

// facts are those behind a query, with their contracts.
func (s *Service) facts(ctx context.Context, scope authz.Scope, q ledger.Query, page db.Page) ([]BehindLine, string, ledger.Behind, error) {
	sum, err := s.ledger.Behind(ctx, s.db, scope, q)
	if err != nil {
		return nil, "", sum, err
	}
	lines, next, _, err := s.ledger.Records(ctx, s.db, scope, q, page)
	if err != nil {
		return nil, "", sum, err
	}
	records := make([]ledger.Record, len(lines))
	for i, l := range lines {
		records[i] = l.Record
	}
	cases, err := s.OpenRecords(ctx, scope, records...)
	found := make([]BehindLine, len(lines))
	for i, l := range lines {
		found[i] = BehindLine{Line: l, Case: cases[l.Record]}
	}
	return found, next, sum, err
}

// held is the scope of the records of a place as it stood on a day: they carry the
// codes of today (大丰区), whatever the figures of the day are kept under (大丰市). It
// reaches nothing when there was no such place.
func (s *Service) held(ctx context.Context, place region.Code, day string) (authz.Scope, error) {
	tree, err := s.hooks.Tree(ctx)
	if err != nil {
		return authz.Scope{}, err
	}
	if _, there := tree.Place(place, day); !there {
		return authz.Scope{}, nil
	}
	return authz.Within(tree.Heir(place, s.today())), nil
}

// behindCovered are the towns there are, each covered one with who can be reached in
// it: outlets are found under the code that the town bears today.
func (s *Service) behindCovered(ctx context.Context, scope authz.Scope, covered ledger.Query, page db.Page) ([]BehindLine, string, ledger.Behind, error) {
	towns := covered
	towns.Measure = "guarantee.towns"
	lines, next, sum, err := s.facts(ctx, scope, towns, page)
	if err != nil || len(lines) == 0 {
		return nil, "", sum, err
	}
	part, err := s.ledger.Behind(ctx, s.db, scope, covered)
	if err != nil {
		return nil, "", sum, err
	}
	sum.Value = part.Value
	tree, err := s.hooks.Tree(ctx)
	if err != nil {
		return nil, "", sum, err
	}
	flat := make([]ledger.Line, len(lines))
	heirs, ids := make([]region.Code, len(lines)), make([]any, len(lines))
	for i, l := range lines {
		heirs[i] = tree.Heir(l.Region, s.today())
		flat[i], ids[i] = l.Line, string(heirs[i])
	}
	adds, err := s.ledger.Beside(ctx, s.db, scope, covered, flat)
	if err != nil {
		return nil, "", sum, err
	}
	var here []struct {
		Town region.Code
		Name string
	}
	day := string(covered.To)
	if err := s.db.Select(ctx, &here, `SELECT DISTINCT x.town, i.name FROM (`+reachable+`) x JOIN institution i ON i.id = x.id
		WHERE x.valid_from <= ? AND (x.valid_to = '' OR x.valid_to > ?) AND x.town IN (`+db.Marks(len(ids))+`) ORDER BY i.name`, append([]any{day, day}, ids...)...); err != nil {
		return nil, "", sum, err
	}
	for i := range lines {
		lines[i].Adds = adds[i]
		for _, h := range here {
			if adds[i] > 0 && h.Town == heirs[i] {
				lines[i].Served = append(lines[i].Served, h.Name)
			}
		}
	}
	return lines, next, sum, nil
}

// inBusiness are the guarantors within a scope that had not ended on a day, with
// their statement in force then.
func inBusiness(scope authz.Scope, day string) (query string, args []any) {
	where, args := scope.SQL(guarantorScope())
	return fromGuarantor + ` WHERE (g.ended = '' OR g.ended > ?) AND ` + where, append([]any{day, day}, args...)
}

const ofReserves = `(f.unearned + f.compensation + f.general)`

// reserves is what guarantors that sit within a scope have set aside on a day, in
// fen, and how many of them.
func (s *Service) reserves(ctx context.Context, scope authz.Scope, day string) (fen, n int64, err error) {
	from, args := inBusiness(scope, day)
	var sum struct{ Fen, N int64 }
	err = s.db.Get(ctx, &sum, `SELECT CAST(COALESCE(SUM(`+ofReserves+`), 0) AS BIGINT) AS fen, COUNT(`+ofReserves+`) AS n`+from, args...)
	return sum.Fen, sum.N, err
}

// behindReserves are the guarantors with a statement, each with its reserves.
func (s *Service) behindReserves(ctx context.Context, scope authz.Scope, day string, page db.Page) ([]BehindLine, string, ledger.Behind, error) {
	var sum ledger.Behind
	var err error
	if sum.Value, sum.Lines, err = s.reserves(ctx, scope, day); err != nil {
		return nil, "", sum, err
	}
	type row struct {
		ID     institution.ID
		Region region.Code
		On     string
		Fen    int64
	}
	from, args := inBusiness(scope, day)
	rows, next, err := db.Paged(ctx, s.db, page, db.Order{Columns: []string{"f.valid_from", "g.id"}, Down: true},
		`SELECT g.id, i.region, f.valid_from AS "on", `+ofReserves+` AS fen`+from+` AND f.valid_from IS NOT NULL`, args,
		func(r *row) []string { return []string{r.On, string(r.ID)} })
	lines := make([]BehindLine, len(rows))
	for i, r := range rows {
		lines[i] = BehindLine{Line: ledger.Line{
			Record: ledger.Record{Kind: GuarantorKind, ID: string(r.ID)}, On: ledger.Date(r.On), Region: r.Region, Institution: string(r.ID), Amount: r.Fen, Adds: r.Fen,
		}}
	}
	return lines, next, sum, err
}
