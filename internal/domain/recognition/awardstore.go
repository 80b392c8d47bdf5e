package recognition

import (
	"context"
	"fmt"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/region"
)

const awardColumns = `w.id, w.application_id, w.title, w.office, w.subject_kind, w.subject_id, w.subject_name, w.region, w.party_kind,
	w.party_id, w.grade, w.was, w.regraded, w.valid_from, w.valid_to, w.report_by, w.recheck_from, w.document, w.state, w.version`

type awardRow struct {
	ID          string      `db:"id"`
	Application string      `db:"application_id"`
	Title       string      `db:"title"`
	Office      region.Code `db:"office"`
	Kind        string      `db:"subject_kind"`
	Subject     string      `db:"subject_id"`
	Name        string      `db:"subject_name"`
	Region      region.Code `db:"region"`
	PartyKind   string      `db:"party_kind"`
	Party       string      `db:"party_id"`
	Grade       string      `db:"grade"`
	Was         string      `db:"was"`
	Regraded    string      `db:"regraded"`
	From        string      `db:"valid_from"`
	To          string      `db:"valid_to"`
	ReportBy    string      `db:"report_by"`
	RecheckFrom string      `db:"recheck_from"`
	Document    string      `db:"document"`
	State       flow.State  `db:"state"`
	Version     int         `db:"version"`
}

func (r awardRow) award() Award {
	return Award{
		ID: r.ID, Application: r.Application, Title: r.Title, Office: r.Office,
		Subject: Subject{Kind: r.Kind, ID: r.Subject, Name: r.Name, Region: r.Region, Party: authz.Party{Kind: r.PartyKind, ID: r.Party}},
		Grade:   r.Grade, Was: r.Was, Regraded: r.Regraded, From: r.From, To: r.To,
		ReportBy: r.ReportBy, RecheckFrom: r.RecheckFrom, Document: r.Document, State: r.State, Version: r.Version,
	}
}

func awardReach() authz.Columns {
	return authz.Columns{Region: "w.region", Party: map[string]string{
		authz.Institution: "(w.party_kind = 'institution' AND w.party_id = ?)",
		authz.Enterprise:  "(w.party_kind = 'enterprise' AND w.party_id = ?)",
	}}
}

func oneAward(ctx context.Context, r db.Reader, s authz.Scope, id string) (Award, error) {
	where, args := s.SQL(awardReach())
	var row awardRow
	err := r.Get(ctx, &row, `SELECT `+awardColumns+` FROM recognition_award w WHERE w.id = ? AND `+where, append([]any{id}, args...)...)
	return row.award(), err
}

func insertAward(ctx context.Context, tx *db.Tx, a *Award) error {
	_, err := tx.Exec(ctx, `INSERT INTO recognition_award (id, application_id, title, office, subject_kind, subject_id, subject_name, region,
		party_kind, party_id, grade, was, regraded, valid_from, valid_to, report_by, recheck_from, document, state, version)
		VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`,
		a.ID, a.Application, a.Title, string(a.Office), a.Kind, a.Subject.ID, a.Name, string(a.Region), a.Party.Kind, a.Party.ID,
		a.Grade, a.Was, a.Regraded, a.From, a.To, a.ReportBy, a.RecheckFrom, a.Document, string(a.State), a.Version)
	return err
}

func updateAward(ctx context.Context, tx *db.Tx, a *Award) error {
	a.Version++
	return tx.ExecOne(ctx, `UPDATE recognition_award SET grade = ?, was = ?, regraded = ?, valid_to = ?, report_by = ?, recheck_from = ?,
		document = ?, state = ?, version = ? WHERE id = ? AND version = ?`,
		a.Grade, a.Was, a.Regraded, a.To, a.ReportBy, a.RecheckFrom, a.Document, string(a.State), a.Version, a.ID, a.Version-1)
}

// AwardFilter narrows a list of awards; zero fields do not.
type AwardFilter struct {
	Award   string // the one with the id
	Title   string
	Subject string // its kind
	ID      string // the subject's, with Subject
	Region  region.Code
	On      string // those that hold on the day
	States  []flow.State
	Text    string
	Before  string // those whose term ends before the day
	// Unreported is a year that they held through its last day without a report of
	// it, where one is asked for; Overdue, a month and day, leaves those whose report
	// was due before and who were not told so. Ending are those due to be looked at
	// again by the day, and those that are being re-checked.
	Unreported int
	Overdue    string
	Ending     string
}

func (f AwardFilter) sql() (string, []any) {
	where, args := "", []any{}
	add := func(cond string, values ...any) { where, args = where+" AND "+cond, append(args, values...) }
	if f.Award != "" {
		add("w.id = ?", f.Award)
	}
	if f.Title != "" {
		add("w.title = ?", f.Title)
	}
	if f.Subject != "" {
		add("w.subject_kind = ?", f.Subject)
	}
	if f.ID != "" {
		add("w.subject_id = ?", f.ID)
	}
	if f.Region != "" {
		span := f.Region.Span()
		add("w.region >= ? AND w.region < ?", span.From, span.To)
	}
	if f.On != "" {
		add("w.state <> 'revoked' AND w.valid_from <= ? AND (w.valid_to = '' OR w.valid_to > ?)", f.On, f.On)
	}
	if f.Before != "" {
		add("w.valid_to <> '' AND w.valid_to <= ?", f.Before)
	}
	if f.Unreported > 0 {
		last := fmt.Sprintf("%d-12-31", f.Unreported)
		add(`w.state IN ('valid', 'rechecking') AND w.report_by <> '' AND w.valid_from <= ? AND (w.valid_to = '' OR w.valid_to > ?)
			AND NOT EXISTS (SELECT 1 FROM recognition_report y WHERE y.award_id = w.id AND y.year = ?)`, last, last, f.Unreported)
	}
	if f.Overdue != "" {
		add("w.report_by < ? AND w.report_told < ?", f.Overdue, f.Unreported)
	}
	if f.Ending != "" {
		add("(w.state = 'rechecking' OR (w.state = 'valid' AND w.recheck_from <> '' AND w.recheck_from <= ?))", f.Ending)
	}
	for i, s := range f.States {
		sep := " OR "
		if i == 0 {
			sep = ""
			where += " AND ("
		}
		where, args = where+sep+"w.state = ?", append(args, string(s))
		if i == len(f.States)-1 {
			where += ")"
		}
	}
	if f.Text != "" {
		add(`w.subject_name LIKE ? ESCAPE '\'`, db.Part(f.Text))
	}
	return where, args
}

// Awards is a page of awards within a scope, the newest first. What holds is
// public: authz.Unbounded.
func (s *Service) Awards(ctx context.Context, scope authz.Scope, f AwardFilter, page db.Page) ([]Award, string, error) {
	return awards(ctx, s.db, scope, f, page)
}

func awards(ctx context.Context, r db.Reader, scope authz.Scope, f AwardFilter, page db.Page) ([]Award, string, error) {
	where, args := scope.SQL(awardReach())
	more, values := f.sql()
	where, args = where+more, append(args, values...)
	rows, next, err := db.Paged(ctx, r, page, db.Order{Columns: []string{"w.valid_from", "w.id"}, Down: true},
		`SELECT `+awardColumns+` FROM recognition_award w WHERE `+where, args,
		func(x *awardRow) []string { return []string{x.From, x.ID} })
	if err != nil {
		return nil, "", err
	}
	return db.As(rows, (*awardRow).award), next, nil
}

// awardsOf are all awards that a subject has or had, the oldest first.
func awardsOf(ctx context.Context, r db.Reader, kind, id string) ([]Award, error) {
	var rows []awardRow
	err := r.Select(ctx, &rows, `SELECT `+awardColumns+` FROM recognition_award w WHERE w.subject_kind = ? AND w.subject_id = ?
		ORDER BY w.valid_from, w.id`, kind, id)
	return db.As(rows, func(x *awardRow) Award { return x.award() }), err
}

// CountAwards is how many awards the list has in all.
func (s *Service) CountAwards(ctx context.Context, scope authz.Scope, f AwardFilter) (int, error) {
	where, args := scope.SQL(awardReach())
	more, values := f.sql()
	var n int
	err := s.db.Get(ctx, &n, `SELECT COUNT(*) FROM recognition_award w WHERE `+where+more, append(args, values...)...)
	return n, err
}

// Moved carries applications, awards and calls along when places change. The
// territory calls it in its own transaction, and records the change there.
func Moved(ctx context.Context, tx *db.Tx, from, to region.Code) error {
	for _, column := range []struct{ table, name string }{
		{"recognition_call", "office"},
		{"recognition_application", "office"},
		{"recognition_application", "region"},
		{"recognition_award", "office"},
		{"recognition_award", "region"},
	} {
		if _, err := tx.Exec(ctx, `UPDATE `+column.table+` SET `+column.name+` = ? WHERE `+column.name+` = ?`, string(to), string(from)); err != nil {
			return err
		}
	}
	return nil
}
