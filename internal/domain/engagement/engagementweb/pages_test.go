package engagementweb_test

import (
	"net/url"
	"strings"
	"testing"

	"qiban.dev/qiban/internal/domain/engagement"
	"qiban.dev/qiban/internal/testkit"
	"qiban.dev/qiban/internal/text"
)

// Nobody is signed in; the form is filled in step by step, with a mistake, and
// nothing is lost on the way through signing in.
func TestAFormInStepsLosesNothing(t *testing.T) {
	w := open(t)
	nobody := w.as("")
	page := nobody.Get("/needs/new?theme=financing").Is(200)
	page.Has("ol.steps [aria-current]", "说明情况")
	page.Has("aside li", "2 个工作日内受理")

	page = page.Send("/needs/new", "title", "贷款", "text", "缺钱").Is(422)
	page.Has("title", "有 2 处需要改一改")
	page.Has(".errsum a[href=#title]", "至少 4 个字，现在是 2 个字")
	page.Has("#text-e", "至少 10 个字，现在是 2 个字")
	if v := testkit.Attr(page.One("#title"), "value"); v != "贷款" {
		t.Errorf("what was typed is %q now", v)
	}

	page = page.Send("/needs/new", "title", "流动资金贷款担保", "text", "春节前采购棉花，备足一季度的原料").Follow().Is(200)
	page.Has("ol.steps [aria-current]", "金额与时间")
	page.Has(".facts--aside dd", "流动资金贷款担保")
	page = page.Send("/needs/new", "amount", "三百万", "wanted_by", "2008-12-20").Is(422)
	page.Has("#amount-e", "如果是 300 万元，请填 300")
	page.Has("#wanted_by-e", "2008-12-20 已经过去")
	page = page.Send("/needs/new", "amount", "300", "wanted_by", "2009年2月20日", "collateral", "property").Follow().Is(200)
	page = page.Send("/needs/new", "contact_name", "陈国华", "contact_phone", "13800000000", "as", "own").Follow().Is(200)
	page.Has("ol.steps [aria-current]", "核对并提交")
	page.Has("dl.facts dd", "300 万元")
	page.Has(".notice", "提交时请你登录或注册")

	page = page.Send("/needs/post").Is(303)
	to, err := url.Parse(page.Location)
	if err != nil || to.Path != "/sign-in" {
		t.Fatalf("sent to %s", page.Location)
	}
	page = w.as("chen").Get(to.Query().Get("back")).Is(200)
	page.Has("ol.steps [aria-current]", "核对并提交")
	page.Has("dl.facts dd", "射阳县鹤乡纺织有限公司")
	page.Lacks("main", "请你登录")
	again := page.Send("/needs/post")
	need := page.Send("/needs/post").Is(303)
	if again.Location != need.Location {
		t.Errorf("sent twice, there are two needs: %s and %s", again.Location, need.Location)
	}
	page = need.Follow().Is(200)
	page.Has(".flash", "已提交，编号 XQ-320924-2008-0001")
	page.Has("section.limit", "应在 12月29日 周一 下班前受理")
	page.Has("dl.facts dd", "春节前采购棉花，备足一季度的原料")
	page.Has("dl.facts dd", "陈国华")
}

// The way back keeps what was typed, also what is not right yet.
func TestGoingBackKeepsWhatWasTyped(t *testing.T) {
	w := open(t)
	page := w.as("chen").Get("/needs/new?theme=markets").Is(200)
	page = page.Send("/needs/new", "title", "寻找新客户", "text", "想在网上卖菊花茶，请帮忙").Follow()
	if len(page.All("#collateral")) != 0 {
		t.Error("security is asked for a matter that is not about a loan")
	}
	page = page.Send("/needs/new", "amount", "不知道", "go", "back").Follow().Is(200)
	if v := testkit.Attr(page.One("#title"), "value"); v != "寻找新客户" {
		t.Errorf("the title is %q now", v)
	}
	page = page.Send("/needs/new", "go", "3").Follow().Is(200)
	if v := testkit.Attr(page.One("#amount"), "value"); v != "不知道" {
		t.Errorf("the amount is %q now", v)
	}
}

// A draft is found again on the same computer, and is gone once it was posted.
func TestADraftIsFoundAgain(t *testing.T) {
	w := open(t)
	chen := w.as("chen")
	chen.Get("/my/needs").Is(200).Has(".empty h2", "还没有提出过需求")
	page := chen.Get("/needs/new?theme=markets")
	page.Send("/needs/new", "title", "寻找新客户", "text", "想在网上卖菊花茶，请帮忙").Is(303)
	link := chen.Get("/my/needs").Is(200)
	link.Has(".empty a", "接着填草稿")
	page = chen.Get(testkit.Attr(link.All(".empty a[href^=/needs/new?draft]")[0], "href")).Is(200)
	if v := testkit.Attr(page.One("#title"), "value"); v != "寻找新客户" {
		t.Errorf("the title is %q now", v)
	}
	page = page.Send("/needs/new").Follow().Send("/needs/new").Follow()
	page = page.Send("/needs/new", "contact_name", "陈国华", "contact_phone", "13800000000").Follow()
	page.Send("/needs/post").Follow().Is(200)
	chen.Get("/my/needs").Is(200).Lacks("a", "接着填草稿")
	for _, d := range w.drafts {
		if d.Values.Get("contact_phone") != "" {
			t.Error("a posted need's draft still holds its contact")
		}
	}
}

func TestAFounderAsksInTheirOwnName(t *testing.T) {
	w := open(t)
	page := w.as("zhou").Get("/needs/new?theme=startup")
	page = page.Send("/needs/new", "title", "开办服装加工点", "text", "返乡人员，想请老师看看方案").Follow().Send("/needs/new").Follow()
	page = page.Send("/needs/new", "as", "self", "contact_name", "周素兰", "contact_phone", "13900000000", "region", "").Is(422)
	page.Has("#region-e", "请从列出的选项里选一个")
	page = page.Send("/needs/new", "region", string(hede)).Follow().Send("/needs/post").Follow().Is(200)
	page.Has("main", "个人创业")
	page.Has("main", "射阳县服务中心")
	if all := w.as("zhou").Get("/my/needs").Is(200).All("table tbody tr"); len(all) != 1 {
		t.Errorf("%d needs of hers", len(all))
	}
}

// Every reader is led to their own side, and others find nothing.
func TestEachReaderHasTheirOwnView(t *testing.T) {
	w := open(t)
	n := w.post()
	at := "/needs/" + string(n.ID)
	for who, want := range map[string]string{"chen": "/my", "wang": "/bench", "city": "/bench"} {
		if got := w.as(who).Get(at).Is(303).Location; got != want+at {
			t.Errorf("%s is led to %s", who, got)
		}
	}
	for _, who := range []string{"jianhu", "zhou", "guar"} {
		for _, path := range []string{at, "/my" + at, "/bench" + at, "/my/offers/" + string(n.ID)} {
			w.as(who).Get(path).Is(404).Lacks("body", "流动资金贷款担保")
		}
		w.as(who).Post("/bench"+at+"/accept", url.Values{"version": {"1"}}).Is(404)
	}
	w.as("").Get(at).Is(303)
	if got := w.as("chen").Get("/bench" + at).Is(303).Location; got != "/my"+at {
		t.Errorf("the asker at the office's page is led to %s", got)
	}
}

// Buttons are what the lifecycle and the reader's rights leave open.
func TestButtonsAreWhatTheReaderCanDo(t *testing.T) {
	w := open(t)
	n := w.post()
	at := "/needs/" + string(n.ID)
	desk := w.as("wang").Get("/bench" + at).Is(200)
	desk.One("form[action$=/accept]")
	desk.One("a[href$=/refuse]")
	for _, gone := range []string{"form[action$=/confirm]", "a[href$=/rate]", "form[action$=/offer]", "a[href$=/offer/recall]"} {
		if len(desk.All(gone)) != 0 {
			t.Errorf("%s is offered to the office of a posted need", gone)
		}
	}
	looker := w.as("looker").Get("/bench" + at).Is(200)
	if found := len(looker.All("main form")) + len(looker.All(".detail__acts a")); found != 0 {
		t.Errorf("one who only looks is offered %d things", found)
	}
	looker.Lacks("main", "138 0000 0000")
	mine := w.as("chen").Get("/my" + at).Is(200)
	mine.One("a[href$=/withdraw]")
	mine.Has("main", "138 0000 0000")
	if len(mine.All("form[action$=/accept]")) != 0 {
		t.Error("the asker could accept its own need")
	}
	w.as("chen").Get("/my" + at + "/accept").Is(403)
	w.as("wang").Get("/bench" + at + "/offer/recall").Is(409)
}

// The whole way: accepted, offered with reasons, declined, offered again, taken,
// delivered, finished, confirmed, rated.
func TestFromPostingToRating(t *testing.T) {
	w := open(t)
	n := w.post()
	desk, mill, guar := "/bench/needs/"+string(n.ID), "/my/needs/"+string(n.ID), "/my/offers/"+string(n.ID)

	page := w.as("wang").Get(desk).Send("/accept").Follow().Is(200)
	page.Has(".flash", "已受理")
	if found := page.All(".offer"); len(found) != 2 || len(page.All(".offer .reasons li")) != 12 {
		t.Fatalf("%d proposals with %d reasons", len(found), len(page.All(".offer .reasons li")))
	}
	page.Has(".offer", "单笔上限 200 万元，低于 300 万元")
	page = page.Send("/offer", "institution", string(w.mutual)).Follow().Is(200)
	page.Has(".timeline", "推荐给合德镇纺织企业互助担保会")

	w.as("mutual").Get("/my/offers").Is(200).Has("table a", "流动资金贷款担保")
	other := w.as("mutual").Get(guar).Is(200)
	other.Lacks("main", "138 0000 0000")
	sheet := w.as("mutual").Get(testkit.Attr(other.One("a[href$=/decline]"), "href")).Is(200)
	sheet = sheet.Send("/decline", "reason", "").Is(422)
	sheet.Has("#reason-e", "请填写这一项")
	sheet.Send("/decline", "reason", "超过单笔上限").Follow().Is(200)

	page = w.as("wang").Get(desk)
	page.Has(".timeline", "超过单笔上限")
	page.Send("/offer", "institution", string(w.guarantor)).Follow().Is(200)
	w.as("guar").Get("/my/offers").Is(200).Has("table tbody", "还剩 3 个工作日")
	page = w.as("guar").Get(guar).Send("/accept").Follow().Is(200)
	page.Lacks("main", "互助担保会")
	page = page.Send("/contact/see").Is(200)
	page.Has("dl.facts", "138 0000 0000")

	sheet = w.as("guar").Get(guar + "/deliveries/record").Is(200)
	sheet = sheet.Send("/record", "on", "", "text", "办", "quantity", "很多").Is(422)
	for field, words := range map[string]string{"on": "请填写这一项", "text": "至少 4 个字", "quantity": "请填整数。你填的是“很多”", "form": "请从列出的选项里选一个"} {
		sheet.Has(".error", words)
		sheet.One(`.errsum a[href="#` + field + `"]`)
	}
	page = sheet.Send("/record", "on", "2008-12-25", "text", "担保贷款 300 万元", "quantity", "1", "form", "expert_team", "amount", "300").Follow().Is(200)
	page.Has(".delivery", "担保贷款 300 万元")
	page.Send("/finish").Follow().Is(200)

	page = w.as("chen").Get(mill)
	page.Has("main", "没办好请反映")
	page = page.Send(mill + "/confirm").Follow().Is(200)
	page.Has(".delivery", "企业已确认")
	sheet = w.as("chen").Get(mill + "/rate").Is(200)
	sheet = sheet.Send("/rate").Is(422)
	if lines := sheet.All(".errsum li"); len(lines) != 3 {
		t.Errorf("%d of 3 broken fields are told at once", len(lines))
	}
	page = sheet.Send("/rate", "on_time", "yes", "solved", "yes", "score", "5", "words", "来得快").Follow().Is(200)
	page.Has("main", "5 分（满分 5 分）")
	if now := w.now(n.ID); now.State != engagement.Closed || !now.Rated {
		t.Errorf("the need is %s", now.State)
	}
	w.as("chen").Get(mill + "/rate").Is(409)
}

// The contact is not in the page, and whoever asks for it leaves a trace.
func TestTheContactIsShownOnRequestAndNoted(t *testing.T) {
	w := open(t)
	n := w.post()
	desk := w.as("wang").Get("/bench/needs/" + string(n.ID)).Is(200)
	desk.Lacks("body", "138 0000 0000")
	if w.reads(n.ID) != 0 {
		t.Error("looking at the need counts as reading the contact")
	}
	desk.Send("/contact/see").Is(200).Has("dl.facts", "138 0000 0000")
	if w.reads(n.ID) != 1 {
		t.Errorf("%d reads are noted", w.reads(n.ID))
	}
	w.as("looker").Post("/bench/needs/"+string(n.ID)+"/contact/see", url.Values{}).Is(403)
	w.as("mutual").Post("/my/offers/"+string(n.ID)+"/contact/see", url.Values{}).Is(404)
}

// Two edit the same need: the second sees both and keeps one.
func TestTwoEditsAreShownSideBySide(t *testing.T) {
	w := open(t)
	n := w.post()
	mine := w.as("chen").Get("/my/needs/" + string(n.ID) + "/edit").Is(200)
	w.as("wang").Get("/bench/needs/"+string(n.ID)+"/edit").Send("/edit", "title", "流动资金贷款担保 200 万元", "amount", "200").Follow().Is(200)
	both := mine.Send("/edit", "title", "流动资金贷款担保 350 万元", "amount", "350").Is(412)
	both.Has("main", "王海燕")
	both.Has("section[aria-labelledby=theirs]", "200 万元")
	both.Has("section[aria-labelledby=yours]", "350 万元")
	both.Send("/edit").Follow().Is(200)
	if now := w.now(n.ID); now.Amount != 350_000_000 || now.Title != "流动资金贷款担保 350 万元" {
		t.Errorf("kept %q with %d", now.Title, now.Amount)
	}
	w.as("wang").Get("/bench/needs/"+string(n.ID)).Send("/contact/see").Has("dl.facts", "138 0000 0000")
}

// A second press of the same button tells what happened instead of doing it again.
func TestASecondPressIsStale(t *testing.T) {
	w := open(t)
	n := w.post()
	desk := w.as("wang").Get("/bench/needs/" + string(n.ID))
	w.as("li").Get("/bench/needs/"+string(n.ID)+"/assign").Send("/assign", "person", "li").Is(303)
	stale := desk.Send("/accept").Is(412)
	stale.Has("main", "李建")
	stale.Send("/accept").Follow().Is(200)
	if now := w.now(n.ID); now.State != engagement.Taken || now.AssigneeName != "李建" {
		t.Errorf("%s with %s", now.State, now.AssigneeName)
	}
}

// No page grows with what it shows.
func TestPagesAskTheDatabaseSeldom(t *testing.T) {
	w := open(t)
	n := w.post()
	for range 5 {
		w.post()
	}
	n, err := w.needs.Accept(t.Context(), w.people["wang"], n.ID, n.Version)
	w.must(err)
	w.as("wang").Get("/bench") // calendar, limits and tree are kept: one question each whether they changed
	for path, c := range map[string]struct {
		who  string
		most int64
	}{
		"/bench": {"wang", 6}, "/bench/needs": {"wang", 4}, "/bench/needs/" + string(n.ID): {"wang", 15},
		"/my/needs": {"chen", 3}, "/my/needs/" + string(n.ID): {"chen", 12}, "/needs/new?theme=markets": {"chen", 4},
		"/my/offers": {"guar", 2}, "/bench/callbacks": {"wang", 2}, "/bench/needs/new": {"wang", 1},
	} {
		w.counted(c.most, path, func() { w.as(c.who).Get(path).Is(200) })
	}
}

// Every page in English has all its words.
func TestPagesAreReadInEnglish(t *testing.T) {
	w := open(t)
	n := w.post()
	for who, paths := range map[string][]string{
		"chen": {"/needs/new", "/my/needs", "/my/needs/" + string(n.ID), "/my/needs/" + string(n.ID) + "/edit"},
		"wang": {"/bench", "/bench/needs", "/bench/needs/new", "/bench/callbacks", "/bench/needs/" + string(n.ID), "/bench/needs/" + string(n.ID) + "/refer"},
		"guar": {"/my/offers"},
	} {
		for _, lang := range []text.Lang{text.Zh, text.En} {
			site := testkit.Visit(t, w.handler, "session", who, "lang", string(lang))
			for _, path := range paths {
				page := site.Get(path).Is(200)
				if body := testkit.Text(page.Root); strings.ContainsAny(body, "⟦⟧") || strings.Contains(body, "{") {
					t.Errorf("%s in %s lacks words: %s", path, lang, body)
				}
				if len(page.All("h1")) != 1 {
					t.Errorf("%s has %d main headings", path, len(page.All("h1")))
				}
			}
		}
	}
}
