package techplatform

import (
	"context"
	"slices"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
)

// The streams of facts this domain writes.
const (
	streamPlatform = "techplatform.platform" // a level of each platform: 1 while it works
	streamBase     = "techplatform.base"     // a level of each base: 1 while it stands
	streamService  = "techplatform.service"  // a service was done (项), where the platform sits
	streamServed   = "techplatform.served"   // an enterprise was served by it, where the enterprise is
	streamPatent   = "techplatform.patent"   // a level of each patent: 1 while it is in force
	streamUse      = "techplatform.use"      // what a patent earned in a year, on its last day
	streamNotice   = "techplatform.notice"   // a level of each notice: 1 while it is published
	streamAgreed   = "techplatform.agreed"   // an introduction came to an agreement that is confirmed, on the day of the agreement
	streamProduct  = "techplatform.product"  // a new product was confirmed, on the day of the province's answer
)

// Measures are the platforms at a date by kind and level, the specialty bases,
// the services done with what they brought in, the enterprises served, patents in
// force at a date and what they earned, technology needs and offers published at
// a date, the agreements that came of them, and new products confirmed.
//
// A service counts when its order is confirmed, or when an office enters it or
// confirms what the platform's own people entered: on its own day.
//
// An agreement counts when the other side confirmed it, or when the office has
// seen proof of it: on the day of the agreement, at the place of the notice, with
// the amount in fen that was told (0 when it was not). One side's word alone
// counts nothing; an agreement that is undone is taken back.
func Measures() []ledger.Measure {
	work := []string{"service", "kind", "level", "fee"}
	return []ledger.Measure{
		{ID: "techplatform.platforms", Of: streamPlatform, Kind: ledger.Level, Sum: ledger.Facts, Unit: "unit.platform", Dims: []string{"kind", "level"}},
		{ID: "techplatform.bases", Of: streamBase, Kind: ledger.Level, Sum: ledger.Facts, Unit: "unit.base"},
		{ID: "techplatform.services", Of: streamService, Kind: ledger.Flow, Sum: ledger.Facts, Unit: "unit.item", Dims: work},
		{ID: "techplatform.fees", Of: streamService, Kind: ledger.Flow, Sum: ledger.Amount, Unit: "unit.fen", Dims: work},
		{ID: "techplatform.served", Of: streamServed, Kind: ledger.Flow, Sum: ledger.Facts, Unit: "unit.enterprise_time", Dims: work},
		{ID: "techplatform.enterprises", Of: streamServed, Kind: ledger.Distinct, Who: "enterprise", Unit: "unit.enterprise", Dims: work},
		{ID: "techplatform.patents", Of: streamPatent, Kind: ledger.Level, Sum: ledger.Facts, Unit: "unit.item", Dims: []string{"patent"}},
		{ID: "techplatform.patent_revenue", Of: streamUse, Kind: ledger.Flow, Sum: ledger.Amount, Unit: "unit.fen", Dims: []string{"patent", "way"}},
		{ID: "techplatform.notices", Of: streamNotice, Kind: ledger.Level, Sum: ledger.Facts, Unit: "unit.item", Dims: []string{"side"}},
		{ID: "techplatform.agreements", Of: streamAgreed, Kind: ledger.Flow, Sum: ledger.Facts, Unit: "unit.item", Dims: []string{"side"}},
		{ID: "techplatform.agreed_amount", Of: streamAgreed, Kind: ledger.Flow, Sum: ledger.Amount, Unit: "unit.fen", Dims: []string{"side"}},
		{ID: "techplatform.products", Of: streamProduct, Kind: ledger.Flow, Sum: ledger.Facts, Unit: "unit.item", Dims: []string{"grade"}},
	}
}

// standing are the facts of a platform over its whole time: one on each day that
// begins something else.
func (p *Platform) standing(all []Term) []ledger.Fact {
	days := []string{p.Founded, p.Ended}
	for _, t := range all {
		days = append(days, t.From, t.To)
	}
	slices.Sort(days)
	var facts []ledger.Fact
	var before ledger.Fact
	for _, day := range slices.Compact(days) {
		if day < p.Founded || day == "" {
			continue
		}
		f := ledger.Fact{
			Stream: streamPlatform, OccurredOn: ledger.Date(day), Region: p.Region, Institution: string(p.Institution),
			Subject: ledger.Subject{Kind: PlatformKind, ID: string(p.ID)},
		}
		if p.Ended == "" || day < p.Ended {
			f.Quantity, f.Dims = 1, [ledger.Dims]string{string(p.Kind), string(levelOn(all, day))}
		}
		if f.Quantity != before.Quantity || f.Dims != before.Dims {
			facts, before = append(facts, f), f
		}
	}
	return facts
}

// levelOn is the level that the terms give on a day.
func levelOn(all []Term, day string) Level {
	for _, t := range all {
		if t.On(day) {
			return t.Level
		}
	}
	return NoLevel
}

// restate tells the ledger a platform's whole time anew.
func (s *Service) restate(ctx context.Context, tx *db.Tx, p *Platform) error {
	all, err := terms(ctx, tx, p.ID)
	if err != nil {
		return err
	}
	return s.ledger.Restate(ctx, tx, ledger.Record{Kind: PlatformKind, ID: string(p.ID)}, p.standing(all)...)
}

// restateBase tells the ledger a base's whole time anew.
func (s *Service) restateBase(ctx context.Context, tx *db.Tx, b *Base) error {
	f := ledger.Fact{
		Stream: streamBase, OccurredOn: ledger.Date(b.Since), Region: b.Region, Quantity: 1,
		Subject: ledger.Subject{Kind: BaseKind, ID: string(b.ID)},
	}
	facts := []ledger.Fact{f}
	if b.Ended != "" {
		f.OccurredOn, f.Quantity = ledger.Date(b.Ended), 0
		facts = append(facts, f)
	}
	return s.ledger.Restate(ctx, tx, ledger.Record{Kind: BaseKind, ID: string(b.ID)}, facts...)
}

// served is an enterprise with its town.
type served struct {
	ID     string      `db:"id"`
	Region region.Code `db:"region"`
}

// facts are what a piece of work counts: itself, and each enterprise once.
func (w *Work) facts(p *Platform, level Level, firms []served) []ledger.Fact {
	fee := "paid"
	if w.Free || w.Fee == 0 {
		fee = "free"
	}
	f := ledger.Fact{
		Stream: streamService, OccurredOn: ledger.Date(w.On), Region: w.Region, Institution: string(w.Institution),
		Subject: ledger.Subject{Kind: WorkKind, ID: w.ID}, Record: ledger.Record{Kind: WorkKind, ID: w.ID},
		Dims: [ledger.Dims]string{string(w.Kind), string(p.Kind), string(level), fee}, Quantity: 1, Amount: w.Fee,
	}
	facts := []ledger.Fact{f}
	f.Stream, f.Amount = streamServed, 0
	for _, firm := range firms {
		f.Region, f.Enterprise = firm.Region, firm.ID
		facts = append(facts, f)
	}
	return facts
}
