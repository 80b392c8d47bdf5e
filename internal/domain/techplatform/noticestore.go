package techplatform

import (
	"context"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/region"
)

const noticeColumns = `n.id, n.number, n.side, n.title, n.body, n.industry, n.amount, n.contact, n.enterprise_id, n.institution_id, n.party,
	n.region, n.state, n.submitted_by, n.checked_by, n.since, n.published_on, n.until, n.version, n.updated_at`

type noticeRow struct {
	ID          string      `db:"id"`
	Number      string      `db:"number"`
	Side        Side        `db:"side"`
	Title       string      `db:"title"`
	Body        string      `db:"body"`
	Industry    string      `db:"industry"`
	Amount      int64       `db:"amount"`
	Contact     string      `db:"contact"`
	Enterprise  string      `db:"enterprise_id"`
	Institution string      `db:"institution_id"`
	Party       string      `db:"party"`
	Region      region.Code `db:"region"`
	State       flow.State  `db:"state"`
	SubmittedBy string      `db:"submitted_by"`
	CheckedBy   string      `db:"checked_by"`
	Since       int64       `db:"since"`
	PublishedOn string      `db:"published_on"`
	Until       string      `db:"until"`
	Version     int         `db:"version"`
	UpdatedAt   int64       `db:"updated_at"`
}

func (r *noticeRow) notice() Notice {
	return Notice{
		ID: r.ID, Number: r.Number, Side: r.Side,
		NoticeProfile: NoticeProfile{Title: r.Title, Text: r.Body, Industry: r.Industry, Amount: r.Amount, Contact: r.Contact},
		Party:         partyOf(r.Enterprise, r.Institution), Name: r.Party, Region: r.Region, State: r.State, SubmittedBy: r.SubmittedBy, CheckedBy: r.CheckedBy,
		Since: db.Time(r.Since), PublishedOn: r.PublishedOn, Until: r.Until, Version: r.Version, UpdatedAt: db.Time(r.UpdatedAt),
	}
}

// partyOf is the one of two ids that is there.
func partyOf(enterprise, institution string) authz.Party {
	if enterprise != "" {
		return authz.Party{Kind: authz.Enterprise, ID: enterprise}
	}
	return authz.Party{Kind: authz.Institution, ID: institution}
}

// ids are the two columns of a party.
func ids(p authz.Party) (enterprise, institution string) {
	if p.Kind == authz.Enterprise {
		return p.ID, ""
	}
	return "", p.ID
}

func noticeScope() authz.Columns {
	return authz.Columns{Region: "n.region", Party: map[string]string{authz.Enterprise: "n.enterprise_id", authz.Institution: "n.institution_id"}}
}

// oneNotice is the notice if the scope reaches it, else NotFound.
func oneNotice(ctx context.Context, r db.Reader, s authz.Scope, id string) (Notice, error) {
	where, args := s.SQL(noticeScope())
	var got noticeRow
	err := r.Get(ctx, &got, `SELECT `+noticeColumns+` FROM techplatform_notice n WHERE n.id = ? AND `+where, append([]any{id}, args...)...)
	return got.notice(), err
}

// NoticeFilter narrows a list of notices; zero fields do not.
type NoticeFilter struct {
	Region   region.Code // of the party: the subtree
	Side     Side
	Industry string // with everything below it: C, C17
	State    flow.State
	Party    authz.Party
	Text     string // number, title, words or party

	public  string // a day: what everybody sees on it
	waiting *authz.Actor
}

func (f *NoticeFilter) sql() (string, []any) {
	where, args := "", []any{}
	add := func(cond string, values ...any) {
		where += " AND " + cond
		args = append(args, values...)
	}
	if f.Region != "" {
		span := f.Region.Span()
		add(`n.region >= ? AND n.region < ?`, span.From, span.To)
	}
	if f.Side != "" {
		add(`n.side = ?`, string(f.Side))
	}
	if f.Industry != "" {
		add(`n.industry >= ? AND n.industry < ?`, f.Industry, f.Industry+"~")
	}
	if f.State != "" {
		add(`n.state = ?`, string(f.State))
	}
	if f.Party.ID != "" {
		enterprise, institution := ids(f.Party)
		add(`n.enterprise_id = ? AND n.institution_id = ?`, enterprise, institution)
	}
	if f.Text != "" {
		part := db.Part(f.Text)
		add(`(n.number LIKE ? ESCAPE '\' OR n.title LIKE ? ESCAPE '\' OR n.body LIKE ? ESCAPE '\' OR n.party LIKE ? ESCAPE '\')`, part, part, part, part)
	}
	if f.public != "" {
		add(`n.state = ? AND (n.until = '' OR n.until >= ?)`, string(Shown), f.public)
	}
	if f.waiting != nil {
		cond, values := noticeReview().waitsFor(*f.waiting)
		add(cond+` AND n.checked_by <> ?`, append(values, f.waiting.ID)...)
	}
	return where, args
}

func manyNotices(ctx context.Context, r db.Reader, s authz.Scope, f NoticeFilter, page db.Page) ([]Notice, string, error) {
	where, args := s.SQL(noticeScope())
	more, values := f.sql()
	args = append(args, values...)
	where += more
	rows, next, err := db.Paged(ctx, r, page, db.Order{Columns: []string{"n.id"}, Down: true},
		`SELECT `+noticeColumns+` FROM techplatform_notice n WHERE `+where, args,
		func(x *noticeRow) []string { return []string{x.ID} })
	if err != nil {
		return nil, "", err
	}
	return db.As(rows, (*noticeRow).notice), next, nil
}

func countNotices(ctx context.Context, r db.Reader, s authz.Scope, f NoticeFilter) (int, error) {
	where, args := s.SQL(noticeScope())
	more, values := f.sql()
	var n int
	err := r.Get(ctx, &n, `SELECT COUNT(*) FROM techplatform_notice n WHERE `+where+more, append(args, values...)...)
	return n, err
}

func insertNotice(ctx context.Context, tx *db.Tx, n *Notice) error {
	enterprise, institution := ids(n.Party)
	_, err := tx.Exec(ctx, `INSERT INTO techplatform_notice (id, number, side, title, body, industry, amount, contact, enterprise_id, posted_for,
		institution_id, party, region, state, submitted_by, checked_by, since, published_on, until, version, updated_at)
		VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,'',?,'','',1,?)`,
		n.ID, n.Number, string(n.Side), n.Title, n.Text, n.Industry, n.Amount, n.Contact, enterprise, enterprise, institution, n.Name,
		string(n.Region), string(n.State), n.SubmittedBy, db.Millis(tx.Now), db.Millis(tx.Now))
	return err
}

// updateNotice writes the notice over the version it was read at, and raises it.
func updateNotice(ctx context.Context, tx *db.Tx, n *Notice) error {
	n.Version, n.UpdatedAt = n.Version+1, tx.Now
	return tx.ExecOne(ctx, `UPDATE techplatform_notice SET title = ?, body = ?, industry = ?, amount = ?, contact = ?, state = ?, submitted_by = ?,
		checked_by = ?, since = ?, published_on = ?, until = ?, version = ?, updated_at = ? WHERE id = ? AND version = ?`,
		n.Title, n.Text, n.Industry, n.Amount, n.Contact, string(n.State), n.SubmittedBy, n.CheckedBy, db.Millis(n.Since), n.PublishedOn, n.Until,
		n.Version, db.Millis(tx.Now), n.ID, n.Version-1)
}
