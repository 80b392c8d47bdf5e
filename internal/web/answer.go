package web

import (
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"qiban.dev/qiban/internal/fault"
)

// Handle turns a Handler into an http.Handler: it finds out who asks, bounds the
// body, and answers errors and panics with a page of the family.
func (k *Kit) Handle(h Handler) http.Handler { return k.handle(h, 0) }

// handle lets somebody who is signed in send so many bytes more than others.
func (k *Kit) handle(h Handler, more int64) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s := stateOf(r)
		if s.kit == nil { // served without Wrap, as in a test of one page
			r = k.begin(r)
			s = stateOf(r)
		}
		if k.Answers == nil || r.Method != http.MethodGet {
			k.serve(w, r, h, more)
			return
		}
		Again(w, r, k.Answers, asked(r), func() *Answer {
			k.serve(w, r, h, more)
			return s.drawn
		})
	})
}

func (k *Kit) serve(w http.ResponseWriter, r *http.Request, h Handler, more int64) {
	defer dropParts(r)
	most := k.MaxBody
	who, err := k.Sessions.Who(r)
	if err == nil && who.Actor.SignedIn() {
		most += more
	}
	r.Body = http.MaxBytesReader(w, r.Body, most)
	if err == nil {
		stateOf(r).who = who
		err = guarded(h, w, r)
	}
	if err != nil {
		k.fail(w, r, err)
	}
}

// dropParts removes the temporary files of a form. The server does so only for
// its own request, and this is a copy of it.
func dropParts(r *http.Request) {
	if r.MultipartForm != nil {
		_ = r.MultipartForm.RemoveAll() // what stays behind is the system's temporary folder's to clear
	}
}

// guarded makes a panic an error, with where it happened.
func guarded(h Handler, w http.ResponseWriter, r *http.Request) (err error) {
	defer func() {
		if v := recover(); v != nil {
			if e, ok := v.(error); ok && errors.Is(e, http.ErrAbortHandler) {
				panic(v)
			}
			err = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
		}
	}()
	return h(w, r)
}

// Page renders the component completely and then writes it, so that a page is
// shown whole or not at all. It is the last thing a handler does.
func (k *Kit) Page(w http.ResponseWriter, r *http.Request, status int, c templ.Component) error {
	b := k.sheets.take()
	defer k.sheets.give(b)
	if err := c.Render(r.Context(), b); err != nil {
		return fmt.Errorf("rendering %s: %w", r.Pattern, err)
	}
	clearFlash(w, r)
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Add("Vary", "Accept-Encoding, Accept-Language, Cookie")
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "private, no-cache")
	}
	body := b.Bytes()
	if len(body) > 1024 && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		packed := k.sheets.take()
		defer k.sheets.give(packed)
		k.sheets.pack(packed, body)
		h.Set("Content-Encoding", "gzip")
		body = packed.Bytes()
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	stateOf(r).keep(h, status, body)
	if leave := stateOf(r).leave; leave != nil {
		leave() // all is done but the sending, which is as slow as the reader
	}
	w.WriteHeader(status)
	_, _ = w.Write(body) // the reader may have gone; nothing to do about it
	return nil
}

// SeeOther answers a form that was taken: the browser goes to the page, and a
// reload does not send the form again.
func SeeOther(w http.ResponseWriter, r *http.Request, to string) error {
	http.Redirect(w, r, to, http.StatusSeeOther) //nolint:gosec // callers send their own addresses, or pass a reader's through Local
	return nil
}

// status is how each kind of fault is answered.
func status(kind fault.Kind) int {
	switch kind {
	case fault.Invalid:
		return http.StatusUnprocessableEntity
	case fault.NotFound:
		return http.StatusNotFound
	case fault.Denied:
		return http.StatusForbidden
	case fault.SignIn:
		return http.StatusSeeOther
	case fault.Conflict:
		return http.StatusConflict
	case fault.Stale:
		return http.StatusPreconditionFailed
	case fault.TooMany:
		return http.StatusTooManyRequests
	case fault.Unavailable:
		return http.StatusServiceUnavailable
	default:
		return http.StatusInternalServerError
	}
}

// clientGone is noted in the log for a request whose sender has hung up.
const clientGone = 499

// fail answers an error: sign-in for SignIn, else the page of its kind.
func (k *Kit) fail(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil { // nobody is there to read a page
		k.Log.InfoContext(r.Context(), "client gone", "id", stateOf(r).id, "error", err)
		w.WriteHeader(clientGone)
		return
	}
	s := stateOf(r)
	f := faultOf(err)
	if k.Problem != nil && k.Problem(w, r, f) {
		return
	}
	if f.Kind == fault.SignIn || s.outside(r, f) {
		k.signIn(w, r)
		return
	}
	if f.Kind == fault.Internal || f.Kind == fault.Unavailable {
		k.Log.ErrorContext(r.Context(), "request failed", "id", s.id, "route", r.Pattern, "error", err)
	}
	resume := "" // a request turned away at the door was never read
	if !s.failed && (f.Kind == fault.Internal || f.Kind == fault.Unavailable || f.Kind == fault.TooMany) {
		resume = k.keep(r)
	}
	if f.Kind == fault.TooMany || f.Kind == fault.Unavailable {
		w.Header().Set("Retry-After", strconv.Itoa(seconds(f)))
	}
	s.failed = s.failed || f.Kind == fault.Internal || f.Kind == fault.Unavailable
	page := func() error {
		return k.Page(w, r, status(f.Kind), k.errorPage(r, f, resume))
	}
	if err := guarded(func(http.ResponseWriter, *http.Request) error { return page() }, w, r); err != nil {
		k.Log.ErrorContext(r.Context(), "error page failed", "id", s.id, "error", err)
		http.Error(w, s.lang.T("fault.internal", "id", s.id), http.StatusInternalServerError)
	}
}

// outside reports a form that nobody's session sent and that found nothing to do:
// most likely the session ended while it was filled in. Signing in brings it back.
func (s *state) outside(r *http.Request, f *fault.Error) bool {
	return (f.Kind == fault.NotFound || f.Kind == fault.Denied) && !s.failed && !s.who.Actor.SignedIn() &&
		r.Method == http.MethodPost && r.Pattern != "/"
}

// faultOf is the fault err is or wraps; a body that was too large is the
// sender's to correct, everything else that is no fault is a defect.
func faultOf(err error) *fault.Error {
	if f, ok := errors.AsType[*fault.Error](err); ok {
		return f
	}
	if errors.Is(err, errFields) {
		return faultOf(tooManyFields())
	}
	if big, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return fault.Because(err, fault.Invalid, "web.fault.too_large", "max", max(big.Limit>>20, 1))
	}
	return fault.Because(err, fault.Internal, "web.fault.internal.text")
}

// seconds is how long to wait: what the fault says under "seconds", else a minute.
func seconds(f *fault.Error) int {
	for i := 0; i+1 < len(f.Args); i += 2 {
		if n, ok := f.Args[i+1].(int); ok && f.Args[i] == "seconds" && n > 0 {
			return n
		}
	}
	if f.Kind == fault.Unavailable {
		return 5
	}
	return 60
}
