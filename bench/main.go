// Command bench measures the program and the programs it is compared with, and
// writes what it found: every run, with the machine. It is started by hand,
// never by make test, and nothing depends on what it measures.
//
//	go run ./bench -data /var/tmp/bench                     everything that is here
//	go run ./bench -data /var/tmp/bench -only figures       one of them
//	go run ./bench -write docs/performance.md               the report, from bench/results
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"time"

	"qiban.dev/qiban/bench/world"
)

// benchmark is one measurement: a file of this folder each. Its result is kept
// in bench/results/<name>.json, from which the report is written.
type benchmark struct {
	name string
	run  func(ctx context.Context, b *bench) (*Result, error)
}

// benchmarks are in the order of the report.
func benchmarks() []benchmark {
	return []benchmark{
		{"figures", figures},
		{"rebuild", rebuild},
		{"deliveries", deliveries},
		{"search", searches},
		{"pages", pages},
		{"overload", overload},
		{"imports", imports},
		{"memory", memory},
		{"binary", binary},
	}
}

// bench is what the benchmarks share.
type bench struct {
	data    string // where worlds and databases are made
	spec    world.Spec
	runs    int
	seconds int
}

func (b *bench) tell(format string, args ...any) {
	fmt.Fprintf(os.Stderr, time.Now().Format("15:04:05 ")+format+"\n", args...)
}

// world is the folder of the large world, made when it is not there yet.
func (b *bench) world(ctx context.Context) (string, error) {
	folder := filepath.Join(b.data, fmt.Sprintf("world-%d", b.spec.Facts))
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", err
	}
	return folder, b.spec.Fill(ctx, folder, func(what string) { b.tell("%s", what) })
}

const results = "bench/results"

func main() {
	b := &bench{spec: world.Spec{Seed: 1}}
	flag.StringVar(&b.data, "data", filepath.Join(os.TempDir(), "qiban-bench"), "folder for databases, some gigabytes")
	flag.IntVar(&b.spec.Facts, "facts", 10_000_000, "facts of the large world")
	flag.IntVar(&b.spec.Enterprises, "enterprises", 1_000_000, "enterprises of the large world")
	flag.IntVar(&b.runs, "runs", 9, "runs of each measurement")
	flag.IntVar(&b.seconds, "seconds", 60, "how long load is kept up")
	only := flag.String("only", "", "names of benchmarks, separated by commas")
	write := flag.String("write", "", "write the report to this file instead of measuring")
	bytes := flag.Int("serve-bytes", 0, "serve so many bytes from memory; benchmarks start themselves so")
	flag.Parse()
	if *bytes > 0 {
		fmt.Fprintln(os.Stderr, serveBytes(*bytes))
		os.Exit(1)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := b.main(ctx, *only, *write); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		stop()
		os.Exit(1) //nolint:gocritic // stop was called
	}
}

func (b *bench) main(ctx context.Context, only, write string) error {
	if write != "" {
		return report(write)
	}
	if err := os.MkdirAll(b.data, 0o700); err != nil {
		return err
	}
	for _, m := range benchmarks() {
		if only != "" && !strings.Contains(","+only+",", ","+m.name+",") {
			continue
		}
		b.tell("%s", m.name)
		before := machine()
		r, err := m.run(ctx, b)
		if err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
		r.Machine, r.At = before, time.Now().UTC().Format("2006-01-02 15:04")
		r.Machine.LoadAfter = load()
		if err := r.save(m.name); err != nil {
			return err
		}
		b.tell("%s\n%s", m.name, r.markdown())
	}
	return nil
}
