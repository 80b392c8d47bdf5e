// Package pgserver runs a private PostgreSQL server for tests, from the
// distribution's binaries, in a temporary folder and behind a Unix socket. The
// server cannot outlive the process that started it, however that one ends.
package pgserver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Server is a running PostgreSQL of our own. It is safe for concurrent use.
type Server struct {
	// URL reaches the maintenance database as the superuser.
	URL string

	dir      string
	mu       sync.Mutex
	orders   io.WriteCloser // the supervisor's standard input
	finished chan struct{}  // closed when the supervisor has gone
}

// Options say what a test needs of the server.
type Options struct {
	// Durable makes a commit survive a crash (fsync on): slower, needed only
	// where the test crashes the server.
	Durable bool
}

// patience bounds how long a start may take on a busy machine.
const patience = 90 * time.Second

// Start creates a cluster and starts its server. Stop it when done; when this
// process dies first, the server stops and its folder goes too.
func Start(ctx context.Context, opts Options) (*Server, error) {
	bin, err := Find()
	if err != nil {
		return nil, err
	}
	who, err := unprivileged()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(who.tempDir(), "qiban-pg-")
	if err != nil {
		return nil, err
	}
	s := &Server{dir: dir, URL: "postgres://qiban@/postgres?host=" + dir, finished: make(chan struct{})}
	if err := s.create(ctx, bin, who, opts); err != nil {
		_ = os.RemoveAll(dir)
		return nil, err
	}
	if err := s.supervise(bin, who); err != nil {
		_ = os.RemoveAll(dir)
		return nil, err
	}
	if err := s.Restart(ctx); err != nil {
		s.Stop()
		return nil, err
	}
	return s, nil
}

// create makes the cluster and writes its settings.
func (s *Server) create(ctx context.Context, bin string, who account, opts Options) error {
	if err := who.own(s.dir); err != nil {
		return err
	}
	initdb := exec.CommandContext(ctx, filepath.Join(bin, "initdb"), "--pgdata="+s.data(), "--username=qiban",
		"--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions")
	initdb.Dir = s.dir
	who.become(initdb)
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	settings := []string{
		"listen_addresses = ''", "unix_socket_directories = '" + s.dir + "'",
		"max_connections = 300", "shared_buffers = 64MB", "timezone = 'UTC'",
	}
	if !opts.Durable {
		settings = append(settings, "fsync = off", "full_page_writes = off", "max_wal_size = 512MB")
	}
	conf, err := os.OpenFile(filepath.Join(s.data(), "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = conf.WriteString("\n" + strings.Join(settings, "\n") + "\n")
	return errors.Join(err, conf.Close())
}

// supervisor obeys one order per line and cleans up when its input ends, which
// also happens when the ordering process is killed. It is the parent of the
// server, so the process ids it signals are never somebody else's. A crash takes
// the server's children along: by themselves they answer for some time after it
// is gone. It is stopped first, so that it makes no more of them.
const supervisor = `
pg=
crash() {
  [ -z "$pg" ] && return
  kill -STOP "$pg"; read -r children <"/proc/$pg/task/$pg/children"
  kill -KILL "$pg" $children; wait "$pg"; pg=
}
while read -r order; do
  case $order in
    start) crash; "$1/postgres" -D "$2/data" >>"$2/log" 2>&1 </dev/null & pg=$! ;;
    crash) crash; echo >"$2/crashed" ;;
  esac
done
[ -z "$pg" ] || { kill -QUIT "$pg"; wait "$pg"; }
cd / && rm -rf "$2"
`

func (s *Server) supervise(bin string, who account) error {
	cmd := exec.Command("/bin/sh", "-c", supervisor, "pg-supervisor", bin, s.dir)
	cmd.Dir = s.dir
	who.become(cmd)
	orders, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	s.orders = orders
	go func() {
		_ = cmd.Wait()
		close(s.finished)
	}()
	return nil
}

// Restart starts the server, crashing it first if it runs, and returns once it
// answers (after recovery, when there is something to recover).
func (s *Server) Restart(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		if err := s.order("start"); err != nil {
			return err
		}
		// A crashed server's children may hold its memory for a moment; the
		// start then fails, nothing listens, and it is worth another try.
		err := s.await(ctx, 10*time.Second)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return fmt.Errorf("PostgreSQL did not start: %w\n%s", err, s.log())
		}
	}
}

// await waits until the server answers. It gives up early when nothing has
// been listening for the given time.
func (s *Server) await(ctx context.Context, silence time.Duration) error {
	var quiet time.Duration
	const pause = 20 * time.Millisecond
	for {
		conn, err := pgx.Connect(ctx, s.URL)
		if err == nil {
			return conn.Close(ctx)
		}
		var answered *pgconn.PgError // "starting up": somebody is there
		if quiet += pause; errors.As(err, &answered) {
			quiet = 0
		}
		if quiet > silence || ctx.Err() != nil {
			return err
		}
		time.Sleep(pause)
	}
}

// Crash kills the server as a power cut would, as far as its processes go. When
// it returns nobody is answered any more, on open connections neither; Restart
// brings it back.
func (s *Server) Crash() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	done := filepath.Join(s.dir, "crashed")
	if err := s.order("crash"); err != nil {
		return err
	}
	for range 500 {
		if err := os.Remove(done); err == nil {
			return nil
		}
		time.Sleep(10 * time.Millisecond)
	}
	return errors.New("PostgreSQL did not die within five seconds")
}

// Stop ends the server and removes its folder. Calling it again does nothing.
func (s *Server) Stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	_ = s.orders.Close()
	<-s.finished
	_ = os.RemoveAll(s.dir)
}

func (s *Server) order(word string) error {
	_, err := io.WriteString(s.orders, word+"\n")
	return err
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

// log is the end of what the server wrote, for the message of a failure.
func (s *Server) log() string {
	raw, err := os.ReadFile(filepath.Join(s.dir, "log"))
	if err != nil {
		return err.Error()
	}
	return string(raw[max(0, len(raw)-4000):])
}
