package ui

func fieldSamples(p P) []Sample {
	town := []Option{
		{Value: "320924", Label: p.say("射阳县", "Sheyang County")},
		{Value: "320982", Label: p.say("大丰市", "Dafeng City")},
	}
	return []Sample{
		{"text", TextField(p, Field{Name: "g-name", Label: p.say("企业名称", "Name of the enterprise"), Hint: p.say("与营业执照一致", "As on the licence"), Value: p.say("射阳县鹤乡纺织有限公司", "Sheyang Hexiang Textile Co., Ltd")})},
		{"text with error", TextField(p, Field{Name: "g-code", Label: p.say("统一社会信用代码", "Unified social credit code"), Hint: p.say("18 位数字或大写字母", "18 digits or capital letters"), Error: p.say("最后一位校验不符，请对照执照再看一遍", "The last character does not fit the others; please compare it with the licence"), Value: "91320924MA1XYZ0012"})},
		{"select", SelectField(p, Field{Name: "g-place", Label: p.say("所在县（市、区）", "County"), Value: "320924"}.From(town...))},
		{"number with unit, optional", NumberField(p, Field{Name: "g-amount", Label: p.say("需要的金额", "Amount needed"), Value: "300"}.In(p.say("万元", "10,000 yuan")).Wide(14).Opt())},
		{"number with error", NumberField(p, Field{Name: "g-sum", Label: p.say("需要的金额", "Amount needed"), Value: "三百万", Error: p.say("请只填数字。你填的是“三百万”，如果是 300 万元，请填 300", "Please enter digits only. You entered “三百万”")}.In(p.say("万元", "10,000 yuan")).Wide(14))},
		{"date", DateField(p, Field{Name: "g-by", Label: p.say("希望哪天之前办成", "Needed by"), Value: "2009-02-20"})},
		{"radio", RadioField(p, Field{Name: "g-how", Label: p.say("怎样联系你", "How may we reach you"), Value: "tel"}.From(Option{Value: "tel", Label: p.say("电话", "Telephone")}, Option{Value: "sms", Label: p.say("短信", "Text message")}))},
		{"checks", CheckField(p, Field{Name: "g-security", Label: p.say("能提供哪些反担保", "Security you can offer"), Hint: p.say("可多选，也可以都不选。", "Choose any, or none."), Values: []string{"land"}}.From(
			Option{Value: "land", Label: p.say("厂房或土地抵押", "Mortgage on building or land")},
			Option{Value: "peer", Label: p.say("其他企业保证", "Surety of another enterprise"), Hint: p.say("包括加入企业互助担保", "Joining a mutual pool included")}))},
		{"long text", AreaField(p, Field{Name: "g-use", Label: p.say("钱用在哪里", "What is the money for"), Value: p.say("采购原料", "Material"), Error: p.say("用途说明至少 10 个字，现在是 4 个字", "At least 10 characters; you have 8")}.Between(10, 500))},
		{"tick", TickField(p, Field{Name: "g-keep", Label: p.say("30 天内在这台电脑上保持登录", "Stay signed in on this computer for 30 days"), Hint: p.say("公用电脑请不要勾选", "Not on a shared computer")})},
		{"password", PasswordField(p, Field{Name: "g-password", Label: p.say("密码", "Password"), Autocomplete: "current-password"}, Link{p.say("忘记密码", "Forgotten it"), "#"})},
		{"files", FilesField(p, Files{
			Field:    Field{Name: "g-file", Label: p.say("附件", "Documents"), Hint: p.say("一个文件最多 10 MB，一次最多 5 个", "Up to 10 MB each, 5 at a time"), Accept: ".pdf,.jpg"},
			HeldName: "g-file_held",
			Held:     []Option{{Value: "t1", Label: p.say("设备清单.xlsx", "equipment.xlsx"), Hint: p.say("表格 · 84 KB", "Spreadsheet · 84 KB")}},
		}.Opt())},
		{"attached", Attached(p, []Attachment{{Name: p.say("营业执照.pdf", "licence.pdf"), Meta: "PDF · 1.2 MB", Href: "#"}})},
		{"saved", Saved(p, "10:42")},
	}
}
