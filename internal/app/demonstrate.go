package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"qiban.dev/qiban/demo"
	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/config"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/account"
	"qiban.dev/qiban/internal/domain/engagement"
	"qiban.dev/qiban/internal/domain/guarantee"
	"qiban.dev/qiban/internal/domain/park"
	"qiban.dev/qiban/internal/domain/recognition"
	"qiban.dev/qiban/internal/domain/techplatform"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/region"
)

type demoCommand struct{ config.Store }

// Run loads the demonstration year into an empty database.
func (c *demoCommand) Run(ctx context.Context, out io.Writer) error {
	claim, err := db.Take(ctx, c.Source(), db.Alone, slog.Default())
	if err != nil {
		return err
	}
	defer func() { _ = claim.Release() }()
	a, err := Open(ctx, c.Store, Options{})
	if err != nil {
		return err
	}
	defer func() { _ = a.Close() }()
	empty, err := a.empty(ctx)
	if err != nil {
		return err
	}
	if !empty {
		return errors.New("there are records already; the demonstration loads into an empty database only")
	}
	return a.loadDemo(ctx, out)
}

// demonstrate loads the demonstration year when the database is empty, and says
// how to sign in.
func (a *App) demonstrate(ctx context.Context, out io.Writer) error {
	empty, err := a.empty(ctx)
	if err != nil {
		return err
	}
	if empty {
		if err := a.loadDemo(ctx, out); err != nil {
			return err
		}
	}
	if !a.demo.Load() {
		fmt.Fprintln(out, "The database holds other records, or a demonstration whose loading was interrupted: nothing was loaded.")
		return nil
	}
	fmt.Fprintf(out, "\nDemonstration sign-ins 演示账号 (password 密码: %s)\n", demo.Password)
	for _, s := range demo.SignIns() {
		fmt.Fprintf(out, "  %s  %s\n", s.Phone, s.Who)
	}
	fmt.Fprintln(out)
	return nil
}

// empty reports that nobody has an account yet.
func (a *App) empty(ctx context.Context) (bool, error) {
	n, err := a.Account.Count(ctx, authz.Unbounded("whether there is anybody at all"), account.PeopleFilter{})
	return n == 0, err
}

func (a *App) loadDemo(ctx context.Context, out io.Writer) error {
	began := time.Now()
	fmt.Fprintln(out, "Loading the demonstration year, Yancheng 2008 …")
	silent := a.guaranteeHooks()
	silent.Tell = nil // nobody is to be told today of what happened in 2008
	quiet := a.recognitionHooks()
	quiet.Notify = nil
	untold := a.techHooks()
	untold.Tell = nil
	books, err := guarantee.New(a.DB, a.Gate, a.Ledger, silent)
	if err != nil {
		return err
	}
	err = demo.Load(ctx, demo.World{
		Account: a.Account, Territory: a.Territory, Enterprise: a.Enterprise, Institution: a.Institution,
		Engagement: engagement.New(a.DB, a.Gate, a.Ledger, a.Flow, engagement.Hooks{}), Today: a.Engagement,
		Park:       park.New(a.DB, a.Gate, a.Ledger, a.Territory, park.Hooks{}),
		Technology: techplatform.New(a.DB, a.Gate, a.Ledger, a.Flow, untold), TechToday: a.Technology,
		Guarantee: books, Guarantees: a.Guarantee,
		Recognition: recognition.New(a.DB, a.Gate, a.Ledger, a.Flow, quiet), RecognitionToday: a.Recognition,
		Indicator: a.Indicator, Ledger: a.Ledger, Flow: a.Flow, Files: a.Files, Now: a.DB.Now(), Move: a.moveAll, Self: asking(),
		Clock: func(set func() time.Time) {
			if set == nil {
				a.clock.set.Store(nil)
				return
			}
			a.clock.set.Store(&set)
		},
		Say: func(words string) {
			fmt.Fprintf(out, "  %5.1f s  %s\n", time.Since(began).Seconds(), words)
		},
	})
	if err != nil {
		return err
	}
	if _, err := a.Search.Rebuild(ctx); err != nil {
		return err
	}
	done := &gate.Change{By: authz.System("demonstration", Seeding), Do: Seeding, On: authz.At(a.Place), Record: demonstration}
	if err := a.Gate.Write(ctx, done, func(context.Context, *db.Tx) error { return nil }); err != nil {
		return err
	}
	fmt.Fprintf(out, "  %5.1f s  done\n", time.Since(began).Seconds())
	return a.noticeDemo(ctx)
}

// moveAll gives every domain's records that lie exactly at a place its code of
// today.
func (a *App) moveAll(ctx context.Context, from, to region.Code) error {
	c := &gate.Change{
		By: authz.System("demonstration", Seeding), Do: Seeding, On: authz.At(a.Place),
		Record: gate.Record{Kind: "region", ID: string(from)}, Detail: map[string]any{"to": to},
	}
	return a.Gate.Write(ctx, c, func(ctx context.Context, tx *db.Tx) error {
		for _, move := range moves() {
			if err := move(ctx, tx, from, to); err != nil {
				return err
			}
		}
		return nil
	})
}
