package demo

import (
	"context"
	"fmt"
	"math/rand/v2"

	"qiban.dev/qiban/internal/domain/enterprise"
)

// othersInAll is how many further enterprises the register holds: their owners
// have no account, and ask for nothing in the year.
const othersInAll = 1700

// register takes the rest of the register over as one table.
func (l *loader) register(ctx context.Context) error {
	rng := rand.New(rand.NewPCG(2008, 1700)) //nolint:gosec // the same year every time
	numbers := phones{next: 500_000}
	first := 0
	for _, all := range l.firms {
		first += len(all)
	}
	var rows [][]string
	for i, n := range share(othersInAll, weights["P"][:9], nil) {
		office := offices[i]
		towns := l.townsOf(office)
		place, _ := l.tree.Place(office, "2008-06-30")
		for k := range int(n) {
			trade := trades[(k*3+i)%len(trades)]
			name := fmt.Sprintf("%s%s%s%s有限公司", place.Name, brands[k%len(brands)], surnames[(k/len(brands))%len(surnames)], trade.name)
			f := &firm{
				office: office, town: towns[rng.IntN(len(towns))].Code, trade: trade.name, name: name,
				owner: person(rng), phone: numbers.number(), code: madeUpCode(first + len(rows) + 1),
				open: fmt.Sprintf("%d-%02d-%02d", 1996+rng.IntN(11), 1+rng.IntN(12), 1+rng.IntN(28)),
			}
			l.others[office] = append(l.others[office], f)
			rows = append(rows, []string{f.name, f.code, string(f.town), "company", trade.code, "2002", f.open, f.owner, f.phone, "verified", "2007-12-31"})
		}
	}
	l.at(on("2008-01-03", 9, 0))
	importer, err := l.Enterprise.Import(ctx, l.official)
	if err != nil {
		return err
	}
	return land(ctx, enterprise.Table(), importer,
		"name organisation_code region legal_form industry industry_edition established contact_person contact_phone status since", rows)
}
