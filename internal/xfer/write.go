package xfer

import (
	"bufio"
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/text"
)

// Writer writes a table. Close ends it; without Close the file is not whole.
type Writer interface {
	// Row writes the cells of one row, in the order of the columns.
	Row(cells []string) error
	Close() error
}

// NewWriter begins a table in a format, with its headings in a language.
func NewWriter(w io.Writer, t *Table, f Format, l text.Lang) (Writer, error) {
	headings := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		headings[i] = c.Heading(l)
	}
	return begin(w, t, f, l, headings)
}

func begin(w io.Writer, t *Table, f Format, l text.Lang, headings []string) (Writer, error) {
	if f == CSV {
		out := bufio.NewWriterSize(w, 64<<10)
		if _, err := out.WriteString("\ufeff"); err != nil { // or Excel takes it for GBK
			return nil, err
		}
		c := &csvWriter{out: out, csv: csv.NewWriter(out)}
		c.csv.UseCRLF = true
		return c, c.Row(headings)
	}
	return newXLSX(w, t, l, headings)
}

type csvWriter struct {
	out   *bufio.Writer
	csv   *csv.Writer
	cells []string
}

func (c *csvWriter) Row(cells []string) error {
	c.cells = c.cells[:0]
	for _, cell := range cells {
		c.cells = append(c.cells, withMark(clean(cell)))
	}
	return c.csv.Write(c.cells)
}

func (c *csvWriter) Close() error {
	c.csv.Flush()
	if err := c.csv.Error(); err != nil {
		return err
	}
	return c.out.Flush()
}

// clean is what both formats can hold: valid text without control characters,
// line breaks as \n, and no longer than a cell of Excel.
func clean(s string) string {
	plain := true
	for i := 0; i < len(s) && plain; i++ {
		plain = s[i] >= ' ' && s[i] != 0x7f && s[i] < 0xef // the last bytes may be what XML cannot hold
	}
	if !plain {
		s = strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\r\n", "\n")
		s = strings.Map(func(r rune) rune {
			switch {
			case r == '\r':
				return '\n'
			case r < ' ' && r != '\n' && r != '\t', r == 0x7f, r == 0xfffe, r == 0xffff, r == 0xfeff:
				return -1
			}
			return r
		}, s)
	}
	if len(s) > excelize.TotalCellChars && utf8.RuneCountInString(s) > excelize.TotalCellChars {
		return string([]rune(s)[:excelize.TotalCellChars])
	}
	return s
}

type xlsxWriter struct {
	w     io.Writer
	book  *excelize.File
	sheet *excelize.StreamWriter
	types []Type
	style int
	line  int
	cells []any
}

func newXLSX(w io.Writer, t *Table, l text.Lang, headings []string) (*xlsxWriter, error) {
	x := &xlsxWriter{w: w, book: excelize.NewFile(), types: make([]Type, len(headings))}
	for i := range min(len(t.Columns), len(headings)) {
		x.types[i] = t.Columns[i].Type
	}
	err := x.begin(l.T(t.Title), headings)
	return x, err
}

// counted reports numbers that a spreadsheet may add up.
func (t Type) counted() bool { return t == Number || t == Money || t == Decimal }

// asText is Excel's number format for text: digits typed into such a cell stay.
const asText = 49

func (x *xlsxWriter) begin(title string, headings []string) error {
	title = sheetName(title)
	if err := x.book.SetSheetName("Sheet1", title); err != nil {
		return err
	}
	var err error
	if x.style, err = x.book.NewStyle(&excelize.Style{NumFmt: asText}); err != nil {
		return err
	}
	bold, err := x.book.NewStyle(&excelize.Style{
		Font: &excelize.Font{Bold: true}, Alignment: &excelize.Alignment{WrapText: true, Vertical: "center"},
		Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"E8EEF6"}},
	})
	if err != nil {
		return err
	}
	if x.sheet, err = x.book.NewStreamWriter(title); err != nil {
		return err
	}
	if err := x.sheet.SetPanes(&excelize.Panes{
		Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft",
	}); err != nil {
		return err
	}
	if err := x.sheet.SetColWidth(1, len(headings), 20); err != nil {
		return err
	}
	for i, typ := range x.types { // what is typed below the headings stays as typed
		if !typ.counted() {
			if err := x.sheet.SetColStyle(i+1, i+1, x.style); err != nil {
				return err
			}
		}
	}
	x.line = 1
	row := make([]any, len(headings))
	for i, h := range headings {
		row[i] = excelize.Cell{StyleID: bold, Value: clean(h)}
	}
	return x.sheet.SetRow("A1", row)
}

// sheetName is a title as the name of a sheet may be.
func sheetName(title string) string {
	title = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`:\/?*[]'`, r) {
			return '-'
		}
		return r
	}, title)
	if rs := []rune(title); len(rs) > 31 {
		title = string(rs[:31])
	}
	return title
}

func (x *xlsxWriter) Row(cells []string) error {
	x.line++
	if x.line > excelize.TotalRows {
		return fault.New(fault.Invalid, "xfer.write.rows", "most", excelize.TotalRows-1)
	}
	x.cells = x.cells[:0]
	for i, cell := range cells {
		x.cells = append(x.cells, x.value(i, cell))
	}
	at, err := excelize.CoordinatesToCellName(1, x.line)
	if err != nil {
		return err
	}
	return x.sheet.SetRow(at, x.cells)
}

// value is a number for columns that are added up, when it is written as the
// spreadsheet would write it, else text.
func (x *xlsxWriter) value(i int, cell string) any {
	if cell == "" {
		return nil
	}
	if i < len(x.types) && x.types[i].counted() && len(cell) <= 15 {
		if f, err := strconv.ParseFloat(cell, 64); err == nil && harmless(cell) && strconv.FormatFloat(f, 'f', -1, 64) == cell {
			return f
		}
	}
	return excelize.Cell{StyleID: x.style, Value: clean(cell)}
}

func (x *xlsxWriter) Close() error {
	if err := x.sheet.Flush(); err != nil {
		return err
	}
	if _, err := x.book.WriteTo(x.w); err != nil {
		return err
	}
	return x.book.Close()
}

// Yuan writes fen as a cell of a Money column; nil is empty.
func Yuan(fen *int64) string {
	if fen == nil {
		return ""
	}
	sign, n := "", *fen
	if n < 0 {
		sign, n = "-", -n
	}
	s := sign + strconv.FormatInt(n/100, 10)
	if cents := n % 100; cents%10 != 0 {
		s += "." + strconv.FormatInt(100+cents, 10)[1:]
	} else if cents != 0 {
		s += "." + strconv.FormatInt(cents/10, 10)
	}
	return s
}

// Whole writes a number; nil is empty.
func Whole(n *int64) string {
	if n == nil {
		return ""
	}
	return strconv.FormatInt(*n, 10)
}

// Decimals writes a number that need not be whole; nil is empty.
func Decimals(f *float64) string {
	if f == nil {
		return ""
	}
	return strconv.FormatFloat(*f, 'f', -1, 64)
}

// Amount is an amount of money as a cell, empty for 0.
func Amount(fen int64) string {
	if fen == 0 {
		return ""
	}
	return Yuan(&fen)
}

// AmountList is a cell with several amounts, as Row.Amounts reads it.
func AmountList(fen []int64) string {
	words := make([]string, len(fen))
	for i := range fen {
		words[i] = Yuan(&fen[i])
	}
	return strings.Join(words, several)
}

// Joined is a cell with several words: of Choices as Shown takes them, of others as
// Listed reads them.
func Joined[T ~string](values []T) string {
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = string(v)
	}
	return strings.Join(words, several)
}

// several stands between the values of a cell that has several.
const several = "；"

// Shown is a choice as people read it; a value that is no option stays as it is.
func (c Column) Shown(value string, l text.Lang) string {
	if c.Type == Choices {
		parts := strings.Split(value, several)
		for i, part := range parts {
			parts[i] = c.shownOne(part, l)
		}
		return strings.Join(parts, several)
	}
	return c.shownOne(value, l)
}

func (c Column) shownOne(value string, l text.Lang) string {
	for _, o := range c.Options {
		if o.Value == value {
			return l.T(o.Label)
		}
	}
	return value
}

// Bool writes a yes or no.
func Bool(yes bool, l text.Lang) string {
	if yes {
		return l.T("xfer.yes")
	}
	return l.T("xfer.no")
}
