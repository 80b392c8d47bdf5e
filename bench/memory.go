package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// address is where the program listens while its memory is looked at.
const address = "127.0.0.1:18099"

// memory looks at the resident memory of the program that serves the
// demonstration year, and the large world.
func memory(ctx context.Context, b *bench) (*Result, error) {
	program, err := b.buildProgram(ctx)
	if err != nil {
		return nil, err
	}
	folder, err := b.world(ctx)
	if err != nil {
		return nil, err
	}
	r := &Result{
		Title: "Resident memory",
		What: "`VmRSS` of `qiban serve` (stripped, no settings of the Go runtime) from /proc: ten seconds after the start, and half a minute after 300 requests for public pages, " +
			"8 at a time. The demonstration year is loaded by an earlier start.",
	}
	for _, c := range []struct{ what, folder, reach string }{
		{"demonstration year", filepath.Join(b.data, "demonstration"), "< 80 MB"},
		{fmt.Sprintf("%d enterprises, %d facts", b.spec.Enterprises, b.spec.Facts), folder, "< 250 MB"},
	} {
		idle := Row{What: c.what + ", idle", Unit: "MB", Reach: c.reach}
		after := Row{What: c.what + ", after requests", Unit: "MB"}
		peak := Row{What: c.what + ", most", Unit: "MB"}
		if c.folder != folder {
			if err := exec.CommandContext(ctx, program, "demo", "--data", c.folder).Run(); err != nil { //nolint:gosec // our own program
				b.tell("demonstration: %v (loaded before?)", err)
			}
		}
		for range 3 {
			one, err := resides(ctx, program, c.folder)
			if err != nil {
				return nil, err
			}
			idle.Runs, after.Runs, peak.Runs = append(idle.Runs, one[0]), append(after.Runs, one[1]), append(peak.Runs, one[2])
		}
		r.Rows = append(r.Rows, idle, after, peak)
	}
	return r, nil
}

func resides(ctx context.Context, program, folder string) (mb [3]float64, err error) {
	cmd := exec.CommandContext(ctx, program, "serve", "--data", folder, "--addr", address) //nolint:gosec // our own program
	if err := cmd.Start(); err != nil {
		return mb, err
	}
	defer func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
	}()
	for try := 0; ; try++ {
		if err := get(ctx, "/"); err == nil {
			break
		} else if try == 300 {
			return mb, err
		}
		time.Sleep(200 * time.Millisecond)
	}
	time.Sleep(10 * time.Second)
	mb[0], _ = resident(cmd.Process.Pid)
	if err := requests(ctx); err != nil {
		return mb, err
	}
	time.Sleep(30 * time.Second)
	mb[1], mb[2] = resident(cmd.Process.Pid)
	return mb, nil
}

func requests(ctx context.Context) error {
	failed := make(chan error, 8)
	for range 8 {
		go func() {
			var err error
			for i := 0; i < 40 && err == nil; i++ {
				err = get(ctx, []string{"/", "/services", "/definitions"}[i%3])
			}
			failed <- err
		}()
	}
	var first error
	for range 8 {
		if err := <-failed; first == nil {
			first = err
		}
	}
	return first
}

func get(ctx context.Context, path string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+path, nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, res.Body)
	if closing := res.Body.Close(); err == nil {
		err = closing
	}
	return err
}
