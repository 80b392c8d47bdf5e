package faults_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"qiban.dev/qiban/internal/app"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/testkit"
	"qiban.dev/qiban/internal/testkit/world"
)

// told is what an operation answers.
type told struct {
	status int
	etag   string
	body   map[string]any
}

// ask asks an operation with the whole key of somebody, or without one.
func (h *house) ask(t *testing.T, by world.Person, operation, match string, body any) told {
	t.Helper()
	method, path, _ := strings.Cut(operation, " ")
	var raw []byte
	if body != nil {
		var err error
		raw, err = json.Marshal(body)
		must(t, err)
	}
	r, err := http.NewRequestWithContext(t.Context(), method, h.URL+"/api/v1"+path, bytes.NewReader(raw))
	must(t, err)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if by.ID != "" {
		r.Header.Set("Authorization", "Bearer "+by.Key(""))
	}
	if match != "" {
		r.Header.Set("If-Match", match)
	}
	res, err := http.DefaultClient.Do(r)
	must(t, err)
	defer func() { _ = res.Body.Close() }()
	got := told{status: res.StatusCode, etag: res.Header.Get("ETag")}
	if err := json.NewDecoder(res.Body).Decode(&got.body); err != nil && res.StatusCode != http.StatusNoContent {
		t.Fatalf("%s: %v", operation, err)
	}
	return got
}

// done fails the test unless the operation was carried out.
func (h *house) done(t *testing.T, by world.Person, operation, match string, body any) told {
	t.Helper()
	got := h.ask(t, by, operation, match, body)
	if got.status >= http.StatusMultipleChoices {
		t.Fatalf("%s by %s is answered %d: %v", operation, by, got.status, got.body)
	}
	return got
}

// What a process keeps in memory follows what another one changes. How soon is
// measured and logged; the limit is for a machine with much else to do.
func TestProgramsOnOneDatabaseAgreeOnWhatTheyKeep(t *testing.T) {
	t.Parallel()
	a := serve(t, testkit.Postgres(t), "--api-open-per-minute", "0", "--api-per-minute", "0")
	b := &house{a.Again(t), a.w, a.source}
	nobody, security := world.Person{}, a.w.Person("security-administrator", world.Above)
	city, county, owner := a.w.Person("official", world.Above), a.w.Person("official", world.Own), a.w.Person("owner", world.Own)
	type object = map[string]any
	follows := func(what string, sees func() bool) {
		t.Helper()
		if sees() {
			t.Fatalf("before: %s", what)
		}
	}
	agrees := func(what string, sees func() bool) {
		t.Helper()
		begin := time.Now()
		within(t, time.Minute, what, sees)
		t.Logf("%s: after %v", what, time.Since(begin).Round(time.Millisecond))
	}
	asked := counted(t, a, `SELECT count(*) FROM need WHERE region LIKE '`+string(world.Own.Over)+`%'`)
	own, today := string(world.Own.Over), flow.DayOf(time.Now())
	for _, c := range []struct {
		what   string
		sees   func() bool
		change func()
	}{
		{"a size rule", func() bool {
			return b.ask(t, nobody, "GET /size-rules/2030", "", nil).status == http.StatusOK
		}, func() {
			a.done(t, security, "PUT /size-rules/2030", `"0"`, object{
				"uses": []string{"policy"}, "from": "2030-01-01", "source": object{"zh": "某号文件", "en": "A paper"}, "like": "2011",
			})
		}},
		{"the calendar", func() bool {
			return b.done(t, nobody, "GET /calendar/2031", "", nil).body["known"] == true
		}, func() {
			a.done(t, security, "PUT /calendar/2031", "", object{"source": "某号文件", "days": []object{{"on": "2031-01-01", "kind": "rest", "name": "元旦"}}})
		}},
		{"the tree", func() bool {
			return b.done(t, nobody, "GET /places/"+string(world.Own.Town), "", nil).body["name"] == "临河镇"
		}, func() {
			a.done(t, city, "POST /places/changes", "", object{
				"kind": "rename", "on": today, "from": []string{string(world.Own.Town)}, "source": "某号文件",
				"to": []object{{"code": world.Own.Town, "name": "临河镇"}},
			})
		}},
		{"a figure", func() bool {
			return b.done(t, nobody, "GET /figures/P3?region="+own+"&year=2025", "", nil).body["exact"] == 7.0
		}, func() {
			sheet := a.done(t, county, "GET /places/"+own+"/returns/2025", "", nil)
			a.done(t, county, fmt.Sprintf("POST /returns/%s/accept", sheet.body["id"]), sheet.etag, nil)
		}},
		{"a settled year", func() bool {
			return b.done(t, nobody, "GET /sealed-years?region="+own+"&year=2025", "", nil).body["sealed"] == true
		}, func() {
			a.done(t, county, "POST /sealed-years", "", object{"region": own, "year": 2025})
		}},
		{"a counted need", func() bool {
			return b.done(t, nobody, "GET /figures/E1?region="+own+"&year="+today[:4], "", nil).body["exact"] == float64(asked+1)
		}, func() {
			a.done(t, owner, "POST /needs", "", object{
				"enterprise": a.w.At[world.Own.Name].Enterprise, "theme": "financing", "title": "两边都数得到",
				"text": "春节前采购棉花，备足一季度订单的原料。", "contact_name": "周素兰", "contact_phone": "13900000000",
			})
		}},
	} {
		follows(c.what, c.sees)
		c.change()
		agrees(c.what, c.sees)
	}
	// What was settled on one is refused on the other.
	if got := b.ask(t, county, "PUT /targets/M9", "", object{"region": own, "year": 2025, "value": 1, "document": "某号文件"}); got.status != http.StatusConflict {
		t.Errorf("the other one sets a target of a settled year: %d %v", got.status, got.body)
	}
	// Each job ran once, whichever of the two took it.
	ran := func() int { return counted(t, a, `SELECT count(DISTINCT job) FROM job_run WHERE outcome = 'done'`) }
	within(t, time.Minute, "jobs have run", func() bool { return ran() > 3 })
	a.look(t, func(a *app.App) {
		if n := one[int](t, a, `SELECT count(*) FROM (SELECT job FROM job_run WHERE outcome = 'done' GROUP BY job HAVING count(*) > 1) AS twice`); n != 0 {
			t.Errorf("%d jobs ran more than once", n)
		}
	})
	b.whole(t)
}

// counted is a number of the database that the programs serve.
func counted(t *testing.T, h *house, query string) (n int) {
	t.Helper()
	h.look(t, func(a *app.App) { n = one[int](t, a, query) })
	return n
}
