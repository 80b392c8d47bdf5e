package account

import (
	"context"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/region"
)

// What visitors may do, each for its purpose.
const (
	Register authz.Permission = "account.person.register"   // 登记账号
	Recover  authz.Permission = "account.password.recover"  // 找回密码
	Accept   authz.Permission = "account.invitation.accept" // 接受邀请
	Refuse   authz.Permission = "account.session.refuse"    // 登录失败 (the trail of failed sign-ins)
)

// What everyone may do with their own account: the role Self always has these.
const (
	Begin          authz.Permission = "account.session.begin"   // 登录
	EndSession     authz.Permission = "account.session.end"     // 退出登录
	ChangePassword authz.Permission = "account.password.change" // 修改密码
	EditProfile    authz.Permission = "account.profile.edit"    // 修改个人资料
	ChangeLogin    authz.Permission = "account.login.change"    // 更换手机号或邮箱
	ConfirmEmail   authz.Permission = "account.email.confirm"   // 确认邮箱
	EnrolFactor    authz.Permission = "account.factor.enrol"    // 绑定动态口令
	DropFactor     authz.Permission = "account.factor.drop"     // 解除动态口令
	Export         authz.Permission = "account.person.export"   // 导出个人资料
	Close          authz.Permission = "account.person.close"    // 注销账号
)

// What staff do with the accounts of others.
const (
	See         authz.Permission = "account.person.see"          // 查看人员
	Create      authz.Permission = "account.person.create"       // 新建账号
	Disable     authz.Permission = "account.person.disable"      // 停用账号
	Enable      authz.Permission = "account.person.enable"       // 恢复账号
	CheckPhone  authz.Permission = "account.phone.check"         // 核对手机号
	IssueCode   authz.Permission = "account.password.issue"      // 发放重设密码的验证码
	ResetFactor authz.Permission = "account.factor.reset"        // 重置动态口令
	Invite      authz.Permission = "account.invitation.send"     // 邀请人员
	Withdraw    authz.Permission = "account.invitation.withdraw" // 撤回邀请
	Give        authz.Permission = "account.grant.give"          // 授权
	End         authz.Permission = "account.grant.end"           // 收回授权
	DefineRole  authz.Permission = "account.role.define"         // 定义角色
	SeeAudit    authz.Permission = "account.audit.see"           // 查看审计记录
	Vouch       authz.Permission = "account.grant.vouch"         // 随业务授权 (another domain's decision gave the grant)
)

// The states of an account.
const (
	Active   flow.State = "active"   // 在用
	Disabled flow.State = "disabled" // 停用
	Closed   flow.State = "closed"   // 已注销
)

// Situations a founder may say they are in (创业者情况); empty is "not said".
const (
	Returned  = "returned"  // 返乡务工人员
	OutOfWork = "outofwork" // 失业人员
	Graduate  = "graduate"  // 高校毕业生
	Veteran   = "veteran"   // 退役军人
	Farmer    = "farmer"    // 农民
	Employed  = "employed"  // 在职人员
	Otherwise = "other"     // 其他
)

// Person is an account as its owner and authorised staff see it.
type Person struct {
	ID           string      `db:"id"`
	Phone        string      `db:"phone"`         // 13800000000, or +… abroad; empty when none
	Email        string      `db:"email"`         // proven by a mailed code; empty when none
	EmailPending string      `db:"email_pending"` // waiting for its code
	Name         string      `db:"name"`
	Region       region.Code `db:"region"`
	Status       flow.State  `db:"status"`
	Situation    string      `db:"situation"`
	Consent      string      `db:"consent"` // version of the privacy notice agreed to
	ConsentAt    int64       `db:"consent_at"`
	PhoneSeenAt  int64       `db:"phone_seen_at"` // when staff checked the number; 0 never
	FactorAt     int64       `db:"factor_at"`     // when the second factor was enrolled; 0 none
	PasswordAt   int64       `db:"password_at"`
	CreatedAt    int64       `db:"created_at"`
	Version      int64       `db:"version"`
}

// account is a person's row whole, with the secrets that never leave the package.
type account struct {
	Person
	Password   string `db:"password"`
	Factor     string `db:"factor"`      // sealed; empty when none
	FactorNext string `db:"factor_next"` // sealed; waiting to be confirmed
	FactorStep int64  `db:"factor_step"` // the last 30-second step a code was used for
	Demo       int64  `db:"demo"`        // 1: an account of the demonstration
}

// target is where the account lies and whose it is.
func (p Person) target() authz.Target { return authz.At(p.Region).Of(authz.Person, p.ID) }

// PersonRef names a person for messages. Email is their proven address, empty
// when there is none; it is for the program's own mail, never for a page.
type PersonRef struct {
	ID    string `db:"id"`
	Name  string `db:"name"`
	Email string `db:"email"`
	// Place is where a holder's grant lies, empty for the people of a party.
	Place region.Code `db:"place"`
}

// Client is where a request comes from; the edge fills it in.
type Client struct {
	Network string // the client's IP address
	Agent   string // the browser's User-Agent
	Device  string // the device cookie, empty when there is none
}

// Mail enqueues a mail in the transaction: key names the sentence that is its
// subject, key+".body" what it says, args their parameters, alternating name and
// value. The one named name is whom it greets, the one named link a path on this
// site. Args may hold a code: they must not be logged.
type Mail func(ctx context.Context, tx *db.Tx, to, key string, args ...any) error

// Tell puts a message into a person's inbox, in the transaction.
type Tell func(ctx context.Context, tx *db.Tx, person, key string, args ...any) error

// Config is what the package needs from the outside.
type Config struct {
	// Key is 32 secret bytes, the same for every process of the installation
	// and kept with its backups: without it second factors cannot be read.
	Key []byte
	// Home is the top of this installation's tree: the place of whoever names none.
	Home region.Code
	// Site is the name that authenticator apps show.
	Site string
	// Notice is the version of the privacy notice in force.
	Notice string
	// Roles is the program's list; Seed writes it. See AdminRoles.
	Roles []Role
	// Scopes is what keys can be made for.
	Scopes []Scope
	Mail   Mail // nil: this installation sends no mail
	Tell   Tell // nil: there are no inboxes
	// Argon sets the cost of passwords; nil is 64 MiB, 2 passes, 1 lane.
	Argon *Argon
	// ExemptDemo lets demonstration accounts work without a second factor.
	ExemptDemo bool
	// HashWait is how long a sign-in waits for its turn to hash; 0 is 3 s.
	HashWait time.Duration
}

// Service is every use case of accounts. It is safe for concurrent use, and
// several processes may serve one database.
type Service struct {
	db    *db.DB
	gate  *gate.Gate
	cfg   Config
	keys  keys
	hash  *hasher
	roles *db.Fresh[struct{}, map[string]Role]
	// signedIn and keyed are who was behind a session or a key a moment ago, by
	// the digest of its secret.
	signedIn *db.Fresh[string, signedIn]
	keyed    *db.Fresh[string, keyed]
}

// New makes the service; Seed must have run once before anyone signs in.
func New(d *db.DB, g *gate.Gate, cfg Config) (*Service, error) {
	k, err := newKeys(cfg.Key)
	if err != nil {
		return nil, err
	}
	if err := checkRoles(cfg.Roles); err != nil {
		return nil, err
	}
	return &Service{
		db: d, gate: g, cfg: cfg, keys: k, hash: newHasher(cfg.Argon, cfg.HashWait),
		roles: db.NewFresh[struct{}, map[string]Role](d, "account_role", "account_role_permission"),
		signedIn: db.NewFresh[string, signedIn](d, "account_session", "account_person", "account_grant",
			"account_role", "account_role_permission"),
		keyed: db.NewFresh[string, keyed](d, "account_key", "account_person", "account_grant",
			"account_role", "account_role_permission"),
	}, nil
}

// SendsMail reports whether this installation sends mail: otherwise forgotten
// passwords are for the staff.
func (s *Service) SendsMail() bool { return s.cfg.Mail != nil }

// Home is the top of the installation's tree.
func (s *Service) Home() region.Code { return s.cfg.Home }

// NoticeVersion is the version of the privacy notice that registering agrees to.
func (s *Service) NoticeVersion() string { return s.cfg.Notice }

func (s *Service) mail(ctx context.Context, tx *db.Tx, to, key string, args ...any) error {
	if s.cfg.Mail == nil || to == "" {
		return nil
	}
	return s.cfg.Mail(ctx, tx, to, key, args...)
}

func (s *Service) tell(ctx context.Context, tx *db.Tx, person, key string, args ...any) error {
	if s.cfg.Tell == nil {
		return nil
	}
	return s.cfg.Tell(ctx, tx, person, key, args...)
}

func record(id string) gate.Record { return gate.Record{Kind: authz.Person, ID: id} }

// conflict is a refusal because of how things stand.
func conflict(key string) error { return fault.New(fault.Conflict, key) }
