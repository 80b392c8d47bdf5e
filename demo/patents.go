package demo

import (
	"context"
	"fmt"
	"math/rand/v2"

	"qiban.dev/qiban/internal/domain/techplatform"
)

// inventions are what the made-up patents are for.
var inventions = []string{
	"一种细纱机断头检测装置", "除尘器滤袋快速拆装结构", "球阀密封面研磨夹具", "菊花烘干热风循环装置", "节能型注塑模具", "玻璃退火炉余热回收装置",
	"汽车刹车片摩擦系数测试台", "水产饲料膨化机", "木地板企口加工刀具", "LED路灯散热外壳", "包装袋热封切断机构", "化纤纺丝组件",
}

// patents enters two dozen patents of enterprises with what some of them earned:
// all made up, with serial numbers that no office has given.
func (l *loader) patents(ctx context.Context) error {
	rng := rand.New(rand.NewPCG(2008, 42)) //nolint:gosec // the same year every time
	l.at(on("2009-01-06", 9, 0))
	for n := range 2 * len(inventions) {
		f := l.firms[offices[n%9]][n]
		kind, applied := 1+n%3, fmt.Sprintf("%d-%02d-%02d", 2004+n%5, 1+rng.IntN(12), 1+rng.IntN(28))
		in := techplatform.PatentProfile{
			Number: techplatform.PatentNumber(fmt.Sprintf("%s%d999%04d", applied[:4], kind, n+1)), Title: inventions[n%len(inventions)], Applied: applied,
			OnOffer: n%4 == 1, About: "演示数据，申请号是编的。",
		}
		if n%5 > 0 && applied < "2008" {
			in.Granted = fmt.Sprintf("2008-%02d-%02d", 1+rng.IntN(12), 1+rng.IntN(28))
		}
		p, err := l.Technology.EnterPatent(ctx, l.official, f.id, "", in, "")
		f.patents = append(f.patents, p.Number)
		if err == nil && in.Granted != "" {
			_, err = l.Technology.RecordUse(ctx, l.official, p.ID, p.Version, techplatform.Use{
				Year: 2008, Way: techplatform.Ways()[n%2], What: inventions[n%len(inventions)], Revenue: int64(20+rng.IntN(180)) * wan,
			})
		}
		if err != nil {
			return fmt.Errorf("patent of %s: %w", f.name, err)
		}
	}
	return nil
}
