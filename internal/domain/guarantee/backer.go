package guarantee

import (
	"context"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/enterprise"
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

// back finds the backers of a contract and notes what is wrong with them, each at
// its place of backers. Those of a pool are other members of it (会员联保); others
// are enterprises of the register.
func back(ctx context.Context, r db.Reader, f *fault.Fields, c *Case, g *Guarantor, most int64, all []Backer) error {
	if len(all) > mostBackers {
		f.Add("backers", "field.range", "min", 0, "max", mostBackers)
	}
	if len(all) == 0 || f.Has("backers") {
		return nil
	}
	numbers := make([]string, len(all))
	for i, b := range all {
		numbers[i] = b.Number
	}
	known, err := enterprise.ByNumber(ctx, r, authz.Unbounded("a guarantor names who stands behind a contract by number"), numbers...)
	if err != nil {
		return err
	}
	pool := map[string]bool{}
	if g.Type == Mutual {
		members, err := members(ctx, r, g.ID, true)
		if err != nil {
			return err
		}
		for _, m := range members {
			pool[m.Enterprise] = true
		}
	}
	seen := map[string]bool{c.Enterprise: true}
	for i := range all {
		b := &all[i]
		at := func(field string) string { return fault.InItem("backers", i, field) }
		e, ok := known[enterprise.Normalise(b.Number)]
		b.Enterprise, b.Name = string(e.ID), e.Profile.Name
		switch {
		case !ok:
			f.Add(at("number"), "guarantee.field.number")
		case seen[b.Enterprise]:
			f.Add(at("number"), "guarantee.field.backs_itself")
		case g.Type == Mutual && !pool[b.Enterprise]:
			f.Add(at("number"), "guarantee.field.stranger")
		}
		seen[b.Enterprise] = true
		atMost(f, at("amount"), b.Amount, most, "guarantee.field.above_deal")
	}
	return nil
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
	var rows []any
	for _, b := range all {
		rows = append(rows, string(c.ID), b.Enterprise, b.Enterprise, b.Amount)
	}
	return tx.InsertAll(ctx, `INSERT INTO guarantee_backer (case_id, enterprise_id, backed_as, amount)`, 4, rows)
}

// backers are those of a contract, by name.
func backers(ctx context.Context, r db.Reader, id ID) ([]Backer, error) {
	var all []Backer
	err := r.Select(ctx, &all, `SELECT b.enterprise_id AS enterprise, e.name, b.amount FROM guarantee_backer b JOIN enterprise e ON e.id = b.enterprise_id
		WHERE b.case_id = ? ORDER BY e.name, b.backed_as`, string(id))
	return all, err
}
