package ui

func emptySamples(p P) []Sample {
	return []Sample{{"empty", Empty(Nothing{
		Title: p.say("还没有提出过需求", "No request yet"),
		Text:  p.say("缺资金、缺订单、想培训、想转型，都可以写在这里。服务中心 2 个工作日内受理，每一步都能看到。", "Short of funds or orders, in want of training or a new direction: write it here. The service centre takes it up within 2 working days, and you see every step."),
		Acts:  []Button{{Label: p.say("提出第一项需求", "Make the first request"), Href: "#"}, {Label: p.say("继续填草稿", "Continue the draft"), Kind: Quiet, Href: "#"}},
	})}}
}
