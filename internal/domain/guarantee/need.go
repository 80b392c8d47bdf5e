package guarantee

import (
	"context"
	"slices"
	"strings"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
)

// Need is a financing need (融资需求): posted once, seen by every guarantor and
// bank of the place.
type Need struct {
	ID         string
	Number     string // RZ-320924-2008-0003
	Region     region.Code
	Enterprise string
	Client     string
	Wish
	WantedBy string // ISO date, may be empty
	State    flow.State
	PostedAt time.Time
	Chosen   string // the offer
	Case     ID     // that came of it
	FundedOn string // ISO date the money arrived; empty before
	Funded   int64  // fen
	Version  int
	Updated  time.Time
}

// Days is from posting to money; false before the money.
func (n *Need) Days() (int64, bool) {
	return daysBetween(dayOf(n.PostedAt), n.FundedOn), n.FundedOn != ""
}

// Offer is what a guarantor or a bank would do about a need.
type Offer struct {
	ID          string
	Need        string
	Institution institution.ID
	Name        string
	Kind        institution.Kind // guarantor or bank
	Amount      int64            // fen
	Months      int
	Rate        int64 // a year, in hundredths of a per cent: the fee, or the interest
	Words       string
	Until       string // ISO date, the last day it stands
	MadeAt      time.Time
}

// client is the enterprise's side, or the office of its place for it.
func (n *Need) client() authz.Target {
	return authz.At(n.Region).Of(authz.Enterprise, n.Enterprise)
}

func (n *Need) message(key string, args ...any) Message {
	return Message{Key: key, Args: append([]any{"number", n.Number, "client", n.Client}, args...), Record: gate.Record{Kind: NeedKind, ID: n.ID}}
}

func (s *Service) needs(target func(*Need) authz.Target, mine []homes) *flow.Process[Need] {
	return &flow.Process[Need]{
		Kept: gate.Kept[Need]{
			Kind: NeedKind, See: See,
			Load: func(ctx context.Context, r db.Reader, scope authz.Scope, id string) (Need, error) {
				n, err := oneNeed(ctx, r, scope, id)
				if fault.Is(err, fault.NotFound) && len(mine) > 0 {
					n, err = oneNeed(ctx, r, authz.Unbounded("then it is looked at who is of the place"), id)
					if err == nil && !reaches(mine, n.Region) {
						err = fault.Missing()
					}
				}
				return n, err
			},
			Target: target, Version: func(n *Need) int { return n.Version }, Save: updateNeed,
		},
		Life: NeedLifecycle(), State: func(n *Need) *flow.State { return &n.State },
	}
}

// Posting is a financing need as it is posted.
type NeedPosting struct {
	Enterprise string
	Wish
	WantedBy string
	Once     string
}

// PostNeed puts a financing need before the guarantors and banks of the place
// (发布融资需求).
func (s *Service) PostNeed(ctx context.Context, by authz.Actor, in NeedPosting) (Need, error) {
	f := in.check()
	f.OptionalDay("wanted_by", in.WantedBy)
	if in.WantedBy != "" && !f.Has("wanted_by") && in.WantedBy < s.today() {
		f.Add("wanted_by", "field.past", "value", in.WantedBy)
	}
	e, err := s.client(ctx, by.Scope(PostNeed), in.Enterprise)
	if err != nil {
		return Need{}, err
	}
	if e.Status == enterprise.Closed {
		f.Add("enterprise", "guarantee.field.closed")
	}
	if err := f.Err(); err != nil {
		return Need{}, err
	}
	n := Need{
		ID: db.NewID(), Region: e.Profile.Region, Enterprise: string(e.ID), Client: e.Profile.Name, Wish: in.Wish, WantedBy: in.WantedBy,
		State: NeedOpen, Version: 1,
	}
	c := gate.Change{
		By: by, Do: PostNeed, On: n.client(), Once: in.Once, Record: gate.Record{Kind: NeedKind, ID: n.ID}, Detail: map[string]any{"amount": n.Amount},
	}
	blank := n
	err = s.gate.Write(ctx, &c, func(ctx context.Context, tx *db.Tx) error {
		n = blank
		n.PostedAt = tx.Now
		number, err := numbered(ctx, tx, "RZ", n.Region, dayOf(tx.Now)[:4], 1)
		if err != nil {
			return err
		}
		n.Number = number(0)
		if err := insertNeed(ctx, tx, &n); err != nil {
			return err
		}
		if _, err := s.ledger.Post(ctx, tx, ledger.Fact{
			Stream: streamNeed, OccurredOn: ledger.DateOf(tx.Now), Region: n.Region, Subject: ledger.Subject{Kind: NeedKind, ID: n.ID},
			Enterprise: n.Enterprise, Quantity: 1, Amount: n.Amount, Record: ledger.Record{Kind: NeedKind, ID: n.ID},
		}); err != nil {
			return err
		}
		return flow.Note(ctx, tx, c.Record, flow.Began(by, PostNeed, NeedOpen, ""))
	})
	if id, again := gate.Again(err); again {
		return s.needs((*Need).client, nil).Reach(ctx, s.db, by, id, PostNeed)
	}
	return n, err
}

// MakeOffer puts an institution's offer to a need that lies in its reach, or
// changes the one it made (报方案). It has to be a guarantor with books or a bank.
func (s *Service) MakeOffer(ctx context.Context, by authz.Actor, id string, in Offer) (Need, error) {
	mine, err := s.homes(ctx, by, MakeOffer)
	if err != nil {
		return Need{}, err
	}
	at := slices.IndexFunc(mine, func(h homes) bool { return h.id == in.Institution || in.Institution == "" && len(mine) == 1 })
	var f fault.Fields
	in.Words = strings.TrimSpace(in.Words)
	if at < 0 {
		f.Add("institution", "field.choice")
	} else {
		in.Institution, in.Kind, in.Name = mine[at].id, mine[at].kind, mine[at].name
		mine = mine[at : at+1]
	}
	target := func(*Need) authz.Target { // while none of several is chosen, any of them
		var t authz.Target
		for _, h := range mine {
			t = t.Of(authz.Institution, string(h.id))
		}
		return t
	}
	was, err := s.needs(target, mine).Allow(ctx, s.db, by, id, MakeOffer)
	if err != nil {
		return Need{}, err
	}
	atMost(&f, "amount", in.Amount, was.Amount, "guarantee.field.above_wish")
	f.Range("months", int64(in.Months), 1, 120)
	rate(&f, "rate", in.Rate, 50)
	f.Length("words", in.Words, 0, 500)
	between(&f, "until", in.Until, s.today(), flow.AddDays(s.today(), 366))
	if err := f.Err(); err != nil {
		return Need{}, err
	}
	// Several offer at once: an offer changes nothing that another one has read.
	move := flow.Move{Do: MakeOffer, Note: in.Name, Detail: map[string]any{"institution": in.Institution, "amount": in.Amount}}
	process := s.needs(target, mine)
	process.Save = nil
	return process.Take(ctx, s.gate, by, id, was.Version, move, func(ctx context.Context, tx *db.Tx, n *Need) error {
		if err := tx.Lock(ctx, "guarantee_need", id); err != nil {
			return err
		}
		now, err := oneNeed(ctx, tx, authz.Unbounded("it was just found"), id)
		if err != nil {
			return err
		}
		if now.State != NeedOpen {
			return fault.New(fault.Stale, "fault.stale")
		}
		in.Need, in.MadeAt = id, tx.Now
		if err := putOffer(ctx, tx, &in); err != nil {
			return err
		}
		return s.tell(ctx, tx, Choose, n.client(), n.message("financing.told.offer", "institution", in.Name))
	})
}

// Choose takes one of the offers (选定). A guarantor's becomes an application to
// it, with the terms offered.
func (s *Service) Choose(ctx context.Context, by authz.Actor, id string, version int, offer string) (Need, error) {
	mine, err := s.homes(ctx, by, See)
	if err != nil {
		return Need{}, err
	}
	return s.needs((*Need).client, mine).Take(ctx, s.gate, by, id, version, flow.Move{Do: Choose}, func(ctx context.Context, tx *db.Tx, n *Need) error {
		if err := tx.Lock(ctx, "guarantee_need", id); err != nil {
			return err
		}
		all, err := offers(ctx, tx, id)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(all, func(o Offer) bool { return o.ID == offer })
		if i < 0 {
			return fault.Fields{{Name: "offer", Key: "field.choice"}}.Err()
		}
		o := &all[i]
		if o.Until < dayOf(tx.Now) {
			return fault.New(fault.Conflict, "guarantee.conflict.lapsed", "day", o.Until)
		}
		n.Chosen = offer
		if o.Kind == institution.Bank {
			return s.tell(ctx, tx, Fund, authz.Target{}.Of(authz.Institution, string(o.Institution)), n.message("financing.told.chosen"))
		}
		e, err := enterprise.Load(ctx, tx, authz.Unbounded("the need's own"), enterprise.ID(n.Enterprise))
		if err != nil {
			return err
		}
		c := Case{
			ID: ID(db.NewID()), Region: n.Region, Guarantor: o.Institution, Enterprise: n.Enterprise, Client: n.Client, Size: string(e.Size),
			Need: n.ID, Wish: n.Wish, State: Applied, Version: 1,
		}
		c.Amount, c.Months = o.Amount, o.Months
		n.Case = c.ID
		change := gate.Change{By: by, Do: Apply, On: on(&c, Apply), Record: gate.Record{Kind: Kind, ID: string(c.ID)}, Detail: map[string]any{"need": n.ID}}
		return s.gate.Also(ctx, tx, &change, func(ctx context.Context) error { return s.enter(ctx, tx, by, Apply, &c) })
	})
}

// Fund is the word of the bank chosen that it has lent without a guarantee
// (已放款). Of a guarantor chosen, the case's own loan is that.
func (s *Service) Fund(ctx context.Context, by authz.Actor, id string, version int, in Loan) (Need, error) {
	mine, err := s.homes(ctx, by, Fund)
	if err != nil {
		return Need{}, err
	}
	was, err := s.needs((*Need).client, mine).Reach(ctx, s.db, by, id, Fund)
	if err != nil {
		return Need{}, err
	}
	all, err := offers(ctx, s.db, id)
	if err != nil {
		return Need{}, err
	}
	var lender authz.Target // nobody's while none is chosen
	most := was.Amount
	if i := slices.IndexFunc(all, func(o Offer) bool { return o.ID == was.Chosen && o.Kind == institution.Bank }); i >= 0 {
		lender, most = lender.Of(authz.Institution, string(all[i].Institution)), all[i].Amount
	}
	if err := gate.Check(&gate.Change{By: by, Do: Fund, On: lender}); err != nil {
		return Need{}, err
	}
	var f fault.Fields
	between(&f, "on", in.On, dayOf(was.PostedAt), s.today())
	atMost(&f, "amount", in.Amount, most, "guarantee.field.above_offer")
	if err := f.Err(); err != nil {
		return Need{}, err
	}
	move := flow.Move{Do: Fund, Detail: map[string]any{"amount": in.Amount, "on": in.On}}
	return s.needs(func(*Need) authz.Target { return lender }, mine).Take(ctx, s.gate, by, id, version, move,
		func(ctx context.Context, tx *db.Tx, n *Need) error {
			n.FundedOn, n.Funded = in.On, in.Amount
			days, _ := n.Days()
			_, err := s.ledger.Post(ctx, tx, ledger.Fact{
				Stream: streamMoney, OccurredOn: ledger.Date(in.On), Region: n.Region, Subject: ledger.Subject{Kind: NeedKind, ID: n.ID},
				Enterprise: n.Enterprise, Dims: [ledger.Dims]string{"bank", "none", "unknown"}, Quantity: days, Amount: in.Amount,
				Record: ledger.Record{Kind: NeedKind, ID: n.ID},
			})
			return err
		})
}

// WithdrawNeed takes a need back (撤回); Conflict while a case of it is under way.
func (s *Service) WithdrawNeed(ctx context.Context, by authz.Actor, id string, version int, reason string) (Need, error) {
	if err := fault.NoReason(&reason); err != nil {
		return Need{}, err
	}
	mine, err := s.homes(ctx, by, See)
	if err != nil {
		return Need{}, err
	}
	move := flow.Move{Do: WithdrawNeed, Note: reason}
	return s.needs((*Need).client, mine).Take(ctx, s.gate, by, id, version, move, func(ctx context.Context, tx *db.Tx, n *Need) error {
		if n.Case == "" {
			return nil
		}
		c, err := oneCase(ctx, tx, authz.Unbounded("the need's own"), n.Case)
		if err == nil && !Lifecycle().Ended(c.State) {
			err = fault.New(fault.Conflict, "guarantee.conflict.under_way", "number", c.Number)
		}
		return err
	})
}

// fund tells a case's need that the money has arrived.
func (s *Service) fund(ctx context.Context, tx *db.Tx, by authz.Actor, c *Case) error {
	if c.Need == "" {
		return nil
	}
	_, err := tx.Exec(ctx, `UPDATE guarantee_need SET state = ?, funded_on = ?, funded = ?, version = version + 1, updated_at = ? WHERE id = ?`,
		string(NeedFunded), c.Loan.On, c.Loan.Amount, db.Millis(tx.Now), c.Need)
	if err != nil {
		return err
	}
	return flow.Note(ctx, tx, gate.Record{Kind: NeedKind, ID: c.Need},
		flow.Event{Do: Lend, From: NeedChosen, To: NeedFunded, Kind: by.Kind, By: by.ID, ByName: by.Name})
}

// unfund takes that back, when the contract is undone.
func (s *Service) unfund(ctx context.Context, tx *db.Tx, c *Case) error {
	if c.Need == "" {
		return nil
	}
	_, err := tx.Exec(ctx, `UPDATE guarantee_need SET state = ?, funded_on = '', funded = 0, version = version + 1, updated_at = ? WHERE id = ? AND state = ?`,
		string(NeedChosen), db.Millis(tx.Now), c.Need, string(NeedFunded))
	return err
}
