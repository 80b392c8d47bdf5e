package api_test

import (
	"bytes"
	"net/http"
	"slices"
	"testing"

	"qiban.dev/qiban/internal/app"
	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/config"
	"qiban.dev/qiban/internal/domain/account"
	"qiban.dev/qiban/internal/testkit"
	"qiban.dev/qiban/internal/testkit/apitest"
)

const sendFiles = "file:write"

func paper(words string) []byte { return []byte("%PDF-1.4 " + words) }

// sent uploads a document and answers its token.
func sent(who *apitest.Client, name string, content []byte) string {
	var up struct{ Token string }
	who.Post("/uploads?name="+name, content).Is(http.StatusCreated).Into(&up)
	return up.Token
}

type document struct {
	ID, Name, Type, Delivery string
	Size                     int
}

type listed struct{ Files []document }

func TestADocumentGoesWithANeedAndItsDelivery(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		d := w.desk(t)
		owner, helper := w.key(w.owner, sendFiles, seeNeeds, handleNeeds), w.key(w.person("周明助手",
			account.Grant{Role: app.RoleInstitution, Party: authz.Party{Kind: authz.Institution, ID: d.institution}}), sendFiles, seeNeeds, handleNeeds)
		report := paper("二〇〇八年度报表")
		body := d.need("流动资金贷款担保")
		body["files"] = []string{sent(owner, "report.pdf", report)}
		made := owner.Post("/needs", body).Is(http.StatusCreated)
		at := "/needs/" + made.ID()
		var need listed
		if made.Into(&need); len(need.Files) != 1 || need.Files[0].Name != "report.pdf" || need.Files[0].Type != "application/pdf" || need.Files[0].Size != len(report) {
			t.Fatalf("the need has %+v", need.Files)
		}
		file := at + "/files/" + need.Files[0].ID

		// Who sees the need's documents takes them away, as an attachment; a trace is left.
		got := d.office.Get(file).Is(http.StatusOK)
		if !bytes.Equal(got.Body, report) || got.Header.Get("Content-Disposition") == "" || got.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("the office got %q as %v", got.Body, got.Header)
		}
		owner.Get(file).Is(http.StatusOK)
		if n := w.count(`SELECT COUNT(*) FROM audit_entry WHERE record_id = ? AND actor_id = ? AND detail LIKE '%file%'`, made.ID(), w.staff.ID); n != 1 {
			t.Errorf("%d traces of opening it, want 1", n)
		}
		helper.Get(file).Is(http.StatusNotFound)
		w.key(w.neighbour, seeNeeds).Get(file).Is(http.StatusNotFound)
		d.office.Get(at + "/files/0190a5c0-0000-7000-8000-000000000000").Is(http.StatusNotFound)
		w.key(w.staff, look).Get(file).Is(http.StatusForbidden)

		// Edited: one comes, one goes.
		d.office.With("If-Match", made.ETag()).Post(at+"/accept", nil).Is(http.StatusOK)
		now := owner.Get(at)
		change := map[string]any{
			"theme": "financing", "title": "流动资金贷款担保", "text": "购棉花缺流动资金，想请担保中心看看。",
			"files": []string{sent(owner, "plan.pdf", paper("计划"))}, "remove_files": []string{need.Files[0].ID},
		}
		now = owner.With("If-Match", now.ETag()).Put(at, change).Is(http.StatusOK)
		if now.Into(&need); len(need.Files) != 1 || need.Files[0].Name != "plan.pdf" {
			t.Errorf("after the change the need has %+v", need.Files)
		}
		owner.Get(file).Is(http.StatusNotFound)

		// A delivery brings its result.
		now = d.office.With("If-Match", now.ETag()).Post(at+"/offers", map[string]any{"institution": d.institution}).Is(http.StatusOK)
		now = helper.With("If-Match", now.ETag()).Post(at+"/offers/accept", nil).Is(http.StatusOK)
		work := done()
		work["files"] = []string{sent(helper, "contract.pdf", paper("合同"))}
		var after struct {
			listed
			Deliveries []struct{ ID string }
		}
		helper.With("If-Match", now.ETag()).Post(at+"/deliveries", work).Is(http.StatusOK).Into(&after)
		i := slices.IndexFunc(after.Files, func(f document) bool { return f.Name == "contract.pdf" })
		if i < 0 || after.Files[i].Delivery != after.Deliveries[0].ID {
			t.Errorf("the delivery's result is not among %+v", after.Files)
		}
	})
}

func TestADocumentGoesWithAClaim(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		owner := w.key(w.owner, sendFiles, look, write)
		licence := paper("营业执照")
		claim := map[string]any{"code": code(2), "region": string(town), "evidence": "这家是我的公司", "files": []string{sent(owner, "licence.pdf", licence)}}
		var mine listed
		made := owner.Post("/me/claims", claim).Is(http.StatusCreated)
		made.Into(&mine)
		if len(mine.Files) != 1 {
			t.Fatalf("the claim has %+v", mine)
		}
		own := "/me/claims/" + made.ID()
		if got := owner.Get(own + "/files/" + mine.Files[0].ID).Is(http.StatusOK); !bytes.Equal(got.Body, licence) {
			t.Errorf("the claimant got %q", got.Body)
		}
		owner.Post(own+"/evidence", map[string]any{"evidence": "再补一份授权书", "files": []string{sent(owner, "letter.pdf", paper("授权书"))}}).
			Is(http.StatusOK).Into(&mine)
		if len(mine.Files) != 2 {
			t.Errorf("with the letter the claim has %+v", mine)
		}
		centre := w.key(w.staff, write)
		var theirs listed
		centre.Get("/claims/" + made.ID()).Is(http.StatusOK).Into(&theirs)
		if len(theirs.Files) != 2 {
			t.Fatalf("the centre sees %+v", theirs)
		}
		file := "/claims/" + made.ID() + "/files/" + theirs.Files[0].ID
		if got := centre.Get(file).Is(http.StatusOK); !bytes.Equal(got.Body, licence) {
			t.Errorf("the centre got %q", got.Body)
		}
		if n := w.count(`SELECT COUNT(*) FROM audit_entry WHERE record_id = ? AND actor_id = ? AND detail LIKE '%file%'`, made.ID(), w.staff.ID); n != 1 {
			t.Errorf("%d traces of opening it, want 1", n)
		}
		w.key(w.neighbour, look, write).Get(file).Is(http.StatusNotFound)
		w.key(w.person("别人"), look, write).Get("/me" + file).Is(http.StatusNotFound)
	})
}

func TestADocumentGoesWithAnInstitution(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		centre := w.key(w.staff, sendFiles, lookAt, keep)
		made := centre.Post("/institutions", guarantor()).Is(http.StatusCreated)
		at := "/institutions/" + made.ID()
		head := w.key(w.person("沈芳", account.Grant{Role: app.RoleInstitution, Party: authz.Party{Kind: authz.Institution, ID: made.ID()}}), sendFiles, lookAt, keep)
		permit := paper("融资性担保机构经营许可证")
		bring := map[string]any{"files": []string{sent(head, "permit.pdf", permit)}}
		now := head.With("If-Match", made.ETag(), "Idempotency-Key", "permit").Post(at+"/files", bring).Is(http.StatusOK)
		again := head.With("If-Match", made.ETag(), "Idempotency-Key", "permit").Post(at+"/files", bring).Is(http.StatusOK)
		if again.Header.Get("Idempotency-Replayed") != "true" || again.ETag() != now.ETag() {
			t.Errorf("sent twice it is version %s, then %s", now.ETag(), again.ETag())
		}
		var has listed
		if now.Into(&has); len(has.Files) != 1 || has.Files[0].Name != "permit.pdf" || has.Files[0].Size != len(permit) {
			t.Fatalf("the institution has %+v", has.Files)
		}
		file := at + "/files/" + has.Files[0].ID
		for _, who := range []*apitest.Client{head, centre} {
			if got := who.Get(file).Is(http.StatusOK); !bytes.Equal(got.Body, permit) || got.Header.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("taken away: %q as %v", got.Body, got.Header)
			}
		}
		if n := w.count(`SELECT COUNT(*) FROM audit_entry WHERE record_id = ? AND detail LIKE '%"read":"file%'`, made.ID()); n != 1 {
			t.Errorf("%d traces of opening it, want the centre's one", n)
		}
		w.key(w.neighbour, lookAt).Get(file).Is(http.StatusNotFound)
		w.key(w.staff, look).Get(file).Is(http.StatusForbidden)
		centre.Get(at + "/files/0190a5c0-0000-7000-8000-000000000000").Is(http.StatusNotFound)
		shown := centre.With("If-Match", now.ETag()).Post(at+"/publish", nil).Is(http.StatusOK)
		if body := w.Get("/published" + at).Is(http.StatusOK).Body; bytes.Contains(body, []byte("permit.pdf")) {
			t.Errorf("anybody reads %s", body)
		}

		off := map[string]any{"remove_files": []string{has.Files[0].ID}}
		head.With("If-Match", now.ETag()).Post(at+"/files", off).Is(http.StatusPreconditionFailed)
		w.key(w.neighbour, lookAt, keep).With("If-Match", shown.ETag()).Post(at+"/files", off).Is(http.StatusNotFound)
		if got := head.With("If-Match", shown.ETag()).Post(at+"/files", map[string]any{}).Is(http.StatusUnprocessableEntity).Broken(); !slices.Equal(got, []string{"files"}) {
			t.Errorf("with neither, %v is broken", got)
		}
		if head.With("If-Match", shown.ETag()).Post(at+"/files", off).Is(http.StatusOK).Into(&has); len(has.Files) != 0 {
			t.Errorf("taken off, there is %+v", has.Files)
		}
		head.Get(file).Is(http.StatusNotFound)
	})
}

func TestWhatIsWrongWithAnUploadIsTold(t *testing.T) {
	w := newWorld(t, testkit.Migrated(t), config.Serve{})
	owner := w.key(w.owner, sendFiles, look, write)
	for name, c := range map[string]struct {
		content []byte
		status  int
		broken  string
	}{
		"":            {paper("无名"), http.StatusUnprocessableEntity, "name"},
		"empty.pdf":   {[]byte{}, http.StatusUnprocessableEntity, "files"},
		"page.pdf":    {[]byte("<!DOCTYPE html><script>alert(1)</script>"), http.StatusUnprocessableEntity, "files"},
		"program.pdf": {[]byte("\x7fELF\x02\x01\x01"), http.StatusUnprocessableEntity, "files"},
		"long.pdf":    {bytes.Repeat(paper("很长"), int(w.app.Files.Limits().File)/len(paper("很长"))+1), http.StatusRequestEntityTooLarge, ""},
	} {
		a := owner.Unwisely().Post("/uploads?name="+name, c.content).Is(c.status)
		if c.broken != "" && !slices.Equal(a.Broken(), []string{c.broken}) {
			t.Errorf("%s: the broken fields are %v, want %s", name, a.Broken(), c.broken)
		}
	}
	owner.Unwisely().Post("/uploads?name=a.pdf", map[string]any{"file": "JVBERi0="}).Is(http.StatusUnsupportedMediaType)
	w.key(w.owner, write).Post("/uploads?name=a.pdf", paper("")).Is(http.StatusForbidden)
	w.Unwisely().Post("/uploads?name=a.pdf", paper("")).Is(http.StatusUnauthorized)

	// The same sent again is the same, what it is called follows what it is, and it is its sender's alone.
	first, again := sent(owner, "a.pdf", paper("同一份")), sent(owner, "a.pdf", paper("同一份"))
	if first != again {
		t.Errorf("the same upload waits twice: %s and %s", first, again)
	}
	var up struct {
		Name    string
		Renamed bool
	}
	if owner.Post("/uploads?name=scan.docx", paper("其实是PDF")).Is(http.StatusCreated).Into(&up); up.Name != "scan.pdf" || !up.Renamed {
		t.Errorf("it is called %+v", up)
	}
	claim := func(n int, token string) map[string]any {
		return map[string]any{"code": code(n), "region": string(town), "evidence": "这家是我的公司", "files": []string{token}}
	}
	for i, token := range []string{"no-such-token", sent(w.key(w.neighbour, sendFiles), "b.pdf", paper("别人的"))} {
		if a := owner.Post("/me/claims", claim(10+i, token)).Is(http.StatusUnprocessableEntity); !slices.Equal(a.Broken(), []string{"files"}) {
			t.Errorf("a token that is not theirs breaks %v", a.Broken())
		}
	}
	if n := w.count(`SELECT COUNT(*) FROM enterprise_claim`); n != 0 {
		t.Errorf("%d claims were filed with what is not there", n)
	}
	// Sent twice with one idempotency key, the document is there once.
	once := owner.With("Idempotency-Key", "claim-1")
	made := once.Post("/me/claims", claim(20, first)).Is(http.StatusCreated)
	if repeat := once.Post("/me/claims", claim(20, first)).Is(http.StatusCreated); repeat.ID() != made.ID() {
		t.Errorf("sent again it is another claim")
	}
	if n := w.count(`SELECT COUNT(*) FROM files_file`); n != 1 {
		t.Errorf("%d documents, want 1", n)
	}
}
