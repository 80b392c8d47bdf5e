package engagementweb_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"qiban.dev/qiban/internal/testkit"
)

const plan = "%PDF-1.4\nthe plan"

// link is the address of the only document a page lists.
func link(page *testkit.HTML) string { return testkit.Attr(page.One(".attached a"), "href") }

// A mill posts a need with a plan, the county opens it, the guarantor attaches
// its report, and the next county finds neither. Nothing needs script.
func TestAPlanAndAReportOverHTTP(t *testing.T) {
	w := open(t)
	n := w.post()
	chen := w.as("chen")
	page := chen.Get("/needs/new?theme=financing").Is(200)
	page = page.Send("/needs/new", "title", "出口订单流动资金贷款担保", "text", "春节前采购棉花 180 吨，备足一季度外贸订单的原料。").Follow()
	page = page.Send("/needs/new", "amount", "300", "months", "6").Follow()
	page = page.Send("/needs/new", "as", string(w.mill), "contact_name", "陈国华", "contact_phone", "138 0000 0000").Follow()
	page = page.Send("/needs/post", "files@setup.pdf", "MZ\x90\x00\x03\x00\x00\x00\x04\x00").Is(422)
	page.Has(".errsum", "setup.pdf")
	page.Has(".field--bad", "不是可以上传的文件类型")
	page = page.Send("/needs/new", "go", "back", "files@采购计划.docx", plan).Follow() // back to the contact, and on again
	page = page.Send("/needs/new", "go", "next").Follow()
	page.Has(".held", "采购计划.pdf")
	page = page.Send("/needs/post", "contact_phone", "").Is(422) // another field is broken now
	page = page.Send("/needs/new", "contact_phone", "138 0000 0000").Follow()
	page.Has(".held", "采购计划.pdf")
	page = page.Send("/needs/post").Follow().Is(200)
	page.Has(".attached", "采购计划.pdf")
	page.Has(".attached", "PDF")
	at := link(page)
	got := chen.Get(at).Is(200)
	if got.Body != plan {
		t.Errorf("the mill reads %q", got.Body)
	}
	for name, want := range map[string]string{
		"Content-Type": "application/pdf", "X-Content-Type-Options": "nosniff", "Cache-Control": "private, no-store",
		"Content-Security-Policy": "sandbox; default-src 'none'",
	} {
		if got.Header.Get(name) != want {
			t.Errorf("%s: %q", name, got.Header.Get(name))
		}
	}
	if d := got.Header.Get("Content-Disposition"); !strings.HasPrefix(d, "attachment;") || !strings.HasSuffix(d, "filename*=UTF-8''%E9%87%87%E8%B4%AD%E8%AE%A1%E5%88%92.pdf") {
		t.Errorf("disposition %q", d)
	}
	w.as("wang").Get(at).Is(200)
	for _, who := range []string{"jianhu", "zhou", "guar", "mutual"} {
		w.as(who).Get(at).Is(http.StatusNotFound)
	}
	w.as("").Get(at).Is(http.StatusSeeOther)
	chen.Get("/needs/" + string(n.ID) + at[strings.Index(at, "/files/"):]).Is(http.StatusNotFound)
	chen.Get(at + "0").Is(http.StatusNotFound)

	w.report(t, strings.Split(at, "/")[2])
}

// report takes the need to its delivery with a report.
func (w *world) report(t *testing.T, id string) {
	t.Helper()
	wang, guar := w.as("wang"), w.as("guar")
	wang.Get("/bench/needs/" + id).Is(200).Send("/accept").Follow()
	wang.Get("/bench/needs/"+id).Is(200).Send("/offer", "institution", string(w.guarantor)).Follow()
	page := guar.Get("/my/offers/" + id).Is(200)
	if len(page.All(".attached")) > 0 {
		t.Error("an institution that is only asked sees documents")
	}
	page = page.Send("/accept").Follow().Is(200)
	page.Has(".attached", "采购计划.pdf")
	sheet := guar.Get("/my/offers/" + id + "/deliveries/record").Is(200)
	sheet = sheet.Send("/deliveries/record", "form", "expert_team", "text", "", "files@担保意见.pdf", plan+" answered").Is(422)
	sheet.Has(".held", "担保意见.pdf")
	page = sheet.Send("/deliveries/record", "text", "担保贷款 300 万元，期限 6 个月").Follow().Is(200)
	page.Has(".delivery .attached", "担保意见.pdf")
	mine := w.as("chen").Get("/my/needs/" + id).Is(200)
	mine.Has(".delivery .attached", "担保意见.pdf")
	at := testkit.Attr(mine.One(".delivery .attached a"), "href")
	w.as("chen").Get(at).Is(200)
	w.as("jianhu").Get(at).Is(http.StatusNotFound)

	// The institution replaces it: the old one is gone, for everybody.
	correct := testkit.Attr(page.One(".delivery a[href$=/correct]"), "href")
	form := guar.Get(correct).Is(200)
	form.Has(".fieldset", "担保意见.pdf")
	page = form.Send("/correct", "keep", "", "reason", "盖章页漏了", "files@担保意见（盖章）.pdf", plan+" sealed").Follow().Is(200)
	page.Has(".delivery .attached", "担保意见（盖章）.pdf")
	if len(page.All(".delivery .attached a")) != 1 {
		t.Error("the replaced report is still there")
	}
	w.as("chen").Get(at).Is(http.StatusNotFound)
}

// Who is not signed in chooses documents after signing in: the form comes back
// as it was.
func TestAGuestAddsDocumentsAfterSigningIn(t *testing.T) {
	w := open(t)
	guest := w.as("")
	page := guest.Get("/needs/new?theme=markets").Is(200)
	page = page.Send("/needs/new", "title", "参加广交会的展位", "text", "想带样品参加春季广交会，不知道怎么报名。").Follow()
	page = page.Send("/needs/new").Follow()
	page = page.Send("/needs/new", "as", "self", "region", string(hede), "contact_name", "周素兰", "contact_phone", "138 0000 0001").Follow()
	if len(page.All("input[type=file]")) > 0 {
		t.Error("a guest is offered what nobody would keep")
	}
	to := page.Send("/needs/post").Is(http.StatusSeeOther).Location
	back := to[strings.Index(to, "back=")+5:]
	zhou := w.as("zhou")
	page = zhou.Get(unescape(t, back)).Is(200)
	page.Has("dd", "参加广交会的展位")
	page = page.Send("/needs/post", "files@样品照片.png", "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR").Follow().Is(200)
	page.Has(".attached", "样品照片.png")
}

func unescape(t *testing.T, s string) string {
	t.Helper()
	out, err := url.QueryUnescape(s)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
