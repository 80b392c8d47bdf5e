package accountweb

import (
	"encoding/base64"
	"net/http"
	"net/url"

	"qiban.dev/qiban/internal/domain/account"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/web"
)

const formArea = "account.form"

func (s *Pages) signInPage(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, formArea)
	if err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, signInPage(web.Page(r), f, web.Local(r.FormValue("back"))))
}

func (s *Pages) signIn(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, formArea)
	if err != nil {
		return err
	}
	back := web.Local(f.Raw("back"))
	ticket, err := s.Accounts.SignIn(r.Context(), account.Attempt{
		Login: f.Text("login"), Password: f.Raw("password"), Keep: f.Tick("keep"), Client: client(r),
	})
	if err != nil && told(f, err) {
		return s.Kit.Page(w, r, http.StatusUnprocessableEntity, signInPage(web.Page(r), f, back))
	}
	if err != nil {
		return err
	}
	s.Admit(w, r, ticket)
	if ticket.Stage == account.NeedCode {
		return web.SeeOther(w, r, "/sign-in/code?back="+url.QueryEscape(back))
	}
	if ticket.Stage == account.NeedEnrol {
		return web.SeeOther(w, r, "/sign-in/enrol?back="+url.QueryEscape(back))
	}
	to, err := s.onward(r, ticket.Token, back)
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, to)
}

// half is whether the browser is between the password and the second step; when
// not, it begins again.
func (s *Pages) half(r *http.Request, stage account.Stage) error {
	_, at, err := s.Accounts.Half(r.Context(), token(r))
	if err == nil && at != stage {
		err = fault.New(fault.SignIn, "fault.sign_in")
	}
	return err
}

func (s *Pages) codePage(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, formArea)
	if err != nil {
		return err
	}
	if err := s.half(r, account.NeedCode); err != nil {
		return restart(w, r, err)
	}
	return s.Kit.Page(w, r, http.StatusOK, codePage(web.Page(r), f, web.Local(r.FormValue("back"))))
}

// restart leads whoever has no half session back to the start.
func restart(w http.ResponseWriter, r *http.Request, err error) error {
	if fault.Is(err, fault.SignIn) {
		return web.SeeOther(w, r, "/sign-in?back="+url.QueryEscape(web.Local(r.FormValue("back"))))
	}
	return err
}

func (s *Pages) code(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, formArea)
	if err != nil {
		return err
	}
	ticket, err := s.Accounts.SecondStep(r.Context(), token(r), f.Text("otp"), client(r))
	if fault.Is(err, fault.SignIn) {
		return restart(w, r, err)
	}
	if err != nil && told(f, err) {
		return s.Kit.Page(w, r, http.StatusUnprocessableEntity, codePage(web.Page(r), f, web.Local(f.Raw("back"))))
	}
	if err != nil {
		return err
	}
	s.Admit(w, r, ticket)
	to, err := s.onward(r, ticket.Token, f.Raw("back"))
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, to)
}

func (s *Pages) enrolPage(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, formArea)
	if err != nil {
		return err
	}
	return s.showEnrol(w, r, f, http.StatusOK)
}

func (s *Pages) showEnrol(w http.ResponseWriter, r *http.Request, f *web.Form, status int) error {
	if err := s.half(r, account.NeedEnrol); err != nil {
		return restart(w, r, err)
	}
	half, _, err := s.Accounts.Half(r.Context(), token(r))
	if err != nil {
		return restart(w, r, err)
	}
	e, err := s.Accounts.StartFactor(r.Context(), half)
	if err != nil {
		return err
	}
	return s.Kit.Page(w, r, status, enrolPage(web.Page(r), f, e, "/sign-in/enrol", web.Local(r.FormValue("back")), true))
}

func (s *Pages) enrol(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, formArea)
	if err != nil {
		return err
	}
	half, _, err := s.Accounts.Half(r.Context(), token(r))
	if err != nil {
		return restart(w, r, err)
	}
	codes, err := s.Accounts.ConfirmFactor(r.Context(), half, token(r), f.Text("otp"))
	if err != nil && told(f, err) {
		return s.showEnrol(w, r, f, http.StatusUnprocessableEntity)
	}
	if err != nil {
		return err
	}
	to, err := s.onward(r, token(r), f.Raw("back"))
	if err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, recoveryPage(web.Page(r), codes, to))
}

func (s *Pages) signOut(w http.ResponseWriter, r *http.Request) error {
	if err := s.Accounts.SignOut(r.Context(), token(r)); err != nil {
		return err
	}
	leave(w, r)
	return web.SeeOther(w, r, "/")
}

// picture is a PNG inside the page: it holds a secret and must not be fetched
// by an address of its own.
func picture(png []byte) string {
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(png)
}
