// Command importing imports made enterprises into a fresh embedded database
// and says how long it took, with a profile if one is asked for:
//
//	go run ./bench/importing -n 1000000 -profile cpu.out
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime/pprof"
	"syscall"
	"time"

	"qiban.dev/qiban/bench/towns"
	"qiban.dev/qiban/internal/app"
	"qiban.dev/qiban/internal/testkit"
)

func main() {
	n := flag.Int("n", 100_000, "how many")
	seed := flag.Uint64("seed", 1, "the same seed makes the same file")
	profile := flag.String("profile", "", "file for a profile of the processors")
	flag.Parse()
	if err := run(*n, *seed, *profile); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(n int, seed uint64, profile string) error {
	folder, err := os.MkdirTemp("", "qiban-bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	data, file := filepath.Join(folder, "data"), filepath.Join(folder, "enterprises.csv")
	places, err := towns.Of(context.Background(), data)
	if err != nil {
		return err
	}
	out, err := os.Create(file) //nolint:gosec // in a folder of its own
	if err != nil {
		return err
	}
	if err := testkit.WriteEnterprises(out, n, seed, places); err != nil {
		return err
	}
	if err := out.Close(); err != nil {
		return err
	}
	if profile != "" {
		to, err := os.Create(profile) //nolint:gosec // whoever measures names it
		if err != nil {
			return err
		}
		if err := pprof.StartCPUProfile(to); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	began := time.Now()
	if code := app.Run(context.Background(), []string{"import", "enterprise", file, "--data", data}, os.Stdout, os.Stderr); code != 0 {
		return fmt.Errorf("import: exit code %d", code)
	}
	took := time.Since(began)
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		return err
	}
	fmt.Printf("%d enterprises in %s, %s of processor, at most %d MB\n", n, took.Round(time.Millisecond),
		(time.Duration(used.Utime.Nano()) + time.Duration(used.Stime.Nano())).Round(time.Millisecond), used.Maxrss>>10)
	return nil
}
