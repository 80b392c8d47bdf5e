// Command enterprises writes made enterprises as CSV, to measure an import:
//
//	go run ./bench/enterprises -n 1000000 > enterprises.csv
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"

	"qiban.dev/qiban/bench/towns"
	"qiban.dev/qiban/internal/testkit"
)

func main() {
	n := flag.Int("n", 1_000_000, "how many")
	seed := flag.Uint64("seed", 1, "the same seed writes the same file")
	flag.Parse()
	if err := run(os.Stdout, *n, *seed); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run takes the towns from a database of its own, which it throws away.
func run(w io.Writer, n int, seed uint64) error {
	folder, err := os.MkdirTemp("", "qiban-bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	places, err := towns.Of(context.Background(), folder)
	if err != nil {
		return err
	}
	return testkit.WriteEnterprises(w, n, seed, places)
}
