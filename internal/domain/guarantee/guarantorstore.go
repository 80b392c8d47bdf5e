package guarantee

import (
	"context"
	"slices"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
)

func dayOf(t time.Time) string { return flow.DayOf(t) }

func ledgerDay(day string) ledger.Date { return ledger.Date(day) }

const guarantorColumns = `g.id, i.name, i.region, g.type, g.level, g.since, g.ended, g.park, g.park_name, g.multiple, g.member_cap,
	g.version, g.updated_at, COALESCE(f.valid_from, '') AS f_from, COALESCE(f.registered, 0) AS registered,
	COALESCE(f.net_assets, 0) AS net_assets, COALESCE(f.invested, 0) AS invested, COALESCE(f.unearned, 0) AS unearned,
	COALESCE(f.compensation, 0) AS compensation, COALESCE(f.general, 0) AS general, COALESCE(f.source, '') AS f_source`

// fromGuarantor takes the day of the finance once.
const fromGuarantor = ` FROM guarantor g JOIN institution i ON i.id = g.id
	LEFT JOIN guarantor_finance f ON f.guarantor_id = g.id AND f.valid_from =
		(SELECT MAX(x.valid_from) FROM guarantor_finance x WHERE x.guarantor_id = g.id AND x.valid_from <= ?)`

type guarantorRow struct {
	ID           institution.ID    `db:"id"`
	Name         string            `db:"name"`
	Region       region.Code       `db:"region"`
	Type         Type              `db:"type"`
	Level        institution.Level `db:"level"`
	Since        string            `db:"since"`
	Ended        string            `db:"ended"`
	Park         string            `db:"park"`
	ParkName     string            `db:"park_name"`
	Multiple     int64             `db:"multiple"`
	MemberCap    int64             `db:"member_cap"`
	Version      int               `db:"version"`
	UpdatedAt    int64             `db:"updated_at"`
	From         string            `db:"f_from"`
	Registered   int64             `db:"registered"`
	NetAssets    int64             `db:"net_assets"`
	Invested     int64             `db:"invested"`
	Unearned     int64             `db:"unearned"`
	Compensation int64             `db:"compensation"`
	General      int64             `db:"general"`
	Source       string            `db:"f_source"`
}

func (r *guarantorRow) guarantor() Guarantor {
	return Guarantor{
		ID: r.ID, Name: r.Name, Region: r.Region, Type: r.Type, Level: r.Level, Since: r.Since, Ended: r.Ended,
		Park: r.Park, ParkName: r.ParkName, Multiple: r.Multiple, MemberCap: r.MemberCap, Version: r.Version, UpdatedAt: db.Time(r.UpdatedAt),
		Finance: Finance{
			From: r.From, Registered: r.Registered, NetAssets: r.NetAssets, Invested: r.Invested,
			Unearned: r.Unearned, Compensation: r.Compensation, General: r.General, Source: r.Source,
		},
	}
}

func guarantorScope() authz.Columns {
	return authz.Columns{Region: "i.region", Party: map[string]string{authz.Institution: "g.id"}}
}

// oneGuarantor is a guarantor with its money as of the day, if the scope reaches
// it, else NotFound.
func oneGuarantor(ctx context.Context, r db.Reader, s authz.Scope, id institution.ID, day string) (Guarantor, error) {
	where, args := s.SQL(guarantorScope())
	var got guarantorRow
	if err := r.Get(ctx, &got, `SELECT `+guarantorColumns+fromGuarantor+` WHERE g.id = ? AND `+where,
		append([]any{day, string(id)}, args...)...); err != nil {
		return Guarantor{}, err
	}
	return got.guarantor(), nil
}

func insertGuarantor(ctx context.Context, tx *db.Tx, g *Guarantor) error {
	g.UpdatedAt = tx.Now
	_, err := tx.Exec(ctx, `INSERT INTO guarantor (id, type, level, since, ended, park, park_name, multiple, member_cap, version, updated_at)
		VALUES (?,?,?,?,?,?,?,?,?,?,?)`, string(g.ID), string(g.Type), string(g.Level), g.Since, g.Ended, g.Park, g.ParkName,
		g.Multiple, g.MemberCap, g.Version, db.Millis(tx.Now))
	return err
}

func updateGuarantor(ctx context.Context, tx *db.Tx, g *Guarantor) error {
	err := tx.ExecOne(ctx, `UPDATE guarantor SET type = ?, level = ?, since = ?, ended = ?, park = ?, park_name = ?, multiple = ?,
		member_cap = ?, version = version + 1, updated_at = ? WHERE id = ? AND version = ?`,
		string(g.Type), string(g.Level), g.Since, g.Ended, g.Park, g.ParkName, g.Multiple, g.MemberCap, db.Millis(tx.Now), string(g.ID), g.Version)
	if err == nil {
		g.Version++
		g.UpdatedAt = tx.Now
	}
	return err
}

// updateEnded is needed before the version is raised: coverage reads it.
func updateEnded(ctx context.Context, tx *db.Tx, g *Guarantor) error {
	_, err := tx.Exec(ctx, `UPDATE guarantor SET ended = ? WHERE id = ?`, g.Ended, string(g.ID))
	return err
}

func putFinance(ctx context.Context, tx *db.Tx, id institution.ID, f Finance) error {
	_, err := tx.Exec(ctx, `INSERT INTO guarantor_finance (guarantor_id, valid_from, registered, net_assets, invested, unearned, compensation,
		general, source) VALUES (?,?,?,?,?,?,?,?,?) ON CONFLICT (guarantor_id, valid_from) DO UPDATE SET registered = excluded.registered,
		net_assets = excluded.net_assets, invested = excluded.invested, unearned = excluded.unearned,
		compensation = excluded.compensation, general = excluded.general, source = excluded.source`,
		string(id), f.From, f.Registered, f.NetAssets, f.Invested, f.Unearned, f.Compensation, f.General, f.Source)
	return err
}

// financeOn is the line that holds on the day, of lines with the newest first;
// zero before the first.
func financeOn(lines []Finance, day string) Finance {
	if i := slices.IndexFunc(lines, func(f Finance) bool { return f.From <= day }); i >= 0 {
		return lines[i]
	}
	return Finance{}
}

// finances are a guarantor's lines, the newest first.
func finances(ctx context.Context, r db.Reader, id institution.ID) ([]Finance, error) {
	all, err := financesOf(ctx, r, id)
	return all[id], err
}

// financesOf are the lines of guarantors, the newest of each first.
func financesOf(ctx context.Context, r db.Reader, ids ...institution.ID) (map[institution.ID][]Finance, error) {
	rows, err := db.InAll[guarantorRow](ctx, r, ids, `SELECT guarantor_id AS id, valid_from AS f_from, registered, net_assets, invested, unearned,
		compensation, general, source AS f_source FROM guarantor_finance WHERE guarantor_id IN (?) ORDER BY valid_from DESC`)
	return db.Grouped(rows, func(r *guarantorRow) (institution.ID, Finance) { return r.ID, r.guarantor().Finance }), err
}

func outlets(ctx context.Context, r db.Reader, id institution.ID) ([]Outlet, error) {
	all, err := outletsOf(ctx, r, id)
	return all[id], err
}

func outletsOf(ctx context.Context, r db.Reader, ids ...institution.ID) (map[institution.ID][]Outlet, error) {
	type row struct {
		Of institution.ID `db:"guarantor_id"`
		Outlet
	}
	rows, err := db.InAll[row](ctx, r, ids, `SELECT guarantor_id, town, valid_from AS "from", valid_to AS "to" FROM guarantor_outlet
		WHERE guarantor_id IN (?) ORDER BY town`)
	return db.Grouped(rows, func(r *row) (institution.ID, Outlet) { return r.Of, r.Outlet }), err
}

func putOutlets(ctx context.Context, tx *db.Tx, id institution.ID, all []Outlet) error {
	if _, err := tx.Exec(ctx, `DELETE FROM guarantor_outlet WHERE guarantor_id = ?`, string(id)); err != nil {
		return err
	}
	var rows []any
	for _, o := range all {
		rows = append(rows, string(id), string(o.Town), o.From, o.To)
	}
	return tx.InsertAll(ctx, `INSERT INTO guarantor_outlet (guarantor_id, town, valid_from, valid_to)`, 4, rows)
}

func banks(ctx context.Context, r db.Reader, id institution.ID) ([]Partner, error) {
	all, err := banksOf(ctx, r, id)
	return all[id], err
}

func banksOf(ctx context.Context, r db.Reader, ids ...institution.ID) (map[institution.ID][]Partner, error) {
	type row struct {
		Of institution.ID `db:"guarantor_id"`
		Partner
	}
	rows, err := db.InAll[row](ctx, r, ids, `SELECT b.guarantor_id, b.bank_id AS bank, i.name, b.line, b.valid_from AS "from", b.valid_to AS "to"
		FROM guarantor_bank b JOIN institution i ON i.id = b.bank_id WHERE b.guarantor_id IN (?) ORDER BY i.name, i.id`)
	return db.Grouped(rows, func(r *row) (institution.ID, Partner) { return r.Of, r.Partner }), err
}

func putBanks(ctx context.Context, tx *db.Tx, id institution.ID, all []Partner) error {
	if _, err := tx.Exec(ctx, `DELETE FROM guarantor_bank WHERE guarantor_id = ?`, string(id)); err != nil {
		return err
	}
	var rows []any
	for _, b := range all {
		rows = append(rows, string(id), string(b.Bank), b.Line, b.From, b.To)
	}
	return tx.InsertAll(ctx, `INSERT INTO guarantor_bank (guarantor_id, bank_id, line, valid_from, valid_to)`, 5, rows)
}

// townsOf are the towns a guarantor covers or once covered: its outlets, and
// where it sits.
func townsOf(ctx context.Context, r db.Reader, id institution.ID) (map[region.Code]bool, error) {
	var codes []region.Code
	err := r.Select(ctx, &codes, `SELECT town FROM guarantor_outlet WHERE guarantor_id = ?
		UNION SELECT region FROM institution WHERE id = ?`, string(id), string(id))
	towns := map[region.Code]bool{}
	for _, c := range codes {
		if c.Level() == region.Town {
			towns[c] = true
		}
	}
	return towns, err
}

// Move carries outlets, cases and needs along when places change. The territory
// calls it in its own transaction, and records the change there.
func Move(ctx context.Context, tx *db.Tx, from, to region.Code) error {
	// Where several places become one, a guarantor keeps one outlet there.
	if _, err := tx.Exec(ctx, `DELETE FROM guarantor_outlet WHERE town = ? AND guarantor_id IN
		(SELECT guarantor_id FROM guarantor_outlet WHERE town = ?)`, string(from), string(to)); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE guarantor_outlet SET town = ? WHERE town = ?`, string(to), string(from)); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE guarantee_case SET region = ? WHERE region = ?`, string(to), string(from)); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE guarantee_need SET region = ? WHERE region = ?`, string(to), string(from))
	return err
}
