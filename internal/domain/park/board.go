package park

import (
	"context"
	"strconv"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
)

// KeyTown is a key town on the board: how far its plan is, and what was built.
type KeyTown struct {
	Town     region.Code // the code of the day
	Name     string
	Plan     string     // id of the plan of the year, empty when there is none
	State    flow.State // of the plan
	Approved string     // ISO date
	Parks    int64      // under construction at the end of the year, or today
	Factory  int64      // new standard factory in the year, square metres
	Entered  int64      // enterprises that moved in during the year
}

// KeyTowns are the key towns within a place in a year (重点镇进度), by code: those
// of its last day, or of today. The numbers are the ledger's, and public: no
// record is told.
func (s *Service) KeyTowns(ctx context.Context, within region.Code, year int) ([]KeyTown, error) {
	t, err := s.tree(ctx)
	if err != nil {
		return nil, err
	}
	day := min(strconv.Itoa(year)+"-12-31", t.today)
	from := ledger.Date(strconv.Itoa(year) + "-01-01")
	var towns []KeyTown
	at := map[region.Code]int{}
	for _, p := range t.KeyTowns(within, day) {
		at[p.Code] = len(towns)
		towns = append(towns, KeyTown{Town: p.Code, Name: p.Name})
	}
	if len(towns) == 0 {
		return nil, nil
	}
	query := func(measure string, where ...ledger.Cond) ledger.Query {
		return ledger.Query{Measure: measure, Region: within, From: from, To: ledger.Date(day), By: []string{"town"}, Where: where}
	}
	err = s.db.Snapshot(ctx, func(ctx context.Context, r db.Reader) error {
		answers, err := s.ledger.ReadMany(ctx, r, []ledger.Query{
			query(streamStage, ledger.Cond{Dim: "stage", In: []string{string(Building)}}), query(streamFactory), query(streamEntry),
		})
		if err != nil {
			return err
		}
		for n, take := range []func(*KeyTown, int64){
			func(k *KeyTown, v int64) { k.Parks = v },
			func(k *KeyTown, v int64) { k.Factory = v },
			func(k *KeyTown, v int64) { k.Entered = v },
		} {
			for _, c := range answers[n] {
				if i, ok := at[region.Code(c.Keys[0])]; ok {
					take(&towns[i], c.Value)
				}
			}
		}
		span := within.Span()
		var rows []planRow
		if err := r.Select(ctx, &rows, `SELECT `+planColumns+` FROM park_plan p WHERE p.year = ? AND p.state <> 'withdrawn'
			AND p.region >= ? AND p.region < ? ORDER BY p.id`, year, span.From, span.To); err != nil {
			return err
		}
		for _, row := range rows {
			town := row.Region // of today; the board speaks of the codes of its day
			if then := t.AsOf(town, day); len(then) == 1 {
				town = then[0]
			}
			if i, ok := at[town]; ok {
				towns[i].Plan, towns[i].State, towns[i].Approved = row.ID, row.State, row.Approved
			}
		}
		return nil
	})
	return towns, err
}

func whole(n int64) string { return strconv.FormatInt(n, 10) }
