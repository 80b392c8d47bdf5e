package techplatform_test

import (
	"context"
	"testing"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/techplatform"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/testkit/sheet"
	"qiban.dev/qiban/internal/text"
	"qiban.dev/qiban/internal/xfer"
)

type (
	export  = func(context.Context, authz.Actor, region.Code, func([]string) error) error
	wording = func(context.Context, authz.Actor, region.Code, text.Lang, func([]string) error) error
)

// plain is a wording in Chinese.
func plain(out wording) export {
	return func(ctx context.Context, by authz.Actor, at region.Code, put func([]string) error) error {
		return out(ctx, by, at, text.Zh, put)
	}
}

// kind is a table of a new world's.
func kind(of *xfer.Table, in func(*world) importing, out func(*world) export) func(*testing.T, string) sheet.Kind {
	return func(t *testing.T, source string) sheet.Kind {
		w := open(t, source)
		_, err := w.AddBase(t.Context(), staff(city), techplatform.Base{Name: "射阳县纺织产业基地", Region: sheyang, Industry: "纺织", Since: "2006-01-01"}, "")
		w.must(err)
		return sheet.Kind{Table: of, Import: in(w), DB: w.db, Export: func(ctx context.Context, by authz.Actor, put func([]string) error) error {
			return out(w)(ctx, by, city, put)
		}}
	}
}

// Platforms with what belongs to them, and the bases that they serve, come in and go
// out by tables as their pages would take them.
func TestTablesOfPlatformsComeInAndGoOut(t *testing.T) {
	const lab = "科行公司技术平台"
	for _, s := range []sheet.Story{
		{
			Name: "platforms",
			Of: kind(techplatform.PlatformTable(), func(w *world) importing { return w.ImportPlatforms },
				func(w *world) export { return plain(w.ExportPlatforms) }),
			By: staff(city), Stranger: staff(jianhu), Unable: looker(city),
			Head: "name,region,kind,institution,base,functions,industry,founded,address,about,level,level_from,level_to,level_document,published,ended\n",
			Good: []string{
				"射阳县纺织技术服务平台,320924100,base,盐城科行环保技术有限公司,射阳县纺织产业基地,产品检测；技能培训,纺织,2006-05-01,人民路 1 号,\"检测，培训\",市级,2007-01-01,,盐科〔2007〕3号,是,\n",
				"射阳县农机共性平台,320924,共性技术服务平台,盐城科行环保技术有限公司,,research,农机,2005/5/1,,,,,,,否,2008-06-30\n",
			},
			Unknown: "射阳县纺织技术服务平台,330102001,base,盐城科行环保技术有限公司,射阳县纺织产业基地,产品检测；技能培训,纺织,2006-05-01,,,市级,2007-01-01,,盐科〔2007〕3号,是,\n",
			Bad: map[string][]string{
				"甲,320924100,base,没有的公司,没有的基地,唱歌,,2006-05-40,,,国家级,2005-01-01,2004-01-01,,是,2008-01-01\n": {
					"平台名称：", "运营机构：机构名录里没有叫“没有的公司”", "所在基地：没有叫“没有的基地”", "“唱歌”", "服务行业：", "成立日期：", "认定到期日期：", "认定文件：", "在门户显示：",
				},
				lab + ",320903,共性技术服务平台,盐城科行环保技术有限公司,射阳县纺织产业基地,产品检测,环保机械,2006-04-08,,,,,,,是,\n":       {"所在基地："},
				"射阳县农机共性平台,320924,共性技术服务平台,盐城科行环保技术有限公司,,research,农机,2005-05-01,,,,,,,否,2008-07-01\n": {"停办日期：这个平台已经停办"},
			},
			Out: []string{"射阳县纺织产业基地,产品检测；技能培训,纺织,2006-05-01,人民路 1 号,检测，培训,市级,2007-01-01,,盐科〔2007〕3号,是,", "否,2008-06-30"},
		},
		{
			Name: "founders",
			Of: kind(techplatform.FounderTable(), func(w *world) importing { return w.ImportFounders },
				func(w *world) export { return w.ExportFounders }),
			By: staff(yandu), Stranger: staff(jianhu), Unable: looker(city),
			Head: "platform,name,kind,what,amount,note\n",
			Good: []string{
				lab + ",盐城工学院,university,设备,300000.5,\n", lab + ",盐城市科技局,政府部门,funds,,起步资金\n",
				lab + ",江苏科行集团,enterprise,funds,6000000,\n",
			},
			Unknown: "没有的平台,盐城工学院,university,设备,300000.5,\n",
			Bad: map[string][]string{
				"没有的平台,甲,饭店,唱歌,-1,\n":          {"平台名称：没有叫“没有的平台”", "共建单位：", "“饭店”", "“唱歌”", "折合金额："},
				lab + ",,university,funds,,\n": {"共建单位："},
			},
			Out: []string{"盐城工学院,高等院校,设备,300000.5,"},
		},
		{
			Name: "services",
			Of: kind(techplatform.OfferingTable(), func(w *world) importing { return w.ImportOfferings },
				func(w *world) export { return plain(w.ExportOfferings) }),
			By: staff(yandu), Stranger: staff(jianhu), Unable: looker(city),
			Head:    "platform,name,kind,description,price,unit,free_share,ended\n",
			Good:    []string{lab + ",滤料检测,professional,透气率,120.5,样,30,否\n", lab + ",除尘效率检测,professional,,600,次,20,是\n"},
			Unknown: "没有的平台,滤料检测,professional,透气率,120.5,样,30,否\n",
			Bad: map[string][]string{
				"没有的平台,甲,饭店,,-1,,120,也许\n": {"平台名称：没有叫“没有的平台”", "服务项目：", "“饭店”", "价格：", "计价单位：", "公益份额（%）：", "已停用："},
			},
			Out: []string{"除尘效率检测,专业性技术服务,,600,次,20,是"},
		},
		{
			Name: "instruments",
			Of: kind(techplatform.InstrumentTable(), func(w *world) importing { return w.ImportInstruments },
				func(w *world) export { return plain(w.ExportInstruments) }),
			By: staff(yandu), Stranger: staff(jianhu), Unable: looker(city),
			Head: "platform,name,model,about,price,opens,closes,weekends,ended\n",
			Good: []string{
				lab + ",扫描电镜,SU-1510,看断口,300,8:30,17：30,是,\n", lab + ",天平,,,,0.375,24:00,,否\n",
				lab + ",烟气分析仪,Testo 350,,250,08:30,17:30,否,是\n",
			},
			Unknown: "没有的平台,扫描电镜,SU-1510,看断口,300,8:30,17：30,是,\n",
			Bad: map[string][]string{
				"没有的平台,甲,,,-1,早上,08:10,,\n":    {"平台名称：没有叫“没有的平台”", "仪器名称：", "每小时价格：", "开放时间从：请填时间", "开放时间到："},
				lab + ",电镜,,,,17:00,08:00,,\n": {"开放时间到："},
			},
			Out: []string{"扫描电镜,SU-1510,看断口,300,08:30,17:30,是,否", "天平,,,,09:00,24:00,否,否"},
		},
		{
			Name: "bases",
			Of: kind(techplatform.BaseTable(), func(w *world) importing { return w.ImportBases },
				func(w *world) export { return w.ExportBases }),
			By: staff(city), Stranger: staff(jianhu), Unable: looker(city),
			Head:    "base,region,industry,since,ended,about\n",
			Good:    []string{"盐都区环保机械基地,320903,环保机械,2007-01-01,2008-12-31,已并入\n", "射阳县纺织产业基地,320924,棉纺织,2006-01-01,,改了行业\n"},
			Unknown: "盐都区环保机械基地,330102,环保机械,2007-01-01,2008-12-31,已并入\n",
			Bad: map[string][]string{
				"甲,330102,,2008-13-01,昨天,\n":                 {"基地名称：", "所在地：330102 不归你管", "服务行业：", "规划公布日期：", "结束日期："},
				"建湖县基地,320925,石油机械,2007-01-01,2006-01-01,\n": {"结束日期："},
			},
			Out: []string{"射阳县纺织产业基地,320924,棉纺织,2006-01-01,,改了行业"},
		},
		{
			Name: "links",
			Of: kind(techplatform.LinkTable(), func(w *world) importing { return w.ImportLinks },
				func(w *world) export { return w.ExportLinks }),
			By: staff(city), Stranger: staff(jianhu), Unable: looker(city),
			Head:    "base,platform,functions,since\n",
			Good:    []string{"射阳县纺织产业基地," + lab + ",产品检测；research,2007-02-01\n"},
			Unknown: "没有的基地,没有的平台,产品检测；research,2007-02-01\n",
			Bad: map[string][]string{
				"没有的基地,没有的平台,唱歌,去年\n": {"基地名称：没有叫“没有的基地”", "平台名称：没有叫“没有的平台”", "“唱歌”", "配套起始日期："},
			},
			Out: []string{"射阳县纺织产业基地," + lab + ",产品检测；研发攻关,2007-02-01"},
		},
	} {
		s.Tell(t)
	}
}

// A county enters a platform, but its level is the city's to give.
func TestALevelInATableIsTheCitysToGive(t *testing.T) {
	k := kind(techplatform.PlatformTable(), func(w *world) importing { return w.ImportPlatforms },
		func(w *world) export { return plain(w.ExportPlatforms) })(t, t.TempDir())
	const head = "name,region,kind,institution,functions,industry,founded,level,level_from,level_document\n"
	const row = "射阳县农机平台,320924,共性技术服务平台,盐城科行环保技术有限公司,research,农机,2005-05-01,"
	said := k.Bring(t, staff(sheyang), head+row+"市级,2007-01-01,盐科〔2007〕3号\n", false)
	if said.Rejected != 1 || said.Why[0] != "认定级别：这一项要有相应权限的人才能填" {
		t.Errorf("a county gives a level: %+v", said)
	}
	if said := k.Bring(t, staff(sheyang), head+row+",,\n", false); said.New != 1 {
		t.Errorf("without one: %+v", said)
	}
}
