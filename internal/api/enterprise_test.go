package api_test

import (
	"net/http"
	"slices"
	"testing"
)

const look, write = "enterprise:read", "enterprise:write"

func TestAnOfficesProgramKeepsTheRegister(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		centre := w.key(w.staff, look, write, "contact:read")
		made := centre.Post("/enterprises", firm(1, "contact_person", "陈国华", "contact_phone", "13800001234")).Is(http.StatusCreated)
		id := made.ID()
		if made.Header.Get("Location") != "/api/v1/enterprises/"+id || made.ETag() != `"1"` {
			t.Errorf("made at %q as version %s", made.Header.Get("Location"), made.ETag())
		}
		got := centre.Get("/enterprises/" + id).Is(http.StatusOK)
		centre.With("If-None-Match", got.ETag()).Get("/enterprises/" + id).Is(http.StatusNotModified)

		verified := centre.With("If-Match", got.ETag()).Post("/enterprises/"+id+"/verify", nil).Is(http.StatusOK)
		var e struct {
			Status      string
			Identifiers []struct{ Verified bool }
		}
		if verified.Into(&e); e.Status != "verified" || !e.Identifiers[0].Verified {
			t.Errorf("verified as %+v", e)
		}
		edited := centre.With("If-Match", verified.ETag()).Put("/enterprises/"+id, firm(1, "address", "人民路 1 号")).Is(http.StatusOK)
		centre.With("If-Match", `"0"`).Put("/enterprises/"+id+"/years/2025", map[string]any{"employees": 120, "revenue": 90_000_000_00}).Is(http.StatusOK)
		var year struct {
			Employees int64
			Assets    *int64
		}
		if centre.Get("/enterprises/" + id + "/years/2025").Is(http.StatusOK).Into(&year); year.Employees != 120 || year.Assets != nil {
			t.Errorf("the year is %+v", year)
		}
		var size struct{ Class, Name string }
		if centre.Get("/enterprises/" + id + "/size?year=2025").Is(http.StatusOK).Into(&size); size.Class != "small" || size.Name != "小型" {
			t.Errorf("its size is %+v", size)
		}
		var contact struct{ Person string }
		if centre.Get("/enterprises/" + id + "/contact").Is(http.StatusOK).Into(&contact); contact.Person != "陈国华" {
			t.Errorf("the contact is %+v", contact)
		}

		second := centre.Post("/enterprises", firm(1, "name", "射阳第1纺织有限公司")).Is(http.StatusCreated)
		var found struct {
			Items []struct {
				Enterprise struct{ ID string }
				SameCode   bool `json:"same_code"`
			}
		}
		if centre.Get("/enterprises/" + second.ID() + "/duplicates").Is(http.StatusOK).Into(&found); len(found.Items) != 1 || found.Items[0].Enterprise.ID != id {
			t.Fatalf("duplicates are %+v", found)
		}
		centre.Post("/enterprises/"+second.ID()+"/distinguish", map[string]any{"other": id, "apart": true}).Is(http.StatusOK)
		centre.Get("/enterprises/similar?apart=true").Is(http.StatusOK)
		centre.Post("/enterprises/"+second.ID()+"/distinguish", map[string]any{"other": "nobody", "apart": true}).Is(http.StatusNotFound)
		merged := centre.With("If-Match", second.ETag()).
			Post("/enterprises/"+second.ID()+"/merge", map[string]any{"into": id, "reason": "同一家企业登记了两次"}).Is(http.StatusOK)
		centre.With("If-Match", merged.ETag()).Post("/enterprises/"+second.ID()+"/separate", map[string]any{"reason": "原来是两家企业"}).Is(http.StatusOK)
		closed := centre.With("If-Match", edited.ETag()).Post("/enterprises/"+id+"/close", map[string]any{"reason": "已经办了注销"}).Is(http.StatusOK)
		centre.With("If-Match", closed.ETag()).Post("/enterprises/"+id+"/reopen", map[string]any{"reason": "注销登记有误"}).Is(http.StatusOK)

		if n := w.count(`SELECT COUNT(*) FROM audit_entry WHERE actor_kind = 'key' AND actor_id = ? AND detail LIKE '%"key":"%'`, w.staff.ID); n != 13 {
			t.Errorf("%d entries of the audit trail name the key, want 13", n)
		}
		// What a neighbour's program asks for is not there.
		funing := w.key(w.neighbour, look, write)
		funing.Get("/enterprises/" + id).Is(http.StatusNotFound)
		funing.With("If-Match", closed.ETag()).Put("/enterprises/"+id, firm(1)).Is(http.StatusNotFound)
	})
}

func TestAnEnterprisesProgramSeesItsOwnAndClaimsAnother(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		own, centre := w.key(w.owner, look, write), w.key(w.staff, look, write)
		id := own.Post("/enterprises", firm(1, "own", true, "evidence", "我是法定代表人")).Is(http.StatusCreated).ID()
		other := centre.Post("/enterprises", firm(2)).Is(http.StatusCreated)
		var list struct{ Items []struct{ ID string } }
		if own.Get("/enterprises").Is(http.StatusOK).Into(&list); len(list.Items) != 1 || list.Items[0].ID != id {
			t.Errorf("the owner's program sees %+v", list.Items)
		}
		own.Get("/enterprises/" + other.ID()).Is(http.StatusNotFound)

		claim := own.Post("/me/claims", map[string]any{"code": code(2), "region": string(town), "evidence": "这家也是我的公司"}).Is(http.StatusCreated)
		own.Post("/me/claims/"+claim.ID()+"/evidence", map[string]any{"evidence": "营业执照在窗口可看"}).Is(http.StatusOK)
		var claims struct {
			Items []struct{ ID, Status string }
			Total int
		}
		if centre.Get("/claims?total=true&status=pending").Is(http.StatusOK).Into(&claims); claims.Total != 2 {
			t.Fatalf("the centre has %+v to decide", claims)
		}
		at := centre.Get("/claims/" + claim.ID()).Is(http.StatusOK)
		at = centre.With("If-Match", at.ETag()).Post("/claims/"+claim.ID()+"/decide", map[string]any{"accept": true}).Is(http.StatusOK)
		if own.Get("/enterprises").Is(http.StatusOK).Into(&list); len(list.Items) != 2 {
			t.Errorf("after the claim the owner's program sees %+v", list.Items)
		}
		var holders struct{ Items []struct{ Person string } }
		if centre.Get("/enterprises/" + other.ID() + "/holders").Is(http.StatusOK).Into(&holders); len(holders.Items) != 1 || holders.Items[0].Person != w.owner.ID {
			t.Errorf("its holders are %+v", holders)
		}
		centre.With("If-Match", at.ETag()).Post("/claims/"+claim.ID()+"/dispute", map[string]any{"reason": "有人提出异议"}).Is(http.StatusOK)
		if own.Get("/me/claims").Is(http.StatusOK).Into(&claims); claims.Items[0].Status != "pending" {
			t.Errorf("a dispute is told to the claimant: %+v", claims.Items)
		}
	})
}

func TestEveryBrokenFieldIsToldInBothLanguages(t *testing.T) {
	w := oneWorld(t)
	centre := w.key(w.staff, look, write)
	wrong := map[string]any{"name": "甲", "region": string(county), "code": []string{"123"}, "established": "2026-13-01"}
	zh := centre.Post("/enterprises", wrong).Is(http.StatusUnprocessableEntity).Problem()
	if len(zh.Errors) != 4 || zh.Title != "有几处需要改" {
		t.Fatalf("told in Chinese: %+v", zh)
	}
	for _, e := range zh.Errors {
		if e.Pointer != "/"+e.Name || e.In != "body" || e.Detail == "" {
			t.Errorf("a broken field is told as %+v", e)
		}
	}
	en := centre.With("Accept-Language", "en-GB, zh;q=0.5").Post("/enterprises", wrong).Is(http.StatusUnprocessableEntity)
	if p := en.Problem(); p.Title != "Some things need correcting" || len(p.Errors) != 4 || en.Header.Get("Content-Language") != "en" {
		t.Errorf("told in English: %+v", p)
	}
	if got := centre.Unwisely().Get("/enterprises?limit=ten&nonsense=1&after=zz&merged=perhaps").Is(http.StatusUnprocessableEntity).Broken(); len(got) != 3 {
		t.Errorf("broken parameters: %v", got)
	}
	if got := centre.Get("/enterprises?after=zz").Is(http.StatusUnprocessableEntity).Problem(); got.Errors[0].In != "query" {
		t.Errorf("a broken cursor: %+v", got)
	}
	typed := `{"name":7,"region":["a"],"code":"x","industry":{"edition":1,"letter":"C"},"nonsense":true}`
	got := centre.Unwisely().Post("/enterprises", typed).Is(http.StatusUnprocessableEntity).Problem()
	var at []string
	for _, e := range got.Errors {
		at = append(at, e.Pointer)
	}
	slices.Sort(at)
	if want := []string{"/code", "/industry/edition", "/industry/letter", "/name", "/nonsense", "/region"}; !slices.Equal(at, want) {
		t.Errorf("of wrong kinds: %v, want %v", at, want)
	}
}

func TestAListIsLeafedThroughWithoutGapOrDoublet(t *testing.T) {
	w := oneWorld(t)
	centre := w.key(w.staff, look, write)
	const all = 113
	for n := range all {
		centre.Post("/enterprises", firm(n)).Is(http.StatusCreated)
	}
	for _, order := range []string{"", "updated", "created", "name"} {
		seen := map[string]int{}
		path := "/enterprises?limit=10&order=" + order
		if order == "" {
			path = "/enterprises?limit=10"
		}
		for pages := 0; ; pages++ {
			var p struct {
				Items []struct{ ID string }
				Next  string
				Total *int
			}
			a := centre.Get(path).Is(http.StatusOK)
			a.Into(&p)
			for _, e := range p.Items {
				seen[e.ID]++
			}
			if (p.Next == "") != (a.Header.Get("Link") == "") || p.Total != nil {
				t.Fatalf("next %q, link %q, total %v", p.Next, a.Header.Get("Link"), p.Total)
			}
			if pages == 0 { // somebody adds one meanwhile
				centre.Post("/enterprises", firm(1000+len(order))).Is(http.StatusCreated)
			}
			if p.Next == "" {
				break
			}
			path = next(t, a.Header.Get("Link"))
		}
		twice := 0
		for _, n := range seen {
			if n > 1 {
				twice++
			}
		}
		if twice > 0 || len(seen) < all {
			t.Errorf("by %q: %d seen of %d, %d twice", order, len(seen), all, twice)
		}
	}
	var p struct{ Total int }
	if centre.Get("/enterprises?limit=1&total=true").Is(http.StatusOK).Into(&p); p.Total != all+4 {
		t.Errorf("the total is %d, want %d", p.Total, all+4)
	}
	if got := centre.Unwisely().Get("/enterprises?limit=201").Is(http.StatusUnprocessableEntity).Broken(); !slices.Equal(got, []string{"limit"}) {
		t.Errorf("a page of 201: %v", got)
	}
}
