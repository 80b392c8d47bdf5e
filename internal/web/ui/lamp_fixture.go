package ui

func lampSamples(p P) []Sample {
	due := Day("2009-01-09")
	return []Sample{
		{"in time", LampOf(p, Lamp{Left: 6, Due: due})},
		{"soon", LampOf(p, Lamp{Left: 1, Due: due})},
		{"today", LampOf(p, Lamp{Due: due})},
		{"overdue", LampOf(p, Lamp{Left: -2, Due: due})},
		{"stopped", LampOf(p, Lamp{State: Stopped, Words: p.say("等企业补材料", "Waiting for the enterprise")})},
		{"finished", LampOf(p, Lamp{State: Finished})},
	}
}
