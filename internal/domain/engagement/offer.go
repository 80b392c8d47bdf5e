package engagement

import (
	"context"
	"strings"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/ledger"
)

// Offer puts the need before an institution (推荐给所选机构), with the reasons as
// they are known now. It may be one that the comparison does not list, as long
// as it is on the register.
func (s *Service) Offer(ctx context.Context, by authz.Actor, id ID, version int, to institution.ID, note string) (Need, error) {
	var f fault.Fields
	note = strings.TrimSpace(note)
	f.Length("note", note, 0, 300)
	if err := f.Err(); err != nil {
		return Need{}, err
	}
	now, err := s.reach(ctx, by, id, MakeOffer)
	if err != nil {
		return Need{}, err
	}
	target, err := institution.On(ctx, s.db, to, ledger.DateOf(s.db.Now()))
	if fault.Is(err, fault.NotFound) || (err == nil && target.Ended != "") {
		return Need{}, fault.Fields{{Name: "institution", Key: "field.choice"}}.Err()
	}
	if err != nil {
		return Need{}, err
	}
	reasons, err := s.reasonsFor(ctx, &now, to)
	if err != nil {
		return Need{}, err
	}
	t, err := s.times(ctx)
	if err != nil {
		return Need{}, err
	}
	m := move{do: MakeOffer, note: target.Name, detail: map[string]any{"institution": to}}
	return s.step(ctx, by, id, version, m, func(ctx context.Context, tx *db.Tx, n *Need) error {
		n.Institution, n.InCharge = to, false
		o := Offer{
			ID: db.NewID(), Need: id, Institution: to, Name: target.Name, Reasons: reasons, Note: note,
			By: by.ID, ByName: by.Name, At: tx.Now,
		}
		if limit, ok := t.limit(n, "answer", n.Step); ok {
			o.Due = t.calendar.Due(tx.Now, limit).At
		}
		if err := insertOffer(ctx, tx, &o); err != nil {
			return err
		}
		if err := s.tellInstitution(ctx, tx, n, "need.told.offered"); err != nil {
			return err
		}
		return s.tellAsker(ctx, tx, n, "need.told.matched", "institution", target.Name)
	})
}

// Recall takes an offer back that was not answered (撤回推荐).
func (s *Service) Recall(ctx context.Context, by authz.Actor, id ID, version int, reason string) (Need, error) {
	if err := fault.NoReason(&reason); err != nil {
		return Need{}, err
	}
	m := move{do: Recall, note: reason}
	return s.step(ctx, by, id, version, m, func(ctx context.Context, tx *db.Tx, n *Need) error {
		if err := s.tellInstitution(ctx, tx, n, "need.told.recalled", "reason", reason); err != nil {
			return err
		}
		if err := closeOffer(ctx, tx, n, Recalled, by.ID, reason); err != nil {
			return err
		}
		n.Institution, n.InCharge = "", false
		return nil
	})
}

// AcceptOffer is the institution's yes (接受): it is now in charge.
func (s *Service) AcceptOffer(ctx context.Context, by authz.Actor, id ID, version int) (Need, error) {
	m := move{do: AcceptWork}
	return s.step(ctx, by, id, version, m, func(ctx context.Context, tx *db.Tx, n *Need) error {
		if err := s.answered(ctx, tx, n, Accepted, by.ID, ""); err != nil {
			return err
		}
		n.InCharge = true
		if err := s.tellDesk(ctx, tx, n, "need.told.taken"); err != nil {
			return err
		}
		return s.tellAsker(ctx, tx, n, "need.told.taken")
	})
}

// DeclineOffer is the institution's no (婉拒), with its reason; the office offers
// the need to somebody else.
func (s *Service) DeclineOffer(ctx context.Context, by authz.Actor, id ID, version int, reason string) (Need, error) {
	if err := fault.NoReason(&reason); err != nil {
		return Need{}, err
	}
	m := move{do: Decline, note: reason}
	return s.step(ctx, by, id, version, m, func(ctx context.Context, tx *db.Tx, n *Need) error {
		if err := s.answered(ctx, tx, n, Declined, by.ID, reason); err != nil {
			return err
		}
		n.Institution, n.InCharge = "", false
		return s.tellDesk(ctx, tx, n, "need.told.declined", "reason", reason)
	})
}

// answered closes the open offer and counts the answer.
func (s *Service) answered(ctx context.Context, tx *db.Tx, n *Need, a Answer, by, words string) error {
	o, err := openOffer(ctx, tx, n.ID)
	if err != nil {
		return err
	}
	if err := closeOffer(ctx, tx, n, a, by, words); err != nil {
		return err
	}
	i, err := institution.On(ctx, tx, o.Institution, ledger.DateOf(tx.Now))
	if err != nil {
		return err
	}
	onTime := o.Due.IsZero() || !tx.Now.After(o.Due)
	_, err = s.ledger.Post(ctx, tx, ledger.Fact{
		Stream: streamAnswer, OccurredOn: ledger.Date(flow.DayOf(tx.Now)), Region: n.Region,
		Subject:     ledger.Subject{Kind: "offer", ID: o.ID},
		Institution: string(o.Institution), Enterprise: n.Enterprise, Person: n.Person,
		Dims:     [ledger.Dims]string{string(n.Theme), string(a), tierKey(i.Tier)},
		Quantity: db.Bool(onTime), Record: ledger.Record{Kind: "offer", ID: o.ID},
	})
	return err
}
