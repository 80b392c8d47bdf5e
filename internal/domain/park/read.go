package park

import (
	"context"
	"io"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/region"
)

// Detail is all that a page about one park shows.
type Detail struct {
	Park
	RunBy     string // the name of who runs it
	Buildings []House
	Terms     []Term // oldest first
	Photos    []files.File
}

// Get is the park if the scope reaches it, else NotFound.
func (s *Service) Get(ctx context.Context, scope authz.Scope, id ID) (Detail, error) {
	day := s.today()
	p, err := one(ctx, s.db, scope, id, day)
	if err != nil {
		return Detail{}, err
	}
	list := []Park{p}
	if err := withRoom(ctx, s.db, list, day); err != nil {
		return Detail{}, err
	}
	d := Detail{Park: list[0], RunBy: p.Operator}
	if p.OperatorID != "" {
		names, err := institution.Names(ctx, s.db, string(p.OperatorID))
		if err != nil {
			return Detail{}, err
		}
		d.RunBy = names[string(p.OperatorID)]
	}
	if d.Buildings, err = houses(ctx, s.db, id, day); err != nil {
		return Detail{}, err
	}
	if d.Terms, err = terms(ctx, s.db, id); err != nil {
		return Detail{}, err
	}
	d.Photos, err = files.Of(ctx, s.db, p.photos().Record)
	return d, err
}

const isPublic = "published parks are public"

// Published is the park as the portal shows it; NotFound while it is not published.
func (s *Service) Published(ctx context.Context, id ID) (Detail, error) {
	d, err := s.Get(ctx, authz.Unbounded(isPublic), id)
	if err == nil && !d.Published {
		return Detail{}, fault.Missing()
	}
	return d, err
}

// OpenPhoto opens a photo of a park for those who see it, and of a published one
// for everybody; Close the reader. Not there, or not the actor's to see, is NotFound.
func (s *Service) OpenPhoto(ctx context.Context, by authz.Actor, id ID, file string) (files.File, io.ReadSeekCloser, error) {
	p, err := one(ctx, s.db, authz.Unbounded(isPublic), id, s.today())
	if err == nil && !p.Published {
		p, err = one(ctx, s.db, by.Scope(See), id, s.today())
	}
	if err != nil {
		return files.File{}, nil, err
	}
	f, err := files.Get(ctx, s.db, p.photos().Record, file)
	if err != nil {
		return files.File{}, nil, err
	}
	return s.hooks.Files.Reveal(ctx, f, nil)
}

// List is a page of parks by name, with the cursor of the next page.
func (s *Service) List(ctx context.Context, scope authz.Scope, f Filter, page db.Page) ([]Park, string, error) {
	return many(ctx, s.db, scope, f, page, s.today())
}

// Public is a page of the published parks, for the portal.
func (s *Service) Public(ctx context.Context, f Filter, page db.Page) ([]Park, string, error) {
	f.Published, f.Ended = true, false
	return many(ctx, s.db, authz.Unbounded(isPublic), f, page, s.today())
}

// Count is how many parks the filter finds within the scope.
func (s *Service) Count(ctx context.Context, scope authz.Scope, f Filter) (int, error) {
	return count(ctx, s.db, scope, f, s.today())
}

// CountPublic is how many published parks the filter finds.
func (s *Service) CountPublic(ctx context.Context, f Filter) (int, error) {
	f.Published, f.Ended = true, false
	return count(ctx, s.db, authz.Unbounded(isPublic), f, s.today())
}

// Vacancy is free space in a building of a published park.
type Vacancy struct {
	House
	ParkName string
	Region   region.Code // the park's town
	Free     int64       // square metres
}

// Asked says what space is asked for; zero fields ask for any.
type Asked struct {
	Region   region.Code
	Kind     Kind
	Area     int64 // at least, square metres
	Park     ID
	Building string
}

const fromVacancy = ` FROM park_building b ` + freeOf + ` JOIN park p ON p.id = b.park_id
	WHERE ` + free + ` AND p.published = 1 AND (p.ended_on = '' OR p.ended_on > ?)`

// sql is what is asked for on a day, as the condition that goes on after fromVacancy.
func (a Asked) sql(day string) (string, []any) {
	where, args := "", []any{day, day, day, max(a.Area, 1), day}
	if a.Region != "" {
		span := a.Region.Span()
		where += ` AND p.region >= ? AND p.region < ?`
		args = append(args, span.From, span.To)
	}
	if a.Kind != "" {
		where += ` AND b.kind = ?`
		args = append(args, string(a.Kind))
	}
	if a.Park != "" {
		where += ` AND p.id = ?`
		args = append(args, string(a.Park))
	}
	if a.Building != "" {
		where += ` AND b.id = ?`
		args = append(args, a.Building)
	}
	return where, args
}

// CountVacancies is how many buildings have the space.
func (s *Service) CountVacancies(ctx context.Context, a Asked) (int, error) {
	where, args := a.sql(s.today())
	var n int
	return n, s.db.Get(ctx, &n, `SELECT COUNT(*)`+fromVacancy+where, args...)
}

// Vacancies are the buildings of published parks that have the space today, those
// that fit best first: a page, with the cursor of the next.
func (s *Service) Vacancies(ctx context.Context, a Asked, page db.Page) ([]Vacancy, string, error) {
	day := s.today()
	const rest = `(b.area - COALESCE(taken.n, 0))`
	where, args := a.sql(day)
	type line struct {
		houseRow
		ParkName string      `db:"park_name"`
		Region   region.Code `db:"region"`
	}
	rows, next, err := db.Paged(ctx, s.db, page, db.Order{Columns: []string{rest, "b.id"}, Number: true},
		`SELECT `+houseColumns+`, COALESCE(taken.n, 0) AS occupied, p.name AS park_name, p.region`+fromVacancy+where, args,
		func(x *line) []string {
			h := x.house()
			return []string{whole(h.Vacant(day)), h.ID}
		})
	if err != nil {
		return nil, "", err
	}
	found := make([]Vacancy, len(rows))
	for i := range rows {
		h := rows[i].house()
		found[i] = Vacancy{House: h, ParkName: rows[i].ParkName, Region: rows[i].Region, Free: h.Vacant(day)}
	}
	return found, next, nil
}

// TenantFilter narrows a list of tenants; zero fields do not.
type TenantFilter struct {
	Park  ID
	Year  int  // entered in the year
	Here  bool // still there today
	Text  string
	Place region.Code // the subtree in which the park lies
}

// Tenants is a page of tenancies, the newest first, with the cursor of the next
// page: those of parks within the scope. What was undone is left out.
func (s *Service) Tenants(ctx context.Context, scope authz.Scope, f TenantFilter, page db.Page) ([]Tenancy, string, error) {
	day := s.today()
	where, args := scope.SQL(columns())
	args = append([]any{day, day}, args...)
	add := func(cond string, values ...any) {
		where += " AND " + cond
		args = append(args, values...)
	}
	if f.Park != "" {
		add(`y.park_id = ?`, string(f.Park))
	}
	if f.Place != "" {
		span := f.Place.Span()
		add(`p.region >= ? AND p.region < ?`, span.From, span.To)
	}
	if f.Year != 0 {
		add(`y.entered_on >= ? AND y.entered_on <= ?`, whole(int64(f.Year))+"-01-01", whole(int64(f.Year))+"-12-31")
	}
	if f.Here {
		add(`(y.left_on = '' OR y.left_on > ?)`, day)
	}
	if f.Text != "" {
		add(`e.name LIKE ? ESCAPE '\'`, db.Part(f.Text))
	}
	type line struct {
		tenancyRow
		Name string `db:"name"`
	}
	rows, next, err := db.Paged(ctx, s.db, page, db.Order{Columns: []string{"y.entered_on", "y.id"}, Down: true},
		`SELECT `+tenancyColumns+`, COALESCE(e.name, '') AS name,
		COALESCE((SELECT SUM(s.area) FROM park_space s WHERE s.tenancy_id = y.id AND s.valid_from <= ? AND (s.valid_to = '' OR s.valid_to > ?)), 0) AS area
		FROM park_tenancy y JOIN park p ON p.id = y.park_id LEFT JOIN enterprise e ON e.id = y.enterprise_id
		WHERE `+where+` AND y.undone = 0`, args,
		func(x *line) []string { return []string{x.Entered, x.ID} })
	if err != nil {
		return nil, "", err
	}
	found := make([]Tenancy, len(rows))
	for i := range rows {
		found[i] = rows[i].tenancy()
		found[i].Name = rows[i].Name
	}
	return found, next, nil
}

// Tenant is one tenancy with its spaces and the park it is in, within the scope.
func (s *Service) Tenant(ctx context.Context, scope authz.Scope, id string) (Tenancy, Park, error) {
	y, err := s.stays.Load(ctx, s.db, scope, id)
	if err != nil {
		return Tenancy{}, Park{}, err
	}
	names, err := enterprise.Names(ctx, s.db, string(y.tenancy.Enterprise))
	y.tenancy.Name = names[string(y.tenancy.Enterprise)]
	return y.tenancy, y.park, err
}

// House is one building with the park it stands in, within the scope.
func (s *Service) House(ctx context.Context, scope authz.Scope, id string) (House, Park, error) {
	l, err := s.houses.Load(ctx, s.db, scope, id)
	return l.house, l.park, err
}

// PlanDetail is a plan with its history and documents.
type PlanDetail struct {
	Plan
	Events []flow.Event
	Files  []files.File
}

// Plan is one plan with its history and documents, within the scope.
func (s *Service) Plan(ctx context.Context, scope authz.Scope, id string) (PlanDetail, error) {
	p, err := onePlan(ctx, s.db, scope, id)
	if err != nil {
		return PlanDetail{}, err
	}
	d := PlanDetail{Plan: p}
	if d.Events, err = flow.History(ctx, s.db, p.papers().Record); err != nil {
		return PlanDetail{}, err
	}
	d.Files, err = files.Of(ctx, s.db, p.papers().Record)
	return d, err
}

// OpenPlanFile opens a document of a plan for those who see it; Close the reader.
// Whoever sees it leaves a trace.
func (s *Service) OpenPlanFile(ctx context.Context, by authz.Actor, id, file string) (files.File, io.ReadSeekCloser, error) {
	p, err := onePlan(ctx, s.db, by.Scope(SeePlan), id)
	if err != nil {
		return files.File{}, nil, err
	}
	f, err := files.Get(ctx, s.db, p.papers().Record, file)
	if err != nil {
		return files.File{}, nil, err
	}
	return s.hooks.Files.Reveal(ctx, f, &gate.Change{By: by, Do: SeePlan, On: p.Target(SeePlan), Record: p.papers().Record})
}

// MayPlan are the steps of the process that the actor may take with the plan now.
func MayPlan(by authz.Actor, p *Plan) []flow.Step {
	return PlanLife().Open(p.State, func(do authz.Permission) bool {
		own := p.By == by.ID && (do == Opine || do == ApprovePlan)
		return !own && by.May(do, p.Target(do))
	})
}

// WishFilter narrows a list of wishes; zero fields do not.
type WishFilter struct {
	Region     region.Code // whose office has it in hand: the subtree
	State      flow.State
	Open       bool // neither moved in nor withdrawn
	Enterprise enterprise.ID
	Park       ID
}

func (f WishFilter) sql(scope authz.Scope) (string, []any) {
	where, args := scope.SQL(wishScope())
	add := func(cond string, values ...any) {
		where += " AND " + cond
		args = append(args, values...)
	}
	if f.Region != "" {
		span := f.Region.Span()
		add(`w.region >= ? AND w.region < ?`, span.From, span.To)
	}
	if f.State != "" {
		add(`w.state = ?`, string(f.State))
	}
	if f.Open {
		add(`w.state IN ('seeking', 'applied', 'accepted')`)
	}
	if f.Enterprise != "" {
		add(`w.enterprise_id = ?`, string(f.Enterprise))
	}
	if f.Park != "" {
		add(`w.park_id = ?`, string(f.Park))
	}
	return where, args
}

// CountWishes is how many wishes the filter finds within the scope.
func (s *Service) CountWishes(ctx context.Context, scope authz.Scope, f WishFilter) (int, error) {
	where, args := f.sql(scope)
	var n int
	return n, s.db.Get(ctx, &n, `SELECT COUNT(*)`+fromWish+` WHERE `+where, args...)
}

// Wishes is a page of wishes within the scope, the newest first, with the cursor
// of the next page.
func (s *Service) Wishes(ctx context.Context, scope authz.Scope, f WishFilter, page db.Page) ([]Wish, string, error) {
	where, args := f.sql(scope)
	rows, next, err := db.Paged(ctx, s.db, page, db.Order{Columns: []string{"w.id"}, Down: true},
		`SELECT `+wishColumns+fromWish+` WHERE `+where, args,
		func(x *wishRow) []string { return []string{x.ID} })
	if err != nil {
		return nil, "", err
	}
	return db.As(rows, (*wishRow).wish), next, nil
}

// WishDetail is a wish with its history, and what it is about or fits it.
type WishDetail struct {
	Wish
	Events []flow.Event
	// Fits are up to 20 buildings that have what is sought, while it is sought.
	Fits []Vacancy
	// For is the building applied for and its park, once there is one.
	For     *House
	ForPark *Park
}

// Wish is one wish within the scope, with what fits it.
func (s *Service) Wish(ctx context.Context, scope authz.Scope, id string) (WishDetail, error) {
	w, err := oneWish(ctx, s.db, scope, id)
	if err != nil {
		return WishDetail{}, err
	}
	d := WishDetail{Wish: w}
	if d.Events, err = flow.History(ctx, s.db, gate.Record{Kind: WishRecord, ID: id}); err != nil {
		return WishDetail{}, err
	}
	if w.State == Seeking {
		d.Fits, _, err = s.Vacancies(ctx, Asked{Region: w.County, Kind: w.Kind, Area: w.Area}, db.Page{})
		return d, err
	}
	if w.Building == "" {
		return d, nil
	}
	l, err := s.houses.Load(ctx, s.db, authz.Unbounded("what the wish is about"), w.Building)
	d.For, d.ForPark = &l.house, &l.park
	return d, err
}

// MayWish are the steps of the process that the actor may take with the wish now.
func MayWish(by authz.Actor, w *Wish) []flow.Step {
	return WishLife().Open(w.State, func(do authz.Permission) bool { return by.May(do, w.Target()) })
}
