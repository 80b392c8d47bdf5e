package files

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"

	"github.com/jmoiron/sqlx"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
)

// Each calls fn with every content that a file or a pending upload refers to,
// once, in the order of the hashes. It is how a backup finds what to take along:
// within a Snapshot it sees one moment, and what it names stays in the store for
// a day, whoever removes it meanwhile.
func Each(ctx context.Context, r db.Reader, fn func(Content) error) error {
	return r.Each(ctx, func(rows *sqlx.Rows) error {
		var c Content
		if err := rows.StructScan(&c); err != nil {
			return err
		}
		return fn(c)
	}, `SELECT sha, MAX(size) AS size FROM (
		SELECT sha, size FROM files_file WHERE removed_at = 0
		UNION ALL SELECT sha, size FROM files_pending WHERE ready = 1) AS every
		GROUP BY sha ORDER BY sha`)
}

// Report is what Verify found.
type Report struct {
	Contents int64 // looked at
	Bytes    int64
	Missing  []string // hashes of contents that are not in the store
	Damaged  []string // hashes of contents that have another size, or another hash
}

// OK reports that every row has its blob.
func (r Report) OK() bool { return len(r.Missing)+len(r.Damaged) == 0 }

// Verify checks that everything that is referred to is in the store with the
// right size; full reads it all and checks the hashes too. An error means that
// it could not look.
func Verify(ctx context.Context, r db.Reader, store *Store, full bool) (Report, error) {
	var rep Report
	var all []Content // rows are not kept open over a slow store
	if err := Each(ctx, r, func(c Content) error { all = append(all, c); return nil }); err != nil {
		return rep, err
	}
	for _, c := range all {
		rep.Contents++
		rep.Bytes += c.Size
		size, err := store.Size(ctx, c.Sha)
		right := size == c.Size
		if err == nil && right && full {
			right, err = store.whole(ctx, c.Sha)
		}
		switch {
		case fault.Is(err, fault.NotFound):
			rep.Missing = append(rep.Missing, c.Sha)
		case err != nil:
			return rep, err
		case !right:
			rep.Damaged = append(rep.Damaged, c.Sha)
		}
	}
	return rep, nil
}

// whole reads a blob and reports whether it has its hash.
func (s *Store) whole(ctx context.Context, sha string) (bool, error) {
	r, err := s.Open(ctx, sha)
	if err != nil {
		return false, err
	}
	h := sha256.New()
	_, err = io.Copy(h, r)
	if err = errors.Join(err, r.Close()); err != nil {
		return false, unavailable(err)
	}
	return hex.EncodeToString(h.Sum(nil)) == sha, nil
}
