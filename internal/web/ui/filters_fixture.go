package ui

func filtersSamples(p P) []Sample {
	return []Sample{{"chips", Filters(p, []Filter{
		{Label: p.say("主题：全部", "Theme: all"), Options: []Link{{p.say("融资担保", "Guarantee"), "#"}, {p.say("素质提升", "Training"), "#"}}},
		{Label: p.say("射阳县", "Sheyang"), On: true, Clear: "#"},
	}, p.say("共 23 件", "23 requests"))}}
}
