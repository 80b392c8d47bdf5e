package engagement

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/region"
)

// Tab is one way to look at what is to be done (待办).
type Tab string

// The tabs of the to-do page.
const (
	Everything  Tab = ""           // 全部
	Overdue     Tab = "overdue"    // 逾期
	DueToday    Tab = "today"      // 今天到期
	Nobodys     Tab = "unassigned" // 待分派
	MyOwn       Tab = "mine"       // 我经办
	WaitsForOne Tab = "waiting"    // 等企业
)

// Tabs are all of them, in the order of the page.
func Tabs() []Tab { return []Tab{Everything, Overdue, DueToday, Nobodys, MyOwn, WaitsForOne} }

// Key is the text key of the tab's name.
func (t Tab) Key() string {
	if t == Everything {
		return "need.tab.all"
	}
	return "need.tab." + string(t)
}

// Filter narrows a list of needs; zero fields do not.
type Filter struct {
	Tab         Tab
	Region      region.Code // the town, county or city it lies in: the subtree
	Office      region.Code // handled by exactly this office
	Theme       institution.Theme
	State       flow.State
	Institution institution.ID
	Text        string // part of the title, the number or who asks
	Ended       bool   // also those that are over; only for lists
}

func (f Filter) sql(l flow.Lifecycle) (string, []any) {
	where, args := "", []any{}
	add := func(cond string, values ...any) {
		where += " AND " + cond
		args = append(args, values...)
	}
	if f.Office != "" {
		add(`n.office = ?`, string(f.Office))
	}
	if f.Theme != "" {
		add(`n.theme = ?`, string(f.Theme))
	}
	if f.Institution != "" {
		add(`n.institution_id = ?`, string(f.Institution))
	}
	if f.Text != "" {
		like := db.Part(f.Text)
		add(`(n.title LIKE ? ESCAPE '\' OR n.number LIKE ? ESCAPE '\' OR n.requester LIKE ? ESCAPE '\')`, like, like, like)
	}
	switch {
	case f.State != "":
		add(`n.state = ?`, string(f.State))
	case !f.Ended:
		open := l.Unended()
		values := make([]any, len(open))
		for i, s := range open {
			values[i] = string(s)
		}
		add(`n.state IN (`+db.Marks(len(open))+`)`, values...)
	}
	return where, args
}

// sql is the tab as a condition, for the one who looks at an instant.
func (t Tab) sql(by string, now time.Time) (string, []any) {
	day := now.In(flow.Shanghai())
	evening := time.Date(day.Year(), day.Month(), day.Day()+1, 0, 0, 0, 0, flow.Shanghai())
	switch t {
	case Overdue:
		return `n.due < ?`, []any{db.Millis(now)}
	case DueToday:
		return `n.due >= ? AND n.due < ?`, []any{db.Millis(now), db.Millis(evening)}
	case Nobodys:
		return `n.assignee = '' AND n.state NOT IN ('waiting', 'delivered', 'confirmed')`, nil
	case MyOwn:
		return `n.assignee = ?`, []any{by}
	case WaitsForOne:
		return `n.state IN ('waiting', 'delivered', 'confirmed')`, nil
	default:
		return `1 = 1`, nil
	}
}

// Todo is one page of what is to be done.
type Todo struct {
	Needs []Need
	Lamps []flow.Lamp // how each stands, in the same order
	Next  string      // cursor of the next page, empty on the last
	Total int         // in the tab that was asked for
	Tabs  map[Tab]int // in every tab, under the same filter
}

// Todo is what is to be done within reach of the actor, what is due soonest
// first, with the numbers of every tab. Two queries, however long the list.
func (s *Service) Todo(ctx context.Context, by authz.Actor, f Filter, page db.Page) (Todo, error) {
	f.Ended = false
	now := s.db.Now()
	t, err := s.times(ctx)
	if err != nil {
		return Todo{}, err
	}
	out := Todo{}
	if out.Tabs, err = s.tabs(ctx, by, f, now); err != nil {
		return Todo{}, err
	}
	out.Total = out.Tabs[f.Tab]
	tab, tabArgs := f.Tab.sql(by.ID, now)
	out.Needs, out.Next, err = s.page(ctx, by.Scope(See).Office(), f, ` AND `+tab, tabArgs, page, db.Order{Columns: []string{"n.due", "n.id"}, Number: true},
		func(n *row) []string { return []string{decimal(n.Due), string(n.ID)} })
	if err != nil {
		return Todo{}, err
	}
	for i := range out.Needs {
		out.Lamps = append(out.Lamps, t.lamp(&out.Needs[i], now))
	}
	return out, nil
}

// tabs counts every tab in one query.
func (s *Service) tabs(ctx context.Context, by authz.Actor, f Filter, now time.Time) (map[Tab]int, error) {
	var sums []string
	var args []any
	for i, tab := range Tabs() {
		cond, values := tab.sql(by.ID, now)
		sums = append(sums, fmt.Sprintf("COALESCE(SUM(CASE WHEN %s THEN 1 ELSE 0 END), 0) AS t%d", cond, i))
		args = append(args, values...)
	}
	where, values := by.Scope(See).Office().SQLWithin(f.Region, columns())
	more, filter := f.sql(s.life)
	args = append(append(args, values...), filter...)
	var n struct {
		T0 int `db:"t0"`
		T1 int `db:"t1"`
		T2 int `db:"t2"`
		T3 int `db:"t3"`
		T4 int `db:"t4"`
		T5 int `db:"t5"`
	}
	if err := s.db.Get(ctx, &n, `SELECT `+strings.Join(sums, ", ")+` FROM need n WHERE `+where+more, args...); err != nil {
		return nil, err
	}
	counts := map[Tab]int{}
	for i, v := range []int{n.T0, n.T1, n.T2, n.T3, n.T4, n.T5} {
		counts[Tabs()[i]] = v
	}
	return counts, nil
}

// List is a page of needs within a scope, the newest first.
func (s *Service) List(ctx context.Context, scope authz.Scope, f Filter, page db.Page) ([]Need, string, error) {
	return s.page(ctx, scope, f, "", nil, page, db.Order{Columns: []string{"n.posted_at", "n.id"}, Down: true, Number: true},
		func(n *row) []string { return []string{decimal(n.PostedAt), string(n.ID)} })
}

// Mine is a page of the needs of those the actor asks for — its enterprises,
// itself — the newest first, those that are over included.
func (s *Service) Mine(ctx context.Context, by authz.Actor, page db.Page) ([]Need, string, error) {
	var own []authz.Party
	for _, kind := range []string{authz.Enterprise, authz.Person} {
		for _, id := range by.Parties(kind, See) {
			own = append(own, authz.Party{Kind: kind, ID: id})
		}
	}
	return s.List(ctx, authz.Own(own...), Filter{Ended: true}, page)
}

// page is one page of needs in an order.
func (s *Service) page(ctx context.Context, scope authz.Scope, f Filter, extra string, extraArgs []any,
	page db.Page, order db.Order, key func(*row) []string,
) ([]Need, string, error) {
	where, args := scope.SQLWithin(f.Region, columns())
	more, values := f.sql(s.life)
	if f.Ended {
		// The newest of everything are found by walking back in time. SQLite would
		// rather sort a whole city; the expression keeps it from the region's index.
		where = strings.ReplaceAll(where, "n.region ", "n.region || '' ")
	}
	args = append(append(args, values...), extraArgs...)
	rows, next, err := db.Paged(ctx, s.db, page, order, `SELECT `+needColumns+` FROM need n WHERE `+where+more+extra, args, key)
	if err != nil {
		return nil, "", err
	}
	needs, err := needsOf(rows)
	return needs, next, err
}

func decimal(n int64) string { return strconv.FormatInt(n, 10) }
