package search

import (
	"context"
	"slices"
	"strings"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/text"
)

// Document is a public record as it is found (检索文档). Only what everybody may
// read belongs into one, and no personal data.
type Document struct {
	Kind   string // names the sort of record for people: text key "search.kind." + Kind
	Record string // the record's id
	Root   string // the id of the record it is part of; its own when it is not
	Region region.Code
	Title  string
	Tags   string // kind, industry, other names: what it is asked for by, in both languages
	Body   string
}

// Pick says which records a Source is asked for: those with IDs, or when it is
// nil the next N after After in the order of their ids.
type Pick struct {
	IDs   []string
	After string
	N     int
}

// Where is the pick as the last condition of a query over the column with the id,
// and what orders and bounds it.
func (p Pick) Where(column string) (string, []any) {
	if p.IDs == nil {
		return column + ` > ? ORDER BY ` + column + ` LIMIT ?`, []any{p.After, p.N}
	}
	args := make([]any, len(p.IDs))
	for i, id := range p.IDs {
		args[i] = id
	}
	return column + ` IN (` + db.Marks(len(args)) + `) ORDER BY ` + column, args
}

// Source is one domain's public records (检索来源).
type Source struct {
	Name string // stable, since it is stored
	// Heard are the kinds of records of the audit trail by which a document may
	// change. The function finds, by ids of that kind, those of the roots; nil
	// where they are the same.
	Heard map[string]func(ctx context.Context, r db.Reader, ids []string) ([]string, error)
	// Read gives the documents of those of the picked roots that are public now,
	// root by root in the order of the pick, at least one of each.
	Read func(ctx context.Context, r db.Reader, p Pick) ([]Document, error)
}

// Words are the words of text keys in every language, each key once, for
// Document.Tags.
func Words(keys ...string) string {
	words := make([]string, 0, 2*len(keys))
	for i, key := range keys {
		if !slices.Contains(keys[:i], key) {
			words = append(words, text.Zh.T(key), text.En.T(key))
		}
	}
	return strings.Join(words, " ")
}
