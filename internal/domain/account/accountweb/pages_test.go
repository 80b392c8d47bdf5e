package accountweb_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/pquerna/otp/totp"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/account"
	"qiban.dev/qiban/internal/domain/account/accountweb"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/testkit"
	"qiban.dev/qiban/internal/text"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

const (
	good   = "Reed-crane-1958"
	better = "Salt.marsh.2008"
)

// site is the pages over a database of their own, as a browser sees them.
type site struct {
	t     *testing.T
	acc   *account.Service
	url   string
	db    *db.DB
	told  []string // the keys of what people were told
	mu    sync.Mutex
	now   time.Time
	codes map[string]string // the last code mailed to an address
}

func (s *site) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func roles() []account.Role {
	return append(account.AdminRoles(),
		account.Role{Role: authz.Role{Name: account.Self}},
		account.Role{Role: authz.Role{Name: "centre-head", Permissions: []authz.Permission{account.See, account.Invite, account.Withdraw, account.CheckPhone}}, Over: account.OverRegion, Official: true},
		account.Role{Role: authz.Role{Name: "owner", Permissions: []authz.Permission{account.See, account.Invite, account.Withdraw, account.End}}, Over: authz.Enterprise},
		account.Role{Role: authz.Role{Name: "enterprise-staff"}, Over: authz.Enterprise},
	)
}

func places(_ context.Context, _ text.Lang, tops []region.Code) ([]ui.Option, error) {
	var list []ui.Option
	for _, p := range []ui.Option{{Value: "320900", Label: "盐城市"}, {Value: "320924", Label: "射阳县"}, {Value: "320925", Label: "建湖县"}} {
		for _, top := range tops {
			if top.Contains(region.Code(p.Value)) {
				list = append(list, p)
				break
			}
		}
	}
	return list, nil
}

func called(ctx context.Context, lang text.Lang, over []account.Place) (map[account.Place]string, error) {
	names := map[account.Place]string{}
	for _, p := range over {
		options, err := places(ctx, lang, []region.Code{p.Region})
		if err != nil {
			return nil, err
		}
		for _, o := range options {
			if o.Value == string(p.Region) {
				names[p] = o.Label
			}
		}
		if p.Region == "" {
			names[p] = "鹤乡纺织"
		}
	}
	return names, nil
}

func open(t *testing.T) *site {
	t.Helper()
	s := &site{t: t, now: time.Date(2009, 1, 6, 2, 0, 0, 0, time.UTC), codes: map[string]string{}}
	d, err := db.Open(t.Context(), testkit.Migrated(t), db.Options{Clock: s.clock})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	s.db = d
	s.acc, err = account.New(d, gate.New(d, "320900"), account.Config{
		Key: []byte("0123456789abcdef0123456789abcdef"), Home: "320900", Site: "企伴", Notice: "1", Roles: roles(),
		Scopes: []account.Scope{
			{Name: "person:read", Permissions: []authz.Permission{account.See}},
			{Name: "person:write", Permissions: []authz.Permission{account.See, account.Invite}},
			{Name: "me:read"},
		},
		Tell: func(_ context.Context, _ *db.Tx, _, key string, _ ...any) error {
			s.told = append(s.told, key)
			return nil
		},
		Argon: &argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32},
		Mail: func(_ context.Context, _ *db.Tx, to, _ string, args ...any) error {
			for i := 0; i+1 < len(args); i += 2 {
				if args[i] == "code" {
					s.codes[to] = args[i+1].(string)
				}
			}
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.acc.Seed(t.Context()); err != nil {
		t.Fatal(err)
	}
	kit, err := web.New(web.Config{
		Sessions: accountweb.Sessions{Accounts: s.acc}, Cookie: accountweb.Cookie, Clock: s.clock,
		Log:  slog.New(slog.DiscardHandler),
		Menu: func(*http.Request, web.Who, text.Lang) web.Menu { return web.Menu{} },
	})
	if err != nil {
		t.Fatal(err)
	}
	pages := &accountweb.Pages{
		Kit: kit, Accounts: s.acc, Regions: places,
		Called: called,
	}
	mux := http.NewServeMux()
	kit.Routes(mux)
	pages.Routes(mux)
	server := httptest.NewServer(kit.Wrap(mux))
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

// browser keeps its cookies and follows no redirects by itself.
type browser struct {
	s *site
	*http.Client
}

func (s *site) browser() *browser {
	jar, _ := cookiejar.New(nil)
	return &browser{s, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

type page struct {
	status   int
	body, to string
}

func (b *browser) get(path string) page {
	b.s.t.Helper()
	req, _ := http.NewRequest(http.MethodGet, b.s.url+path, nil)
	return b.do(req)
}

// post sends a form: names and values in turn.
func (b *browser) post(path string, fields ...string) page {
	b.s.t.Helper()
	v := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		v.Set(fields[i], fields[i+1])
	}
	req, _ := http.NewRequest(http.MethodPost, b.s.url+path, strings.NewReader(v.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.do(req)
}

func (b *browser) do(req *http.Request) page {
	b.s.t.Helper()
	res, err := b.Do(req)
	if err != nil {
		b.s.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	raw, _ := io.ReadAll(res.Body)
	if strings.Contains(string(raw), "⟦") {
		b.s.t.Errorf("%s shows a key that has no text: %s", req.URL.Path, regexp.MustCompile(`⟦[^⟧]*⟧`).FindString(string(raw)))
	}
	return page{res.StatusCode, string(raw), res.Header.Get("Location")}
}

func (p page) want(t *testing.T, status int, parts ...string) page {
	t.Helper()
	if p.status != status {
		t.Fatalf("status %d to %q, want %d\n%s", p.status, p.to, status, p.body)
	}
	for _, part := range parts {
		if !strings.Contains(p.body, part) && p.to != part {
			t.Fatalf("%q is not in the page (to %q):\n%s", part, p.to, p.body)
		}
	}
	return p
}

func (s *site) person(name, phone string, grants ...account.Grant) string {
	s.t.Helper()
	id, err := s.acc.Provision(s.t.Context(), authz.System("test", account.Create, account.Give), account.NewPerson{Phone: phone, Name: name, Password: good, Grants: grants})
	if err != nil {
		s.t.Fatal(err)
	}
	return id
}

// official signs somebody in who works for an office, through enrolment.
func (s *site) official(name, phone string, grants ...account.Grant) *browser {
	s.t.Helper()
	s.person(name, phone, grants...)
	b := s.browser()
	b.post("/sign-in", "login", phone, "password", good).want(s.t, 303, "/sign-in/enrol?back=%2F")
	shown := b.get("/sign-in/enrol").want(s.t, 200, "data:image/png;base64,")
	key := strings.ReplaceAll(regexp.MustCompile(`enrol__secret">([A-Z2-7 ]+)<`).FindStringSubmatch(shown.body)[1], " ", "")
	code, err := totp.GenerateCode(key, s.clock())
	if err != nil {
		s.t.Fatal(err)
	}
	b.post("/sign-in/enrol", "otp", "000000").want(s.t, 422, "动态口令不对")
	b.post("/sign-in/enrol", "otp", code).want(s.t, 200, "收好备用码")
	return b
}

func TestAFounderRegistersSignsInAndLeaves(t *testing.T) {
	s := open(t)
	b := s.browser()
	b.get("/register").want(t, 200, "只合在一起计数")
	b.post("/register", "phone", "138", "password", "abc").want(t, 422, "有 4 处", "你填的是“138”", "还要加上大写字母、数字、符号中的两种")
	b.post("/register", "phone", "13800000001", "name", "周晓芸", "password", good, "situation", "returned", "region", "320924", "consent", "1").
		want(t, 303, "/sign-in?back=%2F")
	b.get("/sign-in").want(t, 200, "登记收到了")
	b.post("/sign-in", "login", "13800000001", "password", "wrong-password").want(t, 422, "再错 4 次要等 15 分钟", `value="13800000001"`)
	b.post("/sign-in", "login", "13800000001", "password", good, "back", "/me").want(t, 303, "/me")
	b.get("/me").want(t, 200, "周晓芸", "射阳县", "返乡务工人员", "现在这台")
	b.post("/me/profile", "name", "周晓云", "version", "1", "region", "320924").want(t, 303, "/me")
	b.post("/me/profile", "name", "周晓", "version", "1").want(t, 412)
	b.post("/me/password", "password_old", "no-such-thing", "password", better).want(t, 422, "现在的密码不对")
	b.post("/me/password", "password_old", good, "password", better).want(t, 303, "/me")
	b.post("/me/login", "phone", "13800000001", "email", "zhou@example.cn", "password_old", better).want(t, 303, "/me")
	b.get("/me").want(t, 200, "zhou@example.cn 还没有确认")
	b.post("/me/email", "otp", s.codes["zhou@example.cn"]).want(t, 303, "/me")
	b.post("/me/export").want(t, 200, `"Phone": "13800000001"`)
	b.post("/sign-out").want(t, 303, "/")
	b.get("/me").want(t, 303, "/sign-in?back=%2Fme")
	b.post("/me/close", "password_old", better).want(t, 303)
	b.post("/sign-in", "login", "zhou@example.cn", "password", better).want(t, 303, "/")
	b.post("/me/close", "password_old", better).want(t, 303, "/")
	b.post("/sign-in", "login", "zhou@example.cn", "password", better).want(t, 422, "手机号或密码不对")
}

func TestAForgottenPassword(t *testing.T) {
	s := open(t)
	if _, err := s.acc.Provision(t.Context(), authz.System("test", account.Create), account.NewPerson{Email: "chen@example.cn", Name: "陈国栋", Password: good}); err != nil {
		t.Fatal(err)
	}
	b := s.browser()
	unknown := b.post("/forgot", "login", "nobody@example.cn").want(t, 303, "/reset")
	known := b.post("/forgot", "login", "chen@example.cn").want(t, 303, "/reset")
	if unknown != known {
		t.Fatalf("answers differ: %+v, %+v", unknown, known)
	}
	b.post("/reset", "login", "chen@example.cn", "otp", "0000-0000", "password", better).want(t, 422, "验证码不对")
	b.post("/reset", "login", "chen@example.cn", "otp", strings.ToLower(s.codes["chen@example.cn"]), "password", better).want(t, 303, "/sign-in")
	b.post("/sign-in", "login", "chen@example.cn", "password", better).want(t, 303, "/")
}

func TestAnOfficialInvitesAColleague(t *testing.T) {
	s := open(t)
	head := s.official("主任", "13800000009", account.Grant{Role: "centre-head", Region: "320924"})
	head.get("/bench/people/invite").want(t, 200, "射阳县")
	head.post("/bench/people/invite", "login", "13700000001", "name", "王海燕", "role", "centre-head").want(t, 422, "这个角色要选一个地区")
	head.post("/bench/people/invite", "login", "13700000001", "name", "王海燕", "role", "centre-head", "place", "region:320925").want(t, 403)
	hand := head.post("/bench/people/invite", "login", "13700000001", "name", "王海燕", "role", "centre-head", "place", "region:320924").want(t, 200, "把验证码交给王海燕")
	code := regexp.MustCompile(`handed">([^<]+)<`).FindStringSubmatch(hand.body)[1]
	head.get("/bench/people").want(t, 200, "137****0001", "还没接受的邀请")
	b := s.browser()
	b.post("/invitation", "login", "13700000001", "otp", code, "password", better).want(t, 422, "请先看过个人信息说明")
	b.post("/invitation", "login", "13700000001", "otp", code, "password", better, "consent", "1").want(t, 303, "/sign-in")
	b.post("/sign-in", "login", "13700000001", "password", better).want(t, 303, "/sign-in/enrol?back=%2F")
	head.get("/bench/people?q=王海燕").want(t, 200, "共 1 人", "王海燕")
}

func TestAnAdministratorLooksAfterPeople(t *testing.T) {
	s := open(t)
	s.browser().post("/register", "phone", "13800000002", "name", "李四", "password", good, "consent", "1").want(t, 303)
	id, err := s.acc.Find(t.Context(), authz.System("test", account.Create), "13800000002")
	if err != nil {
		t.Fatal(err)
	}
	system := s.official("系统管理员", "13800000003", account.Grant{Role: "system-administrator", Region: "320900"})
	security := s.official("安全管理员", "13800000004", account.Grant{Role: "security-administrator", Region: "320900"})
	at := "/bench/people/" + id

	system.get(at).want(t, 200, "13800000002（没有核对过）", "停用账号")
	system.post(at+"/check").want(t, 303, at)
	system.post(at+"/disable").want(t, 303, at)
	system.get(at).want(t, 200, "请写明原因")
	system.post(at+"/disable", "reason", "调离").want(t, 303, at)
	system.post(at+"/disable", "reason", "调离").want(t, 409)
	system.post(at+"/enable", "reason", "回来了").want(t, 303, at)
	system.post(at+"/issue").want(t, 200, "李四重设密码的验证码")
	system.post(at+"/dance").want(t, 404)
	system.post(at+"/grant", "role", "centre-head", "place", "region:320924").want(t, 403)

	security.get(at+"/grant").want(t, 200, "给李四授权")
	security.post(at+"/grant", "role", "centre-head", "place", "region:320924", "to", "2008-01-01").want(t, 422, "在今天之后")
	security.post(at+"/grant", "role", "centre-head", "place", "region:320924", "to", "2009-12-31").want(t, 303, at)
	shown := security.get(at).want(t, 200, "2009年12月31日", "射阳县")
	grant := regexp.MustCompile(at + `/grants/([^/]+)/end`).FindStringSubmatch(shown.body)[1]
	security.post(at+"/grants/"+grant+"/end").want(t, 303, at)

	s.browser().get("/bench/people").want(t, 303, "/sign-in?back=%2Fbench%2Fpeople")
	plain := s.browser()
	plain.post("/sign-in", "login", "13800000002", "password", good).want(t, 303)
	plain.get("/bench/people").want(t, 403)
	plain.get(at).want(t, 404)
}

func TestAnOwnersPeopleAreOnThePublicSide(t *testing.T) {
	s := open(t)
	s.person("企业主", "13800000005", account.Grant{Role: "owner", Party: authz.Party{Kind: authz.Enterprise, ID: "e1"}})
	b := s.browser()
	b.post("/sign-in", "login", "13800000005", "password", good).want(t, 303)
	if shown := b.get("/bench/people").want(t, 200, "共 1 人", "鹤乡纺织"); strings.Contains(shown.body, `class="bench"`) {
		t.Fatal("an owner is not in the workbench")
	}
	b.get("/bench/people/invite").want(t, 200, "鹤乡纺织")
}
