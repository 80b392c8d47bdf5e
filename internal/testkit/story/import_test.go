package story_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"qiban.dev/qiban/internal/testkit"
)

// TestAListOfEnterprisesComesInThroughTheWorkbench is the clerk of Sheyang with
// a list from the county's market regulator, on a computer and then on a phone.
func TestAListOfEnterprisesComesInThroughTheWorkbench(t *testing.T) {
	w := newWorld(t)
	list := filepath.Join(t.TempDir(), "射阳新办企业.csv")
	body := "企业名称,统一社会信用代码,所在乡镇街道,行业代码,备注,工商注册号\n" +
		"射阳晨光电子公司,,320924101,,老名册,3209242000999\n" +
		"射阳县晨光电子有限公司," + creditCode(t, "10000001") + ",320924100,C3961,x\n" +
		"射阳县远帆物流有限公司," + creditCode(t, "10000002") + ",射阳县合德镇,,\n" +
		"阜宁县别处机械厂," + creditCode(t, "10000003") + ",320923001,,\n" +
		"射阳县错码食品厂,91320924100000048Z,320924100,,\n"
	figures := filepath.Join(t.TempDir(), "射阳年报.csv")
	if err := os.WriteFile(figures, []byte("统一社会信用代码,年度,从业人员,营业收入（万元）\n"+
		creditCode(t, "10000001")+",2007,120,900\n"+creditCode(t, "10000002")+",2007,,\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(list, []byte(body), 0o600); err != nil {
		t.Fatal(err)
	}
	b := w.person("王海燕", sheyang)
	b.Visit("/bench/import").See("导入导出", "还没有导入过").NoSideways().Axe().Shot("import-1-start")
	b.Expect(422).Press("上传并检查").See("请选一个表格文件")
	b.Upload(list).Press("上传并检查").See("待确认", "有些行不能导入", "备注", "320923001 不归你管", "射阳县晨光电子有限公司").
		NoSideways().Axe().Shot("import-2-checked")
	b.Width(testkit.Phone).NoSideways().Shot("import-2-phone").Width(testkit.Desktop)
	b.NotSee("导入完成").Press("确认导入")
	b.See("导入完成", "下载退回的行", "名称相近的企业").Axe().Shot("import-3-done")
	b.Press("名称相近的企业")
	for range 100 { // a job looks for them
		if strings.Contains(b.Text(), "射阳晨光电子公司") {
			break
		}
		b.Visit("/bench/enterprises/similar")
	}
	b.See("射阳县晨光电子有限公司", "射阳晨光电子公司").NoSideways().Axe().Shot("similar-1")
	b.Width(testkit.Phone).NoSideways().Shot("similar-1-phone").Width(testkit.Desktop)
	b.Press("射阳晨光电子公司").See("疑似重复")
	b.Visit("/bench/enterprises?q=晨光电子").See("射阳县晨光电子有限公司")
	b.Visit("/bench/import").See("射阳新办企业.csv", "已导入", "王海燕").NoSideways().Shot("import-4-history")
	b.Upload(list).Press("上传并检查").See("没有可以导入的行").Shot("import-5-again")
	b.Visit("/bench/import").Choose("企业年度数据").Upload(figures).Press("上传并检查").See("企业年度数据", "待确认", "至少填一项", "营业收入（万元）")
	b.NoSideways().Axe().Shot("import-6-figures").Press("确认导入")
	b.See("导入完成")
	b.Visit("/bench/enterprises?q=晨光电子").See("导出这些记录").NoSideways().Axe().Shot("export-1-list")
	b.Width(testkit.Phone).NoSideways().Shot("export-1-phone").Width(testkit.Desktop)
	b.Visit("/bench/institutions").See("导出这些记录").NoSideways().Shot("export-2-institutions")
	b.Visit("/bench/needs").See("导出这些记录").NoSideways().Shot("export-3-needs")
	b.Visit("/bench/targets").See("导出这些记录").NoSideways().Shot("export-4-targets")
	b.Visit("/bench/returns").See("导出这些记录").NoSideways().Shot("export-5-returns")
	other := w.person("李建", clerk)
	other.Expect(403).Visit("/bench/import")
}
