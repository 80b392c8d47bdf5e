package db

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"qiban.dev/qiban/internal/fault"
)

// Page asks for one page of a list by keyset: After is the cursor that the
// previous page ended with, empty for the first.
type Page struct {
	Limit int
	After string
}

// Size is the page's length: 20 when not asked, never over 200.
func (p Page) Size() int {
	if p.Limit <= 0 {
		return 20
	}
	return min(p.Limit, 200)
}

// Pages gives a whole list to put, page by page.
func Pages[T any](read func(Page) ([]T, string, error), put func([]T) error) error {
	page := Page{Limit: 200}
	for {
		list, next, err := read(page)
		if err == nil {
			err = put(list)
		}
		if err != nil || next == "" {
			return err
		}
		page.After = next
	}
}

// Keys are the sort keys of the cursor, nil on the first page. A cursor that
// was not made by Cursor with n keys is an Invalid fault.
func (p Page) Keys(n int) ([]string, error) {
	if p.After == "" {
		return nil, nil
	}
	var keys []string
	raw, err := base64.RawURLEncoding.DecodeString(p.After)
	if err == nil {
		err = json.Unmarshal(raw, &keys)
	}
	// No text of PostgreSQL holds U+0000, so no list has ended at one.
	if err != nil || len(keys) != n || strings.Contains(strings.Join(keys, ""), "\x00") {
		return nil, notACursor()
	}
	return keys, nil
}

// Cursor packs the sort keys of a page's last record.
func Cursor(keys ...string) string {
	raw, err := json.Marshal(keys)
	if err != nil {
		panic(err) // strings always marshal
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}

func notACursor() error { return fault.Fields{{Name: "after", Key: "field.cursor"}}.Err() }

// Order is how a list that is read page by page is sorted: by its columns, which
// together tell any two rows apart (the last is an id).
type Order struct {
	Columns []string
	Down    bool // the largest first
	Number  bool // the first column is a whole number
}

// Paged reads one page of a list, with the cursor of the next, "" after the last
// page. The query ends in a condition, WHERE …, with args for its marks; key are
// a row's values of the order's columns as text. A cursor of another list is an
// Invalid fault.
func Paged[R any](ctx context.Context, r Reader, p Page, o Order, query string, args []any, key func(*R) []string) (rows []R, next string, err error) {
	keys, err := p.Keys(len(o.Columns))
	if err != nil {
		return nil, "", err
	}
	if keys != nil {
		first, err := o.first(keys[0])
		if err != nil {
			return nil, "", err
		}
		args = append(slices.Clip(args), first)
		for _, k := range keys[1:] {
			args = append(args, k)
		}
		query += " AND (" + strings.Join(o.Columns, ", ") + ")" + o.after() + "(" + Marks(len(keys)) + ")"
	}
	size := p.Size()
	query += " ORDER BY " + strings.Join(o.Columns, o.way()+", ") + o.way() + " LIMIT ?"
	if err := r.Select(ctx, &rows, query, append(slices.Clip(args), size+1)...); err != nil {
		return nil, "", err
	}
	if len(rows) > size {
		rows = rows[:size]
		next = Cursor(key(&rows[size-1])...)
	}
	return rows, next, nil
}

func (o Order) first(key string) (any, error) {
	if !o.Number {
		return key, nil
	}
	n, err := strconv.ParseInt(key, 10, 64)
	if err != nil {
		return nil, notACursor()
	}
	return n, nil
}

func (o Order) after() string {
	if o.Down {
		return " < "
	}
	return " > "
}

func (o Order) way() string {
	if o.Down {
		return " DESC"
	}
	return ""
}

// As turns each row into what the program works with.
func As[R, T any](rows []R, of func(*R) T) []T {
	all := make([]T, len(rows))
	for i := range rows {
		all[i] = of(&rows[i])
	}
	return all
}
