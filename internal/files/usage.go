package files

import (
	"cmp"
	"context"
	"slices"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
)

// site is the row of files_usage that counts everything.
const site = "site"

func ownerKey(o authz.Party) string { return o.Kind + ":" + o.ID }

func pendingKey(person string) string { return "pending:" + person }

// entry is a change to what an account of usage holds. Zero limits do not limit.
type entry struct {
	account   string
	bytes     int64
	files     int64
	mostBytes int64
	mostFiles int64
	key       string // what is told when it would be too much
}

// book changes usage, under a lock on each account until the transaction ends,
// so that however many upload at once no limit is exceeded. Always in the same
// order, so that two never wait for each other.
func book(ctx context.Context, tx *db.Tx, entries ...entry) error {
	slices.SortFunc(entries, func(a, b entry) int { return cmp.Compare(a.account, b.account) })
	for _, e := range entries {
		if e.bytes == 0 && e.files == 0 {
			continue
		}
		if _, err := tx.Exec(ctx, `INSERT INTO files_usage (id, bytes, files) VALUES (?, 0, 0) ON CONFLICT (id) DO NOTHING`, e.account); err != nil {
			return err
		}
		if err := tx.Lock(ctx, "files_usage", e.account); err != nil {
			return err
		}
		var now struct {
			Bytes int64 `db:"bytes"`
			Files int64 `db:"files"`
		}
		if err := tx.Get(ctx, &now, `SELECT bytes, files FROM files_usage WHERE id = ?`, e.account); err != nil {
			return err
		}
		if e.bytes > 0 && e.mostBytes > 0 && now.Bytes+e.bytes > e.mostBytes || e.files > 0 && e.mostFiles > 0 && now.Files+e.files > e.mostFiles {
			return full(e, now.Bytes)
		}
		if _, err := tx.Exec(ctx, `UPDATE files_usage SET bytes = bytes + ?, files = files + ? WHERE id = ?`, e.bytes, e.files, e.account); err != nil {
			return err
		}
	}
	return nil
}

// full says that a limit is reached. The site's is nobody's to mend who uploads.
func full(e entry, used int64) error {
	if e.account == site {
		return fault.New(fault.Unavailable, e.key)
	}
	return refused(e.key, "max", e.mostBytes>>20, "n", used>>20)
}

// Usage is what an owner's files come to.
func Usage(ctx context.Context, r db.Reader, owner authz.Party) (bytes, files int64, err error) {
	var u struct {
		Bytes int64 `db:"bytes"`
		Files int64 `db:"files"`
	}
	err = r.Get(ctx, &u, `SELECT bytes, files FROM files_usage WHERE id = ?`, ownerKey(owner))
	if fault.Is(err, fault.NotFound) {
		err = nil
	}
	return u.Bytes, u.Files, err
}
