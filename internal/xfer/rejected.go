package xfer

import (
	"io"
	"strconv"
	"strings"

	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/text"
)

// Rejects is a file of the rows that did not land: as they came, with the
// number of the row and everything wrong with it. Corrected, it is imported as
// it is: the columns it adds are known and left alone.
type Rejects struct {
	w    Writer
	t    *Table
	lang text.Lang
	own  []int // the columns of the file that came, without what an earlier file of rejects added
}

// NewRejects begins the file in the format of what was read.
func NewRejects(w io.Writer, r *Reader, l text.Lang) (*Rejects, error) {
	out := &Rejects{t: r.table, lang: l}
	var headings []string
	for i, h := range r.Header.raw {
		if !noted(fold(h)) {
			out.own, headings = append(out.own, i), append(headings, h)
		}
	}
	var err error
	out.w, err = begin(w, &Table{Title: r.table.Title}, r.Format, l, append(headings, l.T(lineHeading), l.T(whyHeading)))
	return out, err
}

// Row adds a rejected row.
func (f *Rejects) Row(r *Row) error {
	cells := make([]string, 0, len(f.own)+2)
	for _, i := range f.own {
		cell := ""
		if i < len(r.raw) {
			cell = r.raw[i]
		}
		cells = append(cells, cell)
	}
	return f.w.Row(append(cells, strconv.Itoa(r.Line), f.t.Why(r.Bad, f.lang)))
}

// Close ends the file.
func (f *Rejects) Close() error { return f.w.Close() }

// Why is everything wrong with a row as one sentence after the other, each with
// its column.
func (t *Table) Why(bad fault.Fields, l text.Lang) string {
	var words []string
	for _, b := range bad {
		say := l.T(b.Key, b.Args...)
		if j := t.column(b.Name); j >= 0 {
			say = l.T("xfer.rejected.cell", "column", text.Key(t.Columns[j].Label), "why", say)
		}
		words = append(words, say)
	}
	return strings.Join(words, l.T("xfer.rejected.and"))
}
