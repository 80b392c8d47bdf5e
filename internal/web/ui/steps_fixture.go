package ui

func stepsSamples(p P) []Sample {
	labels := []string{p.say("选择主题", "Theme"), p.say("说明情况", "Situation"), p.say("金额与时间", "Amount and time"), p.say("联系方式", "Contact"), p.say("核对并提交", "Check and send")}
	return []Sample{{"third of five", Steps(p, labels, 3)}, {"first", Steps(p, labels, 1)}}
}
