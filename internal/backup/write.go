package backup

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"log/slog"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/klauspost/compress/zstd"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/jobs"
)

// Files are the uploads: their contents under the SHA-256 of it.
type Files interface {
	// Each calls fn with every upload that the records name, as the reader sees
	// them, in the order of their hashes.
	Each(ctx context.Context, r db.Reader, fn func(sha256 string, size int64) error) error
	// Open reads one.
	Open(ctx context.Context, sha256 string) (io.ReadCloser, error)
	// Put keeps one. What is there already stays.
	Put(ctx context.Context, sha256 string, size int64, content io.Reader) error
}

// What is what goes into an archive besides the records.
type What struct {
	Program string // version of this program
	Site    string
	Secret  []byte // nil leaves the installation's secret out
	Files   Files  // nil leaves uploads out
	// Said hears of every part that is done; nil for nobody.
	Said func(Part)
	Log  *slog.Logger // nil is slog.Default
}

// chunkSize is how much of a table one entry of the tar holds, but for a longer row.
const chunkSize = 1 << 20

// Write writes an archive of the database as it is at one moment, beside whoever
// reads and writes it. It does not close out.
func Write(ctx context.Context, d *db.DB, queue *jobs.Jobs, out io.Writer, what What) (Manifest, error) {
	if what.Log == nil {
		what.Log = slog.Default()
	}
	packed, err := zstd.NewWriter(out, zstd.WithEncoderConcurrency(2), zstd.WithEncoderCRC(true))
	if err != nil {
		return Manifest{}, err
	}
	w := &writer{tar: tar.NewWriter(packed), what: what, buf: make([]byte, 0, chunkSize+chunkSize/8)}
	err = d.Snapshot(ctx, func(ctx context.Context, r db.Reader) error { return w.all(ctx, r, queue, d.Now()) })
	if err != nil {
		_ = packed.Close()
		return Manifest{}, err
	}
	if err := w.tar.Close(); err != nil {
		return Manifest{}, err
	}
	return w.made, packed.Close()
}

type writer struct {
	tar  *tar.Writer
	what What
	at   time.Time
	buf  []byte
	made Manifest
}

func (w *writer) all(ctx context.Context, r db.Reader, queue *jobs.Jobs, now time.Time) error {
	h := Header{
		Format: Format, Program: w.what.Program, Engine: r.Dialect(), Site: w.what.Site, Made: now,
		Files: w.what.Files != nil, Secret: w.what.Secret != nil,
	}
	w.at = now
	var err error
	// The first query is the moment that all the others see.
	if h.Versions, err = db.Versions(ctx, r); err != nil {
		return err
	}
	if h.Tables, err = w.tables(ctx, r); err != nil {
		return err
	}
	if h.LastJob, err = jobs.LastNumber(ctx, r); err != nil {
		return err
	}
	header, err := json.MarshalIndent(h, "", " ")
	if err != nil {
		return err
	}
	if err := w.entry(headerEntry, header); err != nil {
		return err
	}
	for _, t := range h.Tables {
		if err := w.table(ctx, r, t); err != nil {
			return err
		}
	}
	if err := w.jobs(ctx, r, queue); err != nil {
		return err
	}
	if err := w.files(ctx, r); err != nil {
		return err
	}
	if w.what.Secret != nil {
		w.made.KeyHash = hashOf(w.what.Secret)
		if err := w.entry(secretEntry, w.what.Secret); err != nil {
			return err
		}
	}
	w.made.Total = w.made.total(header)
	manifest, err := json.MarshalIndent(w.made, "", " ")
	if err != nil {
		return err
	}
	return w.entry(manifestEntry, manifest)
}

// tables are those that migrations make. Others, made by hand, could not be
// restored and are left out.
func (w *writer) tables(ctx context.Context, r db.Reader) ([]db.Table, error) {
	all, err := db.Tables(ctx, r)
	if err != nil {
		return nil, err
	}
	made, err := db.MadeByMigrations()
	return slices.DeleteFunc(all, func(t db.Table) bool {
		if slices.Contains(made, t.Name) {
			return false
		}
		w.what.Log.Warn("a table that is not the program's is left out of the backup", "table", t.Name)
		return true
	}), err
}

func (w *writer) entry(name string, body []byte) error {
	if err := w.begin(name, int64(len(body))); err != nil {
		return err
	}
	_, err := w.tar.Write(body)
	return err
}

func (w *writer) begin(name string, size int64) error {
	return w.tar.WriteHeader(&tar.Header{Name: name, Size: size, Mode: 0o600, ModTime: w.at, Format: tar.FormatPAX})
}

// lines gathers lines into entries of about a chunk.
type lines struct {
	w      *writer
	folder string
	part   Part
	sum    hash.Hash
	n      int
}

func (w *writer) lines(name, folder string) *lines {
	w.buf = w.buf[:0]
	return &lines{w: w, folder: folder, part: Part{Name: name}, sum: sha256.New()}
}

// added counts the line that the writer's buffer now ends with.
func (l *lines) added() error {
	l.part.Rows++
	if len(l.w.buf) < chunkSize {
		return nil
	}
	return l.flush()
}

func (l *lines) flush() error {
	if len(l.w.buf) == 0 {
		return nil
	}
	l.n++
	l.part.Bytes += int64(len(l.w.buf))
	_, _ = l.sum.Write(l.w.buf) // a hash never fails
	err := l.w.entry(chunk(l.folder, l.n), l.w.buf)
	l.w.buf = l.w.buf[:0]
	return err
}

func (l *lines) end() (Part, error) {
	err := l.flush()
	l.part.SHA256 = hex.EncodeToString(l.sum.Sum(nil))
	if l.w.what.Said != nil && err == nil {
		l.w.what.Said(l.part)
	}
	return l.part, err
}

func (w *writer) table(ctx context.Context, r db.Reader, t db.Table) error {
	l := w.lines(t.Name, tablesFolder+t.Name)
	values := make([]any, len(t.Columns))
	err := r.Each(ctx, func(rows *sqlx.Rows) error {
		if err := t.Scan(rows, values); err != nil {
			return err
		}
		var err error
		if w.buf, err = appendRow(w.buf, t, values); err != nil {
			return err
		}
		return l.added()
	}, t.Rows(r.Dialect()))
	if err != nil {
		return fmt.Errorf("table %s: %w", t.Name, err)
	}
	part, err := l.end()
	w.made.Tables = append(w.made.Tables, part)
	return err
}

func (w *writer) jobs(ctx context.Context, r db.Reader, queue *jobs.Jobs) error {
	l := w.lines("jobs", jobsFolder)
	err := queue.EachPending(ctx, r, func(p jobs.Pending) error {
		line, err := json.Marshal(p)
		if err != nil {
			return err
		}
		w.buf = append(append(w.buf, line...), '\n')
		return l.added()
	})
	if err != nil {
		return fmt.Errorf("jobs: %w", err)
	}
	w.made.Jobs, err = l.end()
	return err
}

func (w *writer) files(ctx context.Context, r db.Reader) error {
	w.made.Files.Name = "files"
	sum := sha256.New()
	if w.what.Files != nil {
		err := w.what.Files.Each(ctx, r, func(name string, size int64) error {
			_, _ = fmt.Fprintln(sum, name) // a hash never fails
			w.made.Files.Rows++
			w.made.Files.Bytes += size
			return w.file(ctx, name, size)
		})
		if err != nil {
			return err
		}
	}
	w.made.Files.SHA256 = hex.EncodeToString(sum.Sum(nil))
	return nil
}

// file writes an upload, unless it is not what its name says.
func (w *writer) file(ctx context.Context, name string, size int64) error {
	content, err := w.what.Files.Open(ctx, name)
	if err != nil {
		return fmt.Errorf("upload %s: %w", name, err)
	}
	defer func() { _ = content.Close() }()
	if err := w.begin(filesFolder+name, size); err != nil {
		return err
	}
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(w.tar, sum), content)
	if err == nil && (n != size || hex.EncodeToString(sum.Sum(nil)) != name) {
		err = fmt.Errorf("it is %d bytes instead of %d, or its content has changed", n, size)
	}
	if err != nil {
		return fmt.Errorf("upload %s: %w", name, err)
	}
	return nil
}

func hashOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
