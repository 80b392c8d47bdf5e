package api

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"mime"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/text"
	"qiban.dev/qiban/internal/web"
)

// How much a request may bring.
const (
	mostBody  = 1 << 20 // bytes
	deepest   = 32      // objects and lists within each other
	longestID = 200     // characters of an idempotency key
)

// read takes the request into the operation's struct.
func (c *Call) read(in any) error {
	v := reflect.ValueOf(in).Elem()
	if c.op.match {
		if err := c.matchVersion(); err != nil {
			return err
		}
	}
	wrong := c.op.input.fill(c.r, v)
	if c.op.input.body == nil {
		return wrong
	}
	if err := c.decode(v.FieldByIndex(c.op.input.at).Addr().Interface()); err != nil {
		return together(wrong, err)
	}
	return wrong
}

// together tells the broken fields of the address and of the body at once.
func together(a, b error) error {
	x, ok1 := errors.AsType[*fault.Error](a)
	y, ok2 := errors.AsType[*fault.Error](b)
	if ok1 && ok2 {
		return append(fault.Fields(x.Fields), y.Fields...).Err()
	}
	return b
}

// fetch reads the body before anything else is done: it is bounded, and part of
// what an idempotency key stands for.
func (c *Call) fetch() error {
	if c.op.raw {
		return c.takes("application/octet-stream")
	}
	if c.r.Body == nil || c.r.Body == http.NoBody {
		return nil
	}
	body, err := io.ReadAll(http.MaxBytesReader(c.w, c.r.Body, mostBody))
	if _, big := errors.AsType[*http.MaxBytesError](err); big {
		return refuse(tooLarge, "api.say.too_large", "max", mostBody>>20)
	}
	if err != nil {
		return refuse(malformed, "api.say.cut_off")
	}
	c.body = body
	if len(body) > 0 && c.op.input.body == nil {
		return refuse(malformed, "api.say.no_body")
	}
	if len(body) == 0 {
		return nil
	}
	if err := c.takes("application/json"); err != nil {
		return err
	}
	if tooDeep(body) {
		return refuse(malformed, "api.say.too_deep", "max", deepest)
	}
	return nil
}

// takes refuses a body of any other media type.
func (c *Call) takes(want string) error {
	kind, _, err := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	if err != nil || kind != want {
		return refuse(mediaType, "api.say.media_type", "type", want)
	}
	return nil
}

// tooDeep finds nesting beyond the limit without decoding.
func tooDeep(body []byte) bool {
	depth, inString, escape := 0, false, false
	for _, b := range body {
		switch {
		case escape:
			escape = false
		case inString && b == '\\':
			escape = true
		case b == '"':
			inString = !inString
		case inString:
		case b == '{' || b == '[':
			if depth++; depth > deepest {
				return true
			}
		case b == '}' || b == ']':
			depth--
		}
	}
	return false
}

// decode reads the body as the operation's type: every member must be known.
func (c *Call) decode(into any) error {
	if len(c.body) == 0 {
		return refuse(malformed, "api.say.body_missing")
	}
	d := json.NewDecoder(bytes.NewReader(c.body))
	d.DisallowUnknownFields()
	err := d.Decode(into)
	if err == nil && !onlySpace(c.body[d.InputOffset():]) {
		return refuse(malformed, "api.say.json", "at", int(d.InputOffset()))
	}
	if err == nil {
		return nil
	}
	if broken, ok := errors.AsType[*json.SyntaxError](err); ok {
		return refuse(malformed, "api.say.json", "at", int(broken.Offset))
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return refuse(malformed, "api.say.json", "at", len(c.body))
	}
	var loose any
	if err := json.Unmarshal(c.body, &loose); err != nil {
		return refuse(malformed, "api.say.json", "at", len(c.body))
	}
	var bad fault.Fields
	misfits(loose, c.op.input.body, "", &bad)
	if err := bad.Err(); err != nil {
		return err
	}
	return refuse(malformed, "api.say.json", "at", len(c.body)) // a number that does not fit
}

func onlySpace(b []byte) bool { return len(bytes.TrimSpace(b)) == 0 }

// matchVersion reads If-Match, which a change of a versioned record needs.
func (c *Call) matchVersion() error {
	tag := c.r.Header.Get("If-Match")
	if tag == "" {
		return &refused{trouble: unmatched, key: "api.say.if_match", fields: []fault.Field{{Name: "If-Match", Key: "field.required"}}}
	}
	n, err := strconv.Atoi(strings.Trim(tag, `"`))
	if err != nil || n < 0 || len(tag) < 3 || tag[0] != '"' || tag[len(tag)-1] != '"' {
		return &refused{trouble: malformed, key: "api.say.etag", fields: []fault.Field{{Name: "If-Match", Key: "api.field.etag"}}}
	}
	c.Version = n
	return nil
}

// request is what the write says of itself: its idempotency key and what is asked.
func (c *Call) request() (authz.Request, error) {
	once := c.r.Header.Get("Idempotency-Key")
	if once == "" || !c.op.writes() {
		return authz.Request{}, nil
	}
	if len(once) > longestID || strings.ContainsFunc(once, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return authz.Request{}, &refused{
			trouble: malformed, key: "api.say.idempotency", args: []any{"max", longestID},
			fields: []fault.Field{{Name: "Idempotency-Key", Key: "api.field.idempotency", Args: []any{"max", longestID}}},
		}
	}
	h := sha256.New()
	for _, part := range []string{c.r.Method, c.r.URL.Path, c.r.URL.RawQuery} {
		_, _ = io.WriteString(h, part+"\n")
	}
	_, _ = h.Write(c.body)
	return authz.Request{Once: c.By.Key + "/" + once, Print: hex.EncodeToString(h.Sum(nil)[:16])}, nil
}

// answer writes a record or list.
func (c *Call) answer(status int, out any) error {
	h := c.w.Header()
	if c.etag != "" {
		h.Set("ETag", c.etag)
	}
	if c.next != "" {
		h.Set("Link", c.link())
	}
	if c.op.open && c.By.Kind == authz.Nobody {
		h.Set("Cache-Control", "public, no-cache")
	} else {
		h.Set("Cache-Control", "private, no-cache")
	}
	if c.fresh() {
		c.w.WriteHeader(http.StatusNotModified)
		return nil
	}
	h.Set("Content-Type", "application/json")
	c.api.write(c.w, c.r, status, out, c.keep)
	return nil
}

// keep notes an answer that may be given again to whom asks the same at once.
func (c *Call) keep(body []byte) {
	if c.op.writes() {
		return
	}
	c.kept = &web.Answer{Header: http.Header{}, Body: bytes.Clone(body)}
	for _, name := range []string{"Cache-Control", "Content-Encoding", "Content-Length", "Content-Type", "Etag", "Link", "Vary"} {
		if v := c.w.Header().Get(name); v != "" {
			c.kept.Header.Set(name, v)
		}
	}
}

// made answers a write: 201 with its address for a new record.
func (c *Call) made(id string, out any) error {
	if c.op.status == http.StatusCreated && id != "" {
		c.w.Header().Set("Location", c.r.URL.Path+"/"+id)
	}
	return c.answer(c.op.status, out)
}

func (c *Call) empty() error {
	c.w.WriteHeader(http.StatusNoContent)
	return nil
}

// write sends JSON whole, packed for those who take it packed. drawn sees the
// body that is sent.
func (a *API) write(w http.ResponseWriter, r *http.Request, status int, out any, drawn ...func(body []byte)) {
	b := a.buffer()
	defer a.done(b)
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	if err := e.Encode(out); err != nil {
		panic(err) // our own types always marshal
	}
	h := w.Header()
	h.Add("Vary", "Accept-Encoding, Accept-Language, Authorization")
	if b.Len() > 1400 && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		packed := a.buffer()
		defer a.done(packed)
		z, _ := gzip.NewWriterLevel(packed, gzip.BestSpeed) // the level is one
		_, _ = z.Write(b.Bytes())                           // a buffer does not fail
		_ = z.Close()
		h.Set("Content-Encoding", "gzip")
		b = packed
	}
	h.Set("Content-Length", strconv.Itoa(b.Len()))
	for _, see := range drawn {
		see(b.Bytes())
	}
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // the reader may have gone
}

func (a *API) buffer() *bytes.Buffer {
	b := a.buffers.Get().(*bytes.Buffer)
	b.Reset()
	return b
}

func (a *API) done(b *bytes.Buffer) {
	if b.Cap() <= 1<<20 {
		a.buffers.Put(b)
	}
}

// acceptable reports whether the asker takes JSON.
func acceptable(accept string) bool {
	if accept == "" {
		return true
	}
	for part := range strings.SplitSeq(accept, ",") {
		kind, params, err := mime.ParseMediaType(strings.TrimSpace(part))
		if err != nil || params["q"] == "0" {
			continue
		}
		switch kind {
		case "*/*", "application/*", "application/json", "application/problem+json":
			return true
		}
	}
	return false
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// kindKey is what a JSON value should have been.
func kindKey(t reflect.Type) text.Key {
	switch t.Kind() {
	case reflect.String:
		return "api.kind.string"
	case reflect.Bool:
		return "api.kind.boolean"
	case reflect.Slice:
		return "api.kind.list"
	case reflect.Int, reflect.Int64:
		return "api.kind.integer"
	case reflect.Float64:
		return "api.kind.number"
	default:
		return "api.kind.object"
	}
}
