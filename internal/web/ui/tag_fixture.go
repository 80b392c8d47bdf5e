package ui

func tagSamples(p P) []Sample {
	return []Sample{
		{"plain", Tag(Plain, p.say("草稿", "Draft"))},
		{"sea", Tag(Sea, p.say("办理中", "In progress"))},
		{"moss", Tag(Moss, p.say("已办结", "Done"))},
		{"reed", Tag(Reed, p.say("待补正", "To be completed"))},
		{"crane", Tag(Crane, p.say("已退回", "Returned"))},
		{"line", Tag(Line, p.say("紧密层", "Close tier"))},
	}
}
