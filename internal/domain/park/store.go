package park

import (
	"context"
	"strings"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/region"
)

const parkColumns = `p.id, p.name, p.region, p.developer, p.operator, p.operator_id, p.land, p.planned_on, p.begun_on, p.opened_on,
	p.ended_on, p.facilities, p.about, p.address, p.published, p.version, p.updated_at,
	CASE WHEN a.id IS NULL THEN '' ELSE a.grade END AS grade, CASE WHEN m.id IS NULL THEN 0 ELSE 1 END AS model`

// fromPark takes the day twice for each of the two terms.
const fromPark = ` FROM park p
	LEFT JOIN park_grade a ON a.park_id = p.id AND a.grade <> 'model' AND a.valid_from <= ? AND (a.valid_to = '' OR a.valid_to > ?)
	LEFT JOIN park_grade m ON m.park_id = p.id AND m.grade = 'model' AND m.valid_from <= ? AND (m.valid_to = '' OR m.valid_to > ?)`

type parkRow struct {
	ID         string         `db:"id"`
	Name       string         `db:"name"`
	Region     region.Code    `db:"region"`
	Developer  string         `db:"developer"`
	Operator   string         `db:"operator"`
	OperatorID institution.ID `db:"operator_id"`
	Land       int64          `db:"land"`
	Planned    string         `db:"planned_on"`
	Begun      string         `db:"begun_on"`
	Done       string         `db:"opened_on"`
	Ended      string         `db:"ended_on"`
	Facilities string         `db:"facilities"`
	About      string         `db:"about"`
	Address    string         `db:"address"`
	Published  int64          `db:"published"`
	Version    int            `db:"version"`
	UpdatedAt  int64          `db:"updated_at"`
	Grade      Grade          `db:"grade"`
	Model      int64          `db:"model"`
}

func (r *parkRow) park() Park {
	return Park{
		ID: ID(r.ID),
		Profile: Profile{
			Name: r.Name, Region: r.Region, Developer: r.Developer, Operator: r.Operator, OperatorID: r.OperatorID, Land: r.Land,
			Works: Works{Planned: r.Planned, Begun: r.Begun, Done: r.Done}, About: r.About, Address: r.Address,
			Facilities: unlist(r.Facilities),
		},
		Ended: r.Ended, Grade: r.Grade, Model: r.Model == 1, Published: r.Published == 1, Version: r.Version, UpdatedAt: db.Time(r.UpdatedAt),
	}
}

// list keeps a short list of codes with a space around each, so that one can be found.
func list(all []Facility) string {
	if len(all) == 0 {
		return ""
	}
	words := make([]string, len(all))
	for i, f := range all {
		words[i] = string(f)
	}
	return " " + strings.Join(words, " ") + " "
}

func unlist(s string) []Facility {
	var all []Facility
	for word := range strings.FieldsSeq(s) {
		all = append(all, Facility(word))
	}
	return all
}

func columns() authz.Columns {
	return authz.Columns{Region: "p.region", Party: map[string]string{authz.Institution: "p.operator_id"}}
}

// one is the park if the scope reaches it, else NotFound.
func one(ctx context.Context, r db.Reader, s authz.Scope, id ID, day string) (Park, error) {
	where, args := s.SQL(columns())
	args = append([]any{day, day, day, day, string(id)}, args...)
	var got parkRow
	if err := r.Get(ctx, &got, `SELECT `+parkColumns+fromPark+` WHERE p.id = ? AND `+where, args...); err != nil {
		return Park{}, err
	}
	return got.park(), nil
}

// Filter narrows a list of parks; zero fields do not.
type Filter struct {
	Region    region.Code // where it lies: the subtree
	Stage     Stage
	Grade     Grade
	Text      string // part of its name
	Vacant    bool   // has free space
	Published bool
	Ended     bool // also those that are none any more
}

func (f Filter) sql(day string) (string, []any) {
	where, args := "", []any{}
	add := func(cond string, values ...any) {
		where += " AND " + cond
		args = append(args, values...)
	}
	if f.Region != "" {
		span := f.Region.Span()
		add(`p.region >= ? AND p.region < ?`, span.From, span.To)
	}
	switch f.Stage {
	case Planned:
		add(`(p.begun_on = '' OR p.begun_on > ?) AND (p.opened_on = '' OR p.opened_on > ?)`, day, day)
	case Building:
		add(`p.begun_on <> '' AND p.begun_on <= ? AND (p.opened_on = '' OR p.opened_on > ?)`, day, day)
	case Done:
		add(`p.opened_on <> '' AND p.opened_on <= ?`, day)
	}
	switch f.Grade {
	case NoGrade:
	case ModelPark:
		add(`m.id IS NOT NULL`)
	default:
		add(`a.grade = ?`, string(f.Grade))
	}
	if f.Text != "" {
		add(`p.name LIKE ? ESCAPE '\'`, db.Part(f.Text))
	}
	if f.Vacant {
		add(`EXISTS (SELECT 1 FROM park_building b `+freeOf+` WHERE b.park_id = p.id AND `+free+`)`, day, day, day, int64(1))
	}
	if f.Published {
		add(`p.published = 1`)
	}
	if !f.Ended {
		add(`(p.ended_on = '' OR p.ended_on > ?)`, day)
	}
	return where, args
}

// freeOf and free find completed buildings b with at least so much free: the day
// three times, then the least area.
const (
	freeOf = `LEFT JOIN (SELECT building_id, SUM(area) AS n FROM park_space WHERE valid_from <= ? AND (valid_to = '' OR valid_to > ?)
		GROUP BY building_id) taken ON taken.building_id = b.id`
	free = `b.completed_on <> '' AND b.completed_on <= ? AND b.area - COALESCE(taken.n, 0) >= ?`
)

func many(ctx context.Context, r db.Reader, s authz.Scope, f Filter, page db.Page, day string) ([]Park, string, error) {
	where, args := s.SQL(columns())
	more, values := f.sql(day)
	args = append(append([]any{day, day, day, day}, args...), values...)
	where += more
	rows, next, err := db.Paged(ctx, r, page, db.Order{Columns: []string{"p.name", "p.id"}},
		`SELECT `+parkColumns+fromPark+` WHERE `+where, args,
		func(x *parkRow) []string { return []string{x.Name, x.ID} })
	if err != nil {
		return nil, "", err
	}
	found := db.As(rows, (*parkRow).park)
	return found, next, withRoom(ctx, r, found, day)
}

func count(ctx context.Context, r db.Reader, s authz.Scope, f Filter, day string) (int, error) {
	where, args := s.SQL(columns())
	more, values := f.sql(day)
	var n int
	err := r.Get(ctx, &n, `SELECT COUNT(*)`+fromPark+` WHERE `+where+more, append(append([]any{day, day, day, day}, args...), values...)...)
	return n, err
}

// withRoom fills in what space there is on the day.
func withRoom(ctx context.Context, r db.Reader, all []Park, day string) error {
	if len(all) == 0 {
		return nil
	}
	at, ids := map[string]*Park{}, make([]any, len(all))
	for i := range all {
		at[string(all[i].ID)], ids[i] = &all[i], string(all[i].ID)
	}
	in := db.Marks(len(ids))
	var built []struct {
		Park     string `db:"park_id"`
		Kind     Kind   `db:"kind"`
		Area     int64  `db:"area"`
		Occupied int64  `db:"occupied"`
	}
	if err := r.Select(ctx, &built, `SELECT b.park_id, b.kind, SUM(b.area) AS area, SUM(COALESCE(taken.n, 0)) AS occupied
		FROM park_building b LEFT JOIN (SELECT s.building_id, SUM(s.area) AS n FROM park_space s JOIN park_building h ON h.id = s.building_id
			WHERE h.park_id IN (`+in+`) AND s.valid_from <= ? AND (s.valid_to = '' OR s.valid_to > ?) GROUP BY s.building_id) taken
			ON taken.building_id = b.id
		WHERE b.park_id IN (`+in+`) AND b.completed_on <> '' AND b.completed_on <= ? GROUP BY b.park_id, b.kind`,
		append(append(append(append([]any{}, ids...), day, day), ids...), day)...); err != nil {
		return err
	}
	for _, b := range built {
		p := at[b.Park]
		p.Occupied += b.Occupied
		if b.Kind.Factory() {
			p.Factory += b.Area
		} else {
			p.Shared += b.Area
		}
	}
	var tenants []struct {
		Park string `db:"park_id"`
		N    int    `db:"n"`
	}
	err := r.Select(ctx, &tenants, `SELECT park_id, COUNT(*) AS n FROM park_tenancy WHERE park_id IN (`+in+`) AND undone = 0
		AND entered_on <= ? AND (left_on = '' OR left_on > ?) GROUP BY park_id`, append(ids, day, day)...)
	for _, t := range tenants {
		at[t.Park].Tenants = t.N
	}
	return err
}

const intoPark = `INSERT INTO park (id, name, region, developer, operator, operator_id, land, planned_on, begun_on, opened_on, ended_on,
	facilities, about, address, published, version, updated_at)`

func (p *Park) values(tx *db.Tx) []any {
	return []any{
		string(p.ID), p.Name, string(p.Region), p.Developer, p.Operator, string(p.OperatorID), p.Land, p.Planned, p.Begun, p.Done, p.Ended,
		list(p.Facilities), p.About, p.Address, db.Bool(p.Published), p.Version, db.Millis(tx.Now),
	}
}

func insert(ctx context.Context, tx *db.Tx, p *Park) error {
	return tx.InsertAll(ctx, intoPark, 17, p.values(tx))
}

// update writes the record over the version it was read at, and raises it.
func update(ctx context.Context, tx *db.Tx, p *Park) error {
	err := tx.ExecOne(ctx, `UPDATE park SET name = ?, region = ?, developer = ?, operator = ?, operator_id = ?, land = ?, planned_on = ?,
		begun_on = ?, opened_on = ?, ended_on = ?, facilities = ?, about = ?, address = ?, published = ?, version = version + 1, updated_at = ?
		WHERE id = ? AND version = ?`,
		p.Name, string(p.Region), p.Developer, p.Operator, string(p.OperatorID), p.Land, p.Planned,
		p.Begun, p.Done, p.Ended, list(p.Facilities), p.About, p.Address, db.Bool(p.Published), db.Millis(tx.Now), string(p.ID), p.Version)
	if err == nil {
		p.Version++
		p.UpdatedAt = tx.Now
	}
	return err
}

func terms(ctx context.Context, r db.Reader, id ID) ([]Term, error) {
	all, err := termsOf(ctx, r, id)
	return all[id], err
}

func termsOf(ctx context.Context, r db.Reader, ids ...ID) (map[ID][]Term, error) {
	type row struct {
		Of ID `db:"park_id"`
		Term
	}
	rows, err := db.InAll[row](ctx, r, ids, `SELECT park_id, id, grade, valid_from AS "from", valid_to AS "to", document FROM park_grade
		WHERE park_id IN (?) ORDER BY valid_from, id`)
	return db.Grouped(rows, func(r *row) (ID, Term) { return r.Of, r.Term }), err
}

// addTerm begins a term and ends whatever of its kind held on its first day; a
// later one of its kind is replaced: the newest document is what holds.
func addTerm(ctx context.Context, tx *db.Tx, id ID, t Term) error {
	of := `grade <> 'model'`
	if t.Grade == ModelPark {
		of = `grade = 'model'`
	}
	if _, err := tx.Exec(ctx, `DELETE FROM park_grade WHERE park_id = ? AND valid_from >= ? AND `+of, string(id), t.From); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE park_grade SET valid_to = ? WHERE park_id = ? AND (valid_to = '' OR valid_to > ?) AND `+of,
		t.From, string(id), t.From); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO park_grade (id, park_id, grade, valid_from, valid_to, document) VALUES (?,?,?,?,?,?)`,
		db.NewID(), string(id), string(t.Grade), t.From, t.To, t.Document)
	return err
}

// putTerms puts all terms of a park in place of those it had.
func putTerms(ctx context.Context, tx *db.Tx, id ID, all []Term) error {
	if _, err := tx.Exec(ctx, `DELETE FROM park_grade WHERE park_id = ?`, string(id)); err != nil {
		return err
	}
	var rows []any
	for _, t := range all {
		rows = append(rows, db.NewID(), string(id), string(t.Grade), t.From, t.To, t.Document)
	}
	return tx.InsertAll(ctx, `INSERT INTO park_grade (id, park_id, grade, valid_from, valid_to, document)`, 6, rows)
}

// endTerm ends the term of the grade that holds on the day, or begins later.
func endTerm(ctx context.Context, tx *db.Tx, id ID, g Grade, day string) error {
	if _, err := tx.Exec(ctx, `DELETE FROM park_grade WHERE park_id = ? AND grade = ? AND valid_from >= ?`, string(id), string(g), day); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE park_grade SET valid_to = ? WHERE park_id = ? AND grade = ? AND (valid_to = '' OR valid_to > ?)`,
		day, string(id), string(g), day)
	return err
}

// Move carries parks, plans and wishes along when places change: every one at
// the place from is now at the place to. The territory calls it in its own
// transaction, and records the change there.
func Move(ctx context.Context, tx *db.Tx, from, to region.Code) error {
	for _, change := range []string{
		`UPDATE park SET region = ? WHERE region = ?`, `UPDATE park_plan SET region = ? WHERE region = ?`,
		`UPDATE park_wish SET region = ? WHERE region = ?`, `UPDATE park_wish SET county = ? WHERE county = ?`,
	} {
		if _, err := tx.Exec(ctx, change, string(to), string(from)); err != nil {
			return err
		}
	}
	return nil
}
