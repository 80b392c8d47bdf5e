package demo

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"qiban.dev/qiban/internal/domain/guarantee"
	"qiban.dev/qiban/internal/region"
)

// guaranteed is what a year's chapter says of guarantees, in ten thousand yuan
// and different enterprises. 2007 follows from the growth of 59 per cent; what
// pools gave of it and the enterprises are made up as seven tenths.
type guaranteed struct {
	year          int
	all, mutual   int64
	firms         int64
	twice, behind int // of a hundred direct contracts, so many clients have a second, and so many come to a claim
}

var vouched = []guaranteed{
	{year: 2007, all: 259_748, mutual: 51_380, firms: 2088, twice: 6, behind: 2},
	{year: 2008, all: 413_000, mutual: 73_400, firms: 2983, twice: 8, behind: 1},
}

// deal is a contract to be entered.
type deal struct {
	by     *backer
	client *firm
	day    string
	months int
	amount int64 // in ten thousand yuan
	number string
	claim  bool
}

// guarantees enters the contracts of 2007 and 2008 and what became of them by
// the end of 2009, as books that are taken over.
func (l *loader) guarantees(ctx context.Context) error {
	rng := rand.New(rand.NewPCG(2008, 413)) //nolint:gosec // the same year every time
	var deals []*deal
	for _, g := range vouched {
		deals = append(deals, l.pooled(rng, g)...)
		deals = append(deals, l.directly(rng, g)...)
	}
	slices.SortStableFunc(deals, func(a, b *deal) int { return cmp.Compare(a.day, b.day) })
	rows := make([][]string, len(deals))
	for i, d := range deals {
		d.by.deals++
		d.number = fmt.Sprintf("演保%s-%04d", d.day[:4], d.by.deals)
		rows[i] = d.row(rng)
	}
	l.at(on("2010-01-04", 9, 0))
	importer, err := l.Guarantee.ImportContracts(ctx, l.official)
	if err != nil {
		return err
	}
	return land(ctx, guarantee.Table(), importer, "guarantor number code bank signed until amount fee purpose security lent"+
		" repaid_on repaid claimed_on claimed recovered_on recovered released", rows)
}

// pooled are the year's contracts of pools: one for each member. What a pool
// gives in a year is at most half of what it may have outstanding, and what a
// member gets half of its cap: the year before may still be running.
func (l *loader) pooled(rng *rand.Rand, g guaranteed) []*deal {
	var there []*backer
	var heft, most []int64
	for _, b := range l.guarantors {
		if first := daysLeft(b.since, g.year); b.typ == guarantee.Mutual && first > 30 {
			there = append(there, b)
			heft = append(heft, b.capital[1]*int64(first))
			most = append(most, b.capital[1]*multiple/2)
		}
	}
	var deals []*deal
	for i, sum := range share(g.mutual, heft, most) {
		b := there[i]
		heft, most := make([]int64, len(b.members)), make([]int64, len(b.members))
		for k, m := range b.members {
			heft[k], most[k] = m.paid*int64(5+rng.IntN(5)), m.paid*memberCap/2
		}
		for k, amount := range share(sum, heft, most) {
			deals = append(deals, &deal{by: b, client: b.members[k].firm, day: b.day(rng, g.year), months: term(rng), amount: amount})
		}
	}
	return deals
}

// directly are the year's contracts of policy and commercial guarantors, spread
// over the counties: with those who are in no pool, some of them twice. None is
// above half of what one client may have outstanding on the day.
func (l *loader) directly(rng *rand.Rand, g guaranteed) []*deal {
	here := l.clientsOf(rng, g)
	var deals []*deal
	for i, sum := range share(g.all-g.mutual, weights[""][:9], nil) {
		var own []*deal
		var heft, most []int64
		for n, f := range here[offices[i]] {
			second := n%100 < g.twice
			for _, b := range l.choose(rng, offices[i], second) {
				d := &deal{by: b, client: f, day: b.day(rng, g.year), months: term(rng), claim: n%100 >= 100-g.behind}
				own, heft = append(own, d), append(heft, int64(8+rng.IntN(25)))
				most = append(most, b.capitalOn(d.day)/20)
			}
		}
		for k, amount := range share(sum, heft, most) {
			own[k].amount = amount
		}
		deals = append(deals, own...)
	}
	return deals
}

// clientsOf are the enterprises of each county that get a guarantee in the year
// besides the members of pools.
func (l *loader) clientsOf(rng *rand.Rand, g guaranteed) map[region.Code][]*firm {
	members := make([]int64, 9)
	for _, b := range l.guarantors {
		if i := slices.Index(offices, b.office); len(b.members) > 0 && daysLeft(b.since, g.year) > 30 {
			members[i] += int64(len(b.members))
		}
	}
	direct, all := g.firms, make([]int64, 9)
	for i, n := range members {
		direct -= n
		all[i] = int64(len(l.direct[offices[i]]))
	}
	here := map[region.Code][]*firm{}
	for i, n := range share(direct, all, all) {
		list := slices.Clone(l.direct[offices[i]])
		first := rng.IntN(len(list) - int(n) + 1)
		here[offices[i]] = list[first : first+int(n)]
	}
	return here
}

// choose is who guarantees for a client of the county: mostly the county's own
// guarantor, the city's, or a commercial one where there is one. A second
// contract is with another.
func (l *loader) choose(rng *rand.Rand, office region.Code, second bool) []*backer {
	var own, others []*backer
	for _, b := range l.guarantors {
		switch {
		case b.typ == guarantee.Policy && b.office == office:
			own = append(own, b)
		case b.typ == guarantee.Policy && b.office == City, b.typ == guarantee.Commercial && b.office == office:
			others = append(others, b)
		}
	}
	other := others[rng.IntN(len(others))]
	switch {
	case second:
		return []*backer{own[0], other}
	case rng.IntN(100) < 30:
		return []*backer{other}
	}
	return own
}

// day is one of the year on which the guarantor was in business.
func (b *backer) day(rng *rand.Rand, year int) string {
	left := daysLeft(b.since, year)
	d := time.Date(year, 12, 30, 0, 0, 0, 0, time.UTC).AddDate(0, 0, -rng.IntN(left-10))
	for d.Weekday() == time.Saturday || d.Weekday() == time.Sunday {
		d = d.AddDate(0, 0, 1)
	}
	if d.Year() > year {
		d = d.AddDate(0, 0, -7)
	}
	return d.Format(time.DateOnly)
}

// daysLeft is how many days of the year there are from a day on; 0 after it.
func daysLeft(since string, year int) int {
	first := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)
	if t, err := time.Parse(time.DateOnly, since); err == nil && t.After(first) {
		first = t
	}
	return max(0, int(time.Date(year+1, 1, 1, 0, 0, 0, 0, time.UTC).Sub(first)/(24*time.Hour)))
}

func term(rng *rand.Rand) int { return []int{6, 6, 9, 12}[rng.IntN(4)] }

var (
	purposes   = []string{"采购原材料", "备足外贸订单的原料", "更新生产设备", "扩建厂房的流动资金", "季节性收购", "补充流动资金"}
	securities = []guarantee.Security{guarantee.Property, guarantee.Equipment, guarantee.Stock, guarantee.Persons}
)

// row is the contract as a line of the table, with what became of it: repaid and
// released in time, or a claim, part of it recovered since.
func (d *deal) row(rng *rand.Rand) []string {
	signed, err := time.Parse(time.DateOnly, d.day)
	if err != nil {
		panic(err) // made here
	}
	until := signed.AddDate(0, d.months, 0)
	day := func(t time.Time) string { return t.Format(time.DateOnly) }
	yuan := func(wan int64) string { return strconv.FormatInt(wan*10_000, 10) }
	fee, security := "1.5", securities[rng.IntN(len(securities))]
	switch d.by.typ {
	case guarantee.Mutual:
		fee, security = "0.8", guarantee.Members
	case guarantee.Commercial:
		fee = "2.2"
	case guarantee.Policy:
	}
	row := []string{
		d.by.name, d.number, d.client.code, d.by.bank.name, d.day, day(until), yuan(d.amount), fee, purposes[rng.IntN(len(purposes))],
		string(security), day(signed.AddDate(0, 0, rng.IntN(4))),
	}
	if !d.claim || day(until) > "2009-12-15" {
		return append(row, "", "", "", "", "", "", day(until.AddDate(0, 0, -rng.IntN(4))))
	}
	repaid := max(1, d.amount*int64(20+rng.IntN(50))/100)
	claimed := d.amount - repaid
	back, recovered := "", ""
	if part := claimed * int64(rng.IntN(3)) / 2; part > 0 && day(until.AddDate(0, 2, 0)) < "2009-12-30" {
		back, recovered = day(until.AddDate(0, 2, 0)), yuan(part)
	}
	return append(row, day(until), yuan(repaid), day(until.AddDate(0, 0, 10)), yuan(claimed), back, recovered, "")
}
