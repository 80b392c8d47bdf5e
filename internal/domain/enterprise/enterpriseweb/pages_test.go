package enterpriseweb_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/testkit"
)

func TestAVisitorTestsTheSizeAndKeepsTheAddress(t *testing.T) {
	w := newWorld(t)
	form := w.as("").Get("/size").Is(http.StatusOK)
	form.One("select#industry option[value=2017:C17]")

	q := url.Values{"industry": {"2017:C17"}, "employees": {"186"}, "revenue": {"2460"}, "assets": {"4310"}, "on": {"2026-11-23"}}
	page := w.as("").Get("/size?" + q.Encode()).Is(http.StatusOK)
	page.Has("h1", "属于小型企业")
	page.Has("tbody th", "从业人员")
	page.Has("tbody td", "低于中型下限，差 114 人")
	page.Has("tbody td", "已达中型下限，超 460 万元")
	page.Lacks("tbody th", "资产总额") // industry is not compared by assets now
	page.Has("aside", "第四条（二）")
	page.Has("li", "从业人员到 300 人，这一项就达到中型")

	// The address with these answers leads back to the form with them in it.
	again := w.as("").Get(testkit.Attr(page.All("dl.facts a")[0], "href")).Is(http.StatusOK)
	if got := testkit.Attr(again.One("input#employees"), "value"); got != "186" {
		t.Errorf("employees came back as %q", got)
	}
	again.One("select#industry option[value=2017:C17][selected]")
}

func TestTheSizeOfAnEarlierYearIsJudgedByItsOwnRule(t *testing.T) {
	w := newWorld(t)
	q := url.Values{"industry": {"2017:C17"}, "employees": {"186"}, "revenue": {"2460"}, "assets": {"4310"}, "on": {"2008-12-31"}}
	page := w.as("").Get("/size?" + q.Encode()).Is(http.StatusOK)
	page.Has("h1", "属于小型企业")
	page.Has("tbody th", "资产总额")
	page.Has("aside", "2003")
	page.Lacks(".scale__head", "微型")
}

func TestASelfTestTellsEverythingThatIsMissingOrWrongAtOnce(t *testing.T) {
	w := newWorld(t)
	page := w.as("").Get("/size?" + url.Values{"employees": {"很多"}, "revenue": {"三百万"}}.Encode()).Is(http.StatusUnprocessableEntity)
	if n := len(page.All(".errsum li")); n != 3 {
		t.Errorf("%d problems, want the industry and both figures", n)
	}
	page.Has("#revenue-e", "300")
	if got := testkit.Attr(page.One("input#employees"), "value"); got != "很多" {
		t.Errorf("what was typed is lost: %q", got)
	}
	missing := w.as("").Get("/size?" + url.Values{"industry": {"2017:E47"}, "revenue": {"5000"}, "on": {"2026-11-23"}}.Encode()).Is(http.StatusUnprocessableEntity)
	missing.Has("#assets-e", "建筑业")
	missing.Lacks(".errsum", "从业人员") // construction is not compared by employees
}

func TestBanksAndFinerQuestionsAreAnsweredHonestly(t *testing.T) {
	w := newWorld(t)
	page := w.as("").Get("/size?" + url.Values{"industry": {"2017:J66"}, "employees": {"30"}, "on": {"2026-11-23"}}.Encode()).Is(http.StatusOK)
	page.Has("h1", "这个行业不划型")
	page.Lacks("h2", "逐项比较")
}

func TestTheOwnerCorrectsTheProfileAndLosesNothing(t *testing.T) {
	w := newWorld(t)
	id := w.registers("gu", "射阳县鹤乡纺织有限公司", mill)
	w.as("").Get("/my/enterprise").Is(http.StatusSeeOther)
	w.as("zhou").Get("/my/enterprise?e=" + string(id)).Is(http.StatusNotFound)

	page := w.as("gu").Get("/my/enterprise").Is(http.StatusOK)
	if got := testkit.Attr(page.One("input#contact_phone"), "value"); got != "0515-82300000" {
		t.Errorf("what is on file is asked again: %q", got)
	}
	bad := page.Send("/my/enterprise?e="+string(id), "name", "", "established", "明年", "address", "人民路 1 号").Is(http.StatusUnprocessableEntity)
	bad.Has(".errsum", "企业名称")
	bad.Has("#established-e", "明年")
	if got := testkit.Attr(bad.One("input#address"), "value"); got != "人民路 1 号" {
		t.Errorf("the address is lost: %q", got)
	}
	bad.Send("/my/enterprise?e="+string(id), "name", "射阳县鹤乡纺织有限公司", "established", "1998-05-01").Is(http.StatusSeeOther)
	if e := w.get(id); e.Profile.Address != "人民路 1 号" || e.Profile.Established != "1998-05-01" {
		t.Errorf("not saved: %+v", e.Profile)
	}
}

func TestTwoWhoEditAtOnceSeeBothVersions(t *testing.T) {
	w := newWorld(t)
	id := w.registers("gu", "射阳县鹤乡纺织有限公司", mill)
	first, second := w.as("gu").Get("/my/enterprise"), w.as("gu").Get("/my/enterprise")
	to := "/my/enterprise?e=" + string(id)
	first.Send(to, "address", "人民路 1 号").Is(http.StatusSeeOther)
	both := second.Send(to, "address", "解放路 2 号").Is(http.StatusPreconditionFailed)
	both.Has("tbody td", "人民路 1 号")
	both.Has("tbody td", "解放路 2 号")
	if e := w.get(id); e.Profile.Address != "人民路 1 号" {
		t.Fatalf("the second overwrote the first unseen: %s", e.Profile.Address)
	}
	both.Send(to).Is(http.StatusSeeOther) // having seen both, the second is kept
	if e := w.get(id); e.Profile.Address != "解放路 2 号" {
		t.Errorf("kept %s", e.Profile.Address)
	}
}

func TestYearlyFiguresGiveTheSizeClass(t *testing.T) {
	w := newWorld(t)
	id := w.registers("gu", "射阳县鹤乡纺织有限公司", mill)
	page := w.as("gu").Get("/my/enterprise/years?employees=186&revenue=2460").Is(http.StatusOK)
	if got := testkit.Attr(page.One("input#revenue"), "value"); got != "2460" {
		t.Errorf("the self-test's answer is not carried over: %q", got)
	}
	to := "/my/enterprise/years?e=" + string(id)
	page.Send(to, "assets", "-5").Is(http.StatusUnprocessableEntity).One("#assets-e")
	done := page.Send(to, "assets", "4310").Follow()
	done.Has(".flash", "小型")
	done.Has("tbody th", "2008")
	if e := w.get(id); e.Size != enterprise.Small || e.SizeYear != 2008 {
		t.Errorf("size %s of %d", e.Size, e.SizeYear)
	}
	w.as("gu").Get(to).Send(to, "year", "2008", "version", "0", "employees", "1").Is(http.StatusUnprocessableEntity).Has("#year-e", "已经填过")
}

func TestTheDeskSeesItsOwnCountyAlone(t *testing.T) {
	w := newWorld(t)
	id := w.registers("gu", "射阳县鹤乡纺织有限公司", mill)
	w.registers("zhou", "建湖县石油机械厂", another, "320925100")

	page := w.as("wang").Get("/bench/enterprises").Is(http.StatusOK)
	page.Has("tbody th", "射阳县鹤乡纺织有限公司")
	page.Lacks("body", "建湖县石油机械厂")
	page.Has(".pager", "共 1 户")
	w.as("chen").Get("/bench/enterprises/" + string(id)).Is(http.StatusNotFound)
	w.as("gu").Get("/bench/enterprises").Is(http.StatusForbidden)
	w.as("").Get("/bench/enterprises").Is(http.StatusSeeOther)

	w.as("wang").Get("/bench/enterprises?q="+url.QueryEscape("鹤乡")+"&status=verified").Has(".empty", "没有找到企业")
	w.as("wang").Get("/bench/enterprises?q="+mill).Has("tbody th", "鹤乡")
}

func TestALongListIsReadInPagesThatStateTheTotal(t *testing.T) {
	w := newWorld(t)
	for i, code := range []string{mill, crane, another} {
		w.registers("gu", strings.Repeat("鹤", i+2)+"纺织", code)
	}
	for i := range 25 {
		if _, err := w.Register(t.Context(), w.actors["wang"], enterprise.Registration{
			Profile: enterprise.Profile{Name: "企业" + string(rune('甲'+i)), Region: hede}, Codes: []string{registration(i)},
		}); err != nil {
			t.Fatal(err)
		}
	}
	page := w.as("wang").Get("/bench/enterprises").Is(http.StatusOK)
	if n := len(page.All("tbody tr")); n != 25 {
		t.Errorf("%d on the first page", n)
	}
	page.Has(".pager", "共 28 户")
	next := w.as("wang").Get(testkit.Attr(page.One(".pager a[rel=next]"), "href")).Is(http.StatusOK)
	if n := len(next.All("tbody tr")); n != 3 {
		t.Errorf("%d on the second page", n)
	}
	next.Has(".pager", "共 28 户")
}

// registration is the i-th of some registration numbers of 13 digits.
func registration(i int) string {
	return "32090000000" + string(rune('0'+i/10)) + string(rune('0'+i%10))
}

func TestTheOfficeVerifiesOrGivesBackWithAReason(t *testing.T) {
	w := newWorld(t)
	id := w.registers("gu", "射阳县鹤乡纺织有限公司", mill)
	at := "/bench/enterprises/" + string(id)
	page := w.as("wang").Get(at).Is(http.StatusOK)
	page.Has("button", "核实")

	bad := page.Send(at+"/reject", "reason", "").Is(http.StatusUnprocessableEntity)
	bad.One("#do-reject[open] #reason-e")
	bad.Send(at+"/reject", "reason", "执照照片看不清").Follow().Has(".tag", "已退回")
	w.as("gu").Get("/my/enterprise").Has(".notice", "执照照片看不清")

	w.as("gu").Get("/my/enterprise").Send("/my/enterprise?e="+string(id), "address", "人民路 1 号").Is(http.StatusSeeOther)
	done := w.as("wang").Get(at).Send(at + "/verify").Follow()
	done.Has(".tag", "已核实")
	done.Lacks("button", "核实")
	page.Send(at + "/verify").Is(http.StatusConflict) // a page that was left open
	w.as("gu").Post(at+"/close", url.Values{"version": {"9"}, "reason": {"我自己注销"}}).Is(http.StatusForbidden)
}

func TestReadingAContactLeavesATraceAndIsNeverOnThePageBefore(t *testing.T) {
	w := newWorld(t)
	id := w.registers("gu", "射阳县鹤乡纺织有限公司", mill)
	at := "/bench/enterprises/" + string(id)
	page := w.as("wang").Get(at).Is(http.StatusOK)
	page.Lacks("body", "82300000")
	before := w.reads()
	page.Send(at+"/contact").Is(http.StatusOK).Has("#contact", "0515-82300000")
	if got := w.reads(); got != before+1 {
		t.Errorf("%d readings noted, want %d", got, before+1)
	}
}

func TestADisputedClaimIsDecidedWithBothSidesInView(t *testing.T) {
	w := newWorld(t)
	first := w.registers("gu", "射阳县鹤乡纺织有限公司", mill)
	w.as("wang").Get("/bench/enterprises/" + string(first)).Send("/verify").Is(http.StatusSeeOther)
	w.registers("zhou", "鹤乡纺织", mill)

	list := w.as("wang").Get("/bench/claims").Is(http.StatusOK)
	list.Has("tbody th", "周素兰")
	page := w.as("wang").Get(testkit.Attr(list.One("tbody th a"), "href")).Is(http.StatusOK)
	page.Has(".tag", "有争议")
	page.Has(".cols section", "周素兰")
	page.Has(".cols section", "顾鹤")
	w.as("zhou").Get("/my/claims").Lacks("body", "顾鹤")
	w.as("chen").Get("/bench/claims").Lacks("body", "周素兰")

	claim := strings.TrimPrefix(testkit.Attr(list.One("tbody th a"), "href"), "/bench/claims/")
	page.Send(claim, "answer", "").Is(http.StatusUnprocessableEntity).Has(".errsum", "结论")
	page.Send(claim, "answer", "refuse", "reason", "").Is(http.StatusUnprocessableEntity).Has(".errsum", "原因")
	page.Send(claim, "answer", "refuse", "reason", "执照不在他手里").Is(http.StatusSeeOther)
	w.as("zhou").Get("/my/claims").Has(".main", "执照不在他手里")
	if len(w.actors["zhou"].Grants) != 1 || len(w.actors["gu"].Grants) != 2 {
		t.Error("the right to act did not stay with the first")
	}
}

func TestTwoEntriesOfOneEnterpriseAreMerged(t *testing.T) {
	w := newWorld(t)
	first := w.registers("gu", "射阳县鹤乡纺织有限公司", mill)
	second := w.registers("zhou", "射阳县鹤乡纺织有限责任公司", crane)
	at := "/bench/enterprises/" + string(second)
	page := w.as("wang").Get(at).Is(http.StatusOK)
	page.Send(at+"/merge", "reason", "同一家").Is(http.StatusUnprocessableEntity).Has(".errsum", "请选一条")
	page.Send(at+"/merge", "to", string(first), "reason", "同一家企业，执照换过号").Follow().Has(".flash", "已合并")
	w.as("wang").Get(at).Has(".notice", "已经合并到另一条")
	w.as("wang").Get(at).Send(at+"/separate", "reason", "查明是两家企业").Is(http.StatusSeeOther)
	if e := w.get(second); e.AliasOf != "" {
		t.Error("the merge was not undone")
	}
}

func TestTheOfficeEntersAnEnterpriseAtTheCounter(t *testing.T) {
	w := newWorld(t)
	page := w.as("wang").Get("/bench/enterprises/new").Is(http.StatusOK)
	page.One("select#region option[value=320924100]")
	if n := len(page.All("select#region optgroup")); n != 1 {
		t.Errorf("%d counties to choose from, want her own", n)
	}
	bad := page.Send("/bench/enterprises/new", "code", "91320900140132611X", "name", "射阳县鹤乡纺织有限公司").Is(http.StatusUnprocessableEntity)
	bad.Has("#code-e", "校验")
	bad.Has(".errsum", "所在乡镇")
	bad.Send("/bench/enterprises/new", "code", mill, "region", string(hede)).Follow().Has("h1", "射阳县鹤乡纺织有限公司")
	w.as("gu").Get("/bench/enterprises/new").Is(http.StatusForbidden)
}

func TestThePagesAreReadInEnglishToo(t *testing.T) {
	w := newWorld(t)
	id := w.registers("gu", "射阳县鹤乡纺织有限公司", mill)
	site := testkit.Visit(t, w.handler, "who", "wang", "lang", "en")
	for _, path := range []string{"/size", "/size?industry=2017%3AC17&employees=186&revenue=2460&on=2026-11-23", "/bench/enterprises", "/bench/enterprises/" + string(id), "/bench/enterprises/new", "/bench/claims"} {
		page := site.Get(path).Is(http.StatusOK)
		for _, mark := range []string{"⟦", "{n}", "{class}"} {
			page.Lacks("body", mark)
		}
		page.One("h1")
	}
	site.Get("/size?industry=2017%3AC17&employees=186&revenue=2460&on=2026-11-23").Has("h1", "a small enterprise")
}

// A claimant adds the licence to a claim; what is wrong with the words does not
// lose it, and the county opens it from the claim.
func TestALicenceIsAddedToAClaim(t *testing.T) {
	w := newWorld(t)
	_, err := w.Register(t.Context(), w.actors["gu"], enterprise.Registration{
		Profile: enterprise.Profile{Name: "射阳县鹤乡纺织有限公司", Region: "320924100"}, Codes: []string{"91320900140132611G"}, Own: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	gu := testkit.Visit(t, w.handler, "who", "gu")
	page := gu.Get("/my/claims").Is(200)
	form := testkit.Attr(page.One("form[enctype]"), "action")
	page = page.Send(form, "evidence", "", "files@营业执照.pdf", "%PDF-1.4 licence").Is(422)
	page.Has(".held", "营业执照.pdf")
	page = page.Send(form, "evidence", "执照照片，原件可以到中心看").Follow().Is(200)
	page.Has(".attached", "营业执照.pdf")
	at := testkit.Attr(page.One(".attached a"), "href")
	if got := gu.Get(at).Is(200); got.Body != "%PDF-1.4 licence" || !strings.HasPrefix(got.Header.Get("Content-Disposition"), "attachment") {
		t.Errorf("%q %v", got.Body, got.Header)
	}
	wang := testkit.Visit(t, w.handler, "who", "wang")
	claim := strings.Replace(form, "/my/", "/bench/", 1)
	wang.Get(claim).Is(200).Has(".attached", "营业执照.pdf")
	wang.Get(strings.Replace(at, "/my/", "/bench/", 1)).Is(200)
	testkit.Visit(t, w.handler, "who", "chen").Get(strings.Replace(at, "/my/", "/bench/", 1)).Is(404)
	testkit.Visit(t, w.handler, "who", "zhou").Get(at).Is(404)
	testkit.Visit(t, w.handler).Get(at).Is(303)
}
