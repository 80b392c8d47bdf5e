package guarantee

import (
	"context"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/fault"
)

// Backer is an enterprise that stands behind a contract with a counter-guarantee
// (反担保人).
type Backer struct {
	Number     string // its credit or organisation code, by which it is found
	Enterprise string // its id; found by the number
	Name       string
	Amount     int64 // fen, at most the contract's
}

// mostBackers is how many stand behind one contract.
const mostBackers = 10

// behind is what is known of those who stand behind contracts: the enterprises by
// their numbers, and who has been a member of the pools.
type behind struct {
	firms map[string]enterprise.Enterprise
	pools map[institution.ID]map[string]bool // true for members now
}

// whoBacks looks up the backers of contracts of the guarantors.
func whoBacks(ctx context.Context, r db.Reader, of []*Guarantor, all ...Backer) (b behind, err error) {
	if len(all) == 0 {
		return b, nil
	}
	numbers := make([]string, len(all))
	for i := range all {
		numbers[i] = all[i].Number
	}
	b.firms, err = enterprise.ByNumber(ctx, r, authz.Unbounded("a guarantor names who stands behind a contract by number"), numbers...)
	if err != nil {
		return b, err
	}
	var pools []institution.ID
	for _, g := range of {
		if g != nil && g.Type == Mutual {
			pools = append(pools, g.ID)
		}
	}
	type row struct {
		Pool       institution.ID `db:"pool"`
		Enterprise string         `db:"enterprise"`
		Left       string         `db:"left_on"`
	}
	rows, err := db.InAll[row](ctx, r, pools, `SELECT guarantor_id AS pool, enterprise_id AS enterprise, MIN(left_on) AS left_on FROM guarantor_member
		WHERE guarantor_id IN (?) GROUP BY guarantor_id, enterprise_id`)
	b.pools = map[institution.ID]map[string]bool{}
	for _, m := range rows {
		if b.pools[m.Pool] == nil {
			b.pools[m.Pool] = map[string]bool{}
		}
		b.pools[m.Pool][m.Enterprise] = m.Left == ""
	}
	return b, err
}

// check finds the backers of a contract of a client and notes what is wrong with
// them, each at its place of backers. Those of a pool are other members of it
// (会员联保), who may have left since when the contract has ended; others are
// enterprises of the register.
func (b behind) check(f *fault.Fields, client string, g *Guarantor, ended bool, most int64, all []Backer) {
	if len(all) > mostBackers {
		f.Add("backers", "field.range", "min", 0, "max", mostBackers)
		return
	}
	seen := map[string]bool{client: true}
	for i := range all {
		a := &all[i]
		at := func(field string) string { return fault.InItem("backers", i, field) }
		e, ok := b.firms[enterprise.Normalise(a.Number)]
		a.Enterprise, a.Name = string(e.ID), e.Profile.Name
		switch {
		case !ok:
			f.Add(at("number"), "guarantee.field.number")
		case seen[a.Enterprise]:
			f.Add(at("number"), "guarantee.field.backs_itself")
		case g != nil && g.Type == Mutual:
			if now, member := b.pools[g.ID][a.Enterprise]; !now && (!member || !ended) {
				f.Add(at("number"), "guarantee.field.stranger")
			}
		}
		seen[a.Enterprise] = true
		atMost(f, at("amount"), a.Amount, most, "guarantee.field.above_deal")
	}
}

// back finds the backers of one contract and notes what is wrong with them.
func back(ctx context.Context, r db.Reader, f *fault.Fields, c *Case, g *Guarantor, most int64, all []Backer) error {
	known, err := whoBacks(ctx, r, []*Guarantor{g}, all...)
	if err == nil {
		known.check(f, c.Enterprise, g, false, most, all)
	}
	return err
}

// enterBackers puts the backers of a contract on file. They are looked at once more,
// under the guarantor's lock: a member may have left since.
func enterBackers(ctx context.Context, tx *db.Tx, c *Case, g *Guarantor, most int64, all []Backer) error {
	var f fault.Fields
	if err := back(ctx, tx, &f, c, g, most, all); err != nil {
		return err
	}
	if err := f.Err(); err != nil {
		return err
	}
	return insertBackers(ctx, tx, backerRows(nil, c.ID, all))
}

// backerRows adds the backers of a contract to rows of insertBackers.
func backerRows(rows []any, id ID, all []Backer) []any {
	for _, b := range all {
		rows = append(rows, string(id), b.Enterprise, b.Enterprise, b.Amount)
	}
	return rows
}

func insertBackers(ctx context.Context, tx *db.Tx, rows []any) error {
	return tx.InsertAll(ctx, `INSERT INTO guarantee_backer (case_id, enterprise_id, backed_as, amount)`, 4, rows)
}

// backers are those of contracts, of each by name.
func backers(ctx context.Context, r db.Reader, ids ...ID) (map[ID][]Backer, error) {
	type row struct {
		Of ID `db:"case_id"`
		Backer
	}
	rows, err := db.InAll[row](ctx, r, ids, `SELECT b.case_id, b.enterprise_id AS enterprise, e.name, b.amount FROM guarantee_backer b
		JOIN enterprise e ON e.id = b.enterprise_id WHERE b.case_id IN (?) ORDER BY e.name, b.backed_as`)
	return db.Grouped(rows, func(r *row) (ID, Backer) { return r.Of, r.Backer }), err
}
