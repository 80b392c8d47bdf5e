package techplatform

import (
	"context"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/region"
)

const introColumns = `i.id, i.notice_id, n.number, n.title, n.side, n.enterprise_id AS owner_enterprise, n.institution_id AS owner_institution,
	n.party AS owner_name, n.contact AS owner_ask, n.region, i.enterprise_id, i.institution_id, i.party, i.body, i.contact, i.state, i.agreed_on,
	i.amount, i.claimed_side, i.claimed_by, i.proof, i.asked_at, i.since, i.version, i.updated_at`

const fromIntro = ` FROM techplatform_intro i JOIN techplatform_notice n ON n.id = i.notice_id WHERE `

type introRow struct {
	ID               string      `db:"id"`
	Notice           string      `db:"notice_id"`
	Number           string      `db:"number"`
	Title            string      `db:"title"`
	Side             Side        `db:"side"`
	OwnerEnterprise  string      `db:"owner_enterprise"`
	OwnerInstitution string      `db:"owner_institution"`
	OwnerName        string      `db:"owner_name"`
	OwnerAsk         string      `db:"owner_ask"`
	Region           region.Code `db:"region"`
	Enterprise       string      `db:"enterprise_id"`
	Institution      string      `db:"institution_id"`
	Party            string      `db:"party"`
	Body             string      `db:"body"`
	Contact          string      `db:"contact"`
	State            flow.State  `db:"state"`
	AgreedOn         string      `db:"agreed_on"`
	Amount           int64       `db:"amount"`
	ClaimedSide      Claimant    `db:"claimed_side"`
	ClaimedBy        string      `db:"claimed_by"`
	Proof            string      `db:"proof"`
	AskedAt          int64       `db:"asked_at"`
	Since            int64       `db:"since"`
	Version          int         `db:"version"`
	UpdatedAt        int64       `db:"updated_at"`
}

func (r *introRow) intro() Intro {
	return Intro{
		ID: r.ID, Notice: r.Notice, Number: r.Number, Title: r.Title, Side: r.Side,
		Owner: partyOf(r.OwnerEnterprise, r.OwnerInstitution), OwnerName: r.OwnerName, OwnerAsk: r.OwnerAsk,
		Asker: partyOf(r.Enterprise, r.Institution), AskerName: r.Party, Words: r.Body, Contact: r.Contact, Region: r.Region, State: r.State,
		Claim:   Claim{AgreedOn: r.AgreedOn, Amount: r.Amount, Of: r.ClaimedSide, By: r.ClaimedBy, Proof: r.Proof},
		AskedAt: db.Time(r.AskedAt), Since: db.Time(r.Since), Version: r.Version, UpdatedAt: db.Time(r.UpdatedAt),
	}
}

func introScope() authz.Columns {
	return authz.Columns{Region: "n.region", Party: map[string]string{
		authz.Enterprise: "? IN (n.enterprise_id, i.enterprise_id)", authz.Institution: "? IN (n.institution_id, i.institution_id)",
	}}
}

// oneIntro is the introduction if the scope reaches it, else NotFound.
func oneIntro(ctx context.Context, r db.Reader, s authz.Scope, id string) (Intro, error) {
	where, args := s.SQL(introScope())
	var got introRow
	err := r.Get(ctx, &got, `SELECT `+introColumns+fromIntro+`i.id = ? AND `+where, append([]any{id}, args...)...)
	return got.intro(), err
}

// IntroFilter narrows a list of introductions; zero fields do not.
type IntroFilter struct {
	Notice string
	State  flow.State
}

func manyIntros(ctx context.Context, r db.Reader, s authz.Scope, f IntroFilter, page db.Page) ([]Intro, string, error) {
	where, args := s.SQL(introScope())
	if f.Notice != "" {
		where += ` AND i.notice_id = ?`
		args = append(args, f.Notice)
	}
	if f.State != "" {
		where += ` AND i.state = ?`
		args = append(args, string(f.State))
	}
	rows, next, err := db.Paged(ctx, r, page, db.Order{Columns: []string{"i.id"}, Down: true},
		`SELECT `+introColumns+fromIntro+where, args,
		func(x *introRow) []string { return []string{x.ID} })
	if err != nil {
		return nil, "", err
	}
	found := make([]Intro, len(rows))
	for k := range rows {
		found[k] = rows[k].intro()
	}
	return found, next, nil
}

func insertIntro(ctx context.Context, tx *db.Tx, i *Intro) error {
	enterprise, institution := ids(i.Asker)
	_, err := tx.Exec(ctx, `INSERT INTO techplatform_intro (id, notice_id, enterprise_id, asked_for, institution_id, party, body, contact, state,
		agreed_on, amount, asked_at, since, version, updated_at) VALUES (?,?,?,?,?,?,?,?,?,'',0,?,?,1,?)`,
		i.ID, i.Notice, enterprise, enterprise, institution, i.AskerName, i.Words, i.Contact, string(i.State), db.Millis(tx.Now), db.Millis(tx.Now),
		db.Millis(tx.Now))
	return err
}

// updateIntro writes the introduction over the version it was read at, and raises it.
func updateIntro(ctx context.Context, tx *db.Tx, i *Intro) error {
	i.Version, i.UpdatedAt = i.Version+1, tx.Now
	return tx.ExecOne(ctx, `UPDATE techplatform_intro SET state = ?, agreed_on = ?, amount = ?, claimed_side = ?, claimed_by = ?,
		proof = ?, since = ?, version = ?, updated_at = ? WHERE id = ? AND version = ?`,
		string(i.State), i.AgreedOn, i.Amount, string(i.Of), i.By, i.Proof, db.Millis(i.Since), i.Version, db.Millis(tx.Now), i.ID, i.Version-1)
}
