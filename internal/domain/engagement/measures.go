package engagement

import (
	"context"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/ledger"
)

// The streams of facts this domain writes.
const (
	streamNeed        = "engagement.need"        // a need was posted
	streamDelivery    = "engagement.delivery"    // a delivery was confirmed by the one who asked
	streamUnconfirmed = "engagement.unconfirmed" // a delivery that nobody confirmed in time
	streamClosed      = "engagement.closed"      // a need was closed; quantity 1 when delivered in time
	streamAnswer      = "engagement.answer"      // an institution answered; quantity 1 when in time
	streamRated       = "engagement.rated"       // a delivery was rated; quantity is the score
	streamOnTime      = "engagement.on_time"     // … as in time
	streamSolved      = "engagement.solved"      // … as having solved the problem
	streamCallback    = "engagement.callback"    // a closed need was called back
)

// Measures are the figures that come from needs: needs posted (件), closed, and
// closed in time; deliveries confirmed (次), the enterprises (户), founders and
// institutions concerned, people served (人次), money brought about; answers and
// ratings with their shares; deliveries nobody confirmed; call-backs.
func Measures() []ledger.Measure {
	work := []string{"theme", "form", "tier", "size"}
	need := []string{"theme", "channel", "size", "asker"}
	rated := []string{"theme", "form", "tier", "solved"}
	flowOf := func(id, stream string, sum ledger.Sum, unit string, dims []string) ledger.Measure {
		return ledger.Measure{ID: "engagement." + id, Of: stream, Kind: ledger.Flow, Sum: sum, Unit: "unit." + unit, Dims: dims}
	}
	distinct := func(id, stream, who, unit string, dims []string) ledger.Measure {
		return ledger.Measure{ID: "engagement." + id, Of: stream, Kind: ledger.Distinct, Who: who, Unit: "unit." + unit, Dims: dims}
	}
	closed := []string{"theme", "outcome", "size"}
	answer := []string{"theme", "answer", "tier"}
	return []ledger.Measure{
		flowOf("needs", streamNeed, ledger.Facts, "need", need),
		distinct("askers", streamNeed, "enterprise", "enterprise", need),
		flowOf("closed", streamClosed, ledger.Facts, "need", closed),
		flowOf("closed_on_time", streamClosed, ledger.Quantity, "need", closed),
		flowOf("deliveries", streamDelivery, ledger.Facts, "delivery", work),
		distinct("enterprises", streamDelivery, "enterprise", "enterprise", work),
		distinct("founders", streamDelivery, "person", "person", work),
		distinct("institutions", streamDelivery, "institution", "institution", work),
		flowOf("people", streamDelivery, ledger.Quantity, "person_time", work),
		flowOf("amount", streamDelivery, ledger.Amount, "fen", work),
		flowOf("unconfirmed", streamUnconfirmed, ledger.Facts, "delivery", work),
		flowOf("answers", streamAnswer, ledger.Facts, "offer", answer),
		flowOf("answered_on_time", streamAnswer, ledger.Quantity, "offer", answer),
		flowOf("rated", streamRated, ledger.Facts, "delivery", rated),
		flowOf("score", streamRated, ledger.Quantity, "point", rated),
		flowOf("on_time", streamOnTime, ledger.Facts, "delivery", rated),
		flowOf("solved", streamSolved, ledger.Facts, "delivery", rated),
		flowOf("callbacks", streamCallback, ledger.Facts, "need", []string{"theme", "heard", "outcome"}),
	}
}

// The records that facts come from. A delivery is its own; what was said of it
// is another, so that each can be taken back alone.
func ofNeed(id ID) ledger.Record { return ledger.Record{Kind: Kind, ID: string(id)} }

func closing(id ID) ledger.Record { return ledger.Record{Kind: "closing", ID: string(id)} }

func callbackOf(id ID) ledger.Record { return ledger.Record{Kind: "callback", ID: string(id)} }

func ofDelivery(delivery string) ledger.Record { return ledger.Record{Kind: "delivery", ID: delivery} }

func ratingOf(delivery string) ledger.Record { return ledger.Record{Kind: "rating", ID: delivery} }

func postedFact(n *Need) ledger.Fact {
	asker := "enterprise"
	if n.Enterprise == "" {
		asker = "founder"
	}
	return ledger.Fact{
		Stream: streamNeed, OccurredOn: ledger.DateOf(n.PostedAt), Region: n.Region,
		Subject: ledger.Subject{Kind: Kind, ID: string(n.ID)}, Enterprise: n.Enterprise, Person: n.Person,
		Dims: [ledger.Dims]string{string(n.Theme), string(n.Channel), n.Size, asker}, Quantity: 1, Amount: n.Amount,
		Record: ofNeed(n.ID),
	}
}

func closedFact(n *Need) ledger.Fact {
	return ledger.Fact{
		Stream: streamClosed, OccurredOn: ledger.DateOf(n.ClosedAt), Region: n.Region,
		Subject: ledger.Subject{Kind: Kind, ID: string(n.ID)}, Enterprise: n.Enterprise, Person: n.Person,
		Institution: string(n.Institution),
		Dims:        [ledger.Dims]string{string(n.Theme), string(n.Outcome), n.Size},
		Quantity:    db.Bool(n.OnTime), Record: closing(n.ID),
	}
}

func deliveryFact(n *Need, d *Delivery, stream string) ledger.Fact {
	return ledger.Fact{
		Stream: stream, OccurredOn: ledger.Date(d.On), Region: d.Region,
		Subject: ledger.Subject{Kind: "delivery", ID: d.ID}, Enterprise: n.Enterprise, Person: n.Person,
		Institution: string(d.Institution),
		Dims:        [ledger.Dims]string{string(d.Theme), string(d.Form), tierKey(d.Tier), d.Size},
		Quantity:    d.Quantity, Amount: d.Amount, Record: ofDelivery(d.ID),
	}
}

// ratingFacts are what a rating says of one delivery, on the delivery's day: the
// shares of a year are of the year's deliveries.
func ratingFacts(n *Need, d *Delivery, r *Rating) []ledger.Fact {
	f := deliveryFact(n, d, streamRated)
	f.Dims[3], f.Quantity, f.Amount, f.Record = string(r.Solved), int64(r.Score), 0, ratingOf(d.ID)
	facts := []ledger.Fact{f}
	f.Quantity = 1
	if r.OnTime {
		f.Stream = streamOnTime
		facts = append(facts, f)
	}
	if r.Solved == Yes {
		f.Stream = streamSolved
		facts = append(facts, f)
	}
	return facts
}

// count makes a confirmed delivery count, and what was already said of its need.
func (s *Service) count(ctx context.Context, tx *db.Tx, n *Need, d *Delivery) error {
	if _, err := s.ledger.Reverse(ctx, tx, ofDelivery(d.ID), ""); err != nil {
		return err
	}
	facts := []ledger.Fact{deliveryFact(n, d, streamDelivery)}
	if n.Rated {
		r, err := rating(ctx, tx, n.ID)
		if err != nil {
			return err
		}
		if r != nil {
			facts = append(facts, ratingFacts(n, d, r)...)
		}
	}
	_, err := s.ledger.Post(ctx, tx, facts...)
	return err
}

// uncount takes back all that the delivery added to any figure.
func (s *Service) uncount(ctx context.Context, tx *db.Tx, d *Delivery) error {
	if _, err := s.ledger.Reverse(ctx, tx, ofDelivery(d.ID), ""); err != nil {
		return err
	}
	_, err := s.ledger.Reverse(ctx, tx, ratingOf(d.ID), "")
	return err
}
