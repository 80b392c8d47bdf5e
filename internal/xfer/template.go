package xfer

import (
	"fmt"
	"io"
	"strings"

	"github.com/xuri/excelize/v2"

	"qiban.dev/qiban/internal/text"
)

// Template writes an empty table to be filled in: as CSV its headings, as XLSX
// also a sheet that explains every column, and lists to choose from.
func Template(w io.Writer, t *Table, f Format, l text.Lang) error {
	out, err := NewWriter(w, t, f, l)
	if err != nil {
		return err
	}
	if x, ok := out.(*xlsxWriter); ok {
		if err := x.explain(t, l); err != nil {
			return err
		}
	}
	return out.Close()
}

// templateRows is how far down the lists to choose from reach.
const templateRows = 5000

// explain adds the lists, which excelize can do only once the sheet is written,
// and the sheet of explanations.
func (x *xlsxWriter) explain(t *Table, l text.Lang) error {
	if err := x.sheet.Flush(); err != nil {
		return err
	}
	sheet := x.book.GetSheetName(0)
	help := sheetName(l.T("xfer.template.sheet"))
	if _, err := x.book.NewSheet(help); err != nil {
		return err
	}
	lines := [][]any{{l.T("xfer.template.column"), l.T("xfer.template.required"), l.T("xfer.template.how"), l.T("xfer.template.example")}}
	for i, c := range t.Columns {
		lines = append(lines, []any{c.Heading(l), Bool(c.Required, l), c.How(l), c.Example})
		if c.Type != Choice && c.Type != YesNo {
			continue
		}
		name, err := excelize.ColumnNumberToName(i + 1)
		if err != nil {
			return err
		}
		choices := []string{Bool(true, l), Bool(false, l)}
		if c.Type == Choice {
			choices = c.shown(l)
		}
		list := excelize.NewDataValidation(true)
		list.SetSqref(fmt.Sprintf("%s2:%s%d", name, name, templateRows))
		if err := list.SetDropList(choices); err != nil {
			continue // longer than Excel takes: the explanations name them
		}
		if err := x.book.AddDataValidation(sheet, list); err != nil {
			return err
		}
	}
	for i, line := range lines {
		at, err := excelize.CoordinatesToCellName(1, i+1)
		if err != nil {
			return err
		}
		if err := x.book.SetSheetRow(help, at, &line); err != nil {
			return err
		}
	}
	return x.book.SetColWidth(help, "A", "D", 28)
}

func (c Column) shown(l text.Lang) []string {
	words := make([]string, len(c.Options))
	for i, o := range c.Options {
		words[i] = l.T(o.Label)
	}
	return words
}

// How says in words how the cells of a column are written.
func (c Column) How(l text.Lang) string {
	var words []string
	switch c.Type {
	case Code:
		words = append(words, l.T("xfer.how.code"))
	case Number:
		words = append(words, l.T("xfer.how.number"))
	case Money:
		words = append(words, l.T("xfer.how.money"))
	case Date:
		words = append(words, l.T("xfer.how.date"))
	case Choice:
		words = append(words, l.T("xfer.how.choice", "choices", strings.Join(c.shown(l), l.T("xfer.how.or"))))
	case Choices:
		words = append(words, l.T("xfer.how.choices", "choices", strings.Join(c.shown(l), l.T("xfer.how.or"))))
	case YesNo:
		words = append(words, l.T("xfer.how.yesno"))
	case Decimal:
		words = append(words, l.T("xfer.how.decimal"))
	case Note:
		words = append(words, l.T("xfer.how.note"))
	case Place:
		words = append(words, l.T("xfer.how.place"))
	default:
		words = append(words, l.T("xfer.how.text"))
	}
	if c.Hint != "" {
		words = append(words, l.T(c.Hint))
	}
	return strings.Join(words, " ")
}
