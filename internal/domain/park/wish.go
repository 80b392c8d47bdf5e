package park

import (
	"context"
	"strings"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/region"
)

func keepWishes() flow.Process[Wish] {
	return flow.Process[Wish]{
		Life: WishLife(), State: func(w *Wish) *flow.State { return &w.State },
		Kept: gate.Kept[Wish]{
			Kind: WishRecord, See: SeeWish, Target: (*Wish).Target,
			Version: func(w *Wish) int { return w.Version }, Load: oneWish, Save: updateWish,
		},
	}
}

// Target is what the rights over the wish are checked against: the enterprise,
// the office where it seeks or applies, and who runs the park it applied to.
func (w *Wish) Target() authz.Target {
	return authz.At(w.Region).Of(authz.Enterprise, string(w.Enterprise)).Of(authz.Institution, string(w.operator))
}

// Seek posts that an enterprise seeks space in a county (找厂房). once is the
// request's idempotency key.
func (s *Service) Seek(ctx context.Context, by authz.Actor, e enterprise.ID, county region.Code, in Want, once string) (Wish, error) {
	var f fault.Fields
	in.check(&f, s.today())
	if county.Level() != region.County {
		f.Add("county", "field.choice")
	} else if _, err := s.territory.Place(ctx, s.today(), county); err != nil {
		f.Add("county", "field.choice")
	}
	who, err := enterprise.Load(ctx, s.db, by.Scope(enterprise.View), e)
	switch {
	case fault.Is(err, fault.NotFound), err == nil && !stands(&who):
		f.Add("enterprise", "park.field.enterprise")
	case err != nil:
		return Wish{}, err
	}
	if err := f.Err(); err != nil {
		return Wish{}, err
	}
	w := Wish{
		ID: db.NewID(), Enterprise: e, Name: who.Profile.Name, County: county, Region: county, Want: in, State: Seeking, Version: 1,
	}
	c := gate.Change{
		By: by, Do: Seek, On: who.Target(), Once: once, Record: gate.Record{Kind: WishRecord, ID: w.ID},
		Detail: map[string]any{"enterprise": e, "county": county, "kind": in.Kind, "area": in.Area},
	}
	err = s.gate.Write(ctx, &c, func(ctx context.Context, tx *db.Tx) error {
		w.PostedAt = tx.Now
		if err := insertWish(ctx, tx, &w); err != nil {
			return err
		}
		return flow.Note(ctx, tx, c.Record, flow.Began(by, Seek, Seeking, ""))
	})
	if id, again := gate.Again(err); again {
		return oneWish(ctx, s.db, by.Scope(SeeWish), id)
	}
	return w, err
}

// Apply asks the park in which the building stands to take the enterprise in
// (申请入园). The building is of a published park, finished, and has so much free
// today, else Invalid.
func (s *Service) Apply(ctx context.Context, by authz.Actor, id string, version int, building string) (Wish, error) {
	today := s.today()
	return s.wishes.Take(ctx, s.gate, by, id, version, flow.Move{Do: Apply, Detail: map[string]any{"building": building}},
		func(ctx context.Context, tx *db.Tx, w *Wish) error {
			h, err := house(ctx, tx, building)
			var p Park
			if err == nil {
				p, err = one(ctx, tx, authz.Unbounded("published parks are public"), h.Park, today)
			}
			if fault.Is(err, fault.NotFound) || err == nil && (!p.Published || p.Ended != "" && p.Ended <= today) {
				return fault.Fields{{Name: "building", Key: "field.choice"}}.Err()
			}
			if err != nil {
				return err
			}
			if h, err = s.roomIn(ctx, tx, p.ID, building, w.Area, today); err != nil {
				return err
			}
			w.Building, w.Park, w.Region, w.operator = building, p.ID, p.Region, p.OperatorID
			return s.tell(ctx, tx, Accept, w.office(), w, "park.told.applied", "park", p.Name, "building", h.Name)
		})
}

// office is who runs the park, and the office of its town.
func (w *Wish) office() authz.Target {
	return authz.At(w.Region).Of(authz.Institution, string(w.operator))
}

func (s *Service) tell(ctx context.Context, tx *db.Tx, right authz.Permission, over authz.Target, w *Wish, key string, args ...any) error {
	if s.hooks.Told == nil {
		return nil
	}
	return s.hooks.Told(ctx, tx, right, over, News{Key: key, Args: append([]any{"enterprise", w.Name, "area", w.Area}, args...), Wish: w.ID})
}

func (s *Service) tellAsker(ctx context.Context, tx *db.Tx, w *Wish, key string, args ...any) error {
	return s.tell(ctx, tx, Apply, authz.Target{}.Of(authz.Enterprise, string(w.Enterprise)), w, key, args...)
}

// Accept says that the enterprise may move in, as long as there is room.
func (s *Service) Accept(ctx context.Context, by authz.Actor, id string, version int, note string) (Wish, error) {
	var f fault.Fields
	note = strings.TrimSpace(note)
	f.Length("note", note, 0, 200)
	if err := f.Err(); err != nil {
		return Wish{}, err
	}
	return s.wishes.Take(ctx, s.gate, by, id, version, flow.Move{Do: Accept, Note: note}, func(ctx context.Context, tx *db.Tx, w *Wish) error {
		if _, err := s.roomIn(ctx, tx, w.Park, w.Building, w.Area, s.today()); err != nil {
			return err
		}
		return s.tellAsker(ctx, tx, w, "park.told.accepted")
	})
}

// Refuse lets the enterprise seek on, with the reason.
func (s *Service) Refuse(ctx context.Context, by authz.Actor, id string, version int, reason string) (Wish, error) {
	if err := fault.NoReason(&reason); err != nil {
		return Wish{}, err
	}
	return s.wishes.Take(ctx, s.gate, by, id, version, flow.Move{Do: Refuse, Note: reason}, func(ctx context.Context, tx *db.Tx, w *Wish) error {
		w.Building, w.Park, w.Region, w.operator = "", "", w.County, ""
		return s.tellAsker(ctx, tx, w, "park.told.refused", "reason", reason)
	})
}

// MoveIn notes that the enterprise has moved in on the day: it is a tenant, and
// the wish is fulfilled. The limits are those of Enter.
func (s *Service) MoveIn(ctx context.Context, by authz.Actor, id string, version int, on string) (Wish, error) {
	var f fault.Fields
	happened(&f, "on", on, s.today())
	if err := f.Err(); err != nil {
		return Wish{}, err
	}
	t, err := s.tree(ctx)
	if err != nil {
		return Wish{}, err
	}
	return s.wishes.Take(ctx, s.gate, by, id, version, flow.Move{Do: MoveIn, Detail: map[string]any{"on": on}},
		func(ctx context.Context, tx *db.Tx, w *Wish) error {
			e, err := enterprise.Load(ctx, tx, authz.Unbounded("who moves in"), w.Enterprise)
			if err != nil {
				return err
			}
			if !stands(&e) {
				return fault.New(fault.Conflict, "park.conflict.enterprise")
			}
			p, err := one(ctx, tx, authz.Unbounded("the park that took it in"), w.Park, s.today())
			if err != nil {
				return err
			}
			in := Arrival{Enterprise: w.Enterprise, Building: w.Building, Area: w.Area, On: on}
			y, err := s.enter(ctx, tx, t, p.ID, db.NewID(), in)
			if err != nil {
				return err
			}
			w.Tenancy = y.ID
			c := gate.Change{
				By: by, Do: MoveIn, On: w.Target(), Record: gate.Record{Kind: TenancyRecord, ID: y.ID},
				Detail: map[string]any{"park": p.ID, "enterprise": w.Enterprise, "building": w.Building, "area": w.Area, "on": on},
			}
			if err := s.gate.Also(ctx, tx, &c, func(context.Context) error { return nil }); err != nil {
				return err
			}
			return s.tellAsker(ctx, tx, w, "park.told.moved_in", "park", p.Name)
		})
}

// Withdraw ends the search (不找了).
func (s *Service) Withdraw(ctx context.Context, by authz.Actor, id string, version int) (Wish, error) {
	return s.wishes.Take(ctx, s.gate, by, id, version, flow.Move{Do: Withdraw}, nil)
}

const wishColumns = `w.id, w.enterprise_id, w.county, w.region, w.kind, w.area, w.needed_by, w.body, w.state, w.building_id, w.park_id,
	w.tenancy_id, w.posted_at, w.version, COALESCE(p.operator_id, '') AS operator_id, COALESCE(e.name, '') AS name`

const fromWish = ` FROM park_wish w LEFT JOIN park p ON p.id = w.park_id LEFT JOIN enterprise e ON e.id = w.enterprise_id`

type wishRow struct {
	ID         string         `db:"id"`
	Enterprise enterprise.ID  `db:"enterprise_id"`
	County     region.Code    `db:"county"`
	Region     region.Code    `db:"region"`
	Kind       Kind           `db:"kind"`
	Area       int64          `db:"area"`
	By         string         `db:"needed_by"`
	Text       string         `db:"body"`
	State      flow.State     `db:"state"`
	Building   string         `db:"building_id"`
	Park       ID             `db:"park_id"`
	Tenancy    string         `db:"tenancy_id"`
	PostedAt   int64          `db:"posted_at"`
	Version    int            `db:"version"`
	Operator   institution.ID `db:"operator_id"`
	Name       string         `db:"name"`
}

func (r *wishRow) wish() Wish {
	return Wish{
		ID: r.ID, Enterprise: r.Enterprise, Name: r.Name, County: r.County, Region: r.Region,
		Want:  Want{Kind: r.Kind, Area: r.Area, By: r.By, Text: r.Text},
		State: r.State, Building: r.Building, Park: r.Park, Tenancy: r.Tenancy, PostedAt: db.Time(r.PostedAt), Version: r.Version,
		operator: r.Operator,
	}
}

func wishScope() authz.Columns {
	return authz.Columns{Region: "w.region", Party: map[string]string{
		authz.Enterprise: "w.enterprise_id", authz.Institution: "COALESCE(p.operator_id, '')",
	}}
}

func oneWish(ctx context.Context, r db.Reader, s authz.Scope, id string) (Wish, error) {
	where, args := s.SQL(wishScope())
	var got wishRow
	err := r.Get(ctx, &got, `SELECT `+wishColumns+fromWish+` WHERE w.id = ? AND `+where, append([]any{id}, args...)...)
	return got.wish(), err
}

func insertWish(ctx context.Context, tx *db.Tx, w *Wish) error {
	return tx.InsertAll(ctx, `INSERT INTO park_wish (id, enterprise_id, wished_for, county, region, kind, area, needed_by, body, state,
		building_id, park_id, tenancy_id, posted_at, version)`, 15, []any{
		w.ID, string(w.Enterprise), string(w.Enterprise), string(w.County), string(w.Region), string(w.Kind), w.Area, w.By, w.Text, string(w.State),
		w.Building, string(w.Park), w.Tenancy, db.Millis(w.PostedAt), w.Version,
	})
}

func updateWish(ctx context.Context, tx *db.Tx, w *Wish) error {
	err := tx.ExecOne(ctx, `UPDATE park_wish SET region = ?, state = ?, building_id = ?, park_id = ?, tenancy_id = ?, version = version + 1
		WHERE id = ? AND version = ?`, string(w.Region), string(w.State), w.Building, string(w.Park), w.Tenancy, w.ID, w.Version)
	if err == nil {
		w.Version++
	}
	return err
}
