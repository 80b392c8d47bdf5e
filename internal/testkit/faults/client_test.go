package faults_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"qiban.dev/qiban/internal/app"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/account/accountweb"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/testkit"
	"qiban.dev/qiban/internal/testkit/world"
)

// house is a world that the real program serves.
type house struct {
	*testkit.Program
	w      *world.World
	source string
}

// serve fills a world and starts the program on it.
func serve(t *testing.T, source string, args ...string) *house {
	t.Helper()
	w := world.New(t, source)
	must(t, w.Close())
	folder := source
	if strings.Contains(source, "://") {
		folder = t.TempDir()
	}
	args = append(args, "--secret-file", world.SecretFile(t, folder))
	return &house{testkit.Serve(t, source, args...), w, source}
}

// person is somebody at a browser that follows nothing by itself.
type person struct {
	http  *http.Client
	token string
	url   func() string
}

func (h *house) person(p world.Person) *person {
	return &person{
		http:  &http.Client{Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		token: p.Token, url: func() string { return h.URL },
	}
}

// page is what came back.
type page struct {
	status   int
	location string
	retry    string
	body     string
}

func (p *person) do(ctx context.Context, method, path string, form url.Values) (page, error) {
	r, err := http.NewRequestWithContext(ctx, method, p.url()+path, strings.NewReader(form.Encode()))
	if err != nil {
		return page{}, err
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	if p.token != "" {
		r.AddCookie(&http.Cookie{Name: accountweb.Cookie, Value: p.token})
	}
	res, err := p.http.Do(r)
	if err != nil {
		return page{}, err
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	return page{res.StatusCode, res.Header.Get("Location"), res.Header.Get("Retry-After"), string(body)}, err
}

func (p *person) get(t *testing.T, path string) page {
	t.Helper()
	got, err := p.do(t.Context(), http.MethodGet, path, nil)
	must(t, err)
	return got
}

func (p *person) post(t *testing.T, path string, form url.Values) page {
	t.Helper()
	got, err := p.do(t.Context(), http.MethodPost, path, form)
	must(t, err)
	return got
}

// once is the number of a form.
func once() string { return strings.ToLower(rand.Text()[:26]) }

// needForm is a need of the own county's enterprise.
func (h *house) needForm(title string) url.Values {
	return url.Values{
		"_once": {once()}, "as": {string(h.w.At[world.Own.Name].Enterprise)}, "theme": {"financing"}, "title": {title}, "amount": {"30"},
		"text": {"春节前采购棉花，备足一季度订单的原料。"}, "contact_name": {"陈国华"}, "contact_phone": {"13900000000"},
	}
}

// look opens the database beside the program.
func (h *house) look(t *testing.T, fn func(a *app.App)) {
	t.Helper()
	a, err := app.Open(t.Context(), testkit.Store(h.source), app.Options{Key: world.Key(), ReadOnly: true})
	must(t, err)
	defer func() { _ = a.Close() }()
	fn(a)
}

// whole checks that the database is sound: the audit trail unbroken, the
// roll-ups agreeing with the facts, the file whole.
func (h *house) whole(t *testing.T) {
	t.Helper()
	h.look(t, func(a *app.App) {
		_, err := gate.Verify(t.Context(), a.DB)
		must(t, err)
		report, err := a.Ledger.Verify(t.Context())
		must(t, err)
		if !report.OK() {
			t.Errorf("the roll-ups differ from the facts: %+v", report)
		}
		if a.DB.Dialect() == db.SQLite {
			if verdict := one[string](t, a, `PRAGMA integrity_check`); verdict != "ok" {
				t.Error(verdict)
			}
		}
	})
}

func one[T any](t *testing.T, a *app.App, query string, args ...any) T {
	t.Helper()
	var v T
	must(t, a.DB.Get(t.Context(), &v, query, args...))
	return v
}

// within asks again until the answer is yes.
func within(t *testing.T, long time.Duration, what string, yes func() bool) {
	t.Helper()
	for end := time.Now().Add(long); !yes(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within %v: %s", long, what)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func titled(what string, n int) string { return fmt.Sprintf("%s第%d件", what, n) }
