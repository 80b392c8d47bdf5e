package ui

func originSamples(p P) []Sample {
	return []Sample{
		{"computed", Origin(p, Computed, "")},
		{"reported", Origin(p, Reported, p.say("县级上报", "Reported by counties"))},
		{"mixed", Origin(p, Mixed, "")},
		{"set", Origin(p, Set, "")},
	}
}
