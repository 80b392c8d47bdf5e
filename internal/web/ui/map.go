package ui

import (
	"strconv"

	"qiban.dev/qiban/internal/region"
)

// shape is one county on the schematic: its outline, and where its name stands.
type shape struct {
	d    string
	x, y float64
}

// shapes is our own schematic of the nine counties: a diagram without borders or
// scale. A county that was re-coded keeps its place under both codes.
func shapes(c region.Code) (shape, bool) {
	s, ok := map[region.Code]shape{
		"320921": {"M72 24L96 0L168 0L216 48L216 72L72 72Z", 144, 47},                                     // 响水
		"320922": {"M72 72L216 72L264 120L264 168L144 168L144 120L72 120Z", 192, 119},                     // 滨海
		"320923": {"M24 120L144 120L144 216L48 216L24 192Z", 86.4, 173},                                   // 阜宁
		"320924": {"M144 168L264 168L312 216L312 240L144 240Z", 216, 211},                                 // 射阳
		"320925": {"M48 216L144 216L144 288L72 288L48 264Z", 96, 257},                                     // 建湖
		"320902": {"M144 240L312 240L336 264L336 288L216 288L216 336L168 336L168 288L144 288Z", 204, 267}, // 亭湖
		"320903": {"M72 288L168 288L168 336L216 336L216 384L120 384L72 336Z", 127.2, 341},                 // 盐都
		"320904": {"M216 288L336 288L384 336L384 408L216 408Z", 300, 355},                                 // 大丰
		"320981": {"M120 384L216 384L216 408L384 408L408 432L408 480L168 480L120 432Z", 264, 449},         // 东台
	}[today(c)]
	return s, ok
}

// today is the present code of the one county of the schematic that was re-coded.
func today(c region.Code) region.Code {
	if c == "320982" {
		return "320904" // 大丰市 until 2015, 大丰区 since
	}
	return c
}

func coast() []region.Code {
	return []region.Code{"320921", "320922", "320923", "320924", "320925", "320902", "320903", "320904", "320981"}
}

// Grade puts a value into one of five equal classes between the least and the
// greatest, 1 to 5.
func Grade(v, least, greatest float64) int {
	if greatest <= least {
		return 3
	}
	return min(max(1+int((v-least)/(greatest-least)*5), 1), 5)
}

func coordinate(f float64) string { return strconv.FormatFloat(f, 'f', 1, 64) }
