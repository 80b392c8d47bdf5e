package app_test

import (
	stdcmp "cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qiban.dev/qiban/internal/domain/indicator"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/testkit"
)

// generated is a table of made rows of a kind, each cell one of what may stand in
// it; cells that begin like formulas, quotes and commas among them.
func generated(t *testing.T, kind string, seed uint64) (table string, rows int) {
	t.Helper()
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
		rows++
	}
	rows = -1 // the heading
	switch kind {
	case "enterprise-year":
		line("credit_code", "year", "employees", "revenue", "assets", "source")
		for i := range 80 {
			at := []string{"320924100", "320924101", "320924100", "320923100"}[i%4]
			line(testkit.CreditCode(at, i%4), fmt.Sprint(1980+i/4), number(9000), from("", "0", number(1e9)+"."+number(100)), from("", number(1e9)), from("", "self", "return", "import"))
		}
	case "institution":
		line("name", "code", "region", "kinds", "level", "founded", "since", "capital", "about", "address", "website", "published", "ended",
			"tier", "tier_from", "tier_to", "tier_document", "demonstration_from", "demonstration_to", "demonstration_document",
			"contact_name", "contact_post", "contact_phone", "contact_email")
		for i := range 60 {
			kinds := from("bank", "bank、guarantor", "law_firm;association", "other", "service_centre、other")
			tier, since, doc := from("", "close", "contact"), "", ""
			if strings.HasPrefix(kinds, "service_centre") {
				tier = from("", "core")
			}
			if tier != "" {
				since, doc = day(), from("", "盐中小〔2008〕12号", "=1+1")
			}
			founded := from("", day())
			shown, shownDoc := from("", day()), ""
			if shown != "" {
				shown = max(shown, founded) // none is shown before it is founded
				shownDoc = from("盐经信〔2008〕3号", "=2+2")
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
			line(name, code, from("320924", "320923", town()), kinds, from("city", "county", "town"), founded, day(), from("", number(1e8)+".5"),
				from("", "=HYPERLINK(1)", "第一行\n第二行", `他说"好"，行`), from("", "-5号楼", "人民路 1 号"), from("", "https://example.cn/a,b"),
				published, ended, tier, since, "", doc, shown, "", shownDoc, person, post, phone, "")
		}
	case "return", "target":
		line("region", "year", "indicator", "value", "document")
		defs, err := indicator.Shipped()
		if err != nil {
			t.Fatal(err)
		}
		for _, place := range []region.Code{"320924", "320923", "320900"} {
			for _, year := range []string{"2006", "2007", "2008"} {
				for _, d := range figuresOf(kind, defs, place) {
					value := from("", "0", number(100)) // of a part, less than its whole
					switch {
					case d.Of == "":
						value = "1" + fmt.Sprintf("%04d", rnd.IntN(9999))
					case slices.ContainsFunc(defs, func(o indicator.Definition) bool { return o.Of == d.ID }):
						value = "1" + fmt.Sprintf("%02d", rnd.IntN(99))
					}
					if value != "" && d.Factor() == 100 {
						value += from("", ".5", ".07")
					}
					if value == "" && kind == "return" {
						continue
					}
					line(string(place), year, d.ID, stdcmp.Or(value, "3"), from("盐政发〔2008〕16号", "=1+1", `"引号", 逗号`))
				}
			}
		}
	}
	return b.String(), rows
}

// figuresOf are the indicators that rows of a kind may be about.
func figuresOf(kind string, defs []indicator.Definition, place region.Code) []indicator.Definition {
	if kind == "return" {
		return indicator.Reported(defs, place)
	}
	return slices.DeleteFunc(slices.Clone(defs), func(d indicator.Definition) bool { return !d.Target })
}

// What is exported of each kind imports into an empty program and exports the
// same; importing it once more leaves no trace.
func TestEachKindGoesOutAndComesBackTheSame(t *testing.T) {
	for _, kind := range []string{"enterprise-year", "institution", "return", "target"} {
		t.Run(kind, func(t *testing.T) {
			eachDesk(t, func(t *testing.T, d desk) {
				begin := func(d desk) {
					d.run(0, "migrate")
					if kind == "enterprise-year" {
						d.run(0, "import", "enterprise", d.write("firms.csv", yearFirms()))
					}
				}
				begin(d)
				table, rows := generated(t, kind, 8)
				said := d.run(0, "import", kind, d.write("rows.csv", table))
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

func TestAnOfficeFillsItsReturnFromATable(t *testing.T) {
	eachDesk(t, func(t *testing.T, d desk) {
		d.run(0, "migrate")
		said := d.run(3, "import", "return", d.write("r.csv", "填报单位,年度,指标,数值\n"+
			"射阳县,2007,P1,12\n320924,2007,在建中小企业园,13\n320924,2007,P5,11\n320924,2007,S1,3\n320924,2007,S2,4\n"+
			"320924,2007,E1,5\n320924,2007,甲,5\n320923,2007,P1,5\n320924100,2007,P1,5\n320924,1900,P1,x\n320924,2006,G5,1.234\n320924,2006,T3,\n"),
			"--as", "320924")
		if !strings.Contains(said, "12 rows: 3 new, 0 changed, 1 unchanged, 8 rejected") {
			t.Error(said)
		}
		d.says("r.rejected.csv", []string{
			"和第 2 行重复", "“其中”的数不能大于总数", "这一项不由报表填报", "没有“甲”这个指标", "320923 不归你管", "320924100 在这一年不是填报单位", "数值：请填数", "小数位太多",
		})
		if done := d.actions("indicator_return"); done != "indicator.return.fill" {
			t.Errorf("one return was filled in, and the trail has %s", done)
		}
		if out := d.run(0, "export", "return", "--region", "320924"); !strings.Contains(out, "320924,2007,P1,在建中小企业园,个,12,填报中") {
			t.Error(out)
		}
		// The whole may not become smaller than the part that is on file.
		d.run(3, "import", "return", d.write("less.csv", "填报单位,年度,指标,数值\n320924,2007,P1,10\n"))
		d.says("less.rejected.csv", []string{"“其中”的数不能大于总数"})
		said = d.run(0, "import", "return", d.write("both.csv", "填报单位,年度,指标,数值\n320924,2007,P5,\n320924,2007,P1,10\n"))
		if !strings.Contains(said, "2 rows: 0 new, 2 changed") {
			t.Error(said)
		}
		d.advance("320924", 2007, indicator.Submit)
		d.run(0, "import", "return", d.file("both.csv"))
		d.run(3, "import", "return", d.write("late.csv", "填报单位,年度,指标,数值\n320924,2007,P1,9\n"))
		d.says("late.rejected.csv", []string{"这张报表已经上报或审定"})
	})
}

func TestTargetsComeInWithTheirDocument(t *testing.T) {
	eachDesk(t, func(t *testing.T, d desk) {
		d.run(0, "migrate")
		list := d.write("t.csv", "地区,年度,指标,目标值,文件\n盐城市,2008,M1,10,盐政发〔2008〕16号\n320900,2008,M12,80.5,盐政发〔2008〕16号\n"+
			"320900,2008,P1,3,甲\n320900,2008,M4,-1,\n320924,2008,m1,1,射政发1号\n330100,2008,M1,1,浙江\n")
		said := d.run(3, "import", "target", list)
		if !strings.Contains(said, "6 rows: 3 new, 0 changed, 0 unchanged, 3 rejected") {
			t.Error(said)
		}
		d.says("t.rejected.csv", []string{"请选一个目标指标", "文件：请填写这一项", "330100 不归你管"})
		before := d.kept()
		d.run(3, "import", "target", list)
		if after := d.kept(); after != before {
			t.Errorf("the same again left %+v after %+v", after, before)
		}
		d.run(0, "import", "target", d.write("next.csv", "地区,年度,指标,目标值,文件\n320900,2008,M1,12,盐政发〔2008〕20号\n"))
		out := d.run(0, "export", "target", "--year", "2008")
		for _, want := range []string{"320900,2008,M1,市县两级中小企业服务中心,个,12,盐政发〔2008〕20号", ",M12,融资担保网络乡镇覆盖率,%,80.5,"} {
			if !strings.Contains(out, want) {
				t.Errorf("no %s in\n%s", want, out)
			}
		}
		d.verified()
	})
}

// Needs and places go out and do not come in: each has a way of its own to change.
func TestWhatHasAWayOfItsOwnOnlyGoesOut(t *testing.T) {
	testkit.EachDemo(t, func(t *testing.T, source string) {
		d := desk{t, source, t.TempDir()}
		d.run(2, "import", "need", d.write("x.csv", "标题\nx\n"))
		d.run(2, "import", "place", "--template")
		before := d.kept()
		all, county := d.run(0, "export", "need"), d.run(0, "export", "need", "--region", "320924", "--year", "2008")
		if n, m := strings.Count(all, "\n"), strings.Count(county, "\n"); m < 10 || n <= m || strings.Contains(county, ",320923") {
			t.Errorf("the city has %d lines, Sheyang %d:\n%s", n, m, county)
		}
		for _, want := range []string{"融资担保", "已办结", "2008-"} {
			if !strings.Contains(county, want) {
				t.Errorf("no %s in\n%.2000s", want, county)
			}
		}
		places := d.run(0, "export", "place", "--region", "320924", "--lang", "en")
		if !strings.Contains(places, "320924100,合德镇") || strings.Contains(places, "320923") {
			t.Errorf("places:\n%s", places)
		}
		if after := d.kept(); after != before {
			t.Errorf("exporting left %+v after %+v", after, before)
		}
	})
}
