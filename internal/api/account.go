package api

import (
	"context"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/account"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/region"
)

// accounts are the operations of people and their rights (人员与权限).
type accounts struct{ people *account.Service }

func (a accounts) operations() []operation {
	const look, write = "person:read", "person:write"
	return []operation{
		reads("getMe", "/me", words{"我的账号", "Your own account"}, a.me).needs("me:read"),
		changes("editMe", "PUT /me", words{"修改我的资料", "Edit your profile"}, a.editMe, a.showMe).needs("me:write").matched(),
		reads("listMyGrants", "/me/grants", words{"我的角色", "Your own roles"}, a.myGrants).needs("me:read"),
		reads("getMyKey", "/me/key", words{"正在用的密钥", "The key in use"}, a.myKey),
		lists("listPeople", "/people", words{"人员", "List people"}, a.list).needs(look).
			note("手机号和邮箱只露出一部分。", "Numbers and addresses are masked."),
		gets("getPerson", "/people/{id}", words{"一个人", "One person"}, a.show).needs(look).
			note("有手机号和邮箱，每次查看都记入审计。", "With number and address: every reading stands in the audit trail."),
		gets("listGrants", "/people/{id}/grants", words{"一个人的角色", "A person's roles"}, a.grants).needs(look),
		changes("giveRole", "POST /people/{id}/grants", words{"授权", "Give a role"}, a.give, a.grants).needs(write),
		changes("endRole", "POST /people/{id}/grants/{grant}/end", words{"收回授权", "Take a role back"}, a.endGrant, a.grants).needs(write),
		changes("checkPhone", "POST /people/{id}/check-phone", words{"核对手机号", "Note that the number was checked"}, a.checkPhone, a.show).needs(write),
		changes("disablePerson", "POST /people/{id}/disable", words{"停用账号", "Stop an account"}, a.disable, a.show).needs(write),
		changes("enablePerson", "POST /people/{id}/enable", words{"恢复账号", "Let an account be used again"}, a.enable, a.show).needs(write),
		reads("listInvitations", "/invitations", words{"还没接受的邀请", "Invitations that wait"}, a.invitations).needs(write),
		creates("invitePerson", "/invitations", words{"邀请人员", "Invite somebody"}, a.invite, a.invitation).needs(write).
			note("邀请手机号时，验证码只在这一次回答里有。", "For a telephone number the code is in this one answer only."),
		ends("withdrawInvitation", "POST /invitations/{id}/withdraw", words{"撤回邀请", "Withdraw an invitation"}, a.withdraw).needs(write).matched(),
		reads("listRoles", "/roles", words{"角色", "Roles"}, a.roles).needs(look),
	}
}

// Me is one's own account.
type Me struct {
	ID        string `json:"id" doc:"编号|Its id"`
	Name      string `json:"name" doc:"姓名|Name"`
	Phone     string `json:"phone" doc:"手机号|Mobile number"`
	Email     string `json:"email" doc:"邮箱|E-mail"`
	Region    string `json:"region" doc:"所在地|Code of one's place"`
	Situation string `json:"situation" doc:"情况|Situation"`
	CreatedAt string `json:"created_at" format:"date-time" doc:"登记时间|When it was registered"`
	Version   int    `json:"version" doc:"版本，即 ETag|Version, the same as the ETag"`
}

func (a accounts) me(ctx context.Context, c *Call, _ *struct{}) (Me, error) {
	return a.showMe(ctx, c, "")
}

func (a accounts) showMe(ctx context.Context, c *Call, _ string) (Me, error) {
	p, err := a.people.Me(ctx, c.By)
	c.Versioned(int(p.Version))
	return Me{
		ID: p.ID, Name: p.Name, Phone: p.Phone, Email: p.Email, Region: string(p.Region), Situation: p.Situation,
		CreatedAt: instant(db.Time(p.CreatedAt)), Version: int(p.Version),
	}, err
}

type meEdit struct {
	Body struct {
		Name      string `json:"name" maxLength:"40" doc:"姓名|Name"`
		Region    string `json:"region,omitempty" doc:"所在地|Code of one's place"`
		Situation string `json:"situation,omitempty" doc:"情况|Situation"`
	}
}

func (a accounts) editMe(ctx context.Context, c *Call, in *meEdit) error {
	return a.people.EditProfile(ctx, c.By, int64(c.Version), account.Profile{
		Name: in.Body.Name, Region: region.Code(in.Body.Region), Situation: in.Body.Situation,
	})
}

// Grant is a role over a place or an organisation.
type Grant struct {
	ID      string `json:"id" doc:"编号|Its id"`
	Role    string `json:"role" doc:"角色|Role"`
	Region  string `json:"region" doc:"地区代码，不是地区时为空|Code of the place; empty for an organisation"`
	Party   Party  `json:"party" doc:"单位|The organisation"`
	From    string `json:"from" doc:"从何时起|Since when"`
	To      string `json:"to" doc:"到何时为止，没有时为空|Until when; empty for no end"`
	EndedAt string `json:"ended_at" doc:"何时收回，没有时为空|When it was taken back; empty before"`
}

// Party is an organisation.
type Party struct {
	Kind string `json:"kind" doc:"enterprise 或 institution，没有时为空|enterprise or institution; empty for none"`
	ID   string `json:"id" doc:"编号|Its id"`
}

func grantOf(g account.GrantRow) Grant {
	return Grant{
		ID: g.ID, Role: g.Role, Region: string(g.Region), Party: Party{g.PartyKind, g.PartyID},
		From: instant(db.Time(g.FromAt)), To: instant(db.Time(g.ToAt)), EndedAt: instant(db.Time(g.EndedAt)),
	}
}

func (a accounts) myGrants(ctx context.Context, c *Call, _ *struct{}) (page[Grant], error) {
	list, err := a.people.OwnGrants(ctx, c.By)
	return pageOf(list, "", grantOf), err
}

// Key is the key of the request.
type Key struct {
	ID     string   `json:"id" doc:"编号|Its id"`
	Person string   `json:"person" doc:"代谁办事|Whom it acts for"`
	Scopes []string `json:"scopes" doc:"权限范围|Its scopes"`
}

func (a accounts) myKey(_ context.Context, c *Call, _ *struct{}) (Key, error) {
	return Key{ID: c.By.Key, Person: c.By.ID, Scopes: c.scopes}, nil
}

// PersonRow is a person in a list.
type PersonRow struct {
	ID     string  `json:"id" doc:"编号|Its id"`
	Name   string  `json:"name" doc:"姓名|Name"`
	Phone  string  `json:"phone" doc:"手机号的一部分|Part of the number"`
	Email  string  `json:"email" doc:"邮箱的一部分|Part of the address"`
	Region string  `json:"region" doc:"所在地|Code of their place"`
	Status string  `json:"status" enum:"active,disabled,closed" doc:"状态|State"`
	SeenAt string  `json:"seen_at" doc:"最近登录，没有时为空|Last session; empty for never"`
	Grants []Grant `json:"grants" doc:"你能看到的角色|The roles you may see"`
}

type peopleFilter struct {
	paging
	Text   string `query:"text" maxLength:"100" doc:"姓名的一部分，或者整个手机号、邮箱|Part of a name, or a whole number or address"`
	Role   string `query:"role" doc:"角色|Role"`
	Status string `query:"status" enum:"active,disabled,closed" doc:"状态|State"`
}

func (a accounts) list(ctx context.Context, c *Call, in *peopleFilter) (page[PersonRow], error) {
	f := account.PeopleFilter{Query: in.Text, Role: in.Role, Status: flow.State(in.Status)}
	list, next, err := a.people.People(ctx, c.By.Scope(account.See), f, in.page())
	if err != nil {
		return page[PersonRow]{}, err
	}
	p := pageOf(list, next, func(r account.PersonRow) PersonRow {
		return PersonRow{
			ID: r.ID, Name: r.Name, Phone: r.Phone, Email: r.Email, Region: string(r.Region), Status: string(r.Status),
			SeenAt: instant(db.Time(r.SeenAt)), Grants: pageOf(r.Grants, "", grantOf).Items,
		}
	})
	p.Total, err = in.count(func() (int, error) {
		n, err := a.people.Count(ctx, c.By.Scope(account.See), f)
		return int(n), err
	})
	return p, err
}

// Person is an account as staff see it.
type Person struct {
	ID           string `json:"id" doc:"编号|Its id"`
	Name         string `json:"name" doc:"姓名|Name"`
	Phone        string `json:"phone" doc:"手机号|Mobile number"`
	PhoneChecked bool   `json:"phone_checked" doc:"手机号核对过|The number was checked"`
	Email        string `json:"email" doc:"邮箱|E-mail"`
	Region       string `json:"region" doc:"所在地|Code of their place"`
	Status       string `json:"status" enum:"active,disabled,closed" doc:"状态|State"`
	SecondFactor bool   `json:"second_factor" doc:"绑定了动态口令|A second factor is set up"`
	CreatedAt    string `json:"created_at" format:"date-time" doc:"登记时间|When it was registered"`
}

func (a accounts) show(ctx context.Context, c *Call, id string) (Person, error) {
	p, err := a.people.Person(ctx, c.By, id)
	return Person{
		ID: p.ID, Name: p.Name, Phone: p.Phone, PhoneChecked: p.PhoneSeenAt > 0, Email: p.Email, Region: string(p.Region),
		Status: string(p.Status), SecondFactor: p.FactorAt > 0, CreatedAt: instant(db.Time(p.CreatedAt)),
	}, err
}

func (a accounts) grants(ctx context.Context, c *Call, id string) (page[Grant], error) {
	list, err := a.people.Grants(ctx, c.By.Scope(account.See), id)
	return pageOf(list, "", grantOf), err
}

type grantNew struct {
	byID
	Body struct {
		Role   string `json:"role" doc:"角色|Role"`
		Region string `json:"region,omitempty" doc:"地区代码|Code of the place"`
		Party  *Party `json:"party,omitempty" doc:"或者单位|Or the organisation"`
		To     string `json:"to,omitempty" doc:"到哪一天为止|The last day"`
	}
}

func (a accounts) give(ctx context.Context, c *Call, in *grantNew) error {
	g := account.Grant{Person: in.ID, Role: in.Body.Role, Region: region.Code(in.Body.Region), Party: partyOf(in.Body.Party)}
	if in.Body.To != "" {
		last, err := time.ParseInLocation(time.DateOnly, in.Body.To, flow.Shanghai())
		if err != nil {
			return fault.Fields{{Name: "to", Key: "field.date", Args: []any{"value", clip(in.Body.To)}}}.Err()
		}
		g.ToAt = db.Millis(last.AddDate(0, 0, 1)) - 1
	}
	_, err := a.people.Give(ctx, c.By, g)
	return err
}

func partyOf(p *Party) authz.Party {
	if p == nil {
		return authz.Party{}
	}
	return authz.Party{Kind: p.Kind, ID: p.ID}
}

type grantEnd struct {
	byID
	Grant string `path:"grant" doc:"哪一项授权|The grant"`
}

func (a accounts) endGrant(ctx context.Context, c *Call, in *grantEnd) error {
	return a.people.EndGrant(ctx, c.By, in.Grant)
}

func (a accounts) checkPhone(ctx context.Context, c *Call, in *byID) error {
	return a.people.CheckPhone(ctx, c.By, in.ID)
}

func (a accounts) disable(ctx context.Context, c *Call, in *reasoned) error {
	return a.people.DisableAccount(ctx, c.By, in.ID, in.Body.Reason)
}

func (a accounts) enable(ctx context.Context, c *Call, in *reasoned) error {
	return a.people.EnableAccount(ctx, c.By, in.ID, in.Body.Reason)
}

// Invitation is a role that waits for its person.
type Invitation struct {
	ID      string `json:"id" doc:"编号|Its id"`
	Login   string `json:"login" doc:"手机号或邮箱的一部分|Part of the number or address"`
	Name    string `json:"name" doc:"姓名|Name"`
	Role    string `json:"role" doc:"角色|Role"`
	Region  string `json:"region" doc:"地区代码|Code of the place"`
	Party   Party  `json:"party" doc:"单位|The organisation"`
	EndsAt  string `json:"ends_at" format:"date-time" doc:"到何时为止可以接受|It can be accepted until then"`
	Code    string `json:"code,omitempty" doc:"交给本人的验证码，只有这一次|The code to hand over; this once"`
	Version int    `json:"version" doc:"版本，即 ETag|Version, the same as the ETag"`
}

func invitationOf(i account.Invitation) Invitation {
	return Invitation{
		ID: i.ID, Login: i.Login, Name: i.Name, Role: i.Role, Region: string(i.Region), Party: Party{i.PartyKind, i.PartyID},
		EndsAt: instant(db.Time(i.EndsAt)), Version: int(i.Version),
	}
}

func (a accounts) invitations(ctx context.Context, c *Call, _ *struct{}) (page[Invitation], error) {
	list, err := a.people.Invitations(ctx, c.By.Scope(account.Invite))
	return pageOf(list, "", invitationOf), err
}

func (a accounts) invitation(ctx context.Context, c *Call, id string) (Invitation, error) {
	list, err := a.people.Invitations(ctx, c.By.Scope(account.Invite))
	if err != nil {
		return Invitation{}, err
	}
	for _, i := range list {
		if i.ID == id {
			c.Versioned(int(i.Version))
			out := invitationOf(i)
			out.Code = c.handed
			return out, nil
		}
	}
	return Invitation{}, fault.Missing()
}

type invitationNew struct {
	Body struct {
		Login  string `json:"login" doc:"手机号或邮箱|Mobile number or e-mail"`
		Name   string `json:"name" maxLength:"40" doc:"姓名|Name"`
		Role   string `json:"role" doc:"角色|Role"`
		Region string `json:"region,omitempty" doc:"地区代码|Code of the place"`
		Party  *Party `json:"party,omitempty" doc:"或者单位|Or the organisation"`
	}
}

func (a accounts) invite(ctx context.Context, c *Call, in *invitationNew) (string, error) {
	id, code, err := a.people.InvitePerson(ctx, c.By, account.NewInvitation{
		Login: in.Body.Login, Name: in.Body.Name, Role: in.Body.Role, Region: region.Code(in.Body.Region), Party: partyOf(in.Body.Party),
	})
	c.handed = code
	return id, err
}

func (a accounts) withdraw(ctx context.Context, c *Call, in *byID) error {
	return a.people.WithdrawInvitation(ctx, c.By, in.ID, int64(c.Version))
}

// Role is a named set of rights.
type Role struct {
	Name     string   `json:"name" doc:"名称|Name"`
	Label    string   `json:"label" doc:"给人看的名称|Its name for people"`
	Over     string   `json:"over" enum:"region,enterprise,institution" doc:"授予在什么上面|What it is given over"`
	Official bool     `json:"official" doc:"是不是工作人员的角色|Whether it is an office's"`
	Rights   []string `json:"rights" doc:"权限|Its rights"`
}

func (a accounts) roles(ctx context.Context, c *Call, _ *struct{}) (page[Role], error) {
	list, err := a.people.Roles(ctx)
	return pageOf(list, "", func(r account.Role) Role {
		out := Role{Name: r.Name, Label: r.Name, Over: r.Over, Official: r.Official, Rights: make([]string, len(r.Permissions))}
		if !r.Own {
			out.Label = c.Lang.T(r.Key())
		}
		for i, p := range r.Permissions {
			out.Rights[i] = string(p)
		}
		return out
	}), err
}
