package institution

import (
	"context"
	"strings"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/ledger"
)

// Hooks are what the register asks of the rest of the program.
type Hooks struct {
	// Files keeps the documents of institutions: licences, certificates; nil takes none.
	Files *files.Service
	// Award puts a term as a demonstration institution on file among the titles
	// (认定结果) and Revoke ends one, as part of the act c; both answer all such terms
	// it has by its titles then. Where they are nil institutions keep them alone.
	Award  func(ctx context.Context, tx *db.Tx, c gate.Change, i *Institution, t Term) ([]Term, error)
	Revoke func(ctx context.Context, tx *db.Tx, c gate.Change, i *Institution, day, reason string) ([]Term, error)
}

// Service is the use cases of the register. It is safe for concurrent use.
type Service struct {
	db     *db.DB
	gate   *gate.Gate
	ledger *ledger.Ledger
	hooks  Hooks
}

// New makes the service.
func New(d *db.DB, g *gate.Gate, l *ledger.Ledger, hooks Hooks) *Service {
	return &Service{db: d, gate: g, ledger: l, hooks: hooks}
}

func (s *Service) today() string { return string(ledger.DateOf(s.db.Now())) }

// Register puts an institution on the register (登记), not yet published. A code
// that is already there is a Conflict. once is the request's idempotency key.
func (s *Service) Register(ctx context.Context, by authz.Actor, in Profile, once string) (Institution, error) {
	if err := in.check(); err != nil {
		return Institution{}, err
	}
	i := Institution{ID: ID(db.NewID()), Profile: in, Version: 1}
	c := gate.Change{
		By: by, Do: Register, On: i.Target(), Once: once,
		Record: gate.Record{Kind: Record, ID: string(i.ID)}, Detail: map[string]any{"name": in.Name},
	}
	err := s.gate.Write(ctx, &c, func(ctx context.Context, tx *db.Tx) error {
		if i.Since == "" {
			i.Since = string(ledger.DateOf(tx.Now))
		}
		i.UpdatedAt = tx.Now
		if err := taken(insert(ctx, tx, &i)); err != nil {
			return err
		}
		after := &standing{Kind: i.Kind(), Level: i.Level, Region: i.Region, Since: i.Since}
		return s.count(ctx, tx, i.ID, &standing{}, after, "")
	})
	if id, again := gate.Again(err); again {
		return one(ctx, s.db, by.Scope(Register), ID(id), s.today())
	}
	return i, err
}

// taken says in plain words that a code is already on the register.
func taken(err error) error {
	if db.Unique(err) {
		return fault.Because(err, fault.Conflict, "institution.conflict.code")
	}
	return err
}

// kept is how institutions are kept, as they are today; alter saves them.
func (s *Service) kept() *gate.Kept[Institution] {
	return &gate.Kept[Institution]{
		Kind: Record, See: See,
		Load: func(ctx context.Context, r db.Reader, scope authz.Scope, id string) (Institution, error) {
			return one(ctx, r, scope, ID(id), s.today())
		},
		Target:  (*Institution).Target,
		Version: func(i *Institution) int { return i.Version },
	}
}

// reach loads the institution for an act: as far as the actor may see it or do
// the act to it, else NotFound.
func (s *Service) reach(ctx context.Context, by authz.Actor, id ID, do authz.Permission) (Institution, error) {
	return s.kept().Reach(ctx, s.db, by, string(id), do)
}

// change loads the institution, checks the right and the version, lets fn
// change it inside the transaction, writes it back and posts what the stock
// has to say about it from the given day on ("" for always).
//
// When somebody else changed it first it answers Stale with the record as it
// is now.
func (s *Service) change(ctx context.Context, by authz.Actor, id ID, version int, do authz.Permission, from string,
	detail map[string]any, fn func(ctx context.Context, tx *db.Tx, i *Institution) error,
) (Institution, error) {
	return s.write(ctx, &gate.Change{By: by, Do: do, Detail: detail}, id, version, from, fn)
}

// write is change under a right, number and detail that the caller has written
// down already; it fills in what is changed.
func (s *Service) write(ctx context.Context, c *gate.Change, id ID, version int, from string,
	fn func(ctx context.Context, tx *db.Tx, i *Institution) error,
) (Institution, error) {
	i, err := s.kept().Change(ctx, s.gate, c, string(id), version, nil, func(ctx context.Context, tx *db.Tx, i *Institution) error {
		return s.alter(ctx, tx, i, from, fn)
	})
	if err != nil {
		return i, err
	}
	return one(ctx, s.db, authz.Unbounded("what the actor has just changed"), id, s.today())
}

// alter lets fn change the institution, writes it back and posts what the stock
// has to say about it from the given day on.
func (s *Service) alter(ctx context.Context, tx *db.Tx, i *Institution, from string,
	fn func(ctx context.Context, tx *db.Tx, i *Institution) error,
) error {
	before, err := standingOf(ctx, tx, i)
	if err != nil {
		return err
	}
	if err := fn(ctx, tx, i); err != nil {
		return err
	}
	if err := taken(update(ctx, tx, i)); err != nil {
		return err
	}
	after, err := standingOf(ctx, tx, i)
	if err != nil {
		return err
	}
	return s.count(ctx, tx, i.ID, before, after, from)
}

// Edit changes the profile; Since stays. To the actor a place is unknown that they
// may not edit the institution in. Stale comes with the record as it is now, so
// that both can be shown side by side.
func (s *Service) Edit(ctx context.Context, by authz.Actor, id ID, version int, in Profile) (Institution, error) {
	f := fault.FieldsOf(in.check())
	there := Institution{ID: id, Profile: in}
	if _, err := s.kept().Allow(ctx, s.db, by, string(id), Edit); err != nil {
		return Institution{}, err
	}
	if !f.Has("region") && !by.May(Edit, there.Target()) {
		f.Add("region", "field.choice")
	}
	if err := f.Err(); err != nil {
		return Institution{}, err
	}
	// What it is counted as changes from today on; the past stays as it was.
	return s.change(ctx, by, id, version, Edit, s.today(), nil, func(_ context.Context, _ *db.Tx, i *Institution) error {
		in.Since = i.Since
		i.Profile = in
		return nil
	})
}

// Publish shows the institution on the portal, or takes it off.
func (s *Service) Publish(ctx context.Context, by authz.Actor, id ID, version int, shown bool) (Institution, error) {
	return s.change(ctx, by, id, version, Publish, s.today(), map[string]any{"shown": shown},
		func(_ context.Context, _ *db.Tx, i *Institution) error {
			i.Published = shown
			return nil
		})
}

// End takes the institution off the register from the day on (注销).
func (s *Service) End(ctx context.Context, by authz.Actor, id ID, version int, day, reason string) (Institution, error) {
	var f fault.Fields
	f.Day("day", day)
	f.Length("reason", strings.TrimSpace(reason), 2, 200)
	if err := f.Err(); err != nil {
		return Institution{}, err
	}
	return s.change(ctx, by, id, version, End, "", map[string]any{"day": day, "reason": reason},
		func(_ context.Context, _ *db.Tx, i *Institution) error {
			i.Ended, i.Published = day, false
			return nil
		})
}

// SetTier puts the institution in a tier for a term; what held on its first day
// ends there. NoTier takes it out of its tier.
func (s *Service) SetTier(ctx context.Context, by authz.Actor, id ID, version int, t Term) (Institution, error) {
	if err := t.check(); err != nil {
		return Institution{}, err
	}
	if t.Tier != NoTier && t.Tier != Core && t.Tier != Close && t.Tier != Contact {
		return Institution{}, fault.Fields{{Name: "tier", Key: "field.choice"}}.Err()
	}
	return s.change(ctx, by, id, version, SetTier, "", map[string]any{"tier": t.Tier, "from": t.From, "to": t.To, "document": t.Document},
		func(ctx context.Context, tx *db.Tx, i *Institution) error {
			if t.Tier == Core && i.Kind() != ServiceCentre {
				return fault.New(fault.Conflict, "institution.conflict.core")
			}
			return addTerm(ctx, tx, id, false, t)
		})
}

// SetOffering adds a service to the institution, or changes the one with the
// offering's id (服务项目). Without regions it serves the place of its level.
func (s *Service) SetOffering(ctx context.Context, by authz.Actor, id ID, version int, o Offering) (Institution, error) {
	o.Institution = id
	if err := o.check(); err != nil {
		return Institution{}, err
	}
	return s.change(ctx, by, id, version, SetOffering, s.today(), map[string]any{"theme": o.Theme, "form": o.Form},
		func(ctx context.Context, tx *db.Tx, i *Institution) error {
			o := o
			if len(o.Regions) == 0 {
				o.Regions = append(o.Regions, i.Level.Home(i.Region))
			}
			return putOffering(ctx, tx, &o)
		})
}

// AssignTask gives the institution a special-topic task, or changes the one
// with the task's id (下达专题性服务任务).
func (s *Service) AssignTask(ctx context.Context, by authz.Actor, id ID, version int, t Task) (Institution, error) {
	return s.setTask(ctx, by, id, version, AssignTask, t)
}

// ReportTask is the institution's own word on how far its task is.
func (s *Service) ReportTask(ctx context.Context, by authz.Actor, id ID, version int, task string, status TaskStatus, note string) (Institution, error) {
	if status == TaskDropped {
		return Institution{}, fault.Fields{{Name: "status", Key: "field.choice"}}.Err()
	}
	all, err := tasks(ctx, s.db, id)
	if err != nil {
		return Institution{}, err
	}
	for _, t := range all {
		if t.ID == task {
			t.Status, t.Note = status, note
			return s.setTask(ctx, by, id, version, ReportTask, t)
		}
	}
	return Institution{}, fault.Missing()
}

func (s *Service) setTask(ctx context.Context, by authz.Actor, id ID, version int, do authz.Permission, t Task) (Institution, error) {
	t.Institution, t.Title = id, strings.TrimSpace(t.Title)
	if t.Status == "" {
		t.Status = TaskGiven
	}
	var f fault.Fields
	f.Length("title", t.Title, 2, 80)
	f.Length("note", t.Note, 0, 1000)
	fault.Choice(&f, "status", t.Status, []TaskStatus{TaskGiven, TaskDoing, TaskDone, TaskDropped})
	if t.Year < 1990 || t.Year > 2100 {
		f.Add("year", "field.range", "min", 1990, "max", 2100)
	}
	if err := f.Err(); err != nil {
		return Institution{}, err
	}
	return s.change(ctx, by, id, version, do, s.today(), map[string]any{"year": t.Year, "status": t.Status},
		func(ctx context.Context, tx *db.Tx, _ *Institution) error {
			t := t
			return putTask(ctx, tx, &t)
		})
}

// SetContacts replaces the people to speak to, at most ten.
func (s *Service) SetContacts(ctx context.Context, by authz.Actor, id ID, version int, all []Person) (Institution, error) {
	if err := checkPeople(all); err != nil {
		return Institution{}, err
	}
	return s.change(ctx, by, id, version, SetContacts, s.today(), map[string]any{"people": len(all)},
		func(ctx context.Context, tx *db.Tx, _ *Institution) error { return putPeople(ctx, tx, id, all) })
}

func checkPeople(all []Person) error {
	var f fault.Fields
	if len(all) > 10 {
		f.Add("contacts", "field.range", "min", 0, "max", 10)
	}
	for _, p := range all {
		if !f.Has("name") {
			f.Length("name", p.Name, 2, 30)
		}
		if !f.Has("phone") {
			f.Length("phone", p.Phone, 5, 20)
		}
		if !f.Has("post") {
			f.Length("post", p.Post, 0, 30)
		}
		if !f.Has("email") {
			f.Length("email", p.Email, 0, 100)
		}
	}
	return f.Err()
}
