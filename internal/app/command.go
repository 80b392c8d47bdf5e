package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"qiban.dev/qiban/internal/config"
	"qiban.dev/qiban/internal/domain/yearbook"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/text"
)

// The program's exit codes.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
	exitSome   = 3 // done, but some rows were rejected
)

// commands are the program's commands, as kong reads them.
type commands struct {
	Serve    serveCommand    `cmd:"" help:"Serve the portal and the workbench."`
	Demo     demoCommand     `cmd:"" help:"Load the demonstration year (Yancheng 2008) into an empty database."`
	Import   importCommand   `cmd:"" help:"Bring in a table from a CSV or XLSX file: good rows land, the others come back with the reasons."`
	Export   exportCommand   `cmd:"" help:"Write a table as CSV or XLSX."`
	Yearbook yearbookCommand `cmd:"" help:"Write a year's chapter from the ledger."`
	Ledger   struct {
		Rebuild rebuildCommand `cmd:"" help:"Make the roll-ups anew from the facts."`
		Verify  verifyCommand  `cmd:"" help:"Check the roll-ups against the facts."`
	} `cmd:"" help:"Look after the counting ledger."`
	Search struct {
		Rebuild searchCommand `cmd:"" help:"Bring the search index in line with the records."`
	} `cmd:"" help:"Look after the search index."`
	Backup  backupCommand  `cmd:"" help:"Write everything into one archive, beside a running server."`
	Restore restoreCommand `cmd:"" help:"Fill an empty folder or database from an archive of either kind."`
	Migrate migrateCommand `cmd:"" help:"Bring the database up to this program's version."`
	Doctor  doctorCommand  `cmd:"" help:"Check the schema, the audit trail and the ledger."`
	User    struct {
		Add userCommand `cmd:"" help:"Make an account and give it a role; the password is read from standard input."`
	} `cmd:"" help:"Look after accounts."`
	OpenAPI openapiCommand `cmd:"" name:"openapi" help:"Print the specification of the API."`
	Gallery galleryCommand `cmd:"" help:"Show every component of the pages in every state."`
}

// Main runs the program and returns its exit code: 0 done, 1 failed, 2 the
// command was not understood, 3 done but for some rows of an import.
func Main(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	return Run(ctx, args, os.Stdout, os.Stderr)
}

// Run is Main with its streams named.
func Run(ctx context.Context, args []string, out, errs io.Writer) int {
	slog.SetDefault(slog.New(slog.NewTextHandler(errs, nil)))
	var c commands
	code := -1
	parser, err := kong.New(&c,
		kong.Name("qiban"), kong.Description("企伴 Qiban: the software of a city's SME service system."),
		kong.Writers(out, errs), kong.Exit(func(n int) { code = n }),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.BindTo(out, (*io.Writer)(nil)),
		kong.Bind(errorStream{errs}))
	if err != nil {
		fmt.Fprintln(errs, err)
		return exitFailed
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	k, err := parser.Parse(args)
	if code >= 0 {
		return code // --help said it all
	}
	if err != nil {
		fmt.Fprintf(errs, "qiban: %v\nRun \"qiban --help\" for the commands and what they take.\n", err)
		return exitUsage
	}
	if err := k.Run(); err != nil {
		fmt.Fprintln(errs, "qiban: "+inWords(err))
		if _, ok := errors.AsType[usageError](err); ok {
			return exitUsage
		}
		if _, ok := errors.AsType[*rejectedError](err); ok {
			return exitSome
		}
		return exitFailed
	}
	return exitOK
}

// errorStream is where what is not a command's result goes.
type errorStream struct{ io.Writer }

// usageError is a command that was understood but cannot be meant.
type usageError struct{ error }

// inWords is an error as an operator reads it.
func inWords(err error) string {
	var f *fault.Error
	if errors.As(err, &f) && f.Key != "" {
		var words strings.Builder
		words.WriteString(text.En.T(f.Key, f.Args...))
		for _, b := range f.Fields {
			words.WriteString("\n  " + b.Name + ": " + text.En.T(b.Key, b.Args...))
		}
		if f.Cause != nil {
			words.WriteString(" (" + f.Cause.Error() + ")")
		}
		return words.String()
	}
	return err.Error()
}

type yearbookCommand struct {
	config.Store
	Region string `help:"Region code, such as 320900 or 320924." default:"320900"`
	Year   int    `help:"The year." required:""`
	Format string `help:"md, html or json." enum:"md,html,json" default:"md"`
	Lang   string `help:"zh-CN or en." enum:"zh-CN,en" default:"zh-CN"`
}

func (c *yearbookCommand) Run(ctx context.Context, out io.Writer) error {
	place := region.Code(c.Region)
	if !place.Valid() {
		return usageError{fmt.Errorf("%q is no region code: six digits, or nine for a town", c.Region)}
	}
	a, err := Open(ctx, c.Store, Options{ReadOnly: c.ReadOnly})
	if err != nil {
		return err
	}
	defer func() { _ = a.Close() }()
	chapter, err := a.Yearbook.Draft(ctx, place, c.Year, text.Lang(c.Lang))
	if err != nil {
		return err
	}
	return chapter.Write(out, yearbook.Format(c.Format))
}

type migrateCommand struct{ config.Store }

func (c *migrateCommand) Run(ctx context.Context, out io.Writer) error {
	a, err := Open(ctx, c.Store, Options{})
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "The database is up to date.")
	return a.Close()
}
