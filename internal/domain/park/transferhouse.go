package park

import (
	"context"
	"slices"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/xfer"
)

// HouseTable is the buildings of parks as a spreadsheet (园区楼栋). A building is
// known by its park and its name there.
func HouseTable() *xfer.Table {
	return &xfer.Table{Name: BuildingRecord, Title: "park.house.table", Columns: []xfer.Column{
		{Key: "region", Label: "park.column.region", Type: xfer.Place, Required: true, Example: "320924100"},
		{Key: "park", Label: "park.column.park", Required: true, Example: "合德镇中小企业园"},
		{Key: "name", Label: "park.column.house", Required: true, Example: "1号厂房"},
		{Key: "kind", Label: "park.column.kind", Type: xfer.Choice, Required: true, Options: xfer.OptionsOf(Kinds())},
		{Key: "floors", Label: "park.column.floors", Type: xfer.Number, Required: true, Example: "4"},
		{Key: "area", Label: "park.column.area", Type: xfer.Number, Required: true, Example: "12000"},
		{Key: "planned_on", Label: "park.column.planned_on", Type: xfer.Date},
		{Key: "begun_on", Label: "park.column.begun_on", Type: xfer.Date},
		{Key: "done_on", Label: "park.column.completed_on", Type: xfer.Date},
	}}
}

// ImportHouses lands rows of HouseTable as an actor (导入园区楼栋).
func (s *Service) ImportHouses(ctx context.Context, by authz.Actor) (xfer.Importer, error) {
	if !by.Somewhere(SetBuilding) {
		return nil, fault.Closed()
	}
	t, err := s.tree(ctx)
	i := &houseImporter{s: s, by: by, tree: t}
	i.Land = xfer.Land{DB: s.db, Gate: s.gate, Sort: i.sort, Write: i.write}
	return i, err
}

type houseImporter struct {
	xfer.Land
	s    *Service
	by   authz.Actor
	tree tree
}

// houseLine is what a row says, and once it is sorted what it is about.
type houseLine struct {
	town region.Code
	park string
	in   House
	of   Park
	was  Kind // of the building that changes
}

func (i *houseImporter) Prepare(r *xfer.Row) {
	l := &houseLine{town: r.Place("region"), park: r.Text("park"), in: House{Name: r.Text("name"), Kind: Kind(r.Pick("kind")), Works: works(r)}}
	if n := r.Int("floors"); n != nil {
		l.in.Floors = int(*n)
	}
	if n := r.Int("area"); n != nil {
		l.in.Area = *n
	}
	r.BreakAll("", l.in.check(i.tree.today))
	r.Value, r.Keys = l, []string{parkKey(l.town, l.park) + " " + l.in.Name}
}

// housesOf are the buildings of parks, by park and name.
func (s *Service) housesOf(ctx context.Context, r db.Reader, parks []ID) (map[ID]map[string]House, error) {
	found := map[ID]map[string]House{}
	slices.Sort(parks)
	for part := range slices.Chunk(slices.Compact(parks), 500) {
		args := make([]any, len(part))
		for n, id := range part {
			args[n], found[id] = string(id), map[string]House{}
		}
		var rows []houseRow
		if err := r.Select(ctx, &rows, `SELECT `+houseColumns+` FROM park_building b WHERE b.park_id IN (`+db.Marks(len(part))+`)`, args...); err != nil {
			return nil, err
		}
		for n := range rows {
			h := rows[n].house()
			found[h.Park][h.Name] = h
		}
	}
	return found, nil
}

// parkOf is the park that a row names, if the actor may see it.
func parkOf(r *xfer.Row, known map[string]Park, scope authz.Scope, town region.Code, name string) (Park, bool) {
	if !r.Sound("region", "park") { // which it is cannot be said
		return Park{}, false
	}
	p, ok := known[parkKey(town, name)]
	if !ok || !scope.Reaches(p.Target()) {
		r.Break("park", "park.import.park")
		return Park{}, false
	}
	return p, true
}

func (i *houseImporter) sort(ctx context.Context, r db.Reader, rows []*xfer.Row) error {
	var names []string
	for _, row := range rows {
		names = append(names, row.Value.(*houseLine).park)
	}
	parks, err := i.s.parksNamed(ctx, r, names)
	if err != nil {
		return err
	}
	var ids []ID
	for _, p := range parks {
		ids = append(ids, p.ID)
	}
	known, err := i.s.housesOf(ctx, r, ids)
	if err != nil {
		return err
	}
	scope := i.by.Scope(See)
	for _, row := range rows {
		l := row.Value.(*houseLine)
		var ok bool
		if l.of, ok = parkOf(row, parks, scope, l.town, l.park); !ok {
			continue
		}
		if !i.by.May(SetBuilding, l.of.Target()) {
			row.Break("park", "xfer.row.right")
			continue
		}
		if err := l.in.stands(&l.of); err != nil {
			row.BreakAll("", err)
		}
		if was, there := known[l.of.ID][l.in.Name]; there {
			if err := i.again(ctx, r, row, was); err != nil {
				return err
			}
			continue
		}
		l.in.ID, l.in.Park, l.in.Version, row.Outcome = db.NewID(), l.of.ID, 1, xfer.New
		if l.of.Ended != "" && row.Sound("name") {
			row.Break("park", "park.conflict.ended")
		}
	}
	return nil
}

// again compares a row with the building of its name: days that have no column stay.
func (i *houseImporter) again(ctx context.Context, r db.Reader, row *xfer.Row, was House) error {
	l := row.Value.(*houseLine)
	l.in.ID, l.in.Park, l.in.Version, l.was, row.Outcome = was.ID, l.of.ID, was.Version, was.Kind, xfer.Changed
	for key, keep := range map[string]func(){
		"planned_on": func() { l.in.Planned = was.Planned }, "begun_on": func() { l.in.Begun = was.Begun }, "done_on": func() { l.in.Done = was.Done },
	} {
		if !row.Has(key) {
			keep()
		}
	}
	if l.in == was {
		row.Outcome = xfer.Unchanged
		return nil
	}
	if !row.Sound("kind", "floors", "area", "planned_on", "begun_on", "done_on") { // what room there is cannot be said
		return nil
	}
	return i.fits(ctx, r, row, l)
}

// fits holds a building that changes to what its tenants have of it.
func (i *houseImporter) fits(ctx context.Context, r db.Reader, row *xfer.Row, l *houseLine) error {
	if tx, ok := r.(*db.Tx); ok && tx.Writing() {
		if err := tx.Lock(ctx, "park_building", l.in.ID); err != nil {
			return err
		}
	}
	spaces, err := spacesIn(ctx, r, l.in.ID)
	if err != nil {
		return err
	}
	if held := l.in.holds(spaces); held != nil {
		row.BreakFault("area", held)
	}
	return nil
}

func (i *houseImporter) write(ctx context.Context, tx *db.Tx, b *gate.Batch, rows []*xfer.Row) error {
	var fresh []any
	var facts []ledger.Fact
	for _, r := range rows {
		l := r.Value.(*houseLine)
		if err := add(b, i.by, SetBuilding, l.of.Target(), BuildingRecord, l.in.ID); err != nil {
			return err
		}
		if r.Outcome == xfer.New {
			fresh, facts = append(fresh, l.in.values()...), append(facts, l.in.facts(i.tree, &l.of)...)
			continue
		}
		if err := i.s.saveHouse(ctx, tx, i.tree, &lot{l.of, l.in}, l.was); err != nil {
			return err
		}
	}
	if err := tx.InsertAll(ctx, intoHouse, 10, fresh); err != nil {
		return err
	}
	_, err := i.s.ledger.Post(ctx, tx, facts...)
	return err
}

// ExportHouses gives the buildings of the parks that the actor may see to put, in
// the order of the HouseTable's columns.
func (s *Service) ExportHouses(ctx context.Context, by authz.Actor, f Filter, put func([]string) error) error {
	read := func(ctx context.Context, r db.Reader, ids ...ID) (map[ID][]House, error) {
		return housesIn(ctx, r, s.today(), ids...)
	}
	return eachPark(ctx, s, by, f, read, func(p *Park, all []House) error {
		for _, h := range all {
			if err := put([]string{
				string(p.Region), p.Name, h.Name, string(h.Kind), whole(int64(h.Floors)), whole(h.Area), h.Planned, h.Begun, h.Done,
			}); err != nil {
				return err
			}
		}
		return nil
	})
}
