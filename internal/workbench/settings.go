package workbench

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/account"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/territory"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/jobs"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/text"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// SettingsHome is where the settings begin.
const SettingsHome = "/bench/settings"

// SeeJobs is the right to see what the program does in the background (查看后台任务).
const SeeJobs = jobs.See

// Settings are the pages on which an office adjusts the program and looks after
// it (设置): calendar, time limits, size rules, regions, the audit trail and the
// background jobs. Each is open only to those who hold its right. All fields are
// needed.
type Settings struct {
	Kit         *web.Kit
	DB          *db.DB
	Flow        *flow.Service
	Enterprises *enterprise.Service
	Territory   *territory.Service
	Accounts    *account.Service
	Jobs        *jobs.Jobs
	Home        region.Code // the place this installation serves
}

// Routes are the addresses of the settings.
func (s *Settings) Routes(mux web.Mux) {
	handle := func(pattern string, h web.Handler) { mux.Handle(pattern, s.Kit.Handle(h)) }
	handle("GET "+SettingsHome, s.index)

	handle("GET "+SettingsHome+"/calendar", s.calendar)
	handle("GET "+SettingsHome+"/calendar/import", s.calendarForm)
	handle("POST "+SettingsHome+"/calendar/preview", s.calendarPreview)
	handle("POST "+SettingsHome+"/calendar", s.calendarSave)

	handle("GET "+SettingsHome+"/limits", s.limits)
	handle("GET "+SettingsHome+"/limits/change", s.limitForm)
	handle("POST "+SettingsHome+"/limits/change", s.limitSave)

	handle("GET "+SettingsHome+"/size", s.sizeRules)
	handle("GET "+SettingsHome+"/size/{set}", s.sizeSet)
	handle("GET "+SettingsHome+"/size/{set}/edit", s.sizeSetForm)
	handle("POST "+SettingsHome+"/size/{set}/edit", s.sizeSetSave)
	handle("GET "+SettingsHome+"/size/{set}/rows/{row}", s.sizeRowForm)
	handle("POST "+SettingsHome+"/size/{set}/rows/{row}", s.sizeRowSave)

	handle("GET "+SettingsHome+"/regions", s.regions)
	handle("GET "+SettingsHome+"/regions/{code}/change", s.regionForm)
	handle("POST "+SettingsHome+"/regions/{code}/preview", s.regionPreview)
	handle("POST "+SettingsHome+"/regions/{code}/change", s.regionSave)
	handle("GET "+SettingsHome+"/regions/{code}/key-town", s.keyTownForm)
	handle("POST "+SettingsHome+"/regions/{code}/key-town", s.keyTownSave)

	handle("GET "+SettingsHome+"/audit", s.audit)
	handle("POST "+SettingsHome+"/audit/verify", s.auditVerify)
	handle("GET "+SettingsHome+"/jobs", s.jobList)
}

// SettingsRights are the rights of which any one opens the settings.
func SettingsRights() []authz.Permission {
	return []authz.Permission{
		flow.SetCalendar, flow.SetLimit, enterprise.EditRule, territory.Reorganise, territory.SetKeyTown, account.SeeAudit, SeeJobs,
	}
}

// settingsActor is who asks; a fault when nobody is signed in.
func settingsActor(r *http.Request) (authz.Actor, error) {
	by := web.Actor(r)
	if !by.SignedIn() {
		return by, fault.New(fault.SignIn, "fault.sign_in")
	}
	return by, nil
}

// siteWide is who asks, when they hold the right over the whole site.
func (s *Settings) siteWide(r *http.Request, may authz.Permission) (authz.Actor, error) {
	by, err := settingsActor(r)
	if err == nil && !by.May(may, authz.At(s.Home)) {
		err = fault.Closed()
	}
	return by, err
}

// index lists what the reader may change.
func (s *Settings) index(w http.ResponseWriter, r *http.Request) error {
	by, err := settingsActor(r)
	if err != nil {
		return err
	}
	p := web.Page(r)
	var parts []settingsPart
	for _, of := range []func(context.Context, ui.P, authz.Actor) (settingsPart, error){s.changeable, s.watched} {
		part, err := of(r.Context(), p, by)
		if err != nil {
			return err
		}
		if len(part.items) > 0 {
			parts = append(parts, part)
		}
	}
	if len(parts) == 0 {
		return fault.Closed()
	}
	p.Title = p.T("settings.title")
	return s.Kit.Page(w, r, http.StatusOK, settingsIndex(p, parts))
}

// settingsPart is a part of the index.
type settingsPart struct {
	title string
	items []ui.Item
}

// changeable are the settings that the reader may change, each with how it stands.
func (s *Settings) changeable(ctx context.Context, p ui.P, by authz.Actor) (settingsPart, error) {
	part := settingsPart{title: p.T("settings.part.change")}
	add := func(name, right string) {
		part.items = append(part.items, ui.Item{
			Label: p.T("settings." + name + ".title"), Href: SettingsHome + "/" + name,
			Under: p.T("settings." + name + ".about"), Right: right,
		})
	}
	home := authz.At(s.Home)
	if by.May(flow.SetCalendar, home) {
		years, err := flow.LoadYears(ctx, s.DB)
		if err != nil {
			return part, err
		}
		right := p.T("settings.calendar.none")
		if len(years) > 0 {
			right = p.T("settings.calendar.until", "year", years[0].Year)
		}
		add("calendar", right)
	}
	if by.May(flow.SetLimit, home) {
		limits, err := s.Flow.Limits(ctx)
		if err != nil {
			return part, err
		}
		in := slices.DeleteFunc(slices.Clone(limits), func(l flow.Limit) bool { return !inForce(l, s.Kit.Today()) })
		add("limits", p.T("settings.limits.count", "n", len(in)))
	}
	if by.May(enterprise.EditRule, home) {
		rules, err := s.Enterprises.Rules(ctx)
		if err != nil {
			return part, err
		}
		add("size", p.T("settings.size.count", "n", len(rules.Sets), "doubts", len(rules.Doubts())))
	}
	if by.Somewhere(territory.Reorganise) || by.Somewhere(territory.SetKeyTown) {
		add("regions", "")
	}
	return part, nil
}

// watched is what the reader looks after without changing it.
func (s *Settings) watched(ctx context.Context, p ui.P, by authz.Actor) (settingsPart, error) {
	part := settingsPart{title: p.T("settings.part.watch")}
	if len(by.Regions(account.SeeAudit)) > 0 {
		n, err := gate.Count(ctx, s.DB, s.auditScope(by), gate.Filter{})
		if err != nil {
			return part, err
		}
		part.items = append(part.items, ui.Item{
			Label: p.T("settings.audit.title"), Href: SettingsHome + "/audit",
			Under: p.T("settings.audit.about"), Right: p.T("settings.audit.count", "n", ui.Commas(n)),
		})
	}
	if by.May(SeeJobs, authz.At(s.Home)) {
		backlogs, err := jobs.Backlogs(ctx, s.DB)
		if err != nil {
			return part, err
		}
		given := int64(0)
		for _, b := range backlogs {
			given += b.GivenUp
		}
		right := p.T("settings.jobs.well")
		if given > 0 {
			right = p.T("settings.jobs.given_up", "n", given)
		}
		part.items = append(part.items, ui.Item{
			Label: p.T("jobs.title"), Href: SettingsHome + "/jobs",
			Under: p.T("settings.jobs.about"), Right: right,
		})
	}
	return part, nil
}

// actorNames are how those who acted are called, by id.
func (s *Settings) actorNames(ctx context.Context, lang text.Lang, entries []gate.Entry) (map[string]string, error) {
	var people []string
	named := map[string]string{}
	for _, e := range entries {
		switch {
		case e.ActorKind == string(authz.Human) || e.ActorKind == string(authz.Key):
			people = append(people, e.ActorID)
		case text.Has("settings.actor." + e.ActorKind):
			task := e.ActorID
			if key := "settings.task." + strings.ReplaceAll(task, "-", "_"); text.Has(key) {
				task = lang.T(key)
			}
			named[e.ActorID] = lang.T("settings.actor."+e.ActorKind, "id", task)
		default:
			named[e.ActorID] = e.ActorID
		}
	}
	slices.Sort(people)
	people = slices.Compact(people)
	names, err := s.Accounts.NamesOf(ctx, people)
	for _, id := range people {
		switch name, known := names[id]; {
		case name != "":
			named[id] = name
		case known:
			named[id] = lang.T("account.person.closed_name")
		default:
			named[id] = id
		}
	}
	return named, err
}

// story tells the history of a record, oldest first; what says what an entry
// did, "" to leave it out.
func (s *Settings) story(ctx context.Context, p ui.P, record gate.Record, what func(detail map[string]any) string) ([]ui.Event, error) {
	trail, err := gate.Trail(ctx, s.DB, record)
	if err != nil {
		return nil, err
	}
	names, err := s.actorNames(ctx, p.Lang, trail)
	var events []ui.Event
	for _, e := range trail {
		detail := map[string]any{}
		if json.Unmarshal([]byte(e.Detail), &detail) != nil {
			continue
		}
		if said := what(detail); said != "" {
			events = append(events, ui.Event{
				Title: said, State: ui.Done,
				Meta: p.T("settings.by", "when", p.Date(time.UnixMilli(e.At)), "who", names[e.ActorID]),
			})
		}
	}
	return events, err
}

// gradeTag says how well the source of a setting was read.
func gradeTag(p ui.P, grade string) (ui.Tone, string) {
	words := map[string]string{
		"A": p.T("settings.grade.a"), "B": p.T("settings.grade.b"), "C": p.T("settings.grade.c"),
		"M": p.T("settings.grade.m"), "P": p.T("settings.grade.p"),
	}
	tones := map[string]ui.Tone{"A": ui.Moss, "B": ui.Line, "C": ui.Reed, "M": ui.Reed, "P": ui.Line}
	return tones[grade], words[grade]
}

// gradeOptions are the answers to how well a source was read.
func gradeOptions(p ui.P, grades ...string) []ui.Option {
	options := make([]ui.Option, len(grades))
	for i, g := range grades {
		_, label := gradeTag(p, g)
		options[i] = ui.Option{Value: g, Label: label}
	}
	return options
}

// keysetPager leads through a list by cursors, which the address collects so
// that there is a way back. total is of the whole list.
func keysetPager(at *url.URL, per, here, total int, next, unit string) ui.Pager {
	q := at.Query()
	cursors := q["after"]
	to := func(list []string) string {
		q["after"] = list
		if len(list) == 0 {
			delete(q, "after")
		}
		return at.Path + "?" + q.Encode()
	}
	from := len(cursors)*per + 1
	g := ui.Pager{From: min(from, total), To: min(from+here-1, total), Total: total, Unit: unit}
	if len(cursors) > 0 {
		g.Prev = to(cursors[:len(cursors)-1])
	}
	if next != "" {
		g.Next = to(append(slices.Clone(cursors), next))
	}
	return g
}

// cursorOf is the cursor of the page an address asks for.
func cursorOf(q url.Values) string {
	if all := q["after"]; len(all) > 0 {
		return all[len(all)-1]
	}
	return ""
}

// withQuery is the address with one value changed, from the first page.
func withQuery(at *url.URL, key, value string) string {
	q := at.Query()
	delete(q, "after")
	q.Set(key, value)
	if value == "" {
		delete(q, key)
	}
	if len(q) == 0 {
		return at.Path
	}
	return at.Path + "?" + q.Encode()
}

// spanWords says from when to when something holds.
func spanWords(p ui.P, from, to string) string {
	switch {
	case from == "" && to == "":
		return p.T("settings.span.always")
	case to == "":
		return p.T("settings.span.from", "from", p.Date(ui.Day(from)))
	case from == "":
		return p.T("settings.span.until", "to", p.Date(ui.Day(flow.AddDays(to, -1))))
	}
	return p.T("settings.span", "from", p.Date(ui.Day(from)), "to", p.Date(ui.Day(flow.AddDays(to, -1))))
}
