package institutionweb_test

import (
	"log/slog"
	"net/http"
	"net/url"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/domain/institution/institutionweb"
	"qiban.dev/qiban/internal/domain/territory"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/testkit"
	"qiban.dev/qiban/internal/text"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/assets"
)

const (
	yancheng region.Code = "320900"
	sheyang  region.Code = "320924"
	jianhu   region.Code = "320925"
)

// world is a site with the pages of institutions and the people around it.
type world struct {
	*institution.Service
	t       *testing.T
	db      *db.DB
	handler http.Handler
	actors  map[string]authz.Actor
}

// Who knows people by the cookie "who".
func (w *world) Who(r *http.Request) (web.Who, error) {
	c, err := r.Cookie("who")
	if err != nil {
		return web.Who{}, nil //nolint:nilerr // nobody is signed in
	}
	return web.Who{Actor: w.actors[c.Value]}, nil
}

func newWorld(t *testing.T) *world {
	t.Helper()
	clock := func() time.Time { return time.Date(2009, 1, 6, 2, 0, 0, 0, time.UTC) }
	d, err := db.Open(t.Context(), testkit.Migrated(t), db.Options{Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	if err := d.Write(t.Context(), territory.Seed); err != nil {
		t.Fatal(err)
	}
	g := gate.New(d, "test")
	l, err := ledger.New(d, "test", institution.Measures())
	if err != nil {
		t.Fatal(err)
	}
	store, err := files.OpenStore(t.Context(), filepath.Join(t.TempDir(), "files"))
	if err != nil {
		t.Fatal(err)
	}
	papers := files.New(d, g, store, files.Limits{File: 1 << 20, PerRecord: 5, Owner: 8 << 20, Site: 64 << 20})
	w := &world{Service: institution.New(d, g, l, institution.Hooks{Files: papers}), t: t, db: d, actors: map[string]authz.Actor{
		"wang": official("王海燕", sheyang), "chen": official("陈静", jianhu), "boss": {Kind: authz.Human, ID: "boss", Name: "企业主"},
	}}
	kit, err := web.New(web.Config{
		Assets: assets.From(fstest.MapFS{}), Sessions: w, Uploads: testkit.Uploads(papers), Cookie: "who", Clock: clock,
		Menu: func(*http.Request, web.Who, text.Lang) web.Menu { return web.Menu{} },
		Log:  slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	kit.Routes(mux)
	(&institutionweb.Pages{Kit: kit, Institutions: w.Service, Places: territory.New(d, g), Home: yancheng}).Routes(mux)
	w.handler = kit.Wrap(mux)
	return w
}

func official(name string, at region.Code) authz.Actor {
	return authz.Actor{Kind: authz.Human, ID: name, Name: name, Grants: []authz.Grant{{
		Role: authz.Role{Name: "official", Permissions: institution.Permissions()}, Region: at,
	}}}
}

// works lets somebody act for an institution as its head.
func (w *world) works(who string, id institution.ID) {
	w.actors[who] = authz.Actor{Kind: authz.Human, ID: who, Name: who, Grants: []authz.Grant{{
		Role: authz.Role{Name: "head", Permissions: []authz.Permission{
			institution.See, institution.Edit, institution.SetOffering, institution.ReportTask,
		}},
		Party: authz.Party{Kind: authz.Institution, ID: string(id)},
	}}}
}

func (w *world) as(who string) *testkit.Site {
	if who == "" {
		return testkit.Visit(w.t, w.handler)
	}
	return testkit.Visit(w.t, w.handler, "who", who)
}

// has is an institution of a county that is on the register.
func (w *world) has(name string, at region.Code, kind institution.Kind, shown bool) institution.ID {
	w.t.Helper()
	by := official("seed", at)
	i, err := w.Register(w.t.Context(), by, institution.Profile{Name: name, Region: at, Kinds: []institution.Kind{kind}, Level: institution.CountyWide}, "")
	if err == nil && shown {
		i, err = w.Publish(w.t.Context(), by, i.ID, i.Version, true)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return i.ID
}

func (w *world) get(id institution.ID) institution.Detail {
	w.t.Helper()
	d, err := w.Get(w.t.Context(), authz.Unbounded("test"), id)
	if err != nil {
		w.t.Fatal(err)
	}
	return d
}

func TestAVisitorFindsOnlyWhatIsPublished(t *testing.T) {
	w := newWorld(t)
	w.as("").Get("/institutions").Is(http.StatusOK).Has(".empty h2", "还没有公布服务机构")

	shown := w.has("射阳县信用担保中心", sheyang, institution.Guarantor, true)
	hidden := w.has("射阳县某培训学校", sheyang, institution.TrainingBody, false)
	w.has("建湖县技术平台", jianhu, institution.TechnologyPlatform, true)
	page := w.as("").Get("/institutions").Is(http.StatusOK)
	page.Has("h2", "找到 2 家")
	page.Lacks("body", "某培训学校")
	w.as("").Get("/institutions/" + string(hidden)).Is(http.StatusNotFound)
	w.as("").Get("/institutions/"+string(shown)).Is(http.StatusOK).Has("h1", "射阳县信用担保中心")

	county := w.as("").Get("/institutions?place=320924")
	county.Has(".list b", "信用担保中心")
	county.Lacks(".list", "建湖县")
	w.as("").Get("/institutions?kind=bank").Has(".empty h2", "没有符合条件的机构")
}

func TestAnInstitutionIsFoundByWhatItDoes(t *testing.T) {
	w := newWorld(t)
	id := w.has("射阳县信用担保中心", sheyang, institution.Guarantor, true)
	w.works("li", id)
	form := w.as("li").Get("/my/institution/services").Is(http.StatusOK)
	bad := form.Send("/my/institution/services?i="+string(id), "title", "", "max_amount", "五百万").Is(http.StatusUnprocessableEntity)
	bad.Has(".errsum", "服务主题")
	bad.Has("#title-e", "")
	bad.Has("#max_amount-e", "500")
	bad.Send("/my/institution/services?i="+string(id), "title", "流动资金担保", "theme", "financing", "form", "expert_team", "max_amount", "500").Is(http.StatusSeeOther)

	page := w.as("").Get("/institutions?theme=financing&q=" + url.QueryEscape("流动资金")).Is(http.StatusOK)
	page.Has(".list b", "信用担保中心")
	detail := w.as("").Get("/institutions/" + string(id))
	detail.Has(".provider__service", "单笔上限 500 万元")
	detail.Has(".provider__service", "射阳县")
	if got := testkit.Attr(detail.One("aside a.btn"), "href"); got != "/needs/new?theme=financing" {
		t.Errorf("the way on leads to %s", got)
	}

	// Ended, it is on offer no more, but the institution still sees it.
	w.as("li").Get("/my/institution/services?service="+w.get(id).Offerings[0].ID).Is(http.StatusOK).
		Send("/my/institution/services?i="+string(id), "ended", "1").Is(http.StatusSeeOther)
	w.as("").Get("/institutions/"+string(id)).Lacks("body", "流动资金担保")
	w.as("li").Get("/my/institution").Has("tbody", "已停止")
}

func TestTheHeadOfOneInstitutionCannotReachAnother(t *testing.T) {
	w := newWorld(t)
	own := w.has("射阳县信用担保中心", sheyang, institution.Guarantor, true)
	other := w.has("射阳县纺织服务站", sheyang, institution.TechnologyPlatform, true)
	w.works("li", own)
	w.as("li").Get("/my/institution?i=" + string(other)).Is(http.StatusForbidden)
	w.as("li").Get("/bench/institutions/" + string(own)).Is(http.StatusForbidden)
	w.as("boss").Get("/my/institution").Is(http.StatusNotFound)
	w.as("").Get("/my/institution").Is(http.StatusSeeOther)
	w.as("chen").Get("/bench/institutions/" + string(own)).Is(http.StatusNotFound)
	w.as("chen").Get("/bench/institutions").Lacks("body", "射阳县信用担保中心")
}

func TestTheOfficeEntersPublishesAndRanksAnInstitution(t *testing.T) {
	w := newWorld(t)
	form := w.as("wang").Get("/bench/institutions/new").Is(http.StatusOK)
	bad := form.Send("/bench/institutions/new", "name", "", "website", "sy.gov.cn", "capital", "一亿多", "founded", "去年").Is(http.StatusUnprocessableEntity)
	for _, field := range []string{"name", "kinds", "region", "website", "capital", "founded"} {
		bad.One("#" + field + "-e")
	}
	if got := testkit.Attr(bad.One("input#website"), "value"); got != "sy.gov.cn" {
		t.Errorf("the website is lost: %q", got)
	}
	page := bad.Send("/bench/institutions/new", "name", "射阳县中小企业服务中心", "kinds", "service_centre", "region", "320924",
		"website", "https://sy.gov.cn", "capital", "", "founded", "2005-01-10").Follow()
	page.Has("h1", "射阳县中小企业服务中心")
	page.Send("/publish").Follow().Has(".flash", "已在门户公布")
	at := "/bench/institutions"
	detail := w.as("wang").Get(testkit.Attr(w.as("wang").Get(at).One("tbody th a"), "href"))
	detail.Send("/tier", "tier", "core").Is(http.StatusUnprocessableEntity).One("#from-e")
	detail.Send("/tier", "tier", "core", "from", "2009-01-01", "document", "盐政发〔2009〕1号").Follow().Has(".timeline li[aria-current=step]", "核心层")
	w.as("wang").Get(testkit.Attr(w.as("wang").Get(at).One("tbody th a"), "href")).
		Send("/task", "title", "百家企业免费诊断", "year", "2009").Follow().Has("tbody", "百家企业免费诊断")
	w.as("").Get("/institutions?tier=core").Has(".list .under", "核心层")
}

func TestATaskIsReportedByTheInstitution(t *testing.T) {
	w := newWorld(t)
	id := w.has("射阳县信用担保中心", sheyang, institution.Guarantor, true)
	w.works("li", id)
	if _, err := w.AssignTask(t.Context(), w.actors["wang"], id, w.get(id).Version, institution.Task{Year: 2009, Title: "担保进园区"}); err != nil {
		t.Fatal(err)
	}
	w.as("li").Get("/my/institution").Is(http.StatusOK).Send("/my/institution/tasks?i="+string(id), "status", "done", "note", "走了 12 个园区").Is(http.StatusSeeOther)
	if got := w.get(id).Tasks[0]; got.Status != institution.TaskDone || got.Note != "走了 12 个园区" {
		t.Errorf("reported %+v", got)
	}
}

func TestTwoWhoEditTheProfileSeeBothVersions(t *testing.T) {
	w := newWorld(t)
	id := w.has("射阳县信用担保中心", sheyang, institution.Guarantor, true)
	w.works("li", id)
	office, head := w.as("wang").Get("/bench/institutions/"+string(id)+"/edit"), w.as("li").Get("/my/institution/profile")
	office.Send("/edit", "address", "合德镇人民路 1 号").Is(http.StatusSeeOther)
	both := head.Send("/my/institution/profile?i="+string(id), "address", "合德镇解放路 2 号").Is(http.StatusPreconditionFailed)
	both.Has("tbody td", "合德镇人民路 1 号")
	both.Has("tbody td", "合德镇解放路 2 号")
	both.Send("/my/institution/profile?i=" + string(id)).Is(http.StatusSeeOther)
	if got := w.get(id).Address; got != "合德镇解放路 2 号" {
		t.Errorf("kept %s", got)
	}
}

func TestContactsAreShownOnlyWhenAskedForAndThatIsNoted(t *testing.T) {
	w := newWorld(t)
	id := w.has("射阳县信用担保中心", sheyang, institution.Guarantor, true)
	if _, err := w.SetContacts(t.Context(), w.actors["wang"], id, w.get(id).Version, []institution.Person{{Name: "李建", Phone: "0515-82311111"}}); err != nil {
		t.Fatal(err)
	}
	at := "/bench/institutions/" + string(id)
	for _, path := range []string{at, at + "/contacts", "/institutions/" + string(id)} {
		w.as("wang").Get(path).Is(http.StatusOK).Lacks("body", "82311111")
	}
	page := w.as("wang").Get(at + "/contacts").Send(at + "/contacts").Is(http.StatusOK)
	if got := testkit.Attr(page.One("input#phone1"), "value"); got != "0515-82311111" {
		t.Errorf("shown %q", got)
	}
	var noted int
	if err := w.db.Get(t.Context(), &noted, `SELECT COUNT(*) FROM audit_entry WHERE action = ?`, string(institution.SeeContacts)); err != nil || noted != 1 {
		t.Errorf("%d readings noted: %v", noted, err)
	}
	page.Send(at+"/contacts/set", "name2", "赵敏", "phone2", "0515-82322222").Is(http.StatusSeeOther)
}

func TestThePagesAreReadInEnglishToo(t *testing.T) {
	w := newWorld(t)
	id := w.has("射阳县信用担保中心", sheyang, institution.Guarantor, true)
	site := testkit.Visit(t, w.handler, "who", "wang", "lang", "en")
	for _, path := range []string{"/institutions", "/institutions/" + string(id), "/bench/institutions", "/bench/institutions/" + string(id), "/bench/institutions/new", "/bench/institutions/" + string(id) + "/services"} {
		page := site.Get(path).Is(http.StatusOK)
		page.One("h1")
		page.Lacks("body", "⟦")
		page.Lacks("body", "{")
	}
}
