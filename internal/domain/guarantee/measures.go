package guarantee

import (
	"context"
	"maps"
	"slices"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/territory"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
)

// The streams of facts this domain writes.
const (
	streamGuarantor   = "guarantee.institution" // a guarantor with its registered capital, from day to day
	streamContract    = "guarantee.contract"    // a contract was signed
	streamOutstanding = "guarantee.outstanding" // what it left outstanding, signed
	streamMoved       = "guarantee.moved"       // repaid, not lent, claim paid, recovered, lost
	streamMoney       = "guarantee.money"       // a loan arrived; quantity is the days since the enterprise asked
	streamNeed        = "guarantee.need"        // a financing need was posted
	streamTown        = "guarantee.town"        // a town is there
	streamCovered     = "guarantee.covered"     // a guarantor can be reached in it
)

// The movements that streamMoved tells apart.
const (
	movedRepaid    = "repaid"    // 还款
	movedUnlent    = "unlent"    // 未放款解除: what the bank did not lend of the contract
	movedClaim     = "claim"     // 代偿
	movedRecovered = "recovered" // 追偿
	movedLost      = "lost"      // 核销
)

// Measures are the figures that come from guarantees: guarantors and their
// capital at a date; contracts, their amount and the enterprises helped in a
// period; what is outstanding; repayments, what was not lent, claims, recoveries and losses; days
// from asking to money; towns, and those the network covers.
func Measures() []ledger.Measure {
	who := []string{"type", "level"}
	deal := []string{"type", "level", "size"}
	moved := []string{"type", "level", "size", "moved"}
	measure := func(id, of string, kind ledger.Kind, sum ledger.Sum, unit string, dims []string) ledger.Measure {
		return ledger.Measure{ID: "guarantee." + id, Of: of, Kind: kind, Sum: sum, Unit: "unit." + unit, Dims: dims}
	}
	helped := measure("enterprises", streamContract, ledger.Distinct, "", "enterprise", deal)
	helped.Who = "enterprise"
	return []ledger.Measure{
		measure("institutions", streamGuarantor, ledger.Level, ledger.Facts, "institution", who),
		measure("capital", streamGuarantor, ledger.Level, ledger.Amount, "fen", who),
		measure("contracts", streamContract, ledger.Flow, ledger.Facts, "contract", deal),
		measure("amount", streamContract, ledger.Flow, ledger.Amount, "fen", deal),
		helped,
		measure("outstanding", streamOutstanding, ledger.Flow, ledger.Amount, "fen", deal),
		measure("moved", streamMoved, ledger.Flow, ledger.Amount, "fen", moved),
		measure("loans", streamMoney, ledger.Flow, ledger.Facts, "contract", deal),
		measure("days", streamMoney, ledger.Flow, ledger.Quantity, "day", deal),
		measure("needs", streamNeed, ledger.Flow, ledger.Facts, "need", nil),
		measure("towns", streamTown, ledger.Level, ledger.Facts, "place", nil),
		measure("covered", streamCovered, ledger.Level, ledger.Facts, "place", nil),
	}
}

// record is the record of a case's facts: undone, all of them are taken back.
func (c *Case) record() ledger.Record { return ledger.Record{Kind: Kind, ID: string(c.ID)} }

// fact is one of a case on a day, where the enterprise was when it was made.
func (c *Case) fact(stream, day string, g *Guarantor) ledger.Fact {
	return ledger.Fact{
		Stream: stream, OccurredOn: ledger.Date(day), Region: c.Region, Subject: ledger.Subject{Kind: Kind, ID: string(c.ID)},
		Enterprise: c.Enterprise, Institution: string(c.Guarantor),
		Dims: [ledger.Dims]string{string(g.Type), string(g.Level), sizeKey(c.Size)}, Record: c.record(),
	}
}

// sizeKey keeps the size of a fact a plain word.
func sizeKey(size string) string {
	if size == "" {
		return "unknown"
	}
	return size
}

// contractFacts are what a signed contract is in the figures.
func (c *Case) contractFacts(g *Guarantor) []ledger.Fact {
	f := c.fact(streamContract, c.Deal.On, g)
	f.Quantity, f.Amount = 1, c.Deal.Amount
	return []ledger.Fact{f, c.outstandingFact(c.Deal.On, c.Deal.Amount, g)}
}

func (c *Case) outstandingFact(day string, fen int64, g *Guarantor) ledger.Fact {
	f := c.fact(streamOutstanding, day, g)
	f.Amount = fen
	return f
}

func (c *Case) movedFact(day, moved string, fen int64, g *Guarantor) ledger.Fact {
	f := c.fact(streamMoved, day, g)
	f.Dims[3], f.Amount = moved, fen
	return f
}

// count tells the ledger the whole past of a guarantor: what it has been, and
// what capital it had, from day to day. Only what differs is posted.
func (s *Service) count(ctx context.Context, tx *db.Tx, g *Guarantor) error {
	money, err := finances(ctx, tx, g.ID)
	if err != nil {
		return err
	}
	kinds, err := standings(ctx, tx, g.ID)
	if err != nil {
		return err
	}
	days := []string{g.Since}
	for _, f := range money {
		days = append(days, max(f.From, g.Since))
	}
	for _, k := range kinds {
		days = append(days, max(k.From, g.Since))
	}
	slices.Sort(days)
	var facts []ledger.Fact
	add := func(day string, quantity, amount int64, k Standing) {
		facts = append(facts, ledger.Fact{
			Stream: streamGuarantor, OccurredOn: ledger.Date(day), Region: g.Region, Subject: ledger.Subject{Kind: GuarantorKind, ID: string(g.ID)},
			Institution: string(g.ID), Dims: [ledger.Dims]string{string(k.Type), string(k.Level)}, Quantity: quantity, Amount: amount,
		})
	}
	for _, day := range slices.Compact(days) {
		if g.Ended == "" || day < g.Ended {
			add(day, 1, financeOn(money, day).Registered, standingOn(kinds, day))
		}
	}
	if g.Ended != "" {
		add(g.Ended, 0, 0, standingOn(kinds, g.Ended))
	}
	return s.ledger.Restate(ctx, tx, ledger.Record{Kind: GuarantorKind, ID: string(g.ID)}, facts...)
}

// earliest is since when towns are counted that have always been there.
const earliest = "1990-01-01"

// cover tells the ledger of towns whether they are there and whether a
// guarantor can be reached: an outlet is there, or a guarantor sits in it. A
// town that is no more keeps the past it was told with; from its end on it is
// neither.
func (s *Service) cover(ctx context.Context, tx *db.Tx, tree *territory.Tree, towns map[region.Code]bool) error {
	spans, err := presence(ctx, tx)
	if err != nil {
		return err
	}
	today := dayOf(tx.Now)
	for _, code := range slices.Sorted(maps.Keys(towns)) {
		p, known := tree.Last(code)
		if !known || !p.Township() || p.To != "" && p.To <= today {
			continue
		}
		if err := s.ledger.Restate(ctx, tx, ledger.Record{Kind: TownKind, ID: string(code)}, townFacts(code, firstDay(tree, p), spans[code])...); err != nil {
			return err
		}
	}
	return nil
}

// firstDay is since when the place has been counted, under whatever name.
func firstDay(tree *territory.Tree, p territory.Place) string {
	for p.From > earliest {
		before, was := tree.Place(p.Code, flow.AddDays(p.From, -1))
		if !was {
			return p.From
		}
		p = before
	}
	return earliest
}

// townFacts are the whole past of a town that stands.
func townFacts(code region.Code, since string, present []Outlet) []ledger.Fact {
	fact := func(stream, day string, quantity int64) ledger.Fact {
		return ledger.Fact{
			Stream: stream, OccurredOn: ledger.Date(day), Region: code,
			Subject: ledger.Subject{Kind: TownKind, ID: string(code)}, Quantity: quantity,
		}
	}
	facts := []ledger.Fact{fact(streamTown, since, 1)}
	covered := int64(0)
	var days []string
	for _, o := range present {
		days = append(days, max(o.From, since))
		if o.To != "" {
			days = append(days, max(o.To, since))
		}
	}
	slices.Sort(days)
	for _, day := range slices.Compact(days) {
		now := db.Bool(slices.ContainsFunc(present, func(o Outlet) bool { return o.From <= day && (o.To == "" || day < o.To) }))
		if now != covered {
			covered = now
			facts = append(facts, fact(streamCovered, day, now))
		}
	}
	return facts
}

// reachable is where each guarantor can be reached and when: where it sits, and at its
// outlets as long as it is in business.
const reachable = `SELECT g.id, o.town, CASE WHEN o.valid_from < g.since THEN g.since ELSE o.valid_from END AS valid_from,
		CASE WHEN g.ended <> '' AND (o.valid_to = '' OR o.valid_to > g.ended) THEN g.ended ELSE o.valid_to END AS valid_to
	FROM guarantor_outlet o JOIN guarantor g ON g.id = o.guarantor_id
	UNION ALL SELECT g.id, i.region, g.since, g.ended FROM guarantor g JOIN institution i ON i.id = g.id`

// presence is when guarantors can be reached in each town.
func presence(ctx context.Context, r db.Reader) (map[region.Code][]Outlet, error) {
	var all []Outlet
	err := r.Select(ctx, &all, `SELECT x.town, x.valid_from AS "from", x.valid_to AS "to" FROM (`+reachable+`) x`)
	spans := map[region.Code][]Outlet{}
	for _, o := range all {
		if o.Town.Level() == region.Town {
			spans[o.Town] = append(spans[o.Town], o)
		}
	}
	return spans, err
}
