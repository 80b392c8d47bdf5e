package account

import (
	"context"
	"strings"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/region"
)

const publicColumns = `p.id, COALESCE(p.phone, '') AS phone, COALESCE(p.email, '') AS email, p.email_pending, p.name,
	p.region, p.status, p.situation, p.consent, p.consent_at, p.phone_seen_at, p.factor_at, p.password_at,
	p.created_at, p.version`

const accountSelect = `SELECT ` + publicColumns + `, p.password, p.factor, p.factor_next, p.factor_step, p.demo
	FROM account_person p `

// personColumns are what a scope asks about in a person's row.
func personColumns() authz.Columns {
	return authz.Columns{Region: "p.region", Party: map[string]string{authz.Person: "p.id"}}
}

// byID finds an account, whoever asks; NotFound when there is none.
func byID(ctx context.Context, r db.Reader, id string) (account, error) {
	var a account
	err := r.Get(ctx, &a, accountSelect+`WHERE p.id = ?`, id)
	return a, err
}

// byLogin finds the account of a phone number or proven address; the zero
// account when there is none.
func byLogin(ctx context.Context, r db.Reader, login string) (account, error) {
	column := "p.phone"
	if strings.Contains(login, "@") {
		column = "p.email"
	}
	var a account
	err := r.Get(ctx, &a, accountSelect+`WHERE `+column+` = ?`, login)
	if fault.Is(err, fault.NotFound) {
		return account{}, nil
	}
	return a, err
}

// null keeps an empty login out of the unique index.
func null(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func insertPerson(ctx context.Context, tx *db.Tx, a account) error {
	_, err := tx.Exec(ctx, `INSERT INTO account_person (id, phone, email, email_pending, name, region, status, password,
		password_at, factor, factor_next, factor_at, factor_step, situation, consent, consent_at, phone_seen_at, demo,
		created_at, version) VALUES (?,?,?,?,?,?,?,?,?,'','',0,0,?,?,?,?,?,?,1)`,
		a.ID, null(a.Phone), null(a.Email), a.EmailPending, a.Name, a.Region, Active, a.Password, a.PasswordAt,
		a.Situation, a.Consent, a.ConsentAt, a.PhoneSeenAt, a.Demo, db.Millis(tx.Now))
	return err
}

// updatePerson writes what the owner and the staff can change, where the
// version is still the one read.
func updatePerson(ctx context.Context, tx *db.Tx, a account) error {
	return tx.ExecOne(ctx, `UPDATE account_person SET phone = ?, email = ?, email_pending = ?, name = ?, region = ?,
		status = ?, password = ?, password_at = ?, factor = ?, factor_next = ?, factor_at = ?, factor_step = ?,
		situation = ?, phone_seen_at = ?, version = version + 1 WHERE id = ? AND version = ?`,
		null(a.Phone), null(a.Email), a.EmailPending, a.Name, a.Region, a.Status, a.Password, a.PasswordAt, a.Factor,
		a.FactorNext, a.FactorAt, a.FactorStep, a.Situation, a.PhoneSeenAt, a.ID, a.Version)
}

// GrantRow is one grant as kept (授权). Times are Unix milliseconds; ToAt 0 is
// until ended, EndedAt 0 is not ended.
type GrantRow struct {
	ID        string      `db:"id"`
	Person    string      `db:"person"`
	Role      string      `db:"role"`
	Region    region.Code `db:"region"`
	PartyKind string      `db:"party_kind"`
	PartyID   string      `db:"party_id"`
	FromAt    int64       `db:"from_at"`
	ToAt      int64       `db:"to_at"`
	GivenBy   string      `db:"given_by"`
	GivenAt   int64       `db:"given_at"`
	EndedBy   string      `db:"ended_by"`
	EndedAt   int64       `db:"ended_at"`
}

// Party is what the grant is over when it is not over a region.
func (g GrantRow) Party() authz.Party { return authz.Party{Kind: g.PartyKind, ID: g.PartyID} }

// over is the target that giving or ending the grant touches.
func (g GrantRow) over() authz.Target { return over(g.Region, g.Party()) }

func over(c region.Code, p authz.Party) authz.Target { return authz.At(c).Of(p.Kind, p.ID) }

const grantSelect = `SELECT g.id, g.person, g.role, g.region, g.party_kind, g.party_id, g.from_at, g.to_at, g.given_by,
	g.given_at, g.ended_by, g.ended_at FROM account_grant g `

// current is the condition of a grant in force at an instant: two placeholders.
const current = `g.ended_at = 0 AND g.from_at <= ? AND (g.to_at = 0 OR g.to_at > ?)`

// lasting to come too: what conflicts with a new grant is not only what is in force.
const unended = `g.ended_at = 0 AND (g.to_at = 0 OR g.to_at > ?)`

func insertGrant(ctx context.Context, tx *db.Tx, g GrantRow) error {
	_, err := tx.Exec(ctx, `INSERT INTO account_grant (id, person, role, region, party_kind, party_id, from_at, to_at,
		given_by, given_at, ended_by, ended_at) VALUES (?,?,?,?,?,?,?,?,?,?,'',0)`,
		g.ID, g.Person, g.Role, g.Region, g.PartyKind, g.PartyID, g.FromAt, g.ToAt, g.GivenBy, g.GivenAt)
	return err
}

// in is the placeholders of a list, and the list as arguments.
func in[T any](list []T) (string, []any) {
	args := make([]any, len(list))
	for i, v := range list {
		args[i] = v
	}
	return "(" + strings.TrimSuffix(strings.Repeat("?,", len(list)), ",") + ")", args
}
