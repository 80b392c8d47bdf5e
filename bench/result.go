package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Result is what one benchmark found.
type Result struct {
	Title   string
	What    string // what was done, and how
	Machine Machine
	At      string
	Rows    []Row
	Notes   []string // what was not reached, and why
}

// Row is one thing measured: every run of it, and of a peer's when there is one.
type Row struct {
	What  string
	Unit  string
	Reach string // what was to be reached
	Runs  []float64
	Peer  string
	Peers []float64
}

func (r *Result) save(name string) error {
	if err := os.MkdirAll(results, 0o755); err != nil { //nolint:gosec // a folder of the repository
		return err
	}
	raw, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(results, name+".json"), append(raw, '\n'), 0o644) //nolint:gosec // a file of the repository
}

func loadResult(name string) (*Result, error) {
	raw, err := os.ReadFile(filepath.Join(results, name+".json")) //nolint:gosec // names are this folder's
	if err != nil {
		return nil, err
	}
	var r Result
	return &r, json.Unmarshal(raw, &r)
}

// markdown is the benchmark's chapter of the report.
func (r *Result) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "## %s\n\n%s\n\n%s\n\n", r.Title, r.What, r.Machine.line(r.At))
	b.WriteString("| measured | unit | to reach | min | median | max | compared with | median there | ratio of medians |\n")
	b.WriteString("| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n")
	for _, row := range r.Rows {
		peer, ratio := "", ""
		if len(row.Peers) > 0 {
			peer = number(median(row.Peers))
			times := median(row.Peers) / median(row.Runs)
			if strings.HasSuffix(row.Unit, "/s") { // more is better
				times = 1 / times
			}
			ratio = number(times) + "×"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %s | %s | %s |\n", row.What, row.Unit, row.Reach,
			number(slices.Min(row.Runs)), number(median(row.Runs)), number(slices.Max(row.Runs)), row.Peer, peer, ratio)
	}
	b.WriteString("\nAll runs, in the order they were made:\n\n")
	for _, row := range r.Rows {
		fmt.Fprintf(&b, "- %s (%s): %s", row.What, row.Unit, list(row.Runs))
		if len(row.Peers) > 0 {
			fmt.Fprintf(&b, "; %s: %s", row.Peer, list(row.Peers))
		}
		b.WriteString("\n")
	}
	if len(r.Notes) > 0 {
		b.WriteString("\n")
	}
	for _, note := range r.Notes {
		b.WriteString(note + "\n\n")
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

func median(runs []float64) float64 {
	sorted := slices.Sorted(slices.Values(runs))
	if n := len(sorted); n%2 == 0 {
		return (sorted[n/2-1] + sorted[n/2]) / 2
	}
	return sorted[len(sorted)/2]
}

// quantile is the value that the share p of the runs does not exceed.
func quantile(runs []float64, p float64) float64 {
	sorted := slices.Sorted(slices.Values(runs))
	return sorted[min(len(sorted)-1, int(p*float64(len(sorted))))]
}

// number writes three significant digits.
func number(v float64) string {
	switch {
	case v >= 100 || v == float64(int64(v)):
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	case v >= 1:
		return fmt.Sprintf("%.2f", v)
	default:
		return fmt.Sprintf("%.3g", v)
	}
}

func list(runs []float64) string {
	words := make([]string, len(runs))
	for i, v := range runs {
		words[i] = number(v)
	}
	return strings.Join(words, ", ")
}

// preface stands before the chapters.
//
// The report names every run and does not choose among them.
const preface = `# Performance

<!-- Written by ` + "`go run ./bench -write docs/performance.md`" + ` from bench/results; do not edit. -->

What was measured, on which machine, and every run of it. Nothing here is asserted by a test: a clock on a busy machine proves nothing.
Measure again with ` + "`make bench`" + ` (some gigabytes of disk, half an hour); ` + "`bench/`" + ` has one small file for each chapter, and ` + "`bench/peers/`" + ` the programs compared, built from their own modules at exact versions.
A load well above the number of cores says that the machine was shared: then times are what a waiting program saw, and processor time is what the work itself took.
Runs of the program and of the one it is compared with alternate. A ratio above 1 says that the program is so many times as quick.

`

// report writes the chapters of all results that there are.
func report(file string) error {
	var text strings.Builder
	text.WriteString(preface)
	for _, m := range benchmarks() {
		r, err := loadResult(m.name)
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			return err
		}
		text.WriteString(r.markdown() + "\n")
	}
	return os.WriteFile(file, []byte(strings.TrimRight(text.String(), "\n")+"\n"), 0o644) //nolint:gosec // a document
}
