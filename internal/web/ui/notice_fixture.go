package ui

func noticeSamples(p P) []Sample {
	return []Sample{
		{"info", NoticeBox(Notice{Text: p.say("春节期间（1月25日至31日）不计入工作日。", "The days of Spring Festival (25 to 31 January) do not count as working days.")})},
		{"ok", NoticeBox(Notice{Kind: OK, Text: p.say("需求已提交，编号 XQ-320924-2008-0187。1月9日前答复你。", "Your request is in, number XQ-320924-2008-0187. You will hear by 9 January.")})},
		{"warn", NoticeBox(Notice{Kind: Warn, Text: p.say("响水县 12 月报表还没有审定，合计暂不含该县。", "Xiangshui’s December report is not approved yet; the total leaves it out.")})},
		{"bad", NoticeBox(Notice{Kind: Bad, Text: p.say("文件有 3 行没有导入，其余 997 行已入库。", "3 rows were not imported, the other 997 were."), Link: Link{p.say("下载这 3 行和原因", "Download the 3 rows and why"), "#"}})},
	}
}
