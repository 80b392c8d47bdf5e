package guarantee

import (
	"context"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/domain/territory"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/ledger"
)

// Message is a word to somebody about a record of this domain: a text key with
// its arguments, name and value alternating.
type Message struct {
	Key    string
	Args   []any
	Record gate.Record
}

// Hooks are what the domain asks of the rest of the program. Tell may be nil.
type Hooks struct {
	// Tree is the tree of places, as it stands.
	Tree func(ctx context.Context) (*territory.Tree, error)
	// Tell writes to those who hold the right over the target.
	Tell func(ctx context.Context, tx *db.Tx, right authz.Permission, over authz.Target, m Message) error
}

// Service is the use cases. It is safe for concurrent use.
type Service struct {
	db      *db.DB
	gate    *gate.Gate
	ledger  *ledger.Ledger
	hooks   Hooks
	shipped []Rule
}

// New makes the service.
func New(d *db.DB, g *gate.Gate, l *ledger.Ledger, hooks Hooks) (*Service, error) {
	rules, err := Shipped()
	for i := range rules {
		rules[i].Published, rules[i].Shipped = true, true
	}
	return &Service{db: d, gate: g, ledger: l, hooks: hooks, shipped: rules}, err
}

func (s *Service) today() string { return flow.DayOf(s.db.Now()) }

func (s *Service) tell(ctx context.Context, tx *db.Tx, right authz.Permission, over authz.Target, m Message) error {
	if s.hooks.Tell == nil || len(over.Parties) == 0 {
		return nil
	}
	return s.hooks.Tell(ctx, tx, right, over, m)
}

// guarantors is how the books of guarantors are kept.
func (s *Service) guarantors() *gate.Kept[Guarantor] {
	return &gate.Kept[Guarantor]{
		Kind: GuarantorKind, See: See,
		Load: func(ctx context.Context, r db.Reader, scope authz.Scope, id string) (Guarantor, error) {
			return oneGuarantor(ctx, r, scope, institution.ID(id), s.today())
		},
		Target: (*Guarantor).Target,
		On: func(g *Guarantor, do authz.Permission) authz.Target {
			if do == Confirm {
				return g.over()
			}
			return g.Target()
		},
		Version: func(g *Guarantor) int { return g.Version },
		Save:    updateGuarantor,
	}
}

// process is how cases go through their life; the right to a step is checked
// against whose step it is.
func (s *Service) process() *flow.Process[Case] {
	return &flow.Process[Case]{
		Kept: gate.Kept[Case]{
			Kind: Kind, See: See,
			Load: func(ctx context.Context, r db.Reader, scope authz.Scope, id string) (Case, error) {
				return oneCase(ctx, r, scope, ID(id))
			},
			Target:  (*Case).view,
			On:      on,
			Version: func(c *Case) int { return c.Version },
			Save:    updateCase,
		},
		Life:  Lifecycle(),
		State: func(c *Case) *flow.State { return &c.State },
	}
}

// rule is the rule in force on the day; Conflict before the first.
func (s *Service) rule(ctx context.Context, r db.Reader, day string) (*Rule, error) {
	all, err := s.rules(ctx, r)
	if err != nil {
		return nil, err
	}
	found, ok := InForce(all, day)
	if !ok {
		return nil, fault.New(fault.Conflict, "guarantee.conflict.rule", "day", day)
	}
	return &found, nil
}
