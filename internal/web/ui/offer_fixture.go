package ui

func offerSamples(p P) []Sample {
	return []Sample{
		{"chosen", OfferRow(p, Offer{Name: "g-offer", Value: "1", Title: p.say("射阳县中小企业信用担保中心", "Sheyang SME Credit Guarantee Centre"), Sub: p.say("政策性 · 注册资本 1.2 亿元 · 紧密层", "Policy guarantor · capital 120 million yuan · close tier"), Met: 6, Of: 6, Chosen: true, Reasons: reasonsSample(p)[:1]})},
		{"with doubts", OfferRow(p, Offer{Name: "g-offer", Value: "2", Title: p.say("合德镇纺织企业互助担保会", "Hede Textile Mutual Pool"), Sub: p.say("互助性 · 注册资本 260 万元 · 联系层", "Mutual · capital 2.6 million yuan · contact tier"), Met: 3, Of: 6, Reasons: reasonsSample(p)})},
	}
}
