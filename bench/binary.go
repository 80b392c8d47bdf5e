package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// buildArgs are those of make build.
var buildArgs = []string{"build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w"}

// buildProgram builds the program as make build does.
func (b *bench) buildProgram(ctx context.Context) (string, error) {
	to, err := filepath.Abs(filepath.Join(b.data, "qiban"))
	if err != nil {
		return "", err
	}
	return to, goBuild(ctx, to, "")
}

func goBuild(ctx context.Context, to, cache string) error {
	cmd := exec.CommandContext(ctx, "go", append(buildArgs, "-o", to, "./cmd/qiban")...) //nolint:gosec // fixed arguments
	cmd.Env, cmd.Stderr = append(os.Environ(), "CGO_ENABLED=0"), os.Stderr
	if cache != "" {
		cmd.Env = append(cmd.Env, "GOCACHE="+cache)
	}
	return cmd.Run()
}

// binary builds the program with an empty cache, and again after one line of a
// package that most others depend on has changed.
func binary(ctx context.Context, b *bench) (*Result, error) {
	cache, err := filepath.Abs(filepath.Join(b.data, "cold"))
	if err != nil {
		return nil, err
	}
	to := filepath.Join(b.data, "built")
	if err := os.RemoveAll(cache); err != nil {
		return nil, err
	}
	cold := Row{What: "cold build, modules downloaded", Unit: "s", Reach: "< 300 s"}
	again := Row{What: "after a line of internal/domain/engagement has changed", Unit: "s", Reach: "< 20 s"}
	began := time.Now()
	if err := goBuild(ctx, to, cache); err != nil {
		return nil, err
	}
	cold.Runs = []float64{time.Since(began).Seconds()}
	const file = "internal/domain/engagement/service.go"
	was, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.WriteFile(file, was, 0o644) }() //nolint:gosec // a source file as it was
	for n := range 3 {
		line := "\nfunc benchChange() int { return " + string(rune('1'+n)) + " }\n"
		if err := os.WriteFile(file, append(append([]byte{}, was...), line...), 0o644); err != nil { //nolint:gosec // a source file
			return nil, err
		}
		began := time.Now()
		if err := goBuild(ctx, to, cache); err != nil {
			return nil, err
		}
		again.Runs = append(again.Runs, time.Since(began).Seconds())
	}
	size, err := os.Stat(to)
	if err != nil {
		return nil, err
	}
	return &Result{
		Title: "The program itself",
		What:  "`go build -trimpath -ldflags \"-s -w\"` without cgo, as `make build` does, with every page, text, font and picture in it.",
		Rows: []Row{
			{What: "size, stripped", Unit: "MB", Reach: "< 60 MB", Runs: []float64{float64(size.Size()) / 1e6}}, cold, again,
		},
	}, nil
}
