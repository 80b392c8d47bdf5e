package engagement

import (
	"context"
	"errors"
	"slices"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/region"
)

// Robot is the actor of this domain's tasks: it may remind, escalate, let lapse,
// work out limits anew and pick, and nothing else.
func Robot() authz.Actor {
	return authz.System("engagement", Remind, Escalate, Lapse, Retime, PickCallback)
}

// inBatches is how many needs a task looks at in one query.
const inBatches = 200

// RemindAll reminds whoever has the next step of what is due soon, once for
// each step (临期提醒). It returns how many it reminded of; a job calls it.
func (s *Service) RemindAll(ctx context.Context, by authz.Actor) (int, error) {
	t, err := s.times(ctx)
	if err != nil {
		return 0, err
	}
	now := s.db.Now()
	// No limit is longer than a year, so nothing further off can be due soon.
	return s.each(ctx, by, Remind, `n.reminded = 0`, now, now.AddDate(1, 0, 0), func(n *Need) error {
		d, ok := t.deadline(n, now)
		if !ok || !t.calendar.Remind(d, now) {
			return errSkip
		}
		_, err := s.step(ctx, by, n.ID, n.Version, move{do: Remind}, func(ctx context.Context, tx *db.Tx, n *Need) error {
			n.Told.Reminded = true
			switch n.State {
			case Offered:
				return s.tellInstitution(ctx, tx, n, "need.told.answer_due", "due", d.On)
			case Delivered, Rateable:
				return s.tellAsker(ctx, tx, n, "need.told.confirm_due", "due", d.On)
			default:
				return s.tellDesk(ctx, tx, n, "need.told.due", "due", d.On)
			}
		})
		return err
	})
}

// EscalateAll tells the supervising level of what is overdue, once for each
// step (督办), and whoever should have done it. It returns how many; a job calls it.
func (s *Service) EscalateAll(ctx context.Context, by authz.Actor) (int, error) {
	t, err := s.times(ctx)
	if err != nil {
		return 0, err
	}
	now := s.db.Now()
	return s.each(ctx, by, Escalate, `n.supervised = 0`, time.Time{}, now, func(n *Need) error {
		d, ok := t.deadline(n, now)
		if !ok {
			return errSkip
		}
		level := t.calendar.Supervise(d, now)
		if level == region.None {
			return errSkip
		}
		above := n.Office.At(level)
		if above == "" { // the office is itself higher than that
			above = n.Office
		}
		m := move{do: Escalate, note: string(above), detail: map[string]any{"told": above, "due": d.On}}
		_, err := s.step(ctx, by, n.ID, n.Version, m, func(ctx context.Context, tx *db.Tx, n *Need) error {
			n.Told.Supervised = level
			if s.hooks.Notify != nil {
				msg := n.message("need.told.overdue", "due", d.On)
				if err := s.hooks.Notify.TellHolders(ctx, tx, Supervise, authz.At(above), msg); err != nil {
					return err
				}
			}
			if err := s.tellDesk(ctx, tx, n, "need.told.overdue", "due", d.On); err != nil {
				return err
			}
			return s.news(ctx, tx, NewsOverdue, n)
		})
		return err
	})
}

// LapseAll closes what the one who asked was to confirm or rate and did not in
// time (逾期未确认): unconfirmed deliveries are counted apart. It returns how many
// needs it closed; a job calls it.
func (s *Service) LapseAll(ctx context.Context, by authz.Actor) (int, error) {
	return s.each(ctx, by, Lapse, `1 = 1`, time.Time{}, s.db.Now(), func(n *Need) error {
		_, err := s.step(ctx, by, n.ID, n.Version, move{do: Lapse}, func(ctx context.Context, tx *db.Tx, n *Need) error {
			if err := s.close(ctx, tx, n); err != nil {
				return err
			}
			return s.tellAsker(ctx, tx, n, "need.told.lapsed")
		})
		return err
	})
}

// RetimeAll works out anew by when everything is due, after the holidays of a
// year were announced or changed (节假日调整). It returns how many moved.
func (s *Service) RetimeAll(ctx context.Context, by authz.Actor) (int, error) {
	t, err := s.times(ctx)
	if err != nil {
		return 0, err
	}
	moved, due, id := 0, int64(-1), ""
	scope, args := by.Scope(Retime).SQL(columns())
	for {
		needs, err := many(ctx, s.db, scope+` AND n.due < ? AND (n.due, n.id) > (?, ?) ORDER BY n.due, n.id LIMIT ?`,
			append(slices.Clone(args), never, due, id, inBatches)...)
		if err != nil || len(needs) == 0 {
			return moved, err
		}
		last := &needs[len(needs)-1]
		due, id = dueOf(last.Due), string(last.ID)
		for i := range needs {
			n := &needs[i]
			was := n.Due
			if t.set(n, s.db.Now()); n.Due.Equal(was) {
				continue
			}
			c := gate.Change{
				By: by, Do: Retime, On: n.view(), Record: gate.Record{Kind: Kind, ID: string(n.ID)},
				Detail: map[string]any{"from": flow.DayOf(was), "to": flow.DayOf(n.Due)},
			}
			err := s.gate.Write(ctx, &c, func(ctx context.Context, tx *db.Tx) error {
				// Not a change of the need itself: whoever has it open need not reload.
				return tx.ExecOne(ctx, `UPDATE need SET due = ?, due_step = ? WHERE id = ? AND version = ?`,
					dueOf(n.Due), n.DueStep, string(n.ID), n.Version)
			})
			switch {
			case fault.Is(err, fault.Stale): // changed meanwhile, and so worked out anew
			case err != nil:
				return moved, err
			default:
				moved++
			}
		}
	}
}

// each calls fn with every need in a state where do can be done, due within the
// times (neither of them counted) and where the condition holds, soonest first. A need that somebody changes meanwhile is
// left for the next time.
func (s *Service) each(ctx context.Context, by authz.Actor, do authz.Permission, cond string, after, until time.Time, fn func(*Need) error) (int, error) {
	scope, values := by.Scope(do).SQL(columns())
	done, due, id := 0, max(0, db.Millis(after)+1), "" // where the last batch ended
	for {
		query := scope + ` AND ` + cond + ` AND n.due < ? AND n.state IN (` + marks(s.life, do) + `)
			AND (n.due, n.id) > (?, ?) ORDER BY n.due, n.id LIMIT ?`
		all := append(append(slices.Clone(values), db.Millis(until)), statesOf(s.life, do)...)
		needs, err := many(ctx, s.db, query, append(all, due, id, inBatches)...)
		if err != nil {
			return done, err
		}
		for i := range needs {
			n := &needs[i]
			due, id = dueOf(n.Due), string(n.ID)
			switch err := fn(n); {
			case err == nil:
				done++
			case errors.Is(err, errSkip) || fault.Is(err, fault.Stale) || fault.Is(err, fault.Conflict):
			default:
				return done, err
			}
		}
		if len(needs) < inBatches {
			return done, nil
		}
	}
}

// statesOf are the states in which something can be done.
func statesOf(l flow.Lifecycle, do authz.Permission) []any {
	var all []any
	for _, step := range l.Steps {
		if step.Do == do {
			for _, state := range step.From {
				all = append(all, string(state))
			}
		}
	}
	return all
}

func marks(l flow.Lifecycle, do authz.Permission) string {
	return db.Marks(len(statesOf(l, do)))
}
