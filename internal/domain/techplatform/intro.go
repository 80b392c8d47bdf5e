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
	Claimed    flow.State = "claimed"    // 一方登记达成，待对方确认
	Agreed     flow.State = "agreed"     // 达成合作: it counts
	Parted     flow.State = "ended"      // 未达成
)

// The rights over introductions. Both sides say how theirs went; the office of
// the notice's place looks on, and may hold proof of an agreement.
const (
	SeeIntro     authz.Permission = "techplatform.intro.see"
	Express      authz.Permission = "techplatform.intro.express"
	AgreeIntro   authz.Permission = "techplatform.intro.agree"
	ConfirmIntro authz.Permission = "techplatform.intro.confirm"
	ProveIntro   authz.Permission = "techplatform.intro.prove"
	UndoIntro    authz.Permission = "techplatform.intro.undo"
	PartIntro    authz.Permission = "techplatform.intro.end"
)

// IntroLifecycle is the one process of an introduction: that there is an agreement
// holds when both sides say so, or one of them and the office that has seen proof.
func IntroLifecycle() flow.Lifecycle { return introLife }

var introLife = flow.Lifecycle{
	Name:   "techintro",
	States: []flow.State{Introduced, Claimed, Agreed, Parted},
	Start:  Introduced,
	Ends:   []flow.State{Agreed, Parted},
	Steps: []flow.Step{
		{Do: Express, To: Introduced, Who: "applicant", Guard: "shown"},
		{Do: AgreeIntro, From: []flow.State{Introduced}, To: Claimed, Who: "applicant"},
		{Do: ConfirmIntro, From: []flow.State{Claimed}, To: Agreed, Who: "applicant", Guard: "other", Limit: "confirm"},
		{Do: ProveIntro, From: []flow.State{Claimed}, To: Agreed, Who: "official", Guard: "proof"},
		{Do: PartIntro, From: []flow.State{Introduced}, To: Parted, Who: "applicant"},
		{Do: UndoIntro, From: []flow.State{Claimed, Agreed}, To: Introduced, Who: "applicant"},
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
	Claim     // of an agreement
	AskedAt   time.Time
	Since     time.Time // from when on the present step is counted
	Yours     bool      // it waits for the reader to confirm
	Version   int
	UpdatedAt time.Time
}

// Claim is one side's word that there is an agreement, and what makes it hold.
type Claim struct {
	AgreedOn string   // ISO date
	Amount   int64    // fen, of the contract; 0 when not told
	Of       Claimant // which side said so; "" before
	By       string   // the person who said so
	Proof    string   // what the office has seen instead of the other side's word
}

// Claimant is the side that said there is an agreement.
type Claimant string

// The sides: whose notice it is, and who answered it.
const (
	OwnerSaid Claimant = "owner"
	AskerSaid Claimant = "asker"
)

// view is where the introduction lies and whose it is.
func (i *Intro) view() authz.Target {
	return authz.At(i.Region).Of(i.Owner.Kind, i.Owner.ID).Of(i.Asker.Kind, i.Asker.ID)
}

// on is what a step is checked against: the two sides, and nobody by region; the
// side that has not said so confirms, the office of the notice's place has proof.
func (i *Intro) on(do authz.Permission) authz.Target {
	switch {
	case do == SeeIntro:
		return i.view()
	case do == ProveIntro:
		return authz.At(i.Region)
	case do == ConfirmIntro && i.Of == OwnerSaid:
		return sideOf(i.Asker)
	case do == ConfirmIntro:
		return sideOf(i.Owner)
	default:
		return sideOf(i.Owner).Of(i.Asker.Kind, i.Asker.ID)
	}
}

// Names are the side that said there is an agreement and the one that is to confirm.
func (i *Intro) Names() (said, asked string) {
	if i.Of == AskerSaid {
		return i.AskerName, i.OwnerName
	}
	return i.OwnerName, i.AskerName
}

// confirmable refuses the word of who said so already: one person who speaks for
// both sides, or two entries that were merged into one.
func (i *Intro) confirmable(by authz.Actor) error {
	if by.ID == i.By || i.Owner == i.Asker {
		return fault.New(fault.Conflict, "techintro.conflict.same")
	}
	return nil
}

func (i *Intro) at() (region.Code, int) { return i.Region, i.Version }

func (i *Intro) waits() wait { return wait{introLife, i.State, i.Since} }

// message is a word about an agreement that waits for the other side.
func (i *Intro) message(key string, args ...any) Message {
	said, asked := i.Names()
	return Message{Key: key, Record: gate.Record{Kind: IntroKind, ID: i.ID}, Args: append([]any{"title", i.Title, "party", said, "other", asked}, args...)}
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
		i.AskedAt, i.Since, i.UpdatedAt = tx.Now, tx.Now, tx.Now
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
	from := i.OwnerName
	if to == i.Owner {
		from = i.AskerName
	}
	return s.send(ctx, tx, AgreeIntro, sideOf(to), Message{
		Key: key, Record: gate.Record{Kind: IntroKind, ID: i.ID}, Args: append([]any{"title", i.Title, "party", from}, args...),
	})
}

func (s *Service) takeIntro(ctx context.Context, by authz.Actor, id string, version int, m flow.Move, told string,
	fn func(tx *db.Tx, i *Intro) error,
) (Intro, error) {
	return introProcess.Take(ctx, s.gate, by, id, version, m, func(ctx context.Context, tx *db.Tx, i *Intro) error {
		i.Since = tx.Now
		if err := fn(tx, i); err != nil {
			return err
		}
		if err := s.countIntro(ctx, tx, i); err != nil {
			return err
		}
		for _, side := range []authz.Party{i.Owner, i.Asker} {
			if by.May(AgreeIntro, sideOf(side)) {
				continue
			}
			if err := s.tellOfIntro(ctx, tx, i, side, told, "reason", m.Note); err != nil {
				return err
			}
		}
		return nil
	})
}

// countIntro tells the ledger what was agreed on: one agreement with its amount,
// on the day of the agreement, once the other side has confirmed it or the office
// has seen proof; nothing while it is one side's word.
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

// AgreeIntro says that the two came to terms on a day, not before they were
// introduced, and for how much where that may be told (登记达成). Either side says
// so; it counts once the other has confirmed it.
func (s *Service) AgreeIntro(ctx context.Context, by authz.Actor, id string, version int, on string, amount int64) (Intro, error) {
	m := flow.Move{Do: AgreeIntro, Detail: map[string]any{"on": on, "amount": amount}}
	return s.takeIntro(ctx, by, id, version, m, "techintro.told.agreed", func(tx *db.Tx, i *Intro) error {
		var f fault.Fields
		f.Day("on", on)
		f.Money("amount", amount, 0, mostFen)
		switch asked := flow.DayOf(i.AskedAt); {
		case f.Has("on"):
		case on > flow.DayOf(tx.Now):
			f.Add("on", "tech.field.future", "value", on)
		case on < asked:
			f.Add("on", "techintro.field.early", "day", asked)
		}
		i.Claim = Claim{AgreedOn: on, Amount: amount, Of: AskerSaid, By: by.ID}
		if by.May(AgreeIntro, sideOf(i.Owner)) {
			i.Of = OwnerSaid
		}
		return f.Err()
	})
}

// ConfirmIntro is the other side's word that there is the agreement that the first
// said (确认达成), as it was read: from now on it counts. The person who said so
// cannot confirm it for the other side: a Conflict.
func (s *Service) ConfirmIntro(ctx context.Context, by authz.Actor, id string, version int) (Intro, error) {
	return s.takeIntro(ctx, by, id, version, flow.Move{Do: ConfirmIntro}, "techintro.told.confirmed", func(_ *db.Tx, i *Intro) error {
		return i.confirmable(by)
	})
}

// ProveIntro is the office's word that it has seen proof of an agreement that the
// other side does not confirm (凭证明材料确认): which, in 4 to 200 characters, such
// as the number of the registered contract. From now on it counts.
func (s *Service) ProveIntro(ctx context.Context, by authz.Actor, id string, version int, proof string) (Intro, error) {
	var f fault.Fields
	tidy(&proof)
	f.Length("proof", proof, 4, 200)
	m := flow.Move{Do: ProveIntro, Note: proof, Detail: map[string]any{"proof": proof}}
	return s.takeIntro(ctx, by, id, version, m, "techintro.told.proved", func(_ *db.Tx, i *Intro) error {
		i.Proof = proof
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
		i.Claim = Claim{}
		return nil
	})
}
