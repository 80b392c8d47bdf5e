package ui

func listSamples(p P) []Sample {
	return []Sample{
		{"rows", List([]Item{
			{Label: p.say("测一测企业规模", "Check the size class"), Href: "#", Right: p.say("约 3 分钟，当场出结果", "3 minutes, answered at once")},
			{Label: p.say("中小企业服务机构绩效评价办法", "How providers are evaluated"), Href: "#", Right: p.say("12月15日", "15 December"), Under: p.say("市中小企业局 · 适用：示范服务机构 30 家", "City SME bureau · for 30 model providers")},
		})},
		{"with days", DatedList(p, []Dated{
			{On: Day("2009-01-09"), Label: p.say("中小企业融资担保合作论坛", "Forum on SME guarantees"), Href: "#", Under: p.say("盐城市区 · 还有 26 个名额", "Yancheng · 26 places left")},
		})},
		{"themes", Themes([]Theme{
			{Icon: "theme-policy", Title: p.say("政策服务", "Policy"), Href: "#", Text: p.say("把政策弄明白，用足用好", "Know the policies and use them"), Links: []Link{{p.say("看我能享受哪些政策", "Which are for me"), "#"}}},
			{Icon: "theme-guarantee", Title: p.say("融资担保", "Guarantee"), Href: "#", Text: p.say("找担保、找银行、参加互助担保", "Find a guarantor, a bank, a pool"), Links: []Link{{p.say("申请融资担保", "Apply"), "#"}}},
		})},
	}
}
