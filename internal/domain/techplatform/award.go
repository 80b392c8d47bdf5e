package techplatform

import (
	"context"
	"slices"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/gate"
)

// Awarded puts all terms that the platform has and had by its titles in place of
// those it knows, in the transaction of the decision that changed one. They may
// overlap: on each day the highest level is what counts. The actor needs the right
// to set a level all the same.
func (s *Service) Awarded(ctx context.Context, tx *db.Tx, by authz.Actor, id ID, all []Term) error {
	p, err := one(ctx, tx, authz.Unbounded("it was found when the title was decided on"), id, s.today())
	if err != nil {
		return err
	}
	c := &gate.Change{
		By: by, Do: SetLevel, On: p.On(SetLevel, s.hooks.Home), Record: gate.Record{Kind: PlatformKind, ID: string(id)}, Detail: map[string]any{"terms": len(all)},
	}
	return s.gate.Also(ctx, tx, c, func(ctx context.Context) error {
		if err := putTerms(ctx, tx, id, all); err != nil {
			return err
		}
		return s.restate(ctx, tx, &p)
	})
}

// SetLevel notes a level that the platform was given elsewhere (登记已有认定): it is
// put on file among the titles. NoLevel notes that those it holds on the first day
// were taken away. Only the city, or whoever is above it, gives a level.
func (s *Service) SetLevel(ctx context.Context, by authz.Actor, id ID, version int, t Term) (Platform, error) {
	c := &gate.Change{By: by, Do: SetLevel, Detail: map[string]any{"level": t.Level, "from": t.From, "to": t.To, "document": t.Document}}
	p, err := s.platforms.Change(ctx, s.gate, c, string(id), version, func(p *Platform) error {
		err := t.check()
		if err == nil && t.From < p.Founded {
			err = fault.Fields{{Name: "from", Key: "tech.field.founded", Args: []any{"day", p.Founded}}}.Err()
		}
		return err
	}, func(ctx context.Context, tx *db.Tx, p *Platform) error {
		if err := s.award(ctx, tx, *c, p, t); err != nil {
			return err
		}
		return s.restate(ctx, tx, p)
	})
	if err != nil {
		return p, err
	}
	return one(ctx, s.db, authz.Unbounded("what the actor has just changed"), id, s.today())
}

func (s *Service) award(ctx context.Context, tx *db.Tx, c gate.Change, p *Platform, t Term) error {
	if s.hooks.Award == nil {
		return addTerm(ctx, tx, p.ID, &t)
	}
	all, err := s.hooks.Award(ctx, tx, c, p, t)
	if err != nil {
		return err
	}
	return putTerms(ctx, tx, p.ID, all)
}

// highest are terms that do not overlap: on each day the highest level that one of
// them gives, in order.
func highest(all []Term) []Term {
	var days []string
	for _, t := range all {
		days = append(days, t.From, t.To)
	}
	slices.Sort(days)
	var out []Term
	for _, day := range slices.Compact(days) {
		var best Term
		for _, level := range Levels() {
			if n := slices.IndexFunc(all, func(t Term) bool { return t.Level == level && t.On(day) }); day != "" && n >= 0 {
				best = Term{Level: level, From: day, Document: all[n].Document}
				break
			}
		}
		if n := len(out); n > 0 && out[n-1].To == "" {
			if last := &out[n-1]; last.Level == best.Level && last.Document == best.Document {
				continue
			}
			out[n-1].To = day
		}
		if best.Level != NoLevel {
			out = append(out, best)
		}
	}
	return out
}

// putTerms puts all terms of a platform in place of those it had.
func putTerms(ctx context.Context, tx *db.Tx, id ID, all []Term) error {
	if _, err := tx.Exec(ctx, `DELETE FROM techplatform_term WHERE platform_id = ?`, string(id)); err != nil {
		return err
	}
	var rows []any
	for _, t := range highest(all) {
		rows = append(rows, db.NewID(), string(id), string(t.Level), t.From, t.To, t.Document)
	}
	return tx.InsertAll(ctx, `INSERT INTO techplatform_term (id, platform_id, level, valid_from, valid_to, document)`, 6, rows)
}

// Record is what a platform did in a span of days, both included: what an
// application for a title is filled in with.
type Record struct {
	Works  int64 `db:"works"`  // services done
	Free   int64 `db:"free"`   // of them without a fee
	Firms  int64 `db:"firms"`  // different enterprises served
	Rated  int64 `db:"rated"`  // orders that were rated
	Happy  int64 `db:"happy"`  // of them with four or five stars
	OnTime int64 `db:"ontime"` // of them in time
}

// Did is what a platform did in a span of days.
func Did(ctx context.Context, r db.Reader, id ID, from, to string) (Record, error) {
	var d Record
	if err := r.Get(ctx, &d, `SELECT COUNT(*) AS works, COALESCE(SUM(CASE WHEN fee = 0 THEN 1 ELSE 0 END), 0) AS free,
		(SELECT COUNT(DISTINCT e.enterprise_id) FROM techplatform_work_enterprise e JOIN techplatform_work x ON x.id = e.work_id
			WHERE x.platform_id = ? AND x.state = 'counted' AND x.done_on BETWEEN ? AND ?) AS firms
		FROM techplatform_work WHERE platform_id = ? AND state = 'counted' AND done_on BETWEEN ? AND ?`,
		string(id), from, to, string(id), from, to); err != nil {
		return d, err
	}
	err := r.Get(ctx, &d, `SELECT COUNT(*) AS rated, COALESCE(SUM(CASE WHEN score >= 4 THEN 1 ELSE 0 END), 0) AS happy,
		CAST(COALESCE(SUM(on_time), 0) AS BIGINT) AS ontime
		FROM techplatform_order WHERE platform_id = ? AND score > 0 AND done_on BETWEEN ? AND ?`, string(id), from, to)
	return d, err
}
