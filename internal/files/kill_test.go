package files_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/testkit"
)

// The test binary starts itself again as a child that dies at a certain moment.
const (
	childEnv  = "QIBAN_FILES_CHILD"
	sourceEnv = "QIBAN_FILES_SOURCE"
	placeEnv  = "QIBAN_FILES_PLACE"
)

func TestMain(m *testing.M) {
	role := os.Getenv(childEnv)
	if role == "" {
		os.Exit(m.Run())
	}
	err := dyingChild(role)
	fmt.Fprintln(os.Stderr, "the child lives:", err)
	os.Exit(1)
}

// die is what the power does.
func die() { _ = syscall.Kill(os.Getpid(), syscall.SIGKILL); select {} }

func dyingChild(role string) error {
	ctx, transactions := context.Background(), 0
	store, err := files.OpenStore(ctx, os.Getenv(placeEnv))
	if err != nil {
		return err
	}
	d, err := db.Open(ctx, os.Getenv(sourceEnv), db.Options{Log: slog.New(slog.DiscardHandler), Clock: func() time.Time {
		// Every transaction asks for the time once: the second of an upload is the
		// mark that its blob is there.
		if transactions++; role == "before the mark" && transactions == 2 {
			die()
		}
		return time.Now()
	}})
	if err != nil {
		return err
	}
	by, g := person("chen"), gate.New(d, "320900")
	service := files.New(d, g, store, roomy())
	in := files.Incoming{Name: "a.pdf", Form: "form", Data: &dying{Reader: bytes.NewReader(victim()), at: -1}}
	if role == "half the blob" {
		in.Data = &dying{Reader: bytes.NewReader(victim()), at: len(victim()) / 2}
	}
	p, err := service.Hold(ctx, by, in)
	if err != nil {
		return err
	}
	c := gate.Change{By: by, Do: attach, On: authz.At("320924"), Record: gate.Record{Kind: "paper", ID: "a"}}
	return g.Write(ctx, &c, func(ctx context.Context, tx *db.Tx) error {
		if _, err := service.Attach(ctx, tx, &c, files.To{Record: c.Record, Owner: owner("firm")}, p.Token); err != nil {
			return err
		}
		die() // before the commit
		return nil
	})
}

// dying reads the content through once, and the second time only so far.
type dying struct {
	*bytes.Reader
	at    int
	again bool
}

func (d *dying) Seek(to int64, whence int) (int64, error) {
	d.again = true
	return d.Reader.Seek(to, whence)
}

func (d *dying) Read(b []byte) (int, error) {
	if d.again && d.at >= 0 && int(d.Size())-d.Len() >= d.at {
		die()
	}
	return d.Reader.Read(b[:min(len(b), 4096)])
}

// WriteTo hides the reader's own, which would write all at once.
func (d *dying) WriteTo(w io.Writer) (int64, error) {
	return io.Copy(w, struct{ io.Reader }{d})
}

func victim() []byte { return pdf(77, 200<<10) }

// A process is killed half-way through a blob, between the blob and its row, and
// before the row is committed. Each time nothing refers to what is not there,
// the same upload succeeds at once, and what is left behind is swept.
func TestAKilledUploadLeavesNothingButWhatIsSwept(t *testing.T) {
	for _, moment := range []string{"half the blob", "before the mark", "before the commit"} {
		t.Run(moment, func(t *testing.T) {
			testkit.EachMigrated(t, func(t *testing.T, source string) {
				dir := filepath.Join(t.TempDir(), "files")
				cmd := exec.Command(os.Args[0])
				cmd.Env = append(os.Environ(), childEnv+"="+moment, sourceEnv+"="+source, placeEnv+"="+dir)
				out, err := cmd.CombinedOutput()
				var exit *exec.ExitError
				if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
					t.Fatalf("the child was not killed: %v %s", err, out)
				}
				r := enter(t, source, dir, roomy())
				r.wholeAndSound()
				if n := r.count(`SELECT COUNT(*) FROM files_file`); n != 0 {
					t.Errorf("%d files of a write that was not acknowledged", n)
				}
				if n := r.count(`SELECT COUNT(*) FROM files_pending WHERE ready = 1`); (n == 1) != (moment == "before the commit") {
					t.Errorf("%d pending uploads", n)
				}
				chen := person("chen")
				f := r.attached(chen, "a", owner("firm"), r.held(chen, "a.pdf", victim()).Token)[0]
				if !bytes.Equal(r.read(f), victim()) {
					t.Error("the second upload is not what was sent")
				}
				must(t, r.detach(chen, f))
				r.age(dir)
				_, err = r.Sweep(t.Context())
				must(t, err)
				if n := r.stored(); n != 0 || r.count(`SELECT SUM(bytes) + SUM(files) FROM files_usage`) != 0 {
					t.Errorf("%d objects are left", n)
				}
			})
		})
	}
}

// age makes everything in the store, and the clock, a day older.
func (r *room) age(dir string) {
	r.t.Helper()
	r.later.Add(25 * 60 * 60)
	old := time.Now().Add(-25 * time.Hour)
	must(r.t, filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		return os.Chtimes(path, old, old)
	}))
}

// The disk is full in the middle of an upload: it is told, nothing half-done is
// left, and with room again the same upload is taken.
func TestAFullDiskIsToldAndLeavesNothing(t *testing.T) {
	limits := roomy()
	limits.File = 32 << 20
	dir := filepath.Join(t.TempDir(), "files")
	r := enter(t, testkit.Migrated(t), dir, limits)
	chen, big := person("chen"), pdf(78, 12<<20)
	f := r.attached(chen, "a", owner("firm"), r.held(chen, "a.pdf", pdf(79, 4000)).Token)[0]

	var before syscall.Rlimit
	must(t, syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before))
	signal.Ignore(syscall.SIGXFSZ)
	defer signal.Reset(syscall.SIGXFSZ)
	must(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 8 << 20, Max: before.Max}))
	_, err := r.hold(chen, "b.pdf", big)
	must(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &before))
	if e, ok := errors.AsType[*fault.Error](err); !ok || e.Kind != fault.Unavailable || e.Key != "files.full" {
		t.Errorf("a full disk: %v", err)
	}
	if n := r.stored(); n != 1 || r.count(`SELECT COUNT(*) FROM files_pending`) != 0 {
		t.Errorf("%d objects in the store", n)
	}
	r.read(f)
	r.held(chen, "b.pdf", big)
	r.wholeAndSound()
}
