package enterprise

import (
	"context"
	"slices"
	"strings"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/region"
)

// Pair is two entries of a county whose names are the same but for place and
// legal form (名称相近), and that no number tells apart.
type Pair struct{ Later, Earlier Enterprise }

const (
	similarAtOnce = 500 // entries that are looked at together
	// common is how many entries of a county may have a name: one that more have
	// tells nothing.
	common = 10
	// again is how far back each run begins: a change is committed that long
	// after its instant at most.
	again = 5 * time.Minute
)

// FindSimilar looks at every entry that is new or was changed since it last ran,
// and notes the pairs that it makes with others of its county; found is how many.
// A job calls it after an import. Each entry is one look into an index. short is
// what people call a county (射阳), "" when it is not known: names begin with it.
func (s *Service) FindSimilar(ctx context.Context, short func(county region.Code) string) (found int, err error) {
	var mark int64
	err = s.db.Get(ctx, &mark, `SELECT updated_at FROM enterprise_similar_mark WHERE name = 'register'`)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return 0, err
	}
	began := db.Millis(s.db.Now())
	at, id := mark-again.Milliseconds(), ID("")
	for {
		var recs []record
		if err := s.db.Select(ctx, &recs, selectEnterprise+`e.updated_at > ? OR (e.updated_at = ? AND e.id > ?)
			ORDER BY e.updated_at, e.id LIMIT ?`, at, at, id, similarAtOnce); err != nil {
			return found, err
		}
		if len(recs) == 0 { // the next run need not look at these again
			//nolint:forbidigo // as below
			return found, s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error { return lookedAt(ctx, tx, max(at, began)) })
		}
		last := recs[len(recs)-1]
		at, id = last.UpdatedAt, ID(last.ID)
		n, err := s.noteSimilar(ctx, recs, at, short)
		if err != nil {
			return found, err
		}
		found += n
	}
}

// noteSimilar notes the pairs of some entries in place of those that were known.
func (s *Service) noteSimilar(ctx context.Context, recs []record, mark int64, short func(region.Code) string) (found int, err error) {
	pairs, err := s.pairs(ctx, recs, short)
	if err != nil {
		return 0, err
	}
	var ids []any
	for _, rec := range recs {
		ids = append(ids, rec.ID)
	}
	//nolint:forbidigo // what a look at the register finds is nobody's record
	return len(pairs) / 3, s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		for _, side := range []string{"later", "earlier"} {
			if _, err := tx.Exec(ctx, `DELETE FROM enterprise_similar WHERE `+side+` IN (`+db.Marks(len(ids))+`)`, ids...); err != nil {
				return err
			}
		}
		if err := tx.InsertAll(ctx, `INSERT INTO enterprise_similar (later, earlier, found_at)`, 3, pairs); err != nil {
			return err
		}
		return lookedAt(ctx, tx, mark)
	})
}

// lookedAt notes up to which change the register was looked at.
func lookedAt(ctx context.Context, tx *db.Tx, mark int64) error {
	_, err := tx.Exec(ctx, `INSERT INTO enterprise_similar_mark (name, updated_at) VALUES ('register', ?)
		ON CONFLICT (name) DO UPDATE SET updated_at = excluded.updated_at`, mark)
	return err
}

// pairs are the rows of the pairs that some entries make.
func (s *Service) pairs(ctx context.Context, recs []record, short func(region.Code) string) (rows []any, err error) {
	type named struct {
		key    string
		county region.Code
	}
	asked, fresh := map[named]bool{}, map[ID]bool{}
	now := db.Millis(s.db.Now())
	for _, rec := range recs {
		fresh[ID(rec.ID)] = true
	}
	for _, rec := range recs {
		n := named{rec.NameKey, region.Code(rec.Region).At(region.County)}
		before := short(n.county)
		if rest := strings.TrimPrefix(n.key, before); len([]rune(rest)) >= 2 {
			n.key = rest
		}
		if rec.AliasOf != "" || asked[n] {
			continue
		}
		asked[n] = true
		group, err := s.namesakes(ctx, n.county, n.key, before+n.key)
		if err != nil {
			return nil, err
		}
		for i, a := range group {
			for _, b := range group[:i] {
				if (fresh[a.ID] || fresh[b.ID]) && !differentBodies(a, b) {
					rows = append(rows, max(a.ID, b.ID), min(a.ID, b.ID), now)
				}
			}
		}
	}
	return rows, nil
}

// namesakes are the live entries of a county with a name, written in either way;
// none when there are more than common.
func (s *Service) namesakes(ctx context.Context, county region.Code, key, longer string) ([]Enterprise, error) {
	span := county.Span()
	var recs []record
	if err := s.db.Select(ctx, &recs, selectEnterprise+`e.name_key IN (?, ?) AND e.region >= ? AND e.region < ?
		AND e.alias_of = '' AND e.status <> 'closed' LIMIT ?`, key, longer, span.From, span.To, common+1); err != nil {
		return nil, err
	}
	if len(recs) < 2 || len(recs) > common {
		return nil, nil
	}
	group := make([]Enterprise, len(recs))
	for i, rec := range recs {
		group[i] = rec.enterprise()
	}
	return group, withIdentifiers(ctx, s.db, group)
}

// Distinguish says that two entries of similar names are two enterprises (判为两家):
// they are offered for merging no more. With apart false it takes that back. It
// needs the right over both; saying it twice is saying it once.
func (s *Service) Distinguish(ctx context.Context, by authz.Actor, id, other ID, apart bool) error {
	a, err := s.Get(ctx, by, id)
	if err != nil {
		return err
	}
	b, err := s.Get(ctx, by, other)
	if err != nil {
		return err
	}
	c := gate.Change{
		By: by, Do: Distinguish, On: a.Target(), Record: gate.Record{Kind: Kind, ID: string(id)},
		Detail: map[string]any{"other": other, "apart": apart},
	}
	if err := gate.Check(&gate.Change{By: by, Do: Distinguish, On: b.Target()}); err != nil {
		return err
	}
	return s.gate.Write(ctx, &c, func(ctx context.Context, tx *db.Tx) error {
		if id == other {
			return fault.New(fault.Conflict, "enterprise.merge.itself")
		}
		later, earlier := max(id, other), min(id, other)
		if apart {
			_, err := tx.Exec(ctx, `INSERT INTO enterprise_distinct (later, earlier, told_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`,
				later, earlier, db.Millis(tx.Now))
			return err
		}
		_, err := tx.Exec(ctx, `DELETE FROM enterprise_distinct WHERE later = ? AND earlier = ?`, later, earlier)
		return err
	})
}

// Similar is a page of the pairs that FindSimilar found and that the actor may
// merge, the newest entry first, with the cursor of the next page: those that wait
// for somebody to look, or with apart those that were told apart (Distinguish).
// Pairs of which one was merged or closed meanwhile are left out.
func (s *Service) Similar(ctx context.Context, by authz.Actor, apart bool, page db.Page) ([]Pair, string, error) {
	scope := by.Scope(Merge)
	where, args := reach(scope)
	other, more := scope.SQL(authz.Columns{Region: "o.region", Party: map[string]string{authz.Enterprise: "o.id"}})
	where, args = where+" AND "+other, append(args, more...)
	told := "NOT EXISTS"
	if apart {
		told = "EXISTS"
	}
	type pair struct {
		Later   ID `db:"later"`
		Earlier ID `db:"earlier"`
	}
	// CROSS has SQLite begin with the pairs, which are few, not with a region's entries.
	rows, next, err := db.Paged(ctx, s.db, page, db.Order{Columns: []string{"s.later", "s.earlier"}, Down: true},
		`SELECT s.later, s.earlier FROM enterprise_similar s CROSS JOIN enterprise e CROSS JOIN enterprise o
		WHERE e.id = s.later AND o.id = s.earlier AND `+told+` (SELECT 1 FROM enterprise_distinct d WHERE d.later = s.later AND d.earlier = s.earlier)
			AND `+where+` AND e.alias_of = '' AND o.alias_of = '' AND e.status <> 'closed' AND o.status <> 'closed'`,
		args, func(x *pair) []string { return []string{string(x.Later), string(x.Earlier)} })
	if err != nil {
		return nil, "", err
	}
	var ids []any
	for _, row := range rows {
		ids = append(ids, row.Later, row.Earlier)
	}
	if len(ids) == 0 {
		return nil, "", nil
	}
	var recs []record
	if err := s.db.Select(ctx, &recs, selectEnterprise+`e.id IN (`+db.Marks(len(ids))+`)`, ids...); err != nil {
		return nil, "", err
	}
	list := make([]Enterprise, len(recs))
	for i, rec := range recs {
		list[i] = rec.enterprise()
	}
	if err := withIdentifiers(ctx, s.db, list); err != nil {
		return nil, "", err
	}
	find := func(id ID) Enterprise {
		return list[slices.IndexFunc(list, func(e Enterprise) bool { return e.ID == id })]
	}
	pairs := make([]Pair, len(rows))
	for i, row := range rows {
		pairs[i] = Pair{find(row.Later), find(row.Earlier)}
	}
	return pairs, next, nil
}
