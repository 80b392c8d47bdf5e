package institutionweb_test

import (
	"net/http"
	"strings"
	"testing"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/testkit"
)

const licence = "%PDF-1.4\nthe licence"

// The head of a guarantor brings its permit, with a program among it that is
// refused; the county opens it and takes it off. Nothing needs script.
func TestTheHeadBringsAPermitAndTheCountyOpensIt(t *testing.T) {
	w := newWorld(t)
	id := w.has("射阳县信用担保中心", sheyang, institution.Guarantor, true)
	w.works("li", id)
	w.actors["clerk"] = authz.Actor{Kind: authz.Human, ID: "clerk", Name: "clerk", Grants: []authz.Grant{{
		Role: authz.Role{Name: "clerk", Permissions: []authz.Permission{institution.See}}, Party: authz.Party{Kind: authz.Institution, ID: string(id)},
	}}}
	to, desk := "/my/institution/files?i="+string(id), "/bench/institutions/"+string(id)
	page := w.as("li").Get("/my/institution").Is(http.StatusOK)
	page.Has("section", "还没有资质文件")
	page.Send(to).Is(http.StatusUnprocessableEntity).Has("details[open] #files-e", "请填写这一项")
	page = page.Send(to, "files@setup.pdf", "MZ\x90\x00\x03\x00\x00\x00\x04\x00", "files@许可证.pdf", licence).Is(http.StatusUnprocessableEntity)
	page.Has(".errsum", "setup.pdf")
	page.Has("details[open] .held", "许可证.pdf")
	page = page.Send(to).Follow().Is(http.StatusOK)
	page.Has(".flash", "资质文件已保存")
	page.Has(".attached", "许可证.pdf")
	at := testkit.Attr(w.as("li").Get("/my/institution").One(".attached a"), "href")
	for _, who := range []string{"li", "clerk", "wang"} {
		if got := w.as(who).Get(at).Is(http.StatusOK); got.Body != licence || got.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s reads %q", who, got.Body)
		}
	}
	for _, who := range []string{"chen", "boss"} {
		w.as(who).Get(at).Is(http.StatusNotFound)
	}
	w.as("").Get(at).Is(http.StatusSeeOther)
	w.as("").Get("/institutions/"+string(id)).Is(http.StatusOK).Lacks("body", "许可证.pdf")
	if mine := w.as("clerk").Get("/my/institution").Is(http.StatusOK); len(mine.All(".attached a")) != 1 || len(mine.All("input[type=file]")) != 0 {
		t.Error("a clerk sees the permit, and is offered nothing that they may not do")
	}

	page = w.as("wang").Get(desk).Is(http.StatusOK)
	page.Has("section", "打开会留下记录")
	w.as("chen").Post(desk+"/files", map[string][]string{"version": {"9"}, "remove": {"x"}}).Is(http.StatusNotFound)
	page = page.Send("/files", "remove", at[strings.LastIndex(at, "/")+1:]).Follow().Is(http.StatusOK)
	page.Has("section", "还没有资质文件")
	w.as("li").Get(at).Is(http.StatusNotFound)
}

// Two bring documents at the same time: who comes second sees the first one's,
// and sends their own again without choosing it anew.
func TestWhoComesSecondKeepsWhatTheyChose(t *testing.T) {
	w := newWorld(t)
	id := w.has("射阳县信用担保中心", sheyang, institution.Guarantor, true)
	w.works("li", id)
	desk, own := w.as("wang").Get("/bench/institutions/"+string(id)), w.as("li").Get("/my/institution")
	for range 2 { // a press that comes twice
		own.Send("/my/institution/files?i="+string(id), "files@执照.pdf", licence).Is(http.StatusSeeOther)
	}
	desk = desk.Send("/files", "files@年检.pdf", licence+" checked").Is(http.StatusPreconditionFailed)
	desk.Has(".attached", "执照.pdf")
	desk.Has("details[open] .held", "年检.pdf")
	desk.Has("#files-e", "刚刚改过")
	desk = desk.Send("/files").Follow().Is(http.StatusOK)
	if got := len(desk.All(".attached a")); got != 2 {
		t.Errorf("%d documents", got)
	}
	// Gone back to, the page brings another document, or says that it does not.
	back := own.Send("/my/institution/files?i="+string(id), "files@章程.pdf", licence+" by-laws").Is(http.StatusPreconditionFailed)
	back.Send("/my/institution/files?i="+string(id)).Follow().Has(".attached", "章程.pdf")
	// Another of the page's forms does not touch them.
	desk.Send("/tier", "tier", "core").Is(http.StatusUnprocessableEntity).Has(".attached", "年检.pdf")
}
