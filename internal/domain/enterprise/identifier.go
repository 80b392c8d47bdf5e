package enterprise

import (
	"strings"
	"time"

	"qiban.dev/qiban/internal/fault"
)

// IdentifierKind says which office's numbering an identifier follows.
type IdentifierKind string

const (
	// CreditCode is 统一社会信用代码, 18 characters (GB 32100-2015).
	CreditCode IdentifierKind = "uscc"
	// OrganisationCode is 组织机构代码, 9 characters (GB 11714-1997).
	OrganisationCode IdentifierKind = "org"
	// RegistrationNumber is 工商注册号, 15 digits (GS15-2006), or 13 before 2007.
	RegistrationNumber IdentifierKind = "reg"
)

// Identifier is what a licence calls the enterprise (证照号码).
type Identifier struct {
	Kind  IdentifierKind
	Value string // upper case, without spaces or hyphens
	// Checked: the check character was verified. False only for the 13-digit
	// registration numbers from before 2007, which carry none.
	Checked bool
	// Note is a text key of something a person should look at, "" when nothing is odd.
	Note string
}

// codeField is the form field that broken identifiers are told at.
const codeField = "code"

// Parse reads a licence number as people type it: full-width or lower-case
// letters, spaces and hyphens are put right. The length tells the kind. Every
// fault is Invalid and its fields, all named "code", tell each thing wrong.
func Parse(s string) (Identifier, error) {
	code := []rune(Normalise(s))
	var bad fault.Fields
	var id Identifier
	switch len(code) {
	case 0:
		bad.Add(codeField, "field.required")
	case 18:
		id = parseCreditCode(code, &bad)
	case 9:
		id = parseOrganisationCode(code, &bad)
	case 13, 15:
		id = parseRegistration(code, &bad)
	default:
		bad.Add(codeField, "enterprise.code.length", "n", len(code))
	}
	if err := bad.Err(); err != nil {
		return Identifier{}, err
	}
	return id, nil
}

// Normalise writes a typed code in its machine form: half-width, upper case,
// without spaces, hyphens and dashes. It does not judge.
func Normalise(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '！' && r <= '～':
			r -= '！' - '!'
		case r == '　' || r == '\u00a0' || r == '\u200b' || r == '\ufeff':
			return -1
		}
		switch {
		case strings.ContainsRune(" \t\r\n-‐‑‒–—―−_", r):
			return -1
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		}
		return r
	}, s)
}

// creditAlphabet holds the 31 characters of GB 32100-2015; the index is the value.
const creditAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"

// departments maps 登记管理部门 (position 1) to the categories (position 2) known of it.
var departments = map[rune]string{
	'1': "1239", '2': "19", '3': "123459", '4': "19", '5': "1239", '6': "129", '7': "129",
	'8': "19", '9': "123", 'A': "19", 'N': "1239", 'Y': "1",
}

// lookalikes are the letters the alphabet leaves out, with the digit they are misread for.
var lookalikes = map[rune]string{'I': "1", 'O': "0", 'Z': "2", 'S': "5"}

func parseCreditCode(code []rune, bad *fault.Fields) Identifier {
	if !creditLetters(code, bad) {
		return Identifier{}
	}
	value := string(code)
	outer, inner := creditCheck(value) == value[17], OrganisationCheck(value[8:16]) == value[16]
	if !outer && isResidentNumber(value) {
		bad.Add(codeField, "enterprise.code.person")
		return Identifier{}
	}
	categories, known := departments[code[0]]
	if !known {
		bad.Add(codeField, "enterprise.code.department", "letter", string(code[0]))
	}
	for i := 2; i < 8; i++ {
		if code[i] < '0' || code[i] > '9' {
			bad.Add(codeField, "enterprise.code.digit", "at", i+1, "letter", string(code[i]))
		}
	}
	if !outer {
		bad.Add(codeField, "enterprise.code.check")
		if inner {
			bad.Add(codeField, "enterprise.code.check_outer")
		} else {
			bad.Add(codeField, "enterprise.code.check_inner")
		}
	}
	id := Identifier{Kind: CreditCode, Value: value, Checked: true}
	switch {
	case !inner: // a few early codes were issued so; the code as a whole is sound
		id.Note = "enterprise.code.note_inner"
	case !strings.ContainsRune(categories, code[1]):
		id.Note = "enterprise.code.note_category"
	}
	return id
}

// creditLetters notes every character that GB 32100 does not use, by position.
func creditLetters(code []rune, bad *fault.Fields) bool {
	ok := true
	for i, r := range code {
		if strings.ContainsRune(creditAlphabet, r) {
			continue
		}
		ok = false
		if like := lookalikes[r]; like != "" {
			bad.Add(codeField, "enterprise.code.lookalike", "at", i+1, "letter", string(r), "like", like)
		} else {
			bad.Add(codeField, "enterprise.code.letter", "at", i+1, "letter", string(r))
		}
	}
	return ok
}

// creditCheck is the 18th character for a code whose characters are all in the alphabet.
func creditCheck(code string) byte {
	sum, weight := 0, 1
	for i := range 17 {
		sum += strings.IndexByte(creditAlphabet, code[i]) * weight
		weight = weight * 3 % 31
	}
	return creditAlphabet[(31-sum%31)%31]
}

func parseOrganisationCode(code []rune, bad *fault.Fields) Identifier {
	for i, r := range code {
		if (r < '0' || r > '9') && (r < 'A' || r > 'Z') {
			bad.Add(codeField, "enterprise.code.letter", "at", i+1, "letter", string(r))
		}
	}
	if len(*bad) > 0 {
		return Identifier{}
	}
	value := string(code)
	if OrganisationCheck(value[:8]) != value[8] {
		bad.Add(codeField, "enterprise.code.check")
	}
	id := Identifier{Kind: OrganisationCode, Value: value, Checked: true}
	if strings.HasPrefix(value, "PDY") { // the range offices may number by themselves
		id.Note = "enterprise.code.note_selfmade"
	}
	return id
}

// OrganisationCheck is the 9th character for eight digits or letters. Letters
// count as 10 to 35 here, unlike in the outer check of a credit code.
func OrganisationCheck(body string) byte {
	weights := [8]int{3, 7, 9, 10, 5, 8, 4, 2}
	sum := 0
	for i, w := range weights {
		v := int(body[i] - '0')
		if body[i] >= 'A' {
			v = int(body[i]-'A') + 10
		}
		sum += v * w
	}
	return "0X987654321"[sum%11]
}

func parseRegistration(code []rune, bad *fault.Fields) Identifier {
	for i, r := range code {
		if r < '0' || r > '9' {
			bad.Add(codeField, "enterprise.code.digit", "at", i+1, "letter", string(r))
		}
	}
	if len(*bad) > 0 {
		return Identifier{}
	}
	value := string(code)
	if len(value) == 13 {
		return Identifier{Kind: RegistrationNumber, Value: value, Note: "enterprise.code.note_legacy"}
	}
	if mod1110(value[:14]) != value[14] {
		if isOldResidentNumber(value) {
			bad.Add(codeField, "enterprise.code.person")
			return Identifier{}
		}
		bad.Add(codeField, "enterprise.code.check")
	}
	return Identifier{Kind: RegistrationNumber, Value: value, Checked: true}
}

// mod1110 is the check digit of ISO 7064 MOD 11,10 for a run of digits.
func mod1110(digits string) byte {
	p := 10
	for i := range len(digits) {
		s := (p + int(digits[i]-'0')) % 10
		if s == 0 {
			s = 10
		}
		p = s * 2 % 11
	}
	return byte('0' + (11-p)%10)
}

// OrganisationCodeOf is the organisation code inside a credit code (positions 9
// to 17), "" for anything that is not 18 characters long. Records from before
// 2015 are found by it.
func OrganisationCodeOf(creditCode string) string {
	if len(creditCode) != 18 {
		return ""
	}
	return creditCode[8:17]
}

// isResidentNumber recognises 公民身份号码 (GB 11643-1999), so that a person's
// number typed by mistake is refused in words that say so, and never stored.
func isResidentNumber(s string) bool {
	weights := [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}
	sum := 0
	for i, w := range weights {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
		sum += int(s[i]-'0') * w
	}
	_, err := time.Parse("20060102", s[6:14])
	return err == nil && "10X98765432"[sum%11] == s[17]
}

// isOldResidentNumber recognises the 15-digit numbers of GB 11643-1989, which
// have no check digit: only the date speaks.
func isOldResidentNumber(s string) bool {
	_, err := time.Parse("20060102", "19"+s[6:12])
	return err == nil
}
