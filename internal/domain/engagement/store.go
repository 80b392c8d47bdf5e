package engagement

import (
	"context"
	"strings"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/region"
)

// never is the due instant of a need for which nothing is due: it sorts last.
const never int64 = 253402300799999 // the end of the year 9999

const needColumns = `n.id, n.number, n.region, n.office, n.enterprise_id, n.person_id, n.requester, n.size, n.channel, n.theme,
	n.title, n.body, n.amount, n.months, n.collateral, n.wanted_by, n.state, n.back, n.institution_id, n.in_charge,
	n.assignee, n.assignee_name, n.whole_clock, n.step_clock, n.due, n.due_step, n.posted_at, n.finished_at, n.on_time,
	n.closed_at, n.outcome, n.rated, n.reminded, n.supervised, n.version, n.updated_at`

type row struct {
	ID           ID                `db:"id"`
	Number       string            `db:"number"`
	Region       region.Code       `db:"region"`
	Office       region.Code       `db:"office"`
	Enterprise   string            `db:"enterprise_id"`
	Person       string            `db:"person_id"`
	Requester    string            `db:"requester"`
	Size         string            `db:"size"`
	Channel      Channel           `db:"channel"`
	Theme        institution.Theme `db:"theme"`
	Title        string            `db:"title"`
	Body         string            `db:"body"`
	Amount       int64             `db:"amount"`
	Months       int               `db:"months"`
	Collateral   string            `db:"collateral"`
	WantedBy     string            `db:"wanted_by"`
	State        flow.State        `db:"state"`
	Back         flow.State        `db:"back"`
	Institution  institution.ID    `db:"institution_id"`
	InCharge     int64             `db:"in_charge"`
	Assignee     string            `db:"assignee"`
	AssigneeName string            `db:"assignee_name"`
	WholeClock   string            `db:"whole_clock"`
	StepClock    string            `db:"step_clock"`
	Due          int64             `db:"due"`
	DueStep      string            `db:"due_step"`
	PostedAt     int64             `db:"posted_at"`
	FinishedAt   int64             `db:"finished_at"`
	OnTime       int64             `db:"on_time"`
	ClosedAt     int64             `db:"closed_at"`
	Outcome      Outcome           `db:"outcome"`
	Rated        int64             `db:"rated"`
	Reminded     int64             `db:"reminded"`
	Supervised   region.Level      `db:"supervised"`
	Version      int               `db:"version"`
	UpdatedAt    int64             `db:"updated_at"`
}

func (r *row) need() (Need, error) {
	n := Need{
		ID: r.ID, Number: r.Number,
		Content: Content{
			Theme: r.Theme, Title: r.Title, Text: r.Body, Amount: r.Amount, Months: r.Months, WantedBy: r.WantedBy,
		},
		Region: r.Region, Office: r.Office, Enterprise: r.Enterprise, Person: r.Person, Requester: r.Requester,
		Size: r.Size, Channel: r.Channel, State: r.State, Back: r.Back,
		Institution: r.Institution, InCharge: r.InCharge == 1, Assignee: r.Assignee, AssigneeName: r.AssigneeName,
		Due: instant(r.Due), DueStep: r.DueStep, PostedAt: db.Time(r.PostedAt), Finished: db.Time(r.FinishedAt),
		OnTime: r.OnTime == 1, ClosedAt: db.Time(r.ClosedAt), Outcome: r.Outcome, Rated: r.Rated == 1,
		Told: Told{Reminded: r.Reminded == 1, Supervised: r.Supervised}, Version: r.Version, UpdatedAt: db.Time(r.UpdatedAt),
	}
	for _, c := range strings.Fields(r.Collateral) {
		n.Collateral = append(n.Collateral, Collateral(c))
	}
	var err error
	if n.Whole, err = flow.ParseClock(r.WholeClock); err != nil {
		return n, err
	}
	n.Step, err = flow.ParseClock(r.StepClock)
	return n, err
}

// instant reads what due stores.
func instant(due int64) time.Time {
	if due == never {
		return time.Time{}
	}
	return db.Time(due)
}

func dueOf(t time.Time) int64 {
	if t.IsZero() {
		return never
	}
	return db.Millis(t)
}

// millis is an instant that may be none.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return db.Millis(t)
}

// columns say where a scope finds the parties of a need. An institution finds
// every need that was ever offered to it.
func columns() authz.Columns {
	return authz.Columns{Region: "n.region", Party: map[string]string{
		authz.Enterprise:  "n.enterprise_id",
		authz.Person:      "n.person_id",
		authz.Institution: "EXISTS (SELECT 1 FROM need_offer o WHERE o.need_id = n.id AND o.institution_id = ?)",
	}}
}

// one is the need if the scope reaches it, else NotFound.
func one(ctx context.Context, r db.Reader, s authz.Scope, id ID) (Need, error) {
	where, args := s.SQL(columns())
	var got row
	err := r.Get(ctx, &got, `SELECT `+needColumns+` FROM need n WHERE n.id = ? AND `+where, append([]any{string(id)}, args...)...)
	if err != nil {
		return Need{}, err
	}
	return got.need()
}

// many are the needs of a query that begins after WHERE.
func many(ctx context.Context, r db.Reader, where string, args ...any) ([]Need, error) {
	var rows []row
	if err := r.Select(ctx, &rows, `SELECT `+needColumns+` FROM need n WHERE `+where, args...); err != nil {
		return nil, err
	}
	return needsOf(rows)
}

func needsOf(rows []row) ([]Need, error) {
	found := make([]Need, len(rows))
	for i := range rows {
		var err error
		if found[i], err = rows[i].need(); err != nil {
			return nil, err
		}
	}
	return found, nil
}

func collateral(all []Collateral) string {
	words := make([]string, len(all))
	for i, c := range all {
		words[i] = string(c)
	}
	return strings.Join(words, " ")
}

func insert(ctx context.Context, tx *db.Tx, n *Need) error {
	n.UpdatedAt = tx.Now
	_, err := tx.Exec(ctx, `INSERT INTO need (`+strings.ReplaceAll(needColumns, "n.", "")+`, posted_for)
		VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`,
		string(n.ID), n.Number, string(n.Region), string(n.Office), n.Enterprise, n.Person, n.Requester, n.Size, string(n.Channel), string(n.Theme),
		n.Title, n.Text, n.Amount, n.Months, collateral(n.Collateral), n.WantedBy, string(n.State), string(n.Back), string(n.Institution), db.Bool(n.InCharge),
		n.Assignee, n.AssigneeName, n.Whole.Text(), n.Step.Text(), dueOf(n.Due), n.DueStep, millis(n.PostedAt), millis(n.Finished), db.Bool(n.OnTime),
		millis(n.ClosedAt), string(n.Outcome), db.Bool(n.Rated), db.Bool(n.Told.Reminded), int64(n.Told.Supervised), n.Version, db.Millis(tx.Now), n.Enterprise)
	return err
}

// update writes the need over the version it was read at, and raises it.
func update(ctx context.Context, tx *db.Tx, n *Need) error {
	err := tx.ExecOne(ctx, `UPDATE need SET office = ?, theme = ?, title = ?, body = ?, amount = ?, months = ?, collateral = ?,
		wanted_by = ?, state = ?, back = ?, institution_id = ?, in_charge = ?, assignee = ?, assignee_name = ?, whole_clock = ?,
		step_clock = ?, due = ?, due_step = ?, finished_at = ?, on_time = ?, closed_at = ?, outcome = ?, rated = ?, reminded = ?,
		supervised = ?, version = version + 1, updated_at = ? WHERE id = ? AND version = ?`,
		string(n.Office), string(n.Theme), n.Title, n.Text, n.Amount, n.Months, collateral(n.Collateral),
		n.WantedBy, string(n.State), string(n.Back), string(n.Institution), db.Bool(n.InCharge), n.Assignee, n.AssigneeName, n.Whole.Text(),
		n.Step.Text(), dueOf(n.Due), n.DueStep, millis(n.Finished), db.Bool(n.OnTime), millis(n.ClosedAt), string(n.Outcome), db.Bool(n.Rated),
		db.Bool(n.Told.Reminded), int64(n.Told.Supervised), db.Millis(tx.Now), string(n.ID), n.Version)
	if err == nil {
		n.Version++
		n.UpdatedAt = tx.Now
	}
	return err
}

func putContact(ctx context.Context, tx *db.Tx, id ID, c Contact) error {
	_, err := tx.Exec(ctx, `INSERT INTO need_contact (need_id, name, post, phone) VALUES (?,?,?,?)
		ON CONFLICT (need_id) DO UPDATE SET name = excluded.name, post = excluded.post, phone = excluded.phone`,
		string(id), c.Name, c.Post, c.Phone)
	return err
}

func insertEvent(ctx context.Context, tx *db.Tx, n *Need, from flow.State, by authz.Actor, m move) error {
	// The need's version counts its changes: it numbers them too.
	_, err := tx.Exec(ctx, `INSERT INTO need_event (need_id, seq, at, action, from_state, to_state, actor_kind, actor_id, actor_name, note)
		VALUES (?,?,?,?,?,?,?,?,?,?)`, string(n.ID), n.Version, db.Millis(tx.Now), string(m.do), string(from), string(n.State),
		string(by.Kind), by.ID, by.Name, m.note)
	return err
}

func events(ctx context.Context, r db.Reader, id ID) ([]Event, error) {
	var rows []struct {
		Seq  int              `db:"seq"`
		At   int64            `db:"at"`
		Do   authz.Permission `db:"action"`
		From flow.State       `db:"from_state"`
		To   flow.State       `db:"to_state"`
		Kind authz.Kind       `db:"actor_kind"`
		By   string           `db:"actor_id"`
		Name string           `db:"actor_name"`
		Note string           `db:"note"`
	}
	if err := r.Select(ctx, &rows, `SELECT seq, at, action, from_state, to_state, actor_kind, actor_id, actor_name, note
		FROM need_event WHERE need_id = ? ORDER BY seq`, string(id)); err != nil {
		return nil, err
	}
	all := make([]Event, len(rows))
	for i, e := range rows {
		all[i] = Event{Seq: e.Seq, At: db.Time(e.At), Do: e.Do, From: e.From, To: e.To, Kind: e.Kind, By: e.By, ByName: e.Name, Note: e.Note}
	}
	return all, nil
}

// Moved carries needs along when places change: every need of the place from,
// or handled by it, is now the place to's. The territory calls it in its own
// transaction, and records the change there.
func Moved(ctx context.Context, tx *db.Tx, from, to region.Code) error {
	for _, column := range []string{"need SET region", "need SET office", "need_callback SET region", "need_callback SET office"} {
		where := column[strings.LastIndexByte(column, ' ')+1:]
		if _, err := tx.Exec(ctx, `UPDATE `+column+` = ? WHERE `+where+` = ?`, string(to), string(from)); err != nil {
			return err
		}
	}
	return nil
}

// Rejoin lets the needs of two enterprises follow when their entries are merged
// into one or separated again: each belongs to the entry that stands today for
// the one it was posted for. The register calls it in its own transaction, once
// its own entries are changed, and records the change there.
func Rejoin(ctx context.Context, tx *db.Tx, a, b enterprise.ID) error {
	var posted []enterprise.ID
	if err := tx.Select(ctx, &posted, `SELECT DISTINCT posted_for FROM need WHERE enterprise_id IN (?, ?)`, a, b); err != nil {
		return err
	}
	for _, first := range posted {
		now, err := enterprise.Resolve(ctx, tx, first)
		if err != nil {
			return err
		}
		// The version goes up: whoever is changing the need looks again first.
		if _, err := tx.Exec(ctx, `UPDATE need SET enterprise_id = ?, version = version + 1 WHERE posted_for = ? AND enterprise_id <> ?`,
			now, first, now); err != nil {
			return err
		}
	}
	return nil
}
