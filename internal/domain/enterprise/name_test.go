package enterprise

import "testing"

func TestNamesWithoutPlaceAndLegalForm(t *testing.T) {
	for _, c := range []struct{ name, key string }{
		{"射阳县鹤乡纺织有限责任公司", "鹤乡纺织"},
		{"鹤乡纺织（集团）有限公司", "鹤乡纺织"},
		{"江苏省盐城市射阳县合德镇鹤乡纺织厂", "鹤乡纺织厂"},
		{"盐城 ＡＢＣ 股份有限公司", "盐城abc"},
		{"红太阳乡村酒店", "红太阳乡村酒店"},
		{"公司", "公司"},
		{"", ""},
	} {
		if got := NameKey(c.name); got != c.key {
			t.Errorf("NameKey(%s) = %s, want %s", c.name, got, c.key)
		}
	}
	if got := NameKey("江苏射阳鹤乡纺织公司", "江苏", "射阳"); got != "鹤乡纺织" {
		t.Errorf("with known places: %s", got)
	}
	if s := similarity(NameKey("鹤乡纺织有限公司"), NameKey("丹顶鹤食品有限公司")); s >= alike {
		t.Errorf("different names are alike: %f", s)
	}
}
