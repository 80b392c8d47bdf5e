package story_test

import (
	"fmt"
	"strings"
	"testing"

	"qiban.dev/qiban/internal/testkit"
)

// places are those whose figures the story follows: Sheyang and its city.
var places = []string{"320924", "320900"}

// The way of one need, as those who take part in it live it: from the portal to
// the figures of the year.
func TestANeedFromThePortalToTheYearbook(t *testing.T) {
	w := newWorld(t)
	today := shanghai(t)
	xu := w.person("徐明", official)
	before := w.figures(xu, today.Year())

	chen := w.visitor("沈立新")
	registers(t, chen)
	asksItsSize(chen)
	posts(chen, "流动资金贷款担保80万元", "80")
	chen.See("已提交，编号", "待受理").Shot("06-posted")
	number := chen.Read("nav.crumbs [aria-current], .crumbs li:last-child")

	wang := w.person("王海燕", sheyang)
	acceptsAndOffers(wang, "流动资金贷款担保80万元")

	li := w.person("李建", clerk)
	delivers(li, "流动资金贷款担保80万元", "80", today.Format("2006-01-02"))
	confirmsAndRates(chen, "流动资金贷款担保80万元")

	after := w.figures(xu, today.Year())
	for _, place := range places {
		if got, want := after[place], before[place].and(1, 1); got != want {
			t.Errorf("%s counts %+v after the delivery, want %+v", place, got, want)
		}
	}
	for _, page := range []string{"/bench/board", "/yearbook"} {
		for _, place := range places {
			xu.Visit(fmt.Sprintf("%s?region=%s&year=%d", page, place, today.Year())).Shot("12-grown").
				Click(".board a[href*='/figures/E3?'], .book a[href*='/figures/E3?']").
				See(number).Shot("13-behind").PressBeside(number, number).See("流动资金贷款担保80万元")
		}
	}

	// A county's own page leads to the county's figures.
	reader := w.visitor("a reader").Visit("/places/320924").Click("main a[href^='/figures/']")
	if where := reader.Read(".fighead__where"); !strings.Contains(where, "射阳") {
		t.Errorf("a figure on the page of 射阳县 opens that of %q", where)
	}

	// The same enterprise again: one delivery more, no enterprise more.
	posts(chen, "设备更新贷款担保50万元", "50")
	acceptsAndOffers(wang, "设备更新贷款担保50万元")
	delivers(li, "设备更新贷款担保50万元", "50", today.Format("2006-01-02"))
	confirmsAndRates(chen, "设备更新贷款担保50万元")
	last := w.figures(xu, today.Year())
	for _, place := range places {
		if got, want := last[place], after[place].and(1, 0); got != want {
			t.Errorf("%s counts %+v after the second delivery, want %+v", place, got, want)
		}
	}

	// What was done is found again, and the day is over.
	wang.Visit("/bench").Fill("搜索", "海桐棉业").Keys("\r").See("射阳县海桐棉业有限公司", "设备更新贷款担保50万元")
	wang.Visit("/bench").Press("王海燕").See("我的账号").Press("退出登录").Visit("/bench").See("手机号或邮箱")
}

// registers opens an account and enters the enterprise; a code with a wrong
// check character is explained and keeps all that was typed.
func registers(t *testing.T, b *testkit.Browser) {
	t.Helper()
	code := creditCode(t, "00998721")
	b.Visit("/").Shot("01-home").Press("登记企业").See("先开一个账号")
	b.Fill("手机号", "13911112222").Fill("你的姓名", "沈立新").Fill("密码", "He-de.2026-mian").
		Choose("我看过隐私说明").Press("下一步").See("统一社会信用代码")
	b.Fill("统一社会信用代码", wrongly(code)).Fill("企业名称", "射阳县海桐棉业有限公司").
		Fill("所在乡镇", town).Fill("所属行业", "纺织业").Fill("地址", "人民东路9号").
		Press("登记这家企业").See("最后一位校验不符").Shot("02-wrong-code")
	look(b) // a form that comes back is a page too
	b.Width(testkit.Desktop)
	b.Holds("统一社会信用代码", wrongly(code)).Holds("企业名称", "射阳县海桐棉业有限公司").Holds("地址", "人民东路9号")
	b.Fill("统一社会信用代码", code).Attach("营业执照.png", "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR").Press("登记这家企业").See("企业已登记").Shot("03-registered")
}

// asksItsSize uses the self-test: small, with every threshold compared.
func asksItsSize(b *testkit.Browser) {
	b.Visit("/size").Fill("所属行业", "纺织业").Fill("从业人员", "86").Fill("营业收入", "1,850").Press("看结果").
		See("属于小型企业", "86", "1850", "300", "2000", "20").Shot("04-size")
}

// posts goes through the five steps of the form.
func posts(b *testkit.Browser, title, amount string) {
	b.Visit("/needs/new").Choose("融资").Press("下一步").
		Fill("要办的事", title).Fill("钱用在哪里", "收棉花要付现款，货款两个月后到账，用应收货款还。").Press("下一步").
		Fill("需要的金额", amount).Fill("希望哪天之前办成", "2099-12-31").Press("下一步").
		Choose("射阳县海桐棉业有限公司").Fill("联系人", "沈立新").Fill("电话", "13911112222").Press("下一步").
		See(title, amount, "射阳县海桐棉业有限公司").Attach("收购合同.pdf", "%PDF-1.4 "+title).Shot("05-check").Press("提交需求").
		See("已提交", "收购合同.pdf")
}

// acceptsAndOffers is the work of the county's centre: it finds the need on its
// list with the time left, takes it on, and offers it for reasons it can read.
func acceptsAndOffers(b *testkit.Browser, title string) {
	b.Visit("/bench").See(title, "个工作日").Shot("07-todo").Press(title).
		Press("受理").See("已受理", "收购合同.pdf").
		See("推荐哪家机构", guarantor, "主题相符", "就在本县").Shot("08-proposals").
		Choose(guarantor).Press("推荐给所选机构").See("已推荐")
}

// delivers is the work of the institution: it accepts, records what it has done
// and finishes.
func delivers(b *testkit.Browser, title, amount, on string) {
	b.Visit("/my/offers").Press(title).See("为什么推荐给你们").Press("接受").See("已接受").
		Press("登记服务").Fill("哪天办的", on).Choose("专家队伍").Fill("金额", amount).Fill("办了什么", "为企业的贷款提供担保，银行已经放款。").
		Attach("担保意见.pdf", "%PDF-1.4 担保意见").Shot("09-record").
		Press("登记服务").See("已登记", "收购合同.pdf", "担保意见.pdf").Press("办结").See("待企业确认")
}

// confirmsAndRates ends it.
func confirmsAndRates(b *testkit.Browser, title string) {
	b.Visit("/my/needs").Press(title).Press("确认办好了").See("已确认").
		Press("评价").Shot("10-rate").Choose("是").Choose("解决了").Choose("5 分，很满意").Fill("还想说的", "三天就放款了。").
		Press("评价").See("三天就放款了", "已办结").Shot("11-rated")
}

// count is how many deliveries and enterprises a place has in a year.
type count struct{ deliveries, enterprises int }

func (c count) and(deliveries, enterprises int) count {
	return count{c.deliveries + deliveries, c.enterprises + enterprises}
}

// figures are the counts of county and city. The dashboard, the draft of the
// yearbook and the figure's own page must show the same.
func (w *world) figures(b *testkit.Browser, year int) map[string]count {
	w.t.Helper()
	all := map[string]count{}
	for _, place := range places {
		at := fmt.Sprintf("?region=%s&year=%d", place, year)
		read := func(page, selector string) count {
			b.Visit(page + at)
			find := func(id string) int { return number(b.Read(fmt.Sprintf(selector, id))) }
			return count{find("E3"), find("E4")}
		}
		all[place] = read("/bench/board", ".board a[href*='/figures/%s?']")
		if book := read("/yearbook", ".book a[href*='/figures/%s?']"); book != all[place] {
			w.t.Errorf("the yearbook of %s counts %+v, the dashboard %+v", place, book, all[place])
		}
		for id, want := range map[string]int{"E3": all[place].deliveries, "E4": all[place].enterprises} {
			if got := number(b.Visit("/figures/" + id + at).Read(".fighead__value")); got != want {
				w.t.Errorf("the page of %s in %s counts %d, the dashboard %d", id, place, got, want)
			}
		}
	}
	return all
}
