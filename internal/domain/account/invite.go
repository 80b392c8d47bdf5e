package account

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/text"
)

// inviteLong is how long an invitation can be accepted.
const inviteLong = 7 * 24 * time.Hour

// Invitation is a grant waiting for its person (邀请).
type Invitation struct {
	ID        string      `db:"id"`
	Login     string      `db:"login"` // masked, except inside the package
	Name      string      `db:"name"`
	Role      string      `db:"role"`
	Region    region.Code `db:"region"`
	PartyKind string      `db:"party_kind"`
	PartyID   string      `db:"party_id"`
	State     flow.State  `db:"state"`
	SentBy    string      `db:"sent_by"`
	SentAt    int64       `db:"sent_at"`
	EndsAt    int64       `db:"ends_at"` // accepted before this instant, or not at all
	Person    string      `db:"person"`  // who accepted
	Version   int64       `db:"version"`
	Code      string      `db:"code" json:"-"` // digest
}

// Expired reports that it can no longer be accepted for being too old.
func (i Invitation) Expired(now time.Time) bool { return i.State == Sent && i.EndsAt <= db.Millis(now) }

func (i Invitation) over() authz.Target {
	return over(i.Region, authz.Party{Kind: i.PartyKind, ID: i.PartyID})
}

const inviteSelect = `SELECT i.id, i.login, i.name, i.role, i.region, i.party_kind, i.party_id, i.state, i.sent_by, i.sent_at,
	i.ends_at, i.person, i.version, i.code FROM account_invitation i `

func inviteColumns() authz.Columns {
	return authz.Columns{Region: "i.region", Party: map[string]string{authz.Enterprise: "i.party_id", authz.Institution: "i.party_id"}}
}

// NewInvitation is whom to invite, to what.
type NewInvitation struct {
	Login  string // phone or e-mail, as typed
	Name   string
	Role   string
	Region region.Code
	Party  authz.Party
	// Once is the form's own number, empty without one: sent again, it invites
	// nobody anew and answers the same code.
	Once string
	code string // made from Once
}

// InvitePerson invites somebody to a role over a region or an organisation.
// The actor must hold Invite there, and either Give or every permission of the
// role: nobody passes on more than they have. An address is sent the code; for a
// phone number the code is returned, to be handed over, and never shown again.
func (s *Service) InvitePerson(ctx context.Context, by authz.Actor, in NewInvitation) (id, code string, err error) {
	role, login, err := s.checkInvite(ctx, &in)
	if err != nil {
		return "", "", err
	}
	target := over(in.Region, in.Party)
	change := &gate.Change{By: by, Do: Invite, On: target, Record: gate.Record{Kind: "invitation"}, Once: in.Once}
	if err := gate.Check(change); err != nil {
		return "", "", err
	}
	if !passes(by, role, target) {
		return "", "", fault.New(fault.Denied, "account.invite.more_than_own")
	}
	if in.Once != "" { // a second answer shows the code of the first
		in.code = s.keys.code("invitation code", by.ID, in.Once, login)
	}
	err = s.gate.Write(ctx, change, func(ctx context.Context, tx *db.Tx) error {
		id, code, err = s.invite(ctx, tx, by, in, role, login)
		change.Record.ID, change.Detail = id, grantDetail("", Grant{Role: in.Role, Region: in.Region, Party: in.Party})
		return err
	})
	if id, again := gate.Again(err); again {
		return id, s.handed(login, in.code), nil
	}
	return id, code, err
}

// passes reports whether the actor may pass the role on.
func passes(by authz.Actor, role Role, t authz.Target) bool {
	if by.May(Give, t) {
		return true
	}
	return role.Admin == "" && !slices.ContainsFunc(role.Permissions, func(p authz.Permission) bool { return !by.May(p, t) })
}

// Place is where an invitation or a grant can lie: a region or an organisation.
type Place struct {
	Region region.Code
	Party  authz.Party
}

// Invitable are the roles the actor may invite to, with the tops of the regions
// and the organisations where. A role that they may pass on nowhere is left out.
func (s *Service) Invitable(ctx context.Context, by authz.Actor) ([]Role, []Place, error) {
	return s.passable(ctx, by, Invite)
}

// Grantable is Invitable for granting at once, with Give.
func (s *Service) Grantable(ctx context.Context, by authz.Actor) ([]Role, []Place, error) {
	return s.passable(ctx, by, Give)
}

func (s *Service) passable(ctx context.Context, by authz.Actor, do authz.Permission) ([]Role, []Place, error) {
	all, err := s.Roles(ctx)
	if err != nil {
		return nil, nil, err
	}
	var places []Place
	for _, c := range by.Regions(do) {
		places = append(places, Place{Region: c})
	}
	for _, kind := range []string{authz.Enterprise, authz.Institution} {
		for _, id := range by.Parties(kind, do) {
			places = append(places, Place{Party: authz.Party{Kind: kind, ID: id}})
		}
	}
	all = slices.DeleteFunc(all, func(r Role) bool {
		return !slices.ContainsFunc(places, func(p Place) bool {
			return (p.Region != "") == (r.Over == OverRegion) && (p.Region != "" || p.Party.Kind == r.Over) && passes(by, r, over(p.Region, p.Party))
		})
	})
	return all, places, nil
}

// InviteParty invites somebody to a role over an organisation inside another
// domain's transaction, which has decided it: an institution was entered and
// its first owner is to come. See GrantParty and InvitePerson.
func (s *Service) InviteParty(ctx context.Context, tx *db.Tx, by authz.Actor, in NewInvitation) (id, code string, err error) {
	role, login, err := s.checkInvite(ctx, &in)
	if err != nil {
		return "", "", err
	}
	if role.Over != in.Party.Kind {
		return "", "", fault.Fields{{Name: "role", Key: "field.choice"}}.Err()
	}
	change := vouched(by, in.Party, "")
	change.Record = gate.Record{Kind: "invitation"}
	err = s.gate.Also(ctx, tx, change, func(ctx context.Context) error {
		id, code, err = s.invite(ctx, tx, by, in, role, login)
		change.Record.ID, change.Detail = id, grantDetail("", Grant{Role: in.Role, Party: in.Party})
		return err
	})
	return id, code, err
}

func (s *Service) checkInvite(ctx context.Context, in *NewInvitation) (role Role, login string, err error) {
	var fields fault.Fields
	login, ok := loginOf(in.Login)
	if !ok {
		fields.Add("login", "account.login.wrong", "value", in.Login)
	}
	in.Name = checkName(&fields, in.Name)
	role, err = s.checkGrant(ctx, Grant{Role: in.Role, Region: in.Region, Party: in.Party})
	var e *fault.Error
	if errors.As(err, &e) && e.Kind == fault.Invalid {
		fields, err = append(fields, e.Fields...), nil
	}
	if err != nil {
		return role, login, err
	}
	return role, login, fields.Err()
}

// invite writes an invitation; an older one to the same thing is withdrawn.
func (s *Service) invite(ctx context.Context, tx *db.Tx, by authz.Actor, in NewInvitation, role Role, login string) (id, code string, err error) {
	if _, err := tx.Exec(ctx, `UPDATE account_invitation SET state = ?, version = version + 1 WHERE login = ? AND role = ?
		AND region = ? AND party_id = ? AND state = ?`, Withdrawn, login, in.Role, in.Region, in.Party.ID, Sent); err != nil {
		return "", "", err
	}
	id, code = db.NewID(), cmp.Or(in.code, newCode())
	if _, err := tx.Exec(ctx, `INSERT INTO account_invitation (id, login, name, role, region, party_kind, party_id, code, tries,
		state, sent_by, sent_at, ends_at, person, version) VALUES (?,?,?,?,?,?,?,?,0,?,?,?,?,'',1)`,
		id, login, in.Name, in.Role, in.Region, in.Party.Kind, in.Party.ID, s.inviteDigest(login, code), Sent, by.ID,
		db.Millis(tx.Now), db.Millis(tx.Now.Add(inviteLong))); err != nil {
		return "", "", err
	}
	if s.mails(login) {
		err := s.mail(ctx, tx, login, "account.mail.invite", "name", in.Name, "by", by.Name, "role", roleWord(role), "code", code,
			"days", int(inviteLong.Hours()/24), "link", "/invitation")
		return id, "", err
	}
	return id, code, nil
}

// mails reports that an invitation to the login goes by mail.
func (s *Service) mails(login string) bool { return strings.Contains(login, "@") && s.cfg.Mail != nil }

// handed is the code, when the inviter hands it over.
func (s *Service) handed(login, code string) string {
	if s.mails(login) {
		return ""
	}
	return code
}

// roleWord is a role's name inside a sentence.
func roleWord(r Role) any {
	if r.Own {
		return r.Name
	}
	return text.Key(r.Key())
}

func (s *Service) inviteDigest(login, code string) string {
	return s.keys.digest("invitation", login, typedCode(code))
}

// Acceptance is an invitation being accepted by somebody new.
type Acceptance struct {
	Login    string
	Code     string
	Name     string // empty: as in the invitation
	Password string
	Consent  string
	Client
}

// AcceptNew accepts an invitation and opens the account for it. by is
// authz.Anyone("accept", account.Accept). A wrong code is Invalid, with the
// same answer whether or not there is an invitation; Conflict when the login
// already has an account: then its owner signs in and uses AcceptOwn.
func (s *Service) AcceptNew(ctx context.Context, by authz.Actor, in Acceptance) error {
	login, _ := loginOf(in.Login)
	var fields fault.Fields
	checkPassword(&fields, in.Password, login)
	if in.Consent == "" || in.Consent != s.cfg.Notice {
		fields.Add("consent", "account.consent.needed")
	}
	if in.Name != "" {
		in.Name = checkName(&fields, in.Name)
	}
	inv, settle, err := s.invited(ctx, login, in.Code, in.Client, fields)
	if err != nil {
		return err
	}
	if in.Name == "" {
		in.Name = inv.Name
	}
	hash, err := s.hash.make(ctx, in.Password)
	if err != nil {
		return err
	}
	a := account{Person: Person{ID: db.NewID(), Name: in.Name, Region: s.cfg.Home, Consent: in.Consent}, Password: hash}
	if a.Phone = login; strings.Contains(login, "@") {
		a.Phone, a.Email = "", login // the code came to this address: it is proven
	}
	if inv.Region != "" {
		a.Region = inv.Region
	}
	change := &gate.Change{By: by, Do: Accept, On: inv.over(), Record: gate.Record{Kind: "invitation", ID: inv.ID}, Detail: map[string]any{"person": a.ID}}
	err = s.gate.Write(ctx, change, func(ctx context.Context, tx *db.Tx) error {
		a.PasswordAt, a.ConsentAt = db.Millis(tx.Now), db.Millis(tx.Now)
		if err := insertPerson(ctx, tx, a); err != nil {
			return err
		}
		if err := settle(ctx, tx); err != nil {
			return err
		}
		return s.accept(ctx, tx, inv, a.ID)
	})
	if db.Unique(err) {
		return conflict("account.invite.sign_in")
	}
	return err
}

// AcceptOwn accepts an invitation for an account that is signed in. The
// invitation must be to one of the account's own logins.
func (s *Service) AcceptOwn(ctx context.Context, by authz.Actor, code string, c Client) error {
	a, err := byID(ctx, s.db, by.ID)
	if err != nil {
		return signIn()
	}
	login := a.Phone
	if a.Email != "" {
		var n int64
		if err := s.db.Get(ctx, &n, `SELECT COUNT(*) FROM account_invitation WHERE login = ? AND state = ? AND code = ?`,
			a.Email, Sent, s.inviteDigest(a.Email, code)); err != nil {
			return err
		}
		if n > 0 || login == "" {
			login = a.Email
		}
	}
	inv, settle, err := s.invited(ctx, login, code, c, nil)
	if err != nil {
		return err
	}
	if inv.SentBy == by.ID {
		return conflict("account.grant.self")
	}
	change := &gate.Change{
		By: by, Do: Accept, On: inv.over().Of(authz.Person, a.ID), Record: gate.Record{Kind: "invitation", ID: inv.ID},
		Detail: map[string]any{"person": a.ID},
	}
	return s.gate.Write(ctx, change, func(ctx context.Context, tx *db.Tx) error {
		if err := settle(ctx, tx); err != nil {
			return err
		}
		return s.accept(ctx, tx, inv, a.ID)
	})
}

// invited finds the invitation that login and code belong to, counting tries as
// a sign-in does. fields are what else is wrong with the form; with any, no try
// is counted. settle gives the try back, in the transaction that succeeds.
func (s *Service) invited(ctx context.Context, login, code string, c Client, fields fault.Fields) (inv Invitation, settle func(context.Context, *db.Tx) error, err error) {
	if typedCode(code) == "" {
		fields.Add("otp", "field.required")
	}
	if err := fields.Err(); err != nil {
		return inv, nil, err
	}
	network := networkOf(c.Network)
	mine, other := bucket{"invite " + s.keys.digest("login", login) + " " + network, perLogin}, bucket{"network " + network, perNetwork}
	count, err := s.attempt(ctx, mine, other)
	if err != nil {
		return inv, nil, err
	}
	if count.blocked > 0 {
		return inv, nil, slow(count)
	}
	err = s.db.Get(ctx, &inv, inviteSelect+`WHERE i.login = ? AND i.code = ? AND i.state = ? AND i.ends_at > ? AND i.tries < ?`,
		login, s.inviteDigest(login, code), Sent, db.Millis(s.db.Now()), codeTries)
	if fault.Is(err, fault.NotFound) {
		if err := s.outside(ctx, func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE account_invitation SET tries = tries + 1 WHERE login = ? AND state = ?`, login, Sent)
			return err
		}); err != nil {
			return inv, nil, err
		}
		return inv, nil, wrong("otp", "account.code.wrong", "account.code.wrong_wait", count, perLogin)
	}
	return inv, func(ctx context.Context, tx *db.Tx) error { return succeed(ctx, tx, mine, other) }, err
}

// accept turns the invitation into its grant.
func (s *Service) accept(ctx context.Context, tx *db.Tx, inv Invitation, person string) error {
	next, err := InvitationLife().Next(inv.State, Accept)
	if err != nil {
		return err
	}
	if err := tx.ExecOne(ctx, `UPDATE account_invitation SET state = ?, person = ?, version = version + 1 WHERE id = ? AND version = ?`,
		next, person, inv.ID, inv.Version); err != nil {
		return err
	}
	role, ok, err := s.role(ctx, tx, inv.Role)
	if err != nil {
		return err
	}
	if !ok {
		return conflict("account.invite.role_gone")
	}
	_, err = s.give(ctx, tx, inv.SentBy, Grant{
		Person: person, Role: inv.Role, Region: inv.Region,
		Party: authz.Party{Kind: inv.PartyKind, ID: inv.PartyID},
	}, role)
	return err
}

// WithdrawInvitation takes an invitation back (撤回邀请).
func (s *Service) WithdrawInvitation(ctx context.Context, by authz.Actor, id string, version int64) error {
	where, args := by.Scope(Withdraw).SQL(inviteColumns())
	var inv Invitation
	if err := s.db.Get(ctx, &inv, inviteSelect+`WHERE i.id = ? AND `+where, append([]any{id}, args...)...); err != nil {
		return err
	}
	next, err := InvitationLife().Next(inv.State, Withdraw)
	if err != nil {
		return err
	}
	change := &gate.Change{By: by, Do: Withdraw, On: inv.over(), Record: gate.Record{Kind: "invitation", ID: id}}
	return s.gate.Write(ctx, change, func(ctx context.Context, tx *db.Tx) error {
		return tx.ExecOne(ctx, `UPDATE account_invitation SET state = ?, version = version + 1 WHERE id = ? AND version = ?`, next, id, version)
	})
}

// Invitations are those that still wait, or have expired unaccepted, within a
// scope of Invite, the newest first; logins are masked.
func (s *Service) Invitations(ctx context.Context, scope authz.Scope) ([]Invitation, error) {
	where, args := scope.SQL(inviteColumns())
	var list []Invitation
	err := s.db.Select(ctx, &list, inviteSelect+`WHERE i.state = ? AND `+where+` ORDER BY i.sent_at DESC, i.id LIMIT 200`, append([]any{Sent}, args...)...)
	for i := range list {
		list[i].Login, list[i].Code = maskLogin(list[i].Login), ""
	}
	return list, err
}
