// Package accountweb is the pages of people and their accounts: signing in and
// registering (登录、登记), one's own account (我的账号), and for the workbench
// people, grants and invitations (人员与权限).
package accountweb

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/account"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/text"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// Pages serves the pages of accounts.
type Pages struct {
	Kit      *web.Kit
	Accounts *account.Service
	// Regions are the places within the tops, to choose from, in the order of
	// the tree; nil offers the tops alone, by code.
	Regions func(ctx context.Context, lang text.Lang, tops []region.Code) ([]ui.Option, error)
	// Called is what places and organisations are called, all of a page at once;
	// what it leaves out, and everything when it is nil, is shown by code or id.
	Called func(ctx context.Context, lang text.Lang, over []account.Place) (map[account.Place]string, error)
	// After is where somebody goes who signs in without having been on the way
	// to a page; nil is the home page.
	After func(by authz.Actor) string
	// Notice is the address of the privacy notice; empty is /privacy.
	Notice string
}

// Routes reads as the contents page of the package.
func (s *Pages) Routes(mux web.Mux) {
	handle := func(pattern string, h web.Handler) { mux.Handle(pattern, s.Kit.Handle(h)) }
	handle("GET /sign-in", s.signInPage)
	handle("POST /sign-in", s.signIn)
	handle("GET /sign-in/code", s.codePage)
	handle("POST /sign-in/code", s.code)
	handle("GET /sign-in/enrol", s.enrolPage)
	handle("POST /sign-in/enrol", s.enrol)
	handle("POST /sign-out", s.signOut)

	handle("GET /register", s.registerPage)
	handle("POST /register", s.register)
	handle("GET /forgot", s.forgotPage)
	handle("POST /forgot", s.forgot)
	handle("GET /reset", s.resetPage)
	handle("POST /reset", s.reset)
	handle("GET /invitation", s.invitationPage)
	handle("POST /invitation", s.invitation)

	handle("GET /me", s.me)
	handle("GET /me/profile", s.profilePage)
	handle("POST /me/profile", s.profile)
	handle("GET /me/login", s.loginPage)
	handle("POST /me/login", s.login)
	handle("GET /me/email", s.emailPage)
	handle("POST /me/email", s.email)
	handle("GET /me/password", s.passwordPage)
	handle("POST /me/password", s.password)
	handle("GET /me/factor", s.factorPage)
	handle("POST /me/factor", s.factor)
	handle("POST /me/factor/drop", s.dropFactor)
	handle("POST /me/sessions/{id}/end", s.endSession)
	handle("POST /me/sessions/others/end", s.endOthers)
	handle("GET /me/invitation", s.ownInvitationPage)
	handle("POST /me/invitation", s.ownInvitation)
	handle("GET /me/keys", s.keysPage)
	handle("GET /me/keys/new", s.newKeyPage)
	handle("POST /me/keys/new", s.newKey)
	handle("POST /me/keys/{id}/end", s.endKey)
	handle("GET /me/close", s.closePage)
	handle("POST /me/close", s.close)
	handle("POST /me/export", s.export)

	handle("GET /bench/people", s.people)
	handle("GET /bench/people/invite", s.invitePage)
	handle("POST /bench/people/invite", s.invite)
	handle("POST /bench/people/invitations/{id}/withdraw", s.withdraw)
	handle("GET /bench/people/{id}", s.person)
	handle("GET /bench/people/{id}/grant", s.grantPage)
	handle("POST /bench/people/{id}/grant", s.grant)
	handle("POST /bench/people/{id}/grants/{grant}/end", s.endGrant)
	handle("POST /bench/people/{id}/keys/{key}/end", s.endTheirKey)
	handle("POST /bench/people/{id}/{act}", s.act)
}

// The cookies: who is signed in, and which browser this is.
const (
	Cookie       = "qiban_session" // give it to web.Config.Cookie
	deviceCookie = "qiban_device"
)

// Sessions answers the kit's question who reads a page.
type Sessions struct {
	Accounts *account.Service
	// Dress adds the reader's own space and place; nil adds nothing.
	Dress func(r *http.Request, who *web.Who) error
}

// Who resolves the session cookie; nobody for one that has ended.
func (s Sessions) Who(r *http.Request) (web.Who, error) {
	by, err := s.Accounts.Resolve(r.Context(), token(r))
	if fault.Is(err, fault.SignIn) {
		return web.Who{}, nil
	}
	who := web.Who{Actor: by}
	if err == nil && s.Dress != nil {
		err = s.Dress(r, &who)
	}
	return who, err
}

func token(r *http.Request) string {
	c, err := r.Cookie(Cookie)
	if err != nil {
		return ""
	}
	return c.Value
}

// client is where the request comes from.
func client(r *http.Request) account.Client {
	c := account.Client{Agent: r.UserAgent()}
	if ip := web.ClientIP(r); ip.IsValid() {
		c.Network = ip.String()
	}
	if d, err := r.Cookie(deviceCookie); err == nil {
		c.Device = d.Value
	}
	return c
}

// Admit sets the cookies of a ticket, for pages that sign somebody in on the way.
func (s *Pages) Admit(w http.ResponseWriter, r *http.Request, t account.Ticket) {
	var keep time.Duration // 0: until the browser closes
	if t.Keep {
		keep = t.Ends.Sub(s.Kit.Clock())
	}
	set(w, r, Cookie, t.Token, int(keep.Seconds()))
	if t.Stage == account.Done {
		set(w, r, deviceCookie, t.Device, 365*24*60*60)
	}
}

func leave(w http.ResponseWriter, r *http.Request) { set(w, r, Cookie, "", -1) }

// set writes a cookie that scripts cannot read and other sites do not send. It
// is Secure where the connection is: a county's own network may have no TLS.
func set(w http.ResponseWriter, r *http.Request, name, value string, seconds int) {
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // see above
		Name: name, Value: value, Path: "/", MaxAge: seconds,
		HttpOnly: true, Secure: web.Secure(r), SameSite: http.SameSiteLaxMode,
	})
}

// onward is where a finished sign-in leads: the page somebody was on the way
// to, else what After says.
func (s *Pages) onward(r *http.Request, token, back string) (string, error) {
	if back = web.Local(back); back != "/" && !strings.HasPrefix(back, "/sign-in") {
		return back, nil
	}
	if s.After == nil {
		return "/", nil
	}
	by, err := s.Accounts.Resolve(r.Context(), token)
	if err != nil {
		return "", err
	}
	return s.After(by), nil
}

// needed refuses a page of one's own to nobody.
func needed(r *http.Request) (authz.Actor, error) {
	by := web.Actor(r)
	if by.Kind != authz.Human {
		return by, fault.New(fault.SignIn, "fault.sign_in")
	}
	return by, nil
}

// told is an error that belongs on the form although it may name no field: too
// many tries, a conflict, an account that is disabled. A right that is missing
// has a page of its own: no change of the form can help.
func told(f *web.Form, err error) bool {
	kinds := []fault.Kind{fault.TooMany, fault.Conflict, fault.Denied, fault.Unavailable}
	var e *fault.Error
	if errors.As(err, &e) && slices.Contains(kinds, e.Kind) && e.Key != "fault.denied" {
		f.Wrong("", e.Key, e.Args...)
		return true
	}
	return f.Broken(err)
}

// called is what places and organisations are called, however many a page shows.
func (s *Pages) called(r *http.Request, over ...account.Place) (func(account.Place) string, error) {
	var names map[account.Place]string
	var err error
	if s.Called != nil {
		names, err = s.Called(r.Context(), web.Lang(r), over)
	}
	return func(p account.Place) string { return cmp.Or(names[p], string(p.Region), p.Party.ID) }, err
}

// at is a place alone.
func at(c region.Code) account.Place { return account.Place{Region: c} }

// overs are what grants lie over.
func overs(rows []account.GrantRow) []account.Place {
	list := make([]account.Place, len(rows))
	for i, g := range rows {
		list[i] = over(g)
	}
	return list
}

func over(g account.GrantRow) account.Place {
	if g.Region != "" {
		return at(g.Region)
	}
	return account.Place{Party: g.Party()}
}

// roleName is a role's name: a text key for the program's, itself for others.
func roleName(lang text.Lang, name string) string {
	if key := account.RoleKey(name); text.Has(key) {
		return lang.T(key)
	}
	return name
}

// homeRegions are the places a person may say they live in.
func (s *Pages) homeRegions(r *http.Request) ([]ui.Option, error) {
	p := web.Page(r)
	first := ui.Option{Label: p.T("account.form.region.none")}
	if s.Regions == nil {
		return []ui.Option{first}, nil
	}
	all, err := s.Regions(r.Context(), p.Lang, []region.Code{s.Accounts.Home()})
	var places []ui.Option
	for _, o := range all { // towns would make the list a thousand long
		if region.Code(o.Value).Level() == region.County {
			places = append(places, o)
		}
	}
	return append([]ui.Option{first}, places...), err
}

// situations are what a founder may say, the first: nothing.
func situations(p web.P) []ui.Option {
	list := []ui.Option{{Label: p.T("account.form.situation.none")}}
	for _, k := range account.Situations() {
		list = append(list, ui.Option{Value: k, Label: p.T("account.situation." + k)})
	}
	return list
}
