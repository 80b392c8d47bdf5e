package guarantee

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/region"
)

// rules are all versions: those the program ships and the operator's, drafts
// among them, by their first day.
func (s *Service) rules(ctx context.Context, r db.Reader) ([]Rule, error) {
	var rows []struct {
		Body      string `db:"body"`
		Published int64  `db:"published_at"`
		Version   int    `db:"version"`
	}
	if err := r.Select(ctx, &rows, `SELECT body, published_at, version FROM guarantee_rule ORDER BY valid_from, id`); err != nil {
		return nil, err
	}
	all := slices.Clone(s.shipped)
	for _, row := range rows {
		var rule Rule
		if err := json.Unmarshal([]byte(row.Body), &rule); err != nil {
			return nil, fmt.Errorf("a rule of limits: %w", err)
		}
		rule.Published, rule.Version = row.Published > 0, row.Version
		all = append(all, rule)
	}
	slices.SortStableFunc(all, func(a, b Rule) int { return cmp.Compare(a.From, b.From) })
	return all, nil
}

// Rules are all versions of the limits, by their first day. They are public;
// drafts are for those who may set rules.
func (s *Service) Rules(ctx context.Context, by authz.Actor) ([]Rule, error) {
	all, err := s.rules(ctx, s.db)
	if !by.Somewhere(SetRule) {
		all = slices.DeleteFunc(all, func(r Rule) bool { return !r.Published })
	}
	return all, err
}

// RuleOn is the rule in force on the day; Conflict before the first.
func (s *Service) RuleOn(ctx context.Context, day string) (Rule, error) {
	r, err := s.rule(ctx, s.db, day)
	if err != nil {
		return Rule{}, err
	}
	return *r, nil
}

// SetRule keeps a version of the limits as a draft and returns its id: a new one
// without an id, else the draft of that id, which must be of in.Version unless
// that is 0. Conflict for a published one: a rule in use never changes. top is
// the region the actor answers for.
func (s *Service) SetRule(ctx context.Context, by authz.Actor, top region.Code, in Rule) (string, error) {
	c := gate.Change{By: by, Do: SetRule, On: authz.At(top), Record: gate.Record{Kind: RuleKind, ID: in.ID}, Detail: map[string]any{"from": in.From, "draft": true}}
	if err := gate.Check(&c); err != nil {
		return "", err
	}
	if err := in.check(); err != nil {
		return "", err
	}
	fresh := in.ID == ""
	if fresh {
		in.ID = db.NewID()
		c.Record.ID = in.ID
	}
	body, err := json.Marshal(in)
	if err != nil {
		return "", err
	}
	return in.ID, s.gate.Write(ctx, &c, func(ctx context.Context, tx *db.Tx) error {
		if fresh {
			_, err := tx.Exec(ctx, `INSERT INTO guarantee_rule (id, valid_from, body, published_at, version) VALUES (?,?,?,0,1)`, in.ID, in.From, string(body))
			return err
		}
		n, err := tx.Exec(ctx, `UPDATE guarantee_rule SET valid_from = ?, body = ?, version = version + 1 WHERE id = ? AND published_at = 0 AND (version = ? OR ? = 0)`,
			in.From, string(body), in.ID, in.Version, in.Version)
		if err == nil && n == 0 {
			return s.noDraft(ctx, tx, in.ID)
		}
		return err
	})
}

// PublishRule puts a draft in force from its first day on; from then on it never
// changes.
func (s *Service) PublishRule(ctx context.Context, by authz.Actor, top region.Code, id string) error {
	c := gate.Change{By: by, Do: SetRule, On: authz.At(top), Record: gate.Record{Kind: RuleKind, ID: id}, Detail: map[string]any{"published": true}}
	return s.gate.Write(ctx, &c, func(ctx context.Context, tx *db.Tx) error {
		n, err := tx.Exec(ctx, `UPDATE guarantee_rule SET published_at = ?, version = version + 1 WHERE id = ? AND published_at = 0`, db.Millis(tx.Now), id)
		if err == nil && n == 0 {
			return s.noDraft(ctx, tx, id)
		}
		return err
	})
}

// noDraft tells why a draft was not there: unknown, published already, or changed
// since it was read.
func (s *Service) noDraft(ctx context.Context, tx *db.Tx, id string) error {
	all, err := s.rules(ctx, tx)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(r Rule) bool { return r.ID == id })
	switch {
	case i < 0:
		return fault.Missing()
	case all[i].Published:
		return fault.New(fault.Conflict, "guarantee.conflict.published")
	}
	return fault.New(fault.Stale, "fault.stale")
}
