package app_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/simplifiedchinese"

	"qiban.dev/qiban/internal/app"
	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/config"
	"qiban.dev/qiban/internal/domain/indicator"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/testkit"
)

// desk is somebody at the command line with a folder of spreadsheets.
type desk struct {
	t      *testing.T
	source string
	folder string
}

func (d desk) file(name string) string { return filepath.Join(d.folder, name) }

// run is a command with its exit code and what it said.
func (d desk) run(want int, args ...string) (out string) {
	d.t.Helper()
	var said, errs bytes.Buffer
	if code := app.Run(d.t.Context(), append(args, testkit.Stored(d.source)...), &said, &errs); code != want {
		d.t.Fatalf("qiban %s: exit %d, want %d\n%s%s", strings.Join(args, " "), code, want, said.String(), errs.String())
	}
	return said.String()
}

func (d desk) write(name, body string) string {
	d.t.Helper()
	if err := os.WriteFile(d.file(name), []byte(body), 0o600); err != nil {
		d.t.Fatal(err)
	}
	return d.file(name)
}

func (d desk) read(name string) string {
	d.t.Helper()
	raw, err := os.ReadFile(d.file(name))
	if err != nil {
		d.t.Fatal(err)
	}
	return string(raw)
}

// says checks the reasons of the rejected rows, in the order of the file.
func (d desk) says(name string, want []string) {
	d.t.Helper()
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(d.read(name), "\ufeff"))).ReadAll()
	if err != nil {
		d.t.Fatal(err)
	}
	if len(rows)-1 != len(want) {
		d.t.Fatalf("%d rejected rows, want %d: %q", len(rows)-1, len(want), rows)
	}
	for i, row := range rows[1:] {
		if why := row[len(row)-1]; !strings.Contains(why, want[i]) || strings.ContainsAny(why, "⟦{") {
			d.t.Errorf("row %s: %s\ndoes not say %s", row[len(row)-2], why, want[i])
		}
	}
}

// advance takes an office's return one step, as its clerk does on its page.
func (d desk) advance(office region.Code, year int, do authz.Permission) {
	d.t.Helper()
	a := d.open(false)
	defer func() { _ = a.Close() }()
	by := authz.Actor{Kind: authz.Human, ID: "clerk", Name: "clerk", Grants: []authz.Grant{{
		Role: authz.Role{Name: "clerk", Permissions: []authz.Permission{indicator.View, do}}, Region: office,
	}}}
	sheet, err := a.Indicator.Find(d.t.Context(), by, office, year)
	if err == nil {
		err = a.Indicator.Advance(d.t.Context(), by, sheet.ID, sheet.Version, do, "")
	}
	if err != nil {
		d.t.Fatal(err)
	}
}

// verified checks that the roll-ups agree with the facts.
func (d desk) verified() {
	d.t.Helper()
	a := d.open(true)
	defer func() { _ = a.Close() }()
	if report, err := a.Ledger.Verify(d.t.Context()); err != nil || !report.OK() {
		d.t.Errorf("the roll-ups differ from the facts: %+v %v", report, err)
	}
}

// open is the program on the desk's records, to look at them or to change them.
func (d desk) open(look bool) *app.App {
	d.t.Helper()
	var store config.Store
	if strings.HasPrefix(d.source, "postgres") {
		store.DB = d.source
	} else {
		store.Data = d.source
	}
	a, err := app.Open(d.t.Context(), store, app.Options{ReadOnly: look})
	if err != nil {
		d.t.Fatal(err)
	}
	return a
}

// actions are what the trail says was done to records of a kind, in order of
// their names.
func (d desk) actions(kind string) string {
	d.t.Helper()
	a := d.open(true)
	defer func() { _ = a.Close() }()
	var done []string
	if err := a.DB.Select(d.t.Context(), &done, `SELECT action FROM audit_entry WHERE record_kind = ? ORDER BY action`, kind); err != nil {
		d.t.Fatal(err)
	}
	return strings.Join(done, " ")
}

// kept counts what an import leaves behind: audit entries, facts, enterprises.
func (d desk) kept() (n struct{ Entries, Facts, Enterprises int64 }) {
	d.t.Helper()
	a := d.open(true)
	defer func() { _ = a.Close() }()
	var err error
	if n.Entries, err = gate.Verify(d.t.Context(), a.DB); err != nil {
		d.t.Fatal(err)
	}
	err = a.DB.Get(d.t.Context(), &n, `SELECT CAST(? AS BIGINT) AS entries, (SELECT COUNT(*) FROM ledger_fact) AS facts,
		(SELECT COUNT(*) FROM enterprise) AS enterprises`, n.Entries)
	if err != nil {
		d.t.Fatal(err)
	}
	return n
}

func eachDesk(t *testing.T, fn func(t *testing.T, d desk)) {
	t.Helper()
	testkit.EachMigrated(t, func(t *testing.T, source string) { fn(t, desk{t, source, t.TempDir()}) })
}

// firms is a county's list with something wrong in four of its rows.
func firms() string {
	return strings.NewReplacer("FUNING", testkit.CreditCode("320923100", 1), "WRONG", testkit.CreditCode("320924100", 2)[:17]+"I").Replace(firmRows)
}

const firmRows = `企业名称,统一社会信用代码,所在乡镇街道,企业类型,行业代码,联系人,联系电话,核实状态,备注
射阳县鹤乡纺织有限责任公司,91320900140132611G,320924100,有限责任公司,C1711,王海燕,0515-82300000,已核实,老企业
"=1+1的公司",91440300708461136T,射阳县合德镇,,,,,,
射阳县沿海食品厂,91330100799655058B,320924101,其他,C14,,,,
阜宁县古河建材厂,FUNING,320923100,,,,,,外县
射阳县写错号码的公司,WRONG,320924100,股份制,C9999,,123,,
射阳县科学记数公司,9.13209E+17,320924100,,,,,,
射阳县鹤乡纺织有限公司,91320900140132611G,320924100,,,,,,重复
`

func TestAClerkImportsCorrectsAndImportsAgain(t *testing.T) {
	eachDesk(t, func(t *testing.T, d desk) {
		list := d.write("firms.csv", firms())
		d.run(0, "migrate") // which fills in what the program ships with
		began := d.kept()
		dry := d.run(3, "import", "enterprise", list, "--as", "320924", "--dry-run", "--rejected", d.file("dry.csv"))
		if after := d.kept(); after.Facts != began.Facts || after.Enterprises != 0 || !strings.Contains(dry, "7 rows: 3 new, 0 changed, 0 unchanged, 4 rejected (nothing was written)") {
			t.Errorf("the dry run left %+v after %+v and said %s", after, began, dry)
		}
		said := d.run(3, "import", "enterprise", list, "--as", "320924")
		if !strings.Contains(said, "left alone: 备注") || !strings.Contains(said, "7 rows: 3 new, 0 changed, 0 unchanged, 4 rejected") {
			t.Errorf("the import said %s", said)
		}
		first := d.kept()
		if first.Enterprises != 3 || first.Facts-began.Facts != 3 || first.Entries-began.Entries != 4 { // one was verified with it
			t.Errorf("kept %+v after %+v", first, began)
		}
		rejects, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(d.read("firms.rejected.csv"), "\ufeff"))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		if len(rejects) != 5 {
			t.Fatalf("%d rejected rows: %q", len(rejects)-1, rejects)
		}
		for i, want := range [][]string{
			{"5", "320923100 不归你管"},
			{"6", "统一社会信用代码：", "企业类型：“股份制”不在可选的内容里", "行业代码：", "联系电话："},
			{"7", "统一社会信用代码：这个号码被表格软件改成了数"},
			{"8", "和第 2 行重复"},
		} {
			row := rejects[i+1]
			if row[len(row)-2] != want[0] {
				t.Errorf("row %s came back where %s should", row[len(row)-2], want[0])
			}
			for _, words := range want[1:] {
				if !strings.Contains(row[len(row)-1], words) {
					t.Errorf("row %s: %s\ndoes not say %s", want[0], row[len(row)-1], words)
				}
			}
		}
		d.run(3, "import", "enterprise", list, "--as", "320924")
		if again := d.kept(); again != first {
			t.Errorf("the same again left %+v after %+v", again, first)
		}
		rejects[2][1], rejects[2][3], rejects[2][4], rejects[2][6] = testkit.CreditCode("320924100", 2), "其他", "C17", ""
		rejects[3][1] = testkit.CreditCode("320924100", 3)
		var fixed strings.Builder
		w := csv.NewWriter(&fixed)
		_ = w.WriteAll([][]string{rejects[0], rejects[2], rejects[3]})
		said = d.run(0, "import", "enterprise", d.write("fixed.csv", fixed.String()), "--as", "320924")
		if !strings.Contains(said, "2 rows: 2 new") {
			t.Errorf("the corrected rows: %s", said)
		}
	})
}

func TestWhatIsExportedImportsAndExportsTheSame(t *testing.T) {
	eachDesk(t, func(t *testing.T, d desk) {
		list := d.write("firms.csv", firms())
		d.run(3, "import", "enterprise", list, "--as", "320900")
		for _, ext := range []string{".csv", ".xlsx"} {
			d.run(0, "export", "enterprise", "--contacts", "--out", d.file("one"+ext))
			empty := desk{t, testkit.Migrated(t), d.folder}
			empty.run(0, "import", "enterprise", d.file("one"+ext))
			empty.run(0, "export", "enterprise", "--contacts", "--out", d.file("two.csv"))
			d.run(0, "export", "enterprise", "--contacts", "--out", d.file("one.csv"))
			if diff := cmp.Diff(d.read("one.csv"), empty.read("two.csv")); diff != "" {
				t.Errorf("through %s:\n%s", ext, diff)
			}
			before := empty.kept()
			empty.run(0, "import", "enterprise", d.file("one"+ext))
			if after := empty.kept(); after != before {
				t.Errorf("the second run of %s left %+v after %+v", ext, after, before)
			}
		}
		if strings.Contains(d.run(0, "export", "enterprise"), "王海燕") {
			t.Error("contacts are in a list that was not asked to have them")
		}
		n := strings.Count(d.run(0, "export", "enterprise", "--region", "320923"), "\n")
		if n != 2 {
			t.Errorf("the list of one county has %d lines, want its heading and its one enterprise", n)
		}
	})
}

func TestALaterListChangesWhatItSaysAndNothingElse(t *testing.T) {
	eachDesk(t, func(t *testing.T, d desk) {
		d.run(3, "import", "enterprise", d.write("firms.csv", firms()), "--as", "320924")
		gbk, err := simplifiedchinese.GBK.NewEncoder().String("统一社会信用代码;企业名称;所在乡镇街道;地址\n91320900140132611G;射阳县鹤乡纺织集团;320924101;人民路 2 号\n" +
			"91440300708461136T;=1+1的公司;320924100;\n")
		if err != nil {
			t.Fatal(err)
		}
		before := d.kept()
		said := d.run(0, "import", "enterprise", d.write("gbk.csv", gbk), "--as", "320924")
		if !strings.Contains(said, "2 rows: 0 new, 1 changed, 1 unchanged, 0 rejected") {
			t.Error(said)
		}
		after := d.kept()
		if after.Entries-before.Entries != 1 || after.Facts-before.Facts != 1 { // it moved to another town
			t.Errorf("kept %+v after %+v", after, before)
		}
		list := d.run(0, "export", "enterprise", "--contacts")
		for _, want := range []string{"射阳县鹤乡纺织集团,,91320900140132611G,,,320924101,人民路 2 号,有限责任公司,C1711,2017,,王海燕,0515-82300000,,已核实", "'=1+1的公司"} {
			if !strings.Contains(list, want) {
				t.Errorf("no %s in\n%s", want, list)
			}
		}
	})
}

// A list that is exported without contacts has their columns empty; coming back
// it must not take the contacts away.
func TestAListWithoutContactsLeavesThemWhenItComesBack(t *testing.T) {
	eachDesk(t, func(t *testing.T, d desk) {
		d.run(3, "import", "enterprise", d.write("firms.csv", firms()), "--as", "320900")
		d.run(0, "export", "enterprise", "--out", d.file("plain.xlsx"))
		before := d.kept()
		said := d.run(0, "import", "enterprise", d.file("plain.xlsx"))
		if !strings.Contains(said, "0 new, 0 changed") || d.kept() != before {
			t.Errorf("%s\nkept %+v after %+v", said, d.kept(), before)
		}
		if strings.Contains(d.actions("enterprise"), "enterprise.contact.export") {
			t.Error("a list without contacts is in the trail as one of them")
		}
		if !strings.Contains(d.run(0, "export", "enterprise", "--contacts"), "王海燕,0515-82300000") {
			t.Error("the contact is gone")
		}
		if n := strings.Count(d.actions("enterprise"), "enterprise.contact.export"); n != 1 { // one of the three has a contact
			t.Errorf("the reading of one contact is in the trail %d times", n)
		}
	})
}

func TestTheCommandsSayWhatTheyWereNotMeantFor(t *testing.T) {
	d := desk{t, testkit.Migrated(t), t.TempDir()}
	d.run(2, "import", "nonsense", d.write("x.csv", "a\n"))
	d.run(2, "import", "enterprise")
	d.run(2, "import", "enterprise", d.file("x.csv"), "--as", "here")
	d.run(2, "export", "nonsense")
	d.run(1, "import", "enterprise", d.file("x.csv"))
	d.run(1, "import", "enterprise", d.file("missing.csv"))
	d.run(0, "import", "enterprise", "--template", d.file("t.xlsx"))
	d.run(0, "import", "enterprise", d.file("t.xlsx")) // an empty table brings nothing
	if head := d.run(0, "import", "enterprise", "--template"); !strings.Contains(head, "企业名称,简称,统一社会信用代码") {
		t.Error(head)
	}
	if head := d.run(0, "import", "enterprise", "--template", "--lang", "en"); !strings.Contains(head, "Unified social credit code") {
		t.Error(head)
	}
}

// What needs no records makes none: neither a template nor a slip of the pen
// leaves an empty database in the folder where the command was typed.
func TestATemplateAndASlipMakeNoDataFolder(t *testing.T) {
	folder := t.TempDir()
	d := desk{t, filepath.Join(folder, "data"), folder}
	d.run(0, "import", "enterprise", "--template")
	d.run(0, "import", "enterprise", "--template", d.file("t.xlsx"))
	d.run(2, "import", "firms", d.write("x.csv", "a\n"))
	d.run(2, "export", "firms")
	d.run(1, "export", "enterprise")
	if _, err := os.Stat(d.source); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder is there: %v", err)
	}
}
