package park

import (
	"context"
	"slices"
	"strings"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/gate"
)

// stay is a tenancy with the park it is in.
type stay struct {
	park    Park
	tenancy Tenancy
}

func (s *Service) keepStays() gate.Kept[stay] {
	return gate.Kept[stay]{
		Kind: TenancyRecord, See: See, Target: func(y *stay) authz.Target { return y.park.Target() },
		Version: func(y *stay) int { return y.tenancy.Version },
		Load: func(ctx context.Context, r db.Reader, scope authz.Scope, id string) (stay, error) {
			y, err := tenancy(ctx, r, id)
			if err != nil {
				return stay{}, err
			}
			p, err := one(ctx, r, scope, y.Park, s.today())
			return stay{p, y}, err
		},
		Save: func(ctx context.Context, tx *db.Tx, y *stay) error { return updateTenancy(ctx, tx, &y.tenancy) },
	}
}

// Arrival is an enterprise that moves into a building of a park.
type Arrival struct {
	Enterprise enterprise.ID
	Code       string // one of its numbers, where its id is not known
	Building   string
	Area       int64  // square metres
	On         string // ISO date
	Note       string
}

// Enter notes that an enterprise has moved in (入园). It is one that the actor
// may see and that stands in the register; the building is finished on the day
// and has so much free from then on. All that is broken is told at once. once is
// the request's idempotency key.
func (s *Service) Enter(ctx context.Context, by authz.Actor, id ID, in Arrival, once string) (Tenancy, error) {
	p, err := s.parks.Allow(ctx, s.db, by, string(id), Enter)
	if err != nil {
		return Tenancy{}, err
	}
	field := "enterprise"
	if in.Enterprise == "" && in.Code != "" {
		field = "code"
		code := enterprise.Normalise(in.Code)
		known, err := enterprise.ByCode(ctx, s.db, by.Scope(enterprise.View), code)
		if err != nil {
			return Tenancy{}, err
		}
		in.Enterprise = known[code]
	}
	f := in.check(s.today())
	e, err := enterprise.Load(ctx, s.db, by.Scope(enterprise.View), in.Enterprise)
	switch {
	case in.Enterprise == "" && in.Code == "":
		f.Add("code", "field.required")
	case fault.Is(err, fault.NotFound):
		f.Add(field, "park.field.enterprise")
	case err != nil:
		return Tenancy{}, err
	case !stands(&e):
		f.Add(field, "park.field.enterprise")
	}
	if err := f.Err(); err != nil {
		return Tenancy{}, err
	}
	t, err := s.tree(ctx)
	if err != nil {
		return Tenancy{}, err
	}
	y := Tenancy{ID: db.NewID()}
	c := gate.Change{
		By: by, Do: Enter, On: p.Target(), Once: once, Record: gate.Record{Kind: TenancyRecord, ID: y.ID},
		Detail: map[string]any{"park": id, "enterprise": in.Enterprise, "building": in.Building, "area": in.Area, "on": in.On},
	}
	err = s.gate.Write(ctx, &c, func(ctx context.Context, tx *db.Tx) error {
		var err error
		y, err = s.enter(ctx, tx, t, id, y.ID, in)
		return err
	})
	if made, again := gate.Again(err); again {
		return tenancy(ctx, s.db, made)
	}
	return y, err
}

// stands reports whether an enterprise stands in the register, so that it can seek
// space and be a tenant.
func stands(e *enterprise.Enterprise) bool {
	return e.AliasOf == "" && e.Status != enterprise.Closed && e.Status != enterprise.Rejected
}

func (in *Arrival) check(today string) fault.Fields {
	var f fault.Fields
	in.Note = strings.TrimSpace(in.Note)
	if in.Building == "" {
		f.Add("building", "field.required")
	}
	f.Range("area", in.Area, 1, mostArea)
	happened(&f, "on", in.On, today)
	f.Length("note", in.Note, 0, 200)
	return f
}

// enter writes the tenancy under the locks of the park and the building, which
// keep both limits true: an enterprise is once in a park, and a building is
// never let beyond its area.
func (s *Service) enter(ctx context.Context, tx *db.Tx, t tree, park ID, id string, in Arrival) (Tenancy, error) {
	p, err := s.locked(ctx, tx, park)
	if err != nil {
		return Tenancy{}, err
	}
	if p.Ended != "" && p.Ended <= in.On {
		return Tenancy{}, fault.New(fault.Conflict, "park.conflict.ended")
	}
	var there int
	if err := tx.Get(ctx, &there, `SELECT COUNT(*) FROM park_tenancy WHERE park_id = ? AND enterprise_id = ? AND undone = 0
		AND (left_on = '' OR left_on > ?)`, string(p.ID), string(in.Enterprise), in.On); err != nil {
		return Tenancy{}, err
	}
	if there > 0 {
		return Tenancy{}, fault.New(fault.Conflict, "park.conflict.tenant")
	}
	h, err := s.roomIn(ctx, tx, p.ID, in.Building, in.Area, in.On)
	if err != nil {
		return Tenancy{}, err
	}
	y := Tenancy{
		ID: id, Park: p.ID, Enterprise: in.Enterprise, Entered: in.On, Note: in.Note, Version: 1, Area: in.Area,
		Spaces: []Space{{ID: db.NewID(), Building: in.Building, House: h.Name, Area: in.Area, From: in.On}},
	}
	if err := insertTenancy(ctx, tx, &y); err != nil {
		return Tenancy{}, err
	}
	if err := insertSpace(ctx, tx, id, &y.Spaces[0]); err != nil {
		return Tenancy{}, err
	}
	return y, s.restate(ctx, tx, gate.Record{Kind: TenancyRecord, ID: id}, y.facts(t, p.Region, map[string]Kind{h.ID: h.Kind}))
}

// roomIn locks a building of the park and reports whether it is finished on the
// day and has so much free from then on; without the spaces left out.
func (s *Service) roomIn(ctx context.Context, tx *db.Tx, park ID, building string, area int64, day string, without ...string) (House, error) {
	none := fault.Fields{{Name: "building", Key: "field.choice"}}.Err()
	if err := tx.Lock(ctx, "park_building", building); fault.Is(err, fault.NotFound) {
		return House{}, none
	} else if err != nil {
		return House{}, err
	}
	h, err := house(ctx, tx, building)
	if fault.Is(err, fault.NotFound) || err == nil && h.Park != park {
		return House{}, none
	}
	if err != nil {
		return House{}, err
	}
	if h.Stage(day) != Done {
		return House{}, fault.Fields{{Name: "building", Key: "park.field.unfinished", Args: []any{"building", h.Name}}}.Err()
	}
	spaces, err := spacesIn(ctx, tx, building)
	if err != nil {
		return House{}, err
	}
	spaces = slices.DeleteFunc(spaces, func(s Space) bool { return slices.Contains(without, s.ID) })
	if rest := h.Area - peak(spaces, day, ""); area > rest {
		return House{}, fault.Fields{{Name: "area", Key: "park.field.room", Args: []any{"building", h.Name, "rest", rest}}}.Err()
	}
	return h, nil
}

// stayed lets fn change a tenancy and makes the ledger say what is true of it
// then. It waits for whoever changes the tenancies of the park at the moment.
func (s *Service) stayed(ctx context.Context, c *gate.Change, id string, version int,
	fn func(ctx context.Context, tx *db.Tx, y *stay) error,
) (Tenancy, error) {
	t, err := s.tree(ctx)
	if err != nil {
		return Tenancy{}, err
	}
	y, err := s.stays.Change(ctx, s.gate, c, id, version, func(y *stay) error {
		if y.tenancy.Undone {
			return fault.New(fault.Conflict, "park.conflict.undone")
		}
		return nil
	}, func(ctx context.Context, tx *db.Tx, y *stay) error {
		var err error
		if y.park, err = s.locked(ctx, tx, y.park.ID); err != nil {
			return err
		}
		all, err := houses(ctx, tx, y.park.ID, s.today())
		if err != nil {
			return err
		}
		if err := fn(ctx, tx, y); err != nil {
			return err
		}
		if y.tenancy.Spaces, err = spacesOf(ctx, tx, id); err != nil {
			return err
		}
		return s.restate(ctx, tx, c.Record, y.tenancy.facts(t, y.park.Region, kindsOf(all)))
	})
	if err != nil {
		return y.tenancy, err
	}
	return tenancy(ctx, s.db, id)
}

// Grow sets what a tenant has in a building of its park from the day on, in
// square metres; 0 gives it back (扩租、退租). A day before its last change there is
// Invalid, and so is giving back all that it has: then it leaves.
func (s *Service) Grow(ctx context.Context, by authz.Actor, id string, version int, building string, area int64, on string) (Tenancy, error) {
	var f fault.Fields
	f.Range("area", area, 0, mostArea)
	happened(&f, "on", on, s.today())
	if building == "" {
		f.Add("building", "field.required")
	}
	if err := f.Err(); err != nil {
		return Tenancy{}, err
	}
	c := &gate.Change{By: by, Do: Grow, Detail: map[string]any{"building": building, "area": area, "on": on}}
	return s.stayed(ctx, c, id, version, func(ctx context.Context, tx *db.Tx, y *stay) error {
		own, err := y.tenancy.grows(building, area, on)
		if err != nil {
			return err
		}
		if area > 0 {
			if _, err := s.roomIn(ctx, tx, y.park.ID, building, area, on, own...); err != nil {
				return err
			}
		}
		if err := endSpaces(ctx, tx, id, building, on); err != nil {
			return err
		}
		if area == 0 {
			return nil
		}
		return insertSpace(ctx, tx, id, &Space{ID: db.NewID(), Building: building, Area: area, From: on})
	})
}

// Leave notes that a tenant is no longer there from the day on: it has graduated
// (毕业), moved or shut.
func (s *Service) Leave(ctx context.Context, by authz.Actor, id string, version int, on string, way Way, note string) (Tenancy, error) {
	var f fault.Fields
	note = strings.TrimSpace(note)
	happened(&f, "on", on, s.today())
	fault.Choice(&f, "way", way, Ways())
	f.Length("note", note, 0, 200)
	if err := f.Err(); err != nil {
		return Tenancy{}, err
	}
	c := &gate.Change{By: by, Do: Leave, Detail: map[string]any{"on": on, "way": way}}
	return s.stayed(ctx, c, id, version, func(ctx context.Context, tx *db.Tx, y *stay) error {
		if y.tenancy.Left != "" {
			return fault.New(fault.Conflict, "park.conflict.left")
		}
		for _, sp := range y.tenancy.Spaces {
			if on < sp.From || on < sp.To {
				return fault.Fields{{Name: "on", Key: "park.field.before", Args: []any{"value", on}}}.Err()
			}
		}
		y.tenancy.Left, y.tenancy.Way = on, way
		if note != "" {
			y.tenancy.Note = note
		}
		return endSpaces(ctx, tx, id, "", on)
	})
}

// Undo takes back a tenancy that was entered by mistake: it never was, and no
// figure counts it any more.
func (s *Service) Undo(ctx context.Context, by authz.Actor, id string, version int, reason string) (Tenancy, error) {
	var f fault.Fields
	f.Reason("reason", &reason)
	if err := f.Err(); err != nil {
		return Tenancy{}, err
	}
	c := &gate.Change{By: by, Do: Undo, Detail: map[string]any{"reason": reason}}
	return s.stayed(ctx, c, id, version, func(ctx context.Context, tx *db.Tx, y *stay) error {
		y.tenancy.Undone, y.tenancy.Note = true, reason
		return emptySpaces(ctx, tx, id)
	})
}
