package ui

func timelineSamples(p P) []Sample {
	return []Sample{{"three", Timeline([]Event{
		{Title: p.say("需求提出", "Request made"), Meta: p.say("12月25日 周四 16:20", "Thu 25 December 16:20"), State: Done},
		{Title: p.say("推荐机构", "Provider proposed"), Meta: p.say("今天 · 王海燕", "Today · Wang Haiyan"), State: Now},
		{Title: p.say("机构答复", "Provider answers"), Meta: p.say("限 3 个工作日", "Within 3 working days"), State: Next},
	})}}
}
