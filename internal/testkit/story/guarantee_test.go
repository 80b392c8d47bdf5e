package story_test

import (
	"fmt"
	"testing"
	"time"

	"qiban.dev/qiban/internal/testkit"
)

// The other people of the guarantee: who approves as the second person, and who
// lends.
const (
	chief = "13800000012" // 孙立新 of Sheyang's guarantee centre
	bank  = "13800000011" // 吴建国 of 射阳县农村合作银行
)

// A guarantee from application to release: the enterprise applies, the guarantor
// examines, votes and approves with two persons, the bank lends, money comes back,
// and the board opens into the contract. What is wrong is said, and nothing is lost.
func TestAGuaranteeFromApplicationToRelease(t *testing.T) {
	w := newWorld(t)
	today := shanghai(t).Format(time.DateOnly)
	board := fmt.Sprintf("/bench/guarantees/board?region=320924&year=%s", today[:4])
	firm := "射阳县鹤乡纺织有限公司"

	// The enterprise finds its county's guarantor and applies.
	chen := w.person("陈国华", owner)
	chen.Visit("/guarantors").Shot("guarantee-01-list").Fill("按机构名称查找", guarantor).Press("搜索").Press(guarantor).
		See("注册资本", "网点和覆盖", "合作银行", "分母是射阳县").Shot("guarantee-02-guarantor")
	look(chen)
	chen.Width(testkit.Desktop)
	chen.Press("申请担保").Fill("金额", "9999999999").Fill("期限", "6").Fill("用途", "采购棉花，备足外贸订单的原料").Choose("设备抵押").
		Fill("放款银行", "射阳县农村合作银行").Expect(422).Press("提交申请").See("金额最少 1 元，最多 100 亿元").
		Holds("用途", "采购棉花，备足外贸订单的原料").Shot("guarantee-03-absurd")
	look(chen)
	chen.Width(testkit.Desktop)
	chen.Fill("金额", "300").Press("提交申请").See("担保申请已提交", "待受理", "等担保机构受理").Shot("guarantee-04-applied")
	number := chen.Read("p.code")
	open := func(b *testkit.Browser) *testkit.Browser {
		return b.Visit("/guarantees").PressBeside(number, firm).See(number)
	}

	// The guarantor examines it; a meeting of two is too small, one of three passes it.
	li := w.person("李建", clerk)
	open(li).Press("受理申请").See("已受理", "待尽职调查")
	li.Press("登记尽职调查").Fill("调查日期", today).Fill("可以担保的金额", "300").Fill("调查意见", "订单真实，设备足值，可以担保").
		PressBeside("调查意见", "登记尽职调查").See("尽职调查已登记", "待评审")
	li.Press("登记评审会").Fill("开会日期", today).Fill("委员 1", "周正").Fill("意见 1", "同意").Fill("委员 2", "吴敏").Fill("意见 2", "同意").
		Expect(422).PressBeside("开会日期", "登记评审会").See("至少要有 3 人参加表决，现在只有 2 人").Holds("委员 2", "吴敏").Shot("guarantee-05-quorum")
	look(li)
	li.Width(testkit.Desktop)
	li.Fill("委员 3", "孙立新").Expect(422).PressBeside("开会日期", "登记评审会").See("请选择") // nobody votes by leaving it empty
	li.Fill("意见 3", "同意").PressBeside("开会日期", "登记评审会").See("待批准", "3 人到会，3 人同意")

	// Above two million yuan two different persons approve.
	li.Press("批准").See("超过 200 万元的要两个人先后批准").Fill("批准金额", "300").PressBeside("批准金额", "批准").See("等另一个人批准", "待批准")
	sun := w.person("孙立新", chief)
	open(sun).See("限额").Press("批准").See("李建已批准 300 万元").PressBeside("李建已批准", "批准").See("待签约").Shot("guarantee-06-approved")
	look(sun)

	// The contract is signed, and the bank confirms its loan.
	open(li).Press("签订合同").Fill("签订日期", today).Fill("合同金额", "300").Fill("年费率", "1.5").
		PressBeside("年费率", "签订合同").See("合同已签订", "待银行放款")
	wu := w.person("吴建国", bank)
	open(wu).NotSee("订单真实，设备足值").Press("确认放款").Fill("放款日期", today).Fill("放款金额", "300").
		PressBeside("放款金额", "确认放款").See("已确认放款", "在保").Shot("guarantee-07-lent")
	look(wu)
	wu.Width(testkit.Desktop)

	// A claim above what is outstanding is refused and kept; the loan is repaid, the guarantor free.
	open(li).Press("登记代偿").Fill("代偿日期", today).Fill("金额", "400").Expect(422).PressBeside("代偿日期", "登记代偿").
		See("代偿不能超过在保余额 300 万元").Holds("金额", "400").Shot("guarantee-08-claim")
	wu.Press("登记还款").Fill("还款日期", today).Fill("金额", "300").PressBeside("还款日期", "登记还款").See("还款已登记")
	open(li).Press("解除担保").See("担保已解除", "已解除", "分录").Shot("guarantee-09-released")
	look(li)
	chen.Visit("/my/guarantees").See(number, "已解除").Shot("guarantee-10-own")
	look(chen)

	// The board opens into the contract.
	xu := w.person("徐明", official)
	xu.Visit(board).See("当年担保金额").Shot("guarantee-11-board")
	look(xu)
	xu.Width(testkit.Desktop).Click("a[href*='/board/amount']").See(number, firm).Shot("guarantee-12-behind").
		PressBeside(number, firm).See("合同金额", number)

	// The desk's lists, and what a guarantor keeps.
	for _, page := range []string{"/bench/guarantees", "/bench/guarantors", "/bench/guarantors/new", "/financing", board + "&region=320900"} {
		look(xu.Width(testkit.Desktop).Visit(page))
	}
	look(li.Width(testkit.Desktop).Visit("/guarantees").Click("a[href$='/manage']").See("放大倍数上限", "修改网点").Shot("guarantee-13-books"))
	look(xu.Width(testkit.Desktop).Visit("/bench/guarantors?type=mutual").Click("a[href$='/manage']").See("会员入会").Shot("guarantee-14-pool"))
}

// The city drafts limits of its own, is told what cannot be, puts them in force
// from a day to come, and nobody can change them after that; the county says which
// enterprises belong together.
func TestTheCitySetsItsOwnLimits(t *testing.T) {
	w := newWorld(t)
	from := shanghai(t).AddDate(1, 0, 0).Format(time.DateOnly)
	xu := w.person("徐明", official)
	xu.Visit("/bench/guarantors").Press("限额规则").See("现在有效", "有数字待核实").Shot("limits-01-rules")
	look(xu)
	xu.Width(testkit.Desktop).Press("2025年规则").See("凭记忆写入，待核对", "小微企业单户 500 万元 以内按 75%").Shot("limits-02-rule")
	look(xu)
	xu.Width(testkit.Desktop).Press("照这一版新增").Fill("名称", "市里自定的限额").Fill("从哪天起", from).Fill("法规或文件", "市政府办公室文件").
		Fill("单户限额", "200").Fill("关联企业限额", "5").Fill("第 1 条：按多少计", "300").Expect(422).Press("保存草稿").
		See("单户限额：应在 0 到 100% 之间", "关联企业限额不能低于单户限额").Holds("名称", "市里自定的限额").Holds("第 1 条：按多少计", "300").Shot("limits-03-absurd")
	look(xu)
	xu.Width(testkit.Desktop).Fill("单户限额", "8").Fill("关联企业限额", "12").Fill("第 1 条：按多少计", "80").Click("input[name=unsure][value=weights]").Click("input[name=unsure][value=exempt]").
		Click("input[name=unsure][value=asset_backing]").Click("input[name=unsure][value=asset_upper]").
		Click("input[name=unsure][value=asset_first]").Click("input[name=unsure][value=asset_third]").
		Click("input[name=unsure][value=extend_short]").Click("input[name=unsure][value=extend_medium]").Click("input[name=unsure][value=extend_long]").
		Press("保存草稿").See("草稿已保存", "还是草稿", "小微企业单户 500 万元 以内按 80%", "8%", "自行确定，没有外部文件").NotSee("有数字待核实").Shot("limits-04-draft")
	xu.Press("启用").See("规则已启用", "尚未到期生效").NotSee("还是草稿")
	changed := xu.Path()

	wang := w.person("王海燕", sheyang)
	wang.Visit(changed).See("市里自定的限额").NotSee("照这一版新增")
	wang.Visit("/bench/guarantees?place=320924").Click("main table a[href^='/guarantees/']").See("关联企业").Press("标记关联企业").
		Fill("关联组名称", "鹤乡集团").PressBeside("关联组名称", "保存").See("关联关系已保存", "鹤乡集团").Shot("limits-05-related")
	look(wang)
}

// A guarantor files its assets by class: what is too much is told and kept, and a
// change of capital begins with what is on file. Once the office has confirmed them,
// its page shows the ratios, and the board warns of those that are broken.
func TestAGuarantorsAssetsAreConfirmedAndTheBoardWarns(t *testing.T) {
	w := newWorld(t)
	today := shanghai(t).Format(time.DateOnly)
	li := w.person("李建", clerk)
	li.Visit("/guarantees").Click("a[href$='/manage']").See("还没有登记资产分级").Press("登记资本变化").
		Holds("净资产", "12600").Holds("担保赔偿准备金", "480").Holds("依据", "").Shot("assets-01-prefilled")
	books := li.Path()
	li.Visit(books).Press("登记资产分级").Fill("报表日期", today).Fill("资产总额", "20000").Fill("应收代偿款", "1000").
		Fill("Ⅰ级资产", "2000").Fill("Ⅱ级资产", "9000").Fill("Ⅲ级资产", "9000").Fill("依据", "年度审计报告").
		Expect(422).PressBeside("Ⅲ级资产", "保存").See("合计 20000 万元，不能超过").Holds("Ⅲ级资产", "9000").Shot("assets-02-too-much")
	look(li)
	li.Width(testkit.Desktop).Fill("Ⅲ级资产", "8000").PressBeside("Ⅲ级资产", "保存").See("待核定的申报", "还没有登记资产分级").NotSee("低于要求")

	wang := w.person("王海燕", sheyang)
	wang.Visit(books).See("年度审计报告").PressBeside("年度审计报告", "核定").
		See("66.6%", "不低于 60%", "57.9%", "低于要求", "42.1%", "已超过", "待运营单位核实").Shot("assets-03-ratios")
	look(wang)
	wang.Width(testkit.Desktop).Visit("/bench/guarantees/board?region=320924&year=2008").See("Ⅲ级资产占比", "Ⅰ级和Ⅱ级资产占比").Shot("assets-04-board")
	look(wang)
	wang.Width(testkit.Desktop).Visit("/bench/guarantors").See("Ⅰ级资产占比 10.5%")
}
