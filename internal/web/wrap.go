package web

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/web/assets"
)

// policy is what a page may load and run. Style attributes are allowed because
// components set custom properties in them (--v: .9); style elements and inline
// scripts are not, so text that slips into a page unescaped cannot run.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; style-src-elem 'self'; style-src-attr 'unsafe-inline'; " +
	"img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// Wrap is what every request passes on its way to the mux: reference number,
// security headers, protection against forged writes, a limit on how many are
// answered at once, and the access log.
func (k *Kit) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		r = k.begin(r)
		rec := &recorder{ResponseWriter: w, status: http.StatusOK}
		headers(rec.Header(), Secure(r))
		rec.Header().Set("X-Request-Id", Reference(r))
		k.admit(rec, r, next)
		k.Log.LogAttrs(r.Context(), slog.LevelInfo, "request",
			slog.String("id", Reference(r)), slog.String("method", r.Method), slog.String("route", r.Pattern),
			slog.Int("status", rec.status), slog.Int64("bytes", rec.bytes),
			slog.Float64("ms", float64(time.Since(start).Microseconds())/1000))
		if k.Observe != nil {
			k.Observe(r.Pattern, rec.status, time.Since(start))
		}
	})
}

// admit refuses forged writes, more fields than any form has, and more requests
// than can be answered.
func (k *Kit) admit(w http.ResponseWriter, r *http.Request, next http.Handler) {
	if k.free(r.URL.Path) {
		next.ServeHTTP(w, r)
		return
	}
	refuse := func(f error) {
		stateOf(r).failed = true
		k.fail(w, r, f)
	}
	if strings.Count(r.URL.RawQuery, "&") >= mostFields {
		refuse(tooManyFields())
		return
	}
	if query, err := url.QueryUnescape(r.URL.RawQuery); !readable(r.URL.Path) || err == nil && !readable(query) {
		refuse(errNoPage())
		return
	}
	if k.cross.Check(r) != nil || k.unproven(r) {
		refuse(fault.New(fault.Denied, "web.fault.forged.text"))
		return
	}
	if k.ReadOnly && !reading(r) {
		refuse(fault.New(fault.Unavailable, "fault.read_only", "seconds", readOnlyPause))
		return
	}
	room := k.rooms.reads
	switch kind := r.Header.Get("Content-Type"); {
	case strings.HasPrefix(kind, formType), strings.HasPrefix(kind, "application/json"):
		room = k.rooms.writes
		if err := k.take(w, r, strings.HasPrefix(kind, formType)); err != nil {
			refuse(err)
			return
		}
	case r.Body != http.NoBody && r.ContentLength != 0:
		room = k.rooms.uploads
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		room = k.rooms.writes
	}
	if !room.enter(r.Context()) {
		k.busy(w, r)
		return
	}
	s := stateOf(r)
	s.leave = sync.OnceFunc(room.leave)
	defer s.leave()
	next.ServeHTTP(w, r)
}

// free reports what is answered however busy the server is: bundled files, which
// cost nothing, and what asks how it is.
func (k *Kit) free(path string) bool {
	return strings.HasPrefix(path, assets.Prefix) || slices.Contains(k.Exempt, path)
}

// readOnlyPause is how many seconds a writer waits while the site only shows.
const readOnlyPause = 300

func reading(r *http.Request) bool {
	return r.Method == http.MethodGet || r.Method == http.MethodHead || r.Method == http.MethodOptions
}

// unproven reports a write that carries our session cookie but neither header
// that a browser adds: the protection lets those through, we do not.
func (k *Kit) unproven(r *http.Request) bool {
	if reading(r) {
		return false
	}
	if _, err := r.Cookie(k.Cookie); k.Cookie == "" || err != nil {
		return false
	}
	return r.Header.Get("Sec-Fetch-Site") == "" && r.Header.Get("Origin") == ""
}

// begin gives the request its state.
func (k *Kit) begin(r *http.Request) *http.Request {
	s := &state{kit: k, id: strings.ToUpper(newToken()[:8]), lang: langOf(r)}
	s.client, s.secure = k.origin(r)
	return r.WithContext(context.WithValue(r.Context(), stateKey{}, s))
}

// origin is where the request comes from. Forwarding headers are read from the
// right, and only as far as the proxies that wrote them are trusted.
func (k *Kit) origin(r *http.Request) (netip.Addr, bool) {
	secure := r.TLS != nil
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}, secure
	}
	addr := peer.Addr().Unmap()
	if !k.trusted(addr) {
		return addr, secure
	}
	if proto := r.Header.Get("X-Forwarded-Proto"); proto != "" {
		secure = strings.EqualFold(proto, "https")
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, hop := range slices.Backward(hops) {
		hop, err := netip.ParseAddr(strings.TrimSpace(hop))
		if err != nil {
			break
		}
		addr = hop.Unmap()
		if !k.trusted(addr) {
			break
		}
	}
	return addr, secure
}

func (k *Kit) trusted(a netip.Addr) bool {
	for _, p := range k.Proxies {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

func headers(h http.Header, secure bool) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	if secure {
		h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
	}
}

// recorder notes what was answered, for the access log.
type recorder struct {
	http.ResponseWriter
	status int
	bytes  int64
	wrote  bool
}

func (w *recorder) WriteHeader(status int) {
	if !w.wrote {
		w.status, w.wrote = status, true
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *recorder) Write(b []byte) (int, error) {
	w.wrote = true
	n, err := w.ResponseWriter.Write(b)
	w.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach what the server offers.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }
