package portal

import (
	"context"
	"net/http"
	"slices"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/account"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/enterprise/enterpriseweb"
	"qiban.dev/qiban/internal/domain/guarantee"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/domain/park"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/notify"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// myView is somebody's own space (我的).
type myView struct {
	Enterprises  []enterprise.Enterprise
	Institutions []institution.Institution
	Duties       []duties             // of each of the institutions
	Claims       []enterprise.MyClaim // those that are still being checked
	Unread       int
	Office       bool // they work for an office as well
}

// duties are what waits at an institution besides needs.
type duties struct {
	Parks  int // how many it runs
	Wishes int // applications for space in them that have no answer
	Cases  int // applications for a guarantee that have no answer
}

// mostOwn is how many of somebody's organisations the page shows in full.
const mostOwn = 5

// my is where everybody who is signed in finds what is theirs.
func (s *Pages) my(w http.ResponseWriter, r *http.Request) error {
	ctx, by := r.Context(), web.Actor(r)
	if !by.SignedIn() {
		return fault.New(fault.SignIn, "fault.sign_in")
	}
	v := myView{Office: len(by.Regions(enterprise.View)) > 0}
	for _, id := range first(by.Parties(authz.Enterprise, enterprise.View), mostOwn) {
		e, err := s.Enterprises.Get(ctx, by, enterprise.ID(id))
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return err
		}
		v.Enterprises = append(v.Enterprises, e)
	}
	for _, id := range first(by.Parties(authz.Institution, institution.See), mostOwn) {
		d, err := s.Institutions.Get(ctx, by.Scope(institution.See), institution.ID(id))
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return err
		}
		due, err := s.duties(ctx, &d.Institution)
		if err != nil {
			return err
		}
		v.Institutions, v.Duties = append(v.Institutions, d.Institution), append(v.Duties, due)
	}
	claims, err := s.Enterprises.MyClaims(ctx, by)
	if err != nil {
		return err
	}
	for _, c := range claims {
		if c.Status == enterprise.ClaimPending {
			v.Claims = append(v.Claims, c)
		}
	}
	if v.Unread, err = s.Notify.Unread(ctx, by.ID); err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, myPage(web.Page(r), v))
}

func (s *Pages) duties(ctx context.Context, i *institution.Institution) (d duties, err error) {
	own := authz.Own(authz.Party{Kind: authz.Institution, ID: string(i.ID)})
	if d.Parks, err = s.Parks.Count(ctx, own, park.Filter{}); err != nil {
		return d, err
	}
	if d.Parks > 0 {
		if d.Wishes, err = s.Parks.CountWishes(ctx, own, park.WishFilter{State: park.Applied}); err != nil {
			return d, err
		}
	}
	if slices.Contains(i.Kinds, institution.Guarantor) {
		d.Cases, err = s.Guarantees.Count(ctx, own, guarantee.Filter{State: guarantee.Applied, Guarantor: i.ID})
	}
	return d, err
}

func first(ids []string, n int) []string { return ids[:min(len(ids), n)] }

// title is the name of the space: the organisation's, when there is one only.
func (v myView) title(p web.P) string {
	switch {
	case len(v.Enterprises) == 1 && len(v.Institutions) == 0:
		return v.Enterprises[0].Profile.Name
	case len(v.Enterprises) == 0 && len(v.Institutions) == 1:
		return v.Institutions[0].Name
	default:
		return p.T("web.own")
	}
}

// lastYear is the newest year that has ended: its figures can be complete.
func lastYear(p web.P) int { return p.Now.In(ui.Shanghai()).Year() - 1 }

// doings are what the people of an enterprise can do; the figures of the last
// year are asked for until they are there.
func doings(p web.P, e enterprise.Enterprise, last int) []ui.Item {
	id := "?e=" + string(e.ID)
	size, missing := p.T("portal.my.size.none"), ""
	if e.SizeYear > 0 {
		size = p.T("portal.my.size", "year", e.SizeYear, "class", p.T(enterpriseweb.ClassKey(e.Size)))
	}
	if e.SizeYear < last {
		missing = p.T("portal.my.size.missing", "year", last)
	}
	return []ui.Item{
		{Label: p.T("portal.my.needs"), Href: "/my/needs", Right: p.T("portal.my.needs.text")},
		{Label: p.T("tech.page.orders"), Href: "/orders", Right: p.T("portal.my.orders.text")},
		{Label: p.T("technotice.page.own"), Href: "/my/technology", Right: p.T("portal.my.technology.text")},
		{Label: p.T("techproduct.page.own"), Href: "/my/products", Right: p.T("portal.my.products.text")},
		{Label: p.T("guarantees.own"), Href: "/my/guarantees", Right: p.T("portal.my.guarantees.text")},
		{Label: p.T("portal.my.space"), Href: "/my/space", Right: p.T("portal.my.space.text")},
		{Label: p.T("portal.my.years"), Href: "/my/enterprise/years" + id, Right: size, Under: missing},
		{Label: p.T("portal.my.profile"), Href: "/my/enterprise" + id},
		{Label: p.T("portal.my.people"), Href: "/my/people?enterprise=" + string(e.ID)},
	}
}

func serving(p web.P, i institution.Institution, due duties) []ui.Item {
	list := []ui.Item{
		{Label: p.T("portal.my.offers"), Href: "/my/offers", Right: p.T("portal.my.offers.text")},
		{Label: p.T("portal.my.institution"), Href: "/my/institution?i=" + string(i.ID), Right: p.T("portal.my.institution.text")},
		{Label: p.T("recognition.page.mine"), Href: "/my/recognition", Right: p.T("portal.my.recognition.text")},
		{Label: p.T("technotice.page.own"), Href: "/my/technology", Right: p.T("portal.my.technology.text")},
		{Label: p.T("portal.my.people"), Href: "/my/people?institution=" + string(i.ID)},
	}
	if due.Parks > 0 {
		list = append(list, ui.Item{Label: p.T("parks.run"), Href: "/bench/parks", Right: p.T("portal.my.parks.text", "n", due.Parks)})
	}
	if due.Wishes > 0 {
		list = append(list, ui.Item{Label: p.T("parks.wish.todo", "n", due.Wishes), Href: "/bench/space"})
	}
	if slices.Contains(i.Kinds, institution.Guarantor) || slices.Contains(i.Kinds, institution.Bank) {
		list = append(list,
			ui.Item{Label: p.T("guarantees.cases"), Href: "/guarantees", Right: p.T("portal.my.cases.text"), Under: waiting(p, due.Cases)},
			ui.Item{Label: p.T("guarantees.needs"), Href: "/financing", Right: p.T("portal.my.financing.text")})
	}
	if slices.Contains(i.Kinds, institution.TechnologyPlatform) {
		list = append(list, ui.Item{Label: p.T("tech.page.orders"), Href: "/orders", Right: p.T("portal.my.platform.text")})
	}
	return list
}

// waiting says how many applications for a guarantee have no answer yet.
func waiting(p web.P, n int) string {
	if n == 0 {
		return ""
	}
	return p.T("portal.my.cases.todo", "n", n)
}

// always are what everybody has, whoever they act for.
func (v myView) always(p web.P) []ui.Item {
	unread := p.T("portal.my.messages.none")
	if v.Unread > 0 {
		unread = p.T("portal.my.messages.unread", "n", v.Unread)
	}
	return []ui.Item{
		{Label: p.T("portal.messages"), Href: "/my/messages", Right: unread},
		{Label: p.T("portal.my.claims"), Href: "/my/claims", Right: p.T("portal.my.claims.open", "n", len(v.Claims))},
		{Label: p.T("portal.my.account"), Href: "/me"},
	}
}

// messages is somebody's inbox (消息).
func (s *Pages) messages(w http.ResponseWriter, r *http.Request) error {
	by := web.Actor(r)
	if !by.SignedIn() {
		return fault.New(fault.SignIn, "fault.sign_in")
	}
	f, err := s.Kit.Form(r, "portal.messages")
	if err != nil {
		return err
	}
	list, next, err := s.Notify.Inbox(r.Context(), by.ID, db.Page{Limit: 20, After: r.URL.Query().Get("after")})
	if err != nil {
		return err
	}
	unread, err := s.Notify.Unread(r.Context(), by.ID)
	if err != nil {
		return err
	}
	mails := mailWish{possible: s.Notify.Mails()}
	if mails.wanted, err = s.Notify.WantsMail(r.Context(), s.DB, by.ID); err != nil {
		return err
	}
	if mails.wanted {
		f.Start("mail", "1")
	}
	return s.Kit.Page(w, r, http.StatusOK, messagesPage(web.Page(r), f, list, next, unread, mails))
}

// mailWish is whether mails can be sent at all, and whether the reader wants them.
type mailWish struct{ possible, wanted bool }

// wish keeps whether the reader wants mails too.
func (s *Pages) wish(w http.ResponseWriter, r *http.Request) error {
	by := web.Actor(r)
	if !by.SignedIn() {
		return fault.New(fault.SignIn, "fault.sign_in")
	}
	f, err := s.Kit.Form(r, "portal.messages")
	if err != nil {
		return err
	}
	if err := s.Notify.Wish(r.Context(), by.ID, f.Tick("mail")); err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "notify.wish.saved")
	return web.SeeOther(w, r, "/my/messages")
}

// markRead marks one message as read, or all when none is named.
func (s *Pages) markRead(w http.ResponseWriter, r *http.Request) error {
	by := web.Actor(r)
	if !by.SignedIn() {
		return fault.New(fault.SignIn, "fault.sign_in")
	}
	f, err := s.Kit.Form(r, "portal.messages")
	if err != nil {
		return err
	}
	if err := s.Notify.MarkRead(r.Context(), by.ID, f.Many("id")...); err != nil {
		return err
	}
	return web.SeeOther(w, r, "/my/messages")
}

func unreadMark(p web.P, m notify.Received) string {
	if m.Unread() {
		return p.T("portal.messages.new")
	}
	return ""
}

// peopleView are those who act for an organisation, and who is invited to.
type peopleView struct {
	Party       authz.Party
	Name        string
	Role        string
	Names       []string
	Invitations []account.Invitation
	Invite      bool
	Form        *web.Form
	Code        string // of a new invitation by phone, shown once
	Login       string
}

// party is the organisation that a page of people is about: the one named, else
// the first that the reader acts for.
func (s *Pages) party(r *http.Request) (peopleView, error) {
	by, q := web.Actor(r), r.URL.Query()
	if !by.SignedIn() {
		return peopleView{}, fault.New(fault.SignIn, "fault.sign_in")
	}
	for _, k := range []struct {
		kind, role string
		may        authz.Permission
	}{{authz.Enterprise, s.EnterpriseStaff, enterprise.View}, {authz.Institution, s.InstitutionStaff, institution.See}} {
		ids, id := by.Parties(k.kind, k.may), q.Get(k.kind)
		if id == "" && len(q) == 0 && len(ids) > 0 {
			id = ids[0]
		}
		if id == "" || !slices.Contains(ids, id) {
			continue
		}
		v := peopleView{Party: authz.Party{Kind: k.kind, ID: id}, Role: k.role}
		v.Invite = k.role != "" && by.May(account.Invite, v.target())
		return v, nil
	}
	return peopleView{}, fault.Missing()
}

func (v peopleView) target() authz.Target { return authz.Target{}.Of(v.Party.Kind, v.Party.ID) }

// people are those who act for an organisation (人员).
func (s *Pages) people(w http.ResponseWriter, r *http.Request) error {
	v, err := s.party(r)
	if err != nil {
		return err
	}
	if v.Form, err = s.Kit.Form(r, "portal.invite"); err != nil {
		return err
	}
	return s.peoplePage(w, r, http.StatusOK, v)
}

func (s *Pages) peoplePage(w http.ResponseWriter, r *http.Request, status int, v peopleView) error {
	ctx, by := r.Context(), web.Actor(r)
	may := enterprise.View
	if v.Party.Kind == authz.Institution {
		may = institution.See
	}
	holders, err := s.Accounts.Holders(ctx, s.DB, may, v.target())
	if err != nil {
		return err
	}
	for _, h := range holders {
		v.Names = append(v.Names, h.Name)
	}
	if v.Invite {
		all, err := s.Accounts.Invitations(ctx, by.Scope(account.Invite))
		if err != nil {
			return err
		}
		for _, i := range all {
			if i.PartyID == v.Party.ID {
				v.Invitations = append(v.Invitations, i)
			}
		}
	}
	if v.Name, err = s.partyName(r, v.Party); err != nil {
		return err
	}
	return s.Kit.Page(w, r, status, peoplePage(web.Page(r), v))
}

func (s *Pages) partyName(r *http.Request, p authz.Party) (string, error) {
	by := web.Actor(r)
	if p.Kind == authz.Enterprise {
		e, err := s.Enterprises.Get(r.Context(), by, enterprise.ID(p.ID))
		return e.Profile.Name, err
	}
	d, err := s.Institutions.Get(r.Context(), by.Scope(institution.See), institution.ID(p.ID))
	return d.Name, err
}

// invite asks a colleague to join (邀请同事).
func (s *Pages) invite(w http.ResponseWriter, r *http.Request) error {
	v, err := s.party(r)
	if err != nil {
		return err
	}
	if v.Form, err = s.Kit.Form(r, "portal.invite"); err != nil {
		return err
	}
	if !v.Invite {
		return fault.Closed()
	}
	v.Login = v.Form.Text("login")
	_, v.Code, err = s.Accounts.InvitePerson(r.Context(), web.Actor(r), account.NewInvitation{
		Login: v.Login, Name: v.Form.Text("name"), Role: v.Role, Party: v.Party, Once: v.Form.Once(),
	})
	if v.Form.Broken(err) {
		return s.peoplePage(w, r, http.StatusUnprocessableEntity, v)
	}
	if err != nil {
		return err
	}
	if v.Code != "" { // handed over by the inviter, and never shown again
		return s.peoplePage(w, r, http.StatusOK, v)
	}
	s.Kit.Flash(w, r, ui.OK, "portal.invite.sent")
	return web.SeeOther(w, r, v.href())
}

func (v peopleView) href() string { return "/my/people?" + v.Party.Kind + "=" + v.Party.ID }

func (s *Pages) withdraw(w http.ResponseWriter, r *http.Request) error {
	v, err := s.party(r)
	if err != nil {
		return err
	}
	f, err := s.Kit.Form(r, "portal.invite")
	if err != nil {
		return err
	}
	if err := s.Accounts.WithdrawInvitation(r.Context(), web.Actor(r), r.PathValue("id"), f.Int("version")); err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "portal.invite.withdrawn")
	return web.SeeOther(w, r, v.href())
}
