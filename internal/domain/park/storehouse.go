package park

import (
	"context"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/enterprise"
)

const houseColumns = `b.id, b.park_id, b.name, b.kind, b.floors, b.area, b.planned_on, b.begun_on, b.completed_on, b.version`

type houseRow struct {
	ID       string `db:"id"`
	Park     ID     `db:"park_id"`
	Name     string `db:"name"`
	Kind     Kind   `db:"kind"`
	Floors   int    `db:"floors"`
	Area     int64  `db:"area"`
	Planned  string `db:"planned_on"`
	Begun    string `db:"begun_on"`
	Done     string `db:"completed_on"`
	Version  int    `db:"version"`
	Occupied int64  `db:"occupied"`
}

func (r *houseRow) house() House {
	return House{
		ID: r.ID, Park: r.Park, Name: r.Name, Kind: r.Kind, Floors: r.Floors, Area: r.Area,
		Works: Works{Planned: r.Planned, Begun: r.Begun, Done: r.Done}, Version: r.Version, Occupied: r.Occupied,
	}
}

func house(ctx context.Context, r db.Reader, id string) (House, error) {
	var got houseRow
	err := r.Get(ctx, &got, `SELECT `+houseColumns+` FROM park_building b WHERE b.id = ?`, id)
	return got.house(), err
}

// houses are the buildings of a park by name, with what is occupied on the day.
func houses(ctx context.Context, r db.Reader, id ID, day string) ([]House, error) {
	all, err := housesIn(ctx, r, day, id)
	return all[id], err
}

// housesIn are the buildings of parks, of each by name.
func housesIn(ctx context.Context, r db.Reader, day string, parks ...ID) (map[ID][]House, error) {
	rows, err := db.InAll[houseRow](ctx, r, parks, `SELECT `+houseColumns+`, COALESCE((SELECT SUM(s.area) FROM park_space s
		WHERE s.building_id = b.id AND s.valid_from <= ? AND (s.valid_to = '' OR s.valid_to > ?)), 0) AS occupied
		FROM park_building b WHERE b.park_id IN (?) ORDER BY b.name, b.id`, day, day)
	return db.Grouped(rows, func(r *houseRow) (ID, House) { h := r.house(); return h.Park, h }), err
}

const intoHouse = `INSERT INTO park_building (id, park_id, name, kind, floors, area, planned_on, begun_on, completed_on, version)`

func (h *House) values() []any {
	return []any{h.ID, string(h.Park), h.Name, string(h.Kind), h.Floors, h.Area, h.Planned, h.Begun, h.Done, h.Version}
}

func insertHouse(ctx context.Context, tx *db.Tx, h *House) error {
	return tx.InsertAll(ctx, intoHouse, 10, h.values())
}

// kindsOf are the kinds of buildings by their ids.
func kindsOf(all []House) map[string]Kind {
	kinds := make(map[string]Kind, len(all))
	for _, h := range all {
		kinds[h.ID] = h.Kind
	}
	return kinds
}

func updateHouse(ctx context.Context, tx *db.Tx, h *House) error {
	err := tx.ExecOne(ctx, `UPDATE park_building SET name = ?, kind = ?, floors = ?, area = ?, planned_on = ?, begun_on = ?,
		completed_on = ?, version = version + 1 WHERE id = ? AND version = ?`,
		h.Name, string(h.Kind), h.Floors, h.Area, h.Planned, h.Begun, h.Done, h.ID, h.Version)
	if err == nil {
		h.Version++
	}
	return err
}

const tenancyColumns = `y.id, y.park_id, y.enterprise_id, y.entered_on, y.left_on, y.way, y.note, y.undone, y.version`

type tenancyRow struct {
	ID         string        `db:"id"`
	Park       ID            `db:"park_id"`
	Enterprise enterprise.ID `db:"enterprise_id"`
	Entered    string        `db:"entered_on"`
	Left       string        `db:"left_on"`
	Way        Way           `db:"way"`
	Note       string        `db:"note"`
	Undone     int64         `db:"undone"`
	Version    int           `db:"version"`
	Area       int64         `db:"area"`
}

func (r *tenancyRow) tenancy() Tenancy {
	return Tenancy{
		ID: r.ID, Park: r.Park, Enterprise: r.Enterprise, Entered: r.Entered, Left: r.Left, Way: r.Way, Note: r.Note,
		Undone: r.Undone == 1, Version: r.Version, Area: r.Area,
	}
}

// tenancy is one with its spaces.
func tenancy(ctx context.Context, r db.Reader, id string) (Tenancy, error) {
	var got tenancyRow
	if err := r.Get(ctx, &got, `SELECT `+tenancyColumns+` FROM park_tenancy y WHERE y.id = ?`, id); err != nil {
		return Tenancy{}, err
	}
	y := got.tenancy()
	var err error
	y.Spaces, err = spacesOf(ctx, r, id)
	for _, s := range y.Spaces {
		if s.To == "" {
			y.Area += s.Area
		}
	}
	return y, err
}

const intoTenancy = `INSERT INTO park_tenancy (id, park_id, enterprise_id, entered_for, entered_on, left_on, way, note, undone, version)`

func (y *Tenancy) values() []any {
	return []any{
		y.ID, string(y.Park), string(y.Enterprise), string(y.Enterprise), y.Entered, y.Left, string(y.Way), y.Note, db.Bool(y.Undone), y.Version,
	}
}

func insertTenancy(ctx context.Context, tx *db.Tx, y *Tenancy) error {
	return tx.InsertAll(ctx, intoTenancy, 10, y.values())
}

func updateTenancy(ctx context.Context, tx *db.Tx, y *Tenancy) error {
	err := tx.ExecOne(ctx, `UPDATE park_tenancy SET left_on = ?, way = ?, note = ?, undone = ?, version = version + 1 WHERE id = ? AND version = ?`,
		y.Left, string(y.Way), y.Note, db.Bool(y.Undone), y.ID, y.Version)
	if err == nil {
		y.Version++
	}
	return err
}

const spaceColumns = `s.id, s.building_id AS building, b.name AS house, s.area, s.valid_from AS "from", s.valid_to AS "to"`

func spacesOf(ctx context.Context, r db.Reader, tenancy string) ([]Space, error) {
	all, err := spacesOfAll(ctx, r, tenancy)
	return all[tenancy], err
}

// spacesOfAll are what tenants have had, the oldest of each first.
func spacesOfAll(ctx context.Context, r db.Reader, tenancies ...string) (map[string][]Space, error) {
	type row struct {
		Tenancy string `db:"tenancy_id"`
		Space
	}
	rows, err := db.InAll[row](ctx, r, tenancies, `SELECT s.tenancy_id, `+spaceColumns+` FROM park_space s JOIN park_building b ON b.id = s.building_id
		WHERE s.tenancy_id IN (?) ORDER BY s.valid_from, s.id`)
	return db.Grouped(rows, func(r *row) (string, Space) { return r.Tenancy, r.Space }), err
}

func spacesIn(ctx context.Context, r db.Reader, building string) ([]Space, error) {
	var all []Space
	err := r.Select(ctx, &all, `SELECT `+spaceColumns+` FROM park_space s JOIN park_building b ON b.id = s.building_id
		WHERE s.building_id = ? ORDER BY s.valid_from, s.id`, building)
	return all, err
}

const intoSpace = `INSERT INTO park_space (id, tenancy_id, building_id, area, valid_from, valid_to)`

func (s *Space) values(tenancy string) []any {
	return []any{s.ID, tenancy, s.Building, s.Area, s.From, s.To}
}

func insertSpace(ctx context.Context, tx *db.Tx, tenancy string, s *Space) error {
	return tx.InsertAll(ctx, intoSpace, 6, s.values(tenancy))
}

// endSpaces ends what a tenant has on the day: in one building, or everywhere.
func endSpaces(ctx context.Context, tx *db.Tx, tenancy, building, day string) error {
	_, err := tx.Exec(ctx, `UPDATE park_space SET valid_to = ? WHERE tenancy_id = ? AND valid_to = '' AND (? = '' OR building_id = ?)`,
		day, tenancy, building, building)
	return err
}

// emptySpaces leaves a tenant's spaces without a day: it never had them.
func emptySpaces(ctx context.Context, tx *db.Tx, tenancy string) error {
	_, err := tx.Exec(ctx, `UPDATE park_space SET valid_to = valid_from WHERE tenancy_id = ?`, tenancy)
	return err
}

// Rejoin lets tenancies and wishes of two enterprises follow when their entries
// are merged into one or separated again: each belongs to the entry that stands
// today for the one it was made for. The register calls it in its own
// transaction, and records the change there.
func Rejoin(ctx context.Context, tx *db.Tx, a, b enterprise.ID) error {
	for table, first := range map[string]string{"park_tenancy": "entered_for", "park_wish": "wished_for"} {
		var made []enterprise.ID
		if err := tx.Select(ctx, &made, `SELECT DISTINCT `+first+` FROM `+table+` WHERE enterprise_id IN (?, ?)`, a, b); err != nil {
			return err
		}
		for _, one := range made {
			now, err := enterprise.Resolve(ctx, tx, one)
			if err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, `UPDATE `+table+` SET enterprise_id = ?, version = version + 1 WHERE `+first+` = ? AND enterprise_id <> ?`,
				now, one, now); err != nil {
				return err
			}
		}
	}
	return nil
}
