package files

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// longestName is how many characters a name keeps.
const longestName = 120

// CleanName is a name as it may be shown and downloaded under: the last part of
// a path, without control characters and those that turn the direction of
// writing or are not seen (fdp.exe looks like exe.pdf with one of them), without
// what a file system refuses, at most 120 characters, never empty.
func CleanName(name string) string {
	name = strings.ToValidUTF8(name, "")
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = strings.Map(func(c rune) rune {
		switch {
		case unicode.IsSpace(c):
			return ' '
		case unicode.IsControl(c), unicode.In(c, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co):
			return -1
		case strings.ContainsRune(`<>:"|?*`, c):
			return '_'
		}
		return c
	}, name)
	name = strings.Trim(strings.Join(strings.Fields(name), " "), ". ")
	if name == "" {
		return "file"
	}
	if n := utf8.RuneCountInString(name); n > longestName {
		ext := extension(name)
		stem := []rune(strings.TrimSuffix(name, ext))
		name = strings.TrimRight(string(stem[:longestName-len(ext)]), ". ") + ext
	}
	return name
}
