package demo

import (
	"context"
	"fmt"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/techplatform"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
)

// posted is a made-up technology need of a county's firm, or an offer of a
// platform, and how far it has come on the day of loading.
type posted struct {
	office         region.Code // of the firm; "" for a platform's offer
	n              int         // which of the county's firms, or of the platforms
	title, text    string
	industry       string
	amount         int64 // in ten thousand yuan, 0 to be agreed
	until          flow.State
	answers, parts bool // it answers the need before; that came to nothing
}

var postings = []posted{
	{sheyang, 0, "细纱机断头自动检测", "车间二十台细纱机，断头靠挡车工巡回发现，夜班漏报多。希望逐锭检测断头并报警，漏报率低于百分之一，改造时不停机。", "C17", 30, techplatform.Shown, false, false},
	{"", 1, "光电式细纱机断头检测装置", "用光电传感器逐锭检测细纱断头，集中报警，已在两家纺织厂试用半年。可以转让，也可以合作生产，负责安装调试。", "C17", 24, techplatform.Shown, true, false},
	{"320903", 3, "滤袋除尘器脉冲阀寿命", "脉冲阀膜片三个月就破，停机更换损失大。想找耐高温膜片材料，或者改进喷吹结构，寿命做到一年以上。", "C35", 18, techplatform.Shown, false, false},
	{"", 0, "高温滤袋除尘器喷吹系统优化", "按流场计算重新布置喷吹管和脉冲阀，膜片寿命提高到十四个月。可以提供图纸和现场指导。", "C35", 15, techplatform.Shown, true, true},
	{"320925", 5, "液压缸密封面磨削工艺", "液压缸内孔磨削后粗糙度不稳定，合格率只有八成五。希望找到稳定的磨削工艺和砂轮配方。", "C34", 0, techplatform.Shown, false, false},
	{"", 2, "缸体内孔珩磨工艺包", "含珩磨头设计、砂条配方和参数表，粗糙度稳定在零点二微米，合格率百分之九十八。可以许可使用。", "C34", 20, techplatform.Shown, false, false},
	{"320981", 2, "水产饲料膨化后含油不匀", "膨化机出料后喷油不均，批次间差别大，影响浮水时间。需要改进喷油和混合方式，日产六十吨。", "C13", 12, techplatform.Shown, false, false},
	{"320922", 4, "菊花低温烘干节能", "菊花烘干每公斤耗电过高，颜色发暗。希望用热泵或热风循环降低能耗三成，保持色泽。", "C15", 0, techplatform.Shown, false, false},
	{"", 3, "热泵与热风循环联合烘干技术", "适合菊花、枸杞等热敏农产品，能耗比电热下降四成，色泽保持好。有中试数据，可以合作改造。", "C15", 36, techplatform.Shown, false, false},
	{"320924", 2, "印染废水深度处理回用", "印染废水处理后色度仍然偏高，回用率只有两成。想找成本每吨不超过三元的深度处理办法。", "C17", 60, techplatform.Submitted, false, false},
	{"320924", 4, "棉纱仓库温湿度集中监测", "十二个仓库靠人工抄表，梅雨季发霉。需要集中监测温湿度并联动除湿，数据保存一年。", "C17", 8, techplatform.Checked, false, false},
	{"320924", 6, "布面疵点自动检验", "坯布疵点靠人眼检验，速度慢。", "C17", 0, techplatform.Returned, false, false},
}

// market posts technology needs and offers, reviews them, and introduces two who
// fit; some still wait for their review.
func (l *loader) market(ctx context.Context) error {
	l.at(l.Now)
	var need string // published last
	for _, p := range postings {
		id, err := l.posted(ctx, &p)
		if err == nil && p.answers {
			err = l.introduced(ctx, need, &p)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", p.title, err)
		}
		if p.office != "" {
			need = id
		}
	}
	return nil
}

// party is who posts, and the office that checks it.
func (l *loader) party(p *posted) (by authz.Actor, as authz.Party, office region.Code, contact string) {
	if p.office == "" {
		lab := l.labs[p.n]
		return lab.by, authz.Party{Kind: authz.Institution, ID: string(lab.id)}, lab.office, "技术部（演示） 0515-88160000"
	}
	f := l.firms[p.office][p.n]
	return f.by, authz.Party{Kind: authz.Enterprise, ID: string(f.id)}, p.office, f.owner + "（演示） 0515-82330000"
}

func (l *loader) posted(ctx context.Context, p *posted) (string, error) {
	by, as, office, contact := l.party(p)
	side := techplatform.Wanted
	if p.office == "" {
		side = techplatform.Offered
	}
	t := l.TechToday
	text := p.text + "（演示数据）"
	if p.until == techplatform.Returned {
		text += "希望有合适的设备。"
	}
	n, err := t.SubmitNotice(ctx, by, as, side, techplatform.NoticeProfile{Title: p.title, Text: text, Industry: p.industry, Amount: p.amount * wan, Contact: contact}, "")
	checks := l.staff[office]
	if office == City {
		checks = l.staff[City]
	}
	switch {
	case err != nil || p.until == techplatform.Submitted:
	case p.until == techplatform.Returned:
		n, err = t.ReturnNotice(ctx, checks, n.ID, n.Version, "请写清楚布幅、车速和想检出的疵点")
	default:
		n, err = t.CheckNotice(ctx, checks, n.ID, n.Version)
		if err == nil && p.until == techplatform.Shown {
			n, err = t.PublishNotice(ctx, l.official, n.ID, n.Version)
		}
	}
	return n.ID, err
}

// introduced lets whoever posted the offer answer the need.
func (l *loader) introduced(ctx context.Context, need string, p *posted) error {
	by, as, _, contact := l.party(p)
	i, err := l.TechToday.Express(ctx, by, need, as, techplatform.Answer{Words: "我们的“" + p.title + "”可以直接用，欢迎来看样机。（演示数据）", Contact: contact}, "")
	if err == nil && !p.parts { // it waits for the enterprise to confirm
		_, err = l.TechToday.AgreeIntro(ctx, by, i.ID, i.Version, string(ledger.DateOf(l.Now)), p.amount*wan)
	}
	if err == nil && p.parts {
		_, err = l.TechToday.PartIntro(ctx, by, i.ID, i.Version, "企业先换了膜片，改造推到明年")
	}
	return err
}
