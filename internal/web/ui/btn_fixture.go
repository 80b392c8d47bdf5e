package ui

func btnSamples(p P) []Sample {
	return []Sample{
		{"big", Btn(Button{Label: p.say("提交需求", "Send the request"), Big: true})},
		{"main", Btn(Button{Label: p.say("受理", "Accept")})},
		{"quiet", Btn(Button{Label: p.say("保存草稿", "Save draft"), Kind: Quiet})},
		{"bare", Btn(Button{Label: p.say("取消", "Cancel"), Kind: Bare})},
		{"danger", Btn(Button{Label: p.say("撤销认定", "Withdraw recognition"), Kind: Danger})},
		{"disabled", Btn(Button{Label: p.say("不可用", "Not available"), Disabled: true})},
		{"busy", Btn(Button{Label: p.say("正在提交", "Sending"), Busy: true})},
		{"icon and link", Btn(Button{Label: p.say("打印", "Print"), Kind: Quiet, Icon: "print", Href: "#print"})},
		{"icon only", Btn(Button{Label: p.say("更多", "More"), Kind: Quiet, Icon: "more", IconOnly: true, Plain: true})},
	}
}
