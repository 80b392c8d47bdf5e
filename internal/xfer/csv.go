package xfer

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// csvSource reads a CSV file in whatever way offices save it.
type csvSource struct {
	csv    *csv.Reader
	file   *counter
	budget *budget
	cell   int
	most   int // bytes that may be read for one record, the look ahead included
	line   int
	folded int // line breaks inside cells so far: a spreadsheet counts rows, not lines
}

// counter counts what is read of a file.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// budget refuses a record that does not end: a quotation mark that is never
// closed would make a cell of the whole file.
type budget struct {
	r    io.Reader
	left int
}

var errRecordTooLong = errors.New("xfer: the record does not end")

func (b *budget) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errRecordTooLong
	}
	n, err := b.r.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}

func openCSV(f io.ReaderAt, size int64, lim Limits) (*csvSource, error) {
	enc, err := survey(io.NewSectionReader(f, 0, size), lim)
	if err != nil {
		return nil, err
	}
	file := &counter{r: io.NewSectionReader(f, 0, size)}
	b := &budget{r: transform.NewReader(file, enc.NewDecoder())}
	s := &csvSource{file: file, budget: b, cell: lim.Cell, most: lim.Columns*lim.Cell + 256<<10}
	b.left = s.most
	in := bufio.NewReaderSize(b, 64<<10)
	head, err := in.Peek(16 << 10)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, s.known(err)
	}
	if bytes.IndexByte(head, 0) >= 0 {
		return nil, broken("xfer.file.kind")
	}
	s.csv = csv.NewReader(in)
	s.csv.Comma, s.csv.FieldsPerRecord, s.csv.LazyQuotes = separatorOf(head), -1, true
	return s, nil
}

// survey tells UTF-8 from GB18030 by reading the whole file, since a byte that
// is no UTF-8 may stand anywhere, and refuses a file with too many rows before
// any of them lands.
func survey(r io.Reader, lim Limits) (encoding.Encoding, error) {
	in := bufio.NewReaderSize(r, 64<<10)
	start, err := in.Peek(3)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if bytes.HasPrefix(start, []byte{0xFF, 0xFE}) || bytes.HasPrefix(start, []byte{0xFE, 0xFF}) {
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), nil
	}
	found := encoding.Encoding(unicode.UTF8BOM) // with the mark or without
	buf := make([]byte, 256<<10)
	kept, rows, quoted := 0, 0, false
	for {
		n, err := in.Read(buf[kept:])
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		for _, c := range buf[kept : kept+n] {
			if c == '"' {
				quoted = !quoted
			} else if c == '\n' && !quoted {
				rows++
			}
		}
		if rows > lim.Rows+headingWithin {
			return nil, broken("xfer.file.rows", "most", lim.Rows)
		}
		part := buf[:kept+n]
		whole := part
		if err == nil {
			whole = wholeRunes(part)
		}
		if !utf8.Valid(whole) {
			found = simplifiedchinese.GB18030
		}
		if err != nil {
			return found, nil
		}
		kept = copy(buf, part[len(whole):])
	}
}

// wholeRunes leaves out a character at the end that is cut in two.
func wholeRunes(part []byte) []byte {
	for back := 1; back <= utf8.UTFMax && back <= len(part); back++ {
		at := len(part) - back
		if utf8.RuneStart(part[at]) {
			if !utf8.FullRune(part[at:]) {
				return part[:at]
			}
			break
		}
	}
	return part
}

// separatorOf is the sign that the first lines use most outside quotation marks.
func separatorOf(head []byte) rune {
	counts := map[byte]int{}
	quoted := false
	for _, c := range head {
		switch {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '\n' && len(counts) > 0:
			return mostly(counts)
		case c == ',' || c == ';' || c == '\t':
			counts[c]++
		}
	}
	return mostly(counts)
}

func mostly(counts map[byte]int) rune {
	best := byte(',')
	for _, c := range []byte{';', '\t'} {
		if counts[c] > counts[best] {
			best = c
		}
	}
	return rune(best)
}

func (s *csvSource) next() (int, []string, error) {
	s.budget.left = s.most
	cells, err := s.csv.Read()
	if err != nil {
		return 0, nil, s.known(err)
	}
	line, _ := s.csv.FieldPos(0)
	line -= s.folded
	s.line = line
	for i, cell := range cells {
		if len(cell) > s.cell {
			return 0, nil, broken("xfer.file.cell", "row", line, "most", s.cell)
		}
		s.folded += strings.Count(cell, "\n")
		cells[i] = strings.ReplaceAll(withoutMark(cell), "\r", "\n")
	}
	return line, cells, nil
}

func (s *csvSource) known(err error) error {
	var wrong *csv.ParseError
	switch {
	case errors.Is(err, errRecordTooLong):
		return broken("xfer.file.endless", "row", s.line+1)
	case errors.As(err, &wrong):
		return broken("xfer.file.csv", "row", wrong.StartLine-s.folded)
	}
	return err
}

func (s *csvSource) read() int64 { return s.file.n }

func (s *csvSource) close() error { return nil }

// A cell that begins like a formula would be run by the spreadsheet that opens
// the file. Written, it gets an apostrophe before it; so does one that begins
// with an apostrophe, and reading takes exactly one away.
const formulaSigns = "=+-@\t\r\n＝＋－＠'"

func withMark(cell string) string {
	r, _ := utf8.DecodeRuneInString(cell)
	if cell == "" || !strings.ContainsRune(formulaSigns, r) || harmless(cell) {
		return cell
	}
	return "'" + cell
}

// harmless reports a negative number: no formula, and a number to whoever adds it up.
func harmless(cell string) bool {
	digits := false
	for i, c := range cell {
		switch {
		case c >= '0' && c <= '9':
			digits = true
		case c == '-' && i == 0, c == '.' && digits:
		default:
			return false
		}
	}
	return digits
}

func withoutMark(cell string) string { return strings.TrimPrefix(cell, "'") }
