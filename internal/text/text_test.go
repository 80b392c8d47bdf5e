package text_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"qiban.dev/qiban/internal/text"
)

func TestSentencesAreFilledInBothLanguages(t *testing.T) {
	for _, c := range []struct {
		lang text.Lang
		key  string
		args []any
		want string
	}{
		{text.Zh, "fault.invalid", []any{"n", 2}, "有 2 处需要改一改"},
		{text.En, "fault.invalid", []any{"n", 2}, "2 things need correcting"},
		{text.En, "fault.invalid", []any{"n", 1}, "1 thing needs correcting"},
		{text.En, "fault.invalid", []any{"n", "1"}, "1 thing needs correcting"},
		{text.Zh, "field.number", []any{"value", "{n} 三百"}, "请只填数字。你填的是“{n} 三百”"}, // what people typed is not a slot
		{text.Zh, "notify.mail.greeting", []any{"name", text.Key("portal.messages")}, "消息，你好："},
		{text.En, "notify.mail.greeting", []any{"name", text.Key("portal.messages")}, "Hello Messages,"},
		{text.En, "field.range", []any{"max", 9, "min", int64(1)}, "Please enter a number from 1 to 9"},
		{text.Zh, "field.range", []any{"max", 9}, "请填 {min} 到 9 之间的数"},
		{text.En, "field.range", []any{"min", int64(-12_345), "max", 1_000_000_000}, "Please enter a number from -12,345 to 1,000,000,000"},
		{text.Zh, "field.range", []any{"min", 1978, "max", 9999}, "请填 1978 到 9999 之间的数"}, // may be years
		{text.Zh, "no.such.key", nil, "⟦no.such.key⟧"},
		{"", "field.required", nil, "请填写这一项"}, // Chinese comes first
	} {
		if got := c.lang.T(c.key, c.args...); got != c.want {
			t.Errorf("%s %s: %s, want %s", c.lang, c.key, got, c.want)
		}
	}
}

func TestTheReadersLanguageIsHeard(t *testing.T) {
	for header, want := range map[string]text.Lang{
		"": text.Zh, "zh-CN,zh;q=0.9,en;q=0.8": text.Zh, "en-GB,en;q=0.9,zh": text.En, " EN": text.En, "fr,en": text.Zh, "en": text.En, "zh-CN": text.Zh,
	} {
		if got := text.Parse(header); got != want {
			t.Errorf("%q: %s, want %s", header, got, want)
		}
	}
}

// The shape of a slot, and what it is about: {name}, {name|one|many}, or {G1#}, a
// figure of the yearbook without its unit.
var slot = regexp.MustCompile(`\{([A-Za-z][A-Za-z0-9_]*)#?(\|[^{}|]*\|[^{}|]*)?\}`)

func slots(s string) []string {
	var names []string
	for _, m := range slot.FindAllStringSubmatch(s, -1) {
		if !slices.Contains(names, m[1]) {
			names = append(names, m[1])
		}
	}
	slices.Sort(names)
	return names
}

func TestEverySentenceIsWholeInBothLanguages(t *testing.T) {
	files, err := fs.Glob(os.DirFS("catalog"), "*.json")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(path.Join("catalog", file))
		if err != nil {
			t.Fatal(err)
		}
		var area map[string][]string
		if err := json.Unmarshal(raw, &area); err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		for key, pair := range area {
			checkPair(t, file, key, pair)
		}
	}
}

func chinese(r rune) bool { return unicode.Is(unicode.Han, r) }

func checkPair(t *testing.T, file, key string, pair []string) {
	t.Helper()
	if len(pair) != 2 || pair[0] == "" || pair[1] == "" {
		t.Errorf("%s %s: %q is not one sentence in each of two languages", file, key, pair)
		return
	}
	if zh, en := slots(pair[0]), slots(pair[1]); !slices.Equal(zh, en) {
		t.Errorf("%s %s: the Chinese asks for %v, the English for %v", file, key, zh, en)
	}
	for _, s := range pair {
		if rest := slot.ReplaceAllString(s, ""); strings.ContainsAny(rest, "{}") {
			t.Errorf("%s %s: a brace that is no parameter: %s", file, key, s)
		}
	}
	// An English sentence may name a Chinese thing, but not be one.
	if han := strings.IndexFunc(pair[1], chinese); han == 0 && strings.IndexFunc(pair[0], chinese) >= 0 { // "English", "中文"
		t.Errorf("%s %s: the English begins in Chinese: %s", file, key, pair[1])
	}
	for _, stiff := range []string{"请知悉", "温馨提示", "特此", "非法", "校验失败", "！"} {
		if strings.Contains(pair[0], stiff) {
			t.Errorf("%s %s: 「%s」 is not how we speak: %s", file, key, stiff, pair[0])
		}
	}
}
