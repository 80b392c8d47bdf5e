package techplatform

import (
	"context"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/region"
)

const platformColumns = `p.id, p.name, p.kind, p.institution_id, p.base_id, p.functions, p.industry, p.region, p.founded, p.ended,
	p.address, p.about, p.published, p.version, p.updated_at, COALESCE(t.level, '') AS level`

// fromPlatform takes the day twice, for the level that holds.
const fromPlatform = ` FROM techplatform p LEFT JOIN techplatform_term t ON t.platform_id = p.id
	AND t.valid_from <= ? AND (t.valid_to = '' OR t.valid_to > ?)`

type platformRow struct {
	ID          string         `db:"id"`
	Name        string         `db:"name"`
	Kind        Kind           `db:"kind"`
	Institution institution.ID `db:"institution_id"`
	Base        string         `db:"base_id"`
	Functions   string         `db:"functions"`
	Industry    string         `db:"industry"`
	Region      region.Code    `db:"region"`
	Founded     string         `db:"founded"`
	Ended       string         `db:"ended"`
	Address     string         `db:"address"`
	About       string         `db:"about"`
	Published   int64          `db:"published"`
	Version     int            `db:"version"`
	UpdatedAt   int64          `db:"updated_at"`
	Level       Level          `db:"level"`
}

func (r *platformRow) platform() Platform {
	return Platform{
		ID: ID(r.ID),
		Profile: Profile{
			Name: r.Name, Kind: r.Kind, Institution: r.Institution, Base: r.Base, Functions: unlist[Function](r.Functions),
			Industry: r.Industry, Region: r.Region, Founded: r.Founded, Address: r.Address, About: r.About,
		},
		Level: r.Level, Published: r.Published == 1, Ended: r.Ended, Version: r.Version, UpdatedAt: db.Time(r.UpdatedAt),
	}
}

func platformScope() authz.Columns {
	return authz.Columns{Region: "p.region", Party: map[string]string{authz.Institution: "p.institution_id"}}
}

// one is the platform if the scope reaches it, else NotFound.
func one(ctx context.Context, r db.Reader, s authz.Scope, id ID, day string) (Platform, error) {
	where, args := s.SQL(platformScope())
	var got platformRow
	err := r.Get(ctx, &got, `SELECT `+platformColumns+fromPlatform+` WHERE p.id = ? AND `+where, append([]any{day, day, string(id)}, args...)...)
	return got.platform(), err
}

// Filter narrows a list of platforms; zero fields do not.
type Filter struct {
	Region    region.Code // where it sits: the subtree
	Kind      Kind
	Level     Level
	Base      BaseID // that it serves
	Function  Function
	Text      string // part of its name, its trade, or of a service's or instrument's name
	Published bool
	Ended     bool // also those that are closed
}

func (f *Filter) sql(day string) (string, []any) {
	where, args := "", []any{}
	add := func(cond string, values ...any) {
		where += " AND " + cond
		args = append(args, values...)
	}
	if f.Region != "" {
		span := f.Region.Span()
		add(`p.region >= ? AND p.region < ?`, span.From, span.To)
	}
	if f.Kind != "" {
		add(`p.kind = ?`, string(f.Kind))
	}
	if f.Level != NoLevel {
		add(`t.level = ?`, string(f.Level))
	}
	if f.Base != "" {
		add(`EXISTS (SELECT 1 FROM techplatform_link l WHERE l.platform_id = p.id AND l.base_id = ?)`, string(f.Base))
	}
	if f.Function != "" {
		add(`p.functions LIKE ?`, "% "+string(f.Function)+" %")
	}
	if f.Text != "" {
		part := db.Part(f.Text)
		add(`(p.name LIKE ? ESCAPE '\' OR p.industry LIKE ? ESCAPE '\'
			OR EXISTS (SELECT 1 FROM techplatform_service s WHERE s.platform_id = p.id AND s.name LIKE ? ESCAPE '\' AND s.ended = 0)
			OR EXISTS (SELECT 1 FROM techplatform_instrument i WHERE i.platform_id = p.id AND i.name LIKE ? ESCAPE '\' AND i.ended = 0))`,
			part, part, part, part)
	}
	if f.Published {
		add(`p.published = 1`)
	}
	if !f.Ended {
		add(`(p.ended = '' OR p.ended > ?)`, day)
	}
	return where, args
}

func many(ctx context.Context, r db.Reader, s authz.Scope, f Filter, page db.Page, day string) ([]Platform, string, error) {
	where, args := s.SQL(platformScope())
	more, values := f.sql(day)
	args = append(append([]any{day, day}, args...), values...)
	where += more
	rows, next, err := db.Paged(ctx, r, page, db.Order{Columns: []string{"p.name", "p.id"}},
		`SELECT `+platformColumns+fromPlatform+` WHERE `+where, args,
		func(x *platformRow) []string { return []string{x.Name, x.ID} })
	if err != nil {
		return nil, "", err
	}
	return db.As(rows, (*platformRow).platform), next, nil
}

func count(ctx context.Context, r db.Reader, s authz.Scope, f Filter, day string) (int, error) {
	where, args := s.SQL(platformScope())
	more, values := f.sql(day)
	var n int
	err := r.Get(ctx, &n, `SELECT COUNT(*)`+fromPlatform+` WHERE `+where+more, append(append([]any{day, day}, args...), values...)...)
	return n, err
}

func insert(ctx context.Context, tx *db.Tx, p *Platform) error {
	_, err := tx.Exec(ctx, `INSERT INTO techplatform (id, name, kind, institution_id, base_id, functions, industry, region, founded,
		ended, address, about, published, version, updated_at) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`,
		string(p.ID), p.Name, string(p.Kind), string(p.Institution), p.Base, list(p.Functions), p.Industry, string(p.Region), p.Founded,
		p.Ended, p.Address, p.About, db.Bool(p.Published), p.Version, db.Millis(tx.Now))
	return err
}

// update writes the platform over the version it was read at, and raises it.
func update(ctx context.Context, tx *db.Tx, p *Platform) error {
	p.Version, p.UpdatedAt = p.Version+1, tx.Now
	return tx.ExecOne(ctx, `UPDATE techplatform SET name = ?, kind = ?, institution_id = ?, base_id = ?, functions = ?, industry = ?,
		founded = ?, ended = ?, address = ?, about = ?, published = ?, version = ?, updated_at = ? WHERE id = ? AND version = ?`,
		p.Name, string(p.Kind), string(p.Institution), p.Base, list(p.Functions), p.Industry,
		p.Founded, p.Ended, p.Address, p.About, db.Bool(p.Published), p.Version, db.Millis(tx.Now), string(p.ID), p.Version-1)
}

func terms(ctx context.Context, r db.Reader, id ID) ([]Term, error) {
	all, err := termsOf(ctx, r, id)
	return all[id], err
}

func termsOf(ctx context.Context, r db.Reader, ids ...ID) (map[ID][]Term, error) {
	type row struct {
		Of ID `db:"platform_id"`
		Term
	}
	rows, err := db.InAll[row](ctx, r, ids, `SELECT platform_id, id, level, valid_from AS "from", valid_to AS "to", document FROM techplatform_term
		WHERE platform_id IN (?) ORDER BY valid_from, id`)
	return db.Grouped(rows, func(r *row) (ID, Term) { return r.Of, r.Term }), err
}

// addTerm begins a term and ends what held on its first day; what would begin
// then or later is replaced. NoLevel only ends.
func addTerm(ctx context.Context, tx *db.Tx, id ID, t *Term) error {
	if _, err := tx.Exec(ctx, `DELETE FROM techplatform_term WHERE platform_id = ? AND valid_from >= ?`, string(id), t.From); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE techplatform_term SET valid_to = ? WHERE platform_id = ? AND (valid_to = '' OR valid_to > ?)`,
		t.From, string(id), t.From); err != nil {
		return err
	}
	if t.Level == NoLevel {
		return nil
	}
	t.ID = db.NewID()
	_, err := tx.Exec(ctx, `INSERT INTO techplatform_term (id, platform_id, level, valid_from, valid_to, document) VALUES (?,?,?,?,?,?)`,
		t.ID, string(id), string(t.Level), t.From, t.To, t.Document)
	return err
}

func founders(ctx context.Context, r db.Reader, id ID) ([]Founder, error) {
	all, err := foundersOf(ctx, r, id)
	return all[id], err
}

func foundersOf(ctx context.Context, r db.Reader, ids ...ID) (map[ID][]Founder, error) {
	type row struct {
		Of ID `db:"platform_id"`
		Founder
	}
	rows, err := db.InAll[row](ctx, r, ids, `SELECT platform_id, kind, name, what, amount, note FROM techplatform_founder
		WHERE platform_id IN (?) ORDER BY position`)
	return db.Grouped(rows, func(r *row) (ID, Founder) { return r.Of, r.Founder }), err
}

func putFounders(ctx context.Context, tx *db.Tx, id ID, all []Founder) error {
	if _, err := tx.Exec(ctx, `DELETE FROM techplatform_founder WHERE platform_id = ?`, string(id)); err != nil {
		return err
	}
	for n, f := range all {
		if _, err := tx.Exec(ctx, `INSERT INTO techplatform_founder (platform_id, position, kind, name, what, amount, note) VALUES (?,?,?,?,?,?,?)`,
			string(id), n, string(f.Kind), f.Name, string(f.What), f.Amount, f.Note); err != nil {
			return err
		}
	}
	return nil
}

const offeringColumns = `id, platform_id AS platform, kind, name, description, price, unit, free_share AS freeshare, ended = 1 AS ended`

func offerings(ctx context.Context, r db.Reader, id ID) ([]Offering, error) {
	all, err := offeringsOf(ctx, r, id)
	return all[id], err
}

func offeringsOf(ctx context.Context, r db.Reader, ids ...ID) (map[ID][]Offering, error) {
	rows, err := db.InAll[Offering](ctx, r, ids, `SELECT `+offeringColumns+` FROM techplatform_service WHERE platform_id IN (?) ORDER BY ended, id`)
	return db.Grouped(rows, func(o *Offering) (ID, Offering) { return o.Platform, *o }), err
}

// offering is one service of a platform; NotFound for another's.
func offering(ctx context.Context, r db.Reader, id ID, service string) (Offering, error) {
	var o Offering
	err := r.Get(ctx, &o, `SELECT `+offeringColumns+` FROM techplatform_service WHERE id = ? AND platform_id = ?`, service, string(id))
	return o, err
}

func putOffering(ctx context.Context, tx *db.Tx, o *Offering) error {
	if o.ID == "" {
		o.ID = db.NewID()
		_, err := tx.Exec(ctx, `INSERT INTO techplatform_service (id, platform_id, kind, name, description, price, unit, free_share, ended)
			VALUES (?,?,?,?,?,?,?,?,?)`,
			o.ID, string(o.Platform), string(o.Kind), o.Name, o.Description, o.Price, o.Unit, o.FreeShare, db.Bool(o.Ended))
		return err
	}
	return db.Found(tx.Exec(ctx, `UPDATE techplatform_service SET kind = ?, name = ?, description = ?, price = ?, unit = ?, free_share = ?,
		ended = ? WHERE id = ? AND platform_id = ?`,
		string(o.Kind), o.Name, o.Description, o.Price, o.Unit, o.FreeShare, db.Bool(o.Ended), o.ID, string(o.Platform)))
}

// Move carries platforms, orders, bases, patents, notices and new products along when places change. The
// territory calls it in its own transaction, and records the change there.
func Move(ctx context.Context, tx *db.Tx, from, to region.Code) error {
	for _, table := range []string{"techplatform", "techplatform_order", "techplatform_work", "techplatform_base", "techplatform_patent", "techplatform_notice", "techplatform_product"} {
		if _, err := tx.Exec(ctx, `UPDATE `+table+` SET region = ? WHERE region = ?`, string(to), string(from)); err != nil {
			return err
		}
	}
	return nil
}

// Rejoin lets orders, work, patents, notices, answers to them and new products follow when the entries of two enterprises are
// merged into one or separated again: each belongs to the entry that stands
// today for the one it was made for. The register calls it in its own
// transaction and records the change there.
func Rejoin(ctx context.Context, tx *db.Tx, a, b enterprise.ID) error {
	for _, table := range []struct{ name, first, raise string }{
		{"techplatform_order", "ordered_for", ", version = version + 1"},
		{"techplatform_work_enterprise", "served", ""},
		{"techplatform_patent", "held_by", ", version = version + 1"},
		{"techplatform_notice", "posted_for", ", version = version + 1"},
		{"techplatform_intro", "asked_for", ", version = version + 1"},
		{"techplatform_product", "applied_for", ", version = version + 1"},
	} {
		var all []enterprise.ID
		if err := tx.Select(ctx, &all, `SELECT DISTINCT `+table.first+` FROM `+table.name+` WHERE enterprise_id IN (?, ?)`, a, b); err != nil {
			return err
		}
		for _, first := range all {
			now, err := enterprise.Resolve(ctx, tx, first)
			if err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, `UPDATE `+table.name+` SET enterprise_id = ?`+table.raise+` WHERE `+table.first+` = ? AND enterprise_id <> ?`,
				now, first, now); err != nil {
				return err
			}
		}
	}
	return nil
}
