package ui

func crumbsSamples(p P) []Sample {
	return []Sample{{"three", Crumbs(p, Home(p), Link{p.say("服务机构", "Providers"), "#"}, Link{p.say("射阳县", "Sheyang"), ""})}}
}
