package pgserver_test

import (
	"bufio"
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"qiban.dev/qiban/internal/testkit/pgserver"
)

// asChild makes this test binary start a server, say where, and wait to be killed.
const asChild = "QIBAN_PGSERVER_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(asChild) == "" {
		os.Exit(m.Run())
	}
	server, err := pgserver.Start(context.Background(), pgserver.Options{})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(server.URL)
	time.Sleep(time.Hour)
	server.Stop()
}

func TestTheServerStopsWhenTheProcessThatStartedItIsKilled(t *testing.T) {
	child := exec.Command(os.Args[0], "-test.run=^$")
	child.Env = append(os.Environ(), asChild+"=1")
	said, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(said).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	dir, pid := whereabouts(t, strings.TrimSpace(line))
	if err := syscall.Kill(pid, 0); err != nil {
		t.Fatalf("the server (process %d) does not run before the kill: %v", pid, err)
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait()

	for range 1500 { // half a minute on a busy machine
		_, gone := os.Stat(dir)
		if os.IsNotExist(gone) && syscall.Kill(pid, 0) != nil {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("the server (process %d) or its folder %s outlived the process that started it", pid, dir)
}

func TestStopLeavesNothingBehind(t *testing.T) {
	server, err := pgserver.Start(t.Context(), pgserver.Options{})
	if err != nil {
		t.Fatal(err)
	}
	dir, pid := whereabouts(t, server.URL)
	server.Stop()
	server.Stop()
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("the folder %s is still there: %v", dir, err)
	}
	if syscall.Kill(pid, 0) == nil {
		t.Errorf("process %d still runs", pid)
	}
}

// whereabouts is the folder and the process of the server at the address.
func whereabouts(t *testing.T, address string) (dir string, pid int) {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "postgres" {
		t.Fatalf("not an address: %s", address)
	}
	dir = u.Query().Get("host")
	raw, err := os.ReadFile(filepath.Join(dir, "data", "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(raw), "\n")
	pid, err = strconv.Atoi(first)
	if err != nil {
		t.Fatal(err)
	}
	return dir, pid
}
