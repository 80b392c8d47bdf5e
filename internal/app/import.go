package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"qiban.dev/qiban/internal/config"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/text"
	"qiban.dev/qiban/internal/xfer"
)

// rejectedError says that some rows did not land: the rest did.
type rejectedError struct {
	rows int64
	file string
}

func (e *rejectedError) Error() string {
	if e.file == "" {
		return fmt.Sprintf("%d rows were rejected", e.rows)
	}
	return fmt.Sprintf("%d rows were rejected; they are in %s with the reasons. Correct them there and import that file", e.rows, e.file)
}

type importCommand struct {
	config.Store
	Kind     string `arg:"" help:"What the rows are, such as enterprise; with no such kind, all kinds are listed."`
	File     string `arg:"" optional:"" help:"CSV or XLSX file; with --template, where the template goes (.csv or .xlsx)." type:"path"`
	Template bool   `help:"Write an empty table to fill in, to FILE or as CSV to standard output, and import nothing." env:"QIBAN_IMPORT_TEMPLATE"`
	DryRun   bool   `help:"Check every row and write nothing." env:"QIBAN_IMPORT_DRY_RUN"`
	Rejected string `help:"File for the rows that cannot land, with the reasons; beside FILE unless told otherwise." env:"QIBAN_IMPORT_REJECTED" type:"path"`
	As       string `help:"Region code of the office it acts for: rows of other places are rejected." default:"320900" env:"QIBAN_PLACE"`
	Lang     string `help:"Language of template and reasons: zh-CN or en." enum:"zh-CN,en" default:"zh-CN" env:"QIBAN_LANG"`
}

func (c *importCommand) Run(ctx context.Context, out io.Writer, errs errorStream) error {
	place := region.Code(c.As)
	if !place.Valid() {
		return usageError{fmt.Errorf("%q is no region code: six digits, or nine for a town", c.As)}
	}
	if !c.Template && c.File == "" {
		return usageError{errors.New("name the file to import, or ask for a --template")}
	}
	kind, err := kindNamed(c.Kind, "imported", func(k xfer.Kind) bool { return k.Import != nil })
	if err != nil {
		return err
	}
	if c.Template {
		return c.template(kind, out)
	}
	a, err := Open(ctx, c.Store, Options{Cache: importCache, ReadOnly: c.ReadOnly && c.DryRun})
	if err != nil {
		return err
	}
	defer func() { _ = a.Close() }()
	return c.run(ctx, a, a.transfer(kind), place, out, errs)
}

// importCache is the writer's page cache of an import in MiB: the hot pages of a
// register of a million enterprises.
const importCache = 112

// kindNamed is a kind as a command names it. It is asked before anything is
// opened: a name that is wrong, or an empty table, makes no data folder.
func kindNamed(name, done string, is func(xfer.Kind) bool) (xfer.Kind, error) {
	var names []string
	for _, k := range new(App).transfers() {
		if !is(k) {
			continue
		}
		if k.Table.Name == name {
			return k, nil
		}
		names = append(names, k.Table.Name)
	}
	return xfer.Kind{}, usageError{fmt.Errorf("%q is not a kind that can be %s; there are: %s", name, done, strings.Join(names, ", "))}
}

func (c *importCommand) template(kind xfer.Kind, out io.Writer) error {
	if c.File == "" {
		return xfer.Template(out, kind.Table, xfer.CSV, text.Lang(c.Lang))
	}
	return writeFile(c.File, func(w io.Writer) error {
		return xfer.Template(w, kind.Table, formatOf(c.File), text.Lang(c.Lang))
	})
}

// formatOf is the format that a file's name asks for: CSV unless it says XLSX.
func formatOf(name string) xfer.Format {
	if strings.EqualFold(filepath.Ext(name), ".xlsx") {
		return xfer.XLSX
	}
	return xfer.CSV
}

// writeFile writes a file of the operator's choice, which is whole or not there.
func writeFile(name string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+"-*")
	if err != nil {
		return err
	}
	if err := errors.Join(write(f), f.Close()); err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return os.Rename(f.Name(), name)
}

func (c *importCommand) run(ctx context.Context, a *App, kind xfer.Kind, place region.Code, out io.Writer, errs errorStream) error {
	f, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	about, err := f.Stat()
	if err != nil {
		return err
	}
	names, err := a.placeNames(ctx)
	if err != nil {
		return err
	}
	r, err := xfer.Open(f, about.Size(), kind.Table, xfer.Most(), names)
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }()
	if len(r.Header.Unknown) > 0 {
		fmt.Fprintln(out, "These columns are not known and were left alone: "+strings.Join(r.Header.Unknown, ", "))
	}
	imp, err := kind.Import(ctx, operator(place))
	if err != nil {
		return err
	}
	rejects := &rejectFile{name: c.rejectName(), reader: r, lang: text.Lang(c.Lang)}
	bar := newBar(errs)
	report, err := xfer.Run(ctx, r, imp, xfer.Plan{Dry: c.DryRun, Each: rejects.row, Progress: bar.show})
	bar.finish()
	if closing := rejects.close(); err == nil {
		err = closing
	}
	c.tell(out, report)
	if kind.Landed != nil && !c.DryRun && report.New+report.Changed > 0 {
		err = errors.Join(err, a.DB.Write(ctx, kind.Landed))
	}
	if err == nil && report.Rejected > 0 {
		err = &rejectedError{report.Rejected, rejects.name}
	}
	return err
}

func (c *importCommand) tell(out io.Writer, r xfer.Report) {
	dry := ""
	if c.DryRun {
		dry = " (nothing was written)"
	}
	fmt.Fprintf(out, "%d rows: %d new, %d changed, %d unchanged, %d rejected%s\n", r.Rows, r.New, r.Changed, r.Unchanged, r.Rejected, dry)
}

func (c *importCommand) rejectName() string {
	if c.Rejected != "" {
		return c.Rejected
	}
	ext := filepath.Ext(c.File)
	return strings.TrimSuffix(c.File, ext) + ".rejected" + ext
}

// rejectFile is the file of rejected rows, made when the first comes.
type rejectFile struct {
	name   string
	reader *xfer.Reader
	lang   text.Lang
	file   *os.File
	rows   *xfer.Rejects
}

func (f *rejectFile) row(r *xfer.Row) error {
	if r.Outcome != xfer.Rejected {
		return nil
	}
	if f.rows == nil {
		var err error
		if f.file, err = os.Create(f.name); err != nil {
			return err
		}
		if f.rows, err = xfer.NewRejects(f.file, f.reader, f.lang); err != nil {
			return err
		}
	}
	return f.rows.Row(r)
}

func (f *rejectFile) close() error {
	if f.rows == nil {
		return nil
	}
	return errors.Join(f.rows.Close(), f.file.Close())
}

// bar is the progress on a terminal, nothing elsewhere.
type bar struct{ *progressbar.ProgressBar }

func newBar(errs errorStream) bar {
	f, ok := errs.Writer.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return bar{}
	}
	return bar{progressbar.NewOptions(1000, progressbar.OptionSetWriter(f), progressbar.OptionSetWidth(40),
		progressbar.OptionClearOnFinish(), progressbar.OptionSetPredictTime(true))}
}

func (b bar) show(rows int64, share float64) {
	if b.ProgressBar != nil {
		b.Describe(fmt.Sprintf("%d rows", rows))
		_ = b.Set(int(share * 1000)) // a bar that cannot be drawn is no reason to stop
	}
}

func (b bar) finish() {
	if b.ProgressBar != nil {
		_ = b.Finish() // as above
	}
}
