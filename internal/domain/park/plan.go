package park

import (
	"context"
	"strconv"
	"strings"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/region"
)

func keepPlans() flow.Process[Plan] {
	return flow.Process[Plan]{
		Life: PlanLife(), State: func(p *Plan) *flow.State { return &p.State },
		Kept: gate.Kept[Plan]{
			Kind: PlanRecord, See: SeePlan, On: (*Plan).Target,
			Version: func(p *Plan) int { return p.Version }, Load: onePlan, Save: updatePlan,
		},
	}
}

// SubmitPlan sends in a town's plan for review (报审), with its documents. The
// town has one plan a year: another that was not withdrawn is a Conflict. once is
// the request's idempotency key.
func (s *Service) SubmitPlan(ctx context.Context, by authz.Actor, in Plan, papers files.Papers, once string) (Plan, error) {
	f := fault.FieldsOf(in.check())
	if _, err := s.territory.Place(ctx, s.today(), in.Region); err != nil && !f.Has("region") {
		f.Add("region", "field.choice")
	}
	if err := f.Err(); err != nil {
		return Plan{}, err
	}
	in.ID, in.Version, in.Round, in.State = db.NewID(), 1, 1, InReview
	in.By, in.Submitted, in.Approved = by.ID, s.today(), ""
	c := gate.Change{
		By: by, Do: SubmitPlan, On: in.Target(SubmitPlan), Once: once, Record: gate.Record{Kind: PlanRecord, ID: in.ID},
		Detail: map[string]any{"town": in.Region, "year": in.Year},
	}
	err := s.gate.Write(ctx, &c, func(ctx context.Context, tx *db.Tx) error {
		var n int // of a town that has another code since, too
		if err := tx.Get(ctx, &n, `SELECT COUNT(*) FROM park_plan WHERE region = ? AND year = ? AND state <> 'withdrawn'`,
			string(in.Region), in.Year); err != nil {
			return err
		}
		err := insertPlan(ctx, tx, &in)
		if n > 0 || db.Unique(err) {
			return fault.New(fault.Conflict, "park.conflict.plan", "year", in.Year)
		}
		if err != nil {
			return err
		}
		if err := s.hooks.Files.Apply(ctx, tx, &c, in.papers(), papers); err != nil {
			return err
		}
		return flow.Note(ctx, tx, c.Record, flow.Began(by, SubmitPlan, InReview, ""))
	})
	if id, again := gate.Again(err); again {
		return onePlan(ctx, s.db, by.Scope(SubmitPlan), id)
	}
	return in, err
}

// papers is where the documents of a plan hang.
func (p *Plan) papers() files.To {
	return files.To{
		Record: gate.Record{Kind: PlanRecord, ID: p.ID},
		Owner:  authz.Party{Kind: files.Office, ID: string(p.Region.Parent())},
	}
}

// GiveOpinion notes what an expert says of the plan as it came in last. Whoever
// sent it in may not: a Conflict.
func (s *Service) GiveOpinion(ctx context.Context, by authz.Actor, id string, version int, o Opinion) (Plan, error) {
	if err := o.check(); err != nil {
		return Plan{}, err
	}
	m := flow.Move{Do: Opine, Note: o.Expert, Detail: map[string]any{"verdict": o.Verdict}}
	return s.plans.Take(ctx, s.gate, by, id, version, m, func(ctx context.Context, tx *db.Tx, p *Plan) error {
		if p.By == by.ID {
			return fault.New(fault.Conflict, "park.conflict.own_plan")
		}
		o.ID, o.Round, o.At, o.by = db.NewID(), p.Round, tx.Now, by.ID
		for _, other := range p.Opinions {
			if other.Round == p.Round && other.Expert == o.Expert {
				return fault.Fields{{Name: "expert", Key: "park.field.twice", Args: []any{"name", o.Expert}}}.Err()
			}
		}
		p.Opinions = append(p.Opinions, o)
		return insertOpinion(ctx, tx, id, &o)
	})
}

// ReturnPlan sends the plan back to be revised, with the reason.
func (s *Service) ReturnPlan(ctx context.Context, by authz.Actor, id string, version int, reason string) (Plan, error) {
	return s.back(ctx, by, id, version, ReturnPlan, reason)
}

// WithdrawPlan takes the plan out of the review, with the reason.
func (s *Service) WithdrawPlan(ctx context.Context, by authz.Actor, id string, version int, reason string) (Plan, error) {
	return s.back(ctx, by, id, version, WithdrawPlan, reason)
}

func (s *Service) back(ctx context.Context, by authz.Actor, id string, version int, do authz.Permission, reason string) (Plan, error) {
	if err := fault.NoReason(&reason); err != nil {
		return Plan{}, err
	}
	return s.plans.Take(ctx, s.gate, by, id, version, flow.Move{Do: do, Note: reason}, nil)
}

// RevisePlan sends the revised plan in again: a new round, which the experts look
// at anew. The town and the year stay.
func (s *Service) RevisePlan(ctx context.Context, by authz.Actor, id string, version int, in Plan, note string, papers files.Papers) (Plan, error) {
	was, err := s.plans.Allow(ctx, s.db, by, id, RevisePlan)
	if err != nil {
		return Plan{}, err
	}
	in.Region, in.Year = was.Region, was.Year
	f := fault.FieldsOf(in.check())
	note = strings.TrimSpace(note)
	f.Length("note", note, 2, 500)
	if err := f.Err(); err != nil {
		return Plan{}, err
	}
	m := flow.Move{Do: RevisePlan, Note: note}
	return s.plans.Take(ctx, s.gate, by, id, version, m, func(ctx context.Context, tx *db.Tx, p *Plan) error {
		p.Title, p.Land, p.FloorArea, p.Parks, p.Text = in.Title, in.Land, in.FloorArea, in.Parks, in.Text
		p.Round, p.By, p.Submitted = p.Round+1, by.ID, s.today()
		c := gate.Change{By: by, Do: RevisePlan, On: p.Target(RevisePlan), Record: gate.Record{Kind: PlanRecord, ID: id}}
		return s.hooks.Files.Apply(ctx, tx, &c, p.papers(), papers)
	})
}

// ApprovePlan passes the plan under a document (批复). More than half of the
// experts who looked at it as it is now agree, somebody else noted one of those
// opinions, and whoever sent it in is somebody else, else Conflict.
func (s *Service) ApprovePlan(ctx context.Context, by authz.Actor, id string, version int, document string) (Plan, error) {
	var f fault.Fields
	document = strings.TrimSpace(document)
	f.Length("document", document, 2, 120)
	if err := f.Err(); err != nil {
		return Plan{}, err
	}
	t, err := s.tree(ctx)
	if err != nil {
		return Plan{}, err
	}
	m := flow.Move{Do: ApprovePlan, Note: document}
	return s.plans.Take(ctx, s.gate, by, id, version, m, func(ctx context.Context, tx *db.Tx, p *Plan) error {
		switch {
		case p.By == by.ID:
			return fault.New(fault.Conflict, "park.conflict.own_plan")
		case !p.agreed(by.ID):
			return fault.New(fault.Conflict, "park.conflict.not_agreed", "round", strconv.Itoa(p.Round))
		}
		p.Approved, p.Document = s.today(), document
		return s.restate(ctx, tx, gate.Record{Kind: PlanRecord, ID: id}, p.facts(t))
	})
}

// CountPlans is how many plans within the scope are in a state.
func (s *Service) CountPlans(ctx context.Context, scope authz.Scope, in flow.State) (int, error) {
	where, args := scope.SQL(authz.Columns{Region: "p.region"})
	var n int
	return n, s.db.Get(ctx, &n, `SELECT COUNT(*) FROM park_plan p WHERE p.state = ? AND `+where, append([]any{string(in)}, args...)...)
}

// LastPlanned is the newest year for which a town within a place has sent in a
// plan; 0 when none has.
func (s *Service) LastPlanned(ctx context.Context, within region.Code) (int, error) {
	span := within.Span()
	var year int
	return year, s.db.Get(ctx, &year, `SELECT COALESCE(MAX(year), 0) FROM park_plan WHERE region >= ? AND region < ? AND state <> 'withdrawn'`,
		span.From, span.To)
}
