package search

import (
	"strings"
	"unicode"
)

// The most that is kept of a document and taken of a question, in characters.
const (
	titleMost = 200
	tagsMost  = 1000
	bodyMost  = 4000
	queryMost = 100
	wordMost  = 64
	termsMost = 10
)

// run is an unbroken row of characters of one sort: one of Chinese, which has no
// gaps between its words, or a word or number of other scripts.
type run struct {
	chars []rune
	han   bool
}

// fold makes full-width forms half-width and letters lower-case, character by
// character, so that places in the text stay where they are.
func fold(r rune) rune {
	switch {
	case r >= '！' && r <= '～':
		r -= '！' - '!'
	case r == '　':
		return ' '
	}
	return unicode.ToLower(r)
}

func foldAll(s string) string { return strings.Map(fold, s) }

// dense reports whether a character is of a script written without gaps.
func dense(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul)
}

// runs cuts a text of which at most so many characters count.
func runs(s string, most int) []run {
	var all []run
	var now run
	end := func() {
		if len(now.chars) > 0 {
			all = append(all, now)
		}
		now = run{}
	}
	for _, r := range s {
		if most--; most < 0 {
			break
		}
		r = fold(r)
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) {
			end()
			continue
		}
		if len(now.chars) > 0 && now.han != dense(r) {
			end()
		}
		now.han = dense(r)
		if now.han || len(now.chars) < wordMost {
			now.chars = append(now.chars, r)
		}
	}
	end()
	return all
}

// kept are the words by which a run is kept: pairs of neighbouring characters
// and the last by itself, so that one character is found wherever it stands and
// no row of pairs goes on beyond the run.
func (r run) kept() []string {
	if !r.han {
		return []string{string(r.chars)}
	}
	words := make([]string, len(r.chars))
	for i := range r.chars {
		words[i] = string(r.chars[i:min(i+2, len(r.chars))])
	}
	return words
}

// kept are the words by which a text is kept, in their order.
func kept(s string, most int) []string {
	var words []string
	for _, r := range runs(s, most) {
		words = append(words, r.kept()...)
	}
	return words
}

// term is one part of a question: its words stand next to each other, and the
// last may be a beginning.
type term struct {
	text  string // folded
	words []string
	open  bool
}

// terms are the parts of a question, all of which a document must hold: runs of
// Chinese as a whole, words of other scripts by their beginnings.
func terms(query string) []term {
	var all []term
	for _, r := range runs(query, queryMost) {
		if len(all) == termsMost {
			break
		}
		t := term{text: string(r.chars), words: r.kept(), open: !r.han || len(r.chars) == 1}
		if r.han && len(r.chars) > 1 {
			t.words = t.words[:len(t.words)-1]
		}
		all = append(all, t)
	}
	return all
}
