package api_test

import (
	"net/http"
	"strings"
	"testing"

	"qiban.dev/qiban/internal/config"
	"qiban.dev/qiban/internal/domain/account"
	"qiban.dev/qiban/internal/testkit"
)

func TestAdministratorsWorkByProgram(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		security := w.person("陆安", account.Grant{Role: "security-administrator", Region: "320900"})
		system := w.person("何平", account.Grant{Role: "system-administrator", Region: "320900"})
		rights := w.key(security, "person:read", "person:write")
		var people struct {
			Items []struct{ ID, Name, Phone string }
			Total int
		}
		rights.Get("/people?text=陈国华&total=true").Is(http.StatusOK).Into(&people)
		if people.Total != 1 || people.Items[0].ID != w.owner.ID || !strings.Contains(people.Items[0].Phone, "*") {
			t.Fatalf("found %+v", people)
		}
		path := "/people/" + w.owner.ID
		var grants struct {
			Items []struct{ ID, Role, Region string }
		}
		rights.Post(path+"/grants", map[string]any{"role": "centre-staff", "region": string(county), "to": "2099-12-31"}).Is(http.StatusOK).Into(&grants)
		if len(grants.Items) != 1 || grants.Items[0].Region != string(county) {
			t.Fatalf("the roles are %+v", grants)
		}
		rights.Post(path+"/grants", map[string]any{"role": "centre-staff"}).Is(http.StatusUnprocessableEntity)
		rights.Post(path+"/grants/"+grants.Items[0].ID+"/end", nil).Is(http.StatusOK)

		invited := rights.Post("/invitations", map[string]any{"login": "13912345678", "name": "新人", "role": "centre-staff", "region": string(county)}).Is(http.StatusCreated)
		var i struct{ ID, Code, Login string }
		if invited.Into(&i); i.Code == "" || strings.Contains(i.Login, "12345") {
			t.Errorf("invited as %+v", i)
		}
		var waiting struct{ Items []struct{ ID, Code string } }
		if rights.Get("/invitations").Is(http.StatusOK).Into(&waiting); len(waiting.Items) != 1 || waiting.Items[0].Code != "" {
			t.Errorf("the invitations are %+v", waiting)
		}
		rights.With("If-Match", invited.ETag()).Post("/invitations/"+i.ID+"/withdraw", nil).Is(http.StatusNoContent)

		accounts := w.key(system, "person:read", "person:write")
		_, lost := w.secret(w.owner, "me:read", "me:write")
		w.Key(lost).Get("/me").Is(http.StatusOK)
		accounts.Post(path+"/disable", map[string]any{"reason": ""}).Is(http.StatusUnprocessableEntity)
		accounts.Post(path+"/disable", map[string]any{"reason": "手机丢了"}).Is(http.StatusOK)
		accounts.Post(path+"/enable", map[string]any{"reason": "找到了"}).Is(http.StatusOK)
		w.Key(lost).Get("/me").Is(http.StatusUnauthorized) // the key ended with the sessions

		own := w.key(w.owner, "me:read", "me:write")
		me := own.Get("/me").Is(http.StatusOK)
		me = own.With("If-Match", me.ETag()).Put("/me", map[string]any{"name": "陈国华（改）", "region": string(county)}).Is(http.StatusOK)
		if !strings.Contains(string(me.Body), "陈国华（改）") {
			t.Errorf("the profile is %s", me.Body)
		}
		var key struct{ Person string }
		if own.Get("/me/key").Is(http.StatusOK).Into(&key); key.Person != w.owner.ID {
			t.Errorf("the key is %+v", key)
		}
		own.Get("/me/grants").Is(http.StatusOK)
		own.Get("/people").Is(http.StatusForbidden)
	})
}

func TestTheTreeIsReadByAnyoneAndChangedByFew(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var place struct{ Name, Level, Parent string }
		if w.Get("/places/320924").Is(http.StatusOK).Into(&place); place.Name != "射阳县" || place.Level != "county" || place.Parent != "320900" {
			t.Errorf("Sheyang is %+v", place)
		}
		var below struct{ Items []struct{ Code string } }
		if w.Get("/places/320924/places").Is(http.StatusOK).Into(&below); len(below.Items) < 10 {
			t.Errorf("below Sheyang are %d", len(below.Items))
		}
		var turns struct {
			Items []struct{ From, To, On string }
		}
		if w.Get("/places/320904/history").Is(http.StatusOK).Into(&turns); len(turns.Items) == 0 || turns.Items[0].From != "320982" {
			t.Errorf("the history of Dafeng is %+v", turns)
		}
		w.Get("/places/999999").Is(http.StatusNotFound)
		if w.Get("/places?text=射阳").Is(http.StatusOK).Into(&below); below.Items[0].Code != "320924" {
			t.Errorf("found %+v", below)
		}
		head := w.person("徐明", account.Grant{Role: "official", Region: "320900"})
		city := w.key(head, "place:write")
		renamed := map[string]any{
			"kind": "rename", "on": "2026-01-02", "from": []string{string(town)}, "source": "盐政复〔2026〕1号",
			"to": []map[string]any{{"code": string(town), "name": "合德街道"}},
		}
		w.key(w.staff, "place:write").Post("/places/changes", renamed).Is(http.StatusForbidden)
		if city.Post("/places/changes/preview", renamed).Is(http.StatusOK).Into(&turns); len(turns.Items) != 1 {
			t.Errorf("would turn %+v", turns)
		}
		city.Post("/places/changes", map[string]any{"kind": "merge", "on": "soon", "from": []string{string(town)}, "to": []any{}, "source": ""}).Is(http.StatusUnprocessableEntity)
		once := city.With("Idempotency-Key", "rename")
		once.Post("/places/changes", renamed).Is(http.StatusOK)
		if got := once.Post("/places/changes", renamed).Is(http.StatusOK); got.Header.Get("Idempotency-Replayed") != "true" {
			t.Error("the tree was changed twice")
		}
		if w.Get("/places/" + string(town)).Is(http.StatusOK).Into(&place); place.Name != "合德街道" {
			t.Errorf("the town is now %+v", place)
		}
		city.Put("/places/"+string(town)+"/key-town", map[string]any{"from": "2026-02-01"}).Is(http.StatusOK)
	})
}

func TestSettingsAreKeptByProgram(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		security := w.person("陆安", account.Grant{Role: "security-administrator", Region: "320900"})
		auditor := w.person("钱正", account.Grant{Role: "audit-administrator", Region: "320900"})
		system := w.person("何平", account.Grant{Role: "system-administrator", Region: "320900"})
		office := w.key(security, "setting:write")
		year := map[string]any{"source": "国办发明电〔2029〕1号", "days": []map[string]any{{"on": "2030-01-01", "kind": "rest", "name": "元旦"}}}
		office.Put("/calendar/2030", year).Is(http.StatusOK)
		var calendar struct {
			Known bool
			Days  []struct{ On, Name string }
		}
		if w.Get("/calendar/2030").Is(http.StatusOK).Into(&calendar); !calendar.Known || len(calendar.Days) != 1 || calendar.Days[0].Name != "元旦" {
			t.Errorf("the calendar is %+v", calendar)
		}
		wrong := map[string]any{"source": "", "days": []map[string]any{{"on": "2031-01-01", "kind": "rest", "name": "元旦"}}}
		if p := office.Put("/calendar/2030", wrong).Is(http.StatusUnprocessableEntity).Problem(); len(p.Errors) != 2 || p.Errors[0].Pointer != "/days/0/on" {
			t.Errorf("told: %+v", p)
		}
		w.key(w.staff, "setting:write").Put("/calendar/2030", year).Is(http.StatusForbidden)

		var limits struct {
			Items []struct {
				Type, Step, Unit string
				Amount           int
				From             string `json:"valid_from"`
			}
		}
		w.Get("/limits").Is(http.StatusOK).Into(&limits)
		l := limits.Items[0]
		office.Post("/limits", map[string]any{"type": l.Type, "step": l.Step, "amount": l.Amount + 1, "unit": l.Unit, "valid_from": "2099-01-01", "source": "试行"}).Is(http.StatusOK)

		var rules struct{ Items []struct{ ID string } }
		w.Get("/size-rules").Is(http.StatusOK).Into(&rules)
		rule := w.Get("/size-rules/" + rules.Items[0].ID).Is(http.StatusOK)
		var body map[string]any
		rule.Into(&body)
		delete(body, "id")
		delete(body, "version")
		body["source"] = map[string]any{"zh": "改过的依据", "en": "changed"}
		changed := office.With("If-Match", rule.ETag()).Put("/size-rules/"+rules.Items[0].ID, body).Is(http.StatusOK)
		if changed.ETag() != `"1"` {
			t.Errorf("the rule is at %s", changed.ETag())
		}

		trail := w.key(auditor, "audit:read")
		var entries struct {
			Items []struct {
				Action string
				Detail map[string]any
			}
			Total int
		}
		if trail.Get("/audit?action=flow.calendar.set&total=true").Is(http.StatusOK).Into(&entries); entries.Total != 1 || entries.Items[0].Detail["key"] == nil {
			t.Errorf("the trail says %+v", entries)
		}
		var checked struct {
			Intact  bool
			Entries int
		}
		if trail.Get("/audit/verification").Is(http.StatusOK).Into(&checked); !checked.Intact || checked.Entries < 10 {
			t.Errorf("checked: %+v", checked)
		}
		if got := trail.Get("/audit?since=yesterday").Is(http.StatusUnprocessableEntity).Broken(); len(got) != 1 {
			t.Errorf("broken: %v", got)
		}
		machine := w.key(system, "job:read")
		machine.Get("/jobs").Is(http.StatusOK)
		machine.Get("/job-runs?limit=5").Is(http.StatusOK)
		trail.Get("/jobs").Is(http.StatusForbidden)
	})
}

func TestThePageOfTheAPIShowsEveryOperation(t *testing.T) {
	w := newWorld(t, testkit.Migrated(t), config.Serve{})
	for lang, title := range map[string]string{"zh-CN": "接口", "en": "API"} {
		page := testkit.Visit(t, w.http, "lang", lang).Get("/api").Is(http.StatusOK)
		page.Has("h1", title)
		if n := len(page.All("details")); n != len(w.Operations()) {
			t.Errorf("the page shows %d operations of %d", n, len(w.Operations()))
		}
		if strings.Contains(page.Body, "⟦") {
			t.Errorf("words are missing in %s", lang)
		}
	}
}
