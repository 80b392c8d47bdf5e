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

const seePark, keepPark = "park:read", "park:write"

func newPark(more ...any) map[string]any {
	return with(map[string]any{
		"name": "合德中小企业园", "region": string(town), "developer": "射阳县城建公司", "land": 80_000,
		"planned_on": "2024-01-01", "begun_on": "2024-06-01", "done_on": "2025-06-01", "facilities": []string{"water", "power"},
	}, more...)
}

func house(more ...any) map[string]any {
	return with(map[string]any{
		"name": "1号厂房", "kind": "factory_multi", "floors": 4, "area": 10_000, "planned_on": "2024-01-01", "begun_on": "2024-06-01", "done_on": "2025-06-01",
	}, more...)
}

type parkRead struct {
	ID, Stage, Grade          string
	Model, Published          bool
	Factory, Occupied, Vacant int64
	Tenants                   int
	Buildings                 []struct{ ID, Stage string }
	Grades                    []struct{ Grade, To string }
	Photos                    []struct{ ID, Type string }
}

// owned is an enterprise in the register, the program of its owner, and its id.
func (w *world) owned(n int, scopes ...string) (*apitest.Client, string) {
	w.t.Helper()
	id := w.key(w.staff, "enterprise:read", "enterprise:write").Post("/enterprises", firm(n)).Is(http.StatusCreated).ID()
	owner := w.person("陈国华", account.Grant{Role: app.RoleOwner, Party: authz.Party{Kind: authz.Enterprise, ID: id}})
	return w.key(owner, scopes...), id
}

// A park with a building is registered and published, an enterprise finds space,
// applies, moves in, grows and leaves.
func TestProgramsOfAParkAndOfAnEnterpriseMeet(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		bureau := w.key(w.person("周主任", account.Grant{Role: app.RoleOfficial, Region: county}), seePark, keepPark, "file:write")
		centre, outside := w.key(w.staff, seePark, keepPark), w.key(w.neighbour, seePark, keepPark)
		made := centre.With("Idempotency-Key", "one").Post("/parks", newPark()).Is(http.StatusCreated)
		if again := centre.With("Idempotency-Key", "one").Post("/parks", newPark()).Is(http.StatusCreated); again.ID() != made.ID() {
			t.Errorf("sent twice it is %s and %s", made.ID(), again.ID())
		}
		centre.Post("/parks", newPark()).Is(http.StatusConflict) // the same name
		path := "/parks/" + made.ID()
		outside.Get(path).Is(http.StatusNotFound)
		outside.With("If-Match", made.ETag()).Post(path+"/publish", nil).Is(http.StatusNotFound)
		w.Get("/published" + path).Is(http.StatusNotFound)

		var p parkRead
		if centre.Post(path+"/buildings", house()).Is(http.StatusOK).Into(&p); len(p.Buildings) != 1 || p.Buildings[0].Stage != "done" || p.Factory != 10_000 {
			t.Fatalf("with its building it is %+v", p)
		}
		centre.Post(path+"/buildings", house()).Is(http.StatusConflict)
		b := p.Buildings[0].ID
		at := centre.Get("/park-buildings/" + b).Is(http.StatusOK)
		centre.With("If-Match", at.ETag()).Put("/park-buildings/"+b, house("area", 12_000)).Is(http.StatusOK)
		centre.With("If-Match", made.ETag()).Post(path+"/publish", nil).Is(http.StatusOK).Into(&p)
		if !p.Published || p.Vacant != 12_000 {
			t.Errorf("published it is %+v", p)
		}
		var free struct {
			Items []struct {
				Building struct{ ID string }
				Free     int64
			}
		}
		if w.Get("/published/vacancies?region=320924&kind=factory_multi&area=11000").Is(http.StatusOK).Into(&free); len(free.Items) != 1 || free.Items[0].Free != 12_000 {
			t.Errorf("anybody finds %+v", free)
		}
		w.Get("/published/vacancies?area=13000").Is(http.StatusOK).Into(&free)
		if len(free.Items) != 0 {
			t.Errorf("more than there is: %+v", free)
		}
		w.Get("/published" + path).Is(http.StatusOK)

		own, enterprise := w.owned(5, seePark, keepPark)
		asks := map[string]any{"enterprise": enterprise, "county": string(county), "kind": "factory_multi", "area": 4_000}
		outside.Post("/space-wishes", asks).Is(http.StatusUnprocessableEntity) // an enterprise that is not theirs to see
		wish := own.Post("/space-wishes", asks).Is(http.StatusCreated)
		seeks := "/space-wishes/" + wish.ID()
		var s struct {
			State, Tenant string
			Can           []string
			Fits          []struct{ Building struct{ ID string } }
		}
		if wish.Into(&s); s.State != "seeking" || len(s.Fits) != 1 || s.Fits[0].Building.ID != b {
			t.Errorf("the search is %+v", s)
		}
		outside.Get(seeks).Is(http.StatusNotFound)
		wish = own.With("If-Match", wish.ETag()).Post(seeks+"/apply", map[string]any{"building": b}).Is(http.StatusOK)
		own.With("If-Match", wish.ETag()).Post(seeks+"/accept", map[string]any{}).Is(http.StatusForbidden)
		centre.With("If-Match", wish.ETag()).Post(seeks+"/refuse", map[string]any{"reason": "先看看环评"}).Is(http.StatusNoContent)
		wish = own.Get(seeks).Is(http.StatusOK)
		wish = own.With("If-Match", wish.ETag()).Post(seeks+"/apply", map[string]any{"building": b}).Is(http.StatusOK)
		wish = centre.With("If-Match", wish.ETag()).Post(seeks+"/accept", map[string]any{"note": "欢迎"}).Is(http.StatusOK)
		wish = centre.With("If-Match", wish.ETag()).Post(seeks+"/move-in", map[string]any{"on": "2026-01-10"}).Is(http.StatusOK)
		if wish.Into(&s); s.State != "moved_in" || s.Tenant == "" {
			t.Fatalf("moved in it is %+v", s)
		}
		tenant := "/park-tenants/" + s.Tenant
		at = centre.Get(tenant).Is(http.StatusOK)
		outside.Get(tenant).Is(http.StatusNotFound)
		at = centre.With("If-Match", at.ETag()).Post(tenant+"/grow", map[string]any{"building": b, "area": 6_000, "on": "2026-02-01"}).Is(http.StatusOK)
		centre.With("If-Match", at.ETag()).Post(tenant+"/grow", map[string]any{"building": b, "area": 60_000, "on": "2026-02-02"}).Is(http.StatusUnprocessableEntity)
		if centre.Get(path).Is(http.StatusOK).Into(&p); p.Occupied != 6_000 || p.Tenants != 1 {
			t.Errorf("with a tenant it is %+v", p)
		}
		bureau.With("If-Match", centre.Get(path).ETag()).Post(path+"/end", map[string]any{"day": "2026-02-02", "reason": "不再办"}).Is(http.StatusConflict)
		centre.With("If-Match", at.ETag()).Post(tenant+"/leave", map[string]any{"on": "2026-03-01", "way": "graduated"}).Is(http.StatusOK)
		w.offTheRegister(bureau, path)
	})
}

// offTheRegister gives the park a grade and a photo, and ends all of it.
func (w *world) offTheRegister(bureau *apitest.Client, path string) {
	w.t.Helper()
	var p parkRead
	var upload struct{ Token string }
	bureau.Post("/uploads?name=gate.png", []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89")).
		Is(http.StatusCreated).Into(&upload)
	bureau.With("If-Match", bureau.Get(path).ETag()).Post(path+"/photos", map[string]any{"files": []string{upload.Token}}).Is(http.StatusOK).Into(&p)
	if len(p.Photos) != 1 || p.Photos[0].Type != "image/png" {
		w.t.Fatalf("the photos are %+v", p.Photos)
	}
	w.Get("/published" + path + "/photos/" + p.Photos[0].ID).Is(http.StatusOK)
	grade := map[string]any{"grade": "a", "from": "2026-01-01", "document": "射中小企〔2026〕3 号"}
	bureau.With("If-Match", bureau.Get(path).ETag()).Post(path+"/grade", grade).Is(http.StatusForbidden) // no county raises its own
	city := w.key(w.person("市局", account.Grant{Role: app.RoleOfficial, Region: "320900"}), seePark, keepPark, "recognition:write")
	at := city.With("If-Match", city.Get(path).ETag()).Post(path+"/grade", grade).Is(http.StatusOK)
	if at.Into(&p); p.Grade != "a" || len(p.Grades) != 1 {
		w.t.Errorf("graded it is %+v", p)
	}
	at = city.With("If-Match", at.ETag()).Post(path+"/grade/end", map[string]any{"grade": "a", "day": "2026-02-01", "reason": "复核不合格"}).Is(http.StatusOK)
	if at.Into(&p); p.Grades[0].To != "2026-02-01" {
		w.t.Errorf("the grade ended as %+v", p.Grades)
	}
	at = bureau.With("If-Match", at.ETag()).Post(path+"/hide", nil).Is(http.StatusOK)
	w.Get("/published" + path + "/photos/" + p.Photos[0].ID).Is(http.StatusNotFound)
	bureau.With("If-Match", at.ETag()).Post(path+"/end", map[string]any{"day": w.day(0), "reason": "并入开发区"}).Is(http.StatusOK)
}

// What is broken is told at once; what was entered by mistake was never there.
func TestBrokenFieldsOfParksAreToldAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		centre := w.key(w.staff, seePark, keepPark, "enterprise:write", "enterprise:read").Unwisely()
		made := centre.Post("/parks", newPark()).Is(http.StatusCreated)
		var p parkRead
		centre.Post("/parks/"+made.ID()+"/buildings", house("begun_on", "", "done_on", "")).Is(http.StatusOK).Into(&p)
		arrival := map[string]any{"park": made.ID(), "code": "没有这个代码", "building": p.Buildings[0].ID, "area": 100, "on": "2026-01-10"}
		for _, c := range []struct {
			path   string
			body   map[string]any
			broken []string
		}{
			{"/parks", newPark("name", "", "region", "1", "land", -1, "done_on", "2020-01-01", "facilities", []string{"gold"}), []string{"done_on", "facilities", "land", "name", "region"}},
			{"/parks/" + made.ID() + "/buildings", house("name", "", "kind", "tent", "floors", 0, "area", -1), []string{"area", "floors", "kind", "name"}},
			{"/park-tenants", arrival, []string{"code"}},
			{"/park-plans", map[string]any{"region": "1", "year": 1, "title": "", "land": -1, "floor_area": -1, "parks": -1}, []string{"floor_area", "land", "parks", "region", "title", "year"}},
		} {
			got := centre.Post(c.path, c.body).Is(http.StatusUnprocessableEntity).Broken()
			if slices.Sort(got); !slices.Equal(got, c.broken) {
				t.Errorf("%s with %v is broken at %v, want %v", c.path, c.body, got, c.broken)
			}
		}
		firm := centre.Post("/enterprises", firm(7)).Is(http.StatusCreated).ID()
		b := "/park-buildings/" + p.Buildings[0].ID
		centre.With("If-Match", centre.Get(b).ETag()).Put(b, house()).Is(http.StatusOK)
		arrival["enterprise"] = firm
		delete(arrival, "code")
		at := centre.Post("/park-tenants", arrival).Is(http.StatusCreated)
		centre.Post("/park-tenants", arrival).Is(http.StatusConflict)
		var list struct{ Items []struct{ Name string } }
		if centre.Get("/park-tenants?here=true&year=2026").Is(http.StatusOK).Into(&list); len(list.Items) != 1 {
			t.Errorf("in the park are %+v", list.Items)
		}
		centre.With("If-Match", at.ETag()).Post("/park-tenants/"+at.ID()+"/undo", map[string]any{"reason": "录错了"}).Is(http.StatusOK)
		if centre.Get("/park-tenants").Is(http.StatusOK).Into(&list); len(list.Items) != 0 {
			t.Errorf("what was undone is listed: %+v", list.Items)
		}
	})
}

// A town's plan: sent in, advised on, sent back, revised, approved by somebody else.
func TestProgramsReviewATownsPlan(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		centre := w.key(w.staff, seePark, keepPark)
		city := w.key(w.person("市局", account.Grant{Role: app.RoleOfficial, Region: "320900"}), seePark, keepPark)
		chief := w.key(w.person("局长", account.Grant{Role: app.RoleOfficial, Region: "320900"}), seePark, keepPark)
		body := map[string]any{"region": string(town), "year": 2026, "title": "合德镇工业集中区规划", "land": 300_000, "floor_area": 120_000, "parks": 2, "text": "分两期建设"}
		at := centre.Post("/park-plans", body).Is(http.StatusCreated)
		centre.Post("/park-plans", body).Is(http.StatusConflict)
		path := "/park-plans/" + at.ID()
		w.key(w.neighbour, seePark, keepPark).Get(path).Is(http.StatusNotFound)
		opinion := map[string]any{"expert": "吴教授", "post": "教授", "verdict": "amend", "words": "补充排水方案"}
		centre.With("If-Match", at.ETag()).Post(path+"/opinions", opinion).Is(http.StatusForbidden)
		at = city.With("If-Match", at.ETag()).Post(path+"/opinions", opinion).Is(http.StatusOK)
		city.With("If-Match", at.ETag()).Post(path+"/approve", map[string]any{"document": "盐规〔2026〕1 号"}).Is(http.StatusConflict)
		at = city.With("If-Match", at.ETag()).Post(path+"/return", map[string]any{"reason": "补充排水方案"}).Is(http.StatusOK)
		at = centre.With("If-Match", at.ETag()).Post(path+"/revise", with(body, "note", "补充了排水方案")).Is(http.StatusOK)
		at = city.With("If-Match", at.ETag()).Post(path+"/opinions", with(opinion, "verdict", "agree")).Is(http.StatusOK)
		city.With("If-Match", at.ETag()).Post(path+"/approve", map[string]any{"document": "盐规〔2026〕1 号"}).Is(http.StatusConflict)
		at = chief.With("If-Match", at.ETag()).Post(path+"/approve", map[string]any{"document": "盐规〔2026〕1 号"}).Is(http.StatusOK)
		var p struct {
			State    string
			Round    int
			Opinions []struct{ Verdict string }
			Events   []struct{ Do string }
			Can      []string
		}
		if at.Into(&p); p.State != "approved" || p.Round != 2 || len(p.Opinions) != 2 || len(p.Events) < 6 || len(p.Can) != 0 {
			t.Errorf("approved it is %+v", p)
		}
		centre.With("If-Match", at.ETag()).Post(path+"/withdraw", map[string]any{"reason": "不做了"}).Is(http.StatusConflict)
		city.Get("/key-town-progress?region=320900&year=2026").Is(http.StatusOK)
		w.key(w.owner, seePark).Get("/key-town-progress").Is(http.StatusForbidden)
	})
}
