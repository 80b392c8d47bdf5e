package accountweb

import (
	"encoding/json"
	"net/http"

	"qiban.dev/qiban/internal/domain/account"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/text"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// grantLine is a grant in words.
type grantLine struct {
	account.GrantRow
	Role, Over string
}

// mine is what the page of one's own account shows.
type mine struct {
	person   account.Person
	place    string
	grants   []grantLine
	sessions []account.Session
	recovery int
}

func grantLines(lang text.Lang, rows []account.GrantRow, name func(account.Place) string) []grantLine {
	var lines []grantLine
	for _, g := range rows {
		lines = append(lines, grantLine{GrantRow: g, Role: roleName(lang, g.Role), Over: name(over(g))})
	}
	return lines
}

func (s *Pages) me(w http.ResponseWriter, r *http.Request) error {
	by, err := needed(r)
	if err != nil {
		return err
	}
	var m mine
	if m.person, err = s.Accounts.Me(r.Context(), by); err != nil {
		return err
	}
	rows, err := s.Accounts.OwnGrants(r.Context(), by)
	if err != nil {
		return err
	}
	name, err := s.called(r, append(overs(rows), at(m.person.Region))...)
	if err != nil {
		return err
	}
	m.place, m.grants = name(at(m.person.Region)), grantLines(web.Lang(r), rows, name)
	if m.sessions, err = s.Accounts.Sessions(r.Context(), by, token(r)); err != nil {
		return err
	}
	if m.recovery, err = s.Accounts.RecoveryLeft(r.Context(), by); err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, mePage(web.Page(r), m))
}

// ask shows a form of one's own account, filled with what is known.
func (s *Pages) ask(r *http.Request, show func(*web.Form, account.Person) error) error {
	by, err := needed(r)
	if err != nil {
		return err
	}
	me, err := s.Accounts.Me(r.Context(), by)
	if err != nil {
		return err
	}
	f, err := s.Kit.Form(r, formArea)
	if err != nil {
		return err
	}
	return show(f, me)
}

// done answers a form of one's own account: again when something is broken,
// else the account's page with a word.
func (s *Pages) done(w http.ResponseWriter, r *http.Request, f *web.Form, err error, again func(status int) error, key string) error {
	if err != nil && told(f, err) {
		return again(http.StatusUnprocessableEntity)
	}
	if err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, key)
	return web.SeeOther(w, r, "/me")
}

func (s *Pages) profilePage(w http.ResponseWriter, r *http.Request) error {
	return s.ask(r, func(f *web.Form, me account.Person) error {
		f.Start("name", me.Name).Start("region", string(me.Region)).Start("situation", me.Situation)
		return s.showProfile(w, r, f, me.Version, http.StatusOK)
	})
}

func (s *Pages) showProfile(w http.ResponseWriter, r *http.Request, f *web.Form, version int64, status int) error {
	places, err := s.homeRegions(r)
	if err != nil {
		return err
	}
	return s.Kit.Page(w, r, status, profilePage(web.Page(r), f, version, places))
}

func (s *Pages) profile(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, formArea)
	if err != nil {
		return err
	}
	version := f.Int("version")
	if err = f.Err(); err == nil {
		err = s.Accounts.EditProfile(r.Context(), web.Actor(r), version, account.Profile{
			Name: f.Text("name"), Region: region.Code(f.Text("region")), Situation: f.Text("situation"),
		})
	}
	return s.done(w, r, f, err, func(status int) error { return s.showProfile(w, r, f, version, status) }, "account.me.saved")
}

func (s *Pages) loginPage(w http.ResponseWriter, r *http.Request) error {
	return s.ask(r, func(f *web.Form, me account.Person) error {
		f.Start("phone", me.Phone).Start("email", me.Email)
		return s.Kit.Page(w, r, http.StatusOK, loginPage(web.Page(r), f, s.Accounts.SendsMail()))
	})
}

func (s *Pages) login(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, formArea)
	if err != nil {
		return err
	}
	if _, err := needed(r); err != nil {
		return err
	}
	err = s.Accounts.ChangeLogin(r.Context(), web.Actor(r), account.NewLogin{
		Password: f.Raw("password_old"), Phone: f.Text("phone"), Email: f.Text("email"),
	})
	return s.done(w, r, f, err, func(status int) error {
		return s.Kit.Page(w, r, status, loginPage(web.Page(r), f, s.Accounts.SendsMail()))
	}, "account.me.login_saved")
}

func (s *Pages) emailPage(w http.ResponseWriter, r *http.Request) error {
	return s.ask(r, func(f *web.Form, me account.Person) error {
		return s.Kit.Page(w, r, http.StatusOK, emailPage(web.Page(r), f, me.EmailPending))
	})
}

func (s *Pages) email(w http.ResponseWriter, r *http.Request) error {
	return s.ask(r, func(f *web.Form, me account.Person) error {
		err := s.Accounts.ConfirmEmail(r.Context(), web.Actor(r), f.Text("otp"))
		return s.done(w, r, f, err, func(status int) error {
			return s.Kit.Page(w, r, status, emailPage(web.Page(r), f, me.EmailPending))
		}, "account.me.email_confirmed")
	})
}

func (s *Pages) passwordPage(w http.ResponseWriter, r *http.Request) error {
	return s.ask(r, func(f *web.Form, me account.Person) error {
		return s.Kit.Page(w, r, http.StatusOK, passwordPage(web.Page(r), f))
	})
}

func (s *Pages) password(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, formArea)
	if err != nil {
		return err
	}
	err = s.Accounts.ChangePassword(r.Context(), web.Actor(r), token(r), f.Raw("password_old"), f.Raw("password"))
	return s.done(w, r, f, err, func(status int) error {
		return s.Kit.Page(w, r, status, passwordPage(web.Page(r), f))
	}, "account.me.password_saved")
}

func (s *Pages) factorPage(w http.ResponseWriter, r *http.Request) error {
	return s.ask(r, func(f *web.Form, me account.Person) error {
		if me.FactorAt > 0 {
			return s.Kit.Page(w, r, http.StatusOK, dropPage(web.Page(r), f))
		}
		return s.showFactor(w, r, f, http.StatusOK)
	})
}

func (s *Pages) showFactor(w http.ResponseWriter, r *http.Request, f *web.Form, status int) error {
	e, err := s.Accounts.StartFactor(r.Context(), web.Actor(r))
	if err != nil {
		return err
	}
	return s.Kit.Page(w, r, status, enrolPage(web.Page(r), f, e, "/me/factor", "", false))
}

func (s *Pages) factor(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, formArea)
	if err != nil {
		return err
	}
	codes, err := s.Accounts.ConfirmFactor(r.Context(), web.Actor(r), token(r), f.Text("otp"))
	if fault.Is(err, fault.Conflict) {
		return err
	}
	if err != nil && told(f, err) {
		return s.showFactor(w, r, f, http.StatusUnprocessableEntity)
	}
	if err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, recoveryPage(web.Page(r), codes, "/me"))
}

func (s *Pages) dropFactor(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, formArea)
	if err != nil {
		return err
	}
	err = s.Accounts.DropFactor(r.Context(), web.Actor(r), f.Raw("password_old"))
	return s.done(w, r, f, err, func(status int) error {
		return s.Kit.Page(w, r, status, dropPage(web.Page(r), f))
	}, "account.me.factor_dropped")
}

func (s *Pages) endSession(w http.ResponseWriter, r *http.Request) error {
	if err := s.Accounts.EndOne(r.Context(), web.Actor(r), r.PathValue("id")); err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "account.me.session_ended")
	return web.SeeOther(w, r, "/me")
}

func (s *Pages) endOthers(w http.ResponseWriter, r *http.Request) error {
	if err := s.Accounts.EndOthers(r.Context(), web.Actor(r), token(r)); err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "account.me.sessions_ended")
	return web.SeeOther(w, r, "/me")
}

func (s *Pages) ownInvitationPage(w http.ResponseWriter, r *http.Request) error {
	return s.ask(r, func(f *web.Form, _ account.Person) error {
		return s.Kit.Page(w, r, http.StatusOK, ownInvitationPage(web.Page(r), f))
	})
}

func (s *Pages) ownInvitation(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, formArea)
	if err != nil {
		return err
	}
	err = s.Accounts.AcceptOwn(r.Context(), web.Actor(r), f.Text("otp"), client(r))
	return s.done(w, r, f, err, func(status int) error {
		return s.Kit.Page(w, r, status, ownInvitationPage(web.Page(r), f))
	}, "account.me.accepted")
}

func (s *Pages) closePage(w http.ResponseWriter, r *http.Request) error {
	return s.ask(r, func(f *web.Form, _ account.Person) error {
		return s.Kit.Page(w, r, http.StatusOK, closePage(web.Page(r), f))
	})
}

func (s *Pages) close(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, formArea)
	if err != nil {
		return err
	}
	err = s.Accounts.CloseAccount(r.Context(), web.Actor(r), f.Raw("password_old"))
	if err != nil && told(f, err) {
		return s.Kit.Page(w, r, http.StatusUnprocessableEntity, closePage(web.Page(r), f))
	}
	if err != nil {
		return err
	}
	leave(w, r)
	s.Kit.Flash(w, r, ui.OK, "account.me.closed")
	return web.SeeOther(w, r, "/")
}

// export hands over what the account holds as a file.
func (s *Pages) export(w http.ResponseWriter, r *http.Request) error {
	held, err := s.Accounts.Export(r.Context(), web.Actor(r))
	if err != nil {
		return err
	}
	raw, err := json.MarshalIndent(held, "", "  ")
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="qiban-account.json"`)
	w.Header().Set("Cache-Control", "no-store")
	_, err = w.Write(raw)
	return err
}
