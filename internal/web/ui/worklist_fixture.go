package ui

func worklistSample(p P) Worklist {
	due := Day("2009-01-09")
	return Worklist{
		Action: "#", Sort: "asc", SortBy: "#", KeyHelp: true,
		Heads: Heads{Title: p.say("事项", "Matter"), Party: p.say("企业", "Enterprise"), Place: p.say("乡镇", "Town"), Theme: p.say("主题", "Theme"), Stage: p.say("环节", "Step"), Handler: p.say("经办", "Officer"), Code: p.say("编号", "Number")},
		Acts:  []Button{{Label: p.say("受理", "Accept"), Name: "do", Value: "accept", Key: "a"}, {Label: p.say("分派", "Assign"), Kind: Quiet, Name: "do", Value: "assign", Key: "f"}},
		Rows: []WorkItem{
			{ID: "1", Lamp: Lamp{Left: -2, Due: due}, Title: p.say("开拓外销渠道，寻找新客户", "New customers abroad"), Href: "#", Party: p.say("射阳县海润水产食品有限公司", "Hairun Seafood Co., Ltd"), Place: p.say("黄沙港镇", "Huangshagang"), Theme: p.say("开拓市场", "Markets"), Stage: p.say("机构答复", "Answer"), Handler: p.say("李建", "Li Jian"), Code: "XQ-2008-0171"},
			{ID: "2", Lamp: Lamp{Due: due}, Title: p.say("棉纺设备更新，想请专家看方案", "Expert view on new spinning machines"), Href: "#", Party: p.say("射阳县新坍纺织有限公司", "Xintan Textile Co., Ltd"), Place: p.say("新坍镇", "Xintan"), Theme: p.say("转型升级", "Upgrading"), Stage: p.say("受理", "Intake"), Code: "XQ-2009-0005"},
			{ID: "3", Lamp: Lamp{Left: 4, Due: due}, Title: p.say("示范服务机构认定：县纺织技术服务站", "Recognition of the textile service station"), Href: "#", Party: p.say("射阳县纺织技术服务站", "Textile service station"), Place: p.say("合德镇", "Hede"), Theme: p.say("转型升级", "Upgrading"), Stage: p.say("初审", "First check"), Handler: p.say("李建", "Li Jian"), Code: "RD-2008-0012"},
			{ID: "4", Lamp: Lamp{State: Stopped}, Title: p.say("新产品专利申报辅导", "Help with a patent"), Href: "#", Party: p.say("射阳县合德电子元件厂", "Hede Electronics Works"), Place: p.say("合德镇", "Hede"), Theme: p.say("转型升级", "Upgrading"), Stage: p.say("补正", "Completion"), Handler: p.say("赵敏", "Zhao Min"), Code: "XQ-2008-0165"},
		},
	}
}

func worklistSamples(p P) []Sample { return []Sample{{"worklist", WorklistForm(p, worklistSample(p))}} }
