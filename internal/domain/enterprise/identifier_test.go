package enterprise

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/text"
)

var validCredit = []string{
	"91350100M000100Y43", "914403001922038216", "91440300708461136T", "91330100799655058B",
	"9144030071526726XG", "91110000802100433B", "91440300192317458F", "91440400192548256N",
	"91110108551385082Q", "91110000710925462X", "9144030027939873X7", "91110302562134916R",
	"91320900140132611G",
}

func TestCreditCodesOfRealEnterprisesAreAccepted(t *testing.T) {
	for _, code := range validCredit {
		id, err := Parse(code)
		if err != nil || id.Kind != CreditCode || id.Value != code || !id.Checked {
			t.Errorf("Parse(%s) = %+v, %v", code, id, err)
		}
	}
}

func TestCreditCheckOfRemainderZeroIsZero(t *testing.T) {
	if got := creditCheck("91320900000000457?"); got != '0' {
		t.Errorf("check = %c, want 0", got)
	}
}

func TestInnerCheckAloneIsANoteNotAnError(t *testing.T) {
	body := "91320900" + "000000458" // 00000045 checks to 7
	id, err := Parse(body + string(creditCheck(body+"?")))
	if err != nil || id.Note != "enterprise.code.note_inner" {
		t.Errorf("Parse = %+v, %v; want accepted with a note", id, err)
	}
	for _, code := range validCredit {
		if id, _ := Parse(code); id.Note != "" {
			t.Errorf("%s: unexpected note %s", code, id.Note)
		}
	}
}

func TestOrganisationAndRegistrationNumbers(t *testing.T) {
	for _, c := range []struct {
		typed, value string
		kind         IdentifierKind
		checked      bool
	}{
		{"71526726-X", "71526726X", OrganisationCode, true},
		{"19220382-1", "192203821", OrganisationCode, true},
		{"79965505-8", "799655058", OrganisationCode, true},
		{"27939873-X", "27939873X", OrganisationCode, true},
		{"D2143569-X", "D2143569X", OrganisationCode, true},
		{"00000006-X", "00000006X", OrganisationCode, true},
		{"00000019-0", "000000190", OrganisationCode, true},
		{"440301103097413", "440301103097413", RegistrationNumber, true},
		{"330100400015575", "330100400015575", RegistrationNumber, true},
		{"110108000000016", "110108000000016", RegistrationNumber, true},
		{"110108012660422", "110108012660422", RegistrationNumber, true},
		{"440301103448669", "440301103448669", RegistrationNumber, true},
		{"3209241101234", "3209241101234", RegistrationNumber, false},
	} {
		id, err := Parse(c.typed)
		if err != nil || id.Value != c.value || id.Kind != c.kind || id.Checked != c.checked {
			t.Errorf("Parse(%s) = %+v, %v", c.typed, id, err)
		}
	}
	if got := mod1110("0794"); got != '5' {
		t.Errorf("ISO 7064's own example 0794: check %c, want 5", got)
	}
	if got := OrganisationCodeOf("9144030071526726XG"); got != "71526726X" {
		t.Errorf("OrganisationCodeOf = %s", got)
	}
}

func TestTypedFormsArePutRight(t *testing.T) {
	for _, typed := range []string{
		" 9144030071526726xg ", "９１４４０３００７１５２６７２６ＸＧ", "91440300-71526726X-G", "9144 0300 7152 6726 XG", "91440300—71526726x　g",
	} {
		if id, err := Parse(typed); err != nil || id.Value != "9144030071526726XG" {
			t.Errorf("Parse(%q) = %+v, %v", typed, id, err)
		}
	}
}

// faultsOf returns the keys told for a code, and fails if one cannot be read
// in both languages.
func faultsOf(t *testing.T, code string) []string {
	t.Helper()
	_, err := Parse(code)
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind != fault.Invalid {
		t.Fatalf("Parse(%q): %v, want Invalid", code, err)
	}
	var keys []string
	for _, b := range f.Fields {
		if zh := text.Zh.T(b.Key, b.Args...); b.Name != "code" || strings.ContainsAny(zh, "⟦{") {
			t.Errorf("%q: field %s says %q", code, b.Name, zh)
		}
		keys = append(keys, strings.TrimPrefix(b.Key, "enterprise.code."))
	}
	return keys
}

func TestWrongCodesAreToldWhatIsWrong(t *testing.T) {
	for _, c := range []struct{ code, want string }{
		{"", "field.required"},
		{"9132090014013261", "length"},
		{"9132090014013261100", "length"},
		{"9133010057462616XH", "check check_inner"},
		{"91110108717809965C", "check check_inner"},
		{"91110000800088421P", "check check_inner"},
		{"91350100M000100Y4Z", "lookalike"},
		{"9I35O100M000100Y43", "lookalike lookalike"},
		{"91350100M000100V43", "letter"},
		{"91350100企000100Y43", "letter"},
		{"91440300708461236T", "check check_inner"},
		{"91440300708461136U", "check check_outer"},
		{"91350100M000100Y4Y", "check check_outer"},
		{"B1440300708461136T", "department check check_outer"},
		{"914403A0708461136T", "digit check check_outer"},
		{"11010519491231002X", "person"},
		{"440524188001010014", "person"},
		{"34052419800101001X", "person"},
		{"330108000014576", "check"},
		{"440300000025945", "check"},
		{"340524800101001", "person"},
		{"71526726-1", "check"},
		{"71526726-企", "letter"},
		{"32092411O1234", "digit"},
	} {
		if got := strings.Join(faultsOf(t, c.code), " "); got != c.want {
			t.Errorf("Parse(%q) tells %q, want %q", c.code, got, c.want)
		}
	}
}

func drawCredit(t *rapid.T) string {
	digit := rapid.IntRange(0, 9)
	body := []byte("91")
	for range 6 {
		body = append(body, byte('0'+digit.Draw(t, "place")))
	}
	letter := rapid.SampledFrom([]byte(creditAlphabet))
	for range 8 {
		body = append(body, letter.Draw(t, "body"))
	}
	body = append(body, OrganisationCheck(string(body[8:16])))
	return string(body) + string(creditCheck(string(body)+"?"))
}

func swap(s string, i int) string {
	b := []byte(s)
	b[i], b[i+1] = b[i+1], b[i]
	return string(b)
}

func TestOneSlipInACreditCodeIsAlwaysFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		code := drawCredit(t)
		if _, err := Parse(code); err != nil {
			t.Fatalf("%s: %v", code, err)
		}
		i := rapid.IntRange(0, 17).Draw(t, "at")
		c := rapid.SampledFrom([]byte(creditAlphabet)).Draw(t, "typed")
		if c != code[i] {
			if _, err := Parse(code[:i] + string(c) + code[i+1:]); err == nil {
				t.Fatalf("%s with %c at %d passes", code, c, i+1)
			}
		}
		if j := rapid.IntRange(0, 16).Draw(t, "swap"); code[j] != code[j+1] {
			if _, err := Parse(swap(code, j)); err == nil {
				t.Fatalf("%s with %d and %d exchanged passes", code, j+1, j+2)
			}
		}
	})
}

// GB 11714 counts letters modulo 11, so only slips between digits are certain to be found.
func TestOneSlipOfADigitInAnOrganisationCodeIsAlwaysFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		body := rapid.StringMatching(`[0-9]{8}`).Draw(t, "body")
		code := body + string(OrganisationCheck(body))
		i := rapid.IntRange(0, 7).Draw(t, "at")
		c := byte('0' + rapid.IntRange(0, 9).Draw(t, "typed"))
		if _, err := Parse(code[:i] + string(c) + code[i+1:]); (err == nil) != (c == code[i]) {
			t.Fatalf("%s with %c at %d: %v", code, c, i+1, err)
		}
		if j := rapid.IntRange(0, 7).Draw(t, "swap"); code[j] != code[j+1] && code[j+1] != 'X' {
			if _, err := Parse(swap(code, j)); err == nil {
				t.Fatalf("%s with %d and %d exchanged passes", code, j+1, j+2)
			}
		}
	})
}

// MOD 11,10 finds every wrong digit; of exchanged neighbours it finds most, not all.
func TestOneWrongDigitInARegistrationNumberIsAlwaysFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		body := rapid.StringMatching(`[0-9]{14}`).Draw(t, "body")
		code := body + string(mod1110(body))
		i := rapid.IntRange(0, 14).Draw(t, "at")
		c := byte('0' + rapid.IntRange(0, 9).Draw(t, "typed"))
		if _, err := Parse(code[:i] + string(c) + code[i+1:]); (err == nil) != (c == code[i]) {
			t.Fatalf("%s with %c at %d: %v", code, c, i+1, err)
		}
	})
}

func TestParseNeverPanicsAndIsStable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id, err := Parse(rapid.String().Draw(t, "typed"))
		if err != nil {
			return
		}
		again, err := Parse(id.Value)
		if err != nil || again != id {
			t.Fatalf("%+v read again: %+v, %v", id, again, err)
		}
	})
}
