package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"qiban.dev/qiban/internal/app"
	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/account"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/testkit/apitest"
)

const seeNeeds, handleNeeds = "need:read", "need:write"

// desk is a need's three sides, each a program with a key.
type desk struct {
	asker, office, helper *apitest.Client
	firm, institution     string
}

func (w *world) desk(t *testing.T) desk {
	t.Helper()
	d := desk{office: w.key(w.staff, seeNeeds, handleNeeds), asker: w.key(w.owner, seeNeeds, handleNeeds, look, write)}
	d.firm = d.asker.Post("/enterprises", firm(1, "own", true, "evidence", "我是法定代表人")).Is(http.StatusCreated).ID()
	reg := authz.Actor{Kind: authz.Human, ID: w.staff.ID, Grants: []authz.Grant{{Region: county, Role: authz.Role{Permissions: institution.Permissions()}}}}
	got, err := w.app.Institution.Register(t.Context(), reg, institution.Profile{
		Name: "射阳县中小企业信用担保中心", Region: town, Kinds: []institution.Kind{institution.Guarantor}, Level: institution.CountyWide,
	}, "")
	if err != nil {
		t.Fatal(err)
	}
	d.institution = string(got.ID)
	d.helper = w.key(w.person("周明", account.Grant{Role: app.RoleInstitution, Party: authz.Party{Kind: authz.Institution, ID: d.institution}}), seeNeeds, handleNeeds)
	return d
}

func (d desk) need(title string) map[string]any {
	return map[string]any{
		"enterprise": d.firm, "theme": "financing", "title": title, "text": "购棉花缺流动资金，想请担保中心看看。", "amount": 300_000_000,
		"contact_name": "陈国华", "contact_phone": "13800001234",
	}
}

func done() map[string]any {
	return map[string]any{
		"on": time.Now().In(time.FixedZone("", 8*3600)).Format(time.DateOnly), "theme": "financing", "form": "expert_team",
		"amount": 300_000_000, "text": "为企业办理了流动资金贷款担保。",
	}
}

const confirmed = `SELECT COUNT(*) FROM ledger_fact WHERE stream = 'engagement.delivery' AND reverses = 0`

func TestProgramsServeANeedFromPostingToRating(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		d := w.desk(t)
		made := d.asker.Post("/needs", d.need("流动资金贷款担保")).Is(http.StatusCreated)
		at, etag := "/needs/"+made.ID(), made.ETag()
		// step does one thing: without a version, with an old one, and rightly.
		step := func(who *apitest.Client, path string, body any) *apitest.Answer {
			t.Helper()
			who.Unwisely().Post(at+path, body).Is(http.StatusPreconditionRequired)
			stale := who.With("If-Match", `"77"`).Post(at+path, body).Is(http.StatusPreconditionFailed)
			if stale.ETag() != etag {
				t.Errorf("%s: refused with %s, it is %s", path, stale.ETag(), etag)
			}
			a := who.With("If-Match", etag).Post(at+path, body).Is(http.StatusOK)
			etag = a.ETag()
			return a
		}
		before := w.count(confirmed)
		step(d.office, "/accept", nil)
		step(d.office, "/assign", map[string]any{"person": w.staff.ID})
		step(d.office, "/ask", map[string]any{"reason": "请补上年度报表"})
		step(d.asker, "/supply", map[string]any{"words": "报表已经寄出，收入九千万元。"})
		d.office.Get(at + "/proposals").Is(http.StatusOK)
		step(d.office, "/offers", map[string]any{"institution": d.institution, "note": "请看看"})
		var inbox struct{ Items []struct{ Need string } }
		if d.helper.Get("/needs/offers").Is(http.StatusOK).Into(&inbox); len(inbox.Items) != 1 || inbox.Items[0].Need != made.ID() {
			t.Fatalf("the institution's inbox is %+v", inbox)
		}
		step(d.helper, "/offers/accept", nil)
		step(d.helper, "/deliveries", done())
		if n := w.count(confirmed); n != before {
			t.Errorf("what is not confirmed counts: %d", n)
		}
		step(d.helper, "/finish", nil)
		step(d.asker, "/confirm", nil)
		closed := step(d.asker, "/rate", map[string]any{"on_time": true, "solved": "yes", "score": 5})
		if n := w.count(confirmed); n != before+1 {
			t.Errorf("%d deliveries count, want %d", n, before+1)
		}
		var got struct {
			State      string
			Deliveries []struct{ State string }
			Rating     struct{ Score int }
			Events     []struct{ Do string }
		}
		if closed.Into(&got); got.State != "closed" || got.Deliveries[0].State != "confirmed" || got.Rating.Score != 5 || len(got.Events) < 10 {
			t.Errorf("in the end it is %+v", got)
		}
		funing := w.key(w.neighbour, seeNeeds, handleNeeds)
		funing.Get(at).Is(http.StatusNotFound)
		funing.With("If-Match", etag).Post(at+"/accept", nil).Is(http.StatusNotFound)
		w.key(w.staff, seeNeeds).With("If-Match", etag).Post(at+"/reopen", map[string]any{"reason": "还有一笔"}).Is(http.StatusForbidden)
		d.office.Get(at + "/contact").Is(http.StatusForbidden)
		w.key(w.staff, "contact:read").Get(at + "/contact").Is(http.StatusOK)
		if n := w.count(`SELECT COUNT(*) FROM audit_entry WHERE action = 'engagement.contact.see' AND actor_id = ?`, w.staff.ID); n != 1 {
			t.Errorf("the reading left %d traces", n)
		}
	})
}

func TestEveryBrokenFieldOfANeedIsToldInBothLanguages(t *testing.T) {
	w := oneWorld(t)
	d := w.desk(t)
	wrong := map[string]any{"enterprise": d.firm, "theme": "magic", "title": "短", "text": "短", "months": 999, "contact_name": "陈国华", "contact_phone": "12"}
	names := func(lang string) (fields, words []string) {
		var p struct {
			Errors []struct{ Name, Detail string }
		}
		d.asker.With("Accept-Language", lang).Post("/needs", wrong).Is(http.StatusUnprocessableEntity).Into(&p)
		for _, e := range p.Errors {
			fields, words = append(fields, e.Name), append(words, e.Detail)
		}
		slices.Sort(fields)
		return fields, words
	}
	zh, said := names("zh")
	en, told := names("en")
	if want := []string{"contact_phone", "months", "text", "theme", "title"}; !slices.Equal(zh, want) || !slices.Equal(en, want) {
		t.Errorf("broken are %v and %v, want %v", zh, en, want)
	}
	if slices.Equal(said, told) {
		t.Errorf("both languages say %v", said)
	}
}

func TestLeafingWhileNeedsComeInMissesNoneAndRepeatsNone(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		d := w.desk(t)
		old := map[string]bool{}
		for i := range 105 {
			old[d.asker.Post("/needs", d.need(fmt.Sprintf("流动资金第%d笔", i))).Is(http.StatusCreated).ID()] = true
		}
		seen := map[string]bool{}
		for after, n := "", 0; ; n++ {
			var p struct {
				Items []struct{ ID string }
				Next  string
			}
			a := d.office.Get("/needs?theme=financing&region=" + string(county) + "&limit=20" + after).Is(http.StatusOK)
			if size := len(a.Body) / 20; n == 0 && size > 1200 {
				t.Errorf("a need of a list takes %d bytes", size)
			}
			a.Into(&p)
			for _, i := range p.Items {
				if seen[i.ID] {
					t.Errorf("%s comes twice", i.ID)
				}
				seen[i.ID] = true
			}
			if p.Next == "" {
				break
			}
			after = "&after=" + p.Next
			d.asker.Post("/needs", d.need(fmt.Sprintf("新来的第%d笔", n))).Is(http.StatusCreated)
		}
		for id := range old {
			if !seen[id] {
				t.Errorf("%s was missed", id)
			}
		}
		var total struct{ Total int }
		if d.office.Get("/needs?total=true&limit=1").Is(http.StatusOK).Into(&total); total.Total != w.count(`SELECT COUNT(*) FROM need`) {
			t.Errorf("counted are %d", total.Total)
		}
	})
}

func TestTwentyPostingsAndDeliveriesAtOnceAreOne(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		d := w.desk(t)
		at := func(fn func()) {
			var all sync.WaitGroup
			for range 20 {
				all.Go(fn)
			}
			all.Wait()
		}
		at(func() {
			d.asker.With("Idempotency-Key", "need-1").Post("/needs", d.need("流动资金贷款担保")).Is(http.StatusCreated)
		})
		var list struct{ Items []struct{ ID string } }
		if d.office.Get("/needs").Is(http.StatusOK).Into(&list); len(list.Items) != 1 {
			t.Fatalf("twenty requests posted %d", len(list.Items))
		}
		path := "/needs/" + list.Items[0].ID
		a := d.office.Get(path)
		a = d.office.With("If-Match", a.ETag()).Post(path+"/accept", nil).Is(http.StatusOK)
		a = d.office.With("If-Match", a.ETag()).Post(path+"/offers", map[string]any{"institution": d.institution}).Is(http.StatusOK)
		a = d.helper.With("If-Match", a.ETag()).Post(path+"/offers/accept", nil).Is(http.StatusOK)
		work := done()
		at(func() {
			d.helper.With("If-Match", a.ETag(), "Idempotency-Key", "work-1").Post(path+"/deliveries", work).Is(http.StatusOK)
		})
		if n := w.count(`SELECT COUNT(*) FROM need_delivery`); n != 1 {
			t.Errorf("twenty requests delivered %d", n)
		}
		if !strings.Contains(string(d.office.Get("/needs/todo").Is(http.StatusOK).Body), `"all":1`) {
			t.Error("it is not among what is to be done")
		}
	})
}
