package web

import (
	"context"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"github.com/a-h/templ"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/text"
	"qiban.dev/qiban/internal/web/assets"
	"qiban.dev/qiban/internal/web/ui"
)

// state is what the kit knows of one request. Wrap makes it, Handle fills in
// who reads; handlers see it through the functions below.
type state struct {
	kit    *Kit
	id     string // reference number of the request
	lang   text.Lang
	client netip.Addr
	secure bool
	who    Who
	leave  func() // gives the place among those answered at once to the next; nil outside Wrap
	// numbered is whether the page has a form's own number; drawn is the page, if
	// it may be given again.
	numbered bool
	drawn    *Answer
	failed   bool // the page shown is an error page: menus and sessions are not asked again
}

type stateKey struct{}

func stateOf(r *http.Request) *state {
	s, _ := r.Context().Value(stateKey{}).(*state)
	if s == nil {
		return &state{lang: text.Zh}
	}
	return s
}

// Actor is who makes the request: what every use case is given. The zero Actor
// when nobody is signed in.
func Actor(r *http.Request) authz.Actor { return stateOf(r).who.Actor }

// Reader is the whole of what sessions know about who makes the request.
func Reader(r *http.Request) Who { return stateOf(r).who }

// Lang is the language the request is answered in: the cookie's, else the
// browser's first, else Chinese.
func Lang(r *http.Request) text.Lang { return stateOf(r).lang }

// ClientIP is the address the request comes from, seen through trusted proxies
// only; the zero Addr when it cannot be read. It is personal data: not for logs.
func ClientIP(r *http.Request) netip.Addr { return stateOf(r).client }

// Secure reports that the request came over TLS, here or at a trusted proxy.
func Secure(r *http.Request) bool { return stateOf(r).secure }

// Reference is the number under which the request can be found in the log.
func Reference(r *http.Request) string { return stateOf(r).id }

// Page is the context of the page that answers r. Set its Title.
func Page(r *http.Request) P {
	s := stateOf(r)
	p := P{Lang: s.lang, Path: pathOf(r)}
	if s.kit == nil {
		return p
	}
	a := s.kit.Assets
	p.Assets = ui.Assets{Style: a.URL(assets.Style), Script: a.URL(assets.Script), Charts: a.URL(assets.Charts), Icon: a.URL(assets.Icon)}
	p.Now = s.kit.Clock()
	p.Flash = flashOf(r)
	w := s.who
	p.SignedIn, p.Name = w.Actor.SignedIn(), w.Actor.Name
	p.Own, p.OwnHref, p.OwnIcon = w.Own, w.OwnHref, w.OwnIcon
	p.Place, p.PlaceHref = w.Place, w.Switch
	p.KeysOff, p.Theme = w.KeysOff, w.Theme
	if s.failed {
		w = Who{}
	}
	m := s.kit.Menu(r, w, s.lang)
	p.Nav, p.Side, p.Foot, p.Site = mark(m.Nav, r.URL.Path), mark(m.Side, r.URL.Path), m.Foot, m.Site
	return p
}

// mark sets Current on the item of which an address is the longest prefix of the path.
func mark(items []ui.NavItem, path string) []ui.NavItem {
	best, length := -1, 0
	for i, n := range items {
		for _, href := range append([]string{n.Href}, n.Also...) {
			h, _, _ := strings.Cut(href, "?")
			if under(path, h) && len(h) > length {
				best, length = i, len(h)
			}
		}
	}
	out := append([]ui.NavItem(nil), items...)
	if best >= 0 {
		out[best].Current = true
	}
	return out
}

func under(path, prefix string) bool {
	return path == prefix || prefix != "" && strings.HasPrefix(path, strings.TrimSuffix(prefix, "/")+"/")
}

// pathOf is where language and sign-in lead back to: the page itself, or for a
// form that was sent, the page it stands on.
func pathOf(r *http.Request) string {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return pageOf(r)
	}
	return r.URL.RequestURI()
}

// pageOf is the page a sent form stands on: named by the form, else by the
// browser, else the address it was sent to.
func pageOf(r *http.Request) string {
	if named := Local(r.PostForm.Get(pageField)); named != "/" {
		return named
	}
	if ref, err := url.Parse(r.Referer()); err == nil && ref.Host == r.Host && ref.Path != "" {
		return Local(ref.RequestURI())
	}
	return r.URL.Path
}

// Local lets only addresses of this site through, as path and query; "/" for
// anything else. Use it on every address that comes from a request.
func Local(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.IsAbs() || u.Host != "" || u.User != nil || !strings.HasPrefix(u.Path, "/") ||
		strings.HasPrefix(u.Path, "//") || strings.ContainsAny(address, "\\\r\n\t") {
		return "/"
	}
	return u.RequestURI()
}

// framed puts content inside a shell.
func framed(shell, content templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		return shell.Render(templ.WithChildren(ctx, content), w)
	})
}
