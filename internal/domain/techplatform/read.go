package techplatform

import (
	"context"
	"io"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/ledger"
)

// Detail is all that a page about one platform shows.
type Detail struct {
	Platform
	RunBy       string // name of the institution
	Founders    []Founder
	Terms       []Term // oldest first
	Offerings   []Offering
	Instruments []Instrument
	Links       []Link // bases it serves
	Standing    Standing
}

// Standing is what a platform has done and what was said of it.
type Standing struct {
	Works  int64 `db:"works"`  // services done, all years
	Year   int64 `db:"year"`   // this year
	Free   int64 `db:"free"`   // of this year's, without a fee
	Firms  int64 `db:"firms"`  // different enterprises served, all years
	Rated  int64 `db:"rated"`  // orders that were rated
	Score  int64 `db:"score"`  // sum of their scores
	OnTime int64 `db:"ontime"` // how many of them were in time
}

// Get is the platform if the scope reaches it, else NotFound.
func (s *Service) Get(ctx context.Context, scope authz.Scope, id ID) (Detail, error) {
	p, err := one(ctx, s.db, scope, id, s.today())
	if err != nil {
		return Detail{}, err
	}
	d := Detail{Platform: p}
	names, err := institution.Names(ctx, s.db, string(p.Institution))
	if err != nil {
		return d, err
	}
	d.RunBy = names[string(p.Institution)]
	if d.Founders, err = founders(ctx, s.db, id); err != nil {
		return d, err
	}
	if d.Terms, err = terms(ctx, s.db, id); err != nil {
		return d, err
	}
	if d.Offerings, err = offerings(ctx, s.db, id); err != nil {
		return d, err
	}
	if d.Instruments, err = instruments(ctx, s.db, id); err != nil {
		return d, err
	}
	if d.Links, err = links(ctx, s.db, `l.platform_id = ?`, string(id)); err != nil {
		return d, err
	}
	year := s.today()[:4] + "-01-01"
	err = s.db.Get(ctx, &d.Standing, `SELECT COUNT(*) AS works, COALESCE(SUM(CASE WHEN done_on >= ? THEN 1 ELSE 0 END), 0) AS year,
		COALESCE(SUM(CASE WHEN done_on >= ? AND fee = 0 THEN 1 ELSE 0 END), 0) AS free,
		(SELECT COUNT(DISTINCT e.enterprise_id) FROM techplatform_work_enterprise e JOIN techplatform_work x ON x.id = e.work_id
			WHERE x.platform_id = ? AND x.state = 'counted') AS firms,
		(SELECT COUNT(*) FROM techplatform_order o WHERE o.platform_id = ? AND o.score > 0) AS rated,
		(SELECT CAST(COALESCE(SUM(o.score), 0) AS BIGINT) FROM techplatform_order o WHERE o.platform_id = ?) AS score,
		(SELECT CAST(COALESCE(SUM(o.on_time), 0) AS BIGINT) FROM techplatform_order o WHERE o.platform_id = ? AND o.score > 0) AS ontime
		FROM techplatform_work WHERE platform_id = ? AND state = 'counted'`,
		year, year, string(id), string(id), string(id), string(id), string(id))
	return d, err
}

// Published is the platform as the portal shows it: what is on offer and in use.
// NotFound while it is not published.
func (s *Service) Published(ctx context.Context, id ID) (Detail, error) {
	if _, err := s.offered(ctx, s.db, id); err != nil {
		return Detail{}, err
	}
	d, err := s.Get(ctx, authz.Unbounded("published platforms are public"), id)
	d.Offerings = still(d.Offerings, func(o Offering) bool { return o.Ended })
	d.Instruments = still(d.Instruments, func(i Instrument) bool { return i.Ended })
	return d, err
}

func still[T any](all []T, ended func(T) bool) []T {
	var left []T
	for _, t := range all {
		if !ended(t) {
			left = append(left, t)
		}
	}
	return left
}

// List is a page of platforms within a scope, by name.
func (s *Service) List(ctx context.Context, scope authz.Scope, f Filter, page db.Page) ([]Platform, string, error) {
	return many(ctx, s.db, scope, f, page, s.today())
}

// Count is how many the filter finds within a scope.
func (s *Service) Count(ctx context.Context, scope authz.Scope, f Filter) (int, error) {
	return count(ctx, s.db, scope, f, s.today())
}

// Public is a page of the published platforms.
func (s *Service) Public(ctx context.Context, f Filter, page db.Page) ([]Platform, string, error) {
	f.Published = true
	return s.List(ctx, authz.Unbounded("published platforms are public"), f, page)
}

// CountPublic is how many published platforms the filter finds.
func (s *Service) CountPublic(ctx context.Context, f Filter) (int, error) {
	f.Published = true
	return s.Count(ctx, authz.Unbounded("published platforms are public"), f)
}

// OrderDetail is all that a page about one order shows.
type OrderDetail struct {
	Order
	PlatformName   string
	InstrumentName string
	Events         []flow.Event
	Files          []files.File
	Open           []flow.Step // what the reader may do now
}

// papers is where the reports of an order hang.
func (o *Order) papers() files.To {
	return files.To{
		Record: gate.Record{Kind: OrderKind, ID: string(o.ID)},
		Owner:  authz.Party{Kind: authz.Institution, ID: string(o.Institution)},
	}
}

// Order is one order within what the actor may see, else NotFound.
func (s *Service) Order(ctx context.Context, by authz.Actor, id OrderID) (OrderDetail, error) {
	o, err := oneOrder(ctx, s.db, by.Scope(SeeOrder), string(id))
	if err != nil {
		return OrderDetail{}, err
	}
	d := OrderDetail{Order: o}
	if err := s.db.Get(ctx, &d.PlatformName, `SELECT name FROM techplatform WHERE id = ?`, string(o.Platform)); err != nil {
		return d, err
	}
	if o.Instrument != "" {
		i, err := instrument(ctx, s.db, o.Platform, o.Instrument)
		if err != nil {
			return d, err
		}
		d.InstrumentName = i.Name
	}
	at := o.papers().Record
	if d.Events, err = flow.History(ctx, s.db, at); err != nil {
		return d, err
	}
	if d.Files, err = files.Of(ctx, s.db, at); err != nil {
		return d, err
	}
	d.Open = lifecycle.Open(o.State, func(do authz.Permission) bool {
		return by.May(do, o.on(do)) && (do != Rebook || o.Instrument != "")
	})
	return d, nil
}

// Orders is a page of orders within a scope, the newest first.
func (s *Service) Orders(ctx context.Context, scope authz.Scope, f OrderFilter, page db.Page) ([]Order, string, error) {
	return manyOrders(ctx, s.db, scope, f, page)
}

// CountOrders is how many the filter finds within a scope.
func (s *Service) CountOrders(ctx context.Context, scope authz.Scope, f OrderFilter) (int, error) {
	return countOrders(ctx, s.db, scope, f)
}

// OpenFile opens the report of an order for those who see it; Close the reader.
// Both sides read it freely, everybody else leaves a trace. Not there, or not the
// actor's to see, is NotFound.
func (s *Service) OpenFile(ctx context.Context, by authz.Actor, id OrderID, file string) (files.File, io.ReadSeekCloser, error) {
	o, err := oneOrder(ctx, s.db, by.Scope(SeeOrder), string(id))
	if err != nil {
		return files.File{}, nil, err
	}
	at := o.papers()
	f, err := files.Get(ctx, s.db, at.Record, file)
	if err != nil {
		return files.File{}, nil, err
	}
	if by.May(SeeOrder, o.asker()) || by.May(SeeOrder, o.maker()) {
		return s.hooks.Files.Reveal(ctx, f, nil)
	}
	return s.hooks.Files.Reveal(ctx, f, &gate.Change{By: by, Do: SeeOrder, On: o.view(), Record: at.Record})
}

// FreeInstrument is one instrument of a published platform with its coming days.
func (s *Service) FreeInstrument(ctx context.Context, platform ID, id, from string, days int) (Instrument, []Day, error) {
	if _, err := s.offered(ctx, s.db, platform); err != nil {
		return Instrument{}, nil, err
	}
	i, err := instrument(ctx, s.db, platform, id)
	if err == nil && i.Ended {
		err = fault.Missing()
	}
	if err != nil {
		return Instrument{}, nil, err
	}
	all, err := s.Days(ctx, i, from, days)
	return i, all, err
}

// Opening is what a record behind a figure is called and where it is shown.
type Opening struct{ Label, Href string }

// Opened are the records behind figures that the actor may open: platforms,
// bases, pieces of work, notices, introductions and new products. Others are left out.
func (s *Service) Opened(ctx context.Context, by authz.Actor, records []ledger.Record) (map[ledger.Record]Opening, error) {
	ids := map[string][]any{}
	for _, r := range records {
		ids[r.Kind] = append(ids[r.Kind], r.ID)
	}
	found := map[ledger.Record]Opening{}
	for kind, q := range map[string]struct {
		sql     string
		columns authz.Columns
		see     authz.Permission
	}{
		PlatformKind: {`SELECT p.id, p.name AS label, '/platforms/' || p.id || '/manage' AS href FROM techplatform p WHERE p.id`, platformScope(), See},
		BaseKind:     {`SELECT b.id, b.name AS label, '/industry-bases/' || b.id AS href FROM techplatform_base b WHERE b.id`, authz.Columns{Region: "b.region"}, See},
		WorkKind: {`SELECT w.id, w.title AS label, CASE WHEN w.order_id = '' THEN '/platforms/' || w.platform_id || '/manage' ELSE '/orders/' || w.order_id END AS href
			FROM techplatform_work w WHERE w.id`, workScope(), See},
		NoticeKind:  {`SELECT n.id, n.title AS label, '/technology/' || n.id AS href FROM techplatform_notice n WHERE n.id`, noticeScope(), SeeNotice},
		ProductKind: {`SELECT p.id, p.name AS label, '/products/' || p.id AS href FROM techplatform_product p WHERE p.id`, productScope(), SeeProduct},
		IntroKind: {`SELECT i.id, n.title AS label, '/introductions/' || i.id AS href FROM techplatform_intro i JOIN techplatform_notice n ON n.id = i.notice_id
			WHERE i.id`, introScope(), SeeIntro},
	} {
		if len(ids[kind]) == 0 {
			continue
		}
		where, args := by.Scope(q.see).SQL(q.columns)
		var rows []struct {
			ID string `db:"id"`
			Opening
		}
		if err := s.db.Select(ctx, &rows, q.sql+` IN (`+db.Marks(len(ids[kind]))+`) AND `+where, append(ids[kind], args...)...); err != nil {
			return nil, err
		}
		for _, r := range rows {
			found[ledger.Record{Kind: kind, ID: r.ID}] = r.Opening
		}
	}
	return found, nil
}
