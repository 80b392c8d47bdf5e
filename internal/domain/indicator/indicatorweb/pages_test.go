package indicatorweb_test

import (
	"net/http"
	"strings"
	"testing"

	"qiban.dev/qiban/internal/testkit"
)

func TestEverybodyReadsAFigureAndOnlyOfficialsWhatIsBehindIt(t *testing.T) {
	w := newWorld(t)
	w.accepted(sheyang, 2008, map[string]float64{"G5": 435_000_000, "P3": 120, "P7": 40})
	w.accepted(jianhu, 2008, map[string]float64{"G5": 492_000_000, "P3": 200, "P7": 60})
	w.accepted(sheyang, 2007, map[string]float64{"G5": 300_000_000})
	path := "/figures/G5?region=320900&year=2008"

	page := w.visitor().Get(path).Is(http.StatusOK)
	page.Has("h1", "融资担保金额")
	page.Has(".fighead__value", "9.27 亿元")
	page.Has("main", "927,000,000 元")
	page.Has("#parts td[data-l='亿元']", "4.92")
	page.Has("#his td[data-v='3.00']", "3.00")
	page.Has("#rec", "要有权限的工作人员登录后才能看")
	page.Lacks("main", "填报员") // who filled it in is not public
	if len(page.All("a[href^='/bench/']")) != 0 {
		t.Error("a visitor is led to the workbench")
	}

	page = w.as("xu").Get(path).Is(http.StatusOK)
	page.Has("#rec .notice--ok", "2 份合计 9.27 亿元，与本指标一致")
	page.Has("#rec a[href='/bench/returns/320925/2008']", "建湖县年报表")
	page.Has("#rec tbody td", "填报员")
	if rows := page.All("#rec tbody tr"); len(rows) != 2 {
		t.Errorf("%d returns are listed, want 2", len(rows))
	}
	page = w.as("wang").Get(path).Is(http.StatusOK)
	page.Has("#rec .notice", "你能看到其中 1 份，合计 4.35 亿元")
	page.Lacks("#rec", "建湖县")
	w.as("boss").Get(path).Is(http.StatusOK).Has("#rec", "归当地的工作人员查看")

	page = w.visitor().Get("/figures/P3?region=320900&year=2008").Is(http.StatusOK)
	page.Has("#of .tree a[href='/figures/P7?region=320900&year=2008']", "重点镇新增入园企业")
	w.visitor().Get("/figures/P99?region=320900&year=2008").Is(http.StatusNotFound)
	w.visitor().Get("/figures/P3?region=999999&year=2008").Is(http.StatusNotFound)
	w.visitor().Get("/figures/P3?region=320900&year=20008").Is(http.StatusUnprocessableEntity)
}

func TestAComputedFigureListsItsRecordsPageByPage(t *testing.T) {
	w := newWorld(t)
	for range 23 {
		w.delivered(hede, "e1", "financing", "2008-03-02")
	}
	w.delivered(jianhu, "e1", "markets", "2008-05-02")
	page := w.as("xu").Get("/figures/E3?region=320900&year=2008").Is(http.StatusOK)
	page.Has("#rec h2", "由 24 条记录算出")
	page.Has("#rec .notice--ok", "与本指标一致")
	if rows := page.All("#rec tbody tr"); len(rows) != 20 {
		t.Errorf("%d records on the first page, want 20", len(rows))
	}
	page.Has("#rec tbody tr", "2008年5月2日")
	next := w.as("xu").Get(testkit.Attr(page.One("a[rel=next]"), "href")).Is(http.StatusOK)
	if rows := next.All("#rec tbody tr"); len(rows) != 4 {
		t.Errorf("%d records on the second page, want 4", len(rows))
	}
	w.visitor().Get("/figures/E4?region=320900&year=2008").Has("#parts", "各单位相加会大于总数")
	if len(w.visitor().Get("/figures/E3?region=320900&year=2008").All("#rec tbody tr")) != 0 {
		t.Error("a visitor sees records")
	}
}

func TestTheDataPageListsEveryFigureInBothLanguages(t *testing.T) {
	w := newWorld(t)
	w.accepted(sheyang, 2008, map[string]float64{"G5": 435_000_000, "P2": 380_000})
	page := w.visitor().Get("/data?region=320900&year=2008").Is(http.StatusOK)
	page.Has("h1", "盐城市 2008年数据")
	page.Has("#finance a[href='/figures/G5?region=320900&year=2008']", "4.35亿元")
	page.Has("#carriers td", "38万平方米")
	page.Has("#finance .origin--rep", "县级上报")
	if rows := page.All("tbody tr"); len(rows) < 60 {
		t.Errorf("%d figures are listed", len(rows))
	}
	english := testkit.Visit(t, w.handler, "lang", "en").Get("/data?region=320924&year=2008").Is(http.StatusOK)
	english.Has("h1", "Sheyang County in figures, 2008")
	english.Has("#finance td", "435 million yuan")
	english.Lacks("main", "⟦")
	w.visitor().Get("/data?region=320924&year=1999").Is(http.StatusOK).Has(".empty h2", "这一年还没有数据")
}

func TestAReturnGoesUpIsSentBackAndAccepted(t *testing.T) {
	w := newWorld(t)
	w.accepted(sheyang, 2007, map[string]float64{"P3": 90})
	clerk, city := w.as("wang"), w.as("xu")
	page := clerk.Get("/bench/returns?year=2008").Is(http.StatusOK)
	if rows := page.All("tbody tr"); len(rows) != 1 {
		t.Errorf("a county sees %d offices", len(rows))
	}
	page.Has("tbody tr", "未开始")
	page = clerk.Get("/bench/returns/320924/2008").Is(http.StatusOK)
	page.Has("#P3-h", "上年 90 户")

	page = page.Send("/submit", "P1", "12", "P3", "三百", "P5", "13", "G5", "4.35亿", "T1", "-2").Is(http.StatusUnprocessableEntity)
	for _, id := range []string{"P3", "P5", "T1"} {
		page.One("#" + id + "[aria-invalid=true]")
	}
	page.Has("#P5-e", "在建中小企业园")
	page.Has(".errsum a[href='#P3']", "新入园中小企业")
	for id, typed := range map[string]string{"P1": "12", "P3": "三百", "P5": "13", "G5": "4.35亿", "T1": "-2"} {
		if got := testkit.Attr(page.One("#"+id), "value"); got != typed {
			t.Errorf("%s holds %q after the mistake, want what was typed: %q", id, got, typed)
		}
	}
	page = page.Send("/submit", "P3", "120", "P5", "8", "T1", "2").Follow().Is(http.StatusOK)
	page.Has(".tag--sea", "待审定")
	page.Has("table td", "435,000,000 元")
	page.Has("table td", "+33.3%")
	if len(page.All("form[action$=/accept]")) != 0 {
		t.Error("the clerk is offered to accept their own return")
	}

	page = city.Get("/bench/returns/320924/2008").Is(http.StatusOK)
	page = page.Send("/return").Is(http.StatusUnprocessableEntity)
	page.One("#ask-return #reason[aria-invalid=true]")
	page = page.Send("/return", "reason", "担保金额请核对").Follow()
	page.Has(".tag--reed", "已退回")
	page = clerk.Get("/bench/returns/320924/2008")
	page.Has(".notice", "担保金额请核对")
	page.Send("/submit", "G5", "43500").Follow()
	page = city.Get("/bench/returns/320924/2008").Send("/accept").Follow()
	page.Has(".flash", "已审定")
	page.Has(".timeline li", "担保金额请核对")
	city.Get("/figures/P3?region=320900&year=2008").Has(".fighead__value", "120 户")
	city.Get("/bench/returns/320924/2008").Send("/reopen", "reason", "再核").Follow()
	city.Get("/figures/P3?region=320900&year=2008").Has(".fighead__value", "—")
}

func TestTwoPeopleFillInOneReturn(t *testing.T) {
	w := newWorld(t)
	mine := w.as("wang").Get("/bench/returns/320924/2008")
	w.as("zhao").Get("/bench/returns/320924/2008").Send("/fill", "P3", "7", "T1", "3").Follow()
	both := mine.Send("/fill", "P3", "9").Is(http.StatusPreconditionFailed)
	both.Has(".notice", "赵云")
	both.Has("#P3-h", "已存的是 7 户")
	if got := testkit.Attr(both.One("#P3"), "value"); got != "9" {
		t.Errorf("what was typed is %q now", got)
	}
	page := both.Send("/fill").Follow()
	if got := testkit.Attr(page.One("#P3"), "value"); got != "9" {
		t.Errorf("after deciding for one's own value it is %q", got)
	}
}

func TestReturnsAreNotForEverybody(t *testing.T) {
	w := newWorld(t)
	w.accepted(sheyang, 2008, map[string]float64{"P3": 90})
	w.as("chen").Get("/bench/returns/320924/2008").Is(http.StatusNotFound)
	w.as("boss").Get("/bench/returns/320924/2008").Is(http.StatusForbidden)
	w.as("boss").Get("/bench/returns").Is(http.StatusForbidden)
	w.as("boss").Get("/bench/targets").Is(http.StatusForbidden)
	if page := w.visitor().Get("/bench/returns").Is(http.StatusSeeOther); !strings.HasPrefix(page.Location, "/sign-in") {
		t.Errorf("a visitor is led to %s", page.Location)
	}
	w.as("xu").Get("/bench/returns/320924100/2008").Is(http.StatusNotFound)
	w.as("xu").Get("/bench/returns/320924/year").Is(http.StatusNotFound)
	page := w.as("xu").Get("/bench/returns/320925/2008").Is(http.StatusOK)
	page.One("form[action$=/fill]") // the city may fill in for a county, by its rights
	page = w.as("wang").Get("/bench/returns/320924/2008")
	page.Lacks("main button", "更正")
	w.as("wang").Post("/bench/returns/320924/2008/reopen", map[string][]string{"version": {"4"}, "reason": {"x"}}).Is(http.StatusForbidden)
}

func TestTheCitySettlesTheYearAndSetsTargets(t *testing.T) {
	w := newWorld(t)
	w.accepted(sheyang, 2008, map[string]float64{"P3": 1006})
	w.delivered(hede, "e1", "financing", "2008-03-02")
	city := w.as("xu")
	page := city.Get("/bench/targets?region=320900&year=2008").Is(http.StatusOK)
	page = page.Send("/bench/targets", "indicator", "M9").Is(http.StatusUnprocessableEntity)
	page.One("#value[aria-invalid=true]")
	page.Send("/bench/targets", "value", "1000", "document", "盐政发〔2008〕12号").Follow().Has("table td", "盐政发〔2008〕12号")
	page = w.visitor().Get("/figures/P3?region=320900&year=2008")
	page.Has("#goal", "已达到 100.6%")
	page.Has("#goal", "盐政发〔2008〕12号")
	if len(w.as("wang").Get("/bench/targets?region=320924").Is(http.StatusOK).All("form[action='/bench/targets']")) != 0 {
		t.Error("a county's clerk is offered to set targets")
	}
	w.as("wang").Get("/bench/targets?region=320900").Is(http.StatusNotFound)

	page = city.Get("/bench/returns?year=2008")
	page.Has("section", "9 个单位的报表没有审定")
	page.Send("/320900/2008/seal").Follow().Has(".flash", "已定案")
	w.delivered(hede, "e2", "financing", "2008-12-30")
	w.visitor().Get("/figures/E3?region=320900&year=2008").Has(".notice--warn", "定案 1 次；以后又有变动，现行 2 次，相差 +1 次")
	w.visitor().Get("/figures/P3?region=320900&year=2008").Has(".notice--ok", "与现行数一致")
	if len(w.as("wang").Get("/bench/returns?year=2008").All("form[action$=/seal]")) != 0 {
		t.Error("a county's clerk is offered to settle the year")
	}
}
