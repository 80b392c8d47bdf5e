package ui

func findSamples(p P) []Sample {
	return []Sample{{"find", Find(p, Finder{Action: "/search", ID: "g-q", Label: p.say("搜索政策、服务、机构和活动", "Search policies, services, providers and events"), Placeholder: p.say("例如：流动资金担保、返乡创业", "For example: working capital")})}}
}
