package routes_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/account/accountweb"
	"qiban.dev/qiban/internal/testkit"
	"qiban.dev/qiban/internal/testkit/world"
)

// Every route is asked by nobody and by every role from five places. Who gets
// through is worked out from the rights; who does not changes nothing, and
// cannot tell what is hidden from what does not exist.
func TestEveryRouteLetsThroughWhoMayAndNobodyElse(t *testing.T) {
	patterns, err := world.New(t, testkit.Migrated(t)).Routes()
	if err != nil {
		t.Fatal(err)
	}
	rows := table()
	for _, pattern := range patterns {
		if _, ok := rows[pattern]; !ok && !program(pattern) {
			t.Errorf("%s has no row: say who gets through to it in internal/testkit/routes/table_test.go", pattern)
		}
	}
	for pattern := range rows {
		if !slices.Contains(patterns, pattern) {
			t.Errorf("%s has a row and is no route", pattern)
		}
	}
	const shares = 4
	for share := range shares {
		t.Run(fmt.Sprint(share), func(t *testing.T) {
			t.Parallel()
			w, requests := world.New(t, testkit.Migrated(t)), 0
			for i, pattern := range patterns {
				for _, a := range rows[pattern] {
					if i%shares == share {
						requests += (&trial{T: t, w: w, pattern: pattern, ask: a}).run()
					}
				}
			}
			t.Logf("%d people made %d requests", len(w.People), requests)
		})
	}
}

// program reports what is there for programs, which show a key and no session.
func program(pattern string) bool {
	_, path, _ := strings.Cut(pattern, " ")
	return strings.HasPrefix(path, "/api/") || pattern == "GET /api/v1" || pattern == "/api/" || pattern == "GET /openapi.json"
}

// A browser's session opens nothing that is there for programs: whoever is
// signed in gets there what a visitor gets.
func TestASessionIsNoKey(t *testing.T) {
	w := world.New(t, testkit.Migrated(t))
	patterns, err := w.Routes()
	if err != nil {
		t.Fatal(err)
	}
	for _, pattern := range patterns {
		if !program(pattern) {
			continue
		}
		own := map[string]string{"year": "2025", "code": string(world.Own.Over), "region": string(world.Own.Over)}
		for _, named := range regexp.MustCompile(`{(\w+)}`).FindAllStringSubmatch(pattern, -1) {
			if own[named[1]] == "" {
				own[named[1]] = string(w.At[world.Own.Name].Enterprise)
			}
		}
		a := &trial{T: t, w: w, pattern: pattern, ask: ask{path: func(*world.World) map[string]string { return own }}}
		nobody := a.do(w.People[0], a.address(w, false))
		for _, p := range w.People[1:] {
			if got := a.do(p, a.address(w, false)); got.status != nobody.status {
				t.Errorf("%s by %s: %s, by a visitor %s", pattern, p, got, nobody)
			}
		}
	}
}

// trial is one line of the table, asked by everybody.
type trial struct {
	*testing.T
	ask
	w       *world.World
	pattern string
	n       int
	done    int // who came as far as the record
	last    string
	people  []world.Person // those who ask; nil for everybody
	send    func(t *trial, p world.Person, method, address string) *http.Request
}

// answer is what came back.
type answer struct {
	status   int
	location string
	body     string
}

func (a answer) String() string {
	if a.location != "" {
		return fmt.Sprintf("%d to %s", a.status, a.location)
	}
	return fmt.Sprint(a.status)
}

// turned reports the two ways of being turned away.
func (a answer) turned() bool {
	return a.status == http.StatusForbidden || a.status == http.StatusNotFound || a.asked()
}

// asked reports being asked to sign in.
func (a answer) asked() bool {
	return a.status == http.StatusUnauthorized || a.status == http.StatusSeeOther && strings.HasPrefix(a.location, "/sign-in?")
}

// run asks for everybody: first those who are to be turned away, while all is
// as it was, then the others.
func (t *trial) run() int {
	t.Helper()
	type let struct {
		world.Person
		sees bool
	}
	var in, out []let
	for _, p := range t.asking() {
		ok, sees := t.who(t.w, p.Actor)
		if ok {
			in = append(in, let{p, sees})
		} else {
			out = append(out, let{p, sees})
		}
	}
	before := t.state()
	for _, p := range out {
		t.turnedAway(p.Person, p.sees)
	}
	if after := t.state(); after != before {
		t.Errorf("%s: those who were turned away changed something: %s, before %s", t.pattern, after, before)
	}
	for _, p := range in {
		got := t.do(p.Person, t.address(t.w, false))
		if got.turned() && t.changes() { // somebody before may have changed what it takes
			t.w.Reset()
			got = t.do(p.Person, t.address(t.w, false))
		}
		if got.turned() || got.status >= http.StatusInternalServerError {
			t.Errorf("%s by %s: %s, but the right is there\n%s", t.pattern, p.Person, got, first(got.body))
		}
		if got.status < http.StatusMultipleChoices || got.status == http.StatusConflict {
			t.done++
		}
		t.last = first(got.body)
		t.listed(p.Person, got)
	}
	if t.changes() && len(in) > 0 {
		t.w.Reset()
	}
	return t.n
}

func (t *trial) asking() []world.Person {
	if t.people != nil {
		return t.people
	}
	return t.w.People
}

func (t *trial) changes() bool { return !strings.HasPrefix(t.pattern, http.MethodGet) }

// turnedAway asks for somebody who may not: nobody is asked to sign in, the
// others are refused; what they do not see is answered like what is not there.
func (t *trial) turnedAway(p world.Person, sees bool) {
	t.Helper()
	here, elsewhere := t.address(t.w, false), t.address(t.w, true)
	got := t.do(p, here)
	switch {
	case p.Role == "":
		if !got.asked() {
			t.Errorf("%s by nobody: %s, want to be asked to sign in\n%s", t.pattern, got, first(got.body))
		}
		return
	case !got.turned() || got.asked():
		t.Errorf("%s by %s: %s, but the right is missing\n%s", t.pattern, p, got, first(got.body))
		return
	case sees && got.status != http.StatusForbidden:
		t.Errorf("%s by %s, who sees it: %s, want 403", t.pattern, p, got)
	}
	if sees || !strings.Contains(t.pattern, "{") {
		return
	}
	if unknown := t.do(p, elsewhere); unknown.status != got.status || !same(got.body, unknown.body, here, elsewhere) {
		t.Errorf("%s by %s: %s, but %s for what does not exist\n%s\n%s", t.pattern, p, got, unknown, first(got.body), first(unknown.body))
	}
}

// listed compares what a list shows with what the reader reaches.
func (t *trial) listed(p world.Person, got answer) {
	t.Helper()
	if t.marks == nil {
		return
	}
	for _, m := range t.marks(t.w) {
		if reaches := p.Actor.Scope(t.lists).Reaches(m.at); reaches != strings.Contains(got.body, m.words) {
			t.Errorf("%s by %s: %s is shown: %t, is within reach: %t", t.pattern, p, m.words, !reaches, reaches)
		}
	}
}

// address fills the pattern in.
func (t *trial) address(w *world.World, unknown bool) string {
	_, path, _ := strings.Cut(t.pattern, " ")
	if path == "" {
		path = t.pattern
	}
	path = strings.Replace(path, "{$}", "", 1)
	fill := map[string]string{}
	if t.path != nil {
		fill = t.path(w)
	}
	if unknown {
		for _, name := range []string{"id", "grant", "region", "code"} {
			if _, ok := fill[name]; ok {
				fill[name] = map[bool]string{true: "329900", false: "0190a5c0-0000-7000-8000-000000000000"}[name == "region" || name == "code"]
				break
			}
		}
	}
	for name, value := range fill {
		path = strings.Replace(path, "{"+name+"}", value, 1)
	}
	if strings.Contains(path, "{") {
		t.Fatalf("%s: the row does not fill in %s", t.pattern, path)
	}
	if t.query != nil {
		path += "?" + t.query(w)
	}
	return path
}

// reference is the number of a request, which differs in two answers that say the same.
var reference = regexp.MustCompile(`40[0-9]-[A-Z2-7]{8}|"instance":"[^"]*"`)

func (t *trial) do(p world.Person, address string) answer {
	t.Helper()
	t.n++
	method, _, found := strings.Cut(t.pattern, " ")
	if !found {
		method = http.MethodGet
	}
	send := t.send
	if send == nil {
		send = (*trial).browser
	}
	rec := httptest.NewRecorder()
	t.w.Handler.ServeHTTP(rec, send(t, p, method, address))
	return answer{rec.Code, rec.Header().Get("Location"), rec.Body.String()}
}

// browser is what a browser sends, with the session's cookie.
func (t *trial) browser(p world.Person, method, address string) *http.Request {
	var form url.Values
	if t.form != nil {
		form = t.form(t.w)
	}
	r := httptest.NewRequestWithContext(t.Context(), method, address, strings.NewReader(form.Encode()))
	if method != http.MethodGet {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	if p.Token != "" {
		r.AddCookie(&http.Cookie{Name: accountweb.Cookie, Value: p.Token})
	}
	return r
}

// same reports two pages that say the same, each about its own address.
func same(a, b, at, elsewhere string) bool {
	plain := func(body, address string) string {
		page, _, _ := strings.Cut(address, "?")
		page = strings.NewReplacer(page, "…", url.QueryEscape(page), "…").Replace(body) // the links back to it
		return reference.ReplaceAllString(page, "…")
	}
	return plain(a, at) == plain(b, elsewhere)
}

// state is how much there is of everything that a change leaves behind.
func (t *trial) state() string {
	t.Helper()
	var s string
	err := t.w.DB.Get(context.WithoutCancel(t.Context()), &s, `SELECT (SELECT count(*) FROM audit_entry) || ' entries, ' ||
		(SELECT count(*) || '/' || sum(version) FROM need) || ' needs, ' || (SELECT count(*) || '/' || sum(version) FROM enterprise) || ' enterprises, ' ||
		(SELECT count(*) || '/' || sum(version) FROM institution) || ' institutions, ' || (SELECT count(*) || '/' || sum(version) FROM account_person) || ' people, ' ||
		(SELECT count(*) || '/' || sum(ended_at) FROM account_grant) || ' grants, ' || (SELECT count(*) || '/' || sum(ended_at) FROM account_session) || ' sessions, ' ||
		(SELECT count(*) || '/' || sum(version) FROM recognition_application) || ' applications, ' ||
		(SELECT count(*) FROM ledger_fact) || ' facts, ' || (SELECT count(*) FROM notify_message) || ' messages'`)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// first is the beginning of what a page says.
func first(body string) string {
	words := strings.Join(strings.Fields(regexp.MustCompile(`(?s)<head>.*?</head>|<[^>]*>`).ReplaceAllString(body, " ")), " ")
	return string([]rune(words)[:min(len([]rune(words)), 200)])
}

func at(p world.Place) authz.Target { return authz.At(p.Town) }
