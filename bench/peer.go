package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
)

// peer is a program to compare with, from bench/peers: it answers the question
// whose number it reads, and says how long that took.
type peer struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Scanner
}

// buildPeer builds bench/peers/<name> and returns the program.
func (b *bench) buildPeer(ctx context.Context, name string) (string, error) {
	to, err := filepath.Abs(filepath.Join(b.data, name))
	if err != nil {
		return "", err
	}
	build := exec.CommandContext(ctx, "go", "build", "-o", to, "./"+name) //nolint:gosec // names are this folder's
	build.Dir, build.Stderr = "bench/peers", os.Stderr
	return to, build.Run()
}

// startPeer starts the program and waits until it is ready.
func startPeer(ctx context.Context, program string, args ...string) (*peer, error) {
	cmd := exec.CommandContext(ctx, program, args...) //nolint:gosec // built by buildPeer
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p := &peer{cmd: cmd, in: in, out: bufio.NewScanner(out)}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	_, _, err = p.answer()
	return p, err
}

// ask puts a question and returns the milliseconds it took and the rows it gave.
func (p *peer) ask(question int) (ms float64, rows int, err error) {
	if _, err := fmt.Fprintln(p.in, question); err != nil {
		return 0, 0, err
	}
	return p.answer()
}

func (p *peer) answer() (ms float64, rows int, err error) {
	if !p.out.Scan() {
		return 0, 0, fmt.Errorf("the program compared with has ended: %w", io.ErrUnexpectedEOF)
	}
	var a struct {
		Nanos int64
		Rows  int
	}
	err = json.Unmarshal(p.out.Bytes(), &a)
	return float64(a.Nanos) / 1e6, a.Rows, err
}

func (p *peer) stop() error {
	_ = p.in.Close()
	return p.cmd.Wait()
}
