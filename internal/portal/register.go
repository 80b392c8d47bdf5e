package portal

import (
	"net/http"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/account"
	"qiban.dev/qiban/internal/domain/enterprise/enterpriseweb"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// The areas of the two forms on the way.
const (
	accountArea = "portal.account"
	profileArea = "firm.profile"
)

// register is the way of an enterprise onto the register (登记企业): an account
// first, for those who have none, then the enterprise.
func (s *Pages) register(w http.ResponseWriter, r *http.Request) error {
	if !web.Actor(r).SignedIn() {
		f, err := s.Kit.Form(r, accountArea)
		if err != nil {
			return err
		}
		return s.Kit.Page(w, r, http.StatusOK, accountPage(web.Page(r), f))
	}
	f, err := s.Kit.Form(r, profileArea)
	if err != nil {
		return err
	}
	return s.registerForm(w, r, http.StatusOK, f)
}

func (s *Pages) registerForm(w http.ResponseWriter, r *http.Request, status int, f *web.Form) error {
	tree, err := s.Places.Tree(r.Context())
	if err != nil {
		return err
	}
	p := web.Page(r)
	return s.Kit.Page(w, r, status, registerPage(p, f, s.Kit.Files(f, files.Field), enterpriseweb.Towns(p, tree, s.Home, s.Kit.Today())))
}

// saveAccount opens the account and signs it in. A phone number that already has
// one is answered alike, and its owner signs in with the password they have.
func (s *Pages) saveAccount(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, accountArea)
	if err != nil {
		return err
	}
	in := account.NewAccount{
		Phone: f.Text("phone"), Name: f.Text("name"), Password: f.Raw("password"), Email: f.Text("email"),
		Region: s.Home, Client: client(r),
	}
	if f.Tick("consent") {
		in.Consent = s.Accounts.NoticeVersion()
	}
	err = s.Accounts.RegisterPerson(r.Context(), authz.Anyone("register", account.Register), in)
	if fault.Is(err, fault.TooMany) {
		return err
	}
	if f.Broken(err) {
		return s.Kit.Page(w, r, http.StatusUnprocessableEntity, accountPage(web.Page(r), f))
	}
	if err != nil {
		return err
	}
	ticket, err := s.Accounts.SignIn(r.Context(), account.Attempt{Login: in.Phone, Password: in.Password, Client: in.Client})
	if err != nil || ticket.Stage != account.Done || s.Admit == nil {
		s.Kit.Flash(w, r, ui.OK, "portal.account.done")
		return web.SeeOther(w, r, "/sign-in?back=%2Fenterprises%2Fnew")
	}
	s.Admit(w, r, ticket)
	return web.SeeOther(w, r, "/enterprises/new")
}

// client is where the request comes from.
func client(r *http.Request) account.Client {
	c := account.Client{Agent: r.UserAgent()}
	if ip := web.ClientIP(r); ip.IsValid() {
		c.Network = ip.String()
	}
	return c
}

func (s *Pages) saveRegistration(w http.ResponseWriter, r *http.Request) error {
	by := web.Actor(r)
	if !by.SignedIn() {
		return fault.New(fault.SignIn, "fault.sign_in")
	}
	f, err := s.Kit.Form(r, profileArea)
	if err != nil {
		return err
	}
	in := enterpriseweb.RegistrationOf(f)
	in.Own = true
	if in.Papers, err = s.Kit.Receive(r, f, files.Field); err != nil {
		return err
	}
	if f.Err() != nil { // told with everything else that is wrong, and nothing is taken
		in.Papers = []string{"-"} // nobody's token
	}
	_, err = s.Enterprises.Register(r.Context(), by, in)
	if fault.Is(err, fault.Conflict) { // they have registered or claimed it already
		f.Wrong("code", "enterprise.claim.already")
	}
	if f.Broken(err) {
		return s.registerForm(w, r, http.StatusUnprocessableEntity, f)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, "/enterprises/new/done")
}

// registered says what happens next. It says the same to everybody: whether the
// number was known before is not the registrant's to learn.
func (s *Pages) registered(w http.ResponseWriter, r *http.Request) error {
	if !web.Actor(r).SignedIn() {
		return fault.New(fault.SignIn, "fault.sign_in")
	}
	limits, err := s.Flow.Limits(r.Context())
	if err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, registeredPage(web.Page(r), checkedBy(web.Page(r), limits, s.Kit.Today())))
}

// checkedBy says when the licence is checked, as far as a limit is on file.
func checkedBy(p web.P, l flow.Limits, day string) string {
	if found, ok := l.Find("enterprise", "verify", day); ok {
		return p.T("portal.registered.check.within", "time", span(p, found))
	}
	return p.T("portal.registered.check.text")
}
