package demo

import (
	"context"
	"fmt"
	"slices"

	"qiban.dev/qiban/internal/domain/techplatform"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
)

// launched is a made-up new product of a county's firm, and how far its
// confirmation has come.
type launched struct {
	office                region.Code
	trade                 string // of the firm: the county's first
	applied, decided      string // days; empty on the day of loading
	name, industry, about string
	until                 flow.State
	grade                 string
	ago                   int // working days before the day of loading that it was applied for
}

// The products of 2007 and 2008, all decided by then.
var launches = []launched{
	{"320921", "机械", "2007-04-10", "2007-09-18", "断头自停细纱机", "C35", "逐锭检测断头并自动停车，用工减少四成，已有三家纺织厂使用。", techplatform.ProductConfirmed, "nation-leading", 0},
	{"320903", "环保设备", "2007-06-05", "2007-11-20", "长袋低压脉冲除尘器", "C35", "滤袋长八米，阻力比同类产品低两成，排放浓度低于三十毫克每立方米。", techplatform.ProductConfirmed, "nation-advanced", 0},
	{"320925", "机械", "2008-02-18", "2008-07-08", "高压柱塞式液压缸", "C34", "额定压力六十三兆帕，内泄漏量低于行业标准的一半，寿命试验二十万次。", techplatform.ProductConfirmed, "nation-advanced", 0},
	{"320981", "粮油", "2008-03-12", "2008-08-26", "缓沉性水产膨化饲料", "C13", "浮水时间可以调节，饵料系数一点二，养殖户试用两季。", techplatform.ProductConfirmed, "province-advanced", 0},
	{sheyang, "纺织", "2008-04-22", "2008-10-15", "彩色棉精梳纱", "C17", "天然彩色棉与白棉混纺，不经染色，色牢度达到四级。", techplatform.ProductConfirmed, "nation-leading", 0},
	{"320922", "农机", "2008-05-06", "2008-10-30", "菊花低温烘干机", "C35", "热风循环，每公斤耗电降低三成，花色保持完整。", techplatform.ProductRefused, "", 0},
	{"320923", "阀门", "2008-06-16", "2008-12-09", "陶瓷密封球阀", "C34", "阀座采用氧化锆陶瓷，耐磨寿命是硬质合金的三倍。", techplatform.ProductConfirmed, "nation-advanced", 0},
}

// Those under way on the day of loading, one in each state.
var launching = []launched{
	{sheyang, "菊花制品", "", "", "即食菊花茶冻干粉", "C15", "低温冻干，绿原酸保留率九成以上，冲泡即溶，已在两个城市试销。", techplatform.ProductApplied, "", 6},
	{sheyang, "纺织", "", "", "竹纤维与棉混纺色纺纱", "C17", "竹纤维占四成，吸湿快干，色牢度达到四级，已在本厂批量试纺半年。", techplatform.ProductReturned, "", 4},
	{sheyang, "机械", "", "", "双主轴数控车床", "C34", "双主轴一次装夹完成两端加工，节拍缩短三成五，两家汽车配件厂在用。", techplatform.ProductChecked, "", 3},
	{"320925", "机械", "", "", "电液伺服闭式泵", "C34", "伺服电机直接驱动，节能四成，噪声低于六十八分贝，配套注塑机二十台。", techplatform.ProductForwarded, "", 14},
	{"320903", "环保设备", "", "", "低阻覆膜滤筒除尘机组", "C35", "滤筒覆膜，初始阻力低于三百帕，排放浓度低于五毫克每立方米。", techplatform.ProductConfirmed, "world-advanced", 21},
}

// products takes the new products of 2007 and 2008 from the application to the
// province's answer.
func (l *loader) products(ctx context.Context) error { return l.launch(ctx, l.Technology, launches) }

// openProducts are those that are under way on the day of loading.
func (l *loader) openProducts(ctx context.Context) error {
	return l.launch(ctx, l.TechToday, launching)
}

func (l *loader) launch(ctx context.Context, t *techplatform.Service, all []launched) error {
	for n, p := range all {
		l.at(l.ago(p.ago))
		if p.applied != "" {
			l.at(on(p.applied, 10, 0))
		}
		if err := l.confirm(ctx, t, n, &p); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
	}
	return nil
}

// confirm brings one as far as it has come.
func (l *loader) confirm(ctx context.Context, t *techplatform.Service, n int, in *launched) error {
	firms := l.firms[in.office]
	f := firms[slices.IndexFunc(firms, func(f *firm) bool { return f.trade == in.trade })]
	titles := []string{"查新报告", "用户使用意见"}
	if in.until == techplatform.ProductReturned { // for want of the second
		titles = titles[:1]
	}
	var papers files.Papers
	for _, title := range titles {
		token, err := l.paper(ctx, f.by, title, "产品："+in.name, "申请企业："+f.name, in.about)
		if err != nil {
			return err
		}
		papers.Add = append(papers.Add, token)
	}
	p, err := t.ApplyProduct(ctx, f.by, f.id, techplatform.ProductProfile{
		Name: in.name, Industry: in.industry, About: in.about + "（演示数据）", Patents: f.patents,
	}, papers, "")
	step := func(days int, do func() (techplatform.Product, error)) {
		if err == nil && p.State != in.until {
			l.at(l.later(days))
			p, err = do()
		}
	}
	if in.until == techplatform.ProductReturned {
		step(2, func() (techplatform.Product, error) {
			return t.ReturnProduct(ctx, l.staff[in.office], p.ID, p.Version, "请补一份用户使用意见")
		})
	}
	step(2, func() (techplatform.Product, error) { return t.CheckProduct(ctx, l.staff[in.office], p.ID, p.Version) })
	step(5, func() (techplatform.Product, error) { return t.ForwardProduct(ctx, l.official, p.ID, p.Version) })
	if in.decided != "" {
		l.at(on(in.decided, 15, 0))
	}
	day := string(ledger.DateOf(l.now()))
	step(0, func() (techplatform.Product, error) {
		if in.until == techplatform.ProductRefused {
			return t.RefuseProduct(ctx, l.official, p.ID, p.Version, "主要指标和现有产品相同")
		}
		return t.ConfirmProduct(ctx, l.official, p.ID, p.Version, techplatform.Finding{
			Grade: in.grade, Certificate: fmt.Sprintf("演示鉴字〔%s〕%d 号", day[:4], 101+n), On: day,
		})
	})
	return err
}
