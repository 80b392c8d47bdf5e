package faults_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"qiban.dev/qiban/internal/domain/account/accountweb"
	"qiban.dev/qiban/internal/testkit"
	"qiban.dev/qiban/internal/testkit/world"
)

// wire is a client that speaks to the server byte by byte.
func (h *house) wire(t *testing.T, send string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(h.URL, "http://"))
	must(t, err)
	t.Cleanup(func() { _ = c.Close() })
	must(t, c.SetDeadline(time.Now().Add(time.Minute)))
	_, err = io.WriteString(c, send)
	must(t, err)
	return c
}

// says sends bytes and returns the status of the answer, 0 when the server
// hung up without one.
func (h *house) says(t *testing.T, send string) int {
	t.Helper()
	res, err := http.ReadResponse(bufio.NewReader(h.wire(t, send)), nil)
	if err != nil {
		return 0
	}
	_ = res.Body.Close()
	return res.StatusCode
}

// resident is how much memory the program holds, in bytes.
func (h *house) resident(t *testing.T) int64 {
	t.Helper()
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", h.Pid()))
	must(t, err)
	_, rest, _ := strings.Cut(string(raw), "VmRSS:")
	n, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
	must(t, err)
	return n << 10
}

const host = "Host: localhost\r\n"

// Slow clients take time from nobody else, and are not waited for for ever.
func TestSlowClientsKeepNobodyWaiting(t *testing.T) {
	t.Parallel()
	h := serve(t, testkit.Migrated(t))
	before := h.resident(t)
	var slow []net.Conn
	for range 300 { // headers that never end
		slow = append(slow, h.wire(t, "GET / HTTP/1.1\r\n"+host+"X-Slow: "))
	}
	for range 300 { // forms that never come
		slow = append(slow, h.wire(t, "POST /needs/post HTTP/1.1\r\n"+host+
			"Sec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100000\r\n\r\ntitle=a"))
	}
	for range 100 { // answers that nobody reads
		slow = append(slow, h.wire(t, strings.Repeat("GET /definitions HTTP/1.1\r\n"+host+"\r\n", 20)))
	}
	owner := h.person(h.w.Person("owner", world.Own))
	form := h.needForm("别人慢我不慢的需求")
	within(t, 30*time.Second, "a page is read and a need posted while others are slow", func() bool {
		return owner.get(t, "/my/needs").status == http.StatusOK && owner.post(t, "/needs/post", form).status == http.StatusSeeOther
	})
	if grown := h.resident(t) - before; grown > 200<<20 {
		t.Errorf("seven hundred slow clients cost %d MB", grown>>20)
	}
	// A client that does not finish its headers is hung up on.
	if _, err := io.ReadAll(slow[0]); err != nil && !strings.Contains(err.Error(), "reset") {
		t.Errorf("the server still waits for headers: %v", err)
	}
}

// Whatever is too large, too many or no request at all is refused with a status
// that says so, in bounded memory, while others are served.
func TestHostileRequestsAreRefusedInBoundedMemory(t *testing.T) {
	t.Parallel()
	h := serve(t, testkit.Migrated(t))
	before := h.resident(t)
	get := func(path, more string) string { return "GET " + path + " HTTP/1.1\r\n" + host + more + "\r\n" }
	for name, c := range map[string]struct {
		send string
		want []int
	}{
		"a megabyte of headers":     {get("/", "X-Large: "+strings.Repeat("x", 1<<20)+"\r\n"), []int{431, 0}}, // or hung up on in the middle
		"a cookie of 64 KB":         {get("/", "Cookie: qiban_session="+strings.Repeat("x", 64<<10)+"\r\n"), []int{431, 0}},
		"ten thousand headers":      {get("/", strings.Repeat("X: y\r\n", 10_000)), []int{431, 0}},
		"ten thousand parameters":   {get("/search?"+strings.Repeat("a&", 10_000), ""), []int{422}},
		"an address of 100 KB":      {get("/"+strings.Repeat("x", 100<<10), ""), []int{431, 0}},
		"an address of 20 KB":       {get("/"+strings.Repeat("x", 20<<10), ""), []int{404}},
		"another method":            {"BREW / HTTP/1.1\r\n" + host + "\r\n", []int{404, 405}},
		"a trace":                   {"TRACE / HTTP/1.1\r\n" + host + "\r\n", []int{404, 405}},
		"a proxy's wish":            {"CONNECT example.com:443 HTTP/1.1\r\n" + host + "\r\n", []int{400, 404, 405}},
		"a foreign address":         {get("http://example.com/etc/passwd", ""), []int{404}},
		"no host":                   {"GET / HTTP/1.1\r\n\r\n", []int{400}},
		"HTTP/1.0":                  {"GET /help HTTP/1.0\r\n\r\n", []int{200}},
		"HTTP/2 without TLS":        {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", []int{0, 400, 505}},
		"two lengths":               {"POST /sign-in HTTP/1.1\r\n" + host + "Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde", []int{400}},
		"a length and chunks":       {"POST /sign-in HTTP/1.1\r\n" + host + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", []int{400, 403, 422, 200}},
		"chunks that are none":      {"POST /sign-in HTTP/1.1\r\n" + host + "Content-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", []int{400, 422}},
		"a header with a bare feed": {"GET / HTTP/1.1\r\n" + host + "X: a\nb\r\n\r\n", []int{400}},
		"climbing out":              {get("/assets/../../../../etc/passwd", ""), []int{301, 307, 308, 404}},
		"climbing out, encoded":     {get("/assets/%2e%2e/%2e%2e/etc/passwd", ""), []int{301, 307, 308, 404}},
		"a NUL in the address":      {get("/services/%00", ""), []int{400, 404}},
		"bytes that are no text":    {get("/services/%ff%fe", ""), []int{400, 404}},
		"double slashes":            {get("//example.com/%2f..", ""), []int{301, 307, 308, 404}},
	} {
		if got := h.says(t, c.send); !slices.Contains(c.want, got) {
			t.Errorf("%s is answered %d, want one of %v", name, got, c.want)
		}
	}
	h.bodies(t)
	if got := h.person(h.w.Person("owner", world.Own)).get(t, "/my/needs"); got.status != http.StatusOK {
		t.Errorf("afterwards a page is answered %d", got.status)
	}
	if grown := h.resident(t) - before; grown > 200<<20 {
		t.Errorf("it cost %d MB", grown>>20)
	}
	c := bufio.NewReader(h.wire(t, get("/help", "")+get("/privacy", "Connection: close\r\n")))
	for range 2 { // sent in one piece, answered one after the other
		res, err := http.ReadResponse(c, nil)
		must(t, err)
		_, err = io.Copy(io.Discard, res.Body)
		must(t, err)
		if res.StatusCode != http.StatusOK {
			t.Errorf("one of two at once is answered %d", res.StatusCode)
		}
	}
}

// bodies are requests whose bodies are the trouble.
func (h *house) bodies(t *testing.T) {
	t.Helper()
	send := func(name, kind string, body io.Reader, more ...string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.URL+"/needs/post", body)
		must(t, err)
		r.Header.Set("Content-Type", kind)
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		for i := 0; i+1 < len(more); i += 2 {
			r.Header.Set(more[i], more[i+1])
		}
		r.AddCookie(&http.Cookie{Name: accountweb.Cookie, Value: h.w.Person("owner", world.Own).Token})
		res, err := http.DefaultClient.Do(r)
		if err != nil { // hung up on while it was still sending
			return
		}
		_ = res.Body.Close()
		if res.StatusCode < 400 || res.StatusCode >= 500 {
			t.Errorf("%s is answered %d", name, res.StatusCode)
		}
	}
	const form = "application/x-www-form-urlencoded"
	send("a gigabyte as a form", form, io.LimitReader(endless{}, 1<<30))
	many := url.Values{}
	for i := range 10_000 {
		many.Set("f"+strconv.Itoa(i), "x")
	}
	send("ten thousand fields", form, strings.NewReader(many.Encode()))
	var parts bytes.Buffer
	m := multipart.NewWriter(&parts)
	for i := range 10_000 {
		must(t, m.WriteField("f"+strconv.Itoa(i), "x"))
	}
	must(t, m.Close())
	send("ten thousand parts", m.FormDataContentType(), &parts)
	send("a gigabyte in one part", m.FormDataContentType(), io.MultiReader(
		strings.NewReader("--"+m.Boundary()+"\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.pdf\"\r\n\r\n"), io.LimitReader(endless{}, 1<<30)))
	send("a gigabyte of nothing known", "application/octet-stream", io.LimitReader(endless{}, 1<<30))
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	_, err := io.Copy(z, io.LimitReader(endless{}, 100<<20))
	must(t, err)
	must(t, z.Close())
	send("a form packed a thousand times smaller", form, &bomb, "Content-Encoding", "gzip")
	send("a form that is no text", form, strings.NewReader("title=%00%ff%fe&text=\x00\xff&theme=financing&as=%00"))
	send("percent signs that mean nothing", form, strings.NewReader("title=%zz"))
}

// endless is the letter a, for ever.
type endless struct{}

func (endless) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = 'a'
	}
	return len(b), nil
}

// What an address asks for may be nonsense: no page fails over it, on either
// database.
func TestNonsenseInAnAddressIsNoFailure(t *testing.T) {
	testkit.EachMigrated(t, func(t *testing.T, source string) {
		t.Parallel()
		w := world.New(t, source)
		patterns, err := w.Routes()
		must(t, err)
		people := []world.Person{{}, w.Person("official", world.Above), w.Person("security-administrator", world.Above), w.Person("audit-administrator", world.Above), w.Person("owner", world.Own)}
		for _, pattern := range patterns {
			path, ok := strings.CutPrefix(pattern, "GET ")
			if !ok {
				continue
			}
			for _, nonsense := range []string{"%00", "%ff%fe", "'%22;--", strings.Repeat("9", 400), "-1", "9223372036854775808", "%F0%9F%92%A9"} {
				query := ""
				for _, name := range []string{"q", "after", "place", "region", "year", "status", "theme", "tab", "step", "kind", "id", "who", "since", "until", "action", "day", "at", "e", "i", "edition", "format", "order", "size", "industry", "draft", "role", "set", "type", "enterprise", "service", "figure", "sort"} {
					query += "&" + name + "=" + nonsense
				}
				address := strings.Replace(path, "{$}", "", 1)
				for strings.Contains(address, "{") {
					a, b := strings.IndexByte(address, '{'), strings.IndexByte(address, '}')
					address = address[:a] + nonsense + address[b+1:]
				}
				for _, p := range people {
					r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, address+"?"+query[1:], nil)
					if p.Token != "" {
						r.AddCookie(&http.Cookie{Name: accountweb.Cookie, Value: p.Token})
					}
					rec := httptest.NewRecorder()
					w.Handler.ServeHTTP(rec, r)
					if rec.Code >= 500 {
						t.Errorf("%s with %.20s by %s is answered %d", pattern, nonsense, p, rec.Code)
					}
				}
			}
		}
	})
}
