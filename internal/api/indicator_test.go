package api_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"qiban.dev/qiban/internal/app"
	"qiban.dev/qiban/internal/domain/account"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/testkit/apitest"
)

const city region.Code = "320900" // 盐城市

const readFigures, writeFigures = "figure:read", "figure:write"

// answers is the part of a return or figure that the stories look at.
type answers struct {
	ID, Status, Reason, Phrase, Origin string
	Region                             string
	Value, Exact, Sum                  *float64
	Values                             map[string]float64
	Asked                              []string
	Parts                              []struct {
		Region string
		Value  *float64
	}
	History  []struct{ Year int }
	Goal     *struct{ Value float64 }
	Settled  *struct{ Issue int }
	Returns  []struct{ Region string }
	Complete bool
	Agrees   bool
}

func (w *world) official() *apitest.Client {
	w.t.Helper()
	return w.key(w.person("徐建军", account.Grant{Role: app.RoleOfficial, Region: city}), readFigures, writeFigures, "yearbook:write")
}

// reported is a return of Sheyang for 2025 that the city accepted; it answers
// its address and version.
func (w *world) reported(county, city *apitest.Client) (at, etag string) {
	w.t.Helper()
	made := county.Post("/returns", ofYear("320924", 2025)).Is(http.StatusCreated)
	at = "/returns/" + made.ID()
	filled := county.With("If-Match", made.ETag()).Put(at, map[string]any{"values": map[string]any{"P3": 120, "G5": 4_130_000_000.25, "T3": 4}}).Is(http.StatusOK)
	sent := county.With("If-Match", filled.ETag()).Post(at+"/submit", nil).Is(http.StatusOK)
	return at, city.With("If-Match", sent.ETag()).Post(at+"/accept", nil).Is(http.StatusOK).ETag()
}

func ofYear(place string, year int) map[string]any {
	return map[string]any{"region": place, "year": year}
}

func TestACountysProgramReportsAndTheCitysProgramAccepts(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		sheyang, yancheng := w.key(w.staff, readFigures, writeFigures), w.official()
		made := sheyang.Post("/returns", ofYear("320924", 2025)).Is(http.StatusCreated)
		at := "/returns/" + made.ID()
		if again := sheyang.Post("/returns", ofYear("320924", 2025)).Is(http.StatusCreated); again.ID() != made.ID() {
			t.Error("a second return was begun")
		}
		var got answers
		if made.Into(&got); got.Status != "draft" || !slices.Contains(got.Asked, "T3") || slices.Contains(got.Asked, "M9") {
			t.Errorf("begun as %+v", got)
		}

		values := map[string]any{"values": map[string]any{"P3": -1, "P2": 10, "P6": 20, "M9": 5, "G5": 0.001}}
		for lang, want := range map[string]string{"zh": "新建标准厂房面积", "en": "New standard factory floor area"} {
			refused := sheyang.With("If-Match", made.ETag(), "Accept-Language", lang).Put(at, values).Is(http.StatusUnprocessableEntity)
			if names := refused.Broken(); !slices.Equal(names, []string{"G5", "M9", "P3", "P6"}) {
				t.Errorf("in %s the broken values are %v", lang, names)
			}
			for _, e := range refused.Problem().Errors {
				if e.Pointer != "/values/"+e.Name || e.In != "body" || e.Name == "P6" && !strings.Contains(e.Detail, want) {
					t.Errorf("in %s it says %+v", lang, e)
				}
			}
		}
		good := map[string]any{"values": map[string]any{"P3": 120}}
		sheyang.Unwisely().Put(at, good).Is(http.StatusPreconditionRequired)
		sheyang.With("If-Match", `"9"`).Put(at, good).Is(http.StatusPreconditionFailed)
		filled := sheyang.With("If-Match", made.ETag()).Put(at, good).Is(http.StatusOK)
		sheyang.With("If-Match", filled.ETag()).Post(at+"/accept", nil).Is(http.StatusForbidden)
		sent := sheyang.With("If-Match", filled.ETag()).Post(at+"/submit", nil).Is(http.StatusOK)

		back := yancheng.With("If-Match", sent.ETag())
		back.Post(at+"/return", map[string]any{"reason": ""}).Is(http.StatusUnprocessableEntity)
		back.Post(at+"/return", map[string]any{"reason": strings.Repeat("长", 2001)}).Is(http.StatusUnprocessableEntity)
		returned := back.Post(at+"/return", map[string]any{"reason": "入园企业少了一家"}).Is(http.StatusOK)
		if returned.Into(&got); got.Status != "returned" || got.Reason != "入园企业少了一家" {
			t.Errorf("sent back as %+v", got)
		}
		filled = sheyang.With("If-Match", returned.ETag()).Put(at, map[string]any{"values": map[string]any{"P3": 121}}).Is(http.StatusOK)
		sent = sheyang.With("If-Match", filled.ETag()).Post(at+"/submit", nil).Is(http.StatusOK)
		yancheng.With("If-Match", sent.ETag()).Post(at+"/accept", nil).Is(http.StatusOK)

		for _, place := range []region.Code{county, city} { // the whole and the part, for everybody
			var f answers
			w.Get("/figures/P3?year=2025&region=" + string(place)).Is(http.StatusOK).Into(&f)
			if f.Exact == nil || *f.Exact != 121 || f.Origin != "reported" || f.Phrase != "121户" || len(f.History) != 5 {
				t.Errorf("the figure of %s is %+v", place, f)
			}
		}
		var events struct {
			Items []struct{ Did, Reason string }
		}
		var did []string
		sheyang.Get(at + "/events").Is(http.StatusOK).Into(&events)
		for _, e := range events.Items {
			did = append(did, e.Did)
		}
		if want := []string{"fill", "submit", "return", "fill", "submit", "accept"}; !slices.Equal(did, want) {
			t.Errorf("the events are %v, want %v", did, want)
		}
	})
}

func TestWhatIsBehindAFigureIsForThoseWhoSeeThePlace(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		sheyang, yancheng := w.key(w.staff, readFigures, writeFigures), w.official()
		at, etag := w.reported(sheyang, yancheng)
		var behind answers
		yancheng.Get("/figures/P3/records?year=2025&region=320900").Is(http.StatusOK).Into(&behind)
		if !behind.Complete || !behind.Agrees || len(behind.Returns) != 1 || *behind.Sum != 120 {
			t.Errorf("behind the city's figure is %+v", behind)
		}
		var money answers
		if w.Get("/figures/G5?year=2025").Is(http.StatusOK).Into(&money); *money.Exact != 4_130_000_000.25 || money.Region != "320900" {
			t.Errorf("the guarantees are %+v, want yuan", money)
		}
		var overview struct {
			Items []struct {
				Region, Status string
				Filled         int
			}
		}
		yancheng.Get("/returns?year=2025").Is(http.StatusOK).Into(&overview)
		accepted := 0
		for _, o := range overview.Items {
			if o.Status == "accepted" && o.Region == "320924" && o.Filled == 1 {
				accepted++
			}
		}
		if accepted != 1 || len(overview.Items) < 9 {
			t.Errorf("the overview is %+v", overview)
		}
		sheyang.Get("/places/320924/returns/2025").Is(http.StatusOK)
		yancheng.Get("/places/320999/returns/2025").Is(http.StatusNotFound)
		yancheng.Post("/returns", ofYear("320999", 2025)).Is(http.StatusNotFound)

		// The neighbour sees the sums, as everybody, and no more.
		funing := w.key(w.neighbour, readFigures, writeFigures)
		funing.Get("/figures?year=2025&region=320924").Is(http.StatusOK)
		funing.Get(at).Is(http.StatusNotFound)
		funing.Get(at + "/events").Is(http.StatusNotFound)
		funing.Get("/places/320924/returns/2025").Is(http.StatusNotFound)
		funing.Post("/returns", ofYear("320924", 2024)).Is(http.StatusNotFound)
		funing.With("If-Match", etag).Put(at, map[string]any{"values": map[string]any{}}).Is(http.StatusNotFound)
		funing.Get("/figures/P3/records?year=2025&region=320924").Is(http.StatusForbidden)
		funing.Get("/figures/E3/groups?year=2025&region=320924").Is(http.StatusNotFound)
		funing.Get("/targets?year=2025&region=320924").Is(http.StatusNotFound)
		w.Unwisely().Get("/figures/P3/records?year=2025").Is(http.StatusUnauthorized)
		w.Unwisely().Get("/returns").Is(http.StatusUnauthorized)

		yancheng.Get("/figures/E3/groups?year=2025&by=month,theme").Is(http.StatusOK)
		yancheng.Get("/figures/E3/groups?year=2025&by=month,theme,form").Is(http.StatusUnprocessableEntity)
		yancheng.Get("/figures/E3/groups?year=2025&by=colour").Is(http.StatusUnprocessableEntity)
		w.Get("/figures/nothing?year=2025").Is(http.StatusNotFound)
		w.Get("/figures?region=320999").Is(http.StatusNotFound)
		w.Unwisely().Get("/figures?year=1200").Is(http.StatusUnprocessableEntity)
		w.Get("/indicators?year=2025").Is(http.StatusOK)
		w.Get("/figure-years?region=320924").Is(http.StatusOK)
	})
}

func TestASettledYearRefusesEdits(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		sheyang, yancheng := w.key(w.staff, readFigures, writeFigures), w.official()
		at, etag := w.reported(sheyang, yancheng)
		open := w.key(w.neighbour, writeFigures).Post("/returns", ofYear("320923", 2025)).Is(http.StatusCreated)
		target := map[string]any{"region": "320900", "year": 2025, "value": 1000, "document": "盐政发〔2025〕1号"}
		yancheng.Put("/targets/P3", target).Is(http.StatusUnprocessableEntity)
		sheyang.Put("/targets/M9", target).Is(http.StatusNotFound)
		yancheng.Put("/targets/M9", target).Is(http.StatusOK)
		var goals struct{ Items []struct{ Indicator string } }
		if yancheng.Get("/targets?year=2025").Is(http.StatusOK).Into(&goals); len(goals.Items) != 1 || goals.Items[0].Indicator != "M9" {
			t.Errorf("the targets are %+v", goals)
		}

		sheyang.Post("/sealed-years", ofYear("320924", 2025)).Is(http.StatusForbidden)
		yancheng.Post("/sealed-years", ofYear("320900", 2099)).Is(http.StatusConflict)
		var sealed struct {
			Sealed  bool
			Figures []struct{ ID string }
		}
		yancheng.Post("/sealed-years", ofYear("320900", 2025)).Is(http.StatusOK).Into(&sealed)
		if !sealed.Sealed || len(sealed.Figures) < 3 {
			t.Errorf("sealed as %+v", sealed)
		}
		w.Get("/sealed-years?year=2025").Is(http.StatusOK)
		yancheng.With("If-Match", etag).Post(at+"/reopen", map[string]any{"reason": "数字有误"}).Is(http.StatusConflict)
		yancheng.Put("/targets/M9", target).Is(http.StatusConflict)
		w.key(w.neighbour, writeFigures).With("If-Match", open.ETag()).
			Put("/returns/"+open.ID(), map[string]any{"values": map[string]any{"P3": 5}}).Is(http.StatusConflict)
		var f answers
		w.Get("/figures/P3?year=2025&history=2").Is(http.StatusOK).Into(&f)
		if f.Settled == nil || f.Settled.Issue != 1 || f.Goal == nil || f.Goal.Value != 1000 || len(f.History) != 2 {
			t.Errorf("the settled figure is %+v", f)
		}
	})
}
