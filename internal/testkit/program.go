package testkit

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Program is the real binary, serving (运行中的程序).
type Program struct {
	URL string // without a slash at its end

	log  *noted
	cmd  *exec.Cmd
	read chan struct{} // closed when all it says has been read
	over bool          // it was killed
	woes bool          // it may complain
}

// How long the program may take to build, to fill a database, to answer and to
// end, on a machine with much else to do.
const (
	buildLong  = 5 * time.Minute
	loadLong   = 8 * time.Minute
	answerLong = time.Minute
	endLong    = 30 * time.Second
)

// Serve builds the program once and starts it on the source, as db.Open takes
// it, and waits until it answers. It listens on a free port of this machine and
// is told to end after the test, which fails when the program does not end well.
// args are further arguments of qiban serve.
func Serve(t testing.TB, source string, args ...string) *Program {
	t.Helper()
	begun := append([]string{"serve", "--addr", "localhost:0"}, Stored(source)...)
	if elsewhere(source) { // a folder keeps its secret by itself
		begun = append(begun, "--secret-file", filepath.Join(t.TempDir(), "secret"))
	}
	args = append(begun, args...)
	return begin(t, binary(t), args)
}

// Again starts the program anew, with the same arguments.
func (p *Program) Again(t testing.TB) *Program {
	t.Helper()
	return begin(t, p.cmd.Path, p.cmd.Args[1:])
}

// Command is a command of the program on a source, as db.Open takes it, ready
// to be started: for tests that end it before it is done.
func Command(t testing.TB, source string, args ...string) *exec.Cmd {
	t.Helper()
	return exec.CommandContext(t.Context(), binary(t), append(args, Stored(source)...)...)
}

func begin(t testing.TB, binary string, args []string) *Program {
	t.Helper()
	p := &Program{log: new(noted), cmd: exec.Command(binary, args...), read: make(chan struct{})}
	p.cmd.Stderr = p.log
	out, err := p.cmd.StdoutPipe()
	if err == nil {
		err = p.cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	at := make(chan string, 1)
	go func() { defer close(p.read); p.listen(out, at) }()
	t.Cleanup(func() { p.end(t) })
	select {
	case p.URL = <-at:
	case <-p.read:
		t.Fatalf("the program ended before it listened:\n%s", p.Log())
	case <-time.After(answerLong):
		t.Fatalf("the program did not say where it listens:\n%s", p.Log())
	}
	p.answers(t)
	return p
}

// ServeDemo serves the demonstration year in a folder of the test. Loading it
// takes most of a minute and happens once in a test process.
func ServeDemo(t testing.TB, args ...string) *Program {
	t.Helper()
	return Serve(t, DemoFolder(t), append([]string{"--demo"}, args...)...)
}

// DemoEnv names the variable with a folder made by qiban demo, which is copied
// then instead of loading the year anew: quicker while a story is being written.
const DemoEnv = "QIBAN_TEST_DEMO"

// DemoFolder is a data folder of the test with the demonstration year in it.
func DemoFolder(t testing.TB) string {
	t.Helper()
	if made := os.Getenv(DemoEnv); made != "" {
		folder := filepath.Join(t.TempDir(), "data")
		if err := os.CopyFS(folder, os.DirFS(made)); err != nil {
			t.Fatal(err)
		}
		return folder
	}
	return preparedFolder(t, demonstration, loadDemo(binary(t)))
}

// EachDemo runs fn as a subtest on a copy of the demonstration year on either
// database.
func EachDemo(t *testing.T, fn func(t *testing.T, source string)) {
	t.Helper()
	EachPrepared(t, demonstration, loadDemo(binary(t)), fn)
}

const demonstration = "demonstration"

func loadDemo(binary string) func(ctx context.Context, source string) error {
	return func(ctx context.Context, source string) error {
		ctx, cancel := context.WithTimeout(ctx, loadLong)
		defer cancel()
		out, err := exec.CommandContext(ctx, binary, append([]string{"demo"}, Stored(source)...)...).CombinedOutput()
		if err != nil {
			return fmt.Errorf("qiban demo: %w\n%s", err, out)
		}
		return nil
	}
}

// ProgramEnv names the variable with a program that is built already, such as the
// one to be released; tests then start it instead of building their own.
const ProgramEnv = "QIBAN_TEST_PROGRAM"

// binary is the program, built once in a test process and given to the test in
// a folder of its own.
func binary(t testing.TB) string {
	t.Helper()
	if built := os.Getenv(ProgramEnv); built != "" {
		return built
	}
	dir := preparedFolder(t, "program", func(ctx context.Context, dir string) error {
		ctx, cancel := context.WithTimeout(ctx, buildLong)
		defer cancel()
		cmd := exec.CommandContext(ctx, "go", "build", "-o", filepath.Join(dir, "qiban"), "./cmd/qiban")
		cmd.Dir = Root()
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("go build: %w\n%s", err, out)
		}
		return nil
	})
	file := filepath.Join(dir, "qiban")
	if err := os.Chmod(file, 0o700); err != nil {
		t.Fatal(err)
	}
	return file
}

// Root is the folder of this repository.
func Root() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Dir(filepath.Dir(filepath.Dir(file)))
}

// Log is what the program has written for its operator so far.
func (p *Program) Log() string { return p.log.String() }

// listen reads what the program says, and tells where it serves.
func (p *Program) listen(out io.Reader, at chan<- string) {
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if _, url, ok := strings.Cut(lines.Text(), " is at "); ok && strings.HasPrefix(url, "http") {
			at <- strings.TrimSuffix(strings.TrimSpace(url), "/")
		}
	}
}

// answers waits until the home page, or the page that says there is none, comes.
func (p *Program) answers(t testing.TB) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), answerLong)
	defer cancel()
	for {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, p.URL+"/", nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(r)
		if err == nil {
			_ = res.Body.Close()
			return
		}
		if ctx.Err() != nil {
			t.Fatalf("the program does not answer: %v\n%s", err, p.Log())
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// Pid is the program's process.
func (p *Program) Pid() int { return p.cmd.Process.Pid }

// MayComplain tells the test that something goes wrong on purpose: errors in the
// program's log do not fail it, a panic still does.
func (p *Program) MayComplain() *Program {
	p.woes = true
	return p
}

// Kill ends the program at once, with no chance to finish anything (kill -9).
func (p *Program) Kill() {
	p.over = true
	_ = p.cmd.Process.Kill()
	<-p.read
	_ = p.cmd.Wait() // it says that it was killed
}

// Stop ends the program as an operator does, and reports what it had to complain of.
func (p *Program) Stop(t testing.TB) {
	t.Helper()
	p.end(t)
}

// end asks the program to stop and reports what it had to complain of.
func (p *Program) end(t testing.TB) {
	if p.over {
		return
	}
	p.over = true
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	late := time.AfterFunc(endLong, func() { _ = p.cmd.Process.Kill() })
	<-p.read // Wait closes the pipe, so everything must be read before
	err := p.cmd.Wait()
	if !late.Stop() {
		err = errors.Join(errors.New("it did not end in time and was killed"), err)
	}
	if err != nil {
		t.Errorf("the program did not end well: %v", err)
	}
	for line := range strings.Lines(p.Log()) {
		if !p.woes && strings.Contains(line, "level=ERROR") || strings.HasPrefix(line, "panic:") {
			t.Errorf("the program complains: %s", strings.TrimSpace(line))
		}
	}
	if t.Failed() {
		t.Logf("the end of the program's log:\n%s", lastLines(p.Log(), 30))
	}
}

func lastLines(s string, n int) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

// noted keeps what is written to it, for readers beside the writer.
type noted struct {
	lock sync.Mutex
	text bytes.Buffer
}

func (n *noted) Write(b []byte) (int, error) {
	n.lock.Lock()
	defer n.lock.Unlock()
	return n.text.Write(b)
}

func (n *noted) String() string {
	n.lock.Lock()
	defer n.lock.Unlock()
	return n.text.String()
}
