package story_test

import (
	"fmt"
	"testing"

	"qiban.dev/qiban/internal/testkit"
)

// engineer is who answers for the national platform of the demonstration.
const engineer = "13800000010"

// An instrument is booked, a report delivered and rated: the enterprise finds
// the platform on the portal, the platform's engineer furnishes and serves it,
// and the city's figures count the service once.
func TestAnInstrumentBookedTheReportDeliveredAndRated(t *testing.T) {
	w := newWorld(t)
	today := shanghai(t)
	xu := w.person("徐明", official)
	before := services(xu, today.Year())

	// The engineer adds an instrument that is open day and night.
	liu := w.person("刘志明", engineer)
	liu.Visit("/orders").Press("管理 · 科行公司技术平台").See("服务情况", "科行环保技术公司").Shot("tech-01-manage").
		Press("新增或修改设备").Fill("名称", "恒温恒湿试验箱").Fill("开放时间从", "00:00").Fill("开放时间到", "24:00").
		Choose("休息日也开放").PressBeside("休息日也开放", "保存").See("已保存", "恒温恒湿试验箱")
	look(liu)
	liu.Width(testkit.Desktop)

	// The enterprise finds it, sees when it is free, and books half an hour of the next day:
	// whatever the hour is now, that is still to come.
	chen := w.person("陈国华", owner)
	chen.Visit("/platforms").Shot("tech-02-list").Fill("平台、行业、服务或设备名称", "恒温恒湿").Press("搜索").
		Press("科行公司技术平台").See("公益份额", "共建单位", "盐城工学院", "恒温恒湿试验箱").Shot("tech-03-platform").
		Press("恒温恒湿试验箱").See("空闲时段").Shot("tech-04-free")
	look(chen)
	chen.Width(testkit.Desktop)
	platform := chen.Path()[:len(chen.Path())-len("/instruments/")-36]
	order := chen.Visit(platform + "/order").See("预约设备")
	order.Fill("服务项目", "委托试验").Fill("要办的事", "棉纱恒温试验").Fill("具体要求", "一批精梳棉纱，要看温湿度变化后的强力。")
	order.Fill("仪器设备", "恒温恒湿试验箱").Fill("日期", "2008-01-07").Fill("从几点", "09:00").Fill("到几点", "09:30").
		Expect(422).Press("提交订单")
	order.See("已经过去").Shot("tech-05-past").Holds("要办的事", "棉纱恒温试验")
	order.Fill("日期", today.AddDate(0, 0, 1).Format("2006-01-02")).Fill("从几点", "23:30").Fill("到几点", "24:00").
		Press("提交订单").See("已提交", "待平台受理", "23:30").Shot("tech-06-placed")
	booked := order.Read("p.code")
	liu.Visit("/orders").See(booked).Press("棉纱恒温试验").Press("受理").See("已受理", "办理中", "23:30")

	// Another order needs no instrument and is done the same day: the engineer is
	// told, takes it on, and delivers the report.
	order = chen.Visit(platform+"/order").Fill("服务项目", "委托试验").Fill("要办的事", "棉纱强力试验").
		Fill("具体要求", "一批精梳棉纱，样品已送到。").Press("提交订单").See("已提交", "待平台受理")
	number := order.Read("p.code")
	liu.Visit("/orders").See(number).Press("棉纱强力试验").Press("受理").See("已受理", "办理中").
		Press("交付").Fill("完成日期", today.Format("2006-01-02")).Fill("结果和说明", "强力保持率 96%，合格。").Fill("收费", "900").
		Attach("试验报告.pdf", "%PDF-1.4 强力试验").Shot("tech-07-deliver").Press("提交交付").See("已交付", "待企业确认", "试验报告.pdf")

	// The enterprise reads it, confirms, rates.
	chen.Visit("/orders").Press("棉纱强力试验").See("强力保持率 96%", "试验报告.pdf", "900 元").Press("确认办好了").See("待评价").
		Choose("很满意").Choose("按时").Fill("评语", "当天就出报告。").Press("提交评价").See("谢谢评价", "已评价", "当天就出报告").Shot("tech-08-rated")
	look(chen)

	if after := services(xu, today.Year()); after != before+1 {
		t.Errorf("the city counts %d professional services, want one more than %d", after, before)
	}
	xu.Visit(fmt.Sprintf("/figures/S5?region=320900&year=%d", today.Year())).See("棉纱强力试验")
}

// services are the professional services that the city counts since the beginning.
func services(b *testkit.Browser, year int) (n int) {
	_, _ = fmt.Sscanf(b.Visit(fmt.Sprintf("/figures/S5?region=320900&year=%d", year)).Read(".fighead__value"), "%d", &n)
	return n
}
