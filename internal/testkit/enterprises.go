package testkit

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"

	"qiban.dev/qiban/internal/domain/enterprise"
)

// Town is a town for made enterprises to lie in: 320924100, 射阳县, 合德镇.
type Town struct{ Code, County, Name string }

// WriteEnterprises writes n made enterprises as the CSV that import reads. The
// same seed writes the same file. Every credit code is sound and different.
func WriteEnterprises(w io.Writer, n int, seed uint64, towns []Town) error {
	rnd := rand.New(rand.NewPCG(seed, 1))
	out := bufio.NewWriterSize(w, 1<<20)
	fmt.Fprintln(out, "企业名称,统一社会信用代码,所在乡镇街道,地址,企业类型,行业代码,行业分类版本,成立日期,联系人,联系电话")
	from := func(words ...string) string { return words[rnd.IntN(len(words))] }
	for i := range n {
		town := towns[rnd.IntN(len(towns))]
		var brand strings.Builder
		for range 2 + rnd.IntN(2) {
			brand.WriteString(from(syllables...))
		}
		trade := trades[rnd.IntN(len(trades))]
		form := from("有限公司", "有限责任公司", "股份有限公司", "厂")
		fmt.Fprintf(out, "%s%s%s%s,%s,%s,%s人民路%d号,%s,%s,2017,%04d-%02d-%02d,%s%s,13%09d\n",
			town.County, brand.String(), trade.word, form, CreditCode(town.Code, i), town.Code, town.Name, 1+rnd.IntN(999),
			map[bool]string{true: "股份有限公司", false: "有限责任公司"}[form == "股份有限公司"], trade.code,
			1990+rnd.IntN(34), 1+rnd.IntN(12), 1+rnd.IntN(28), from("王", "李", "张", "刘", "陈", "杨"), from(syllables...), rnd.IntN(1e9))
	}
	return out.Flush()
}

var syllables = strings.Split("华新鹤乡恒瑞金泰海盛东方天润永兴宏达长青万里正源中和嘉禾丰收星辰卓越诚信德顺安康福临江河湖洋春秋百川众合凯旋旭日博雅森林启明鼎立", "")

var trades = []struct{ word, code string }{
	{"纺织", "C1711"},
	{"机械", "C3411"},
	{"化工", "C2614"},
	{"食品", "C1411"},
	{"电子", "C3961"},
	{"建材", "C3021"},
	{"商贸", "F5211"},
	{"物流", "G5430"},
	{"软件", "I6513"},
	{"建筑工程", "E4710"},
	{"农业发展", "A0111"},
	{"汽车配件", "C3670"},
}

// CreditCode is a sound credit code: of the town's county, with the i-th
// organisation code scattered so that neighbours do not sort beside each other.
func CreditCode(town string, i int) string {
	const alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
	org := fmt.Sprintf("MA%06d", (uint64(i)*611_953+7)%1_000_000)
	if i >= 1_000_000 {
		org = fmt.Sprintf("%08d", uint64(i)*48_271_121%100_000_000)
	}
	code := "91" + town[:6] + org + string(enterprise.OrganisationCheck(org))
	sum, weight := 0, 1
	for k := range code {
		sum += strings.IndexByte(alphabet, code[k]) * weight
		weight = weight * 3 % 31
	}
	return code + string(alphabet[(31-sum%31)%31])
}
