package ui

func tabsSamples(p P) []Sample {
	return []Sample{
		{"tabs", Tabs(p.say("需求分类", "Kinds of request"), []Tab{
			{Label: p.say("办理中", "In progress"), Href: "#", Count: 3, Counted: true, Current: true},
			{Label: p.say("已办结", "Done"), Href: "#", Count: 12, Counted: true},
			{Label: p.say("草稿", "Drafts"), Href: "#", Counted: true},
		})},
		{"seg", Seg(p.say("方式", "View"), []Tab{
			{Label: p.say("编写", "Write"), Href: "#", Icon: "edit", Current: true},
			{Label: p.say("阅读", "Read"), Href: "#", Icon: "view"},
		})},
	}
}
