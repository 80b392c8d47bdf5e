package workbench_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"qiban.dev/qiban/internal/domain/account/accountweb"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/testkit"
	"qiban.dev/qiban/internal/testkit/world"
)

// taken is what somebody gets who follows a link of a list.
func taken(t *testing.T, w *world.World, p world.Person, address string) (status int, body string) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	r.AddCookie(&http.Cookie{Name: accountweb.Cookie, Value: p.Token})
	rec := httptest.NewRecorder()
	w.Handler.ServeHTTP(rec, r)
	return rec.Code, rec.Body.String()
}

// links are the addresses under a list to take it away, by their words.
func links(t *testing.T, w *world.World, p world.Person, page string) map[string]string {
	t.Helper()
	found := map[string]string{}
	doc := testkit.Visit(t, w.Handler, accountweb.Cookie, p.Token).Get(page).Is(http.StatusOK)
	for _, a := range doc.All(".takeaway a") {
		found[testkit.Text(a)] = testkit.Attr(a, "href")
	}
	return found
}

// A list is taken away as it stands on the page: narrowed as it is there, and no
// further than the reader reaches.
func TestAListIsTakenAwayAsItStands(t *testing.T) {
	testkit.EachMigrated(t, func(t *testing.T, source string) {
		w := world.New(t, source)
		t.Cleanup(func() { _ = w.Close() })
		for page, mark := range map[string]string{"/bench/enterprises": "纺织有限公司", "/bench/institutions": "担保中心", "/bench/needs": ""} {
			clerk := w.Person("centre-staff", world.Own)
			all := links(t, w, clerk, page)
			status, body := taken(t, w, clerk, all["CSV"])
			if status != http.StatusOK || !strings.Contains(body, world.Mark(world.Own, mark)) {
				t.Errorf("%s: %d\n%s", page, status, body)
			}
			for _, beyond := range []world.Place{world.Beside, world.Above, world.Outside} {
				if strings.Contains(body, "记号"+string(beyond.Town)) {
					t.Errorf("%s: a record of the %s went out to Sheyang", page, beyond.Name)
				}
			}
			narrowed := links(t, w, clerk, page+"?place="+string(world.Below.Town)+"&q="+url.QueryEscape("记号"))
			if _, body := taken(t, w, clerk, narrowed["CSV"]); strings.Contains(body, "记号"+string(world.Own.Town)) || !strings.Contains(body, "记号"+string(world.Below.Town)) {
				t.Errorf("%s: narrowed to one town on the page, the table is\n%s", page, body)
			}
			if _, excel := taken(t, w, clerk, all["Excel"]); !strings.HasPrefix(excel, "PK") {
				t.Errorf("%s: no Excel file: %.40q", page, excel)
			}
			if strings.Contains(body, "0515-82300000") {
				t.Errorf("%s: telephone numbers went out", page)
			}
		}
	})
}

// Persons to speak to go out to those with the right to that, and the trail of
// each enterprise says who read them.
func TestContactsGoOutToThoseEntitledAndLeaveATrace(t *testing.T) {
	testkit.EachMigrated(t, func(t *testing.T, source string) {
		w := world.New(t, source)
		t.Cleanup(func() { _ = w.Close() })
		const words = "Excel（含联系人，记入审计）"
		clerk, official := w.Person("centre-staff", world.Own), w.Person("official", world.Own)
		if href, offered := links(t, w, clerk, "/bench/enterprises")[words]; offered {
			t.Errorf("a clerk is offered %s", href)
		}
		const full = "/bench/export/enterprise?contacts=1&format=csv"
		if status, body := taken(t, w, clerk, full); status != http.StatusForbidden || strings.Contains(body, "0515-82300000") {
			t.Errorf("the clerk gets %d", status)
		}
		href := links(t, w, official, "/bench/enterprises?place="+string(world.Own.Town))[words]
		if status, _ := taken(t, w, official, href); status != http.StatusOK {
			t.Fatalf("%s: %d", href, status)
		}
		reads := func(at world.Place) (who []string) {
			trail, err := gate.Trail(t.Context(), w.DB, gate.Record{Kind: enterprise.Kind, ID: string(w.At[at.Name].Enterprise)})
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range trail {
				if e.Action == string(enterprise.ExportContact) {
					who = append(who, e.ActorID)
				}
			}
			return who
		}
		if got := reads(world.Own); len(got) != 1 || got[0] != official.ID {
			t.Errorf("read by %v, want the official once", got)
		}
		if got := reads(world.Below); len(got) != 0 {
			t.Errorf("the list was narrowed to another town, and the trail says %v read this one's contact", got)
		}
		_, body := taken(t, w, official, full)
		if !strings.Contains(body, world.Mark(world.Own, "厂长")+",0515-82300000") || strings.Contains(body, world.Mark(world.Beside, "厂长")) {
			t.Errorf("with contacts:\n%s", body)
		}
		if len(reads(world.Own)) != 2 || len(reads(world.Below)) != 1 || len(reads(world.Beside)) != 0 {
			t.Errorf("the second time: %v %v %v", reads(world.Own), reads(world.Below), reads(world.Beside))
		}
	})
}
