package main

import (
	"context"
	"fmt"
	"time"

	"qiban.dev/qiban/internal/app"
	"qiban.dev/qiban/internal/config"
)

// rebuild makes all that is kept of the large world's facts anew: once with
// nothing there, and once where all of it is right already.
func rebuild(ctx context.Context, b *bench) (*Result, error) {
	folder, err := b.world(ctx)
	if err != nil {
		return nil, err
	}
	a, err := app.Open(ctx, config.Store{Data: folder}, app.Options{})
	if err != nil {
		return nil, err
	}
	defer func() { _ = a.Close() }()
	r := &Result{
		Title: fmt.Sprintf("Rebuild of %d facts", b.spec.Facts),
		What:  "`qiban ledger rebuild`: sums and bitmaps counted anew from the facts, beside everybody's reading and writing; nothing waits for it but other rollers.",
	}
	empty := Row{What: "with nothing kept", Unit: "s", Reach: "< 60 s"}
	right := Row{What: "when all is right already", Unit: "s"}
	cpu := Row{What: "with nothing kept, processor time of all threads", Unit: "s"}
	for range max(1, b.runs/3) {
		for _, table := range []string{"ledger_cell", "ledger_bitmap"} {
			if _, err := a.DB.Writer().ExecContext(ctx, "DELETE FROM "+table); err != nil {
				return nil, err
			}
		}
		for _, row := range []*Row{&empty, &right} {
			began, spent := time.Now(), processor()
			if err := a.Ledger.Rebuild(ctx, nil); err != nil {
				return nil, err
			}
			row.Runs = append(row.Runs, time.Since(began).Seconds())
			if row == &empty {
				cpu.Runs = append(cpu.Runs, processor()-spent)
			}
			b.tell("%s: %v", row.What, time.Since(began))
		}
	}
	r.Rows = []Row{empty, cpu, right}
	return r, nil
}
