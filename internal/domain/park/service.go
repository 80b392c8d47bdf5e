package park

import (
	"context"
	"strings"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/domain/territory"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
)

// Hooks connect the domain to what lies above or beside it. Each may be nil.
type Hooks struct {
	// Home is the top of this installation's tree; "" is the province.
	Home region.Code
	// Files keeps the photos of parks and the documents of plans; nil takes none.
	Files *files.Service
	// Told brings word of a wish to those who hold a right over the target.
	Told func(ctx context.Context, tx *db.Tx, right authz.Permission, over authz.Target, n News) error
	// Award puts a term on file among the titles (认定结果) and Revoke ends one, as
	// part of the act c; both answer all terms that the park has by its titles then.
	// Where they are nil parks keep their grades alone.
	Award  func(ctx context.Context, tx *db.Tx, c gate.Change, p *Park, t Term) ([]Term, error)
	Revoke func(ctx context.Context, tx *db.Tx, c gate.Change, p *Park, g Grade, day, reason string) ([]Term, error)
}

// News is a word about a wish: a text key with its arguments.
type News struct {
	Key  string
	Args []any
	Wish string
}

// Service is the use cases. It is safe for concurrent use.
type Service struct {
	db        *db.DB
	gate      *gate.Gate
	ledger    *ledger.Ledger
	territory *territory.Service
	hooks     Hooks

	parks  gate.Kept[Park]
	houses gate.Kept[lot]
	stays  gate.Kept[stay]
	plans  flow.Process[Plan]
	wishes flow.Process[Wish]
}

// New makes the service.
func New(d *db.DB, g *gate.Gate, l *ledger.Ledger, t *territory.Service, hooks Hooks) *Service {
	s := &Service{db: d, gate: g, ledger: l, territory: t, hooks: hooks}
	s.parks = gate.Kept[Park]{
		Kind: Record, See: See, Target: (*Park).Target,
		On:      func(p *Park, do authz.Permission) authz.Target { return p.On(do, s.hooks.Home) },
		Version: func(p *Park) int { return p.Version }, Save: update,
		Load: func(ctx context.Context, r db.Reader, scope authz.Scope, id string) (Park, error) {
			return one(ctx, r, scope, ID(id), s.today())
		},
	}
	s.houses, s.stays = s.keepHouses(), s.keepStays()
	s.plans, s.wishes = keepPlans(), keepWishes()
	return s
}

// restate makes these facts the ones that stand for the record.
func (s *Service) restate(ctx context.Context, tx *db.Tx, of gate.Record, facts []ledger.Fact) error {
	return s.ledger.Restate(ctx, tx, ledger.Record(of), facts...)
}

func (s *Service) today() string { return string(ledger.DateOf(s.db.Now())) }

// Register puts a park on the register (登记), not yet published. Without any day
// it is planned from today on. A park of the name in the town is a Conflict. once
// is the request's idempotency key.
func (s *Service) Register(ctx context.Context, by authz.Actor, in Profile, once string) (Park, error) {
	if in.Works == (Works{}) {
		in.Planned = s.today()
	}
	if err := s.checkProfile(ctx, &in); err != nil {
		return Park{}, err
	}
	t, err := s.tree(ctx)
	if err != nil {
		return Park{}, err
	}
	p := Park{ID: ID(db.NewID()), Profile: in, Version: 1}
	c := gate.Change{
		By: by, Do: Register, On: p.Target(), Once: once,
		Record: gate.Record{Kind: Record, ID: string(p.ID)}, Detail: map[string]any{"name": in.Name},
	}
	err = s.gate.Write(ctx, &c, func(ctx context.Context, tx *db.Tx) error {
		p.UpdatedAt = tx.Now
		if err := nameFree(ctx, tx, &p); err != nil {
			return err
		}
		if err := insert(ctx, tx, &p); err != nil {
			return err
		}
		now := standing{park: &p}
		return s.restate(ctx, tx, c.Record, now.facts(t))
	})
	if id, again := gate.Again(err); again {
		return one(ctx, s.db, by.Scope(Register), ID(id), s.today())
	}
	return p, err
}

// checkProfile tells every broken field, the town that is none today among them.
func (s *Service) checkProfile(ctx context.Context, in *Profile) error {
	err := in.check(s.today())
	f := fault.FieldsOf(err)
	if !f.Has("region") {
		if _, gone := s.territory.Place(ctx, s.today(), in.Region); fault.Is(gone, fault.NotFound) {
			f.Add("region", "field.choice")
		} else if gone != nil {
			return gone
		}
	}
	if in.OperatorID != "" {
		names, err := institution.Names(ctx, s.db, string(in.OperatorID))
		if err != nil {
			return err
		}
		if names[string(in.OperatorID)] == "" {
			f.Add("operator_id", "field.choice")
		}
	}
	return f.Err()
}

func nameFree(ctx context.Context, tx *db.Tx, p *Park) error {
	var n int
	if err := tx.Get(ctx, &n, `SELECT COUNT(*) FROM park WHERE name = ? AND region = ? AND id <> ?`, p.Name, string(p.Region), string(p.ID)); err != nil {
		return err
	}
	if n > 0 {
		return fault.New(fault.Conflict, "park.conflict.name", "name", p.Name)
	}
	return nil
}

// change lets fn change a park and makes the ledger say what is true of it then.
// Stale comes with the park as it is now.
func (s *Service) change(ctx context.Context, c *gate.Change, id ID, version int,
	fn func(ctx context.Context, tx *db.Tx, p *Park) error,
) (Park, error) {
	t, err := s.tree(ctx)
	if err != nil {
		return Park{}, err
	}
	p, err := s.parks.Change(ctx, s.gate, c, string(id), version, nil, func(ctx context.Context, tx *db.Tx, p *Park) error {
		if err := fn(ctx, tx, p); err != nil {
			return err
		}
		has, err := terms(ctx, tx, id)
		if err != nil {
			return err
		}
		after := standing{park: p, terms: has}
		return s.restate(ctx, tx, c.Record, after.facts(t))
	})
	if err != nil {
		return p, err
	}
	return one(ctx, s.db, authz.Unbounded("what the actor has just changed"), id, s.today())
}

// Edit changes the profile, its days among that.
func (s *Service) Edit(ctx context.Context, by authz.Actor, id ID, version int, in Profile) (Park, error) {
	err := s.checkProfile(ctx, &in)
	f := fault.FieldsOf(err)
	if err != nil && f == nil {
		return Park{}, err
	}
	if in.Works == (Works{}) {
		f.Add("planned_on", "field.required")
	}
	if err := f.Err(); err != nil {
		return Park{}, err
	}
	return s.change(ctx, &gate.Change{By: by, Do: Edit}, id, version, func(ctx context.Context, tx *db.Tx, p *Park) error {
		p.Profile = in
		return nameFree(ctx, tx, p)
	})
}

// Publish shows the park on the portal, or takes it off.
func (s *Service) Publish(ctx context.Context, by authz.Actor, id ID, version int, shown bool) (Park, error) {
	c := &gate.Change{By: by, Do: Publish, Detail: map[string]any{"shown": shown}}
	return s.change(ctx, c, id, version, func(_ context.Context, _ *db.Tx, p *Park) error {
		if shown && p.Ended != "" {
			return fault.New(fault.Conflict, "park.conflict.ended")
		}
		p.Published = shown
		return nil
	})
}

// End takes the park off the register from the day on (撤销). One with tenants is
// a Conflict.
func (s *Service) End(ctx context.Context, by authz.Actor, id ID, version int, day, reason string) (Park, error) {
	var f fault.Fields
	happened(&f, "day", day, s.today())
	f.Reason("reason", &reason)
	if err := f.Err(); err != nil {
		return Park{}, err
	}
	c := &gate.Change{By: by, Do: End, Detail: map[string]any{"day": day, "reason": reason}}
	return s.change(ctx, c, id, version, func(ctx context.Context, tx *db.Tx, p *Park) error {
		if err := tx.Lock(ctx, "park", string(id)); err != nil {
			return err
		}
		var n int
		if err := tx.Get(ctx, &n, `SELECT COUNT(*) FROM park_tenancy WHERE park_id = ? AND undone = 0 AND (left_on = '' OR left_on > ?)`,
			string(id), day); err != nil {
			return err
		}
		if n > 0 {
			return fault.New(fault.Conflict, "park.conflict.tenants", "n", n)
		}
		p.Ended, p.Published = day, false
		return nil
	})
}

// lot is a building with the park it stands in.
type lot struct {
	park  Park
	house House
}

func (s *Service) keepHouses() gate.Kept[lot] {
	return gate.Kept[lot]{
		Kind: BuildingRecord, See: See, Target: func(l *lot) authz.Target { return l.park.Target() },
		Version: func(l *lot) int { return l.house.Version },
		Load: func(ctx context.Context, r db.Reader, scope authz.Scope, id string) (lot, error) {
			h, err := house(ctx, r, id)
			if err != nil {
				return lot{}, err
			}
			p, err := one(ctx, r, scope, h.Park, s.today())
			return lot{p, h}, err
		},
		Save: func(ctx context.Context, tx *db.Tx, l *lot) error { return taken(updateHouse(ctx, tx, &l.house)) },
	}
}

// taken says in plain words that the park has a building of the name.
func taken(err error) error {
	if db.Unique(err) {
		return fault.Because(err, fault.Conflict, "park.conflict.building")
	}
	return err
}

// AddBuilding adds a building to the park. One of the name there is a Conflict.
// once is the request's idempotency key.
func (s *Service) AddBuilding(ctx context.Context, by authz.Actor, id ID, in House, once string) (House, error) {
	if err := in.check(s.today()); err != nil {
		return House{}, err
	}
	t, err := s.tree(ctx)
	if err != nil {
		return House{}, err
	}
	p, err := s.parks.Allow(ctx, s.db, by, string(id), SetBuilding)
	if err != nil {
		return House{}, err
	}
	if err := in.stands(p.Land); err != nil {
		return House{}, err
	}
	in.ID, in.Park, in.Version = db.NewID(), id, 1
	c := gate.Change{
		By: by, Do: SetBuilding, On: p.Target(), Once: once, Record: gate.Record{Kind: BuildingRecord, ID: in.ID},
		Detail: map[string]any{"park": id, "name": in.Name, "area": in.Area},
	}
	err = s.gate.Write(ctx, &c, func(ctx context.Context, tx *db.Tx) error {
		if err := taken(insertHouse(ctx, tx, &in)); err != nil {
			return err
		}
		return s.restate(ctx, tx, c.Record, in.facts(t, p.Region))
	})
	if made, again := gate.Again(err); again {
		return house(ctx, s.db, made)
	}
	return in, err
}

// EditBuilding changes a building: its stage goes on, its area was measured
// again. What its tenants have, and since when, stays possible, else Conflict.
// Stale comes with the building as it is now.
func (s *Service) EditBuilding(ctx context.Context, by authz.Actor, id string, version int, in House) (House, error) {
	if err := in.check(s.today()); err != nil {
		return House{}, err
	}
	t, err := s.tree(ctx)
	if err != nil {
		return House{}, err
	}
	c := &gate.Change{By: by, Do: SetBuilding, Detail: map[string]any{"name": in.Name, "area": in.Area, "done": in.Done}}
	l, err := s.houses.Change(ctx, s.gate, c, id, version, nil, func(ctx context.Context, tx *db.Tx, l *lot) error {
		if err := tx.Lock(ctx, "park_building", id); err != nil {
			return err
		}
		spaces, err := spacesIn(ctx, tx, id)
		if err != nil {
			return err
		}
		in.ID, in.Park, in.Version = l.house.ID, l.house.Park, l.house.Version
		l.house = in
		if err := in.stands(l.park.Land); err != nil {
			return err
		}
		if err := in.holds(spaces); err != nil {
			return err
		}
		return s.restate(ctx, tx, c.Record, in.facts(t, l.park.Region))
	})
	return l.house, err
}

// holds reports whether a building can be what it is with what is let of it.
func (h *House) holds(spaces []Space) error {
	for _, s := range spaces {
		if s.To == s.From { // taken back
			continue
		}
		if h.Stage(s.From) != Done {
			return fault.New(fault.Conflict, "park.conflict.let", "day", s.From)
		}
	}
	if most := peak(spaces, "", ""); most > h.Area {
		return fault.New(fault.Conflict, "park.conflict.smaller", "area", most)
	}
	return nil
}

// SetPhotos brings photos of the park and takes them off, for those who may edit
// it. They are public once the park is. What is no picture is Invalid under
// files.Field.
func (s *Service) SetPhotos(ctx context.Context, by authz.Actor, id ID, version int, p files.Papers) (Park, error) {
	if len(p.Add)+len(p.Remove) == 0 {
		return Park{}, fault.Fields{{Name: files.Field, Key: "field.required"}}.Err()
	}
	c := &gate.Change{By: by, Do: Edit, Detail: map[string]any{"attached": len(p.Add), "detached": len(p.Remove)}}
	return s.change(ctx, c, id, version, func(ctx context.Context, tx *db.Tx, park *Park) error {
		if err := s.hooks.Files.Apply(ctx, tx, c, park.photos(), p); err != nil {
			return err
		}
		all, err := files.Of(ctx, tx, park.photos().Record)
		for _, f := range all {
			if !strings.HasPrefix(f.Type, "image/") {
				return fault.Fields{{Name: files.Field, Key: "park.field.picture", Args: []any{"name", f.Name}}}.Err()
			}
		}
		return err
	})
}

// photos is where the photos of a park hang: they count against its office.
func (p *Park) photos() files.To {
	return files.To{
		Record: gate.Record{Kind: Record, ID: string(p.ID)},
		Owner:  authz.Party{Kind: files.Office, ID: string(p.Region.Parent())},
	}
}
