package xfer

import (
	"archive/zip"
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"

	"github.com/xuri/excelize/v2"
)

// xlsxSource reads the first sheet of a workbook.
type xlsxSource struct {
	book     *excelize.File
	rows     *excelize.Rows
	line     int
	cell     int
	columns  int
	total    int64
	from1904 bool
}

const (
	inMemory   = 8 << 20 // a part above this is unpacked to a temporary file
	otherParts = 32 << 20
	mostParts  = 2_000
)

func openXLSX(f io.ReaderAt, size int64, lim Limits) (*xlsxSource, error) {
	if err := inspect(f, size, lim); err != nil {
		return nil, err
	}
	book, err := excelize.OpenReader(io.NewSectionReader(f, 0, size), excelize.Options{
		RawCellValue: true, UnzipSizeLimit: lim.Unpacked, UnzipXMLSizeLimit: min(inMemory, lim.Unpacked),
	})
	if err != nil {
		return nil, broken("xfer.file.xlsx")
	}
	s := &xlsxSource{book: book, cell: lim.Cell, columns: lim.Columns}
	if props, err := book.GetWorkbookProps(); err == nil && props.Date1904 != nil {
		s.from1904 = *props.Date1904
	}
	sheets := book.GetSheetList()
	if len(sheets) == 0 {
		return nil, errors.Join(broken("xfer.file.xlsx"), book.Close())
	}
	if s.rows, err = book.Rows(sheets[0]); err != nil {
		_ = book.Close()
		return nil, broken("xfer.file.xlsx")
	}
	return s, nil
}

// inspect looks at every part before anything of it is kept: what it unpacks
// to, how many rows and texts there are, and how long the longest is. A file
// made to fill the memory is refused here, in a few kilobytes.
func inspect(f io.ReaderAt, size int64, lim Limits) error {
	z, err := zip.NewReader(f, size)
	if err != nil {
		return broken("xfer.file.xlsx")
	}
	if len(z.File) > mostParts {
		return broken("xfer.file.unpacked", "most", lim.Unpacked>>20)
	}
	var all, others uint64
	for _, part := range z.File {
		name := strings.ToLower(strings.ReplaceAll(part.Name, `\`, "/"))
		tabular := strings.HasPrefix(name, "xl/worksheets/sheet") || name == "xl/sharedstrings.xml"
		if !tabular {
			others += part.UncompressedSize64
		}
		if all += part.UncompressedSize64; all > uint64(lim.Unpacked) || part.UncompressedSize64 > uint64(lim.Unpacked) || others > otherParts {
			return broken("xfer.file.unpacked", "most", lim.Unpacked>>20)
		}
		if tabular {
			if err := scan(part, lim); err != nil {
				return err
			}
		}
	}
	return nil
}

// scan reads a sheet, or the texts of the workbook, without keeping anything.
func scan(part *zip.File, lim Limits) error {
	raw, err := part.Open()
	if err != nil {
		return broken("xfer.file.xlsx")
	}
	defer func() { _ = raw.Close() }()
	in := bufio.NewReaderSize(raw, 64<<10)
	var texts, rows, since int
	inside := "" // the cell or text whose length is being added up
	for {
		got, err := in.ReadSlice('<')
		since += len(got)
		if since > 8*lim.Cell+4096 { // marks and formats take room too
			return broken("xfer.file.long", "most", lim.Cell)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return broken("xfer.file.xlsx") // cut short, or its checksum does not fit
		}
		name, closing := tagOf(in)
		switch {
		case closing && name == inside:
			inside, since = "", 0
		case name == "row":
			rows++
			inside, since = "", 0
		case name == "c", name == "si":
			inside, since = name, 0
			texts += len(name) - 1 // "si", not "c"
		case inside == "":
			since = 0
		}
		if rows > lim.Rows+headingWithin {
			return broken("xfer.file.rows", "most", lim.Rows)
		}
		if texts > mostTexts(lim) {
			return broken("xfer.file.unpacked", "most", lim.Unpacked>>20)
		}
	}
}

// mostTexts bounds the different texts of a workbook: each is kept an address.
func mostTexts(lim Limits) int { return 4 * lim.Rows }

// tagOf is the name of the tag that begins here, without a prefix: row for
// <x:row>. Names too long to matter come cut off.
func tagOf(in *bufio.Reader) (name string, closing bool) {
	tag, _ := in.Peek(24) // fewer at the end of the part
	if len(tag) > 0 && tag[0] == '/' {
		tag, closing = tag[1:], true
	}
	if end := bytes.IndexAny(tag, " >/\t\r\n"); end >= 0 {
		tag = tag[:end]
	}
	if colon := bytes.IndexByte(tag, ':'); colon >= 0 {
		tag = tag[colon+1:]
	}
	return string(tag), closing
}

func (s *xlsxSource) next() (int, []string, error) {
	if !s.rows.Next() {
		if err := s.rows.Error(); err != nil {
			return 0, nil, broken("xfer.file.xlsx")
		}
		return 0, nil, io.EOF
	}
	s.line++
	cells, err := s.rows.Columns()
	if err != nil {
		return 0, nil, broken("xfer.file.xlsx")
	}
	for i, cell := range cells {
		if len(cell) > s.cell {
			return 0, nil, broken("xfer.file.cell", "row", s.line, "most", s.cell)
		}
		s.total += int64(len(cell))
		if strings.ContainsRune(cell, '\r') {
			cells[i] = strings.ReplaceAll(strings.ReplaceAll(cell, "\r\n", "\n"), "\r", "\n")
		}
	}
	return s.line, cells, nil
}

func (s *xlsxSource) read() int64 { return s.total }

func (s *xlsxSource) close() error { return errors.Join(s.rows.Close(), s.book.Close()) }
