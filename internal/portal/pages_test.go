package portal_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"qiban.dev/qiban/internal/app"
	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/config"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/account"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/notify"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/testkit"
)

const sheyang region.Code = "320924"

const (
	mill  = "91320900140132611G"
	phone = "13812345678"
)

// world is the whole program on an empty database, without a network.
type world struct {
	*app.App
	t       *testing.T
	handler http.Handler
}

func newWorld(t *testing.T) *world {
	t.Helper()
	quiet := slog.New(slog.DiscardHandler)
	a, err := app.Open(t.Context(), config.Store{Data: testkit.Migrated(t)}, app.Options{Log: quiet})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.DB.Close() })
	w := &world{App: a, t: t}
	if w.handler, err = a.Handler(config.Serve{}); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) visitor(lang string) *testkit.Site {
	return testkit.Visit(w.t, w.handler, "lang", lang)
}

// joins is a visitor who opens an account on the way to registering an enterprise.
func (w *world) joins(phone, name string) *testkit.Site {
	w.t.Helper()
	site := w.visitor("zh-CN")
	site.Get("/enterprises/new").Is(http.StatusOK).
		Send("/enterprises/new/account", "phone", phone, "name", name, "password", "he-xiang-fang-zhi", "consent", "1").
		Is(http.StatusSeeOther)
	return site
}

// staff is an official of a county with the rights named.
func staff(at region.Code, may ...authz.Permission) authz.Actor {
	return authz.Actor{Kind: authz.Human, ID: "wang", Name: "王海燕", Grants: []authz.Grant{{Role: authz.Role{Name: "staff", Permissions: may}, Region: at}}}
}

func TestTheHomePageHelpsOnAnEmptyDatabase(t *testing.T) {
	w := newWorld(t)
	for lang, promise := range map[string]string{"zh-CN": "先在这里问一声", "en": "Ask here first"} {
		page := w.visitor(lang).Get("/").Is(http.StatusOK)
		page.Has("h1", promise)
		page.Lacks("body", "⟦")
		page.Lacks("body", "{")
		if n := len(page.All(".themes li")); n != 6 {
			t.Errorf("%s: %d themes", lang, n)
		}
		if n := len(page.All(".county li")); n != 9 {
			t.Errorf("%s: %d counties", lang, n)
		}
		if n := len(page.All(".stats li")); n != 0 {
			t.Errorf("%s: %d figures out of nothing", lang, n)
		}
	}
	page := w.visitor("zh-CN").Get("/")
	page.Has(".list__a", "2 个工作日内受理") // from the table of limits
	page.Has("#main", "还没有可以公布的数字")
}

func TestTheHomePageAsksTheDatabaseLittle(t *testing.T) {
	w := newWorld(t)
	w.visitor("zh-CN").Get("/").Is(http.StatusOK) // fills what is kept
	var n atomic.Int64
	r := httptest.NewRequestWithContext(db.CountQueries(t.Context(), &n), http.MethodGet, "/", nil)
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, r)
	if rec.Code != http.StatusOK {
		t.Fatal(rec.Code)
	}
	// Three of its own — places, institutions by county, limits — and what the
	// figures of a year take, however many there are; one of those says whether
	// what the process remembers still holds.
	if n.Load() > 15 {
		t.Errorf("the home page takes %d queries, want at most 15", n.Load())
	}
}

func TestEveryPageForVisitorsIsThereInBothLanguages(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{
		"/services", "/services/financing", "/services/startup", "/places/320924", "/places/320900", "/search", "/search?q=nothing-like-it",
		"/enterprises/new", "/help", "/accessibility", "/privacy", "/definitions", "/size", "/institutions",
	} {
		for _, lang := range []string{"zh-CN", "en"} {
			page := w.visitor(lang).Get(path).Is(http.StatusOK)
			page.One("h1")
			page.Lacks("body", "⟦")
			page.Lacks("body", "{")
		}
	}
	w.visitor("zh-CN").Get("/services/alchemy").Is(http.StatusNotFound)
	w.visitor("zh-CN").Get("/places/110101").Is(http.StatusNotFound)
	if to := w.visitor("zh-CN").Get("/places/320982").Is(http.StatusSeeOther).Location; to != "/places/320904" {
		t.Errorf("大丰市 leads to %s", to)
	}
}

func TestAVisitorRegistersAnEnterpriseInOneGo(t *testing.T) {
	w := newWorld(t)
	site := w.visitor("zh-CN")
	first := site.Get("/enterprises/new").Is(http.StatusOK)
	first.Has(".steps li[aria-current=step]", "账号")
	bad := first.Send("/enterprises/new/account", "phone", "12345", "name", "", "password", "123").Is(http.StatusUnprocessableEntity)
	for _, field := range []string{"phone", "name", "password", "consent"} {
		bad.One("#" + field + "-e")
	}
	if got := testkit.Attr(bad.One("input#phone"), "value"); got != "12345" {
		t.Errorf("the number is lost: %q", got)
	}
	if got := testkit.Attr(bad.One("input#password"), "value"); got != "" {
		t.Error("the password came back on the page")
	}
	form := bad.Send("/enterprises/new/account", "phone", phone, "name", "顾鹤", "password", "he-xiang-fang-zhi", "consent", "1").Follow().Is(http.StatusOK)
	form.Has(".steps li[aria-current=step]", "企业信息")

	typo := form.Send("/enterprises/new", "code", "91320900140132611X", "name", "射阳县鹤乡纺织有限公司", "established", "昨天的昨天").Is(http.StatusUnprocessableEntity)
	typo.Has("#code-e", "校验")
	typo.Has("#established-e", "昨天的昨天")
	typo.One("#region-e")
	if got := testkit.Attr(typo.One("input#code"), "value"); got != "91320900140132611X" {
		t.Errorf("the code is lost: %q", got)
	}
	done := typo.Send("/enterprises/new", "code", mill, "region", "320924100", "established", "1998-05-01").Follow().Is(http.StatusOK)
	done.Has("h1", "企业已登记")

	mine := site.Get("/my").Is(http.StatusOK)
	mine.Has("h1", "射阳县鹤乡纺织有限公司")
	mine.Has(".tag", "未核实")
	mine.Has(".list__a", "1 件核对中")
	site.Get("/my/enterprise/years").Is(http.StatusOK)
}

func TestASecondRegistrantOfACodeLearnsNothingOfTheFirst(t *testing.T) {
	w := newWorld(t)
	fill := func(site *testkit.Site) *testkit.HTML {
		return site.Get("/enterprises/new").Send("/enterprises/new", "code", mill, "name", "鹤乡纺织", "region", "320924100").Follow().Is(http.StatusOK)
	}
	one := fill(w.joins(phone, "顾鹤"))
	zhou := w.joins("13987654321", "周素兰")
	two := fill(zhou)
	if a, b := testkit.Text(one.One("main")), testkit.Text(two.One("main")); a != b {
		t.Errorf("the answers differ:\n%s\n%s", a, b)
	}
	for _, path := range []string{"/my", "/my/claims", "/my/people"} {
		zhou.Get(path).Is(http.StatusOK).Lacks("main", "顾鹤")
	}
	again := zhou.Get("/enterprises/new").Send("/enterprises/new", "code", mill, "name", "鹤乡纺织", "region", "320924100").Is(http.StatusUnprocessableEntity)
	again.Has("#code-e", "已经登记或认领过")
}

func TestAPhoneThatHasAnAccountIsAnsweredLikeAnyOther(t *testing.T) {
	w := newWorld(t)
	w.joins(phone, "顾鹤")
	other := w.visitor("zh-CN")
	page := other.Get("/enterprises/new").Send("/enterprises/new/account", "phone", phone, "name", "路人", "password", "quite-another-secret", "consent", "1")
	if !strings.HasPrefix(page.Is(http.StatusSeeOther).Location, "/sign-in") {
		t.Errorf("leads to %s", page.Location)
	}
	other.Get("/my").Is(http.StatusSeeOther) // and is not signed in as the owner
}

func TestOwnPagesAskVisitorsToSignIn(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{"/my", "/my/messages", "/my/people", "/my/enterprise", "/my/institution", "/my/claims", "/enterprises/new/done"} {
		if to := w.visitor("zh-CN").Get(path).Is(http.StatusSeeOther).Location; !strings.HasPrefix(to, "/sign-in?back=") {
			t.Errorf("%s leads to %s", path, to)
		}
	}
}

func TestSomebodyWithoutAnEnterpriseIsTakenFurther(t *testing.T) {
	w := newWorld(t)
	page := w.joins(phone, "周素兰").Get("/my").Is(http.StatusOK)
	page.Has(".empty h2", "还没有登记企业")
	page.One(".empty a[href=/enterprises/new]")
	page.One(".empty a[href=/needs/new]")
}

func TestMessagesAreReadAndMarkedByTheirOwnerAlone(t *testing.T) {
	w := newWorld(t)
	gu, zhou := w.joins(phone, "顾鹤"), w.joins("13987654321", "周素兰")
	gu.Get("/my/messages").Is(http.StatusOK).Has(".empty h2", "还没有消息")
	id, err := w.Account.Find(t.Context(), staff("320900", account.Create), phone)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.DB.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		return w.Notify.Tell(ctx, tx, []string{id}, notify.Message{Key: "enterprise.news.kept", Args: []any{"code", mill}, Link: "/my/claims"})
	}); err != nil {
		t.Fatal(err)
	}
	page := gu.Get("/my/messages").Is(http.StatusOK)
	page.Has(".message", mill)
	page.Has(".message .tag", "新")
	zhou.Get("/my/messages").Lacks("main", mill)
	message := page.All(".message input[name=id]")
	zhou.Post("/my/messages", map[string][]string{"id": {testkit.Attr(message[0], "value")}}).Is(http.StatusSeeOther)
	if n, _ := w.Notify.Unread(t.Context(), id); n != 1 {
		t.Errorf("%d unread after somebody else marked it", n)
	}
	page.Send("/my/messages").Follow().Lacks(".message .tag", "新")
}

func TestAnOwnerInvitesAColleagueAndTakesItBack(t *testing.T) {
	w := newWorld(t)
	gu := w.joins(phone, "顾鹤")
	gu.Get("/enterprises/new").Send("/enterprises/new", "code", mill, "name", "鹤乡纺织", "region", "320924100").Is(http.StatusSeeOther)
	page := gu.Get("/my/people").Is(http.StatusOK)
	page.Has(".message", "顾鹤")
	page.Send("/my/people?enterprise="+enterpriseOf(t, w), "login", "不是号码", "name", "").Is(http.StatusUnprocessableEntity).One("#login-e")
	sent := page.Send("/my/people?enterprise="+enterpriseOf(t, w), "login", "13700001111", "name", "赵敏").Is(http.StatusOK)
	sent.One(".notice .code")
	again := gu.Get("/my/people")
	again.Has(".message", "赵敏")
	again.Lacks("main", testkit.Text(sent.One(".notice .code"))) // the code is shown once
	again.Lacks("main", "13700001111")                           // and the number only in part
	again.Send("/withdraw?enterprise="+enterpriseOf(t, w)).Follow().Lacks(".message", "赵敏")
	stranger := w.joins("13987654321", "周素兰")
	stranger.Get("/my/people?enterprise=" + enterpriseOf(t, w)).Is(http.StatusNotFound)
}

func enterpriseOf(t *testing.T, w *world) string {
	t.Helper()
	list, _, err := w.Enterprise.List(t.Context(), staff("320900", enterprise.View), enterprise.Filter{}, db.Page{})
	if err != nil || len(list) != 1 {
		t.Fatalf("%d enterprises: %v", len(list), err)
	}
	return string(list[0].ID)
}

func TestACountyShowsItsCentreAndItsInstitutions(t *testing.T) {
	w := newWorld(t)
	by := staff("320900", institution.Permissions()...)
	enter := func(name string, at region.Code, kind institution.Kind, shown bool) {
		i, err := w.Institution.Register(t.Context(), by, institution.Profile{Name: name, Region: at, Kinds: []institution.Kind{kind}, Level: institution.CountyWide, Address: name + "的地址"}, "")
		if err == nil && shown {
			_, err = w.Institution.Publish(t.Context(), by, i.ID, i.Version, true)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	enter("射阳县中小企业服务中心", sheyang, institution.ServiceCentre, true)
	enter("射阳县某学校", sheyang, institution.TrainingBody, false)
	enter("建湖县信用担保中心", "320925", institution.Guarantor, true)

	page := w.visitor("zh-CN").Get("/places/320924").Is(http.StatusOK)
	page.Has("main", "射阳县中小企业服务中心的地址")
	page.Has("h2", "服务机构 1 家")
	page.Lacks("main", "某学校")
	page.Lacks("main", "建湖县")
	home := w.visitor("zh-CN").Get("/")
	home.Has(".county .list__a[href=/places/320925]", "1 家服务机构")
	home.Has(".lead", "2 家服务机构")
	if _, err := w.Search.Follow(t.Context()); err != nil {
		t.Fatal(err)
	}
	found := w.visitor("zh-CN").Get("/search?q=%E6%8B%85%E4%BF%9D").Is(http.StatusOK) // 担保
	found.Has(".list b", "建湖县信用担保中心")
	found.Has(".list mark", "担保")
	found.Has(".list b", "融资担保")
	found.Lacks("main", "某学校")
	w.visitor("zh-CN").Get("/search?q=%E6%8B%85%E4%BF%9D&place=320924").Is(http.StatusOK).Lacks("main", "建湖县信用担保中心")
	for _, nowhere := range []string{"999", "320924999", "440300", "no-such-place"} {
		w.visitor("zh-CN").Get("/search?q=%E6%8B%85%E4%BF%9D&place="+nowhere).Is(http.StatusUnprocessableEntity).
			Has(".notice", "没有代码为“"+nowhere+"”的地方")
	}
	w.visitor("zh-CN").Get("/search?q="+strings.Repeat("a", 101)).Is(http.StatusUnprocessableEntity).Has(".notice", "最多 100 个字")
}

func TestAVerifiedEnterpriseIsShownSoAndKeepsItsName(t *testing.T) {
	w := newWorld(t)
	gu := w.joins(phone, "顾鹤")
	gu.Get("/enterprises/new").Send("/enterprises/new", "code", mill, "name", "射阳县鹤乡纺织有限公司", "region", "320924100").Is(http.StatusSeeOther)
	id := enterprise.ID(enterpriseOf(t, w))
	by := staff(sheyang, enterprise.Permissions()...)
	e, err := w.Enterprise.Get(t.Context(), by, id)
	if err == nil {
		err = w.Enterprise.Verify(t.Context(), by, id, e.Version)
	}
	if err != nil {
		t.Fatal(err)
	}
	gu.Get("/my").Has(".tag", "已核实")
	gu.Get("/my/enterprise").Send("/my/enterprise?e="+string(id), "name", "另一个名字").Is(http.StatusUnprocessableEntity).Has("#name-e", "核实过")
}
