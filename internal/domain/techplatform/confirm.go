package techplatform

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
)

// The states of a piece of work.
const (
	WorkWaiting   flow.State = "waiting"   // 待确认: entered by the platform's own people, in no figure
	WorkCounted   flow.State = "counted"   // 已计入
	WorkReturned  flow.State = "returned"  // 已退回
	WorkWithdrawn flow.State = "withdrawn" // 已撤销
)

// The rights of an office over what the platforms of its place enter.
const (
	ConfirmWork authz.Permission = "techplatform.work.confirm"
	ReturnWork  authz.Permission = "techplatform.work.return"
)

// WorkLifecycle is the one process of a piece of work that was entered without an
// order: what an office enters counts at once, what the platform's own people say
// waits for an office.
func WorkLifecycle() flow.Lifecycle { return workLife }

var workLife = flow.Lifecycle{
	Name:   WorkKind,
	States: []flow.State{WorkWaiting, WorkCounted, WorkReturned, WorkWithdrawn},
	Start:  WorkWaiting,
	Ends:   []flow.State{WorkCounted, WorkReturned, WorkWithdrawn},
	Steps: []flow.Step{
		{Do: RecordWork, To: WorkWaiting, Or: []flow.State{WorkCounted}, Who: "institution"},
		{Do: ConfirmWork, From: []flow.State{WorkWaiting}, To: WorkCounted, Who: "official", Guard: "another"},
		{Do: ReturnWork, From: []flow.State{WorkWaiting}, To: WorkReturned, Who: "official"},
		{Do: TakeBackWork, From: []flow.State{WorkWaiting, WorkCounted}, To: WorkWithdrawn, Who: "institution"},
	},
}

// WorkState is a state as a choice of lists and tables.
type WorkState flow.State

// WorkStates are all of them, in the order in which people meet them.
func WorkStates() []WorkState {
	return db.As(workLife.States, func(s *flow.State) WorkState { return WorkState(*s) })
}

// Key is the text key of the state's name.
func (s WorkState) Key() string { return workLife.StateKey(flow.State(s)) }

// workProcess is how work is kept and goes on.
var workProcess = flow.Process[Work]{
	Kept: gate.Kept[Work]{
		Kind: WorkKind, See: See, Load: oneWork, Save: updateWork, Target: (*Work).Target, On: (*Work).on,
		Version: func(w *Work) int { return w.Version },
	},
	Life: workLife, State: func(w *Work) *flow.State { return &w.State },
}

// on is what a step is checked against: what the platform says an office of its
// place confirms or returns, nobody by being of the platform.
func (w *Work) on(do authz.Permission) authz.Target {
	if do == ConfirmWork || do == ReturnWork {
		return authz.At(w.Region)
	}
	return w.Target()
}

// message is a word to the platform's people about the work, which they find on
// the platform's page.
func (w *Work) message(key string, args ...any) Message {
	return Message{
		Key: key, Record: gate.Record{Kind: PlatformKind, ID: string(w.Platform)},
		Args: append([]any{"title", w.Title, "day", w.On}, args...),
	}
}

// confirmable refuses whoever entered the work.
func (w *Work) confirmable(by string) error {
	if w.EnteredBy == by {
		return fault.New(fault.Conflict, "tech.conflict.own_work", "title", w.Title, "day", w.On)
	}
	return nil
}

// ConfirmWork is the office's word that the platform did what its people entered
// (确认): from now on it counts, on its own day. Whoever entered it cannot: Conflict;
// so is a year that is settled.
func (s *Service) ConfirmWork(ctx context.Context, by authz.Actor, id string, version int) (Work, error) {
	return workProcess.Take(ctx, s.gate, by, id, version, flow.Move{Do: ConfirmWork}, func(ctx context.Context, tx *db.Tx, w *Work) error {
		if err := w.confirmable(by.ID); err != nil {
			return err
		}
		return s.count(ctx, tx, []Work{*w})
	})
}

// ReturnWork sends a piece of work back to the platform with a reason of 4 to 200
// characters (退回): it never counts, and its people are told. They enter it anew.
func (s *Service) ReturnWork(ctx context.Context, by authz.Actor, id string, version int, reason string) (Work, error) {
	var f fault.Fields
	reason = strings.TrimSpace(reason)
	f.Length("reason", reason, 4, 200)
	if err := f.Err(); err != nil {
		if _, lost := workProcess.Allow(ctx, s.db, by, id, ReturnWork); lost != nil {
			err = lost
		}
		return Work{}, err
	}
	m := flow.Move{Do: ReturnWork, Note: reason, Detail: map[string]any{"reason": reason}}
	return workProcess.Take(ctx, s.gate, by, id, version, m, func(ctx context.Context, tx *db.Tx, w *Work) error {
		w.Returned = reason
		told := authz.Target{}.Of(authz.Institution, string(w.Institution))
		return s.send(ctx, tx, RecordWork, told, w.message("tech.told.work_returned", "reason", reason))
	})
}

// ConfirmWorks confirms many pieces at once, all of them or none, at most 2,000,
// and answers how many. One that waits no longer is passed over, so that the same
// list twice does what it does once; the rest is as ConfirmWork says. Stale when
// somebody decided on one of them meanwhile.
func (s *Service) ConfirmWorks(ctx context.Context, by authz.Actor, ids []string) (int, error) {
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	switch n := len(ids); {
	case n == 0:
		return 0, fault.Fields{{Name: "works", Key: "tech.field.works"}}.Err()
	case n > mostAtOnce:
		return 0, fault.Fields{{Name: "works", Key: "field.range", Args: []any{"min", 1, "max", mostAtOnce}}}.Err()
	}
	done := 0
	err := s.gate.Batch(ctx, func(ctx context.Context, tx *db.Tx, b *gate.Batch) error {
		all, err := worksOf(ctx, tx, by.Scope(See), ids)
		if err != nil {
			return err
		}
		if len(all) < len(ids) {
			return fault.Missing()
		}
		for i := range all {
			if err := gate.Check(&gate.Change{By: by, Do: ConfirmWork, On: all[i].on(ConfirmWork)}); err != nil {
				return err
			}
		}
		all = slices.DeleteFunc(all, func(w Work) bool { return w.State != WorkWaiting })
		for i := range all {
			if err := s.confirmIn(ctx, tx, b, by, &all[i]); err != nil {
				return err
			}
		}
		done = len(all)
		return s.count(ctx, tx, all)
	})
	if err != nil {
		done = 0
	}
	return done, err
}

// confirmIn confirms one of many.
func (s *Service) confirmIn(ctx context.Context, tx *db.Tx, b *gate.Batch, by authz.Actor, w *Work) error {
	if err := w.confirmable(by.ID); err != nil {
		return err
	}
	c := &gate.Change{
		By: by, Do: ConfirmWork, On: w.on(ConfirmWork), Record: gate.Record{Kind: WorkKind, ID: w.ID},
		Detail: map[string]any{"from": WorkWaiting, "to": WorkCounted},
	}
	if err := b.Add(c); err != nil {
		return err
	}
	w.State = WorkCounted
	if err := updateWork(ctx, tx, w); err != nil {
		return err
	}
	return flow.Note(ctx, tx, c.Record, flow.Event{Do: ConfirmWork, From: WorkWaiting, To: WorkCounted, Kind: by.Kind, By: by.ID, ByName: by.Name})
}

// worksOf are those of the pieces that the scope reaches, with whom they served.
func worksOf(ctx context.Context, r db.Reader, scope authz.Scope, ids []string) ([]Work, error) {
	where, args := scope.SQL(workScope())
	rows, err := db.InAll[workRow](ctx, r, ids, `SELECT `+workColumns+` FROM techplatform_work w WHERE `+where+` AND w.id IN (?)`, args...)
	if err != nil {
		return nil, err
	}
	type part struct {
		Work string `db:"work_id"`
		Firm string `db:"enterprise_id"`
	}
	parts, err := db.InAll[part](ctx, r, ids, `SELECT work_id, enterprise_id FROM techplatform_work_enterprise WHERE work_id IN (?)`)
	firms := db.Grouped(parts, func(p *part) (string, string) { return p.Work, p.Firm })
	return db.As(rows, func(r *workRow) Work {
		w := r.work()
		w.Enterprises = firms[w.ID]
		return w
	}), err
}

// count makes work that was entered before count: each piece on its own day, at
// the level its platform had then.
func (s *Service) count(ctx context.Context, tx *db.Tx, all []Work) error {
	var firms []string
	for i := range all {
		firms = append(firms, all[i].Enterprises...)
	}
	at, err := townsOf(ctx, tx, firms)
	if err != nil {
		return err
	}
	var facts []ledger.Fact
	known := map[ID]placed{}
	for i := range all {
		l := landing{work: all[i]}
		p, ok := known[l.work.Platform]
		if !ok {
			if p.Platform, err = one(ctx, tx, authz.Unbounded("counted, not shown"), l.work.Platform, s.today()); err != nil {
				return err
			}
			if p.terms, err = terms(ctx, tx, p.ID); err != nil {
				return err
			}
			known[p.ID] = p
		}
		slices.Sort(l.work.Enterprises)
		l.work.Enterprises = slices.Compact(l.work.Enterprises) // entries merged since
		l.find(at)
		facts = append(facts, l.work.facts(&p.Platform, levelOn(p.terms, l.work.On), l.firms)...)
	}
	if err := s.unsettled(ctx, tx, facts); err != nil {
		return err
	}
	_, err = s.ledger.Post(ctx, tx, facts...)
	return err
}

// unsettled refuses facts of a year that is settled at their place.
func (s *Service) unsettled(ctx context.Context, r db.Reader, facts []ledger.Fact) error {
	if s.hooks.Settled == nil {
		return nil
	}
	type period struct {
		at   region.Code
		year string
	}
	asked := map[period]bool{}
	for i := range facts {
		p := period{facts[i].Region, facts[i].OccurredOn.Year()}
		if asked[p] {
			continue
		}
		asked[p] = true
		year, err := strconv.Atoi(p.year)
		if err != nil {
			return err
		}
		settled, err := s.hooks.Settled(ctx, r, p.at, year)
		if err == nil && settled {
			err = fault.New(fault.Conflict, "tech.conflict.settled", "year", year)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// WorkDesk is how many pieces of work wait for the actor's word. What the actor
// entered waits for somebody else.
func (s *Service) WorkDesk(ctx context.Context, by authz.Actor) (Desk, error) {
	var d Desk
	if !by.Somewhere(ConfirmWork) {
		return d, nil
	}
	where, args := by.Scope(ConfirmWork).SQL(authz.Columns{Region: "w.region"})
	err := s.db.Get(ctx, &d.N, `SELECT COUNT(*) FROM techplatform_work w WHERE w.state = ? AND w.entered_by <> ? AND `+where,
		append([]any{string(WorkWaiting), by.ID}, args...)...)
	return d, err
}
