package recognition

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/criteria"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/region"
)

const titleColumns = `id, name, name_en, subject, grade, below, criteria, months, publicity, reviewers, report_by, recheck_days, version`

type titleRow struct {
	ID       string `db:"id"`
	Name     string `db:"name"`
	NameEn   string `db:"name_en"`
	Subject  string `db:"subject"`
	Below    string `db:"below"`
	Criteria string `db:"criteria"`
	ReportBy string `db:"report_by"`
	Recheck  int    `db:"recheck_days"`
	Version  int    `db:"version"`
	Terms
}

func (r titleRow) title() Title {
	return Title{
		ID: r.ID, Name: criteria.Words{Zh: r.Name, En: r.NameEn}, Subject: r.Subject, Below: r.Below,
		Criteria: r.Criteria, Terms: r.Terms,
		ReportBy: r.ReportBy, Recheck: r.Recheck, Version: r.Version,
	}
}

func titles(ctx context.Context, r db.Reader) ([]Title, error) {
	var rows []titleRow
	err := r.Select(ctx, &rows, `SELECT `+titleColumns+` FROM recognition_title ORDER BY subject, id`)
	all := make([]Title, len(rows))
	for i, row := range rows {
		all[i] = row.title()
	}
	return all, err
}

func oneTitle(ctx context.Context, r db.Reader, id string) (Title, error) {
	var row titleRow
	err := r.Get(ctx, &row, `SELECT `+titleColumns+` FROM recognition_title WHERE id = ?`, id)
	return row.title(), err
}

func putTitle(ctx context.Context, tx *db.Tx, t *Title) error {
	if t.Version == 0 {
		t.Version = 1
		_, err := tx.Exec(ctx, `INSERT INTO recognition_title (`+titleColumns+`) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)`,
			t.ID, t.Name.Zh, t.Name.En, t.Subject, t.Grade, t.Below, t.Criteria, t.Months, t.Publicity, t.Reviewers, t.ReportBy, t.Recheck, t.Version)
		if db.Unique(err) {
			return fault.Fields{{Name: "id", Key: "recognition.field.taken", Args: []any{"value", t.ID}}}.Err()
		}
		return err
	}
	t.Version++
	return tx.ExecOne(ctx, `UPDATE recognition_title SET name = ?, name_en = ?, grade = ?, below = ?, months = ?, publicity = ?,
		reviewers = ?, report_by = ?, recheck_days = ?, version = ? WHERE id = ? AND version = ?`,
		t.Name.Zh, t.Name.En, t.Grade, t.Below, t.Months, t.Publicity, t.Reviewers, t.ReportBy, t.Recheck, t.Version, t.ID, t.Version-1)
}

const callColumns = `id, title, office, name, document, body, year, criteria_version, opens, closes, quota, state, grade, months, publicity, reviewers, version`

type callRow struct {
	ID       string      `db:"id"`
	Title    string      `db:"title"`
	Office   region.Code `db:"office"`
	Name     string      `db:"name"`
	Document string      `db:"document"`
	Body     string      `db:"body"`
	Year     int         `db:"year"`
	Criteria int         `db:"criteria_version"`
	Opens    string      `db:"opens"`
	Closes   string      `db:"closes"`
	Quota    int         `db:"quota"`
	State    flow.State  `db:"state"`
	Terms
	Version int `db:"version"`
}

func (r callRow) call() Call {
	return Call{
		ID: r.ID, Title: r.Title, Office: r.Office, Name: r.Name, Document: r.Document, Text: r.Body, Year: r.Year,
		CriteriaVersion: r.Criteria, Opens: r.Opens, Closes: r.Closes, Quota: r.Quota, State: r.State, Terms: r.Terms, Version: r.Version,
	}
}

// oneCall is the call; calls are public.
func oneCall(ctx context.Context, r db.Reader, id string) (Call, error) {
	var row callRow
	err := r.Get(ctx, &row, `SELECT `+callColumns+` FROM recognition_call WHERE id = ?`, id)
	return row.call(), err
}

func insertCall(ctx context.Context, tx *db.Tx, c *Call) error {
	_, err := tx.Exec(ctx, `INSERT INTO recognition_call (`+callColumns+`) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`,
		c.ID, c.Title, string(c.Office), c.Name, c.Document, c.Text, c.Year, c.CriteriaVersion, c.Opens, c.Closes, c.Quota, string(c.State),
		c.Grade, c.Months, c.Publicity, c.Reviewers, c.Version)
	return err
}

func updateCall(ctx context.Context, tx *db.Tx, c *Call) error {
	c.Version++
	return tx.ExecOne(ctx, `UPDATE recognition_call SET name = ?, document = ?, body = ?, closes = ?, quota = ?, state = ?, version = ?
		WHERE id = ? AND version = ?`, c.Name, c.Document, c.Text, c.Closes, c.Quota, string(c.State), c.Version, c.ID, c.Version-1)
}

// CallFilter narrows a list of calls; zero fields do not.
type CallFilter struct {
	Title   string
	Subject string // the kind of what the title is for
	Open    bool   // still open
	On      string // takes applications on the day
}

// Calls are the calls, those that end last first; they are public.
func (s *Service) Calls(ctx context.Context, f CallFilter, page db.Page) ([]Call, string, error) {
	where, args := "1=1", []any{}
	add := func(cond string, values ...any) { where, args = where+" AND "+cond, append(args, values...) }
	if f.Title != "" {
		add("title = ?", f.Title)
	}
	if f.Subject != "" {
		add("title IN (SELECT id FROM recognition_title WHERE subject = ?)", f.Subject)
	}
	if f.Open {
		add("state = ?", string(CallOpen))
	}
	if f.On != "" {
		add("state = ? AND opens <= ? AND closes >= ?", string(CallOpen), f.On, f.On)
	}
	rows, next, err := db.Paged(ctx, s.db, page, db.Order{Columns: []string{"closes", "id"}, Down: true},
		`SELECT `+callColumns+` FROM recognition_call WHERE `+where, args,
		func(x *callRow) []string { return []string{x.Closes, x.ID} })
	if err != nil {
		return nil, "", err
	}
	return db.As(rows, (*callRow).call), next, nil
}

const applicationColumns = `a.id, a.call_id, a.title, a.office, a.subject_kind, a.subject_id, a.subject_name, a.region, a.party_kind,
	a.party_id, a.inputs, a.evidence, a.words, a.state, a.score, a.spread, a.public_on, a.public_to, a.reason, a.filled_by,
	a.submitted_at, a.updated_at, a.version`

type applicationRow struct {
	ID          string      `db:"id"`
	Call        string      `db:"call_id"`
	Title       string      `db:"title"`
	Office      region.Code `db:"office"`
	Kind        string      `db:"subject_kind"`
	Subject     string      `db:"subject_id"`
	Name        string      `db:"subject_name"`
	Region      region.Code `db:"region"`
	PartyKind   string      `db:"party_kind"`
	Party       string      `db:"party_id"`
	Inputs      string      `db:"inputs"`
	Evidence    string      `db:"evidence"`
	Words       string      `db:"words"`
	State       flow.State  `db:"state"`
	Score       int         `db:"score"`
	Spread      int         `db:"spread"`
	Public      string      `db:"public_on"`
	PublicTo    string      `db:"public_to"`
	Reason      string      `db:"reason"`
	By          string      `db:"filled_by"`
	SubmittedAt int64       `db:"submitted_at"`
	UpdatedAt   int64       `db:"updated_at"`
	Version     int         `db:"version"`
}

func (r *applicationRow) application() (Application, error) {
	a := Application{
		ID: r.ID, Call: r.Call, Title: r.Title, Office: r.Office,
		Subject: Subject{Kind: r.Kind, ID: r.Subject, Name: r.Name, Region: r.Region, Party: authz.Party{Kind: r.PartyKind, ID: r.Party}},
		Words:   r.Words, State: r.State, Score: r.Score, Spread: r.Spread, Public: r.Public, PublicTo: r.PublicTo, Reason: r.Reason, By: r.By,
		UpdatedAt: db.Time(r.UpdatedAt), Version: r.Version,
	}
	if r.SubmittedAt > 0 {
		a.SubmittedAt = db.Time(r.SubmittedAt)
	}
	if err := json.Unmarshal([]byte(r.Inputs), &a.Inputs); err != nil {
		return a, fmt.Errorf("application %s: %w", r.ID, err)
	}
	return a, json.Unmarshal([]byte(r.Evidence), &a.Evidence)
}

// applicationReach: an office's by where the subject lies, an applicant's by
// party, a reviewer's by assignment.
func applicationReach() authz.Columns {
	const assigned = `EXISTS (SELECT 1 FROM recognition_review v WHERE v.application_id = a.id AND v.person = ? AND v.state <> 'recused')`
	return authz.Columns{Region: "a.region", Party: map[string]string{
		authz.Institution: "(a.party_kind = 'institution' AND a.party_id = ?)",
		authz.Enterprise:  "(a.party_kind = 'enterprise' AND a.party_id = ?)",
		authz.Person:      assigned,
	}}
}

func oneApplication(ctx context.Context, r db.Reader, s authz.Scope, id string) (Application, error) {
	where, args := s.SQL(applicationReach())
	var row applicationRow
	if err := r.Get(ctx, &row, `SELECT `+applicationColumns+` FROM recognition_application a WHERE a.id = ? AND `+where,
		append([]any{id}, args...)...); err != nil {
		return Application{}, err
	}
	return row.application()
}

func insertApplication(ctx context.Context, tx *db.Tx, a *Application) error {
	inputs, evidence, err := a.json()
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO recognition_application (id, call_id, title, office, subject_kind, subject_id, subject_name, region,
		party_kind, party_id, inputs, evidence, words, state, score, spread, public_on, public_to, reason, filled_by, submitted_at, updated_at, version)
		VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,0,0,'','','',?,0,?,?)`,
		a.ID, a.Call, a.Title, string(a.Office), a.Kind, a.Subject.ID, a.Name, string(a.Region), a.Party.Kind, a.Party.ID,
		inputs, evidence, a.Words, string(a.State), a.By, db.Millis(tx.Now), a.Version)
	if db.Unique(err) {
		return fault.Because(err, fault.Conflict, "recognition.conflict.twice", "name", a.Name)
	}
	return err
}

func (a *Application) json() (inputs, evidence string, err error) {
	if a.Inputs == nil {
		a.Inputs = Inputs{}
	}
	if a.Evidence == nil {
		a.Evidence = map[string][]string{}
	}
	in, err := json.Marshal(a.Inputs)
	if err != nil {
		return "", "", err
	}
	ev, err := json.Marshal(a.Evidence)
	return string(in), string(ev), err
}

func updateApplication(ctx context.Context, tx *db.Tx, a *Application) error {
	inputs, evidence, err := a.json()
	if err != nil {
		return err
	}
	a.Version++
	a.UpdatedAt = tx.Now
	return tx.ExecOne(ctx, `UPDATE recognition_application SET subject_name = ?, inputs = ?, evidence = ?, words = ?, state = ?, score = ?,
		spread = ?, public_on = ?, public_to = ?, reason = ?, filled_by = ?, submitted_at = ?, updated_at = ?, version = ?
		WHERE id = ? AND version = ?`,
		a.Name, inputs, evidence, a.Words, string(a.State), a.Score, a.Spread, a.Public, a.PublicTo, a.Reason, a.By,
		millis(a.SubmittedAt), db.Millis(tx.Now), a.Version, a.ID, a.Version-1)
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return db.Millis(t)
}

func instant(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return db.Time(n)
}

// Filter narrows a list of applications; zero fields do not.
type Filter struct {
	Call   string
	Title  string
	Region region.Code
	States []flow.State
	Text   string // part of the subject's name
	Over   string // publicity ended before the day
	// Arrange leaves those for whom reviewers are to be assigned, or that are to be
	// made public.
	Arrange bool
	Ranked  bool // by score, the highest first; else the newest first
}

func (f Filter) sql() (string, []any) {
	where, args := "", []any{}
	add := func(cond string, values ...any) { where, args = where+" AND "+cond, append(args, values...) }
	if f.Call != "" {
		add("a.call_id = ?", f.Call)
	}
	if f.Title != "" {
		add("a.title = ?", f.Title)
	}
	if f.Region != "" {
		span := f.Region.Span()
		add("a.region >= ? AND a.region < ?", span.From, span.To)
	}
	if len(f.States) > 0 {
		values := make([]any, len(f.States))
		for i, s := range f.States {
			values[i] = string(s)
		}
		add("a.state IN ("+db.Marks(len(values))+")", values...)
	}
	if f.Text != "" {
		add(`a.subject_name LIKE ? ESCAPE '\'`, db.Part(f.Text))
	}
	if f.Arrange {
		add(toArrange)
	}
	if f.Over != "" {
		add("a.public_to <> '' AND a.public_to < ?", f.Over)
	}
	return where, args
}

// Applications is a page of applications within a scope.
func (s *Service) Applications(ctx context.Context, scope authz.Scope, f Filter, page db.Page) ([]Application, string, error) {
	where, args := scope.SQL(applicationReach())
	more, values := f.sql()
	where, args = where+more, append(args, values...)
	order := db.Order{Columns: []string{"a.updated_at", "a.id"}, Down: true, Number: true}
	key := func(x *applicationRow) []string { return []string{fmt.Sprint(x.UpdatedAt), x.ID} }
	if f.Ranked {
		order.Columns[0] = "a.score"
		key = func(x *applicationRow) []string { return []string{fmt.Sprint(x.Score), x.ID} }
	}
	rows, next, err := db.Paged(ctx, s.db, page, order,
		`SELECT `+applicationColumns+` FROM recognition_application a WHERE `+where, args, key)
	if err != nil {
		return nil, "", err
	}
	all := make([]Application, len(rows))
	for i := range rows {
		if all[i], err = rows[i].application(); err != nil {
			return nil, "", err
		}
	}
	return all, next, nil
}

// Count is how many applications the list has in all.
func (s *Service) Count(ctx context.Context, scope authz.Scope, f Filter) (int, error) {
	where, args := scope.SQL(applicationReach())
	more, values := f.sql()
	var n int
	err := s.db.Get(ctx, &n, `SELECT COUNT(*) FROM recognition_application a WHERE `+where+more, append(args, values...)...)
	return n, err
}
