package story_test

import (
	"testing"
	"time"

	"qiban.dev/qiban/internal/testkit"
)

// A financing need is posted once; a guarantor and a bank make offers, the
// enterprise sees them side by side, chooses the bank, and how long it took until
// the money came is told. Then the bank proposes a customer, who has to agree.
func TestAnEnterpriseChoosesAmongOffersAndABankProposesACustomer(t *testing.T) {
	w := newWorld(t)
	today := shanghai(t)
	day := func(n int) string { return today.AddDate(0, 0, n).Format(time.DateOnly) }
	firm := "射阳县鹤乡纺织有限公司"

	chen := w.person("陈国华", owner)
	chen.Visit("/my/guarantees").Press("发布融资需求").Fill("金额", "0").Fill("期限", "12").Fill("用途", "购买一台细纱机").
		Expect(422).Press("发布").See("金额").Holds("用途", "购买一台细纱机").Shot("financing-01-absurd")
	look(chen)
	chen.Width(testkit.Desktop).Fill("金额", "50").Fill("最晚什么时候要", day(30)).Press("发布").See("融资需求已发布", "还没有方案").Shot("financing-02-posted")
	look(chen)
	chen.Width(testkit.Desktop)
	need, asked := chen.Path(), chen.Read("p.code")
	code := chen.Visit("/my/enterprise").Value("统一社会信用代码")

	// Both make offers; the bank thinks again and asks for less.
	li := w.person("李建", clerk)
	li.Visit("/financing").See("购买一台细纱机").Press(asked).Press("报融资方案").Fill("金额", "50").Fill("期限", "12").Fill("年费率或年利率", "2").
		Fill("备注", "设备抵押即可").Fill("方案有效期到", day(20)).Press("提交方案").See("方案已报给企业", "修改我们的方案").Shot("financing-03-offered")
	look(li)
	wu := w.person("吴建国", bank)
	wu.Visit(need).Press("报融资方案").Fill("金额", "40").Fill("期限", "12").Fill("年费率或年利率", "-3").Fill("方案有效期到", day(-1)).
		Expect(422).Press("提交方案").See("年费率或年利率", "方案有效期到").Shot("financing-04-wrong")
	wu.Fill("年费率或年利率", "6.5").Fill("方案有效期到", day(20)).Press("提交方案").See("方案已报给企业")
	wu.Press("修改我们的方案").Fill("金额", "50").Fill("期限", "12").Fill("年费率或年利率", "5.8").Fill("方案有效期到", day(20)).
		Press("提交方案").See("方案已报给企业", "5.8%")

	// The enterprise compares, forgets to choose, chooses.
	chen.Visit(need).See("射阳县中小企业信用担保中心", "射阳县农村合作银行", "年利率 5.8%", "年费率 2%", "设备抵押即可").Shot("financing-05-compare")
	look(chen)
	chen.Width(testkit.Desktop).Expect(422).Press("选定方案").See("方案").
		Click("input[aria-label*='射阳县农村合作银行']").Press("选定方案").See("已选定方案", "已选定").Shot("financing-06-chosen")
	look(chen)
	li.Width(testkit.Desktop).Visit(need).NotSee("修改我们的方案")

	// The bank lends no more than it offered, on a day that has come.
	wu.Visit(need).Press("确认已放款").Fill("放款日期", day(3)).Fill("金额", "60").Expect(422).PressBeside("放款日期", "确认已放款").
		See("放款日期", "金额").Shot("financing-07-too-much")
	wu.Fill("放款日期", day(0)).Fill("金额", "50").PressBeside("放款日期", "确认已放款").See("已确认放款", "从发布起 0 天").Shot("financing-08-funded")
	look(wu)
	chen.Width(testkit.Desktop).Visit(need).See("从发布起 0 天")

	// The bank proposes it to the guarantor for more; nothing goes on before it agrees.
	wu.Width(testkit.Desktop).Visit("/guarantees").Press("推荐客户").Fill("企业信用代码或组织机构代码", "没有这个代码").Fill("担保机构", guarantor).
		Fill("金额", "80").Fill("期限", "12").Fill("用途", "流动资金周转").Expect(422).Press("提交推荐").See("企业信用代码或组织机构代码").Shot("financing-09-unknown")
	look(wu)
	wu.Width(testkit.Desktop).Fill("企业信用代码或组织机构代码", code).Press("提交推荐").See("已推荐", "待企业确认").Shot("financing-10-proposed")
	number := wu.Read("p.code")
	li.Visit("/guarantees").PressBeside(number, firm).See("待企业确认").NotSee("不予担保")
	chen.Visit("/my/guarantees").See(number).PressBeside(number, number).Press("同意办理").See("待受理").Shot("financing-11-agreed")
	look(chen)
	li.Visit("/guarantees").PressBeside(number, firm).See("不予担保")
}
