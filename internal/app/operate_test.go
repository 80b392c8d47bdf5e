package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/backup"
	"qiban.dev/qiban/internal/config"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/account"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/metrics"
	"qiban.dev/qiban/internal/testkit"
)

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// started is the program on a source, ready to answer.
func started(t testing.TB, source string, opts Options) *App {
	t.Helper()
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	a, err := Open(t.Context(), testkit.Store(source), opts)
	check(t, err)
	t.Cleanup(func() { check(t, a.Close()) })
	return a
}

func handler(t testing.TB, a *App) http.Handler {
	t.Helper()
	h, err := a.Handler(config.Serve{Busy: 64})
	check(t, err)
	return h
}

func get(t testing.TB, h http.Handler, path string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
	return w
}

// A proxy asks whether to send requests here: no while the database is away,
// while its schema is old, and once the program was told to stop. That it lives
// is another question.
func TestProbesSayWhetherToSendRequests(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		a := started(t, source, Options{})
		h := handler(t, a)
		for path, want := range map[string]string{"/healthz": "ok\n", "/readyz": "ok\n"} {
			w := get(t, h, path)
			if w.Code != 200 || w.Body.String() != want || w.Header().Get("Set-Cookie") != "" || len(w.Header()) > 3 {
				t.Errorf("%s: %d %q %v", path, w.Code, w.Body, w.Header())
			}
		}
		check(t, a.DB.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `DELETE FROM goose_db_version WHERE version_id = 900`)
			return err
		}))
		unready := func(says string) {
			t.Helper()
			w := get(t, h, "/readyz")
			if w.Code != 503 || w.Header().Get("Retry-After") == "" || !strings.Contains(w.Body.String(), says) {
				t.Errorf("%d %q, want %s", w.Code, w.Body, says)
			}
			if w := get(t, h, "/healthz"); w.Code != 200 {
				t.Errorf("it counts as dead: %d", w.Code)
			}
		}
		unready("schema is older")
		check(t, a.DB.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (900, `+map[db.Dialect]string{db.SQLite: "1", db.Postgres: "true"}[tx.Dialect()]+`)`)
			return err
		}))
		a.drain(0)
		unready("stopping")
		a.stopping.Store(false)
		check(t, a.DB.Close())
		unready("does not answer")
	})
}

// Told to stop in the middle of a slow write, the program tells the proxy first,
// then finishes the write and acknowledges it.
func TestAWriteUnderWayIsFinishedBeforeTheEnd(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		a := started(t, source, Options{})
		check(t, a.Jobs.Start(t.Context()))
		began, goOn := make(chan struct{}), make(chan struct{})
		mux := http.NewServeMux()
		mux.HandleFunc("POST /slow", func(w http.ResponseWriter, r *http.Request) {
			c := &gate.Change{By: authz.System("test", Seeding), Do: Seeding, On: authz.At(a.Place), Record: gate.Record{Kind: "slow", ID: "1"}}
			err := a.Gate.Write(r.Context(), c, func(context.Context, *db.Tx) error {
				close(began)
				<-goOn
				return nil
			})
			if err != nil {
				w.WriteHeader(http.StatusInternalServerError)
			}
		})
		listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
		check(t, err)
		ctx, stop := context.WithCancel(t.Context())
		ended, drained := make(chan error, 1), make(chan struct{})
		go func() {
			ended <- serve(ctx, a.Log, listener, a.probes(mux), func() { a.drain(0); close(drained) }, a.Jobs.Stop)
		}()
		at := "http://" + listener.Addr().String()
		answered := make(chan int, 1)
		go func() {
			r, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, at+"/slow", nil)
			res, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Error(err)
				answered <- 0
				return
			}
			_ = res.Body.Close()
			answered <- res.StatusCode
		}()
		<-began
		stop()
		<-drained
		if err := a.ready(t.Context()); !errors.Is(err, errStopping) {
			t.Errorf("the proxy is told %v", err)
		}
		select {
		case err := <-ended:
			t.Fatalf("it ended over a write: %v", err)
		case code := <-answered:
			t.Fatalf("it answered %d before the write was done", code)
		default:
		}
		close(goOn)
		if code := <-answered; code != http.StatusOK {
			t.Errorf("the write was answered with %d", code)
		}
		check(t, <-ended)
		trail, err := gate.Trail(t.Context(), a.DB, gate.Record{Kind: "slow", ID: "1"})
		if err != nil || len(trail) != 1 {
			t.Errorf("%d entries, %v", len(trail), err)
		}
	})
}

// A site that only shows says so on every page, and answers whatever would
// change something with the reason and when to come back.
func TestAReadOnlySiteShowsAndExplains(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		writer := started(t, source, Options{Key: bytes.Repeat([]byte{7}, 32)})
		_, err := writer.Account.Provision(t.Context(), authz.System("test", account.Create, account.Give), account.NewPerson{
			Name: "何平", Region: "320900", Phone: "13900000001", Password: "Correct-Horse-7",
		})
		check(t, err)
		ticket, err := writer.Account.SignIn(t.Context(), account.Attempt{Login: "13900000001", Password: "Correct-Horse-7"})
		check(t, err)
		h := handler(t, started(t, source, Options{ReadOnly: true, Key: bytes.Repeat([]byte{7}, 32)}))
		for _, page := range []string{"/", "/institutions", "/no-such-page", "/sign-in"} {
			if w := get(t, h, page); !strings.Contains(w.Body.String(), "系统正在维护：可以查看") {
				t.Errorf("%s does not say so", page)
			}
		}
		ask := func(method, path, token string) *httptest.ResponseRecorder {
			r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader("title=x"))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("Sec-Fetch-Site", "same-origin")
			if token != "" {
				r.AddCookie(&http.Cookie{Name: cookieName(t, writer), Value: token})
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			return w
		}
		for _, path := range []string{"/sign-in", "/needs/post", "/bench/needs/1/accept", "/register"} {
			w := ask(http.MethodPost, path, "")
			if w.Code != 503 || w.Header().Get("Retry-After") != "300" || !strings.Contains(w.Body.String(), "暂时不能保存") {
				t.Errorf("%s: %d, Retry-After %s", path, w.Code, w.Header().Get("Retry-After"))
			}
		}
		w := httptest.NewRecorder()
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/me", nil)
		r.AddCookie(&http.Cookie{Name: cookieName(t, writer), Value: ticket.Token})
		h.ServeHTTP(w, r)
		if w.Code != 200 || !strings.Contains(w.Body.String(), "何平") {
			t.Errorf("who was signed in reads %d", w.Code)
		}
	})
}

// What Prometheus reads has bounded labels and nothing about people.
func TestMetricsCountWithoutNamingAnybody(t *testing.T) {
	a := started(t, testkit.Migrated(t), Options{})
	m := metrics.New(Version)
	m.Read(a.figures)
	a.observe = m.Observe
	h := m.Underway(handler(t, a))
	for _, path := range []string{"/", "/institutions/13900000001", "/search?q=何平", "/nowhere/13900000001", "/x%0ay"} {
		get(t, h, path)
	}
	text := get(t, m.Handler(), "/metrics").Body.String()
	for _, want := range []string{
		`qiban_requests_total{route="GET /{$}",status="200"} 1`, `qiban_request_seconds_bucket`, "qiban_requests_in_flight 0",
		"qiban_db_writes_total", "qiban_db_commits_total", "qiban_db_commit_seconds_total", "qiban_db_writes_waiting 0", "qiban_ledger_tail 0",
		`qiban_jobs{kind="ledger.roll",state="waiting"} 0`, "qiban_sessions 0", "qiban_unread 0", "go_goroutines", `qiban_build_info{version="` + Version + `"} 1`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is not there", want)
		}
	}
	if strings.Contains(text, "13900000001") || strings.Contains(text, "何平") {
		t.Error("it names somebody")
	}
	if routes := regexp.MustCompile(`qiban_requests_total\{`).FindAllString(text, -1); len(routes) > 6 {
		t.Errorf("%d series after five requests", len(routes))
	}
}

// The nightly backup keeps as many as it was told, can be restored, and leaves
// a record of its run.
func TestNightlyBackupsAreKeptAndCounted(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		folder := filepath.Join(t.TempDir(), "backups")
		a := started(t, source, Options{Backups: config.Backups{Folder: folder, Keep: 3}})
		day := time.Date(2026, 11, 1, 18, 30, 0, 0, time.UTC)
		check(t, os.MkdirAll(folder, 0o700))
		check(t, os.WriteFile(filepath.Join(folder, "somebody's.txt"), nil, 0o600))
		for night := range 5 {
			now := func() time.Time { return day.AddDate(0, 0, night) }
			a.clock.set.Store(&now)
			check(t, a.Jobs.EnqueueNow(t.Context(), "app.backup", nil))
			check(t, a.Jobs.Settle(t.Context()))
		}
		entries, err := os.ReadDir(folder)
		check(t, err)
		var names []string
		for _, e := range entries {
			names = append(names, e.Name())
		}
		want := []string{
			"qiban-320900-20261103-183000.tar.zst", "qiban-320900-20261104-183000.tar.zst", "qiban-320900-20261105-183000.tar.zst", "somebody's.txt",
		}
		if !slices.Equal(names, want) {
			t.Errorf("the folder holds %v", names)
		}
		file, err := os.Open(filepath.Join(folder, want[2]))
		check(t, err)
		defer func() { _ = file.Close() }()
		if _, err := backup.Check(t.Context(), file); err != nil {
			t.Error(err)
		}
		var counts string
		check(t, a.DB.Get(t.Context(), &counts, `SELECT counts FROM job_run WHERE kind = 'app.backup' AND outcome = 'done' ORDER BY id DESC LIMIT 1`))
		if !strings.Contains(counts, `"rows":`) {
			t.Errorf("the record counts %s", counts)
		}
	})
}

// findings runs doctor and returns what it said of each thing.
func findings(t *testing.T, code int, args ...string) map[string]finding {
	t.Helper()
	var out, errs bytes.Buffer
	if got := Run(t.Context(), append([]string{"doctor", "--json"}, args...), &out, &errs); got != code {
		t.Fatalf("exit %d instead of %d: %s%s", got, code, out.String(), errs.String())
	}
	var all []finding
	check(t, json.Unmarshal(out.Bytes(), &all))
	by := map[string]finding{}
	for _, f := range all {
		by[f.About] = f
	}
	return by
}

// The doctor finds each thing that was spoilt, and says what to do about it.
func TestTheDoctorFindsWhatIsWrong(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		a := started(t, source, Options{})
		secret := filepath.Join(t.TempDir(), "secret")
		check(t, os.WriteFile(secret, []byte(strings.Repeat("5e", 32)), 0o600))
		args := append(testkit.Stored(source), "--secret-file", secret)
		for about, f := range findings(t, 0, args...) {
			if f.Is == broken || f.Is == doubtful && about != "disk" {
				t.Errorf("at first: %+v", f)
			}
		}
		spoil := func(statement string, values ...any) {
			t.Helper()
			check(t, a.DB.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
				_, err := tx.Exec(ctx, statement, values...)
				return err
			}))
		}
		check(t, a.Jobs.EnqueueNow(t.Context(), "app.drafts", nil))
		early := map[db.Dialect]string{db.SQLite: `'2026-01-01 00:00:00'`, db.Postgres: `'2026-01-01'`}[a.DB.Dialect()]
		spoil(`UPDATE river_job SET scheduled_at = ` + early)
		spoil(`UPDATE audit_entry SET detail = '{"x":1}' WHERE seq = 1`)
		spoil(`INSERT INTO ledger_cell (stream, grain, month, region, d1, d2, d3, d4, reported, n, quantity, amount)
			VALUES ('need.asked','town','2026-01','320924100','','','','',0,5,5,0)`)
		spoil(`INSERT INTO files_file (id, sha, size, type, name, owner_kind, owner_id, record_kind, record_id, uploaded_by, uploaded_name, uploaded_at, removed_by, removed_at)
			VALUES ('f', ?, 3, 'text/plain', 'a.txt', '', '', '', '', '', '', 0, '', 0)`, strings.Repeat("ab", 32))
		spoil(`UPDATE audit_entry SET at = ? WHERE seq = 2`, db.Millis(time.Now().Add(time.Hour)))
		spoil(`DROP INDEX need_due`)
		check(t, os.Chmod(secret, 0o644))
		found := findings(t, 1, args...)
		for about, want := range map[string]struct {
			is   health
			says string
		}{
			"schema": {broken, "index need_due is missing"}, "audit trail": {broken, "entry 1"}, "uploads": {broken, "1 are missing"},
			"jobs": {doubtful, "should have begun"}, "clock": {broken, "in the future"}, "secret": {doubtful, "others can read"},
		} {
			if f := found[about]; f.Is != want.is || !strings.Contains(f.Says, want.says) || f.Do == "" {
				t.Errorf("%s: %+v", about, f)
			}
		}
		spoil(`DELETE FROM goose_db_version WHERE version_id = 900`)
		if f := findings(t, 1, args...)["schema"]; f.Is != broken || !strings.Contains(f.Says, "[900]") {
			t.Errorf("an old schema: %+v", f)
		}
		spoil(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (900, ` + map[db.Dialect]string{db.SQLite: "1), (99999, 1)", db.Postgres: "true), (99999, true)"}[a.DB.Dialect()])
		if f := findings(t, 1, args...)["schema"]; f.Is != broken || !strings.Contains(f.Says, "newer program") {
			t.Errorf("a newer schema: %+v", f)
		}
	})
}

// safe is a buffer for a log that many write to.
type safe struct {
	sync.Mutex
	bytes.Buffer
}

func (s *safe) Write(p []byte) (int, error) {
	s.Lock()
	defer s.Unlock()
	return s.Buffer.Write(p)
}

// Whatever people type, the log does not repeat it, at the lowest level and in
// either form.
func TestTheLogHoldsNothingAboutPeople(t *testing.T) {
	for _, format := range []string{"text", "json"} {
		t.Run(format, func(t *testing.T) {
			log := &safe{}
			a := started(t, testkit.Migrated(t), Options{Log: logger(log, config.Log{Format: format, Level: "debug"})})
			check(t, a.Jobs.Start(t.Context()))
			server := httptest.NewServer(handler(t, a))
			defer server.Close()
			private := []string{"13912345678", "赵钱孙李", "zhao.qian@example.org", "Pferd-Batterie-9", "730194", "91320900MA1XYZ1234", "geheimesmerkmal77"}
			form := url.Values{}
			for i, name := range []string{"login", "name", "email", "password", "code", "credit_code", "token"} {
				form.Set(name, private[i])
			}
			for name, i := range map[string]int{"phone": 0, "person": 1, "again": 3, "contact_name": 1, "title": 1, "body": 1, "fresh": 3, "old": 3, "q": 1} {
				form.Set(name, private[i])
			}
			_, routes, err := a.routed(config.Serve{Busy: 64})
			check(t, err)
			asked := 0
			for _, pattern := range routes.patterns {
				method, path, found := strings.Cut(pattern, " ")
				if !found {
					method, path = http.MethodGet, pattern
				}
				path = regexp.MustCompile(`\{[^}]*\}`).ReplaceAllString(path, private[6])
				body := io.Reader(nil)
				if method != http.MethodGet {
					body = strings.NewReader(form.Encode())
				}
				r, err := http.NewRequestWithContext(t.Context(), method, server.URL+path+"?"+form.Encode(), body)
				check(t, err)
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				r.Header.Set("Sec-Fetch-Site", "same-origin")
				r.Header.Set("User-Agent", private[1])
				r.Header.Set("Authorization", "Bearer "+private[6])
				r.AddCookie(&http.Cookie{Name: cookieName(t, a), Value: private[6]})
				res, err := http.DefaultTransport.RoundTrip(r)
				check(t, err)
				_ = res.Body.Close()
				asked++
			}
			check(t, a.Jobs.Stop(t.Context()))
			log.Lock()
			defer log.Unlock()
			text := log.String()
			if asked < 100 || strings.Count(text, "route") < asked {
				t.Fatalf("%d requests, and the log has %d lines: this test would show nothing", asked, strings.Count(text, "\n"))
			}
			for _, s := range private {
				for _, form := range []string{s, url.QueryEscape(s), fmt.Sprintf("%+q", s)} {
					if i := strings.Index(text, strings.Trim(form, `"`)); i >= 0 {
						t.Errorf("%s is in the log: …%s…", s, text[max(0, i-200):min(len(text), i+100)])
					}
				}
			}
		})
	}
}

func cookieName(t testing.TB, a *App) string {
	t.Helper()
	kit, _, err := a.routed(config.Serve{})
	check(t, err)
	return kit.Cookie
}
