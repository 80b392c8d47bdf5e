package demo

import (
	"fmt"
	"math/rand/v2"

	"qiban.dev/qiban/internal/domain/enterprise"
)

// All names here are made up; a likeness to anybody is chance.

var (
	surnames = []string{"陈", "王", "张", "李", "刘", "杨", "徐", "孙", "周", "吴", "朱", "沈", "蔡", "顾", "唐", "夏", "姜", "戴", "仇", "卞"}
	given    = []string{"国华", "海燕", "建军", "秀兰", "志强", "丽娟", "永明", "春梅", "德胜", "桂芳", "玉龙", "晓红", "正东", "文娟", "立新", "庆丰", "爱华", "卫平", "长根", "素兰"}
	brands   = []string{
		"鹤乡", "海润", "盐阜", "丰泽", "瑞祥", "金穗", "东海", "恒达", "兴旺", "宏业", "长江", "苏北", "新潮", "华盛", "凯达", "永丰",
		"联创", "正源", "佳禾", "明泰", "盛元", "福临", "祥和", "天成", "顺发", "立丰", "银河", "飞鹤", "蓝海", "绿野", "千秋", "万通", "鑫源", "德隆", "广源", "富强", "安泰", "民生", "三友", "双灯",
	}
)

// trades are what the made-up enterprises do: name, industry of GB/T 4754-2002,
// and what they ask for.
var trades = []struct {
	name string
	code string
}{
	{"纺织", "C17"},
	{"服装", "C18"},
	{"机械", "C36"},
	{"农机", "C36"},
	{"阀门", "C35"},
	{"化纤", "C28"},
	{"水产食品", "C13"},
	{"粮油", "C13"},
	{"菊花制品", "C15"},
	{"茧丝绸", "C17"},
	{"电子元件", "C40"},
	{"汽车配件", "C37"},
	{"新型建材", "C31"},
	{"包装印刷", "C23"},
	{"家具", "C21"},
	{"玻璃制品", "C31"},
	{"环保设备", "C36"},
	{"灯具", "C39"},
	{"木业", "C20"},
	{"塑料制品", "C30"},
}

func person(rng *rand.Rand) string {
	return surnames[rng.IntN(len(surnames))] + given[rng.IntN(len(given))]
}

// phones are made up too: 138 0000 and 138 0001 numbers, each once.
type phones struct{ next int }

func (p *phones) number() string {
	p.next++
	return fmt.Sprintf("1380%07d", 1000+p.next)
}

// madeUpCode is an organisation code of the range that GB 11714 leaves for
// one's own use (PDY00001 to PDY99999), so that it can be nobody's.
func madeUpCode(n int) string {
	body := fmt.Sprintf("PDY%05d", n)
	return body + string(enterprise.OrganisationCheck(body))
}
