package enterprise

import (
	"context"
	"strings"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/region"
)

const selectClaim = `SELECT c.id, c.enterprise_id, c.contested, c.code, c.person, c.person_name, c.region, c.registered, c.holds,
	c.evidence, c.status, c.reason, c.decided_by, c.decided_at, c.created_at, c.version FROM enterprise_claim c WHERE `

type claimRow struct {
	ID         string `db:"id"`
	Enterprise string `db:"enterprise_id"`
	Contested  string `db:"contested"`
	Code       string `db:"code"`
	Person     string `db:"person"`
	PersonName string `db:"person_name"`
	Region     string `db:"region"`
	Registered bool   `db:"registered"`
	Holds      bool   `db:"holds"`
	Evidence   string `db:"evidence"`
	Status     string `db:"status"`
	Reason     string `db:"reason"`
	DecidedBy  string `db:"decided_by"`
	DecidedAt  int64  `db:"decided_at"`
	CreatedAt  int64  `db:"created_at"`
	Version    int    `db:"version"`
}

func (r claimRow) claim() ClaimRecord {
	return ClaimRecord{
		ID: r.ID, Enterprise: ID(r.Enterprise), Contested: ID(r.Contested), Code: r.Code, Person: r.Person, PersonName: r.PersonName,
		Region: region.Code(r.Region), Registered: r.Registered, Holds: r.Holds, Evidence: r.Evidence, Status: flow.State(r.Status),
		Reason: r.Reason, DecidedBy: r.DecidedBy, DecidedAt: db.Time(r.DecidedAt), CreatedAt: db.Time(r.CreatedAt), Version: r.Version,
	}
}

func selectClaims(ctx context.Context, r db.Reader, where string, args ...any) ([]ClaimRecord, error) {
	var rows []claimRow
	err := r.Select(ctx, &rows, selectClaim+where, args...)
	return db.As(rows, (*claimRow).claim), err
}

// loadClaim reads a claim within the places a scope reaches. The enterprise is
// no way in: who acts for it may not see who else wants to.
func loadClaim(ctx context.Context, r db.Reader, scope authz.Scope, id string) (ClaimRecord, error) {
	where, args := scope.SQL(authz.Columns{Region: "c.region"})
	var row claimRow
	err := r.Get(ctx, &row, selectClaim+`c.id = ? AND `+where, append([]any{id}, args...)...)
	return row.claim(), err
}

func insertClaim(ctx context.Context, tx *db.Tx, c ClaimRecord) error {
	_, err := tx.Exec(ctx, `INSERT INTO enterprise_claim (id, enterprise_id, contested, code, person, person_name, region, registered,
		holds, evidence, status, reason, decided_by, decided_at, via, created_at, version) VALUES (`+db.Marks(17)+`)`,
		c.ID, c.Enterprise, c.Contested, c.Code, c.Person, c.PersonName, c.Region, db.Bool(c.Registered),
		db.Bool(c.Holds), c.Evidence, c.Status, "", "", 0, "", db.Millis(tx.Now), 1)
	return err
}

// updateClaim writes what a decision changes; Stale when the version has moved.
func updateClaim(ctx context.Context, tx *db.Tx, c ClaimRecord) error {
	decided := int64(0)
	if !c.DecidedAt.IsZero() {
		decided = db.Millis(c.DecidedAt)
	}
	return tx.ExecOne(ctx, `UPDATE enterprise_claim SET enterprise_id = ?, contested = ?, code = ?, region = ?, holds = ?, evidence = ?, status = ?, reason = ?,
		decided_by = ?, decided_at = ?, version = version + 1 WHERE id = ? AND version = ?`,
		c.Enterprise, c.Contested, c.Code, c.Region, db.Bool(c.Holds), c.Evidence, c.Status, c.Reason, c.DecidedBy, decided, c.ID, c.Version)
}

// holders are the claims by which people act for an enterprise.
func holders(ctx context.Context, r db.Reader, id ID) ([]ClaimRecord, error) {
	return selectClaims(ctx, r, `c.enterprise_id = ? AND c.holds = 1 ORDER BY c.id`, id)
}

// alreadyClaimed reports whether the person has an open or accepted claim to a code.
func alreadyClaimed(ctx context.Context, r db.Reader, person string, codes []Identifier) (bool, error) {
	args := []any{person}
	for _, c := range codes {
		args = append(args, c.Value)
	}
	var n int
	err := r.Get(ctx, &n, `SELECT COUNT(*) FROM enterprise_claim WHERE person = ? AND status <> 'rejected'
		AND code IN (`+db.Marks(len(codes))+`)`, args...)
	return n > 0, err
}

// ClaimFilter narrows the staff's list. Zero fields do not narrow.
type ClaimFilter struct {
	Status     []flow.State
	Enterprise ID
	Region     region.Code
}

func (f ClaimFilter) sql(scope authz.Scope) (string, []any) {
	where, args := scope.SQL(authz.Columns{Region: "c.region"})
	cond := []string{where}
	if len(f.Status) > 0 {
		cond = append(cond, `c.status IN (`+db.Marks(len(f.Status))+`)`)
		args = append(args, anys(f.Status)...)
	}
	if f.Enterprise != "" {
		cond = append(cond, `(c.enterprise_id = ? OR c.contested = ?)`)
		args = append(args, f.Enterprise, f.Enterprise)
	}
	if f.Region != "" {
		span := f.Region.Span()
		cond = append(cond, `c.region >= ? AND c.region < ?`)
		args = append(args, span.From, span.To)
	}
	return strings.Join(cond, " AND "), args
}
