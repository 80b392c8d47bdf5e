package accountweb

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/account"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/text"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// peopleView is the list of people with what waits beside it.
type peopleView struct {
	filter  account.PeopleFilter
	rows    []personLine
	total   int64
	next    string // address of the next page
	waiting []inviteLine
	roles   []account.Role
	invites bool // the reader may invite
	bench   bool // an office's page, not an organisation's own
}

type personLine struct {
	account.PersonRow
	grants []grantLine
	place  string
}

type inviteLine struct {
	account.Invitation
	role, over, by string
	expired        bool
}

const perPage = 40

func (s *Pages) people(w http.ResponseWriter, r *http.Request) error {
	by, err := needed(r)
	if err != nil {
		return err
	}
	if !by.Somewhere(account.See) {
		return fault.Closed()
	}
	q := r.URL.Query()
	v := peopleView{
		invites: by.Somewhere(account.Invite), bench: len(by.Regions(account.See)) > 0,
		filter: account.PeopleFilter{Query: q.Get("q"), Role: q.Get("role"), Status: flow.State(q.Get("status"))},
	}
	scope := by.Scope(account.See)
	rows, after, err := s.Accounts.People(r.Context(), scope, v.filter, account.Page{Limit: perPage, After: q.Get("after")})
	if err != nil {
		return err
	}
	if v.rows, err = s.personLines(r, rows); err != nil {
		return err
	}
	if v.total, err = s.Accounts.Count(r.Context(), scope, v.filter); err != nil {
		return err
	}
	if after != "" {
		q.Set("after", after)
		v.next = "/bench/people?" + q.Encode()
	}
	if v.roles, err = s.Accounts.Roles(r.Context()); err != nil {
		return err
	}
	if v.waiting, err = s.waiting(r, by); err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, peoplePage(web.Page(r), v))
}

func (s *Pages) personLines(r *http.Request, rows []account.PersonRow) ([]personLine, error) {
	var named []account.Place
	for _, row := range rows {
		named = append(append(named, at(row.Region)), overs(row.Grants)...)
	}
	name, err := s.called(r, named...)
	lines := make([]personLine, len(rows))
	for i, row := range rows {
		lines[i] = personLine{PersonRow: row, grants: grantLines(web.Lang(r), row.Grants, name), place: name(at(row.Region))}
	}
	return lines, err
}

func (s *Pages) waiting(r *http.Request, by authz.Actor) ([]inviteLine, error) {
	list, err := s.Accounts.Invitations(r.Context(), by.Scope(account.Invite))
	if err != nil || len(list) == 0 {
		return nil, err
	}
	ids, overs := make([]string, len(list)), make([]account.Place, len(list))
	for i, inv := range list {
		ids[i], overs[i] = inv.SentBy, invitedTo(inv)
	}
	names, err := s.Accounts.NamesOf(r.Context(), ids)
	if err != nil {
		return nil, err
	}
	name, err := s.called(r, overs...)
	lang, now := web.Lang(r), s.Kit.Clock()
	lines := make([]inviteLine, len(list))
	for i, inv := range list {
		lines[i] = inviteLine{Invitation: inv, role: roleName(lang, inv.Role), over: name(overs[i]), by: names[inv.SentBy], expired: inv.Expired(now)}
		if lines[i].by == "" {
			lines[i].by = lang.T("account.person.closed_name")
		}
	}
	return lines, err
}

// invitedTo is the place or organisation that an invitation is to.
func invitedTo(inv account.Invitation) account.Place {
	if inv.Region != "" {
		return at(inv.Region)
	}
	return account.Place{Party: authz.Party{Kind: inv.PartyKind, ID: inv.PartyID}}
}

// choices are the roles and places a reader may pass on, as options.
type choices struct{ roles, places []ui.Option }

func (s *Pages) choices(r *http.Request, roles []account.Role, places []account.Place) (choices, error) {
	lang := web.Lang(r)
	var c choices
	for _, role := range roles {
		c.roles = append(c.roles, ui.Option{Value: role.Name, Label: roleName(lang, role.Name)})
	}
	name, err := s.called(r, places...)
	if err != nil {
		return c, err
	}
	var tops []region.Code
	for _, p := range places {
		if p.Region != "" {
			tops = append(tops, p.Region)
			continue
		}
		c.places = append(c.places, ui.Option{Value: p.Party.Kind + ":" + p.Party.ID, Label: name(p)})
	}
	regions, err := s.regionOptions(r, lang, tops)
	c.places = append(c.places, regions...)
	if len(c.places) > 1 {
		c.places = append([]ui.Option{{Label: lang.T("account.form.place.choose")}}, c.places...)
	}
	if len(c.roles) > 1 {
		c.roles = append([]ui.Option{{Label: lang.T("account.form.role.choose")}}, c.roles...)
	}
	return c, err
}

func (s *Pages) regionOptions(r *http.Request, lang text.Lang, tops []region.Code) ([]ui.Option, error) {
	if s.Regions != nil && len(tops) > 0 {
		options, err := s.Regions(r.Context(), lang, tops)
		for i := range options {
			options[i].Value = account.OverRegion + ":" + options[i].Value
		}
		return options, err
	}
	var options []ui.Option
	for _, c := range tops {
		options = append(options, ui.Option{Value: account.OverRegion + ":" + string(c), Label: string(c)})
	}
	return options, nil
}

// placeOf reads a chosen place.
func placeOf(value string) account.Place {
	kind, id, _ := strings.Cut(value, ":")
	if kind == account.OverRegion {
		return account.Place{Region: region.Code(id)}
	}
	return account.Place{Party: authz.Party{Kind: kind, ID: id}}
}

// onPlace moves what is wrong with region or party to the one field that the
// form has for both.
func onPlace(err error) error {
	if e, ok := errors.AsType[*fault.Error](err); ok {
		for i, f := range e.Fields {
			if f.Name == "region" || f.Name == "party" {
				e.Fields[i].Name = "place"
			}
		}
	}
	return err
}

func (s *Pages) invitePage(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, formArea)
	if err != nil {
		return err
	}
	return s.showInvite(w, r, f, http.StatusOK)
}

func (s *Pages) showInvite(w http.ResponseWriter, r *http.Request, f *web.Form, status int) error {
	by, err := needed(r)
	if err != nil {
		return err
	}
	if !by.Somewhere(account.Invite) {
		return fault.Closed()
	}
	roles, places, err := s.Accounts.Invitable(r.Context(), by)
	if err != nil {
		return err
	}
	c, err := s.choices(r, roles, places)
	if err != nil {
		return err
	}
	return s.Kit.Page(w, r, status, invitePage(web.Page(r), f, c, len(by.Regions(account.Invite)) > 0))
}

func (s *Pages) invite(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, formArea)
	if err != nil {
		return err
	}
	by, place := web.Actor(r), placeOf(f.Text("place"))
	_, code, err := s.Accounts.InvitePerson(r.Context(), by, account.NewInvitation{
		Login: f.Text("login"), Name: f.Text("name"), Role: f.Text("role"), Region: place.Region, Party: place.Party, Once: f.Once(),
	})
	if err = onPlace(err); err != nil && told(f, err) {
		return s.showInvite(w, r, f, http.StatusUnprocessableEntity)
	}
	if err != nil {
		return err
	}
	if code != "" { // to be handed over: shown once, on no address of its own
		return s.Kit.Page(w, r, http.StatusOK, handPage(web.Page(r), handed{
			title: "account.invite.hand", text: "account.invite.hand.text", name: f.Text("name"), code: code, back: "/bench/people",
			bench: len(by.Regions(account.Invite)) > 0,
		}))
	}
	s.Kit.Flash(w, r, ui.OK, "account.invite.sent", "name", f.Text("name"))
	return web.SeeOther(w, r, "/bench/people")
}

func (s *Pages) withdraw(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, formArea)
	if err != nil {
		return err
	}
	if err := s.Accounts.WithdrawInvitation(r.Context(), web.Actor(r), r.PathValue("id"), f.Int("version")); err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "account.invite.withdrawn")
	return web.SeeOther(w, r, "/bench/people")
}

// query is the address of the list with one thing changed.
func (v peopleView) query(key, value string) string {
	q := url.Values{}
	for k, now := range map[string]string{"q": v.filter.Query, "role": v.filter.Role, "status": string(v.filter.Status)} {
		if k == key {
			now = value
		}
		if now != "" {
			q.Set(k, now)
		}
	}
	if len(q) == 0 {
		return "/bench/people"
	}
	return "/bench/people?" + q.Encode()
}
