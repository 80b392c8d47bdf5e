package testkit_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"

	"qiban.dev/qiban/internal/testkit"
)

const good = `<!doctype html><html lang="zh-CN"><head><title>好</title><meta name="viewport" content="width=device-width"></head>
<body><main><h1>提出需求</h1>
<form method="post" action="/sent"><label for="a">需要的金额 <span class="optional">可不填</span></label><input id="a" name="a">
<label for="t">主题</label><select id="t" name="t"><option value="1">政策</option><option value="2">融资</option></select>
<label><input type="checkbox" name="c" value="房产">房产抵押</label>
<button>提交需求</button></form>
<table><tr><td>甲公司</td><td><a href="/?row=1">受理</a></td></tr><tr><td>乙公司</td><td><a href="/?row=2">受理</a></td></tr></table>
<p hidden>看不见</p></main></body></html>`

func small(t *testing.T) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	page := func(body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.Header().Set("Content-Security-Policy", "script-src 'self'")
			_, _ = fmt.Fprint(w, body)
		}
	}
	bad := func(what string) http.HandlerFunc { return page(strings.Replace(good, "</main>", what+"</main>", 1)) }
	mux.HandleFunc("GET /{$}", page(good))
	mux.HandleFunc("GET /favicon.ico", page(""))
	mux.HandleFunc("POST /sent", func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		page(fmt.Sprintf("<!doctype html><p>收到 %s %s %s</p>", r.PostForm.Get("a"), r.PostForm.Get("t"), r.PostForm.Get("c")))(w, r)
	})
	mux.HandleFunc("GET /inline", bad(`<script>document.title = 'x'</script>`))
	mux.HandleFunc("GET /throws", bad(`<script src="/throws.js"></script>`))
	mux.HandleFunc("GET /throws.js", func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, "undefinedThing()") })
	mux.HandleFunc("GET /lost", bad(`<img src="/nothing.png" alt="">`))
	mux.HandleFunc("GET /wide", bad(`<div style="width: 3000px">宽</div>`))
	mux.HandleFunc("GET /unlabelled", bad(`<input name="nameless">`))
	mux.HandleFunc("GET /covered", bad(`<div style="position: fixed; inset: 0; background: white"></div>`))
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server
}

func TestAStoryFillsPressesAndSees(t *testing.T) {
	site, chromium := small(t), testkit.StartChromium(t)
	b := chromium.Open(t, "陈国华", site.URL)
	b.Visit("/").See("提出需求").NotSee("看不见").NoSideways().
		Fill("需要的金额", "三百万").Fill("需要的金额", "300").Holds("需要的金额", "300").
		Fill("主题", "融资").Choose("房产抵押").Choose("房产抵押").
		Press("提交需求").See("收到 300 2 房产")
	b.Visit("/").PressBeside("乙公司", "受理")
	if got := b.Query("row"); got != "2" {
		t.Errorf("pressing beside 乙公司 leads to row %s, want 2", got)
	}
	chromium.Open(t, "without script", site.URL).WithoutScript().Visit("/").Fill("需要的金额", "5").Press("提交需求").See("收到 5")
}

// Every way in which a page can be wrong must fail a story, or stories prove nothing.
func TestAStoryFailsWhereAPageIsWrong(t *testing.T) {
	site, chromium := small(t), testkit.StartChromium(t)
	for name, step := range map[string]func(b *testkit.Browser){
		"a script that the policy forbids": func(b *testkit.Browser) { b.Visit("/inline") },
		"a script that fails":              func(b *testkit.Browser) { b.Visit("/throws") },
		"a missing picture":                func(b *testkit.Browser) { b.Visit("/lost") },
		"a missing page":                   func(b *testkit.Browser) { b.Visit("/nothing") },
		"a page that should be missing":    func(b *testkit.Browser) { b.Expect(404).Visit("/") },
		"a page too wide":                  func(b *testkit.Browser) { b.Visit("/wide").NoSideways() },
		"an input without a label":         func(b *testkit.Browser) { b.Visit("/unlabelled").Axe() },
		"something seen":                   func(b *testkit.Browser) { b.Visit("/").NotSee("提出需求") },
		"another value":                    func(b *testkit.Browser) { b.Visit("/").Holds("需要的金额", "300") },
	} {
		t.Run(name, func(t *testing.T) {
			noted := &noting{TB: t}
			var done sync.WaitGroup
			done.Go(func() { step(chromium.Open(noted, "tester", site.URL)) })
			done.Wait()
			if !noted.failed {
				t.Error("the story did not fail")
			}
		})
	}
}

// noting takes failures down instead of failing.
type noting struct {
	testing.TB
	failed bool
}

func (n *noting) Errorf(string, ...any) { n.failed = true }
func (n *noting) Fatalf(string, ...any) { n.failed = true; runtime.Goexit() }
