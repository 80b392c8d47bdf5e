package db_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/testkit"
)

// The test binary starts itself again as a child that is killed.
const (
	childEnv  = "QIBAN_DB_CHILD" // what the child does
	sourceEnv = "QIBAN_DB_SOURCE"
)

func TestMain(m *testing.M) {
	if role := os.Getenv(childEnv); role != "" {
		work := map[string]func(*db.DB) error{"write": writeUntilKilled, "fill": fillTheDisk}[role]
		if err := runChild(work); err != nil {
			fmt.Fprintln(os.Stderr, "child:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func runChild(work func(*db.DB) error) error {
	d, err := db.Open(context.Background(), os.Getenv(sourceEnv), db.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	return work(d)
}

// child starts the test binary in a role and returns what it prints.
func child(t *testing.T, role, source string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+role, sourceEnv+"="+source)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	return cmd, bufio.NewScanner(out)
}

const edit authz.Permission = "item.edit"

// writeUntilKilled has six people change things at once. Every change is an
// item, its twin, a tally and an audit entry, or nothing. What is acknowledged
// is printed.
func writeUntilKilled(d *db.DB) error {
	g, by, failed := gate.New(d, "320900"), authz.System("killed", edit), make(chan error)
	for range 6 {
		go func() {
			for i := 0; ; i++ {
				id := db.NewID()
				refuse := i%3 == 2
				c := &gate.Change{By: by, Do: edit, Record: gate.Record{Kind: "item", ID: id}}
				err := g.Write(context.Background(), c, func(ctx context.Context, tx *db.Tx) error { return change(ctx, tx, id, refuse) })
				switch {
				case err == nil:
					fmt.Println(id) // unbuffered: it is out before the next write begins
				case !errors.Is(err, errRefused):
					failed <- err
					return
				}
			}
		}()
	}
	return <-failed
}

var errRefused = errors.New("refused")

func change(ctx context.Context, tx *db.Tx, id string, refuse bool) error {
	for _, query := range []string{
		`INSERT INTO item (id) VALUES (?)`, `INSERT INTO twin (id) VALUES (?)`, `UPDATE tally SET n = n + 1 WHERE ? <> ''`,
	} {
		if _, err := tx.Exec(ctx, query, id); err != nil {
			return err
		}
		if refuse && strings.HasPrefix(query, "INSERT INTO twin") {
			return errRefused
		}
	}
	return nil
}

// items makes the tables of change.
func items(t *testing.T, source string) *db.DB {
	t.Helper()
	d := open(t, source)
	_, err := d.Migrate(context.Background())
	must(t, err)
	must(t, d.Write(context.Background(), func(ctx context.Context, tx *db.Tx) error {
		for _, query := range []string{
			`CREATE TABLE item (id TEXT NOT NULL PRIMARY KEY)`, `CREATE TABLE twin (id TEXT NOT NULL PRIMARY KEY)`,
			`CREATE TABLE tally (n BIGINT NOT NULL)`, `INSERT INTO tally (n) VALUES (0)`,
		} {
			if _, err := tx.Exec(ctx, query); err != nil {
				return err
			}
		}
		return nil
	}))
	return d
}

// whole checks that every acknowledged change is there and none is there by half.
func whole(t *testing.T, d *db.DB, acknowledged []string) {
	t.Helper()
	ctx := context.Background()
	var ids []string
	must(t, d.Select(ctx, &ids, `SELECT id FROM item`))
	kept := map[string]bool{}
	for _, id := range ids {
		kept[id] = true
	}
	for _, id := range acknowledged {
		if !kept[id] {
			t.Fatalf("%s was acknowledged and is gone", id)
		}
	}
	entries, err := gate.Verify(ctx, d)
	must(t, err)
	twins, tally := count(t, d, `SELECT count(*) FROM twin JOIN item ON item.id = twin.id`), count(t, d, `SELECT n FROM tally`)
	traces := count(t, d, `SELECT count(*) FROM item JOIN audit_entry ON record_id = item.id`)
	all := int64(len(ids))
	if twins != all || count(t, d, `SELECT count(*) FROM twin`) != all || tally != all || traces != all || entries != all {
		t.Fatalf("%d items, %d twins, a tally of %d, %d audit entries", all, twins, tally, entries)
	}
}

func TestKillingTheProgramLosesNothingAcknowledged(t *testing.T) {
	for name, c := range map[string]struct {
		rounds int
		source func() string
	}{
		"sqlite":   {160, func() string { return t.TempDir() }},
		"postgres": {30, func() string { return testkit.Postgres(t) }},
	} {
		t.Run(name, func(t *testing.T) {
			source := c.source()
			d := items(t, source)
			random := rand.New(rand.NewPCG(2009, 2))
			var acknowledged []string
			for round := range c.rounds {
				cmd, out := child(t, "write", source)
				if !out.Scan() { // it is at work
					t.Fatalf("round %d: the child wrote nothing: %v", round, cmd.Wait())
				}
				acknowledged = append(acknowledged, out.Text())
				after := time.AfterFunc(time.Duration(random.Int64N(int64(60*time.Millisecond))), func() { _ = cmd.Process.Kill() })
				for out.Scan() {
					acknowledged = append(acknowledged, out.Text())
				}
				after.Stop()
				if err := cmd.Wait(); err == nil || !strings.Contains(err.Error(), "killed") {
					t.Fatalf("round %d: the child ended by itself: %v", round, err)
				}
				if round%20 == 0 {
					whole(t, d, acknowledged)
				}
			}
			whole(t, d, acknowledged)
			t.Logf("%d changes acknowledged, %d kept", len(acknowledged), count(t, d, `SELECT count(*) FROM item`))
			sound(t, d)
		})
	}
}

// sound has SQLite check its own file.
func sound(t *testing.T, d *db.DB) {
	t.Helper()
	if d.Dialect() != db.SQLite {
		return
	}
	var verdict string
	must(t, d.Get(context.Background(), &verdict, `PRAGMA integrity_check`))
	if verdict != "ok" {
		t.Error(verdict)
	}
}

// fillTheDisk writes until no file may grow any more, then gets more room.
func fillTheDisk(d *db.DB) error {
	signal.Ignore(syscall.SIGXFSZ)
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		return err
	}
	journal, err := os.Stat(filepath.Join(os.Getenv(sourceEnv), "qiban.db-wal"))
	if err != nil {
		return err
	}
	room := uint64(journal.Size()) + 1<<20
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: room, Max: before.Max}); err != nil {
		return err
	}
	if err := untilFull(d); err != nil {
		return err
	}
	if n := 0; d.Get(context.Background(), &n, `SELECT count(*) FROM item`) != nil {
		return errors.New("a full disk cannot be read")
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		return err
	}
	return d.Write(context.Background(), func(ctx context.Context, tx *db.Tx) error { return change(ctx, tx, "after", false) })
}

// untilFull returns nil once each of four writers was told, more than once,
// that the system cannot save now.
func untilFull(d *db.DB) error {
	g, by := gate.New(d, "320900"), authz.System("filling", edit)
	var wait sync.WaitGroup
	errs := make([]error, 4)
	for who := range errs {
		wait.Go(func() {
			for refused := 0; refused < 3; {
				id := db.NewID() + strings.Repeat("x", 3000)
				c := &gate.Change{By: by, Do: edit, Record: gate.Record{Kind: "item", ID: id}}
				err := g.Write(context.Background(), c, func(ctx context.Context, tx *db.Tx) error { return change(ctx, tx, id, false) })
				switch {
				case err == nil:
					fmt.Println(id)
				case fault.Is(err, fault.Unavailable):
					refused++
				default:
					errs[who] = err
					return
				}
			}
		})
	}
	wait.Wait()
	return errors.Join(errs...)
}

func TestAFullDiskIsSaidToBeOneAndHarmsNothing(t *testing.T) {
	source := t.TempDir()
	d := items(t, source)
	cmd, out := child(t, "fill", source)
	var acknowledged []string
	for out.Scan() {
		acknowledged = append(acknowledged, out.Text())
	}
	must(t, cmd.Wait())
	if len(acknowledged) == 0 {
		t.Fatal("nothing was written before the disk was full")
	}
	must(t, d.Write(context.Background(), func(ctx context.Context, tx *db.Tx) error {
		for _, query := range []string{`DELETE FROM item WHERE id = ?`, `DELETE FROM twin WHERE id = ?`, `UPDATE tally SET n = n - 1 WHERE ? <> ''`} {
			if err := tx.ExecOne(ctx, query, "after"); err != nil { // it came after, outside the gate
				return err
			}
		}
		return nil
	}))
	whole(t, d, acknowledged)
	sound(t, d)
}
