package enterprise

import (
	"strings"
	"unicode"
)

// legalEndings are the words of legal form at the end of a name, the longest first.
var legalEndings = []string{
	"股份有限责任公司", "集团股份有限公司", "农民专业合作社", "专业合作社", "有限责任公司", "股份有限公司", "集团有限公司",
	"有限公司", "股份公司", "总公司", "分公司", "合作社", "集团", "公司",
}

// NameKey is what remains of an enterprise's name (字号加行业) without place and
// legal form: 射阳县鹤乡纺织有限责任公司 and 鹤乡纺织公司 both become 鹤乡纺织. Brackets,
// spaces and punctuation go, letters become lower-case. places are names of
// places known to stand before it; those that end in 省、市、县、区、镇、乡 are
// recognised without.
func NameKey(name string, places ...string) string {
	key := foldName(name)
	for {
		shorter := withoutPlace(key, places)
		if shorter == key {
			break
		}
		key = shorter
	}
	for _, end := range legalEndings {
		if rest, ok := strings.CutSuffix(key, end); ok && len([]rune(rest)) >= 2 {
			return rest
		}
	}
	return key
}

// foldName keeps letters and digits, half-width and lower-case.
func foldName(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '！' && r <= '～' {
			r -= '！' - '!'
		}
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, s)
}

func withoutPlace(key string, places []string) string {
	for _, p := range places {
		if rest, ok := strings.CutPrefix(key, foldName(p)); ok && p != "" && len([]rune(rest)) >= 2 {
			return rest
		}
	}
	rs := []rune(key)
	for n := 2; n <= 3 && len(rs) >= n+3; n++ {
		ends := "省市县"
		if n == 2 { // longer names of this kind are more often a brand: 红太阳乡村酒店
			ends = "省市县区镇乡"
		}
		if strings.ContainsRune(ends, rs[n]) {
			return string(rs[n+1:])
		}
	}
	return key
}

// similarity compares two names by their pairs of neighbouring characters
// (Dice): 1 for the same, 0 for nothing in common.
func similarity(a, b string) float64 {
	if a == b {
		return 1
	}
	left, n := bigrams(a)
	right, m := bigrams(b)
	if n == 0 || m == 0 {
		return 0
	}
	common := 0
	for pair, count := range left {
		common += min(count, right[pair])
	}
	return 2 * float64(common) / float64(n+m)
}

func bigrams(s string) (pairs map[[2]rune]int, n int) {
	rs := []rune(s)
	pairs = map[[2]rune]int{}
	for i := 0; i+1 < len(rs); i++ {
		pairs[[2]rune{rs[i], rs[i+1]}]++
	}
	return pairs, max(0, len(rs)-1)
}
