package account_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/pquerna/otp/totp"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/account"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/testkit"
)

const (
	city    region.Code = "320900"
	sheyang region.Code = "320924"
	jianhu  region.Code = "320925"
	good                = "Reed-crane-1958"
	better              = "Salt.marsh.2008"
)

// A permission of another domain, as roles hold them.
const triage authz.Permission = "engagement.need.triage"

func roles() []account.Role {
	return append(account.AdminRoles(),
		account.Role{Role: authz.Role{Name: account.Self, Permissions: []authz.Permission{"event.place.book"}}},
		account.Role{Role: authz.Role{Name: "centre-head", Permissions: []authz.Permission{triage, account.See, account.Invite, account.Withdraw}}, Over: account.OverRegion, Official: true},
		account.Role{Role: authz.Role{Name: "centre-staff", Permissions: []authz.Permission{triage}}, Over: account.OverRegion, Official: true},
		account.Role{Role: authz.Role{Name: "volunteer", Permissions: []authz.Permission{triage}}, Over: account.OverRegion},
		account.Role{Role: authz.Role{Name: "enterprise-owner", Permissions: []authz.Permission{"enterprise.profile.edit", account.See, account.Invite, account.Withdraw, account.End}}, Over: authz.Enterprise},
		account.Role{Role: authz.Role{Name: "enterprise-staff", Permissions: []authz.Permission{"enterprise.profile.edit"}}, Over: authz.Enterprise},
	)
}

// world is one installation with a clock that stands still until it is moved.
type world struct {
	t     *testing.T
	db    *db.DB
	gate  *gate.Gate
	acc   *account.Service
	mu    sync.Mutex
	now   time.Time
	mails []letter
	told  []letter
	n     int
}

type letter struct {
	to, key string
	args    map[string]any
}

var root = authz.System("test", account.Create, account.Give, account.IssueCode, account.ResetFactor, account.Disable, account.See)

func each(t *testing.T, story func(t *testing.T, w *world)) {
	t.Helper()
	testkit.EachMigrated(t, func(t *testing.T, source string) { story(t, open(t, source)) })
}

// once runs a story on SQLite alone: rules that no database decides.
func once(t *testing.T, story func(t *testing.T, w *world)) {
	t.Helper()
	story(t, open(t, testkit.Migrated(t)))
}

func open(t *testing.T, source string) *world {
	t.Helper()
	w := &world{t: t, now: time.Date(2009, 1, 5, 1, 0, 0, 0, time.UTC)}
	d, err := db.Open(t.Context(), source, db.Options{Clock: w.clock})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	w.db, w.gate = d, gate.New(d, "320900")
	w.acc = w.service(nil)
	return w
}

// service is one process of the installation.
func (w *world) service(change func(*account.Config)) *account.Service {
	w.t.Helper()
	collect := func(list *[]letter) func(context.Context, *db.Tx, string, string, ...any) error {
		return func(_ context.Context, _ *db.Tx, to, key string, args ...any) error {
			l := letter{to: to, key: key, args: map[string]any{}}
			for i := 0; i+1 < len(args); i += 2 {
				l.args[args[i].(string)] = args[i+1]
			}
			w.mu.Lock()
			defer w.mu.Unlock()
			*list = append(*list, l)
			return nil
		}
	}
	cfg := account.Config{
		Key: []byte("0123456789abcdef0123456789abcdef"), Home: city, Site: "企伴", Notice: "2009-01", Roles: roles(),
		Mail: collect(&w.mails), Tell: collect(&w.told),
		Argon: &argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32},
	}
	if change != nil {
		change(&cfg)
	}
	s, err := account.New(w.db, w.gate, cfg)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := s.Seed(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	return s
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) later(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

func (w *world) lastMail() letter {
	w.t.Helper()
	if len(w.mails) == 0 {
		w.t.Fatal("no mail was sent")
	}
	return w.mails[len(w.mails)-1]
}

// someone makes a person with a phone number and the password good.
func (w *world) someone(name string, grants ...account.Grant) (id, phone string) {
	w.t.Helper()
	w.n++
	phone = fmt.Sprintf("1380000%04d", w.n)
	place := city
	if len(grants) > 0 && grants[0].Region != "" {
		place = grants[0].Region
	}
	id, err := w.acc.Provision(w.t.Context(), root, account.NewPerson{Phone: phone, Name: name, Region: place, Password: good, Grants: grants})
	if err != nil {
		w.t.Fatal(err)
	}
	return id, phone
}

// signedIn is somebody with grants, as an actor; officials enrol on the way.
func (w *world) signedIn(name string, grants ...account.Grant) authz.Actor {
	w.t.Helper()
	_, phone := w.someone(name, grants...)
	by, _ := w.enter(phone, good)
	return by
}

// enter signs in from a network of the person's own, through every step.
func (w *world) enter(phone, password string) (authz.Actor, string) {
	w.t.Helper()
	ticket, err := w.acc.SignIn(w.t.Context(), account.Attempt{Login: phone, Password: password, Client: account.Client{Network: "10." + phone[7:9] + "." + phone[9:] + ".1"}})
	if err != nil {
		w.t.Fatalf("%s cannot sign in: %v", phone, err)
	}
	if ticket.Stage == account.NeedEnrol {
		w.enrol(ticket.Token)
	}
	by, err := w.acc.Resolve(w.t.Context(), ticket.Token)
	if err != nil {
		w.t.Fatalf("%s has no session: %v", phone, err)
	}
	return by, ticket.Token
}

// enrol sets up a second factor in a half session.
func (w *world) enrol(token string) (secret string, recovery []string) {
	w.t.Helper()
	half, _, err := w.acc.Half(w.t.Context(), token)
	if err != nil {
		w.t.Fatal(err)
	}
	e, err := w.acc.StartFactor(w.t.Context(), half)
	if err != nil {
		w.t.Fatal(err)
	}
	if recovery, err = w.acc.ConfirmFactor(w.t.Context(), half, token, w.code(e.Secret)); err != nil {
		w.t.Fatal(err)
	}
	return e.Secret, recovery
}

func (w *world) code(secret string) string {
	w.t.Helper()
	c, err := totp.GenerateCode(secret, w.clock())
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

func at(role string, c region.Code) account.Grant { return account.Grant{Role: role, Region: c} }

func of(role, enterprise string) account.Grant {
	return account.Grant{Role: role, Party: authz.Party{Kind: authz.Enterprise, ID: enterprise}}
}

// audit counts the entries of an action.
func (w *world) audit(do authz.Permission) int {
	w.t.Helper()
	var n int
	if err := w.db.Get(w.t.Context(), &n, `SELECT COUNT(*) FROM audit_entry WHERE action = ?`, do); err != nil {
		w.t.Fatal(err)
	}
	return n
}

// want checks the kind of an error, and when given its text key or that of its
// only field.
func want(t *testing.T, err error, kind fault.Kind, key ...string) {
	t.Helper()
	if !fault.Is(err, kind) {
		t.Fatalf("got %v, want %v", err, kind)
	}
	if len(key) > 0 && !strings.Contains(err.Error(), key[0]) {
		t.Fatalf("got %v, want %s", err, key[0])
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
