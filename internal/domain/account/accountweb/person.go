package accountweb

import (
	"net/http"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/account"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// personView is one person as staff see them.
type personView struct {
	person account.Person
	place  string
	grants []grantLine
	keys   []account.KeyInfo
	acts   []authz.Permission // what the reader may do with the account
	gives  bool
	ends   func(account.GrantRow) bool
	bench  bool
}

func (s *Pages) person(w http.ResponseWriter, r *http.Request) error {
	return s.showPerson(w, r, http.StatusOK)
}

func (s *Pages) showPerson(w http.ResponseWriter, r *http.Request, status int) error {
	by, err := needed(r)
	if err != nil {
		return err
	}
	v := personView{bench: len(by.Regions(account.See)) > 0, gives: by.Somewhere(account.Give) && by.ID != r.PathValue("id")}
	if v.person, err = s.Accounts.Person(r.Context(), by, r.PathValue("id")); err != nil {
		return err
	}
	rows, err := s.Accounts.Grants(r.Context(), by.Scope(account.See), v.person.ID)
	if err != nil {
		return err
	}
	name, err := s.called(r, append(overs(rows), at(v.person.Region))...)
	if err != nil {
		return err
	}
	v.place, v.grants = name(at(v.person.Region)), grantLines(web.Lang(r), rows, name)
	v.ends = func(g account.GrantRow) bool {
		return g.EndedAt == 0 && by.May(account.End, authz.At(g.Region).Of(g.PartyKind, g.PartyID))
	}
	if v.keys, err = s.Accounts.Keys(r.Context(), by, v.person.ID); err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	v.acts = acts(by, v.person)
	return s.Kit.Page(w, r, status, personPage(web.Page(r), v))
}

// acts are what the reader may do with somebody else's account as it is now.
func acts(by authz.Actor, p account.Person) []authz.Permission {
	if by.ID == p.ID {
		return nil
	}
	possible := map[authz.Permission]bool{
		account.CheckPhone:  p.Phone != "" && p.PhoneSeenAt == 0,
		account.IssueCode:   p.Status == account.Active,
		account.ResetFactor: p.FactorAt > 0,
		account.Disable:     p.Status == account.Active,
		account.Enable:      p.Status == account.Disabled,
	}
	var list []authz.Permission
	for _, do := range []authz.Permission{account.CheckPhone, account.IssueCode, account.ResetFactor, account.Enable, account.Disable} {
		if possible[do] && by.May(do, authz.At(p.Region)) {
			list = append(list, do)
		}
	}
	return list
}

// act does what the last word of the address says with an account.
func (s *Pages) act(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, formArea)
	if err != nil {
		return err
	}
	by, id := web.Actor(r), r.PathValue("id")
	switch r.PathValue("act") {
	case account.CheckPhone.Verb():
		err = s.Accounts.CheckPhone(r.Context(), by, id)
	case account.ResetFactor.Verb():
		err = s.Accounts.ResetFactor(r.Context(), by, id)
	case account.Disable.Verb():
		err = s.Accounts.DisableAccount(r.Context(), by, id, f.Text("reason"))
	case account.Enable.Verb():
		err = s.Accounts.EnableAccount(r.Context(), by, id, f.Text("reason"))
	case account.IssueCode.Verb():
		return s.issue(w, r, by, id)
	default:
		return fault.Missing()
	}
	if fault.Is(err, fault.Invalid) {
		s.Kit.Flash(w, r, ui.Bad, "account.reason.needed")
		return web.SeeOther(w, r, "/bench/people/"+id)
	}
	if err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "account.done."+r.PathValue("act"))
	return web.SeeOther(w, r, "/bench/people/"+id)
}

// handed is a code shown once, to be given to somebody.
type handed struct {
	title, text, name, code, back string
	bench                         bool
}

func (s *Pages) issue(w http.ResponseWriter, r *http.Request, by authz.Actor, id string) error {
	code, err := s.Accounts.IssueCode(r.Context(), by, id)
	if err != nil {
		return err
	}
	p, err := s.Accounts.Person(r.Context(), by, id)
	if err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, handPage(web.Page(r), handed{
		title: "account.issue.hand", text: "account.issue.hand.text", name: p.Name, code: code, back: "/bench/people/" + id, bench: true,
	}))
}

func (s *Pages) grantPage(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, formArea)
	if err != nil {
		return err
	}
	return s.showGrant(w, r, f, http.StatusOK)
}

func (s *Pages) showGrant(w http.ResponseWriter, r *http.Request, f *web.Form, status int) error {
	by, err := needed(r)
	if err != nil {
		return err
	}
	if !by.Somewhere(account.Give) {
		return fault.Closed()
	}
	p, err := s.Accounts.Person(r.Context(), by, r.PathValue("id"))
	if err != nil {
		return err
	}
	roles, places, err := s.Accounts.Grantable(r.Context(), by)
	if err != nil {
		return err
	}
	c, err := s.choices(r, roles, places)
	if err != nil {
		return err
	}
	return s.Kit.Page(w, r, status, grantPage(web.Page(r), f, p, c))
}

func (s *Pages) grant(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, formArea)
	if err != nil {
		return err
	}
	id, place, to := r.PathValue("id"), placeOf(f.Text("place")), f.Date("to")
	if err = f.Err(); err == nil {
		_, err = s.Accounts.Give(r.Context(), web.Actor(r), account.Grant{Person: id, Role: f.Text("role"), Region: place.Region, Party: place.Party, ToAt: endOf(to)})
	}
	if err = onPlace(err); err != nil && told(f, err) {
		return s.showGrant(w, r, f, http.StatusUnprocessableEntity)
	}
	if err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "account.grant.given")
	return web.SeeOther(w, r, "/bench/people/"+id)
}

func (s *Pages) endGrant(w http.ResponseWriter, r *http.Request) error {
	if err := s.Accounts.EndGrant(r.Context(), web.Actor(r), r.PathValue("grant")); err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "account.grant.ended")
	return web.SeeOther(w, r, "/bench/people/"+r.PathValue("id"))
}

// tone is the colour of an account's state.
func tone(state flow.State) ui.Tone {
	if state == account.Active {
		return ui.Moss
	}
	return ui.Reed
}
