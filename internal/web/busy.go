package web

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/text"
	"qiban.dev/qiban/internal/web/assets"
	"qiban.dev/qiban/internal/web/ui"
)

// formType is how browsers send forms without files.
const formType = "application/x-www-form-urlencoded"

// Limits of a form without files. No page has a tenth of them.
const (
	mostForm   = 1 << 20 // bytes
	mostFields = 2000
)

// errFields is what a body with too many fields reads as.
var errFields = errors.New("web: too many fields")

func tooManyFields() error {
	return fault.New(fault.Invalid, "web.fault.too_many_fields", "max", mostFields)
}

// take reads what is small before its request takes a seat, so that whoever
// sends it slowly keeps nobody else waiting; of a form it counts the fields.
func (k *Kit) take(w http.ResponseWriter, r *http.Request, form bool) error {
	var from io.Reader = http.MaxBytesReader(w, r.Body, mostForm)
	if form {
		from = &counted{r: from}
	}
	body, err := io.ReadAll(from)
	if err != nil {
		if _, big := errors.AsType[*http.MaxBytesError](err); !big && !errors.Is(err, errFields) {
			err = fault.Because(err, fault.Invalid, "web.fault.unreadable")
		}
		return err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return nil
}

// counted reads a form and stops at too many fields.
type counted struct {
	r io.Reader
	n int
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	if c.n += bytes.Count(b[:n], []byte{'&'}); c.n >= mostFields {
		return 0, errFields
	}
	return n, err
}

// readable reports text: neither bytes that are none nor NUL, which no page needs
// and PostgreSQL does not take.
func readable(s string) bool { return utf8.ValidString(s) && !strings.Contains(s, "\x00") }

// drawBusy draws, for each language, the page for whom there is no room. It asks
// nothing of the database, which is busy enough.
func (k *Kit) drawBusy() error {
	k.full = map[text.Lang][]byte{}
	for _, lang := range []text.Lang{text.Zh, text.En} {
		p := P{Lang: lang, Path: "/", Now: k.Clock()}
		a := k.Assets
		p.Assets = ui.Assets{Style: a.URL(assets.Style), Script: a.URL(assets.Script), Charts: a.URL(assets.Charts), Icon: a.URL(assets.Icon)}
		p.Title = p.T("web.fault.busy.title")
		var b bytes.Buffer
		page := Portal(p, troublePage(p, trouble{title: p.Title, text: p.T("web.fault.busy.text"), reference: strconv.Itoa(http.StatusServiceUnavailable)}))
		if err := page.Render(context.Background(), &b); err != nil {
			return err
		}
		k.full[lang] = b.Bytes()
	}
	return nil
}

// busy turns a request away while there is no room: come back in a few seconds,
// not all at the same one.
func (k *Kit) busy(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Retry-After", strconv.Itoa(2+rand.IntN(4))) //nolint:gosec // to spread them out, not to be secret
	h.Set("Cache-Control", "no-store")
	if strings.HasPrefix(r.URL.Path, "/api/") {
		h.Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = io.WriteString(w, `{"status":503,"title":"Service Unavailable"}`)
		return
	}
	body := k.full[Lang(r)]
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusServiceUnavailable)
	_, _ = w.Write(body) // the reader may have gone
}
