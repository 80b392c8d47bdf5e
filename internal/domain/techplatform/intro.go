package techplatform

import (
	"context"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
)

// The states of an introduction.
const (
	Introduced flow.State = "introduced" // 对接中
	Agreed     flow.State = "agreed"     // 达成合作
	Parted     flow.State = "ended"      // 未达成
)

// The rights over introductions. Both sides say how theirs went; the office of
// the notice's place looks on.
const (
	SeeIntro   authz.Permission = "techplatform.intro.see"
	Express    authz.Permission = "techplatform.intro.express"
	AgreeIntro authz.Permission = "techplatform.intro.agree"
	UndoIntro  authz.Permission = "techplatform.intro.undo"
	PartIntro  authz.Permission = "techplatform.intro.end"
)

// IntroLifecycle is the one process of an introduction.
func IntroLifecycle() flow.Lifecycle { return introLife }

var introLife = flow.Lifecycle{
	Name:   "techintro",
	States: []flow.State{Introduced, Agreed, Parted},
	Start:  Introduced,
	Ends:   []flow.State{Agreed, Parted},
	Steps: []flow.Step{
		{Do: Express, To: Introduced, Who: "applicant", Guard: "shown"},
		{Do: AgreeIntro, From: []flow.State{Introduced}, To: Agreed, Who: "applicant"},
		{Do: PartIntro, From: []flow.State{Introduced}, To: Parted, Who: "applicant"},
		{Do: UndoIntro, From: []flow.State{Agreed}, To: Introduced, Who: "applicant"},
	},
}

// Intro is two parties who were introduced to each other over a notice (对接).
type Intro struct {
	ID        string
	Notice    string
	Number    string // the notice's, as its title and side
	Title     string
	Side      Side
	Owner     authz.Party // whose notice it is
	OwnerName string
	OwnerAsk  string      // whom to ask at the owner's
	Asker     authz.Party // who answered it
	AskerName string
	Words     string // 4 to 500 characters
	Contact   string // whom to ask at the asker's
	Region    region.Code
	State     flow.State
	AgreedOn  string // ISO date
	Amount    int64  // fen, of the contract; 0 when not told
	AskedAt   time.Time
	Version   int
	UpdatedAt time.Time
}

// view is where the introduction lies and whose it is.
func (i *Intro) view() authz.Target {
	return authz.At(i.Region).Of(i.Owner.Kind, i.Owner.ID).Of(i.Asker.Kind, i.Asker.ID)
}

// on is what a step is checked against: the two sides, and nobody by region.
func (i *Intro) on(do authz.Permission) authz.Target {
	if do == SeeIntro {
		return i.view()
	}
	return sideOf(i.Owner).Of(i.Asker.Kind, i.Asker.ID)
}

// other is the side that the actor does not speak for.
func (i *Intro) other(by authz.Actor) authz.Party {
	if by.May(AgreeIntro, sideOf(i.Owner)) {
		return i.Asker
	}
	return i.Owner
}

// introProcess is how introductions are kept and go on.
var introProcess = flow.Process[Intro]{
	Kept: gate.Kept[Intro]{
		Kind: IntroKind, See: SeeIntro, Load: oneIntro, Save: updateIntro, Target: (*Intro).view, On: (*Intro).on,
		Version: func(i *Intro) int { return i.Version },
	},
	Life: introLife, State: func(i *Intro) *flow.State { return &i.State },
}

// Answer is what a party says to a notice.
type Answer struct {
	Words   string // 4 to 500 characters
	Contact string // whom to ask and how, 4 to 60 characters
}

// Express answers a published notice for an enterprise or institution (我能提供,
// 我需要): from then on each side sees whom to ask at the other's. A notice that is
// not shown and a party that the actor does not speak for are NotFound; one's own
// notice, and a second answer while the first is open, a Conflict. once is the
// request's idempotency key.
func (s *Service) Express(ctx context.Context, by authz.Actor, notice string, as authz.Party, in Answer, once string) (Intro, error) {
	var f fault.Fields
	tidy(&in.Words, &in.Contact)
	f.Length("words", in.Words, 4, 500)
	f.Length("contact", in.Contact, 4, 60)
	p, err := s.speaks(ctx, by, Express, as)
	if err != nil {
		return Intro{}, err
	}
	i := Intro{ID: db.NewID(), Notice: notice, Asker: as, AskerName: p.Name, Words: in.Words, Contact: in.Contact, State: Introduced, Version: 1}
	c := gate.Change{By: by, Do: Express, On: sideOf(as), Once: once, Record: gate.Record{Kind: IntroKind, ID: i.ID}}
	err = s.gate.Write(ctx, &c, func(ctx context.Context, tx *db.Tx) error {
		if err := tx.Lock(ctx, "techplatform_notice", notice); err != nil {
			return err
		}
		n, err := s.shown(ctx, tx, notice)
		if err != nil {
			return err
		}
		if n.Party == as {
			return fault.New(fault.Conflict, "techintro.conflict.own")
		}
		if err := f.Err(); err != nil {
			return err
		}
		if err := i.about(ctx, tx, &n); err != nil {
			return err
		}
		i.AskedAt, i.UpdatedAt = tx.Now, tx.Now
		if err := insertIntro(ctx, tx, &i); err != nil {
			return err
		}
		c.Detail = map[string]any{"notice": n.Number}
		if err := flow.Note(ctx, tx, c.Record, flow.Began(by, Express, Introduced, "")); err != nil {
			return err
		}
		return s.tellOfIntro(ctx, tx, &i, i.Owner, "techintro.told."+string(n.Side))
	})
	if id, again := gate.Again(err); again {
		return oneIntro(ctx, s.db, by.Scope(SeeIntro), id)
	}
	return i, err
}

// about takes over what the notice says, and refuses a second answer.
func (i *Intro) about(ctx context.Context, tx *db.Tx, n *Notice) error {
	i.Number, i.Title, i.Side, i.Owner, i.OwnerName, i.OwnerAsk, i.Region = n.Number, n.Title, n.Side, n.Party, n.Name, n.Contact, n.Region
	enterprise, institution := ids(i.Asker)
	var open int
	if err := tx.Get(ctx, &open, `SELECT COUNT(*) FROM techplatform_intro WHERE notice_id = ? AND enterprise_id = ? AND institution_id = ? AND state <> ?`,
		n.ID, enterprise, institution, string(Parted)); err != nil {
		return err
	}
	if open > 0 {
		return fault.New(fault.Conflict, "techintro.conflict.twice")
	}
	return nil
}

// shown is a notice that everybody sees now.
func (s *Service) shown(ctx context.Context, r db.Reader, id string) (Notice, error) {
	n, err := oneNotice(ctx, r, authz.Unbounded("published notices are public"), id)
	if err == nil && !n.Public(s.today()) {
		return Notice{}, fault.Missing()
	}
	return n, err
}

// tellOfIntro writes to one side of an introduction.
func (s *Service) tellOfIntro(ctx context.Context, tx *db.Tx, i *Intro, to authz.Party, key string, args ...any) error {
	if s.hooks.Tell == nil {
		return nil
	}
	from := i.OwnerName
	if to == i.Owner {
		from = i.AskerName
	}
	return s.hooks.Tell(ctx, tx, AgreeIntro, sideOf(to), Message{
		Key: key, Record: gate.Record{Kind: IntroKind, ID: i.ID}, Args: append([]any{"title", i.Title, "party", from}, args...),
	})
}

func (s *Service) takeIntro(ctx context.Context, by authz.Actor, id string, version int, m flow.Move, told string,
	fn func(tx *db.Tx, i *Intro) error,
) (Intro, error) {
	return introProcess.Take(ctx, s.gate, by, id, version, m, func(ctx context.Context, tx *db.Tx, i *Intro) error {
		if err := fn(tx, i); err != nil {
			return err
		}
		if err := s.countIntro(ctx, tx, i); err != nil {
			return err
		}
		return s.tellOfIntro(ctx, tx, i, i.other(by), told, "reason", m.Note)
	})
}

// countIntro tells the ledger what was agreed on.
func (s *Service) countIntro(ctx context.Context, tx *db.Tx, i *Intro) error {
	var facts []ledger.Fact
	if i.State == Agreed {
		f := ledger.Fact{
			Stream: streamAgreed, OccurredOn: ledger.Date(i.AgreedOn), Region: i.Region, Subject: ledger.Subject{Kind: IntroKind, ID: i.ID},
			Dims: [ledger.Dims]string{string(i.Side)}, Quantity: 1, Amount: i.Amount,
		}
		f.Enterprise, f.Institution = ids(i.Owner)
		facts = append(facts, f)
	}
	return s.ledger.Restate(ctx, tx, ledger.Record{Kind: IntroKind, ID: i.ID}, facts...)
}

// AgreeIntro says that the two came to terms on a day, and for how much where
// that may be told (达成合作). Either side says so; the other hears of it and may
// undo it.
func (s *Service) AgreeIntro(ctx context.Context, by authz.Actor, id string, version int, on string, amount int64) (Intro, error) {
	m := flow.Move{Do: AgreeIntro, Detail: map[string]any{"on": on, "amount": amount}}
	return s.takeIntro(ctx, by, id, version, m, "techintro.told.agreed", func(tx *db.Tx, i *Intro) error {
		var f fault.Fields
		f.Day("on", on)
		f.Range("amount", amount, 0, mostFen)
		switch asked := flow.DayOf(i.AskedAt); {
		case f.Has("on"):
		case on > flow.DayOf(tx.Now):
			f.Add("on", "tech.field.future", "value", on)
		case on < asked:
			f.Add("on", "techintro.field.early", "day", asked)
		}
		i.AgreedOn, i.Amount = on, amount
		return f.Err()
	})
}

// UndoIntro takes back that there was an agreement (撤销), with a reason; what it
// counted is taken back with it.
func (s *Service) UndoIntro(ctx context.Context, by authz.Actor, id string, version int, reason string) (Intro, error) {
	return s.said(ctx, by, id, version, UndoIntro, reason, "techintro.told.undone")
}

// PartIntro ends an introduction that came to nothing (未达成), with a reason.
func (s *Service) PartIntro(ctx context.Context, by authz.Actor, id string, version int, reason string) (Intro, error) {
	return s.said(ctx, by, id, version, PartIntro, reason, "techintro.told.ended")
}

func (s *Service) said(ctx context.Context, by authz.Actor, id string, version int, do authz.Permission, reason, told string) (Intro, error) {
	if err := fault.NoReason(&reason); err != nil {
		if _, lost := introProcess.Allow(ctx, s.db, by, id, do); lost != nil {
			err = lost
		}
		return Intro{}, err
	}
	m := flow.Move{Do: do, Note: reason, Detail: map[string]any{"reason": reason}}
	return s.takeIntro(ctx, by, id, version, m, told, func(_ *db.Tx, i *Intro) error {
		i.AgreedOn, i.Amount = "", 0
		return nil
	})
}
