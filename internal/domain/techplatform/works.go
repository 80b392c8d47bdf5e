package techplatform

import (
	"context"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
)

const workColumns = `w.id, w.platform_id, w.institution_id, w.service_id, w.order_id, w.kind, w.done_on, w.title, w.fee, w.free, w.region,
	w.state, w.returned, w.withdrawn, w.entered_by, w.version`

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
	State       flow.State     `db:"state"`
	Returned    string         `db:"returned"`
	Withdrawn   string         `db:"withdrawn"`
	EnteredBy   string         `db:"entered_by"`
	Version     int            `db:"version"`
}

func (r *workRow) work() Work {
	return Work{
		ID: r.ID, Platform: r.Platform, Institution: r.Institution, Service: r.Service, Order: r.Order, Kind: r.Kind, On: r.On,
		Title: r.Title, Fee: r.Fee, Free: r.Free == 1, Region: r.Region, State: r.State, Returned: r.Returned,
		Withdrawn: r.Withdrawn, EnteredBy: r.EnteredBy, Version: r.Version,
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
	return tx.ExecOne(ctx, `UPDATE techplatform_work SET state = ?, returned = ?, withdrawn = ?, version = ? WHERE id = ? AND version = ?`,
		string(w.State), w.Returned, w.Withdrawn, w.Version, w.ID, w.Version-1)
}

// RecordWork enters a service that was done without an order (登记服务): for
// several enterprises at once, or before there were orders. Enterprises that are
// not on the register are Invalid. What an office of the platform's place enters
// counts at once, from its own day. Of what the platform's own people enter nobody
// but the platform says so: it waits and counts nowhere until an office confirms
// it, and they enter this year's alone, for earlier work changes figures that were
// given out.
func (s *Service) RecordWork(ctx context.Context, by authz.Actor, platform ID, w Work, once string) (Work, error) {
	p, err := s.platforms.Allow(ctx, s.db, by, string(platform), RecordWork)
	if err != nil {
		return Work{}, err
	}
	c := gate.Change{By: by, Do: RecordWork, On: p.Target(), Once: once}
	if err := w.check(s.sinceFor(by, &p), s.today()); err != nil {
		return Work{}, err
	}
	w.Order = ""
	w.begin(&p, by, officeOf(by, &p))
	c.Record = gate.Record{Kind: WorkKind, ID: w.ID}
	c.Detail = map[string]any{"kind": w.Kind, "on": w.On, "enterprises": len(w.Enterprises), "to": w.State}
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

// officeOf reports that the actor enters work as an office of the platform's place,
// not as one of the platform's own people.
func officeOf(by authz.Actor, p *Platform) bool { return by.May(RecordWork, authz.At(p.Region)) }

// begin makes the work a new one of the platform, which counts or waits.
func (w *Work) begin(p *Platform, by authz.Actor, counts bool) {
	w.ID, w.Platform, w.Institution, w.Region, w.Version = db.NewID(), p.ID, p.Institution, p.Region, 1
	w.State, w.EnteredBy, w.Returned, w.Withdrawn = WorkWaiting, by.ID, "", ""
	if counts {
		w.State = WorkCounted
	}
}

// sinceFor is the first day of which the actor may enter work of the platform.
func (s *Service) sinceFor(by authz.Actor, p *Platform) since {
	if officeOf(by, p) {
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

// enter writes a piece of work and makes it count, unless it waits.
func (s *Service) enter(ctx context.Context, tx *db.Tx, w *Work, firms []served) error {
	p, err := one(ctx, tx, authz.Unbounded("counted, not shown"), w.Platform, w.On) // at its level on the day
	if err != nil {
		return err
	}
	w.Region = p.Region
	if err := insertWorks(ctx, tx, []*Work{w}); err != nil || w.State != WorkCounted {
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
			w.Fee, db.Bool(w.Free), string(w.Region), string(w.State), w.Withdrawn, w.EnteredBy, w.Version, db.Millis(tx.Now))
		for _, e := range w.Enterprises {
			parts = append(parts, w.ID, e, e)
		}
	}
	if err := tx.InsertAll(ctx, `INSERT INTO techplatform_work (id, platform_id, institution_id, service_id, order_id, kind, done_on, title,
		fee, free, region, state, withdrawn, entered_by, version, made_at)`, 16, rows); err != nil {
		return err
	}
	return tx.InsertAll(ctx, `INSERT INTO techplatform_work_enterprise (work_id, enterprise_id, served)`, 3, parts)
}

// WithdrawWork takes back a piece of work that was entered by mistake, with all
// that it counted. One that came from an order is taken back there: Conflict.
func (s *Service) WithdrawWork(ctx context.Context, by authz.Actor, id string, version int, reason string) (Work, error) {
	if err := fault.NoReason(&reason); err != nil {
		if _, lost := workProcess.Allow(ctx, s.db, by, id, TakeBackWork); lost != nil {
			err = lost
		}
		return Work{}, err
	}
	m := flow.Move{Do: TakeBackWork, Note: reason, Detail: map[string]any{"reason": reason}}
	return workProcess.Take(ctx, s.gate, by, id, version, m, func(ctx context.Context, tx *db.Tx, w *Work) error {
		if w.Order != "" {
			return fault.New(fault.Conflict, "tech.conflict.ordered")
		}
		return s.uncount(ctx, tx, w, reason)
	})
}

// uncount takes back all that a piece of work added to any figure.
func (s *Service) uncount(ctx context.Context, tx *db.Tx, w *Work, reason string) error {
	w.State, w.Withdrawn = WorkWithdrawn, reason
	_, err := s.ledger.Reverse(ctx, tx, ledger.Record{Kind: WorkKind, ID: w.ID}, "")
	return err
}

// WorkFilter narrows a list of work; zero fields do not.
type WorkFilter struct {
	Region    region.Code // of the platform: the subtree
	Platform  ID
	Kind      ServiceKind
	From, To  string // ISO dates, both included
	State     flow.State
	Withdrawn bool // also what was withdrawn, where no state is asked for
}

func (f *WorkFilter) sql(scope authz.Scope) (string, []any) {
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
	switch {
	case f.State != "":
		add(`w.state = ?`, string(f.State))
	case !f.Withdrawn:
		add(`w.state <> ?`, string(WorkWithdrawn))
	}
	return where, args
}

// CountWorks is how many the filter finds within a scope.
func (s *Service) CountWorks(ctx context.Context, scope authz.Scope, f WorkFilter) (int, error) {
	where, args := f.sql(scope)
	var n int
	err := s.db.Get(ctx, &n, `SELECT COUNT(*) FROM techplatform_work w WHERE `+where, args...)
	return n, err
}

// Works is a page of what was done within the actor's reach, the newest first.
// Whom each served is not in it.
func (s *Service) Works(ctx context.Context, scope authz.Scope, f WorkFilter, page db.Page) ([]Work, string, error) {
	where, args := f.sql(scope)
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
	w, err := workProcess.Reach(ctx, s.db, by, id, See)
	if err != nil {
		return Work{}, nil, err
	}
	names, err := enterprise.Names(ctx, s.db, w.Enterprises...)
	return w, names, err
}

// Whom is who did a piece of work and for whom, by name.
type Whom struct {
	Platform string
	Firms    []string
}

// Whom is that of the pieces of a list, by their ids.
func (s *Service) Whom(ctx context.Context, list []Work) (map[string]Whom, error) {
	type row struct {
		ID       string `db:"id"`
		Platform string `db:"platform"`
		Firm     string `db:"firm"`
	}
	rows, err := db.InAll[row](ctx, s.db, db.As(list, func(w *Work) string { return w.ID }), `SELECT w.id, p.name AS platform, e.name AS firm
		FROM techplatform_work w JOIN techplatform p ON p.id = w.platform_id JOIN techplatform_work_enterprise x ON x.work_id = w.id
		JOIN enterprise e ON e.id = x.enterprise_id WHERE w.id IN (?) ORDER BY w.id, e.name, e.id`)
	found := map[string]Whom{}
	for _, r := range rows {
		at := found[r.ID]
		found[r.ID] = Whom{r.Platform, append(at.Firms, r.Firm)}
	}
	return found, err
}
