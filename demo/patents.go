package demo

import (
	"context"
	"fmt"
	"math/rand/v2"

	"qiban.dev/qiban/internal/domain/techplatform"
)

// inventions are what the made-up patents are for, two of each trade.
var inventions = map[string][2]string{
	"纺织": {"一种细纱机断头检测装置", "梳棉机落棉回收机构"}, "服装": {"衬衫领角定型模具", "裁床吸附台面结构"},
	"机械": {"深孔钻冷却排屑装置", "齿轮箱油封压装夹具"}, "农机": {"水田埋茬起浆机刀辊", "播种机漏播报警装置"},
	"阀门": {"球阀密封面研磨夹具", "闸阀阀杆防转机构"}, "化纤": {"化纤纺丝组件", "丝束卷绕张力调节器"},
	"水产食品": {"条斑紫菜烘干传送装置", "虾仁分级清洗机"}, "粮油": {"大米色选除杂装置", "油料低温压榨机"},
	"菊花制品": {"菊花烘干热风循环装置", "菊花茶杀青蒸汽箱"}, "茧丝绸": {"蚕茧分选传送带", "缫丝机温水循环装置"},
	"电子元件": {"贴片电容编带检测机构", "电感线圈绕制夹具"}, "汽车配件": {"汽车刹车片摩擦系数测试台", "减振器密封性试验夹具"},
	"新型建材": {"加气砌块切割机构", "保温板复合压机"}, "包装印刷": {"包装袋热封切断机构", "瓦楞纸板涂胶辊"},
	"家具": {"抽屉滑轨静音结构", "板式家具连接件"}, "玻璃制品": {"玻璃退火炉余热回收装置", "玻璃瓶口磨平机"},
	"环保设备": {"除尘器滤袋快速拆装结构", "污泥脱水带式压滤机"}, "灯具": {"LED路灯散热外壳", "灯罩卡扣防松结构"},
	"木业": {"木地板企口加工刀具", "单板干燥机"}, "塑料制品": {"节能型注塑模具", "薄膜吹塑冷却风环"},
}

// patents enters two dozen patents of enterprises with what some of them earned:
// all made up, with serial numbers that no office has given.
func (l *loader) patents(ctx context.Context) error {
	rng := rand.New(rand.NewPCG(2008, 42)) //nolint:gosec // the same year every time
	l.at(on("2009-01-06", 9, 0))
	for n := range 24 {
		f := l.firms[offices[n%9]][n]
		title := inventions[f.trade][n/9%2]
		kind, applied := 1+n%3, fmt.Sprintf("%d-%02d-%02d", 2004+n%5, 1+rng.IntN(12), 1+rng.IntN(28))
		in := techplatform.PatentProfile{
			Number: techplatform.PatentNumber(fmt.Sprintf("%s%d999%04d", applied[:4], kind, n+1)), Title: title, Applied: applied,
			OnOffer: n%4 == 1, About: "演示数据，申请号是编的。",
		}
		if n%5 > 0 && applied < "2008" {
			in.Granted = fmt.Sprintf("2008-%02d-%02d", 1+rng.IntN(12), 1+rng.IntN(28))
		}
		p, err := l.Technology.EnterPatent(ctx, l.official, f.id, "", in, "")
		f.patents = append(f.patents, p.Number)
		if err == nil && in.Granted != "" {
			_, err = l.Technology.RecordUse(ctx, l.official, p.ID, p.Version, techplatform.Use{
				Year: 2008, Way: techplatform.Ways()[n%2], What: title, Revenue: int64(20+rng.IntN(180)) * wan,
			})
		}
		if err != nil {
			return fmt.Errorf("patent of %s: %w", f.name, err)
		}
	}
	return nil
}
