package enterpriseweb

import (
	"strings"

	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// Edition of the industry classification that forms offer: GB/T 4754-2017.
const Edition = "2017"

// sections of GB/T 4754-2017 with the codes offered of each: its divisions, and
// finer codes where the size rules tell them apart (59 and 70).
func sections() [][2]string {
	return [][2]string{
		{"A", "01 02 03 04 05"},
		{"B", "06 07 08 09 10 11 12"},
		{"C", "13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39 40 41 42 43"},
		{"D", "44 45 46"},
		{"E", "47 48 49 50"},
		{"F", "51 52"},
		{"G", "53 54 55 56 57 58 591 592 593 594 595 596 599 60"},
		{"H", "61 62"},
		{"I", "63 64 65"},
		{"J", "66 67 68 69"},
		{"K", "701 702 703 704 709"},
		{"L", "71 72"},
		{"M", "73 74 75"},
		{"N", "76 77 78 79"},
		{"O", "80 81 82"},
		{"P", "83"},
		{"Q", "84 85"},
		{"R", "86 87 88 89 90"},
	}
}

func industryKey(code string) string { return "firm.industry." + lower(code) }

// Industries are the choices of an industry, grouped by section. What the entry
// has now is among them even when it is of an older edition or finer.
func Industries(p web.P, now string) []ui.Option {
	options := []ui.Option{{Value: "", Label: p.T("firm.choose")}}
	found := now == ""
	for _, s := range sections() {
		group := s[0] + " " + p.T("firm.section."+lower(s[0]))
		for _, digits := range strings.Fields(s[1]) {
			code := s[0] + digits
			found = found || now == industryValue(enterprise.Industry{Edition: Edition, Code: code})
			options = append(options, ui.Option{
				Value: industryValue(enterprise.Industry{Edition: Edition, Code: code}),
				Label: digits + " " + p.T(industryKey(code)), Group: group,
			})
		}
	}
	if ind := industryOf(now); !found && ind.Code != "" {
		options = append(options, ui.Option{Value: now, Label: IndustryName(p.Lang, ind), Group: p.T("firm.industry.now")})
	}
	return options
}

// industryValue is how a form sends an industry: 2017:C17.
func industryValue(ind enterprise.Industry) string {
	if ind.Code == "" {
		return ""
	}
	return ind.Edition + ":" + ind.Code
}

// industryOf reads what a form sent; a bare code is of the present edition.
func industryOf(sent string) enterprise.Industry {
	if sent == "" {
		return enterprise.Industry{}
	}
	ed, code, ok := strings.Cut(sent, ":")
	if !ok {
		return enterprise.Industry{Edition: Edition, Code: sent}
	}
	return enterprise.Industry{Edition: ed, Code: code}
}
