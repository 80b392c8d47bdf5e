package db

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// ErrInUse is the answer to a claim that somebody else's excludes.
var ErrInUse = errors.New("is in use")

// Claim says, for as long as it is held, that somebody serves a database or is
// about to fill it (占用). It ends with the process, however that ends.
type Claim struct {
	file *os.File           // SQLite
	stop context.CancelFunc // PostgreSQL
	gone chan struct{}
}

// Use is what a database is claimed for.
type Use int

const (
	// Serving excludes Alone. A folder has one who serves it; a PostgreSQL
	// database may have several.
	Serving Use = iota
	// Looking is Serving without changing anything: of a folder, commands find out
	// by Looked.
	Looking
	// Alone excludes every other claim.
	Alone
)

// LockFile is the file in a data folder that whoever claims it has locked.
const LockFile = "serve.lock"

// Take claims the database at source, as Open takes it. It wraps ErrInUse when
// somebody else's claim is in the way.
func Take(ctx context.Context, source string, use Use, log *slog.Logger) (*Claim, error) {
	if postgresURL(source) {
		return takePostgres(ctx, source, use, log)
	}
	if err := os.MkdirAll(source, 0o700); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(filepath.Join(source, LockFile), os.O_RDWR|os.O_CREATE, 0o600) //nolint:gosec // the operator names the folder
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = file.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("the folder %s %w: another qiban serves it or fills it; stop that one first", source, ErrInUse)
		}
		return nil, fmt.Errorf("lock %s: %w", file.Name(), err)
	}
	note := ""
	if use == Looking {
		note = looking
	}
	err = file.Truncate(0)
	if _, failed := file.WriteString(note); err == nil {
		err = failed
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &Claim{file: file}, nil
}

// looking is what a lock file says while the folder is served without changes.
const looking = "read-only\n"

// Looked reports that somebody serves the folder at source and changes nothing:
// it is under maintenance, or looked at, and a command should change nothing
// either. Of PostgreSQL it knows nothing: others may serve it with changes.
func Looked(source string) (bool, error) {
	if postgresURL(source) {
		return false, nil
	}
	file, err := os.Open(filepath.Join(source, LockFile)) //nolint:gosec // the operator names the folder
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer func() { _ = file.Close() }() // it was only read; a lock ends with it
	note := make([]byte, len(looking)+1)
	n, _ := file.Read(note) // an empty one is no note
	if string(note[:n]) != looking {
		return false, nil
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_SH|syscall.LOCK_NB)
	return errors.Is(err, syscall.EWOULDBLOCK), nil
}

// Release gives the claim up.
func (c *Claim) Release() error {
	if c.file != nil {
		return c.file.Close()
	}
	c.stop()
	<-c.gone
	return nil
}

func postgresURL(source string) bool {
	return strings.HasPrefix(source, "postgres://") || strings.HasPrefix(source, "postgresql://")
}

// claimLock is the advisory lock of a claim: any number that nothing else locks.
const claimLock = int64(7146825580614)

// takePostgres holds an advisory lock on a connection of its own: shared for
// those who serve.
func takePostgres(ctx context.Context, source string, use Use, log *slog.Logger) (*Claim, error) {
	conn, err := claimed(ctx, source, use)
	if err != nil {
		return nil, err
	}
	own, stop := context.WithCancel(context.WithoutCancel(ctx))
	c := &Claim{stop: stop, gone: make(chan struct{})}
	go c.keep(own, conn, source, use, log)
	return c, nil
}

func claimed(ctx context.Context, source string, use Use) (*pgx.Conn, error) {
	source = withoutPoolSettings(source)
	conn, err := pgx.Connect(ctx, source)
	if err != nil {
		return nil, fmt.Errorf("open PostgreSQL: %w", err)
	}
	lock := "pg_try_advisory_lock"
	if use != Alone {
		lock = "pg_try_advisory_lock_shared"
	}
	var got bool
	err = conn.QueryRow(ctx, "SELECT "+lock+"($1)", claimLock).Scan(&got)
	if err == nil && !got {
		err = fmt.Errorf("the database %s %w: another qiban serves it or fills it; stop that one first", conn.Config().Database, ErrInUse)
	}
	if err != nil {
		_ = conn.Close(context.WithoutCancel(ctx))
		return nil, err
	}
	return conn, nil
}

// withoutPoolSettings drops what only a pool understands.
func withoutPoolSettings(source string) string {
	address, query, found := strings.Cut(source, "?")
	if !found {
		return source
	}
	var kept []string
	for _, setting := range strings.Split(query, "&") {
		if !strings.HasPrefix(setting, "pool_") {
			kept = append(kept, setting)
		}
	}
	return address + "?" + strings.Join(kept, "&")
}

// keep takes the lock again when its connection was lost, as in a failover.
func (c *Claim) keep(ctx context.Context, conn *pgx.Conn, source string, use Use, log *slog.Logger) {
	defer close(c.gone)
	every := time.NewTicker(3 * time.Second)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
			defer cancel()
			if conn != nil { // the server is slower to notice a connection that was closed
				_, _ = conn.Exec(last, "SELECT pg_advisory_unlock_all()")
				_ = conn.Close(last)
			}
			return
		case <-every.C:
		}
		if conn != nil && conn.Ping(ctx) == nil {
			continue
		}
		if conn != nil {
			_ = conn.Close(ctx)
		}
		var err error
		if conn, err = claimed(ctx, source, use); err != nil && ctx.Err() == nil {
			log.Warn("the claim on the database was lost and is being taken again", "error", err)
		}
	}
}
