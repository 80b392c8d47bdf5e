package text

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Pairs are the pairs of neighbouring letters and characters of what somebody
// wrote, without spaces and punctuation: enough to tell how alike two texts are,
// in Chinese too, which has no spaces between words.
type Pairs map[[2]rune]bool

// PairsOf are those of a text; capitals and small letters are the same.
func PairsOf(s string) Pairs {
	pairs := Pairs{}
	var last rune
	for _, r := range s {
		r = letter(r)
		if last != 0 && r != 0 {
			pairs[[2]rune{last, r}] = true
		}
		last = r
	}
	return pairs
}

// letter is a letter or digit in its small form, 0 for what parts words.
func letter(r rune) rune {
	if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
		return 0
	}
	return unicode.ToLower(r)
}

// Likeness is how much of the shorter text is found in the other, 0 to 1.
func (a Pairs) Likeness(b Pairs) float64 {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(a) == 0 {
		return 0
	}
	same := 0
	for pair := range a {
		if b[pair] {
			same++
		}
	}
	return float64(same) / float64(len(a))
}

// leastLatin is from how many letters on a stretch of Latin script is a word.
const leastLatin = 4

// Shared are the longest stretches of a text that the other has too, at most so
// many, the longest first: the words because of which the two are alike.
func Shared(s string, with Pairs, most int) []string {
	var all []string
	var run []rune
	end := func() {
		if n := len(run); n >= leastLatin || n >= 2 && run[0] > unicode.MaxLatin1 {
			all = append(all, string(run))
		}
		run = run[:0]
	}
	for _, r := range s {
		l := letter(r)
		if len(run) > 0 && !with[[2]rune{letter(run[len(run)-1]), l}] {
			end()
		}
		if l != 0 {
			run = append(run, r)
		}
	}
	end()
	slices.SortStableFunc(all, func(a, b string) int { return cmp.Compare(utf8.RuneCountInString(b), utf8.RuneCountInString(a)) })
	var kept []string
	for _, w := range all {
		if len(kept) < most && !slices.ContainsFunc(kept, func(k string) bool { return strings.Contains(k, w) }) {
			kept = append(kept, w)
		}
	}
	return kept
}
