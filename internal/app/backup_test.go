package app_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qiban.dev/qiban/demo"
	"qiban.dev/qiban/internal/app"
	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/config"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/account"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/replica"
	"qiban.dev/qiban/internal/testkit"
)

// qiban runs a command as a person would and returns what it said.
func qiban(t *testing.T, code int, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	if got := app.Run(t.Context(), args, &out, &errs); got != code {
		t.Fatalf("qiban %s: exit %d instead of %d\n%s%s", strings.Join(args, " "), got, code, out.String(), errs.String())
	}
	return out.String() + errs.String()
}

// stored is a source as a command takes it, with the secret in a file.
func stored(source, secret string) []string {
	return append(testkit.Stored(source), "--secret-file", secret)
}

// keyed opens the program with a secret, as serve does.
func keyed(t *testing.T, source, secret string) *app.App {
	t.Helper()
	s := testkit.Store(source)
	key, err := config.Secrets{SecretFile: secret}.Secret(s)
	must(t, err)
	a, err := app.Open(t.Context(), s, app.Options{Log: slog.New(slog.DiscardHandler), Key: key})
	must(t, err)
	t.Cleanup(func() { must(t, a.Close()) })
	return a
}

// scribbler writes entries numbered from 1 and says which was acknowledged last.
type scribbler struct {
	name string
	done atomic.Int64
}

const scribble authz.Permission = "test.scribble"

func (s *scribbler) run(ctx context.Context, a *app.App) error {
	for n := int64(1); ctx.Err() == nil; n++ {
		c := &gate.Change{
			By: authz.System("drill", scribble), Do: scribble, On: authz.At(a.Place), Record: gate.Record{Kind: "drill", ID: fmt.Sprintf("%s-%d", s.name, n)},
		}
		if err := a.Gate.Write(ctx, c, func(context.Context, *db.Tx) error { return nil }); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		s.done.Store(n)
	}
	return nil
}

// The restore drill: the demonstration year is backed up while people write,
// restored on the other database, and found to be all there.
func TestARestoreDrillUnderLoad(t *testing.T) {
	testkit.EachDemo(t, func(t *testing.T, source string) {
		ctx, dir := t.Context(), t.TempDir()
		secret, archive := filepath.Join(dir, "secret"), filepath.Join(dir, "drill.tar.zst")
		a := keyed(t, source, secret)
		proof := "证明材料：" + strings.Repeat("盐", 5000)
		person := authz.Actor{Kind: authz.Human, ID: "drill", Name: "drill"}
		held, err := a.Files.Hold(ctx, person, files.Incoming{Name: "proof.txt", Data: strings.NewReader(proof), Form: "drill"})
		must(t, err)
		ticket, err := a.Account.SignIn(ctx, account.Attempt{Login: demo.SignIns()[0].Phone, Password: demo.Password})
		must(t, err)

		writing, enough := context.WithCancel(ctx)
		var writers []*scribbler
		var busy sync.WaitGroup
		for i := range 6 {
			s := &scribbler{name: fmt.Sprint("writer-", i)}
			writers = append(writers, s)
			busy.Go(func() {
				if err := s.run(writing, a); err != nil {
					t.Error(err)
				}
			})
		}
		for writers[0].done.Load() < 20 {
			if writing.Err() != nil {
				t.Fatal("nobody writes")
			}
		}
		before := make([]int64, len(writers))
		for i, s := range writers {
			before[i] = s.done.Load()
		}
		qiban(t, 0, append([]string{"backup", archive, "--with-secret"}, stored(source, secret)...)...)
		enough()
		busy.Wait()
		if info, err := os.Stat(archive); err != nil || info.Mode().Perm() != 0o600 {
			t.Fatalf("%v %v", info, err)
		}
		qiban(t, 0, "restore", "--check", archive)

		other, kept := testkit.Postgres(t), filepath.Join(dir, "restored-secret")
		if strings.HasPrefix(source, "postgres") {
			other = filepath.Join(dir, "restored")
		}
		said := qiban(t, 0, append([]string{"restore", archive}, stored(other, kept)...)...)
		if !strings.Contains(said, "unbroken") || !strings.Contains(said, "agree with the facts") {
			t.Errorf("the report is %s", said)
		}
		b := keyed(t, other, kept)
		for i, s := range writers {
			survived(t, b, s, before[i])
		}
		upload, err := b.Files.Store().Open(ctx, held.Sha)
		must(t, err)
		if raw, err := io.ReadAll(upload); err != nil || string(raw) != proof || upload.Close() != nil {
			t.Errorf("the upload is %d bytes now, %v", len(raw), err)
		}
		if by, err := b.Account.Resolve(ctx, ticket.Token); err != nil || by.ID != ticket.Person {
			t.Errorf("who was signed in no longer is: %v", err)
		}
		for _, who := range demo.SignIns() {
			if _, err := b.Account.SignIn(ctx, account.Attempt{Login: who.Phone, Password: demo.Password}); err != nil {
				t.Errorf("%s cannot sign in: %v", who.Who, err)
			}
		}
		if diff := cmp.Diff(yearbook(t, source, string(demo.City), 2008), yearbook(t, other, string(demo.City), 2008)); diff != "" {
			t.Errorf("the chapter is another:\n%s", diff)
		}
		qiban(t, 0, append([]string{"doctor", "--full"}, testkit.Stored(other)...)...)
		// Life goes on: the trail is continued on the other database.
		more := &scribbler{name: "after"}
		going, stop := context.WithCancel(ctx)
		go func() {
			for more.done.Load() < 5 && going.Err() == nil {
			}
			stop()
		}()
		must(t, more.run(going, b))
		if _, err := gate.Verify(ctx, b.DB); err != nil {
			t.Error(err)
		}
	})
}

// survived: all that was acknowledged before the backup began is there, and of
// what came later a part without gaps.
func survived(t *testing.T, a *app.App, s *scribbler, acknowledged int64) {
	t.Helper()
	var n, highest int64
	must(t, a.DB.Get(t.Context(), &n, `SELECT count(*) FROM audit_entry WHERE record_kind = 'drill' AND record_id LIKE ?`, s.name+"-%"))
	for ; ; highest++ {
		trail, err := gate.Trail(t.Context(), a.DB, gate.Record{Kind: "drill", ID: fmt.Sprintf("%s-%d", s.name, highest+1)})
		must(t, err)
		if len(trail) == 0 {
			break
		}
	}
	if highest != n || highest < acknowledged {
		t.Errorf("%s: %d entries up to %d; %d were acknowledged before the backup began", s.name, n, highest, acknowledged)
	}
}

func TestAFolderIsServedOnceAndNotOverwritten(t *testing.T) {
	folder, dir := t.TempDir(), t.TempDir()
	qiban(t, 0, "migrate", "--data", folder)
	archive := filepath.Join(dir, "a.tar.zst")
	qiban(t, 0, "backup", archive, "--data", folder)

	claim, err := db.Take(t.Context(), folder, db.Serving, slog.Default())
	must(t, err)
	for _, args := range [][]string{{"serve", "--addr", "localhost:0"}, {"demo"}, {"restore", archive}} {
		said := qiban(t, 1, append(args, "--data", folder)...)
		if !strings.Contains(said, "another qiban serves it") {
			t.Errorf("%s says %s", args[0], said)
		}
	}
	qiban(t, 0, "doctor", "--data", folder) // looking is allowed
	qiban(t, 0, "backup", archive, "--data", folder)
	must(t, claim.Release())
	if said := qiban(t, 1, "restore", archive, "--data", folder); !strings.Contains(said, "there are records already") {
		t.Errorf("it says %s", said)
	}
}

// Several may serve one PostgreSQL database, but nobody fills it meanwhile.
func TestADatabaseThatIsServedIsNotFilled(t *testing.T) {
	source, ctx := testkit.Postgres(t), t.Context()
	first, err := db.Take(ctx, source, db.Serving, slog.Default())
	must(t, err)
	second, err := db.Take(ctx, source, db.Serving, slog.Default())
	must(t, err)
	must(t, second.Release())
	if said := qiban(t, 1, "demo", "--db", source); !strings.Contains(said, "another qiban serves it") {
		t.Errorf("it says %s", said)
	}
	must(t, first.Release())
	alone, err := db.Take(ctx, source, db.Alone, slog.Default())
	must(t, err)
	must(t, alone.Release())
}

func TestARestoreThatFailsLeavesTheFolderAsItWas(t *testing.T) {
	from, to := t.TempDir(), t.TempDir()
	archive := filepath.Join(t.TempDir(), "a.tar.zst")
	qiban(t, 0, "migrate", "--data", from)
	qiban(t, 0, "backup", archive, "--data", from)
	raw, err := os.ReadFile(archive)
	must(t, err)
	must(t, os.WriteFile(archive, raw[:len(raw)/2], 0o600))
	if said := qiban(t, 1, "restore", archive, "--data", to); !strings.Contains(said, "damaged") {
		t.Errorf("it says %s", said)
	}
	left, err := os.ReadDir(to)
	must(t, err)
	if len(left) > 0 {
		t.Errorf("it leaves %v", left)
	}
	must(t, os.WriteFile(archive, raw, 0o600))
	must(t, os.MkdirAll(filepath.Join(to, ".restore-123"), 0o700)) // killed in the middle
	must(t, os.WriteFile(filepath.Join(to, "secret"), []byte(strings.Repeat("5e", 32)), 0o600))
	qiban(t, 0, "restore", archive, "--data", to)
	names, err := filepath.Glob(filepath.Join(to, "*"))
	must(t, err)
	hidden, err := filepath.Glob(filepath.Join(to, ".*"))
	must(t, err)
	if len(names) != 3 || len(hidden) > 0 { // the database, the secret, the lock
		t.Errorf("the folder holds %v %v", names, hidden)
	}
}

func TestABackupOfNothingIsRefused(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "typo")
	if said := qiban(t, 1, "backup", filepath.Join(t.TempDir(), "a"), "--data", folder); !strings.Contains(said, "no database") {
		t.Errorf("it says %s", said)
	}
	if _, err := os.Stat(folder); err == nil {
		t.Error("it made the folder")
	}
}

// A continuous copy is brought back by one command: everything that was there
// when it was last in step, and in order.
func TestAReplicaIsBroughtBack(t *testing.T) {
	folder, place, back := t.TempDir(), "file://"+t.TempDir(), t.TempDir()
	a := keyed(t, folder, filepath.Join(folder, "secret"))
	r, err := replica.Start(t.Context(), folder, place, slog.New(slog.DiscardHandler))
	must(t, err)
	t.Cleanup(func() { must(t, r.Close(context.Background())) })
	s := &scribbler{name: "copied"}
	writing, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.run(writing, a) }()
	for s.done.Load() < 50 {
		if t.Context().Err() != nil {
			t.Fatal("nobody writes")
		}
	}
	before := s.done.Load()
	must(t, r.Sync(t.Context()))
	said := qiban(t, 0, "restore", "--replica", place, "--data", back) // the writer goes on
	stop()
	must(t, <-ended)
	if !strings.Contains(said, "unbroken") {
		t.Errorf("the report is %s", said)
	}
	survived(t, keyed(t, back, filepath.Join(folder, "secret")), s, before)
	if said := qiban(t, 2, "restore", "--data", back); !strings.Contains(said, "name an archive") {
		t.Errorf("it says %s", said)
	}
}
