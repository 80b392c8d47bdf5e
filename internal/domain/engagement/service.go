package engagement

import (
	"context"
	"maps"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/ledger"
)

// Message is a word to somebody about a need: a text key with its arguments
// (name and value, alternating), and the record it is about. Title, Number and
// the like are passed as arguments; never the contact.
type Message struct {
	Key    string
	Args   []any
	Record gate.Record
}

// Notify brings messages to people, in the transaction that gives rise to them.
type Notify interface {
	// Tell writes to persons by their account id.
	Tell(ctx context.Context, tx *db.Tx, msg Message, persons ...string) error
	// TellHolders writes to those who hold the right over the target; of several
	// who hold it by region, to those granted nearest to the target.
	TellHolders(ctx context.Context, tx *db.Tx, right authz.Permission, over authz.Target, msg Message) error
}

// The news this domain enqueues as jobs, with the News as argument.
const (
	NewsClosed  = "engagement.closed"  // a need was closed
	NewsRated   = "engagement.rated"   // a need was rated
	NewsOverdue = "engagement.overdue" // a need is overdue; the supervising level was told
)

// News is the argument of every job this domain enqueues.
type News struct {
	Need        ID     `json:"need"`
	Institution string `json:"institution,omitempty"`
	Enterprise  string `json:"enterprise,omitempty"`
	Office      string `json:"office"`
}

// Hooks connect the domain to what lies above or beside it. Each may be nil.
type Hooks struct {
	Notify  Notify
	Enqueue func(ctx context.Context, tx *db.Tx, name string, args any) error
	// Holds reports whether a person holds the right over the target, so that a
	// need is assigned only to somebody who can handle it.
	Holds func(ctx context.Context, r db.Reader, person string, right authz.Permission, over authz.Target) (bool, error)
	// Files keeps the documents of needs and deliveries; nil takes none.
	Files *files.Service
}

// Service is the use cases. It is safe for concurrent use.
type Service struct {
	db     *db.DB
	gate   *gate.Gate
	ledger *ledger.Ledger
	flow   *flow.Service
	hooks  Hooks
	life   flow.Lifecycle
}

// New makes the service.
func New(d *db.DB, g *gate.Gate, l *ledger.Ledger, f *flow.Service, hooks Hooks) *Service {
	return &Service{db: d, gate: g, ledger: l, flow: f, hooks: hooks, life: Lifecycle()}
}

// move is one step somebody wants to take.
type move struct {
	do     authz.Permission
	to     flow.State     // the outcome decided on, empty for the plain one
	note   string         // shown in the need's history
	detail map[string]any // kept in the audit trail besides the states
}

// step takes one step of the lifecycle: the need as far as the actor may see
// it (else NotFound), the right (else Denied), the state (else Conflict), the
// version (else Stale, with the need as it is now), then fn and everything that
// goes with a step: the clock, the history, the audit entry. fn finds the need
// in its new state and may change it further.
func (s *Service) step(ctx context.Context, by authz.Actor, id ID, version int, m move,
	fn func(ctx context.Context, tx *db.Tx, n *Need) error,
) (Need, error) {
	was, err := s.reach(ctx, by, id, m.do)
	if err != nil {
		return Need{}, err
	}
	return s.stepFrom(ctx, by, was, version, m, fn)
}

// stepFrom is step for a need that reach has just loaded for the same act.
func (s *Service) stepFrom(ctx context.Context, by authz.Actor, was Need, version int, m move,
	fn func(ctx context.Context, tx *db.Tx, n *Need) error,
) (Need, error) {
	id := was.ID
	c := gate.Change{By: by, Do: m.do, On: on(&was, m.do), Record: gate.Record{Kind: Kind, ID: string(id)}}
	if err := gate.Check(&c); err != nil {
		return Need{}, err
	}
	next, err := s.life.Outcome(was.State, m.do, m.to)
	if err != nil {
		return was, err
	}
	if version != was.Version {
		return was, fault.New(fault.Stale, "fault.stale")
	}
	t, err := s.times(ctx)
	if err != nil {
		return Need{}, err
	}
	c.Detail = map[string]any{"from": was.State, "to": next}
	maps.Copy(c.Detail, m.detail)
	var n Need
	err = s.gate.Write(ctx, &c, func(ctx context.Context, tx *db.Tx) error {
		n = was
		if next != n.State {
			n.enter(next, tx.Now)
		}
		if err := fn(ctx, tx, &n); err != nil {
			return err
		}
		t.set(&n, tx.Now)
		if err := update(ctx, tx, &n); err != nil {
			return err
		}
		return insertEvent(ctx, tx, &n, was.State, by, m)
	})
	if db.Unique(err) { // the same step was taken at the same moment, and made what it makes first
		err = fault.Because(err, fault.Stale, "fault.stale")
	}
	if fault.Is(err, fault.Stale) {
		if now, again := s.reach(ctx, by, id, m.do); again == nil {
			return now, err
		}
	}
	if err != nil {
		return was, err
	}
	return n, nil
}

// reach loads the need for an act: as far as the actor may find it, or may do
// the act to it, else NotFound.
func (s *Service) reach(ctx context.Context, by authz.Actor, id ID, do authz.Permission) (Need, error) {
	n, err := one(ctx, s.db, by.Scope(See), id)
	if fault.Is(err, fault.NotFound) && do != See {
		return one(ctx, s.db, by.Scope(do), id)
	}
	return n, err
}

// enter puts the need in a state, where a new limit begins and nobody has been
// told of it yet.
func (n *Need) enter(state flow.State, now time.Time) {
	n.State, n.Step, n.Told = state, flow.NewClock(now), Told{}
}

func (n *Need) message(key string, args ...any) Message {
	return Message{
		Key: key, Record: gate.Record{Kind: Kind, ID: string(n.ID)},
		Args: append([]any{"number", n.Number, "title", n.Title}, args...),
	}
}

// tellAsker writes to whoever may act for the one who asks.
func (s *Service) tellAsker(ctx context.Context, tx *db.Tx, n *Need, key string, args ...any) error {
	if s.hooks.Notify == nil || len(n.asker().Parties) == 0 {
		return nil
	}
	return s.hooks.Notify.TellHolders(ctx, tx, Confirm, n.asker(), n.message(key, args...))
}

// tellInstitution writes to the people of the institution asked or in charge.
func (s *Service) tellInstitution(ctx context.Context, tx *db.Tx, n *Need, key string, args ...any) error {
	if s.hooks.Notify == nil || n.Institution == "" {
		return nil
	}
	return s.hooks.Notify.TellHolders(ctx, tx, AcceptWork, n.asked(), n.message(key, args...))
}

// tellDesk writes to the member of staff in charge, or to the whole office.
func (s *Service) tellDesk(ctx context.Context, tx *db.Tx, n *Need, key string, args ...any) error {
	switch {
	case s.hooks.Notify == nil:
		return nil
	case n.Assignee != "":
		return s.hooks.Notify.Tell(ctx, tx, n.message(key, args...), n.Assignee)
	default:
		return s.hooks.Notify.TellHolders(ctx, tx, Accept, n.desk(), n.message(key, args...))
	}
}

func (s *Service) news(ctx context.Context, tx *db.Tx, name string, n *Need) error {
	if s.hooks.Enqueue == nil {
		return nil
	}
	return s.hooks.Enqueue(ctx, tx, name, News{
		Need: n.ID, Institution: string(n.Institution), Enterprise: n.Enterprise, Office: string(n.Office),
	})
}
