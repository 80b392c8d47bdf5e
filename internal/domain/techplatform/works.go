package techplatform

import (
	"context"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
)

const workColumns = `w.id, w.platform_id, w.institution_id, w.service_id, w.order_id, w.kind, w.done_on, w.title, w.fee, w.free, w.region,
	w.withdrawn, w.version`

type workRow struct {
	ID          string         `db:"id"`
	Platform    ID             `db:"platform_id"`
	Institution institution.ID `db:"institution_id"`
	Service     string         `db:"service_id"`
	Order       OrderID        `db:"order_id"`
	Kind        ServiceKind    `db:"kind"`
	On          string         `db:"done_on"`
	Title       string         `db:"title"`
	Fee         int64          `db:"fee"`
	Free        int64          `db:"free"`
	Region      region.Code    `db:"region"`
	Withdrawn   string         `db:"withdrawn"`
	Version     int            `db:"version"`
}

func (r *workRow) work() Work {
	return Work{
		ID: r.ID, Platform: r.Platform, Institution: r.Institution, Service: r.Service, Order: r.Order, Kind: r.Kind, On: r.On,
		Title: r.Title, Fee: r.Fee, Free: r.Free == 1, Region: r.Region, Withdrawn: r.Withdrawn, Version: r.Version,
	}
}

func workScope() authz.Columns {
	return authz.Columns{Region: "w.region", Party: map[string]string{authz.Institution: "w.institution_id"}}
}

// oneWork is the work with whom it served, if the scope reaches it, else NotFound.
func oneWork(ctx context.Context, r db.Reader, s authz.Scope, id string) (Work, error) {
	where, args := s.SQL(workScope())
	var got workRow
	if err := r.Get(ctx, &got, `SELECT `+workColumns+` FROM techplatform_work w WHERE w.id = ? AND `+where, append([]any{id}, args...)...); err != nil {
		return Work{}, err
	}
	w := got.work()
	err := r.Select(ctx, &w.Enterprises, `SELECT enterprise_id FROM techplatform_work_enterprise WHERE work_id = ? ORDER BY enterprise_id`, id)
	return w, err
}

// updateWork writes what can change of a piece of work: whether it counts.
func updateWork(ctx context.Context, tx *db.Tx, w *Work) error {
	w.Version++
	return tx.ExecOne(ctx, `UPDATE techplatform_work SET withdrawn = ?, version = ? WHERE id = ? AND version = ?`,
		w.Withdrawn, w.Version, w.ID, w.Version-1)
}

// RecordWork enters a service that was done without an order (登记服务): for
// several enterprises at once, or before there were orders. It counts from its
// own day. Enterprises that are not on the register are Invalid. Nobody but the
// platform says so, therefore its own people enter this year's alone; earlier
// work changes figures that were given out, and is entered by an office of its
// place.
func (s *Service) RecordWork(ctx context.Context, by authz.Actor, platform ID, w Work, once string) (Work, error) {
	p, err := s.platforms.Allow(ctx, s.db, by, string(platform), RecordWork)
	if err != nil {
		return Work{}, err
	}
	c := gate.Change{By: by, Do: RecordWork, On: p.Target(), Once: once}
	if err := w.check(s.sinceFor(by, &p), s.today()); err != nil {
		return Work{}, err
	}
	w.ID, w.Platform, w.Institution, w.Order, w.Withdrawn, w.Version = db.NewID(), p.ID, p.Institution, "", "", 1
	c.Record, c.Detail = gate.Record{Kind: WorkKind, ID: w.ID}, map[string]any{"kind": w.Kind, "on": w.On, "enterprises": len(w.Enterprises)}
	err = s.gate.Write(ctx, &c, func(ctx context.Context, tx *db.Tx) error {
		if w.Service != "" {
			o, err := offering(ctx, tx, p.ID, w.Service)
			if fault.Is(err, fault.NotFound) || err == nil && o.Kind != w.Kind {
				return fault.Fields{{Name: "service", Key: "field.choice"}}.Err()
			}
			if err != nil {
				return err
			}
		}
		firms, err := standingFirms(ctx, tx, w.Enterprises)
		if err != nil {
			return err
		}
		if len(firms) < len(w.Enterprises) {
			return fault.Fields{{Name: "enterprises", Key: "tech.field.unknown", Args: []any{"n", len(w.Enterprises) - len(firms)}}}.Err()
		}
		return s.enter(ctx, tx, &w, firms)
	})
	if id, again := gate.Again(err); again {
		return oneWork(ctx, s.db, by.Scope(RecordWork), id)
	}
	return w, err
}

// sinceFor is the first day of which the actor may enter work of the platform.
func (s *Service) sinceFor(by authz.Actor, p *Platform) since {
	if by.May(RecordWork, authz.At(p.Region)) {
		return since{p.Founded, "tech.field.founded"}
	}
	year := since{s.today()[:4] + "-01-01", "tech.field.this_year"}
	if year.day < p.Founded {
		return since{p.Founded, "tech.field.founded"}
	}
	return year
}

// since is the first day that is taken, and what is said of an earlier one.
type since struct{ day, key string }

// standingFirms are the enterprises of the ids that stand for themselves today,
// with their towns; merged ones and unknown ones are left out.
func standingFirms(ctx context.Context, r db.Reader, ids []string) ([]served, error) {
	args := make([]any, len(ids))
	for i, id := range ids {
		args[i] = id
	}
	var firms []served
	err := r.Select(ctx, &firms, `SELECT id, region FROM enterprise WHERE alias_of = '' AND id IN (`+db.Marks(len(ids))+`) ORDER BY id`, args...)
	return firms, err
}

// enter writes a piece of work and makes it count.
func (s *Service) enter(ctx context.Context, tx *db.Tx, w *Work, firms []served) error {
	p, err := one(ctx, tx, authz.Unbounded("counted, not shown"), w.Platform, w.On) // at its level on the day
	if err != nil {
		return err
	}
	w.Region = p.Region
	if err := insertWorks(ctx, tx, []*Work{w}); err != nil {
		return err
	}
	_, err = s.ledger.Post(ctx, tx, w.facts(&p, p.Level, firms)...)
	return err
}

// insertWorks writes many pieces of work at once.
func insertWorks(ctx context.Context, tx *db.Tx, all []*Work) error {
	var rows, parts []any
	for _, w := range all {
		rows = append(rows, w.ID, string(w.Platform), string(w.Institution), w.Service, string(w.Order), string(w.Kind), w.On, w.Title,
			w.Fee, db.Bool(w.Free), string(w.Region), w.Withdrawn, w.Version, db.Millis(tx.Now))
		for _, e := range w.Enterprises {
			parts = append(parts, w.ID, e, e)
		}
	}
	if err := tx.InsertAll(ctx, `INSERT INTO techplatform_work (id, platform_id, institution_id, service_id, order_id, kind, done_on, title,
		fee, free, region, withdrawn, version, made_at)`, 14, rows); err != nil {
		return err
	}
	return tx.InsertAll(ctx, `INSERT INTO techplatform_work_enterprise (work_id, enterprise_id, served)`, 3, parts)
}

// WithdrawWork takes back a piece of work that was entered by mistake, with all
// that it counted. One that came from an order is taken back there: Conflict.
func (s *Service) WithdrawWork(ctx context.Context, by authz.Actor, id string, version int, reason string) (Work, error) {
	c := gate.Change{By: by, Do: TakeBackWork}
	return s.works.Change(ctx, s.gate, &c, id, version, func(w *Work) error {
		if err := fault.NoReason(&reason); err != nil {
			return err
		}
		c.Detail = map[string]any{"reason": reason}
		switch {
		case w.Order != "":
			return fault.New(fault.Conflict, "tech.conflict.ordered")
		case w.Withdrawn != "":
			return fault.New(fault.Conflict, "tech.conflict.withdrawn")
		}
		return nil
	}, func(ctx context.Context, tx *db.Tx, w *Work) error { return s.uncount(ctx, tx, w, reason) })
}

// uncount takes back all that a piece of work added to any figure.
func (s *Service) uncount(ctx context.Context, tx *db.Tx, w *Work, reason string) error {
	w.Withdrawn = reason
	_, err := s.ledger.Reverse(ctx, tx, ledger.Record{Kind: WorkKind, ID: w.ID}, "")
	return err
}

// WorkFilter narrows a list of work; zero fields do not.
type WorkFilter struct {
	Region    region.Code // of the platform: the subtree
	Platform  ID
	Kind      ServiceKind
	From, To  string // ISO dates, both included
	Withdrawn bool   // also what does not count
}

// Works is a page of what was done within the actor's reach, the newest first.
// Whom each served is not in it.
func (s *Service) Works(ctx context.Context, scope authz.Scope, f WorkFilter, page db.Page) ([]Work, string, error) {
	where, args := scope.SQL(workScope())
	add := func(cond string, values ...any) {
		where += " AND " + cond
		args = append(args, values...)
	}
	if f.Region != "" {
		span := f.Region.Span()
		add(`w.region >= ? AND w.region < ?`, span.From, span.To)
	}
	if f.Platform != "" {
		add(`w.platform_id = ?`, string(f.Platform))
	}
	if f.Kind != "" {
		add(`w.kind = ?`, string(f.Kind))
	}
	if f.From != "" {
		add(`w.done_on >= ?`, f.From)
	}
	if f.To != "" {
		add(`w.done_on <= ?`, f.To)
	}
	if !f.Withdrawn {
		add(`w.withdrawn = ''`)
	}
	rows, next, err := db.Paged(ctx, s.db, page, db.Order{Columns: []string{"w.done_on", "w.id"}, Down: true},
		`SELECT `+workColumns+` FROM techplatform_work w WHERE `+where, args,
		func(x *workRow) []string { return []string{x.On, x.ID} })
	if err != nil {
		return nil, "", err
	}
	return db.As(rows, (*workRow).work), next, nil
}

// Work is one piece of work with the names of whom it served.
func (s *Service) Work(ctx context.Context, by authz.Actor, id string) (Work, map[string]string, error) {
	w, err := s.works.Reach(ctx, s.db, by, id, See)
	if err != nil {
		return Work{}, nil, err
	}
	names, err := enterprise.Names(ctx, s.db, w.Enterprises...)
	return w, names, err
}
