package search

import (
	"context"
	"strings"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/region"
)

// stored is a document as the index keeps it.
type stored struct {
	ID     int64       `db:"id"`
	Root   string      `db:"root"`
	Kind   string      `db:"kind"`
	Record string      `db:"record"`
	Region region.Code `db:"region"`
	Title  string      `db:"title"`
	Tags   string      `db:"tags"`
	Body   string      `db:"body"`
}

// content is all of it but its number.
func (d stored) content() stored {
	d.ID = 0
	return d
}

// put makes the documents of some roots those given: what is the same stays.
func (s *Service) put(ctx context.Context, tx *db.Tx, source string, roots []string, documents []Document, names func(region.Code) string) (written int, err error) {
	if len(roots) == 0 {
		return 0, nil
	}
	args := []any{source}
	for _, root := range roots {
		args = append(args, root)
	}
	var held []stored
	if err := tx.Select(ctx, &held, `SELECT id, root, kind, record, region, title, tags, body FROM search_document
		WHERE source = ? AND root IN (`+db.Marks(len(roots))+`)`, args...); err != nil {
		return 0, err
	}
	want := make(map[stored]bool, len(documents))
	for _, d := range documents {
		want[s.stored(d, names)] = true
	}
	for _, d := range held {
		if want[d.content()] {
			delete(want, d.content())
			continue
		}
		if err := s.drop(ctx, tx, `id = ?`, d.ID); err != nil {
			return written, err
		}
		written++
	}
	for d := range want {
		if err := tx.Get(ctx, &d.ID, `INSERT INTO search_document (source, root, kind, record, region, title, tags, body)
			VALUES (?,?,?,?,?,?,?,?) RETURNING id`, source, d.Root, d.Kind, d.Record, d.Region, d.Title, d.Tags, d.Body); err != nil {
			return written, err
		}
		if err := s.engine.keep(ctx, tx, d); err != nil {
			return written, err
		}
		written++
	}
	return written, nil
}

func (s *Service) stored(d Document, names func(region.Code) string) stored {
	tags := d.Tags + " " + names(d.Region)
	return stored{
		Root: d.Root, Kind: d.Kind, Record: d.Record, Region: d.Region,
		Title: cut(d.Title, titleMost), Tags: cut(strings.Join(strings.Fields(tags), " "), tagsMost), Body: cut(d.Body, bodyMost),
	}
}

// cut keeps at most so many characters, none of which a database refuses.
func cut(s string, most int) string {
	rs := []rune(strings.ReplaceAll(strings.ToValidUTF8(s, ""), "\x00", ""))
	return strings.TrimSpace(string(rs[:min(most, len(rs))]))
}

// drop takes documents out.
func (s *Service) drop(ctx context.Context, tx *db.Tx, where string, args ...any) error {
	if err := s.engine.drop(ctx, tx, where, args...); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `DELETE FROM search_document WHERE `+where, args...)
	return err
}
