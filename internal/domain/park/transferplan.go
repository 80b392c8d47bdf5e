package park

import (
	"context"
	"strconv"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/text"
	"qiban.dev/qiban/internal/xfer"
)

// PlanTable is the plans of towns as a spreadsheet (园区规划). A plan is known by its
// town and year. One that comes in waits for its review like any other, unless its
// row names the document under which it was approved before.
func PlanTable() *xfer.Table {
	return &xfer.Table{Name: "park-plan", Title: "park.plan.table", Columns: []xfer.Column{
		{Key: "region", Label: "park.column.region", Type: xfer.Place, Required: true, Example: "320924100"},
		{Key: "year", Label: "parks.plan.year", Type: xfer.Number, Required: true, Example: "2008"},
		{Key: "title", Label: "parks.plan.title", Required: true, Example: "合德镇中小企业园建设规划"},
		{Key: "land", Label: "park.column.plan_land", Type: xfer.Number, Required: true, Example: "400000"},
		{Key: "floor_area", Label: "park.column.plan_floor", Type: xfer.Number, Required: true, Example: "320000"},
		{Key: "parks", Label: "parks.plan.parks", Type: xfer.Number, Required: true, Example: "2"},
		{Key: "text", Label: "parks.plan.text"},
		{Key: "approved_on", Label: "parks.plan.approved", Type: xfer.Date, Hint: "park.column.approved_hint"},
		{Key: "document", Label: "parks.plan.document", Hint: "park.column.approved_hint"},
		{Key: "state", Label: "park.column.plan_state", Type: xfer.Note},
	}}
}

// within is the same use cases as part of a transaction that is under way.
func (s *Service) within(in *gate.Gate) *Service {
	own := *s
	own.gate, own.db = in, in.DB()
	return &own
}

// ImportPlans lands rows of PlanTable as an actor (导入园区规划), as SubmitPlan does.
func (s *Service) ImportPlans(_ context.Context, by authz.Actor) (xfer.Importer, error) {
	number := func(r *xfer.Row, key string) int64 {
		if n := r.Int(key); n != nil {
			return *n
		}
		return 0
	}
	return xfer.ByUseCases(s.gate, by, SubmitPlan, func(r *xfer.Row) Plan {
		p := Plan{
			Region: r.Place("region"), Year: int(number(r, "year")), Title: r.Text("title"), Land: number(r, "land"), FloorArea: number(r, "floor_area"),
			Parks: int(number(r, "parks")), Text: r.Text("text"), Approved: r.Day("approved_on"), Document: r.Text("document"),
		}
		if !r.Bad.Has("approved_on") && (p.Approved == "") != (p.Document == "") {
			r.Break("document", "park.import.approval")
		}
		r.Keys = []string{string(p.Region) + " " + strconv.Itoa(p.Year)}
		return p
	}, func(ctx context.Context, in *gate.Gate, r *xfer.Row, p Plan) error {
		return s.within(in).takePlan(ctx, by, r, p)
	})
}

func (s *Service) takePlan(ctx context.Context, by authz.Actor, r *xfer.Row, in Plan) error {
	if !by.May(SubmitPlan, in.Target(SubmitPlan)) && !r.Bad.Has("region") {
		r.Break("region", "xfer.row.foreign", "value", string(in.Region))
	}
	if in.Approved != "" && r.Sound("region") && !by.May(ApprovePlan, in.Target(ApprovePlan)) {
		r.Break("document", "xfer.row.right")
	}
	if in.Approved > s.today() {
		r.Break("approved_on", "park.field.future", "value", in.Approved)
	}
	where, args := by.Scope(SubmitPlan).SQL(authz.Columns{Region: "p.region"})
	var row planRow
	err := s.db.Get(ctx, &row, `SELECT `+planColumns+` FROM park_plan p WHERE p.region = ? AND p.year = ? AND p.state <> 'withdrawn' AND `+where,
		append([]any{string(in.Region), in.Year}, args...)...)
	switch {
	case err == nil:
		comparePlan(r, in, row.plan())
		return nil
	case !fault.Is(err, fault.NotFound):
		return err
	}
	r.Outcome = xfer.New
	day, document := in.Approved, in.Document
	p, err := s.SubmitPlan(ctx, by, in, files.Papers{}, "")
	if err != nil || day == "" {
		return err
	}
	return s.passed(ctx, by, p, day, document)
}

// comparePlan holds a row to the plan that is on file, which changes on its page
// alone.
func comparePlan(r *xfer.Row, in, was Plan) {
	r.Outcome = xfer.Unchanged
	r.Keep(map[string]func(){
		"text": func() { in.Text = was.Text }, "approved_on": func() { in.Approved = was.Approved }, "document": func() { in.Document = was.Document },
	})
	switch {
	case in.Approved != was.Approved, in.Document != was.Document:
		r.Break("approved_on", "park.import.plan")
	case in.Title != was.Title, in.Land != was.Land, in.FloorArea != was.FloorArea, in.Parks != was.Parks, in.Text != was.Text:
		r.Break("title", "park.import.plan")
	}
}

// passed notes that a plan which has come in by a table was approved before, under
// the document. No expert is asked again.
func (s *Service) passed(ctx context.Context, by authz.Actor, p Plan, day, document string) error {
	var f fault.Fields
	f.Length("document", document, 2, 120)
	if err := f.Err(); err != nil {
		return err
	}
	t, err := s.tree(ctx)
	if err != nil {
		return err
	}
	m := flow.Move{Do: ApprovePlan, Note: document, Detail: map[string]any{"import": true, "on": day}}
	_, err = s.plans.Take(ctx, s.gate, by, p.ID, p.Version, m, func(ctx context.Context, tx *db.Tx, p *Plan) error {
		p.Approved, p.Document = day, document
		return s.restate(ctx, tx, gate.Record{Kind: PlanRecord, ID: p.ID}, p.facts(t))
	})
	return err
}

// ExportPlans writes the plans within the actor's reach, by town and year, without
// those that were withdrawn (导出园区规划).
func (s *Service) ExportPlans(ctx context.Context, by authz.Actor, at region.Code, lang text.Lang, put func(cells []string) error) error {
	where, args := by.Scope(SeePlan).SQLWithin(at, authz.Columns{Region: "p.region"})
	life := PlanLife()
	return db.Pages(func(page db.Page) ([]planRow, string, error) {
		return db.Paged(ctx, s.db, page, db.Order{Columns: []string{"p.region", "p.id"}},
			`SELECT `+planColumns+` FROM park_plan p WHERE p.state <> 'withdrawn' AND `+where, args,
			func(x *planRow) []string { return []string{string(x.Region), x.ID} })
	}, func(list []planRow) error {
		for i := range list {
			p := &list[i]
			if err := put([]string{
				string(p.Region), strconv.Itoa(p.Year), p.Title, whole(p.Land), whole(p.FloorArea), strconv.Itoa(p.Parks), p.Text, p.Approved, p.Document,
				lang.T(life.StateKey(p.State)),
			}); err != nil {
				return err
			}
		}
		return nil
	})
}
