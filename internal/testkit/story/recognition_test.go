package story_test

import (
	"fmt"
	"log/slog"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"qiban.dev/qiban/internal/app"
	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/config"
	"qiban.dev/qiban/internal/domain/account"
	"qiban.dev/qiban/internal/testkit"
)

// years is the demonstration year served by this process, with a clock that the
// story turns: a title is public for days and held for years.
type years struct {
	*world
	app   *app.App
	ahead atomic.Int64
}

func newYears(t *testing.T) *years {
	t.Helper()
	y := &years{}
	var err error
	y.app, err = app.Open(t.Context(), testkit.Store(testkit.DemoFolder(t)), app.Options{Log: slog.New(slog.DiscardHandler), Clock: y.now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = y.app.Close() })
	handler, err := y.app.Handler(config.Serve{})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	y.world = &world{t: t, site: &testkit.Program{URL: server.URL}, Chromium: testkit.StartChromium(t)}
	return y
}

func (y *years) now() time.Time { return time.Now().Add(time.Duration(y.ahead.Load())) }

// day is so many days after today, as it is in China.
func (y *years) day(n int) string {
	return y.now().In(shanghai(y.t).Location()).AddDate(0, 0, n).Format(time.DateOnly)
}

// later turns the clock; whoever was signed in has to sign in again.
func (y *years) later(days int) { y.ahead.Add(int64(days) * int64(24*time.Hour)) }

// enrol makes somebody who can sign in.
func (y *years) enrol(phone, name string, grants ...account.Grant) {
	y.t.Helper()
	if _, err := y.app.Account.Provision(y.t.Context(), authz.System("story", account.Create, account.Give), account.NewPerson{
		Phone: phone, Name: name, Region: "320900", Password: password, Demo: true, Grants: grants,
	}); err != nil {
		y.t.Fatal(err)
	}
}

// looked judges the page in both windows, and keeps a picture of each.
func looked(b *testkit.Browser, name string) *testkit.Browser {
	for _, width := range []int64{testkit.Phone, testkit.Desktop} {
		b.Width(width).NoSideways().Axe().Shot(fmt.Sprintf("recognition-%s-%d", name, width))
	}
	return b
}

// The people of a recognition: who runs the park, and who may review it.
const (
	keeper = "13800000101" // 洪亮 of 射阳县生产力促进中心
	first  = "13800000102" // three experts
	second = "13800000103"
	third  = "13800000104"
	tied   = "13800000105" // an expert who also works for the applicant
	yard   = "洋马镇创业园"
	runner = "射阳县生产力促进中心"
)

// A park becomes one of grade A: a call, an application, the first check, three
// reviewers who do not see each other, publicity with an objection, the decision;
// then a report, a re-check and in the end the loss of the title.
func TestAParkIsRecognisedAsGradeA(t *testing.T) {
	y := newYears(t)
	var centre string
	if err := y.app.DB.Get(t.Context(), &centre, `SELECT id FROM institution WHERE name = ?`, runner); err != nil {
		t.Fatal(err)
	}
	party := authz.Party{Kind: authz.Institution, ID: centre}
	reviewer := account.Grant{Role: app.RoleReviewer, Region: "320900"}
	y.enrol(keeper, "洪亮", account.Grant{Role: app.RoleInstitution, Party: party})
	y.enrol(first, "冯岚", reviewer)
	y.enrol(second, "蒋志远", reviewer)
	y.enrol(third, "许静", reviewer)
	y.enrol(tied, "何晓", reviewer, account.Grant{Role: app.RoleInstitutionStaff, Party: party})

	// The county notes who runs the park; the city calls for applications.
	wang := y.person("王海燕", sheyang)
	wang.Visit("/bench/parks?q="+yard).Press(yard).Press("修改").Fill("运营单位", runner).Press("保存").See(runner)
	xu := y.person("徐明", official)
	xu.Visit("/bench/recognition").Press("发布申报通知").Fill("称号", "市定A级中小企业园").Fill("通知名称", "A级中小企业园申报").
		Fill("文号", "盐中小企〔2026〕9号").Fill("申报开始", y.day(0)).Fill("申报截止", y.day(-1)).Fill("名额", "3").
		Expect(422).PressBeside("说明", "发布").See("截止日期不能早于开始日期").Holds("通知名称", "A级中小企业园申报")
	looked(xu, "01-call-wrong")
	xu.Fill("申报截止", y.day(30)).PressBeside("说明", "发布").See("通知已发布", "没有申报")
	looked(xu, "02-call-desk")
	call := xu.Path()

	// Weights that do not add up are said, beside a condition without its threshold; nothing is kept.
	editor := "/bench/recognition/titles/park.a/criteria"
	xu.Visit(editor).Click("input[name=c_need2]").Keys("\b\b\b\b\b").Click("input[name=s_weight1]").Keys("\b\b\b5").Expect(422).Press("保存草稿").
		See("各项权重加起来要是 100，现在是 90", "条件 2“数值”：请写比较的标准")
	if got := xu.Value("标准名称"); got == "" {
		t.Error("what was typed is lost")
	}
	looked(xu, "02-criteria-wrong")

	// The operator applies; what is missing is said, and nothing typed is lost.
	hong := y.person("洪亮", keeper)
	looked(hong.Visit("/recognition"), "03-public")
	hong.Press("A级中小企业园申报").See("申报条件", "评分表", "建成标准厂房面积")
	looked(hong, "04-call")
	hong.Fill("为哪个单位申报", yard).Press("开始申报").See("填写中", "登记资料").Holds("建成标准厂房面积", "35500")
	looked(hong, "05-draft")
	hong.Fill("厂房入驻率", "82").Expect(422).Press("提交申报").See("园内有互助担保机构", "这一项要附证明材料才算分").Holds("厂房入驻率", "82")
	looked(hong, "06-draft-wrong")
	hong.Click("input[name='in_guaranteed'][value='1']").Fill("说明", "园区 2008 年建成，供水供电齐全，入驻企业十三家。").Press("保存").See("已保存")
	for _, line := range []string{"公用设施", "带动就业和税收"} {
		if line != "公用设施" {
			hong.Press("添加或去掉证明材料")
		}
		hong.See("这些项目有证明才算分").Fill("证明哪一项", line).Attach(line+".txt", line+"的证明").Press("保存材料").See("材料已保存")
	}
	hong.Press("提交申报").See("已提交，等待初审", "等当地服务中心初审")
	looked(hong, "07-submitted")
	application := hong.Path()

	// The county checks it; the city assigns three. Who works for the applicant cannot be chosen.
	wang.Visit("/bench/recognition").See("待初审").Press(yard)
	looked(wang, "08-check")
	wang.Press("初审通过").Fill("初审意见", "材料齐全，情况属实").PressBeside("初审意见", "初审通过").See("初审已通过")
	xu.Visit(application).Press("指派评审专家").See("何晓", "在申报单位任职")
	looked(xu, "09-assign")
	xu.Choose("冯岚").Choose("蒋志远").Choose("许静").PressBeside("何晓", "指派评审专家").See("已指派", "待评")
	he := y.person("何晓", tied).Visit("/bench/reviews").See("没有要评审的申报")
	he.Press("申报利益关系").Fill("单位", "没有的单位").Fill("什么关系", "曾任顾问").Expect(422).PressBeside("什么关系", "申报利益关系").See("没有找到“没有的单位”")
	looked(he, "09-tie-wrong")
	looked(he.Fill("单位", runner).PressBeside("什么关系", "申报利益关系").See("利益关系已申报", runner, "曾任顾问"), "09-tie")
	looked(xu.Visit("/bench/recognition/ties").See("何晓", runner, "曾任顾问").NotSee("终止与"), "09-ties")
	xu.Visit(application)
	he.Expect(404).Visit("/bench/reviews/" + last(application))

	// Each scores without seeing the others.
	for i, r := range []struct{ phone, name, points, words string }{
		{first, "冯岚", "90", "规划执行好，企业成长快"}, {second, "蒋志远", "80", "设施齐全，服务还要加强"}, {third, "许静", "88", "多层厂房比例高，同意推荐"},
	} {
		b := y.person(r.name, r.phone).See("待评").Press(yard).NotSee("规划执行好", "设施齐全", "多层厂房比例高")
		if i == 0 {
			b.Fill("规划与布局（占 15 分）", "120").Fill("总体意见", r.words).Expect(422).Press("提交评审").See("请填 0 到 100 分").Holds("总体意见", r.words)
			looked(b, "10-review-wrong")
		}
		for _, line := range []string{"规划与布局（占 15 分）", "公用设施（占 10 分）", "入园企业成长（占 20 分）", "带动就业和税收（占 20 分）", "园区服务（占 20 分）", "特色产业集聚"} {
			points := r.points
			if line == "特色产业集聚" {
				points = "0"
			}
			b.Fill(line, points)
		}
		b.Fill("总体意见", r.words).Press("提交评审").See("评审已提交", "已评")
		if i == 1 {
			looked(b, "11-desk")
			looked(b.Press(yard).See("我的评审", "总分"), "12-review-own")
		}
		if i < 2 {
			xu.Visit(application).See("评审中").NotSee(r.words)
		}
	}

	// Total, average, spread, rank; then it is made public and somebody objects.
	xu.Visit(application).See("平均 85.85 分，最高与最低相差 8.5 分", "多层厂房比例高，同意推荐")
	looked(xu, "13-scored")
	looked(xu.Visit(call).See("评审排名", "85.85"), "14-ranking")
	xu.Press(yard).Press("公示").See("已公示", "公示中")
	chen := y.person("陈国华", owner)
	looked(chen.Visit("/recognition").See("公示到", yard), "15-publicity")
	chen.Press(yard).Fill("异议内容和依据", "不实").Expect(422).Press("提交异议").See("10").Holds("异议内容和依据", "不实")
	looked(chen, "16-object-wrong")
	chen.Fill("异议内容和依据", "园区的互助担保机构去年已经停办，请核实。").Press("提交异议").See("异议已提交")
	xu.Visit(application).See("期满才能认定").NotSee("授予称号")
	looked(xu, "17-objection")

	// The objection is answered, publicity ends, the title is given: at the park and publicly.
	y.later(20)
	xu = y.person("徐明", official)
	xu.Visit(application).See("还有异议没有答复").NotSee("授予称号")
	xu.Press("答复异议").Choose("异议不成立").Fill("答复", "已实地核实，互助担保机构正常运营。").PressBeside("异议是否成立", "答复异议").See("已答复")
	xu.Press("授予称号").Fill("认定文号", "盐中小企〔2026〕20号").PressBeside("认定文号", "授予称号").See("已认定")
	looked(xu, "18-recognised")
	visitor := y.visitor("anybody")
	looked(visitor.Visit("/recognition").See("有效的认定", yard), "19-award-public")
	looked(visitor.Visit("/recognition/awards?title=park.a").See(yard, "盐中小企〔2026〕20号"), "20-awards")
	visitor.Visit("/parks?q=" + yard).Press(yard).See("A级")
	looked(visitor, "21-park")

	// A year later its operator reports; before the term ends it is re-checked and extended.
	y.later(366)
	hong = y.person("洪亮", keeper)
	looked(hong.Visit("/my/recognition").See("已获认定", "年报告"), "22-own")
	hong.Press("市定A级中小企业园").Press("提交年度报告").Fill("说明", "新入园企业五户").Expect(422).PressBeside("年度", "提交年度报告").See("10")
	hong.Fill("说明", "今年新入园企业五户，新增就业一百二十人，纳税增长一成。").PressBeside("年度", "提交年度报告").See("年度报告已提交", "新增就业一百二十人")
	looked(hong, "23-report")
	award := hong.Path()
	y.later(700)
	looked(y.person("洪亮", keeper).Visit("/my/recognition").See(fmt.Sprintf("缺 %d 年报告", y.now().Year()-1)), "23-report-missing")
	xu = y.person("徐明", official)
	looked(xu.Visit("/bench").See("待复核 1 个"), "23-todo")
	looked(xu.Press("待复核").See(yard), "23-due")
	xu.Visit(award).Press("开始复核").See("复核中")
	looked(xu, "24-recheck")
	xu.Press("复核通过，延续").Fill("认定文号", "盐中小企〔2029〕3号").PressBeside("认定文号", "复核通过，延续").See("已延续", "盐中小企〔2029〕3号")
	visitor.Visit("/parks?q=" + yard).Press(yard).See("A级")

	// The city adds a grade below; at the next re-check the park falls to it, and then loses that too.
	y.later(365)
	xu = y.person("徐明", official)
	xu.Visit("/bench/recognition/titles/park.a").Fill("降级后的等级", "B").
		Fill("上一年的年度报告，最迟几月几日交", "4月31日").Expect(422).Press("保存称号").See("不是几月几日").
		Fill("上一年的年度报告，最迟几月几日交", "4月30日").Press("保存称号").See("称号已保存", "每年 4月30日前交", "到期前 90 天开始复核")
	xu.Visit("/recognition/awards").Press(yard).Press("开始复核").Press("降级").Fill("认定文号", "盐中小企〔2030〕8号").
		PressBeside("认定文号", "降级").See("已降级", "盐中小企〔2030〕8号")
	looked(xu, "25-downgraded")
	visitor.Visit("/parks?q=" + yard).Press(yard).NotSee("A级")
	xu.Press("撤销").Fill("原因", "多层厂房改作他用，不再符合条件").PressBeside("原因", "撤销").See("已撤销", "多层厂房改作他用")
	visitor.Visit("/recognition/awards?title=park.a").NotSee(yard)

	// What is left of the desk, and all of it in English.
	for i, page := range []string{
		"/bench/recognition", "/bench/recognition/calls", call, "/bench/recognition/titles", "/bench/recognition/titles/park.a",
		"/bench/recognition/titles/park.a/criteria", application, award, "/bench/recognition/calls/new",
	} {
		looked(xu.Visit(page), fmt.Sprintf("30-desk-%d", i))
		looked(xu.Visit("/language?to=en&back="+page), fmt.Sprintf("31-english-%d", i))
		xu.Visit("/language?to=zh&back=" + page)
	}
	english := y.visitor("an English reader").Visit("/language?to=en&back=/recognition")
	looked(english, "40-english-public")
	looked(english.Press("A级中小企业园申报"), "41-english-call")
}

// last is the last part of an address.
func last(path string) string { return path[strings.LastIndex(path, "/")+1:] }
