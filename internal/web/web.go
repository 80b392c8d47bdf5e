// Package web is the kit pages are built with (页面工具): one adapter from
// handlers that return an error to answers, forms that keep what was typed,
// language, sessions, and the middleware every request passes. It knows no
// domain; what it needs from above is injected as small interfaces.
//
// docs/howto/pages.md shows how a page package is written.
package web

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"github.com/a-h/templ"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/text"
	"qiban.dev/qiban/internal/web/assets"
	"qiban.dev/qiban/internal/web/ui"
)

// P is the page's context; see ui.P.
type P = ui.P

// Handler answers a request or says what went wrong. An error that is a
// *fault.Error becomes the page for its kind; anything else is a defect, told
// to the reader with a reference number and logged with it.
type Handler func(w http.ResponseWriter, r *http.Request) error

// Who is the reader of a page.
type Who struct {
	Actor   authz.Actor // zero for somebody who is not signed in
	Own     string      // name of their own space: the enterprise, institution or workbench
	OwnHref string      // where it is
	OwnIcon string      // building when empty
	Place   string      // region the workbench works in, as it is read: 射阳县
	Switch  string      // address where Place is switched; "" for none
	KeysOff bool        // single keys are switched off in their settings
	Theme   string      // "", auto or dark
}

// Sessions resolves the request's session cookie. It answers the zero Who for
// nobody, an ended session or an unknown cookie; an error only when it could
// not look.
type Sessions interface {
	Who(r *http.Request) (Who, error)
}

// Drafts keep a form that was sent when it could not be taken — nobody signed
// in any more, the system busy — until the person comes back with the token.
// They are not the drafts people save on purpose. Every process must see them.
type Drafts interface {
	// Put keeps the draft under the token for at least an hour, replacing an
	// older one. A draft holds up to 64 KB.
	Put(ctx context.Context, token string, d Draft) error
	// Get answers fault.NotFound when the token is unknown or too old. It must
	// not remove the draft: the page may be loaded twice.
	Get(ctx context.Context, token string) (Draft, error)
}

// Draft is the kept form: the page it stands on, and what was typed.
type Draft struct {
	Page   string // path and query, on this site
	Values url.Values
}

// Menu is what the frame around a page lists for a reader, in their language.
type Menu struct {
	Nav  []ui.NavItem // the portal's header
	Side []ui.NavItem // the workbench's side; with counts
	Foot []ui.Link    // the portal's footer
	Site ui.Site
}

// Config is what the kit is made of. Sessions, Menu, Log and Clock are needed.
type Config struct {
	Assets   *assets.Set
	Sessions Sessions
	Drafts   Drafts  // nil: forms do not survive an ended session
	Uploads  Uploads // nil: no form takes files
	// Menu is asked once for each page that is shown. Current is set by the kit:
	// the item whose Href is the longest prefix of the path.
	Menu func(r *http.Request, who Who, lang text.Lang) Menu
	// Problem answers a fault at an address that is no page, for programs; it
	// reports false for pages. nil: every address is a page.
	Problem func(w http.ResponseWriter, r *http.Request, f *fault.Error) bool
	Answers Answers // nil: every page is drawn anew
	Log     *slog.Logger
	Clock   func() time.Time

	Cookie   string         // name of the session cookie: writes that carry it must come from our pages
	Origins  []string       // further origins that may write: https://example.gov.cn
	Proxies  []netip.Prefix // whose X-Forwarded-For and -Proto are believed
	MaxBody  int64          // bytes of a request with a file; 12 MB when zero
	InFlight int            // requests of a kind answered or waiting at once; 256 when zero
	Exempt   []string       // paths answered however busy the server is: whether it is alive
	ReadOnly bool           // whatever is no reading is asked to come back later
	// Observe hears of every request that was answered: the route it took, ""
	// when it was turned away before. nil for nobody.
	Observe func(route string, status int, took time.Duration)
}

// Kit is made once by New and shared by every page package.
type Kit struct {
	Config
	sheets sheets
	cross  *http.CrossOriginProtection
	dock   chan struct{} // for requests with files
	rooms  rooms
	full   map[text.Lang][]byte // the page for whom there is no room, drawn once
}

// New makes the kit. It fails only on an origin that is not one.
func New(c Config) (*Kit, error) {
	if c.MaxBody == 0 {
		c.MaxBody = 12 << 20
	}
	if c.InFlight == 0 {
		c.InFlight = 256
	}
	if c.Assets == nil {
		c.Assets = assets.Load()
	}
	cross := http.NewCrossOriginProtection()
	for _, o := range c.Origins {
		if err := cross.AddTrustedOrigin(o); err != nil {
			return nil, err
		}
	}
	if gone := c.Assets.Missing(); len(gone) > 0 {
		c.Log.Warn("pages will be unstyled: build the assets with `npm ci --ignore-scripts` in internal/web/assets and `go run ./internal/web/assets/build`, then build qiban again", "missing", gone)
	}
	k := &Kit{Config: c, cross: cross, rooms: newRooms(c.InFlight), dock: make(chan struct{}, uploadsAtOnce)}
	return k, k.drawBusy()
}

// Today is the day in China.
func (k *Kit) Today() string { return flow.DayOf(k.Clock()) }

// Mux is where pages put their routes: a pattern of http.ServeMux and what
// answers it.
type Mux interface {
	Handle(pattern string, h http.Handler)
}

// Routes adds what the kit itself answers: the bundled files and the language.
func (k *Kit) Routes(mux Mux) {
	mux.Handle("GET "+assets.Prefix, k.Assets)
	mux.Handle("GET /language", k.Handle(k.language))
	mux.Handle("/", k.Handle(func(http.ResponseWriter, *http.Request) error { return errNoPage() }))
}

// Portal frames content as a page of the public side.
func Portal(p P, content templ.Component) templ.Component { return framed(ui.Portal(p), content) }

// Bench frames content as a page of the workbench.
func Bench(p P, content templ.Component) templ.Component { return framed(ui.Bench(p), content) }
