package web_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/a-h/templ"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/text"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/assets"
	"qiban.dev/qiban/internal/web/ui"
)

// desk is one office's site with a single form, as a page package would make it.
type desk struct {
	*web.Kit
	drafts map[string]web.Draft
	taken  []int64 // amounts that were taken, in fen
	fails  error   // what the use case answers instead
	seen   *http.Request
	hold   chan struct{}
	full   bool // drafts cannot be kept

	mu        sync.Mutex
	now, most int // requests inside /slow
}

// Who knows one session: the cookie "wang" belongs to Wang Haiyan.
func (d *desk) Who(r *http.Request) (web.Who, error) {
	if c, err := r.Cookie("session"); err == nil && c.Value == "wang" {
		return web.Who{Actor: authz.Actor{Kind: authz.Human, ID: "p1", Name: "王海燕"}, Own: "鹤乡纺织", OwnHref: "/own"}, nil
	}
	return web.Who{}, nil
}

func (d *desk) Put(_ context.Context, token string, f web.Draft) error {
	if d.full {
		return errors.New("disk full")
	}
	d.drafts[token] = f
	return nil
}

func (d *desk) Get(_ context.Context, token string) (web.Draft, error) {
	f, ok := d.drafts[token]
	if !ok {
		return f, fault.Missing()
	}
	return f, nil
}

func open(t *testing.T, change func(*web.Config)) (*desk, http.Handler) {
	t.Helper()
	d := &desk{drafts: map[string]web.Draft{}}
	c := web.Config{
		Assets:   assets.From(fstest.MapFS{}),
		Sessions: d, Drafts: d,
		Menu: func(*http.Request, web.Who, text.Lang) web.Menu {
			return web.Menu{Nav: []ui.NavItem{{Label: "需求", Href: "/needs"}, {Label: "政策", Href: "/policies"}}}
		},
		Log:    slog.New(slog.DiscardHandler),
		Clock:  func() time.Time { return ui.Day("2009-01-06") },
		Cookie: "session",
	}
	if change != nil {
		change(&c)
	}
	k, err := web.New(c)
	if err != nil {
		t.Fatal(err)
	}
	d.Kit = k
	mux := http.NewServeMux()
	k.Routes(mux)
	mux.Handle("GET /needs/new", k.Handle(d.show))
	mux.Handle("POST /needs", k.Handle(d.post))
	mux.Handle("GET /fails", k.Handle(func(http.ResponseWriter, *http.Request) error { return d.fails }))
	mux.Handle("GET /panics", k.Handle(func(http.ResponseWriter, *http.Request) error { panic("a defect") }))
	mux.Handle("GET /waits", k.Handle(func(w http.ResponseWriter, r *http.Request) error {
		d.hold <- struct{}{}
		<-d.hold
		return d.show(w, r)
	}))
	mux.Handle("GET /slow", k.Handle(func(w http.ResponseWriter, r *http.Request) error {
		d.inside(+1)
		time.Sleep(serving)
		d.inside(-1)
		return d.show(w, r)
	}))
	mux.Handle("GET /seen", k.Handle(func(_ http.ResponseWriter, r *http.Request) error { d.seen = r; return nil }))
	return d, k.Wrap(mux)
}

func (d *desk) show(w http.ResponseWriter, r *http.Request) error {
	f, err := d.Form(r, "desk")
	if err != nil {
		return err
	}
	return d.Page(w, r, http.StatusOK, d.view(web.Page(r), f))
}

func (d *desk) post(w http.ResponseWriter, r *http.Request) error {
	f, err := d.Form(r, "desk")
	if err != nil {
		return err
	}
	amount := f.Wan("amount")
	if err = f.Err(); err == nil {
		err = d.take(web.Actor(r), amount)
	}
	if f.Broken(err) {
		return d.Page(w, r, http.StatusUnprocessableEntity, d.view(web.Page(r), f))
	}
	if err != nil {
		return err
	}
	d.Flash(w, r, ui.OK, "web.saved", "time", "10:42")
	return web.SeeOther(w, r, "/needs/new")
}

func (d *desk) take(by authz.Actor, amount int64) error {
	switch {
	case d.fails != nil:
		return d.fails
	case !by.SignedIn():
		return fault.New(fault.SignIn, "fault.sign_in")
	case amount == 0:
		var broken fault.Fields
		broken.Add("amount", "field.required")
		return broken.Err()
	}
	d.taken = append(d.taken, amount)
	return nil
}

func (d *desk) view(p web.P, f *web.Form) templ.Component {
	return web.Portal(f.Titled(p, "desk"), templ.Join(f.Summary(p), f.Own(), ui.NumberField(p, f.Field("amount"))))
}

// ask sends a request as a browser of this site does.
func ask(h http.Handler, method, target string, form url.Values, change ...func(*http.Request)) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(form.Encode()))
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for _, c := range change {
		c(r)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func asWang(r *http.Request) { r.AddCookie(&http.Cookie{Name: "session", Value: "wang"}) }

func has(t *testing.T, w *httptest.ResponseRecorder, status int, words ...string) {
	t.Helper()
	if w.Code != status {
		t.Errorf("status %d, want %d: %.200s", w.Code, status, w.Body)
	}
	for _, s := range words {
		if !strings.Contains(w.Body.String(), s) {
			t.Errorf("the page does not say %q", s)
		}
	}
}

func TestAFormWithAMistakeComesBackWithWhatWasTyped(t *testing.T) {
	d, h := open(t, nil)
	w := ask(h, "POST", "/needs", url.Values{"amount": {"三百万"}}, asWang)
	has(t, w, 422, `value="三百万"`, `href="#amount"`, "如果是 300 万元，请填 300", `aria-invalid="true"`, "<title>有 1 处需要改一改")
	has(t, ask(h, "POST", "/needs", url.Values{"amount": {""}}, asWang), 422, "请填写这一项")
	if len(d.taken) != 0 {
		t.Error("a broken form was taken")
	}
	has(t, ask(h, "POST", "/needs", url.Values{"amount": {"300"}}, asWang), 303)
	if len(d.taken) != 1 || d.taken[0] != 300_000_000 {
		t.Errorf("taken %v, want 300 万元 in fen", d.taken)
	}
}

func TestWhatWasTypedSurvivesAnEndedSession(t *testing.T) {
	d, h := open(t, nil)
	w := ask(h, "POST", "/needs", url.Values{"amount": {"1.5"}, "password": {"secret"}, "_page": {"/needs/new?theme=money"}})
	has(t, w, 303)
	to, err := url.Parse(w.Header().Get("Location"))
	if err != nil || to.Path != "/sign-in" {
		t.Fatalf("sent to %s", w.Header().Get("Location"))
	}
	back := to.Query().Get("back")
	if !strings.HasPrefix(back, "/needs/new?") || !strings.Contains(back, "theme=money") {
		t.Fatalf("comes back to %s", back)
	}
	has(t, ask(h, "GET", back, nil, asWang), 200, `value="1.5"`)
	for _, f := range d.drafts {
		if f.Values.Has("password") {
			t.Error("a password was kept")
		}
	}
	if strings.Contains(ask(h, "GET", "/needs/new?draft=guessed", nil).Body.String(), `value="1.5"`) {
		t.Error("an unknown token opened somebody's form")
	}
}

func TestEachFaultHasItsPage(t *testing.T) {
	for _, c := range []struct {
		fails  error
		status int
		says   string
	}{
		{fault.Missing(), 404, "没有找到"},
		{fault.New(fault.Denied, "fault.denied"), 403, "不归你办"},
		{fault.Closed(), 403, "联系给你开账号的单位"},
		{fault.New(fault.Conflict, "fault.conflict"), 409, "回到这一页看看"},
		{fault.New(fault.Stale, "fault.stale"), 412, "别人改了这条记录"},
		{fault.New(fault.TooMany, "account.slow", "minutes", 1), 429, "1 分钟"},
		{fault.New(fault.Unavailable, "fault.unavailable"), 503, "过几分钟再试"},
		{errors.New("disk on fire"), 500, "错误编号"},
	} {
		d, h := open(t, nil)
		d.fails = c.fails
		w := ask(h, "GET", "/fails", nil)
		has(t, w, c.status, c.says, "<h1>")
		if strings.Contains(w.Body.String(), "disk on fire") {
			t.Error("the reader was told what is inside")
		}
		if wait := w.Header().Get("Retry-After"); (c.status == 429 || c.status == 503) != (wait != "") {
			t.Errorf("%d with Retry-After %q", c.status, wait)
		}
	}
	_, h := open(t, nil)
	has(t, ask(h, "GET", "/panics", nil), 500, "没有办成")
	has(t, ask(h, "GET", "/nowhere", nil), 404, "回首页")
}

func TestAFailureKeepsTheForm(t *testing.T) {
	d, h := open(t, nil)
	d.fails = fault.New(fault.Unavailable, "fault.unavailable")
	w := ask(h, "POST", "/needs", url.Values{"amount": {"300"}, "_page": {"/needs/new"}}, asWang)
	has(t, w, 503, "已留作草稿", "/needs/new?draft=")
}

func TestAFailureGivesTheFormBackWhenItCannotBeKept(t *testing.T) {
	d, h := open(t, nil)
	d.fails, d.full = fault.New(fault.Unavailable, "fault.unavailable"), true
	form := url.Values{"amount": {"300"}, "_once": {"abc"}, "_page": {"/needs/new"}}
	w := ask(h, "POST", "/needs", form, asWang)
	has(t, w, 503, "什么都没有存", `action="/needs"`, `name="amount" value="300"`, `name="_once" value="abc"`)
	form.Set("password", "very secret")
	if w := ask(h, "POST", "/needs", form, asWang); strings.Contains(w.Body.String(), "very secret") || strings.Contains(w.Body.String(), "再提交一次") {
		t.Error("a form with a password is repeated on a page")
	}
}

func TestAFormHasABoundedNumberOfFields(t *testing.T) {
	d, h := open(t, nil)
	form := url.Values{}
	for i := range 10_000 {
		form.Set(fmt.Sprint("f", i), "x")
	}
	has(t, ask(h, "POST", "/needs", form, asWang), 422, "最多 2000 项")
	has(t, ask(h, "GET", "/needs/new?"+form.Encode(), nil), 422, "最多 2000 项")
	has(t, ask(h, "POST", "/needs", url.Values{"text": {strings.Repeat("长", 1<<20)}}, asWang), 422, "最多 1 MB")
	if len(d.taken) != 0 {
		t.Error("something was taken")
	}
}

func TestOnlyOurOwnPagesMayWrite(t *testing.T) {
	d, h := open(t, nil)
	form := url.Values{"amount": {"300"}}
	has(t, ask(h, "POST", "/needs", form, asWang, func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }), 403)
	has(t, ask(h, "POST", "/needs", form, asWang, func(r *http.Request) { r.Header.Del("Sec-Fetch-Site") }), 403)
	has(t, ask(h, "POST", "/needs", form, asWang, func(r *http.Request) {
		r.Header.Del("Sec-Fetch-Site")
		r.Header.Set("Origin", "https://elsewhere.example")
	}), 403)
	if len(d.taken) != 0 {
		t.Error("a forged form was taken")
	}
	has(t, ask(h, "POST", "/needs", form, asWang, func(r *http.Request) {
		r.Header.Del("Sec-Fetch-Site")
		r.Header.Set("Origin", "http://"+r.Host)
	}), 303)
}

func TestALoudVisitorIsAskedToWait(t *testing.T) {
	d, h := open(t, func(c *web.Config) { c.InFlight, c.Exempt = 1, []string{"/alive"} })
	d.hold = make(chan struct{})
	done := make(chan *httptest.ResponseRecorder)
	go func() { done <- ask(h, "GET", "/waits", nil) }()
	<-d.hold
	w := ask(h, "GET", "/needs/new", nil)
	has(t, w, 503, "现在访问的人太多")
	if w.Header().Get("Retry-After") == "" {
		t.Error("nobody says when to come back")
	}
	d.hold <- struct{}{}
	has(t, <-done, 200)
	has(t, ask(h, "GET", "/needs/new", nil), 200)
}

func TestForwardedAddressesAreBelievedOnlyFromTrustedProxies(t *testing.T) {
	d, h := open(t, func(c *web.Config) { c.Proxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")} })
	for _, c := range []struct {
		peer, forwarded, want string
		secure                bool
	}{
		{"10.0.0.1:80", "203.0.113.9", "203.0.113.9", true},
		{"10.0.0.1:80", "1.1.1.1, 203.0.113.9, 10.2.3.4", "203.0.113.9", true},
		{"198.51.100.7:80", "203.0.113.9", "198.51.100.7", false},
		{"10.0.0.1:80", "nonsense", "10.0.0.1", true},
	} {
		w := ask(h, "GET", "/seen", nil, func(r *http.Request) {
			r.RemoteAddr = c.peer
			r.Header.Set("X-Forwarded-For", c.forwarded)
			r.Header.Set("X-Forwarded-Proto", "https")
		})
		if got := web.ClientIP(d.seen).String(); got != c.want || web.Secure(d.seen) != c.secure {
			t.Errorf("%+v: %s, secure %v", c, got, web.Secure(d.seen))
		}
		if c.secure != (w.Header().Get("Strict-Transport-Security") != "") {
			t.Errorf("%+v: HSTS %q", c, w.Header().Get("Strict-Transport-Security"))
		}
	}
}

// A page is marked in the menu under the item that it belongs to, by the address
// of the item or by one more of its own.
func TestTheMenuShowsWhereTheReaderIs(t *testing.T) {
	_, h := open(t, func(c *web.Config) {
		c.Menu = func(*http.Request, web.Who, text.Lang) web.Menu {
			return web.Menu{Nav: []ui.NavItem{{Label: "首页", Href: "/"}, {Label: "园区", Href: "/parks", Also: []string{"/needs/new"}}, {Label: "需求", Href: "/needs"}}}
		}
	})
	has(t, ask(h, "GET", "/needs/new", nil), 200, `<a href="/parks" aria-current="page">园区</a>`, `<a href="/needs">需求</a>`)
}

func TestTheReaderChoosesTheLanguage(t *testing.T) {
	_, h := open(t, nil)
	english := func(r *http.Request) { r.Header.Set("Accept-Language", "en-GB,en;q=0.9") }
	has(t, ask(h, "GET", "/needs/new", nil), 200, `lang="zh-CN"`, "登录")
	has(t, ask(h, "GET", "/needs/new", nil, english), 200, `lang="en"`, "Sign in")
	w := ask(h, "GET", "/language?to=zh-CN&back=/needs/new", nil, english)
	has(t, w, 303)
	has(t, ask(h, "GET", "/needs/new", nil, english, func(r *http.Request) { r.AddCookie(w.Result().Cookies()[0]) }), 200, "登录")
	for _, evil := range []string{"https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/%5cevil", "\t/x"} {
		got := ask(h, "GET", "/language?to=en&back="+url.QueryEscape(evil), nil).Header().Get("Location")
		if u, err := url.Parse(got); err != nil || u.Host != "" || !strings.HasPrefix(got, "/") || strings.HasPrefix(got, "//") || strings.HasPrefix(got, "/\\") {
			t.Errorf("%q leads to %q", evil, got)
		}
	}
}

func TestASentenceIsToldOnce(t *testing.T) {
	_, h := open(t, nil)
	w := ask(h, "POST", "/needs", url.Values{"amount": {"300"}}, asWang)
	c := w.Result().Cookies()[0]
	next := ask(h, "GET", "/needs/new", nil, asWang, func(r *http.Request) { r.AddCookie(c) })
	has(t, next, 200, "10:42 已自动保存")
	if gone := next.Result().Cookies(); len(gone) != 1 || gone[0].Name != c.Name || gone[0].MaxAge >= 0 {
		t.Errorf("the sentence is not cleared: %v", gone)
	}
}

func TestEverySendingOfOneFormCarriesOneNumber(t *testing.T) {
	_, h := open(t, nil)
	number := func(body string) string {
		_, after, _ := strings.Cut(body, `name="_once" value="`)
		before, _, _ := strings.Cut(after, `"`)
		return before
	}
	first := number(ask(h, "GET", "/needs/new", nil).Body.String())
	again := number(ask(h, "POST", "/needs", url.Values{"amount": {"x"}, "_once": {first}}, asWang).Body.String())
	other := number(ask(h, "GET", "/needs/new", nil).Body.String())
	if len(first) != 26 || again != first || other == first {
		t.Errorf("first %q, again %q, another form %q", first, again, other)
	}
}

func TestPagesForbidWhatTheyDoNotNeed(t *testing.T) {
	_, h := open(t, nil)
	w := ask(h, "GET", "/needs/new", nil)
	csp := w.Header().Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "script-src 'self';", "style-src-elem 'self'", "frame-ancestors 'none'", "form-action 'self'"} {
		if !strings.Contains(csp, want) {
			t.Errorf("the policy lacks %s", want)
		}
	}
	if w.Header().Get("X-Content-Type-Options") != "nosniff" || w.Header().Get("Referrer-Policy") == "" {
		t.Error("a header is missing")
	}
}

func TestBundledFilesAreKeptForAYear(t *testing.T) {
	var packing bytes.Buffer
	z := gzip.NewWriter(&packing)
	_, _ = z.Write([]byte("body{}"))
	_ = z.Close()
	set := assets.From(fstest.MapFS{
		"manifest.json":     {Data: []byte(`{"app.css":"app-1.css"}`)},
		"app-1.css.gz":      {Data: packing.Bytes()},
		"unlisted-1.css.gz": {Data: packing.Bytes()},
	})
	_, h := open(t, func(c *web.Config) { c.Assets = set })
	w := ask(h, "GET", "/assets/app-1.css", nil)
	has(t, w, 200, "body{}")
	if !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
		t.Error("not kept")
	}
	packed := ask(h, "GET", "/assets/app-1.css", nil, func(r *http.Request) { r.Header.Set("Accept-Encoding", "gzip, br") })
	has(t, packed, 200, packing.String())
	for _, name := range []string{"manifest.json", "unlisted-1.css", "app-2.css", "..%2fweb.go"} {
		has(t, ask(h, "GET", "/assets/"+name, nil), 404)
	}
	has(t, ask(h, "GET", "/needs/new", nil), 200, `href="/assets/app-1.css"`)
	if len(set.Missing()) != 3 || len(assets.From(fstest.MapFS{}).Missing()) != 4 {
		t.Error("what is missing is not told")
	}
}
