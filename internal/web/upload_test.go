package web_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// shelf keeps uploads in memory and refuses those that are called bad.
type shelf struct{ kept map[string]string }

func (s *shelf) Hold(_ context.Context, by authz.Actor, form, name string, data io.ReadSeeker) (web.Held, error) {
	raw, err := io.ReadAll(data)
	if strings.Contains(name, "bad") {
		var f fault.Fields
		f.Add("any", "field.choice")
		return web.Held{}, f.Err()
	}
	token := by.ID + "-" + form[:4] + "-" + name
	s.kept[token] = string(raw)
	return web.Held{Token: token, Name: name, Kind: "web.saved", Size: int64(len(raw))}, err
}

func (s *shelf) Held(_ context.Context, by authz.Actor, tokens []string) ([]web.Held, error) {
	var all []web.Held
	for _, t := range tokens {
		if content, ok := s.kept[t]; ok && strings.HasPrefix(t, by.ID) {
			all = append(all, web.Held{Token: t, Name: t[strings.LastIndex(t, "-")+1:], Kind: "web.saved", Size: int64(len(content))})
		}
	}
	return all, nil
}

func (s *shelf) Accept() string            { return ".pdf" }
func (s *shelf) Most() (size int64, n int) { return 3 << 20, 5 }

// counter is a desk whose form takes papers beside an amount.
func counter(t *testing.T) (*desk, *shelf, http.Handler) {
	t.Helper()
	s := &shelf{kept: map[string]string{}}
	d, _ := open(t, func(c *web.Config) { c.Uploads, c.MaxBody = s, 64<<10 })
	mux := http.NewServeMux()
	mux.Handle("POST /papers", d.HandleUpload(func(w http.ResponseWriter, r *http.Request) error {
		f, err := d.Form(r, "desk")
		if err != nil {
			return err
		}
		tokens, err := d.Receive(r, f, "papers")
		if err != nil {
			return err
		}
		amount := f.Wan("amount")
		if err = f.Err(); err == nil {
			err = d.take(web.Actor(r), amount)
		}
		if f.Broken(err) {
			return d.Page(w, r, http.StatusUnprocessableEntity, web.Portal(f.Titled(web.Page(r), "desk"), ui.FilesField(web.Page(r), d.Files(f, "papers"))))
		}
		if err != nil {
			return err
		}
		_, err = fmt.Fprint(w, strings.Join(tokens, " "))
		return err
	}))
	mux.Handle("GET /paper", d.Handle(func(w http.ResponseWriter, r *http.Request) error {
		return d.Download(w, r, web.Download{Name: "营业 执照\"；.html", Type: "text/html", Data: closing{strings.NewReader("<script>0123456789")}})
	}))
	return d, s, d.Wrap(mux)
}

type closing struct{ *strings.Reader }

func (closing) Close() error { return nil }

// send posts a form with files as a browser does: name=value, or name@file=content.
func send(t *testing.T, h http.Handler, signedIn bool, fields ...string) *httptest.ResponseRecorder {
	t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	for _, field := range fields {
		name, value, _ := strings.Cut(field, "=")
		to, err := io.Writer(nil), error(nil)
		if name, file, ok := strings.Cut(name, "@"); ok {
			to, err = m.CreateFormFile(name, file)
		} else {
			to, err = m.CreateFormField(name)
		}
		if err == nil {
			_, err = io.WriteString(to, value)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/papers", &b)
	r.Header.Set("Content-Type", m.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if signedIn {
		r.AddCookie(&http.Cookie{Name: "session", Value: "wang"})
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestAFileIsNotChosenTwiceBecauseAnotherFieldWasWrong(t *testing.T) {
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	_, s, h := counter(t)
	once := "_once=aaaaaaaaaaaaaaaaaaaaaaaaaa"
	big := strings.Repeat("x", 2<<20)
	w := send(t, h, true, once, "amount=many", "papers@plan.pdf="+big, "papers@bad.exe=MZ", "papers@bad.txt=MZ")
	page := w.Body.String()
	if w.Code != http.StatusUnprocessableEntity || !strings.Contains(page, `value="p1-aaaa-plan.pdf" checked`) || !strings.Contains(page, "2.0 MB") {
		t.Fatalf("%d %s", w.Code, page)
	}
	if strings.Count(page, "请从列出的选项里选一个") != 2 || !strings.Contains(page, "；") {
		t.Errorf("not every bad file is told: %s", page)
	}
	if left, err := os.ReadDir(tmp); err != nil || len(left) > 0 {
		t.Errorf("temporary files are left: %v %v", left, err)
	}
	w = send(t, h, true, once, "amount=3", "papers_held=p1-aaaa-plan.pdf", "papers_held=p2-aaaa-secret.pdf", "papers@more.pdf=1")
	if got := w.Body.String(); got != "p1-aaaa-plan.pdf p1-aaaa-more.pdf" {
		t.Errorf("taken: %d %s", w.Code, got)
	}
	if w = send(t, h, true, once, "amount=3"); w.Body.String() != "" {
		t.Errorf("unticked, and taken: %s", w.Body)
	}
	if s.kept["p1-aaaa-plan.pdf"] != big {
		t.Error("the content was changed on the way")
	}
}

func TestOnlyThoseWhoAreSignedInSendMuch(t *testing.T) {
	d, s, h := counter(t)
	if w := send(t, h, false, "amount=3", "papers@plan.pdf="+strings.Repeat("x", 1<<20)); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("nobody sends a megabyte: %d", w.Code)
	}
	if w := send(t, h, false, "amount=3", "_page=/papers", "papers@plan.pdf=x"); w.Code != http.StatusSeeOther || len(s.kept) > 0 {
		t.Errorf("nobody: %d, kept %v", w.Code, s.kept)
	}
	if len(d.drafts) != 1 {
		t.Error("what was typed beside the file is not kept for after signing in")
	}
	if w := send(t, h, true, "amount=3", "papers@plan.pdf="+strings.Repeat("x", 16<<20)); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("too much: %d", w.Code)
	}
	fields := []string{"amount=3"}
	for i := range 6 {
		fields = append(fields, fmt.Sprintf("papers@%d.pdf=x", i))
	}
	if w := send(t, h, true, fields...); w.Code != http.StatusUnprocessableEntity || len(s.kept) > 0 {
		t.Errorf("six at once: %d", w.Code)
	}
}

func TestADownloadIsNeverShown(t *testing.T) {
	_, _, h := counter(t)
	w := ask(h, http.MethodGet, "/paper", nil)
	for name, want := range map[string]string{
		"Content-Disposition":     `attachment; filename="__ ____.html"; filename*=UTF-8''%E8%90%A5%E4%B8%9A%20%E6%89%A7%E7%85%A7%22%EF%BC%9B.html`,
		"X-Content-Type-Options":  "nosniff",
		"Content-Security-Policy": "sandbox; default-src 'none'",
		"Cache-Control":           "private, no-store",
		"Content-Length":          "18",
	} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	part := ask(h, http.MethodGet, "/paper", nil, func(r *http.Request) { r.Header.Set("Range", "bytes=8-11") })
	if part.Code != http.StatusPartialContent || part.Body.String() != "0123" {
		t.Errorf("a part: %d %q", part.Code, part.Body)
	}
}
