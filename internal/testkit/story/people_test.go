package story_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"qiban.dev/qiban/demo"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/testkit"
)

// The people of the demonstration year who can sign in.
const (
	official = "13800000001" // 徐明 of the city
	sheyang  = "13800000003" // 王海燕 of the centre of Sheyang
	clerk    = "13800000004" // 李建 of Sheyang's guarantee centre
	owner    = "13800000005" // 陈国华 of 射阳县鹤乡纺织有限公司
	system   = "13800000006" // 何平, who runs the system
	security = "13800000007" // 陆安, who looks after people and their rights
	audit    = "13800000008" // 钱正, who reads the audit trail
	password = demo.Password
)

// town is where stories take place.
const town = "合德镇"

// guarantor is the institution that the story's need goes to.
const guarantor = "射阳县中小企业信用担保中心"

// world is the program with the demonstration year, and a browser program.
type world struct {
	t    *testing.T
	site *testkit.Program
	*testkit.Chromium
}

func newWorld(t *testing.T) *world {
	t.Helper()
	return &world{t: t, site: testkit.ServeDemo(t), Chromium: testkit.StartChromium(t)}
}

// visitor is somebody who has no account.
func (w *world) visitor(who string) *testkit.Browser {
	w.t.Helper()
	return w.Open(w.t, who, w.site.URL)
}

// person is somebody who has signed in.
func (w *world) person(who, phone string) *testkit.Browser {
	w.t.Helper()
	return signIn(w.visitor(who).Visit("/sign-in"), phone)
}

// signIn fills the page for signing in.
func signIn(b *testkit.Browser, phone string) *testkit.Browser {
	return b.Fill("手机号或邮箱", phone).Fill("密码", password).Press("登录").NotSee("手机号或密码不对")
}

// creditCode is a valid unified social credit code of an enterprise in Sheyang
// that nobody has, for eight digits of one's own.
func creditCode(t *testing.T, own string) string {
	t.Helper()
	code := "91320924" + own + string(enterprise.OrganisationCheck(own))
	for _, last := range "0123456789ABCDEFGHJKLMNPQRTUWXY" {
		if _, err := enterprise.Parse(code + string(last)); err == nil {
			return code + string(last)
		}
	}
	t.Fatalf("no check character fits %s", code)
	return ""
}

// wrongly is a code with another last character.
func wrongly(code string) string {
	last := "0"
	if strings.HasSuffix(code, "0") {
		last = "1"
	}
	return code[:len(code)-1] + last
}

// shanghai is the time in China.
func shanghai(t *testing.T) time.Time {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	return time.Now().In(zone)
}

// number is the first whole number in some words, 0 when there is none.
func number(words string) int {
	digits := strings.Map(func(r rune) rune {
		switch {
		case r == ',':
			return -1
		case r >= '0' && r <= '9':
			return r
		}
		return ' '
	}, words)
	for word := range strings.FieldsSeq(digits) {
		n, _ := strconv.Atoi(word)
		return n
	}
	return 0
}
