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

// Table is the parks as a spreadsheet (园区名录), with the grade and the term as a
// model park that hold today. A park is known by its name and town.
func Table() *xfer.Table {
	return &xfer.Table{Name: Record, Title: "park.table", Columns: []xfer.Column{
		{Key: "name", Label: "park.column.name", Required: true, Example: "合德镇中小企业园"},
		{Key: "region", Label: "park.column.region", Type: xfer.Place, Required: true, Example: "320924100"},
		{Key: "developer", Label: "park.column.developer"},
		{Key: "operator", Label: "park.column.operator"},
		{Key: "land", Label: "park.column.land", Type: xfer.Number, Example: "200000"},
		{Key: "planned_on", Label: "park.column.planned_on", Type: xfer.Date},
		{Key: "begun_on", Label: "park.column.begun_on", Type: xfer.Date, Example: "2007-03-01"},
		{Key: "done_on", Label: "park.column.done_on", Type: xfer.Date, Hint: "park.column.done_hint"},
		{Key: "facilities", Label: "park.column.facilities", Type: xfer.Choices, Options: xfer.OptionsOf(Facilities())},
		{Key: "about", Label: "park.column.about"},
		{Key: "address", Label: "park.column.address"},
		{Key: "published", Label: "park.column.published", Type: xfer.Choice, Options: []xfer.Option{{Value: "yes", Label: "xfer.yes"}, {Value: "no", Label: "xfer.no"}}},
		{Key: "grade_from", Label: "park.column.grade_from", Type: xfer.Date, Hint: "park.column.grade_hint"},
		{Key: "grade_to", Label: "park.column.grade_to", Type: xfer.Date, Hint: "park.column.to_hint"},
		{Key: "grade_document", Label: "park.column.grade_document"},
		{Key: "model_from", Label: "park.column.model_from", Type: xfer.Date},
		{Key: "model_to", Label: "park.column.model_to", Type: xfer.Date, Hint: "park.column.to_hint"},
		{Key: "model_document", Label: "park.column.model_document"},
	}}
}

// Import lands rows of Table as an actor (导入园区名录).
func (s *Service) Import(ctx context.Context, by authz.Actor) (xfer.Importer, error) {
	if !by.Somewhere(Register) {
		return nil, fault.Closed()
	}
	t, err := s.tree(ctx)
	i := &importer{s: s, by: by, tree: t}
	i.Land = xfer.Land{DB: s.db, Gate: s.gate, Sort: i.sort, Write: i.write}
	return i, err
}

type importer struct {
	xfer.Land
	s    *Service
	by   authz.Actor
	tree tree
}

// line is what a row says, and once it is sorted what it changes.
type line struct {
	profile Profile
	shown   *bool  // nil when the row does not say
	terms   []Term // of the row
	next    Park
	old     bool
	steps   []authz.Permission
}

func (i *importer) Prepare(r *xfer.Row) {
	l := &line{profile: Profile{
		Name: r.Text("name"), Region: r.Place("region"), Developer: r.Text("developer"), Operator: r.Text("operator"),
		Works: works(r), About: r.Text("about"), Address: r.Text("address"),
	}}
	if n := r.Int("land"); n != nil {
		l.profile.Land = *n
	}
	for _, f := range r.Picks("facilities") {
		l.profile.Facilities = append(l.profile.Facilities, Facility(f))
	}
	if word := r.Pick("published"); word != "" {
		shown := word == "yes"
		l.shown = &shown
	}
	if l.profile.Works == (Works{}) && !r.Bad.Has("planned_on") {
		r.Break("begun_on", "park.import.day")
	}
	r.BreakAll("", l.profile.check(i.tree.today))
	if _, ok := i.tree.Place(l.profile.Region, i.tree.today); !ok && !r.Bad.Has("region") {
		r.Break("region", "field.choice")
	}
	for before, g := range map[string]Grade{"grade_": GradeA, "model_": ModelPark} {
		t := Term{Grade: g, From: r.Day(before + "from"), To: r.Day(before + "to"), Document: r.Text(before + "document")}
		if t != (Term{Grade: g}) {
			r.BreakAll(before, t.check())
			l.terms = append(l.terms, t)
		}
	}
	r.Value, r.Keys = l, []string{parkKey(l.profile.Region, l.profile.Name)}
}

// works are the three days of a row.
func works(r *xfer.Row) Works {
	return Works{Planned: r.Day("planned_on"), Begun: r.Day("begun_on"), Done: r.Day("done_on")}
}

func parkKey(town region.Code, name string) string { return string(town) + " " + name }

// parksNamed are the parks of the names, by town and name.
func (s *Service) parksNamed(ctx context.Context, r db.Reader, names []string) (map[string]Park, error) {
	found := map[string]Park{}
	slices.Sort(names)
	for part := range slices.Chunk(slices.Compact(names), 500) {
		day := s.today()
		args := []any{day, day, day, day}
		for _, name := range part {
			args = append(args, name)
		}
		var rows []parkRow
		if err := r.Select(ctx, &rows, `SELECT `+parkColumns+fromPark+` WHERE p.name IN (`+db.Marks(len(part))+`)`, args...); err != nil {
			return nil, err
		}
		for n := range rows {
			p := rows[n].park()
			found[parkKey(p.Region, p.Name)] = p
		}
	}
	return found, nil
}

func (i *importer) sort(ctx context.Context, r db.Reader, rows []*xfer.Row) error {
	var names []string
	for _, row := range rows {
		names = append(names, row.Value.(*line).profile.Name)
	}
	known, err := i.s.parksNamed(ctx, r, names)
	if err != nil {
		return err
	}
	for _, row := range rows {
		l := row.Value.(*line)
		l.steps, l.next, l.old = nil, Park{}, false
		was, ok := known[row.Keys[0]]
		var on []Term
		if ok {
			if on, err = terms(ctx, r, was.ID); err != nil {
				return err
			}
		}
		i.compare(row, l, was, on)
		if !ok || l.next.Land == was.Land {
			continue
		}
		built, err := houses(ctx, r, was.ID, i.s.today())
		if err != nil {
			return err
		}
		under(&row.Bad, l.next.Land, built)
	}
	return nil
}

// compare finds out what a row makes of a park, and whether the actor may.
func (i *importer) compare(r *xfer.Row, l *line, was Park, on []Term) {
	l.old, l.next = was.ID != "", was
	r.Outcome = xfer.Changed
	if !l.old {
		r.Outcome = xfer.New
		l.next = Park{ID: ID(db.NewID()), Version: 1}
		l.steps = append(l.steps, Register)
	}
	in := l.profile
	in.OperatorID = was.OperatorID
	for key, keep := range map[string]func(){
		"developer": func() { in.Developer = was.Developer }, "operator": func() { in.Operator = was.Operator },
		"land": func() { in.Land = was.Land }, "facilities": func() { in.Facilities = was.Facilities },
		"about": func() { in.About = was.About }, "address": func() { in.Address = was.Address },
		"planned_on": func() { in.Planned = was.Planned }, "begun_on": func() { in.Begun = was.Begun }, "done_on": func() { in.Done = was.Done },
	} {
		if !r.Has(key) {
			keep()
		}
	}
	if l.old && !in.same(&was.Profile) {
		l.steps = append(l.steps, Edit)
	}
	l.next.Profile = in
	if l.shown != nil && *l.shown != was.Published {
		l.steps, l.next.Published = append(l.steps, Publish), *l.shown
	}
	l.terms = slices.DeleteFunc(l.terms, func(t Term) bool {
		return slices.ContainsFunc(on, func(o Term) bool { o.ID = ""; return o == t })
	})
	for _, t := range l.terms {
		t.lies(r, l.next.Since(), i.s.today(), on)
	}
	if len(l.terms) > 0 {
		l.steps = append(l.steps, SetGrade)
	}
	if len(l.steps) == 0 {
		r.Outcome = xfer.Unchanged
	}
	if !r.Sound("region") { // whose it is cannot be said
		return
	}
	column := map[authz.Permission]string{Publish: "published", SetGrade: "grade_from"}
	for _, do := range l.steps {
		switch {
		case i.by.May(do, l.next.On(do, i.s.hooks.Home)):
		case !r.Sound("region"): // it is somebody else's: no right to any of it
		case column[do] != "":
			r.Break(column[do], "xfer.row.right")
		default:
			r.Break("region", "xfer.row.foreign", "value", string(in.Region))
		}
	}
}

// lies tells when a term cannot lie where it does among those the park has: a
// title that is on file is changed there.
func (t *Term) lies(r *xfer.Row, since, today string, has []Term) {
	column := "grade_from"
	if t.Grade == ModelPark {
		column = "model_from"
	}
	switch {
	case t.From > today:
		r.Break(column, "recognition.import.future")
	case t.From < since && r.Sound("planned_on", "begun_on", "done_on"):
		r.Break(column, "recognition.import.before", "day", since)
	}
	if !r.Sound(column) {
		return
	}
	for _, o := range has {
		renewed := o.From < t.From && (o.To == "" || o.To > today)
		if o.Grade == t.Grade && !renewed && (o.To == "" || t.From < o.To) && (t.To == "" || o.From < t.To) {
			r.Break(column, "recognition.import.held", "from", o.From)
			return
		}
	}
}

// same reports whether a profile says the same.
func (p *Profile) same(o *Profile) bool {
	return list(p.Facilities) == list(o.Facilities) && p.Name == o.Name && p.Region == o.Region && p.Developer == o.Developer &&
		p.Operator == o.Operator && p.OperatorID == o.OperatorID && p.Land == o.Land && p.Works == o.Works && p.About == o.About && p.Address == o.Address
}

// add notes a step of an import in the batch.
func add(b *gate.Batch, by authz.Actor, do authz.Permission, on authz.Target, kind, id string) error {
	return b.Add(&gate.Change{By: by, Do: do, On: on, Record: gate.Record{Kind: kind, ID: id}, Detail: map[string]any{"import": true}})
}

func (i *importer) write(ctx context.Context, tx *db.Tx, b *gate.Batch, rows []*xfer.Row) error {
	var fresh []any
	var facts []ledger.Fact
	for _, r := range rows {
		l := r.Value.(*line)
		for _, do := range l.steps {
			if err := add(b, i.by, do, l.next.Target(), Record, string(l.next.ID)); err != nil {
				return err
			}
		}
		if !l.old {
			fresh = append(fresh, l.next.values(tx)...)
		}
		if !l.old && len(l.terms) == 0 {
			now := standing{park: &l.next}
			facts = append(facts, now.facts(i.tree)...)
		}
	}
	if err := tx.InsertAll(ctx, intoPark, 17, fresh); err != nil {
		return err
	}
	for _, r := range rows {
		if l := r.Value.(*line); l.old || len(l.terms) > 0 {
			if err := i.amend(ctx, tx, l); err != nil {
				return err
			}
		}
	}
	_, err := i.s.ledger.Post(ctx, tx, facts...)
	return err
}

// amend writes what a row changes of a park and of its terms, and counts it anew.
func (i *importer) amend(ctx context.Context, tx *db.Tx, l *line) error {
	record := gate.Record{Kind: Record, ID: string(l.next.ID)}
	c := gate.Change{By: i.by, Do: SetGrade, On: l.next.On(SetGrade, i.s.hooks.Home), Record: record, Detail: map[string]any{"import": true}}
	for _, t := range l.terms {
		if err := i.s.award(ctx, tx, c, &l.next, t); err != nil {
			return err
		}
	}
	if l.old {
		if err := update(ctx, tx, &l.next); err != nil {
			return err
		}
	}
	all, err := terms(ctx, tx, l.next.ID)
	if err != nil {
		return err
	}
	now := standing{park: &l.next, terms: all}
	return i.s.restate(ctx, tx, record, now.facts(i.tree))
}

// Export gives the parks that the actor may see to put, in the order of the
// Table's columns.
func (s *Service) Export(ctx context.Context, by authz.Actor, f Filter, put func([]string) error) error {
	return eachPark(ctx, s, by, f, termsOf, func(p *Park, all []Term) error {
		var grade, model Term
		for _, t := range all {
			switch {
			case !t.On(s.today()):
			case t.Grade == ModelPark:
				model = t
			default:
				grade = t
			}
		}
		land := ""
		if p.Land > 0 {
			land = whole(p.Land)
		}
		shown := "no"
		if p.Published {
			shown = "yes"
		}
		return put([]string{
			p.Name, string(p.Region), p.Developer, p.Operator, land, p.Planned, p.Begun, p.Done, xfer.Joined(p.Facilities), p.About, p.Address,
			shown, grade.From, grade.To, grade.Document, model.From, model.To, model.Document,
		})
	})
}

// eachPark goes through the parks that the actor may see, with what is read of each:
// once for a page of them.
func eachPark[T any](ctx context.Context, s *Service, by authz.Actor, f Filter,
	read func(ctx context.Context, r db.Reader, ids ...ID) (map[ID][]T, error), do func(p *Park, all []T) error,
) error {
	return db.Pages(func(page db.Page) ([]Park, string, error) { return s.List(ctx, by.Scope(See), f, page) }, func(list []Park) error {
		ids := make([]ID, len(list))
		for i := range list {
			ids[i] = list[i].ID
		}
		all, err := read(ctx, s.db, ids...)
		for i := range list {
			if err == nil {
				err = do(&list[i], all[list[i].ID])
			}
		}
		return err
	})
}
