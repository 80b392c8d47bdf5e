package techplatform

import (
	"context"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/region"
)

const patentColumns = `p.id, p.number, p.kind, p.title, p.enterprise_id, e.name AS holder, p.region, p.applied, p.granted, p.ended, p.ends,
	p.on_offer, p.about, p.version, p.updated_at`

const fromPatent = ` FROM techplatform_patent p JOIN enterprise e ON e.id = p.enterprise_id WHERE `

type patentRow struct {
	ID         string      `db:"id"`
	Number     string      `db:"number"`
	Kind       PatentKind  `db:"kind"`
	Title      string      `db:"title"`
	Enterprise string      `db:"enterprise_id"`
	Holder     string      `db:"holder"`
	Region     region.Code `db:"region"`
	Applied    string      `db:"applied"`
	Granted    string      `db:"granted"`
	Ended      string      `db:"ended"`
	Ends       string      `db:"ends"`
	OnOffer    int64       `db:"on_offer"`
	About      string      `db:"about"`
	Version    int         `db:"version"`
	UpdatedAt  int64       `db:"updated_at"`
}

func (r *patentRow) patent() Patent {
	return Patent{
		ID: r.ID, Kind: r.Kind, Enterprise: r.Enterprise, Holder: r.Holder, Region: r.Region, Ends: r.Ends,
		PatentProfile: PatentProfile{
			Number: r.Number, Title: r.Title, Applied: r.Applied, Granted: r.Granted, Ended: r.Ended, OnOffer: r.OnOffer == 1, About: r.About,
		},
		Version: r.Version, UpdatedAt: db.Time(r.UpdatedAt),
	}
}

func patentScope() authz.Columns {
	return authz.Columns{Region: "p.region", Party: map[string]string{authz.Enterprise: "p.enterprise_id"}}
}

// onePatent is the patent if the scope reaches it, else NotFound.
func onePatent(ctx context.Context, r db.Reader, s authz.Scope, id string) (Patent, error) {
	where, args := s.SQL(patentScope())
	var got patentRow
	err := r.Get(ctx, &got, `SELECT `+patentColumns+fromPatent+`p.id = ? AND `+where, append([]any{id}, args...)...)
	return got.patent(), err
}

// setEnd works out the first day on which the patent no longer holds.
func (p *Patent) setEnd() {
	p.Ends = expires(p.Kind, p.Applied)
	if p.Ended != "" {
		p.Ends = min(p.Ends, p.Ended)
	}
}

func insertPatent(ctx context.Context, tx *db.Tx, p *Patent) error {
	p.setEnd()
	p.UpdatedAt = tx.Now
	_, err := tx.Exec(ctx, `INSERT INTO techplatform_patent (id, number, kind, title, enterprise_id, held_by, region, applied, granted, ended, ends,
		on_offer, about, version, updated_at) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`,
		p.ID, p.Number, string(p.Kind), p.Title, p.Enterprise, p.Enterprise, string(p.Region), p.Applied, p.Granted, p.Ended, p.Ends,
		db.Bool(p.OnOffer), p.About, p.Version, db.Millis(tx.Now))
	return err
}

func updatePatent(ctx context.Context, tx *db.Tx, p *Patent) error {
	p.Version, p.UpdatedAt = p.Version+1, tx.Now
	return tx.ExecOne(ctx, `UPDATE techplatform_patent SET number = ?, kind = ?, title = ?, applied = ?, granted = ?, ended = ?, ends = ?,
		on_offer = ?, about = ?, version = ?, updated_at = ? WHERE id = ? AND version = ?`,
		p.Number, string(p.Kind), p.Title, p.Applied, p.Granted, p.Ended, p.Ends, db.Bool(p.OnOffer), p.About, p.Version, db.Millis(tx.Now),
		p.ID, p.Version-1)
}

// uses are what a patent earned, the newest year first.
func uses(ctx context.Context, r db.Reader, patent string) ([]Use, error) {
	var all []Use
	err := r.Select(ctx, &all, `SELECT id, patent_id AS patent, year, way, what, revenue FROM techplatform_patent_use
		WHERE patent_id = ? ORDER BY year DESC, id`, patent)
	return all, err
}

// PatentFilter narrows a list of patents; zero fields do not.
type PatentFilter struct {
	Region     region.Code // of the holder: the subtree
	Enterprise string      // the holder
	Kind       PatentKind
	Status     PatentStatus
	Offer      bool   // those that others may have a licence of
	Text       string // number, title or holder
}

func (f *PatentFilter) sql(day string) (string, []any) {
	where, args := "", []any{}
	add := func(cond string, values ...any) {
		where += " AND " + cond
		args = append(args, values...)
	}
	if f.Region != "" {
		span := f.Region.Span()
		add(`p.region >= ? AND p.region < ?`, span.From, span.To)
	}
	if f.Enterprise != "" {
		add(`p.enterprise_id = ?`, f.Enterprise)
	}
	if f.Kind != "" {
		add(`p.kind = ?`, string(f.Kind))
	}
	switch f.Status {
	case Lapsed:
		add(`p.ends <= ?`, day)
	case InForce:
		add(`p.ends > ? AND p.granted <> '' AND p.granted <= ?`, day, day)
	case Pending:
		add(`p.ends > ? AND (p.granted = '' OR p.granted > ?)`, day, day)
	}
	if f.Offer {
		add(`p.on_offer = 1 AND p.ends > ?`, day)
	}
	if f.Text != "" {
		part := db.Part(f.Text)
		number, _, ok := ParsePatent(f.Text)
		if !ok {
			number = f.Text
		}
		add(`(p.title LIKE ? ESCAPE '\' OR e.name LIKE ? ESCAPE '\' OR p.number LIKE ? ESCAPE '\')`, part, part, db.Part(number))
	}
	return where, args
}

// Patents is a page of patents, the newest application first, with how many
// there are. That somebody holds a patent is public.
func (s *Service) Patents(ctx context.Context, f PatentFilter, page db.Page) (list []Patent, next string, total int, err error) {
	return s.PatentsIn(ctx, authz.Unbounded("patents are public"), f, page)
}

// PatentsIn is the same within a scope: an office's place, an enterprise's own.
func (s *Service) PatentsIn(ctx context.Context, scope authz.Scope, f PatentFilter, page db.Page) (list []Patent, next string, total int, err error) {
	where, args := scope.SQL(patentScope())
	more, values := f.sql(s.today())
	where += more
	args = append(args, values...)
	if err := s.db.Get(ctx, &total, `SELECT COUNT(*)`+fromPatent+where, args...); err != nil {
		return nil, "", 0, err
	}
	rows, next, err := db.Paged(ctx, s.db, page, db.Order{Columns: []string{"p.applied", "p.id"}, Down: true},
		`SELECT `+patentColumns+fromPatent+where, args,
		func(x *patentRow) []string { return []string{x.Applied, x.ID} })
	if err != nil {
		return nil, "", 0, err
	}
	return db.As(rows, (*patentRow).patent), next, total, nil
}

// Patent is one patent, which is public, and for whoever may see it what it
// earned.
func (s *Service) Patent(ctx context.Context, by authz.Actor, id string) (Patent, []Use, error) {
	p, err := onePatent(ctx, s.db, authz.Unbounded("patents are public"), id)
	if err != nil || !by.May(SeePatent, p.Target()) {
		return p, nil, err
	}
	all, err := uses(ctx, s.db, id)
	return p, all, err
}
