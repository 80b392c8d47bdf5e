package app

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/config"
	"qiban.dev/qiban/internal/domain/account"
	"qiban.dev/qiban/internal/region"
)

type rebuildCommand struct{ config.Store }

func (c *rebuildCommand) Run(ctx context.Context, out io.Writer) error {
	a, err := Open(ctx, c.Store, Options{})
	if err != nil {
		return err
	}
	defer func() { _ = a.Close() }()
	if err := a.Ledger.Rebuild(ctx, func(done, total int64) { fmt.Fprintf(out, "%d of %d facts\n", done, total) }); err != nil {
		return err
	}
	fmt.Fprintln(out, "The roll-ups were made anew.")
	return nil
}

type searchCommand struct{ config.Store }

func (c *searchCommand) Run(ctx context.Context, out io.Writer) error {
	a, err := Open(ctx, c.Store, Options{})
	if err != nil {
		return err
	}
	defer func() { _ = a.Close() }()
	n, err := a.Search.Rebuild(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "The search index was brought in line with the records; %d documents were changed.\n", n)
	return nil
}

type verifyCommand struct{ config.Store }

func (c *verifyCommand) Run(ctx context.Context, out io.Writer) error {
	a, err := Open(ctx, c.Store, Options{ReadOnly: c.ReadOnly})
	if err != nil {
		return err
	}
	defer func() { _ = a.Close() }()
	return a.verifyLedger(ctx, out)
}

func (a *App) verifyLedger(ctx context.Context, out io.Writer) error {
	report, err := a.Ledger.Verify(ctx)
	if err != nil {
		return err
	}
	if !report.OK() {
		fmt.Fprintf(out, "%+v\n", report)
		return errors.New("the roll-ups differ from the facts; run: qiban ledger rebuild")
	}
	fmt.Fprintln(out, "ledger: the roll-ups agree with the facts")
	return nil
}

type userCommand struct {
	config.Store
	config.Secrets
	Login  string `arg:"" help:"Phone number or e-mail address."`
	Name   string `help:"Display name." required:""`
	Role   string `help:"A role over a region: centre-staff, official, system-administrator, security-administrator, audit-administrator." required:""`
	Region string `help:"Where the role holds." default:"320900"`
}

func (c *userCommand) Run(ctx context.Context, out io.Writer) error {
	if err := changing(c.Store); err != nil { // before a secret is made
		return err
	}
	key, err := c.Secret(c.Store)
	if err != nil {
		return err
	}
	a, err := Open(ctx, c.Store, Options{Key: key, Place: region.Code(c.Region)})
	if err != nil {
		return err
	}
	defer func() { _ = a.Close() }()
	password, err := bufio.NewReader(os.Stdin).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	person := account.NewPerson{
		Name: c.Name, Region: region.Code(c.Region), Password: strings.TrimRight(password, "\r\n"),
		Grants: []account.Grant{{Role: c.Role, Region: region.Code(c.Region)}},
	}
	if strings.Contains(c.Login, "@") {
		person.Email = c.Login
	} else {
		person.Phone = c.Login
	}
	id, err := a.Account.Provision(ctx, authz.System("command line", account.Create, account.Give), person)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "Made the account %s.\n", id)
	return nil
}
