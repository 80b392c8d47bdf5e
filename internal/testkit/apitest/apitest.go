// Package apitest asks the program as another program would (接口测试): every
// question and every answer is held against the OpenAPI document, so that a test
// of an operation is also a test of what is written about it.
package apitest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	"github.com/pb33f/libopenapi-validator/errors"
)

// Client is a program with or without a key.
type Client struct {
	t        testing.TB
	handler  http.Handler
	spec     validator.Validator
	raw      []byte
	key      string
	headers  []string
	unwisely bool
	astray   bool
}

// New is a program without a key. The specification is what the handler says at
// /openapi.json; it must be a correct one.
func New(t testing.TB, handler http.Handler) *Client {
	t.Helper()
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/openapi.json", nil))
	return &Client{t: t, handler: handler, spec: read(t, w.Body.Bytes()), raw: w.Body.Bytes()}
}

// read remembers the specifications read so far: reading one takes two seconds,
// and every program of a process has the same.
var read = reader()

func reader() func(t testing.TB, raw []byte) validator.Validator {
	var known sync.Map
	return func(t testing.TB, raw []byte) validator.Validator {
		t.Helper()
		if v, ok := known.Load(string(raw)); ok {
			return v.(validator.Validator)
		}
		v := specification(t, raw)
		known.Store(string(raw), v)
		return v
	}
}

// specification reads what the handler says, which must be correct.
func specification(t testing.TB, raw []byte) validator.Validator {
	t.Helper()
	doc, err := libopenapi.NewDocument(raw)
	if err != nil {
		t.Fatal(err)
	}
	v, errs := validator.NewValidator(doc)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	if ok, wrong := v.ValidateDocument(); !ok {
		t.Fatalf("the specification is not OpenAPI 3.1: %s", all(wrong))
	}
	return v
}

// Operations are those of the specification: "GET /enterprises", sorted.
func (c *Client) Operations() []string {
	c.t.Helper()
	var list []string
	c.each(func(route, _ string) { list = append(list, route) })
	slices.Sort(list)
	return list
}

// OperationIDs are the names of the operations.
func (c *Client) OperationIDs() []string {
	c.t.Helper()
	var list []string
	c.each(func(_, id string) { list = append(list, id) })
	return list
}

func (c *Client) each(fn func(route, id string)) {
	c.t.Helper()
	var doc struct {
		Paths map[string]map[string]struct{ OperationID string }
	}
	if err := json.Unmarshal(c.raw, &doc); err != nil {
		c.t.Fatal(err)
	}
	for path, item := range doc.Paths {
		for method, op := range item {
			fn(strings.ToUpper(method)+" "+path, op.OperationID)
		}
	}
}

// Key is the program with a key.
func (c *Client) Key(key string) *Client { d := *c; d.key = key; return &d }

// With sends headers too, name and value in turn.
func (c *Client) With(headers ...string) *Client {
	d := *c
	d.headers = append(append([]string(nil), c.headers...), headers...)
	return &d
}

// Unwisely lets questions be wrong: they are not held against the
// specification, the answers are.
func (c *Client) Unwisely() *Client { d := *c; d.unwisely = true; return &d }

// Astray goes where no operation is: only the shape of the refusal is looked at.
func (c *Client) Astray() *Client { d := *c; d.unwisely, d.astray = true, true; return &d }

// Get asks for something below /api/v1.
func (c *Client) Get(path string) *Answer { c.t.Helper(); return c.Do(http.MethodGet, path, nil) }

// Post sends something; body is what becomes JSON, nil for none.
func (c *Client) Post(path string, body any) *Answer {
	c.t.Helper()
	return c.Do(http.MethodPost, path, body)
}

// Put sends something in the place of what is there.
func (c *Client) Put(path string, body any) *Answer {
	c.t.Helper()
	return c.Do(http.MethodPut, path, body)
}

// Do asks by any method. A string is sent as it is, bytes as a file.
func (c *Client) Do(method, path string, body any) *Answer {
	c.t.Helper()
	var raw []byte
	kind := "application/json"
	switch b := body.(type) {
	case nil:
	case string:
		raw = []byte(b)
	case []byte:
		raw, kind = b, "application/octet-stream"
	default:
		var err error
		if raw, err = json.Marshal(b); err != nil {
			c.t.Fatal(err)
		}
	}
	ask := func() *http.Request {
		r := httptest.NewRequestWithContext(c.t.Context(), method, "/api/v1"+path, bytes.NewReader(raw))
		if raw != nil {
			r.Header.Set("Content-Type", kind)
		}
		if c.key != "" {
			r.Header.Set("Authorization", "Bearer "+c.key)
		}
		for i := 0; i+1 < len(c.headers); i += 2 {
			r.Header.Set(c.headers[i], c.headers[i+1])
		}
		return r
	}
	if !c.unwisely {
		if ok, wrong := c.spec.ValidateHttpRequestSync(ask()); !ok {
			c.t.Fatalf("%s %s is not a question of the specification: %s", method, path, all(wrong))
		}
	}
	w := httptest.NewRecorder()
	c.handler.ServeHTTP(w, ask())
	res := w.Result()
	a := &Answer{t: c.t, asked: method + " " + path, Status: res.StatusCode, Header: res.Header, Body: w.Body.Bytes()}
	c.hold(ask(), res, a)
	return a
}

// hold compares an answer with the specification. Everything that is refused is
// a whole problem.
func (c *Client) hold(r *http.Request, res *http.Response, a *Answer) {
	c.t.Helper()
	if res.StatusCode >= 400 {
		if kind := res.Header.Get("Content-Type"); kind != "application/problem+json" {
			c.t.Fatalf("%s was refused with %d as %q: %s", a.asked, a.Status, kind, a.Body)
		}
		if p := a.Problem(); p.Status != a.Status || p.Type == "" || p.Title == "" || p.Detail == "" || p.Instance == "" || strings.Contains(string(a.Body), "⟦") {
			c.t.Fatalf("%s was refused with half a problem: %s", a.asked, a.Body)
		}
	}
	if c.astray || len(a.Body) == 0 {
		return
	}
	res.Body = io.NopCloser(bytes.NewReader(a.Body))
	if ok, wrong := c.spec.ValidateHttpResponse(r, res); !ok {
		c.t.Fatalf("the answer to %s (%d) is not what the specification says: %s\n%s", a.asked, a.Status, all(wrong), a.Body)
	}
}

func all(wrong []*errors.ValidationError) string {
	var b strings.Builder
	for _, w := range wrong {
		b.WriteString("\n  " + w.Message + ": " + w.Reason)
		for _, s := range w.SchemaValidationErrors {
			b.WriteString("\n    " + s.Reason + " at " + s.FieldPath)
		}
	}
	return b.String()
}

// Answer is what came back.
type Answer struct {
	t      testing.TB
	asked  string
	Status int
	Header http.Header
	Body   []byte
}

// Problem is what went wrong.
type Problem struct {
	Type, Title, Detail, Instance string
	Status                        int
	Errors                        []struct{ Name, In, Pointer, Detail string }
}

// Is fails the test unless the answer has the status.
func (a *Answer) Is(status int) *Answer {
	a.t.Helper()
	if a.Status != status {
		a.t.Fatalf("%s was answered with %d, want %d: %s", a.asked, a.Status, status, a.Body)
	}
	return a
}

// Into reads the answer.
func (a *Answer) Into(v any) *Answer {
	a.t.Helper()
	if err := json.Unmarshal(a.Body, v); err != nil {
		a.t.Fatalf("%s: %v in %s", a.asked, err, a.Body)
	}
	return a
}

// ID is the id of the record that was answered.
func (a *Answer) ID() string {
	a.t.Helper()
	var v struct{ ID string }
	a.Into(&v)
	return v.ID
}

// ETag is the version that was answered.
func (a *Answer) ETag() string { return a.Header.Get("ETag") }

// Problem reads a refusal.
func (a *Answer) Problem() Problem {
	a.t.Helper()
	var p Problem
	a.Into(&p)
	return p
}

// Broken are the fields that a refusal names.
func (a *Answer) Broken() []string {
	a.t.Helper()
	var names []string
	for _, e := range a.Problem().Errors {
		names = append(names, e.Name)
	}
	return names
}

// Pointers are where in the body a refusal finds what is broken.
func (a *Answer) Pointers() []string {
	a.t.Helper()
	var at []string
	for _, e := range a.Problem().Errors {
		at = append(at, e.Pointer)
	}
	return at
}
