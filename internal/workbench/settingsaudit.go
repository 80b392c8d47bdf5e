package workbench

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/account"
	"qiban.dev/qiban/internal/domain/territory"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/text"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// auditPage is how many entries stand on a page.
const auditPage = 50

// peopleFound is how many people a name may fit before it must be given in full.
const peopleFound = 200

// auditView is a page of the trail.
type auditView struct {
	at      *url.URL
	since   string // the first day, ISO; "" for open
	until   string // the last day
	who     string // a name, or the id of who acted
	action  string
	record  gate.Record
	wrong   map[string]string // what is wrong with a field of the filter
	entries []gate.Entry
	total   int64
	next    string
	names   map[string]string
	tree    *territory.Tree
	actions []ui.Option
	whole   bool // the reader sees the trail of the whole site, and may check its chain
}

// auditScope is how much of the trail an auditor sees: whoever audits the place
// of the installation sees all of it, also what has no place.
func (s *Settings) auditScope(by authz.Actor) authz.Scope {
	if by.May(account.SeeAudit, authz.At(s.Home)) {
		return authz.Unbounded("the auditor of the whole site sees its whole trail")
	}
	return by.Scope(account.SeeAudit)
}

// auditor is who asks, when they may see the trail of some place.
func auditor(r *http.Request) (authz.Actor, error) {
	by, err := settingsActor(r)
	if err == nil && len(by.Regions(account.SeeAudit)) == 0 {
		err = fault.Closed()
	}
	return by, err
}

func (s *Settings) audit(w http.ResponseWriter, r *http.Request) error {
	by, err := auditor(r)
	if err != nil {
		return err
	}
	ctx, q, p, scope := r.Context(), r.URL.Query(), web.Page(r), s.auditScope(by)
	v := auditView{
		at: r.URL, since: q.Get("since"), until: q.Get("until"), who: strings.TrimSpace(q.Get("who")), action: q.Get("action"),
		record: gate.Record{Kind: q.Get("kind"), ID: strings.TrimSpace(q.Get("id"))}, wrong: map[string]string{},
		whole: by.May(account.SeeAudit, authz.At(s.Home)),
	}
	filter, err := s.auditFilter(r, p, &v, scope)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if len(v.wrong) > 0 {
		status = http.StatusUnprocessableEntity
	} else {
		if v.entries, v.next, err = gate.List(ctx, s.DB, scope, filter, db.Page{Limit: auditPage, After: cursorOf(q)}); err != nil {
			return err
		}
		if v.total, err = gate.Count(ctx, s.DB, scope, filter); err != nil {
			return err
		}
	}
	if v.names, err = s.actorNames(ctx, p.Lang, v.entries); err != nil {
		return err
	}
	if v.tree, err = s.Territory.Tree(ctx); err != nil {
		return err
	}
	if v.actions, err = s.actionOptions(r, p); err != nil {
		return err
	}
	p.Title, p.Broken = p.T("settings.audit.title"), len(v.wrong)
	return s.Kit.Page(w, r, status, auditPageView(p, v))
}

// auditFilter reads what the list is narrowed to.
func (s *Settings) auditFilter(r *http.Request, p ui.P, v *auditView, scope authz.Scope) (gate.Filter, error) {
	f := gate.Filter{Action: v.action, Record: v.record}
	for name, day := range map[string]string{"since": v.since, "until": v.until} {
		if day != "" && !flow.IsDay(day) {
			v.wrong[name] = p.T("field.date", "value", day)
		}
	}
	if v.wrong["since"] == "" && v.since != "" {
		f.Since = startOf(v.since)
	}
	if v.wrong["until"] == "" && v.until != "" {
		f.Before = startOf(flow.AddDays(v.until, 1))
	}
	if len(v.wrong) == 0 && f.Since > 0 && f.Before > 0 && f.Since >= f.Before {
		v.wrong["until"] = p.T("settings.audit.backwards")
	}
	if v.who == "" {
		return f, nil
	}
	f.Actors = []string{v.who}
	people, _, err := s.Accounts.People(r.Context(), scope, account.PeopleFilter{Query: v.who}, account.Page{Limit: peopleFound})
	for _, one := range people {
		f.Actors = append(f.Actors, one.ID)
	}
	return f, err
}

// startOf is the first instant of a day in China, in Unix milliseconds.
func startOf(day string) int64 {
	t, err := time.ParseInLocation(time.DateOnly, day, flow.Shanghai())
	if err != nil {
		return 0
	}
	return t.UnixMilli()
}

// actionOptions are the actions that people may take, by name.
func (s *Settings) actionOptions(r *http.Request, p ui.P) ([]ui.Option, error) {
	roles, err := s.Accounts.Roles(r.Context())
	if err != nil {
		return nil, err
	}
	known := map[string]string{}
	for _, role := range roles {
		for _, may := range role.Permissions {
			known[string(may)] = actionWords(p, string(may))
		}
	}
	options := []ui.Option{{Label: p.T("settings.audit.any")}}
	for _, action := range slices.SortedFunc(maps.Keys(known), func(a, b string) int {
		return cmp.Or(strings.Compare(areaOf(a), areaOf(b)), strings.Compare(known[a], known[b]))
	}) {
		options = append(options, ui.Option{Value: action, Label: known[action], Group: areaWords(p, action)})
	}
	return options, nil
}

// areaOf is the domain an action belongs to.
func areaOf(action string) string {
	area, _, _ := strings.Cut(action, ".")
	return area
}

func areaWords(p ui.P, action string) string {
	if key := "settings.area." + areaOf(action); text.Has(key) {
		return p.T(key)
	}
	return areaOf(action)
}

// actionWords is what was done, in words.
func actionWords(p ui.P, action string) string {
	if key := authz.Permission(action).Key(); text.Has(key) {
		return p.T(key)
	}
	return action
}

// recordWords is the kind of a record, in words.
func recordWords(p ui.P, kind string) string {
	if key := "settings.record." + kind; text.Has(key) {
		return p.T(key)
	}
	return kind
}

// auditTable lists the entries.
func (v auditView) auditTable(p ui.P) ui.Table {
	t := ui.Table{Caption: p.T("settings.audit.title"), Hidden: true, Dense: true, Stack: true, Head: []ui.Col{
		{Label: p.T("settings.audit.when")},
		{Label: p.T("settings.audit.who")},
		{Label: p.T("settings.audit.did")},
		{Label: p.T("settings.audit.record")},
		{Label: p.T("settings.audit.place")},
		{Label: p.T("settings.audit.detail")},
	}}
	for _, e := range v.entries {
		record := ui.Cell{Text: recordWords(p, e.RecordKind) + " " + shortID(e.RecordID), Href: v.narrowed("kind", e.RecordKind, "id", e.RecordID)}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: instant(p, e.At)},
			{Text: v.names[e.ActorID], Href: v.narrowed("who", e.ActorID)},
			{Text: actionWords(p, e.Action), Href: v.narrowed("action", e.Action)},
			record,
			{Text: v.placeOf(p, e)},
			{Body: auditDetail(p, e)},
		}})
	}
	return t
}

// instant is a time to the second, since several things happen in a minute.
func instant(p ui.P, at int64) string {
	t := time.UnixMilli(at)
	return p.T("settings.instant", "day", p.Date(t), "clock", t.In(flow.Shanghai()).Format(time.TimeOnly))
}

// shortID is the end of a long id, which tells records apart on a page.
func shortID(id string) string {
	if len(id) == 36 {
		return "…" + id[28:]
	}
	return id
}

// placeOf is the place of an entry, as it was called on its day.
func (v auditView) placeOf(p ui.P, e gate.Entry) string {
	if e.Region == "" {
		return ""
	}
	day, code := flow.DayOf(time.UnixMilli(e.At)), region.Code(e.Region)
	if at, ok := v.tree.Place(code, day); ok {
		return placeWords(p, at)
	}
	return v.tree.Name(code, day)
}

// narrowed is the list narrowed by names and values in turn.
func (v auditView) narrowed(pairs ...string) string {
	q := v.at.Query()
	delete(q, "after")
	for i := 0; i+1 < len(pairs); i += 2 {
		q.Set(pairs[i], pairs[i+1])
	}
	return v.at.Path + "?" + q.Encode()
}

// chips are the filters in force that the form does not show.
func (v auditView) chips(p ui.P) []ui.Filter {
	var chips []ui.Filter
	if v.record.Kind != "" {
		label := recordWords(p, v.record.Kind)
		if v.record.ID != "" {
			label += " " + shortID(v.record.ID)
		}
		at := *v.at
		q := at.Query()
		delete(q, "id")
		at.RawQuery = q.Encode()
		chips = append(chips, ui.Filter{Label: label, On: true, Clear: withQuery(&at, "kind", "")})
	}
	if v.who != "" && v.names[v.who] != "" && v.names[v.who] != v.who { // an id chosen in the list
		chips = append(chips, ui.Filter{Label: v.names[v.who], On: true, Clear: withQuery(v.at, "who", "")})
	}
	return chips
}

// detailLines are what an entry keeps of the act: name and value, by name.
func detailLines(e gate.Entry) []string {
	detail := map[string]any{}
	if json.Unmarshal([]byte(e.Detail), &detail) != nil {
		return []string{e.Detail}
	}
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(detail)) {
		value := detail[name]
		if value == "" || value == nil {
			continue
		}
		words, plain := value.(string)
		if !plain {
			raw, err := json.Marshal(value)
			if err != nil {
				continue
			}
			words = string(raw)
		}
		lines = append(lines, name+" "+words)
	}
	return lines
}

// gist is the beginning of the details, for the line itself.
func gist(lines []string) string {
	const most = 28
	all := []rune(strings.Join(lines, " · "))
	if len(all) > most {
		return string(all[:most]) + "…"
	}
	return string(all)
}

// chainWords name an entry's place in its chain.
func chainWords(e gate.Entry) string { return fmt.Sprintf("%d/%d %s", e.Lane, e.Seq, e.Hash) }

// auditVerify checks the chain of the whole trail.
func (s *Settings) auditVerify(w http.ResponseWriter, r *http.Request) error {
	if _, err := s.siteWide(r, account.SeeAudit); err != nil {
		return err
	}
	if _, err := s.Kit.Form(r, "settings.form.audit"); err != nil {
		return err
	}
	n, err := gate.Verify(r.Context(), s.DB)
	if broken, ok := errors.AsType[*gate.Break](err); ok {
		s.Kit.Flash(w, r, ui.Bad, "settings.audit.broken", "lane", broken.Lane, "seq", broken.Seq, "why", broken.Why)
		return web.SeeOther(w, r, SettingsHome+"/audit")
	}
	if err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "settings.audit.intact", "n", ui.Commas(n))
	return web.SeeOther(w, r, SettingsHome+"/audit")
}
