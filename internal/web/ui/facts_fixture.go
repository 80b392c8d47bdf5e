package ui

func factsSamples(p P) []Sample {
	return []Sample{{"facts", Facts(p, []Fact{
		{Label: p.say("从业人员", "Employees"), Value: p.say("186 人", "186"), Change: "#"},
		{Label: p.say("销售额", "Sales"), Value: p.say("2460 万元", "24.6 million yuan"), Change: "#"},
		{Label: p.say("状态", "State"), Body: Tag(Moss, p.say("已审定", "Approved"))},
		{Label: p.say("传真", "Fax")},
	})}}
}
