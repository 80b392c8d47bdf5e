package ui

func pagerSamples(p P) []Sample {
	to := func(int) string { return "#" }
	unit := p.say("件", "requests")
	return []Sample{
		{"second of four", PagerBar(p, Pages(2, 20, 61, unit, to))},
		{"far in", PagerBar(p, Pages(12, 20, 1436, unit, to))},
		{"one page", PagerBar(p, Pages(1, 20, 7, unit, to))},
		{"to take away", TakeawayBar(p, Takeaway{Excel: "#", CSV: "#", Contacts: "#"})},
	}
}
