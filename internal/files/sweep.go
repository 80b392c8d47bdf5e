package files

import (
	"context"
	"time"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
)

// Swept is what a sweep removed.
type Swept struct {
	Pending int64 // uploads that nobody came back for
	Blobs   int64 // contents that nothing referred to
	Bytes   int64
	Strange int64 // objects in the store that are not ours; they are left alone
}

// sweptAtOnce bounds how much one transaction removes.
const sweptAtOnce = 100

// Sweep removes pending uploads older than a day, and blobs that nothing has
// referred to for a day. It may run in several processes beside uploads: each
// blob is looked at again under a lock on its row, and an upload touches that row
// before it looks whether the blob is there. A job calls it daily.
func (s *Service) Sweep(ctx context.Context) (Swept, error) {
	var done Swept
	before := db.Millis(s.db.Now().Add(-kept))
	for {
		var n int64
		err := s.aside(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
			n, err = release(ctx, tx, `id IN (SELECT id FROM files_pending WHERE at < ? ORDER BY at LIMIT ?)`, before, sweptAtOnce)
			return err
		})
		done.Pending += n
		if err != nil {
			return done, err
		}
		if n < sweptAtOnce {
			break
		}
	}
	if err := s.sweepRows(ctx, before, &done); err != nil {
		return done, err
	}
	return done, s.sweepStrays(ctx, before, &done)
}

// unused finds blobs by their rows: nothing refers to them, and nobody has
// touched them lately.
const unused = `b.touched_at < ? AND NOT EXISTS (SELECT 1 FROM files_file f WHERE f.sha = b.id AND f.removed_at = 0)
	AND NOT EXISTS (SELECT 1 FROM files_pending p WHERE p.sha = b.id)`

func (s *Service) sweepRows(ctx context.Context, before int64, done *Swept) error {
	after := ""
	for {
		var ids []string
		if err := s.db.Select(ctx, &ids, `SELECT b.id FROM files_blob b WHERE b.id > ? AND `+unused+` ORDER BY b.id LIMIT ?`,
			after, before, sweptAtOnce); err != nil || len(ids) == 0 {
			return err
		}
		for _, sha := range ids {
			if err := s.sweepOne(ctx, sha, before, done); err != nil {
				return err
			}
		}
		after = ids[len(ids)-1]
	}
}

// sweepOne removes a blob if it is still unused. Its object is removed while its
// row is locked, so that an upload of the same content waits and then finds
// nothing there; should the commit fail, the row without its object is harmless.
func (s *Service) sweepOne(ctx context.Context, sha string, before int64, done *Swept) error {
	removed, size := false, int64(0)
	err := s.aside(ctx, func(ctx context.Context, tx *db.Tx) error {
		removed = false
		if _, err := tx.Exec(ctx, `INSERT INTO files_blob (id, size, touched_at) VALUES (?, 0, 0) ON CONFLICT (id) DO NOTHING`, sha); err != nil {
			return err
		}
		if err := tx.Lock(ctx, "files_blob", sha); err != nil {
			return err
		}
		err := tx.Get(ctx, &size, `SELECT b.size FROM files_blob b WHERE b.id = ? AND `+unused, sha, before)
		if fault.Is(err, fault.NotFound) {
			return nil // somebody wants it after all
		}
		if err != nil {
			return err
		}
		if err := s.store.remove(ctx, key(sha)); err != nil {
			return err
		}
		removed = true
		_, err = tx.Exec(ctx, `DELETE FROM files_blob WHERE id = ?`, sha)
		return err
	})
	if err == nil && removed {
		done.Blobs++
		done.Bytes += size
	}
	return err
}

// sweepStrays removes what lies in the store without a row: what a crash or a
// failed restore has left.
func (s *Service) sweepStrays(ctx context.Context, before int64, done *Swept) error {
	return s.store.each(ctx, func(k string, _ int64, at time.Time) error {
		sha, ours := shaOf(k)
		switch {
		case tempForm.MatchString(k):
			if time.Since(at) < kept { // no row protects what is being written: its own age must
				return nil
			}
			return s.store.remove(ctx, k)
		case db.Millis(at) >= before:
			return nil
		case !ours:
			done.Strange++
			return nil
		}
		var n int
		if err := s.db.Get(ctx, &n, `SELECT COUNT(*) FROM files_blob WHERE id = ?`, sha); err != nil || n > 0 {
			return err
		}
		return s.sweepOne(ctx, sha, before, done)
	})
}
