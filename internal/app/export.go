package app

import (
	"context"
	"fmt"
	"io"

	"qiban.dev/qiban/internal/config"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/text"
	"qiban.dev/qiban/internal/xfer"
)

type exportCommand struct {
	config.Store
	Kind     string `arg:"" help:"What is exported, such as enterprise; with no such kind, all kinds are listed."`
	Region   string `help:"Region code: that place and everything in it." default:"320900" env:"QIBAN_PLACE"`
	Year     int    `help:"The year, for tables that have years." env:"QIBAN_EXPORT_YEAR"`
	Format   string `help:"csv or xlsx; that of --out when it says." enum:"csv,xlsx,auto" default:"auto" env:"QIBAN_EXPORT_FORMAT"`
	Out      string `help:"File to write; standard output unless told." env:"QIBAN_EXPORT_OUT" type:"path"`
	Contacts bool   `help:"With the persons to speak to. The trail of every record says that they were read." env:"QIBAN_EXPORT_CONTACTS"`
	Lang     string `help:"Language of headings and choices: zh-CN or en." enum:"zh-CN,en" default:"zh-CN" env:"QIBAN_LANG"`
}

func (c *exportCommand) Run(ctx context.Context, out io.Writer) error {
	place := region.Code(c.Region)
	if !place.Valid() {
		return usageError{fmt.Errorf("%q is no region code: six digits, or nine for a town", c.Region)}
	}
	kind, err := kindNamed(c.Kind, "exported", func(k xfer.Kind) bool { return k.Export != nil })
	if err != nil {
		return err
	}
	a, err := Open(ctx, c.Store, Options{ReadOnly: !c.Contacts}) // that contacts were read is written down
	if err != nil {
		return err
	}
	defer func() { _ = a.Close() }()
	kind = a.transfer(kind)
	format := xfer.Format(c.Format)
	if c.Format == "auto" {
		format = formatOf(c.Out)
	}
	write := func(w io.Writer) error {
		filter := xfer.Filter{Region: place, Year: c.Year, Lang: text.Lang(c.Lang), Contacts: c.Contacts}
		return kind.Write(ctx, w, operator(place), filter, format)
	}
	if c.Out == "" {
		return write(out)
	}
	return writeFile(c.Out, write)
}
