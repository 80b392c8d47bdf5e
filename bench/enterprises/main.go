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

	"qiban.dev/qiban/internal/app"
	"qiban.dev/qiban/internal/config"
	"qiban.dev/qiban/internal/region"
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
	ctx := context.Background()
	a, err := app.Open(ctx, config.Store{Data: folder}, app.Options{})
	if err != nil {
		return err
	}
	defer func() { _ = a.Close() }()
	tree, err := a.Territory.Tree(ctx)
	if err != nil {
		return err
	}
	const day = "2026-01-01"
	var towns []testkit.Town
	for _, t := range tree.Under("320900", region.Town, day) {
		towns = append(towns, testkit.Town{Code: string(t.Code), County: tree.Name(t.Code.Parent(), day), Name: t.Name})
	}
	return testkit.WriteEnterprises(w, n, seed, towns)
}
