package guarantee

import (
	"context"
	"slices"
	"strings"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/fault"
)

// Statement is what a guarantor's own statement, not consolidated, says at the end
// of a day of its assets by class (资产分级), in fen. Special funds that the
// government has entrusted to it are left out. It holds until the next.
type Statement struct {
	On                   string // ISO date
	Total                int64  // 资产总额
	Receivable           int64  // 应收代偿款, part of Total
	First, Second, Third int64  // Ⅰ级、Ⅱ级、Ⅲ级资产: together at most Total less Receivable
	Source               string // what it was taken from: 年度审计报告, 季度报表
}

// classed is what the classes are a share of: total assets less claims to be
// recovered.
func (a *Statement) classed() int64 { return a.Total - a.Receivable }

// check tells every broken field of a statement of a guarantor in business since a
// day, "" when that is not known.
func (a *Statement) check(since, today string) fault.Fields {
	var f fault.Fields
	a.Source = strings.TrimSpace(a.Source)
	between(&f, "on", a.On, since, today)
	money(&f, "total", a.Total)
	for _, m := range []struct {
		name string
		fen  int64
	}{{"receivable", a.Receivable}, {"first", a.First}, {"second", a.Second}, {"third", a.Third}} {
		if m.fen < 0 || m.fen > mostAmount {
			f.Add(m.name, "guarantee.field.amount0")
		}
	}
	if !f.Has("total") && !f.Has("receivable") && a.Receivable > a.Total {
		f.Add("receivable", "guarantee.field.above_total", "most", yuan(a.Total))
	}
	sum := a.First + a.Second + a.Third
	broken := slices.ContainsFunc([]string{"total", "receivable", "first", "second", "third"}, f.Has)
	if !broken && sum > a.classed() {
		f.Add("first", "guarantee.field.above_assets", "sum", yuan(sum), "most", yuan(a.classed()))
	}
	f.Length("source", a.Source, 2, 80)
	return f
}

// SetStatement sets down a guarantor's assets by class at the end of a day
// (登记资产分级), by a document that is named; a statement of the same day is replaced.
// Entered by the office it counts at once; from anybody else it is a filing that
// waits for Confirm.
func (s *Service) SetStatement(ctx context.Context, by authz.Actor, id institution.ID, version int, in Statement) (Guarantor, error) {
	was, err := s.guarantors().Reach(ctx, s.db, by, string(id), Keep)
	if bad := in.check(was.Since, s.today()).Err(); bad != nil {
		return was, bad
	}
	if err != nil {
		return was, err
	}
	return s.state(ctx, by, id, version, Filing{Statement: &in})
}

// Ratios are a guarantor's asset ratios on a day (资产比例): what they are counted
// from, and by which rule. None before the first rule or statement, or where the
// rule sets none.
type Ratios struct {
	Rule      Rule
	Statement Statement
	Limits    []Limit
}

// RatiosOn are the asset ratios of a guarantor on a day, if the actor can find it,
// else NotFound: by the newest statement and the rule of that day, with the net
// assets and reserves of the statement's.
func (s *Service) RatiosOn(ctx context.Context, by authz.Actor, id institution.ID, day string) (Ratios, error) {
	if _, err := s.guarantors().Reach(ctx, s.db, by, string(id), See); err != nil {
		return Ratios{}, err
	}
	rule, err := s.rule(ctx, s.db, day)
	if fault.Is(err, fault.Conflict) {
		return Ratios{}, nil
	}
	if err != nil {
		return Ratios{}, err
	}
	kinds, err := standings(ctx, s.db, id)
	if err != nil {
		return Ratios{}, err
	}
	sheets, err := statements(ctx, s.db, id)
	if err != nil {
		return Ratios{}, err
	}
	lines, err := finances(ctx, s.db, id)
	then := &standing{typ: standingOn(kinds, day).Type}
	then.state(sheets, lines, day)
	return Ratios{*rule, then.statement, rule.ratios(then)}, err
}

// state takes the statement of the day and what the books said on its own, of lines
// with the newest first.
func (s *standing) state(sheets []Statement, lines []Finance, day string) {
	s.statement = statementOn(sheets, day)
	s.stated = financeOn(lines, s.statement.On)
}

const statementColumns = `a.as_of, a.total, a.receivable, a.first_class, a.second_class, a.third_class, a.source`

type statementRow struct {
	On         string `db:"as_of"`
	Total      int64  `db:"total"`
	Receivable int64  `db:"receivable"`
	First      int64  `db:"first_class"`
	Second     int64  `db:"second_class"`
	Third      int64  `db:"third_class"`
	Source     string `db:"source"`
}

// statements are those of a guarantor, the newest first.
func statements(ctx context.Context, r db.Reader, id institution.ID) ([]Statement, error) {
	var rows []statementRow
	err := r.Select(ctx, &rows, `SELECT `+statementColumns+` FROM guarantor_statement a WHERE a.guarantor_id = ? ORDER BY a.as_of DESC`, string(id))
	all := make([]Statement, len(rows))
	for i, row := range rows {
		all[i] = Statement(row)
	}
	return all, err
}

// statementOn is the one that holds on the day, of statements with the newest
// first; zero before the first.
func statementOn(all []Statement, day string) Statement {
	if i := slices.IndexFunc(all, func(a Statement) bool { return a.On <= day }); i >= 0 {
		return all[i]
	}
	return Statement{}
}

func putStatement(ctx context.Context, tx *db.Tx, id institution.ID, a Statement) error {
	_, err := tx.Exec(ctx, `INSERT INTO guarantor_statement (guarantor_id, as_of, total, receivable, first_class, second_class, third_class, source)
		VALUES (?,?,?,?,?,?,?,?) ON CONFLICT (guarantor_id, as_of) DO UPDATE SET total = excluded.total, receivable = excluded.receivable,
		first_class = excluded.first_class, second_class = excluded.second_class, third_class = excluded.third_class, source = excluded.source`,
		string(id), a.On, a.Total, a.Receivable, a.First, a.Second, a.Third, a.Source)
	return err
}

// stated is a statement with what the books said on its day.
type stated struct {
	Guarantor    institution.ID `db:"guarantor_id"`
	NetAssets    int64          `db:"net_assets"`
	Unearned     int64          `db:"unearned"`
	Compensation int64          `db:"compensation"`
	statementRow
}

func (a *stated) into(s *standing) {
	s.statement = Statement(a.statementRow)
	s.stated = Finance{NetAssets: a.NetAssets, Unearned: a.Unearned, Compensation: a.Compensation}
}

// lastStated are the statements of today of guarantors that a condition on g and i
// finds, by guarantor.
func (s *Service) lastStated(ctx context.Context, where string, args []any) (map[institution.ID]stated, error) {
	var rows []stated
	err := s.db.Select(ctx, &rows, `SELECT a.guarantor_id, `+statementColumns+`, COALESCE(f.net_assets, 0) AS net_assets,
			COALESCE(f.unearned, 0) AS unearned, COALESCE(f.compensation, 0) AS compensation
		FROM guarantor_statement a JOIN guarantor g ON g.id = a.guarantor_id JOIN institution i ON i.id = g.id
			LEFT JOIN guarantor_finance f ON f.guarantor_id = g.id AND f.valid_from =
				(SELECT MAX(x.valid_from) FROM guarantor_finance x WHERE x.guarantor_id = g.id AND x.valid_from <= a.as_of)
		WHERE a.as_of = (SELECT MAX(y.as_of) FROM guarantor_statement y WHERE y.guarantor_id = g.id AND y.as_of <= ?) AND `+where,
		append([]any{s.today()}, args...)...)
	all := make(map[institution.ID]stated, len(rows))
	for _, row := range rows {
		all[row.Guarantor] = row
	}
	return all, err
}
