package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"qiban.dev/qiban/bench/world"
	"qiban.dev/qiban/internal/app"
	"qiban.dev/qiban/internal/config"
	"qiban.dev/qiban/internal/ledger"
)

// question is one that the ledger and DuckDB are both asked; the number is
// DuckDB's, see bench/peers/duckdb.
type question struct {
	what, reach string
	number      int
	query       ledger.Query
	slow        bool // some minutes on a busy machine: fewer runs
}

func questions() []question {
	year := func(measure string, by ...string) ledger.Query {
		return ledger.Query{Measure: measure, Region: world.City, From: "2024-01-01", To: "2024-12-31", By: by}
	}
	decade := year("engagement.enterprises", "county", "month")
	decade.From, decade.To = "2016-01-01", "2025-12-31"
	return []question{
		{"deliveries of a year by county, theme and month", "≤ 25 ms", 0, year("engagement.deliveries", "county", "theme", "month"), false},
		{"different enterprises by county and month of a decade", "≤ 2 ms", 1, decade, false},
		{"different enterprises of the city in a year", "", 2, year("engagement.enterprises"), false},
		{"enterprises on the register at a year's end, by county and size", "", 3, year("enterprise.registered", "county", "size"), true},
	}
}

// figures reads figures over the large world, and asks DuckDB the same.
func figures(ctx context.Context, b *bench) (*Result, error) {
	folder, err := b.world(ctx)
	if err != nil {
		return nil, err
	}
	program, err := b.buildPeer(ctx, "duckdb")
	if err != nil {
		return nil, err
	}
	duck, err := startPeer(ctx, program, filepath.Join(folder, world.CSV), filepath.Join(folder, "facts.duckdb"))
	if err != nil {
		return nil, err
	}
	defer func() { _ = duck.stop() }()
	r := &Result{
		Title: fmt.Sprintf("Figures over %d facts", b.spec.Facts),
		What: fmt.Sprintf("%d facts of ten years and twelve counties with 180 towns, %d of them enterprises on the register, in the program's SQLite database; "+
			"read through `Ledger.Read`, as pages do. DuckDB v1.1.3 (go-duckdb v1.8.5) has the same facts in its own table and computes them at each asking, on all cores. "+
			"\"First\" is the first asking in a new process, with the file in the system's cache; the others are asked again and again.",
			b.spec.Facts, b.spec.Enterprises),
	}
	for _, q := range questions() {
		row := Row{What: q.what, Unit: "ms", Reach: q.reach, Peer: "DuckDB"}
		first := Row{What: q.what + ", first", Unit: "ms"}
		firsts := 3
		if q.slow {
			firsts = 1
		}
		for range firsts {
			ms, err := oneReading(ctx, folder, q, &row, 0)
			if err != nil {
				return nil, err
			}
			first.Runs = append(first.Runs, ms)
		}
		if err := b.alternate(ctx, folder, q, &row, duck); err != nil {
			return nil, err
		}
		b.tell("%s: %v ms, DuckDB %v ms, first %v ms", q.what, row.Runs, row.Peers, first.Runs)
		r.Rows = append(r.Rows, row, first)
	}
	r.Notes = append(r.Notes, "Levels (the register at a date) are not rolled up: each reading looks up the newest fact of every subject in the place asked for. "+
		"Over a city's register of a million that takes seconds; a county's takes its share. It remains to be done.")
	size, err := os.Stat(filepath.Join(folder, "qiban.db"))
	if err != nil {
		return nil, err
	}
	r.Rows = append(r.Rows, Row{
		What: "database, all told", Unit: "bytes per fact", Runs: []float64{float64(size.Size()) / float64(b.spec.Facts)},
	})
	return r, nil
}

// oneReading asks in a program just opened, and then again so often as warm says.
func oneReading(ctx context.Context, folder string, q question, row *Row, warm int) (first float64, err error) {
	a, err := app.Open(ctx, config.Store{Data: folder}, app.Options{})
	if err != nil {
		return 0, err
	}
	defer func() { _ = a.Close() }()
	if first, _, err = read(ctx, a, q.query); err != nil {
		return 0, err
	}
	for range warm {
		ms, _, err := read(ctx, a, q.query)
		if err != nil {
			return 0, err
		}
		row.Runs = append(row.Runs, ms)
	}
	return first, nil
}

func read(ctx context.Context, a *app.App, q ledger.Query) (ms float64, rows int, err error) {
	began := time.Now()
	cells, err := a.Ledger.Read(ctx, a.DB, q)
	return float64(time.Since(began).Nanoseconds()) / 1e6, len(cells), err
}

func (b *bench) alternate(ctx context.Context, folder string, q question, row *Row, duck *peer) error {
	a, err := app.Open(ctx, config.Store{Data: folder}, app.Options{})
	if err != nil {
		return err
	}
	defer func() { _ = a.Close() }()
	if _, _, err := read(ctx, a, q.query); err != nil {
		return err
	}
	if _, _, err := duck.ask(q.number); err != nil {
		return err
	}
	runs := b.runs
	if q.slow {
		runs = 1
	}
	for range runs {
		ours, rows, err := read(ctx, a, q.query)
		if err != nil {
			return err
		}
		theirs, same, err := duck.ask(q.number)
		if err != nil {
			return err
		}
		if rows != same {
			return fmt.Errorf("%s: %d rows here, %d in DuckDB", q.what, rows, same)
		}
		row.Runs, row.Peers = append(row.Runs, ours), append(row.Peers, theirs)
	}
	return nil
}
