package ui

func treeSamples(p P) []Sample {
	return []Sample{{"three levels", Tree(Node{Label: p.say("融资担保金额", "Guaranteed lending"), Value: p.say("41.30 亿元", "4.13 bn"), Share: 1, Parts: []Node{
		{Label: p.say("政策性担保机构", "Policy guarantors"), Href: "#", Value: "26.90", Share: .651, Parts: []Node{
			{Label: p.say("其中注册资本超过 1 亿元的 6 家", "of which 6 with capital above 100 million"), Href: "#", Value: "19.42", Share: .47},
			{Label: p.say("其余 4 家", "the other 4"), Href: "#", Value: "7.48", Share: .181},
		}},
		{Label: p.say("企业互助担保", "Mutual pools"), Href: "#", Value: "7.34", Share: .178},
		{Label: p.say("商业性担保机构", "Commercial guarantors"), Href: "#", Value: "7.06", Share: .171},
	}})}}
}
