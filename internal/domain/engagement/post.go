package engagement

import (
	"context"
	"fmt"
	"strings"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/region"
)

// Posting is a need as it is posted.
type Posting struct {
	Content
	Contact
	// Enterprise is who asks. Without it a founder does: Person is the account,
	// empty when staff enter somebody who has none, and Region the founder's town.
	Enterprise string
	Person     string
	Region     region.Code
	Channel    Channel  // Web when empty
	Papers     []string // tokens of the actor's pending uploads
	Once       string   // the request's idempotency key
}

// Post puts a need before the county's service centre (提出需求), or, when it
// comes in by telephone or at the counter, enters it on somebody's behalf.
func (s *Service) Post(ctx context.Context, by authz.Actor, in Posting) (Need, error) {
	n, err := s.draft(ctx, by, &in)
	if err != nil {
		return Need{}, err
	}
	t, err := s.times(ctx)
	if err != nil {
		return Need{}, err
	}
	c := gate.Change{
		By: by, Do: Post, On: n.view(), Once: in.Once,
		Record: gate.Record{Kind: Kind, ID: string(n.ID)},
		Detail: map[string]any{"theme": n.Theme, "channel": n.Channel},
	}
	blank := n
	err = s.gate.Write(ctx, &c, func(ctx context.Context, tx *db.Tx) error {
		n = blank
		if n.Number, err = nextNumber(ctx, tx, n.Region, flow.DayOf(tx.Now)[:4]); err != nil {
			return err
		}
		n.PostedAt, n.Whole = tx.Now, flow.NewClock(tx.Now)
		n.enter(Posted, tx.Now)
		t.set(&n, tx.Now)
		if err := insert(ctx, tx, &n); err != nil {
			return err
		}
		if err := putContact(ctx, tx, n.ID, in.Contact); err != nil {
			return err
		}
		if err := s.hooks.Files.Apply(ctx, tx, &c, n.papers(), files.Papers{Add: in.Papers}); err != nil {
			return err
		}
		if _, err := s.ledger.Post(ctx, tx, postedFact(&n)); err != nil {
			return err
		}
		if err := s.tellDesk(ctx, tx, &n, "need.told.posted"); err != nil {
			return err
		}
		return insertEvent(ctx, tx, &n, "", by, move{do: Post})
	})
	if id, again := gate.Again(err); again {
		return s.reach(ctx, by, ID(id), Post)
	}
	if err != nil {
		return Need{}, err
	}
	return n, nil
}

// draft checks what is posted and fills in what the register knows.
func (s *Service) draft(ctx context.Context, by authz.Actor, in *Posting) (Need, error) {
	f := in.Content.check(flow.DayOf(s.db.Now()))
	in.Contact.check(&f)
	if in.Channel == "" {
		in.Channel = Web
	}
	fault.Choice(&f, "channel", in.Channel, Channels())
	n := Need{
		ID: ID(db.NewID()), Content: in.Content, Channel: in.Channel, Version: 1,
		Enterprise: in.Enterprise, Person: in.Person, Region: in.Region, Requester: in.Name,
	}
	if in.Enterprise == "" && !in.Region.Valid() {
		f.Add("region", "field.choice")
	}
	if err := f.Err(); err != nil {
		return Need{}, err
	}
	if in.Enterprise != "" {
		id, err := enterprise.Resolve(ctx, s.db, enterprise.ID(in.Enterprise))
		if err != nil {
			return Need{}, err
		}
		e, err := enterprise.Load(ctx, s.db, by.Scope(Post), id)
		if err != nil {
			return Need{}, err
		}
		n.Enterprise, n.Person, n.Region = string(e.ID), "", e.Profile.Region
		n.Requester, n.Size = e.Profile.Name, string(e.Size)
	}
	n.Office = countyOf(n.Region)
	return n, nil
}

// countyOf is the office a need at the code comes to first: its county's, or
// the city's for a code that lies in no county.
func countyOf(at region.Code) region.Code {
	if county := at.At(region.County); county != "" {
		return county
	}
	return at
}

// nextNumber is the next number of the county and year: XQ-320924-2008-0187. It
// belongs to the transaction: a number that is not used is given again, and two
// who post at once wait for each other.
func nextNumber(ctx context.Context, tx *db.Tx, at region.Code, year string) (string, error) {
	county := countyOf(at)
	var n int64
	err := tx.Get(ctx, &n, `INSERT INTO need_number (county, year, last) VALUES (?, ?, 1)
		ON CONFLICT (county, year) DO UPDATE SET last = need_number.last + 1 RETURNING last`, string(county), year)
	return fmt.Sprintf("XQ-%s-%s-%04d", county, year, n), err
}

// Edit changes what is asked for, until it is with an institution. A nil
// contact stays as it is. Stale comes with the need as it is now, so that both
// can be shown side by side.
func (s *Service) Edit(ctx context.Context, by authz.Actor, id ID, version int, in Content, contact *Contact, papers ...files.Papers) (Need, error) {
	f := in.check("")
	if contact != nil {
		contact.check(&f)
	}
	if err := f.Err(); err != nil {
		return Need{}, err
	}
	return s.step(ctx, by, id, version, move{do: Edit}, func(ctx context.Context, tx *db.Tx, n *Need) error {
		n.Content = in
		if contact != nil {
			if err := putContact(ctx, tx, id, *contact); err != nil {
				return err
			}
		}
		return s.hooks.Files.Apply(ctx, tx, change(by, n, Edit), n.papers(), papers...)
	})
}

// Supply answers what the office asked for (补材料); the clock runs on.
func (s *Service) Supply(ctx context.Context, by authz.Actor, id ID, version int, words string, papers ...files.Papers) (Need, error) {
	var f fault.Fields
	words = strings.TrimSpace(words)
	f.Length("words", words, 2, 500)
	if err := f.Err(); err != nil {
		return Need{}, err
	}
	now, err := s.reach(ctx, by, id, Supply)
	if err != nil {
		return Need{}, err
	}
	m := move{do: Supply, to: now.Back, note: words}
	return s.step(ctx, by, id, version, m, func(ctx context.Context, tx *db.Tx, n *Need) error {
		// The state is an old one: its limit runs on where it stood.
		n.Step, n.Back = now.Step, ""
		n.resume(tx.Now)
		if err := s.hooks.Files.Apply(ctx, tx, change(by, n, Supply), n.papers(), papers...); err != nil {
			return err
		}
		return s.tellDesk(ctx, tx, n, "need.told.supplied")
	})
}

// Withdraw takes the need back (撤回); Conflict once something was delivered.
func (s *Service) Withdraw(ctx context.Context, by authz.Actor, id ID, version int, reason string) (Need, error) {
	if err := fault.NoReason(&reason); err != nil {
		return Need{}, err
	}
	m := move{do: Withdraw, note: reason}
	return s.step(ctx, by, id, version, m, func(ctx context.Context, tx *db.Tx, n *Need) error {
		done, err := deliveries(ctx, tx, id)
		if err != nil {
			return err
		}
		if len(standing(done)) > 0 {
			return fault.New(fault.Conflict, "need.conflict.served")
		}
		if err := closeOffer(ctx, tx, n, Recalled, "", reason); err != nil {
			return err
		}
		n.ClosedAt, n.Back = tx.Now, ""
		n.pause(tx.Now)
		if err := s.tellDesk(ctx, tx, n, "need.told.withdrawn", "reason", reason); err != nil {
			return err
		}
		return s.tellInstitution(ctx, tx, n, "need.told.withdrawn", "reason", reason)
	})
}

// Reopen takes up again a need that was closed, withdrawn or refused (重新办理).
// The enterprise or the office may; a new limit begins. What was delivered and
// confirmed still counts.
func (s *Service) Reopen(ctx context.Context, by authz.Actor, id ID, version int, reason string) (Need, error) {
	if err := fault.NoReason(&reason); err != nil {
		return Need{}, err
	}
	m := move{do: Reopen, note: reason}
	return s.step(ctx, by, id, version, m, func(ctx context.Context, tx *db.Tx, n *Need) error {
		if _, err := s.ledger.Reverse(ctx, tx, closing(n.ID), ""); err != nil {
			return err
		}
		n.Whole = flow.NewClock(tx.Now)
		n.ClosedAt, n.Finished, n.OnTime, n.Outcome = time.Time{}, time.Time{}, false, NoOutcome
		n.Institution, n.InCharge = "", false
		return s.tellDesk(ctx, tx, n, "need.told.reopened", "reason", reason)
	})
}
