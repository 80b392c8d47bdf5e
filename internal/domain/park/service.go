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
// It waits for whoever changes its buildings and tenancies at the moment. Stale
// comes with the park as it is now.
func (s *Service) change(ctx context.Context, c *gate.Change, id ID, version int,
	fn func(ctx context.Context, tx *db.Tx, p *Park) error,
) (Park, error) {
	t, err := s.tree(ctx)
	if err != nil {
		return Park{}, err
	}
	p, err := s.parks.Change(ctx, s.gate, c, string(id), version, nil, func(ctx context.Context, tx *db.Tx, p *Park) error {
		if err := tx.Lock(ctx, "park", string(id)); err != nil {
			return err
		}
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

// Edit changes the profile, its days among that. Another town puts right where
// the park lies: all that was counted of it is counted there. To the actor a town
// is unknown that they may not edit parks in. Those who run it keep it where it is,
// and hand it on to nobody: Denied. Less land than a building of it stands on is
// Invalid.
func (s *Service) Edit(ctx context.Context, by authz.Actor, id ID, version int, in Profile) (Park, error) {
	was, err := s.parks.Allow(ctx, s.db, by, string(id), Edit)
	if err != nil {
		return Park{}, err
	}
	if !by.May(Edit, authz.At(was.Region)) { // who runs it
		if in.OperatorID == "" {
			in.OperatorID = was.OperatorID
		}
		if in.OperatorID != was.OperatorID {
			return Park{}, fault.New(fault.Denied, "fault.denied")
		}
	}
	err = s.checkProfile(ctx, &in)
	f := fault.FieldsOf(err)
	if err != nil && f == nil {
		return Park{}, err
	}
	if in.Region != was.Region && !f.Has("region") && !by.May(Edit, authz.At(in.Region)) {
		f.Add("region", "field.choice")
	}
	if in.Works == (Works{}) {
		f.Add("planned_on", "field.required")
	}
	all, err := houses(ctx, s.db, id, s.today())
	if err != nil {
		return Park{}, err
	}
	if !f.Has("land") {
		under(&f, in.Land, all)
	}
	if err := f.Err(); err != nil {
		return Park{}, err
	}
	t, err := s.tree(ctx)
	if err != nil {
		return Park{}, err
	}
	c := &gate.Change{By: by, Do: Edit}
	return s.change(ctx, c, id, version, func(ctx context.Context, tx *db.Tx, p *Park) error {
		from := p.Region
		p.Profile = in
		if err := nameFree(ctx, tx, p); err != nil || in.Region == from {
			return err
		}
		c.Detail = map[string]any{"from": from, "to": in.Region}
		return s.settle(ctx, tx, t, p)
	})
}

// under tells when the land of a park is less than one of its buildings stands on.
func under(f *fault.Fields, land int64, all []House) {
	var most House
	for _, h := range all {
		if h.floor() > most.floor() {
			most = h
		}
	}
	if land > 0 && most.floor() > land {
		f.Add("land", "park.field.land", "building", most.Name, "floor", most.floor())
	}
}

// settle lets all that hangs on a park follow it to another town: what was counted
// of it, its buildings and its tenants is taken back and counted there, and what
// enterprises ask of it goes to the office there.
func (s *Service) settle(ctx context.Context, tx *db.Tx, t tree, p *Park) error {
	// The ledger leaves alone what differs in its place only: take it back first.
	if err := s.restate(ctx, tx, gate.Record{Kind: Record, ID: string(p.ID)}, nil); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE park_wish SET region = ? WHERE park_id = ?`, string(p.Region), string(p.ID)); err != nil {
		return err
	}
	if err := s.restateHouses(ctx, tx, t, p, true); err != nil {
		return err
	}
	return s.restateStays(ctx, tx, t, p, "", true)
}

// restateHouses tells the ledger anew what is true of the buildings of a park;
// afresh takes back first what it was told.
func (s *Service) restateHouses(ctx context.Context, tx *db.Tx, t tree, p *Park, afresh bool) error {
	all, err := houses(ctx, tx, p.ID, s.today())
	if err != nil {
		return err
	}
	for _, h := range all {
		if err := s.retell(ctx, tx, gate.Record{Kind: BuildingRecord, ID: h.ID}, afresh, h.facts(t, p)); err != nil {
			return err
		}
	}
	return nil
}

// restateStays is restateHouses of the tenancies of a park, or of those that have
// or had something of one building.
func (s *Service) restateStays(ctx context.Context, tx *db.Tx, t tree, p *Park, building string, afresh bool) error {
	all, err := houses(ctx, tx, p.ID, s.today())
	if err != nil {
		return err
	}
	var ids []string
	if err := tx.Select(ctx, &ids, `SELECT y.id FROM park_tenancy y WHERE y.park_id = ? AND (? = ''
		OR EXISTS (SELECT 1 FROM park_space s WHERE s.tenancy_id = y.id AND s.building_id = ?)) ORDER BY y.id`,
		string(p.ID), building, building); err != nil {
		return err
	}
	for _, id := range ids {
		y, err := tenancy(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := s.retell(ctx, tx, gate.Record{Kind: TenancyRecord, ID: id}, afresh, y.facts(t, p.Region, kindsOf(all))); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) retell(ctx context.Context, tx *db.Tx, of gate.Record, afresh bool, facts []ledger.Fact) error {
	if afresh {
		if err := s.restate(ctx, tx, of, nil); err != nil {
			return err
		}
	}
	return s.restate(ctx, tx, of, facts)
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

// End takes the park off the register from the day on (撤销); its buildings count
// no longer as space of parks. One with tenants is a Conflict, and so is one with
// a building that was finished later.
func (s *Service) End(ctx context.Context, by authz.Actor, id ID, version int, day, reason string) (Park, error) {
	var f fault.Fields
	happened(&f, "day", day, s.today())
	f.Reason("reason", &reason)
	if err := f.Err(); err != nil {
		return Park{}, err
	}
	t, err := s.tree(ctx)
	if err != nil {
		return Park{}, err
	}
	c := &gate.Change{By: by, Do: End, Detail: map[string]any{"day": day, "reason": reason}}
	return s.change(ctx, c, id, version, func(ctx context.Context, tx *db.Tx, p *Park) error {
		var n int
		if err := tx.Get(ctx, &n, `SELECT COUNT(*) FROM park_tenancy WHERE park_id = ? AND undone = 0 AND (left_on = '' OR left_on > ?)`,
			string(id), day); err != nil {
			return err
		}
		if n > 0 {
			return fault.New(fault.Conflict, "park.conflict.tenants", "n", n)
		}
		all, err := houses(ctx, tx, id, day)
		if err != nil {
			return err
		}
		for _, h := range all {
			if h.Done >= day {
				return fault.New(fault.Conflict, "park.conflict.finished", "building", h.Name, "day", h.Done)
			}
		}
		p.Ended, p.Published = day, false
		return s.restateHouses(ctx, tx, t, p, false)
	})
}

// locked is the park as it is once nobody else changes it or what hangs on it.
func (s *Service) locked(ctx context.Context, tx *db.Tx, id ID) (Park, error) {
	if err := tx.Lock(ctx, "park", string(id)); err != nil {
		return Park{}, err
	}
	return one(ctx, tx, authz.Unbounded("what hangs on the park was allowed"), id, s.today())
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
	}
}

// taken says in plain words that the park has a building of the name.
func taken(err error) error {
	if db.Unique(err) {
		return fault.Because(err, fault.Conflict, "park.conflict.building")
	}
	return err
}

// AddBuilding adds a building to the park. One of the name there is a Conflict, and
// so is any once the park has ended. once is the request's idempotency key.
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
	in.ID, in.Park, in.Version = db.NewID(), id, 1
	c := gate.Change{
		By: by, Do: SetBuilding, On: p.Target(), Once: once, Record: gate.Record{Kind: BuildingRecord, ID: in.ID},
		Detail: map[string]any{"park": id, "name": in.Name, "area": in.Area},
	}
	err = s.gate.Write(ctx, &c, func(ctx context.Context, tx *db.Tx) error {
		p, err := s.locked(ctx, tx, id)
		if err != nil {
			return err
		}
		if p.Ended != "" {
			return fault.New(fault.Conflict, "park.conflict.ended")
		}
		if err := in.stands(&p); err != nil {
			return err
		}
		if err := taken(insertHouse(ctx, tx, &in)); err != nil {
			return err
		}
		return s.restate(ctx, tx, c.Record, in.facts(t, &p))
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
		var err error
		if l.park, err = s.locked(ctx, tx, l.house.Park); err != nil {
			return err
		}
		if err := tx.Lock(ctx, "park_building", id); err != nil {
			return err
		}
		spaces, err := spacesIn(ctx, tx, id)
		if err != nil {
			return err
		}
		in.ID, in.Park, in.Version = l.house.ID, l.house.Park, l.house.Version
		if err := in.stands(&l.park); err != nil {
			return err
		}
		if err := in.holds(spaces); err != nil {
			return err
		}
		was := l.house.Kind
		l.house = in
		return s.saveHouse(ctx, tx, t, l, was)
	})
	return l.house, err
}

// saveHouse writes a building that has changed and makes the ledger say what is
// true of it then, and of those who have something of it when it was for something
// else before.
func (s *Service) saveHouse(ctx context.Context, tx *db.Tx, t tree, l *lot, was Kind) error {
	if err := taken(updateHouse(ctx, tx, &l.house)); err != nil {
		return err
	}
	err := s.restate(ctx, tx, gate.Record{Kind: BuildingRecord, ID: l.house.ID}, l.house.facts(t, &l.park))
	if err != nil || l.house.Kind == was {
		return err
	}
	return s.restateStays(ctx, tx, t, &l.park, l.house.ID, false)
}

// RemoveBuilding takes away a building that was entered by mistake. One that
// somebody has or had something of, or applied for, is a Conflict.
func (s *Service) RemoveBuilding(ctx context.Context, by authz.Actor, id string, version int) error {
	c := &gate.Change{By: by, Do: SetBuilding}
	_, err := s.houses.Change(ctx, s.gate, c, id, version, nil, func(ctx context.Context, tx *db.Tx, l *lot) error {
		c.Detail = map[string]any{"removed": l.house.Name, "park": l.house.Park, "area": l.house.Area}
		if _, err := s.locked(ctx, tx, l.house.Park); err != nil {
			return err
		}
		if err := tx.Lock(ctx, "park_building", id); err != nil {
			return err
		}
		var n int
		if err := tx.Get(ctx, &n, `SELECT (SELECT COUNT(*) FROM park_space WHERE building_id = ?) + (SELECT COUNT(*) FROM park_wish WHERE building_id = ?)`,
			id, id); err != nil {
			return err
		}
		if n > 0 {
			return fault.New(fault.Conflict, "park.conflict.used")
		}
		if err := s.restate(ctx, tx, c.Record, nil); err != nil {
			return err
		}
		if err := tx.ExecOne(ctx, `DELETE FROM park_building WHERE id = ? AND version = ?`, id, version); err != nil {
			return err
		}
		// The park is what the building was found under.
		of := gate.Change{By: by, Do: SetBuilding, On: l.park.Target(), Record: gate.Record{Kind: Record, ID: string(l.park.ID)}, Detail: c.Detail}
		return s.gate.Also(ctx, tx, &of, func(context.Context) error { return nil })
	})
	return err
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
