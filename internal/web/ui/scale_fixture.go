package ui

func scaleSamples(p P) []Sample {
	at, here := ScaleAt(186, 300, 2000)
	assets, in := ScaleAt(4310, 4000, 40000)
	return []Sample{
		{"head", ScaleHead([3]string{p.say("小型", "Small"), p.say("中型", "Medium"), p.say("大型", "Large")})},
		{"below", ScaleBar(Scale{At: at, Here: here, Value: p.say("186 人", "186"), Low: "300", High: "2000"})},
		{"between", ScaleBar(Scale{At: assets, Here: in, Value: p.say("4310 万元", "43.1 m"), Low: "4000", High: "40000"})},
	}
}
