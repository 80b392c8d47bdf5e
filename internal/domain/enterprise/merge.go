package enterprise

import (
	"context"
	"slices"
	"strings"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
)

// Duplicate is an entry that may be the same enterprise (疑似重复).
type Duplicate struct {
	Enterprise Enterprise
	SameCode   bool    // a licence number, or the organisation code in it, is the same
	Score      float64 // likeness of the names, 0 to 1
}

// alike is the likeness of names from which a person should look.
const alike = 0.6

// Duplicates finds entries that may be the same enterprise: of the same number
// anywhere, or of a similar name in the same county. Only those the actor may
// see are returned; elsewhere counts the others of the same number.
func (s *Service) Duplicates(ctx context.Context, by authz.Actor, id ID) (found []Duplicate, elsewhere int, err error) {
	e, err := s.Get(ctx, by, id)
	if err != nil {
		return nil, 0, err
	}
	if err := gate.Check(&gate.Change{By: by, Do: Merge, On: e.Target()}); err != nil {
		return nil, 0, err
	}
	codes := make([]Identifier, len(e.Identifiers))
	for i, h := range e.Identifiers {
		codes[i] = h.Identifier
	}
	same, err := sameCode(ctx, s.db, codes, id)
	if err != nil {
		return nil, 0, err
	}
	scores, err := s.similar(ctx, e)
	if err != nil {
		return nil, 0, err
	}
	for _, other := range same {
		if _, ok := scores[other]; !ok {
			scores[other] = 0
		}
	}
	for other, score := range scores {
		d, err := Load(ctx, s.db, by.Scope(View), other)
		switch {
		case err == nil:
			found = append(found, Duplicate{d, slices.Contains(same, other), score})
		case !fault.Is(err, fault.NotFound):
			return nil, 0, err
		case slices.Contains(same, other):
			elsewhere++
		}
	}
	slices.SortFunc(found, func(a, b Duplicate) int {
		if a.SameCode != b.SameCode {
			return int(db.Bool(b.SameCode) - db.Bool(a.SameCode))
		}
		if a.Score != b.Score {
			return int(1000*b.Score) - int(1000*a.Score)
		}
		return strings.Compare(string(a.Enterprise.ID), string(b.Enterprise.ID))
	})
	return found, elsewhere, nil
}

// similar scores the live entries of the county by their names.
func (s *Service) similar(ctx context.Context, e Enterprise) (map[ID]float64, error) {
	span := e.Profile.Region.At(region.County).Span()
	var rows []struct {
		ID  ID     `db:"id"`
		Key string `db:"name_key"`
	}
	if err := s.db.Select(ctx, &rows, `SELECT id, name_key FROM enterprise
		WHERE region >= ? AND region < ? AND alias_of = '' AND status <> 'closed' AND id <> ?`, span.From, span.To, e.ID); err != nil {
		return nil, err
	}
	key := NameKey(e.Profile.Name)
	scores := map[ID]float64{}
	for _, row := range rows {
		if score := similarity(key, row.Key); score >= alike {
			scores[row.ID] = score
		}
	}
	return scores, nil
}

// Merge makes from an alias of to (合并): numbers, missing years and accepted
// claims count as to's from now on, and nothing is lost. version is from's.
// Conflict when either is an alias already, when a verified entry would end in
// an unverified one, or when both are verified with different organisation codes.
func (s *Service) Merge(ctx context.Context, by authz.Actor, from ID, version int, to ID, reason string) error {
	a, err := s.Get(ctx, by, from)
	if err != nil {
		return err
	}
	b, err := s.Get(ctx, by, to)
	if err != nil {
		return err
	}
	c := gate.Change{
		By: by, Do: Merge, On: a.Target(), Record: gate.Record{Kind: Kind, ID: string(from)},
		Detail: map[string]any{"into": to, "reason": reason},
	}
	other := gate.Change{
		By: by, Do: Merge, On: b.Target(), Record: gate.Record{Kind: Kind, ID: string(to)},
		Detail: map[string]any{"from": from, "reason": reason},
	}
	if err := gate.Check(&c); err != nil {
		return err
	}
	if err := gate.Check(&other); err != nil {
		return err
	}
	if err := checkReason(reason); err != nil {
		return err
	}
	return s.gate.Write(ctx, &c, func(ctx context.Context, tx *db.Tx) error {
		return s.gate.Also(ctx, tx, &other, func(ctx context.Context) error {
			all := authz.Unbounded("the change was allowed")
			a, err := Load(ctx, tx, all, from)
			if err != nil {
				return err
			}
			b, err := Load(ctx, tx, all, to)
			if err != nil {
				return err
			}
			if err := mergeable(a, b); err != nil {
				return err
			}
			a.Version = version
			return s.mergeInto(ctx, tx, a, b)
		})
	})
}

func mergeable(from, to Enterprise) error {
	switch {
	case from.ID == to.ID:
		return fault.New(fault.Conflict, "enterprise.merge.itself")
	case from.AliasOf != "" || to.AliasOf != "":
		return fault.New(fault.Conflict, "enterprise.merge.is_alias")
	case to.Status == Closed:
		return fault.New(fault.Conflict, "enterprise.merge.closed")
	case from.Status == Verified && to.Status != Verified:
		return fault.New(fault.Conflict, "enterprise.merge.verified_first")
	case from.Status == Verified && differentBodies(from, to):
		return fault.New(fault.Conflict, "enterprise.merge.two_codes")
	}
	return nil
}

// differentBodies reports that both have organisation codes and none in common:
// two enterprises, whatever their names.
func differentBodies(a, b Enterprise) bool {
	codes := func(e Enterprise) (list []string) {
		for _, h := range e.Identifiers {
			if org := h.organisation(); org != "" {
				list = append(list, org)
			}
		}
		return list
	}
	left, right := codes(a), codes(b)
	return len(left) > 0 && len(right) > 0 && !slices.ContainsFunc(left, func(c string) bool { return slices.Contains(right, c) })
}

// mergeInto makes from an alias of to and lets to have what it lacks.
func (s *Service) mergeInto(ctx context.Context, tx *db.Tx, from, to Enterprise) error {
	from.AliasOf = to.ID
	if err := update(ctx, tx, from); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE enterprise_identifier SET state = 'held' WHERE enterprise_id = ? AND state = 'verified'`, from.ID); err != nil {
		return err
	}
	for _, h := range from.Identifiers {
		if slices.ContainsFunc(to.Identifiers, func(o Held) bool { return o.Kind == h.Kind && o.Value == h.Value }) {
			continue
		}
		state := "claimed"
		if h.Verified {
			state = "verified"
		}
		if err := putCode(ctx, tx, to.ID, h.Identifier, state, from.ID); err != nil {
			return err
		}
	}
	if err := lendYears(ctx, tx, from.ID, to.ID); err != nil {
		return err
	}
	if err := s.moveClaims(ctx, tx, from.ID, to.ID); err != nil {
		return err
	}
	rules, err := s.rules(ctx, tx)
	if err != nil {
		return err
	}
	if err := s.refresh(ctx, tx, to.ID, rules); err != nil {
		return err
	}
	if s.hooks.Merged != nil {
		if err := s.hooks.Merged(ctx, tx, from.ID, to.ID); err != nil {
			return err
		}
	}
	return s.restate(ctx, tx, to.ID) // the alias may have spoken last
}

// restate posts an enterprise's standing as it is now.
func (s *Service) restate(ctx context.Context, tx *db.Tx, id ID) error {
	e, err := Load(ctx, tx, authz.Unbounded("the change was allowed"), id)
	if err != nil {
		return err
	}
	return s.post(ctx, tx, e, ledger.DateOf(tx.Now), e.counted())
}

// lendYears copies the years that to lacks.
func lendYears(ctx context.Context, tx *db.Tx, from, to ID) error {
	_, err := tx.Exec(ctx, `INSERT INTO enterprise_year (enterprise_id, year, employees, revenue, assets, source, via, updated_at, updated_by, version)
		SELECT ?, y.year, y.employees, y.revenue, y.assets, y.source, ?, y.updated_at, y.updated_by, 1 FROM enterprise_year y
		WHERE y.enterprise_id = ? AND NOT EXISTS (SELECT 1 FROM enterprise_year o WHERE o.enterprise_id = ? AND o.year = y.year)`,
		to, from, from, to)
	return err
}

// moveClaims carries claims along. Only accepted ones keep their right: somebody
// who registered an unchecked entry gains nothing over the verified one.
func (s *Service) moveClaims(ctx context.Context, tx *db.Tx, from, to ID) error {
	claims, err := selectClaims(ctx, tx, `c.enterprise_id = ? ORDER BY c.id`, from)
	if err != nil {
		return err
	}
	for _, c := range claims {
		held := c.Holds
		c.Enterprise, c.Holds = to, held && c.Status == ClaimAccepted
		if err := updateClaim(ctx, tx, c); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE enterprise_claim SET via = ? WHERE id = ?`, from, c.ID); err != nil {
			return err
		}
		if held {
			if err := s.revoke(ctx, tx, c.Person, from); err != nil {
				return err
			}
		}
		if c.Holds {
			if err := s.grant(ctx, tx, c.Person, to); err != nil {
				return err
			}
		}
	}
	return nil
}

// Separate undoes a merge (撤销合并): the alias lives again with its numbers,
// years and claims. Conflict when it is no alias, or when the entry it was
// merged into has itself been merged since: that is undone first.
func (s *Service) Separate(ctx context.Context, by authz.Actor, id ID, version int, reason string) error {
	e, err := s.Get(ctx, by, id)
	if err != nil {
		return err
	}
	c := gate.Change{
		By: by, Do: Separate, On: e.Target(), Record: gate.Record{Kind: Kind, ID: string(id)},
		Detail: map[string]any{"from": e.AliasOf, "reason": reason},
	}
	if err := gate.Check(&c); err != nil {
		return err
	}
	if err := checkReason(reason); err != nil {
		return err
	}
	if e.AliasOf == "" {
		return fault.New(fault.Conflict, "enterprise.merge.no_alias")
	}
	to, err := Load(ctx, s.db, authz.Unbounded("the merge is undone on both sides"), e.AliasOf)
	if err != nil {
		return err
	}
	other := gate.Change{
		By: by, Do: Separate, On: to.Target(), Record: gate.Record{Kind: Kind, ID: string(to.ID)},
		Detail: map[string]any{"given_up": id, "reason": reason},
	}
	if err := gate.Check(&other); err != nil {
		return err
	}
	return s.gate.Write(ctx, &c, func(ctx context.Context, tx *db.Tx) error {
		return s.gate.Also(ctx, tx, &other, func(ctx context.Context) error {
			return s.separate(ctx, tx, id, version)
		})
	})
}

func (s *Service) separate(ctx context.Context, tx *db.Tx, id ID, version int) error {
	all := authz.Unbounded("the change was allowed")
	e, err := Load(ctx, tx, all, id)
	if err != nil {
		return err
	}
	to, err := Load(ctx, tx, all, e.AliasOf)
	if err != nil {
		return err
	}
	if to.AliasOf != "" {
		return fault.New(fault.Conflict, "enterprise.merge.later_first")
	}
	e.AliasOf, e.Version = "", version
	if err := update(ctx, tx, e); err != nil {
		return err
	}
	for _, table := range []string{"enterprise_identifier", "enterprise_year"} {
		if _, err := tx.Exec(ctx, `DELETE FROM `+table+` WHERE enterprise_id = ? AND via = ?`, to.ID, id); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(ctx, `UPDATE enterprise_identifier SET state = 'verified' WHERE enterprise_id = ? AND state = 'held'`, id); err != nil {
		return taken(err)
	}
	if err := s.returnClaims(ctx, tx, id, to.ID); err != nil {
		return err
	}
	rules, err := s.rules(ctx, tx)
	if err != nil {
		return err
	}
	if err := s.refresh(ctx, tx, to.ID, rules); err != nil {
		return err
	}
	if s.hooks.Separated != nil {
		if err := s.hooks.Separated(ctx, tx, id, to.ID); err != nil {
			return err
		}
	}
	if err := s.restate(ctx, tx, id); err != nil {
		return err
	}
	return s.restate(ctx, tx, to.ID)
}

// returnClaims gives the claims that came with a merge back to the alias.
func (s *Service) returnClaims(ctx context.Context, tx *db.Tx, id, to ID) error {
	claims, err := selectClaims(ctx, tx, `c.enterprise_id = ? AND c.via = ? ORDER BY c.id`, to, id)
	if err != nil {
		return err
	}
	for _, c := range claims {
		held := c.Holds
		c.Enterprise = id
		c.Holds = held || c.Registered && !ClaimLifecycle().Ended(c.Status)
		if err := updateClaim(ctx, tx, c); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE enterprise_claim SET via = '' WHERE id = ?`, c.ID); err != nil {
			return err
		}
		if c.Holds {
			if err := s.grant(ctx, tx, c.Person, id); err != nil {
				return err
			}
		}
		if !held {
			continue
		}
		still, err := selectClaims(ctx, tx, `c.enterprise_id = ? AND c.person = ? AND c.holds = 1`, to, c.Person)
		if err != nil {
			return err
		}
		if len(still) == 0 {
			if err := s.revoke(ctx, tx, c.Person, to); err != nil {
				return err
			}
		}
	}
	return nil
}
