package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"qiban.dev/qiban/bench/towns"
	"qiban.dev/qiban/internal/testkit"
)

// imports takes a register of enterprises from a CSV into a fresh database, and
// the same file once more.
func imports(ctx context.Context, b *bench) (*Result, error) {
	program, err := b.buildProgram(ctx)
	if err != nil {
		return nil, err
	}
	first := Row{What: "into an empty register", Unit: "s", Reach: "< 180 s"}
	cpu := Row{What: "into an empty register, processor time of all threads", Unit: "s"}
	most := Row{What: "most memory", Unit: "MB", Reach: "< 500 MB"}
	again := Row{What: "the same file once more: nothing changes", Unit: "s"}
	for run := range max(1, b.runs/3) {
		folder := filepath.Join(b.data, "imports")
		if err := os.RemoveAll(folder); err != nil {
			return nil, err
		}
		file, err := b.register(ctx, folder, uint64(run+1))
		if err != nil {
			return nil, err
		}
		for _, took := range []*Row{&first, &again} {
			cmd := exec.CommandContext(ctx, program, "import", "enterprise", file, "--data", filepath.Join(folder, "data")) //nolint:gosec // our own program
			began := time.Now()
			if out, err := cmd.CombinedOutput(); err != nil {
				return nil, fmt.Errorf("%w: %s", err, out)
			}
			took.Runs = append(took.Runs, time.Since(began).Seconds())
			used, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
			if ok && took == &first {
				cpu.Runs = append(cpu.Runs, (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds())
				most.Runs = append(most.Runs, float64(used.Maxrss)/1000)
			}
			b.tell("%s: %v", took.What, time.Since(began))
		}
		if err := os.RemoveAll(folder); err != nil {
			return nil, err
		}
	}
	return &Result{
		Title: fmt.Sprintf("Import of %d enterprises from CSV", b.spec.Enterprises),
		What: "`qiban import enterprise` on the embedded database: every credit code checked, exact duplicates found, every row with its history; " +
			"names that are alike are searched by a job afterwards. The memory is the largest resident set of the process.",
		Rows: []Row{first, cpu, most, again},
	}, nil
}

// register makes the file, for the places that the program ships.
func (b *bench) register(ctx context.Context, folder string, seed uint64) (file string, err error) {
	places, err := towns.Of(ctx, filepath.Join(folder, "data"))
	if err != nil {
		return "", err
	}
	file = filepath.Join(folder, "enterprises.csv")
	out, err := os.Create(file) //nolint:gosec // in the benchmarks' folder
	if err != nil {
		return "", err
	}
	return file, errors.Join(testkit.WriteEnterprises(out, b.spec.Enterprises, seed, places), out.Close())
}
