package accountweb_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/account"
	"qiban.dev/qiban/internal/fault"
)

// makeKey sends the form of a new key, with as many scopes as there are.
func (b *browser) makeKey(name, days string, scopes ...string) page {
	b.s.t.Helper()
	form := url.Values{"key_name": {name}, "days": {days}, "scopes": scopes}
	req, _ := http.NewRequest(http.MethodPost, b.s.url+"/me/keys/new", strings.NewReader(form.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.do(req)
}

// secretOf is the key that the page shows.
func (p page) secretOf(t *testing.T) string {
	t.Helper()
	found := regexp.MustCompile(`handed--long">(qb_[^<]+)<`).FindStringSubmatch(p.want(t, http.StatusOK).body)
	if found == nil {
		t.Fatalf("no key is shown:\n%s", p.body)
	}
	return found[1]
}

// trail is what the audit trail says of a record: action and detail.
func (s *site) trail(kind string) (lines []string) {
	s.t.Helper()
	if err := s.db.Select(s.t.Context(), &lines, `SELECT actor_id || ' ' || action || ' ' || record_id || ' ' || detail FROM audit_entry
		WHERE record_kind = ? ORDER BY seq`, kind); err != nil {
		s.t.Fatal(err)
	}
	return lines
}

func (s *site) later(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(d)
}

func TestAKeyIsMadeShownOnceAndEnded(t *testing.T) {
	s := open(t)
	head := s.official("主任", "13800000009", account.Grant{Role: "centre-head", Region: "320924"})
	head.get("/me/keys").want(t, 200, "还没有密钥")
	shown := head.get("/me/keys/new").want(t, 200, "看人员", "邀请、授权、停用人员", "看我的账号和消息", "365 天")
	if !regexp.MustCompile(`value="90" selected`).MatchString(shown.body) {
		t.Error("90 days are not what is chosen at first")
	}

	// Everything that is wrong is told at once, and what was typed is still there.
	head.makeKey("", "77").want(t, 422, "有 3 处", "请至少选一项")
	head.makeKey(strings.Repeat("名", 60), "30", "person:read", "account:everything").want(t, 422, "有 2 处", strings.Repeat("名", 60))
	if made := s.trail("key"); len(made) != 0 {
		t.Errorf("a form that was wrong left %v", made)
	}

	secret := head.makeKey("报表程序", "30", "person:read", "me:read").secretOf(t)
	list := head.get("/me/keys").want(t, 200, "报表程序", "qb_…"+secret[len(secret)-4:], "看我的账号和消息、看人员", "没用过", "2009年2月5日")
	if strings.Contains(list.body, secret) {
		t.Error("the key is shown a second time")
	}
	if !slices.Contains(s.told, "account.told.key_made") {
		t.Errorf("the person was told %v, not that a key was made", s.told)
	}

	by, use, err := s.acc.ResolveKey(t.Context(), secret)
	if err != nil || by.Kind != authz.Key || !by.May(account.See, authz.At("320924")) || by.May(account.Invite, authz.At("320924")) {
		t.Errorf("the key opens %+v, %v; it was made to read people", by, err)
	}
	if !slices.Equal(use.Scopes, []string{"me:read", "person:read"}) {
		t.Errorf("its scopes are %v", use.Scopes)
	}
	head.get("/me/keys").want(t, 200, "2009年1月6日") // used today

	id := regexp.MustCompile(`/me/keys/([^/"]+)/end`).FindStringSubmatch(list.body)[1]
	stranger := s.official("邻县主任", "13800000008", account.Grant{Role: "centre-head", Region: "320925"})
	stranger.get("/me/keys").want(t, 200, "还没有密钥")
	stranger.post("/me/keys/"+id+"/end").want(t, 404)
	if _, _, err := s.acc.ResolveKey(t.Context(), secret); err != nil {
		t.Errorf("somebody else ended the key: %v", err)
	}
	head.post("/me/keys/"+id+"/end").want(t, 303, "/me/keys")
	if _, _, err := s.acc.ResolveKey(t.Context(), secret); !fault.Is(err, fault.SignIn) {
		t.Errorf("an ended key is answered with %v", err)
	}
	if gone := head.get("/me/keys").want(t, 200, "报表程序", "已停用"); strings.Contains(gone.body, id+"/end") {
		t.Error("an ended key can be ended again")
	}
	head.post("/me/keys/"+id+"/end").want(t, 404)

	// The trail says who made and ended it and for what, never the key.
	made := s.trail("key")
	if len(made) != 2 || !strings.Contains(made[0], "account.key.make "+id) || !strings.Contains(made[0], `"person:read"`) ||
		!strings.Contains(made[0], `"days":30`) || !strings.Contains(made[1], "account.key.end "+id) {
		t.Errorf("the trail says %v", made)
	}
	var kept string
	if err := s.db.Get(t.Context(), &kept, `SELECT digest || tail FROM account_key WHERE id = ?`, id); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(kept+strings.Join(made, ""), secret) {
		t.Error("the key itself is kept")
	}
}

func TestAKeyExpires(t *testing.T) {
	s := open(t)
	s.person("企业主", "13800000005", account.Grant{Role: "owner", Party: authz.Party{Kind: authz.Enterprise, ID: "e1"}})
	b := s.browser()
	enter := func() { b.post("/sign-in", "login", "13800000005", "password", good).want(t, 303) }
	enter()
	secret := b.makeKey("短的", "30", "me:read").secretOf(t)
	s.later(30*24*time.Hour - time.Minute)
	if _, _, err := s.acc.ResolveKey(t.Context(), secret); err != nil {
		t.Errorf("a minute before its end the key is answered with %v", err)
	}
	s.later(time.Minute)
	if _, _, err := s.acc.ResolveKey(t.Context(), secret); !fault.Is(err, fault.SignIn) {
		t.Errorf("at its end the key is answered with %v", err)
	}
	enter()
	b.get("/me/keys").want(t, 200, "短的", "已到期")
}

func TestNobodyHasMoreKeysThanCanBeLookedAfter(t *testing.T) {
	s := open(t)
	s.person("企业主", "13800000005")
	b := s.browser()
	b.post("/sign-in", "login", "13800000005", "password", good).want(t, 303)
	for n := range 20 {
		b.makeKey(fmt.Sprint("第", n, "个"), "30", "me:read").secretOf(t)
	}
	b.makeKey("再来一个", "30", "me:read").want(t, 422, "在用的密钥最多 20 个", "再来一个")
	id := regexp.MustCompile(`/me/keys/([^/"]+)/end`).FindStringSubmatch(b.get("/me/keys").body)[1]
	b.post("/me/keys/"+id+"/end").want(t, 303, "/me/keys")
	b.makeKey("再来一个", "30", "me:read").secretOf(t)
}

// A key ends with what it stands on: an administrator ends it, or its person's
// account is stopped.
func TestAnAdministratorEndsSomebodysKey(t *testing.T) {
	s := open(t)
	head := s.official("主任", "13800000009", account.Grant{Role: "centre-head", Region: "320924"})
	one, two := head.makeKey("一号", "30", "person:read").secretOf(t), head.makeKey("二号", "30", "person:read").secretOf(t)
	id, err := s.acc.Find(t.Context(), authz.System("test", account.Create), "13800000009")
	if err != nil {
		t.Fatal(err)
	}
	at := "/bench/people/" + id
	system := s.official("系统管理员", "13800000003", account.Grant{Role: "system-administrator", Region: "320900"})
	shown := system.get(at).want(t, 200, "一号", "二号")
	key := regexp.MustCompile(`/keys/([^/"]+)/end`).FindStringSubmatch(shown.body)[1]
	security := s.official("安全管理员", "13800000004", account.Grant{Role: "security-administrator", Region: "320900"})
	if theirs := security.get(at).want(t, 200); strings.Contains(theirs.body, "二号") {
		t.Error("keys are shown to whoever may not end them")
	}
	security.post(at+"/keys/"+key+"/end").want(t, 404)
	system.post(at+"/keys/"+key+"/end").want(t, 303, at)
	alive := 0
	for _, secret := range []string{one, two} {
		if _, _, err := s.acc.ResolveKey(t.Context(), secret); err == nil {
			alive++
		}
	}
	if alive != 1 {
		t.Errorf("%d keys open, want 1", alive)
	}
	system.post(at+"/disable", "reason", "调离").want(t, 303, at)
	for _, secret := range []string{one, two} {
		if _, _, err := s.acc.ResolveKey(t.Context(), secret); !fault.Is(err, fault.SignIn) {
			t.Errorf("a key of a stopped account is answered with %v", err)
		}
	}
}
