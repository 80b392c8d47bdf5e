package text_test

import (
	"slices"
	"testing"

	"qiban.dev/qiban/internal/text"
)

func TestHowAlikeTwoTextsAre(t *testing.T) {
	need := "希望找到细纱机断头自动检测的办法。"
	for _, c := range []struct {
		other  string
		alike  bool
		shared []string
	}{
		{"一种细纱机断头检测装置，Testo 350 型", true, []string{"细纱机断头", "检测"}},
		{"菊花烘干热风循环装置", false, nil},
		{"", false, nil},
	} {
		got := text.PairsOf(need).Likeness(text.PairsOf(c.other))
		if (got > 0.2) != c.alike || got != text.PairsOf(c.other).Likeness(text.PairsOf(need)) {
			t.Errorf("%q is alike by %.2f", c.other, got)
		}
		if shared := text.Shared(need, text.PairsOf(c.other), 3); !slices.Equal(shared, c.shared) {
			t.Errorf("%q shares %q, want %q", c.other, shared, c.shared)
		}
	}
	if got := text.PairsOf("PLC control").Likeness(text.PairsOf("plc CONTROL unit")); got != 1 {
		t.Errorf("capitals make a difference: %.2f", got)
	}
	if got := text.Shared("an on-line sensor", text.PairsOf("on a Sensor"), 3); !slices.Equal(got, []string{"sensor"}) {
		t.Errorf("shared %q", got)
	}
}
