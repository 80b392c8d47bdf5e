package park

import (
	"context"
	"slices"
	"sort"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/xfer"
)

// TenantTable is the tenants of parks as a spreadsheet (入园企业): how each came
// in, and that it left. A tenancy is known by the park, the enterprise and the
// day; what the tenant has had since is kept on its page.
func TenantTable() *xfer.Table {
	return &xfer.Table{Name: TenancyRecord, Title: "park.tenant.table", Columns: []xfer.Column{
		{Key: "region", Label: "park.column.region", Type: xfer.Place, Required: true, Example: "320924100"},
		{Key: "park", Label: "park.column.park", Required: true, Example: "合德镇中小企业园"},
		{Key: "code", Label: "park.column.code", Type: xfer.Code, Required: true, Hint: "park.column.code_hint"},
		{Key: "name", Label: "park.column.enterprise", Type: xfer.Note},
		{Key: "building", Label: "park.column.house", Required: true, Example: "1号厂房"},
		{Key: "area", Label: "park.column.let", Type: xfer.Number, Required: true, Example: "800"},
		{Key: "entered", Label: "park.column.entered", Type: xfer.Date, Required: true, Example: "2008-05-12"},
		{Key: "left", Label: "park.column.left", Type: xfer.Date},
		{Key: "way", Label: "park.column.way", Type: xfer.Choice, Options: xfer.OptionsOf(Ways())},
	}}
}

// ImportTenants lands rows of TenantTable as an actor (导入入园企业).
func (s *Service) ImportTenants(ctx context.Context, by authz.Actor) (xfer.Importer, error) {
	if !by.Somewhere(Enter) {
		return nil, fault.Closed()
	}
	t, err := s.tree(ctx)
	i := &tenantImporter{s: s, by: by, tree: t}
	i.Land = xfer.Land{DB: s.db, Gate: s.gate, Sort: i.sort, Write: i.write}
	return i, err
}

type tenantImporter struct {
	xfer.Land
	s    *Service
	by   authz.Actor
	tree tree
}

// tenantLine is what a row says, and once it is sorted what it is about.
type tenantLine struct {
	town     region.Code
	park     string
	code     string
	building string
	area     int64
	entered  string
	left     string
	way      Way

	of    Park
	house House
	next  Tenancy
	steps []authz.Permission
}

func (i *tenantImporter) Prepare(r *xfer.Row) {
	l := &tenantLine{
		town: r.Place("region"), park: r.Text("park"), code: enterprise.Normalise(r.Code("code")), building: r.Text("building"),
		entered: r.Day("entered"), left: r.Day("left"), way: Way(r.Pick("way")),
	}
	if n := r.Int("area"); n != nil {
		l.area = *n
	}
	f := fault.Fields{}
	f.Range("area", l.area, 1, mostArea)
	for name, day := range map[string]string{"entered": l.entered, "left": l.left} {
		if day > i.tree.today {
			f.Add(name, "park.field.future", "value", day)
		}
	}
	switch {
	case l.left != "" && l.left < l.entered:
		f.Add("left", "park.field.order")
	case (l.left == "") != (l.way == ""):
		f.Add("way", "park.import.way")
	}
	r.BreakAll("", f.Err())
	r.Value, r.Keys = l, []string{parkKey(l.town, l.park) + " " + l.code + " " + l.entered}
}

// books are what is on file about the parks that the rows name.
type books struct {
	parks  map[string]Park
	houses map[ID]map[string]House
	firms  map[string]enterprise.ID
	stays  map[ID][]Tenancy   // by park
	spaces map[string][]Space // by building
}

// read fills the books. When something is to be written the parks and their
// buildings are locked first, in an order that is the same for everybody, so
// that what is found stays true.
func (i *tenantImporter) read(ctx context.Context, r db.Reader, rows []*xfer.Row) (*books, error) {
	b := &books{stays: map[ID][]Tenancy{}, spaces: map[string][]Space{}}
	var names, codes []string
	for _, row := range rows {
		l := row.Value.(*tenantLine)
		names, codes = append(names, l.park), append(codes, l.code)
	}
	var err error
	if b.parks, err = i.s.parksNamed(ctx, r, names); err != nil {
		return nil, err
	}
	if b.firms, err = enterprise.ByCode(ctx, r, i.by.Scope(enterprise.View), codes...); err != nil {
		return nil, err
	}
	var ids []ID
	for _, row := range rows {
		l := row.Value.(*tenantLine)
		if p, ok := b.parks[parkKey(l.town, l.park)]; ok {
			ids = append(ids, p.ID)
		}
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	tx, _ := r.(*db.Tx)
	writing := tx != nil && tx.Writing()
	for _, id := range ids {
		if writing {
			if err := tx.Lock(ctx, "park", string(id)); err != nil {
				return nil, err
			}
		}
	}
	if b.houses, err = i.s.housesOf(ctx, r, ids); err != nil {
		return nil, err
	}
	if writing {
		var all []string
		for _, of := range b.houses {
			for _, h := range of {
				all = append(all, h.ID)
			}
		}
		sort.Strings(all)
		for _, id := range all {
			if err := tx.Lock(ctx, "park_building", id); err != nil {
				return nil, err
			}
		}
	}
	return b, i.stays(ctx, r, b, ids)
}

// stays reads the tenancies of parks, each with its spaces.
func (i *tenantImporter) stays(ctx context.Context, r db.Reader, b *books, parks []ID) error {
	for part := range slices.Chunk(parks, 500) {
		args := make([]any, len(part))
		for n, id := range part {
			args[n] = string(id)
		}
		var rows []tenancyRow
		if err := r.Select(ctx, &rows, `SELECT `+tenancyColumns+` FROM park_tenancy y WHERE y.undone = 0 AND y.park_id IN (`+db.Marks(len(part))+`)`,
			args...); err != nil {
			return err
		}
		var spaces []struct {
			Space
			Tenancy string `db:"tenancy_id"`
		}
		if err := r.Select(ctx, &spaces, `SELECT s.tenancy_id, `+spaceColumns+` FROM park_space s JOIN park_building b ON b.id = s.building_id
			WHERE b.park_id IN (`+db.Marks(len(part))+`) ORDER BY s.valid_from, s.id`, args...); err != nil {
			return err
		}
		of := map[string][]Space{}
		for _, s := range spaces {
			of[s.Tenancy] = append(of[s.Tenancy], s.Space)
			b.spaces[s.Building] = append(b.spaces[s.Building], s.Space)
		}
		for n := range rows {
			y := rows[n].tenancy()
			y.Spaces = of[y.ID]
			b.stays[y.Park] = append(b.stays[y.Park], y)
		}
	}
	return nil
}

func (i *tenantImporter) sort(ctx context.Context, r db.Reader, rows []*xfer.Row) error {
	b, err := i.read(ctx, r, rows)
	if err != nil {
		return err
	}
	scope := i.by.Scope(See)
	// Those who came first are looked at first, so that old books land whole.
	order := slices.Clone(rows)
	slices.SortStableFunc(order, func(x, y *xfer.Row) int {
		a, c := x.Value.(*tenantLine), y.Value.(*tenantLine)
		if a.entered < c.entered {
			return -1
		}
		if a.entered > c.entered {
			return 1
		}
		return 0
	})
	for _, row := range order {
		l := row.Value.(*tenantLine)
		l.steps = nil
		firm, known := b.firms[l.code]
		if !known && row.Sound("code") {
			row.Break("code", "park.field.enterprise")
		}
		var ok bool
		if l.of, ok = parkOf(row, b.parks, scope, l.town, l.park); !ok {
			continue
		}
		stays := b.stays[l.of.ID]
		n := slices.IndexFunc(stays, func(y Tenancy) bool { return y.Enterprise == firm && y.Entered == l.entered })
		if n >= 0 {
			i.compare(row, l, stays[n])
		} else {
			i.fresh(row, l, b, firm)
		}
		for _, do := range l.steps {
			if !i.by.May(do, l.of.Target()) && !row.Bad.Has("park") {
				row.Break("park", "xfer.row.right")
			}
		}
	}
	return nil
}

// compare finds out whether a tenancy that is on file has ended since.
func (i *tenantImporter) compare(r *xfer.Row, l *tenantLine, was Tenancy) {
	r.Outcome = xfer.Unchanged
	if first := was.Spaces[0]; r.Sound("building", "area") && (first.House != l.building || first.Area != l.area) {
		r.Break("area", "park.import.space")
	}
	if !r.Has("left") || !r.Sound("left", "way") || l.left == was.Left && l.way == was.Way {
		return
	}
	last := was.Entered
	for _, s := range was.Spaces {
		last = max(last, s.From, s.To)
	}
	switch {
	case was.Left != "":
		r.Break("left", "park.conflict.left")
	case l.left < last:
		r.Break("left", "park.field.before", "value", l.left)
	default:
		l.next, l.steps, r.Outcome = was, []authz.Permission{Leave}, xfer.Changed
		l.next.Left, l.next.Way = l.left, l.way
		l.next.Spaces = slices.Clone(was.Spaces)
		for n := range l.next.Spaces {
			l.next.Spaces[n].To = or(l.next.Spaces[n].To, l.left)
		}
	}
}

// fresh checks one who comes in against what is on file and the rows before it.
func (i *tenantImporter) fresh(r *xfer.Row, l *tenantLine, b *books, firm enterprise.ID) {
	r.Outcome, l.steps = xfer.New, []authz.Permission{Enter}
	if l.left != "" {
		l.steps = append(l.steps, Leave)
	}
	if !r.Sound("entered", "left") { // what was there in its days cannot be said
		if _, ok := b.houses[l.of.ID][l.building]; !ok && r.Sound("building") {
			r.Break("building", "field.choice")
		}
		return
	}
	for _, y := range b.stays[l.of.ID] {
		if y.Enterprise == firm && (y.Left == "" || l.entered < y.Left) && (l.left == "" || y.Entered < l.left) {
			r.Break("code", "park.conflict.tenant")
			break
		}
	}
	if l.of.Ended != "" && l.of.Ended <= l.entered {
		r.Break("park", "park.conflict.ended")
	}
	if !r.Sound("building") {
		return
	}
	h, ok := b.houses[l.of.ID][l.building]
	switch {
	case !ok:
		r.Break("building", "field.choice")
		return
	case h.Stage(l.entered) != Done:
		r.Break("building", "park.field.unfinished", "building", h.Name)
		return
	}
	if rest := h.Area - peak(b.spaces[h.ID], l.entered, l.left); l.area > rest {
		r.Break("area", "park.field.room", "building", h.Name, "rest", rest)
	}
	if len(r.Bad) > 0 {
		return
	}
	l.house = h
	space := Space{ID: db.NewID(), Building: h.ID, House: h.Name, Area: l.area, From: l.entered, To: l.left}
	l.next = Tenancy{
		ID: db.NewID(), Park: l.of.ID, Enterprise: firm, Entered: l.entered, Left: l.left, Way: l.way, Version: 1, Spaces: []Space{space},
	}
	b.spaces[h.ID] = append(b.spaces[h.ID], space)
	b.stays[l.of.ID] = append(b.stays[l.of.ID], l.next)
}

func (i *tenantImporter) write(ctx context.Context, tx *db.Tx, b *gate.Batch, rows []*xfer.Row) error {
	var stays, spaces []any
	var facts []ledger.Fact
	for _, r := range rows {
		l := r.Value.(*tenantLine)
		for _, do := range l.steps {
			if err := add(b, i.by, do, l.of.Target(), TenancyRecord, l.next.ID); err != nil {
				return err
			}
		}
		if r.Outcome == xfer.New {
			stays, spaces = append(stays, l.next.values()...), append(spaces, l.next.Spaces[0].values(l.next.ID)...)
			facts = append(facts, l.next.facts(i.tree, l.of.Region, map[string]Kind{l.house.ID: l.house.Kind})...)
			continue
		}
		all, err := houses(ctx, tx, l.of.ID, i.tree.today)
		if err != nil {
			return err
		}
		if err := endSpaces(ctx, tx, l.next.ID, "", l.left); err != nil {
			return err
		}
		if err := updateTenancy(ctx, tx, &l.next); err != nil {
			return err
		}
		told := l.next.facts(i.tree, l.of.Region, kindsOf(all))
		if err := i.s.restate(ctx, tx, gate.Record{Kind: TenancyRecord, ID: l.next.ID}, told); err != nil {
			return err
		}
	}
	if err := tx.InsertAll(ctx, intoTenancy, 10, stays); err != nil {
		return err
	}
	if err := tx.InsertAll(ctx, intoSpace, 6, spaces); err != nil {
		return err
	}
	_, err := i.s.ledger.Post(ctx, tx, facts...)
	return err
}

// ExportTenants gives the tenancies of the parks that the actor may see to put,
// in the order of the TenantTable's columns.
func (s *Service) ExportTenants(ctx context.Context, by authz.Actor, f TenantFilter, put func([]string) error) error {
	return db.Pages(func(page db.Page) ([]Tenancy, string, error) { return s.Tenants(ctx, by.Scope(See), f, page) }, func(all []Tenancy) error {
		var stays, firms []string
		var ids []ID
		for _, y := range all {
			stays, firms, ids = append(stays, y.ID), append(firms, string(y.Enterprise)), append(ids, y.Park)
		}
		parks, err := parksBy(ctx, s.db, s.today(), ids)
		if err != nil {
			return err
		}
		spaces, err := spacesOfAll(ctx, s.db, stays...)
		if err != nil {
			return err
		}
		codes, err := enterprise.Codes(ctx, s.db, firms...)
		for _, y := range all {
			if err == nil {
				p, first := parks[y.Park], spaces[y.ID][0]
				err = put([]string{
					string(p.Region), p.Name, codes[string(y.Enterprise)], y.Name, first.House, whole(first.Area), y.Entered, y.Left, string(y.Way),
				})
			}
		}
		return err
	})
}

// parksBy are parks by their ids.
func parksBy(ctx context.Context, r db.Reader, day string, ids []ID) (map[ID]Park, error) {
	slices.Sort(ids)
	rows, err := db.InAll[parkRow](ctx, r, slices.Compact(ids), `SELECT `+parkColumns+fromPark+` WHERE p.id IN (?)`, day, day, day, day)
	all := map[ID]Park{}
	for i := range rows {
		p := rows[i].park()
		all[p.ID] = p
	}
	return all, err
}
