package api_test

import (
	"net/http"
	"slices"
	"testing"

	"qiban.dev/qiban/internal/app"
	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/account"
	"qiban.dev/qiban/internal/testkit/apitest"
)

const seePlatform, workPlatform = "platform:read", "platform:write"

// lab is a published platform with a service and an instrument.
type lab struct {
	*world
	path, institution, service, instrument string
	centre, head, none                     *apitest.Client
}

type platformRead struct {
	ID, Level             string
	Published             bool
	Services, Instruments []struct{ ID string }
	Founders              []struct{ Name string }
	Levels                []struct{ Level string }
	Standing              struct{ Works, Rated, Score int64 }
}

func (w *world) lab() *lab {
	w.t.Helper()
	l := &lab{world: w}
	l.institution = w.key(w.staff, lookAt, keep).Post("/institutions", guarantor("name", "射阳县纺织研究所", "kinds", []string{"technology_platform"})).Is(http.StatusCreated).ID()
	l.centre, l.none = w.key(w.staff, seePlatform, workPlatform), w.key(w.neighbour, seePlatform, workPlatform)
	l.head = w.key(w.person("沈芳", account.Grant{Role: app.RoleInstitution, Party: authz.Party{Kind: authz.Institution, ID: l.institution}}), seePlatform, workPlatform, "file:write")
	at := l.centre.Post("/platforms", l.platform("founders", []map[string]any{{"kind": "university", "name": "盐城工学院", "what": "technology"}})).Is(http.StatusCreated)
	l.path = "/platforms/" + at.ID()
	at = l.head.With("If-Match", at.ETag()).Post(l.path+"/services", map[string]any{"kind": "professional", "name": "纤维检测", "price": 20_000, "unit": "样", "free_share": 20}).Is(http.StatusOK)
	at = l.head.With("If-Match", at.ETag()).Post(l.path+"/instruments", map[string]any{"name": "强力仪", "model": "YG061", "price": 10_000, "opens": "08:00", "closes": "18:00", "weekends": true}).Is(http.StatusOK)
	at = l.centre.With("If-Match", at.ETag()).Post(l.path+"/publish", nil).Is(http.StatusOK)
	var p platformRead
	if at.Into(&p); !p.Published || len(p.Services) != 1 || len(p.Instruments) != 1 || len(p.Founders) != 1 {
		w.t.Fatalf("the platform is %+v", p)
	}
	l.service, l.instrument = p.Services[0].ID, p.Instruments[0].ID
	return l
}

func (l *lab) platform(more ...any) map[string]any {
	return with(map[string]any{
		"name": "射阳县纺织技术平台", "kind": "common", "institution": l.institution, "functions": []string{"testing"}, "industry": "纺织",
		"region": string(county), "founded": "2020-01-01",
	}, more...)
}

// tomorrow is a booking of the instrument.
func (l *lab) tomorrow(from, to string) map[string]any {
	return map[string]any{"day": l.day(1), "from": from, "to": to}
}

func (l *lab) order(enterprise string, slot map[string]any) map[string]any {
	return map[string]any{
		"platform": l.path[len("/platforms/"):], "enterprise": enterprise, "service": l.service, "title": "检测一批棉纱", "text": "断裂强力和伸长",
		"instrument": l.instrument, "slot": slot,
	}
}

type ordered struct {
	ID, State, DeliveredOn string
	Score                  int
	Files                  []struct{ ID string }
	Can                    []string
}

// An instrument is booked, the report delivered and rated.
func TestProgramsOrderATestAndDeliverItsReport(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		l := w.lab()
		own, enterprise := w.owned(41, seePlatform, workPlatform)
		var free struct {
			Days []struct{ Free, Taken []struct{ From string } }
		}
		w.Get("/published" + l.path + "/instruments/" + l.instrument + "?days=3").Is(http.StatusOK).Into(&free)
		if len(free.Days) != 3 || len(free.Days[1].Free) == 0 || len(free.Days[1].Taken) != 0 {
			t.Fatalf("free are %+v", free)
		}
		bad := own.Unwisely().Post("/platform-orders", l.order(enterprise, map[string]any{"day": "2020-01-01", "from": "09:00", "to": "10:00"})).Is(http.StatusUnprocessableEntity).Problem()
		if len(bad.Errors) != 1 || bad.Errors[0].Pointer != "/slot/day" {
			t.Errorf("a booking in the past is told as %+v", bad.Errors)
		}
		for _, service := range []string{"none", "", l.instrument} {
			wrong := l.order(enterprise, l.tomorrow("09:00", "10:00"))
			wrong["service"] = service
			if at := own.Unwisely().Post("/platform-orders", wrong).Is(http.StatusUnprocessableEntity).Pointers(); !slices.Equal(at, []string{"/service"}) {
				t.Errorf("an order of service %q is broken at %v", service, at)
			}
			wrong["slot"] = map[string]any{"day": "2020-01-01", "from": "09:00", "to": "10:00"}
			if at := own.Unwisely().Post("/platform-orders", wrong).Is(http.StatusUnprocessableEntity).Pointers(); !slices.Equal(at, []string{"/service", "/slot/day"}) {
				t.Errorf("an order of service %q in the past is broken at %v", service, at)
			}
		}
		l.none.Post("/platform-orders", l.order(enterprise, l.tomorrow("09:00", "10:00"))).Is(http.StatusNotFound)
		at := own.With("Idempotency-Key", "one").Post("/platform-orders", l.order(enterprise, l.tomorrow("09:00", "10:00"))).Is(http.StatusCreated)
		if again := own.With("Idempotency-Key", "one").Post("/platform-orders", l.order(enterprise, l.tomorrow("09:00", "10:00"))).Is(http.StatusCreated); again.ID() != at.ID() {
			t.Errorf("sent twice it is %s and %s", at.ID(), again.ID())
		}
		own.Post("/platform-orders", l.order(enterprise, l.tomorrow("09:30", "10:30"))).Is(http.StatusConflict) // it is taken
		path := "/platform-orders/" + at.ID()
		l.none.Get(path).Is(http.StatusNotFound)
		at = own.With("If-Match", at.ETag()).Post(path+"/rebook", l.tomorrow("14:00", "15:00")).Is(http.StatusOK)
		own.With("If-Match", at.ETag()).Post(path+"/accept", nil).Is(http.StatusForbidden)
		at = l.head.With("If-Match", at.ETag()).Post(path+"/accept", nil).Is(http.StatusOK)
		var held struct{ Items []struct{ ID, Order string } }
		if l.head.Get(l.path + "/bookings").Is(http.StatusOK).Into(&held); len(held.Items) != 1 || held.Items[0].Order != at.ID() {
			t.Errorf("the instrument is held by %+v", held)
		}
		l.none.Get(l.path + "/bookings").Is(http.StatusNotFound)
		early := map[string]any{"on": w.day(0), "report": "各项合格", "fee": 20_000}
		l.head.With("If-Match", at.ETag()).Post(path+"/deliver", early).Is(http.StatusUnprocessableEntity) // before the day that is booked
		l.today(path)
		var upload struct{ Token string }
		l.head.Post("/uploads?name=report.pdf", []byte("%PDF-1.4 report")).Is(http.StatusCreated).Into(&upload)
		at = l.head.With("If-Match", at.ETag()).Post(path+"/deliver", with(early, "files", []string{upload.Token})).Is(http.StatusOK)
		at = own.With("If-Match", at.ETag()).Post(path+"/dispute", map[string]any{"reason": "少了一项伸长"}).Is(http.StatusOK)
		delete(early, "files")
		at = l.head.With("If-Match", at.ETag()).Post(path+"/deliver", early).Is(http.StatusOK)
		at = own.With("If-Match", at.ETag()).Post(path+"/confirm", nil).Is(http.StatusOK)
		at = own.With("If-Match", at.ETag()).Post(path+"/rate", map[string]any{"score": 5, "on_time": true, "words": "快"}).Is(http.StatusOK)
		var o ordered
		if at.Into(&o); o.State != "rated" || o.Score != 5 || len(o.Files) != 1 {
			t.Fatalf("rated it is %+v", o)
		}
		own.Get(path + "/files/" + o.Files[0].ID).Is(http.StatusOK)
		l.none.Get(path + "/files/" + o.Files[0].ID).Is(http.StatusNotFound)
		var p platformRead
		if w.Get("/published" + l.path).Is(http.StatusOK).Into(&p); p.Standing.Works != 1 || p.Standing.Score != 5 {
			t.Errorf("its standing is %+v", p.Standing)
		}
		for do, by := range map[string]*apitest.Client{"refuse": l.head, "withdraw": own} {
			at = own.Post("/platform-orders", l.order(enterprise, l.tomorrow("16:00", "17:00"))).Is(http.StatusCreated)
			by.With("If-Match", at.ETag()).Post("/platform-orders/"+at.ID()+"/"+do, map[string]any{"reason": "仪器要检修"}).Is(http.StatusOK)
		}
		var list struct{ Total int }
		if own.Get("/platform-orders?total=true").Is(http.StatusOK).Into(&list); list.Total != 3 {
			t.Errorf("the enterprise has %d orders", list.Total)
		}
	})
}

// today lets the booked day come.
func (l *lab) today(path string) {
	l.t.Helper()
	l.shift(l.t, `UPDATE techplatform_order SET day = '`+l.day(0)+`' WHERE id = '`+path[len("/platform-orders/"):]+`'`)
}

// What is kept of a platform: profile, founders, level, times it holds itself,
// work without an order; and of a base.
func TestAProgramKeepsAPlatformAndABase(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		l := w.lab()
		_, enterprise := w.owned(42, seePlatform)
		at := l.centre.Get(l.path).Is(http.StatusOK)
		l.none.With("If-Match", at.ETag()).Put(l.path, l.platform()).Is(http.StatusNotFound)
		l.centre.Unwisely().Put(l.path, l.platform()).Is(http.StatusPreconditionRequired)
		old := at.ETag()
		at = l.centre.With("If-Match", old).Put(l.path, l.platform("about", "检测和培训")).Is(http.StatusOK)
		l.centre.With("If-Match", old).Put(l.path, l.platform()).Is(http.StatusPreconditionFailed)
		broken := l.centre.Unwisely().Post("/platforms", l.platform("name", "", "kind", "x", "functions", []string{"y"}, "founded", "去年")).Is(http.StatusUnprocessableEntity).Broken()
		for _, name := range []string{"founded", "functions", "kind", "name"} {
			if !slices.Contains(broken, name) {
				t.Errorf("a platform is broken at %v, not at %s", broken, name)
			}
		}
		founders := map[string]any{"founders": []map[string]any{{"kind": "enterprise", "name": "鹤乡纺织", "what": "equipment"}, {"kind": "x", "name": "", "what": "equipment", "amount": -1}}}
		pointers := l.centre.Unwisely().With("If-Match", at.ETag()).Put(l.path+"/founders", founders).Is(http.StatusUnprocessableEntity).Pointers()
		pointers = append(pointers, l.centre.Unwisely().Post("/platforms", l.platform("founders", founders["founders"])).Is(http.StatusUnprocessableEntity).Pointers()...)
		if want := []string{"/founders/1/name", "/founders/1/kind", "/founders/1/amount"}; !slices.Equal(pointers, append(want, want...)) {
			t.Errorf("founders are broken at %v, want %v twice", pointers, want)
		}
		at = l.centre.With("If-Match", at.ETag()).Put(l.path+"/founders", map[string]any{"founders": []map[string]any{{"kind": "enterprise", "name": "鹤乡纺织", "what": "equipment", "amount": 5_000_00}}}).Is(http.StatusOK)
		at = l.head.With("If-Match", at.ETag()).Put(l.path+"/services/"+l.service, map[string]any{"kind": "professional", "name": "纤维检测", "price": 15_000, "unit": "样"}).Is(http.StatusOK)
		l.head.With("If-Match", at.ETag()).Put(l.path+"/services/none", map[string]any{"kind": "professional", "name": "纤维检测", "unit": "样"}).Is(http.StatusNotFound)
		at = l.head.With("If-Match", at.ETag()).Put(l.path+"/instruments/"+l.instrument, map[string]any{"name": "强力仪", "opens": "09:00", "closes": "17:00", "weekends": true}).Is(http.StatusOK)
		level := map[string]any{"level": "city", "from": "2026-01-01", "document": "盐科〔2026〕1 号"}
		l.centre.With("If-Match", at.ETag()).Post(l.path+"/level", level).Is(http.StatusForbidden)
		city := w.key(w.person("市局", account.Grant{Role: app.RoleOfficial, Region: "320900"}), seePlatform, workPlatform)
		at = city.With("If-Match", at.ETag()).Post(l.path+"/level", level).Is(http.StatusOK)
		var p platformRead
		if at.Into(&p); p.Level != "city" || p.Founders[0].Name != "鹤乡纺织" {
			t.Errorf("at its level it is %+v", p)
		}
		at = l.head.With("If-Match", at.ETag()).Post(l.path+"/bookings", with(l.tomorrow("09:00", "12:00"), "instrument", l.instrument, "note", "检修")).Is(http.StatusOK)
		var held struct{ Items []struct{ ID string } }
		l.head.Get(l.path + "/bookings").Is(http.StatusOK).Into(&held)
		at = l.head.With("If-Match", at.ETag()).Post(l.path+"/bookings/"+held.Items[0].ID+"/release", nil).Is(http.StatusOK)

		work := map[string]any{"platform": p.ID, "kind": "comprehensive", "on": l.day(0), "title": "集中培训检验员", "enterprises": []string{enterprise}}
		l.none.Post("/platform-works", work).Is(http.StatusNotFound)
		done := l.head.Post("/platform-works", work).Is(http.StatusCreated)
		var list struct{ Items []struct{ Title string } }
		if l.centre.Get("/platform-works?platform=" + p.ID).Is(http.StatusOK).Into(&list); len(list.Items) != 1 {
			t.Errorf("it did %+v", list.Items)
		}
		done = waitingWork(t, l, work, done)
		l.head.With("If-Match", done.ETag()).Post("/platform-works/"+done.ID()+"/withdraw", map[string]any{"reason": "录错了"}).Is(http.StatusOK)
		if l.centre.Get("/platform-works?state=counted&platform=" + p.ID).Is(http.StatusOK).Into(&list); len(list.Items) != 0 {
			t.Errorf("what was withdrawn is listed: %+v", list.Items)
		}

		base := map[string]any{"name": "射阳县纺织产业基地", "region": string(county), "industry": "纺织", "since": "2020-01-01"}
		l.none.Post("/industry-bases", base).Is(http.StatusForbidden)
		b := l.centre.Post("/industry-bases", base).Is(http.StatusCreated)
		path := "/industry-bases/" + b.ID()
		b = l.centre.With("If-Match", b.ETag()).Post(path+"/platforms", map[string]any{"platform": p.ID, "functions": []string{"testing", "skills"}, "since": "2021-01-01"}).Is(http.StatusOK)
		l.centre.With("If-Match", b.ETag()).Put(path, with(base, "about", "年产纱十万吨")).Is(http.StatusOK)
		var open struct {
			Links []struct{ Functions []string }
		}
		if w.Get(path).Is(http.StatusOK).Into(&open); len(open.Links) != 1 || len(open.Links[0].Functions) != 2 {
			t.Errorf("anybody reads %+v", open)
		}
		at = l.centre.With("If-Match", at.ETag()).Post(l.path+"/hide", nil).Is(http.StatusOK)
		w.Get("/published" + l.path).Is(http.StatusNotFound)
		l.centre.With("If-Match", at.ETag()).Post(l.path+"/end", map[string]any{"day": "2026-03-01", "reason": "并入市平台"}).Is(http.StatusOK)
	})
}

// A program posts a technology need, two offices review it, a program of the
// institute answers, and the two come to terms.
func TestProgramsMatchTechnologyNeedsAndOffers(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		l := w.lab()
		own, enterprise := w.owned(43, seePlatform, workPlatform)
		city := w.key(w.person("市局", account.Grant{Role: app.RoleOfficial, Region: "320900"}), seePlatform, workPlatform)
		need := func(more ...any) map[string]any {
			return with(map[string]any{
				"party": map[string]any{"kind": "enterprise", "id": enterprise}, "side": "need", "title": "细纱机断头自动检测",
				"text": "断头全靠人工巡回发现，希望自动检测断头并报警。", "industry": "C17", "amount": 30_000_000, "contact": "王工 0515-82330000",
			}, more...)
		}
		offer := need("party", map[string]any{"kind": "institution", "id": l.institution}, "side", "offer", "title", "细纱机断头检测装置", "text", "用光电传感器检测断头，可以转让或合作生产。")
		broken := own.Unwisely().Post("/technology-notices", need("title", "短", "industry", "99")).Is(http.StatusUnprocessableEntity).Broken()
		if !slices.Equal(broken, []string{"title", "industry"}) {
			t.Errorf("it is broken at %v", broken)
		}
		l.none.Post("/technology-notices", need()).Is(http.StatusNotFound)
		at := own.Post("/technology-notices", need()).Is(http.StatusCreated)
		path := "/technology-notices/" + at.ID()
		w.Get("/published/technology/" + at.ID()).Is(http.StatusNotFound)
		l.none.Get(path).Is(http.StatusNotFound)
		var waiting struct{ Items []struct{ ID string } }
		if l.centre.Get("/technology-notices?waiting=true").Is(http.StatusOK).Into(&waiting); len(waiting.Items) != 1 {
			t.Errorf("%d wait for the county", len(waiting.Items))
		}
		at = l.centre.With("If-Match", at.ETag()).Post(path+"/return", map[string]any{"reason": "指标没有写"}).Is(http.StatusOK)
		revised := need()
		delete(revised, "party")
		delete(revised, "side")
		at = own.With("If-Match", at.ETag()).Put(path, revised).Is(http.StatusOK)
		old := at.ETag()
		at = l.centre.With("If-Match", old).Post(path+"/check", nil).Is(http.StatusOK)
		city.With("If-Match", old).Post(path+"/publish", nil).Is(http.StatusPreconditionFailed)
		l.centre.With("If-Match", at.ETag()).Post(path+"/publish", nil).Is(http.StatusForbidden)
		at = city.With("If-Match", at.ETag()).Post(path+"/publish", nil).Is(http.StatusOK)
		given := l.head.Post("/technology-notices", offer).Is(http.StatusCreated)
		other := "/technology-notices/" + given.ID()
		given = l.centre.With("If-Match", given.ETag()).Post(other+"/check", nil).Is(http.StatusOK)
		city.With("If-Match", given.ETag()).Post(other+"/publish", nil).Is(http.StatusOK)

		var seen struct {
			Contact string
			Matches []struct {
				ID    string
				Rank  int
				Words []string
			}
		}
		if w.Get("/published/technology/" + at.ID()).Is(http.StatusOK).Into(&seen); len(seen.Matches) != 1 || seen.Matches[0].ID != given.ID() || len(seen.Matches[0].Words) == 0 || seen.Contact != "" {
			t.Errorf("a visitor sees %+v", seen)
		}
		if w.Get("/published/technology?side=offer&industry=C17").Is(http.StatusOK).Into(&waiting); len(waiting.Items) != 1 {
			t.Errorf("%d offers are published", len(waiting.Items))
		}
		answer := map[string]any{"notice": at.ID(), "party": map[string]any{"kind": "institution", "id": l.institution}, "words": "可以到厂里改装", "contact": "刘工 0515-88160000"}
		own.Post("/introductions", answer).Is(http.StatusNotFound) // it does not speak for the institute
		intro := l.head.Post("/introductions", answer).Is(http.StatusCreated)
		l.head.Post("/introductions", answer).Is(http.StatusConflict)
		to := "/introductions/" + intro.ID()
		l.none.Get(to).Is(http.StatusNotFound)
		agreed := map[string]any{"on": w.day(0), "amount": 18_000_000}
		l.centre.With("If-Match", intro.ETag()).Post(to+"/agree", agreed).Is(http.StatusForbidden)
		intro = own.With("If-Match", intro.ETag()).Post(to+"/agree", agreed).Is(http.StatusOK)
		intro = l.head.With("If-Match", intro.ETag()).Post(to+"/undo", map[string]any{"reason": "合同还没有签"}).Is(http.StatusOK)
		l.head.With("If-Match", intro.ETag()).Post(to+"/end", map[string]any{"reason": "价格谈不拢"}).Is(http.StatusOK)
		var end struct {
			State string
			Ask   string `json:"owner_contact"`
		}
		if own.Get(to).Is(http.StatusOK).Into(&end); end.State != "ended" || end.Ask == "" {
			t.Errorf("it ends as %+v", end)
		}
		if own.Get("/introductions?notice=" + at.ID()).Is(http.StatusOK).Into(&waiting); len(waiting.Items) != 1 {
			t.Errorf("the enterprise has %d introductions", len(waiting.Items))
		}
		own.With("If-Match", at.ETag()).Post(path+"/withdraw", nil).Is(http.StatusOK)
		w.Get("/published/technology/" + at.ID()).Is(http.StatusNotFound)
	})
}

// A program enters a patent and what it earned; anybody finds the patent, what
// it earned stays with its holder and the offices.
func TestAProgramKeepsPatents(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		l := w.lab()
		own, enterprise := w.owned(44, seePlatform, workPlatform)
		patent := func(more ...any) map[string]any {
			return with(map[string]any{"enterprise": enterprise, "number": "ZL 200820123456.7", "title": "一种细纱机的断头检测装置", "applied": "2008-03-05", "granted": "2008-12-17"}, more...)
		}
		broken := own.Unwisely().Post("/patents", patent("number", "200820123456.8", "title", "")).Is(http.StatusUnprocessableEntity).Broken()
		if !slices.Equal(broken, []string{"number", "title"}) {
			t.Errorf("it is broken at %v", broken)
		}
		l.none.Post("/patents", patent()).Is(http.StatusNotFound)
		at := own.Post("/patents", patent()).Is(http.StatusCreated)
		own.Post("/patents", patent()).Is(http.StatusUnprocessableEntity) // it is on file
		path := "/patents/" + at.ID()
		use := map[string]any{"year": 2009, "way": "own", "what": "检测装置", "revenue": 1_200_000_00}
		at = own.With("If-Match", at.ETag()).Post(path+"/uses", use).Is(http.StatusOK)
		own.With("If-Match", at.ETag()).Post(path+"/uses", with(use, "year", 1999, "revenue", -1)).Is(http.StatusUnprocessableEntity)
		var p struct {
			Number, Kind, Status string
			Uses                 []struct {
				ID      string
				Revenue int64
			}
		}
		if l.centre.Get(path).Is(http.StatusOK).Into(&p); len(p.Uses) != 1 || p.Uses[0].Revenue != 1_200_000_00 || p.Kind != "utility" || p.Status != "lapsed" {
			t.Errorf("the office sees %+v", p)
		}
		l.none.Get(path).Is(http.StatusNotFound)
		w.Get("/published" + path).Is(http.StatusOK)
		unedited := patent("title", "断头检测装置")
		delete(unedited, "enterprise")
		old := at.ETag()
		at = l.centre.With("If-Match", old).Put(path, unedited).Is(http.StatusOK)
		own.With("If-Match", old).Put(path, unedited).Is(http.StatusPreconditionFailed)
		own.With("If-Match", at.ETag()).Post(path+"/uses/"+p.Uses[0].ID+"/drop", nil).Is(http.StatusOK)
		var list struct{ Items []struct{ Title string } }
		for query, want := range map[string]int{"?text=断头检测": 1, "?status=valid": 0, "?enterprise=" + enterprise: 1, "?kind=design": 0} {
			if w.Get("/published/patents" + query).Is(http.StatusOK).Into(&list); len(list.Items) != want {
				t.Errorf("%s finds %+v", query, list.Items)
			}
		}
		if l.none.Get("/patents").Is(http.StatusOK).Into(&list); len(list.Items) != 0 {
			t.Errorf("another county's office has %+v", list.Items)
		}
		if own.Get("/patents").Is(http.StatusOK).Into(&list); len(list.Items) != 1 || list.Items[0].Title != "断头检测装置" {
			t.Errorf("its own are %+v", list.Items)
		}
	})
}

// A program of an enterprise applies for a new product; county and city pass it,
// the city enters the province's answer, and everybody finds the product.
func TestProgramsTakeANewProductToTheProvince(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		l := w.lab()
		own, enterprise := w.owned(45, seePlatform, workPlatform, "file:write")
		city := w.key(w.person("市局", account.Grant{Role: app.RoleOfficial, Region: "320900"}), seePlatform, workPlatform)
		paper := func() []string {
			var upload struct{ Token string }
			own.Post("/uploads?name=report.pdf", []byte("%PDF-1.4 report")).Is(http.StatusCreated).Into(&upload)
			return []string{upload.Token}
		}
		application := func(more ...any) map[string]any {
			return with(map[string]any{"enterprise": enterprise, "name": "断头自停细纱机", "industry": "C17", "about": "逐锭检测断头并自停，用工减少四成，已有三家纺织厂使用。", "files": []string{}}, more...)
		}
		broken := own.Unwisely().Post("/new-products", application("name", "", "patents", []string{"123"})).Is(http.StatusUnprocessableEntity).Broken()
		if !slices.Equal(broken, []string{"name", "patents", "files"}) {
			t.Errorf("it is broken at %v", broken)
		}
		l.none.Post("/new-products", application()).Is(http.StatusNotFound)
		at := own.Post("/new-products", application("files", paper())).Is(http.StatusCreated)
		path := "/new-products/" + at.ID()
		l.none.Get(path).Is(http.StatusNotFound)
		at = l.centre.With("If-Match", at.ETag()).Post(path+"/return", map[string]any{"reason": "缺检测报告"}).Is(http.StatusOK)
		revised := application("files", paper())
		delete(revised, "enterprise")
		at = own.With("If-Match", at.ETag()).Put(path, revised).Is(http.StatusOK)
		old := at.ETag()
		at = l.centre.With("If-Match", old).Post(path+"/check", nil).Is(http.StatusOK)
		city.With("If-Match", old).Post(path+"/forward", nil).Is(http.StatusPreconditionFailed)
		l.centre.With("If-Match", at.ETag()).Post(path+"/forward", nil).Is(http.StatusForbidden)
		at = city.With("If-Match", at.ETag()).Post(path+"/forward", nil).Is(http.StatusOK)
		at = city.With("If-Match", at.ETag()).Post(path+"/refuse", map[string]any{"reason": "和现有产品相同"}).Is(http.StatusOK)
		at = city.With("If-Match", at.ETag()).Post(path+"/reopen", map[string]any{"reason": "录错了"}).Is(http.StatusOK)
		w.Get("/published/products/" + at.ID()).Is(http.StatusNotFound)

		l.centre.Put("/product-grades", map[string]any{"name": "填补空白", "english": "First of its kind", "position": 5}).Is(http.StatusForbidden)
		city.Put("/product-grades", map[string]any{"name": "填补空白", "english": "First of its kind", "position": 5}).Is(http.StatusNoContent)
		var grades struct{ Items []struct{ ID, Name string } }
		if w.Get("/product-grades").Is(http.StatusOK).Into(&grades); len(grades.Items) != 5 || grades.Items[0].Name != "填补空白" {
			t.Fatalf("the answers are %+v", grades.Items)
		}
		answer := map[string]any{"grade": grades.Items[0].ID, "certificate": "苏鉴字〔2026〕1 号", "on": w.day(0)}
		city.With("If-Match", at.ETag()).Post(path+"/confirm", with(answer, "grade", "none", "on", w.day(1))).Is(http.StatusUnprocessableEntity)
		answer["grade"], answer["on"] = grades.Items[0].ID, w.day(0)
		city.With("If-Match", at.ETag()).Post(path+"/confirm", answer).Is(http.StatusOK)
		var seen struct {
			State     string
			GradeName string `json:"grade_name"`
			Files     []struct{ ID string }
		}
		if w.Get("/published/products/" + at.ID()).Is(http.StatusOK).Into(&seen); seen.State != "confirmed" || seen.GradeName != "填补空白" {
			t.Errorf("a visitor sees %+v", seen)
		}
		own.Get(path).Is(http.StatusOK).Into(&seen)
		if len(seen.Files) != 2 {
			t.Fatalf("it has %d papers", len(seen.Files))
		}
		l.centre.Get(path + "/files/" + seen.Files[0].ID).Is(http.StatusOK)
		l.none.Get(path + "/files/" + seen.Files[0].ID).Is(http.StatusNotFound)
		var list struct{ Items []struct{ Name string } }
		for query, want := range map[string]int{"/published/products?industry=C17": 1, "/published/products?text=自停": 1, "/published/products?grade=world-advanced": 0} {
			if w.Get(query).Is(http.StatusOK).Into(&list); len(list.Items) != want {
				t.Errorf("%s finds %+v", query, list.Items)
			}
		}
		at = own.Post("/new-products", application("files", paper())).Is(http.StatusCreated)
		if l.centre.Get("/new-products?waiting=true").Is(http.StatusOK).Into(&list); len(list.Items) != 1 {
			t.Errorf("%d wait for the county", len(list.Items))
		}
		own.With("If-Match", at.ETag()).Post("/new-products/"+at.ID()+"/withdraw", nil).Is(http.StatusOK)
	})
}

// waitingWork is what the platform recorded once the centre has confirmed it; what
// the centre returns of it stays out.
func waitingWork(t *testing.T, l *lab, work map[string]any, said *apitest.Answer) *apitest.Answer {
	t.Helper()
	var at struct{ State, Returned string }
	if said.Into(&at); at.State != "waiting" {
		t.Errorf("what the platform says is %+v", at)
	}
	path := "/platform-works/" + said.ID()
	l.head.With("If-Match", said.ETag()).Post(path+"/confirm", nil).Is(http.StatusForbidden)
	l.centre.With("If-Match", `"7"`).Post(path+"/confirm", nil).Is(http.StatusPreconditionFailed)
	done := l.centre.With("If-Match", said.ETag()).Post(path+"/confirm", nil).Is(http.StatusOK)
	if done.Into(&at); at.State != "counted" {
		t.Errorf("confirmed: %+v", at)
	}
	l.centre.With("If-Match", done.ETag()).Post(path+"/confirm", nil).Is(http.StatusConflict)
	other := l.head.Post("/platform-works", with(work, "title", "检测棉纱")).Is(http.StatusCreated)
	path = "/platform-works/" + other.ID()
	l.centre.Unwisely().With("If-Match", other.ETag()).Post(path+"/return", map[string]any{"reason": "不"}).Is(http.StatusUnprocessableEntity)
	back := l.centre.With("If-Match", other.ETag()).Post(path+"/return", map[string]any{"reason": "缺检测报告"}).Is(http.StatusOK)
	if back.Into(&at); at.State != "returned" || at.Returned != "缺检测报告" {
		t.Errorf("returned: %+v", at)
	}
	l.centre.With("If-Match", back.ETag()).Post(path+"/confirm", nil).Is(http.StatusConflict)
	var list struct {
		Items []struct{ Title, State string }
	}
	if l.head.Get("/platform-works?state=returned").Is(http.StatusOK).Into(&list); len(list.Items) != 1 || list.Items[0].Title != "检测棉纱" {
		t.Errorf("returned ones: %+v", list.Items)
	}
	return done
}
