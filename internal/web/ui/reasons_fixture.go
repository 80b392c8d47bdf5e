package ui

func reasonsSample(p P) []Reason {
	return []Reason{
		{Yes, p.say("单笔上限 500 万元，够 300 万元", "Ceiling of 5 million yuan covers 3 million"), ""},
		{No, p.say("单笔上限 200 万元，低于 300 万元", "Ceiling of 2 million yuan is below 3 million"), ""},
		{Maybe, p.say("企业尚未入会，是否接收由互助会定", "Not yet a member; the pool decides whether to admit it"), ""},
	}
}

func reasonsSamples(p P) []Sample { return []Sample{{"all three", Reasons(p, reasonsSample(p))}} }
