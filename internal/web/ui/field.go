package ui

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"
)

// Field is one input with its words (输入项). web.Form makes one with label,
// hint, typed value and error already in it; the methods below add the rest:
//
//	@ui.NumberField(p, f.Field("amount").In("万元").Wide(14))
type Field struct {
	Name     string
	ID       string // of the control; the name when empty
	Label    string
	Hint     string
	Error    string
	Value    string   // what was typed, right or wrong
	Values   []string // chosen options of a checkbox list
	Optional bool     // says 可不填; all other fields are needed
	Disabled bool
	Heading  bool // the label is also the page's h1

	Width        int    // 4, 8, 14, 20 characters, or 0 for the whole width
	Unit         string // after the number: 万元, 人
	Kind         string // type of a text input: tel, email, url; text when empty
	Autocomplete string
	Placeholder  string
	Min, Max     int // characters a long text needs and may have; 0 for no limit
	Options      []Option
	Accept       string // file kinds
	Attrs        templ.Attributes
}

// Option is one answer to choose.
type Option struct {
	Value, Label, Hint string
	Group              string // heading in a select; options of a group are consecutive
	Disabled           bool
}

// Opt marks the field as one that may be left empty.
func (f Field) Opt() Field { f.Optional = true; return f }

// In gives the unit after the number.
func (f Field) In(unit string) Field { f.Unit = unit; return f }

// Wide hints the length of the answer: 4, 8, 14 or 20 characters.
func (f Field) Wide(n int) Field { f.Width = n; return f }

// As sets the input type and what browsers may fill in: As("tel", "tel").
func (f Field) As(kind, autocomplete string) Field {
	f.Kind, f.Autocomplete = kind, autocomplete
	return f
}

// Between sets how many characters a long text needs and may have.
func (f Field) Between(min, max int) Field { f.Min, f.Max = min, max; return f }

// From gives the answers to choose from.
func (f Field) From(options ...Option) Field { f.Options = options; return f }

// Says replaces label and hint.
func (f Field) Says(label, hint string) Field { f.Label, f.Hint = label, hint; return f }

// With adds attributes to the control.
func (f Field) With(attrs templ.Attributes) Field { f.Attrs = attrs; return f }

// Title makes the label the page's only heading, for a page that asks one thing.
func (f Field) Title() Field { f.Heading = true; return f }

func (f Field) class() string {
	if f.Error != "" {
		return "field field--bad"
	}
	return "field"
}

func (f Field) setClass() string {
	if f.Error != "" {
		return "fieldset field fieldset--bad"
	}
	return "fieldset field"
}

func (f Field) width() string {
	if f.Width == 0 {
		return ""
	}
	return " w-" + strconv.Itoa(f.Width)
}

// control is what every input carries: its name, its state, what describes it.
func (f Field) control() templ.Attributes {
	all := templ.Attributes{"id": f.id(), "name": f.Name}
	if by := f.describedBy(); by != "" {
		all["aria-describedby"] = by
	}
	if f.Error != "" {
		all["aria-invalid"] = "true"
	}
	if f.Disabled {
		all["disabled"] = true
	}
	if f.Autocomplete != "" {
		all["autocomplete"] = f.Autocomplete
	}
	if f.Placeholder != "" {
		all["placeholder"] = f.Placeholder
	}
	maps.Copy(all, f.Attrs)
	return all
}

func (f Field) id() string { return cmp.Or(f.ID, f.Name) }

func (f Field) describedBy() string {
	var ids []string
	if f.Error != "" {
		ids = append(ids, f.id()+"-e")
	}
	if f.Hint != "" {
		ids = append(ids, f.id()+"-h")
	}
	return strings.Join(ids, " ")
}

func (f Field) kind() string {
	if f.Kind == "" {
		return "text"
	}
	return f.Kind
}

func (f Field) chosen(o Option) bool {
	return f.Value == o.Value && len(f.Values) == 0 || slices.Contains(f.Values, o.Value)
}

// optionID gives the first answer the field's own id, so that the error summary
// leads to it.
func (f Field) optionID(i int) string {
	if i == 0 {
		return f.id()
	}
	return f.id() + "-" + strconv.Itoa(i+1)
}

// area adds what the character count needs to a long text.
func (f Field) area() templ.Attributes {
	all := f.control()
	if f.Max > 0 {
		all["data-count"] = f.id() + "-n"
		all["data-min"] = strconv.Itoa(f.Min)
		all["data-max"] = strconv.Itoa(f.Max)
	}
	return all
}

// left says how the length stands when the page is made.
func (f Field) left(p P) string {
	n := len([]rune(strings.TrimSpace(f.Value)))
	switch {
	case n < f.Min:
		return p.T("web.count.short", "n", f.Min-n)
	case n > f.Max:
		return p.T("web.count.over", "n", n-f.Max)
	default:
		return p.T("web.count.left", "n", f.Max-n)
	}
}

// Files is a field that takes files: a chooser, and those that wait already.
type Files struct {
	Field
	Most     int      // how many may be chosen at once; 1 for a single one
	HeldName string   // field that carries what waits
	Held     []Option // what waits: token, name, what it is
}

// Says replaces label and hint.
func (f Files) Says(label, hint string) Files {
	f.Field = f.Field.Says(label, hint)
	return f
}

// Opt marks the field as one that may be left empty.
func (f Files) Opt() Files { f.Optional = true; return f }

// Of belongs to one of several forms of a page: only the one that was sent shows
// what is wrong and what waits, and the others have ids of their own.
func (f Files) Of(sent bool, id string) Files {
	if !sent {
		f.Held, f.Error = nil, ""
		f.ID = f.Name + "-" + id
	}
	return f
}

// Bytes is a size as people read it: 640 KB, 1.2 MB.
func Bytes(n int64) string {
	switch {
	case n < 1<<10:
		return strconv.FormatInt(n, 10) + " B"
	case n < 1<<20:
		return strconv.FormatInt((n+512)>>10, 10) + " KB"
	default:
		return strconv.FormatFloat(float64(n)/(1<<20), 'f', 1, 64) + " MB"
	}
}
