package guarantee

import (
	"context"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/institution"
)

const intoPosting = `INSERT INTO guarantee_posting (id, guarantor_id, of_id, account, posted_on, amount, action, reverses, at, by_id, by_name)`

// entry is one posting about to be added.
type entry struct {
	account Account
	on      string
	amount  int64
}

// post adds lines to the books of a guarantor about a case or a member.
func post(ctx context.Context, tx *db.Tx, by authz.Actor, do authz.Permission, book institution.ID, of string, lines ...entry) error {
	var rows []any
	for _, l := range lines {
		rows = append(rows, db.NewID(), string(book), of, string(l.account), l.on, l.amount, string(do), "", db.Millis(tx.Now), by.ID, by.Name)
	}
	return tx.InsertAll(ctx, intoPosting, 11, rows)
}

// unpost posts back every line of a case, each on its own day.
func unpost(ctx context.Context, tx *db.Tx, by authz.Actor, do authz.Permission, c *Case) error {
	lines, err := postings(ctx, tx, string(c.ID))
	if err != nil {
		return err
	}
	var rows []any
	for _, l := range lines {
		rows = append(rows, db.NewID(), string(c.Guarantor), string(c.ID), string(l.Account), l.On, -l.Amount, string(do), l.ID,
			db.Millis(tx.Now), by.ID, by.Name)
	}
	return tx.InsertAll(ctx, intoPosting, 11, rows)
}

// postings are the lines about a case or a member, oldest first.
func postings(ctx context.Context, r db.Reader, of string) ([]Posting, error) {
	var rows []struct {
		ID       string           `db:"id"`
		Account  Account          `db:"account"`
		On       string           `db:"posted_on"`
		Amount   int64            `db:"amount"`
		Do       authz.Permission `db:"action"`
		Reverses string           `db:"reverses"`
		At       int64            `db:"at"`
		By       string           `db:"by_name"`
	}
	err := r.Select(ctx, &rows, `SELECT id, account, posted_on, amount, action, reverses, at, by_name FROM guarantee_posting
		WHERE of_id = ? ORDER BY at, id`, of)
	all := make([]Posting, len(rows))
	for i, p := range rows {
		all[i] = Posting{p.ID, p.Account, p.On, p.Amount, p.Do, p.Reverses, db.Time(p.At), p.By}
	}
	return all, err
}

// balanceOf adds up the lines of a case.
func balanceOf(lines []Posting) Balance {
	var b Balance
	for _, l := range lines {
		switch l.Account {
		case Committed:
			b.Committed += l.Amount
		case Outstanding:
			b.Outstanding += l.Amount
			if l.Do == Repay {
				b.Repaid -= l.Amount
			}
		case Claims:
			b.Claims += l.Amount
			if l.Do == PayClaim {
				b.Paid += l.Amount
			}
			if l.Do == Recover {
				b.Recovered -= l.Amount
			}
		case Losses:
			b.Losses += l.Amount
		case Shares, Income: // a member's and a pool's, not a case's
		}
	}
	return b
}

// balance is a case's balance now.
func balance(ctx context.Context, r db.Reader, id ID) (Balance, error) {
	lines, err := postings(ctx, r, string(id))
	return balanceOf(lines), err
}

// standingOf is what a guarantor's limits are counted from: its books as they
// stand on the day, all approvals and contracts up to now.
func standingOf(ctx context.Context, r db.Reader, g *Guarantor, day string) (*standing, error) {
	s := &standing{typ: g.Type, finance: g.Finance, multiple: g.Multiple, cap: g.MemberCap, shares: map[string]int64{}}
	lines, err := finances(ctx, r, g.ID)
	if err != nil {
		return nil, err
	}
	s.finance = financeOn(lines, day)
	if err := r.Select(ctx, &s.exposures, `SELECT c.enterprise_id AS client, COALESCE(MAX(x.grp), '') AS grp,
			CAST(SUM(p.amount) AS BIGINT) AS amount,
			CAST(SUM(CASE WHEN c.size IN ('small', 'micro') THEN p.amount ELSE 0 END) AS BIGINT) AS small
		FROM guarantee_posting p JOIN guarantee_case c ON c.id = p.of_id LEFT JOIN guarantee_group x ON x.enterprise_id = c.enterprise_id
		WHERE p.guarantor_id = ? AND p.account IN (?, ?) AND p.posted_on <= ?
		GROUP BY c.enterprise_id HAVING SUM(p.amount) <> 0 ORDER BY c.enterprise_id`,
		string(g.ID), Committed, Outstanding, day); err != nil {
		return nil, err
	}
	if g.Type != Mutual {
		return s, nil
	}
	members, err := members(ctx, r, g.ID, true)
	for _, m := range members {
		s.shares[m.Enterprise] = m.Paid
	}
	if err != nil {
		return nil, err
	}
	sums, err := sumsOf(ctx, r, g.ID)
	s.fund = sums.Fund()
	return s, err
}

// lastDay is the last day on which something stands in a guarantor's books, or of
// it about one enterprise, "" for none. What was posted back does not count.
func lastDay(ctx context.Context, r db.Reader, book institution.ID, client string) (string, error) {
	query, args := `SELECT COALESCE(MAX(p.posted_on), '') FROM guarantee_posting p LEFT JOIN guarantee_case c ON c.id = p.of_id
		WHERE p.guarantor_id = ? AND COALESCE(c.state, '') <> ?`, []any{string(book), string(Cancelled)}
	if client != "" {
		query += ` AND COALESCE(c.enterprise_id, (SELECT m.enterprise_id FROM guarantor_member m WHERE m.id = p.of_id)) = ?`
		args = append(args, client)
	}
	var day string
	return day, r.Get(ctx, &day, query, args...)
}

// deals are the first and the last day on which a guarantor signed a contract that
// stands; both "" for none.
func deals(ctx context.Context, r db.Reader, book institution.ID) (first, last string, err error) {
	var span struct{ First, Last string }
	err = r.Get(ctx, &span, `SELECT COALESCE(MIN(deal_on), '') AS first, COALESCE(MAX(deal_on), '') AS last FROM guarantee_case
		WHERE guarantor_id = ? AND deal_on <> '' AND state <> ?`, string(book), string(Cancelled))
	return span.First, span.Last, err
}
