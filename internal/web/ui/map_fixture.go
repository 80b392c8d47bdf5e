package ui

import "qiban.dev/qiban/internal/region"

func mapSamples(p P) []Sample {
	names := []struct {
		code   string
		zh, en string
		value  string
		v      float64
	}{
		{"320921", "响水", "Xiangshui", "2.46", 2.46},
		{"320922", "滨海", "Binhai", "3.12", 3.12},
		{"320923", "阜宁", "Funing", "3.68", 3.68},
		{"320924", "射阳", "Sheyang", "4.35", 4.35},
		{"320925", "建湖", "Jianhu", "4.92", 4.92},
		{"320902", "亭湖", "Tinghu", "4.10", 4.10},
		{"320903", "盐都", "Yandu", "5.26", 5.26},
		{"320982", "大丰", "Dafeng", "5.48", 5.48},
		{"320981", "东台", "Dongtai", "6.03", 6.03},
	}
	m := CountyMap{Label: p.say("盐城市九县（市、区）示意图", "Schematic of the nine counties of Yancheng")}
	bare := m
	for _, n := range names {
		m.Areas = append(m.Areas, Area{Code: region.Code(n.code), Name: p.say(n.zh, n.en), Value: n.value, Class: Grade(n.v, 2.46, 6.03), Href: "#", Current: n.zh == "射阳"})
		bare.Areas = append(bare.Areas, Area{Code: region.Code(n.code), Name: p.say(n.zh, n.en), Class: 2, Href: "#"})
	}
	for _, from := range []string{"2.46", "3.18", "3.89", "4.60", "5.32"} {
		m.Key = append(m.Key, p.say(from+" 起", "from "+from))
	}
	return []Sample{{"with values", MapOf(p, m)}, {"sites", MapOf(p, bare)}}
}
