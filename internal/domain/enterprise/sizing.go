package enterprise

import (
	"context"
	"encoding/json"
	"slices"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/region"
)

// Rules are the size rules as they stand: the program's own, with what the
// operator changed.
func (s *Service) Rules(ctx context.Context) (Rules, error) { return s.rules(ctx, s.db) }

func (s *Service) rules(ctx context.Context, r db.Reader) (Rules, error) {
	var bodies []string
	if err := r.Select(ctx, &bodies, `SELECT body FROM enterprise_size_rule ORDER BY id`); err != nil {
		return Rules{}, err
	}
	rules := s.standard
	for _, body := range bodies {
		var set RuleSet
		if err := json.Unmarshal([]byte(body), &set); err != nil {
			return Rules{}, err
		}
		rules = rules.With(set)
	}
	return rules, nil
}

// SetRule replaces or adds a set of size rules for the whole site; version is
// what RuleVersion gave. Entries are classified anew by RulesChanged's job.
func (s *Service) SetRule(ctx context.Context, by authz.Actor, site region.Code, set RuleSet, version int) error {
	c := gate.Change{By: by, Do: EditRule, On: authz.At(site), Record: gate.Record{Kind: RuleKind, ID: set.ID}}
	if err := gate.Check(&c); err != nil {
		return err
	}
	rules, err := s.Rules(ctx)
	if err != nil {
		return err
	}
	if err := rules.Check(set); err != nil {
		return err
	}
	body, err := json.Marshal(set)
	if err != nil {
		return err
	}
	c.Detail = map[string]any{"rule": json.RawMessage(body)}
	return s.gate.Write(ctx, &c, func(ctx context.Context, tx *db.Tx) error {
		if err := putRule(ctx, tx, set.ID, string(body), by.ID, version); err != nil {
			return err
		}
		if s.hooks.RulesChanged == nil {
			return nil
		}
		return s.hooks.RulesChanged(ctx, tx)
	})
}

// RuleVersion is the version of the operator's change to a set, 0 for none.
func (s *Service) RuleVersion(ctx context.Context, id string) (int, error) {
	var version int
	err := s.db.Get(ctx, &version, `SELECT version FROM enterprise_size_rule WHERE id = ?`, id)
	if fault.Is(err, fault.NotFound) {
		return 0, nil
	}
	return version, err
}

func putRule(ctx context.Context, tx *db.Tx, id, body, by string, version int) error {
	if version > 0 {
		return tx.ExecOne(ctx, `UPDATE enterprise_size_rule SET body = ?, updated_at = ?, updated_by = ?, version = version + 1
			WHERE id = ? AND version = ?`, body, db.Millis(tx.Now), by, id, version)
	}
	_, err := tx.Exec(ctx, `INSERT INTO enterprise_size_rule (id, body, updated_at, updated_by, version) VALUES (?,?,?,?,1)`,
		id, body, db.Millis(tx.Now), by)
	if db.Unique(err) {
		return fault.Because(err, fault.Stale, "fault.stale")
	}
	return err
}

// SelfTest classifies figures that belong to nobody (企业规模自测).
func (s *Service) SelfTest(ctx context.Context, use Use, date string, ind Industry, f Figures) (Sizing, error) {
	rules, err := s.Rules(ctx)
	if err != nil {
		return Sizing{}, err
	}
	return rules.Classify(use, date, ind, f), nil
}

// Sizing is the size class of a year by the rule in force at its end, with the
// reason. A year without figures is Unknown.
func (s *Service) Sizing(ctx context.Context, by authz.Actor, id ID, year int, use Use) (Sizing, error) {
	return s.sizingBy(ctx, by, id, yearEnd(year), use, func(y Year) bool { return y.Year == year })
}

// SizingOn is the size class on a day, such as that of signing a contract: by
// the rule of the day, from the newest year that had ended before it.
func (s *Service) SizingOn(ctx context.Context, by authz.Actor, id ID, date string, use Use) (Sizing, error) {
	if !isDate(date) {
		return Sizing{}, fault.Fields{{Name: "date", Key: "field.date", Args: []any{"value", date}}}.Err()
	}
	return s.sizingBy(ctx, by, id, date, use, func(y Year) bool { return yearEnd(y.Year) < date })
}

func (s *Service) sizingBy(ctx context.Context, by authz.Actor, id ID, date string, use Use, is func(Year) bool) (Sizing, error) {
	e, err := s.Get(ctx, by, id)
	if err != nil {
		return Sizing{}, err
	}
	years, err := loadYears(ctx, s.db, id)
	if err != nil {
		return Sizing{}, err
	}
	var f Figures
	if i := slices.IndexFunc(years, is); i >= 0 {
		f = years[i].Figures
	}
	return s.SelfTest(ctx, use, date, e.Profile.Industry, f)
}

// resize sets the size class from the newest year's figures.
func resize(ctx context.Context, r db.Reader, e *Enterprise, rules Rules) error {
	years, err := loadYears(ctx, r, e.ID)
	if err != nil {
		return err
	}
	e.Size, e.SizeYear = Unknown, 0
	if len(years) > 0 {
		e.SizeYear = years[0].Year
		e.Size = rules.Classify(ForPolicy, yearEnd(e.SizeYear), e.Profile.Industry, years[0].Figures).Class
	}
	return nil
}

// refresh brings the stored size class up to date and counts the change. It
// leaves the version alone: nobody's words were changed.
func (s *Service) refresh(ctx context.Context, tx *db.Tx, id ID, rules Rules) error {
	old, err := Load(ctx, tx, authz.Unbounded("the change was allowed"), id)
	if err != nil {
		return err
	}
	e := old
	if err := resize(ctx, tx, &e, rules); err != nil {
		return err
	}
	if e.Size == old.Size && e.SizeYear == old.SizeYear {
		return nil
	}
	if _, err := tx.Exec(ctx, `UPDATE enterprise SET size = ?, size_year = ? WHERE id = ?`, e.Size, e.SizeYear, id); err != nil {
		return err
	}
	return s.recount(ctx, tx, old, e)
}

// Reclassify brings the size classes of the next n entries after an id up to
// date, and returns where to go on, "" at the end. A job calls it after rules
// have changed; by holds EditRule.
func (s *Service) Reclassify(ctx context.Context, by authz.Actor, site region.Code, after ID, n int) (next ID, err error) {
	var ids []ID
	if err := s.db.Select(ctx, &ids, `SELECT id FROM enterprise WHERE id > ? AND size_year > 0 ORDER BY id LIMIT ?`, after, n); err != nil {
		return "", err
	}
	if len(ids) == 0 {
		return "", nil
	}
	rules, err := s.Rules(ctx)
	if err != nil {
		return "", err
	}
	next = ids[len(ids)-1]
	c := gate.Change{
		By: by, Do: EditRule, On: authz.At(site), Record: gate.Record{Kind: RuleKind, ID: "reclassify"},
		Detail: map[string]any{"from": ids[0], "to": next},
	}
	err = s.gate.Write(ctx, &c, func(ctx context.Context, tx *db.Tx) error {
		for _, id := range ids {
			if err := s.refresh(ctx, tx, id, rules); err != nil {
				return err
			}
		}
		return nil
	})
	return next, err
}
