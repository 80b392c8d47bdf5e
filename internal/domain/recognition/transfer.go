package recognition

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/xfer"
)

// Table is the awards as a spreadsheet (认定结果), for books that were kept before:
// no application lies behind those that come in so. An award is known by its
// title, its subject with the place, and its first day.
func Table() *xfer.Table {
	return &xfer.Table{Name: KindAward, Title: "recognition.table", Columns: []xfer.Column{
		{Key: "title", Label: "recognition.column.title", Required: true, Hint: "recognition.column.title_hint", Example: "park.a"},
		{Key: "name", Label: "recognition.column.name", Required: true, Example: "合德镇中小企业园"},
		{Key: "region", Label: "recognition.column.region", Type: xfer.Place, Required: true, Example: "320924100"},
		{Key: "office", Label: "recognition.column.office", Type: xfer.Place, Required: true, Example: "320900"},
		{Key: "grade", Label: "recognition.column.grade", Example: "A"},
		{Key: "was", Label: "recognition.column.was"},
		{Key: "regraded", Label: "recognition.column.regraded", Type: xfer.Date},
		{Key: "from", Label: "recognition.column.from", Type: xfer.Date, Required: true, Example: "2008-11-20"},
		{Key: "to", Label: "recognition.column.to", Type: xfer.Date, Hint: "recognition.column.to_hint"},
		{Key: "document", Label: "recognition.column.document", Required: true},
		{Key: "state", Label: "recognition.column.state", Type: xfer.Choice, Options: xfer.OptionsOf(awardStates()), Hint: "recognition.column.state_hint"},
	}}
}

// AwardState is the state of an award as a column.
type AwardState flow.State

// Key is the text key of the state.
func (s AwardState) Key() string { return awardLife.StateKey(flow.State(s)) }

func awardStates() []AwardState {
	all := make([]AwardState, len(awardLife.States))
	for i, s := range awardLife.States {
		all[i] = AwardState(s)
	}
	return all
}

// Import lands rows of Table as an actor (导入认定结果). What the rows say is
// handed on to the subject's own record, as a decision is.
func (s *Service) Import(_ context.Context, by authz.Actor) (xfer.Importer, error) {
	if !by.Somewhere(Decide) {
		return nil, fault.Closed()
	}
	i := &importer{s: s, by: by, today: s.today()}
	i.Land = xfer.Land{DB: s.db, Gate: s.gate, Sort: i.sort, Write: i.write}
	return i, nil
}

type importer struct {
	xfer.Land
	s     *Service
	by    authz.Actor
	today string
}

// awardLine is what a row says, and once it is sorted the award it makes.
type awardLine struct {
	said  Award // without subject and id
	state bool  // the row says one
	next  Award
	old   bool
}

func (i *importer) Prepare(r *xfer.Row) {
	l := &awardLine{said: Award{
		Title: strings.TrimSpace(r.Text("title")), Subject: Subject{Name: r.Text("name"), Region: r.Place("region")}, Office: r.Place("office"),
		Grade: r.Text("grade"), Was: r.Text("was"), Regraded: r.Day("regraded"), From: r.Day("from"), To: r.Day("to"), Document: r.Text("document"),
		State: flow.State(r.Pick("state")),
	}}
	w := &l.said
	l.state = w.State != ""
	var f fault.Fields
	f.Length("document", w.Document, 2, 120)
	f.Length("grade", w.Grade, 0, 20)
	f.Length("was", w.Was, 0, 20)
	if w.From > i.today {
		f.Add("from", "recognition.import.future")
	}
	if w.To != "" && w.To < w.From {
		f.Add("to", "recognition.import.order")
	}
	if w.Regraded != "" && (w.Regraded < w.From || w.Regraded > i.today) {
		f.Add("regraded", "recognition.import.regraded")
	}
	if w.State == "" || i.over(w) {
		w.State = Valid
		if i.over(w) {
			w.State = Expired
		}
	}
	if !i.holds(w) && !f.Has("to") && (w.To == "" || w.To > i.today) {
		f.Add("to", "recognition.import.revoked")
	}
	if !r.Bad.Has("office") && !r.Bad.Has("region") && !w.Office.Contains(w.Region) {
		f.Add("office", "recognition.conflict.place")
	}
	r.BreakAll("", f.Err())
	whose := w.Title + " " + string(w.Region) + " " + w.Name
	r.Value, r.Keys = l, []string{whose + " " + w.From}
	if i.holds(w) { // a subject holds a title once
		r.Keys = append(r.Keys, whose)
	}
}

// over reports a term that has ended, whatever the row says of it; a title that
// was taken away stays so.
func (i *importer) over(w *Award) bool {
	return w.State != Revoked && w.To != "" && w.To <= i.today
}

func (i *importer) holds(w *Award) bool { return w.State == Valid || w.State == Rechecking }

func (i *importer) sort(ctx context.Context, r db.Reader, rows []*xfer.Row) error {
	all, err := titles(ctx, r)
	if err != nil {
		return err
	}
	byID := map[string]*Title{}
	for i := range all {
		byID[all[i].ID] = &all[i]
	}
	for _, row := range rows {
		l := row.Value.(*awardLine)
		if row.Sound("office") && !i.by.May(Decide, authz.At(l.said.Office)) {
			row.Break("office", "xfer.row.foreign", "value", string(l.said.Office))
		}
		t, ok := byID[l.said.Title]
		if !ok {
			row.Break("title", "field.choice")
			continue
		}
		if err := i.find(ctx, r, row, l, t); err != nil {
			return err
		}
	}
	return nil
}

// find finds whose award a row is, and which, and what the row changes of it.
func (i *importer) find(ctx context.Context, r db.Reader, row *xfer.Row, l *awardLine, t *Title) error {
	l.old, l.next = false, l.said
	w := &l.next
	k, ok := i.s.subjects(t.Subject)
	if !ok || k.Named == nil {
		row.Break("title", "recognition.conflict.kind")
		return nil
	}
	if !row.Sound("name", "region") { // whose it is cannot be said
		t.grades(row, w)
		return nil
	}
	subject, err := k.Named(ctx, r, w.Name, w.Region)
	if fault.Is(err, fault.NotFound) {
		row.Break("name", "recognition.import.subject", "value", w.Name)
		t.grades(row, w)
		return nil
	}
	if err != nil {
		return err
	}
	w.Subject = subject
	had, err := awardsOf(ctx, r, subject.Kind, subject.ID)
	if err != nil {
		return err
	}
	had = slices.DeleteFunc(had, func(was Award) bool { return was.Title != w.Title })
	row.Outcome = xfer.New
	w.ID, w.Version = db.NewID(), 1
	t.bind(w)
	if n := slices.IndexFunc(had, func(was Award) bool { return was.From == w.From }); n >= 0 {
		i.compare(row, l, t, had[n])
		had = slices.Delete(had, n, n+1)
	}
	if row.Outcome != xfer.Unchanged {
		t.grades(row, w)
		t.fits(row, w, subject.Since, had)
	}
	return nil
}

// grades tells when a row gives a grade that the title has not; that of the title is
// meant by a row that says none.
func (t *Title) grades(row *xfer.Row, w *Award) {
	if w.Grade == "" && w.Regraded == "" {
		w.Grade = t.Grade
	}
	if !row.Sound("grade", "was", "regraded") {
		return
	}
	gives := w.Grade == t.Grade && w.Was == ""
	if w.Regraded != "" {
		gives = w.Was == t.Grade && w.Grade == t.Below && t.Below != ""
	}
	if !gives {
		row.Break("grade", "recognition.import.grade", "grade", t.Grade, "below", cmp.Or(t.Below, "—"))
	}
}

// fits tells when a row begins before there was the subject, or lies within another
// award of the title.
func (t *Title) fits(row *xfer.Row, w *Award, since string, others []Award) {
	if !row.Sound("from", "to") {
		return
	}
	if w.From < since {
		row.Break("from", "recognition.import.before", "day", since)
		return
	}
	if n := slices.IndexFunc(others, func(was Award) bool { return was.meets(w) }); n >= 0 {
		row.Break("from", "recognition.import.held", "from", others[n].From)
	}
}

// compare finds what a row changes of an award that is there. Its state changes by
// the steps on its page alone.
func (i *importer) compare(row *xfer.Row, l *awardLine, t *Title, was Award) {
	said := l.next
	l.old, l.next = true, was
	if l.state && said.State != was.State && !i.over(&was) {
		row.Break("state", "recognition.import.state")
	}
	for key, set := range map[string]func(){
		"grade": func() { l.next.Grade = said.Grade }, "was": func() { l.next.Was = said.Was }, "regraded": func() { l.next.Regraded = said.Regraded },
		"to": func() { l.next.To = said.To }, "document": func() { l.next.Document = said.Document },
	} {
		if row.Has(key) {
			set()
		}
	}
	if l.next.To != was.To {
		t.bind(&l.next)
	}
	row.Outcome = xfer.Changed
	if l.next == was {
		row.Outcome = xfer.Unchanged
	}
	if row.Sound("office") && said.Office != was.Office {
		row.Break("office", "xfer.row.foreign", "value", string(said.Office))
	}
}

func (i *importer) write(ctx context.Context, tx *db.Tx, b *gate.Batch, rows []*xfer.Row) error {
	for _, r := range rows {
		l := r.Value.(*awardLine)
		w, record := &l.next, gate.Record{Kind: KindAward, ID: l.next.ID}
		if err := b.Add(&gate.Change{By: i.by, Do: Decide, On: authz.At(w.Office), Record: record, Detail: map[string]any{"import": true}}); err != nil {
			return err
		}
		var err error
		if l.old {
			err = updateAward(ctx, tx, w)
		} else if err = insertAward(ctx, tx, w); err == nil {
			err = flow.Note(ctx, tx, record, flow.Began(i.by, Decide, w.State, w.Document))
		}
		if err == nil {
			err = i.s.count(ctx, tx, w)
		}
		if err == nil {
			err = i.s.handOn(ctx, tx, i.by, w)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Export gives the awards that the actor may see to put, in the order of the
// Table's columns: those of a title and of a place, both may be empty.
func (s *Service) Export(ctx context.Context, by authz.Actor, at region.Code, text string, put func([]string) error) error {
	return db.Pages(func(page db.Page) ([]Award, string, error) {
		return s.Awards(ctx, by.Scope(See), AwardFilter{Region: at, Text: text}, page)
	}, func(all []Award) error {
		for _, w := range all {
			if err := put([]string{
				w.Title, w.Name, string(w.Region), string(w.Office), w.Grade, w.Was, w.Regraded, w.From, w.To, w.Document, string(w.State),
			}); err != nil {
				return err
			}
		}
		return nil
	})
}
