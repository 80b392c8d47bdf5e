package techplatform

import (
	"context"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
)

// Message is a word to somebody about a record: a text key with its arguments,
// name and value alternating.
type Message struct {
	Key    string
	Args   []any
	Record gate.Record
}

// spoken is a record that people are told of.
type spoken interface {
	on(do authz.Permission) authz.Target
	message(key string, args ...any) Message
}

// tell writes to those who may take a step of a record.
func (s *Service) tell(ctx context.Context, tx *db.Tx, x spoken, do authz.Permission, key string, args ...any) error {
	return s.send(ctx, tx, do, x.on(do), x.message(key, args...))
}

// send writes to those who hold the right over the target.
func (s *Service) send(ctx context.Context, tx *db.Tx, right authz.Permission, over authz.Target, m Message) error {
	if s.hooks.Tell == nil {
		return nil
	}
	return s.hooks.Tell(ctx, tx, right, over, m)
}

// Hooks connect the domain to what lies beside it. Each may be nil.
type Hooks struct {
	// Home is the top of this installation's tree; "" is the province.
	Home region.Code
	// Tell brings a message to those who hold the right over the target, in the
	// transaction that gives rise to it.
	Tell func(ctx context.Context, tx *db.Tx, right authz.Permission, over authz.Target, m Message) error
	// Industry is a code of GB/T 4754-2017 as it is written, C17 for 17, and
	// whether there is one such.
	Industry func(code string) (string, bool)
	// Settled reports that the figures of the place are settled for the year (定案), at
	// itself or above it. When it is nil no year is.
	Settled func(ctx context.Context, r db.Reader, place region.Code, year int) (bool, error)
	// Files keeps the reports of orders; nil takes none.
	Files *files.Service
	// Award puts a term at a level on file among the titles (认定结果), or for NoLevel
	// ends those that hold on its first day, as part of the act c; it answers all
	// terms that the platform has by its titles then. When it is nil platforms keep
	// their levels alone.
	Award func(ctx context.Context, tx *db.Tx, c gate.Change, p *Platform, t Term) ([]Term, error)
}

// Service is the use cases. It is safe for concurrent use.
type Service struct {
	db        *db.DB
	gate      *gate.Gate
	ledger    *ledger.Ledger
	flow      *flow.Service
	hooks     Hooks
	platforms gate.Kept[Platform]
	bases     gate.Kept[Base]
	patents   gate.Kept[Patent]
}

// New makes the service.
func New(d *db.DB, g *gate.Gate, l *ledger.Ledger, f *flow.Service, hooks Hooks) *Service {
	s := &Service{db: d, gate: g, ledger: l, flow: f, hooks: hooks}
	s.platforms = gate.Kept[Platform]{
		Kind: PlatformKind, See: See, Target: (*Platform).Target, On: func(p *Platform, do authz.Permission) authz.Target { return p.On(do, s.hooks.Home) }, Version: func(p *Platform) int { return p.Version }, Save: update,
		Load: func(ctx context.Context, r db.Reader, scope authz.Scope, id string) (Platform, error) {
			return one(ctx, r, scope, ID(id), s.today())
		},
	}
	s.bases = gate.Kept[Base]{
		Kind: BaseKind, See: See, Target: (*Base).Target, Version: func(b *Base) int { return b.Version }, Save: updateBase,
		Load: func(ctx context.Context, r db.Reader, scope authz.Scope, id string) (Base, error) {
			return oneBase(ctx, r, scope, BaseID(id))
		},
	}
	s.patents = gate.Kept[Patent]{
		Kind: PatentRecord, See: SeePatent, Target: (*Patent).Target, Version: func(p *Patent) int { return p.Version }, Save: updatePatent, Load: onePatent,
	}
	return s
}

func (s *Service) today() string { return string(ledger.DateOf(s.db.Now())) }

// Register puts a platform on the list (登记), not yet published, with those who
// founded it. One of a base is linked to it at once. An institution or base that
// is not there is Invalid. once is the request's idempotency key.
func (s *Service) Register(ctx context.Context, by authz.Actor, in Profile, with []Founder, once string) (Platform, error) {
	if err := in.check(s.today()); err != nil {
		return Platform{}, err
	}
	if err := checkFounders(with); err != nil {
		return Platform{}, err
	}
	p := Platform{ID: ID(db.NewID()), Profile: in, Version: 1}
	c := gate.Change{
		By: by, Do: Register, On: authz.At(p.Region), Once: once,
		Record: gate.Record{Kind: PlatformKind, ID: string(p.ID)}, Detail: map[string]any{"name": in.Name, "kind": in.Kind},
	}
	err := s.gate.Write(ctx, &c, func(ctx context.Context, tx *db.Tx) error {
		if err := insert(ctx, tx, &p); err != nil {
			return err
		}
		if err := s.known(ctx, tx, &p, true); err != nil {
			return err
		}
		if err := putFounders(ctx, tx, p.ID, with); err != nil {
			return err
		}
		p.UpdatedAt = tx.Now
		return s.restate(ctx, tx, &p)
	})
	if id, again := gate.Again(err); again {
		return one(ctx, s.db, by.Scope(Register), ID(id), s.today())
	}
	return p, err
}

// known checks that the institution and the base of a platform are there, and
// links it to its base where that is new.
func (s *Service) known(ctx context.Context, tx *db.Tx, p *Platform, link bool) error {
	var f fault.Fields
	i, err := institution.On(ctx, tx, p.Institution, ledger.DateOf(tx.Now))
	switch {
	case fault.Is(err, fault.NotFound), err == nil && i.Ended != "":
		f.Add("institution", "field.choice")
	case err != nil:
		return err
	}
	if p.Base != "" && link {
		b, err := oneBase(ctx, tx, authz.Unbounded("bases are public"), BaseID(p.Base))
		switch {
		case fault.Is(err, fault.NotFound):
			f.Add("base", "field.choice")
		case err != nil:
			return err
		case !f.Has("institution"):
			return putLink(ctx, tx, &Link{Base: b.ID, Platform: p.ID, Functions: p.Functions, Since: max(p.Founded, b.Since)})
		}
	}
	return f.Err()
}

// change changes a platform that was read at the version, and tells the ledger
// what it is now.
func (s *Service) change(ctx context.Context, by authz.Actor, do authz.Permission, id ID, version int, detail map[string]any,
	check func(*Platform) error, fn func(ctx context.Context, tx *db.Tx, p *Platform) error,
) (Platform, error) {
	c := gate.Change{By: by, Do: do, Detail: detail}
	p, err := s.platforms.Change(ctx, s.gate, &c, string(id), version, check, func(ctx context.Context, tx *db.Tx, p *Platform) error {
		if err := fn(ctx, tx, p); err != nil {
			return err
		}
		return s.restate(ctx, tx, p)
	})
	if err != nil {
		return p, err
	}
	return one(ctx, s.db, authz.Unbounded("what the actor has just changed"), id, s.today())
}

// Edit changes the profile; its place stays. Another institution to run it, or
// another kind or base, is for those who may register platforms there.
func (s *Service) Edit(ctx context.Context, by authz.Actor, id ID, version int, in Profile) (Platform, error) {
	return s.change(ctx, by, Edit, id, version, nil, func(p *Platform) error {
		in.Region = p.Region
		if err := in.check(s.today()); err != nil {
			return err
		}
		if moved := in.Institution != p.Institution || in.Kind != p.Kind || in.Base != p.Base; moved && !by.May(Register, authz.At(p.Region)) {
			return fault.New(fault.Denied, "fault.denied")
		}
		return nil
	}, func(ctx context.Context, tx *db.Tx, p *Platform) error {
		again := in.Base != p.Base
		p.Profile = in
		return s.known(ctx, tx, p, again)
	})
}

// SetFounders replaces those who founded the platform, at most twenty.
func (s *Service) SetFounders(ctx context.Context, by authz.Actor, id ID, version int, all []Founder) (Platform, error) {
	return s.change(ctx, by, Edit, id, version, map[string]any{"founders": len(all)},
		func(*Platform) error { return checkFounders(all) },
		func(ctx context.Context, tx *db.Tx, p *Platform) error { return putFounders(ctx, tx, p.ID, all) })
}

// Publish shows the platform on the portal, or takes it off. One that is closed
// cannot be shown.
func (s *Service) Publish(ctx context.Context, by authz.Actor, id ID, version int, shown bool) (Platform, error) {
	return s.change(ctx, by, Publish, id, version, map[string]any{"shown": shown}, open, func(_ context.Context, _ *db.Tx, p *Platform) error {
		p.Published = shown
		return nil
	})
}

// open refuses what a platform that is closed cannot do.
func open(p *Platform) error {
	if p.Ended != "" {
		return fault.New(fault.Conflict, "tech.conflict.ended", "day", p.Ended)
	}
	return nil
}

// End closes the platform from the day on (停办). Conflict while orders wait to be
// taken on or are being worked on; Invalid for a day that services were done on or
// after.
func (s *Service) End(ctx context.Context, by authz.Actor, id ID, version int, day, reason string) (Platform, error) {
	var f fault.Fields
	f.Day("day", day)
	f.Reason("reason", &reason)
	return s.change(ctx, by, End, id, version, map[string]any{"day": day, "reason": reason}, func(p *Platform) error {
		if !f.Has("day") && day <= p.Founded {
			f.Add("day", "tech.field.founded", "day", p.Founded)
		}
		return f.Err()
	}, func(ctx context.Context, tx *db.Tx, p *Platform) error {
		if err := tx.Lock(ctx, "techplatform", string(p.ID)); err != nil {
			return err
		}
		if err := unfinished(ctx, tx, "tech.conflict.orders", `platform_id = ?`, string(p.ID)); err != nil {
			return err
		}
		var last string
		if err := tx.Get(ctx, &last, `SELECT COALESCE(MAX(done_on), '') FROM techplatform_work WHERE platform_id = ? AND state IN (?, ?)`,
			string(p.ID), string(WorkWaiting), string(WorkCounted)); err != nil {
			return err
		}
		if day <= last {
			return fault.Fields{{Name: "day", Key: "tech.field.worked", Args: []any{"day", last}}}.Err()
		}
		p.Ended, p.Published = day, false
		return nil
	})
}

// unfinished is a Conflict with the key while orders of the kind wait to be taken on
// or are being worked on; n says how many. The caller holds the row under which new
// ones are placed.
func unfinished(ctx context.Context, r db.Reader, key, kind string, args ...any) error {
	var n int64
	err := r.Get(ctx, &n, `SELECT COUNT(*) FROM techplatform_order WHERE state IN (?, ?) AND `+kind, append([]any{string(Placed), string(Accepted)}, args...)...)
	if err != nil || n == 0 {
		return err
	}
	return fault.New(fault.Conflict, key, "n", n)
}

// SetOffering adds a service to the platform, or changes the one with the
// offering's id; NotFound when the platform has none such.
func (s *Service) SetOffering(ctx context.Context, by authz.Actor, id ID, version int, o Offering) (Platform, error) {
	o.Platform = id
	return s.change(ctx, by, SetService, id, version, map[string]any{"service": o.Name, "kind": o.Kind},
		func(*Platform) error { return o.check() },
		func(ctx context.Context, tx *db.Tx, _ *Platform) error {
			o := o
			return putOffering(ctx, tx, &o)
		})
}

// SetInstrument adds an instrument, or changes the one with the instrument's id.
// What is booked stays booked: one that open orders have booked is not taken out of
// use, a Conflict.
func (s *Service) SetInstrument(ctx context.Context, by authz.Actor, id ID, version int, i Instrument) (Platform, error) {
	i.Platform = id
	return s.change(ctx, by, SetInstrument, id, version, map[string]any{"instrument": i.Name},
		func(*Platform) error { return i.check() },
		func(ctx context.Context, tx *db.Tx, _ *Platform) error {
			i := i
			if err := putInstrument(ctx, tx, &i); err != nil || !i.Ended {
				return err
			}
			return unfinished(ctx, tx, "tech.conflict.booked", `instrument_id = ?`, i.ID)
		})
}
