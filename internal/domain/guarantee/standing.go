package guarantee

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/gate"
)

// Standing is what a guarantor is from a day on.
type Standing struct {
	From   string            `db:"valid_from"` // ISO date
	Type   Type              `db:"type"`
	Level  institution.Level `db:"level"`
	Source string            `db:"source"` // the document that says so; empty for what was entered before documents were named
}

// Filing is what a guarantor states of itself (申报): a line of its books, its
// profile or a statement. It bears on nothing until the office of its place confirms
// it.
type Filing struct {
	ID        string
	Finance   *Finance // one of the three
	Profile   *Profile
	Statement *Statement
	At        time.Time
	By        string // the name of who filed it

	by string // the account
}

// Source is the document that the filing names.
func (f *Filing) Source() string {
	switch {
	case f.Finance != nil:
		return f.Finance.Source
	case f.Statement != nil:
		return f.Statement.Source
	}
	return f.Profile.Source
}

// parts are how a filing is kept: its kind, its day and what it says.
func (f *Filing) parts() (kind, from string, body any) {
	switch {
	case f.Finance != nil:
		return "finance", f.Finance.From, f.Finance
	case f.Statement != nil:
		return "statement", f.Statement.On, f.Statement
	}
	return "profile", f.Profile.From, f.Profile
}

// over is what the right to confirm is checked against: the place alone, so that
// no guarantor confirms itself whatever its people hold.
func (g *Guarantor) over() authz.Target { return authz.At(g.Region) }

// lastDay is the last day on which the guarantor may do business.
func (g *Guarantor) lastDay(today string) string {
	if g.Ended != "" && g.Ended < today {
		return g.Ended
	}
	return today
}

// state takes what somebody says of a guarantor: the office's word counts at
// once, another's is filed for the office to confirm.
func (s *Service) state(ctx context.Context, by authz.Actor, id institution.ID, version int, in Filing) (Guarantor, error) {
	was, err := s.guarantors().Reach(ctx, s.db, by, string(id), Keep)
	if err != nil {
		return Guarantor{}, err
	}
	kind, from, _ := in.parts()
	detail := map[string]any{"kind": kind, "from": from, "source": in.Source()}
	switch {
	case in.Finance != nil:
		detail["registered"], detail["net_assets"] = in.Finance.Registered, in.Finance.NetAssets
	case in.Statement != nil:
		detail["total"] = in.Statement.Total
	default:
		detail["type"], detail["level"] = in.Profile.Type, in.Profile.Level
	}
	if by.May(Confirm, was.over()) {
		return s.change(ctx, by, Confirm, id, version, detail, func(ctx context.Context, tx *db.Tx, g *Guarantor) error {
			return in.settle(ctx, tx, g)
		})
	}
	detail["filed"] = true
	return s.change(ctx, by, Keep, id, version, detail, func(ctx context.Context, tx *db.Tx, g *Guarantor) error {
		if p := in.Profile; p != nil && !p.counts(g) { // only where it rests: its own to say
			p.apply(g)
			return nil
		}
		if err := in.check(ctx, tx, g); err != nil {
			return err
		}
		if err := putFiling(ctx, tx, id, by, &in); err != nil {
			return err
		}
		return s.tell(ctx, tx, Confirm, g.Target(), g.message("guarantee.told.filed"))
	})
}

// counts reports whether the profile changes what limits are counted by.
func (p *Profile) counts(g *Guarantor) bool {
	return p.moves(g) || p.Since != g.Since || p.Multiple != g.Multiple || p.MemberCap != g.MemberCap
}

// moves reports whether type or level change.
func (p *Profile) moves(g *Guarantor) bool { return p.Type != g.Type || p.Level != g.Level }

// check tells what keeps the filing from being set down as the books stand.
func (f *Filing) check(ctx context.Context, r *db.Tx, g *Guarantor) error {
	switch {
	case f.Finance != nil:
		return notBefore("from", f.Finance.From, g.Since)
	case f.Statement != nil:
		return notBefore("on", f.Statement.On, g.Since)
	}
	first, last, err := deals(ctx, r, g.ID)
	if err != nil {
		return err
	}
	lines, err := standings(ctx, r, g.ID)
	if err != nil {
		return err
	}
	p := f.Profile
	var bad fault.Fields
	today := dayOf(r.Now)
	if first != "" && p.Since > first {
		bad.Add("since", "guarantee.field.first", "day", first)
	}
	if p.Since > today {
		bad.Add("since", "guarantee.field.future", "day", today)
	}
	if p.moves(g) {
		least := max(p.Since, lines[0].From)
		if last >= least { // contracts keep the type they were signed under
			least = flow.AddDays(last, 1)
		}
		between(&bad, "from", p.From, least, today)
	}
	if p.counts(g) {
		bad.Length("source", p.Source, 2, 80)
	}
	return bad.Err()
}

// settle sets down what the filing says.
func (f *Filing) settle(ctx context.Context, tx *db.Tx, g *Guarantor) error {
	if err := f.check(ctx, tx, g); err != nil {
		return err
	}
	switch {
	case f.Finance != nil:
		return putFinance(ctx, tx, g.ID, *f.Finance)
	case f.Statement != nil:
		return putStatement(ctx, tx, g.ID, *f.Statement)
	}
	p := f.Profile
	moves := p.moves(g)
	p.apply(g)
	if !moves {
		return nil
	}
	return putStanding(ctx, tx, g.ID, Standing{p.From, p.Type, p.Level, p.Source})
}

// Restand sets down what a guarantor was from a day on (登记沿革), by a document that is
// named; a line of the same day is replaced, later lines stay. Another type or level
// than today's is what Keep does, by its rules. It is the office's to do. Invalid
// where a contract was signed under what those days were till now: contracts keep the
// type they were signed under.
func (s *Service) Restand(ctx context.Context, by authz.Actor, id institution.ID, version int, k Standing) (Guarantor, error) {
	if err := k.check(s.today()).Err(); err != nil {
		return Guarantor{}, err
	}
	detail := map[string]any{"kind": "standing", "from": k.From, "source": k.Source, "type": k.Type, "level": k.Level}
	return s.change(ctx, by, Confirm, id, version, detail, func(ctx context.Context, tx *db.Tx, g *Guarantor) error {
		lines, err := standings(ctx, tx, id)
		if err != nil {
			return err
		}
		if k.From >= lines[0].From {
			p := g.profile()
			p.Type, p.Level, p.From, p.Source = k.Type, k.Level, k.From, k.Source
			if err := p.check().Err(); err != nil {
				return err
			}
			if p.moves(g) {
				return (&Filing{Profile: &p}).settle(ctx, tx, g)
			}
		} else if err := k.fits(ctx, tx, g, lines); err != nil {
			return err
		}
		return putStanding(ctx, tx, id, k)
	})
}

// check tells every broken field of a line of the past.
func (k *Standing) check(today string) fault.Fields {
	var f fault.Fields
	k.Source = strings.TrimSpace(k.Source)
	between(&f, "from", k.From, "1949-10-01", today)
	fault.Choice(&f, "type", k.Type, Types())
	fault.Choice(&f, "level", k.Level, Levels())
	f.Length("source", k.Source, 2, 80)
	return f
}

// fits tells what keeps the line from standing before the newest of lines.
func (k *Standing) fits(ctx context.Context, r *db.Tx, g *Guarantor, lines []Standing) error {
	if err := notBefore("from", k.From, g.Since); err != nil {
		return err
	}
	was := standingOn(lines, k.From)
	if was.Type == k.Type && was.Level == k.Level {
		return nil
	}
	from, until := k.From, ""
	for _, next := range lines {
		if next.From > k.From {
			until = next.From // the oldest of those after it comes last
		}
	}
	if k.From < lines[len(lines)-1].From {
		from = "" // days before the first line are what it says
	}
	var signed string
	if err := r.Get(ctx, &signed, `SELECT COALESCE(MIN(deal_on), '') FROM guarantee_case
		WHERE guarantor_id = ? AND deal_on <> '' AND state <> ? AND deal_on >= ? AND deal_on < ?`, string(g.ID), string(Cancelled), from, until); err != nil {
		return err
	}
	if signed != "" {
		return fault.Fields{{Name: "from", Key: "guarantee.field.signed_under", Args: []any{"day", signed}}}.Err()
	}
	return nil
}

// on is the guarantor as what it was on the day, of standings with the newest first.
func (g *Guarantor) on(all []Standing, day string) *Guarantor {
	was := *g
	k := standingOn(all, day)
	was.Type, was.Level = k.Type, k.Level
	return &was
}

// Confirm makes what a guarantor has filed count (核定). NotFound for a filing
// there is not, Conflict for one that was decided, or that the one who confirms
// has filed. What the books no longer bear is Invalid.
func (s *Service) Confirm(ctx context.Context, by authz.Actor, id institution.ID, filing string) (Guarantor, error) {
	return s.decide(ctx, by, id, filing, "confirmed", "", func(ctx context.Context, tx *db.Tx, g *Guarantor, f *Filing) error {
		if f.by == by.ID {
			return fault.New(fault.Conflict, "guarantee.conflict.own_filing")
		}
		return f.settle(ctx, tx, g)
	})
}

// Decline leaves things as they are (退回), with a reason.
func (s *Service) Decline(ctx context.Context, by authz.Actor, id institution.ID, filing, reason string) (Guarantor, error) {
	if err := fault.NoReason(&reason); err != nil {
		return Guarantor{}, err
	}
	return s.decide(ctx, by, id, filing, "declined", reason, func(context.Context, *db.Tx, *Guarantor, *Filing) error { return nil })
}

func (s *Service) decide(ctx context.Context, by authz.Actor, id institution.ID, filing, state, words string,
	fn func(ctx context.Context, tx *db.Tx, g *Guarantor, f *Filing) error,
) (Guarantor, error) {
	was, err := s.guarantors().Reach(ctx, s.db, by, string(id), Confirm)
	if err != nil {
		return Guarantor{}, err
	}
	detail := map[string]any{"filing": filing, "state": state}
	return s.change(ctx, by, Confirm, id, was.Version, detail, func(ctx context.Context, tx *db.Tx, g *Guarantor) error {
		f, err := filed(ctx, tx, id, filing)
		if err != nil {
			return err
		}
		n, err := tx.Exec(ctx, `UPDATE guarantor_filing SET state = ?, decided_at = ?, decided_by = ?, words = ? WHERE id = ? AND state = 'open'`,
			state, db.Millis(tx.Now), by.Name, words, filing)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.Conflict, "guarantee.conflict.filing")
		}
		if err := fn(ctx, tx, g, &f); err != nil {
			return err
		}
		return s.tell(ctx, tx, Keep, authz.Target{}.Of(authz.Institution, string(id)), g.message("guarantee.told."+state, "reason", words))
	})
}

func (g *Guarantor) message(key string, args ...any) Message {
	return Message{Key: key, Args: append([]any{"name", g.Name}, args...), Record: gate.Record{Kind: GuarantorKind, ID: string(g.ID)}}
}

// Waiter is a guarantor with filings that wait for the office.
type Waiter struct {
	ID   institution.ID `db:"id"`
	Name string         `db:"name"`
	N    int            `db:"n"`
}

// Waiting are the guarantors within the scope with filings to be confirmed, by
// name, at most 100.
func (s *Service) Waiting(ctx context.Context, scope authz.Scope) ([]Waiter, error) {
	where, args := scope.SQL(guarantorScope())
	var all []Waiter
	err := s.db.Select(ctx, &all, `SELECT g.id, i.name, COUNT(*) AS n FROM guarantor_filing x JOIN guarantor g ON g.id = x.guarantor_id
		JOIN institution i ON i.id = g.id WHERE x.state = 'open' AND `+where+` GROUP BY g.id, i.name ORDER BY i.name, g.id LIMIT 100`, args...)
	return all, err
}

// CountFilings counts the filings within the scope that wait to be confirmed.
func (s *Service) CountFilings(ctx context.Context, scope authz.Scope) (int, error) {
	where, args := scope.SQL(guarantorScope())
	var n int
	err := s.db.Get(ctx, &n, `SELECT COUNT(*) FROM guarantor_filing x JOIN guarantor g ON g.id = x.guarantor_id
		JOIN institution i ON i.id = g.id WHERE x.state = 'open' AND `+where, args...)
	return n, err
}

func putStanding(ctx context.Context, tx *db.Tx, id institution.ID, k Standing) error {
	_, err := tx.Exec(ctx, `INSERT INTO guarantor_standing (guarantor_id, valid_from, type, level, source) VALUES (?,?,?,?,?)
		ON CONFLICT (guarantor_id, valid_from) DO UPDATE SET type = excluded.type, level = excluded.level, source = excluded.source`,
		string(id), k.From, string(k.Type), string(k.Level), k.Source)
	return err
}

// standings are what a guarantor has been, the newest first; never empty.
func standings(ctx context.Context, r db.Reader, id institution.ID) ([]Standing, error) {
	all, err := standingsOf(ctx, r, id)
	return all[id], err
}

// standingsOf are what guarantors have been, the newest of each first.
func standingsOf(ctx context.Context, r db.Reader, ids ...institution.ID) (map[institution.ID][]Standing, error) {
	type row struct {
		Of institution.ID `db:"guarantor_id"`
		Standing
	}
	rows, err := db.InAll[row](ctx, r, ids, `SELECT guarantor_id, valid_from, type, level, source FROM guarantor_standing
		WHERE guarantor_id IN (?) ORDER BY valid_from DESC`)
	return db.Grouped(rows, func(r *row) (institution.ID, Standing) { return r.Of, r.Standing }), err
}

// standingOn is what it was on the day, of standings with the newest first: before
// the first line what it says.
func standingOn(all []Standing, day string) Standing {
	if i := slices.IndexFunc(all, func(k Standing) bool { return k.From <= day }); i >= 0 {
		return all[i]
	}
	return all[len(all)-1]
}

// putFiling files it in place of an open one of its kind and day.
func putFiling(ctx context.Context, tx *db.Tx, id institution.ID, by authz.Actor, f *Filing) error {
	kind, from, value := f.parts()
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE guarantor_filing SET state = 'replaced', decided_at = ?, decided_by = ? WHERE guarantor_id = ? AND kind = ? AND valid_from = ? AND state = 'open'`,
		db.Millis(tx.Now), by.Name, string(id), kind, from); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO guarantor_filing (id, guarantor_id, kind, valid_from, body, state, at, by_id, by_name, decided_at, decided_by, words)
		VALUES (?,?,?,?,?,'open',?,?,?,0,'','')`, db.NewID(), string(id), kind, from, string(body), db.Millis(tx.Now), by.ID, by.Name)
	return err
}

const filingColumns = `id, kind, body, at, by_id, by_name`

type filingRow struct {
	ID   string `db:"id"`
	Kind string `db:"kind"`
	Body string `db:"body"`
	At   int64  `db:"at"`
	By   string `db:"by_id"`
	Name string `db:"by_name"`
}

func (r *filingRow) filing() (Filing, error) {
	f := Filing{ID: r.ID, At: db.Time(r.At), By: r.Name, by: r.By}
	switch r.Kind {
	case "finance":
		return f, json.Unmarshal([]byte(r.Body), &f.Finance)
	case "statement":
		return f, json.Unmarshal([]byte(r.Body), &f.Statement)
	}
	return f, json.Unmarshal([]byte(r.Body), &f.Profile)
}

// filings are those of a guarantor that wait, the oldest first.
func filings(ctx context.Context, r db.Reader, id institution.ID) ([]Filing, error) {
	var rows []filingRow
	if err := r.Select(ctx, &rows, `SELECT `+filingColumns+` FROM guarantor_filing WHERE guarantor_id = ? AND state = 'open' ORDER BY at, id`, string(id)); err != nil {
		return nil, err
	}
	all := make([]Filing, len(rows))
	for i := range rows {
		var err error
		if all[i], err = rows[i].filing(); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// filed is one filing of a guarantor, decided or not, else NotFound.
func filed(ctx context.Context, r db.Reader, id institution.ID, filing string) (Filing, error) {
	var row filingRow
	if err := r.Get(ctx, &row, `SELECT `+filingColumns+` FROM guarantor_filing WHERE guarantor_id = ? AND id = ?`, string(id), filing); err != nil {
		return Filing{}, err
	}
	return row.filing()
}
