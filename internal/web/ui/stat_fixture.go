package ui

func statSamples(p P) []Sample {
	list := []Stat{
		{Label: p.say("融资担保金额", "Guaranteed lending"), Value: p.say("41.3", "4.13"), Unit: p.say("亿元", "billion yuan"), Href: "#", Note: p.say("比上年增长 59%", "59% more than last year"), Source: Reported, By: p.say("县级上报", "Reported by counties")},
		{Label: p.say("需求按时办结率", "Requests settled in time"), Value: "96.4", Unit: "%", Href: "#", Note: p.say("1436 件中 1384 件", "1384 of 1436"), Source: Computed},
		{Label: p.say("担保网络乡镇覆盖率", "Towns covered by guarantors"), Value: "66", Unit: "%", Href: "#", Progress: &Progress{V: .943, Behind: true}, Target: p.say("目标 70% 以上", "Target: 70% or more"), Verdict: p.say("未达到 94.3%", "Not reached, 94.3%"), Source: Computed, Note: p.say("差 4 个百分点", "4 points short")},
		{Label: p.say("新入园中小企业", "SMEs new in parks"), Value: "1006", Unit: p.say("户", ""), Href: "#", Progress: &Progress{V: 1.006}, Target: p.say("目标 1000 户以上", "Target: 1000 or more"), Verdict: p.say("已达到 100.6%", "Reached, 100.6%"), Source: Reported, By: p.say("县级上报", "Reported by counties"), Rank: p.say("全省第 4 位", "4th in the province")},
		{Label: p.say("展销成交额", "Sales at fairs"), Value: "—", Note: p.say("2008 年没有登记过", "Nothing was recorded in 2008")},
	}
	return []Sample{{"all", Stats(p, list, false)}}
}
