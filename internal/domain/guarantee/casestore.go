package guarantee

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/region"
)

const caseColumns = `c.id, c.number, c.region, c.guarantor_id, c.bank_id, c.enterprise_id, c.size, c.need_id, c.amount, c.months,
	c.purpose, c.security, c.state, c.applied, c.found_on, c.found_by, c.found_amount, c.found_opinion, c.granted_on, c.granted_amount,
	c.granted_months, c.deal_number, c.deal_on, c.deal_until, c.deal_amount, c.deal_fee, c.extended, c.loan_number, c.loan_on,
	c.loan_amount, c.book, c.version, c.updated_at`

const fromCase = ` FROM guarantee_case c JOIN enterprise e ON e.id = c.enterprise_id`

type caseRow struct {
	ID            ID             `db:"id"`
	Number        string         `db:"number"`
	Region        region.Code    `db:"region"`
	Guarantor     institution.ID `db:"guarantor_id"`
	Bank          institution.ID `db:"bank_id"`
	Enterprise    string         `db:"enterprise_id"`
	Client        string         `db:"client"`
	Size          string         `db:"size"`
	Need          string         `db:"need_id"`
	Amount        int64          `db:"amount"`
	Months        int            `db:"months"`
	Purpose       string         `db:"purpose"`
	Security      string         `db:"security"`
	State         flow.State     `db:"state"`
	Applied       string         `db:"applied"`
	FoundOn       string         `db:"found_on"`
	FoundBy       string         `db:"found_by"`
	FoundAmount   int64          `db:"found_amount"`
	FoundOpinion  string         `db:"found_opinion"`
	GrantedOn     string         `db:"granted_on"`
	GrantedAmount int64          `db:"granted_amount"`
	GrantedMonths int            `db:"granted_months"`
	DealNumber    string         `db:"deal_number"`
	DealOn        string         `db:"deal_on"`
	DealUntil     string         `db:"deal_until"`
	DealAmount    int64          `db:"deal_amount"`
	DealFee       int64          `db:"deal_fee"`
	Extended      int            `db:"extended"`
	LoanNumber    string         `db:"loan_number"`
	LoanOn        string         `db:"loan_on"`
	LoanAmount    int64          `db:"loan_amount"`
	Book          int64          `db:"book"`
	Version       int            `db:"version"`
	UpdatedAt     int64          `db:"updated_at"`
}

func (r *caseRow) value() Case {
	return Case{
		ID: r.ID, Number: r.Number, Region: r.Region, Guarantor: r.Guarantor, Bank: r.Bank, Enterprise: r.Enterprise, Client: r.Client,
		Size: r.Size, Need: r.Need, Wish: Wish{r.Amount, r.Months, r.Purpose, securities(r.Security)}, State: r.State, Applied: r.Applied,
		Found:   Finding{r.FoundOn, r.FoundBy, r.FoundAmount, r.FoundOpinion},
		Granted: Grant{r.GrantedOn, r.GrantedAmount, r.GrantedMonths},
		Deal:    Deal{r.DealNumber, r.DealOn, r.DealUntil, r.DealAmount, r.DealFee, r.Extended},
		Loan:    Loan{r.LoanNumber, r.LoanOn, r.LoanAmount}, Book: r.Book == 1, Version: r.Version, Updated: db.Time(r.UpdatedAt),
	}
}

func securities(column string) []Security {
	var all []Security
	for _, word := range strings.Fields(column) {
		all = append(all, Security(word))
	}
	return all
}

func joined(all []Security) string {
	words := make([]string, len(all))
	for i, s := range all {
		words[i] = string(s)
	}
	return strings.Join(words, " ")
}

// caseScope says where a scope finds the parties of a case. A bank finds what
// names it.
func caseScope() authz.Columns {
	return authz.Columns{Region: "c.region", Party: map[string]string{
		authz.Enterprise: "c.enterprise_id", authz.Institution: "? IN (c.guarantor_id, c.bank_id)",
	}}
}

// oneCase is the case if the scope reaches it, else NotFound.
func oneCase(ctx context.Context, r db.Reader, s authz.Scope, id ID) (Case, error) {
	where, args := s.SQL(caseScope())
	var got caseRow
	if err := r.Get(ctx, &got, `SELECT `+caseColumns+`, e.name AS client`+fromCase+` WHERE c.id = ? AND `+where,
		append([]any{string(id)}, args...)...); err != nil {
		return Case{}, err
	}
	return got.value(), nil
}

// intoCase takes 34 values for each row, those of caseValues.
const intoCase = `INSERT INTO guarantee_case (id, number, region, guarantor_id, bank_id, enterprise_id, size, need_id, amount, months,
	purpose, security, state, applied, found_on, found_by, found_amount, found_opinion, granted_on, granted_amount, granted_months,
	deal_number, deal_on, deal_until, deal_amount, deal_fee, extended, loan_number, loan_on, loan_amount, book, version, updated_at, applied_as)`

const caseWidth = 34

func (c *Case) values(tx *db.Tx) []any {
	return []any{
		string(c.ID), c.Number, string(c.Region), string(c.Guarantor), string(c.Bank), c.Enterprise, c.Size, c.Need, c.Amount, c.Months,
		c.Purpose, joined(c.Security), string(c.State), c.Applied, c.Found.On, c.Found.By, c.Found.Amount, c.Found.Opinion,
		c.Granted.On, c.Granted.Amount, c.Granted.Months, c.Deal.Number, c.Deal.On, c.Deal.Until, c.Deal.Amount, c.Deal.Fee, c.Deal.Extended,
		c.Loan.Number, c.Loan.On, c.Loan.Amount, db.Bool(c.Book), c.Version, db.Millis(tx.Now), c.Enterprise,
	}
}

func insertCases(ctx context.Context, tx *db.Tx, all ...*Case) error {
	var rows []any
	for _, c := range all {
		c.Updated = tx.Now
		rows = append(rows, c.values(tx)...)
	}
	return tx.InsertAll(ctx, intoCase, caseWidth, rows)
}

// updateCase writes the case over the version it was read at, and raises it.
func updateCase(ctx context.Context, tx *db.Tx, c *Case) error {
	err := tx.ExecOne(ctx, `UPDATE guarantee_case SET bank_id = ?, size = ?, state = ?, found_on = ?, found_by = ?, found_amount = ?,
		found_opinion = ?, granted_on = ?, granted_amount = ?, granted_months = ?, deal_number = ?, deal_on = ?, deal_until = ?,
		deal_amount = ?, deal_fee = ?, extended = ?, loan_number = ?, loan_on = ?, loan_amount = ?, security = ?, version = version + 1,
		updated_at = ? WHERE id = ? AND version = ?`,
		string(c.Bank), c.Size, string(c.State), c.Found.On, c.Found.By, c.Found.Amount, c.Found.Opinion, c.Granted.On, c.Granted.Amount,
		c.Granted.Months, c.Deal.Number, c.Deal.On, c.Deal.Until, c.Deal.Amount, c.Deal.Fee, c.Deal.Extended, c.Loan.Number, c.Loan.On,
		c.Loan.Amount, joined(c.Security), db.Millis(tx.Now), string(c.ID), c.Version)
	if db.Unique(err) {
		return fault.Because(err, fault.Conflict, "guarantee.conflict.number")
	}
	if err == nil {
		c.Version++
		c.Updated = tx.Now
	}
	return err
}

// numbered takes so many numbers of the county and year and returns the first
// and how they are written: DB-320924-2008-0187.
func numbered(ctx context.Context, tx *db.Tx, prefix string, at region.Code, year string, n int) (func(i int) string, error) {
	county := at.At(region.County)
	if county == "" {
		county = at
	}
	var last int
	err := tx.Get(ctx, &last, `INSERT INTO guarantee_number (county, year, last) VALUES (?, ?, ?)
		ON CONFLICT (county, year) DO UPDATE SET last = guarantee_number.last + excluded.last RETURNING last`,
		prefix+string(county), year, n)
	return func(i int) string { return fmt.Sprintf("%s-%s-%s-%04d", prefix, county, year, last-n+1+i) }, err
}

func putMeeting(ctx context.Context, tx *db.Tx, id ID, m *Meeting) error {
	votes, err := json.Marshal(m.Votes)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO guarantee_meeting (case_id, held_on, votes, passed) VALUES (?,?,?,?)`, string(id), m.On, string(votes), db.Bool(m.Passed))
	return err
}

// meeting is a case's review meeting, nil when none was held.
func meeting(ctx context.Context, r db.Reader, id ID) (*Meeting, error) {
	var row struct {
		On     string `db:"held_on"`
		Votes  string `db:"votes"`
		Passed int64  `db:"passed"`
	}
	err := r.Get(ctx, &row, `SELECT held_on, votes, passed FROM guarantee_meeting WHERE case_id = ?`, string(id))
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	m := &Meeting{On: row.On, Passed: row.Passed == 1}
	if err == nil {
		err = json.Unmarshal([]byte(row.Votes), &m.Votes)
	}
	return m, err
}

func putApproval(ctx context.Context, tx *db.Tx, id ID, by authz.Actor, words string) error {
	_, err := tx.Exec(ctx, `INSERT INTO guarantee_approval (case_id, person_id, name, words, at) VALUES (?,?,?,?,?)`,
		string(id), by.ID, by.Name, words, db.Millis(tx.Now))
	if db.Unique(err) {
		return fault.Because(err, fault.Conflict, "guarantee.conflict.same_person")
	}
	return err
}

// approvals are who approved a case, in their order.
func approvals(ctx context.Context, r db.Reader, id ID) ([]Approval, error) {
	var rows []struct {
		Person string `db:"person_id"`
		Name   string `db:"name"`
		Words  string `db:"words"`
		At     int64  `db:"at"`
	}
	err := r.Select(ctx, &rows, `SELECT person_id, name, words, at FROM guarantee_approval WHERE case_id = ? ORDER BY at, person_id`, string(id))
	all := make([]Approval, len(rows))
	for i, a := range rows {
		all[i] = Approval{a.Person, a.Name, a.Words, db.Time(a.At)}
	}
	return all, err
}

// Rejoin lets cases, backers, members and needs of two enterprises follow when their
// entries are merged into one or separated again: each belongs to the entry that
// stands today for the one it was made for. The register calls it in its own
// transaction, and records the change there.
func Rejoin(ctx context.Context, tx *db.Tx, a, b enterprise.ID) error {
	for _, t := range []struct{ table, first, more string }{
		{"guarantee_case", "applied_as", ", version = version + 1"},
		{"guarantee_need", "posted_as", ", version = version + 1"},
		{"guarantor_member", "joined_as", ""},
		{"guarantee_backer", "backed_as", ""},
	} {
		var firsts []enterprise.ID
		if err := tx.Select(ctx, &firsts, `SELECT DISTINCT `+t.first+` FROM `+t.table+` WHERE enterprise_id IN (?, ?)`, a, b); err != nil {
			return err
		}
		for _, first := range firsts {
			now, err := enterprise.Resolve(ctx, tx, first)
			if err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, `UPDATE `+t.table+` SET enterprise_id = ?`+t.more+` WHERE `+t.first+` = ? AND enterprise_id <> ?`,
				now, first, now); err != nil {
				return err
			}
		}
	}
	return nil
}
