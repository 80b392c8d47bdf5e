package files

import (
	"context"
	"io"
	"strings"
	"time"

	"github.com/gabriel-vasile/mimetype"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/gate"
)

// Limits are how much may be uploaded, in bytes unless said otherwise.
type Limits struct {
	File      int64 // one file
	PerRecord int   // files on one record
	Owner     int64 // all files of one enterprise, institution, person or office
	Site      int64 // everything, pending uploads included
}

// What one person may have pending at a time.
const (
	mostPending      = 40
	mostPendingBytes = 256 << 20
)

// Office is the kind of an owner that is an office (经办单位): its id is a region
// code. The other kinds are those of authz parties.
const Office = "office"

// Service is the use cases. It is safe for concurrent use.
type Service struct {
	db     *db.DB
	gate   *gate.Gate
	store  *Store
	limits Limits
}

// New makes the service.
func New(d *db.DB, g *gate.Gate, store *Store, limits Limits) *Service {
	mimetype.SetLimit(head) // the library keeps this for the whole program; nobody else uses it
	return &Service{db: d, gate: g, store: store, limits: limits}
}

// Limits are those in force.
func (s *Service) Limits() Limits { return s.limits }

// Store is where the blobs lie.
func (s *Service) Store() *Store { return s.store }

// File is a blob that hangs on a record (附件).
type File struct {
	ID string
	Content
	Type   string // media type, as the content says
	Name   string // as it is shown and downloaded
	Owner  authz.Party
	Record gate.Record
	By     string // account of who uploaded it
	ByName string
	At     time.Time
}

// On reports whether the file hangs on the record.
func (f *File) On(kind, id string) bool { return f.Record == gate.Record{Kind: kind, ID: id} }

const fileColumns = `id, sha, size, type, name, owner_kind, owner_id, record_kind, record_id, uploaded_by, uploaded_name, uploaded_at`

type fileRow struct {
	ID string `db:"id"`
	Content
	Type       string `db:"type"`
	Name       string `db:"name"`
	OwnerKind  string `db:"owner_kind"`
	OwnerID    string `db:"owner_id"`
	RecordKind string `db:"record_kind"`
	RecordID   string `db:"record_id"`
	By         string `db:"uploaded_by"`
	ByName     string `db:"uploaded_name"`
	At         int64  `db:"uploaded_at"`
}

func (r *fileRow) file() File {
	return File{
		ID: r.ID, Content: r.Content, Type: r.Type, Name: r.Name,
		Owner: authz.Party{Kind: r.OwnerKind, ID: r.OwnerID}, Record: gate.Record{Kind: r.RecordKind, ID: r.RecordID},
		By: r.By, ByName: r.ByName, At: db.Time(r.At),
	}
}

// Of are the files that hang on the records, oldest first. Whoever calls it has
// made sure that they may be seen.
func Of(ctx context.Context, r db.Reader, on ...gate.Record) ([]File, error) {
	if len(on) == 0 {
		return nil, nil
	}
	where, args := "", []any{}
	for _, record := range on {
		where += ` OR record_kind = ? AND record_id = ?`
		args = append(args, record.Kind, record.ID)
	}
	var rows []fileRow
	err := r.Select(ctx, &rows, `SELECT `+fileColumns+` FROM files_file
		WHERE removed_at = 0 AND (`+strings.TrimPrefix(where, " OR ")+`) ORDER BY id`, args...)
	found := make([]File, len(rows))
	for i := range rows {
		found[i] = rows[i].file()
	}
	return found, err
}

// Get is one file, if it hangs on the record, else NotFound. Whoever calls it
// has made sure that the record may be seen.
func Get(ctx context.Context, r db.Reader, on gate.Record, id string) (File, error) {
	var row fileRow
	err := r.Get(ctx, &row, `SELECT `+fileColumns+` FROM files_file
		WHERE id = ? AND record_kind = ? AND record_id = ? AND removed_at = 0`, id, on.Kind, on.ID)
	return row.file(), err
}

// Open reads the content of a file. That it is missing is the store's failure,
// not the reader's: Unavailable.
func (s *Service) Open(ctx context.Context, f File) (io.ReadSeekCloser, error) {
	r, err := s.store.Open(ctx, f.Sha)
	if fault.Is(err, fault.NotFound) {
		return nil, fault.Because(err, fault.Unavailable, "files.unavailable")
	}
	return r, err
}

// Disclose notes in the audit trail that somebody opened a file that is not
// theirs: it may hold personal data. The change says under which right.
func (s *Service) Disclose(ctx context.Context, c *gate.Change, f File) error {
	return s.gate.Disclose(ctx, c, "file "+f.ID)
}

// aside is a transaction of the store's own bookkeeping: what is pending, and
// which blobs are there. No record changes by it, and nobody acts.
func (s *Service) aside(ctx context.Context, fn func(context.Context, *db.Tx) error) error {
	return s.db.Write(ctx, fn) //nolint:forbidigo // nothing here is anybody's record yet
}
