package ui

func errsumSamples(p P) []Sample {
	return []Sample{{"two", ErrSum(p, []Problem{
		{"g-code", p.say("统一社会信用代码：最后一位校验不符，请对照执照再看一遍", "Unified social credit code: the last character does not fit the others")},
		{"g-sum", p.say("需要的金额：请只填数字。你填的是“三百万”", "Amount needed: please enter digits only. You entered “三百万”")},
	})}}
}
