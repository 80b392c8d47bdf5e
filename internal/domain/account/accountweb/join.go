package accountweb

import (
	"net/http"
	"net/url"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/account"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// consent is the version of the privacy notice when its box is ticked.
func (s *Pages) consent(f *web.Form) string {
	if f.Tick("consent") {
		return s.Accounts.NoticeVersion()
	}
	return ""
}

func (s *Pages) notice() string {
	if s.Notice == "" {
		return "/privacy"
	}
	return s.Notice
}

func (s *Pages) registerPage(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, formArea)
	if err != nil {
		return err
	}
	return s.showRegister(w, r, f, http.StatusOK)
}

func (s *Pages) showRegister(w http.ResponseWriter, r *http.Request, f *web.Form, status int) error {
	places, err := s.homeRegions(r)
	if err != nil {
		return err
	}
	return s.Kit.Page(w, r, status, registerPage(web.Page(r), f, places, s.notice(), web.Local(r.FormValue("back"))))
}

func (s *Pages) register(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, formArea)
	if err != nil {
		return err
	}
	in := account.NewAccount{
		Phone: f.Text("phone"), Name: f.Text("name"), Password: f.Raw("password"), Email: f.Text("email"),
		Region: region.Code(f.Text("region")), Situation: f.Text("situation"), Consent: s.consent(f), Client: client(r),
	}
	err = s.Accounts.RegisterPerson(r.Context(), authz.Anyone("register", account.Register), in)
	if err != nil && told(f, err) {
		return s.showRegister(w, r, f, http.StatusUnprocessableEntity)
	}
	if err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "account.register.done")
	return web.SeeOther(w, r, "/sign-in?back="+url.QueryEscape(web.Local(f.Raw("back"))))
}

func (s *Pages) forgotPage(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, formArea)
	if err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, forgotPage(web.Page(r), f, s.Accounts.SendsMail()))
}

func (s *Pages) forgot(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, formArea)
	if err != nil {
		return err
	}
	err = s.Accounts.AskReset(r.Context(), authz.Anyone("recover", account.Recover), f.Text("login"), client(r))
	if err != nil && told(f, err) {
		return s.Kit.Page(w, r, http.StatusUnprocessableEntity, forgotPage(web.Page(r), f, s.Accounts.SendsMail()))
	}
	if err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.Info, "account.forgot.sent")
	return web.SeeOther(w, r, "/reset")
}

func (s *Pages) resetPage(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, formArea)
	if err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, resetPage(web.Page(r), f))
}

func (s *Pages) reset(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, formArea)
	if err != nil {
		return err
	}
	err = s.Accounts.Reset(r.Context(), authz.Anyone("recover", account.Recover), account.NewPassword{
		Login: f.Text("login"), Code: f.Text("otp"), Password: f.Raw("password"), Client: client(r),
	})
	if err != nil && told(f, err) {
		return s.Kit.Page(w, r, http.StatusUnprocessableEntity, resetPage(web.Page(r), f))
	}
	if err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "account.reset.done")
	return web.SeeOther(w, r, "/sign-in")
}

func (s *Pages) invitationPage(w http.ResponseWriter, r *http.Request) error {
	if web.Actor(r).Kind == authz.Human {
		return web.SeeOther(w, r, "/me/invitation")
	}
	f, err := s.Kit.Form(r, formArea)
	if err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, invitationPage(web.Page(r), f, s.notice()))
}

func (s *Pages) invitation(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, formArea)
	if err != nil {
		return err
	}
	err = s.Accounts.AcceptNew(r.Context(), authz.Anyone("accept", account.Accept), account.Acceptance{
		Login: f.Text("login"), Code: f.Text("otp"), Name: f.Text("name"), Password: f.Raw("password"),
		Consent: s.consent(f), Client: client(r),
	})
	if err != nil && told(f, err) {
		return s.Kit.Page(w, r, http.StatusUnprocessableEntity, invitationPage(web.Page(r), f, s.notice()))
	}
	if err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "account.invitation.done")
	return web.SeeOther(w, r, "/sign-in")
}
