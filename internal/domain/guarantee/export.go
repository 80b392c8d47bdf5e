package guarantee

import (
	"context"
	"strconv"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/text"
	"qiban.dev/qiban/internal/xfer"
)

// Export writes the contracts that the filter finds within the actor's reach,
// newest first, in the order of Table's columns (导出担保合同). Cases that never
// came to a contract are left out.
func (s *Service) Export(ctx context.Context, by authz.Actor, f Filter, lang text.Lang, put func(cells []string) error) error {
	return db.Pages(func(page db.Page) ([]Line, string, error) { return s.List(ctx, by.Scope(See), f, page) }, func(list []Line) error {
		rows, err := s.rows(ctx, list, lang)
		if err != nil {
			return err
		}
		for _, cells := range rows {
			if err := put(cells); err != nil {
				return err
			}
		}
		return nil
	})
}

// rows are the contracts among cases, written out.
func (s *Service) rows(ctx context.Context, list []Line, lang text.Lang) ([][]string, error) {
	var banks, ids []string
	var args []any
	var cases []ID
	for i := range list {
		if list[i].Deal.On == "" {
			continue
		}
		banks, ids, args = append(banks, string(list[i].Bank)), append(ids, list[i].Enterprise), append(args, string(list[i].ID))
		cases = append(cases, list[i].ID)
	}
	if len(args) == 0 {
		return nil, nil
	}
	names, err := institution.Names(ctx, s.db, banks...)
	if err != nil {
		return nil, err
	}
	behind, err := backers(ctx, s.db, cases...)
	if err != nil {
		return nil, err
	}
	for _, all := range behind {
		for _, b := range all {
			ids = append(ids, b.Enterprise)
		}
	}
	codes, err := enterprise.Codes(ctx, s.db, ids...)
	if err != nil {
		return nil, err
	}
	moved, err := s.lastMoves(ctx, args)
	if err != nil {
		return nil, err
	}
	rows := make([][]string, 0, len(args))
	for i := range list {
		if c := &list[i]; c.Deal.On != "" {
			rows = append(rows, c.cells(names[string(c.Bank)], codes, moved[c.ID], behind[c.ID], lang))
		}
	}
	return rows, nil
}

// moves are what went by in a case, and the last day of each.
type moves struct{ repaid, claimed, recovered Movement }

func (s *Service) lastMoves(ctx context.Context, ids []any) (map[ID]moves, error) {
	var rows []struct {
		ID      ID      `db:"of_id"`
		Account Account `db:"account"`
		Do      string  `db:"action"`
		Amount  int64   `db:"amount"`
		On      string  `db:"on_day"`
	}
	err := s.db.Select(ctx, &rows, `SELECT of_id, account, action, CAST(SUM(amount) AS BIGINT) AS amount, MAX(posted_on) AS on_day
		FROM guarantee_posting WHERE of_id IN (`+db.Marks(len(ids))+`) AND action IN (?, ?, ?) GROUP BY of_id, account, action`,
		append(ids, string(Repay), string(PayClaim), string(Recover))...)
	all := map[ID]moves{}
	for _, r := range rows {
		m := all[r.ID]
		switch {
		case r.Account == Outstanding && r.Do == string(Repay):
			m.repaid = Movement{On: r.On, Amount: -r.Amount}
		case r.Account == Claims && r.Do == string(PayClaim):
			m.claimed = Movement{On: r.On, Amount: r.Amount}
		case r.Account == Claims && r.Do == string(Recover):
			m.recovered = Movement{On: r.On, Amount: -r.Amount}
		}
		all[r.ID] = m
	}
	return all, err
}

func (c *Line) cells(bank string, codes map[string]string, m moves, behind []Backer, lang text.Lang) []string {
	numbers, backers, amounts := make([]string, len(behind)), make([]string, len(behind)), make([]int64, len(behind))
	for i, b := range behind {
		numbers[i], backers[i], amounts[i] = codes[b.Enterprise], b.Name, b.Amount
	}
	released := ""
	if c.State == Released {
		released = m.repaid.On
	}
	return []string{
		c.GuarantorName, c.Deal.Number, codes[c.Enterprise], c.Client, bank, c.Deal.On, c.Deal.Until, xfer.Amount(c.Deal.Amount),
		strconv.FormatFloat(float64(c.Deal.Fee)/100, 'f', -1, 64), c.Purpose, xfer.Joined(c.Security),
		xfer.Joined(numbers), xfer.AmountList(amounts), xfer.Joined(backers), c.Loan.On, xfer.Amount(c.Loan.Amount),
		m.repaid.On, xfer.Amount(m.repaid.Amount), m.claimed.On, xfer.Amount(m.claimed.Amount), m.recovered.On, xfer.Amount(m.recovered.Amount), released,
		lang.T(lifecycle.StateKey(c.State)), xfer.Amount(c.Outstanding),
	}
}
