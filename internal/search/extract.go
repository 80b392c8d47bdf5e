package search

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// An extract has so many characters, so many of them before what was asked for.
const (
	extractLong   = 90
	extractBefore = 20
)

// wanted are what to look for in a text: the terms, the longest first, and after
// them their words, for a document that holds only some.
func wanted(ts []term) []string {
	var whole, parts []string
	for _, t := range ts {
		whole = append(whole, t.text)
		parts = append(parts, t.words...)
	}
	byLength := func(a, b string) int { return utf8.RuneCountInString(b) - utf8.RuneCountInString(a) }
	slices.SortStableFunc(whole, byLength)
	return append(whole, parts...)
}

// extract is the part of a text about the first thing that was asked for, or its
// beginning.
func extract(body string, ts []term) string {
	var lines []string
	for line := range strings.Lines(body) {
		if line = strings.Join(strings.Fields(line), " "); line != "" {
			lines = append(lines, line)
		}
	}
	rs := []rune(strings.Join(lines, " · "))
	if len(rs) <= extractLong {
		return string(rs)
	}
	from := 0
	folded := foldAll(string(rs))
	for _, w := range wanted(ts) {
		if before, _, ok := strings.Cut(folded, w); ok {
			from = max(0, utf8.RuneCountInString(before)-extractBefore)
			break
		}
	}
	to := min(from+extractLong, len(rs))
	from = max(0, to-extractLong)
	part := string(rs[from:to])
	if from > 0 {
		part = "…" + part
	}
	if to < len(rs) {
		part += "…"
	}
	return part
}

// mark cuts a text into pieces, those that were asked for marked.
func mark(s string, ts []term) []Piece {
	if s == "" {
		return nil
	}
	rs, folded := []rune(s), []rune(foldAll(s))
	marked := make([]bool, len(rs))
	for _, w := range wanted(ts) {
		word := []rune(w)
		for i := 0; i+len(word) <= len(folded); i++ {
			if slices.Equal(folded[i:i+len(word)], word) {
				for j := i; j < i+len(word); j++ {
					marked[j] = true
				}
			}
		}
	}
	var pieces []Piece
	for i, r := range rs {
		if i == 0 || marked[i] != marked[i-1] {
			pieces = append(pieces, Piece{Marked: marked[i]})
		}
		pieces[len(pieces)-1].Text += string(r)
	}
	return pieces
}
