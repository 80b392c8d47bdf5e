package guarantee

import (
	"context"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
)

// Detail is all that the page of one case shows to the one who looks.
type Detail struct {
	Case
	Of        Guarantor
	BankName  string
	Balance   Balance
	Postings  []Posting  // oldest first; for the guarantor, the bank and the office
	Meeting   *Meeting   // likewise; nil while none was held
	Approvals []Approval // likewise
	Backers   []Backer
	Events    []flow.Event
	Ahead     []flow.Step
	Open      []flow.Step // what the one who looks can do now: the buttons
	Limits    []Limit     // that its client comes under; for the guarantor and the office
	Rule      Rule        // that they are counted by
	Related   Group       // the client's; for the guarantor and the office
	Second    bool        // one person has approved, another one has to
	Inside    bool        // the one who looks is not the enterprise alone
}

// Get is a case with all that belongs to it, if the actor can find it, else
// NotFound.
func (s *Service) Get(ctx context.Context, by authz.Actor, id ID) (Detail, error) {
	c, err := oneCase(ctx, s.db, by.Scope(See), id)
	if err != nil {
		return Detail{}, err
	}
	d := Detail{Case: c, Ahead: lifecycle.Ahead(c.State), Second: c.State == Reviewed && c.Granted.Amount > 0}
	d.Inside = by.May(See, authz.At(c.Region).Of(authz.Institution, string(c.Guarantor)))
	if d.Of, err = oneGuarantor(ctx, s.db, authz.Unbounded("the case's own"), c.Guarantor, s.today()); err != nil {
		return Detail{}, err
	}
	if c.Bank != "" {
		names, err := institution.Names(ctx, s.db, string(c.Bank))
		if err != nil {
			return Detail{}, err
		}
		d.BankName = names[string(c.Bank)]
	}
	if d.Postings, err = postings(ctx, s.db, string(id)); err != nil {
		return Detail{}, err
	}
	d.Balance = balanceOf(d.Postings)
	behind, err := backers(ctx, s.db, id)
	if err != nil {
		return Detail{}, err
	}
	d.Backers = behind[id]
	if d.Events, err = flow.History(ctx, s.db, gate.Record{Kind: Kind, ID: string(id)}); err != nil {
		return Detail{}, err
	}
	d.Open = lifecycle.Open(c.State, func(do authz.Permission) bool { return by.Personal() && by.May(do, on(&c, do)) })
	if d.Inside {
		return d, s.inside(ctx, &d)
	}
	d.narrow()
	return d, nil
}

// inside adds what the guarantor and the office see of a case.
func (s *Service) inside(ctx context.Context, d *Detail) error {
	var err error
	if d.Meeting, err = meeting(ctx, s.db, d.ID); err != nil {
		return err
	}
	if d.Approvals, err = approvals(ctx, s.db, d.ID); err != nil {
		return err
	}
	if d.Related, err = groupOf(ctx, s.db, d.Enterprise); err != nil {
		return err
	}
	rule, err := s.rule(ctx, s.db, s.today())
	if fault.Is(err, fault.Conflict) { // before the first rule nothing is limited
		return nil
	}
	if err != nil {
		return err
	}
	now, err := standingOf(ctx, s.db, &d.Of, s.today())
	if err != nil {
		return err
	}
	d.Rule, d.Limits = *rule, append(rule.overall(now), rule.ofClient(now, d.Enterprise)...)
	return nil
}

// narrow hides from the enterprise and the bank what a guarantor thinks to
// itself: notes of the due diligence and of approvals.
func (d *Detail) narrow() {
	d.Found.Opinion = ""
	for i := range d.Events {
		if do := d.Events[i].Do; do == Examine || do == Approve || do == Review {
			d.Events[i].Note = ""
		}
	}
}

// Filter narrows a list of cases; zero fields do not.
type Filter struct {
	Region     region.Code
	State      flow.State
	Open       bool // those that wait for somebody
	Guarantor  institution.ID
	Enterprise string // its id
	Type       Type
	Text       string // part of the enterprise's name, or of a number
	Year       string // of the contract
}

func (f Filter) sql() (string, []any) {
	where, args := "", []any{}
	add := func(cond string, values ...any) {
		where += " AND " + cond
		args = append(args, values...)
	}
	if f.Region != "" {
		span := f.Region.Span()
		add(`c.region >= ? AND c.region < ?`, span.From, span.To)
	}
	if f.State != "" {
		add(`c.state = ?`, string(f.State))
	}
	if f.Open {
		states := lifecycle.Unended()
		values := make([]any, len(states))
		for i, st := range states {
			values[i] = string(st)
		}
		add(`c.state IN (`+db.Marks(len(states))+`)`, values...)
	}
	if f.Guarantor != "" {
		add(`c.guarantor_id = ?`, string(f.Guarantor))
	}
	if f.Enterprise != "" {
		add(`c.enterprise_id = ?`, f.Enterprise)
	}
	if f.Type != "" {
		add(`g.type = ?`, string(f.Type))
	}
	if f.Text != "" {
		part := db.Part(f.Text)
		add(`(e.name LIKE ? ESCAPE '\' OR c.number LIKE ? ESCAPE '\' OR c.deal_number LIKE ? ESCAPE '\')`, part, part, part)
	}
	if f.Year != "" {
		add(`c.deal_on >= ? AND c.deal_on < ?`, f.Year+"-01-01", f.Year+"-99")
	}
	return where, args
}

// Line is a case in a list.
type Line struct {
	Case
	GuarantorName string
	Outstanding   int64 // fen
}

// List is a page of cases the actor finds, newest application first.
func (s *Service) List(ctx context.Context, scope authz.Scope, f Filter, page db.Page) ([]Line, string, error) {
	where, args := scope.SQL(caseScope())
	more, values := f.sql()
	where, args = where+more, append(args, values...)
	type line struct {
		caseRow
		GuarantorName string `db:"guarantor_name"`
		Outstanding   int64  `db:"outstanding"`
	}
	rows, next, err := db.Paged(ctx, s.db, page, db.Order{Columns: []string{"c.applied", "c.id"}, Down: true},
		`SELECT `+caseColumns+`, e.name AS client, i.name AS guarantor_name,
			COALESCE((SELECT CAST(SUM(p.amount) AS BIGINT) FROM guarantee_posting p WHERE p.of_id = c.id AND p.account = 'outstanding'), 0) AS outstanding
		`+fromCase+` JOIN guarantor g ON g.id = c.guarantor_id JOIN institution i ON i.id = g.id
		WHERE `+where, args,
		func(x *line) []string { return []string{x.Applied, string(x.ID)} })
	if err != nil {
		return nil, "", err
	}
	found := make([]Line, len(rows))
	for i := range rows {
		found[i] = Line{rows[i].value(), rows[i].GuarantorName, rows[i].Outstanding}
	}
	return found, next, nil
}

// Count is how many cases the filter finds within the scope.
func (s *Service) Count(ctx context.Context, scope authz.Scope, f Filter) (int, error) {
	where, args := scope.SQL(caseScope())
	more, values := f.sql()
	var n int
	err := s.db.Get(ctx, &n, `SELECT COUNT(*)`+fromCase+` JOIN guarantor g ON g.id = c.guarantor_id WHERE `+where+more, append(args, values...)...)
	return n, err
}

// OpenRecords finds the cases that the records of this domain's facts belong to,
// as far as the scope reaches; others are left out.
func (s *Service) OpenRecords(ctx context.Context, scope authz.Scope, records ...ledger.Record) (map[ledger.Record]Case, error) {
	found := map[ledger.Record]Case{}
	var ids []any
	for _, r := range records {
		if r.Kind == Kind {
			ids = append(ids, r.ID)
		}
	}
	if len(ids) == 0 {
		return found, nil
	}
	where, args := scope.SQL(caseScope())
	var rows []caseRow
	if err := s.db.Select(ctx, &rows, `SELECT `+caseColumns+`, e.name AS client`+fromCase+` WHERE `+where+` AND c.id IN (`+db.Marks(len(ids))+`)`,
		append(args, ids...)...); err != nil {
		return nil, err
	}
	for i := range rows {
		found[ledger.Record{Kind: Kind, ID: string(rows[i].ID)}] = rows[i].value()
	}
	return found, nil
}
