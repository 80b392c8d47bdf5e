package backup

import (
	"archive/tar"
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"strings"

	"github.com/klauspost/compress/zstd"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/jobs"
)

// Contents are what an archive was found to hold.
type Contents struct {
	Header
	Manifest Manifest
	Key      []byte // the installation's secret; nil when it is not in the archive
}

// Check reads a whole archive and holds every hash against it. It changes
// nothing.
func Check(ctx context.Context, in io.Reader) (Contents, error) {
	return read(ctx, in, taker{
		table: func(_ db.Table, next func() ([]any, error)) error { return drain(next) },
		jobs:  func(next func() (*jobs.Pending, error)) error { return drain(next) },
		file:  func(string, int64, io.Reader) error { return nil },
	})
}

// Peek reads what an archive says of itself, and no further.
func Peek(ctx context.Context, in io.Reader) (Header, error) {
	var h Header
	enough := errors.New("enough")
	_, err := read(ctx, in, taker{header: func(found Header) error {
		h = found
		return enough
	}})
	if errors.Is(err, enough) {
		err = nil
	}
	return h, err
}

func drain[T any](next func() (T, error)) error {
	for {
		if _, err := next(); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
	}
}

// taker takes the parts of an archive as they come by. next ends with io.EOF.
// What is taken may be wrong until read has returned without an error.
type taker struct {
	header func(Header) error // nil for nobody
	table  func(t db.Table, next func() ([]any, error)) error
	jobs   func(next func() (*jobs.Pending, error)) error
	file   func(sha256 string, size int64, content io.Reader) error
}

type reader struct {
	ctx   context.Context
	tar   *tar.Reader
	entry *tar.Header // the one that is at hand; nil at the end
	last  string      // the one before it
	found Manifest
}

// longestRow bounds what a line may take of the memory.
const longestRow = 256 << 20

func read(ctx context.Context, in io.Reader, to taker) (Contents, error) {
	packed, err := zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(64<<20))
	if err != nil {
		return Contents{}, err
	}
	defer packed.Close()
	r := &reader{ctx: ctx, tar: tar.NewReader(packed)}
	c, err := r.all(to)
	if err != nil {
		return Contents{}, err
	}
	if n, err := io.Copy(io.Discard, packed); n > 0 || err != nil {
		return Contents{}, fmt.Errorf("%w: something follows its end (%d bytes, %w)", ErrDamaged, n, err)
	}
	return c, nil
}

func (r *reader) all(to taker) (Contents, error) {
	var c Contents
	if err := r.advance(); err != nil {
		return c, err
	}
	raw, err := r.whole(headerEntry)
	if err != nil {
		return c, err
	}
	if err := c.readHeader(raw); err != nil {
		return c, err
	}
	if to.header != nil {
		if err := to.header(c.Header); err != nil {
			return c, err
		}
	}
	for _, t := range c.Tables {
		if err := r.table(t, to.table); err != nil {
			return c, err
		}
	}
	if err := r.jobs(to.jobs); err != nil {
		return c, err
	}
	if err := r.files(c.Files, to.file); err != nil {
		return c, err
	}
	if c.Secret {
		if c.Key, err = r.whole(secretEntry); err != nil {
			return c, err
		}
		r.found.KeyHash = hashOf(c.Key)
	}
	manifest, err := r.whole(manifestEntry)
	if err != nil {
		return c, err
	}
	if err := json.Unmarshal(manifest, &c.Manifest); err != nil {
		return c, r.damaged("its manifest cannot be read: %v", err)
	}
	if r.entry != nil {
		return c, r.damaged("%s follows the manifest", r.entry.Name)
	}
	return c, r.compare(c.Manifest, raw)
}

// readHeader looks at the format first: the rest of a newer one may mean
// something else.
func (c *Contents) readHeader(raw []byte) error {
	var first struct{ Format int }
	if err := json.Unmarshal(raw, &first); err != nil || first.Format < 1 {
		return fmt.Errorf("%w: %s cannot be read (%w)", ErrDamaged, headerEntry, err)
	}
	if first.Format > Format {
		return fmt.Errorf("the archive has format %d and this program reads up to %d: restore it with a newer qiban", first.Format, Format)
	}
	if err := json.Unmarshal(raw, &c.Header); err != nil {
		return fmt.Errorf("%w: %s cannot be read (%w)", ErrDamaged, headerEntry, err)
	}
	return nil
}

// compare holds what was found against what was written.
func (r *reader) compare(written Manifest, header []byte) error {
	if len(written.Tables) != len(r.found.Tables) {
		return r.damaged("it has %d tables, written were %d", len(r.found.Tables), len(written.Tables))
	}
	parts := func(m Manifest) []Part { return append(append([]Part{}, m.Tables...), m.Jobs, m.Files) }
	for i, is := range parts(r.found) {
		if was := parts(written)[i]; is != was {
			return r.damaged("%s has %d rows with hash %.12s, written were %d with %.12s", is.Name, is.Rows, is.SHA256, was.Rows, was.SHA256)
		}
	}
	if r.found.KeyHash != written.KeyHash {
		return r.damaged("the secret is another")
	}
	if r.found.total(header) != written.Total {
		return r.damaged("the hash over the whole is wrong")
	}
	return nil
}

func (r *reader) damaged(format string, args ...any) error {
	where := "at its beginning"
	if r.last != "" {
		where = "after " + r.last
	}
	return fmt.Errorf("%w, %s: %s", ErrDamaged, where, fmt.Sprintf(format, args...))
}

// advance goes on to the next entry. Only the manifest may be the last.
func (r *reader) advance() error {
	if err := r.ctx.Err(); err != nil {
		return err
	}
	if r.entry != nil {
		r.last = r.entry.Name
	}
	entry, err := r.tar.Next()
	r.entry = entry
	switch {
	case err == nil:
		return nil
	case errors.Is(err, io.EOF) && r.last == manifestEntry:
		r.entry = nil
		return nil
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return r.damaged("it ends too early")
	case r.last == "":
		return fmt.Errorf("this is no archive of qiban backup (%w)", err)
	}
	return r.damaged("%v", err)
}

// whole is the content of the entry at hand, which must be the one named.
func (r *reader) whole(name string) ([]byte, error) {
	if r.entry == nil || r.entry.Name != name {
		return nil, r.unexpected(name)
	}
	const most = 16 << 20
	if r.entry.Size > most {
		return nil, r.damaged("%s is %d bytes long", name, r.entry.Size)
	}
	raw, err := io.ReadAll(r.tar)
	if err != nil {
		return nil, r.damaged("%s: %v", name, err)
	}
	return raw, r.advance()
}

func (r *reader) unexpected(want string) error {
	found := "its end"
	if r.entry != nil {
		found = r.entry.Name
	}
	return r.damaged("here is %s instead of %s", found, want)
}

// lined reads the lines of a part out of its entries.
type lined struct {
	r      *reader
	folder string
	n      int
	in     *bufio.Reader // nil between entries
	line   []byte
	part   Part
	sum    hash.Hash
}

func (r *reader) lines(name, folder string) *lined {
	return &lined{r: r, folder: folder, part: Part{Name: name}, sum: sha256.New()}
}

// next is a line without its end, valid until the next call; io.EOF when there
// is no more.
func (l *lined) next() ([]byte, error) {
	for {
		if l.in == nil {
			if l.r.entry == nil || l.r.entry.Name != chunk(l.folder, l.n+1) {
				return nil, io.EOF
			}
			l.n++
			l.in = bufio.NewReaderSize(l.r.tar, 64<<10)
		}
		line, err := l.read()
		if err == nil {
			l.part.Rows++
			l.part.Bytes += int64(len(line))
			_, _ = l.sum.Write(line) // a hash never fails
			return line[:len(line)-1], nil
		}
		if !errors.Is(err, io.EOF) || len(line) > 0 {
			return nil, l.r.damaged("%s breaks off: %v", l.r.entry.Name, err)
		}
		l.in = nil
		if err := l.r.advance(); err != nil {
			return nil, err
		}
	}
}

// read is one line with its end, however long.
func (l *lined) read() ([]byte, error) {
	l.line = l.line[:0]
	for {
		piece, err := l.in.ReadSlice('\n')
		l.line = append(l.line, piece...)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return l.line, err
		}
		if len(l.line) > longestRow {
			return l.line, errors.New("a row without end")
		}
	}
}

func (l *lined) end() Part {
	l.part.SHA256 = hex.EncodeToString(l.sum.Sum(nil))
	return l.part
}

func (r *reader) table(t db.Table, take func(db.Table, func() ([]any, error)) error) error {
	l := r.lines(t.Name, tablesFolder+t.Name)
	var wrong error
	err := take(t, func() ([]any, error) {
		line, err := l.next()
		if err != nil {
			wrong = err
			return nil, err
		}
		row, err := parseRow(line, t)
		if err != nil {
			wrong = r.damaged("%s, row %d: %v", r.entry.Name, l.part.Rows, err)
			return nil, wrong
		}
		return row, nil
	})
	if wrong != nil && !errors.Is(wrong, io.EOF) {
		return wrong // rather than what the database makes of it
	}
	if err != nil {
		return fmt.Errorf("table %s: %w", t.Name, err)
	}
	r.found.Tables = append(r.found.Tables, l.end())
	return nil
}

func (r *reader) jobs(take func(func() (*jobs.Pending, error)) error) error {
	l := r.lines("jobs", jobsFolder)
	err := take(func() (*jobs.Pending, error) {
		line, err := l.next()
		if err != nil {
			return nil, err
		}
		p := new(jobs.Pending)
		if err := json.Unmarshal(line, p); err != nil {
			return nil, r.damaged("%s, row %d: %v", r.entry.Name, l.part.Rows, err)
		}
		return p, nil
	})
	r.found.Jobs = l.end()
	return err
}

func (r *reader) files(any bool, take func(string, int64, io.Reader) error) error {
	part, list := Part{Name: "files"}, sha256.New()
	for any && r.entry != nil && strings.HasPrefix(r.entry.Name, filesFolder) {
		name := strings.TrimPrefix(r.entry.Name, filesFolder)
		if raw, err := hex.DecodeString(name); err != nil || len(raw) != sha256.Size {
			return r.damaged("%s is no name of an upload", r.entry.Name)
		}
		sum := sha256.New()
		content := io.TeeReader(r.tar, sum)
		if err := take(name, r.entry.Size, content); err != nil {
			return fmt.Errorf("upload %s: %w", name, err)
		}
		if _, err := io.Copy(io.Discard, content); err != nil {
			return r.damaged("upload %s: %v", name, err)
		}
		if hex.EncodeToString(sum.Sum(nil)) != name {
			return r.damaged("the content of upload %s has changed", name)
		}
		_, _ = fmt.Fprintln(list, name) // a hash never fails
		part.Rows++
		part.Bytes += r.entry.Size
		if err := r.advance(); err != nil {
			return err
		}
	}
	part.SHA256 = hex.EncodeToString(list.Sum(nil))
	r.found.Files = part
	return nil
}
