package enterprise

import (
	"context"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/ledger"
)

// stream is the facts of the register: an enterprise's standing, posted anew
// whenever its place, status or size changes.
const stream = "enterprise.standing"

// Measures are the figures that come from the register.
func Measures() []ledger.Measure {
	dims := []string{"status", "size", "industry"}
	return []ledger.Measure{
		// 在册企业: on the register at a date, in whatever status but closed.
		{ID: "enterprise.registered", Of: stream, Kind: ledger.Level, Sum: ledger.Facts, Unit: "unit.enterprise", Dims: dims},
	}
}

// post writes the enterprise's standing: quantity 1 while on the register, 0
// after it left.
func (s *Service) post(ctx context.Context, tx *db.Tx, e Enterprise, on ledger.Date, quantity int64) error {
	return s.postAll(ctx, tx, []ledger.Fact{e.standing(on, quantity)})
}

func (s *Service) postAll(ctx context.Context, tx *db.Tx, facts []ledger.Fact) error {
	if s.hooks.Post == nil || len(facts) == 0 {
		return nil
	}
	return s.hooks.Post(ctx, tx, facts...)
}

// standing is the fact of where and how an enterprise is on the register.
func (e Enterprise) standing(on ledger.Date, quantity int64) ledger.Fact {
	letter := ""
	if e.Profile.Industry.Code != "" {
		letter = e.Profile.Industry.Edition + e.Profile.Industry.Code[:1]
	}
	return ledger.Fact{
		Stream: stream, OccurredOn: on, Region: e.Profile.Region,
		Subject: ledger.Subject{Kind: Kind, ID: string(e.ID)}, Enterprise: string(e.ID),
		Dims: [ledger.Dims]string{string(e.Status), string(e.Size), letter}, Quantity: quantity,
		Record: ledger.Record{Kind: Kind, ID: string(e.ID)},
	}
}

// recount posts the standing again when something that is counted has changed.
func (s *Service) recount(ctx context.Context, tx *db.Tx, old, e Enterprise) error {
	if old.Status == e.Status && old.Size == e.Size && old.Profile.Region == e.Profile.Region &&
		old.Profile.Industry == e.Profile.Industry {
		return nil
	}
	return s.post(ctx, tx, e, ledger.DateOf(tx.Now), e.counted())
}

// counted is how often an entry counts in the register: once until it is closed.
func (e Enterprise) counted() int64 {
	if e.Status == Closed {
		return 0
	}
	return 1
}
