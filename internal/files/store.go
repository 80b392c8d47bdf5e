package files

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"time"

	"gocloud.dev/blob"
	"gocloud.dev/blob/fileblob"
	"gocloud.dev/blob/s3blob"
	"gocloud.dev/gcerrors"

	"qiban.dev/qiban/internal/fault"
)

// Store is where blobs lie: a folder, or an S3 bucket. It is safe for
// concurrent use, also by several processes.
type Store struct {
	folder string // "" for a bucket elsewhere
	name   string // without anything secret

	mu     sync.Mutex
	bucket *blob.Bucket // nil for a folder that does not exist yet
}

// Content names a blob: the SHA-256 of its bytes in hexadecimal, and how many
// there are.
type Content struct {
	Sha  string `db:"sha"`
	Size int64  `db:"size"`
}

// How long one action on the store may take before it counts as unavailable.
const (
	lookLong  = 15 * time.Second
	writeLong = 3 * time.Minute
)

// OpenStore makes the store at a place: a folder, which is made when something
// is first written, or s3://bucket/prefix?region=… with the parameters of
// gocloud.dev/blob/s3blob; credentials come from the environment as the AWS
// tools read them, never from the address. It does not reach out: a bucket that
// is down is found out when it is used.
func OpenStore(ctx context.Context, place string) (*Store, error) {
	if !strings.Contains(place, "://") {
		s := &Store{folder: place, name: place}
		return s, s.openFolder(false)
	}
	u, err := url.Parse(place)
	if err != nil || u.Scheme != s3blob.Scheme || u.Host == "" {
		return nil, errors.New("files are kept in a folder or in s3://bucket?region=…")
	}
	if u.User != nil {
		return nil, errors.New("the address of the bucket must hold no credentials: give AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment")
	}
	prefix := strings.Trim(u.Path, "/")
	u.Path = ""
	s := &Store{name: u.Scheme + "://" + u.Host + "/" + prefix}
	s.bucket, err = new(s3blob.URLOpener).OpenBucketURL(ctx, u)
	if err != nil {
		return nil, fmt.Errorf("files in %s: %w", s.name, err)
	}
	if prefix != "" {
		s.bucket = blob.PrefixedBucket(s.bucket, prefix+"/")
	}
	return s, nil
}

// Over makes a store of a bucket that is open already, for tests.
func Over(b *blob.Bucket) *Store { return &Store{bucket: b, name: "a bucket"} }

// String says where the store is, without anything secret.
func (s *Store) String() string { return s.name }

// Close gives up what the store holds open.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.bucket == nil {
		return nil
	}
	return s.bucket.Close()
}

// openFolder opens the folder, if it exists or may be made.
func (s *Store) openFolder(make bool) error {
	_, err := os.Stat(s.folder)
	if errors.Is(err, fs.ErrNotExist) && !make {
		return nil
	}
	// Temporary files lie beside their final name: a rename within one folder is
	// one step even where the system's temporary folder is another disk.
	s.bucket, err = fileblob.OpenBucket(s.folder, &fileblob.Options{
		CreateDir: make, DirFileMode: 0o700, NoTempDir: true, Metadata: fileblob.MetadataDontWrite,
	})
	return err
}

// open is the bucket; nil when it is a folder that does not exist and is not to
// be made.
func (s *Store) open(make bool) (*blob.Bucket, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.bucket == nil {
		if err := s.openFolder(make); err != nil {
			return nil, unavailable(err)
		}
	}
	return s.bucket, nil
}

// key is where a blob lies: sharded, so that no folder grows too long.
func key(sha string) string { return sha[:2] + "/" + sha }

var (
	shaForm  = regexp.MustCompile(`^[0-9a-f]{64}$`)
	tempForm = regexp.MustCompile(`^[0-9a-f]{2}/[0-9a-f]{64}\.[0-9a-f]+\.tmp$`)
)

// shaOf is the blob a key belongs to; false for keys that are not ours.
func shaOf(k string) (string, bool) {
	shard, sha, ok := strings.Cut(k, "/")
	return sha, ok && shaForm.MatchString(sha) && shard == sha[:2]
}

// Put stores a blob under its hash and returns once it is durable. Content that
// does not have the hash is refused as an error and leaves nothing behind.
// Storing what is there already is harmless. A full disk or a bucket that does
// not answer is fault.Unavailable.
func (s *Store) Put(ctx context.Context, sha string, r io.Reader) error {
	if !shaForm.MatchString(sha) {
		return fmt.Errorf("files: %q is no SHA-256", sha)
	}
	b, err := s.open(true)
	if err != nil {
		return err
	}
	// Ending the context before Close is how a writer gives up.
	ctx, cancel := context.WithTimeout(ctx, writeLong)
	defer cancel()
	var file *os.File
	w, err := b.NewWriter(ctx, key(sha), &blob.WriterOptions{
		ContentType: "application/octet-stream", // nobody's guess: the type is kept in the row
		BeforeWrite: func(as func(any) bool) error {
			if s.folder == "" || !as(&file) {
				return nil
			}
			return file.Chmod(0o600)
		},
	})
	if err != nil {
		return unavailable(err)
	}
	h := sha256.New()
	_, err = io.Copy(w, io.TeeReader(r, h))
	if err == nil && hex.EncodeToString(h.Sum(nil)) != sha {
		err = fmt.Errorf("files: the content of %s has another hash", sha)
		cancel()
		return errors.Join(err, ended(w.Close()))
	}
	if err == nil && file != nil {
		err = file.Sync()
	}
	if err != nil {
		cancel()
		return unavailable(errors.Join(err, ended(w.Close())))
	}
	if err := w.Close(); err != nil {
		return unavailable(err)
	}
	return unavailable(s.settle(sha))
}

// ended drops what a writer says that was told to give up.
func ended(err error) error {
	if errors.Is(err, context.Canceled) || gcerrors.Code(err) == gcerrors.Canceled {
		return nil
	}
	return err
}

// settle makes the name of a new blob durable too, and that of its shard.
func (s *Store) settle(sha string) error {
	if s.folder == "" {
		return nil
	}
	for _, dir := range []string{filepath.Join(s.folder, sha[:2]), s.folder} {
		d, err := os.Open(dir) //nolint:gosec // a folder of the store
		if err != nil {
			return err
		}
		if err := errors.Join(d.Sync(), d.Close()); err != nil {
			return err
		}
	}
	return nil
}

// Open reads a blob; Close the reader. The context must last as long. A blob
// that is not there is fault.NotFound.
func (s *Store) Open(ctx context.Context, sha string) (io.ReadSeekCloser, error) {
	b, err := s.open(false)
	if err != nil {
		return nil, err
	}
	if b == nil || !shaForm.MatchString(sha) {
		return nil, fault.Missing()
	}
	r, err := b.NewReader(ctx, key(sha), nil)
	if err != nil {
		return nil, unavailable(err)
	}
	return r, nil
}

// Size is the length of a blob; fault.NotFound when it is not there.
func (s *Store) Size(ctx context.Context, sha string) (int64, error) {
	b, err := s.open(false)
	if err != nil {
		return 0, err
	}
	if b == nil || !shaForm.MatchString(sha) {
		return 0, fault.Missing()
	}
	ctx, cancel := context.WithTimeout(ctx, lookLong)
	defer cancel()
	a, err := b.Attributes(ctx, key(sha))
	if err != nil {
		return 0, unavailable(err)
	}
	return a.Size, nil
}

// remove deletes what lies under a key; nothing there is fine.
func (s *Store) remove(ctx context.Context, k string) error {
	b, err := s.open(false)
	if b == nil || err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, lookLong)
	defer cancel()
	if err := b.Delete(ctx, k); err != nil && gcerrors.Code(err) != gcerrors.NotFound {
		return unavailable(err)
	}
	return nil
}

// each calls fn with every object of the store.
func (s *Store) each(ctx context.Context, fn func(key string, size int64, at time.Time) error) error {
	b, err := s.open(false)
	if b == nil || err != nil {
		return err
	}
	list := b.List(nil)
	for {
		o, err := list.Next(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return unavailable(err)
		}
		if err := fn(o.Key, o.Size, o.ModTime); err != nil {
			return err
		}
	}
}

// unavailable makes a failure of the store one that its reader can do something
// about: come back later, or tell the operator that the disk is full.
func unavailable(err error) error {
	switch {
	case err == nil:
		return nil
	case gcerrors.Code(err) == gcerrors.NotFound:
		return fault.Because(err, fault.NotFound, "fault.not_found")
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT), errors.Is(err, syscall.EFBIG):
		return fault.Because(err, fault.Unavailable, "files.full")
	default:
		return fault.Because(err, fault.Unavailable, "files.unavailable")
	}
}
