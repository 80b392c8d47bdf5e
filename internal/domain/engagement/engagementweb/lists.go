package engagementweb

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/a-h/templ"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/engagement"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/domain/territory"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// mineMost is how many of their own needs a page shows the reader.
const mineMost = 100

// mineView is the list of the reader's own needs.
type mineView struct {
	p           web.P
	calendar    *flow.Calendar
	open, ended []engagement.Need
	next        string
	pending     string
	within      string // how soon a need is accepted, in words
}

// mine lists the needs of those the reader asks for, what is open first.
func (s *Pages) mine(w http.ResponseWriter, r *http.Request) error {
	ctx, by := r.Context(), web.Actor(r)
	if !by.SignedIn() {
		return signIn()
	}
	h := &mineView{p: web.Page(r).Titled(web.Lang(r).T("ask.mine.title")), pending: s.pending(r)}
	found, next, err := s.Needs.Mine(ctx, by, engagement.Page{Limit: mineMost, After: r.URL.Query().Get("after")})
	if err != nil {
		return err
	}
	h.next = next
	for i := range found {
		if engagement.Lifecycle().Ended(found[i].State) {
			h.ended = append(h.ended, found[i])
		} else {
			h.open = append(h.open, found[i])
		}
	}
	if h.calendar, err = s.Flow.Calendar(ctx); err != nil {
		return err
	}
	limits, err := s.Flow.Limits(ctx)
	if err != nil {
		return err
	}
	if l, ok := limits.Find("need", "accept", flow.DayOf(h.p.Now)); ok {
		h.within = h.p.T("ask.mine.within", "n", l.Amount, "unit", h.p.T(l.Unit.Key()))
	}
	return s.Kit.Page(w, r, http.StatusOK, minePage(h))
}

// needRows are needs as rows of a table for those who asked.
func needRows(p web.P, c *flow.Calendar, needs []engagement.Need) []ui.Row {
	rows := make([]ui.Row, len(needs))
	for i := range needs {
		n := &needs[i]
		rows[i] = ui.Row{Cells: []ui.Cell{
			{Text: n.Title, Href: asking.of(n.ID)},
			{Body: ui.Tag(StateTone(n.State), StateWord(p, n.State))},
			{Body: lampCell(p, c, n)},
			{Text: p.T(n.Theme.Key())},
			{Text: p.Short(n.PostedAt)},
			{Text: n.Number, Code: true},
		}}
	}
	return rows
}

func lampCell(p web.P, c *flow.Calendar, n *engagement.Need) templ.Component {
	if n.State == engagement.Closed && !n.Rated {
		return ui.Btn(ui.Button{Label: p.T("ask.rate.do"), Kind: ui.Bare, Href: stepOf(engagement.Rate).href(asking, n.ID, "")})
	}
	return ui.LampOf(p, Lamp(p, c, n))
}

// inboxView is the list of the offers made to the reader's institutions.
type inboxView struct {
	p        web.P
	calendar *flow.Calendar
	answered bool
	rows     []engagement.Received
	next     string
}

// inbox lists the offers to answer, or those that were answered.
func (s *Pages) inbox(w http.ResponseWriter, r *http.Request) error {
	ctx, by, q := r.Context(), web.Actor(r), r.URL.Query()
	if !by.SignedIn() {
		return signIn()
	}
	h := &inboxView{p: web.Page(r).Titled(web.Lang(r).T("ask.inbox.title")), answered: q.Get("tab") == "answered"}
	var err error
	if h.rows, h.next, err = s.Needs.Inbox(ctx, by, !h.answered, engagement.Page{After: q.Get("after")}); err != nil {
		return err
	}
	if h.calendar, err = s.Flow.Calendar(ctx); err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, inboxPage(h))
}

// listView is the list of all needs within the reader's reach.
type listView struct {
	p        web.P
	at       *url.URL
	tree     *territory.Tree
	calendar *flow.Calendar
	filter   engagement.Filter
	places   []territory.Place // to narrow to
	needs    []engagement.Need
	pager    ui.Pager
}

// list shows every need the reader may see, the newest first.
func (s *Pages) list(w http.ResponseWriter, r *http.Request) error {
	ctx, by := r.Context(), web.Actor(r)
	if !by.SignedIn() {
		return signIn()
	}
	if len(by.Regions(engagement.See)) == 0 { // their own needs are under 我的需求
		return fault.Closed()
	}
	h := &listView{p: web.Page(r).Titled(web.Lang(r).T("ask.list.title")), at: r.URL, filter: FilterOf(r.URL.Query())}
	h.filter.Ended = r.URL.Query().Get("open") == ""
	var err error
	if h.tree, err = s.Territory.Tree(ctx); err != nil {
		return err
	}
	if h.calendar, err = s.Flow.Calendar(ctx); err != nil {
		return err
	}
	h.places = Places(h.p, h.tree, by)
	scope := by.Scope(engagement.See).Office()
	total, err := s.Needs.Count(ctx, scope, h.filter)
	if err != nil {
		return err
	}
	t := TrailOf(r.URL)
	next := ""
	if h.needs, next, err = s.Needs.List(ctx, scope, h.filter, engagement.Page{After: t.After()}); err != nil {
		return err
	}
	h.pager = t.Pager(h.p, len(h.needs), total, next)
	return s.Kit.Page(w, r, http.StatusOK, listPage(h))
}

// FilterOf reads what an address narrows a list of needs to; what it does not
// know narrows nothing.
func FilterOf(q url.Values) engagement.Filter {
	f := engagement.Filter{Text: strings.TrimSpace(q.Get("q"))}
	if t := institution.Theme(q.Get("theme")); t.Valid() {
		f.Theme = t
	}
	if c := region.Code(q.Get("place")); c.Valid() {
		f.Region = c
	}
	for _, state := range engagement.Lifecycle().States {
		if string(state) == q.Get("step") {
			f.State = state
		}
	}
	return f
}

// Places are those right below where the reader works, to narrow a list to.
func Places(p web.P, tree *territory.Tree, by authz.Actor) []territory.Place {
	var all []territory.Place
	for _, top := range by.Regions(engagement.See) {
		all = append(all, tree.Children(top, flow.DayOf(p.Now))...)
	}
	return all
}

// Chips are the filters of a list of needs: theme, place and step. states are
// those that may be chosen.
func Chips(p web.P, at *url.URL, tree *territory.Tree, f engagement.Filter, places []territory.Place, states []flow.State) []ui.Filter {
	theme := ui.Filter{Label: p.T("ask.filter.theme"), On: f.Theme != "", Clear: With(at, "theme", "")}
	if theme.On {
		theme.Label = p.T(f.Theme.Key())
	}
	for _, t := range institution.Themes() {
		theme.Options = append(theme.Options, ui.Link{Label: p.T(t.Key()), Href: With(at, "theme", string(t))})
	}
	place := ui.Filter{Label: p.T("ask.filter.place"), On: f.Region != "", Clear: With(at, "place", "")}
	if place.On {
		place.Label = PlaceName(p, tree, f.Region)
	}
	for i := range places {
		place.Options = append(place.Options, ui.Link{Label: PlaceName(p, tree, places[i].Code), Href: With(at, "place", string(places[i].Code))})
	}
	step := ui.Filter{Label: p.T("ask.filter.step"), On: f.State != "", Clear: With(at, "step", ""), Wide: true}
	if step.On {
		step.Label = StateWord(p, f.State)
	}
	for _, state := range states {
		step.Options = append(step.Options, ui.Link{Label: StateWord(p, state), Href: With(at, "step", string(state))})
	}
	return []ui.Filter{theme, place, step}
}

// With is the address with one value changed, from the first page of its list;
// an empty value is taken away.
func With(at *url.URL, name, value string) string {
	q := at.Query()
	q.Del("after")
	if value == "" {
		q.Del(name)
	} else {
		q.Set(name, value)
	}
	if len(q) == 0 {
		return at.Path
	}
	return at.Path + "?" + q.Encode()
}

// Trail leads through a list that only goes forward: the address carries the
// cursors of the pages gone through, so that going back is a plain link too.
type Trail struct {
	at      *url.URL
	cursors []string
}

// TrailOf reads the trail of an address.
func TrailOf(at *url.URL) Trail { return Trail{at, at.Query()["after"]} }

// After is the cursor of the present page, "" on the first.
func (t Trail) After() string {
	if len(t.cursors) == 0 {
		return ""
	}
	return t.cursors[len(t.cursors)-1]
}

// Pager draws the way on and back for a page of n out of total needs.
func (t Trail) Pager(p web.P, n, total int, next string) ui.Pager {
	per := engagement.Page{}.Size()
	from := len(t.cursors)*per + 1
	g := ui.Pager{From: min(from, total), To: min(from+n-1, total), Total: total, Unit: p.T("unit.need")}
	if len(t.cursors) > 0 {
		g.Prev = t.to(t.cursors[:len(t.cursors)-1])
	}
	if next != "" {
		g.Next = t.to(append(append([]string(nil), t.cursors...), next))
	}
	return g
}

func (t Trail) to(cursors []string) string {
	q := t.at.Query()
	q["after"] = cursors
	if len(cursors) == 0 {
		delete(q, "after")
	}
	if len(q) == 0 {
		return t.at.Path
	}
	return t.at.Path + "?" + q.Encode()
}
