package story_test

import (
	"testing"

	"qiban.dev/qiban/internal/testkit"
)

// A new product goes from the enterprise over county and city to the province's
// answer, and everybody finds it.
func TestANewProductIsConfirmedByTheProvince(t *testing.T) {
	w := newWorld(t)
	today := shanghai(t)

	chen := w.person("陈国华", owner)
	chen.Visit("/my").Press("我的新产品").See("彩色棉精梳纱").Press("竹纤维与棉混纺色纺纱").See("原因：请补一份用户使用意见")
	chen.Visit("/my").Press("我的新产品").Press("申请新产品鉴定")
	look(chen)
	chen.Width(testkit.Desktop)
	chen.Fill("名称", "蚕茧热泵烘干机").Fill("产品说明", "热泵与热风循环烘干蚕茧。").Expect(422).Press("提交申请").See("请上传证明材料").Shot("product-01-broken")
	chen.Fill("所属行业", "17 纺织业").Fill("产品说明", "热泵与热风循环烘干蚕茧，能耗下降三成，解舒率保持不变，已有两家丝厂使用。").
		Attach("查新报告.pdf", "%PDF-1.4 查新").Press("提交申请").See("已提交", "待县审核", "查新报告.pdf").Shot("product-02-sent")
	path := chen.Path()

	wang := w.person("王海燕", sheyang)
	wang.Visit("/bench/products").See("蚕茧热泵烘干机", "待县审核").Shot("product-03-desk")
	look(wang)
	wang.Width(testkit.Desktop)
	wang.Press("蚕茧热泵烘干机").Press("县审核通过").See("县审核已通过", "待市审核")

	// The city forwards it, keeps the answers that can be given, and enters the province's.
	xu := w.person("徐明", official)
	xu.Visit(path).Press("市审核通过并报省").See("已报省")
	xu.Visit("/bench/products").Press("新增一个结论").Fill("英文名称", "First of its kind").Expect(422).Press("保存")
	look(xu)
	xu.Width(testkit.Desktop)
	xu.Visit(path).Press("登记省鉴定结论").Fill("鉴定结论", "国内领先").Fill("鉴定证书编号", "苏鉴字〔2026〕9 号").
		Fill("鉴定日期", today.Format("2006-01-02")).PressBeside("鉴定证书编号", "保存").See("结论已登记", "通过鉴定", "国内领先").Shot("product-04-confirmed")
	look(xu)

	chen.Visit("/my/messages").See("新产品“蚕茧热泵烘干机”通过鉴定：国内领先")
	guest := w.visitor("访客")
	guest.Visit("/products").See("蚕茧热泵烘干机", "国内领先").Shot("product-05-list")
	look(guest)
	guest.Width(testkit.Desktop)
	guest.Press("蚕茧热泵烘干机").See("苏鉴字〔2026〕9 号").NotSee("查新报告.pdf", "办理经过")
	look(guest)
}
