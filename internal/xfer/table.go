package xfer

import (
	"strings"
	"unicode"

	"golang.org/x/text/width"

	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/text"
)

// Type is what a column's cells hold.
type Type int

// The types of cells.
const (
	Text    Type = iota // 文字
	Code                // 号码: text that must never have been a number
	Number              // 整数
	Money               // 金额: yuan in the cell, fen in the program
	Date                // 日期
	Choice              // 选项
	YesNo               // 是否
	Place               // 行政区划代码
	Decimal             // 数值
	Choices             // 选项，可以有几个
	Note                // 供人看的: written when a table goes out, left alone when it comes in
)

// Option is one choice of a column: what the program keeps, and the text key
// of what people read.
type Option struct{ Value, Label string }

// OptionsOf are the choices of a column, each under its own word.
func OptionsOf[T interface {
	~string
	Key() string
}](all []T) []Option {
	list := make([]Option, len(all))
	for i, v := range all {
		list[i] = Option{Value: string(v), Label: v.Key()}
	}
	return list
}

// Column is one column of a table.
type Column struct {
	Key      string // the heading for programs, and the field in faults
	Label    string // text key of the heading for people
	Type     Type
	Required bool
	Options  []Option // of a Choice and of Choices
	Example  string   // a cell as it may be written
	Hint     string   // text key of what people should know; "" when the heading says it
}

// Table is a kind of table: its name in commands and addresses, and its columns.
type Table struct {
	Name    string
	Title   string // text key
	Columns []Column
}

// Heading is the column's heading as it is written.
func (c Column) Heading(l text.Lang) string {
	h := l.T(c.Label)
	if c.Type == Money {
		h += l.T("xfer.unit.yuan")
	}
	return h
}

// column is the place of a column, -1 for none.
func (t *Table) column(key string) int {
	for i := range t.Columns {
		if t.Columns[i].Key == key {
			return i
		}
	}
	return -1
}

// Header says where a file keeps the columns of its table.
type Header struct {
	at       []int    // column of the file for each column of the table, -1 for none
	scale    []int64  // what a cell of the column is multiplied by: 10,000 for 万元
	raw      []string // the headings as they stand
	from1904 bool     // day numbers of the file count from 1904
	Unknown  []string // headings that name no column; their cells are left alone
}

// fold makes headings and choices comparable: half-width, lower case, without
// spaces and marks.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '*' || r == '_' || r == '\ufeff' || r == ':' {
			return -1
		}
		return unicode.ToLower(r)
	}, width.Narrow.String(s))
}

// unitOf takes the bracket from the end of a heading: 营业收入(万元).
func unitOf(folded string) (name, unit string) {
	i := strings.LastIndexByte(folded, '(')
	if i <= 0 || !strings.HasSuffix(folded, ")") {
		return folded, ""
	}
	return folded[:i], folded[i+1 : len(folded)-1]
}

// scales are the units that a column of money may be given in.
var scales = map[string]int64{"": 1, "元": 1, "yuan": 1, "cny": 1, "rmb": 1, "万元": 10_000, "10000yuan": 10_000, "亿元": 100_000_000}

// match finds the columns that a line of headings names; n is how many.
func (t *Table) match(cells []string) (h Header, n int, twice []string) {
	h = Header{at: make([]int, len(t.Columns)), scale: make([]int64, len(t.Columns)), raw: cells}
	for i := range h.at {
		h.at[i] = -1
	}
	for i, cell := range cells {
		full := fold(cell)
		if full == "" || noted(full) {
			continue
		}
		j, scale := t.named(full)
		switch {
		case j < 0:
			h.Unknown = append(h.Unknown, strings.TrimSpace(cell))
		case h.at[j] >= 0:
			twice = append(twice, strings.TrimSpace(cell))
		default:
			h.at[j], h.scale[j] = i, scale
			n++
		}
	}
	return h, n, twice
}

// named is the column that a folded heading names, -1 for none.
func (t *Table) named(full string) (at int, scale int64) {
	bare, unit := unitOf(full)
	for j, c := range t.Columns {
		for _, name := range []string{c.Key, text.Zh.T(c.Label), text.En.T(c.Label)} {
			name = fold(name)
			if full == name {
				return j, 1
			}
			if bare != name {
				continue
			}
			if c.Type != Money {
				return j, 1
			}
			if scale, ok := scales[unit]; ok {
				return j, scale
			}
		}
	}
	return -1, 0
}

// The headings that a file of rejected rows has besides its own.
const (
	lineHeading = "xfer.rejected.row"
	whyHeading  = "xfer.rejected.why"
)

// noted reports the columns that a file of rejected rows adds: corrected, it is
// imported again as it is.
func noted(folded string) bool {
	for _, key := range []string{lineHeading, whyHeading} {
		if folded == fold(text.Zh.T(key)) || folded == fold(text.En.T(key)) {
			return true
		}
	}
	return false
}

// missing are the required columns that the file does not have.
func (t *Table) missing(h Header) text.Keys {
	var keys text.Keys
	for i, c := range t.Columns {
		if c.Required && h.at[i] < 0 {
			keys = append(keys, text.Key(c.Label))
		}
	}
	return keys
}

// Outcome is what became of a row.
type Outcome string

// The outcomes.
const (
	New       Outcome = "new"       // 新增
	Changed   Outcome = "changed"   // 更新
	Unchanged Outcome = "unchanged" // 无变化
	Rejected  Outcome = "rejected"  // 退回
)

// Row is one row of a file, below its heading.
type Row struct {
	Line    int          // as the spreadsheet numbers it
	Bad     fault.Fields // everything wrong with it, by column key
	Outcome Outcome
	// Key tells rows of one record apart from others: two rows of a file with a
	// key in common are told. Prepare sets it.
	Keys []string
	// Value is what Prepare made of the row for Apply.
	Value any

	raw    []string
	header *Header
	table  *Table
	places Places
}

// Places finds the code of a place by the name people write, "" for none.
type Places func(name string) region.Code
