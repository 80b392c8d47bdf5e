package xfer

import (
	"bytes"
	"io"
	"strings"

	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/text"
)

// Limits bound what a file may hold. They are told to whoever goes beyond them.
type Limits struct {
	Bytes    int64 // of the file
	Unpacked int64 // of an XLSX, unpacked
	Rows     int   // below the heading
	Columns  int
	Cell     int // bytes of one cell
}

// Most are the limits of files that an operator imports.
func Most() Limits {
	return Limits{Bytes: 2 << 30, Unpacked: 2 << 30, Rows: 2_000_000, Columns: 200, Cell: 20_000}
}

// Uploaded are the limits of files that come through a page.
func Uploaded() Limits {
	return Limits{Bytes: 32 << 20, Unpacked: 512 << 20, Rows: 200_000, Columns: 200, Cell: 20_000}
}

// Format is how a file is written.
type Format string

// The formats.
const (
	CSV  Format = "csv"
	XLSX Format = "xlsx"
)

// MediaType is the media type of a table by its name: XLSX, or else CSV.
func MediaType(name string) string {
	if strings.HasSuffix(name, "."+string(XLSX)) {
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	}
	return "text/csv; charset=utf-8"
}

// source gives the lines of a file one after the other; io.EOF ends them. The
// cells are the caller's to keep.
type source interface {
	next() (line int, cells []string, err error)
	read() int64 // bytes of the file read so far
	close() error
}

// Reader reads the rows of a table from a file.
type Reader struct {
	Header Header
	Format Format
	table  *Table
	src    source
	limits Limits
	rows   int
	size   int64
	places Places
}

// headingWithin is how many lines may stand above the headings.
const headingWithin = 10

// Open finds out how a file is written and reads its headings. What it cannot
// take is an Invalid fault: too large, no table, headings missing. Close it.
func Open(f io.ReaderAt, size int64, t *Table, lim Limits, places Places) (*Reader, error) {
	if size > lim.Bytes {
		return nil, broken("xfer.file.bytes", "most", lim.Bytes>>20)
	}
	r := &Reader{table: t, limits: lim, size: size, places: places}
	if err := r.open(f, size); err != nil {
		return nil, err
	}
	if err := r.heading(); err != nil {
		_ = r.src.close()
		return nil, err
	}
	return r, nil
}

func (r *Reader) open(f io.ReaderAt, size int64) error {
	start := make([]byte, 8)
	n, err := f.ReadAt(start, 0)
	if n == 0 {
		return broken("xfer.file.empty")
	}
	if err != nil && err != io.EOF { //nolint:errorlint // ReaderAt returns io.EOF itself
		return err
	}
	switch start = start[:n]; {
	case bytes.HasPrefix(start, []byte("PK\x03\x04")):
		r.Format = XLSX
		x, err := openXLSX(f, size, r.limits)
		if err != nil {
			return err
		}
		r.Header.from1904, r.src = x.from1904, x
	case bytes.HasPrefix(start, []byte{0xD0, 0xCF, 0x11, 0xE0}):
		return broken("xfer.file.xls")
	default:
		r.Format = CSV
		r.src, err = openCSV(f, size, r.limits)
		return err
	}
	return nil
}

// broken is a file that cannot be read as a table.
func broken(key string, args ...any) error {
	return fault.Fields{{Name: "file", Key: key, Args: args}}.Err()
}

// heading finds the line of headings: the first that names all columns that
// must be there, else the one that names most.
func (r *Reader) heading() error {
	var best Header
	var most int
	var twice []string
	for range headingWithin {
		_, cells, err := r.src.next()
		if err == io.EOF { //nolint:errorlint // sources return io.EOF itself
			break
		}
		if err != nil {
			return err
		}
		if len(cells) > r.limits.Columns {
			return broken("xfer.file.columns", "most", r.limits.Columns)
		}
		h, n, double := r.table.match(cells)
		if n > most {
			best, most, twice = h, n, double
		}
		if n > 0 && len(r.table.missing(h)) == 0 {
			break
		}
	}
	if most == 0 {
		return broken("xfer.file.headings", "headings", r.expected())
	}
	if len(twice) > 0 {
		return broken("xfer.file.twice", "headings", strings.Join(twice, ", "))
	}
	if missing := r.table.missing(best); len(missing) > 0 {
		return broken("xfer.file.missing", "headings", missing)
	}
	best.from1904 = r.Header.from1904
	r.Header = best
	return nil
}

func (r *Reader) expected() text.Keys {
	keys := make(text.Keys, len(r.table.Columns))
	for i, c := range r.table.Columns {
		keys[i] = text.Key(c.Label)
	}
	return keys
}

// Next is the next row that is not empty, io.EOF after the last.
func (r *Reader) Next() (*Row, error) {
	for {
		line, cells, err := r.src.next()
		if err != nil {
			return nil, err
		}
		if blank(cells) {
			continue
		}
		if r.rows++; r.rows > r.limits.Rows {
			return nil, broken("xfer.file.rows", "most", r.limits.Rows)
		}
		if len(cells) > r.limits.Columns {
			return nil, broken("xfer.file.columns", "most", r.limits.Columns)
		}
		return &Row{Line: line, raw: cells, header: &r.Header, table: r.table, places: r.places}, nil
	}
}

func blank(cells []string) bool {
	for _, c := range cells {
		if strings.TrimSpace(c) != "" {
			return false
		}
	}
	return true
}

// Progress is how much of the file has been read, from 0 to 1.
func (r *Reader) Progress() float64 {
	if r.size == 0 {
		return 1
	}
	return min(1, float64(r.src.read())/float64(r.size))
}

// Close ends the reading.
func (r *Reader) Close() error { return r.src.close() }
