package api_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"

	"qiban.dev/qiban/internal/app"
	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/account"
	"qiban.dev/qiban/internal/notify"
	"qiban.dev/qiban/internal/testkit/apitest"
)

const lookAt, keep = "institution:read", "institution:write"

func guarantor(more ...any) map[string]any {
	return with(map[string]any{
		"name": "射阳县农信担保有限公司", "region": string(county), "kinds": []string{"guarantor"}, "level": "county",
		"code": code(900), "capital": 100_000_000_00, "website": "https://nxdb.example.cn",
	}, more...)
}

func guarantee(more ...any) map[string]any {
	return with(map[string]any{
		"theme": "financing", "form": "expert_team", "name": "流动资金贷款担保", "max_amount": 5_000_000_00, "fee": "low",
	}, more...)
}

func with(body map[string]any, more ...any) map[string]any {
	for i := 0; i+1 < len(more); i += 2 {
		body[more[i].(string)] = more[i+1]
	}
	return body
}

type detail struct {
	Name, Address, Tier, Ended, Since string
	Demonstration, Published          bool
	Services                          []struct {
		ID, Name  string
		Regions   []string
		MaxAmount int64 `json:"max_amount"`
		Ended     bool
	}
	Terms []struct{ Tier, From, To, Document string }
	Tasks []struct {
		ID, Title, Status, Note string
		Year                    int
	}
}

func TestAnOfficesProgramPublishesAnInstitutionAndAnybodyFindsIt(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		centre := w.key(w.staff, lookAt, keep)
		made := centre.Post("/institutions", guarantor("since", "2025-03-01")).Is(http.StatusCreated)
		path := "/institutions/" + made.ID()
		const found = "/published/institutions?region=320924&theme=financing&total=true"
		var list struct {
			Items []struct {
				ID, Name string
				Kinds    []string
			}
			Total int
		}
		if w.Get(found).Is(http.StatusOK).Into(&list); list.Total != 0 || len(list.Items) != 0 {
			t.Fatalf("before anything is published anybody finds %+v", list)
		}
		w.Get("/published" + path).Is(http.StatusNotFound)
		if centre.Get("/institutions?text=农信&kind=guarantor&total=true").Is(http.StatusOK).Into(&list); list.Total != 1 || list.Items[0].ID != made.ID() {
			t.Errorf("the centre finds %+v", list)
		}

		served := centre.With("If-Match", made.ETag()).Post(path+"/services", guarantee()).Is(http.StatusOK)
		shown := centre.With("If-Match", served.ETag()).Post(path+"/publish", nil).Is(http.StatusOK)
		if w.Get(found).Is(http.StatusOK).Into(&list); list.Total != 1 || list.Items[0].Name != "射阳县农信担保有限公司" || !slices.Equal(list.Items[0].Kinds, []string{"guarantor"}) {
			t.Fatalf("by place and theme anybody finds %+v", list)
		}
		w.Unwisely().Get("/published/institutions?theme=money").Is(http.StatusUnprocessableEntity)
		for _, elsewhere := range []string{"region=320923&theme=financing", "region=320924&theme=markets", "kind=bank", "tier=core", "demonstration=true"} {
			if w.Get("/published/institutions?" + elsewhere).Is(http.StatusOK).Into(&list); len(list.Items) != 0 {
				t.Errorf("by %s anybody finds %+v", elsewhere, list.Items)
			}
		}
		open := w.Get("/published" + path).Is(http.StatusOK)
		var d detail
		if open.Into(&d); len(d.Services) != 1 || d.Services[0].MaxAmount != 5_000_000_00 || !slices.Equal(d.Services[0].Regions, []string{"320924"}) {
			t.Errorf("anybody reads %+v", d)
		}
		if body := string(open.Body); strings.Contains(body, "tasks") || strings.Contains(body, code(900)) {
			t.Errorf("anybody reads more than the page shows: %s", body)
		}

		service := path + "/services/" + d.Services[0].ID
		at := centre.With("If-Match", shown.ETag()).Put(service, guarantee("ended", true)).Is(http.StatusOK)
		if w.Get("/published" + path).Is(http.StatusOK).Into(&d); len(d.Services) != 0 {
			t.Errorf("a service that is no longer on offer is shown: %+v", d.Services)
		}
		centre.With("If-Match", at.ETag()).Put(path+"/services/none", guarantee()).Is(http.StatusNotFound)
		at = centre.With("If-Match", at.ETag()).Post(path+"/hide", nil).Is(http.StatusOK)
		w.Get("/published" + path).Is(http.StatusNotFound)
		at = centre.With("If-Match", at.ETag()).Post(path+"/end", map[string]any{"day": "2026-06-30", "reason": "已经注销"}).Is(http.StatusOK)
		if at.Into(&d); d.Ended != "2026-06-30" || d.Since != "2025-03-01" {
			t.Errorf("ended as %+v", d)
		}
		if n := w.count(`SELECT COUNT(*) FROM audit_entry WHERE actor_kind = 'key' AND action LIKE 'institution.%'`); n != 6 {
			t.Errorf("%d entries of the audit trail, want 6", n)
		}
	})
}

func TestAnInstitutionIsChangedByThoseWhoMayAndAtTheVersionTheyRead(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		centre, funing := w.key(w.staff, lookAt, keep), w.key(w.neighbour, lookAt, keep, "contact:read")
		made := centre.With("Idempotency-Key", "first").Post("/institutions", guarantor()).Is(http.StatusCreated)
		again := centre.With("Idempotency-Key", "first").Post("/institutions", guarantor()).Is(http.StatusCreated)
		if again.ID() != made.ID() || again.Header.Get("Idempotency-Replayed") != "true" {
			t.Errorf("sent twice, registered as %s and %s", made.ID(), again.ID())
		}
		path := "/institutions/" + made.ID()
		centre.Post("/institutions", guarantor("name", "另一家担保公司")).Is(http.StatusConflict) // the same code

		centre.Unwisely().Put(path, guarantor()).Is(http.StatusPreconditionRequired)
		edited := centre.With("If-Match", made.ETag()).Put(path, guarantor("address", "人民路 8 号")).Is(http.StatusOK)
		stale := centre.With("If-Match", made.ETag()).Put(path, guarantor("address", "解放路 1 号")).Is(http.StatusPreconditionFailed)
		if stale.Header.Get("ETag") != edited.ETag() {
			t.Errorf("refused as stale beside version %s, want %s", stale.Header.Get("ETag"), edited.ETag())
		}
		for _, p := range []string{path, path + "/contacts"} {
			funing.Get(p).Is(http.StatusNotFound)
		}
		funing.With("If-Match", edited.ETag()).Put(path, guarantor()).Is(http.StatusNotFound)
		funing.With("If-Match", edited.ETag()).Post(path+"/services", guarantee()).Is(http.StatusNotFound)
		funing.With("If-Match", edited.ETag()).Post(path+"/publish", nil).Is(http.StatusNotFound)
		w.key(w.staff, lookAt).With("If-Match", edited.ETag()).Put(path, guarantor()).Is(http.StatusForbidden)
		w.Unwisely().Get(path).Is(http.StatusUnauthorized)

		// Tiers and recognitions are for those who answer for the place.
		tier := map[string]any{"tier": "close", "from": "2026-01-01", "document": "射工信〔2026〕3 号"}
		centre.With("If-Match", edited.ETag()).Post(path+"/tier", tier).Is(http.StatusForbidden)
		bureau := w.key(w.person("周主任", account.Grant{Role: app.RoleOfficial, Region: county}), lookAt, keep)
		at := bureau.With("If-Match", edited.ETag()).Post(path+"/tier", tier).Is(http.StatusOK)
		bureau.With("If-Match", at.ETag()).Post(path+"/tier", with(tier, "tier", "core")).Is(http.StatusConflict) // no service centre
		at = bureau.With("If-Match", at.ETag()).Post(path+"/demonstration", map[string]any{"from": "2026-01-01", "to": "2029-01-01", "document": "盐中小企〔2026〕3号"}).Is(http.StatusOK)
		var d detail
		if at.Into(&d); d.Tier != "close" || !d.Demonstration || len(d.Terms) != 2 || d.Address != "人民路 8 号" {
			t.Errorf("recognised as %+v", d)
		}
		at = bureau.With("If-Match", at.ETag()).Post(path+"/demonstration/withdraw", map[string]any{"day": "2026-02-01", "reason": "年检不合格"}).Is(http.StatusOK)
		// A tier ends by the calendar alone, so what is answered is never "not modified".
		bureau.With("If-None-Match", at.ETag()).Get(path).Is(http.StatusOK)
		delete(tier, "tier")
		if bureau.With("If-Match", at.ETag()).Post(path+"/tier", with(tier, "from", "2026-03-01")).Is(http.StatusOK).Into(&d); d.Tier != "" || d.Demonstration {
			t.Errorf("out of its tier and recognition: %+v", d)
		}
	})
}

func TestAnInstitutionsOwnProgramKeepsItsEntry(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		centre := w.key(w.staff, lookAt, keep, "contact:read")
		made := centre.Post("/institutions", guarantor()).Is(http.StatusCreated)
		other := centre.Post("/institutions", guarantor("name", "射阳县科技服务中心", "code", code(901))).Is(http.StatusCreated)
		path := "/institutions/" + made.ID()
		head := w.person("沈芳", account.Grant{Role: app.RoleInstitution, Party: authz.Party{Kind: authz.Institution, ID: made.ID()}})
		own := w.key(head, lookAt, keep, "contact:read")
		var list struct{ Items []struct{ ID string } }
		if own.Get("/institutions").Is(http.StatusOK).Into(&list); len(list.Items) != 1 || list.Items[0].ID != made.ID() {
			t.Errorf("its program sees %+v", list.Items)
		}
		own.Get("/institutions/" + other.ID()).Is(http.StatusNotFound)

		at := own.With("If-Match", made.ETag()).Put(path, guarantor("about", "为小微企业做担保")).Is(http.StatusOK)
		at = own.With("If-Match", at.ETag()).Post(path+"/services", guarantee("regions", []string{"320924", "320923"}, "capacity", 20)).Is(http.StatusOK)
		own.With("If-Match", at.ETag()).Post(path+"/tier", map[string]any{"tier": "close", "from": "2026-01-01"}).Is(http.StatusForbidden)
		own.With("If-Match", at.ETag()).Post(path+"/publish", nil).Is(http.StatusForbidden)
		task := map[string]any{"year": 2026, "title": "为 50 家小微企业提供担保"}
		own.With("If-Match", at.ETag()).Post(path+"/tasks", task).Is(http.StatusForbidden)

		at = centre.With("If-Match", at.ETag()).Post(path+"/tasks", task).Is(http.StatusOK)
		var d detail
		at.Into(&d)
		given := path + "/tasks/" + d.Tasks[0].ID
		at = own.With("If-Match", at.ETag()).Post(given+"/report", map[string]any{"status": "doing", "note": "已担保 12 家"}).Is(http.StatusOK)
		centre.With("If-Match", at.ETag()).Post(given+"/report", map[string]any{"status": "done"}).Is(http.StatusForbidden)
		at = centre.With("If-Match", at.ETag()).Put(given, with(task, "title", "为 60 家小微企业提供担保", "status", "doing", "note", "已担保 12 家")).Is(http.StatusOK)
		if at.Into(&d); len(d.Tasks) != 1 || d.Tasks[0].Title != "为 60 家小微企业提供担保" || d.Tasks[0].Note != "已担保 12 家" || d.Tasks[0].Year != 2026 {
			t.Errorf("the task is %+v", d.Tasks)
		}

		people := map[string]any{"contacts": []map[string]any{{"name": "沈芳", "post": "经理", "phone": "0515-82311111"}, {"name": "刘洋", "phone": "13800005678"}}}
		own.With("If-Match", at.ETag()).Put(path+"/contacts", people).Is(http.StatusOK)
		const traces = `SELECT COUNT(*) FROM audit_entry WHERE action = 'institution.contact.see' AND detail LIKE '%contacts%'`
		var read struct {
			Items []struct{ Name, Post, Phone string }
		}
		if own.Get(path + "/contacts").Is(http.StatusOK).Into(&read); len(read.Items) != 2 || read.Items[0].Post != "经理" || w.count(traces) != 0 {
			t.Errorf("its own people are %+v, with %d traces", read.Items, w.count(traces))
		}
		if centre.Get(path + "/contacts").Is(http.StatusOK).Into(&read); read.Items[1].Phone != "13800005678" || w.count(traces) != 1 {
			t.Errorf("the centre reads %+v, with %d traces", read.Items, w.count(traces))
		}
		w.key(w.staff, lookAt, keep).Get(path + "/contacts").Is(http.StatusForbidden)
		if s := string(centre.Get(path).Body); strings.Contains(s, "13800005678") {
			t.Errorf("a person's number stands in %s", s)
		}
	})
}

func TestBrokenFieldsOfAnInstitutionAreToldAtOnceInBothLanguages(t *testing.T) {
	w := oneWorld(t)
	centre := w.key(w.staff, lookAt, keep).Unwisely()
	made := centre.Post("/institutions", guarantor()).Is(http.StatusCreated)
	at, path := centre.With("If-Match", made.ETag()), "/institutions/"+made.ID()
	long := strings.Repeat("长", 201)
	for _, c := range []struct {
		ask    string
		body   map[string]any
		broken []string
	}{
		{
			"POST /institutions",
			map[string]any{"name": "甲", "region": "1", "kinds": []string{"shop"}, "level": "village", "founded": "去年", "capital": -1, "website": "nx.cn", "code": long},
			[]string{"capital", "code", "founded", "kinds", "level", "name", "region", "website"},
		},
		{
			"POST " + path + "/services",
			map[string]any{"theme": "x", "form": "y", "fee": "z", "regions": []string{"1"}, "max_amount": -1, "capacity": -1},
			[]string{"capacity", "fee", "form", "max_amount", "name", "regions", "theme"},
		},
		{"POST " + path + "/services", guarantee("regions", strings.Split(strings.Repeat("320924 ", 200), " ")), []string{"regions"}},
		{"POST " + path + "/end", map[string]any{}, []string{"day", "reason"}},
		{"POST " + path + "/tier", map[string]any{"tier": "inner", "from": "2026-01-01"}, []string{"tier"}},
		{"POST " + path + "/demonstration", map[string]any{"to": "2026-13-01", "document": long}, []string{"document", "from", "to"}},
		{"POST " + path + "/demonstration/withdraw", map[string]any{"day": "昨天", "reason": long}, []string{"day", "reason"}},
		{"POST " + path + "/tasks", map[string]any{"year": 1, "status": "lost"}, []string{"status", "title", "year"}},
		{"PUT " + path + "/contacts", map[string]any{"contacts": make([]struct{}, 11)}, []string{"contacts", "name", "phone"}},
	} {
		method, to, _ := strings.Cut(c.ask, " ")
		got := at.Do(method, to, c.body).Is(http.StatusUnprocessableEntity).Broken()
		if slices.Sort(got); !slices.Equal(got, c.broken) {
			t.Errorf("%s with %v is broken at %v, want %v", c.ask, c.body, got, c.broken)
		}
	}
	wrong := guarantor("name", "", "website", "nx.cn")
	zh := centre.Post("/institutions", wrong).Is(http.StatusUnprocessableEntity).Problem()
	en := centre.With("Accept-Language", "en").Post("/institutions", wrong).Is(http.StatusUnprocessableEntity).Problem()
	if len(zh.Errors) != 2 || len(en.Errors) != 2 || zh.Errors[0].Detail != "请填写这一项" || en.Errors[0].Detail != "Please fill this in" || en.Errors[1].Pointer != "/website" {
		t.Errorf("told as %+v and %+v", zh, en)
	}
}

func TestAPersonsProgramReadsTheirMessagesAndNobodyElses(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		own, other := w.key(w.owner, "me:read", "me:write"), w.key(w.staff, "me:read", "me:write")
		for _, program := range []*apitest.Client{own, other} { // that a key was made is a message too
			program.Post("/me/messages/read", map[string]any{}).Is(http.StatusOK)
		}
		tell := func(who authz.Actor, link string) {
			if err := w.app.DB.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
				return w.app.Notify.Tell(ctx, tx, []string{who.ID}, notify.Message{Key: "fault.stale", Link: link})
			}); err != nil {
				t.Fatal(err)
			}
		}
		tell(w.owner, "/my/needs/1")
		tell(w.owner, "/my/needs/2")
		tell(w.owner, "/my/needs/3")
		tell(w.staff, "/bench")
		type inbox struct {
			Items []struct {
				ID, Text, Link string
				ReadAt         string `json:"read_at"`
			}
			Next string
		}
		var first, rest inbox
		own.With("Accept-Language", "en").Get("/me/messages?limit=2").Is(http.StatusOK).Into(&first)
		own.Get("/me/messages?limit=2&after=" + first.Next).Is(http.StatusOK).Into(&rest)
		if len(first.Items) != 2 || first.Items[0].Link != "/my/needs/3" || len(rest.Items) != 2 || rest.Items[0].Link != "/my/needs/1" || rest.Next != "" {
			t.Fatalf("the inbox is %+v, then %+v", first, rest)
		}
		if first.Items[0].Text == rest.Items[0].Text {
			t.Errorf("in English and in Chinese it is %q", rest.Items[0].Text)
		}
		var left struct{ Unread int }
		ids := map[string]any{"ids": []string{first.Items[0].ID}}
		if other.Post("/me/messages/read", ids).Is(http.StatusOK).Into(&left); left.Unread != 1 {
			t.Errorf("somebody else's message is marked: %d left", left.Unread)
		}
		if own.Post("/me/messages/read", map[string]any{"ids": []string{}}).Is(http.StatusOK).Into(&left); left.Unread != 3 {
			t.Errorf("naming none leaves %d", left.Unread)
		}
		if own.Post("/me/messages/read", ids).Is(http.StatusOK).Into(&left); left.Unread != 2 {
			t.Errorf("naming one leaves %d", left.Unread)
		}
		if own.Post("/me/messages/read", map[string]any{}).Is(http.StatusOK).Into(&left); left.Unread != 0 {
			t.Errorf("naming nothing leaves %d", left.Unread)
		}
		if got := own.Post("/me/messages/read", map[string]any{"ids": make([]string, 201)}).Is(http.StatusUnprocessableEntity).Broken(); !slices.Equal(got, []string{"ids"}) {
			t.Errorf("naming 201 breaks %v", got)
		}
		w.key(w.owner, "me:read").Post("/me/messages/read", map[string]any{}).Is(http.StatusForbidden)

		var wish struct{ Possible, Wanted bool }
		if own.Get("/me/mail-wish").Is(http.StatusOK).Into(&wish); !wish.Wanted || wish.Possible {
			t.Errorf("at first the wish is %+v", wish)
		}
		if own.Put("/me/mail-wish", map[string]any{"wanted": false}).Is(http.StatusOK).Into(&wish); wish.Wanted {
			t.Error("a wish for no mails is not kept")
		}
		if other.Get("/me/mail-wish").Is(http.StatusOK).Into(&wish); !wish.Wanted {
			t.Error("somebody else's wish was changed")
		}
	})
}
