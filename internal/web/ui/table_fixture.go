package ui

func tableSample(p P) Table {
	return Table{
		Caption: p.say("新入园中小企业，户", "SMEs new in parks"),
		Dense:   true,
		Head: []Col{
			{Label: p.say("地区", "Place"), Sort: "desc", Href: "#"},
			{Label: p.say("目标", "Target"), Num: true},
			{Label: p.say("实绩", "Actual"), Num: true},
			{Label: p.say("完成", "Reached"), Num: true, Wide: true},
			{Label: p.say("状态", "State")},
		},
		Rows: []Row{
			{Cells: []Cell{{Text: p.say("盐都区", "Yandu"), Href: "#"}, {Text: "120"}, {Text: "141"}, {Text: "117.5%"}, {Body: Tag(Moss, p.say("已审定", "Approved"))}}},
			{Cells: []Cell{{Text: p.say("射阳县", "Sheyang"), Href: "#"}, {Text: "115"}, {Text: "118"}, {Text: "102.6%"}, {Body: Tag(Moss, p.say("已审定", "Approved"))}}, Selected: true},
			{Cells: []Cell{{Text: p.say("响水县", "Xiangshui"), Href: "#"}, {Text: "90"}, {Text: "78"}, {Text: "86.7%"}, {Body: Tag(Reed, p.say("退回核对", "Returned"))}}},
		},
		Foot: []Row{{Cells: Words(p.say("全市", "City"), "1000", "1006", "100.6%", "")}},
	}
}

func tableSamples(p P) []Sample {
	stacked := tableSample(p)
	stacked.Stack, stacked.Dense, stacked.Caption = true, false, p.say("同一张表，在手机上改排", "The same table, restacked on phones")
	return []Sample{{"dense", Grid(p, tableSample(p))}, {"stacking", Grid(p, stacked)}}
}
