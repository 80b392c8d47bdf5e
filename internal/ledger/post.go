package ledger

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/jmoiron/sqlx"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/region"
)

// Post adds facts to the ledger within the change that makes them true, and
// returns their ids in order. A fact of an undeclared stream, with a dimension
// its stream does not have, without a valid date, region or record, or (for a
// stream that a Level counts) without a subject is a defect of the caller.
// Whatever the fact says of ID, RecordedAt and Reverses is ignored; an empty
// Site is this one.
func (l *Ledger) Post(ctx context.Context, tx *db.Tx, facts ...Fact) ([]int64, error) {
	var want []Subject
	for _, f := range facts {
		if err := l.checkFact(f); err != nil {
			return nil, err
		}
		want = append(want, f.parties()...)
	}
	direct := len(facts) >= directLeast
	if direct { // before anything that another one who holds the lock may wait for
		if err := tx.Lock(ctx, "ledger_lock", "roll"); err != nil {
			return nil, err
		}
	}
	numbers, err := intern(ctx, tx, want)
	if err != nil {
		return nil, err
	}
	rows := make([]factRow, len(facts))
	for i, f := range facts {
		p := f.parties()
		rows[i] = factRow{
			Stream: f.Stream, On: f.OccurredOn, Recorded: db.Millis(tx.Now), Region: f.Region,
			Subject: numbers[p[0]], Enterprise: numbers[p[1]], Institution: numbers[p[2]], Person: numbers[p[3]],
			D1: f.Dims[0], D2: f.Dims[1], D3: f.Dims[2], D4: f.Dims[3],
			Quantity: f.Quantity, Amount: f.Amount,
			RecordKind: f.Record.Kind, RecordID: f.Record.ID,
			Reported: db.Bool(f.Reported), Site: f.Site,
		}
		if f.Site == "" {
			rows[i].Site = l.site
		}
	}
	if err := insertFacts(ctx, tx, rows); err != nil {
		return nil, err
	}
	ids := make([]int64, len(rows))
	for i := range rows {
		ids[i] = rows[i].ID
	}
	if direct {
		return ids, l.add(ctx, tx, rows)
	}
	return ids, addTail(ctx, tx, rows)
}

// directLeast is from how many facts on a Post adds them to cells and bitmaps
// itself: an import does not leave a long tail behind, and its facts are at hand.
const directLeast = 200

// Reverse takes back every fact of the record that is not taken back yet and
// returns how many. Each is taken back where it was counted, on its own day;
// when on is given, what it added is instead deducted on that day (it was true
// until then), a level loses it from then on, and a distinct count keeps it.
// A day before the fact's own is a defect of the caller.
func (l *Ledger) Reverse(ctx context.Context, tx *db.Tx, record Record, on Date) (int, error) {
	rows, err := standing(ctx, tx, "f.record_kind = ? AND f.record_id = ?", record.Kind, record.ID)
	if err != nil {
		return 0, err
	}
	return len(rows), l.takeBack(ctx, tx, rows, on)
}

// ReverseFact takes back one fact on its own day. A fact that is not there is
// fault.NotFound; one that is taken back already, or itself takes back another,
// is fault.Conflict.
func (l *Ledger) ReverseFact(ctx context.Context, tx *db.Tx, id int64) error {
	var found int64
	if err := tx.Get(ctx, &found, "SELECT id FROM ledger_fact WHERE id = ?", id); err != nil {
		return err
	}
	rows, err := standing(ctx, tx, "f.id = ?", id)
	if err == nil && len(rows) == 0 {
		return fault.New(fault.Conflict, "ledger.reversed")
	}
	if err != nil {
		return err
	}
	return l.takeBack(ctx, tx, rows, "")
}

func (l *Ledger) takeBack(ctx context.Context, tx *db.Tx, rows []factRow, on Date) error {
	if on != "" && !on.Valid() {
		return fmt.Errorf("ledger: a reversal on %q", on)
	}
	for i := range rows {
		r := &rows[i]
		if on != "" && on < r.On {
			return fmt.Errorf("ledger: fact %d of %s cannot be taken back on %s", r.ID, r.On, on)
		}
		if on != "" {
			r.On = on
		}
		r.Reverses, r.ID, r.Recorded, r.Site = r.ID, 0, db.Millis(tx.Now), l.site
		r.Quantity, r.Amount = -r.Quantity, -r.Amount
	}
	err := insertFacts(ctx, tx, rows)
	if err == nil {
		err = addTail(ctx, tx, rows)
	}
	if db.Unique(err) { // another change took the same fact back first
		return fault.Because(err, fault.Stale, "fault.stale")
	}
	return err
}

func (l *Ledger) checkFact(f Fact) error {
	s := l.streams[f.Stream]
	switch {
	case s == nil:
		return fmt.Errorf("ledger: no measure counts the stream %q", f.Stream)
	case !f.OccurredOn.Valid():
		return fmt.Errorf("ledger: a fact of %s on %q", f.Stream, f.OccurredOn)
	case !f.Region.Valid():
		return fmt.Errorf("ledger: a fact of %s in %q", f.Stream, f.Region)
	case f.Record.Kind == "" || f.Record.ID == "":
		return fmt.Errorf("ledger: a fact of %s without the record it came from", f.Stream)
	case s.level && (f.Subject.Kind == "" || f.Subject.ID == ""):
		return fmt.Errorf("ledger: %s has levels; a fact of it needs a subject", f.Stream)
	}
	for i := len(s.dims); i < Dims; i++ {
		if f.Dims[i] != "" {
			return fmt.Errorf("ledger: %s has the dimensions %v, none for %q", f.Stream, s.dims, f.Dims[i])
		}
	}
	return nil
}

// parties are the subject, enterprise, institution and person of the fact; an
// absent one has no id and the number 0.
func (f Fact) parties() []Subject {
	all := []Subject{
		f.Subject,
		{authz.Enterprise, f.Enterprise},
		{authz.Institution, f.Institution},
		{authz.Person, f.Person},
	}
	for i, s := range all {
		if s.ID == "" {
			all[i] = Subject{}
		}
	}
	return all
}

// intern numbers the subjects, giving new ones their number. Numbers are never
// used again, so a bitmap's bit keeps its meaning for ever.
func intern(ctx context.Context, tx *db.Tx, want []Subject) (map[Subject]int64, error) {
	numbers, err := numbersOf(ctx, tx, want)
	if err != nil {
		return nil, err
	}
	missing := unnumbered(want, numbers)
	for part := range parts(missing) {
		if err := readNumbers(ctx, tx, numbers, "INSERT INTO ledger_subject (kind, id) VALUES "+tuples(len(part), 2)+
			" ON CONFLICT (kind, id) DO NOTHING RETURNING kind, id, n", part); err != nil {
			return nil, err
		}
	}
	// what another change numbered meanwhile was not returned
	if missing = unnumbered(missing, numbers); len(missing) == 0 {
		return numbers, nil
	}
	late, err := numbersOf(ctx, tx, missing)
	maps.Copy(numbers, late)
	return numbers, err
}

// unnumbered are the subjects without a number, each once, in one order for
// everybody, so that two changes do not wait for each other.
func unnumbered(want []Subject, numbers map[Subject]int64) []Subject {
	var missing []Subject
	for _, s := range want {
		if _, ok := numbers[s]; !ok && s.ID != "" {
			missing = append(missing, s)
		}
	}
	slices.SortFunc(missing, func(a, b Subject) int {
		return cmp.Or(strings.Compare(a.Kind, b.Kind), strings.Compare(a.ID, b.ID))
	})
	return slices.Compact(missing)
}

// numbersOf looks up the numbers of the subjects that have one.
func numbersOf(ctx context.Context, r db.Reader, want []Subject) (map[Subject]int64, error) {
	numbers := make(map[Subject]int64, len(want))
	for part := range parts(unnumbered(want, numbers)) {
		if err := readNumbers(ctx, r, numbers, "SELECT kind, id, n FROM ledger_subject WHERE (kind, id) IN (VALUES "+
			tuples(len(part), 2)+")", part); err != nil {
			return nil, err
		}
	}
	return numbers, nil
}

func readNumbers(ctx context.Context, r db.Reader, into map[Subject]int64, query string, about []Subject) error {
	args := make([]any, 0, 2*len(about))
	for _, s := range about {
		args = append(args, s.Kind, s.ID)
	}
	return r.Each(ctx, func(rows *sqlx.Rows) error {
		var s Subject
		var n int64
		err := rows.Scan(&s.Kind, &s.ID, &n)
		into[s] = n
		return err
	}, query, args...)
}

// factRow is a fact as it is stored: parties by number.
type factRow struct {
	ID          int64       `db:"id"`
	Stream      string      `db:"stream"`
	On          Date        `db:"occurred_on"`
	Recorded    int64       `db:"recorded_at"`
	Region      region.Code `db:"region"`
	Subject     int64       `db:"subject"`
	Enterprise  int64       `db:"enterprise"`
	Institution int64       `db:"institution"`
	Person      int64       `db:"person"`
	D1          string      `db:"d1"`
	D2          string      `db:"d2"`
	D3          string      `db:"d3"`
	D4          string      `db:"d4"`
	Quantity    int64       `db:"quantity"`
	Amount      int64       `db:"amount"`
	RecordKind  string      `db:"record_kind"`
	RecordID    string      `db:"record_id"`
	Reported    int64       `db:"reported"`
	Site        string      `db:"site"`
	Reverses    int64       `db:"reverses"`
}

const factColumns = "stream, occurred_on, recorded_at, region, subject, enterprise, institution, person, " +
	"d1, d2, d3, d4, quantity, amount, record_kind, record_id, reported, site, reverses"

// number is which subject of the row a Distinct of who counts; 0 for none.
func (r *factRow) number(who string) int64 {
	switch who {
	case authz.Enterprise:
		return r.Enterprise
	case authz.Institution:
		return r.Institution
	case authz.Person:
		return r.Person
	default:
		return r.Subject
	}
}

// standing are the facts under the condition that nothing has taken back, in
// the order they were posted.
func standing(ctx context.Context, r db.Reader, where string, args ...any) ([]factRow, error) {
	var rows []factRow
	err := r.Select(ctx, &rows, "SELECT id, "+factColumns+" FROM ledger_fact f WHERE "+where+
		" AND f.reverses = 0 AND NOT EXISTS (SELECT 1 FROM ledger_fact r WHERE r.reverses = f.id AND r.reverses <> 0) ORDER BY id", args...)
	return rows, err
}

// insertFacts stores the rows, whose ids it fills in.
func insertFacts(ctx context.Context, tx *db.Tx, rows []factRow) error {
	for part := range parts(rows) {
		args := make([]any, 0, 19*len(part))
		for _, r := range part {
			args = append(args, r.Stream, string(r.On), r.Recorded, string(r.Region), r.Subject, r.Enterprise, r.Institution, r.Person,
				r.D1, r.D2, r.D3, r.D4, r.Quantity, r.Amount, r.RecordKind, r.RecordID, r.Reported, r.Site, r.Reverses)
		}
		var got []int64
		err := tx.Select(ctx, &got, "INSERT INTO ledger_fact ("+factColumns+") VALUES "+tuples(len(part), 19)+" RETURNING id", args...)
		if err != nil {
			return err
		}
		slices.Sort(got) // numbered in the order of the rows, but returned in any
		for i, id := range got {
			part[i].ID = id
		}
	}
	return nil
}

// addTail names the facts in the tail.
func addTail(ctx context.Context, tx *db.Tx, rows []factRow) error {
	for part := range parts(rows) {
		args := make([]any, 0, 2*len(part))
		for _, r := range part {
			args = append(args, r.Stream, r.ID)
		}
		if _, err := tx.Exec(ctx, "INSERT INTO ledger_tail (stream, fact) VALUES "+tuples(len(part), 2), args...); err != nil {
			return err
		}
	}
	return nil
}

// partMost bounds the rows of one statement.
const partMost = 128

// parts cuts the rows into parts whose lengths are powers of two: few different
// statements, which the database keeps prepared.
func parts[T any](rows []T) iter.Seq[[]T] {
	return func(yield func([]T) bool) {
		for len(rows) > 0 {
			n := partMost
			for n > len(rows) {
				n /= 2
			}
			if !yield(rows[:n:n]) {
				return
			}
			rows = rows[n:]
		}
	}
}

// tuple is (?,?,…) with n places, tuples so many of them.
func tuple(n int) string { return "(" + strings.TrimSuffix(strings.Repeat("?,", n), ",") + ")" }

func tuples(rows, n int) string {
	return strings.TrimSuffix(strings.Repeat(tuple(n)+",", rows), ",")
}
