package ui

func paceSamples(_ P) []Sample {
	return []Sample{
		{"ahead of the year", Pace(Progress{V: .54, At: .5})},
		{"behind the year", Pace(Progress{V: .38, At: .5, Behind: true})},
		{"reached", Pace(Progress{V: 1.006})},
		{"not reached", Pace(Progress{V: .8, Behind: true})},
	}
}
