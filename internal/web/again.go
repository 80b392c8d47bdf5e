package web

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"strings"
)

// Answers keeps answers for a moment, so that what many ask for at once is drawn
// once (片刻重用). It must forget an answer when anything was written after it was
// begun; db.Fresh over every table does so.
type Answers interface {
	Get(ctx context.Context, key string, answer func(context.Context) (*Answer, error)) (*Answer, error)
}

// Answer is a page or record as it was answered, with status 200.
type Answer struct {
	Header http.Header
	Body   []byte
}

// Weight is how many bytes the answer takes in memory, about.
func (a *Answer) Weight() int { return len(a.Body) + 1000 }

// Again answers with what was kept under the key, or by answer, which returns
// nil for what must not be given to anybody else. Both must be asked for by the
// same reader with the same rights: the key says all that the answer follows from.
func Again(w http.ResponseWriter, r *http.Request, kept Answers, key string, answer func() *Answer) {
	fresh := false
	found, err := kept.Get(r.Context(), key, func(context.Context) (*Answer, error) {
		fresh = true
		if a := answer(); a != nil {
			return a, nil
		}
		return nil, errUnique
	})
	if fresh || err != nil {
		return // it is answered
	}
	maps.Copy(w.Header(), found.Header)
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(found.Body) // the reader may have gone
}

// errUnique is an answer that is not kept.
var errUnique = errors.New("web: this answer is for one reader at one time")

// keep notes the page that is about to be sent, if it may be given again: not
// one with a form's number, of which two would be taken for one, not one that
// changes the reader's cookies, nor one that says that it must not be stored.
func (s *state) keep(h http.Header, status int, body []byte) {
	if status != http.StatusOK || s.numbered || h.Get("Set-Cookie") != "" || strings.Contains(h.Get("Cache-Control"), "no-store") {
		return
	}
	s.drawn = &Answer{Header: h.Clone(), Body: append([]byte(nil), body...)}
	s.drawn.Header.Del("X-Request-Id")
}

// asked is all that a page follows from besides the records: the address, the
// reader by their cookies, the language, and how it is sent.
func asked(r *http.Request) string {
	return strings.Join([]string{
		r.Host, r.RequestURI, r.Header.Get("Cookie"), r.Header.Get("Accept-Language"), r.Header.Get("Accept-Encoding"),
		map[bool]string{true: "tls"}[Secure(r)],
	}, "\x00")
}
