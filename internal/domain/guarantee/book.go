package guarantee

import (
	"context"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/region"
)

// Books are all that the page of one guarantor shows.
type Books struct {
	Guarantor
	Finances  []Finance  // newest first
	Standings []Standing // newest first
	Filings   []Filing   // that wait for the office, oldest first; not for the public
	Outlets   []Outlet
	Banks     []Partner
	Members   []Member // of a pool, those who left too
	Sums      Sums
	Rule      Rule
	Limits    []Limit           // of the whole book, and those of clients that warn
	Names     map[string]string // of the clients in Limits, by id
	Below     bool              // its registered capital is below the minimum of the rule in force
	// Statements are its assets by class, newest first, and Ratios what the rule in
	// force asks of the newest; neither is for the public.
	Statements []Statement
	Ratios     []Limit
}

// Sums are the balances of a book, in fen.
type Sums struct {
	Committed   int64 `db:"committed"`
	Outstanding int64 `db:"outstanding"`
	Claims      int64 `db:"claims"`
	Losses      int64 `db:"losses"`
	Shares      int64 `db:"shares"`
	Income      int64 `db:"income"` // of a pool's fund, less what it spent
}

const sumColumns = `CAST(COALESCE(SUM(CASE WHEN p.account = 'committed' THEN p.amount END), 0) AS BIGINT) AS committed,
	CAST(COALESCE(SUM(CASE WHEN p.account = 'outstanding' THEN p.amount END), 0) AS BIGINT) AS outstanding,
	CAST(COALESCE(SUM(CASE WHEN p.account = 'claims' THEN p.amount END), 0) AS BIGINT) AS claims,
	CAST(COALESCE(SUM(CASE WHEN p.account = 'losses' THEN p.amount END), 0) AS BIGINT) AS losses,
	CAST(COALESCE(SUM(CASE WHEN p.account = 'shares' THEN p.amount END), 0) AS BIGINT) AS shares,
	CAST(COALESCE(SUM(CASE WHEN p.account = 'income' THEN p.amount END), 0) AS BIGINT) AS income`

// GetGuarantor is a guarantor with its books, if the actor can find it, else
// NotFound. Limits are those of the day.
func (s *Service) GetGuarantor(ctx context.Context, by authz.Actor, id institution.ID) (Books, error) {
	g, err := s.guarantors().Reach(ctx, s.db, by, string(id), See)
	if err != nil {
		return Books{}, err
	}
	b := Books{Guarantor: g}
	if b.Finances, err = finances(ctx, s.db, id); err != nil {
		return Books{}, err
	}
	if b.Outlets, err = outlets(ctx, s.db, id); err != nil {
		return Books{}, err
	}
	if b.Banks, err = banks(ctx, s.db, id); err != nil {
		return Books{}, err
	}
	if b.Standings, err = standings(ctx, s.db, id); err != nil {
		return Books{}, err
	}
	if b.Filings, err = filings(ctx, s.db, id); err != nil {
		return Books{}, err
	}
	if b.Statements, err = statements(ctx, s.db, id); err != nil {
		return Books{}, err
	}
	if b.Sums, err = sumsOf(ctx, s.db, id); err != nil {
		return Books{}, err
	}
	if g.Type == Mutual {
		if b.Members, err = members(ctx, s.db, id, false); err != nil {
			return Books{}, err
		}
		if err := settle(ctx, s.db, id, b.Sums, b.Members); err != nil {
			return Books{}, err
		}
	}
	return b, s.limitsOf(ctx, &b)
}

func (s *Service) limitsOf(ctx context.Context, b *Books) error {
	rule, err := s.rule(ctx, s.db, s.today())
	if fault.Is(err, fault.Conflict) {
		return nil
	}
	if err != nil {
		return err
	}
	now, err := standingOf(ctx, s.db, &b.Guarantor, s.today())
	if err != nil {
		return err
	}
	now.state(b.Statements, b.Finances, s.today())
	b.Rule, b.Below, b.Ratios = *rule, rule.below(b.Finance.Registered), rule.ratios(now)
	var ids []string
	for _, l := range rule.limits(now) {
		if l.Who == "" || l.Near {
			b.Limits = append(b.Limits, l)
		}
		if l.Who != "" && l.Near {
			ids = append(ids, l.Who)
		}
	}
	b.Names, err = enterprise.Names(ctx, s.db, ids...)
	return err
}

// GuarantorFilter narrows a list of guarantors; zero fields do not.
type GuarantorFilter struct {
	Region region.Code
	Type   Type
	Level  institution.Level
	Text   string
	Ended  bool // also those that closed

	published bool
}

func (f GuarantorFilter) sql(scope authz.Scope, today string) (string, []any) {
	where, args := scope.SQL(guarantorScope())
	add := func(cond string, values ...any) {
		where += " AND " + cond
		args = append(args, values...)
	}
	if f.Region != "" {
		span := f.Region.Span()
		add(`i.region >= ? AND i.region < ?`, span.From, span.To)
	}
	if f.Type != "" {
		add(`g.type = ?`, string(f.Type))
	}
	if f.Level != "" {
		add(`g.level = ?`, string(f.Level))
	}
	if f.Text != "" {
		add(`i.name LIKE ? ESCAPE '\'`, db.Part(f.Text))
	}
	if !f.Ended {
		add(`(g.ended = '' OR g.ended > ?)`, today)
	}
	if f.published {
		add(`i.published = 1`)
	}
	return where, args
}

// GuarantorLine is a guarantor in a list.
type GuarantorLine struct {
	Guarantor
	Sums
	Towns  int // in which it can be reached today
	Alarms []Limit
	Below  bool
}

// byType is where a type stands in a list: those that are there for everybody before
// the many pools.
const byType = `CASE g.type WHEN 'policy' THEN '0' WHEN 'commercial' THEN '1' ELSE '2' END`

// Guarantors is a page of guarantors by type and name, with their balances.
func (s *Service) Guarantors(ctx context.Context, scope authz.Scope, f GuarantorFilter, page db.Page) ([]GuarantorLine, string, error) {
	found, next, err := s.guarantorPage(ctx, scope, f, page)
	if err != nil {
		return nil, "", err
	}
	return found, next, s.balances(ctx, found)
}

// guarantorPage is the same without what their books add up to.
func (s *Service) guarantorPage(ctx context.Context, scope authz.Scope, f GuarantorFilter, page db.Page) ([]GuarantorLine, string, error) {
	today := s.today()
	where, args := f.sql(scope, today)
	args = append([]any{today, today, today}, args...)
	type line struct {
		guarantorRow
		Outlets int    `db:"outlets"`
		Place   string `db:"place"`
	}
	rows, next, err := db.Paged(ctx, s.db, page, db.Order{Columns: []string{byType, "i.name", "g.id"}},
		`SELECT `+guarantorColumns+`, `+byType+` AS place, (SELECT COUNT(*) FROM guarantor_outlet o WHERE o.guarantor_id = g.id
			AND o.town <> i.region AND o.valid_from <= ? AND (o.valid_to = '' OR o.valid_to > ?)) AS outlets`+
			fromGuarantor+` WHERE `+where, args,
		func(x *line) []string { return []string{x.Place, x.Name, string(x.ID)} })
	if err != nil {
		return nil, "", err
	}
	found := make([]GuarantorLine, len(rows))
	for i := range rows {
		found[i].Guarantor, found[i].Towns = rows[i].guarantor(), rows[i].Outlets
		if found[i].Region.Level() == region.Town {
			found[i].Towns++
		}
	}
	return found, next, nil
}

// balances adds to lines what their books add up to, in one query, and the
// alarms of whole books.
func (s *Service) balances(ctx context.Context, lines []GuarantorLine) error {
	if len(lines) == 0 {
		return nil
	}
	at, ids := map[institution.ID]int{}, make([]any, len(lines))
	for i := range lines {
		at[lines[i].ID], ids[i] = i, string(lines[i].ID)
	}
	var rows []struct {
		ID institution.ID `db:"guarantor_id"`
		Sums
	}
	if err := s.db.Select(ctx, &rows, `SELECT p.guarantor_id, `+sumColumns+` FROM guarantee_posting p
		WHERE p.guarantor_id IN (`+db.Marks(len(ids))+`) GROUP BY p.guarantor_id`, ids...); err != nil {
		return err
	}
	for _, r := range rows {
		lines[at[r.ID]].Sums = r.Sums
	}
	rule, err := s.rule(ctx, s.db, s.today())
	if fault.Is(err, fault.Conflict) {
		return nil
	}
	if err != nil {
		return err
	}
	sheets, err := s.lastStated(ctx, `g.id IN (`+db.Marks(len(ids))+`)`, ids)
	if err != nil {
		return err
	}
	for i := range lines {
		l := &lines[i]
		l.Below = rule.below(l.Finance.Registered)
		whole := &standing{
			typ: l.Type, finance: l.Finance, multiple: l.Multiple, shares: map[string]int64{"": l.Shares}, fund: l.Fund(),
			exposures: []exposure{{Amount: l.Committed + l.Outstanding}},
		}
		if a, ok := sheets[l.ID]; ok {
			a.into(whole)
		}
		l.Alarms = alarms(append(rule.overall(whole), rule.ratios(whole)...))
	}
	return nil
}
