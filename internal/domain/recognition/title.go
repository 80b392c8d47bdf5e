package recognition

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/criteria"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/region"
)

//go:embed titles.json criteria/*.json
var shipped embed.FS

// Seed puts the titles and criteria that come with the program on file; what an
// operator changed stays. It may be called at every start.
func Seed(ctx context.Context, tx *db.Tx) error {
	rules, err := fs.Sub(shipped, "criteria")
	if err != nil {
		return err
	}
	if err := criteria.Seed(ctx, tx, rules); err != nil {
		return err
	}
	raw, err := shipped.ReadFile("titles.json")
	if err != nil {
		return err
	}
	var all []struct {
		ID, Subject, Grade, Below    string
		Name                         criteria.Words
		Months, Publicity, Reviewers int
		ReportBy                     string `json:"report_by"`
		Recheck                      int
	}
	if err := json.Unmarshal(raw, &all); err != nil {
		return err
	}
	for _, t := range all {
		if _, err := tx.Exec(ctx, `INSERT INTO recognition_title (`+titleColumns+`) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,1) ON CONFLICT DO NOTHING`,
			t.ID, t.Name.Zh, t.Name.En, t.Subject, t.Grade, t.Below, CriteriaPrefix+t.ID, t.Months, t.Publicity, t.Reviewers, t.ReportBy, t.Recheck); err != nil {
			return err
		}
	}
	return nil
}

// SetTitle adds a title (Version 0) or changes one that was read at its version
// (维护称号). Its subject and criteria stay. top is the place the actor answers for.
func (s *Service) SetTitle(ctx context.Context, by authz.Actor, top region.Code, t Title) (Title, error) {
	if err := t.check(s.Kinds()); err != nil {
		return t, err
	}
	t.Criteria = CriteriaPrefix + t.ID
	c := s.editing(by, top, t.ID, map[string]any{
		"months": t.Months, "reviewers": t.Reviewers, "publicity": t.Publicity, "report_by": t.ReportBy, "recheck": t.Recheck,
	})
	err := s.gate.Write(ctx, c, func(ctx context.Context, tx *db.Tx) error { return putTitle(ctx, tx, &t) })
	return t, err
}

func (s *Service) editing(by authz.Actor, top region.Code, id string, detail map[string]any) *gate.Change {
	return &gate.Change{By: by, Do: EditTitle, On: authz.At(top), Record: gate.Record{Kind: KindTitle, ID: id}, Detail: detail}
}

// DraftCriteria keeps a version of a title's criteria as a draft and returns its
// number: a new one for Version 0 (起草标准). Invalid tells everything that is
// wrong with it; a published version is a Conflict; a draft that has another stamp
// than was, unless that is empty, is Stale: somebody else changed it.
func (s *Service) DraftCriteria(ctx context.Context, by authz.Actor, top region.Code, title string, set criteria.Set, was string) (int, error) {
	t, err := oneTitle(ctx, s.db, title)
	if err != nil {
		return 0, err
	}
	set.ID = t.Criteria
	if err := set.Check(); err != nil {
		return 0, err
	}
	if err := unasked(&set).Err(); err != nil {
		return 0, err
	}
	c := s.editing(by, top, title, map[string]any{"draft": set.Version})
	version := 0
	err = s.gate.Write(ctx, c, func(ctx context.Context, tx *db.Tx) error {
		version, err = criteria.Draft(ctx, tx, set, was)
		return err
	})
	return version, err
}

// unasked tells every condition that no application could answer: it is asked for
// numbers and for yes or no, and a threshold that is another value has to be asked
// for as well.
func unasked(set *criteria.Set) fault.Fields {
	var f fault.Fields
	asked := Asked(set)
	var walk func(r *criteria.Rule, at string)
	walk = func(r *criteria.Rule, at string) {
		for how, parts := range map[string][]criteria.Rule{"all": r.All, "any": r.Any, "of": r.Of} {
			for i := range parts {
				walk(&parts[i], fmt.Sprintf("%s.%s.%d", at, how, i))
			}
		}
		if r.Op == criteria.In || r.Op == criteria.Prefix {
			f.Add(at+".op", "recognition.field.op")
		}
		if r.Than != "" && !slices.ContainsFunc(asked, func(a Ask) bool { return a.ID == r.Than }) {
			f.Add(at+".than", "recognition.field.than", "value", r.Than)
		}
	}
	if set.Rule != nil {
		walk(set.Rule, "rule")
	}
	return f
}

// PublishCriteria puts a draft in force from its first day on (启用标准); it never
// changes again.
func (s *Service) PublishCriteria(ctx context.Context, by authz.Actor, top region.Code, title string, version int) error {
	t, err := oneTitle(ctx, s.db, title)
	if err != nil {
		return err
	}
	c := s.editing(by, top, title, map[string]any{"published": version})
	return s.gate.Write(ctx, c, func(ctx context.Context, tx *db.Tx) error { return criteria.Publish(ctx, tx, t.Criteria, version) })
}

// DropCriteria takes a draft away (删除草稿). A published version is a Conflict.
func (s *Service) DropCriteria(ctx context.Context, by authz.Actor, top region.Code, title string, version int) error {
	t, err := oneTitle(ctx, s.db, title)
	if err != nil {
		return err
	}
	c := s.editing(by, top, title, map[string]any{"dropped": version})
	return s.gate.Write(ctx, c, func(ctx context.Context, tx *db.Tx) error { return criteria.Drop(ctx, tx, t.Criteria, version) })
}

// Criteria is one version of a title's criteria, and whether it is published.
func (s *Service) Criteria(ctx context.Context, title string, version int) (*criteria.Set, bool, error) {
	t, err := oneTitle(ctx, s.db, title)
	if err != nil {
		return nil, false, err
	}
	set, err := criteria.LoadVersion(ctx, s.db, t.Criteria, version)
	if err != nil {
		return nil, false, err
	}
	published, err := criteria.Published(ctx, s.db, t.Criteria, version)
	return set, published, err
}

// InForce is the criteria of a title in force on a day; NotFound when none is.
func (s *Service) InForce(ctx context.Context, t Title, day string) (*criteria.Set, error) {
	set, err := criteria.Load(ctx, s.db, t.Criteria, day)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return nil, err
	}
	return set, err
}
