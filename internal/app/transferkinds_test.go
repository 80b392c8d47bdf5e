package app_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qiban.dev/qiban/internal/testkit"
)

// generated is a table of n made rows of a kind, each cell one of what may stand
// in it; cells that begin like formulas, quotes and commas among them.
func generated(kind string, n int, seed uint64) string {
	rnd := rand.New(rand.NewPCG(seed, 5))
	from := func(cells ...string) string { return cells[rnd.IntN(len(cells))] }
	cell := func(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
	number := func(most int) string { return fmt.Sprint(rnd.IntN(most)) }
	day := func() string { return fmt.Sprintf("%d-%02d-%02d", 1990+rnd.IntN(19), 1+rnd.IntN(12), 1+rnd.IntN(28)) }
	town := func() string { return from("320924100", "320924101", "320923100") }
	var b strings.Builder
	line := func(cells ...string) {
		for i, c := range cells {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(cell(c))
		}
		b.WriteByte('\n')
	}
	switch kind {
	case "enterprise-year":
		line("credit_code", "year", "employees", "revenue", "assets", "source")
		for i := range n {
			at := []string{"320924100", "320924101", "320924100", "320923100"}[i%4]
			line(testkit.CreditCode(at, i%4), fmt.Sprint(1980+i/4), number(9000), from("", "0", number(1e9)+"."+number(100)), from("", number(1e9)), from("", "self", "return", "import"))
		}
	case "institution":
		line("name", "code", "region", "kinds", "level", "founded", "since", "capital", "about", "address", "website", "published", "ended",
			"tier", "tier_from", "tier_to", "tier_document", "demonstration_from", "demonstration_to", "demonstration_document",
			"contact_name", "contact_post", "contact_phone", "contact_email")
		for i := range n {
			kinds := from("bank", "bank、guarantor", "law_firm;association", "other", "service_centre、other")
			tier, since, doc := from("", "close", "contact"), "", ""
			if strings.HasPrefix(kinds, "service_centre") {
				tier = from("", "core")
			}
			if tier != "" {
				since, doc = day(), from("", "盐中小〔2008〕12号", "=1+1")
			}
			shown, shownDoc := from("", day()), ""
			if shown != "" {
				shownDoc = from("", "盐经信〔2008〕3号")
			}
			ended, published := from("", "", "", "2008-10-01"), from("", "no")
			if ended == "" {
				published = from("yes", "no")
			}
			person := from("", "王海燕")
			post, phone := "", ""
			if person != "" {
				post, phone = from("", "主任"), "0515-8230"+number(9999)
			}
			name, code := fmt.Sprintf("机构%03d号", i), from("", testkit.CreditCode("320924100", i))
			line(name, code, from("320924", "320923", town()), kinds, from("city", "county", "town"), from("", day()), day(), from("", number(1e8)+".5"),
				from("", "=HYPERLINK(1)", "第一行\n第二行", `他说"好"，行`), from("", "-5号楼", "人民路 1 号"), from("", "https://example.cn/a,b"),
				published, ended, tier, since, "", doc, shown, "", shownDoc, person, post, phone, "")
		}
	}
	return b.String()
}

// What is exported of each kind imports into an empty program and exports the
// same; importing it once more leaves no trace.
func TestEachKindGoesOutAndComesBackTheSame(t *testing.T) {
	for kind, rows := range map[string]int{"enterprise-year": 80, "institution": 60} {
		t.Run(kind, func(t *testing.T) {
			eachDesk(t, func(t *testing.T, d desk) {
				begin := func(d desk) {
					d.run(0, "migrate")
					if kind == "enterprise-year" {
						d.run(0, "import", "enterprise", d.write("firms.csv", yearFirms()))
					}
				}
				begin(d)
				said := d.run(0, "import", kind, d.write("rows.csv", generated(kind, rows, 8)))
				if !strings.Contains(said, fmt.Sprintf("%d new, 0 changed, 0 unchanged, 0 rejected", rows)) {
					t.Fatal(said)
				}
				for _, ext := range []string{".csv", ".xlsx"} {
					d.run(0, "export", kind, "--contacts", "--out", d.file("one"+ext))
					empty := desk{t, testkit.Migrated(t), d.folder}
					begin(empty)
					empty.run(0, "import", kind, d.file("one"+ext))
					empty.run(0, "export", kind, "--contacts", "--lang", "en", "--out", empty.file("en.xlsx"))
					d.run(0, "export", kind, "--contacts", "--out", d.file("one.csv"))
					empty.run(0, "export", kind, "--contacts", "--out", empty.file("two.csv"))
					if diff := cmp.Diff(d.read("one.csv"), empty.read("two.csv")); diff != "" {
						t.Errorf("through %s:\n%s", ext, diff)
					}
					if lines := strings.Count(d.read("one.csv"), "\r\n"); lines <= rows {
						t.Errorf("%d lines for %d rows", lines, rows)
					}
					before := empty.kept()
					for _, again := range []string{"one" + ext, "en.xlsx"} {
						said := empty.run(0, "import", kind, d.file(again))
						if after := empty.kept(); after != before || !strings.Contains(said, fmt.Sprintf("0 new, 0 changed, %d unchanged, 0 rejected", rows)) {
							t.Errorf("%s again left %+v after %+v: %s", again, after, before, said)
						}
					}
				}
			})
		})
	}
}

func TestInstitutionsComeInWithTheRightsOfWhoBringsThem(t *testing.T) {
	eachDesk(t, func(t *testing.T, d desk) {
		code := func(i int) string { return testkit.CreditCode("320924100", i) }
		head := "机构名称,机构代码,所在地,机构类别,级别,在门户显示,层级,层级起始日期,联系人,联系电话\n"
		said := d.run(3, "import", "institution", d.write("list.csv", head+
			"射阳县中小企业服务中心,"+code(1)+",射阳县,中小企业服务中心,县级,是,核心层,2006-03-01,王海燕,0515-82300000\n"+
			"射阳农商行,"+code(2)+",320924,银行、担保机构,县级,否,紧密层,2007-01-01,,\n"+
			"阜宁外县所,"+code(3)+",320923,律师事务所,县级,,,,,\n"+
			"射阳协会,"+code(4)+",320924,协会、商会,县级,,核心层,2007-01-01,,\n"+
			"射,,320924,饭店,国家级,,,,李,1\n"), "--as", "320924")
		if !strings.Contains(said, "5 rows: 2 new, 0 changed, 0 unchanged, 3 rejected") {
			t.Error(said)
		}
		d.says("list.rejected.csv", []string{"320923 不归你管", "核心层只有中小企业服务中心", "机构名称："})
		for _, words := range []string{"机构类别：“饭店”不在可选的内容里", "级别：“国家级”", "联系人：", "联系电话："} {
			if !strings.Contains(d.read("list.rejected.csv"), words) {
				t.Errorf("not told: %s in %s", words, d.read("list.rejected.csv"))
			}
		}
		if entries := d.actions("institution"); entries != "institution.contact.set institution.publish institution.register institution.register institution.tier.set institution.tier.set" {
			t.Errorf("the trail has %s", entries)
		}
		// Another county's list names Sheyang's centre by its code: it learns nothing and changes nothing.
		d.run(3, "import", "institution", d.write("funing.csv", head+"我的中心,"+code(1)+",320923,其他机构,县级,,,,,\n"), "--as", "320923")
		d.says("funing.rejected.csv", []string{"这个代码已经登记过一家机构"})
		said = d.run(0, "import", "institution", d.write("next.csv", "机构代码,机构名称,所在地,机构类别,级别,地址,联系人,联系电话\n"+
			code(1)+",射阳县中小企业服务中心,320924,中小企业服务中心,县级,人民路 2 号,,\n"+
			code(2)+",射阳农商行,320924,银行、担保机构,县级,,,\n"), "--as", "320924")
		if !strings.Contains(said, "2 rows: 0 new, 1 changed, 1 unchanged, 0 rejected") {
			t.Error(said)
		}
		before := d.actions("institution")
		plain := d.run(0, "export", "institution", "--region", "320924")
		if strings.Contains(plain, "王海燕") || !strings.Contains(plain, "人民路 2 号") || d.actions("institution") != before {
			t.Errorf("without contacts:\n%s", plain)
		}
		if full := d.run(0, "export", "institution", "--contacts"); !strings.Contains(full, "王海燕") {
			t.Errorf("with contacts:\n%s", full)
		}
		if after := d.actions("institution"); strings.Count(after, "institution.contact.export") != 1 {
			t.Errorf("one institution has a contact, and of its reading the trail says %s", after)
		}
	})
}
