package institution

import (
	"context"
	"strings"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/region"
)

const institutionColumns = `i.id, i.name, i.region, i.kinds, i.level, i.code, i.founded, i.since, i.ended,
	i.capital, i.about, i.address, i.website, i.published, i.version, i.updated_at,
	COALESCE(t.tier, '') AS tier, CASE WHEN d.id IS NULL THEN 0 ELSE 1 END AS demonstration`

// fromInstitution takes the day twice for each of the two terms.
const fromInstitution = ` FROM institution i
	LEFT JOIN institution_term t ON t.institution_id = i.id AND t.tier <> ''
		AND t.valid_from <= ? AND (t.valid_to = '' OR t.valid_to > ?)
	LEFT JOIN institution_term d ON d.institution_id = i.id AND d.tier = ''
		AND d.valid_from <= ? AND (d.valid_to = '' OR d.valid_to > ?)`

type row struct {
	ID            string      `db:"id"`
	Name          string      `db:"name"`
	Region        region.Code `db:"region"`
	Kinds         string      `db:"kinds"`
	Level         Level       `db:"level"`
	Code          string      `db:"code"`
	Founded       string      `db:"founded"`
	Since         string      `db:"since"`
	Ended         string      `db:"ended"`
	Capital       int64       `db:"capital"`
	About         string      `db:"about"`
	Address       string      `db:"address"`
	Website       string      `db:"website"`
	Published     int64       `db:"published"`
	Version       int         `db:"version"`
	UpdatedAt     int64       `db:"updated_at"`
	Tier          Tier        `db:"tier"`
	Demonstration int64       `db:"demonstration"`
}

func (r *row) institution() Institution {
	return Institution{
		ID: ID(r.ID),
		Profile: Profile{
			Name: r.Name, Region: r.Region, Kinds: unlist[Kind](r.Kinds), Level: r.Level, Code: r.Code,
			Founded: r.Founded, Since: r.Since, Capital: r.Capital, About: r.About, Address: r.Address, Website: r.Website,
		},
		Tier: r.Tier, Demonstration: r.Demonstration == 1, Published: r.Published == 1,
		Ended: r.Ended, Version: r.Version, UpdatedAt: db.Time(r.UpdatedAt),
	}
}

func columns() authz.Columns {
	return authz.Columns{Region: "i.region", Party: map[string]string{authz.Institution: "i.id"}}
}

// one is the institution if the scope reaches it, else NotFound.
func one(ctx context.Context, r db.Reader, s authz.Scope, id ID, day string) (Institution, error) {
	where, args := s.SQL(columns())
	args = append([]any{day, day, day, day, string(id)}, args...)
	var got row
	if err := r.Get(ctx, &got, `SELECT `+institutionColumns+fromInstitution+` WHERE i.id = ? AND `+where, args...); err != nil {
		return Institution{}, err
	}
	return got.institution(), nil
}

// Filter narrows a list of institutions; zero fields do not.
type Filter struct {
	Region        region.Code // where it sits: the subtree
	Kind          Kind
	Tier          Tier
	Theme         Theme
	Demonstration bool
	Text          string // part of its name or of a service's
	Published     bool
	Ended         bool // also those off the register
}

func (f Filter) sql(day string) (string, []any) {
	where, args := "", []any{}
	add := func(cond string, values ...any) {
		where += " AND " + cond
		args = append(args, values...)
	}
	if f.Region != "" {
		span := f.Region.Span()
		add(`i.region >= ? AND i.region < ?`, span.From, span.To)
	}
	if f.Kind != "" {
		add(`i.kinds LIKE ?`, "% "+string(f.Kind)+" %")
	}
	if f.Tier != NoTier {
		add(`t.tier = ?`, string(f.Tier))
	}
	if f.Theme != "" {
		add(`EXISTS (SELECT 1 FROM institution_service s WHERE s.institution_id = i.id AND s.theme = ? AND s.ended = 0)`, string(f.Theme))
	}
	if f.Demonstration {
		add(`d.id IS NOT NULL`)
	}
	if f.Text != "" {
		part := db.Part(f.Text)
		add(`(i.name LIKE ? ESCAPE '\' OR EXISTS (SELECT 1 FROM institution_service s
			WHERE s.institution_id = i.id AND s.name LIKE ? ESCAPE '\' AND s.ended = 0))`, part, part)
	}
	if f.Published {
		add(`i.published = 1`)
	}
	if !f.Ended {
		add(`(i.ended = '' OR i.ended > ?)`, day)
	}
	return where, args
}

func many(ctx context.Context, r db.Reader, s authz.Scope, f Filter, page db.Page, day string) ([]Institution, string, error) {
	where, args := s.SQL(columns())
	more, values := f.sql(day)
	args = append(append([]any{day, day, day, day}, args...), values...)
	where += more
	rows, next, err := db.Paged(ctx, r, page, db.Order{Columns: []string{"i.name", "i.id"}},
		`SELECT `+institutionColumns+fromInstitution+` WHERE `+where, args,
		func(x *row) []string { return []string{x.Name, x.ID} })
	if err != nil {
		return nil, "", err
	}
	return db.As(rows, (*row).institution), next, nil
}

func count(ctx context.Context, r db.Reader, s authz.Scope, f Filter, day string) (int, error) {
	where, args := s.SQL(columns())
	more, values := f.sql(day)
	var n int
	err := r.Get(ctx, &n, `SELECT COUNT(*)`+fromInstitution+` WHERE `+where+more, append(append([]any{day, day, day, day}, args...), values...)...)
	return n, err
}

func insert(ctx context.Context, tx *db.Tx, i *Institution) error {
	_, err := tx.Exec(ctx, `INSERT INTO institution (id, name, region, kinds, level, code, founded, since, ended, capital,
		about, address, website, published, version, turned, created_at, updated_at) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,'',?,?)`,
		string(i.ID), i.Name, string(i.Region), list(i.Kinds), string(i.Level), i.Code, i.Founded, i.Since, i.Ended, i.Capital,
		i.About, i.Address, i.Website, db.Bool(i.Published), i.Version, db.Millis(tx.Now), db.Millis(tx.Now))
	return err
}

// update writes the record over the version it was read at, and raises it.
func update(ctx context.Context, tx *db.Tx, i *Institution) error {
	err := tx.ExecOne(ctx, `UPDATE institution SET name = ?, region = ?, kinds = ?, level = ?, code = ?, founded = ?,
		ended = ?, capital = ?, about = ?, address = ?, website = ?, published = ?, version = version + 1, updated_at = ?
		WHERE id = ? AND version = ?`,
		i.Name, string(i.Region), list(i.Kinds), string(i.Level), i.Code, i.Founded,
		i.Ended, i.Capital, i.About, i.Address, i.Website, db.Bool(i.Published), db.Millis(tx.Now),
		string(i.ID), i.Version)
	if err == nil {
		i.Version++
		i.UpdatedAt = tx.Now
	}
	return err
}

const offeringColumns = `id, institution_id, theme, form, name, description, regions, max_amount, capacity, fee, ended`

type offeringRow struct {
	ID          string `db:"id"`
	Institution string `db:"institution_id"`
	Theme       Theme  `db:"theme"`
	Form        Form   `db:"form"`
	Name        string `db:"name"`
	Description string `db:"description"`
	Regions     string `db:"regions"`
	MaxAmount   int64  `db:"max_amount"`
	Capacity    int    `db:"capacity"`
	Fee         Fee    `db:"fee"`
	Ended       int64  `db:"ended"`
}

func (r *offeringRow) offering() Offering {
	return Offering{
		ID: r.ID, Institution: ID(r.Institution), Theme: r.Theme, Form: r.Form, Name: r.Name, Description: r.Description,
		Regions: unlist[region.Code](r.Regions), MaxAmount: r.MaxAmount, Capacity: r.Capacity, Fee: r.Fee, Ended: r.Ended == 1,
	}
}

func offerings(ctx context.Context, r db.Reader, id ID) ([]Offering, error) {
	var rows []offeringRow
	if err := r.Select(ctx, &rows, `SELECT `+offeringColumns+` FROM institution_service
		WHERE institution_id = ? ORDER BY ended, id`, string(id)); err != nil {
		return nil, err
	}
	all := make([]Offering, len(rows))
	for i := range rows {
		all[i] = rows[i].offering()
	}
	return all, nil
}

// putOffering adds the service, or changes the one of its id and institution.
func putOffering(ctx context.Context, tx *db.Tx, s *Offering) error {
	if s.ID == "" {
		s.ID = db.NewID()
		_, err := tx.Exec(ctx, `INSERT INTO institution_service (`+offeringColumns+`) VALUES (?,?,?,?,?,?,?,?,?,?,?)`,
			s.ID, string(s.Institution), string(s.Theme), string(s.Form), s.Name, s.Description, list(s.Regions),
			s.MaxAmount, s.Capacity, string(s.Fee), db.Bool(s.Ended))
		return err
	}
	return db.Found(tx.Exec(ctx, `UPDATE institution_service SET theme = ?, form = ?, name = ?, description = ?, regions = ?,
		max_amount = ?, capacity = ?, fee = ?, ended = ? WHERE id = ? AND institution_id = ?`,
		string(s.Theme), string(s.Form), s.Name, s.Description, list(s.Regions), s.MaxAmount, s.Capacity,
		string(s.Fee), db.Bool(s.Ended), s.ID, string(s.Institution)))
}

func terms(ctx context.Context, r db.Reader, id ID) ([]Term, error) {
	var all []Term
	err := r.Select(ctx, &all, `SELECT id, tier, valid_from AS "from", valid_to AS "to", document FROM institution_term
		WHERE institution_id = ? ORDER BY valid_from, id`, string(id))
	return all, err
}

// addTerm begins a term and ends whatever held on its first day.
func addTerm(ctx context.Context, tx *db.Tx, id ID, demonstration bool, t Term) error {
	of := `tier <> ''`
	if demonstration {
		of = `tier = ''`
	}
	// A term that would begin on the same day or later is replaced: the newest
	// document is what holds.
	if _, err := tx.Exec(ctx, `DELETE FROM institution_term WHERE institution_id = ? AND valid_from >= ? AND `+of,
		string(id), t.From); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE institution_term SET valid_to = ?
		WHERE institution_id = ? AND (valid_to = '' OR valid_to > ?) AND `+of, t.From, string(id), t.From); err != nil {
		return err
	}
	if !demonstration && t.Tier == NoTier {
		return nil // it only ends the one before
	}
	_, err := tx.Exec(ctx, `INSERT INTO institution_term (id, institution_id, tier, valid_from, valid_to, document) VALUES (?,?,?,?,?,?)`,
		db.NewID(), string(id), string(t.Tier), t.From, t.To, t.Document)
	return err
}

// putDemonstration puts all terms as a demonstration institution in place of those
// it had.
func putDemonstration(ctx context.Context, tx *db.Tx, id ID, all []Term) error {
	if _, err := tx.Exec(ctx, `DELETE FROM institution_term WHERE institution_id = ? AND tier = ''`, string(id)); err != nil {
		return err
	}
	var rows []any
	for _, t := range all {
		rows = append(rows, db.NewID(), string(id), "", t.From, t.To, t.Document)
	}
	return tx.InsertAll(ctx, `INSERT INTO institution_term (id, institution_id, tier, valid_from, valid_to, document)`, 6, rows)
}

// endDemonstration ends the recognition that holds on the day or begins later.
func endDemonstration(ctx context.Context, tx *db.Tx, id ID, day string) error {
	if _, err := tx.Exec(ctx, `DELETE FROM institution_term WHERE institution_id = ? AND tier = '' AND valid_from >= ?`,
		string(id), day); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE institution_term SET valid_to = ?
		WHERE institution_id = ? AND tier = '' AND (valid_to = '' OR valid_to > ?)`, day, string(id), day)
	return err
}

func tasks(ctx context.Context, r db.Reader, id ID) ([]Task, error) {
	var all []Task
	err := r.Select(ctx, &all, `SELECT id, institution_id AS institution, year, title, status, note FROM institution_task
		WHERE institution_id = ? ORDER BY year DESC, id`, string(id))
	return all, err
}

// putTask adds the task, or changes the one of its id and institution.
func putTask(ctx context.Context, tx *db.Tx, t *Task) error {
	if t.ID == "" {
		t.ID = db.NewID()
		_, err := tx.Exec(ctx, `INSERT INTO institution_task (id, institution_id, year, title, status, note) VALUES (?,?,?,?,?,?)`,
			t.ID, string(t.Institution), t.Year, t.Title, string(t.Status), t.Note)
		return err
	}
	return db.Found(tx.Exec(ctx, `UPDATE institution_task SET year = ?, title = ?, status = ?, note = ? WHERE id = ? AND institution_id = ?`,
		t.Year, t.Title, string(t.Status), t.Note, t.ID, string(t.Institution)))
}

func people(ctx context.Context, r db.Reader, id ID) ([]Person, error) {
	var all []Person
	err := r.Select(ctx, &all, `SELECT name, post, phone, email FROM institution_contact
		WHERE institution_id = ? ORDER BY position`, string(id))
	return all, err
}

func putPeople(ctx context.Context, tx *db.Tx, id ID, all []Person) error {
	if _, err := tx.Exec(ctx, `DELETE FROM institution_contact WHERE institution_id = ?`, string(id)); err != nil {
		return err
	}
	for i, p := range all {
		if _, err := tx.Exec(ctx, `INSERT INTO institution_contact (institution_id, position, name, post, phone, email) VALUES (?,?,?,?,?,?)`,
			string(id), i, p.Name, p.Post, p.Phone, p.Email); err != nil {
			return err
		}
	}
	return nil
}

func turned(ctx context.Context, r db.Reader, id ID) ([]string, error) {
	var days string
	err := r.Get(ctx, &days, `SELECT turned FROM institution WHERE id = ?`, string(id))
	return strings.Fields(days), err
}

func setTurned(ctx context.Context, tx *db.Tx, id ID, days []string) error {
	_, err := tx.Exec(ctx, `UPDATE institution SET turned = ? WHERE id = ?`, strings.Join(days, " "), string(id))
	return err
}

// Move carries institutions along when places change: every one at the place
// from is now at the place to, and what served the one serves the other. The
// territory calls it in its own transaction, and records the change there.
func Move(ctx context.Context, tx *db.Tx, from, to region.Code) error {
	if _, err := tx.Exec(ctx, `UPDATE institution SET region = ? WHERE region = ?`, string(to), string(from)); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE institution_service SET regions = REPLACE(regions, ?, ?) WHERE regions LIKE ?`,
		" "+string(from)+" ", " "+string(to)+" ", "% "+string(from)+" %")
	return err
}
