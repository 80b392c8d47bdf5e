package xfer

import (
	"context"
	"io"
	"net/url"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/text"
)

// Kind is a table that goes in and out: what a domain offers.
type Kind struct {
	Table *Table
	// MayImport is the right without which nobody is offered the import; what
	// each row needs is asked for each row.
	MayImport authz.Permission
	// Landed is told in a transaction of its own, or in that which notes the end,
	// that an import changed something; nil for no need.
	Landed func(ctx context.Context, tx *db.Tx) error
	// After is where what came in is looked over; its label is a text key.
	After     Next
	Import    func(ctx context.Context, by authz.Actor) (Importer, error) // nil when it only goes out
	MayExport authz.Permission
	Export    func(ctx context.Context, by authz.Actor, f Filter, put func(cells []string) error) error // nil when it only comes in
	// Narrows are what else than a place an export can be narrowed by or asked
	// to have, by the names of the API.
	Narrows []string
}

// Next is a page to go on to.
type Next struct{ Label, Href string }

// Filter narrows an export.
type Filter struct {
	Region   region.Code // a subtree; "" is all that the actor reaches
	Year     int         // of tables that have years; 0 is all
	Lang     text.Lang   // of what is written for people to read
	Contacts bool        // with the persons to speak to: a right of its own
	List     url.Values  // of the page of a list: what it is narrowed to there
}

// Label is the text key of the kind's name.
func (k Kind) Label() string { return k.Table.Title }

// Write writes the kind's table, of what the actor reaches, while it is read: it
// may be longer than memory is wide. When it fails the file is not whole.
func (k Kind) Write(ctx context.Context, w io.Writer, by authz.Actor, f Filter, as Format) error {
	table, err := NewWriter(w, k.Table, as, f.Lang)
	if err != nil {
		return err
	}
	if err := k.Export(ctx, by, f, Put(table, k.Table, f.Lang)); err != nil {
		return err
	}
	return table.Close()
}

// Put is what an export calls with each row: it writes choices in words.
func Put(w Writer, t *Table, l text.Lang) func(cells []string) error {
	return func(cells []string) error {
		for i, c := range t.Columns {
			if len(c.Options) > 0 && i < len(cells) {
				cells[i] = c.Shown(cells[i], l)
			}
		}
		return w.Row(cells)
	}
}
