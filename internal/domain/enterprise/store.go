package enterprise

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/region"
)

const columns = `e.id, e.name, e.short_name, e.name_key, e.name_find, e.region, e.address, e.legal_form, e.industry,
	e.industry_edition, e.established, e.status, e.status_reason, e.size, e.size_year, e.alias_of,
	e.created_at, e.created_by, e.updated_at, e.version`

const selectEnterprise = `SELECT ` + columns + ` FROM enterprise e WHERE `

// reach is where a scope looks in an enterprise.
func reach(s authz.Scope) (string, []any) {
	return s.SQL(authz.Columns{Region: "e.region", Party: map[string]string{authz.Enterprise: "e.id"}})
}

type record struct {
	ID              string `db:"id"`
	Name            string `db:"name"`
	ShortName       string `db:"short_name"`
	NameKey         string `db:"name_key"`
	NameFind        string `db:"name_find"`
	Region          string `db:"region"`
	Address         string `db:"address"`
	LegalForm       string `db:"legal_form"`
	Industry        string `db:"industry"`
	IndustryEdition string `db:"industry_edition"`
	Established     string `db:"established"`
	Status          string `db:"status"`
	StatusReason    string `db:"status_reason"`
	Size            string `db:"size"`
	SizeYear        int    `db:"size_year"`
	AliasOf         string `db:"alias_of"`
	CreatedAt       int64  `db:"created_at"`
	CreatedBy       string `db:"created_by"`
	UpdatedAt       int64  `db:"updated_at"`
	Version         int    `db:"version"`
}

func (r record) enterprise() Enterprise {
	return Enterprise{
		ID: ID(r.ID),
		Profile: Profile{
			Name: r.Name, ShortName: r.ShortName, Region: region.Code(r.Region), Address: r.Address,
			LegalForm: LegalForm(r.LegalForm), Industry: Industry{r.IndustryEdition, r.Industry}, Established: r.Established,
		},
		Status: flow.State(r.Status), Reason: r.StatusReason, Size: Class(r.Size), SizeYear: r.SizeYear,
		AliasOf: ID(r.AliasOf), CreatedAt: db.Time(r.CreatedAt), CreatedBy: r.CreatedBy,
		UpdatedAt: db.Time(r.UpdatedAt), Version: r.Version,
	}
}

// Load reads one enterprise within a scope, an alias as it stands; NotFound
// for anything beyond.
func Load(ctx context.Context, r db.Reader, scope authz.Scope, id ID) (Enterprise, error) {
	where, args := reach(scope)
	var rec record
	if err := r.Get(ctx, &rec, selectEnterprise+`e.id = ? AND `+where, append([]any{id}, args...)...); err != nil {
		return Enterprise{}, err
	}
	list := []Enterprise{rec.enterprise()}
	err := withIdentifiers(ctx, r, list)
	return list[0], err
}

// Names are the names of entries by id, aliases as they stand; unknown ids are
// left out. It is for other domains' records that the reader may already see.
func Names(ctx context.Context, r db.Reader, ids ...string) (map[string]string, error) {
	names := make(map[string]string, len(ids))
	for part := range slices.Chunk(ids, 500) {
		args := make([]any, len(part))
		for i, id := range part {
			args[i] = id
		}
		if err := r.Each(ctx, func(rows *sqlx.Rows) error {
			var id, name string
			err := rows.Scan(&id, &name)
			names[id] = name
			return err
		}, `SELECT id, name FROM enterprise WHERE id IN (`+db.Marks(len(part))+`)`, args...); err != nil {
			return nil, err
		}
	}
	return names, nil
}

// Resolve follows aliases to the entry that is in use today.
func Resolve(ctx context.Context, r db.Reader, id ID) (ID, error) {
	for {
		var of string
		if err := r.Get(ctx, &of, `SELECT alias_of FROM enterprise WHERE id = ?`, id); err != nil {
			return "", err
		}
		if of == "" {
			return id, nil
		}
		id = ID(of)
	}
}

// withIdentifiers fills in the identifiers of a page of enterprises.
func withIdentifiers(ctx context.Context, r db.Reader, list []Enterprise) error {
	if len(list) == 0 {
		return nil
	}
	at := map[string]int{}
	args := make([]any, len(list))
	for i, e := range list {
		at[string(e.ID)], args[i] = i, e.ID
	}
	var rows []struct {
		Enterprise string `db:"enterprise_id"`
		Kind       string `db:"kind"`
		Value      string `db:"value"`
		Checked    bool   `db:"checked"`
		Note       string `db:"note"`
		State      string `db:"state"`
		Via        string `db:"via"`
	}
	err := r.Select(ctx, &rows, `SELECT enterprise_id, kind, value, checked, note, state, via FROM enterprise_identifier
		WHERE enterprise_id IN (`+db.Marks(len(args))+`) ORDER BY enterprise_id, via, kind DESC, value`, args...)
	for _, row := range rows {
		e := &list[at[row.Enterprise]]
		e.Identifiers = append(e.Identifiers, Held{
			Identifier: Identifier{IdentifierKind(row.Kind), row.Value, row.Checked, row.Note},
			Verified:   row.State == "verified", Via: ID(row.Via),
		})
	}
	return err
}

const (
	insertEnterprise = `INSERT INTO enterprise (id, name, short_name, name_key, name_find, region, address, legal_form,
		industry, industry_edition, established, status, status_reason, size, size_year, alias_of,
		created_at, created_by, updated_at, version)`
	enterpriseColumns = 20
	insertCode        = `INSERT INTO enterprise_identifier (enterprise_id, kind, value, org_code, checked, note, state, via)`
	codeColumns       = 8
)

// values are in the order of insertEnterprise.
func (e Enterprise) values(now int64) []any {
	p := e.Profile
	return []any{
		e.ID, p.Name, p.ShortName, NameKey(p.Name), find(p), p.Region, p.Address, p.LegalForm,
		p.Industry.Code, p.Industry.Edition, p.Established, e.Status, e.Reason, e.Size, e.SizeYear, e.AliasOf,
		now, e.CreatedBy, now, 1,
	}
}

func codeValues(id ID, c Identifier, state string, via ID) []any {
	return []any{id, c.Kind, c.Value, c.organisation(), db.Bool(c.Checked), c.Note, state, via}
}

func insert(ctx context.Context, tx *db.Tx, e Enterprise) error {
	return tx.InsertAll(ctx, insertEnterprise, enterpriseColumns, e.values(db.Millis(tx.Now)))
}

// update writes everything but identifiers; Stale when the version has moved.
func update(ctx context.Context, tx *db.Tx, e Enterprise) error {
	p := e.Profile
	return tx.ExecOne(ctx, `UPDATE enterprise SET name = ?, short_name = ?, name_key = ?, name_find = ?, region = ?, address = ?,
		legal_form = ?, industry = ?, industry_edition = ?, established = ?, status = ?, status_reason = ?, size = ?, size_year = ?,
		alias_of = ?, updated_at = ?, version = version + 1 WHERE id = ? AND version = ?`,
		p.Name, p.ShortName, NameKey(p.Name), find(p), p.Region, p.Address,
		p.LegalForm, p.Industry.Code, p.Industry.Edition, p.Established, e.Status, e.Reason, e.Size, e.SizeYear,
		e.AliasOf, db.Millis(tx.Now), e.ID, e.Version)
}

// find is what a search looks in: the names as typed and folded.
func find(p Profile) string {
	return strings.ToLower(p.Name + " " + p.ShortName + " " + foldName(p.Name))
}

// putCodes replaces an enterprise's own identifiers.
func putCodes(ctx context.Context, tx *db.Tx, id ID, codes []Identifier, state string) error {
	if _, err := tx.Exec(ctx, `DELETE FROM enterprise_identifier WHERE enterprise_id = ? AND via = ''`, id); err != nil {
		return err
	}
	for _, c := range codes {
		if _, err := tx.Exec(ctx, `DELETE FROM enterprise_identifier WHERE enterprise_id = ? AND kind = ? AND value = ?`,
			id, c.Kind, c.Value); err != nil { // it may also have come with a merge
			return err
		}
		if err := putCode(ctx, tx, id, c, state, ""); err != nil {
			return err
		}
	}
	return nil
}

func putCode(ctx context.Context, tx *db.Tx, id ID, c Identifier, state string, via ID) error {
	return taken(tx.InsertAll(ctx, insertCode, codeColumns, codeValues(id, c, state, via)))
}

// taken says that another verified enterprise has the number.
func taken(err error) error {
	if db.Unique(err) {
		return fault.Because(err, fault.Conflict, "enterprise.verify.taken")
	}
	return err
}

// organisation is the organisation code that an identifier carries, "" for
// none and for codes that offices make themselves.
func (id Identifier) organisation() string {
	code := ""
	switch id.Kind {
	case CreditCode:
		code = OrganisationCodeOf(id.Value)
	case OrganisationCode:
		code = id.Value
	default: // a registration number carries none
	}
	if strings.HasPrefix(code, "PDY") {
		return ""
	}
	return code
}

func setCodeState(ctx context.Context, tx *db.Tx, id ID, from, to string) error {
	_, err := tx.Exec(ctx, `UPDATE enterprise_identifier SET state = ? WHERE enterprise_id = ? AND state = ? AND via = ''`, to, id, from)
	return taken(err)
}

func putContact(ctx context.Context, tx *db.Tx, id ID, c Contact) error {
	_, err := tx.Exec(ctx, `INSERT INTO enterprise_contact (enterprise_id, person, phone, mail, updated_at) VALUES (?,?,?,?,?)
		ON CONFLICT (enterprise_id) DO UPDATE SET person = excluded.person, phone = excluded.phone,
		mail = excluded.mail, updated_at = excluded.updated_at`, id, c.Person, c.Phone, c.Mail, db.Millis(tx.Now))
	return err
}

func loadContact(ctx context.Context, r db.Reader, id ID) (Contact, error) {
	var c Contact
	err := r.Get(ctx, &c, `SELECT person, phone, mail FROM enterprise_contact WHERE enterprise_id = ?`, id)
	if fault.Is(err, fault.NotFound) {
		return Contact{}, nil
	}
	return c, err
}

func loadYears(ctx context.Context, r db.Reader, id ID) ([]Year, error) {
	years, err := yearsOf(ctx, r, []any{id})
	return years[id], err
}

// yearsOf are the figures of several enterprises, of each the newest first.
func yearsOf(ctx context.Context, r db.Reader, ids []any) (map[ID][]Year, error) {
	var rows []struct {
		Enterprise ID            `db:"enterprise_id"`
		Year       int           `db:"year"`
		Employees  sql.NullInt64 `db:"employees"`
		Revenue    sql.NullInt64 `db:"revenue"`
		Assets     sql.NullInt64 `db:"assets"`
		Source     string        `db:"source"`
		Via        string        `db:"via"`
		Version    int           `db:"version"`
	}
	years := make(map[ID][]Year, len(ids))
	if len(ids) == 0 {
		return years, nil
	}
	err := r.Select(ctx, &rows, `SELECT enterprise_id, year, employees, revenue, assets, source, via, version
		FROM enterprise_year WHERE enterprise_id IN (`+db.Marks(len(ids))+`) ORDER BY year DESC`, ids...)
	for _, row := range rows {
		years[row.Enterprise] = append(years[row.Enterprise], Year{
			Year: row.Year, Source: YearSource(row.Source), Via: ID(row.Via), Version: row.Version,
			Figures: Figures{number(row.Employees), number(row.Revenue), number(row.Assets)},
		})
	}
	return years, err
}

func number(n sql.NullInt64) *int64 {
	if !n.Valid {
		return nil
	}
	return &n.Int64
}

// putYear inserts the figures when version is 0, else replaces that version.
func putYear(ctx context.Context, tx *db.Tx, id ID, y Year, by string) error {
	f := y.Figures
	if y.Version == 0 {
		_, err := tx.Exec(ctx, `INSERT INTO enterprise_year (enterprise_id, year, employees, revenue, assets, source, via,
			updated_at, updated_by, version) VALUES (`+db.Marks(10)+`)`,
			id, y.Year, f.Employees, f.Revenue, f.Assets, y.Source, y.Via, db.Millis(tx.Now), by, 1)
		if db.Unique(err) {
			return fault.Because(err, fault.Stale, "fault.stale")
		}
		return err
	}
	return tx.ExecOne(ctx, `UPDATE enterprise_year SET employees = ?, revenue = ?, assets = ?, source = ?, via = '',
		updated_at = ?, updated_by = ?, version = version + 1 WHERE enterprise_id = ? AND year = ? AND version = ?`,
		f.Employees, f.Revenue, f.Assets, y.Source, db.Millis(tx.Now), by, id, y.Year, y.Version)
}

// sameCode are the live enterprises that hold one of the identifiers, or the
// organisation code in one, the verified first; not the one named.
func sameCode(ctx context.Context, r db.Reader, codes []Identifier, not ID) ([]ID, error) {
	var or []string
	var args []any
	for _, c := range codes {
		or, args = append(or, `i.value = ?`), append(args, c.Value)
		if org := c.organisation(); org != "" {
			or, args = append(or, `i.org_code = ?`), append(args, org)
		}
	}
	if len(or) == 0 {
		return nil, nil
	}
	var ids []ID
	err := r.Select(ctx, &ids, fmt.Sprintf(`SELECT e.id FROM enterprise e WHERE e.alias_of = '' AND e.status <> 'closed' AND e.id <> ?
		AND e.id IN (SELECT i.enterprise_id FROM enterprise_identifier i WHERE %s)
		ORDER BY CASE e.status WHEN 'verified' THEN 0 ELSE 1 END, e.id`, strings.Join(or, " OR ")),
		append([]any{not}, args...)...)
	return ids, err
}

// dayOf is the day of an instant in China.
func dayOf(t time.Time) string {
	return t.In(time.FixedZone("Asia/Shanghai", 8*60*60)).Format(time.DateOnly)
}
