package techplatform

import (
	"context"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/region"
)

const productColumns = `p.id, p.number, p.name, p.industry, p.about, p.patents, p.enterprise_id, p.applicant, p.region, p.state, p.applied_on,
	p.since, p.grade_id, COALESCE(g.name, '') AS grade, COALESCE(g.english, '') AS english, p.certificate, p.decided_on, p.version, p.updated_at`

const fromProduct = ` FROM techplatform_product p LEFT JOIN techplatform_grade g ON g.id = p.grade_id WHERE `

type productRow struct {
	ID          string      `db:"id"`
	Number      string      `db:"number"`
	Name        string      `db:"name"`
	Industry    string      `db:"industry"`
	About       string      `db:"about"`
	Patents     string      `db:"patents"`
	Enterprise  string      `db:"enterprise_id"`
	Applicant   string      `db:"applicant"`
	Region      region.Code `db:"region"`
	State       flow.State  `db:"state"`
	AppliedOn   string      `db:"applied_on"`
	Since       int64       `db:"since"`
	GradeID     string      `db:"grade_id"`
	Grade       string      `db:"grade"`
	English     string      `db:"english"`
	Certificate string      `db:"certificate"`
	DecidedOn   string      `db:"decided_on"`
	Version     int         `db:"version"`
	UpdatedAt   int64       `db:"updated_at"`
}

func (r *productRow) product() Product {
	return Product{
		ID: r.ID, Number: r.Number, ProductProfile: ProductProfile{Name: r.Name, Industry: r.Industry, About: r.About, Patents: unlist[string](r.Patents)},
		Enterprise: r.Enterprise, Applicant: r.Applicant, Region: r.Region, State: r.State, AppliedOn: r.AppliedOn, Since: db.Time(r.Since),
		Finding:   Finding{Grade: r.GradeID, Certificate: r.Certificate, On: r.DecidedOn},
		GradeName: Grade{ID: r.GradeID, Name: r.Grade, English: r.English}, Version: r.Version, UpdatedAt: db.Time(r.UpdatedAt),
	}
}

func productScope() authz.Columns {
	return authz.Columns{Region: "p.region", Party: map[string]string{authz.Enterprise: "p.enterprise_id"}}
}

// oneProduct is the product if the scope reaches it, else NotFound.
func oneProduct(ctx context.Context, r db.Reader, s authz.Scope, id string) (Product, error) {
	where, args := s.SQL(productScope())
	var got productRow
	err := r.Get(ctx, &got, `SELECT `+productColumns+fromProduct+`p.id = ? AND `+where, append([]any{id}, args...)...)
	return got.product(), err
}

// ProductFilter narrows a list of new products; zero fields do not.
type ProductFilter struct {
	Region   region.Code // of the enterprise: the subtree
	Industry string      // with everything below it: C, C17
	Grade    string      // id
	State    flow.State
	UnderWay bool   // those that are not decided
	Text     string // number, name, certificate or enterprise

	waiting *authz.Actor
}

func (f *ProductFilter) sql() (string, []any) {
	where, args := "", []any{}
	add := func(cond string, values ...any) {
		where += " AND " + cond
		args = append(args, values...)
	}
	if f.Region != "" {
		span := f.Region.Span()
		add(`p.region >= ? AND p.region < ?`, span.From, span.To)
	}
	if f.Industry != "" {
		add(`p.industry >= ? AND p.industry < ?`, f.Industry, f.Industry+"~")
	}
	if f.Grade != "" {
		add(`p.grade_id = ?`, f.Grade)
	}
	if f.State != "" {
		add(`p.state = ?`, string(f.State))
	}
	if f.waiting != nil {
		cond, values := productReview().waitsFor(*f.waiting)
		add(cond, values...)
	}
	if f.UnderWay {
		add(`p.state IN (?, ?, ?)`, string(ProductApplied), string(ProductChecked), string(ProductForwarded))
	}
	if f.Text != "" {
		part := db.Part(f.Text)
		add(`(p.number LIKE ? ESCAPE '\' OR p.name LIKE ? ESCAPE '\' OR p.certificate LIKE ? ESCAPE '\' OR p.applicant LIKE ? ESCAPE '\')`, part, part, part, part)
	}
	return where, args
}

// Products is a page of new products within a scope, the newest first, with how
// many there are.
func (s *Service) Products(ctx context.Context, scope authz.Scope, f ProductFilter, page db.Page) (list []Product, next string, total int, err error) {
	where, args := scope.SQL(productScope())
	more, values := f.sql()
	where += more
	args = append(args, values...)
	if err := s.db.Get(ctx, &total, `SELECT COUNT(*)`+fromProduct+where, args...); err != nil {
		return nil, "", 0, err
	}
	rows, next, err := db.Paged(ctx, s.db, page, db.Order{Columns: []string{"p.id"}, Down: true}, // in the order in which applications came in
		`SELECT `+productColumns+fromProduct+where, args,
		func(x *productRow) []string { return []string{x.ID} })
	if err != nil {
		return nil, "", 0, err
	}
	return db.As(rows, (*productRow).product), next, total, nil
}

// ProductsWaiting are those that wait for the actor's review, as Products.
func (s *Service) ProductsWaiting(ctx context.Context, by authz.Actor, f ProductFilter, page db.Page) ([]Product, string, int, error) {
	f.waiting = &by
	return s.Products(ctx, by.Scope(SeeProduct), f, page)
}

// PublicProducts is a page of those that were confirmed.
func (s *Service) PublicProducts(ctx context.Context, f ProductFilter, page db.Page) ([]Product, string, int, error) {
	f.State, f.UnderWay = ProductConfirmed, false
	return s.Products(ctx, authz.Unbounded("confirmed products are public"), f, page)
}

// ProductDetail is all that a page about one new product shows its reader.
type ProductDetail struct {
	Product
	Files  []files.File // for the enterprise and the offices
	Events []flow.Event // for the enterprise and the offices
	Open   []flow.Step  // what the reader may do now
	Inside bool         // the reader sees it although it may not be confirmed
}

// Product is one new product: confirmed ones everybody sees, others the
// enterprise and the offices of its place; else NotFound.
func (s *Service) Product(ctx context.Context, by authz.Actor, id string) (ProductDetail, error) {
	p, err := oneProduct(ctx, s.db, by.Scope(SeeProduct), id)
	d := ProductDetail{Inside: err == nil}
	if fault.Is(err, fault.NotFound) {
		p, err = oneProduct(ctx, s.db, authz.Unbounded("confirmed products are public"), id)
		if err == nil && p.State != ProductConfirmed {
			err = fault.Missing()
		}
	}
	if err != nil {
		return ProductDetail{}, err
	}
	d.Product = p
	if !d.Inside {
		return d, nil
	}
	at := p.papers().Record
	if d.Events, err = flow.History(ctx, s.db, at); err != nil {
		return d, err
	}
	if d.Files, err = files.Of(ctx, s.db, at); err != nil {
		return d, err
	}
	d.Open = productLife.Open(p.State, func(do authz.Permission) bool { return by.May(do, p.on(do)) })
	return d, nil
}

func insertProduct(ctx context.Context, tx *db.Tx, p *Product) error {
	_, err := tx.Exec(ctx, `INSERT INTO techplatform_product (id, number, name, industry, about, patents, enterprise_id, applied_for, applicant, region,
		state, applied_on, since, grade_id, certificate, decided_on, version, updated_at) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,1,?)`,
		p.ID, p.Number, p.Name, p.Industry, p.About, list(p.Patents), p.Enterprise, p.Enterprise, p.Applicant, string(p.Region), string(p.State),
		p.AppliedOn, db.Millis(tx.Now), p.Grade, p.Certificate, p.On, db.Millis(tx.Now))
	return err
}

// updateProduct writes the product over the version it was read at, and raises it.
func updateProduct(ctx context.Context, tx *db.Tx, p *Product) error {
	p.Version, p.UpdatedAt = p.Version+1, tx.Now
	return tx.ExecOne(ctx, `UPDATE techplatform_product SET name = ?, industry = ?, about = ?, patents = ?, state = ?, since = ?, grade_id = ?,
		certificate = ?, decided_on = ?, version = ?, updated_at = ? WHERE id = ? AND version = ?`,
		p.Name, p.Industry, p.About, list(p.Patents), string(p.State), db.Millis(p.Since), p.Grade, p.Certificate, p.On, p.Version, db.Millis(tx.Now),
		p.ID, p.Version-1)
}

const gradeColumns = `id, name, english, position, ended = 1 AS ended, version`

// Grades are the answers that the province may give, in their order; those that
// are no longer in use as well.
func (s *Service) Grades(ctx context.Context) ([]Grade, error) {
	var all []Grade
	err := s.db.Select(ctx, &all, `SELECT `+gradeColumns+` FROM techplatform_grade ORDER BY ended, position, id`)
	return all, err
}

func oneGrade(ctx context.Context, r db.Reader, id string) (Grade, error) {
	var g Grade
	err := r.Get(ctx, &g, `SELECT `+gradeColumns+` FROM techplatform_grade WHERE id = ?`, id)
	return g, err
}

// putGrade adds a grade or writes over the version it was read at, else Stale.
func putGrade(ctx context.Context, tx *db.Tx, g *Grade, fresh bool) error {
	if fresh {
		g.Version = 1
		_, err := tx.Exec(ctx, `INSERT INTO techplatform_grade (id, name, english, position, ended, version) VALUES (?,?,?,?,?,1)`,
			g.ID, g.Name, g.English, g.Position, db.Bool(g.Ended))
		return err
	}
	if _, err := oneGrade(ctx, tx, g.ID); err != nil {
		return err
	}
	g.Version++
	return tx.ExecOne(ctx, `UPDATE techplatform_grade SET name = ?, english = ?, position = ?, ended = ?, version = ? WHERE id = ? AND version = ?`,
		g.Name, g.English, g.Position, db.Bool(g.Ended), g.Version, g.ID, g.Version-1)
}
