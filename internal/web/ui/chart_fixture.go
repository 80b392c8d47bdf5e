package ui

import "strconv"

func chartSamples(p P) []Sample {
	names := [][2]string{{"融资担保", "Guarantee"}, {"素质提升", "Training"}, {"政策服务", "Policy"}, {"开拓市场", "Markets"}, {"创业辅导", "Start-up"}, {"转型升级", "Upgrading"}}
	counts := []string{"412", "365", "238", "171", "154", "96"}
	bars := Table{Head: []Col{{Label: p.say("主题", "Theme")}, {Label: p.say("办结，件", "Settled"), Num: true}}}
	for i, n := range names {
		bars.Rows = append(bars.Rows, Row{Cells: []Cell{{Text: p.say(n[0], n[1])}, {Text: counts[i], Value: counts[i], Href: "#"}}})
	}
	this := []string{"2.40", "4.50", "7.50", "10.70", "14.00", "17.60", "21.00", "24.50", "28.30", "32.20", "36.40", "41.30"}
	last := []string{"1.60", "2.90", "4.80", "6.80", "8.90", "11.10", "13.20", "15.40", "17.80", "20.30", "23.00", "25.97"}
	lines := Table{Head: []Col{{Label: p.say("月份", "Month")}, {Label: p.say("2008年", "2008"), Num: true}, {Label: p.say("2007年", "2007"), Num: true}}}
	for i := range this {
		lines.Rows = append(lines.Rows, Row{Cells: []Cell{{Text: strconv.Itoa(i+1) + p.say("月", "")}, {Text: this[i], Value: this[i]}, {Text: last[i], Value: last[i]}}})
	}
	return []Sample{
		{"curve", ChartBox(p, Chart{Title: p.say("逐月累计担保金额，亿元", "Guaranteed lending, cumulative, 100 million yuan"), Kind: Curve, Table: lines, Foot: p.say("资料来源：各县（市、区）月报，12月报于 2009年1月5日审定。", "Source: monthly reports of the counties; December approved on 5 January 2009.")})},
		{"bar", ChartBox(p, Chart{Title: p.say("办结需求，按服务主题，件", "Requests settled, by theme"), Kind: Bar, Table: bars, Foot: p.say("共 1436 件，由需求办理记录逐笔计算。", "1436 in all, computed from the records."), Link: Link{p.say("查看 1436 件", "See the 1436"), "#"}})},
		{"column", ChartBox(p, Chart{Title: p.say("逐月担保金额，亿元", "Guaranteed lending by month"), Kind: Column, Table: Table{Head: lines.Head[:2], Rows: firstTwo(lines.Rows)}})},
		{"as table", ChartBox(p, Chart{Title: p.say("逐月累计担保金额，亿元", "Guaranteed lending, cumulative"), Kind: Curve, Table: Table{Head: lines.Head, Rows: lines.Rows[:3]}, AsTable: true})},
	}
}

func firstTwo(rows []Row) []Row {
	out := make([]Row, len(rows))
	for i, r := range rows {
		out[i] = Row{Cells: r.Cells[:2]}
	}
	return out
}
