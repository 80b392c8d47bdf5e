package guarantee

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/fault"
)

// Alarm is a limit of a guarantor that is near or gone beyond.
type Alarm struct {
	Limit
	Guarantor institution.ID
	Name      string // of the guarantor
	Client    string // the name of the client or group; empty for the whole book
}

// mostWatched bounds the guarantors whose limits are looked at together.
const mostWatched = 1000

// Alarms are the limits of guarantors in business within the scope that are near
// or gone beyond today, the fullest first: of whole books, of clients, of related
// groups; and the asset ratios that are broken. It takes as many queries for a hundred guarantors as for one.
func (s *Service) Alarms(ctx context.Context, scope authz.Scope) ([]Alarm, error) {
	rule, err := s.rule(ctx, s.db, s.today())
	if fault.Is(err, fault.Conflict) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	today := s.today()
	where, args := scope.SQL(guarantorScope())
	var rows []guarantorRow
	if err := s.db.Select(ctx, &rows, `SELECT `+guarantorColumns+fromGuarantor+` WHERE (g.ended = '' OR g.ended > ?) AND `+where+
		` ORDER BY i.name, g.id LIMIT ?`, slices.Concat([]any{today, today}, args, []any{mostWatched})...); err != nil {
		return nil, err
	}
	books := map[institution.ID]*standing{}
	for i := range rows {
		g := rows[i].guarantor()
		books[g.ID] = &standing{typ: g.Type, finance: g.Finance, multiple: g.Multiple, cap: g.MemberCap, shares: map[string]int64{}}
	}
	if err := s.exposed(ctx, where, args, books); err != nil {
		return nil, err
	}
	if err := s.paidIn(ctx, where, args, books); err != nil {
		return nil, err
	}
	sheets, err := s.lastStated(ctx, where, args)
	if err != nil {
		return nil, err
	}
	for id, a := range sheets {
		if b := books[id]; b != nil {
			a.into(b)
		}
	}
	return s.near(ctx, rule, rows, books)
}

// exposed adds what guarantors stand for by client.
func (s *Service) exposed(ctx context.Context, where string, args []any, books map[institution.ID]*standing) error {
	var rows []struct {
		Guarantor institution.ID `db:"guarantor_id"`
		exposure
	}
	if err := s.db.Select(ctx, &rows, `SELECT p.guarantor_id, c.enterprise_id AS client, COALESCE(MAX(x.grp), '') AS grp,
			CAST(SUM(p.amount) AS BIGINT) AS amount,
			CAST(SUM(CASE WHEN c.size IN ('small', 'micro') THEN p.amount ELSE 0 END) AS BIGINT) AS small
		FROM guarantee_posting p JOIN guarantee_case c ON c.id = p.of_id JOIN guarantor g ON g.id = p.guarantor_id
			JOIN institution i ON i.id = g.id LEFT JOIN guarantee_group x ON x.enterprise_id = c.enterprise_id
		WHERE `+where+` AND p.account IN (?, ?) AND p.posted_on <= ?
		GROUP BY p.guarantor_id, c.enterprise_id HAVING SUM(p.amount) <> 0`,
		slices.Concat(args, []any{string(Committed), string(Outstanding), s.today()})...); err != nil {
		return err
	}
	for _, r := range rows {
		if b := books[r.Guarantor]; b != nil {
			b.exposures = append(b.exposures, r.exposure)
		}
	}
	return nil
}

// paidIn adds what the members of pools have paid in, and what is left of it.
func (s *Service) paidIn(ctx context.Context, where string, args []any, books map[institution.ID]*standing) error {
	var rows []struct {
		Pool       institution.ID `db:"guarantor_id"`
		Enterprise string         `db:"enterprise_id"`
		Paid       int64          `db:"paid"`
	}
	if err := s.db.Select(ctx, &rows, `SELECT m.guarantor_id, m.enterprise_id, CAST(SUM(p.amount) AS BIGINT) AS paid
		FROM guarantor_member m JOIN guarantee_posting p ON p.of_id = m.id AND p.account = ? JOIN guarantor g ON g.id = m.guarantor_id
			JOIN institution i ON i.id = g.id
		WHERE m.left_on = '' AND `+where+` GROUP BY m.guarantor_id, m.enterprise_id`, append([]any{string(Shares)}, args...)...); err != nil {
		return err
	}
	for _, r := range rows {
		if b := books[r.Pool]; b != nil {
			b.shares[r.Enterprise] = r.Paid
		}
	}
	var funds []struct {
		Pool institution.ID `db:"guarantor_id"`
		Sums
	}
	if err := s.db.Select(ctx, &funds, `SELECT p.guarantor_id, `+sumColumns+` FROM guarantee_posting p JOIN guarantor g ON g.id = p.guarantor_id
		JOIN institution i ON i.id = g.id WHERE g.type = ? AND `+where+` GROUP BY p.guarantor_id`, append([]any{string(Mutual)}, args...)...); err != nil {
		return err
	}
	for _, r := range funds {
		if b := books[r.Pool]; b != nil {
			b.fund = r.Fund()
		}
	}
	return nil
}

// near are the limits that warn, with the names of who they are about.
func (s *Service) near(ctx context.Context, rule *Rule, rows []guarantorRow, books map[institution.ID]*standing) ([]Alarm, error) {
	var all []Alarm
	var ids []string
	for i := range rows {
		b := books[rows[i].ID]
		for _, l := range alarms(append(rule.limits(b), rule.ratios(b)...)) {
			all = append(all, Alarm{Limit: l, Guarantor: rows[i].ID, Name: rows[i].Name})
			if l.Who != "" && l.Kind != GroupLimit {
				ids = append(ids, l.Who)
			}
		}
	}
	names := map[string]string{}
	for part := range slices.Chunk(ids, 500) {
		more, err := enterprise.Names(ctx, s.db, part...)
		if err != nil {
			return nil, err
		}
		maps.Copy(names, more)
	}
	for i := range all {
		if all[i].Client = names[all[i].Who]; all[i].Kind == GroupLimit {
			all[i].Client = all[i].Who
		}
	}
	slices.SortStableFunc(all, func(a, b Alarm) int { return cmp.Compare(fullness(b.Limit), fullness(a.Limit)) })
	return all, nil
}
