package testkit

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// Site is a person at their browser, without script: it keeps cookies and
// follows nothing by itself.
type Site struct {
	t       testing.TB
	handler http.Handler
	cookies map[string]string
}

// Visit is a browser on the handler that carries the cookies, name and value in turn.
func Visit(t testing.TB, handler http.Handler, cookies ...string) *Site {
	s := &Site{t: t, handler: handler, cookies: map[string]string{}}
	for i := 0; i+1 < len(cookies); i += 2 {
		s.cookies[cookies[i]] = cookies[i+1]
	}
	return s
}

// Get opens an address.
func (s *Site) Get(path string) *HTML {
	s.t.Helper()
	path, _, _ = strings.Cut(path, "#") // stays with the browser
	return s.do(httptest.NewRequestWithContext(s.t.Context(), http.MethodGet, path, nil))
}

// Post sends a form as a page of the site does.
func (s *Site) Post(path string, values url.Values) *HTML {
	s.t.Helper()
	r := httptest.NewRequestWithContext(s.t.Context(), http.MethodPost, path, strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return s.do(r)
}

// Upload sends a form with files in it as a page of the site does; files are
// their contents by field and name: "files@plan.pdf".
func (s *Site) Upload(path string, values url.Values, files map[string]string) *HTML {
	s.t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	put := func(to io.Writer, err error, content string) {
		if err == nil {
			_, err = io.WriteString(to, content)
		}
		if err != nil {
			s.t.Fatal(err)
		}
	}
	for name, all := range values {
		for _, value := range all {
			to, err := m.CreateFormField(name)
			put(to, err, value)
		}
	}
	for name, content := range files {
		field, file, _ := strings.Cut(name, "@")
		to, err := m.CreateFormFile(field, file)
		put(to, err, content)
	}
	if err := m.Close(); err != nil {
		s.t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(s.t.Context(), http.MethodPost, path, &b)
	r.Header.Set("Content-Type", m.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return s.do(r)
}

func (s *Site) do(r *http.Request) *HTML {
	s.t.Helper()
	for name, value := range s.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	res := w.Result()
	defer func() { _ = res.Body.Close() }()
	for _, c := range res.Cookies() {
		s.cookies[c.Name] = c.Value
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	root, err := html.Parse(strings.NewReader(string(body)))
	if err != nil {
		s.t.Fatal(err)
	}
	return &HTML{t: s.t, site: s, Status: res.StatusCode, Location: res.Header.Get("Location"), Header: res.Header, Body: string(body), Root: root}
}

// HTML is a page as it was answered.
type HTML struct {
	t        testing.TB
	site     *Site
	Status   int
	Location string // of a redirect
	Header   http.Header
	Body     string
	Root     *html.Node
}

// Is fails the test unless the page was answered with the status.
func (h *HTML) Is(status int) *HTML {
	h.t.Helper()
	if h.Status != status {
		h.t.Fatalf("answered %d, want %d: %s", h.Status, status, Text(h.Root))
	}
	return h
}

// Follow opens where the page redirects to.
func (h *HTML) Follow() *HTML {
	h.t.Helper()
	return h.Is(http.StatusSeeOther).site.Get(h.Location)
}

// All are the elements a selector finds, in the page's order. It knows tag, #id,
// .class, [attr], [attr=value], [attr^=value], [attr$=value], put together, and
// a space for inside.
func (h *HTML) All(selector string) []*html.Node { return find(h.Root, selector) }

// One is the only element a selector finds; none or several fail the test.
func (h *HTML) One(selector string) *html.Node {
	h.t.Helper()
	all := h.All(selector)
	if len(all) != 1 {
		h.t.Fatalf("%d of %s, want one, in: %s", len(all), selector, Text(h.Root))
	}
	return all[0]
}

// Has fails the test unless something the selector finds says the words.
func (h *HTML) Has(selector, words string) {
	h.t.Helper()
	all := h.All(selector)
	var said []string
	for _, n := range all {
		said = append(said, Text(n))
		if strings.Contains(Text(n), words) {
			return
		}
	}
	h.t.Errorf("%d of %s, none says %q: %q", len(all), selector, words, said)
}

// Lacks fails the test when the selector finds something that says the words.
func (h *HTML) Lacks(selector, words string) {
	h.t.Helper()
	for _, n := range h.All(selector) {
		if strings.Contains(Text(n), words) {
			h.t.Errorf("%s says %q: %q", selector, words, Text(n))
		}
	}
}

// Send fills the form whose address ends with action and sends it: what stands
// in it, changed by name and value in turn. action is where it is sent even when
// it is that of one of the form's buttons. A name such as files@plan.pdf chooses
// a file of that name, with the value as its content.
func (h *HTML) Send(action string, changes ...string) *HTML {
	h.t.Helper()
	for _, form := range h.All("form") {
		to := ""
		if strings.HasSuffix(Attr(form, "action"), action) {
			to = Attr(form, "action")
		}
		for _, b := range find(form, "button[formaction$="+action+"]") {
			to = Attr(b, "formaction")
		}
		if to == "" {
			continue
		}
		values, files := fields(form), map[string]string{}
		for i := 0; i+1 < len(changes); i += 2 {
			if strings.Contains(changes[i], "@") {
				files[changes[i]] = changes[i+1]
			} else {
				values.Set(changes[i], changes[i+1])
			}
		}
		if Attr(form, "enctype") == "multipart/form-data" {
			return h.site.Upload(to, values, files)
		}
		if len(files) > 0 {
			h.t.Fatalf("the form to %s takes no files", to)
		}
		return h.site.Post(to, values)
	}
	h.t.Fatalf("no form leads to %s", action)
	return nil
}

// fields are the values a browser would send of a form that nobody touched.
func fields(form *html.Node) url.Values {
	values := url.Values{}
	for _, n := range find(form, "input") {
		kind := Attr(n, "type")
		if kind == "checkbox" || kind == "radio" {
			if !has(n, "checked") {
				continue
			}
		}
		if kind != "file" {
			values.Add(Attr(n, "name"), Attr(n, "value"))
		}
	}
	for _, n := range find(form, "textarea") {
		values.Add(Attr(n, "name"), strings.TrimPrefix(rawText(n), "\n"))
	}
	for _, n := range find(form, "select") {
		options := find(n, "option[selected]")
		if len(options) == 0 {
			options = find(n, "option")
		}
		if len(options) > 0 {
			values.Add(Attr(n, "name"), Attr(options[0], "value"))
		}
	}
	return values
}

// Attr is the value of an attribute, empty when the element has none.
func Attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}

// Text is what an element says, spaces made single.
func Text(n *html.Node) string { return strings.Join(strings.Fields(rawText(n)), " ") }

func rawText(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	if n.Type == html.ElementNode && (n.Data == "script" || n.Data == "style") {
		return ""
	}
	var b strings.Builder
	for c := range n.ChildNodes() {
		b.WriteString(rawText(c))
		if c.Type == html.ElementNode && c.Data != "mark" { // which stands within a word
			b.WriteString(" ")
		}
	}
	return b.String()
}

func find(root *html.Node, selector string) []*html.Node {
	steps := strings.Fields(selector)
	var found []*html.Node
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && within(n, root, steps) {
			found = append(found, n)
		}
	}
	return found
}

// within reports whether n is what the last step names, inside the steps before.
func within(n, root *html.Node, steps []string) bool {
	last := len(steps) - 1
	if !matches(n, steps[last]) {
		return false
	}
	for at := n.Parent; last > 0 && at != nil && at != root.Parent; at = at.Parent {
		if at.Type == html.ElementNode && matches(at, steps[last-1]) {
			last--
		}
	}
	return last == 0
}

func matches(n *html.Node, step string) bool {
	for step != "" {
		var part string
		part, step = cut(step)
		if !matchesPart(n, part) {
			return false
		}
	}
	return true
}

// cut takes the first simple part off a step: p.lead[id] → p and .lead[id].
func cut(step string) (part, rest string) {
	if step[0] == '[' {
		end := strings.IndexByte(step, ']') + 1
		return step[:end], step[end:]
	}
	for i := 1; i < len(step); i++ {
		if strings.IndexByte(".#[", step[i]) >= 0 {
			return step[:i], step[i:]
		}
	}
	return step, ""
}

func matchesPart(n *html.Node, part string) bool {
	switch part[0] {
	case '#':
		return Attr(n, "id") == part[1:]
	case '.':
		return strings.Contains(" "+strings.Join(strings.Fields(Attr(n, "class")), " ")+" ", " "+part[1:]+" ")
	case '[':
		name, value, valued := strings.Cut(strings.Trim(part, "[]"), "=")
		value = strings.Trim(value, `"'`)
		switch {
		case !valued:
			return has(n, name)
		case strings.HasSuffix(name, "^"):
			return strings.HasPrefix(Attr(n, strings.TrimSuffix(name, "^")), value)
		case strings.HasSuffix(name, "$"):
			return strings.HasSuffix(Attr(n, strings.TrimSuffix(name, "$")), value)
		default:
			return has(n, name) && Attr(n, name) == value
		}
	default:
		return n.Data == part
	}
}
