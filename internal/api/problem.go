package api

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/text"
	"qiban.dev/qiban/internal/web"
)

// Problem is what went wrong (RFC 9457), in the reader's language.
type Problem struct {
	Type     string   `json:"type" format:"uri-reference" doc:"这一类问题的说明|Where this kind of problem is explained"`
	Title    string   `json:"title" doc:"这一类问题|The kind of problem"`
	Status   int      `json:"status" doc:"HTTP 状态码|The HTTP status"`
	Detail   string   `json:"detail" doc:"这一次是怎么回事|What happened this time"`
	Instance string   `json:"instance" format:"uri-reference" doc:"请求编号，找我们时请报上|Number of the request; name it when you ask us"`
	Errors   []Broken `json:"errors,omitempty" doc:"每一处要改的地方|Every field that needs correcting"`
}

// Broken is one field that breaks a rule.
type Broken struct {
	Name    string `json:"name" doc:"哪一项|Which field"`
	In      string `json:"in,omitempty" enum:"body,query,path,header" doc:"在请求的哪一部分|Where in the request"`
	Pointer string `json:"pointer,omitempty" doc:"在请求体里的位置（JSON Pointer）|Where in the body, as a JSON Pointer"`
	Detail  string `json:"detail" doc:"怎么改|What is wrong with it"`
}

// trouble is a kind of problem: the name in its type, its status.
type trouble struct {
	slug   string
	status int
}

// The problems of the interface itself; those of use cases are the kinds of fault.
var (
	malformed     = trouble{"malformed", http.StatusBadRequest}
	wrongMethod   = trouble{"method", http.StatusMethodNotAllowed}
	notAcceptable = trouble{"not_acceptable", http.StatusNotAcceptable}
	tooLarge      = trouble{"too_large", http.StatusRequestEntityTooLarge}
	mediaType     = trouble{"media_type", http.StatusUnsupportedMediaType}
	unmatched     = trouble{"precondition", http.StatusPreconditionRequired}
)

// troubles are the problems by kind of fault.
func troubleOf(kind fault.Kind) trouble {
	switch kind {
	case fault.Invalid:
		return trouble{"invalid", http.StatusUnprocessableEntity}
	case fault.NotFound:
		return trouble{"not_found", http.StatusNotFound}
	case fault.Denied:
		return trouble{"denied", http.StatusForbidden}
	case fault.SignIn:
		return trouble{"no_key", http.StatusUnauthorized}
	case fault.Conflict:
		return trouble{"conflict", http.StatusConflict}
	case fault.Stale:
		return trouble{"stale", http.StatusPreconditionFailed}
	case fault.TooMany:
		return trouble{"too_many", http.StatusTooManyRequests}
	case fault.Unavailable:
		return trouble{"unavailable", http.StatusServiceUnavailable}
	default:
		return trouble{"internal", http.StatusInternalServerError}
	}
}

// allTroubles are every kind, in the order of their status: for the page.
func allTroubles() []trouble {
	return []trouble{
		malformed, troubleOf(fault.SignIn), troubleOf(fault.Denied), troubleOf(fault.NotFound), wrongMethod, notAcceptable,
		troubleOf(fault.Conflict), troubleOf(fault.Stale), tooLarge, mediaType, troubleOf(fault.Invalid), unmatched,
		troubleOf(fault.TooMany), troubleOf(fault.Internal), troubleOf(fault.Unavailable),
	}
}

// refused is a problem of the interface itself.
type refused struct {
	trouble
	key    string
	args   []any
	fields []fault.Field
}

func (r *refused) Error() string { return r.slug + ": " + r.key }

func refuse(t trouble, key string, args ...any) error {
	return &refused{trouble: t, key: key, args: args}
}

// otherwise are sentences that speak of pages, and what a program is told instead.
var otherwise = map[string]string{
	"fault.closed":  "api.say.closed",
	"fault.sign_in": "api.say.no_key", "fault.stale": "api.say.stale", "fault.conflict": "api.say.conflict",
	"fault.internal": "api.say.internal", "fault.unavailable": "api.say.unavailable", "web.fault.internal.text": "api.say.internal",
	"web.fault.unavailable.title": "api.say.unavailable", "web.fault.not_found.text": "api.say.no_address",
	"web.fault.forged.text": "api.say.forged",
}

// problem says err in the reader's language; op is nil where there is none.
func problem(err error, lang text.Lang, reference string, op *operation) Problem {
	p := Problem{Instance: reference}
	t, key, args, fields := troubleOf(fault.Internal), "", []any(nil), []fault.Field(nil)
	if r, ok := errors.AsType[*refused](err); ok {
		t, key, args, fields = r.trouble, r.key, r.args, r.fields
	} else if f, ok := errors.AsType[*fault.Error](err); ok {
		t, key, args, fields = troubleOf(f.Kind), f.Key, f.Args, f.Fields
		if key == "web.fault.too_large" { // the kit stopped reading
			t, key, args = tooLarge, "api.say.too_large", []any{"max", mostBody >> 20}
		}
	}
	p.Type, p.Title, p.Status = "/api#problem-"+t.slug, lang.T("api.problem."+t.slug), t.status
	if instead, ok := otherwise[key]; ok {
		key = instead
	}
	if p.Detail = p.Title; key != "" {
		if s := lang.T(key, args...); !strings.Contains(s, "{") {
			p.Detail = s
		}
	}
	for _, b := range fields {
		p.Errors = append(p.Errors, broken(b, lang, op))
	}
	return p
}

func broken(b fault.Field, lang text.Lang, op *operation) Broken {
	out := Broken{Name: b.Name, Detail: lang.T(b.Key, b.Args...)}
	if path, ok := strings.CutPrefix(b.Name, "/"); ok { // found in the body by wire.go
		out.Name, out.In, out.Pointer = path[strings.LastIndexByte(path, '/')+1:], "body", b.Name
		return out
	}
	if op == nil {
		return out
	}
	if list, n, field, ok := fault.Item(b.Name); ok && op.input.where(list) == "body" {
		out.Name, out.In, out.Pointer = field, "body", "/"+list+"/"+strconv.Itoa(n)+"/"+field
		return out
	}
	switch out.In = op.input.where(b.Name); {
	case out.In == "" && (b.Name == "If-Match" || b.Name == "Idempotency-Key"):
		out.In = "header"
	case out.In == "body":
		out.Pointer = "/" + b.Name
	}
	return out
}

// fail answers an error as a problem.
func (a *API) fail(w http.ResponseWriter, r *http.Request, err error, op *operation) {
	p := problem(err, web.Lang(r), web.Reference(r), op)
	if p.Status >= http.StatusInternalServerError {
		a.Log.ErrorContext(r.Context(), "request failed", "id", p.Instance, "route", r.Pattern, "error", err)
	}
	h := w.Header()
	switch p.Status {
	case http.StatusUnauthorized:
		h.Set("WWW-Authenticate", `Bearer realm="qiban"`)
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		if h.Get("Retry-After") == "" {
			h.Set("Retry-After", strconv.Itoa(wait(err)))
		}
	}
	h.Set("Content-Type", "application/problem+json")
	h.Set("Content-Language", string(web.Lang(r)))
	h.Set("Cache-Control", "no-store")
	a.write(w, r, p.Status, p)
}

// wait is how many seconds a fault asks to wait, else a minute.
func wait(err error) int {
	if f, ok := errors.AsType[*fault.Error](err); ok {
		for i := 0; i+1 < len(f.Args); i += 2 {
			if n, ok := f.Args[i+1].(int); ok && f.Args[i] == "seconds" && n > 0 {
				return n
			}
		}
	}
	return 60
}
