package recognition

import (
	"context"
	"encoding/json"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/region"
)

const reviewColumns = `id, application_id, person, name, state, points, remarks, words, total, assigned_at, done_at`

type reviewRow struct {
	ID          string      `db:"id"`
	Application string      `db:"application_id"`
	Person      string      `db:"person"`
	Name        string      `db:"name"`
	State       ReviewState `db:"state"`
	Points      string      `db:"points"`
	Remarks     string      `db:"remarks"`
	Words       string      `db:"words"`
	Total       int         `db:"total"`
	AssignedAt  int64       `db:"assigned_at"`
	DoneAt      int64       `db:"done_at"`
}

func (r reviewRow) scoring() (Scoring, error) {
	s := Scoring{
		ID: r.ID, Application: r.Application, Person: r.Person, Name: r.Name, State: r.State, Words: r.Words, Total: r.Total,
		AssignedAt: db.Time(r.AssignedAt), DoneAt: instant(r.DoneAt),
	}
	if err := json.Unmarshal([]byte(r.Points), &s.Points); err != nil {
		return s, err
	}
	return s, json.Unmarshal([]byte(r.Remarks), &s.Remarks)
}

// reviews are all reviews of an application, in the order of assignment.
func reviews(ctx context.Context, r db.Reader, application string) ([]Scoring, error) {
	var rows []reviewRow
	if err := r.Select(ctx, &rows, `SELECT `+reviewColumns+` FROM recognition_review WHERE application_id = ? ORDER BY id`, application); err != nil {
		return nil, err
	}
	all := make([]Scoring, len(rows))
	for i, row := range rows {
		var err error
		if all[i], err = row.scoring(); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func insertReview(ctx context.Context, tx *db.Tx, s *Scoring) error {
	_, err := tx.Exec(ctx, `INSERT INTO recognition_review (`+reviewColumns+`) VALUES (?,?,?,?,?,'{}','{}','',0,?,0)`,
		s.ID, s.Application, s.Person, s.Name, string(s.State), db.Millis(s.AssignedAt))
	return err
}

func updateReview(ctx context.Context, tx *db.Tx, s *Scoring) error {
	points, err := json.Marshal(s.Points)
	if err != nil {
		return err
	}
	remarks, err := json.Marshal(s.Remarks)
	if err != nil {
		return err
	}
	return tx.ExecOne(ctx, `UPDATE recognition_review SET state = ?, points = ?, remarks = ?, words = ?, total = ?, done_at = ? WHERE id = ?`,
		string(s.State), string(points), string(remarks), s.Words, s.Total, millis(s.DoneAt), s.ID)
}

// ties are those of a condition, the ones that hold first, then the newest.
func ties(ctx context.Context, r db.Reader, where string, args ...any) ([]Tie, error) {
	var rows []struct {
		ID      string      `db:"id"`
		Person  string      `db:"person"`
		Kind    string      `db:"party_kind"`
		Party   string      `db:"party_id"`
		Name    string      `db:"party_name"`
		Reason  string      `db:"reason"`
		Office  region.Code `db:"office"`
		By      string      `db:"noted_by"`
		At      int64       `db:"noted_at"`
		EndedOn string      `db:"ended_on"`
	}
	err := r.Select(ctx, &rows, `SELECT id, person, party_kind, party_id, party_name, reason, office, noted_by, noted_at, ended_on
		FROM recognition_conflict WHERE `+where+` ORDER BY CASE WHEN ended_on = '' THEN 0 ELSE 1 END, noted_at DESC, id`, args...)
	all := make([]Tie, len(rows))
	for i, t := range rows {
		all[i] = Tie{
			ID: t.ID, Person: t.Person, Party: authz.Party{Kind: t.Kind, ID: t.Party}, Name: t.Name, Reason: t.Reason,
			Office: t.Office, By: t.By, At: db.Time(t.At), EndedOn: t.EndedOn,
		}
	}
	return all, err
}

// putTie notes a tie. One that an office noted stays the office's while it holds.
func putTie(ctx context.Context, tx *db.Tx, t *Tie) error {
	_, err := tx.Exec(ctx, `INSERT INTO recognition_conflict (id, person, party_kind, party_id, party_name, reason, office, noted_by, noted_at, ended_on)
		VALUES (?,?,?,?,?,?,?,?,?,'')
		ON CONFLICT (person, party_kind, party_id) DO UPDATE SET party_name = excluded.party_name, reason = excluded.reason,
			office = CASE WHEN excluded.office = '' AND recognition_conflict.ended_on = '' THEN recognition_conflict.office ELSE excluded.office END,
			noted_by = excluded.noted_by, noted_at = excluded.noted_at, ended_on = ''`,
		db.NewID(), t.Person, t.Party.Kind, t.Party.ID, t.Name, t.Reason, string(t.Office), t.By, db.Millis(tx.Now))
	return err
}

type objectionRow struct {
	ID         string `db:"id"`
	By         string `db:"by_id"`
	ByName     string `db:"by_name"`
	Words      string `db:"words"`
	At         int64  `db:"at"`
	Answer     string `db:"answer"`
	Upheld     int64  `db:"upheld"`
	AnsweredAt int64  `db:"answered_at"`
}

func objections(ctx context.Context, r db.Reader, application string) ([]Objection, error) {
	var rows []objectionRow
	err := r.Select(ctx, &rows, `SELECT id, by_id, by_name, words, at, answer, upheld, answered_at FROM recognition_objection
		WHERE application_id = ? ORDER BY at, id`, application)
	all := make([]Objection, len(rows))
	for i, o := range rows {
		all[i] = Objection{
			ID: o.ID, By: o.By, ByName: o.ByName, Words: o.Words, At: db.Time(o.At),
			Answer: o.Answer, Upheld: o.Upheld == 1, AnsweredAt: instant(o.AnsweredAt),
		}
	}
	return all, err
}

func insertObjection(ctx context.Context, tx *db.Tx, application string, o *Objection) error {
	_, err := tx.Exec(ctx, `INSERT INTO recognition_objection (id, application_id, by_id, by_name, words, at, answer, upheld, answered_at)
		VALUES (?,?,?,?,?,?,'',0,0)`, o.ID, application, o.By, o.ByName, o.Words, db.Millis(tx.Now))
	return err
}

// answerObjection closes an objection that is open; Stale when it is not.
func answerObjection(ctx context.Context, tx *db.Tx, application, id, answer string, upheld bool) error {
	return tx.ExecOne(ctx, `UPDATE recognition_objection SET answer = ?, upheld = ?, answered_at = ?
		WHERE id = ? AND application_id = ? AND answered_at = 0`, answer, db.Bool(upheld), db.Millis(tx.Now), id, application)
}

func insertReport(ctx context.Context, tx *db.Tx, award string, y *Yearly) error {
	inputs, err := json.Marshal(y.Inputs)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO recognition_report (award_id, year, words, inputs, by_id, at) VALUES (?,?,?,?,?,?)
		ON CONFLICT (award_id, year) DO UPDATE SET words = excluded.words, inputs = excluded.inputs, by_id = excluded.by_id, at = excluded.at`,
		award, y.Year, y.Words, string(inputs), y.By, db.Millis(tx.Now))
	return err
}

func reports(ctx context.Context, r db.Reader, award string) ([]Yearly, error) {
	var rows []struct {
		Year   int    `db:"year"`
		Words  string `db:"words"`
		Inputs string `db:"inputs"`
		By     string `db:"by_id"`
		At     int64  `db:"at"`
	}
	if err := r.Select(ctx, &rows, `SELECT year, words, inputs, by_id, at FROM recognition_report WHERE award_id = ? ORDER BY year DESC`, award); err != nil {
		return nil, err
	}
	all := make([]Yearly, len(rows))
	for i, row := range rows {
		all[i] = Yearly{Year: row.Year, Words: row.Words, By: row.By, At: db.Time(row.At)}
		if err := json.Unmarshal([]byte(row.Inputs), &all[i].Inputs); err != nil {
			return nil, err
		}
	}
	return all, nil
}
