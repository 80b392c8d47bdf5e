package engagementweb_test

import (
	"net/url"
	"testing"

	"qiban.dev/qiban/internal/domain/engagement"
	"qiban.dev/qiban/internal/testkit"
)

func TestTheOfficeRefersAsksAndRefuses(t *testing.T) {
	w := open(t)
	n := w.post()
	desk := "/bench/needs/" + string(n.ID)
	w.as("wang").Get(desk+"/ask").Send("/ask", "reason", "请补 11 月报表").Follow().Has("section.limit", "时限停表")
	supply := w.as("chen").Get("/my/needs/" + string(n.ID) + "/supply").Is(200)
	supply.Has("dl.facts", "请补 11 月报表")
	supply.Send("/supply", "words", "报表已送到").Follow().Is(200)
	refer := w.as("wang").Get(desk + "/refer").Is(200)
	if len(refer.All("input[name=office][value='320924']")) != 0 {
		t.Error("the office could refer the need to itself")
	}
	refer.Send("/refer", "office", string(city), "reason", "要市里协调").Follow().Is(200)
	if now := w.now(n.ID); now.Office != city || now.State != engagement.Referred {
		t.Errorf("%s at %s", now.State, now.Office)
	}
	w.as("wang").Get(desk + "/refuse").Is(403)
	w.as("city").Get(desk+"/refuse").Send("/refuse", "reason", "请找税务局").Follow().Has(".timeline", "请找税务局")
}

// Staff enter a need for a call: of an enterprise on the register, of a new one,
// of a founder.
func TestIntakeForACall(t *testing.T) {
	w := open(t)
	wang := w.as("wang")
	page := wang.Get("/bench/needs/new").Is(200)
	page = page.Send("/bench/needs/new", "q", "鹤乡", "title", "会计人员订单培训 40 人").Is(200)
	page.Has("label.choice", "射阳县鹤乡纺织有限公司")
	if v := testkit.Attr(page.One("#title"), "value"); v != "会计人员订单培训 40 人" {
		t.Errorf("a search lost what was typed: %q", v)
	}
	page = page.Send("/needs/post", "theme", "capability").Is(422)
	page.Has("#as-e", "请选择是哪家企业")
	page.Has("#text-e", "请填写这一项")
	page.Has("#contact_phone-e", "请填写这一项")
	rest := []string{"theme", "capability", "text", "企业会计人员要换证，想办一期培训班", "contact_name", "王丽", "contact_phone", "0515-8230000"}
	page.Send("/needs/post", append(rest, "as", string(w.mill))...).Follow().Is(200).Has("main", "电话")

	page = wang.Get("/bench/needs/new")
	rest = append(rest, "title", "会计人员订单培训 20 人", "region", string(hede))
	bad := page.Send("/needs/post", append(rest, "as", "new")...).Is(422)
	bad.Has("#firm_code-e", "请填写这一项")
	bad.One("#firm_name-e")
	bad.Send("/needs/post", "firm_name", "射阳县新坍纺织有限公司", "firm_code", code(9)).Follow().Is(200).Has("main", "射阳县新坍纺织有限公司")

	page = wang.Get("/bench/needs/new")
	page.Send("/needs/post", append(rest, "as", "person", "channel", "visit")...).Follow().Is(200).Has("main", "个人创业")
	w.as("chen").Get("/bench/needs/new").Is(403)
}

func TestCallbacksAreRecorded(t *testing.T) {
	w := open(t)
	n := w.post()
	chen, wang, guar := w.people["chen"], w.people["wang"], w.people["guar"]
	step := func(next engagement.Need, err error) {
		t.Helper()
		w.must(err)
		n = next
	}
	ctx := t.Context()
	step(w.needs.Accept(ctx, wang, n.ID, n.Version))
	step(w.needs.Offer(ctx, wang, n.ID, n.Version, w.guarantor, ""))
	step(w.needs.AcceptOffer(ctx, guar, n.ID, n.Version))
	next, _, err := w.needs.Deliver(ctx, guar, n.ID, n.Version, engagement.Work{On: "2008-12-25", Theme: n.Theme, Form: "expert_team", Quantity: 1, Text: "担保贷款 300 万元"})
	step(next, err)
	step(w.needs.Finish(ctx, guar, n.ID, n.Version))
	step(w.needs.Confirm(ctx, chen, n.ID, n.Version))
	step(w.needs.Rate(ctx, chen, n.ID, n.Version, engagement.Rating{OnTime: true, Solved: engagement.Yes, Score: 5}))
	if _, err := w.needs.PickCallbacks(ctx, engagement.Robot(), 100); err != nil {
		t.Fatal(err)
	}
	list := w.as("wang").Get("/bench/callbacks").Is(200)
	page := w.as("wang").Get(testkit.Attr(list.One("table a"), "href")).Is(200)
	page.Has("aside", "担保贷款 300 万元")
	page = page.Send("/record", "heard", "contradicted").Is(422)
	page.Has("#note-e", "请写清楚哪里不符")
	page.Send("/record", "heard", "contradicted", "note", "只贷了 200 万元").Follow().Is(200).Has(".empty h2", "没有要回访的")
	w.as("wang").Get("/bench/callbacks?tab=all").Has("table", "只贷了 200 万元")
	w.as("jianhu").Get("/bench/callbacks?tab=all").Is(200).Lacks("main", "流动资金")
	w.as("chen").Get("/bench/callbacks?tab=all").Is(200).Lacks("main", "流动资金")
}

func TestTheListFindsByTextThemeAndPlace(t *testing.T) {
	w := open(t)
	w.post()
	list := func(query string) int {
		t.Helper()
		return len(w.as("wang").Get("/bench/needs?" + query).Is(200).All("table tbody tr"))
	}
	for query, want := range map[string]int{
		"": 1, "q=" + url.QueryEscape("鹤乡"): 1, "q=" + url.QueryEscape("没有的"): 0, "theme=financing": 1, "theme=markets": 0,
		"place=" + string(hede): 1, "place=320924101": 0, "step=posted": 1, "step=closed": 0, "open=1": 1,
	} {
		if got := list(query); got != want {
			t.Errorf("%q finds %d, want %d", query, got, want)
		}
	}
	if len(w.as("jianhu").Get("/bench/needs").Is(200).All("table")) != 0 {
		t.Error("the next county sees the need")
	}
}
