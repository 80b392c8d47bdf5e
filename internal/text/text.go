// Package text holds every word the program says to people (文案), in Chinese
// and in English. Code names a sentence by its key; a test fails the build when
// a key is used that the catalogue lacks, or a translation is missing.
//
// The catalogue is one JSON file per area under catalog/: key → [中文, English].
// Parameters stand in braces: {name}. English plurals are written
// {n|enterprise|enterprises}: the first form for 1, the second for the rest.
//
// How alike two texts are that people wrote is told here as well (Pairs).
package text

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

// Lang is a language people read the program in.
type Lang string

const (
	Zh Lang = "zh-CN" // 中文, the first language
	En Lang = "en"
)

//go:embed catalog/*.json
var files embed.FS

var catalog = load()

// load panics on a broken catalogue file: it is part of the program.
func load() map[string][2]string {
	all := map[string][2]string{}
	names, err := fs.Glob(files, "catalog/*.json")
	if err != nil {
		panic(err)
	}
	for _, name := range names {
		raw, err := files.ReadFile(name)
		if err != nil {
			panic(err)
		}
		area := map[string][2]string{}
		if err := json.Unmarshal(raw, &area); err != nil {
			panic(fmt.Sprintf("%s: %v", name, err))
		}
		for key, pair := range area {
			if _, twice := all[key]; twice {
				panic(fmt.Sprintf("%s: the key %s is already in another file", name, key))
			}
			all[key] = pair
		}
	}
	return all
}

// Has reports whether the catalogue knows the key.
func Has(key string) bool {
	_, ok := catalog[key]
	return ok
}

// T is the sentence for key. Args alternate parameter name and value; a value
// of type Key is itself looked up, one that is Said says itself, and a number of five digits and more is written
// with its thousands set apart. An unknown key comes back in brackets.
func (l Lang) T(key string, args ...any) string {
	pair, ok := catalog[key]
	if !ok {
		return "⟦" + key + "⟧"
	}
	s := pair[0]
	if l == En {
		s = pair[1]
	}
	if !strings.Contains(s, "{") {
		return s
	}
	return l.fill(s, args)
}

// Said is a parameter that has words of its own in either language.
type Said interface{ In(lang Lang) string }

// Key is a text key passed as a parameter of another sentence.
type Key string

// Keys are text keys passed as one parameter: a list in the reader's language.
type Keys []Key

func (l Lang) fill(s string, args []any) string {
	var b strings.Builder
	for {
		open := strings.IndexByte(s, '{')
		if open < 0 {
			break
		}
		shut := strings.IndexByte(s[open:], '}')
		if shut < 0 {
			break
		}
		b.WriteString(s[:open])
		b.WriteString(l.value(s[open+1:open+shut], args))
		s = s[open+shut+1:]
	}
	b.WriteString(s)
	return b.String()
}

// value writes one {…}: a parameter, or a plural chosen by one.
func (l Lang) value(slot string, args []any) string {
	name, forms, plural := strings.Cut(slot, "|")
	for i := 0; i+1 < len(args); i += 2 {
		if args[i] != name {
			continue
		}
		if plural {
			one, many, _ := strings.Cut(forms, "|")
			if v := fmt.Sprint(args[i+1]); v == "1" {
				return one
			}
			return many
		}
		switch v := args[i+1].(type) {
		case Key:
			return l.T(string(v))
		case Keys:
			return l.list(v)
		case Said:
			return v.In(l)
		case int:
			return grouped(int64(v))
		case int64:
			return grouped(v)
		default:
			return fmt.Sprint(v)
		}
	}
	return "{" + name + "}"
}

// grouped writes a number with its thousands set apart where they are many: 2008
// may be a year, 12,000 is none.
func grouped(n int64) string {
	s := strconv.FormatInt(n, 10)
	if n > -10_000 && n < 10_000 {
		return s
	}
	for at := len(s) - 3; at > 0 && s[at-1] != '-'; at -= 3 {
		s = s[:at] + "," + s[at:]
	}
	return s
}

func (l Lang) list(keys Keys) string {
	words := make([]string, len(keys))
	for i, k := range keys {
		words[i] = l.T(string(k))
	}
	if l == En {
		return strings.Join(words, ", ")
	}
	return strings.Join(words, "、")
}

// Parse chooses the language for an Accept-Language header or a cookie value:
// English when English is asked for first, Chinese otherwise.
func Parse(header string) Lang {
	first, _, _ := strings.Cut(header, ",")
	if strings.HasPrefix(strings.ToLower(strings.TrimSpace(first)), "en") {
		return En
	}
	return Zh
}
