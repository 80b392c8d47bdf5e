package story_test

import (
	"testing"

	"qiban.dev/qiban/internal/testkit"
)

// A technology need is posted, sent back, corrected, reviewed by the county and
// the city, finds the offer of a platform, is answered, and the two come to terms.
func TestATechnologyNeedFindsItsOffer(t *testing.T) {
	w := newWorld(t)
	today := shanghai(t)

	chen := w.person("陈国华", owner)
	chen.Visit("/my").Press("我的技术供需").See("细纱机断头自动检测", "公布中").Shot("market-01-own").Press("发布技术供需")
	look(chen)
	chen.Width(testkit.Desktop)
	chen.Choose("技术需求").Fill("标题", "热泵").Fill("说明", "烘干太费电。").Expect(422).Press("提交审核").See("至少").Shot("market-02-broken")
	chen.Fill("标题", "蚕茧热泵烘干改造").Fill("说明", "蚕茧用电热烘干，能耗高。希望换成热泵与热风循环烘干，能耗降低三成，保持解舒率。").
		Fill("所属行业", "17 纺织业").Fill("预算或报价", "400000").Fill("联系人和电话", "陈国华 0515-82330000").
		Press("提交审核").See("已提交", "待初审").Shot("market-03-sent")
	number := chen.Read("p.code")
	need := chen.Path()

	// The county sends it back once, then passes it; the city publishes it.
	wang := w.person("王海燕", sheyang)
	wang.Visit("/bench").See("条技术供需等你审核").Press("条技术供需等你审核").See(number, "印染废水深度处理回用").Shot("market-04-queue")
	look(wang)
	wang.Width(testkit.Desktop)
	wang.Press("蚕茧热泵烘干改造").Press("退回修改").Fill("原因", "请写清楚每天烘多少").PressBeside("原因", "退回修改").See("已退回")
	chen.Visit("/my/messages").See("请写清楚每天烘多少")
	chen.Visit(need).See("请写清楚每天烘多少").Press("修改后重新送审").
		Fill("说明", "蚕茧用电热烘干，每天三吨，能耗高。希望换成热泵与热风循环烘干，能耗降低三成，保持解舒率。").Press("提交审核").See("已重新送审", "待初审")
	wang.Visit(need).Press("初审通过").See("初审已通过", "待复核").NotSee("复核通过并公布")
	xu := w.person("徐明", official)
	xu.Visit("/bench/technology").See(number, "棉纱仓库温湿度集中监测").Press("蚕茧热泵烘干改造").Press("复核通过并公布").See("已公布", "公布中")

	// Anybody finds it with the offers that fit, and why.
	guest := w.visitor("访客")
	guest.Visit("/technology").See("技术供需", "蚕茧热泵烘干改造", "热泵与热风循环联合烘干技术").Shot("market-05-list")
	look(guest)
	guest.Width(testkit.Desktop)
	guest.Press("蚕茧热泵烘干改造").See("可能合适的成果", "热泵与热风循环联合烘干技术", "都提到", "报价在预算以内", "登录后可以联系对方").NotSee("0515-82330000").Shot("market-06-need")
	look(guest)

	// The platform's engineer answers; each side sees whom to ask; they come to terms.
	liu := w.person("刘志明", engineer)
	liu.Visit(need).Fill("你的想法", "我们做过同样的改造，可以来看现场。").Fill("联系人和电话", "刘志明 0515-88160000").
		Press("我能提供").See("已经告诉对方", "0515-82330000", "对接中").Shot("market-07-intro")
	look(liu)
	chen.Visit("/my/messages").See("能提供你需要的“蚕茧热泵烘干改造”")
	chen.Visit(need).Press("射阳县鹤乡纺织有限公司 – 科行环保技术公司").See("0515-88160000").
		Press("登记达成合作").Fill("达成日期", today.Format("2006-01-02")).Fill("合同金额", "380000").PressBeside("合同金额", "登记达成合作").
		See("达成合作", "380,000 元").Shot("market-08-agreed")
	look(chen)
	wang.Visit(chen.Path()).See("达成合作").NotSee("0515-88160000")
}
