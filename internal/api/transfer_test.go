package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"qiban.dev/qiban/internal/app"
	"qiban.dev/qiban/internal/config"
	"qiban.dev/qiban/internal/domain/account"
	"qiban.dev/qiban/internal/testkit"
	"qiban.dev/qiban/internal/testkit/apitest"
	"qiban.dev/qiban/internal/text"
)

const readTables, writeTables = "table:read", "table:write"

// register is a list of enterprises: two of Sheyang, and one of Funing, which is
// not the office's.
func register() []byte {
	return fmt.Appendf(nil, "企业名称,统一社会信用代码,所在乡镇街道,联系人,联系电话,备注\n"+
		"射阳县鹤乡纺织有限公司,%s,320924100,王海燕,0515-82300000,老企业\n"+
		"射阳县沿海食品厂,%s,320924101,,,\n"+
		"阜宁县古河建材厂,%s,320923100,,,外县\n", code(1), code(2), code(3))
}

// imported is an import as a program reads it.
type imported struct {
	ID, Kind, Name, State, Trouble          string
	Rows, New, Changed, Unchanged, Rejected int64
	Headings, Unknown                       []string
	Sample                                  [][]string
	Problems                                []struct {
		Row int
		Why string
	}
}

func (i imported) counts() [4]int64 { return [4]int64{i.New, i.Changed, i.Unchanged, i.Rejected} }

// brings asks for an import of a table that is sent first.
func brings(t *testing.T, who *apitest.Client, kind string, table []byte, dry bool) (imported, *apitest.Answer) {
	t.Helper()
	a := who.Post("/imports", map[string]any{"kind": kind, "token": sent(who, "firms.csv", table), "dry_run": dry}).Is(http.StatusCreated)
	var got imported
	a.Into(&got)
	return got, a
}

func (w *world) settle(t *testing.T) {
	t.Helper()
	if err := w.app.Jobs.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestAProgramChecksATableAndLetsItLand(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id, secret := w.secret(w.staff, writeTables, sendFiles)
		centre := w.Key(secret)
		got, a := brings(t, centre, "enterprise", register(), true)
		if got.State != "checked" || got.counts() != [4]int64{2, 0, 0, 1} || got.Name != "firms.csv" || !slices.Equal(got.Unknown, []string{"备注"}) ||
			len(got.Sample) != 3 || len(got.Problems) != 1 || got.Problems[0].Row != 4 || !strings.Contains(got.Problems[0].Why, "320923100") {
			t.Errorf("checked: %+v", got)
		}
		if n := w.count(`SELECT COUNT(*) FROM enterprise`); n != 0 {
			t.Fatalf("a look landed %d enterprises", n)
		}
		at := "/imports/" + got.ID
		if where := a.Header.Get("Location"); where != "/api/v1"+at {
			t.Errorf("it is at %s", where)
		}
		centre.With("If-Match", `"0"`).Post(at+"/confirm", nil).Is(http.StatusPreconditionFailed)
		a = centre.With("If-Match", a.ETag()).Post(at+"/confirm", nil).Is(http.StatusOK)
		if a.Into(&got); got.State != "waiting" {
			t.Errorf("confirmed, it is %s", got.State)
		}
		centre.With("If-Match", a.ETag()).Post(at+"/discard", nil).Is(http.StatusConflict)
		w.settle(t)
		if centre.Get(at).Is(http.StatusOK).Into(&got); got.State != "done" || got.counts() != [4]int64{2, 0, 0, 1} || got.Rows != 3 {
			t.Errorf("in the end: %+v", got)
		}
		// Each record's trail names the key, as that of any other act of a program does.
		if n := w.count(`SELECT COUNT(*) FROM audit_entry WHERE record_kind = 'enterprise' AND actor_id = ? AND detail LIKE ?`, w.staff.ID, "%"+id+"%"); n != 2 {
			t.Errorf("%d entries name the key, want 2", n)
		}
		file := centre.Get(at + "/rejected").Is(http.StatusOK)
		if body := string(file.Body); !strings.Contains(body, "阜宁县古河建材厂") || strings.Contains(body, "鹤乡") || !strings.Contains(file.Header.Get("Content-Disposition"), "firms.rejected.csv") {
			t.Errorf("rejected: %v\n%s", file.Header, body)
		}

		var list struct{ Items []imported }
		if centre.Get("/imports").Is(http.StatusOK).Into(&list); len(list.Items) != 1 || list.Items[0].ID != got.ID {
			t.Errorf("the list has %+v", list.Items)
		}
		// An import is its person's alone; a colleague sees that it was, and nothing of it.
		colleague := w.key(w.person("周明", account.Grant{Role: app.RoleStaff, Region: county}), writeTables)
		if colleague.Get("/imports").Is(http.StatusOK).Into(&list); len(list.Items) != 1 {
			t.Errorf("a colleague's list has %+v", list.Items)
		}
		for _, who := range []*apitest.Client{colleague, w.key(w.neighbour, writeTables)} {
			for _, path := range []string{at, at + "/rejected"} {
				who.Get(path).Is(http.StatusNotFound)
			}
			who.With("If-Match", `"1"`).Post(at+"/confirm", nil).Is(http.StatusNotFound)
		}
		if w.key(w.neighbour, writeTables).Get("/imports").Is(http.StatusOK).Into(&list); len(list.Items) != 0 {
			t.Errorf("another county's list has %+v", list.Items)
		}
	})
}

func TestAProgramImportsATableAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		centre := w.key(w.staff, writeTables, sendFiles)
		ask := map[string]any{"kind": "enterprise", "token": sent(centre, "firms.csv", register())}
		once := centre.With("Idempotency-Key", "register-1")
		first := once.Post("/imports", ask).Is(http.StatusCreated)
		again := once.Post("/imports", ask).Is(http.StatusCreated)
		if first.ID() != again.ID() || again.Header.Get("Idempotency-Replayed") != "true" {
			t.Errorf("sent again it is another import: %s and %s", first.ID(), again.ID())
		}
		w.settle(t)
		once.Post("/imports", ask).Is(http.StatusCreated)
		w.settle(t)
		var got imported
		if centre.Get("/imports/" + first.ID()).Is(http.StatusOK).Into(&got); got.State != "done" || got.counts() != [4]int64{2, 0, 0, 1} {
			t.Errorf("in the end: %+v", got)
		}
		if runs, held := w.count(`SELECT COUNT(*) FROM xfer_run`), w.count(`SELECT COUNT(*) FROM files_pending`); runs != 1 || held != 0 {
			t.Errorf("%d imports, %d uploads wait", runs, held)
		}
		// The token is used up; the table itself may come again, and changes nothing.
		if a := centre.Post("/imports", ask).Is(http.StatusUnprocessableEntity); !slices.Equal(a.Broken(), []string{"token"}) {
			t.Errorf("the used token breaks %v", a.Broken())
		}
		second, _ := brings(t, centre, "enterprise", register(), false)
		w.settle(t)
		if centre.Get("/imports/" + second.ID).Is(http.StatusOK).Into(&got); got.State != "done" || got.counts() != [4]int64{0, 0, 2, 1} {
			t.Errorf("the same table again: %+v", got)
		}
		if n := w.count(`SELECT COUNT(*) FROM enterprise`); n != 2 {
			t.Errorf("%d enterprises, want 2", n)
		}
	})
}

// A key that is ended while its import waits lands nothing, though its person may;
// nor does what its person brought to the workbench, when the key let it land.
func TestAnImportGoesNoFurtherThanItsKey(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id, secret := w.secret(w.staff, writeTables, sendFiles)
		got, _ := brings(t, w.Key(secret), "enterprise", register(), false)
		byHand, err := w.app.Transfer.Take(t.Context(), w.staff, "enterprise", "firms.csv", register(), text.Zh)
		if err != nil {
			t.Fatal(err)
		}
		at := "/imports/" + byHand
		w.Key(secret).With("If-Match", w.Key(secret).Get(at).ETag()).Post(at+"/confirm", nil).Is(http.StatusOK)
		if err := w.app.Account.StopKey(t.Context(), w.staff, id); err != nil {
			t.Fatal(err)
		}
		w.settle(t)
		if n := w.count(`SELECT COUNT(*) FROM enterprise`); n != 0 {
			t.Errorf("%d enterprises landed", n)
		}
		for _, at := range []string{at, "/imports/" + got.ID} {
			if w.key(w.staff, writeTables).Get(at).Is(http.StatusOK).Into(&got); got.State != "failed" || got.Trouble == "" {
				t.Errorf("it is %+v", got)
			}
		}
	})
}

func TestWhatIsWrongWithAnImportIsTold(t *testing.T) {
	w := newWorld(t, testkit.Migrated(t), config.Serve{})
	centre := w.key(w.staff, writeTables, sendFiles)
	theirs := sent(w.key(w.neighbour, sendFiles), "firms.csv", register())
	for _, c := range []struct {
		kind, token string
		broken      []string
	}{
		{"need", "no-such-token", []string{"kind", "token"}},
		{"enterprise", theirs, []string{"token"}},
		{"enterprise", sent(centre, "a.pdf", paper("不是表格")), []string{"token"}},
		{"enterprise", sent(centre, "a.csv", []byte("甲,乙\n1,2\n")), []string{"token"}},
	} {
		a := centre.Unwisely().Post("/imports", map[string]any{"kind": c.kind, "token": c.token}).Is(http.StatusUnprocessableEntity)
		if !slices.Equal(a.Broken(), c.broken) {
			t.Errorf("%s of %s breaks %v, want %v: %s", c.kind, c.token, a.Broken(), c.broken, a.Body)
		}
	}
	ask := map[string]any{"kind": "enterprise", "token": sent(centre, "firms.csv", register())}
	w.key(w.staff, readTables, write).Post("/imports", ask).Is(http.StatusForbidden)
	w.key(w.owner, writeTables).Post("/imports", ask).Is(http.StatusForbidden)
	w.key(w.owner, writeTables).Get("/imports").Is(http.StatusForbidden)
	w.Unwisely().Post("/imports", ask).Is(http.StatusUnauthorized)
	if n := w.count(`SELECT COUNT(*) FROM xfer_run`); n != 0 {
		t.Errorf("%d imports, want none", n)
	}
	if a := centre.Get("/exports/enterprise/template?format=csv").Is(http.StatusOK); !strings.Contains(string(a.Body), "统一社会信用代码") {
		t.Errorf("the template is %s", a.Body)
	}
	centre.Get("/exports/need/template").Is(http.StatusNotFound)
	w.key(w.owner, writeTables).Get("/exports/enterprise/template").Is(http.StatusForbidden)
}

func TestAProgramTakesTablesOut(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		official := w.person("孙丽", account.Grant{Role: app.RoleOfficial, Region: county})
		centre := w.key(w.staff, look, write, readTables, writeTables, sendFiles)
		for n := range 2 {
			centre.Post("/enterprises", firm(n+1, "contact_person", "陈国华", "contact_phone", "13800001234")).Is(http.StatusCreated)
		}
		w.key(w.neighbour, write, look).Post("/enterprises", firm(3, "region", "320923100")).Is(http.StatusCreated)
		const firms = "/exports/enterprise?format=csv"
		all := centre.Get(firms).Is(http.StatusOK)
		if body := string(all.Body); strings.Count(body, "纺织有限公司") != 2 || strings.Contains(body, "第3") || strings.Contains(body, "13800001234") ||
			!strings.Contains(all.Header.Get("Content-Disposition"), "enterprise.csv") || !strings.HasPrefix(all.Header.Get("Content-Type"), "text/csv") {
			t.Errorf("%v\n%s", all.Header, body)
		}
		if one := string(centre.Get(firms + "&text=第2&status=unverified&region=" + string(town)).Is(http.StatusOK).Body); !strings.Contains(one, "第2") || strings.Contains(one, "第1") {
			t.Errorf("narrowed: %s", one)
		}
		if none := string(centre.Get(firms + "&region=320923").Is(http.StatusOK).Body); strings.Contains(none, "纺织") {
			t.Errorf("of another county: %s", none)
		}
		// What goes out comes in again, and changes nothing.
		back, _ := brings(t, centre, "enterprise", all.Body, true)
		if back.counts() != [4]int64{0, 0, 2, 0} {
			t.Errorf("back again: %+v", back)
		}
		for _, kind := range []string{"enterprise", "enterprise-year", "institution", "return", "target", "need", "place"} {
			if a := centre.Get("/exports/" + kind).Is(http.StatusOK); !strings.HasPrefix(string(a.Body), "PK") {
				t.Errorf("%s is no XLSX: %.20q", kind, a.Body)
			}
		}
		centre.Get("/exports/secrets").Is(http.StatusNotFound)
		w.key(w.owner, readTables).Get("/exports/enterprise").Is(http.StatusForbidden)
		w.key(w.staff, look).Get("/exports/enterprise").Is(http.StatusForbidden)
		for path, broken := range map[string][]string{
			"/exports/target?text=a&contacts=true":   {"contacts", "text"},
			"/exports/enterprise?year=2025&region=x": {"year", "region"},
			"/exports/need?state=nowhere":            {"state"},
			"/exports/institution?format=pdf":        {"format"},
		} {
			if a := centre.Unwisely().Get(path).Is(http.StatusUnprocessableEntity); !slices.Equal(a.Broken(), broken) {
				t.Errorf("%s breaks %v, want %v", path, a.Broken(), broken)
			}
		}

		// Contacts need the right and a key that was made for them; the trail notes each.
		noted := func() int {
			return w.count(`SELECT COUNT(*) FROM audit_entry WHERE action = 'enterprise.contact.export' AND actor_id = ?`, official.ID)
		}
		centre.Get(firms + "&contacts=true").Is(http.StatusForbidden)
		w.key(w.staff, readTables, "contact:read").Get(firms + "&contacts=true").Is(http.StatusForbidden)
		w.key(official, readTables).Get(firms + "&contacts=true").Is(http.StatusForbidden)
		if n := noted(); n != 0 {
			t.Errorf("%d readings noted before any", n)
		}
		with := w.key(official, readTables, "contact:read").Get(firms + "&contacts=true").Is(http.StatusOK)
		if n := strings.Count(string(with.Body), "13800001234"); n != 2 || noted() != 2 {
			t.Errorf("%d telephones went out, %d readings noted: %s", n, noted(), with.Body)
		}
	})
}

// The specification names the tables that there are.
func TestTheSpecificationNamesEveryTable(t *testing.T) {
	w := oneWorld(t)
	centre := w.person("吴敏", account.Grant{Role: app.RoleStaff, Region: county}, account.Grant{Role: app.RoleOfficial, Region: county})
	key := w.key(centre, writeTables, readTables, sendFiles)
	for _, k := range w.app.Transfer.Kinds(centre) {
		key.Get("/exports/" + k.Table.Name + "/template").Is(http.StatusOK)
		// A kind that the specification does not know stops the test; one that it knows ends at the token.
		if a := key.Post("/imports", map[string]any{"kind": k.Table.Name, "token": "none"}).Is(http.StatusUnprocessableEntity); !slices.Equal(a.Broken(), []string{"token"}) {
			t.Errorf("%s breaks %v", k.Table.Name, a.Broken())
		}
	}
	for _, k := range w.app.Transfer.Outgoing(centre) {
		for _, name := range k.Narrows {
			value := map[string]string{
				"year": "2025", "contacts": "false", "demonstration": "true", "open": "true", "theme": "financing", "tier": "core",
				"status": "verified", "size": "small", "institution_kind": "guarantor", "state": "posted",
			}[name]
			if a := key.Get("/exports/" + k.Table.Name + "?" + name + "=" + value); a.Status != http.StatusOK {
				t.Errorf("%s narrowed by %s=%s: %s", k.Table.Name, name, value, a.Body)
			}
		}
	}
}
