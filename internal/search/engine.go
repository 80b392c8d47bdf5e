package search

import (
	"context"
	"fmt"
	"strings"

	"qiban.dev/qiban/internal/db"
)

// engine is how a database keeps the words of documents and finds them again.
type engine interface {
	keep(ctx context.Context, tx *db.Tx, d stored) error
	drop(ctx context.Context, tx *db.Tx, where string, args ...any) error
	// all is a condition on search_document d for those that hold all the terms,
	// or any word of theirs.
	all(ts []term) (condition string, arg string)
	any(ts []term) (condition string, arg string)
}

func engineOf(d db.Dialect) engine {
	if d == db.Postgres {
		return tsvector{}
	}
	return fts5{}
}

// best is how many of the documents that hold any of the words are looked at
// closely, of at most so many that are weighed.
const (
	best  = 300
	taken = 5000
)

// fts5 keeps them in SQLite's full-text table, by the number of the document.
type fts5 struct{}

func (fts5) keep(ctx context.Context, tx *db.Tx, d stored) error {
	_, err := tx.Exec(ctx, `INSERT INTO search_text (rowid, title, tags, body) VALUES (?,?,?,?)`, d.ID,
		strings.Join(kept(d.Title, titleMost), " "), strings.Join(kept(d.Tags, tagsMost), " "), strings.Join(kept(d.Body, bodyMost), " "))
	return err
}

func (fts5) drop(ctx context.Context, tx *db.Tx, where string, args ...any) error {
	_, err := tx.Exec(ctx, `DELETE FROM search_text WHERE rowid IN (SELECT id FROM search_document WHERE `+where+`)`, args...)
	return err
}

func (fts5) all(ts []term) (condition, arg string) {
	parts := make([]string, len(ts))
	for i, t := range ts {
		parts[i] = `"` + strings.Join(t.words, " ") + `"`
		if t.open {
			parts[i] += ` *`
		}
	}
	return `d.id IN (SELECT rowid FROM search_text WHERE search_text MATCH ?)`, strings.Join(parts, " AND ")
}

func (fts5) any(ts []term) (condition, arg string) {
	return fmt.Sprintf(`d.id IN (SELECT found FROM (SELECT rowid AS found, bm25(search_text, 8, 3, 1) AS weight
		FROM search_text WHERE search_text MATCH ? LIMIT %d) ORDER BY weight LIMIT %d)`, taken, best), join(ts, `"`, ` OR `)
}

// tsvector keeps them in a column of PostgreSQL with their places; A, B and C are
// title, tags and text.
type tsvector struct{}

// tsvectorPlaces and tsvectorEach are the last place of a word and the most
// places of one that PostgreSQL keeps.
const (
	tsvectorPlaces = 16383
	tsvectorEach   = 255
)

func (tsvector) keep(ctx context.Context, tx *db.Tx, d stored) error {
	places, order := map[string][]string{}, []string{}
	at := 0
	for _, part := range []struct {
		words  []string
		weight string
	}{{kept(d.Title, titleMost), "A"}, {kept(d.Tags, tagsMost), "B"}, {kept(d.Body, bodyMost), "C"}} {
		for _, word := range part.words {
			if at++; at > tsvectorPlaces {
				break
			}
			if places[word] == nil {
				order = append(order, word)
			}
			if len(places[word]) < tsvectorEach {
				places[word] = append(places[word], fmt.Sprint(at)+part.weight)
			}
		}
	}
	words := make([]string, len(order))
	for i, word := range order {
		words[i] = `'` + word + `':` + strings.Join(places[word], ",")
	}
	_, err := tx.Exec(ctx, `INSERT INTO search_text (document, words) VALUES (?, CAST(CAST(? AS TEXT) AS TSVECTOR))`, d.ID, strings.Join(words, " "))
	return err
}

func (tsvector) drop(ctx context.Context, tx *db.Tx, where string, args ...any) error {
	_, err := tx.Exec(ctx, `DELETE FROM search_text WHERE document IN (SELECT id FROM search_document WHERE `+where+`)`, args...)
	return err
}

func (tsvector) all(ts []term) (condition, arg string) {
	parts := make([]string, len(ts))
	for i, t := range ts {
		parts[i] = `'` + strings.Join(t.words, `' <-> '`) + `'`
		if t.open {
			parts[i] += `:*`
		}
		parts[i] = `(` + parts[i] + `)`
	}
	return `d.id IN (SELECT document FROM search_text WHERE words @@ CAST(CAST(? AS TEXT) AS TSQUERY))`, strings.Join(parts, " & ")
}

func (tsvector) any(ts []term) (condition, arg string) {
	return fmt.Sprintf(`d.id IN (SELECT document FROM (SELECT document, words, q FROM search_text, CAST(CAST(? AS TEXT) AS TSQUERY) AS q
		WHERE words @@ q LIMIT %d) AS weighed ORDER BY ts_rank('{0.1, 0.1, 0.3, 0.8}', words, q) DESC LIMIT %d)`, taken, best), join(ts, `'`, ` | `)
}

// join is every word of the terms in quotes with a sign between them.
func join(ts []term, quote, sign string) string {
	var words []string
	for _, t := range ts {
		for _, w := range t.words {
			words = append(words, quote+w+quote)
		}
	}
	return strings.Join(words, sign)
}
