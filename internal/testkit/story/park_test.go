package story_test

import (
	"fmt"
	"testing"
	"time"

	"qiban.dev/qiban/internal/testkit"
)

// An enterprise finds space and moves in: the county registers a park that an
// institution runs, a building is finished, the enterprise finds it among the
// vacant space and applies, the people who run the park accept and note the
// move-in, and the figures count one more. What is wrong is said at its field.
func TestAnEnterpriseFindsSpaceAndMovesIn(t *testing.T) {
	w := newWorld(t)
	today := shanghai(t)
	day := func(n int) string { return today.AddDate(0, 0, n).Format(time.DateOnly) }
	xu := w.person("徐明", official)
	before := entered(xu, today.Year())
	name := "合德镇青年创业园"

	// The county registers the park, with who runs it.
	wang := w.person("王海燕", sheyang)
	wang.Visit("/bench/parks").Shot("park-01-desk").Press("登记园区").Fill("乡镇（街道）", town).Expect(422).Press("保存").
		See("园区名称").Shot("park-02-missing")
	look(wang)
	wang.Width(testkit.Desktop)
	wang.Fill("园区名称", name).Fill("地址", "创业路1号").Fill("运营单位", guarantor).Fill("占地面积", "66000").
		Fill("开工日期", day(-400)).Choose("供水").Choose("供电").Fill("简介", "给刚起步的企业用的厂房").
		Press("保存").See("园区资料已保存", name, "还没有登记楼栋").Shot("park-03-registered")

	// A building that is not finished takes nobody; once it is, its space is free.
	wang.Press("登记楼栋").Fill("楼栋名称", "1号楼").Choose("多层标准厂房").Fill("层数", "4").Fill("建筑面积", "8000").
		Fill("开工日期", day(-300)).Press("保存楼栋").See("楼栋已保存", "在建").Shot("park-04-building")
	wang.Press("公开").See("园区已公开")
	chen := w.person("陈国华", owner)
	chen.Visit("/parks?place=320924").Fill("按园区名称查找", "青年").Press("搜索").Press(name).See("现在没有空置的楼栋").Shot("park-05-unfinished")
	wang.Press("1号楼").Fill("竣工日期", day(-30)).Press("保存楼栋").See("楼栋已保存", "竣工", "8,000")
	look(wang)

	// The enterprise finds the space, and says how much it wants.
	chen.Visit("/parks/space?place=320924").Shot("park-06-vacant").Fill("至少（平方米）", "7900").Press("搜索").See(name)
	look(chen)
	chen.Width(testkit.Desktop)
	chen.PressBeside(name, "申请入园").See(name, "1号楼", "空置 8,000 平方米").Fill("面积", "-5").
		Fill("其他要求", "一楼承重每平方米两吨").Expect(422).Press("提交申请").See("面积").
		Holds("其他要求", "一楼承重每平方米两吨").Shot("park-07-absurd")
	look(chen)
	chen.Width(testkit.Desktop)
	chen.Fill("面积", "9000").Press("提交申请").See("空余的面积不够", "正在找").Press("不找了").See("已结束查找")

	// Who acts for no enterprise is told how to come to one.
	wang.Visit("/parks/space").Visit("/space/new").See("找厂房以企业的名义办理", "登记企业").Shot("park-07-nobody")
	look(wang)
	wang.Width(testkit.Desktop)

	// It asks again, for any that fits, and chooses among them.
	chen.Visit("/space/new").Choose("多层标准厂房").Fill("在哪个县（市、区）", "射阳县").Fill("面积", "2500").
		Fill("其他要求", "一楼承重每平方米两吨").Press("查找并登记").See("已登记，下面是合适的空置厂房").Shot("park-08-fits")
	chen.PressBeside(name+" 1号楼", "申请入园").See("已向园区提出申请", "待园区答复").Shot("park-09-applied")
	look(chen)
	chen.Width(testkit.Desktop)
	wish := chen.Path()

	// The people who run the park answer, and note the move-in.
	li := w.person("李建", clerk)
	li.Visit("/my").See("我们运营的园区").Shot("park-10-my")
	look(li)
	li.Width(testkit.Desktop)
	li.Press("我们运营的园区").See(name).Shot("park-11-run")
	look(li)
	li.Width(testkit.Desktop)
	li.Press(name).See("1号楼").Shot("park-12-own")
	look(li)
	li.Width(testkit.Desktop)
	li.Visit("/bench/space").See("射阳县鹤乡纺织有限公司").Shot("park-13-wishes")
	look(li)
	li.Width(testkit.Desktop)
	li.Press("多层标准厂房 2,500 平方米").See("一楼承重每平方米两吨").Press("同意入园").Fill("给企业的话", "请带营业执照来签约").
		PressBeside("给企业的话", "同意入园").See("已同意入园").Shot("park-14-accepted")
	chen.Visit(wish).See("已同意，待入园", "请带营业执照来签约")
	li.Press("确认入园").Fill("入园日期", day(30)).Expect(422).PressBeside("入园日期", "确认入园").See("入园日期").Shot("park-15-too-late")
	li.Fill("入园日期", day(0)).PressBeside("入园日期", "确认入园").See("已登记入园").Shot("park-16-moved-in")
	chen.Visit(wish).See("已入园").Shot("park-17-done")
	look(chen)

	// It is among the tenants; it may have more, but not more than there is.
	li.Visit("/bench/parks").Press(name).See("射阳县鹤乡纺织有限公司", "2,500", "5,500").Press("射阳县鹤乡纺织有限公司").Shot("park-18-tenant")
	look(li)
	li.Width(testkit.Desktop)
	li.Press("登记扩租、退租").Fill("楼栋", "1号楼").Fill("从这天起共用多少", "9000").Fill("日期", day(0)).Expect(422).
		Press("登记变动").See("1号楼 只剩 8000 平方米").Shot("park-19-too-much")
	li.Fill("从这天起共用多少", "4000").Press("登记变动").See("面积变动已登记", "4,000")

	if after := entered(xu, today.Year()); after != before+1 {
		t.Errorf("the city counts %d enterprises that moved in, want one more than %d", after, before)
	}
	xu.Visit(fmt.Sprintf("/figures/P3?region=320900&year=%d", today.Year())).See("射阳县鹤乡纺织有限公司")
}

// entered are the enterprises that moved into parks in the year, as the city counts.
func entered(b *testkit.Browser, year int) (n int) {
	_, _ = fmt.Sscanf(b.Visit(fmt.Sprintf("/figures/P3?region=320900&year=%d", year)).Read(".fighead__value"), "%d", &n)
	return n
}
