package story_test

import (
	"strconv"
	"testing"

	"qiban.dev/qiban/internal/app"
	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/account"
)

// A technology platform without a level becomes one of the city: it answers the
// demonstration's call, its records fill in what they know, three experts score it,
// and after publicity its page and the figures say so.
func TestATechnologyPlatformIsRecognisedByTheCity(t *testing.T) {
	y := newYears(t)
	var of struct{ Platform, Institution string }
	if err := y.app.DB.Get(t.Context(), &of, `SELECT p.name AS platform, i.id AS institution FROM techplatform p JOIN institution i ON i.id = p.institution_id WHERE i.name = ?`, runner); err != nil {
		t.Fatal(err)
	}
	y.enrol(keeper, "洪亮", account.Grant{Role: app.RoleInstitution, Party: authz.Party{Kind: authz.Institution, ID: of.Institution}})
	for phone, name := range map[string]string{first: "冯岚", second: "蒋志远", third: "许静"} {
		y.enrol(phone, name, account.Grant{Role: app.RoleReviewer, Region: "320900"})
	}
	visitor := y.visitor("anybody")
	visitor.Visit("/platforms?q=" + of.Platform).Press(of.Platform).NotSee("市级")

	hong := y.person("洪亮", keeper)
	hong.Visit("/recognition").Press("市级技术服务平台的通知").See("申报条件", "年服务中小企业")
	hong.Fill("为哪个单位申报", of.Platform).Press("开始申报").See("填写中")
	hong.See("服务记录：0 家。与实际不符可以改，会注明是你填的").Expect(422).Press("提交申报").See("请填")
	looked(hong, "50-platform-wrong")
	for label, value := range map[string]string{
		"用户满意度": "93", "年服务企业数增长": "15", "服务场所面积": "860", "服务人员": "12", "公益性或低收费服务占比": "25",
	} {
		hong.Fill(label, value)
	}
	hong.Fill("年服务中小企业", "186").Fill("年服务企业数", "186").Press("保存").See("已保存")
	for _, line := range []string{"服务设施和手段", "服务效果"} {
		hong.Fill("证明哪一项", line).Attach(line+".txt", line+"的证明").Press("保存材料").See("材料已保存")
		if line == "服务设施和手段" {
			hong.Press("添加或去掉证明材料")
		}
	}
	hong.Press("提交申报").See("已提交，等待初审")
	application := hong.Path()

	// What the applicant put in the place of the records stands beside what they say.
	wang := y.person("王海燕", sheyang).Visit("/bench/recognition").Press(of.Platform).See("186 家", "申报单位填写（服务记录：0 家）")
	looked(wang, "51-platform-check")
	wang.Press("初审通过").Fill("初审意见", "服务台账已核对，情况属实").PressBeside("初审意见", "初审通过").See("初审已通过")
	xu := y.person("徐明", official).Visit(application).Press("指派评审专家").Choose("冯岚").Choose("蒋志远").Choose("许静").
		PressBeside("陆建中", "指派评审专家").See("已指派")
	for i, phone := range []string{first, second, third} {
		b := y.person("an expert", phone).Press(of.Platform)
		for n, line := range []string{"服务队伍", "服务设施和手段", "服务效果", "规范管理", "特色与创新"} {
			b.Fill(line, strconv.Itoa([]int{80, 86, 84, 90, 50}[n]+2*i))
		}
		b.Fill("总体意见", "服务能力强，同意推荐").Press("提交评审").See("评审已提交")
	}
	looked(xu.Visit(application).See("平均 87.2 分，最高与最低相差 3.4 分"), "52-platform-scored")
	xu.Press("公示").See("已公示", "公示中")
	visitor.Visit("/recognition").See(of.Platform, "公示到")

	y.later(20)
	y.person("徐明", official).Visit(application).Press("授予称号").Fill("认定文号", "盐中小企〔2026〕33号").
		PressBeside("认定文号", "授予称号").See("已认定")
	looked(visitor.Visit("/platforms?q="+of.Platform).Press(of.Platform).See("市级"), "53-platform-public")
	visitor.Visit("/recognition/awards?title=techplatform.city").See(of.Platform, "盐中小企〔2026〕33号")

	// Two years go by without a report; the city takes the level back, and the page follows.
	y.later(800)
	report := y.now().Year() - 1
	hong = y.person("洪亮", keeper).Visit("/my/recognition").See(strconv.Itoa(report) + " 年报告")
	looked(hong, "54-platform-own")
	y.person("徐明", official).Visit("/recognition/awards").Press(of.Platform).Press("撤销").Fill("原因", "连续两年未报送年度报告").
		PressBeside("原因", "撤销").See("已撤销")
	visitor.Visit("/platforms?q=" + of.Platform).Press(of.Platform).NotSee("市级")
}
