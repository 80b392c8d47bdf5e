package app_test

import (
	"fmt"
	"strings"
	"testing"

	"qiban.dev/qiban/internal/testkit"
)

// yearFirms are three enterprises of Sheyang and one of Funing.
func yearFirms() string {
	var b strings.Builder
	b.WriteString("企业名称,统一社会信用代码,组织机构代码,所在乡镇街道,行业代码\n")
	for i, town := range []string{"320924100", "320924101", "320924100", "320923100"} {
		fmt.Fprintf(&b, "年报企业%d厂,%s,,%s,C1711\n", i, testkit.CreditCode(town, i), town)
	}
	fmt.Fprintf(&b, "老号企业厂,,140132611,320924100,C1711\n")
	return b.String()
}

func TestYearlyFiguresComeInForEnterprisesOnTheRegister(t *testing.T) {
	eachDesk(t, func(t *testing.T, d desk) {
		d.run(0, "import", "enterprise", d.write("firms.csv", yearFirms()))
		code := func(i int) string {
			return testkit.CreditCode([]string{"320924100", "320924101", "320924100", "320923100"}[i], i)
		}
		rows := "统一社会信用代码,组织机构代码,年度,从业人员,营业收入（万元）,资产总额,来源\n" +
			code(0) + ",,2008,240,4130,25600000.5,统计年报\n" +
			code(0) + ",,2007,,3800,,\n" +
			",140132611,2008,12,,,企业填报\n" +
			code(3) + ",,2008,1,,,\n" + // another county's
			code(1) + ",,2008,,,,\n" +
			code(1) + ",,2999,3,,,\n" +
			testkit.CreditCode("320924100", 77) + ",,2008,5,,,\n" +
			code(0) + ",,2008,241,,,\n"
		before := d.kept()
		said := d.run(3, "import", "enterprise-year", d.write("years.csv", rows), "--as", "320924")
		if !strings.Contains(said, "8 rows: 3 new, 0 changed, 0 unchanged, 5 rejected") {
			t.Error(said)
		}
		if after := d.kept(); after.Entries-before.Entries != 3 {
			t.Errorf("%d entries of 3 changes", after.Entries-before.Entries)
		}
		d.says("years.rejected.csv", []string{
			"名录里没有用这个号码的企业", "至少填一项", "年度：", "名录里没有用这个号码的企业", "和第 2 行重复",
		})
		out := d.run(0, "export", "enterprise-year", "--region", "320924")
		for _, want := range []string{
			code(0) + ",,,年报企业0厂,2007,,38000000,,导入", code(0) + ",,,年报企业0厂,2008,240,41300000,25600000.5,统计年报", ",140132611,,老号企业厂,2008,12,,,企业填报",
		} {
			if !strings.Contains(out, want) {
				t.Errorf("no %s in\n%s", want, out)
			}
		}
		if one := d.run(0, "export", "enterprise-year", "--year", "2007"); strings.Count(one, "\n") != 2 {
			t.Errorf("of 2007:\n%s", one)
		}
		kept := d.kept()
		d.run(3, "import", "enterprise-year", d.file("years.csv"), "--as", "320924")
		if again := d.kept(); again != kept {
			t.Errorf("the same again left %+v after %+v", again, kept)
		}
		// A later list without revenue leaves it; with an empty cell it takes it away.
		d.run(0, "import", "enterprise-year", d.write("later.csv", "统一社会信用代码,年度,从业人员\n"+code(0)+",2008,250\n"))
		d.run(0, "import", "enterprise-year", d.write("last.csv", "统一社会信用代码,年度,资产总额\n"+code(0)+",2008,\n"))
		if out := d.run(0, "export", "enterprise-year"); !strings.Contains(out, ",2008,250,41300000,,统计年报") {
			t.Error(out)
		}
		if size := d.run(0, "export", "enterprise"); size == "" {
			t.Error("no list")
		}
	})
}

// An enterprise has more than one number, and a list may name it by each: that
// is told of the row, and the rest of the list lands.
func TestTwoRowsThatNameOneEnterpriseByDifferentNumbersAreTold(t *testing.T) {
	eachDesk(t, func(t *testing.T, d desk) {
		credit, reg := testkit.CreditCode("320924100", 1), "140132611"
		d.run(0, "import", "enterprise", d.write("firms.csv", "企业名称,统一社会信用代码,组织机构代码,所在乡镇街道\n两号公司,"+credit+","+reg+",320924100\n"))
		said := d.run(3, "import", "enterprise", d.write("twice.csv",
			"企业名称,统一社会信用代码,组织机构代码,所在乡镇街道\n两号纺织公司,"+credit+",,320924100\n两号织造公司,,"+reg+",320924100\n"))
		if !strings.Contains(said, "2 rows: 0 new, 1 changed, 0 unchanged, 1 rejected") {
			t.Error(said)
		}
		d.says("twice.rejected.csv", []string{"和第 2 行重复"})
		said = d.run(3, "import", "enterprise-year", d.write("years.csv",
			"统一社会信用代码,组织机构代码,年度,从业人员\n"+credit+",,2008,3\n,"+reg+",2008,4\n,"+reg+",2007,4\n"))
		if !strings.Contains(said, "3 rows: 2 new, 0 changed, 0 unchanged, 1 rejected") {
			t.Error(said)
		}
	})
}
