package api_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"qiban.dev/qiban/internal/app"
	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/config"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/account"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/testkit"
	"qiban.dev/qiban/internal/testkit/apitest"
)

const (
	county  region.Code = "320924"    // 射阳县
	town    region.Code = "320924100" // 合德镇
	sibling region.Code = "320923"    // 阜宁县
)

// world is the program with three people and their keys.
type world struct {
	t    *testing.T
	app  *app.App
	http http.Handler
	*apitest.Client
	staff, neighbour, owner authz.Actor // 王海燕 of Sheyang's centre, 李建 of Funing's, 陈国华 who has an enterprise
	people                  int
}

// each tells a story on both databases.
func each(t *testing.T, story func(t *testing.T, w *world)) {
	testkit.EachMigrated(t, func(t *testing.T, source string) { story(t, newWorld(t, source, config.Serve{})) })
}

// quick hashes passwords at once: a test signs many people in.
var quick = &account.Argon{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}

func newWorld(t *testing.T, source string, serve config.Serve) *world {
	t.Helper()
	a, err := app.Open(t.Context(), testkit.Store(source), app.Options{Log: slog.New(slog.DiscardHandler), Argon: quick})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	h, err := a.Handler(serve)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, app: a, http: h, Client: apitest.New(t, h)}
	w.staff = w.person("王海燕", account.Grant{Role: app.RoleStaff, Region: county})
	w.neighbour = w.person("李建", account.Grant{Role: app.RoleStaff, Region: sibling})
	w.owner = w.person("陈国华")
	return w
}

// person makes an account, and signs it in.
func (w *world) person(name string, grants ...account.Grant) authz.Actor {
	w.t.Helper()
	w.people++
	phone := fmt.Sprintf("1390000%04d", w.people)
	const password = "guihua-2026-xin"
	_, err := w.app.Account.Provision(w.t.Context(), authz.System("test", account.Create, account.Give), account.NewPerson{
		Phone: phone, Name: name, Password: password, Demo: true, Grants: grants,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	ticket, err := w.app.Account.SignIn(w.t.Context(), account.Attempt{Login: phone, Password: password, Client: account.Client{Network: "127.0.0.1"}})
	if err != nil {
		w.t.Fatal(err)
	}
	by, err := w.app.Account.Resolve(w.t.Context(), ticket.Token)
	if err != nil {
		w.t.Fatal(err)
	}
	return by
}

// key is a program with a key of somebody's for the scopes.
func (w *world) key(by authz.Actor, scopes ...string) *apitest.Client {
	w.t.Helper()
	_, secret := w.secret(by, scopes...)
	return w.Key(secret)
}

func (w *world) secret(by authz.Actor, scopes ...string) (id, secret string) {
	w.t.Helper()
	id, secret, err := w.app.Account.MakeKey(w.t.Context(), by, account.NewKey{Name: "台账系统", Scopes: scopes, Days: 90})
	if err != nil {
		w.t.Fatal(err)
	}
	return id, secret
}

// day is so many days from today, in China.
func (w *world) day(n int) string { return flow.AddDays(flow.DayOf(w.app.DB.Now()), n) }

// count asks the database for one number.
func (w *world) count(query string, args ...any) int {
	w.t.Helper()
	var n int
	if err := w.app.DB.Get(context.WithoutCancel(w.t.Context()), &n, query, args...); err != nil {
		w.t.Fatal(err)
	}
	return n
}

// codes are credit codes that nobody has, one after the other.
func code(n int) string {
	const alphabet, weights = "0123456789ABCDEFGHJKLMNPQRTUWXY", "\x01\x03\x09\x1b\x13\x1a\x10\x11\x14\x1d\x19\x0d\x08\x18\x0a\x1e\x1c"
	body := organisation(n)
	first := "91320924" + body
	sum := 0
	for i := range first {
		sum += strings.IndexByte(alphabet, first[i]) * int(weights[i])
	}
	return first + string(alphabet[(31-sum%31)%31])
}

// organisation is an organisation code with its check character.
func organisation(n int) string {
	const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	body := fmt.Sprintf("%08d", 10_000_000+n)
	sum := 0
	for i, w := range []int{3, 7, 9, 10, 5, 8, 4, 2} {
		sum += strings.IndexByte(alphabet, body[i]) * w
	}
	return body + string("0123456789X0"[11-sum%11])
}

func firm(n int, more ...any) map[string]any {
	body := map[string]any{
		"name": fmt.Sprintf("射阳县第%d纺织有限公司", n), "region": string(town), "code": []string{code(n)},
		"industry": map[string]any{"edition": "2017", "code": "C17"},
	}
	for i := 0; i+1 < len(more); i += 2 {
		body[more[i].(string)] = more[i+1]
	}
	return body
}

// shift changes what no use case changes, so that a story need not wait.
func (w *world) shift(t *testing.T, query string) {
	t.Helper()
	if err := w.app.DB.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, query)
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// grant gives a role over Sheyang.
func (w *world) grant(t *testing.T, person, role string) {
	t.Helper()
	if _, err := w.app.Account.Give(t.Context(), authz.System("test", account.Give), account.Grant{Person: person, Role: role, Region: county}); err != nil {
		t.Fatal(err)
	}
}
