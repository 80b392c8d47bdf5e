package workbench_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/alexedwards/argon2id"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/account"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/territory"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/jobs"
	"qiban.dev/qiban/internal/testkit"
	"qiban.dev/qiban/internal/text"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/assets"
	"qiban.dev/qiban/internal/workbench"
)

// plant is an installation with those who look after it.
type plant struct {
	t           *testing.T
	db          *db.DB
	gate        *gate.Gate
	flow        *flow.Service
	territory   *territory.Service
	enterprises *enterprise.Service
	jobs        *jobs.Jobs
	handler     http.Handler
	actors      map[string]authz.Actor
	now         time.Time
}

// Who knows people by the cookie "who".
func (o *plant) Who(r *http.Request) (web.Who, error) {
	c, err := r.Cookie("who")
	if err != nil {
		return web.Who{}, nil //nolint:nilerr // nobody is signed in
	}
	return web.Who{Actor: o.actors[c.Value]}, nil
}

func newPlant(t *testing.T) *plant {
	t.Helper()
	o := &plant{t: t, now: newYear()}
	var err error
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ctx, quiet := t.Context(), slog.New(slog.DiscardHandler)
	o.db, err = db.Open(ctx, testkit.Migrated(t), db.Options{Log: quiet, Clock: func() time.Time { return o.now }})
	must(err)
	t.Cleanup(func() { _ = o.db.Close() })
	must(jobs.Migrate(ctx, o.db))
	o.gate = gate.New(o.db, string(yancheng))
	o.flow, o.territory = flow.New(o.db, o.gate, yancheng), territory.New(o.db, o.gate)
	must(o.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		return errors.Join(flow.Seed(ctx, tx), territory.Seed(ctx, tx))
	}))
	o.enterprises, err = enterprise.New(o.db, o.gate, enterprise.Hooks{})
	must(err)
	o.jobs, err = jobs.New(o.db, quiet,
		jobs.KindOf("engagement.watch", func(ctx context.Context, _ struct{}) error { jobs.Count(ctx, "reminded", 3); return nil }),
		jobs.KindOf("notify.mail", func(context.Context, struct{}) error { return jobs.GiveUp(errors.New("550 no such mailbox")) }))
	must(err)
	accounts, err := account.New(o.db, o.gate, account.Config{
		Key: []byte("0123456789abcdef0123456789abcdef"), Home: yancheng, Site: "企伴", Notice: "1", Roles: account.AdminRoles(),
		Argon: &argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32},
	})
	must(err)
	must(accounts.Seed(ctx))
	o.actors = map[string]authz.Actor{
		"security": official("", yancheng, flow.SetCalendar, flow.SetLimit, enterprise.EditRule),
		"system":   official("", yancheng, workbench.SeeJobs),
		"audit":    official("", yancheng, account.SeeAudit),
		"xu":       official("", yancheng, territory.Reorganise, territory.SetKeyTown),
		"wang":     official("", sheyang, territory.Reorganise, territory.SetKeyTown),
		"county":   official("", sheyang, account.SeeAudit, flow.SetCalendar, workbench.SeeJobs),
		"clerk":    official("", yancheng, account.See),
	}
	phone := 13900000000
	for who, name := range map[string]string{"security": "陆安", "system": "何平", "audit": "钱正", "xu": "徐明", "wang": "王海燕", "county": "李芳", "clerk": "周敏"} {
		phone++
		a := o.actors[who]
		a.ID, err = accounts.Provision(ctx, authz.System("seed", account.Create, account.Give), account.NewPerson{Phone: fmt.Sprint(phone), Name: name, Region: yancheng})
		must(err)
		a.Name, o.actors[who] = name, a
	}
	kit, err := web.New(web.Config{
		Assets: assets.From(fstest.MapFS{}), Sessions: o, Cookie: "who", Clock: func() time.Time { return o.now }, Log: quiet,
		Menu: func(*http.Request, web.Who, text.Lang) web.Menu { return web.Menu{} },
	})
	must(err)
	mux := http.NewServeMux()
	kit.Routes(mux)
	(&workbench.Settings{
		Kit: kit, DB: o.db, Flow: o.flow, Enterprises: o.enterprises, Territory: o.territory,
		Accounts: accounts, Jobs: o.jobs, Home: yancheng,
	}).Routes(mux)
	o.handler = kit.Wrap(mux)
	return o
}

func (o *plant) as(who string) *testkit.Site { return testkit.Visit(o.t, o.handler, "who", who) }

const settings = workbench.SettingsHome

func TestEverybodySeesOnlyTheSettingsThatAreTheirs(t *testing.T) {
	o := newPlant(t)
	pages := map[string]string{
		"/calendar": "security", "/calendar/import": "security", "/calendar?year=2027": "security",
		"/limits": "security", "/limits/change?type=need&step=finish": "security",
		"/size": "security", "/size/2011": "security", "/size/2011/edit": "security", "/size/2011/rows/industry": "security",
		"/regions": "xu wang", "/regions?at=320924": "xu wang", "/regions?at=320925": "xu", "/regions?at=320900": "xu",
		"/regions/320924/change": "xu", "/regions/320924100/change": "xu wang", "/regions/320924100/key-town": "xu wang",
		"/audit": "audit county", "/jobs": "system", "/jobs?kind=notify.mail": "system",
		"": "security system audit xu wang county",
	}
	for path, allowed := range pages {
		for who := range o.actors {
			page := o.as(who).Get(settings + path)
			if may := strings.Contains(" "+allowed+" ", " "+who+" "); may != (page.Status == http.StatusOK) {
				t.Errorf("%s opens %s: %d", who, path, page.Status)
			}
			if page.Status == http.StatusOK {
				page.Lacks("html", "⟦")
				english := testkit.Visit(t, o.handler, "who", who, "lang", "en").Get(settings + path).Is(http.StatusOK)
				english.Lacks("html", "⟦")
			}
		}
		if page := testkit.Visit(t, o.handler).Get(settings + path).Is(http.StatusSeeOther); !strings.HasPrefix(page.Location, "/sign-in") {
			t.Errorf("a visitor of %s is led to %s", path, page.Location)
		}
	}
	for path, who := range map[string]string{
		"/calendar": "xu", "/limits/change": "audit", "/size/2011/edit": "system",
		"/size/2011/rows/industry": "wang", "/audit/verify": "county", "/regions/320924/change": "wang", "/calendar/preview": "county",
	} {
		o.as(who).Post(settings+path, url.Values{
			"kind": {"rename"}, "name": {"鹤乡县"}, "on": {"2009-01-05"}, "source": {"x"}, "year": {"2027"},
			"text": {"2027-01-01,休,元旦"},
		}).Is(http.StatusForbidden)
	}
}

func TestTheIndexListsWhatOneMayChange(t *testing.T) {
	o := newPlant(t)
	page := o.as("security").Get(settings).Is(http.StatusOK)
	page.Has(".list", "工作日历 已录到 2026 年")
	page.Has(".list", "项 每一步要在几个工作日内办完")
	page.Has(".list", "处待核对")
	for _, other := range []string{"行政区划", "审计", "后台任务"} {
		page.Lacks("main", other)
	}
	page = o.as("audit").Get(settings).Is(http.StatusOK)
	page.Has(".list", "审计")
	page.Lacks("main", "工作日历")
	o.as("xu").Get(settings).Is(http.StatusOK).Has(".list", "行政区划")
}

func TestTheYearsHolidaysAreEntered(t *testing.T) {
	o := newPlant(t)
	lu := o.as("security")
	page := lu.Get(settings + "/calendar").Is(http.StatusOK)
	page.Has("h1", "2009 年工作日历")
	page.Has(".cal__rest", "26 休")
	page.Has(".cal__work", "4 班")
	page.Has("tbody tr", "元旦 1月1日 周四至1月3日 周六 3 1月4日 周日")
	page.Has(".muted", "依据：国务院办公厅")
	page.Lacks("main", "暂按周一到周五计算")

	page = lu.Get(settings + "/calendar?year=2027").Is(http.StatusOK)
	page.Has(".notice", "2027 年的节假日安排还没有录入，暂按周一到周五计算")

	form := lu.Get(settings + "/calendar/import?year=2027").Is(http.StatusOK)
	wrong := form.Send("/calendar/preview", "year", "2027", "text",
		"2027-01-01,休,元旦\n2027-13-01,休,元旦\n2027-01-04,班,元旦\n2027-01-03,假,元旦").Is(http.StatusUnprocessableEntity)
	wrong.Has(".errsum", "依据的通知：请填写这一项")
	wrong.Has(".errsum", "有 3 行要改")
	for _, line := range []string{"第 2 行", "第 3 行：2027-01-04 本来就上班", "第 4 行：请写“休”或“班”"} {
		wrong.Has(".cal__wrong li", line)
	}
	wrong.Has("textarea", "2027-13-01,休,元旦")
	form.Send("/calendar/preview", "source", "国办发明电〔2026〕7号", "text", "2026-01-01,休,元旦").Is(http.StatusUnprocessableEntity).
		Has(".cal__wrong li", "2026-01-01 不在 2027 年")

	preview := form.Send("/calendar/preview", "source", "国办发明电〔2026〕7号", "text",
		"2027-01-01,休,元旦,New Year's Day\n2027-01-02,休,元旦,New Year's Day\n2027-01-10,班,元旦,New Year's Day").Is(http.StatusOK)
	preview.Has(".notice", "有 3 天不同")
	preview.Has("tbody tr", "1月10日 周日 平常周末 元旦 班")
	if c, err := o.flow.Calendar(t.Context()); err != nil || c.Known(2027) {
		t.Fatalf("a preview changed the calendar (%v)", err)
	}
	preview.Send("/calendar/preview", "again", "1").Is(http.StatusOK).Has("textarea", "2027-01-10,班")
	saved := preview.Send("/calendar").Is(http.StatusSeeOther).Follow().Is(http.StatusOK)
	saved.Has(".notice", "2027 年的日历已经保存")
	saved.Has(".cal__work", "10 班")
	saved.Has(".timeline", "录入 3 天，依据 国办发明电〔2026〕7号")
	saved.Has(".timeline .meta", "陆安")
	if c, err := o.flow.Calendar(t.Context()); err != nil || !c.Known(2027) || c.Workday("2027-01-01") || !c.Workday("2027-01-10") {
		t.Errorf("the calendar was not saved (%v)", err)
	}
	again := lu.Get(settings + "/calendar/import?year=2027").Is(http.StatusOK)
	same := again.Send("/calendar/preview", "source", "同上").Is(http.StatusOK)
	same.Has(".notice", "和现在的安排完全一样")
}

func TestATimeLimitChangesFromADayOn(t *testing.T) {
	o := newPlant(t)
	lu := o.as("security")
	lu.Get(settings+"/limits").Is(http.StatusOK).Has("tbody tr", "办结 10 个工作日 5 个工作日 剩 3 个工作日时 过 2 个工作日报市")
	form := lu.Get(settings + "/limits/change?type=need&step=finish").Is(http.StatusOK)
	wrong := form.Send("/limits/change", "amount", "八", "remind", "-1", "valid_from", "2009-01-05", "grade", "").Is(http.StatusUnprocessableEntity)
	for _, words := range []string{"时限：请填整数。你填的是“八”", "剩多少时提醒：请填 0 或更大的数", "从哪天起施行：施行日期不能早于今天", "依据：请填写这一项", "依据核对到什么程度：请从列出的"} {
		wrong.Has(".errsum", words)
	}
	form.Send("/limits/change", "amount", "8", "valid_from", "2009-02-01", "source", "盐中企〔2009〕2号", "grade", "A").
		Is(http.StatusSeeOther).Follow().Is(http.StatusOK).Has("tbody tr", "接下来 8 个工作日")
	late := form.Send("/limits/change", "amount", "7", "valid_from", "2009-01-20", "source", "x", "grade", "P").Is(http.StatusUnprocessableEntity)
	late.Has(".errsum", "新的时限要晚于 2009-02-01 起施行")

	o.now = o.now.AddDate(0, 1, 0) // in February
	lu.Get(settings+"/limits").Is(http.StatusOK).Has("tbody tr", "办结 8 个工作日")
	page := lu.Get(settings + "/limits/change?type=need&step=finish").Is(http.StatusOK)
	page.Has(".timeline", "10 个工作日")
	page.Has(".timeline", "盐中企〔2009〕2号（已对照全文）")
	page.Has(".timeline .meta", "陆安")

	form.Send("/limits/change", "type", "need.financing", "amount", "15", "valid_from", "2009-03-01", "source", "x", "grade", "P").
		Is(http.StatusSeeOther).Follow().Is(http.StatusOK).Has("h2", "需求：融资担保")
	limits, err := o.flow.Limits(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for day, want := range map[string]int{"2009-01-31": 10, "2009-02-01": 8, "2009-03-02": 15} {
		if l, ok := limits.Find("need.financing", "finish", day); !ok || l.Amount != want {
			t.Errorf("on %s the limit is %d, want %d", day, l.Amount, want)
		}
	}
	form.Send("/limits/change", "type", "need.gardening", "amount", "15", "valid_from", "2009-04-01", "source", "x", "grade", "P").Is(http.StatusUnprocessableEntity)
	lu.Get(settings + "/limits/change?type=need&step=dance").Is(http.StatusNotFound)
}

func TestASizeRuleIsCorrectedAndItsVersionsStay(t *testing.T) {
	o := newPlant(t)
	lu := o.as("security")
	lu.Get(settings+"/size").Is(http.StatusOK).Has("tbody tr", "工信部联企业〔2011〕300号")
	page := lu.Get(settings + "/size/2011").Is(http.StatusOK)
	page.Has("tbody tr", "工业 从业人员，人 ≥ 1,000 ≥ 300 ≥ 20 第四条（二） 据引文")
	page.Has("details", "处依据还要人核对")
	page.Has("details li", "2002 版行业 01-05 归“农、林、牧、渔业”：凭记忆写入，待核对")
	form := lu.Get(settings + "/size/2011/rows/industry").Is(http.StatusOK)
	wrong := form.Send("/rows/industry", "employees_medium", "1000", "employees_small", "0", "revenue_large", "很多", "article", "").Is(http.StatusUnprocessableEntity)
	for _, words := range []string{"从业人员，中型：要小于上一档的 1,000", "从业人员，小型：请填大于 0 的数", "营业收入，大型：请填整数", "条款，中文：请填写这一项"} {
		wrong.Has(".errsum", words)
	}
	saved := form.Send("/rows/industry", "employees_medium", "310", "grade", "A").Is(http.StatusSeeOther).Follow().Is(http.StatusOK)
	saved.Has("tbody tr", "工业 从业人员，人 ≥ 1,000 ≥ 310 ≥ 20 第四条（二） 已对照全文")
	saved.Has(".timeline", "工业的从业人员改为 1,000 / 310 / 20；核对了依据")
	saved.Has(".facts", "本单位第 1 次修改")
	form.Send("/rows/industry", "employees_medium", "320").Is(http.StatusPreconditionFailed) // drawn before the first change
	rules, err := o.enterprises.Rules(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	statistics, _ := rules.Set("2017")
	if got := statistics.Rows[1].Bounds[0].Medium; got != 310 {
		t.Errorf("the rule that takes over its rows has %d, want 310", got)
	}
	lu.Get(settings + "/size/2017/rows/industry").Is(http.StatusNotFound) // its rows are another's
	lu.Get(settings+"/size/2017").Is(http.StatusOK).Has("a[href='/bench/settings/size/2011']", "打开那一套")

	edit := lu.Get(settings + "/size/2011/edit").Is(http.StatusOK)
	wrong = edit.Send("/2011/edit", "from", "2011-07-04", "until", "2011-07-04", "source", "", "from_grade", "Z").Is(http.StatusUnprocessableEntity)
	for _, words := range []string{"依据，中文", "从哪天起不再有效", "日期核对到什么程度"} {
		wrong.Has(".errsum", words)
	}
	edit.Send("/2011/edit", "from", "2011-07-04", "from_grade", "A").Is(http.StatusSeeOther).Follow().Is(http.StatusOK).
		Has(".timeline", "2011年7月4日起；核对了依据")
	lu.Get(settings + "/size/1999").Is(http.StatusNotFound)
}

func TestACountyIsReorganisedAfterALookAtWhatItDoes(t *testing.T) {
	o := newPlant(t)
	xu := o.as("xu")
	page := xu.Get(settings + "/regions?at=320924").Is(http.StatusOK)
	page.Has("h1", "射阳县")
	page.Has("tbody tr", "合德镇 320924100")
	later := xu.Get(settings + "/regions?at=320900&day=2020-01-01").Is(http.StatusOK)
	later.Has("tbody tr", "大丰区 320904 2015年7月1日起")
	later.Has("tbody tr", "改设 大丰市 320982 大丰区 320904 撤市设区")

	form := xu.Get(settings + "/regions/320924/change?kind=upgrade").Is(http.StatusOK)
	wrong := form.Send("/320924/preview").Is(http.StatusUnprocessableEntity)
	for _, words := range []string{"新代码：请填写", "从哪天起生效：请填写", "批复文号：请填写"} {
		wrong.Has(".errsum", words)
	}
	form.Send("/320924/preview", "to", "320925", "on", "2009-01-05", "source", "国函〔2008〕1号").Is(http.StatusUnprocessableEntity).
		Has(".errsum", "320925 已经是“建湖县”的代码")
	form.Send("/320924/preview", "to", "320905", "on", "2009-01-07", "source", "国函〔2008〕1号").Is(http.StatusUnprocessableEntity).
		Has(".errsum", "还没有到")
	preview := form.Send("/320924/preview", "to", "320905", "name", "射阳区", "on", "2009-01-05", "source", "国函〔2008〕1号").Is(http.StatusOK)
	preview.Has("tbody tr", "射阳县 320924 射阳区 320905 转到新代码")
	preview.Has("tbody tr", "合德镇 320924100 合德镇 320905100")
	preview.Has("dialog", "不能撤回")
	preview.Send("/320924/preview", "again", "1").Is(http.StatusOK).Has("h1", "调整射阳县")
	if tree, err := o.territory.Tree(t.Context()); err != nil || tree.Name("320924", "2009-01-06") != "射阳县" || tree.Known("320905") {
		t.Fatalf("the preview changed the tree (%v)", err)
	}
	done := preview.Send("/320924/change").Is(http.StatusSeeOther).Follow().Is(http.StatusOK)
	done.Has(".notice", "射阳县的调整（改设）已经施行")
	done.Has("tbody tr", "射阳区 320905 2009年1月5日起")
	done.Has("tbody tr", "射阳县 320924 射阳区 320905 国函〔2008〕1号")
	done.Lacks("main", "射阳县 320924100")
	preview.Send("/320924/change").Is(http.StatusNotFound) // it is no more
}

func TestPlacesAreMergedSplitAndRenamed(t *testing.T) {
	o := newPlant(t)
	wang := o.as("wang")
	base := settings + "/regions/320924100"
	post := func(kind string, values ...string) *testkit.HTML {
		sent := url.Values{"kind": {kind}, "on": {"2009-01-05"}, "source": {"苏民政〔2008〕9号"}}
		for i := 0; i+1 < len(values); i += 2 {
			sent.Add(values[i], values[i+1])
		}
		return wang.Post(base+"/preview", sent)
	}
	post("merge", "to", "320924100").Is(http.StatusUnprocessableEntity).Has(".errsum", "和哪些地方合并：合并：至少选两个地方")
	merged := post("merge", "from", "320924101", "to", "320924100").Is(http.StatusOK)
	merged.Has("tbody tr", "320924101 合德镇 320924100 转到新代码")
	post("split", "stays", "1", "parts", "320924199").Is(http.StatusUnprocessableEntity).Has(".errsum", "第 1 行看不懂：“320924199”")
	post("split", "stays", "1", "parts", "320924101 新洋镇").Is(http.StatusUnprocessableEntity).Has(".errsum", "析出的地方，每行一个：320924101 已经是")
	post("split", "stays", "1", "parts", "320924199 新洋镇").Is(http.StatusOK).Has("tbody tr", "合德镇 320924100 新洋镇 320924199 留在原处")
	post("rename").Is(http.StatusUnprocessableEntity).Has(".errsum", "新名称：请填写这一项")
	post("rename", "name", "合德街道").Is(http.StatusOK).Send("/change").Is(http.StatusSeeOther).Follow().Is(http.StatusOK).Has("tbody tr", "合德街道 320924100")
	base = settings + "/regions/320924101"
	post("move", "to", "320925199").Is(http.StatusForbidden) // moving between counties is the city's
}

func TestATownIsMadeAKeyTown(t *testing.T) {
	o := newPlant(t)
	tree, err := o.territory.Tree(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	town := ""
	for _, at := range tree.Children(sheyang, "2009-01-06") {
		if key, _ := tree.KeyTown(at.Code, "2009-01-06"); !key {
			town = string(at.Code)
		}
	}
	form := o.as("wang").Get(settings + "/regions/" + town + "/key-town").Is(http.StatusOK)
	form.Send("/key-town", "from", "2009-01-01", "to", "2008-01-01").Is(http.StatusUnprocessableEntity).Has(".errsum", "到哪天为止")
	form.Send("/key-town", "from", "2009-01-01").Is(http.StatusSeeOther).Follow().Is(http.StatusOK).Has(".facts", "重点镇")
	form.Send("/key-town", "from", "2009-01-01").Is(http.StatusUnprocessableEntity).Has(".errsum", "已经是重点镇")
}
