package recognition

import (
	"context"
	"strconv"
	"strings"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/notify"
)

// Watch is the program's right to look after awards that nobody looks at.
const Watch authz.Permission = "recognition.award.watch"

// Duty is a kind of work that waits for somebody (待办).
type Duty string

// The duties, in the order they arise.
const (
	ToCheck   Duty = "check"   // applications handed in, for the first check
	ToScore   Duty = "review"  // assigned to the reader
	ToArrange Duty = "arrange" // for reviewers to be assigned, or to be made public
	ToDecide  Duty = "over"    // publicity has ended
	ToReport  Duty = "report"  // the report of last year is missing
	ToRecheck Duty = "recheck" // the term ends soon, or a re-check is under way
)

// Key is the text key of the duty.
func (d Duty) Key() string { return "recognition.todo." + string(d) }

// Waiting is how many records a duty waits for.
type Waiting struct {
	Duty Duty
	N    int
}

// reportYear is the year whose report is awaited on a day: the one before, from its
// end on.
func reportYear(day string) int {
	year, _ := strconv.Atoi(day[:4])
	return year - 1
}

// ReportDue is the filter of the awards whose report of last year is missing.
func (s *Service) ReportDue() AwardFilter { return AwardFilter{Unreported: reportYear(s.today())} }

// RecheckDue is the filter of the awards that are due to be looked at again before
// their term ends, and of those that are being re-checked.
func (s *Service) RecheckDue() AwardFilter {
	return AwardFilter{Ending: s.today()}
}

// Due is the filter of the awards that a duty waits for; of all for any other.
func (s *Service) Due(d Duty) AwardFilter {
	switch d {
	case ToReport:
		return s.ReportDue()
	case ToRecheck:
		return s.RecheckDue()
	default:
		return AwardFilter{}
	}
}

// PublicityOver is the filter of the applications whose publicity has ended.
func (s *Service) PublicityOver() Filter {
	return Filter{States: []flow.State{Publicised}, Over: s.today()}
}

// toArrange is the condition of an application that waits for its office to go on:
// checked, scored, or with fewer reviewers than its title asks for, since one
// stepped back.
const toArrange = `(a.state IN ('checked', 'scored') OR (a.state = 'reviewing' AND
	(SELECT COUNT(*) FROM recognition_review v WHERE v.application_id = a.id AND v.state <> 'recused') <
	(SELECT t.reviewers FROM recognition_title t WHERE t.id = a.title)))`

// offices is where the deciding office of an application or award stands.
func offices(table string) authz.Columns { return authz.Columns{Region: table + ".office"} }

// Todo is what waits for the actor, without what there is nothing of. Three
// queries, however much it is.
func (s *Service) Todo(ctx context.Context, by authz.Actor) ([]Waiting, error) {
	var all []Waiting
	add := func(d Duty, n int) {
		if n > 0 {
			all = append(all, Waiting{d, n})
		}
	}
	var scored int
	if by.Personal() && by.Somewhere(Review) {
		if err := s.db.Get(ctx, &scored, `SELECT COUNT(*) FROM recognition_review WHERE person = ? AND state = 'assigned'`, by.ID); err != nil {
			return nil, err
		}
	}
	if by.Somewhere(Check) || by.Somewhere(Assign) {
		n, err := s.sums(ctx, "recognition_application a", "a.state IN ('submitted', 'checked', 'reviewing', 'scored', 'public')",
			within(by.Scope(Check).Office(), applicationReach(), "a.state = 'submitted'"),
			within(by.Scope(Assign), offices("a"), toArrange),
			within(by.Scope(Decide), offices("a"), "a.state = 'public' AND a.public_to < ?", s.today()))
		if err != nil {
			return nil, err
		}
		add(ToCheck, n[0])
		add(ToScore, scored)
		add(ToArrange, n[1])
		add(ToDecide, n[2])
	} else {
		add(ToScore, scored)
	}
	if by.Somewhere(Report) || by.Somewhere(Recheck) {
		missing, args := s.ReportDue().sql()
		ending, more := s.RecheckDue().sql()
		n, err := s.sums(ctx, "recognition_award w", "w.state IN ('valid', 'rechecking')",
			within(by.Scope(Report), awardReach(), "1 = 1"+missing, args...),
			within(by.Scope(Recheck), offices("w"), "1 = 1"+ending, more...))
		if err != nil {
			return nil, err
		}
		add(ToReport, n[0])
		add(ToRecheck, n[1])
	}
	return all, nil
}

// condition is a condition with what fills it in.
type condition struct {
	sql  string
	args []any
}

func within(scope authz.Scope, c authz.Columns, sql string, args ...any) condition {
	where, values := scope.SQL(c)
	return condition{where + " AND " + sql, append(values, args...)}
}

// sums counts the rows of each condition, at most three, in one query.
func (s *Service) sums(ctx context.Context, table, where string, each ...condition) ([3]int, error) {
	var sums []string
	var args []any
	for i := range 3 {
		c := condition{sql: "1 = 0"}
		if i < len(each) {
			c = each[i]
		}
		sums = append(sums, "COALESCE(SUM(CASE WHEN "+c.sql+" THEN 1 ELSE 0 END), 0) AS n"+strconv.Itoa(i))
		args = append(args, c.args...)
	}
	var n struct {
		A int `db:"n0"`
		B int `db:"n1"`
		C int `db:"n2"`
	}
	err := s.db.Get(ctx, &n, `SELECT `+strings.Join(sums, ", ")+` FROM `+table+` WHERE `+where, args...)
	return [3]int{n.A, n.B, n.C}, err
}

// mostLate is how many awards one run tells of.
const mostLate = 500

// TellLate writes to the holder of each award, and to who sends reports for it,
// whose report of last year is overdue, once for each year (逾期提醒); it returns
// of how many. A job calls it.
func (s *Service) TellLate(ctx context.Context, by authz.Actor) (int, error) {
	f := s.ReportDue()
	f.Overdue = s.today()[len("2006-"):]
	late, _, err := awards(ctx, s.db, by.Scope(Watch), f, db.Page{Limit: mostLate})
	if err != nil {
		return 0, err
	}
	for i := range late {
		if err := s.tellLate(ctx, by, &late[i], f.Unreported); err != nil {
			return i, err
		}
	}
	return len(late), nil
}

func (s *Service) tellLate(ctx context.Context, by authz.Actor, w *Award, year int) error {
	c := gate.Change{
		By: by, Do: Watch, On: authz.At(w.Office), Record: gate.Record{Kind: KindAward, ID: w.ID}, Detail: map[string]any{"year": year},
	}
	return s.gate.Write(ctx, &c, func(ctx context.Context, tx *db.Tx) error {
		if err := tx.ExecOne(ctx, `UPDATE recognition_award SET report_told = ? WHERE id = ?`, year, w.ID); err != nil {
			return err
		}
		if s.hooks.Notify == nil {
			return nil
		}
		t, err := oneTitle(ctx, tx, w.Title)
		if err != nil {
			return err
		}
		// Who applied for it sends its reports: the people of the holder, else the service centre.
		over := w.Target()
		if w.Party.ID != "" {
			over = authz.Target{}.Of(w.Party.Kind, w.Party.ID)
		}
		return s.hooks.Notify.TellHolders(ctx, tx, Report, over, notify.Message{
			Key: "recognition.told.late", Args: []any{"name", w.Name, "title", t.Name.Zh, "year", year}, Link: "/recognition/awards/" + w.ID,
		})
	})
}
