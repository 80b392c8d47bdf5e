package files_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/testkit"
)

const (
	attach authz.Permission = "paper.attach"
	detach authz.Permission = "paper.detach"
)

// room is a site where people hang files on papers.
type room struct {
	*files.Service
	t     testing.TB
	db    *db.DB
	gate  *gate.Gate
	store *files.Store
	later *atomic.Int64 // the clock runs so many seconds ahead
	s3    *testkit.S3   // nil for a folder
	dir   string
}

// each runs fn on both databases, with a folder and with S3.
func each(t *testing.T, limits files.Limits, fn func(t *testing.T, r *room)) {
	t.Helper()
	t.Run("folder", func(t *testing.T) {
		testkit.EachMigrated(t, func(t *testing.T, source string) {
			dir := filepath.Join(t.TempDir(), "files")
			r := enter(t, source, dir, limits)
			r.dir = dir
			fn(t, r)
		})
	})
	t.Run("s3", func(t *testing.T) {
		testkit.EachMigrated(t, func(t *testing.T, source string) {
			s3 := testkit.NewS3(t)
			r := enter(t, source, s3.Place, limits)
			r.s3 = s3
			fn(t, r)
		})
	})
}

func enter(t testing.TB, source, place string, limits files.Limits) *room {
	t.Helper()
	ctx := context.Background()
	store, err := files.OpenStore(ctx, place)
	must(t, err)
	return over(t, source, store, limits)
}

func over(t testing.TB, source string, store *files.Store, limits files.Limits) *room {
	t.Helper()
	r := &room{t: t, store: store, later: new(atomic.Int64)}
	var err error
	r.db, err = db.Open(context.Background(), source, db.Options{Log: slog.New(slog.DiscardHandler), Clock: func() time.Time {
		return time.Now().Add(time.Duration(r.later.Load()) * time.Second)
	}})
	must(t, err)
	t.Cleanup(func() { _ = errors.Join(r.db.Close(), store.Close()) })
	r.gate = gate.New(r.db, "320900")
	r.Service = files.New(r.db, r.gate, store, limits)
	return r
}

// roomy limits nothing that a test does not mean to reach.
func roomy() files.Limits {
	return files.Limits{File: 10 << 20, PerRecord: 20, Owner: 100 << 20, Site: 1 << 30}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func person(id string) authz.Actor {
	return authz.Actor{Kind: authz.Human, ID: id, Name: id, Grants: []authz.Grant{
		{Role: authz.Role{Name: "writer", Permissions: []authz.Permission{attach, detach}}, Region: "320924"},
	}}
}

func owner(id string) authz.Party { return authz.Party{Kind: authz.Enterprise, ID: id} }

func (r *room) hold(by authz.Actor, name string, data []byte) (files.Pending, error) {
	return r.Hold(context.Background(), by, files.Incoming{Name: name, Data: bytes.NewReader(data), Form: "form"})
}

func (r *room) held(by authz.Actor, name string, data []byte) files.Pending {
	r.t.Helper()
	p, err := r.hold(by, name, data)
	must(r.t, err)
	return p
}

// attach hangs pending uploads on a paper.
func (r *room) attach(by authz.Actor, paper string, whose authz.Party, tokens ...string) ([]files.File, error) {
	var got []files.File
	c := gate.Change{By: by, Do: attach, On: authz.At("320924"), Record: gate.Record{Kind: "paper", ID: paper}}
	err := r.gate.Write(context.Background(), &c, func(ctx context.Context, tx *db.Tx) (err error) {
		got, err = r.Attach(ctx, tx, &c, files.To{Record: c.Record, Owner: whose}, tokens...)
		return err
	})
	return got, err
}

func (r *room) attached(by authz.Actor, paper string, whose authz.Party, tokens ...string) []files.File {
	r.t.Helper()
	got, err := r.attach(by, paper, whose, tokens...)
	must(r.t, err)
	return got
}

func (r *room) detach(by authz.Actor, f files.File) error {
	c := gate.Change{By: by, Do: detach, On: authz.At("320924"), Record: f.Record}
	return r.gate.Write(context.Background(), &c, func(ctx context.Context, tx *db.Tx) error {
		return r.Detach(ctx, tx, &c, f)
	})
}

func (r *room) read(f files.File) []byte {
	r.t.Helper()
	in, err := r.Open(context.Background(), f)
	must(r.t, err)
	raw, err := io.ReadAll(in)
	must(r.t, errors.Join(err, in.Close()))
	return raw
}

func (r *room) count(query string, args ...any) int64 {
	r.t.Helper()
	var n int64
	must(r.t, r.db.Get(context.Background(), &n, query, args...))
	return n
}

// stored are the hashes of what lies in the store.
func (r *room) stored() int64 {
	r.t.Helper()
	n := int64(0)
	must(r.t, r.store.Stored(context.Background(), func(string) { n++ }))
	return n
}

func (r *room) wholeAndSound() {
	r.t.Helper()
	rep, err := files.Verify(context.Background(), r.db, r.store, true)
	must(r.t, err)
	if !rep.OK() {
		r.t.Errorf("missing %v, damaged %v", rep.Missing, rep.Damaged)
	}
	_, err = gate.Verify(context.Background(), r.db)
	must(r.t, err)
}

// pdf is a document of about n bytes that no other seed makes.
func pdf(seed uint64, n int) []byte {
	random := rand.New(rand.NewPCG(seed, 7))
	raw := []byte("%PDF-1.4\n")
	for len(raw) < n {
		raw = append(raw, byte(random.Uint32()))
	}
	return raw
}

// office is an office document of the kind whose main part is given.
func office(t testing.TB, parts ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, part := range append([]string{"[Content_Types].xml", "_rels/.rels"}, parts...) {
		w, err := z.Create(part)
		must(t, err)
		_, err = w.Write([]byte("<?xml version=\"1.0\"?><x>" + part + "</x>"))
		must(t, err)
	}
	must(t, z.Close())
	return b.Bytes()
}

// broken is the key of the field fault err is.
func broken(err error) string {
	if e, ok := errors.AsType[*fault.Error](err); ok && e.Kind == fault.Invalid && len(e.Fields) == 1 && e.Fields[0].Name == files.Field {
		return e.Fields[0].Key
	}
	return ""
}
